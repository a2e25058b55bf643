"""Product models as workbooks: rows of the sheets put together into the data of a model file.

Rows keep their number under ``line``; which sheet a place of the model stands on is told by ``sheet_of``.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from factors.near import near
from factors.strict_yaml import LINE
from lca.product_reading import OF_PART
from service.activities.cells import Findings
from service.activities.columns import fold
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.workbook import Workbook, open_workbook
from service.products.columns import QUIET, Column, Sheet, sheets
from service.products.tables import Row, rows, scores, sheet_source, source_of, value

MOST_ROWS = 300_000
DEEPEST_PARTS = 18

Data = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook says: the data of a model, what is wrong, and how its sheets are called."""

    data: Data
    findings: Findings
    titles: Mapping[str, str]  # id of a sheet -> its name in this workbook


def from_workbook(path: Path, limits: Limits) -> Book:
    """Read a workbook in the form of the template.

    Raises:
        FileRefused: unsafe, broken, too large, or without any sheet that is known.
    """
    return put_together(*tables_of(path, limits))


def tables_of(path: Path, limits: Limits) -> tuple[Tables, Mapping[str, str], Findings]:
    """Return the rows of every known sheet by its id, how the sheets are called, and what is wrong with the file.

    Raises:
        FileRefused: unsafe, broken, too large, or without any sheet that is known.
    """
    book = open_workbook(path, limits)
    found = Findings()
    titles = titles_of(book, found)
    tables = {}
    for one in sheets():
        if one.id in titles:
            tables[one.id] = list(rows(sheet_source(book, titles[one.id]), one.fields, found, MOST_ROWS))
    return tables, titles, found


def put_together(tables: Tables, titles: Mapping[str, str], findings: Findings) -> Book:
    """Return what rows say as the data of a model; what is wrong with them goes to ``findings``."""
    return Book(_Maker(findings, titles).model(tables), findings, titles)


def records_of(identifier: str, rows: Sequence[Row], findings: Findings) -> list[Data]:
    """Return rows of one sheet as the records that they stand for; what is wrong with them goes to ``findings``."""
    return [record for _, record in _Maker(findings, {}).plain({identifier: rows}, identifier)]


def sheet_names() -> dict[str, Sheet]:
    """Return every spelling of a sheet's name, folded."""
    return {fold(name): one for one in sheets() for name in (one.title, one.zh, one.en, one.id, *one.aliases)}


def titles_of(book: Workbook, findings: Findings) -> dict[str, str]:
    """Return the name of every sheet that is known, by its id; ask back about the others.

    Raises:
        FileRefused: none is known.
    """
    names, quiet = sheet_names(), {fold(one) for one in QUIET}
    found: dict[str, str] = {}
    for name in book.sheets:
        if fold(name) in names:
            one = names[fold(name)]
            if one.id in found:
                findings.add(Problem("sheet-twice", name, params={"wanted": one.title}))
            found.setdefault(one.id, name)
    if not found:
        raise FileRefused("no-known-sheet", found=", ".join(book.sheets) or "-")
    for name in book.sheets:
        part = book.looked.get(book.parts.get(name, ""))
        if fold(name) in names or fold(name) in quiet or not (part and part.last_row):
            continue
        close = difflib.get_close_matches(fold(name), names, n=1, cutoff=0.75)
        wanted = names[close[0]] if close and names[close[0]].id not in found else None
        params = {"found": name, "near": wanted.title if wanted else ""}
        findings.add(Problem("sheet-unknown" if wanted else "sheet-ignored", name, params=params))
    return found


