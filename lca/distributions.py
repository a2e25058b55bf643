"""Distributions of amounts, drawn from standard normal deviates: one deviate for every amount and run.

An amount keeps the sign that was published: an input stays an input. Distributions are therefore those of the
absolute amount, with F its distribution function and p = Phi(z) the probability of a deviate z:

    lognormal            |x| = exp(loc + scale z)
    normal               |x| = |loc| + scale z
    triangular, uniform  |x| = F^-1(p)

Of a normal, triangular or uniform distribution that reaches across zero the part on the other side is cut off and
the rest drawn from alone, |x| = F^-1(F(0) + p (1 - F(0))); the share cut off is ``Law.below``. That moves the mean
away from zero: who draws tells what was cut. A larger deviate is always a larger absolute amount, so amounts that
share a deviate rise and fall together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from factors.strict_yaml import StrictLoader
from lca.dataset import Uncertainty
from lca.errors import UncertaintyInvalid

Vector = NDArray[np.float64]

DATA = Path(__file__).parent / "data" / "monte_carlo.yaml"

CERTAIN, LOGNORMAL, NORMAL, CUT_NORMAL, TRIANGULAR, UNIFORM = range(6)

NEGLIGIBLE = 1e-16
"""A part below zero less probable than this is beneath what a double can tell from nothing."""

TOLD = 1e-6
"""What is cut off at zero is told from this probability on; less moves no digit that anybody prints."""

MIDDLE = 0.999
"""A distribution in whose middle 99.9 % its own amount does not lie is that of something else."""


@dataclass(frozen=True, slots=True)
class Law:
    """The distribution of an amount, of its absolute value and ``sign``.

    lognormal: ``first`` and ``second`` are loc and scale; normal: mean and standard deviation; triangular: least, mode
    and greatest; uniform: least and greatest; certain: the amount. ``problem`` says why a published uncertainty
    cannot be drawn from: the amount is certain then.
    """

    kind: int
    sign: float
    first: float
    second: float = math.nan
    third: float = math.nan
    below: float = 0.0  # probability of what was cut off at zero
    problem: str = ""


def law(amount: float, uncertainty: Uncertainty | None) -> Law:
    """Return the distribution of ``amount``; one of scale 0, or whose bounds are one number, is certain."""
    sign = math.copysign(1.0, amount)
    if uncertainty is None:
        return Law(CERTAIN, sign, abs(amount))
    if amount == 0 or not math.isfinite(amount):
        return _unusable(amount, f"amount = {amount:g}")
    return _READERS.get(uncertainty.kind, _unknown)(amount, uncertainty)


def _unusable(amount: float, problem: str = "") -> Law:
    return Law(CERTAIN, math.copysign(1.0, amount), abs(amount), problem=problem)


def _held_to(amount: float, found: Law, probability: float, text: str) -> Law:
    """Return a distribution if its own amount lies in its middle; ``probability`` is that of less than the amount."""
    rest = (1 - MIDDLE) / 2
    if rest <= probability <= 1 - rest:
        return found
    return _unusable(amount, f"{amount:.4g} ∉ {100 * MIDDLE:g} % {text}")


def _unknown(amount: float, uncertainty: Uncertainty) -> Law:
    return _unusable(amount, f"distribution = {uncertainty.kind}")


def _missing(uncertainty: Uncertainty, *names: str) -> str:
    """Return the first parameter that is not a finite number, as it stands."""
    values = {name: getattr(uncertainty, name) for name in names}
    return next(
        (f"{uncertainty.kind}, {name} = {value}" for name, value in values.items()
         if value is None or not math.isfinite(value)),
        "",
    )  # fmt: skip


def _centred(uncertainty: Uncertainty) -> tuple[float, float, str]:
    """Return centre and scale of a lognormal or normal, and what is wrong with them."""
    problem = _missing(uncertainty, "loc", "scale")
    loc, scale = uncertainty.loc or 0.0, uncertainty.scale or 0.0
    return loc, scale, problem or (f"{uncertainty.kind}, scale = {scale:g}" if scale < 0 else "")


def _lognormal(amount: float, uncertainty: Uncertainty) -> Law:
    loc, scale, problem = _centred(uncertainty)
    if problem or scale == 0:
        return _unusable(amount, problem)
    found = Law(LOGNORMAL, math.copysign(1.0, amount), loc, scale)
    text = f"lognormal, loc = {loc:.4g}, scale = {scale:.4g}"
    return _held_to(amount, found, float(ndtr((math.log(abs(amount)) - loc) / scale)), text)


def _normal(amount: float, uncertainty: Uncertainty) -> Law:
    loc, scale, problem = _centred(uncertainty)
    if problem or scale == 0:
        return _unusable(amount, problem)
    sign = math.copysign(1.0, amount)
    mean = sign * loc
    if mean <= 0:
        return _unusable(amount, f"normal, loc = {loc:g}")
    below = float(ndtr(-mean / scale))
    found = Law(NORMAL if below < NEGLIGIBLE else CUT_NORMAL, sign, mean, scale, below=below)
    return _held_to(amount, found, float(ndtr((abs(amount) - mean) / scale)), f"normal, {loc:.4g} ± {scale:.4g}")


def _bounded(amount: float, uncertainty: Uncertainty) -> Law:
    is_triangular = uncertainty.kind == "triangular"
    problem = _missing(uncertainty, "minimum", "maximum", *(("loc",) if is_triangular else ()))
    if problem:
        return _unusable(amount, problem)
    low, high = uncertainty.minimum or 0.0, uncertainty.maximum or 0.0
    mode = (uncertainty.loc or 0.0) if is_triangular else low
    corners = (low, mode, high) if is_triangular else (low, high)
    text = f"{uncertainty.kind}, {' … '.join(f'{corner:.4g}' for corner in corners)}"
    if not low <= mode <= high:
        return _unusable(amount, text)
    sign = math.copysign(1.0, amount)
    if sign < 0:
        low, mode, high = -high, -mode, -low
    if low == high or high <= 0:
        return _unusable(amount, "" if low == high else text)
    if is_triangular:
        found = Law(TRIANGULAR, sign, low, mode, high, below=_below(0.0, low, mode, high))
        probability = _below(abs(amount), low, mode, high)
    else:
        found = Law(UNIFORM, sign, low, high, below=max(0.0, -low / (high - low)))
        probability = (abs(amount) - low) / (high - low)
    # Who publishes the mode, or takes one end of a range for the amount, does not contradict the range.
    return found if amount in corners else _held_to(amount, found, probability, text)


def _below(value: float, low: float, mode: float, high: float) -> float:
    """Return the probability of less than a value in a triangular distribution."""
    if value <= low or value >= high:
        return float(value >= high)
    if value <= mode:
        return (value - low) ** 2 / ((high - low) * (mode - low))
    return 1 - (high - value) ** 2 / ((high - low) * (high - mode))


_READERS: Mapping[str, Callable[[float, Uncertainty], Law]] = {
    "lognormal": _lognormal,
    "normal": _normal,
    "triangular": _bounded,
    "uniform": _bounded,
}


class Table:
    """Many distributions as arrays: row ``place[i]`` of what is drawn is the amount of ``laws[i]``.

    Rows stand in the order of their kinds, so that each kind is one slice; the first ``certain`` of them are certain,
    and row r is ``laws[order[r]]``.
    """

    def __init__(self, laws: Sequence[Law]) -> None:
        kinds = np.array([one.kind for one in laws], dtype=np.int64)
        self.order = order = np.argsort(kinds, kind="stable")
        edges = np.searchsorted(kinds[order], np.arange(UNIFORM + 2))
        self._slices = [slice(int(start), int(end)) for start, end in pairwise(edges)]
        self._first, self._second, self._third, self._below, self._sign = (
            np.array([getattr(one, name) for one in laws], dtype=np.float64)[order]
            for name in ("first", "second", "third", "below", "sign")
        )
        self.place = np.empty(len(laws), dtype=np.int64)
        self.place[order] = np.arange(len(laws))
        self.certain = int(edges[LOGNORMAL])

    def __len__(self) -> int:
        return len(self.place)

    def draw(self, deviates: Vector) -> Vector:
        """Return the amounts of standard normal ``deviates``: one row for every amount that is not certain, in order.

        Every element is computed by itself, so an amount does not depend on what else is drawn beside it.
        """
        drawn = np.empty((len(self), *deviates.shape[1:]))
        width = (slice(None),) + (None,) * (deviates.ndim - 1)
        drawn[: self.certain] = self._first[: self.certain][width]
        for kind, transform in _TRANSFORMS.items():
            rows = self._slices[kind]
            if rows.start < rows.stop:
                given = deviates[rows.start - self.certain : rows.stop - self.certain]
                first, second, third, below = (
                    column[rows][width] for column in (self._first, self._second, self._third, self._below)
                )
                transform(given, first, second, third, below, drawn[rows])
        drawn *= self._sign[width]
        return drawn


def _draw_lognormal(z: Vector, loc: Vector, scale: Vector, _third: Vector, _below: Vector, out: Vector) -> None:
    np.multiply(z, scale, out=out)
    out += loc
    np.exp(out, out=out)


def _draw_normal(z: Vector, mean: Vector, scale: Vector, _third: Vector, _below: Vector, out: Vector) -> None:
    np.multiply(z, scale, out=out)
    out += mean


def _draw_cut_normal(z: Vector, mean: Vector, scale: Vector, _third: Vector, below: Vector, out: Vector) -> None:
    # Through the upper tail, whose probability keeps its digits where the lower one is close to 1.
    above = ndtr(-z) * (1 - below)
    np.maximum(mean - scale * ndtri(above), 0.0, out=out)


def _draw_triangular(z: Vector, low: Vector, mode: Vector, high: Vector, below: Vector, out: Vector) -> None:
    # p and 1 - p each by its own tail: neither loses digits where the other is close to 1.
    above = ndtr(-z) * (1 - below)
    under = below + ndtr(z) * (1 - below)
    rising = low + np.sqrt(under * (high - low) * (mode - low))
    falling = high - np.sqrt(above * (high - low) * (high - mode))
    np.maximum(np.where(under * (high - low) < mode - low, rising, falling), 0.0, out=out)


def _draw_uniform(z: Vector, low: Vector, high: Vector, _third: Vector, _below: Vector, out: Vector) -> None:
    least = np.maximum(low, 0.0)
    np.multiply(ndtr(z), high - least, out=out)
    out += least


_TRANSFORMS: Mapping[int, Callable[[Vector, Vector, Vector, Vector, Vector, Vector], None]] = {
    LOGNORMAL: _draw_lognormal,
    NORMAL: _draw_normal,
    CUT_NORMAL: _draw_cut_normal,
    TRIANGULAR: _draw_triangular,
    UNIFORM: _draw_uniform,
}


# --- ranges stated in percent --------------------------------------------------------------------


@cache
def convention(name: str) -> float:
    """Return a convention of Monte Carlo runs, from ``data/monte_carlo.yaml``."""
    return float(yaml.load(DATA.read_text(encoding="utf-8"), StrictLoader)[name]["value"])  # noqa: S506  a safe loader


def percent_of(sigma: float) -> float:
    """Return U of ±U percent at 95 % for a lognormal with ``sigma`` of ln x: 100 (exp(1.96 sigma) - 1)."""
    return 100 * math.expm1(convention("coverage_factor") * sigma)


def of_percent(amount: float, percent: float, kind: str = "lognormal") -> Uncertainty | None:
    """Return the distribution of an amount that is known to ±U percent at 95 %; None for ±0 %.

        lognormal    sigma of ln x = ln(1 + U/100) / 1.96, so that 95 % lie above and below by the factor 1 + U/100
        normal       sd = U/100 |amount| / 1.96
        triangular   |amount| (1 ± U/100 / (1 - sqrt(0.05))), the middle 95 % of a symmetric triangle
        uniform      |amount| (1 ± U/100 / 0.95)

    Raises:
        UncertaintyInvalid: an amount of zero, a percentage below zero, or a distribution that is not known.
    """
    if amount == 0 or not math.isfinite(amount) or not (math.isfinite(percent) and percent >= 0):
        raise UncertaintyInvalid([f"amount = {amount:g}, ± {percent:g} %"])
    share, z = percent / 100, convention("coverage_factor")
    if share == 0:
        return None
    if kind == "lognormal":
        return Uncertainty(kind, math.log(abs(amount)), math.log1p(share) / z)
    if kind == "normal":
        return Uncertainty(kind, amount, share * abs(amount) / z)
    halves = {"triangular": share / (1 - math.sqrt(0.05)), "uniform": share / 0.95}
    if kind not in halves:
        raise UncertaintyInvalid([f"distribution = {kind}"])
    half = abs(amount) * halves[kind]
    mode = amount if kind == "triangular" else None
    return Uncertainty(kind, mode, minimum=amount - half, maximum=amount + half)
