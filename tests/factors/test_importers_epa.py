"""The two EPA importers against cuts of the publisher's files; every expected number stands in those files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import xlsxwriter

from factors.importers import epa_hub, epa_supply_chain
from factors.importers.errors import UnknownLayout
from factors.importers.frame import Imported
from factors.library import Library, load
from factors.records import Factor

CUTS = Path(__file__).parent / "importers"


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.fixture(scope="module")
def hub(library: Library) -> Imported:
    return epa_hub.read(CUTS / "epa_hub_2025.xlsx", library)


@pytest.fixture(scope="module")
def hub_2024(library: Library) -> Imported:
    return epa_hub.read(CUTS / "epa_hub_2024.xlsx", library)


def by_id(imported: Imported) -> dict[str, Factor]:
    return {factor.id: factor for factor in imported.factors}


def test_the_hub_of_2025_gives_the_records_held_column_by_column(hub: Imported, library: Library) -> None:
    assert len(hub.factors) == 128
    for factor in hub.factors:
        mine, held = asdict(factor), asdict(library.factors[factor.id])
        del mine["refusal"], held["refusal"]
        assert mine == held
    assert hub.source == library.sources["epa-hub-2025"]
    assert {factor.page for factor in hub.factors} == {f"Table {number}" for number in range(1, 13)}


@pytest.mark.parametrize(
    ("ident", "value", "unit", "gas"),
    [
        ("t1-anthracite-hhv-energy", "25.09", "mmBtu/short ton", "energy"),
        ("t1-anthracite-per-mmbtu-co2", "103.69", "kg/mmBtu", "CO2"),
        ("t1-anthracite-per-unit-ch4", "276", "g/short ton", "CH4"),
        ("t1-natural-gas-per-unit-co2", "0.05444", "kg/scf", "CO2"),
        ("t1-aviation-gasoline-per-unit-n2o", "0.07", "g/gallon", "N2O"),
        ("t2-aviation-gasoline-co2", "8.31", "kg/gallon", "CO2"),
        ("t3-gasoline-passenger-cars-1975-ch4", "0.1423", "g/vehicle-mile", "CH4"),
        ("t4-light-duty-cars-methanol-n2o", "0.004", "g/vehicle-mile", "N2O"),
        ("t5-agricultural-equipment-gasoline-2-stroke-ch4", "6.9", "g/gallon", "CH4"),
        ("t6-akgd-co2", "899.003", "lb/MWh", "CO2"),
        ("t6-us-average-loss-loss", "0.042", "fraction", "loss"),
        ("t7-steam-and-heat-co2", "66.33", "kg/mmBtu", "CO2"),
        ("t8-medium-and-heavy-duty-truck-short-ton-mile-co2", "0.186", "kg/short ton-mile", "CO2"),
        ("t9-food-waste-non-meat-anaerobically-digested-dry-co2e", "0.14", "t CO2e/short ton", "CO2e"),
        ("t9-asphalt-concrete-recycled-co2e", "0.0035205385", "t CO2e/short ton", "CO2e"),
        ("t10-intercity-rail-northeast-corridor-passenger-mile-co2", "0.023", "kg/passenger-mile", "CO2"),
        ("t11-hfc-134a-ch2fcf3", "1300", "kg CO2e/kg", "CH2FCF3"),
        ("t12-r-410a-co2e", "1924", "kg CO2e/kg", "CO2e"),
    ],
)
def test_numbers_of_the_hub(hub: Imported, ident: str, value: str, unit: str, gas: str) -> None:
    factor = by_id(hub)[f"epahub2025-{ident}"]
    assert (factor.value, factor.unit, factor.gas) == (value, unit, gas)


def test_biogenic_carbon_dioxide_stands_outside_the_scopes(hub: Imported) -> None:
    found = by_id(hub)
    for tail in ("t1-agricultural-byproducts-per-mmbtu-co2", "t2-biodiesel-100-co2"):
        assert found[f"epahub2025-{tail}"].scope_hint == "outside"
    assert found["epahub2025-t1-agricultural-byproducts-per-mmbtu-ch4"].scope_hint == "1"
    assert found["epahub2025-t2-aviation-gasoline-co2"].scope_hint == "1"


def test_places_and_years_of_the_grid_are_those_of_egrid(hub: Imported, hub_2024: Imported) -> None:
    alaska, country = by_id(hub)["epahub2025-t6-akgd-co2"], by_id(hub)["epahub2025-t6-us-average-co2"]
    assert (alaska.region, alaska.year, country.region) == ("US-AKGD", 2023, "US")
    assert by_id(hub)["epahub2025-t6-akgd-nonbaseload-co2"].scope_hint == "avoided"
    assert "epahub2025-t6-prms-loss-loss" not in by_id(hub)  # Puerto Rico has none
    before = by_id(hub_2024)["epahub2024-t6-akgd-co2"]
    assert (before.value, before.year, before.category) == ("1052.114", 2022, "Electricity - eGRID2022 total output")
    assert "epahub2024-t6-akgd-loss-loss" not in by_id(hub_2024)  # the edition of 2024 has no such column


def test_a_blend_that_does_not_follow_from_its_composition_is_said_to(hub: Imported) -> None:
    assert [problem.text() for problem in hub.problems] == [
        # 0.505 x 3170 + 0.47 x 1300 = 1600.85 + 611 = 2211.85
        "Emission Factors Hub!D584: R-424A is printed as 3104; its composition gives 2211.85; kept as printed"
    ]
    assert by_id(hub)["epahub2025-t12-r-424a-co2e"].value == "3104"


def test_the_hub_of_2024_has_the_same_tails_and_its_own_numbers(hub_2024: Imported, library: Library) -> None:
    found = by_id(hub_2024)
    assert hub_2024.source.title == "GHG Emission Factors Hub (last modified 13 February 2024)"
    # 1.1045615526278512 in the cell; eight significant digits are kept.
    assert found["epahub2024-t5-ships-and-boats-residual-fuel-oil-ch4"].value == "1.1045616"
    assert found["epahub2024-t1-anthracite-per-mmbtu-co2"].name_zh == "无烟煤"
    truck = found["epahub2024-t8-medium-and-heavy-duty-truck-ton-mile-co2"]
    assert (truck.value, truck.unit) == ("0.1680426", "kg/ton-mile")
    waste = found["epahub2024-t9-aluminum-cans-recycled-co2e"]
    assert (waste.value, waste.gwp_set) == ("0.06", "AR4")


def test_a_zero_stored_as_text_is_read_and_reported(hub_2024: Imported) -> None:
    assert by_id(hub_2024)["epahub2024-t5-aircraft-jet-fuel-ch4"].value == "0"
    told = [str(problem.at) for problem in hub_2024.problems if problem.code == "number-as-text"]
    assert told == [f"Emission Factors Hub!{cell}" for cell in ("E234", "F234", "E288", "E418")]


def sheet(path: Path, rows: dict[int, list[object]]) -> Path:
    """Write rows from column B on."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Emission Factors Hub")
        for number, row in rows.items():
            page.write_row(number - 1, 1, row)
    return path


