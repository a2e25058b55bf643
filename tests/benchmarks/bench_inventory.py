"""One inventory of a million rows on the embedded database, against INSERT INTO … SELECT over the same join.

The reference statement joins every row with its emission source and the value per unit that was matched for it
and writes one result row each: the least a database can do for "every row has its result".
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import text
from sqlmodel import Session

from factors.library import Library, load
from lca.ledger import Organisation, Site, Stream
from service import db
from service.accounts import actions as accounts
from service.activities import actions as activities
from service.calculations import actions as calculations

ROWS = 1_000_000
SITES = 20
STREAMS = 3_000
YEAR = 2025
MIX = (
    ("electricity", "kWh"),
    ("natural_gas", "Nm3"),
    ("diesel_offroad", "t"),
    ("freight_road_diesel_30t", "tkm"),
    ("refrigerant_r134a", "kg"),
    ("purchased_steel_cold_rolled", "t"),
)
NOW = datetime(2026, 1, 31, tzinfo=UTC)
T = TypeVar("T")


def streams() -> list[Stream]:
    return [
        Stream(f"S{n % SITES:02}", *MIX[n % len(MIX)], name=f"source {n}", meter=f"M{n}", quality="measured")
        for n in range(STREAMS)
    ]


def rows(count: int) -> pl.DataFrame:
    """Daily readings: every source has one amount a day, on 28 days of each month."""
    number = pl.int_range(0, count, dtype=pl.Int64)
    frame = pl.select(number=number, stream=(number % STREAMS).cast(pl.UInt32), day=number // STREAMS)
    start = pl.date(YEAR, pl.col("day") // 28 + 1, pl.col("day") % 28 + 1)
    amount = (pl.col("number") % 9000).cast(pl.String) + "." + (pl.col("number") % 90 + 10).cast(pl.String)
    return frame.select("stream", start=start, end=start, amount=amount, evidence=pl.lit(""))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


def main(count: int = ROWS) -> dict[str, Any]:
    library = load()
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'bench.db'}"
        db.upgrade(url)
        database = db.Database(url)
        loaded = _load(database, count)
        order = calculations.Order(YEAR, "inventory.ghgp")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        first, seconds = timed(lambda: _run(database, order, library))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        reference = _reference(database)
        _, corrected = timed(lambda: _correct(database))
        again = calculations.Order(YEAR, "inventory.ghgp", reason="one meter reading was wrong")
        _, incremental = timed(lambda: _run(database, again, library))
        database.dispose()
    return {
        "rows": count,
        "load_rows_per_s": round(count / loaded),
        "inventory_s": round(seconds, 2),
        "inventory_rows_per_s": round(count / seconds),
        "insert_select_s": round(reference, 2),
        "ratio_to_insert_select": round(seconds / reference, 2),
        "peak_mib": round(peak / 1024),
        "mib_before": round(before / 1024),
        "one_row_corrected_s": round(corrected, 2),
        "inventory_after_one_row_s": round(incremental, 2),
        "ratio_of_rerun": round(incremental / seconds, 3),
        "total_kgco2e": first,
    }


def _load(database: db.Database, count: int) -> float:
    company = Organisation("BENCH", "基准公司", "Benchmark company")
    with database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, company, NOW)
        actor = accounts.operator(session, "BENCH")
        for n in range(SITES):
            activities.put_site(session, actor, Site(f"S{n:02}", f"{n} 厂", f"Plant {n}", "CN-HB"), NOW)
        batch = activities.Batch(name="bench")
        _, seconds = timed(lambda: activities.submit_rows(session, actor, batch, streams(), rows(count), now=NOW))
    return seconds


def _run(database: db.Database, order: calculations.Order, library: Library) -> str:
    with database.session(write=True) as session:
        actor = accounts.operator(session, "BENCH")
        return calculations.run(session, actor, order, library, NOW).total_kgco2e


def _reference(database: db.Database) -> float:
    with database.session(write=True) as session:
        session.execute(text("CREATE TABLE bench_factor (stream_id INTEGER PRIMARY KEY, kg REAL)"))
        session.execute(text("INSERT INTO bench_factor SELECT id, 0.4044 FROM stream"))
        session.execute(text("CREATE TABLE bench_result (datum_id INTEGER, site_id INTEGER, month TEXT, kg REAL)"))
        return timed(lambda: _insert_select(session))[1]


def _insert_select(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO bench_result SELECT d.id, s.site_id, substr(d.start, 1, 7), d.value * f.kg"
            " FROM activity_datum d JOIN stream s ON s.id = d.stream_id JOIN bench_factor f ON f.stream_id = s.id"
        )
    )
    session.commit()


def _correct(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = accounts.operator(session, "BENCH")
        old = activities.show(session, actor, 1)
        entry = activities.NewDatum(old.stream, old.start, old.end, "123.4")
        activities.correct(session, actor, 1, entry, "misread", NOW)


if __name__ == "__main__":
    for name, value in main().items():
        print(f"{name:28} {value}")
