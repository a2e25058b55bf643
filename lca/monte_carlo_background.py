"""Monte Carlo of a whole background: kg CO2e of every product, run by run, by the adjoint.

With A the technosphere, B the greenhouse gases and q their warming potentials, all amounts of A and B drawn anew:

    A^T h = B^T q      h = (c + T h) / D,  c = B^T q,  D = diag(A),  T = D - A^T

The second form is iterated from the h of the published amounts, until what is left of the series is below the
tolerance: as a geometric series it is change x rate / (1 - rate), each product measured by its own size. The rate is
the largest of the last changes, and no less than that at which the series of the published amounts ends: a loop that
decays slowly may hide behind changes that decay fast. A run whose series does not end is solved by factorisation,
and counted; one whose processes are not productive (as in ``lca.monte_carlo``) is NaN, and counted. What rests on a
loop that supplies nothing even as published (``Background.faulty``) has no runs.

Technosphere and biosphere have streams of their own, children of ``SeedSequence(seed)``, and every run has its own
child of these. An exchange is drawn once for all columns that share it. Its published uncertainty stands as it is,
since formats publish it with the pedigree inside; without one, its pedigree scores say it, but for outputs; without
scores it is certain. Allocation keeps its shares, and parameters and formulas are not drawn: an exchange that has a
formula varies by its own uncertainty alone. Warming potentials are certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from factors.errors import FactorsError
from factors.gwp import GwpSet
from factors.units import dimension
from lca import pedigree
from lca.background import Background
from lca.dataset import BIOSPHERE, SUPPLY, Exchange, UnitProcess, role
from lca.distributions import CERTAIN, Law, Table, law
from lca.errors import AllDrawsFailed
from lca.greenhouse import gas_of
from lca.lci_score import Warned, refuse_faulty, weight
from lca.linking import Entry, System
from lca.monte_carlo import STEP, check_runs, generator
from lca.samples import Samples, failures, named, told

Vector = NDArray[np.float64]
Indices = NDArray[np.int64]
Filled = tuple[sparse.csr_matrix, Vector, Vector]  # T, D and c
Progress = Callable[[str, int, int], None]

TECHNOSPHERE, BIOSPHERE_STREAM = 0, 1

TOLERANCE = 1e-8
"""Relative error of a unit impact that the iteration may leave: a millionth of what the runs themselves leave."""

MOST_STEPS = 2_000
"""Steps of one iteration: of a large background they take as long as half a factorisation."""

RATES = 3
"""Changes whose ratios are looked at: goods that make each other change by turns."""

RATE_FROM, RATE_TO = 100, 200
"""Steps between which the rate of the published amounts is taken, when what decays fast has decayed."""

FAR = 1e12
"""A change by so many times the impact itself is no step of a series that ends."""

PUBLISHED, SCORED, NOT_SPREAD = "published", "pedigree", "certain"

FREIGHT = "freight_work"


@dataclass(frozen=True)
class BackgroundSamples:
    """kg CO2e per reference unit of products of a background, runs x products.

    Not a number where a run could not be solved, and in all runs where a faulty loop of the background stands behind.
    """

    background: Background
    products: tuple[int, ...]
    kgco2e: Vector  # of the published amounts
    scores: Vector
    seed: int
    spread: dict[str, int]  # how many exchanges are spread as published, by pedigree, or not at all
    factorised: int  # runs whose iteration did not end
    warnings: tuple[Warned, ...]

    def of(self, product: int) -> Samples:
        """Return the samples of one product, by its index in the background.

        Raises:
            ValueError: it was not asked for.
            SystemSingular: a loop that supplies nothing as published stands in its supply chain, as in ``score``.
        """
        refuse_faulty(self.background, product)
        column = self.products.index(product)
        name = self.background.products[product].process
        scores = np.ascontiguousarray(self.scores[:, column])
        return Samples(name, float(self.kgco2e[column]), scores, self.seed, warnings=self.warnings)


def run_background(
    background: Background,
    gwp_set: GwpSet,
    runs: int,
    seed: int,
    products: Sequence[int] | None = None,
    progress: Progress | None = None,
    version: str = pedigree.ECOINVENT_3,
) -> BackgroundSamples:
    """Return kg CO2e of ``products`` (all by default) in ``runs`` runs, everything uncertain drawn in each.

    ``version`` is that of the pedigree matrix by which exchanges without a published uncertainty are spread. What
    ``progress`` raises stops the computation. All runs of all products are kept: 8 bytes for each.

    Raises:
        RunsInvalid: no run, or a seed below zero.
        PedigreeInvalid: no such version.
        AllDrawsFailed: in every single run processes take as much of each other as they supply, or more.
    """
    check_runs(runs, seed)
    tell = progress or (lambda *_: None)
    tell(STEP, 0, runs)
    drawn = _Drawn(background, gwp_set, version)
    solver = _Solver(drawn)
    chosen = np.arange(len(background.products)) if products is None else np.array(products, dtype=np.int64)
    scores = np.empty((runs, len(chosen)))
    failed = factorised = 0
    for number in range(runs):
        solved, by_factorisation = solver.solve(*drawn.matrices(seed, number))
        factorised += by_factorisation
        failed += solved is None
        scores[number] = np.nan if solved is None else np.where(solver.unsolved, np.nan, solved)[chosen]
        tell(STEP, number + 1, runs)
    if failed == runs:
        raise AllDrawsFailed(runs)
    warnings = [*failures(failed, runs), *drawn.amounts.told()]
    if factorised:
        warnings.append(Warned("draws-factorised", {"count": str(factorised), "runs": str(runs)}))
    return BackgroundSamples(
        background,
        tuple(chosen.tolist()),
        solver.published[chosen],
        scores,
        seed,
        drawn.amounts.spread,
        factorised,
        tuple(warnings),
    )


# --- what is drawn -------------------------------------------------------------------------------


class _Amounts:
    """Every exchange with its distribution, once, in the order in which it is first asked for."""

    def __init__(self, system: System, version: str) -> None:
        self.system, self.version = system, version
        self.basic = {
            kind: pedigree.basic_uncertainty(kind, version)
            for kind in (pedigree.MATERIALS, pedigree.TRANSPORT, pedigree.CO2, pedigree.CH4_N2O)
        }
        self.exchanges = [{one.id: one for one in process.exchanges} for process in system.database.processes]
        self.numbers: dict[tuple[int, str], int] = {}
        self.laws: list[Law] = []
        self.named_laws: list[tuple[str, Law]] = []  # of those of which something is told
        self.spread = {PUBLISHED: 0, SCORED: 0, NOT_SPREAD: 0}
        self.without_basic: list[str] = []
        self.not_scores: list[str] = []

    def number(self, column: int, identifier: str) -> tuple[int, float]:
        """Return the number of an exchange's distribution and the amount that was published."""
        process = self.system.columns[column].process
        exchange = self.exchanges[process][identifier]
        key = (process, identifier)
        if key not in self.numbers:
            self.numbers[key] = len(self.laws)
            self.laws.append(self._law(self.system.database.processes[process], exchange))
        return self.numbers[key], exchange.amount

    def _law(self, process: UnitProcess, exchange: Exchange) -> Law:
        how = PUBLISHED
        flow = self.system.database.flows[exchange.flow]
        found = law(exchange.amount, exchange.uncertainty)
        name = f"{process.name}: {flow.name}"
        # Everything else is stated for the output: its scores are those of the process, not a doubt about one kilogram.
        if exchange.uncertainty is None and exchange.pedigree and role(exchange, flow) != SUPPLY:
            how = SCORED
            found = self._by_scores(exchange, name)
        self.spread[NOT_SPREAD if found.kind == CERTAIN else how] += 1
        if found.problem or found.below > 0:
            self.named_laws.append((name, found))
        return found

    def _by_scores(self, exchange: Exchange, name: str) -> Law:
        if not pedigree.is_scored(exchange.pedigree):
            self.not_scores.append(name)
            return law(exchange.amount, None)
        kind = self._kind(exchange)
        if not kind:
            self.without_basic.append(name)
        basic = self.basic.get(kind, pedigree.NO_BASIC[self.version])
        return law(exchange.amount, pedigree.lognormal(exchange.amount, exchange.pedigree, basic, self.version))

    def _kind(self, exchange: Exchange) -> str:
        """Return what the basic uncertainty goes by; '' for a gas that the tables do not know.

        Infrastructure is not told from other goods, since nothing in the data says what it is.
        """
        flow = self.system.database.flows[exchange.flow]
        if role(exchange, flow) != BIOSPHERE:
            return pedigree.TRANSPORT if _is_freight(flow.unit) else pedigree.MATERIALS
        gas = gas_of(flow, is_input=exchange.is_input)
        name = gas.gas.partition("_")[0] if gas else ""
        return {"CO2": pedigree.CO2, "CH4": pedigree.CH4_N2O, "N2O": pedigree.CH4_N2O}.get(name, "")

    def told(self) -> Iterator[Warned]:
        """Yield what a reader has to know of the distributions."""
        yield from told(self.named_laws)
        for code, names in (
            ("pedigree-without-basic", self.without_basic),
            ("pedigree-not-scores", self.not_scores),
        ):
            if names:
                yield Warned(code, {"count": str(len(names)), "amounts": named(names), "version": self.version})


