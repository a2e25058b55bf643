"""Recycled content and end of life: what one kilogram of a material carries under each rule.

Every rule is linear in the emission factors, so each function returns the weight of each factor and ``per_kg`` adds
them up: the same weights serve the total, each gas and each component, and a report can show every term. The facts
(shares, yields, factors) are method-neutral; only A, B and the choice of the rule are the method's.

Symbols follow the Circular Footprint Formula of the PEF method: ``r1`` recycled content, ``r2`` share recycled at end
of life, at the point of substitution, after collection and process yield, ``r3`` share burned with energy recovery.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lca.errors import OperandMissing
from lca.limits import fraction, not_negative, positive, refuse
from lca.numbers import total

Weights = dict[str, float]
"""How often each factor of ``FACTORS`` counts in one kilogram."""

FACTORS: Mapping[str, str] = MappingProxyType(
    {
        "e_v": "kgCO2e/kg",  # virgin material, cradle to gate
        "e_rec": "kgCO2e/kg",  # recycled material that the product contains, from the scrap on
        "e_rec_eol": "kgCO2e/kg",  # recycling at end of life
        "e_v_star": "kgCO2e/kg",  # virgin material that the recycled one replaces
        "e_d": "kgCO2e/kg",  # disposal of what is neither recycled nor burned for energy
        "e_er": "kgCO2e/kg",  # burning with energy recovery
        "e_se_heat": "kgCO2e/MJ",  # heat that it replaces
        "e_se_el": "kgCO2e/MJ",  # power that it replaces
        "e_eol": "kgCO2e/kg",  # end of life as a whole, collection to disposal
        "x": "kgCO2e/kg",  # the product at the gate, scrap entering free
        "x_pr": "kgCO2e/kg",  # metal of the primary route, no scrap
        "x_re": "kgCO2e/kg",  # metal of the scrap route, all scrap
        "e_after_eow": "kgCO2e/kg",  # processing after the end-of-waste point
        "e_substituted": "kgCO2e/kg",  # primary material that is saved
    }
)
"""Factor -> its unit."""


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """What becomes of a material after use, in shares of its mass; the rest is disposed of."""

    r2: float
    r3: float = 0.0

    @property
    def disposed(self) -> float:
        """1 − R2 − R3."""
        return total((1.0, -self.r2, -self.r3))

    def problems(self) -> list[str]:
        """Return what is impossible about the shares."""
        found = fraction(r2=self.r2, r3=self.r3)
        if not found and self.disposed < 0:
            found.append(f"r2 + r3 = {self.r2 + self.r3:g}, expected at most 1")
        return found


@dataclass(frozen=True, slots=True)
class EnergyRecovery:
    """What burning one kilogram gives: lower heating value in MJ/kg and the shares turned into heat and power."""

    lhv: float
    x_heat: float
    x_el: float

    def problems(self) -> list[str]:
        """Return what is impossible about the yields."""
        found = [*not_negative(lhv=self.lhv), *fraction(x_heat=self.x_heat, x_el=self.x_el)]
        if not found and total((1.0, -self.x_heat, -self.x_el)) < 0:
            found.append(f"x_heat + x_el = {self.x_heat + self.x_el:g}, expected at most 1")
        return found

    def weights(self, burned: float) -> Weights:
        """Return the weights of the energy that ``burned`` kilograms replace, negative."""
        return {"e_se_heat": -burned * self.lhv * self.x_heat, "e_se_el": -burned * self.lhv * self.x_el}


def per_kg(weights: Mapping[str, float], factors: Mapping[str, float]) -> float:
    """Return Σ weight × factor in kgCO2e per kilogram.

    Raises:
        OperandMissing: a factor that counts is not given; all of them are named.
    """
    counted = {key: weight for key, weight in weights.items() if weight}
    missing = [f"{key} ({FACTORS[key]})" for key in counted if key not in factors]
    if missing:
        raise OperandMissing("recycling", missing)
    return total(weight * factors[key] for key, weight in counted.items())


def cutoff(r1: float, end: EndOfLife | None = None) -> Weights:
    """Return the weights of the recycled-content method, with waste-to-energy on the polluter.

    E = (1 − R1) E_v + R1 E_rec + (1 − R2 − R3) E_D + R3 E_ER, the last two only from cradle to grave (``end``).
    Scrap enters free of its former life; collecting, sorting and melting it belong to the product that uses it.
    Source: recycled content method of PACT and Catena-X; polluter pays for burning as Catena-X and EN 15804 have it.
    """
    refuse("recycling.cutoff", fraction(r1=r1), end.problems() if end else [])
    weights = {"e_v": total((1.0, -r1)), "e_rec": r1}
    return weights | {"e_d": end.disposed, "e_er": end.r3} if end else weights


def cff(
    r1: float,
    end: EndOfLife,
    *,
    a: float,
    b: float,
    qs_in: float,
    qs_out: float,
    energy: EnergyRecovery | None = None,
) -> Weights:
    """Return the weights of the Circular Footprint Formula.

    E = (1 − R1) E_v + R1 [A E_rec + (1 − A) E_v Qs_in/Qp] + (1 − A) R2 [E_recEoL − E*_v Qs_out/Qp]
    + (1 − B) R3 [E_ER − LHV X_heat E_SE,heat − LHV X_el E_SE,el] + (1 − R2 − R3) E_D, in kgCO2e per kilogram.
    Source: Zampori and Pant, Suggestions for updating the PEF method (JRC 2019), equation 3.

    Args:
        r1: recycled content.
        end: shares at end of life.
        a: allocation factor between supplier and user of recycled material.
        b: allocation factor of energy recovery.
        qs_in: quality of the recycled material that enters over that of primary material, Qs_in/Qp.
        qs_out: quality of the recycled material that leaves over that of primary material, Qs_out/Qp.
        energy: what burning gives; needed where R3 is not zero.

    Raises:
        OperandOutOfRange: a share or a quality outside 0 to 1; all of them.
        OperandMissing: R3 without ``energy``.
    """
    shares = fraction(r1=r1, a=a, b=b, qs_in=qs_in, qs_out=qs_out)
    refuse("recycling.cff", shares, end.problems(), energy.problems() if energy else [])
    if end.r3 and energy is None:
        raise OperandMissing("recycling.cff", ["lhv (MJ/kg)", "x_heat (fraction)", "x_el (fraction)"])
    recycled, burned = (1 - a) * end.r2, (1 - b) * end.r3
    weights = {
        "e_v": (1 - r1) + r1 * (1 - a) * qs_in,
        "e_rec": r1 * a,
        "e_rec_eol": recycled,
        "e_v_star": -recycled * qs_out,
        "e_er": burned,
        "e_d": end.disposed,
    }
    return weights | energy.weights(burned) if energy else weights


def fifty_fifty(r1: float, end: EndOfLife) -> Weights:
    """Return the weights of the 50/50 method, in one of its variants.

    E = E_v − 0.5 (R1 + R2) (E_v − E_rec) + (1 − R2) E_D, in kgCO2e per kilogram. Formulations differ between
    authors: for comparisons only.
    """
    refuse("recycling.5050", fraction(r1=r1), end.problems())
    shared = 0.5 * (r1 + end.r2)
    return {"e_v": 1 - shared, "e_rec": shared, "e_d": total((1.0, -end.r2))}


def iso14067_open(r: float, a: float) -> Weights:
    """Return the weights of an open loop in which the material changes its properties.

    E_M = E_V + E_EoL − R A E_V, in kgCO2e per kilogram, with R the share recycled and A the allocation factor, for
    example the price of the recycled over that of the primary material. Source: ISO 14067:2018, annex D.
    """
    refuse("recycling.iso14067_open", fraction(r=r, a=a))
    return {"e_v": 1 - r * a, "e_eol": 1.0}


def iso14067_closed(r: float) -> Weights:
    """Return the weights of a closed loop, or of an open one without change of properties.

    E_M = E_V + E_EoL − R E_V, in kgCO2e per kilogram. Source: ISO 14067:2018, annex D.
    """
    refuse("recycling.iso14067_closed", fraction(r=r))
    return iso14067_open(r, 1.0)


def worldsteel_net_scrap(recovered: float, scrap_in: float, scrap_yield: float) -> Weights:
    """Return the weights of the net-scrap method of worldsteel and ISO 20915.

    E = X − (RR − S) Y (X_pr − X_re), in kgCO2e per kilogram: scrap recovered (RR) beyond the scrap used (S) earns the
    value of scrap, scrap used beyond it is charged with it. Y is metal from scrap in the electric furnace.
    """
    shares = fraction(recovered=recovered, scrap_yield=scrap_yield)
    refuse("recycling.worldsteel", shares, not_negative(scrap_in=scrap_in))
    net = (recovered - scrap_in) * scrap_yield
    return {"x": 1.0, "x_pr": -net, "x_re": net}


def scrap_value(scrap_yield: float) -> Weights:
    """Return the weights of the value of scrap, Y (X_pr − X_re), in kgCO2e per kilogram of scrap."""
    refuse("recycling.worldsteel", fraction(scrap_yield=scrap_yield))
    return {"x_pr": scrap_yield, "x_re": -scrap_yield}


def module_d(m_out: float, m_in: float, quality: float) -> Weights:
    """Return the weights of module D for one material: loads and benefits beyond the system.

    D1 = (M_out − M_in) (E_after − E_substituted Q_out/Q_sub), in kgCO2e per kilogram of product. Only the net flow
    counts; where more secondary material enters than leaves it is negative, and D1 is a load. Source: EN 15804+A2.

    Args:
        m_out: material that leaves for recovery, kg per kg.
        m_in: the same material that entered as secondary material, kg per kg.
        quality: Q_out/Q_sub.
    """
    refuse("en15804.d", not_negative(m_out=m_out, m_in=m_in), fraction(quality=quality))
    net = total((m_out, -m_in))
    return {"e_after_eow": net, "e_substituted": -net * quality}


def module_d_energy(burned: float, energy: EnergyRecovery) -> Weights:
    """Return the weights of module D for energy from burning: D3 = −M (LHV X_heat E_heat + LHV X_el E_el)."""
    refuse("en15804.d", not_negative(burned=burned), energy.problems())
    return energy.weights(burned)


def input_mass(output: float, yields: Sequence[float]) -> float:
    """Return what a chain of steps takes in: m_in = m_out / Π Y, in the unit of ``output``."""
    wrong = [problem for number, y in enumerate(yields, 1) for problem in _no_yield(number, y)]
    refuse("yield.chain", positive(output=output), wrong)
    return output / math.prod(yields)


def _no_yield(number: int, value: float) -> list[str]:
    name = f"yield_{number}"
    return [*positive(**{name: value}), *(fraction(**{name: value}) if value > 0 else ())]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a method may name, and what the method has to state for it."""

    weights: Callable[..., Weights]
    parameters: tuple[str, ...] = ()


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "recycling.cutoff": Rule(cutoff),
        "recycling.worldsteel": Rule(worldsteel_net_scrap),
        "recycling.iso14067_closed": Rule(iso14067_closed),
        "recycling.iso14067_open": Rule(iso14067_open),
        "recycling.cff": Rule(cff, ("a", "b")),
        "recycling.5050": Rule(fifty_fifty),
        "en15804.d": Rule(module_d),
    }
)
"""Every rule by the id under which methods name it."""
