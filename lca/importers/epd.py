"""Environmental product declarations in ILCD+EPD, XML or JSON: results by module and scenario, no unit processes.

A module without a value is not declared, never zero. Scenarios of a module exclude each other and are never added.
Indicators of EN 15804+A1 and +A2 are different methods: those of A1 end in '-A1', and the old GWP is no GWP-total.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from factors.errors import FactorsError
from factors.units import multiplier, parse_unit
from lca.dataset import Finding
from lca.errors import EpdScenarioNeeded, LciNothingFound
from lca.importers.archive import Archive
from lca.importers.ilcd import DECLARATION, FLOW, PROCESS, PROPERTY, UNIT_SOURCE, UNITS, documents
from lca.importers.ilcd_tree import Node, every, languages, only, spoken, text, texts
from lca.importers.tabular import Notes, Place

TABLE = Path(__file__).parent.parent / "data" / "epd_indicators.csv"
GWP_TOTAL = "GWP-total"
GWP_PARTS = ("GWP-fossil", "GWP-biogenic", "GWP-luluc")
A1, A2, A3, A1_A3 = "A1", "A2", "A3", "A1-A3"
MASS = "93a60a56-a3c8-11da-a746-0800200b9a66"  # the flow property of that name, the same in all ILCD data

Key = tuple[str, str]  # module, scenario
Values = Mapping[Key, Decimal | None]

_MODULE = re.compile(r"(?:A[1-5]|B[1-8]|C[1-4]|D|[ABC][1-8]-[ABC]?[1-8])")
_NOT_DECLARED = frozenset({"", "ND", "MND", "MNR", "MNA", "NA", "INA", "-"})
_SIGNS = re.compile(r"[\s_^(){}.·-]")
_UNITS = MappingProxyType({"qm": "m2", "lfm": "m", "stk": "piece", "stück": "piece"})
_MASS_PROPERTY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"m2": ("grammage", "kgm2"), "m3": ("gross density", "kgm3"), "m": ("linear density", "kgm")}
)
MASSES = ("kg", "g", "t")
TOLERANCE = Decimal("0.01")  # programmes round each value by itself
UNIT_SLIP = 10  # how far off a density has to be to look like one in another unit


class Indicator(NamedTuple):
    """A row of ``epd_indicators.csv``."""

    code: str
    edition: str
    uuid: str
    unit: str


@lru_cache(maxsize=1)
def indicators() -> Mapping[str, Indicator]:
    """Return the known indicators by the id of their data set."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["uuid"]: Indicator(**row) for row in csv.DictReader(file)})


@dataclass(frozen=True, slots=True)
class EpdDeclaration:
    """What one declaration states, as printed."""

    uuid: str
    version: str
    names: Mapping[str, str]  # by language
    owner: str
    programme: str
    registration: str
    reference_flow: str
    declared_amount: Decimal | None
    declared_unit: str  # canonical where it is known, else as printed
    mass_kg: Decimal | None  # of the declared amount; None where it is not stated or stated differently
    published: str  # ISO date
    reference_year: str
    valid_until: str
    standards: tuple[str, ...]
    edition: str  # A1 or A2, by the indicators declared; 'A1+A2' with both, '' with neither
    location: str
    licence: str
    scenarios: Mapping[str, str]  # name -> description
    modules: Mapping[str, Values]  # indicator -> (module, scenario) -> value; None = not declared
    units: Mapping[str, str]  # indicator -> unit as printed
    findings: tuple[Finding, ...] = ()

    def value(self, module: str, indicator: str, scenario: str = "") -> Decimal | None:
        """Return the value of a module, None where it is not declared.

        Raises:
            EpdScenarioNeeded: the module is declared in scenarios only, and none of them was asked for.
        """
        values = self.modules.get(indicator, {})
        if (module, scenario) in values or scenario:
            return values.get((module, scenario))
        offered = sorted(name for held, name in values if held == module)
        if offered:
            raise EpdScenarioNeeded(module, offered)
        return None

    def gwp(self, module: str, indicator: str = GWP_TOTAL, scenario: str = "") -> Decimal | None:
        """Return kg CO2e of a module, None where it is not declared or its unit is not one of CO2e.

        ``indicator`` is GWP-total, GWP-fossil, GWP-biogenic, GWP-luluc, GWP-IOBC or GWP-A1; none stands for another.

        Raises:
            EpdScenarioNeeded: the module is declared in scenarios only, and none of them was asked for.
        """
        if not indicator.startswith("GWP-") or "co2" not in _plain(self.units.get(indicator, "")):
            return None
        return self.value(module, indicator, scenario)

    def a1_a3(self, indicator: str = GWP_TOTAL, scenario: str = "") -> Decimal | None:
        """Return the product stage: as declared, else A1 + A2 + A3 where all three are declared, else None.

        Raises:
            EpdScenarioNeeded: as ``value``.
        """
        whole = self.value(A1_A3, indicator, scenario)
        if whole is not None:
            return whole
        parts = [self.value(module, indicator, scenario) for module in (A1, A2, A3)]
        return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))


