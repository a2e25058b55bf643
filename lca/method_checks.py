"""What a method record must look like: every key, every reference, every unit; all problems at once.

The shape below is the documentation of the record; ``problems`` adds what holds between keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lca.formulas import FORMULAS, Term
from lca.formulas.measured import number
from lca.record_checks import (
    EDITION,
    EVIDENCE,
    PARAMETER,
    WORDS,
    Check,
    boolean,
    decimal,
    integer,
    keys,
    list_of,
    map_of,
    maybe_decimal,
    name,
    one_of,
    text,
)

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
LEGAL_ENTITY = "legal_entity"
"""The boundary of a method that one legal entity reports by, whoever holds shares in it."""


# --- the record ------------------------------------------------------------------------------------

_group = one_of(*GROUPS)
_rule = keys({"rule": name, **WORDS}, {"requires": list_of(one_of(*STREAM_FIELDS)), "unless": name})
_view = keys(
    {
        "series": map_of(list_of(name, empty=False)),
        "level": map_of(one_of(*LEVELS)),
        "instruments": list_of(one_of(*INSTRUMENTS)),
    }
)
_category = keys({"id": name, **WORDS, "scope": one_of("1", "2", "3")}, {"crosswalk": map_of(list_of(name))})
_rank = keys({"id": name, **WORDS, "limit_percent": maybe_decimal})
_changes = list_of(one_of("structure", "outsourcing", "method", "error", "growth", "grid_year"))

RECORD: Check = keys(
    {
        "id": name,
        "kind": one_of("inventory"),
        "version": text,
        "name": keys(WORDS),
        "edition": EDITION,
        "evidence": EVIDENCE,
        "gwp_set": one_of("AR4", "AR5", "AR6"),
        "gwp_evidence": EVIDENCE,
        "gross_structure": name,
        "headline": one_of(*VIEWS),
        "parameter_sets": list_of(name, empty=False),
        "parameter_sets_evidence": EVIDENCE,
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
            {"threshold_percent": decimal, "counted": _changes, "not_counted": _changes, "evidence": EVIDENCE}
        ),
        "cutoff": keys({"percent": maybe_decimal, "evidence": EVIDENCE}),
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
                "evidence": EVIDENCE,
            }
        ),
        "data_quality": keys({"activity": map_of(decimal), "factor": map_of(decimal), "evidence": EVIDENCE}),
        "rounding": keys({"rule": one_of("gbt8170"), "decimals": map_of(integer)}),
        "report_template": one_of("iso", "cn"),
        "report_contents": list_of(keys({"id": name, **WORDS, "required": boolean}), empty=False),
        "parameters": map_of(PARAMETER),
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
