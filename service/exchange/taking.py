"""A footprint that a partner sent by PACT, taken as the answer to a request: by itself if clear, else by a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from lca.errors import ModelInvalid, StatementRefused
from service.accounts.actions import Actor, held
from service.errors import N_
from service.exchange.pact.models import Partner, ReceivedFootprint
from service.products import accepted
from service.suppliers import actions, answers, requests
from service.suppliers.answers import AnswersTooMany
from service.suppliers.models import Answer


def queue_up(session: Session, partner: Partner) -> None:
    """Wait for one's turn to answer requests, before anything is recorded: who decides on answers records after that.

    Two of whom each waits for what the other one has locked would both be refused.
    """
    accepted.deciding(session, partner.organisation_id)


def take(session: Session, actor: Actor, request: int, received: int, now: datetime) -> Answer:
    """Take what a partner sent as the answer to a request of ours; it is admitted or rejected like any other.

    Raises:
        NotFound: the organisation has no such request, or has received no such footprint.
        StatementRefused: the footprint cannot be computed with; every reason is named.
        As ``answers.receive``.
    """
    row = held(session, actor, "answer requests", ReceivedFootprint, received, N_("received footprint"))
    asked = requests.show(session, actor, request)
    return answers.receive(session, actor, asked, answers.of_pact(row.document, row.pf_id, now.date()), now)


def take_if_clear(session: Session, partner: Partner, row: ReceivedFootprint, now: datetime) -> Answer | None:
    """Take what a partner sent as the answer to the one open request for that product.

    None where no request or several ask for it, or the footprint cannot be computed with: then it stands among those
    received, with what is wrong with it, and a person may take it.
    """
    document = json.loads(row.document)
    open_ones = requests.asked_of(session, partner.organisation_id, partner.code, now)
    asked = [request for request, their_id in open_ones if is_of(document, their_id)]
    if len(asked) != 1:
        return None
    try:
        sent = answers.of_pact(row.document, row.pf_id, now.date())
        return answers.receive(session, answers.holder(session, asked[0]), asked[0], sent, now)
    except (StatementRefused, ModelInvalid, AnswersTooMany):
        return None


def fitting(session: Session, actor: Actor, purchase: str) -> list[ReceivedFootprint]:
    """Return what the supplier of a bought product sent by PACT for it, by the id that it gives it, newest first.

    Raises:
        NotFound: the organisation buys none of this code.
    """
    bought, seller = actions.purchase(session, actor, purchase)
    query = (
        select(ReceivedFootprint)
        .join(Partner, col(Partner.id) == ReceivedFootprint.partner_id)
        .where(ReceivedFootprint.organisation_id == bought.organisation_id, Partner.code == seller.partner)
    )
    found = session.exec(query.order_by(col(ReceivedFootprint.id).desc()))
    return [row for row in found if is_of(json.loads(row.document), bought.their_id)]


def is_of(document: Mapping[str, Any], their_id: str) -> bool:
    """Tell whether a footprint is of the product that its maker calls so: by its whole URN, or by the end of it."""
    named = document.get("productIds")
    ids = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
    return bool(their_id) and any(one == their_id or one.endswith(f":{their_id}") for one in ids)
