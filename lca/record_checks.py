"""The pieces of which the shape of a record is built.

A *check* takes a value and its path and yields problems as ``path: what is wrong``, so that all are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from lca.formulas.measured import number

Check = Callable[[Any, str], Iterator[str]]

MARKS = ("confirmed", "unconfirmed")

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


def text(value: Any, path: str) -> Iterator[str]:
    """Some text, not empty."""
    if not isinstance(value, str) or not value.strip():
        yield f"{path}: expected text, got {value!r}"


def name(value: Any, path: str) -> Iterator[str]:
    """An identifier: letters, digits, dot, dash, underscore."""
    if not isinstance(value, str) or not _NAME.match(value):
        yield f"{path}: expected a name, got {value!r}"


def decimal(value: Any, path: str) -> Iterator[str]:
    """A number as text in quotes, so that it stays as printed: '83.74', '44/12'."""
    if not isinstance(value, str):
        yield f"{path}: expected a number as text in quotes, got {value!r}"
        return
    try:
        number(value)
    except ValueError:
        yield f"{path}: expected a number, got {value!r}"


def maybe_decimal(value: Any, path: str) -> Iterator[str]:
    """A number as text, or '' for none."""
    if value != "":
        yield from decimal(value, path)


def integer(value: Any, path: str) -> Iterator[str]:
    """A whole number, not below zero."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield f"{path}: expected a whole number, got {value!r}"


def boolean(value: Any, path: str) -> Iterator[str]:
    """Either true or false."""
    if not isinstance(value, bool):
        yield f"{path}: expected true or false, got {value!r}"


def one_of(*allowed: str) -> Check:
    """One of the words ``allowed``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{path}: {value!r} is not one of {', '.join(allowed)}"

    return check


def list_of(item: Check, *, empty: bool = True) -> Check:
    """A list whose members all pass ``item``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: expected a list, got {value!r}"
            return
        if not value and not empty:
            yield f"{path}: is empty"
        for index, member in enumerate(value):
            yield from item(member, f"{path}[{index}]")

    return check


def map_of(item: Check, key: Check = name) -> Check:
    """A mapping whose keys pass ``key`` and whose values pass ``item``."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected a mapping, got {value!r}"
            return
        for member, content in value.items():
            yield from key(member, f"{path}: key")
            yield from item(content, f"{path}.{member}")

    return check


def keys(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A mapping with exactly the ``required`` keys and at most the ``optional`` ones."""
    known = dict(required) | dict(optional or {})

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected a mapping, got {value!r}"
            return
        at = f"{path}." if path else ""
        yield from (f"{at}{key}: missing" for key in required if key not in value)
        for key, content in value.items():
            if key not in known:
                yield f"{at}{key}: unknown key"
            else:
                yield from known[key](content, f"{at}{key}")

    return check


WORDS: Mapping[str, Check] = MappingProxyType({"zh": text, "en": text})
MARK: Check = one_of(*MARKS)
EVIDENCE: Check = keys({"mark": MARK, **WORDS})
EDITION: Check = keys({"standard": text, **WORDS, "year": integer, "clause": text})
PARAMETER: Check = keys({"value": decimal, "unit": text, "source": text, "evidence": MARK})
