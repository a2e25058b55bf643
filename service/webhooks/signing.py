"""Signatures of what is told, by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com, "Verifying webhooks").

The text that is signed is ``id.timestamp.body``. A receiver recomputes it with the secret; an id that it has seen is
the same event again, and a timestamp far from its own clock is somebody playing back what was overheard.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_BYTES = 32  # the specification asks for 24 to 64
PREFIX = "whsec_"


def new_secret() -> bytes:
    """Return a secret that nobody can guess."""
    return secrets.token_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """Return a secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secret: bytes, message: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the three headers that go with ``body``."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
