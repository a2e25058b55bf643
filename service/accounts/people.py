"""The verbs of people: who there is, their roles, signing in and out, personal tokens."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from service.accounts import passwords
from service.accounts.actions import Actor, demand, require
from service.accounts.models import AccessToken, Capacity, FailedSignIn, Membership, Organisation, Person, SignIn
from service.accounts.rights import BODY_ROLES, CAPACITIES, COMPANY_ROLES, IMPLIED, SCOPES
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.db import aware
from service.errors import N_, CodeTaken, InputInvalid, NotFound, ServiceError, Wrong
from service.i18n import Text

SESSION_DAYS, TOKEN_DAYS = 14, 365
MOST_FAILURES, WITHIN = 10, timedelta(minutes=15)
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,190}")
NOT_AN_EMAIL = N_("'%(value)s' is no e-mail address")
NOT_A_ROLE = N_("'%(value)s' is no role of this organisation; there are: %(choices)s")
NOT_A_SCOPE = N_("'%(value)s' is no scope; there are: %(choices)s")
NOT_A_CAPACITY = N_("'%(value)s' is nothing that an organisation stands as; there are: %(choices)s")
NO_OWNER_LEFT = N_("an organisation needs an owner: name another one first")

MEMBERSHIP = RowKind(
    "membership",
    Membership.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="membership.begin",
    changed=("membership.end",),
)
CAPACITY = RowKind(
    "capacity",
    Capacity.__table__,  # type: ignore[attr-defined]
    ("capacity",),
    made="capacity.give",
)
AUDITED: tuple[Kind, ...] = (MEMBERSHIP, CAPACITY)
"""What the audit log holds entries of."""


class SignInFailed(ServiceError):
    """The e-mail, the password or the code is wrong, or there were too many tries: nobody is told which."""

    code = "sign-in-failed"
    message = N_("e-mail, password or code is wrong, or there were too many tries; wait a quarter of an hour")
    status = 401


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who has signed in: the session and the token that its cookie keeps."""

    person: Person
    token: str


# --- people and their roles ------------------------------------------------------------------------


def person(session: Session, email: str) -> Person:
    """Return the person of an e-mail address.

    Raises:
        NotFound: there is none.
    """
    found = session.exec(select(Person).where(Person.email == folded(email))).first()
    if found is None:
        raise NotFound(N_("person"), email)
    return found


def wrong_with_email(email: str) -> list[Wrong]:
    """Return what is wrong with an e-mail address, nothing where it is one."""
    if EMAIL.fullmatch(folded(email)):
        return []
    return [Wrong("email", "not-an-email", Text(NOT_AN_EMAIL, value=email))]


def create(
    session: Session,
    actor: Actor,
    email: str,
    name: str,
    password: str,
    now: datetime,
    *,
    is_operator: bool = False,
    breached: Path | None = None,
) -> Person:
    """Make a person known, who may then be given roles.

    Raises:
        NotAllowed: only an operator may.
        InputInvalid: no e-mail address, or a weak password.
        CodeTaken: somebody has this address.
    """
    demand(actor, "create organisations")
    if wrong := wrong_with_email(email):
        raise InputInvalid(wrong)
    address = folded(email)
    if session.exec(select(Person.id).where(Person.email == address)).first() is not None:
        raise CodeTaken(N_("person"), address)
    if password:
        passwords.refuse_weak(password, address, breached)
    kept = passwords.hashed(password) if password else ""
    row = Person(email=address, name=name or address, password_hash=kept, is_operator=is_operator, created=now)
    session.add(row)
    session.flush()
    return row


def members(session: Session, actor: Actor) -> Sequence[tuple[Person, Membership]]:
    """Return who has which role in the actor's organisation, by e-mail."""
    query = (
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == Person.id)
        .where(Membership.organisation_id == require(actor, "read"), col(Membership.ended).is_(None))
        .order_by(Person.email, Membership.role)
    )
    return session.exec(query).all()


def put_member(session: Session, actor: Actor, email: str, role: str, now: datetime) -> Membership:
    """Give a person a role in the actor's organisation; one that he has already stays as it is.

    Raises:
        NotFound: there is no such person.
        InputInvalid: no role of such an organisation.
    """
    organisation_id = require(actor, "manage people")
    refuse_role(session, organisation_id, role)
    found = person(session, email)
    held = _membership(session, organisation_id, found.id or 0, role)
    if held is not None:
        return held
    row = Membership(organisation_id=organisation_id, person_id=found.id or 0, role=role, created=now)
    audit.record_row(session, actor, MEMBERSHIP, MEMBERSHIP.made, row, now)
    return row


