"""Working off the outbox: send what is due, fetch what partners published. For a worker, with its clock and network.

deliver_due(database, now, sender(Http(), seal))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service import db
from service.errors import N_
from service.exchange import taking
from service.exchange.pact import host, outbox, received
from service.exchange.pact.client import Client, Refused
from service.exchange.pact.errors import AddressRefused, PartnerUnreachable
from service.exchange.pact.models import ExchangeEvent, Partner
from service.exchange.pact.outbox import IN, Due, Outcome
from service.exchange.pact.transport import Http
from service.sealing import Seal, SecretUnreadable

FINAL = frozenset({400, 403, 404, 405, 409, 410, 413, 415, 422, 501})
"""Answers after which the same event would not fare better."""

OTHER_ID = N_("its host answers with another footprint")

Documents = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of something due, and the footprints that were fetched for it."""

    outcome: Outcome
    documents: Documents = ()


Send = Callable[[Due], Delivered]


def deliver_due(database: db.Database, now: datetime, send: Send) -> list[Outcome]:
    """Send and fetch all that is due by ``now``, and return what became of it; no transaction waits for the network."""
    with database.session(write=True) as session:
        taken = outbox.claim(session, now)
    found = []
    for due in taken:
        delivered = send(due)
        with database.session(write=True) as session:
            _keep(session, due, delivered.documents, now)
            outbox.settle(session, due.event, delivered.outcome, now)
        found.append(delivered.outcome)
    return found


def _keep(session: Session, due: Due, documents: Documents, now: datetime) -> None:
    partner = session.get_one(Partner, session.get_one(ExchangeEvent, due.event).partner_id)
    taking.queue_up(session, partner)
    for one in documents:
        received.keep(session, host.actor_of(partner), partner, one, due.login.version, now)


def sender(http: Http, seal: Seal) -> Send:
    """Return what speaks to partners' hosts over the network; ``seal`` is the one of our secrets there."""

    def send(due: Due) -> Delivered:
        documents: list[Mapping[str, Any]] = []
        try:
            secret = seal.opened(due.login.client_secret, due.login.base_url).decode()
            client = Client(replace(due.login, client_secret=secret), http)
            if due.direction == IN:
                documents.extend(_fetched(client, due))
            else:
                client.send(due.content)
        except Refused as error:
            return Delivered(Outcome(str(error), error.answered in FINAL), tuple(documents))
        except AddressRefused as error:
            return Delivered(Outcome(str(error), is_final=True), tuple(documents))
        except (PartnerUnreachable, SecretUnreadable) as error:
            return Delivered(Outcome(str(error)), tuple(documents))
        return Delivered(Outcome(), tuple(documents))

    return send


def _fetched(client: Client, due: Due) -> list[Mapping[str, Any]]:
    """Return the footprints that a partner published; one that has another id than was told is none of them."""
    found = []
    for identifier in due.content["data"]["pfIds"]:
        document = client.footprint(identifier)
        if str(document.get("id", "")).lower() != identifier.lower():
            raise Refused(client.login.base_url, 422, OTHER_ID)
        found.append(document)
    return found
