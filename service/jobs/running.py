"""What a worker does with a job's row: take it, beat, end it; and what becomes of rows whose worker is gone.

Whoever takes a job gets a ``Ticket``, the number of its attempt on it. Every later word is said with the ticket, and
is refused once the job was given to somebody else: two workers never both finish it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from lca.snapshot import canonical_bytes
from service.accounts.actions import Actor
from service.accounts.standing import still
from service.audit import actions as audit
from service.errors import N_, ServiceError, problem_of
from service.events import actions as events
from service.i18n import LANGUAGES, speaking
from service.jobs.actions import JOB
from service.jobs.kinds import LCI_IMPORT
from service.jobs.models import CANCELLED, DONE, FAILED, OPEN, QUEUED, RUNNING, Job

MOST_ATTEMPTS = 3


class JobLost(ServiceError):
    """A worker that was silent too long: the job is another's, and nothing of this attempt is kept."""

    code = "job-lost"
    message = N_("job %(number)s was given to another worker")
    status = 409

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class JobStopped(ServiceError):
    """Work that was asked to stop."""

    code = "job-stopped"
    message = N_("job %(number)s was stopped")
    status = 409

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class WorkerLost(ServiceError):
    """Work whose workers fell silent each time it was tried."""

    code = "worker-lost"
    message = N_("tried %(attempts)s times, and each time the worker was gone before the end (last: %(worker)s)")
    status = 500

    def __init__(self, attempts: int, worker: str) -> None:
        super().__init__(attempts=attempts, worker=worker)


class WorkBroken(ServiceError):
    """Something nobody expected; the log of the worker has it."""

    code = "work-broken"
    message = N_("something went wrong in the work; it has been written down")
    status = 500


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job in hand: its number and which attempt on it this is."""

    number: int
    attempt: int
    worker: str
    kind: str
    arguments: Mapping[str, Any]
    actor: Actor


@dataclass(frozen=True, slots=True)
class Step:
    """How far work is: what it is doing, how much of it is done, of how much."""

    name: str = ""
    done: int = 0
    total: int = 0


def claim(session: Session, worker: str, now: datetime) -> Ticket | None:
    """Take the job that has waited longest, and no other worker with you; None where none waits.

    Whoever handed it in acts with the roles that he has still.
    """
    query = select(Job).where(Job.state == QUEUED).order_by(col(Job.id)).limit(1)
    # SQLite's only writer is alone; elsewhere a row that another one is taking is passed over.
    job = session.exec(query.with_for_update(skip_locked=True)).first()
    if job is None:
        return None
    job.state, job.worker, job.attempts = RUNNING, worker, job.attempts + 1
    job.started = job.heartbeat = now
    job.step, job.done, job.total = "", 0, 0
    session.add(job)
    session.flush()
    actor = still(session, Actor(job.organisation_id, job.made_by, frozenset(job.roles.split())))
    return Ticket(job.id or 0, job.attempts, worker, job.kind, json.loads(job.arguments), actor)


def beat(session: Session, ticket: Ticket, step: Step, now: datetime) -> bool:
    """Say that the work is going on and how far it is; return whether it is asked to stop.

    Raises:
        JobLost: it was given to another worker.
    """
    job = _mine(session, ticket)
    job.heartbeat = now
    job.step, job.done, job.total = step.name, step.done, step.total
    session.add(job)
    return job.stop_asked


def finish(session: Session, ticket: Ticket, result: Mapping[str, Any], now: datetime) -> None:
    """Write down the result, in the transaction of what the work left behind: both are kept or neither.

    Raises:
        JobLost: it was given to another worker.
        JobStopped: somebody asked it to stop.
    """
    job = _mine(session, ticket, ends=True)
    if job.stop_asked:
        raise JobStopped(ticket.number)
    job.result = canonical_bytes(dict(result)).decode()
    _end(session, ticket.actor, job, DONE, now)


def fail(session: Session, ticket: Ticket, error: Exception, now: datetime) -> None:
    """Write down why there is no result.

    Raises:
        JobLost: it was given to another worker.
    """
    job = _mine(session, ticket, ends=True)
    job.error = _told(error)
    _end(session, ticket.actor, job, FAILED, now)


def stopped(session: Session, ticket: Ticket, now: datetime) -> None:
    """Write down that the work stopped as it was asked to.

    Raises:
        JobLost: it was given to another worker.
    """
    _end(session, ticket.actor, _mine(session, ticket, ends=True), CANCELLED, now)


def give_back(session: Session, ticket: Ticket) -> None:
    """Let the work wait again: its worker is told to go, which is no failure of the work.

    Raises:
        JobLost: it was given to another worker.
    """
    job = _mine(session, ticket)
    job.state, job.attempts = QUEUED, job.attempts - 1
    session.add(job)


def sweep(session: Session, silent: timedelta, now: datetime) -> int:
    """Let work whose worker has been ``silent`` wait again, or end it after the last attempt; return how much."""
    query = select(Job).where(Job.state == RUNNING, col(Job.heartbeat) < now - silent)
    if session.exec(query.limit(1)).first() is None:
        return 0
    audit.queue_up(session)
    query = query.execution_options(populate_existing=True)
    found = session.exec(query.order_by(col(Job.id)).with_for_update(skip_locked=True)).all()
    for job in found:
        actor = Actor(job.organisation_id, job.made_by, frozenset())
        if job.stop_asked:
            _end(session, actor, job, CANCELLED, now)
        elif job.attempts >= MOST_ATTEMPTS:
            job.error = _told(WorkerLost(job.attempts, job.worker))
            _end(session, actor, job, FAILED, now)
        else:
            job.state = QUEUED
            session.add(job)
    return len(found)


def needed_files(session: Session) -> frozenset[str]:
    """Return the SHA-256 of the files that work needs which waits or is being done."""
    query = select(Job.arguments).where(Job.kind == LCI_IMPORT, col(Job.state).in_(OPEN))
    return frozenset(json.loads(arguments)["file_sha256"] for arguments in session.exec(query))


def _mine(session: Session, ticket: Ticket, *, ends: bool = False) -> Job:
    if ends:
        # Whoever locks log and job locks the log first: two who wait for each other would both be refused.
        audit.queue_up(session)
    query = select(Job).where(Job.id == ticket.number).with_for_update().execution_options(populate_existing=True)
    job = session.exec(query).one()
    if (job.state, job.attempts, job.worker) != (RUNNING, ticket.attempt, ticket.worker):
        raise JobLost(ticket.number)
    return job


def _end(session: Session, actor: Actor, job: Job, state: str, now: datetime) -> None:
    job.state, job.ended = state, now
    session.add(job)
    session.flush()
    told = {"job": job.id, "kind": job.kind, "state": state}
    events.record(session, actor, events.JOB_ENDED, f"job {job.id}", told, now)
    audit.record_row(session, actor, JOB, "job.end", job, now)


def _told(error: Exception) -> str:
    """Return an error as its problem in every language: who reads it is not known yet."""
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = problem_of(error)
    return json.dumps(said, ensure_ascii=False)
