"""A group's inventory from those of its companies: one ledger, internal transfers once."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import polars as pl

from factors.library import Factor, Library
from factors.match import Overlay, resolve_activity
from lca.ledger import ROW_SCHEMA, Instrument, Ledger, Organisation, Site, Stream

BOUGHT: Mapping[str, str] = MappingProxyType({"electricity": "electricity_exported", "heat": "heat_exported"})
"""What a company buys, and the group of activities under which its seller exports it."""

INSIDE = frozenset({"purchased_goods", "capital_goods", "transport_upstream", "transport_downstream", "waste"})
"""Value-chain purchases: from a company of the group they are in that company's own scopes already."""

HANDED_OVER = frozenset({"co2_transferred"})
"""CO2 that stays inside the group has not left it: no deduction."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A stream that stays inside the group and is therefore left out of its inventory."""

    company: str
    stream: Stream
    rows: int


def consolidate(
    group: Organisation, ledgers: Sequence[Ledger], start: date, end: date, library: Library
) -> tuple[Ledger, tuple[Transfer, ...]]:
    """Return the ledger of ``group`` and the internal transfers that were left out of it.

    Power and heat that one company sells to another are counted where the fuel is burned, in scope 1 of
    the seller. The buyer's purchase that names a company of the group (by code or name) is left out, and
    with it the export by which that company names the buyer. An export that no purchase answers stays: the
    buyer still counts it, so the deduction belongs there. Purchases of goods and services inside the group,
    and CO2 handed to a company of it, are left out too.
    Sites, streams and rows carry their company's code, so that none of them meet.

    Raises:
        UnknownActivity, AmbiguousActivity: a stream names no one activity.
    """
    members = _names(ledgers)
    answered = _answered(ledgers, members, library)
    streams: list[Stream] = []
    frames: list[pl.DataFrame] = []
    transfers: list[Transfer] = []
    for one in ledgers:
        kept, dropped = _split(one, members, answered, library)
        frames.append(_rows(one, kept, first=len(streams)))
        code = one.organisation.code
        streams += [replace(one.streams[i], site=f"{code}/{one.streams[i].site}") for i in kept]
        counts = dict(one.rows.group_by("stream").len().iter_rows())
        transfers += [Transfer(code, one.streams[i], counts.get(i, 0)) for i in dropped]
    merged = Ledger(
        organisation=group,
        start=start,
        end=end,
        sites=tuple(_site(site, one) for one in ledgers for site in one.sites),
        streams=tuple(streams),
        rows=pl.concat(frames) if frames else pl.DataFrame(schema=dict(ROW_SCHEMA)),
        instruments=tuple(_instrument(i, one, group) for one in ledgers for i in one.instruments),
        products=tuple(replace(p, site=f"{one.organisation.code}/{p.site}") for one in ledgers for p in one.products),
        exclusions=tuple(dict.fromkeys(e for one in ledgers for e in one.exclusions)),
        evidence={sha: name for one in ledgers for sha, name in one.evidence.items()},
    )
    return merged, tuple(transfers)


def consolidated_overlay(overlays: Sequence[tuple[Ledger, Overlay]]) -> Overlay:
    """Return the own factors of all companies, each bound to the sites of its company."""
    factors = tuple(
        replace(own, site=f"{one.organisation.code}/{site.code}", factor=_of_company(own.factor, one))
        for one, overlay in overlays
        for own in overlay.factors
        for site in one.sites
        if own.site in ("", site.code)
    )
    digests = [overlay.sha256 for _, overlay in overlays]
    return Overlay(factors, hashlib.sha256("".join(digests).encode()).hexdigest()) if factors else Overlay()


def _of_company(factor: Factor, one: Ledger) -> Factor:
    return replace(factor, id=f"{one.organisation.code}/{factor.id}")


def _names(ledgers: Sequence[Ledger]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for one in ledgers:
        company = one.organisation
        names |= {n: company.code for n in (company.code, company.name_zh, company.name_en, company.credit_code) if n}
    return names


def _split(
    one: Ledger, members: Mapping[str, str], answered: Container[tuple[str, str, str]], library: Library
) -> tuple[list[int], list[int]]:
    """Return the indices of the streams that stay and of those that are internal."""
    kept: list[int] = []
    dropped: list[int] = []
    own = one.organisation.code
    for index, stream in enumerate(one.streams):
        partner = members.get(stream.counterparty, "")
        group = resolve_activity(stream.activity, library).group
        internal = partner not in ("", own) and (
            group in BOUGHT or group in INSIDE or group in HANDED_OVER or (partner, own, group) in answered
        )
        (dropped if internal else kept).append(index)
    return kept, dropped


def _answered(ledgers: Sequence[Ledger], members: Mapping[str, str], library: Library) -> set[tuple[str, str, str]]:
    """Return (buyer, seller, the seller's group) of every purchase that names a company of the group."""
    found = set()
    for one in ledgers:
        for stream in one.streams:
            export = BOUGHT.get(resolve_activity(stream.activity, library).group)
            seller = members.get(stream.counterparty, "")
            if export and seller not in ("", one.organisation.code):
                found.add((one.organisation.code, seller, export))
    return found


def _rows(one: Ledger, kept: Sequence[int], first: int) -> pl.DataFrame:
    """Return the rows of the streams that stay, which are numbered from ``first`` on, under their company's code."""
    at = range(first, first + len(kept))
    places = pl.DataFrame({"stream": pl.Series(kept, dtype=pl.UInt32), "at": pl.Series(at, dtype=pl.UInt32)})
    rows = one.rows.join(places, on="stream", how="inner", maintain_order="left")
    identifier = pl.lit(f"{one.organisation.code}/") + pl.col("id")
    return rows.with_columns(stream=pl.col("at"), id=identifier).select(list(ROW_SCHEMA))


def _site(site: Site, one: Ledger) -> Site:
    code = one.organisation.code
    return replace(site, code=f"{code}/{site.code}", entity=site.entity or code)


def _instrument(instrument: Instrument, one: Ledger, group: Organisation) -> Instrument:
    """A certificate retired for a company is retired for the group that consolidates it."""
    company = one.organisation
    names = {company.code, company.name_zh, company.name_en, company.credit_code} - {""}
    return replace(
        instrument,
        site=f"{company.code}/{instrument.site}" if instrument.site else "",
        beneficiary=group.code if instrument.beneficiary in names else instrument.beneficiary,
    )
