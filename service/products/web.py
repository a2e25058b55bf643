"""Pages on which a model of a product begins: the templates by group, as a form or as a workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import flask
from flask import Blueprint

from service.http import XLSX, keep_as
from service.products import model_files, templates

blueprint = Blueprint("templates", __name__, url_prefix="/templates")


@blueprint.get("")
def listed() -> str:
    """List the templates by group of products."""
    found = groupby(templates.templates().values(), key=lambda one: one.group)
    return flask.render_template("pages/templates.html", groups=[list(members) for _, members in found])


@blueprint.get("/<identifier>.xlsx")
def workbook(identifier: str) -> flask.Response:
    """Return a template as a workbook; ``blank`` marks every row as an example, which is never read."""
    content = workbook_of(templates.data(identifier), is_blank="blank" in flask.request.args)
    return download(content, XLSX, f"{identifier}.xlsx")


def workbook_of(data: Mapping[str, object], *, is_blank: bool = False) -> bytes:
    """Return a model as a workbook.

    Raises:
        As ``model_files.write_workbook``.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xlsx"
        model_files.write_workbook(path, data, mark_examples=is_blank)
        return path.read_bytes()


def download(content: bytes, media_type: str, name: str) -> flask.Response:
    """Return bytes as a file to be kept."""
    response = flask.Response(content, mimetype=media_type)
    keep_as(response, name)
    return response
