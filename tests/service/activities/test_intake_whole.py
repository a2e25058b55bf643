"""Checks across rows and sheets: periods, gaps, small tables, measured fuels, counts, progress."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_made import ACTIVITIES, REGIONS, SITES, codes, warned

from factors.errors import UnknownUnit
from factors.units import parse_unit, unit_names
from lca.ledger import ROW_SCHEMA, Instrument, Site, Stream
from service.activities.evidence import beside
from service.activities.intake import Intake, Known, read
from service.activities.sections import category_of
from service.activities.template import OFFERED_UNITS, write_workbook

HEADER = "site,activity,name,start,end,amount,unit"
Read = Callable[..., Intake]
YEAR = {"periods": [{"start": "2025", "end": "2025"}]}
BASE = {
    "organisation": [{"code": "T", "name_zh": "试验企业"}],
    "sites": [{"code": "S1", "name_zh": "一厂", "region": "湖北"}],
    **YEAR,
}


@pytest.fixture
def filled(tmp_path: Path, known: Known) -> Callable[..., Intake]:
    """Read a template filled with rows by sheet."""

    def run(**rows: list[dict[str, object]]) -> Intake:
        path = tmp_path / "filled.xlsx"
        write_workbook(path, {**BASE, **rows}, known=known)
        return read(path, known=Known(ACTIVITIES, REGIONS))

    return run


def months(first: int, last: int, **more: object) -> list[dict[str, object]]:
    row = {"site": "S1", "activity": "electricity", "name": "总表", "amount": 100000, "unit": "kWh", **more}
    return [{**row, "start": f"2025-{month:02}"} for month in range(first, last + 1)]


@pytest.mark.parametrize("name", ["合计", "全厂合计", "小计：", "Total", "subtotal (kWh)"])
def test_a_row_called_a_sum_is_told(filled: Read, name: str) -> None:
    rows = [*months(1, 1), *months(1, 1, name=name, amount=100001)]
    assert "row-is-sum" in [code for _, _, code in warned(filled(electricity=rows))]


@pytest.mark.parametrize("name", ["总计量表", "total station meter", "合计划内用电"])
def test_a_main_meter_is_no_sum(filled: Read, name: str) -> None:
    assert "row-is-sum" not in [code for _, _, code in warned(filled(electricity=months(1, 1, name=name)))]


def test_a_ledger_is_complete(filled: Read) -> None:
    intake = filled(electricity=months(1, 12, meter="E1", quality="实测", uncertainty_percent="2%"))
    assert codes(intake) == []
    assert warned(intake) == []
    ledger = intake.ledger
    assert dict(ledger.rows.schema) == dict(ROW_SCHEMA)
    assert (ledger.start, ledger.end) == (date(2025, 1, 1), date(2025, 12, 31))
    assert ledger.sites == (Site("S1", "一厂", "", "CN-HB"),)
    assert ledger.organisation.code == "T"
    assert ledger.organisation.approach == "operational_control"
    assert ledger.streams == (
        Stream("S1", "electricity", "kWh", "总表", "E1", quality="measured", uncertainty_percent="2"),
    )
    assert ledger.rows["amount"].to_list() == ["100000"] * 12
    assert intake.preview[0] == {
        "id": "electricity-2", "site": "S1", "activity": "electricity", "name": "总表", "start": "2025-01-01",
        "end": "2025-01-31", "amount": "100000", "unit": "kWh",
    }  # fmt: skip


def test_rows_outside_the_period_and_across_its_edge(filled: Read) -> None:
    rows = [*months(1, 12), {**months(1, 1)[0], "start": "2024-12"}]
    rows.append({**months(1, 1)[0], "name": "二号", "start": "2025-12-15", "end": "2026-01-14"})
    intake = filled(electricity=rows)
    assert [(row, code) for row, _, code in codes(intake)] == [(14, "outside-period"), (15, "crosses-period")]
    assert intake.counts.loaded == 15  # 12 months, organisation, site, period


def test_gaps_inside_a_series_and_at_its_edges(filled: Read) -> None:
    rows = [*months(2, 4), *months(7, 11)]
    gaps = {(p.params["start"], p.params["end"]) for p in filled(electricity=rows).warnings if p.code == "gap"}
    assert gaps == {("2025-01-01", "2025-01-31"), ("2025-05-01", "2025-06-30"), ("2025-12-01", "2025-12-31")}


def test_deliveries_of_a_day_are_no_series(filled: Read) -> None:
    rows = [
        {
            "site": "S1",
            "activity": "diesel",
            "start": f"2025-{m:02}-03",
            "end": f"2025-{m:02}-03",
            "amount": 5,
            "unit": "t",
        }
        for m in (1, 5, 9)
    ]
    assert warned(filled(fuels=rows)) == []


def test_periods_may_not_overlap(filled: Read) -> None:
    intake = filled(periods=[{"start": "2025", "end": "2025"}, {"start": "2025-12", "end": "2026-01"}])
    assert [(row, code) for row, _, code in codes(intake)] == [(3, "period-twice")]


def test_sites_products_and_exclusions_stand_once(filled: Read) -> None:
    product = {"site": "S1", "name_zh": "铸锭", "amount": 5, "unit": "t", "start": "2025-01"}
    intake = filled(
        sites=[*BASE["sites"], {"code": "S1", "name_zh": "又一厂", "region": "CN"}],
        products=[product, {**product, "amount": 6}],
        exclusions=[{"category": "差旅", "reason": "小"}, {"category": "差旅", "reason": "小"}],
    )
    assert [code for _, _, code in codes(intake)] == ["entry-twice"] * 3
    assert intake.ledger.sites[0].name_zh == "一厂"
    assert [p.amount for p in intake.ledger.products] == ["5"]


def test_value_added_and_estimates_may_be_negative(filled: Read) -> None:
    product = {"site": "S1", "name_zh": "铸锭", "amount": 5, "unit": "t", "start": "2025-01", "value_added_cny": -3.5}
    intake = filled(products=[product], exclusions=[{"category": "碳汇", "reason": "未测", "estimate_kgco2e": -10}])
    assert codes(intake) == []
    assert intake.ledger.products[0].value_added_cny == "-3.5"
    assert intake.ledger.exclusions[0].estimate_kgco2e == "-10"
    assert [(r, c) for r, _, c in codes(filled(products=[{**product, "amount": -1}]))] == [(2, "number-low")]


def test_without_any_site_the_file_is_refused_once(csv: Read) -> None:
    rows = [f"X{n},electricity,a,2025-{n:02},,100000,kWh" for n in range(1, 13)]
    intake = csv(HEADER, *rows, known=Known(ACTIVITIES, REGIONS))
    assert codes(intake) == [(None, "", "sites-missing")]


def test_one_organisation(filled: Read) -> None:
    two = [*BASE["organisation"], {"code": "U", "name_zh": "另一企业"}]
    assert [(row, code) for row, _, code in codes(filled(organisation=two))] == [(3, "organisation-twice")]
    assert codes(filled(organisation=[], electricity=months(1, 12))) == [(None, "", "organisation-missing")]


GEC = {
    "kind": "绿证", "number_from": "G-001", "number_to": "G-100", "amount": 100, "unit": "MWh",
    "generated_from": "2025-03", "technology": "风电", "region": "湖北", "valid_until": "2027-03",
    "beneficiary": "试验企业", "retired_on": "2025-12-20",
}  # fmt: skip


def test_instruments_in_kwh_with_their_months(filled: Read) -> None:
    intake = filled(instruments=[GEC])
    assert codes(intake) == []
    assert intake.ledger.instruments == (
        Instrument(
            "gec", "G-001", "G-100", "100000", date(2025, 3, 1), date(2025, 3, 31), "风电", "CN-HB", date(2027, 3, 31),
            "试验企业", date(2025, 12, 20),
        ),
    )  # fmt: skip


def test_instruments_are_counted_in_electricity(filled: Read) -> None:
    assert [(r, c) for r, _, c in codes(filled(instruments=[{**GEC, "unit": "t"}]))] == [(2, "unit-mismatch")]


COAL = [
    {"site": "S1", "activity": "bituminous_coal", "name": "窑", "start": f"2025-{m:02}", "amount": 100, "unit": "t"}
    for m in range(1, 13)
]
MEASURED = {
    "site": "S1", "activity": "bituminous_coal", "name": "窑", "start": "2025-01", "end": "2025-06",
    "ncv_gj_per_t": 21.3,
    "carbon_content_tc_per_tj": "26.1", "sampling": "每批", "laboratory": "试验室", "basis": "收到基",
    "weighting": "按消耗量加权",
}  # fmt: skip


def test_measured_fuel_joins_the_rows_of_its_period(filled: Read) -> None:
    intake = filled(fuels=COAL, fuel_properties=[MEASURED])
    assert codes(intake) == []
    assert warned(intake) == []
    assert len(intake.ledger.streams) == 2
    parameters = {
        "basis": "as_received", "carbon_content_tc_per_tj": "26.1", "laboratory": "试验室", "ncv_gj_per_t": "21.3",
        "sampling": "每批", "weighting": "consumption",
    }  # fmt: skip
    by_month = [dict(intake.ledger.streams[stream].parameters) for stream in intake.ledger.rows["stream"]]
    assert by_month == [parameters] * 6 + [{}] * 6


def test_a_measurement_for_a_named_source_wins_over_one_for_the_site(filled: Read) -> None:
    general = {**MEASURED, "name": "", "ncv_gj_per_t": 20, "end": "2025-12"}
    intake = filled(fuels=COAL, fuel_properties=[MEASURED, general])
    values = [dict(intake.ledger.streams[s].parameters)["ncv_gj_per_t"] for s in intake.ledger.rows["stream"]]
    assert values == ["21.3"] * 6 + ["20"] * 6


def test_measurements_that_overlap_split_or_serve_nothing(filled: Read) -> None:
    assert [c for _, _, c in codes(filled(fuels=COAL, fuel_properties=[MEASURED, MEASURED]))] == ["property-overlap"]
    year = [{**COAL[0], "end": "2025-12"}]
    assert [c for _, _, c in codes(filled(fuels=year, fuel_properties=[MEASURED]))] == ["property-split"]
    assert (2, "", "property-unused") in warned(filled(fuels=COAL[6:9], fuel_properties=[MEASURED]))


def test_measured_values_without_their_statements_are_told(filled: Read) -> None:
    bare = {key: value for key, value in MEASURED.items() if key not in ("sampling", "weighting")}
    problem = next(p for p in filled(fuels=COAL, fuel_properties=[bare]).warnings if p.code == "measured-incomplete")
    assert problem.params == {"missing_zh": "采样方式和频次、加权方式", "missing_en": "Sampling, Weighting"}


def test_a_parameter_that_the_formula_wants(filled: Read) -> None:
    steam = {"site": "S1", "activity": "steam_purchased", "start": "2025-01", "amount": 5, "unit": "t"}
    told = [p for p in filled(heat=[steam]).warnings if p.code == "parameter-missing"]
    assert [p.params["wanted_zh"] for p in told] == ["蒸汽热焓（kJ/kg）"]
    assert warned(filled(heat=[{**steam, "enthalpy": 2780}])) == []


def test_evidence_is_known_by_its_content(filled: Read, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "bill.csv").write_bytes(b"abc")
    rows = [{**months(1, 1)[0], "evidence": "bill.csv"}, {**months(2, 2)[0], "evidence": "gone.csv"}]
    intake = filled(electricity=rows)
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert intake.ledger.evidence == {abc: "bill.csv"}
    assert intake.ledger.rows["evidence"].to_list() == [abc, ""]
    assert [(row, code) for row, _, code in warned(intake)] == [(3, "evidence-missing")]


def test_a_link_or_a_path_is_no_evidence(filled: Read, tmp_path: Path) -> None:
    """What a row names is copied and hashed: it must not be a way to any file of this machine."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "link.pdf").symlink_to(tmp_path / "secret")
    (folder / "folder.pdf").mkdir()
    os.mkfifo(folder / "pipe.pdf")
    names = ("link.pdf", "folder.pdf", "pipe.pdf", "../secret", str(tmp_path / "secret"), "a" * 300)
    rows = [{**months(number, number)[0], "evidence": name} for number, name in enumerate(names[:-1], 1)]
    intake = filled(electricity=rows)
    assert intake.ledger.evidence == {}
    told = [code for _, _, code in (*codes(intake), *warned(intake))]
    assert (told.count("evidence-missing"), told.count("evidence-name")) == (3, 2)
    assert all(beside(tmp_path / "data.xlsx", name) is None for name in names)


