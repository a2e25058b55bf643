"""Treatments of a Brightway file as this program counts them: a waste goes in, instead of minus one coming out.

Brightway writes a process that treats a waste as one that produces -1 of it, and who hands the waste over as one that
takes a negative amount. Both signs are turned, and the flow is a waste: nothing else about it changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lca.dataset import Exchange, Flow, LciDatabase, Uncertainty, UnitProcess
from lca.scaling import scaled


def as_wastes(database: LciDatabase) -> LciDatabase:
    """Return ``database`` with every flow that is made below zero alone as a waste that is treated."""
    wastes = frozenset(_treated(database))
    if not wastes:
        return database
    flows = {key: _waste(flow) if key in wastes else flow for key, flow in database.flows.items()}
    return replace(database, flows=flows, processes=tuple(_turned(one, wastes) for one in database.processes))


def _treated(database: LciDatabase) -> Iterator[str]:
    made: dict[str, list[Exchange]] = {}
    avoided: set[str] = set()
    for process in database.processes:
        for one in process.exchanges:
            if one.is_avoided:
                avoided.add(one.flow)
            elif not one.is_input and database.flows[one.flow].kind == "product":
                made.setdefault(one.flow, []).append(one)
    for flow, exchanges in made.items():
        if flow not in avoided and all(one.amount * one.to_reference < 0 for one in exchanges):
            yield flow


def _waste(flow: Flow) -> Flow:
    return replace(flow, kind="waste")


def _turned(process: UnitProcess, wastes: frozenset[str]) -> UnitProcess:
    if not any(one.flow in wastes for one in process.exchanges):
        return process
    exchanges = tuple(_other_way(one) if one.flow in wastes else one for one in process.exchanges)
    return replace(process, exchanges=exchanges)


def _other_way(exchange: Exchange) -> Exchange:
    return replace(
        exchange,
        amount=-exchange.amount,
        is_input=not exchange.is_input,
        formula=f"-({exchange.formula})" if exchange.formula else "",
        uncertainty=_mirrored(exchange.uncertainty),
    )


def _mirrored(spread: Uncertainty | None) -> Uncertainty | None:
    return None if spread is None else scaled(spread, -1)
