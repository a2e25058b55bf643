"""Downloads of footprints in the formats of others, and what partners sent for a product that is bought of them.

What a format asks for beside the snapshot is asked first.
"""

from __future__ import annotations

import json
from typing import Any

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lca.errors import LcaError
from service import db
from service.accounts import actions as accounts
from service.calculations import footprint_runs
from service.calculations import web as pages
from service.catalogue import lci_told
from service.errors import ServiceError, as_wrong
from service.exchange import taking
from service.exchange.footprints import File, exported
from service.exchange.statements import FIELDS, stated
from service.http import acting, now
from service.i18n import short_language
from service.products.web import download
from service.suppliers import actions as suppliers
from service.suppliers import requests

blueprint = Blueprint("exchange", __name__)

WANTED = {"pact": "pact.3.0", "catena-x": "pact.3.0", "ilcd-epd": "en15804.a2", "openepd": "en15804.a2"}
"""Of several methods side by side, the one that a format is of; another is refused with what to do."""

RECEIVED = "/organisations/<code>/purchases/<purchase>/received"


@blueprint.post("/models/exports/<name>")
def of_form(name: str) -> ResponseReturnValue:
    """Return the footprint of a form that nobody has stored."""
    form = pages.form_sent()
    try:
        found = pages.computed(form).found
    except pages.Refused as refused:
        return refused.page, 422
    wanted = WANTED.get(name, "")
    one = next((each for each in found if each.snapshot["method"]["id"] == wanted), found[0])
    return _answer(one.snapshot, name, form.state())


@blueprint.route("/organisations/<code>/footprints/<identifier>/exports/<name>", methods=["GET", "POST"])
def of_footprint(code: str, identifier: str, name: str) -> ResponseReturnValue:
    """Return a frozen footprint."""
    actor = acting(code)
    return _answer(footprint_runs.snapshot(db.session(), actor, identifier), name, "")


def _answer(snapshot: pages.Record, name: str, state: str) -> ResponseReturnValue:
    """Return the file, or the page that asks for what the format wants to be stated beside the snapshot."""
    fields, sent = FIELDS.get(name, ()), request.form
    if fields and "stated" not in sent:
        return flask.render_template("pages/export.html", snapshot=snapshot, name=name, fields=fields, state=state)
    try:
        said = stated(name, sent) if fields else {}
        file = exported(snapshot, name, said, short_language())
    except (LcaError, ServiceError) as error:
        if not fields:
            raise
        given = {"snapshot": snapshot, "name": name, "fields": fields, "state": state}
        return flask.render_template("pages/export.html", **given, wrongs=as_wrong(error)), 422
    return handed_on(file)


@blueprint.get(RECEIVED)
def received(code: str, purchase: str) -> str:
    """Show what the supplier of a bought product sent by PACT for it."""
    return _received(code, purchase)


@blueprint.post(RECEIVED)
def take(code: str, purchase: str) -> ResponseReturnValue:
    """Take what was sent as the answer to a request."""
    asked, number = (_number(request.form.get(name, "")) for name in ("request", "received"))
    try:
        taking.take(db.session(), acting(code), asked, number, now())
    except (LcaError, ServiceError) as error:
        return _received(code, purchase, failed=as_wrong(error)), 422
    return flask.redirect(flask.url_for("supply.compare", code=code, purchase=purchase), 303)


def _number(text: str) -> int:
    """Return the number of a row as a form sends it, 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _received(code: str, purchase: str, **said: Any) -> str:
    session, actor = db.session(), acting(code)
    bought, seller = suppliers.purchase(session, actor, purchase)
    return flask.render_template(
        "pages/received.html",
        organisation=accounts.show(session, actor),
        bought=bought,
        supplier=seller,
        rows=[
            (row, json.loads(row.document), json.loads(row.problems))
            for row in taking.fitting(session, actor, purchase)
        ],
        asked=[one for one in requests.requests(session, actor, purchase) if one.closed is None],
        may_take=accounts.may(actor, "answer requests"),
        **said,
    )


def handed_on(file: File) -> flask.Response:
    """Return a file as a download; what its format cannot say of the footprint stands in a header."""
    response = download(file.content, file.media_type, file.name)
    if file.left_out:
        response.headers["X-Left-Out"] = json.dumps([lci_told.told(one) for one in file.left_out])  # in ASCII
    return response
