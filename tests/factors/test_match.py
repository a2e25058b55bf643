"""Matching: every expected value is what the named publication prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from factors.errors import (
    AmbiguousActivity,
    AmbiguousFactor,
    ChosenFactorRefused,
    FactorNotFound,
    UnitUndecided,
    UnknownActivity,
    UnknownFactor,
)
from factors.library import Library, load
from factors.match import Match, Overlay, OwnFactor, Query, Rules, activities, match, validity_edges


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def ask(library: Library, activity: str, region: str, on: str, **given: object) -> Match:
    return match(Query(activity, date.fromisoformat(on), region, **given), library)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "on", "factor", "value", "variants"),
    [
        # MEE/NBS announcements: Guangdong 2022 0.4403, 2023 0.4419; Hubei 2023 0.4044; national 2023 0.5306.
        ("CN-GD", "2022-12-31", "cn-elec-2022-cn-gd", "0.4403", ()),
        ("CN-GD", "2023-06-30", "cn-elec-2023-cn-gd", "0.4419", ()),
        ("CN-HB", "2025-03-31", "cn-elec-2023-cn-hb", "0.4044", ("earlier_year",)),
        ("CN", "2023-01-01", "cn-elec-2023-national", "0.5306", ()),
        ("CN-GRID-SOUTH", "2023-01-01", "cn-elec-2023-cn-grid-south", "0.4042", ()),
    ],
)
def test_electricity_location_based(
    library: Library, region: str, on: str, factor: str, value: str, variants: tuple[str, ...]
) -> None:
    found = ask(library, "electricity", region, on)
    assert found.factor_ids == (factor,)
    assert found.parts[0].factor.value == value
    assert found.variants == variants


def test_the_market_rest_is_the_national_mean_without_traded_power_never_the_province(library: Library) -> None:
    found = ask(library, "electricity", "CN-HB", "2023-06-30", rules=Rules(view="market"))
    assert (found.factor_ids, found.parts[0].factor.value) == (("cn-elec-2023-excl",), "0.6096")


def test_a_footprint_takes_the_electricity_carbon_footprint_not_the_grid_factor(library: Library) -> None:
    found = ask(library, "electricity", "CN-HB", "2024-06-30", purpose="footprint")
    assert (found.factor_ids, found.parts[0].factor.value) == (("cn-elec-fp-2024-average",), "0.5777")


def test_series_of_electricity_never_stand_in_for_one_another(library: Library) -> None:
    rows: dict[str, set[str]] = {}
    for row in library.tables["series"]:
        if row["series"].startswith(("cn.grid_", "cn.footprint_", "intl.lifecycle")):
            rows.setdefault(row["series"], set()).add(row["factor"])
    names = sorted(rows)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert not rows[one] & rows[other], (one, other)


def test_a_later_year_never_answers_an_earlier_date(library: Library) -> None:
    with pytest.raises(FactorNotFound) as caught:
        ask(library, "electricity", "CN-HB", "2020-06-30")
    assert str(caught.value) == (
        "no factor for 'electricity' on 2020-06-30 in any of CN-HB, CN-GRID-CENTRAL, CN, GLO: "
        "bring an own factor, or choose a record by its id"
    )
    assert ("cn-elec-2021-cn-hb", "later-year") in caught.value.candidates


def test_no_official_grid_factor_is_a_question_even_where_a_life_cycle_intensity_exists(library: Library) -> None:
    with pytest.raises(FactorNotFound):
        ask(library, "electricity", "DE", "2023-06-30")


def test_a_fuel_takes_all_its_properties_from_one_parameter_set(library: Library) -> None:
    for activity in activities(library).values():
        if activity.formula != "combustion":
            continue
        for sets in (("mee-ets",), ("ndrc2013",), ("ndrc-later",)):
            try:
                found = ask(
                    library, activity.id, "CN", "2025-06-30", rules=Rules(parameter_sets=sets), unit=activity.unit
                )
            except (FactorNotFound, AmbiguousFactor):
                continue
            core = [p for p in found.parts if p.role in ("ncv", "carbon_content", "oxidation")]
            if core and core[0].factor.parameter_set:
                assert {p.factor.parameter_set for p in core} == set(sets)
                assert {p.role for p in core} == {"ncv", "carbon_content", "oxidation"}


def test_a_fuel_missing_in_the_guidelines_set_falls_back_as_a_whole_and_says_so(library: Library) -> None:
    # The ETS table prints no carbon content for bituminous coal; the third-batch guidelines do: 23.204, 26.18, 0.93.
    found = ask(library, "bituminous_coal", "CN-HB", "2025-06-30")
    assert found.variants == ("fallback_set", "default")
    assert found.detail["parameter_set"] == "ndrc-later"
    assert [p.factor.value for p in found.parts[:3]] == ["23.204", "26.18", "0.93"]


def test_gases_of_combustion_follow_the_method(library: Library) -> None:
    with_all = ask(library, "natural_gas", "CN-HB", "2025-06-30")
    co2_only = ask(library, "natural_gas", "CN-HB", "2025-06-30", rules=Rules(combustion_gases=frozenset({"CO2"})))
    assert {p.role for p in with_all.parts} - {p.role for p in co2_only.parts} == {"ch4", "n2o"}


def test_published_rows_split_by_gas_are_taken_by_gas_never_with_their_total(library: Library) -> None:
    # DESNZ 2025, natural gas per kWh net CV: CO2 0.20229, CH4 0.00031, N2O 0.0001; their total 0.2027 stays out.
    found = ask(library, "natural_gas", "GB", "2025-06-30", unit="kWh_net")
    assert {p.factor.gas: p.factor.value for p in found.parts} == {"CO2": "0.20229", "CH4": "0.00031", "N2O": "0.0001"}


def test_several_units_and_none_asked_for_is_a_question(library: Library) -> None:
    for unit in ("", "kWh", "MWh"):  # of a fuel that is published at net and at gross calorific value
        with pytest.raises(UnitUndecided, match="kWh_gross"):
            ask(library, "natural_gas", "GB", "2025-06-30", unit=unit)
    gross = ask(library, "natural_gas", "GB", "2025-06-30", unit="kWh_gross")
    assert gross.parts[0].factor.value == "0.18259"  # DESNZ 2025, kWh (Gross CV), CO2


def test_a_gas_takes_the_warming_potential_of_the_methods_set(library: Library) -> None:
    # AR5 and AR6 of R-410A from its composition (50/50 HFC-32/HFC-125) in the EPA hub: 1923.5 and 2255.5.
    for gwp_set, value in (("AR5", "1923.5"), ("AR6", "2255.5")):
        found = ask(library, "refrigerant_r410a", "CN-HB", "2025-06-30", rules=Rules(gwp_set=gwp_set))
        assert [p.factor.value for p in found.parts] == [value]


def test_what_is_never_picked_by_itself(library: Library) -> None:
    refused = {row["factor"] for row in library.tables["series"] if library.factors[row["factor"]].refusal}
    assert "cn-elec-om-cn-grid-east" in refused  # mapped, and yet never taken
    for activity in activities(library).values():
        for region in ("CN-HB", "GB", "US"):
            try:
                found = ask(library, activity.id, region, "2025-06-30", unit=activity.unit)
            except (FactorNotFound, AmbiguousFactor):
                continue
            assert not refused & set(found.factor_ids), activity.id


def test_every_activity_is_answered_somewhere_or_needs_no_factor(library: Library) -> None:
    never = []
    for activity in activities(library).values():
        answered = not activity.inventory
        for region in ("CN-HB", "GB", "US"):
            try:
                ask(library, activity.id, region, "2025-06-30", unit=activity.unit)
            except FactorNotFound:
                continue
            except AmbiguousFactor:
                pass
            answered = True
        if not answered:
            never.append(activity.id)
    assert never == []


def test_names_and_aliases_find_an_activity(library: Library) -> None:
    assert ask(library, "天然气", "CN-HB", "2025-06-30").activity.id == "natural_gas"
    assert ask(library, "Electricity, bought", "CN-HB", "2025-06-30").activity.id == "electricity"
    with pytest.raises(AmbiguousActivity, match=r"diesel .*diesel_road .*diesel_offroad"):
        ask(library, "柴油", "CN-HB", "2025-06-30")
    with pytest.raises(AmbiguousActivity, match=r"anthracite .*bituminous_coal .*lignite"):
        ask(library, "原煤", "CN-HB", "2025-06-30")
    with pytest.raises(UnknownActivity) as caught:
        ask(library, "natural_gaz", "CN-HB", "2025-06-30")
    assert "natural_gas" in str(caught.value)


def test_an_own_factor_goes_before_the_library_and_the_suppliers_before_the_general(library: Library) -> None:
    base = library.factors["cn-heat-default"]
    general = replace(base, id="own-heat", value="0.09", region="CN-HB", refusal="")
    supplied = replace(base, id="own-heat-supplier", value="0.07", region="CN-HB", refusal="")
    unit = library.units[base.unit]
    overlay = Overlay(
        (
            OwnFactor("heat_purchased", general, unit),
            OwnFactor("heat_purchased", supplied, unit, kind="supplier", counterparty="热电厂"),
        ),
        "0" * 64,
    )
    query = Query("heat_purchased", date(2025, 6, 30), "CN-HB")
    assert match(query, library, overlay).variants == ("own_factor",)
    from_supplier = match(replace(query, counterparty="热电厂"), library, overlay)
    assert (from_supplier.factor_ids, from_supplier.variants) == (("own-heat-supplier",), ("supplier",))
    assert [c.factor_id for c in from_supplier.candidates][:1] == ["cn-heat-default"]
    elsewhere = match(replace(query, region="CN-GD"), library, overlay)
    assert elsewhere.factor_ids == ("cn-heat-default",)


def test_a_person_may_choose_a_weak_record_but_not_one_without_licence_or_meaning(library: Library) -> None:
    chosen = ask(library, "heat_purchased", "CN-BJ", "2025-06-30", factor="cn-heat-prov-cn-bj")
    assert (chosen.variants, chosen.detail["confidence"]) == (("chosen",), "low")
    with pytest.raises(ChosenFactorRefused, match="licence-not-stated"):
        ask(library, "supplier_specific", "CN", "2025-06-30", factor="mat-cpcd-steel-automotive-default-2021")
    with pytest.raises(ChosenFactorRefused, match="not-an-emission-factor"):
        ask(library, "natural_gas", "CN", "2025-06-30", factor="cn-fuel-ndrc2013-natural-gas-ncv")
    with pytest.raises(UnknownFactor):
        ask(library, "natural_gas", "CN", "2025-06-30", factor="no-such-record")


def test_between_two_edges_no_answer_changes(library: Library) -> None:
    edges = validity_edges(library)
    assert date(2023, 1, 1) in edges
    assert date(2024, 1, 1) in edges
    assert edges == sorted(set(edges))


def test_a_chosen_record_of_power_stays_inside_the_series_of_power(library: Library) -> None:
    grid = "cn-elec-2023-cn-grid-central"
    chosen = ask(library, "electricity", "CN-HB", "2023-06-30", factor=grid)
    assert (chosen.factor_ids, chosen.variants) == ((grid,), ("chosen", "parent_region"))
    # The market-based rest could not have taken it: there it changes nothing.
    rest = ask(library, "electricity", "CN-HB", "2023-06-30", factor=grid, rules=Rules(view="market"))
    assert rest.factor_ids == ("cn-elec-2023-excl",)
    for stranger in ("cn-elec-fp-2023-average", "cn-heat-default"):
        with pytest.raises(ChosenFactorRefused, match="another-series"):
            ask(library, "electricity", "CN-HB", "2023-06-30", factor=stranger)
    for stranger in ("cn-elec-2023-cn-yn", "elec-ember-af-2021"):
        with pytest.raises(ChosenFactorRefused, match="another-place"):
            ask(library, "electricity", "CN-HB", "2023-06-30", factor=stranger)


def test_a_chosen_record_of_another_place_or_year_says_so(library: Library) -> None:
    landfill = library.tables["series"]
    record = next(row["factor"] for row in landfill if row["series"] == "gb.waste_landfill")
    found = ask(library, "waste_landfill", "CN-HB", "2023-06-30", factor=record)
    assert found.variants == ("chosen", "other_region", "later_year")
    assert found.detail["region_used"] == "GB"
