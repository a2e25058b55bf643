"""ILCD: unit processes that name their flows by id, flows their properties, properties their unit groups.

An exchange is counted in the reference unit of its flow. Deviations are those of the format: for a lognormal the square
of the geometric standard deviation, for a normal twice the standard deviation. Declarations (ILCD+EPD) hold results,
not exchanges: ``lca.importers.epd`` reads them, and here they are told and left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from lca.dataset import (
    SUPPLY,
    Allocation,
    Exchange,
    Flow,
    FlowKind,
    LciDatabase,
    Parameter,
    Uncertainty,
    UnitProcess,
    role,
)
from lca.errors import LciFileBroken
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.distributions import Printed, check
from lca.importers.ilcd_tree import Node, chinese, every, languages, only, spoken, text, texts, tree_of
from lca.importers.tabular import Notes, Place, number, why_no_number

NAMESPACE = b"lca.jrc.it/ILCD/"
PROCESS, FLOW, PROPERTY, UNITS = "processDataSet", "flowDataSet", "flowPropertyDataSet", "unitGroupDataSet"
DECLARATION = "EPD"

# Folders whose data sets hold nothing that a unit process needs.
_OTHER = frozenset({"sources", "contacts", "lciamethods", "external_docs", "lifecyclemodels", "schemas", "stylesheets"})
_KINDS: Mapping[str, FlowKind] = {
    "elementary flow": "elementary",
    "product flow": "product",
    "waste flow": "waste",
    "other flow": "product",
}
_DISTRIBUTIONS = {"log-normal": "lognormal", "lognormal": "lognormal", "normal": "normal"} | {
    "triangular": "triangular",
    "uniform": "uniform",
}
_LOOKED_AT = 20  # parts that are opened to recognise the format
SHARE_TOLERANCE = 0.001
UNIT_SOURCE = "referenceToReferenceUnitGroup"


def knows(archive: Archive) -> bool:
    """Tell from the first data sets whether they are ILCD's."""
    names = [name for name in archive.names if name.casefold().endswith((".xml", ".json"))]
    names.sort(key=lambda name: "processes" not in PurePosixPath(name.replace("\\", "/")).parts)
    return any(_is_ours(archive, name) for name in names[:_LOOKED_AT])


