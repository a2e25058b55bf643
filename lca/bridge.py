"""One inventory under three structures: why location, market and method totals differ, line by line."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lca.numbers import canonical
from lca.valuation import is_apart

Record = Mapping[str, Any]


def bridge(calculations: Sequence[Record], amounts: Mapping[str, float], totals: Mapping[str, float]) -> dict[str, Any]:
    """Explain total_market - total_location and total_method - total_location, with the remainder.

    Every difference is split, in this order: in or out of the structure, share of the site, gases
    counted, mass per unit, warming potential. The parts of a line add up to its difference exactly.
    """
    rows = []
    sums: dict[str, dict[str, list[float]]] = {"market": defaultdict(list), "method": defaultdict(list)}
    for calculation in calculations:
        amount = amounts.get(calculation["id"])
        if amount is None:
            continue
        for target in ("market", "method"):
            for rule, per_unit in _steps(calculation, target):
                delta = amount * per_unit
                if delta == 0:
                    continue
                sums[target][rule].append(delta)
                rows.append({"calculation": calculation["id"], "to": target, "rule": rule, "kgco2e": canonical(delta)})
    explained = {target: math.fsum(math.fsum(v) for v in by_rule.values()) for target, by_rule in sums.items()}
    rules = sorted(set(sums["market"]) | set(sums["method"]))
    return {
        "rows": rows,
        "rules": [
            {
                "rule": rule,
                "location_to_market": canonical(math.fsum(sums["market"].get(rule, ()))),
                "location_to_method": canonical(math.fsum(sums["method"].get(rule, ()))),
            }
            for rule in rules
        ],
        "unexplained": {
            target: _remainder(totals[target] - totals["location"] - explained[target], totals)
            for target in ("market", "method")
        },
    }


def _steps(calculation: Record, target: str) -> Iterator[tuple[str, float]]:
    """Yield (rule, signed kg CO2e per basis unit) from the location view to ``target``."""
    base, other = calculation["views"]["location"], calculation["views"][target]
    if base["included"] and not other["included"]:
        yield other["rule"], -_signed(base)
    elif other["included"] and not base["included"]:
        yield (other["rule"] or base["rule"]), _signed(other)
    elif base["included"]:
        yield from _value_steps(base, other, target)


def _value_steps(base: Record, other: Record, target: str) -> Iterator[tuple[str, float]]:
    if base["sign"] != other["sign"]:
        yield (other["rule"] or "sign"), _signed(other) - _signed(base)
        return
    share, sign = float(base["share"]), float(base["sign"])
    if other["share"] != base["share"]:
        yield "boundary-share", (float(other["share"]) - share) * sign * _weighted(base)
        share = float(other["share"])
    for rule, value in _gas_steps(base, other, target):
        yield rule, share * sign * value


def _gas_steps(base: Record, other: Record, target: str) -> Iterator[tuple[str, float]]:
    for gas in sorted(g for g in set(base["gases"]) | set(other["gases"]) if not is_apart(g)):
        before, after = float(base["gases"].get(gas, 0)), float(other["gases"].get(gas, 0))
        if gas not in other["gases"]:
            yield "gas-not-counted", -before * float(base["weights"][gas])
        elif gas not in base["gases"]:
            yield "gas-added", after * float(other["weights"][gas])
        else:
            weight = float(base["weights"][gas])
            yield ("market-factor" if target == "market" else "other-factor"), (after - before) * weight
            yield "gwp-set", after * (float(other["weights"][gas]) - weight)


def _weighted(record: Record) -> float:
    return math.fsum(float(m) * float(record["weights"][g]) for g, m in record["gases"].items() if not is_apart(g))


def _signed(record: Record) -> float:
    return float(record["sign"]) * float(record["share"]) * _weighted(record)


def _remainder(value: float, totals: Mapping[str, float]) -> str:
    # A remainder below the twelfth digit of the totals is the rounding of the sum, not a difference.
    scale = max(abs(total) for total in totals.values())
    return "0" if abs(value) <= scale * 1e-11 else canonical(value)
