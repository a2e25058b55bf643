"""Steel as a carbon balance: what brings carbon emits it, what leaves with the product is bound.

Fluxes, electrodes and bought carbon-bearing materials take the published CO2 per tonne (formula
``published``); a measured carbon content enters through ``carbon``; products that keep their carbon are
``fixed_carbon``, which a method subtracts or leaves gross.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import STOCK, Formula, Gases, Term, Values, emission_factor

CARBON = Term("carbon_fraction", "C", "kgC/{u}", "carbon per unit of material", "单位含碳量", low=0)
# The Chinese guidelines multiply by 44/12, CBAM by the printed 3.664: the method says which.
CARBON_TO_CO2 = Term("carbon_to_co2", "K", "kg/kgC", "CO2 per carbon", "碳与二氧化碳的换算系数", low=3.66, high=3.67)


def _carbon(x: Values) -> Gases:
    return {"CO2": x["carbon_fraction"] * x["carbon_to_co2"]}


def _fixed_carbon(x: Values) -> Gases:
    return {"CO2": x["factor"]}


FORMULAS = (
    Formula(
        id="carbon",
        name_en="Material × its carbon content, all of it as CO2",
        name_zh="含碳物料 × 含碳量（全部转化为二氧化碳）",
        expressions=MappingProxyType({"CO2": "AD × C × K"}),
        compute=_carbon,
        factors=(CARBON,),
        constants=(CARBON_TO_CO2,),
        stock=STOCK,
    ),
    Formula(
        id="fixed_carbon",
        name_en="Carbon bound in a product that leaves, as CO2",
        name_zh="固碳产品隐含的二氧化碳",
        expressions=MappingProxyType({"CO2": "AD × EF"}),
        compute=_fixed_carbon,
        factors=(emission_factor(),),
    ),
)
