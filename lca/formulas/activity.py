"""Amount × published factor, and the three cases that need no factor at all.

Electricity, heat, purchases, waste, travel, transport by tonne-kilometre: E = AD × EF, one sum for each gas that
the publisher gives; CO2e that was published unsplit stays unsplit.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import ANY_GAS, STOCK, Formula, Gases, Values, emission_factor, fraction, of_gas


def _published(x: Values) -> Gases:
    return dict(of_gas(x, "factor"))


def _none(_: Values) -> Gases:
    return {}


def _handed_over(x: Values) -> Gases:
    return {"CO2": x["co2_content"]}


def _reported(x: Values) -> Gases:
    return {"CO2e": x["share"]}


FORMULAS = (
    Formula(
        id="published",
        name_en="Amount × published factor",
        name_zh="活动数据 × 排放因子",
        expressions=MappingProxyType({ANY_GAS: "AD × EF"}),
        compute=_published,
        factors=(emission_factor(per_gas=True),),
        stock=STOCK,
    ),
    Formula(
        id="none",
        name_en="Recorded, no emission here",
        name_zh="仅作记录，本项不产生排放",
        expressions=MappingProxyType({}),
        compute=_none,
    ),
    Formula(
        id="handed_over",
        name_en="CO2 captured and handed over, as pure CO2",
        name_zh="回收并移交的二氧化碳（折纯）",
        expressions=MappingProxyType({"CO2": "AD × w_CO2"}),
        compute=_handed_over,
        parameters=(fraction("co2_content", "w_CO2", "CO2 content by mass", "二氧化碳质量分数"),),
        basis="kg",
    ),
    Formula(
        id="reported",
        name_en="Emissions that another party reported × share",
        name_zh="其他主体报告的排放量 × 份额",
        expressions=MappingProxyType({"CO2e": "AD × w"}),
        compute=_reported,
        parameters=(fraction("share", "w", "share attributed to the organisation", "归属本组织的份额"),),
        basis="kgCO2e",
    ),
)
