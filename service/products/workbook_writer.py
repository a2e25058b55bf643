"""A product model as a workbook: what the reader reads again, with lists to choose from, comments and a guide.

Cells are written as text and formatted as text: a spreadsheet program then keeps the digits that a person types, and
``=battery_kwh * 4.2`` stays a formula of the model instead of becoming one of the sheet.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from factors.units import unit_names
from lca import product_reading
from lca.lci_store import plain
from lca.product_model import Input, Model, Part
from service.activities.known import known_from
from service.activities.problems import Problem, told
from service.activities.sheet_xml import column_letters
from service.activities.template import OFFERED_UNITS
from service.fields import Choice
from service.products.columns import GUIDE, LEGS, LISTS, SOURCES, Column, Sheet, named, offered, sheets
from service.products.guide import LINES
from service.products.refusals import ModelFileInvalid

LONGEST_CELL = 32_767
LISTED_ROWS = 5000  # rows of a sheet that its drop-down lists reach
_CREATED = datetime(2025, 1, 1)  # noqa: DTZ001  a fixed stamp: the same model is the same bytes

Cells = dict[str, str]
Rows = dict[str, list[Cells]]


def write_workbook(
    path: Path, data: Mapping[str, Any] | Model, language: str = "both", *, mark_examples: bool = False
) -> None:
    """Write a model, or the plain data of one, as a workbook; ``language`` is 'zh', 'en' or 'both'.

    Reading it again gives the same model, except that a name which is blank in both languages is read as the id.
    ``mark_examples`` marks every row as an example, which the reader leaves out.

    Raises:
        ModelInvalid: the data are no model.
        ModelFileInvalid: a text longer than a cell holds, more ways of transport than there are columns.
    """
    model = data if isinstance(data, Model) else product_reading.model(data)
    found = rows_of(model, language)
    _refuse_long(found)
    _write(path, found, language, mark_examples)


def write_template(path: Path, example: Model, language: str = "both") -> None:
    """Write a workbook to fill in, with ``example`` in rows that are marked as examples and never read."""
    write_workbook(path, example, language, mark_examples=True)


def write_sheet(
    path: Path, sheet: Sheet, records: Sequence[Cells], notes: Sequence[tuple[str, str]], language: str = "both"
) -> None:
    """Write one sheet alone, with lists to choose from, behind ``notes`` in Chinese and English.

    Raises:
        ModelFileInvalid: more ways of transport than there are columns.
    """
    rows = [_cells(sheet, one, language) for one in records]
    with _new_book(path) as book:
        formats = _formats(book)
        _write_lines(book, notes, language, formats)
        target = book.add_worksheet(told(sheet.zh, sheet.en, language))
        lists = _write_lists(book, language)
        _write_sheet(target, sheet, rows, language, lists, formats, mark_examples=False)
        target.activate()


# --- a model as rows -----------------------------------------------------------------------------


def rows_of(model: Model, language: str = "both") -> Rows:
    """Return the rows of every sheet, each with its cells by column.

    Raises:
        ModelFileInvalid: a part whose whole is not clear by name, more ways of transport than there are columns.
    """
    found: Rows = {one.id: [] for one in sheets()}
    found["product"].append(_cells(_sheet("product"), _record(plain(model)), language))
    for process in model.processes:
        found["processes"].append(_cells(_sheet("processes"), _record(plain(process)), language))
        for name in ("inputs", "emissions", "co_products"):
            for one in getattr(process, name):
                record = {**_record(plain(one)), "@process": process.id}
                found[name].append(_cells(_sheet(name), record, language))
    found["parts"] = [_cells(_sheet("parts"), record, language) for record in _parts(model.parts)]
    for name, items in (
        ("suppliers", model.suppliers),
        ("parameters", model.parameters),
        ("exclusions", model.excluded),
    ):
        found[name] = [_cells(_sheet(name), _record(plain(one)), language) for one in items]
    found["scenarios"] = list(_scenarios(model))
    found["statements"] = [
        {"id": key, **{name: text for name, text in plain(said).items() if text}}
        for key, said in model.statements.items()
    ]
    return found


def _sheet(identifier: str) -> Sheet:
    return next(one for one in sheets() if one.id == identifier)


def _scenarios(model: Model) -> Iterator[Cells]:
    for one in model.scenarios:
        head = {"id": one.id, "zh": one.name.zh, "en": one.name.en}
        yield from (
            {**(head if number == 0 else {"id": one.id}), "parameter": name, "value": text}
            for number, (name, text) in enumerate(one.parameters.items())
        )
        if not one.parameters:
            yield head


def _record(found: dict[str, Any]) -> dict[str, Any]:
    """Return a dataclass as the columns name it: names beside the other keys, the source as kind and id."""
    made = {key: inner for key, inner in found.items() if key not in ("line", "name", "text", "source")}
    for key in ("name", "text"):
        if isinstance(found.get(key), Mapping):
            made |= found[key]
        elif key in found:
            made[key] = found[key]
    if isinstance(made.get("unit"), Mapping):
        made["unit"] = _record(made["unit"])
    source = found.get("source")
    if source is not None:
        is_name = not {"zh", "en"}.isdisjoint(source)  # of a parameter: where it comes from
        made |= {"source": source} if is_name else {"from": _from(source)}
    return made


def _from(source: Mapping[str, str]) -> dict[str, str]:
    kinds = [one.id for one in SOURCES if source.get(one.id)]
    kind = "activity" if "activity" in kinds else next(iter(kinds), "")
    rest = {key: text for key, text in source.items() if key != kind}
    return {**({"@kind": kind, "@id": source[kind]} if kind else {}), **rest}


# --- parts ---------------------------------------------------------------------------------------


def _parts(parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """Yield every part with the reference by which the reader finds the one that it belongs to."""
    placed = list(_placed(parts, ""))
    ids = Counter(one.id for one, _, _ in placed)
    paths = Counter(path for _, path, _ in placed)
    for part, _, above in placed:
        record = _record(plain(replace(part, parts=(), input=None)))
        if above is not None:
            parent, path = above
            by_id = ids[parent.id] == 1
            if not by_id and (paths[path] > 1 or ids[path] == 1):
                raise ModelFileInvalid([Problem("part-parent-unclear", _sheet("parts").title, params={"id": path})])
            record["@parent"] = parent.id if by_id else path
        yield {**record, **(_made_of(part, part.input) if part.input is not None else {})}


def _placed(
    parts: Sequence[Part], above: str, of: tuple[Part, str] | None = None
) -> Iterator[tuple[Part, str, tuple[Part, str] | None]]:
    for part in parts:
        path = f"{above}/{part.id}" if above else part.id
        yield part, path, of
        yield from _placed(part.parts, path, (part, path))


def _made_of(part: Part, one: Input) -> dict[str, Any]:
    """Return what a part is made of: its material, or an input of its own amount and unit."""
    record = _record(plain(one))
    own: dict[str, str] = {}
    for key, usual in (("id", part.id), ("amount", part.mass_kg), ("unit", "kg")):
        if getattr(one, key) != usual:
            own[key] = getattr(one, key)
    if one.name != part.name:
        own |= {"zh": one.name.zh, "en": one.name.en}
    own |= {key: record[key] for key in ("mass_kg", "carbon_biogenic_kg") if key in record}
    shared = ("id", "amount", "unit", "zh", "en", "mass_kg", "carbon_biogenic_kg")
    return {**{key: inner for key, inner in record.items() if key not in shared}, **({"input": own} if own else {})}


# --- a record as cells ---------------------------------------------------------------------------


def _cells(sheet: Sheet, record: Mapping[str, Any], language: str) -> Cells:
    legs = record.get("transport", ())
    if len(legs) > LEGS:
        params = {"id": str(record.get("id", "")), "limit": str(LEGS)}
        raise ModelFileInvalid([Problem("legs-too-many", sheet.title, params=params)])
    made = {}
    for column in sheet.columns:
        found = _found(record, column)
        if found not in (None, ""):
            made[column.name] = _text(column, found, language)
    return made


def _found(record: Mapping[str, Any], column: Column) -> Any:
    first, *rest = column.path
    if first == "transport":
        legs, number = record.get("transport", ()), int(rest[0]) - 1
        leg = legs[number] if number < len(legs) else {}
        return leg.get({"from": "source"}.get(rest[1], rest[1]))
    found: Any = record.get(first)
    for key in rest:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _text(column: Column, found: Any, language: str) -> str:
    if column.kind == "source":
        return _notation(found, language)
    if column.kind == "scores":
        return " ".join(map(str, found))
    text = str(found).lower() if isinstance(found, bool) else str(found)
    if column.kind == "named":
        return _named(named()[column.offers], text, language)
    return _label(column.field.choices, text, language) if column.kind == "choice" else text


def _notation(source: Mapping[str, str], language: str) -> str:
    """Return a source in one cell: 'supplier: copper', or a mapping in JSON where more is said."""
    given = {key: text for key, text in source.items() if text}
    kinds = [one for one in SOURCES if one.id in given]
    if len(given) != 1 or not kinds:
        return json.dumps(given, ensure_ascii=False) if given else ""
    word = kinds[0].aliases[0] if language == "zh" else kinds[0].id
    return f"{word}: {given[kinds[0].id]}"


def _label(choices: Sequence[Choice], identifier: str, language: str) -> str:
    one = next((choice for choice in choices if choice.id == identifier), None)
    if one is None:
        return identifier
    return one.zh if one.zh == one.en else told(one.zh, one.en, language)


def _named(choices: Sequence[Choice], identifier: str, language: str) -> str:
    """Return an id with the name of what it stands for beside it, where it stands for something that has one."""
    name = _label(choices, identifier, language)
    return identifier if name == identifier else f"{identifier} {name}"


def _refuse_long(found: Rows) -> None:
    long = [
        Problem(
            "cell-too-long", one.title, params={"id": cells.get("id", ""), "column": one.by_name[name].field.header}
        )
        for one in sheets()
        for cells in found[one.id]
        for name, text in cells.items()
        if len(text) > LONGEST_CELL
    ]
    if long:
        raise ModelFileInvalid(long)


# --- the file ------------------------------------------------------------------------------------


def _write(path: Path, found: Rows, language: str, mark_examples: bool) -> None:
    of_sheets = [(f"“{one.zh}”：{one.help_zh}", f"{one.en}: {one.help_en}") for one in sheets()]
    with _new_book(path) as book:
        formats = _formats(book)
        _write_lines(book, (*LINES, *of_sheets), language, formats)
        targets = {one.id: book.add_worksheet(told(one.zh, one.en, language)) for one in sheets()}
        lists = _write_lists(book, language) | _references(targets)
        for one in sheets():
            _write_sheet(targets[one.id], one, found[one.id], language, lists, formats, mark_examples)
        targets["product"].activate()


@contextmanager
def _new_book(path: Path) -> Iterator[Any]:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "Tanji 碳迹", "created": _CREATED})
        yield book


def _formats(book: Any) -> dict[str, Any]:
    wrapped = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    return {
        "required": book.add_format({**wrapped, "bg_color": "#FCE4D6"}),
        "optional": book.add_format({**wrapped, "bg_color": "#DDEBF7"}),
        "cell": book.add_format({"num_format": "@"}),
        "example": book.add_format({"num_format": "@", "italic": True, "font_color": "#7F7F7F"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_lines(book: Any, lines: Sequence[tuple[str, str]], language: str, formats: Mapping[str, Any]) -> None:
    """Write what whoever fills the workbook in has to know, on a sheet of its own."""
    zh, _, en = GUIDE.partition(" ")
    target = book.add_worksheet(told(zh, en, language))
    target.set_column(0, 1, 70)
    target.write_string(0, 0, "Tanji 碳迹", formats["title"])
    for row, (chinese, english) in enumerate(lines, start=2):
        texts = {"zh": (chinese,), "en": (english,), "both": (chinese, english)}[language]
        for column, text in enumerate(texts):
            target.write_string(row, column, text, formats["text"])


def _write_lists(book: Any, language: str) -> dict[str, str]:
    """Write what may be chosen on a sheet of its own, and return the range of every list."""
    zh, _, en = LISTS.partition(" ")
    target = book.add_worksheet(told(zh, en, language))
    ranges: dict[str, str] = {}
    for position, (title, values) in enumerate(_lists(language)):
        letters = column_letters(position + 1)
        for row, text in enumerate((title, *values)):
            target.write_string(row, position, text)
        ranges[title] = f"='{target.get_name()}'!${letters}$2:${letters}${max(len(values), 1) + 1}"
    return ranges


def _lists(language: str) -> Iterator[tuple[str, Sequence[str]]]:
    known = known_from()
    yield "unit", OFFERED_UNITS
    yield "region", ["CN", *sorted(code for code in set(known.regions.values()) if code.startswith("CN-"))]
    for name, choices in named().items():
        yield name, [_named(choices, one.id, language) for one in choices]
    for column in {one.name: one for each in sheets() for one in each.columns if one.field.choices}.values():
        yield f"choice.{column.name}", [_label(column.field.choices, one.id, language) for one in column.field.choices]
    names = [(one.id, one.name_zh, one.name_en, one.unit) for one in known.activities.values()]
    titles = ("activity", "中文名", "English name", "unit of it")
    yield from zip(titles, zip(*names, strict=True), strict=True)
    yield "unit id", list(unit_names())
    yield "单位", [one.name_zh for one in unit_names().values()]


def _references(targets: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of other sheets that cells choose from: processes, parts, parameters."""
    wanted = {"process": ("processes", "id"), "part": ("parts", "id"), "parameter": ("parameters", "name")}
    made = {}
    for name, (sheet, column) in wanted.items():
        position = [one.name for one in offered(_sheet(sheet).columns, ())].index(column)
        letters = column_letters(position + 1)
        made[name] = f"='{targets[sheet].get_name()}'!${letters}$2:${letters}${LISTED_ROWS}"
    return made


