"""The verbs of requests: a footprint is asked of a supplier, who answers by a link that needs no account.

The link is an HMAC of the request under the service's own key: the table holds its digest alone, and it can be shown
and sent again. It is good for one request until it expires, the request is closed, or another link is made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from lca.admission import Asked
from lca.footprint_method import load, methods_of_models
from lca.record_reading import decimal
from service.accounts.actions import Actor, held, require
from service.accounts.people import digest
from service.audit import actions as audit
from service.db import aware
from service.errors import N_, InputInvalid, NotFound, ReasonMissing, ServiceError, Wrong
from service.i18n import Text
from service.suppliers import actions
from service.suppliers.actions import REQUEST
from service.suppliers.models import FootprintRequest, Purchase, Supplier

DAYS_AFTER = 30
"""How long after the deadline a link is still good: a late answer is better than none."""

LONGEST_DAYS = 366
REMINDED_BEFORE = timedelta(days=7)
"""When a supplier is reminded first; then when the deadline is over, then never again by itself."""

MOST_REMINDERS = 2

NO_BOUNDARY = N_("'%(value)s' is no boundary of %(method)s; there are: %(choices)s")
NO_METHOD = N_("'%(value)s' is no method for products; there are: %(choices)s")
NOT_A_DAY = N_("'%(value)s' is no day such as 2026-12-31")
NOT_IN_ORDER = N_("the end lies before the start")
DEADLINE_OUTSIDE = N_("the deadline must lie between tomorrow and a year from now")
NOT_A_PERCENT = N_("'%(value)s' is no number from 0 to 100")


class LinkEnded(ServiceError):
    """Nothing is asked by this link, or not any more: the cases look alike."""

    code = "link-ended"
    message = N_("this link has expired or was withdrawn: ask whoever sent it for another one")
    status = 404


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is asked of a supplier."""

    purchase: str
    method: str
    period_start: str
    period_end: str
    deadline: str
    boundary: str = "cradle_to_gate"
    must_be_verified: bool = False
    least_primary_percent: str = ""
    note: str = ""
    language: str = "zh"


def ask(session: Session, actor: Actor, given: NewRequest, key: str, now: datetime) -> tuple[FootprintRequest, str]:
    """Ask a supplier for a footprint; return the request with the secret of its link.

    Raises:
        NotFound: there is no such purchase.
        InputInvalid: everything wrong with what is asked.
    """
    organisation_id = require(actor, "manage suppliers")
    bought, _ = actions.purchase(session, actor, given.purchase)
    wrong = list(_problems(given, now))
    if wrong:
        raise InputInvalid(wrong)
    deadline = datetime.combine(date.fromisoformat(given.deadline), time(23, 59, 59), UTC)
    row = FootprintRequest(
        organisation_id=organisation_id,
        purchase_id=bought.id or 0,
        method=given.method,
        method_version=load(given.method).version,
        boundary=given.boundary,
        unit=bought.unit,
        period_start=given.period_start,
        period_end=given.period_end,
        must_be_verified=given.must_be_verified,
        least_primary_percent=given.least_primary_percent,
        note=given.note,
        language=given.language,
        deadline=deadline,
        expires=deadline + timedelta(days=DAYS_AFTER),
        token_sha256=hashlib.sha256(f"{organisation_id} {bought.id} {now.isoformat()}".encode()).hexdigest(),
        created=now,
    )
    session.add(row)
    session.flush()  # the link says which request it is of
    row.token_sha256 = digest(token_of(row, key))
    audit.record_row(session, actor, REQUEST, REQUEST.made, row, now)
    return row, token_of(row, key)


def token_of(row: FootprintRequest, key: str) -> str:
    """Return the secret of a request's link."""
    said = f"footprint request {row.id} {row.link} {aware(row.created).isoformat()}"
    made = hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def find(session: Session, token: str, now: datetime) -> FootprintRequest:
    """Return the request of a link.

    Raises:
        LinkEnded: there is none, or it is no longer answered.
    """
    query = select(FootprintRequest).where(FootprintRequest.token_sha256 == digest(token))
    row = session.exec(query).first()
    if row is None or row.closed is not None or aware(row.expires) <= now:
        raise LinkEnded
    return row


def requests(session: Session, actor: Actor, purchase: str = "") -> Sequence[FootprintRequest]:
    """Return what the organisation asked, newest first; of one bought product where it is named."""
    query = select(FootprintRequest).where(FootprintRequest.organisation_id == require(actor, "read"))
    if purchase:
        query = query.where(FootprintRequest.purchase_id == actions.purchase(session, actor, purchase)[0].id)
    return session.exec(query.order_by(col(FootprintRequest.id).desc())).all()


def show(session: Session, actor: Actor, number: int) -> FootprintRequest:
    """Return a request.

    Raises:
        NotFound: the organisation has none of this number.
    """
    return held(session, actor, "read", FootprintRequest, number, N_("request"))


def asked_of(session: Session, organisation_id: int, partner: str, now: datetime) -> list[tuple[FootprintRequest, str]]:
    """Return what an organisation asks of the supplier that is a partner of PACT and what that calls the product.

    Only what may still be answered by its link is there.
    """
    query = (
        select(FootprintRequest, Purchase.their_id)
        .join(Purchase, col(Purchase.id) == FootprintRequest.purchase_id)
        .join(Supplier, col(Supplier.id) == Purchase.supplier_id)
        .where(
            FootprintRequest.organisation_id == organisation_id,
            Supplier.partner == partner,
            col(FootprintRequest.closed).is_(None),
            FootprintRequest.expires > now,
        )
    )
    return list(session.exec(query.order_by(col(FootprintRequest.id))))


