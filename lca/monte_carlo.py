"""Monte Carlo of a foreground: own processes that take of each other and of supplies with known unit impacts.

With A_f the technosphere of the processes (outputs on the diagonal, inputs negative), f one unit of the product,
a the amounts of the lines and h the kg CO2e per unit of their supplies, all of one run:

    x = A_f^-1 f        score = sum over lines of x[process] a h[supply]

The background has been solved before; where none of its processes takes a product of the foreground, this is what
the whole system would give, run by run. A supply has one h in each run, however many lines take it, and amounts of
one ``group`` share one deviate. Processes that the product does not need are left out.

Every uncertain input has a stream of its own, a child of ``SeedSequence(seed)`` named by what the input is and its
id: technosphere, lines and supplies are independent; a run is the same however many are computed at once; and a
line more or less leaves the draws of all others as they were.

A run counts only if its processes are productive: with N the inputs, credits left out, diag(A) - N is an M-matrix,
that is, it has a solution y > 0 for the right-hand side 1. Else a loop takes as much as it gives; the run is NaN, and
counted.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components

from lca.dataset import Uncertainty
from lca.distributions import CERTAIN, Law, Table, law
from lca.errors import AllDrawsFailed, ForegroundInvalid, RunsInvalid, SystemSingular, UncertaintyInvalid
from lca.samples import Comparison, Samples, drivers, failures, told

Vector = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

STEP = "monte-carlo"

GROUP, INPUT, LINE, SUPPLY = "group", "input", "line", "supply"
KINDS = (GROUP, INPUT, LINE, SUPPLY)

KEPT = 2_000
"""Runs whose deviates are kept for the rank correlation: its standard error is then 0.02."""

AT_ONCE_BYTES = 64_000_000
"""What the matrices of the runs that are solved together may take."""


@dataclass(frozen=True, slots=True)
class Input:
    """So much of the output of process ``row`` that process ``column`` takes; negative where it avoids it."""

    id: str
    row: int
    column: int
    amount: float
    uncertainty: Uncertainty | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """Something with a known unit impact: a product of a background, a factor, a gas with its warming potential."""

    id: str
    kgco2e: float
    uncertainty: Uncertainty | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a supply that a process takes for its output; of a direct emission, so many kg of the gas."""

    id: str
    process: int
    supply: int
    amount: float
    uncertainty: Uncertainty | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class ForegroundSystem:
    """Processes, each with the amount of its product that it makes for its inputs and lines; loops are allowed."""

    processes: tuple[str, ...]
    outputs: tuple[float, ...]
    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]
    supplies: tuple[Supply, ...]


Demand = tuple[ForegroundSystem, int]
"""A system and the process whose product is asked for."""


