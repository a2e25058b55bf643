"""The small tables of a workbook: organisation, sites, periods, products, instruments, exclusions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from factors.units import multiplier
from lca.ledger import Exclusion, Instrument, Organisation, Product, Site
from lca.method import load, methods
from service.activities.cells import Pass, close_periods
from service.activities.known import convertible, folded
from service.activities.problems import Problem
from service.activities.run import Run, Source
from service.activities.sheets import Sheet
from service.fields import EXCLUSIONS, ORGANISATION, SITES, Field

Entry = Mapping[str, Any]

_SCOPE_3 = re.compile(r"(?:范围三类别|scope3,?category)([1-9]|1[0-5])")


@dataclass(slots=True)
class Sections:
    """What a file says besides activity data."""

    organisation: Organisation | None = None
    sites: tuple[Site, ...] = ()
    periods: tuple[tuple[date, date], ...] = ()
    products: tuple[Product, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    measurements: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # sheet, entry


def _texts(entry: Entry, fields: Sequence[Field]) -> dict[str, str]:
    """Return the cells of an entry for the fields of a ledger record, '' or the default where nothing stands."""
    return {item.name: entry.get(item.name) or item.default for item in fields}


def _distinct(run: Run, source: Source, entries: list[dict[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Refuse an entry whose ``keys`` another one has already."""
    seen: dict[tuple[Any, ...], int] = {}
    kept = []
    for entry in entries:
        key = tuple(entry.get(name) for name in keys)
        if key in seen:
            refuse(run, source.name, entry["row"], "entry-twice", other=str(seen[key]))
        else:
            seen[key] = entry["row"]
            kept.append(entry)
    return kept


def refuse(run: Run, sheet: str, row: int, code: str, **params: str) -> None:
    """Note an error of a row that had been counted as loaded."""
    run.findings.add(Problem(code, sheet, row, params=params))
    run.tallies[sheet].loaded -= 1


def read_organisation(run: Run, source: Source, sheet: Sheet) -> Organisation | None:
    """Return the one organisation of the file."""
    entries = run.entries(source, sheet)
    for entry in entries[1:]:
        refuse(run, source.name, entry["row"], "organisation-twice")
    return Organisation(**_texts(entries[0], ORGANISATION)) if entries else None


def read_sites(run: Run, source: Source, sheet: Sheet) -> tuple[Site, ...]:
    """Return the sites, each code once."""
    entries = _distinct(run, source, run.entries(source, sheet), ("code",))
    return tuple(Site(**_texts(entry, SITES)) for entry in entries)


def read_periods(run: Run, source: Source, sheet: Sheet) -> tuple[tuple[date, date], ...]:
    """Return the reporting periods; they may not overlap."""
    entries = run.entries(source, sheet, lambda batch: close_periods(batch, "start", "end"))
    kept: list[dict[str, Any]] = []
    for entry in entries:
        other = next((e for e in kept if entry["start"] <= e["end"] and e["start"] <= entry["end"]), None)
        if other is None:
            kept.append(entry)
        else:
            refuse(run, source.name, entry["row"], "period-twice", other=str(other["row"]))
    return tuple((entry["start"], entry["end"]) for entry in kept)


def read_products(run: Run, source: Source, sheet: Sheet) -> tuple[Product, ...]:
    """Return what the sites made, one amount per product and period."""
    entries = run.entries(source, sheet, lambda batch: close_periods(batch, "start", "end"))
    entries = _distinct(run, source, entries, ("site", "name_zh", "unit", "start", "end"))
    return tuple(
        Product(
            site=entry["site"],
            name_zh=entry["name_zh"],
            name_en=entry.get("name_en") or "",
            amount=entry["amount"],
            unit=entry["unit"],
            start=entry["start"],
            end=entry["end"],
            value_added_cny=entry.get("value_added_cny") or "",
        )
        for entry in entries
    )


def _check_instruments(batch: Pass) -> None:
    close_periods(batch, "generated_from", "generated_to")
    for unit in batch.out["unit"].unique().to_list():
        if unit and convertible(unit, "kWh"):
            params = {"activity_zh": "绿电凭证", "activity_en": "instrument", "wanted": "kWh", "unit": unit}
            batch.flag(batch.out["unit"] == unit, "unit-mismatch", "unit", lambda _p, _t, found=params: found)  # type: ignore[misc]


def read_instruments(run: Run, source: Source, sheet: Sheet) -> tuple[Instrument, ...]:
    """Return the contractual instruments, their amounts in kWh; whether they count is decided with the inventory."""
    return tuple(_instruments(run.entries(source, sheet, _check_instruments)))


def _instruments(entries: Sequence[Entry]) -> Iterator[Instrument]:
    for entry in entries:
        kwh = Decimal(entry["amount"]) * multiplier(entry["unit"], "kWh")
        yield Instrument(
            kind=entry["kind"],
            number_from=entry["number_from"],
            number_to=entry.get("number_to") or entry["number_from"],
            amount_kwh=format(kwh, "f"),
            generated_from=entry["generated_from"],
            generated_to=entry["generated_to"],
            technology=entry["technology"],
            region=entry["region"],
            valid_until=entry.get("valid_until"),
            beneficiary=entry["beneficiary"],
            retired_on=entry.get("retired_on"),
            site=entry.get("site") or "",
            contract=entry.get("contract") or "",
        )


def read_exclusions(run: Run, source: Source, sheet: Sheet) -> tuple[Exclusion, ...]:
    """Return the categories left out; one that no method has is a part of one, or a slip, and is told."""
    entries = run.entries(source, sheet)
    for entry in entries:
        known = category_of(entry["category"])
        if not known:
            params = {"category": entry["category"]}
            run.findings.add(Problem("exclusion-free", source.name, entry["row"], params=params))
        entry["category"] = known or entry["category"]
    entries = _distinct(run, source, entries, ("category",))
    return tuple(Exclusion(**_texts(entry, EXCLUSIONS)) for entry in entries)


def category_of(text: str) -> str:
    """Return the id of a category that is called by id, name or number of scope 3 ('范围三 类别 6'); else ''."""
    numbered = _SCOPE_3.fullmatch(folded(text))
    return _categories().get(folded(text)) or (f"s3.{numbered[1]}" if numbered else "")


@lru_cache(maxsize=1)
def _categories() -> Mapping[str, str]:
    """Return the ids of the categories of every inventory method by id and by either name."""
    every = [category for name in methods() for category in load(name).categories]
    names = {folded(name): one.id for one in every for name in (one.zh, one.en)}
    return names | {folded(one.id): one.id for one in every}