def test_an_evidence_folder_that_is_a_link_leads_nowhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bill.pdf").write_bytes(b"secret")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "evidence").symlink_to(elsewhere)
    assert beside(folder / "data.xlsx", "bill.pdf") is None
    found = beside(elsewhere / "data.xlsx", "bill.pdf")
    assert found is not None
    found.close()


def test_evidence_handed_in_apart(csv: Read, known: Known) -> None:
    given = Known(known.activities, known.regions, known.sites, known.organisation, evidence={"a.csv": "f" * 64})
    lines = (
        f"{HEADER},evidence",
        "S1,electricity,x,2025-01,,1000,kWh,a.csv",
        f"S1,electricity,y,2025-01,,1000,kWh,{'0' * 64}",
    )
    intake = csv(*lines, known=given)
    assert intake.ledger.rows["evidence"].to_list() == ["f" * 64, "0" * 64]
    assert warned(intake) == []


def test_factor_ids_are_looked_up_when_known(csv: Read, known: Known) -> None:
    given = Known(known.activities, known.regions, known.sites, known.organisation, factors={"known-1"})
    lines = (f"{HEADER},factor", *(f"S1,electricity,{f},2025-01,,1000,kWh,{f}" for f in ("known-1", "other")))
    assert [(row, code) for row, _, code in codes(csv(*lines, known=given))] == [(3, "factor-unknown")]


