"""The verbs of publishing: a frozen footprint becomes a PACT footprint that partners see, and is withdrawn for good.

A footprint never changes (Technical Specifications 3.0, "Life cycle"): what is new about a product is another footprint
that names those before it, which are deprecated in the same breath.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from lca.errors import ExportImpossible, ExportLacks
from lca.exporters.pact_2 import NEWEST, pact_2
from lca.pact_check import problems
from service import db
from service.accounts.actions import Actor, held, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.calculations import footprint_exchange, footprint_runs
from service.errors import N_, ReasonMissing, Wrong
from service.exchange.pact import outbox
from service.exchange.pact.errors import VERSIONS, FootprintRefused, StateFinal
from service.exchange.pact.models import PublishedFootprint
from service.i18n import Text

Record = Mapping[str, Any]

ACTIVE, DEPRECATED = "Active", "Deprecated"
PUBLISHED = RowKind(
    "pact-footprint",
    PublishedFootprint.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="pact-footprint.publish",
    changed=("pact-footprint.deprecate",),
)


def publish(
    session: Session, actor: Actor, footprint_id: str, said: Record, now: datetime, *, source: str
) -> PublishedFootprint:
    """Publish a frozen footprint with what is said beside it; what was published of the product is deprecated.

    The same footprint with the same words is the one that is published already. ``source`` is what our events name as
    theirs. Partners that may see the product are told.

    Raises:
        NotFound: there is no such footprint.
        FootprintRefused: it would not keep the specification; everything wrong is named.
        As ``footprint_exchange.written``.
    """
    organisation_id = require(actor, "publish footprints")
    study = footprint_runs.show(session, actor, footprint_id)
    db.lock(session, f"pact footprints {organisation_id}")
    earlier = [row for row in published(session, actor) if row.product == study.product and row.status == ACTIVE]
    words = json.dumps(dict(said), sort_keys=True, ensure_ascii=False)
    for row in earlier:
        if (row.footprint_id, row.said) == (footprint_id, words):
            return row
    document = _document(footprint_runs.snapshot(session, actor, footprint_id), said, [row.id for row in earlier])
    made = PublishedFootprint(
        id=document["id"],
        organisation_id=organisation_id,
        footprint_id=footprint_id,
        product=study.product,
        said=words,
        document=json.dumps(document, ensure_ascii=False),
        preceding=json.dumps(document.get("precedingPfIds", [])),
        created=now,
    )
    audit.record_row(session, actor, PUBLISHED, PUBLISHED.made, made, now)
    for row in earlier:
        _deprecate(session, actor, row, f"replaced by {made.id}", now)
    outbox.tell(session, actor, made.product, _versions([made, *earlier]), now, source=source)
    return made


def _document(snapshot: Record, said: Record, preceding: Sequence[str]) -> dict[str, Any]:
    named = said.get("preceding", ())
    stated = [named] if isinstance(named, str) else list(named)
    beside = dict(said) | {"preceding": list(dict.fromkeys([*stated, *preceding]))}
    content, _ = footprint_exchange.written(snapshot, "pact", beside)
    document: dict[str, Any] = json.loads(content)
    found = problems(document)
    if found:
        raise FootprintRefused([Wrong(one.where, one.code, Text(one.message, **one.params)) for one in found])
    return document


def deprecate(
    session: Session, actor: Actor, identifier: str, reason: str, now: datetime, *, source: str
) -> PublishedFootprint:
    """Withdraw a published footprint; partners that may see it are told.

    Raises:
        NotFound: there is none.
        StateFinal: it is withdrawn already.
        ReasonMissing: no reason is given.
    """
    require(actor, "publish footprints")
    row = show(session, actor, identifier)
    if row.status == DEPRECATED:
        raise StateFinal(key=identifier)
    if not reason.strip():
        raise ReasonMissing
    _deprecate(session, actor, row, reason.strip(), now)
    outbox.tell(session, actor, row.product, _versions([row]), now, source=source)
    return row


def _deprecate(session: Session, actor: Actor, row: PublishedFootprint, reason: str, now: datetime) -> None:
    row.status, row.deprecated, row.reason = DEPRECATED, now, reason
    audit.record_row(session, actor, PUBLISHED, "pact-footprint.deprecate", row, now)


def published(session: Session, actor: Actor) -> Sequence[PublishedFootprint]:
    """Return what the actor's organisation published, oldest first."""
    query = select(PublishedFootprint).where(PublishedFootprint.organisation_id == require(actor, "read"))
    return session.exec(query.order_by(col(PublishedFootprint.created), col(PublishedFootprint.id))).all()


def show(session: Session, actor: Actor, identifier: str) -> PublishedFootprint:
    """Return one published footprint.

    Raises:
        NotFound: the organisation published none of this id.
    """
    return held(session, actor, "read", PublishedFootprint, identifier, N_("footprint"))


def _versions(rows: Sequence[PublishedFootprint]) -> dict[str, list[str]]:
    """Return which of the footprints there are in each version."""
    return {version: [row.id for row in rows if written(row, version)] for version in VERSIONS}


def written(row: PublishedFootprint, version: str) -> dict[str, Any] | None:
    """Return a published footprint in a version; None where version 2 has no words for it."""
    document = {**json.loads(row.document), "status": row.status}
    if version == "3":
        return document
    try:
        return pact_2(document, NEWEST)
    except (ExportLacks, ExportImpossible):
        return None
