"""The verbs of long work: hand in, list, show, stop. What a worker does with it stands in ``running``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from lca.snapshot import canonical_bytes
from service import db
from service.accounts.actions import Actor, held, require
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.errors import N_, ServiceError
from service.jobs.kinds import kind_of
from service.jobs.models import CANCELLED, ENDED, OPEN, QUEUED, Job

JOB = RowKind(
    "job",
    Job.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="job.hand_in",
    changed=("job.end", "job.stop"),
    restless=frozenset({"state", "stop_asked", "attempts", "worker", "heartbeat", "started", "step", "done", "total"}),
)
AUDITED: tuple[Kind, ...] = (JOB,)
"""What the audit log holds entries of."""


class KeyUsed(ServiceError):
    """An idempotency key that stands for other work already."""

    code = "key-used"
    message = N_("the key '%(key)s' was used for other work (job %(number)s): choose another")
    status = 409

    def __init__(self, key: str, number: int) -> None:
        super().__init__(key=key, number=number)


class JobEnded(ServiceError):
    """Work that has ended and cannot be stopped any more."""

    code = "job-ended"
    message = N_("job %(number)s has ended already: %(state)s")
    status = 409

    def __init__(self, number: int, state: str) -> None:
        super().__init__(number=number, state=state)


def hand_in(
    session: Session, actor: Actor, kind: str, arguments: Mapping[str, Any], now: datetime, *, key: str = ""
) -> Job:
    """Put down work to be done, and return it; the same work under the same key is the job that is there already.

    Without a key, the same work that waits or is being done is the same job; what has ended may be done again.

    Raises:
        NotAllowed: the roles do not cover what is to be done.
        NotFound: no such kind of work.
        KeyUsed: the key stands for other work.
    """
    organisation_id = require(actor, kind_of(kind).verb)
    db.lock(session, f"jobs {organisation_id}")
    content = canonical_bytes(dict(arguments))
    digest = hashlib.sha256(content).hexdigest()
    earlier = _handed_in(session, organisation_id, kind, digest, key)
    if earlier is not None:
        if (earlier.kind, earlier.arguments_sha256) != (kind, digest):
            raise KeyUsed(key, earlier.id or 0)
        return earlier
    row = Job(
        organisation_id=organisation_id,
        kind=kind,
        arguments=content.decode(),
        arguments_sha256=digest,
        key=key or None,
        made_by=actor.name,
        roles=" ".join(sorted(actor.roles)),
        created=now,
    )
    audit.record_row(session, actor, JOB, JOB.made, row, now)
    return row


def _handed_in(session: Session, organisation_id: int, kind: str, digest: str, key: str) -> Job | None:
    own = select(Job).where(Job.organisation_id == organisation_id)
    if key:
        return session.exec(own.where(Job.key == key)).first()
    same = own.where(Job.kind == kind, Job.arguments_sha256 == digest, col(Job.state).in_(OPEN))
    return session.exec(same.where(col(Job.stop_asked).is_(False))).first()


def jobs(
    session: Session, actor: Actor, *, state: str = "", kind: str = "", after: int = 0, limit: int = 100
) -> Sequence[Job]:
    """Return the organisation's jobs behind ``after`` counted from the newest, of one state and kind if named."""
    query = select(Job).where(Job.organisation_id == require(actor, "read"))
    if state:
        query = query.where(Job.state == state)
    if kind:
        query = query.where(Job.kind == kind)
    if after:
        query = query.where(col(Job.id) < after)
    # Results may be long, and a list shows none.
    query = query.options(defer(Job.result))  # type: ignore[arg-type]
    return session.exec(query.order_by(col(Job.id).desc()).limit(limit)).all()


def show(session: Session, actor: Actor, number: int) -> Job:
    """Return one job.

    Raises:
        NotFound: the organisation has none of this number.
    """
    return held(session, actor, "read", Job, number, N_("job"))


def cancel(session: Session, actor: Actor, number: int, now: datetime) -> Job:
    """Stop a job: at once where it waits, at its next step where it is being done.

    Raises:
        NotAllowed: the roles do not cover what it does.
        NotFound: the organisation has none of this number.
        JobEnded: there is nothing left to stop.
    """
    show(session, actor, number)
    # In the order of a worker that has written its results: the log first, then the job.
    audit.queue_up(session)
    row = session.exec(select(Job).where(Job.id == number).with_for_update().execution_options(populate_existing=True))
    job = row.one()
    require(actor, kind_of(job.kind).verb)
    if job.state in ENDED:
        raise JobEnded(number, job.state)
    if job.stop_asked:
        return job
    job.stop_asked = True
    if job.state == QUEUED:
        job.state, job.ended = CANCELLED, now
    audit.record_row(session, actor, JOB, "job.stop", job, now)
    return job
