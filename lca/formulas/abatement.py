"""A process gas of which a part is destroyed: E = P × EF × (1 − η × μ).

η is the efficiency of the abatement, μ the share of the running time in which it worked (N2O of nitric acid).
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, Formula, Gases, Values, emission_factor, fraction, of_gas


def _abated(x: Values) -> Gases:
    left = 1 - x["abatement_efficiency"] * x["abatement_uptime"]
    return {gas: factor * left for gas, factor in of_gas(x, "factor")}


FORMULAS = (
    Formula(
        id="abated",
        name_en="Production × factor, less what was destroyed",
        name_zh="产量 × 排放因子 ×（1 − 处理效率 × 设备运行率）",
        expressions=MappingProxyType({ANY_GAS: "AD × EF × (1 − η × μ)"}),
        compute=_abated,
        factors=(emission_factor(per_gas=True),),
        parameters=(
            fraction("abatement_efficiency", "η", "efficiency of the abatement", "尾气处理效率"),
            fraction("abatement_uptime", "μ", "share of time in operation", "尾气处理设备运行率"),
        ),
    ),
)
