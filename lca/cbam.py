"""Emissions embedded in goods under CBAM: attribution to a production process, precursors, certificates.

Everything is per production process of an installation and a calendar year, in t CO2e and functional units (tonnes
by CN code; tonnes of clinker in cement; nitrogen in fertilisers). Direct and indirect emissions stay apart. Sources:
Implementing Regulations (EU) 2025/2547, annex III, and 2025/2620, annex. Where their equations are printed as images
only, the terms and the words around them were read; the records mark what follows from that as unconfirmed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lca.limits import finite, fraction, not_negative, positive, refuse


@dataclass(frozen=True, slots=True)
class Embedded:
    """Specific embedded emissions, t CO2e per functional unit."""

    direct: float
    indirect: float


@dataclass(frozen=True, slots=True)
class Precursor:
    """An input that is itself a good of annex I.

    ``mass`` is in its functional units per functional unit of the good, what is lost or becomes scrap included.
    """

    good: Good
    mass: float


@dataclass(frozen=True, slots=True)
class Good:
    """A good with what its own production process emits (or its default value) and its precursors.

    ``is_exempt``: it was made in the Union or in a country exempted by point 1 of annex III to Regulation (EU) 2023/956
    and counts as zero when it is a precursor.
    """

    name: str
    own: Embedded
    precursors: tuple[Precursor, ...] = ()
    is_exempt: bool = False


def attributed_direct(
    direct: float, heat_in: float, heat_out: float, waste_gas_in: float = 0.0, waste_gas_out: float = 0.0
) -> float:
    """Return AttrEm_dir = DirEm* + Em_H,imp − Em_H,exp + WG_corr,imp − WG_corr,exp in t CO2e, never below zero.

    Source: (EU) 2025/2547, annex III, A.3, equation 55 (an image: the signs follow from the terms).
    """
    terms = not_negative(heat_in=heat_in, heat_out=heat_out, waste_gas_in=waste_gas_in, waste_gas_out=waste_gas_out)
    refuse("cbam.attributed_direct", terms, finite(direct=direct))
    return max(0.0, math.fsum((direct, heat_in, -heat_out, waste_gas_in, -waste_gas_out)))


def attributed_indirect(consumed: float, produced: float) -> float:
    """Return AttrEm_indir = Em_el,cons − Em_el,prod in t CO2e (equation 56)."""
    refuse("cbam.attributed_indirect", not_negative(consumed=consumed, produced=produced))
    return consumed - produced


def specific(attributed: float, activity_level: float) -> float:
    """Return SEE = AttrEm / AL in t CO2e per functional unit (equations 57 and 58).

    The activity level counts goods that can be sold or used as a precursor; scrap, off-spec goods and by-products are
    outside and enter another process with zero.
    """
    refuse("cbam.specific", finite(attributed=attributed), positive(activity_level=activity_level))
    return attributed / activity_level


def embedded(good: Good) -> Embedded:
    """Return SEE_g = ae_g + Σ m_i × SEE_i, each precursor with its own precursors (equation 62).

    Raises:
        OperandOutOfRange: a mass below zero, or emissions that are no numbers; the precursor is named.
    """
    refuse(f"cbam.embedded {good.name}", finite(direct=good.own.direct, indirect=good.own.indirect))
    direct, indirect = [good.own.direct], [good.own.indirect]
    for precursor in good.precursors:
        refuse(f"cbam.embedded {precursor.good.name}", not_negative(mass=precursor.mass))
        of_it = Embedded(0.0, 0.0) if precursor.good.is_exempt else embedded(precursor.good)
        direct.append(precursor.mass * of_it.direct)
        indirect.append(precursor.mass * of_it.indirect)
    return Embedded(math.fsum(direct), math.fsum(indirect))


def by_clinker_content(per_clinker: float, clinker_content: float) -> float:
    """Return SEE of a cement with CK tonnes of clinker per tonne: SEE(CK) = SEE × CK (equation 64)."""
    refuse("cbam.by_clinker_content", finite(per_clinker=per_clinker), fraction(clinker_content=clinker_content))
    return per_clinker * clinker_content


def heat_emissions(fuel_factor: float, heat_tj: float, efficiency: float) -> float:
    """Return Em_heat = EF_mix × Q / η in t CO2, with EF_mix in t CO2/TJ of fuel (equation 44)."""
    found = not_negative(fuel_factor=fuel_factor, heat_tj=heat_tj)
    refuse("cbam.heat", found, positive(efficiency=efficiency) or fraction(efficiency=efficiency))
    return fuel_factor * heat_tj / efficiency


def cogeneration_heat_share(heat: float, power: float, reference_heat: float, reference_power: float) -> float:
    """Return the share of a CHP unit's emissions that its heat carries; power carries the rest.

    F_heat = (η_heat/η_ref,heat) / (η_heat/η_ref,heat + η_el/η_ref,el) (equation 49, an image: form by its terms).

    Args:
        heat: efficiency of making heat.
        power: efficiency of making electricity.
        reference_heat: of a boiler on the same fuel (annex III, C, table 2).
        reference_power: of electricity without heat (table 1).
    """
    own = fraction(heat=heat, power=power)
    refuse("cbam.cogeneration", own, positive(reference_heat=reference_heat, reference_power=reference_power))
    of_heat, of_power = heat / reference_heat, power / reference_power
    refuse("cbam.cogeneration", positive(heat_and_power=of_heat + of_power))
    return of_heat / (of_heat + of_power)


def waste_gas(volume: float, ncv: float, natural_gas: float, correction: float = 1.0) -> float:
    """Return the emissions equivalent to waste gas that changes process: V × NCV × EF_NG (× Corr_η when exported).

    Equations 53 (import) and 54 (export), in t CO2; ``correction`` is the method's for gas that leaves.

    Args:
        volume: Nm3.
        ncv: TJ per Nm3.
        natural_gas: standard factor of natural gas, t CO2/TJ.
        correction: for the lower efficiency of using waste gas.
    """
    found = not_negative(volume=volume, ncv=ncv, natural_gas=natural_gas)
    refuse("cbam.waste_gas", found, fraction(correction=correction))
    return volume * ncv * natural_gas * correction


def reconciliation_factor(installation: float, processes: Mapping[str, float]) -> float:
    """Return RecF = D_inst / Σ D_PP, by which the data of all processes are multiplied (equation 41)."""
    whole = math.fsum(processes.values())
    refuse("cbam.reconciliation", not_negative(processes, installation=installation), positive(all_processes=whole))
    return installation / whole


def marked_up(default: float, mark_up: float) -> float:
    """Return a default value with its mark-up: default × (1 + mark-up)."""
    refuse("cbam.marked_up", not_negative(default=default, mark_up=mark_up))
    return default * (1 + mark_up)


def process_free_allocation(cbam_factor: float, correction: float, benchmark: float) -> float:
    """Return SFA = CBAM_y × CSCF_y × BM* in t CO2e per tonne, for one production process or for a default.

    Source: (EU) 2025/2620, annex, equations 2 and 6 (images: the product follows from the terms). BM* is of column A
    with actual data, of column B with default values.
    """
    shares = fraction(cbam_factor=cbam_factor, correction=correction)
    refuse("cbam.free_allocation", shares, not_negative(benchmark=benchmark))
    return cbam_factor * correction * benchmark


def embedded_free_allocation(process: float, precursors: Iterable[tuple[float, float]]) -> float:
    """Return SEFA_g = SFA_g + Σ m_i × SEFA_i in t CO2e per tonne (equation 4).

    ``precursors`` are (mass per tonne of the good, its own SEFA).
    """
    listed = list(precursors)
    for mass, sefa in listed:
        refuse("cbam.free_allocation", not_negative(mass=mass, sefa=sefa))
    return math.fsum((process, *(mass * sefa for mass, sefa in listed)))


def certificates(mass: float, see: float, sefa: float, carbon_price_paid: float = 0.0) -> float:
    """Return the certificates due: M × (SEE − SEFA) less those that a carbon price paid abroad stands for.

    Never below zero: free allocation may exceed what is embedded and gives no credit ((EU) 2025/2620, recital 16).

    Args:
        mass: tonnes imported.
        see: specific embedded emissions, t CO2e/t.
        sefa: specific embedded free allocation, t CO2e/t.
        carbon_price_paid: certificates that the price paid in the country of origin stands for.
    """
    refuse("cbam.certificates", not_negative(mass=mass, see=see, sefa=sefa, carbon_price_paid=carbon_price_paid))
    return max(0.0, mass * (see - sefa) - carbon_price_paid)
