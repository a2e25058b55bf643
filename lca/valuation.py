"""What one unit of an activity emits under one method and view, with every operand kept.

A valuation is plain JSON-able data: the snapshot stores it as it is, and ``revalue`` computes its
gases again from its own operands, without a library and without a match.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from factors.gwp import GwpSet
from factors.library import Library
from factors.match import Activity, Match, Part, Rules
from factors.units import dimension, multiplier, to_normal_volume
from lca.errors import FormulaNotAllowed
from lca.formulas import FORMULAS, Formula, Term
from lca.formulas.operands import Operand, bind, values
from lca.ledger import EQUITY_SHARE, Stream
from lca.method import LEGAL_ENTITY, Method
from lca.numbers import canonical
from lca.parts import plain

UNSPLIT = "CO2e"
BIOGENIC = "CO2_biogenic"
OZONE_FAMILIES = ("CFC-", "HCFC-")
"""Gases of the Montreal Protocol: none of the seven that the standards count; reported beside the totals."""

SPLIT_GASES = frozenset({"CO2", "CH4", "N2O"})
PER_ENERGY = frozenset({"combustion", "fuel_energy", "biomass_energy", "alternative_fuel", "fuel_supply"})
"""Formulas that can start from energy instead of a quantity of fuel: the calorific value is then 1 GJ/GJ."""

NEGATIVE = frozenset({"deduction"})
"""Formulas whose result is taken off in every structure: raw material that never was a carbonate."""

TRADE_UNITS = {"Gg": "t", "kt": "t", "lb": "kg"}
"""Units that national inventories print and no one weighs in: the basis becomes the unit of the trade."""

BIOGENIC_GROUPS = frozenset({"biomass_combustion", "wastewater", "waste"})

GAS_CONDITIONS = ("gas_temperature_c", "gas_pressure_kpa")
DENSITY = "density_kg_per_l"
"""Parameters that turn m3 of a gas into Nm3; both or none."""

ANOTHER_ENTITY = "another-entity"
"""Rule of a site that lies outside the boundary of a legal-entity method."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """One of the structures an inventory is valued under."""

    name: str  # location | market | method
    method: Method
    share: str = "1"

    def rules(self) -> Rules:
        """What the method of this view says about choosing factors."""
        chosen = self.method.views[self.name]
        return Rules(
            view=self.name,
            parameter_sets=self.method.parameter_sets,
            combustion_gases=frozenset(self.method.combustion_gases),
            series=chosen.series,
            level=chosen.level,
            gwp_set=self.method.gwp_set,
        )


def left_out(view: View, group: str, given: Collection[str]) -> Record | None:
    """Return the valuation of a source that the view does not count, or None when it counts it."""
    method = view.method
    found = method.exclusion(group, given)
    if found is None and group in method.assign:
        return None
    rule = found.rule if found is not None else "not-in-method"
    return blank() | {"included": False, "rule": rule, "gwp_set": method.gwp_set}


def blank() -> Record:
    """Return a valuation of nothing, with every field a reader may ask for."""
    return {
        "included": True, "rule": "", "sign": 1, "category": "", "scope": "", "formula": "", "expression": "",
        "operands": [], "gases": {}, "weights": {}, "gwp_set": "", "share": "1", "factor_ids": [],
        "factor_value": "", "factor_unit": "", "variant": "", "variants": [], "detail": {}, "candidates": [],
    }  # fmt: skip


def basis_unit(found: Match, stream: Stream) -> str:
    """Return the unit that one valuation is per: the formula's own, or that of the matched factor.

    A fuel given as energy is valued per GJ; everything else per the denominator the publisher printed.

    Raises:
        AmbiguousUnit, UnknownUnit: the unit of the stream cannot be read.
    """
    formula = FORMULAS[found.formula]
    if found.formula in PER_ENERGY and dimension(stream.unit) == "energy":
        return "GJ"
    if formula.basis:
        return formula.basis
    for part in found.parts:
        term = _term(formula, part.role)
        if term is not None and "{u}" in term.unit and part.unit.denominator:
            return TRADE_UNITS.get(part.unit.denominator, part.unit.denominator)
    return found.activity.unit


def share_of(method: Method, approach: str, share_percent: str) -> str:
    """Return the part of a site that counts: by equity where that is the approach, whole for a legal-entity method."""
    if method.boundary == LEGAL_ENTITY or approach != EQUITY_SHARE:
        return "1"
    return plain(Decimal(share_percent) / 100)


def sign_of(method: Method, group: str, formula: str) -> int:
    """Return −1 for what is taken off: by the method, or in every structure; else 1."""
    return -1 if formula in NEGATIVE else method.sign(group)


def conversion(stream: Stream, basis: str) -> Decimal:
    """Return how many basis units one submitted unit is.

    A volume of gas at metering conditions becomes normal volume by its temperature and pressure; a volume of a liquid
    becomes mass by its density: m [kg] = V [l] x rho [kg/l].

    Raises:
        UnitMismatch: the unit measures something else, or what would turn it is not stated.
    """
    given = dict(stream.parameters)
    if dimension(stream.unit) == "volume" and dimension(basis) == "mass" and DENSITY in given:
        return multiplier(stream.unit, "l") * Decimal(given[DENSITY]) * multiplier("kg", basis)
    if dimension(stream.unit) == "volume" and dimension(basis) == "normal_volume" and _conditions(given):
        temperature, pressure = Decimal(given["gas_temperature_c"]), Decimal(given["gas_pressure_kpa"])
        cubic_metres = multiplier(stream.unit, "m3")
        return to_normal_volume(cubic_metres, temperature, pressure) * multiplier("Nm3", basis)
    return multiplier(stream.unit, basis)


def _conditions(given: Mapping[str, str]) -> bool:
    return all(name in given for name in GAS_CONDITIONS)


def value(found: Match, stream: Stream, view: View, library: Library, basis: str) -> Record:
    """Return the valuation of ``stream`` by ``found`` under ``view``, per ``basis`` unit.

    Raises:
        LcaError: an operand is missing, impossible or may not replace a default.
        FactorsError: a unit that does not fit, or a gas without a warming potential.
    """
    formula = FORMULAS[found.formula]
    method = view.method
    if formula.id not in method.formulas.get(found.activity.group, ()):
        raise FormulaNotAllowed(formula.id, found.activity.id, method.id)
    operands = operands_of(found, method, library, basis, stream)
    gases = formula.gases(stored(operands))
    group = found.activity.group
    category = method.assign[group]
    return blank() | {
        "sign": sign_of(method, group, formula.id),
        "rule": method.deduct[group].rule if group in method.deduct else "",
        "category": category,
        "scope": method.scope(category),
        "formula": formula.id,
        "expression": formula.expression,
        "operands": [_operand(operand, found, formula) for operand in operands.values()],
        "gases": {gas: canonical(mass) for gas, mass in gases.items()},
        "weights": {gas: weight_of(gas, library, method.gwp_set) for gas in gases},
        "gwp_set": method.gwp_set,
        "share": view.share,
        "factor_ids": list(found.factor_ids),
        **_shown(found, gases, basis),
        **_variants(found, formula, operands),
        "detail": dict(found.detail) | _published_sets(found),
        "candidates": [[one.factor_id, one.reason] for one in found.candidates],
    }


def operands_of(
    found: Match, method: Method, library: Library, basis: str, stream: Stream | None = None
) -> dict[str, Operand]:
    """Return every operand of ``found`` per ``basis`` unit, with what ``stream`` states where there is a stream.

    Raises:
        LcaError: an operand is missing, impossible or may not replace a default.
        FactorsError: a unit that does not fit, or a gas without a warming potential.
    """
    formula = FORMULAS[found.formula]
    constants = method.values()
    if basis == "GJ" and found.formula in PER_ENERGY:
        constants["ncv"] = "1"
    return bind(
        formula,
        matched=_matched_values(found, formula, basis, library, energy=basis == "GJ"),
        given=dict(stream.parameters) if stream else {},
        method=constants,
        basis=basis,
        submitted=stream.unit if stream else "",
        conversion=float(conversion(stream, basis)) if stream else 1.0,
    )


def revalue(record: Mapping[str, Any]) -> dict[str, str]:
    """Compute the gases of a valuation again from its operands alone.

    Raises:
        LcaError: the operands do not belong to the formula that the record names.
    """
    if not record["formula"]:
        return dict(record["gases"])
    operands = {operand["key"]: float(operand["value"]) for operand in record["operands"]}
    return {gas: canonical(mass) for gas, mass in FORMULAS[record["formula"]].gases(operands).items()}


def stored(operands: Mapping[str, Operand]) -> dict[str, float]:
    """Return the operands as the snapshot will hold them: what is stored is what was computed with."""
    return {key: float(canonical(number)) for key, number in values(operands).items()}


def offset(record: Mapping[str, Any], amount: float) -> float:
    """Return what stocks, sales and recoveries add to a row of ``amount``, in basis units; mostly negative.

    Raises:
        NetAmountNegative: more was left, sold or recovered than there was.
    """
    formula = FORMULAS[record["formula"]]
    x = {operand["key"]: float(operand["value"]) for operand in record["operands"]}
    return formula.net_amount(amount, x) - amount


def _term(formula: Formula, role: str) -> Term | None:
    return next((term for term in (*formula.factors, *formula.parameters) if term.key == role), None)


def _matched_values(found: Match, formula: Formula, basis: str, library: Library, *, energy: bool) -> dict[str, float]:
    """Return the operands that the matched records give, by key, in the units of the formula's terms.

    With ``energy`` the activity is given in GJ and the calorific value plays no part.
    """
    matched: dict[str, float] = {}
    for part in found.parts:
        term = _term(formula, part.role)
        if term is None or (energy and part.role == "ncv"):
            continue
        wanted, _, below = term.unit.replace("{u}", basis).partition("/")
        if not term.per_gas:
            matched[part.role] = float(part.factor.number * part.unit.scale_to(wanted, below))
            continue
        gas, number = _per_gas(part, found.activity, term, below, library)
        matched[f"{part.role}.{gas}"] = float(number)
    return matched


def _per_gas(part: Part, activity: Activity, term: Term, below: str, library: Library) -> tuple[str, Decimal]:
    """Return (gas, mass per basis unit) of a factor that stands for one gas.

    A published CO2e of a named gas is turned back into the mass of that gas by the GWP set it was
    weighted with, so that nothing is weighted twice; CO2e of unnamed gases stays unsplit.
    """
    factor = part.factor
    if part.unit.of == "mol":
        return activity.gas, factor.number * part.unit.scale_to(term.unit.partition("/")[0], below)
    if part.unit.of != "co2e":
        return _named(factor.gas, activity), factor.number * part.unit.scale_to(term.unit.partition("/")[0], below)
    weighted = factor.number * part.unit.scale_to("kgCO2e", below)
    if activity.gas:
        return activity.gas, weighted
    if factor.gas in SPLIT_GASES and factor.gwp_set:
        published: GwpSet = library.gwp_sets[factor.gwp_set]
        return _named(factor.gas, activity), weighted / published.value(factor.gas)
    return UNSPLIT, weighted


def _named(gas: str, activity: Activity) -> str:
    if gas == "CH4":
        return "CH4_biogenic" if activity.group in BIOGENIC_GROUPS else "CH4_fossil"
    return gas


def is_apart(gas: str) -> bool:
    """Does ``gas`` stand beside every total: biogenic CO2, and what the Montreal Protocol controls?"""
    return gas == BIOGENIC or gas.startswith(OZONE_FAMILIES)


def weight_of(gas: str, library: Library, gwp_set: str) -> str:
    """Return the kg CO2e per kg of ``gas``: 0 for a gas beside the totals, 1 for CO2e that was published unsplit.

    Raises:
        UnknownGas: the set has no value for it.
    """
    if is_apart(gas):
        return "0"
    return "1" if gas == UNSPLIT else canonical(float(library.gwp_sets[gwp_set].value(gas)))


def _operand(operand: Operand, found: Match, formula: Formula) -> Record:
    part = next(
        (p for p in found.parts if p.role == operand.key.split(".")[0] and _is_part_of(p, operand, found)), None
    )
    term = _term(formula, operand.key.split(".")[0])
    taken = part if operand.origin == "factor" else None
    return {
        "key": operand.key,
        "symbol": term.symbol if term is not None else operand.key,
        "value": canonical(operand.value),
        "unit": operand.unit,
        "origin": operand.origin,
        "text": operand.text,
        "printed": taken.factor.value if taken else operand.text,
        "printed_unit": taken.factor.unit if taken else operand.unit,
        "factor_id": taken.factor.id if taken else "",
    }


def _is_part_of(part: Part, operand: Operand, found: Match) -> bool:
    _, dot, gas = operand.key.partition(".")
    if not dot or found.activity.gas:
        return True
    return gas == _named(part.factor.gas, found.activity) or (gas == UNSPLIT and part.factor.gas == UNSPLIT)


def _shown(found: Match, gases: Mapping[str, float], basis: str) -> dict[str, str]:
    """Choose the figure a table shows: the printed factor where there is one, else the computed CO2 per unit."""
    emitting = [part for part in found.parts if part.role == "factor"]
    if len(emitting) == 1 and found.formula in ("published", "clinker_factor", "deduction", "fixed_carbon"):
        return {"factor_value": emitting[0].factor.value, "factor_unit": emitting[0].factor.unit}
    if not gases:
        return {"factor_value": "", "factor_unit": ""}
    gas, mass = max(gases.items(), key=lambda item: abs(item[1]))
    return {"factor_value": canonical(mass), "factor_unit": f"kg {gas}/{basis}"}


def assumed(formula: Formula, operands: Iterable[tuple[str, str]]) -> list[str]:
    """Name the (key, origin) operands that the method supplies in place of a statement of the organisation."""
    constants = {term.key for term in formula.constants}
    return [key for key, origin in operands if origin == "method" and key not in constants]


def _variants(found: Match, formula: Formula, operands: Mapping[str, Operand]) -> Record:
    """A measured property goes before everything else that can be said of a match."""
    measured = any(operand.origin == "measured" for operand in operands.values())
    variants = ["measured", *found.variants] if measured else list(found.variants)
    if assumed(formula, ((o.key, o.origin) for o in operands.values())) and "default" not in variants:
        variants.append("default")
    return {"variant": variants[0] if variants else "exact", "variants": variants}


def _published_sets(found: Match) -> dict[str, str]:
    sets = {p.factor.gwp_set or "unstated" for p in found.parts if p.unit.of == "co2e" and p.factor.gas == UNSPLIT}
    return {"published_gwp_set": ", ".join(sorted(sets))} if sets and not found.activity.gas else {}
