"""Measured fuel properties: rows of their own sheet, joined to the fuel they were measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from lca.ledger import Stream
from service.activities.cells import Pass, close_periods
from service.activities.data import Streams, check_measured
from service.activities.parameters import parameter_fields
from service.activities.run import Run, Source
from service.activities.sections import refuse
from service.activities.sheets import Sheet
from service.activities.wholes import Wholes

Measurement = tuple[str, dict[str, Any]]  # sheet name, entry


def _check(batch: Pass) -> None:
    close_periods(batch, "start", "end")
    check_measured(batch)


def read_measurements(run: Run, source: Source, sheet: Sheet) -> list[Measurement]:
    """Return the measured values; two for one fuel may not overlap in time."""
    kept: list[Measurement] = []
    for entry in run.entries(source, sheet, _check):
        other = next((e for _, e in kept if _same_fuel(e, entry) and _overlap(e, entry)), None)
        if other is None:
            kept.append((source.name, entry))
        else:
            refuse(run, source.name, entry["row"], "property-overlap", other=str(other["row"]))
    return kept


def _same_fuel(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return all((one.get(name) or "") == (two.get(name) or "") for name in ("site", "activity", "name"))


def _overlap(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return bool(one["start"] <= two["end"] and two["start"] <= one["end"])


def join_measurements(run: Run, whole: Wholes, measurements: Sequence[Measurement]) -> None:
    """Give the rows of each measured fuel the values of their period.

    A row that lies in no measured period keeps the defaults; one that spans the edge of a period is an
    error, since no single value holds for it; a measurement that no row uses is a warning.
    """
    # The more particular statement goes last: one for a named source wins over one for all of a site's fuel.
    for sheet, entry in sorted(measurements, key=lambda m: bool(m[1].get("name"))):
        numbers = _streams_of(run.streams.streams, entry)
        of_fuel = whole.rows.filter(pl.col("stream").is_in(numbers))
        start, end = pl.col("start"), pl.col("end")
        inside = (start >= entry["start"]) & (end <= entry["end"])
        crossing = of_fuel.filter(~inside & (start <= entry["end"]) & (end >= entry["start"]))
        whole.flag(crossing, "property-split", "start", lambda _: {})
        covered = of_fuel.filter(inside)
        if covered.is_empty():
            whole.note_entry(sheet, entry["row"], "property-unused")
        else:
            whole.rows = _with_values(run.streams, whole.rows, covered, entry)


def _streams_of(streams: Sequence[Stream], entry: dict[str, Any]) -> list[int]:
    wanted = entry["site"], entry["activity"]
    name = entry.get("name") or ""
    return [n for n, s in enumerate(streams) if (s.site, s.activity) == wanted and name in ("", s.name)]


def _with_values(streams: Streams, rows: pl.DataFrame, covered: pl.DataFrame, entry: dict[str, Any]) -> pl.DataFrame:
    """Return ``rows`` with those of ``covered`` in streams that carry the measured values."""
    values = {key: text for key, text in entry.items() if key in parameter_fields() and text}
    changed = {
        number: streams.number(_measured(streams.streams[number], values)) for number in covered["stream"].unique()
    }
    moved = covered.select("sheet", "row", pl.col("stream").replace(changed).alias("measured"))
    return (
        rows.join(moved, on=["sheet", "row"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("measured", "stream").alias("stream"))
        .drop("measured")
    )


def _measured(stream: Stream, values: dict[str, str]) -> Stream:
    return replace(stream, parameters=tuple(sorted({**dict(stream.parameters), **values}.items())))