def _is_freight(unit: str) -> bool:
    """Tell whether a unit counts mass times distance, in the table of units or as two of them ('kg*km')."""
    mass = unit.removesuffix("km").rstrip(" *.·-")
    return _measures(unit, FREIGHT) or (unit.endswith("km") and _measures(mass, "mass"))


def _measures(unit: str, wanted: str) -> bool:
    try:
        return dimension(unit) == wanted
    except FactorsError:
        return False


@dataclass(frozen=True, slots=True)
class _Part:
    """Entries of a matrix: each is a drawn amount, the row ``source`` of the table, times ``factor``."""

    table: Table
    source: Indices
    factor: Vector
    column: Indices
    published: Vector

    def values(self, stream: np.random.Generator) -> Vector:
        drawn = self.table.draw(stream.standard_normal(len(self.table) - self.table.certain))
        found: Vector = drawn[self.source] * self.factor
        return found


class _Drawn:
    """The matrices of a background, to be filled with drawn amounts."""

    def __init__(self, background: Background, gwp_set: GwpSet, version: str) -> None:
        system = background.system
        self.size = len(system.columns)
        self.amounts = _Amounts(system, version)
        supplied = [(index, one.exchange, one.amount) for index, one in enumerate(system.columns)]
        # The inputs of a loop that supplies nothing as published are left out; what rests on it has no score.
        self.is_faulty = np.zeros(self.size, dtype=bool)
        self.is_faulty[background.faulty] = True
        kept = [one for one in system.technosphere if not self.is_faulty[one.column]]
        inputs = sorted(kept, key=lambda one: (one.column, one.row))
        taken = [(one.column, one.exchange, one.amount) for one in inputs if one.row != one.column]
        own = [(one.column, one.exchange, -one.amount) for one in inputs if one.row == one.column]
        emitted = [(one.column, one.exchange, one.amount * q) for one, q in _weighted(system, gwp_set)]
        self.technosphere = self._part([*supplied, *own, *taken])
        self.diagonal = len(supplied) + len(own)  # entries that stand on it
        self.biosphere = self._part(emitted)
        rows = np.array([one.row for one in inputs if one.row != one.column], dtype=np.int64)
        columns = self.technosphere.column[self.diagonal :]
        # One entry for each place: scipy would add up what stands twice by rewriting the indices that all runs share.
        self.firsts = np.flatnonzero(np.diff(columns * self.size + rows, prepend=-1))
        counts = np.bincount(columns[self.firsts], minlength=self.size)
        self.rows = rows[self.firsts].astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def _part(self, entries: Sequence[tuple[int, str, float]]) -> _Part:
        """Return entries (column, exchange, amount in the matrix) with the distributions they are drawn from."""
        first = len(self.amounts.laws)
        numbered = [(*self.amounts.number(column, exchange), amount) for column, exchange, amount in entries]
        table = Table(self.amounts.laws[first:])
        return _Part(
            table,
            source=table.place[np.array([number - first for number, _, _ in numbered], dtype=np.int64)],
            factor=np.array([amount / published for _, published, amount in numbered]),
            column=np.array([column for column, _, _ in entries], dtype=np.int64),
            published=np.array([amount for _, _, amount in entries]),
        )

    def matrices(self, seed: int, run: int) -> Filled:
        """Return T, D and c of one run."""
        return self._filled(
            self.technosphere.values(generator(seed, TECHNOSPHERE, run)),
            self.biosphere.values(generator(seed, BIOSPHERE_STREAM, run)),
        )

    def published(self) -> Filled:
        """Return T, D and c of the published amounts."""
        return self._filled(self.technosphere.published, self.biosphere.published)

    def _filled(self, technosphere: Vector, emitted: Vector) -> Filled:
        on, column = self.diagonal, self.technosphere.column
        inputs = technosphere[on:]
        if len(self.firsts) < len(inputs):
            inputs = np.add.reduceat(inputs, self.firsts)
        taken = sparse.csr_matrix((inputs, self.rows, self.starts), shape=(self.size, self.size))
        return taken, self._summed(column[:on], technosphere[:on]), self._summed(self.biosphere.column, emitted)

    def _summed(self, column: Indices, values: Vector) -> Vector:
        found: Vector = np.bincount(column, values, self.size).astype(np.float64, copy=False)
        return found


