"""Monte Carlo of a foreground of 50 processes and of a background of 20,000 products, against what they consist of.

The foreground is compared with the bare numpy that no program can do without: the normal deviates, their exponentials
and the batched solve. The background is compared with one factorisation of A^T, which a run would cost without the
iteration, and with the bare draws. All systems are made up: lognormal inputs, a few hubs that everybody takes of, own
supply chains with loops, units that differ by orders of magnitude.
"""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Iterator
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from factors.library import load
from lca import monte_carlo_background
from lca.background import Background, compile_database
from lca.dataset import Exchange, Flow, LciDatabase, Uncertainty, UnitProcess
from lca.monte_carlo import ForegroundSystem, Input, Line, Supply, run
from lca.monte_carlo_background import run_background

RUNS, PROCESSES, SUPPLIES, LINES = 10_000, 50, 150, 11
PRODUCTS, TAKEN, HUBS, DRAWS = 20_000, 12, 0.06, 60

Vector = NDArray[np.float64]


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Return the least seconds of some tries."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def spread(amount: float, sigma: float) -> Uncertainty:
    return Uncertainty("lognormal", math.log(amount), sigma)


# --- foreground ----------------------------------------------------------------------------------


def foreground(seed: int = 7) -> ForegroundSystem:
    """50 processes in a chain, with further inputs and two loops; 11 lines each, of 150 supplies; all uncertain."""
    rng = np.random.default_rng(seed)
    links = {(number + 1, number) for number in range(PROCESSES - 1)}
    links |= {(int(rng.integers(n + 1, PROCESSES)), n) for n in range(PROCESSES - 1) for _ in range(2)}
    links |= {(0, PROCESSES - 1), (5, 30)}
    inputs = [
        Input(f"i{number}", row, column, amount, spread(amount, 0.1))
        for number, (row, column) in enumerate(sorted(links))
        for amount in (float(rng.uniform(0.05, 0.3)),)
    ]
    supplies = [
        Supply(f"s{n}", value, spread(value, 0.1)) for n in range(SUPPLIES) for value in (float(rng.lognormal()),)
    ]
    lines = [
        Line(f"l{process}.{supply}", process, int(supply), amount, spread(amount, 0.1))
        for process in range(PROCESSES)
        for supply in rng.choice(SUPPLIES, LINES, replace=False)
        for amount in (float(rng.lognormal(-1)),)
    ]
    names = tuple(f"p{number}" for number in range(PROCESSES))
    return ForegroundSystem(names, (1.0,) * PROCESSES, tuple(inputs), tuple(lines), tuple(supplies))


