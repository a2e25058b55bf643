"""Allocation factors of an openLCA JSON-LD process: those that share something out whole are kept, the rest is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lca.dataset import Allocation, Exchange
from lca.importers.jsonld_objects import Json, number, part_of, reference, text

METHODS: Mapping[str, str] = {
    "PHYSICAL_ALLOCATION": "physical",
    "ECONOMIC_ALLOCATION": "economic",
    "CAUSAL_ALLOCATION": "causal",
}
REASONS = ("without_product", "not_a_product", "without_exchange", "without_value", "repeated", "not_whole")
"""Why a factor is left out."""

TOLERANCE = 1e-6
"""How far shares may be from adding up to 1."""


@dataclass
class Factors:
    """The factors of one process, sorted by what they share out."""

    by_method: dict[str, dict[str, float]] = field(default_factory=dict)  # method -> product -> share
    by_exchange: dict[str, dict[str, float]] = field(default_factory=dict)  # exchange -> product -> share
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Shared:
    """A process, as its allocation factors see it."""

    exchanges: Mapping[str, Exchange]
    products: frozenset[str]  # flows by which it supplies
    allocated: Sequence[str]  # exchanges that have to be shared out
    flow: Callable[[str], str]  # the identifier of a flow, from the one that the file refers to it with


def shared_out(factors: Sequence[Json], process: Shared) -> tuple[tuple[Allocation, ...], Counter[str]]:
    """Return the allocations of a process, and how many factors were left out for which reason.

    A method counts if its shares add up to 1, the causal one if those of every exchange do: a share that is missing
    would lose what it stands for.
    """
    found = Factors()
    clear = _clear(process.exchanges)
    for one in factors:
        reason = _take(one, found, process, clear)
        if reason:
            found.left_out[reason] += 1
    return tuple(_usable(found, process.allocated)), found.left_out


def _clear(exchanges: Mapping[str, Exchange]) -> Mapping[str, str]:
    """Return flow -> exchange, of the flows that a process exchanges once."""
    times = Counter(one.flow for one in exchanges.values())
    return {one.flow: identifier for identifier, one in exchanges.items() if times[one.flow] == 1}


def _take(one: Json, found: Factors, process: Shared, clear: Mapping[str, str]) -> str:
    """Sort a factor in; return why it cannot be used, '' if it can."""
    method, share = METHODS.get(text(one.get("allocationType")), ""), number(one.get("value"))
    named = reference(one, "product")
    if not named:
        return "without_product"
    product = process.flow(named)
    if product not in process.products:
        return "not_a_product"
    if not method or share is None or share < 0:
        return "without_value"
    if method != "causal":
        shares = found.by_method.setdefault(method, {})
    else:
        exchange = _exchange(part_of(one, "exchange"), process, clear)
        if not exchange:
            return "without_exchange"
        shares = found.by_exchange.setdefault(exchange, {})
    if product in shares:
        return "repeated"
    shares[product] = share
    return ""


def _exchange(one: Json, process: Shared, clear: Mapping[str, str]) -> str:
    """Return the exchange that a factor names, by identifier, else by a flow that the process exchanges once."""
    for identifier in (text(one.get("@id")), text(one.get("internalId"))):
        if identifier in process.exchanges:
            return identifier
    return clear.get(process.flow(reference(one, "flow")), "")


def _usable(found: Factors, allocated: Sequence[str]) -> Iterator[Allocation]:
    for method, shares in found.by_method.items():
        if _is_whole(shares):
            yield Allocation(method, shares)
        else:
            found.left_out["not_whole"] += len(shares)
    if not found.by_exchange:
        return
    if all(_is_whole(found.by_exchange.get(exchange, {})) for exchange in allocated):
        yield Allocation("causal", by_exchange=found.by_exchange)
    else:
        found.left_out["not_whole"] += sum(len(shares) for shares in found.by_exchange.values())


def _is_whole(shares: Mapping[str, float]) -> bool:
    return abs(math.fsum(shares.values()) - 1) <= TOLERANCE
