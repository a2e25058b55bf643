"""Who somebody is at a provider of single sign-on: linked once, by a verified e-mail, to a person known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from service import db
from service.accounts.actions import Actor, demand
from service.accounts.models import Identity, Person
from service.accounts.people import folded
from service.accounts.people import person as known
from service.accounts.sign_on import SignOnFailed, Vouched
from service.audit import actions as audit
from service.errors import N_, NotFound
from service.i18n import Text

LINK, UNLINK = "identity.link", "identity.end"
ACTS = frozenset({LINK, UNLINK})
"""What the audit log tells; an identity is of no organisation."""

UNVERIFIED = N_("the provider does not vouch for an e-mail address of yours")
UNKNOWN = N_("nobody is known here by %(email)s: ask an owner of your organisation for an invitation")
OF_ANOTHER = N_("%(email)s is linked to another account at the provider: ask whoever runs this service to end it")
DISABLED = N_("the account was disabled")


def enter(session: Session, vouched: Vouched, now: datetime) -> Person:
    """Return whom a provider vouches for: the one who is linked, or has its verified e-mail address and is linked now.

    Nobody is made known by it.

    Raises:
        SignOnFailed: nobody is linked, and nobody has the address, or not verified; or he is disabled.
    """
    db.lock(session, f"identity {vouched.issuer} {vouched.subject}")
    current = (Identity.issuer == vouched.issuer, col(Identity.ended).is_(None))
    linked = session.exec(select(Identity).where(*current, Identity.subject == vouched.subject)).first()
    if linked is not None:
        who = session.get_one(Person, linked.person_id)
    else:
        email = address_of(vouched)
        found = session.exec(select(Person).where(Person.email == email)).first()
        if found is None:
            raise SignOnFailed(Text(UNKNOWN, email=email))
        who = found
        db.lock(session, f"identities of {who.id}")
        if session.exec(select(Identity.id).where(*current, Identity.person_id == who.id)).first() is not None:
            raise SignOnFailed(Text(OF_ANOTHER, email=who.email))
    if who.disabled is not None:
        raise SignOnFailed(Text(DISABLED))
    if linked is None:
        row = Identity(person_id=who.id or 0, issuer=vouched.issuer, subject=vouched.subject, created=now)
        session.add(row)
        session.flush()
        own = Actor(None, who.email, frozenset())
        audit.record(session, own, LINK, f"identity {row.id}", row.model_dump(mode="json"), now)
    return who


def address_of(vouched: Vouched) -> str:
    """Return the e-mail address that a provider has verified, as people are known by it here.

    Raises:
        SignOnFailed: there is none, or it is not verified.
    """
    if not vouched.email or not vouched.is_email_verified:
        raise SignOnFailed(Text(UNVERIFIED))
    # Folded, a letter of another script may become one of this (K, the sign of the kelvin): it is another address.
    return folded(vouched.email) if vouched.email.isascii() else vouched.email


def links(session: Session, who: Person) -> Sequence[Identity]:
    """Return the providers that a person is linked to, by issuer."""
    query = select(Identity).where(Identity.person_id == who.id, col(Identity.ended).is_(None))
    return session.exec(query.order_by(Identity.issuer)).all()


def unlink(session: Session, actor: Actor, email: str, now: datetime) -> int:
    """End all links of a person to providers, and return how many there were; the next sign-in there links anew.

    Raises:
        NotAllowed: only an operator may.
        NotFound: there is no such person, or none that is linked.
    """
    demand(actor, "create organisations")
    who = known(session, email)
    rows = links(session, who)
    if not rows:
        raise NotFound(N_("link to a provider"), who.email)
    for row in rows:
        row.ended = now
        session.add(row)
        session.flush()
        audit.record(session, actor, UNLINK, f"identity {row.id}", row.model_dump(mode="json"), now)
    return len(rows)
