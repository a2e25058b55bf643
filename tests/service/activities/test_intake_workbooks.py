"""Workbooks: what their cells hide, what they may not hold, and what is broken about them."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from intake_made import codes, warned
from python_calamine import CalamineWorkbook

from service.activities.intake import ColumnMap, Known, read
from service.activities.receipt import error_file
from service.activities.refusals import Limits

HEADER = [
    "场所代码 Site",
    "活动 Activity",
    "排放源名称 Source name",
    "开始日期 Start",
    "结束日期 End",
    "活动数据 Amount",
    "单位 Unit",
]
ROW = ["S1", "electricity", "总表", "2025-01", None, 120000, "kWh"]
SHEET = "电力 Electricity"
Write = Callable[..., Path]


def rezip(path: Path, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None) -> Path:
    """Write the archive again with parts changed, left out (None) or added."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {**parts, **(extra or {})}.items():
            changed = change(name, content)
            if changed is not None:
                target.writestr(name, changed)
    return path


def same(_: str, content: bytes) -> bytes:
    return content


def in_sheet(old: str, new: str) -> Callable[[str, bytes], bytes]:
    """Replace text in the first worksheet."""

    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return change


def test_numbers_and_days_of_cells(workbook: Write, known: Known) -> None:
    def days(book: object, sheets: dict) -> None:
        style = book.add_format({"num_format": "yyyy-mm-dd"})  # type: ignore[attr-defined]
        sheets[SHEET].write_datetime(2, 3, date(2025, 2, 1), style)
        sheets[SHEET].write_datetime(2, 4, date(2025, 2, 28), style)

    path = workbook({SHEET: [HEADER, ROW, ["S1", "electricity", "总表", None, None, 0.1 + 0.2, "MWh"]]}, days)
    intake = read(path, known=known)
    assert codes(intake) == []
    # A spreadsheet holds 15 significant digits and shows 0.3.
    assert intake.ledger.rows["amount"].to_list() == ["120000", "0.3"]
    assert intake.ledger.rows["start"].to_list() == [date(2025, 1, 1), date(2025, 2, 1)]
    assert intake.ledger.rows["id"].to_list() == ["electricity-2", "electricity-3"]


def test_serial_numbers_of_both_epochs(workbook: Write, known: Known) -> None:
    rows = [HEADER, ["S1", "electricity", "总表", 45717, 45747, 1000, "kWh"]]
    assert read(workbook({SHEET: rows}), known=known).ledger.rows["start"].to_list() == [date(2025, 3, 1)]
    rows[1][3:5] = [44255, 44285]
    path = workbook({SHEET: rows}, date_1904=True)
    assert read(path, known=known).ledger.rows["end"].to_list() == [date(2025, 3, 31)]


def test_a_formula_gives_its_stored_value_with_a_warning(workbook: Write, known: Known) -> None:
    def formula(_: object, sheets: dict) -> None:
        sheets[SHEET].write_formula(1, 5, "=60000*2", None, 120000)

    intake = read(workbook({SHEET: [HEADER, ROW]}, formula), known=known)
    assert codes(intake) == []
    assert intake.ledger.rows["amount"].to_list() == ["120000"]
    assert warned(intake) == [(2, "活动数据 Amount", "formula-cached")]
    assert intake.warnings[0].params["value"] == "120000"
    assert intake.warnings[0].cell == "F2"


def test_a_formula_without_a_stored_value_is_an_error(workbook: Write, known: Known) -> None:
    def formula(_: object, sheets: dict) -> None:
        sheets[SHEET].write_formula(1, 5, "=60000*2", None, "")

    intake = read(workbook({SHEET: [HEADER, ROW]}, formula), known=known)
    assert codes(intake) == [(2, "活动数据 Amount", "formula-empty")]
    assert intake.counts.errors == 1


def test_a_row_of_nothing_but_empty_formulas_is_not_blank(workbook: Write, known: Known) -> None:
    def formula(_: object, sheets: dict) -> None:
        for column in range(7):
            sheets[SHEET].write_formula(2, column, "=A2", None, "")

    intake = read(workbook({SHEET: [HEADER, ROW]}, formula), known=known)
    assert {code for row, _, code in codes(intake) if row == 3} == {"formula-empty"}
    assert (intake.counts.total, intake.counts.loaded, intake.counts.errors) == (2, 1, 1)


