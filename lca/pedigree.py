"""Pedigree scores of data as uncertainty: five scores from 1 (best) to 5 (worst) -> sigma of ln x.

``ecoinvent 2`` holds factors that are squares of a geometric standard deviation, ``ecoinvent 3`` variances of ln x:

    ecoinvent 2    sigma = ln(GSD^2) / 2 = sqrt(ln^2 U_basic + sum ln^2 U_i) / 2
    ecoinvent 3    sigma = sqrt(basic + sum v_i)

Both tables stand in ``data/pedigree.csv``, what an amount has before any score in ``data/pedigree_basic.csv``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from factors.errors import listed
from lca.dataset import Uncertainty
from lca.errors import PedigreeInvalid

DATA = Path(__file__).parent / "data"

ECOINVENT_2, ECOINVENT_3 = "ecoinvent 2", "ecoinvent 3"
VERSIONS = (ECOINVENT_2, ECOINVENT_3)

INDICATORS = ("reliability", "completeness", "temporal", "geographical", "technological")
WORST = 5

MATERIALS, TRANSPORT, INFRASTRUCTURE, CO2, CH4_N2O = "materials", "transport", "infrastructure", "co2", "ch4_n2o"

NO_BASIC: Mapping[str, float] = MappingProxyType({ECOINVENT_2: 1.0, ECOINVENT_3: 0.0})
"""What stands for "certain but for its scores" in each version: a factor of one, a variance of zero."""


def is_scored(scores: Sequence[int]) -> bool:
    """Tell whether these are five whole numbers from 1 to 5."""
    return len(scores) == len(INDICATORS) and all(isinstance(score, int) and 1 <= score <= WORST for score in scores)


def basic_uncertainty(kind: str, version: str) -> float:
    """Return what an amount of ``kind`` has before any score: a GSD² in ecoinvent 2, a variance of ln x in 3.

    Raises:
        PedigreeInvalid: the version knows no such kind of amount.
    """
    known = _basic().get(version, {})
    if kind not in known:
        raise PedigreeInvalid([_version(version) if version not in VERSIONS else f"kind = {kind}, of: {listed(known)}"])
    return known[kind]


def sigma(scores: Sequence[int], basic: float, version: str) -> float:
    """Return the standard deviation of ln x; ``basic`` is a GSD² in ecoinvent 2, a variance of ln x in ecoinvent 3.

    Raises:
        PedigreeInvalid: other scores than five of 1 to 5, an unknown version, or a basic value that is none.
    """
    problems = list(_problems(scores, basic, version))
    if problems:
        raise PedigreeInvalid(problems)
    cells = [_table()[version][indicator][score - 1] for indicator, score in zip(INDICATORS, scores, strict=True)]
    if version == ECOINVENT_2:
        return math.hypot(*(math.log(factor) for factor in (basic, *cells))) / 2
    return math.sqrt(math.fsum([basic, *cells]))


def gsd_squared(sigma_of_ln: float) -> float:
    """Return GSD² = exp(2 sigma): between median / GSD² and median x GSD² lie 95 % of the values."""
    return math.exp(2 * sigma_of_ln)


def lognormal(amount: float, scores: Sequence[int], basic: float, version: str) -> Uncertainty | None:
    """Return the distribution of an amount that is the median of what its scores say; None where they say certain.

    Raises:
        PedigreeInvalid: as ``sigma``; or an amount of zero, which has no logarithm.
    """
    if amount == 0 or not math.isfinite(amount):
        raise PedigreeInvalid([f"amount = {amount}"])
    spread = sigma(scores, basic, version)
    return Uncertainty("lognormal", math.log(abs(amount)), spread) if spread > 0 else None


def combined(published: Uncertainty, scores: Sequence[int], version: str) -> Uncertainty:
    """Return a published lognormal widened by scores that it does not yet contain: variances of ln x add up.

    EcoSpold, ILCD and openLCA publish the uncertainty that a distribution has with its pedigree; this is for an
    uncertainty that somebody measured, in data that are then used for another time, place or technology.

    Raises:
        PedigreeInvalid: as ``sigma``; or the distribution is not lognormal.
    """
    if published.kind != "lognormal" or published.scale is None:
        raise PedigreeInvalid([f"distribution = {published.kind}, expected lognormal"])
    return replace(published, scale=math.hypot(published.scale, sigma(scores, NO_BASIC.get(version, 0.0), version)))


def _problems(scores: Sequence[int], basic: float, version: str) -> Iterable[str]:
    if not is_scored(scores):
        yield f"scores = ({listed(scores)}), expected five of 1 … {WORST}"
    if version not in VERSIONS:
        yield _version(version)
    elif not (math.isfinite(basic) and basic >= NO_BASIC[version]):
        yield f"basic = {basic}, expected basic >= {NO_BASIC[version]:g}"


def _version(version: str) -> str:
    return f"version = {version}, of: {listed(VERSIONS)}"


@cache
def _table() -> Mapping[str, Mapping[str, tuple[float, ...]]]:
    found: dict[str, dict[str, tuple[float, ...]]] = {version: {} for version in VERSIONS}
    with (DATA / "pedigree.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cells = tuple(float(row[str(score)]) for score in range(1, WORST + 1))
            found[row["version"]][row["indicator"]] = cells
    return found


@cache
def _basic() -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {version: {} for version in VERSIONS}
    with (DATA / "pedigree_basic.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["version"]][row["kind"]] = float(row["value"])
    return found