def _weighted(system: System, gwp_set: GwpSet) -> Iterator[tuple[Entry, float]]:
    """Yield every greenhouse exchange that counts in a score, with kg CO2e per unit; removals count negative."""
    known: dict[tuple[str, bool], float] = {}
    for entry in system.biosphere:
        key = (entry.flow, entry.is_input)
        if key not in known:
            gas = gas_of(system.database.flows[entry.flow], is_input=entry.is_input)
            known[key] = gas.sign * weight(gas.key, gwp_set) if gas else 0.0
        if known[key]:
            yield entry, known[key]


# --- solving -------------------------------------------------------------------------------------


class _Solver:
    """Unit impacts of one filling of the matrices after another, each from those of the published amounts."""

    def __init__(self, drawn: _Drawn) -> None:
        taken, diagonal, direct = drawn.published()
        reached = _reached(taken, direct)
        factors = _factorised(taken, diagonal)
        plain = factors.solve(direct)
        # Credits and removals make an impact smaller than the sum of its parts: what it is measured by holds them all.
        inputs = factors if _is_positive(taken) else _factorised(taken.maximum(0), diagonal)
        sizes = np.maximum(inputs.solve(np.abs(direct)), np.abs(plain))
        self.sizes = np.where(reached & (sizes > 0), sizes, 1.0)
        self.impacts = np.where(reached, plain, 0.0)
        self.rate = _rate(abs(taken), diagonal, np.where(reached, self.sizes, 0.0))
        self.unsolved = _reached(taken, drawn.is_faulty.astype(np.float64))

    @property
    def published(self) -> Vector:
        """Return the unit impacts of the published amounts; not a number where a faulty loop stands behind."""
        return np.where(self.unsolved, np.nan, self.impacts)

    def solve(self, taken: sparse.csr_matrix, diagonal: Vector, direct: Vector) -> tuple[Vector | None, bool]:
        """Return the unit impacts, None where processes are not productive; and whether by factorisation."""
        if not (diagonal > 0).all():
            return None, False
        impacts = self.impacts
        changes: list[float] = []
        for _ in range(MOST_STEPS):
            further = (direct + taken @ impacts) / diagonal
            changes.append(float(np.max(np.abs(further - impacts) / self.sizes)))
            impacts = further
            if self._has_ended(changes):
                return impacts, False
            if _diverges(changes):
                break
        return _by_factorisation(taken, diagonal, direct), True

    def _has_ended(self, changes: list[float]) -> bool:
        if changes[-1] == 0:
            return True
        if len(changes) <= RATES:
            return False
        rate = max(self.rate, *(after / before for before, after in pairwise(changes[-RATES - 1 :])))
        return rate < 1 and changes[-1] * rate <= TOLERANCE * (1 - rate)


