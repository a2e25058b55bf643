"""The library: counts, exact records, refusals, places, the cache, and a tree in which everything is wrong."""

import json
import os
import stat
import sys
import threading
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from factors import compiled
from factors.errors import LibraryInvalid, UnknownGeography
from factors.library import DATA, EXPORT_COLUMNS, diff, export_rows, load, natural_key_clashes

BAD = Path(__file__).parents[1] / "bad" / "factors"
LIBRARY = load()


# --- what is in it -------------------------------------------------------------------------------


def test_all_11951_records_are_there():
    prefixes = Counter(next(prefix for prefix in PUBLISHED if key.startswith(prefix)) for key in LIBRARY.factors)
    assert prefixes == PUBLISHED
    assert len(LIBRARY.factors) == sum(PUBLISHED.values()) == 11951


# Records by the beginning of their id, as counted in the publications.
PUBLISHED = {
    "gwp-": 321,
    "cn-fuel-": 343,
    "cn-sce-": 27,
    "cn-elec-": 157,
    "cn-heat-": 16,
    "cn-proc-": 149,
    "cn-gbt51366-freight-": 15,
    "cn-cpcd-freight-": 36,
    "ipcc-efdb-": 456,
    "desnz2025-": 7029,
    "desnz2026-": 893,
    "epahub2025-": 1309,
    "elec-": 800,
    "mat-": 400,
}


@pytest.mark.parametrize(
    ("key", "value", "unit", "gas", "region", "year"),
    [
        ("cn-elec-2021-national", "0.5568", "kg CO2/kWh", "CO2", "CN", 2021),
        ("cn-elec-2022-cn-gd", "0.4403", "kg CO2/kWh", "CO2", "CN-GD", 2022),
        ("cn-elec-2023-cn-gd", "0.4419", "kg CO2/kWh", "CO2", "CN-GD", 2023),
        ("cn-elec-2023-excl", "0.6096", "kg CO2/kWh", "CO2", "CN", 2023),
        ("cn-elec-2023-fossil", "0.8273", "kg CO2/kWh", "CO2", "CN", 2023),
        ("cn-elec-fp-2024-average", "0.5777", "kg CO2e/kWh", "CO2e", "CN", 2024),
        ("cn-fuel-ndrc2013-anthracite-ncv", "20.304", "GJ/t", "energy", "CN", 2013),
        ("cn-proc-cement-clinker-portland", "0.535", "t CO2/t clinker", "CO2", "CN", 2024),
        ("gwp-ar6-sf6", "24300", "kg CO2e/kg", "SF6", "GLO", 2021),
        ("desnz2025-1-100-1000-15-1", "3033.38067", "kg CO2e/tonnes", "CO2e", "GB", 2025),
        ("elec-eurostat2023-el-co2", "323.89225327", "kg CO2/MWh", "CO2", "GR", 2023),
        ("epahub2025-t6-akgd-co2", "899.003", "lb/MWh", "CO2", "US-AKGD", 2023),
        ("mat-gbt51366-c30-concrete", "295", "kg CO2e/m3", "CO2e", "CN", 2019),
    ],
)
def test_values_stand_as_printed(key, value, unit, gas, region, year):
    factor = LIBRARY.factors[key]
    assert (factor.value, factor.unit, factor.gas, factor.region, factor.year) == (value, unit, gas, region, year)
    assert factor.number == Decimal(value)


def test_every_record_has_a_source_a_unit_a_licence_and_a_name():
    for factor in LIBRARY.factors.values():
        assert factor.source in LIBRARY.sources
        assert factor.licence in LIBRARY.licences
        assert factor.unit in LIBRARY.units
        assert factor.region in LIBRARY.geographies
        assert factor.name_en
        assert factor.category in LIBRARY.categories
        if factor.region.startswith("CN"):
            assert factor.name_zh


def test_publications_are_few_and_each_is_used():
    used = {factor.source for factor in LIBRARY.factors.values()}
    assert used == set(LIBRARY.sources)
    assert len(used) < 60
    titles = [source.title for source in LIBRARY.sources.values()]
    assert len(set(titles)) == len(titles)


def test_a_record_says_where_in_its_publication_it_stands():
    assert LIBRARY.factors["desnz2025-1-100-1000-15-1"].page == "row 1_100_1000_15, column 1"
    assert LIBRARY.factors["ipcc-efdb-213919"].page == "EF ID 213919; Volume 3, Chapter 2, Table 2.1"
    assert LIBRARY.factors["epahub2025-t6-akgd-co2"].page == "Table 6"
    assert LIBRARY.factors["cn-elec-2023-excl"].page == "annex, Table 4"


