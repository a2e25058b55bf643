"""Where each operand of a formula comes from: a matched record, a measurement, the datum, the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from lca.errors import OperandNotANumber
from lca.formulas.base import Formula, Term, operand_keys
from lca.formulas.measured import FUEL, PROPERTIES, measured, number
from lca.numbers import canonical

Origin = Literal["factor", "measured", "datum", "method", "default"]


@dataclass(frozen=True, slots=True)
class Operand:
    """A number in a formula, as given and as used."""

    key: str
    value: float  # in the unit of the formula's term
    text: str  # as given
    unit: str  # of ``text``
    origin: Origin


def bind(
    formula: Formula,
    *,
    matched: Mapping[str, float],
    given: Mapping[str, str],
    method: Mapping[str, str],
    basis: str,
    submitted: str = "",
    conversion: float = 1.0,
) -> dict[str, Operand]:
    """Return every operand that ``formula`` can be given, by key.

    A measured value goes before the matched record; what the datum gives before the method's parameter of the
    same name, and that before the term's default. Constants come from the method alone.

    Args:
        formula: the formula that will use them.
        matched: values of the matched records by role, in the terms' units (``factor.CO2`` for per-gas roles).
        given: the parameters of the datum, as submitted.
        method: values of the method's parameters by name.
        basis: the basis unit, for ``{u}``.
        submitted: the unit of the datum, in which its stocks are given too; the basis unit when ''.
        conversion: basis units per submitted unit.

    Raises:
        MeasuredValueRefused, MeasuredTwice, OperandNotANumber, OperandOutOfRange: see ``measured``.
        OperandNotANumber: parameters that are no numbers; all of them.
    """
    stated = _Stated(given, method, basis)
    roles = tuple(term for term in formula.factors if not term.per_gas)
    records = _records((*formula.factors, *(term for term in formula.parameters if term.per_gas)), matched, basis)
    lab = measured(given, basis, {term.key: term.unit for term in formula.factors})
    stock = stated.take(formula.stock)
    found = stated.take(roles, from_datum=False) | records
    found |= {role: Operand(role, value.value, value.text, value.unit, "measured") for role, value in lab.items()}
    found |= _scaled(formula.stock, stock, submitted or basis, conversion)
    found |= stated.take(formula.parameters) | stated.take(formula.constants, from_datum=False)
    if stated.unreadable:
        raise OperandNotANumber(formula.id, stated.unreadable)
    return found


def _records(terms: tuple[Term, ...], matched: Mapping[str, float], basis: str) -> dict[str, Operand]:
    """Return what matched records fill: every role, and one value for each gas of a per-gas term."""
    return {
        key: Operand(key, matched[key], canonical(matched[key]), term.unit.replace("{u}", basis), "factor")
        for term in terms
        for key in operand_keys(term, matched)
    }


def _scaled(
    terms: tuple[Term, ...], stock: Mapping[str, Operand], submitted: str, conversion: float
) -> dict[str, Operand]:
    """Turn stocks given in the datum's unit into basis units; corrections in a unit of their own stay."""
    own_unit = {term.key for term in terms if term.unit != "{u}"}
    return {
        key: item if key in own_unit else replace(item, value=item.value * conversion, unit=submitted)
        for key, item in stock.items()
    }


@dataclass(slots=True)
class _Stated:
    """What datum and method state as text; texts that are no numbers gather in ``unreadable``."""

    given: Mapping[str, str]
    method: Mapping[str, str]
    basis: str
    unreadable: list[str] = field(default_factory=list)

    def take(self, terms: tuple[Term, ...], *, from_datum: bool = True) -> dict[str, Operand]:
        """Return, for each term that has one, the first of the datum's, the method's and the default value."""
        taken = (self._first(term, self.given if from_datum else {}) for term in terms)
        return {operand.key: operand for operand in taken if operand}

    def _first(self, term: Term, given: Mapping[str, str]) -> Operand | None:
        sources: tuple[tuple[Origin, str | None], ...] = (
            ("datum", given.get(term.key)),
            ("method", self.method.get(term.key)),
            ("default", term.default),
        )
        for origin, text in sources:
            if text is None:
                continue
            try:
                return Operand(term.key, number(text), text, term.unit.replace("{u}", self.basis), origin)
            except ValueError:
                self.unreadable.append(f"{term.key} = {text}")
                return None
        return None


def values(operands: Mapping[str, Operand]) -> dict[str, float]:
    """Return the operands as plain numbers, as ``Formula.gases`` and ``Formula.net_amount`` take them."""
    return {key: operand.value for key, operand in operands.items()}


def accepted(formula: Formula) -> tuple[str, ...]:
    """Return every parameter key that a datum computed by ``formula`` may carry."""
    roles = {term.key for term in formula.factors}
    properties = [key for key, item in PROPERTIES.items() if item.role in roles]
    statements = FUEL if properties else ()
    return (*(term.key for term in formula.parameters + formula.stock), *properties, *statements)


def unknown(formula: Formula, given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parameters of a datum that ``formula`` does not know: most often a slip of the pen."""
    known = accepted(formula)
    return tuple(key for key in given if key not in known)
