"""The life-cycle inventories that come with the program: ``data/inventories/*.lci``, packed by ``lca.lci_store``.

The house's own, ``tanji_cn``, are YAML in the same folder, which people read and ``lca.own_inventories`` checks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from factors.compiled import remember
from lca import lci_store, own_inventories
from lca.background import Background, Vector, compile_database
from lca.dataset import LciDatabase
from lca.errors import UnknownDatabase

DATA = Path(__file__).parent / "data" / "inventories"

SHIPPED: Mapping[str, Path] = MappingProxyType(
    {path.stem: path for path in sorted(DATA.glob("*.lci"))} | {own_inventories.NAME: own_inventories.DATA}
)
"""Name -> the packed file, or the folder of the own ones."""


@lru_cache
def shipped(name: str) -> LciDatabase:
    """Return the database that is shipped as ``name``.

    Raises:
        KeyError: none is.
    """
    if name == own_inventories.NAME:
        return own_inventories.load()
    return lci_store.unpack(SHIPPED[name].read_bytes())


@lru_cache
def background(name: str) -> Background:
    """Return the database that is shipped as ``name``, compiled; its unit impacts are computed once for a version.

    Raises:
        UnknownDatabase: none is shipped so.
    """
    if name not in SHIPPED:
        raise UnknownDatabase(name, list(SHIPPED))
    content = None if name == own_inventories.NAME else lci_store.content_of(SHIPPED[name].read_bytes())
    compiled = compile_database(shipped(name), content=content)
    packed = remember("unit-impacts", _key(compiled), lambda: _bytes(compiled.unit_impacts))
    shape = len(compiled.gases), len(compiled.products)
    return replace(compiled, stored=np.frombuffer(packed, dtype="<f8").reshape(shape))


def _key(compiled: Background) -> str:
    """Return the digest of the very matrices that unit impacts are computed from."""
    found = hashlib.sha256("|".join(compiled.gases).encode())
    for matrix in (compiled.technosphere, compiled.direct):
        for part in (matrix.indptr, matrix.indices, matrix.data):
            found.update(part.tobytes())
    return found.hexdigest()[:32]


def _bytes(values: Vector) -> bytes:
    return values.astype("<f8").tobytes()
