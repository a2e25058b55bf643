"""A distribution is kept, put in order or left out; whatever is kept can be drawn from."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lca.importers.distributions import Printed, check

NUMBERS = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(
    kind=st.sampled_from(["lognormal", "normal", "uniform", "triangular"]),
    amount=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS),
)
def test_what_is_kept_can_be_drawn_from(
    kind: str, amount: float | None, numbers: tuple[float | None, float | None, float | None, float | None]
) -> None:
    checked = check(Printed(kind, *numbers), amount)
    kept = checked.uncertainty
    if kept is None:
        return
    if kind in ("lognormal", "normal"):
        assert kept.loc is not None
        assert kept.scale is not None
        assert math.isfinite(kept.loc)
        assert kept.scale > 0
    else:
        assert kept.minimum is not None
        assert kept.maximum is not None
        assert kept.minimum < kept.maximum
    if kind == "triangular":
        assert kept.loc is not None
        assert kept.minimum <= kept.loc <= kept.maximum  # type: ignore[operator]


@pytest.mark.parametrize(
    ("loc", "is_kept"),
    [(math.log(10), True), (math.log(10) + 0.04, True), (math.log(10) - 0.04, True), (math.log(10) + 0.06, False)],
)
def test_a_lognormal_may_state_median_mean_or_mode(loc: float, is_kept: bool) -> None:
    """Sigma 0.2: median to mean is sigma^2 / 2 = 0.02, median to mode sigma^2 = 0.04."""
    checked = check(Printed("lognormal", loc=loc, scale=0.2), 10)
    assert (checked.uncertainty is not None) == is_kept
    assert checked.code == ("" if is_kept else "distribution-off-amount")


def test_a_negative_amount_has_the_lognormal_of_its_size() -> None:
    checked = check(Printed("lognormal", scale=0.2), -10)
    assert checked.uncertainty is not None
    assert checked.uncertainty.loc == pytest.approx(math.log(10))


def test_an_amount_that_is_yet_to_come_contradicts_nothing() -> None:
    assert check(Printed("uniform", minimum=1, maximum=2), None).uncertainty is not None
    assert check(Printed("lognormal", scale=0.2), None).code == "distribution-incomplete"


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_parameters_that_are_no_numbers_are_invalid(wrong: float) -> None:
    assert check(Printed("uniform", minimum=1, maximum=wrong), 1).code == "distribution-invalid"


def test_a_triangle_needs_its_mode_or_an_amount() -> None:
    assert check(Printed("triangular", minimum=1, maximum=2), None).code == "distribution-incomplete"
    kept = check(Printed("triangular", minimum=1, maximum=2), 1.5).uncertainty
    assert kept is not None
    assert kept.loc == 1.5
