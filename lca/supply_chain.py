"""The supply chain of a product as a tree: who takes what of whom, down to a cut-off, with the rest kept.

Every visit to a process is a node of its own, so that loops unroll and the numbers add up: the direct emissions of
all nodes and their rests are the score. The largest branches are followed first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from factors.gwp import GwpSet
from lca.background import Background, Vector
from lca.lci_score import refuse_faulty, weights

CUTOFF = 0.005  # of the score: what is less is summed up in the rest of the node that takes it
MOST_NODES = 1000


@dataclass(frozen=True, slots=True)
class Branch:
    """One visit: ``amount`` of a product, what it causes in all, by itself, and by what is not followed."""

    id: int
    parent: int  # -1 for the product itself
    product: int
    amount: float
    kgco2e: float
    direct_kgco2e: float
    rest_kgco2e: float


def tree(
    background: Background,
    product: int,
    gwp_set: GwpSet,
    *,
    amount: float = 1.0,
    cutoff: float = CUTOFF,
    most: int = MOST_NODES,
) -> tuple[Branch, ...]:
    """Return the supply chain of ``amount`` of a product, parents before children.

    With h the scores per unit: a branch taking q units of product p causes q h_p; what is below ``cutoff`` of the
    whole, or beyond ``most`` nodes, is the rest of the branch that takes it.

    Raises:
        SystemSingular: as ``lca.lci_score.score``.
    """
    refuse_faulty(background, product)
    q = weights(background, gwp_set)
    walker = _Walker(background, q @ background.unit_impacts, np.asarray(q @ background.direct).ravel())
    return tuple(walker.walk(product, amount, cutoff, most))


class _Walker:
    """Follows columns of the technosphere, the largest cause first."""

    def __init__(self, background: Background, scores: Vector, direct: Vector) -> None:
        matrix = background.technosphere
        self.starts, self.rows, self.amounts = matrix.indptr, matrix.indices, matrix.data
        self.made, self.scores, self.direct = background.made, scores, direct

    def walk(self, product: int, amount: float, cutoff: float, most: int) -> Iterator[Branch]:
        limit = abs(amount * float(self.scores[product])) * cutoff
        open_ones: list[tuple[float, int, int, int, float]] = [(0.0, 0, -1, product, amount)]
        closed: list[tuple[int, int, float, float]] = []  # parent, product, amount, own
        rests: list[float] = []
        count = 0
        while open_ones and len(closed) < most:
            _, _, parent, one, taken = heapq.heappop(open_ones)
            number, runs, rest = len(closed), taken / float(self.made[one]), 0.0
            for row, needed, caused in self._inputs(one, runs):
                if abs(caused) < limit or not limit:
                    rest += caused
                else:
                    count += 1
                    heapq.heappush(open_ones, (-abs(caused), count, number, row, needed))
            closed.append((parent, one, taken, runs * float(self.direct[one])))
            rests.append(rest)
        for _, _, taker, one, taken in open_ones:  # the budget is spent: what was left open is the rest of its taker
            rests[taker] += taken * float(self.scores[one])
        for number, (parent, one, taken, own) in enumerate(closed):
            yield Branch(number, parent, one, taken, taken * float(self.scores[one]), own, rests[number])

    def _inputs(self, column: int, runs: float) -> Iterator[tuple[int, float, float]]:
        """Yield whom so many runs take of, how much and what that causes.

        What a process supplies itself is left out, what it uses of its own product is not.
        """
        held = slice(self.starts[column], self.starts[column + 1])
        rows = self.rows[held]
        made = float(self.made[column])
        for row, amount, score in zip(
            rows.tolist(), self.amounts[held].tolist(), self.scores[rows].tolist(), strict=True
        ):
            needed = runs * ((made - amount) if row == column else -amount)
            if needed:
                yield row, needed, needed * score
