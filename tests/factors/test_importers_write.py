"""Comparing, writing and reporting: nothing held is overwritten, and what is written loads."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from factors.importers import PUBLISHERS, import_file, reader
from factors.importers.compare import compare, propose
from factors.importers.errors import UnknownPublisher
from factors.importers.write import commit
from factors.library import DATA, Library, load

CUTS = Path(__file__).parent / "importers"
FLAT, CONDENSED = CUTS / "desnz_2025_flat.xlsx", CUTS / "desnz_2024_condensed.xlsx"
ROOT_FILES = ("licences.yaml", "sources.yaml", "units.csv", "geographies.csv", "categories.csv", "units.txt")
SERIES = """series,kind,formula,role,factor
gb.grid,statistic,published,factor,desnz2025-7-400-4000-5-1
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small library: the shared tables, and of DESNZ 2025 the records of the cut."""
    root = tmp_path / "data"
    (root / "desnz").mkdir(parents=True)
    for name in ROOT_FILES:
        shutil.copy(DATA / name, root / name)
    shutil.copy(DATA / "desnz" / "2025.yaml", root / "desnz" / "2025.yaml")
    kept = {factor.id for factor in reader("desnz")(FLAT, load()).factors}
    with (DATA / "desnz" / "2025.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (root / "desnz" / "2025.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(row for row in rows if row[0] in kept | {"id"})
    (root / "series.csv").write_text(SERIES, encoding="utf-8")
    return root


@pytest.fixture
def held(data: Path, tmp_path: Path) -> Library:
    return load(data, cache=tmp_path / "cache")


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_importing_what_is_held_changes_nothing(data: Path, held: Library) -> None:
    before = contents(data)
    report = import_file("desnz", FLAT, held, data, dry_run=False)
    assert (len(report.differences.same), report.differences.new, report.differences.changed) == (14, (), ())
    assert (report.differences.gone, report.files, report.is_blocked) == ((), (), False)
    assert contents(data) == before
    assert "14 held and equal, 0 new" in report.text()


def test_a_new_year_is_written_and_loads(data: Path, held: Library, tmp_path: Path) -> None:
    before = contents(data)
    report = import_file("desnz", CONDENSED, held, data, dry_run=False)
    assert report.files == ("sources.yaml", "desnz/2024.yaml", "desnz/2024.csv")
    after = contents(data)
    assert after["sources.yaml"].startswith(before["sources.yaml"])  # comments and order stay
    assert {name: after[name] for name in before if name != "sources.yaml"} == {
        name: content for name, content in before.items() if name != "sources.yaml"
    }
    library = load(data, cache=tmp_path / "cache")
    assert len(library.factors) == len(held.factors) + len(report.differences.new) == 14 + 81
    factor = library.factors["desnz2024-7-400-4000-5-1"]
    assert (factor.value, factor.valid_from.isoformat(), factor.valid_to and factor.valid_to.isoformat()) == (
        "0.20705",
        "2024-01-01",
        "2024-12-31",
    )
    assert library.sources["desnz-2024"].title == (
        "UK Government GHG Conversion Factors for Company Reporting 2024, condensed set v1.1"
    )
    assert library.licences[factor.licence].usable
    # What was written is what was read: a second import finds nothing to do.
    again = import_file("desnz", CONDENSED, library, data, dry_run=False)
    assert (len(again.differences.same), again.differences.new, again.differences.changed) == (81, (), ())


def test_a_dry_run_says_the_same_and_writes_nothing(data: Path, held: Library) -> None:
    before = contents(data)
    dry = import_file("desnz", CONDENSED, held, data, dry_run=True)
    assert contents(data) == before
    wet = import_file("desnz", CONDENSED, held, data, dry_run=False)
    assert (dry.files, dry.differences, dry.proposals) == (wet.files, wet.differences, wet.proposals)
    assert "would be written (dry run):" in dry.text()
    assert "written:" in wet.text()


def test_a_record_held_otherwise_is_shown_and_kept(data: Path, tmp_path: Path) -> None:
    table = data / "desnz" / "2025.csv"
    changed = table.read_text(encoding="utf-8").replace(",0.177,", ",0.188,").replace("Electricity: UK", "Grid: UK")
    lines = [line for line in changed.splitlines(keepends=True) if not line.startswith("desnz2025-1-100-1001-6-4")]
    table.write_text("".join([*lines, lines[-1].replace("desnz2025-99-604-1011-15-2", "desnz2025-99-1-1-1-1")]))
    library = load(data, cache=tmp_path / "cache")
    report = import_file("desnz", FLAT, library, data, dry_run=False)
    found = {change.id: change for change in report.differences.changed}
    assert found["desnz2025-7-400-4000-5-1"].columns == {
        "value": ("0.188", "0.177"),
        "name_en": ("Electricity generated | Grid: UK | kWh", "Electricity generated | Electricity: UK | kWh"),
    }
    assert found["desnz2025-7-400-4000-5-1"].touches_results
    assert not found["desnz2025-7-400-4000-5-2"].touches_results
    assert [factor.id for factor in report.differences.new] == ["desnz2025-1-100-1001-6-4"]
    assert report.differences.gone == ("desnz2025-99-1-1-1-1",)
    told = {change["id"]: change for change in report.as_json()["changed"]}["desnz2025-7-400-4000-5-1"]
    assert told["columns"]["value"] == {"held": "0.188", "file": "0.177"}
    assert (told["at"], told["touches_results"]) == ("Factors by Category!J3066", True)
    # The missing record stands in a table of its own; the held table is as it was.
    assert report.files == ("desnz/2025-2.yaml", "desnz/2025-2.csv")
    after = load(data, cache=tmp_path / "cache")
    assert after.factors["desnz2025-7-400-4000-5-1"].value == "0.188"
    assert after.factors["desnz2025-1-100-1001-6-4"].value == "9e-05"
    first = next(line for line in report.text().splitlines() if line.startswith("  desnz2025-7-400-4000-5"))
    assert "value: '0.188' -> '0.177'" in first  # what changes results comes first


def without_price_units(data: Path) -> None:
    table = data / "units.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(line for line in lines if "purchaser price" not in line), encoding="utf-8")


def test_units_that_nobody_reviewed_block_the_whole_import(data: Path, tmp_path: Path) -> None:
    without_price_units(data)
    before = contents(data)
    held = load(data, cache=tmp_path / "cache")
    report = import_file("epa-supply-chain", CUTS / "epa_supply_chain_co2e.csv", held, data, dry_run=False)
    assert report.is_blocked
    assert contents(data) == before
    assert [(problem.code, problem.params) for problem in report.blocking] == [
        ("unit-not-reviewed", {"unit": "kg CO2e/2021 USD, purchaser price", "count": "8"})
    ]
    assert "units.csv 中没有单位“kg CO2e/2021 USD, purchaser price”（8 个数值）" in report.text("zh")


def test_reviewed_units_open_the_way(data: Path, tmp_path: Path) -> None:
    library = load(data, cache=tmp_path / "cache")
    report = import_file("epa-supply-chain", CUTS / "epa_supply_chain_co2e.csv", library, data, dry_run=False)
    assert report.files == ("sources.yaml", "epa/supply_chain_usd2021.yaml", "epa/supply_chain_usd2021.csv")
    factor = load(data, cache=tmp_path / "cache").factors["epasc-usd2021-co2e-with-margins-336111"]
    assert (factor.value, factor.valid_to, factor.gwp_set) == ("0.279", None, "AR4")


def test_a_licence_or_a_rule_of_the_library_blocks_too(data: Path, tmp_path: Path) -> None:
    licences = data / "licences.yaml"
    text = licences.read_text(encoding="utf-8").replace("us-public-domain:", "us-domain:")
    licences.write_text(text, encoding="utf-8")
    sources = data / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8").replace("us-public-domain", "us-domain"), encoding="utf-8")
    library = load(data, cache=tmp_path / "cache")
    report = import_file("epa-hub", CUTS / "epa_hub_2024.xlsx", library, data, dry_run=True)
    assert report.files == ()
    assert "licence 'us-public-domain' is not in licences.yaml" in report.text()


def test_what_the_loader_would_refuse_is_not_written(data: Path, tmp_path: Path, held: Library) -> None:
    # Since the library was loaded somebody took a place away.
    places = data / "geographies.csv"
    places.write_text(
        "".join(line for line in places.read_text(encoding="utf-8").splitlines(keepends=True) if line[:3] != "GB,"),
        encoding="utf-8",
    )
    before = contents(data)
    report = import_file("desnz", CONDENSED, held, data, dry_run=False)
    assert {problem.code for problem in report.blocking} == {"library-refuses"}
    assert all("'GB' is not in geographies.csv" in problem.text("en") for problem in report.blocking)
    assert contents(data) == before


def test_series_are_proposed_never_written(data: Path, held: Library) -> None:
    imported = reader("desnz")(CONDENSED, held)
    lines = [(proposal.line, proposal.follows) for proposal in propose(imported, held)]
    assert lines == [("gb.grid,statistic,published,factor,desnz2024-7-400-4000-5-1", "desnz2025-7-400-4000-5-1")]
    import_file("desnz", CONDENSED, held, data, dry_run=False)
    assert (data / "series.csv").read_text(encoding="utf-8") == SERIES


def test_series_of_ids_with_the_year_last() -> None:
    library = load()
    imported = reader("owid-ember")(CUTS / "owid_ember.csv", library)
    assert {factor.id for factor in imported.factors} <= {row["factor"] for row in library.tables["series"]}
    assert propose(imported, library) == ()


def test_gone_is_asked_of_the_edition_only(held: Library) -> None:
    differences = compare(reader("desnz")(CONDENSED, held), held)
    assert differences.gone == ()  # what is held is of 2025


def test_the_report_for_programs_is_complete(data: Path, held: Library) -> None:
    report = import_file("desnz", CONDENSED, held, data, dry_run=True).as_json()
    assert json.loads(json.dumps(report)) == report
    assert (report["publisher"], report["edition"], report["dry_run"], report["blocked"]) == (
        "desnz",
        "2024",
        True,
        False,
    )
    assert (report["records"], report["same"], len(report["new"]), report["gone"]) == (81, 0, 81, [])
    assert report["source"] == {
        "id": "desnz-2024",
        "title": "UK Government GHG Conversion Factors for Company Reporting 2024, condensed set v1.1",
        "licence": "ogl-3.0",
    }
    assert report["problems"][0]["code"] == "no-counterpart"
    assert report["series"][0]["follows"] == "desnz2025-7-400-4000-5-1"


def test_the_report_in_chinese(data: Path, held: Library) -> None:
    text = import_file("desnz", CONDENSED, held, data, dry_run=True).text("zh")
    assert text.splitlines()[:2] == [
        "desnz 2024 版：desnz_2024_condensed.xlsx",
        "来源 desnz-2024：英国政府企业报告温室气体转换因子 2024",
    ]
    assert "新增 81 条" in text
    assert "将写入（试运行，未实际写入）：" in text


def test_long_lists_are_shortened_for_people_only(data: Path, tmp_path: Path) -> None:
    shutil.copy(DATA / "desnz" / "2025.csv", data / "desnz" / "2025.csv")
    library = load(data, cache=tmp_path / "cache")
    report = import_file("desnz", FLAT, library, data, dry_run=True)
    assert len(report.as_json()["gone"]) == 7029 - 14
    assert "  … and 6995 more" in report.text().splitlines()


def test_progress_is_told_and_can_cancel(data: Path, held: Library) -> None:
    told: list[tuple[int, int]] = []
    import_file("desnz", FLAT, held, data, dry_run=True, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]

    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    before = contents(data)
    with pytest.raises(Cancelled):
        import_file("desnz", CONDENSED, held, data, dry_run=False, progress=cancel)
    assert contents(data) == before


def test_dates_that_follow_no_rule_are_written_out(data: Path, held: Library, tmp_path: Path) -> None:
    imported = reader("desnz")(CONDENSED, held)
    first, second, *_ = imported.factors
    commit(imported, (first, replace(second, valid_to=date(2025, 3, 31))), data, dry_run=False)
    library = load(data, cache=tmp_path / "cache")
    assert (library.factors[first.id].valid_to, library.factors[second.id].valid_to) == (
        date(2024, 12, 31),
        date(2025, 3, 31),
    )


def test_a_disk_that_fails_leaves_a_library_that_loads(
    data: Path, held: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.suffix == ".csv" and target.is_relative_to(data):
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        import_file("desnz", CONDENSED, held, data, dry_run=False)
    monkeypatch.undo()
    assert not list(data.rglob(".*"))
    assert len(load(data, cache=tmp_path / "cache").factors) == len(held.factors)
    # Tried again, the half-made edition does not stand in the way.
    held_still = load(data, cache=tmp_path / "cache")
    assert import_file("desnz", CONDENSED, held_still, data, dry_run=False).files == (
        "desnz/2024-2.yaml",
        "desnz/2024-2.csv",
    )


def test_publishers_are_known_by_name() -> None:
    assert {reader(name).__module__ for name in PUBLISHERS} == {
        f"factors.importers.{name}" for name in ("desnz", "epa_hub", "epa_supply_chain", "ademe", "owid_ember")
    }
    assert reader("EPA_hub") is reader("epa-hub")
    with pytest.raises(UnknownPublisher, match="no importer for 'agribalyse'; known: desnz, epa-hub"):
        reader("agribalyse")
