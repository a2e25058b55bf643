"""Carbonates that lose their CO2: fluxes, glass batch, lime, neutralising agents.

CO2 = M × PUR × EF × F with M the mass of raw material, PUR its share of the carbonate, EF the published
factor of the pure carbonate and F the share calcined (flat-glass, ceramics and general guidelines).
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import STOCK, Formula, Gases, Values, emission_factor, fraction

PURITY = fraction("purity", "PUR", "share of the pure substance", "纯度")
CALCINATION = fraction("calcination_ratio", "F", "share calcined", "煅烧比例")


def _carbonate(x: Values) -> Gases:
    return {"CO2": x["purity"] * x["factor"] * x["calcination_ratio"]}


FORMULAS = (
    Formula(
        id="carbonate",
        name_en="Carbonate decomposed: mass × purity × factor × share calcined",
        name_zh="碳酸盐分解：消耗量 × 纯度 × 排放因子 × 煅烧比例",
        expressions=MappingProxyType({"CO2": "AD × PUR × EF × F"}),
        compute=_carbonate,
        factors=(emission_factor(),),
        parameters=(PURITY, CALCINATION),
        stock=STOCK,
    ),
)
