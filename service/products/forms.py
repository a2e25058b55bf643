"""A product model in a guided form: the rows of the workbook's sheets, step by step, with what is wrong at each row.

The form and the workbook are one thing: the same sheets, columns and headers, read by the same reader. What a person
types stays as typed, right or wrong; ``judged`` says what is wrong with it and where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from factors.strict_yaml import LINE
from lca import product_reading
from lca.errors import ModelInvalid, Unanswered
from lca.product_model import Model
from lca.record_reading import LONGEST_TEXT
from service.activities.cells import Findings
from service.activities.columns import Columns
from service.activities.known import choose, known_from
from service.activities.loading import wrong
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.template import OFFERED_UNITS
from service.activities.workbook import is_workbook
from service.errors import Wrong, particulars
from service.i18n import Text, by_language, short_language, tell
from service.products import model_files, templates
from service.products.columns import Column, Sheet, named, offered, sheet, sheets
from service.products.form_steps import AFTER_THE_GATE, MAIN, STEPS, Step, View
from service.products.refusals import ModelFileInvalid
from service.products.tables import Row, named_id
from service.products.text_models import is_odd, plain
from service.products.workbook_models import put_together, sheet_of, tables_of
from service.products.workbook_writer import Cells, rows_of

MOST_ROWS = 2000
"""Rows of a model in a form: a page with more of them helps nobody; such a model belongs in a workbook."""
LONGEST = 2 * LONGEST_TEXT
"""Characters of a field that a page carries along: more than a model may hold, so that what is too long is told."""

SAID = ("template", "organisation", "method", "beside", "scenario", "reason")
"""What a form holds beside the model: where it began, for whom, by which methods, in which scenario, why."""

ROW_NUMBER = re.compile(r"[0-9]{1,4}")
_FIELD = re.compile(r"c\.([a-z_]+)\.([0-9]{1,4})\.([a-z0-9_]+)")
_LINED = re.compile(rf"\({LINE} ([0-9]+)\)")


class StateInvalid(ValueError):
    """What a form sent back is not what it was given; nobody types this."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing wrong: at which row of which sheet ('' and 0 where that cannot be told), what it is and the mend."""

    sheet: str
    row: int
    column: str
    code: str
    text: str

    @property
    def step(self) -> str:
        """Return the step that shows the sheet."""
        return next((one.id for one in STEPS for view in one.views if view.sheet == self.sheet), "product")


@dataclass(slots=True)
class Form:
    """What a person has typed so far, with the template that it began from."""

    rows: dict[str, list[Cells]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)  # beside the model, by the names in ``SAID``

    @property
    def template(self) -> str:
        """Return the template that it began from, '' where there is none."""
        return self.said.get("template", "")

    @property
    def count(self) -> int:
        """Return the number of rows."""
        return sum(map(len, self.rows.values()))

    def state(self) -> str:
        """Return everything as text, which the page carries along."""
        held = {name: cells for name, cells in self.rows.items() if cells}
        return json.dumps({"said": self.said, "rows": held}, ensure_ascii=False, separators=(",", ":"))

    def change(self, sent: Iterable[tuple[str, str]]) -> None:
        """Take in what the fields of a step say; a field named as no cell is none of this form's.

        Raises:
            StateInvalid: a cell that the form does not have, or a text that is too long.
        """
        for name, text in sent:
            found = _FIELD.fullmatch(name)
            if found is None:
                continue
            held, number = self.rows.get(found[1], []), int(found[2])
            if number >= len(held) or found[3] not in sheet(found[1]).by_name:
                raise StateInvalid(name)
            if len(text) > LONGEST:
                raise StateInvalid(name)
            held[number].pop(found[3], None)
            if text.strip():
                held[number][found[3]] = text.replace("\r\n", "\n")

    def add(self, name: str, *, after_gate: bool = False) -> None:
        """Add an empty row, which is shown where it was asked for.

        Raises:
            StateInvalid: there is no such table, it has one row alone, or the form is full.
        """
        if name not in _names() or self.count >= MOST_ROWS or name == "product":
            raise StateInvalid(name)
        has_stage = "stage" in sheet(name).by_name and name != "parts"
        self.rows.setdefault(name, []).append({"stage": "use"} if after_gate and has_stage else {})

    def remove(self, name: str, number: int) -> None:
        """Take a row away.

        Raises:
            StateInvalid: there is no such row, or it has to stay.
        """
        if name == "product" or not 0 <= number < len(self.rows.get(name, ())):
            raise StateInvalid(name)
        del self.rows[name][number]


