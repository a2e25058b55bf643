"""How secrets of webhooks are kept: sealed, with a key that does not stand in the database.

A signature needs the secret itself, so that it cannot be kept as a digest. It is encrypted (Fernet: AES-128-CBC and
HMAC-SHA-256) with a key of this installation in ``TANJI_DATA/keys/webhooks.key``, for the owner of the process alone.
A copy of the database gives no secret away. Whoever runs workers on several machines gives all of them this file.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from cryptography.fernet import Fernet, InvalidToken

from service.errors import N_, ServiceError


class SecretUnreadable(ServiceError):
    """A secret sealed with another key than this installation's."""

    code: ClassVar[str] = "secret-unreadable"
    message: ClassVar[str] = N_(
        "the secret of webhook %(number)s was sealed with another key than %(file)s: put that key there, or make a "
        "new webhook"
    )
    status: ClassVar[int] = 500

    def __init__(self, number: int, file: Path) -> None:
        super().__init__(number=number, file=file)


class Seal:
    """Seals secrets and opens them."""

    def __init__(self, data: Path) -> None:
        self.file = data / "keys" / "webhooks.key"

    def sealed(self, secret: bytes) -> str:
        """Return a secret as it is kept."""
        return Fernet(self._key()).encrypt(secret).decode()

    def opened(self, sealed: str, number: int) -> bytes:
        """Return the secret of webhook ``number``.

        Raises:
            SecretUnreadable: it was sealed with another key.
        """
        try:
            return Fernet(self._key()).decrypt(sealed.encode())
        except (InvalidToken, ValueError) as error:
            raise SecretUnreadable(number, self.file) from error

    def _key(self) -> bytes:
        if not self.file.exists():
            self._make()
        return self.file.read_bytes()

    def _make(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        # Whoever is first makes it, whole; all others read what the first one made.
        with suppress(FileExistsError):
            self.file.hardlink_to(draft)
        draft.unlink()
