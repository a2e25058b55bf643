"""Who is let in, and to what: pages by a cookie, programs by a token, everyone else not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from make import organisation
from people_made import NOW, PASSWORD, ROLES, bearer, form, signed_in
from werkzeug.test import TestResponse

from service import db
from service.accounts import actions as accounts
from service.accounts import clients, gate, passwords, people
from service.accounts.rights import PUBLIC, RULES, SIGNED_IN, VERBS
from service.errors import InputInvalid

# --- rules -----------------------------------------------------------------------------------------


def test_every_address_has_a_rule_and_every_rule_an_address(app: Flask) -> None:
    served = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert served == set(RULES)
    assert set(RULES.values()) <= {PUBLIC, SIGNED_IN, *VERBS}


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every address with a method and its rule, its blanks filled with what the other organisation would have."""
    for rule in app.url_map.iter_rules():
        blanks = {name: "2025" if "year" in name else "1" for name in rule.arguments} | {"code": "two"}
        if "any(" in rule.rule:
            blanks |= {"kind": "products", "version": "3"}
        with app.test_request_context():
            built = app.url_map.bind("localhost").build(
                rule.endpoint, {name: int(value) if value.isdigit() and f":{name}>" in rule.rule and name != "version"
                                else value
                                for name, value in blanks.items() if name in rule.arguments},
                method=next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"})),
            )  # fmt: skip
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, built, RULES[rule.endpoint]


def test_a_stranger_is_let_in_nowhere_but_at_public_addresses(app: Flask) -> None:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    for method, address, rule in addresses(app):
        if rule != PUBLIC:
            answer = client.open(address, method=method)
            is_sent_away = answer.status_code == 303 and answer.location.startswith("/sign-in")
            assert answer.status_code == 401 or is_sent_away, (method, address, answer.status_code)


def test_what_no_keyboard_types_is_refused_by_every_form(app: Flask) -> None:
    """PostgreSQL keeps no NUL: a form that let one through would end in an error of the service's own."""
    app.config["WTF_CSRF_ENABLED"] = False
    client, _ = signed_in(app, "owner@one.example")
    names = ("code", "name", "name_zh", "reason", "email", "password", "product", "row", "supplier", "note", "title")
    tried = 0
    for method, address, rule in addresses(app):
        if method == "POST" and rule != PUBLIC and not address.startswith(("/api/", "/2/", "/3/")):
            own = address.replace("/two", "/one")
            for sent in ("a\0b", ["a", "a\0b"]):
                answer = client.post(own, data=dict.fromkeys(names, sent))
                assert answer.status_code in (400, 404) or own.startswith("/models"), (own, answer.status_code)
                assert answer.status_code < 500
            tried += 1
    assert tried > 20
    assert client.post("/sign-in", data={"email": "a\0b", "password": "x"}).status_code == 400


def test_what_is_of_others_is_not_there(app: Flask) -> None:
    """The owner of one asks for everything of two, and learns not even that it exists."""
    client, headers = app.test_client(), bearer(app, "owner@one.example")
    app.config["WTF_CSRF_ENABLED"] = False
    page, _ = signed_in_without_guard(app, "owner@one.example")
    asked = 0
    for method, address, _ in addresses(app):
        if "/organisations/two" not in address:
            continue
        asked += 1
        theirs = client.open(address, method=method, headers=headers) if address.startswith("/api/") else page.open(
            address, method=method
        )  # fmt: skip
        nobodys = address.replace("/organisations/two", "/organisations/none")
        none = client.open(nobodys, method=method, headers=headers) if address.startswith("/api/") else page.open(
            nobodys, method=method
        )  # fmt: skip
        assert theirs.status_code == none.status_code == 404, (method, address, theirs.status_code)
        assert said(theirs).replace("two", "none") == said(none)
    assert asked > 40


