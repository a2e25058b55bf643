"""Metering by the quarter-hour: stamps become intervals, intervals become months, gaps and doubles are told.

The stamp usually is the end of its interval. Some systems write the last one of a day as 00:00 of the *same*
day; read as it stands, it would fall before the day begins. The mapping file declares which rule holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from service.activities.cells import Findings, Pass
from service.activities.columns import Columns
from service.activities.mapping import TIME, TimeRule
from service.activities.problems import Problem

ANY = "any"
"""A column that is the same in every row, so that rows without keys of their own form one series."""


@dataclass(slots=True)
class Intervals:
    """The intervals of one table as they come in."""

    sheet: str
    columns: Columns
    rule: TimeRule
    findings: Findings
    keys: Sequence[str]  # the mapped fields besides time and amount: an interval is told apart by them
    frames: list[pl.DataFrame] = field(default_factory=list)

    @property
    def _keys(self) -> tuple[str, ...]:
        return (ANY, *self.keys)

    def add(self, batch: Pass) -> None:
        """Read the stamps of a batch and keep its good rows."""
        stamps = batch.raw[TIME].str.to_datetime(self.rule.format, strict=False, ambiguous="null")
        wrong = stamps.is_null() & (batch.raw[TIME] != "")
        batch.flag(batch.raw[TIME] == "", "required", TIME)
        batch.flag(wrong, "not-a-time", TIME, lambda *_: {"format": self.rule.format})
        good = batch.good().with_columns(stamps.filter(~batch.bad).alias("stamp"), pl.lit(0).alias(ANY))
        self.frames.append(good.select("row", "stamp", "amount", *self._keys))

    def _ends(self, stamps: pl.Expr) -> pl.Expr:
        """Return the stamps as ends of intervals, the midnight rule applied."""
        if self.rule.midnight == "same_day":
            midnight = stamps.dt.time() == pl.time(0, 0)
            return pl.when(midnight).then(stamps.dt.offset_by("1d")).otherwise(stamps)
        return stamps

    def _minutes(self, rows: pl.DataFrame) -> int:
        """Return the length of an interval: declared, or the commonest distance."""
        if self.rule.interval_minutes is not None or rows.height < 2:
            return self.rule.interval_minutes or 1
        distances = rows.sort(*self._keys, "stamp")["stamp"].diff().dt.total_minutes().drop_nulls()
        common = distances.filter(distances > 0).mode()
        return int(common.sort()[0]) if len(common) else 1

    def months(self) -> pl.DataFrame:
        """Return the sum of every month; gaps and odd distances are warnings, a doubled stamp is an error.

        Columns: ``row`` (the first of the month), the keys, ``start`` and ``end`` (the days that the month's
        intervals reach), ``amount`` (an exact sum) and ``count`` (of intervals).
        """
        rows = pl.concat(self.frames)
        self._tell_midnight(rows)
        if self.rule.stamp == "end":
            rows = rows.with_columns(self._ends(pl.col("stamp")))
        minutes = self._minutes(rows)
        length = pl.duration(minutes=minutes)
        begin = pl.col("stamp") - length if self.rule.stamp == "end" else pl.col("stamp")
        rows = rows.with_columns(begin.alias("begin")).sort(*self._keys, "begin", "row")
        rows = self._without_doubles(rows)
        self._tell_gaps(rows, minutes)
        scale = _decimals(rows["amount"])
        return (
            rows.with_columns(
                pl.col("amount").str.to_decimal(scale=scale), pl.col("begin").dt.truncate("1mo").alias("month")
            )
            .group_by(*self._keys, "month", maintain_order=True)
            .agg(
                pl.col("row").min(),
                pl.col("begin").min().dt.date().alias("start"),
                pl.col("begin").max().dt.date().alias("end"),
                pl.col("amount").sum().cast(pl.String),
                pl.len().alias("count"),
            )
            .with_columns(_without_trailing_zeros(pl.col("amount")))
            .drop("month", ANY)
        )

    def _without_doubles(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Refuse the second of two equal stamps; which one is right cannot be known."""
        first = pl.col("row").first().over(*self._keys, "begin")
        doubled = rows.with_columns(first.alias("other")).filter(pl.col("row") != pl.col("other"))
        for row, other in doubled.select("row", "other").iter_rows():
            self._tell("interval-duplicate", row, {"other": str(other)})
        return rows.join(doubled.select("row"), on="row", how="anti", maintain_order="left")

    def _tell_midnight(self, rows: pl.DataFrame) -> None:
        """Warn when 00:00 follows the evening of the same day and the mapping does not say that it ends it."""
        before = pl.col("stamp").shift(1).over(*self._keys)
        evening = (pl.col("stamp").dt.time() == pl.time(0, 0)) & (before.dt.date() == pl.col("stamp").dt.date())
        found = rows.filter(evening & (before > pl.col("stamp")))
        if found.height and self.rule.midnight != "same_day":
            self._tell("interval-midnight", found["row"][0], {"count": str(found.height)})

    def _tell_gaps(self, rows: pl.DataFrame, minutes: int) -> None:
        beside = rows.with_columns(pl.col("begin").shift(1).over(*self._keys).alias("before"))
        distance = (pl.col("begin") - pl.col("before")).dt.total_minutes().alias("distance")
        odd = beside.with_columns(distance).filter(pl.col("distance") != minutes)
        for row, before, begin, far in odd.select("row", "before", "begin", "distance").iter_rows():
            if far % minutes:
                self._tell("interval-odd", row, {"minutes": str(far), "interval": str(minutes)})
            else:
                self._tell("interval-gap", row, _gap(before, begin, far // minutes - 1, minutes))

    def _tell(self, code: str, row: int, params: Mapping[str, str]) -> None:
        position = self.columns.index[TIME] + 1
        self.findings.add(Problem(code, self.sheet, row, self.columns.header(TIME), position, "", params))


def _decimals(amounts: pl.Series) -> int:
    """Return the number of decimals of the most exact amount, so that their sum is exact."""
    longest = amounts.str.extract(r"\.([0-9]+)$").str.len_chars().max()
    return longest if isinstance(longest, int) else 0


def _gap(before: datetime, begin: datetime, count: int, minutes: int) -> dict[str, str]:
    first = before + timedelta(minutes=minutes)
    return {"start": f"{first:%Y-%m-%d %H:%M}", "end": f"{begin:%Y-%m-%d %H:%M}", "count": str(count)}


def _without_trailing_zeros(text: pl.Expr) -> pl.Expr:
    has_point = text.str.contains(".", literal=True)
    return pl.when(has_point).then(text.str.strip_chars_end("0").str.strip_chars_end(".")).otherwise(text)
