"""The life-cycle inventories that come with the program: ``data/inventories/*.lci``, packed by ``lca.lci_store``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lca import lci_store
from lca.dataset import LciDatabase

DATA = Path(__file__).parent / "data" / "inventories"

SHIPPED: Mapping[str, Path] = MappingProxyType({path.stem: path for path in sorted(DATA.glob("*.lci"))})


@lru_cache
def shipped(name: str) -> LciDatabase:
    """Return the database that is shipped as ``name``.

    Raises:
        KeyError: none is.
    """
    return lci_store.unpack(SHIPPED[name].read_bytes())
