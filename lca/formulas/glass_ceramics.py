"""Flat glass and ceramics beyond plain carbonates.

Glass: carbon powder in the batch, CO2 = M × C × 44/12; its carbonates are formula ``carbonate``.
Ceramics: CO2 = M × η × (CaCO3 × 44/100 + MgCO3 × 44/84), with measured carbonate contents of the raw material.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.errors import OperandOutOfRange
from lca.formulas.base import STOCK, Formula, Gases, Values, fraction
from lca.formulas.chemistry import co2_per, ratio_text

CARBON_SHARE = fraction("carbon_content", "C", "carbon content of the powder", "碳粉含碳量")
UTILISATION = fraction("utilisation", "η", "share of the raw material used", "原料利用率")
CARBONATES = (
    fraction("caco3", "CaCO3", "CaCO3 content", "碳酸钙含量"),
    fraction("mgco3", "MgCO3", "MgCO3 content", "碳酸镁含量"),
)


def _carbon_powder(x: Values) -> Gases:
    return {"CO2": x["carbon_content"] * co2_per("C")}


def _ceramics(x: Values) -> Gases:
    if x["caco3"] + x["mgco3"] > 1:
        raise OperandOutOfRange("ceramics", [f"caco3 + mgco3 = {x['caco3'] + x['mgco3']:g}, expected at most 1"])
    return {"CO2": x["utilisation"] * (x["caco3"] * co2_per("CaCO3") + x["mgco3"] * co2_per("MgCO3"))}


FORMULAS = (
    Formula(
        id="carbon_powder",
        name_en="Carbon powder in the glass batch, burned",
        name_zh="玻璃配合料中碳粉氧化",
        expressions=MappingProxyType({"CO2": f"AD × C × {ratio_text('C')}"}),
        compute=_carbon_powder,
        factors=(CARBON_SHARE,),
        stock=STOCK,
        basis="kg",
    ),
    Formula(
        id="ceramics",
        name_en="Ceramic raw material, carbonates measured",
        name_zh="陶瓷原料中碳酸盐分解（实测含量）",
        expressions=MappingProxyType(
            {"CO2": f"AD × η × (CaCO3 × {ratio_text('CaCO3')} + MgCO3 × {ratio_text('MgCO3')})"}
        ),
        compute=_ceramics,
        parameters=(UTILISATION, *CARBONATES),
        stock=STOCK,
        basis="kg",
    ),
)
