"""How fast 300,000 CSV rows are read and checked, and in how much memory; run by ``make bench``.

Every hundredth row carries an error, so that the slow paths are in the measurement. The ratio compares with
Polars' plain ``read_csv`` of the same file in the same run, which checks nothing.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from lca.ledger import Site
from service.activities.intake import known_from, read

ROWS = 300_000
STREAMS = 300
WRONG = ('"1,234"', "abc", "", "-5", "12 kWh")
HEADER = "site,activity,name,meter,start,end,amount,unit,quality,evidence\n"


def write_rows(path: Path, rows: int) -> int:
    """Write ``rows`` daily readings of 300 meters; return how many are wrong."""
    wrong = 0
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            meter, day = number % STREAMS, number // STREAMS
            year = 2020 + day // len(days)
            stamp = f"{year}{days[day % len(days)][4:]}"
            amount = f"{1000 + number % 977}.{number % 100:02}"
            if number % 100 == 99:
                amount, wrong = WRONG[wrong % len(WRONG)], wrong + 1
            file.write(f"S{meter % 10},electricity,line {meter},M{meter:03},{stamp},{stamp},{amount},kWh,measured,\n")
    return wrong


def megabytes() -> float:
    """Return the peak resident memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    sites = {f"S{number}": Site(f"S{number}", f"厂区{number}", "", "CN-HB") for number in range(10)}
    known = known_from(sites=sites)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        wrong = write_rows(path, rows)
        before = megabytes()
        started = time.perf_counter()
        intake = read(path, known=known)
        seconds = time.perf_counter() - started
        peak = megabytes()
        started = time.perf_counter()
        plain = pl.read_csv(path, infer_schema=False)
        plain_seconds = time.perf_counter() - started
    if plain.height != rows or intake.counts.total != rows or intake.counts.errors != wrong:
        print(f"wrong counts: {intake.counts}, expected {wrong} errors in {rows} rows", file=sys.stderr)
        return 1
    print(f"intake of {rows:,} CSV rows with {wrong:,} wrong ones")
    print(f"  rows per second        {rows / seconds:>12,.0f}   (aim: 50,000)")
    print(f"  seconds                {seconds:>12.2f}")
    print(f"  peak memory            {peak:>12,.0f} MiB (before reading: {before:,.0f})")
    print(f"  ratio to pl.read_csv   {seconds / plain_seconds:>12.1f}   ({plain_seconds:.3f} s, checks nothing)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
