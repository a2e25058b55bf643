"""The lines of a SimaPro CSV file: a header in braces, then blocks that 'End', some of them with titled sections.

A line break inside a text is written as the character 127. A process consists of sections: a title on a line of its
own, then rows, then an empty line. The other blocks hold rows from their title on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lca.importers.tabular import Notes, Place

END, PROCESS = "end", "process"
SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t"}
LONGEST_TEXT = 500  # lines that one quoted text may span; a quote that nobody closed must not take the file

Row = tuple[int, list[str]]  # line from 1, cells

_HEADER = re.compile(r'"?\{(.*)\}"?[;,\t]*')
_DIGITS_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass
class Header:
    """What the file says of itself."""

    version: str = ""
    project: str = ""
    separator: str = ";"
    decimal: str = "."

    def formula(self, printed: str) -> str:
        """Return a formula with decimal points, and commas between what a function is given."""
        if self.decimal != ",":
            return printed
        return _DIGITS_COMMA.sub(".", printed).replace(";", ",")

    def amount(self, printed: str) -> str:
        """Return a number with a decimal point."""
        return printed.replace(",", ".") if self.decimal == "," else printed


@dataclass
class Block:
    """One block: its rows, and in a process those of each section."""

    title: str  # in lower case
    line: int
    rows: list[Row] = field(default_factory=list)
    sections: dict[str, list[Row]] = field(default_factory=dict)

    def word(self, section: str) -> str:
        """Return the text of a section that is one line."""
        rows = self.sections.get(section, [])
        return "; ".join(filter(None, rows[0][1])) if rows else ""


def split(content: str, file: str, notes: Notes) -> tuple[Header, list[Block]]:
    """Return header and blocks of a file."""
    lines = [line.rstrip("\r") for line in content.split("\n")]
    header, start = _header(lines)
    return header, list(_blocks(_records(lines, start, header.separator, Place(file), notes)))


def _header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for index, line in enumerate(lines):
        found = _HEADER.fullmatch(line.strip().lstrip("\ufeff"))
        if line.strip() and not found:
            return header, index
        if found:
            _take_header(header, found[1])
    return header, len(lines)


def _take_header(header: Header, told: str) -> None:
    key, _, value = told.partition(":")
    key, value = key.strip().casefold(), value.strip()
    if key.startswith("simapro"):
        header.version = told.strip()
    elif key == "csv separator":
        header.separator = SEPARATORS.get(value.casefold(), value[:1] or ";")
    elif key == "decimal separator":
        header.decimal = value or "."
    elif key == "project":
        header.project = value


def _records(lines: list[str], start: int, separator: str, place: Place, notes: Notes) -> Iterator[Row]:
    index = start
    while index < len(lines):
        first, record = index, lines[index]
        while record.count('"') % 2 and index + 1 < len(lines) and index - first < LONGEST_TEXT:
            index += 1
            record += "\n" + lines[index]
        if record.count('"') % 2:
            notes.add("quote-unclosed", place.at(first + 1), is_error=True)
            index, record = first, lines[first].replace('"', "")
        yield first + 1, _cells(record, separator)
        index += 1


def _cells(record: str, separator: str) -> list[str]:
    if '"' not in record:
        cells = record.split(separator)
    else:
        try:
            cells = next(csv.reader([record], delimiter=separator), [""])
        except csv.Error:  # longer than the module reads, or a stray zero byte
            cells = record.split(separator)
    return [cell.replace("\x7f", "\n").strip() for cell in cells]


def _blocks(records: Iterator[Row]) -> Iterator[Block]:
    block: Block | None = None
    after_blank = True
    for line, cells in records:
        if not any(cells):
            after_blank = True
            continue
        if block is None:
            block = Block(cells[0].casefold(), line) if cells[0].casefold() != END else None
        elif cells[0].casefold() == END and not any(cells[1:]):
            yield block
            block = None
        else:
            _add(block, line, cells, after_blank=after_blank)
        after_blank = False
    if block is not None:
        yield block


def _add(block: Block, line: int, cells: list[str], *, after_blank: bool) -> None:
    """Add a row to its section, or open the section that it titles."""
    title, last = cells[0].casefold(), next(reversed(block.sections), "")
    # A text can say what is also a title: 'waste treatment' is a category type.
    is_text = last in METADATA and not block.sections[last] and not after_blank
    if block.title != PROCESS:
        block.rows.append((line, cells))
    elif not is_text and not any(cells[1:]) and (after_blank or title in SECTIONS):
        block.sections[title] = block.sections.pop(title, [])
    elif last:
        block.sections[last].append((line, cells))
    else:
        block.rows.append((line, cells))


PRODUCTS, AVOIDED, TREATMENT, SCENARIO = "products", "avoided products", "waste treatment", "waste scenario"
MATERIALS, ENERGY, WASTE = "materials/fuels", "electricity/heat", "waste to treatment"
INPUT_PARAMETERS, CALCULATED = "input parameters", "calculated parameters"
COMPARTMENTS = {
    "resources": "resource",
    "emissions to air": "air",
    "emissions to water": "water",
    "emissions to soil": "soil",
    "final waste flows": "waste",
    "non material emissions": "non material",
    "non material emission": "non material",
    "social issues": "social",
    "economic issues": "economic",
}
SEPARATED, REMAINING = "separated waste", "remaining waste"
EXCHANGES = (PRODUCTS, AVOIDED, TREATMENT, MATERIALS, ENERGY, WASTE, *COMPARTMENTS)
METADATA = (
    "platformid",
    "category type",
    "process identifier",
    "type",
    "process name",
    "status",
    "time period",
    "geography",
    "technology",
    "representativeness",
    "multiple output allocation",
    "waste treatment allocation",
    "substitution allocation",
    "cut off rules",
    "capital goods",
    "boundary with nature",
    "infrastructure",
    "date",
    "record",
    "generator",
    "literature references",
    "external documents",
    "collection method",
    "data treatment",
    "verification",
    "comment",
    "allocation rules",
    "system description",
)
SECTIONS = frozenset({*EXCHANGES, *METADATA, SCENARIO, SEPARATED, REMAINING, INPUT_PARAMETERS, CALCULATED})
