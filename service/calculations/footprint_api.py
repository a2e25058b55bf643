"""Footprints of products as JSON: computed without storing, run and frozen, shown, compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flask
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import FileStorage

from lca.product_reading import model
from lca.snapshot import canonical_bytes
from service import db
from service.calculations import footprint_runs, footprint_trials, footprints
from service.calculations.footprint_trials import Trial
from service.calculations.footprints import Knowledge
from service.calculations.models import FootprintStudy
from service.http import Blueprint, acting, frozen, house, now, only_reading, part, place
from service.products.schemas import MODEL, ModelFileSchema, file_data, model_data
from service.schemas import CODE_PATTERN, PARAMETER_PATTERN, DecimalString, Page, text

MOST_METHODS = 20

trials = Blueprint(
    "footprint-trials",
    __name__,
    url_prefix="/api/v1/footprint-trials",
    description="Footprints computed from published data alone; nothing is stored",
)
blueprint = Blueprint(
    "product-footprints",
    __name__,
    url_prefix="/api/v1/organisations/<code>/footprints",
    description="Footprints of products, frozen with every operand",
)


def _methods() -> fields.List[Any]:
    rule = validate.Length(min=1, max=MOST_METHODS)
    about = {"description": "the method of the study first; the others stand beside it"}
    return fields.List(text(CODE_PATTERN, limit=60, required=True), required=True, validate=rule, metadata=about)


class TrialSchema(Schema):
    """A model and how to compute it."""

    model = fields.Dict(keys=fields.String(), required=True, metadata=MODEL)
    methods = _methods()
    scenario = text(limit=200, metadata={"description": "a scenario of the model"})
    parameters = fields.Dict(
        keys=fields.String(validate=validate.Regexp(PARAMETER_PATTERN)),
        values=DecimalString(),
        load_default=dict,
        metadata={"description": "other values of parameters"},
    )


class FileTrialSchema(Schema):
    """How to compute the model in a file."""

    methods = _methods()
    scenario = text(limit=200, metadata={"description": "a scenario of the model"})


class StudySchema(Schema):
    """Which footprint to run."""

    product = text(limit=200, required=True)
    method = text(CODE_PATTERN, limit=60, required=True)
    reason = text(limit=1000, metadata={"description": "why a new version of a footprint is made"})


class FootprintSchema(Schema):
    """One version of a footprint; the snapshot holds everything else."""

    id = fields.String()
    product = fields.String()
    method = fields.String()
    version = fields.Integer()
    reason = fields.String()
    state = fields.String()
    snapshot_sha256 = fields.String(attribute="snapshot_sha")
    total_kgco2e = fields.String()
    unit = fields.String()
    created = fields.DateTime()
    superseded_by = fields.String(allow_none=True)


class WantedSchema(Page):
    """Which footprints are wanted."""

    product = text(limit=200)
    method = text(CODE_PATTERN, limit=60)
    current = fields.Boolean(load_default=False, metadata={"description": "only those that none supersedes"})


class ReconciledSchema(Schema):
    """Which inventory, and the footprints by which method."""

    inventory = text(limit=400, required=True)
    method = text(CODE_PATTERN, limit=60, required=True)


class PairSchema(Schema):
    """Two footprints."""

    one = text(limit=400, required=True)
    other = text(limit=400, required=True)


@trials.route("", methods=["POST"])
@trials.arguments(TrialSchema)
@trials.response(200, {"type": "object"})
def compute(asked: dict[str, Any]) -> flask.Response:
    """Compute the footprint of a model from published data."""
    return _tried(model_data(asked["model"]), asked, footprint_trials.published(house().library))


@trials.route("/files", methods=["POST"])
@trials.arguments(FileTrialSchema, location="query")
@trials.arguments(ModelFileSchema, location="files")
@trials.response(200, {"type": "object"})
def compute_file(asked: dict[str, Any], files: dict[str, FileStorage]) -> flask.Response:
    """Compute the footprint of a workbook, a YAML or a JSON file from published data."""
    return _tried(file_data(files["file"])[0], asked, footprint_trials.published(house().library))


@blueprint.route("/trials", methods=["POST"])
@blueprint.arguments(TrialSchema)
@blueprint.response(200, {"type": "object"})
def compute_own(asked: dict[str, Any], code: str) -> flask.Response:
    """Compute the footprint of a model with the organisation's own factors and databases; nothing is stored."""
    with only_reading(code) as (session, actor):
        return _tried(model_data(asked["model"]), asked, footprint_trials.own(session, actor, house().library))


def _tried(data: dict[str, Any], asked: dict[str, Any], knowledge: Knowledge) -> flask.Response:
    parameters = {name: float(value) for name, value in asked.get("parameters", {}).items()}
    trial = Trial(asked["methods"], asked["scenario"], parameters)
    main, *beside = footprint_trials.computed(model(data), trial, knowledge, now())
    shorts = [footprints.short(one.snapshot) for one in beside]
    return flask.jsonify(footprints.summary(main.snapshot) | {"beside": shorts})


@blueprint.route("", methods=["GET"])
@blueprint.arguments(WantedSchema, location="query")
@blueprint.response(200, FootprintSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> Sequence[FootprintStudy]:
    """List the footprints, newest first."""
    wanted = {name: asked[name] for name in ("product", "method", "current")}
    after, limit = place(asked, str, ""), asked["limit"] + 1
    rows = footprint_runs.footprints(db.session(), acting(code), **wanted, after=after, limit=limit)
    return part(rows, asked, lambda row: row.id, whole=False)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(StudySchema)
@blueprint.response(201, FootprintSchema)
def run(study: dict[str, str], code: str) -> FootprintStudy:
    """Compute and freeze the footprint of a stored product; the same model gives the one that is there already."""
    asked = footprint_runs.Study(**study)
    return footprint_runs.run(db.session(), acting(code), asked, house().library, now())


@blueprint.route("/comparison", methods=["GET"])
@blueprint.arguments(PairSchema, location="query")
@blueprint.response(200, {"type": "object"})
def compare(asked: dict[str, str], code: str) -> flask.Response:
    """Say line by line why two footprints differ."""
    actor = acting(code)
    found = (footprint_runs.snapshot(db.session(), actor, asked[name]) for name in ("one", "other"))
    return flask.jsonify(footprints.compare(*found))


@blueprint.route("/reconciliation", methods=["GET"])
@blueprint.arguments(ReconciledSchema, location="query")
@blueprint.response(200, {"type": "object"})
def reconcile(asked: dict[str, str], code: str) -> flask.Response:
    """Hold the newest footprints by a method against an inventory: do the products account for what the sites used?"""
    found = footprint_runs.reconciled(db.session(), acting(code), asked["inventory"], asked["method"])
    return flask.jsonify(found)


@blueprint.route("/<identifier>", methods=["GET"])
@blueprint.response(200, {"type": "object"})
def show(code: str, identifier: str) -> flask.Response:
    """Show a footprint: totals, breakdowns, inputs with their factors, what is left out, checks and warnings."""
    session, actor = db.session(), acting(code)
    sha256 = footprint_runs.snapshot_digest(session, actor, identifier)
    return frozen(sha256, lambda: footprints.summary(footprint_runs.snapshot(session, actor, identifier)))


@blueprint.route("/<identifier>/snapshot.json", methods=["GET"])
@blueprint.response(200, {"type": "object"}, content_type="application/json")
def snapshot(code: str, identifier: str) -> flask.Response:
    """Return the frozen snapshot as canonical JSON."""
    found = footprint_runs.snapshot(db.session(), acting(code), identifier)
    return flask.Response(canonical_bytes(found), mimetype="application/json")
