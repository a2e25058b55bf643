"""Another password for whoever has forgotten it, by a secret that is sent to the person's own address."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from service import db
from service.accounts import people
from service.accounts.models import PasswordReset, Person
from service.accounts.people import digest, folded
from service.db import aware
from service.errors import N_, ServiceError

VALID = timedelta(hours=1)
MOST = 3
"""How many are sent to one person in the time that one is valid."""


class ResetEnded(ServiceError):
    """No password is set anew by this address, or not any more: the cases look alike."""

    code = "reset-ended"
    message = N_("this address has expired or was used: ask for another one")
    status = 404


def ask(session: Session, email: str, now: datetime) -> tuple[Person, str] | None:
    """Return who has an address, and a secret to be sent there; None where nobody has it, or was sent enough."""
    query = select(Person).where(Person.email == folded(email), col(Person.disabled).is_(None))
    who = session.exec(query).first()
    if who is None:
        return None
    db.lock(session, f"password of {who.id}")
    sent = select(func.count()).where(PasswordReset.person_id == who.id, col(PasswordReset.created) > now - VALID)
    if session.exec(sent).one() >= MOST:
        return None
    token = secrets.token_urlsafe(32)
    session.add(PasswordReset(person_id=who.id or 0, token_sha256=digest(token), created=now, expires=now + VALID))
    session.flush()
    return who, token


def find(session: Session, token: str, now: datetime) -> Person:
    """Return who may set another password by a secret.

    Raises:
        ResetEnded: nobody, or not any more.
    """
    query = select(PasswordReset).where(PasswordReset.token_sha256 == digest(token), col(PasswordReset.used).is_(None))
    row = session.exec(query).first()
    who = session.get(Person, row.person_id) if row and aware(row.expires) > now else None
    if who is None or who.disabled is not None:
        raise ResetEnded
    return who


def use(session: Session, token: str, password: str, now: datetime, *, breached: Path | None = None) -> None:
    """Set another password by a secret; it and all others that were sent are used up, and all sessions end.

    Raises:
        ResetEnded: the secret is good no more.
        InputInvalid: the password is weak.
    """
    who = find(session, token, now)
    db.lock(session, f"password of {who.id}")
    who = find(session, token, now)
    people.set_password(session, who, password, now, breached=breached)
    unused = update(PasswordReset).where(col(PasswordReset.person_id) == who.id, col(PasswordReset.used).is_(None))
    session.execute(unused.values(used=now))
