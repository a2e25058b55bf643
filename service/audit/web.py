"""The audit log as a file, for whoever looks at the pages of an organisation."""

from __future__ import annotations

import flask
from flask import Blueprint

from service.audit.api import exported
from service.audit.export import CSV, JSON_LINES
from service.http import acting

blueprint = Blueprint("audit-log", __name__)


@blueprint.get("/organisations/<code>/audit-log")
def export(code: str) -> flask.Response:
    """Give everything that was done for an organisation, in the form that the address asks for."""
    return exported(acting(code), code, CSV if flask.request.args.get("format") == CSV else JSON_LINES)
