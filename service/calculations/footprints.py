"""Footprints of products: computed from a file or from the store, summarised, compared line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from factors.library import Library
from factors.match import NO_OVERLAY, Overlay
from lca.background import Background
from lca.certified_power import Pool
from lca.days import stamp
from lca.errors import UnknownScenario
from lca.footprint import Footprint, Meta, footprint
from lca.footprint_method import FootprintMethod, load
from lca.instruments import KINDS
from lca.numbers import canonical
from lca.product_model import Model
from lca.snapshot import digest
from lca.supplies import Resolver
from service.calculations import footprint_told as told

EQUAL = 1e-9  # of factors that are written at twelve digits

Record = Mapping[str, Any]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that supplies are found in."""

    library: Library
    overlay: Overlay = NO_OVERLAY
    background: Callable[[str], Background] | None = None
    pool: Pool | None = None


def of_model(
    model: Model,
    method: str,
    knowledge: Knowledge,
    now: datetime,
    version: str,
    *,
    overrides: Mapping[str, float] | None = None,
    meta: Meta | None = None,
    progress: Progress | None = None,
) -> Footprint:
    """Compute the footprint of a model by a method; nothing is stored.

    Raises:
        UnknownMethod, ModelInvalid, ModelUnanswered, SystemSingular: see ``lca.footprint.footprint``.
    """
    rule = load(method)
    named = meta or Meta(f"{model.id}-{model.end[:4]}-{rule.id}", stamp(now), version)
    resolver = resolver_of(model, rule, knowledge)
    return footprint(model, rule, resolver, named, overrides=overrides, progress=progress)


def resolver_of(model: Model, rule: FootprintMethod, knowledge: Knowledge) -> Resolver:
    """Return what finds the supplies of a model: on its last day, at its place, in the method's GWP set."""
    return Resolver(
        library=knowledge.library,
        on=date.fromisoformat(model.end),
        region=knowledge.library.geographies.resolve(model.region),
        gwp_set=rule.gwp_set,
        overlay=knowledge.overlay,
        background=knowledge.background,
        suppliers={one.id: one for one in model.suppliers},
        instruments=frozenset(rule.electricity.order) & frozenset(KINDS),
        pool=knowledge.pool,
    )


def overrides_of(model: Model, scenario: str, given: Mapping[str, float]) -> dict[str, float]:
    """Return the values of parameters that differ: those of a scenario, and those given one by one.

    Raises:
        UnknownScenario: the model has none of this name.
    """
    values: dict[str, float] = {}
    if scenario:
        found = next((one for one in model.scenarios if one.id == scenario), None)
        if found is None:
            raise UnknownScenario(scenario, [one.id for one in model.scenarios])
        values = {name: float(value) for name, value in found.parameters.items()}
    return values | dict(given)


def short(found: Record) -> dict[str, Any]:
    """Return the result of another method beside the study's own."""
    results = found["results"]
    return {
        "method": found["method"]["id"],
        "total_kgco2e": results["total_kgco2e"],
        "gate_kgco2e": results["gate_kgco2e"],
        "scrap_burden_kgco2e": results["scrap_burden_kgco2e"],
        "credits": results["credits_kgco2e"],
        "by_stage": results["by_stage"],
        "per_km": results.get("per_km"),
        "snapshot_sha256": digest(found),
    }


def summary(found: Record) -> dict[str, Any]:
    """Return what scripts read of a footprint: totals, breakdowns, inputs, what was left out, warnings."""
    results, unit = found["results"], found["model"]["unit"]
    said = {
        "id": found["footprint"]["id"],
        "product": found["model"]["id"],
        "method": found["method"]["id"],
        "method_version": found["method"]["version"],
        "gwp_set": found["method"]["gwp_set"],
        "library_version": found["library"]["version"],
        "snapshot_sha256": digest(found),
        "total_kgco2e": results["total_kgco2e"],
        "per": f"{unit['amount']} {unit['unit']}",
        "boundary": found["model"]["boundary"],
    }
    names = (
        "excluding_uptake_kgco2e", "including_uptake_kgco2e", "gate_kgco2e", "scrap_burden_kgco2e", "by_stage",
        "by_component", "by_process", "by_gas_kg", "fossil", "biogenic_emissions", "biogenic_removals", "luluc",
        "aircraft", "carbon_biogenic_kg", "outside_kgco2e", "primary_data_share", "dqr", "dqr_share",
        "uncertainty_percent", "left_out_percent",
    )  # fmt: skip
    said |= {name: results[name] for name in names}
    said |= {
        "per_km": results.get("per_km"),
        "certified_power": results.get("certified_power", []),
        "by_grid_kgco2e": results.get("by_grid_kgco2e"),
        "credits": results["credits_kgco2e"],
        "sensitivity": _named(found),
        "inputs": inputs(found),
        "excluded": list(found["model"].get("excluded", ())),
        "checks": told.checks(found),
        "warnings": told.warnings(found),
    }
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


def _named(found: Record) -> list[dict[str, Any]]:
    """Return the inputs that move the result most, by the names of the lines that they are."""
    lines = {line["group"]: line for line in reversed(found["lines"])}
    rows = []
    for one in found["results"]["sensitivity"]:
        zh = lines[one["group"]]["zh"] if one["group"] in lines else one["group"]
        en = lines[one["group"]]["en"] if one["group"] in lines else one["group"]
        rows.append({**one, "name_zh": zh, "name_en": en or zh})
    return rows


