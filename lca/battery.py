"""A traction battery per kilowatt-hour that it delivers over its life, and per kilowatt-hour of capacity.

Functional unit: one kWh of the total energy that the battery system provides over its service life; the total is the
number of cycles times the energy delivered in each. Source: Regulation (EU) 2023/1542, Annex II, points 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping

from lca.limits import finite, positive, refuse
from lca.numbers import total


def service_years(warranty_years: float, warranty_km: float, km_per_year: float) -> float:
    """Return the service life in years: the warranty in time or in distance, whichever ends first."""
    refuse(
        "battery.service_years",
        positive(warranty_years=warranty_years, warranty_km=warranty_km, km_per_year=km_per_year),
    )
    return min(warranty_years, warranty_km / km_per_year)


def total_energy_kwh(usable_kwh: float, cycles_per_year: float, years: float) -> float:
    """Return E_total = usable energy at the start × full equivalent cycles per year × years of service, in kWh.

    The formula is of the draft act for electric-vehicle batteries; cycles per year are the method's.
    """
    refuse("battery.total_energy", positive(usable_kwh=usable_kwh, cycles_per_year=cycles_per_year, years=years))
    return usable_kwh * cycles_per_year * years


def per_kwh(stages_kgco2e: Mapping[str, float], energy_kwh: float) -> float:
    """Return Σ stages / E in kgCO2e/kWh, E being the energy delivered over the service life or the capacity."""
    refuse("battery.per_kwh", finite(stages_kgco2e), positive(energy_kwh=energy_kwh))
    return total(stages_kgco2e.values()) / energy_kwh
