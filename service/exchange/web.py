"""Downloads of footprints in the formats of others."""

from __future__ import annotations

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from service import db
from service.accounts import actions as accounts
from service.calculations import footprint_runs
from service.calculations import web as pages
from service.exchange.footprints import exported
from service.i18n import language
from service.products.web import download

blueprint = Blueprint("exchange", __name__)

WANTED = {"pact": "pact.3.0", "ilcd-epd": "en15804.a2", "openepd": "en15804.a2"}
"""Of several methods side by side, the one that a format is of; another is refused with what to do."""


@blueprint.post("/models/exports/<name>")
def of_form(name: str) -> ResponseReturnValue:
    """Return the footprint of a form that nobody has stored."""
    try:
        found = pages.computed(pages.form_sent())
    except pages.Refused as refused:
        return refused.page, 422
    wanted = WANTED.get(name, "")
    one = next((each for each in found.found if each.snapshot["method"]["id"] == wanted), found.found[0])
    return _file(one.snapshot, name)


@blueprint.get("/organisations/<code>/footprints/<identifier>/exports/<name>")
def of_footprint(code: str, identifier: str, name: str) -> flask.Response:
    """Return a frozen footprint."""
    actor = accounts.operator(db.session(), code)
    return _file(footprint_runs.snapshot(db.session(), actor, identifier), name)


def _file(snapshot: pages.Record, name: str) -> flask.Response:
    file = exported(snapshot, name, {}, "zh" if language() == "zh_Hans" else "en")
    return download(file.content, file.media_type, file.name)
