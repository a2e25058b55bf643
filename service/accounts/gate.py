"""Who asks, and may they: every request passes here before anything is done for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import flask
from sqlmodel import Session, col, select

from service.accounts import actions, people
from service.accounts.actions import HOUSE, Actor
from service.accounts.models import AccessToken, ApiClient, Organisation, Person
from service.accounts.people import digest
from service.accounts.rights import OPERATOR, PUBLIC, READER, RULES, SCOPES, SIGNED_IN
from service.db import aware
from service.errors import N_, NotAllowed, NotFound, ServiceError

COOKIE = "token"
"""Key of the signed session cookie under which the token of a sign-in lies."""

BEARER = "bearer"


class SignInNeeded(ServiceError):
    """Nobody is signed in, or the token is none, has expired or was revoked: the cases must look alike."""

    code = "sign-in-needed"
    message = N_("sign in first, or send a token that is good: 'Authorization: Bearer …'")
    status = 401


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person, a program, or whoever runs this machine."""

    name: str
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)  # by organisation
    is_operator: bool = False
    acts_for_all: bool = False  # the machine's own operator, at its command line
    person: Person | None = None
    limit: frozenset[str] | None = None  # the roles that a token's scopes allow
    client_id: str = ""  # of a program

    def within(self, roles: frozenset[str]) -> frozenset[str]:
        """Return the roles as far as the token allows them."""
        return roles if self.limit is None else roles & self.limit


MACHINE = Principal(HOUSE.name, is_operator=True, acts_for_all=True)


class Gate:
    """The rules of all addresses, held against whoever asks."""

    def identify(self, session: Session, request: flask.Request, now: datetime) -> Principal | None:
        """Return who asks: by the token in the header, or by the cookie of a page; None for a stranger.

        What programs ask for is never let in by a cookie: no page of another site can make a browser ask it.
        """
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == BEARER:
            return by_token(session, token.strip(), now)
        if request.path.startswith("/api/"):
            return None
        held = flask.session.get(COOKIE)
        found = people.signed_in(session, held, now) if isinstance(held, str) else None
        return of_person(session, found) if found else None

    def rule(self, endpoint: str) -> str | None:
        """Return the rule of an address, None where there is none."""
        return RULES.get(endpoint)

    def let_in(self, session: Session, request: flask.Request, asking: Principal | None) -> None:
        """Make sure that the rule of the address lets in whoever asks; None is a stranger.

        Raises:
            NotFound: there is no rule for this address, or the organisation is not one that he may see.
            SignInNeeded, NotAllowed: nobody is signed in; the roles do not cover the verb.
        """
        rule = self.rule(request.endpoint or "")
        if rule is None:
            raise NotFound(N_("address"), request.path)
        if rule == PUBLIC:
            return
        if asking is None:
            raise SignInNeeded
        if rule != SIGNED_IN:
            code = (request.view_args or {}).get("code")
            actor = self.actor(session, asking, code) if code else self.house(asking)
            if not actions.may(actor, rule):
                raise NotAllowed(actor.name, rule)

    def actor(self, session: Session, asking: Principal, code: str) -> Actor:
        """Return who acts for the organisation ``code``: a member of it, or a reader of a group above it.

        Raises:
            NotFound: there is none of this code, or none that he may see.
        """
        if asking.acts_for_all:
            return actions.operator(session, code)
        row = session.exec(select(Organisation).where(Organisation.code == code)).first()
        if row is None or row.id is None:
            raise NotFound(N_("organisation"), code)
        roles = asking.within(asking.roles.get(row.id, frozenset()))
        if not roles and asking.within(frozenset({READER})) and self._is_above(session, asking, row):
            roles = frozenset({READER})
        if not roles:
            raise NotFound(N_("organisation"), code)
        return Actor(row.id, asking.name, roles)

    def house(self, asking: Principal) -> Actor:
        """Return who acts for no organisation: an operator of the service, or nobody in particular."""
        return Actor(None, asking.name, asking.within(frozenset({OPERATOR}) if asking.is_operator else frozenset()))

    def rooms(self, session: Session, asking: Principal) -> Sequence[Organisation]:
        """Return the organisations that whoever asks may see, by code."""
        if asking.acts_for_all:
            return actions.organisations(session, HOUSE)
        found: dict[str, Organisation] = {}
        for number, roles in asking.roles.items():
            if asking.within(roles):
                for row in actions.organisations(session, Actor(number, asking.name, frozenset({READER}))):
                    found[row.code] = row
        return [found[code] for code in sorted(found)]

    def _is_above(self, session: Session, asking: Principal, row: Organisation) -> bool:
        seen = {row.id}
        while row.parent_id is not None and row.parent_id not in seen:
            seen.add(row.parent_id)
            if row.parent_id in asking.roles:
                return True
            above = session.get(Organisation, row.parent_id)
            if above is None:
                return False
            row = above
        return False


def of_person(session: Session, who: Person, limit: frozenset[str] | None = None) -> Principal:
    """Return a person as one who asks, with all roles."""
    return Principal(who.email, people.roles(session, who), who.is_operator, person=who, limit=limit)


def by_token(session: Session, token: str, now: datetime) -> Principal | None:
    """Return whose token this is; None where it is none, has expired, or was revoked with its holder."""
    query = select(AccessToken).where(AccessToken.token_sha256 == digest(token), col(AccessToken.revoked).is_(None))
    held = session.exec(query).first()
    if held is None or aware(held.expires) <= now:
        return None
    limit = frozenset[str]().union(*(SCOPES[scope] for scope in held.scopes.split()))
    if held.person_id is not None:
        who = session.get(Person, held.person_id)
        return of_person(session, who, limit) if who and who.disabled is None else None
    client = session.get(ApiClient, held.api_client_id)
    if client is None or client.revoked is not None:
        return None
    return Principal(f"client {client.id}", {client.organisation_id: limit}, limit=limit, client_id=client.id)
