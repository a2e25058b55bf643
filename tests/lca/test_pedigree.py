"""Pedigree scores: the two tables against each other, what they give, what they refuse."""

from __future__ import annotations

import math

import pytest

from lca import pedigree
from lca.dataset import Uncertainty
from lca.errors import PedigreeInvalid
from lca.pedigree import ECOINVENT_2, ECOINVENT_3, basic_uncertainty, combined, lognormal, sigma


def alone(place: int, score: int, version: str) -> float:
    """Return the variance of ln x that one score adds by itself."""
    scores = [1] * 5
    scores[place] = score
    return sigma(scores, pedigree.NO_BASIC[version], version) ** 2


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("score", [2, 3, 4, 5])
def test_a_variance_of_ecoinvent_3_is_the_factor_of_ecoinvent_2(place: int, score: int) -> None:
    """(ln U / 2)², printed with one or two digits: so the two publications check each other, cell by cell.

    Two cells were changed to 0.0006: a geographical score of 4 (U 1.02 before) and a technological one of 2 (1.00).
    """
    old, new = alone(place, score, ECOINVENT_2), alone(place, score, ECOINVENT_3)
    if (place, score) in {(3, 4), (4, 2)}:
        assert new == pytest.approx(0.0006)
        assert old < 0.0002
    else:
        assert new == pytest.approx(old, rel=0.13)


@pytest.mark.parametrize(
    "kind", [pedigree.MATERIALS, pedigree.TRANSPORT, pedigree.INFRASTRUCTURE, pedigree.CO2, pedigree.CH4_N2O]
)
def test_a_basic_variance_is_the_basic_factor(kind: str) -> None:
    factor, variance = basic_uncertainty(kind, ECOINVENT_2), basic_uncertainty(kind, ECOINVENT_3)
    assert variance == pytest.approx((math.log(factor) / 2) ** 2, rel=0.03)


def test_the_best_scores_leave_the_basic_uncertainty() -> None:
    assert sigma([1] * 5, 1.05, ECOINVENT_2) == pytest.approx(math.log(1.05) / 2)
    assert sigma([1] * 5, 0.04, ECOINVENT_3) == pytest.approx(0.2)
    assert sigma([1] * 5, 1.0, ECOINVENT_2) == 0


@pytest.mark.parametrize("version", pedigree.VERSIONS)
@pytest.mark.parametrize("place", range(5))
def test_a_worse_score_is_never_better(version: str, place: int) -> None:
    found = [alone(place, score, version) for score in range(1, 6)]
    assert found == sorted(found)
    assert found[0] == 0
    assert found[-1] > 0


def test_a_median_is_the_amount_and_the_sign_is_left_to_it() -> None:
    assert lognormal(-2.5, [2, 3, 1, 2, 3], 1.05, ECOINVENT_2) == Uncertainty(
        "lognormal", pytest.approx(math.log(2.5)), pytest.approx(0.10060019820420221)
    )
    assert lognormal(2.5, [1] * 5, 1.0, ECOINVENT_2) is None


def test_scores_widen_a_published_lognormal() -> None:
    """sqrt(0.2² + added²): (2 ln² 1.05 + ln² 1.01 + ln² 1.2) / 4, or 0.0006 + 0.0006 + 0.000025 + 0.008."""
    published, scores = Uncertainty("lognormal", 1.5, 0.2), [2, 3, 1, 2, 3]
    old = (2 * math.log(1.05) ** 2 + math.log(1.01) ** 2 + math.log(1.2) ** 2) / 4
    for version, added in ((ECOINVENT_2, old), (ECOINVENT_3, 0.009225)):
        found = combined(published, scores, version)
        assert (found.kind, found.loc) == ("lognormal", 1.5)
        assert found.scale == pytest.approx(math.sqrt(0.2**2 + added))


@pytest.mark.parametrize("scores", [(), (1, 2, 3, 4), (1, 2, 3, 4, 5, 1), (0, 1, 1, 1, 1), (1, 1, 6, 1, 1), (1.0,) * 5])
def test_other_scores_are_refused(scores: tuple[int, ...]) -> None:
    with pytest.raises(PedigreeInvalid, match="five of 1"):
        sigma(scores, 1.05, ECOINVENT_2)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(PedigreeInvalid) as caught:
        sigma((9,), 1.05, "ecoinvent 1")
    assert len(caught.value.problems) == 2
    with pytest.raises(PedigreeInvalid, match="basic >= 1"):
        sigma([1] * 5, 0.05, ECOINVENT_2)  # a variance where a factor is wanted
    with pytest.raises(PedigreeInvalid, match="basic >= 0"):
        sigma([1] * 5, math.nan, ECOINVENT_3)
    with pytest.raises(PedigreeInvalid, match="infrastructure"):
        basic_uncertainty("ships", ECOINVENT_3)
    with pytest.raises(PedigreeInvalid, match="ecoinvent 2, ecoinvent 3"):
        basic_uncertainty("materials", "4")
    with pytest.raises(PedigreeInvalid, match="triangular"):
        combined(Uncertainty("triangular", 1, minimum=0, maximum=2), [1] * 5, ECOINVENT_3)
    with pytest.raises(PedigreeInvalid, match="ecoinvent 2, ecoinvent 3"):
        combined(Uncertainty("lognormal", 1, 0.1), [1] * 5, "")
    with pytest.raises(PedigreeInvalid, match="amount = 0"):
        lognormal(0.0, [1] * 5, 1.05, ECOINVENT_2)
