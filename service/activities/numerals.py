"""Numbers as people write them, read exactly or asked back; never guessed.

A comma between one to three digits and exactly three digits ('1,234') means 1234 to one reader and
1.234 to the next. Unless the decimal mark is declared, it is returned as a question.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

MAX_DIGITS = 28  # what a Decimal of the default context holds exactly

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_POWER = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2}")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")
_DOT_GROUPS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}")
_SPACE_GROUPS = re.compile(r"[+-]?\d{1,3}(?:(?: \d{3})+|(?:'\d{3})+)(?:[.,]\d+)?")
_ONE_COMMA = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
_WITH_UNIT = re.compile(r"([+-]?\d[\d.,' ]*)([^\d\s.,'].*)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c]")  # digits of exponents and indices
_MARKS = str.maketrans({"\u2212": "-", "\u2019": "'", "\u02bc": "'"})


class Reading(NamedTuple):
    """What a text was read as: ``value`` ('' when it could not be), a problem ``code`` ('' when none)."""

    value: str
    code: str = ""
    params: tuple[tuple[str, str], ...] = ()


def plain(text: str) -> Reading:
    """Write a number in machine notation as a plain decimal, trailing zeros kept: '+1.50e2' -> '150'."""
    try:
        number = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the callers' patterns let only numbers through
        return Reading("", "not-a-number")
    if len(number.as_tuple().digits) > MAX_DIGITS:
        return Reading("", "number-too-long", (("digits", str(MAX_DIGITS)),))
    written = format(number, "f")
    return Reading(written.removeprefix("-") if number == 0 else written)


def _without_groups(text: str, mark: str) -> Reading:
    """Drop every group separator and read ``mark`` as the decimal mark."""
    kept = "".join(char for char in text if char.isdigit() or char in "+-" or char == mark)
    return plain(kept.replace(mark, "."))


def _with_mark(text: str, mark: str) -> Reading | None:
    """Read ``text`` by a declared decimal mark; None when it does not fit that notation."""
    group = "." if mark == "," else ","
    grouped = rf"[1-9]\d{{0,2}}([{group} '])\d{{3}}(?:\1\d{{3}})*"
    fits = re.fullmatch(rf"[+-]?(?:{grouped}|\d+)(?:[{mark}]\d+)?", text)
    return _without_groups(text, mark) if fits else None


def _grouped(text: str) -> Reading | None:
    """Read the notations whose separators prove what they mean."""
    if _COMMA_GROUPS.fullmatch(text):
        return _without_groups(text, ".")
    if _DOT_GROUPS.fullmatch(text):
        return _without_groups(text, ",")
    if _SPACE_GROUPS.fullmatch(text):
        return _without_groups(text, "," if "," in text else ".")
    return None


def _refused(text: str) -> Reading:
    """Say why ``text`` is no number, as closely as one can."""
    if text[:1] == "=":
        return Reading("", "number-is-formula")
    if _DATE.fullmatch(text):
        return Reading("", "number-is-date")
    if found := _WITH_UNIT.fullmatch(text):
        return Reading("", "number-with-unit", (("number", found[1].strip()), ("rest", found[2].strip())))
    return Reading("", "not-a-number")


def tidy(text: str) -> str:
    """Fold full-width digits and marks, typographic minus and apostrophe, and odd spaces; '10²' stays no 102."""
    return " ".join(unicodedata.normalize("NFKC", _RAISED.sub(r"^\g<0>", text)).translate(_MARKS).split())


def read_number(text: str, mark: str = "") -> Reading:
    """Read ``text`` as an exact decimal; ``mark`` is the decimal mark the file declares, if it does.

    '1,234.5', '1.234,5', '1 234,5' and "1'234.5" prove themselves and give '1234.5'. '1,234' without a
    declared mark gives the code 'number-ambiguous'; '1,5' gives '1.5' with the warning 'decimal-comma'.
    """
    text = tidy(text)
    if mark:
        return _with_mark(text, mark) or (plain(text) if _POWER.fullmatch(text) else _refused(text))
    if _PLAIN.fullmatch(text) or _POWER.fullmatch(text):
        return plain(text)
    if found := _grouped(text):
        return found
    if _ONE_COMMA.fullmatch(text):
        both = text.replace(",", ""), text.replace(",", ".")
        return Reading("", "number-ambiguous", (("one", both[0]), ("other", both[1])))
    if _COMMA_DECIMAL.fullmatch(text):
        read = _without_groups(text, ",")
        return Reading(read.value, read.code or "decimal-comma", read.params or (("read", read.value),))
    return _refused(text)


def read_share(text: str, mark: str = "") -> Reading:
    """Read a fraction of one, written as such or in per cent: '98 %' -> '0.98'."""
    number, percent, rest = tidy(text).partition("%")
    if not percent or rest:
        return read_number(text, mark)
    read = read_number(number, mark)
    return read._replace(value=format(Decimal(read.value).scaleb(-2), "f")) if read.value else read


def read_percent(text: str, mark: str = "") -> Reading:
    """Read a percentage, with or without its sign: '5 %' -> '5'."""
    return read_number(tidy(text).removesuffix("%"), mark)
