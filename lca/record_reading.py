"""Dataclasses from plain data (YAML, JSON, a workbook): every problem at once, each with its place.

The dataclass is the description of the file: its fields are the keys, their types say what may stand there. ``Rules``
says what a type does not: which keys are required, which texts are numbers, which have a list of their own. Scalars are
text, so that digits stay as written.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from factors.near import near
from factors.strict_yaml import LINE
from lca.flaws import Flaw

FORMULA = "="
LONGEST_ID = 200  # characters: ids stand in places, tables and file names
LONGEST_TEXT = 32_767  # characters of any other text: as many as a cell of a workbook holds
SHOWN = 60  # characters of an id in a message


@dataclass(frozen=True, slots=True)
class Rules:
    """What the keys of a file hold, by their names; ``required`` by dataclass."""

    required: Mapping[type, tuple[str, ...]]
    numbers: frozenset[str]
    formulas: frozenset[str] = frozenset()  # of the numbers, those that may be formulas
    positive: frozenset[str] = frozenset()
    not_negative: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bare: type | None = None  # what a text alone may stand for, as its first field


class Reader:
    """Makes dataclasses of mappings and collects what is wrong."""

    def __init__(self, rules: Rules, problems: list[Flaw]) -> None:
        self.rules, self.problems = rules, problems

    def given(self, kind: type, data: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002  for those that gather
        """Return the keys of a mapping as the fields of ``kind`` name them."""
        return data

    def known(self, kind: type, name: str, value: Any, where: str) -> None:
        """Note a value that is well written and that nobody knows."""

    def keys(self, kind: type) -> Mapping[str, str]:
        """Return the fields of a dataclass by the keys of a file."""
        return _own_keys(kind)

    def flaw(self, where: str, code: str, **params: object) -> None:
        """Note what is wrong at a place."""
        self.problems.append(Flaw(code, params, where))

    def flaw_of(self, where: str, code: str, **params: object) -> None:
        """Note what is wrong with one value; its key stands in the sentence."""
        self.flaw(where.rpartition(" › ")[0], code, **params)

    def record(self, kind: Any, data: Any, where: str) -> Any:
        """Return ``data`` as a ``kind``, with what could be read of it."""
        if not isinstance(data, Mapping):
            self.flaw(where, "not-a-mapping", key=where)
            return _empty(kind)
        hints, known = hints_of(kind), self.keys(kind)
        given = self.given(kind, data)
        place = _place(where, given)
        for key in self.rules.required.get(kind, ()):
            if given.get(key) in (None, "", []) or (isinstance(given[key], str) and not given[key].strip()):
                self.flaw(place, "key-missing", key=key)
        values = {}
        for key, value in given.items():
            name = known.get(key)
            if name is not None:
                where = f"{place} › {key}" if place else key
                values[name] = self.value(hints[name], value, where, name)
                self.known(kind, name, values[name], where)
            elif key != LINE:
                self.flaw(place, "key-unknown", key=key, near=", ".join(near(str(key), known)) or "-")
        if "line" in hints and LINE in given:
            values["line"] = given[LINE]
        for name, hint in _required(kind).items():
            if name not in values:
                values[name] = _blank(hint)
        return kind(**values)

    def value(self, hint: Any, data: Any, where: str, name: str) -> Any:
        """Return ``data`` as the type of its field."""
        shape, inner = _shape(hint)
        if shape is str and isinstance(data, str):  # most values
            return self.text(data, where, name)
        if shape is tuple:
            return self.items(inner, data, where)
        if shape is Mapping:
            return self.texts(data, where, inner)
        if shape is object:
            is_bare = inner is self.rules.bare and isinstance(data, str)
            return inner(self.bounded(data, where, name)) if is_bare else self.record(inner, data, where)
        if isinstance(data, Mapping | list):
            self.flaw(where, "not-text", key=name)
            return _blank(inner)
        if shape is bool:
            return self.choice(str(data).casefold(), ("true", "false"), where, name) == "true"
        if shape is int:
            return int(self.choice(str(data), tuple("012345"), where, name) or 0)
        return self.text(str(data), where, name)

    def items(self, hint: Any, data: Any, where: str) -> tuple[Any, ...]:
        """Return a list of records, or of scores of 1 to 5."""
        if not isinstance(data, list):
            self.flaw(where, "not-a-list", key=where.rpartition(" › ")[2])
            return ()
        if hint is int:
            name = where.rpartition(" › ")[2]
            return tuple(int(self.choice(str(one), tuple("12345"), where, name) or 1) for one in data)
        return tuple(self.record(hint, one, f"{where} {number}") for number, one in enumerate(data, 1))

    def texts(self, data: Any, where: str, kind: type = str) -> Mapping[str, Any]:
        """Return a mapping of free keys to texts, or to records."""
        if not isinstance(data, Mapping):
            self.flaw(where, "not-a-mapping", key=where.rpartition(" › ")[2])
            return {}
        if kind is str:
            listed = ((str(key), str(one)) for key, one in data.items() if key != LINE)
            return {key: self.bounded(one, f"{where} › {key}", key) for key, one in listed}
        return {str(key): self.value(kind, one, f"{where} › {key}", key) for key, one in data.items() if key != LINE}

    def choice(self, value: str, choices: Sequence[str], where: str, name: str) -> str:
        """Return one of a list, '' for what is none of it."""
        if value in choices:
            return value
        self.flaw_of(where, "not-listed", key=name, value=value, choices=", ".join(choices))
        return ""

    def bounded(self, value: str, where: str, name: str) -> str:
        """Return a text without the blanks around it, '' for one that no cell of a workbook holds."""
        if len(value) > LONGEST_TEXT:
            self.flaw_of(where, "text-too-long", key=_shown(name), limit=LONGEST_TEXT)
            return ""
        return value.strip()

    def text(self, value: str, where: str, name: str) -> str:
        """Return a text without the blanks around it; numbers and ids are looked at."""
        value, rules = self.bounded(value, where, name), self.rules
        if name in rules.choices and value:
            return self.choice(value, rules.choices[name], where, name)
        if name in rules.numbers and value and (name not in rules.formulas or not value.startswith(FORMULA)):
            self.number(value, where, name)
        elif name in ("id", "name") and len(value) > LONGEST_ID:
            self.flaw_of(where, "id-too-long", key=name, id=_shown(value), length=len(value), most=LONGEST_ID)
        return value

    def number(self, value: str, where: str, name: str) -> None:
        """Note what is no number, or none that this key may have."""
        found, rules = decimal(value), self.rules
        if found is None:
            code = "not-a-number" if name in rules.formulas else "not-a-plain-number"
            self.flaw_of(where, code, key=name, value=value)
        elif name in rules.shares and not 0 <= found <= 1:
            self.flaw_of(where, "share-outside", key=name, value=value)
        elif name in rules.positive and found <= 0:
            self.flaw_of(where, "amount-not-above", key=name, value=value)
        elif name in rules.not_negative and found < 0:
            self.flaw_of(where, "amount-below", key=name, value=value)


def decimal(text: str) -> Decimal | None:
    """Return a plain decimal number, None for anything else; digits are bounded."""
    if "_" in text:  # Decimal takes '1__0', what computes with it later does not
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and -60 < found.adjusted() < 60 else None


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of the fields of a dataclass."""
    return typing.get_type_hints(kind)


