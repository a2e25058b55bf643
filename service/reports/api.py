"""Reports as JSON endpoints: issue a signed PDF, fetch workbook, snapshot and charts, verify a PDF."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage

from service import db
from service.http import XLSX, Blueprint, acting, house, keep_as, now, only_reading
from service.reports import actions
from service.schemas import Choice

blueprint = Blueprint(
    "reports",
    __name__,
    url_prefix="/api/v1/organisations/<code>/inventories/<identifier>",
    description="Reports of a frozen inventory",
)
verification = Blueprint("verification", __name__, url_prefix="/api/v1/verify", description="Verify a signed report")

LANGUAGES = ("zh", "en", "both")
PDF = "application/pdf"
BINARY = {"type": "string", "format": "binary"}


class LanguageSchema(Schema):
    """The language of a report."""

    language = fields.String(load_default="zh", validate=Choice(LANGUAGES))


class UploadSchema(Schema):
    """A signed report to be verified."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class StepSchema(Schema):
    """One step of a verification, in both languages."""

    step = fields.String()
    outcome = fields.String(metadata={"description": "passed, failed, unknown or not_reached"})
    code = fields.String(allow_none=True, metadata={"description": "stable name of the case"})
    zh = fields.String()
    en = fields.String()


class VerificationSchema(Schema):
    """What a verification found; the first failed step is named."""

    ok = fields.Boolean()
    failed_step = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    verdict = fields.String(metadata={"description": "ok, ok_signer_unknown, unconfirmed or failed"})
    signer_known = fields.Boolean()
    pages_confirmed = fields.Boolean(metadata={"description": "the pages were drawn again from the snapshot, the same"})
    facts = fields.Dict(keys=fields.String(), values=fields.String())
    steps = fields.List(fields.Nested(StepSchema))


@blueprint.route("/report", methods=["POST"])
@blueprint.arguments(LanguageSchema)
@blueprint.response(201, BINARY, content_type=PDF)
def issue(asked: dict[str, Any], code: str, identifier: str) -> flask.Response:
    """Issue the signed report."""
    settings = house().settings
    # Layout and signature take seconds; the one writer's lock is taken for writing it down alone.
    with only_reading(code) as (reading, actor):
        signed = actions.prepare(reading, actor, identifier, asked["language"], settings=settings, now=now())
    made = actions.issue(db.session(), acting(code), signed, now())
    response = _file(made.pdf, PDF, f"{made.number}.pdf", 201)
    response.headers["X-Report-Number"] = made.number
    response.headers["X-Snapshot-SHA256"] = made.snapshot_sha256
    return response


@blueprint.route("/workbook.xlsx", methods=["GET"])
@blueprint.arguments(LanguageSchema, location="query")
@blueprint.response(200, BINARY, content_type=XLSX)
def workbook(asked: dict[str, Any], code: str, identifier: str) -> flask.Response:
    """Return the workbook for auditors, every tonne a live formula."""
    data = actions.workbook(db.session(), acting(code), identifier, asked["language"])
    return _file(data, XLSX, f"{identifier}.xlsx")


@blueprint.route("/snapshot.json", methods=["GET"])
@blueprint.response(200, {"type": "object"}, content_type="application/json")
def snapshot(code: str, identifier: str) -> flask.Response:
    """Return the frozen snapshot as canonical JSON."""
    data = actions.snapshot_json(db.session(), acting(code), identifier)
    return _file(data, "application/json", f"{identifier}.json")


@blueprint.route("/charts", methods=["GET"])
@blueprint.arguments(LanguageSchema, location="query")
@blueprint.response(200, {"type": "object"})
def charts(asked: dict[str, Any], code: str, identifier: str) -> flask.Response:
    """Return the report's charts as Vega-Lite documents."""
    return flask.jsonify(actions.charts(db.session(), acting(code), identifier, asked["language"]))


@verification.route("", methods=["POST"])
@verification.arguments(UploadSchema, location="files")
@verification.response(200, VerificationSchema)
def verify(files: dict[str, FileStorage]) -> dict[str, Any]:
    """Verify a signed report, step by step; nothing of it is kept."""
    from service.reports.verify import verify_bytes

    return verify_bytes(files["file"].read(), now=now()).as_dict()


def _file(data: bytes, media_type: str, name: str, status: int = 200) -> flask.Response:
    response = flask.Response(data, status, mimetype=media_type)
    keep_as(response, name)
    return response
