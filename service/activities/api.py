"""Activity data as JSON: sites, amounts, files, evidence, instruments, products, exclusions, closed periods."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import flask
from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from factors.units import parse_unit
from lca import ledger
from service import db
from service.accounts.actions import Actor
from service.activities import actions, loading, many, schemas
from service.activities.known import known_from
from service.activities.models import ClosedPeriod, Evidence, Exclusion, Site
from service.activities.problems import Problem
from service.activities.receipt import receipt
from service.activities.store import records
from service.activities.store.records import SITE
from service.activities.template import template
from service.activities.uploads import submitted
from service.errors import SHOWN, Wrong
from service.http import NUMBER, XLSX, Blueprint, acting, house, keep_as, now, only_reading, part, place, tagged
from service.schemas import IfMatch, Page, Reason

# Rows of activity data have larger keys than anything else; 2^53 - 1 is what JSON can still say exactly.
DATUM = "<int(max=9007199254740991):number>"

blueprint = Blueprint(
    "activities",
    __name__,
    url_prefix="/api/v1/organisations/<code>",
    description="What an organisation did, how much of it, and the proof",
)


templates = Blueprint(
    "activity-templates", __name__, url_prefix="/api/v1/activity-template", description="The workbook to fill in"
)


@templates.route("/workbook.xlsx", methods=["GET"])
@templates.arguments(schemas.LanguageSchema, location="query")
@templates.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def workbook(asked: dict[str, str]) -> flask.Response:
    """Return the template for activity data."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        template(path, asked["language"], known_from(house().library))
        response = flask.Response(path.read_bytes(), mimetype=XLSX)
    keep_as(response, "activity-data.xlsx")
    return response


# --- sites ---------------------------------------------------------------------------------------


@blueprint.route("/sites", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, schemas.SiteSchema(many=True))
def sites(asked: dict[str, Any], code: str) -> Sequence[Site]:
    """List the sites."""
    return part(actions.sites(db.session(), acting(code)), asked, lambda row: row.code)


@blueprint.route("/sites", methods=["POST"])
@blueprint.arguments(schemas.SiteSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, schemas.SiteSchema)
def put_site(data: dict[str, Any], given: dict[str, Any], code: str) -> Site:
    """Add a site, or change one with a reason."""
    reason = data.pop("reason")
    site = ledger.Site(**{**data, "region": house().library.geographies.resolve(data["region"])})
    return tagged(SITE, actions.put_site(db.session(), acting(code), site, now(), reason=reason, **given))


@blueprint.route("/sites/<site>", methods=["GET"])
@blueprint.response(200, schemas.SiteSchema)
def show_site(code: str, site: str) -> Site:
    """Show a site."""
    return tagged(SITE, actions.show_site(db.session(), acting(code), site))


# --- amounts -------------------------------------------------------------------------------------


@blueprint.route("/activities", methods=["GET"])
@blueprint.arguments(schemas.DatumPageSchema, location="query")
@blueprint.response(200, schemas.DatumSchema(many=True))
def data(asked: dict[str, Any], code: str) -> list[actions.Datum]:
    """List activity data in the order they came in, replaced rows included unless only current ones are asked for."""
    wanted = actions.Wanted(**{field.name: asked[field.name] for field in fields(actions.Wanted)})
    after, limit = place(asked, int, 0), asked["limit"] + 1
    rows = actions.data(db.session(), acting(code), after=after, limit=limit, wanted=wanted)
    return part(rows, asked, lambda row: row.id, whole=False)


