"""What a partner may do at our host: list, fetch, send events. Everything asks first what this partner may see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from service import db
from service.accounts.actions import Actor
from service.accounts.rights import PARTNER
from service.db import aware
from service.errors import N_, NotAllowed, NotFound, Wrong
from service.exchange import taking
from service.exchange.pact import events, filters, outbox, partners, publishing, received
from service.exchange.pact.errors import EventInvalid
from service.exchange.pact.models import Partner, PublishedFootprint

Document = dict[str, Any]
Takes = Callable[[Document], bool]

NO_HOST = N_("no host of yours is registered here, so that nothing could be answered")
NO_REQUEST = N_("no such request is open here")
MOST_ANSWERED = 500
"""Footprints in one answer to a request."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some footprints, and the place of the last one where more follow."""

    documents: tuple[Document, ...]
    last: tuple[str, str] | None = None


def actor_of(partner: Partner) -> Actor:
    """Return a partner as one who acts: it may exchange footprints, and nothing else."""
    return Actor(partner.organisation_id, f"partner {partner.code}", frozenset({PARTNER}))


def listed(
    session: Session, partner: Partner, version: str, takes: Takes, limit: int, after: tuple[str, str] | None = None
) -> Page:
    """Return the footprints that a partner may see and asks for, oldest first, at most ``limit`` of them."""
    found: list[Document] = []
    last = after
    for row, document in _visible(session, partner, version, after):
        if not takes(document):
            continue
        if len(found) == limit:
            return Page(tuple(found), last) if found else Page(())
        found.append(document)
        last = (aware(row.created).isoformat(), row.id)
    return Page(tuple(found))


def show(session: Session, partner: Partner, version: str, identifier: str) -> Document:
    """Return one footprint, deprecated or not.

    Raises:
        NotFound: there is none of this id, or none in this version.
        NotAllowed: there is one, and this partner may not see it.
    """
    row = session.get(PublishedFootprint, identifier.lower())
    if row is None or row.organisation_id != partner.organisation_id:
        raise NotFound(N_("footprint"), identifier[:100])
    if not partners.sees(partner, row.product):
        raise NotAllowed(actor_of(partner).name, N_("read"))
    document = publishing.written(row, version)
    if document is None:
        raise NotFound(N_("footprint"), identifier[:100])
    return document


def _visible(
    session: Session, partner: Partner, version: str, after: tuple[str, str] | None
) -> Iterator[tuple[PublishedFootprint, Document]]:
    table = PublishedFootprint
    query = select(table).where(table.organisation_id == partner.organisation_id)
    if after is not None:
        time, identifier = datetime.fromisoformat(after[0]).astimezone(UTC), after[1]
        later = and_(col(table.created) == time, col(table.id) > identifier)
        query = query.where(or_(col(table.created) > time, later))
    products = json.loads(partner.sees)
    if partners.EVERYTHING not in products:
        query = query.where(col(table.product).in_(products))
    for row in session.exec(query.order_by(col(table.created), col(table.id))).yield_per(100):
        document = publishing.written(row, version)
        if document is not None:
            yield row, document


def receive(session: Session, partner: Partner, body: object, version: str, now: datetime, *, source: str) -> None:
    """Take an event of a partner; one that was taken before changes nothing.

    A request is answered by an event of ours, which is on its way when this returns. What is published is fetched by
    whoever works off the outbox.

    Raises:
        EventInvalid: it is none, answers nothing that was asked, or could not be answered.
    """
    event = events.parse(body, version)
    db.lock(session, f"pact events of partner {partner.id}")  # the same event, sent twice at once
    if outbox.held(session, partner, event) is not None:
        return
    assert isinstance(body, Mapping)
    if event.kind == events.FULFILLED:
        taking.queue_up(session, partner)
    is_waiting = event.kind == events.PUBLISHED and bool(partner.base_url)
    if event.kind == events.REQUESTED and not partner.base_url:
        raise EventInvalid([Wrong("source", "pact-event-invalid", NO_HOST)])
    if event.kind in (events.FULFILLED, events.REJECTED) and outbox.answered(session, partner, event, now) is None:
        raise EventInvalid([Wrong("data.requestEventId", "pact-event-invalid", NO_REQUEST)])
    actor = actor_of(partner)
    outbox.add(session, actor, partner, outbox.IN, body, event, now, is_waiting=is_waiting)
    if event.kind == events.REQUESTED:
        _answer(session, partner, event, now, source=source)
    elif event.kind == events.FULFILLED:
        for one in event.data["pfs"]:
            received.keep(session, actor, partner, one, version, now)


def _answer(session: Session, partner: Partner, event: events.Event, now: datetime, *, source: str) -> None:
    """Answer a request by exactly one event: with what there is, or that there is nothing."""
    takes = _asked(event)
    found = listed(session, partner, event.version, takes, MOST_ANSWERED).documents
    if event.version != partner.version:  # it is answered in the version in which its host takes events
        kept = {one["id"] for one in found}
        found = listed(session, partner, partner.version, lambda one: one["id"] in kept, MOST_ANSWERED).documents
    about = {"requestEventId": event.id}
    actor = actor_of(partner)
    if found:
        data = {**about, "pfs": list(found)}
        outbox.post(session, actor, partner, events.FULFILLED, data, now, source=source)
    else:
        error = {"code": "NotFound", "message": "no footprint that you may see meets the criteria"}
        outbox.post(session, actor, partner, events.REJECTED, {**about, "error": error}, now, source=source)


def _asked(event: events.Event) -> Takes:
    if event.version == "2":
        fragment = event.data["pf"]
        return lambda document: filters.resembles(document, fragment)
    return filters.of_data(event.data, []).takes
