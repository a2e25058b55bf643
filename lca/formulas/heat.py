"""Heat in steam and hot water, by the Chinese convention: steam against a stated enthalpy, water against 20 °C.

Steam: Q = Ma × (h − h0) / 1000 GJ; hot water: Q = Mw × (T − T0) × c / 1000 GJ; Ma, Mw in t, h in kJ/kg.
h0 (83.74 kJ/kg), T0 (20 °C) and c (4.1868 kJ/(kg·K)) are stated by the method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lca.errors import OperandOutOfRange
from lca.formulas.base import ANY_GAS, Formula, Gases, Term, Values, of_gas

MJ_PER_GJ = 1000

FACTOR = Term("factor", "EF", "kg/GJ", "emission factor of heat", "热力排放因子", per_gas=True)
# Boiling water at 0.1 MPa holds 419 kJ/kg; steam at 800 °C and 0.1 MPa some 4160.
ENTHALPY = Term("enthalpy", "h", "kJ/kg", "enthalpy of the steam", "蒸汽热焓", low=419, high=4200)
TEMPERATURE = Term("temperature", "T", "degC", "temperature of the hot water", "热水温度", low=0, high=374)
ENTHALPY_REFERENCE = Term(
    "steam_reference_enthalpy", "h0", "kJ/kg", "enthalpy of the reference water", "基准水热焓", low=0, high=420
)
TEMPERATURE_REFERENCE = Term(
    "water_reference_temperature", "T0", "degC", "reference temperature", "基准水温", low=0, high=100
)
HEAT_CAPACITY = Term("water_heat_capacity", "c", "kJ/(kg·K)", "specific heat of water", "水的比热容", low=4.1, high=4.3)


def _heat(x: Values, gj_per_t: float) -> Gases:
    return {gas: gj_per_t * factor for gas, factor in of_gas(x, "factor")}


def _steam_gj_per_t(x: Values) -> float:
    return (x["enthalpy"] - x["steam_reference_enthalpy"]) / MJ_PER_GJ


def _water_gj_per_t(x: Values) -> float:
    rise = x["temperature"] - x["water_reference_temperature"]
    if rise <= 0:
        raise OperandOutOfRange(
            "hot_water", [f"temperature = {x['temperature']:g}, expected above {x['water_reference_temperature']:g}"]
        )
    return rise * x["water_heat_capacity"] / MJ_PER_GJ


GJ_PER_T: Mapping[str, Callable[[Values], float]] = MappingProxyType(
    {"steam": _steam_gj_per_t, "hot_water": _water_gj_per_t}
)
"""The heat in a tonne, by the formula that it emits by; the energy account counts the same heat."""


def _steam(x: Values) -> Gases:
    return _heat(x, _steam_gj_per_t(x))


def _hot_water(x: Values) -> Gases:
    return _heat(x, _water_gj_per_t(x))


FORMULAS = (
    Formula(
        id="steam",
        name_en="Steam by its enthalpy",
        name_zh="蒸汽：按热焓折算热量 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × (h − h0) / 1000 × EF"}),
        compute=_steam,
        factors=(FACTOR,),
        parameters=(ENTHALPY,),
        constants=(ENTHALPY_REFERENCE,),
        basis="t",
    ),
    Formula(
        id="hot_water",
        name_en="Hot water by its temperature",
        name_zh="热水：按温升折算热量 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × (T − T0) × c / 1000 × EF"}),
        compute=_hot_water,
        factors=(FACTOR,),
        parameters=(TEMPERATURE,),
        constants=(TEMPERATURE_REFERENCE, HEAT_CAPACITY),
        basis="t",
    ),
)
