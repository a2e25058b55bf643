"""Writers of life-cycle inventories: ``lca.dataset.LciDatabase`` -> a file that other programs read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from lca.dataset import LciDatabase
from lca.errors import LciFormatUnknown

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "jsonld": "openLCA JSON-LD, schema 2: zip",
        "excel": "Brightway Excel workbook",
        "csv": "Brightway CSV",
    }
)
"""Format -> what its writer makes; the module has the same name."""


class Writer(Protocol):
    """What every module of this package offers."""

    def write(self, database: LciDatabase, path: Path) -> None:
        """Write the whole database to ``path``."""


def write(database: LciDatabase, path: Path, name: str) -> None:
    """Write ``database`` in the format ``name``.

    Raises:
        LciFormatUnknown: there is no writer of this name.
    """
    if name not in FORMATS:
        raise LciFormatUnknown(name, FORMATS)
    cast(Writer, import_module(f"lca.exporters.{name}")).write(database, path)
