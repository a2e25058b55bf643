"""Flows of an openLCA JSON-LD file, with their categories, locations and quantities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lca.dataset import Flow, FlowKind
from lca.importers.jsonld_objects import Json, Reading, number, own, part_of, reference, shortened, text
from lca.importers.jsonld_units import Units

KINDS: Mapping[str, FlowKind] = MappingProxyType(
    {"PRODUCT_FLOW": "product", "WASTE_FLOW": "waste", "ELEMENTARY_FLOW": "elementary"}
)
DEEPEST_CATEGORY = 40
_BLANKS_AT_SLASH = re.compile(r"\s+/\s*|\s*/\s+")


@dataclass
class FlowRecord:
    """A flow with what its quantities need."""

    flow: Flow
    reference: str = ""  # its reference flow property
    properties: dict[str, float] = field(default_factory=dict)  # flow property -> of it in one reference unit
    hints: dict[str, str] = field(default_factory=dict)  # flow property -> its reference unit as the flow calls it
    units: dict[tuple[str, str, str], tuple[str, float] | None] = field(default_factory=dict)


@dataclass
class Places:
    """Categories and locations by identifier."""

    reading: Reading
    categories: dict[str, tuple[str, str]] = field(default_factory=dict)  # identifier -> (name, parent)
    locations: dict[str, str] = field(default_factory=dict)

    def read(self) -> None:
        """Take the categories and locations of the file."""
        for _, identifier, one in self.reading.objects("Category"):
            self.categories[identifier] = (text(one.get("name")), reference(one, "category"))
        for _, identifier, one in self.reading.objects("Location"):
            self.locations[identifier] = text(one.get("code")) or text(one.get("name"))

    def category(self, one: Json) -> str:
        """Return the path of an object's category: a text in schema 2, a reference to an object in schema 1."""
        value = one.get("category")
        if isinstance(value, str):
            self.reading.schemas[2] += 1
            return _BLANKS_AT_SLASH.sub("/", text(value))
        if not isinstance(value, dict):
            return ""
        self.reading.schemas[1] += 1
        return self._path(value)

    def _path(self, value: Json) -> str:
        names: list[str] = []
        identifier = text(value.get("@id"))
        while identifier in self.categories and len(names) < DEEPEST_CATEGORY:
            name, identifier = self.categories[identifier]
            names.append(name)
        if identifier in self.categories:
            self.reading.tell("category-endless", self.reading.archive.path.name, names="/".join(names[:3]))
            names = names[:1]
        if names:
            return "/".join(reversed(names))
        above = value.get("categoryPath")
        path = [text(name) for name in above] if isinstance(above, list) else []
        return "/".join(filter(None, [*path, text(value.get("name"))]))

    def location(self, one: Json) -> str:
        """Return the code of the location that an object names, or the location's name where it has no code."""
        value = part_of(one, "location")
        return self.locations.get(text(value.get("@id"))) or text(value.get("name")) or text(one.get("location"))


