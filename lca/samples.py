"""Scores of a product from many runs, and what is said of them: mean, spread, percentiles, convergence, drivers.

Everything that leaves here is plain data for JSON. A run that could not be solved stands as NaN in its place, so
that two products' runs stay side by side; it is counted, and no statistic contains it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from lca.distributions import TOLD, Law, convention
from lca.lci_score import Warned

Vector = NDArray[np.float64]
Record = dict[str, Any]

PERCENTILES = (2.5, 5.0, 95.0, 97.5)
BINS = 40
SHOWN_RANGE = (0.1, 99.9)  # percentiles between which a histogram has its bins
MEANS = 20  # points of the running mean
DRIVERS = 10
NAMED = 5


@dataclass(frozen=True, slots=True)
class Driver:
    """An uncertain input and how the result follows it; ``share`` is that of its squared rank correlation."""

    kind: str  # group | input | line | supply
    id: str
    rank_correlation: float
    share: float


@dataclass(frozen=True)
class Samples:
    """kg CO2e per unit of one product, one value a run, beside what the published amounts give."""

    product: str
    kgco2e: float
    scores: Vector
    seed: int
    drivers: tuple[Driver, ...] = ()
    warnings: tuple[Warned, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()  # kind and id of every uncertain input
    deviates: Vector = field(default_factory=lambda: np.empty((0, 0)))  # of the inputs, in the runs that were kept

    @property
    def good(self) -> Vector:
        """Return the scores of the runs that could be solved."""
        found: Vector = self.scores[np.isfinite(self.scores)]
        return found

    @property
    def failed(self) -> int:
        """Return how many runs could not be solved."""
        return len(self.scores) - len(self.good)

    def record(self) -> Record:
        """Return everything but the single runs, as plain data; numpy's version stands with the seed."""
        return {
            "product": self.product,
            "kgco2e": self.kgco2e,
            "runs": len(self.scores),
            "failed": self.failed,
            "seed": self.seed,
            "numpy": np.__version__,
            **statistics(self.good),
            "histogram": histogram(self.good),
            "convergence": convergence(self.good),
            "drivers": [asdict(one) for one in self.drivers],
            "warnings": [{"code": one.code, "params": dict(one.params)} for one in self.warnings],
        }


@dataclass(frozen=True)
class Comparison:
    """Two products drawn together: what they share has one value in each run."""

    first: Samples
    second: Samples

    @property
    def differences(self) -> Vector:
        """Return first less second of every run in which both could be solved."""
        found = self.first.scores - self.second.scores
        return found[np.isfinite(found)]

    def record(self) -> Record:
        """Return in how many runs the first is lower, equal and higher, and the statistics of the difference."""
        found = self.differences
        lower = float(np.mean(found < 0))
        return {
            "first": self.first.product,
            "second": self.second.product,
            "runs": len(self.first.scores),
            "failed": len(self.first.scores) - len(found),
            "seed": self.first.seed,
            "first_is_lower": lower,
            "first_is_lower_standard_error": math.sqrt(lower * (1 - lower) / len(found)),
            "equal": float(np.mean(found == 0)),
            "first_is_higher": float(np.mean(found > 0)),
            "difference": statistics(found),
        }


def statistics(values: Vector) -> Record:
    """Return mean, median, standard deviation, geometric standard deviation, CV and percentiles.

    ``gsd`` is None where values are not all positive: such results have no logarithm; ``cv`` is None for a mean of 0.
    """
    mean, sd = float(np.mean(values)), _sd(values)
    return {
        "mean": mean,
        "median": float(np.median(values)),
        "sd": sd,
        "standard_error": sd / math.sqrt(len(values)),
        "cv": sd / abs(mean) if mean else None,
        "gsd": math.exp(_sd(np.log(values))) if (values > 0).all() else None,
        "percentiles": {f"{p:g}": float(np.percentile(values, p)) for p in PERCENTILES},
    }


def _sd(values: Vector) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def histogram(values: Vector) -> Record:
    """Return counts in equal bins over all but the outermost values, which are counted below and above."""
    low, high = (float(np.percentile(values, p)) for p in SHOWN_RANGE)
    inside = values[(values >= low) & (values <= high)]
    counts, edges = np.histogram(inside, bins=BINS if low < high else 1)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "below": int(np.sum(values < low)),
        "above": int(np.sum(values > high)),
    }


def convergence(values: Vector) -> Record:
    """Return the running mean, and whether over the second half of the runs it kept within the set percentage."""
    count = len(values)
    running = np.cumsum(values) / np.arange(1, count + 1)
    at = np.unique(np.linspace(0, count, MEANS + 1)[1:].astype(np.int64).clip(1))
    mean = float(running[-1])
    farthest = float(np.max(np.abs(running[count // 2 :] - mean)))
    allowed = convention("converged_percent") / 100 * abs(mean)
    return {
        "runs": at.tolist(),
        "running_mean": running[at - 1].tolist(),
        "farthest_percent": 100 * farthest / abs(mean) if mean else None,
        "allowed_percent": convention("converged_percent"),
        "is_converged": farthest <= allowed,
    }


def drivers(inputs: Sequence[tuple[str, str]], deviates: Vector, scores: Vector) -> tuple[Driver, ...]:
    """Return the inputs that the result follows most, by Spearman's rank correlation with their deviates.

    A deviate rises with the absolute amount: +1 says that more of the input means a higher result.
    """
    good = np.isfinite(scores)
    if not len(inputs) or good.sum() < 2 or np.ptp(scores[good]) == 0:
        return ()
    ranks = rankdata(deviates[:, good], axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    result = rankdata(scores[good])
    result -= result.mean()
    found = ranks @ result / (np.sqrt((ranks * ranks).sum(axis=1)) * math.sqrt(float(result @ result)))
    shares = found * found / float(found @ found)
    order = np.argsort(-np.abs(found), kind="stable")[:DRIVERS]
    ranked = [(inputs[index], float(found[index]), float(shares[index])) for index in order.tolist()]
    return tuple(Driver(kind, name, correlation, share) for (kind, name), correlation, share in ranked)


def told(laws: Sequence[tuple[str, Law]]) -> list[Warned]:
    """Return what a reader has to know of the distributions drawn from, each with the name of its amount."""
    cut = sorted(((one.below, name) for name, one in laws if one.below >= TOLD), reverse=True)
    unusable = [f"{name} ({one.problem})" for name, one in laws if one.problem]
    found = []
    if cut:
        params = {"count": str(len(cut)), "amounts": named([name for _, name in cut]), "most": f"{100 * cut[0][0]:.2g}"}
        found.append(Warned("uncertainty-cut-at-zero", params))
    if unusable:
        found.append(Warned("uncertainty-unusable", {"count": str(len(unusable)), "amounts": named(unusable)}))
    return found


def failures(failed: int, runs: int) -> list[Warned]:
    """Return the warning that runs could not be solved, if any."""
    return [Warned("draws-failed", {"count": str(failed), "runs": str(runs)})] if failed else []


def named(names: Sequence[str]) -> str:
    """Return the first few names as one text."""
    return "; ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
