"""Figures that PACT 3.0 asks for: the two headline numbers, the primary data share, the data quality ratings.

Source: PACT Technical Specifications 3.0, notes to ``pcfExcludingBiogenicUptake`` and ``pcfIncludingBiogenicUptake``.
The published example footprints 1, 2 and 4 do not follow these sums; the notes are the norm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from lca.errors import OperandOutOfRange
from lca.limits import finite, refuse
from lca.numbers import total


@dataclass(frozen=True, slots=True)
class Components:
    """The components of a footprint in kgCO2e per declared unit; removals, capture and uptake are zero or negative.

    ``fossil`` already holds the fossil emissions of land management.
    """

    fossil: float
    land_use_change: float = 0.0
    land_management_co2: float = 0.0
    land_management_removals: float = 0.0
    technological_removals: float = 0.0
    ccs_capture: float = 0.0
    biogenic_non_co2: float = 0.0
    biogenic_uptake: float = 0.0


_NOT_POSITIVE = frozenset({"land_management_removals", "technological_removals", "ccs_capture", "biogenic_uptake"})


@dataclass(frozen=True, slots=True)
class Headline:
    """Both headline numbers, kgCO2e per declared unit."""

    excluding_uptake: float
    including_uptake: float


def headline(components: Components) -> Headline:
    """Return both headline numbers.

    excluding = fossil + land-use change + land-management CO2 + its removals + technological removals + CCS capture
    + biogenic non-CO2; including = excluding + biogenic uptake.

    Raises:
        OperandOutOfRange: components of the wrong sign, or no numbers; all of them.
    """
    values = {one.name: float(getattr(components, one.name)) for one in fields(components)}
    refuse("pact.headline", finite(**values), _wrong_signs(values))
    excluding = total(value for name, value in values.items() if name != "biogenic_uptake")
    return Headline(excluding, total((excluding, components.biogenic_uptake)))


def _wrong_signs(values: dict[str, float]) -> list[str]:
    return [
        f"{name} = {value:g}, expected {name} {'<=' if name in _NOT_POSITIVE else '>='} 0"
        for name, value in values.items()
        if (value > 0 and name in _NOT_POSITIVE) or (value < 0 and name not in _NOT_POSITIVE)
    ]


def primary_data_share(parts: Iterable[tuple[float, float]]) -> float | None:
    """Return the primary data share in percent: Σ |PCF_i| PDS_i / Σ |PCF_i|; None where nothing is emitted.

    ``parts`` are (contribution to the number excluding uptake, its share in percent): 100 where both activity data
    and factor are primary, a supplier's own share for a footprint that a supplier sent.

    Raises:
        OperandOutOfRange: a share outside 0 to 100.
    """
    return _weighted("pact.primary_data_share", parts, 0.0, 100.0)


def data_quality_rating(parts: Iterable[tuple[float, float]], best: float, worst: float) -> float | None:
    """Return one data quality rating: Σ |PCF_i| DQR_i / Σ |PCF_i|; None where nothing is emitted.

    ``parts`` are (contribution, rating) of every input in one dimension: technology, geography or time; ``best`` and
    ``worst`` are the ends of the method's scale.

    Raises:
        OperandOutOfRange: a rating outside the scale.
    """
    return _weighted("pact.data_quality_rating", parts, best, worst)


def _weighted(formula: str, parts: Iterable[tuple[float, float]], low: float, high: float) -> float | None:
    listed = list(parts)
    wrong = [
        f"part {number} = {value:g}, expected {low:g} to {high:g}"
        for number, (_, value) in enumerate(listed, 1)
        if not low <= value <= high
    ]
    if wrong:
        raise OperandOutOfRange(formula, wrong)
    whole = math.fsum(abs(size) for size, _ in listed)
    return math.fsum(abs(size) * value for size, value in listed) / whole if whole else None