@dataclass
class Flows:
    """All flows of a file, by the identifier that others refer to them with."""

    reading: Reading
    units: Units
    places: Places
    records: dict[str, FlowRecord] = field(default_factory=dict)
    own_ids: set[str] = field(default_factory=set)

    def read(self) -> None:
        """Take the flows of the file."""
        for part, identifier, one in self.reading.objects("Flow"):
            own_id = text(own(one).get("id")) or identifier
            if identifier in self.records or own_id in self.own_ids:
                self.reading.tell("flow-repeated", part, is_error=True, id=own_id)
                continue
            kind = KINDS.get(text(one.get("flowType")))
            if kind is None:
                found = shortened(one.get("flowType"))
                self.reading.tell("flow-type-unknown", f"{part} · {text(one.get('name'))}", is_error=True, found=found)
                continue
            self.own_ids.add(own_id)
            self.records[identifier] = self._record(part, own_id, one, kind)

    def _record(self, part: str, identifier: str, one: Json, kind: FlowKind) -> FlowRecord:
        kept = own(one)
        name = text(one.get("name"))
        record = FlowRecord(
            Flow(
                id=identifier,
                name=name,
                kind=kind,
                unit="",
                name_zh=text(kept.get("name_zh")),
                category=self.places.category(one),
                cas=text(one.get("cas")).lstrip("0"),
                formula=text(one.get("formula")),
                location=self.places.location(one),
            )
        )
        self._quantities(record, one, f"{part} · {name}")
        unit = self.units.reference_unit(record.reference, record.hints.get(record.reference, ""))
        record.flow = replace(record.flow, unit=unit)
        return record

    def _quantities(self, record: FlowRecord, one: Json, where: str) -> None:
        """Take the flow properties; the reference property is the flagged one, or the only one."""
        flagged: list[str] = []
        for entry in self.reading.listed(one, "flowProperties", where):
            identifier = reference(entry, "flowProperty")
            factor = number(entry.get("conversionFactor", 1.0))
            if factor is None or factor <= 0 or not identifier:
                self.reading.tell("flow-property-factor-invalid", where, is_error=True)
                continue
            record.properties[identifier] = factor
            record.hints[identifier] = text(part_of(entry, "flowProperty").get("refUnit"))
            if self.reading.flag(entry, "isRefFlowProperty", "referenceFlowProperty", where):
                flagged.append(identifier)
        if not flagged and len(record.properties) == 1:
            flagged = list(record.properties)
        if len(flagged) != 1:
            if record.properties:
                self.reading.tell("flow-without-reference-property", where, is_error=True)
            record.properties.clear()
            return
        record.reference = flagged[0]
        base = record.properties[record.reference]
        if base != 1:
            self.reading.tell("reference-factor-not-1", where, factor=f"{base:.7g}")
            record.properties = {key: factor / base for key, factor in record.properties.items()}

    def own_id(self, identifier: str) -> str:
        """Return the identifier of a flow from the one that the file refers to it with."""
        record = self.records.get(identifier)
        return record.flow.id if record is not None else ""

    def referred(self, one: Json, deduced: FlowKind | None, where: str) -> FlowRecord | None:
        """Return the flow that an exchange refers to; one that has no object of its own as far as the reference tells.

        ``deduced`` is the kind that the exchange itself shows: the quantitative reference is a product that leaves or
        a waste that enters, and only products and wastes have a provider.
        """
        identifier = text(one.get("@id"))
        if identifier in self.records:
            return self.records[identifier]
        kind = KINDS.get(text(one.get("flowType"))) or deduced
        if kind is None or not identifier or identifier in self.own_ids:
            self.reading.tell("flow-missing", where, is_error=True, flow=text(one.get("name")) or identifier)
            return None
        self.reading.tell("flow-not-described", where, flow=text(one.get("name")) or identifier, kind=kind)
        record = FlowRecord(
            Flow(
                id=identifier,
                name=text(one.get("name")),
                kind=kind,
                unit=text(one.get("refUnit")),
                category=self.places.category(one) if "category" in one else "",
                location=self.places.location(one),
            )
        )
        self.records[identifier] = record
        self.own_ids.add(identifier)
        return record

    def quantity(self, record: FlowRecord, exchange: Json) -> tuple[str, float] | None:
        """Return the unit of an exchange and how many reference units of its flow one of it is; None if unknown."""
        unit, flow_property = part_of(exchange, "unit"), reference(exchange, "flowProperty")
        key = (flow_property, text(unit.get("@id")), text(unit.get("name")))
        if key not in record.units:
            record.units[key] = self._quantity(record, flow_property or record.reference, unit)
        return record.units[key]

    def _quantity(self, record: FlowRecord, flow_property: str, unit: Json) -> tuple[str, float] | None:
        if not record.properties:
            record.reference = record.reference or flow_property
            record.properties[record.reference] = 1.0
            record.hints[record.reference] = record.flow.unit
        if flow_property not in record.properties:
            return None
        is_reference = flow_property == record.reference
        if is_reference and not record.flow.unit:
            base = self.units.reference_unit(flow_property, "") or text(unit.get("name"))
            record.flow = replace(record.flow, unit=base)
        hint = record.flow.unit if is_reference else record.hints.get(flow_property, "")
        found = self.units.factor(flow_property, hint, unit)
        return None if found is None else (found[0], found[1] / record.properties[flow_property])
