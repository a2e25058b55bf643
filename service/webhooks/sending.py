"""Telling: every event becomes a delivery for each webhook that asked for it, and is tried until it is taken.

Nothing is sent inside a transaction. Whoever sends has noted before that it is being tried, and by when another may
try again: a worker that dies in between costs a second telling under the same id, never a lost one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from lca.snapshot import canonical_bytes
from service import db, logs
from service.errors import N_, InputInvalid, ServiceError, Wrong
from service.events.models import Event
from service.outside import Answer, Post, Unreachable
from service.sealing import Seal, SecretUnreadable
from service.webhooks import signing
from service.webhooks.models import DELIVERED, GIVEN_UP, PENDING, Delivery, Webhook

PORTION = 200
MOST_TRIES = 9
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=12)
# Longer than any answer may take: until then nobody else tries.
LEASE = timedelta(minutes=2)
KEPT_ANSWER = 200

OF_ANOTHER = N_("it belongs to another organisation than its webhook or its event")

log = logs.get("tanji.webhooks")


@dataclass(frozen=True, slots=True)
class Errand:
    """One try of a delivery, with all that it takes: nothing is read any more while it is on its way."""

    delivery: int
    attempt: int
    tries: int
    message: str
    webhook: int
    url: str
    sealed: str
    body: bytes


def dispatch(session: Session, now: datetime) -> int:
    """Note for every new event whom to tell; return how many there were."""
    query = select(Event).where(col(Event.dispatched).is_(None)).order_by(col(Event.id)).limit(PORTION)
    found = session.exec(query.with_for_update(skip_locked=True)).all()
    for event in found:
        asked = select(Webhook).where(Webhook.organisation_id == event.organisation_id, col(Webhook.active))
        for webhook in session.exec(asked):
            if event.kind in webhook.kinds.split():
                session.add(_delivery(event, webhook, now))
        event.dispatched = now
        session.add(event)
    return len(found)


def _delivery(event: Event, webhook: Webhook, now: datetime) -> Delivery:
    return Delivery(
        organisation_id=event.organisation_id,
        webhook_id=webhook.id or 0,
        event_id=event.id or 0,
        message=f"msg_{secrets.token_hex(16)}",
        created=now,
        next_try=now,
    )


def take(session: Session, now: datetime) -> Errand | None:
    """Take the delivery that is due longest, and nobody else with you; None where nothing is due."""
    due = (Delivery.state == PENDING, col(Delivery.next_try) <= now, col(Webhook.active))
    query = select(Delivery, Webhook, Event).where(
        *due, Delivery.webhook_id == Webhook.id, Delivery.event_id == Event.id
    )
    query = query.order_by(col(Delivery.next_try), col(Delivery.id)).limit(1)
    found = session.exec(query.with_for_update(skip_locked=True, of=Delivery)).first()
    if found is None:
        return None
    delivery, webhook, event = found
    delivery.attempts, delivery.tries = delivery.attempts + 1, delivery.tries + 1
    delivery.last_try, delivery.next_try = now, now + LEASE
    session.add(delivery)
    session.flush()
    return Errand(
        delivery=delivery.id or 0,
        attempt=delivery.attempts,
        tries=delivery.tries,
        message=delivery.message,
        webhook=webhook.id or 0,
        url=webhook.url,
        sealed=webhook.secret,
        body=body_of(event),
    )


def body_of(event: Event) -> bytes:
    """Return what is told of an event: the same bytes at every try."""
    created = db.aware(event.created).astimezone(UTC)
    said = {"type": event.kind, "timestamp": created.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    # The payload is canonical already, and stands in the body as it was recorded.
    return canonical_bytes(said)[:-1] + b',"data":' + event.payload.encode() + b"}"


def note(session: Session, errand: Errand, answer: Answer | ServiceError, wait: timedelta, now: datetime) -> None:
    """Write down what came of a try; where another one has tried meanwhile, that one's word counts."""
    query = select(Delivery).where(Delivery.id == errand.delivery).with_for_update()
    row = session.exec(query.execution_options(populate_existing=True)).one()
    if row.attempts != errand.attempt or row.state != PENDING:
        return
    row.last_status = answer.status if isinstance(answer, Answer) else None
    row.last_answer = (answer.body if isinstance(answer, Answer) else str(answer))[:KEPT_ANSWER].replace("\x00", "")
    if isinstance(answer, Answer) and 200 <= answer.status < 300:
        row.state, row.next_try = DELIVERED, None
    elif row.tries >= MOST_TRIES:
        row.state, row.next_try = GIVEN_UP, None
    else:
        row.next_try = now + wait
    session.add(row)
    if isinstance(answer, Unreachable):
        _spare(session, errand, now + FIRST_WAIT)


def _spare(session: Session, errand: Errand, until: datetime) -> None:
    """Leave a receiver in peace that does not answer: what else waits for it does not hold up the others' news."""
    waits = (
        col(Delivery.webhook_id) == errand.webhook,
        col(Delivery.state) == PENDING,
        col(Delivery.id) != errand.delivery,
        col(Delivery.next_try) < until,
    )
    session.execute(update(Delivery).where(*waits).values(next_try=until))


def wait_after(tries: int, chance: float) -> timedelta:
    """Return how long to wait after so many tries: four times as long each time, give or take half.

    ``chance`` lies between 0 and 1. Without it all receivers that were away would be tried at the same moment.
    """
    seconds = min(FIRST_WAIT.total_seconds() * 4 ** (tries - 1), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds * (0.5 + chance))


class Teller:
    """Tells what is due, one delivery after the other."""

    def __init__(
        self,
        database: db.Database,
        seal: Seal,
        post: Post,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self.database, self.seal, self.post = database, seal, post
        self.clock, self.chance = clock, chance

    def tell(self) -> int:
        """Note whom to tell of what is new, then tell all that is due; return how much was tried."""
        while self._dispatched():
            pass
        return sum(1 for _ in self._tried())

    def _dispatched(self) -> int:
        with self.database.session(write=True) as session:
            return dispatch(session, self.clock())

    def _tried(self) -> Iterator[Errand]:
        while (errand := self._taken()) is not None:
            answer = self._answer(errand)
            with self.database.session(write=True) as session:
                note(session, errand, answer, wait_after(errand.tries, self.chance()), self.clock())
            status = answer.status if isinstance(answer, Answer) else answer.code
            log.info("told", delivery=errand.delivery, webhook=errand.webhook, attempt=errand.attempt, answer=status)
            yield errand

    def _taken(self) -> Errand | None:
        with self.database.session(write=True) as session:
            return take(session, self.clock())

    def _answer(self, errand: Errand) -> Answer | ServiceError:
        try:
            secret = self.seal.opened(errand.sealed, errand.webhook)
            signed = signing.headers(secret, errand.message, errand.body, self.clock())
            return self.post(errand.url, errand.body, {**signed, "Content-Type": "application/json"})
        except (Unreachable, InputInvalid, SecretUnreadable) as error:
            return error


# --- what fsck asks ------------------------------------------------------------------------------


def problems(session: Session) -> Iterator[Wrong]:
    """Yield every delivery that tells one organisation what happened in another."""
    query: Any = select(Delivery.id).where(
        Delivery.webhook_id == Webhook.id,
        Delivery.event_id == Event.id,
        (Webhook.organisation_id != Event.organisation_id) | (Delivery.organisation_id != Event.organisation_id),
    )
    for number in session.exec(query):
        yield Wrong(f"delivery {number}", "delivery-differs", OF_ANOTHER)
