"""Nothing that somebody stored is computed by the spreadsheet in which somebody else opens a file of the service.

CWE-1236, and OWASP's page on CSV injection: a cell that begins with = + - @, a tab or a line end, or with the
full-width forms of these signs, which spreadsheets of East Asia take for them.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from make import NOW, lci, ling, product
from python_calamine import CalamineWorkbook
from sqlmodel import Session

from factors import library
from lca import exporters
from lca.dataset import LciDatabase, Parameter
from lca.importers import read as read_lci
from lca.inert import exact, inert
from service import db
from service.accounts.actions import Actor
from service.activities import template
from service.activities.intake import read
from service.activities.receipt import error_file
from service.audit import actions as audit
from service.audit import export
from service.catalogue import inventories
from service.cli import main
from service.commands import base
from service.products import supplier_sheet
from service.products.workbook_writer import write_workbook
from service.reports import footprint_workbook, workbook
from tests.lca.exchanged import BOARD, data, run
from tests.service.reports.fixture import snapshot

ROOT = Path(__file__).parents[2]
EVIL = 'HYPERLINK("//evil.example")'
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=", "\n=")
Made = Callable[[str, Path], Path]


def of_inventory(text: str, into: Path) -> Path:
    """As pages, API and `tanji report` write it."""
    given = snapshot()
    given["organisation"]["name_zh"] = given["organisation"]["name_en"] = text
    given["sites"][0]["name_zh"] = given["calculations"][0]["stream"]["name"] = text
    given["calculations"][1]["stream"]["meter"] = text
    return kept(into / "inventory.xlsx", workbook.workbook(given, "zh"))


def of_footprint(text: str, into: Path) -> Path:
    given = data(BOARD)
    process = given["processes"][0]
    for one in (given, given["organisation"], process, process["inputs"][0]):
        one["zh"] = one["en"] = "somebody's"
    process["component"] = process["inputs"][0]["evidence"] = "somebody's"
    said = json.dumps(dict(run(given, "pact.3.0").snapshot)).replace("somebody's", json.dumps(text)[1:-1])
    return kept(into / "footprint.xlsx", footprint_workbook.workbook(json.loads(said), "zh"))


def of_model(text: str, into: Path) -> Path:
    given = product(zh=text)
    given["suppliers"][0]["zh"] = text
    write_workbook(into / "model.xlsx", given)
    return into / "model.xlsx"


def of_activity_data(text: str, into: Path) -> Path:
    template.write_workbook(into / "activities.xlsx", {"sites": [{"site": "works", "name_zh": text}]})
    return into / "activities.xlsx"


def of_supplier_as_csv(text: str, into: Path) -> Path:
    return kept(into / "footprint.csv", supplier_sheet.as_csv({"zh": text, "en": text, "unit": text}, "en"))


def of_supplier(text: str, into: Path) -> Path:
    supplier_sheet.xlsx(into / "footprint.xlsx", {"zh": text, "unit": text}, [(text, text)], "zh")
    return into / "footprint.xlsx"


HEAD = ["site", "activity", "name", "start", "end", "amount", "unit"]


def of_errors_as_csv(text: str, into: Path) -> Path:
    """As `tanji activity check --errors-file` writes it: the text in a head, in a cell and in what is said of it."""
    with (into / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*HEAD, text], ["S9", text, text, "2025-01", "", "-5", text, text]])
    error_file(read(into / "in.csv"), into / "errors.csv")
    return into / "errors.csv"


def of_errors(text: str, into: Path) -> Path:
    with xlsxwriter.Workbook(into / "in.xlsx", {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("活动数据")
        for number, row in enumerate(([*HEAD, text], ["S9", text, text, "2025-01", "", "-5", text, text])):
            sheet.write_row(number, 0, row)
    error_file(read(into / "in.xlsx"), into / "errors.xlsx")
    return into / "errors.xlsx"


def hostile(text: str) -> LciDatabase:
    """The bicycle, named and commented by somebody."""
    bike, *rest = lci().processes
    exchanges = tuple(replace(one, comment=text, formula=text) for one in bike.exchanges)
    parameters = (Parameter("width", -2.5, formula=text, comment=text),)
    named = replace(bike, name=text, comment=text, location=text, exchanges=exchanges, parameters=parameters)
    return replace(lci(), name=text, source=text, licence=text, processes=(named, *rest))


def of_database(text: str, into: Path, name: str = "excel") -> Path:
    exporters.write(hostile(text), into / f"database.{name}", name)
    return into / f"database.{name}"


def of_database_as_csv(text: str, into: Path) -> Path:
    return of_database(text, into, "csv")


def of_scores(text: str, into: Path) -> Path:
    with storing() as session:
        inventories.put(
            session, ling(session), replace(hostile(text), name="bike"), inventories.File("bike.json", "a" * 64), NOW
        )
    return commanded(into / "scores.csv", "lci", "scores", "bike", "--organisation", "ling")


def of_library(text: str, into: Path) -> Path:
    return commanded(into / "factors.csv", "factors", "export")


def of_log(text: str, into: Path) -> Path:
    with storing() as session:
        own = ling(session, with_site=False)
        audit.record(session, Actor(own.organisation_id, text, own.roles), text, text, {}, NOW)
        return kept(into / "log.csv", "".join(export.export(session, own, export.CSV)).encode())


WRITERS: dict[str, tuple[Made, ...] | str] = {
    "lca/exporters/csv.py": (of_database_as_csv,),
    "lca/exporters/excel.py": (of_database,),
    "service/activities/receipt.py": (of_errors, of_errors_as_csv),
    "service/activities/template.py": (of_activity_data,),
    "service/audit/export.py": (of_log,),
    "service/commands/factors.py": (of_library,),
    "service/commands/inventory_databases.py": (of_scores,),
    "service/products/supplier_sheet.py": (of_supplier, of_supplier_as_csv),
    "service/products/workbook_writer.py": (of_model,),
    "service/reports/workbook.py": (of_inventory, of_footprint),
    "factors/importers/write.py": "it writes the library's own tables, which a person reviews as text",
    "service/activities/loading.py": "the intake reads it at once and it is gone",
    "service/activities/many.py": "the intake reads it at once and it is gone",
    "service/bulk.py": "PostgreSQL takes it as it comes",
    "service/catalogue/brightway_process.py": "the other half of this program reads it at once and it is gone",
}
WRITES = re.compile(r"csv\.writer\(|DictWriter\(|\.write_csv\(|\.write_excel\(|xlsxwriter\.Workbook\(")
MADE = [made for found in WRITERS.values() if isinstance(found, tuple) for made in found]


@contextmanager
def storing() -> Iterator[Session]:
    database = db.Database(os.environ["DATABASE_URL"])
    with database.session(write=True) as session, db.using(session):
        yield session
    database.dispose()


def kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def commanded(out: Path, *arguments: str) -> Path:
    done = CliRunner().invoke(main, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def cells(path: Path) -> list[str]:
    """Return the texts of a file, and assert that none of its formulas is a stranger's."""
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    formulas = [found for part in parts.values() for found in re.findall(r"<f\b[^>]*>(.*?)</f>", part, re.DOTALL)]
    assert not [one for one in formulas if "HYPERLINK" in one]
    assert not [name for name, part in parts.items() if "<hyperlink" in part or 'TargetMode="External"' in part]
    book = CalamineWorkbook.from_path(path)
    sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
    return [str(cell) for sheet in sheets for row in sheet.to_python() for cell in row]


