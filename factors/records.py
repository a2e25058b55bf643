"""One published value, its publication and its licence: what the library is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CONFIDENCES = ("high", "medium", "low", "superseded")
"""high: read in two documents or in the official file; medium: one good document, or a derived or compiled
copy; low: one weak copy or an inferred attribution; superseded: kept for comparison only."""

VALUE_KINDS = ("point", "median", "ratio", "bound", "benchmark", "alternative_print", "third_party")
"""Only point and median are factors. An alternative print repeats a record to other digits; a third-party
value was computed by somebody from statistics whose publisher does not publish it."""

REFUSED_KINDS = {
    "ratio": "ratio",
    "bound": "bound",
    "benchmark": "benchmark",
    "third_party": "derived-by-third-party",
}

GWP_SETS = ("AR4", "AR5", "AR6")

# What a record's gas column must say for each thing that its unit counts.
GAS_OF_UNIT = {
    "carbon": ("C",),
    "energy": ("energy",),
    "fraction": ("fraction", "loss"),
    "mol": ("mol",),
}
NO_GASES = frozenset({"CO2e", "C", "energy", "fraction", "loss", "mol"})


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of a publication; ``usable`` is False where none are stated."""

    id: str
    name: str
    name_zh: str
    attribution: str
    covers: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One publication; the records say on which page of it they stand."""

    id: str
    title: str
    title_zh: str
    publisher: str
    year: int
    document: str
    licence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """One published value, complete enough to be found again in its publication.

    ``value`` and ``unit`` stand as printed. ``refusal`` is empty, or the code of the reason why the
    record is never picked by itself: 'licence-not-stated', 'low-confidence', 'superseded', 'ratio',
    'bound', 'benchmark', 'unit-refused', 'avoided-only', 'derived-by-third-party'.
    """

    id: str
    name_en: str
    name_zh: str
    category: str
    scope_hint: str
    value: str
    unit: str
    gas: str
    year: int
    valid_from: date
    valid_to: date | None
    region: str
    source: str
    page: str
    licence: str
    confidence: str
    uncertainty_percent: str = ""
    gwp_set: str = ""
    note: str = ""
    fuel: str = ""
    parameter_set: str = ""
    material: str = ""
    boundary: str = ""
    value_kind: str = "point"
    range_low: str = ""
    range_high: str = ""
    refusal: str = ""

    @property
    def number(self) -> Decimal:
        """The printed value as an exact decimal."""
        return Decimal(self.value)

    @property
    def usable(self) -> bool:
        """Whether the record may be picked by itself."""
        return not self.refusal


def refusal(*, value_kind: str, confidence: str, scope_hint: str, unit_is_usable: bool, licence_is_usable: bool) -> str:
    """Return why a record is never picked by itself, '' when it may be; what it is comes before how good it is."""
    if value_kind in REFUSED_KINDS:
        return REFUSED_KINDS[value_kind]
    reasons = (
        (not unit_is_usable, "unit-refused"),
        (confidence == "superseded", "superseded"),
        (scope_hint == "avoided", "avoided-only"),
        (not licence_is_usable, "licence-not-stated"),
        (confidence == "low", "low-confidence"),
    )
    return next((code for holds, code in reasons if holds), "")
