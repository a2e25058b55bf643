"""openLCA JSON-LD, schema 2, as a zip: what ``lca.importers.jsonld`` reads back to the same database.

openLCA names its files by identifier, in at most 36 plain characters; another identifier is replaced by one made of
it and kept with the object. So are Chinese names, dates that are no full date and the mark of a placeholder, all
among an object's other properties. The order of processes and of global parameters becomes that of their identifiers.
The sigma of a log-normal is written as exp(sigma): what was the logarithm of a float comes back to the last digit.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from lca.dataset import SYSTEM_PROCESS, Allocation, Exchange, Flow, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.exporters.jsonld_units import Json, Quantities, made, ref
from lca.importers.jsonld import DATABASE
from lca.importers.jsonld_allocation import METHODS
from lca.importers.jsonld_flows import KINDS
from lca.importers.jsonld_objects import FOLDERS, OWN, PACKAGE
from lca.importers.jsonld_quality import INDICATORS

SCHEMA = 2
LONGEST_NAME = 200
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip knows none earlier; the same database gives the same bytes
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,35}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PART_DATE = re.compile(r"(\d{4})(?:-(\d\d))?")
_FOLDER_OF = {kind: folder for folder, kind in FOLDERS.items()}
_FLOW_TYPE = {kind: name for name, kind in KINDS.items()}
_ALLOCATION_TYPE = {method: name for name, method in METHODS.items()}
_DQ_SYSTEM = made("dq_system", *INDICATORS)
_DQ_NAME = "Pedigree matrix"


def write(database: LciDatabase, path: Path) -> None:
    """Write ``database`` as a zip of openLCA JSON-LD, schema 2."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        package = _Package(database)
        described = {key: getattr(database, key) for key in ("name", "version", "source", "licence")}
        _put(archive, PACKAGE[0], {"schemaVersion": SCHEMA, DATABASE: described})
        for one in package.objects():
            _put(archive, f"{_FOLDER_OF[one['@type']]}/{one['@id']}.json", one)


