"""Monte Carlo of a foreground of 50 processes and of a background of 20,000 products, against what they consist of.

The foreground is compared with the bare numpy that no program can do without: the normal deviates, their exponentials
and the batched solve. The background is compared with one factorisation of A^T, which a run would cost without the
iteration, and with the bare draws. All systems are made up: lognormal inputs, a few hubs that everybody takes of, own
supply chains with loops, units that differ by orders of magnitude.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from unittest import mock

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from factors.library import load
from lca import monte_carlo_background
from lca.background import Background, compile_database
from lca.monte_carlo import ForegroundSystem, Input, Line, Supply, run
from lca.monte_carlo_background import run_background
from tests.benchmarks.made_system import PRODUCTS, database, spread
from tests.benchmarks.measured import aim, timed

RUNS, PROCESSES, SUPPLIES, LINES = 10_000, 50, 150, 11
DRAWS = 60


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
    yield "seconds", aim(seconds, 2, "s")
    yield "runs per second", f"{RUNS / seconds:,.0f}"
    yield "ratio to bare numpy", f"{seconds / bare:.2f}   ({bare:.2f} s: deviates, exponentials, solves)"


# --- background ----------------------------------------------------------------------------------


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
    yield "draws per second", aim(1 / seconds, 50, "for all products", at_least=True)
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
