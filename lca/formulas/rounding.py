"""Rounding for Chinese report figures, GB/T 8170: half to even, once, from the exact value."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

KG_PER_T = Decimal(1000)


def round_gbt8170(value: Decimal | str, places: int) -> Decimal:
    """Return ``value`` with ``places`` decimals, a half going to the even digit; the zeros at the end stay.

    Round only the exact value: rounding a rounded figure again is what the standard forbids.
    """
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def tonnes(kilograms: Decimal | str, places: int) -> Decimal:
    """Return ``kilograms`` as tonnes with ``places`` decimals, rounded once."""
    return round_gbt8170(Decimal(kilograms) / KG_PER_T, places)
