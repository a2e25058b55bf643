"""CSV files as they really come: any of four encodings, three separators, quotes, cut-off ends.

The file is read in pieces that end at the end of a record, so memory stays flat. A piece without quotes
goes through Polars; one with quotes, or with rows of another length than the header, through the csv
module, which can say which row it is. Both give the same frames.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from service.activities.refusals import FileRefused, Limits, megabytes

PIECE_BYTES = 4 << 20
HEAD_BYTES = 64 << 10
RECORD_BYTES = 16_000_000  # no real record is longer: a quote was left open, and all that follows is one cell
SEPARATORS = (",", ";", "\t", "|")
SHORT, EXACT, LONG, CUT = -1, 0, 1, 2

_MARK = "\x1e"  # stands after the last cell of every record while Polars reads it
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_COMMON_SHARE = 0.9  # of the characters of a Chinese text, those outside GB 2312 are rare names


@dataclass(frozen=True, slots=True)
class TextFile:
    """What one reading of the bytes told about a text file."""

    path: Path
    encoding: str
    records: int  # lines, an upper bound of the records
    ends_open: bool  # no line end after the last record


def fingerprint(path: Path, limits: Limits) -> str:
    """Return the SHA-256 of a file.

    Raises:
        FileRefused: empty, or larger than the limit.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("file-empty")
    if size > limits.file_bytes:
        raise FileRefused("file-too-large", size=megabytes(size), limit=megabytes(limits.file_bytes))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decodes(path: Path, encoding: str) -> bool:
    """Return whether every byte of the file fits ``encoding``.

    Raises:
        FileRefused: everything fits but the last character, of which a part is missing.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(PIECE_BYTES):
                decoder.decode(piece)
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileRefused("text-cut") from error
    return True


def _reads_as_chinese(path: Path) -> bool:
    """Return whether the file is plausible GB 18030.

    Almost any bytes decode as GB 18030, Latin-1 and Big5 among them; but then into rare characters.
    Real Chinese text stays nearly all within the 6,763 characters of GB 2312.
    """
    with path.open("rb") as file:
        text = codecs.getincrementaldecoder("gb18030")().decode(file.read(PIECE_BYTES))
    found = "".join(_NON_ASCII.findall(text))
    common = sum(1 for char in found if _in_gb2312(char))
    return bool(found) and common >= _COMMON_SHARE * len(found)


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _encoding(path: Path) -> str:
    """Return the encoding of the file; it is never guessed from a part.

    Raises:
        FileRefused: not text, or in an encoding that is not accepted.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for bom, name in _BOMS:
        if head.startswith(bom):
            if not _decodes(path, name):
                raise FileRefused("encoding-unknown")
            return name
    if b"\0" in head:
        raise FileRefused("file-binary")
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "gb18030") and _reads_as_chinese(path):
        return "gb18030"
    raise FileRefused("encoding-unknown")


def inspect(path: Path) -> TextFile:
    """Look at the bytes of a text file once: encoding, number of lines, how it ends."""
    encoding = _encoding(path)
    records, last = 0, b""
    for piece in _utf8_pieces(path, encoding):
        records += piece.count(b"\n")
        last = piece[-1:]
    ends_open = last not in (b"\n", b"")
    return TextFile(path, encoding, records + ends_open, ends_open)


