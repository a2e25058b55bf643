"""A worker: takes a job, beats while it works, ends it; looks after those whose worker is gone.

The work runs in the worker's own thread; beside it a heart beats in another. Every beat writes that the work goes on
and how far it is, and brings back whether somebody wants it to stop or has given it away: the next progress ends it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from factors.errors import FactorsError
from lca.errors import LcaError
from service import logs
from service.accounts.actions import require
from service.accounts.standing import still
from service.errors import ServiceError
from service.jobs import running
from service.jobs.kinds import Tools, clear, kind_of
from service.jobs.running import JobLost, JobStopped, Step, Ticket, WorkBroken

log = logs.get("tanji.jobs")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a heart beats, and after what silence a worker is taken to be gone; in seconds."""

    beat: float = 2.0
    silent: float = 30.0


class Worker:
    """Does jobs one after the other."""

    def __init__(self, tools: Tools, name: str, pace: Pace = Pace()) -> None:
        self.tools = tools
        self.name = name
        self.pace = pace

    def tend(self) -> int:
        """Sweep, then do jobs until none waits; return how many."""
        self.sweep()
        count = 0
        while self.work_one():
            count += 1
        return count

    def sweep(self) -> int:
        """Take care of the jobs of workers that fell silent, and of files no work needs; return how many jobs."""
        tools = self.tools
        with tools.database.session(write=True) as session:
            count = running.sweep(session, timedelta(seconds=self.pace.silent), tools.clock())
            needed = running.needed_files(session)
        clear(tools.settings, needed, tools.clock())
        return count

    def work_one(self) -> bool:
        """Do the job that has waited longest; return whether there was one."""
        with self.tools.database.session(write=True) as session:
            ticket = running.claim(session, self.name, self.tools.clock())
        if ticket is None:
            return False
        said = {"job": ticket.number, "kind": ticket.kind, "attempt": ticket.attempt, "worker": self.name}
        log.info("job begun", **said)
        try:
            self._do(ticket)
            log.info("job ended", **said)
        except JobLost:
            log.warning("job lost", **said)
        return True

    def _do(self, ticket: Ticket) -> None:
        try:
            with self._beating(ticket) as heart:
                self._work(ticket, heart)
        except JobLost:
            raise
        except OperationalError:
            # The database is the matter, not the work: whoever sweeps next lets it be tried again.
            log.warning("database", job=ticket.number)
            raise
        except JobStopped:
            with self.tools.database.session(write=True) as session:
                running.stopped(session, ticket, self.tools.clock())
        except (ServiceError, LcaError, FactorsError) as error:
            self._fail(ticket, error)
        except Exception:
            # Whatever a kind raises is the end of its job, not of the worker.
            log.exception("work broken", job=ticket.number)
            self._fail(ticket, WorkBroken())
        except BaseException:
            # Told to go: the work need not wait until the silence is noticed.
            with self.tools.database.session(write=True) as session:
                running.give_back(session, ticket)
            raise

    def _work(self, ticket: Ticket, heart: _Heart) -> None:
        tools, kind = replace(self.tools, progress=heart.progress), kind_of(ticket.kind)
        require(ticket.actor, kind.verb)
        found: Any = kind.work(tools, ticket.actor, ticket.arguments)
        heart.listen()
        with self.tools.database.session(write=True) as session:
            actor = still(session, ticket.actor)
            require(actor, kind.verb)
            result = kind.conclude(session, tools, actor, ticket.arguments, found)
            running.finish(session, ticket, result, self.tools.clock())

    def _fail(self, ticket: Ticket, error: Exception) -> None:
        with self.tools.database.session(write=True) as session:
            running.fail(session, ticket, error, self.tools.clock())

    @contextmanager
    def _beating(self, ticket: Ticket) -> Iterator[_Heart]:
        heart = _Heart(self.tools, ticket, self.pace.beat)
        heart.start()
        try:
            yield heart
        finally:
            heart.rest()


class _Heart(threading.Thread):
    """Beats for one job."""

    def __init__(self, tools: Tools, ticket: Ticket, seconds: float) -> None:
        super().__init__(name=f"heart of job {ticket.number}", daemon=True)
        self._tools, self._ticket, self._seconds = tools, ticket, seconds
        self._resting = threading.Event()
        self._step = Step()
        self._order: ServiceError | None = None

    def progress(self, step: str, done: int, total: int) -> None:
        """Note how far the work is.

        Raises:
            JobStopped: somebody asked it to stop.
            JobLost: it was given to another worker.
        """
        self._step = Step(step, done, total)
        self.listen()

    def listen(self) -> None:
        """Raise what the last beat brought back; as ``progress``."""
        if self._order is not None:
            raise self._order

    def rest(self) -> None:
        """Beat no more."""
        self._resting.set()
        self.join()

    def run(self) -> None:
        """Beat until the work rests, is to stop, or is another's."""
        while self._order is None and not self._resting.wait(self._seconds):
            try:
                self._beat()
            except JobLost as lost:
                self._order = lost
            except OperationalError as error:
                # The work itself holds the only lock, or the database is away for a moment.
                log.warning("beat missed", job=self._ticket.number, error=str(error.orig))

    def _beat(self) -> None:
        with self._tools.database.session(write=True) as session:
            if running.beat(session, self._ticket, self._step, self._tools.clock()):
                self._order = JobStopped(self._ticket.number)
