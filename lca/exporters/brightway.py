"""An inventory as the rows of Brightway's layout, as ``lca.importers.brightway`` reads them.

Brightway knows neither units other than the product's nor wastes: every amount is turned into the reference unit of
its flow, and what is treated or given to treatment is negative. A resource is told by its compartment; an elementary
flow that goes the other way than its compartment says is negative too. Causal allocations have no place here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lca.dataset import (
    AVOIDED,
    BIOSPHERE,
    SUPPLY,
    Exchange,
    Flow,
    LciDatabase,
    Parameter,
    Uncertainty,
    UnitProcess,
    role,
)
from lca.importers.brightway import is_resource
from lca.importers.brightway_supplies import CUT_OFF
from lca.importers.brightway_values import DISTRIBUTIONS
from lca.inert import inert
from lca.scaling import scaled, scaled_formula

Cell = str | float
Row = list[Cell]

SPREAD = ("uncertainty type", "loc", "scale", "minimum", "maximum", "negative")
EXCHANGE_COLUMNS = (
    "name",
    "reference product",
    "amount",
    "unit",
    "database",
    "location",
    "type",
    "categories",
    "formula",
    *SPREAD,
    "pedigree",
    "allocation",
    "CAS number",
    "flow",
    "input",
    "comment",
)
PARAMETER_COLUMNS = ("name", "amount", "unit", "formula", *SPREAD, "comment")
BRIGHTWAY_FORMATS = ("excel", "csv")  # of databases whose products name in their category where they come from

_NUMBERS: Mapping[str, float] = {kind: number for number, kind in DISTRIBUTIONS.items()}
_TYPES: Mapping[str, str] = {SUPPLY: "production", BIOSPHERE: "biosphere", AVOIDED: "substitution"}


def head(database: LciDatabase) -> Iterator[Row]:
    """Yield the rows of the database and its parameters."""
    yield ["Database", database.name]
    told: tuple[tuple[str, str], ...] = (
        ("format", database.format),
        ("version", database.version),
        ("source", database.source),
        ("licence", database.licence),
    )
    for key, value in told:
        if value:
            yield [key, value]
    yield []
    if database.parameters:
        yield ["Database parameters"]
        yield from _parameters(database.parameters)
        yield []


def activities(database: LciDatabase) -> Iterator[list[Row]]:
    """Yield the rows of every process, then those of every elementary flow that only this database can have."""
    told = _Told(database)
    for process in database.processes:
        yield [*told.process(process), []]
    for flow in database.flows.values():
        if _is_own(flow):
            yield [["Activity", flow.name], ["code", flow.id], ["type", "emission"], ["unit", flow.unit], []]


@dataclass(frozen=True, slots=True)
class _Name:
    """By what an input names what it wants."""

    name: str
    product: str
    location: str
    unit: str


class _Told:
    """The processes of one database as rows; the names of all that they supply are known beforehand."""

    def __init__(self, database: LciDatabase) -> None:
        self._database = database
        self._names: dict[tuple[str, str], _Name] = {}  # process and flow -> by what it is named
        for process, exchange in database.supplies():
            flow = database.flows[exchange.flow]
            name = process.name if exchange.id == process.reference else flow.name
            self._names[process.id, flow.id] = _Name(name, flow.name, process.location, flow.unit)
        for process in database.processes:
            # A reference that supplies nothing by its flow is written as a production all the same.
            flow = database.flows[_reference(process).flow]
            self._names[process.id, flow.id] = _Name(process.name, flow.name, process.location, flow.unit)
        self._times = Counter(self._names.values())
        self._titles = {named.name for named in self._names.values()}

    def process(self, process: UnitProcess) -> Iterator[Row]:
        reference = _reference(process)
        flow = self._database.flows[reference.flow]
        yield ["Activity", process.name]
        yield from ([key, value] for key, value in _attributes(process, flow, reference) if value)
        if process.parameters:
            yield ["Parameters", process.id]
            yield from _parameters(process.parameters)
            yield []
        yield ["Exchanges"]
        yield list(EXCHANGE_COLUMNS)
        shares = next((one.shares for one in process.allocations if one.method == process.default_allocation), {})
        for exchange in process.exchanges:
            told = self._exchange(process, exchange)
            if told["type"] == "production" and exchange.flow in shares:
                told["allocation"] = shares[exchange.flow]
            yield [told.get(column, "") for column in EXCHANGE_COLUMNS]

    def _exchange(self, process: UnitProcess, exchange: Exchange) -> dict[str, Cell]:
        flow = self._database.flows[exchange.flow]
        type_ = "production" if exchange.id == process.reference else _TYPES.get(role(exchange, flow), "technosphere")
        factor = exchange.to_reference * (-1 if _is_reversed(exchange, flow, type_) else 1)
        told: dict[str, Cell] = {
            "amount": exchange.amount * factor,
            "unit": flow.unit,
            "type": type_,
            "formula": _formula(scaled_formula(exchange.formula, factor)),
            "pedigree": f"({', '.join(str(score) for score in exchange.pedigree)})" if exchange.pedigree else "",
            "flow": flow.id,
            "comment": exchange.comment,
        }
        spread = _spread(exchange.uncertainty, exchange.amount, factor)
        return told | spread | self._named(process, exchange, flow, type_)

    def _named(self, process: UnitProcess, exchange: Exchange, flow: Flow, type_: str) -> dict[str, Cell]:
        if type_ == "biosphere":
            categories = "::".join(flow.category.split("/"))
            database = self._database.name if _is_own(flow) else ""
            return {"name": flow.name, "categories": categories, "CAS number": flow.cas, "database": database}
        supplier = process.id if type_ == "production" else exchange.provider
        named = self._names.get((supplier, flow.id))
        if named is None:
            from_nobody = CUT_OFF if flow.name in self._titles else ""
            database = flow.category if self._database.format in BRIGHTWAY_FORMATS else from_nobody
            return {
                "name": flow.name,
                "reference product": flow.product,
                "location": flow.location,
                "database": database,
            }
        told: dict[str, Cell] = {
            "name": named.name,
            "reference product": named.product,
            "location": named.location,
            "database": self._database.name,
        }
        if type_ != "production" and self._times[named] > 1:
            told["input"] = f"{self._database.name}::{supplier}"
        return told


def _is_own(flow: Flow) -> bool:
    """Whether an elementary flow is none of Brightway's biosphere, whose flows all have a compartment."""
    return flow.kind == "elementary" and not flow.category


