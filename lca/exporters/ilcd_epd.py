"""A frozen footprint by modules as ILCD+EPD: GWP-total, -fossil, -biogenic and -luluc of the declared modules.

    content = archive(snapshot, Said())

The archive holds the process, its reference flow with the declared unit, flow property, unit group and owner, each
valid by the schemas of the format. A module that was not declared is absent; D stands apart like everywhere. The
format has one kind of data set, 'EPD'; that this is none is said in the name of its kind, its comment and its advice
for use, and it claims to comply with nothing.
"""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from lxml import etree

from lca.exporters.frozen import NAMESPACE, reading
from lca.exporters.module_table import Said, Statement, indicators, statement
from lca.numbers import canonical

Record = Mapping[str, Any]

FORMAT = "ILCD+EPD"
TABLE = Path(__file__).parent.parent / "data" / "ilcd_references.csv"

UNITS: Mapping[str, str] = MappingProxyType(
    {"kg": "Mass", "m3": "Volume", "m2": "Area", "m": "Length", "piece": "Number of items"}
)
"""Unit of a declared amount -> its flow property, the reference of the flow."""
MASS, CARBON = "Mass", "Carbon content (biogenic)"

PARTS = ("total", "fossil", "biogenic", "luluc")
BEGIN = (1980, 1, 1, 0, 0, 0)
"""The time of every part of the archive: the same footprint gives the same bytes."""

_PROCESS = "http://lca.jrc.it/ILCD/Process"
_FLOW = "http://lca.jrc.it/ILCD/Flow"
_PROPERTY = "http://lca.jrc.it/ILCD/FlowProperty"
_GROUP = "http://lca.jrc.it/ILCD/UnitGroup"
_CONTACT = "http://lca.jrc.it/ILCD/Contact"
_COMMON = "http://lca.jrc.it/ILCD/Common"
_EPD = "http://www.iai.kit.edu/EPD/2013"
_EPD19 = "http://www.indata.network/EPD/2019"
_EPD24 = "http://www.indata.network/EPD/2024"
_XML = "http://www.w3.org/XML/1998/namespace"

_NOTICE_ZH = (
    "仅为按模块列出的全球变暖潜势声明，不是 EN 15804 或 ISO 14025 意义上的环境产品声明（EPD）；自我声明，未经核查。"
)


class Reference(NamedTuple):
    """A data set of the format that others refer to; a row of ``ilcd_references.csv``."""

    name: str
    kind: str
    uuid: str
    version: str
    name_zh: str
    of: str  # a property's unit group, a group's reference unit, an indicator's unit group


