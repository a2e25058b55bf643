"""The verbs of answers: a supplier states its footprint; the buyer accepts what keeps to the request, or rejects it.

What was sent is kept word for word under its digest. Whether it may be used is a rule (``lca.admission``) and no
courtesy: what breaks one is never accepted, what is doubtful only with a reason that stands beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from factors.library import Library
from lca.admission import Admission, Asked, Offered, admit, offered_by
from lca.dataset import Finding
from lca.errors import LciFormatUnknown
from lca.importers import pact
from lca.importers.stated import json_of
from lca.lci_store import plain
from lca.numbers import canonical
from lca.product_model import SupplierFootprint
from lca.product_reading import supplier as read_supplier
from lca.snapshot import canonical_bytes, digest
from service.accounts.actions import Actor, held, require
from service.accounts.rights import SUPPLIER
from service.activities.refusals import Limits
from service.audit import actions as audit
from service.calculations import footprint_exchange, footprint_runs
from service.calculations.kept import keep, kept
from service.errors import N_, NotFound, ReasonMissing, ServiceError
from service.events import actions as events
from service.products import accepted, supplier_sheet
from service.products.accepted import CORRECTED
from service.products.models import AcceptedFootprint
from service.suppliers import requests, told
from service.suppliers.actions import ANSWER
from service.suppliers.models import Answer, FootprintRequest

RECEIVED, ACCEPTED, REJECTED, REPLACED = "received", "accepted", "rejected", "replaced"
FORM, FILE, MEMBER, PACT = "form", "file", "member", "pact"
DOCUMENT = "document"
"""Kind of what is kept."""

TABLES = (".xlsx", ".xlsm", ".xls", ".csv", ".txt")
MOST_OPEN = 20
"""Answers to one request: whoever holds its link cannot fill the buyer's store."""


class AnswersTooMany(ServiceError):
    """A request that was answered over and over."""

    code = "answers-too-many"
    message = N_("this request was answered %(most)s times: ask the buyer for another one")
    status = 409


class AdmissionRefused(ServiceError):
    """A footprint that does not keep to what was asked; every rule that it breaks is named."""

    code = "admission-refused"
    message = N_("this footprint cannot be used: it does not keep to what was asked")
    status = 409


class AdmissionDoubted(ServiceError):
    """A footprint that keeps the rules and raises doubts, each of which a reason has to answer."""

    code = "admission-doubted"
    message = N_(
        "this footprint raises doubts: say why it is accepted all the same (on the command line with --reason)"
    )
    status = 409


class AnswerUnreadable(ServiceError):
    """A file in answer to a request that is neither its sheet nor in a format of exchange."""

    code = "answer-unreadable"
    message = N_(
        "'%(name)s' cannot be read as a footprint: send the sheet of this request as XLSX or CSV, PACT, Catena-X or "
        "openEPD as JSON, or ILCD+EPD as ZIP"
    )


