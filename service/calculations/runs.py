"""Running an inventory from the database: assemble, compute, freeze, and never change what is frozen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from sqlmodel import Session, select

from factors.library import Library
from lca import ghg
from lca.group import Transfer, consolidate
from lca.ledger import Ledger
from lca.method import load
from lca.parts import Part
from service.accounts import actions as accounts
from service.accounts.actions import Actor, require
from service.activities import actions as activities
from service.audit import actions as audit
from service.calculations import base_year
from service.calculations.cache import ledger_and_parts
from service.calculations.kept import LINES, SNAPSHOT, keep, kept
from service.calculations.models import Inventory
from service.catalogue import actions as catalogue
from service.errors import ReasonMissing

FROZEN = "frozen"
TOTALS = ("total_kgco2e", "total_location_kgco2e", "total_market_kgco2e", "total_method_kgco2e")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to compute: a calendar year by a method, alone or with the companies below."""

    year: int
    method: str
    reason: str = ""
    consolidated: bool = False

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day of the year."""
        return date(self.year, 1, 1), date(self.year, 12, 31)


def run(
    session: Session, actor: Actor, order: Order, library: Library, now: datetime, progress: Progress | None = None
) -> Inventory:
    """Compute and freeze an inventory; what was frozen before stays and is marked as superseded.

    The same data, factors and method give the inventory that is there already: nothing new is made.

    Raises:
        ReasonMissing: an inventory of this year and method exists, the data differ, and no reason is given.
        Unanswered: activities without one clear factor; see ``lca.ghg.calculate``.
    """
    organisation_id = require(actor, "run inventories")
    method = load(order.method)
    ledger, parts, transfers = _gathered(session, actor, order, library, now)
    previous = latest(session, actor, order.year, order.method)
    number = 1 if previous is None else previous.version + 1
    meta = ghg.Meta(
        identifier=f"{ledger.organisation.code}-{order.year}-{method.id.removeprefix('inventory.')}-v{number}",
        created=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        engine_version=version("tanji"),
        version=number,
        reason=order.reason,
        base_year=base_year.statement(session, actor, ledger.organisation.base_year, method),
        notes=_notes(transfers),
    )
    overlay = catalogue.overlay(session, actor, library)
    found = ghg.calculate(ledger, method, library, meta, overlay, parts=parts, progress=progress)
    if previous is not None:
        if same_content(stored_snapshot(session, organisation_id, previous.snapshot_sha), found.snapshot):
            return previous
        if not order.reason.strip():
            raise ReasonMissing()
    return _freeze(session, actor, order, found, previous, now)


def same_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two snapshots say the same but for their own name, version, reason and time."""
    return _without_name(one) == _without_name(other)


def _without_name(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    named = {"id", "version", "reason", "created"}
    inventory = {key: value for key, value in snapshot["inventory"].items() if key not in named}
    # What is said of the base year follows from other inventories, the base year's own versions among them.
    return {**snapshot, "inventory": inventory, "base_year": None}


def _gathered(
    session: Session, actor: Actor, order: Order, library: Library, now: datetime
) -> tuple[Ledger, list[Part] | None, tuple[Transfer, ...]]:
    if not order.consolidated:
        ledger, parts = ledger_and_parts(session, actor, *order.period, now)
        return ledger, parts, ()
    companies = accounts.companies(session, actor)
    ledgers = [activities.ledger(session, company, *order.period) for company in companies]
    group = accounts.value_of(accounts.show(session, actor))
    merged, transfers = consolidate(group, ledgers, *order.period, library)
    return merged, None, transfers


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
        session.add(previous)
    base_year.settle(session, actor, row)
    payload = {"snapshot": found.sha256, "method": order.method, "year": order.year, "reason": order.reason}
    audit.record(session, actor, "inventory.run", row.id, payload, now)
    return row


def stored_snapshot(session: Session, organisation_id: int, sha: str) -> dict[str, Any]:
    """Return the snapshot kept under ``sha``."""
    found: dict[str, Any] = json.loads(kept(session, organisation_id, sha))
    return found


def latest(session: Session, actor: Actor, year: int, method: str) -> Inventory | None:
    """Return the newest inventory of a year by a method, None when there is none."""
    query = select(Inventory).where(
        Inventory.organisation_id == require(actor, "read"), Inventory.year == year, Inventory.method == method
    )
    return session.exec(query.order_by(Inventory.version.desc()).limit(1)).first()  # type: ignore[attr-defined]
