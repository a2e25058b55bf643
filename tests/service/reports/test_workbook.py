"""The workbook computes: its formulas, worked out by a small evaluator of our own, give the snapshot's tonnes."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from service.reports.cells import expression_of, operand_of, spreadsheet, symbols
from service.reports.errors import LanguageUnknown
from service.reports.workbook import workbook
from tests.service.reports.fixture import CHINESE_KG, CN, GHGP, ISO, LOCATION_KG, MARKET_KG, snapshot

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Calculator:
    """Reads an XLSX file and evaluates the few functions that the workbook uses; knows no cached value."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            self.strings = ["".join(t.text or "" for t in item.iterfind(".//m:t", SPACE)) for item in strings]
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            names = [sheet.get("name", "") for sheet in book.iterfind(".//m:sheet", SPACE)]
            self.sheets = {
                name: self._cells(archive.read(f"xl/worksheets/sheet{number}.xml"))
                for number, name in enumerate(names, 1)
            }

    def _cells(self, xml: bytes) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        for cell in ElementTree.fromstring(xml).iterfind(".//m:c", SPACE):
            formula, value = cell.find("m:f", SPACE), cell.find("m:v", SPACE)
            if formula is not None:
                cells[cell.get("r", "")] = ("formula", formula.text, float(value.text))  # type: ignore[union-attr,arg-type]
            elif cell.get("t") == "s":
                cells[cell.get("r", "")] = self.strings[int(value.text)]  # type: ignore[union-attr,arg-type]
            elif value is not None:
                cells[cell.get("r", "")] = float(value.text)  # type: ignore[arg-type]
        return cells

    def value(self, sheet: str, cell: str) -> Any:
        found = self.sheets[sheet].get(cell.replace("$", ""), 0.0)
        return self.evaluate(sheet, found[1]) if isinstance(found, tuple) else found

    def column(self, sheet: str, reference: str) -> list[Any]:
        name, _, cells = reference.rpartition("!")
        where = name.strip("'") or sheet
        first, last = cells.replace("$", "").split(":")
        letter = re.sub("[0-9]", "", first)
        numbers = range(int(re.sub("[A-Z]", "", first)), int(re.sub("[A-Z]", "", last)) + 1)
        return [self.value(where, f"{letter}{number}") for number in numbers]

    def evaluate(self, sheet: str, formula: str) -> float:
        text = re.sub(r"SUMIFS?\(([^()]*)\)", lambda found: repr(self._sum(sheet, found.group(0))), formula)
        text = re.sub(
            r"(?:('[^']+'|[A-Za-z]+)!)?(\$?[A-Z]{1,2}\$?[0-9]+)",
            lambda found: repr(self.value((found.group(1) or sheet).strip("'"), found.group(2))),
            text,
        )
        assert re.fullmatch(r"[0-9.eE+\-*/() ]+", text), text
        return float(eval(text, {"__builtins__": {}}))

    def _sum(self, sheet: str, call: str) -> float:
        name, _, inside = call.partition("(")
        args = inside[:-1].split(",")
        if name == "SUMIF":
            conditions, amounts = [(args[0], args[1])], args[2]
        else:
            amounts, conditions = args[0], list(zip(args[1::2], args[2::2], strict=True))
        wanted = [
            (self.column(sheet, area), test.strip('"') if test.startswith('"') else self.value(sheet, test))
            for area, test in conditions
        ]
        return sum(
            amount
            for index, amount in enumerate(self.column(sheet, amounts))
            if all(column[index] == value for column, value in wanted)
        )


@pytest.mark.parametrize("method", [ISO, CN, GHGP])
def test_every_formula_gives_its_cached_value(method: str) -> None:
    found = Calculator(workbook(snapshot(method)))
    formulas = [
        (name, cell, entry)
        for name, cells in found.sheets.items()
        for cell, entry in cells.items()
        if isinstance(entry, tuple)
    ]
    assert len(formulas) > 50
    for name, cell, (_, text, cached) in formulas:
        assert found.evaluate(name, text) == pytest.approx(cached, rel=1e-9, abs=1e-12), (name, cell, text)


def test_the_totals_are_those_worked_out_by_hand() -> None:
    found = Calculator(workbook(snapshot(CN), "en"))
    rows = {found.value("Summary", f"A{row}"): found.value("Summary", f"B{row}") for row in range(2, 11)}
    assert rows["Total emissions · location-based (tCO2e)"] == pytest.approx(float(LOCATION_KG) / 1000)
    assert rows["Total emissions · market-based (tCO2e)"] == pytest.approx(float(MARKET_KG) / 1000)
    assert rows["Total emissions · as the method counts (tCO2e)"] == pytest.approx(float(CHINESE_KG) / 1000)


