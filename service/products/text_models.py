"""Product models as YAML and JSON: every value as the text that was written, nothing that could grow or run.

A YAML file of a few lines can stand for gigabytes (an anchor repeated in itself) and name types of the program that
reads it. A model needs neither: anchors, aliases and tags are refused, and depth and number of values are bounded
before anything is built of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from factors.strict_yaml import LINE, TextLoader
from service.activities.problems import Problem
from service.activities.refusals import FileRefused

DEEPEST = 40  # mappings and lists inside one another: a part of a part … of a part
MOST_VALUES = 2_000_000
SHOWN = 80  # characters of what a parser says

_TWICE = " stands twice"  # as factors.strict_yaml says it
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TextRefused(Exception):
    """A text that is no model file, with everything that is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def text_of(path: Path, limit: int) -> str:
    """Return a file as text.

    Raises:
        FileRefused: empty, too large, or not in UTF-8.
    """
    size = path.stat().st_size
    if size > limit:
        raise FileRefused("file-too-large", size=f"{size / 1e6:.1f}", limit=f"{limit / 1e6:.1f}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused("encoding-not-utf8") from error
    if not text.strip():
        raise FileRefused("file-empty")
    return text


# --- YAML ----------------------------------------------------------------------------------------


def from_yaml(text: str) -> Any:
    """Return what a YAML text says: texts, lists, mappings with the number of their first line.

    Raises:
        TextRefused: no YAML, a key written twice, anchors, tags, too deep or too much.
    """
    try:
        found = list(_Watch().events(text))
        if found:
            raise TextRefused(*found)
        return yaml.load(text, TextLoader)  # noqa: S506  a safe loader of our own
    except yaml.YAMLError as error:
        raise TextRefused(_told(error)) from error


def _told(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    row = mark.line + 1 if mark is not None else None
    if isinstance(error, yaml.constructor.ConstructorError) and str(said).endswith(_TWICE):
        return Problem("key-twice", row=row, params={"key": str(said).removesuffix(_TWICE).strip("'\"")[:SHOWN]})
    return Problem("yaml-broken", row=row, params={"reason": str(said)[:SHOWN]})


@dataclass(slots=True)
class _Level:
    """One mapping or list that is open while the events pass."""

    is_mapping: bool
    is_key: bool = True  # a mapping's next node is a key


@dataclass(slots=True)
class _Watch:
    """Looks the events of a YAML text over before anything is made of them."""

    open: list[_Level] = field(default_factory=list)
    count: int = 0
    documents: int = 0

    def events(self, text: str) -> Iterator[Problem]:
        """Yield what a model file may not hold; stops at what would cost too much."""
        for event in yaml.parse(text, Loader=_Parser):
            row = event.start_mark.line + 1 if event.start_mark is not None else None
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    yield Problem("yaml-documents", row=row)
                    return
            if isinstance(event, yaml.NodeEvent):
                yield from _node(event, row)
                self.count += 1
            if code := self._follow(event):
                yield Problem(code, row=row, params=_LIMITS.get(code, {}))
                return

    def _follow(self, event: yaml.Event) -> str:
        """Keep track of depth and keys; return the code of what is refused at once."""
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            return ""
        if not isinstance(event, yaml.NodeEvent):
            return ""
        is_scalar = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
        if self.open and self.open[-1].is_mapping:
            level = self.open[-1]
            if level.is_key and not is_scalar:
                return "yaml-key"
            level.is_key = not level.is_key
        if not is_scalar:
            self.open.append(_Level(isinstance(event, yaml.MappingStartEvent)))
        if len(self.open) > DEEPEST:
            return "too-deep"
        return "too-many-values" if self.count > MOST_VALUES else ""


_LIMITS: Mapping[str, Mapping[str, str]] = {
    "too-deep": {"limit": str(DEEPEST)},
    "too-many-values": {"limit": str(MOST_VALUES)},
}


def _node(event: yaml.NodeEvent, row: int | None) -> Iterator[Problem]:
    if event.anchor is not None:
        name = f"*{event.anchor}" if isinstance(event, yaml.AliasEvent) else f"&{event.anchor}"
        yield Problem("yaml-anchor", row=row, text=name[:SHOWN])
    tag = getattr(event, "tag", None)
    if tag is not None:
        yield Problem("yaml-tag", row=row, text=str(tag)[:SHOWN])


# --- JSON ----------------------------------------------------------------------------------------


def from_json(text: str) -> Any:
    """Return what a JSON text says, numbers as the text that was written.

    Raises:
        TextRefused: no JSON, a key written twice, numbers that are none, too deep or too much.
    """
    twice: list[str] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice.extend(sorted(key for key, times in Counter(keys).items() if times > 1))
        return dict(pairs)

    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=mapping)
    except json.JSONDecodeError as error:
        raise TextRefused(Problem("json-broken", row=error.lineno, params={"reason": error.msg[:SHOWN]})) from error
    except RecursionError as error:
        raise TextRefused(Problem("too-deep", params=_LIMITS["too-deep"])) from error
    problems = [Problem("key-twice", text=key[:SHOWN], params={"key": key[:SHOWN]}) for key in dict.fromkeys(twice)]
    if problems:
        raise TextRefused(*problems)
    return found


def _no_number(text: str) -> Any:
    raise TextRefused(Problem("json-broken", params={"reason": text}))


def plain(found: Any) -> dict[str, Any]:
    """Return a model as plain data: texts alone, blanks left out, as a workbook leaves them out.

    Raises:
        TextRefused: no mapping at the top, too deep or too much, texts that no file can hold.
    """
    if not isinstance(found, Mapping):
        raise TextRefused(Problem("model-no-mapping"))
    count = 0

    def cleaned(value: Any, depth: int) -> Any:
        nonlocal count
        count += 1
        for code, is_over in (("too-deep", depth > DEEPEST), ("too-many-values", count > MOST_VALUES)):
            if is_over:
                raise TextRefused(Problem(code, params=_LIMITS[code]))
        if isinstance(value, Mapping):
            kept = {_text(key): cleaned(inner, depth + 1) for key, inner in value.items()}
            return {key: inner for key, inner in kept.items() if inner != ""}
        if isinstance(value, list):
            return [cleaned(inner, depth + 1) for inner in value]
        return _text(value)

    made: dict[str, Any] = cleaned(found, 1)
    made.pop(LINE, None)  # of the file, not of the product
    return made


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not text.isprintable() and any(is_odd(char) for char in text):
        raise TextRefused(Problem("text-odd", text=ascii(text)[:SHOWN]))
    return text


def is_odd(char: str) -> bool:
    """Tell whether a character can stand in no file and no report: half of a pair, a control character."""
    return "\ud800" <= char <= "\udfff" or (ord(char) < 32 and char not in "\t\n\r") or char in "\x7f\ufffe\uffff"