def _diverges(changes: list[float]) -> bool:
    is_no_smaller = len(changes) > RATE_TO and changes[-1] >= changes[-RATE_TO - 1]
    return is_no_smaller or not changes[-1] < FAR


def _rate(taken: sparse.csr_matrix, diagonal: Vector, sizes: Vector) -> float:
    """Return the ratio of what is left of the series after one step and the next, once it has become steady.

    With M = |T| / D the impacts are the sum of M^k c / D; after k steps M^k times the sum is left of it.
    """
    left, logarithm = sizes, 0.0
    for step in range(RATE_TO):
        left = (taken @ left) / diagonal
        largest = float(np.max(np.divide(left, sizes, where=sizes > 0, out=np.zeros_like(sizes)), initial=0.0))
        if largest == 0:
            return 0.0
        left = left / largest
        logarithm += math.log(largest) if step >= RATE_FROM else 0.0
    return math.exp(logarithm / (RATE_TO - RATE_FROM))


def _by_factorisation(taken: sparse.csr_matrix, diagonal: Vector, direct: Vector) -> Vector | None:
    """Return the unit impacts, None where the inputs, credits left out, are not productive: D - T is no M-matrix."""
    try:
        factors = _factorised(taken, diagonal)
        inputs = factors if _is_positive(taken) else _factorised(taken.maximum(0), diagonal)
    except RuntimeError:
        return None
    found: Vector = factors.solve(direct)
    is_productive = (inputs.solve(np.ones(len(diagonal))) > 0).all()
    return found if is_productive and np.isfinite(found).all() else None


def _factorised(taken: sparse.csr_matrix, diagonal: Vector) -> SuperLU:
    return splu((sparse.diags(diagonal) - taken).tocsc())


def _is_positive(taken: sparse.csr_matrix) -> bool:
    return bool((taken.data >= 0).all())


def _reached(taken: sparse.csr_matrix, direct: Vector) -> NDArray[np.bool_]:
    """Return which products have an emission anywhere up their supply chain; the impact of others is exactly zero."""
    links = sparse.csr_matrix((np.ones(taken.nnz), taken.indices, taken.indptr), shape=taken.shape)
    reached: NDArray[np.bool_] = direct != 0
    while True:
        further: NDArray[np.bool_] = reached | (links @ reached > 0)
        if (further == reached).all():
            return reached
        reached = further