def inputs(found: Record) -> list[dict[str, Any]]:
    """Return every line of a footprint: amount x factor, where the factor comes from, kg CO2e, largest first."""
    results = {one["id"]: one for one in found["results"]["lines"]}
    rows = [_input(one, found["supplies"][one["supply"]], results[one["id"]]) for one in found["lines"]]
    rows += [_own(one, results[one["id"]]) for one in found["given"]]
    return sorted(rows, key=lambda row: -abs(float(row["kgco2e"])))


def _input(line: Record, supply: Record, result: Record) -> dict[str, Any]:
    return {
        "id": line["id"],
        "name_zh": line["zh"],
        "name_en": line["en"] or line["zh"],
        "amount": result["amount"],
        "unit": line["unit"],
        "factor": supply["factor"],
        "factor_unit": supply["factor_unit"],
        "factor_ids": supply["factor_ids"],
        "kind": supply["kind"],
        "source": supply["source"],
        "publisher": supply["publisher"],
        "year": supply["year"],
        "region": supply["region"],
        "variants": supply["variants"],
        "stage": line["stage"],
        "component": line["component"],
        "bucket": line["bucket"],
        "is_primary": line["is_primary"],
        "kgco2e": result["kgco2e"],
    }


def _own(given: Record, result: Record) -> dict[str, Any]:
    return {
        "id": given["id"],
        "name_zh": told.own(given["gas"])[0],
        "name_en": told.own(given["gas"])[1],
        "amount": given["kg"],
        "unit": "kg",
        "factor": "",
        "factor_unit": "",
        "factor_ids": [],
        "kind": "own",
        "source": given["evidence"],
        "publisher": "",
        "year": "",
        "region": "",
        "variants": [],
        "stage": given["stage"],
        "component": given["component"],
        "bucket": "gate",
        "is_primary": given["is_primary"],
        "kgco2e": result["kgco2e"],
    }


def compare(one: Record, other: Record) -> dict[str, Any]:
    """Return why two footprints differ, line by line: amount, factor, or there in one alone; largest first.

    For a line that both have, with amounts a, b and kg CO2e per unit p, q: the amount's part is (b - a) p, the
    factor's b (q - p); together they are the difference.
    """
    first, second = _by_id(one), _by_id(other)
    rows = []
    for identifier in dict.fromkeys([*first, *second]):
        a, b = first.get(identifier), second.get(identifier)
        row = _differing(identifier, a, b)
        if float(row["difference_kgco2e"]):
            rows.append(row)
    totals = [float(found["results"]["total_kgco2e"]) for found in (one, other)]
    return {
        "one": {"id": one["footprint"]["id"], "method": one["method"]["id"], "total_kgco2e": canonical(totals[0])},
        "other": {
            "id": other["footprint"]["id"],
            "method": other["method"]["id"],
            "total_kgco2e": canonical(totals[1]),
        },
        "difference_kgco2e": canonical(totals[1] - totals[0]),
        "comparable": _reasons(one, other) == [],
        "reasons": _reasons(one, other),
        "lines": sorted(rows, key=lambda row: -abs(float(row["difference_kgco2e"]))),
    }


def _by_id(found: Record) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in inputs(found)}


def _differing(identifier: str, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> dict[str, Any]:
    left, right = (float(row["kgco2e"]) if row else 0.0 for row in (a, b))
    named = b or a or {}
    said = {"id": identifier, "name_zh": named["name_zh"], "name_en": named["name_en"]}
    if a is None or b is None:
        why, by_amount, by_factor = ("added" if a is None else "gone"), right - left, 0.0
    else:
        amounts = [float(row["amount"]) for row in (a, b)]
        per_unit, other = (
            total / amount if amount else 0.0 for total, amount in zip((left, right), amounts, strict=True)
        )
        is_same = abs(other - per_unit) <= EQUAL * abs(per_unit)
        by_factor = 0.0 if is_same else amounts[1] * (other - per_unit)
        by_amount = right - left - by_factor
        why = "amount" if abs(by_amount) >= abs(by_factor) else "factor"
    return said | {
        "why": why,
        "one_kgco2e": canonical(left),
        "other_kgco2e": canonical(right),
        "difference_kgco2e": canonical(right - left),
        "by_amount_kgco2e": canonical(by_amount),
        "by_factor_kgco2e": canonical(by_factor),
    }


def _reasons(one: Record, other: Record) -> list[str]:
    """Return in what two footprints differ that forbids holding one against the other as products."""
    pairs: Sequence[tuple[str, Callable[[Record], Any]]] = (
        ("method", lambda found: found["method"]["id"]),
        ("gwp_set", lambda found: found["method"]["gwp_set"]),
        ("unit", lambda found: (found["model"]["unit"]["amount"], found["model"]["unit"]["unit"])),
        ("boundary", lambda found: found["model"]["boundary"]),
        ("period", lambda found: (found["model"]["start"], found["model"]["end"])),
    )
    return [name for name, read in pairs if read(one) != read(other)]
