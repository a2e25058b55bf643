"""Text files as they come: encodings, separators, quotes, ends cut off, and the limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_made import codes, warned

from service.activities import textfile
from service.activities.intake import Intake, Known, read
from service.activities.receipt import error_file
from service.activities.refusals import Limits
from service.activities.textfile import CUT, EXACT, LONG, SHORT

HEADER = "场所代码,活动,排放源名称,开始日期,结束日期,活动数据,单位"
ROW = "S1,外购电力,总表,2025-01,,120000,kWh"
Read = Callable[..., Intake]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_that_are_accepted(csv: Read, encoding: str) -> None:
    header = ("\ufeff" if encoding in ("utf-16-le", "utf-16-be") else "") + HEADER
    intake = csv(header, ROW, encoding=encoding)
    assert codes(intake) == []
    assert intake.ledger.streams[0].name == "总表"
    assert intake.ledger.rows["amount"].to_list() == ["120000"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("site,activity,name\nS1,electricity,Café\nS1,electricity,niño\n", "latin-1"),
        ("場所,活動,電力用量與燃料消耗\nS1,electricity,總錶\n", "big5"),
        ("場所,活動,電力使用量\nS1,electricity,ガス計量器\n", "shift-jis"),
    ],
)
def test_another_encoding_is_refused(tmp_path: Path, known: Known, text: str, encoding: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(text.encode(encoding))
    assert codes(read(path, known=known)) == [(None, "", "encoding-unknown")]


def test_a_file_that_ends_inside_a_character(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(f"{HEADER}\n{ROW}\nS1,外购电力,总表".encode()[:-1])
    assert codes(read(path, known=known)) == [(None, "", "text-cut")]


def test_a_binary_file(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert codes(read(path, known=known)) == [(None, "", "file-binary")]


def test_an_empty_file(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", "file-empty")]
    assert intake.ledger.rows.height == 0
    assert "文件是空的" in intake.errors[0].what_zh


def test_only_a_header(csv: Read) -> None:
    assert codes(csv(HEADER)) == [(None, "", "no-rows")]


def test_a_file_of_50_mb_is_refused_before_it_is_read(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)  # a hole on the disk: it costs nothing
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", "file-too-large")]
    assert intake.errors[0].params == {"size": "52.4", "limit": "50.0"}


def test_the_limit_can_be_set(csv: Read) -> None:
    assert codes(csv(HEADER, ROW, limits=Limits(file_bytes=20))) == [(None, "", "file-too-large")]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators(csv: Read, separator: str) -> None:
    intake = csv(HEADER.replace(",", separator), ROW.replace(",", separator))
    assert codes(intake) == []
    assert intake.counts.loaded == 1


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends(tmp_path: Path, known: Known, line_end: str) -> None:
    path = tmp_path / "ends.csv"
    path.write_bytes(f"{HEADER}{line_end}{ROW}{line_end}".encode())
    assert read(path, known=known).counts.loaded == 1


def test_a_title_above_the_header(csv: Read) -> None:
    intake = csv("2025 年能源台账,,,,,,", "", HEADER, ROW)
    assert codes(intake) == []
    assert intake.ledger.rows["id"].to_list() == ["data-4"]


def test_rows_shorter_and_longer_than_the_header(csv: Read) -> None:
    intake = csv(HEADER, "S1,外购电力,总表,2025-01", ROW + ",7", ROW + ",,,")
    assert [(row, code) for row, _, code in codes(intake) if code.startswith("row-")] == [
        (2, "row-short"),
        (3, "row-long"),
    ]
    assert intake.counts.loaded == 1  # superfluous empty cells are harmless


def test_a_last_row_cut_off(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "cut.csv"
    path.write_text(f"{HEADER}\n{ROW}\nS1,外购电力,总表,2025-02,,98", encoding="utf-8")
    intake = read(path, known=known)
    assert (3, "", "row-cut") in codes(intake)
    assert intake.counts.loaded == 1
    assert (3, "", "file-ends-open") in warned(intake)


def test_a_quote_that_is_never_closed(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "cut.csv"
    path.write_text(f'{HEADER}\n{ROW}\nS1,外购电力,"总表,2025-02,,98000,kWh\n', encoding="utf-8")
    assert (3, "", "row-cut") in codes(read(path, known=known))


def test_a_file_of_blank_lines(csv: Callable[..., Intake], tmp_path: Path) -> None:
    intake = csv(*[""] * 20)
    assert {code for _, _, code in codes(intake)} == {"column-missing"}
    error_file(intake, tmp_path / "errors.csv")


def test_an_error_file_ends_where_the_reading_ended(
    tmp_path: Path, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "RECORD_BYTES", 1_000_000)
    path = tmp_path / "quotes.csv"
    path.write_text(HEADER + "\nS1," + '"' * 2_000_000, encoding="utf-8")
    intake = read(path, known=known)
    assert codes(intake) == [(None, "", "record-too-long")]
    error_file(intake, tmp_path / "errors.csv", "en")
    assert "longer than" in (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("filler", ["a\n", '""\n'])
def test_a_quote_left_open_in_a_large_file_costs_its_size_not_its_square(
    tmp_path: Path, known: Known, filler: str
) -> None:
    path = tmp_path / "open.csv"
    path.write_text(HEADER + '\nS1,"' + filler * (24_000_000 // len(filler)), encoding="utf-8")
    assert codes(read(path, known=known)) == [(None, "", "record-too-long")]


def test_a_last_row_without_line_end_is_only_a_warning(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "open.csv"
    path.write_text(f"{HEADER}\n{ROW}", encoding="utf-8")
    intake = read(path, known=known)
    assert codes(intake) == []
    assert warned(intake) == [(2, "", "file-ends-open")]


def test_quoted_cells_hold_separators_quotes_and_line_ends(csv: Read) -> None:
    intake = csv(HEADER, 'S1,外购电力,"总表, ""A"" 区\n二楼",2025-01,,120000,kWh', ROW.replace("2025-01", "2025-02"))
    assert codes(intake) == []
    assert intake.ledger.streams[0].name == '总表, "A" 区 二楼'
    assert intake.ledger.rows["id"].to_list() == ["data-2", "data-3"]  # rows, not lines


def test_cells_that_a_spreadsheet_would_compute_stay_text(csv: Read) -> None:
    intake = csv(HEADER, ROW.replace("总表", "=cmd|' /C calc'!A0"), ROW.replace("总表", "'@SUM(A1)"))
    assert codes(intake) == []
    assert [stream.name for stream in intake.ledger.streams] == ["=cmd|' /C calc'!A0", "@SUM(A1)"]
    assert {code for _, _, code in warned(intake)} >= {"text-formula"}


def frames(path: Path, width: int) -> pl.DataFrame:
    file = textfile.inspect(path)
    return pl.concat(list(textfile.frames(file, ",", width, 0)))


CELLS = st.text(alphabet="ab1 .é湖\t'", max_size=4)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=12))
@settings(max_examples=150)
def test_both_ways_of_reading_give_the_same(rows: list[list[str]]) -> None:
    """Law: a piece read by Polars and the same piece read by the csv module are one frame."""
    piece = "".join(",".join(cells) + "\n" for cells in rows).encode()
    fast = textfile._fast(piece, ",", 3)
    slow = textfile._slow(piece, ",", 3)
    exact = all(len(cells) == 3 for cells in rows)
    assert (fast is not None) == exact
    if fast is not None:
        assert fast.rows() == slow.rows()


def test_pieces_end_where_records_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{n},"a\nb ""{n}""",x' if n % 3 == 0 else f"{n},plain,x" for n in range(200)]
    path = tmp_path / "pieces.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    whole = frames(path, 3)
    monkeypatch.setattr(textfile, "PIECE_BYTES", 37)
    assert frames(path, 3).equals(whole)
    assert whole["row"].to_list() == list(range(1, 201))
    assert whole["c1"][3] == 'a\nb "3"'
    assert set(whole["width"]) == {EXACT}


def test_widths_are_told(tmp_path: Path) -> None:
    path = tmp_path / "widths.csv"
    path.write_text("1,2,3\n1,2\n1,2,3,4\n1,2,3,\n\n1,2", encoding="utf-8")
    assert frames(path, 3)["width"].to_list() == [EXACT, SHORT, LONG, EXACT, EXACT, CUT]
