"""Uncertainty of an inventory by first-order propagation, after pooling what is not independent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lca.formulas.uncertainty import Rank, pool, rank_of, sum_uncertainty
from lca.numbers import canonical

Record = Mapping[str, Any]

COMPONENTS_SHOWN = 20


def spread(
    operands: Record, emissions: Mapping[str, float], by_gas: Callable[[str], Mapping[str, float]]
) -> dict[str, Any]:
    """Return the half-width of the 95 % range of the total, in percent, with its components.

    Lines that share a factor err together, and so do readings of one meter; pooling them first keeps
    a million rows from averaging their own error away. With E_l the lines, F the factors, M the meters:
    A pool may bear on some gases of its lines only (CO2 apart from CH4 and N2O); ``by_gas`` gives kg CO2e by gas.
    U = sqrt( sum_F (u_F sum_{l in F} E_l)^2 + sum_M (u_M sum_{l in M} E_l)^2 ) / |sum_l E_l|.
    First order, near-normal, for u below about 30 % (IPCC 2006, volume 1, chapter 3, approach 1).
    """
    pools = {c["id"]: c["uncertainty"] for c in operands["calculations"]}
    stated = [
        (p, math.fsum(by_gas(identifier)[gas] for gas in p["gases"]) if p["gases"] else value)
        for identifier, value in emissions.items()
        for p in pools[identifier]
    ]
    pooled = pool(((p["kind"], p["id"]), float(p["percent"]), value) for p, value in stated)
    percent = sum_uncertainty(pooled.values(), math.fsum(emissions.values()))
    gross = math.fsum(abs(value) for _, value in stated)
    assumed = math.fsum(abs(value) for p, value in stated if p["assumed"])
    largest = sorted(pooled.items(), key=lambda item: (-abs(item[1][0] * item[1][1]), item[0]))
    return {
        "percent": None if percent is None else canonical(percent),
        "rank": None if percent is None else rank_of(percent, _ranks(operands)),
        "assumed_share_percent": None if gross == 0 else canonical(100 * assumed / gross),
        "components": [
            {"kind": kind, "id": name, "percent": canonical(width), "kgco2e": canonical(kg)}
            for (kind, name), (width, kg) in largest[:COMPONENTS_SHOWN]
        ],
    }


def _ranks(operands: Record) -> list[Rank]:
    ranks = operands["method"]["uncertainty"]["ranks"]
    return [Rank(r["id"], float(r["limit_percent"]) if r["limit_percent"] else None) for r in ranks]
