"""Readers of life-cycle inventories: one module per format, their file -> ``lca.dataset.LciDatabase``.

    database = read(Path("uslci.zip"))

A reader raises only where a file cannot be read at all; what is odd inside is a ``Finding``, and nothing is guessed:
an input without a named supplier stays so, and ``lca.linking`` says what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from lca.dataset import LciDatabase
from lca.errors import LciFileBroken, LciFormatUnknown, LciNothingFound
from lca.importers.archive import Archive

__all__ = ["FORMATS", "Progress", "Reader", "read", "reader"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "jsonld": "openLCA JSON-LD, schema 1 or 2: zip or folder",
        "ecospold1": "ecoSpold 1: one XML file, a zip or folder of them",
        "ecospold2": "ecoSpold 2: one XML file, a zip or folder of them",
        "ilcd": "ILCD or ILCD+EPD: zip or folder of XML, or one process as XML or JSON",
        "excel": "Brightway Excel workbook",
        "csv": "Brightway CSV",
        "simapro": "SimaPro CSV",
    }
)
"""Format -> what its reader takes; the module has the same name."""

Progress = Callable[[str, int, int], None]


class Reader(Protocol):
    """What every module of this package offers."""

    def knows(self, archive: Archive) -> bool:
        """Tell from names and first bytes whether this looks like the format."""

    def read(self, archive: Archive, progress: Progress) -> LciDatabase:
        """Return everything the file holds."""


def reader(name: str) -> Reader:
    """Return the reader of a format; its module is loaded only now.

    Raises:
        LciFormatUnknown: there is none of this name.
    """
    if name not in FORMATS:
        raise LciFormatUnknown(name, FORMATS)
    return cast(Reader, import_module(f"lca.importers.{name}"))


def read(path: Path, name: str = "", progress: Progress | None = None) -> LciDatabase:
    """Read ``path`` in the format ``name``, or in the first that knows it.

    Raises:
        LciFormatUnknown: no such format, or none that knows the file.
        LciFileBroken, LciFileUnsafe: damaged or cut off; entities, or more content than a machine should unpack.
        LciPartsTooMany: a zip of more parts than any database has.
        LciNothingFound: not one unit process inside; the first findings say why.
    """
    with Archive(path) as archive:
        found = reader(name) if name else _recognised(archive)
        database = found.read(archive, progress or (lambda *_: None))
    if not database.processes:
        raise LciNothingFound(path.name, database.findings)
    return database


def _recognised(archive: Archive) -> Reader:
    if archive.path.is_file() and not archive.path.stat().st_size:
        raise LciFileBroken(archive.path.name, "0 bytes")
    for name in FORMATS:
        candidate = reader(name)
        if candidate.knows(archive):
            return candidate
    raise LciFormatUnknown(archive.path.name, FORMATS)