def _reference(process: UnitProcess) -> Exchange:
    return next(exchange for exchange in process.exchanges if exchange.id == process.reference)


def _is_reversed(exchange: Exchange, flow: Flow, type_: str) -> bool:
    """Whether Brightway counts the other way: a waste, or against what the compartment says."""
    if type_ == "biosphere":
        return exchange.is_input != is_resource(flow.category)
    if type_ == "production":
        return exchange.is_input
    return type_ == "technosphere" and not exchange.is_input


def _attributes(process: UnitProcess, flow: Flow, reference: Exchange) -> tuple[tuple[str, Cell], ...]:
    return (
        ("code", process.id),
        ("type", "process"),
        ("reference product", flow.name),
        ("unit", flow.unit),
        ("location", process.location),
        ("production amount", reference.amount * reference.to_reference * (-1 if reference.is_input else 1)),
        ("categories", "::".join(process.category.split("/"))),
        ("name zh", process.name_zh),
        ("kind", process.kind if process.kind != "unit" else ""),
        ("valid from", process.valid_from),
        ("valid until", process.valid_until),
        ("source", process.source),
        ("licence", process.licence),
        ("default allocation", process.default_allocation),
        ("placeholder", "true" if process.is_placeholder else ""),
        ("comment", process.comment),
    )


def _parameters(parameters: Sequence[Parameter]) -> Iterator[Row]:
    yield list(PARAMETER_COLUMNS)
    for one in parameters:
        told: dict[str, Cell] = {
            "name": one.name,
            "amount": one.amount,
            "unit": one.unit,
            "formula": _formula(one.formula),
            "comment": one.comment,
        }
        told |= _spread(one.uncertainty, one.amount, 1.0)
        yield [told.get(column, "") for column in PARAMETER_COLUMNS]


def _formula(text: str) -> str:
    # In brackets it means the same, and is no formula of the spreadsheet.
    return text if inert(text) == text else f"({text})"


def _spread(uncertainty: Uncertainty | None, amount: float, factor: float) -> dict[str, Cell]:
    """Return the columns of the distribution of an amount that was multiplied by ``factor``."""
    if uncertainty is None:
        return {}
    spread = scaled(uncertainty, factor)
    numbers = {"loc": spread.loc, "scale": spread.scale, "minimum": spread.minimum, "maximum": spread.maximum}
    told: dict[str, Cell] = {column: value for column, value in numbers.items() if value is not None}
    if uncertainty.kind == "lognormal" and amount * factor < 0:
        told["negative"] = "True"
    return told | {"uncertainty type": _NUMBERS[uncertainty.kind]}