def roles_in(session: Session, organisation_id: int) -> frozenset[str]:
    """Return the roles that people may have in an organisation."""
    return COMPANY_ROLES | (BODY_ROLES if "body" in capacities(session, organisation_id) else frozenset())


def refuse_role(session: Session, organisation_id: int, role: str) -> None:
    """Refuse what is no role of this organisation.

    Raises:
        InputInvalid: it is none.
    """
    choices = roles_in(session, organisation_id)
    if role not in choices:
        text = Text(NOT_A_ROLE, value=role, choices=", ".join(sorted(choices)))
        raise InputInvalid([Wrong("role", "not-a-role", text)])


def end_member(session: Session, actor: Actor, email: str, role: str, now: datetime) -> Membership:
    """Take a role of a person in the actor's organisation back.

    Raises:
        NotFound: the person has no such role here.
        InputInvalid: it would leave the organisation without an owner.
    """
    require(actor, "manage people")
    held = next((row for one, row in members(session, actor) if (one.email, row.role) == (folded(email), role)), None)
    if held is None:
        raise NotFound(N_("member"), email)
    if role == "owner" and sum(row.role == "owner" for _, row in members(session, actor)) == 1:
        raise InputInvalid([Wrong("role", "no-owner-left", NO_OWNER_LEFT)])
    held.ended = now
    audit.record_row(session, actor, MEMBERSHIP, "membership.end", held, now)
    return held


def give_capacity(session: Session, actor: Actor, capacity: str, now: datetime) -> None:
    """Let the actor's organisation stand as a lead, a certification body, a curator …; what it is already, it stays.

    Raises:
        NotAllowed: only an operator may.
        InputInvalid: there is no such capacity.
    """
    organisation_id = require(actor, "create organisations")
    if capacity not in CAPACITIES:
        text = Text(NOT_A_CAPACITY, value=capacity, choices=", ".join(CAPACITIES))
        raise InputInvalid([Wrong("capacity", "not-a-capacity", text)])
    if capacity in capacities(session, organisation_id):
        return
    row = Capacity(organisation_id=organisation_id, capacity=capacity, created=now)
    audit.record_row(session, actor, CAPACITY, CAPACITY.made, row, now)


def capacities(session: Session, organisation_id: int) -> frozenset[str]:
    """Return in what an organisation stands."""
    return frozenset(session.exec(select(Capacity.capacity).where(Capacity.organisation_id == organisation_id)))


def roles(session: Session, who: Person) -> Mapping[int, frozenset[str]]:
    """Return the roles of a person by organisation."""
    held = select(Membership.organisation_id, Membership.role)
    return together(session.exec(held.where(Membership.person_id == who.id, col(Membership.ended).is_(None))))


def together(given: Iterable[tuple[int, str]]) -> Mapping[int, frozenset[str]]:
    """Return roles, each with those that it implies, by organisation."""
    found: dict[int, frozenset[str]] = {}
    for organisation_id, role in given:
        found[organisation_id] = found.get(organisation_id, frozenset()) | IMPLIED.get(role, frozenset({role}))
    return found


def organisations_of(session: Session, numbers: Sequence[int]) -> Sequence[Organisation]:
    """Return the organisations of these numbers, by code."""
    return session.exec(select(Organisation).where(col(Organisation.id).in_(numbers)).order_by(Organisation.code)).all()


# --- signing in and out ----------------------------------------------------------------------------


def is_let_in(session: Session, email: str, password: str, now: datetime) -> Person | None:
    """Return whom e-mail and password name; None where they name nobody, or where too many tries failed.

    The answer takes as long and looks the same whether somebody has the address or not.
    """
    address = folded(email)
    found = session.exec(select(Person).where(Person.email == address, col(Person.disabled).is_(None))).first()
    is_right = passwords.fits(password[: passwords.LONGEST], found.password_hash if found else "")
    return found if is_right and not is_locked_out(session, address, now) else None


def is_locked_out(session: Session, email: str, now: datetime) -> bool:
    """Tell whether so many tries failed that no more count for a while."""
    failed = select(func.count()).where(
        FailedSignIn.email_sha256 == digest(folded(email)), col(FailedSignIn.at) > now - WITHIN
    )
    return session.exec(failed).one() >= MOST_FAILURES


def note_failure(session: Session, email: str, now: datetime) -> None:
    """Count a try that failed; what is older than it matters is forgotten."""
    session.execute(delete(FailedSignIn).where(col(FailedSignIn.at) < now - WITHIN))
    session.add(FailedSignIn(email_sha256=digest(folded(email)), at=now))


