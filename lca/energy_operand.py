"""How much energy one unit of an activity is, with the record that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from factors.library import Library
from factors.match import Activity, Match
from factors.units import dimension, multiplier
from lca.formulas.energy import tce_per_unit_by_coefficient, tce_per_unit_by_ncv
from lca.formulas.heat import GJ_PER_T
from lca.numbers import canonical

Record = dict[str, Any]

FUEL_GROUPS = frozenset({"stationary_combustion", "mobile_combustion", "biomass_combustion", "alternative_fuel"})
POWER = {"electricity": 1, "electricity_exported": -1}
HEAT = {"heat": 1, "heat_exported": -1}
POWER_COEFFICIENT = "cn-sce-electricity"
HEAT_COEFFICIENT = "cn-sce-heat"


def energy_operand(
    activity: Activity, basis: str, record: Mapping[str, Any], default: Match | None, library: Library
) -> Record | None:
    """Return tce per ``basis`` unit and its source, or None for what is no energy.

    A fuel counts by the net calorific value in use (NCV / 29.3076), or where its factor needs none by that of the
    ``default`` match; electricity and heat count by the calorific coefficients of GB/T 2589. ``kwh_per_unit`` marks
    what an equivalent rate may replace.
    """
    if activity.group in POWER:
        coefficient = library.factors[POWER_COEFFICIENT]
        kwh = float(multiplier(basis, "kWh"))
        tce = kwh * tce_per_unit_by_coefficient(float(coefficient.number))
        return _operand(tce, POWER[activity.group], coefficient.id, kwh)
    if activity.group in HEAT:
        coefficient = library.factors[HEAT_COEFFICIENT]
        gigajoules = _gj_per_unit(basis, record)
        if gigajoules is None:
            return None
        tce = gigajoules * float(multiplier("GJ", "MJ")) * tce_per_unit_by_coefficient(float(coefficient.number))
        return _operand(tce, HEAT[activity.group], coefficient.id, None)
    if activity.group in FUEL_GROUPS:
        return _fuel(basis, record, default)
    return None


def _operand(tce: float, sign: int, factor_id: str, kwh: float | None) -> Record:
    return {
        "tce_per_unit": canonical(tce),
        "sign": sign,
        "factor_id": factor_id,
        "kwh_per_unit": None if kwh is None else canonical(kwh),
    }


def _fuel(basis: str, record: Mapping[str, Any], default: Match | None) -> Record | None:
    if dimension(basis) == "energy":
        return _operand(tce_per_unit_by_ncv(float(multiplier(basis, "GJ"))), 1, "", None)
    calorific = next((o for o in record["operands"] if o["key"] == "ncv"), None)
    if calorific is not None:
        return _operand(tce_per_unit_by_ncv(float(calorific["value"])), 1, calorific["factor_id"], None)
    part = next((part for part in default.parts if part.role == "ncv"), None) if default else None
    if part is None or dimension(part.unit.denominator) != dimension(basis):
        return None
    ncv = float(part.factor.number * part.unit.scale_to("GJ", basis))
    return _operand(tce_per_unit_by_ncv(ncv), 1, part.factor.id, None)


def _gj_per_unit(basis: str, record: Mapping[str, Any]) -> float | None:
    if dimension(basis) == "energy":
        return float(multiplier(basis, "GJ"))
    if record["formula"] not in GJ_PER_T:
        return None
    return GJ_PER_T[record["formula"]]({operand["key"]: float(operand["value"]) for operand in record["operands"]})
