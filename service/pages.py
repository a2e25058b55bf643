"""The few pages there are so far: what inventories there are and where their reports lie; health and readiness."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import flask
from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service import db, i18n
from service.accounts import actions as accounts
from service.accounts.models import Organisation
from service.calculations import actions as calculations
from service.calculations.models import Inventory
from service.http import house, now
from service.reports import actions as reports

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class Company:
    """An organisation and its inventories, as the first page lists them."""

    organisation: Organisation
    inventories: list[Inventory]


@blueprint.get("/")
def home() -> str:
    """List the organisations of this machine with their inventories and reports."""
    session = db.session()
    companies = []
    for row in accounts.organisations(session, accounts.HOUSE):
        actor = accounts.operator(session, row.code)
        companies.append(Company(row, list(calculations.inventories(session, actor))))
    return flask.render_template("pages/home.html", companies=companies, language=i18n.language())


@blueprint.post("/organisations/<code>/inventories/<identifier>/report")
def report(code: str, identifier: str) -> flask.Response:
    """Issue the signed report of an inventory in the language the form asks for, as a download."""
    wanted = flask.request.form.get("language", "zh")
    # As in the API: the writer's lock is not held while a report is drawn.
    with house().database.session(write=False) as reading:
        actor, settings = accounts.operator(reading, code), house().settings
        signed = reports.prepare(reading, actor, identifier, wanted, settings=settings, now=now())
    session = db.session()
    made = reports.issue(session, accounts.operator(session, code), signed, now())
    response = flask.Response(made.pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{made.number}-{wanted}.pdf")
    return response


def tonnes(kilograms: str) -> str:
    """Write kilograms as tonnes with one decimal and thin groups, for a table."""
    return f"{Decimal(kilograms) / 1000:,.1f}".replace(",", "\u202f")


@blueprint.get("/health")
def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@blueprint.get("/ready")
def ready() -> tuple[dict[str, str], int]:
    """Say whether requests can be served: the database answers and has the tables of this program."""
    try:
        db.session().execute(text("SELECT 1"))
        is_current = house().database.revision() == db.head()
    except SQLAlchemyError:
        return {"status": "no database"}, 503
    if not is_current:
        return {"status": "database outdated"}, 503
    return {"status": "ok", "library": house().library.version}, 200
