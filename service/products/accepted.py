"""Suppliers' footprints that an organisation has accepted: models of its products name them by their code.

A model is stored with the records that it names, so that it says all it is computed from; which footprint of a product
of ours contains which accepted one is kept when it is frozen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.lci_store import plain
from lca.product_model import SupplierFootprint
from lca.snapshot import canonical_bytes
from service import db
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.errors import N_, NotFound, ReasonMissing
from service.products.models import AcceptedFootprint

CORRECTED, WITHDRAWN = "corrected", "withdrawn"
SUPPLIERS = "suppliers"

ACCEPTED = RowKind(
    "accepted-footprint",
    AcceptedFootprint.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="accepted-footprint.accept",
    changed=("accepted-footprint.end",),
)


def accept(
    session: Session,
    actor: Actor,
    supplier: str,
    purchase: str,
    footprint: SupplierFootprint,
    document_sha256: str,
    now: datetime,
) -> AcceptedFootprint:
    """Take a supplier's footprint into use under a code of its own; the one in use before is corrected by it."""
    organisation_id = require(actor, "decide on suppliers' footprints")
    deciding(session, organisation_id)
    earlier = versions(session, actor, purchase)
    version = len(earlier) + 1
    code = f"{supplier}.{purchase}.{version}"
    record = {**plain(footprint), "id": code}
    content = canonical_bytes(record)
    row = AcceptedFootprint(
        organisation_id=organisation_id,
        code=code,
        purchase=purchase,
        version=version,
        record=content.decode(),
        record_sha256=hashlib.sha256(content).hexdigest(),
        document_sha256=document_sha256,
        valid_until=footprint.valid_until,
        created=now,
    )
    audit.record_row(session, actor, ACCEPTED, ACCEPTED.made, row, now)
    for one in earlier:
        if one.ended is None:
            _end(session, actor, one, CORRECTED, code, now, by=row.id)
    return row


def deciding(session: Session, organisation_id: int) -> None:
    """Let nobody else decide what an organisation uses of its suppliers until this transaction ends."""
    db.lock(session, f"answers {organisation_id}")


def withdraw(session: Session, actor: Actor, code: str, reason: str, now: datetime) -> AcceptedFootprint:
    """Take an accepted footprint out of use; what contains it is flagged from then on.

    Raises:
        NotFound: the organisation has accepted none of this code, or it is out of use.
        ReasonMissing: a reader of the studies that contain it is owed one.
    """
    deciding(session, require(actor, "decide on suppliers' footprints"))
    row = show(session, actor, code)
    if row.ended is not None:
        raise NotFound(N_("accepted footprint in use"), code)
    if not reason.strip():
        raise ReasonMissing
    _end(session, actor, row, WITHDRAWN, reason.strip(), now)
    return row


def show(session: Session, actor: Actor, code: str) -> AcceptedFootprint:
    """Return an accepted footprint, in use or not.

    Raises:
        NotFound: the organisation has accepted none of this code.
    """
    found = _by_code(session, require(actor, "read"), [code]).get(code)
    if found is None:
        raise NotFound(N_("accepted footprint"), code)
    return found


def accepted(session: Session, actor: Actor) -> Sequence[AcceptedFootprint]:
    """Return every accepted footprint of the organisation, newest first."""
    query = select(AcceptedFootprint).where(AcceptedFootprint.organisation_id == require(actor, "read"))
    return session.exec(query.order_by(col(AcceptedFootprint.id).desc())).all()


def versions(session: Session, actor: Actor, purchase: str) -> Sequence[AcceptedFootprint]:
    """Return what was accepted of one bought product, oldest first."""
    own = AcceptedFootprint.organisation_id == require(actor, "read")
    query = select(AcceptedFootprint).where(own, AcceptedFootprint.purchase == purchase)
    return session.exec(query.order_by(col(AcceptedFootprint.version))).all()


def value_of(row: AcceptedFootprint) -> dict[str, Any]:
    """Return the record as it stands under ``suppliers`` in a model."""
    found: dict[str, Any] = json.loads(row.record)
    return found


def completed(session: Session, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model with the accepted footprints that its inputs name and that it does not bring itself.

    Raises:
        ModelInvalid: it names one that is out of use, or brings another record under the code of an accepted one.
    """
    brought = data.get(SUPPLIERS) if isinstance(data.get(SUPPLIERS), list) else []
    own = _brought(data)
    held = _by_code(session, require(actor, "read"), named(data) | set(own))
    flaws = [*_ended(held), *_other(held, own)]
    if flaws:
        raise ModelInvalid(flaws)
    added = [value_of(held[code]) for code in sorted(set(held) - set(own))]
    return {**data, SUPPLIERS: [*(brought or []), *added]} if added else dict(data)


def used(session: Session, actor: Actor, data: Mapping[str, Any]) -> list[AcceptedFootprint]:
    """Return the accepted footprints that a stored model holds, those that its inputs do not take left out.

    Raises:
        ModelInvalid: it holds another record under a code that was given to an accepted footprint after it was stored.
    """
    held = _by_code(session, require(actor, "read"), named(data))
    if flaws := list(_other(held, _brought(data))):
        raise ModelInvalid(flaws)
    return [row for _, row in sorted(held.items())]


def named(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the suppliers' footprints that the inputs of a model name."""
    return frozenset(name for key, value in data.items() if key != SUPPLIERS for name in _named(value))


def refuse_ended(rows: Sequence[AcceptedFootprint]) -> None:
    """Refuse to rest anything new on a footprint that is out of use.

    Raises:
        ModelInvalid: all that are, with what takes their place.
    """
    if flaws := list(_ended({row.code: row for row in rows})):
        raise ModelInvalid(flaws)


def _brought(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the suppliers' records that a model brings, by their codes."""
    listed = data.get(SUPPLIERS)
    return {
        str(one["id"]): one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and "id" in one
    }


def _ended(held: Mapping[str, AcceptedFootprint]) -> Iterator[Flaw]:
    for code, row in sorted(held.items()):
        if row.end_kind == CORRECTED:
            yield Flaw("supplier-corrected", {"supplier": code, "by": row.end_reason})
        elif row.end_kind:
            yield Flaw("supplier-withdrawn", {"supplier": code, "reason": row.end_reason})


def _other(held: Mapping[str, AcceptedFootprint], own: Mapping[str, Any]) -> Iterator[Flaw]:
    """A record under the code of an accepted footprint is that footprint, word for word."""
    for code in sorted(set(held) & set(own)):
        if value_of(held[code]) != dict(own[code]):
            yield Flaw("supplier-not-as-accepted", {"supplier": code})


def _named(value: Any) -> Iterator[str]:
    """Yield every supplier that a source names, however deep."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "supplier" and isinstance(inner, str):
                yield inner
            else:
                yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def _by_code(session: Session, organisation_id: int, codes: Collection[str]) -> dict[str, AcceptedFootprint]:
    if not codes:
        return {}
    own = AcceptedFootprint.organisation_id == organisation_id
    # Codes are asked for in one question while they are few, and all read where a model names very many.
    query = select(AcceptedFootprint).where(own)
    if len(codes) <= 500:
        query = query.where(col(AcceptedFootprint.code).in_(sorted(codes)))
    return {row.code: row for row in session.exec(query) if row.code in codes}


def _end(
    session: Session, actor: Actor, row: AcceptedFootprint, kind: str, reason: str, now: datetime, by: int | None = None
) -> None:
    row.ended, row.end_kind, row.end_reason, row.superseded_by = now, kind, reason, by
    audit.record_row(session, actor, ACCEPTED, "accepted-footprint.end", row, now)
