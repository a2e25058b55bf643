"""A database as its system is computed: every process with one product, every input with its supplier named.

For programs that solve a square system and allocate nothing. A process of several products becomes as many, each with
its share of every exchange; all others stay as they are. What supplies nothing is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lca.dataset import SUPPLY, Exchange, Finding, LciDatabase, UnitProcess, role
from lca.linking import Column, System, link
from lca.scaling import scaled, scaled_formula


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a column takes by one exchange, in reference units of its flow, and the column that supplies it."""

    amount: float
    supplier: int = -1


def single_output(database: LciDatabase) -> tuple[LciDatabase, tuple[Finding, ...]]:
    """Return ``database`` with one product a process, and what was shared out or left out for it."""
    system = link(database)
    columns = Counter(column.process for column in system.columns)
    findings = [*system.findings]
    for number, process in enumerate(database.processes):
        if columns[number] == 0:
            findings.append(Finding("process-not-written", process.name))
    processes = tuple(_Split(system, columns).processes())
    return replace(database, processes=processes), tuple(findings)


class _Split:
    """The columns of a system as processes again."""

    def __init__(self, system: System, columns: Mapping[int, int]) -> None:
        self._system, self._columns = system, columns
        self._taken: dict[int, dict[str, _Taken]] = defaultdict(dict)
        for entry in (*system.technosphere, *system.biosphere):
            self._taken[entry.column][entry.exchange] = _Taken(entry.amount, entry.row)
        for cut in system.cut_off:
            self._taken[cut.column][cut.exchange] = _Taken(cut.amount)

    def processes(self) -> Iterator[UnitProcess]:
        """Yield one process for every column."""
        for index, column in enumerate(self._system.columns):
            process = self._system.process_of(index)
            if self._columns[column.process] == 1:
                exchanges = tuple(self._linked(index, one) for one in process.exchanges)
                yield replace(process, exchanges=exchanges, reference=column.exchange)
            else:
                yield self._share(index, column, process)

    def _identity(self, index: int) -> str:
        column = self._system.columns[index]
        process = self._system.process_of(index).id
        return process if self._columns[column.process] == 1 else f"{process}#{column.exchange}"

    def _linked(self, index: int, exchange: Exchange) -> Exchange:
        taken = self._taken[index].get(exchange.id)
        supplier = self._identity(taken.supplier) if taken is not None and taken.supplier >= 0 else ""
        return replace(exchange, provider=supplier)

    def _share(self, index: int, column: Column, process: UnitProcess) -> UnitProcess:
        flow = self._system.database.flows[column.flow]
        return replace(
            process,
            id=self._identity(index),
            name=f"{process.name} ({flow.name})",
            exchanges=tuple(self._shared(index, column, process)),
            reference=column.exchange,
            allocations=(),
            default_allocation="",
        )

    def _shared(self, index: int, column: Column, process: UnitProcess) -> Iterator[Exchange]:
        for exchange in process.exchanges:
            taken = self._taken[index].get(exchange.id)
            if taken is not None:
                whole = exchange.amount * exchange.to_reference
                yield _times(self._linked(index, exchange), abs(taken.amount / whole))
            elif exchange.flow == column.flow and self._is_supply(exchange):
                yield exchange

    def _is_supply(self, exchange: Exchange) -> bool:
        return role(exchange, self._system.database.flows[exchange.flow]) == SUPPLY


def _times(exchange: Exchange, share: float) -> Exchange:
    spread = exchange.uncertainty and scaled(exchange.uncertainty, share)
    formula = scaled_formula(exchange.formula, share)
    return replace(exchange, amount=exchange.amount * share, formula=formula, uncertainty=spread)
