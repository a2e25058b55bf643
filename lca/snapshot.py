"""A frozen inventory as bytes: canonical JSON (RFC 8785), so that one content has one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import rfc8785

SCHEMA = "tanji.inventory/1"

LINES_INLINE = 5_000
"""A snapshot of more lines than this keeps them in parts of their own, named by their digest."""

Record = dict[str, Any]


class _FloatFound(ValueError):
    pass


def canonical_bytes(value: Any) -> bytes:
    """Write ``value`` as canonical JSON: sorted keys, no white space, UTF-8.

    The standard library's encoder, many times faster, writes the same bytes for what a snapshot is made of:
    text, whole numbers, true, false and null. Anything else is left to the RFC's own encoder.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if _is_of_single_units(text) and _has_no_floats(text):
        return text.encode()
    return rfc8785.dumps(value)


def _is_of_single_units(text: str) -> bool:
    """Tell whether every character is one UTF-16 unit.

    With characters of two, order by code points is not the order by units that RFC 8785 asks for.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def _has_no_floats(text: str) -> bool:
    def refuse(token: str) -> None:
        raise _FloatFound(token)

    try:
        json.loads(text, parse_float=refuse)
    except _FloatFound:
        return False
    return True


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of ``value``, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def operands(snapshot: Mapping[str, Any]) -> Record:
    """Return what a snapshot's results were computed from: everything but the results."""
    return {key: value for key, value in snapshot.items() if key != "results"}


def named_valuations(calculations: Sequence[Record]) -> tuple[list[Record], dict[str, Record]]:
    """Replace the valuations inside ``calculations`` by names, and return both: equal ones are held once.

    Three thousand meters under one factor share one valuation; the snapshot stays as small as what it says.
    """
    names: dict[str, str] = {}
    table: dict[str, Record] = {}
    seen: dict[int, str] = {}

    def name_of(record: Record) -> str:
        if id(record) not in seen:
            text = json.dumps(record, sort_keys=True)
            name = names.setdefault(text, f"V{len(names) + 1:03}")
            table.setdefault(name, record)
            seen[id(record)] = name
        return seen[id(record)]

    named = [
        calculation | {"views": {view: name_of(record) for view, record in calculation["views"].items()}}
        for calculation in calculations
    ]
    return named, table


def expanded(snapshot: Mapping[str, Any]) -> Record:
    """Return the snapshot with every calculation holding its valuations itself, for reading."""
    table = snapshot["valuations"]
    calculations = [
        calculation | {"views": {view: table[name] for view, name in calculation["views"].items()}}
        for calculation in snapshot["calculations"]
    ]
    return {**snapshot, "calculations": calculations}


def differences(before: object, after: object, path: str = "") -> Iterator[str]:
    """Yield the paths at which two JSON values differ, keys in the order of the alphabet."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(set(before) | set(after)):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif before != after:
        yield path
