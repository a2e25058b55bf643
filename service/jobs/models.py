"""The table of long work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
OPEN, ENDED = (QUEUED, RUNNING), (DONE, FAILED, CANCELLED)


class Job(SQLModel, table=True):
    """One piece of long work. What was asked for never changes, and what has ended never begins again.

    A queue only wakes workers: this row is all that is known of the work, and enough to begin it anew.
    ``worker`` and ``attempts`` name who has it in hand: whoever lost it can write nothing more.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state_is_known"),
        CheckConstraint("(state = 'done') = (result <> '')", name="done_has_a_result"),
        CheckConstraint("(state = 'failed') = (error <> '')", name="failed_has_a_reason"),
        CheckConstraint("length(arguments_sha256) = 64", name="sha256_has_64_digits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    kind: str
    arguments: str  # canonical JSON
    arguments_sha256: str
    key: str | None = None  # what whoever hands it in calls it, so that it is not done twice
    made_by: str
    roles: str  # of whoever handed it in, with a blank between them
    created: datetime
    state: str = Field(default=QUEUED, index=True)
    stop_asked: bool = False
    attempts: int = 0
    worker: str = ""
    heartbeat: datetime | None = None
    started: datetime | None = None
    step: str = ""
    done: int = 0
    total: int = 0
    result: str = ""  # canonical JSON
    error: str = ""  # JSON: a problem in each language
    ended: datetime | None = None
