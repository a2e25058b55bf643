"""``tanji audit fsck``: the audit log with itself, every row with the log, every content with its digest.

Here stands, for every table that holds something of an organisation, what vouches for its rows; a test fails
for one that has no such rule. Nothing is asked row by row: one pass over the log, one over each table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlmodel import Session

from service.accounts import actions as accounts
from service.accounts import clients, identities, invitations, people, second
from service.activities import actions as activities
from service.audit import actions as audit
from service.audit.actions import Head
from service.calculations import actions as calculations
from service.calculations import footprint_runs
from service.catalogue import actions as catalogue
from service.catalogue import inventories
from service.errors import Wrong
from service.events import actions as events
from service.exchange.pact import outbox, partners, publishing, received
from service.jobs import actions as jobs
from service.products import actions as products
from service.suppliers import actions as suppliers
from service.webhooks import actions as webhooks
from service.webhooks import sending

# Rows that have entries of their own in the log, which hold the digest of every column.
AUDITED = (
    *accounts.AUDITED,
    *people.AUDITED,
    *invitations.AUDITED,
    *clients.AUDITED,
    *activities.AUDITED,
    *catalogue.AUDITED,
    *products.AUDITED,
    *calculations.AUDITED,
    *footprint_runs.AUDITED,
    *suppliers.AUDITED,
    *jobs.AUDITED,
    *webhooks.AUDITED,
    publishing.PUBLISHED,
    partners.PARTNER,
    outbox.EVENT,
    received.RECEIVED,
)

# Rows that share an entry: those of one file.
BY_ATTACHMENT = frozenset({"datum_evidence"})

# What is done and leaves no row.
ACTS = frozenset({"report.issue", "webhook.replay", "footprint.give", *identities.ACTS, *second.ACTS})

# Rows too many for an entry each, or not made by a person: what they are compared with.
CONTENTS: Mapping[str, Callable[[Session], Iterator[Wrong]]] = {
    "activity_datum": activities.check_batches,
    "stream": activities.check_streams,
    "snapshot_part": calculations.check_snapshots,
    "footprint_use": calculations.check_uses,
    "part_cache": calculations.check_cache,
    "lci_content": inventories.check_contents,
    "unit_impact": inventories.check_impacts,
    "event": events.problems,
    "delivery": sending.problems,
}


def fsck(session: Session, evidence: Path, expected: Head | None = None) -> list[Wrong]:
    """Return everything that does not fit, nothing if all does.

    ``evidence`` is the directory of the evidence files; ``expected`` a head of the log written down earlier.
    """
    wrong = audit.fsck(session, expected)
    wrong += audit.compare(session, AUDITED, ACTS)
    for table, check in CONTENTS.items():
        wrong += audit.readable(table, check(session))
    wrong += activities.check_evidence(session, evidence)
    return wrong
