"""A brick kiln as openLCA JSON-LD: the same data in schema 1 and in schema 2, and how files are made of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from lca.dataset import LciDatabase

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data" / "lci"
Parts = dict[str, Any]

TOLD = yaml.safe_load((ROOT / "service/catalogue/lci_told.yaml").read_text(encoding="utf-8"))


def zipped(path: Path, parts: Mapping[str, Any]) -> Path:
    """Write parts as a zip; objects as JSON, bytes as they are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path


def ref(kind: str, identifier: str, **more: Any) -> dict[str, Any]:
    return {"@type": kind, "@id": identifier, "name": identifier.capitalize(), **more}


def unit(name: str) -> dict[str, Any]:
    return {"@type": "Unit", "@id": f"unit-{name}", "name": name}


def schema2() -> Parts:
    """1 kg of bricks and 0.1 kg of chips from 1 200 g of clay, 0.9 kWh (0.18 kg per kWh) of coal; 0.2 kg of CO2."""
    return {
        "openlca.json": {"schemaVersion": 2},
        "unit_groups/masses.json": {
            "@type": "UnitGroup",
            "@id": "masses",
            "units": [
                unit("kg") | {"isRefUnit": True, "conversionFactor": 1.0},
                unit("g") | {"conversionFactor": 0.001},
            ],
        },
        "unit_groups/energies.json": {
            "@type": "UnitGroup",
            "@id": "energies",
            "units": [
                unit("MJ") | {"isRefUnit": True, "conversionFactor": 1.0},
                unit("kWh") | {"conversionFactor": 3.6},
            ],
        },
        "flow_properties/mass.json": {"@type": "FlowProperty", "@id": "mass", "unitGroup": ref("UnitGroup", "masses")},
        "flow_properties/energy.json": {
            "@type": "FlowProperty",
            "@id": "energy",
            "unitGroup": ref("UnitGroup", "energies"),
        },
        "locations/l1.json": {"@type": "Location", "@id": "l1", "name": "China", "code": "CN"},
        "sources/s1.json": {
            "@type": "Source",
            "@id": "s1",
            "name": "Wang, L. ",
            "textReference": "Bricks of loess",
            "year": 2021,
        },
        "flows/brick.json": flow("brick", "PRODUCT_FLOW", "Products/Bricks"),
        "flows/chips.json": flow("chips", "PRODUCT_FLOW", "Products/Bricks"),
        "flows/clay.json": flow("clay", "PRODUCT_FLOW", "Products/Earth"),
        "flows/coal.json": flow("coal", "PRODUCT_FLOW", "Products/Fuels")
        | {
            "flowProperties": [
                {"isRefFlowProperty": True, "conversionFactor": 1.0, "flowProperty": ref("FlowProperty", "mass")},
                {"conversionFactor": 20.0, "flowProperty": ref("FlowProperty", "energy")},
            ]
        },
        "flows/dust.json": flow("dust", "WASTE_FLOW", "Wastes"),
        "flows/co2.json": flow("co2", "ELEMENTARY_FLOW", "Elementary flows/air/unspecified")
        | {"cas": "000124-38-9", "formula": "CO2"},
        "parameters/p1.json": {
            "@type": "Parameter",
            "@id": "p1",
            "name": "carbon",
            "parameterScope": "GLOBAL_SCOPE",
            "isInputParameter": True,
            "value": 0.05,
        },
        "processes/kiln.json": {
            "@type": "Process",
            "@id": "kiln",
            "name": " Brick kiln ",
            "description": "Tunnel kiln.",
            "category": "Minerals / Bricks",
            "processType": "UNIT_PROCESS",
            "defaultAllocationMethod": "PHYSICAL_ALLOCATION",
            "location": ref("Location", "l1"),
            "processDocumentation": {
                "validFrom": "2020-01-01",
                "validUntil": "2024-12-31T00:00:00",
                "restrictionsDescription": "Free to use.",
                "isCopyrightProtected": True,
                "dataSetOwner": {"@type": "Actor", "@id": "a1", "name": "Kiln Association"},
                "dataGenerator": {"@type": "Actor", "@id": "a1", "name": "Kiln Association"},
                "publication": ref("Source", "s1"),
                "sources": [ref("Source", "s1"), {"@type": "Source", "@id": "gone", "name": "Kiln records"}],
            },
            "parameters": [
                {"name": "loss", "isInputParameter": True, "value": 0.2, "description": "kg per kg"},
                {"name": "clay_in", "isInputParameter": False, "formula": "(1 + Loss)*1000", "value": 1200.0},
            ],
            "exchanges": [
                exchange(1, "brick", 1.0, "kg", isQuantitativeReference=True),
                exchange(2, "chips", 0.1, "kg"),
                exchange(3, "clay", 1200.0, "g", isInput=True, amountFormula="clay_in", dqEntry="(1;2;3;4;5)"),
                exchange(4, "coal", 0.9, "kWh", "energy", isInput=True, defaultProvider=ref("Process", "mine")),
                exchange(
                    5,
                    "co2",
                    0.2,
                    "kg",
                    description="from carbonates",
                    uncertainty={"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 0.2, "geomSd": 1.1},
                ),
                exchange(6, "dust", 0.01, "kg"),
            ],
            "allocationFactors": [
                {"allocationType": "PHYSICAL_ALLOCATION", "product": ref("Flow", "brick"), "value": 0.9},
                {"allocationType": "PHYSICAL_ALLOCATION", "product": ref("Flow", "chips"), "value": 0.1},
            ],
        },
    }


def flow(identifier: str, kind: str, category: str) -> dict[str, Any]:
    return {
        "@type": "Flow",
        "@id": identifier,
        "name": identifier.capitalize(),
        "flowType": kind,
        "category": category,
        "flowProperties": [
            {"isRefFlowProperty": True, "conversionFactor": 1.0, "flowProperty": ref("FlowProperty", "mass")}
        ],
    }


def exchange(
    number: int, flow_id: str, amount: float, unit_name: str, quantity: str = "mass", **more: Any
) -> dict[str, Any]:
    return {
        "@type": "Exchange",
        "internalId": number,
        "flow": ref("Flow", flow_id),
        "amount": amount,
        "unit": unit(unit_name),
        "flowProperty": ref("FlowProperty", quantity),
        "isInput": False,
        "isAvoidedProduct": False,
        "isQuantitativeReference": False,
        **more,
    }


_OLD_NAMES = {
    "isInput": "input",
    "isAvoidedProduct": "avoidedProduct",
    "isQuantitativeReference": "quantitativeReference",
    "isRefUnit": "referenceUnit",
    "isRefFlowProperty": "referenceFlowProperty",
    "isInputParameter": "inputParameter",
    "isCopyrightProtected": "copyright",
    "dqEntry": "pedigreeUncertainty",
}


def schema1() -> Parts:
    """Return the same in schema 1: older names of fields, categories as objects."""
    parts: Parts = {}
    categories: Parts = {}
    for name, one in schema2().items():
        if name != "openlca.json":
            parts[name] = _older(one, categories)
    return parts | categories


def _older(value: Any, categories: Parts) -> Any:
    if isinstance(value, list):
        return [_older(one, categories) for one in value]
    if not isinstance(value, dict):
        return value
    found = {_OLD_NAMES.get(key, key): _older(one, categories) for key, one in value.items()}
    if isinstance(found.get("category"), str):
        found["category"] = _category(found["category"].split("/"), categories)
    return found


def _category(path: list[str], categories: Parts) -> dict[str, Any]:
    above: dict[str, Any] | None = None
    for depth, part in enumerate(path):
        identifier = "-".join(path[: depth + 1]).replace(" ", "")
        one = {"@type": "Category", "@id": identifier, "name": part.strip()}
        categories[f"categories/{identifier}.json"] = one | ({"category": above} if above else {})
        above = one
    assert above is not None
    return above


def hold(database: LciDatabase) -> None:
    """Assert what holds for all readers: flows known, identifiers once, a reference, findings with words."""
    identifiers = [process.id for process in database.processes]
    assert len(identifiers) == len(set(identifiers))
    assert all(flow.id == key for key, flow in database.flows.items())
    for process in database.processes:
        own = [exchange.id for exchange in process.exchanges]
        assert len(own) == len(set(own))
        assert process.reference in own
        for exchange in process.exchanges:
            assert exchange.flow in database.flows
            assert isinstance(exchange.amount, float)
            assert exchange.to_reference > 0
    for finding in database.findings:
        words = TOLD[f"finding.{finding.code}"]
        for language in ("zh", "en"):
            blanks = {name for _, name, _, _ in Formatter().parse(words[language]) if name}
            assert blanks <= finding.params.keys(), finding
        assert finding.where
