"""Whether whoever asked for something some time ago may still do it: a person, a program, the machine's operator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from make import NOW, organisation
from sqlmodel import Session

from service import db
from service.accounts import actions as accounts
from service.accounts import clients, people
from service.accounts.actions import HOUSE, Actor
from service.accounts.rights import EDITOR, OPERATOR, OWNER, READER, REVIEWER
from service.accounts.standing import still


@pytest.fixture
def session(database: db.Database) -> Iterator[Session]:
    with database.session(write=True) as opened:
        yield opened


@pytest.fixture
def own(session: Session) -> Actor:
    accounts.create(session, HOUSE, organisation("group"), NOW)
    accounts.create(session, HOUSE, organisation("works"), NOW, parent="group")
    people.create(session, HOUSE, "bo@one.example", "Bo", "", NOW)
    return accounts.operator(session, "works")


def test_a_person_keeps_what_he_has_still_and_gains_nothing(session: Session, own: Actor) -> None:
    people.put_member(session, own, "bo@one.example", OWNER, NOW)
    people.put_member(session, own, "bo@one.example", EDITOR, NOW)
    then = Actor(own.organisation_id, "bo@one.example", frozenset({READER, EDITOR}))
    assert still(session, then) == then
    other = people.create(session, HOUSE, "li@one.example", "Li", "", NOW)
    people.put_member(session, own, other.email, OWNER, NOW)
    people.end_member(session, own, "bo@one.example", OWNER, NOW)
    people.end_member(session, own, "bo@one.example", EDITOR, NOW)
    assert still(session, then).roles == frozenset()


def test_one_of_the_group_above_goes_on_reading(session: Session, own: Actor) -> None:
    people.put_member(session, accounts.operator(session, "group"), "bo@one.example", OWNER, NOW)
    assert still(session, Actor(own.organisation_id, "bo@one.example", frozenset({READER}))).roles == {READER}
    assert still(session, Actor(own.organisation_id, "bo@one.example", frozenset({EDITOR}))).roles == frozenset()


def test_a_person_nobody_knows_or_who_is_shut_out_has_no_role(session: Session, own: Actor) -> None:
    people.put_member(session, own, "bo@one.example", OWNER, NOW)
    then = Actor(own.organisation_id, "bo@one.example", frozenset({REVIEWER}))
    assert still(session, then) == then
    people.person(session, "bo@one.example").disabled = NOW
    session.flush()
    assert still(session, then).roles == frozenset()
    assert still(session, Actor(own.organisation_id, "nobody@one.example", frozenset({READER}))).roles == frozenset()


def test_a_program_stands_until_it_is_revoked_and_in_its_own_organisation_alone(session: Session, own: Actor) -> None:
    client, _ = clients.create(session, own, "ERP", "write", NOW)
    then = Actor(own.organisation_id, f"client {client.id}", frozenset({READER, EDITOR}))
    assert still(session, then) == then
    elsewhere = accounts.operator(session, "group").organisation_id
    assert still(session, Actor(elsewhere, then.name, then.roles)).roles == frozenset()
    clients.revoke(session, own, client.id, NOW)
    assert still(session, then).roles == frozenset()


def test_the_operator_of_the_machine_needs_no_account(session: Session, own: Actor) -> None:
    assert still(session, own) == own
    assert own.roles == {OPERATOR}
