"""Refrigerants, SF6 and other made gases: what is topped up or missing from the stock was emitted.

Top-up and stock method: mass = opening + bought − closing − sold or filled into products. Filling of
products: n × c × M, with c the moles lost at each filling and M the molar mass of the gas.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, STOCK, Formula, Gases, Term, Values, of_gas

GRAMS_PER_KG = 1000

# The potential is not an operand of the mass; it is matched to the gas here, so that a blend (R-410A)
# carries its name and is weighted once, by the value that the record printed.
GWP = Term("gwp", "GWP", "kgCO2e/kg", "warming potential of the gas", "全球变暖潜势", low=0, per_gas=True)
MOLES = Term("mol_per_filling", "c", "mol/{u}", "moles lost at each filling", "单次充装逸散量", low=0, per_gas=True)
MOLAR_MASS = Term("molar_mass", "M", "g/mol", "molar mass of the gas", "气体摩尔质量", low=2, high=400)


def _refrigerant(x: Values) -> Gases:
    return {gas: 1.0 for gas, _ in of_gas(x, "gwp")}


def _filling(x: Values) -> Gases:
    return {gas: moles * x["molar_mass"] / GRAMS_PER_KG for gas, moles in of_gas(x, "mol_per_filling")}


FORMULAS = (
    Formula(
        id="refrigerant",
        name_en="Gas topped up, or missing from the stock",
        name_zh="制冷剂等气体：充注量或库存平衡逸散量",
        expressions=MappingProxyType({ANY_GAS: "AD"}),
        compute=_refrigerant,
        factors=(GWP,),
        stock=STOCK,
        basis="kg",
    ),
    Formula(
        id="filling",
        name_en="Gas lost when products are filled: fillings × moles × molar mass",
        name_zh="产品充装逸散：充装次数 × 单次逸散摩尔数 × 摩尔质量",
        expressions=MappingProxyType({ANY_GAS: "AD × c × M / 1000"}),
        compute=_filling,
        factors=(MOLES,),
        parameters=(MOLAR_MASS,),
        basis="piece",
    ),
)