@blueprint.route("/activities", methods=["POST"])
@blueprint.arguments(schemas.ActivitySchema)
@blueprint.response(201, schemas.SubmittedSchema)
def submit(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Submit one activity datum."""
    session, actor, reason = db.session(), acting(code), data.pop("reason")
    new, warnings = loading.new_datum(data, loading.known(session, actor, house().library))
    return _stored(actions.submit(session, actor, new, now(), reason=reason), warnings)


@blueprint.route("/activities/bulk", methods=["POST"])
@blueprint.arguments(schemas.ManySchema)
@blueprint.response(201, schemas.OutcomesSchema)
def submit_many(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Submit up to 10,000 activity data, all or none; `skip_errors` stores those without errors all the same."""
    given, malformed = schemas.each(data["rows"])
    # What takes long is checking; the one writer's lock is taken for storing alone.
    with only_reading(code) as (session, actor):
        checked = many.check(given, loading.known(session, actor, house().library))
    checked = replace(checked, errors={**checked.errors, **malformed})
    options = {"reason": data["reason"], "skip_errors": data["skip_errors"]}
    return schemas.outcomes(many.submit(db.session(), acting(code), len(data["rows"]), checked, now(), **options))


@blueprint.route(f"/activities/{DATUM}", methods=["GET"])
@blueprint.response(200, schemas.DatumSchema)
def show(code: str, number: int) -> actions.Datum:
    """Show one activity datum."""
    return actions.show(db.session(), acting(code), number)


@blueprint.route(f"/activities/{DATUM}/corrections", methods=["POST"])
@blueprint.arguments(schemas.CorrectionSchema)
@blueprint.response(201, schemas.SubmittedSchema)
def correct(data: dict[str, Any], code: str, number: int) -> dict[str, Any]:
    """Put another amount in the place of one; the old one stays, replaced."""
    session, actor, reason = db.session(), acting(code), data.pop("reason")
    new, warnings = loading.new_datum(data, loading.known(session, actor, house().library))
    return _stored(actions.correct(session, actor, number, new, reason, now()), warnings)


@blueprint.route(f"/activities/{DATUM}/withdrawal", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(204)
def take_back(data: dict[str, str], code: str, number: int) -> None:
    """Take one activity datum back; it stays, and no longer counts."""
    actions.take_back(db.session(), acting(code), [number], data["reason"], now())


def _stored(datum: actions.Datum, warnings: Sequence[Problem]) -> dict[str, Any]:
    return {
        "datum": datum,
        "warnings": [
            {**told, "field": problem.column} for told, problem in zip(_told(warnings), warnings, strict=True)
        ],
    }


def _told(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [loading.wrong(problem).told() for problem in problems]


# --- files ---------------------------------------------------------------------------------------


@blueprint.route("/imports", methods=["POST"])
@blueprint.arguments(schemas.ImportOptionsSchema, location="query")
@blueprint.arguments(schemas.ImportFileSchema, location="files")
@blueprint.response(200, schemas.ImportSchema)
def import_file(options: dict[str, Any], files: dict[str, FileStorage], code: str) -> dict[str, Any]:
    """Check a file of activity data, and store it when that is confirmed."""
    # What takes long is reading the file; the one writer's lock is taken for storing it alone.
    with only_reading(code) as (session, actor):
        allowed = loading.known(session, actor, house().library)
    stored, conflicts = None, list[Wrong]()
    with submitted(files, allowed) as found:
        if options.pop("confirm"):
            directory = house().settings.evidence
            stored = loading.load(db.session(), acting(code), found, now=now(), directory=directory, **options)
        else:
            conflicts += loading.conflicts(db.session(), acting(code), found, now())
    return {
        "receipt": receipt(found),
        "errors": _told(found.errors[:SHOWN]),
        "warnings": _told(found.warnings[:SHOWN]),
        "preview": [dict(row) for row in found.preview],
        "conflicts": [one.told() for one in conflicts],
        "stored": stored and asdict(stored),
    }


# --- evidence ------------------------------------------------------------------------------------


@blueprint.route("/evidence", methods=["POST"])
@blueprint.arguments(schemas.EvidenceFileSchema, location="files")
@blueprint.response(201, schemas.EvidenceSchema)
def add_evidence(files: dict[str, FileStorage], code: str) -> Evidence:
    """Hand in a file that proves amounts; it is known by its SHA-256."""
    settings, file = house().settings, files["file"]
    return actions.add_evidence(
        db.session(),
        acting(code),
        settings.evidence,
        Path(file.filename or "file").name,
        file.stream,
        now=now(),
        media_type=file.mimetype,
        limit_mb=settings.max_upload_mb,
    )


@blueprint.route("/evidence/<sha256>", methods=["GET"])
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def evidence(code: str, sha256: str) -> flask.Response:
    """Return a file that was handed in."""
    row, content = actions.open_evidence(db.session(), acting(code), house().settings.evidence, sha256)
    # Always as a download: what somebody handed in must not run as a page of this service.
    return flask.send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=row.name
    )


@blueprint.route("/evidence/<sha256>/rows", methods=["POST"])
@blueprint.arguments(schemas.AttachSchema)
@blueprint.response(200, schemas.AttachedSchema)
def attach(data: dict[str, list[int]], code: str, sha256: str) -> dict[str, int]:
    """Attach a file to rows that were handed in before it."""
    return {"attached": actions.attach_evidence(db.session(), acting(code), sha256, data["rows"], now())}


# --- instruments, products, exclusions -----------------------------------------------------------


@blueprint.route("/instruments", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, schemas.InstrumentSchema(many=True))
def instruments(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List the instruments of the organisation's pool."""
    session, actor = db.session(), acting(code)
    rows = part(actions.instruments(session, actor), asked, lambda row: row.id or 0)
    return records.shown(session, actor, rows)


@blueprint.route(f"/instruments/{NUMBER}", methods=["GET"])
@blueprint.response(200, schemas.InstrumentSchema)
def show_instrument(code: str, number: int) -> dict[str, Any]:
    """Show an instrument."""
    session, actor = db.session(), acting(code)
    return _tagged(session, actor, records.INSTRUMENT, actions.show_record(session, actor, "instrument", number))


@blueprint.route("/instruments", methods=["POST"])
@blueprint.arguments(schemas.InstrumentSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, schemas.InstrumentSchema)
def put_instrument(data: dict[str, Any], given: dict[str, Any], code: str) -> dict[str, Any]:
    """Add an instrument to the pool, or replace one with a reason."""
    session, actor, reason = db.session(), acting(code), data.pop("reason")
    data["region"] = house().library.geographies.resolve(data["region"])
    instrument = ledger.Instrument(**data)
    row = actions.put_instrument(session, actor, instrument, now(), reason=reason, **given)
    return _tagged(session, actor, records.INSTRUMENT, row)


@blueprint.route("/products", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, schemas.ProductSchema(many=True))
def products(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List what the sites made."""
    session, actor = db.session(), acting(code)
    rows = part(actions.products(session, actor), asked, lambda row: row.id or 0)
    return records.shown(session, actor, rows)


@blueprint.route(f"/products/{NUMBER}", methods=["GET"])
@blueprint.response(200, schemas.ProductSchema)
def show_product(code: str, number: int) -> dict[str, Any]:
    """Show what a site made."""
    session, actor = db.session(), acting(code)
    return _tagged(session, actor, records.PRODUCT, actions.show_record(session, actor, "product", number))


@blueprint.route("/products", methods=["POST"])
@blueprint.arguments(schemas.ProductSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, schemas.ProductSchema)
def put_product(data: dict[str, Any], given: dict[str, Any], code: str) -> dict[str, Any]:
    """Record what a site made, or replace it with a reason."""
    session, actor, reason = db.session(), acting(code), data.pop("reason")
    product = ledger.Product(**{**data, "unit": parse_unit(data["unit"])})
    row = actions.put_product(session, actor, product, now(), reason=reason, **given)
    return _tagged(session, actor, records.PRODUCT, row)


def _tagged(session: Session, actor: Actor, kind: records.Kind, row: records.Row) -> dict[str, Any]:
    return records.shown(session, actor, [tagged(kind.audited, row)])[0]


@blueprint.route("/exclusions", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, schemas.ExclusionSchema(many=True))
def exclusions(asked: dict[str, Any], code: str) -> Sequence[Exclusion]:
    """List the categories that are left out."""
    return part(actions.exclusions(db.session(), acting(code)), asked, lambda row: row.id or 0)


@blueprint.route("/exclusions", methods=["POST"])
@blueprint.arguments(schemas.ExclusionSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, schemas.ExclusionSchema)
def put_exclusion(data: dict[str, Any], given: dict[str, Any], code: str) -> Any:
    """Leave a category out of the inventories of a period, saying why."""
    names = {field.name for field in fields(ledger.Exclusion)}
    exclusion = ledger.Exclusion(**{name: data[name] for name in names})
    period, reason = (data["start"], data["end"]), data["change_reason"]
    row = actions.put_exclusion(db.session(), acting(code), exclusion, *period, now(), reason=reason, **given)
    return tagged(records.EXCLUSION.audited, row)


@blueprint.route(f"/exclusions/{NUMBER}", methods=["GET"])
@blueprint.response(200, schemas.ExclusionSchema)
def show_exclusion(code: str, number: int) -> Any:
    """Show a category that is left out."""
    row = actions.show_record(db.session(), acting(code), "exclusion", number)
    return tagged(records.EXCLUSION.audited, row)


@blueprint.route(f"/<any(instruments, products, exclusions):kind>/{NUMBER}/withdrawal", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(204)
def withdraw(data: dict[str, str], code: str, kind: str, number: int) -> None:
    """Take an instrument, a product or an exclusion back."""
    actions.withdraw(db.session(), acting(code), kind.removesuffix("s"), number, data["reason"], now())


# --- periods -------------------------------------------------------------------------------------


@blueprint.route("/periods", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, schemas.PeriodSchema(many=True))
def periods(asked: dict[str, Any], code: str) -> Sequence[ClosedPeriod]:
    """List the closed periods."""
    return part(actions.closed_periods(db.session(), acting(code)), asked, lambda row: row.id or 0)


@blueprint.route("/periods", methods=["POST"])
@blueprint.arguments(schemas.PeriodSchema)
@blueprint.response(201, schemas.PeriodSchema)
def close_period(data: dict[str, Any], code: str) -> ClosedPeriod:
    """Close a period: nothing in it changes any more."""
    return actions.close_period(db.session(), acting(code), data["start"], data["end"], now())


@blueprint.route(f"/periods/{NUMBER}/reopening", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(200, schemas.PeriodSchema)
def reopen_period(data: dict[str, str], code: str, number: int) -> ClosedPeriod:
    """Open a closed period again."""
    return actions.reopen_period(db.session(), acting(code), number, data["reason"], now())
