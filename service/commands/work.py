"""``tanji work``: the processes that do long work and tell others what happened."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import click

from service.commands import base
from service.commands.base import Command, option
from service.i18n import N_

if TYPE_CHECKING:
    from service.config import Settings
    from service.jobs.worker import Worker
    from service.webhooks.sending import Teller


@click.command(cls=Command, help=N_("Do the long work that was handed in, and tell those who asked what happened."))
@option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help=N_("Processes that work."))
@option(
    "--silent",
    type=click.FloatRange(1, 3600),
    default=30.0,
    show_default=True,
    help=N_("Seconds of silence after which a worker is taken to be gone."),
)
def work(workers: int, silent: float) -> None:
    """Run workers until told to stop."""
    from service import logs
    from service.jobs.queue import Queue

    settings = base.settings()
    with base.session(write=False):
        pass  # a database that does not answer is told here in one sentence, not by every worker
    logs.configure(settings.log_level)
    base.library()  # read once, before the workers are forked

    @cache
    def worker() -> Worker:
        return _worker(settings, silent)

    @cache
    def teller() -> Teller:
        return _teller(settings)

    @cache
    def partners() -> Callable[[], object]:
        return _partners(settings)

    @cache
    def suppliers() -> Callable[[], object]:
        return _suppliers(settings)

    def tell() -> None:
        teller().tell()
        partners()()
        suppliers()()

    def errand() -> None:
        worker().tend()
        tell()  # that it is done

    # All are made in the process that works: a fork must not share connections with its parent.
    queue = Queue(settings, errand, tell)
    click.echo(base.say(N_("%(count)s workers wait for work"), count=workers), err=True)
    queue.serve(workers)


def _worker(settings: Settings, silent: float) -> Worker:
    from service import db
    from service.jobs.kinds import Tools
    from service.jobs.worker import Pace, Worker

    tools = Tools(settings, db.connect(settings), base.library(), base.now)
    # No two processes have one name, and a process that takes over a number is not the one before it.
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    return Worker(tools, name, Pace(beat=min(2.0, silent / 3), silent=silent))


def _teller(settings: Settings) -> Teller:
    from service import db, sealing
    from service.outside import Outside
    from service.webhooks.sending import Teller

    outside = Outside(loopback=settings.webhook_loopback)
    seal = sealing.of_webhooks(settings.data)
    return Teller(db.connect(settings), seal, outside.post, base.now, secrets.SystemRandom().random)


def _partners(settings: Settings) -> Callable[[], object]:
    """Return what sends the events of PACT that are due and fetches what partners published."""
    from service import db, sealing
    from service.exchange.pact import delivery
    from service.exchange.pact.transport import Http

    database = db.connect(settings)
    send = delivery.sender(Http(settings.pact_private_hosts), sealing.of_partners(settings.data))
    return lambda: delivery.deliver_due(database, base.now(), send)


def _suppliers(settings: Settings) -> Callable[[], object]:
    """Return what reminds suppliers of requests whose deadline comes near."""
    from service import db, mail
    from service.secret_files import signing_secret
    from service.suppliers.letters import remind_due

    database, post, key = db.connect(settings), mail.of(settings), signing_secret(settings)
    return lambda: remind_due(database, post, key, settings.base_url, base.now())
