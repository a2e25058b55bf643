"""Emission sources: how one is recognised, stored once and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import polars as pl
import rfc8785
from sqlalchemy import insert, select
from sqlmodel import Session

from lca import ledger
from lca.snapshot import canonical_bytes
from service import bulk
from service.activities.models import Site, Stream
from service.errors import N_, InputInvalid, Wrong
from service.i18n import Text

# What makes two amounts of one period suspects of being one amount handed in twice. Left out is what may be put
# right later: unit, region, parameters, chosen factor, quality, uncertainty.
IDENTITY = ("site", "activity", "name", "meter", "counterparty", "process_line")
STREAM_DIFFERS = N_("the emission source was changed after it was stored: it does not fit its fingerprint")
UNKNOWN_SITE = N_("there is no site '%(site)s'; known: %(known)s")

PLAIN = tuple(f.name for f in fields(ledger.Stream) if f.name not in ("site", "parameters"))
CHUNK = 1_000  # ids in one question; see rows.held

_stream = Stream.__table__  # type: ignore[attr-defined]
_site = Site.__table__  # type: ignore[attr-defined]


def fingerprint(stream: ledger.Stream) -> str:
    """Return the SHA-256 of everything that is said of ``stream``."""
    return _digest({**asdict(stream), "parameters": _pairs(stream)})


def identity(stream: ledger.Stream) -> str:
    """Return the SHA-256 of what tells ``stream`` apart from other sources."""
    whole = asdict(stream)
    return _digest({name: whole[name] for name in IDENTITY})


def _digest(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_bytes(dict(value))).hexdigest()


def known(session: Session, organisation_id: int, streams: Sequence[ledger.Stream]) -> pl.DataFrame:
    """Return one row for each of the streams that is stored: stream (its index) and stream_id."""
    given = pl.DataFrame(
        {
            "stream": pl.Series(range(len(streams)), dtype=pl.UInt32),
            "fingerprint": pl.Series([fingerprint(stream) for stream in streams], dtype=pl.String),
        }
    )
    return given.join(_held(session, organisation_id), on="fingerprint").select("stream", "stream_id")


def ensure(session: Session, organisation_id: int, streams: Sequence[ledger.Stream], now: datetime) -> pl.DataFrame:
    """Store the streams that are new and return one row for each: stream (its index), stream_id, fingerprint, identity.

    Raises:
        InputInvalid: sites that the organisation does not have; all of them are named.
    """
    sites = site_ids(session, organisation_id)
    _known_sites(streams, sites)
    given = pl.DataFrame(
        {
            "stream": pl.Series(range(len(streams)), dtype=pl.UInt32),
            "fingerprint": pl.Series([fingerprint(stream) for stream in streams], dtype=pl.String),
            "identity": pl.Series([identity(stream) for stream in streams], dtype=pl.String),
        }
    )
    held = _held(session, organisation_id)
    new = given.join(held, on="fingerprint", how="anti").unique("fingerprint", keep="first", maintain_order=True)
    if new.height:
        common = {"organisation_id": organisation_id, "created": now}
        rows = [{**_row(streams[row["stream"]], sites), **row, **common} for row in new.iter_rows(named=True)]
        session.execute(insert(_stream), [{key: row[key] for key in row if key != "stream"} for row in rows])
        held = _held(session, organisation_id)
    return given.join(held, on="fingerprint", how="left", maintain_order="left")


def _held(session: Session, organisation_id: int) -> pl.DataFrame:
    query = select(_stream.c.id, _stream.c.fingerprint).where(_stream.c.organisation_id == organisation_id)
    return bulk.read(session, query, {"stream_id": pl.Int64, "fingerprint": pl.String})


def fingerprints(session: Session, organisation_id: int) -> pl.DataFrame:
    """Return stream_id and fingerprint of every source of an organisation."""
    return _held(session, organisation_id)


def _row(stream: ledger.Stream, sites: Mapping[str, int]) -> dict[str, object]:
    row = {name: value for name, value in asdict(stream).items() if name not in ("site", "parameters")}
    return {**row, "site_id": sites[stream.site], "parameters": rfc8785.dumps(_pairs(stream)).decode()}


def _pairs(stream: ledger.Stream) -> list[list[str]]:
    return [list(pair) for pair in sorted(stream.parameters)]


def _known_sites(streams: Iterable[ledger.Stream], sites: Mapping[str, int]) -> None:
    unknown = sorted({stream.site for stream in streams} - set(sites))
    if unknown:
        known = ", ".join(sorted(sites)) or "-"
        raise InputInvalid(
            [Wrong("site", "unknown-site", Text(UNKNOWN_SITE, site=site, known=known)) for site in unknown]
        )


def check_streams(session: Session) -> Iterator[Wrong]:
    """Yield every source that says something else than its fingerprint, which the rows' digests are made with."""
    query = select(_stream, _site.c.code).join(_site, _site.c.id == _stream.c.site_id, isouter=True)
    for row in session.execute(query.order_by(_stream.c.id)).yield_per(CHUNK):
        if not _fits(row):
            yield Wrong(f"stream {row.id}", "stream-differs", Text(STREAM_DIFFERS))


def _fits(row: Any) -> bool:
    try:
        stream = _value(row)
    except (ValueError, TypeError):
        return False  # its parameters are no pairs any more
    return (fingerprint(stream), identity(stream)) == (row.fingerprint, row.identity)


def site_ids(session: Session, organisation_id: int) -> dict[str, int]:
    """Return the sites of an organisation: code to id."""
    query = select(_site.c.code, _site.c.id).where(_site.c.organisation_id == organisation_id)
    return {row.code: row.id for row in session.execute(query)}


def akin(session: Session, organisation_id: int, identities: pl.Series) -> pl.DataFrame:
    """Return the streams (stream_id, identity) that share an identity with those named."""
    query = select(_stream.c.id, _stream.c.identity).where(_stream.c.organisation_id == organisation_id)
    held = bulk.read(session, query, {"stream_id": pl.Int64, "identity": pl.String})
    return held.filter(pl.col("identity").is_in(identities.unique().implode()))


def load(session: Session, stream_ids: Sequence[int]) -> list[ledger.Stream]:
    """Return the streams with these ids, in this order."""
    found: dict[int, ledger.Stream] = {}
    query = select(_stream, _site.c.code).join(_site, _site.c.id == _stream.c.site_id)
    for first in range(0, len(stream_ids), CHUNK):
        for row in session.execute(query.where(_stream.c.id.in_(stream_ids[first : first + CHUNK]))):
            found[row.id] = _value(row)
    return [found[number] for number in stream_ids]


def _value(row: Any) -> ledger.Stream:
    plain = {name: getattr(row, name) for name in PLAIN}
    pairs = tuple((name, value) for name, value in json.loads(row.parameters))
    return ledger.Stream(site=row.code, parameters=pairs, **plain)
