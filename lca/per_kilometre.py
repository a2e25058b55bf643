"""A vehicle's footprint per kilometre, beside the one per vehicle, where the method states the distance of a life.

    g CO2e/km = kg CO2e per vehicle / L * 1000        L: ``lifetime_km`` of the method

The distance is the method's: it stands in for the model's own parameter of that name, so that one model gives the
number of each method. What was driven by another distance is not divided by this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from factors.errors import FactorsError
from factors.units import multiplier
from lca.footprint_method import FootprintMethod
from lca.formula_text import folded
from lca.numbers import canonical
from lca.product_model import Model
from lca.record_reading import decimal
from lca.vehicle import g_per_km

Record = Mapping[str, Any]

DISTANCE = "lifetime_km"
"""Parameter of a model that its use and its replacements are worked out from."""


def distance_of_method(model: Model, method: FootprintMethod) -> dict[str, float]:
    """Return the value that the method gives the model's parameter of distance, nothing where either has none."""
    if method.lifetime_km is None or DISTANCE not in {folded(one.name) for one in model.parameters}:
        return {}
    return {DISTANCE: float(method.lifetime_km.value)}


def driven_km(body: Record) -> str:
    """Return the distance that the amounts were worked out for, '' where the model states none."""
    return str(body["parameters"].get(DISTANCE) or body["model"].get("lifetime_km") or "")


def is_kept(body: Record, method: FootprintMethod) -> bool:
    """Do the amounts stand for the distance of the method?"""
    stated = driven_km(body)
    return method.lifetime_km is not None and bool(stated) and float(stated) == float(method.lifetime_km.value)


def warning(snapshot: Record) -> dict[str, str]:
    """Return the model's distance and the method's where the second stands in for the first, else nothing."""
    used = snapshot["parameters"].get(DISTANCE, "")
    method = snapshot["method"].get("lifetime_km", {}).get("value")
    own = (one["value"] for one in snapshot["model"].get("parameters", ()) if folded(one["name"]) == DISTANCE)
    stated = next(own, used)
    return {"stated": stated, "used": used} if used == method and decimal(stated) != decimal(used) else {}


def per_km(body: Record, method: FootprintMethod, total: str, by_stage: Mapping[str, str]) -> dict[str, Any]:
    """Return ``per_km`` in g CO2e per kilometre of one vehicle, in all and by stage.

    Nothing where the method states no distance, the amounts stand for another one, or the unit counts no vehicles.
    """
    vehicles = _vehicles(body)
    if not vehicles or not is_kept(body, method):
        return {}
    distance = float(driven_km(body))

    def grams(kgco2e: str) -> str:
        return canonical(g_per_km(float(kgco2e) / vehicles, distance))

    by_stage_g = {stage: grams(value) for stage, value in by_stage.items()}
    return {"per_km": {"lifetime_km": canonical(distance), "total_g": grams(total), "by_stage_g": by_stage_g}}


def _vehicles(body: Record) -> float:
    """Return how many vehicles the result is stated per, 0 where its unit counts none."""
    try:
        return float(body["demand"]) * float(multiplier(body["nodes"][body["main"]]["unit"], "piece"))
    except FactorsError:
        return 0.0
