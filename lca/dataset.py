"""Unit processes and exchanges of a life-cycle inventory: what every reader delivers and every writer takes.

A database holds flows (products, wastes, elementary flows) and unit processes. An exchange keeps the amount and
the unit as its publisher printed them, and ``to_reference``, the number of reference units of its flow in one of
its own units; nothing else converts. Nothing is linked here: ``lca.linking`` finds suppliers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AVOIDED",
    "BIOSPHERE",
    "DEMAND",
    "SUPPLY",
    "Allocation",
    "Exchange",
    "Finding",
    "Flow",
    "LciDatabase",
    "Parameter",
    "Role",
    "Uncertainty",
    "UnitProcess",
    "role",
]

FlowKind = Literal["product", "waste", "elementary"]
Role = Literal["supply", "demand", "avoided", "biosphere"]
SUPPLY: Role = "supply"
DEMAND: Role = "demand"
AVOIDED: Role = "avoided"
BIOSPHERE: Role = "biosphere"

UNIT_PROCESS, SYSTEM_PROCESS = "unit", "system"

DISTRIBUTIONS = ("lognormal", "normal", "triangular", "uniform")


@dataclass(frozen=True, slots=True)
class Flow:
    """What is exchanged, counted in ``unit``, its reference unit as the publisher spells it."""

    id: str
    name: str
    kind: FlowKind
    unit: str
    name_zh: str = ""
    category: str = ""  # of an elementary flow its compartment, 'air/low population density'
    cas: str = ""  # without leading zeros, '124-38-9'
    formula: str = ""
    location: str = ""
    product: str = ""  # of an input wanted from a process of another database, which ``name`` names: what it makes


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """A distribution of an amount in the exchange's own unit, in the terms of ``stats_arrays``.

    ``lognormal``: ``loc`` = ln of the median of the absolute amount, ``scale`` = sigma of ln x; ``normal``: mean and
    standard deviation; ``triangular``: ``loc`` = mode, with both bounds; ``uniform``: both bounds. A scale of 0, or
    bounds that are one number, say that there is none: readers leave it out then.
    """

    kind: str  # one of DISTRIBUTIONS
    loc: float | None = None
    scale: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """So much of one flow, into a process or out of it."""

    id: str  # unique within its process
    flow: str  # id of a Flow
    amount: float
    unit: str
    is_input: bool
    to_reference: float = 1.0
    is_avoided: bool = False  # a product output that takes the place of another producer's
    provider: str = ""  # id of the process that supplies it, '' where the publisher names none
    formula: str = ""  # of the process's parameters; ``amount`` is what it gave when it was published
    uncertainty: Uncertainty | None = None
    pedigree: tuple[int, ...] = ()  # reliability, completeness, time, geography, technology; 1 best, 5 worst
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number of a process, or one computed from others by ``formula``."""

    name: str
    amount: float
    formula: str = ""
    uncertainty: Uncertainty | None = None
    comment: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """How the publisher shares a process out among its co-products; flow id of the product -> share.

    ``by_exchange`` holds causal shares: exchange id -> flow id of the product -> share.
    """

    method: str  # physical | economic | causal | stated: the publisher gives shares and does not say of what
    shares: Mapping[str, float] = field(default_factory=dict)
    by_exchange: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitProcess:
    """A process with its exchanges; ``reference`` is the id of the exchange that is its quantitative reference."""

    id: str
    name: str
    exchanges: tuple[Exchange, ...]
    reference: str
    name_zh: str = ""
    kind: str = UNIT_PROCESS  # or SYSTEM_PROCESS: an aggregated result
    location: str = ""
    valid_from: str = ""  # ISO date or year
    valid_until: str = ""
    category: str = ""
    source: str = ""  # a person reads it; ids of publications stand in the database's record
    licence: str = ""  # '' = that of the database
    comment: str = ""
    parameters: tuple[Parameter, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    default_allocation: str = ""  # method of the allocation to use, '' where the publisher names none
    is_placeholder: bool = False  # holds demonstration values: bars certification


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a data set that a person has to know; ``code`` is stable, the words are the service's.

    ``where`` names file, process and exchange as a person finds them.
    """

    code: str
    where: str
    params: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class LciDatabase:
    """A named collection of unit processes and their flows, as imported."""

    name: str
    flows: Mapping[str, Flow]
    processes: tuple[UnitProcess, ...]
    version: str = ""  # as the publisher calls it
    source: str = ""
    licence: str = ""
    format: str = ""  # what it was read from: jsonld1, jsonld2, ecospold1, ecospold2, ilcd, excel, csv, simapro
    parameters: tuple[Parameter, ...] = ()  # of the whole database
    findings: tuple[Finding, ...] = ()  # of reading

    def process(self, identifier: str) -> UnitProcess:
        """Return the process called ``identifier``.

        Raises:
            KeyError: there is none.
        """
        return next(one for one in self.processes if one.id == identifier)

    def supplies(self) -> Iterator[tuple[UnitProcess, Exchange]]:
        """Yield every process with each exchange by which it supplies something, in order."""
        for process in self.processes:
            for exchange in process.exchanges:
                if role(exchange, self.flows[exchange.flow]) == SUPPLY:
                    yield process, exchange


def role(exchange: Exchange, flow: Flow) -> Role:
    """Return what an exchange is to the system.

    A product that leaves is supply, one that enters is demand; a waste that leaves asks for treatment (demand), and a
    waste that enters is the treatment supplied. An avoided product leaves in place of another producer's.
    """
    if flow.kind == "elementary":
        return BIOSPHERE
    if exchange.is_avoided:
        return AVOIDED
    return SUPPLY if exchange.is_input == (flow.kind == "waste") else DEMAND