def test_a_cell_with_an_error_value(workbook: Write, known: Known) -> None:
    def formula(_: object, sheets: dict) -> None:
        sheets[SHEET].write_formula(1, 5, "=1/0", None, "#DIV/0!")

    intake = read(workbook({SHEET: [HEADER, ROW]}, formula), known=known)
    assert codes(intake) == [(2, "活动数据 Amount", "cell-error")]
    assert intake.errors[0].params["error"] == "#DIV/0!"


def test_merged_cells(workbook: Write, known: Known) -> None:
    def merge(_: object, sheets: dict) -> None:
        sheets[SHEET].merge_range(1, 0, 2, 0, "S1")

    later = [None, *ROW[1:3], "2025-02", *ROW[4:]]
    intake = read(workbook({SHEET: [HEADER, ROW, later, [*ROW[:3], "2025-03", *ROW[4:]]]}, merge), known=known)
    assert codes(intake) == [(2, "场所代码 Site", "merged-cells"), (3, "场所代码 Site", "merged-cells")]
    assert intake.errors[0].params["range"] == "A2:A3"
    assert intake.counts.loaded == 1


def test_merged_cells_in_a_title_do_no_harm(workbook: Write, known: Known) -> None:
    def merge(_: object, sheets: dict) -> None:
        sheets[SHEET].merge_range(0, 0, 0, 6, "2025 年台账")

    intake = read(workbook({SHEET: [["2025 年台账"], HEADER, ROW]}, merge), known=known)
    assert codes(intake) == []
    assert intake.counts.loaded == 1


def test_an_amount_that_a_spreadsheet_made_a_date(workbook: Write, known: Known) -> None:
    def day(book: object, sheets: dict) -> None:
        sheets[SHEET].write_datetime(1, 5, date(2025, 3, 1), book.add_format({"num_format": "m-d"}))  # type: ignore[attr-defined]

    intake = read(workbook({SHEET: [HEADER, ROW]}, day), known=known)
    assert codes(intake) == [(2, "活动数据 Amount", "number-is-date")]


def test_sheets_that_are_not_known(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW], "Fuel": [HEADER, ROW], "备忘": [["x"]], "Sheet3": []})
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", "sheet-unknown")]
    assert intake.errors[0].params["near"] == "燃料 Fuels"
    assert warned(intake) == [(None, "", "sheet-ignored")]


def test_one_sheet_in_the_long_form_needs_no_name(workbook: Write, known: Known) -> None:
    intake = read(workbook({"Sheet1": [HEADER, ROW]}), known=known)
    assert codes(intake) == []
    assert intake.counts.loaded == 1


def test_a_workbook_of_something_else(workbook: Write, known: Known) -> None:
    intake = read(workbook({"Sheet1": [["姓名", "年龄"], ["张三", 30]]}), known=known)
    assert codes(intake) == [(None, "", "no-known-sheet")]


def test_text_that_begins_like_a_formula_stays_text(workbook: Write, known: Known) -> None:
    intake = read(workbook({SHEET: [HEADER, [*ROW[:2], "=HYPERLINK(1)", *ROW[3:]]]}), known=known)
    assert codes(intake) == []
    assert intake.ledger.streams[0].name == "=HYPERLINK(1)"


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN"])
def test_macros_are_refused(workbook: Write, known: Known, name: str) -> None:
    path = rezip(workbook({SHEET: [HEADER, ROW]}), same, {name: b"\x01"})
    assert codes(read(path, known=known)) == [(None, "", "macro-workbook")]


def test_a_macro_workbook_under_another_name(workbook: Write, known: Known) -> None:
    def declare(name: str, content: bytes) -> bytes:
        is_types = name == "[Content_Types].xml"
        plain, macro = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
        return content.replace(plain, macro) if is_types else content

    assert codes(read(rezip(workbook({SHEET: [HEADER, ROW]}), declare), known=known)) == [(None, "", "macro-workbook")]


def test_xlsm_by_its_name(workbook: Write, known: Known) -> None:
    source = workbook({SHEET: [HEADER, ROW]})
    path = source.with_suffix(".xlsm")
    source.rename(path)
    assert codes(read(path, known=known)) == [(None, "", "macro-workbook")]


