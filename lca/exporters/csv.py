"""Brightway CSV: every section of the layout in one text file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from lca.dataset import LciDatabase
from lca.exporters.brightway import Row, activities, head
from lca.inert import inert


def write(database: LciDatabase, path: Path) -> None:
    """Write ``database`` as CSV, UTF-8 with a mark that spreadsheet programs look for.

    A text that they would compute begins with an apostrophe; the reader of this layout takes it off again.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [inert(cell) if isinstance(cell, str) else cell for cell in row] for row in _rows(database)
        )


def write_exact(database: LciDatabase, path: Path) -> None:
    """Write ``database`` for a program that takes every cell as it stands."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_rows(database))


def _rows(database: LciDatabase) -> Iterator[Row]:
    yield from head(database)
    yield from chain.from_iterable(activities(database))
