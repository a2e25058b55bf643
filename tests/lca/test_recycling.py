"""Rules for recycled content and end of life: where they have to agree, and what they refuse."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lca.errors import OperandMissing, OperandOutOfRange
from lca.recycling import (
    FACTORS,
    RULES,
    EndOfLife,
    EnergyRecovery,
    cff,
    cutoff,
    fifty_fifty,
    input_mass,
    iso14067_closed,
    iso14067_open,
    module_d,
    module_d_energy,
    per_kg,
    scrap_value,
    worldsteel_net_scrap,
)

share = st.floats(0, 1)
factor = st.floats(-50, 50)
FURNACE = EnergyRecovery(lhv=40, x_heat=0.3, x_el=0.12)


def close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


# --- where rules agree -----------------------------------------------------------------------------


@given(r1=share, e_v=factor, e_rec=factor, b=share, quality=share)
def test_cff_with_a_of_one_and_no_recycling_at_the_end_is_cut_off(
    r1: float, e_v: float, e_rec: float, b: float, quality: float
) -> None:
    factors = {"e_v": e_v, "e_rec": e_rec, "e_d": 0.0}
    formula = cff(r1, EndOfLife(0.0), a=1, b=b, qs_in=quality, qs_out=quality)
    assert close(per_kg(formula, factors), per_kg(cutoff(r1), factors))
    assert close(per_kg(formula, factors), per_kg(cutoff(r1, EndOfLife(0.0)), factors))


@given(r1=share, r2=share, e_v=factor, e_rec=factor, e_d=factor)
def test_fifty_fifty_is_cff_with_a_of_a_half(r1: float, r2: float, e_v: float, e_rec: float, e_d: float) -> None:
    factors = {"e_v": e_v, "e_rec": e_rec, "e_rec_eol": e_rec, "e_v_star": e_v, "e_d": e_d}
    end = EndOfLife(r2)
    half = cff(r1, end, a=0.5, b=0, qs_in=1, qs_out=1)
    assert close(per_kg(fifty_fifty(r1, end), factors), per_kg(half, factors))


@given(r=share, a=share, other=share, e_v=factor, e_rec=factor, e_d=factor)
def test_in_a_closed_loop_of_full_quality_cff_does_not_depend_on_a(
    r: float, a: float, other: float, e_v: float, e_rec: float, e_d: float
) -> None:
    factors = {"e_v": e_v, "e_rec": e_rec, "e_rec_eol": e_rec, "e_v_star": e_v, "e_d": e_d}
    one, two = (per_kg(cff(r, EndOfLife(r), a=x, b=0, qs_in=1, qs_out=1), factors) for x in (a, other))
    assert close(one, two)


@given(r=share, e_v=factor, e_eol=factor)
def test_a_closed_loop_is_an_open_one_that_keeps_its_value(r: float, e_v: float, e_eol: float) -> None:
    factors = {"e_v": e_v, "e_eol": e_eol}
    assert close(per_kg(iso14067_closed(r), factors), per_kg(iso14067_open(r, 1.0), factors))
    assert close(per_kg(iso14067_open(r, 0.0), factors), e_v + e_eol)


@given(recovered=share, scrap_yield=share, x=factor, x_pr=factor, x_re=factor)
def test_steel_that_returns_what_it_took_is_worth_its_gate_value(
    recovered: float, scrap_yield: float, x: float, x_pr: float, x_re: float
) -> None:
    factors = {"x": x, "x_pr": x_pr, "x_re": x_re}
    assert close(per_kg(worldsteel_net_scrap(recovered, recovered, scrap_yield), factors), x)


@given(recovered=share, scrap_in=st.floats(0, 2), scrap_yield=share, x=factor, x_pr=factor, x_re=factor)
def test_net_scrap_is_priced_at_the_value_of_scrap(
    recovered: float, scrap_in: float, scrap_yield: float, x: float, x_pr: float, x_re: float
) -> None:
    factors = {"x": x, "x_pr": x_pr, "x_re": x_re}
    value = per_kg(scrap_value(scrap_yield), factors)
    found = per_kg(worldsteel_net_scrap(recovered, scrap_in, scrap_yield), factors)
    assert close(found, x - (recovered - scrap_in) * value)


# --- module D --------------------------------------------------------------------------------------


@given(m_out=st.floats(0, 5), m_in=st.floats(0, 5), quality=share, after=st.floats(0, 10), saved=st.floats(0, 10))
def test_module_d_turns_its_sign_with_the_flow(
    m_out: float, m_in: float, quality: float, after: float, saved: float
) -> None:
    factors = {"e_after_eow": after, "e_substituted": saved}
    there, back = per_kg(module_d(m_out, m_in, quality), factors), per_kg(module_d(m_in, m_out, quality), factors)
    assert close(there, -back)
    assume(abs(saved * quality - after) > 1e-6 and abs(m_out - m_in) > 1e-6)
    is_load = (m_out < m_in) == (saved * quality > after)
    assert (there > 0) == is_load


def test_energy_that_replaces_other_energy_is_a_benefit_of_module_d() -> None:
    # 0.5 kg x (40 MJ/kg x 0.3 x 0.07 + 40 MJ/kg x 0.12 x 0.15) = 0.5 x (0.84 + 0.72) = 0.78 kg
    assert per_kg(module_d_energy(0.5, FURNACE), {"e_se_heat": 0.07, "e_se_el": 0.15}) == pytest.approx(-0.78)


# --- weights ---------------------------------------------------------------------------------------


@given(r1=share, r2=share, r3=share, a=share, b=share)
def test_where_everything_weighs_the_same_only_burning_and_its_credit_differ(
    r1: float, r2: float, r3: float, a: float, b: float
) -> None:
    """The weights of a rule add up to the kilogram that is made and the kilogram that is disposed of."""
    assume(r2 + r3 <= 1)
    end = EndOfLife(r2, r3)
    weights = cutoff(r1, end)
    assert close(weights["e_v"] + weights["e_rec"], 1)
    assert close(weights["e_d"] + weights["e_er"] + r2, 1)
    formula = cff(r1, end, a=a, b=b, qs_in=1, qs_out=1, energy=FURNACE)
    assert close(formula["e_v"] + formula["e_rec"], 1)
    assert close(formula["e_rec_eol"] + formula["e_v_star"], 0)
    assert close(formula["e_er"], (1 - b) * r3)


@given(scale=st.floats(0.1, 10), r1=share, r2=share)
def test_twice_the_factors_are_twice_the_footprint(scale: float, r1: float, r2: float) -> None:
    factors = dict.fromkeys(FACTORS, 1.7)
    weights = cff(r1, EndOfLife(r2), a=0.2, b=0, qs_in=0.9, qs_out=0.8)
    assert close(per_kg(weights, {k: scale * v for k, v in factors.items()}), scale * per_kg(weights, factors))


def test_every_rule_names_factors_with_units() -> None:
    end = EndOfLife(0.5, 0.2)
    used = [
        cutoff(0.1, end),
        cff(0.1, end, a=0.2, b=0, qs_in=1, qs_out=1, energy=FURNACE),
        fifty_fifty(0.1, end),
        iso14067_open(0.5, 0.5),
        worldsteel_net_scrap(0.9, 0.1, 0.9),
        module_d(1, 0, 1),
    ]
    assert {key for weights in used for key in weights} == set(FACTORS)
    assert set(RULES) == {
        "recycling.cutoff",
        "recycling.worldsteel",
        "recycling.iso14067_closed",
        "recycling.iso14067_open",
        "recycling.cff",
        "recycling.5050",
        "en15804.d",
    }


def test_nothing_is_left_over_where_the_shares_are_whole() -> None:
    assert EndOfLife(0.9, 0.1).disposed == 0
    assert per_kg(cutoff(0.0, EndOfLife(0.9, 0.1)), {"e_v": 2.0, "e_er": 3.0}) == pytest.approx(2.3)


# --- yields ----------------------------------------------------------------------------------------


@given(output=st.floats(0.1, 1e6), yields=st.lists(st.floats(0.05, 1), max_size=6))
def test_every_step_takes_in_at_least_what_it_gives(output: float, yields: list[float]) -> None:
    chain = [input_mass(output, yields[:steps]) for steps in range(len(yields) + 1)]
    assert chain[0] == output
    assert all(later >= earlier for earlier, later in pairwise(chain))


# --- what is refused -------------------------------------------------------------------------------


def test_all_impossible_shares_are_named_at_once() -> None:
    with pytest.raises(OperandOutOfRange) as caught:
        cff(1.4, EndOfLife(-0.1), a=20, b=0, qs_in=1, qs_out=float("nan"), energy=EnergyRecovery(-1, 0.3, 2))
    assert str(caught.value) == (
        "formula 'recycling.cff': outside the physical range: r1 = 1.4, expected 0 <= r1 <= 1; "
        "a = 20, expected 0 <= a <= 1; qs_out = nan, expected 0 <= qs_out <= 1; r2 = -0.1, expected 0 <= r2 <= 1; "
        "lhv = -1, expected 0 <= lhv; x_el = 2, expected 0 <= x_el <= 1"
    )


def test_more_than_everything_cannot_be_recovered() -> None:
    with pytest.raises(OperandOutOfRange, match=r"r2 \+ r3 = 1.1, expected at most 1"):
        cutoff(0.0, EndOfLife(0.8, 0.3))


def test_burning_gives_no_more_than_it_holds() -> None:
    with pytest.raises(OperandOutOfRange, match=r"x_heat \+ x_el = 1.1, expected at most 1"):
        module_d_energy(1, EnergyRecovery(40, 0.8, 0.3))


def test_burning_without_what_it_gives_is_asked_for() -> None:
    with pytest.raises(OperandMissing, match=r"'recycling.cff' lacks: lhv \(MJ/kg\), x_heat \(fraction\)"):
        cff(0.0, EndOfLife(0.0, 0.3), a=0.5, b=0, qs_in=1, qs_out=1)


def test_factors_that_count_have_to_be_given_and_others_need_not() -> None:
    assert per_kg(cutoff(1.0), {"e_rec": 0.6}) == 0.6
    with pytest.raises(OperandMissing, match=r"lacks: e_v \(kgCO2e/kg\), e_d \(kgCO2e/kg\)"):
        per_kg(cutoff(0.5, EndOfLife(0.5)), {"e_rec": 0.6})


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: iso14067_open(2, 0.5), "r = 2"),
        (lambda: iso14067_closed(-1), "r = -1"),
        (lambda: worldsteel_net_scrap(0.9, -0.1, 1.2), "scrap_yield = 1.2.*scrap_in = -0.1"),
        (lambda: scrap_value(1.2), "scrap_yield = 1.2"),
        (lambda: fifty_fifty(0.5, EndOfLife(2)), "r2 = 2"),
        (lambda: module_d(-1, 0, 2), "m_out = -1.*quality = 2"),
        (lambda: module_d_energy(-1, FURNACE), "burned = -1"),
        (lambda: input_mass(0, [0.9, 0, 1.2]), "output = 0.*yield_2 = 0, expected 0 < yield_2; yield_3 = 1.2"),
    ],
)
def test_values_that_no_material_has(call: object, told: str) -> None:
    assert callable(call)
    with pytest.raises(OperandOutOfRange, match=told):
        call()
