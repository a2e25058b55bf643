"""Life-cycle inventory databases as JSON: what there is, what is odd in them, their processes and scores."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import flask
from marshmallow import Schema, fields

from lca.background import Background
from lca.exporters import write
from service import db
from service.catalogue import inventories, lci_scores, lci_told
from service.catalogue.inventories import Listed
from service.http import Blueprint, acting, house, keep_as, now, part
from service.schemas import Choice, Page, Reason, text

GWP = ("AR4", "AR5", "AR6")
ENDINGS = {"jsonld": ".zip", "excel": ".xlsx", "csv": ".csv"}

blueprint = Blueprint(
    "life-cycle-inventories",
    __name__,
    url_prefix="/api/v1/organisations/<code>/lci",
    description="Life-cycle inventory databases: the organisation's, the house's, those that come along",
)


class DatabaseSchema(Schema):
    """A database; ``owner`` is organisation, house or shipped."""

    name = fields.String()
    owner = fields.String()
    content_sha256 = fields.String()
    format = fields.String()
    publisher_version = fields.String()
    source = fields.String()
    licence = fields.String()
    processes = fields.Integer()
    exchanges = fields.Integer()


class FoundSchema(Page):
    """Which processes: all words in process, product or place."""

    q = text(limit=200)


class ProcessSchema(Schema):
    """A product of a process."""

    process_id = fields.String()
    process = fields.String()
    process_zh = fields.String()
    location = fields.String()
    flow = fields.String(metadata={"description": "id of the product, where the process has several"})
    name = fields.String(metadata={"description": "of the product"})
    unit = fields.String()
    is_placeholder = fields.Boolean()


class ProcessesSchema(Schema):
    """A part of what was found."""

    total = fields.Integer()
    processes = fields.List(fields.Nested(ProcessSchema))


class AskedScoreSchema(Schema):
    """Whose score: a process by id or name, one of its products where it has several, in which GWP set."""

    process = text(limit=400, required=True)
    product = text(limit=400)
    gwp = fields.String(load_default="AR6", validate=Choice(GWP))


class AskedScoresSchema(Page):
    """In which GWP set all products are scored."""

    gwp = fields.String(load_default="AR6", validate=Choice(GWP))


class ProductScoreSchema(Schema):
    """The score of a product; none where its system has no solution."""

    number = fields.Integer()
    process_id = fields.String()
    process = fields.String()
    location = fields.String()
    name = fields.String(metadata={"description": "of the product"})
    unit = fields.String()
    kgco2e = fields.String(allow_none=True)


class FormatSchema(Schema):
    """In which format a database is wanted."""

    format = fields.String(load_default="jsonld", validate=Choice(tuple(ENDINGS)))


class FindingSchema(Schema):
    """Something odd in a database, in both languages."""

    code = fields.String()
    where = fields.String()
    zh = fields.String()
    en = fields.String()
    is_error = fields.Boolean()


@blueprint.route("", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, DatabaseSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> list[Listed]:
    """List the databases that can be used."""
    return part(inventories.listed(db.session(), acting(code)), asked, lambda row: f"{row.owner} {row.name}")


@blueprint.route("/<database>", methods=["GET"])
@blueprint.response(200, {"type": "object"})
def show(code: str, database: str) -> flask.Response:
    """Show how large a database is and what of it is cut off."""
    compiled: Background = inventories.looked_at(db.session(), acting(code), database)
    content = compiled.system.database
    named = {"name": database, "source": content.source, "licence": content.licence, "version": compiled.version}
    return flask.jsonify(named | lci_scores.described(compiled))


@blueprint.route("/<database>/findings", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, FindingSchema(many=True))
def findings(asked: dict[str, Any], code: str, database: str) -> list[dict[str, Any]]:
    """List what is odd in a database: inputs cut off, allocation by rule, unknown greenhouse flows."""
    compiled = inventories.looked_at(db.session(), acting(code), database)
    found = part(list(enumerate(lci_scores.findings(compiled))), asked, lambda row: row[0])
    return [{**lci_told.told(one), "is_error": one.is_error} for _, one in found]


@blueprint.route("/<database>/processes", methods=["GET"])
@blueprint.arguments(FoundSchema, location="query")
@blueprint.response(200, ProcessesSchema)
def processes(asked: dict[str, Any], code: str, database: str) -> dict[str, Any]:
    """Search the processes of a database."""
    compiled = inventories.looked_at(db.session(), acting(code), database)
    found = lci_scores.found(compiled, asked["q"], limit=len(compiled.products))
    return {"total": found.total, "processes": [one for _, one in part(found.rows, asked, lambda row: row[0])]}


@blueprint.route("/<database>/scores", methods=["GET"])
@blueprint.arguments(AskedScoresSchema, location="query")
@blueprint.response(200, ProductScoreSchema(many=True))
def scores(asked: dict[str, Any], code: str, database: str) -> list[dict[str, Any]]:
    """Score every product of a database, from one solve."""
    compiled = inventories.looked_at(db.session(), acting(code), database)
    return part(
        lci_scores.all_scored(compiled, house().library.gwp_sets[asked["gwp"]]), asked, lambda row: row["number"]
    )


@blueprint.route("/<database>/export", methods=["GET"])
@blueprint.arguments(FormatSchema, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def export(asked: dict[str, str], code: str, database: str) -> flask.Response:
    """Return a database as a file that other programs read; one whose licence keeps it from being passed on, never."""
    content = inventories.content_of(db.session(), acting(code), database)
    inventories.may_show(content)
    ending = ENDINGS[asked["format"]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"database{ending}"
        write(content, path, asked["format"])
        response = flask.Response(path.read_bytes(), mimetype="application/octet-stream")
    keep_as(response, f"{database}{ending}")
    return response


@blueprint.route("/<database>/withdrawal", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(204)
def withdraw(data: dict[str, str], code: str, database: str) -> None:
    """Take a database back; it stays in the table and is no longer found."""
    inventories.take_back(db.session(), acting(code), database, data["reason"], now())


@blueprint.route("/<database>/score", methods=["GET"])
@blueprint.arguments(AskedScoreSchema, location="query")
@blueprint.response(200, {"type": "object"})
def score(asked: dict[str, str], code: str, database: str) -> flask.Response:
    """Score a process: kg CO2e per unit, by gas, by process and along its supply chain, remainders kept."""
    compiled = inventories.looked_at(db.session(), acting(code), database)
    index = compiled.find(asked["process"], asked["product"])
    return flask.jsonify(lci_scores.scored(compiled, index, house().library.gwp_sets[asked["gwp"]]))
