"""The base year of an organisation: what it was, what has changed since, and whether that asks for a recalculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session, select

from lca.formulas.base_year import COUNTED, NOT_COUNTED, BaseYearTest, Change, base_year_test
from lca.method import Method
from lca.numbers import canonical
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.calculations.models import BaseYearChange, Inventory
from service.errors import N_, InputInvalid, NotFound, ReasonMissing, Wrong
from service.i18n import Text

UNKNOWN_KIND = N_("'%(kind)s' is none of: %(kinds)s")
NOT_A_NUMBER = N_("'%(value)s' is not a plain number of kg CO2e")

BASE_YEAR_CHANGE = RowKind(
    "change",
    BaseYearChange.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="base_year.change",
)


def note_change(
    session: Session, actor: Actor, year: int, kind: str, kgco2e: str, reason: str, now: datetime
) -> BaseYearChange:
    """Note a change that would have made the base year ``year`` differ by ``kgco2e``.

    Raises:
        InputInvalid: an unknown kind, or a size that is no number; both are named.
        ReasonMissing: a change without a reason is no change.
    """
    organisation_id = require(actor, "run inventories")
    wrong = _wrong(kind, kgco2e)
    if wrong:
        raise InputInvalid(wrong)
    if not reason.strip():
        raise ReasonMissing()
    row = BaseYearChange(
        organisation_id=organisation_id,
        year=year,
        kind=kind,
        kgco2e=kgco2e,
        reason=reason,
        actor=actor.name,
        created=now,
    )
    audit.record_row(session, actor, BASE_YEAR_CHANGE, BASE_YEAR_CHANGE.made, row, now)
    return row


def _wrong(kind: str, kgco2e: str) -> list[Wrong]:
    wrong = []
    if kind not in COUNTED + NOT_COUNTED:
        kinds = ", ".join(COUNTED + NOT_COUNTED)
        wrong.append(Wrong("kind", "unknown-kind", Text(UNKNOWN_KIND, kind=kind, kinds=kinds)))
    try:
        finite = Decimal(kgco2e).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        wrong.append(Wrong("kgco2e", "not-a-number", Text(NOT_A_NUMBER, value=kgco2e)))
    return wrong


def open_changes(
    session: Session, actor: Actor, year: int, method: str, *, consolidated: bool = False
) -> Sequence[BaseYearChange]:
    """Return the changes that no recalculation of ``year`` by ``method`` has taken in yet, oldest first."""
    query = select(BaseYearChange).where(
        BaseYearChange.organisation_id == require(actor, "read"), BaseYearChange.year == year
    )
    recalculated = [
        one.created
        for one in versions(session, actor, year, method, consolidated=consolidated)
        if one.recalculates_base_year
    ]
    if recalculated:
        query = query.where(BaseYearChange.created > max(recalculated))
    return session.exec(query.order_by(BaseYearChange.id)).all()  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Share:
    """An open change, and how far it and those before it move the base year together."""

    change: BaseYearChange
    is_counted: bool  # growth and grid years never are
    cumulative_percent: str | None  # None while there is no inventory of the base year to compare with
    reaches_threshold: bool


def shares(session: Session, actor: Actor, year: int, method: Method, *, consolidated: bool = False) -> Sequence[Share]:
    """Return the open changes of ``year``, oldest first, each with the share of all up to it in the base year."""
    rows = open_changes(session, actor, year, method.id, consolidated=consolidated)
    found = versions(session, actor, year, method.id, consolidated=consolidated)
    if not found or float(found[-1].total_kgco2e) <= 0:
        return [Share(row, row.kind in COUNTED, None, False) for row in rows]
    tests = [_test(found[-1], rows[:count], method) for count in range(1, len(rows) + 1)]
    return [
        Share(row, row.kind in COUNTED, canonical(test.percent), test.recalculate)
        for row, test in zip(rows, tests, strict=True)
    ]


def _test(base: Inventory, rows: Sequence[BaseYearChange], method: Method) -> BaseYearTest:
    changes = [Change(row.kind, float(row.kgco2e), row.reason) for row in rows]
    return base_year_test(float(base.total_kgco2e), changes, float(method.base_year_threshold_percent))


def judge(session: Session, actor: Actor, year: int, method: Method, *, consolidated: bool = False) -> BaseYearTest:
    """Test whether the open changes move the base year beyond the method's cumulative threshold.

    Raises:
        NotFound: there is no inventory of the base year by this method.
    """
    found = versions(session, actor, year, method.id, consolidated=consolidated)
    if not found:
        raise NotFound(N_("inventory"), f"{year} {method.id}")
    open_ones = open_changes(session, actor, year, method.id, consolidated=consolidated)
    return _test(found[-1], open_ones, method)


def statement(
    session: Session, actor: Actor, base_year: str, method: Method, *, consolidated: bool
) -> dict[str, Any] | None:
    """Return what a report says of the base year; None when the organisation has not chosen one."""
    if not base_year:
        return None
    year = int(base_year)
    found = versions(session, actor, year, method.id, consolidated=consolidated)
    base = found[-1] if found else None
    said: dict[str, Any] = {
        "year": str(year),
        "inventory": base.id if base else "",
        "total_kgco2e": base.total_kgco2e if base else "",
        "versions": [{"id": v.id, "total_kgco2e": v.total_kgco2e, "reason": v.reason} for v in found],
        "threshold_percent": method.base_year_threshold_percent,
        "test": None,
    }
    if base is not None and float(base.total_kgco2e) > 0:
        outcome = judge(session, actor, year, method, consolidated=consolidated)
        said["test"] = {
            "percent": canonical(outcome.percent),
            "recalculate": outcome.recalculate,
            "counted": [{"kind": c.kind, "kgco2e": canonical(c.kgco2e), "reason": c.reason} for c in outcome.counted],
            "ignored": [{"kind": c.kind, "kgco2e": canonical(c.kgco2e), "reason": c.reason} for c in outcome.ignored],
        }
    return said


def versions(session: Session, actor: Actor, year: int, method: str, *, consolidated: bool) -> Sequence[Inventory]:
    """Return the inventories of a year by a method, oldest first."""
    query = select(Inventory).where(
        Inventory.organisation_id == require(actor, "read"),
        Inventory.year == year,
        Inventory.method == method,
        Inventory.is_group == consolidated,
    )
    return session.exec(query.order_by(Inventory.version)).all()  # type: ignore[arg-type]
