"""Primary aluminium: CO2 of the anodes, CF4 and C2F6 of the anode effects.

Anodes: CO2 = P × NC × (1 − S − A) × 44/12. Anode effects: P × EF by default factors, or by the slope of the
cells, EF_CF4 = slope × AE and EF_C2F6 = EF_CF4 × R with AE the anode-effect minutes per cell-day.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import Formula, Gases, Term, Values, emission_factor, fraction
from lca.formulas.chemistry import co2_per, ratio_text

ANODE = Term("anode_consumption", "NC", "kgC/{u}", "net anode consumption", "净阳极消耗", low=0, above=True)
SULPHUR = fraction("sulphur", "S", "sulphur content of the anodes", "阳极平均含硫量", high=0.1)
ASH = fraction("ash", "A", "ash content of the anodes", "阳极平均灰分含量", high=0.1)
SLOPE = Term("slope", "SL", "kg/{u}", "slope: CF4 per anode-effect minute per cell-day", "斜率系数", low=0, above=True)
RATIO = fraction("c2f6_ratio", "R", "mass of C2F6 per mass of CF4", "C2F6 与 CF4 排放量之比")
# A day has 1440 minutes.
MINUTES = Term(
    "ae_minutes",
    "AE",
    "min/(cell-day)",
    "anode-effect minutes per cell-day",
    "每天每槽阳极效应持续时间",
    low=0,
    high=1440,
)


def _anode(x: Values) -> Gases:
    return {"CO2": x["anode_consumption"] * (1 - x["sulphur"] - x["ash"]) * co2_per("C")}


def _anode_effect(x: Values) -> Gases:
    return {"CF4": x["cf4"], "C2F6": x["c2f6"]}


def _anode_effect_slope(x: Values) -> Gases:
    cf4 = x["slope"] * x["ae_minutes"]
    return {"CF4": cf4, "C2F6": cf4 * x["c2f6_ratio"]}


FORMULAS = (
    Formula(
        id="anode",
        name_en="Anodes consumed: net carbon less sulphur and ash",
        name_zh="炭阳极消耗：净阳极消耗 ×（1 − 含硫量 − 灰分）",
        expressions=MappingProxyType({"CO2": f"AD × NC × (1 − S − A) × {ratio_text('C')}"}),
        compute=_anode,
        factors=(ANODE, SULPHUR, ASH),
    ),
    Formula(
        id="anode_effect",
        name_en="Anode effects by default factors",
        name_zh="阳极效应：缺省排放因子",
        expressions=MappingProxyType({"CF4": "AD × EF_CF4", "C2F6": "AD × EF_C2F6"}),
        compute=_anode_effect,
        factors=(emission_factor("cf4", "EF_CF4"), emission_factor("c2f6", "EF_C2F6")),
    ),
    Formula(
        id="anode_effect_slope",
        name_en="Anode effects by the slope of the cells and measured minutes",
        name_zh="阳极效应：斜率法（实测阳极效应持续时间）",
        expressions=MappingProxyType({"CF4": "AD × SL × AE", "C2F6": "AD × SL × AE × R"}),
        compute=_anode_effect_slope,
        factors=(SLOPE, RATIO),
        parameters=(MINUTES,),
    ),
)
