"""Whether whoever asked for something may still do it: work that is done later asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlmodel import Session, select

from service.accounts import groups, people
from service.accounts.actions import HOUSE, Actor
from service.accounts.models import ApiClient, Person
from service.accounts.rights import READER, SCOPES

CLIENT = "client "
"""How the name of a program begins; a person's is an e-mail address."""


def still(session: Session, actor: Actor) -> Actor:
    """Return an actor of some time ago with those of its roles that its holder has now; none, where that is gone.

    The machine's own operator keeps his: whoever runs commands here needs no account.
    """
    if actor.name == HOUSE.name:
        return actor
    held = _of_client(session, actor) if actor.name.startswith(CLIENT) else _of_person(session, actor)
    return replace(actor, roles=actor.roles & held)


def _of_client(session: Session, actor: Actor) -> frozenset[str]:
    row = session.get(ApiClient, actor.name.removeprefix(CLIENT))
    if row is None or row.revoked is not None or row.organisation_id != actor.organisation_id:
        return frozenset()
    return frozenset[str]().union(*(SCOPES[scope] for scope in row.scopes.split()))


def _of_person(session: Session, actor: Actor) -> frozenset[str]:
    found = session.exec(select(Person).where(Person.email == people.folded(actor.name))).first()
    if found is None or found.disabled is not None:
        return frozenset()
    roles: Mapping[int, frozenset[str]] = people.roles(session, found)
    number = actor.organisation_id or 0
    if number not in roles and number in groups.below(session, list(roles)):
        return frozenset({READER})
    return roles.get(number, frozenset())
