"""Rows of a sheet as texts by column, with everything that a spreadsheet hides told; the same for CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path

from lca.record_reading import FORMULA, decimal
from service.activities import textfile, workbook
from service.activities.cells import BLANKS, Findings
from service.activities.columns import HEAD_ROWS, Columns, resolve
from service.activities.dates import read_date
from service.activities.known import choose
from service.activities.numerals import Reading, read_number, read_percent, read_share, tidy
from service.activities.problems import WARNINGS, Problem
from service.activities.refusals import FileRefused
from service.activities.run import Source
from service.activities.workbook import Hidden, Workbook
from service.fields import Field
from service.products.columns import MARKS, SOURCES, Column, named

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00:00")
_SCORES = re.compile(r"[\s,;/，；、]+")
_PART_OF_DAY = re.compile(r"\d{4}(?:-\d{2})?")
_NOTATION = re.compile(r"([^:：]*)[:：](.*)", re.DOTALL)
_FULL_FORMULA = "＝"
_WIDTHS = {textfile.SHORT: "row-short", textfile.LONG: "row-long", textfile.CUT: "row-cut"}
_MARK = Field("mark", "choice", "标记", "Mark", False, (), MARKS)
_KIND_OF_SOURCE = Field("from_kind", "choice", "来源类别", "Kind of source", False, (), SOURCES)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row that hold something, by the name of their column; those told to be wrong are ``bad``."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Columns = field(repr=False)
    bad: frozenset[str] = frozenset()

    def problem(self, code: str, name: str = "", /, **params: str) -> Problem:
        """Return what is wrong with the row, or with one of its cells."""
        position = self.columns.index.get(name)
        return Problem(
            code,
            self.sheet,
            self.number,
            self.columns.header(name) if name else "",
            None if position is None else position + 1,
            self.cells.get(name, ""),
            params,
        )

    def get(self, name: str) -> str:
        """Return a cell without the blanks around it, '' where there is nothing."""
        return self.cells.get(name, "").strip(BLANKS)


def sheet_source(book: Workbook, name: str) -> Source:
    """Return one sheet of a workbook as a table."""
    behind = workbook.hidden(book, name)
    return Source(name, workbook.head(book, name, HEAD_ROWS), partial(workbook.frames, book, name, behind), behind)


def text_source(path: Path) -> Source:
    """Return a CSV file as a table.

    Raises:
        FileRefused: no text, or in an encoding that is not accepted.
    """
    file = textfile.inspect(path)
    separator = textfile.separator_of(file)
    return Source("", textfile.head(file, separator, HEAD_ROWS), partial(textfile.frames, file, separator))


def rows(source: Source, fields: Sequence[Field], findings: Findings, most: int) -> Iterator[Row]:
    """Yield the rows of a table that count; what is wrong with its headers and hidden cells goes to ``findings``.

    Raises:
        FileRefused: more than ``most`` rows.
    """
    columns = resolve(source.head, fields, source.name)
    findings.errors += columns.errors
    findings.warnings += columns.warnings
    if columns.index:
        yield from _counted(source, columns, findings, most)


def _counted(source: Source, columns: Columns, findings: Findings, most: int) -> Iterator[Row]:
    _note_merges(source, columns, findings)
    count, unnamed = 0, set(columns.unnamed)
    forced = {row for row, _ in source.hidden.errors} | {
        row for (row, _), has in source.hidden.formulas.items() if not has
    }
    for frame in source.frames(len(columns.headers), columns.row):
        widths = frame["width"].to_list() if "width" in frame.columns else [textfile.EXACT] * frame.height
        for values, width in zip(frame.drop("width", strict=False).iter_rows(), widths, strict=True):
            number, texts = values[0], values[1:]
            cells = {name: texts[at] for name, at in columns.index.items() if texts[at].strip(BLANKS)}
            _note_unnamed(source.name, columns, unnamed, texts, findings)
            if (cells or number in forced) and not _is_marked(cells):
                count += 1
                if count > most:
                    raise FileRefused("rows-too-many", source.name, limit=str(most))
                yield _looked_behind(Row(source.name, number, cells, columns), source.hidden, width, findings)


def _is_marked(cells: Mapping[str, str]) -> bool:
    """Tell whether a row says of itself that it is an example or not to be read."""
    return "mark" in cells and not _chosen(_MARK, cells["mark"]).code


def _note_unnamed(sheet: str, columns: Columns, unnamed: set[int], texts: Sequence[str], findings: Findings) -> None:
    """Warn once of every column that holds something but has no header."""
    for position in [one for one in unnamed if texts[one].strip(BLANKS)]:
        unnamed.discard(position)
        params = {"found": f"({position + 1})"}
        findings.add(Problem("column-ignored", sheet, columns.row, "", position + 1, params=params))


def _note_merges(source: Source, columns: Columns, findings: Findings) -> None:
    """Refuse merged cells below the header: all but the first of them look empty."""
    for merged in source.hidden.merges:
        touched = [(at, name) for name, at in columns.index.items() if merged.left <= at + 1 <= merged.right]
        if touched and merged.bottom > columns.row:
            at, name = min(touched)
            row = max(merged.top, columns.row + 1)
            params = {"range": merged.text}
            findings.add(Problem("merged-cells", source.name, row, columns.header(name), at + 1, params=params))


def _looked_behind(row: Row, hidden: Hidden, width: int, findings: Findings) -> Row:
    """Tell the formulas and errors of a row; cells that hold nothing certain are bad."""
    if width in _WIDTHS:
        findings.add(row.problem(_WIDTHS[width]))
    bad = set()
    for name, position in row.columns.index.items():
        at = (row.number, position + 1)
        if at in hidden.errors:
            findings.add(row.problem("cell-error", name, error=hidden.errors[at]))
        elif at in hidden.formulas:
            code = "formula-cached" if hidden.formulas[at] else "formula-empty"
            findings.add(row.problem(code, name, value=row.get(name)))
        if at in hidden.errors or hidden.formulas.get(at) is False:
            bad.add(name)
    cells = {name: text for name, text in row.cells.items() if name not in bad}
    return Row(row.sheet, row.number, cells, row.columns, frozenset(bad))


# --- one cell ------------------------------------------------------------------------------------


def value(row: Row, column: Column, findings: Findings) -> str:
    """Return what a cell says in the words of a model file, '' where that cannot be told, which is noted."""
    text = row.cells.get(column.name, "")
    if column.kind == "verbatim":
        return text
    text = text.strip(BLANKS)
    if not text:
        return ""
    read = _READERS[column.kind](column, text) if column.kind in _READERS else Reading(text)
    if read.code:
        findings.add(row.problem(read.code, column.name, **dict(read.params)))
    return read.value if not read.code or read.code in WARNINGS else ""


def _amount(read: partial[Reading], text: str) -> Reading:
    """Keep a number or formula as it is written; read what a person writes otherwise."""
    if text.startswith((FORMULA, _FULL_FORMULA)):
        return Reading(text.replace(_FULL_FORMULA, FORMULA, 1) if text.startswith(_FULL_FORMULA) else text)
    return Reading(text) if decimal(text) is not None else read(text)


def _day(side: str, text: str) -> Reading:
    found = _MIDNIGHT.fullmatch(text)
    return read_date(found[1] if found else text, side="start" if side == "start" else "end")


@lru_cache(maxsize=4096)
def _chosen(item: Field, text: str) -> Reading:
    return choose(item, text)


def scores(text: str) -> list[str]:
    """Return the several numbers of a cell."""
    return [one for one in _SCORES.split(tidy(text)) if one]


def named_id(column: Column, text: str) -> str:
    """Return the id of what a column of kind 'named' calls by its name, and any other text as it is."""
    return _chosen(replace(column.field, choices=named()[column.offers]), text).value or text


_READERS: Mapping[str, Callable[[Column, str], Reading]] = {
    "number": lambda _, text: _amount(partial(read_number), text),
    "share": lambda _, text: _amount(partial(read_share), text),
    "percent": lambda _, text: _amount(partial(read_percent), text),
    "start": lambda _, text: _day("start", text),
    "end": lambda _, text: _day("end", text),
    "day": lambda _, text: Reading(text) if _PART_OF_DAY.fullmatch(text) else _day("end", text),
    "choice": lambda column, text: _chosen(column.field, text),
    "named": lambda column, text: Reading(named_id(column, text)),
}


# --- who supplies --------------------------------------------------------------------------------


def source_of(row: Row, name: str, findings: Findings) -> Mapping[str, str]:
    """Return a source as a model file has it, from 'supplier: copper' or from a mapping in JSON."""
    text = row.get(name)
    if text.startswith("{"):
        return _mapping(row, name, text, findings)
    parts = _NOTATION.fullmatch(text)
    kind = _chosen(_KIND_OF_SOURCE, parts[1].strip()).value if parts else ""
    if parts is None or not kind:
        findings.add(row.problem("source-notation", name, kinds=", ".join(one.id for one in SOURCES)))
        return {}
    return {kind: parts[2].strip()}


def _mapping(row: Row, name: str, text: str, findings: Findings) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        findings.add(row.problem("source-notation", name, kinds=", ".join(one.id for one in SOURCES)))
        return {}
    return found
