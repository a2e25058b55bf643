"""Who asks, and may they: every request passes here before anything is done for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import flask
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from service.accounts import actions, groups, people, repeats
from service.accounts.actions import HOUSE, Actor
from service.accounts.models import AccessToken, ApiClient, Membership, Organisation, Person
from service.accounts.people import digest
from service.accounts.rights import OPERATOR, PUBLIC, READER, RULES, SCOPES, SIGNED_IN
from service.accounts.standing import CLIENT
from service.db import aware
from service.errors import N_, NotFound, ServiceError

COOKIE = "token"
"""Key of the signed session cookie under which the token of a sign-in lies."""

BEARER = "bearer"


class SignInNeeded(ServiceError):
    """Nobody is signed in, or the token is none, has expired or was revoked: the cases must look alike."""

    code = "sign-in-needed"
    message = N_("sign in first, or send a token that is good: 'Authorization: Bearer …'")
    status = 401


# Asked at every request, so each is one question, put together once, and makes no objects of rows.
_token = AccessToken.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]
_client = ApiClient.__table__  # type: ignore[attr-defined]
_membership = Membership.__table__  # type: ignore[attr-defined]
_organisation = Organisation.__table__  # type: ignore[attr-defined]
_organisation_of_code = select(_organisation.c.id).where(_organisation.c.code == bindparam("code")).scalar_subquery()
_of_person = (_membership.c.person_id == _token.c.person_id) & _membership.c.ended.is_(None)
_HOLDER = (
    select(
        _token.c.expires,
        _token.c.scopes,
        _token.c.person_id,
        _person.c.email,
        _person.c.is_operator,
        _person.c.disabled,
        _client.c.id.label("client"),
        _client.c.organisation_id.label("owner"),
        _client.c.revoked,
        _membership.c.organisation_id,
        _membership.c.role,
        _organisation_of_code.label("number"),
    )
    .select_from(
        _token.outerjoin(_person, _person.c.id == _token.c.person_id)
        .outerjoin(_client, _client.c.id == _token.c.api_client_id)
        .outerjoin(_membership, _of_person)
    )
    .where(_token.c.token_sha256 == bindparam("digest"), _token.c.revoked.is_(None))
)
_ORGANISATION = select(_organisation.c.id).where(_organisation.c.code == bindparam("code"))
_PARENT = select(_organisation.c.parent_id).where(_organisation.c.id == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person, a program, or whoever runs this machine."""

    name: str
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)  # by organisation
    is_operator: bool = False
    acts_for_all: bool = False  # the machine's own operator, at its command line
    person: Person | None = None  # whose browser it is; a token makes nobody a person of pages
    limit: frozenset[str] | None = None  # the roles that a token's scopes allow
    client_id: str = ""  # of a program
    asked_for: tuple[str, int] | None = None  # code and id of the organisation, where they came with the token

    def within(self, roles: frozenset[str]) -> frozenset[str]:
        """Return the roles as far as the token allows them."""
        return roles if self.limit is None else roles & self.limit


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom an address let in: None is a stranger at a public one."""

    asking: Principal | None
    code: str = ""  # of the organisation that the address is about
    actor: Actor | None = None


MACHINE = Principal(HOUSE.name, is_operator=True, acts_for_all=True)


class Gate:
    """The rules of all addresses, held against whoever asks."""

    def identify(self, session: Session, request: flask.Request, now: datetime) -> Principal | None:
        """Return who asks: by the token in the header, or by the cookie of a page; None for a stranger.

        What programs ask for is never let in by a cookie: no page of another site can make a browser ask it.
        """
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == BEARER:
            return by_token(session, token.strip(), now, (request.view_args or {}).get("code", ""))
        if request.path.startswith("/api/"):
            return None
        held = flask.session.get(COOKIE)
        found = people.signed_in(session, held, now) if isinstance(held, str) else None
        return of_person(session, found) if found else None

    def rule(self, endpoint: str) -> str | None:
        """Return the rule of an address, None where there is none."""
        return RULES.get(endpoint)

    def let_in(self, session: Session, request: flask.Request, asking: Principal | None) -> Admitted:
        """Return who asks and for whom he acts, if the rule of the address lets him in; None is a stranger.

        Raises:
            NotFound: there is no rule for this address, or the organisation is not one that he may see.
            SignInNeeded, NotAllowed: nobody is signed in; the roles do not cover the verb.
        """
        rule = self.rule(request.endpoint or "")
        if rule is None:
            raise NotFound(N_("address"), request.path)
        if rule == PUBLIC:
            return Admitted(asking)
        if asking is None:
            raise SignInNeeded
        if rule == SIGNED_IN:
            return Admitted(asking)
        code = (request.view_args or {}).get("code")
        actor = self.actor(session, asking, code) if code else self.house(asking)
        actions.demand(actor, rule)
        return Admitted(asking, code or "", actor)

    def actor(self, session: Session, asking: Principal, code: str) -> Actor:
        """Return who acts for the organisation ``code``: a member of it, or a reader of a group above it.

        Raises:
            NotFound: there is none of this code, or none that he may see.
        """
        if asking.acts_for_all:
            return actions.operator(session, code)
        known, number = asking.asked_for or ("", None)
        if known != code:
            number = session.connection().scalar(_ORGANISATION, {"code": code})
        if number is None:
            raise NotFound(N_("organisation"), code)
        roles = asking.within(asking.roles.get(number, frozenset()))
        if not roles and asking.within(frozenset({READER})) and self._is_above(session, asking, number):
            roles = frozenset({READER})
        if not roles:
            raise NotFound(N_("organisation"), code)
        return Actor(number, asking.name, roles)

    def repeatable(self, asking: Principal | None, request: flask.Request) -> repeats.Repeatable | None:
        """Return a request under a key of the sender's, None for any other."""
        return None if asking is None else repeats.of(request, asking.name)

    def answered(self, session: Session, asked: repeats.Repeatable, now: datetime) -> flask.Response | None:
        """Return the answer that such a request had already."""
        return repeats.answered(session, asked, now)

    def keep(
        self, session: Session, asked: repeats.Repeatable, endpoint: str, response: flask.Response, now: datetime
    ) -> None:
        """Keep the answer of such a request.

        Raises:
            KeyInUse: the same was answered meanwhile.
        """
        try:
            repeats.keep(session, asked, endpoint, response, now)
        except IntegrityError as error:
            raise repeats.KeyInUse(key=asked.key) from error

    def house(self, asking: Principal) -> Actor:
        """Return who acts for no organisation: an operator of the service, or nobody in particular."""
        return Actor(None, asking.name, asking.within(frozenset({OPERATOR}) if asking.is_operator else frozenset()))

    def rooms(self, session: Session, asking: Principal) -> Sequence[Organisation]:
        """Return the organisations that whoever asks may see, by code."""
        if asking.acts_for_all:
            return actions.organisations(session, HOUSE)
        own = [number for number, roles in asking.roles.items() if asking.within(roles)]
        return groups.within(session, own)

    def _is_above(self, session: Session, asking: Principal, number: int) -> bool:
        seen: set[int | None] = set()
        above: int | None = number
        while above is not None and above not in seen:
            seen.add(above)
            above = session.connection().scalar(_PARENT, {"number": above})
            if above in asking.roles:
                return True
        return False


def of_person(session: Session, who: Person) -> Principal:
    """Return a person as one who asks, with all roles."""
    return Principal(who.email, people.roles(session, who), who.is_operator, person=who)


def by_token(session: Session, token: str, now: datetime, code: str) -> Principal | None:
    """Return whose token this is; None where it is none, has expired, or was revoked with its holder.

    ``code`` is of the organisation that is asked for: its id comes with the same question.
    """
    rows = session.connection().execute(_HOLDER, {"digest": digest(token), "code": code}).all()
    if not rows or aware(rows[0].expires) <= now:
        return None
    held = rows[0]
    limit = frozenset[str]().union(*(SCOPES[scope] for scope in held.scopes.split()))
    asked_for = None if held.number is None else (code, held.number)
    if held.person_id is not None:
        if held.disabled is not None:
            return None
        roles = people.together((row.organisation_id, row.role) for row in rows if row.role is not None)
        return Principal(held.email, roles, held.is_operator, limit=limit, asked_for=asked_for)
    if held.revoked is not None:
        return None
    roles = {held.owner: limit}
    return Principal(f"{CLIENT}{held.client}", roles, limit=limit, client_id=held.client, asked_for=asked_for)