def test_a_changed_factor_moves_the_total() -> None:
    """0.4403 doubled: 528.36 kg more, by hand."""
    found = Calculator(workbook(snapshot(ISO)))
    factors = found.sheets["Factors"]
    cell = next(key for key, value in factors.items() if value == "cn-elec-2022-cn-gd")
    factors[f"C{cell[1:]}"] = 0.8806
    assert found.value("Summary", "B8") == pytest.approx((float(LOCATION_KG) + 528.36) / 1000)


def test_a_changed_amount_moves_the_total() -> None:
    """1 000 kWh more at 0.4403 kg/kWh."""
    found = Calculator(workbook(snapshot(ISO)))
    data = found.sheets["Activity data"]
    row = next(key[1:] for key, value in data.items() if key.startswith("H") and value == "MWh")
    data[f"G{row}"] += 1
    assert found.value("Summary", "B8") == pytest.approx((float(LOCATION_KG) + 440.3) / 1000)


def test_what_begins_like_a_formula_is_text() -> None:
    given = snapshot()
    given["organisation"]["name_zh"] = "=1+1"
    given["sites"][0]["name_zh"] = "@SUM(A1)"
    given["calculations"][0]["stream"]["name"] = "-2+3"
    given["calculations"][1]["stream"]["meter"] = "+cmd|' /C calc'!A0"
    found = Calculator(workbook(given))
    texts = [value for cells in found.sheets.values() for value in cells.values() if isinstance(value, str)]
    for text in ("=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0"):
        assert text in texts
    formulas = [value[1] for cells in found.sheets.values() for value in cells.values() if isinstance(value, tuple)]
    assert not any("cmd" in formula or formula == "1+1" for formula in formulas)


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert workbook(snapshot(CN)) == workbook(snapshot(CN))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LanguageUnknown):
        workbook(snapshot(), "fr")


def test_a_settled_line_carries_what_the_floor_left_of_it() -> None:
    """A deduction of 100 kg that the method cut to 60: the formula row says so and gives 60."""
    given = snapshot(ISO)
    line = next(one for one in given["results"]["lines"] if one["id"] == "L002")
    line["kgco2e_location"] = str(0.6 * 528.36)
    found = Calculator(workbook(given))
    lines = found.sheets["Lines"]
    row = next(key[1:] for key, value in lines.items() if key.startswith("A") and value == "L002")
    assert lines[f"P{row}"] == pytest.approx(0.6)
    assert found.value("Lines", f"Q{row}") == pytest.approx(317.016)


def _without_cached_values(data: bytes) -> bytes:
    """Return the workbook with nothing to show for its formulas, so that whoever opens it has to compute them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in given.namelist():
            content = given.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1", content)
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice recalculates where it is installed")
@pytest.mark.parametrize("method", [ISO, CN, GHGP])
def test_libreoffice_computes_the_same(method: str, tmp_path: Path) -> None:
    data = workbook(snapshot(method))
    given, out = tmp_path / "book.xlsx", tmp_path / "out"
    given.write_bytes(_without_cached_values(data))
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(given)]
    subprocess.run([*command, f"-env:UserInstallation=file://{tmp_path}/profile"], check=True, timeout=240)
    computed = Calculator((out / "book.xlsx").read_bytes())
    for name, cells in Calculator(data).sheets.items():
        for cell, entry in cells.items():
            if isinstance(entry, tuple):
                assert computed.sheets[name][cell][2] == pytest.approx(entry[2], rel=1e-9, abs=1e-12), (name, cell)


def test_a_sum_is_found_by_gas() -> None:
    record = {"expression": "CO2 = AD × NCV × CC; N2O = AD × NCV × EF_N2O / 1000"}
    assert expression_of(record, "N2O") == "AD × NCV × EF_N2O / 1000"
    assert expression_of(record, "CF4") == ""
    assert expression_of({"expression": "AD × EF"}, "CF4") == "AD × EF"


def test_an_operand_per_gas_is_that_of_the_gas() -> None:
    operands = [
        {"key": "factor.CO2", "symbol": "EF"},
        {"key": "factor.CH4", "symbol": "EF"},
        {"key": "w", "symbol": "W"},
    ]
    assert operand_of(operands, "EF", "CH4") == operands[1]
    assert operand_of(operands, "W", "CH4") == operands[2]
    assert operand_of(operands, "X", "CH4") is None


def test_a_sum_becomes_a_spreadsheet_formula() -> None:
    cells = {"CaO": "B1", "CaO0": "B2", "η": "B3"}
    assert symbols("AD × η × (CaO − CaO0) × 44/56") == ["η", "CaO", "CaO0"]
    assert spreadsheet("AD × η × (CaO − CaO0) × 44/56", "A1", cells) == "A1*B3*(B1-B2)*44/56"
    assert spreadsheet("AD × MgO", "A1", cells) is None
    assert spreadsheet("AD # 2", "A1", cells) is None