def _write_sheet(
    target: Any,
    sheet: Sheet,
    rows: Sequence[Cells],
    language: str,
    lists: Mapping[str, str],
    formats: Mapping[str, Any],
    mark_examples: bool,
) -> None:
    columns = list(offered(sheet.columns, {name for cells in rows for name in cells}))
    target.freeze_panes(1, 2)
    target.set_row(0, 48)
    for position, column in enumerate(columns):
        _write_header(target, sheet, position, column, language, lists, formats)
    style = formats["example" if mark_examples else "cell"]
    mark = {"mark": _label(sheet.by_name["mark"].field.choices, "example", language)} if mark_examples else {}
    for number, cells in enumerate(rows, start=1):
        for position, column in enumerate(columns):
            if text := {**cells, **mark}.get(column.name):
                target.write_string(number, position, text, style)
    last = column_letters(len(columns))
    target.ignore_errors({"number_stored_as_text": f"A1:{last}{max(LISTED_ROWS, len(rows) + 1)}"})


def _write_header(
    target: Any, sheet: Sheet, position: int, column: Column, language: str, lists: Mapping[str, str],
    formats: Mapping[str, Any],
) -> None:  # fmt: skip
    field = column.field
    title = told(field.zh, field.en, language) if field.zh != field.en else field.zh
    target.write_string(
        0, position, title + ("*" if field.required else ""), formats["required" if field.required else "optional"]
    )
    target.set_column(position, position, 14 if column.kind in ("number", "share", "percent") else 20, formats["cell"])
    texts = [told(sheet.help_zh, sheet.help_en, language)] if position == 0 else []
    texts.append(told(field.help_zh, field.help_en, language))
    if field.choices:
        texts.append("; ".join(f"{one.id} = {told(one.zh, one.en, language)}" for one in field.choices))
    if comment := "\n".join(text for text in texts if text):
        target.write_comment(0, position, comment, {"x_scale": 2})
    if source := lists.get(f"choice.{column.name}" if field.choices else column.offers):
        rule = {"validate": "list", "source": source, "error_type": "information", "ignore_blank": True}
        target.data_validation(1, position, LISTED_ROWS, position, rule)
