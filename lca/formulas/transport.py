"""Freight by tonnes and distance, commuting by people and distance.

Freight: E = m × d × EF with EF per tonne-kilometre (ISO 14083). Commuting: E = staff × days × km × EF.
Amounts that already are tkm or pkm take formula ``published``.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, Formula, Gases, Term, Values, of_gas

PER_TKM = Term("factor", "EF", "kg/tkm", "factor per tonne-kilometre", "吨公里排放因子", per_gas=True)
PER_PKM = Term("factor", "EF", "kg/pkm", "factor per passenger-kilometre", "人公里排放因子", per_gas=True)
# Half the way round the earth and back, by a canal.
DISTANCE = Term("distance_km", "d", "km", "distance", "运输距离", low=0, high=50000)
DAYS = Term("days", "n", "d", "working days", "出勤天数", low=0, high=366)
DAILY = Term("km_per_day", "d", "km", "distance per person and day", "每人每日通勤距离", low=0, high=1000)


def _freight(x: Values) -> Gases:
    return {gas: x["distance_km"] * factor for gas, factor in of_gas(x, "factor")}


def _commuting(x: Values) -> Gases:
    return {gas: x["days"] * x["km_per_day"] * factor for gas, factor in of_gas(x, "factor")}


FORMULAS = (
    Formula(
        id="freight",
        name_en="Freight: mass × distance × factor",
        name_zh="货物运输：货运量 × 运距 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × d × EF"}),
        compute=_freight,
        factors=(PER_TKM,),
        parameters=(DISTANCE,),
        basis="t",
    ),
    Formula(
        id="commuting",
        name_en="Commuting: people × days × distance × factor",
        name_zh="员工通勤：人数 × 天数 × 距离 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × n × d × EF"}),
        compute=_commuting,
        factors=(PER_PKM,),
        parameters=(DAYS, DAILY),
        basis="person",
    ),
)