def test_a_yearly_value_holds_a_year_and_a_default_holds_on():
    electricity = LIBRARY.factors["cn-elec-2022-cn-gd"]
    assert (electricity.valid_from, electricity.valid_to) == (date(2022, 1, 1), date(2022, 12, 31))
    anthracite = LIBRARY.factors["cn-fuel-ndrc2013-anthracite-ncv"]
    assert (anthracite.valid_from, anthracite.valid_to) == (date(2013, 1, 1), None)
    prescribed = LIBRARY.factors["cn-elec-ets-0-6101"]
    assert (prescribed.valid_from, prescribed.valid_to) == (date(2015, 1, 1), date(2020, 12, 31))


def test_a_weighted_value_says_with_which_set():
    assert LIBRARY.factors["desnz2025-1-100-1000-15-3"].gwp_set == "AR5"
    assert LIBRARY.factors["epahub2025-t9-aluminum-cans-recycled-co2e"].gwp_set == "AR4"
    assert LIBRARY.factors["cn-elec-2022-cn-gd"].gwp_set == ""
    assert LIBRARY.factors["gwp-ar6-ch4-fossil"].uncertainty_percent == "36.9"  # 11 / 29.8


def test_2612_rows_of_ch4_and_n2o_are_weighted_already():
    weighted = Counter(
        factor.id.split("-")[0]
        for factor in LIBRARY.factors.values()
        if factor.gas in ("CH4", "N2O") and LIBRARY.units[factor.unit].of == "co2e"
    )
    # DESNZ 2025 prints 1,302 of each; the rest are the potentials of the two gases themselves.
    assert weighted == {"desnz2025": 2604, "gwp": 6, "epahub2025": 2}
    assert weighted.total() == 2612


# --- what is refused -----------------------------------------------------------------------------


def test_what_is_never_picked_by_itself():
    assert Counter(factor.refusal for factor in LIBRARY.factors.values()) == {
        "": 11609,
        "licence-not-stated": 123,  # CPCD: 36 freight, 87 materials
        "avoided-only": 91,  # 7 operating margins, 84 eGRID non-baseload
        "derived-by-third-party": 90,
        "low-confidence": 26,
        "ratio": 3,
        "benchmark": 3,
        "unit-refused": 3,
        "bound": 2,
        "superseded": 1,
    }


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        ("cn-elec-2022-cn-gd", ""),
        ("gwp-ar6-sf6-first-printing", "superseded"),
        ("ipcc-efdb-14101", "unit-refused"),
        ("cn-elec-om-2023-north", "avoided-only"),
        ("elec-eurostat2023-at-co2", "derived-by-third-party"),
        ("mat-apr2018-pet-recycled", "ratio"),
        ("mat-cbam-bm-bf-bof", "benchmark"),
        ("mat-lit-battery-cell-xu-low", "bound"),
        ("mat-lit-al-china-peak", "low-confidence"),
        ("mat-cpcd-auto-stamping-per-car", "licence-not-stated"),
    ],
)
def test_a_refusal_has_a_code(key, refusal):
    factor = LIBRARY.factors[key]
    assert factor.refusal == refusal
    assert factor.usable is (refusal == "")


def test_91_natural_keys_are_shared_and_told():
    clashes = natural_key_clashes(LIBRARY)
    assert len(clashes) == 91
    key = ("Sulphur hexafluoride", "kg CO2e/kg", "SF6", "2021", "GLO", "GWP100")
    assert clashes[key] == ("gwp-ar6-sf6", "gwp-ar6-sf6-first-printing")


def test_research_notes_are_not_shipped():
    words = ("store id", "stored", "repositor", "student", "verified_in", "@")
    for path in [*DATA.rglob("*.csv"), *DATA.rglob("*.yaml")]:
        if path.name in ("licences.yaml", "activities.csv") or path.name.startswith("series"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], path


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CN-GD", "CN-GD"),
        ("广东", "CN-GD"),
        ("广东省", "CN-GD"),
        ("Guangdong", "CN-GD"),
        ("guangdong province", "CN-GD"),
        ("cn-gd", "CN-GD"),
        ("440000", "CN-GD"),
        ("UK", "GB"),
        ("EL", "GR"),
        ("ＧＢ", "GB"),
        ("中国", "CN"),
        ("华北", "CN-GRID-NORTH"),
        ("世界", "GLO"),
        ("CAMX", "US-CAMX"),
        ("香港", "HK"),
    ],
)
def test_a_place_by_any_of_its_names(text, code):
    assert LIBRARY.geographies.resolve(text) == code


