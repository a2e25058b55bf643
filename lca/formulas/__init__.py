"""Sector chemistry: every way in which an amount of activity becomes masses of gases.

``FORMULAS`` is the registry; each formula says which records, parameters and method constants it wants, in
which units and ranges, prints its sum, and is shared by inventories and footprints.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lca.formulas import (
    abatement,
    activity,
    aluminium,
    carbonates,
    cement,
    combustion,
    glass_ceramics,
    heat,
    lime,
    nonferrous,
    products,
    refrigerants,
    steel,
    transport,
    wastewater,
    welding,
)
from lca.formulas.base import Formula, Gases, Term, Values

__all__ = ["FORMULAS", "Formula", "Gases", "Term", "Values"]

_SECTORS = (
    activity,
    combustion,
    carbonates,
    cement,
    steel,
    aluminium,
    glass_ceramics,
    lime,
    nonferrous,
    welding,
    refrigerants,
    wastewater,
    heat,
    transport,
    products,
    abatement,
)

FORMULAS: Mapping[str, Formula] = MappingProxyType({item.id: item for sector in _SECTORS for item in sector.FORMULAS})
"""Every formula by its id."""
