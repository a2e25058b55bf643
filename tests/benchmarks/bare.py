"""The least that a view can be: what the API is held against. Gunicorn serves it by the settings of the service."""

from __future__ import annotations

from flask import Flask

from service.serving import control_socket_disable, threads, worker_class, workers  # noqa: F401

loglevel = "error"
app = Flask(__name__)


@app.get("/")
def bare() -> dict[str, bool]:
    """Answer."""
    return {"ok": True}
