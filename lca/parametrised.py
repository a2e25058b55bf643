"""Processes with parameters: their formulas worked out, their amounts recomputed, and held against the published ones.

A name stands for the process's own parameter, else for the database's, else for a constant of ``formula_text``;
capitals make no difference. Parameters are worked out in the order in which they rest on each other; those that rest on
themselves are named as a cycle.
"""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lca.dataset import Exchange, Finding, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.errors import FormulasInvalid
from lca.formula_text import CONSTANTS, Formula, FormulaText, NoNumber, folded, formula, shown, worked_out

__all__ = ["TOLERANCE", "Scope", "check", "evaluate", "scope"]

TOLERANCE = 1e-6
"""By how much, relatively, a computed amount may differ from the published one: the digits that publishers print."""

NAMES_TOLD = 10

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """The numbers that names stand for, by folded name, and why others have none."""

    values: Mapping[str, float]
    problems: tuple[Finding, ...] = ()
    failed: frozenset[str] = frozenset()


def scope(
    parameters: Sequence[Parameter], where: str, outer: Scope | None = None, overrides: Mapping[str, float] = _NOTHING
) -> Scope:
    """Work out ``parameters``; ``outer`` holds the database's. ``overrides`` (by folded name) go before formulas."""
    return _Working(parameters, where, outer or Scope({}), overrides).result()


def evaluate(
    process: UnitProcess, database_parameters: Sequence[Parameter], overrides: Mapping[str, float] = _NOTHING
) -> UnitProcess:
    """Return the process with all amounts that have a formula recomputed; ``overrides`` give parameters other values.

    A distribution keeps its relative width: it moves with its amount.

    Raises:
        FormulasInvalid: formulas that cannot be read or worked out, or an override of what is no parameter.
    """
    given = {folded(name): value for name, value in overrides.items()}
    outer = scope(database_parameters, process.name, overrides=given)
    inner = scope(process.parameters, process.name, outer, given)
    known = {folded(one.name) for one in (*database_parameters, *process.parameters)}
    problems = [
        Finding("parameter-unknown", process.name, {"name": name}) for name in overrides if folded(name) not in known
    ]
    amounts, told = _amounts(process, inner)
    problems = [*problems, *outer.problems, *inner.problems, *told]
    if problems:
        raise FormulasInvalid(process.name, problems)
    return replace(
        process,
        exchanges=tuple(_with_amount(one, amounts.get(one.id, one.amount)) for one in process.exchanges),
        parameters=tuple(replace(one, amount=inner.values[folded(one.name)]) for one in process.parameters),
    )


def check(database: LciDatabase) -> tuple[Finding, ...]:
    """Return what is wrong with the formulas of a database, and where they give other amounts than were published."""
    outer = scope(database.parameters, database.name)
    told = list(outer.problems)
    for process in database.processes:
        if _has_formula(process):
            told += _checked(database, process, outer)
    return tuple(told)


def _has_formula(process: UnitProcess) -> bool:
    return any(one.formula for one in process.exchanges) or any(one.formula for one in process.parameters)


def _checked(database: LciDatabase, process: UnitProcess, outer: Scope) -> Iterator[Finding]:
    where = f"{process.name} ({process.id})"
    inner = scope(process.parameters, where, outer)
    yield from inner.problems
    for parameter in process.parameters:
        computed = inner.values.get(folded(parameter.name))
        if parameter.formula and computed is not None:
            yield from _differing(f"{where} · {parameter.name}", parameter.formula, computed, parameter.amount)
    amounts, told = _amounts(process, inner)
    yield from told
    for exchange in process.exchanges:
        if exchange.id in amounts:
            place = f"{where} · {database.flows[exchange.flow].name} ({exchange.id})"
            yield from _differing(place, exchange.formula, amounts[exchange.id], exchange.amount)


def _differing(where: str, text: str, computed: float, published: float) -> Iterator[Finding]:
    if not math.isclose(computed, published, rel_tol=TOLERANCE):
        params = {"formula": shown(text), "computed": f"{computed:.7g}", "published": f"{published:.7g}"}
        yield Finding("formula-differs", where, params)


def _amounts(process: UnitProcess, inner: Scope) -> tuple[dict[str, float], list[Finding]]:
    """Return what the formulas of exchanges give, and the problems of those that give nothing."""
    amounts: dict[str, float] = {}
    told: list[Finding] = []
    values = ChainMap(dict(inner.values), dict(CONSTANTS))
    for exchange in process.exchanges:
        if not exchange.formula:
            continue
        place = f"{process.name} ({process.id}) · {exchange.id}"
        found = _number(exchange.formula, values, inner.failed, place)
        if isinstance(found, float):
            amounts[exchange.id] = found
        else:
            told += found
    return amounts, told


