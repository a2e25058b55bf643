"""Pages of a list: an opaque, signed cursor, and the absolute link to what follows (RFC 8288).

The cursor holds what was asked and how far the answer went, so that a link asks for the same again: it may be
followed more than once and does not grow old. It is signed, lest anybody's guess become a query.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from service.config import is_loopback
from service.errors import N_, Wrong
from service.exchange.pact.errors import QueryInvalid

PAGE = 100
"""Footprints in one answer at most; a recipient may ask for fewer."""

CURSOR = "cursor"
LONGEST = 16_000
NOT_OURS = N_("this link is none of this host's")
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was asked, and the last footprint that was given."""

    query: Mapping[str, Sequence[str]]
    after: tuple[str, str]  # time of creation and identifier: the order of the list


def sealed(cursor: Cursor, key: bytes, audience: str) -> str:
    """Return a cursor as text that only the host that made it reads, for the one it was made for."""
    content = json.dumps({"q": dict(cursor.query), "a": cursor.after}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(content, key, audience) + content).decode().rstrip("=")


def opened(text: str, key: bytes, audience: str) -> Cursor:
    """Return the cursor that was sealed.

    Raises:
        QueryInvalid: it was not made here for this recipient.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= LONGEST else b""
    except (binascii.Error, ValueError):
        raw = b""
    content = raw[_DIGEST:]
    if not hmac.compare_digest(raw[:_DIGEST], _mac(content, key, audience)):
        raise QueryInvalid([Wrong(CURSOR, "pact-query-invalid", NOT_OURS)])
    found = json.loads(content)
    return Cursor(found["q"], (found["a"][0], found["a"][1]))


def _mac(content: bytes, key: bytes, audience: str) -> bytes:
    return hmac.new(key, audience.encode() + b"\0" + content, hashlib.sha256).digest()


def public_root(base_url: str, host: str) -> str:
    """Return the address under which a request reached this service, without a slash at its end.

    Behind a proxy that ends TLS the request itself says ``http``: the setting knows better. Where the host is another
    one, such as 127.0.0.1 on the machine itself, a link has to name that host, or it would not be the one asked.
    """
    public = urlsplit(base_url)
    if host.casefold() in (public.netloc.casefold(), (public.hostname or "").casefold()):
        return base_url.rstrip("/")
    name = host.rpartition(":")[0] or host if not host.endswith("]") else host
    return f"{'http' if is_loopback(name) else public.scheme}://{host}"


def next_link(address: str, cursor: str) -> str:
    """Return the value of a ``Link`` header to the page behind ``cursor``."""
    return f'<{address}?{CURSOR}={quote(cursor)}>; rel="next"'


def next_of(header: str) -> str:
    """Return the address that a ``Link`` header names as next, '' where it names none."""
    for one in header.split(","):
        target, _, parameters = one.partition(";")
        said = {part.strip().casefold().replace('"', "") for part in parameters.split(";")}
        if "rel=next" in said and target.strip().startswith("<") and target.strip().endswith(">"):
            return target.strip()[1:-1]
    return ""
