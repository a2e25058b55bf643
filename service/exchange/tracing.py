"""From a figure down to what it rests on, and from a footprint up to everything that contains it, as far as rights go.

Nobody sees into another organisation's room: a supplier's footprint ends in what the supplier sent and its digest, and
where it was frozen in this house in the name and digest under which its owner finds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from lca.numbers import canonical, total
from service.accounts.actions import Actor, require
from service.accounts.models import Organisation
from service.activities.models import Evidence
from service.calculations import footprint_runs, footprints
from service.calculations.models import FootprintStudy
from service.errors import NotFound
from service.events import actions as events
from service.events.models import Event
from service.exchange.pact.models import PublishedFootprint
from service.products import accepted
from service.products import actions as products
from service.products.models import AcceptedFootprint
from service.suppliers.models import Answer, FootprintRequest

Record = Mapping[str, Any]


def impact(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    """Return everything that contains a footprint: an accepted one of a supplier, or a frozen one of one's own.

    Models that name it, frozen footprints with the share that is due to it, the reports issued of them, what of them
    was published, and whom it was handed to.

    Raises:
        NotFound: the organisation has neither of this name.
    """
    try:
        row = accepted.show(session, actor, identifier)
    except NotFound:
        return _of_own(session, actor, identifier)
    studies = footprint_runs.containing(session, actor, row.id or 0)
    return {
        "footprint": row.code,
        "kind": "accepted",
        "is_usable": row.ended is None,
        "end_kind": row.end_kind,
        "end_reason": row.end_reason,
        "models": _models(session, actor, row.code),
        "studies": [_study(session, actor, one, row.code) for one in studies],
        "given_to": [],
    }


def trace(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    """Return what a frozen footprint rests on, line by line, down to records, documents and their digests.

    Raises:
        NotFound: the organisation has no such footprint.
    """
    row = footprint_runs.show(session, actor, identifier)
    snapshot = footprint_runs.snapshot(session, actor, identifier)
    rests_on = {one.code: _accepted(session, one) for one in footprint_runs.contained(session, actor, identifier)}
    lines = {one["id"]: one for one in snapshot["lines"]} | {one["id"]: one for one in snapshot["given"]}
    found = footprints.inputs(snapshot)
    files = _evidence(session, actor, {lines[one["id"]].get("evidence", "") for one in found})
    return {
        "footprint": row.id,
        "product": row.product,
        "method": row.method,
        "total_kgco2e": row.total_kgco2e,
        "snapshot_sha256": row.snapshot_sha,
        "library_version": snapshot["library"]["version"],
        "own_factors_sha256": snapshot["overlay"]["sha256"],
        "lines": [_line(one, lines[one["id"]], snapshot["supplies"], rests_on, files) for one in found],
        "flags": footprint_runs.flags(session, actor, identifier),
    }


def _line(
    shown: Record, line: Record, supplies: Record, rests_on: Mapping[str, Record], files: Mapping[str, str]
) -> dict[str, Any]:
    supply = supplies[line["supply"]] if "supply" in line else {}
    names = ("id", "name_zh", "name_en", "amount", "unit", "kgco2e", "kind", "factor", "factor_unit", "factor_ids")
    said = {name: shown[name] for name in names}
    said |= {"source": shown["source"], "publisher": shown["publisher"], "year": shown["year"]}
    evidence = str(line.get("evidence", ""))
    said |= {"evidence": evidence, "evidence_sha256": files.get(evidence, "")}
    key = str(supply.get("key", ""))
    if key.startswith("supplier|"):
        said["supplier"] = rests_on.get(key.partition("|")[2])
    if key.startswith("background|"):
        said["background"] = key.split("|")[1]
    return said


def _accepted(session: Session, row: AcceptedFootprint) -> dict[str, Any]:
    """Return an accepted footprint with the answer that it came by."""
    query = select(Answer, FootprintRequest).join(FootprintRequest, col(FootprintRequest.id) == Answer.request_id)
    found = session.exec(query.where(Answer.accepted_id == row.id)).first()
    said: dict[str, Any] = {"code": row.code, "record_sha256": row.record_sha256, "end_kind": row.end_kind}
    if found is not None:
        answer, request = found
        said |= {
            "answer": answer.id,
            "request": request.id,
            "way": answer.way,
            "document_sha256": answer.document_sha256,
            "from_footprint": answer.from_footprint,
            "from_snapshot_sha256": answer.from_snapshot_sha,
        }
    return said


def _evidence(session: Session, actor: Actor, named: set[str]) -> dict[str, str]:
    """Return the digests of the evidence files that lines name, by their name or their own digest."""
    held = Evidence.organisation_id == require(actor, "read")
    wanted = sorted(named - {""})
    condition = col(Evidence.name).in_(wanted) | col(Evidence.sha256).in_(wanted)
    rows = session.exec(select(Evidence).where(held, condition).order_by(col(Evidence.id))).all() if wanted else []
    return {one.name: one.sha256 for one in rows} | {one.sha256: one.sha256 for one in rows}


def _of_own(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    row = footprint_runs.show(session, actor, identifier)
    return {
        "footprint": row.id,
        "kind": "own",
        "is_usable": row.superseded_by is None,
        "end_kind": "superseded" if row.superseded_by else "",
        "end_reason": row.superseded_by or "",
        "models": [],
        "studies": [_study(session, actor, row, "")],
        "given_to": _given_to(session, actor, row.id),
    }


def _study(session: Session, actor: Actor, row: FootprintStudy, code: str) -> dict[str, Any]:
    """Return a frozen footprint with what came of it, and the share of an accepted one in it."""
    said: dict[str, Any] = {
        "id": row.id,
        "product": row.product,
        "method": row.method,
        "version": row.version,
        "total_kgco2e": row.total_kgco2e,
        "superseded_by": row.superseded_by,
        "reports": _reports(session, actor, row.id),
        "published": _published(session, actor, row.id),
        "given_to": _given_to(session, actor, row.id),
    }
    if code:
        said["of_it_kgco2e"] = _part(footprint_runs.snapshot(session, actor, row.id), code)
    return said


def _part(snapshot: Record, code: str) -> str:
    """Return how many kg CO2e of a footprint its lines that take a supplier's footprint come to."""
    keys = {name for name, one in snapshot["supplies"].items() if one["key"] == f"supplier|{code}"}
    taking = {one["id"] for one in snapshot["lines"] if one["supply"] in keys}
    return canonical(total(float(one["kgco2e"]) for one in snapshot["results"]["lines"] if one["id"] in taking))


