"""What has changed since a moment: so that one corrected row costs its own site and month, not the inventory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session

from lca import ledger as lca
from lca.parts import month_of
from service import bulk, db
from service.accounts.actions import Actor, require
from service.activities.models import DatumEvidence, Site, Stream
from service.activities.store import reading
from service.activities.store.rows import LONGEST, WITHDRAWN, datum

_stream = Stream.__table__  # type: ignore[attr-defined]
_site = Site.__table__  # type: ignore[attr-defined]
_attached = DatumEvidence.__table__  # type: ignore[attr-defined]

Place = tuple[str, str]
"""A site and a month: ``('S1', '2025-03')``, or a year for rows that span months."""

PLACES = {"site": pl.String, "start": pl.Date, "end": pl.Date}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an organisation's activity data had come: its newest row and its newest attachment."""

    datum: int
    attached: int

    def __str__(self) -> str:
        """Write the mark as the cache keeps it."""
        return f"{self.datum}:{self.attached}"

    @classmethod
    def read(cls, text: str) -> Mark:
        """Read what ``str`` wrote."""
        newest, attached = text.split(":")
        return cls(int(newest), int(attached))


def mark(session: Session, actor: Actor) -> Mark:
    """Return how far the activity data have come; whoever is handing in is waited for."""
    organisation_id = require(actor, "read")
    # Ids are taken before a transaction ends: only behind this lock is the newest id the last one so far.
    db.lock(session, f"submit {organisation_id}")
    own, attached = datum.c.organisation_id == organisation_id, _attached.c.organisation_id == organisation_id
    newest = session.scalar(select(func.coalesce(func.max(datum.c.id), 0)).where(own))
    latest = session.scalar(select(func.coalesce(func.max(_attached.c.id), 0)).where(attached))
    return Mark(int(newest or 0), int(latest or 0))


def touched(session: Session, actor: Actor, since: Mark) -> frozenset[Place]:
    """Return the sites and months that have rows newer than ``since``, lost one to a correction, or got evidence."""
    organisation_id = require(actor, "read")
    newer = and_(datum.c.organisation_id == organisation_id, datum.c.id > since.datum)
    gone = select(datum.c.replaces_id).where(newer, datum.c.replaces_id.is_not(None))
    proven = select(_attached.c.datum_id).where(
        _attached.c.organisation_id == organisation_id, _attached.c.id > since.attached
    )
    found: set[Place] = set()
    for condition in (newer, datum.c.id.in_(gone), datum.c.id.in_(proven)):
        frame = bulk.read(session, _places().where(condition).distinct(), PLACES)
        found |= {(site, month) for site, month in frame.select("site", month_of()).iter_rows()}
    return frozenset(found)


def _places() -> Select[tuple[str, date, date]]:
    joined = datum.join(_stream, _stream.c.id == datum.c.stream_id).join(_site, _site.c.id == _stream.c.site_id)
    return select(_site.c.code, datum.c.start, datum.c.end).select_from(joined)


def count(session: Session, actor: Actor, start: date, end: date) -> int:
    """Return how many rows count now between the two days."""
    own = and_(
        datum.c.stream_id.in_(select(_stream.c.id).where(_stream.c.organisation_id == require(actor, "read"))),
        datum.c.start.between(start, end),
    )
    all_rows = session.scalar(select(func.count()).select_from(datum).where(own, datum.c.amount != WITHDRAWN)) or 0
    newer = datum.alias("newer")
    replaced = select(func.count()).select_from(newer.join(datum, datum.c.id == newer.c.replaces_id)).where(own)
    return int(all_rows) - int(session.scalar(replaced) or 0)


def has_crossing(session: Session, actor: Actor, start: date, end: date) -> bool:
    """Tell whether a row lies on both sides of an edge of the period."""
    own = datum.c.stream_id.in_(select(_stream.c.id).where(_stream.c.organisation_id == require(actor, "read")))
    across = or_(
        and_(datum.c.start >= start - LONGEST, datum.c.start < start, datum.c.end >= start),
        and_(datum.c.start.between(start, end), datum.c.end > end),
    )
    return session.scalar(select(datum.c.id).where(own, across).limit(1)) is not None


def rows(session: Session, actor: Actor, frame: lca.Ledger, places: Collection[Place]) -> lca.Ledger:
    """Return ``frame`` with the rows of ``places`` alone (and their sources); nothing else of it changes."""
    organisation_id = require(actor, "read")
    within = or_(*(_window(organisation_id, site, months) for site, months in _by_site(places).items()))
    found = reading.counting(session, organisation_id, select(*reading.COLUMNS).where(within))
    found = found.filter(month_of().is_in(sorted({month for _, month in places})))
    return replace(frame, **reading.sources_and_rows(session, organisation_id, found))


def _by_site(places: Collection[Place]) -> dict[str, list[str]]:
    by_site: dict[str, list[str]] = {}
    for site, month in sorted(places):
        by_site.setdefault(site, []).append(month)
    return by_site


def _window(organisation_id: int, site: str, months: Collection[str]) -> ColumnElement[bool]:
    """The streams of a site, and the days on which rows of these months may begin."""
    joined = _stream.join(_site, _site.c.id == _stream.c.site_id)
    own = select(_stream.c.id).select_from(joined)
    own = own.where(_stream.c.organisation_id == organisation_id, _site.c.code == site)
    first, last = min(months)[:7], max(months)
    begin = date.fromisoformat(f"{first}-01" if len(first) == 7 else f"{first}-01-01")
    until = date(int(last[:4]), 12, 31) if len(last) == 4 else _end_of(last)
    return and_(datum.c.stream_id.in_(own), datum.c.start.between(begin, until))


def _end_of(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1)