def test_a_path_climbs_to_the_world():
    assert LIBRARY.geographies.path("广东") == ("CN-GD", "CN-GRID-SOUTH", "CN", "GLO")
    assert LIBRARY.geographies.path("EL") == ("GR", "EU", "GLO")
    assert LIBRARY.geographies.path("US-CAMX") == ("US-CAMX", "US", "GLO")
    assert LIBRARY.geographies.path("HK") == ("HK", "GLO")


def test_all_31_provinces_stand_in_a_grid():
    provinces = [place for place in LIBRARY.geographies.by_code.values() if place.kind == "province"]
    assert len(provinces) == 31
    assert {LIBRARY.geographies.kind(place.parent) for place in provinces} == {"grid"}
    assert LIBRARY.geographies.by_code["CN-NM"].parent == "CN-GRID-NORTH"
    assert "two grids" in LIBRARY.geographies.by_code["CN-NM"].note


def test_no_name_belongs_to_two_places():
    owners: dict[str, str] = {}
    for place in LIBRARY.geographies.by_code.values():
        for name in place.names:
            assert owners.setdefault(name.casefold(), place.code) == place.code, name


def test_an_unknown_place_names_near_ones():
    with pytest.raises(UnknownGeography, match="unknown place 'Guangdon'; near it: CN-GD") as caught:
        LIBRARY.geographies.resolve("Guangdon")
    assert caught.value.near[0] == "CN-GD"
    with pytest.raises(UnknownGeography):
        LIBRARY.geographies.path("Atlantis")


# --- bounds, export, diff ------------------------------------------------------------------------


def test_bounds_are_plausibility_not_factors():
    bounds = {(row["material"], row["unit"]): row for row in LIBRARY.tables["bounds"]}
    assert len(LIBRARY.tables["bounds"]) == 63
    assert bounds["aac", "kg CO2e/m3"]["median"] == "202.5"
    assert set(LIBRARY.tables) >= {"bounds"}


def test_export_has_every_record_with_its_id():
    rows = list(export_rows(LIBRARY))
    assert len(rows) == len({row["id"] for row in rows}) == 11951
    assert all(tuple(row) == EXPORT_COLUMNS for row in rows)
    row = next(row for row in rows if row["id"] == "cn-elec-2022-cn-gd")
    assert row == {
        "id": "cn-elec-2022-cn-gd",
        "name_en": "Guangdong average CO2 factor",
        "name_zh": "广东 省级电力平均二氧化碳排放因子",
        "category": "grid CO2 factor - province",
        "unit": "kg CO2/kWh",
        "value": "0.4403",
        "gas": "CO2",
        "region": "CN-GD",
        "year": "2022",
        "source": "Announcement on the 2022 electricity CO2 emission factors",
        "licence": "Official document of the PRC (no copyright, Art. 5 Copyright Law)",
        "confidence": "high",
    }


SMALL = {
    "licences.yaml": "open: {name: Open, name_zh: 开放, attribution: A, covers: all, usable: true}\n",
    "sources.yaml": "atlas: {title: Atlas, title_zh: '', publisher: P, year: 2023, document: D, licence: open}\n",
    "units.csv": "spelling,numerator,of,denominator,denominator_of,basis,multiplier,status,reason\n"
    "kg CO2/kWh,kg,gas,kWh,,,1,use,\n",
    "geographies.csv": "code,parent,kind,name_en,name_zh,aliases,note\nGLO,,world,World,全球,,\n",
    "categories.csv": "category,name_zh\ngrid,电力\n",
    "electricity/grid.yaml": "kind: factors\ntitle: Grid\nwhat: Test.\nvalidity: year\nkeywords: [power]\n"
    "defaults: {category: grid, gas: CO2, unit: kg CO2/kWh, region: GLO, source: atlas, licence: open,\n"
    "           confidence: high}\n",
    "electricity/grid.csv": "id,name_en,value,year\na,Alpha,0.5,2022\nb,Beta,0.6,2022\n",
}


