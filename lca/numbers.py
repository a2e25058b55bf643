"""Numbers as text: how a computed value is written so that everyone writes the same bytes."""

from __future__ import annotations

import math
from decimal import Decimal

SIGNIFICANT_DIGITS = 12


def canonical(value: float) -> str:
    """Write ``value`` as a plain decimal of at most 12 significant digits, e.g. ``'1234.5'``, never ``'1E+3'``.

    Twelve digits are what two correct IEEE 754 programs agree on after a long sum; more would make
    a recomputation on another machine differ in bytes without differing in meaning.

    Raises:
        ValueError: the value is not finite; an inventory has no infinite tonnes.
    """
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    if value == 0:
        return "0"
    text = format(Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
