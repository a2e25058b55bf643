"""All suppliers, bought products and requests at a glance: what is open, overdue, waiting, in use."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from service.accounts.actions import Actor, require
from service.audit.kinds import plain
from service.db import aware
from service.products import accepted
from service.products.models import AcceptedFootprint
from service.suppliers import actions, answers, requests
from service.suppliers.models import Answer, FootprintRequest, Purchase, Supplier

OPEN, OVERDUE, ANSWERED, DONE, CLOSED = "open", "overdue", "answered", "done", "closed"


def rows(session: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Return every supplier with each product that is bought of it; a supplier of nothing has one row too."""
    asked: dict[int, Counter[str]] = defaultdict(Counter)
    for row, standing in _standings(session, actor, now):
        asked[row.purchase_id][standing] += 1
    in_use = {row.purchase: row for row in accepted.accepted(session, actor) if row.ended is None}
    bought = actions.purchases(session, actor)
    with_goods = {seller.id for _, seller in bought}
    found = [_row(one, seller, asked[one.id or 0], in_use.get(one.code)) for one, seller in bought]
    found += [_row(None, one, Counter(), None) for one in actions.suppliers(session, actor) if one.id not in with_goods]
    return sorted(found, key=lambda one: (one["supplier"], one["purchase"]))


def requests_of(session: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Return every request with how it stands, newest first."""
    codes = {one.id: one.code for one, _ in actions.purchases(session, actor)}
    names = (
        "id", "method", "method_version", "boundary", "unit", "period_start", "period_end", "must_be_verified",
        "least_primary_percent", "note", "language", "deadline", "expires", "reminders", "created", "closed", "reason",
    )  # fmt: skip
    return [
        {
            **{name: plain(getattr(row, name)) for name in names},
            "purchase": codes[row.purchase_id],
            "standing": standing,
        }
        for row, standing in _standings(session, actor, now)
    ]


def _standings(session: Session, actor: Actor, now: datetime) -> list[tuple[FootprintRequest, str]]:
    query = select(Answer.request_id, Answer.state).where(Answer.organisation_id == require(actor, "read"))
    states: dict[int, set[str]] = defaultdict(set)
    for request_id, state in session.exec(query.order_by(col(Answer.id))):
        states[request_id].add(state)
    return [(row, _standing(row, states[row.id or 0], now)) for row in requests.requests(session, actor)]


def _standing(row: FootprintRequest, states: set[str], now: datetime) -> str:
    if row.closed is not None:
        return CLOSED
    if answers.RECEIVED in states:
        return ANSWERED
    if answers.ACCEPTED in states:
        return DONE
    return OVERDUE if aware(row.deadline) < now else OPEN


def _row(
    bought: Purchase | None, seller: Supplier, asked: Counter[str], in_use: AcceptedFootprint | None
) -> dict[str, Any]:
    return {
        "supplier": seller.code,
        "supplier_zh": seller.name_zh,
        "supplier_en": seller.name_en,
        "purchase": bought.code if bought else "",
        "purchase_zh": bought.name_zh if bought else "",
        "purchase_en": bought.name_en if bought else "",
        "unit": bought.unit if bought else "",
        "open_requests": asked[OPEN] + asked[OVERDUE],
        "overdue": asked[OVERDUE],
        "waiting": asked[ANSWERED],
        "in_use": in_use.code if in_use else "",
        "kgco2e": accepted.value_of(in_use)["kgco2e"] if in_use else "",
        "valid_until": in_use.valid_until if in_use else "",
    }
