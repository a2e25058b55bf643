"""Energy in tonnes of standard coal (tce), GB/T 2589: by net calorific value, or by a published coefficient.

Electricity has two named figures, calorific and equivalent, and is never turned into tce by its unit.
"""

from __future__ import annotations

from factors.units import multiplier


def tce_per_unit_by_ncv(ncv_gj_per_unit: float) -> float:
    """Return tce per unit of a fuel, or per GJ of heat with ``ncv_gj_per_unit`` = 1: NCV / 29.3076."""
    return ncv_gj_per_unit * float(multiplier("GJ", "tce"))


def tce_per_unit_by_coefficient(kgce_per_unit: float) -> float:
    """Return tce per unit from a standard-coal coefficient in kgce per unit, as GB/T 2589 annex A prints it."""
    return kgce_per_unit * float(multiplier("kgce", "tce"))
