"""The footprint of a product of 1,000 lines, a portfolio of 1,000 products, and the import of a database.

Computing ends with all results, checks and warnings; freezing writes them as records and canonical bytes and takes
their digest; both in processor time, the least of some tries. A batch is 1,000 different products of 10 lines, read
from what was submitted to the digest. The aim, "at most 10 times one", is taken as a user pays for it: both in a
process of their own, with the factor library and the background to be loaded. What the batch costs beside products in
a process that is warm is printed too.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from factors.library import load as load_library
from lca.footprint import Meta, footprint, results, supplied
from lca.footprint_checks import checks
from lca.footprint_method import FootprintMethod, load
from lca.footprint_warnings import warnings_of
from lca.importers import read
from lca.inventories import background
from lca.product_lines import lines
from lca.product_model import Model
from lca.product_reading import model
from lca.snapshot import canonical_bytes
from lca.supplies import Resolver
from service.calculations.portfolio import Given, Task, portfolio
from tests.benchmarks.measured import aim, timed

METHOD = "pcf.gbt24067_2024"
META = Meta("bench", "2026-01-01T00:00:00Z", "0")
LINES, BATCH, SMALL, ROUNDS = 1_000, 1_000, 10, 15
USLCI = Path(__file__).parents[1] / "data/lci/uslci_fy18_jsonld/uslci_olca1_5_0_json_ld.zip"
MATERIALS = (
    "purchased_steel_cold_rolled", "purchased_steel_galvanised", "purchased_steel_bar", "purchased_steel_stainless",
    "purchased_primary_aluminium", "purchased_secondary_aluminium", "purchased_aluminium_sheet", "purchased_copper",
    "purchased_pp", "purchased_abs", "purchased_pa66", "purchased_pvc", "purchased_hdpe", "purchased_rubber",
    "purchased_flat_glass", "purchased_mineral_oil", "purchased_tyre", "purchased_pu_foam",
)  # fmt: skip
PROCESSES = ("Iron and steel, production mix", "Aluminum, extrusion, at plant")
ENERGY = (("electricity", "kWh"), ("natural_gas", "Nm3"), ("diesel_offroad", "t"))
SOURCES = [{"activity": one} for one in MATERIALS] + [
    {"background": one, "database": "uslci_fy18"} for one in PROCESSES
]


def part(n: int, number: int) -> dict[str, Any]:
    """A part of its own mass, with the way by which it comes: two lines."""
    return {
        "id": f"p{n}",
        "zh": f"零件 {n}",
        "mass_kg": f"{1 + (n * 37 + number) % 100 / 10}",
        "utilisation": "0.8",
        "from": SOURCES[(n + number) % len(SOURCES)],
        "quality": {"technology": 2, "geography": 3, "time": 2},
        "spread": {"percent": "10"},
        "transport": [{"from": {"activity": "freight_road_diesel_18t"}, "km": "500"}],
    }


def shop(n: int, shops: int) -> dict[str, Any]:
    """A process with power and gas, whose supply is a line too; it takes of the next shop."""
    inputs = [
        {"id": kind, "zh": kind, "amount": str(n % 7 + 1), "unit": unit, "from": {"activity": kind}, "is_primary": True}
        for kind, unit in ENERGY[: 2 if n else 3]
    ]
    if n + 1 < shops:
        taken = {"id": "next", "zh": "上工序", "amount": "1", "unit": "piece", "from": {"process": f"shop{n + 1}"}}
        inputs.append(taken)
    return {
        "id": f"shop{n}",
        "zh": f"车间 {n}",
        "stage": "production",
        "output": "1",
        "unit": "piece",
        "inputs": inputs,
    }


def product(count: int, number: int = 0) -> dict[str, Any]:
    """A product of about so many lines: parts in assemblies, and shops one after the other."""
    shops = max(1, count // 100)
    parts = [part(n, number) for n in range((count - 3 * shops) // 2)]
    groups = max(1, len(parts) // 25)
    return {
        "id": f"product{number}",
        "zh": f"产品 {number}",
        "region": "CN-HB",
        "start": "2025-01-01",
        "end": "2025-12-31",
        "unit": {"kind": "declared", "amount": "1", "unit": "piece", "zh": "一件"},
        "main": "shop0",
        "processes": [shop(n, shops) for n in range(shops)],
        "parts": [{"id": f"a{n}", "zh": f"总成 {n}", "parts": parts[n::groups]} for n in range(groups)],
    }


def resolver(made: Model, rule: FootprintMethod) -> Resolver:
    day = date.fromisoformat(made.end)
    return Resolver(load_library(), day, made.region, rule.gwp_set, background=background)


def one_product() -> Iterator[tuple[str, str]]:
    data, rule = product(LINES), load(METHOD)
    made = model(data)
    finder = resolver(made, rule)
    frozen = footprint(made, rule, finder, META)
    snapshot = dict(frozen.snapshot)

    def compute() -> None:
        supplied(lines(made, rule), finder, rule)
        results(snapshot, rule)
        checks(snapshot, rule)
        warnings_of(snapshot)

    whole = 1000 * timed(lambda: footprint(made, rule, finder, META), ROUNDS, process_time)
    computed = 1000 * timed(compute, ROUNDS, process_time)
    written = 1000 * timed(lambda: canonical_bytes(snapshot), ROUNDS, process_time)
    counts = f"{len(snapshot['lines'])} lines, {len(snapshot['supplies'])} supplies"
    yield "product", f"{counts}, {len(frozen.content) / 1e6:.2f} MB frozen"
    yield "computed", aim(computed, 10, "ms")
    yield "computed and frozen", f"{whole:.1f} ms"
    yield "of which canonical bytes", f"{written:.1f} ms"
    yield "reading what was submitted", f"{1000 * timed(lambda: model(data), 5, process_time):.1f} ms"


def tasks(count: int) -> list[Task]:
    return [Task(f"product{n}", product(SMALL, n), METHOD) for n in range(count)]


def batch(count: int) -> int:
    """Compute so many small products; return how many have a footprint."""
    found = portfolio(tasks(count), Given(load_library().version, "0"))
    return sum(bool(one.total_kgco2e) for one in found)


def cold(count: int) -> float:
    """Return the seconds of a process that computes so many small products."""
    program = f"from tests.benchmarks.bench_footprint import batch; assert batch({count}) == {count}"
    return timed(partial(subprocess.run, [sys.executable, "-W", "ignore", "-c", program], check=True), 2)


def batches() -> Iterator[tuple[str, str]]:
    single, many = cold(1), cold(BATCH)
    yield "batch, from a cold start", f"{many:.2f} s for {BATCH:,} products of {SMALL} lines"
    yield "one, from a cold start", f"{single:.2f} s"
    yield "ratio, from a cold start", aim(many / single, 10, "times")
    batch(1)
    warm = timed(lambda: batch(BATCH), 2)
    given, large = Given(load_library().version, "0"), [Task("large", product(LINES), METHOD)]
    alone = timed(lambda: batch(1), 5)
    whole = timed(lambda: portfolio(large, given), 5)
    yield "batch, warm", f"{warm:.2f} s, {1000 * warm / BATCH:.2f} ms a product"
    yield "ratio to one of 1,000 lines", f"{warm / whole:.1f} times   ({1000 * whole:.0f} ms)"
    yield "ratio to one of 10 lines", f"{warm / alone:.0f} times   ({1000 * alone:.1f} ms)"


def main() -> None:
    for measured in (one_product(), batches()):
        for name, value in measured:
            print(f"{name:28} {value}", flush=True)
    print(f"{'import of USLCI FY18':28} {aim(timed(lambda: read(USLCI), 2), 10, 's')}")


if __name__ == "__main__":
    main()
