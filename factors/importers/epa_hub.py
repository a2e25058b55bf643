"""US EPA GHG Emission Factors Hub: one sheet with twelve numbered tables, one above the other.

The edition is the year of 'Last Modified'. Table n stands between the row that reads 'Table n' in column B and
its 'Source' or 'Notes'; ``epa_hub_tables`` knows the twelve tables. Fuels are on gross calorific value (HHV).
Cells of some editions hold unrounded arithmetic (1.1045615526278512); eight significant digits are kept.
Licence: work of the US federal government, public domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from factors.importers.cells import At, folded, letters, slug, without_footnote
from factors.importers.errors import UnknownLayout
from factors.importers.files import Sheet, read_workbook
from factors.importers.frame import (
    Collector,
    Editions,
    Imported,
    Progress,
    Table,
    editions,
    held_source,
    record,
    step,
)
from factors.library import Library
from factors.records import Source

PUBLISHER = "EPA GHG Emission Factors Hub"
PREFIX = "epahub"
TITLE = "Emission Factors for Greenhouse Gas Inventories"
DIGITS = 8
LEFT = 2  # tables begin in column C, their numbers stand in column B
WIDTH = 9  # columns of the widest table

_TABLE = re.compile(r"Table (\d+)")
_MODIFIED = re.compile(r"Last Modified: ([A-Z][a-z]+) (\d{1,2}), (\d{4})")
_END = ("Source", "Notes")


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered table: the rows of its values, and everything printed with it."""

    file: str
    number: int
    sheet: Sheet
    begin: int  # row of 'Table n'
    end: int  # first row after it

    @property
    def prose(self) -> str:
        """Sources and notes below the table."""
        rows = range(self.begin, self.end)
        return " ".join(words for row in rows for words in self.sheet.words(row)[LEFT:] if words)

    def headings(self, *expected: str, optional: int = 0) -> int:
        """Return the row of the headings after checking them; ``optional`` ones at the end may be missing.

        Raises:
            UnknownLayout: no row reads so.
        """
        wanted = [folded(words) for words in expected]
        for row in range(self.begin + 1, self.end):
            cells = (self.sheet.text(row, LEFT + column) for column in range(len(wanted)))
            found = [folded(without_footnote(words)) for words in cells]
            if found == wanted or (optional and found[:-optional] == wanted[:-optional] and not any(found[-optional:])):
                return row
        near = [words for words in self.sheet.words(min(self.begin + 2, self.end - 1))[LEFT:] if words]
        raise UnknownLayout(self.file, PUBLISHER, f"Table {self.number}", ", ".join(expected), ", ".join(near))

    def lines(self, headings: int) -> Iterator[tuple[int, list[str]]]:
        """Yield (row, words from column C on) below the headings, up to the sources and notes."""
        for row in range(headings + 1, self.end):
            words = [self.sheet.text(row, LEFT + column) for column in range(WIDTH)]
            if words[0].startswith(_END):
                return
            if any(words):
                yield row, words


@dataclass
class Reading:
    """What is at hand while one edition is read."""

    year: int
    source: Source
    held: Editions
    out: Collector
    potentials: dict[str, Decimal] = field(default_factory=dict)  # Table 11, for the check of Table 12
    rows: set[int] = field(default_factory=set)

    def add(self, section: Section, row: int, column: int, key: str, **columns: Any) -> None:
        """Take the value at ``column`` (counted from C) under the id 'epahub<year>-t<n>-<key>'."""
        index = LEFT + column
        self.rows.add(row)
        at = At(section.sheet.name, row + 1, letters(index))
        value = self.out.number(section.sheet.cell(row, index), at, DIGITS)
        if value is None:
            return
        tail = f"t{section.number}-{slug(key)}"
        given: dict[str, Any] = {"region": "US", "year": self.year, "name_zh": self.held.name_zh(tail)} | columns
        ident = f"{PREFIX}{self.year}-{tail}"
        factor = record(source=self.source, id=ident, value=value, page=f"Table {section.number}", **given)
        self.out.add(factor, at)


def read(path: Path, library: Library, progress: Progress | None = None) -> Imported:
    """Return the factors of one edition of the hub.

    Raises:
        UnknownLayout: title, date or headings are not those of the hub.
        FileRefused: the file cannot be opened (its subclasses say why).
    """
    from factors.importers.epa_hub_tables import TABLES

    sheets = read_workbook(path)
    step(progress, 1, len(TABLES) + 1)
    sheet = next(iter(sheets.values()), Sheet("", ()))
    source = _source(path, sheet)
    reading = Reading(source.year, held_source(library, source), editions(library, PREFIX), Collector(library))
    sections = {section.number: section for section in _sections(path, sheet)}
    biomass: set[str] = set()
    for done, (number, table) in enumerate(TABLES.items(), start=2):
        if number in sections:
            table(sections[number], reading, biomass)
        else:
            reading.out.problem("table-missing", At(sheet.name), table=f"Table {number}")
        step(progress, done, len(TABLES) + 1)
    for number in sections.keys() - TABLES.keys():
        at = At(sheet.name, sections[number].begin + 1, letters(LEFT - 1))
        reading.out.problem("unknown-table", at, found=f"Table {number}")
    reading.out.rows = len(reading.rows)
    return reading.out.imported(source, str(source.year), (f"{PREFIX}{source.year}-",), _table(source.year))


def _source(path: Path, sheet: Sheet) -> Source:
    head = [words for row in range(min(6, len(sheet.rows))) for words in sheet.words(row) if words]
    if TITLE not in head:
        place = f"title of sheet '{sheet.name}'"
        raise UnknownLayout(path.name, PUBLISHER, place, f"'{TITLE}'", "; ".join(head[:1]))
    dated = next(filter(None, map(_MODIFIED.fullmatch, head)), None)
    if dated is None:
        place = f"head of sheet '{sheet.name}'"
        raise UnknownLayout(path.name, PUBLISHER, place, "'Last Modified: <month> <day>, <year>'", "; ".join(head))
    month, day, year = dated.groups()
    return Source(
        id=f"epa-hub-{year}",
        title=f"GHG Emission Factors Hub (last modified {day} {month} {year})",
        title_zh="美国环保署温室气体排放因子中心",
        publisher="US EPA",
        year=int(year),
        document="https://www.epa.gov/climateleadership/ghg-emission-factors-hub",
        licence="us-public-domain",
        note="",
    )


def _sections(path: Path, sheet: Sheet) -> Iterator[Section]:
    marks = [row for row in range(len(sheet.rows)) if sheet.text(row, LEFT - 1)]
    for mark, end in zip(marks, [*marks[1:], len(sheet.rows)], strict=True):
        if numbered := _TABLE.fullmatch(sheet.text(mark, LEFT - 1)):
            yield Section(path.name, int(numbered[1]), sheet, mark, end)


def _table(year: int) -> Table:
    return Table(
        stem=f"epa/hub_{year}",
        title=f"US EPA GHG Emission Factors Hub {year}",
        title_zh=f"美国环保署排放因子中心 {year}",
        what="Whole hub: fuels on gross calorific value, mobile sources, eGRID, waste (WARM), travel and freight.",
        keywords=("epa", "usa", "美国"),
    )