class OneFootprintNeeded(ServiceError):
    """A file of several footprints, or of none, in answer to a request for one."""

    code = "one-footprint-needed"
    message = N_("the file states %(count)s footprints; a request is answered by one: leave the others out")

    def __init__(self, count: int) -> None:
        super().__init__(count=count)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a supplier sent, as it came and as it was read."""

    way: str
    content: bytes
    offered: Offered
    file_name: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()
    from_organisation_id: int | None = None
    from_footprint: str = ""
    from_snapshot_sha: str = ""


# --- what a supplier sends -----------------------------------------------------------------------


def of_form(cells: Mapping[str, str]) -> Sent:
    """Return what the fields of a form state.

    Raises:
        ModelFileInvalid, ModelInvalid: everything wrong with it.
    """
    offered = Offered(supplier_sheet.of_form(cells))
    return Sent(
        FORM, canonical_bytes({key: text.strip() for key, text in sorted(cells.items()) if text.strip()}), offered
    )


def of_file(path: Path, name: str, on: date, limits: Limits) -> Sent:
    """Return what a file states: the workbook or CSV of a request, PACT, openEPD, ILCD+EPD.

    Raises:
        ModelFileInvalid, ModelInvalid, StatementRefused: everything wrong with it.
        AnswerUnreadable: it is none of these.
        LciFileBroken, LciFileUnsafe, LciPartsTooMany: a zip that is damaged, or holds more than a declaration needs.
        OneFootprintNeeded: it states another number of footprints than one.
    """
    content = path.read_bytes()
    if path.suffix.casefold() in TABLES:
        stated, warnings = supplier_sheet.of_file(path, limits)
        if len(stated) != 1:
            raise OneFootprintNeeded(len(stated))
        found = tuple(told.problem(one) for one in warnings)
        return Sent(FILE, content, Offered(stated[0]), name, found)
    try:
        read = footprint_exchange.stated(path, on)
    except LciFormatUnknown as error:
        raise AnswerUnreadable(name=name) from error
    if len(read) != 1:
        raise OneFootprintNeeded(len(read))
    return Sent(FILE, content, Offered(read[0].supplier), name, findings_of(read[0].findings))


def of_pact(document: str, identifier: str, on: date) -> Sent:
    """Return what a PACT footprint states that a partner sent, in the words that were kept.

    Raises:
        StatementRefused: it cannot be computed with; every reason is named.
    """
    content = document.encode()
    found = pact.supplier_of(json_of(content, identifier), on)
    return Sent(PACT, content, Offered(found.supplier), findings=findings_of(found.findings))


def of_own(session: Session, actor: Actor, identifier: str) -> Sent:
    """Return what a frozen footprint of the actor's own organisation states to a buyer: results, never inputs.

    Raises:
        NotFound: the organisation has none of this name.
    """
    organisation_id = require(actor, "publish footprints")
    snapshot = footprint_runs.snapshot(session, actor, identifier)
    offered = offered_by(snapshot)
    return Sent(
        MEMBER,
        canonical_bytes(_record(offered)),
        offered,
        from_organisation_id=organisation_id,
        from_footprint=identifier,
        from_snapshot_sha=digest(snapshot),
    )


def findings_of(found: Sequence[Finding]) -> tuple[dict[str, Any], ...]:
    """Return what a person has to know about a statement, as it is kept."""
    return tuple({"code": one.code, "where": one.where, "params": dict(one.params)} for one in found)


def receive(session: Session, actor: Actor, request: FootprintRequest, sent: Sent, now: datetime) -> Answer:
    """Keep an answer to a request; an earlier one that nobody has decided on is replaced by it.

    The actor is whoever holds the link, or somebody of the buyer's who takes in what came by another way.

    Raises:
        NotFound: the request is another organisation's.
        AnswersTooMany: the request was answered over and over.
        ModelInvalid: it states what nobody could read again, such as a set of warming potentials that there is not.
    """
    if request.organisation_id != require(actor, "answer requests"):
        raise NotFound(N_("request"), request.id)
    accepted.deciding(session, request.organisation_id)
    earlier = _answers(session, request.organisation_id, [request.id or 0])
    if len(earlier) >= MOST_OPEN:
        raise AnswersTooMany(most=MOST_OPEN)
    record = _record(sent.offered)
    read_supplier(record["footprint"])
    sha256 = hashlib.sha256(sent.content).hexdigest()
    keep(session, request.organisation_id, sha256, DOCUMENT, sent.content)
    row = Answer(
        organisation_id=request.organisation_id,
        request_id=request.id or 0,
        way=sent.way,
        answered_by=actor.name,
        file_name=sent.file_name,
        document_sha256=sha256,
        offered=json.dumps(record, ensure_ascii=False, sort_keys=True),
        findings=json.dumps(list(sent.findings), ensure_ascii=False),
        from_organisation_id=sent.from_organisation_id,
        from_footprint=sent.from_footprint,
        from_snapshot_sha=sent.from_snapshot_sha,
        created=now,
    )
    audit.record_row(session, actor, ANSWER, ANSWER.made, row, now)
    payload = {"request": request.id, "answer": row.id, "document_sha256": sha256}
    events.record(session, actor, events.FOOTPRINT_ANSWERED, str(request.id), payload, now)
    for one in earlier:
        if one.state == RECEIVED:
            one.state, one.decided, one.decided_by = REPLACED, now, actor.name
            audit.record_row(session, actor, ANSWER, "footprint-answer.replace", one, now)
    return row


def give(session: Session, actor: Actor, token: str, identifier: str, now: datetime) -> Answer:
    """Answer a buyer's request, by its link, with a frozen footprint of the actor's own organisation.

    Raises:
        NotFound: the organisation has no such footprint.
        LinkEnded: nothing is asked by this link, or not any more.
        As ``receive``.
    """
    sent = of_own(session, actor, identifier)
    request = requests.find(session, token, now)
    row = receive(session, holder(session, request), request, sent, now)
    payload = {"request": request.id, "answer": row.id, "document": row.document_sha256}
    audit.record(session, actor, "footprint.give", identifier, payload, now)
    return row


def holder(session: Session, request: FootprintRequest) -> Actor:
    """Return who answers a request by its link: the supplier, for the buyer's organisation and nothing but that."""
    _, seller = requests.bought_by(session, request)
    return Actor(request.organisation_id, f"supplier {seller.code}", frozenset({SUPPLIER}))


# --- what the buyer does with it -----------------------------------------------------------------


def answers(session: Session, actor: Actor, purchase: str = "") -> Sequence[Answer]:
    """Return the answers to what the organisation asked, newest first; of one bought product where it is named."""
    asked = [row.id or 0 for row in requests.requests(session, actor, purchase)]
    return _answers(session, require(actor, "read"), asked)


def show(session: Session, actor: Actor, number: int) -> Answer:
    """Return an answer.

    Raises:
        NotFound: the organisation has received none of this number.
    """
    return held(session, actor, "read", Answer, number, N_("answer"))


def document(session: Session, actor: Actor, number: int) -> bytes:
    """Return what a supplier sent, word for word.

    Raises:
        As ``show``.
    """
    row = show(session, actor, number)
    return kept(session, row.organisation_id, row.document_sha256)