def said(answer: TestResponse) -> str:
    """Return what an answer says, without the token of its forms, which is another one every second."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


def signed_in_without_guard(app: Flask, email: str) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    return client, client.post("/sign-in", data={"email": email, "password": PASSWORD})


@pytest.mark.parametrize(
    ("email", "scopes", "status"),
    [
        ("owner@one.example", "decide", 201),
        ("editor@one.example", "decide", 201),
        ("reader@one.example", "decide", 403),
        ("owner@one.example", "read", 403),
        ("owner@two.example", "decide", 404),
    ],
)
def test_a_token_does_what_roles_and_scopes_both_allow(app: Flask, email: str, scopes: str, status: int) -> None:
    site = {"code": "works", "name_zh": "一厂", "region": "CN-GD"}
    answer = app.test_client().post("/api/v1/organisations/one/sites", json=site, headers=bearer(app, email, scopes))
    assert answer.status_code == status, answer.text


def test_a_group_reads_its_companies_and_changes_nothing_in_them(app: Flask) -> None:
    with app.extensions["tanji"].database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, organisation(code="child"), NOW, parent="one")
    client, headers = app.test_client(), bearer(app, "owner@one.example")
    assert client.get("/api/v1/organisations/child/sites", headers=headers).status_code == 200
    site = {"code": "works", "name_zh": "一厂", "region": "CN-GD"}
    assert client.post("/api/v1/organisations/child/sites", json=site, headers=headers).status_code == 403
    codes = [row["code"] for row in client.get("/api/v1/organisations", headers=headers).json]
    assert codes == ["child", "one"]


# --- pages -----------------------------------------------------------------------------------------


def test_a_person_signs_in_sees_his_rooms_and_signs_out(app: Flask) -> None:
    client, answer = signed_in(app, "Owner@One.example ")
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/organisations/one/products").status_code == 200
    assert client.get("/organisations/two/products").status_code == 404
    assert client.get("/api/v1/organisations/one").status_code == 401  # a cookie is nothing to a program
    assert client.post("/sign-out", data=form(client, "/account")).status_code == 303
    assert client.get("/organisations/one/products").status_code == 303


def test_who_wanted_a_page_is_led_there_and_nowhere_else(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/organisations/one/products?a=1").location == "/sign-in?next=/organisations/one/products?a%3D1"
    for wanted, found in {
        "/organisations/one/products": "/organisations/one/products",
        "https://evil.example/": "/",
        "//evil.example/": "/",
        "/\\evil.example": "/",
        "/\t/evil.example": "/",
        "///evil.example": "/",
        "\n//evil.example": "/",
        "http:evil.example": "/",
        "javascript:alert(1)": "/",
    }.items():
        fresh = app.test_client()
        sent = {**form(fresh, "/sign-in"), "email": "owner@one.example", "password": PASSWORD, "next": wanted}
        assert fresh.post("/sign-in", data=sent).location == found


def test_a_form_without_its_token_changes_nothing(app: Flask) -> None:
    client, _ = signed_in(app, "owner@one.example")
    assert client.post("/account/tokens", data={"name": "x", "scope": "read"}).status_code == 400
    assert client.post("/sign-in", data={"email": "owner@one.example", "password": PASSWORD}).status_code == 400


def test_what_a_stranger_put_into_the_browser_is_gone_afterwards(app: Flask) -> None:
    """Neither the half of another one's sign-in nor the token of an earlier session outlives signing in."""
    client = app.test_client()
    client.get("/sign-in")
    with client.session_transaction() as kept:
        kept.update(half=[1, 0, "x"], token="planted", csrf_token="planted")
    sent = {**form(client, "/sign-in"), "email": "owner@one.example", "password": PASSWORD}
    assert client.post("/sign-in", data=sent).status_code == 303
    with client.session_transaction() as kept:
        assert kept.keys() <= {"token", "_permanent"}
        assert kept["token"] != "planted"
    other, _ = signed_in(app, "owner@one.example")
    with other.session_transaction() as theirs, client.session_transaction() as kept:
        assert theirs["token"] != kept["token"]


