"""Brightway Excel workbooks: every section of the layout, on as many sheets as it takes; numbers to 16 digits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from lca.dataset import LciDatabase
from lca.exporters.brightway import Row, activities, head

ROWS_PER_SHEET = 90_000
LONGEST_TEXT = 32_767  # characters that a cell can hold
CUT = " […]"


def write(database: LciDatabase, path: Path) -> None:
    """Write ``database`` as a workbook; text longer than a cell can hold is cut, and ends in '[…]'."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheets = _Sheets(book)
        sheets.put(list(head(database)))
        for activity in activities(database):
            sheets.put(activity)


class _Sheets:
    """Fills one sheet after the other; an activity stays together."""

    def __init__(self, book: Any) -> None:
        self._book, self._count, self._row = book, 0, 0
        self._sheet = self._next()

    def _next(self) -> Any:
        self._count += 1
        self._row = 0
        return self._book.add_worksheet("Inventory" if self._count == 1 else f"Inventory {self._count}")

    def put(self, rows: Iterable[Row]) -> None:
        block = list(rows)
        if self._row and self._row + len(block) > ROWS_PER_SHEET:
            self._sheet = self._next()
        for row in block:
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    self._sheet.write_string(self._row, column, _fitting(cell)) if cell else None
                else:
                    self._sheet.write_number(self._row, column, cell)
            self._row += 1


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
