"""Is this workbook safe to open? Looked at before any spreadsheet reader sees it.

An XLSX file is a zip of XML. The central directory says how large it unpacks to, but may lie, so every part
is also unpacked once in small pieces and counted. While the pieces pass, worksheets are looked over for
what a reader would hide or choke on: formulas, error cells, entity declarations, a cell at the far corner.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.activities.refusals import FileRefused, Limits, megabytes

_PIECE = 1 << 20
_OVERLAP = 256  # longer than any tag looked for
_LOCAL_HEADER = struct.Struct("<26xHH")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACRO_SUFFIXES = (".xlsm", ".xltm", ".xlam")
_OTHER_SUFFIXES = (".xls", ".xlsb", ".ods", ".et", ".numbers")

_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})\d{1,7}[\"']")
_ROW = re.compile(rb"\br\s*=\s*[\"'][A-Z]{0,3}(\d{1,7})[\"']")  # of rows and of cells: either moves the corner
_FORMULA_OR_ERROR = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt\s*=\s*[\"']e[\"']")


@dataclass(slots=True)
class Part:
    """What was seen of one XML part while it was counted."""

    has_formulas: bool = False
    last_row: int = 0
    columns: set[bytes] = field(default_factory=set)

    @property
    def last_column(self) -> int:
        """Return the number of the rightmost column that a cell names, 1 for A."""
        return max((column_number(letters.decode("ascii")) for letters in self.columns), default=0)


def column_number(letters: str) -> int:
    """Return the number of a column: 'A' -> 1, 'AA' -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column: 1 -> 'A', 27 -> 'AA'."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _listed(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the parts of the archive after the checks that need only its directory."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, struct.error, EOFError) as error:
        raise FileRefused("zip-broken") from error
    names = [part.filename.casefold() for part in parts]
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unpacked_bytes:
        unpacked = sum(part.file_size for part in parts)
        raise FileRefused("zip-bomb", size=megabytes(unpacked), limit=megabytes(limits.unpacked_bytes))
    if len(set(names)) < len(names) or any(part.flag_bits & 1 for part in parts):
        raise FileRefused("zip-broken")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise FileRefused("macro-workbook")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileRefused("not-a-workbook")
    return parts


def _pieces(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one part piece by piece, never trusting the sizes that its directory entry states."""
    file.seek(part.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04" or part.compress_type not in (0, 8):
        raise FileRefused("zip-broken")
    name_length, extra_length = _LOCAL_HEADER.unpack(header)
    file.seek(name_length + extra_length, 1)
    left, seen = part.compress_size, 0
    inflate = zlib.decompressobj(-15) if part.compress_type == 8 else None
    while left:
        packed = file.read(min(left, _PIECE))
        if not packed:
            raise FileRefused("zip-broken")
        left -= len(packed)
        while packed:
            piece = inflate.decompress(packed, _PIECE) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            seen += len(piece)
            if seen > part.file_size:
                raise FileRefused("zip-bomb", size=megabytes(seen), limit=megabytes(part.file_size))
            yield piece


def _look_over(part: zipfile.ZipInfo, pieces: Iterator[bytes]) -> Part:
    """Count one part and note what stands in it."""
    seen, checksum, size, tail = Part(), 0, 0, b""
    is_sheet = part.filename.startswith("xl/worksheets/")
    for piece in pieces:
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        window = tail + piece
        if b"\0" in window or _DECLARATION.search(window):
            raise FileRefused("xml-unsafe")
        if b"macroEnabled" in window and part.filename == "[Content_Types].xml":
            raise FileRefused("macro-workbook")
        if is_sheet:
            seen.has_formulas = seen.has_formulas or _FORMULA_OR_ERROR.search(window) is not None
            seen.columns.update(_COLUMN.findall(window))
            seen.last_row = max(seen.last_row, *map(int, set(_ROW.findall(window))), 0)
        tail = window[-_OVERLAP:]
    if size != part.file_size or checksum != part.CRC:
        raise FileRefused("zip-broken")
    return seen


def check_kind(path: Path) -> None:
    """Refuse what is no XLSX by its name or its first bytes."""
    suffix = path.suffix.casefold()
    with path.open("rb") as file:
        magic = file.read(8)
    if suffix in _MACRO_SUFFIXES:
        raise FileRefused("macro-workbook")
    if magic == _OLD_WORKBOOK or suffix in _OTHER_SUFFIXES:
        raise FileRefused("old-workbook")
    if not magic.startswith(b"PK"):
        raise FileRefused("not-a-workbook")


def check_archive(path: Path, limits: Limits) -> dict[str, Part]:
    """Return what every XML part of a workbook holds, by its name in the archive.

    Raises:
        FileRefused: macros, a bomb, a broken or truncated archive, entity declarations, a sheet too large.
    """
    check_kind(path)
    parts = _listed(path, limits)
    seen: dict[str, Part] = {}
    with path.open("rb") as file:
        for part in parts:
            if part.filename.casefold().endswith((".xml", ".rels")):
                try:
                    seen[part.filename] = _look_over(part, _pieces(file, part))
                except zlib.error as error:
                    raise FileRefused("zip-broken") from error
    for found in seen.values():
        if found.last_row * found.last_column > limits.cells:
            corner = f"{column_letters(found.last_column)}{found.last_row}"
            raise FileRefused("sheet-too-large", corner=corner, limit=str(limits.cells))
    return seen
