"""Energy in tonnes of standard coal, both ways: calorific, and with electricity at a stated equivalent rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lca.numbers import canonical

Record = Mapping[str, Any]


def energy_account(operands: Record, amounts: Mapping[str, float]) -> dict[str, Any]:
    """Sum the energy of every calculation that carries an energy operand.

    Calorific: tce = amount x tce per unit, from the net calorific value in use or the standard-coal
    table (GB/T 2589). Equivalent: the same, but electricity at the rate that the organisation states
    with its source; without a stated rate there is no equivalent figure, and it is null.
    Energy handed to others counts negative. A share of the site counts as in the method's view.
    """
    rate = operands["organisation"]["electricity_equivalent_kgce_per_kwh"]
    lines, calorific, equivalent = [], [], []
    for calculation in operands["calculations"]:
        energy = calculation["energy"]
        amount = amounts.get(calculation["id"])
        if energy is None or amount is None:
            continue
        share = float(calculation["views"]["method"]["share"]) * float(energy["sign"])
        tce = amount * float(energy["tce_per_unit"]) * share
        other = tce
        if energy["kwh_per_unit"] is not None:
            other = amount * float(energy["kwh_per_unit"]) * float(rate) / 1000 * share if rate else math.nan
        calorific.append(tce)
        equivalent.append(other)
        lines.append(
            {
                "calculation": calculation["id"],
                "tce_calorific": canonical(tce),
                "tce_equivalent": None if math.isnan(other) else canonical(other),
                "factor_id": energy["factor_id"],
            }
        )
    total = math.fsum(equivalent) if not any(map(math.isnan, equivalent)) else None
    return {
        "tce_calorific": canonical(math.fsum(calorific)),
        "tce_equivalent": None if total is None else canonical(total),
        "electricity_equivalent_kgce_per_kwh": rate or None,
        "electricity_equivalent_source": operands["organisation"]["electricity_equivalent_source"],
        "lines": lines,
    }
