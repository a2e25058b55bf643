"""The verbs of API clients: programs that act for an organisation by OAuth2 client credentials (RFC 6749, 4.4)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from service.accounts.actions import Actor, held, require
from service.accounts.models import AccessToken, ApiClient
from service.accounts.people import digest, scopes_of
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.db import aware
from service.errors import N_

TOKEN_SECONDS = 3600
OVERLAP = timedelta(days=1)
"""How long the secret before the last rotation is still good, so that programs can be changed one by one."""

CLIENT = RowKind(
    "client",
    ApiClient.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="client.create",
    changed=("client.rotate", "client.revoke"),
)
AUDITED: tuple[Kind, ...] = (CLIENT,)
"""What the audit log holds entries of."""


def create(session: Session, actor: Actor, name: str, scopes: str, now: datetime) -> tuple[ApiClient, str]:
    """Make a client and return it with its secret, which is shown once.

    Raises:
        InputInvalid: a scope that is none.
    """
    organisation_id = require(actor, "manage clients")
    secret = secrets.token_urlsafe(32)
    row = ApiClient(
        id=secrets.token_hex(8), organisation_id=organisation_id, name=name, scopes=scopes_of(scopes),
        secret_sha256=digest(secret), created=now,
    )  # fmt: skip
    audit.record_row(session, actor, CLIENT, CLIENT.made, row, now)
    return row, secret


def clients(session: Session, actor: Actor) -> Sequence[ApiClient]:
    """Return the clients of the actor's organisation, newest first."""
    query = select(ApiClient).where(ApiClient.organisation_id == require(actor, "manage clients"))
    return session.exec(query.order_by(col(ApiClient.created).desc())).all()


def show(session: Session, actor: Actor, identifier: str) -> ApiClient:
    """Return a client.

    Raises:
        NotFound: the organisation has none of this id.
    """
    return held(session, actor, "manage clients", ApiClient, identifier, N_("client"))


def rotate(session: Session, actor: Actor, identifier: str, now: datetime) -> tuple[ApiClient, str]:
    """Give a client another secret, shown once; the one before is good for a day more."""
    row, secret = show(session, actor, identifier), secrets.token_urlsafe(32)
    row.earlier_sha256, row.earlier_until = row.secret_sha256, now + OVERLAP
    row.secret_sha256 = digest(secret)
    audit.record_row(session, actor, CLIENT, "client.rotate", row, now)
    return row, secret


def revoke(session: Session, actor: Actor, identifier: str, now: datetime) -> ApiClient:
    """Let a client in no more, with any secret or token."""
    row = show(session, actor, identifier)
    if row.revoked is None:
        row.revoked = now
        audit.record_row(session, actor, CLIENT, "client.revoke", row, now)
    return row


def is_secret(row: ApiClient, secret: str, now: datetime) -> bool:
    """Tell whether a secret is one of a client that is not revoked."""
    given = digest(secret)
    is_earlier = row.earlier_until is not None and aware(row.earlier_until) > now
    known = [row.secret_sha256, *([row.earlier_sha256] if is_earlier else [])]
    return row.revoked is None and any(hmac.compare_digest(given, one) for one in known)


def let_in(session: Session, row: ApiClient, token: str, scopes: str, now: datetime) -> AccessToken:
    """Keep a token that a client was given; what has expired is forgotten."""
    made = AccessToken(
        token_sha256=digest(token), api_client_id=row.id, scopes=scopes, created=now,
        expires=now + timedelta(seconds=TOKEN_SECONDS),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