def _number(
    text: str | Formula, values: Mapping[str, float], failed: frozenset[str] | set[str], where: str
) -> float | list[Finding]:
    """Return the number of a formula, or why it has none; nothing new is told where a name in it failed before."""
    try:
        one = formula(text) if isinstance(text, str) else text
    except FormulaText as error:
        return [Finding("formula-unreadable", where, {"formula": shown(str(text)), "at": shown(error.at)})]
    if one.names & failed:
        return []
    unknown = sorted(one.names - values.keys())
    if unknown:
        return [
            Finding("formula-unknown-name", where, {"formula": shown(one.text), "name": shown(name)})
            for name in unknown
        ]
    try:
        return worked_out(one, values)
    except NoNumber:
        return [Finding("formula-no-number", where, {"formula": shown(one.text)})]


@dataclass
class _Working:
    """Works parameters out, each after those that it rests on."""

    parameters: Sequence[Parameter]
    where: str
    outer: Scope
    overrides: Mapping[str, float]
    values: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    problems: list[Finding] = field(default_factory=list)
    spelled: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Formula] = field(default_factory=dict)

    def result(self) -> Scope:
        self.take()
        shadowed = self.spelled.keys()
        self.failed |= self.outer.failed - shadowed
        self.values = {k: v for k, v in self.outer.values.items() if k not in shadowed} | self.values
        self.solve()
        return Scope(self.values, tuple(self.problems), frozenset(self.failed))

    def take(self) -> None:
        """Sort the parameters into those with a number and those with a formula."""
        for parameter in self.parameters:
            name = folded(parameter.name)
            if name in self.spelled:
                self.problems.append(Finding("parameter-repeated", self.where, {"name": parameter.name}))
                continue
            self.spelled[name] = parameter.name
            if name in self.overrides or not parameter.formula:
                self.values[name] = self.overrides.get(name, parameter.amount)
                continue
            try:
                self.pending[name] = formula(parameter.formula)
            except FormulaText as error:
                self.failed.add(name)
                params = {"formula": shown(parameter.formula), "at": shown(error.at)}
                self.problems.append(Finding("formula-unreadable", f"{self.where} · {parameter.name}", params))

    def solve(self) -> None:
        """Work out what rests on nothing open, until nothing does; what is left rests on itself."""
        open_names = {name: set(one.names & self.pending.keys()) for name, one in self.pending.items()}
        resting: dict[str, list[str]] = {}
        for name, needed in open_names.items():
            for other in needed:
                resting.setdefault(other, []).append(name)
        ready = sorted(name for name, needed in open_names.items() if not needed)
        values = ChainMap(self.values, dict(CONSTANTS))
        while ready:
            name = ready.pop()
            del open_names[name]
            self.settle(name, _number(self.pending[name], values, self.failed, f"{self.where} · {self.spelled[name]}"))
            for other in resting.get(name, ()):
                open_names[other].discard(name)
                if not open_names[other]:
                    ready.append(other)
        self.failed |= open_names.keys()
        self.problems += [self.cycle(names) for names in _cycles(open_names)]

    def settle(self, name: str, found: float | list[Finding]) -> None:
        if isinstance(found, float):
            self.values[name] = found
        else:
            self.failed.add(name)
            self.problems += found

    def cycle(self, names: Sequence[str]) -> Finding:
        told = [self.spelled[name] for name in (*names, names[0])]
        if len(told) > NAMES_TOLD:
            told = [*told[: NAMES_TOLD - 1], "…", told[-1]]
        return Finding("formula-cycle", self.where, {"names": " → ".join(told)}, is_error=True)


def _cycles(resting_on: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield a cycle for every group of names that rest on themselves."""
    seen: set[str] = set()
    for start in sorted(resting_on):
        path: dict[str, None] = {}
        name = start
        while name not in seen and name not in path:
            path[name] = None
            name = min(resting_on[name])
        if name in path:
            order = list(path)
            yield order[order.index(name) :]
        seen |= path.keys()


def _with_amount(exchange: Exchange, amount: float) -> Exchange:
    if amount == exchange.amount:
        return exchange
    return replace(exchange, amount=amount, uncertainty=_moved(exchange.uncertainty, exchange.amount, amount))


def _moved(one: Uncertainty | None, old: float, new: float) -> Uncertainty | None:
    """Return a distribution around ``old`` as one of the same relative width around ``new``; none around zero."""
    if one is None or old == 0 or new == 0:
        return None
    ratio = new / old
    if one.kind == "lognormal":
        return replace(one, loc=None if one.loc is None else one.loc + math.log(abs(ratio)))
    ends = [None if end is None else end * ratio for end in (one.minimum, one.maximum)]
    low, high = ends if ratio > 0 else reversed(ends)
    return replace(
        one,
        loc=None if one.loc is None else one.loc * ratio,
        scale=None if one.scale is None else one.scale * abs(ratio),
        minimum=low,
        maximum=high,
    )
