"""A passenger car over its life: materials, maintenance, refrigerant, driving, and all of it per kilometre.

C = C_material + C_production + C_maintenance + C_refrigerant + C_use (+ C_end of life), in kgCO2e per vehicle, and
C / L per kilometre with L the kilometres that the method states. The vehicle and fuel cycle follow CATARC's life-cycle
model (CALCM) as described in public; its text was not at hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lca.errors import OperandMissing
from lca.limits import finite, fraction, not_negative, positive, refuse

G_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A material, or a part counted by another unit: its amount in the vehicle and the factor of that unit.

    ``utilisation`` is the share of the material bought that ends in the vehicle. What is cut away is treated by the
    method's recycling rule, in the factor.
    """

    name: str
    amount: float
    factor: float
    utilisation: float = 1.0


def parts_kgco2e(parts: Iterable[Part]) -> float:
    """Return Σ m_i / η_i × EF_i in kgCO2e; EF of a blend of virgin and recycled material comes from ``lca.recycling``.

    Raises:
        OperandOutOfRange: an amount below zero, a utilisation outside 0 to 1, a factor that is no number.
    """
    return math.fsum(_part(part) for part in parts)


def _part(part: Part) -> float:
    refuse(
        f"vehicle.part {part.name}",
        not_negative(amount=part.amount),
        finite(factor=part.factor),
        positive(utilisation=part.utilisation) or fraction(utilisation=part.utilisation),
    )
    return part.amount / part.utilisation * part.factor


def mass_gap_percent(masses_kg: Iterable[float], curb_mass_kg: float) -> float:
    """Return by how many percent the masses of the parts miss the curb mass: (Σ m_i / m − 1) × 100."""
    refuse("vehicle.mass_gap", positive(curb_mass_kg=curb_mass_kg))
    return (math.fsum(masses_kg) / curb_mass_kg - 1) * 100


def replacements(lifetime_km: float, interval_km: float) -> int:
    """Return how often a part is replaced in use: ceil(L / I) − 1; the first one came with the vehicle."""
    refuse("vehicle.replacements", positive(lifetime_km=lifetime_km, interval_km=interval_km))
    return math.ceil(lifetime_km / interval_km) - 1


def refrigerant_lost_kg(charge_kg: float, annual_leak: float, years: float, end_of_life_loss: float) -> float:
    """Return the refrigerant that escapes, in kg: m × (leak rate × years + loss at end of life)."""
    amounts = not_negative(charge_kg=charge_kg, years=years)
    refuse("vehicle.refrigerant", amounts, fraction(annual_leak=annual_leak, end_of_life_loss=end_of_life_loss))
    return charge_kg * (annual_leak * years + end_of_life_loss)


def fuel_use(l_per_100km: float, lifetime_km: float, kgco2_per_l: float, upstream_per_l: float) -> float:
    """Return driving on fuel, kgCO2e: FC / 100 × L × (K_CO2 + EF_WTT), of a combustion engine or a hybrid."""
    refuse(
        "vehicle.fuel_use",
        not_negative(l_per_100km=l_per_100km, kgco2_per_l=kgco2_per_l, upstream_per_l=upstream_per_l),
        positive(lifetime_km=lifetime_km),
    )
    return l_per_100km / 100 * lifetime_km * (kgco2_per_l + upstream_per_l)


def electricity_use(
    kwh_per_100km: float,
    lifetime_km: float,
    kgco2e_per_kwh: float,
    measured_at: Literal["plug", "battery"] = "plug",
    charging_efficiency: float | None = None,
) -> float:
    """Return driving on electricity, kgCO2e: EC / 100 × L × EF_el, EC at the plug.

    Type approval measures at the plug and holds the loss of charging already; energy measured at the battery is
    divided by the efficiency of charging.

    Raises:
        OperandMissing: energy at the battery without the efficiency.
        OperandOutOfRange: an efficiency beside energy at the plug, where the loss would count twice; impossible values.
    """
    found = not_negative(kwh_per_100km=kwh_per_100km, kgco2e_per_kwh=kgco2e_per_kwh)
    refuse(
        "vehicle.electricity_use", found, positive(lifetime_km=lifetime_km), _charging(measured_at, charging_efficiency)
    )
    return kwh_per_100km / (charging_efficiency or 1.0) / 100 * lifetime_km * kgco2e_per_kwh


def _charging(measured_at: str, efficiency: float | None) -> list[str]:
    if measured_at == "plug":
        return [] if efficiency is None else [f"charging_efficiency = {efficiency:g}, expected none at the plug"]
    if efficiency is None:
        raise OperandMissing("vehicle.electricity_use", ["charging_efficiency (fraction)"])
    return positive(charging_efficiency=efficiency) or fraction(charging_efficiency=efficiency)


def plug_in_use(utility_factor: float, electric: float, fuelled: float) -> float:
    """Return driving of a plug-in hybrid, kgCO2e: UF × electric + (1 − UF) × fuelled.

    ``electric`` and ``fuelled`` are the whole life driven one way or the other.
    """
    refuse("vehicle.plug_in_use", fraction(utility_factor=utility_factor), finite(electric=electric, fuelled=fuelled))
    return utility_factor * electric + (1 - utility_factor) * fuelled


def hydrogen_use(kg_per_100km: float, lifetime_km: float, kgco2e_per_kg: float) -> float:
    """Return driving of a fuel-cell vehicle, kgCO2e: FC_H2 / 100 × L × EF_H2, the factor being of making hydrogen."""
    found = not_negative(kg_per_100km=kg_per_100km, kgco2e_per_kg=kgco2e_per_kg)
    refuse("vehicle.hydrogen_use", found, positive(lifetime_km=lifetime_km))
    return kg_per_100km / 100 * lifetime_km * kgco2e_per_kg


def g_per_km(kgco2e: float, lifetime_km: float) -> float:
    """Return gCO2e per kilometre: C / L × 1000."""
    refuse("vehicle.per_km", positive(lifetime_km=lifetime_km))
    return kgco2e / lifetime_km * G_PER_KG
