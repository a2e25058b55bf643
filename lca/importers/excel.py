"""Brightway Excel workbooks: activities and exchanges laid out in sheets, as ``bw2io`` reads and writes them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import python_calamine as calamine

from lca.dataset import LciDatabase
from lca.errors import LciFileBroken
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.brightway import read_sheets
from lca.importers.brightway_layout import Sheet
from lca.importers.sheet_look import Cell, look

SUFFIXES = (".xlsx", ".xlsm")


def knows(archive: Archive) -> bool:
    """Tell from the name whether this is a workbook; no other format comes in one."""
    return archive.path.is_file() and archive.path.suffix.casefold() in SUFFIXES


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return the activities of a workbook.

    Numbers that a formula computes are those that the spreadsheet program stored last; nothing is computed here.

    Raises:
        LciFileBroken: it is no workbook, or a damaged one.
        LciFileUnsafe: it carries macros or would fill the memory.
    """
    name = archive.path.name
    content = archive.bytes_of(archive.names[0])
    computed = look(name, content)
    return read_sheets(tuple(_sheets(name, content, computed, progress)), name, "excel")


def _sheets(name: str, content: bytes, computed: Mapping[str, frozenset[Cell]], progress: Progress) -> Iterator[Sheet]:
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for done, sheet in enumerate(book.sheet_names, 1):
                if sheet in computed:
                    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                    yield Sheet(sheet, rows, computed[sheet])
                progress(sheet, done, len(book.sheet_names))
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise LciFileBroken(name, " ".join(str(error).split())) from error