@pytest.mark.parametrize("name", ["old.xls", "protected.xlsx", "other.csv"])
def test_old_or_protected_workbooks(tmp_path: Path, known: Known, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
    assert codes(read(path, known=known)) == [(None, "", "old-workbook")]


def test_text_called_xlsx(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "data.xlsx"
    path.write_text("site,activity\n", encoding="utf-8")
    assert codes(read(path, known=known)) == [(None, "", "not-a-workbook")]


def test_any_other_zip(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "data.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert codes(read(path, known=known)) == [(None, "", "not-a-workbook")]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_workbook_cut_off(workbook: Write, known: Known, share: float) -> None:
    path = workbook({SHEET: [HEADER, *[ROW] * 200]})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert codes(read(path, known=known)) == [(None, "", "zip-broken")]


def test_a_byte_changed_inside_a_sheet(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, *[[*ROW[:5], n, "kWh"] for n in range(200)]]})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0xFF
    path.write_bytes(content)
    assert codes(read(path, known=known)) == [(None, "", "zip-broken")]


def test_a_zip_bomb_is_seen_in_the_directory(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 301_000_000)
    assert path.stat().st_size < 1_000_000
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", "zip-bomb")]
    assert float(intake.errors[0].params["size"]) > 300


def lying(path: Path, name: str, content: bytes, stated: int) -> None:
    """Append a part whose directory entry states fewer bytes than it unpacks to."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    raw = path.read_bytes()
    size, crc = struct.pack("<I", len(content)), struct.pack("<I", zlib.crc32(content))
    raw = raw.replace(size, struct.pack("<I", stated)).replace(crc, struct.pack("<I", zlib.crc32(content[:stated])))
    path.write_bytes(raw)


def test_a_zip_bomb_whose_directory_lies(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW]})
    lying(path, "xl/worksheets/sheet9.xml", b" " * 20_000_001, 1000)
    assert codes(read(path, known=known)) == [(None, "", "zip-bomb")]


def test_the_unpacked_limit_can_be_set(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW]})
    assert codes(read(path, known=known, limits=Limits(unpacked_bytes=5000))) == [(None, "", "zip-bomb")]


def test_entity_declarations_are_refused(workbook: Write, known: Known) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    change = in_sheet("<worksheet ", bomb + "<worksheet ")
    assert codes(read(rezip(workbook({SHEET: [HEADER, ROW]}), change), known=known)) == [(None, "", "xml-unsafe")]


def test_a_cell_at_the_far_corner_does_not_cost_the_memory(workbook: Write, known: Known) -> None:
    """A reader stores the whole rectangle up to the last cell: 17 thousand million cells here."""
    change = in_sheet("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    intake = read(rezip(workbook({SHEET: [HEADER, ROW]}), change), known=known)
    assert codes(intake) == [(None, "", "sheet-too-large")]
    assert intake.errors[0].params["corner"] == "XFD1048576"


def test_a_far_cell_in_a_near_row_is_found_too(workbook: Write, known: Known) -> None:
    change = in_sheet("</sheetData>", '<row r="9"><c r="ZZZ1000000"><v>1</v></c></row></sheetData>')
    intake = read(rezip(workbook({SHEET: [HEADER, ROW]}), change), known=known)
    assert codes(intake) == [(None, "", "sheet-too-large")]


def cell(address: str, kind: str = "", value: str = "1", row: str = '<row r="9">') -> Callable[[str, bytes], bytes]:
    """Add one more row with one cell."""
    return in_sheet("</sheetData>", f"{row}<c {address} {kind}><v>{value}</v></c></row></sheetData>")


FAR = '<row r="1048576">'
DEADLY = {  # each ends a program that reads it unchecked
    "row beyond all numbers": (cell('r="A99999999999999999999"'), "cell-address"),
    "column beyond all letters": (cell('r="ZZZZZZZ9"'), "cell-address"),
    "small letters": (cell('r="xfd1048576"', row='<row r="1048576">'), "cell-address"),
    "row that is none": (cell('r="A9"', row='<row r="-1">'), "cell-address"),
    "text that is not in the table": (cell('r="A9"', 't="s"', "99999999999"), "zip-broken"),
    "encoding that is none": (
        lambda name, c: c.replace(b'encoding="UTF-8"', b'encoding="UTF-9"') if name == "xl/workbook.xml" else c,
        "zip-broken",
    ),
    "table of texts that announces too many": (
        lambda name, c: c.replace(b"<sst ", b'<sst uniqueCount="99999999999" ') if "sharedStr" in name else c,
        "workbook-costly",
    ),
    "rows and cells without an address": (
        in_sheet("</sheetData>", "<row>" + "<c/>" * 20 + "</row>" + "<row/>" * 600_000 + "<row><c/></row></sheetData>"),
        "sheet-too-large",
    ),
    "another address behind the first": (cell('r="A9" r="XFD1048576"'), "zip-broken"),
    "an address in another attribute": (cell('s=\' r="A9"\' r="XFD1048576"', row=FAR), "sheet-too-large"),
    "an attribute that ends like an address": (cell('a-r="A9" r="XFD1048576"', row=FAR), "sheet-too-large"),
    "a prefix with a hyphen": (
        in_sheet("</sheetData>", f'{FAR}<a-b:c xmlns:a-b="x" r="XFD1048576"></a-b:c></row></sheetData>'),
        "sheet-too-large",
    ),
    "one long text in every cell": (
        lambda name, c: (
            c.replace(b"<si>", b"<si><t>" + b"a" * 500_000 + b"</t></si><si>", 1)
            if "sharedStr" in name
            else in_sheet("</sheetData>", '<row r="9">' + '<c t="s"><v>0</v></c>' * 3000 + "</row></sheetData>")(
                name, c
            )
        ),
        "workbook-costly",
    ),
    "sheets that are all the same": (
        lambda _, c: c.replace(b"<sheets>", b'<sheets><sheet name="again" sheetId="9" r:id="rId1"/>'),
        "zip-broken",
    ),
    "more merged ranges than rows": (
        in_sheet("</sheetData>", "</sheetData><mergeCells>" + '<mergeCell ref="A2:B2"/>' * 10_001 + "</mergeCells>"),
        "merges-too-many",
    ),
    "megabytes of nothing": (in_sheet("<sheetData>", "<sheetData>" + " " * 5_000_000), "xml-unsafe"),
}


@pytest.mark.parametrize("name", DEADLY)
def test_what_a_reader_would_die_of(workbook: Write, known: Known, name: str) -> None:
    change, code = DEADLY[name]
    path = rezip(workbook({SHEET: [HEADER, ROW]}), change)
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", code)]
    error_file(intake, path.with_name("errors.xlsx"))


def test_a_part_with_two_names(workbook: Write, known: Known) -> None:
    """A field of the directory gives another name, which some readers follow: an innocent picture is the sheet."""
    path = workbook({SHEET: [HEADER, ROW]})
    name = b"xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        far = archive.read(name.decode()).replace(
            b"</sheetData>", FAR.encode() + b'<c r="XFD1048576"><v>1</v></c></row></sheetData>'
        )
        picture = zipfile.ZipInfo("a.png")
        field = b"\x01" + struct.pack("<I", zlib.crc32(b"a.png")) + name
        picture.extra = struct.pack("<HH", 0x7075, len(field)) + field
        archive.writestr(picture, far)
    assert codes(read(path, known=known)) == [(None, "", "workbook-costly")]


def test_a_reader_that_does_not_run_is_no_fault_of_the_file(
    workbook: Write, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.activities.trial.__file__", str(tmp_path / "nowhere.py"))
    with pytest.raises(RuntimeError, match="nowhere"):
        read(workbook({SHEET: [HEADER, ROW]}), known=known)


@pytest.mark.parametrize(("called", "code"), [("sheet1.dat", "sheet-too-large"), ("sheet1.bin", "xml-unsafe")])
def test_a_sheet_is_looked_at_whatever_its_part_is_called(
    workbook: Write, known: Known, called: str, code: str
) -> None:
    def move(name: str, content: bytes) -> bytes | None:
        return (
            content.replace(b"worksheets/sheet1.xml", f"other/{called}".encode()) if name.endswith(".rels") else content
        )

    path = workbook({SHEET: [HEADER, ROW]})
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert codes(read(rezip(path, move, {f"xl/other/{called}": far}), known=known)) == [(None, "", code)]


def test_cells_without_an_address_stand_after_each_other(workbook: Write, known: Known) -> None:
    """Some programs write no addresses at all; that is allowed."""

    def bare(name: str, content: bytes) -> bytes:
        return re.sub(rb' r="[A-Z]*[0-9]+"', b"", content) if name == "xl/worksheets/sheet1.xml" else content

    intake = read(rezip(workbook({SHEET: [HEADER, [*ROW[:4], "2025-01", *ROW[5:]]]}), bare), known=known)
    assert (codes(intake), intake.ledger.rows["amount"].to_list()) == ([], ["120000"])


def test_a_part_that_needs_another_version_to_unpack(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW]})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 0xFF
    path.write_bytes(content)
    assert codes(read(path, known=known)) == [(None, "", "zip-broken")]


def test_two_parts_of_one_name(workbook: Write, known: Known) -> None:
    path = workbook({SHEET: [HEADER, ROW]})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert codes(read(path, known=known)) == [(None, "", "zip-broken")]


def test_a_workbook_without_its_structure(workbook: Write, known: Known) -> None:
    path = rezip(workbook({SHEET: [HEADER, ROW]}), lambda name, c: None if name.endswith("workbook.xml.rels") else c)
    assert codes(read(path, known=known)) == [(None, "", "zip-broken")]


def test_rows_keep_their_numbers_below_empty_rows_and_columns(workbook: Write, known: Known) -> None:
    shifted = [[], [], [None, *HEADER], [], [None, *ROW], [None, *ROW[:5], "x", "kWh"]]
    intake = read(workbook({SHEET: shifted}), known=known)
    assert intake.ledger.rows["id"].to_list() == ["electricity-5"]
    assert [(problem.row, problem.cell) for problem in intake.errors] == [(6, "G6")]


def test_fuzz_of_the_archive_never_raises(workbook: Write, known: Known) -> None:
    """Any byte may be damaged: the answer is a refusal or a reading, never an exception."""
    original = workbook({SHEET: [HEADER, ROW]})
    content = original.read_bytes()
    for position in range(0, len(content), max(1, len(content) // 150)):
        damaged = bytearray(content)
        damaged[position] ^= 0x55
        original.write_bytes(damaged)
        intake = read(original, known=known)
        assert intake.counts.total in (0, 1)


def test_a_sheet_that_is_no_xml(workbook: Write, known: Known) -> None:
    change = in_sheet("</sheetData>", "<f></sheetDatum>")
    assert codes(read(rezip(workbook({SHEET: [HEADER, ROW]}), change), known=known)) == [(None, "", "zip-broken")]


def test_cells_of_other_kinds_become_text(workbook: Write, known: Known) -> None:
    def others(book: object, sheets: dict) -> None:
        sheets[SHEET].write_boolean(1, 2, True)
        sheets[SHEET].write_number(1, 5, 12, book.add_format({"num_format": "[h]:mm"}))  # type: ignore[attr-defined]
        sheets[SHEET].write_boolean(2, 2, False)

    intake = read(workbook({SHEET: [HEADER, ROW, ROW]}, others), known=known)
    assert codes(intake) == [(2, "活动数据 Amount", "number-with-unit")]
    assert intake.ledger.streams[0].name == "FALSE"
    out = intake.path.with_name("errors.xlsx")
    error_file(intake, out)
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name(SHEET).to_python()
    assert (rows[1][2], rows[2][2]) == (True, False)


def test_an_error_file_keeps_days(workbook: Write, known: Known) -> None:
    def day(book: object, sheets: dict) -> None:
        style = book.add_format({"num_format": "yyyy-mm-dd"})  # type: ignore[attr-defined]
        sheets[SHEET].write_datetime(1, 3, date(2025, 2, 1), style)
        sheets[SHEET].write_datetime(1, 4, date(2025, 1, 1), style)

    intake = read(workbook({SHEET: [HEADER, [*ROW[:5], None, "kWh"]]}, day), known=known)
    assert codes(intake) == [(2, "结束日期 End", "end-before-start"), (2, "活动数据 Amount", "required")]
    out = intake.path.with_name("errors.xlsx")
    error_file(intake, out)
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name(SHEET).to_python()
    assert rows[1][3:5] == [date(2025, 2, 1), date(2025, 1, 1)]


def test_a_sheet_that_a_mapping_names_and_is_not_there(workbook: Write, known: Known) -> None:
    mapping = ColumnMap(columns={"kWh": "amount"}, sheet="Meter")
    intake = read(workbook({"Other": [["kWh"], [5]]}), known=known, mapping=mapping)
    assert codes(intake) == [(None, "", "no-known-sheet")]


def test_data_without_an_organisation(workbook: Write, known: Known) -> None:
    nobody = Known(known.activities, known.regions, known.sites)
    assert codes(read(workbook({SHEET: [HEADER, ROW]}), known=nobody)) == [(None, "", "organisation-missing")]


def test_a_sheet_whose_headers_say_nothing(workbook: Write, known: Known) -> None:
    intake = read(workbook({SHEET: [["甲", "乙"], ["1", "2"]]}), known=known)
    assert {code for _, _, code in codes(intake)} == {"column-missing"}
    assert intake.ledger.rows.height == 0


def test_many_rows_come_in_several_frames(workbook: Write, known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.activities.workbook.ROWS_PER_FRAME", 3)
    rows = [[*ROW[:2], f"源 {n}", *ROW[3:]] for n in range(8)]
    intake = read(workbook({SHEET: [HEADER, *rows]}), known=known)
    assert codes(intake) == []
    assert intake.ledger.rows["id"].to_list() == [f"electricity-{n}" for n in range(2, 10)]
