"""The verbs of invitations: an owner asks somebody in by e-mail, who takes it up with an account of his own.

Nothing that is said to whoever invites depends on whether somebody has the address already.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from service import db
from service.accounts import identities, passwords, people
from service.accounts.actions import HOUSE, Actor, held, require
from service.accounts.models import Invitation, Organisation, Person
from service.accounts.people import digest, folded
from service.accounts.rights import OWNER
from service.accounts.sign_on import SignOnFailed, Vouched
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.db import aware
from service.errors import N_, InputInvalid, ServiceError
from service.i18n import Text

DAYS = 7
MOST_OPEN, MOST_A_DAY = 100, 50
"""How many invitations of one organisation may be open, and made within a day: letters go to whoever is named."""

OF_ANOTHER = N_(
    "%(email)s was invited, and the provider vouches for %(vouched)s: sign in there as %(email)s, or take the "
    "invitation up with a password"
)

INVITATION = RowKind(
    "invitation",
    Invitation.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="invitation.make",
    changed=("invitation.take", "invitation.withdraw"),
)
AUDITED: tuple[Kind, ...] = (INVITATION,)
"""What the audit log holds entries of."""


class InvitationEnded(ServiceError):
    """Nobody is invited by this address, or not any more: the cases look alike."""

    code = "invitation-ended"
    message = N_("this invitation has expired, was taken up or withdrawn: ask for another one")
    status = 404


class TooManyInvitations(ServiceError):
    """More invitations than an organisation has people to ask in."""

    code = "too-many-invitations"
    message = N_(
        "there are %(open)s open invitations (at most %(most_open)s), %(made)s made within a day (at most "
        "%(most_a_day)s): withdraw some, or wait"
    )
    status = 409

    def __init__(self, is_open: int, made: int) -> None:
        super().__init__(open=is_open, most_open=MOST_OPEN, made=made, most_a_day=MOST_A_DAY)


def invite(session: Session, actor: Actor, email: str, role: str, now: datetime) -> tuple[Invitation, str]:
    """Invite somebody to a role in the actor's organisation; return the secret of the invitation, told this once.

    An earlier invitation of the same address that is still open ends.

    Raises:
        InputInvalid: no e-mail address, or no role of such an organisation.
        TooManyInvitations: as many are open, or were made within a day, as may be.
    """
    organisation_id = require(actor, "manage people")
    if wrong := people.wrong_with_email(email):
        raise InputInvalid(wrong)
    address = folded(email)
    people.refuse_role(session, organisation_id, role)
    db.lock(session, f"invitations of {organisation_id}")
    for earlier in opened(session, actor, now):
        if earlier.email == address:
            withdraw(session, actor, earlier.id or 0, now)
    _refuse_too_many(session, actor, organisation_id, now)
    token = secrets.token_urlsafe(32)
    row = Invitation(
        organisation_id=organisation_id, email=address, role=role, token_sha256=digest(token), made_by=actor.name,
        created=now, expires=now + timedelta(days=DAYS),
    )  # fmt: skip
    audit.record_row(session, actor, INVITATION, INVITATION.made, row, now)
    return row, token


def _refuse_too_many(session: Session, actor: Actor, organisation_id: int, now: datetime) -> None:
    today = select(func.count()).where(
        Invitation.organisation_id == organisation_id, col(Invitation.created) > now - timedelta(days=1)
    )
    is_open, made = len(opened(session, actor, now)), session.exec(today).one()
    if is_open >= MOST_OPEN or made >= MOST_A_DAY:
        raise TooManyInvitations(is_open, made)


def opened(session: Session, actor: Actor, now: datetime) -> Sequence[Invitation]:
    """Return the invitations of the actor's organisation that may still be taken up, newest first."""
    own = require(actor, "manage people")
    query = select(Invitation).where(Invitation.organisation_id == own, col(Invitation.ended).is_(None))
    return [row for row in session.exec(query.order_by(col(Invitation.id).desc())) if aware(row.expires) > now]


def withdraw(session: Session, actor: Actor, number: int, now: datetime) -> Invitation:
    """Take an invitation back.

    Raises:
        NotFound: the organisation has none of this number.
    """
    row = held(session, actor, "manage people", Invitation, number, N_("invitation"))
    if row.ended is None:
        row.ended = now
        audit.record_row(session, actor, INVITATION, "invitation.withdraw", row, now)
    return row


def find(session: Session, token: str, now: datetime) -> Invitation:
    """Return the invitation of a secret.

    Raises:
        InvitationEnded: there is none, or it cannot be taken up any more.
    """
    query = select(Invitation).where(Invitation.token_sha256 == digest(token), col(Invitation.ended).is_(None))
    row = session.exec(query).first()
    if row is None or aware(row.expires) <= now:
        raise InvitationEnded
    return row


def inviting(session: Session, row: Invitation) -> Organisation:
    """Return the organisation that invites."""
    return session.exec(select(Organisation).where(Organisation.id == row.organisation_id)).one()


def known(session: Session, row: Invitation) -> Person | None:
    """Return who has the address that was invited, disabled or not."""
    return session.exec(select(Person).where(Person.email == row.email)).first()


def take(
    session: Session,
    token: str,
    now: datetime,
    *,
    who: Person | None = None,
    name: str = "",
    password: str = "",
    breached: Path | None = None,
) -> Person:
    """Take an invitation up: as ``who``, who has been let in, or as somebody new with a name and a password.

    Raises:
        InvitationEnded: it cannot be taken up any more.
        InputInvalid: the password is weak.
        CodeTaken: somebody has made himself known by this address meanwhile.
    """
    db.lock(session, f"invitation {digest(token)}")
    row = find(session, token, now)
    if who is None:
        passwords.refuse_weak(password, row.email, breached)
    person = who or people.create(session, HOUSE, row.email, name.strip(), password, now)
    # What he may do here the owner has decided who invited him; that he takes it up is his own act.
    own = Actor(row.organisation_id, person.email, frozenset({OWNER}))
    people.put_member(session, own, row.email, row.role, now)
    row.ended, row.person_id = now, person.id
    audit.record_row(session, own, INVITATION, "invitation.take", row, now)
    return person


def take_vouched(session: Session, token: str, vouched: Vouched, now: datetime) -> Person:
    """Take an invitation up as whom a provider vouches for by the address that was invited; he is linked to it.

    Somebody new has no password here.

    Raises:
        InvitationEnded: it cannot be taken up any more.
        SignOnFailed: the provider has verified no address, or another one; or, as in ``identities.enter``, it is
            linked otherwise, or disabled.
    """
    db.lock(session, f"invitation {digest(token)}")
    row = find(session, token, now)
    address = identities.address_of(vouched)
    if address != row.email:
        raise SignOnFailed(Text(OF_ANOTHER, email=row.email, vouched=address))
    if known(session, row) is None:
        people.create(session, HOUSE, row.email, vouched.name, "", now)
    who = identities.enter(session, vouched, now)
    if who.email != row.email:  # linked while he had another address
        raise SignOnFailed(Text(OF_ANOTHER, email=row.email, vouched=who.email))
    return take(session, token, now, who=who)
