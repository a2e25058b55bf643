"""Frozen footprints in the formats of others, with what their maker states beside them."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import Schema, fields

from service import db
from service.calculations import footprint_runs
from service.exchange import tracing as found
from service.exchange.footprints import KINDS, SNAPSHOT, exported
from service.exchange.web import handed_on
from service.http import Blueprint, acting
from service.products.schemas import model_data
from service.schemas import Choice

blueprint = Blueprint(
    "footprint-exports",
    __name__,
    url_prefix="/api/v1/organisations/<code>/footprints/<identifier>/exports",
    description="Footprints as files for others; none of them is a certificate or an EPD",
)


tracing = Blueprint(
    "tracing",
    __name__,
    url_prefix="/api/v1/organisations/<code>",
    description="What a footprint rests on, and what contains it",
)


class ExportSchema(Schema):
    """Which file is wanted."""

    format = fields.String(required=True, validate=Choice([name for name in KINDS if name != SNAPSHOT]))
    language = fields.String(load_default="zh", validate=Choice(("zh", "en")))
    said = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "what is stated beside the snapshot: owner, mass, identifiers …, as the format asks"},
    )


@blueprint.route("", methods=["POST"])
@blueprint.arguments(ExportSchema)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def export(asked: dict[str, Any], code: str, identifier: str) -> flask.Response:
    """Write a footprint in the format of others or as a live workbook; what the format cannot say is in a header."""
    snapshot = footprint_runs.snapshot(db.session(), acting(code), identifier)
    return handed_on(exported(snapshot, asked["format"], model_data(asked["said"]), asked["language"]))


@tracing.route("/footprints/<identifier>/trace", methods=["GET"])
@tracing.response(200, {"type": "object"})
def trace(code: str, identifier: str) -> flask.Response:
    """Return what a frozen footprint rests on, line by line, down to records, documents and their digests."""
    return flask.jsonify(found.trace(db.session(), acting(code), identifier))


@tracing.route("/impact/<identifier>", methods=["GET"])
@tracing.response(200, {"type": "object"})
def impact(code: str, identifier: str) -> flask.Response:
    """Return everything that contains a footprint: of a supplier by its code, or one's own."""
    return flask.jsonify(found.impact(db.session(), acting(code), identifier))
