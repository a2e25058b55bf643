"""A compiled background: one linked database as matrices, factorised once, with the unit impacts of every product.

With A the technosphere (products x processes), B the biosphere (gases x processes) and one row of B at a time:

    A^T h_g = B_g^T      h_g = kg of gas g per reference unit of every product

One factorisation of A^T serves all gases; a footprint under any GWP set is a sum of looked-up numbers. Whoever has unit
impacts that were stored factorises nothing: what processes make for one product is iterated. The matrices are built by
bw2calc from in-memory datapackages: no project, no files, no state between calls. Float64 throughout.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import SuperLU, splu

from lca import lci_store
from lca.dataset import Finding, LciDatabase
from lca.dataset_checks import checks
from lca.errors import UnknownProcess, UnknownProduct
from lca.greenhouse import gas_of, is_suspect
from lca.linking import System, link
from lca.square_system import dependants, faulty, iterated

Vector = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

COMPILER = "1"
"""Raised when linking, allocation or the table of gases make another system of the same database."""

MOST_NAMED = 12
BITS = 64
AGREEMENT = 1e-10  # between runs and unit impacts, of the gases that pass


@dataclass(frozen=True, slots=True)
class Product:
    """A row and column of a background: what is supplied, by which process, counted in ``unit``."""

    process_id: str
    process: str
    process_zh: str
    location: str
    flow: str
    name: str
    unit: str
    is_placeholder: bool


@dataclass(frozen=True)
class Background:
    """A database compiled: ``technosphere`` and ``direct`` have one column per product."""

    name: str
    version: str  # digest of the database and the compiler
    technosphere: sparse.csc_matrix
    direct: sparse.csr_matrix  # gases x products: kg emitted by the process itself, per unit of the column
    gases: tuple[str, ...]  # keys of lca.greenhouse.GasFlow, the rows of ``direct``
    system: System = field(repr=False)
    suspects: tuple[Finding, ...] = ()  # flows that look like greenhouse gases and are not known as such
    stored: Vector | None = field(default=None, repr=False)  # unit impacts that were computed before

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """Return what every row and column is."""
        return tuple(_products(self.system))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader has to know of the database: as imported, checked, linked, and of its flows."""
        database = self.system.database
        return (*database.findings, *checks(database), *self.system.findings, *self.suspects)

    @cached_property
    def faulty(self) -> NDArray[np.int64]:
        """Return the columns of loops that take as much of themselves as they give, or more; mostly none.

        Inputs alone, credits left out, are productive if and only if making one unit of everything takes positive
        amounts of everything (A is then an M-matrix). A certificate mostly proves it without a factorisation; only
        where there is none, and then a solve fails, the loops are looked at.
        """
        return faulty(self.technosphere)

    @cached_property
    def solvable(self) -> sparse.csc_matrix:
        """Return the technosphere with the faulty columns taking nothing, so that the others can be solved."""
        if not len(self.faulty):
            return self.technosphere
        matrix = self.technosphere.tolil()
        matrix[:, self.faulty] = 0.0
        matrix[self.faulty, self.faulty] = [self.system.columns[column].amount for column in self.faulty]
        return matrix.tocsc()

    @cached_property
    def factors(self) -> SuperLU:
        """Return the factorisation of A^T: its fill-in is a fraction of that of A, where all take electricity."""
        return splu(self.solvable.T.tocsc())

    @cached_property
    def unit_impacts(self) -> NDArray[np.float64]:
        """Return kg of every gas per reference unit of every product, gases x products.

        A product whose supply chain passes a faulty loop has none: not a number.
        """
        return solve(self) if self.stored is None else self.stored

    @cached_property
    def gaps(self) -> dict[int, tuple[tuple[str, Mapping[str, str]], ...]]:
        """What ``lca.lci_score.shares_behind_gaps`` found for products; many inputs take of the same one."""
        return {}

    @cached_property
    def made(self) -> Vector:
        """Return the reference units of its product that one run of every process makes."""
        return np.array([column.amount for column in self.system.columns])

    @cached_property
    def placeholders(self) -> NDArray[np.int64]:
        """Return the columns of processes that only stand in for one to come."""
        return np.flatnonzero([one.is_placeholder for one in self.products])

    @cached_property
    def gross(self) -> Vector:
        """Return the kg of any gas that one run of every process emits or takes up itself."""
        return np.asarray(np.abs(self.direct).sum(axis=0)).ravel()

    @cached_property
    def gross_impacts(self) -> Vector:
        """Return the kg of any gas behind one run of every process; 0 where it has no unit impacts."""
        found: Vector = self.made * np.nan_to_num(np.abs(self.unit_impacts).sum(axis=0))
        return found

    def supply(self, product: int) -> Vector:
        """Return x = A^-1 f, how often every process runs for one reference unit of a product.

        By x <- x + D^-1 (f - A x), D the diagonal, until no gas stands behind what a step adds; what all runs emit is
        then what the unit impacts say, gas by gas. Where it is not, a factorisation gives the answer.
        """
        demand = np.zeros(len(self.products))
        demand[product] = 1.0
        found = iterated(self.solvable, demand, self.gross_impacts)
        if found is None or not _agrees(self, found, product):
            found = self.factors.solve(demand, "T")
        return found

    def reached(self, product: int) -> NDArray[np.bool_]:
        """Return what a product takes, near or far, itself included."""
        found = np.zeros(len(self.products), bool)
        found[breadth_first_order(self.takers, product, return_predecessors=False)] = True
        return found

    @cached_property
    def takers(self) -> sparse.csr_matrix:
        """Return who takes (rows) of whom (columns)."""
        return (self.technosphere != 0).T.tocsr().astype(np.float64)

    def blame(self, product: int) -> list[str]:
        """Return the processes for which a product has no unit impacts, none where it has."""
        if not len(self.faulty):
            return []
        reached = self.reached(product)
        return sorted({self.products[column].process for column in self.faulty if reached[column]})

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """Return the index of a product by process id and flow."""
        return {(one.process_id, one.flow): index for index, one in enumerate(self.products)}

    @cached_property
    def named(self) -> Mapping[str, list[int]]:
        """Return the indices of the products of a process by its id and by its names."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(self.products):
            for name in {one.process_id, one.process, one.process_zh}:
                found[name].append(index)
        return dict(found)

    def find(self, process: str, flow: str = "") -> int:
        """Return the index of the product of a process, both by id or by name; the process's main one by default.

        Raises:
            UnknownProcess: none is called so, or several are.
            UnknownProduct: it supplies no such flow.
        """
        found = self.named.get(process, [])
        ids = sorted({self.products[index].process_id for index in found})
        if len(ids) != 1:
            raise UnknownProcess(process, self.name, ids)
        if flow:
            named = [index for index in found if flow in (self.products[index].flow, self.products[index].name)]
        else:
            named = [index for index in found if self.products[index].flow == self._reference(ids[0])] or found[:1]
        if len(named) != 1:
            raise UnknownProduct(flow, process, sorted(self.products[index].name for index in found))
        return named[0]

    def _reference(self, identifier: str) -> str:
        process = self.system.database.process(identifier)
        return next(one.flow for one in process.exchanges if one.id == process.reference)


def compile_database(
    database: LciDatabase, progress: Progress | None = None, *, content: bytes | None = None
) -> Background:
    """Return ``database`` linked and as matrices; unit impacts are computed when they are asked for.

    ``content`` is what ``lci_store.content`` gives, where the caller has it.
    """
    tell = progress or (lambda *_: None)
    tell("link", 0, 2)
    system = link(database)
    tell("matrices", 1, 2)
    compiled = compile_system(system, version_of(database, content))
    tell("matrices", 2, 2)
    return compiled


def unpacked(packed: bytes, progress: Progress | None = None) -> Background:
    """Return a database as ``lci_store.pack`` writes it, compiled.

    Raises:
        LciFileBroken: these are other bytes.
    """
    return compile_database(lci_store.unpack(packed), progress, content=lci_store.content_of(packed))


def compile_system(system: System, version: str) -> Background:
    """Return a linked database as matrices."""
    rows, columns, masses, gases, suspects = _emissions(system)
    technosphere, direct = _matrices(system, rows, columns, masses, len(gases))
    return Background(
        name=system.database.name,
        version=version,
        technosphere=technosphere,
        direct=direct,
        gases=gases,
        system=system,
        suspects=suspects,
    )


def version_of(database: LciDatabase, content: bytes | None = None) -> str:
    """Return the digest of all that decides the numbers of a background."""
    return hashlib.sha256(COMPILER.encode() + (content or lci_store.content(database))).hexdigest()


def _products(system: System) -> Iterable[Product]:
    for index, column in enumerate(system.columns):
        process, flow = system.process_of(index), system.database.flows[column.flow]
        yield Product(
            process.id,
            process.name,
            process.name_zh,
            process.location,
            flow.id,
            flow.name,
            flow.unit,
            process.is_placeholder,
        )


def _emissions(
    system: System,
) -> tuple[list[int], list[int], list[float], tuple[str, ...], tuple[Finding, ...]]:
    """Return gas, column and kg of every greenhouse exchange, the gases, and what only looks like one."""
    flows = system.database.flows
    known: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    masses: list[float] = []
    suspects: dict[str, set[str]] = defaultdict(set)
    asked: dict[tuple[str, bool], tuple[int, float] | None] = {}  # row and sign of a flow, None of what is no gas
    for entry in system.biosphere:
        flow, key = flows[entry.flow], (entry.flow, entry.is_input)
        if key not in asked:
            gas = gas_of(flow, is_input=entry.is_input)
            asked[key] = (known.setdefault(gas.key, len(known)), gas.sign) if gas else None
        found = asked[key]
        if found is None:
            if is_suspect(flow, is_input=entry.is_input):
                suspects[flow.name].add(system.process_of(entry.column).name)
            continue
        row, sign = found
        rows.append(row)
        columns.append(entry.column)
        masses.append(sign * entry.amount)
    findings = tuple(
        Finding("unknown-greenhouse-flow", name, {"processes": _named(sorted(processes))})
        for name, processes in sorted(suspects.items())
    )
    return rows, columns, masses, tuple(known), findings


def _named(names: Sequence[str]) -> str:
    return "; ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _matrices(
    system: System, rows: Sequence[int], columns: Sequence[int], masses: Sequence[float], gases: int
) -> tuple[sparse.csc_matrix, sparse.csr_matrix]:
    """Build A and B by bw2calc from in-memory datapackages; every index is an integer of its own space."""
    import bw_processing as bwp

    count = len(system.columns)
    if not count:
        return sparse.csc_matrix((0, 0)), sparse.csr_matrix((gases, 0))
    first_product, first_gas = 1, count + 1
    supplied = np.arange(count)
    inputs = system.technosphere
    package = bwp.create_datapackage(name="technosphere")
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        name="technosphere",
        indices_array=_indices(
            first_product + np.concatenate([supplied, np.array([one.row for one in inputs], dtype=np.int64)]),
            first_product + np.concatenate([supplied, np.array([one.column for one in inputs], dtype=np.int64)]),
        ),
        data_array=np.array([one.amount for one in system.columns] + [one.amount for one in inputs], dtype=np.float64),
        flip_array=np.arange(count + len(inputs)) >= count,
        reference_array=np.arange(count + len(inputs)) < count,
    )
    emitted = bwp.create_datapackage(name="biosphere")
    # One zero per gas and per column keeps the shapes; duplicates within a group are summed.
    pad_rows = np.concatenate([np.arange(max(gases, 1)), np.zeros(count, dtype=np.int64)])
    pad_columns = np.concatenate([np.zeros(max(gases, 1), dtype=np.int64), supplied])
    emitted.add_persistent_vector(
        matrix="biosphere_matrix",
        name="biosphere",
        indices_array=_indices(
            first_gas + np.concatenate([np.array(rows, dtype=np.int64), pad_rows]),
            first_product + np.concatenate([np.array(columns, dtype=np.int64), pad_columns]),
        ),
        data_array=np.concatenate([np.array(masses, dtype=np.float64), np.zeros(len(pad_rows))]),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends solvers, and solving is done here
        import bw2calc

        lca = bw2calc.LCA({first_product: 1.0}, data_objs=[package, emitted])
        lca.load_lci_data()
    return lca.technosphere_matrix.tocsc(), lca.biosphere_matrix.tocsr()[:gases]


def _indices(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[Any]:
    import bw_processing as bwp

    found = np.empty(len(rows), dtype=bwp.INDICES_DTYPE)
    found["row"], found["col"] = rows, columns
    return found


# --- solving -------------------------------------------------------------------------------------


def solve(background: Background) -> NDArray[np.float64]:
    """Return h, gases x products, from one factorisation of A^T; not a number where a faulty loop stands behind."""
    if 0 in background.direct.shape:
        return np.zeros(background.direct.shape)
    found = background.factors.solve(background.direct.toarray().T)
    result: NDArray[np.float64] = np.ascontiguousarray(found.T)
    result[~_emits(background)] = 0.0
    if len(background.faulty):
        result[:, dependants(background.technosphere, background.faulty)] = np.nan
    return result


def _emits(background: Background) -> NDArray[np.bool_]:
    """Return, gases x products, which gases are emitted anywhere up a supply chain; the others are exactly zero.

    One bit for each gas: a product has the bits of its own process and of all that it takes.
    """
    gases, products = background.direct.shape
    words = -(-gases // BITS)
    own = np.zeros((words, products), dtype=np.uint64)
    rows, columns = background.direct.nonzero()
    np.bitwise_or.at(own, (rows // BITS, columns), np.left_shift(np.uint64(1), (rows % BITS).astype(np.uint64)))
    taken, starts = background.technosphere.indices, background.technosphere.indptr[:-1]
    while True:
        # Every column holds at least what it supplies, so no segment is empty.
        further = own | np.bitwise_or.reduceat(own[:, taken], starts, axis=1)
        if (further == own).all():
            break
        own = further
    shifts = (np.arange(gases) % BITS).astype(np.uint64)
    found: NDArray[np.bool_] = (np.right_shift(own[np.arange(gases) // BITS], shifts[:, None]) & np.uint64(1)) == 1
    return found


def _agrees(background: Background, supply: Vector, product: int) -> bool:
    """Tell whether the runs of all processes emit what the unit impacts of the product say."""
    emitted, scale = background.direct @ supply, abs(background.direct) @ np.abs(supply)
    return bool((np.abs(emitted - background.unit_impacts[:, product]) <= AGREEMENT * scale).all())
