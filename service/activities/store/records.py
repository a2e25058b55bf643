"""What stands beside the rows: sites, instruments, products and exclusions of an organisation.

Handing in the same thing twice changes nothing. Handing in something else in its place needs a reason;
what it replaces is withdrawn with that reason and stays in the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlmodel import Session, col, select

from lca import ledger as lca
from lca.errors import NumbersInvalid
from lca.number_ranges import NumberRange, number_range
from service import db
from service.accounts.actions import Actor, require
from service.activities.models import Exclusion, Instrument, ProductOutput, Site
from service.activities.store import periods
from service.activities.store.streams import site_ids
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.errors import (
    N_,
    AlreadyExists,
    InputInvalid,
    InstrumentClaimed,
    NotFound,
    ReasonMissing,
    Wrong,
)
from service.i18n import Text

UNKNOWN_SITE = N_("there is no site '%(site)s'; known: %(known)s")

Row = Instrument | ProductOutput | Exclusion


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of record is called, who may hand it in, and what makes two of them the same."""

    model: Any  # one of Row; a union of classes tells mypy less than nothing
    noun: str
    verb: str
    key: tuple[str, ...]

    @property
    def audited(self) -> RowKind:
        """How the audit log speaks of its rows."""
        return RowKind(
            self.noun, self.model.__table__, ("id",), made=f"{self.noun}.put", changed=(f"{self.noun}.withdraw",)
        )


SITE = RowKind(
    "site",
    Site.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="site.add",
    changed=("site.change",),
)
INSTRUMENT = Kind(
    Instrument,
    N_("instrument"),
    "submit instruments",
    ("kind", "number_from", "number_to", "generated_from", "generated_to", "site_id", "contract"),
)
PRODUCT = Kind(ProductOutput, N_("product"), "submit", ("site_id", "name_zh", "unit", "start", "end"))
EXCLUSION = Kind(Exclusion, N_("exclusion"), "submit", ("category", "start", "end"))
KINDS = {kind.noun: kind for kind in (INSTRUMENT, PRODUCT, EXCLUSION)}


# --- sites ---------------------------------------------------------------------------------------


def sites(session: Session, actor: Actor) -> Sequence[Site]:
    """Return the sites of the actor's organisation, by code."""
    organisation_id = require(actor, "read")
    return session.exec(select(Site).where(Site.organisation_id == organisation_id).order_by(Site.code)).all()


def site_value(row: Site) -> lca.Site:
    """Return a site as an inventory is computed from it."""
    return lca.Site(**{field.name: getattr(row, field.name) for field in fields(lca.Site)})


def show_site(session: Session, actor: Actor, code: str) -> Site:
    """Return one site.

    Raises:
        NotFound: the organisation has none of this code.
    """
    condition = (Site.organisation_id == require(actor, "read"), Site.code == code)
    row = session.exec(select(Site).where(*condition)).first()
    if row is None:
        raise NotFound(N_("site"), code)
    return row


