"""The verbs of suppliers and of what is bought of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from factors.errors import FactorsError
from factors.library import Library
from factors.units import parse_unit
from lca.admission import materials
from lca.record_reading import decimal
from service.accounts import actions as accounts
from service.accounts import people
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.errors import N_, AlreadyExists, InputInvalid, NotFound, ReasonMissing, Wrong
from service.fields import is_code
from service.i18n import Text
from service.suppliers.models import Answer, FootprintRequest, Purchase, Supplier

SUPPLIER = RowKind(
    "supplier",
    Supplier.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="supplier.put",
    changed=("supplier.change",),
)
PURCHASE = RowKind(
    "purchase",
    Purchase.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="purchase.put",
    changed=("purchase.change",),
)
REQUEST = RowKind(
    "footprint-request",
    FootprintRequest.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="footprint-request.ask",
    changed=("footprint-request.renew", "footprint-request.close"),
    restless=frozenset({"reminders", "reminded"}),
)
ANSWER = RowKind(
    "footprint-answer",
    Answer.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="footprint-answer.receive",
    changed=("footprint-answer.decide", "footprint-answer.replace"),
)
AUDITED: tuple[Kind, ...] = (SUPPLIER, PURCHASE, REQUEST, ANSWER)
"""What the audit log holds entries of."""

NOT_A_UNIT = N_("'%(value)s' is no unit that is known here")
NOT_A_MATERIAL = N_("'%(value)s' is no material with a published range; there are: %(choices)s")
NOT_AN_AMOUNT = N_("'%(value)s' is no plain number above zero")
NOT_A_TEXT = N_("contains characters that are not allowed here")
NO_NAME = N_("a name is needed, in Chinese or in English")

# Names travel through tables, files and the subjects of letters, where a line that breaks off is none.
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Row = TypeVar("Row", Supplier, Purchase)


@dataclass(frozen=True, slots=True)
class NewSupplier:
    """A supplier as the buyer describes it."""

    code: str
    name_zh: str = ""
    name_en: str = ""
    email: str = ""
    contact: str = ""
    partner: str = ""  # code of the PACT partner that it is


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """A bought product as the buyer describes it."""

    code: str
    name_zh: str = ""
    name_en: str = ""
    unit: str = "kg"
    material: str = ""
    their_id: str = ""
    yearly_amount: str = ""


def put_supplier(session: Session, actor: Actor, given: NewSupplier, now: datetime, *, reason: str = "") -> Supplier:
    """Register a supplier, or describe one otherwise, with a reason; the same words change nothing.

    Raises:
        InputInvalid: everything wrong with it.
        ReasonMissing: it would be described otherwise.
    """
    organisation_id = require(actor, "manage suppliers")
    wrong = [*_named(given), *(people.wrong_with_email(given.email) if given.email else ())]
    if wrong:
        raise InputInvalid(wrong)
    said = asdict(given)
    held = _supplier(session, organisation_id, given.code)
    if held is None:
        return _made(session, actor, SUPPLIER, Supplier(organisation_id=organisation_id, created=now, **said), now)
    return _described(session, actor, SUPPLIER, held, said, reason, now)


def suppliers(session: Session, actor: Actor) -> Sequence[Supplier]:
    """Return the suppliers of the organisation, by code."""
    query = select(Supplier).where(Supplier.organisation_id == require(actor, "read"))
    return session.exec(query.order_by(Supplier.code)).all()


def supplier(session: Session, actor: Actor, code: str) -> Supplier:
    """Return a supplier.

    Raises:
        NotFound: the organisation has none of this code.
    """
    row = _supplier(session, require(actor, "read"), code)
    if row is None:
        raise NotFound(N_("supplier"), code)
    return row


def put_purchase(
    session: Session,
    actor: Actor,
    supplier_code: str,
    given: NewPurchase,
    library: Library,
    now: datetime,
    *,
    reason: str = "",
) -> Purchase:
    """Register what is bought of a supplier, or describe it otherwise, with a reason; its unit stays.

    Raises:
        NotFound: there is no such supplier.
        InputInvalid: everything wrong with it.
        AlreadyExists: the code is that of what another supplier sells, or is asked per another unit.
        ReasonMissing: it would be described otherwise.
    """
    organisation_id = require(actor, "manage suppliers")
    row = supplier(session, actor, supplier_code)
    if wrong := [*_named(given), *_bought(given, library)]:
        raise InputInvalid(wrong)
    said = asdict(given) | {"unit": parse_unit(given.unit)}
    held = _purchase(session, organisation_id, given.code)
    if held is None:
        new = Purchase(organisation_id=organisation_id, supplier_id=row.id or 0, created=now, **said)
        return _made(session, actor, PURCHASE, new, now)
    if (held.supplier_id, held.unit) != (row.id, said["unit"]):
        raise AlreadyExists(N_("purchase"), given.code)
    return _described(session, actor, PURCHASE, held, said, reason, now)


def purchases(session: Session, actor: Actor) -> Sequence[tuple[Purchase, Supplier]]:
    """Return what the organisation buys, with whom of, by code."""
    query = select(Purchase, Supplier).join(Supplier, col(Supplier.id) == Purchase.supplier_id)
    return session.exec(query.where(Purchase.organisation_id == require(actor, "read")).order_by(Purchase.code)).all()


def purchase(session: Session, actor: Actor, code: str) -> tuple[Purchase, Supplier]:
    """Return a bought product, and of whom it is bought.

    Raises:
        NotFound: the organisation buys none of this code.
    """
    query = select(Purchase, Supplier).join(Supplier, col(Supplier.id) == Purchase.supplier_id)
    own = Purchase.organisation_id == require(actor, "read")
    found = session.exec(query.where(own, Purchase.code == code)).first()
    if found is None:
        raise NotFound(N_("purchase"), code)
    return found


def _named(given: NewSupplier | NewPurchase) -> Iterator[Wrong]:
    if not is_code(given.code) or "." in given.code:
        yield Wrong("code", "not-a-code", Text(accounts.NOT_A_CODE, value=given.code[:80]))
    if not (given.name_zh.strip() or given.name_en.strip()):
        yield Wrong("name_zh", "key-missing", NO_NAME)
    for name, text in asdict(given).items():
        if CONTROL.search(text):
            yield Wrong(name, "invalid", NOT_A_TEXT)


def _bought(given: NewPurchase, library: Library) -> Iterator[Wrong]:
    try:
        parse_unit(given.unit)
    except FactorsError:
        yield Wrong("unit", "unit-unknown", Text(NOT_A_UNIT, value=given.unit[:40]))
    if given.material and given.material not in materials(library):
        text = Text(NOT_A_MATERIAL, value=given.material[:40], choices=", ".join(materials(library)))
        yield Wrong("material", "not-listed", text)
    amount = decimal(given.yearly_amount) if given.yearly_amount else None
    if given.yearly_amount and (amount is None or amount <= 0):
        yield Wrong("yearly_amount", "not-a-number", Text(NOT_AN_AMOUNT, value=given.yearly_amount[:40]))


def _supplier(session: Session, organisation_id: int, code: str) -> Supplier | None:
    own = Supplier.organisation_id == organisation_id
    return session.exec(select(Supplier).where(own, Supplier.code == code)).first()


def _purchase(session: Session, organisation_id: int, code: str) -> Purchase | None:
    own = Purchase.organisation_id == organisation_id
    return session.exec(select(Purchase).where(own, Purchase.code == code)).first()


def _made(session: Session, actor: Actor, kind: RowKind, row: Row, now: datetime) -> Row:
    audit.record_row(session, actor, kind, kind.made, row, now)
    return row


def _described(
    session: Session, actor: Actor, kind: RowKind, row: Row, said: dict[str, Any], reason: str, now: datetime
) -> Row:
    if all(getattr(row, name) == value for name, value in said.items()):
        return row
    if not reason.strip():
        raise ReasonMissing
    for name, value in said.items():
        setattr(row, name, value)
    row.reason = reason.strip()
    audit.record_row(session, actor, kind, kind.changed[0], row, now)
    return row
