"""Writers of life-cycle inventories: one module per format, ``lca.dataset.LciDatabase`` -> its file.

write(database, Path("mobility.xlsx"), "excel")
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from lca.dataset import LciDatabase
from lca.errors import LciFormatUnknown

__all__ = ["FORMATS", "Writer", "write"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "excel": "Brightway Excel workbook",
        "csv": "Brightway CSV",
    }
)
"""Format -> what its writer makes; the module has the same name."""


class Writer(Protocol):
    """What every module of this package offers."""

    def write(self, database: LciDatabase, path: Path) -> None:
        """Write everything that the format has a place for."""


def write(database: LciDatabase, path: Path, name: str) -> None:
    """Write ``database`` to ``path`` in the format ``name``; the module of the format is loaded only now.

    Raises:
        LciFormatUnknown: there is no such format.
    """
    if name not in FORMATS:
        raise LciFormatUnknown(name, FORMATS)
    cast(Writer, import_module(f"lca.exporters.{name}")).write(database, path)
