"""An amount times a number, with its formula and its distribution."""

from __future__ import annotations

import math
from dataclasses import replace

from lca.dataset import Uncertainty


def scaled_formula(formula: str, factor: float) -> str:
    """Return a formula whose amount is ``factor`` times that of ``formula``."""
    return formula if not formula or factor == 1 else f"({formula}) * {factor!r}"


def _shifted(loc: float | None, factor: float) -> float | None:
    return None if loc is None or factor == 0 else loc + math.log(abs(factor))


def scaled(uncertainty: Uncertainty, factor: float) -> Uncertainty:
    """Return the distribution of ``factor`` times an amount."""
    if factor == 1:
        return uncertainty
    if uncertainty.kind == "lognormal":
        return replace(uncertainty, loc=_shifted(uncertainty.loc, factor))
    loc = None if uncertainty.loc is None else uncertainty.loc * factor
    scale = None if uncertainty.scale is None else uncertainty.scale * abs(factor)
    if uncertainty.minimum is None or uncertainty.maximum is None:
        return replace(uncertainty, loc=loc, scale=scale)
    bounds = sorted((uncertainty.minimum * factor, uncertainty.maximum * factor))
    return replace(uncertainty, loc=loc, scale=scale, minimum=bounds[0], maximum=bounds[1])