class _Maker:
    """Makes the data of a model of the rows of all sheets."""

    def __init__(self, findings: Findings, titles: Mapping[str, str]) -> None:
        self.findings, self.titles = findings, titles

    def model(self, tables: Mapping[str, Sequence[Row]]) -> Data:
        """Return the data of the model."""
        data = self.product(tables)
        processes = self.plain(tables, "processes")
        for name in ("inputs", "emissions", "co_products"):
            self.of_processes(tables, name, processes)
        made = {
            "processes": [one for _, one in processes],
            "parts": _Tree(self).parts(tables.get("parts", ())),
            **{name: [one for _, one in self.plain(tables, name)] for name in ("suppliers", "parameters")},
            "scenarios": self.scenarios(tables),
            "excluded": [one for _, one in self.plain(tables, "exclusions")],
            "statements": self.statements(tables),
        }
        return data | {key: inner for key, inner in made.items() if inner}

    def product(self, tables: Mapping[str, Sequence[Row]]) -> Data:
        """Return what the one row of the first sheet says."""
        title = self.titles.get("product", "")
        found = tables.get("product", ())
        if not found:
            self.findings.add(Problem("product-missing", title))
            return {}
        for row in found[1:]:
            self.findings.add(row.problem("product-twice"))
        data = self.record(found[0], _sheet("product"))
        del data[LINE]
        return data

    def plain(self, tables: Mapping[str, Sequence[Row]], name: str) -> list[tuple[Row, Data]]:
        """Return every row of a sheet with what it says."""
        sheet = _sheet(name)
        return [(row, self.record(row, sheet)) for row in tables.get(name, ())]

    def of_processes(
        self, tables: Mapping[str, Sequence[Row]], name: str, processes: Sequence[tuple[Row, Data]]
    ) -> None:
        """Put the rows of a sheet into the processes that they name."""
        by_id: dict[str, Data] = {}
        for _, one in processes:
            by_id.setdefault(one.get("id", ""), one)
        key = _sheet(name).key
        for row, record in self.plain(tables, name):
            process = record.pop("@process", "")
            if process in by_id and process:
                by_id[process].setdefault(key, []).append(record)
            elif process:
                names = ", ".join(near(process, by_id)) or "-"
                self.findings.add(row.problem("process-not-there", "process", id=process, near=names))
            elif "process" not in row.bad:
                self.findings.add(row.problem("required", "process"))

    def scenarios(self, tables: Mapping[str, Sequence[Row]]) -> list[Data]:
        """Return the scenarios, each gathered from its rows."""
        made: dict[str, Data] = {}
        for row, record in self.plain(tables, "scenarios"):
            parameter, number = record.pop("@parameter", ""), record.pop("@value", "")
            one = made.setdefault(record.get("id", f"({row.number})"), {**record, "parameters": {}})
            for key in ("zh", "en"):
                if record.get(key, one.get(key)) != one.get(key):
                    self.findings.add(row.problem("scenario-renamed", key, id=one["id"]))
            if parameter in one["parameters"]:
                self.findings.add(row.problem("scenario-parameter-twice", "parameter", name=parameter))
            if parameter:
                one["parameters"][parameter] = number
            if bool(parameter) != bool(number) and not row.bad:
                self.findings.add(row.problem("required", "value" if parameter else "parameter"))
        return list(made.values())

    def statements(self, tables: Mapping[str, Sequence[Row]]) -> Data:
        """Return what the study states, by id."""
        made: Data = {}
        for row, record in self.plain(tables, "statements"):
            key = record.get("id", "")
            if not key and "id" not in row.bad:
                self.findings.add(row.problem("required", "id"))
            if key in made:
                self.findings.add(row.problem("statement-twice", "id", id=key))
            made[key] = {name: record[name] for name in ("zh", "en") if name in record} or ""
        return made

    # --- one row ---------------------------------------------------------------------------------

    def record(self, row: Row, sheet: Sheet) -> Data:
        """Return one row as the mapping that it stands for."""
        made: Data = {LINE: str(row.number)}
        legs: dict[int, Data] = defaultdict(dict)
        columns = _columns(sheet.id)
        for name in row.cells:
            column = columns[name]
            found = self.cell(row, column)
            if not found or name == "mark":
                continue
            if column.path[0] == "transport":
                legs[int(column.path[1])][column.path[2]] = found
            else:
                _put(made, column.path, found)
        if legs:
            made["transport"] = [legs[number] for number in sorted(legs)]
        self.supplied(row, made)
        return made

    def cell(self, row: Row, column: Column) -> Any:
        """Return what one cell says."""
        if column.kind == "source":
            return dict(source_of(row, column.name, self.findings)) if row.get(column.name) else ""
        text = value(row, column, self.findings)
        return scores(text) if text and column.kind == "scores" else text

    def supplied(self, row: Row, made: Data) -> None:
        """Put kind and id of the source together."""
        said = made.get("from")
        if said is None:
            return
        kind, identifier = said.pop("@kind", ""), said.pop("@id", "")
        if kind:
            said[kind] = identifier
        if identifier and not kind and "from_kind" not in row.bad:
            self.findings.add(row.problem("required", "from_kind"))
        if kind and not identifier and "from_id" not in row.bad:
            self.findings.add(row.problem("required", "from_id"))


