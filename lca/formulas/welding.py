"""CO2 that shields a weld: CO2 = W × P_CO2 × 44 / Σ(P_j × M_j), P the volume shares of the gas mixture.

The 44 belongs there: without it the result is moles, not a mass.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lca.errors import OperandOutOfRange
from lca.formulas.base import STOCK, Formula, Gases, Term, Values, fraction
from lca.formulas.chemistry import molar_mass, molar_masses

GASES = ("CO2", "Ar", "O2", "N2", "He", "H2")
TOLERANCE = 0.005  # volume shares on a gas certificate are given to the percent


def _share(gas: str) -> Term:
    term = fraction(f"p_{gas.lower()}", f"P_{gas}", f"volume share of {gas}", f"{gas} 体积分数", required=gas == "CO2")
    return term if term.required else replace(term, default="0")  # a gas that is not named is not in the mixture


SHARES = tuple(_share(gas) for gas in GASES)


def _welding(x: Values) -> Gases:
    shares = {gas: x.get(f"p_{gas.lower()}", 0.0) for gas in GASES}
    total = sum(shares.values())
    if abs(total - 1) > TOLERANCE:
        raise OperandOutOfRange("welding", [f"sum of the volume shares p_… = {total:g}, expected 1"])
    mean = sum(share * molar_mass(gas) for gas, share in shares.items())
    return {"CO2": shares["CO2"] * molar_mass("CO2") / mean}


_MEAN = " + ".join(f"P_{gas} × {molar_masses()[gas]}" for gas in GASES)

FORMULAS = (
    Formula(
        id="welding",
        name_en="CO2 of shielding gas: mass × share of CO2 in it",
        name_zh="二氧化碳气体保护焊：保护气净使用量 × 二氧化碳质量分数",
        expressions=MappingProxyType({"CO2": f"AD × P_CO2 × {molar_masses()['CO2']} / ({_MEAN})"}),
        compute=_welding,
        parameters=SHARES,
        stock=STOCK,
        basis="kg",
    ),
)
