"""Units of an openLCA JSON-LD file: its own unit groups, else openLCA's standard ones, else ``factors.units``.

An exchange is given in a unit of a flow property of its flow. With u the reference units of the property in that unit
and c how much of the property one reference unit of the flow has, one unit of the exchange is u / c reference units.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from factors.errors import FactorsError
from factors.units import multiplier
from lca.importers.jsonld_objects import Json, Reading, number, reference, text

DATA = Path(__file__).parents[1] / "data"

DOUBTFUL = 1e-3
"""By how much, relatively, a unit of the file may be off what ``factors.units`` makes of its name before it is told."""


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units that measure the same, by identifier and by name, with their size in the reference unit."""

    reference: str
    factors: Mapping[str, tuple[str, float]]  # identifier -> (name, factor)

    def find(self, identifier: str, name: str) -> tuple[str, float] | None:
        """Return name and factor of a unit; by its name where the identifier says nothing and the name is clear."""
        if found := self.factors.get(identifier):
            return found
        named = {one for one in self.factors.values() if one[0] == name}
        return named.pop() if name and len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class StandardGroup:
    """A unit group of openLCA's reference data with its usual flow property."""

    id: str
    name: str
    property_id: str
    property: str
    units: UnitGroup
    identifiers: Mapping[str, str]  # name of a unit -> its identifier


@lru_cache(maxsize=1)
def standard_groups() -> Mapping[str, StandardGroup]:
    """Return openLCA's standard unit groups by identifier."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in _table("openlca_units.csv"):
        rows.setdefault(row["group_id"], []).append(row)
    usual = {row["group_id"]: row for row in _table("openlca_flow_properties.csv") if row["default"]}
    return {
        identifier: StandardGroup(
            identifier,
            units[0]["group"],
            usual[identifier]["property_id"],
            usual[identifier]["property"],
            UnitGroup(
                next(row["unit"] for row in units if row["reference"]),
                {row["unit_id"]: (row["unit"], float(row["factor"])) for row in units},
            ),
            {row["unit"]: row["unit_id"] for row in units},
        )
        for identifier, units in rows.items()
    }


@lru_cache(maxsize=1)
def _standard_properties() -> Mapping[str, UnitGroup]:
    groups = standard_groups()
    return {row["property_id"]: groups[row["group_id"]].units for row in _table("openlca_flow_properties.csv")}


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Units:
    """Knows how large a unit of a flow property is."""

    reading: Reading
    groups: dict[str, UnitGroup] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)  # flow property -> unit group
    looked_up: set[str] = field(default_factory=set)  # units that the file uses without defining them
    compared: set[tuple[str, str, float]] = field(default_factory=set)

    def read(self) -> None:
        """Take the unit groups and flow properties of the file."""
        for part, identifier, one in self.reading.objects("UnitGroup"):
            self.groups[identifier] = self._group(part, one)
        for _, identifier, one in self.reading.objects("FlowProperty"):
            self.properties[identifier] = reference(one, "unitGroup")

    def _group(self, part: str, one: Json) -> UnitGroup:
        factors: dict[str, tuple[str, float]] = {}
        flagged: list[str] = []
        for unit in self.reading.listed(one, "units", part):
            name, factor = text(unit.get("name")), number(unit.get("conversionFactor", 1.0))
            where = f"{part} · {name}"
            if not name or factor is None or factor <= 0:
                self.reading.tell("unit-factor-invalid", where, is_error=True)
                continue
            factors[text(unit.get("@id")) or name] = (name, factor)
            if self.reading.flag(unit, "isRefUnit", "referenceUnit", where):
                flagged.append(name)
        if len(flagged) != 1:
            flagged = [name for name, factor in factors.values() if factor == 1]
        if len(flagged) != 1:
            self.reading.tell("unit-group-without-reference", part, is_error=True)
            return UnitGroup("", {})
        return UnitGroup(flagged[0], factors)

    def group(self, flow_property: str) -> UnitGroup | None:
        """Return the units of a flow property: the file's own, else openLCA's standard ones."""
        found = self.groups.get(self.properties.get(flow_property, ""))
        if found is None:
            return _standard_properties().get(flow_property)
        return found if found.reference else None

    def reference_unit(self, flow_property: str, hint: str) -> str:
        """Return the reference unit of a flow property; ``hint`` is what the flow calls it, if it does."""
        group = self.group(flow_property)
        return group.reference if group is not None else hint

    def factor(self, flow_property: str, hint: str, unit: Json) -> tuple[str, float] | None:
        """Return name and size of a unit in the reference unit of its property; None where nobody knows it."""
        name, group = text(unit.get("name")), self.group(flow_property)
        base = self.reference_unit(flow_property, hint)
        if not unit:
            return (base, 1.0) if base else None
        found = group.find(text(unit.get("@id")), name) if group is not None else None
        if found is not None and self.properties.get(flow_property, "") in self.groups:
            self._compare(found, base)
            return found
        if found is None and name == base and name:
            found = (name, 1.0)
        elif found is None:
            found = _converted(name, base)
        if found is not None:
            self.looked_up.add(found[0])
        return found

    def _compare(self, found: tuple[str, float], base: str) -> None:
        """Tell a unit whose size in the file is not the size that its name says."""
        name, factor = found
        if name == base or (name, base, factor) in self.compared:
            return
        self.compared.add((name, base, factor))
        known = _converted(name, base)
        if known is not None and abs(factor / known[1] - 1) > DOUBTFUL:
            params = {"unit": name, "reference": base, "factor": f"{factor:.7g}", "known": f"{known[1]:.7g}"}
            self.reading.note("unit-factor-doubtful", self.reading.archive.path.name, params)

    def finish(self) -> None:
        """Tell once which units were looked up elsewhere."""
        if self.looked_up:
            names = ", ".join(sorted(self.looked_up))
            self.reading.tell("unit-groups-missing", self.reading.archive.path.name, units=names)


def _converted(name: str, base: str) -> tuple[str, float] | None:
    try:
        return name, float(multiplier(name, base))
    except (FactorsError, ArithmeticError):
        return None
