"""The tables of suppliers, what is bought of them, requests for footprints and the answers to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class Supplier(SQLModel, table=True):
    """Somebody whom the organisation buys of."""

    __tablename__ = "supplier"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    code: str
    name_zh: str
    name_en: str = ""
    email: str = ""
    contact: str = ""
    partner: str = ""  # code of the PACT partner that it is
    created: datetime
    ended: datetime | None = None
    reason: str = ""  # why it was changed last


class Purchase(SQLModel, table=True):
    """A product that is bought of one supplier."""

    __tablename__ = "purchase"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    supplier_id: int = Field(foreign_key="supplier.id", index=True)
    code: str
    name_zh: str
    name_en: str = ""
    unit: str  # that footprints are asked per
    material: str = ""  # of the library's plausible ranges
    their_id: str = ""  # what the supplier calls it
    yearly_amount: str = ""
    created: datetime
    ended: datetime | None = None
    reason: str = ""


class FootprintRequest(SQLModel, table=True):
    """A footprint asked of a supplier: of what, by which method, for which period, until when."""

    __tablename__ = "footprint_request"
    __table_args__ = (
        CheckConstraint("length(token_sha256) = 64", name="sha256_has_64_digits"),
        CheckConstraint("language IN ('zh', 'en')", name="language_is_known"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    purchase_id: int = Field(foreign_key="purchase.id", index=True)
    method: str
    method_version: str
    boundary: str
    unit: str
    period_start: str  # ISO dates, both in the period
    period_end: str
    must_be_verified: bool = False
    least_primary_percent: str = ""
    note: str = ""
    language: str = "zh"
    deadline: datetime
    expires: datetime  # of the link
    link: int = 1  # how many times another link was made
    token_sha256: str = Field(unique=True)
    reminders: int = 0
    reminded: datetime | None = None
    created: datetime
    closed: datetime | None = None
    reason: str = ""


class Answer(SQLModel, table=True):
    """What a supplier answered, word for word, and what was decided of it, once."""

    __tablename__ = "footprint_answer"
    __table_args__ = (
        CheckConstraint("way IN ('form', 'file', 'member', 'pact')", name="way_is_known"),
        CheckConstraint("state IN ('received', 'accepted', 'rejected', 'replaced')", name="state_is_known"),
        CheckConstraint("(state = 'received') = (decided IS NULL)", name="decided_has_a_time"),
        CheckConstraint("(state = 'accepted') = (accepted_id IS NOT NULL)", name="accepted_has_a_footprint"),
        CheckConstraint("state <> 'rejected' OR reason <> ''", name="rejected_has_a_reason"),
        CheckConstraint("length(document_sha256) = 64", name="sha256_has_64_digits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    request_id: int = Field(foreign_key="footprint_request.id", index=True)
    way: str
    answered_by: str
    file_name: str = ""
    document_sha256: str  # of what was sent, kept under it
    offered: str  # JSON: the footprint, masses of gases, version of the method
    findings: str  # JSON
    from_organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    from_footprint: str = ""  # id and digest of the snapshot in the supplier's own room
    from_snapshot_sha: str = ""
    created: datetime
    state: str = "received"
    decided: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    checks: str = ""  # JSON, as they were when it was decided
    accepted_id: int | None = Field(default=None, foreign_key="accepted_footprint.id")
