"""A product-footprint method as an immutable, versioned record: what it is about, where it ends, by which rules.

The records are all of ``lca/data/methods`` that are neither inventories nor abstract (``*.common.yaml``);
``lca.method_records`` says how one extends another. ``from_record`` reads again what ``to_record`` wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from lca.errors import MethodInvalid, UnknownMethod
from lca.footprint_method_checks import problems
from lca.method_records import DATA, Edition, Evidence, Parameter, Record, Text, copied, parameters, resolve

__all__ = ["FootprintMethod", "footprint_methods", "from_record", "load"]


BILL_OF_MATERIALS = "bill_of_materials"
"""What most methods run on; the others run on the data of an installation."""


@dataclass(frozen=True, slots=True)
class Named:
    """A stage, a process or a condition, with its words."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Clause:
    """What a report has to state, or what is left out and why, with the clause that says so."""

    id: str
    zh: str
    en: str
    clause: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a certificate may rest on the method, and why (not)."""

    status: str
    certifiable: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What a result is stated per: ``kind`` functional, declared or either, ``of`` the units."""

    kind: str
    of: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class BoundaryType:
    """One system boundary: stages that have to be there and stages that may be."""

    zh: str
    en: str
    required: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """All stages in order, the boundaries by name, what is left out, and which stages stand outside every total."""

    stages: tuple[Named, ...]
    types: Mapping[str, BoundaryType]
    excluded: tuple[Clause, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataRules:
    """Processes that need primary data, how old data may be (years), and the period they cover (months)."""

    primary: tuple[Named, ...]
    primary_age: Parameter | None
    secondary_age: Parameter | None
    period: Parameter | None


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What may be left out, in percent of ``basis``, for one flow and for all, and what never."""

    basis: tuple[str, ...]
    single: Parameter | None
    total: Parameter | None
    never: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """The order in which ways of sharing a process are tried, and those that are forbidden."""

    order: tuple[str, ...]
    forbidden: tuple[str, ...]
    price_years: Parameter | None
    revenue_difference: Parameter | None
    negligible_revenue: Parameter | None


@dataclass(frozen=True, slots=True)
class RecyclingRule:
    """The rule of ``lca.recycling`` with its factors by material; ``beside`` are rules shown outside the total."""

    method: str
    allowed: tuple[str, ...]
    beside: tuple[str, ...]
    a: Mapping[str, Parameter]
    b: Parameter | None
    quality: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class ElectricityRule:
    """Where a kilowatt-hour's factor comes from, first to last, and what a contract has to prove to be used."""

    order: tuple[str, ...]
    conditions: tuple[Named, ...]
    sensitivity: bool


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a result stands: years, the change in percent that ends it, months between surveillances."""

    years: Parameter | None
    change: Parameter | None
    surveillance: Parameter | None
    ends: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class DataQuality:
    """The scheme by which data are rated, its dimensions and the ends of its scale."""

    scheme: str
    dimensions: tuple[str, ...]
    best: Parameter | None
    worst: Parameter | None


@dataclass(frozen=True, slots=True)
class FootprintMethod:
    """One method; ``to_record`` gives everything in it, these fields what computing and checking ask for."""

    id: str
    version: str
    kind: str
    name: Text
    edition: Edition
    in_force_from: str  # ISO date, '' where none is set
    evidence: Evidence
    standing: Standing
    object: Text
    scope: Text
    runs_on: str
    unit: Unit
    boundary: Boundary
    data: DataRules
    cutoff: Cutoff
    allocation: AllocationRule
    recycling: RecyclingRule
    electricity: ElectricityRule
    gwp_set: str
    headline: str
    biogenic: str
    lifetime_km: Parameter | None
    validity: Validity
    data_quality: DataQuality
    parameters: Mapping[str, Parameter]
    statements: tuple[Clause, ...]
    report_template: str
    record: Mapping[str, Any] = field(repr=False)

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def to_record(self) -> Record:
        """Return the whole method as plain JSON-able data, the caller's own copy."""
        return {key: copied(value) for key, value in self.record.items()}

    def required_stages(self, boundary: str) -> tuple[str, ...]:
        """Return the stages that a study of this boundary has to hold.

        Raises:
            KeyError: the method has no such boundary.
        """
        return self.boundary.types[boundary].required

    def excluded_stages(self, boundary: str) -> tuple[str, ...]:
        """Return the stages that a study of this boundary must not hold.

        Raises:
            KeyError: the method has no such boundary.
        """
        rule = self.boundary.types[boundary]
        return tuple(stage.id for stage in self.boundary.stages if stage.id not in rule.required + rule.allowed)

    def unconfirmed(self) -> tuple[str, ...]:
        """Return where the record rests on what nobody has checked against the text: ``cutoff``, ``lifetime_km`` …"""
        return tuple(sorted(_unconfirmed(self.record, "")))

    def values(self) -> dict[str, str]:
        """Return the method's own parameters by name, as printed."""
        return {name: parameter.value for name, parameter in self.parameters.items()}


def footprint_methods() -> tuple[str, ...]:
    """Return the ids of all methods of product footprints, in order."""
    names = (path.stem for path in DATA.glob("*.yaml"))
    return tuple(sorted(name for name in names if not name.startswith("inventory.") and not name.endswith("common")))


@cache
def load(identifier: str) -> FootprintMethod:
    """Return the method called ``identifier``.

    Raises:
        UnknownMethod: there is none; all that there are are named.
        MethodInvalid: its file, or one that it extends, does not hold together; every problem is named.
    """
    if identifier not in footprint_methods():
        raise UnknownMethod(identifier, footprint_methods())
    return from_record(resolve(identifier, DATA))


def methods_of_models() -> tuple[FootprintMethod, ...]:
    """Return the methods that compute the footprint of a product's model, in order of their ids."""
    return tuple(one for one in map(load, footprint_methods()) if one.runs_on == BILL_OF_MATERIALS)


def from_record(record: Mapping[str, Any]) -> FootprintMethod:
    """Return the method that ``to_record`` wrote.

    Raises:
        MethodInvalid: the record does not hold together; every problem is named.
    """
    found = problems(record)
    if found:
        raise MethodInvalid(str(record.get("id", "?")), found)
    return _build({key: copied(value) for key, value in record.items()})


def _unconfirmed(node: Any, path: str) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    if "unconfirmed" in (node.get("evidence"), node.get("mark")):
        yield path
    for key, value in node.items():
        yield from _unconfirmed(value, f"{path}.{key}" if path else key)


def _number(record: Mapping[str, Any], key: str) -> Parameter | None:
    return Parameter(**record[key]) if key in record else None


def _names(record: list[dict[str, str]]) -> tuple[Named, ...]:
    return tuple(Named(**one) for one in record)


def _clauses(record: Mapping[str, dict[str, str]]) -> tuple[Clause, ...]:
    return tuple(Clause(id=key, **record[key]) for key in sorted(record))


def _boundary(record: Record) -> Boundary:
    types = {
        key: BoundaryType(one["zh"], one["en"], tuple(one["required"]), tuple(one["allowed"]))
        for key, one in record["types"].items()
    }
    return Boundary(
        stages=_names(record["stages"]),
        types=MappingProxyType(types),
        excluded=_clauses(record["excluded"]),
        outside=tuple(record["outside"]),
    )


def _allocation(record: Record) -> AllocationRule:
    numbers = {key: _number(record, key) for key in ("price_years", "revenue_difference", "negligible_revenue")}
    return AllocationRule(tuple(record["order"]), tuple(record["forbidden"]), **numbers)


def _recycling(record: Record) -> RecyclingRule:
    return RecyclingRule(
        method=record["method"],
        allowed=tuple(record["allowed"]),
        beside=tuple(record["beside"]),
        a=parameters(record.get("a", {})),
        b=_number(record, "b"),
        quality=parameters(record.get("quality", {})),
    )


def _build(record: Record) -> FootprintMethod:
    """Turn a checked record into the frozen method."""
    unit, data, cutoff, quality = record["unit"], record["data"], record["cutoff"], record["data_quality"]
    electricity, validity = record["electricity"], record["validity"]
    ages = {key: _number(data, key) for key in ("primary_age", "secondary_age", "period")}
    limits = {key: _number(validity, key) for key in ("years", "change", "surveillance")}
    return FootprintMethod(
        id=record["id"],
        version=record["version"],
        kind=record["kind"],
        name=Text(**record["name"]),
        edition=Edition(**record["edition"]),
        in_force_from=record["in_force_from"],
        evidence=Evidence(**record["evidence"]),
        standing=Standing(**record["standing"]),
        object=Text(**record["object"]),
        scope=Text(**record["scope"]),
        runs_on=record["runs_on"],
        unit=Unit(unit["kind"], tuple(unit["of"]), unit["zh"], unit["en"]),
        boundary=_boundary(record["boundary"]),
        data=DataRules(_names(data["primary"]), **ages),
        cutoff=Cutoff(
            tuple(cutoff["basis"]), _number(cutoff, "single"), _number(cutoff, "total"), _names(cutoff["never"])
        ),
        allocation=_allocation(record["allocation"]),
        recycling=_recycling(record["recycling"]),
        electricity=ElectricityRule(
            tuple(electricity["order"]), _names(electricity["conditions"]), electricity["sensitivity"]
        ),
        gwp_set=record["gwp_set"],
        headline=record["headline"]["number"],
        biogenic=record["biogenic"]["rule"],
        lifetime_km=_number(record, "lifetime_km"),
        validity=Validity(**limits, ends=_names(validity["ends"])),
        data_quality=DataQuality(
            quality["scheme"], tuple(quality["dimensions"]), _number(quality, "best"), _number(quality, "worst")
        ),
        parameters=parameters(record["parameters"]),
        statements=_clauses(record["statements"]),
        report_template=record["report_template"],
        record=MappingProxyType(record),
    )
