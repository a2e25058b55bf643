"""Opening a publisher's file with care: size, zip bombs, macros and document types are looked at first.

Cells are read by calamine (.xlsx) and xlrd (the older .xls), which know neither macros nor entities; formulas
give the value that the publisher's program stored. Nothing in a file is ever run.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from factors.importers.cells import text
from factors.importers.errors import (
    ArchiveTooLarge,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
    MacroWorkbook,
    SheetTooLarge,
    UnsafeXml,
)

MAX_FILE_BYTES = 64 * 1024 * 1024
"""The largest file known, a full Base Carbone, has about 20 MB."""

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_XLSX = b"PK\x03\x04"
_XLS = bytes.fromhex("d0cf11e0a1b11ae1")
_DOCTYPE = re.compile(rb"<!doctype", re.IGNORECASE)
_FAR_CELL = re.compile(rb"""\br=["']([A-Za-z]{3,}[0-9]+|[A-Za-z]*[0-9]{6,})["']""")
"""A row from 100,000 on, or a column from AAA on: ten times what any publisher's sheet has."""

_MACROS = ("vbaproject.bin", "macrosheets/")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its rows from the first on, each as wide as the widest."""

    name: str
    rows: Sequence[Sequence[object]]

    def cell(self, row: int, column: int) -> object:
        """Return a cell by 0-based row and column, None where there is none."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return None

    def text(self, row: int, column: int) -> str:
        """Return a cell as text by 0-based row and column; '' where there is none."""
        return text(self.cell(row, column))

    def words(self, row: int) -> list[str]:
        """Return a row as text."""
        return [text(cell) for cell in self.rows[row]]


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a file of bearable size.

    Raises:
        FileMissing, FileTooLarge, FileUnreadable
    """
    if not path.is_file():
        raise FileMissing(str(path))
    if (size := path.stat().st_size) > limit:
        raise FileTooLarge(path.name, size, limit)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path.name, "a file", str(error.strerror)) from error


def read_workbook(path: Path) -> Mapping[str, Sheet]:
    """Return the sheets of a workbook (.xlsx or .xls) by name, in its order.

    Raises:
        FileMissing, FileTooLarge, FileUnreadable, ArchiveTooLarge, SheetTooLarge, MacroWorkbook, UnsafeXml
    """
    content = read_bytes(path)
    if content.startswith(_XLSX):
        check_archive(path.name, content)
        return MappingProxyType(_read_xlsx(path.name, content))
    if content.startswith(_XLS):
        return MappingProxyType(_read_xls(path.name, content))
    raise FileUnreadable(path.name, "a workbook", "it is neither .xlsx nor .xls")


def _read_xlsx(name: str, content: bytes) -> dict[str, Sheet]:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            sheet: Sheet(sheet, book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
            for sheet in book.sheet_names
        }
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileUnreadable(name, "a workbook", " ".join(str(error).split())) from error


def _read_xls(name: str, content: bytes) -> dict[str, Sheet]:
    """Read the older format in Python: a damaged file makes calamine end the whole process."""
    import xlrd

    damaged = (xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error)
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), ragged_rows=True)
        return {sheet.name: Sheet(sheet.name, _xls_rows(sheet)) for sheet in book.sheets()}
    except (*damaged, AssertionError, LookupError, TypeError, ValueError, EOFError, MemoryError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FileUnreadable(name, "a workbook", reason) from error


def _xls_rows(sheet: Any) -> list[list[object]]:
    """Return the cells of a sheet; error cells and empty ones are empty."""
    import xlrd

    has_content = (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE)
    return [
        [cell.value if cell.ctype in has_content else "" for cell in sheet.row(number)] for number in range(sheet.nrows)
    ]


def check_archive(name: str, content: bytes, limit: int = MAX_UNPACKED_BYTES) -> None:
    """Look through an .xlsx before it is read; parts are unpacked piece by piece, whatever size they claim.

    Raises:
        ArchiveTooLarge, SheetTooLarge, MacroWorkbook, UnsafeXml, FileUnreadable
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = 0
            for part in archive.infolist():
                if any(mark in part.filename.lower() for mark in _MACROS):
                    raise MacroWorkbook(name, part.filename)
                unpacked = _unpack(name, archive, part, unpacked, limit)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise FileUnreadable(name, "a workbook", str(error)) from error


def _unpack(name: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo, unpacked: int, limit: int) -> int:
    """Return the bytes unpacked so far after one part, whose content is looked at on the way.

    Every part is looked at, for its name says nothing: a document type is refused, and so is a cell far out,
    since between the first and the last cell every one takes up memory.
    """
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > limit:
                raise ArchiveTooLarge(name, part.filename, limit)
            # A zero byte between letters is UTF-16: the same words, two bytes each.
            seen = (tail + chunk).replace(b"\x00", b"")
            if _DOCTYPE.search(seen):
                raise UnsafeXml(name, part.filename)
            if far := _FAR_CELL.search(seen):
                raise SheetTooLarge(name, far[1].decode())
            tail = chunk[-64:]
    return unpacked


def read_csv(path: Path, *, delimiter: str = ",", encodings: Sequence[str] = ("utf-8-sig",)) -> list[list[str]]:
    """Return the rows of a CSV in the first of ``encodings`` that fits.

    Raises:
        FileMissing, FileTooLarge, FileUnreadable
    """
    content = read_bytes(path)
    if content.startswith((_XLSX, _XLS)):
        raise FileUnreadable(path.name, "CSV", "it is a workbook")
    for encoding in encodings:
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return list(csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise FileUnreadable(path.name, "CSV", str(error)) from error
    raise FileUnreadable(path.name, "CSV", f"it is not in {' or '.join(encodings)}")
