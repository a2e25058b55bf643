"""The verbs of organisations, and the one question every verb asks: may this actor do this?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, SQLModel, select

from lca import ledger
from service import db
from service import fields as fields_table
from service.accounts import groups
from service.accounts.models import Organisation
from service.accounts.rights import OPERATOR, READER, VERBS
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.errors import N_, CodeTaken, InputInvalid, NotAllowed, NotFound, ReasonMissing, Wrong
from service.i18n import Text

Row = TypeVar("Row", bound=SQLModel)

ACTOR_NEEDED = N_("act for an organisation")
NOT_A_CODE = N_(
    "'%(value)s' is no code: letters, digits, '-', '_' and '.' inside, at most 40 characters, none of them full-width"
)
NOT_A_YEAR = N_("'%(value)s' is not a year")
NOT_LISTED = N_("'%(value)s' is none of: %(choices)s")
APPROACHES = tuple(choice.id for choice in fields_table.APPROACHES)
BASE_YEAR = re.compile(r"(19|20)\d\d")

ORGANISATION = RowKind(
    "organisation",
    Organisation.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="organisation.create",
    changed=("organisation.change",),
    owner="id",
)
AUDITED: tuple[Kind, ...] = (ORGANISATION,)
"""What the audit log holds entries of."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which organisation, in which roles."""

    organisation_id: int | None
    name: str
    roles: frozenset[str]


HOUSE = Actor(organisation_id=None, name="operator", roles=frozenset({OPERATOR}))


def may(actor: Actor, verb: str) -> bool:
    """Tell whether ``actor`` may do ``verb``: the one place where this is decided.

    Raises:
        KeyError: no such verb; a programming mistake.
    """
    return not actor.roles.isdisjoint(VERBS[verb])


def demand(actor: Actor, verb: str) -> None:
    """Make sure that ``actor`` may do ``verb``, for whichever organisation or none.

    Raises:
        NotAllowed: the roles do not cover the verb.
    """
    if not may(actor, verb):
        raise NotAllowed(actor.name, verb)


def require(actor: Actor, verb: str) -> int:
    """Return the id of the organisation acted for, having made sure that ``actor`` may do ``verb``.

    Raises:
        NotAllowed: the roles do not cover the verb, or nobody's organisation is acted for.
    """
    demand(actor, verb)
    if actor.organisation_id is None:
        raise NotAllowed(actor.name, ACTOR_NEEDED)
    return actor.organisation_id


def held(session: Session, actor: Actor, verb: str, kind: type[Row], key: int | str, noun: str) -> Row:
    """Return the row of this key that belongs to the organisation acted for.

    A row of another organisation is not told from one that does not exist.

    Raises:
        NotAllowed: as ``require``.
        NotFound: the organisation has no such row; ``noun`` says of what.
    """
    organisation_id = require(actor, verb)
    row = session.get(kind, key)
    if row is None or row.organisation_id != organisation_id:  # type: ignore[attr-defined]
        raise NotFound(noun, key)
    return row


def operator(session: Session, code: str) -> Actor:
    """Return the local operator acting for the organisation ``code``.

    Raises:
        NotFound: there is none of this code.
    """
    return Actor(_by_code(session, code).id, HOUSE.name, HOUSE.roles)


def create(
    session: Session, actor: Actor, data: ledger.Organisation, now: datetime, *, parent: str = ""
) -> Organisation:
    """Create an organisation, under the group ``parent`` if one is named.

    Raises:
        NotAllowed: only an operator may.
        InputInvalid: an approach or a base year that is none.
        CodeTaken: the code is taken.
        NotFound: there is no such parent.
    """
    demand(actor, "create organisations")
    _refuse_wrong(data)
    if _find(session, data.code) is not None:
        raise CodeTaken(N_("organisation"), data.code)
    parent_id = _by_code(session, parent).id if parent else None
    row = Organisation(**asdict(data), parent_id=parent_id, created=now)
    session.add(row)
    session.flush()
    own = Actor(row.id, actor.name, actor.roles)
    audit.record_row(session, own, ORGANISATION, "organisation.create", row, now)
    return row


def organisations(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Return the organisations that ``actor`` may see: all for the house, otherwise its own and those below."""
    query = select(Organisation).order_by(Organisation.code)
    if actor.organisation_id is None:
        return session.exec(query).all() if may(actor, "create organisations") else []
    return groups.within(session, [require(actor, "read")])


def show(session: Session, actor: Actor) -> Organisation:
    """Return the organisation that ``actor`` acts for.

    Raises:
        NotFound: there is none of its number any more.
    """
    found = session.get(Organisation, require(actor, "read"))
    if found is None:
        raise NotFound(N_("organisation"), actor.organisation_id)
    return found


def change(
    session: Session,
    actor: Actor,
    data: ledger.Organisation,
    reason: str,
    now: datetime,
    *,
    expected: frozenset[str] = frozenset(),
) -> Organisation:
    """Change what is said of the organisation (not its code); frozen inventories keep what they said.

    Raises:
        ChangedMeanwhile: it is no longer as ``expected``.
        ReasonMissing: a reader of later reports is owed one.
        InputInvalid: an approach or a base year that is none.
    """
    db.lock(session, f"organisation {require(actor, 'change the organisation')}")
    row = show(session, actor)
    session.refresh(row)
    audit.refuse_changed(session, actor, ORGANISATION, row, expected)
    if value_of(row) == data:
        return row
    if not reason.strip():
        raise ReasonMissing()
    _refuse_wrong(data)
    for field in fields(data):
        if field.name != "code":
            setattr(row, field.name, getattr(data, field.name))
    row.reason = reason.strip()
    audit.record_row(session, actor, ORGANISATION, "organisation.change", row, now)
    return row


def companies(session: Session, actor: Actor) -> list[Actor]:
    """Return actors that may read the companies of the actor's group: its own organisation first, then those below.

    A group reads its companies to consolidate them; it changes nothing in them.
    """
    own = require(actor, "read")
    below = sorted(groups.below(session, [own]) - {own})
    return [actor, *(Actor(number, actor.name, frozenset({READER})) for number in below)]


def value_of(row: Organisation) -> ledger.Organisation:
    """Return the organisation as an inventory is computed from it."""
    return ledger.Organisation(**{field.name: getattr(row, field.name) for field in fields(ledger.Organisation)})


def _refuse_wrong(data: ledger.Organisation) -> None:
    wrong = []
    if not fields_table.is_code(data.code):
        wrong.append(Wrong("code", "not-a-code", Text(NOT_A_CODE, value=data.code)))
    if data.base_year and not BASE_YEAR.fullmatch(data.base_year):
        wrong.append(Wrong("base_year", "not-a-year", Text(NOT_A_YEAR, value=data.base_year)))
    if data.approach not in APPROACHES:
        text = Text(NOT_LISTED, value=data.approach, choices=", ".join(APPROACHES))
        wrong.append(Wrong("approach", "not-listed", text))
    if wrong:
        raise InputInvalid(wrong)


def _find(session: Session, code: str) -> Organisation | None:
    return session.exec(select(Organisation).where(Organisation.code == code)).first()


def _by_code(session: Session, code: str) -> Organisation:
    found = _find(session, code)
    if found is None:
        raise NotFound(N_("organisation"), code)
    return found
