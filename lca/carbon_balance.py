"""Carbon that plants took up, and carbon that land lost: kg CO2 from kg of carbon by the ratio of molar masses."""

from __future__ import annotations

from collections.abc import Iterable

from lca.formulas.chemistry import co2_per
from lca.limits import not_negative, positive, refuse
from lca.numbers import total


def uptake_kgco2(carbon_kg: float) -> float:
    """Return the uptake that biogenic carbon stands for, negative: −C × 44/12, in kg CO2."""
    refuse("carbon.uptake", not_negative(carbon_kg=carbon_kg))
    return -carbon_kg * co2_per("C")


def land_use_change(carbon_before: float, carbon_after: float, years: float, crop_yield: float) -> float:
    """Return direct land-use change per unit of crop: (C_before − C_after) × 44/12 / years / yield, t CO2 per t.

    The loss is spread evenly over the years that the method states (twenty, or one harvest cycle if that is longer);
    where land gains carbon the value is negative. Source: ISO 14067:2018, 6.4.9.5.

    Args:
        carbon_before: carbon of soil and plants before the conversion, t C per hectare.
        carbon_after: the same after it.
        years: over how many years the change counts.
        crop_yield: t of crop per hectare and year.
    """
    stocks = not_negative(carbon_before=carbon_before, carbon_after=carbon_after)
    refuse("carbon.land_use_change", stocks, positive(years=years, crop_yield=crop_yield))
    return (carbon_before - carbon_after) * co2_per("C") / years / crop_yield


def biogenic_residual(co2_kg: Iterable[float]) -> float:
    """Return what uptake and release of a whole life cycle leave, in kg CO2: zero where nothing is stored for good."""
    return total(co2_kg)
