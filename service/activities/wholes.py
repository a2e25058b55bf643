"""Checks that compare rows with each other: duplicates, overlaps, gaps, slips by a thousand, the period.

They run once over the rows of all tables, after every cell has been read. Rows of one *source* (site,
activity, name, meter, line, counterparty) are held against each other whatever their other details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from factors.units import multiplier
from lca.ledger import Stream
from service.activities.cells import Findings
from service.activities.columns import Columns
from service.activities.known import convertible, fitting_unit, likely_unit
from service.activities.problems import WARNINGS, Problem

if TYPE_CHECKING:
    from factors.match import Activity

DAYS_PER_MONTH = 365.25 / 12
MONTHLY_DAYS = 25  # a row this long belongs to a series in which a missing month is a gap
SERIES_LENGTH = 3
SLIP = 200.0  # seasons move a source by ten, a slip of units by a thousand

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are compared: where problems in them are said to stand."""

    sheet: str
    columns: Columns
    key: str  # begins the ids of its rows
    proves_comma: bool = False


@dataclass(slots=True)
class Wholes:
    """The rows of all tables, and what comparing them finds."""

    rows: pl.DataFrame
    tables: Sequence[Table]
    findings: Findings

    def note(self, row: Row, code: str, name: str, params: Mapping[str, str]) -> None:
        """Note one problem; ``name`` is the field it concerns, '' for the whole row."""
        columns = self.tables[row["sheet"]].columns
        position = columns.index[name] + 1 if name in columns.index else None
        header, text = (columns.header(name), str(row[name])) if name else ("", "")
        sheet = self.tables[row["sheet"]].sheet
        self.findings.add(Problem(code, sheet, row["row"], header, position, text, params))

    def flag(self, found: pl.DataFrame, code: str, name: str, params: Callable[[Row], Mapping[str, str]]) -> None:
        """Note a problem for every row of ``found``; rows with an error leave the ledger."""
        for row in found.iter_rows(named=True):
            self.note(row, code, name, params(row))
        if code not in WARNINGS and found.height:
            self.rows = self.rows.join(
                found.select("sheet", "row"), on=["sheet", "row"], how="anti", maintain_order="left"
            )

    def note_entry(self, sheet: str, row: int, code: str) -> None:
        """Note a warning about a row of one of the small tables."""
        self.findings.add(Problem(code, sheet, row))

    def place(self, row: Row, sheet: str = "other_sheet", number: str = "other_row") -> str:
        """Name another row, with its sheet where that differs."""
        name = self.tables[row[sheet]].sheet
        return str(row[number]) if row[sheet] == row["sheet"] else f"{name} {row[number]}"


def _nothing(_: Row) -> Mapping[str, str]:
    return {}