def put_site(
    session: Session,
    actor: Actor,
    data: lca.Site,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> Site:
    """Add a site, or change one with a reason.

    Raises:
        ChangedMeanwhile: it is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        AlreadyExists: the code is taken by a site described otherwise, and no reason is given.
    """
    organisation_id = require(actor, "change sites")
    db.lock(session, f"submit {organisation_id}")
    condition = (Site.organisation_id == organisation_id, Site.code == data.code)
    row = session.exec(select(Site).where(*condition)).first()
    if row is None and expected:
        raise NotFound(N_("site"), data.code)
    if row is not None:
        audit.refuse_changed(session, actor, SITE, row, expected)
    if row is not None and site_value(row) == data:
        return row
    if row is not None and not reason.strip():
        raise AlreadyExists(N_("site"), data.code)
    verb = SITE.made if row is None else "site.change"
    if row is None:
        row = Site(organisation_id=organisation_id, **asdict(data), created=now)
    for field in fields(data):
        setattr(row, field.name, getattr(data, field.name))
    row.reason = reason.strip()
    audit.record_row(session, actor, SITE, verb, row, now)
    return row


# --- instruments, products, exclusions -----------------------------------------------------------


def instruments(session: Session, actor: Actor) -> Sequence[Instrument]:
    """Return the instruments that are held and not withdrawn."""
    return [row for row in _current(session, require(actor, "read"), INSTRUMENT) if isinstance(row, Instrument)]


def products(session: Session, actor: Actor) -> Sequence[ProductOutput]:
    """Return what the sites made, withdrawn records left out."""
    return [row for row in _current(session, require(actor, "read"), PRODUCT) if isinstance(row, ProductOutput)]


def exclusions(session: Session, actor: Actor) -> Sequence[Exclusion]:
    """Return the categories that are left out, withdrawn records left out."""
    return [row for row in _current(session, require(actor, "read"), EXCLUSION) if isinstance(row, Exclusion)]


def show_record(session: Session, actor: Actor, noun: str, number: int) -> Row:
    """Return one ``instrument``, ``product`` or ``exclusion``.

    Raises:
        NotFound: the organisation has none of this number, or has taken it back.
    """
    kind = KINDS[noun]
    organisation_id = require(actor, "read")
    row: Row | None = session.get(kind.model, number)
    if row is None or row.organisation_id != organisation_id or row.withdrawn is not None:
        raise NotFound(kind.noun, number)
    return row


def put_instrument(
    session: Session,
    actor: Actor,
    data: lca.Instrument,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> Row:
    """Add an instrument to the organisation's pool, or replace the one of the same numbers with a reason.

    Raises:
        ChangedMeanwhile: what is held is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        InputInvalid: there is no such site.
        NumbersInvalid: a certificate without numbers, or numbers that make no range.
        InstrumentClaimed: some of the certificates are in the pool already.
        AlreadyExists: the same instrument is held with other particulars, and no reason is given.
    """
    organisation_id = require(actor, INSTRUMENT.verb)
    db.lock(session, f"submit {organisation_id}")
    values = {**asdict(data), "site_id": _site(session, organisation_id, data.site) if data.site else None}
    values.pop("site")
    numbers = _numbers(data.kind, data.number_from, data.number_to)
    key = tuple(values[name] for name in INSTRUMENT.key)
    for held in instruments(session, actor):
        if numbers is None or tuple(getattr(held, name) for name in INSTRUMENT.key) == key:
            continue
        theirs = _numbers(held.kind, held.number_from, held.number_to)
        if theirs is not None and numbers.overlaps(theirs):
            raise InstrumentClaimed(
                number_from=data.number_from,
                number_to=data.number_to or data.number_from,
                held_from=held.number_from,
                held_to=held.number_to or held.number_from,
            )
    return _put(session, actor, INSTRUMENT, values, now, reason, expected)


def put_product(
    session: Session,
    actor: Actor,
    data: lca.Product,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> Row:
    """Record what a site made in a period, or replace it with a reason.

    Raises:
        ChangedMeanwhile: what is held is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        InputInvalid: there is no such site.
        PeriodClosed: the period is closed.
        AlreadyExists: another amount is held for it, and no reason is given.
    """
    organisation_id = require(actor, PRODUCT.verb)
    values = {**asdict(data), "site_id": _site(session, organisation_id, data.site)}
    values.pop("site")
    return _put(session, actor, PRODUCT, values, now, reason, expected)


def put_exclusion(
    session: Session,
    actor: Actor,
    data: lca.Exclusion,
    start: date,
    end: date,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> Row:
    """Leave a category out of the inventories of a period, or say otherwise with a reason.

    Raises:
        ChangedMeanwhile: what is held is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        PeriodClosed: the period is closed.
        AlreadyExists: it is left out for another reason, and no reason is given for the change.
    """
    return _put(session, actor, EXCLUSION, {**asdict(data), "start": start, "end": end}, now, reason, expected)


def withdraw(session: Session, actor: Actor, noun: str, number: int, reason: str, now: datetime) -> Row:
    """Take an ``instrument``, ``product`` or ``exclusion`` back; it stays in the table with the reason.

    Raises:
        ReasonMissing: no reason given.
        NotFound: the organisation has none of this number.
        PeriodClosed: its period is closed.
    """
    kind = KINDS[noun]
    organisation_id = require(actor, kind.verb)
    if not reason.strip():
        raise ReasonMissing
    db.lock(session, f"submit {organisation_id}")
    row = show_record(session, actor, noun, number)
    _refuse_closed(session, organisation_id, row)
    _withdraw(session, actor, kind, row, reason, now)
    return row


def _put(
    session: Session,
    actor: Actor,
    kind: Kind,
    values: Mapping[str, Any],
    now: datetime,
    reason: str,
    expected: frozenset[str],
) -> Row:
    organisation_id = require(actor, kind.verb)
    db.lock(session, f"submit {organisation_id}")
    held = _held(session, organisation_id, kind, values)
    name = " ".join(str(values[name]) for name in kind.key if values[name])
    if held is None and expected:
        raise NotFound(kind.noun, name)
    if held is not None:
        audit.refuse_changed(session, actor, kind.audited, held, expected)
    if held is not None and all(getattr(held, name) == value for name, value in values.items()):
        return held
    if held is not None and not reason.strip():
        raise AlreadyExists(kind.noun, name)
    row: Row = kind.model(organisation_id=organisation_id, **values, created=now)
    _refuse_closed(session, organisation_id, row)
    if held is not None:
        _withdraw(session, actor, kind, held, reason, now)
    audit.record_row(session, actor, kind.audited, kind.audited.made, row, now)
    return row


def _current(session: Session, organisation_id: int, kind: Kind) -> Sequence[Row]:
    model = kind.model
    condition = (model.organisation_id == organisation_id, col(model.withdrawn).is_(None))
    return session.exec(select(model).where(*condition).order_by(col(model.id))).all()


def _held(session: Session, organisation_id: int, kind: Kind, values: Mapping[str, Any]) -> Row | None:
    for row in _current(session, organisation_id, kind):
        if all(getattr(row, name) == values[name] for name in kind.key):
            return row
    return None


def _withdraw(session: Session, actor: Actor, kind: Kind, row: Row, reason: str, now: datetime) -> None:
    row.withdrawn, row.withdrawal = now, reason.strip()
    audit.record_row(session, actor, kind.audited, f"{kind.noun}.withdraw", row, now)


def _refuse_closed(session: Session, organisation_id: int, row: Row) -> None:
    # A certificate may be retired after the year it is used for; what was made or left out belongs to its period.
    if isinstance(row, Instrument):
        return
    periods.refuse_closed(session, organisation_id, pl.DataFrame({"row": [1], "start": [row.start], "end": [row.end]}))


def _numbers(kind: str, number_from: str, number_to: str) -> NumberRange | None:
    if number_from:
        return number_range(number_from, number_to)
    if kind == "gec":
        raise NumbersInvalid(number_from=number_from, number_to=number_to)
    return None


def _site(session: Session, organisation_id: int, code: str) -> int:
    known = site_ids(session, organisation_id)
    if code not in known:
        text = Text(UNKNOWN_SITE, site=code, known=", ".join(sorted(known)) or "-")
        raise InputInvalid([Wrong("site", "unknown-site", text)])
    return known[code]


# --- as an inventory is computed from them -------------------------------------------------------


def instrument_values(session: Session, actor: Actor) -> tuple[lca.Instrument, ...]:
    """Return the pool; the computation decides which certificates fit a period."""
    codes = _codes(session, actor)
    names = [field.name for field in fields(lca.Instrument) if field.name != "site"]
    return tuple(
        lca.Instrument(**{name: getattr(row, name) for name in names}, site=codes.get(row.site_id or 0, ""))
        for row in instruments(session, actor)
    )


def product_values(session: Session, actor: Actor, start: date, end: date) -> tuple[lca.Product, ...]:
    """Return what was made wholly within the period."""
    codes = _codes(session, actor)
    names = [field.name for field in fields(lca.Product) if field.name != "site"]
    return tuple(
        lca.Product(**{name: getattr(row, name) for name in names}, site=codes[row.site_id])
        for row in products(session, actor)
        if row.start >= start and row.end <= end
    )


def exclusion_values(session: Session, actor: Actor, start: date, end: date) -> tuple[lca.Exclusion, ...]:
    """Return what is left out in any part of the period."""
    names = [field.name for field in fields(lca.Exclusion)]
    return tuple(
        lca.Exclusion(**{name: getattr(row, name) for name in names})
        for row in exclusions(session, actor)
        if row.start <= end and row.end >= start
    )


def _codes(session: Session, actor: Actor) -> dict[int, str]:
    return {row.id or 0: row.code for row in sites(session, actor)}


def shown(session: Session, actor: Actor, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return records as the outside sees them: each with the code of its site."""
    codes = _codes(session, actor)
    return [
        {
            **row.model_dump(exclude={"organisation_id", "site_id"}),
            "site": codes.get(getattr(row, "site_id", None) or 0, ""),
        }
        for row in rows
    ]