@pytest.fixture
def small(tmp_path):
    for name, text in SMALL.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def test_diff_shows_what_a_new_version_changes(small, cache):
    old = load(small, cache=cache)
    (small / "electricity/grid.csv").write_text("id,name_en,value,year\nb,Beta,0.65,2023\nc,Gamma,0.7,2022\n")
    changes = diff(old, load(small, cache=cache))
    assert changes.added == ("c",)
    assert changes.removed == ("a",)
    assert changes.changed == {
        "b": {
            "value": ("0.6", "0.65"),
            "year": ("2022", "2023"),
            "valid_from": ("2022-01-01", "2023-01-01"),
            "valid_to": ("2022-12-31", "2023-12-31"),
        }
    }
    assert not changes.is_empty
    assert diff(old, old).is_empty


def test_raw_tables_are_carried_when_they_exist(small, cache):
    assert "activities" not in load(small, cache=cache).tables
    (small / "activities.csv").write_text("activity,name_en\nelectricity,Electricity\n", encoding="utf-8")
    library = load(small, cache=cache)
    assert library.tables["activities"] == ({"activity": "electricity", "name_en": "Electricity"},)
    assert dict(library.tables) == {"activities": library.tables["activities"]}
    assert len(library.tables) == 1


# --- the cache -----------------------------------------------------------------------------------


def test_the_version_is_of_the_content_alone(small, cache):
    first = load(small, cache=cache).version
    (small / "electricity/grid.csv").touch()
    assert load(small, cache=cache).version == first
    assert len(first) == 16
    assert int(first, 16) >= 0
    (small / "electricity/grid.csv").write_text("id,name_en,value,year\nb,Beta,0.6,2022\na,Alpha,0.5,2022\n")
    assert load(small, cache=cache).version == first  # another order is no other content
    (small / "electricity/grid.csv").write_text("id,name_en,value,year\na,Alpha,0.50,2022\nb,Beta,0.6,2022\n")
    assert load(small, cache=cache).version != first  # printed with another digit


def test_the_cache_is_private_and_plain(small, cache):
    load(small, cache=cache)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    entries = sorted(path.name.partition("-")[0] for path in cache.iterdir())
    assert entries == ["library", "search", "state"]
    packed = next(cache.glob("library-*")).read_bytes().split(b"\n")
    assert packed[0].startswith(b"TANJI1 ")
    assert json.loads(packed[1])["version"] == load(small, cache=cache).version
    assert packed[2] == b"a b"


def test_a_fresh_compilation_says_the_same(cache):
    fresh = load(cache=cache)
    assert fresh.version == LIBRARY.version
    assert fresh.search_index == LIBRARY.search_index
    assert diff(fresh, LIBRARY).is_empty
    assert {name: each.values for name, each in fresh.gwp_sets.items()} == {
        name: each.values for name, each in LIBRARY.gwp_sets.items()
    }


def test_a_second_start_reads_the_cache(small, cache, monkeypatch):
    load(small, cache=cache)
    monkeypatch.setattr("factors.tables.read", lambda _: pytest.fail("compiled again"))
    assert load(small, cache=cache).factors["a"].value == "0.5"


@pytest.mark.parametrize("damage", [b"", b"TANJI1 00000000 3\nabc", b"rubbish", None])
def test_a_damaged_entry_is_made_again(small, cache, damage):
    load(small, cache=cache)
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    assert load(small, cache=cache).factors["a"].value == "0.5"
    assert next(cache.glob("library-*")).read_bytes().startswith(b"TANJI1 ")


def test_a_lost_search_index_is_made_again(small, cache):
    library = load(small, cache=cache)
    before = library.search_index
    next(cache.glob("search-*")).unlink()
    assert library.search_index is before
    assert load(small, cache=cache).search_index == before


def test_a_directory_that_others_may_write_is_not_trusted(small, cache):
    cache.mkdir()
    cache.chmod(0o777)
    assert load(small, cache=cache).factors["a"].value == "0.5"
    assert list(cache.iterdir()) == []


def _open_to_all(place):
    place.chmod(0o666)


def _open_to_the_group(place):
    place.chmod(0o620)


def _link(place):
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")


def _pipe(place):
    place.unlink()
    os.mkfifo(place, 0o600)


@pytest.mark.parametrize("spoil", [_open_to_all, _open_to_the_group, _link, _pipe])
def test_an_entry_that_another_may_have_written_is_made_again(cache, spoil):
    compiled.remember("kind", "key", lambda: b"forged", cache)
    spoil(cache / "kind-key")
    assert compiled.remember("kind", "key", lambda: b"made", cache) == b"made"
    kept = (cache / "kind-key").lstat()
    assert (stat.S_ISREG(kept.st_mode), stat.S_IMODE(kept.st_mode)) == (True, 0o600)


