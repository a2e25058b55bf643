"""Inventories as JSON: run one, look at it, trace a line, redo it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flask
from marshmallow import Schema, fields, validate

from service import db, i18n
from service.calculations import actions
from service.calculations.models import Inventory
from service.http import Blueprint, acting, house, now
from service.schemas import CODE_PATTERN, text

blueprint = Blueprint(
    "inventories",
    __name__,
    url_prefix="/api/v1/organisations/<code>/inventories",
    description="Greenhouse-gas inventories, frozen with every operand",
)


class OrderSchema(Schema):
    """Which inventory to compute."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(min=1990, max=2100))
    method = text(CODE_PATTERN, limit=60, required=True)
    reason = text(limit=1000, metadata={"description": "why a new version of an inventory is made"})
    consolidated = fields.Boolean(load_default=False, metadata={"description": "with the companies of the group"})
    recalculates_base_year = fields.Boolean(
        load_default=False, metadata={"description": "takes in the changes of the base year noted until now"}
    )


class InventorySchema(Schema):
    """One version of an inventory; the snapshot holds everything else."""

    id = fields.String()
    year = fields.Integer()
    method = fields.String()
    is_group = fields.Boolean()
    recalculates_base_year = fields.Boolean()
    version = fields.Integer()
    reason = fields.String()
    state = fields.String()
    snapshot_sha256 = fields.String(attribute="snapshot_sha")
    total_kgco2e = fields.String()
    total_location_kgco2e = fields.String()
    total_market_kgco2e = fields.String()
    total_method_kgco2e = fields.String()
    created = fields.DateTime()
    superseded_by = fields.String(allow_none=True)


class TraceSchema(Schema):
    """A line written as a sum with every operand."""

    trace = fields.String()


class RecomputedSchema(Schema):
    """Whether the snapshot gives the same bytes when it is computed again from its own operands."""

    same = fields.Boolean()
    sha256 = fields.String()
    again = fields.String()


@blueprint.route("", methods=["GET"])
@blueprint.response(200, InventorySchema(many=True))
def inventories(code: str) -> Sequence[Inventory]:
    """List the inventories, newest first."""
    return actions.inventories(db.session(), acting(code))


@blueprint.route("", methods=["POST"])
@blueprint.arguments(OrderSchema)
@blueprint.response(201, InventorySchema)
def run(order: dict[str, Any], code: str) -> Inventory:
    """Compute and freeze an inventory; the same data give the one that is there already."""
    return actions.run(db.session(), acting(code), actions.Order(**order), house().library, now())


@blueprint.route("/<identifier>", methods=["GET"])
@blueprint.response(200, {"type": "object"})
def show(code: str, identifier: str) -> flask.Response:
    """Show an inventory: totals, breakdowns, bridge, lines and warnings."""
    return flask.jsonify(actions.summary(actions.snapshot(db.session(), acting(code), identifier)))


@blueprint.route("/<identifier>/lines/<line>", methods=["GET"])
@blueprint.response(200, TraceSchema)
def trace(code: str, identifier: str, line: str) -> dict[str, str]:
    """Write one line of an inventory as a sum with every operand."""
    language = "zh" if i18n.language() == "zh_Hans" else "en"
    return {"trace": actions.trace(db.session(), acting(code), identifier, line, language)}


@blueprint.route("/<identifier>/recomputation", methods=["GET"])
@blueprint.response(200, RecomputedSchema)
def recompute(code: str, identifier: str) -> actions.Recomputed:
    """Redo an inventory from its own operands."""
    return actions.redo(db.session(), acting(code), identifier)
