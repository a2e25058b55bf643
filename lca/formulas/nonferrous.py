"""Other non-ferrous metals: oxalic acid decomposed; reductants are ``published``, carbonates ``carbonate``.

CO2 = M × PUR × EF, with EF the mass of CO2 per mass of pure industrial oxalic acid.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.formulas.base import STOCK, Formula, Gases, Values, emission_factor, fraction


def _oxalic_acid(x: Values) -> Gases:
    return {"CO2": x["purity"] * x["factor"]}


FORMULAS = (
    Formula(
        id="oxalic_acid",
        name_en="Oxalic acid decomposed: mass × purity × factor",
        name_zh="草酸分解：消耗量 × 浓度 × 排放因子",
        expressions=MappingProxyType({"CO2": "AD × PUR × EF"}),
        compute=_oxalic_acid,
        factors=(emission_factor(), fraction("purity", "PUR", "share of pure oxalic acid", "草酸浓度")),
        stock=STOCK,
    ),
)