def sign_in(session: Session, who: Person, browser: str, address: str, now: datetime) -> Signed:
    """Begin a session of a person who has been let in."""
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(days=SESSION_DAYS)
    row = SignIn(
        token_sha256=digest(token), person_id=who.id or 0, browser=browser[:200], address=address, created=now,
        expires=expires,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Signed(who, token)


def signed_in(session: Session, token: str, now: datetime) -> Person | None:
    """Return whose session a cookie's token is of; None where it has ended."""
    query = (
        select(Person, SignIn)
        .join(SignIn, col(SignIn.person_id) == Person.id)
        .where(SignIn.token_sha256 == digest(token), col(SignIn.ended).is_(None), col(Person.disabled).is_(None))
    )
    found = session.exec(query).first()
    return found[0] if found and aware(found[1].expires) > now else None


def sessions(session: Session, who: Person, now: datetime) -> Sequence[SignIn]:
    """Return the sessions of a person that have not ended, newest first."""
    query = select(SignIn).where(SignIn.person_id == who.id, col(SignIn.ended).is_(None))
    return [row for row in session.exec(query.order_by(col(SignIn.created).desc())) if aware(row.expires) > now]


def end_session(session: Session, who: Person, number: int, now: datetime) -> None:
    """End a session of a person.

    Raises:
        NotFound: the person has none of this number.
    """
    row = session.get(SignIn, number)
    if row is None or row.person_id != who.id:
        raise NotFound(N_("session"), number)
    row.ended = row.ended or now
    session.add(row)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session of a cookie's token."""
    row = session.exec(select(SignIn).where(SignIn.token_sha256 == digest(token))).first()
    if row is not None:
        row.ended = row.ended or now
        session.add(row)


def set_password(
    session: Session, who: Person, password: str, now: datetime, *, breached: Path | None = None, keep: str = ""
) -> None:
    """Give a person another password and end all sessions but the one whose token is ``keep``.

    Raises:
        InputInvalid: it is weak.
    """
    passwords.refuse_weak(password, who.email, breached)
    who.password_hash = passwords.hashed(password)
    session.add(who)
    for row in sessions(session, who, now):
        if row.token_sha256 != digest(keep):
            row.ended = now
            session.add(row)


# --- tokens of scripts -----------------------------------------------------------------------------


def make_token(
    session: Session, who: Person, name: str, scopes: str, days: int, now: datetime
) -> tuple[str, AccessToken]:
    """Make a personal token; it is returned once and only its digest is kept.

    Raises:
        InputInvalid: a scope that is none.
    """
    token = f"tanji_{secrets.token_urlsafe(32)}"
    expires = now + timedelta(days=min(max(days, 1), TOKEN_DAYS))
    row = AccessToken(
        token_sha256=digest(token), person_id=who.id, name=name, scopes=scopes_of(scopes), created=now, expires=expires
    )
    session.add(row)
    session.flush()
    return token, row


def tokens(session: Session, who: Person, now: datetime) -> Sequence[AccessToken]:
    """Return the tokens of a person that are good, newest first."""
    query = select(AccessToken).where(AccessToken.person_id == who.id, col(AccessToken.revoked).is_(None))
    return [row for row in session.exec(query.order_by(col(AccessToken.created).desc())) if aware(row.expires) > now]


def revoke_token(session: Session, who: Person, number: int, now: datetime) -> None:
    """Revoke a token of a person.

    Raises:
        NotFound: the person has none of this number.
    """
    row = session.get(AccessToken, number)
    if row is None or row.person_id != who.id:
        raise NotFound(N_("token"), number)
    row.revoked = row.revoked or now
    session.add(row)


def scopes_of(text: str) -> str:
    """Return scopes in their own order, each once.

    Raises:
        InputInvalid: one that is none.
    """
    asked = text.split()
    wrong = [one for one in asked if one not in SCOPES]
    if wrong or not asked:
        told = Text(NOT_A_SCOPE, value=" ".join(wrong), choices=", ".join(SCOPES))
        raise InputInvalid([Wrong("scope", "not-a-scope", told)])
    return " ".join(scope for scope in SCOPES if scope in asked)


def folded(email: str) -> str:
    """Return an e-mail address as it is kept and compared."""
    return email.strip().lower()


def digest(secret: str) -> str:
    """Return what is kept of a secret of 256 random bits: nobody can guess it from that."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _membership(session: Session, organisation_id: int, person_id: int, role: str) -> Membership | None:
    query = select(Membership).where(
        Membership.organisation_id == organisation_id,
        Membership.person_id == person_id,
        Membership.role == role,
        col(Membership.ended).is_(None),
    )
    return session.exec(query).first()