def check_thousands(whole: Wholes) -> None:
    """Ask back about '1.234' in a table where another amount proves the comma to be the decimal mark."""
    proved = [index for index, table in enumerate(whole.tables) if table.proves_comma]
    odd = pl.col("amount").str.contains(r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$")
    whole.flag(whole.rows.filter(pl.col("sheet").is_in(proved) & odd), "thousands-dot", "amount", _nothing)


def check_periods(whole: Wholes, periods: Sequence[tuple[date, date]]) -> None:
    """Refuse rows outside the declared periods, and rows that lie on both sides of an edge.

    Where no period is declared, inventories are those of calendar years.
    """
    if not periods:
        across = whole.rows.filter(pl.col("start").dt.year() != pl.col("end").dt.year())
        whole.flag(across, "crosses-year", "start", lambda row: {"year": str(row["start"].year)})
        return
    start, end = pl.col("start"), pl.col("end")
    inside = pl.any_horizontal([(start >= first) & (end <= last) for first, last in periods])
    touching = pl.any_horizontal([(start <= last) & (end >= first) for first, last in periods])
    params = {"start": str(min(first for first, _ in periods)), "end": str(max(last for _, last in periods))}
    crossing = whole.rows.filter(~inside & touching)
    outside = whole.rows.filter(~touching)
    whole.flag(crossing, "crosses-period", "start", lambda _: params)
    whole.flag(outside, "outside-period", "start", lambda _: params)


def check_duplicates(whole: Wholes) -> None:
    """Refuse a row that says exactly what another one says."""
    same = ["stream", "start", "end", "amount", "evidence"]
    others = whole.rows.with_columns(
        pl.col("row").first().over(same).alias("other_row"), pl.col("sheet").first().over(same).alias("other_sheet")
    ).filter((pl.col("row") != pl.col("other_row")) | (pl.col("sheet") != pl.col("other_sheet")))
    whole.flag(others, "duplicate-row", "", lambda row: {"other": whole.place(row)})


def with_sources(rows: pl.DataFrame, streams: Sequence[Stream], activities: Mapping[str, Activity]) -> pl.DataFrame:
    """Add the source of every row, its amount in the activity's unit, its length, and the activity's band."""
    sources: dict[tuple[str, ...], int] = {}
    table = []
    for stream in streams:
        key = (stream.site, stream.activity, stream.name, stream.meter, stream.process_line, stream.counterparty)
        activity = activities[stream.activity]
        low, high = float(activity.low or "-inf"), float(activity.high or "inf")
        # Given in another dimension (gas as energy), an amount has no band to be held against.
        comparable = not convertible(stream.unit, activity.unit)
        factor = float(multiplier(stream.unit, activity.unit)) if comparable else None
        table.append((sources.setdefault(key, len(sources)), factor, low, high))
    schema = {"source": pl.UInt32, "factor": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    known = pl.DataFrame(table, schema=schema, orient="row").with_row_index("stream")
    days = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    return rows.join(known, on="stream", how="left", maintain_order="left").with_columns(
        (pl.col("amount").cast(pl.Float64) * pl.col("factor")).alias("base"), days.alias("days")
    )


def _neighbours(rows: pl.DataFrame) -> pl.DataFrame:
    """Set beside every row the one before it of the same source, by start and end."""
    before = [
        pl.col(name).shift(1).over("source").alias(f"other_{name}") for name in ("row", "sheet", "start", "evidence")
    ]
    reach = pl.col("end").cum_max().shift(1).over("source").alias("other_end")
    return rows.sort("source", "start", "end", "sheet", "row").with_columns(*before, reach)


def check_overlaps(whole: Wholes, rows: pl.DataFrame) -> None:
    """Warn of two amounts for one period, and of periods that overlap, of one source."""
    beside = _neighbours(rows).filter(pl.col("other_end") >= pl.col("start"))
    equal = (pl.col("start") == pl.col("other_start")) & (pl.col("end") == pl.col("other_end"))
    proved = (pl.col("evidence") != pl.col("other_evidence")) & (pl.col("evidence") != "")

    def other(row: Row) -> Mapping[str, str]:
        return {"other": whole.place(row)}

    whole.flag(beside.filter(equal & ~proved), "same-period", "start", other)
    whole.flag(beside.filter(~equal), "overlap", "start", other)


def check_gaps(whole: Wholes, rows: pl.DataFrame, periods: Sequence[tuple[date, date]]) -> None:
    """Warn where a monthly series misses days, inside and at the edges of the declared period."""
    series = rows.filter((pl.col("days") >= MONTHLY_DAYS) & (pl.len().over("source") >= SERIES_LENGTH))
    beside = _neighbours(series).filter(pl.col("other_end") < pl.col("start") - timedelta(days=1))
    whole.flag(
        beside,
        "gap",
        "start",
        lambda row: {
            "start": str(row["other_end"] + timedelta(days=1)),
            "end": str(row["start"] - timedelta(days=1)),
        },
    )
    for first, last in periods:
        within = series.filter((pl.col("start") >= first) & (pl.col("end") <= last))
        _check_edges(whole, within, first, last)


def _check_edges(whole: Wholes, series: pl.DataFrame, first: date, last: date) -> None:
    ends = series.sort("source", "start").group_by("source", maintain_order=True)
    opening = ends.first().filter(pl.col("start") > first)
    closing = ends.last().filter(pl.col("end") < last)
    day = timedelta(days=1)
    whole.flag(opening, "gap", "start", lambda row: {"start": str(first), "end": str(row["start"] - day)})
    whole.flag(closing, "gap", "end", lambda row: {"start": str(row["end"] + day), "end": str(last)})


def _short(value: float) -> str:
    """Write a number for a message: four significant digits, no exponent."""
    return f"{float(f'{value:.4g}'):.10f}".rstrip("0").rstrip(".")


def check_plausible(
    whole: Wholes, rows: pl.DataFrame, streams: Sequence[Stream], activities: Mapping[str, Activity]
) -> None:
    """Warn of amounts outside the activity's band per month, with the unit that would fit.

    A delivery of one day counts as a month's when it is held against the upper limit.
    """
    months = pl.col("days") / DAYS_PER_MONTH
    size = pl.col("base").abs()
    rate = (
        pl.when(size / pl.max_horizontal(months, 1.0) > pl.col("high"))
        .then(size / pl.max_horizontal(months, 1.0))
        .otherwise(size / months)
    )
    judged = rows.with_columns(rate.alias("rate")).filter(
        (size > 0) & ((pl.col("rate") > pl.col("high")) | (pl.col("rate") < pl.col("low")))
    )
    for row in judged.iter_rows(named=True):
        stream = streams[row["stream"]]
        likely = fitting_unit(activities[stream.activity], stream.unit, row["rate"])
        params = {
            "rate": _short(row["rate"]),
            "unit": activities[stream.activity].unit,
            "low": _short(row["low"]),
            "high": _short(row["high"]),
            "likely": likely,
        }
        whole.note(row, "slip" if likely else "implausible", "amount", params)


def check_series(
    whole: Wholes, rows: pl.DataFrame, streams: Sequence[Stream], activities: Mapping[str, Activity]
) -> None:
    """Warn of an amount hundreds of times larger or smaller than the median of its source."""
    daily = (pl.col("base") / pl.col("days")).alias("daily")
    median = pl.col("daily").filter(pl.col("daily") > 0).median().over("source").alias("median")
    judged = (
        rows.with_columns(daily)
        .with_columns(median, pl.len().over("source").alias("count"))
        .with_columns((pl.col("daily") / pl.col("median")).alias("ratio"))
        .filter((pl.col("count") >= SERIES_LENGTH) & (pl.col("daily") > 0))
        .filter((pl.col("ratio") >= SLIP) | (pl.col("ratio") <= 1 / SLIP))
    )
    for row in judged.iter_rows(named=True):
        stream = streams[row["stream"]]
        likely = likely_unit(activities[stream.activity], stream.unit, row["ratio"])
        whole.note(row, "slip-in-series", "amount", {"ratio": _short(row["ratio"]), "likely": likely or "?"})


def check_wholes(
    whole: Wholes, streams: Sequence[Stream], activities: Mapping[str, Activity], periods: Sequence[tuple[date, date]]
) -> None:
    """Run every comparison; rows with errors leave ``whole.rows``."""
    check_thousands(whole)
    check_periods(whole, periods)
    check_duplicates(whole)
    rows = with_sources(whole.rows, streams, activities)
    check_overlaps(whole, rows)
    check_gaps(whole, rows, periods)
    check_plausible(whole, rows, streams, activities)
    check_series(whole, rows, streams, activities)
