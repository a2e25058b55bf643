"""Guided models to begin with: those of ``lca/data/templates``, with what each is made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from factors.strict_yaml import StrictLoader
from lca import product_reading
from lca.method_records import DATA
from lca.product_model import Model, Name
from service.errors import N_, NotFound
from service.products import model_files

FOLDER = DATA.parent / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """One template: what it is a model of, and the methods that it is made for, the usual one first."""

    id: str
    name: Name
    group: str
    group_name: Name
    methods: tuple[str, ...]


@cache
def templates() -> Mapping[str, Template]:
    """Return every template by id, in the order in which they are offered."""
    index = yaml.load((FOLDER / "index.yaml").read_text(encoding="utf-8"), StrictLoader)  # noqa: S506  safe
    groups = {key: Name(**said) for key, said in index["groups"].items()}
    found = {}
    for one in index["templates"]:
        data = _read(one["id"])
        name = Name(data["zh"], data["en"])
        found[one["id"]] = Template(one["id"], name, one["group"], groups[one["group"]], tuple(one["methods"]))
    return MappingProxyType(found)


def data(identifier: str) -> dict[str, Any]:
    """Return a template as the plain data of a model file, the caller's own copy.

    Raises:
        NotFound: there is no such template.
    """
    if identifier not in templates():
        raise NotFound(N_("template"), identifier)
    return _read(identifier)


def load(identifier: str) -> Model:
    """Return the model of a template.

    Raises:
        NotFound: there is no such template.
    """
    return product_reading.model(data(identifier))


def _read(identifier: str) -> dict[str, Any]:
    return model_files.read(FOLDER / f"{identifier}.yaml")
