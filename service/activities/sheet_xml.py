"""One worksheet's XML read tag by tag, keeping nothing but what is asked for: a tree of it could fill the memory.

Declarations of entities were refused by archive.py before; here they stop the reading all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any
from xml.parsers import expat

from service.activities.refusals import FileRefused

Cell = tuple[int, int]  # row and column, from 1

SHOWN = 40  # characters of an odd address
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ROW = re.compile(r"\d{1,7}")


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


class Reader:
    """Follows where each cell stands: a row or cell that does not say so follows the one before it."""

    def __init__(self) -> None:
        self.row, self.column = 0, 0

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """Take a tag that opens.

        Raises:
            FileRefused: an address that is none.
        """
        address = given.get("r")
        if tag == "row":
            self.row, self.column = self.row + 1 if address is None else _row(address), 0
        elif tag == "c" and address is None:
            self.column += 1
        elif tag == "c" and address is not None:
            found = _ADDRESS.fullmatch(address)
            if found is None:
                raise FileRefused("cell-address", value=address[:SHOWN])
            self.row, self.column = int(found[2]), column_number(found[1])

    def end(self, tag: str) -> None:
        """Take a tag that closes."""

    def text(self, text: str) -> None:
        """Take characters."""


def _row(address: str) -> int:
    if _ROW.fullmatch(address) is None:
        raise FileRefused("cell-address", value=address[:SHOWN])
    return int(address)


class Corner(Reader):
    """The far corner of a sheet; refuses one that reaches beyond ``limit`` cells."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit, self.last_row, self.last_column = limit, 0, 0

    def start(self, tag: str, given: Mapping[str, str]) -> None:  # noqa: D102
        super().start(tag, given)
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        refuse_large(self.last_row, self.last_column, self.limit)


class Formulas(Reader):
    """Formula cells (with a cached value or not) and error cells of a sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.formulas: dict[Cell, bool] = {}
        self.errors: dict[Cell, str] = {}
        self._is_error = self._in_value = False
        self._value = ""

    def start(self, tag: str, given: Mapping[str, str]) -> None:  # noqa: D102
        super().start(tag, given)
        if tag == "c":
            self._is_error, self._value = given.get("t") == "e", ""
        elif tag == "f":
            self.formulas[(self.row, self.column)] = False
        self._in_value = tag == "v"

    def text(self, text: str) -> None:  # noqa: D102
        if self._in_value and len(self._value) < SHOWN:
            self._value += text

    def end(self, tag: str) -> None:  # noqa: D102
        self._in_value = False
        at = (self.row, self.column)
        if tag == "c" and self._is_error:
            self.errors[at] = self._value
            self.formulas.pop(at, None)
        elif tag == "c" and at in self.formulas:
            self.formulas[at] = bool(self._value)


def refuse_large(rows: int, columns: int, limit: int) -> None:
    """Refuse a sheet of which a reader would store more cells than ``limit``, empty ones included."""
    if max(rows, 1) * columns > limit:
        raise FileRefused("sheet-too-large", corner=f"{column_letters(columns)}{max(rows, 1)}", limit=str(limit))


def read(file: IO[bytes], reader: Reader) -> None:
    """Hand every tag and text of ``file`` to ``reader``.

    Raises:
        FileRefused: an entity declaration, no XML, or what ``reader`` refuses.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise FileRefused("xml-unsafe")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, given: reader.start(tag.rpartition("}")[2], given)
    parser.EndElementHandler = lambda tag: reader.end(tag.rpartition("}")[2])
    parser.CharacterDataHandler = reader.text
    try:
        parser.ParseFile(file)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two of an encoding that is none
        raise FileRefused("zip-broken") from error
