"""One sheet of a model's workbook alone: what a supplier states of its product, as a workbook, as CSV or as a form."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from factors.strict_yaml import LINE
from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.inert import inert
from lca.product_model import SupplierFootprint
from lca.product_reading import supplier
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


def columns() -> tuple[Column, ...]:
    """Return what a supplier is asked, in order."""
    return tuple(one for one in sheet(SHEET).columns if one.name not in UNASKED)


def of_file(path: Path, limits: Limits) -> tuple[list[SupplierFootprint], Sequence[Problem]]:
    """Return what a workbook or a CSV file states, row by row, and what a person should look at all the same.

    Raises:
        ModelFileInvalid: it cannot be read, states nothing, or a cell is wrong; all of it, what it states besides too.
        ModelInvalid: every cell can be read, and what they state is wrong; all of it.
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
    return _footprints(listed, found), found.warnings


def _fields() -> tuple[Field, ...]:
    """Return what headers are compared with: one row needs no id of its own."""
    return tuple(replace(one, required=False) if one.name == "id" else one for one in sheet(SHEET).fields)


def of_form(cells: Mapping[str, str]) -> SupplierFootprint:
    """Return what the fields of a form state.

    Raises:
        ModelFileInvalid: a field cannot be read; all of them, and what the others state wrong.
        ModelInvalid: every field can be read, and what they state is wrong; all of it.
    """
    asked, found = columns(), Findings()
    headers = [one.field.header for one in asked]
    table = Columns(0, headers, {one.name: position for position, one in enumerate(asked)})
    given = {one.name: cells.get(one.name, "").strip() for one in asked}
    odd = frozenset(one.name for one in asked if any(map(is_odd, given[one.name])))
    for one in asked:
        if one.name in odd:
            found.add(Problem("text-odd", sheet(SHEET).title, 1, one.field.header, text=ascii(given[one.name])))
    kept = {name: text for name, text in given.items() if text and name not in odd}
    return _footprints([Row(sheet(SHEET).title, 1, kept, table, odd)], found)[0]


def _footprints(listed: Sequence[Row], found: Findings) -> list[SupplierFootprint]:
    """Return what rows state; what is wrong with their cells and with what they state is told together."""
    named = [replace(row, cells={"id": f"row-{row.number}", **row.cells}) for row in listed]
    records = records_of(SHEET, named, found)
    if not records and not found.errors:
        found.add(Problem("no-rows", sheet(SHEET).title))
    made, flaws = [], list[Flaw]()
    for row, record in zip(named, records, strict=True):
        try:
            made.append(supplier({key: value for key, value in record.items() if key != LINE}))
        except ModelInvalid as error:
            told = _told_of(row, record)
            flaws += [one for one in error.problems if one.params.get("key") not in told]
    if found.errors:
        raise ModelFileInvalid(found.errors, flaws)
    if flaws:
        raise ModelInvalid(flaws)
    return made


def _told_of(row: Row, record: Mapping[str, object]) -> frozenset[str]:
    """Return the columns that are told to be wrong already: without a header, or with a cell that says nothing."""
    without = {one.name for one in columns()} - row.columns.index.keys()
    return row.bad | without | (row.cells.keys() - record.keys())


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
