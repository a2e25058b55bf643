"""openLCA JSON-LD, schema 1 and 2: a zip, a folder, or one process as a file.

Schema 1 (openLCA 1.x) writes ``input``, ``quantitativeReference`` and categories as objects, schema 2 ``isInput``,
``isQuantitativeReference`` and categories as paths. The names in each object decide how it is read; a file that mixes
both is told. An avoided product, which openLCA notes as an input, is the output that it is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from lca.dataset import LciDatabase
from lca.errors import LciFileBroken
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.jsonld_flows import Flows, Places
from lca.importers.jsonld_objects import PACKAGE, Reading, number, part_of, text
from lca.importers.jsonld_processes import Processes
from lca.importers.jsonld_quality import Pedigrees
from lca.importers.jsonld_units import Units
from lca.parametrised import check

DATABASE = "database"
"""Under which name our own exports describe the database itself, beside the schema's version."""


def knows(archive: Archive) -> bool:
    """Tell whether the file has processes as JSON objects with a type and an identifier."""
    paths = [(name, PurePosixPath(name.replace("\\", "/"))) for name in archive.names]
    if any(path.name in PACKAGE for _, path in paths):
        return True
    named = [name for name, path in paths if path.suffix == ".json" and path.parent.name == "processes"]
    if not named and len(paths) == 1 and paths[0][1].suffix == ".json":
        named = [paths[0][0]]
    try:
        content = archive.bytes_of(named[0]) if named else b""
    except LciFileBroken:
        return True  # whoever reads it says where it is broken
    return b'"@type"' in content and b'"@id"' in content and b'"Process"' in content


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return all flows, processes and global parameters of the file.

    Raises:
        LciFileBroken, LciFileUnsafe: a part is damaged, or unpacks to more than anyone needs.
    """
    reading = Reading(archive, progress)
    reading.find()
    units, places = Units(reading), Places(reading)
    pedigrees = Pedigrees(reading)
    units.read()
    places.read()
    pedigrees.read()
    flows = Flows(reading, units, places)
    flows.read()
    processes = Processes(reading, flows, pedigrees)
    processes.read()
    units.finish()
    for record in flows.records.values():
        if not record.flow.unit:
            reading.tell("flow-without-unit", archive.path.name, flow=record.flow.name or record.flow.id)
    schema = _schema(reading)
    described = part_of(reading.package, DATABASE)
    database = LciDatabase(
        name=text(described.get("name")) or archive.path.stem,
        flows={record.flow.id: record.flow for record in flows.records.values()},
        processes=processes.linked(),
        version=text(described.get("version")),
        source=text(described.get("source")),
        licence=text(described.get("licence")),
        format=f"jsonld{schema}",
        parameters=processes.parameters,
    )
    return replace(database, findings=(*reading.findings, *check(database)))


def _schema(reading: Reading) -> int:
    """Return the schema that the objects of the file are written in; what the file says of itself comes second."""
    stated = number(reading.package.get("schemaVersion", reading.package.get("version")))
    says = None if stated is None else 2 if stated >= 2 else 1
    used = {schema for schema, count in reading.schemas.items() if count}
    if len(used | ({says} - {None})) > 1:
        params: dict[str, object] = {"first": reading.schemas[1], "second": reading.schemas[2], "stated": stated or "–"}
        reading.note("schema-mixed", reading.archive.path.name, params)
    if used:
        return max(used, key=lambda schema: reading.schemas[schema])
    return says or 2
