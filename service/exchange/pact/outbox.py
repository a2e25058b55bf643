"""Events on their way: kept with the change that they tell of, tried until they arrive, given up after 72 hours.

    for due in claim(session, now): …            # one transaction: nobody else takes them meanwhile
    settle(session, due.event, outcome, now)     # another one, when the network has answered

No transaction is open while the network is asked. Source of the 72 hours and the exponential pause: OpenAPI 3.0.4,
``RequestFulfilledEvent``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.db import aware
from service.errors import N_, NotFound
from service.exchange.pact import events, partners
from service.exchange.pact.client import Login
from service.exchange.pact.models import ExchangeEvent, Partner

GIVE_UP = timedelta(hours=72)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=8)
AT_ONCE = 20
"""Events taken in one go."""

IN, OUT = "in", "out"
WAITING, DONE, ANSWERED, REJECTED, REFUSED, ABANDONED = (
    "waiting",
    "done",
    "answered",
    "rejected",
    "refused",
    "abandoned",
)
LONGEST_PROBLEM = 500

EVENT = RowKind(
    "pact-event",
    ExchangeEvent.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="pact-event.add",
    changed=("pact-event.move",),
)


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose time has come: one of ours to send, or a partner's whose footprints are to be fetched."""

    event: int
    direction: str
    version: str
    content: Mapping[str, Any]
    login: Login


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: ``problem`` is '' where it arrived; one that is final is not tried again."""

    problem: str = ""
    is_final: bool = False


def add(
    session: Session, actor: Actor, partner: Partner, direction: str, content: Mapping[str, Any], event: events.Event,
    now: datetime, *, is_waiting: bool,
) -> ExchangeEvent:  # fmt: skip
    """Keep an event, in the transaction of what it tells of."""
    row = ExchangeEvent(
        organisation_id=partner.organisation_id,
        partner_id=partner.id or 0,
        direction=direction,
        kind=event.kind,
        version=event.version,
        source=event.source,
        event_id=event.id,
        content=json.dumps(content, ensure_ascii=False),
        state=WAITING if is_waiting else DONE,
        next_try=now if is_waiting else None,
        created=now,
    )
    audit.record_row(session, actor, EVENT, EVENT.made, row, now)
    return row


def post(
    session: Session, actor: Actor, partner: Partner, kind: str, data: Mapping[str, Any], now: datetime, *, source: str
) -> ExchangeEvent:
    """Put an event of ours on its way to a partner, in the version of its host."""
    content = events.build(kind, partner.version, str(uuid.uuid4()), source, now, data)
    event = events.parse(content, partner.version)
    return add(session, actor, partner, OUT, content, event, now, is_waiting=True)


def tell(
    session: Session,
    actor: Actor,
    product: str,
    identifiers: Mapping[str, Sequence[str]],
    now: datetime,
    *,
    source: str,
) -> list[ExchangeEvent]:
    """Tell every partner that may see a product, and has a host, that footprints of it are new or withdrawn.

    ``identifiers`` are those that there are in each version: what is told has to be there.
    """
    return [
        post(session, actor, one, events.PUBLISHED, {"pfIds": list(identifiers[one.version])}, now, source=source)
        for one in partners.partners(session, actor)
        if one.base_url and one.ended is None and partners.sees(one, product) and identifiers[one.version]
    ]


def request(
    session: Session, actor: Actor, code: str, data: Mapping[str, Any], now: datetime, *, source: str
) -> ExchangeEvent:
    """Ask a partner for footprints; its answer comes as an event.

    Raises:
        NotFound: there is no such partner, or it has no host.
        EventInvalid: criteria that cannot be.
    """
    require(actor, "exchange footprints")
    partner = partners.show(session, actor, code)
    if not partner.base_url:
        raise NotFound(N_("host of partner"), code)
    return post(session, actor, partner, events.REQUESTED, data, now, source=source)


def listed(session: Session, actor: Actor, code: str) -> Sequence[ExchangeEvent]:
    """Return the events from and to a partner, newest first.

    Raises:
        NotFound: there is no such partner.
    """
    partner = partners.show(session, actor, code)
    query = select(ExchangeEvent).where(ExchangeEvent.partner_id == partner.id)
    return session.exec(query.order_by(col(ExchangeEvent.id).desc())).all()


def claim(session: Session, now: datetime, at_once: int = AT_ONCE) -> list[Due]:
    """Take what is due, of all organisations; it is due again later, should nobody settle it."""
    query = (
        select(ExchangeEvent)
        .where(ExchangeEvent.state == WAITING, col(ExchangeEvent.next_try) <= now)
        .order_by(col(ExchangeEvent.next_try), col(ExchangeEvent.id))
        .limit(at_once)
        .with_for_update(skip_locked=True)
    )
    found = []
    for row in session.exec(query).all():
        partner = session.get_one(Partner, row.partner_id)
        if partner.ended is not None:
            _move(session, row, REFUSED, None, "the partner has ended", now)
            continue
        if row.attempts and now > aware(row.created) + GIVE_UP:  # taken before, and never settled
            _move(session, row, ABANDONED, None, row.problem, now)
            continue
        row.attempts += 1
        _move(session, row, WAITING, now + pause(row.attempts), row.problem, now)
        found.append(Due(row.id or 0, row.direction, row.version, json.loads(row.content), partners.login(partner)))
    return found


def settle(session: Session, number: int, outcome: Outcome, now: datetime) -> ExchangeEvent:
    """Note what became of an event that was taken; it is given up 72 hours after it was made."""
    row = session.get_one(ExchangeEvent, number)
    if row.state != WAITING:
        return row  # answered or settled by somebody else meanwhile
    problem = outcome.problem[:LONGEST_PROBLEM]
    if not problem:
        _move(session, row, DONE, None, "", now)
    elif outcome.is_final:
        _move(session, row, REFUSED, None, problem, now)
    elif ((row.next_try and aware(row.next_try)) or now) > aware(row.created) + GIVE_UP:
        _move(session, row, ABANDONED, None, problem, now)
    else:
        _move(session, row, WAITING, row.next_try, problem, now)
    return row


def answered(session: Session, partner: Partner, event: events.Event, now: datetime) -> ExchangeEvent | None:
    """Note that a partner answered a request of ours; None where there is none that still wants an answer.

    A request has exactly one answer (3.0, ``RequestFulfilledEvent``): a second one answers nothing.
    """
    row = of_request(session, partner, str(event.data["requestEventId"]))
    if row is None or row.state in (ANSWERED, REJECTED):
        return None
    problem = "" if event.kind == events.FULFILLED else json.dumps(event.data["error"], ensure_ascii=False)
    state = ANSWERED if event.kind == events.FULFILLED else REJECTED
    _move(session, row, state, None, problem[:LONGEST_PROBLEM], now)
    return row


def of_request(session: Session, partner: Partner, event_id: str) -> ExchangeEvent | None:
    """Return the request that we sent to a partner under an id."""
    query = select(ExchangeEvent).where(
        ExchangeEvent.partner_id == partner.id,
        ExchangeEvent.direction == OUT,
        ExchangeEvent.kind == events.REQUESTED,
        ExchangeEvent.event_id == event_id,
    )
    return session.exec(query).first()


def held(session: Session, partner: Partner, event: events.Event) -> ExchangeEvent | None:
    """Return an event that a partner sent before; source and id tell events apart (CloudEvents 1.0)."""
    query = select(ExchangeEvent).where(
        ExchangeEvent.partner_id == partner.id,
        ExchangeEvent.direction == IN,
        ExchangeEvent.source == event.source,
        ExchangeEvent.event_id == event.id,
    )
    return session.exec(query).first()


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: one minute, twice as long each time, eight hours at most."""
    return min(FIRST_PAUSE * float(2 ** min(attempts - 1, 20)), LONGEST_PAUSE)


def _move(
    session: Session, row: ExchangeEvent, state: str, next_try: datetime | None, problem: str, now: datetime
) -> None:
    row.state, row.next_try, row.problem = state, next_try, problem
    audit.record_row(session, machine(row.organisation_id), EVENT, "pact-event.move", row, now)


def machine(organisation_id: int) -> Actor:
    """Return the exchange itself as one who acts for an organisation."""
    return Actor(organisation_id, "pact exchange", frozenset())