def _names() -> frozenset[str]:
    return frozenset(one.id for one in sheets())


# --- how a form begins ---------------------------------------------------------------------------


def of_template(identifier: str) -> Form:
    """Return the form of a template with its demonstration values, and the method that it is made for.

    Raises:
        NotFound: there is no such template.
    """
    form = of_model(templates.load(identifier))
    method, *others = templates.templates()[identifier].methods
    return replace(form, said={"template": identifier, "method": method, "beside": " ".join(others)})


def of_model(model: Model) -> Form:
    """Return the form of a model."""
    return Form(_by_ids(rows_of(model, "en")))


def of_state(text: str) -> Form:
    """Return the form that a page carried along.

    Raises:
        StateInvalid: it is no form.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # no halves of characters, which no page could hold
    except (ValueError, RecursionError) as error:
        raise StateInvalid from error
    if not isinstance(found, dict) or not isinstance(found.get("rows"), dict):
        raise StateInvalid
    said = found.get("said")
    if not isinstance(said, dict) or not said.keys() <= set(SAID) or not all(map(is_said, said.values())):
        raise StateInvalid
    form = Form({name: list(_rows(name, given)) for name, given in found["rows"].items()}, said)
    if form.template not in ("", *templates.templates()) or form.count > MOST_ROWS:
        raise StateInvalid
    form.rows["product"] = form.rows.get("product", [])[:1] or [{}]
    return form


def is_said(value: object) -> bool:
    """Tell whether a value can stand in a form beside the model: a line of text, as its fields send it."""
    return isinstance(value, str) and len(value) <= LONGEST and all(c not in "\n\r\t" and not is_odd(c) for c in value)


def _rows(name: str, given: Any) -> Iterator[Cells]:
    if name not in _names() or not isinstance(given, list):
        raise StateInvalid(name)
    for cells in given:
        if not isinstance(cells, dict) or not cells.keys() <= sheet(name).by_name.keys():
            raise StateInvalid(name)
        if not all(isinstance(text, str) and len(text) <= LONGEST for text in cells.values()):
            raise StateInvalid(name)
        yield dict(cells)


def of_file(path: Path, limits: Limits | None = None) -> tuple[Form, tuple[Problem, ...]]:
    """Return the form of a submitted file, with what has to be told of the file itself.

    The rows of a workbook are taken as they stand, right or wrong; YAML and JSON have to be a model.

    Raises:
        ModelFileInvalid: it cannot be read at all, or has more rows than a form holds.
        ModelInvalid: a text file that is no model.
    """
    told: tuple[Problem, ...] = ()
    if not is_workbook(path):
        form = of_model(model_files.model_of(path))
    else:
        try:
            tables, _, findings = tables_of(path, limits or Limits())
        except FileRefused as refused:
            raise ModelFileInvalid([Problem(refused.code, refused.sheet, params=refused.params)]) from refused
        held = {name: [dict(row.cells) for row in rows] for name, rows in tables.items()}
        form, told = Form(_by_ids(held)), (*findings.errors, *findings.warnings)
    if form.count > MOST_ROWS:
        raise ModelFileInvalid([Problem("rows-too-many", params={"limit": str(MOST_ROWS)})])
    form.rows["product"] = form.rows.get("product", [])[:1] or [{}]
    return form, told


def _by_ids(found: Mapping[str, Sequence[Cells]]) -> dict[str, list[Cells]]:
    """Return rows whose choices are written by their ids, as the form's lists hold them; 'mark' says nothing here."""
    made: dict[str, list[Cells]] = {}
    for name, rows in found.items():
        columns = sheet(name).by_name
        made[name] = [
            {key: _chosen(columns[key], text) for key, text in cells.items() if key != "mark"} for cells in rows
        ]
    return made


def _chosen(column: Column, text: str) -> str:
    if column.kind == "named":
        return named_id(column, text)
    if column.kind != "choice":
        return text
    return choose(column.field, text).value or text


# --- what is wrong with it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a form says as the data of a model; the model, or None and everything that is wrong."""

    data: dict[str, Any]
    model: Model | None = None
    problems: tuple[Told, ...] = ()


