"""Units of a database as openLCA's unit groups and flow properties.

A flow is counted in openLCA's standard property of its reference unit, where there is one, so that openLCA takes it
for its own. An exchange in a unit that the standard group does not have, or has in another size (a litre of this
fuel in MJ), gets a group and a property of its own with the very factor that the exchange carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from lca.dataset import Exchange, LciDatabase
from lca.importers.jsonld_units import StandardGroup, standard_groups

Json = dict[str, Any]

NAMESPACE = UUID("5bdc1a0e-6f0c-5c0e-9a3c-8f3f0b7f6b52")
"""From which the identifiers are made of what has none of its own: the same thing is always called the same."""


def made(kind: str, *parts: object) -> str:
    """Return the identifier of a thing that has none."""
    return str(uuid5(NAMESPACE, "/".join([kind, *map(str, parts)])))


def ref(kind: str, identifier: str, name: str) -> Json:
    """Return a reference to an object."""
    return {"@type": kind, "@id": identifier, "name": name}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A flow property with its unit group; ``units`` by name: (identifier, factor)."""

    property_id: str
    property: str
    group_id: str
    group: str
    reference: str
    units: Mapping[str, tuple[str, float]]
    category: str = "Technical"

    def property_object(self) -> Json:
        """Return the flow property as it is written."""
        return {
            "@type": "FlowProperty",
            "@id": self.property_id,
            "name": self.property,
            "category": f"{self.category} flow properties",
            "flowPropertyType": "PHYSICAL_QUANTITY",
            "unitGroup": ref("UnitGroup", self.group_id, self.group),
        }

    def group_object(self) -> Json:
        """Return the unit group as it is written."""
        return {
            "@type": "UnitGroup",
            "@id": self.group_id,
            "name": self.group,
            "category": f"{self.category} unit groups",
            "defaultFlowProperty": ref("FlowProperty", self.property_id, self.property),
            "units": [
                {
                    "@type": "Unit",
                    "@id": identifier,
                    "name": name.removesuffix(_OTHER),
                    "conversionFactor": factor,
                    "isRefUnit": name == self.reference,
                }
                for name, (identifier, factor) in self.units.items()
            ],
        }


_OTHER = "\n"
"""Behind the key of a unit that is spelled like the reference unit and has another size."""


@dataclass
class Quantities:
    """The quantities that a database needs; each is made once."""

    database: LciDatabase
    bases: dict[str, Quantity] = field(default_factory=dict)  # by reference unit
    special: dict[tuple[str, str, float], Quantity] = field(default_factory=dict)  # by reference unit, unit, factor
    of_flows: dict[str, dict[str, Quantity]] = field(default_factory=dict)  # flow -> its properties by identifier

    def __post_init__(self) -> None:
        standard = {group.units.reference: group for group in standard_groups().values()}
        for flow in self.database.flows.values():
            if flow.unit not in self.bases:
                self.bases[flow.unit] = _base(flow.unit, standard.get(flow.unit))
            base = self.bases[flow.unit]
            self.of_flows[flow.id] = {base.property_id: base}
        for process in self.database.processes:
            for exchange in process.exchanges:
                quantity, _ = self.of(exchange)
                self.of_flows[exchange.flow].setdefault(quantity.property_id, quantity)

    def of(self, exchange: Exchange) -> tuple[Quantity, str]:
        """Return the quantity that an exchange is given in, and the identifier of its unit there."""
        reference = self.database.flows[exchange.flow].unit
        base = self.bases[reference]
        known = base.units.get(exchange.unit)
        if known is not None and known[1] == exchange.to_reference:
            return base, known[0]
        key = (reference, exchange.unit, exchange.to_reference)
        if key not in self.special:
            self.special[key] = _special(*key)
        quantity = self.special[key]
        name = exchange.unit if exchange.unit != reference else exchange.unit + _OTHER
        return quantity, quantity.units[name][0]

    def used(self) -> tuple[Quantity, ...]:
        """Return all quantities, those of reference units first."""
        return (*self.bases.values(), *self.special.values())


def _base(unit: str, standard: StandardGroup | None) -> Quantity:
    if standard is None:
        units = {unit: (made("unit", unit), 1.0)}
        name = f"Amount in {unit}"
        return Quantity(made("property", unit), name, made("group", unit), f"Units of {unit}", unit, units)
    units = {name: (standard.identifiers[name], factor) for name, factor in standard.units.factors.values()}
    return Quantity(standard.property_id, standard.property, standard.id, standard.name, unit, units)


def _special(reference: str, unit: str, factor: float) -> Quantity:
    key = (reference, unit, repr(factor))
    name = unit if unit != reference else unit + _OTHER
    units = {reference: (made("unit", *key, "reference"), 1.0), name: (made("unit", *key), factor)}
    told = f"{reference}, with {unit} of {factor:.6g} {reference}"
    return Quantity(
        made("property", *key), f"Amount in {told}", made("group", *key), f"Units of {told}", reference, units
    )
