"""Inventories as JSON: run one, look at it, trace a line, redo it; and what has changed since the base year."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import flask
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import FileStorage

from lca.formulas.base_year import COUNTED, NOT_COUNTED
from lca.method import load
from lca.numbers import canonical
from service import db, i18n
from service.activities import loading
from service.activities.schemas import ImportFileSchema, WarningSchema
from service.activities.uploads import submitted
from service.calculations import actions
from service.calculations.base_year import Share
from service.calculations.models import BaseYearChange, Inventory
from service.catalogue import actions as catalogue
from service.errors import SHOWN
from service.http import Blueprint, acting, frozen, house, now, only_reading, part, place
from service.schemas import CODE_PATTERN, Choice, DecimalString, Page, text

blueprint = Blueprint(
    "inventories",
    __name__,
    url_prefix="/api/v1/organisations/<code>/inventories",
    description="Greenhouse-gas inventories, frozen with every operand",
)
base_years = Blueprint(
    "base years",
    __name__,
    url_prefix="/api/v1/organisations/<code>/base-years/<int(min=1990, max=2100):year>",
    description="What would have made a base year differ, and whether that asks for its recalculation",
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


class ChangeSchema(Schema):
    """Something that would have made the base year differ."""

    id = fields.Integer(dump_only=True)
    kind = fields.String(
        required=True,
        validate=Choice(COUNTED + NOT_COUNTED),
        metadata={"description": f"{', '.join(NOT_COUNTED)} never ask for a recalculation"},
    )
    kgco2e = DecimalString(
        required=True, metadata={"description": "how much the base year would differ; less is negative"}
    )
    reason = text(limit=1000, required=True, metadata={"description": "what changed"})
    actor = fields.String(dump_only=True)
    created = fields.DateTime(dump_only=True)


class ShareSchema(Schema):
    """A change that no recalculation has taken in yet, with the share of all up to it in the base year."""

    change = fields.Nested(ChangeSchema)
    is_counted = fields.Boolean()
    cumulative_percent = fields.String(
        allow_none=True, metadata={"description": "null while the base year has no inventory by this method"}
    )
    reaches_threshold = fields.Boolean()


class MethodSchema(Schema):
    """By which method the base year is looked at: each has inventories and a threshold of its own."""

    method = text(CODE_PATTERN, limit=60, required=True)
    consolidated = fields.Boolean(load_default=False, metadata={"description": "with the companies of the group"})


class OpenChangesSchema(MethodSchema, Page):
    """Which part of the open changes is wanted, looked at by which method."""


class BaseYearTestSchema(Schema):
    """Whether the open changes reach the threshold together."""

    percent = fields.String(metadata={"description": "sum of the sizes of the counted changes in the base year"})
    threshold_percent = fields.String()
    is_due = fields.Boolean(metadata={"description": "the base year has to be recalculated"})


class RehearsalOptionsSchema(Schema):
    """By which method to try."""

    method = text(CODE_PATTERN, limit=60, load_default="inventory.ghgp")


class RehearsalSchema(Schema):
    """What the inventory of a file would ask before it can be computed, and what it would warn of."""

    method = fields.String()
    errors = fields.List(fields.Nested(WarningSchema), metadata={"description": "what is wrong in the file itself"})
    questions = fields.List(fields.Nested(WarningSchema))
    warnings = fields.List(fields.Dict())


class WantedSchema(Page):
    """Which inventories are wanted."""

    year = fields.Integer(load_default=None, validate=validate.Range(min=1990, max=2100))
    method = text(CODE_PATTERN, limit=60)


@blueprint.route("", methods=["GET"])
@blueprint.arguments(WantedSchema, location="query")
@blueprint.response(200, InventorySchema(many=True))
def inventories(asked: dict[str, Any], code: str) -> Sequence[Inventory]:
    """List the inventories, newest first."""
    wanted = {"year": asked["year"], "method": asked["method"]}
    after, limit = place(asked, str, ""), asked["limit"] + 1
    rows = actions.inventories(db.session(), acting(code), **wanted, after=after, limit=limit)
    return part(rows, asked, lambda row: row.id, whole=False)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(OrderSchema)
@blueprint.response(201, InventorySchema)
def run(order: dict[str, Any], code: str) -> Inventory:
    """Compute and freeze an inventory; the same data give the one that is there already."""
    return actions.run(db.session(), acting(code), actions.Order(**order), house().library, now())


@blueprint.route("/rehearsals", methods=["POST"])
@blueprint.arguments(RehearsalOptionsSchema, location="query")
@blueprint.arguments(ImportFileSchema, location="files")
@blueprint.response(200, RehearsalSchema)
def rehearse(options: dict[str, str], files: dict[str, FileStorage], code: str) -> dict[str, Any]:
    """Compute the inventory of a file only to learn what stands in its way; nothing is stored."""
    library = house().library
    with only_reading(code) as (session, actor):
        allowed, overlay = loading.known(session, actor, library), catalogue.overlay(session, actor, library)
    with submitted(files, allowed) as found:
        done = actions.rehearse(found.ledger, options["method"], library, now(), version("tanji"), overlay)
    return {
        "method": done.method,
        "errors": [loading.wrong(one).told() for one in found.errors[:SHOWN]],
        "questions": [one.told() for one in done.questions],
        "warnings": done.warnings,
    }


@blueprint.route("/<identifier>", methods=["GET"])
@blueprint.response(200, {"type": "object"})
def show(code: str, identifier: str) -> flask.Response:
    """Show an inventory: totals, breakdowns, bridge, lines and warnings."""
    session, actor = db.session(), acting(code)
    row = actions.show(session, actor, identifier)
    return frozen(row.snapshot_sha, lambda: actions.summary(actions.snapshot(session, actor, identifier)))


@blueprint.route("/<identifier>/lines/<line>", methods=["GET"])
@blueprint.response(200, TraceSchema)
def trace(code: str, identifier: str, line: str) -> dict[str, str]:
    """Write one line of an inventory as a sum with every operand."""
    language = i18n.short_language()
    return {"trace": actions.trace(db.session(), acting(code), identifier, line, language)}


@blueprint.route("/<identifier>/recomputation", methods=["GET"])
@blueprint.response(200, RecomputedSchema)
def recompute(code: str, identifier: str) -> actions.Recomputed:
    """Redo an inventory from its own operands."""
    return actions.redo(db.session(), acting(code), identifier)


@base_years.route("/changes", methods=["POST"])
@base_years.arguments(ChangeSchema)
@base_years.response(201, ChangeSchema)
def note_change(data: dict[str, str], code: str, year: int) -> BaseYearChange:
    """Note what would have made the base year differ."""
    return actions.note_change(db.session(), acting(code), year, **data, now=now())


@base_years.route("/changes", methods=["GET"])
@base_years.arguments(OpenChangesSchema, location="query")
@base_years.response(200, ShareSchema(many=True))
def changes(asked: dict[str, Any], code: str, year: int) -> Sequence[Share]:
    """List the open changes, oldest first, with their cumulative share."""
    method, consolidated = load(asked["method"]), asked["consolidated"]
    rows = actions.base_year_shares(db.session(), acting(code), year, method, consolidated=consolidated)
    return part(rows, asked, lambda row: row.change.id or 0)


@base_years.route("/test", methods=["GET"])
@base_years.arguments(MethodSchema, location="query")
@base_years.response(200, BaseYearTestSchema)
def test(asked: dict[str, Any], code: str, year: int) -> dict[str, Any]:
    """Test whether the base year has to be recalculated."""
    method, consolidated = load(asked["method"]), asked["consolidated"]
    outcome = actions.judge_base_year(db.session(), acting(code), year, method, consolidated=consolidated)
    return {
        "percent": canonical(outcome.percent),
        "threshold_percent": method.base_year_threshold_percent,
        "is_due": outcome.recalculate,
    }
