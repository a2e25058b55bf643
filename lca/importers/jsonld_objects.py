"""The objects of an openLCA JSON-LD file, found by folder or by type, and safe access to their fields.

A field may hold anything: what is not of the type that the schema gives it is told as a finding and read as absent.
Schema 1 and 2 name some fields differently (``input``, ``isInput``); each object is read by the names that it uses.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from lca.dataset import Finding
from lca.importers import Progress
from lca.importers.archive import Archive

Json = Mapping[str, Any]

NOTHING: Json = MappingProxyType({})

FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "categories": "Category",
        "dq_systems": "DQSystem",
        "flow_properties": "FlowProperty",
        "flows": "Flow",
        "locations": "Location",
        "parameters": "Parameter",
        "processes": "Process",
        "sources": "Source",
        "unit_groups": "UnitGroup",
    }
)
_NOT_READ = frozenset(
    {
        *("actors", "bin", "currencies", "epds", "lcia_categories", "lcia_methods", "mappings", "nw_sets"),
        *("product_systems", "projects", "results", "social_indicators"),
    }
)
PACKAGE = ("openlca.json", "olca-schema.json")
_CONTEXTS = ("context.json", "context.jsonld")
OWN = "tanji"
"""Under which name our own exports keep, among an object's other properties, what the schema has no field for."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PLAIN_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


@dataclass
class Reading:
    """What is at hand while one file is read."""

    archive: Archive
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    schemas: Counter[int] = field(default_factory=Counter)
    parts: dict[str, list[str]] = field(default_factory=dict)  # type -> names of its parts
    loose: dict[str, list[tuple[str, Json]]] = field(default_factory=dict)  # type -> objects outside the known folders
    package: Json = field(default_factory=lambda: NOTHING)

    def tell(self, code: str, where: str, *, is_error: bool = False, **params: object) -> None:
        """Note something that a person has to know."""
        self.note(code, where, params, is_error=is_error)

    def note(self, code: str, where: str, params: Mapping[str, object], *, is_error: bool = False) -> None:
        """Note something that a person has to know; ``tell`` with its parameters at hand."""
        self.findings.append(Finding(code, where, {key: str(value) for key, value in params.items()}, is_error))

    def find(self) -> None:
        """Sort the parts of the file by what they hold."""
        for name in self.archive.names:
            path = PurePosixPath(name.replace("\\", "/"))
            if path.suffix != ".json" or path.name.startswith("._") or path.name in _CONTEXTS:
                continue
            if path.name in PACKAGE:
                self.package = self.load(name)
            elif path.parent.name in FOLDERS:
                self.parts.setdefault(FOLDERS[path.parent.name], []).append(name)
            elif not _NOT_READ.intersection(path.parts):
                one = self.load(name)
                self.loose.setdefault(text(one.get("@type")), []).append((name, one))

    def load(self, name: str) -> Json:
        """Return the object that a part holds; nothing where it is none, which is told."""
        try:
            value = json.loads(self.archive.bytes_of(name))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            self.tell("part-unreadable", name, is_error=True)
            return NOTHING
        return value

    def objects(self, kind: str) -> Iterator[tuple[str, str, Json]]:
        """Yield part, identifier and object of every object of a type; those without identifier are told."""
        parts = self.parts.get(kind, [])
        for number, name in enumerate(parts, 1):
            if number % 100 == 0 or number == len(parts):
                self.progress(kind, number, len(parts))
            yield from self._identified(name, self.load(name))
        for name, one in self.loose.get(kind, []):
            yield from self._identified(name, one)

    def _identified(self, name: str, one: Json) -> Iterator[tuple[str, str, Json]]:
        identifier = text(one.get("@id"))
        if identifier:
            yield name, identifier, one
        elif one is not NOTHING:
            self.tell("identifier-missing", name, is_error=True)

    def flag(self, one: Json, new: str, old: str, where: str) -> bool | None:
        """Return a yes or no that schema 2 calls ``new`` and schema 1 ``old``; None where the two contradict."""
        if new in one:
            self.schemas[2] += 1
            value = self._truth(one[new], new, where)
            if old in one and self._truth(one[old], old, where) != value:
                self.tell("schema-keys-contradict", where, is_error=True, new=new, old=old)
                return None
            return value
        if old in one:
            self.schemas[1] += 1
            return self._truth(one[old], old, where)
        return False

    def _truth(self, value: Any, key: str, where: str) -> bool:
        if isinstance(value, bool):
            return value
        known = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else None
        if known is None and value is not None:
            self.tell("value-of-wrong-type", where, key=key, value=shortened(value))
        return bool(known)

    def listed(self, one: Json, key: str, where: str) -> list[Json]:
        """Return the objects in a list; what is no list, or no object in it, is told."""
        value = one.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.tell("value-of-wrong-type", where, is_error=True, key=key, value=shortened(value))
            return []
        found: list[Json] = [item for item in value if isinstance(item, dict)]
        if len(found) < len(value):
            self.tell("value-of-wrong-type", where, is_error=True, key=key, value=f"{len(value) - len(found)} ×")
        return found


def shortened(value: object) -> str:
    """Return a value as a finding shows it."""
    return str(value)[:60]


def text(value: Any) -> str:
    """Return a text without blanks at its ends and without what no database stores; '' for what is no text."""
    if isinstance(value, str):
        return value.strip() if value.isascii() and "\x00" not in value else _UNSTORABLE.sub("", value).strip()
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return str(value) if isinstance(value, int | float) else ""


def number(value: Any) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def part_of(one: Json, key: str) -> Json:
    """Return an object inside an object; nothing where there is none."""
    value = one.get(key)
    return value if isinstance(value, dict) else NOTHING


def reference(one: Json, key: str) -> str:
    """Return the identifier that an object refers to under ``key``."""
    return text(part_of(one, key).get("@id"))


def own(one: Json) -> Json:
    """Return what our own export kept with an object."""
    return part_of(part_of(one, "otherProperties"), OWN)
