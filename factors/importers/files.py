"""Opening a publisher's file with care: size, zip bombs, macros and document types are looked at first.

Cells are read by calamine (both .xlsx and the older .xls), which knows neither macros nor entities; formulas
give the value that the publisher's program stored. Nothing in a file is ever run.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from factors.importers.cells import text
from factors.importers.errors import (
    ArchiveTooLarge,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
    MacroWorkbook,
    UnsafeXml,
)

MAX_FILE_BYTES = 64 * 1024 * 1024
"""The largest file known, a full Base Carbone, has about 20 MB."""

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_XLSX = b"PK\x03\x04"
_XLS = bytes.fromhex("d0cf11e0a1b11ae1")
_MACROS = ("vbaproject.bin", "macrosheets/")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its rows from the first on, each as wide as the widest."""

    name: str
    rows: Sequence[Sequence[object]]

    def text(self, row: int, column: int) -> str:
        """Return a cell as text by 0-based row and column; '' where there is none."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return text(self.rows[row][column])
        return ""

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
        FileMissing, FileTooLarge, FileUnreadable, ArchiveTooLarge, MacroWorkbook, UnsafeXml
    """
    import python_calamine as calamine

    content = read_bytes(path)
    if content.startswith(_XLSX):
        check_archive(path.name, content)
    elif not content.startswith(_XLS):
        raise FileUnreadable(path.name, "a workbook", "it is neither .xlsx nor .xls")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {
            name: Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        }
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileUnreadable(path.name, "a workbook", " ".join(str(error).split())) from error
    return MappingProxyType(sheets)


def check_archive(name: str, content: bytes, limit: int = MAX_UNPACKED_BYTES) -> None:
    """Look through an .xlsx before it is read; parts are unpacked piece by piece, whatever size they claim.

    Raises:
        ArchiveTooLarge, MacroWorkbook, UnsafeXml, FileUnreadable
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
    """Return the bytes unpacked so far after one part; its XML is searched for a document type on the way."""
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > limit:
                raise ArchiveTooLarge(name, part.filename, limit)
            # A zero byte between letters is UTF-16: the same words, two bytes each.
            if is_xml and b"<!DOCTYPE" in (tail + chunk).replace(b"\x00", b"").upper():
                raise UnsafeXml(name, part.filename)
            tail = chunk[-32:]
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
