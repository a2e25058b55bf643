"""A footprint that a partner sent by PACT, taken as the answer to a request."""

from __future__ import annotations

import json
from datetime import datetime

from sqlmodel import Session

from service.accounts.actions import Actor, held
from service.errors import N_
from service.exchange.pact.models import ReceivedFootprint
from service.suppliers import answers, requests
from service.suppliers.models import Answer


def take(session: Session, actor: Actor, request: int, received: int, now: datetime) -> Answer:
    """Take what a partner sent as the answer to a request of ours; it is admitted or rejected like any other.

    Raises:
        NotFound: the organisation has no such request, or has received no such footprint.
        StatementRefused: the footprint cannot be computed with; every reason is named.
        As ``answers.receive``.
    """
    row = held(session, actor, "answer requests", ReceivedFootprint, received, N_("received footprint"))
    asked = requests.show(session, actor, request)
    return answers.receive(session, actor, asked, answers.of_pact(json.loads(row.document), now.date()), now)
