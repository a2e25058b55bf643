"""The XLSX template: bilingual sheets with lists to choose from, comments, and example rows that are never loaded.

The same writer fills a template with rows, which is how the demonstration data are made: they go
through the same intake as everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from factors.units import unit_names
from service.activities.examples import EXAMPLES
from service.activities.guide import guide_lines
from service.activities.known import Known, known_from
from service.activities.problems import told
from service.activities.sheet_xml import column_letters
from service.activities.sheets import GUIDE, LISTS, Sheet, sheets
from service.fields import Field

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows by sheet id; a row is a table of field name to value."""

VALIDATED_ROWS = 5000
OFFERED_UNITS = (
    "kWh", "MWh", "1e4kWh", "GJ", "t", "kg", "Nm3", "1e4Nm3", "m3", "l", "tkm", "1e4tkm", "pkm", "km", "piece",
    "person", "night", "m2", "kgCO2e", "tCO2e", "CNY",
)  # fmt: skip
_CREATED = datetime(2025, 1, 1)  # noqa: DTZ001  a fixed stamp: the same template is the same bytes


@dataclass(frozen=True, slots=True)
class _Lists:
    """The ranges of the lists sheet that drop-down lists point to."""

    ranges: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ranges[name]

    def get(self, name: str) -> str | None:
        return self.ranges.get(name)


def template(path: Path, language: str = "both", known: Known | None = None) -> None:
    """Write an empty template with example rows; ``language`` is 'zh', 'en' or 'both'."""
    write_workbook(path, EXAMPLES, language=language, known=known, mark_examples=True)


def write_workbook(
    path: Path,
    rows: Rows,
    *,
    language: str = "both",
    known: Known | None = None,
    mark_examples: bool = False,
    notes: Sequence[tuple[str, str]] = (),
) -> None:
    """Write a workbook in the template's form with ``rows``; ``notes`` go to the top of the guide."""
    known = known or known_from()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "Tanji 碳迹", "created": _CREATED})
        formats = _formats(book)
        _write_guide(book, language, notes, formats)
        targets = {sheet.id: book.add_worksheet(told(sheet.zh, sheet.en, language)) for sheet in sheets()}
        lists = _write_lists(book, known, targets["sites"].get_name())
        for sheet in sheets():
            _write_sheet(targets[sheet.id], sheet, rows.get(sheet.id, ()), language, lists, formats, mark_examples)


def _formats(book: Any) -> dict[str, Any]:
    wrapped = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    return {
        "required": book.add_format({**wrapped, "bg_color": "#FCE4D6"}),
        "optional": book.add_format({**wrapped, "bg_color": "#DDEBF7"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "example": book.add_format({"italic": True, "font_color": "#7F7F7F"}),
        "example_day": book.add_format({"italic": True, "font_color": "#7F7F7F", "num_format": "yyyy-mm-dd"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_guide(book: Any, language: str, notes: Sequence[tuple[str, str]], formats: Mapping[str, Any]) -> None:
    zh, _, en = GUIDE.partition(" ")
    sheet = book.add_worksheet(told(zh, en, language))
    sheet.set_column(0, 0, 60 if language == "both" else 110)
    sheet.set_column(1, 1, 70)
    sheet.write_string(0, 0, "Tanji 碳迹", formats["title"])
    for row, (chinese, english) in enumerate((*notes, *guide_lines()), start=2):
        texts = {"zh": (chinese,), "en": (english,), "both": (chinese, english)}[language]
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, formats["text"])


def _write_lists(book: Any, known: Known, sites: str) -> _Lists:
    """Write what may be chosen on a sheet of its own; lists longer than 255 characters must stand in cells."""
    sheet = book.add_worksheet(LISTS)
    ranges: dict[str, str] = {"site": f"='{sites}'!$B$2:$B$500"}
    column = 0

    def add(name: str, values: Sequence[str]) -> None:
        nonlocal column
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            sheet.write_string(row, column, value)
        letters = column_letters(column + 1)
        ranges[name] = f"='{LISTS}'!${letters}$2:${letters}${max(len(values), 1) + 1}"
        column += 1

    for item in sheets():
        if item.holds_data:
            add(f"activity.{item.id}", [a.id for a in known.activities.values() if a.group in item.groups])
    add("activity.fuel_properties", [a.id for a in known.activities.values() if a.formula.startswith("combustion")])
    add("unit", OFFERED_UNITS)
    add("region", sorted(code for code in set(known.regions.values()) if code.startswith("CN-")))
    for field in {f.name: f for s in sheets() for f in s.columns if f.choices}.values():
        add(f"choice.{field.name}", [choice.id for choice in field.choices])
    names = [(a.id, a.name_zh, a.name_en, a.unit) for a in known.activities.values()]
    for title, values in zip(("id", "中文名", "English name", "unit"), zip(*names, strict=True), strict=True):
        add(title, values)
    add("unit id", list(unit_names()))
    add("单位", [unit.name_zh for unit in unit_names().values()])
    return _Lists(ranges)


def _write_sheet(
    target: Any,
    sheet: Sheet,
    rows: Sequence[Mapping[str, object]],
    language: str,
    lists: _Lists,
    formats: Mapping[str, Any],
    mark_examples: bool,
) -> None:
    target.freeze_panes(1, 4 if sheet.holds_data else 1)
    target.set_row(0, 48)
    for position, item in enumerate(sheet.columns):
        title = told(item.zh, item.en, language) + ("*" if item.required else "")
        target.write_string(0, position, title, formats["required" if item.required else "optional"])
        target.set_column(position, position, 14 if item.kind in ("decimal", "start", "end", "unit") else 20)
        if comment := _comment(item, sheet, position, language):
            target.write_comment(0, position, comment, {"x_scale": 2})
        if source := _list_of(item, sheet, lists):
            rule = {"validate": "list", "source": source, "error_type": "information", "ignore_blank": True}
            target.data_validation(1, position, VALIDATED_ROWS, position, rule)
    for number, row in enumerate(rows, start=1):
        filled = {"mark": "example", **row} if mark_examples else row
        for position, item in enumerate(sheet.columns):
            _write_value(target, number, position, filled.get(item.name), formats, mark_examples)


def _comment(item: Field, sheet: Sheet, position: int, language: str) -> str:
    texts = [told(item.help_zh, item.help_en, "zh" if language == "zh" else "en" if language == "en" else "both")]
    if position == 0:
        texts.insert(0, told(sheet.help_zh, sheet.help_en, language))
    if item.choices:
        texts.append("; ".join(f"{choice.id} = {told(choice.zh, choice.en, language)}" for choice in item.choices))
    return "\n".join(text for text in texts if text)


def _list_of(item: Field, sheet: Sheet, lists: _Lists) -> str | None:
    """Return the range that a column offers; the lists inform, they do not forbid other spellings."""
    if item.kind == "choice":
        return lists[f"choice.{item.name}"]
    if item.kind == "activity":
        return lists.get(f"activity.{sheet.id}")
    return lists.get(item.kind) if item.kind in ("site", "unit", "region") else None


def _write_value(
    target: Any, row: int, column: int, value: object, formats: Mapping[str, Any], is_example: bool
) -> None:
    style = formats["example"] if is_example else None
    if value is None or value == "":
        return
    if isinstance(value, date):
        target.write_datetime(row, column, value, formats["example_day" if is_example else "day"])
    elif isinstance(value, int | float | Decimal):
        target.write_number(row, column, value, style)
    else:
        target.write_string(row, column, str(value), style)
