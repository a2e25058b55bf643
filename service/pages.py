"""The few pages there are so far: what inventories there are and where their reports lie; health and readiness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import flask
from flask import Blueprint, Flask, request
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from factors import geographies
from service import db, i18n
from service.accounts import passwords
from service.accounts.models import Organisation
from service.calculations import actions as calculations
from service.calculations import footprint_runs
from service.calculations.models import Inventory
from service.http import acting, house, keep_as, now, only_reading, rooms
from service.reports import actions as reports
from service.reports import charts, footprint_charts, numbers, of_footprints
from service.reports.content.pcf import results
from service.reports.words import Words

SMALL = Decimal("0.00001")

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class Company:
    """An organisation and its inventories, as the first page lists them."""

    organisation: Organisation
    inventories: list[Inventory]
    footprints: int


@blueprint.get("/")
def home() -> str:
    """List the organisations of this machine with their inventories and reports."""
    session = db.session()
    companies = []
    for row in rooms(session):
        actor = acting(row.code)
        count = sum(not one.superseded_by for one in footprint_runs.footprints(session, actor))
        companies.append(Company(row, list(calculations.inventories(session, actor)), count))
    return flask.render_template("pages/home.html", companies=companies)


@blueprint.post("/organisations/<code>/inventories/<identifier>/report")
def report(code: str, identifier: str) -> flask.Response:
    """Issue a signed report of an inventory or a footprint in the language the form asks for, as a download."""
    wanted, document = flask.request.form.get("language", "zh"), flask.request.form.get("document", "")
    # As in the API: the writer's lock is not held while a report is drawn.
    with only_reading(code) as (reading, actor):
        settings = house().settings
        signed = reports.prepare(reading, actor, identifier, wanted, settings=settings, now=now(), document=document)
    session = db.session()
    made = reports.issue(session, acting(code), signed, now())
    response = flask.Response(made.pdf, mimetype="application/pdf")
    keep_as(response, f"{made.number}-{wanted}.pdf")
    return response


def equip(app: Flask) -> None:
    """Give the templates what they share, and every address of a page the language that was asked for."""
    app.add_template_filter(tonnes)
    app.add_template_filter(figure)
    app.add_template_filter(place)
    app.add_template_filter(gas)
    app.add_template_global(said)
    app.jinja_env.globals.update(SHORTEST=passwords.SHORTEST, LONGEST=passwords.LONGEST)  # of a password
    app.add_template_global(in_language)
    app.add_template_global(bars)
    app.add_template_global(pictures)
    app.add_template_global(numbers.percent, "percent")
    app.context_processor(lambda: {"language": i18n.language(), "kept": kept(), "person": signed_in()})

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if asked_for() and not endpoint.startswith("static"):
            values.setdefault("language", asked_for())


def signed_in() -> Any:
    """Return the person whose page this is, None for a stranger; an error may come before anyone was asked."""
    found = flask.g.get("asking")
    return found.person if found else None


def asked_for() -> str:
    """Return the language that the address of this page asks for, '' where it leaves it to the reader's browser."""
    wanted = request.args.get("language", "")
    return wanted if wanted in ("zh", "en") else ""


def kept() -> str:
    """Return what keeps the language in the addresses of every page's head, which an error has no router for."""
    return f"?language={asked_for()}" if asked_for() else ""


def said(named: Any, *keys: str) -> str:
    """Return the text of a record in the language in use: of ``zh`` and ``en``, or of the two ``keys``."""
    pair = [named.get(key, "") if isinstance(named, Mapping) else getattr(named, key) for key in keys or ("zh", "en")]
    zh, en = pair
    return str(i18n.by_language(zh, en))


def in_language(name: str) -> str:
    """Return the address of this page in another language."""
    if request.endpoint is None or request.method != "GET":
        return f"?language={name}"
    given = {key: value for key, value in request.args.items() if key != "language"}
    return flask.url_for(request.endpoint, **{**given, **(request.view_args or {}), "language": name})


def pictures(snapshot: Mapping[str, Any]) -> dict[str, Markup]:
    """Return the charts of a footprint as its report draws them, by name."""
    made = of_footprints.charts(snapshot, Words(i18n.short_language()))
    # No reader's text reaches a page as markup: the drawing program escapes what it writes.
    return {name: Markup(charts.svg(spec, "sans-serif")) for name, spec in made.items()}  # noqa: S704


def bars(values: Mapping[str, object], names: Mapping[str, str]) -> Markup:
    """Return horizontal bars as a drawing, '' where there is nothing to draw."""
    spec = footprint_charts.bars(values, names, "kg CO2e", i18n.gettext("others together"))
    # No reader's text reaches a page as markup: the drawing program escapes what it writes.
    return Markup(charts.svg(spec, "sans-serif")) if spec else Markup("")  # noqa: S704


def figure(text: object) -> str:
    """Write a number with four significant digits, the whole ones grouped; a very small one by its exponent."""
    value = numbers.number(text)
    if value is not None and 0 < abs(value) < SMALL:
        return f"{value:.3E}".replace("E", "e").replace("-", numbers.MINUS)
    return numbers.significant(text, 4)


def gas(name: str) -> object:
    """Write a gas of a footprint as its report does: CH₄ (fossil), HFC-134a."""
    return results.gas_name(Words(i18n.short_language()), name)


def place(code: str) -> str:
    """Write a region by its name with its code: 湖北省（CN-HB）."""
    return i18n.by_language(*geographies.shipped().titles(code)) if code else ""


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
