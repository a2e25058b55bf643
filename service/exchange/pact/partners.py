"""The verbs of partners: who they are, where their hosts are, what they may see."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from service import db
from service.accounts import clients
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.errors import N_, CodeTaken, InputInvalid, NotFound, Wrong
from service.exchange.pact.client import Login
from service.exchange.pact.models import Partner
from service.i18n import Text
from service.sealing import Seal

EVERYTHING = "*"
PARTNER = RowKind(
    "pact-partner",
    Partner.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="pact-partner.add",
    changed=("pact-partner.change", "pact-partner.end"),
)
NOT_A_CODE = N_("'%(value)s' is no code: 1 to 40 letters, digits, '-' and '_'")
NOT_AN_ADDRESS = N_("'%(value)s' is no http or https address without query")
NOT_A_VERSION = N_("'%(value)s' is neither 2 nor 3")
NO_SECRET = N_("a host is given, but not who we are there")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner as somebody describes it."""

    code: str
    name: str
    version: str = "3"
    base_url: str = ""  # '' for one that only fetches
    auth_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_client_id: str = ""  # the client that it uses at our host
    sees: tuple[str, ...] = ()


def add(session: Session, actor: Actor, given: NewPartner, seal: Seal, now: datetime) -> Partner:
    """Register a partner; our secret at its host is kept sealed.

    Raises:
        InputInvalid: everything wrong with it.
        CodeTaken: there is one of this code, or the client is another partner's.
        NotFound: there is no such client.
    """
    organisation_id = require(actor, "manage partners")
    _check(given)
    if _by_code(session, organisation_id, given.code) is not None:
        raise CodeTaken(N_("partner"), given.code)
    row = Partner(organisation_id=organisation_id, code=given.code, name=given.name, created=now)
    _describe(session, actor, row, given, seal)
    audit.record_row(session, actor, PARTNER, PARTNER.made, row, now)
    return row


def change(
    session: Session,
    actor: Actor,
    given: NewPartner,
    reason: str,
    seal: Seal,
    now: datetime,
    *,
    expected: frozenset[str] = frozenset(),
) -> Partner:
    """Describe a partner otherwise; a secret that is not given stays.

    Raises:
        As ``add``, and NotFound: there is no such partner.
        ChangedMeanwhile: it is no longer as ``expected``.
    """
    row = _to_change(session, actor, given.code, expected)
    _check(given, has_secret=bool(row.client_secret))
    row.name, row.reason = given.name, reason
    _describe(session, actor, row, given, seal)
    audit.record_row(session, actor, PARTNER, "pact-partner.change", row, now)
    return row


def end(
    session: Session,
    actor: Actor,
    code: str,
    reason: str,
    now: datetime,
    *,
    expected: frozenset[str] = frozenset(),
) -> Partner:
    """Let a partner see nothing more and send it nothing more.

    Raises:
        NotFound: there is no such partner.
        ChangedMeanwhile: it is no longer as ``expected``.
    """
    row = _to_change(session, actor, code, expected)
    row.ended, row.reason = now, reason
    audit.record_row(session, actor, PARTNER, "pact-partner.end", row, now)
    return row


def partners(session: Session, actor: Actor) -> Sequence[Partner]:
    """Return the partners of the actor's organisation, by code."""
    query = select(Partner).where(Partner.organisation_id == require(actor, "read"))
    return session.exec(query.order_by(col(Partner.code))).all()


def show(session: Session, actor: Actor, code: str) -> Partner:
    """Return one partner that has not ended.

    Raises:
        NotFound: the organisation has none of this code.
    """
    row = _by_code(session, require(actor, "read"), code)
    if row is None or row.ended is not None:
        raise NotFound(N_("partner"), code)
    return row


def _to_change(session: Session, actor: Actor, code: str, expected: frozenset[str]) -> Partner:
    db.lock(session, f"partners {require(actor, 'manage partners')}")
    row = show(session, actor, code)
    session.refresh(row)
    audit.refuse_changed(session, actor, PARTNER, row, expected)
    return row


def of_client(session: Session, api_client_id: str) -> Partner | None:
    """Return whose client this is; None where it is no partner's, or the partner has ended."""
    query = select(Partner).where(Partner.api_client_id == api_client_id, col(Partner.ended).is_(None))
    return session.exec(query).first() if api_client_id else None


def sees(row: Partner, product: str) -> bool:
    """Tell whether a partner may see the footprints of a product."""
    listed = json.loads(row.sees)
    return EVERYTHING in listed or product in listed


def login(row: Partner) -> Login:
    """Return where a partner's host is, and who we are there; the secret is sealed still."""
    return Login(row.base_url, row.client_id, row.client_secret, row.auth_url, row.version)


def _by_code(session: Session, organisation_id: int, code: str) -> Partner | None:
    return session.exec(select(Partner).where(Partner.organisation_id == organisation_id, Partner.code == code)).first()


def _check(given: NewPartner, *, has_secret: bool = False) -> None:
    wrong = []
    if not _CODE.fullmatch(given.code):
        wrong.append(Wrong("code", "code-invalid", Text(NOT_A_CODE, value=given.code[:80])))
    if given.version not in ("2", "3"):
        wrong.append(Wrong("version", "version-unknown", Text(NOT_A_VERSION, value=given.version[:20])))
    for name, value in (("base_url", given.base_url), ("auth_url", given.auth_url)):
        if value and not _is_address(value):
            wrong.append(Wrong(name, "address-invalid", Text(NOT_AN_ADDRESS, value=value[:200])))
    if given.base_url and not (given.client_id and (given.client_secret or has_secret)):
        wrong.append(Wrong("client_secret", "secret-missing", NO_SECRET))
    if wrong:
        raise InputInvalid(wrong)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)


def _describe(session: Session, actor: Actor, row: Partner, given: NewPartner, seal: Seal) -> None:
    if given.api_client_id:
        clients.show(session, actor, given.api_client_id)
        other = of_client(session, given.api_client_id)
        if other is not None and other.code != given.code:
            raise CodeTaken(N_("client"), given.api_client_id)
    for name in ("version", "base_url", "auth_url", "client_id"):
        setattr(row, name, getattr(given, name))
    if given.client_secret:
        row.client_secret = seal.sealed(given.client_secret.encode())
    row.base_url, row.auth_url = row.base_url.rstrip("/"), row.auth_url.rstrip("/")
    row.api_client_id = given.api_client_id or None
    row.sees = json.dumps(sorted(set(given.sees)), ensure_ascii=False)
