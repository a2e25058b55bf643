"""The second factor: codes of an app for half a minute each (RFC 6238), and recovery codes for whoever lost the app.

A code counts once, from one step before to one step after the time of this machine. Tries that fail are counted with
those of passwords, in one transaction with the try itself: many at once get no more tries than one after the other.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, func, select

from service import db
from service.accounts import people
from service.accounts.actions import Actor, demand
from service.accounts.models import Person, RecoveryCode
from service.accounts.people import digest
from service.audit import actions as audit
from service.errors import N_, InputInvalid, Wrong
from service.sealing import Seal

STEP, SKEW = 30, 1
ON, OFF = "second-factor.on", "second-factor.off"
ACTS = frozenset({ON, OFF})
"""What the audit log tells; a person is of no organisation."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits at random, as four groups of four letters
ISSUER = "Tanji 碳迹"
NOTHING_BEGUN = N_("begin again: no second factor is waiting for its first code")
IS_ON = N_("a second factor is in use: turn it off first")
IS_OFF = N_("no second factor is in use")
CODE_WRONG = N_("this code does not fit: check the time of both devices and enter the newest code")


def own(who: Person) -> Actor:
    """Return a person as one who acts for nobody else."""
    return Actor(None, who.email, frozenset())


def is_on(who: Person) -> bool:
    """Tell whether a person signs in with a second factor."""
    return who.totp_confirmed is not None


def begin(session: Session, seal: Seal, who: Person) -> None:
    """Make a secret for an app, and keep it sealed; nothing asks for its codes before one was entered here.

    Raises:
        InputInvalid: a second factor is in use.
    """
    if is_on(who):
        raise InputInvalid([Wrong("code", "second-factor-on", IS_ON)])
    who.totp_secret, who.totp_step = seal.sealed(pyotp.random_base32().encode()), 0
    session.add(who)
    session.flush()


def secret(seal: Seal, who: Person) -> str:
    """Return the secret that an app is to keep, in base32.

    Raises:
        SecretUnreadable: it was sealed with another key.
    """
    return seal.opened(who.totp_secret, who.email).decode()


def address(seal: Seal, who: Person) -> str:
    """Return what an app reads the secret from, as a QR code or a link."""
    return str(pyotp.TOTP(secret(seal, who)).provisioning_uri(name=who.email, issuer_name=ISSUER))


def confirm(session: Session, seal: Seal, who: Person, code: str, now: datetime) -> Sequence[str]:
    """Take the second factor into use by its first code; return the recovery codes, which are told this once.

    Raises:
        InputInvalid: the code does not fit, nothing was begun, or a second factor is in use.
    """
    if is_on(who):
        raise InputInvalid([Wrong("code", "second-factor-on", IS_ON)])
    if not who.totp_secret:
        raise InputInvalid([Wrong("code", "nothing-begun", NOTHING_BEGUN)])
    step = _step_of(secret(seal, who), who.totp_step, code, now)
    if step is None:
        raise InputInvalid([Wrong("code", "code-wrong", CODE_WRONG)])
    who.totp_step, who.totp_confirmed = step, now
    session.add(who)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == who.id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    for one in codes:
        session.add(RecoveryCode(person_id=who.id or 0, code_sha256=digest(_bare(one))))
    session.flush()
    audit.record(session, own(who), ON, f"person {who.id}", {"email": who.email}, now)
    return codes


def is_passed(session: Session, seal: Seal, who: Person, code: str, now: datetime) -> bool:
    """Use up a code of the app or a recovery code; count the try where it fits none.

    Nobody is let in who has no second factor in use, was disabled, or failed too often.
    """
    db.lock(session, f"sign-in of {who.id}")
    session.refresh(who)
    if not is_on(who) or who.disabled is not None or people.is_locked_out(session, who.email, now):
        return False
    # A recovery code is good even where the key of the seal is lost.
    is_good = _use_recovery_code(session, who, code, now) or _use_step(session, seal, who, code, now)
    if not is_good:
        people.note_failure(session, who.email, now)
    return is_good


def turn_off(session: Session, actor: Actor, who: Person, now: datetime) -> None:
    """Forget the second factor of a person and all recovery codes.

    Raises:
        NotAllowed: it is another person's, and the actor no operator.
        InputInvalid: no second factor is in use.
    """
    if actor.name != who.email:
        demand(actor, "create organisations")
    if not is_on(who):
        raise InputInvalid([Wrong("code", "second-factor-off", IS_OFF)])
    who.totp_secret, who.totp_step, who.totp_confirmed = "", 0, None
    session.add(who)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == who.id))
    session.flush()
    audit.record(session, actor, OFF, f"person {who.id}", {"email": who.email}, now)


def recovery_codes_left(session: Session, who: Person) -> int:
    """Return how many recovery codes are unused."""
    left = select(func.count()).where(RecoveryCode.person_id == who.id, col(RecoveryCode.used).is_(None))
    return session.exec(left).one()


def _step_of(secret: str, used: int, code: str, now: datetime) -> int | None:
    """Return the step of time whose code this is, None where it is none or not later than the last one ``used``."""
    given = re.sub(r"\s", "", code)
    if not (given.isascii() and given.isdigit()):
        return None
    totp, at = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in range(at - SKEW, at + SKEW + 1):
        if step > used and hmac.compare_digest(totp.generate_otp(step), given):
            return step
    return None


def _use_step(session: Session, seal: Seal, who: Person, code: str, now: datetime) -> bool:
    step = _step_of(secret(seal, who), who.totp_step, code, now)
    if step is None:
        return False
    # Of two requests with the same code only one changes the row.
    used = update(Person).where(col(Person.id) == who.id, col(Person.totp_step) < step).values(totp_step=step)
    return _changed_one(session.execute(used))


def _use_recovery_code(session: Session, who: Person, code: str, now: datetime) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            col(RecoveryCode.person_id) == who.id,
            col(RecoveryCode.code_sha256) == digest(_bare(code)),
            col(RecoveryCode.used).is_(None),
        )
        .values(used=now)
    )
    return _changed_one(session.execute(used))


def _changed_one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


def _recovery_code() -> str:
    plain = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def _bare(code: str) -> str:
    """Return a recovery code without what people put between its letters."""
    return re.sub(r"[\s-]", "", code).lower()
