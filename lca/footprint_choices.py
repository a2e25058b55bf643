"""What other significant choices would do to a footprint, as far as its frozen operands alone can say.

ISO 14067 asks for the sensitivity of a result to allocation, electricity and the rule for recycled material. A snapshot
holds shares, supplies and roles, no masses or prices of co-products and no rates of recycling: what would need these
is not computed here, and a report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lca.footprint import counted_gases, counted_lines, summed
from lca.footprint_method import FootprintMethod, from_record
from lca.numbers import canonical

Record = Mapping[str, Any]

ALLOCATION, POWER, GRID, PRIMARY, BARE = "allocation", "power", "grid", "primary", "bare"
"""All burdens on the product; power a tenth more; the grid's for contracts; recycled as primary; no scrap rule."""

MORE = 0.1  # of the emissions of all power
ELECTRICITY = "electricity"  # group of supplies
RECYCLED, VIRGIN = "e_rec", "e_v"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice made otherwise: the footprint it would give, kg CO2e per unit."""

    id: str
    total_kgco2e: str


def choices(snapshot: Record) -> tuple[Choice, ...]:
    """Return the choices that the snapshot can be computed with otherwise; one that it does not face is absent."""
    method = from_record(snapshot["method"])
    return tuple(Choice(name, canonical(total)) for name, total in _choices(snapshot, method))


def _choices(snapshot: Record, method: FootprintMethod) -> Iterator[tuple[str, float]]:
    results = snapshot["results"]
    if any(float(node["share"]) != 1 for node in snapshot["nodes"]):
        whole = [{**node, "share": "1"} for node in snapshot["nodes"]]
        yield ALLOCATION, _total({**snapshot, "nodes": whole}, method)
    power = _power(snapshot, method)
    if power:
        yield POWER, float(results["total_kgco2e"]) + MORE * power
    if "by_grid_kgco2e" in results:
        yield GRID, float(results["by_grid_kgco2e"])
    virgin = _of_virgin(snapshot)
    if virgin is not None:
        yield PRIMARY, _total({**snapshot, "lines": virgin}, method)
    if float(results["scrap_burden_kgco2e"]) or float(results["credits_kgco2e"]):
        yield BARE, float(results["gate_kgco2e"])


def _total(body: Record, method: FootprintMethod) -> float:
    found = summed(body)
    return found.kgco2e(counted_lines(method, found), counted_gases(method, found.gases))


def _power(snapshot: Record, method: FootprintMethod) -> float:
    """Return the kg CO2e of all power that the model itself takes, within the total."""
    found = summed(snapshot)
    supplies = snapshot["supplies"]
    taken = [supplies[one["supply"]]["group"] == ELECTRICITY if "supply" in one else False for one in found.lines]
    chosen = counted_lines(method, found) & np.array(taken, bool)
    return found.kgco2e(chosen, counted_gases(method, found.gases))


def _of_virgin(snapshot: Record) -> list[Record] | None:
    """Return the lines with recycled material made from primary; None where nothing is recycled, or no primary known.

    Lines of one input share its group: the supply of the virgin part is that of the recycled one made otherwise.
    """
    primary = {one["group"]: one for one in snapshot["lines"] if one["role"] == VIRGIN}
    recycled = [one for one in snapshot["lines"] if one["role"] == RECYCLED]
    if not recycled or any(one["group"] not in primary for one in recycled):
        return None
    return [
        {**one, **{key: primary[one["group"]][key] for key in ("supply", "to_basis")}}
        if one["role"] == RECYCLED
        else one
        for one in snapshot["lines"]
    ]
