"""One sheet of a model's workbook alone: what a supplier states of its product, as a workbook, as CSV or as a form."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from factors.strict_yaml import LINE
from lca.inert import inert
from service.activities.cells import Findings
from service.activities.columns import Columns
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.workbook import open_workbook
from service.fields import Field
from service.products.columns import Column, Sheet, sheet
from service.products.refusals import ModelFileInvalid
from service.products.tables import Row, rows, sheet_source, text_source
from service.products.text_models import is_odd
from service.products.workbook_models import records_of, titles_of
from service.products.workbook_writer import write_sheet

SHEET = "suppliers"
UNASKED = frozenset({"mark", "id"})
"""Columns that mean something among several rows alone."""

MOST_ROWS = 100
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
BOM = "\ufeff"

Record = dict[str, Any]


def columns() -> tuple[Column, ...]:
    """Return what a supplier is asked, in order."""
    return tuple(one for one in sheet(SHEET).columns if one.name not in UNASKED)


def of_file(path: Path, limits: Limits) -> tuple[list[Record], Sequence[Problem]]:
    """Return what a workbook or a CSV file states, row by row, and what a person should look at all the same.

    Raises:
        ModelFileInvalid: it cannot be read, states nothing, or a cell is wrong; all of it.
    """
    found = Findings()
    try:
        if path.suffix.casefold() in WORKBOOKS:
            book = open_workbook(path, limits)
            title = titles_of(book, found).get(SHEET)
            listed = list(rows(sheet_source(book, title), _fields(), found, MOST_ROWS)) if title else []
        else:
            listed = list(rows(text_source(path), _fields(), found, MOST_ROWS))
    except FileRefused as refused:
        raise ModelFileInvalid([Problem(refused.code, refused.sheet, params=refused.params)]) from refused
    return _records(listed, found), found.warnings


def _fields() -> tuple[Field, ...]:
    """Return what headers are compared with: one row needs no id of its own."""
    return tuple(replace(one, required=False) if one.name == "id" else one for one in sheet(SHEET).fields)


def of_form(cells: Mapping[str, str]) -> Record:
    """Return what the fields of a form state.

    Raises:
        ModelFileInvalid: a field is wrong; all of them.
    """
    asked, found = columns(), Findings()
    headers = [one.field.header for one in asked]
    table = Columns(0, headers, {one.name: position for position, one in enumerate(asked)})
    given = {one.name: cells.get(one.name, "").strip() for one in asked}
    odd = [one for one in asked if any(map(is_odd, given[one.name]))]
    for one in odd:
        found.add(Problem("text-odd", sheet(SHEET).title, 1, one.field.header, text=ascii(given[one.name])))
    kept = {name: text for name, text in given.items() if text and name not in {one.name for one in odd}}
    return _records([Row(sheet(SHEET).title, 1, kept, table)], found)[0]


def _records(listed: Sequence[Row], found: Findings) -> list[Record]:
    named = [replace(row, cells={"id": f"row-{row.number}", **row.cells}) for row in listed]
    records = records_of(SHEET, named, found)
    if not records and not found.errors:
        found.add(Problem("no-rows", sheet(SHEET).title))
    if found.errors:
        raise ModelFileInvalid(found.errors)
    return [{key: value for key, value in one.items() if key != LINE} for one in records]


def xlsx(path: Path, cells: Mapping[str, str], notes: Sequence[tuple[str, str]], language: str) -> None:
    """Write the sheet with one row begun; ``notes`` say in Chinese and English what is asked."""
    write_sheet(path, _asked(), [dict(cells)], notes, language)


def as_csv(cells: Mapping[str, str], language: str) -> bytes:
    """Return the sheet as CSV with one row begun, in UTF-8 with the mark by which spreadsheet programs know it.

    A text that a spreadsheet program would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    asked = _asked().columns
    writer.writerow([one.field.zh if language == "zh" else one.field.en for one in asked])
    writer.writerow([inert(cells.get(one.name, "")) for one in asked])
    return (BOM + out.getvalue()).encode()


def _asked() -> Sheet:
    whole = sheet(SHEET)
    return Sheet(whole.id, whole.zh, whole.en, whole.key, columns(), whole.help_zh, whole.help_en, whole.aliases)
