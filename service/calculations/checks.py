"""What ``tanji audit fsck`` asks of inventories: contents under their digests, totals as frozen, a true cache."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from lca.parts import Part, build
from service.accounts.actions import Actor
from service.accounts.rights import OPERATOR
from service.activities import actions as activities
from service.activities.actions import Mark
from service.calculations.cache import results
from service.calculations.models import FootprintStudy, FootprintUse, Inventory, PartCache, SnapshotPart
from service.calculations.runs import TOTALS
from service.errors import N_, PartDamaged, Wrong
from service.i18n import Text
from service.products.models import AcceptedFootprint

SNAPSHOT_LOST = N_("its snapshot %(sha256)s is not stored")
SNAPSHOT_DIFFERS = N_("its record says otherwise than its snapshot: %(fields)s")
LINES_LOST = N_("the lines %(sha256)s of its snapshot are not stored")
CACHE_DIFFERS = N_("the sums kept for it are not those of its activity data; delete them, and they are made again")
USE_DIFFERS = N_("the snapshot of its footprint does not contain %(code)s")
FEW = 20  # contents in memory at once

_inventory = Inventory.__table__  # type: ignore[attr-defined]
_footprint = FootprintStudy.__table__  # type: ignore[attr-defined]
_use = FootprintUse.__table__  # type: ignore[attr-defined]
_accepted = AcceptedFootprint.__table__  # type: ignore[attr-defined]
_part = SnapshotPart.__table__  # type: ignore[attr-defined]
_cache = PartCache.__table__  # type: ignore[attr-defined]


# --- snapshots -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frozen:
    """What inventories expect of the contents that are stored."""

    by_snapshot: dict[tuple[int, str], list[Any]] = field(default_factory=dict)
    lines: dict[tuple[int, str], str] = field(default_factory=dict)  # kept apart -> the inventory that needs them
    stored: set[tuple[int, str]] = field(default_factory=set)


def check_snapshots(session: Session) -> Iterator[Wrong]:
    """Yield every stored content without its digest, and every inventory that does not fit its snapshot."""
    frozen = _Frozen()
    for table in (_inventory, _footprint):
        for row in session.execute(select(table).order_by(table.c.id)):
            frozen.by_snapshot.setdefault((row.organisation_id, row.snapshot_sha), []).append(row)
    for part in session.execute(select(_part)).yield_per(FEW):
        yield from _content(part, frozen)
    for key in sorted(set(frozen.by_snapshot) - frozen.stored):
        for row in frozen.by_snapshot[key]:
            yield Wrong(_named(row), "snapshot-lost", Text(SNAPSHOT_LOST, sha256=key[1]))
    for key in sorted(set(frozen.lines) - frozen.stored):
        yield Wrong(f"inventory {frozen.lines[key]}", "lines-lost", Text(LINES_LOST, sha256=key[1]))


def _content(part: Any, frozen: _Frozen) -> Iterator[Wrong]:
    key = (part.organisation_id, part.sha256)
    frozen.stored.add(key)
    content = _unpacked(part.content)
    if hashlib.sha256(content).hexdigest() != part.sha256:
        text = Text(PartDamaged.message, sha256=part.sha256)
        yield Wrong(f"stored part {part.sha256}", PartDamaged.code, text)
        return
    inventories = frozen.by_snapshot.get(key, [])
    if not inventories:
        return
    snapshot = json.loads(content)
    for row in inventories:
        fields = ", ".join(_differing(row, snapshot))
        if fields:
            yield Wrong(_named(row), "snapshot-differs", Text(SNAPSHOT_DIFFERS, fields=fields))
        apart = (one["sha256"] for one in snapshot.get("parts", ()) if "lines" not in one)
        frozen.lines |= {(row.organisation_id, sha): row.id for sha in apart}


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except (zlib.error, TypeError):
        return b""  # no bytes, or none that were packed: the digest is another one in any case


def _named(row: Any) -> str:
    return f"footprint {row.id}" if hasattr(row, "product") else f"inventory {row.id}"


def _differing(row: Any, snapshot: Any) -> Iterator[str]:
    if hasattr(row, "product"):
        named = snapshot["footprint"]
        said = {name: named[name] for name in ("id", "version", "reason")}
        said |= {"product": snapshot["model"]["id"], "method": snapshot["method"]["id"]}
        said |= {"total_kgco2e": snapshot["results"]["total_kgco2e"]}
        yield from (name for name, value in said.items() if getattr(row, name) != value)
        return
    named = snapshot["inventory"]
    said = {"id": named["id"], "version": named["version"], "reason": named["reason"]}
    said |= {"year": int(named["period"]["start"][:4]), "method": snapshot["method"]["id"]}
    said |= {total: snapshot["results"][total] for total in TOTALS}
    yield from (name for name, value in said.items() if getattr(row, name) != value)


# --- the cache of parts --------------------------------------------------------------------------


def check_uses(session: Session) -> Iterator[Wrong]:
    """Yield every note that a footprint contains an accepted one whose snapshot does not say so."""
    query = select(_use.c.id, _footprint.c.organisation_id, _footprint.c.snapshot_sha, _accepted.c.code)
    query = query.join(_footprint, _footprint.c.id == _use.c.footprint_id)
    query = query.join(_accepted, _accepted.c.id == _use.c.accepted_id).order_by(_footprint.c.snapshot_sha)
    for key, rows in groupby(session.execute(query), key=lambda row: (row.organisation_id, row.snapshot_sha)):
        part = session.get(SnapshotPart, key)
        snapshot = json.loads(_unpacked(part.content) or b"{}") if part else {}
        held = {one["id"] for one in snapshot.get("model", {}).get("suppliers", ())}
        for row in rows:
            if row.code not in held:
                yield Wrong(f"footprint_use {row.id}", "use-differs", Text(USE_DIFFERS, code=row.code))


def check_cache(session: Session) -> Iterator[Wrong]:
    """Yield every site and month whose kept sums are not what its activity data give, unless they are out of date."""
    order = (_cache.c.organisation_id, _cache.c.month, _cache.c.site)
    rows = session.execute(select(_cache).order_by(*order)).all()
    for (organisation, year), found in groupby(rows, lambda row: (row.organisation_id, row.month[:4])):
        actor = Actor(organisation, OPERATOR, frozenset({OPERATOR}))
        yield from _untrue(session, actor, int(year), list(found))


def _untrue(session: Session, actor: Actor, year: int, held: Sequence[Any]) -> Iterator[Wrong]:
    # The same question as in ``cache.ledger_and_parts``: what has changed since is read again anyway.
    since = max((Mark.read(row.mark) for row in held), key=lambda mark: (mark.datum, mark.attached))
    changed = activities.touched(session, actor, since)
    true = {row: (row.site, row.month) for row in held if (row.site, row.month) not in changed}
    frame = activities.frame(session, actor, date(year, 1, 1), date(year, 12, 31))
    ledger = activities.rows(session, actor, frame, set(true.values())) if true else frame
    made = {(part.site, part.month): part for part in build(ledger)}
    for row, place in true.items():
        if _said(row) != _meant(made.get(place)):
            where = f"organisation {actor.organisation_id}: {row.site} {row.month}"
            yield Wrong(where, "cache-differs", Text(CACHE_DIFFERS))


def _said(row: Any) -> Any:
    try:
        return [row.part_sha, json.loads(row.results)]
    except ValueError:
        return None


def _meant(part: Part | None) -> Any:
    return [] if part is None else [part.sha256, results(part)]
