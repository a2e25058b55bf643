"""What a formula is: its terms with units and ranges, its sum as an accountant writes it, its gases.

Every number that a standard or a guideline publishes reaches a formula from outside: in a role that a
matched record fills (``factors``), with the datum (``parameters``) or from the method (``constants``).
Only the ratios of molar masses belong to chemistry and come from ``lca.formulas.chemistry``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lca.errors import NetAmountNegative, OperandMissing, OperandOutOfRange

Values = Mapping[str, float]
"""Operands by key; of a term with ``per_gas`` by ``key.gas``, e.g. ``factor.CO2``."""

Gases = dict[str, float]
"""Kilograms of each gas per one basis unit of the activity."""

ANY_GAS = "*"
"""Stands in ``Formula.expressions`` for every gas that a ``per_gas`` term was given for."""

ACTIVITY = "AD"
"""The amount of the activity in every expression: activity data, 活动数据."""

_SYMBOL = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Term:
    """One operand of a formula: what it is called, the unit it must be given in, what physics allows.

    In ``unit``, ``{u}`` is the basis unit of the activity: ``GJ/{u}`` is GJ/t for coal, GJ/Nm3 for gas.
    """

    key: str
    symbol: str
    unit: str
    name_en: str
    name_zh: str
    required: bool = True
    default: str | None = None
    low: float | None = None
    high: float | None = None
    above: bool = False  # the lower limit itself is not allowed
    per_gas: bool = False  # one value per gas of the matched records: 'factor.CO2', 'factor.CH4'

    @property
    def range(self) -> str:
        """The allowed range as text, ``0 < x <= 1``; '' when physics sets no limit."""
        low = "" if self.low is None else f"{self.low:g} {'<' if self.above else '<='} "
        high = "" if self.high is None else f" <= {self.high:g}"
        return f"{low}{self.key}{high}" if low or high else ""

    def allows(self, value: float) -> bool:
        """Is ``value`` a finite number inside the range?"""
        if value != value or value in (float("inf"), float("-inf")):
            return False
        too_low = self.low is not None and (value < self.low or (self.above and value == self.low))
        return not too_low and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Formula:
    """One way of turning an amount of activity into masses of gases.

    ``expressions`` gives, by gas, the sum in kilograms for ``AD`` basis units of activity; it uses the
    symbols of the terms, numbers and + − × / ( ) only, so that it can be printed, and checked, as it stands.
    ``basis`` is the unit that the activity amount must be turned into first ('' for the activity's own).
    """

    id: str
    name_en: str
    name_zh: str
    expressions: Mapping[str, str]
    compute: Callable[[Values], Gases] = field(repr=False)
    factors: tuple[Term, ...] = ()
    parameters: tuple[Term, ...] = ()
    constants: tuple[Term, ...] = ()
    stock: tuple[Term, ...] = ()
    basis: str = ""
    net: Callable[[float, Values], float] | None = field(default=None, repr=False)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every operand of ``gases``: of the records, of the datum, of the method."""
        return self.factors + self.parameters + self.constants

    @property
    def expression(self) -> str:
        """All sums in one line: ``CO2 = AD × NCV × …; CH4_fossil = …``."""
        return "; ".join(f"{gas} = {text}" if gas != ANY_GAS else text for gas, text in self.expressions.items())

    def gases(self, x: Values) -> Gases:
        """Return kilograms of each gas per one basis unit of the activity.

        Keys that belong to no term are left alone: a snapshot keeps printed products beside the operands.

        Raises:
            OperandMissing: required operands are not in ``x``; all of them are named.
            OperandOutOfRange: operands outside the physical range; parameter, value and range of each.
        """
        check(self, x)
        return self.compute(x)

    def net_amount(self, amount: float, x: Values) -> float:
        """Return the amount consumed when ``amount`` was bought: opening + bought − closing − sold − other uses.

        Without stock terms in ``x`` it is the amount itself. A formula may have a rule of its own
        (wastewater takes off the sludge and what was recovered).

        Raises:
            NetAmountNegative: less than nothing was consumed.
        """
        given = {term.key: x[term.key] for term in self.stock if term.key in x}
        if not given:
            return amount
        net = self.net(amount, x) if self.net else net_of_stock(amount, given)
        if net < 0:
            raise NetAmountNegative(net, amount, [f"{key} = {value:g}" for key, value in given.items()])
        return net

    def written(self, gas: str, amount: str, operands: Mapping[str, str]) -> str:
        """Write the sum of ``gas`` with its numbers in place: ``10000 t × 19.57 GJ/t × 26.18 kgC/GJ × 0.93 × 44/12``.

        ``amount`` and the values of ``operands`` (by key, ``key.gas`` for a per-gas term) are the texts to
        print, units included; a symbol without a text stays a symbol.
        """
        expression = self.expressions.get(gas) or self.expressions[ANY_GAS]
        texts = {ACTIVITY: amount}
        for term in self.terms:
            key = f"{term.key}.{gas}" if term.per_gas else term.key
            if key in operands:
                texts[term.symbol] = operands[key]
        return _SYMBOL.sub(lambda found: texts.get(found.group(), found.group()), expression)


def net_of_stock(amount: float, stock: Values) -> float:
    """Return opening + ``amount`` bought − closing − sold − other uses (all in the unit of ``amount``)."""
    taken = stock.get("closing", 0.0) + stock.get("sold", 0.0) + stock.get("other_uses", 0.0)
    return stock.get("opening", 0.0) + amount - taken


def operand_keys(term: Term, x: Mapping[str, object]) -> Iterator[str]:
    """Yield the keys under which ``x`` holds values of ``term``: its own, or one per gas."""
    if not term.per_gas:
        if term.key in x:
            yield term.key
        return
    yield from (key for key in x if key.startswith(f"{term.key}."))


def of_gas(x: Values, key: str) -> Iterator[tuple[str, float]]:
    """Yield (gas, value) of a per-gas term: ``factor.CO2`` gives ``('CO2', …)``."""
    prefix = f"{key}."
    yield from ((name[len(prefix) :], value) for name, value in x.items() if name.startswith(prefix))


def check(formula: Formula, x: Values) -> None:
    """Refuse operands that are missing or impossible, all of them at once.

    Raises:
        OperandMissing: see ``Formula.gases``.
        OperandOutOfRange: see ``Formula.gases``.
    """
    found = {term.key: tuple(operand_keys(term, x)) for term in formula.terms}
    missing = [
        f"{term.key} ({term.unit.replace('{u}', 'unit')})"
        for term in formula.terms
        if term.required and not found[term.key]
    ]
    if missing:
        raise OperandMissing(formula.id, missing)
    problems = [
        f"{key} = {x[key]:g}, expected {term.range or 'a finite number'}"
        for term in formula.terms
        for key in found[term.key]
        if not term.allows(x[key])
    ]
    if problems:
        raise OperandOutOfRange(formula.id, problems)


STOCK = (
    Term("opening", "S0", "{u}", "opening stock", "期初库存", required=False, low=0),
    Term("closing", "S1", "{u}", "closing stock", "期末库存", required=False, low=0),
    Term("sold", "D1", "{u}", "sold or handed on", "外销量", required=False, low=0),
    Term("other_uses", "D2", "{u}", "used otherwise, not emitting here", "其他用途", required=False, low=0),
)
"""The stock terms: consumption = opening + bought − closing − sold − other uses."""


def fraction(key: str, symbol: str, name_en: str, name_zh: str, *, required: bool = True, high: float = 1.0) -> Term:
    """Return a term that is a share: 0 to ``high``; a percentage given by mistake falls outside."""
    return Term(key, symbol, "fraction", name_en, name_zh, required=required, low=0, high=high)


def emission_factor(key: str = "factor", symbol: str = "EF", *, per_gas: bool = False) -> Term:
    """Return the role of a published factor: kilograms of a gas (or of CO2e) per basis unit; may be negative."""
    return Term(key, symbol, "kg/{u}", "emission factor", "排放因子", per_gas=per_gas)
