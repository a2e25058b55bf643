"""Runs in an interpreter that has ``bw2data`` and ``bw2io``, and nothing of Tanji: a Brightway project and one file.

    python brightway_process.py read|write PROJECT DATABASE FILE ANSWER

``BRIGHTWAY2_DIR`` names the folder of the projects; importing bw2data opens it. ``FILE`` is Brightway's own CSV layout.
What came of it stands in ``ANSWER`` as JSON: counts, or the code of what went wrong with its particulars.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Node = dict[str, Any]
Key = tuple[str, str]

PROCESS = "processwithreferenceproduct"  # Brightway's word for an activity that is its own product
ELEMENTARY = ("emission", "natural resource", "inventory indicator", "economic", "social")
PRODUCTION = ("production", "generic production")
TYPES = {"generic production": "production", "generic consumption": "technosphere"}
NUMBERS = ("amount", "loc", "scale", "minimum", "maximum", "uncertainty type", "allocation")
EXCHANGE_COLUMNS = (
    "name", "reference product", "amount", "unit", "database", "location", "type", "categories", "formula",
    "uncertainty type", "loc", "scale", "minimum", "maximum", "negative", "pedigree", "allocation", "CAS number",
    "flow", "input", "comment",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "name",
    "amount",
    "unit",
    "formula",
    "uncertainty type",
    "loc",
    "scale",
    "minimum",
    "maximum",
    "comment",
)
PEDIGREE = (
    "reliability",
    "completeness",
    "temporal correlation",
    "geographical correlation",
    "further technological correlation",
)
COMPANION = "made beside"  # says of a database what it was made for
RESOURCES = ("natural resource", "natural resources", "resource", "raw")


class Refused(Exception):
    """What keeps the job from being done."""

    def __init__(self, code: str, **params: str) -> None:
        self.code, self.params = code, params
        super().__init__(code)


def projects_of(folder: Path) -> list[str]:
    """Return the projects of a folder, without opening it as Brightway does, which would make one."""
    file = folder / "projects.db"
    if not file.is_file():
        return []
    with sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True) as opened:
        return sorted(name for (name,) in opened.execute("SELECT name FROM projectdataset"))


# --- a project's database -> file ----------------------------------------------------------------


def read(project: str, name: str, file: Path) -> dict[str, Any]:
    """Write the database ``name`` of a project, or its only one, to ``file``."""
    held = projects_of(Path(os.environ["BRIGHTWAY2_DIR"]))
    if project not in held:
        raise Refused("brightway-project-missing", name=project, known=", ".join(held) or "-")
    import bw2data

    bw2data.projects.set_current(project, writable=False)
    # Databases of elementary flows, and those that this program made beside another, are not what is asked for.
    known = [one for one in sorted(bw2data.databases) if not _is_beside(bw2data, one)]
    if not name and len(known) == 1:
        name = known[0]
    if name not in bw2data.databases:
        raise Refused("brightway-database-missing", name=name or "-", known=", ".join(known) or "-")
    nodes = bw2data.Database(name).load()
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(_Rows(bw2data, name, nodes).all())
    return {"database": name, "processes": len(nodes)}


def _is_beside(bw2data: Any, name: str) -> bool:
    return name == bw2data.config.biosphere or COMPANION in bw2data.databases[name]


class _Rows:
    """The rows of one database in Brightway's layout, every supplier named by its code."""

    def __init__(self, bw2data: Any, name: str, nodes: Mapping[Key, Node]) -> None:
        self._bw2data, self._name, self._nodes = bw2data, name, nodes
        self._found: dict[Key, Node] = {}
        self._producers: dict[Key, list[Key]] = {}
        for key, node in nodes.items():
            for exchange in node.get("exchanges", ()):
                if exchange["type"] in PRODUCTION:
                    self._producers.setdefault(tuple(exchange["input"]), []).append(key)

    def all(self) -> Iterator[list[Any]]:
        """Yield every row."""
        yield ["Database", self._name]
        for key, value in self._bw2data.databases[self._name].items():
            if key in ("format", "version", "source", "licence", "license") and isinstance(value, str):
                yield [key, value]
        yield []
        yield from self._parameters("Database parameters", self._of_database())
        for key, node in self._nodes.items():
            if node.get("type") != "product":  # a product is told by the process that makes it
                yield from self._activity(key, node)

    def _of_database(self) -> list[Node]:
        from bw2data.parameters import DatabaseParameter, ProjectParameter

        project = [one.dict for one in ProjectParameter.select()]
        own = [one.dict for one in DatabaseParameter.select().where(DatabaseParameter.database == self._name)]
        kept = self._bw2data.databases[self._name].get("parameters")
        return [*project, *own] or _listed(kept)

    def _activity(self, key: Key, node: Node) -> Iterator[list[Any]]:
        yield ["Activity", node.get("name", key[1])]
        yield ["code", key[1]]
        for name, value in node.items():
            if name not in ("name", "code", "database", "id", "exchanges", "parameters") and _is_plain(value):
                yield [name, _cell(value)]
        yield from self._parameters("Parameters", self._of_activity(key, node))
        exchanges = node.get("exchanges", ())
        if exchanges:
            yield ["Exchanges"]
            yield list(EXCHANGE_COLUMNS)
        for exchange in exchanges:
            told = self._exchange(key, node, exchange)
            yield [_cell(told.get(column, "")) for column in EXCHANGE_COLUMNS]
        yield []

    def _of_activity(self, key: Key, node: Node) -> list[Node]:
        from bw2data.parameters import ActivityParameter

        where = (ActivityParameter.database == key[0], ActivityParameter.code == key[1])
        return [one.dict for one in ActivityParameter.select().where(*where)] or _listed(node.get("parameters"))

    def _parameters(self, title: str, listed: list[Node]) -> Iterator[list[Any]]:
        if listed:
            yield [title]
            yield list(PARAMETER_COLUMNS)
            yield from ([_cell(one.get(column, "")) for column in PARAMETER_COLUMNS] for one in listed)
            yield []

    def _exchange(self, key: Key, node: Node, exchange: Node) -> Node:
        wanted = tuple(exchange["input"])
        other = self._node(wanted)
        type_ = TYPES.get(exchange["type"], exchange["type"])
        told = {**exchange, "type": type_, "pedigree": _pedigree(exchange.get("pedigree"))}
        told |= {name: other.get(name, "") for name in ("name", "location", "categories", "CAS number")}
        told["unit"] = other.get("unit") or exchange.get("unit", "")
        told["reference product"] = other.get("reference product", "")
        told["database"], told["input"] = wanted[0], ""
        if other.get("type") == "product":
            told["reference product"] = other["name"]
        if type_ == "production":
            # Its only product is told under its own name, whatever node stands for it.
            if wanted == key or self._makes(key) == 1:
                told["name"] = node.get("name", key[1])
        elif type_ in ("technosphere", "substitution"):
            self._supply(told, wanted)
        return told

    def _supply(self, told: Node, wanted: Key) -> None:
        """Name the process that supplies an input, where there is exactly one and it makes nothing else."""
        makers = list(dict.fromkeys(self._producers.get(wanted, [wanted] if wanted in self._nodes else [])))
        if len(makers) == 1 and self._makes(makers[0]) <= 1:
            told["input"] = "::".join(makers[0])
            told["name"] = self._nodes[makers[0]].get("name", makers[0][1])

    def _makes(self, key: Key) -> int:
        made = {tuple(one["input"]) for one in self._nodes[key].get("exchanges", ()) if one["type"] in PRODUCTION}
        return len(made)

    def _node(self, key: Key) -> Node:
        if key in self._nodes:
            return self._nodes[key]
        if key not in self._found:
            self._found[key] = dict(self._bw2data.get_node(database=key[0], code=key[1]).items())
        return self._found[key]


