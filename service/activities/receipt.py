"""What the person who handed a file in gets back: the receipt, and the file with what is wrong beside every row."""

from __future__ import annotations

import csv
import datetime
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import xlsxwriter

from lca.inert import inert
from service.activities import textfile
from service.activities.columns import REPORT
from service.activities.intake import Counts, Intake
from service.activities.problems import Problem, told
from service.activities.refusals import FileRefused
from service.activities.sheets import QUIET, RECEIPT
from service.activities.workbook import is_workbook, open_workbook, raw_rows
from service.errors import N_, ServiceError

COUNTS = (
    ("total", "提交行数", "Rows submitted"),
    ("loaded", "可导入", "Can be loaded"),
    ("skipped", "跳过（示例行等）", "Skipped (examples)"),
    ("errors", "有错误", "With errors"),
    ("data", "形成的活动数据", "Activity data made of them"),
)
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_TITLE_LENGTH = 31  # and at most so many characters
_NOTE_ZH, _NOTE_EN = "（提示）", "(note) "


FIRST_YEAR = 1900  # of the calendar of spreadsheets


class SourceChanged(ServiceError):
    """The file is not the one that was read."""

    code = "source-changed"
    message = N_("'%(name)s' was changed since it was read: read it again")
    status = 409


def receipt(intake: Intake) -> dict[str, Any]:
    """Return the receipt as plain values: counts of the file and of every sheet, and how many problems there are."""
    return {
        "file": intake.path.name,
        "sha256": intake.source_sha256,
        "counts": asdict(intake.counts),
        "by_sheet": {sheet: asdict(counts) for sheet, counts in intake.by_sheet.items() if sheet},
        "errors": len(intake.errors),
        "warnings": len(intake.warnings),
    }


def receipt_lines(counts: Counts, language: str = "zh") -> list[tuple[str, int]]:
    """Return the counts with their names, in the order a person reads them."""
    return [(told(zh, en, language), getattr(counts, key)) for key, zh, en in COUNTS]


def _sentence(problems: Sequence[Problem], language: str) -> tuple[str, str, str]:
    """Return column, what is wrong and how to mend it, of all problems of one row."""
    columns = dict.fromkeys(problem.column for problem in problems if problem.column)
    what = (told(_NOTE_ZH, _NOTE_EN, language) * p.is_warning + p.what(language) for p in problems)
    mend = dict.fromkeys(problem.mend(language) for problem in problems)
    return ", ".join(columns), " | ".join(what), " | ".join(mend)


def _by_row(intake: Intake) -> dict[str, dict[int, list[Problem]]]:
    """Return the problems by sheet and row; row 0 holds those of a whole file, sheet or header."""
    found: dict[str, dict[int, list[Problem]]] = {}
    for problem in (*intake.errors, *intake.warnings):
        row = problem.row or 0
        row = 0 if row <= intake.headers.get(problem.sheet, 0) else row
        found.setdefault(problem.sheet, {}).setdefault(row, []).append(problem)
    return found


def error_file(intake: Intake, path: Path, language: str | None = None) -> None:
    """Write the submitted rows with row, column, what is wrong and how to mend it beside each.

    The format is the one submitted: a workbook becomes a workbook (with the receipt on a sheet of its own),
    a CSV file a CSV file. Mended, it can be handed in as it is: the added columns are not read.

    Raises:
        SourceChanged: the submitted file is no longer what was read.
    """
    language = language or intake.language
    try:
        if textfile.fingerprint(intake.path, intake.limits) != intake.source_sha256:
            raise SourceChanged(name=intake.path.name)
    except FileRefused:
        pass  # empty or too large: there is nothing to compare and nothing to repeat
    if is_workbook(intake.path):
        _write_book(intake, path, language)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            _write_text(intake, file, language)


def _write_text(intake: Intake, file: TextIO, language: str) -> None:
    problems = _by_row(intake).get("", {})
    try:
        submitted = textfile.inspect(intake.path)
    except FileRefused:
        _write_general(csv.writer(file), problems.get(0, []), 0, language)
        return
    declared = intake.mapping.separator if intake.mapping else ""
    separator = declared or textfile.separator_of(submitted)
    writer = csv.writer(file, delimiter=separator)
    header = intake.headers.get("", 1)
    top = textfile.head(submitted, separator, header)
    for record in top[:-1]:
        writer.writerow(map(inert, record))
    names = [inert(name) for name in top[-1]] if top else []
    writer.writerow([*names, *REPORT])
    _write_general(writer, problems.get(0, []), len(names), language)
    with suppress(FileRefused):  # the reading ended there; why, stands above
        for number, cells in _records(submitted, separator, len(names), header):
            report = ["", "", "", ""]
            if found := problems.get(number):
                report = [str(number), *_sentence(found, language)]
            writer.writerow(map(inert, [*cells, *report]))


