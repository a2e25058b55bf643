"""A life-cycle inventory database as bytes and back: what is stored, hashed and shipped."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from lca.dataset import (
    Allocation,
    Exchange,
    Finding,
    Flow,
    LciDatabase,
    Parameter,
    Uncertainty,
    UnitProcess,
)
from lca.errors import LciFileBroken

SCHEMA = "tanji.lci-1"
SCALARS = frozenset({str, float, bool, int, type(None)})


def content(database: LciDatabase) -> bytes:
    """Return the canonical JSON of what a database holds: sorted keys, nothing that is a default, no findings."""
    record = {
        "schema": SCHEMA,
        "name": database.name,
        "version": database.version,
        "source": database.source,
        "licence": database.licence,
        "format": database.format,
        "parameters": [plain(one) for one in database.parameters],
        "flows": [plain(one) for _, one in sorted(database.flows.items())],
        "processes": [plain(one) for one in database.processes],
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def pack(database: LciDatabase) -> bytes:
    """Return a database with the findings of its reading, packed."""
    findings = json.dumps([plain(one) for one in database.findings], ensure_ascii=False).encode()
    return zlib.compress(content(database) + b"\n" + findings, 6)


def content_of(packed: bytes) -> bytes:
    """Return ``content`` of the database that ``pack`` wrote.

    Raises:
        LciFileBroken: these are other bytes.
    """
    return _parted(packed)[0]


def _parted(packed: bytes) -> tuple[bytes, bytes]:
    """Return content and findings."""
    try:
        first, _, second = zlib.decompress(packed).partition(b"\n")
    except zlib.error as error:
        raise LciFileBroken("database", str(error)) from error
    return first, second


def unpack(packed: bytes) -> LciDatabase:
    """Return the database that ``pack`` wrote.

    Raises:
        LciFileBroken: these are other bytes.
    """
    first, second = _parted(packed)
    try:
        record = json.loads(first)
        if record.pop("schema") != SCHEMA:
            raise LciFileBroken("database", "schema")
        return LciDatabase(
            flows={one["id"]: Flow(**one) for one in record.pop("flows")},
            processes=tuple(_process(one) for one in record.pop("processes")),
            parameters=tuple(_parameter(one) for one in record.pop("parameters")),
            findings=tuple(Finding(**one) for one in json.loads(second)),
            **record,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LciFileBroken("database", str(error)) from error


def plain(item: Any) -> dict[str, Any]:
    """Return a dataclass as JSON-able data without the fields that hold their defaults."""
    found: dict[str, Any] = {}
    for name, default in _defaults(item.__class__):
        value = getattr(item, name)
        if value != default:
            found[name] = value if type(value) in SCALARS else _value(value)
    return found


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass with their defaults; a field that has none is unlike any value."""
    return tuple(
        (field.name, field.default if field.default_factory is dataclasses.MISSING else field.default_factory())
        for field in dataclasses.fields(kind)
    )


def _value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return plain(value)
    if isinstance(value, Mapping):
        return {key: _value(inner) for key, inner in value.items()}
    return [_value(inner) for inner in value] if isinstance(value, tuple) else value


def _process(record: dict[str, Any]) -> UnitProcess:
    exchanges = tuple(_exchange(one) for one in record.pop("exchanges"))
    parameters = tuple(_parameter(one) for one in record.pop("parameters", ()))
    allocations = tuple(Allocation(**one) for one in record.pop("allocations", ()))
    return UnitProcess(exchanges=exchanges, parameters=parameters, allocations=allocations, **record)


def _exchange(record: dict[str, Any]) -> Exchange:
    if "uncertainty" in record:
        record["uncertainty"] = Uncertainty(**record["uncertainty"])
    if "pedigree" in record:
        record["pedigree"] = tuple(record["pedigree"])
    return Exchange(**record)


def _parameter(record: dict[str, Any]) -> Parameter:
    if "uncertainty" in record:
        record["uncertainty"] = Uncertainty(**record["uncertainty"])
    return Parameter(**record)
