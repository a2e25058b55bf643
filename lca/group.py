"""A group's inventory from those of its companies: one ledger, internal transfers once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from factors.library import Library
from factors.match import resolve_activity
from lca.ledger import ROW_SCHEMA, Ledger, Organisation, Site, Stream

BOUGHT = frozenset({"electricity", "heat"})
SOLD = frozenset({"electricity_exported", "heat_exported"})


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
    the seller; the buyer's purchase and the seller's export of them are therefore dropped, both or none:
    a transfer is internal when the counterparty is a company of the group, by code or by name.
    Sites, streams and rows carry their company's code, so that none of them meet.
    """
    members = _names(ledgers)
    streams: list[Stream] = []
    frames: list[pl.DataFrame] = []
    transfers: list[Transfer] = []
    for one in ledgers:
        kept, dropped = _split(one, members, library)
        first = len(streams)
        code = one.organisation.code
        streams += [replace(one.streams[i], site=f"{code}/{one.streams[i].site}") for i in kept]
        places = pl.DataFrame(
            {
                "stream": pl.Series(kept, dtype=pl.UInt32),
                "at": pl.Series(range(first, first + len(kept)), dtype=pl.UInt32),
            }
        )
        rows = one.rows.join(places, on="stream", how="inner", maintain_order="left")
        frames.append(
            rows.with_columns(stream=pl.col("at"), id=pl.lit(f"{code}/") + pl.col("id")).select(list(ROW_SCHEMA))
        )
        counts = dict(one.rows.group_by("stream").len().iter_rows())
        transfers += [Transfer(code, one.streams[i], counts.get(i, 0)) for i in dropped]
    merged = Ledger(
        organisation=group,
        start=start,
        end=end,
        sites=tuple(_site(site, one) for one in ledgers for site in one.sites),
        streams=tuple(streams),
        rows=pl.concat(frames) if frames else pl.DataFrame(schema=dict(ROW_SCHEMA)),
        instruments=tuple(
            replace(
                i,
                site=f"{one.organisation.code}/{i.site}" if i.site else "",
                beneficiary=_beneficiary(i.beneficiary, one, group),
            )
            for one in ledgers
            for i in one.instruments
        ),
        products=tuple(replace(p, site=f"{one.organisation.code}/{p.site}") for one in ledgers for p in one.products),
        exclusions=tuple(dict.fromkeys(e for one in ledgers for e in one.exclusions)),
        evidence={sha: name for one in ledgers for sha, name in one.evidence.items()},
    )
    return merged, tuple(transfers)


def _names(ledgers: Sequence[Ledger]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for one in ledgers:
        company = one.organisation
        names |= {n: company.code for n in (company.code, company.name_zh, company.name_en, company.credit_code) if n}
    return names


def _split(one: Ledger, members: Mapping[str, str], library: Library) -> tuple[list[int], list[int]]:
    kept: list[int] = []
    dropped: list[int] = []
    for index, stream in enumerate(one.streams):
        partner = members.get(stream.counterparty, "")
        group = resolve_activity(stream.activity, library).group
        internal = partner not in ("", one.organisation.code) and group in BOUGHT | SOLD
        (dropped if internal else kept).append(index)
    return kept, dropped


def _site(site: Site, one: Ledger) -> Site:
    code = one.organisation.code
    return replace(site, code=f"{code}/{site.code}", entity=site.entity or code)


def _beneficiary(named: str, one: Ledger, group: Organisation) -> str:
    """A certificate retired for a company is retired for the group that consolidates it."""
    company = one.organisation
    return (
        group.code if named in {company.code, company.name_zh, company.name_en, company.credit_code} - {""} else named
    )