def _write_general(writer: Any, problems: Iterable[Problem], width: int, language: str) -> None:
    """Write what concerns the whole file in rows of their own, their data cells empty."""
    for problem in problems:
        row = str(problem.row) if problem.row else ""
        writer.writerow([*[""] * width, row, *map(inert, _sentence([problem], language))])


def _records(file: textfile.TextFile, separator: str, width: int, skip: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for frame in textfile.frames(file, separator, width, skip):
        for number, *cells in frame.drop("width").iter_rows():
            yield number, tuple(cells)


def _write_book(intake: Intake, path: Path, language: str) -> None:
    problems = _by_row(intake)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as target:
        formats = _formats(target)
        _write_receipt(intake, target.add_worksheet(RECEIPT), problems, formats, language)
        try:
            book = open_workbook(intake.path, intake.limits)
        except FileRefused:
            return
        for name in book.sheets:
            if name not in QUIET:
                offset, rows = raw_rows(book, name)
                header, found = intake.headers.get(name, 0), problems.get(name, {})
                sheet = target.add_worksheet(_title(name, target.sheetnames))
                _write_sheet(sheet, rows, offset, header, found, formats, language)


def _title(name: str, taken: Iterable[str]) -> str:
    """Return a name that a spreadsheet allows for a sheet, near to ``name``."""
    plain = _NOT_IN_TITLES.sub("_", name).strip("'")[:_TITLE_LENGTH] or "_"
    held = {other.casefold() for other in taken}
    numbered = (f"{plain[: _TITLE_LENGTH - 5]}_{number}" for number in itertools.count(2))
    return next(title for title in (plain, *itertools.islice(numbered, len(held))) if title.casefold() not in held)


def _formats(target: Any) -> Mapping[str, Any]:
    return {
        "head": target.add_format({"bold": True, "bg_color": "#DCE6F1", "text_wrap": True}),
        "day": target.add_format({"num_format": "yyyy-mm-dd"}),
        "wrong": target.add_format({"bg_color": "#F8CBAD"}),
        "wrong_day": target.add_format({"bg_color": "#F8CBAD", "num_format": "yyyy-mm-dd"}),
    }


def _write_sheet(
    sheet: Any,
    rows: Iterable[Sequence[Any]],
    offset: int,
    header: int,
    problems: Mapping[int, list[Problem]],
    formats: Mapping[str, Any],
    language: str,
) -> None:
    if header:
        sheet.freeze_panes(header, 0)
    for index, cells in enumerate(rows):
        found = problems.get(index + 1, [])
        wrong = {problem.position for problem in found if not problem.is_warning}
        for position, value in enumerate(cells, start=offset):
            is_head = index + 1 == header
            _write_cell(
                sheet, index, position, value, formats, "head" if is_head else "wrong" * (position + 1 in wrong)
            )
        right = offset + len(cells)
        if header and index + 1 == header:
            for position, title in enumerate(REPORT):
                sheet.write_string(index, right + position, title, formats["head"])
        elif found:
            for position, text in enumerate([str(index + 1), *_sentence(found, language)]):
                sheet.write_string(index, right + position, text)


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: Mapping[str, Any], style: str) -> None:
    """Write one cell as what it was; text is never written as a formula."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, formats.get(style))
    elif isinstance(value, float) and math.isfinite(value):
        sheet.write_number(row, column, value, formats.get(style))
    elif isinstance(value, datetime.datetime | datetime.date) and value.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, value, formats["wrong_day" if style == "wrong" else "day"])
    elif str(value):
        sheet.write_string(row, column, str(value), formats.get(style))
    elif style:
        sheet.write_blank(row, column, None, formats[style])


def _write_receipt(
    intake: Intake,
    sheet: Any,
    problems: Mapping[str, Mapping[int, list[Problem]]],
    formats: Mapping[str, Any],
    language: str,
) -> None:
    """Write the counts, of the file and of every sheet, and what concerns whole sheets."""
    titles = [told(zh, en, language) for _, zh, en in COUNTS]
    lines: list[tuple[object, ...]] = [
        (told("文件", "File", language), intake.path.name),
        ("SHA-256", intake.source_sha256),
        (),
        (told("工作表", "Sheet", language), *titles),
        (told("合计", "Total", language), *(count for _, count in receipt_lines(intake.counts))),
    ]
    lines += [(name, *(n for _, n in receipt_lines(counts)[:-1])) for name, counts in intake.by_sheet.items() if name]
    lines += [(), (told("工作表", "Sheet", language), *REPORT)]
    for name, rows in problems.items():
        for problem in rows.get(0, []):
            lines.append((name, str(problem.row or ""), *_sentence([problem], language)))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 5, 22)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            write = sheet.write_number if isinstance(value, int) else sheet.write_string
            write(row, column, value, formats["head"] if row == 3 else None)