def _put(made: Data, path: Sequence[str], found: Any) -> None:
    for key in path[:-1]:
        made = made.setdefault(key, {})
    made[path[-1]] = found


@cache
def _sheet(identifier: str) -> Sheet:
    return next(one for one in sheets() if one.id == identifier)


@cache
def _columns(identifier: str) -> Mapping[str, Column]:
    return _sheet(identifier).by_name


# --- the tree of parts ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Placed:
    """A part with the row it stands on, and its path of ids from the top."""

    row: Row
    record: Data
    parent: str
    path: str = ""


@dataclass(slots=True)
class _Tree:
    """Puts parts into the parts that they belong to."""

    maker: _Maker
    by_path: dict[str, list[_Placed]] = field(default_factory=lambda: defaultdict(list))

    def parts(self, found: Sequence[Row]) -> list[Data]:
        """Return the parts at the top with all that is in them."""
        sheet = _sheet("parts")
        waiting = []
        for row in found:
            record = self.maker.record(row, sheet)
            waiting.append(_Placed(row, _part(record), record.pop("@parent", "")))
        ids = Counter(one.record.get("id", "") for one in waiting)
        by_id = {one.record.get("id", ""): one for one in waiting}
        top = [one for one in waiting if not one.parent and "parent" not in one.row.bad]
        for one in top:
            self.place(one, "")
        rest = [one for one in waiting if one.parent]
        for _ in range(DEEPEST_PARTS):
            left = [one for one in rest if not self.joined(one, ids, by_id)]
            if len(left) == len(rest):
                break
            rest = left
        for one in rest:
            self.refuse(one, ids)
        return [one.record for one in top]

    def place(self, one: _Placed, above: str) -> None:
        """Note where a part stands."""
        own = one.record.get("id", "")
        one.path = f"{above}/{own}" if above else own
        self.by_path[one.path].append(one)

    def joined(self, one: _Placed, ids: Mapping[str, int], by_id: Mapping[str, _Placed]) -> bool:
        """Put a part into the one that it belongs to, if that has its place already."""
        if ids.get(one.parent) == 1:
            above = by_id[one.parent] if by_id[one.parent].path else None
        else:
            placed = self.by_path.get(one.parent, [])
            above = placed[0] if len(placed) == 1 else None
        if above is None:
            return False
        above.record.setdefault("parts", []).append(one.record)
        self.place(one, above.path)
        return True

    def refuse(self, one: _Placed, ids: Mapping[str, int]) -> None:
        """Tell why a part has no place."""
        count = ids.get(one.parent, 0)
        code = "part-parent-several" if count > 1 else "part-parent-loop" if count else "part-parent-unknown"
        params = {"id": one.parent, "near": ", ".join(near(one.parent, ids)) or "-"}
        self.maker.findings.add(one.row.problem(code, "parent", **params))


def _part(record: Data) -> Data:
    """Return a part; where its amount is not its mass, what it is made of is an input written out in full."""
    said = record.get("input")
    if said is None:
        return record
    moved = {key: record.pop(key) for key in OF_PART if key in record}
    names = {key: record[key] for key in ("zh", "en") if key in record and not {"zh", "en"} & said.keys()}
    said.setdefault("id", record.get("id", ""))
    record["input"] = {"amount": record.get("mass_kg", "0"), "unit": "kg", **names, **said, **moved}
    return record


# --- where a problem of the model stands ---------------------------------------------------------

_LINED = re.compile(rf"\({LINE} \d+\)$")
_OF_KEY = {one.key: one.id for one in sheets() if one.key}


def sheet_of(where: str, titles: Mapping[str, str]) -> str:
    """Return the name of the sheet that a place of the model stands on, '' where that cannot be told.

    Places are those of ``lca.product_reading``: 'processes melting (line 5) › inputs gas (line 12)' while keys are
    read, 'process melting (line 5) › gas (line 12)' once they are.
    """
    steps = where.split(" › ")
    lined = [step for step in steps if _LINED.search(step)]
    if steps[0].startswith("process "):
        found = "inputs" if len(lined) > 1 else "processes"
    elif lined:
        found = _OF_KEY.get(lined[-1].split(" ")[0], "parts" if steps[0] == "parts" else "")
    else:
        found = _OF_KEY.get(steps[0].split(" ")[0], "product")
    return titles.get(found, "")
