"""The outbox: a verb records what it did in its own transaction, so that nothing is told that was not done.

Who hears of it, and how, is the affair of ``service.webhooks``: this room stands below every verb.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from lca.snapshot import canonical_bytes
from service.audit.actions import Who
from service.errors import N_, Wrong
from service.events.models import Event

FOOTPRINT_FROZEN, INVENTORY_FROZEN, REPORT_ISSUED = "footprint.frozen", "inventory.frozen", "report.issued"
JOB_ENDED = "job.done"
FOOTPRINT_ANSWERED, FOOTPRINT_CORRECTED = "footprint.answered", "footprint.corrected"
KINDS = (FOOTPRINT_FROZEN, INVENTORY_FROZEN, REPORT_ISSUED, JOB_ENDED, FOOTPRINT_ANSWERED, FOOTPRINT_CORRECTED)
"""Everything that is told; within v1 kinds are added, never taken away."""

EVENT_DIFFERS = N_("what is told of it is not what was recorded")


def record(
    session: Session, actor: Who, kind: str, subject: str, payload: Mapping[str, Any], now: datetime
) -> Event | None:
    """Write down that something happened, in the transaction of what happened; nothing for the house itself.

    ``payload`` says no more than what it is of and its digests: whoever is told may then ask for the rest.
    """
    if actor.organisation_id is None:
        return None
    content = canonical_bytes(dict(payload))
    row = Event(
        organisation_id=actor.organisation_id,
        kind=kind,
        subject=subject,
        payload=content.decode(),
        payload_sha256=hashlib.sha256(content).hexdigest(),
        created=now,
    )
    session.add(row)
    session.flush()
    return row


# --- what fsck asks ------------------------------------------------------------------------------


def problems(session: Session) -> Iterator[Wrong]:
    """Yield every event whose payload is not the one that was recorded."""
    for row in session.exec(select(Event).order_by("id")):
        if hashlib.sha256(row.payload.encode()).hexdigest() != row.payload_sha256:
            yield Wrong(f"event {row.id}", "event-differs", EVENT_DIFFERS)
