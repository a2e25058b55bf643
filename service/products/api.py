"""Product models as JSON: templates to begin with, models handed in and their versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import flask
from werkzeug.datastructures import FileStorage

from service import db
from service.http import XLSX, Blueprint, acting, now, part, tagged
from service.products import actions, templates
from service.products.actions import PRODUCT_MODEL
from service.products.models import ProductModel
from service.products.schemas import (
    ModelFileSchema,
    ModelSchema,
    ProductModelSchema,
    ReasonSchema,
    TemplateSchema,
    file_data,
    model_data,
)
from service.products.templates import Template
from service.products.web import download, workbook_of
from service.schemas import IfMatch, Page

offered = Blueprint(
    "product-templates", __name__, url_prefix="/api/v1/product-templates", description="Product models to begin with"
)
blueprint = Blueprint(
    "product-models",
    __name__,
    url_prefix="/api/v1/organisations/<code>/product-models",
    description="Models of an organisation's products",
)


@offered.route("", methods=["GET"])
@offered.arguments(Page, location="query")
@offered.response(200, TemplateSchema(many=True))
def listed(asked: dict[str, Any]) -> list[Template]:
    """List the templates; their values are demonstrations."""
    return part(list(templates.templates().values()), asked, lambda one: one.id)


@offered.route("/<identifier>", methods=["GET"])
@offered.response(200, {"type": "object"})
def template(identifier: str) -> flask.Response:
    """Return a template as a product model."""
    return flask.jsonify(templates.data(identifier))


@offered.route("/<identifier>/workbook.xlsx", methods=["GET"])
@offered.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def workbook(identifier: str) -> flask.Response:
    """Return a template as a workbook."""
    return download(workbook_of(templates.data(identifier)), XLSX, f"{identifier}.xlsx")


@blueprint.route("", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, ProductModelSchema(many=True))
def products(asked: dict[str, Any], code: str) -> Sequence[ProductModel]:
    """List the newest version of every product."""
    return part(actions.products(db.session(), acting(code)), asked, lambda row: row.product)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(ModelSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, ProductModelSchema)
def put(data: dict[str, Any], expecting: dict[str, Any], code: str) -> ProductModel:
    """Store a model; the same one changes nothing, another becomes the next version with a reason."""
    given = model_data(data["model"])
    made = actions.put_model(db.session(), acting(code), given, "", now(), reason=data["reason"], **expecting)
    return tagged(PRODUCT_MODEL, made)


@blueprint.route("/files", methods=["POST"])
@blueprint.arguments(ReasonSchema, location="query")
@blueprint.arguments(ModelFileSchema, location="files")
@blueprint.response(201, ProductModelSchema)
def put_file(asked: dict[str, str], files: dict[str, FileStorage], code: str) -> ProductModel:
    """Store the model in a workbook, a YAML or a JSON file."""
    data, name = file_data(files["file"])
    return actions.put_model(db.session(), acting(code), data, name, now(), reason=asked["reason"])


@blueprint.route("/<product>", methods=["GET"])
@blueprint.response(200, {"type": "object"})
def show(code: str, product: str) -> flask.Response:
    """Return the newest model of a product as it was handed in."""
    row = tagged(PRODUCT_MODEL, actions.show(db.session(), acting(code), product))
    return flask.jsonify(json.loads(row.content))


@blueprint.route("/<product>/versions", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, ProductModelSchema(many=True))
def versions(asked: dict[str, Any], code: str, product: str) -> Sequence[ProductModel]:
    """List the versions of a product's model, oldest first."""
    return part(actions.versions(db.session(), acting(code), product), asked, lambda row: row.version)
