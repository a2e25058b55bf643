"""What the API takes and gives of product models."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage

from service.http import harmless
from service.products import model_files
from service.products.refusals import ModelFileInvalid
from service.products.text_models import TextRefused, plain
from service.schemas import text

MODEL = {"description": "a product model, keys as in a model file; numbers as text, so that digits stay as written"}


class ModelSchema(Schema):
    """A product model, and why another version takes the place of the one that is held."""

    model = fields.Dict(keys=fields.String(), required=True, metadata=MODEL)
    reason = text(limit=1000, metadata={"description": "why another model of the product is replaced"})


class ModelFileSchema(Schema):
    """A product model as a workbook, YAML or JSON."""

    file = Upload(required=True)


class ReasonSchema(Schema):
    """Why another version is made."""

    reason = text(limit=1000)


class ProductModelSchema(Schema):
    """One version of what an organisation says of a product."""

    product = fields.String()
    version = fields.Integer()
    name_zh = fields.String()
    name_en = fields.String()
    reason = fields.String()
    content_sha256 = fields.String()
    file_name = fields.String()
    created = fields.DateTime()
    is_superseded = fields.Function(lambda row: row.superseded_by is not None, metadata={"type": "boolean"})


class NameSchema(Schema):
    """A name in both languages."""

    zh = fields.String()
    en = fields.String()


class TemplateSchema(Schema):
    """A model to begin with: what it is of, the methods that it is made for, the usual one first."""

    id = fields.String()
    name = fields.Nested(NameSchema)
    group = fields.String()
    group_name = fields.Nested(NameSchema)
    methods = fields.List(fields.String())


def model_data(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model that came as JSON as the plain data of a model file.

    Raises:
        ModelFileInvalid: too deep, too much, characters that no file can hold.
    """
    try:
        return plain(given)
    except TextRefused as refused:
        raise ModelFileInvalid(refused.problems) from refused


def file_data(file: FileStorage) -> tuple[dict[str, Any], str]:
    """Return the plain data of a model in a file that came with a request, and the name of the file.

    Raises:
        ModelFileInvalid: everything that is wrong with it as a file.
    """
    with tempfile.TemporaryDirectory() as folder:
        name = harmless(file.filename or "")
        path = Path(folder) / name
        file.save(path)
        return model_files.read(path), name
