"""What another party states of its product: a ``SupplierFootprint`` and what a person has to know about it.

A statement that nobody may compute with is refused, every reason at once; everything else is a finding. Numbers stay
decimals as printed until they are divided by the declared amount.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from lca.dataset import Finding
from lca.errors import StatementRefused
from lca.flaws import Flaw
from lca.numbers import canonical
from lca.product_model import Name, SupplierFootprint
from lca.record_reading import decimal

Json = Mapping[str, Any]

LONGEST = 2_000
"""Characters of a text that are kept; nobody reads more in a table."""

TWO_DIGITS = Decimal("0.05")
NINE_DIGITS = Decimal("1e-9")
"""Relative errors of numbers that were rounded to so many digits, at most."""

_MOST_BITS = 256
_CJK = re.compile("[\u3400-\u9fff]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Stated:
    """A supplier's footprint as it was stated, and everything odd about it."""

    supplier: SupplierFootprint
    findings: tuple[Finding, ...] = ()


@dataclass
class Reading:
    """What is found while one statement is read; ``where`` is how a person finds it."""

    where: str
    findings: list[Finding] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def tell(self, code: str, *, is_error: bool = False, **params: object) -> None:
        """Note something that a person has to know."""
        told = {key: text(str(value)) for key, value in params.items()}
        self.findings.append(Finding(code, self.where, told, is_error))

    def refuse(self, code: str, where: str = "", **params: object) -> None:
        """Note a reason for which the statement cannot be used."""
        told = {key: text(str(value)) for key, value in params.items()}
        self.flaws.append(Flaw(code, told, where))

    def settle(self) -> None:
        """Refuse the statement if there is a reason to.

        Raises:
            StatementRefused: all reasons.
        """
        if self.flaws:
            raise StatementRefused(self.where, self.flaws)


def json_of(content: bytes | str, where: str) -> Any:
    """Return a document as plain data, numbers with the digits that they were written in.

    Raises:
        StatementRefused: it is no JSON, or nested beyond reason.
    """
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise StatementRefused(where, [Flaw("not-json")]) from error


def text(value: object) -> str:
    """Return a text that can be stored and shown, '' for anything that is none."""
    return _UNSTORABLE.sub("", value).strip()[:LONGEST] if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list, in order and each once."""
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(found for found in map(text, listed) if found))


def number(value: object) -> Decimal | None:
    """Return a plain, bounded decimal; None for what is none: true, NaN, 1e999, text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return None
    return decimal(str(value).strip())


def moment(value: object) -> datetime | None:
    """Return a date with its time, in UTC where it does not say; None for what is none."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def last_day(end: datetime) -> str:
    """Return the last day before an end that is not itself part of the period."""
    return (end - timedelta(microseconds=1)).date().isoformat() if end.year > 1 else end.date().isoformat()


def name_of(printed: str) -> Name:
    """Return a name under the language that it is written in."""
    return Name(printed) if _CJK.search(printed) else Name(printed, printed)


def per_unit(value: Decimal, amount: Decimal) -> str:
    """Return ``value`` for one unit, of a value stated for ``amount`` of them."""
    with localcontext() as context:
        context.prec = 40
        return canonical(float(value / amount))


def half_digit(printed: Decimal) -> Decimal:
    """Return half of the last digit of a printed number, which is what rounding it may have taken; none off a zero."""
    exponent = printed.as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if printed and isinstance(exponent, int) else Decimal(0)


def agrees(stated: Decimal, parts: Sequence[Decimal]) -> bool:
    """Tell whether a stated sum and its parts differ by no more than rounding all of them to its digits explains.

    However coarsely a sum is printed, two digits are the least that anyone keeps; however finely, programs add up to
    nine digits of the largest term alike.
    """
    added = sum(parts, Decimal(0))
    terms = 1 + sum(part != 0 for part in parts)
    coarse = min(terms * half_digit(stated), TWO_DIGITS * max(abs(stated), abs(added)))
    return abs(stated - added) <= max(coarse, NINE_DIGITS * max(map(abs, (stated, *parts))))
