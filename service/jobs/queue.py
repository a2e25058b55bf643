"""The queue that wakes workers: Huey, in a SQLite file of this machine, or in Redis where ``REDIS_URL`` names one.

It carries two words, "there is work" and "there is something to tell", and no work: whatever is lost with it is
found in the tables, where every minute somebody looks.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import redis
from huey import PriorityRedisHuey, SqliteHuey
from huey import consumer as huey_consumer
from huey.api import Huey

from service import logs
from service.config import Settings

NAME = "tanji"
QUEUE_FILE = "queue.sqlite3"
POLL_SECONDS = 1.0  # at most, between two looks at a queue in a file
MINUTE = 60
# What is told is told in between long work, not after it.
TELL_FIRST = 10

log = logs.get("tanji.queue")

Errand = Callable[[], object]


def _elsewhere() -> None:
    """Stand for what is done by workers, in a process that only wakes them."""


class Queue:
    """Wakes workers; in a worker's process it also runs what they are woken for."""

    def __init__(self, settings: Settings, work: Errand = _elsewhere, tell: Errand = _elsewhere) -> None:
        self.huey = _huey(settings)

        def there_is_work() -> None:
            work()

        def there_is_something_to_tell() -> None:
            tell()

        def every_minute() -> None:
            tell()
            work()

        self._work = self.huey.task(name="work", expires=MINUTE)(there_is_work)
        self._tell = self.huey.task(name="tell", expires=MINUTE, priority=TELL_FIRST)(there_is_something_to_tell)
        self.huey.periodic_task(lambda _: True, name="minute", expires=MINUTE)(every_minute)
        self.huey.on_startup()(every_minute)

    def wake(self) -> None:
        """Say that there is work and, once it is done, something to tell; a queue that is away delays it, no more."""
        try:
            self._work()
            self._tell()
        except Exception as error:  # noqa: BLE001  two kinds of queue have no error in common
            log.warning("nobody woken", error=str(error))

    def serve(self, workers: int) -> None:
        """Run as many worker processes and replace those that die, until this process is told to stop."""
        options: dict[str, Any] = {"workers": workers, "worker_type": "process", "max_delay": POLL_SECONDS}
        consumer = _Consumer(self.huey, **options, health_check_interval=1)

        def stop(*_: object) -> None:
            consumer.stop_flag.set()
            sys.exit(0)

        # Told to stop before Huey listens, it still takes its children with it.
        signal.signal(signal.SIGTERM, stop)
        consumer.run()


class _Orphaned:
    """Ends a process whose parent is gone: what nobody stops would work on with the program of yesterday."""

    parent: int

    def initialize(self) -> None:
        """Remember who began this process."""
        self.parent = os.getppid()
        super().initialize()  # type: ignore[misc]

    def loop(self, now: object = None) -> None:
        """Do the next thing, unless nobody is there any more."""
        if os.getppid() != self.parent:
            raise SystemExit
        super().loop(now)  # type: ignore[misc]


class _Worker(_Orphaned, huey_consumer.Worker):  # type: ignore[misc]
    """A worker process of Huey."""


class _Scheduler(_Orphaned, huey_consumer.Scheduler):  # type: ignore[misc]
    """The process of Huey that looks at the clock."""


class _Consumer(huey_consumer.Consumer):  # type: ignore[misc]
    """Huey's own, of processes that end with it even if it is killed."""

    worker_class = _Worker
    scheduler_class = _Scheduler


@lru_cache(maxsize=8)
def waker(settings: Settings) -> Queue:
    """Return the queue of a process that only wakes workers, made once."""
    return Queue(settings)


def _huey(settings: Settings) -> Huey:
    if settings.redis_url:
        # A queue that does not answer must not hold up who only wants to wake.
        seconds = {"socket_connect_timeout": 2, "socket_timeout": 5}
        pool = redis.ConnectionPool.from_url(settings.redis_url, **seconds)
        return PriorityRedisHuey(NAME, results=False, connection_pool=pool)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SqliteHuey(NAME, results=False, filename=str(settings.data / QUEUE_FILE))
