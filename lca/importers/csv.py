"""Brightway CSV: the layout of the Brightway workbook in one text file."""

from __future__ import annotations

import csv
import io

from lca.dataset import LciDatabase
from lca.errors import LciFileBroken, LciFileUnsafe
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.brightway import read_sheets
from lca.importers.brightway_layout import ACTIVITY, DATABASE, Sheet
from lca.inert import exact

SUFFIXES = (".csv", ".txt", ".tsv")
DELIMITERS = ",;\t"
MOST_ROWS = 3_000_000
_LOOKED_AT = 2_000  # lines in which a file of this layout shows what it is


def knows(archive: Archive) -> bool:
    """Tell from the first lines whether one of them opens a database or an activity."""
    if not archive.path.is_file() or archive.path.suffix.casefold() not in SUFFIXES:
        return False
    return _delimiter(archive.text_of(archive.names[0])) is not None


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return the activities of a file.

    Raises:
        LciFileBroken: a line is no CSV.
        LciFileUnsafe: it has more rows than any inventory.
    """
    name = archive.path.name
    content = archive.text_of(archive.names[0])
    rows: list[list[str]] = []
    lines = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content) or ",", strict=True)
    try:
        for row in lines:
            # A record may span lines; blank rows keep the numbers those of the file.
            rows.extend([] for _ in range(lines.line_num - len(rows) - 1))
            rows.append([exact(cell) for cell in row])
            if len(rows) > MOST_ROWS:
                raise LciFileUnsafe(name, str(lines.line_num))
    except csv.Error as error:
        raise LciFileBroken(name, f"{lines.line_num}: {error}") from error
    progress(name, 1, 1)
    return read_sheets((Sheet("", rows),), name, "csv")


def _delimiter(content: str) -> str | None:
    """Return what follows the word that opens the first section, None where no section opens."""
    for line in io.StringIO(content[: 1 << 20]).readlines()[:_LOOKED_AT]:
        word = line.strip('"\ufeff ').casefold()
        for opening in (DATABASE, ACTIVITY):
            rest = word.removeprefix(opening).lstrip('" ')
            if word.startswith(opening) and rest[:1] in DELIMITERS and rest[:1]:
                return rest[0]
    return None
