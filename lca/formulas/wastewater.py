"""CH4 of industrial wastewater: CH4 = (TOW − S) × B0 × MCF − R (IPCC 2006 vol. 5 eq. 6.4).

The activity is TOW, the COD taken out of the water, in kg; S the COD that left with the sludge and R the CH4
recovered, both with the datum as totals. They correct the amount: R counts as the COD it came from.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import Formula, Gases, Term, Values, fraction

# 0.25 kg CH4 per kg COD is what the oxygen demand of methane allows.
B0 = Term("b0", "B0", "kg/kg", "maximum CH4 per COD", "最大甲烷产生潜势", low=0, high=0.25, above=True)
MCF = fraction("mcf", "MCF", "methane correction factor", "甲烷修正因子")
COD_IN = Term("cod_in", "COD_in", "kg/m3", "COD of the water in", "进水 COD 浓度", low=0, high=1000)
COD_OUT = Term("cod_out", "COD_out", "kg/m3", "COD of the water out", "出水 COD 浓度", low=0, high=1000)
CORRECTIONS = (
    Term("sludge_cod", "S", "kg", "COD that left with the sludge", "以污泥方式清除的 COD", required=False, low=0),
    Term("recovered_ch4", "R", "kg", "CH4 recovered", "甲烷回收量", required=False, low=0),
)


def _wastewater(x: Values) -> Gases:
    return {"CH4_biogenic": x["b0"] * x["mcf"]}


def _net(amount: float, x: Values) -> float:
    formed_per_kg = x["b0"] * x["mcf"]
    recovered = x.get("recovered_ch4", 0.0)
    if not formed_per_kg and not recovered:
        return amount - x.get("sludge_cod", 0.0)
    # Where nothing forms, nothing can be recovered: the amount falls below zero and is refused.
    as_cod = recovered / formed_per_kg if formed_per_kg else float("inf")
    return amount - x.get("sludge_cod", 0.0) - as_cod


def _wastewater_volume(x: Values) -> Gases:
    return {"CH4_biogenic": (x["cod_in"] - x["cod_out"]) * x["b0"] * x["mcf"]}


FORMULAS = (
    Formula(
        id="wastewater",
        name_en="Industrial wastewater by COD removed",
        name_zh="工业废水厌氧处理：去除 COD 量 × 最大产甲烷潜势 × 修正因子",
        expressions=MappingProxyType({"CH4_biogenic": "AD × B0 × MCF"}),
        compute=_wastewater,
        factors=(B0, MCF),
        stock=CORRECTIONS,
        basis="kg",
        net=_net,
    ),
    Formula(
        id="wastewater_volume",
        name_en="Industrial wastewater by volume and COD in and out",
        name_zh="工业废水厌氧处理：废水量 ×（进水 COD − 出水 COD）",
        expressions=MappingProxyType({"CH4_biogenic": "AD × (COD_in − COD_out) × B0 × MCF"}),
        compute=_wastewater_volume,
        factors=(B0, MCF),
        parameters=(COD_IN, COD_OUT),
        basis="m3",
    ),
)
