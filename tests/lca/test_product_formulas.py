"""Formulas of product footprints: carbon, power, PACT, vehicles, batteries, EN 15804, CBAM; laws and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lca import battery, cbam, modules, pact, power_mix, vehicle
from lca.carbon_balance import biogenic_residual, land_use_change, uptake_kgco2
from lca.errors import OperandMissing, OperandOutOfRange, UnknownModule
from lca.footprint_method import load
from lca.transport_legs import Leg, legs_kgco2e

share = st.floats(0, 1)
amount = st.floats(0, 1e6)
factor = st.floats(-100, 100)
parts = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(1, 5)), min_size=1, max_size=10)


# --- carbon ----------------------------------------------------------------------------------------


@given(carbon=amount)
def test_what_was_taken_up_and_is_released_leaves_nothing(carbon: float) -> None:
    assert uptake_kgco2(carbon) <= 0
    assert biogenic_residual([uptake_kgco2(carbon), -uptake_kgco2(carbon)]) == 0


@given(before=amount, after=amount, years=st.floats(1, 100), crop=st.floats(0.1, 100))
def test_land_that_changes_back_takes_up_what_it_lost(before: float, after: float, years: float, crop: float) -> None:
    assert land_use_change(before, after, years, crop) == -land_use_change(after, before, years, crop)


# --- electricity -----------------------------------------------------------------------------------


@given(generation=amount, loss=st.floats(0, 0.99), upstream=amount)
def test_losses_never_make_power_cleaner(generation: float, loss: float, upstream: float) -> None:
    assert power_mix.consumption_factor(generation, loss, upstream) >= generation + upstream - 1e-6
    assert power_mix.consumption_factor(generation, 0, 0) == generation


@given(generated=st.floats(1, 1e6), mean=st.floats(0.01, 2), claimed=st.floats(0, 0.99), clean=share)
def test_the_claims_and_what_is_left_are_the_whole_market(
    generated: float, mean: float, claimed: float, clean: float
) -> None:
    claim = (generated * claimed, mean * clean)
    left = power_mix.residual_mix(generated, generated * mean, [claim])
    together = power_mix.blend([claim, (generated * (1 - claimed), left)])
    assert math.isclose(together, generated * mean, rel_tol=1e-9)
    assert left >= mean * (1 - 1e-9)


def test_more_than_the_market_cannot_be_claimed() -> None:
    with pytest.raises(OperandOutOfRange, match="unclaimed = 0, expected 0 < unclaimed"):
        power_mix.residual_mix(100, 50, [(100, 0.1)])
    with pytest.raises(OperandOutOfRange, match="still_emitted = -10, expected 0 <= still_emitted"):
        power_mix.residual_mix(100, 50, [(60, 1)])


# --- PACT ------------------------------------------------------------------------------------------


@given(fossil=amount, uptake=amount, removed=amount, luc=amount)
def test_uptake_is_all_that_lies_between_the_two_numbers(
    fossil: float, uptake: float, removed: float, luc: float
) -> None:
    found = pact.headline(
        pact.Components(fossil, land_use_change=luc, technological_removals=-removed, biogenic_uptake=-uptake)
    )
    assert math.isclose(found.excluding_uptake, fossil + luc - removed, rel_tol=1e-9, abs_tol=1e-6)
    assert math.isclose(found.excluding_uptake - found.including_uptake, uptake, rel_tol=1e-9, abs_tol=1e-6)


def test_components_of_the_wrong_sign_are_named_together() -> None:
    wrong = pact.Components(-1, land_management_removals=2, ccs_capture=3, biogenic_uptake=4)
    with pytest.raises(OperandOutOfRange) as caught:
        pact.headline(wrong)
    assert str(caught.value).endswith(
        "fossil = -1, expected fossil >= 0; land_management_removals = 2, expected land_management_removals <= 0; "
        "ccs_capture = 3, expected ccs_capture <= 0; biogenic_uptake = 4, expected biogenic_uptake <= 0"
    )
    with pytest.raises(OperandOutOfRange, match="fossil = nan, expected a finite number"):
        pact.headline(pact.Components(math.nan))


@given(parts=parts)
def test_a_rating_lies_between_the_best_and_the_worst_of_its_inputs(parts: list[tuple[float, float]]) -> None:
    found = pact.data_quality_rating(parts, 1, 5)
    counted = [rating for size, rating in parts if size]
    if not counted:
        assert found is None
        return
    assert found is not None
    assert min(counted) - 1e-9 <= found <= max(counted) + 1e-9
    assert pact.data_quality_rating([(-size, rating) for size, rating in parts], 1, 5) == found


def test_shares_and_ratings_outside_their_scale_name_the_part() -> None:
    with pytest.raises(OperandOutOfRange, match="part 2 = 120, expected 0 to 100"):
        pact.primary_data_share([(1, 100), (1, 120)])
    with pytest.raises(OperandOutOfRange, match="part 1 = 0, expected 1 to 5"):
        pact.data_quality_rating([(1, 0)], 1, 5)
    assert pact.primary_data_share([]) is None


# --- transport -------------------------------------------------------------------------------------


def test_legs_add_up_and_refuse_what_no_leg_can_be() -> None:
    truck, ship = Leg(2.5, 800, 0.08), Leg(2.5, 10000, 0.01)
    assert legs_kgco2e([truck, ship]) == pytest.approx(160 + 250)
    assert legs_kgco2e([]) == 0
    with pytest.raises(OperandOutOfRange, match="mass_t = -1"):
        legs_kgco2e([Leg(-1, 10, 0.1)])
    with pytest.raises(OperandOutOfRange, match="distance_km = 60000"):
        legs_kgco2e([Leg(1, 60000, 0.1)])


# --- vehicle ---------------------------------------------------------------------------------------


@given(mass=amount, price=factor, utilisation=st.floats(0.05, 1))
def test_what_is_cut_away_is_bought_too(mass: float, price: float, utilisation: float) -> None:
    whole = vehicle.parts_kgco2e([vehicle.Part("door", mass, price)])
    cut = vehicle.parts_kgco2e([vehicle.Part("door", mass, price, utilisation)])
    assert math.isclose(cut * utilisation, whole, rel_tol=1e-9, abs_tol=1e-9)


@given(lifetime=st.integers(1, 10**6), interval=st.integers(1, 10**6))
def test_replacements_are_counted_kilometre_by_kilometre(lifetime: int, interval: int) -> None:
    """A part is replaced at every multiple of its interval before the last kilometre."""
    assert vehicle.replacements(lifetime, interval) == (lifetime - 1) // interval


@given(utility=share, electric=amount, fuelled=amount)
def test_a_plug_in_hybrid_lies_between_its_two_ways_of_driving(utility: float, electric: float, fuelled: float) -> None:
    found = vehicle.plug_in_use(utility, electric, fuelled)
    assert min(electric, fuelled) * (1 - 1e-12) <= found <= max(electric, fuelled) * (1 + 1e-12)
    assert vehicle.plug_in_use(1, electric, fuelled) == electric
    assert vehicle.plug_in_use(0, electric, fuelled) == fuelled


def test_the_loss_of_charging_counts_once() -> None:
    with pytest.raises(OperandOutOfRange, match=r"charging_efficiency = 0\.9, expected none at the plug"):
        vehicle.electricity_use(13, 150000, 0.57, "plug", 0.9)
    with pytest.raises(OperandMissing, match=r"lacks: charging_efficiency \(fraction\)"):
        vehicle.electricity_use(13, 150000, 0.57, "battery")
    with pytest.raises(OperandOutOfRange, match="charging_efficiency = 0, expected 0 < charging_efficiency"):
        vehicle.electricity_use(13, 150000, 0.57, "battery", 0)


def test_the_masses_of_the_parts_meet_the_curb_mass() -> None:
    assert vehicle.mass_gap_percent([800, 600, 70], 1500) == pytest.approx(-2)


def test_an_impossible_part_is_named() -> None:
    with pytest.raises(OperandOutOfRange) as caught:
        vehicle.parts_kgco2e([vehicle.Part("左前门", -12, math.inf, 0)])
    assert str(caught.value) == (
        "formula 'vehicle.part 左前门': outside the physical range: amount = -12, expected 0 <= amount; "
        "factor = inf, expected a finite number; utilisation = 0, expected 0 < utilisation"
    )


# --- battery ---------------------------------------------------------------------------------------


@given(years=st.floats(1, 30), km=st.floats(1000, 1e6), per_year=st.floats(1000, 1e5))
def test_a_warranty_ends_with_whichever_comes_first(years: float, km: float, per_year: float) -> None:
    found = battery.service_years(years, km, per_year)
    assert found <= years
    assert found * per_year <= km * (1 + 1e-9)


def test_stages_of_a_battery_may_be_credits_but_are_numbers() -> None:
    assert battery.per_kwh({"production": 1000, "end_of_life": -200}, 400) == 2
    with pytest.raises(OperandOutOfRange, match="production = nan, expected a finite number; energy_kwh = 0"):
        battery.per_kwh({"production": math.nan}, 0)


# --- EN 15804 --------------------------------------------------------------------------------------

UPTAKE, RELEASE = modules.Gwp(1.0, -0.6, 0.01), modules.Gwp(0.1, 0.6, 0.0)


def test_the_three_indicators_make_the_total_and_d_stands_apart() -> None:
    declared = {"A1": UPTAKE, "C3": RELEASE, "D": modules.Gwp(-5, -5, -5)}
    found = modules.sum_of(declared)
    assert found == modules.Gwp(pytest.approx(1.1), 0.0, pytest.approx(0.01))
    assert UPTAKE.total == pytest.approx(0.41)
    without = modules.sum_of({name: gwp for name, gwp in declared.items() if name != "D"})
    assert found == without


def test_what_is_not_declared_is_nd() -> None:
    declared = dict.fromkeys(("A1", "A2", "A3", "C1", "C2", "C3", "C4", "D"), UPTAKE)
    assert modules.undeclared(declared) == ("A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "B7")
    assert modules.undeclared(dict.fromkeys((*modules.MODULES, "D"), UPTAKE)) == ()
    with pytest.raises(UnknownModule, match="no life-cycle modules: A1-A3, E1; there are: A1, A2"):
        modules.sum_of({"A1-A3": UPTAKE, "E1": UPTAKE})


def test_the_modules_are_those_of_the_method() -> None:
    assert (*modules.MODULES, modules.BEYOND) == tuple(stage.id for stage in load("en15804.a2").boundary.stages)


@given(a=st.floats(0, 1000), loss=st.floats(0, 1))
def test_lost_concrete_is_made_too(a: float, loss: float) -> None:
    assert math.isclose(modules.concrete(a, a, a, loss), 3 * a + 3 * a * loss, rel_tol=1e-9, abs_tol=1e-9)


@given(years=st.floats(0, 100), depth=st.floats(0, 5))
def test_carbonation_grows_with_the_root_of_time(years: float, depth: float) -> None:
    one, four = (modules.carbonation_in_use(depth, t, 10, 0.48, 300, 0.75) for t in (years, 4 * years))
    assert math.isclose(four, 2 * one, rel_tol=1e-9, abs_tol=1e-12)


# --- CBAM ------------------------------------------------------------------------------------------


def test_embedded_emissions_keep_direct_and_indirect_apart() -> None:
    clinker = cbam.Good("clinker", cbam.Embedded(0.8, 0.03))
    cement = cbam.Good("cement", cbam.Embedded(0.0, 0.05), (cbam.Precursor(clinker, 0.78),))
    found = cbam.embedded(cement)
    assert found.direct == pytest.approx(0.78 * 0.8)
    assert found.indirect == pytest.approx(0.05 + 0.78 * 0.03)


@given(own=amount, of_precursor=amount, masses=st.lists(st.floats(0, 3), min_size=1, max_size=5))
def test_a_precursor_in_parts_is_the_precursor_as_a_whole(own: float, of_precursor: float, masses: list[float]) -> None:
    pig_iron = cbam.Good("pig iron", cbam.Embedded(of_precursor, 0))
    parts = tuple(cbam.Precursor(pig_iron, mass) for mass in masses)
    whole = (cbam.Precursor(pig_iron, math.fsum(masses)),)
    one, other = (cbam.embedded(cbam.Good("steel", cbam.Embedded(own, 0), inputs)) for inputs in (parts, whole))
    assert math.isclose(one.direct, other.direct, rel_tol=1e-9)


def test_a_precursor_from_the_union_counts_zero_with_all_that_is_in_it() -> None:
    ore = cbam.Good("sintered ore", cbam.Embedded(0.3, 0))
    iron = cbam.Good("pig iron", cbam.Embedded(1.5, 0), (cbam.Precursor(ore, 1.4),), is_exempt=True)
    steel = cbam.Good("steel", cbam.Embedded(0.2, 0.1), (cbam.Precursor(iron, 1.1),))
    assert cbam.embedded(steel) == cbam.Embedded(0.2, 0.1)
    with pytest.raises(OperandOutOfRange, match=r"cbam\.embedded pig iron.*mass = -1"):
        cbam.embedded(cbam.Good("steel", cbam.Embedded(0, 0), (cbam.Precursor(iron, -1),)))


def test_embedded_emissions_are_numbers() -> None:
    iron = cbam.Good("pig iron", cbam.Embedded(math.nan, math.inf))
    with pytest.raises(OperandOutOfRange, match=r"cbam\.embedded pig iron.*direct = nan.*indirect = inf"):
        cbam.embedded(cbam.Good("steel", cbam.Embedded(0, 0), (cbam.Precursor(iron, 1),)))


@given(heat=st.floats(0.01, 1), power=st.floats(0.01, 1), of_heat=st.floats(0.1, 1), of_power=st.floats(0.1, 1))
def test_heat_and_power_of_a_cogeneration_share_all_of_it(
    heat: float, power: float, of_heat: float, of_power: float
) -> None:
    one = cbam.cogeneration_heat_share(heat, power, of_heat, of_power)
    assert math.isclose(one + cbam.cogeneration_heat_share(power, heat, of_power, of_heat), 1, rel_tol=1e-9)


@given(direct=st.floats(-1e4, 1e4), level=st.floats(1, 1e5))
def test_attributed_emissions_are_never_negative(direct: float, level: float) -> None:
    found = cbam.specific(cbam.attributed_direct(direct, 0, 0), level)
    assert found == max(0.0, direct) / level


def test_indirect_emissions_count_what_was_used_less_what_was_made() -> None:
    assert cbam.attributed_indirect(500, 120) == 380


@given(installation=st.floats(1, 1e6), meters=st.lists(st.floats(0.01, 1e5), min_size=1, max_size=6))
def test_reconciled_meters_meet_the_installation(installation: float, meters: list[float]) -> None:
    processes = {f"installation {number}": meter for number, meter in enumerate(meters)} | {"installation": 1.0}
    found = cbam.reconciliation_factor(installation, processes)
    assert math.isclose(math.fsum(found * meter for meter in processes.values()), installation, rel_tol=1e-9)


@given(mass=amount, see=st.floats(0, 10), sefa=st.floats(0, 10), paid=amount)
def test_certificates_never_go_below_zero(mass: float, see: float, sefa: float, paid: float) -> None:
    found = cbam.certificates(mass, see, sefa, paid)
    assert found >= 0
    assume(mass * (see - sefa) > paid)
    assert math.isclose(found + paid, mass * (see - sefa), rel_tol=1e-9)


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: uptake_kgco2(-1), "carbon_kg = -1, expected 0 <= carbon_kg"),
        (lambda: land_use_change(-1, 40, 0, 5), "carbon_before = -1.*years = 0, expected 0 < years"),
        (lambda: power_mix.consumption_factor(0.5, 1, -1), "loss = 1, expected below 1; upstream = -1"),
        (lambda: power_mix.consumption_factor(0.5, 1.2, 0), "loss = 1.2, expected 0 <= loss <= 1"),
        (lambda: power_mix.residual_mix(0, -1, []), "generated = 0.*emissions = -1"),
        (lambda: power_mix.blend([(1, 0.5), (-1, math.nan)]), "amount = -1.*factor = nan"),
        (lambda: vehicle.mass_gap_percent([], 0), "curb_mass_kg = 0"),
        (lambda: vehicle.replacements(0, -5), "lifetime_km = 0.*interval_km = -5"),
        (lambda: vehicle.refrigerant_lost_kg(-1, 5, 12, 0.2), "charge_kg = -1.*annual_leak = 5"),
        (lambda: vehicle.fuel_use(-6, 0, 2.37, 0.6), "l_per_100km = -6.*lifetime_km = 0"),
        (lambda: vehicle.plug_in_use(65, 1, 1), "utility_factor = 65"),
        (lambda: vehicle.hydrogen_use(-1, 0, 1), "kg_per_100km = -1.*lifetime_km = 0"),
        (lambda: vehicle.g_per_km(1, 0), "lifetime_km = 0"),
        (lambda: battery.service_years(0, 1, 1), "warranty_years = 0"),
        (lambda: battery.total_energy_kwh(60, 0, 8), "cycles_per_year = 0"),
        (lambda: modules.cement(78, math.inf, -1, 0.5, 0), "clinker_ratio = 78.*kwh = -1.*clinker = inf"),
        (lambda: modules.concrete(1, 1, 1, -0.1), "loss = -0.1"),
        (lambda: modules.carbonation_potential(65, 0.95), "reactive_cao = 65"),
        (lambda: modules.carbonation_in_use(1.6, -1, 10, 0.48, 300, 75), "years = -1.*degree = 75"),
        (lambda: cbam.attributed_direct(math.nan, -1, 0), "heat_in = -1.*direct = nan"),
        (lambda: cbam.attributed_indirect(-1, 0), "consumed = -1"),
        (lambda: cbam.specific(1, 0), "activity_level = 0"),
        (lambda: cbam.by_clinker_content(0.86, 78), "clinker_content = 78"),
        (lambda: cbam.heat_emissions(56.1, 9, 90), "efficiency = 90"),
        (lambda: cbam.cogeneration_heat_share(0, 0, 0.9, 0.5), "heat_and_power = 0"),
        (lambda: cbam.cogeneration_heat_share(55, 0.2, 0, 0.5), "heat = 55.*reference_heat = 0"),
        (lambda: cbam.waste_gas(-1, 1, 1), "volume = -1"),
        (lambda: cbam.reconciliation_factor(1, {"kiln": -1}), "kiln = -1.*all_processes = -1"),
        (lambda: cbam.marked_up(-1, 0.1), "default = -1"),
        (lambda: cbam.process_free_allocation(97.5, 1, 0.666), "cbam_factor = 97.5"),
        (lambda: cbam.embedded_free_allocation(0.1, [(-1, 0.1)]), "mass = -1"),
        (lambda: cbam.certificates(1, -1, 0), "see = -1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(OperandOutOfRange, match=told):
        call()
