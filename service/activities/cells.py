"""Cell by cell, a column at a time: texts become exact values, and whatever cannot becomes a problem.

The checks come from the field table. What already is in plain form ('1234.5', '2025-03-01') passes through one
Polars expression; only the distinct odd texts of a column meet Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from service.activities.columns import Columns
from service.activities.dates import FIRST_YEAR, LAST_YEAR, Side, read_date
from service.activities.known import Names
from service.activities.numerals import Reading, read_number, read_percent, read_share
from service.activities.parameters import share_keys
from service.activities.problems import WARNINGS, Problem
from service.activities.textfile import CUT, EXACT, LONG, SHORT
from service.fields import Field

BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"
PLAIN = r"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?$"
ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
CONTROL = r"[\x00-\x1f\x7f]+"
GUARD = r"^'\s*([=+@＝＋＠－\-])"  # what spreadsheets and our own error files put before a cell that would compute
Params = Callable[[int, str], Mapping[str, str]]
_WIDTHS = {SHORT: "row-short", LONG: "row-long", CUT: "row-cut"}


@dataclass(frozen=True, slots=True)
class Conventions:
    """How the file writes numbers and days, as far as it declares it."""

    decimal_mark: str = ""
    date_order: str = ""
    epoch_1904: bool = False


@dataclass(slots=True)
class Findings:
    """Everything found wrong so far."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Put a problem where its code belongs."""
        (self.warnings if problem.is_warning else self.errors).append(problem)


