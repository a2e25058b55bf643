"""Who supplies what: unit processes become the columns of one square system, co-products allocated, inputs linked.

A column is one product of one process (or the treatment of one waste), and at the same time the row of what it
supplies. An input is linked to the process that its publisher names, or to the only one that supplies the flow.
Nobody, or several without a name: the input is cut off and kept in the list, and every score that passes by it
says so. Nothing takes "the first one".
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from factors.errors import FactorsError
from factors.units import multiplier
from lca.dataset import AVOIDED, BIOSPHERE, SUPPLY, Allocation, Exchange, Finding, LciDatabase, UnitProcess, role

PUBLISHED_CUT_OFF = "CUTOFF "
"""How the U.S. Life Cycle Inventory names an input that it leaves out on purpose."""

SHARE_TOLERANCE = 1e-6
PREFERRED = ("physical", "economic", "causal")


@dataclass(frozen=True, slots=True)
class Column:
    """One product of one process: ``amount`` reference units of ``flow`` leave it (or are treated by it)."""

    process: int  # index among the database's processes
    exchange: str
    flow: str
    amount: float


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange of a column after allocation, in reference units of its flow; ``row`` is -1 in the biosphere."""

    column: int
    exchange: str
    flow: str
    amount: float
    row: int = -1
    is_input: bool = True


@dataclass(frozen=True, slots=True)
class CutOff:
    """An input that nobody, or nobody in particular, supplies; ``amount`` is what the column takes of it."""

    column: int
    exchange: str
    flow: str
    amount: float
    reason: str  # unlinked | ambiguous | provider-missing | cut-off-by-publisher
    candidates: tuple[str, ...] = ()  # ids of the processes that could supply it


@dataclass(frozen=True, slots=True)
class System:
    """The columns of a database with all that enters and leaves them."""

    database: LciDatabase
    columns: tuple[Column, ...]
    technosphere: tuple[Entry, ...]
    biosphere: tuple[Entry, ...]
    cut_off: tuple[CutOff, ...]
    findings: tuple[Finding, ...]

    def process_of(self, column: int) -> UnitProcess:
        """Return the process that a column belongs to."""
        return self.database.processes[self.columns[column].process]


@dataclass(frozen=True, slots=True)
class _Shared:
    """A process and the share that each of its products takes of every exchange."""

    products: tuple[Exchange, ...]
    shares: Mapping[str, float]  # by exchange id of the product
    by_exchange: Mapping[str, Mapping[str, float]]  # causal: exchange -> exchange id of the product -> share
    finding: Finding | None = None

    def of(self, exchange: str, product: str) -> float:
        causal = self.by_exchange.get(exchange)
        return self.shares[product] if causal is None else causal.get(product, 0.0)


def link(database: LciDatabase) -> System:
    """Return the system of ``database``: allocated, linked, with everything that was cut off and why."""
    shared = tuple(_shared(database, process) for process in database.processes)
    linker = _Linker(database, shared, tuple(_columns(shared)))
    technosphere: list[Entry] = []
    biosphere: list[Entry] = []
    cut: list[CutOff] = []
    for index, column in enumerate(linker.columns):
        for exchange, amount in linker.taken(column):
            what = role(exchange, database.flows[exchange.flow])
            if what == BIOSPHERE:
                biosphere.append(Entry(index, exchange.id, exchange.flow, amount, is_input=exchange.is_input))
                continue
            signed = -amount if what == AVOIDED else amount
            row, reason, candidates = linker.supplier(exchange)
            if row is None:
                cut.append(CutOff(index, exchange.id, exchange.flow, signed, reason, candidates))
            else:
                technosphere.append(Entry(index, exchange.id, exchange.flow, signed, row))
    told = tuple(one.finding for one in shared if one.finding is not None)
    return System(
        database, linker.columns, tuple(technosphere), tuple(biosphere), tuple(cut), told + _barren(shared, database)
    )


def _barren(shared: Sequence[_Shared], database: LciDatabase) -> tuple[Finding, ...]:
    """Return the processes that supply nothing: what leaves them is zero or below, so nothing can be linked to them."""
    pairs = zip(shared, database.processes, strict=True)
    return tuple(
        Finding("process-supplies-nothing", f"{process.name} ({process.id})", is_error=True)
        for one, process in pairs
        if not one.products
    )