def knows(archive: Archive) -> bool:
    """Tell whether the archive holds a declaration."""
    return next(_declarations(archive, Notes()), None) is not None


def read_epd(archive: Archive) -> EpdDeclaration:
    """Return the declaration in an archive, the first by name where there are several.

    Raises:
        LciFileBroken, LciFileUnsafe: it cannot be read.
        LciNothingFound: it holds no declaration.
    """
    found = next(declarations(archive), None)
    if found is None:
        raise LciNothingFound(archive.path.name)
    return found


def declarations(archive: Archive) -> Iterator[EpdDeclaration]:
    """Yield every declaration in an archive, by name.

    Raises:
        LciFileBroken, LciFileUnsafe: as ``read_epd``.
    """
    notes = Notes()
    for name, root, library in _declarations(archive, notes):
        declared = _Declared(name, root, library).declaration()
        yield replace(declared, findings=(*notes.findings(), *declared.findings))


@dataclass
class _Library:
    """The data sets beside the declarations that say what a flow is counted in."""

    flows: dict[str, Node] = field(default_factory=dict)
    unit_groups: dict[str, str] = field(default_factory=dict)  # of a property -> id of its unit group
    units: dict[str, str] = field(default_factory=dict)  # of a unit group -> its reference unit

    def keep(self, kind: str, root: Node) -> None:
        if kind == FLOW:
            self.flows[text(root, "flowInformation", "dataSetInformation", "UUID")] = root
        elif kind == PROPERTY:
            told = only(root, "flowPropertiesInformation")
            group = str(only(told, "quantitativeReference", UNIT_SOURCE).get("refObjectId", ""))
            self.unit_groups[text(told, "dataSetInformation", "UUID")] = group
        elif kind == UNITS:
            told = only(root, "unitGroupInformation")
            reference = text(told, "quantitativeReference", "referenceToReferenceUnit")
            for unit in every(root, "units", "unit"):
                if str(unit.get("dataSetInternalID", "")) == reference:
                    self.units[text(told, "dataSetInformation", "UUID")] = text(unit, "name")


def _declarations(archive: Archive, notes: Notes) -> Iterator[tuple[str, Node, _Library]]:
    library = _Library()
    waiting: list[tuple[str, Node]] = []
    for name, kind, root in documents(archive, notes, lambda *_: None):
        if kind != PROCESS:
            library.keep(kind, root)
        elif text(root, "modellingAndValidation", "LCIMethodAndAllocation", "typeOfDataSet") == DECLARATION:
            waiting.append((name, root))
    for name, root in waiting:
        yield name, root, library


class _Property(NamedTuple):
    """A quantity of the reference flow, per reference unit."""

    id: str
    name: str
    value: Decimal | None
    unit: str
    is_reference: bool