HEAD: dict[int, list[object]] = {2: [epa_hub.TITLE], 3: ["", "", "Last Modified: March 1, 2026"]}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({2: ["Another title"]}, "expected 'Emission Factors for Greenhouse Gas Inventories', found Another title"),
        ({2: [epa_hub.TITLE]}, "expected 'Last Modified: <month> <day>, <year>'"),
        (
            HEAD | {5: ["Table 2"], 6: ["", "Fuel", "kg CO2", "Unit"]},
            "Table 2: expected Fuel Type, kg CO2 per unit, Unit",
        ),
        (
            HEAD
            | {
                5: ["Table 1"],
                6: ["", "Fuel Type", "Heat Content (HHV)", *["CO2 Factor", "CH4 Factor", "N2O Factor"] * 2],
                7: ["", "", "GJ per tonne", *["kg CO2 per GJ", "ounces", "g N2O per GJ"] * 2],
                8: ["", "Peat", 1, 2, 3, 4, 5, 6, 7],
            },
            "Table 1: expected a unit like 'kg CO2 per short ton', found ounces",
        ),
    ],
)
def test_an_unknown_layout_of_the_hub_is_refused(
    tmp_path: Path, library: Library, rows: dict[int, list[object]], expected: str
) -> None:
    with pytest.raises(UnknownLayout, match=expected):
        epa_hub.read(sheet(tmp_path / "hub.xlsx", rows), library)


