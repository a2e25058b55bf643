"""Bars of kg CO2e for pages: what a difference or a score is made of; a footprint's own charts are its report's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.reports import charts, numbers

MOST_BARS = 16


def bars(values: Mapping[str, object], names: Mapping[str, str], axis: str, rest: str) -> charts.Spec | None:
    """Return one horizontal bar for each of ``values``, in their order; what is beyond the largest 16 is one bar.

    ``values`` are kg CO2e by key, ``names`` their labels, ``rest`` the label of those left over. None where there is
    nothing to draw.
    """
    if not values:
        return None
    kept = set(sorted(values, key=lambda key: -abs(float(str(values[key]))))[:MOST_BARS])
    rows = [_row(names.get(key, key), float(str(value))) for key, value in values.items() if key in kept]
    left = [float(str(value)) for key, value in values.items() if key not in kept]
    return charts.bars([*rows, _row(rest, sum(left))] if left else rows, axis)


def _row(name: str, kilograms: float) -> dict[str, Any]:
    label = numbers.significant(f"{kilograms:.12g}", 4)
    return {"name": name, "t": kilograms, "high": max(kilograms, 0.0), "label": label}
