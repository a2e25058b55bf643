"""Passwords: how long they must be, what they must not be, and how they are kept (argon2id)."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import N_, InputInvalid, Wrong
from service.i18n import Text

SHORTEST, LONGEST = 12, 256  # characters; length makes a password, kinds of characters do not (NIST SP 800-63B)
TOO_SHORT = N_("a password has at least %(shortest)s characters")
TOO_LONG = N_("a password has at most %(longest)s characters")
TOO_PLAIN = N_("this password is too easily guessed: it repeats itself, or is the e-mail address")
BREACHED = N_("this password stands in a published list of stolen ones: choose another")
FEWEST_DIFFERENT = 5
SHA1_DIGITS = 40

_hasher = PasswordHasher()


def refuse_weak(password: str, email: str, breached: Path | None = None) -> None:
    """Refuse a password that does not keep anyone out.

    Args:
        password: what was chosen.
        email: of whoever chose it.
        breached: file of SHA-1 digests in upper-case hexadecimal, sorted, one at the head of each line, as
            haveibeenpwned publishes them for download; it is looked into on this machine.

    Raises:
        InputInvalid: why.
    """
    problem: str | None = None
    folded = password.casefold()
    if len(password) < SHORTEST:
        problem = Text(TOO_SHORT, shortest=SHORTEST)
    elif len(password) > LONGEST:
        problem = Text(TOO_LONG, longest=LONGEST)
    elif len(set(folded)) < FEWEST_DIFFERENT or folded in (email, email.partition("@")[0] * 2):
        problem = TOO_PLAIN
    elif breached is not None and is_listed(password, breached):
        problem = BREACHED
    if problem:
        raise InputInvalid([Wrong("password", "password-weak", problem)])


def is_listed(password: str, path: Path) -> bool:
    """Tell whether the SHA-1 of ``password`` stands in a sorted file of digests; a few reads, however long it is."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # to the head of the next line
            line = file.readline()
            if not line or line[:SHA1_DIGITS].upper() > wanted:
                high = middle
            elif line[:SHA1_DIGITS].upper() == wanted:
                return True
            else:
                low = file.tell()
    return False


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def fits(password: str, kept: str) -> bool:
    """Tell whether ``password`` is the one of ``kept``; it takes as long where nothing is kept."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