@cache
def _own_keys(kind: type) -> Mapping[str, str]:
    return {name: name for name in hints_of(kind)}


@cache
def _required(kind: type) -> dict[str, Any]:
    """Return the hints of the fields that have no default."""
    return {
        one.name: hints_of(kind)[one.name]
        for one in dataclasses.fields(kind)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    }


@cache
def _shape(hint: Any) -> tuple[type, Any]:
    """Return what a field is read as, and what it is of: tuple, Mapping, object (a dataclass), or a plain value."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _shape(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        return tuple, arguments[0]
    if origin is Mapping or hint is Mapping or origin is dict:
        return Mapping, arguments[1] if arguments else str
    if dataclasses.is_dataclass(hint):
        return object, hint
    return (hint if hint in (bool, int) else str), hint


def _place(where: str, given: Mapping[str, Any]) -> str:
    """Return where a mapping stands: its path, itself by its id rather than its number, and its line."""
    head, _, last = where.rpartition(" › ")
    kind = last.rstrip("0123456789").rstrip()
    named = f"{kind} {_shown(str(given['id']))}".strip() if "id" in given and kind != last else last
    line = f"{named} ({LINE} {given[LINE]})" if LINE in given and kind != last else named
    return f"{head} › {line}" if head else line


def _shown(text: str) -> str:
    """Return an id as a message shows it: in part where nobody would read it."""
    return text if len(text) <= LONGEST_ID else f"{text[:SHOWN]}…"


def _blank(hint: Any) -> Any:
    shape, inner = _shape(hint)
    blanks: dict[type, Any] = {str: "", tuple: (), Mapping: {}}
    return blanks[shape] if shape in blanks else _empty(inner) if shape is object else None


def _empty(kind: Any) -> Any:
    """Return a dataclass with nothing in it, for what could not be read: the problem is noted already."""
    return kind(**{name: _blank(hint) for name, hint in _required(kind).items()})
