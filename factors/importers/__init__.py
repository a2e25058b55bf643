"""Importers: one module per publisher, their own file -> our records.

    report = import_file("desnz", Path("ghg-conversion-factors-2026-flat-format.xlsx"), load(), DATA, dry_run=True)
    print(report.text("zh"))

A new year is one command and one commit. What the library holds already is compared and shown, never
overwritten; series.csv, which decides what is matched, is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from factors.importers.errors import UnknownPublisher

if TYPE_CHECKING:
    from factors.importers.frame import Imported, Progress
    from factors.importers.report import Report
    from factors.library import Library

__all__ = ["PUBLISHERS", "Reader", "import_file", "reader"]

PUBLISHERS: Mapping[str, str] = MappingProxyType(
    {
        "desnz": "UK government conversion factors (DESNZ, before DEFRA and BEIS): flat file, condensed, standard set",
        "epa-hub": "US EPA GHG Emission Factors Hub",
        "epa-supply-chain": "US EPA Supply Chain GHG Emission Factors, CO2e or by gas",
        "ademe": "ADEME Base Carbone export",
        "owid-ember": "Our World in Data / Ember: carbon intensity of electricity",
    }
)
"""Publisher -> what its importer reads; the module is the name with underscores."""


class Reader(Protocol):
    """How every importer is called."""

    def __call__(self, path: Path, library: Library, progress: Progress | None = None) -> Imported:
        """Return the content of a publisher's file."""


def reader(publisher: str) -> Reader:
    """Return the importer of a publisher; its module is loaded only now.

    Raises:
        UnknownPublisher: no importer has this name.
    """
    name = publisher.strip().lower().replace("_", "-")
    if name not in PUBLISHERS:
        raise UnknownPublisher(publisher, PUBLISHERS)
    return cast(Reader, import_module(f"factors.importers.{name.replace('-', '_')}").read)


def import_file(
    publisher: str,
    path: Path,
    library: Library,
    data_dir: Path,
    *,
    dry_run: bool,
    progress: Progress | None = None,
) -> Report:
    """Read a publisher's file, compare it with ``library`` and, unless ``dry_run``, add what is new to ``data_dir``.

    ``library`` must be the one loaded from ``data_dir``. When something must be mended first, nothing is
    written and the report says what (``Report.is_blocked``).

    Raises:
        UnknownPublisher: no importer has this name.
        FileRefused: the file cannot be opened, or is no known layout (its subclasses say which).
    """
    from factors.importers.compare import compare, propose
    from factors.importers.report import Report
    from factors.importers.write import check, commit

    imported = reader(publisher)(path, library, progress)
    differences = compare(imported, library)
    blocking = check(imported, differences.new, library, data_dir)
    files = () if blocking else commit(imported, differences.new, data_dir, dry_run=dry_run)
    return Report(
        publisher=publisher,
        file=path.name,
        imported=imported,
        differences=differences,
        blocking=blocking,
        proposals=propose(imported, library),
        files=tuple(file.relative_to(data_dir).as_posix() for file in files),
        dry_run=dry_run,
    )
