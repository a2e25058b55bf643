"""How a stored number is shown: rounded once from the stored text, grouped by thin gaps, never changed.

Stored numbers keep twelve significant digits; what is printed is rounded here and only here, each
value directly from its stored form (GB/T 8170 forbids rounding a value twice in a row).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

# The space of the report's font is 0.22 em wide, a thin gap; it must not break at a line end.
GAP = "\N{NO-BREAK SPACE}"
KG_PER_T = 1000
MINUS = "\N{MINUS SIGN}"
RULES: Mapping[str, str] = {"gbt8170": ROUND_HALF_EVEN, "half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP}
DEFAULT_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Rounding:
    """How many decimals a method's report shows, and which way an exact half goes."""

    tonnes: int = DEFAULT_DECIMALS
    rule: str = "gbt8170"

    def apply(self, value: Decimal, decimals: int) -> Decimal:
        """Round ``value`` to ``decimals`` places by the rule; GB/T 8170: an exact half goes to the even digit."""
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=RULES[self.rule])


def rounding_of(method: Mapping[str, Any]) -> Rounding:
    """Read a method record's ``rounding``; what it does not say is two decimals, half to even."""
    stated = method.get("rounding") or {}
    decimals = stated.get("decimals", DEFAULT_DECIMALS)
    if isinstance(decimals, Mapping):
        decimals = decimals.get("tco2e", decimals.get("total", DEFAULT_DECIMALS))
    rule = str(stated.get("rule", "gbt8170"))
    return Rounding(tonnes=int(decimals), rule=rule if rule in RULES else "gbt8170")


def number(text: object) -> Decimal | None:
    """Read a stored quantity; ``None`` when it is empty or no number (a textual operand, say)."""
    if text is None or text == "":
        return None
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def grouped(value: Decimal) -> str:
    """Write ``value`` with thin gaps every three integer digits: ``12 345.67``, ``−30``."""
    text = f"{abs(value):,f}".replace(",", GAP)
    return MINUS + text if value < 0 else text


def as_stored(text: object) -> str:
    """Write a quantity with every digit it was submitted or printed with, only grouped."""
    value = number(text)
    return str(text or "") if value is None else grouped(value)


def rounded(text: object, rounding: Rounding, decimals: int) -> str:
    """Write a stored quantity rounded to ``decimals``; an empty one stays empty."""
    value = number(text)
    return "" if value is None else grouped(_no_negative_zero(rounding.apply(value, decimals)))


def tonnes(kilograms: object, rounding: Rounding) -> str:
    """Write stored kilograms as tonnes, rounded once."""
    value = number(kilograms)
    if value is None:
        return ""
    return grouped(_no_negative_zero(rounding.apply(value / KG_PER_T, rounding.tonnes)))


def significant(text: object, digits: int = 6) -> str:
    """Write a coefficient with at most ``digits`` significant digits, without an exponent."""
    value = number(text)
    if value is None:
        return str(text or "")
    if value == 0:
        return "0"
    places = digits - 1 - value.adjusted()
    shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN) if places > 0 else round(value)
    plain = f"{shown:f}"
    return grouped(Decimal(plain.rstrip("0").rstrip(".") if "." in plain else plain))


def percent(part: object, whole: object, decimals: int = 1) -> str:
    """Write ``part / whole`` in percent; empty when there is no whole to share."""
    share, total = number(part), number(whole)
    if share is None or total is None or total == 0:
        return ""
    return grouped(_no_negative_zero(round(100 * share / total, decimals)))


def _no_negative_zero(value: Decimal) -> Decimal:
    return abs(value) if value == 0 else value
