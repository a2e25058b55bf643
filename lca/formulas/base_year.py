"""When a base year has to be recalculated: structure, outsourcing, method or error, never growth or a grid year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lca.errors import BaseYearInvalid

COUNTED = ("structure", "outsourcing", "method", "error")
"""Changes that make the base year another one: bought or sold parts, work moved out or in, method, mistakes."""

NOT_COUNTED = ("growth", "grid_year")
"""Changes that belong to the year in which they happen: more or less production, a new grid factor."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would have made the base year's inventory differ, by ``kgco2e``."""

    kind: str
    kgco2e: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BaseYearTest:
    """The outcome: how far the counted changes move the base year, and whether that asks for a recalculation."""

    percent: float
    threshold_percent: float
    recalculate: bool
    counted: tuple[Change, ...]
    ignored: tuple[Change, ...]


def base_year_test(base_kgco2e: float, changes: Iterable[Change], threshold_percent: float) -> BaseYearTest:
    """Test whether the changes since the base year reach the threshold together: Σ|Δ| / base × 100.

    Each change counts by its size: a plant sold and another bought do not cancel out, both change the structure.

    Raises:
        BaseYearInvalid: the base year has no emissions, or a change is of no known kind.
    """
    listed = tuple(changes)
    problems = [f"{change.kind}: not one of {', '.join(COUNTED + NOT_COUNTED)}" for change in _unknown(listed)]
    if base_kgco2e <= 0:
        problems.append(f"base year emissions = {base_kgco2e:g}")
    if problems:
        raise BaseYearInvalid(problems)
    counted = tuple(change for change in listed if change.kind in COUNTED)
    percent = math.fsum(abs(change.kgco2e) for change in counted) / base_kgco2e * 100
    ignored = tuple(change for change in listed if change.kind in NOT_COUNTED)
    return BaseYearTest(percent, threshold_percent, bool(counted) and percent >= threshold_percent, counted, ignored)


def _unknown(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.kind not in COUNTED + NOT_COUNTED]
