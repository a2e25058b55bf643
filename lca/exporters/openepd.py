"""A frozen footprint by modules as openEPD JSON, made of the models of the ``openepd`` package.

The results stand under 'IPCC AR6', whose potentials they were weighted with. What openEPD has no field for is listed,
and kept under ``ext.tanji`` where a program may look for it; that the document is no declaration stands there and in
its discussion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

from openepd.model.light.epd import EpdV0

from lca.dataset import Finding
from lca.exporters.frozen import reading
from lca.exporters.module_table import METHOD, Said, Statement, indicators, statement
from lca.modules import PRODUCT
from lca.numbers import total

Record = Mapping[str, Any]

FORMAT = "openEPD"
OWN = "tanji"
"""Under which name of ``ext`` our own documents keep what openEPD has no field for."""

LCIA = "IPCC AR6"
GWP_UNIT = "kgCO2e"
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "kg": "kg",
        "m2": "m2",
        "m3": "m3",
        "m": "m",
        "piece": "item",
        "kWh": "kWh",
        "MJ": "MJ",
        "tkm": "t * km",
        "h": "hour",
    }
)
"""Our unit -> the document's."""

SCOPES: Mapping[str, str] = MappingProxyType(
    {"total": "gwp", "fossil": "gwp-fossil", "biogenic": "gwp-biogenic", "luluc": "gwp-luluc"}
)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """An openEPD document as plain JSON, and what of the footprint it could not say."""

    document: dict[str, Any]
    left_out: tuple[Finding, ...]


def openepd(snapshot: Record, said: Said) -> Exported:
    """Return the statement as an openEPD document.

    Raises:
        ExportLacks, ExportImpossible: see ``lca.exporters.module_table.statement``.
        SnapshotInvalid: it is no frozen footprint, or does not hold together.
    """
    with reading(snapshot):
        told = statement(snapshot, said, tuple(UNITS), FORMAT)
        beside = dict(_beside(snapshot))
        document = _document(told, beside)
    where = f"{told.name_en} › {told.identifier}"
    left_out = (Finding("openepd-cannot-say", where, {"field": key, "value": beside[key]}) for key in beside)
    return Exported(document, tuple(left_out))


def _document(told: Statement, beside: Mapping[str, str]) -> dict[str, Any]:
    """Return the document, checked and written by the package's own model."""
    carbon = float(told.carbon_biogenic_kg)
    own = {
        "method": METHOD,
        "is_declaration": False,
        "claim": "self_declared",
        "snapshot_sha256": told.sha256,
        "name_zh": told.name_zh,
        **beside,
    }
    given = {
        "doctype": FORMAT,
        "alt_ids": {OWN: told.identifier},
        "product_name": told.name_en[:LONGEST_NAME],
        "language": "en",
        "version": told.version,
        "date_of_issue": _moment(told.created),
        "valid_until": _moment(told.valid_until),
        "manufacturer": {"name": told.owner[:LONGEST_NAME]},
        "declared_unit": {"qty": float(told.amount), "unit": UNITS[told.unit]},
        **({"kg_per_declared_unit": {"qty": float(told.mass_kg), "unit": "kg"}} if told.mass_kg else {}),
        **({"kg_C_biogenic_per_declared_unit": {"qty": carbon, "unit": "kg"}} if carbon else {}),
        "lca_discussion": " ".join(told.notes),
        "impacts": {LCIA: {name: _scopes(told, part) for part, name in SCOPES.items()}},
        "ext": {OWN: own},
    }
    document: dict[str, Any] = EpdV0.model_validate(given).to_serializable()
    return document


def _scopes(told: Statement, part: str) -> dict[str, Any]:
    """Return one indicator by module; the product stage as a whole too, where all three modules are declared."""
    values = {module: float(indicators(gwp)[part]) for module, gwp in told.modules.items()}
    if all(module in values for module in PRODUCT):
        values["A1A2A3"] = total(values[module] for module in PRODUCT)
    return {module: {"mean": value, "unit": GWP_UNIT} for module, value in values.items()}


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _beside(snapshot: Record) -> Iterator[tuple[str, str]]:
    """Yield what the footprint says and openEPD has no field for."""
    model, results = snapshot["model"], snapshot["results"]
    yield "region", str(model["region"])
    yield "reference_period", f"{model['start']}/{model['end']}"
    yield "boundary", str(model["boundary"])
    for key in ("aircraft", "biogenic_emissions", "biogenic_removals"):
        if float(results[key]):
            yield f"{key}_kgco2e", results[key]
    yield "primary_data_share", results["primary_data_share"]
    for key in ("dqr", "uncertainty_percent"):
        if results[key] is not None:
            yield key, results[key]
    yield "left_out_percent", results["left_out_percent"]
    ways = sorted({node["allocation"] for node in snapshot["nodes"]} - {""})
    if ways:
        yield "allocation", ", ".join(ways)
