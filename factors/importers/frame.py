"""What every importer hands back, and the tools they share: nothing here knows a publisher.

    read(path, library) -> Imported(source, factors, problems, skipped, ...)

The library is asked only for what the file cannot say: the codes of places, the Chinese names that records of
an earlier edition carry, and the ids under which a fact is held already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from factors.importers.cells import At, decimal, printed, text
from factors.importers.messages import sentence
from factors.library import Library
from factors.records import Factor, Source

Progress = Callable[[int, int], None]
"""Called with (done, total) steps now and then; it cancels by raising."""

EMPTY = frozenset({"", "NA", "N/A", "n/a", "-"})
"""What publishers write where there is no value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at in a publisher's file. A blocking one must be mended before anything is written."""

    code: str
    at: At
    params: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = False

    def text(self, language: str = "en") -> str:
        """Return the sentence for a person, 'en' or 'zh'."""
        said = sentence(self.code, language) % self.params
        if not self.at.sheet:
            return said
        return f"{self.at}：{said}" if language == "zh" else f"{self.at}: {said}"

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Table:
    """The table of ours that an edition becomes: a CSV with its sidecar."""

    stem: str  # below factors/data, without a suffix: 'desnz/2024'
    title: str
    title_zh: str
    what: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """A publisher's file in our form. ``skipped`` counts cells that hold no value of ours."""

    source: Source
    factors: tuple[Factor, ...]
    problems: tuple[Problem, ...]
    skipped: int
    rows: int  # rows of the publisher's tables that were read
    edition: str
    family: tuple[str, ...]  # how ids of this edition begin; what is held under them and not in the file is "gone"
    table: Table
    places: Mapping[str, At]  # record id -> its cell


@dataclass
class Collector:
    """Gathers records and problems while a file is read; ids are given once."""

    library: Library
    factors: dict[str, Factor] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, At] = field(default_factory=dict)
    skipped: int = 0
    rows: int = 0

    def problem(self, code: str, at: At, *, blocking: bool = False, **params: object) -> None:
        """Note one problem."""
        self.problems.append(Problem(code, at, {key: str(value) for key, value in params.items()}, blocking))

    def add(self, factor: Factor, at: At) -> None:
        """Take one record; a second one under the same id is left out and reported when it says otherwise."""
        if (first := self.factors.get(factor.id)) is None:
            self.factors[factor.id] = factor
            self.places[factor.id] = at
        elif first.number == factor.number:
            self.skipped += 1
        else:
            self.problem(
                "given-twice", at, id=factor.id, value=factor.value, first=first.value, other=self.places[factor.id]
            )

    def number(self, cell: object, at: At, digits: int = 0) -> str | None:
        """Return the value of a cell as printed, None when it is empty or no number (which is then reported)."""
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return printed(float(cell), digits)
        found = text(cell)
        if found in EMPTY:
            self.skipped += 1
            return None
        value = decimal(found)
        if value is None:
            self.problem("not-a-number", at, found=found)
            return None
        self.problem("number-as-text", at, found=found, value=value)
        return str(value)

    def imported(self, source: Source, edition: str, family: tuple[str, ...], table: Table) -> Imported:
        """Return what was gathered."""
        return Imported(
            source=source,
            factors=tuple(self.factors.values()),
            problems=tuple(self.problems),
            skipped=self.skipped,
            rows=self.rows,
            edition=edition,
            family=family,
            table=table,
            places=MappingProxyType(self.places),
        )


def record(*, source: Source, year: int, valid: str = "year", **columns: Any) -> Factor:
    """Return a record of ``source``; ``valid`` is 'year' (that year only) or 'from_year' (until replaced)."""
    given: dict[str, Any] = {
        "name_zh": "",
        "scope_hint": "",
        "confidence": "high",  # read in the publisher's own file
        "licence": source.licence,
        "source": source.id,
        "year": year,
        "valid_from": date(year, 1, 1),
        "valid_to": date(year, 12, 31) if valid == "year" else None,
    }
    return Factor(**(given | columns))


@dataclass(frozen=True)
class Editions:
    """The records of one publisher that the library holds, by edition and by the tail of their id.

    An id is a prefix with the edition, a hyphen and a tail that is the same in every edition:
    'desnz2025-' + '7-400-4000-5-1'.
    """

    by_year: Mapping[int, Mapping[str, Factor]]

    def counterpart(self, tail: str) -> Factor | None:
        """Return the record with this tail in the newest edition that has one."""
        for year in sorted(self.by_year, reverse=True):
            if tail in self.by_year[year]:
                return self.by_year[year][tail]
        return None

    def name_zh(self, tail: str) -> str:
        """Return the Chinese name that the fact carries in the library: names in Chinese are ours, not the file's."""
        found = self.counterpart(tail)
        return found.name_zh if found else ""


def editions(library: Library, prefix: str) -> Editions:
    """Return the held records whose ids begin with ``prefix`` and a year."""
    pattern = re.compile(rf"{re.escape(prefix)}(\d{{4}})-(.+)")
    years: dict[int, dict[str, Factor]] = {}
    for key in library.factors:
        if found := pattern.fullmatch(key):
            years.setdefault(int(found[1]), {})[found[2]] = library.factors[key]
    return Editions(years)


def held_source(library: Library, source: Source) -> Source:
    """Return the publication as the library holds it, else as the file describes it."""
    return library.sources.get(source.id, source)


def step(progress: Progress | None, done: int, total: int) -> None:
    """Tell how far the reading is, when somebody wants to know."""
    if progress is not None:
        progress(done, total)


def first(items: Iterable[str]) -> str:
    """Return the first of ``items``, '' when there is none."""
    return next(iter(items), "")