@lru_cache(maxsize=1)
def references() -> Mapping[str, Reference]:
    """Return the known data sets by their English name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["name"]: Reference(**row) for row in csv.DictReader(file)})


def archive(snapshot: Record, said: Said) -> bytes:
    """Return the zip archive of the statement and the data sets that it refers to.

    Raises:
        As ``package``.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in package(snapshot, said).items():
            target.writestr(zipfile.ZipInfo(name, BEGIN), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def package(snapshot: Record, said: Said) -> dict[str, bytes]:
    """Return the data sets by their path in the archive, the process first.

    Raises:
        ExportLacks, ExportImpossible: see ``lca.exporters.module_table.statement``.
        SnapshotInvalid: it is no frozen footprint, or does not hold together.
    """
    with reading(snapshot):
        told = statement(snapshot, said, tuple(UNITS), FORMAT)
        return dict(_Package(told).files())


class _Package:
    """The data sets of one statement."""

    def __init__(self, told: Statement) -> None:
        self.told = told
        amount = float(told.amount)
        self.measured = {UNITS[told.unit]: 1.0}  # flow property -> of it in one unit of the reference flow
        if told.mass_kg:
            self.measured.setdefault(MASS, float(told.mass_kg) / amount)
        if float(told.carbon_biogenic_kg):
            self.measured[CARBON] = float(told.carbon_biogenic_kg) / amount
        self.version = f"{min(told.version, 99):02}.00.000"
        self.ids = {kind: str(uuid.uuid5(NAMESPACE, f"{kind} {told.identifier}")) for kind in ("process", "flow")}
        self.ids["contact"] = str(uuid.uuid5(NAMESPACE, f"contact {told.owner}"))

    def files(self) -> Iterator[tuple[str, bytes]]:
        yield f"ILCD/processes/{self.ids['process']}.xml", _written(self._process())
        yield f"ILCD/flows/{self.ids['flow']}.xml", _written(self._flow())
        properties = [references()[name] for name in self.measured]
        for one in properties:
            yield f"ILCD/flowproperties/{one.uuid}.xml", _written(self._property(one))
        for group in dict.fromkeys(references()[one.of] for one in properties):
            yield f"ILCD/unitgroups/{group.uuid}.xml", _written(self._group(group))
        yield f"ILCD/contacts/{self.ids['contact']}.xml", _written(self._contact())

    # --- the process -----------------------------------------------------------------------------

    def _process(self) -> etree._Element:
        root = _root(_PROCESS, "processDataSet", epd=_EPD, epd2=_EPD19, epd24=_EPD24)
        root.set(f"{{{_EPD19}}}epd-version", "1.2")
        self._information(_child(root, "processInformation"))
        self._modelling(_child(root, "modellingAndValidation"))
        self._administration(_child(root, "administrativeInformation"))
        exchange = _child(_child(root, "exchanges"), "exchange", dataSetInternalID="0")
        flow = Reference(self.told.name_en, "flow data set", self.ids["flow"], self.version, self.told.name_zh, "")
        _reference(exchange, "referenceToFlowDataSet", flow)
        _text(exchange, "meanAmount", self.told.amount)
        results = _child(root, "LCIAResults")
        for part in PARTS:
            self._result(results, part)
        return root

    def _information(self, information: etree._Element) -> None:
        told = self.told
        data_set = _child(information, "dataSetInformation")
        _text(data_set, "UUID", self.ids["process"], _COMMON)
        name = _child(data_set, "name")
        _languages(name, "baseName", told.name_zh, told.name_en)
        classification = _child(_child(data_set, "classificationInformation"), "classification", _COMMON)
        _text(classification, "class", "GWP statements by modules (no EPD)", _COMMON, level="0")
        _languages(data_set, "generalComment", _NOTICE_ZH, " ".join((*told.notes, self._digest())), _COMMON)
        quantity = _child(information, "quantitativeReference", type="Reference flow(s)")
        _text(quantity, "referenceToReferenceFlow", "0")
        time = _child(information, "time")
        _text(time, "referenceYear", told.reference_year, _COMMON)
        _text(time, "dataSetValidUntil", str(told.valid_until.year), _COMMON)
        other = _child(time, "other", _COMMON)
        _text(other, "publicationDateOfEPD", told.created.isoformat(), _EPD19)
        _text(other, "expirationDateOfEPD", told.valid_until.isoformat(), _EPD24)
        geography = _child(information, "geography")
        _child(geography, "locationOfOperationSupplyOrProduction", location=told.region)

    def _digest(self) -> str:
        return f"Snapshot SHA-256 {self.told.sha256}."

    def _modelling(self, modelling: etree._Element) -> None:
        method = _child(modelling, "LCIMethodAndAllocation")
        _text(method, "typeOfDataSet", "EPD")  # the one kind that the schema has
        _text(_child(method, "other", _COMMON), "subType", "specific dataset", _EPD)
        sources = _child(modelling, "dataSourcesTreatmentAndRepresentativeness")
        _languages(sources, "useAdviceForDataSet", _NOTICE_ZH, self.told.notes[0])

    def _administration(self, administration: etree._Element) -> None:
        owner = Reference(self.told.owner, "contact data set", self.ids["contact"], self.version, "", "")
        entry = _child(administration, "dataEntryBy")
        _text(entry, "timeStamp", f"{self.told.created.isoformat()}T00:00:00Z", _COMMON)
        for name in ("ILCD Format", "EPD Data Format Extensions v1.2"):
            _reference(entry, "referenceToDataSetFormat", references()[name], _COMMON)
        rights = _child(administration, "publicationAndOwnership")
        _text(rights, "dataSetVersion", self.version, _COMMON)
        _reference(rights, "referenceToOwnershipOfDataSet", owner, _COMMON)

    def _result(self, results: etree._Element, part: str) -> None:
        """Write one indicator over the declared modules; those that are not stand in the comment alone."""
        indicator = references()[f"GWP-{part}"]
        result = _child(results, "LCIAResult")
        _reference(result, "referenceToLCIAMethodDataSet", indicator)
        other = _child(result, "other", _COMMON)
        for module, gwp in self.told.modules.items():
            amount = _child(other, "amount", _EPD)
            amount.set(f"{{{_EPD}}}module", module)
            amount.text = indicators(gwp)[part]
        _reference(other, "referenceToUnitGroupDataSet", references()[indicator.of], _EPD)

    # --- the data sets beside it -----------------------------------------------------------------

    def _flow(self) -> etree._Element:
        root = _root(_FLOW, "flowDataSet")
        information = _child(root, "flowInformation")
        data_set = _child(information, "dataSetInformation")
        _text(data_set, "UUID", self.ids["flow"], _COMMON)
        _languages(_child(data_set, "name"), "baseName", self.told.name_zh, self.told.name_en)
        _text(_child(information, "quantitativeReference"), "referenceToReferenceFlowProperty", "0")
        _text(_child(_child(root, "modellingAndValidation"), "LCIMethod"), "typeOfDataSet", "Product flow")
        self._stamp(root, self.version)
        properties = _child(root, "flowProperties")
        for number, (name, mean) in enumerate(self.measured.items()):
            one = _child(properties, "flowProperty", dataSetInternalID=str(number))
            _reference(one, "referenceToFlowPropertyDataSet", references()[name])
            _text(one, "meanValue", canonical(mean))
        return root

    def _property(self, of: Reference) -> etree._Element:
        root = _root(_PROPERTY, "flowPropertyDataSet")
        information = _child(root, "flowPropertiesInformation")
        data_set = _child(information, "dataSetInformation")
        _text(data_set, "UUID", of.uuid, _COMMON)
        _languages(data_set, "name", of.name_zh, of.name, _COMMON)
        _reference(_child(information, "quantitativeReference"), "referenceToReferenceUnitGroup", references()[of.of])
        self._stamp(root, of.version)
        return root

    def _group(self, of: Reference) -> etree._Element:
        root = _root(_GROUP, "unitGroupDataSet")
        information = _child(root, "unitGroupInformation")
        data_set = _child(information, "dataSetInformation")
        _text(data_set, "UUID", of.uuid, _COMMON)
        _languages(data_set, "name", of.name_zh, of.name, _COMMON)
        _text(_child(information, "quantitativeReference"), "referenceToReferenceUnit", "0")
        self._stamp(root, of.version)
        unit = _child(_child(root, "units"), "unit", dataSetInternalID="0")
        _text(unit, "name", of.of)
        _text(unit, "meanValue", "1")
        return root

    def _contact(self) -> etree._Element:
        root = _root(_CONTACT, "contactDataSet")
        data_set = _child(_child(root, "contactInformation"), "dataSetInformation")
        _text(data_set, "UUID", self.ids["contact"], _COMMON)
        _languages(data_set, "shortName", "", self.told.owner, _COMMON)
        _languages(data_set, "name", "", self.told.owner, _COMMON)
        self._stamp(root, self.version)
        return root

    def _stamp(self, root: etree._Element, version: str) -> None:
        administration = _child(root, "administrativeInformation")
        entry = _child(administration, "dataEntryBy")
        _text(entry, "timeStamp", f"{self.told.created.isoformat()}T00:00:00Z", _COMMON)
        _text(_child(administration, "publicationAndOwnership"), "dataSetVersion", version, _COMMON)


# --- XML -----------------------------------------------------------------------------------------


def _root(namespace: str, name: str, **more: str) -> etree._Element:
    names: dict[Any, str] = {None: namespace, "common": _COMMON, **more}
    return etree.Element(f"{{{namespace}}}{name}", {"version": "1.1"}, nsmap=names)


def _child(parent: etree._Element, name: str, namespace: str = "", **attributes: str) -> etree._Element:
    own = namespace or etree.QName(parent.getroottree().getroot()).namespace
    return etree.SubElement(parent, f"{{{own}}}{name}", attributes)


def _text(parent: etree._Element, name: str, text: str, namespace: str = "", **attributes: str) -> None:
    _child(parent, name, namespace, **attributes).text = text


def _languages(parent: etree._Element, name: str, zh: str, en: str, namespace: str = "") -> None:
    """Write a text in English, the format's own language, and in Chinese where there is one."""
    for language, text in (("en", en), ("zh", zh)):
        if text:
            child = _child(parent, name, namespace)
            child.set(f"{{{_XML}}}lang", language)
            child.text = text


def _reference(parent: etree._Element, name: str, of: Reference, namespace: str = "") -> None:
    child = _child(parent, name, namespace, type=of.kind, refObjectId=of.uuid, version=of.version)
    _languages(child, "shortDescription", of.name_zh, of.name, _COMMON)


def _written(root: etree._Element) -> bytes:
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content