def _listed(parameters: Any) -> list[Node]:
    if isinstance(parameters, Mapping):
        return [{"name": name, **data} for name, data in parameters.items()]
    return list(parameters or ())


def _pedigree(given: Any) -> str:
    if isinstance(given, Mapping):
        scores = [given.get(name) for name in PEDIGREE]
        return "" if None in scores else f"({', '.join(str(score) for score in scores)})"
    return str(given or "")


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) or (
        isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)
    )


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return "::".join(map(str, value)) if isinstance(value, tuple | list) else value


# --- file -> a project's database ----------------------------------------------------------------


def write(project: str, name: str, file: Path) -> dict[str, Any]:
    """Make the database ``name`` of a project from ``file``; what stands there under that name stays."""
    import bw2data
    from bw2io import CSVImporter

    bw2data.projects.set_current(project)
    beside = {"flows": f"{name} elementary flows", "cut_off": f"{name} cut off"}
    taken = [one for one in (name, *beside.values()) if one in bw2data.databases]
    if taken:
        raise Refused("brightway-database-taken", name=", ".join(taken), project=project)
    given = CSVImporter(str(file))
    made = _Made(name, beside, _biosphere(bw2data), [one for one in given.data if one.get("type") not in ELEMENTARY])
    nodes = made.nodes()
    for database, held in ((beside["flows"], made.flows), (beside["cut_off"], made.cut_off)):
        if held:
            bw2data.Database(database).register(**{COMPANION: name})
            bw2data.Database(database).write(held)
    told = {key: str(value) for key, value in given.metadata.items() if value}
    opened = bw2data.Database(name)
    opened.register(**told, parameters=given.database_parameters or [])
    opened.write(nodes)
    counts = {"processes": len(nodes), "own_flows": len(made.flows), "cut_off": len(made.cut_off)}
    return {"database": name, **counts, "linked_flows": len(made.linked)}


