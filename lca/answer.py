"""One activity, one place, one day: which factor a method takes, as a single figure with all that stands behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from factors.library import Library
from factors.match import NO_OVERLAY, Match, Overlay, Query, match
from factors.units import multiplier, parse_unit
from lca.errors import UnknownParameterSet
from lca.formulas import FORMULAS
from lca.ledger import Stream
from lca.method import Method, load, methods
from lca.numbers import canonical
from lca.valuation import View, basis_unit, operands_of, stored, weight_of

DEFAULT_METHOD = "inventory.ghgp"
PURPOSES = ("inventory", "footprint")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person or a script asks; without a method it is the GHG Protocol, location-based."""

    activity: str
    region: str
    on: date
    method: str = ""
    purpose: str = "inventory"
    parameter_set: str = ""
    unit: str = ""


def answer(question: Question, library: Library, overlay: Overlay = NO_OVERLAY) -> Record:
    """Return the factor that answers ``question``: id, value, unit, variant, parts, gases and candidates.

    The value is the printed one where one record answers alone. A fuel's is its CO2 per unit, computed from the
    properties of its parameter set, under the id of the record that prints the product where there is one.
    Several gases of one publication are summed to CO2e with the method's warming potentials. With
    ``question.unit`` the figure is per that unit.

    Raises:
        FactorsError: unknown or unanswered; see ``factors.match.match``.
        UnknownParameterSet: no method uses it.
        LcaError: an operand that only a datum can give is missing.
    """
    method = load(question.method or DEFAULT_METHOD)
    view = View(method.headline, method)
    rules = view.rules()
    if question.parameter_set:
        rules = replace(rules, parameter_sets=_sets(question.parameter_set, rules.parameter_sets))
    unit = parse_unit(question.unit) if question.unit else ""
    region = library.geographies.resolve(question.region)
    found = match(Query(question.activity, question.on, region, question.purpose, rules, unit), library, overlay)
    return {
        "activity": found.activity.id,
        "region": region,
        "on": question.on.isoformat(),
        "method": method.id,
        "view": view.name,
        "purpose": question.purpose,
        "library_version": library.version,
        **_figure(found, method, library, unit),
        "variant": found.variant,
        "variants": list(found.variants),
        "detail": dict(found.detail),
        "series": found.series,
        "formula": found.formula,
        "parts": [_part(found, index, library) for index in range(len(found.parts))],
        "candidates": [{"factor_id": one.factor_id, "reason": one.reason} for one in found.candidates],
    }


def _sets(wanted: str, declared: tuple[str, ...]) -> tuple[str, ...]:
    """The wanted parameter set first; what is missing there comes from the method's own, and is marked so."""
    known = sorted({name for method in methods() for name in load(method).parameter_sets})
    if wanted not in known:
        raise UnknownParameterSet(wanted, known)
    return (wanted, *(name for name in declared if name != wanted))


def _part(found: Match, index: int, library: Library) -> Record:
    part = found.parts[index]
    source = library.sources.get(part.factor.source)
    return {
        "role": part.role,
        "factor_id": part.factor.id,
        "value": part.factor.value,
        "unit": part.factor.unit,
        "gas": part.factor.gas,
        "year": str(part.factor.year),
        "region": part.factor.region,
        "source": source.title if source else part.factor.source,
        "licence": part.factor.licence,
    }


def _figure(found: Match, method: Method, library: Library, unit: str) -> Record:
    """Return the figure, the masses of the gases behind it and what they are per."""
    basis = basis_unit(found, Stream("", found.activity.id, unit or found.activity.unit))
    wanting = _wanting(found, method)
    per_unit = None if wanting else _gases(found, method, library, unit, basis)
    printed = _printed(found)
    figure = printed if printed is not None and (wanting or not unit) else None
    if figure is None:
        figure = _computed(found, method, library, per_unit or {}, unit, basis)
    return figure | {
        "gases_kg": None if per_unit is None else {gas: canonical(mass) for gas, mass in per_unit.items()},
        "per": unit or basis,
        "wanting": ", ".join(wanting),
    }


def _printed(found: Match) -> Record | None:
    """The one record that answers alone; the first, where a formula still wants what only a datum can give."""
    main = [part for part in found.parts if part.role in ("factor", "gwp")] or list(found.parts[:1])
    if len(main) != 1 or (len(found.parts) > 1 and main[0].role not in ("factor", "gwp")):
        return None
    if main[0].role == "factor" and any(part.role == "ncv" for part in found.parts):
        return None  # a figure per energy, which the calorific value makes one per unit of fuel
    factor = main[0].factor
    return {"factor_id": factor.id, "value": factor.value, "unit": factor.unit, "gas": factor.gas}


def _computed(
    found: Match, method: Method, library: Library, per_unit: Mapping[str, float], unit: str, basis: str
) -> Record:
    product = next((part.factor for part in found.parts if part.role == "printed_co2"), None)
    if product is not None and not unit:
        # In the unit in which the guideline's own product is printed, from the properties and unrounded.
        value = per_unit["CO2"] / float(library.units[product.unit].scale_to("kg", basis))
        return {"factor_id": product.id, "value": canonical(value), "unit": product.unit, "gas": "CO2"}
    identifier = product.id if product is not None else found.factor_ids[0]
    is_fuel = "factor" not in {part.role for part in found.parts} and "CO2" in per_unit
    if len(per_unit) == 1 or is_fuel:
        gas = next(iter(per_unit))
        return {
            "factor_id": identifier,
            "value": canonical(per_unit[gas]),
            "unit": f"kg {gas}/{unit or basis}",
            "gas": gas,
        }
    weighted = (mass * float(weight_of(gas, library, method.gwp_set)) for gas, mass in per_unit.items())
    value = math.fsum(weighted)
    return {"factor_id": identifier, "value": canonical(value), "unit": f"kg CO2e/{unit or basis}", "gas": "CO2e"}


def _wanting(found: Match, method: Method) -> list[str]:
    """Parameters that the formula needs and only a datum can give: enthalpy, composition of a gas …"""
    held = method.values()
    needed = (term for term in FORMULAS[found.formula].parameters if term.required and not term.per_gas)
    return [term.key for term in needed if term.key not in held]


def _gases(found: Match, method: Method, library: Library, unit: str, basis: str) -> dict[str, float]:
    gases = FORMULAS[found.formula].gases(stored(operands_of(found, method, library, basis)))
    scale = float(multiplier(unit, basis)) if unit else 1.0
    return {gas: mass * scale for gas, mass in gases.items()}