def renew(session: Session, actor: Actor, number: int, key: str, now: datetime) -> tuple[FootprintRequest, str]:
    """Make another link of a request that is open; the one before is good no longer.

    Raises:
        NotFound: there is no such request, or it is closed.
    """
    require(actor, "manage suppliers")
    row = _open(session, actor, number)
    row.link += 1
    row.expires = max(aware(row.expires), now + timedelta(days=DAYS_AFTER))
    row.token_sha256 = digest(token_of(row, key))
    audit.record_row(session, actor, REQUEST, "footprint-request.renew", row, now)
    return row, token_of(row, key)


def close(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> FootprintRequest:
    """Ask no longer; the link is good no longer.

    Raises:
        NotFound: there is no such request, or it is closed.
        ReasonMissing: whoever was asked is owed one.
    """
    require(actor, "manage suppliers")
    row = _open(session, actor, number)
    if not reason.strip():
        raise ReasonMissing
    row.closed, row.reason = now, reason.strip()
    audit.record_row(session, actor, REQUEST, "footprint-request.close", row, now)
    return row


def due(session: Session, now: datetime) -> Sequence[FootprintRequest]:
    """Return the open requests, of all organisations, whose supplier is to be reminded: a week before, and after."""
    query = select(FootprintRequest).where(
        col(FootprintRequest.closed).is_(None),
        FootprintRequest.reminders < MOST_REMINDERS,
        FootprintRequest.deadline <= now + REMINDED_BEFORE,
        FootprintRequest.expires > now,
    )
    return [row for row in session.exec(query.order_by(col(FootprintRequest.id))) if _is_due(row, now)]


def note_reminded(session: Session, row: FootprintRequest, now: datetime) -> None:
    """Write down that a supplier was reminded."""
    row.reminders, row.reminded = row.reminders + 1, now
    session.add(row)
    session.flush()


def bought_by(session: Session, row: FootprintRequest) -> tuple[Purchase, Supplier]:
    """Return the product that a request is of, and of whom it is bought."""
    query = select(Purchase, Supplier).join(Supplier, col(Supplier.id) == Purchase.supplier_id)
    return session.exec(query.where(Purchase.id == row.purchase_id)).one()


def asked_by(row: FootprintRequest, bought: Purchase) -> Asked:
    """Return what a request asks, as admission takes it."""
    return Asked(
        unit=row.unit,
        method=load(row.method),
        method_version=row.method_version,
        boundary=row.boundary,
        start=row.period_start,
        end=row.period_end,
        must_be_verified=row.must_be_verified,
        least_primary_percent=row.least_primary_percent,
        material=bought.material,
    )


def _is_due(row: FootprintRequest, now: datetime) -> bool:
    last, deadline = aware(row.reminded) if row.reminded else aware(row.created), aware(row.deadline)
    # Whoever was asked within the last week is reminded when it is over.
    first = deadline - REMINDED_BEFORE
    return (row.reminders == 0 and last < first <= now) or (last < deadline - timedelta(days=1) and deadline <= now)


def _open(session: Session, actor: Actor, number: int) -> FootprintRequest:
    row = show(session, actor, number)
    if row.closed is not None:
        raise NotFound(N_("open request"), number)
    return row


def _problems(given: NewRequest, now: datetime) -> Iterator[Wrong]:
    yield from _of_method(given)
    days = {name: _day(getattr(given, name)) for name in ("period_start", "period_end", "deadline")}
    for name, day in days.items():
        if day is None:
            yield Wrong(name, "not-a-day", Text(NOT_A_DAY, value=getattr(given, name)[:40]))
    start, end, deadline = days.values()
    if start and end and end < start:
        yield Wrong("period_end", "not-in-order", NOT_IN_ORDER)
    if deadline and not now.date() < deadline <= now.date() + timedelta(days=LONGEST_DAYS):
        yield Wrong("deadline", "outside", DEADLINE_OUTSIDE)
    if actions.CONTROL.search("".join(re.split("[\r\n]", given.note))):  # a note may have lines
        yield Wrong("note", "invalid", actions.NOT_A_TEXT)
    least = decimal(given.least_primary_percent) if given.least_primary_percent else None
    if given.least_primary_percent and (least is None or not 0 <= least <= 100):
        text = Text(NOT_A_PERCENT, value=given.least_primary_percent[:40])
        yield Wrong("least_primary_percent", "outside", text)


def _of_method(given: NewRequest) -> Iterator[Wrong]:
    known = {one.id: one for one in methods_of_models()}
    method = known.get(given.method)
    if method is None:
        yield Wrong("method", "not-listed", Text(NO_METHOD, value=given.method[:40], choices=", ".join(known)))
        return
    if given.boundary not in method.boundary.types:
        choices = ", ".join(method.boundary.types)
        text = Text(NO_BOUNDARY, value=given.boundary[:40], method=method.id, choices=choices)
        yield Wrong("boundary", "not-listed", text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