class _Linker:
    """Looks up who supplies an input, and how much of an exchange a column bears."""

    def __init__(self, database: LciDatabase, shared: Sequence[_Shared], columns: tuple[Column, ...]) -> None:
        self.database, self.shared, self.columns = database, shared, columns
        self.rows = {(one.process, one.flow): index for index, one in enumerate(columns)}
        self.numbers = {process.id: number for number, process in enumerate(database.processes)}
        self.suppliers: dict[str, list[int]] = defaultdict(list)
        for index, column in enumerate(columns):
            self.suppliers[column.flow].append(index)

    def taken(self, column: Column) -> Iterator[tuple[Exchange, float]]:
        """Yield every exchange of a column but its supply, with the amount that falls to it, in reference units."""
        shared = self.shared[column.process]
        for exchange in self.database.processes[column.process].exchanges:
            if role(exchange, self.database.flows[exchange.flow]) == SUPPLY:
                continue
            amount = exchange.amount * exchange.to_reference * shared.of(exchange.id, column.exchange)
            if amount != 0:
                yield exchange, amount

    def supplier(self, exchange: Exchange) -> tuple[int | None, str, tuple[str, ...]]:
        """Return the row that supplies an input, or None with the reason and the processes that could."""
        found = self.suppliers.get(exchange.flow, [])
        if exchange.provider:
            number = self.numbers.get(exchange.provider, -1)
            row = self.rows.get((number, exchange.flow))
            return (row, "", ()) if row is not None else (None, "provider-missing", self._names(found))
        if len(found) == 1:
            return found[0], "", ()
        if found:
            return None, "ambiguous", self._names(found)
        is_published = self.database.flows[exchange.flow].name.startswith(PUBLISHED_CUT_OFF)
        return None, "cut-off-by-publisher" if is_published else "unlinked", ()

    def _names(self, columns: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.database.processes[self.columns[one].process].id for one in columns)


# --- allocation ----------------------------------------------------------------------------------


def _columns(shared: Sequence[_Shared]) -> Iterator[Column]:
    for number, one in enumerate(shared):
        for product in one.products:
            yield Column(number, product.id, product.flow, product.amount * product.to_reference)


def _shared(database: LciDatabase, process: UnitProcess) -> _Shared:
    """Share a process out among its products.

    The publisher's factors go before everything. Else it goes by amount, among those products that are measured in
    the dimension of the main one; what is measured in another (recovered energy beside a resin, bark beside logs)
    bears nothing, and that is said. The main product is the one that the process is named after, else the
    quantitative reference.
    """
    products = _products(database, process)
    if len(products) <= 1:
        return _Shared(products, {product.id: 1.0 for product in products}, {})
    published = _published(process, products)
    if published is not None:
        return published
    main = _main(database, process, products)
    amounts = {product.id: _in_unit_of(database, product, main) for product in products}
    total = math.fsum(amount for amount in amounts.values() if amount is not None)
    shares = {identifier: (amount or 0.0) / total for identifier, amount in amounts.items()}
    bare = [product for product in products if amounts[product.id] is None]
    names = {"main": database.flows[main.flow].name, "products": _named(database, products)}
    if bare:
        finding = Finding("allocation-other-dimension", process.name, names | {"bare": _named(database, bare)})
    else:
        finding = Finding("allocation-by-amount", process.name, names)
    return _Shared(products, shares, {}, finding)


def _named(database: LciDatabase, products: Sequence[Exchange]) -> str:
    return "; ".join(database.flows[product.flow].name for product in products)


def _in_unit_of(database: LciDatabase, product: Exchange, main: Exchange) -> float | None:
    """Return the amount of a product in the unit of the main one, None where it measures something else."""
    unit, wanted = database.flows[product.flow].unit, database.flows[main.flow].unit
    amount = product.amount * product.to_reference
    if unit == wanted:
        return amount
    try:
        return amount * float(multiplier(unit, wanted))
    except FactorsError:
        return None


def _products(database: LciDatabase, process: UnitProcess) -> tuple[Exchange, ...]:
    """Return the exchanges by which a process supplies; what leaves in several is one, of their whole amount."""
    merged: dict[str, Exchange] = {}
    for exchange in process.exchanges:
        if role(exchange, database.flows[exchange.flow]) == SUPPLY and exchange.amount * exchange.to_reference > 0:
            first = merged.get(exchange.flow)
            if first is not None:
                more = exchange.amount * exchange.to_reference / first.to_reference
                merged[exchange.flow] = replace(first, amount=first.amount + more)
            else:
                merged[exchange.flow] = exchange
    return tuple(merged.values())


def _published(process: UnitProcess, products: Sequence[Exchange]) -> _Shared | None:
    by_flow = {product.flow: product.id for product in products}
    known = {one.method: one for one in process.allocations}
    order = (process.default_allocation, *PREFERRED)
    for allocation in (known[name] for name in dict.fromkeys(order) if name in known):
        shares = {by_flow[flow]: share for flow, share in allocation.shares.items() if flow in by_flow}
        if allocation.by_exchange:
            causal = _causal(allocation, by_flow)
            return _Shared(tuple(products), dict.fromkeys(by_flow.values(), 0.0) | shares, causal)
        if abs(sum(shares.values()) - 1) <= SHARE_TOLERANCE:
            return _Shared(tuple(products), dict.fromkeys(by_flow.values(), 0.0) | shares, {})
    return None


def _causal(allocation: Allocation, by_flow: Mapping[str, str]) -> dict[str, dict[str, float]]:
    return {
        exchange: {by_flow[flow]: share for flow, share in shares.items() if flow in by_flow}
        for exchange, shares in allocation.by_exchange.items()
    }


def _main(database: LciDatabase, process: UnitProcess, products: Sequence[Exchange]) -> Exchange:
    named = [one for one in products if database.flows[one.flow].name.strip() == process.name.strip()]
    referred = [one for one in products if one.id == process.reference]
    return (named or referred or list(products))[0]


def summary(system: System) -> Mapping[str, int]:
    """Return how many inputs were cut off for which reason."""
    return dict(Counter(one.reason for one in system.cut_off))
