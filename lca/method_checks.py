"""What a method record must look like: every key, every reference, every unit; all problems at once.

A *check* takes a value and its path and yields problems as ``path: what is wrong``. The shape below is the
documentation of the record; ``problems`` adds what holds between keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lca.formulas import FORMULAS, Term
from lca.formulas.measured import number

Check = Callable[[Any, str], Iterator[str]]

GROUPS = (
    "stationary_combustion",
    "mobile_combustion",
    "biomass_combustion",
    "alternative_fuel",
    "process_carbonate",
    "process_clinker",
    "clinker_deduction",
    "process_steel",
    "carbon_sink_product",
    "process_aluminium",
    "process_reductant",
    "process_other",
    "welding_gas",
    "refrigerant",
    "refrigerant_filling",
    "wastewater",
    "electricity",
    "electricity_exported",
    "electricity_own",
    "waste_heat_power",
    "heat",
    "heat_exported",
    "co2_transferred",
    "purchased_goods",
    "capital_goods",
    "fuel_upstream",
    "transport_upstream",
    "transport_downstream",
    "waste",
    "business_travel",
    "commuting",
    "leased_upstream",
    "processing_sold",
    "use_of_sold",
    "end_of_life_sold",
    "leased_downstream",
    "franchises",
    "investments",
)
"""The groups of activities that a method places; ``output`` (production) is no emission and has no place."""

VIEWS = ("location", "market", "method")
LEVELS = ("province", "grid", "country", "world")
INSTRUMENTS = ("gec", "direct_supply", "ppa", "onsite")
STREAM_FIELDS = ("counterparty", "process_line", "meter", "factor")
MARKS = ("confirmed", "unconfirmed")
LEGAL_ENTITY = "legal_entity"
"""The boundary of a method that one legal entity reports by, whoever holds shares in it."""

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


# --- the pieces ------------------------------------------------------------------------------------


def text(value: Any, path: str) -> Iterator[str]:
    """Some text, not empty."""
    if not isinstance(value, str) or not value.strip():
        yield f"{path}: expected text, got {value!r}"


def name(value: Any, path: str) -> Iterator[str]:
    """An identifier: letters, digits, dot, dash, underscore."""
    if not isinstance(value, str) or not _NAME.match(value):
        yield f"{path}: expected a name, got {value!r}"


def decimal(value: Any, path: str) -> Iterator[str]:
    """A number as text in quotes, so that it stays as printed: '83.74', '44/12'."""
    if not isinstance(value, str):
        yield f"{path}: expected a number as text in quotes, got {value!r}"
        return
    try:
        number(value)
    except ValueError:
        yield f"{path}: expected a number, got {value!r}"


def maybe_decimal(value: Any, path: str) -> Iterator[str]:
    """A number as text, or '' for none."""
    if value != "":
        yield from decimal(value, path)


def integer(value: Any, path: str) -> Iterator[str]:
    """A whole number, not below zero."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield f"{path}: expected a whole number, got {value!r}"


def boolean(value: Any, path: str) -> Iterator[str]:
    """Either true or false."""
    if not isinstance(value, bool):
        yield f"{path}: expected true or false, got {value!r}"


def one_of(*allowed: str) -> Check:
    """One of the words ``allowed``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{path}: {value!r} is not one of {', '.join(allowed)}"

    return check


def list_of(item: Check, *, empty: bool = True) -> Check:
    """A list whose members all pass ``item``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: expected a list, got {value!r}"
            return
        if not value and not empty:
            yield f"{path}: is empty"
        for index, member in enumerate(value):
            yield from item(member, f"{path}[{index}]")

    return check


def map_of(item: Check, key: Check = name) -> Check:
    """A mapping whose keys pass ``key`` and whose values pass ``item``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected a mapping, got {value!r}"
            return
        for member, content in value.items():
            yield from key(member, f"{path}: key")
            yield from item(content, f"{path}.{member}")

    return check


def keys(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A mapping with exactly the ``required`` keys and at most the ``optional`` ones."""
    known = dict(required) | dict(optional or {})

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected a mapping, got {value!r}"
            return
        at = f"{path}." if path else ""
        yield from (f"{at}{key}: missing" for key in required if key not in value)
        for key, content in value.items():
            if key not in known:
                yield f"{at}{key}: unknown key"
            else:
                yield from known[key](content, f"{at}{key}")

    return check


# --- the record ------------------------------------------------------------------------------------

_group = one_of(*GROUPS)
_words = {"zh": text, "en": text}
_evidence = keys({"mark": one_of(*MARKS), **_words})
_rule = keys({"rule": name, **_words}, {"requires": list_of(one_of(*STREAM_FIELDS)), "unless": name})
_view = keys(
    {
        "series": map_of(list_of(name, empty=False)),
        "level": map_of(one_of(*LEVELS)),
        "instruments": list_of(one_of(*INSTRUMENTS)),
    }
)
_category = keys({"id": name, **_words, "scope": one_of("1", "2", "3")}, {"crosswalk": map_of(list_of(name))})
_parameter = keys({"value": decimal, "unit": text, "source": text, "evidence": one_of(*MARKS)})
_rank = keys({"id": name, **_words, "limit_percent": maybe_decimal})
_changes = list_of(one_of("structure", "outsourcing", "method", "error", "growth", "grid_year"))

