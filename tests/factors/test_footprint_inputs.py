"""What product footprints ask the library for: every activity with a footprint series, at a Chinese site in 2025."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from factors.errors import FactorNotFound, UnitMismatch
from factors.library import Library, load
from factors.match import Activity, Match, Query, activities, match

ON = date(2025, 6, 30)
LIBRARY = load()
WITH_FOOTPRINT = [one for one in activities(LIBRARY).values() if one.footprint]


@pytest.fixture(scope="module")
def library() -> Library:
    return LIBRARY


def ask(library: Library, activity: str, region: str = "CN", on: date = ON, **given: str) -> Match:
    return match(Query(activity, on, region, given.pop("purpose", "footprint"), **given), library)  # type: ignore[arg-type]


@pytest.mark.parametrize("activity", WITH_FOOTPRINT, ids=lambda one: one.id)
def test_it_answers_for_china_and_says_what_is_not_from_there(library: Library, activity: Activity) -> None:
    found = ask(library, activity.id)
    # A calorific value is that of the fuel burned here, wherever the figure per energy comes from.
    regions = {part.factor.region for part in found.parts if part.role == "factor"}
    assert len(regions) == 1
    (region,) = regions
    path = library.geographies.path("CN")
    assert ("other_region" in found.variants) == (region not in path)
    assert ("parent_region" in found.variants) == (region in path[1:])
    if region != "CN":
        assert found.detail["region_used"] == region
        assert found.variant in ("other_region", "parent_region")  # said before anything else
    assert all(part.factor.valid_from <= ON for part in found.parts)


@pytest.mark.parametrize("activity", WITH_FOOTPRINT, ids=lambda one: one.id)
def test_no_record_holds_more_or_less_than_the_way_to_the_gate(library: Library, activity: Activity) -> None:
    for part in ask(library, activity.id).parts:
        assert part.factor.boundary in ("", "cradle-to-gate", "well-to-wheel (as printed)")
        assert part.factor.value_kind in ("point", "median")
        assert part.factor.confidence in ("high", "medium")


def test_materials_lie_within_what_independent_publishers_print(library: Library) -> None:
    """The bounds are made of all publishers' values of a material, a fifth beyond them on either side."""
    bounds = {row["material"]: row for row in library.tables["bounds"]}
    seen = 0
    for activity in WITH_FOOTPRINT:
        for part in ask(library, activity.id).parts:
            row = bounds.get(part.factor.material)
            if row is None:
                continue
            unit = library.units[row["unit"]]
            try:
                value = part.factor.number * part.unit.scale_to(unit.numerator, unit.denominator)
            except UnitMismatch:
                continue  # boards by area where the bounds are by mass
            assert Decimal(row["warn_below"]) <= value <= Decimal(row["warn_above"]), activity.id
            seen += 1
    assert seen > 40


def test_a_proxy_is_exact_at_home_and_comes_after_every_nearer_record(library: Library) -> None:
    # ICE 2.0, copper tube and sheet, virgin: 3.81 kg CO2e/kg.
    home, away = ask(library, "purchased_copper", "GB"), ask(library, "purchased_copper", "CN-HB")
    assert (home.variants, away.variants) == ((), ("other_region",))
    assert [match.parts[0].factor.value for match in (home, away)] == ["3.810", "3.810"]
    # Converter steel of GB/T 51366-2019, Table D.0.1: 1990 kg CO2e/t, whoever else prints a figure.
    assert ask(library, "purchased_steel_bof", "CN-HB").parts[0].factor.value == "1990"


def test_a_proxy_of_a_later_year_never_answers_an_earlier_date(library: Library) -> None:
    with pytest.raises(FactorNotFound) as caught:
        ask(library, "diesel_supply", on=date(2024, 6, 30))
    assert ("desnz2025-11-101-1012-7-1", "later-year") in caught.value.candidates


def test_what_the_table_does_not_call_a_proxy_stays_a_question(library: Library) -> None:
    with pytest.raises(FactorNotFound):  # landfill is a local practice, and an inventory is asked about it
        ask(library, "waste_landfill", purpose="inventory")
    assert ask(library, "waste_landfill").variants == ("other_region",)


def test_a_record_without_stated_licence_is_told_and_never_taken(library: Library) -> None:
    found = ask(library, "purchased_copper")
    assert ("mat-cpcd-copper-china-2015", "licence-not-stated") in [(c.factor_id, c.reason) for c in found.candidates]
    assert found.parts[0].factor.region == "GB"


def test_freight_in_a_footprint_is_from_the_well_in_an_inventory_what_the_carrier_burns(library: Library) -> None:
    # DESNZ 2025, container ship, average: CO2 0.01592, CH4 0.00001, N2O 0.00019 (printed total 0.01612), WTT 0.00365.
    whole, direct = ask(library, "freight_sea_container"), ask(library, "freight_sea_container", purpose="inventory")
    assert sum(part.factor.number for part in direct.parts) == Decimal("0.01612")
    assert sum(part.factor.number for part in whole.parts) == Decimal("0.01612") + Decimal("0.00365")


def test_the_supply_of_a_fuel_is_by_energy_in_china_and_as_printed_in_britain(library: Library) -> None:
    # ETS table of 2022: natural gas 389.310 GJ per 10 000 Nm3. DESNZ 2025, WTT: 0.03347 kg CO2e per kWh net.
    here = ask(library, "natural_gas_supply", unit="Nm3")
    assert here.formula == "fuel_supply"
    assert {part.role: part.factor.value for part in here.parts} == {"factor": "0.03347", "ncv": "389.310"}
    assert here.variants == ("other_region", "default")
    # DESNZ 2025, WTT fuels, natural gas: 423.16368 per t, 0.3366 per m3, 0.03347 per kWh net, 0.03021 gross.
    for unit, value in (("t", "423.16368"), ("m3", "0.3366"), ("kWh_net", "0.03347"), ("kWh_gross", "0.03021")):
        there = ask(library, "natural_gas_supply", "GB", unit=unit)
        assert (there.formula, there.parts[0].factor.value, there.variants) == ("published", value, ())


def test_every_burned_fuel_of_the_ets_table_brings_its_supply_along(library: Library) -> None:
    known = activities(library)
    for fuel in ("natural_gas", "lng", "lpg", "diesel", "diesel_road", "petrol_road", "fuel_oil", "anthracite"):
        assert known[f"{fuel}_supply"].group == "fuel_upstream"
        assert known[f"{fuel}_supply"].unit == known[fuel].unit
