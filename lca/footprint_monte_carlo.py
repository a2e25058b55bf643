"""A frozen footprint drawn by Monte Carlo: its own processes, lines and supplies as one foreground system.

Everything comes from the snapshot, so that a stranger with the same seed draws the same. Amounts and factors spread as
they are stated; what states nothing is certain, and how much of the result that is stands beside it. Only lines and
gases that the method's total counts are drawn: with the amounts as stated the score is ``total_kgco2e``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lca.dataset import Uncertainty
from lca.distributions import of_percent
from lca.errors import NothingUncertain
from lca.footprint import Record, counted_gases, counted_lines, summed, weight
from lca.footprint_method import from_record
from lca.monte_carlo import Demand, ForegroundSystem, Input, Line, Progress, Supply, compare, run
from lca.snapshot import digest

PER_UNIT = "unit of the product"


def monte_carlo(snapshot: Mapping[str, Any], runs: int, seed: int, progress: Progress | None = None) -> Record:
    """Return statistics, drivers and convergence of a footprint in ``runs`` runs.

    Raises:
        NothingUncertain: no amount and no factor states an uncertainty.
        RunsInvalid, UncertaintyInvalid, AllDrawsFailed: see ``lca.monte_carlo.run``.
    """
    system, demand = _uncertain(snapshot)
    found = run(system, demand, runs, seed, progress).record()
    names = _names(snapshot)
    drivers = [one | dict(zip(("name_zh", "name_en"), names[one["id"]], strict=True)) for one in found["drivers"]]
    return _said(snapshot) | found | {"drivers": drivers, "certain_share": _certain_share(snapshot)}


def compared(
    first: Mapping[str, Any], second: Mapping[str, Any], runs: int, seed: int, progress: Progress | None = None
) -> Record:
    """Return in how many runs the first footprint is lower; what both take of, they take at one value in each run.

    Raises:
        NothingUncertain, RunsInvalid, UncertaintyInvalid, AllDrawsFailed: as ``monte_carlo``.
    """
    found = compare(_uncertain(first), _uncertain(second), runs, seed, progress).record()
    return found | {"first": _said(first), "second": _said(second)}


def system_of(snapshot: Mapping[str, Any]) -> Demand:
    """Return a footprint as a system, and the process whose output is one unit of the product.

    Supplies have their key and lines of one input their group: two footprints draw what they share once.
    """
    nodes, count = snapshot["nodes"], len(snapshot["nodes"])
    shares = [float(node["share"]) for node in nodes]
    inputs = [
        Input(
            f"{nodes[link['process']]['id']} <- {nodes[link['supplier']]['id']} {number}",
            link["supplier"],
            link["process"],
            amount := float(link["amount"]) * shares[link["process"]],
            _spread(amount, link["uncertainty_percent"], link["distribution"]),
            _group(snapshot, link) if link["uncertainty_percent"] else "",
        )
        for number, link in enumerate(snapshot["links"])
    ]
    supplies, lines = _taken(snapshot, shares)
    return ForegroundSystem(
        processes=(*(node["id"] for node in nodes), PER_UNIT),
        outputs=(*(float(node["output"]) for node in nodes), 1.0),
        inputs=(*inputs, Input(PER_UNIT, snapshot["main"], count, float(snapshot["demand"]))),
        lines=lines,
        supplies=supplies,
    ), count


def _uncertain(snapshot: Mapping[str, Any]) -> Demand:
    system, demand = system_of(snapshot)
    drawn: list[Input | Line | Supply] = [*system.inputs, *system.lines, *system.supplies]
    if not any(one.uncertainty for one in drawn):
        raise NothingUncertain(snapshot["footprint"]["id"])
    return system, demand


def _taken(snapshot: Mapping[str, Any], shares: list[float]) -> tuple[tuple[Supply, ...], tuple[Line, ...]]:
    """Return supplies as kg CO2e per unit, and the lines that the total counts; own emissions as gases emitted."""
    found, method = summed(snapshot), from_record(snapshot["method"])
    counted = {gas for gas, is_in in zip(found.gases, counted_gases(method, found.gases), strict=True) if is_in}
    potentials = next(iter(snapshot["gwp"].values()))
    weights = {gas: weight(gas, potentials) for gas in counted}
    supplies: dict[str, int] = {}
    held: list[Supply] = []
    lines: list[Line] = []
    for one, is_in in zip(found.lines, counted_lines(method, found), strict=True):
        if not is_in:
            continue
        if "supply" in one:
            supply = _supply(snapshot["supplies"][one["supply"]], weights)
            amount = float(one["amount"]) * float(one["to_basis"]) * shares[one["process"]]
            spread = _spread(amount, one["uncertainty_percent"], one["distribution"])
        else:
            supply = Supply(f"emitted {one['gas']}", weights.get(one["gas"], 0.0))
            amount, spread = float(one["kg"]) * shares[one["process"]], None
        if supply.id not in supplies:
            supplies[supply.id] = len(held)
            held.append(supply)
        group = _group(snapshot, one) if spread else ""
        lines.append(Line(one["id"], one["process"], supplies[supply.id], amount, spread, group))
    return tuple(held), tuple(lines)


def _supply(one: Mapping[str, Any], weights: Mapping[str, float]) -> Supply:
    per_unit = math.fsum(float(mass) * weights[gas] for gas, mass in one["gases_kg"].items() if gas in weights)
    return Supply(one["key"], per_unit, _spread(per_unit, one["uncertainty_percent"]))


def _names(snapshot: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what amounts and factors are called by the names they are drawn under, Chinese and English."""
    names = {one["key"]: (one["zh"], one["en"] or one["zh"]) for one in snapshot["supplies"].values()}
    nodes = snapshot["nodes"]
    for link in snapshot["links"]:
        node = nodes[link["supplier"]]
        names[_group(snapshot, link)] = (node["zh"], node["en"] or node["zh"])
    lines = sorted(snapshot["lines"], key=lambda one: len(one["id"]), reverse=True)  # an input before its transport
    return names | {_group(snapshot, one): (one["zh"], one["en"] or one["zh"]) for one in lines}


def _group(snapshot: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """Return the name of an amount that is drawn once; products of other models have amounts of their own."""
    return f"{snapshot['model']['id']} {one['group']}"


def _spread(amount: float, percent: str | None, kind: str = "lognormal") -> Uncertainty | None:
    return of_percent(amount, float(percent), kind) if percent and amount else None


def _certain_share(snapshot: Mapping[str, Any]) -> float:
    """Return the share of the result, by absolute amounts, of lines where neither amount nor factor spreads."""
    results = {one["id"]: abs(float(one["kgco2e"])) for one in snapshot["results"]["lines"]}
    certain = math.fsum(results[identifier] for identifier in _certain(snapshot))
    whole = math.fsum(results.values())
    return certain / whole if whole else 0.0


def _certain(snapshot: Mapping[str, Any]) -> Iterator[str]:
    for one in snapshot["lines"]:
        if not one["uncertainty_percent"] and not snapshot["supplies"][one["supply"]]["uncertainty_percent"]:
            yield one["id"]
    yield from (one["id"] for one in snapshot["given"])


def _said(snapshot: Mapping[str, Any]) -> Record:
    unit = snapshot["model"]["unit"]
    return {
        "id": snapshot["footprint"]["id"],
        "method": snapshot["method"]["id"],
        "per": f"{unit['amount']} {unit['unit']}",
        "total_kgco2e": snapshot["results"]["total_kgco2e"],
        "snapshot_sha256": digest(snapshot),
    }
