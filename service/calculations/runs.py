"""Running an inventory from the database: assemble, compute, freeze, and never change what is frozen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from sqlmodel import Session

from factors.library import Library
from factors.match import Overlay
from lca import ghg
from lca.days import stamp
from lca.errors import NotForGroups
from lca.group import Transfer, consolidate, consolidated_overlay
from lca.ledger import Ledger
from lca.method import LEGAL_ENTITY, Method, load
from lca.parts import Part
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import Actor, require
from service.activities import actions as activities
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.calculations import base_year
from service.calculations.cache import ledger_and_parts
from service.calculations.kept import LINES, SNAPSHOT, keep, kept
from service.calculations.models import Inventory
from service.catalogue import actions as catalogue
from service.errors import ReasonMissing
from service.events import actions as events

FROZEN = "frozen"
TOTALS = ("total_kgco2e", "total_location_kgco2e", "total_market_kgco2e", "total_method_kgco2e")
INVENTORY = RowKind(
    "inventory",
    Inventory.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="inventory.run",
    changed=("inventory.supersede",),
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to compute: a calendar year by a method, alone or with the companies below."""

    year: int
    method: str
    reason: str = ""
    consolidated: bool = False
    recalculates_base_year: bool = False

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day of the year."""
        return date(self.year, 1, 1), date(self.year, 12, 31)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that an inventory is computed from."""

    ledger: Ledger
    overlay: Overlay
    parts: list[Part] | None = None
    transfers: tuple[Transfer, ...] = ()


def run(
    session: Session, actor: Actor, order: Order, library: Library, now: datetime, progress: Progress | None = None
) -> Inventory:
    """Compute and freeze an inventory; what was frozen before stays and is marked as superseded.

    The same data, factors and method give the inventory that is there already: nothing new is made.

    Raises:
        ReasonMissing: an inventory of this year and method exists, the data differ, and no reason is given.
        NotForGroups: a method for one legal entity, asked to consolidate.
        Unanswered: activities without one clear factor; see ``lca.ghg.calculate``.
    """
    organisation_id = require(actor, "run inventories")
    method = load(order.method)
    if order.consolidated and method.boundary == LEGAL_ENTITY:
        raise NotForGroups(method.id)
    db.lock(session, f"run {organisation_id}")
    gathered = _gathered(session, actor, order, library, now)
    versions = base_year.versions(session, actor, order.year, method.id, consolidated=order.consolidated)
    previous = versions[-1] if versions else None
    meta = _meta(session, actor, order, method, gathered, len(versions) + 1, now)
    found = ghg.calculate(
        gathered.ledger, method, library, meta, gathered.overlay, parts=gathered.parts, progress=progress
    )
    if previous is not None:
        same = same_content(stored_snapshot(session, organisation_id, previous.snapshot_sha), found.snapshot)
        if same and not _takes_in_changes(session, actor, order, method):
            return previous
        if not order.reason.strip():
            raise ReasonMissing()
    return _freeze(session, actor, order, found, previous, now)


def _takes_in_changes(session: Session, actor: Actor, order: Order, method: Method) -> bool:
    open_ones = base_year.open_changes(session, actor, order.year, method.id, consolidated=order.consolidated)
    return order.recalculates_base_year and bool(open_ones)


def _meta(
    session: Session, actor: Actor, order: Order, method: Method, gathered: Gathered, number: int, now: datetime
) -> ghg.Meta:
    organisation = gathered.ledger.organisation
    group = "-group" if order.consolidated else ""
    return ghg.Meta(
        identifier=f"{organisation.code}-{order.year}-{method.id.removeprefix('inventory.')}{group}-v{number}",
        created=stamp(now),
        engine_version=version("tanji"),
        version=number,
        reason=order.reason,
        base_year=base_year.statement(session, actor, organisation.base_year, method, consolidated=order.consolidated),
        notes=_notes(gathered.transfers),
    )


def same_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two snapshots say the same but for their own name, version, reason and time."""
    return _without_name(one) == _without_name(other)


def _without_name(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    named = {"id", "version", "reason", "created"}
    inventory = {key: value for key, value in snapshot["inventory"].items() if key not in named}
    # What is said of the base year follows from other inventories, the base year's own versions among them.
    return {**snapshot, "inventory": inventory, "base_year": None}


def _gathered(session: Session, actor: Actor, order: Order, library: Library, now: datetime) -> Gathered:
    if not order.consolidated:
        ledger, parts = ledger_and_parts(session, actor, *order.period, now)
        return Gathered(ledger, catalogue.overlay(session, actor, library), parts)
    companies = accounts.companies(session, actor)
    ledgers = [activities.ledger(session, company, *order.period) for company in companies]
    overlays = [catalogue.overlay(session, company, library) for company in companies]
    group = accounts.value_of(accounts.show(session, actor))
    merged, transfers = consolidate(group, ledgers, *order.period, library)
    overlay = consolidated_overlay(list(zip(ledgers, overlays, strict=True)))
    return Gathered(merged, overlay, transfers=transfers)


def _notes(transfers: tuple[Transfer, ...]) -> dict[str, str]:
    left_out = [f"{t.company}: {t.stream.activity} {t.stream.name} ({t.stream.counterparty})" for t in transfers]
    return {"internal_transfers": "; ".join(left_out)} if left_out else {}


def _freeze(
    session: Session, actor: Actor, order: Order, found: ghg.GhgInventory, previous: Inventory | None, now: datetime
) -> Inventory:
    organisation_id = require(actor, "run inventories")
    results, named = found.snapshot["results"], found.snapshot["inventory"]
    for sha, lines in found.parts.items():
        keep(session, organisation_id, sha, LINES, lines)
    keep(session, organisation_id, found.sha256, SNAPSHOT, found.content)
    row = Inventory(
        id=named["id"],
        organisation_id=organisation_id,
        year=order.year,
        method=order.method,
        is_group=order.consolidated,
        recalculates_base_year=order.recalculates_base_year,
        version=named["version"],
        reason=named["reason"],
        state=FROZEN,
        snapshot_sha=found.sha256,
        created=now,
        **{total: results[total] for total in TOTALS},
    )
    session.add(row)
    session.flush()
    if previous is not None:
        previous.superseded_by = row.id
        audit.record_row(session, actor, INVENTORY, "inventory.supersede", previous, now)
    told = {"inventory": row.id, "year": row.year, "method": row.method, "snapshot_sha256": row.snapshot_sha}
    events.record(session, actor, events.INVENTORY_FROZEN, row.id, told, now)
    audit.record_row(session, actor, INVENTORY, INVENTORY.made, row, now)
    return row


def stored_snapshot(session: Session, organisation_id: int, sha: str) -> dict[str, Any]:
    """Return the snapshot kept under ``sha``."""
    found: dict[str, Any] = json.loads(kept(session, organisation_id, sha))
    return found