def test_an_answer_takes_as_long_whoever_is_asked_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One password is hashed each time: for somebody known, unknown, disabled, without a password, and locked out."""
    hashed: list[str] = []
    fits = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str | bytes, given: str | bytes) -> bool:
        hashed.append(str(kept).split("$")[3])
        return bool(fits(self, kept, given))

    with app.extensions["tanji"].database.session(write=True) as session:
        people.person(session, "reader@one.example").disabled = NOW
        people.person(session, "editor@one.example").password_hash = ""
        for _ in range(people.MOST_FAILURES):
            people.note_failure(session, "owner@two.example", datetime.now(UTC))
    monkeypatch.setattr(PasswordHasher, "verify", counted)
    told = set()
    for email in (*ROLES, "owner@two.example", "nobody@one.example", "no address"):
        hashed.clear()
        _, answer = signed_in(app, email, "wrong")
        told.add((answer.status_code, answer.text.partition('name="csrf_token"')[0], tuple(hashed)))
    assert len(told) == 1
    assert len(next(iter(told))[2]) == 1


def test_wrong_passwords_and_unknown_people_look_alike_until_both_are_locked_out(app: Flask) -> None:
    told = {
        signed_in(app, email, "wrong")[1].text.count('role="alert"')
        for email in ("owner@one.example", "no@one.example")
    }
    assert told == {1}
    for _ in range(people.MOST_FAILURES):
        signed_in(app, "owner@one.example", "wrong")
    assert signed_in(app, "owner@one.example")[1].status_code == 401
    assert signed_in(app, "editor@one.example")[1].status_code == 303  # others are unharmed


def test_a_session_is_listed_and_ended_by_its_person_alone(app: Flask) -> None:
    first, _ = signed_in(app, "owner@one.example")
    second, _ = signed_in(app, "owner@one.example")
    other, _ = signed_in(app, "editor@one.example")
    page = second.get("/account").text
    number = re.findall(r"/account/sessions/(\d+)/end", page)
    assert len(number) == 1
    address = f"/account/sessions/{number[0]}/end"
    assert other.post(address, data=form(other, "/account")).status_code == 404
    for beyond in ("/account/sessions/99999999999999999999/end", "/account/tokens/99999999999999999999/revoke"):
        assert other.post(beyond, data=form(other, "/account")).status_code == 404  # no database has such a key
    assert second.post(address, data=form(second, "/account")).status_code == 303
    assert first.get("/account").status_code == 303
    assert second.get("/account").status_code == 200


@pytest.mark.parametrize("address", ["/account/sessions/{}/end", "/account/tokens/{}/revoke"])
def test_a_number_beyond_every_table_is_not_found(app: Flask, address: str) -> None:
    client, _ = signed_in(app, "owner@one.example")
    assert client.post(address.format(10**25), data=form(client, "/account")).status_code == 404


def test_another_password_ends_all_other_sessions(app: Flask) -> None:
    first, _ = signed_in(app, "owner@one.example")
    second, _ = signed_in(app, "owner@one.example")
    sent = {**form(second, "/account"), "password": PASSWORD, "new": "another way to Xiangyang"}
    assert second.post("/account/password", data={**sent, "password": "wrong"}).status_code == 401
    assert second.post("/account/password", data={**sent, "new": "short"}).status_code == 422
    assert second.post("/account/password", data=sent).status_code == 303
    assert first.get("/account").status_code == 303
    assert second.get("/account").status_code == 200
    assert signed_in(app, "owner@one.example")[1].status_code == 401
    assert signed_in(app, "owner@one.example", "another way to Xiangyang")[1].status_code == 303


def test_a_token_is_shown_once_and_revoked(app: Flask) -> None:
    client, _ = signed_in(app, "owner@one.example")
    sent = {**form(client, "/account"), "name": "meter", "scope": "read", "days": "30"}
    for days in ("", "0", "366", "９", "soon"):
        assert client.post("/account/tokens", data={**sent, "days": days}).status_code == 422
    made = client.post("/account/tokens", data=sent)
    token = re.search(r"<code>(tanji_[\w-]+)</code>", made.text)
    assert made.status_code == 201
    assert token
    headers = {"Authorization": f"Bearer {token[1]}"}
    program = app.test_client()
    assert program.get("/api/v1/organisations/one", headers=headers).status_code == 200
    assert token[1] not in client.get("/account").text
    number = re.findall(r"/account/tokens/(\d+)/revoke", client.get("/account").text)[0]
    client.post(f"/account/tokens/{number}/revoke", data=form(client, "/account"))
    assert program.get("/api/v1/organisations/one", headers=headers).status_code == 401


# --- programs --------------------------------------------------------------------------------------


@pytest.fixture
def program(app: Flask) -> tuple[str, str]:
    """The id and secret of a client of the first organisation, which may read."""
    headers = bearer(app, "owner@one.example")
    made = app.test_client().post(
        "/api/v1/organisations/one/clients", json={"name": "meter", "scopes": "read"}, headers=headers
    )
    assert made.status_code == 201
    return made.json["id"], made.json["secret"]


def token_of(app: Flask, program: tuple[str, str], **sent: str) -> TestResponse:
    return app.test_client().post("/oauth/token", data={"grant_type": "client_credentials", **sent}, auth=program)


def test_a_client_gets_a_token_and_acts_for_its_organisation_alone(app: Flask, program: tuple[str, str]) -> None:
    given = token_of(app, program)
    assert given.status_code == 200
    assert (given.json["token_type"], given.json["expires_in"], given.json["scope"]) == ("Bearer", 3600, "read")
    headers = {"Authorization": f"Bearer {given.json['access_token']}"}
    client = app.test_client()
    assert client.get("/api/v1/organisations/one", headers=headers).status_code == 200
    assert client.get("/api/v1/organisations/two", headers=headers).status_code == 404
    assert client.get("/api/v1/organisations/one/clients", headers=headers).status_code == 403
    assert client.get("/account", headers=headers).status_code == 303  # no person


def test_wrong_secrets_and_other_grants_are_refused_as_the_protocol_says(app: Flask, program: tuple[str, str]) -> None:
    identifier, secret = program
    wrong = token_of(app, (identifier, "wrong"))
    assert (wrong.status_code, wrong.json["error"]) == (401, "invalid_client")
    assert token_of(app, ("nobody", secret)).json["error"] == "invalid_client"
    assert token_of(app, program, grant_type="password").json["error"] == "unsupported_grant_type"
    assert token_of(app, program, scope="decide").json["error"] == "invalid_scope"


def test_a_rotated_secret_is_good_for_a_day_and_a_revoked_client_for_nothing(
    app: Flask, program: tuple[str, str]
) -> None:
    headers, client = bearer(app, "owner@one.example"), app.test_client()
    at = f"/api/v1/organisations/one/clients/{program[0]}"
    fresh = client.post(f"{at}/rotation", headers=headers).json["secret"]
    assert token_of(app, program).status_code == token_of(app, (program[0], fresh)).status_code == 200
    with app.extensions["tanji"].database.session(write=False) as session:
        row = clients.show(session, accounts.operator(session, "one"), program[0])
        later = datetime.now(UTC) + clients.OVERLAP + timedelta(seconds=1)
        assert [clients.is_secret(row, one, later) for one in (program[1], fresh)] == [False, True]
    held = token_of(app, program).json["access_token"]
    assert client.post(f"{at}/revocation", headers=headers).status_code == 200
    assert token_of(app, (program[0], fresh)).status_code == 401
    assert client.get("/api/v1/organisations/one", headers={"Authorization": f"Bearer {held}"}).status_code == 401


def test_odd_expired_and_forged_tokens_are_all_the_same(app: Flask) -> None:
    good = bearer(app, "owner@one.example")["Authorization"].removeprefix("Bearer ")
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lckBvbmUuZXhhbXBsZSJ9."
    client, told = app.test_client(), set()
    with app.extensions["tanji"].database.session(write=True) as session:
        past = datetime.now(UTC) - timedelta(days=2)
        expired, _ = people.make_token(session, people.person(session, "owner@one.example"), "x", "read", 1, past)
    for token in ("", good[:-1], good + "x", good.upper(), unsigned, expired, "x" * 5000, "\x00"):
        answer = client.get("/api/v1/organisations/one", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        told.add(answer.text)
    assert len(told) == 1


# --- passwords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaaaaaa", "bo@one.example", "x" * 257, "correct horse battery"]
)
def test_weak_passwords_are_refused_with_the_reason(password: str, tmp_path: Path) -> None:
    """The last one stands in the list of stolen ones: SHA-1 by sha1sum."""
    stolen = sorted(["0" * 40, "FFFF" * 10, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", sha1("correct horse battery")])
    listed = tmp_path / "stolen.txt"
    listed.write_text("".join(f"{one}:3\n" for one in stolen), encoding="ascii")
    with pytest.raises(InputInvalid):
        passwords.refuse_weak(password, "bo@one.example", listed)
    passwords.refuse_weak(PASSWORD, "bo@one.example", listed)
    assert all(passwords.is_listed(word, listed) for word in ("password", "correct horse battery"))


def sha1(text: str) -> str:
    import hashlib

    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


def test_an_organisation_keeps_an_owner(app: Flask) -> None:
    headers, client = bearer(app, "owner@one.example"), app.test_client()
    at, role = "/api/v1/organisations/one/members", {"email": "owner@one.example", "role": "owner"}
    assert client.post(f"{at}/end", json=role, headers=headers).status_code == 422
    more = {"email": "editor@one.example", "role": "owner"}
    assert client.post(at, json=more, headers=headers).status_code == 201
    assert client.post(f"{at}/end", json=role, headers=headers).status_code == 200
    assert client.get(at, headers=headers).status_code == 404  # who ended his own role is a stranger now


def test_only_an_operator_makes_people_and_organisations(app: Flask) -> None:
    client = app.test_client()
    new = {"code": "three", "name_zh": "三"}
    assert client.post("/api/v1/organisations", json=new, headers=bearer(app, "owner@one.example")).status_code == 403
    with app.extensions["tanji"].database.session(write=True) as session:
        people.person(session, "editor@one.example").is_operator = True
        asking = gate.of_person(session, people.person(session, "editor@one.example"))
        assert accounts.may(gate.Gate().house(asking), "create organisations")


def test_nobody_is_kept_in_plain(app: Flask, program: tuple[str, str]) -> None:
    """No secret of any kind stands in any table."""
    secret = token_of(app, program).json["access_token"]
    opened: db.Database = app.extensions["tanji"].database
    from sqlalchemy import inspect, text

    with opened.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            held = repr(connection.execute(text(f'SELECT * FROM "{table}"')).all())
            assert not any(one in held for one in (secret, program[1], PASSWORD))
