"""How gunicorn serves: one factor library for all workers, a pool of connections for each."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from typing import Any

from service.config import PRIVATE, load

# Before anything is written, the library's cache included; gunicorn's own setting is for its sockets alone.
os.umask(PRIVATE)
_settings = load()

bind = _settings.bind
workers = _settings.workers
worker_class = "gthread"
threads = 4
# The library is read once, before the workers are forked, and shared by them.
preload_app = True
# Renders and long computations are work, not a hang.
timeout = 300
graceful_timeout = 30
# It would otherwise put a socket into the home directory of whoever starts it.
control_socket_disable = True
# Its own log lines take the form of all others; requests are logged by the application.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {
        "gunicorn.error": {"handlers": [], "propagate": True},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}


_beside: list[subprocess.Popen[bytes]] = []


def when_ready(_: Any) -> None:
    """Start the workers of long work beside the web server, where the settings ask for some."""
    # The library lives as long as the process: no collection need go through it, and no fork copy it.
    gc.collect()
    gc.freeze()
    if _settings.job_workers:
        command = [sys.executable, "-m", "service.cli", "work", "--workers", str(_settings.job_workers)]
        _beside.append(subprocess.Popen(command))  # noqa: S603  this program itself


def on_exit(_: Any) -> None:
    """Stop them with it: what they have in hand waits for the next start."""
    for process in _beside:
        process.terminate()
    for process in _beside:
        process.wait(graceful_timeout)


def post_fork(_: Any, worker: Any) -> None:
    """Give a new worker connections of its own; those of the parent are not to be touched."""
    worker.app.wsgi().extensions["tanji"].database.dispose(close=False)