class _Declared:
    """One declaration while it is read."""

    def __init__(self, name: str, root: Node, library: _Library) -> None:
        self._root, self._library, self._notes = root, library, Notes()
        self._information = only(root, "processInformation")
        self._names = languages(self._information, "dataSetInformation", "name", "baseName")
        self._place = Place(name, "", spoken(self._names))
        self._modules: dict[str, dict[Key, Decimal | None]] = {}
        self._units: dict[str, str] = {}

    def declaration(self) -> EpdDeclaration:
        rights = only(self._root, "administrativeInformation", "publicationAndOwnership")
        time = only(self._information, "time")
        for result in every(self._root, "LCIAResults", "LCIAResult"):
            self._take(result, "referenceToLCIAMethodDataSet")
        for exchange in every(self._root, "exchanges", "exchange"):
            if any(_amounts(exchange)):
                self._take(exchange, "referenceToFlowDataSet")
        self._check_sums()
        standards = self._standards()
        edition = self._edition(standards)
        reference = self._reference()
        amount = _decimal(text(reference, "resultingAmount") or text(reference, "meanAmount"))
        properties = self._properties(reference)
        unit = self._declared_unit(properties)
        mass = self._mass(reference, properties, unit, amount)
        return EpdDeclaration(
            uuid=text(self._information, "dataSetInformation", "UUID"),
            version=text(rights, "dataSetVersion"),
            names=self._names,
            owner=_described(rights, "referenceToOwnershipOfDataSet"),
            programme=_described(rights, "referenceToRegistrationAuthority"),
            registration=text(rights, "registrationNumber"),
            reference_flow=_described(reference, "referenceToFlowDataSet"),
            declared_amount=amount,
            declared_unit=unit,
            mass_kg=mass,
            published=_date(_extension(time, "publicationDateOfEPD")),
            reference_year=text(time, "referenceYear"),
            valid_until=text(time, "dataSetValidUntil"),
            standards=standards,
            edition=edition,
            location=str(
                only(self._information, "geography", "locationOfOperationSupplyOrProduction").get("location", "")
            ),
            licence=text(rights, "licenseType"),
            scenarios=self._scenarios(),
            modules=self._modules,
            units=self._units,
            findings=self._notes.findings(),
        )

    # --- results ---------------------------------------------------------------------------------

    def _take(self, result: Node, reference: str) -> None:
        """Take one indicator with all of its modules."""
        code = self._code(result, reference)
        if code in self._modules:
            self._notes.add("epd-indicator-twice", self._place, is_error=True, indicator=code)
            return
        unit = _unit_of(result)
        known = indicators().get(str(only(result, reference).get("refObjectId", "")))
        if not unit:
            self._notes.add("epd-unit-missing", self._place, is_error=code.startswith("GWP"), indicator=code)
        elif known is not None and known.unit and not re.search(known.unit, _plain(unit)):
            is_error = code.startswith("GWP")
            self._notes.add("epd-unit-unexpected", self._place, is_error=is_error, indicator=code, unit=unit)
        self._units[code] = unit
        self._modules[code] = self._values(result, code)

    def _code(self, result: Node, reference: str) -> str:
        identifier = str(only(result, reference).get("refObjectId", ""))
        words = languages(result, reference, "shortDescription")
        known = indicators().get(identifier)
        if known is None:
            self._notes.add("epd-indicator-unknown", self._place, indicator=spoken(words) or identifier)
            return identifier or spoken(words)
        printed = _abbreviation(words.get("en", ""))
        named = known.code.removesuffix("-A1")
        if printed and printed in _abbreviations() and printed != named:
            self._notes.add("epd-indicator-named-otherwise", self._place, indicator=known.code, name=printed)
        return known.code

    def _values(self, result: Node, code: str) -> dict[Key, Decimal | None]:
        values: dict[Key, Decimal | None] = {}
        for amount in _amounts(result):
            module = _module(str(amount.get("module", "")))
            key = (module, str(amount.get("scenario") or ""))
            if not _MODULE.fullmatch(module):
                self._notes.add("epd-module-unknown", self._place, module=module)
            value = self._value(text(amount, "value"), code, module)
            if key in values and values[key] != value:
                # Nobody can tell which of two is meant: neither is.
                self._notes.add("epd-module-twice", self._place, is_error=True, indicator=code, module="/".join(key))
                value = None
            values[key] = value
        return values

    def _value(self, printed: str, code: str, module: str) -> Decimal | None:
        if printed.upper() in _NOT_DECLARED:
            return None
        value = _decimal(printed)
        if value is None:
            self._notes.add(
                "epd-value-unreadable", self._place, is_error=True, indicator=code, module=module, value=printed
            )
        return value

    def _check_sums(self) -> None:
        """Say where declared sums are not those of their parts; what is declared counts."""
        for code, values in self._modules.items():
            for scenario in sorted({name for _, name in values}):
                parts = [values.get((module, scenario)) for module in (A1, A2, A3)]
                self._check_sum("epd-stage-off-sum", code, values.get((A1_A3, scenario)), parts, scenario)
        for key, total in self._modules.get(GWP_TOTAL, {}).items():
            parts = [self._modules.get(part, {}).get(key) for part in GWP_PARTS]
            self._check_sum("epd-gwp-off-sum", GWP_TOTAL, total, parts, "/".join(filter(None, key)))

    def _check_sum(
        self, code: str, indicator: str, total: Decimal | None, parts: Sequence[Decimal | None], where: str
    ) -> None:
        known = [part for part in parts if part is not None]
        if total is None or len(known) < len(parts):
            return
        added = sum(known, Decimal(0))
        if abs(added - total) > TOLERANCE * max(abs(total), *(abs(part) for part in known)):
            self._notes.add(code, self._place, indicator=indicator, module=where, sum=added, total=total)

    # --- what is declared ------------------------------------------------------------------------

    def _standards(self) -> tuple[str, ...]:
        systems = every(
            self._root, "modellingAndValidation", "complianceDeclarations", "compliance", "referenceToComplianceSystem"
        )
        return tuple(filter(None, (spoken(languages(system, "shortDescription")) for system in systems)))

    def _edition(self, standards: Sequence[str]) -> str:
        codes = {indicator.code: indicator.edition for indicator in indicators().values()}
        found = sorted({codes.get(code, "") for code in self._modules} - {""})
        stated = {edition for name in standards for edition in ("A1", "A2") if f"+{edition}" in name.replace(" ", "")}
        if stated and found and stated != set(found):
            self._notes.add(
                "epd-edition-differs", self._place, stated="+".join(sorted(stated)), indicators="+".join(found)
            )
        return "+".join(found)

    def _scenarios(self) -> dict[str, str]:
        information = only(self._information, "dataSetInformation", "other")
        listed = [*every(information, "anies", "scenario"), *every(information, "scenarios", "scenario")]
        return {str(one.get("name", "")): spoken(languages(one, "description")) for one in listed}

    def _reference(self) -> Node:
        """Return the exchange that is declared upon."""
        wanted = texts(self._information, "quantitativeReference", "referenceToReferenceFlow")
        for exchange in every(self._root, "exchanges", "exchange"):
            if str(exchange.get("dataSetInternalID", "")) in wanted:
                return exchange
        self._notes.add("epd-reference-missing", self._place, is_error=True)
        return {}

    def _properties(self, reference: Node) -> list[_Property]:
        inline = [
            _Property(
                text(one, "uuid"),
                spoken(languages(one, "name")),
                _decimal(text(one, "meanValue")),
                text(one, "referenceUnit"),
                text(one, "referenceFlowProperty") == "true",
            )
            for one in every(reference, "flowProperties")
        ]
        return inline or self._library_properties(reference)

    def _library_properties(self, reference: Node) -> list[_Property]:
        flow = self._library.flows.get(str(only(reference, "referenceToFlowDataSet").get("refObjectId", "")), {})
        wanted = text(flow, "flowInformation", "quantitativeReference", "referenceToReferenceFlowProperty")
        found = []
        for one in every(flow, "flowProperties", "flowProperty"):
            told = only(one, "referenceToFlowPropertyDataSet")
            identifier = str(told.get("refObjectId", ""))
            unit = self._library.units.get(self._library.unit_groups.get(identifier, ""), "")
            is_reference = str(one.get("dataSetInternalID", "")) == wanted
            name = spoken(languages(told, "shortDescription"))
            found.append(_Property(identifier, name, _decimal(text(one, "meanValue")), unit, is_reference))
        return found

    def _declared_unit(self, properties: Sequence[_Property]) -> str:
        printed = next((one.unit for one in properties if one.is_reference), "")
        if not printed:
            self._notes.add("epd-declared-unit-missing", self._place, is_error=True)
            return ""
        try:
            return parse_unit(_UNITS.get(printed.casefold(), printed))
        except FactorsError:
            self._notes.add("epd-declared-unit-unknown", self._place, unit=printed)
            return printed

    def _mass(
        self, reference: Node, properties: Sequence[_Property], unit: str, amount: Decimal | None
    ) -> Decimal | None:
        """Return the kilograms of the declared amount, where all that states them agrees."""
        if amount is None:
            return None
        if unit in MASSES:
            return amount * multiplier(unit, "kg")
        material = self._material(reference)
        stated = [one.value for one in properties if one.id == MASS and one.value and not one.is_reference]
        name, wanted = _MASS_PROPERTY.get(unit, ("", ""))
        stated.extend(value for held, value, printed in material if held == name and _plain(printed) == wanted)
        stated.extend(value for held, value, _ in material if held == "conversion factor [mass/declared unit]")
        self._check_density(material, stated)
        if not stated:
            return None
        if max(stated) - min(stated) > TOLERANCE * max(stated):
            masses = ", ".join(str(value) for value in stated)
            self._notes.add("epd-mass-contradicts", self._place, is_error=True, masses=masses)
            return None
        return stated[0] * amount

    def _check_density(self, material: Sequence[tuple[str, Decimal, str]], stated: Sequence[Decimal]) -> None:
        """Say where density and thickness give another order of mass than is stated: a density in another unit."""
        density = next((value for name, value, _ in material if name == "gross density"), None)
        thickness = next((value for name, value, _ in material if name == "layer thickness"), None)
        if not (density and thickness and stated):
            return
        ratio = density * thickness / stated[0]
        if ratio > UNIT_SLIP or ratio * UNIT_SLIP < 1:
            self._notes.add("epd-density-implausible", self._place, density=density, mass=stated[0])

    def _material(self, reference: Node) -> list[tuple[str, Decimal, str]]:
        """Return the positive material properties: name, value, unit."""
        listed = [
            (text(one, "name"), text(one, "value"), text(one, "unit")) for one in every(reference, "materialProperties")
        ]
        flow = self._library.flows.get(str(only(reference, "referenceToFlowDataSet").get("refObjectId", "")), {})
        listed.extend(_matml(flow))
        found = ((name, _decimal(value), unit) for name, value, unit in listed)
        return [(name, value, unit) for name, value, unit in found if value is not None and value > 0]


