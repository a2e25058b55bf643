"""Lime by its oxides: CO2 = Q × (CaO × 44/56 + MgO × 44/40), the contents measured in the lime sold or used.

By raw material it is formula ``carbonate`` on the limestone and dolomite calcined, by default factor
``published`` per tonne of lime: one of the three for one kiln, never two.
"""

from __future__ import annotations

from types import MappingProxyType

from lca.errors import OperandOutOfRange
from lca.formulas.base import Formula, Gases, Values, fraction
from lca.formulas.chemistry import co2_per, ratio_text

OXIDES = (fraction("cao", "CaO", "CaO content", "氧化钙含量"), fraction("mgo", "MgO", "MgO content", "氧化镁含量"))


def _lime_oxides(x: Values) -> Gases:
    if x["cao"] + x["mgo"] > 1:
        raise OperandOutOfRange("lime_oxides", [f"cao + mgo = {x['cao'] + x['mgo']:g}, expected at most 1"])
    return {"CO2": x["cao"] * co2_per("CaO") + x["mgo"] * co2_per("MgO")}


FORMULAS = (
    Formula(
        id="lime_oxides",
        name_en="Lime, oxides measured",
        name_zh="石灰：实测氧化物含量",
        expressions=MappingProxyType({"CO2": f"AD × (CaO × {ratio_text('CaO')} + MgO × {ratio_text('MgO')})"}),
        compute=_lime_oxides,
        parameters=OXIDES,
        basis="kg",
    ),
)