def judged(form: Form) -> Judgement:
    """Return what a form says, read as its workbook would be."""
    findings = Findings()
    titles = {one.id: one.id for one in sheets()}
    tables = {one.id: list(_table(one, form.rows.get(one.id, ()), findings)) for one in sheets()}
    data = plain(put_together(tables, titles, findings).data)
    told = [_told(one) for one in findings.errors]
    try:
        model = product_reading.model(data)
    except ModelInvalid as error:
        # A cell that cannot be read is missing to the model too: of its row the first cause is told alone.
        rows = {(one.sheet, one.row) for one in told}
        told += [one for one in placed(form, error) if (one.sheet, one.row) not in rows]
        return Judgement(data, problems=tuple(told))
    return Judgement(data, None if told else model, tuple(told))


def placed(form: Form, error: ModelInvalid | Unanswered) -> tuple[Told, ...]:
    """Return every particular of an error at the row that it names."""
    ids = _ids(form)
    return tuple(_placed(one, ids) for one in particulars(error))


def _table(one: Sheet, rows: Sequence[Cells], findings: Findings) -> Iterator[Row]:
    names = [column.name for column in one.columns]
    headers = [_label(column) for column in one.columns]
    columns = Columns(0, headers, {name: position for position, name in enumerate(names)})
    for number, cells in enumerate(rows, 1):
        odd = {name for name, text in cells.items() if any(map(is_odd, text))}
        for name in odd:
            findings.add(Problem("text-odd", one.id, number, _label(one.by_name[name]), text=ascii(cells[name])))
        kept = {name: text for name, text in cells.items() if name not in odd}
        if any(text.strip() for text in kept.values()):
            yield Row(one.id, number, kept, columns)


def _label(column: Column) -> str:
    return label(column.field)


def label(named: Any) -> str:
    """Return the Chinese or English name of a field, sheet or choice, by the language in use."""
    return by_language(named.zh, named.en)


def _told(problem: Problem) -> Told:
    return Told(problem.sheet, problem.row or 0, problem.column, problem.code, str(wrong(problem).text))


def _placed(one: Wrong, ids: Mapping[str, tuple[str, int]]) -> Told:
    lines = _LINED.findall(one.where)
    name, row = sheet_of(one.where, {each: each for each in _names()}), int(lines[-1]) if lines else 0
    if not row:
        name, row = _named(one.where, ids) or (name, 1 if name == "product" else 0)
    place, said = _LINED.sub("", one.where).strip(), tell(_in_words(one.text, name))
    # A row that is found shows the problem itself; only what has no row needs the model's own name of the place.
    return Told(name, row, "", one.code, said if row or not place else f"{place}: {said}")


def _in_words(text: str, name: str) -> str:
    """Return a sentence that names a key of the model with the header of its column instead."""
    if not isinstance(text, Text) or "key" not in text.params or name not in _names():
        return text
    found = [one for one in sheet(name).columns if one.path[-1] == text.params["key"]]
    return Text(text.template, **{**text.params, "key": _label(found[0])}) if found else text


def _ids(form: Form) -> dict[str, tuple[str, int]]:
    """Return where everything stands that a place can name: 'melting', 'melting.power', 'door/hinge', a parameter."""
    found: dict[str, tuple[str, int]] = {}
    for name in ("processes", "inputs", "emissions", "co_products", "parts", "suppliers", "parameters", "exclusions"):
        for number, cells in enumerate(form.rows.get(name, ()), 1):
            own = cells.get("id") or cells.get("name", "")
            found.setdefault(f"{cells['process']}.{own}" if cells.get("process") else own, (name, number))
    return found


