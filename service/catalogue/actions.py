"""The verbs of the catalogue: the library, and an organisation's own factors laid over it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from factors.errors import UnknownActivity, UnknownUnit
from factors.library import Library, load
from factors.match import Overlay, resolve_activity
from factors.match import OwnFactor as Own
from factors.records import CONFIDENCES, GAS_OF_UNIT, GWP_SETS, Factor
from factors.units import FactorUnit, parse_unit
from service import db
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.catalogue.inventories import LCI_DATABASE
from service.catalogue.models import OwnFactor
from service.errors import N_, AlreadyExists, InputInvalid, NotFound, ReasonMissing, Wrong
from service.i18n import Text

KINDS = ("own_factor", "supplier")
NEEDED = ("id", "name_en", "category", "value", "unit", "gas", "region", "source", "licence", "confidence")

MISSING = N_("%(field)s is missing: a factor without it is not taken in")
NOT_DECIMAL = N_("'%(value)s' is not a plain decimal number")
NOT_LISTED = N_("'%(value)s' is none of: %(choices)s")
UNKNOWN_REGION = N_("'%(value)s' is not the code of a place in the library")
UNKNOWN_ACTIVITY = N_("'%(value)s' is no activity of the library")
UNIT_UNREAD = N_("'%(value)s' cannot be read as a unit of emissions, such as 'kg CO2e/kWh' or 't CO2/t'")
GAS_DIFFERS = N_("the unit counts %(unit_gas)s, the factor says %(gas)s")
TAKEN_BY_LIBRARY = N_("the id '%(value)s' is that of a published record")
BAD_ID = N_("'%(value)s' has other characters than a-z 0-9 . _ -")
ENDS_BEFORE_START = N_("valid_to lies before valid_from")
NO_SITE = N_("the organisation has no site '%(value)s': add it first")
NO_EVIDENCE = N_("there is no evidence file with the SHA-256 %(value)s: hand it in first")

OWN_FACTOR = RowKind(
    "factor",
    OwnFactor.__table__,  # type: ignore[attr-defined]
    ("factor_id", "id"),
    made="factor.put",
    changed=("factor.withdraw",),
)
AUDITED: tuple[Kind, ...] = (OWN_FACTOR, LCI_DATABASE)
"""What the audit log holds entries of."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")
_UNIT = re.compile(r"(kg|t|g) ?([A-Za-z0-9-]+(?:_[a-z]+)?)/(.+)")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A factor as an organisation hands it in; ``document`` is the SHA-256 of the evidence it stands in."""

    activity: str
    factor: Factor
    kind: str = "own_factor"
    site: str = ""
    counterparty: str = ""
    document: str = ""


@lru_cache(maxsize=2)
def library(cache: Path | None = None) -> Library:
    """Return the factor library, loaded once in this process."""
    return load(cache=cache)


def own_factors(session: Session, actor: Actor) -> Sequence[OwnFactor]:
    """Return the organisation's own factors, withdrawn ones left out."""
    condition = (OwnFactor.organisation_id == require(actor, "read"), col(OwnFactor.withdrawn).is_(None))
    return session.exec(select(OwnFactor).where(*condition).order_by(OwnFactor.factor_id)).all()


def own_factor(session: Session, actor: Actor, factor_id: str) -> OwnFactor:
    """Return one of the organisation's own factors.

    Raises:
        NotFound: the organisation has no such factor, or has taken it back.
    """
    held = _held(session, require(actor, "read"), factor_id)
    if held is None:
        raise NotFound(N_("factor"), factor_id)
    return held


def overlay(session: Session, actor: Actor, published: Library) -> Overlay:
    """Return the organisation's own factors as ``factors.match`` lays them over the library."""
    rows = own_factors(session, actor)
    if not rows:
        return Overlay()
    factors = tuple(
        Own(
            row.activity, record(row), unit_of(row.unit, row.gas, published), row.kind, row.site or "", row.counterparty
        )
        for row in rows
    )
    content = [_plain(NewFactor(row.activity, record(row), row.kind, row.site or "", row.counterparty)) for row in rows]
    return Overlay(factors, hashlib.sha256(rfc8785.dumps(content)).hexdigest())


