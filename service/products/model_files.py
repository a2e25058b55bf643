"""Product models from files: YAML or JSON, every scalar as the text that was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from factors.strict_yaml import TextLoader
from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.product_model import Model
from lca.product_reading import model

MOST_BYTES = 20 << 20


def read(path: Path) -> dict[str, Any]:
    """Return what a file holds.

    Raises:
        ModelInvalid: it is too large, or cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ModelInvalid([Flaw("unreadable", {"reason": f"> {MOST_BYTES} bytes"}, path.name)])
    text = path.read_text(encoding="utf-8-sig")
    try:
        if path.suffix.lower() == ".json":
            found = json.loads(text, parse_float=str, parse_int=str)
        else:
            found = yaml.load(text, TextLoader)  # noqa: S506  a SafeLoader, stricter
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ModelInvalid([Flaw("unreadable", {"reason": " ".join(str(error).split())}, path.name)]) from error
    if not isinstance(found, dict):
        raise ModelInvalid([Flaw("not-a-mapping", {"key": path.name})])
    return found


def model_of(path: Path) -> Model:
    """Return the model that a file describes.

    Raises:
        ModelInvalid: everything that is wrong with it.
    """
    return model(read(path))
