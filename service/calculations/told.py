"""What a snapshot says in codes, told in Chinese and English: warnings, and the rules of the bridge.

A snapshot holds codes and figures alone, so that other words do not make it another snapshot. The
texts hold both languages side by side, like those of the reports, which read the same in ten years.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

Record = Mapping[str, Any]
Pair = tuple[str, str]

METHOD_BLOCKS = ("excluded", "deduct")


@cache
def table() -> Mapping[str, Pair]:
    """All texts by key, ``warning.<code>``, ``bridge.<rule>``, ``refused.<code>``, as (Chinese, English)."""
    text = resources.files("service.calculations").joinpath("told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: (pair["zh"], pair["en"]) for key, pair in yaml.safe_load(text).items()})


def warning(record: Record) -> Pair:
    """Return the sentence of a warning.

    Raises:
        KeyError: no text has this code.
    """
    zh, en = table()[f"warning.{record['code']}"]
    given = {**record["params"], "line": record["line"]}
    return zh.format(**_filled(given, 0)), en.format(**_filled(given, 1))


def rule(snapshot: Record, code: str) -> Pair:
    """Return why two structures differ: the method's own words for its rules, else those of the bridge.

    Raises:
        KeyError: neither knows the rule.
    """
    for method in (snapshot["method"], snapshot["gross_method"]):
        for block in METHOD_BLOCKS:
            for own in method[block].values():
                if own["rule"] == code:
                    return own["zh"], own["en"]
    return table()[f"bridge.{code}"]


def warnings(snapshot: Record) -> list[dict[str, Any]]:
    """Return the warnings of a snapshot, each with its sentence as ``zh`` and ``en``."""
    return [{**record, **dict(zip(("zh", "en"), warning(record), strict=True))} for record in snapshot["warnings"]]


def bridge(snapshot: Record) -> dict[str, Any]:
    """Return the bridge of a snapshot, each rule with its words as ``zh`` and ``en``."""
    found = snapshot["results"]["bridge"]
    rules = [
        {**entry, **dict(zip(("zh", "en"), rule(snapshot, entry["rule"]), strict=True))} for entry in found["rules"]
    ]
    return {**found, "rules": rules}


def _filled(params: Record, side: int) -> dict[str, str]:
    """Blanks of one language: a pair takes its side, a reason of refusal and a kind of instrument their words."""
    chosen = {key: value[("zh", "en")[side]] if isinstance(value, Mapping) else value for key, value in params.items()}
    for key in ("refused", "instrument"):
        if key in chosen:
            chosen[key] = table()[f"{key}.{chosen[key]}"][side]
    return chosen
