"""Reads the table of orders of magnitude and spreads a year over its months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).parent / "orders.yaml"
YEAR = 2025
DIGITS = 5  # what an invoice shows

Entry = Mapping[str, Any]


@lru_cache(maxsize=1)
def orders() -> Mapping[str, Any]:
    """Return the table."""
    table: Mapping[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return table


def company(code: str) -> Entry:
    """Return the entry of one company."""
    found: Entry = next(entry for entry in orders()["companies"] if entry["code"] == code)
    return found


def month_name(month: int) -> str:
    """Return a month as the template takes it: '2025-03'."""
    return f"{YEAR}-{month:02}"


def rounded(value: Decimal) -> Decimal:
    """Round to the digits an invoice shows, half to even as GB/T 8170 has it."""
    if not value:
        return value
    step = Decimal(1).scaleb(value.adjusted() - DIGITS + 1)
    return value.quantize(min(step, Decimal(1)), rounding=ROUND_HALF_EVEN)


def output_of(entry: Entry, key: str, month: int) -> Decimal:
    """Return what was made of one product in a month: the year's amount times the month's share."""
    share = Decimal(orders()["months"][month - 1]) / 1000
    return (Decimal(entry["outputs"][key]["amount"]) * share).quantize(Decimal(1))


def wobble(item: Entry, month: int) -> Decimal:
    """Return a factor near one, 0.976 to 1.024, that differs by source and month and is always the same.

    A real consumption never follows the output exactly; a constant ratio would look made up.
    """
    seed = sum(map(ord, f"{item['activity']}{item['site']}{item['name']}")) + 37 * month * month + 11 * month
    return 1 + Decimal(seed % 13 - 6) / 250


def monthly(entry: Entry, item: Entry) -> Iterator[tuple[int, Decimal]]:
    """Yield (month, amount): output of the month times the order of magnitude, in the unit of the item."""
    for month in range(1, 13):
        amount = output_of(entry, item["per"], month) * Decimal(str(item["used"])) / item["scale"]
        yield month, rounded(amount if item.get("exact") else amount * wobble(item, month))
