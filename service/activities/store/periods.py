"""Closed periods: nothing in them changes until they are reopened with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
from sqlmodel import Session, col, select

from service import db
from service.accounts.actions import Actor, require
from service.activities.models import ClosedPeriod
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.errors import N_, SHOWN, CodeTaken, InputInvalid, NotFound, PeriodClosed, ReasonMissing, Wrong
from service.i18n import Text

IN_CLOSED = N_("%(start)s to %(end)s lies in the period %(closed_start)s to %(closed_end)s, which is closed")
END_BEFORE_START = N_("the end lies before the start")

PERIOD = RowKind(
    "period",
    ClosedPeriod.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="period.close",
    changed=("period.reopen",),
)


def closed_periods(session: Session, actor: Actor) -> Sequence[ClosedPeriod]:
    """Return the periods that are closed now, earliest first."""
    return _closed(session, require(actor, "read"))


def close_period(session: Session, actor: Actor, start: date, end: date, now: datetime) -> ClosedPeriod:
    """Close the days from ``start`` to ``end``, both included.

    Raises:
        InputInvalid: the end lies before the start.
        CodeTaken: the very same period is closed.
    """
    organisation_id = require(actor, "close periods")
    if end < start:
        raise InputInvalid([Wrong("end", "period-order", Text(END_BEFORE_START))])
    db.lock(session, f"submit {organisation_id}")
    if any((period.start, period.end) == (start, end) for period in _closed(session, organisation_id)):
        raise CodeTaken(N_("closed period"), f"{start}/{end}")
    row = ClosedPeriod(organisation_id=organisation_id, start=start, end=end, created=now, actor=actor.name)
    audit.record_row(session, actor, PERIOD, "period.close", row, now)
    return row


def reopen_period(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> ClosedPeriod:
    """Open a closed period again.

    Raises:
        ReasonMissing: no reason given.
        NotFound: the organisation has no closed period of this number.
    """
    organisation_id = require(actor, "reopen periods")
    if not reason.strip():
        raise ReasonMissing
    row = session.get(ClosedPeriod, number)
    if row is None or row.organisation_id != organisation_id or row.reopened is not None:
        raise NotFound(N_("closed period"), number)
    row.reopened, row.reason = now, reason.strip()
    audit.record_row(session, actor, PERIOD, "period.reopen", row, now)
    return row


def refuse_closed(session: Session, organisation_id: int, rows: pl.DataFrame) -> None:
    """Raise if any of ``rows`` (row, start, end) lies wholly or partly in a closed period.

    Raises:
        PeriodClosed: names the rows.
    """
    for period in _closed(session, organisation_id):
        inside = rows.filter((pl.col("start") <= period.end) & (pl.col("end") >= period.start))
        if inside.is_empty():
            continue
        wrong = [
            Wrong(f"row {row}", "period-closed", _inside(period, start, end))
            for row, start, end in inside.head(SHOWN).select("row", "start", "end").iter_rows()
        ]
        raise PeriodClosed(wrong, start=period.start, end=period.end)


def _inside(period: ClosedPeriod, start: date, end: date) -> Text:
    return Text(IN_CLOSED, start=start, end=end, closed_start=period.start, closed_end=period.end)


def _closed(session: Session, organisation_id: int) -> Sequence[ClosedPeriod]:
    condition = (ClosedPeriod.organisation_id == organisation_id, col(ClosedPeriod.reopened).is_(None))
    return session.exec(select(ClosedPeriod).where(*condition).order_by(col(ClosedPeriod.start))).all()
