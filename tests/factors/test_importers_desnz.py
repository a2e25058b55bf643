"""The DESNZ importer against cuts of the publisher's files; every expected number stands in those files."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from factors.importers import desnz
from factors.importers.errors import UnknownLayout
from factors.importers.frame import Imported
from factors.library import Library, load
from factors.records import Factor

CUTS = Path(__file__).parent / "importers"


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.fixture(scope="module")
def flat(library: Library) -> Imported:
    return desnz.read(CUTS / "desnz_2025_flat.xlsx", library)


@pytest.fixture(scope="module")
def condensed(library: Library) -> Imported:
    return desnz.read(CUTS / "desnz_2024_condensed.xlsx", library)


@pytest.fixture(scope="module")
def standard(library: Library) -> Imported:
    return desnz.read(CUTS / "desnz_2021_standard.xls", library)


def by_id(imported: Imported) -> dict[str, Factor]:
    return {factor.id: factor for factor in imported.factors}


def without_refusal(factor: Factor) -> dict[str, object]:
    return {name: value for name, value in asdict(factor).items() if name != "refusal"}


def test_the_flat_file_gives_the_records_held_column_by_column(flat: Imported, library: Library) -> None:
    assert len(flat.factors) == 14
    for factor in flat.factors:
        assert without_refusal(factor) == without_refusal(library.factors[factor.id])
    assert flat.source == library.sources["desnz-2025"]


def test_the_flat_file_counts_rows_and_empty_combinations(flat: Imported) -> None:
    assert (flat.rows, flat.skipped, flat.problems) == (15, 1, ())  # 'Books, re-used' has no number
    assert flat.edition == "2025"


def test_values_are_the_digits_of_the_cell(flat: Imported, standard: Imported) -> None:
    values = {key: factor.value for key, factor in by_id(flat).items()}
    assert values["desnz2025-1-100-1000-15-1"] == "3033.38067"
    assert values["desnz2025-1-100-1001-6-4"] == "9e-05"
    assert values["desnz2025-3-200-2011-3-1"] == "12400"
    assert values["desnz2025-19-501-5060-15-1"] == "22310"
    # The cell of 2021 holds this double; 0.21233 would be another number.
    assert by_id(standard)["desnz2021-7-400-4000-5-1"].value == "0.21233000000000002"


def test_gases_are_weighted_already_and_energy_is_none(flat: Imported) -> None:
    methane = by_id(flat)["desnz2025-7-400-4000-5-3"]
    assert (methane.gas, methane.unit, methane.value, methane.gwp_set) == ("CH4", "kg CO2e/kWh", "0.0009", "AR5")
    energy = by_id(flat)["desnz2025-6-306-3126-14-5"]
    assert (energy.gas, energy.unit, energy.value, energy.gwp_set) == ("energy", "kWh/tonne.km", "0.57002", "")


def test_a_condensed_value_has_the_id_of_its_counterpart_in_the_flat_file(condensed: Imported) -> None:
    found = by_id(condensed)
    electricity = found["desnz2024-7-400-4000-5-1"]  # 2025: desnz2025-7-400-4000-5-1
    assert (electricity.value, electricity.unit, electricity.gas) == ("0.20705", "kg CO2e/kWh", "CO2e")
    assert electricity.name_en == "Electricity generated | Electricity: UK"
    assert (electricity.page, electricity.year, electricity.scope_hint) == ("UK electricity!E25", 2024, "2")
    assert found["desnz2024-1-100-1000-15-3"].value == "2.52"
    assert found["desnz2024-99-604-1011-15-2"].value == "194.5"
    assert found["desnz2024-99-604-1011-15-2"].scope_hint == "outside"


def test_groups_of_columns_stand_over_merged_headings(condensed: Imported) -> None:
    names = {(factor.name_en, factor.unit, factor.gas): factor.value for factor in condensed.factors}
    car = "Cars (by market segment) | Mini"
    assert names[f"{car} | Diesel", "kg CO2e/km", "CO2e"] == "0.10764"
    assert names[f"{car} | Diesel", "kg CO2e/km", "CH4"] == "4.6368e-06"
    assert names[f"{car} | Petrol", "kg CO2e/km", "CO2e"] == "0.13087"
    assert names[f"{car} | Unknown", "kg CO2e/km", "CO2e"] == "0.13073"
    assert names[f"{car} | Battery Electric Vehicle", "kg CO2e/km", "N2O"] == "0"
    assert (f"{car} | Hybrid", "kg CO2e/km", "CO2e") not in names
    lorry = "HGV (all diesel) | Rigid (>3.5 - 7.5 tonnes)"
    assert names[f"{lorry} | 100% Laden", "kWh/tonne.km", "energy"] == "0.93487"
    assert names[f"{lorry} | Average Laden", "kWh/km", "energy"] == "1.91857"
    aggregates = "Construction | Aggregates"
    assert names[f"{aggregates} | Open-loop", "kg CO2e/tonnes", "CO2e"] == "0.98485"
    assert names[f"{aggregates} | Landfill", "kg CO2e/tonnes", "CO2e"] == "1.23393"


def test_labels_are_carried_down_and_a_remark_is_no_group(condensed: Imported) -> None:
    names = {(factor.name_en, factor.unit, factor.gas): factor.value for factor in condensed.factors}
    assert names["Motorbike | Small", "kg CO2e/miles", "CO2"] == "0.13027"
    # Above this table stands 'An error was identified in rounding …', not a group.
    ship = "Sea tanker | Crude tanker | 120,000–199,999 dwt"
    assert names[ship, "kg CO2e/tonne.km", "CO2e"] == "0.00445"
    assert names[ship, "kg CO2e/tonne.km", "CH4"] == "1.12e-06"
    assert names["Hotel stay | Australia", "kg CO2e/Room per night", "CO2e"] == "35"
    assert not any(name.startswith("Hotel stay | Argentina") for name, _, _ in names)


def test_a_value_without_counterpart_is_named_by_its_labels_and_reported(condensed: Imported) -> None:
    burned = by_id(condensed)["desnz2024-waste-disposal-construction-average-construction-combustion-tonnes-co2e"]
    assert burned.value == "6.41061"
    assert [(problem.code, problem.params["count"]) for problem in condensed.problems] == [("no-counterpart", "1")]


def test_conversions_and_guidance_are_no_factors(condensed: Imported) -> None:
    assert not any(factor.page.startswith(("Conversions", "Index", "Introduction")) for factor in condensed.factors)


def test_the_xls_of_2021_is_read_with_ar4(standard: Imported) -> None:
    found = by_id(standard)
    methane = found["desnz2021-1-100-1000-15-3"]
    # 2.52 in 2025 is 28 x 0.09 kg; with AR4 it is 25 x 0.09 = 2.25: the column 'kg CH4' is CO2e.
    assert (methane.value, methane.unit, methane.gwp_set) == ("2.25", "kg CO2e/tonnes", "AR4")
    assert Decimal("2.52") / 28 * 25 == Decimal(methane.value)
    assert found["desnz2021-6-300-3000-4-5"].value == "0.42118"  # Mini, diesel, kWh/km
    assert standard.source.publisher == "BEIS (UK)"
    assert standard.source.title.endswith("2021, standard set v2")


def test_less_than_one_is_no_number(standard: Imported) -> None:
    told = [problem for problem in standard.problems if problem.code == "not-a-number"]
    assert [(str(problem.at), problem.params["found"]) for problem in told] == [("Refrigerant & other!E123", "< 1")]
    assert told[0].text("zh") == "Refrigerant & other!E123：此处应为数字，却是“< 1”；该单元格未导入"


# --- files that are not as they should be ---------------------------------------------------------------


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


HEAD: list[list[object]] = [[desnz.TITLE], [], ["Factor set:", "Flat file"], ["Version:", 1, "Year:", 2026]]
HEADINGS: list[object] = [*desnz.FLAT_HEADINGS, "GHG Conversion Factor 2026"]


def flat_2026(path: Path, *rows: list[object], headings: list[object] = HEADINGS) -> Path:
    return workbook(path, {"Front page": HEAD, "Factors by Category": [headings, *rows]})


def row_2026(ident: str, ghg: str, value: object, unit: str = "tonnes") -> list[object]:
    return [ident, "Scope 1", "Fuels", "Gaseous fuels", "Butane", "", "", unit, ghg, value]


def test_a_fact_held_under_another_id_keeps_it(tmp_path: Path, library: Library) -> None:
    # The edition of 2026 is held from a copy of its CO2e column, under ids of its own.
    path = flat_2026(
        tmp_path / "2026.xlsx",
        row_2026("1_100_1000_15_1", "kg CO2e", 3033.38067),
        row_2026("1_100_1000_15_2", "kg CO2e of CO2 per unit", 3029.26),
    )
    imported = desnz.read(path, library)
    assert [factor.id for factor in imported.factors] == [
        "desnz2026-fuels-gaseous-fuels-butane-tonnes",
        "desnz2026-1-100-1000-15-2",
    ]


def test_gases_that_do_not_add_up_are_reported(tmp_path: Path, library: Library) -> None:
    gases = ("kg CO2e", "kg CO2e of CO2 per unit", "kg CO2e of CH4 per unit", "kg CO2e of N2O per unit")
    rows = [
        row_2026(f"1_1_1_15_{number}", ghg, value)
        for number, (ghg, value) in enumerate(zip(gases, (100.0, 90.0, 0.1, 0.2), strict=True), 1)
    ]
    problems = desnz.read(flat_2026(tmp_path / "2026.xlsx", *rows), library).problems
    assert [problem.text() for problem in problems] == [
        "Factors by Category!J2: CO2, CH4 and N2O add up to 90.3, printed total 100"
    ]


def test_what_is_not_understood_is_left_out_and_named(tmp_path: Path, library: Library) -> None:
    path = flat_2026(
        tmp_path / "2026.xlsx",
        row_2026("1_1_1_15_1", "kg CO2e", "n/a"),
        row_2026("1_1_2_15_1", "kg CO2e", "about 5"),
        row_2026("1_1_3_15_1", "lb CO2e", 5.0),
        row_2026("1_1_4_15_1", "kg CO2e", "1.25"),
        row_2026("1_1_4_15_1", "kg CO2e", 1.5),
        row_2026("1_1_4_15_1", "kg CO2e", 1.25),
    )
    imported = desnz.read(path, library)
    assert [(factor.id, factor.value) for factor in imported.factors] == [("desnz2026-1-1-4-15-1", "1.25")]
    assert imported.skipped == 2  # n/a, and 1.25 given twice
    assert [(problem.code, str(problem.at)) for problem in imported.problems] == [
        ("not-a-number", "Factors by Category!J3"),
        ("unknown-heading", "Factors by Category!J4"),
        ("number-as-text", "Factors by Category!J5"),
        ("given-twice", "Factors by Category!J6"),
    ]


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ({"Front page": [["Another table"]]}, "found 'Another table'"),
        ({"Front page": [[desnz.TITLE], ["Year:", "twenty-five"]]}, "expected a year, found 'twenty-five'"),
        ({"Front page": [[desnz.TITLE], ["Year:", 2030, "Factor set:", "New set"]]}, "found New set"),
        ({"Front page": HEAD, "Factors by Category": [["ID", "Scope", "Level 1"]]}, "found ID, Scope, Level 1"),
    ],
)
def test_an_unknown_layout_is_refused_with_what_was_expected(
    tmp_path: Path, library: Library, sheets: dict[str, list[list[object]]], found: str
) -> None:
    with pytest.raises(UnknownLayout, match=found):
        desnz.read(workbook(tmp_path / "other.xlsx", sheets), library)


def test_headings_of_another_year_are_refused(tmp_path: Path, library: Library) -> None:
    headings: list[object] = [*desnz.FLAT_HEADINGS, "GHG Conversion Factor 2025"]
    with pytest.raises(UnknownLayout, match=r"GHG Conversion Factor 2026, found .*GHG Conversion Factor 2025"):
        desnz.read(flat_2026(tmp_path / "2026.xlsx", headings=headings), library)


def condensed_set(path: Path, *tables: list[list[object]], year: int = 2026) -> Path:
    intro: list[list[object]] = [
        [desnz.TITLE],
        ["Factor set:", "Condensed set", "Version:", 1, "Year:", 2026],
        ["… the Fourth Assessment Report (AR4) over a 100-year period …"],
    ]
    head: list[list[object]] = [["Emissions source:", "Fuels"], ["Scope:", "Scope 1", "Year:", year], []]
    return workbook(path, {"Introduction": intro, "Fuels": [*head, *[row for table in tables for row in table]]})


def test_a_set_that_contradicts_itself_is_reported(tmp_path: Path, library: Library) -> None:
    table: list[list[object]] = [["Activity", "Fuel", "Unit", "kg CO2e"], ["Liquid fuels", "New fuel", "litres", 2.5]]
    problems = desnz.read(condensed_set(tmp_path / "2026.xlsx", table, year=2025), library).problems
    assert [(problem.code, str(problem.at)) for problem in problems] == [
        ("gwp-differs", "Introduction!A3"),  # AR4 named, AR5 since 2023
        ("year-differs", "Fuels"),
        ("no-counterpart", ""),
    ]


def test_columns_that_cannot_be_told_apart_are_left_out(tmp_path: Path, library: Library) -> None:
    table: list[list[object]] = [
        ["Activity", "Fuel", "Unit", "kg CO2e", "kg CO2e", "oz CO2e"],
        ["Liquid fuels", "New fuel", "litres", 2.5, 2.6, 3],
    ]
    good: list[list[object]] = [[], ["Activity", "Fuel", "Unit", "kg CO2e"], ["Liquid fuels", "Other", "litres", 1.5]]
    imported = desnz.read(condensed_set(tmp_path / "2026.xlsx", table, good), library)
    assert [factor.name_en for factor in imported.factors] == ["Liquid fuels | Other"]
    codes = [problem.code for problem in imported.problems]
    assert codes == ["gwp-differs", "unknown-heading", "columns-not-told-apart", "no-counterpart"]


def test_an_empty_column_under_a_repeated_heading_does_no_harm(tmp_path: Path, library: Library) -> None:
    # As in the vans of 2021: 'Plug-in Hybrid Electric Vehicle' stands over two columns, one of them empty.
    table: list[list[object]] = [
        ["Activity", "Fuel", "Unit", "kg CO2e", "kg CO2e"],
        ["Liquid fuels", "New fuel", "litres", 2.5, ""],
    ]
    imported = desnz.read(condensed_set(tmp_path / "2026.xlsx", table), library)
    assert [factor.value for factor in imported.factors] == ["2.5"]


def test_a_set_whose_values_all_have_counterparts_says_nothing_of_them(tmp_path: Path, library: Library) -> None:
    table: list[list[object]] = [["Activity", "Fuel", "Unit", "kg CO2e"], ["Gaseous fuels", "Butane", "litres", 1.7]]
    imported = desnz.read(condensed_set(tmp_path / "2026.xlsx", table), library)
    assert [factor.id for factor in imported.factors] == ["desnz2026-1-100-1000-8-1"]
    assert [problem.code for problem in imported.problems] == ["gwp-differs"]


def test_a_sheet_without_a_table_is_named_and_a_set_without_any_refused(tmp_path: Path, library: Library) -> None:
    with pytest.raises(UnknownLayout, match="Activity, …, Unit, kg CO2e"):
        desnz.read(condensed_set(tmp_path / "2026.xlsx", [["Only words"]]), library)
