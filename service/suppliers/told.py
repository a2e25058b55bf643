"""What admission and answers say, told in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from lca.admission import Check
from lca.footprint_method import footprint_methods, load
from service.activities.problems import Problem
from service.errors import Wrong
from service.i18n import short_language
from service.products.columns import boundaries

NOT_STATED = "–"
UNSTATED = {
    "found": {"zh": "未写明", "en": "not stated"},
    "material": {"zh": "未指定材料", "en": "no material named"},
}


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of every check: zh, en, and where it can be mended mend_zh, mend_en."""
    text = resources.files("service.suppliers").joinpath("admission_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType(yaml.safe_load(text))


def check(one: Check) -> dict[str, Any]:
    """Return a check with its sentence in both languages, and how it is mended."""
    said = table()[one.id]
    told = {name: text.format(**_in_words(one, "zh" if name.endswith("zh") else "en")) for name, text in said.items()}
    return {"id": one.id, "verdict": one.verdict, "params": dict(one.params), **told}


def _in_words(one: Check, end: str) -> dict[str, Any]:
    """Return what a check found with methods and boundaries by name, and what is not stated called so."""
    names = _names(end) if one.id in ("method", "boundary") else {}
    if "material" in one.params:
        names = {one.params["material"]: one.params.get(f"material_{end}", one.params["material"])}
    return {
        key: UNSTATED[key][end] if value == NOT_STATED and key in UNSTATED else names.get(str(value), value)
        for key, value in one.params.items()
    }


@cache
def _names(end: str) -> Mapping[str, str]:
    named: dict[str, Any] = {one.id: one for one in boundaries()}
    named |= {one: load(one).name for one in footprint_methods()}
    return MappingProxyType({key: getattr(one, end) for key, one in named.items()})


def wrong(one: Check) -> Wrong:
    """Return a check that is not kept as an error names it, in the language in use."""
    said, end = check(one), short_language()
    mend = said.get(f"mend_{end}", "")
    return Wrong("", one.id, said[end] + (("；" if end == "zh" else "; ") + mend if mend else ""))


def problem(one: Problem) -> dict[str, Any]:
    """Return what was odd in a file as it is kept with the answer."""
    return {"code": one.code, "where": f"{one.sheet} {one.row or ''}".strip(), "params": dict(one.params)}
