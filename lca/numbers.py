"""Numbers as text: how a computed value is written so that everyone writes the same bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

SIGNIFICANT_DIGITS = 12
_FORMAT = f"%.{SIGNIFICANT_DIGITS}g"


def canonical(value: float) -> str:
    """Write ``value`` as a plain decimal of at most 12 significant digits, e.g. ``'1234.5'``, never ``'1E+3'``.

    Twelve digits are what two correct IEEE 754 programs agree on after a long sum; more would make
    a recomputation on another machine differ in bytes without differing in meaning.

    Raises:
        ValueError: the value is not finite; an inventory has no infinite tonnes.
    """
    if value == 0:
        return "0"
    text = _FORMAT % value
    if "e" not in text and "n" not in text:  # most numbers: plain already, and without zeros at the end
        return text
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(values: Iterable[float]) -> float:
    """Return the sum of ``values``, correctly rounded; what is left of terms that cancel out is 0.

    A remainder below the twelfth digit of the terms is the rounding of the terms, not an amount.
    """
    listed = list(values)
    found = math.fsum(listed)
    noise = 10.0**-SIGNIFICANT_DIGITS * math.fsum(map(abs, listed))
    return 0.0 if abs(found) <= noise else found
