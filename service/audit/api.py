"""The audit log as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
from marshmallow import Schema, fields

from service import db
from service.audit import actions
from service.audit.actions import Entry, Head, Inclusion, Who
from service.audit.export import FORMATS, JSON_LINES, export
from service.http import NUMBER, Blueprint, acting, house, keep_as, part, place
from service.schemas import Choice, Page, text

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="The append-only record of what was done")


class EntrySchema(Schema):
    """One line of the log."""

    id = fields.Integer()
    at = fields.String()
    actor = fields.String()
    verb = fields.String()
    subject = fields.String()
    payload_sha256 = fields.String()
    root = fields.String(metadata={"description": "root of the log with this entry as its last"})


class ExportSchema(Schema):
    """How an export is written."""

    format = fields.String(load_default=JSON_LINES, validate=Choice(tuple(FORMATS)))


class HeadSchema(Schema):
    """Length and root of the log."""

    size = fields.Integer()
    root = fields.String()


class InclusionSchema(HeadSchema):
    """Proof that an entry is in the log (RFC 9162)."""

    entry = fields.String(metadata={"description": "the canonical JSON that was hashed"})
    proof = fields.Dict(keys=fields.String())


class WantedSchema(Page):
    """Which entries are wanted."""

    verb = text(limit=60, metadata={"description": "those of one verb, `site.add` say"})


@blueprint.route("/audit/head", methods=["GET"])
@blueprint.response(200, HeadSchema)
def head() -> Head:
    """Show how long the log is and its root."""
    return actions.head(db.session())


@blueprint.route("/organisations/<code>/audit", methods=["GET"])
@blueprint.arguments(WantedSchema, location="query")
@blueprint.response(200, EntrySchema(many=True))
def entries(asked: dict[str, Any], code: str) -> list[Entry]:
    """List what was done for an organisation, oldest first."""
    after, limit = place(asked, int, 0), asked["limit"] + 1
    rows = actions.entries(db.session(), acting(code), after=after, limit=limit, verb=asked["verb"])
    return part(rows, asked, lambda row: row.id, whole=False)


@blueprint.route("/organisations/<code>/audit/export", methods=["GET"])
@blueprint.arguments(ExportSchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=FORMATS[JSON_LINES])
def export_(asked: dict[str, str], code: str) -> flask.Response:
    """Give everything that was done for an organisation, each with its path to the root (RFC 9162), also as CSV."""
    return exported(acting(code), code, asked["format"])


def exported(actor: Who, organisation: str, name: str) -> flask.Response:
    """Return the export of an organisation as a file that is written while it is sent."""
    database = house().database

    def written() -> Iterator[str]:
        with database.session(write=False) as session:
            yield from export(session, actor, name)

    response = flask.Response(written(), mimetype=FORMATS[name])
    keep_as(response, f"{organisation}-audit.{name}")
    return response


@blueprint.route(f"/organisations/<code>/audit/{NUMBER}/proof", methods=["GET"])
@blueprint.response(200, InclusionSchema)
def proof(code: str, number: int) -> Inclusion:
    """Prove that an entry is in the log."""
    return actions.prove(db.session(), acting(code), number)
