"""What a footprint says in codes, told in Chinese and English: warnings, clause checks, kinds of supply."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

Record = Mapping[str, Any]
Pair = tuple[str, str]


@cache
def table() -> Mapping[str, Pair]:
    """All texts by key, ``warning.<code>``, ``check.<id>``, ``kind.<kind>``, as (Chinese, English)."""
    text = resources.files("service.calculations").joinpath("footprint_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: (pair["zh"], pair["en"]) for key, pair in yaml.safe_load(text).items()})


def warnings(snapshot: Record) -> list[dict[str, Any]]:
    """Return the warnings of a footprint, each with its sentence as ``zh`` and ``en``."""
    return [{**one, **_said(f"warning.{one['code']}", one["params"])} for one in snapshot["warnings"]]


def checks(snapshot: Record) -> list[dict[str, Any]]:
    """Return the clause checks of a footprint, each with its sentence as ``zh`` and ``en``."""
    return [{**one, **_said(f"check.{one['id']}", one["params"])} for one in snapshot["checks"]]


def _said(key: str, params: Mapping[str, Any]) -> dict[str, str]:
    zh, en = table()[key]
    return {"zh": zh.format(**_side(params, "zh")), "en": en.format(**_side(params, "en"))}


def _side(params: Mapping[str, Any], language: str) -> dict[str, Any]:
    chosen = {key: value[language] if isinstance(value, Mapping) else value for key, value in params.items()}
    return {key: "-" if value == "" else value for key, value in chosen.items()}
