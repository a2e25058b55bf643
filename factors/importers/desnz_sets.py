"""The older DESNZ workbooks: a sheet per activity, tables with merged labels side by side.

A table begins at a row that reads 'Activity | … | Unit | [Year] | kg CO2e | …'. A row above it may name groups
of columns ('Diesel', 'With RF', '100% Laden'), each standing over the first of its columns. Labels stand in
the first row of their block; the table ends at the first row without a unit.

The workbooks print no row ids. A value takes the id tail of its counterpart in the flat file that the library
holds (same sheet, labels, unit and gas), so that 'desnz2024-7-400-4000-5-1' is what 'desnz2025-7-400-4000-5-1'
was a year earlier; without a counterpart the tail is made of the labels themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from factors.importers.cells import At, folded, letters, slug
from factors.importers.desnz import GHG, PREFIX, PUBLISHER, SCOPES, Reading, labelled
from factors.importers.errors import UnknownLayout
from factors.importers.files import Sheet
from factors.importers.frame import Editions, record

NO_FACTORS = frozenset({"Introduction", "What's new", "Index", "Conversions", "Fuel properties", "Haul definition"})
"""Sheets without emission factors: guidance, unit conversions, calorific values and densities."""

_FLAT_TAIL = re.compile(r"\d+(-\d+){4}")
_ASSESSMENT = re.compile(r"\((AR[456])\) over a 100-year period")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a sheet: where its columns stand."""

    sheet: Sheet
    scope: str
    top: int  # row of the headings
    labels: tuple[int, ...]  # columns of Activity, Type, Size …
    unit: int
    values: tuple[tuple[int, str, str], ...]  # column, heading of the gas, group above it


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table with its labels filled in."""

    row: int
    labels: tuple[str, ...]
    unit: str


def read_sheets(path: Path, sheets: Mapping[str, Sheet], reading: Reading) -> None:
    """Read every sheet with factors into ``reading``.

    Raises:
        UnknownLayout: no sheet has a table.
    """
    _check_gwp(sheets, reading)
    tails = _tails(reading.held)
    without: list[str] = []
    for sheet in sheets.values():
        if sheet.name not in NO_FACTORS:
            _read_sheet(sheet, reading, tails, without)
    if not reading.out.factors:
        expected = "a row 'Activity, …, Unit, kg CO2e'"
        raise UnknownLayout(path.name, PUBLISHER, "all sheets", expected, ", ".join(sheets))
    if without:
        reading.out.problem("no-counterpart", At(""), count=len(without), example=without[0])


def _check_gwp(sheets: Mapping[str, Sheet], reading: Reading) -> None:
    """Compare the warming potentials that the introduction names with those of the edition."""
    for sheet in sheets.values():
        for row in range(len(sheet.rows)):
            for column, words in enumerate(sheet.words(row)):
                named = _ASSESSMENT.search(words)
                if named and named[1] != reading.edition.gwp_set:
                    reading.out.problem(
                        "gwp-differs",
                        At(sheet.name, row + 1, letters(column)),
                        found=named[1],
                        expected=reading.edition.gwp_set,
                        edition=reading.edition.year,
                    )


def _read_sheet(sheet: Sheet, reading: Reading, tails: Mapping[tuple[str, ...], str], without: list[str]) -> None:
    labels = labelled(sheet)
    scope = SCOPES.get(labels.get("Scope:", ""))
    year = labels.get("Year:", "")
    if year and year != str(reading.edition.year):
        reading.out.problem("year-differs", At(sheet.name), found=year, edition=reading.edition.year)
    blocks = list(_blocks(sheet, scope, reading)) if scope else []
    if not blocks:
        reading.out.problem("no-table-found", At(sheet.name))
    for block in blocks:
        for line in _lines(block):
            _read_line(block, line, reading, tails, without)


def _blocks(sheet: Sheet, scope: str, reading: Reading) -> Iterator[Block]:
    for row in range(len(sheet.rows)):
        words = sheet.words(row)
        if "Activity" not in words or "Unit" not in words:
            continue
        start, unit = words.index("Activity"), words.index("Unit")
        # A column 'Year' repeats the year of the edition (electricity).
        begin = unit + (2 if sheet.text(row, unit + 1) == "Year" else 1)
        groups = _groups(sheet, row - 1, begin, len(words))
        values: list[tuple[int, str, str]] = []
        for column in range(begin, len(words)):
            if words[column] in GHG:
                values.append((column, words[column], groups[column - begin]))
            elif words[column]:
                reading.out.problem("unknown-heading", At(sheet.name, row + 1, letters(column)), found=words[column])
        block = Block(sheet, scope, row, tuple(range(start, unit)), unit, tuple(values))
        yield _told_apart(block, reading)


def _told_apart(block: Block, reading: Reading) -> Block:
    """Return a table without columns that repeat heading and group: empty ones silently, others reported."""
    rows = [line.row for line in _lines(block)]
    heads = Counter(value[1:] for value in block.values)
    filled = [
        value for value in block.values if heads[value[1:]] == 1 or any(block.sheet.text(row, value[0]) for row in rows)
    ]
    heads = Counter(value[1:] for value in filled)
    for (heading, group), count in heads.items():
        if count > 1:
            found = f"{group} {heading}".strip()
            reading.out.problem("columns-not-told-apart", At(block.sheet.name, block.top + 1), found=found)
    return replace(block, values=tuple(value for value in filled if heads[value[1:]] == 1))


def _groups(sheet: Sheet, row: int, begin: int, end: int) -> list[str]:
    """Return the group over each value column.

    A row of groups begins over the first value column; a remark above a table ('An error was identified …')
    stands elsewhere and is none.
    """
    if not sheet.text(row, begin):
        return [""] * (end - begin)
    groups: list[str] = []
    for column in range(begin, end):
        groups.append(sheet.text(row, column) or groups[-1])
    return groups


def _lines(block: Block) -> Iterator[Line]:
    """Yield the rows of a table until one without a unit; an empty label repeats the one above it."""
    labels = [""] * len(block.labels)
    for row in range(block.top + 1, len(block.sheet.rows)):
        unit = block.sheet.text(row, block.unit)
        if not unit:
            return
        for level, column in enumerate(block.labels):
            if word := block.sheet.text(row, column):
                labels[level:] = [word, *[""] * (len(labels) - level - 1)]
        yield Line(row, tuple(labels), unit)


def _read_line(
    block: Block, line: Line, reading: Reading, tails: Mapping[tuple[str, ...], str], without: list[str]
) -> None:
    reading.out.rows += 1
    for column, heading, group in block.values:
        at = At(block.sheet.name, line.row + 1, letters(column))
        value = reading.out.number(block.sheet.cell(line.row, column), at)
        if value is None:
            continue
        numerator, gas = GHG[heading]
        names = [*filter(None, (*line.labels, group))]
        unit = f"{numerator}/{line.unit}"
        tail = tails.get(_key(block.sheet.name, names, unit, gas))
        if tail is None:
            tail = slug(f"{block.sheet.name} {' '.join(names)} {line.unit} {gas}")
            without.append(tail)
        factor = record(
            source=reading.source,
            year=reading.edition.year,
            id=f"{PREFIX}{reading.edition.year}-{tail}",
            name_en=" | ".join(names),
            name_zh=reading.held.name_zh(tail),
            category=block.sheet.name,
            scope_hint=block.scope,
            value=value,
            unit=unit,
            gas=gas,
            region="GB",
            page=str(at),
            gwp_set="" if gas == "energy" else reading.edition.gwp_set,
        )
        reading.add(factor, at, f"{block.sheet.name} {line.row} {group}")


def _key(category: str, names: Sequence[str], unit: str, gas: str) -> tuple[str, ...]:
    """Return what makes two values of different editions the same fact.

    The flat file repeats the unit among the labels of electricity; that makes no difference.
    """
    labels = (folded(name) for name in names if name != unit.partition("/")[2])
    return (folded(category), *labels, folded(unit), gas)


def _tails(held: Editions) -> Mapping[tuple[str, ...], str]:
    """Return the flat file's tail of every fact, from the newest edition that has it."""
    tails: dict[tuple[str, ...], str] = {}
    for year in sorted(held.by_year, reverse=True):
        for tail, factor in held.by_year[year].items():
            if _FLAT_TAIL.fullmatch(tail):
                tails.setdefault(_key(factor.category, factor.name_en.split(" | "), factor.unit, factor.gas), tail)
    return tails
