"""Building products by the modules of EN 15804: their sums, cement, concrete, and the carbonation of concrete.

GWP-total = GWP-fossil + GWP-biogenic + GWP-luluc in every module. Module D stands outside the system: it is in no sum
here. A module that was not declared is absent, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lca.errors import UnknownModule
from lca.formulas.chemistry import co2_per
from lca.limits import finite, fraction, not_negative, refuse
from lca.numbers import total

PRODUCT = ("A1", "A2", "A3")
CONSTRUCTION = ("A4", "A5")
USE = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
END_OF_LIFE = ("C1", "C2", "C3", "C4")
BEYOND = "D"
MODULES = (*PRODUCT, *CONSTRUCTION, *USE, *END_OF_LIFE)

MM_PER_M = 1000


@dataclass(frozen=True, slots=True)
class Gwp:
    """The climate indicators of one module, kgCO2e per declared or functional unit."""

    fossil: float
    biogenic: float
    luluc: float

    @property
    def total(self) -> float:
        """GWP-total."""
        return total((self.fossil, self.biogenic, self.luluc))


def sum_of(declared: Mapping[str, Gwp]) -> Gwp:
    """Return the indicators summed over the declared modules A1 to C4; D is left out.

    Raises:
        UnknownModule: names that are no modules; all of them.
    """
    strange = [name for name in declared if name not in MODULES and name != BEYOND]
    if strange:
        raise UnknownModule(strange, (*MODULES, BEYOND))
    counted = [gwp for name, gwp in declared.items() if name != BEYOND]
    return Gwp(
        fossil=total(gwp.fossil for gwp in counted),
        biogenic=total(gwp.biogenic for gwp in counted),
        luluc=total(gwp.luluc for gwp in counted),
    )


def undeclared(declared: Mapping[str, Gwp]) -> tuple[str, ...]:
    """Return the modules that a table prints as ND, in order."""
    return tuple(name for name in (*MODULES, BEYOND) if name not in declared)


def cement(clinker_ratio: float, clinker: float, kwh: float, power: float, additions: float) -> float:
    """Return A1 to A3 of cement per tonne: clinker ratio × E_clinker + kWh × EF + Σ additions.

    All factors are in one unit, tCO2e or kgCO2e, per tonne of clinker, per kWh and per tonne of cement.
    """
    factors = finite(clinker=clinker, power=power, additions=additions)
    refuse("modules.cement", fraction(clinker_ratio=clinker_ratio), not_negative(kwh=kwh), factors)
    return clinker_ratio * clinker + kwh * power + additions


def concrete(a1: float, a2: float, a3: float, loss: float) -> float:
    """Return A1 to A3 of concrete per cubic metre delivered, in kgCO2e: (A1 + A2 + A3) × (1 + loss).

    ``a3`` is plant energy with the treatment of returned concrete and wash water; ``loss`` is the concrete made beyond
    what is delivered, as a share of it.
    """
    refuse("modules.concrete", finite(a1=a1, a2=a2, a3=a3), not_negative(loss=loss))
    return (a1 + a2 + a3) * (1 + loss)


def carbonation_potential(reactive_cao: float, clinker_share: float) -> float:
    """Return the most CO2 that cement can take up again, kg per kg: CaO × clinker share × 44/56."""
    refuse("modules.carbonation", fraction(reactive_cao=reactive_cao, clinker_share=clinker_share))
    return reactive_cao * clinker_share * co2_per("CaO")


def carbonation_in_use(
    rate_mm: float, years: float, area_m2: float, potential: float, cement_kg_per_m3: float, degree: float
) -> float:
    """Return the CO2 that concrete takes up in use, in kg, a removal of module B1.

    Uptake = k/1000 × √t × A × U × C × D_c (EN 16757, annex BB).

    Args:
        rate_mm: k, depth of carbonation in mm per √year, by strength and exposure.
        years: t, years of exposure.
        area_m2: A, exposed surface in m² per declared unit.
        potential: U, from ``carbonation_potential``.
        cement_kg_per_m3: C, cement in the concrete.
        degree: D_c, share of the carbonated depth that has carbonated.
    """
    amounts = not_negative(rate_mm=rate_mm, years=years, area_m2=area_m2, cement_kg_per_m3=cement_kg_per_m3)
    refuse("modules.carbonation", amounts, fraction(potential=potential, degree=degree))
    return rate_mm / MM_PER_M * math.sqrt(years) * area_m2 * potential * cement_kg_per_m3 * degree
