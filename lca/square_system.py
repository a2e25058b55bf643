"""A square system A x = f of processes that supply each other: can it be solved, and its solution as a series."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

Vector = NDArray[np.float64]

MOST_STEPS = 1_000
NEGLIGIBLE = 1e-14  # of the gases found: what further steps could add is below the rounding of the sum
ENDLESS = 1e100  # runs of a series that will not end
PROOF = 1e-9  # of what is made: far above the rounding of a row


def iterated(matrix: sparse.csc_matrix, demand: Vector, weights: Vector) -> Vector | None:
    """Return x with matrix x = demand by Neumann's series, None where its terms do not fall below the rounding.

    A term counts as what stands behind it, by ``weights``: units differ by orders of magnitude, gases do not.
    """
    diagonal = matrix.diagonal()
    if not diagonal.all():
        return None
    found: Vector = demand / diagonal
    for _ in range(MOST_STEPS):
        step = (demand - matrix @ found) / diagonal
        found += step
        if not np.abs(found).max() < ENDLESS:
            return None
        if (weights * np.abs(step)).sum() <= NEGLIGIBLE * (weights * np.abs(found)).sum():
            return found
    return None


def is_proven(matrix: sparse.csc_matrix) -> bool:
    """Tell whether a certificate was found that no loop takes as much as it gives and that all can be solved.

    With M the matrix whose diagonal is |a_jj| and all else -|a_ij|: some x > 0 with M x > 0 proves M a nonsingular
    M-matrix, and so A nonsingular, with its credits and without (Berman and Plemmons, Nonnegative Matrices in the
    Mathematical Sciences, chapter 6, theorem 2.3; A is an H-matrix). How x was found is no matter: it proves.
    """
    diagonal = matrix.diagonal()
    if (diagonal <= 0).any():
        return False
    size = 2 * sparse.diags(diagonal) - abs(matrix)
    found = np.ones(len(diagonal))
    for _ in range(MOST_STEPS):
        left = size @ found
        if (left > PROOF * diagonal * found).all():
            return True
        found += 1 - left / diagonal
        if not found.max() < ENDLESS:
            return False
    return False


def faulty(matrix: sparse.csc_matrix) -> NDArray[np.int64]:
    """Return the columns of loops that take as much of themselves as they give, or more, and of singular ones."""
    if not matrix.shape[0] or is_proven(matrix):
        return np.zeros(0, dtype=np.int64)
    inputs = _without_credits(matrix)
    bad = _loops_that(_takes_all, inputs)
    if not len(bad) and inputs.nnz < matrix.nnz:
        bad = _loops_that(_is_singular, matrix)
    return bad


def _loops_that(fail: Callable[[sparse.csc_matrix], bool], matrix: sparse.csc_matrix) -> NDArray[np.int64]:
    """Return the columns of the loops that fail; they are looked at only where the whole matrix does."""
    if not fail(matrix):
        return np.zeros(0, dtype=np.int64)
    bad = [block for block in _loops(matrix) if fail(matrix[block][:, block].tocsc())]
    return np.sort(np.concatenate(bad)) if bad else np.flatnonzero(matrix.diagonal() == 0)


def _without_credits(matrix: sparse.csc_matrix) -> sparse.csc_matrix:
    """Return the matrix without what is avoided: that may leave less than nothing to be made, and is no fault.

    A credit anywhere must not hide a loop elsewhere that takes all it gives; nor does it make good what its loop takes.
    """
    diagonal = sparse.diags(matrix.diagonal())
    return (diagonal + (matrix - diagonal).minimum(0)).tocsc()


def _loops(matrix: sparse.csc_matrix) -> list[NDArray[np.int64]]:
    """Return the columns of every group of processes that supply each other, and of those that feed themselves."""
    count, labels = connected_components(matrix, directed=True, connection="strong")
    sizes = np.bincount(labels, minlength=count)
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.cumsum(sizes)[:-1])
    diagonal = matrix.diagonal()
    return [group for group in groups if len(group) > 1 or diagonal[group[0]] <= 0]


def _takes_all(matrix: sparse.csc_matrix) -> bool:
    """Tell whether processes cannot make a unit of each of their products from what they make themselves."""
    try:
        # By rows, as the sum over what everything takes: A^T keeps the fill-in low.
        made = splu(matrix.T.tocsc()).solve(np.ones(matrix.shape[0]), "T")
    except RuntimeError:
        return True
    return bool(not np.isfinite(made).all() or (made <= 0).any())


def _is_singular(matrix: sparse.csc_matrix) -> bool:
    try:
        splu(matrix.T.tocsc())
    except RuntimeError:
        return True
    return False


def dependants(matrix: sparse.csc_matrix, faulty: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which products take of a faulty one, near or far."""
    takes = (matrix != 0).T.tocsr().astype(np.float64)
    found = np.zeros(matrix.shape[0], bool)
    found[faulty] = True
    while True:
        further = found | (takes @ found.astype(np.float64) > 0)
        if (further == found).all():
            return found
        found = further