def _put(archive: zipfile.ZipFile, name: str, one: Json) -> None:
    part = zipfile.ZipInfo(name, _FIRST_DAY)
    part.compress_type = zipfile.ZIP_DEFLATED
    content = json.dumps(one, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    archive.writestr(part, content.encode("utf-8", errors="replace"))


def identifier(kind: str, own: str) -> str:
    """Return how openLCA can call what we call ``own``."""
    return own if _PLAIN.fullmatch(own) else made(kind, own)


@dataclass
class _Package:
    """Makes the objects of a database."""

    database: LciDatabase
    locations: dict[str, str] = field(default_factory=dict)  # code -> identifier
    sources: dict[str, str] = field(default_factory=dict)  # text -> identifier

    def __post_init__(self) -> None:
        self.quantities = Quantities(self.database)
        self.processes = {one.id for one in self.database.processes}
        self.flows = {
            one.id: ref("Flow", identifier("flow", one.id), one.name)
            | {"flowType": _FLOW_TYPE[one.kind], "refUnit": one.unit}
            for one in self.database.flows.values()
        }

    def objects(self) -> Iterator[Json]:
        """Yield every object; what others refer to comes before or after them, as it happens to be known."""
        for quantity in self.quantities.used():
            yield quantity.group_object()
            yield quantity.property_object()
        yield from (self.flow(one) for one in self.database.flows.values())
        for parameter in self.database.parameters:
            yield {"@id": made("parameter", parameter.name)} | _parameter(parameter, "GLOBAL_SCOPE")
        yield from (self.process(one) for one in self.database.processes)
        for code, its in self.locations.items():
            yield ref("Location", its, code) | {"code": code}
        for text, its in self.sources.items():
            yield _source(text, its)
        if any(exchange.pedigree for process in self.database.processes for exchange in process.exchanges):
            yield _dq_system()

    def flow(self, one: Flow) -> Json:
        """Return a flow with its quantities."""
        kept = {"name_zh": one.name_zh}
        if self.flows[one.id]["@id"] != one.id:
            kept["id"] = one.id
        written = self.flows[one.id] | {
            "category": one.category,
            "cas": one.cas,
            "formula": one.formula,
            "location": self.location(one.location),
            "flowProperties": [
                {
                    "@type": "FlowPropertyFactor",
                    "isRefFlowProperty": place == 0,
                    "conversionFactor": 1.0,
                    "flowProperty": ref("FlowProperty", quantity.property_id, quantity.property)
                    | {"refUnit": quantity.reference},
                }
                for place, quantity in enumerate(self.quantities.of_flows[one.id].values())
            ],
        }
        return _filled(written) | _other(kept)

    def location(self, code: str) -> Json:
        """Return a reference to a location; openLCA makes the identifier of a country from its code."""
        if not code:
            return {}
        if code not in self.locations:
            digest = hashlib.md5(code.lower().encode("utf-8", errors="replace"), usedforsecurity=False).digest()
            its = str(UUID(bytes=digest, version=3))
            self.locations[code] = its if its not in self.locations.values() else made("location", code)
        return ref("Location", self.locations[code], code)

    def process(self, one: UnitProcess) -> Json:
        """Return a process with exchanges, parameters and documentation."""
        its = identifier("process", one.id)
        written: Json = ref("Process", its, one.name) | {
            "category": one.category,
            "description": one.comment,
            "processType": "LCI_RESULT" if one.kind == SYSTEM_PROCESS else "UNIT_PROCESS",
            "defaultAllocationMethod": _ALLOCATION_TYPE.get(one.default_allocation, ""),
            "location": self.location(one.location),
            "processDocumentation": self.documentation(one),
            "lastInternalId": len(one.exchanges),
            "parameters": [
                {"@id": made("parameter", one.id, parameter.name)} | _parameter(parameter, "PROCESS_SCOPE")
                for parameter in one.parameters
            ],
        }
        if any(exchange.pedigree for exchange in one.exchanges):
            written["exchangeDqSystem"] = ref("DQSystem", _DQ_SYSTEM, _DQ_NAME)
        named = _named(one)
        written["exchanges"] = [self.exchange(one, exchange, named[exchange.id]) for exchange in one.exchanges]
        written["allocationFactors"] = [
            factor for allocation in one.allocations for factor in self.factors(allocation, named)
        ]
        return _filled(written) | _other(_kept(one, its))

    def documentation(self, one: UnitProcess) -> Json:
        source: Json = {}
        if one.source:
            its = self.sources.setdefault(one.source, made("source", one.source))
            source = ref("Source", its, one.source[:LONGEST_NAME])
        return _filled(
            {
                "validFrom": _full_date(one.valid_from, is_end=False),
                "validUntil": _full_date(one.valid_until, is_end=True),
                "publication": source,
                "restrictionsDescription": one.licence,
            }
        )

    def exchange(self, process: UnitProcess, one: Exchange, named: Json) -> Json:
        """Return an exchange; an avoided product is noted as an input, an avoided waste as an output."""
        quantity, unit = self.quantities.of(one)
        written: Json = {"@type": "Exchange"} | named
        written |= {
            "flow": self.flows[one.flow],
            "unit": ref("Unit", unit, one.unit),
            "flowProperty": ref("FlowProperty", quantity.property_id, quantity.property),
            "amount": one.amount,
            "isInput": one.is_input != one.is_avoided,
            "isQuantitativeReference": one.id == process.reference,
            "isAvoidedProduct": one.is_avoided,
        }
        rest = {
            "amountFormula": one.formula,
            "description": one.comment,
            "dqEntry": f"({';'.join(map(str, one.pedigree))})" if one.pedigree else "",
            "uncertainty": _uncertainty(one.uncertainty, one.amount),
            "defaultProvider": self.provider(one.provider),
        }
        return written | _filled(rest)

    def provider(self, own: str) -> Json:
        """Return a reference to the process that supplies; one outside the database keeps its identifier."""
        if not own:
            return {}
        return {"@type": "Process", "@id": identifier("process", own) if own in self.processes else own}

    def factors(self, allocation: Allocation, named: Mapping[str, Json]) -> Iterator[Json]:
        """Yield the factors of an allocation."""
        shared: list[tuple[Json, Mapping[str, float]]] = [({}, allocation.shares)]
        shared += [
            ({"exchange": {"@type": "Exchange"} | named[key]}, one) for key, one in allocation.by_exchange.items()
        ]
        for exchange, shares in shared:
            for product, share in shares.items():
                yield {
                    "@type": "AllocationFactor",
                    "allocationType": _ALLOCATION_TYPE[allocation.method],
                    "product": self.flows[product],
                    "value": share,
                } | exchange


def _named(process: UnitProcess) -> dict[str, Json]:
    """Return what exchanges are called: by their number in the process, with an identifier where theirs is none."""
    if all(_NUMBER.fullmatch(one.id) for one in process.exchanges):
        return {one.id: {"internalId": int(one.id)} for one in process.exchanges}
    return {one.id: {"@id": one.id, "internalId": place} for place, one in enumerate(process.exchanges, 1)}


def _kept(one: UnitProcess, its: str) -> Json:
    """Return what the schema has no field for."""
    kept: Json = {"name_zh": one.name_zh, "is_placeholder": one.is_placeholder}
    if its != one.id:
        kept["id"] = one.id
    for key in ("valid_from", "valid_until"):
        if not _FULL_DATE.fullmatch(getattr(one, key)):
            kept[key] = getattr(one, key)
    return kept


def _other(kept: Json) -> Json:
    """Return the other properties of an object, if there are any."""
    filled = {key: value for key, value in kept.items() if value}
    return {"otherProperties": {OWN: filled}} if filled else {}


def _filled(one: Json) -> Json:
    """Return an object without its empty fields."""
    return {key: value for key, value in one.items() if value not in ("", [], {})}


def _parameter(one: Parameter, scope: str) -> Json:
    written = {
        "@type": "Parameter",
        "name": one.name,
        "description": one.comment,
        "formula": one.formula,
        "uncertainty": _uncertainty(one.uncertainty, one.amount),
    }
    return _filled(written) | {"isInputParameter": not one.formula, "parameterScope": scope, "value": one.amount}


def _uncertainty(one: Uncertainty | None, amount: float) -> Json:
    if one is None:
        return {}
    fields: dict[str, Any] = {}
    match one.kind:
        case "lognormal":
            mean = math.copysign(math.exp(one.loc or 0.0), amount)
            fields = {"geomMean": mean, "geomSd": math.exp(one.scale or 0.0)}
        case "normal":
            fields = {"mean": one.loc, "sd": one.scale}
        case "triangular":
            fields = {"minimum": one.minimum, "mode": one.loc, "maximum": one.maximum}
        case _:
            fields = {"minimum": one.minimum, "maximum": one.maximum}
    name = {"triangular": "TRIANGLE", "lognormal": "LOG_NORMAL"}.get(one.kind, one.kind.upper())
    return {"@type": "Uncertainty", "distributionType": f"{name}_DISTRIBUTION"} | fields


def _full_date(text: str, *, is_end: bool) -> str:
    """Return a date as openLCA reads it: a year begins on its first day and ends on its last."""
    if _FULL_DATE.fullmatch(text):
        return text
    match = _PART_DATE.fullmatch(text)
    if match is None:
        return ""
    year, month = int(match[1]), int(match[2] or (12 if is_end else 1))
    if year < 1 or not 1 <= month <= 12:
        return ""
    day = calendar.monthrange(year, month)[1] if is_end else 1
    return f"{year:04}-{month:02}-{day:02}"


def _source(text: str, its: str) -> Json:
    if len(text) <= LONGEST_NAME:
        return ref("Source", its, text)
    return ref("Source", its, text[: LONGEST_NAME - 1] + "…") | {"textReference": text}


def _dq_system() -> Json:
    """Return the pedigree matrix as a data-quality system: 1 is best, 5 is worst."""
    scores = [{"@type": "DQScore", "position": score, "label": str(score)} for score in range(1, 6)]
    return ref("DQSystem", _DQ_SYSTEM, _DQ_NAME) | {
        "hasUncertainties": False,
        "indicators": [
            {"@type": "DQIndicator", "name": name.capitalize(), "position": position, "scores": scores}
            for position, name in enumerate(INDICATORS, 1)
        ],
    }
