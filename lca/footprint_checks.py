"""Whether a study keeps the clauses of its method: what is there, what is missing, told one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lca import certified_power, per_kilometre
from lca.footprint_method import FootprintMethod
from lca.product_model import worded

Record = Mapping[str, Any]


def checks(snapshot: Record, method: FootprintMethod) -> list[dict[str, Any]]:
    """Return every clause of the snapshot's method that can be tested: ``{id, ok, params}``, and what is still owed."""
    return list(_checks(snapshot, method))


def _check(identifier: str, ok: bool, **params: str | Mapping[str, str]) -> dict[str, Any]:
    return {"id": identifier, "ok": ok, "params": params}


def _checks(snapshot: Record, method: FootprintMethod) -> Iterator[dict[str, Any]]:
    model = snapshot["model"]
    boundary = model["boundary"]
    known = boundary in method.boundary.types
    yield _check("boundary", known, boundary=boundary, known=", ".join(sorted(method.boundary.types)))
    if known:
        yield from _stages(snapshot, method, boundary)
    unit = model["unit"]
    yield _check("unit", method.unit.kind in ("either", unit["kind"]), kind=unit["kind"], wanted=method.unit.kind)
    if method.lifetime_km is not None:
        distance = {"stated": per_kilometre.driven_km(snapshot), "wanted": method.lifetime_km.value}
        yield _check("distance", per_kilometre.is_kept(snapshot, method), **distance)
    if snapshot.get("certificates"):
        named = ", ".join(one["certificate"] for one in snapshot["certificates"])
        yield _check("certificates", certified_power.is_covered(snapshot), certificates=named)
    yield from _cutoff(snapshot, method)
    yield from _statements(snapshot, method)
    yield from _method_of_suppliers(snapshot, method)
    yield _certifiable(snapshot, method)


def _stages(snapshot: Record, method: FootprintMethod, boundary: str) -> Iterator[dict[str, Any]]:
    present = {one["stage"] for one in (*snapshot["lines"], *snapshot["given"])}
    missing = [stage for stage in method.required_stages(boundary) if stage not in present]
    yield _check("stages-required", not missing, stages=", ".join(missing))
    foreign = sorted({one["said_stage"] for one in snapshot["lines"] if not one["stage"]})
    beyond = [*foreign, *(stage for stage in method.excluded_stages(boundary) if stage in present)]
    yield _check("stages-allowed", not beyond, stages=", ".join(beyond))


def _cutoff(snapshot: Record, method: FootprintMethod) -> Iterator[dict[str, Any]]:
    left_out = snapshot["model"].get("excluded", ())
    unknown = [one["id"] for one in left_out if not one.get("percent") and not one.get("kgco2e")]
    yield _check("exclusions-estimated", not unknown, exclusions=", ".join(unknown))
    total = snapshot["results"]["left_out_percent"]
    if method.cutoff.total is not None:
        limit = method.cutoff.total.value
        yield _check("cutoff-total", float(total) <= float(limit), percent=total, limit=limit)
    if method.cutoff.single is not None:
        limit = method.cutoff.single.value
        large = [one["id"] for one in left_out if float(one.get("percent") or 0) > float(limit)]
        yield _check("cutoff-single", not large, exclusions=", ".join(large), limit=limit)


BY_REPORT = frozenset(
    {
        "aircraft", "both_numbers", "data_quality", "declared_unit", "exclusions", "exempted", "fossil",
        "fossil_and_biogenic", "full_or_partial", "gwp", "indicators", "land_use_change", "module_d_apart", "modules",
        "not_an_epd", "primary_data_share", "recycling", "secondary_data", "secondary_sources", "standards",
        "uncertainty", "unit",
    }
)  # fmt: skip
"""Statements that the report makes of itself; all others are the maker's to write."""


def _statements(snapshot: Record, method: FootprintMethod) -> Iterator[dict[str, Any]]:
    said, results = snapshot["model"].get("statements", {}), snapshot["results"]
    held = {"uncertainty": results["uncertainty_percent"] is not None, "data_quality": results["dqr"] is not None}
    for one in method.statements:
        params = {"statement": one.id, "zh": one.zh, "en": one.en, "clause": one.clause}
        by_report = one.id in BY_REPORT and held.get(one.id, True)
        yield _check("statement", by_report or bool(worded(said.get(one.id))), **params)


def _method_of_suppliers(snapshot: Record, method: FootprintMethod) -> Iterator[dict[str, Any]]:
    """A supplier's footprint by another method is no sum with this one, unless a person has seen that it fits.

    One of which the product takes nothing is no part of the sum.
    """
    amounts = {one["id"]: float(one["amount"]) for one in snapshot["results"]["lines"]}
    taken = {one["supply"] for one in snapshot["lines"] if amounts[one["id"]]}
    other = {
        (one["zh"], one["en"] or one["zh"])
        for key, one in snapshot["supplies"].items()
        if key in taken and one["kind"] == "supplier" and one["method"] != method.id
    }
    names = {"zh": "；".join(sorted(zh for zh, _ in other)), "en": "; ".join(sorted(en for _, en in other))}
    yield _check("supplier-methods", not other, suppliers=names)


def _certifiable(snapshot: Record, method: FootprintMethod) -> dict[str, Any]:
    """May a certificate rest on the result? On the method's standing; never on demonstration or placeholder data."""
    reason = ""
    if snapshot["model"].get("is_demonstration"):
        reason = "demonstration"
    elif any(snapshot["supplies"][one["supply"]]["is_placeholder"] for one in snapshot["lines"]):
        reason = "placeholder"
    standing = method.standing
    ok = standing.certifiable and not reason
    return _check("certifiable", ok, zh=standing.zh, en=standing.en, reason=reason)
