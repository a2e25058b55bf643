"""Organisations and who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from make import NOW, bo, chen, ling, organisation
from sqlmodel import select

from service import db, fields
from service.accounts import actions as accounts
from service.accounts import rights
from service.accounts.actions import HOUSE, Actor
from service.audit.models import AuditEntry
from service.errors import CodeTaken, InputInvalid, NotAllowed, NotFound, ReasonMissing


def test_an_operator_creates_an_organisation(database: db.Database) -> None:
    with database.session(write=True) as session:
        data = organisation(credit_code="91440101MA5AAAAA1X", electricity_equivalent_kgce_per_kwh="0.3035")
        row = accounts.create(session, HOUSE, data, NOW)
        assert accounts.value_of(row) == data
        assert accounts.value_of(accounts.show(session, accounts.operator(session, "ling"))) == data


def test_a_code_is_taken_once(database: db.Database) -> None:
    with database.session(write=True) as session:
        accounts.create(session, HOUSE, organisation(), NOW)
        with pytest.raises(CodeTaken):
            accounts.create(session, HOUSE, organisation(name_zh="别家"), NOW)


def test_nobody_else_creates_one(database: db.Database) -> None:
    with database.session(write=True) as session, pytest.raises(NotAllowed, match="'Ling' may not create organ"):
        accounts.create(session, ling(session), organisation("new"), NOW)


def test_there_is_no_operator_of_nothing(database: db.Database) -> None:
    with database.session(write=False) as session, pytest.raises(NotFound, match="there is no organisation 'nobody'"):
        accounts.operator(session, "nobody")


def test_the_house_acts_for_no_organisation(database: db.Database) -> None:
    with database.session(write=False) as session, pytest.raises(NotAllowed):
        accounts.show(session, HOUSE)


def test_a_change_needs_a_reason_and_is_written_down(database: db.Database) -> None:
    with database.session(write=True) as session:
        owner = ling(session)
        changed = organisation(address="佛山市南海区")
        with pytest.raises(ReasonMissing):
            accounts.change(session, owner, changed, " ", NOW)
        accounts.change(session, owner, changed, "moved", NOW)
        assert accounts.value_of(accounts.show(session, owner)) == changed
        verbs = session.exec(select(AuditEntry.verb)).all()
        accounts.change(session, owner, changed, "", NOW)  # the same again is no change
        assert session.exec(select(AuditEntry.verb)).all() == verbs
        assert verbs[-1] == "organisation.change"


@pytest.mark.parametrize(
    "code", ["", ".", "..", "-a", "a.", "a/b", "a b", "a\u202eb", "Ａ", "a\n", "a\x00", "x" * 41, "../etc"]
)
def test_a_code_is_fit_for_addresses_files_and_screens(database: db.Database, code: str) -> None:
    with database.session(write=True) as session, pytest.raises(InputInvalid) as refused:
        accounts.create(session, HOUSE, organisation(code), NOW)
    assert [wrong.where for wrong in refused.value.wrong] == ["code"]


@pytest.mark.parametrize("code", ["L", "ling", "AL-1", "灵铝", "a.b_c-9", "x" * 40])
def test_codes_that_are_fine(code: str) -> None:
    assert fields.is_code(code)


def test_the_code_of_an_organisation_stays(database: db.Database) -> None:
    with database.session(write=True) as session:
        owner = ling(session)
        accounts.change(session, owner, organisation("other", address="x"), "moved", NOW)
        assert accounts.show(session, owner).code == "ling"


def test_an_editor_does_not_decide(database: db.Database) -> None:
    with database.session(write=True) as session:
        owner = ling(session)
        with pytest.raises(NotAllowed):
            accounts.change(session, bo(owner), organisation(address="x"), "moved", NOW)


def test_somebody_sees_only_the_own_organisation(database: db.Database) -> None:
    with database.session(write=True) as session:
        own, other = ling(session), chen(session)
        assert [row.code for row in accounts.organisations(session, own)] == ["ling"]
        assert [row.code for row in accounts.organisations(session, other)] == ["chen"]
        assert [row.code for row in accounts.organisations(session, HOUSE)] == ["chen", "ling"]
        assert accounts.organisations(session, replace(HOUSE, roles=frozenset({rights.OWNER}))) == []


def test_a_group_reads_its_companies_and_changes_nothing_in_them(database: db.Database) -> None:
    with database.session(write=True) as session:
        accounts.create(session, HOUSE, organisation("group"), NOW)
        accounts.create(session, HOUSE, organisation("smelter"), NOW, parent="group")
        accounts.create(session, HOUSE, organisation("foundry"), NOW, parent="smelter")
        accounts.create(session, HOUSE, organisation("stranger"), NOW)
        head = accounts.operator(session, "group")
        assert [row.code for row in accounts.organisations(session, head)] == ["foundry", "group", "smelter"]
        found = accounts.companies(session, head)
        assert [accounts.show(session, actor).code for actor in found] == ["group", "smelter", "foundry"]
        with pytest.raises(NotAllowed):
            accounts.change(session, found[1], organisation("smelter", address="x"), "because", NOW)


def test_a_circle_of_groups_ends(database: db.Database) -> None:
    with database.session(write=True) as session:
        one = accounts.create(session, HOUSE, organisation("one"), NOW)
        two = accounts.create(session, HOUSE, organisation("two"), NOW, parent="one")
        one.parent_id = two.id
        session.add(one)
        session.flush()
        codes = [row.code for row in accounts.organisations(session, accounts.operator(session, "one"))]
        assert codes == ["one", "two"]


@pytest.mark.parametrize("given", [{"base_year": "last"}, {"base_year": "25"}, {"approach": ""}, {"approach": "guess"}])
def test_a_base_year_is_a_year_and_an_approach_one_of_three(given: dict[str, str], database: db.Database) -> None:
    with database.session(write=True) as session:
        with pytest.raises(InputInvalid) as caught:
            accounts.create(session, HOUSE, organisation(**given), NOW)
        assert [item.where for item in caught.value.wrong] == list(given)
        with pytest.raises(InputInvalid):
            accounts.change(session, ling(session), organisation(**given), "why not", NOW)


def test_a_parent_must_exist(database: db.Database) -> None:
    with database.session(write=True) as session, pytest.raises(NotFound):
        accounts.create(session, HOUSE, organisation(), NOW, parent="nobody")


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        (rights.READER, {"read"}),
        (
            rights.EDITOR,
            {
                "read",
                "submit",
                "correct",
                "attach evidence",
                "change sites",
                "submit instruments",
                "submit own factors",
                "import life-cycle inventories",
                "submit products",
                "run footprints",
                "run inventories",
                "issue reports",
                "exchange footprints",
                "manage suppliers",
                "decide on suppliers' footprints",
                "answer requests",
                "curate sector data",
            },
        ),
        (rights.OWNER, set(rights.VERBS) - {"create organisations", "check the audit log"}),
        (rights.OPERATOR, set(rights.VERBS)),
        ("guest", set()),
    ],
)
def test_what_each_role_may_do(role: str, verbs: set[str]) -> None:
    actor = Actor(1, "Bo", frozenset({role}))
    assert {verb for verb in rights.VERBS if accounts.may(actor, verb)} == verbs


def test_an_unknown_verb_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        accounts.may(HOUSE, "fly")
