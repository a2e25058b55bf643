"""The tables of who wants to be told, and of every telling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"


class Webhook(SQLModel, table=True):
    """An address that an organisation wants to be told at, and of what."""

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint("kinds <> ''", name="wants_something"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    url: str
    secret: str  # sealed with the key of this installation, see ``service.sealing``
    kinds: str  # of events, with a blank between them
    active: bool = True
    made_by: str
    created: datetime


class Delivery(SQLModel, table=True):
    """One event for one webhook: tried until it is taken or given up, and again when an owner asks."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        CheckConstraint("state IN ('pending', 'delivered', 'given_up')", name="state_is_known"),
        CheckConstraint("(state = 'pending') = (next_try IS NOT NULL)", name="pending_is_due"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    webhook_id: int = Field(foreign_key="webhook.id")
    event_id: int = Field(foreign_key="event.id")
    message: str = Field(unique=True)  # the ``webhook-id`` of every attempt
    created: datetime
    state: str = Field(default=PENDING, index=True)
    attempts: int = 0
    tries: int = 0  # since it was made or last asked for again
    next_try: datetime | None = None
    last_try: datetime | None = None
    last_status: int | None = None  # of HTTP
    last_answer: str = ""  # its first characters, or why there was none
