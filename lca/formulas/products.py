"""Products after they are sold: their use over the whole life, and their end of life.

Use: E = n × life × use per year × EF, all of it in the year of sale (GHG Protocol, category 11).
End of life: E = n × m × share treated so × EF (category 12).
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, Formula, Gases, Term, Values, fraction, of_gas

PER_KWH = Term("factor", "EF", "kg/kWh", "factor of the energy used", "使用阶段能源排放因子", per_gas=True)
PER_KG = Term("factor", "EF", "kg/kg", "factor of the treatment", "处置方式排放因子", per_gas=True)
LIFE = Term("lifetime_years", "L", "a", "service life", "使用寿命", low=0, high=200, above=True)
USE = Term("use_kwh_per_year", "u", "kWh/a", "energy used per year", "年用能量", low=0)
MASS = Term("mass_kg", "m", "kg", "mass of one product", "单件产品质量", low=0, above=True)
TREATED = fraction("treated_share", "w", "share that is treated so", "该处置方式占比")


def _use_of_sold(x: Values) -> Gases:
    return {gas: x["lifetime_years"] * x["use_kwh_per_year"] * factor for gas, factor in of_gas(x, "factor")}


def _end_of_life(x: Values) -> Gases:
    return {gas: x["mass_kg"] * x["treated_share"] * factor for gas, factor in of_gas(x, "factor")}


FORMULAS = (
    Formula(
        id="use_of_sold",
        name_en="Use of sold products: pieces × life × energy per year × factor",
        name_zh="售出产品使用：数量 × 寿命 × 年用能量 × 排放因子",
        ids=("ghgp.scope3",),
        expressions=MappingProxyType({ANY_GAS: "AD × L × u × EF"}),
        compute=_use_of_sold,
        factors=(PER_KWH,),
        parameters=(LIFE, USE),
        basis="piece",
    ),
    Formula(
        id="end_of_life",
        name_en="End of life of sold products: pieces × mass × share × factor",
        name_zh="售出产品报废处置：数量 × 单件质量 × 处置占比 × 排放因子",
        ids=("ghgp.scope3",),
        expressions=MappingProxyType({ANY_GAS: "AD × m × w × EF"}),
        compute=_end_of_life,
        factors=(PER_KG,),
        parameters=(MASS, TREATED),
        basis="piece",
    ),
)
