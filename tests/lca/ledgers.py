"""Small ledgers for tests: sources and amounts by defaults, so that a test states only what it is about."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from factors.library import Library, load
from lca.ghg import GhgInventory, Meta, calculate
from lca.ledger import ROW_SCHEMA, Instrument, Ledger, Organisation, Site, Stream
from lca.method import load as load_method
from lca.results import per_unit
from lca.valuation import weight_of

HUBEI = Site("S1", "一厂", "Plant 1", "CN-HB")
META = Meta("TEST", "2026-01-31T08:00:00Z", "test")


@cache
def library() -> Library:
    return load()


def stream(activity: str = "electricity", unit: str = "kWh", **given: Any) -> Stream:
    return Stream(given.pop("site", "S1"), activity, unit, **given)


def ledger(*amounts: tuple[Stream, str, str], **given: Any) -> Ledger:
    """A ledger of (source, month '2025-03', amount); each is one row."""
    streams = tuple(dict.fromkeys(one for one, _, _ in amounts))
    rows = []
    for number, (one, month, amount) in enumerate(amounts, 1):
        year, of_year = int(month[:4]), int(month[5:])
        last = calendar.monthrange(year, of_year)[1]
        start, end = date(year, of_year, 1), date(year, of_year, last)
        rows.append((f"D{number}", streams.index(one), start, end, amount, ""))
    year = int(amounts[0][1][:4]) if amounts else 2025
    return Ledger(
        organisation=given.pop("organisation", Organisation("T", "测试公司", "Test company")),
        start=date(year, 1, 1),
        end=date(year, 12, 31),
        sites=given.pop("sites", (HUBEI,)),
        streams=streams,
        rows=pl.DataFrame(rows, schema=dict(ROW_SCHEMA), orient="row"),
        **given,
    )


def certificate(first: str, last: str, kwh: str, **given: Any) -> Instrument:
    base: dict[str, Any] = {
        "kind": "gec", "number_from": first, "number_to": last, "amount_kwh": kwh,
        "generated_from": date(2025, 1, 1), "generated_to": date(2025, 1, 31), "technology": "wind",
        "region": "CN-HB", "valid_until": date(2027, 12, 31), "beneficiary": "测试公司",
        "retired_on": date(2025, 12, 1),
    }  # fmt: skip
    return Instrument(**(base | given))


def inventory(made: Ledger, method: str = "inventory.ghgp", **given: Any) -> GhgInventory:
    return calculate(made, load_method(method), library(), given.pop("meta", META), **given)


def results(made: Ledger, method: str = "inventory.ghgp", **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = inventory(made, method, **given).snapshot["results"]
    return found


def weighted(masses_kg: Mapping[str, float], gwp_set: str) -> float:
    """Masses of gases as kg CO2e, the way a line with these gases per unit counts."""
    weights = {gas: weight_of(gas, library(), gwp_set) for gas in masses_kg}
    return per_unit({"sign": 1, "share": "1", "gases": masses_kg, "weights": weights})


def line(found: dict[str, Any], activity: str) -> dict[str, Any]:
    chosen: Sequence[dict[str, Any]] = [one for one in found["lines"] if one["activity"] == activity]
    assert len(chosen) == 1, [one["activity"] for one in found["lines"]]
    return chosen[0]
