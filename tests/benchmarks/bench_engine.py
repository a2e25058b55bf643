"""A background of 20,000 products: unit impacts against the raw factorisation, a score, a supply chain, a cold start.

Everything is compared, in one run, with what no program can do without: ``splu(A.T)`` and one solve with it. The
process fails where a unit impact differs from that of the factorisation by more than 1e-9; a slow machine is no error.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from time import process_time

import numpy as np
from scipy.sparse.linalg import splu

from factors.gwp import GwpSet
from factors.library import load
from lca import inventories, lci_store
from lca.background import Background, Vector, compile_system, unpacked
from lca.lci_score import kgco2e, score
from lca.linking import link
from lca.supply_chain import tree
from tests.benchmarks.made_system import GASES, PRODUCTS, database
from tests.benchmarks.measured import aim, timed

ERROR = 1e-9
PRODUCT = PRODUCTS - 1
CHECKED = 25  # products whose runs are iterated and held against the factorisation
ROUNDS = 3

SECOND_PROCESS = """
import time
from lca import background, inventories, square_system
from lca.lci_score import shares_behind_gaps

def refuse(*_):
    raise AssertionError("factorised")

background.splu = square_system.splu = refuse
begin = time.perf_counter()
found = inventories.background("uslci_fy18")
list(shares_behind_gaps(found, 0))
print(time.perf_counter() - begin)
"""


def unit_impacts() -> Iterator[tuple[str, str]]:
    """One gas, from a linked system: matrices, proof that no loop is faulty, factorisation, solve."""
    content = database(gases={"co2": GASES["co2"]})
    linked = link(content)
    linking = timed(lambda: link(content))
    matrix = compile_system(linked, "").technosphere
    raw, built = [], []
    for _ in range(ROUNDS):  # in turn, so that what else the machine does meets both
        raw.append(timed(lambda: splu(matrix.T.tocsc()), clock=process_time))
        built.append(timed(lambda: compile_system(linked, "").unit_impacts, clock=process_time))
    yield "products", f"{PRODUCTS:,}, {matrix.nnz / PRODUCTS:.1f} entries a column"
    yield "splu(A.T)", f"{min(raw):.2f} s of processor time"
    yield "unit impacts of one gas", f"{min(built):.2f} s of processor time, matrices included"
    yield "ratio to splu(A.T)", aim(min(built) / min(raw), 1.2, "times")
    yield "linking before that", f"{linking:.2f} s"


def worst_error(background: Background) -> float:
    """Return the largest relative difference to unit impacts from a factorisation of A itself, stored or iterated."""
    exact = splu(background.technosphere.tocsr().T.tocsc()).solve(background.direct.toarray().T).T
    found = np.abs(background.unit_impacts / exact - 1).max()
    for product in np.linspace(0, PRODUCT, CHECKED).astype(int).tolist():
        emitted: Vector = background.direct @ background.supply(product)
        found = max(found, np.abs(emitted / exact[:, product] - 1).max())
    return float(found)


def scores(background: Background, gwp_set: GwpSet) -> Iterator[tuple[str, str]]:
    kgco2e(background, PRODUCT, gwp_set)
    looked_up = timed(lambda: kgco2e(background, PRODUCT, gwp_set), 100)
    whole = timed(lambda: score(background, PRODUCT, gwp_set), 5)
    demand = np.zeros(PRODUCTS)
    demand[PRODUCT] = 1.0
    factors = background.factors
    solved = timed(lambda: factors.solve(demand, "T"), 5)
    yield "warm score", aim(1000 * looked_up, 2, "ms")
    yield "with all contributions", f"{1000 * whole:.1f} ms: every process, gas and warning"
    yield "ratio to one LU solve", f"{whole / solved:.2f}   ({1000 * solved:.1f} ms)"


def supply_chains(background: Background, gwp_set: GwpSet) -> Iterator[tuple[str, str]]:
    for cutoff, limit in ((0.005, 1.0), (0.001, None)):
        nodes = len(tree(background, PRODUCT, gwp_set, cutoff=cutoff))
        taken = 1000 * timed(lambda cutoff=cutoff: tree(background, PRODUCT, gwp_set, cutoff=cutoff), 100)  # type: ignore[misc]
        told = aim(taken, limit, f"ms, {nodes} nodes") if limit else f"{taken:.2f} ms, {nodes} nodes"
        yield f"supply chain to {cutoff:.1%}", told


def cold_starts(background: Background) -> Iterator[tuple[str, str]]:
    """From what is stored: packed records and unit impacts; nothing is factorised."""
    packed = lci_store.pack(background.system.database)
    stored = background.unit_impacts
    taken = timed(lambda: replace(unpacked(packed), stored=stored).blame(PRODUCT))
    yield "cold start", f"{taken:.1f} s from {len(packed) / 1e6:.0f} MB packed records and stored unit impacts"
    inventories.background("uslci_fy18")  # the first process
    command = [sys.executable, "-W", "ignore", "-c", SECOND_PROCESS]
    found = [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(2)]
    yield "cold start of USLCI FY18", f"{found[-1]:.2f} s in a new process, nothing factorised"


def main() -> int:
    gwp_set = load().gwp_sets["AR6"]
    for name, value in unit_impacts():
        print(f"{name:28} {value}", flush=True)
    background = compile_system(link(database()), "")
    error = worst_error(background)
    print(f"{'worst error to splu(A.T)':28} {aim(error, ERROR, 'relative')}", flush=True)
    for part in (scores(background, gwp_set), supply_chains(background, gwp_set), cold_starts(background)):
        for name, value in part:
            print(f"{name:28} {value}", flush=True)
    print(f"{'peak memory':28} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return int(error > ERROR)


if __name__ == "__main__":
    sys.exit(main())
