"""Which value answers an activity, as plain data for scripts and the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from factors.library import Library
from factors.match import NO_OVERLAY, Match, Overlay, Part, Query, match
from factors.units import parse_unit
from lca import method as methods
from lca import valuation
from lca.errors import LcaError
from lca.ledger import Stream
from lca.numbers import canonical
from service.catalogue.listing import title_of

DEFAULT_METHOD = "inventory.ghgp"
PURPOSES = ("inventory", "footprint")


@dataclass(frozen=True, slots=True)
class Question:
    """What a person or script asks; '' leaves the choice to the method."""

    activity: str
    region: str
    on: date
    method: str = DEFAULT_METHOD
    purpose: str = "inventory"
    parameter_set: str = ""
    unit: str = ""


def answer(question: Question, library: Library, overlay: Overlay = NO_OVERLAY) -> dict[str, Any]:
    """Answer as an inventory by the method would, in the structure of its headline (location-based for GHG Protocol).

    ``value`` and ``unit`` are the printed factor where there is one, otherwise what the parts come to; with a unit
    asked for, kilograms of the main gas per that unit. ``parts`` are the records, each as printed.

    Raises:
        UnknownActivity, FactorNotFound, AmbiguousFactor: nothing, or nothing clear, answers.
        UnknownMethod, UnknownUnit, UnitMismatch: the question makes no sense.
    """
    method = methods.load(question.method or DEFAULT_METHOD)
    view = valuation.View(method.headline, method)
    rules = view.rules()
    if question.parameter_set:
        rules = replace(rules, parameter_sets=(question.parameter_set,))
    region = library.geographies.resolve(question.region)
    query = Query(question.activity, question.on, region, question.purpose, rules)
    found = match(query, library, overlay)
    return {
        "activity": found.activity.id,
        "region": region,
        "on": question.on.isoformat(),
        "method": method.id,
        "view": view.name,
        "purpose": question.purpose,
        "factor_id": found.factor_ids[0],
        **_valued(found, view, library, parse_unit(question.unit) if question.unit else ""),
        "variant": found.variant,
        "variants": list(found.variants),
        "detail": dict(found.detail),
        "series": found.series,
        "formula": found.formula,
        "parts": [_part(part, library) for part in found.parts],
        "candidates": [{"factor_id": one.factor_id, "reason": one.reason} for one in found.candidates],
        "library_version": library.version,
    }


def _valued(found: Match, view: valuation.View, library: Library, unit: str) -> dict[str, Any]:
    """Return value and unit, and the gases; a formula that still wants a parameter shows its parts only."""
    stream = Stream(site="", activity=found.activity.id, unit=unit or found.activity.unit)
    basis = valuation.basis_unit(found, stream)
    per_unit = float(valuation.conversion(stream, basis)) if unit else 1.0
    try:
        record = valuation.value(found, stream, view, library, basis)
    except LcaError as wanting:
        first = found.parts[0].factor
        return {"value": first.value, "unit": first.unit, "gases_kg": None, "wanting": str(wanting)}
    gases = {gas: canonical(float(mass) * per_unit) for gas, mass in record["gases"].items()}
    shown = {"value": record["factor_value"], "unit": record["factor_unit"]}
    if unit and gases:
        gas, mass = max(gases.items(), key=lambda item: abs(float(item[1])))
        shown = {"value": mass, "unit": f"kg {gas}/{unit}"}
    return {**shown, "gases_kg": gases, "per": unit or basis}


def _part(part: Part, library: Library) -> dict[str, str]:
    return {
        "role": part.role,
        "factor_id": part.factor.id,
        "value": part.factor.value,
        "unit": part.factor.unit,
        "gas": part.factor.gas,
        "year": str(part.factor.year),
        "region": part.factor.region,
        "source": title_of(part.factor, library),
    }