def floor(count: int) -> float:
    """Return the seconds of the deviates, the exponentials and the solves alone."""
    rng = np.random.default_rng(1)
    at_once = 3_000
    matrices = np.eye(PROCESSES) - rng.uniform(0, 0.5 / PROCESSES, (at_once, PROCESSES, PROCESSES))
    wanted = np.ones((at_once, PROCESSES, 1))

    def bare() -> None:
        for _ in range(RUNS // at_once):
            np.exp(rng.standard_normal((count, at_once)))
            np.linalg.solve(matrices, wanted)

    return timed(bare, 3) * RUNS / (RUNS // at_once * at_once)


def measure_foreground() -> Iterator[tuple[str, str]]:
    system = foreground()
    uncertain = len(system.inputs) + len(system.lines) + len(system.supplies)
    seconds = timed(lambda: run(system, 0, RUNS, 1), 3)
    bare = floor(uncertain)
    yield "foreground: runs", f"{RUNS:,} of {PROCESSES} processes, {uncertain} uncertain amounts"
    yield "seconds", f"{seconds:.2f}   (aim: 2)"
    yield "runs per second", f"{RUNS / seconds:,.0f}"
    yield "ratio to bare numpy", f"{seconds / bare:.2f}   ({bare:.2f} s: deviates, exponentials, solves)"


# --- background ----------------------------------------------------------------------------------


def links(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns: every column takes of hubs, the more popular the more often, and of near neighbours."""
    counts = np.clip(rng.lognormal(math.log(TAKEN * 0.83), 0.67, PRODUCTS).astype(np.int64), 1, 120)
    column = np.repeat(np.arange(PRODUCTS), counts)
    hubs = rng.permutation(PRODUCTS)[: int(PRODUCTS * HUBS)]
    popularity = 1 / np.arange(1, len(hubs) + 1) ** 1.1
    hub = hubs[rng.choice(len(hubs), len(column), p=popularity / popularity.sum())]
    step = rng.integers(1, 40, len(column)) * np.where(rng.random(len(column)) < 0.05, 1, -1)
    row = np.where(rng.random(len(column)) < 0.55, hub, (column + step) % PRODUCTS)
    pairs = np.unique(column[row != column] * PRODUCTS + row[row != column])
    return pairs % PRODUCTS, pairs // PRODUCTS


def amounts(rng: np.random.Generator, row: NDArray[np.int64], column: NDArray[np.int64], unit: Vector) -> Vector:
    """Return inputs of which each column takes less than 0.75 in all, before the units: productive by construction."""
    shares = rng.lognormal(0, 1.5, len(row))
    totals = np.bincount(column, shares, PRODUCTS)[column]
    found: Vector = shares / totals * 0.75 * rng.uniform(0.3, 1, PRODUCTS)[column] * unit[row] / unit[column]
    return found


def database(seed: int = 1) -> LciDatabase:
    """20,000 processes with about 12 inputs and three greenhouse gases each, every exchange lognormal."""
    rng = np.random.default_rng(seed)
    unit = rng.lognormal(0, 3, PRODUCTS)
    row, column = links(rng)
    taken = amounts(rng, row, column, unit)
    gases = {"co2": "Carbon dioxide, fossil", "ch4": "Methane, fossil", "n2o": "Dinitrogen monoxide"}
    flows = {name: Flow(name, text, "elementary", "kg", category="air") for name, text in gases.items()}
    flows |= {f"f{number}": Flow(f"f{number}", f"f{number}", "product", "kg") for number in range(PRODUCTS)}
    exchanges: list[list[Exchange]] = [[Exchange("out", f"f{n}", 1.0, "kg", is_input=False)] for n in range(PRODUCTS)]
    sigmas = rng.uniform(0.02, 0.25, len(row))
    for i, j, amount, sigma in zip(row.tolist(), column.tolist(), taken.tolist(), sigmas.tolist(), strict=True):
        exchanges[j].append(
            Exchange(f"in {i}", f"f{i}", amount, "kg", is_input=True, uncertainty=spread(amount, sigma))
        )
    for number in range(PRODUCTS):
        for gas in gases:
            amount = float(rng.lognormal(-3, 2) / unit[number])
            exchanges[number].append(Exchange(gas, gas, amount, "kg", is_input=False, uncertainty=spread(amount, 0.1)))
    processes = tuple(UnitProcess(f"p{n}", f"p{n}", tuple(exchanges[n]), "out") for n in range(PRODUCTS))
    return LciDatabase("made up", flows, processes)


def worst_error(background: Background) -> float:
    """Return the largest relative difference between impacts that were iterated and those of the factorisation."""
    gwp_set = load().gwp_sets["AR6"]
    iterated = run_background(background, gwp_set, 2, 0).scores
    with mock.patch.object(monte_carlo_background, "MOST_STEPS", 0):
        exact = run_background(background, gwp_set, 2, 0)
    assert exact.factorised == 2
    return float(np.max(np.abs(iterated / exact.scores - 1)))


def measure_background() -> Iterator[tuple[str, str]]:
    background = compile_database(database())
    matrix = background.technosphere
    gwp_set = load().gwp_sets["AR6"]
    begun: list[float] = []
    run_background(background, gwp_set, DRAWS, 1, progress=lambda *_: begun.append(time.perf_counter()))
    setup, seconds = begun[1] - begun[0], (begun[-1] - begun[1]) / (DRAWS - 1)
    factorisation = timed(lambda: splu(matrix.T.tocsc()))
    drawn = matrix.nnz - PRODUCTS + 3 * PRODUCTS
    rng = np.random.Generator(np.random.PCG64(1))
    bare = timed(lambda: np.exp(rng.standard_normal(drawn)), 5)
    product = sparse.csr_matrix(matrix.T)
    multiplied = timed(lambda: product @ np.ones(PRODUCTS), 5)
    yield "background: products", f"{PRODUCTS:,}, {matrix.nnz / PRODUCTS:.1f} entries a column, {drawn:,} drawn amounts"
    yield "draws per second", f"{1 / seconds:.0f}   (aim: 50, all products)"
    yield "set-up and first draw", f"{setup:.1f} s"
    yield "ratio to splu(A.T)", f"{seconds / factorisation:.4f}   ({factorisation:.2f} s)"
    yield "ratio to bare draws", f"{seconds / bare:.1f}   ({1000 * bare:.1f} ms: deviates and exponentials)"
    yield "ratio to one A.T @ h", f"{seconds / multiplied:.0f}   ({1000 * multiplied:.2f} ms)"
    yield "peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"
    yield "worst error to splu(A.T)", f"{worst_error(background):.1e}"


def main() -> None:
    for measure in (measure_foreground, measure_background):
        for name, value in measure():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
