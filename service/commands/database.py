"""``tanji init`` and ``tanji serve``."""

from __future__ import annotations

import os
import sys

import click

from service.commands import base
from service.commands.base import Command, option
from service.i18n import N_


@click.command(cls=Command, help=N_("Create the database, or bring its tables up to this program; nothing is lost."))
@base.json_option
def init(as_json: bool) -> None:
    """Migrate to the newest revision."""
    from service import db

    settings = base.settings()
    with db.answering():
        db.connect(settings).dispose()  # makes the directory of an embedded database
        db.upgrade(settings.database_url)
    revision = db.head()
    base.emit(
        {"revision": revision, "data": str(settings.data)},
        as_json,
        lambda: [
            base.say(
                N_("database ready at revision %(revision)s; data in %(data)s"), revision=revision, data=settings.data
            )
        ],
    )


@click.command(
    cls=Command,
    help=N_("Serve pages and API on this machine with gunicorn, behind a proxy that speaks TLS."),
)
@option("--bind", default="", help=N_("Loopback address and port, 127.0.0.1:8000 by default (also by TANJI_BIND)."))
@option("--work", default=None, type=click.IntRange(0, 64),
        help=N_("Worker processes of long work beside it (also by TANJI_JOB_WORKERS)."))  # fmt: skip
def serve(bind: str, work: int | None) -> None:
    """Hand over to gunicorn, which reads ``service.serving``."""
    if work is not None:
        os.environ["TANJI_JOB_WORKERS"] = str(work)
    if bind:
        os.environ["TANJI_BIND"] = bind
    settings = base.settings()
    with base.session(write=False):
        pass  # a database that does not answer is told here in one sentence, not by every worker
    click.echo(base.say(N_("serving at http://%(bind)s"), bind=settings.bind), err=True)
    command = [sys.executable, "-m", "gunicorn", "--config", "python:service.serving", "service.app:create_app()"]
    os.execv(sys.executable, command)  # noqa: S606  the same interpreter, no shell
