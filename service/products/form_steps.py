"""The steps of a model's form: which sheets each shows, and which columns stand first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lca.product_model import STAGES
from service.i18n import N_

AFTER_THE_GATE = frozenset(STAGES[STAGES.index("distribution") :])


@dataclass(frozen=True, slots=True)
class View:
    """The rows of one sheet that a step shows: all, those up to the gate or after it; all columns or the legs alone."""

    sheet: str
    after_gate: bool | None = None
    only_legs: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the form."""

    id: str
    title: str
    note: str
    views: tuple[View, ...] = ()


STEPS = (
    Step(
        "product", N_("Product and functional unit"),
        N_("What is studied, in which amount, where and when."), (View("product"),),
    ),
    Step(
        "processes", N_("Processes and energy"),
        N_("Your own steps up to the gate, with all that goes into them and what they emit."),
        (View("processes", False), View("inputs", False), View("emissions", False), View("co_products")),
    ),
    Step(
        "materials", N_("Materials and parts"),
        N_("The bill of materials of one unit, and what suppliers state."), (View("parts"), View("suppliers")),
    ),
    Step(
        "transport", N_("Transport"),
        N_("How inputs and parts come to the works, leg by leg."),
        (View("inputs", None, True), View("parts", None, True)),
    ),
    Step(
        "use", N_("Use and end of life"),
        N_("What happens after the gate: distribution, use, maintenance, end of life."),
        (View("processes", True), View("inputs", True), View("emissions", True)),
    ),
    Step(
        "parameters", N_("Parameters and scenarios"),
        N_("Numbers that formulas use, other values of them to be tried, what is left out and what is stated."),
        (View("parameters"), View("scenarios"), View("exclusions"), View("statements")),
    ),
    Step("method", N_("Method"), N_("The method is fixed before a result is seen; others stand beside it.")),
)  # fmt: skip
STEP_IDS = tuple(one.id for one in STEPS)

MAIN: Mapping[str, tuple[str, ...]] = {
    "product": (
        "id", "zh", "en", "category_zh", "category_en", "organisation_zh", "region", "start", "end", "boundary", "main",
        "unit_kind", "unit_amount", "unit", "unit_zh", "unit_en", "is_demonstration",
    ),
    "processes": ("id", "zh", "en", "stage", "output", "unit"),
    "inputs": ("process", "id", "zh", "en", "amount", "unit", "from_kind", "from_id"),
    "emissions": ("process", "id", "gas", "amount", "part", "evidence"),
    "co_products": ("process", "id", "zh", "en", "amount", "unit", "mass_kg", "price_cny"),
    "parts": ("parent", "id", "zh", "en", "quantity", "mass_kg", "utilisation", "from_kind", "from_id"),
    "suppliers": ("id", "zh", "en", "kgco2e", "unit", "supplier", "method", "statement"),
    "parameters": ("name", "value", "unit", "zh", "en", "source_zh", "source_en"),
    "scenarios": ("id", "zh", "en", "parameter", "value"),
    "exclusions": ("id", "zh", "en", "reason_zh", "reason_en", "stage", "kgco2e", "percent"),
    "statements": ("id", "zh", "en"),
}  # fmt: skip
"""Columns that stand first, the others under "more"; of two names the one in the language in use."""
