"""Invitations: an owner asks somebody in, who takes it up with an account of his own, once and within a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from people_made import PASSWORD, bearer, form, seal_of, signed_in
from sqlalchemy import text
from werkzeug.test import TestResponse

from service.accounts import actions as accounts
from service.accounts import invitations, people, second

OWNER, CY, KNOWN = "owner@one.example", "cy@new.example", "owner@two.example"
AT = "/api/v1/organisations/one/invitations"


def invited(app: Flask, email: str = CY, role: str = "editor") -> str:
    """The address of an invitation, without the host."""
    made = app.test_client().post(AT, json={"email": email, "role": role}, headers=bearer(app, OWNER))
    assert made.status_code == 201, made.text
    link: str = made.json["link"]
    assert link.startswith("http://127.0.0.1:8000/invitation/")
    return link.removeprefix("http://127.0.0.1:8000")


def take(client: FlaskClient, address: str, **sent: str) -> TestResponse:
    return client.post(address, data={**form(client, address), "name": "Cy", "password": PASSWORD, **sent})


def held(app: Flask, email: str) -> list[str]:
    with app.extensions["tanji"].database.session(write=False) as session:
        actor = accounts.operator(session, "one")
        return [row.role for who, row in people.members(session, actor) if who.email == email]


def test_an_owner_invites_by_a_page_and_somebody_new_comes_in(app: Flask) -> None:
    client, _ = signed_in(app, OWNER)
    assert "/organisations/one/people" in client.get("/account").text
    page = "/organisations/one/people"
    made = client.post(f"{page}/invitations", data={**form(client, page), "email": " Cy@New.example", "role": "editor"})
    assert made.status_code == 201
    address = made.text.partition("<code>http://127.0.0.1:8000")[2].partition("</code>")[0]
    assert address not in client.get(page).text
    assert CY in client.get(page).text
    guest = app.test_client()
    assert guest.get(address).status_code == 200
    for weak in ("", "short"):
        assert take(guest, address, password=weak).status_code == 422
    assert take(guest, address).location == "/"
    assert guest.get("/organisations/one/products").status_code == 200
    assert guest.get("/organisations/two/products").status_code == 404
    assert held(app, CY) == ["editor"]
    assert guest.get(address).status_code == 404  # once
    assert signed_in(app, CY)[1].location == "/"


def test_whoever_has_an_account_joins_with_it_and_only_with_its_password(app: Flask) -> None:
    address = invited(app, KNOWN, "reader")
    client = app.test_client()
    for _ in range(2):
        assert take(client, address, password="another way to Xiangyang").status_code == 401
    assert held(app, KNOWN) == []
    assert take(client, address, name="Mallory").status_code == 303
    assert held(app, KNOWN) == ["reader"]
    with app.extensions["tanji"].database.session(write=False) as session:
        assert people.person(session, KNOWN).name == KNOWN
        assert session.scalar(text("SELECT count(*) FROM failed_sign_in")) == 2


def test_the_second_factor_is_asked_for_here_too(app: Flask) -> None:
    then = datetime.now(UTC) - timedelta(hours=1)
    with app.extensions["tanji"].database.session(write=True) as session:
        who = people.person(session, KNOWN)
        second.begin(session, seal_of(app), who)
        totp = pyotp.TOTP(second.secret(seal_of(app), who))
        second.confirm(session, seal_of(app), who, totp.at(then), then)
    address = invited(app, KNOWN)
    assert take(app.test_client(), address).status_code == 401
    assert held(app, KNOWN) == []
    assert take(app.test_client(), address, code=totp.at(datetime.now(UTC))).status_code == 303


def test_neither_the_answer_nor_the_page_tells_who_has_an_account(app: Flask) -> None:
    client, headers = app.test_client(), bearer(app, OWNER)
    told = [client.post(AT, json={"email": one, "role": "reader"}, headers=headers) for one in (CY, KNOWN)]
    assert [answer.status_code for answer in told] == [201, 201]
    assert told[0].json.keys() == told[1].json.keys()
    pages = []
    for email, answer in zip((CY, KNOWN), told, strict=True):
        address = answer.json["link"].removeprefix("http://127.0.0.1:8000")
        page = app.test_client().get(address).text.replace(address, "")
        pages.append(page.replace(email, "").partition('name="csrf_token"')[0] + page.partition("<label>")[2])
    assert pages[0] == pages[1]


def test_what_is_withdrawn_replaced_expired_or_made_up_is_all_the_same(app: Flask) -> None:
    headers, client = bearer(app, OWNER), app.test_client()
    first = invited(app)
    second_ = invited(app)  # replaces the first one
    [row] = client.get(AT, headers=headers).json
    assert "link" not in row
    assert client.get(first).status_code == 404
    assert client.post(f"{AT}/{row['id']}/withdrawal", headers=headers).status_code == 200
    assert client.get(AT, headers=headers).json == []
    with app.extensions["tanji"].database.session(write=True) as session:
        long_ago = datetime.now(UTC) - timedelta(days=invitations.DAYS, seconds=1)
        _, token = invitations.invite(session, accounts.operator(session, "one"), CY, "reader", long_ago)
    told = {client.get(one).text for one in (first, second_, f"/invitation/{token}", "/invitation/x")}
    assert len({page.partition("<main>")[2] for page in told}) == 1
    assert client.get(f"/invitation/{token}").status_code == 404


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"email": "nobody", "role": "reader"}, 422),
        ({"email": CY, "role": "king"}, 422),
        ({"email": CY, "role": "verifier"}, 422),  # is of a certification body
        ({"email": CY}, 422),
    ],
)
def test_wrong_invitations_are_refused(app: Flask, sent: dict[str, str], status: int) -> None:
    assert app.test_client().post(AT, json=sent, headers=bearer(app, OWNER)).status_code == status
    client, _ = signed_in(app, OWNER)
    page = "/organisations/one/people"
    assert client.post(f"{page}/invitations", data={**form(client, page), **sent}).status_code == status


def test_only_an_owner_invites_and_only_into_his_own(app: Flask) -> None:
    sent = {"email": CY, "role": "owner"}
    client = app.test_client()
    assert client.post(AT, json=sent, headers=bearer(app, "editor@one.example")).status_code == 403
    assert client.post(AT, json=sent, headers=bearer(app, OWNER, "write")).status_code == 403
    assert client.post(AT, json=sent, headers=bearer(app, KNOWN)).status_code == 404
    invited(app)
    theirs = "/api/v1/organisations/two/invitations"
    assert client.post(f"{theirs}/1/withdrawal", headers=bearer(app, KNOWN)).status_code == 404
    assert signed_in(app, "editor@one.example")[0].get("/organisations/one/people").status_code == 403


def test_nobody_comes_in_by_an_address_that_was_disabled(app: Flask) -> None:
    with app.extensions["tanji"].database.session(write=True) as session:
        people.person(session, KNOWN).disabled = datetime.now(UTC)
    assert take(app.test_client(), invited(app, KNOWN)).status_code == 401


def test_the_secret_stands_neither_in_the_database_nor_in_the_log(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from service import http

    paths: list[str] = []
    monkeypatch.setattr(http.log, "info", lambda _, **said: paths.append(said["path"]))
    address = invited(app)
    take(app.test_client(), address)
    token = address.rpartition("/")[2]
    assert "/invitation/…" in paths
    for wrong in ("/", "/x", ").", "//"):
        assert app.test_client().get(f"/invitation/{token}{wrong}").status_code == 404
    assert app.test_client().put(f"/invitation/{token}").status_code == 405
    assert {"/invitation/…/", "/invitation/…/x", "/invitation/…"} <= set(paths)
    assert not any(token in path for path in paths)
    with app.extensions["tanji"].database.session(write=False) as session:
        for table in ("invitation", "audit_entry"):
            assert token not in repr(session.execute(text(f"SELECT * FROM {table}")).all())


def test_an_organisation_asks_in_no_more_than_it_may(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 3)
    monkeypatch.setattr(invitations, "MOST_A_DAY", 5)
    client, headers = app.test_client(), bearer(app, OWNER)

    def ask(email: str) -> int:
        return client.post(AT, json={"email": email, "role": "reader"}, headers=headers).status_code

    assert [ask(f"{number}@x.example") for number in range(4)] == [201, 201, 201, 409]
    assert ask("0@x.example") == 201  # in place of the earlier one
    number = client.get(AT, headers=headers).json[0]["id"]
    client.post(f"{AT}/{number}/withdrawal", headers=headers)
    assert [ask("5@x.example"), ask("0@x.example")] == [201, 409]  # the fifth of the day, and a sixth
    theirs = client.post(AT.replace("/one/", "/two/"), json={"email": CY, "role": "reader"},
                         headers=bearer(app, KNOWN))  # fmt: skip
    assert theirs.status_code == 201
    page, _ = signed_in(app, OWNER)
    sent = {**form(page, "/organisations/one/people"), "email": CY, "role": "reader"}
    answer = page.post("/organisations/one/people/invitations", data=sent)
    assert (answer.status_code, "at most 5" in answer.text) == (409, True)
    with app.extensions["tanji"].database.session(write=True) as session:
        actor = accounts.operator(session, "one")
        later = datetime.now(UTC) + timedelta(days=1, minutes=1)
        for row in invitations.opened(session, actor, later):
            invitations.withdraw(session, actor, row.id or 0, later)
        assert invitations.invite(session, actor, CY, "reader", later)
