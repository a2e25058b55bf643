"""The table of what happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class Event(SQLModel, table=True):
    """One thing that happened for an organisation. Frozen but for the time at which those who asked were noted down."""

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("length(payload_sha256) = 64", name="sha256_has_64_digits"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    kind: str
    subject: str
    payload: str  # canonical JSON
    payload_sha256: str
    created: datetime
    dispatched: datetime | None = None