def _matml(flow: Node) -> Iterator[tuple[str, str, str]]:
    """Yield the material properties that a flow data set carries in MatML."""
    for document in every(flow, "flowInformation", "dataSetInformation", "other", "MatML_Doc"):
        details = {str(one.get("id", "")): one for one in every(document, "Metadata", "PropertyDetails")}
        for one in every(document, "Material", "BulkDetails", "PropertyData"):
            told = details.get(str(one.get("property", "")), {})
            yield text(told, "Name"), text(one, "Data"), str(only(told, "Units").get("name", ""))


def _amounts(result: Node) -> Iterator[Node]:
    """Yield the values by module: 'epd:amount' in XML, entries with a module in JSON."""
    for one in [*every(result, "other", "anies"), *every(result, "other", "amount")]:
        if one.get("module"):
            yield one


def _unit_of(result: Node) -> str:
    words = languages(result, "other", "referenceToUnitGroupDataSet", "shortDescription")
    for one in every(result, "other", "anies"):
        if text(one, "name") == "referenceToUnitGroupDataSet":
            words |= languages(one, "value", "shortDescription")
    return spoken(words)


def _extension(node: Node, name: str) -> str:
    for one in every(node, "other", "anies"):
        if text(one, "name") == name:
            return text(one, "value")
    return text(node, "other", name)


def _described(node: Node, reference: str) -> str:
    return spoken(languages(node, reference, "shortDescription"))


def _module(printed: str) -> str:
    return printed.strip().upper().replace("–", "-").replace("—", "-").replace(" ", "")


def _decimal(printed: str) -> Decimal | None:
    try:
        value = Decimal(printed)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _plain(unit: str) -> str:
    return _SIGNS.sub("", unit.replace("²", "2").replace("³", "3").replace("⁺", "+")).replace("/", "").casefold()


def _abbreviation(name: str) -> str:
    found = re.search(r"\(([^()]+)\)\s*$", name)
    return found[1].split("/")[0].strip() if found else ""


@lru_cache(maxsize=1)
def _abbreviations() -> frozenset[str]:
    return frozenset(indicator.code.removesuffix("-A1") for indicator in indicators().values())


def _date(printed: str) -> str:
    """Return an ISO date: JSON counts milliseconds since 1970, XML writes the date."""
    if printed.isdecimal() and len(printed) <= 13:
        return datetime.fromtimestamp(int(printed) / 1000, UTC).date().isoformat()
    return printed[:10]
