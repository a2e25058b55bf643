"""The verbs of inventories: run, look at, trace, redo. Everything outside this feature calls these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from factors.errors import FactorsError
from factors.library import Library
from factors.match import NO_OVERLAY, Overlay
from lca import footprint, ghg
from lca.days import stamp
from lca.errors import LcaError, SnapshotInvalid
from lca.flaws import Flaw
from lca.ledger import Ledger
from lca.method import load
from lca.snapshot import canonical_bytes, digest
from service.accounts.actions import Actor, held, require
from service.audit.kinds import Kind
from service.calculations import told
from service.calculations.base_year import BASE_YEAR_CHANGE, note_change, open_changes
from service.calculations.base_year import judge as judge_base_year
from service.calculations.base_year import shares as base_year_shares
from service.calculations.checks import check_cache, check_snapshots, check_uses
from service.calculations.kept import kept
from service.calculations.models import Inventory
from service.calculations.runs import INVENTORY, Order, run, stored_snapshot
from service.calculations.tracing import trace as write_trace
from service.errors import N_, Wrong, as_wrong

__all__ = [
    "AUDITED",
    "Order",
    "Recomputed",
    "Rehearsal",
    "base_year_shares",
    "check_cache",
    "check_snapshots",
    "check_uses",
    "inventories",
    "judge_base_year",
    "lines",
    "note_change",
    "of_file",
    "open_changes",
    "recompute",
    "redo",
    "rehearse",
    "run",
    "show",
    "snapshot",
    "summary",
    "trace",
]

AUDITED: tuple[Kind, ...] = (INVENTORY, BASE_YEAR_CHANGE)
"""What the audit log holds entries of."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A snapshot redone from its own operands."""

    same: bool
    sha256: str  # of the snapshot handed in
    again: str  # of the snapshot redone
    snapshot: Mapping[str, Any]


def inventories(
    session: Session,
    actor: Actor,
    *,
    year: int | None = None,
    method: str = "",
    after: str = "",
    limit: int | None = None,
) -> Sequence[Inventory]:
    """Return the organisation's inventories, newest first, behind the one called ``after``.

    Raises:
        NotFound: there is none called ``after``.
    """
    query = select(Inventory).where(Inventory.organisation_id == require(actor, "read"))
    if year is not None:
        query = query.where(Inventory.year == year)
    if method:
        query = query.where(Inventory.method == method)
    if after:
        last = show(session, actor, after)
        query = query.where(tuple_(col(Inventory.created), col(Inventory.id)) < (last.created, last.id))
    return session.exec(query.order_by(col(Inventory.created).desc(), col(Inventory.id).desc()).limit(limit)).all()


def show(session: Session, actor: Actor, identifier: str) -> Inventory:
    """Return one inventory.

    Raises:
        NotFound: the organisation has none of this name.
    """
    return held(session, actor, "read", Inventory, identifier, N_("inventory"))


