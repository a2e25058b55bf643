"""Who supplies an input of a Brightway file: the one activity of the file that fits everything its row says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lca.importers.brightway_layout import Line
from lca.importers.tabular import FlowBook, Notes, Place, text

CUT_OFF = "cut off"
"""The database, or the end of its name, that an input without supplier is wanted from: what names none would be linked
by the name alone."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What one activity makes, by all that a row can say of it."""

    process: str
    flow: str
    products: frozenset[str]  # two where activity and production disagree: an input may mean either
    location: str
    unit: str
    is_negative: bool  # a treatment: it makes minus one of what it takes


class Supplies:
    """What all activities of a file make, by their names and by their codes."""

    def __init__(self, flows: FlowBook, own: frozenset[str], notes: Notes) -> None:
        self._flows, self._own, self._notes = flows, own, notes
        self._by_name: dict[str, list[Supply]] = {}
        self._codes: dict[str, Supply] = {}

    def add(self, name: str, supply: Supply) -> None:
        """Take what an activity makes under the name that rows give it."""
        self._by_name.setdefault(name, []).append(supply)
        self._codes.setdefault(supply.process, supply)

    def fitting(self, line: Line, place: Place) -> Supply | None:
        """Return the one supply of this file that fits a row."""
        database, _, code = text(line.get("input")).rpartition("::")
        if code:
            return self._codes.get(code) if database in self._own else None
        name, unit = text(line["name"]), text(line.get("unit"))
        named = self._by_name.get(name, ())
        alike = [supply for supply in named if _fits(supply, line)]
        fitting = [supply for supply in alike if self._flows.factor(unit, supply.unit) is not None]
        if len(fitting) == 1 and text(line.get("database")) in self._own:
            return fitting[0]
        self._tell_unfit(line, place, named, alike, fitting)
        return None

    def _tell_unfit(
        self, line: Line, place: Place, named: Sequence[Supply], alike: Sequence[Supply], fitting: Sequence[Supply]
    ) -> None:
        """Say what stands between a row and the activities of this file that have the name."""
        name, database = text(line["name"]), text(line.get("database"))
        if database not in self._own:
            if fitting and not database.endswith(CUT_OFF):
                self._notes.add("supplier-named-elsewhere", place, name=name, database=database)
        elif fitting:
            self._notes.add("supplier-ambiguous", place, name=name, count=len(fitting))
        elif alike:
            unit = text(line.get("unit"))
            self._notes.add("supplier-in-other-unit", place, name=name, unit=unit, other=alike[0].unit)
        elif named:
            wanted = ", ".join(filter(None, (text(line.get("reference product")), text(line.get("location")))))
            held = "; ".join(f"{' / '.join(sorted(one.products))}, {one.location}" for one in named[:3])
            self._notes.add("supplier-differs", place, name=name, wanted=wanted, held=held)
        elif database:
            self._notes.add("supplier-missing", place, name=name, database=database)


def _fits(supply: Supply, line: Line) -> bool:
    product, location = text(line.get("reference product")), text(line.get("location"))
    return (not product or product in supply.products) and location in ("", supply.location)
