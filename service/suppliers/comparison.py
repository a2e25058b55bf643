"""What was answered of one bought product, side by side: as it was received, and as the rules see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import Session

from factors.errors import FactorsError
from factors.library import Library
from factors.units import multiplier
from lca.admission import REFUSED, Admission, Check, bounds
from lca.lci_store import plain
from lca.numbers import canonical
from service.accounts.actions import Actor
from service.audit.kinds import plain as said_at
from service.products import accepted
from service.products.models import AcceptedFootprint
from service.suppliers import actions, answers, requests, told
from service.suppliers.models import Answer, FootprintRequest, Purchase

NAMES = (
    "unit", "kgco2e", "method", "gwp_set", "boundary", "period_end", "valid_until", "region", "primary_data_share",
    "dqr", "is_verified", "statement", "fossil", "biogenic_emissions", "biogenic_removals", "land_use", "aircraft",
)  # fmt: skip
"""What of a received footprint stands in a comparison, as it was stated."""


def compared(session: Session, actor: Actor, purchase: str, library: Library, on: date) -> dict[str, Any]:
    """Return a bought product with its published range, what is in use, and every answer with its admission.

    Numbers of different scope stand beside each other, each with its scope, and are never averaged.

    Raises:
        NotFound: the organisation buys none of this code.
    """
    bought, seller = actions.purchase(session, actor, purchase)
    versions = accepted.versions(session, actor, purchase)
    in_use = next((one for one in versions if one.ended is None), None)
    asked = {one.id: one for one in requests.requests(session, actor, purchase)}
    rows = []
    for one in answers.answers(session, actor, purchase):
        request = asked[one.request_id]
        is_open = one.state == answers.RECEIVED
        found = answers.judged(one, requests.asked_by(request, bought), versions, library, on) if is_open else None
        rows.append(answer_record(one, request, found))
    return {
        "purchase": purchase_record(bought),
        "supplier": {name: getattr(seller, name) for name in ("code", "name_zh", "name_en", "email")},
        "range": _range(library, bought),
        "in_use": accepted_record(in_use) if in_use else None,
        "accepted": [accepted_record(one) for one in versions],
        "answers": rows,
    }


def purchase_record(row: Purchase) -> dict[str, Any]:
    """Return a bought product as it is shown."""
    names = ("code", "name_zh", "name_en", "unit", "material", "their_id", "yearly_amount")
    return {name: getattr(row, name) for name in names}


def accepted_record(row: AcceptedFootprint) -> dict[str, Any]:
    """Return an accepted footprint as it is shown: its code, number, and whether it may be used."""
    record = accepted.value_of(row)
    names = ("code", "purchase", "version", "valid_until", "end_kind", "end_reason", "document_sha256")
    said = {name: getattr(row, name) for name in names}
    return {**said, "created": said_at(row.created), "footprint": {name: record.get(name, "") for name in NAMES}}


def shown(session: Session, actor: Actor, row: Answer, library: Library, on: date) -> dict[str, Any]:
    """Return one answer as it is shown on a day."""
    found = answers.admission(session, actor, row, library, on) if row.state == answers.RECEIVED else None
    return answer_record(row, requests.show(session, actor, row.request_id), found)


def answer_record(row: Answer, request: FootprintRequest, found: Admission | None) -> dict[str, Any]:
    """Return an answer as it is shown; ``found`` is what the rules say today, where it is not decided on yet."""
    offered = answers.offered_of(row)
    stated = plain(offered.footprint)
    checks = [told.check(one) for one in found.checks] if found else [told.check(one) for one in decided_checks(row)]
    return {
        "id": row.id,
        "request": row.request_id,
        "asked": {"method": request.method, "boundary": request.boundary, "unit": request.unit},
        "way": row.way,
        "file_name": row.file_name,
        "document_sha256": row.document_sha256,
        "from_footprint": row.from_footprint,
        "from_snapshot_sha256": row.from_snapshot_sha,
        "created": said_at(row.created),
        "state": row.state,
        "decided": said_at(row.decided),
        "decided_by": row.decided_by,
        "reason": row.reason,
        "footprint": {name: stated.get(name, "") for name in NAMES},
        "per_asked_unit_kgco2e": _in_unit(offered.footprint.kgco2e, offered.footprint.unit, request.unit),
        "findings": json.loads(row.findings),
        "checks": checks,
        "is_refused": any(one["verdict"] == REFUSED for one in checks),
    }


def decided_checks(row: Answer) -> list[Check]:
    """Return what the rules said when an answer was decided on."""
    return [Check(**one) for one in json.loads(row.checks or "[]")]


def _in_unit(number: str, unit: str, wanted: str) -> str:
    """Return a number per the unit that was asked for, '' where it is of another kind."""
    try:
        return canonical(float(number) * float(multiplier(wanted, unit)))
    except FactorsError:
        return ""


def _range(library: Library, bought: Purchase) -> Mapping[str, Any] | None:
    found = bounds(library, bought.material, bought.unit) if bought.material else None
    if found is None:
        return None
    numbers = {name: canonical(getattr(found, name)) for name in ("low", "median", "high", "warn_below", "warn_above")}
    return {**plain(replace(found, factor_ids=())), **numbers, "factor_ids": list(found.factor_ids)}
