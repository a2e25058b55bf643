"""What comes back: the receipt, and the submitted rows with what is wrong and how to mend it."""

from __future__ import annotations

import csv as csvlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from intake_made import BAD, codes
from python_calamine import CalamineWorkbook

from service.activities.columns import REPORT
from service.activities.intake import Intake, Known, read
from service.activities.receipt import SourceChanged, error_file, receipt, receipt_lines

HEADER = "site,activity,name,start,end,amount,unit"


def rows_of(path: Path, separator: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csvlib.reader(file, delimiter=separator))


def test_the_submitted_rows_with_what_is_wrong(csv: Callable[..., Intake], tmp_path: Path) -> None:
    intake = csv(HEADER, "S1,electricity,a,2025-01,,1000,kWh", 'S9,electricity,b,2025-01,,"1,234",kWh')
    out = tmp_path / "errors.csv"
    error_file(intake, out, "en")
    rows = rows_of(out)
    assert rows[0] == [*HEADER.split(","), *REPORT]
    assert rows[1] == ["S1", "electricity", "a", "2025-01", "", "1000", "kWh", "", "", "", ""]
    assert rows[2][:7] == ["S9", "electricity", "b", "2025-01", "", "1,234", "kWh"]
    assert rows[2][7:9] == ["3", "site, amount"]
    assert rows[2][9].startswith("there is no such site; near it: S")
    assert rows[2][9].endswith(" | may be read as 1234 or as 1.234")
    assert rows[2][10].startswith("mend it, or enter the site")


def test_mended_in_place_it_can_be_handed_in_again(csv: Callable[..., Intake], tmp_path: Path, known: Known) -> None:
    intake = csv(HEADER, "S1,electricity,=cmd,2025-01,,1000,kWh", "S9,electricity,b,2025-01,,1000,kWh")
    out = tmp_path / "errors.csv"
    error_file(intake, out)
    assert "'=cmd" in out.read_text(encoding="utf-8-sig")  # a spreadsheet must not compute it
    out.write_text(out.read_text(encoding="utf-8-sig").replace("S9", "S2"), encoding="utf-8")
    again = read(out, known=known)
    assert codes(again) == []
    assert [stream.name for stream in again.ledger.streams] == ["=cmd", "b"]


def test_the_separator_and_the_title_stay(csv: Callable[..., Intake], tmp_path: Path) -> None:
    lines = ("台账;;;;;;", HEADER.replace(",", ";"), "S9;electricity;a;2025-01;;1000;kWh")
    out = tmp_path / "errors.csv"
    error_file(csv(*lines), out)
    rows = rows_of(out, ";")
    assert rows[0][0] == "台账"
    assert rows[2][7] == "3"


def test_what_concerns_the_whole_file_stands_below_the_header(tmp_path: Path, known: Known) -> None:
    out = tmp_path / "errors.csv"
    error_file(read(BAD / "headers.csv", known=known), out, "zh")
    rows = rows_of(out)
    assert rows[1][:6] == [""] * 6
    assert rows[1][6] == "1"
    assert any("无法识别列“Strat”" in row[8] for row in rows[1:6])


def test_a_file_that_could_not_be_read(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\0\1\2")
    out = tmp_path / "errors.csv"
    error_file(read(path, known=known), out, "both")
    assert "文件不是文本" in out.read_text(encoding="utf-8-sig")
    assert "neither text" in out.read_text(encoding="utf-8-sig")


def test_a_changed_file_is_not_mixed_with_old_findings(csv: Callable[..., Intake], tmp_path: Path) -> None:
    intake = csv(HEADER, "S9,electricity,a,2025-01,,1000,kWh")
    intake.path.write_text("something else\n", encoding="utf-8")
    with pytest.raises(SourceChanged):
        error_file(intake, tmp_path / "errors.csv")


def test_a_workbook_comes_back_as_a_workbook(workbook: Callable[..., Path], tmp_path: Path, known: Known) -> None:
    rows = [
        ["场所代码", "活动", "开始日期", "活动数据", "单位"],
        ["S1", "electricity", "2025-01", 1000.5, "kWh"],
        ["S9", "electricity", "2025-01", "abc", "kWh"],
        ["S1", "=1+1", "2025-01", 5, "kWh"],
    ]
    intake = read(workbook({"电力": rows, "备忘": [["x"]]}), known=known)
    out = tmp_path / "errors.xlsx"
    error_file(intake, out, "zh")
    book = CalamineWorkbook.from_path(str(out))
    assert book.sheet_names == ["回执 Receipt", "电力", "备忘"]
    sheet = book.get_sheet_by_name("电力").to_python()
    assert sheet[0] == [*rows[0], *REPORT]
    assert sheet[1][:5] == rows[1]
    assert sheet[2][5:7] == ["3", "场所代码, 活动数据"]
    assert "不是数字" in sheet[2][7]
    assert sheet[3][1] == "=1+1"  # text, not a formula
    counts = book.get_sheet_by_name("回执 Receipt").to_python()
    assert counts[4][1:5] == [3, 1, 0, 2]
    again = read(out, known=known)
    assert [code for _, _, code in codes(again)] == [code for _, _, code in codes(intake)]


def test_a_workbook_that_could_not_be_opened(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"PK\x03\x04 cut off")
    out = tmp_path / "errors.xlsx"
    error_file(read(path, known=known), out, "en")
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("回执 Receipt").to_python()
    assert any("damaged or incomplete" in str(cell) for row in rows for cell in row)


def test_names_of_sheets_that_a_spreadsheet_refuses(
    workbook: Callable[..., Path], tmp_path: Path, known: Known
) -> None:
    """A file written by a program may hold names that no spreadsheet lets one type."""
    path = workbook(
        {"电力": [HEADER.split(","), ["S1", "electricity", "a", "2025-01", None, "x", "kWh"]], "second": [["a"]]}
    )
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    odd = ("电力", "回执 receipt"), ("second", "a/b" * 20)
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            for old, new in odd if name == "xl/workbook.xml" else ():
                content = content.replace(f'name="{old}"'.encode(), f'name="{new}"'.encode())
            target.writestr(name, content)
    out = tmp_path / "errors.xlsx"
    error_file(read(path, known=known), out)
    assert all(len(name) <= 31 and "/" not in name for name in CalamineWorkbook.from_path(str(out)).sheet_names)


def test_cells_and_headers_that_a_spreadsheet_would_compute(csv: Callable[..., Intake], tmp_path: Path) -> None:
    intake = csv(
        "=1+1,x", f"{HEADER},=cmd|' /C calc'!A0", "S9,电力,=2+5,2025-01,,-5,kWh,@x", "S9,电力,＝3+4,2025-01,,－5,kWh,"
    )
    out = tmp_path / "errors.csv"
    error_file(intake, out)
    cells = [cell for row in rows_of(out) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "＝"))] == []
    assert {"-5", "－5"} < set(cells)


def test_the_receipt_counts(tmp_path: Path, known: Known) -> None:
    intake = read(BAD / "numbers.csv", known=known)
    found = receipt(intake)
    assert found["counts"] == {"total": 10, "loaded": 4, "skipped": 0, "errors": 6, "data": 4}
    assert found["sha256"] == intake.source_sha256
    assert (found["errors"], found["warnings"]) == (6, 0)
    assert receipt_lines(intake.counts, "zh")[:2] == [("提交行数", 10), ("可导入", 4)]
    assert receipt_lines(intake.counts, "en")[3] == ("With errors", 6)
