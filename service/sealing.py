"""How secrets that are needed again are kept: sealed, with a key that does not stand in the database.

What signs or what is shown to another host cannot be kept as a digest. It is encrypted (Fernet: AES-128-CBC and
HMAC-SHA-256) with a key of this installation in ``TANJI_DATA/keys/seal.key``, for the owner of the process alone.
A copy of the database gives no secret away. Whoever runs several machines gives all of them this file, and keeps it
beside the backups of the database.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import ClassVar

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.errors import N_, ServiceError
from service.i18n import Text
from service.secret_files import keep_once

KEY_BYTES = 32


class SecretUnreadable(ServiceError):
    """A secret sealed with another key than this installation's."""

    code: ClassVar[str] = "secret-unreadable"
    message: ClassVar[str] = N_(
        "the secret of %(kind)s '%(key)s' was sealed with another key than %(file)s: put that key there, or make the "
        "secret anew"
    )
    status: ClassVar[int] = 500

    def __init__(self, kind: str, key: object, file: Path) -> None:
        super().__init__(kind=Text(kind), key=key, file=file)


class Seal:
    """Seals the secrets of one ``kind`` of thing, marked for translation, and opens them.

    Every kind has a key of its own: what was sealed as the secret of a webhook opens nowhere as that of a person.
    """

    def __init__(self, data: Path, kind: str) -> None:
        self.file, self.kind = data / "keys" / "seal.key", kind

    def sealed(self, secret: bytes) -> str:
        """Return a secret as it is kept."""
        return self._key().encrypt(secret).decode()

    def opened(self, sealed: str, key: object) -> bytes:
        """Return the secret of the thing called ``key``.

        Raises:
            SecretUnreadable: it was sealed with another key.
        """
        try:
            return self._key().decrypt(sealed.encode())
        except (InvalidToken, ValueError) as error:
            raise SecretUnreadable(self.kind, key, self.file) from error

    def _key(self) -> Fernet:
        if not self.file.exists():
            keep_once(self.file, Fernet.generate_key())
        own = HKDF(SHA256(), KEY_BYTES, salt=None, info=self.kind.encode()).derive(self.file.read_bytes())
        return Fernet(base64.urlsafe_b64encode(own))


def of_webhooks(data: Path) -> Seal:
    """Return the seal of what signs webhooks."""
    return Seal(data, N_("webhook"))


def of_partners(data: Path) -> Seal:
    """Return the seal of what this service shows to partners' hosts."""
    return Seal(data, N_("partner"))


def of_people(data: Path) -> Seal:
    """Return the seal of second factors."""
    return Seal(data, N_("person"))