def _named(where: str, ids: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    """Return the row that a place without lines names: 'process melting › scrap', 'melting.gas.supply, other'."""
    first = where.split(", ")[0].removeprefix("process ").rpartition(" · ")[2].replace(" › ", ".")
    steps = first.split(".")
    for length in range(len(steps), 0, -1):
        name = ".".join(steps[:length])
        if found := ids.get(name) or ids.get(name.rpartition("/")[2]):
            return found
    return None


# --- what a step shows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a step: its number in the sheet, its fields, which of them are still a demonstration."""

    number: int
    cells: Cells
    main: tuple[Column, ...]
    more: tuple[Column, ...]
    demonstrations: frozenset[str]
    problems: tuple[Told, ...]

    @property
    def is_carried(self) -> bool:
        """Tell whether the row has legs of transport."""
        return _is_carried(self.cells)

    @property
    def filled(self) -> int:
        """Return how many of the fields under "more" hold something."""
        return sum(1 for column in self.more if self.cells.get(column.name))

    @property
    def name(self) -> str:
        """Return what the row is called."""
        return " · ".join(
            filter(None, (self.cells.get("process", ""), label_of(self.cells), self.cells.get("gas", "")))
        )


def label_of(cells: Cells) -> str:
    """Return the name of a row in the language in use, or its id."""
    order = ("zh", "en") if short_language() == "zh" else ("en", "zh")
    return next((cells[key] for key in (*order, "id", "name") if cells.get(key)), "")


@dataclass(frozen=True, slots=True)
class Section:
    """One sheet as a step shows it."""

    view: View
    sheet: Sheet
    rows: tuple[Shown, ...]
    columns: tuple[Column, ...]


def sections(form: Form, step: Step, problems: Sequence[Told]) -> list[Section]:
    """Return what a step shows, each problem at its row."""
    return [_section(form, view, problems) for view in step.views]


def _section(form: Form, view: View, problems: Sequence[Told]) -> Section:
    one, rows = sheet(view.sheet), form.rows.get(view.sheet, [])
    stage_of = {cells.get("id", ""): cells.get("stage", "") for cells in form.rows.get("processes", ())}
    columns = tuple(offered(one.columns, {name for cells in rows for name in cells} - {"mark"}))[1:]
    examples = _examples(form.template, view.sheet)
    shown = []
    for number, cells in enumerate(rows):
        stage = cells.get("stage") or stage_of.get(cells.get("process", ""), "")
        if view.only_legs and cells.get("from_kind") in (None, "process") and not _is_carried(cells):
            continue
        if view.after_gate is not None and (stage in AFTER_THE_GATE) != view.after_gate:
            continue
        told = tuple(each for each in problems if (each.sheet, each.row) == (view.sheet, number + 1))
        example = examples.get(_key(cells), {})
        same = frozenset(name for name, text in cells.items() if example.get(name) == text and name != "id")
        main, more = _main(view, columns)
        shown.append(Shown(number, cells, main, more, same, told))
    return Section(view, one, tuple(shown), columns)


def _is_carried(cells: Cells) -> bool:
    return any(name.startswith("leg") for name in cells)


def _main(view: View, columns: Sequence[Column]) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    if view.only_legs:
        return tuple(one for one in columns if one.path[0] == "transport" or one.name == "mass_kg"), ()
    aside = "en" if short_language() == "zh" else "zh"
    first = [one for one in MAIN[view.sheet] if view.sheet == "product" or not re.fullmatch(rf"(.*_)?{aside}", one)]
    by_name = {one.name: one for one in columns}
    legs = {one.name for one in columns if one.path[0] == "transport"}
    main = tuple(by_name[name] for name in first if name in by_name)
    return main, tuple(one for one in columns if one not in main and one.name not in legs)


def _key(cells: Cells) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in ("process", "parent", "id", "name", "parameter"))


@cache
def _examples(template: str, name: str) -> Mapping[tuple[str, ...], Cells]:
    """Return the rows of a template as it is offered: what still equals them is a demonstration."""
    return {_key(cells): cells for cells in of_template(template).rows.get(name, ())} if template else {}


# --- what fields offer ---------------------------------------------------------------------------


def offers(form: Form) -> dict[str, list[tuple[str, str]]]:
    """Return what the fields of a form suggest, by the name of the list: (what is written, what it means)."""

    def ids(name: str, key: str = "id") -> list[tuple[str, str]]:
        return [(cells[key], label_of(cells)) for cells in form.rows.get(name, ()) if cells.get(key)]

    known = known_from()
    activities = [(one.id, label(_Both(one.name_zh, one.name_en))) for one in known.activities.values()]
    sources = [*ids("processes"), *ids("suppliers")]
    return {
        "unit": [(one, "") for one in OFFERED_UNITS],
        "region": [(one, "") for one in ("CN", *sorted({r for r in known.regions.values() if r.startswith("CN-")}))],
        **{name: [(one.id, label(one)) for one in choices] for name, choices in named().items()},
        "process": ids("processes"),
        "part": ids("parts"),
        "parameter": ids("parameters", "name"),
        "source": [*sources, *activities],
        "notation": [
            *((f"process: {one}", name) for one, name in ids("processes")),
            *((f"supplier: {one}", name) for one, name in ids("suppliers")),
            *((f"activity: {one}", name) for one, name in activities),
        ],
    }


@dataclass(frozen=True, slots=True)
class _Both:
    zh: str
    en: str
