"""The layout of Brightway workbooks and CSV files: which rows are a database, a parameter, an activity, an exchange.

A cell in the first column opens a section: 'Database', 'Database parameters', 'Project parameters', 'Activity',
and inside an activity 'Parameters' and 'Exchanges'. Blank rows end the sections of the database and mean nothing
inside an activity. A sheet that begins with 'skip' holds none, and 'cutoff' with a number keeps so many columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lca.importers.tabular import Notes, Place, text

SKIP, CUTOFF = "skip", "cutoff"
DATABASE, ACTIVITY = "database", "activity"
DATABASE_PARAMETERS, PROJECT_PARAMETERS = "database parameters", "project parameters"
PARAMETERS, EXCHANGES = "parameters", "exchanges"

Cells = Sequence[object]
Line = dict[str, object]  # column -> what stands there; empty cells are not in it


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows from the first on, and the rows whose numbers a spreadsheet computes."""

    name: str  # '' of a CSV file
    rows: Sequence[Cells]
    computed: frozenset[tuple[int, int]] = frozenset()  # row and column from 1


@dataclass
class Table:
    """The rows of one section under its column headings."""

    place: Place
    columns: dict[str, int] = field(default_factory=dict)
    lines: list[tuple[int, Line]] = field(default_factory=list)
    computed: set[tuple[int, str]] = field(default_factory=set)  # row and column heading


@dataclass
class Block:
    """One activity as its rows tell it."""

    name: str
    place: Place
    attributes: dict[str, str] = field(default_factory=dict)
    group: str = ""
    parameters: Table | None = None
    exchanges: Table | None = None


@dataclass
class Book:
    """Everything that the sheets say."""

    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    project: list[Table] = field(default_factory=list)
    database: list[Table] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def parse(sheets: Sequence[Sheet], file: str, notes: Notes) -> Book:
    """Return the sections of all sheets."""
    book = Book()
    for sheet in sheets:
        if _first(sheet).casefold() != SKIP:
            _Parser(book, sheet, Place(file, sheet.name), notes).run()
    return book


def _first(sheet: Sheet) -> str:
    return text(sheet.rows[0][0]) if sheet.rows and sheet.rows[0] else ""


class _Parser:
    """Goes down the rows of one sheet; ``_table``, ``_attributes`` say what the next row belongs to."""

    def __init__(self, book: Book, sheet: Sheet, place: Place, notes: Notes) -> None:
        self._book, self._sheet, self._place, self._notes = book, sheet, place, notes
        self._block: Block | None = None
        self._table: Table | None = None
        self._attributes: dict[str, str] | None = None

    def run(self) -> None:
        for row, cells in self._rows():
            if not any(text(cell) for cell in cells):
                self._blank()
            elif not self._opened(row, cells):
                self._take(row, cells)

    def _rows(self) -> Iterator[tuple[int, Cells]]:
        width = None
        for row, cells in enumerate(self._sheet.rows, 1):
            if row == 1 and _first(self._sheet).casefold() == CUTOFF:
                width = self._cutoff(cells)
            else:
                yield row, cells[:width]

    def _cutoff(self, cells: Cells) -> int | None:
        """Return how many columns count: Brightway keeps the one whose number is given."""
        given = text(cells[1]) if len(cells) > 1 else ""
        if given.isdecimal() and int(given) > 0:
            return int(given)
        self._notes.add("cutoff-unreadable", self._place.at(1), value=given)
        return None

    def _blank(self) -> None:
        if self._block is None:
            self._table = self._attributes = None

    def _opened(self, row: int, cells: Cells) -> bool:
        word, named = text(cells[0]).casefold(), text(cells[1]) if len(cells) > 1 else ""
        if word == ACTIVITY and named:
            self._block = Block(named, Place(self._place.file, self._place.sheet, named, row))
            self._book.blocks.append(self._block)
            self._table, self._attributes = None, self._block.attributes
        elif word == DATABASE and named:
            self._open_database(row, named)
        elif word in (DATABASE_PARAMETERS, PROJECT_PARAMETERS) and not named:
            self._block, self._attributes, self._table = None, None, Table(self._place)
            (self._book.database if word == DATABASE_PARAMETERS else self._book.project).append(self._table)
        elif word in (PARAMETERS, EXCHANGES) and self._block is not None:
            self._open_inside(self._block, row, word, named)
        else:
            return False
        return True

    def _open_database(self, row: int, named: str) -> None:
        self._block = self._table = None
        if self._book.name and self._book.name != named:
            self._notes.add("database-twice", self._place.at(row), database=named, first=self._book.name, is_error=True)
            self._attributes = {}
            return
        self._book.name, self._attributes = named, self._book.attributes

    def _open_inside(self, block: Block, row: int, word: str, named: str) -> None:
        self._attributes, table = None, Table(block.place)
        held = block.parameters if word == PARAMETERS else block.exchanges
        if held is not None:
            self._notes.add("section-twice", block.place.at(row), section=word, is_error=True)
        elif word == PARAMETERS:
            block.parameters, block.group = table, named
        else:
            block.exchanges = table
        self._table = table

    def _take(self, row: int, cells: Cells) -> None:
        if self._attributes is not None:
            key, value = text(cells[0]).casefold(), text(cells[1]) if len(cells) > 1 else ""
            if key and value:
                self._attributes[key] = value
        elif self._table is not None and not self._table.columns:
            self._table.columns = self._headings(row, cells)
        elif self._table is not None:
            self._take_line(self._table, row, cells)

    def _headings(self, row: int, cells: Cells) -> dict[str, int]:
        found: dict[str, int] = {}
        place = self._block.place if self._block else self._place
        for index, cell in enumerate(cells):
            heading = text(cell).casefold()
            if heading and heading in found:
                self._notes.add("column-twice", place.at(row), column=heading)
            elif heading:
                found[heading] = index
        return found

    def _take_line(self, table: Table, row: int, cells: Cells) -> None:
        line = {
            heading: cells[index]
            for heading, index in table.columns.items()
            if index < len(cells) and text(cells[index])
        }
        if self._sheet.computed:
            table.computed.update(
                (row, heading) for heading, index in table.columns.items() if (row, index + 1) in self._sheet.computed
            )
        table.lines.append((row, line))
