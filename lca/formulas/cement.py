"""Clinker: process CO2 by measured oxides or by the default factor, and what belongs to neither.

By oxides (GB/T 32151.8): CO2 = Q × [(CaO − CaO0) × 44/56 + (MgO − MgO0) × 44/40], Q being clinker, kiln
dust or bypass dust and CaO0, MgO0 the shares that were not carbonates. By the default (CETS-AG-02.01):
CO2 = max(0, Q × EF − Σ Qalt × k) per line, with deductions k for non-carbonate raw materials.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lca.errors import DeductionAppliedTwice, DeductionWithoutClinker, OperandOutOfRange
from lca.formulas.base import Formula, Gases, Values, emission_factor, fraction
from lca.formulas.chemistry import co2_per, ratio_text

OXIDES = (
    fraction("cao", "CaO", "CaO content", "氧化钙含量"),
    fraction("cao_noncarbonate", "CaO0", "CaO not from carbonates", "非来源于碳酸盐分解的氧化钙含量"),
    fraction("mgo", "MgO", "MgO content", "氧化镁含量"),
    fraction("mgo_noncarbonate", "MgO0", "MgO not from carbonates", "非来源于碳酸盐分解的氧化镁含量"),
)
ORGANIC_CARBON = fraction(
    "organic_carbon", "FR0", "non-fuel organic carbon of the raw meal", "生料中非燃料碳含量", high=0.05
)


def _clinker_oxides(x: Values) -> Gases:
    wrong = [
        f"{oxide}_noncarbonate = {x[f'{oxide}_noncarbonate']:g}, expected at most {oxide} = {x[oxide]:g}"
        for oxide in ("cao", "mgo")
        if x[f"{oxide}_noncarbonate"] > x[oxide]
    ]
    if x["cao"] + x["mgo"] > 1:
        wrong.append(f"cao + mgo = {x['cao'] + x['mgo']:g}, expected at most 1")
    if wrong:
        raise OperandOutOfRange("clinker_oxides", wrong)
    lime = (x["cao"] - x["cao_noncarbonate"]) * co2_per("CaO")
    return {"CO2": lime + (x["mgo"] - x["mgo_noncarbonate"]) * co2_per("MgO")}


def _factor(x: Values) -> Gases:
    return {"CO2": x["factor"]}


def _organic_carbon(x: Values) -> Gases:
    return {"CO2": x["organic_carbon"] * co2_per("C")}


def settle_line(line: str, clinker: Mapping[str, str], kg: Mapping[str, float]) -> dict[str, float]:
    """Return kg CO2 by calculation id for one clinker line, deductions negative and never below zero together.

    CO2 of the line = max(0, Σ Q × EF − Σ Qalt × k). Where the deductions exceed the clinker, they are
    scaled down together, so that every line of the result still shows its own share.

    Args:
        line: the process line, as it is named in an error.
        clinker: formula id by calculation id, for what was made on this line.
        kg: kg CO2 by calculation id, all positive, for the clinker and for every deduction.

    Raises:
        DeductionAppliedTwice: there are deductions and the clinker is from measured oxides.
        DeductionWithoutClinker: there are deductions and no clinker.
    """
    deductions = {key: value for key, value in kg.items() if key not in clinker}
    if deductions and "clinker_factor" not in clinker.values():
        by_oxides = "clinker_oxides" in clinker.values()
        raise (DeductionAppliedTwice if by_oxides else DeductionWithoutClinker)(line, sorted(deductions))
    gross = sum(kg[key] for key, formula in clinker.items() if formula == "clinker_factor")
    wanted = sum(deductions.values())
    share = min(1.0, gross / wanted) if wanted > 0 else 1.0
    return {key: kg[key] if key in clinker else -kg[key] * share for key in kg}


FORMULAS = (
    Formula(
        id="clinker_oxides",
        name_en="Clinker or kiln dust, oxides measured",
        name_zh="熟料（或窑炉粉尘）碳酸盐分解：实测氧化物含量",
        expressions=MappingProxyType(
            {"CO2": f"AD × ((CaO − CaO0) × {ratio_text('CaO')} + (MgO − MgO0) × {ratio_text('MgO')})"}
        ),
        compute=_clinker_oxides,
        parameters=OXIDES,
        basis="kg",
    ),
    Formula(
        id="clinker_factor",
        name_en="Clinker × default factor",
        name_zh="熟料产量 × 缺省排放因子",
        expressions=MappingProxyType({"CO2": "AD × EF"}),
        compute=_factor,
        factors=(emission_factor(),),
    ),
    Formula(
        id="deduction",
        name_en="Non-carbonate raw material × deduction factor (deducted from the line's clinker)",
        name_zh="非碳酸盐替代原料消耗量 × 扣减系数（自该生产线熟料过程排放中扣减）",
        expressions=MappingProxyType({"CO2": "AD × k"}),
        compute=_factor,
        factors=(emission_factor(symbol="k"),),
    ),
    Formula(
        id="organic_carbon",
        name_en="Organic carbon of the raw meal, burned",
        name_zh="生料中非燃料碳煅烧",
        expressions=MappingProxyType({"CO2": f"AD × FR0 × {ratio_text('C')}"}),
        compute=_organic_carbon,
        parameters=(ORGANIC_CARBON,),
        basis="kg",
    ),
)