def _is_ours(archive: Archive, name: str) -> bool:
    try:
        content = archive.bytes_of(name)
    except LciFileBroken:
        return False
    if name.casefold().endswith(".json"):
        return b'"processInformation"' in content
    return NAMESPACE in content[:20_000]


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return the unit processes of an archive, or of one data set.

    Raises:
        LciFileBroken: a single data set that cannot be read; a broken one among many is a finding.
        LciFileUnsafe: a document type.
    """
    reading = _Reading(archive, progress)
    reading.collect()
    return reading.database()


def documents(archive: Archive, notes: Notes, progress: Progress) -> Iterator[tuple[str, str, Node]]:
    """Yield name, kind and root of every data set, processes last."""
    names = [
        name for name in archive.names if name.casefold().endswith((".xml", ".json")) and not _folders(name) & _OTHER
    ]
    names.sort(key=lambda name: ("processes" in _folders(name), name))
    for done, name in enumerate(names, 1):
        try:
            kind, root = tree_of(archive, name)
        except LciFileBroken:
            if len(names) == 1:
                raise
            notes.add("part-broken", Place(name), is_error=True)
            continue
        yield name, kind, root
        if done % 100 == 0 or done == len(names):
            progress("data sets", done, len(names))


def _folders(name: str) -> frozenset[str]:
    return frozenset(part.casefold() for part in PurePosixPath(name.replace("\\", "/")).parts[:-1])


@dataclass
class _Drafted:
    """A data set under its id, the newest of several versions."""

    file: str
    root: Node
    version: str


@dataclass
class _Reading:
    """Everything that one archive holds; data sets refer to each other in any order."""

    archive: Archive
    progress: Progress
    notes: Notes = field(default_factory=Notes)
    processes: dict[str, _Drafted] = field(default_factory=dict)
    flow_sets: dict[str, _Drafted] = field(default_factory=dict)
    unit_groups: dict[str, str] = field(default_factory=dict)  # of a property -> id of its unit group
    units: dict[str, str] = field(default_factory=dict)  # of a unit group -> its reference unit
    flows: dict[str, Flow] = field(default_factory=dict)

    def collect(self) -> None:
        """Read every data set once."""
        for name, kind, root in documents(self.archive, self.notes, self.progress):
            if kind == PROCESS:
                self._keep(self.processes, name, root, "processInformation")
            elif kind == FLOW:
                self._keep(self.flow_sets, name, root, "flowInformation")
            elif kind == PROPERTY:
                told = only(root, "flowPropertiesInformation")
                reference = only(told, "quantitativeReference", UNIT_SOURCE)
                self.unit_groups[text(told, "dataSetInformation", "UUID")] = str(reference.get("refObjectId", ""))
            elif kind == UNITS:
                self._keep_units(root)

    def _keep(self, held: dict[str, _Drafted], name: str, root: Node, section: str) -> None:
        identifier = text(root, section, "dataSetInformation", "UUID")
        version = text(root, "administrativeInformation", "publicationAndOwnership", "dataSetVersion")
        if not identifier:
            self.notes.add("data-set-without-id", Place(name), is_error=True)
            return
        known = held.get(identifier)
        if known is not None:
            self.notes.add("data-set-twice", Place(name), id=identifier, version=version, other=known.version)
        if known is None or _order(version) > _order(known.version):
            held[identifier] = _Drafted(name, root, version)

    def _keep_units(self, root: Node) -> None:
        told = only(root, "unitGroupInformation")
        reference = text(told, "quantitativeReference", "referenceToReferenceUnit")
        for unit in every(root, "units", "unit"):
            if str(unit.get("dataSetInternalID", "")) == reference:
                self.units[text(told, "dataSetInformation", "UUID")] = text(unit, "name")

    def database(self) -> LciDatabase:
        """Return what was collected."""
        for identifier, drafted in self.flow_sets.items():
            self.flows[identifier] = self._flow(identifier, drafted)
        made = (self._process(identifier, drafted) for identifier, drafted in self.processes.items())
        processes = tuple(process for process in made if process is not None)
        return LciDatabase(
            name=self.archive.path.stem,
            flows=self.flows,
            processes=processes,
            format="ilcd",
            findings=self.notes.findings(),
        )

    # --- flows -----------------------------------------------------------------------------------

    def _flow(self, identifier: str, drafted: _Drafted) -> Flow:
        told = only(drafted.root, "flowInformation", "dataSetInformation")
        place = Place(drafted.file)
        printed = text(drafted.root, "modellingAndValidation", "LCIMethod", "typeOfDataSet")
        kind = _KINDS.get(printed.casefold())
        if kind is None or printed.casefold() == "other flow":
            self.notes.add("flow-kind-unknown", place, flow=_name(told, "name"), kind=printed or "-")
        unit = self._unit(drafted.root)
        if not unit:
            self.notes.add("flow-unit-unknown", place, flow=_name(told, "name"))
        geography = only(drafted.root, "flowInformation", "geography", "locationOfSupply")
        return Flow(
            id=identifier,
            name=_name(told, "name"),
            kind=kind or "product",
            unit=unit,
            name_zh=chinese(languages(told, "name", "baseName")),
            category=_category(told),
            cas=text(told, "CASNumber").lstrip("0"),
            formula=text(told, "sumFormula"),
            location=str(geography.get("location") or text(geography)),
        )

    def _unit(self, root: Node) -> str:
        reference = text(root, "flowInformation", "quantitativeReference", "referenceToReferenceFlowProperty")
        for one in every(root, "flowProperties", "flowProperty"):
            if str(one.get("dataSetInternalID", "")) == reference:
                wanted = str(only(one, "referenceToFlowPropertyDataSet").get("refObjectId", ""))
                return self.units.get(self.unit_groups.get(wanted, ""), "")
        return ""

    def _flow_of(self, exchange: Node, place: Place, *, is_reference: bool) -> Flow | None:
        """Return the flow of an exchange; one whose data set is missing is known by what the exchange says."""
        reference = only(exchange, "referenceToFlowDataSet")
        identifier = str(reference.get("refObjectId", ""))
        if not identifier:
            return None
        if identifier not in self.flows:
            self.flows[identifier] = self._told_by(exchange, identifier, place, is_reference=is_reference)
        return self.flows[identifier]

    def _told_by(self, exchange: Node, identifier: str, place: Place, *, is_reference: bool) -> Flow:
        words = languages(exchange, "referenceToFlowDataSet", "shortDescription")
        kind = _KINDS.get(text(exchange, "typeOfFlow").casefold())
        unit = next(
            (
                text(one, "referenceUnit")
                for one in every(exchange, "flowProperties")
                if text(one, "referenceFlowProperty") == "true"
            ),
            "",
        )
        name = spoken(words) or identifier
        if kind is None and not is_reference:
            self.notes.add("flow-missing", place, flow=name, id=identifier)
        if not unit:
            self.notes.add("flow-unit-unknown", place, flow=name)
        return Flow(id=identifier, name=name, kind=kind or "product", unit=unit, name_zh=chinese(words))

    # --- processes -------------------------------------------------------------------------------

    def _process(self, identifier: str, drafted: _Drafted) -> UnitProcess | None:
        told = only(drafted.root, "processInformation")
        name = _name(only(told, "dataSetInformation"), "name")
        place = Place(drafted.file, "", name)
        if text(drafted.root, "modellingAndValidation", "LCIMethodAndAllocation", "typeOfDataSet") == DECLARATION:
            self.notes.add("declaration-left-out", place, is_error=True, name=name)
            return None
        references = texts(told, "quantitativeReference", "referenceToReferenceFlow")
        parameters = tuple(self._parameters(told, place))
        exchanges = tuple(self._exchanges(drafted.root, place, references, {one.name for one in parameters}))
        reference = self._reference(exchanges, references, place)
        if not reference:
            return None
        allocations = tuple(self._allocations(drafted.root, exchanges, place))
        return replace(
            _documented(identifier, name, drafted.root),
            exchanges=exchanges,
            reference=reference,
            parameters=parameters,
            allocations=allocations,
            default_allocation=allocations[0].method if allocations else "",
        )

    def _reference(self, exchanges: Sequence[Exchange], references: Sequence[str], place: Place) -> str:
        known = {exchange.id: exchange for exchange in exchanges}
        named = [identifier for identifier in references if identifier in known]
        if not named:
            supplies = [one.id for one in exchanges if role(one, self.flows[one.flow]) == SUPPLY]
            if len(supplies) != 1:
                self.notes.add("process-left-out", place, is_error=True, name=place.process)
                return ""
            self.notes.add("reference-unnamed", place, name=place.process)
            return supplies[0]
        if len(named) > 1:
            self.notes.add("references-several", place, name=place.process, count=len(named))
        if self.flows[known[named[0]].flow].kind == "elementary":
            flow = self.flows[known[named[0]].flow].name
            self.notes.add("reference-is-elementary", place, is_error=True, name=place.process, flow=flow)
        if known[named[0]].amount == 0:
            self.notes.add("production-zero", place, is_error=True, name=place.process)
        return named[0]

    def _exchanges(
        self, root: Node, place: Place, references: Sequence[str], variables: set[str]
    ) -> Iterator[Exchange]:
        seen: set[str] = set()
        for count, exchange in enumerate(every(root, "exchanges", "exchange")):
            identifier = str(exchange.get("dataSetInternalID", f"-{count}"))
            at = Place(place.file, f"exchange {identifier}", place.process)
            if identifier in seen:
                self.notes.add("exchange-id-twice", at, is_error=True, id=identifier)
                identifier = f"{identifier}#{count}"
            seen.add(identifier)
            made = self._exchange(exchange, identifier, at, identifier in references, variables)
            if made is not None:
                yield made

    def _exchange(
        self, exchange: Node, identifier: str, place: Place, is_reference: bool, variables: set[str]
    ) -> Exchange | None:
        flow = self._flow_of(exchange, place, is_reference=is_reference)
        direction = (text(exchange, "exchangeDirection") or text(exchange, "exchange direction")).casefold()
        if not direction and is_reference:
            direction = "output"  # soda4LCA writes none beside a reference flow
        if flow is None or direction not in ("input", "output"):
            code = "exchange-unnamed" if flow is None else "exchange-direction-unknown"
            self.notes.add(code, place, is_error=True)
            return None
        amount = self._amount(exchange, flow, place)
        if amount is None:
            return None
        spoken(languages(exchange, "generalComment"))
        return Exchange(
            id=identifier,
            flow=flow.id,
            amount=amount,
            unit=flow.unit,
            is_input=direction == "input",
            formula=self._formula(exchange, variables, place),
            uncertainty=self._uncertainty(exchange, amount, ("minimumAmount", "maximumAmount"), place),
            comment="; ".join(
                filter(None, (text(exchange, "location"), spoken(languages(exchange, "generalComment"))))
            ),
        )

    def _amount(self, exchange: Node, flow: Flow, place: Place) -> float | None:
        """Return what enters the result; a mean amount counts where no resulting one is printed."""
        printed = text(exchange, "resultingAmount") or text(exchange, "meanAmount")
        amount = number(printed)
        if amount is None:
            self.notes.add(why_no_number(printed), place, is_error=True, exchange=flow.name, value=printed)
        return amount

    def _formula(self, exchange: Node, variables: set[str], place: Place) -> str:
        variable = text(exchange, "referenceToVariable")
        if not variable:
            return ""
        if variable not in variables:
            self.notes.add("variable-missing", place, variable=variable)
            return ""
        mean = number(text(exchange, "meanAmount"))
        return variable if mean in (None, 1.0) else f"{mean!r} * {variable}"

    def _uncertainty(self, node: Node, amount: float, bounds: tuple[str, str], place: Place) -> Uncertainty | None:
        printed = text(node, "uncertaintyDistributionType").casefold().replace("_", "-").replace(" ", "-")
        if printed in ("", "undefined"):
            return None
        kind = _DISTRIBUTIONS.get(printed)
        if kind is None:
            self.notes.add("distribution-unknown", place, distribution=printed)
            return None
        deviation = number(text(node, "relativeStandardDeviation95In"))
        minimum, maximum = (number(text(node, bound)) for bound in bounds)
        checked = check(Printed(kind, None, _scale(kind, deviation), minimum, maximum), amount)
        if checked.code:
            self.notes.tell(checked.code, place, checked.params or {})
        return checked.uncertainty

    def _parameters(self, told: Node, place: Place) -> Iterator[Parameter]:
        seen: set[str] = set()
        for one in every(told, "mathematicalRelations", "variableParameter"):
            name, printed = text(one, "name"), text(one, "meanValue")
            amount = number(printed)
            if not name or name in seen or amount is None:
                code = "parameter-twice" if name in seen else "parameter-unreadable"
                self.notes.add(code, place, is_error=name not in seen, name=name or "-", value=printed)
                continue
            seen.add(name)
            yield Parameter(
                name=name,
                amount=amount,
                formula=text(one, "formula"),
                uncertainty=self._uncertainty(one, amount, ("minimumValue", "maximumValue"), place),
                comment=spoken(languages(one, "comment")),
            )

    def _allocations(self, root: Node, exchanges: Sequence[Exchange], place: Place) -> Iterator[Allocation]:
        """Yield the shares that the exchanges state: one set where they all agree, else one for each exchange."""
        flows = {exchange.id: exchange.flow for exchange in exchanges}
        shares: dict[str, dict[str, float]] = {}
        for exchange in every(root, "exchanges", "exchange"):
            identifier = str(exchange.get("dataSetInternalID", ""))
            stated = list(every(exchange, "allocations", "allocation"))
            if stated and identifier in flows and (found := self._shares(stated, flows, place)) is not None:
                shares[identifier] = found
        if not shares:
            return
        sets = list(shares.values())
        if all(one == sets[0] for one in sets):
            yield Allocation(_approach(root), sets[0])
        else:
            yield Allocation("causal", {}, shares)

    def _shares(self, stated: Sequence[Node], flows: Mapping[str, str], place: Place) -> dict[str, float] | None:
        found: dict[str, float] = {}
        for one in stated:
            product = str(one.get("internalReferenceToCoProduct", ""))
            share = number(str(one.get("allocatedFraction", "")).rstrip("% "))
            if product in flows and share is not None:
                found[flows[product]] = found.get(flows[product], 0.0) + share
        total = sum(found.values())
        for whole in (100.0, 1.0):
            if found and abs(total - whole) <= whole * SHARE_TOLERANCE:
                return {flow: share / whole for flow, share in found.items()}
        self.notes.add("allocation-off-total", place, is_error=True, total=f"{total:g}")
        return None


def _scale(kind: str, deviation: float | None) -> float | None:
    """Return the scale of ``stats_arrays``: sigma = ln(SDg^2) / 2 of a lognormal, 2 SD / 2 of a normal."""
    if deviation is None or kind not in ("lognormal", "normal"):
        return None
    if kind == "normal" or deviation == 0:
        return deviation / 2
    return math.log(deviation) / 2 if deviation > 0 else -1.0


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def _name(told: Node, key: str) -> str:
    """Return the full name: base name, treatment, mix and location, quantitative properties."""
    parts = ("baseName", "treatmentStandardsRoutes", "mixAndLocationTypes", "functionalUnitFlowProperties")
    name = only(told, key)
    return "; ".join(filter(None, (spoken(languages(name, part)) for part in parts)))


def _category(told: Node) -> str:
    found = only(told, "classificationInformation")
    elementary = texts(found, "elementaryFlowCategorization", "category")
    if elementary:
        return "/".join(" ".join(part.split()) for part in elementary)
    return "/".join(texts(only(found, "classification"), "class"))


def _approach(root: Node) -> str:
    """Return how shares that hold for all exchanges were made, as far as the data set says."""
    approaches = " ".join(
        texts(root, "modellingAndValidation", "LCIMethodAndAllocation", "LCIMethodApproaches")
    ).casefold()
    if "market value" in approaches:
        return "economic"
    physical = ("mass", "calorific", "exergy", "element content", "volume", "physical")
    return "physical" if any(f"allocation - {word}" in approaches for word in physical) else "stated"


def _documented(identifier: str, name: str, root: Node) -> UnitProcess:
    """Return a process with all that its data set says beside its exchanges."""
    told, administered = only(root, "processInformation"), only(root, "administrativeInformation")
    information, time = only(told, "dataSetInformation"), only(told, "time")
    rights, modelled = only(administered, "publicationAndOwnership"), only(root, "modellingAndValidation")
    sources = every(modelled, "dataSourcesTreatmentAndRepresentativeness", "referenceToDataSource")
    described = [spoken(languages(source, "shortDescription")) for source in sources]
    type_ = text(modelled, "LCIMethodAndAllocation", "typeOfDataSet").casefold()
    return UnitProcess(
        id=identifier,
        name=name,
        exchanges=(),
        reference="",
        name_zh=chinese(languages(information, "name", "baseName")),
        kind="system" if type_ == "lci result" else "unit",
        location=str(only(told, "geography", "locationOfOperationSupplyOrProduction").get("location", "")),
        valid_from=text(time, "referenceYear"),
        valid_until=text(time, "dataSetValidUntil"),
        category=_category(information),
        source="; ".join(filter(None, described)),
        licence=text(rights, "licenseType") or spoken(languages(rights, "accessRestrictions")),
        comment=spoken(languages(information, "generalComment")),
    )
