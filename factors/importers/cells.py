"""What stands in a cell, as text: numbers as a spreadsheet can print them, names without stray spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_FOOTNOTE = re.compile(r"(?<=[a-z)])\s?[A-E]$")


@dataclass(frozen=True, slots=True)
class At:
    """A cell as a person finds it: sheet, row as numbered there (1-based), column letters or heading."""

    sheet: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.sheet
        return f"{self.sheet}!{self.column}{self.row}" if self.column.isupper() else f"{self.sheet}, row {self.row}"


def letters(index: int) -> str:
    """Return the column letters of a 0-based index: 0 -> 'A', 26 -> 'AA'."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def text(value: object) -> str:
    """Return a cell as text on one line, spaces collapsed; whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, float):
        return printed(value)
    return " ".join(str(value).split())


def printed(value: float, digits: int = 0) -> str:
    """Return a number as text: 12400.0 -> '12400', 9e-05 -> '9e-05'.

    Without ``digits`` all that the cell holds, so that the text gives back the very same number; with them at
    most so many significant ones, for a publisher whose cells hold unrounded arithmetic.
    """
    return format(value, f".{digits}g") if digits else repr(value).removesuffix(".0")


def decimal(text_: str, *, comma: bool = False) -> Decimal | None:
    """Return the number that a text cell holds, None when it holds none; ``comma`` reads '1,05E-3'."""
    text_ = text_.strip()
    if comma:
        text_ = text_.replace(",", ".")
    try:
        number = Decimal(text_)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def slug(words: str) -> str:
    """Return ``words`` for use in an id: lower case, everything but a-z and 0-9 a hyphen.

    A letter with an accent is a hyphen too, so that a damaged accent gives the same id as a sound one.
    """
    return _NOT_SLUG.sub("-", words.lower()).strip("-")


def folded(words: str) -> str:
    """Return ``words`` for comparison: case, spaces and punctuation play no part."""
    return _NOT_SLUG.sub("", words.lower())


def without_footnote(words: str) -> str:
    """Cut off the letter of a footnote, whose superscript is lost in the cell: 'Passenger Car A', 'RecycledA'."""
    return _FOOTNOTE.sub("", words)
