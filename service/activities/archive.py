"""Is this workbook safe to open? Looked at before any spreadsheet reader sees it.

An XLSX file is a zip of XML. The central directory says how large it unpacks to, but may lie, so every part
is also unpacked once in small pieces and counted. While the pieces pass, they are looked over for what a
reader would hide or die of: formulas, error cells, entity declarations, a cell at the far corner. What a part
is called says nothing of what a workbook uses it for, so every part that is no picture is looked at alike.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lca.importers.archive import DAMAGED, most_parts
from service.activities.refusals import FileRefused, Limits, megabytes
from service.activities.sheet_xml import Corner, column_number, read, refuse_large

_PIECE = 1 << 20
_LONGEST = 1 << 20  # bytes from one '>' to the next: a cell holds 32,767 characters
_LOCAL_HEADER = struct.Struct("<26xHH")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACRO_SUFFIXES = (".xlsm", ".xltm", ".xlam")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".bin")
"""Parts that hold no XML; a workbook that names one as a sheet or table of texts is refused."""

_OTHER_SUFFIXES = (".xls", ".xlsb", ".ods", ".et", ".numbers")

_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TAG = re.compile(rb"<(?:[^<>\s/]*:)?(?:c|row)[\s/>]")
_PLACED = re.compile(  # as every spreadsheet program writes it, the address first and only once
    rb'<(?:\w+:)?(?:c|row)\s+r="([A-Z]{0,3})(\d{1,7})"(?:\s+(?!r=)[\w:]+="[^"<>]*")*\s*/?>'
)
_FORMULA_OR_ERROR = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt\s*=\s*[\"']e[\"']")


@dataclass(slots=True)
class Part:
    """What was seen of one XML part while it was counted."""

    has_formulas: bool = False
    has_unplaced: bool = False  # a row or cell that does not say where it stands, or not in plain words
    last_row: int = 0
    last_column: int = 0


def _listed(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the parts of the archive after the checks that need only its directory."""
    count = most_parts(path)
    if count > limits.parts:
        raise FileRefused("zip-parts", count=str(count), limit=str(limits.parts))
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except DAMAGED as error:
        raise FileRefused("zip-broken") from error
    names = [part.filename.casefold() for part in parts]
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes:
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
    seen, checksum, size, rest = Part(), 0, 0, b""
    for piece in pieces:
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        window, found, rest = (rest + piece).rpartition(b">")
        if len(rest) > _LONGEST:
            raise FileRefused("xml-unsafe")
        _note(part.filename, window + found, seen)
    _note(part.filename, rest, seen)
    if size != part.file_size or checksum != part.CRC:
        raise FileRefused("zip-broken")
    return seen


def _note(name: str, window: bytes, seen: Part) -> None:
    """Note what whole tags say."""
    if b"\0" in window or _DECLARATION.search(window):
        raise FileRefused("xml-unsafe")
    if b"macroEnabled" in window and name == "[Content_Types].xml":
        raise FileRefused("macro-workbook")
    seen.has_formulas = seen.has_formulas or _FORMULA_OR_ERROR.search(window) is not None
    placed = _PLACED.findall(window)
    seen.has_unplaced = seen.has_unplaced or len(placed) < len(_TAG.findall(window))
    seen.last_row = max(seen.last_row, *(int(row) for row in {row for _, row in placed}), 0)
    columns = {letters.decode("ascii") for letters, _ in placed}
    seen.last_column = max(seen.last_column, *map(column_number, columns), 0)


def check_kind(path: Path) -> None:
    """Refuse what is no XLSX by its name or its first bytes.

    Raises:
        FileRefused: macros, a workbook of another kind, or no workbook.
    """
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
    """Return what every part of a workbook but its pictures holds, by its name in the archive.

    Raises:
        FileRefused: macros, a bomb, a broken or truncated archive, entity declarations, a sheet too large.
    """
    check_kind(path)
    parts = _listed(path, limits)
    seen: dict[str, Part] = {}
    with path.open("rb") as file:
        for part in parts:
            if not part.filename.casefold().endswith(_PICTURES):
                try:
                    seen[part.filename] = _look_over(part, _pieces(file, part))
                except (zlib.error, OSError) as error:  # of a place before the beginning of the file, too
                    raise FileRefused("zip-broken") from error
    for name, found in seen.items():
        if found.has_unplaced:
            _exact(path, name, limits)
        else:
            refuse_large(found.last_row, found.last_column, limits.cells)
    return seen


def _exact(path: Path, name: str, limits: Limits) -> None:
    """Refuse a sheet too large whose rows or cells leave out where they stand."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            read(file, Corner(limits.cells))
    except (zipfile.BadZipFile, zlib.error) as error:
        raise FileRefused("zip-broken") from error
