"""A method as an immutable, versioned record: what it counts, where, by which formulas, with which parameters.

The records are ``lca/data/methods/inventory.*.yaml``; ``lca.method_records`` says how one extends another. Categories
to which nothing is assigned any more fall away. A complete record is what a snapshot stores and ``from_record`` reads
again.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lca import method_records
from lca.errors import MethodInvalid, UnknownMethod
from lca.method_checks import GROUPS, LEGAL_ENTITY, problems
from lca.method_records import DATA, Edition, Evidence, Parameter, Record, Text, parameters

__all__ = [
    "GROUPS", "LEGAL_ENTITY", "Category", "Edition", "Evidence", "Method", "Parameter", "Rule", "View",
    "load", "methods",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """How one structure (location, market, method) chooses factors and which instruments lower its power."""

    series: Mapping[str, tuple[str, ...]]  # by activity, instead of the activity's own ranking
    level: Mapping[str, str]  # by activity: province | grid | country | world
    instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A line of the summary; ``crosswalk`` names its counterparts under iso, ghgp and gbt."""

    id: str
    zh: str
    en: str
    scope: str
    crosswalk: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a group is left out or deducted, in words fit for a report.

    ``requires`` are fields of the source; ``unless`` is the parameter that a source states to be counted all the same.
    """

    rule: str
    zh: str
    en: str
    requires: tuple[str, ...]
    unless: str


@dataclass(frozen=True, slots=True)
class Method:
    """One inventory method; ``to_record`` gives everything in it, these fields what computing asks for most."""

    id: str
    version: str
    kind: str
    name: Text
    edition: Edition
    evidence: Evidence
    gwp_set: str
    gross_structure: str
    headline: str
    parameter_sets: tuple[str, ...]
    formulas: Mapping[str, tuple[str, ...]]
    views: Mapping[str, View]
    combustion_gases: tuple[str, ...]
    categories: tuple[Category, ...]
    assign: Mapping[str, str]
    excluded: Mapping[str, Rule]
    deduct: Mapping[str, Rule]
    boundary: str
    parameters: Mapping[str, Parameter]
    activity_percent: Mapping[str, str]
    factor_percent: Mapping[str, str]
    combustion_ch4_n2o_percent: str
    base_year_threshold_percent: str
    report_template: str
    record: Mapping[str, Any] = field(repr=False)

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def to_record(self) -> Record:
        """Return the whole method as plain JSON-able data, the caller's own copy."""
        return copy.deepcopy(dict(self.record))

    def category(self, identifier: str) -> Category:
        """Return the category called ``identifier``.

        Raises:
            KeyError: the method has no such category.
        """
        return {category.id: category for category in self.categories}[identifier]

    def scope(self, category: str) -> str:
        """Return the scope, '1', '2' or '3', of a category."""
        return self.category(category).scope

    def sign(self, group: str) -> int:
        """Return how the method counts a group: 1 added, −1 deducted, 0 left out."""
        if group not in self.assign:
            return 0
        return -1 if group in self.deduct else 1

    def exclusion(self, group: str, given: Collection[str]) -> Rule | None:
        """Return why a source of a group that states the parameters ``given`` is left out, None when it is counted."""
        found = self.excluded.get(group)
        return None if found is None or found.unless in given else found

    def rule(self, group: str) -> Rule | None:
        """Return why a group is left out or deducted, None when it is simply counted."""
        return self.excluded.get(group) or self.deduct.get(group)

    def values(self) -> dict[str, str]:
        """Return the method's parameters by name, as ``lca.formulas.operands.bind`` takes them."""
        return {name: parameter.value for name, parameter in self.parameters.items()}


def methods() -> tuple[str, ...]:
    """Return the ids of all methods, in order."""
    return tuple(sorted(path.stem for path in DATA.glob("inventory.*.yaml")))


@cache
def load(identifier: str) -> Method:
    """Return the method called ``identifier``.

    Raises:
        UnknownMethod: there is none; all that there are are named.
        MethodInvalid: its file, or one that it extends, does not hold together; every problem is named.
    """
    if identifier not in methods():
        raise UnknownMethod(identifier, methods())
    return from_record(resolve(identifier, DATA))


def from_record(record: Mapping[str, Any]) -> Method:
    """Return the method that ``to_record`` wrote.

    Raises:
        MethodInvalid: the record does not hold together; every problem is named.
    """
    found = problems(record)
    if found:
        raise MethodInvalid(str(record.get("id", "?")), found)
    return _build(copy.deepcopy(dict(record)))


def resolve(identifier: str, directory: Path) -> Record:
    """Return the record in ``directory`` with all that it extends merged in, unchecked.

    Raises:
        MethodInvalid: a file is missing, is no mapping, repeats a key, extends itself or removes what is not there.
    """
    record = method_records.resolve(identifier, directory)
    _drop_unused_categories(record)
    return record


def _drop_unused_categories(record: Record) -> None:
    """Drop inherited categories to which the method, having excluded their groups, assigns nothing."""
    categories, assign = record.get("categories"), record.get("assign")
    if isinstance(categories, list) and isinstance(assign, dict):
        used = assign.values()
        record["categories"] = [item for item in categories if not isinstance(item, dict) or item.get("id") in used]


def _rules(record: Mapping[str, Any]) -> Mapping[str, Rule]:
    return MappingProxyType(
        {
            group: Rule(**(rule | {"requires": tuple(rule.get("requires", ())), "unless": rule.get("unless", "")}))
            for group, rule in record.items()
        }
    )


def _tuples(record: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(value) for key, value in record.items()})


def _view(record: Mapping[str, Any]) -> View:
    return View(_tuples(record["series"]), MappingProxyType(record["level"]), tuple(record["instruments"]))


def _category(record: Mapping[str, Any]) -> Category:
    crosswalk = _tuples(record.get("crosswalk", {}))
    return Category(record["id"], record["zh"], record["en"], record["scope"], crosswalk)


def _build(record: Record) -> Method:
    """Turn a checked record into the frozen method."""
    uncertainty = record["uncertainty"]
    return Method(
        id=record["id"],
        version=record["version"],
        kind=record["kind"],
        name=Text(**record["name"]),
        edition=Edition(**record["edition"]),
        evidence=Evidence(**record["evidence"]),
        gwp_set=record["gwp_set"],
        gross_structure=record["gross_structure"],
        headline=record["headline"],
        parameter_sets=tuple(record["parameter_sets"]),
        formulas=_tuples(record["formulas"]),
        views=MappingProxyType({name: _view(view) for name, view in record["views"].items()}),
        combustion_gases=tuple(record["combustion_gases"]),
        categories=tuple(_category(category) for category in record["categories"]),
        assign=MappingProxyType(record["assign"]),
        excluded=_rules(record["excluded"]),
        deduct=_rules(record["deduct"]),
        boundary=record["boundary"],
        parameters=parameters(record["parameters"]),
        activity_percent=MappingProxyType(uncertainty["activity_percent"]),
        factor_percent=MappingProxyType(uncertainty["factor_percent"]),
        combustion_ch4_n2o_percent=uncertainty["combustion_ch4_n2o_percent"],
        base_year_threshold_percent=record["base_year"]["threshold_percent"],
        report_template=record["report_template"],
        record=MappingProxyType(record),
    )
