"""What is said in codes about life-cycle inventories, told in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from lca.background import Background
from lca.dataset import Finding
from lca.lci_score import Warned

Pair = tuple[str, str]


@cache
def table() -> Mapping[str, Pair]:
    """All texts by key, ``finding.<code>`` and ``warning.<code>``, as (Chinese, English)."""
    text = resources.files("service.catalogue").joinpath("lci_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: (pair["zh"], pair["en"]) for key, pair in yaml.safe_load(text).items()})


def told(finding: Finding) -> dict[str, str]:
    """Return a finding with its sentence in both languages.

    Raises:
        KeyError: no text has this code.
    """
    zh, en = table()[f"finding.{finding.code}"]
    said = {"zh": zh.format(**finding.params), "en": en.format(**finding.params)}
    return {"code": finding.code, "where": finding.where, **said}


def warning(warned: Warned) -> dict[str, str]:
    """Return a warning of a score with its sentence in both languages.

    Raises:
        KeyError: no text has this code.
    """
    zh, en = table()[f"warning.{warned.code}"]
    return {"code": warned.code, "zh": zh.format(**warned.params), "en": en.format(**warned.params)}


def faulty(compiled: Background) -> Iterator[Finding]:
    """Yield every process of a loop that supplies nothing: what takes of it has no score."""
    for column in compiled.faulty:
        yield Finding("loop-supplies-nothing", compiled.products[column].process, is_error=True)


def cut_off(compiled: Background) -> Iterator[Finding]:
    """Yield every input that was cut off, once for each process."""
    flows = compiled.system.database.flows
    seen: set[tuple[str, str]] = set()
    for one in compiled.system.cut_off:
        process = compiled.system.process_of(one.column)
        if (process.id, one.exchange) in seen:
            continue
        seen.add((process.id, one.exchange))
        params = {"flow": flows[one.flow].name, "unit": flows[one.flow].unit, "candidates": "; ".join(one.candidates)}
        yield Finding(f"cut-off-{one.reason}", process.name, params)
