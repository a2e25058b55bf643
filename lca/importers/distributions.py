"""A published distribution, checked against its amount: kept, put in order, or left out with the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lca.dataset import Uncertainty

LOGNORMAL, NORMAL, TRIANGULAR, UNIFORM = "lognormal", "normal", "triangular", "uniform"

INVALID = "distribution-invalid"
INCOMPLETE = "distribution-incomplete"
OFF_AMOUNT = "distribution-off-amount"
BOUNDS_SWAPPED = "distribution-bounds-swapped"

# Printed amounts and locations are rounded each by itself; a hundredth apart they still mean the same number.
ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class Printed:
    """A distribution as it was printed; a field that is None was not."""

    kind: str  # lognormal | normal | triangular | uniform
    loc: float | None = None
    scale: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be used of a distribution, and what there is to say; ``code`` is '' where there is nothing."""

    uncertainty: Uncertainty | None = None
    code: str = ""
    params: Mapping[str, str] | None = None


def check(printed: Printed, amount: float | None) -> Checked:
    """Return ``printed`` as it can be used for ``amount``; None stands for an amount that is yet to be computed.

    The location of a lognormal may be the logarithm of median, mean or mode, which lie up to sigma^2 apart; farther
    off it is the distribution of another number. A missing location is that of the amount.
    """
    numbers = [printed.loc, printed.scale, printed.minimum, printed.maximum]
    if not all(number is None or math.isfinite(number) for number in numbers):
        return _refused(INVALID, printed)
    if printed.kind in (LOGNORMAL, NORMAL):
        return _spread(printed, amount)
    return _bounded(printed, amount)


def _refused(code: str, printed: Printed, **params: str) -> Checked:
    return Checked(None, code, {"distribution": printed.kind, **params})


def _spread(printed: Printed, amount: float | None) -> Checked:
    scale = printed.scale
    if scale is None:
        return _refused(INCOMPLETE, printed, missing="scale")
    if scale < 0:
        return _refused(INVALID, printed)
    if scale == 0:
        return Checked()
    centre = _centre(printed.kind, amount)
    loc = centre if printed.loc is None else printed.loc
    if loc is None:
        return _refused(INCOMPLETE, printed, missing="loc")
    if centre is not None and abs(loc - centre) > _leeway(printed.kind, scale, centre):
        return _refused(OFF_AMOUNT, printed, loc=f"{loc:g}", amount=f"{amount:g}")
    return Checked(Uncertainty(printed.kind, loc=loc, scale=scale))


def _centre(kind: str, amount: float | None) -> float | None:
    if amount is None or kind == NORMAL:
        return amount
    return math.log(abs(amount)) if amount else None


def _leeway(kind: str, scale: float, centre: float) -> float:
    return scale * scale + ROUNDING if kind == LOGNORMAL else max(scale, ROUNDING * abs(centre))


def _bounded(printed: Printed, amount: float | None) -> Checked:
    if printed.minimum is None or printed.maximum is None:
        return _refused(INCOMPLETE, printed, missing="minimum" if printed.minimum is None else "maximum")
    if printed.minimum == printed.maximum:
        return Checked()
    if printed.minimum > printed.maximum:
        ordered = replace(printed, minimum=printed.maximum, maximum=printed.minimum)
        checked = _bounded(ordered, amount)
        return (
            replace(checked, code=BOUNDS_SWAPPED, params={"distribution": printed.kind})
            if not checked.code
            else checked
        )
    least, most = printed.minimum, printed.maximum
    mode = None
    if printed.kind == TRIANGULAR:
        mode = amount if printed.loc is None else printed.loc
        if mode is None:
            return _refused(INCOMPLETE, printed, missing="loc")
        if not least <= mode <= most:
            return _refused(INVALID, printed)
    if amount is not None and not _within(amount, least, most):
        return _refused(OFF_AMOUNT, printed, loc=f"{least:g}–{most:g}", amount=f"{amount:g}")
    return Checked(Uncertainty(printed.kind, loc=mode, minimum=least, maximum=most))


def _within(amount: float, least: float, most: float) -> bool:
    slack = ROUNDING * (most - least)
    return least - slack <= amount <= most + slack
