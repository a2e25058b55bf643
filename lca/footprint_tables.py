"""The tables of a footprint that a report prints: stage by kind of emission, stage by component, gas by gas.

All are sums over the frozen lines, kg CO2e per unit of the product, computed from a snapshot alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lca.footprint import Summed, counted_gases, counted_lines, summed, weight, without_uptake
from lca.footprint_method import from_record
from lca.greenhouse import AIRCRAFT, BIOGENIC, FOSSIL, LAND_USE, REMOVAL
from lca.numbers import canonical

PARTS = (FOSSIL, BIOGENIC, REMOVAL, LAND_USE, AIRCRAFT)

Grid = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Gas:
    """A gas of one kind over the stages that the total counts."""

    name: str
    part: str
    kg: str
    potential: str  # kg CO2e per kg
    kgco2e: str
    is_counted: bool  # by the headline number


@dataclass(frozen=True, slots=True)
class Tables:
    """Stage -> part -> kg CO2e; stage -> component -> kg CO2e of the headline number; gases. Absent is nought.

    ``without_uptake`` is stage -> kg CO2e of all gases but biogenic carbon dioxide, taken up or given off.
    """

    by_part: Grid
    by_component: Grid
    by_gas: tuple[Gas, ...]
    without_uptake: Mapping[str, str]


def tables(snapshot: Mapping[str, Any]) -> Tables:
    """Return the tables of a frozen footprint; stages outside the total have rows too, which nobody may add to it."""
    found = summed(snapshot)
    method = from_record(snapshot["method"])
    counted, kept = counted_gases(method, found.gases), without_uptake(found.gases)
    parts = [gas.rpartition("/")[2] for gas in found.gases]
    cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    named: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    beside: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one, row in zip(found.lines, found.weighted, strict=True):
        beside[one["stage"]][""] += row[kept].tolist()
        named[one["stage"]][one["component"]] += row[counted].tolist()
        for part, value in zip(parts, row, strict=True):
            cells[one["stage"]][part].append(float(value))
    return Tables(
        by_part=_summed(cells),
        by_component=_summed(named),
        without_uptake={stage: values[""] for stage, values in _summed(beside).items()},
        by_gas=tuple(_gases(snapshot, found, parts, counted.tolist(), counted_lines(method, found))),
    )


def _summed(cells: Mapping[str, Mapping[str, Sequence[float]]]) -> Grid:
    return {
        stage: {key: canonical(math.fsum(values)) for key, values in named.items()} for stage, named in cells.items()
    }


def _gases(
    snapshot: Mapping[str, Any], found: Summed, parts: Sequence[str], counted: Sequence[bool], inside: Any
) -> Iterable[Gas]:
    potentials = next(iter(snapshot["gwp"].values()))
    for column, gas in enumerate(found.gases):
        yield Gas(
            name=gas.partition("/")[0],
            part=parts[column],
            kg=canonical(math.fsum(found.masses[inside, column])),
            potential=canonical(weight(gas, potentials)),
            kgco2e=canonical(math.fsum(found.weighted[inside, column])),
            is_counted=counted[column],
        )
