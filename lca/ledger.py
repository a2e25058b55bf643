"""What a greenhouse-gas inventory is computed from: sites, emission sources, activity data, instruments, products.

Raw activity data is method-neutral: nothing here knows a scope, a factor or a GWP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import polars as pl

ROW_SCHEMA: Mapping[str, type[pl.DataType] | pl.DataType] = MappingProxyType(
    {
        "id": pl.String,  # of the activity datum
        "stream": pl.UInt32,  # index into Ledger.streams
        "start": pl.Date,
        "end": pl.Date,
        "amount": pl.String,  # exactly as submitted, as a plain decimal
        "evidence": pl.String,  # sha256 of the evidence file, or ''
    }
)


EQUITY_SHARE = "equity_share"
"""The approach by which a site counts with the share that the organisation holds in it."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The reporting entity, as its report names it."""

    code: str
    name_zh: str
    name_en: str
    credit_code: str = ""
    legal_person: str = ""
    address: str = ""
    industry: str = ""
    contact: str = ""
    electricity_equivalent_kgce_per_kwh: str = ""
    electricity_equivalent_source: str = ""
    approach: str = "operational_control"  # | financial_control | equity_share
    base_year: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A place that emits, its region and the share of it that belongs to the organisation."""

    code: str
    name_zh: str
    name_en: str
    region: str
    share_percent: str = "100"
    entity: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """An emission source: everything about an activity datum except when and how much."""

    site: str
    activity: str
    unit: str
    name: str = ""
    meter: str = ""
    region: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    factor: str = ""  # a record chosen by a person
    counterparty: str = ""
    process_line: str = ""
    quality: str = ""  # measured | invoiced | estimated
    uncertainty_percent: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A contractual instrument for electricity: green certificate, direct supply, own generation."""

    kind: str  # gec | direct_supply | ppa | onsite
    number_from: str
    number_to: str
    amount_kwh: str
    generated_from: date
    generated_to: date
    technology: str
    region: str
    valid_until: date | None
    beneficiary: str
    retired_on: date | None
    site: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """What a site made, for intensities; not an emission."""

    site: str
    name_zh: str
    name_en: str
    amount: str
    unit: str
    start: date
    end: date
    value_added_cny: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A category left out, with the reason a reader is owed."""

    category: str
    reason: str
    estimate_kgco2e: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One organisation's activity data of one period."""

    organisation: Organisation
    start: date
    end: date
    sites: tuple[Site, ...]
    streams: tuple[Stream, ...]
    rows: pl.DataFrame = field(compare=False)
    instruments: tuple[Instrument, ...] = ()
    products: tuple[Product, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
