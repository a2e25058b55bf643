"""What pages and API share about a request: its link, what its holder is shown, the answer that is given by it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import flask
from sqlmodel import Session, select
from werkzeug.datastructures import FileStorage

from lca.admission import REFUSED, Asked, admit
from lca.footprint_method import load
from service import db, mail
from service.accounts.actions import Actor
from service.accounts.models import Organisation
from service.activities.refusals import Limits
from service.audit.kinds import plain
from service.http import harmless, house, now
from service.products.web import download
from service.suppliers import answers, comparison, letters, requests, told
from service.suppliers.answers import Sent
from service.suppliers.models import Answer, FootprintRequest, Purchase


def handed_over(row: FootprintRequest, token: str, *, is_sent: bool) -> dict[str, Any]:
    """Return a request with its link; it is sent to the supplier once this is committed, where that is wanted."""
    place = house()
    link = letters.address(place.settings.base_url, token)
    to, subject, text = letters.letter(db.session(), row, link, is_reminder=False)
    will_be = is_sent and bool(to) and place.mail.is_on
    if will_be:
        db.after_commit(db.session(), lambda: mail.soon(lambda: place.mail.send(to, subject, text)))
    return {"request": row.id, "link": link, "expires": plain(row.expires), "sent_to": to if will_be else ""}


def shown(session: Session, row: FootprintRequest) -> dict[str, Any]:
    """Return what is asked as whoever holds the link sees it, with what became of what was answered."""
    bought = session.exec(select(Purchase).where(Purchase.id == row.purchase_id)).one()
    buyer = session.exec(select(Organisation).where(Organisation.id == row.organisation_id)).one()
    names = (
        "unit", "method", "method_version", "boundary", "period_start", "period_end", "must_be_verified",
        "least_primary_percent", "note",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "buyer": {"zh": buyer.name_zh, "en": buyer.name_en},
        "product": {"zh": bought.name_zh, "en": bought.name_en},
        "their_id": bought.their_id,
        "gwp_set": load(row.method).gwp_set,
        "deadline": plain(row.deadline),
        "answers": [_answer(one, requests.asked_by(row, bought)) for one in answers.of_request(session, row)],
    }


def answered(row: FootprintRequest, sent: Sent) -> dict[str, Any]:
    """Keep an answer that came by the link of a request, and return what its holder sees then."""
    session = db.session()
    answers.receive(session, answers.holder(session, row), row, sent, now())
    return shown(session, row)


def sent_document(actor: Actor, number: int) -> flask.Response:
    """Return what a supplier sent as a file to be kept, whatever it is.

    Raises:
        NotFound: the organisation has received no such answer.
    """
    session = db.session()
    row = answers.show(session, actor, number)
    content = answers.document(session, actor, number)
    return download(content, "application/octet-stream", row.file_name or f"answer-{number}.json")


def sent_file(file: FileStorage) -> Sent:
    """Return what a file that came with a request states.

    Raises:
        As ``answers.of_file``.
    """
    with tempfile.TemporaryDirectory() as folder:
        name = harmless(file.filename or "")
        path = Path(folder) / name
        file.save(path)
        limits = Limits(file_bytes=house().settings.max_upload_bytes)
        return answers.of_file(path, name, now().date(), limits)


def _answer(row: Answer, asked: Asked) -> dict[str, Any]:
    """Return an answer as the supplier sees it: its own number, the rules that it breaks, the decision.

    Nothing that the buyer compares it with is told.
    """
    offered = answers.offered_of(row)
    footprint = offered.footprint
    checks = comparison.decided_checks(row) or admit(asked, offered, house().library, now().date()).checks
    return {
        "created": plain(row.created),
        "way": row.way,
        "file_name": row.file_name,
        "document_sha256": row.document_sha256,
        "kgco2e": footprint.kgco2e,
        "unit": footprint.unit,
        "state": row.state,
        "reason": row.reason if row.state == answers.REJECTED else "",
        "broken": [told.check(one) for one in checks if one.verdict == REFUSED],
    }
