"""Reading activity data back: the ledger an inventory is computed from, and single rows for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Select, select
from sqlmodel import Session

from lca import ledger as lca
from service import bulk
from service.accounts import actions as accounts
from service.accounts.actions import Actor, require
from service.activities.models import Site, Stream
from service.activities.store import evidence, records, streams
from service.activities.store.rows import LONGEST, WITHDRAWN, datum, replaced
from service.errors import N_, SHOWN, NotFound, RowsCrossPeriod, Wrong
from service.i18n import Text

CROSSES = N_("%(start)s to %(end)s")
ROWS = {
    "id": pl.Int64,
    "stream_id": pl.Int64,
    "start": pl.Date,
    "end": pl.Date,
    "amount": pl.String,
    "evidence_id": pl.Int64,
}

COLUMNS = (datum.c.id, datum.c.stream_id, datum.c.start, datum.c.end, datum.c.amount, datum.c.evidence_id)
"""What ``ROWS`` is read from, in its order."""

_stream = Stream.__table__  # type: ignore[attr-defined]
_site = Site.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Datum:
    """One row, as a person sees it."""

    id: int
    stream: lca.Stream
    start: date
    end: date
    amount: str
    evidence: str
    replaces: int | None
    replaced_by: int | None


def ledger(session: Session, actor: Actor, start: date, end: date) -> lca.Ledger:
    """Return everything an inventory of ``start`` to ``end`` is computed from.

    The rows are those that count now (a replaced one does not), ordered by their ids; read in portions into
    columns, so that a million of them need no million objects.

    Raises:
        RowsCrossPeriod: rows that lie on both sides of an edge of the period.
    """
    organisation_id = require(actor, "read")
    rows = _current(session, organisation_id, start, end)
    _refuse_crossing(rows, start, end)
    return replace(frame(session, actor, start, end), **sources_and_rows(session, organisation_id, rows))


def frame(session: Session, actor: Actor, start: date, end: date) -> lca.Ledger:
    """Return the ledger of the period with all the organisation's sources and evidence, and without any row."""
    organisation_id = require(actor, "read")
    own = select(_stream.c.id).where(_stream.c.organisation_id == organisation_id).order_by(_stream.c.id)
    held = evidence.names(session, organisation_id)
    return lca.Ledger(
        organisation=accounts.value_of(accounts.show(session, actor)),
        start=start,
        end=end,
        sites=tuple(records.site_value(row) for row in records.sites(session, actor)),
        streams=tuple(streams.load(session, session.scalars(own).all())),
        rows=pl.DataFrame(schema=dict(lca.ROW_SCHEMA)),
        instruments=records.instrument_values(session, actor),
        products=records.product_values(session, actor, start, end),
        exclusions=records.exclusion_values(session, actor, start, end),
        evidence=dict(held.select("sha256", "name").iter_rows()),
    )


def sources_and_rows(session: Session, organisation_id: int, rows: pl.DataFrame) -> dict[str, Any]:
    """Return what a ledger holds of ``rows`` (of ``ROWS``): their sources, themselves, the evidence they name."""
    held = evidence.names(session, organisation_id)
    rows = _with_evidence(rows, held, evidence.latest(session, organisation_id))
    used = rows["stream_id"].unique().sort()
    index = pl.DataFrame({"stream_id": used, "stream": pl.Series(range(used.len()), dtype=pl.UInt32)})
    return {
        "streams": tuple(streams.load(session, used.to_list())),
        "rows": _as_ledger(rows, index),
        "evidence": _named(rows, held),
    }


def _current(session: Session, organisation_id: int, start: date, end: date) -> pl.DataFrame:
    """Return the rows that count now and touch the period, ordered by id."""
    own = select(_stream.c.id).where(_stream.c.organisation_id == organisation_id)
    first = start - LONGEST if start - date.min > LONGEST else date.min
    touching = (datum.c.stream_id.in_(own), datum.c.start.between(first, end), datum.c.end >= start)
    return counting(session, organisation_id, select(*COLUMNS).where(*touching))


def counting(session: Session, organisation_id: int, query: Select[Any]) -> pl.DataFrame:
    """Return those rows of ``query`` (of ``COLUMNS``) that count: neither replaced nor withdrawn, ordered by id."""
    rows = bulk.read(session, query.where(datum.c.amount != WITHDRAWN), ROWS)
    gone = replaced(session, organisation_id)
    return (rows.join(gone, on="id", how="anti") if gone.height else rows).sort("id")


def _refuse_crossing(rows: pl.DataFrame, start: date, end: date) -> None:
    crossing = rows.filter((pl.col("start") < start) | (pl.col("end") > end))
    if crossing.is_empty():
        return
    wrong = [
        Wrong(f"D{number}", "row-crosses-period", Text(CROSSES, start=first, end=last))
        for number, first, last in crossing.head(SHOWN).select("id", "start", "end").iter_rows()
    ]
    raise RowsCrossPeriod(wrong, count=crossing.height, start=start, end=end)