def test_progress_reaches_the_end_and_can_stop(csv: Read) -> None:
    rows = [f"S1,electricity,x{n},2025-01,,1000,kWh" for n in range(50)]
    seen: list[tuple[int, int]] = []
    csv(HEADER, *rows, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (51, 51)
    assert all(done <= total for done, total in seen)

    class Cancelled(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        csv(HEADER, *rows, progress=stop)


def test_reading_twice_gives_the_same(csv: Read) -> None:
    rows = (HEADER, "S1,electricity,a,2025-01,,1000,kWh", "S1,natural_gas,b,2025-01,,1000,Nm3")
    one, two = csv(*rows), csv(*rows)
    assert one.source_sha256 == two.source_sha256
    assert one.ledger == two.ledger
    assert one.ledger.rows.equals(two.ledger.rows)


def test_a_file_of_nonsense_costs_seconds_not_minutes(csv: Read) -> None:
    """Near names are looked for a few hundred times; behind that, right units are still read and wrong ones refused."""
    rows = [f"X{n},act{n},a,2025-01,,1000,unit{n}" for n in range(400)]
    right = [
        f"S1,electricity,b{n},2025-01,,1000,{u}" for n, u in enumerate(("万千瓦时", "10^4 kWh", "ＭＷｈ", "度", "GJ"))
    ]
    intake = csv(HEADER, *rows, *right)
    assert (intake.counts.errors, intake.counts.loaded) == (400, 5)
    assert [stream.unit for stream in intake.ledger.streams] == ["1e4kWh", "1e4kWh", "MWh", "kWh", "GJ"]


@pytest.mark.parametrize("unit", [*OFFERED_UNITS, *(n for u in unit_names().values() for n in (*u.exact, *u.any_case))])
def test_no_unit_is_taken_for_nonsense(unit: str) -> None:
    from service.activities.known import _may_be_unit

    for text in (unit, f"GJ/{unit}", f"万{unit}", f"10^4 {unit}", f"1e3{unit}"):
        try:
            parse_unit(text)
        except UnknownUnit:
            continue
        assert _may_be_unit(text), text
    assert not _may_be_unit(f"{unit}q7")


CELL = st.sampled_from(
    ["S1", "S9", "electricity", "x", "", "2025-01", "2025-01-15", "01.02.2025", "5", "-5", "1,234", "kWh", "t"]
)


@given(st.lists(st.lists(CELL, min_size=7, max_size=7), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_loaded_skipped_or_in_error(tmp_path: Path, rows: list[list[str]]) -> None:
    """Law: total = loaded + skipped + errors, and the rows in error are those with a problem of their own."""
    path = tmp_path / "law.csv"
    lines = [",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows]
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    intake = read(path, known=Known(ACTIVITIES, REGIONS, SITES))
    counts = intake.counts
    assert counts.total == sum(any(row) for row in rows)
    assert counts.total == counts.loaded + counts.skipped + counts.errors
    assert counts.errors == len({problem.row for problem in intake.errors if problem.row})
    assert counts.loaded == intake.ledger.rows.height


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("s3.6", "s3.6"),
        ("范围三 类别 6", "s3.6"),
        ("范围三 类别6 商务旅行", "s3.6"),
        ("Scope 3, category 6: business travel", "s3.6"),
        ("scope 3 category 15", "s3.15"),
        ("范围三 类别1 轮胎", ""),
        ("乱写", ""),
    ],
)
def test_a_category_left_out_is_known_by_id_name_or_number(text: str, category: str) -> None:
    assert category_of(text) == category
