"""Products after they are sold: their use over the whole life.

Use: E = n × life × use per year × EF, all of it in the year of sale (GHG Protocol, category 11).
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, Formula, Gases, Term, Values, of_gas

PER_KWH = Term("factor", "EF", "kg/kWh", "factor of the energy used", "使用阶段能源排放因子", per_gas=True)
LIFE = Term("lifetime_years", "L", "a", "service life", "使用寿命", low=0, high=200, above=True)
USE = Term("use_kwh_per_year", "u", "kWh/a", "energy used per year", "年用能量", low=0)


def _use_of_sold(x: Values) -> Gases:
    return {gas: x["lifetime_years"] * x["use_kwh_per_year"] * factor for gas, factor in of_gas(x, "factor")}


FORMULAS = (
    Formula(
        id="use_of_sold",
        name_en="Use of sold products: pieces × life × energy per year × factor",
        name_zh="售出产品使用：数量 × 寿命 × 年用能量 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × L × u × EF"}),
        compute=_use_of_sold,
        factors=(PER_KWH,),
        parameters=(LIFE, USE),
        basis="piece",
    ),
)
