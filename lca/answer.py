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
from lca.formulas import FORMULAS
from lca.formulas.operands import bind
from lca.ledger import Stream
from lca.method import Method, load
from lca.numbers import canonical
from lca.valuation import BIOGENIC, View, basis_unit, matched_values, stored, weight_of

DEFAULT_METHOD = "inventory.ghgp"

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
        LcaError: an operand that only a datum can give is missing.
    """
    method = load(question.method or DEFAULT_METHOD)
    view = View("method" if question.method else "location", method)
    rules = view.rules()
    if question.parameter_set:
        rules = replace(rules, parameter_sets=(question.parameter_set,))
    unit = parse_unit(question.unit) if question.unit else ""
    found = match(
        Query(question.activity, question.on, question.region, question.purpose, rules, unit), library, overlay
    )
    return {
        "activity": found.activity.id,
        "method": method.id,
        "library_version": library.version,
        **_figure(found, method, library, unit),
        "variant": found.variant,
        "variants": list(found.variants),
        "detail": dict(found.detail),
        "formula": found.formula,
        "parts": [_part(found, index, library) for index in range(len(found.parts))],
        "candidates": [{"factor_id": one.factor_id, "reason": one.reason} for one in found.candidates],
    }


def _part(found: Match, index: int, library: Library) -> Record:
    part = found.parts[index]
    source = library.sources.get(part.factor.source)
    return {
        "role": part.role,
        "factor_id": part.factor.id,
        "value": part.factor.value,
        "unit": part.factor.unit,
        "gas": part.factor.gas,
        "year": part.factor.year,
        "region": part.factor.region,
        "source": source.title if source else part.factor.source,
        "licence": part.factor.licence,
    }


def _figure(found: Match, method: Method, library: Library, unit: str) -> Record:
    main = [part for part in found.parts if part.role in ("factor", "gwp")]
    if len(main) == 1 and not unit:
        factor = main[0].factor
        return {"factor_id": factor.id, "value": factor.value, "unit": factor.unit, "gas": factor.gas}
    gases, basis = _gases(found, method, library, unit)
    if gases is None:
        lead = found.parts[0].factor
        return {"factor_id": lead.id, "value": lead.value, "unit": lead.unit, "gas": lead.gas}
    scale = float(multiplier(unit, basis)) if unit else 1.0
    per_unit = {gas: mass * scale for gas, mass in gases.items()}
    printed = next((part.factor for part in found.parts if part.role == "printed_co2"), None)
    if printed is not None and not unit:
        in_printed_unit = per_unit["CO2"] / float(library.units[printed.unit].scale_to("kg", basis))
        value, said, gas, identifier = in_printed_unit, printed.unit, "CO2", printed.id
    elif len(per_unit) == 1 or ("CO2" in per_unit and "factor" not in {part.role for part in found.parts}):
        gas = next(iter(per_unit))
        value, said, identifier = per_unit[gas], f"kg {gas}/{unit or basis}", found.factor_ids[0]
    else:
        value = math.fsum(
            m * float(weight_of(g, library, method.gwp_set)) for g, m in per_unit.items() if g != BIOGENIC
        )
        said, gas, identifier = f"kg CO2e/{unit or basis}", "CO2e", found.factor_ids[0]
    return {
        "factor_id": printed.id if printed is not None else identifier,
        "value": canonical(value),
        "unit": said,
        "gas": gas,
        "gases_kg": {name: canonical(mass) for name, mass in per_unit.items()},
        "per": unit or basis,
    }


def _gases(found: Match, method: Method, library: Library, unit: str) -> tuple[Mapping[str, float] | None, str]:
    """The gases per basis unit, or None where the formula wants what only a datum can give (enthalpy, purity …)."""
    stream = Stream("", found.activity.id, unit or found.activity.unit)
    basis = basis_unit(found, stream)
    formula = FORMULAS[found.formula]
    values = method.values()
    if any(term.required and term.key not in values and not term.per_gas for term in formula.parameters):
        return None, basis
    energy = basis == "GJ"
    if energy:
        values["ncv"] = "1"
    matched = matched_values(found, formula, basis, library, energy=energy)
    return formula.gases(stored(bind(formula, matched=matched, given={}, method=values, basis=basis))), basis
