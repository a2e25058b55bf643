"""Writers of life-cycle inventories: one module per format, ``lca.dataset.LciDatabase`` -> their file.

    write(database, Path("bricks.zip"), "jsonld")

What a format has no field for is written where it keeps foreign data: reading the file again gives the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from lca.dataset import LciDatabase
from lca.errors import LciFormatUnknown

__all__ = ["FORMATS", "Writer", "write", "writer"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "jsonld": "openLCA JSON-LD, schema 2: zip",
    }
)
"""Format -> what its writer makes; the module has the same name."""


class Writer(Protocol):
    """What every module of this package offers."""

    def write(self, database: LciDatabase, path: Path) -> None:
        """Write everything that the database holds."""


def writer(name: str) -> Writer:
    """Return the writer of a format; its module is loaded only now.

    Raises:
        LciFormatUnknown: there is none of this name.
    """
    if name not in FORMATS:
        raise LciFormatUnknown(name, FORMATS)
    return cast(Writer, import_module(f"lca.exporters.{name}"))


def write(database: LciDatabase, path: Path, name: str) -> None:
    """Write ``database`` to ``path`` in the format ``name``.

    Raises:
        LciFormatUnknown: no such format.
    """
    writer(name).write(database, path)
