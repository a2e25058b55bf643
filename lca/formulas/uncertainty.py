"""Uncertainty by first-order propagation (IPCC approach 1), in percent at 95 % confidence.

A sum: U = √Σ(U_i E_i)² / |ΣE|, and so a product too, U = √ΣU_i²: its quantities all bear on the same E. Both hold
for independent parts: lines that share a factor or a meter are pooled first, or a million rows would look certain.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank of precision; ``limit_percent`` is the largest uncertainty it covers, None for the last."""

    id: str
    limit_percent: float | None


def sum_uncertainty(parts: Iterable[tuple[float, float]], total: float | None = None) -> float | None:
    """Return U in percent of a sum: √Σ(U_i E_i)² / |total|; None when the total is zero.

    ``parts`` are (U in percent, E); ``total`` is ΣE unless the parts overlap, as factors and meters of the
    same lines do.
    """
    listed = list(parts)
    whole = math.fsum(value for _, value in listed) if total is None else total
    if whole == 0:
        return None
    return math.hypot(*(percent * value for percent, value in listed)) / abs(whole)


def pool(parts: Iterable[tuple[Key, float, float]]) -> dict[Key, tuple[float, float]]:
    """Return (U in percent, ΣE) by key for parts (key, U, E) that share a factor or a meter.

    Parts of one key are fully correlated: their values add up, the largest uncertainty among them stands.
    """
    pooled: dict[Key, tuple[float, float]] = {}
    for key, percent, value in parts:
        largest, total = pooled.get(key, (0.0, 0.0))
        pooled[key] = (max(largest, percent), total + value)
    return pooled


def rank_of(percent: float, ranks: Sequence[Rank]) -> str:
    """Return the id of the first rank whose limit covers ``percent``; the last rank has no limit."""
    return next(rank.id for rank in ranks if rank.limit_percent is None or percent <= rank.limit_percent)
