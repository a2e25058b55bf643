"""Rows of activity data: the checks that need several cells of a row, and the streams that rows belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from factors.units import dimension
from lca.formulas import FORMULAS
from lca.formulas.measured import PRESCRIBED, PROPERTIES
from lca.ledger import Stream
from service.activities.cells import Pass, close_periods
from service.activities.known import Known, convertible
from service.activities.parameters import MEASURED, STATEMENTS, parameter_fields

STREAM_FIELDS = (
    "site",
    "activity",
    "unit",
    "name",
    "meter",
    "region",
    "factor",
    "counterparty",
    "process_line",
    "quality",
    "uncertainty_percent",
)
SUM = r"(?i)^\s*(?:合计|小计|总计|共计|(?:sub-?|grand )?total|sum)\s*(?:[:：(（].*)?$|(?:合计|小计|总计|共计)\s*$"
"""What the row below a table is called; 总计量表, the main meter, is none."""

ROWS = {
    "row": pl.UInt32,
    "sheet": pl.UInt8,
    "stream": pl.UInt32,
    "start": pl.Date,
    "end": pl.Date,
    "amount": pl.String,
    "evidence": pl.String,
    "count": pl.UInt32,  # of the submitted rows that are summed in this one
}


@dataclass(slots=True)
class Streams:
    """Every distinct stream met so far, numbered in the order of meeting."""

    streams: list[Stream] = field(default_factory=list)
    numbers: dict[Stream, int] = field(default_factory=dict)

    def number(self, stream: Stream) -> int:
        """Return the number of a stream, a new one when it was not met before."""
        if stream not in self.numbers:
            self.numbers[stream] = len(self.streams)
            self.streams.append(stream)
        return self.numbers[stream]

    def assign(self, frame: pl.DataFrame) -> pl.Series:
        """Return the stream number of every row."""
        keys = [name for name in (*STREAM_FIELDS, *parameter_fields()) if name in frame.columns]
        distinct = frame.select(keys).unique(maintain_order=True)
        numbers = [self.number(_stream(dict(zip(keys, cells, strict=True)))) for cells in distinct.rows()]
        distinct = distinct.with_columns(pl.Series("stream", numbers, pl.UInt32))
        return frame.select(keys).join(distinct, on=keys, how="left", maintain_order="left")["stream"]


def _stream(cells: Mapping[str, str]) -> Stream:
    given = sorted((key, text) for key, text in cells.items() if key in parameter_fields() and text)
    return Stream(**{key: cells.get(key, "") for key in STREAM_FIELDS}, parameters=tuple(given))


def check_data(batch: Pass, known: Known) -> None:
    """Check what several cells of a row say together: period, unit, sign, parameters."""
    close_periods(batch, "start", "end")
    _check_units(batch, known)
    _check_signs(batch, known)
    check_measured(batch)
    _check_parameters(batch, known)
    _check_sums(batch)


def typed_rows(batch: Pass, sheet: int, streams: Streams) -> pl.DataFrame:
    """Return the rows without errors as the intake keeps them."""
    good = batch.good()
    evidence = pl.col("evidence") if "evidence" in good.columns else pl.lit("")
    return good.with_columns(
        pl.lit(sheet, pl.UInt8).alias("sheet"),
        streams.assign(good).alias("stream"),
        evidence.alias("evidence"),
        pl.lit(1, pl.UInt32).alias("count"),
    ).select(list(ROWS))


def _check_sums(batch: Pass) -> None:
    """Warn where a source is called a sum: such a row counts what other rows of the sheet count already."""
    if "name" in batch.out:
        batch.flag(batch.out["name"].str.contains(SUM), "row-is-sum", "name", lambda _, text: {"text": text})


def _check_units(batch: Pass, known: Known) -> None:
    """Refuse a unit that cannot become the one its activity is counted in."""
    activity, unit = batch.out["activity"], batch.out["unit"]
    for name, given in pl.DataFrame({"activity": activity, "unit": unit}).unique().rows():
        wanted = known.activities.get(name)
        if wanted is None or not given or dimension(given) in wanted.dimensions:
            continue
        if code := convertible(given, wanted.unit):
            params = {
                "activity_zh": wanted.name_zh,
                "activity_en": wanted.name_en,
                "wanted": wanted.unit,
                "unit": given,
            }
            batch.flag((activity == name) & (unit == given), code, "unit", partial(_same, params))


def _same(params: Mapping[str, str], _place: int, _text: str) -> Mapping[str, str]:
    return params


def _check_signs(batch: Pass, known: Known) -> None:
    """Refuse a negative amount of what cannot be negative; a bill may take back, a furnace cannot unburn."""
    amounts = batch.out["amount"]
    negative = amounts.str.starts_with("-")
    if not negative.any():
        return
    activity = batch.out["activity"]
    for name in activity.filter(negative).unique().to_list():
        found = known.activities.get(name)
        if found is not None and not found.negative:
            params = {"activity_zh": found.name_zh, "activity_en": found.name_en}
            batch.flag(negative & (activity == name), "negative", "amount", partial(_same, params))


def check_measured(batch: Pass) -> None:
    """Warn where a measured value lacks one of the statements without which it is refused."""
    given = [name for name in MEASURED if name in batch.out]
    if not given:
        return
    frame = pl.DataFrame([(batch.out[name] != "").alias(name) for name in given])
    if not frame.select(pl.any_horizontal(pl.all()))[:, 0].any():
        return
    lacking: dict[str, pl.Series] = {}
    for item in STATEMENTS:
        said = batch.out.get(item.name, pl.repeat("", batch.raw.height, dtype=pl.String, eager=True))
        needing = [name for name in given if item.name in PROPERTIES[name].needs]
        measured = frame.select(pl.any_horizontal(pl.lit(False), *needing))[:, 0]
        lacking[item.name] = measured & (said != PRESCRIBED[item.name] if item.name in PRESCRIBED else said == "")
    any_lacking = pl.DataFrame([series.alias(name) for name, series in lacking.items()]).select(
        pl.any_horizontal(pl.all())
    )[:, 0]

    def missing(place: int, _: str) -> dict[str, str]:
        names = [item for item in STATEMENTS if lacking[item.name][place]]
        return {"missing_zh": "、".join(n.zh for n in names), "missing_en": ", ".join(n.en for n in names)}

    batch.flag(any_lacking, "measured-incomplete", given[0], missing)


def _check_parameters(batch: Pass, known: Known) -> None:
    """Warn where the formula of an activity wants a parameter that the row does not give."""
    activity = batch.out["activity"]
    for name in activity.unique().to_list():
        found = known.activities.get(name)
        terms = FORMULAS[found.formula].parameters if found and found.formula in FORMULAS else ()
        for term in terms:
            if not term.required or term.default is not None:
                continue
            rows = activity == name
            empty = rows & (batch.out[term.key] == "") if term.key in batch.out else rows
            item = parameter_fields()[term.key]
            params = {"wanted": item.header, "wanted_zh": item.zh, "wanted_en": item.en}
            batch.flag(empty, "parameter-missing", term.key, partial(_same, params))
