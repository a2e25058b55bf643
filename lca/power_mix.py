"""Electricity of a product: what a consumer's kilowatt-hour carries, what is left when claims are taken out, blends."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lca.errors import OperandOutOfRange
from lca.limits import finite, fraction, not_negative, positive, refuse


def consumption_factor(generation: float, loss: float, upstream: float) -> float:
    """Return EF_cons = EF_gen / (1 − loss) + EF_upstream in kgCO2e/kWh at the consumer.

    Args:
        generation: factor of the power generated, kgCO2e/kWh.
        loss: share lost in transmission and distribution.
        upstream: fuel supply, plants and waste of generation, per kWh consumed.
    """
    found = fraction(loss=loss)
    if loss == 1:
        found.append("loss = 1, expected below 1")
    refuse("electricity.consumption", found, not_negative(generation=generation, upstream=upstream))
    return generation / (1 - loss) + upstream


def residual_mix(generated: float, emissions: float, claimed: Iterable[tuple[float, float]]) -> float:
    """Return the factor of what nobody claimed: (E_tot − Σ q_c EF_c) / (G_tot − Σ q_c).

    Args:
        generated: all power of the market, kWh.
        emissions: its emissions, kgCO2e.
        claimed: (kWh, kgCO2e/kWh) of every certificate or contract that was used.

    Raises:
        OperandOutOfRange: more power or more emissions were claimed than there are.
    """
    listed = list(claimed)
    refuse("electricity.residual", positive(generated=generated), not_negative(emissions=emissions))
    left = generated - math.fsum(amount for amount, _ in listed)
    still = emissions - math.fsum(amount * factor for amount, factor in listed)
    if left <= 0 or still < 0:
        raise OperandOutOfRange("electricity.residual", [*positive(unclaimed=left), *not_negative(still_emitted=still)])
    return still / left


def blend(parts: Iterable[tuple[float, float]]) -> float:
    """Return the emissions of power from several contracts and what is left: Σ q × EF.

    ``parts`` are (amount, factor per unit of amount); the result has the unit of their product.
    """
    listed = list(parts)
    for amount, factor in listed:
        refuse("electricity.blend", not_negative(amount=amount), finite(factor=factor))
    return math.fsum(amount * factor for amount, factor in listed)
