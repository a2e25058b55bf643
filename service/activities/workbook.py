"""XLSX workbooks: cells as text with their row numbers, and what cells hide: formulas, errors, merges.

python-calamine gives the cached values; formulas and error cells, which it does not show, are read from the
sheet's XML when archive.py saw any.
"""

from __future__ import annotations

import datetime
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError  # the types only; defusedxml does the parsing

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from service.activities.archive import Part, check_archive, column_letters, column_number
from service.activities.numerals import plain
from service.activities.refusals import FileRefused, Limits

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ROWS_PER_FRAME = 20_000
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")

Cell = tuple[int, int]  # row and column, from 1


class Merge(NamedTuple):
    """A merged range, its edges inclusive and from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def text(self) -> str:
        """Return the range as a spreadsheet names it: 'A6:B7'."""
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the values of a sheet do not show."""

    formulas: Mapping[Cell, bool] = field(default_factory=dict)  # cell -> has a cached value
    errors: Mapping[Cell, str] = field(default_factory=dict)  # cell -> '#DIV/0!'
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook that passed the checks of archive.py."""

    path: Path
    sheets: tuple[str, ...]
    parts: Mapping[str, str]  # sheet name -> its XML part
    looked: Mapping[str, Part]
    epoch_1904: bool
    reader: CalamineWorkbook = field(compare=False)


WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlam", ".xls", ".xlsb", ".ods", ".et", ".numbers")


def is_workbook(path: Path) -> bool:
    """Return whether a file is, or by its name should be, a workbook."""
    with path.open("rb") as file:
        magic = file.read(4)
    return magic in (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0") or path.suffix.casefold() in WORKBOOK_SUFFIXES


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _tree(archive: zipfile.ZipFile, part: str) -> Element:
    tree: Element = fromstring(archive.read(part), forbid_dtd=True)
    return tree


def _structure(path: Path) -> tuple[dict[str, str], bool]:
    """Return the XML part of every sheet by its name, and whether days count from 1904."""
    with zipfile.ZipFile(path) as archive:
        book = _tree(archive, "xl/workbook.xml")
        links = _tree(archive, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    parts: dict[str, str] = {}
    epoch_1904 = False
    for element in book.iter():
        if _local(element.tag) == "workbookPr":
            epoch_1904 = element.get("date1904", "0") in ("1", "true")
        if _local(element.tag) == "sheet":
            target = targets.get(element.get(next((k for k in element.attrib if k.endswith("}id")), ""), ""), "")
            parts[element.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return parts, epoch_1904


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """Open a workbook after all checks.

    Raises:
        FileRefused: unsafe, broken, protected by a password, or no workbook.
    """
    looked = check_archive(path, limits)
    try:
        parts, epoch_1904 = _structure(path)
        reader = CalamineWorkbook.from_path(str(path))
        sheets = tuple(sheet.name for sheet in reader.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet)
    except DefusedXmlException as error:
        raise FileRefused("xml-unsafe") from error
    except (CalamineError, ParseError, KeyError, zipfile.BadZipFile) as error:
        raise FileRefused("zip-broken") from error
    return Workbook(path, sheets, parts, looked, epoch_1904, reader)


def cell_text(value: Any) -> str:
    """Write a cell value as text: numbers at the 15 digits a spreadsheet shows, days in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        written = plain(f"{value:.15g}").value
        return written.removesuffix(".0") or str(value)
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _sheet(book: Workbook, name: str) -> CalamineSheet:
    try:
        return book.reader.get_sheet_by_name(name)
    except CalamineError as error:
        raise FileRefused("zip-broken", name) from error


def head(book: Workbook, name: str, count: int) -> list[list[str]]:
    """Return the first ``count`` rows of a sheet, every one as wide as the sheet."""
    sheet = _sheet(book, name)
    pad = [""] * (sheet.start[1] if sheet.start else 0)
    return [pad + [cell_text(cell) for cell in row] for row, _ in zip(sheet.iter_rows(), range(count), strict=False)]


def _rows(sheet: CalamineSheet, behind: Hidden) -> Iterator[tuple[int, list[Any]]]:
    """Yield number and cells of every row, also of those below the last value that hold formulas without one."""
    number = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, cells
    for below in sorted({row for row, _ in (*behind.formulas, *behind.errors) if row > number}):
        yield below, []


def frames(book: Workbook, name: str, behind: Hidden, width: int, skip: int) -> Iterator[pl.DataFrame]:
    """Yield the rows after the first ``skip`` as frames: ``row`` (as the spreadsheet numbers it) and c0 …."""
    sheet = _sheet(book, name)
    offset = sheet.start[1] if sheet.start else 0
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, cells in _rows(sheet, behind):
        if number <= skip:
            continue
        texts = [""] * offset + [cell_text(cell) for cell in cells]
        rows.append((texts + [""] * width)[:width])
        numbers.append(number)
        if len(rows) == ROWS_PER_FRAME:
            yield _frame(rows, numbers, width)
            rows, numbers = [], []
    if rows:
        yield _frame(rows, numbers, width)


def _frame(rows: list[list[str]], numbers: list[int], width: int) -> pl.DataFrame:
    columns = {f"c{index}": pl.Series([row[index] for row in rows], dtype=pl.String) for index in range(width)}
    return pl.DataFrame({"row": pl.Series(numbers, dtype=pl.UInt32), **columns})


def hidden(book: Workbook, name: str) -> Hidden:
    """Return the formulas, error cells and merged ranges of a sheet.

    Raises:
        FileRefused: the sheet's XML declares entities, or is no XML.
    """
    ranges = _sheet(book, name).merged_cell_ranges or []
    merges = tuple(Merge(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)
    part = book.parts.get(name, "")
    if part not in book.looked or not book.looked[part].has_formulas:
        return Hidden(merges=merges)
    try:
        with zipfile.ZipFile(book.path) as archive, archive.open(part) as file:
            formulas, errors = _formulas(iterparse(file, events=("end",), forbid_dtd=True))
    except DefusedXmlException as error:
        raise FileRefused("xml-unsafe", name) from error
    except ParseError as error:
        raise FileRefused("zip-broken", name) from error
    return Hidden(formulas, errors, merges)


def _formulas(events: Iterator[tuple[str, Element]]) -> tuple[dict[Cell, bool], dict[Cell, str]]:
    """Return (formula cells -> has a cached value, error cells -> the error) of one sheet's XML."""
    formulas: dict[Cell, bool] = {}
    errors: dict[Cell, str] = {}
    for _, element in events:
        tag = _local(element.tag)
        if tag == "c" and (found := _CELL.fullmatch(element.get("r", ""))):
            children = {_local(child.tag): child.text or "" for child in element}
            at = int(found[2]), column_number(found[1])
            if element.get("t") == "e":
                errors[at] = children.get("v", "")
            elif "f" in children:
                formulas[at] = bool(children.get("v"))
        if tag == "row":
            element.clear()
    return formulas, errors
