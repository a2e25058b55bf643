"""The rows of an inventory, summed by site and month, and kept: what has not changed is not read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlmodel
from sqlalchemy import delete
from sqlmodel import Session

from lca.ledger import Ledger
from lca.parts import Part, build
from lca.snapshot import LINES_INLINE
from service.accounts.actions import Actor, require
from service.activities import actions as activities
from service.activities.actions import Mark
from service.calculations.kept import LINES, keep, kept
from service.calculations.models import PartCache

Place = tuple[str, str]  # site and month
Cached = Mapping[Place, PartCache]


def ledger_and_parts(
    session: Session, actor: Actor, start: date, end: date, now: datetime
) -> tuple[Ledger, list[Part]]:
    """Return the ledger of a period without its rows, and the parts that these rows make.

    Only the sites and months that have changed since the last time are read again. Should the number of rows
    not fit afterwards, all are read.
    """
    organisation_id = require(actor, "read")
    newest = activities.mark(session, actor)
    held = _held(session, organisation_id, start, end)
    # Rows across an edge of the period are nobody's: reading all of them names them.
    if held and not activities.has_crossing(session, actor, start, end):
        since = max((Mark.read(row.mark) for row in held.values()), key=lambda mark: (mark.datum, mark.attached))
        places = {place for place in activities.touched(session, actor, since) if place[1][:4] == f"{start:%Y}"}
        frame = activities.frame(session, actor, start, end)
        fresh = build(activities.rows(session, actor, frame, places)) if places else []
        stale = set(places)
        parts = [_part(row) for place, row in held.items() if place not in stale] + fresh
        if sum(part.rows for part in parts) == activities.count(session, actor, start, end):
            _remember(session, organisation_id, fresh, stale, newest, now)
            return frame, _with_lines(session, organisation_id, sorted(parts, key=lambda part: (part.site, part.month)))
    ledger = activities.ledger(session, actor, start, end)
    parts = build(ledger)
    _remember(session, organisation_id, parts, set(held), newest, now)
    return ledger, parts


def _held(session: Session, organisation_id: int, start: date, end: date) -> Cached:
    first, last = f"{start:%Y}", f"{end:%Y-%m}"
    query = sqlmodel.select(PartCache).where(
        PartCache.organisation_id == organisation_id, PartCache.month >= first, PartCache.month <= last
    )
    return {(row.site, row.month): row for row in session.exec(query)}


def _part(row: PartCache) -> Part:
    said = json.loads(row.results)
    return Part(row.site, row.month, said["rows"], row.part_sha, said["amounts"], b"", tuple(said["evidence"]))


def results(part: Part) -> dict[str, Any]:
    """Return what is kept of a part beside its lines."""
    return {"rows": part.rows, "amounts": dict(part.amounts), "evidence": list(part.evidence)}


def _with_lines(session: Session, organisation_id: int, parts: Sequence[Part]) -> list[Part]:
    """Fetch the lines of kept parts where the snapshot will hold them itself."""
    if sum(part.rows for part in parts) > LINES_INLINE:
        return list(parts)
    return [p if p.lines else replace(p, lines=kept(session, organisation_id, p.sha256)) for p in parts]


def _remember(
    session: Session,
    organisation_id: int,
    parts: Sequence[Part],
    stale: set[tuple[str, str]],
    mark: Mark,
    now: datetime,
) -> None:
    for site, month in stale:
        session.execute(
            delete(PartCache).where(
                PartCache.organisation_id == organisation_id,  # type: ignore[arg-type]
                PartCache.site == site,  # type: ignore[arg-type]
                PartCache.month == month,  # type: ignore[arg-type]
            )
        )
    for part in parts:
        keep(session, organisation_id, part.sha256, LINES, part.lines)
        session.add(
            PartCache(
                organisation_id=organisation_id,
                site=part.site,
                month=part.month,
                mark=str(mark),
                part_sha=part.sha256,
                results=json.dumps(results(part)),
                created=now,
            )
        )
    session.flush()