def offered_of(row: Answer) -> Offered:
    """Return what an answer states."""
    record = json.loads(row.offered)
    gases = {key: float(mass) for key, mass in record["gases_kg"].items()}
    said = {"method_version": record["method_version"], "is_demonstration": record["is_demonstration"]}
    return Offered(read_supplier(record["footprint"]), gases, **said)


def admission(session: Session, actor: Actor, row: Answer, library: Library, on: date) -> Admission:
    """Return what the rules of admission say of an answer on a day, against the footprint that is in use."""
    request = requests.show(session, actor, row.request_id)
    bought, _ = requests.bought_by(session, request)
    versions = accepted.versions(session, actor, bought.code)
    return judged(row, requests.asked_by(request, bought), versions, library, on)


def judged(row: Answer, asked: Asked, versions: Sequence[AcceptedFootprint], library: Library, on: date) -> Admission:
    """Return what the rules say of an answer to what was asked, where ``versions`` of the product were accepted."""
    # What was accepted of this very answer is no change from itself.
    used = (one for one in versions if one.ended is None and one.id != row.accepted_id)
    last = next((read_supplier(accepted.value_of(one)) for one in used), None)
    return admit(asked, offered_of(row), library, on, last)


def accept(
    session: Session, actor: Actor, number: int, library: Library, now: datetime, *, reason: str = ""
) -> tuple[Answer, AcceptedFootprint]:
    """Take a supplier's footprint into use; the one in use before is corrected by it, and what contains it flagged.

    Raises:
        NotFound: there is no such answer, or it is decided on.
        AdmissionRefused: it breaks a rule; all of them.
        AdmissionDoubted: it raises doubts, and no reason is given.
    """
    accepted.deciding(session, require(actor, "decide on suppliers' footprints"))
    row = _undecided(session, actor, number)
    found = admission(session, actor, row, library, now.date())
    if found.refused:
        raise AdmissionRefused([told.wrong(one) for one in found.refused])
    if found.doubted and not reason.strip():
        raise AdmissionDoubted([told.wrong(one) for one in found.doubted])
    bought, seller = requests.bought_by(session, requests.show(session, actor, row.request_id))
    footprint = _cited(found.footprint, row, seller.name_zh or seller.name_en)
    made = accepted.accept(session, actor, seller.code, bought.code, footprint, row.document_sha256, now)
    _decide(session, actor, row, ACCEPTED, reason, found, now, made.id)
    for earlier in accepted.versions(session, actor, bought.code):
        if earlier.end_kind == CORRECTED and earlier.superseded_by == made.id:
            told_of = {"corrected": earlier.code, "by": made.code}
            events.record(session, actor, events.FOOTPRINT_CORRECTED, earlier.code, told_of, now)
    return row, made


def reject(session: Session, actor: Actor, number: int, library: Library, now: datetime, *, reason: str = "") -> Answer:
    """Refuse a supplier's footprint; the supplier reads the reason by its link.

    Raises:
        NotFound: there is no such answer, or it is decided on.
        ReasonMissing: the supplier is owed one.
    """
    accepted.deciding(session, require(actor, "decide on suppliers' footprints"))
    row = _undecided(session, actor, number)
    if not reason.strip():
        raise ReasonMissing
    _decide(session, actor, row, REJECTED, reason, admission(session, actor, row, library, now.date()), now)
    return row


def of_request(session: Session, request: FootprintRequest) -> Sequence[Answer]:
    """Return the answers to a request, newest first, for whoever holds its link."""
    return _answers(session, request.organisation_id, [request.id or 0])


def _decide(
    session: Session,
    actor: Actor,
    row: Answer,
    state: str,
    reason: str,
    found: Admission,
    now: datetime,
    accepted_id: int | None = None,
) -> None:
    row.state, row.decided, row.decided_by, row.reason = state, now, actor.name, reason.strip()
    row.checks = json.dumps([asdict(one) for one in found.checks], ensure_ascii=False)
    row.accepted_id = accepted_id
    audit.record_row(session, actor, ANSWER, "footprint-answer.decide", row, now)


def _undecided(session: Session, actor: Actor, number: int) -> Answer:
    row = show(session, actor, number)
    if row.state != RECEIVED:
        raise NotFound(N_("answer that nobody has decided on"), number)
    return row


def _cited(footprint: SupplierFootprint, row: Answer, seller: str) -> SupplierFootprint:
    """Return a footprint that says where it comes from: of whom, by which answer, the digest of what was sent."""
    statement = ", ".join(filter(None, (footprint.statement, f"answer {row.id}", f"sha256 {row.document_sha256}")))
    return replace(footprint, supplier=footprint.supplier or seller, statement=statement)


def _record(offered: Offered) -> dict[str, Any]:
    return {
        "footprint": plain(offered.footprint),
        "gases_kg": {key: canonical(mass) for key, mass in offered.gases_kg.items()},
        "method_version": offered.method_version,
        "is_demonstration": offered.is_demonstration,
    }


def _answers(session: Session, organisation_id: int, asked: Sequence[int]) -> Sequence[Answer]:
    query = select(Answer).where(Answer.organisation_id == organisation_id, col(Answer.request_id).in_(asked))
    return session.exec(query.order_by(col(Answer.id).desc())).all()