def stripped(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the understood columns by field name, without blanks around and control characters inside."""
    cells = [
        pl.col(f"c{position}")
        .str.strip_chars(BLANKS)
        .str.replace_all(CONTROL, " ")
        .str.replace(GUARD, "$1")
        .alias(name)
        for name, position in columns.index.items()
    ]
    width = pl.col("width") if "width" in frame.columns else pl.lit(EXACT, pl.Int8).alias("width")
    return frame.select("row", width, *cells)


@dataclass(slots=True)
class Pass:
    """One batch of rows of one table on its way from texts to values."""

    sheet: str
    columns: Columns
    raw: pl.DataFrame
    names: Names
    conventions: Conventions
    findings: Findings
    excused: dict[str, pl.Series] = field(default_factory=dict)  # cells whose emptiness is explained already
    out: dict[str, pl.Series] = field(default_factory=dict)
    bad: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Boolean))
    proves_comma: bool = False  # an amount can only be read with the comma as its decimal mark

    def __post_init__(self) -> None:
        self.bad = pl.repeat(False, self.raw.height, dtype=pl.Boolean, eager=True)

    def flag(self, mask: pl.Series, code: str, name: str = "", params: Params | None = None) -> None:
        """Note a problem for every row of ``mask``; ``params`` gives its parameters by position and submitted text."""
        places = mask.arg_true()
        if places.is_empty():
            return
        header = self.columns.header(name) if name else ""
        position = self.columns.index[name] + 1 if name in self.columns.index else None
        rows = self.raw["row"].gather(places).to_list()
        texts = self.raw[name].gather(places).to_list() if name in self.raw.columns else [""] * len(rows)
        for place, row, text in zip(places.to_list(), rows, texts, strict=True):
            given = params(place, text) if params else {}
            self.findings.add(Problem(code, self.sheet, row, header, position, text, given))
        if code not in WARNINGS:
            self.bad = self.bad | mask

    def check(self, fields: Mapping[str, Field]) -> None:
        """Turn every column into values."""
        for width, code in _WIDTHS.items():
            self.flag(self.raw["width"] == width, code)
        for name, item in fields.items():
            self._check_field(name, item)

    def _check_field(self, name: str, item: Field) -> None:
        texts = self.raw[name]
        if item.required:
            empty = texts == ""
            self.flag(empty & ~self.excused[name] if name in self.excused else empty, "required", name)
        if item.default:
            texts = texts.replace("", item.default)
        if item.kind == "decimal":
            self.out[name] = self._decimals(name, item, texts)
        elif item.kind in ("start", "end"):
            self.out[name] = self._days(name, "start" if item.kind == "start" else "end", texts)
        else:
            self.out[name] = self._texts(name, item, texts)

    def _translate(
        self, name: str, texts: pl.Series, read: Callable[[str], Reading], settled: pl.Series | None = None
    ) -> pl.Series:
        """Replace every distinct text by what ``read`` makes of it; note what it cannot read."""
        open_texts = texts.filter(~settled) if settled is not None else texts
        readings = {text: read(text) for text in open_texts.unique().to_list() if text != ""}
        by_code: dict[str, list[str]] = {}
        for text, reading in readings.items():
            if reading.code:
                by_code.setdefault(reading.code, []).append(text)
        for code, wrong in by_code.items():
            self.flag(texts.is_in(wrong), code, name, partial(_reading_params, readings, texts))
        changed = {text: reading.value for text, reading in readings.items() if reading.value != text}
        return texts.replace(changed) if changed else texts

    def _decimals(self, name: str, item: Field, texts: pl.Series) -> pl.Series:
        reader = read_percent if name.endswith("_percent") else read_share if name in share_keys() else read_number
        mark = self.conventions.decimal_mark
        settled = texts.str.contains(PLAIN) & ~_rereads(texts, mark)
        values = self._translate(name, texts, partial(reader, mark=mark), settled)
        if not mark and name == "amount":
            self.proves_comma |= bool((texts.str.contains(r",[0-9]+$") & (values != "") & ~settled).any())
        numbers = values.cast(pl.Float64, strict=False)
        if item.low:
            self.flag((numbers < float(item.low)).fill_null(value=False), "number-low", name, _fixed(low=item.low))
        if item.high:
            too_high = (numbers > float(item.high)).fill_null(value=False)
            self.flag(too_high, "number-high", name, _fixed(high=item.high))
        return values

    def _days(self, name: str, side: Side, texts: pl.Series) -> pl.Series:
        days = texts.str.to_date("%Y-%m-%d", strict=False)
        settled = texts.str.contains(ISO_DAY) & days.dt.year().is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=False)
        read = partial(read_date, side=side, order=self.conventions.date_order, epoch_1904=self.conventions.epoch_1904)
        return self._translate(name, texts, read, settled).str.to_date("%Y-%m-%d", strict=False)

    def _texts(self, name: str, item: Field, texts: pl.Series) -> pl.Series:
        too_long = texts.str.len_chars() > item.max_length
        self.flag(too_long, "too-long", name, _fixed(limit=str(item.max_length)))
        resolve = self.names.resolver(item)
        if resolve is not None:
            return self._translate(name, texts, resolve)
        self.flag(texts.str.contains(r"^[=@]|^[+\-].*[A-Za-z(!|]"), "text-formula", name)
        return texts.str.normalize("NFKC") if item.kind == "code" else texts

    def good(self) -> pl.DataFrame:
        """Return the rows without errors."""
        return pl.DataFrame([self.raw["row"], *(series.alias(name) for name, series in self.out.items())]).filter(
            ~self.bad
        )


def _fixed(**params: str) -> Params:
    return lambda _place, _text: params


def _reading_params(readings: Mapping[str, Reading], texts: pl.Series, place: int, _: str) -> dict[str, str]:
    return dict(readings[texts[place]].params)


def _rereads(texts: pl.Series, mark: str) -> pl.Series:
    """Return which plain numbers mean something else where the comma is the decimal mark."""
    if mark == ",":
        return texts.str.contains(".", literal=True)
    return pl.repeat(False, texts.len(), dtype=pl.Boolean, eager=True)


def close_periods(batch: Pass, start: str, end: str) -> None:
    """Fill an end that a month in the start column implies, and refuse an end before its start."""
    starts = batch.out[start]
    if end not in batch.out:
        batch.out[end] = pl.Series(end, [None] * batch.raw.height, dtype=pl.Date)
        is_open = pl.repeat(True, batch.raw.height, dtype=pl.Boolean, eager=True)
    else:
        is_open = batch.raw[end] == ""
    implied = _implied_ends(batch, start, is_open)
    batch.flag(is_open & starts.is_not_null() & implied.is_null(), "end-missing", end)
    ends = batch.out[end].fill_null(implied)
    batch.out[end] = ends
    wrong = (ends < starts).fill_null(value=False)
    batch.flag(wrong, "end-before-start", end, lambda place, _: {"start": str(starts[place]), "end": str(ends[place])})


def _implied_ends(batch: Pass, start: str, is_open: pl.Series) -> pl.Series:
    """Return the last day of the months, quarters and years that stand in the start column, null for days."""
    texts = batch.raw[start]
    conventions = batch.conventions
    ends: dict[str, str] = {}
    for text in texts.filter(is_open).unique().to_list():
        if text:
            read = partial(read_date, text, order=conventions.date_order, epoch_1904=conventions.epoch_1904)
            first, last = read(side="start").value, read(side="end").value
            ends[text] = last if first != last else ""
    return texts.replace_strict(ends, default="", return_dtype=pl.String).str.to_date("%Y-%m-%d", strict=False)