def _with_evidence(rows: pl.DataFrame, held: pl.DataFrame, attached: pl.DataFrame) -> pl.DataFrame:
    if attached.height:
        later = attached.rename({"datum_id": "id", "evidence_id": "later"})
        rows = rows.join(later, on="id", how="left", maintain_order="left")
        rows = rows.with_columns(evidence_id=pl.coalesce("later", "evidence_id")).drop("later")
    files = held.select("evidence_id", evidence="sha256")
    return rows.join(files, on="evidence_id", how="left", maintain_order="left").drop("evidence_id")


def _as_ledger(rows: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    return rows.join(index, on="stream_id", how="left", maintain_order="left").select(
        ("D" + pl.col("id").cast(pl.String)).alias("id"),
        "stream",
        "start",
        "end",
        "amount",
        pl.col("evidence").fill_null(""),
    )


def _named(rows: pl.DataFrame, held: pl.DataFrame) -> dict[str, str]:
    used = held.filter(pl.col("sha256").is_in(rows["evidence"].drop_nulls().unique().implode())).sort("sha256")
    return dict(used.select("sha256", "name").iter_rows())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows a list is of; what is left empty asks for nothing."""

    site: str = ""
    activity: str = ""
    start: date | None = None
    end: date | None = None
    current: bool = False


EVERY = Wanted()


def data(session: Session, actor: Actor, *, after: int = 0, limit: int = 100, wanted: Wanted = EVERY) -> list[Datum]:
    """Return rows behind the id ``after``, replaced ones included unless only current ones are wanted, oldest first."""
    organisation_id = require(actor, "read")
    query = select(datum.c.id).where(datum.c.organisation_id == organisation_id, datum.c.id > after)
    if wanted.site or wanted.activity:
        query = query.where(datum.c.stream_id.in_(_sources(organisation_id, wanted)))
    if wanted.start:
        query = query.where(datum.c.end >= wanted.start)
    if wanted.end:
        query = query.where(datum.c.start <= wanted.end)
    if wanted.current:
        newer = datum.alias("newer")
        replaced_by = select(newer.c.id).where(newer.c.replaces_id == datum.c.id)
        query = query.where(datum.c.amount != WITHDRAWN, ~replaced_by.exists())
    return _shown(session, organisation_id, query.order_by(datum.c.id).limit(limit))


def _sources(organisation_id: int, wanted: Wanted) -> Select[Any]:
    query = select(_stream.c.id).where(_stream.c.organisation_id == organisation_id)
    if wanted.activity:
        query = query.where(_stream.c.activity == wanted.activity)
    if wanted.site:
        own = (_site.c.organisation_id == organisation_id, _site.c.code == wanted.site)
        query = query.where(_stream.c.site_id.in_(select(_site.c.id).where(*own)))
    return query


def show(session: Session, actor: Actor, number: int) -> Datum:
    """Return one row.

    Raises:
        NotFound: the organisation has no such row.
    """
    organisation_id = require(actor, "read")
    condition = (datum.c.organisation_id == organisation_id, datum.c.id == number)
    found = _shown(session, organisation_id, select(datum.c.id).where(*condition))
    if not found:
        raise NotFound(N_("activity datum"), f"D{number}")
    return found[0]


def newest(session: Session, actor: Actor, stream: lca.Stream, start: date, end: date) -> Datum:
    """Return the row of ``stream`` and period that was handed in last.

    Raises:
        NotFound: there is none.
    """
    organisation_id = require(actor, "read")
    own = (_stream.c.organisation_id == organisation_id, _stream.c.fingerprint == streams.fingerprint(stream))
    condition = (datum.c.stream_id == select(_stream.c.id).where(*own).scalar_subquery(), datum.c.start == start)
    query = select(datum.c.id).where(*condition, datum.c.end == end).order_by(datum.c.id.desc()).limit(1)
    found = _shown(session, organisation_id, query)
    if not found:
        raise NotFound(N_("activity datum"), f"{stream.activity} {start}")
    return found[0]


def _shown(session: Session, organisation_id: int, wanted: object) -> list[Datum]:
    numbers: Sequence[int] = list(session.scalars(wanted))  # type: ignore[call-overload]
    rows = session.execute(select(datum).where(datum.c.id.in_(numbers)).order_by(datum.c.id)).all()
    newer = select(datum.c.replaces_id, datum.c.id).where(datum.c.replaces_id.in_(numbers))
    replaced_by = {row.replaces_id: row.id for row in session.execute(newer)}
    files = dict(evidence.names(session, organisation_id).select("evidence_id", "sha256").iter_rows())
    later = dict(evidence.latest(session, organisation_id).iter_rows())
    found = streams.load(session, [row.stream_id for row in rows])
    return [
        Datum(
            id=row.id,
            stream=stream,
            start=row.start,
            end=row.end,
            amount=row.amount,
            evidence=files.get(later.get(row.id, row.evidence_id), ""),
            replaces=row.replaces_id,
            replaced_by=replaced_by.get(row.id),
        )
        for row, stream in zip(rows, found, strict=True)
    ]