def put_own_factor(
    session: Session,
    actor: Actor,
    new: NewFactor,
    published: Library,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> OwnFactor:
    """Take in an own factor, or replace the one of the same id with a reason.

    Raises:
        ChangedMeanwhile: what is held is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        InputInvalid: no source, unit or licence, or anything else that the library would refuse, a site or an
            evidence file that the organisation does not have; all of it.
        AlreadyExists: the id is taken by another value, and no reason is given.
    """
    organisation_id = require(actor, "submit own factors")
    wrong = [*problems(new, published), *_not_held(session, organisation_id, new)]
    if wrong:
        raise InputInvalid(wrong)
    db.lock(session, f"own factors {organisation_id}")
    held = _held(session, organisation_id, new.factor.id)
    if held is None and expected:
        raise NotFound(N_("factor"), new.factor.id)
    keys = {"site": new.site or None, "document": new.document or None}  # what is not named points nowhere
    row = OwnFactor(organisation_id=organisation_id, created=now, **{**_columns(new), **keys})
    if held is not None:
        audit.refuse_changed(session, actor, OWN_FACTOR, held, expected)
        if _content(held) == _content(row):
            return held
        if not reason.strip():
            raise AlreadyExists(N_("factor"), new.factor.id)
        _withdraw(session, actor, held, reason, now)
    audit.record_row(session, actor, OWN_FACTOR, OWN_FACTOR.made, row, now)
    return row


def withdraw_own_factor(
    session: Session,
    actor: Actor,
    factor_id: str,
    reason: str,
    now: datetime,
    *,
    expected: frozenset[str] = frozenset(),
) -> OwnFactor:
    """Take an own factor back; it stays in the table with the reason, and frozen inventories keep their copy.

    Raises:
        ChangedMeanwhile: it is no longer as ``expected``.
        ReasonMissing: no reason given.
        NotFound: the organisation has no such factor.
    """
    organisation_id = require(actor, "submit own factors")
    if not reason.strip():
        raise ReasonMissing
    db.lock(session, f"own factors {organisation_id}")
    held = own_factor(session, actor, factor_id)
    audit.refuse_changed(session, actor, OWN_FACTOR, held, expected)
    _withdraw(session, actor, held, reason, now)
    return held


def _withdraw(session: Session, actor: Actor, held: OwnFactor, reason: str, now: datetime) -> None:
    held.withdrawn, held.withdrawal = now, reason.strip()
    audit.record_row(session, actor, OWN_FACTOR, "factor.withdraw", held, now)


def record(row: OwnFactor) -> Factor:
    """Return an own factor as a record of the library's form."""
    names = [field.name for field in fields(Factor) if field.name not in ("id", "refusal")]
    return Factor(id=row.factor_id, **{name: getattr(row, name) for name in names})


def unit_of(spelling: str, gas: str, published: Library) -> FactorUnit:
    """Read the unit of an own factor: one that the review lets in, or mass of a gas (or CO2e) per any known unit.

    Raises:
        UnknownUnit: neither.
    """
    reviewed = published.units.get(spelling)
    if reviewed is not None and reviewed.is_usable and reviewed.of in ("co2e", "gas"):
        return reviewed
    found = _UNIT.fullmatch(spelling.strip())
    if found is None or (found[2] != "CO2e" and found[2] != gas):
        raise UnknownUnit(spelling, sorted(published.units)[:5])
    mass, counted, denominator = found.groups()
    is_weighted = counted == "CO2e"
    numerator = parse_unit(f"{mass}CO2e" if is_weighted else mass)
    counts = "co2e" if is_weighted else "gas"
    return FactorUnit(spelling, numerator, counts, parse_unit(denominator), "", "", Decimal(1), "use", "")


def problems(new: NewFactor, published: Library) -> list[Wrong]:
    """Return everything that keeps a factor out, the way the library would refuse it."""
    factor = new.factor
    wrong = [Wrong(name, "missing", Text(MISSING, field=name)) for name in NEEDED if not str(getattr(factor, name))]
    if factor.id and not _ID.fullmatch(factor.id):
        wrong.append(Wrong("id", "bad-id", Text(BAD_ID, value=factor.id)))
    if factor.id in published.factors:
        wrong.append(Wrong("id", "taken", Text(TAKEN_BY_LIBRARY, value=factor.id)))
    wrong += _wrong_numbers(factor) + _wrong_lists(new) + _wrong_unit(factor, published)
    if factor.region and factor.region not in published.geographies:
        wrong.append(Wrong("region", "unknown-region", Text(UNKNOWN_REGION, value=factor.region)))
    if factor.valid_to is not None and factor.valid_to < factor.valid_from:
        wrong.append(Wrong("valid_to", "period-order", Text(ENDS_BEFORE_START)))
    try:
        resolve_activity(new.activity, published)
    except UnknownActivity:
        wrong.append(Wrong("activity", "unknown-activity", Text(UNKNOWN_ACTIVITY, value=new.activity)))
    return wrong


def _not_held(session: Session, organisation_id: int, new: NewFactor) -> list[Wrong]:
    """Say which of site and evidence file the organisation does not have; the tables are those of the foreign keys."""
    wrong = []
    for name, value, message in (("site", new.site, NO_SITE), ("document", new.document, NO_EVIDENCE)):
        [key] = OWN_FACTOR.table.c[name].foreign_keys
        known = select(key.column).where(key.column == value, key.column.table.c.organisation_id == organisation_id)
        if value and session.scalar(known) is None:
            wrong.append(Wrong(name, f"unknown-{name}", Text(message, value=value)))
    return wrong


def _wrong_numbers(factor: Factor) -> list[Wrong]:
    names = ("value", "uncertainty_percent", "range_low", "range_high")
    given = ((name, getattr(factor, name)) for name in names)
    return [
        Wrong(name, "not-a-number", Text(NOT_DECIMAL, value=value))
        for name, value in given
        if value and not _is_decimal(value)
    ]


def _is_decimal(text: str) -> bool:
    try:
        return bool(_DECIMAL.fullmatch(text)) and Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _wrong_lists(new: NewFactor) -> list[Wrong]:
    lists = (
        ("confidence", new.factor.confidence, CONFIDENCES),
        ("gwp_set", new.factor.gwp_set, GWP_SETS),
        ("kind", new.kind, KINDS),
        ("value_kind", new.factor.value_kind, ("point", "median")),
    )
    return [
        Wrong(name, "not-listed", Text(NOT_LISTED, value=value, choices=", ".join(choices)))
        for name, value, choices in lists
        if value and value not in choices
    ]


def _wrong_unit(factor: Factor, published: Library) -> list[Wrong]:
    if not factor.unit:
        return []
    try:
        unit = unit_of(factor.unit, factor.gas, published)
    except UnknownUnit:
        return [Wrong("unit", "unit-unknown", Text(UNIT_UNREAD, value=factor.unit))]
    is_weighted = unit.of == "co2e"
    if is_weighted != (factor.gas == "CO2e") or factor.gas in (gas for gases in GAS_OF_UNIT.values() for gas in gases):
        return [Wrong("gas", "gas-differs", Text(GAS_DIFFERS, unit_gas=unit.of, gas=factor.gas))]
    return []


def _held(session: Session, organisation_id: int, factor_id: str) -> OwnFactor | None:
    condition = (OwnFactor.organisation_id == organisation_id, OwnFactor.factor_id == factor_id)
    return session.exec(select(OwnFactor).where(*condition, col(OwnFactor.withdrawn).is_(None))).first()


def _columns(new: NewFactor) -> dict[str, Any]:
    said = {name: value for name, value in asdict(new.factor).items() if name not in ("id", "refusal")}
    beside = {name: getattr(new, name) for name in ("activity", "kind", "site", "counterparty", "document")}
    return {**said, **beside, "factor_id": new.factor.id}


def _content(row: OwnFactor) -> dict[str, object]:
    said = row.model_dump()
    return {name: value for name, value in said.items() if name not in ("id", "created", "withdrawn", "withdrawal")}


def _plain(new: NewFactor) -> dict[str, Any]:
    columns = _columns(new)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in columns.items()}
