"""Tables that a mapping file explains: any CSV or worksheet, rows as they stand or summed per month."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from service.activities.cells import Conventions, Findings, Pass
from service.activities.columns import HEAD_ROWS, Columns, fold, resolve
from service.activities.intervals import Intervals
from service.activities.mapping import TIME, ColumnMap, mappable
from service.activities.problems import Problem
from service.activities.run import Plan, Run, Source
from service.activities.sheets import LONG_FORM
from service.activities.textfile import EXACT
from service.activities.wholes import Table
from service.fields import ACTIVITY, Field

NEEDED = tuple(item for item in ACTIVITY if item.required)


def read_mapped(run: Run, source: Source, mapping: ColumnMap) -> None:
    """Read one table by its mapping."""
    plan = mapped_plan(run, source, mapping)
    if TIME not in plan.columns.index:
        run.data(source, plan, LONG_FORM.id)
        return
    intervals = Intervals(source.name, plan.columns, mapping.time, run.findings, _keys(plan))
    for batch in run.batches(source, plan):
        if "amount" in batch.out:
            intervals.add(batch)
    if intervals.frames and not plan.columns.errors:
        _keep_months(run, source, plan, intervals.months())
    run.tables.append(Table(source.name, plan.columns, LONG_FORM.id))


def _keys(plan: Plan) -> tuple[str, ...]:
    return tuple(name for name in plan.columns.index if name not in (TIME, "amount", "note"))


def _keep_months(run: Run, source: Source, plan: Plan, months: pl.DataFrame) -> None:
    """Check the sums as if they had been submitted, and keep them."""
    days = [pl.col("start").cast(pl.String), pl.col("end").cast(pl.String)]
    raw = months.with_columns(*days, pl.lit(EXACT, pl.Int8).alias("width"))
    fields = {name: item for name, item in mappable().items() if name in raw.columns}
    batch = run.checked(raw, replace(source, conventions=Conventions()), replace(plan, fields=fields, values={}))
    run.keep(batch, plan, len(run.tables))
    counted = run.frames[-1].drop("count").join(months.select("row", "count"), on="row", how="left")
    run.frames[-1] = counted.with_columns(pl.col("count").cast(pl.UInt32))


def mapped_plan(run: Run, source: Source, mapping: ColumnMap) -> Plan:
    """Find the mapped columns and check the constants once, not in every row."""
    columns = _columns(source, mapping.columns) if mapping.declares_columns else _own_columns(run, source, mapping)
    constants = checked(run, mapping.constants, mappable(), source.name)
    columns.errors.extend(constants.errors)
    given = set(columns.index) | set(constants.values)
    if TIME in columns.index:
        given |= {"start", "end"}
    for item in NEEDED if mapping.declares_columns else ():
        if item.name not in given and item.name not in mapping.columns.values() and item.name not in mapping.constants:
            params = {"wanted": item.header, "near": "-"}
            columns.errors.append(Problem("column-missing", source.name, columns.row, params=params))
    run.findings.errors.extend(columns.errors)
    fields = {name: item for name, item in mappable().items() if name in columns.index}
    return Plan(columns, fields, constants.values, mapping.values)


def _own_columns(run: Run, source: Source, mapping: ColumnMap) -> Columns:
    """Return the columns of a table in the long form, whose constants a mapping may add."""
    readable = [item for item in LONG_FORM.readable if item.name not in mapping.constants]
    columns = resolve(source.head[:HEAD_ROWS], readable, source.name)
    run.findings.warnings.extend(columns.warnings)
    return columns


def _columns(source: Source, wanted: Mapping[str, str]) -> Columns:
    """Return where the mapped columns stand; a missing one is an error with near headers."""
    names = {fold(header): field for header, field in wanted.items()}
    head = source.head[:HEAD_ROWS]
    hits = [sum(fold(cell) in names for cell in row) for row in head]
    at = hits.index(max(hits)) if hits else 0
    columns = Columns(at + 1, head[at] if head else [])
    for position, header in enumerate(columns.headers):
        if name := names.get(fold(header)):
            columns.index.setdefault(name, position)
    for header, name in wanted.items():
        if name not in columns.index:
            near = ", ".join(difflib.get_close_matches(header, list(columns.headers), n=3, cutoff=0.4)) or "-"
            params = {"wanted": header, "near": near}
            columns.errors.append(Problem("column-missing", source.name, columns.row, header, params=params))
    return columns


class Checked(NamedTuple):
    """What a mapping declares, as values, and what is wrong with it."""

    values: Mapping[str, str]
    errors: Sequence[Problem]


def checked(run: Run, texts: Mapping[str, str], fields: Mapping[str, Field], sheet: str = "") -> Checked:
    """Check what a mapping declares as if it stood in a row of ``sheet``."""
    findings = Findings()
    raw = pl.DataFrame({"row": pl.Series([0], dtype=pl.UInt32), "width": pl.Series([EXACT], dtype=pl.Int8)})
    raw = raw.with_columns(pl.lit(text.strip()).alias(name) for name, text in texts.items())
    batch = Pass(sheet, Columns(0, []), raw, run.names, Conventions(), findings)
    batch.check({name: fields[name] for name in texts})
    run.findings.warnings.extend(replace(problem, row=None) for problem in findings.warnings)
    values = {name: str(batch.out[name][0] or "") for name in texts}
    return Checked(values, [replace(problem, row=None) for problem in findings.errors])
