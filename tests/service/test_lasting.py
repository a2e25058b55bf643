"""Answers made of frozen content: made once, never shown to whoever may not see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from make import chen, ling, product

from service import db
from service.accounts import people
from service.accounts.actions import HOUSE, Actor
from service.app import create_app
from service.calculations import footprint_runs, footprints
from service.config import Settings
from service.lasting import Lasting
from service.products import actions as products

NOW = datetime.now(UTC)


def test_what_is_held_is_made_once_and_goes_when_there_is_no_room() -> None:
    held, made = Lasting(most_bytes=10), list[str]()

    def make(key: str, size: int) -> Callable[[], bytes]:
        return lambda: made.append(key) or b"x" * size  # type: ignore[func-returns-value]

    for key, size in (("a", 4), ("b", 4), ("a", 4), ("c", 4), ("a", 4), ("b", 4), ("d", 11), ("d", 11)):
        assert held.get(key, make(key, size)) == b"x" * size
    # c needs room and b was not asked for longest; then b itself pushes c out; d is larger than all the room.
    assert made == ["a", "b", "c", "b", "d", "d"]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["tanji"].database.dispose()


def token_of(actor: Actor, email: str) -> str:
    session = db.session()
    who = people.create(session, HOUSE, email, "", "", NOW)
    people.put_member(session, actor, email, "owner", NOW)
    return people.make_token(session, who, "scripts", "write", 1, NOW)[0]


def test_a_kept_answer_is_let_out_by_the_gate_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once, it is read again without a computation; not by others, and not by a token that was taken back."""
    house = app.extensions["tanji"]
    with house.database.session(write=True) as session:
        owner = ling(session)
        products.put_model(session, owner, product(), "", NOW)
        made = footprint_runs.run(session, owner, footprint_runs.Study("part", "pact.3.0"), house.library, NOW)
        tokens = {"ling": token_of(owner, "ling@x.example"), "chen": token_of(chen(session), "chen@x.example")}
    path = f"/api/v1/organisations/ling/footprints/{made.id}"
    client = app.test_client()

    def get(who: str, **headers: str) -> tuple[int, str]:
        given = {"Authorization": f"Bearer {tokens[who]}", **headers}
        answer = client.get(path, headers=given)
        return answer.status_code, answer.headers.get("ETag", "")

    status, tag = get("ling")
    assert status == 200
    monkeypatch.setattr(footprints, "summary", None)
    assert get("ling") == (200, tag)
    assert get("ling", **{"If-None-Match": tag}) == (304, tag)
    assert get("chen", **{"If-None-Match": tag}) == (404, "")
    with house.database.session(write=True) as session:
        who = people.person(session, "ling@x.example")
        people.revoke_token(session, who, people.tokens(session, who, NOW)[0].id or 0, NOW)
    assert get("ling", **{"If-None-Match": tag}) == (401, "")
