"""One reading of one file: tables in, checked rows and findings out. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from service.activities.cells import Conventions, Findings, Pass, stripped
from service.activities.columns import HEAD_ROWS, Columns, resolve
from service.activities.data import ROWS, Streams, check_data, typed_rows
from service.activities.known import Names, choose
from service.activities.problems import Problem
from service.activities.sheets import MARK, Sheet
from service.activities.wholes import Table
from service.activities.workbook import Hidden, Merge
from service.fields import Field

Progress = Callable[[int, int], None]
Frames = Callable[[int, int], Iterator[pl.DataFrame]]
"""Given the width and the number of rows to leave out, the rest of a table as frames."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table of a file before anything is understood."""

    name: str  # of the sheet, '' in a text file
    head: Sequence[Sequence[str]]
    frames: Frames
    hidden: Hidden = field(default_factory=Hidden)
    conventions: Conventions = field(default_factory=Conventions)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the columns of a table are and what is the same in every row."""

    columns: Columns
    fields: Mapping[str, Field]  # of the columns
    constants: Mapping[str, str] = field(default_factory=dict)  # checked already
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # what texts of a column stand for


@dataclass(slots=True)
class Tally:
    """How many rows of one sheet were met and what became of them."""

    total: int = 0
    skipped: int = 0
    loaded: int = 0

    @property
    def errors(self) -> int:
        """Return how many rows have an error."""
        return self.total - self.skipped - self.loaded


@dataclass(slots=True)
class Run:
    """The state of one reading."""

    names: Names
    expected: int = 0
    progress: Progress | None = None
    findings: Findings = field(default_factory=Findings)
    streams: Streams = field(default_factory=Streams)
    tables: list[Table] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    headers: dict[str, int] = field(default_factory=dict)  # sheet -> row of its header
    done: int = 0

    @property
    def rows(self) -> pl.DataFrame:
        """Return the rows of all tables that passed."""
        return pl.concat([pl.DataFrame(schema=ROWS), *self.frames])

    def advance(self, count: int) -> None:
        """Tell how far the reading is; the callback may raise to stop it."""
        self.done += count
        if self.progress is not None:
            self.progress(min(self.done, self.expected), self.expected)

    def data(self, source: Source, plan: Plan, key: str) -> None:
        """Read a table of activity data; ``key`` begins the ids of its rows."""
        number, proves_comma = len(self.tables), False
        for batch in self.batches(source, plan):
            self.keep(batch, plan, number)
            proves_comma |= batch.proves_comma
        self.tables.append(Table(source.name, plan.columns, key, proves_comma))

    def keep(self, batch: Pass, plan: Plan, number: int) -> None:
        """Check the rows of a batch as wholes and keep the good ones."""
        if all(name in batch.out for name in ("site", "activity", "amount", "unit", "start")):
            check_data(batch, self.names.known)
        if not plan.columns.errors:
            self.frames.append(typed_rows(batch, number, self.streams))

    def entries(
        self, source: Source, sheet: Sheet, check: Callable[[Pass], None] | None = None
    ) -> list[dict[str, Any]]:
        """Read a small table, such as the sites; every good row as a dict with its ``row``."""
        plan = self.plan(source, sheet)
        rows: list[dict[str, Any]] = []
        for batch in self.batches(source, plan):
            if check is not None and not plan.columns.errors:
                check(batch)
            if not plan.columns.errors:
                rows.extend(batch.good().iter_rows(named=True))
        self.tallies[source.name].loaded += len(rows)
        return rows

    def plan(self, source: Source, sheet: Sheet) -> Plan:
        """Find out by its headers what the columns of a table are."""
        columns = resolve(source.head[:HEAD_ROWS], sheet.readable, source.name)
        self.findings.errors.extend(columns.errors)
        self.findings.warnings.extend(columns.warnings)
        fields = {item.name: item for item in sheet.readable if item.name in columns.index and item is not MARK}
        return Plan(columns, fields)

    def batches(self, source: Source, plan: Plan) -> Iterator[Pass]:
        """Yield the rows that count, checked cell by cell."""
        columns = plan.columns
        tally = self.tallies.setdefault(source.name, Tally())
        self.headers[source.name] = columns.row
        unnamed = set(columns.unnamed)
        if not columns.index:
            return  # nothing of it is understood, and that was said; it may be forty million blank lines
        for frame in source.frames(len(columns.headers), columns.row):
            self._unnamed(frame, columns, unnamed, source.name)
            raw = self._counted(stripped(frame, columns), columns, source.hidden, tally)
            if raw.height:
                yield self.checked(raw, source, plan)
            self.advance(frame.height)

    def checked(self, raw: pl.DataFrame, source: Source, plan: Plan) -> Pass:
        """Return a batch with every cell checked and the constants filled in."""
        told = {name: meant for name, meant in plan.values.items() if name in raw.columns}
        raw = raw.with_columns(pl.col(name).replace(meant) for name, meant in told.items())
        raw = raw.with_columns(pl.lit(text).alias(name) for name, text in plan.constants.items())
        batch = Pass(source.name, plan.columns, raw, self.names, source.conventions, self.findings)
        look_behind(batch, source.hidden)
        batch.check(plan.fields)
        for name in plan.constants:
            is_day = name in ("start", "end")
            batch.out[name] = raw[name].str.to_date("%Y-%m-%d", strict=False) if is_day else raw[name]
        return batch

    def _unnamed(self, frame: pl.DataFrame, columns: Columns, unnamed: set[int], sheet: str) -> None:
        """Warn once of every column that holds something but has no header."""
        for position in sorted(unnamed):
            if (frame[f"c{position}"].str.strip_chars() != "").any():
                unnamed.discard(position)
                params = {"found": f"({position + 1})"}
                self.findings.add(Problem("column-ignored", sheet, columns.row, "", position + 1, params=params))

    def _counted(self, raw: pl.DataFrame, columns: Columns, hidden: Hidden, tally: Tally) -> pl.DataFrame:
        """Leave out blank rows and rows marked as examples; count the others."""
        if not columns.index:
            return raw.clear()
        forced = {row for row, _ in hidden.errors} | {row for (row, _), cached in hidden.formulas.items() if not cached}
        blank = pl.all_horizontal(pl.col(list(columns.index)) == "")
        if forced:
            blank = blank & ~pl.col("row").is_in(sorted(forced))
        raw = raw.filter(~blank)
        tally.total += raw.height
        if "mark" not in columns.index:
            return raw
        marks = [text for text in raw["mark"].unique().to_list() if text and not choose(MARK, text).code]
        kept = raw.filter(~pl.col("mark").is_in(marks))
        tally.skipped += raw.height - kept.height
        return kept


def look_behind(batch: Pass, hidden: Hidden) -> None:
    """Note formulas, error cells and merged cells among the rows of a batch."""
    names = {position + 1: name for name, position in batch.columns.index.items()}
    _flag_cells(batch, names, [at for at, cached in hidden.formulas.items() if cached], "formula-cached")
    empty = [at for at, cached in hidden.formulas.items() if not cached]
    _excuse(batch, _flag_cells(batch, names, empty, "formula-empty"))
    for error in sorted(set(hidden.errors.values())):
        cells = [at for at, found in hidden.errors.items() if found == error]
        _excuse(batch, _flag_cells(batch, names, cells, "cell-error", error=error))
    for merged in hidden.merges:
        _flag_merged(batch, names, merged)


def _flag_cells(
    batch: Pass, names: Mapping[int, str], cells: Iterable[tuple[int, int]], code: str, **params: str
) -> dict[str, pl.Series]:
    """Note ``code`` at every one of ``cells`` that is understood; return which rows by field."""
    by_column: dict[str, list[int]] = {}
    for row, column in cells:
        if column in names:
            by_column.setdefault(names[column], []).append(row)
    masks = {name: batch.raw["row"].is_in(rows) for name, rows in by_column.items()}
    for name, mask in masks.items():
        batch.flag(mask, code, name, lambda _, text: {"value": text, **params})
    return masks


def _excuse(batch: Pass, masks: Mapping[str, pl.Series]) -> None:
    for name, mask in masks.items():
        batch.excused[name] = batch.excused[name] | mask if name in batch.excused else mask


def _flag_merged(batch: Pass, names: Mapping[int, str], merged: Merge) -> None:
    touched = [name for column, name in names.items() if merged.left <= column <= merged.right]
    mask = batch.raw["row"].is_between(merged.top, merged.bottom)
    if touched and mask.any():
        batch.flag(mask, "merged-cells", touched[0], lambda *_: {"range": merged.text})
        _excuse(batch, dict.fromkeys(touched, mask))
