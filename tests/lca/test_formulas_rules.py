"""What stands around the formulas: clinker lines, standard coal, uncertainty, weighting, base year."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lca.errors import BaseYearInvalid, DeductionAppliedTwice, DeductionWithoutClinker
from lca.formulas.base_year import Change, base_year_test
from lca.formulas.cement import settle_line
from lca.formulas.energy import tce_per_unit_by_coefficient, tce_per_unit_by_ncv
from lca.formulas.uncertainty import Rank, pool, rank_of, sum_uncertainty
from tests.lca.ledgers import library, weighted

# --- clinker lines ---------------------------------------------------------------------------------


def test_deductions_come_off_the_clinker_of_their_line() -> None:
    # 1000 kg of clinker CO2, deductions 240 and 60
    settled = settle_line("1", {"L1": "clinker_factor"}, {"L1": 1000.0, "L2": 240.0, "L3": 60.0})
    assert settled == {"L1": 1000.0, "L2": -240.0, "L3": -60.0}


def test_deductions_stop_at_zero_and_keep_their_shares() -> None:
    # 100 kg of clinker CO2 against 300 + 100 kg of deductions: a quarter of each is taken
    settled = settle_line("1", {"L1": "clinker_factor"}, {"L1": 100.0, "L2": 300.0, "L3": 100.0})
    assert settled == {"L1": 100.0, "L2": -75.0, "L3": -25.0}
    assert math.fsum(settled.values()) == 0.0


def test_organic_carbon_of_the_line_is_not_eaten_by_deductions() -> None:
    made = {"L1": "clinker_factor", "L2": "organic_carbon"}
    settled = settle_line("1", made, {"L1": 100.0, "L2": 30.0, "L3": 500.0})
    assert settled == {"L1": 100.0, "L2": 30.0, "L3": -100.0}


def test_a_deduction_of_nothing_is_nothing() -> None:
    assert settle_line("1", {"L1": "clinker_factor"}, {"L1": 10.0, "L2": 0.0}) == {"L1": 10.0, "L2": 0.0}


def test_a_line_without_deductions_stays_as_it_is() -> None:
    assert settle_line("1", {"L1": "clinker_oxides"}, {"L1": 10.0}) == {"L1": 10.0}


def test_measured_oxides_take_no_deductions() -> None:
    with pytest.raises(DeductionAppliedTwice, match=r"line '2号窑'.*remove the deductions L2, L3"):
        settle_line("2号窑", {"L1": "clinker_oxides"}, {"L1": 10.0, "L3": 1.0, "L2": 1.0})


def test_measured_kiln_dust_beside_default_clinker_keeps_the_deductions() -> None:
    made = {"L1": "clinker_factor", "L2": "clinker_oxides"}  # the dust is measured, the clinker is not
    settled = settle_line("1", made, {"L1": 100.0, "L2": 5.0, "L3": 40.0})
    assert settled == {"L1": 100.0, "L2": 5.0, "L3": -40.0}


def test_deductions_need_clinker() -> None:
    with pytest.raises(DeductionWithoutClinker, match="line '3' has deductions L2 but no clinker"):
        settle_line("3", {}, {"L2": 1.0})
    with pytest.raises(DeductionWithoutClinker):
        settle_line("3", {"L1": "organic_carbon"}, {"L1": 5.0, "L2": 1.0})


# --- standard coal ---------------------------------------------------------------------------------


def test_standard_coal_by_calorific_value_and_by_coefficient() -> None:
    assert tce_per_unit_by_ncv(29.3076) == pytest.approx(1.0, rel=1e-14)
    assert tce_per_unit_by_coefficient(0.7143) == pytest.approx(0.0007143, rel=1e-14)
    assert 10000.0 * tce_per_unit_by_coefficient(0.1229) == pytest.approx(1.229, rel=1e-14)


# --- uncertainty -----------------------------------------------------------------------------------

RANKS = (Rank("high", 5.0), Rank("good", 15.0), Rank("fair", 30.0), Rank("poor", None))


def test_uncertainty_of_a_sum() -> None:
    # sqrt((10 % x 300)^2 + (20 % x 100)^2) / 400 = sqrt(900 + 400) / 400 = 9.0138781...%
    assert sum_uncertainty([(10, 300), (20, 100)]) == pytest.approx(100 * math.sqrt(1300) / 400, rel=1e-12)
    # deducted parts widen it: the same errors against 200
    assert sum_uncertainty([(10, 300), (20, -100)]) == pytest.approx(100 * math.sqrt(1300) / 200, rel=1e-12)


def test_uncertainty_of_overlapping_parts_is_against_the_total() -> None:
    # one factor (5 %) and one meter (12 %) of the same 100 t: sqrt(5^2 + 12^2) = 13 %
    assert sum_uncertainty([(5, 100), (12, 100)], total=100) == pytest.approx(13.0, rel=1e-12)


def test_a_sum_of_nothing_has_no_percentage() -> None:
    assert sum_uncertainty([]) is None
    assert sum_uncertainty([(5, 10), (5, -10)]) is None


def test_a_million_rows_of_one_factor_stay_as_uncertain_as_the_factor() -> None:
    rows = [("cn-elec-2023-cn-gd", 15.0, 0.5)] * 1_000_000
    pooled = pool(rows)
    assert pooled == {"cn-elec-2023-cn-gd": (15.0, 500_000.0)}
    assert sum_uncertainty(pooled.values()) == pytest.approx(15.0, rel=1e-12)
    apart = sum_uncertainty((percent, value) for _, percent, value in rows)
    assert apart == pytest.approx(0.015, rel=1e-9)  # what would come out without pooling


def test_the_widest_of_a_pool_stands() -> None:
    assert pool([("m", 5.0, 1.0), ("m", 30.0, 2.0), ("n", 5.0, 4.0)]) == {"m": (30.0, 3.0), "n": (5.0, 4.0)}


@given(st.lists(st.floats(0, 200), min_size=1, max_size=8))
def test_a_product_is_at_least_as_uncertain_as_its_worst_part(percents: list[float]) -> None:
    result = sum_uncertainty([(percent, 1.0) for percent in percents], total=1.0)
    assert result is not None
    assert max(percents) * (1 - 1e-12) <= result <= math.fsum(percents) * (1 + 1e-12)


def test_ranks_end_at_their_limit() -> None:
    assert [rank_of(percent, RANKS) for percent in (5, 5.01, 15, 30, 30.1)] == ["high", "good", "good", "fair", "poor"]


# --- weighting -------------------------------------------------------------------------------------

GASES = st.dictionaries(
    st.sampled_from(sorted(library().gwp_sets["AR6"].values)), st.floats(0, 1e6), min_size=1, max_size=6
)


@given(GASES)
def test_the_co2e_is_the_sum_of_the_gases(masses_kg: dict[str, float]) -> None:
    each = [weighted({gas: mass}, "AR6") for gas, mass in masses_kg.items()]
    assert weighted(masses_kg, "AR6") == pytest.approx(math.fsum(each), rel=1e-12)


@given(GASES)
def test_twice_the_gas_is_twice_the_co2e(masses_kg: dict[str, float]) -> None:
    twice = {gas: 2 * mass for gas, mass in masses_kg.items()}
    assert weighted(twice, "AR6") == pytest.approx(2 * weighted(masses_kg, "AR6"), rel=1e-12)


# --- base year -------------------------------------------------------------------------------------


def test_only_changes_of_the_inventory_itself_count() -> None:
    changes = [
        Change("structure", 900, "works sold"),
        Change("error", -700, "meter read twice"),
        Change("growth", 20000),
        Change("grid_year", -5000),
    ]
    outcome = base_year_test(50000, changes, 5)
    # (900 + 700) / 50000 = 3.2 %
    assert outcome.percent == pytest.approx(3.2, rel=1e-12)
    assert outcome.recalculate is False
    assert [change.kind for change in outcome.ignored] == ["growth", "grid_year"]


def test_small_changes_add_up_and_do_not_cancel() -> None:
    changes = [Change("outsourcing", 1300), Change("structure", -1200)]
    assert base_year_test(50000, changes, 5).recalculate is True  # 2.6 % + 2.4 % = 5 %, the threshold itself
    assert base_year_test(50000, [], 0).recalculate is False  # nothing changed: nothing to recalculate


def test_a_base_year_that_cannot_be_compared_says_why() -> None:
    with pytest.raises(BaseYearInvalid) as caught:
        base_year_test(0, [Change("weather", 1)], 5)
    assert len(caught.value.problems) == 2
    assert "weather: not one of structure, outsourcing, method, error, growth, grid_year" in str(caught.value)
