"""Frozen footprints in the formats of others, with what their maker states beside them."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import Schema, fields

from service import db
from service.calculations import footprint_runs
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
    """Write a footprint as PACT 3, ILCD+EPD, openEPD or a live workbook; what the format cannot say is in a header."""
    snapshot = footprint_runs.snapshot(db.session(), acting(code), identifier)
    return handed_on(exported(snapshot, asked["format"], model_data(asked["said"]), asked["language"]))
