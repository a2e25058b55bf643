"""XLSX workbooks: cells as text with their row numbers, and what cells hide: formulas, errors, merges.

python-calamine gives the cached values; formulas and error cells, which it does not show, are read from the
sheet's XML when archive.py saw any.
"""

from __future__ import annotations

import datetime
import posixpath
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError  # the types only; defusedxml does the parsing

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineWorkbook, SheetTypeEnum

from service.activities import trial
from service.activities.archive import Part, check_archive
from service.activities.numerals import plain
from service.activities.refusals import FileRefused, Limits, megabytes
from service.activities.sheet_xml import Cell, Formulas, column_letters, read

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ROWS_PER_FRAME = 20_000
_STRUCTURE_BYTES = 5_000_000  # of the list of sheets, which is read as a tree


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
    most_merges: int
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
    if archive.getinfo(part).file_size > _STRUCTURE_BYTES:
        raise FileRefused("xml-unsafe")
    tree: Element = fromstring(archive.read(part), forbid_dtd=True)
    return tree


class Structure(NamedTuple):
    """How a workbook hangs together."""

    parts: dict[str, str]  # sheet name -> its XML part
    epoch_1904: bool
    used: tuple[str, ...]  # every part that the workbook names


def _structure(path: Path) -> Structure:
    """Read which part is which sheet, and whether days count from 1904."""
    with zipfile.ZipFile(path) as archive:
        book = _tree(archive, "xl/workbook.xml")
        links = _tree(archive, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    parts: dict[str, str] = {}
    epoch_1904, named = False, 0
    for element in book.iter():
        if _local(element.tag) == "workbookPr":
            epoch_1904 = element.get("date1904", "0") in ("1", "true")
        if _local(element.tag) == "sheet":
            target = targets.get(element.get(next((k for k in element.attrib if k.endswith("}id")), ""), ""), "")
            named += 1
            parts[element.get("name", "")] = _part_of(target)
    if len(set(parts.values())) < named:  # two sheets of one name or one part: a hundred could all be the largest one
        raise FileRefused("zip-broken")
    used = [
        *parts.values(),
        *(_part_of(link.get("Target", "")) for link in links if link.get("TargetMode") != "External"),
    ]
    return Structure(parts, epoch_1904, tuple(used))


def _part_of(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target.replace("\\", "/"))).lstrip("/")


def _try(path: Path, limits: Limits) -> None:
    """Have the workbook read once by another process.

    A few bytes can stand for more than any memory holds, such as one long text in every cell, and the reader ends the
    process where others raise. What it survives there it survives here.

    Raises:
        FileRefused: the reader cannot read it, or not within the limits.
    """
    bounds = (str(limits.reader_bytes), str(limits.reader_seconds))
    command = [sys.executable, "-I", trial.__file__, str(path.absolute()), *bounds]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own program, no shell
    if done.returncode == trial.BROKEN:
        raise FileRefused("zip-broken")
    if done.returncode == trial.COSTLY or done.returncode < 0:  # a signal: of too little memory or too long
        raise FileRefused("workbook-costly", limit=megabytes(limits.reader_bytes), seconds=str(limits.reader_seconds))
    if done.returncode:
        raise RuntimeError(f"{trial.__file__} does not run: {done.stderr}")


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """Open a workbook after all checks.

    Raises:
        FileRefused: unsafe, broken, protected by a password, too costly to read, or no workbook.
    """
    looked = check_archive(path, limits)
    try:
        structure = _structure(path)
    except DefusedXmlException as error:
        raise FileRefused("xml-unsafe") from error
    except (ParseError, LookupError, ValueError, zipfile.BadZipFile) as error:  # also of an encoding that is none
        raise FileRefused("zip-broken") from error
    looked_at = {name.casefold() for name in looked}
    if any(part.casefold() not in looked_at for part in structure.used):
        raise FileRefused("xml-unsafe")
    _try(path, limits)
    reader = CalamineWorkbook.from_path(str(path))
    sheets = tuple(sheet.name for sheet in reader.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet)
    return Workbook(path, sheets, structure.parts, looked, structure.epoch_1904, limits.merges, reader)


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


def raw_rows(book: Workbook, name: str) -> tuple[int, Iterator[list[Any]]]:
    """Return the first column that holds anything, from 0, and the rows of a sheet as they are."""
    sheet = book.reader.get_sheet_by_name(name)
    return sheet.start[1] if sheet.start else 0, sheet.iter_rows()


def head(book: Workbook, name: str, count: int) -> list[list[str]]:
    """Return the first ``count`` rows of a sheet, every one as wide as the sheet."""
    sheet = book.reader.get_sheet_by_name(name)
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
    sheet = book.reader.get_sheet_by_name(name)
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
        FileRefused: the sheet's XML declares entities, or is no XML; more merged ranges than anybody makes by hand.
    """
    ranges = book.reader.get_sheet_by_name(name).merged_cell_ranges or []
    if len(ranges) > book.most_merges:
        raise FileRefused("merges-too-many", name, limit=str(book.most_merges))
    merges = tuple(Merge(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)
    part = book.parts.get(name, "")
    if part not in book.looked or not book.looked[part].has_formulas:
        return Hidden(merges=merges)
    found = Formulas()
    with zipfile.ZipFile(book.path) as archive, archive.open(part) as file:
        read(file, found)
    return Hidden(found.formulas, found.errors, merges)