def test_missing_new_and_unplaced_tables_of_the_hub_are_named(tmp_path: Path, library: Library) -> None:
    factors = ["CO2 Factor", "CH4 Factor", "N2O Factor"] * 2
    rows = HEAD | {
        5: ["Table 6"],
        6: ["", "eGRID Subregion Acronym", "eGRID Subregion Name", *factors],
        7: ["", "MOON", "Lunar Grid", 1, 2, 3, 4, 5, 6],
        9: ["Table 9"],
        10: ["", "Material", "Recycled", "Landfilled", "Combusted", "Composted",
             "Anaerobically Digested (Dry Digestate with Curing)",
             "Anaerobically Digested (Wet Digestate with Curing)"],
        11: ["", "Paper", 0.1],
        12: ["Table 8"],
        13: ["", "Vehicle Type", "CO2 Factor (kg CO2 / unit)", "CH4 Factor (g CH4 / unit)",
             "N2O Factor (g N2O / unit)", "Units"],
        14: ["", "Trucks of all kinds:"],
        15: ["Table 11"],
        16: ["", "Industrial Designation or Common Name", "Chemical Formula", "100-Year GWP"],
        17: ["", "New gas", "XF6", "not yet"],
        20: ["Table 13"],
    }  # fmt: skip
    imported = epa_hub.read(sheet(tmp_path / "hub.xlsx", rows), library)
    codes = [problem.code for problem in imported.problems]
    assert codes.count("table-missing") == 8
    assert {"unknown-place", "gwp-not-stated", "unknown-table", "not-a-number"} < set(codes)
    assert [(factor.id, factor.gwp_set) for factor in imported.factors] == [("epahub2026-t9-paper-recycled-co2e", "")]


# --- supply chain ------------------------------------------------------------------------------------------


def test_supply_chain_factors_with_and_without_margins(library: Library) -> None:
    imported = epa_supply_chain.read(CUTS / "epa_supply_chain_co2e.csv", library)
    found = by_id(imported)
    assert (imported.rows, len(found), imported.problems) == (4, 8, ())
    steel = found["epasc-usd2021-co2e-with-margins-331110"]
    assert (steel.value, steel.unit) == ("0.979", "kg CO2e/2021 USD, purchaser price")
    assert (steel.name_en, steel.gwp_set) == ("Iron and Steel Mills and Ferroalloy Manufacturing", "AR4")
    assert (steel.year, steel.valid_to) == (2021, None)
    gate = found["epasc-usd2021-co2e-without-margins-331110"]
    assert (gate.value, gate.boundary) == ("0.945", "cradle to producer's gate, purchaser price (without margins)")


def test_supply_chain_factors_gas_by_gas(library: Library) -> None:
    imported = epa_supply_chain.read(CUTS / "epa_supply_chain_by_gas.csv", library)
    found = by_id(imported)
    assert (imported.rows, len(found)) == (16, 30)
    ring = found["epasc-usd2021-c-c4f8-without-margins-331110"]
    assert (ring.value, ring.gas, ring.gwp_set) == ("5.97e-10", "c-C4F8", "")
    assert found["epasc-usd2021-ch4-with-margins-331110"].value == "2.44e-03"
    # 'HFCs and PFCs, unspecified' is a mixture without a potential.
    assert [(problem.code, problem.params["count"]) for problem in imported.problems] == [("unknown-gas", "2")]


def test_both_supply_chain_files_have_ids_of_their_own(library: Library) -> None:
    whole = epa_supply_chain.read(CUTS / "epa_supply_chain_co2e.csv", library)
    gases = epa_supply_chain.read(CUTS / "epa_supply_chain_by_gas.csv", library)
    assert not {factor.id for factor in whole.factors} & {factor.id for factor in gases.factors}
    assert not any(factor.id.startswith(whole.family) for factor in gases.factors)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("NAICS Code 2017", "NAICS Code 2022"), "header: expected NAICS Code 2017"),
        (("kg CO2e/2021 USD, purchaser price", "kg CO2e/2021 EUR"), "found kg CO2e/2021 EUR"),
        (
            ('111110,"Soybean Farming","All GHGs","kg CO2e/2021', '111110,"Soybean Farming","All GHGs","kg CO2e/2022'),
            "found kg CO2e/2021 USD, purchaser price; kg CO2e/2022 USD, purchaser price",
        ),
    ],
)
def test_an_unknown_layout_of_the_supply_chain_file_is_refused(
    tmp_path: Path, library: Library, change: tuple[str, str], expected: str
) -> None:
    path = tmp_path / "factors.csv"
    path.write_text((CUTS / "epa_supply_chain_co2e.csv").read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(UnknownLayout, match=expected):
        epa_supply_chain.read(path, library)


def test_another_dollar_year_is_another_edition_without_stated_potentials(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "factors.csv"
    text = (CUTS / "epa_supply_chain_co2e.csv").read_text(encoding="utf-8").replace("2021 USD", "2022 USD")
    path.write_text(text.replace("1.223,", ",").replace("0.136,0,0.136", "x,0,0.136") + "1,2\n", encoding="utf-8")
    imported = epa_supply_chain.read(path, library)
    assert imported.source.id == "epa-supply-chain-usd2022"
    assert {factor.gwp_set for factor in imported.factors} == {""}
    assert (imported.skipped, len(imported.factors)) == (1, 6)
    assert [problem.code for problem in imported.problems] == ["not-a-number", "wrong-cell-count", "gwp-not-stated"]
