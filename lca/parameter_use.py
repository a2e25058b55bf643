"""Parameters of a model that nothing rests on: to change them changes nothing, which a reader is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

from lca.formula_text import FormulaText, folded, formula
from lca.per_kilometre import DISTANCE
from lca.product_model import Model
from lca.product_reading import WORKED_OUT
from lca.record_reading import FORMULA

NESTED = ("inputs", "emissions", "co_products", "transport", "recycling", "parts", "input")
"""Fields of a process or a part that hold more amounts."""


def unused(model: Model) -> tuple[str, ...]:
    """Return the names of parameters that no amount is worked out from, neither straight nor through another one.

    The distance of a vehicle's life is in use always: results per kilometre are divided by it.
    """
    if not model.parameters:
        return ()
    rests_on = {folded(one.name): _names(one.value) for one in model.parameters}
    reached = {DISTANCE}
    waiting = [name for text in _formulas([model.unit, *model.processes, *model.parts]) for name in _names(text)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += rests_on.get(name, ())
    return tuple(one.name for one in model.parameters if folded(one.name) not in reached)


def _names(text: str) -> frozenset[str]:
    text = text.strip()
    if not text.startswith(FORMULA):
        return frozenset()
    try:
        return frozenset(formula(text.removeprefix(FORMULA)).names)
    except FormulaText:  # told where it is worked out
        return frozenset()


def _formulas(waiting: list[Any]) -> Iterator[str]:
    """Yield every amount under processes, parts and a unit that is a formula."""
    while waiting:
        found = waiting.pop()
        kind: Any = type(found)
        amounts, nested = _fields(kind)
        for name in amounts:
            text = getattr(found, name)
            if text.startswith(FORMULA):
                yield text
        for name in nested:
            inner = getattr(found, name)
            waiting += inner if isinstance(inner, tuple) else [] if inner is None else [inner]


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = [field.name for field in dataclasses.fields(kind)]
    return tuple(name for name in names if name in WORKED_OUT), tuple(name for name in names if name in NESTED)
