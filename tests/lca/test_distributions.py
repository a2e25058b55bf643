"""Distributions of amounts: every quantile against scipy.stats, signs, what is cut at zero, what cannot be drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lca.dataset import Uncertainty
from lca.distributions import CERTAIN, Law, Table, law, of_percent
from lca.errors import UncertaintyInvalid

Z = np.linspace(-5, 5, 101)
P = stats.norm.cdf(Z)


def drawn(amount: float, uncertainty: Uncertainty | None) -> Any:
    """Return the amounts of the deviates Z."""
    found = law(amount, uncertainty)
    assert found.problem == ""
    assert found.kind != CERTAIN
    return Table([found]).draw(Z[None, :])[0]


LOGNORMAL = Uncertainty("lognormal", math.log(3), 0.4)
NORMAL = Uncertainty("normal", 3, 0.2)
TRIANGULAR = Uncertainty("triangular", 3, minimum=1, maximum=9)
UNIFORM = Uncertainty("uniform", minimum=1, maximum=9)


@pytest.mark.parametrize(
    ("uncertainty", "expected"),
    [
        (LOGNORMAL, stats.lognorm(0.4, scale=3)),
        (NORMAL, stats.norm(3, 0.2)),
        (TRIANGULAR, stats.triang(0.25, loc=1, scale=8)),
        (Uncertainty("triangular", 3, minimum=3, maximum=9), stats.triang(0, loc=3, scale=6)),
        (Uncertainty("triangular", 3, minimum=1, maximum=3), stats.triang(1, loc=1, scale=2)),
        (UNIFORM, stats.uniform(1, 8)),
        (Uncertainty("normal", 3, 2), stats.truncnorm(-1.5, np.inf, loc=3, scale=2)),
        (Uncertainty("normal", 3, 0.5), stats.truncnorm(-6, np.inf, loc=3, scale=0.5)),
        (Uncertainty("uniform", minimum=-2, maximum=9), stats.uniform(0, 9)),
    ],
)
def test_every_quantile_is_that_of_scipy(uncertainty: Uncertainty, expected: Any) -> None:
    np.testing.assert_allclose(drawn(3, uncertainty), expected.ppf(P), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("low", "mode", "high"), [(-2, 3, 9), (-2, 0, 9), (-4, -1, 9)])
def test_a_triangle_across_zero_keeps_its_shape_above(low: float, mode: float, high: float) -> None:
    """F(x | x > 0) = (F(x) - F(0)) / (1 - F(0)), with F by scipy."""
    whole = stats.triang((mode - low) / (high - low), loc=low, scale=high - low)
    uncertainty = Uncertainty("triangular", mode, minimum=low, maximum=high)
    found = drawn(3, uncertainty)
    below = float(whole.cdf(0))
    assert law(3, uncertainty).below == pytest.approx(below)
    assert (found > 0).all()
    np.testing.assert_allclose((whole.cdf(found) - below) / (1 - below), P, atol=1e-12)


@pytest.mark.parametrize("uncertainty", [NORMAL, TRIANGULAR, UNIFORM, Uncertainty("normal", 3, 2)])
def test_a_negative_amount_is_the_positive_one_mirrored(uncertainty: Uncertainty) -> None:
    def negative(value: float | None) -> float | None:
        return None if value is None else -value

    mirrored = Uncertainty(
        uncertainty.kind,
        negative(uncertainty.loc),
        uncertainty.scale,
        minimum=negative(uncertainty.maximum),
        maximum=negative(uncertainty.minimum),
    )
    assert (drawn(-3, mirrored) == -drawn(3, uncertainty)).all()


def test_a_lognormal_is_of_the_absolute_amount() -> None:
    assert (drawn(-3, LOGNORMAL) == -drawn(3, LOGNORMAL)).all()


def test_what_is_cut_at_zero_is_known() -> None:
    assert law(3, Uncertainty("normal", 3, 2)).below == pytest.approx(stats.norm.cdf(-1.5))
    assert law(3, Uncertainty("uniform", minimum=-1, maximum=9)).below == pytest.approx(0.1)
    assert law(-3, Uncertainty("uniform", minimum=-9, maximum=1)).below == pytest.approx(0.1)
    assert law(3, UNIFORM).below == 0
    assert law(3, LOGNORMAL).below == 0


@pytest.mark.parametrize(
    "uncertainty",
    [
        None,
        Uncertainty("lognormal", math.log(3), 0.0),
        Uncertainty("normal", 3, 0.0),
        Uncertainty("uniform", minimum=3, maximum=3),
        Uncertainty("triangular", 3, minimum=3, maximum=3),
    ],
)
def test_no_spread_is_certain(uncertainty: Uncertainty | None) -> None:
    assert law(-3, uncertainty) == Law(CERTAIN, -1.0, 3.0)
    assert Table([law(-3, uncertainty)]).draw(np.empty((0, 4))).tolist() == [[-3.0] * 4]


@pytest.mark.parametrize(
    ("amount", "uncertainty", "told"),
    [
        (0.0, LOGNORMAL, "amount = 0"),
        (math.nan, LOGNORMAL, "amount = nan"),
        (math.inf, NORMAL, "amount = inf"),
        (3, Uncertainty("beta", 3, 1), "distribution = beta"),
        (3, Uncertainty("lognormal", None, 0.1), "loc = None"),
        (3, Uncertainty("lognormal", math.log(3), math.nan), "scale = nan"),
        (3, Uncertainty("lognormal", math.log(3), -0.1), "scale = -0.1"),
        (3, Uncertainty("lognormal", 900.0, 0.1), "∉ 99.9 %"),  # its median has no float
        (3, Uncertainty("lognormal", math.log(3000), 0.5), "∉ 99.9 %"),  # of kilograms, the amount in tonnes
        (3, Uncertainty("normal", -3, 0.5), "loc = -3"),
        (3, Uncertainty("normal", 2, 0.1), "∉ 99.9 %"),
        (3, Uncertainty("normal", None, 0.1), "loc = None"),
        (3, Uncertainty("triangular", None, minimum=1, maximum=9), "loc = None"),
        (3, Uncertainty("triangular", 3, minimum=9, maximum=1), "9 … 3 … 1"),
        (3, Uncertainty("triangular", 12, minimum=1, maximum=9), "1 … 12 … 9"),
        (3, Uncertainty("triangular", 5, minimum=4, maximum=9), "∉ 99.9 %"),
        (3, Uncertainty("uniform", minimum=9, maximum=1), "9 … 1"),
        (3, Uncertainty("uniform", minimum=-9, maximum=-1), "-9 … -1"),
        (-3, Uncertainty("uniform", minimum=1, maximum=9), "1 … 9"),
        # Aluminium of a copier in kg, its range in tonnes, as the same publisher printed it in 2021.
        (1.126, Uncertainty("triangular", 0.001128, minimum=0.00111, maximum=0.00114), "∉ 99.9 %"),
        # Ethylene glycol of a fibreboard mill's boiler, as the U.S. Life Cycle Inventory publishes it.
        (1.07e-06, Uncertainty("uniform", minimum=0, maximum=9.6841654008), "∉ 99.9 %"),
        (3, Uncertainty("uniform", minimum=1), "maximum = None"),
    ],
)
def test_what_cannot_be_drawn_is_certain_and_told(amount: float, uncertainty: Uncertainty, told: str) -> None:
    found = law(amount, uncertainty)
    assert found.kind == CERTAIN
    assert told in found.problem


@pytest.mark.parametrize("amount", [1.0, 9.0])
def test_an_end_of_the_range_may_be_the_amount(amount: float) -> None:
    for uncertainty in (UNIFORM, TRIANGULAR):
        assert (drawn(amount, uncertainty) == drawn(3, uncertainty)).all()
        mirrored = Uncertainty(uncertainty.kind, -(uncertainty.loc or 0), minimum=-9, maximum=-1)
        assert (drawn(-amount, mirrored) == -drawn(3, uncertainty)).all()


def test_a_table_keeps_amounts_and_deviates_apart() -> None:
    """Kinds mixed in any order: each amount is what it is when drawn alone."""
    rng = np.random.default_rng(3)
    kinds = [LOGNORMAL, NORMAL, TRIANGULAR, UNIFORM, Uncertainty("normal", 3, 2), None]
    laws = [law(3, kinds[index]) for index in rng.integers(0, len(kinds), 200)]
    table = Table(laws)
    deviates = rng.standard_normal((len(laws) - table.certain, 7))
    found = table.draw(deviates)
    for number, one in enumerate(laws):
        row = table.place[number]
        assert table.order[row] == number
        given = deviates[row - table.certain : row - table.certain + 1] if one.kind != CERTAIN else np.empty((0, 7))
        assert (found[row] == Table([one]).draw(given)[0]).all()
    one_run = Table(laws).draw(np.ascontiguousarray(deviates[:, 2]))
    assert (one_run == found[:, 2]).all()


@given(
    st.sampled_from(["lognormal", "normal", "triangular", "uniform"]),
    st.floats(1e-6, 1e6),
    st.floats(0.01, 300),
    st.booleans(),
)
def test_an_amount_never_changes_its_sign(kind: str, amount: float, percent: float, is_negative: bool) -> None:
    signed = -amount if is_negative else amount
    assert (drawn(signed, of_percent(signed, percent, kind)) * signed >= 0).all()


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("normal", lambda one: stats.norm(one.loc, one.scale)),
        ("triangular", lambda one: stats.triang(0.5, loc=one.minimum, scale=one.maximum - one.minimum)),
        ("uniform", lambda one: stats.uniform(one.minimum, one.maximum - one.minimum)),
    ],
)
@pytest.mark.parametrize("amount", [50.0, -50.0])
def test_a_range_in_percent_holds_95_percent(kind: str, made: Any, amount: float) -> None:
    given_ = of_percent(amount, 12, kind)
    assert given_ is not None
    low, high = sorted((amount * 0.88, amount * 1.12))
    assert made(given_).cdf(high) - made(given_).cdf(low) == pytest.approx(0.95, abs=1e-5)  # 1.96 is rounded


def test_a_lognormal_range_in_percent_is_a_factor() -> None:
    given_ = of_percent(50, 12)
    assert given_ is not None
    found = stats.lognorm(given_.scale, scale=math.exp(given_.loc or 0))
    assert found.cdf(50 * 1.12) - found.cdf(50 / 1.12) == pytest.approx(0.95, abs=1e-5)


def test_ranges_in_percent_that_are_none() -> None:
    assert of_percent(50, 0) is None
    for amount, percent, kind in (
        (0.0, 5.0, "normal"),
        (5.0, -1.0, "normal"),
        (5.0, math.nan, "normal"),
        (5.0, 5.0, "x"),
    ):
        with pytest.raises(UncertaintyInvalid):
            of_percent(amount, percent, kind)
