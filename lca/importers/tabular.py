"""What the readers of tables share: findings that name rows, numbers as people type them, one unit for each flow."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from factors.errors import FactorsError
from factors.units import multiplier
from lca.dataset import Finding, Flow

MOST_FINDINGS = 2_000
UNKNOWN = "(unknown)"  # Brightway writes it for what it does not know

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://tanji.dev/lci")


def identity(*parts: str) -> str:
    """Return an id that is the same wherever the same names stand."""
    return str(uuid.uuid5(_IDS, "\x1f".join(parts)))


def text(value: object) -> str:
    """Return a cell as text; whole numbers without a decimal point, '(Unknown)' as nothing."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    found = str(value).strip()
    return "" if found.casefold() == UNKNOWN else found


def number(value: object) -> float | None:
    """Return the finite number that a cell holds, or None: empty, a truth value, text, not a number, infinite."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    found = text(value)
    if _NUMBER.fullmatch(found) is None:
        return None
    return parsed if math.isfinite(parsed := float(found)) else None


def why_no_number(value: object) -> str:
    """Return the code for a cell that holds no number."""
    if not text(value):
        return "amount-missing"
    if isinstance(value, float) or _NO_NUMBER.fullmatch(text(value)) or _NUMBER.fullmatch(text(value)):
        return "amount-not-finite"
    return "amount-unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, as a person finds it."""

    file: str
    sheet: str = ""
    process: str = ""
    row: int = 0  # from 1; 0 = the place as a whole

    def at(self, row: int) -> Place:
        """Return the same place in another row."""
        return replace(self, row=row)


class Notes:
    """Findings as they turn up: the same thing said of several rows of one process is one finding naming all rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Place, tuple[tuple[str, str], ...], bool], list[int]] = {}
        self._more = 0

    def add(self, code: str, place: Place, *, is_error: bool = False, **params: object) -> None:
        """Note ``code`` about ``place``."""
        self.tell(code, place, {name: str(value) for name, value in params.items()}, is_error)

    def tell(self, code: str, place: Place, params: Mapping[str, str], is_error: bool = False) -> None:
        """Note ``code`` about ``place``, with its parameters in one mapping."""
        told = tuple(sorted(params.items()))
        key = (code, place.at(0), told, is_error)
        if key in self._rows or len(self._rows) < MOST_FINDINGS:
            self._rows.setdefault(key, []).append(place.row)
        else:
            self._more += 1

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noted, in the order in which it turned up."""
        found = [
            Finding(code, _where(place, rows), dict(params), is_error)
            for (code, place, params, is_error), rows in self._rows.items()
        ]
        if self._more:
            found.append(Finding("findings-cut-off", "", {"count": str(self._more)}, is_error=True))
        return tuple(found)


def _where(place: Place, rows: list[int]) -> str:
    return " · ".join(filter(None, (place.file, place.sheet, _spans(rows), place.process)))


def _spans(rows: list[int]) -> str:
    """Write row numbers as a person does: '12-14, 20'."""
    spans: list[list[int]] = []
    for row in sorted({row for row in rows if row}):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


class FlowBook:
    """The flows of a file by id, each with the unit in which it was met first."""

    def __init__(self, notes: Notes, units: Mapping[str, tuple[str, float]] | None = None) -> None:
        """``units``: the file's own, as spelled -> quantity and size in that quantity's base unit."""
        self.flows: dict[str, Flow] = {}
        self._notes = notes
        self._units = units or {}
        self._factors: dict[tuple[str, str], float | None] = {}

    def take(self, flow: Flow, place: Place) -> tuple[str, float]:
        """Hold ``flow`` and return its id with the number of its reference units in one ``flow.unit``.

        What has the same id and another kind, or a unit that cannot become the held one, is another flow.
        """
        held = self.flows.setdefault(flow.id, flow)
        if held is flow:
            return flow.id, 1.0
        if held.kind != flow.kind:
            self._notes.add("flow-in-two-kinds", place, flow=flow.name, kind=flow.kind, other=held.kind)
            return self.take(replace(flow, id=identity(flow.id, flow.kind)), place)
        factor = self.factor(flow.unit, held.unit)
        if factor is not None:
            return held.id, factor
        self._notes.add("flow-in-two-units", place, flow=flow.name, unit=flow.unit, other=held.unit)
        apart = replace(flow, id=identity(flow.id, "unit", flow.unit))
        return self.flows.setdefault(apart.id, apart).id, 1.0

    def factor(self, unit: str, to: str) -> float | None:
        """Return how many ``to`` one ``unit`` is, None where no number says so; an unstated unit is ``to``."""
        if unit == to or not unit:
            return 1.0
        key = (unit, to)
        if key not in self._factors:
            self._factors[key] = self._computed(unit, to)
        return self._factors[key]

    def _computed(self, unit: str, to: str) -> float | None:
        own, other = self._units.get(unit), self._units.get(to)
        if own and other:
            return own[1] / other[1] if own[0] == other[0] else None
        try:
            return float(multiplier(unit, to))
        except FactorsError:
            return None
