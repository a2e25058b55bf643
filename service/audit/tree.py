"""The Merkle tree of the audit log (RFC 9162 hashing), its leaves kept in the table ``audit_entry``.

pymerkle's tree rereads and rehashes all leaves of a new process; here every row keeps the hashes of the
perfect subtrees that end with it. Appending entry n touches as many rows as n ends in binary zeros, one on
the average; a root or a proof touches about log2(n).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pymerkle.core import BaseMerkleTree
from pymerkle.utils import binary_exponents
from sqlalchemy import func, insert, select
from sqlmodel import Session

from service.audit.models import AuditEntry

DIGEST = 32  # bytes of a SHA-256

Nodes = Callable[[Sequence[int]], Mapping[int, bytes]]
_table = AuditEntry.__table__  # type: ignore[attr-defined]


class AuditTree(BaseMerkleTree):  # type: ignore[misc]
    """The log as a Merkle tree, on a session that its caller commits; each new leaf is a row of ``audit_entry``."""

    def __init__(self, session: Session) -> None:
        super().__init__(algorithm="sha256", disable_cache=True)
        self._session = session
        self._columns: Mapping[str, object] = {}

    def append(self, entry: bytes, **columns: object) -> int:
        """Append ``entry`` and return its place, counted from one; ``columns`` stand beside it in the table."""
        self._columns = columns
        return int(self.append_entry(entry))

    def _encode_entry(self, data: bytes) -> bytes:
        return data

    def _store_leaf(self, data: bytes, digest: bytes) -> int:
        size = self._get_size() + 1
        nodes = nodes_of(size, digest, self._nodes, self.hash_pair)
        root = root_of(size, nodes, self._nodes, self.hash_fold)
        row = {"id": size, "entry": data, "nodes": nodes, "root": root, **self._columns}
        self._session.execute(insert(_table).values(row))
        return size

    def _get_size(self) -> int:
        return int(self._session.scalar(select(func.coalesce(func.max(_table.c.id), 0))) or 0)

    def _get_leaf(self, index: int) -> bytes:
        return self._nodes([index])[index][:DIGEST]

    def _get_leaves(self, offset: int, width: int) -> list[bytes]:
        found = self._nodes(range(offset + 1, offset + width + 1))
        return [found[index][:DIGEST] for index in range(offset + 1, offset + width + 1)]

    def _get_subroot(self, offset: int, width: int) -> bytes:
        # The subtree of 2^k leaves that ends here is the k-th node of its last leaf.
        level = width.bit_length() - 1
        return self._nodes([offset + width])[offset + width][level * DIGEST : (level + 1) * DIGEST]

    def _nodes(self, places: Sequence[int]) -> Mapping[int, bytes]:
        rows = self._session.execute(select(_table.c.id, _table.c.nodes).where(_table.c.id.in_(list(places))))
        return {place: bytes(nodes) for place, nodes in rows}


def nodes_of(size: int, leaf: bytes, nodes: Nodes, pair: Callable[[bytes, bytes], bytes]) -> bytes:
    """Return the hashes of the perfect subtrees that end with leaf number ``size``, smallest first.

    The subtree of width 2^k is the pair of the one of width 2^(k-1) before it and the one just made.
    """
    made = [leaf]
    lefts = [size - (1 << level) for level in range(trailing_zeros(size))]
    found = nodes(lefts) if lefts else {}
    for level, left in enumerate(lefts):
        sibling = found[left][level * DIGEST : (level + 1) * DIGEST]
        made.append(pair(sibling, made[-1]))
    return b"".join(made)


def root_of(size: int, last: bytes, nodes: Nodes, fold: Callable[[list[bytes]], bytes]) -> bytes:
    """Return the root of the log of ``size`` entries, of which ``last`` are the nodes of the newest."""
    ends, end = [], size
    for exponent in binary_exponents(size):
        ends.append((end, exponent))
        end -= 1 << exponent
    found = nodes([place for place, _ in ends[1:]]) if len(ends) > 1 else {}
    subroots = [last[-DIGEST:]]
    subroots += [found[place][level * DIGEST : (level + 1) * DIGEST] for place, level in ends[1:]]
    return fold(subroots)


def trailing_zeros(number: int) -> int:
    """Return how many binary zeros ``number`` ends with."""
    return (number & -number).bit_length() - 1


def siblings(number: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots prove leaf ``number`` to be one of ``size`` (RFC 9162, 2.1.3.1).

    A range is counted from nought, its end left out; the one beside the leaf comes first.
    """
    found, start, end = [], 0, size
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if number - 1 < split:
            found.append((split, end))
            end = split
        else:
            found.append((start, split))
            start = split
    return found[::-1]


def perfect_parts(start: int, end: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees that a range of ``siblings`` consists of, the last one first: its leaf and level."""
    found = []
    for exponent in binary_exponents(end - start):
        found.append((end, exponent))
        end -= 1 << exponent
    return found