def generator(seed: int, *key: int) -> np.random.Generator:
    """Return the stream of a key: the child that ``SeedSequence(seed).spawn`` gives, and its children.

    The bit generator is named, so that another default of numpy does not change results.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def run(
    system: ForegroundSystem,
    demand_process: int,
    runs: int,
    seed: int,
    progress: Progress | None = None,
    keep: int = KEPT,
    at_once: int = 0,
) -> Samples:
    """Return the score of one unit of a process's product in ``runs`` runs.

    The deviates of the inputs are kept for the first ``keep`` runs: the rank correlations come from them. The same
    seed gives the same bytes, whatever ``at_once``, the number of runs solved together (0: as many as fit). What
    ``progress`` raises stops the computation.

    Raises:
        RunsInvalid: no run, or a seed below zero.
        ForegroundInvalid, UncertaintyInvalid: everything wrong in the system, or in its distributions.
        SystemSingular: with the amounts as stated, processes take as much of each other as they supply, or more.
        AllDrawsFailed: they do so in every single run.
    """
    check_runs(runs, seed)
    return _run(_Plan(system, demand_process), _Order(runs, seed, keep, at_once), progress or (lambda *_: None))


def compare(first: Demand, second: Demand, runs: int, seed: int, progress: Progress | None = None) -> Comparison:
    """Return two products drawn together: supplies of one id and groups of one name have one deviate in each run.

    Inputs and lines of two systems are independent of each other; two products of one system share them all.

    Raises:
        LcaError: as ``run``.
    """
    check_runs(runs, seed)
    plans = [_Plan(*first), _Plan(*second, side=0 if first[0] == second[0] else 1)]
    tell = progress or (lambda *_: None)
    order = _Order(runs, seed, KEPT, 0)
    found = Comparison(*(_run(plan, order, _part(tell, number, 2)) for number, plan in enumerate(plans)))
    if not len(found.differences):
        raise AllDrawsFailed(runs)
    return found


def _part(tell: Progress, number: int, of: int) -> Progress:
    """Return the progress of one of several equal parts as that of the whole."""
    return lambda step, done, total: tell(step, number * total + done, of * total)


def check_runs(runs: int, seed: int) -> None:
    """Raise RunsInvalid for other runs than 1 or more, and for other seeds than 0 or more."""
    for name, value, least in (("runs", runs, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or value < least:
            raise RunsInvalid(name, value, least)


@dataclass(frozen=True, slots=True)
class _Order:
    runs: int
    seed: int
    keep: int
    at_once: int


def _run(plan: _Plan, order: _Order, tell: Progress) -> Samples:
    nominal = plan.solve(plan.amounts[:, None])[0]
    if not math.isfinite(nominal):
        raise SystemSingular(plan.at_fault())
    streams = plan.streams(order.seed)
    scores = np.empty(order.runs)
    kept = np.empty((len(streams), min(order.keep, order.runs)))
    step = order.at_once or plan.at_once
    tell(STEP, 0, order.runs)
    for start in range(0, order.runs, step):
        stop = min(start + step, order.runs)
        deviates = np.empty((len(streams), stop - start))
        for row, stream in zip(deviates, streams, strict=True):
            stream.standard_normal(out=row)
        part = kept[:, start:stop]
        part[:] = deviates[:, : part.shape[1]]
        scores[start:stop] = plan.solve(plan.drawn(deviates))
        tell(STEP, stop, order.runs)
    samples = Samples(plan.product, float(nominal), scores, order.seed, inputs=plan.inputs, deviates=kept)
    if samples.failed == order.runs:
        raise AllDrawsFailed(order.runs)
    return replace(
        samples,
        drivers=drivers(plan.inputs, kept, scores[: kept.shape[1]]),
        warnings=(*failures(samples.failed, order.runs), *told(plan.named_laws)),
    )


class _Plan:
    """A system ready to be drawn: the processes that a product needs, their amounts, and the deviates of these.

    Amounts stand in one order throughout: inputs, lines, supplies.
    """

    def __init__(self, system: ForegroundSystem, demand: int, side: int = 0) -> None:
        _check(system, demand)
        reached = _reached(system, demand)
        where = {process: number for number, process in enumerate(reached)}
        self.names = [system.processes[process] for process in reached]
        self.product = system.processes[demand]
        self.outputs = np.array([system.outputs[process] for process in reached])
        self.demand = where[demand]
        inputs = [one for one in system.inputs if one.column in where]
        lines = [one for one in system.lines if one.process in where]
        used = sorted({one.supply for one in lines})
        self.rows = [where[one.row] for one in inputs]
        self.columns = [where[one.column] for one in inputs]
        self.takers = [where[one.process] for one in lines]
        first = len(inputs) + len(lines)
        supply_row = {supply: first + number for number, supply in enumerate(used)}
        self.taken = [supply_row[one.supply] for one in lines]
        self._read(inputs, lines, [system.supplies[supply] for supply in used])
        self.side = side

    def _read(self, inputs: Sequence[Input], lines: Sequence[Line], supplies: Sequence[Supply]) -> None:
        """Give every amount its distribution and every uncertain one its deviate.

        Raises:
            UncertaintyInvalid: distributions that cannot be drawn from, all of them.
        """
        stated = [
            *((one.amount, one.uncertainty, _key(INPUT, one)) for one in inputs),
            *((one.amount, one.uncertainty, _key(LINE, one)) for one in lines),
            *((one.kgco2e, one.uncertainty, (SUPPLY, one.id)) for one in supplies),
        ]
        names = [
            *(f"{INPUT} {one.id}" for one in inputs),
            *(f"{LINE} {one.id}" for one in lines),
            *(f"{SUPPLY} {one.id}" for one in supplies),
        ]
        laws = [law(amount, uncertainty) for amount, uncertainty, _ in stated]
        self.named_laws = list(zip(names, laws, strict=True))
        problems = [f"{name}: {one.problem}" for name, one in self.named_laws if one.problem]
        if problems:
            raise UncertaintyInvalid(problems)
        self.amounts = np.array([amount for amount, _, _ in stated])
        self.table = Table(laws)
        found = _deviates(laws, [key for _, _, key in stated])
        self.inputs = tuple(found)
        self.drawn_from = np.array(
            [found[stated[index][2]] for index in self.table.order[self.table.certain :].tolist()], dtype=np.int64
        )

    def streams(self, seed: int) -> list[np.random.Generator]:
        """Return the stream of every uncertain input; groups and supplies have the same in every system."""
        return [
            generator(seed, KINDS.index(kind), 0 if kind in (GROUP, SUPPLY) else self.side, *_words(name))
            for kind, name in self.inputs
        ]

    @property
    def at_once(self) -> int:
        """Return how many runs are solved together."""
        return max(1, AT_ONCE_BYTES // (8 * len(self.names) ** 2))

    def drawn(self, deviates: Vector) -> Vector:
        """Return the amounts, one row each, of the deviates of the inputs in some runs."""
        found: Vector = self.table.draw(deviates[self.drawn_from])[self.table.place]
        return found

    def solve(self, amounts: Vector) -> Vector:
        """Return the score of every run; NaN where the processes are not productive.

        Sums are taken term by term, so that a run does not depend on how many are solved beside it.
        """
        count = amounts.shape[1]
        matrices = self._matrices(amounts[: len(self.rows)])
        size = len(self.names)
        wanted = np.zeros((count, size, 2))
        wanted[:, self.demand, 0] = 1.0
        wanted[:, :, 1] = 1.0
        solved = _solved(matrices, wanted)
        checked = solved[:, :, 1]
        if (amounts[: len(self.rows)] < 0).any():
            checked = _solved(_without_credits(matrices), wanted[:, :, 1:])[:, :, 0]
        direct = np.zeros((size, count))
        for number, (process, supply) in enumerate(zip(self.takers, self.taken, strict=True)):
            direct[process] += amounts[len(self.rows) + number] * amounts[supply]
        score = np.zeros(count)
        for process in range(size):
            score += solved[:, process, 0] * direct[process]
        score[~(checked > 0).all(axis=1) | ~np.isfinite(score)] = np.nan
        return score

    def _matrices(self, taken: Vector) -> Vector:
        matrices = np.zeros((taken.shape[1], len(self.names), len(self.names)))
        diagonal = np.arange(len(self.names))
        matrices[:, diagonal, diagonal] = self.outputs
        for row, column, amount in zip(self.rows, self.columns, taken, strict=True):
            matrices[:, row, column] -= amount
        return matrices

    def at_fault(self) -> list[str]:
        """Return the processes of the loops that take as much as they give, or more."""
        matrix = _without_credits(self._matrices(self.amounts[: len(self.rows), None]))[0]
        _, labels = connected_components(csr_matrix(matrix), directed=True, connection="strong")
        found: list[str] = []
        for label in range(labels.max() + 1):
            block = np.flatnonzero(labels == label)
            solved = _solved(matrix[None, block][:, :, block], np.ones((1, len(block), 1)))
            if not (solved > 0).all():
                found += [self.names[process] for process in block]
        return found or self.names


def _key(kind: str, one: Input | Line) -> tuple[str, str]:
    return (GROUP, one.group) if one.group else (kind, one.id)


def _deviates(laws: Sequence[Law], keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return a number for every deviate, in the order in which the amounts name them."""
    found: dict[tuple[str, str], int] = {}
    for one, key in zip(laws, keys, strict=True):
        if one.kind != CERTAIN:
            found.setdefault(key, len(found))
    return found


