"""Transport of a product in legs, each with its load, its distance and its vehicle."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lca.formulas import FORMULAS
from lca.limits import not_negative, refuse

FREIGHT = FORMULAS["freight"]


@dataclass(frozen=True, slots=True)
class Leg:
    """A load carried over a distance by one kind of vehicle."""

    mass_t: float
    distance_km: float
    kgco2e_per_tkm: float


def legs_kgco2e(legs: Iterable[Leg]) -> float:
    """Return Σ m × d × EF in kgCO2e (ISO 14083).

    Raises:
        OperandOutOfRange: a mass below zero, or a distance that no leg can have.
    """
    return math.fsum(_leg(leg) for leg in legs)


def _leg(leg: Leg) -> float:
    refuse("transport.legs", not_negative(mass_t=leg.mass_t))
    gases = FREIGHT.gases({"distance_km": leg.distance_km, "factor.CO2e": leg.kgco2e_per_tkm})
    return leg.mass_t * gases["CO2e"]
