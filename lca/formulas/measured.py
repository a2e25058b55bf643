"""Measured properties: when a laboratory's value may stand in the place of a guideline's default.

A measured value replaces a default only if it is said how it was sampled and which laboratory measured it;
for fuels also that it is stated as received (``basis=as_received``) and is the mean weighted by what was
burned (``weighting=consumption``). A value that says less is refused, never quietly used or left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from factors.units import multiplier
from lca.errors import MeasuredTwice, MeasuredValueRefused, OperandNotANumber, OperandOutOfRange
from lca.formulas.base import Term

LABORATORY = ("sampling", "laboratory")
FUEL = (*LABORATORY, "basis", "weighting")
PRESCRIBED = MappingProxyType({"basis": "as_received", "weighting": "consumption"})


@dataclass(frozen=True, slots=True)
class Property:
    """A property that may be measured: the parameter it is given in, the role it replaces, what must be said."""

    term: Term  # key and unit as the datum gives them
    role: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value, as given and in the unit of the role it fills."""

    key: str
    role: str
    text: str
    unit: str
    value: float


def _fuel(key: str, role: str, unit: str, names: tuple[str, str], high: float) -> Property:
    return Property(Term(key, key, unit, *names, low=0, high=high, above=True), role, FUEL)


_NCV = ("net calorific value, measured", "低位发热量（实测）")
_CC = ("carbon content per energy, measured", "单位热值含碳量（实测）")
_C = ("carbon content, measured", "元素碳含量（实测）")

# No fuel holds more than hydrogen's 120 MJ/kg or butane's 119 MJ/Nm3.
_PROPERTIES = (
    _fuel("ncv_gj_per_t", "ncv", "GJ/t", _NCV, 120),
    _fuel("ncv_mj_per_kg", "ncv", "MJ/kg", _NCV, 120),
    _fuel("ncv_kj_per_kg", "ncv", "kJ/kg", _NCV, 120000),
    _fuel("ncv_gj_per_1e4nm3", "ncv", "GJ/1e4Nm3", _NCV, 1300),
    _fuel("ncv_mj_per_nm3", "ncv", "MJ/Nm3", _NCV, 130),
    _fuel("ncv_kj_per_nm3", "ncv", "kJ/Nm3", _NCV, 130000),
    _fuel("carbon_content_tc_per_tj", "carbon_content", "tC/TJ", _CC, 100),
    _fuel("carbon_fraction_tc_per_t", "carbon_fraction", "tC/t", _C, 1),
    _fuel("carbon_fraction_tc_per_1e4nm3", "carbon_fraction", "tC/1e4Nm3", _C, 25),
    _fuel("oxidation", "oxidation", "fraction", ("share of carbon oxidised, measured", "碳氧化率（实测）"), 1),
    Property(
        Term(
            "anode_consumption_tc_per_t",
            "NC",
            "tC/t",
            "net anode consumption, measured",
            "净阳极消耗（实测）",
            low=0,
            high=1,
            above=True,
        ),
        "anode_consumption",
        LABORATORY,
    ),
    Property(
        Term("sulphur", "S", "fraction", "sulphur content, measured", "含硫量（实测）", low=0, high=0.1),
        "sulphur",
        LABORATORY,
    ),
    Property(
        Term("ash", "A", "fraction", "ash content, measured", "灰分含量（实测）", low=0, high=0.1), "ash", LABORATORY
    ),
)

PROPERTIES: Mapping[str, Property] = MappingProxyType({item.term.key: item for item in _PROPERTIES})
"""Every property that may be measured, by the parameter key it is given in."""


def number(text: str) -> float:
    """Return the float of a plain decimal or of a ratio written ``44/12``.

    Raises:
        ValueError: neither.
    """
    above, slash, below = text.strip().partition("/")
    try:
        value = Decimal(above) / (Decimal(below) if slash else 1)
    except (InvalidOperation, ZeroDivisionError):
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return float(value)


def _missing(key: str, given: Mapping[str, str]) -> list[str]:
    """Name the statements that ``key`` needs and that ``given`` does not make as prescribed."""
    return [
        f"{need}={PRESCRIBED[need]}" if need in PRESCRIBED else need
        for need in PROPERTIES[key].needs
        if not given.get(need, "").strip() or given[need].strip() != PRESCRIBED.get(need, given[need].strip())
    ]


def _refuse_unstated(keys: list[str], given: Mapping[str, str]) -> None:
    missing = {need: None for key in keys for need in _missing(key, given)}
    if missing:
        raise MeasuredValueRefused([f"{key} = {given[key]}" for key in keys], list(missing))


def _refuse_twice(keys: list[str]) -> None:
    by_role: dict[str, list[str]] = {}
    for key in keys:
        by_role.setdefault(PROPERTIES[key].role, []).append(key)
    for doubled in by_role.values():
        if len(doubled) > 1:
            raise MeasuredTwice(doubled)


def _numbers(keys: list[str], given: Mapping[str, str]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    unreadable, impossible = [], []
    for key in keys:
        try:
            numbers[key] = number(given[key])
        except ValueError:
            unreadable.append(f"{key} = {given[key]}")
            continue
        if not PROPERTIES[key].term.allows(numbers[key]):
            impossible.append(f"{key} = {given[key]}, expected {PROPERTIES[key].term.range}")
    if unreadable:
        raise OperandNotANumber("measured", unreadable)
    if impossible:
        raise OperandOutOfRange("measured", impossible)
    return numbers


def measured(given: Mapping[str, str], basis: str, roles: Mapping[str, str]) -> dict[str, Measured]:
    """Return the measured values among ``given`` by role, in the units that the roles want.

    Args:
        given: the parameters of a datum, as submitted.
        basis: the basis unit of the activity, for ``{u}``.
        roles: unit by role of the formula in use; properties of other roles are left alone.

    Raises:
        MeasuredValueRefused: something is measured and what it needs is not stated; all that is missing is named.
        MeasuredTwice: one property in two units.
        OperandNotANumber: a value that is no number.
        OperandOutOfRange: a value that no fuel can have.
        UnitMismatch: a value per tonne for a gas in Nm3, or the other way round.
    """
    keys = [key for key in given if key in PROPERTIES and PROPERTIES[key].role in roles]
    _refuse_unstated(keys, given)
    _refuse_twice(keys)
    found: dict[str, Measured] = {}
    for key, value in _numbers(keys, given).items():
        term, role = PROPERTIES[key].term, PROPERTIES[key].role
        factor = multiplier(term.unit, roles[role].replace("{u}", basis))
        found[role] = Measured(key, role, given[key], term.unit, float(Decimal(repr(value)) * factor))
    return found