@pytest.mark.parametrize(("user", "root", "found"), [(4711, os.getuid(), b"kept"), (4711, 4712, b"made")])
def test_an_entry_of_the_user_or_of_root_is_read_and_no_other(cache, monkeypatch, user, root, found):
    compiled.remember("kind", "key", lambda: b"kept", cache)
    monkeypatch.setattr(os, "getuid", lambda: user)
    monkeypatch.setattr(compiled, "ROOT", root)
    assert compiled.remember("kind", "key", lambda: b"made", cache) == found


def test_an_unwritable_directory_is_no_error(small, tmp_path):
    (tmp_path / "file").write_text("not a directory")
    assert load(small, cache=tmp_path / "file" / "cache").factors["a"].value == "0.5"


def test_a_failed_write_leaves_nothing_behind(cache, monkeypatch):
    cache.mkdir(mode=0o700)

    def no_room(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_room)
    assert compiled.remember("kind", "key", lambda: b"made", cache) == b"made"
    assert list(cache.iterdir()) == []


def test_old_entries_are_forgotten(cache):
    for number in range(12):
        compiled.remember("kind", str(number), lambda: b"x", cache)
    assert len(list(cache.glob("kind-*"))) == 8


def test_many_writers_do_not_meet(cache):
    made = []
    writers = [
        threading.Thread(target=lambda: made.append(compiled.remember("kind", "one", lambda: b"x" * 100_000, cache)))
        for _ in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert made == [b"x" * 100_000] * 8
    assert [path.name for path in cache.iterdir()] == ["kind-one"]


def test_where_the_cache_stands(monkeypatch):
    monkeypatch.setenv("TANJI_CACHE", "/somewhere")
    assert compiled.default_directory() == Path("/somewhere")
    monkeypatch.delenv("TANJI_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/ling/.cache")
    assert compiled.default_directory() == Path("/home/ling/.cache/tanji")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/bo")
    assert compiled.default_directory() == Path("/home/bo/.cache/tanji")


# --- everything wrong at once --------------------------------------------------------------------


def test_every_problem_is_told_at_once_with_file_and_line(cache):
    with pytest.raises(LibraryInvalid) as caught:
        load(BAD, cache=cache)
    assert [str(problem) for problem in caught.value.problems] == PROBLEMS
    assert str(caught.value).startswith(f"{len(PROBLEMS)} problems in the factor library:\n")
    assert not list(cache.glob("library-*"))


PROBLEMS = [
    "sources.yaml:8: ministry: document is missing",
    "sources.yaml:8: ministry: licence 'closed' is not in licences.yaml",
    "units.csv:4: kg/tin: unknown unit 'tin'; near it: -",
    "units.csv:5: TJ/kt: a refusal needs its reason",
    "geographies.csv:5: parent: 'CN-GRID-SOUTH' is no place in this table",
    "activities.csv: cannot be read as UTF-8: 'utf-8' codec can't decode byte 0xff in position 33: invalid start byte",
    "bounds.csv:2: high: 'three' is not a decimal number",
    "bounds.csv:2: unit: 'kg/spoon' is not in units.csv",
    "bounds.csv:2: name_zh: is missing",
    "bounds.csv:2: name_en: is missing",
    "electricity/dates.yaml:13: defaults.colour: is no column of a record",
    "electricity/dates.csv:1: gas: stands both in the table and among its defaults",
    "electricity/dates.csv:2: valid_to: 2021-12-31 is before valid_from 2022-01-01",
    "electricity/dates.csv:3: valid_from: '2022/01/01' is not a date; write YYYY-MM-DD",
    "electricity/dates.csv:4: valid_from: is missing",
    "electricity/grid.csv:2: source: is missing",
    "electricity/grid.csv:3: licence: is missing",
    "electricity/grid.csv:4: unit: is missing",
    "electricity/grid.csv:5: unit: 'kg CO2/cup' is not in units.csv",
    "electricity/grid.csv:6: source: 'nowhere' is not in sources.yaml",
    "electricity/grid.csv:7: region: 'UK' is not in geographies.csv as a code",
    "electricity/grid.csv:8: value: '0,5' is not a decimal number",
    "electricity/grid.csv:8: uncertainty_percent: '±5' is not a decimal number",
    "electricity/grid.csv:9: year: '22' is not a year",
    "electricity/grid.csv:10: confidence: 'certain' is none of high, medium, low, superseded",
    "electricity/grid.csv:11: name_zh: is missing on a Chinese record",
    "electricity/grid.csv:12: gas: 'CO2' does not fit the unit 'kg C/GJ', which counts carbon",
    "electricity/grid.csv:14: id: 'twice' stands in the library twice",
    "electricity/grid.csv:15: id: 'Capital Id' has other characters than a-z 0-9 . _ -",
    "electricity/grid.csv:16: 4 cells where the header has 11",
    "orphan.csv: has no orphan.yaml beside it that says what it is",
    "strange.yaml:3: what: is missing",
    "strange.yaml:1: kind: 'recipe' is neither factors nor bounds",
]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("sources.yaml", "atlas: [", "sources.yaml: cannot be read: while parsing"),
        ("sources.yaml", "- atlas\n", "sources.yaml: is not a mapping"),
        ("sources.yaml", "atlas: {name: Atlas}\n", "sources.yaml:1: atlas: wrong keys:"),
        ("licences.yaml", "open: {name: Open}\n", "licences.yaml:1: open: wrong keys:"),
        ("geographies.csv", "code,parent\nGLO,\n", "geographies.csv:2: wrong columns:"),
        ("geographies.csv", "code,code\nGLO,\n", "geographies.csv:1: the header is missing or names a column twice"),
        ("electricity/grid.yaml", "", "electricity/grid.yaml: is not a mapping"),
        ("electricity/grid.csv", "id,name_en,value,year\na,A,1,\n", "electricity/grid.csv:2: year: is missing"),
        ("electricity/grid.csv", "id,name_en,value,year\na,A,NaN,2022\n", "electricity/grid.csv:2: value: 'NaN' is"),
        ("electricity/grid.csv", "id,name_en,value,year\na,A,1 ,2022\n", "electricity/grid.csv:2: value: '1 ' is"),
        ("categories.csv", "", "categories.csv:1: the header is missing or names a column twice"),
        ("units.csv", SMALL["units.csv"] + "kg CO2/kWh,kg,gas,kWh,,,1,use,\n", "units.csv:3: spelling:"),
        ("units.csv", SMALL["units.csv"] + "x,kg,gas,kWh,,,one,use,\n", "units.csv:3: x:"),
        (
            "geographies.csv",
            SMALL["geographies.csv"] + "GLO,,world,World,全球,,\n",
            "geographies.csv:3: code: 'GLO' stands here twice",
        ),
        ("electricity/grid.yaml", "kind: factors\ntitle: G\nwhat: W\n", "electricity/grid.yaml:1: validity:"),
        (
            "electricity/grid.yaml",
            SMALL["electricity/grid.yaml"] + "colour: green\n",
            "electricity/grid.yaml:8: colour: is no key of a table's description",
        ),
        (
            "electricity/grid.csv",
            "id,name_en,value,year,colour\na,A,1,2022,green\n",
            "electricity/grid.csv:1: colour: is no column of a record",
        ),
        (
            "electricity/grid.csv",
            "id,name_en,value,year,valid_from\na,A,1,2022,2022-01-01\n",
            "electricity/grid.csv:2: valid_from: is given, but the table says validity: year",
        ),
        (
            "series.csv",
            "series,kind,formula,role,factor\ns,default,published,factor,none\n",
            "series.csv:2: factor: no rec",
        ),
        (
            "series.csv",
            "series,kind,formula,role,factor\ns,usual,published,factor,none\n",
            "series.csv:2: kind: 'usual' is none of statistic,",
        ),
        ("activities.csv", "activity,inventory\nx,no.such\n", "activities.csv:2: inventory: no series 'no.such'"),
        ("licences.yaml", "a: {name: x}\na: {name: y}\n", "licences.yaml: cannot be read: 'a' stands twice"),
    ],
)
def test_a_broken_file_is_named(small, cache, name, text, problem):
    (small / name).write_text(text, encoding="utf-8")
    with pytest.raises(LibraryInvalid) as caught:
        load(small, cache=cache)
    assert [line for line in map(str, caught.value.problems) if line.startswith(problem)], str(caught.value)


def test_nothing_is_written_outside_the_cache(small, cache):
    before = {path: path.stat().st_mtime_ns for path in small.rglob("*")}
    load(small, cache=cache)
    assert {path: path.stat().st_mtime_ns for path in small.rglob("*")} == before
    assert os.fspath(cache) not in sys.path
