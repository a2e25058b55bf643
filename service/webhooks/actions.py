"""The verbs of webhooks: write an address down, list, switch off and on, look at what was told, tell it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service import db
from service.accounts.actions import Actor, held, require
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.errors import N_, InputInvalid, NotFound, ServiceError, Wrong
from service.events import actions as events
from service.i18n import Text
from service.outside import Outside
from service.sealing import Seal
from service.webhooks import signing
from service.webhooks.models import PENDING, Delivery, Webhook

MOST = 20

WEBHOOK = RowKind(
    "webhook",
    Webhook.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="webhook.create",
    changed=("webhook.switch",),
)
AUDITED: tuple[Kind, ...] = (WEBHOOK,)
"""What the audit log holds entries of."""

UNKNOWN_KIND = N_("'%(value)s' is none of: %(choices)s")


class TooManyWebhooks(ServiceError):
    """More addresses than one event should be sent to."""

    code = "too-many-webhooks"
    message = N_("there are %(most)s webhooks already: switch one off that is not needed")
    status = 409

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """Where an organisation wants to be told, and of what."""

    url: str
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True)
class Made:
    """A new webhook with its secret, which is told this once."""

    webhook: Webhook
    secret: str


def create(session: Session, actor: Actor, given: NewWebhook, seal: Seal, outside: Outside, now: datetime) -> Made:
    """Write an address down and make its secret.

    Raises:
        NotAllowed: the roles do not cover it.
        InputInvalid: an address that nothing is sent to, or events that there are not.
        TooManyWebhooks: the organisation has as many as it may.
    """
    organisation_id = require(actor, "manage webhooks")
    outside.check(given.url)
    unknown = [kind for kind in given.kinds if kind not in events.KINDS]
    if unknown or not given.kinds:
        text = Text(UNKNOWN_KIND, value=", ".join(unknown), choices=", ".join(events.KINDS))
        raise InputInvalid([Wrong("kinds", "not-listed", text)])
    db.lock(session, f"webhooks {organisation_id}")
    if sum(row.active for row in webhooks(session, actor)) >= MOST:
        raise TooManyWebhooks(MOST)
    secret = signing.new_secret()
    row = Webhook(
        organisation_id=organisation_id,
        url=given.url,
        secret=seal.sealed(secret),
        kinds=" ".join(kind for kind in events.KINDS if kind in given.kinds),
        made_by=actor.name,
        created=now,
    )
    audit.record_row(session, actor, WEBHOOK, WEBHOOK.made, row, now)
    return Made(row, signing.written(secret))


def webhooks(session: Session, actor: Actor) -> Sequence[Webhook]:
    """Return the organisation's webhooks.

    Raises:
        NotAllowed: an address may hold what only an owner should know.
    """
    query = select(Webhook).where(Webhook.organisation_id == require(actor, "manage webhooks"))
    return session.exec(query.order_by(col(Webhook.id))).all()


def show(session: Session, actor: Actor, number: int) -> Webhook:
    """Return one webhook.

    Raises:
        NotFound: the organisation has none of this number.
    """
    return held(session, actor, "manage webhooks", Webhook, number, N_("webhook"))


def switch(
    session: Session, actor: Actor, number: int, now: datetime, *, active: bool, expected: frozenset[str] = frozenset()
) -> Webhook:
    """Switch a webhook off or on; what waits for it waits until it is on again.

    Raises:
        ChangedMeanwhile: it is no longer as ``expected``.
    """
    db.lock(session, f"webhooks {require(actor, 'manage webhooks')}")
    row = show(session, actor, number)
    audit.refuse_changed(session, actor, WEBHOOK, row, expected)
    if row.active != active:
        row.active = active
        audit.record_row(session, actor, WEBHOOK, "webhook.switch", row, now)
    return row


def deliveries(session: Session, actor: Actor, number: int, *, after: int = 0, limit: int = 100) -> Sequence[Delivery]:
    """Return what a webhook was told, newest first, behind delivery ``after``."""
    query = select(Delivery).where(Delivery.webhook_id == show(session, actor, number).id)
    if after:
        query = query.where(col(Delivery.id) < after)
    return session.exec(query.order_by(col(Delivery.id).desc()).limit(limit)).all()


def replay(session: Session, actor: Actor, number: int, delivery: int, now: datetime) -> Delivery:
    """Tell an event again, under the same id: a receiver that has it already can see that.

    Raises:
        NotFound: the webhook has no such delivery.
    """
    show(session, actor, number)
    row = session.get(Delivery, delivery)
    if row is None or row.webhook_id != number:
        raise NotFound(N_("delivery"), delivery)
    row.state, row.tries, row.next_try = PENDING, 0, now
    session.add(row)
    session.flush()
    audit.record(session, actor, "webhook.replay", f"delivery {row.id}", {"message": row.message}, now)
    return row
