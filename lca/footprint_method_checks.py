"""What the record of a product-footprint method must look like; all problems at once.

The shape below is the documentation of the record; ``problems`` adds what holds between keys. Every number is
``{value, unit, source, evidence}``; every rule has its clause and its mark of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lca.formulas import Term
from lca.formulas.measured import number
from lca.record_checks import (
    EDITION,
    EVIDENCE,
    MARK,
    PARAMETER,
    WORDS,
    Check,
    boolean,
    integer,
    keys,
    list_of,
    map_of,
    name,
    one_of,
    text,
)
from lca.recycling import RULES

STATUSES = ("in_force", "convention", "draft", "scenario")
"""Of a standard in force; of a practice that no standard prescribes; of a draft; of a what-if."""
NOT_CERTIFIABLE = ("draft", "scenario")
RUNS_ON = ("bill_of_materials", "installation")
UNIT_KINDS = ("functional", "declared", "either")
CUTOFF_BASES = ("mass", "energy", "emissions")
ALLOCATIONS = ("subdivision", "system_expansion", "mass", "energy", "physical", "economic")
ELECTRICITY = ("onsite", "direct_supply", "ppa", "gec", "residual_mix", "grid_mix")
HEADLINES = ("including_uptake", "excluding_uptake")
BIOGENIC = ("counted", "zero")
"""Uptake −1 and release +1, or both 0."""
QUALITY_SCHEMES = ("pact3", "pef", "pedigree", "qualitative")
TEMPLATES = ("pcf", "vehicle", "battery", "epd", "cbam")
PER_KM = "km"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def day(value: Any, path: str) -> Iterator[str]:
    """A date as text in quotes, or '' where there is none."""
    if not isinstance(value, str) or (value and not _DATE.fullmatch(value)):
        yield f"{path}: expected a date as text in quotes, got {value!r}"


def number_in(unit: str, low: float = 0, high: float | None = None) -> Check:
    """A number in ``unit`` within its range."""

    def check(value: Any, path: str) -> Iterator[str]:
        found = list(PARAMETER(value, path))
        yield from found
        if found:
            return
        if value["unit"] != unit:
            yield f"{path}.unit: {value['unit']!r}, expected {unit!r}"
        term = Term("value", "", unit, "", "", low=low, high=high)
        if not term.allows(number(value["value"])):
            yield f"{path}.value: {value['value']}, expected {term.range}"

    return check


_percent, _years, _share, _score = (
    number_in("%", 0, 100),
    number_in("a"),
    number_in("fraction", 0, 1),
    number_in("score"),
)
_said = {"clause": text, "evidence": MARK}
_named = keys({"id": name, **WORDS})
_ruled = keys({**WORDS, "clause": text})
_stages = list_of(name)

RECORD: Check = keys(
    {
        "id": name,
        "kind": one_of("footprint"),
        "version": text,
        "name": keys(WORDS),
        "edition": EDITION,
        "in_force_from": day,
        "evidence": EVIDENCE,
        "standing": keys({"status": one_of(*STATUSES), "certifiable": boolean, **WORDS}),
        "principles": list_of(_named, empty=False),
        "object": keys(WORDS),
        "scope": keys(WORDS),
        "runs_on": one_of(*RUNS_ON),
        "unit": keys({"kind": one_of(*UNIT_KINDS), "of": list_of(name, empty=False), **WORDS, **_said}),
        "boundary": keys(
            {
                "stages": list_of(_named, empty=False),
                "types": map_of(keys({**WORDS, "required": _stages, "allowed": _stages})),
                "excluded": map_of(_ruled),
                "outside": _stages,
                **_said,
            }
        ),
        "data": keys(
            {"primary": list_of(_named, empty=False), **_said},
            {"primary_age": _years, "secondary_age": _years, "period": number_in("month")},
        ),
        "cutoff": keys(
            {"basis": list_of(one_of(*CUTOFF_BASES)), "never": list_of(_named), **_said},
            {"single": _percent, "total": _percent},
        ),
        "allocation": keys(
            {
                "order": list_of(one_of(*ALLOCATIONS), empty=False),
                "forbidden": list_of(one_of(*ALLOCATIONS)),
                **WORDS,
                **_said,
            },
            {"price_years": _years, "revenue_difference": _percent, "negligible_revenue": _percent},
        ),
        "recycling": keys(
            {
                "method": one_of(*RULES),
                "allowed": list_of(one_of(*RULES), empty=False),
                "beside": list_of(one_of(*RULES)),
                **WORDS,
                **_said,
            },
            {"a": map_of(_share), "b": _share, "quality": map_of(_share)},
        ),
        "electricity": keys(
            {
                "order": list_of(one_of(*ELECTRICITY), empty=False),
                "conditions": list_of(_named),
                "sensitivity": boolean,
                **WORDS,
                **_said,
            }
        ),
        "gwp_set": one_of("AR4", "AR5", "AR6"),
        "gwp_evidence": EVIDENCE,
        "headline": keys({"number": one_of(*HEADLINES), **WORDS}),
        "biogenic": keys({"rule": one_of(*BIOGENIC), **WORDS, **_said}),
        "validity": keys(
            {"ends": list_of(_named), **_said},
            {"years": _years, "change": _percent, "surveillance": number_in("month")},
        ),
        "data_quality": keys(
            {"scheme": one_of(*QUALITY_SCHEMES), "dimensions": list_of(name, empty=False), **_said},
            {"best": _score, "worst": _score},
        ),
        "parameters": map_of(PARAMETER),
        "statements": map_of(_ruled),
        "report_template": one_of(*TEMPLATES),
        "report_contents": list_of(keys({"id": name, **WORDS, "required": boolean}), empty=False),
        "sources": list_of(text, empty=False),
    },
    {"lifetime_km": number_in("km", 1), "rounding": map_of(integer)},
)


def problems(record: Mapping[str, Any]) -> list[str]:
    """Return everything wrong with a complete record, each as ``path: what is wrong``."""
    found = list(RECORD(record, ""))
    if found:  # what refers to each other is looked at only where the shape can be trusted
        return found
    return [
        *_standing(record),
        *_boundary(record["boundary"]),
        *_cutoff(record["cutoff"]),
        *_allocation(record["allocation"]),
        *_recycling(record["recycling"]),
        *_kilometres(record),
        *_scale(record["data_quality"]),
    ]


def _standing(record: Mapping[str, Any]) -> Iterator[str]:
    standing = record["standing"]
    if standing["certifiable"] and standing["status"] in NOT_CERTIFIABLE:
        yield f"standing.certifiable: a {standing['status']} is not certifiable"


def _boundary(boundary: Mapping[str, Any]) -> Iterator[str]:
    ids = [stage["id"] for stage in boundary["stages"]]
    yield from (f"boundary.stages: {stage!r} stands twice" for stage in sorted({i for i in ids if ids.count(i) > 1}))
    if not boundary["types"]:
        yield "boundary.types: is empty"
    for kind, rule in boundary["types"].items():
        path = f"boundary.types.{kind}"
        for role in ("required", "allowed"):
            yield from (f"{path}.{role}: no stage {stage!r}" for stage in rule[role] if stage not in ids)
        both = sorted(set(rule["required"]) & set(rule["allowed"]))
        yield from (f"{path}: {stage!r} is required and allowed" for stage in both)
        if not rule["required"]:
            yield f"{path}.required: is empty"
    yield from (f"boundary.outside: no stage {stage!r}" for stage in boundary["outside"] if stage not in ids)


def _cutoff(cutoff: Mapping[str, Any]) -> Iterator[str]:
    limits = [number(cutoff[key]["value"]) for key in ("single", "total") if key in cutoff]
    if limits != sorted(limits):
        yield "cutoff.single: is above cutoff.total"
    if limits and not cutoff["basis"]:
        yield "cutoff.basis: is empty, the limits are shares of something"


def _allocation(allocation: Mapping[str, Any]) -> Iterator[str]:
    both = sorted(set(allocation["order"]) & set(allocation["forbidden"]))
    yield from (f"allocation: {kind} is in the order and forbidden" for kind in both)


def _recycling(recycling: Mapping[str, Any]) -> Iterator[str]:
    if recycling["method"] not in recycling["allowed"]:
        yield f"recycling.method: {recycling['method']} is not allowed"
    for rule in recycling["allowed"]:
        missing = [key for key in RULES[rule].parameters if key not in recycling]
        yield from (f"recycling.{key}: missing, {rule} needs it" for key in missing)


def _kilometres(record: Mapping[str, Any]) -> Iterator[str]:
    if (PER_KM in record["unit"]["of"]) != ("lifetime_km" in record):
        yield "lifetime_km: is given if, and only if, results are per km"


def _scale(quality: Mapping[str, Any]) -> Iterator[str]:
    ends = [number(quality[key]["value"]) for key in ("best", "worst") if key in quality]
    if len(ends) == 1 or (len(ends) == 2 and ends[0] == ends[1]):
        yield "data_quality: a scale has two ends"
