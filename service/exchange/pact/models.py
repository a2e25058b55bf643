"""The tables of the PACT exchange: what is published, partners, events in and out, what partners sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class PublishedFootprint(SQLModel, table=True):
    """A frozen footprint with what its maker states beside it, as partners may see it; deprecated once, for good."""

    __tablename__ = "pact_footprint"
    __table_args__ = (
        CheckConstraint("status IN ('Active', 'Deprecated')", name="status_is_known"),
        CheckConstraint("status = 'Active' OR reason <> ''", name="deprecated_has_a_reason"),
        Index("ix_pact_footprint_organisation_id_created_id", "organisation_id", "created", "id"),
    )

    id: str = Field(primary_key=True)  # the UUID that partners know it by
    organisation_id: int = Field(foreign_key="organisation.id")
    footprint_id: str = Field(foreign_key="footprint.id")
    product: str
    said: str  # JSON
    document: str  # JSON, version 3, as it was when it was published
    preceding: str  # JSON, UUIDs
    status: str = "Active"
    created: datetime
    deprecated: datetime | None = None
    reason: str = ""


class Partner(SQLModel, table=True):
    """Another party's host: where it is, who we are there, who it is here, and what it may see."""

    __tablename__ = "pact_partner"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        CheckConstraint("version IN ('2', '3')", name="version_is_known"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    code: str
    name: str
    version: str = "3"  # in which events are sent to it
    base_url: str = ""
    auth_url: str = ""  # where it is another than the base
    client_id: str = ""  # who we are at its host
    client_secret: str = ""  # sealed with the key of this installation, see ``service.sealing``
    api_client_id: str | None = Field(default=None, foreign_key="api_client.id", unique=True)  # who it is at ours
    sees: str = "[]"  # JSON, products; "*" for all
    created: datetime
    ended: datetime | None = None
    reason: str = ""  # why it was changed last


class ExchangeEvent(SQLModel, table=True):
    """An event of PACT, in or out, and how far it got."""

    __tablename__ = "pact_event"
    __table_args__ = (
        UniqueConstraint("partner_id", "direction", "source", "event_id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction_is_known"),
        CheckConstraint(
            "state IN ('waiting', 'done', 'answered', 'rejected', 'refused', 'abandoned')", name="state_is_known"
        ),
        CheckConstraint("(state = 'waiting') = (next_try IS NOT NULL)", name="waiting_has_a_time"),
        Index("ix_pact_event_next_try", "next_try"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    partner_id: int = Field(foreign_key="pact_partner.id")
    direction: str
    kind: str
    version: str
    source: str
    event_id: str
    content: str  # JSON, the whole event
    state: str
    attempts: int = 0
    next_try: datetime | None = None
    problem: str = ""  # of the last attempt
    created: datetime


class ReceivedFootprint(SQLModel, table=True):
    """A footprint that a partner sent, word for word, with what is wrong with it; another wording is another row."""

    __tablename__ = "pact_received"
    __table_args__ = (
        UniqueConstraint("partner_id", "pf_id", "sha256"),
        CheckConstraint("length(sha256) = 64", name="sha256_has_64_digits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    partner_id: int = Field(foreign_key="pact_partner.id")
    pf_id: str
    version: str
    status: str
    document: str  # JSON
    sha256: str
    problems: str  # JSON, places and codes
    created: datetime
