"""A frozen inventory as bytes: canonical JSON (RFC 8785), so that one content has one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

SCHEMA = "tanji.inventory/1"

LINES_INLINE = 5_000
"""A snapshot of more lines than this keeps them in parts of their own, named by their digest."""


def canonical_bytes(value: Any) -> bytes:
    """Write ``value`` as canonical JSON: sorted keys, no white space, UTF-8."""
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of ``value``, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def operands(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a snapshot's results were computed from: everything but the results."""
    return {key: value for key, value in snapshot.items() if key != "results"}