RECORD: Check = keys(
    {
        "id": name,
        "kind": one_of("inventory"),
        "version": text,
        "name": keys(_words),
        "edition": keys({"standard": text, **_words, "year": integer, "clause": text}),
        "evidence": _evidence,
        "gwp_set": one_of("AR4", "AR5", "AR6"),
        "gwp_evidence": _evidence,
        "gross_structure": name,
        "headline": one_of(*VIEWS),
        "parameter_sets": list_of(name, empty=False),
        "parameter_sets_evidence": _evidence,
        "formulas": map_of(list_of(one_of(*FORMULAS), empty=False), _group),
        "views": keys(dict.fromkeys(VIEWS, _view)),
        "combustion_gases": list_of(one_of("CO2", "CH4", "N2O"), empty=False),
        "categories": list_of(_category, empty=False),
        "assign": map_of(name, _group),
        "excluded": map_of(_rule, _group),
        "deduct": map_of(_rule, _group),
        "biogenic": one_of("separate"),
        "boundary": one_of("any", LEGAL_ENTITY),
        "base_year": keys(
            {"threshold_percent": decimal, "counted": _changes, "not_counted": _changes, "evidence": _evidence}
        ),
        "cutoff": keys({"percent": maybe_decimal, "evidence": _evidence}),
        "uncertainty": keys(
            {
                "confidence_percent": decimal,
                "ranks": list_of(_rank, empty=False),
                "activity_percent": keys(
                    {"measured": decimal, "invoiced": decimal, "estimated": decimal, "unstated": decimal}
                ),
                "factor_percent": keys({"other": decimal}, dict.fromkeys(
                    ("measured", "own_factor", "supplier", "exact", "default", "earlier_year", "parent_region",
                     "fallback_set", "chosen"), decimal)),
                "combustion_ch4_n2o_percent": decimal,
                "evidence": _evidence,
            }
        ),
        "data_quality": keys({"activity": map_of(decimal), "factor": map_of(decimal), "evidence": _evidence}),
        "rounding": keys({"rule": one_of("gbt8170"), "decimals": map_of(integer)}),
        "report_template": one_of("iso", "cn"),
        "report_contents": list_of(keys({"id": name, **_words, "required": boolean}), empty=False),
        "parameters": map_of(_parameter),
        "sources": list_of(text, empty=False),
    }
)  # fmt: skip


# --- what holds between keys -----------------------------------------------------------------------


def problems(record: Mapping[str, Any]) -> list[str]:
    """Return everything wrong with a complete method record, each as ``path: what is wrong``."""
    found = list(RECORD(record, ""))
    if found:  # what refers to each other is looked at only where the shape can be trusted
        return found
    return [
        *_places(record),
        *_categories(record),
        *_formulas(record),
        *_parameters(record),
        *_ranks(record),
        *_base_year(record),
    ]


def _places(record: Mapping[str, Any]) -> Iterator[str]:
    assigned, excluded, deducted = set(record["assign"]), set(record["excluded"]), set(record["deduct"])
    for group in GROUPS:
        if group in assigned and group in excluded and "unless" not in record["excluded"][group]:
            yield f"assign.{group}: is also excluded"
        if group not in assigned | excluded:
            yield f"assign.{group}: neither assigned to a category nor excluded"
        if group in deducted and group not in assigned:
            yield f"deduct.{group}: has no category in assign"


def _categories(record: Mapping[str, Any]) -> Iterator[str]:
    ids = [category["id"] for category in record["categories"]]
    yield from (
        f"categories: {identifier!r} stands twice" for identifier in sorted({i for i in ids if ids.count(i) > 1})
    )
    for group, category in record["assign"].items():
        if category not in ids:
            yield f"assign.{group}: no category {category!r}"
    for category in ids:
        if category not in record["assign"].values():
            yield f"categories.{category}: no group is assigned to it"


def _formulas(record: Mapping[str, Any]) -> Iterator[str]:
    for group in record["assign"]:
        if group not in record["formulas"]:
            yield f"formulas.{group}: missing"
    for group, identifiers in record["formulas"].items():
        for identifier in identifiers:
            for term in FORMULAS[identifier].constants:
                if term.key not in record["parameters"]:
                    yield f"parameters.{term.key}: missing, formula {identifier} of {group} needs it"


def _terms(key: str) -> list[Term]:
    found = [term for formula in FORMULAS.values() for term in formula.terms if term.key == key]
    return list(dict.fromkeys(found))


def _parameters(record: Mapping[str, Any]) -> Iterator[str]:
    for key, parameter in record["parameters"].items():
        terms = _terms(key)
        if not terms:
            yield f"parameters.{key}: no formula has an operand of this name"
        for term in terms:
            if parameter["unit"] != term.unit:
                yield f"parameters.{key}.unit: {parameter['unit']!r}, the formulas want {term.unit!r}"
            if not term.allows(number(parameter["value"])):
                yield f"parameters.{key}.value: {parameter['value']}, expected {term.range}"


def _ranks(record: Mapping[str, Any]) -> Iterator[str]:
    limits = [rank["limit_percent"] for rank in record["uncertainty"]["ranks"]]
    if "" in limits[:-1] or limits[-1] != "":
        yield "uncertainty.ranks: the last rank, and only the last, has no limit"
    elif [number(limit) for limit in limits[:-1]] != sorted(number(limit) for limit in limits[:-1]):
        yield "uncertainty.ranks: limits do not rise"


def _base_year(record: Mapping[str, Any]) -> Iterator[str]:
    both = set(record["base_year"]["counted"]) & set(record["base_year"]["not_counted"])
    yield from (f"base_year: {kind} is counted and not counted" for kind in sorted(both))
