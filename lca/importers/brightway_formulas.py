"""Formulas of a Brightway file, worked out where its amounts wait for it.

Brightway computes an amount that has a formula when it stores the activity, so a sheet holds 0, or nothing, in its
place. Such an amount is what its formula gives; another one stands as written, and where its formula gives something
else both are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from lca.dataset import Exchange, Finding, LciDatabase, UnitProcess
from lca.errors import FormulasInvalid
from lca.parametrised import check, evaluate

NOTHING = "0"  # a published amount as ``check`` prints it


def worked_out(database: LciDatabase) -> LciDatabase:
    """Return ``database`` with every amount that only a formula gives, and what its formulas do not give."""
    told = [one for one in check(database) if (one.code, one.params.get("published")) != ("formula-differs", NOTHING)]
    processes = []
    for process in database.processes:
        computed = _computed(database, process)
        processes.append(computed)
        told += _told(database, process, computed)
    return replace(database, processes=tuple(processes), findings=(*database.findings, *told))


def _waits(exchange: Exchange) -> bool:
    return bool(exchange.formula) and exchange.amount == 0


def _computed(database: LciDatabase, process: UnitProcess) -> UnitProcess:
    if not any(map(_waits, process.exchanges)):
        return process
    try:
        found = evaluate(process, database.parameters)
    except FormulasInvalid:  # each problem is told by ``check``
        return process
    amounts = {one.id: one.amount for one in found.exchanges}
    exchanges = tuple(_with(one, amounts[one.id]) if _waits(one) else one for one in process.exchanges)
    return replace(process, exchanges=exchanges)


def _with(exchange: Exchange, amount: float) -> Exchange:
    spread = exchange.uncertainty
    if spread is not None and spread.kind == "lognormal" and amount:
        spread = replace(spread, loc=math.log(abs(amount)))
    return replace(exchange, amount=amount, uncertainty=spread)


def _told(database: LciDatabase, process: UnitProcess, computed: UnitProcess) -> Iterator[Finding]:
    waiting = [one for one in process.exchanges if _waits(one)]
    if not waiting:
        return
    names = "; ".join(dict.fromkeys(database.flows[one.flow].name for one in waiting))
    where = f"{process.name} ({process.id})"
    if computed is process:
        yield Finding("amount-not-computed", where, {"flows": names}, is_error=True)
    else:
        yield Finding("amount-by-formula", where, {"flows": names})