def _utf8_pieces(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield the file in UTF-8 with ``\\n`` line ends."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield newlines.decode(piece).encode("utf-8")
    if rest := newlines.decode(b"", final=True):
        yield rest.encode("utf-8")


def _record_end(piece: bytes, is_open: bool) -> int:
    """Return where the last whole record of ``piece`` ends: after a line end outside quotes; 0 if there is none.

    ``is_open`` says whether a quote is open where the piece ends.
    """
    stop = len(piece)
    while stop >= 0:
        quote = piece.rfind(b'"', 0, stop)
        end = -1 if is_open else piece.rfind(b"\n", quote + 1, stop)
        if end >= 0:
            return end + 1
        is_open, stop = not is_open, quote
    return 0


def _record_pieces(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield pieces that end where a record ends; the last one ends where the file does."""
    held, quotes = b"", 0
    for piece in _utf8_pieces(path, encoding):
        quotes += piece.count(b'"')
        if end := _record_end(piece, quotes % 2 == 1):
            yield held + piece[:end]
            held = piece[end:]
        else:
            held += piece
        if len(held) > RECORD_BYTES:
            raise FileRefused("record-too-long", limit=megabytes(RECORD_BYTES))
    if held:
        yield held


def head(file: TextFile, separator: str, count: int) -> list[list[str]]:
    """Return the first ``count`` records."""
    text = next(_utf8_pieces(file.path, file.encoding), b"")[:HEAD_BYTES].decode("utf-8", errors="ignore")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [record for record, _ in zip(reader, range(count), strict=False)]


def separator_of(file: TextFile) -> str:
    """Return the separator that splits the first lines into the most cells, the comma when none does."""
    widths = {mark: max((len(record) for record in head(file, mark, 10)), default=0) for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: widths[mark])


def _fast(piece: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Read a piece whose records all have exactly ``width`` cells; None when they do not."""
    mark = _MARK.encode()
    if b'"' in piece or mark in piece:
        return None
    names = [f"c{index}" for index in range(width + 1)]
    sep = separator.encode()
    if not piece.endswith(b"\n"):
        piece += b"\n"
    body = sep.join(name.encode() for name in names) + b"\n" + piece.replace(b"\n", sep + mark + b"\n")
    frame = pl.read_csv(
        body,
        separator=separator,
        quote_char=None,
        infer_schema=False,
        empty_string_is_null=False,
        truncate_ragged_lines=True,
    )
    if not (frame[names[-1]] == _MARK).all():
        return None
    return frame.drop(names[-1]).with_columns(pl.lit(EXACT, pl.Int8).alias("width"))


def _fit(record: list[str], width: int) -> tuple[list[str], int]:
    """Bring a record to ``width`` cells and say whether it was shorter or longer than the header."""
    if len(record) == width or not any(cell.strip() for cell in record):
        return (record + [""] * width)[:width], EXACT
    if len(record) < width:
        return record + [""] * (width - len(record)), SHORT
    return record[:width], LONG if any(cell.strip() for cell in record[width:]) else EXACT


def _slow(piece: bytes, separator: str, width: int) -> pl.DataFrame:
    """Read any piece with the csv module."""
    try:
        records = list(csv.reader(io.StringIO(piece.decode("utf-8"), newline=""), delimiter=separator))
    except csv.Error as error:
        raise FileRefused("record-too-long", limit=megabytes(RECORD_BYTES)) from error
    flags = pl.Series([EXACT], dtype=pl.Int8).new_from_index(0, len(records))
    if set(map(len, records)) != {width}:
        fitted = [_fit(record, width) for record in records]
        records, flags = [cells for cells, _ in fitted], pl.Series([flag for _, flag in fitted], dtype=pl.Int8)
    columns = zip(*records, strict=True)
    cells = {f"c{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)}
    return pl.DataFrame({**cells, "width": flags})  # blank lines alone have no cells, but are so many


def _quote_left_open(piece: bytes, separator: str) -> bool:
    """Return whether a quoted cell runs to the end of the file without its closing quote."""
    if piece.count(b'"') % 2 == 0:
        return False
    try:
        for _ in csv.reader(io.StringIO(piece.decode("utf-8"), newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def frames(file: TextFile, separator: str, width: int, skip: int) -> Iterator[pl.DataFrame]:
    """Yield the records after the first ``skip`` as frames: ``row`` (1 is the first record), c0 … and ``width``.

    ``width`` is EXACT, SHORT, LONG, or CUT for a last record that ends in the middle.
    """
    csv.field_size_limit(RECORD_BYTES)  # one unclosed quote must become an error message, not an exception
    row = 1
    for piece in _record_pieces(file.path, file.encoding):
        frame = _fast(piece, separator, width)
        frame = _slow(piece, separator, width) if frame is None else frame
        ends_open = not piece.endswith(b"\n")
        if (ends_open and frame["width"][-1] == SHORT) or _quote_left_open(piece, separator):
            last = pl.int_range(pl.len()) == pl.len() - 1
            frame = frame.with_columns(pl.when(last).then(pl.lit(CUT, pl.Int8)).otherwise("width").alias("width"))
        numbers = pl.int_range(row, row + frame.height, dtype=pl.UInt32, eager=True).alias("row")
        row += frame.height
        frame = frame.insert_column(0, numbers).filter(pl.col("row") > skip)
        if frame.height:
            yield frame
