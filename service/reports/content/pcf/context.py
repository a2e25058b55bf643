"""A footprint being written down: its snapshot, its tables, and how its kilograms are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from factors.geographies import shipped
from lca.footprint_tables import Tables
from lca.product_model import worded
from service.calculations import footprint_told
from service.reports import numbers, units
from service.reports.content.context import Cell, Context, Record

DIGITS = 4  # significant digits that the largest figure of a document shows at least
MOST_DECIMALS = 8
FUNCTIONAL = "functional"


@dataclass(frozen=True, slots=True)
class Study(Context):
    """The context of a footprint; ``decimals`` are those of every kg CO2e in its documents."""

    tables: Tables
    decimals: int

    def kg(self, value: object) -> str:
        """Kilograms of CO2e, rounded once; empty stays empty."""
        return numbers.rounded(value, self.rounding, self.decimals)

    def share(self, value: object) -> str:
        """A share of the total in percent; empty where the total is nought."""
        return numbers.percent(value, self.results["total_kgco2e"])

    @property
    def model(self) -> Record:
        """What the maker says of the product."""
        model: Record = self.snapshot["model"]
        return model

    @property
    def per(self) -> tuple[str, str]:
        """What the footprint is stated per, Chinese and English: ``1 t``, or the functional unit.

        A functional unit is told by its name on the first page: "1 piece" would not say that a car is driven.
        """
        unit = self.results["unit"]
        if self.model["unit"]["kind"] == FUNCTIONAL:
            return self.both("pcf", "per_functional")
        zh, en = units.sign(unit["unit"])
        amount = numbers.as_stored(unit["amount"]) + numbers.GAP
        return amount + zh, amount + en

    @property
    def each(self) -> tuple[str, str]:
        """``per 1 t``, Chinese and English: Chinese parts a word from a number, not from a word."""
        zh, en = self.per
        return f"每{' ' if zh[:1].isdigit() else ''}{zh}", f"per {en}"

    def quantity(self, value: object, unit: str) -> Markup:
        """A number with its unit, at most six significant digits."""
        zh, en = units.sign(unit)
        shown = numbers.significant(value) + numbers.GAP
        return self.words.pair(shown + zh, shown + en)

    def factor(self, value: object, unit: str) -> Markup:
        """A factor with its unit: ``0.5777 kg CO2e/kWh``."""
        shown = numbers.significant(value) + numbers.GAP
        return self.words.pair(*(shown + sign for sign in units.of_factor(unit)))

    def place(self, code: str) -> Cell:
        """A region by its name with its code: 中国（CN）; one that nobody knows by its code."""
        return self.words.pair(*shipped().titles(code)) if code else self.stated(code)

    def stage_pair(self, identifier: str) -> tuple[str, str]:
        """A stage of the method by its names, Chinese and English; modules carry their letter."""
        stages = self.snapshot["method"]["boundary"]["stages"]
        zh, en = footprint_told.table().get(f"stage.{identifier}", (identifier, identifier))
        found = next((one for one in stages if one["id"] == identifier), {"zh": zh, "en": en})
        mark = f"{identifier} " if identifier[:1].isupper() else ""
        return mark + found["zh"], mark + found["en"]

    def stage(self, identifier: str) -> Markup:
        """A stage of the method by its name."""
        return self.words.pair(*self.stage_pair(identifier))

    def ordered(self, stages: Iterable[str]) -> list[str]:
        """Stages in the order of the method; those it does not know last."""
        order = [one["id"] for one in self.snapshot["method"]["boundary"]["stages"]]
        return sorted(stages, key=lambda stage: order.index(stage) if stage in order else len(order))

    def component_pair(self, identifier: str) -> tuple[str, str]:
        """A component by its names; one that the model does not name is shown by its id."""
        record = self.snapshot["components"].get(identifier, {})
        zh, en = record.get("zh") or identifier, record.get("en") or ""
        return zh, en or zh

    def named(self, record: Record | str, more: str = "") -> Markup:
        """A name of the model, ``zh``/``en``, with ``more`` behind it; a bare text stands for both."""
        return self.words.pair(worded(record, "zh") + more, worded(record, "en") + more)

    def told(self, record: Record | str | None) -> Cell:
        """What the maker says in one language or both, or that he does not."""
        return self.named(record) if record and worded(record) else self.stated("")

    def said(self, kind: str) -> Markup:
        """A kind of supply in words."""
        return self.words.pair(*footprint_told.table()[f"kind.{kind}"])

    def stated(self, value: object) -> Cell:
        """What the maker gave, or that he did not; texts of our templates in the language of the report."""
        return (
            self.words.pair(*footprint_told.given(str(value))) if value not in (None, "") else self.words("not.stated")
        )

    def statement(self, *names: str) -> Cell:
        """What the maker states under the first of these names, or that he does not."""
        stated = self.model.get("statements", {})
        return self.told(next((stated[name] for name in names if worded(stated.get(name))), None))

    def component(self, identifier: str) -> Markup:
        """A component by its name."""
        return self.words.pair(*self.component_pair(identifier))


def decimals_of(snapshot: Mapping[str, Any]) -> int:
    """Return how many decimals show the footprint's size with four significant digits, nought to eight.

    The size is the sum of the stages without their signs: where they cancel, the total alone would say too little.
    """
    size = sum((abs(Decimal(value)) for value in snapshot["results"]["by_stage"].values()), Decimal(0))
    return min(max(DIGITS - 1 - size.adjusted(), 0), MOST_DECIMALS) if size else 0