def _biosphere(bw2data: Any) -> dict[tuple[str, tuple[str, ...]], tuple[Key, str]]:
    """Return the elementary flows of the project's own list by name and compartment: key and unit."""
    if bw2data.config.biosphere not in bw2data.databases:
        return {}
    nodes = bw2data.Database(bw2data.config.biosphere).load()
    return {(one["name"], tuple(one.get("categories", ()))): (key, one.get("unit", "")) for key, one in nodes.items()}


class _Made:
    """The nodes of the new database; elementary flows and what nobody supplies go into databases of their own."""

    def __init__(self, name: str, beside: Mapping[str, str], biosphere: Mapping[Any, Any], given: list[Node]) -> None:
        self._name, self._beside, self._biosphere, self._given = name, beside, biosphere, given
        self._codes = {self._names(one): one["code"] for one in given}
        self.flows: dict[Key, Node] = {}
        self.cut_off: dict[Key, Node] = {}
        self.linked: set[Key] = set()

    def nodes(self) -> dict[Key, Node]:
        """Return the activities by their keys."""
        return {(self._name, one["code"]): self._node(one) for one in self._given}

    def _node(self, given: Node) -> Node:
        kept = {
            key: value for key, value in given.items() if key not in ("worksheet name", "exchanges") and value != ""
        }
        edges = [
            self._exchange(given["code"], {key: one for key, one in row.items() if one != ""})
            for row in given["exchanges"]
        ]
        return {**kept, "type": PROCESS, "exchanges": edges}

    def _exchange(self, code: str, row: Node) -> Node:
        row |= {name: float(row[name]) for name in NUMBERS if name in row}
        if "uncertainty type" in row:
            row["uncertainty type"] = int(row["uncertainty type"])
        if "negative" in row:
            row["negative"] = row["negative"] == "True"
        if "categories" in row:
            row["categories"] = tuple(row["categories"].split("::"))
        return {**row, "input": self._input(code, row)}

    def _input(self, code: str, row: Node) -> Key:
        if row["type"] == "production":
            return self._name, code
        if row["type"] == "biosphere":
            return self._flow(row)
        if "input" in row:
            return self._name, row["input"].split("::", 1)[1]
        if row.get("database") == self._name:
            return self._name, self._codes[self._names(row)]
        return self._nobody(row)

    def _flow(self, row: Node) -> Key:
        from bw2io.units import normalize_units

        key, unit = self._biosphere.get((row["name"], row.get("categories", ())), (None, ""))
        if key is not None and normalize_units(row.get("unit", "")) == unit and row.get("unit", unit) != unit:
            row["unit"] = unit
        if key is not None and row.get("unit", unit) == unit:
            self.linked.add(key)
            return str(key[0]), str(key[1])
        made = (self._beside["flows"], row["flow"])
        told: Node = {name: row[name] for name in ("name", "unit", "categories", "CAS number") if name in row}
        is_resource = row.get("categories", ("",))[0].casefold() in RESOURCES
        self.flows[made] = {**told, "type": "natural resource" if is_resource else "emission", "exchanges": []}
        return made

    def _nobody(self, row: Node) -> Key:
        made = (self._beside["cut_off"], row["flow"])
        told: Node = {name: row[name] for name in ("name", "unit", "reference product", "location") if name in row}
        self.cut_off[made] = {**told, "type": PROCESS, "exchanges": []}
        return made

    @staticmethod
    def _names(row: Node) -> tuple[str, ...]:
        return tuple(row.get(name) or "" for name in ("name", "reference product", "location", "unit"))


def main(verb: str, project: str, database: str, file: str, answer: str) -> None:
    """Do one job and leave its answer."""
    job = {"read": read, "write": write}[verb]
    try:
        told = job(project, database, Path(file))
    except Refused as error:
        told = {"code": error.code, "params": error.params}
    Path(answer).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