def snapshot(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    """Return the frozen snapshot of an inventory."""
    row = show(session, actor, identifier)
    return stored_snapshot(session, row.organisation_id, row.snapshot_sha)


def lines(session: Session, actor: Actor, identifier: str) -> dict[str, bytes]:
    """Return the lines that the inventory's snapshot keeps apart, by digest; nothing when it holds them itself."""
    row = show(session, actor, identifier)
    parts = stored_snapshot(session, row.organisation_id, row.snapshot_sha)["parts"]
    apart = [part["sha256"] for part in parts if "lines" not in part]
    return {sha: kept(session, row.organisation_id, sha) for sha in apart}


def trace(session: Session, actor: Actor, identifier: str, line: str, language: str) -> str:
    """Write one line of an inventory as a sum with every operand.

    Raises:
        NotFound: no such inventory.
        UnknownLine: it has no such line.
    """
    return write_trace(snapshot(session, actor, identifier), line, language)


def redo(session: Session, actor: Actor, identifier: str) -> Recomputed:
    """Recompute a stored inventory from its snapshot and the lines kept beside it."""
    return recompute(snapshot(session, actor, identifier), lines(session, actor, identifier))


def recompute(document: Mapping[str, Any], apart: Mapping[str, bytes] | None = None) -> Recomputed:
    """Redo the snapshot of an inventory or a footprint from its own operands; no database, no new match.

    Raises:
        SnapshotInvalid: it is no snapshot, or its operands, lines and sums do not fit one another.
    """
    is_footprint = document.get("schema") == footprint.SCHEMA
    again = footprint.recompute(document) if is_footprint else ghg.recompute(document, apart)
    try:
        return Recomputed(canonical_bytes(again) == canonical_bytes(document), digest(document), digest(again), again)
    except (TypeError, ValueError) as error:  # keys or numbers that no canonical JSON has
        raise SnapshotInvalid([Flaw("unreadable", {"reason": f"{type(error).__name__} {error}"})]) from error


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an inventory of some data would ask before it can be computed, and what it would warn of."""

    method: str
    questions: Sequence[Wrong] = ()
    warnings: Sequence[Mapping[str, Any]] = ()


def rehearse(
    ledger: Ledger, method: str, library: Library, now: datetime, version: str, overlay: Overlay = NO_OVERLAY
) -> Rehearsal:
    """Compute the inventory of a file only to learn what stands in its way; nothing is stored.

    Raises:
        UnknownMethod: there is no such method.
    """
    load(method)
    if ledger.rows.is_empty():
        return Rehearsal(method)
    try:
        found = of_file(ledger, method, library, now, version, overlay)
    except (LcaError, FactorsError) as error:
        return Rehearsal(method, questions=as_wrong(error))
    return Rehearsal(method, warnings=told.warnings(found.snapshot))


def of_file(
    ledger: Ledger, method: str, library: Library, now: datetime, version: str, overlay: Overlay = NO_OVERLAY
) -> ghg.GhgInventory:
    """Compute the inventory of a file without any database; nothing is stored.

    Raises:
        Unanswered, RowsOutsidePeriod: see ``lca.ghg.calculate``.
    """
    chosen = load(method)
    name = f"{ledger.organisation.code}-{ledger.start.year}-{chosen.id.removeprefix('inventory.')}"
    meta = ghg.Meta(identifier=name, created=stamp(now), engine_version=version)
    return ghg.calculate(ledger, chosen, library, meta, overlay)


def summary(found: Mapping[str, Any], *, with_lines: bool = True) -> dict[str, Any]:
    """Return what scripts read of a snapshot: its totals, breakdowns, bridge, lines and warnings."""
    results = found["results"]
    said = {
        "id": found["inventory"]["id"],
        "method": found["method"]["id"],
        "method_version": found["method"]["version"],
        "library_version": found["library"]["version"],
        "gwp_set": found["method"]["gwp_set"],
        "snapshot_sha256": digest(found),
        "period": found["inventory"]["period"],
    }
    names = (
        "headline", "total_kgco2e", "total_location_kgco2e", "total_market_kgco2e", "total_method_kgco2e",
        "by_scope", "by_category", "by_gas_kg", "by_gas_kgco2e", "direct_by_gas_kg", "by_site", "by_month",
        "biogenic_co2_kg", "scope2_location_kgco2e", "scope2_market_kgco2e", "intensities", "data_quality",
        "ozone_gases_kg",
    )  # fmt: skip
    said |= {name: results[name] for name in names}
    said |= {
        "energy_tce_calorific": results["energy"]["tce_calorific"],
        "energy_tce_equivalent": results["energy"]["tce_equivalent"],
        "uncertainty_percent": results["uncertainty"]["percent"],
        "uncertainty_rank": results["uncertainty"]["rank"],
        "instruments": found["instruments"],
        "bridge": told.bridge(found),
        "warnings": told.warnings(found),
    }
    if with_lines:
        sources = {calculation["id"]: calculation["source"] for calculation in found["calculations"]}
        said["lines"] = [{**_line(one), "source": sources[one["id"]]} for one in results["lines"]]
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


def _line(one: Mapping[str, Any]) -> dict[str, Any]:
    """Name a line's factor as ``factors match`` does: factor id, value and unit; the activity's own is its amount."""
    ids = one["factor_ids"]
    named = {"amount_unit": one["unit"], "value": one["factor_value"], "unit": one["factor_unit"]}
    kept = {key: value for key, value in one.items() if key not in ("factor_value", "factor_unit")}
    return {**kept, **named, "factor_id": ids[0] if ids else ""}
