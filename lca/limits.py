"""Values that a formula cannot take: found one by one, refused together."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from lca.errors import OperandOutOfRange
from lca.formulas.base import Term


def _outside(
    given: Mapping[str, float], low: float | None, high: float | None = None, above: bool = False
) -> list[str]:
    terms = {key: Term(key, "", "", "", "", low=low, high=high, above=above) for key in given}
    return [
        f"{key} = {value:g}, expected {terms[key].range or 'a finite number'}"
        for key, value in given.items()
        if not terms[key].allows(value)
    ]


def fraction(**given: float) -> list[str]:
    """Return what is no share from 0 to 1."""
    return _outside(given, 0, 1)


def positive(**given: float) -> list[str]:
    """Return what is not above zero."""
    return _outside(given, 0, above=True)


def not_negative(named: Mapping[str, float] = MappingProxyType({}), /, **given: float) -> list[str]:
    """Return what is below zero, among values that a person named and those that the formula names."""
    return [*_outside(named, 0), *_outside(given, 0)]


def finite(named: Mapping[str, float] = MappingProxyType({}), /, **given: float) -> list[str]:
    """Return what is no finite number, among values that a person named and those that the formula names."""
    return [*_outside(named, None), *_outside(given, None)]


def refuse(formula: str, *found: list[str]) -> None:
    """Refuse what was found, all of it at once.

    Raises:
        OperandOutOfRange: anything was found.
    """
    problems = list(chain.from_iterable(found))
    if problems:
        raise OperandOutOfRange(formula, problems)
