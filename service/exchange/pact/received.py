"""Footprints that partners sent: kept word for word, each with everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from lca.pact_check import problems
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.exchange import taking
from service.exchange.pact import partners
from service.exchange.pact.models import Partner, ReceivedFootprint

RECEIVED = RowKind(
    "pact-received",
    ReceivedFootprint.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="pact-received.add",
)
MOST_PROBLEMS = 100


def keep(
    session: Session, actor: Actor, partner: Partner, document: Mapping[str, Any], version: str, now: datetime
) -> ReceivedFootprint:
    """Keep a footprint of a partner; the same words are kept once, and answer the one request that asks for them.

    What is wrong with it is kept beside it, and does not keep it out: others check less than we do, and a person has to
    see what was sent.
    """
    content = json.dumps(document, ensure_ascii=False, sort_keys=True)
    sha256 = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    identifier = str(document.get("id", ""))[:100]
    query = select(ReceivedFootprint).where(
        ReceivedFootprint.partner_id == partner.id,
        ReceivedFootprint.pf_id == identifier,
        ReceivedFootprint.sha256 == sha256,
    )
    held = session.exec(query).first()
    if held is not None:
        return held
    found = [{"where": one.where, "code": one.code, **one.params} for one in problems(document, version)]
    row = ReceivedFootprint(
        organisation_id=partner.organisation_id,
        partner_id=partner.id or 0,
        pf_id=identifier,
        version=version,
        status=status if (status := document.get("status")) in ("Active", "Deprecated") else "",
        document=content,
        sha256=sha256,
        problems=json.dumps(found[:MOST_PROBLEMS], ensure_ascii=False),
        created=now,
    )
    audit.record_row(session, actor, RECEIVED, RECEIVED.made, row, now)
    taking.take_if_clear(session, partner, row, now)
    return row


def received(session: Session, actor: Actor, code: str = "") -> Sequence[ReceivedFootprint]:
    """Return what partners sent to the actor's organisation, newest first; of one partner where it is named.

    Raises:
        NotFound: there is no such partner.
    """
    query = select(ReceivedFootprint).where(ReceivedFootprint.organisation_id == require(actor, "read"))
    if code:
        query = query.where(ReceivedFootprint.partner_id == partners.show(session, actor, code).id)
    return session.exec(query.order_by(col(ReceivedFootprint.id).desc())).all()
