"""Records of methods as files: one YAML file for each, inheriting from others, and the values that all kinds hold.

The records are ``lca/data/methods/*.yaml``. One may extend another (``extends: inventory.cn_gbt32150``): mappings
are merged key by key, everything else is replaced, and ``null`` takes an inherited key away. What comes out is
complete and stands by itself: it is what a snapshot stores.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from factors.strict_yaml import StrictLoader
from lca.errors import MethodInvalid

DATA = Path(__file__).parent / "data" / "methods"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The standard that the method follows: its number, title, year and clauses."""

    standard: str
    zh: str
    en: str
    year: int
    clause: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure we are: ``confirmed`` against the text, or ``unconfirmed``, with the reason."""

    mark: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the method states, as printed."""

    value: str
    unit: str
    source: str
    evidence: str


def parameters(record: Mapping[str, Any]) -> Mapping[str, Parameter]:
    """Return the numbers of a checked record by name."""
    return MappingProxyType({key: Parameter(**value) for key, value in record.items()})


def copied(node: Any) -> Any:
    """Return a copy of plain JSON-able data: mappings and lists anew, what is in them as it is.

    ``copy.deepcopy``, which has to think of everything, takes several times as long, and every footprint holds a copy.
    """
    if isinstance(node, dict):
        return {key: copied(value) for key, value in node.items()}
    return [copied(value) for value in node] if isinstance(node, list) else node


def resolve(identifier: str, directory: Path) -> Record:
    """Return the record in ``directory`` with all that it extends merged in, unchecked.

    Raises:
        MethodInvalid: a file is missing, is no mapping, repeats a key, extends itself or removes what is not there.
    """
    found: list[str] = []
    record = _merged(identifier, directory, (), found)
    if found:
        raise MethodInvalid(identifier, found)
    record.pop("abstract", None)
    return record


def _read(identifier: str, directory: Path, found: list[str]) -> Record:
    """Read one file; what is wrong with it goes to ``found`` and an empty record comes back."""
    path = directory / f"{identifier}.yaml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), StrictLoader)  # noqa: S506  a SafeLoader, stricter
    except FileNotFoundError:
        found.append(f"{path.name}: no such file")
        return {}
    except yaml.YAMLError as error:
        found.append(f"{path.name}: {' '.join(str(error).split())}")
        return {}
    if not isinstance(content, dict):
        found.append(f"{path.name}: expected a mapping")
        return {}
    if content.get("id") != identifier:
        found.append(f"{path.name}: id is {content.get('id')!r}, expected {identifier!r}")
    return content


def _merged(identifier: str, directory: Path, below: tuple[str, ...], found: list[str]) -> Record:
    if identifier in below:
        found.append(f"{identifier}.yaml: extends itself by way of {', '.join(below)}")
        return {}
    own = _read(identifier, directory, found)
    parent = own.pop("extends", None)
    if parent is None:
        return own
    base = _merged(str(parent), directory, (*below, identifier), found)
    base.pop("abstract", None)
    return _merge(base, own, f"{identifier}.yaml: ", found)


def _merge(base: Record, own: Record, path: str, found: list[str]) -> Record:
    merged = dict(base)
    for key, value in own.items():
        if value is None:
            if merged.pop(key, None) is None:
                found.append(f"{path}{key}: null takes away nothing")
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value, f"{path}{key}.", found)
        else:
            merged[key] = copy.deepcopy(value)
    return merged
