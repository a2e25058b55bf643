"""Burning fuels: CO2 from the carbon, CH4 and N2O from published factors, fossil and biogenic apart.

With FC the fuel burned, NCV in GJ per unit, CC in tC/TJ (= kgC/GJ) and OF the share oxidised:
CO2 = FC × NCV × CC × OF × 44/12 (the common block of the Chinese guidelines, IPCC 2006 vol. 2 eq. 2.1 ff.).
CH4 and N2O factors stand per TJ, hence the 1000 GJ per TJ. What brought a fuel to the burner is published per net
energy: E = FC × NCV × EF, so that a figure of another place counts the heat that was burned, not that place's tonnes.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lca.formulas.base import ANY_GAS, STOCK, Formula, Gases, Term, Values, fraction, of_gas
from lca.formulas.chemistry import co2_per, ratio_text

GJ_PER_TJ = 1000
C_TO_CO2 = ratio_text("C")

NCV = Term("ncv", "NCV", "GJ/{u}", "net calorific value", "低位发热量", low=0, above=True)
CARBON_CONTENT = Term(
    "carbon_content", "CC", "kgC/GJ", "carbon content per energy", "单位热值含碳量", low=0, high=100, above=True
)
CARBON_FRACTION = Term(
    "carbon_fraction", "C", "kgC/{u}", "carbon per unit of fuel", "单位燃料含碳量", low=0, above=True
)
OXIDATION = Term("oxidation", "OF", "fraction", "share of carbon oxidised", "碳氧化率", low=0, high=1, above=True)
# 100 tC/TJ, the richest fuel that burns, is 366 667 kg CO2/TJ.
CO2_PER_TJ = Term("co2", "EF_CO2", "kg/TJ", "CO2 per energy", "单位热值二氧化碳排放因子", low=0, high=366667)
CO2_BIOGENIC_PER_TJ = Term(
    "co2_biogenic", "EF_CO2b", "kg/TJ", "biogenic CO2 per energy", "单位热值生物源二氧化碳排放因子", low=0, high=366667
)
CH4_PER_TJ = Term("ch4", "EF_CH4", "kg/TJ", "CH4 per energy", "甲烷排放因子", required=False, low=0)
N2O_PER_TJ = Term("n2o", "EF_N2O", "kg/TJ", "N2O per energy", "氧化亚氮排放因子", required=False, low=0)
SUPPLY_PER_GJ = Term("factor", "EF", "kg/GJ", "supply chain per net energy", "单位热值供应链排放因子", per_gas=True)
BIOGENIC_SHARE = fraction("biogenic_fraction", "β", "biogenic share of the fuel's energy", "生物质组分热值占比")


def _per_energy(x: Values, ch4: str) -> Gases:
    """Return kg CH4 (as gas ``ch4``) and N2O per unit of fuel, for those factors that were matched."""
    found = {ch4: x.get("ch4"), "N2O": x.get("n2o")}
    return {gas: x["ncv"] * factor / GJ_PER_TJ for gas, factor in found.items() if factor is not None}


def _combustion(x: Values) -> Gases:
    co2 = x["ncv"] * x["carbon_content"] * x["oxidation"] * co2_per("C")
    return {"CO2": co2, **_per_energy(x, "CH4_fossil")}


def _combustion_carbon(x: Values) -> Gases:
    return {"CO2": x["carbon_fraction"] * x["oxidation"] * co2_per("C"), **_per_energy(x, "CH4_fossil")}


def _fuel_energy(x: Values) -> Gases:
    return {"CO2": x["ncv"] * x["co2"] / GJ_PER_TJ, **_per_energy(x, "CH4_fossil")}


def _biomass_energy(x: Values) -> Gases:
    return {"CO2_biogenic": x["ncv"] * x["co2"] / GJ_PER_TJ, **_per_energy(x, "CH4_biogenic")}


def _alternative_fuel(x: Values) -> Gases:
    beta = x["biogenic_fraction"]
    gases = {
        "CO2": x["ncv"] * (1 - beta) * x["co2"] / GJ_PER_TJ,
        "CO2_biogenic": x["ncv"] * beta * x["co2_biogenic"] / GJ_PER_TJ,
    }
    if "ch4" in x:
        ch4 = x["ncv"] * x["ch4"] / GJ_PER_TJ
        gases |= {"CH4_fossil": ch4 * (1 - beta), "CH4_biogenic": ch4 * beta}
    if "n2o" in x:
        gases["N2O"] = x["ncv"] * x["n2o"] / GJ_PER_TJ
    return gases


def _fuel_supply(x: Values) -> Gases:
    return {gas: x["ncv"] * factor for gas, factor in of_gas(x, "factor")}


_CH4 = "AD × NCV × EF_CH4 / 1000"
_N2O = "AD × NCV × EF_N2O / 1000"

FORMULAS = (
    Formula(
        id="combustion",
        name_en="Fossil fuel burned: net calorific value × carbon content × oxidation",
        name_zh="化石燃料燃烧：低位发热量 × 单位热值含碳量 × 碳氧化率",
        expressions=MappingProxyType({"CO2": f"AD × NCV × CC × OF × {C_TO_CO2}", "CH4_fossil": _CH4, "N2O": _N2O}),
        compute=_combustion,
        factors=(NCV, CARBON_CONTENT, OXIDATION, CH4_PER_TJ, N2O_PER_TJ),
        stock=STOCK,
    ),
    Formula(
        id="combustion_carbon",
        name_en="Fossil fuel burned: measured carbon per unit of fuel × oxidation",
        name_zh="化石燃料燃烧：实测元素碳含量 × 碳氧化率",
        expressions=MappingProxyType({"CO2": f"AD × C × OF × {C_TO_CO2}", "CH4_fossil": _CH4, "N2O": _N2O}),
        compute=_combustion_carbon,
        factors=(CARBON_FRACTION, OXIDATION, replace(NCV, required=False), CH4_PER_TJ, N2O_PER_TJ),
        stock=STOCK,
    ),
    Formula(
        id="fuel_energy",
        name_en="Fossil fuel burned: net calorific value × CO2 per energy",
        name_zh="化石燃料燃烧：低位发热量 × 单位热值排放因子",
        expressions=MappingProxyType({"CO2": "AD × NCV × EF_CO2 / 1000", "CH4_fossil": _CH4, "N2O": _N2O}),
        compute=_fuel_energy,
        factors=(NCV, CO2_PER_TJ, CH4_PER_TJ, N2O_PER_TJ),
        stock=STOCK,
    ),
    Formula(
        id="biomass_energy",
        name_en="Biomass burned: its CO2 apart, its CH4 and N2O counted",
        name_zh="生物质燃料燃烧：二氧化碳单列，甲烷和氧化亚氮计入",
        expressions=MappingProxyType({"CO2_biogenic": "AD × NCV × EF_CO2 / 1000", "CH4_biogenic": _CH4, "N2O": _N2O}),
        compute=_biomass_energy,
        factors=(NCV, CO2_PER_TJ, CH4_PER_TJ, N2O_PER_TJ),
        stock=STOCK,
    ),
    Formula(
        id="alternative_fuel",
        name_en="Alternative fuel burned: split into its fossil and its biogenic part",
        name_zh="替代燃料燃烧：区分化石组分与生物质组分",
        expressions=MappingProxyType(
            {
                "CO2": "AD × NCV × (1 − β) × EF_CO2 / 1000",
                "CO2_biogenic": "AD × NCV × β × EF_CO2b / 1000",
                "CH4_fossil": "AD × NCV × (1 − β) × EF_CH4 / 1000",
                "CH4_biogenic": "AD × NCV × β × EF_CH4 / 1000",
                "N2O": _N2O,
            }
        ),
        compute=_alternative_fuel,
        factors=(NCV, CO2_PER_TJ, CO2_BIOGENIC_PER_TJ, CH4_PER_TJ, N2O_PER_TJ),
        parameters=(BIOGENIC_SHARE,),
        stock=STOCK,
    ),
    Formula(
        id="fuel_supply",
        name_en="Supply chain of a fuel: net calorific value × emissions per energy",
        name_zh="燃料供应链：低位发热量 × 单位热值排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × NCV × EF"}),
        compute=_fuel_supply,
        factors=(NCV, SUPPLY_PER_GJ),
        stock=STOCK,
    ),
)
