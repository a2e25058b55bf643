"""Rows by the hundred thousand, in and out of the database without an object per row.

SQLite takes and gives tuples in slices; PostgreSQL takes and gives CSV by COPY. Both inside the
transaction of the session, both as Polars frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import Connection, Executable, Table
from sqlmodel import Session

SLICE = 50_000


def insert(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Insert ``frame`` into ``table``; the columns of the frame are named like those of the table."""
    connection = session.connection()
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    if connection.dialect.name == "postgresql":
        _analyse_parents(connection, table, frame.height)
        _copy_in(connection, f"COPY {table.name} ({columns}) FROM STDIN (FORMAT csv)", frame)
        return
    # The driver has no type for a day; SQLAlchemy keeps one as ISO text, and so does this.
    days = [name for name, kind in frame.schema.items() if kind == pl.Date]
    marks = ", ".join("?" * frame.width)
    statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608  names are our own
    for part in frame.iter_slices(SLICE):
        connection.exec_driver_sql(statement, part.with_columns(pl.col(days).dt.to_string("iso")).rows())


def _analyse_parents(connection: Connection, table: Table, rows: int) -> None:
    # A table filled in this very transaction has no statistics yet. PostgreSQL then looks up each foreign key by
    # whichever index starts with the organisation and reads all its rows: 90 s instead of 9 s for a million rows.
    if rows < SLICE // 10:
        return
    for parent in sorted({key.column.table.name for key in table.foreign_keys} - {table.name}):
        connection.exec_driver_sql(f"ANALYZE {parent}")


def _copy_in(connection: Connection, statement: str, frame: pl.DataFrame) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(SLICE):
            # Texts are quoted and nulls are not: the empty text and no value stay two things.
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric"))


def read(session: Session, query: Executable, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return what ``query`` selects as a frame of ``schema`` (one column for each selected one, in order)."""
    parts = list(parts_of(session, query, schema))
    return pl.concat(parts, rechunk=False) if parts else pl.DataFrame(schema=schema)


def parts_of(
    session: Session, query: Executable, schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> Iterator[pl.DataFrame]:
    """Yield what ``query`` selects in frames of at most ``SLICE`` rows, each complete before the next is asked for."""
    connection = session.connection()
    open_cursor = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    with open_cursor(connection, query) as cursor:
        while rows := cursor.fetchmany(SLICE):
            yield _frame(rows, schema)


@contextmanager
def _sqlite(connection: Connection, query: Executable) -> Iterator[Any]:
    # The driver's own cursor gives plain tuples, a slice at a time: no row object, no conversion per value.
    result = connection.execute(query)
    try:
        yield result.cursor
    finally:
        result.close()


@contextmanager
def _postgresql(connection: Connection, query: Executable) -> Iterator[Any]:
    # A named cursor stays on the server; an ordinary one would bring all rows over before the first is read.
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
    driver: Any = connection.connection.driver_connection
    with driver.cursor(name="tanji_bulk") as cursor:
        cursor.itersize = SLICE
        cursor.execute(str(compiled), compiled.params)
        yield cursor


def _frame(rows: Sequence[tuple[Any, ...]], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([_series(name, kind, values) for (name, kind), values in columns])


def _series(name: str, kind: pl.DataType | type[pl.DataType], values: Sequence[Any]) -> pl.Series:
    if kind == pl.Date and isinstance(values[0], str):
        return pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
    return pl.Series(name, values, dtype=kind)