def _words(name: str) -> tuple[int, ...]:
    """Return the digest of a name as four words of 32 bits."""
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return tuple(int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4))


def _solved(matrices: Vector, wanted: Vector) -> Vector:
    """Return the solutions, NaN for a matrix that is singular."""
    try:
        found = np.linalg.solve(matrices, wanted).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.full(wanted.shape, np.nan)
        return np.concatenate([_solved(matrices[i : i + 1], wanted[i : i + 1]) for i in range(len(matrices))])
    return found


def _without_credits(matrices: Vector) -> Vector:
    """Return the matrices without what is avoided: neither does it make good what a loop takes, nor is it a fault."""
    found: Vector = np.minimum(matrices, 0.0)
    diagonal = np.arange(matrices.shape[1])
    found[:, diagonal, diagonal] = matrices[:, diagonal, diagonal]
    return found


def _reached(system: ForegroundSystem, demand: int) -> list[int]:
    """Return the processes that a product needs, in the order of the system."""
    size = len(system.processes)
    taken = [one for one in system.inputs if one.amount != 0]
    links = ([1] * len(taken), ([one.column for one in taken], [one.row for one in taken]))
    order = breadth_first_order(csr_matrix(links, shape=(size, size)), demand, return_predecessors=False)
    return sorted(order.tolist())


def _check(system: ForegroundSystem, demand: int) -> None:
    problems = list(_problems(system, demand))
    if problems:
        raise ForegroundInvalid(problems)


def _problems(system: ForegroundSystem, demand: int) -> Iterator[str]:
    size = len(system.processes)
    if not 0 <= demand < size:
        yield f"demand: process = {demand}, of {size}"
    if len(system.outputs) != size:
        yield f"outputs = {len(system.outputs)}, processes = {size}"
    for name, output in zip(system.processes, system.outputs, strict=False):
        if not (math.isfinite(output) and output > 0):
            yield f"process {name}: output = {output:g}"
    for one in system.inputs:
        if not (0 <= one.row < size and 0 <= one.column < size):
            yield f"input {one.id}: row, column = {one.row}, {one.column}, of {size}"
    for line in system.lines:
        if not (0 <= line.process < size and 0 <= line.supply < len(system.supplies)):
            yield f"line {line.id}: process, supply = {line.process}, {line.supply}"
    yield from _amount_problems(system)


def _amount_problems(system: ForegroundSystem) -> Iterator[str]:
    for kind, stated in (
        (INPUT, [(one.id, one.amount) for one in system.inputs]),
        (LINE, [(one.id, one.amount) for one in system.lines]),
        (SUPPLY, [(one.id, one.kgco2e) for one in system.supplies]),
    ):
        yield from (f"{kind} {name}: {amount:g}" for name, amount in stated if not math.isfinite(amount))
        twice = Counter(name for name, _ in stated)
        yield from (f"{kind} {name}: × {count}" for name, count in twice.items() if count > 1)
