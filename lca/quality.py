"""How good the data are: shares of the emissions by origin of the activity data and of the factor."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from lca.numbers import canonical

Record = Mapping[str, Any]


def data_quality(operands: Record, emissions: Mapping[str, float]) -> dict[str, Any]:
    """Score activity data and factors from 1 (best) to 5, weighted with the size of each line.

    score = sum |E_l| (d_l + f_l) / 2 / sum |E_l|, with d from the quality stated for the datum and f
    from the variant of the match; both tables stand in the method record (``data_quality``).
    """
    scheme = operands["method"]["data_quality"]
    total = math.fsum(abs(value) for value in emissions.values())
    if total == 0:
        return {"score": None, "activity_shares": {}, "factor_shares": {}}
    calculations = {c["id"]: c for c in operands["calculations"]}
    by_quality: dict[str, list[float]] = defaultdict(list)
    by_variant: dict[str, list[float]] = defaultdict(list)
    weighted = []
    for identifier, value in emissions.items():
        calculation = calculations[identifier]
        quality = calculation["stream"]["quality"] or "unstated"
        variant = calculation["views"]["method"]["variant"]
        by_quality[quality].append(abs(value))
        by_variant[variant].append(abs(value))
        scores = float(scheme["activity"][quality]), float(scheme["factor"].get(variant, scheme["factor"]["other"]))
        weighted.append(abs(value) * sum(scores) / 2)
    return {
        "score": canonical(math.fsum(weighted) / total),
        "activity_shares": _shares(by_quality, total),
        "factor_shares": _shares(by_variant, total),
    }


def _shares(groups: Mapping[str, list[float]], total: float) -> dict[str, str]:
    return {name: canonical(100 * math.fsum(values) / total) for name, values in sorted(groups.items())}
