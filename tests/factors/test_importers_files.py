"""Files that are not what they say: each is refused with its own reason, and nothing in it is run."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from factors.importers import files
from factors.importers.cells import At, decimal, folded, letters, printed, slug, text, without_footnote
from factors.importers.errors import (
    ArchiveTooLarge,
    FileMissing,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    MacroWorkbook,
    SheetTooLarge,
    UnsafeXml,
)

CUTS = Path(__file__).parent / "importers"


def repacked(path: Path, **changes: bytes | None) -> Path:
    """Write the flat file's cut with parts replaced or added (a dot in a name is a double underscore)."""
    with zipfile.ZipFile(CUTS / "desnz_2025_flat.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in changes.items():
        parts[name.replace("__", ".").replace("_S_", "/")] = content or b""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="there is no file"):
        files.read_workbook(tmp_path / "nowhere.xlsx")
    with pytest.raises(FileMissing):
        files.read_csv(tmp_path)


def test_a_file_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 2001)
    with pytest.raises(FileTooLarge, match=r"'large\.csv' has 2001 bytes; at most 2000 are read"):
        files.read_bytes(path, limit=2000)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    path = tmp_path / "table.csv"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(FileUnreadable, match="Input/output error"):
        files.read_csv(path)


def test_a_zip_bomb_is_not_unpacked_beyond_the_limit() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(8 * 1024 * 1024))
    assert len(bomb.getvalue()) < 10_000
    with pytest.raises(ArchiveTooLarge, match="unpacks to more than 1048576 bytes"):
        files.check_archive("bomb.xlsx", bomb.getvalue(), limit=1024 * 1024)


def test_a_zip_that_lies_about_its_size_is_noticed() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", bytes(4 * 1024 * 1024))
    content = bomb.getvalue().replace((4 * 1024 * 1024).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(FileRefused):
        files.check_archive("bomb.xlsx", content, limit=1024 * 1024)


def test_a_macro_workbook_is_not_opened(tmp_path: Path) -> None:
    path = repacked(tmp_path / "macro.xlsm", xl_S_vbaProject__bin=b"\xd0\xcf\x11\xe0")
    with pytest.raises(MacroWorkbook, match="save it as a workbook without macros"):
        files.read_workbook(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_part(tmp_path: Path, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(encoding)
    for part in ("xl_S_sharedStrings__xml", "xl_S_other__dat"):
        with pytest.raises(UnsafeXml):
            files.read_workbook(repacked(tmp_path / "entities.xlsx", **{part: bomb}))


@pytest.mark.parametrize(("row", "column", "cell"), [(1_048_575, 0, "1048576"), (0, 16_383, "XFD1")])
def test_a_cell_far_out_does_not_fill_the_memory(tmp_path: Path, row: int, column: int, cell: str) -> None:
    path = tmp_path / "sparse.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "first")
        sheet.write(row, column, "last")
    with pytest.raises(SheetTooLarge, match=cell):
        files.read_workbook(path)


@pytest.mark.parametrize("name", ["desnz_2025_flat.xlsx", "desnz_2021_standard.xls"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_a_workbook_cut_off_half_way_is_refused(tmp_path: Path, name: str, kept: float) -> None:
    content = (CUTS / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(FileUnreadable, match="download it again from the publisher"):
        files.read_workbook(path)


def test_a_damaged_sheet_is_refused(tmp_path: Path) -> None:
    path = repacked(tmp_path / "damaged.xlsx", xl_S_worksheets_S_sheet1__xml=b"<worksheet><sheetData><row r='1'><c")
    with pytest.raises(FileUnreadable):
        files.read_workbook(path)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"ID,Scope\n", b"PK\x03\x04 no archive"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match="cannot be read as a workbook"):
        files.read_workbook(path)


def test_csv_in_another_encoding_or_quoting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("国家,年份\n".encode("gb18030"))
    with pytest.raises(FileUnreadable, match="it is not in utf-8-sig"):
        files.read_csv(path)
    path.write_bytes(b'a,"b\n')
    with pytest.raises(FileUnreadable, match="unexpected end of data"):
        files.read_csv(path)
    path.write_bytes((CUTS / "desnz_2025_flat.xlsx").read_bytes())
    with pytest.raises(FileUnreadable, match="it is a workbook"):
        files.read_csv(path)


def test_xls_and_xlsx_give_the_same_cells() -> None:
    old = files.read_workbook(CUTS / "desnz_2021_standard.xls")["Fuels"]
    new = files.read_workbook(CUTS / "desnz_2024_condensed.xlsx")["Fuels"]
    assert old.words(22)[1:5] == ["Gaseous fuels", "Butane", "tonnes", "3033.32"]
    assert new.words(22)[:4] == ["Gaseous fuels", "Butane", "tonnes", "3033.38067"]
    assert (old.text(5, 6), old.cell(9999, 0), old.text(0, 9999)) == ("2021", None, "")


def test_cells_as_text() -> None:
    assert [text(cell) for cell in (None, 2024.0, " a\n b\xa0c ", 9e-05)] == ["", "2024", "a b c", "9e-05"]
    assert (printed(0.022000000000000002), printed(0.022000000000000002, 8)) == ("0.022000000000000002", "0.022")
    assert (printed(12400.0), printed(12400.0, 8), printed(1e16)) == ("12400", "12400", "1e+16")
    assert [letters(index) for index in (0, 25, 26, 701)] == ["A", "Z", "AA", "ZZ"]
    assert (str(decimal("1,05E-3", comma=True)), decimal("1,05"), decimal("nan"), decimal("")) == (
        "0.00105",
        None,
        None,
        None,
    )
    assert slug("Naphtha (<401 deg F)") == "naphtha-401-deg-f"
    assert slug("Matières premières") == slug("Matiéres premiéres") == "mati-res-premi-res"
    assert folded("Average laden") == folded("Average Laden ")
    assert [without_footnote(words) for words in ("Passenger Car A", "RecycledA", "Rail (i.e. Tram) E", "LPG")] == [
        "Passenger Car",
        "Recycled",
        "Rail (i.e. Tram)",
        "LPG",
    ]
    assert [str(At("S", 3, "B")), str(At("CSV", 3, "Unit")), str(At("S"))] == ["S!B3", "CSV, row 3", "S"]