def _models(session: Session, actor: Actor, code: str) -> list[dict[str, Any]]:
    """Return the products whose newest model takes an accepted footprint."""
    return [
        {"product": row.product, "version": row.version}
        for row in products.products(session, actor)
        if f'"{code}"' in row.content and code in accepted.named(json.loads(row.content))
    ]


def _reports(session: Session, actor: Actor, identifier: str) -> list[dict[str, str]]:
    query = select(Event).where(
        Event.organisation_id == require(actor, "read"),
        Event.kind == events.REPORT_ISSUED,
        Event.subject == identifier,
    )
    said = (json.loads(row.payload) for row in session.exec(query.order_by(col(Event.id))))
    return [{"report": one["report"], "language": one["language"], "pdf_sha256": one["pdf"]} for one in said]


def _published(session: Session, actor: Actor, identifier: str) -> list[dict[str, str]]:
    own = PublishedFootprint.organisation_id == require(actor, "read")
    rows: Sequence[PublishedFootprint] = session.exec(
        select(PublishedFootprint).where(own, PublishedFootprint.footprint_id == identifier)
    ).all()
    return [{"id": row.id, "status": row.status} for row in rows]


def _given_to(session: Session, actor: Actor, identifier: str) -> list[dict[str, Any]]:
    """Return the buyers that the organisation itself has handed a footprint to, and what they decided."""
    query = select(Answer, Organisation).join(Organisation, col(Organisation.id) == Answer.organisation_id)
    own = Answer.from_organisation_id == require(actor, "read")
    rows = session.exec(query.where(own, Answer.from_footprint == identifier).order_by(col(Answer.id))).all()
    return [
        {"buyer_zh": buyer.name_zh, "buyer_en": buyer.name_en, "request": answer.request_id, "state": answer.state}
        for answer, buyer in rows
    ]
