"""A publisher's file against the library: what is new, the same, changed or gone. Nothing is overwritten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from factors.importers.frame import Imported
from factors.library import Library
from factors.records import Factor

if TYPE_CHECKING:
    from factors.importers.cells import At

_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?=-|$)")

COMPARED = tuple(column.name for column in fields(Factor) if column.name not in ("id", "refusal"))
"""Every column but the id; why a record is refused is worked out from the others."""

NUMBERS = ("value", "unit", "gas", "year", "region", "gwp_set", "scope_hint")
"""Columns whose change changes a result; the others are words about it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record that the library holds otherwise than the file: column -> (held, in the file)."""

    id: str
    at: At
    columns: Mapping[str, tuple[str, str]]

    @property
    def touches_results(self) -> bool:
        """Whether more than words differ."""
        return any(column in NUMBERS for column in self.columns)


@dataclass(frozen=True, slots=True)
class Differences:
    """The outcome of a comparison."""

    new: tuple[Factor, ...]
    same: tuple[str, ...]
    changed: tuple[Change, ...]
    gone: tuple[str, ...]  # held of this edition, not in the file


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that a person may add to series.csv: the new edition's record in the place of an earlier one."""

    series: str
    kind: str
    formula: str
    role: str
    factor: str
    follows: str  # id of the record that the series holds now

    @property
    def line(self) -> str:
        """The line as series.csv would have it."""
        return ",".join((self.series, self.kind, self.formula, self.role, self.factor))


def compare(imported: Imported, library: Library) -> Differences:
    """Compare every record of a file with the one held under its id, column by column."""
    new: list[Factor] = []
    same: list[str] = []
    changed: list[Change] = []
    for factor in imported.factors:
        held = library.factors.get(factor.id)
        if held is None:
            new.append(factor)
        elif columns := _differing(held, factor):
            changed.append(Change(factor.id, imported.places[factor.id], columns))
        else:
            same.append(factor.id)
    given = {factor.id for factor in imported.factors}
    gone = (key for key in library.factors if key.startswith(imported.family) and key not in given)
    return Differences(tuple(new), tuple(same), tuple(changed), tuple(gone))


def _differing(held: Factor, factor: Factor) -> Mapping[str, tuple[str, str]]:
    pairs = ((column, getattr(held, column), getattr(factor, column)) for column in COMPARED)
    return {column: (_words(before), _words(after)) for column, before, after in pairs if before != after}


def _words(value: object) -> str:
    return "" if value is None else str(value)


def propose(imported: Imported, library: Library) -> tuple[Proposal, ...]:
    """Return the lines of series.csv that name another edition and have a counterpart in this file.

    The counterpart is the record with the same id but for its year. Membership of a series stays a person's
    decision: an edition may have changed what it counts.
    """
    series = library.tables.get("series", ())
    present = {(row["series"], row["role"], row["factor"]) for row in series}
    given: dict[str, list[str]] = {}
    for factor in imported.factors:
        given.setdefault(_without_year(factor.id), []).append(factor.id)
    found: dict[tuple[str, str, str], Proposal] = {}
    for row in series:
        for factor_id in given.get(_without_year(row["factor"]), ()):
            key = (row["series"], row["role"], factor_id)
            if key not in present:
                columns = (row["series"], row["kind"], row["formula"], row["role"])
                found[key] = Proposal(*columns, factor=factor_id, follows=row["factor"])
    return tuple(found.values())


def _without_year(factor_id: str) -> str:
    """Return an id with its year masked: 'desnz2025-7-400-4000-5-1' -> 'desnz*-7-400-4000-5-1'."""
    return _YEAR.sub("*", factor_id, count=1)