@pytest.fixture
def here(sqlite_database: db.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", str(sqlite_database.engine.url))
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
@pytest.mark.parametrize("start", STARTS, ids=ascii)
def test_what_begins_like_a_formula_is_text(
    start: str, made: Made, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{start}{EVIL}"
    held = library.load()
    first = replace(next(iter(held.factors.values())), name_en=text, name_zh=text)
    monkeypatch.setattr(base, "library", lambda: replace(held, factors={first.id: first}))
    found = cells(path := made(text, here))
    assert [cell for cell in found if EVIL in cell], "it is not in the file: nothing is tested"
    if path.read_bytes()[:2] != b"PK":
        assert [cell for cell in found if cell.startswith(STARTS) and not re.fullmatch(r"-[0-9.]+", cell)] == []


def test_every_writer_of_tables_is_looked_at() -> None:
    places = {
        str(path.relative_to(ROOT))
        for room in ("service", "lca", "factors")
        for path in (ROOT / room).rglob("*.py")
        if WRITES.search(path.read_text(encoding="utf-8"))
    }
    assert places == set(WRITERS)


@pytest.mark.parametrize("number", ["-1", "-1.5", "+2", "-1,234.5", "-3e-05", "-.5", "－5", "0", "1200"])
def test_a_number_stays_a_number(number: str) -> None:
    assert inert(number) == number


@pytest.mark.parametrize("text", ["-2+3", "--1", "-1-1", "+1*2", "-", "-A1", "=1", "@1"])
def test_a_sum_is_no_number(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_amounts_below_zero_stay_numbers(here: Path) -> None:
    """The parameter of the bicycle is -2.5."""
    assert "-2.5" in cells(of_database_as_csv("x", here))
    assert "-5" in cells(of_errors_as_csv("x", here))
    book = CalamineWorkbook.from_path(of_database("x", here))
    assert -2.5 in [cell for row in book.get_sheet_by_index(0).to_python() for cell in row]


@given(st.text("'=-1x"))
def test_it_is_taken_off_again(text: str) -> None:
    """Also a text that begins with an apostrophe of its own."""
    assert exact(inert(text)) == text


@pytest.mark.parametrize("start", ["=", "-", "@", "＋"])
def test_a_database_is_read_again_as_it_was(start: str, here: Path) -> None:
    text = f"{start}{EVIL}"
    bike, *rest = lci().processes
    given = replace(lci(), processes=(replace(bike, name=text, comment=text), *rest))
    exporters.write(given, here / "again.csv", "csv")
    again: Any = read_lci(here / "again.csv", "csv").processes[0]
    assert (again.name, again.comment) == (text, text)
