"""Single sign-on, with a provider that is another program in a process of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from people_made import PASSWORD, fill, seal_of, signed_in
from provider import CLIENT, SECRET
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from service import config, fsck
from service.accounts import actions as accounts
from service.accounts import identities, invitations, people, providers, second, sign_on
from service.accounts.models import Identity
from service.accounts.providers import Provider
from service.accounts.sign_on import Begun, SignOnFailed, Vouched
from service.app import create_app
from service.config import Settings
from service.errors import ConfigurationInvalid, NotFound

OWNER, BO = "owner@one.example", "editor@one.example"
BEGIN, BACK = "/sign-in/with/works", "http://127.0.0.1:8000/sign-in/with/works/done"
USERS = {
    "ling": {"email": "Owner@One.example", "email_verified": True, "name": "Ling"},
    "bo": {"email": BO, "email_verified": False},
    "dan": {"email": "dan@nowhere.example", "email_verified": True},
    "eve": {"name": "Eve"},
    "ling2": {"email": OWNER, "email_verified": True},
}
http = urllib3.PoolManager(retries=False)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider, running."""
    folder = tmp_path_factory.mktemp("provider")
    (folder / "users.json").write_text(json.dumps(USERS))
    (folder / "passwords.json").write_text(json.dumps(dict.fromkeys(USERS, PASSWORD)))
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = opened.getsockname()[1]
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), str(folder), str(port), BACK]
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            http.request("GET", url + sign_on.DISCOVERY)
            break
        except urllib3.exceptions.HTTPError:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture
def listed(tmp_path: Path, issuer: str) -> Path:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    file = tmp_path / "providers.yaml"
    file.write_text(
        f"- {{code: works, name_zh: 公司账号, name_en: Company account, issuer: '{issuer}', client_id: {CLIENT}, "
        f"client_secret_file: '{tmp_path / 'secret'}'}}\n"
    )
    return file


@pytest.fixture
def app(settings: Settings, listed: Path) -> Iterator[Flask]:
    made = create_app(replace(settings, oidc_providers=listed))
    with made.extensions["tanji"].database.session(write=True) as session:
        fill(session)
    yield made
    made.extensions["tanji"].database.dispose()


def at_provider(address: str, user: str, password: str = PASSWORD) -> str:
    """Sign in at the provider as a person does; return where it sends the browser back to."""
    page = http.request("GET", address)
    assert page.status == 200, page.data
    found = re.search(r'name="token" value="([^"]+)"', page.data.decode())
    assert found, page.data
    sent = {"token": found[1], "username": user, "password": password}
    place = address.partition("/authorization")[0] + "/verify"
    answer = http.request("POST", place, fields=sent, encode_multipart=False, redirect=False)
    assert answer.status == 302, answer.data
    return str(answer.headers["Location"])


def through(client: FlaskClient, user: str, wanted: str = "") -> TestResponse:
    begun = client.get(BEGIN, query_string={"next": wanted})
    assert begun.status_code == 303, begun.text
    back = at_provider(begun.location, user)
    assert back.startswith(BACK)
    return client.get(back.removeprefix("http://127.0.0.1:8000"))


def linked(app: Flask) -> list[tuple[str, str]]:
    with app.extensions["tanji"].database.session(write=False) as session:
        query = "SELECT p.email, i.issuer FROM identity i JOIN person p ON p.id = i.person_id WHERE i.ended IS NULL"
        return [(email, issuer) for email, issuer in session.execute(text(query))]


# --- with the provider ----------------------------------------------------------------------------


def test_whom_the_provider_vouches_for_is_in_and_linked_once(app: Flask, issuer: str) -> None:
    client = app.test_client()
    page = client.get("/sign-in?language=zh&next=/account").text
    assert "公司账号" in page
    assert "/sign-in/with/works?" in page
    answer = through(client, "ling", "/organisations/one/products")
    assert (answer.status_code, answer.location) == (303, "/organisations/one/products")
    assert "Company account <small>since 20" in client.get("/account").text
    assert linked(app) == [(OWNER, issuer)]
    assert through(app.test_client(), "ling").location == "/"
    assert linked(app) == [(OWNER, issuer)]
    with app.extensions["tanji"].database.session(write=False) as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 4
        assert fsck.fsck(session, app.extensions["tanji"].settings.evidence) == []


def test_what_was_asked_for_is_what_the_standard_says(app: Flask, issuer: str) -> None:
    begun = app.test_client().get(BEGIN)
    assert begun.location.startswith(f"{issuer}/authorization?")
    asked = {name: value for name, [value] in parse_qs(urlsplit(begun.location).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT, BACK)
    assert (asked["code_challenge_method"], asked["scope"].split()[0]) == ("S256", "openid")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("user", "told"),
    [("bo", "does not vouch for an e-mail"), ("eve", "does not vouch for an e-mail"), ("dan", "nobody is known here")],
)
def test_whom_nobody_knows_or_vouches_for_stays_outside(app: Flask, user: str, told: str) -> None:
    client = app.test_client()
    answer = through(client, user)
    assert (answer.status_code, told in answer.text) == (401, True)
    assert client.get("/account").status_code == 303
    assert linked(app) == []
    with app.extensions["tanji"].database.session(write=False) as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 4


def invited(app: Flask, email: str, code: str = "two") -> str:
    """The path at which an invitation of an organisation is taken up."""
    with app.extensions["tanji"].database.session(write=True) as session:
        _, token = invitations.invite(session, accounts.operator(session, code), email, "editor", datetime.now(UTC))
    return f"/invitation/{token}"


def taken_up(client: FlaskClient, page: str, user: str) -> TestResponse:
    """Press the provider's button on the page of an invitation, and sign in there."""
    button = re.search(r'href="([^"]+/with/works)"', client.get(page).text)
    assert button
    begun = client.get(button[1])
    assert begun.status_code == 303, begun.text
    return client.get(at_provider(begun.location, user).removeprefix("http://127.0.0.1:8000"))


def roles(app: Flask, code: str = "two") -> dict[str, str]:
    with app.extensions["tanji"].database.session(write=False) as session:
        return {who.email: row.role for who, row in people.members(session, accounts.operator(session, code))}


def test_an_invitation_is_taken_up_by_the_provider(app: Flask, issuer: str) -> None:
    """Dan, whom nobody knew, and Ling, who has an account; neither is asked for a password, each once."""
    for user, email in (("dan", "dan@nowhere.example"), ("ling", OWNER)):
        client, page = app.test_client(), invited(app, email)
        answer = taken_up(client, page, user)
        assert (answer.status_code, answer.location) == (303, "/"), answer.text
        assert client.get("/organisations/two/products").status_code == 200
        assert client.get(page).status_code == 404
        assert client.get(f"{page}/with/works").status_code == 404
        assert roles(app)[email] == "editor"
    assert sorted(linked(app)) == [("dan@nowhere.example", issuer), (OWNER, issuer)]
    assert through(app.test_client(), "dan").status_code == 303  # from now on he is known
    _, answer = signed_in(app, "dan@nowhere.example", "")
    assert answer.status_code == 401  # there is no password of his
    with app.extensions["tanji"].database.session(write=False) as session:
        assert people.person(session, OWNER).name == OWNER  # what a provider calls him changes nobody's name
        assert fsck.fsck(session, app.extensions["tanji"].settings.evidence) == []


@pytest.mark.parametrize(
    ("user", "email", "told"),
    [
        ("dan", "cy@new.example", "cy@new.example was invited, and the provider vouches for dan@nowhere.example"),
        ("bo", BO, "does not vouch for an e-mail"),
        ("eve", "eve@one.example", "does not vouch for an e-mail"),
    ],
)
def test_an_invitation_is_for_the_address_that_was_invited(app: Flask, user: str, email: str, told: str) -> None:
    client, page = app.test_client(), invited(app, email)
    answer = taken_up(client, page, user)
    assert (answer.status_code, told in answer.text) == (401, True), answer.text
    assert 'name="password"' in answer.text  # the invitation's own page: it can still be taken up
    assert client.get(page).status_code == 200
    assert client.get("/account").status_code == 303
    assert (linked(app), email in roles(app)) == ([], False)
    with app.extensions["tanji"].database.session(write=False) as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 4


def test_who_is_linked_under_another_address_takes_up_no_invitation(app: Flask) -> None:
    assert through(app.test_client(), "ling").status_code == 303
    with app.extensions["tanji"].database.session(write=True) as session:
        people.person(session, OWNER).email = "ling@other.example"
    answer = taken_up(app.test_client(), invited(app, OWNER), "ling")
    assert (answer.status_code, "vouches for ling@other.example" in answer.text) == (401, True)
    assert OWNER not in roles(app)
    with app.extensions["tanji"].database.session(write=False) as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 4


def test_an_invitation_withdrawn_meanwhile_lets_nobody_in(app: Flask) -> None:
    client, page = app.test_client(), invited(app, "dan@nowhere.example")
    back = at_provider(client.get(f"{page}/with/works").location, "dan")
    with app.extensions["tanji"].database.session(write=True) as session:
        actor = accounts.operator(session, "two")
        (row,) = invitations.opened(session, actor, datetime.now(UTC))
        invitations.withdraw(session, actor, row.id or 0, datetime.now(UTC))
    assert client.get(back.removeprefix("http://127.0.0.1:8000")).status_code == 404
    assert "dan@nowhere.example" not in roles(app)


def test_an_address_that_somebody_else_has_now_is_not_linked_again(app: Flask) -> None:
    assert through(app.test_client(), "ling").status_code == 303
    answer = through(app.test_client(), "ling2")
    assert (answer.status_code, "linked to another account" in answer.text) == (401, True)
    with app.extensions["tanji"].database.session(write=True) as session:
        assert identities.unlink(session, accounts.HOUSE, OWNER, datetime.now(UTC)) == 1
        with pytest.raises(NotFound):
            identities.unlink(session, accounts.HOUSE, OWNER, datetime.now(UTC))
    assert through(app.test_client(), "ling2").status_code == 303


def test_who_is_linked_stays_so_under_another_address(app: Flask) -> None:
    assert through(app.test_client(), "ling").status_code == 303
    with app.extensions["tanji"].database.session(write=True) as session:
        people.person(session, OWNER).email = "ling@other.example"
    client = app.test_client()
    assert through(client, "ling").status_code == 303
    assert "ling@other.example" in client.get("/account").text


def test_a_letter_of_another_script_is_another_address(app: Flask) -> None:
    """The sign of the kelvin becomes a k where capitals are made small."""

    def enter(email: str) -> str:
        with app.extensions["tanji"].database.session(write=True) as session:
            vouched = Vouched("https://op.example", email, email, is_email_verified=True)
            return identities.enter(session, vouched, NOW).name

    with app.extensions["tanji"].database.session(write=True) as session:
        people.create(session, accounts.HOUSE, "kim@one.example", "Kim", PASSWORD, NOW)
    with pytest.raises(SignOnFailed, match="nobody is known"):
        enter("\u212aim@one.example")
    assert enter("KIM@One.example") == "Kim"


def test_who_is_disabled_stays_outside(app: Flask) -> None:
    for _ in range(2):  # not yet linked, and linked
        with app.extensions["tanji"].database.session(write=True) as session:
            people.person(session, OWNER).disabled = datetime.now(UTC)
        assert through(app.test_client(), "ling").status_code == 401
        with app.extensions["tanji"].database.session(write=True) as session:
            people.person(session, OWNER).disabled = None
        assert through(app.test_client(), "ling").status_code == 303


def test_the_second_factor_is_the_providers(app: Flask) -> None:
    with app.extensions["tanji"].database.session(write=True) as session:
        who = people.person(session, OWNER)
        second.begin(session, seal_of(app), who)
        who.totp_confirmed = datetime.now(UTC)
    assert signed_in(app, OWNER)[1].location.startswith("/sign-in/code")
    assert through(app.test_client(), "ling").location == "/"


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    back = at_provider(client.get(BEGIN).location, "ling").removeprefix("http://127.0.0.1:8000")
    assert other.get(back).status_code == 401  # nothing begun there
    other.get(BEGIN)
    assert other.get(back).status_code == 401  # another state
    assert client.get(back).status_code == 303
    assert app.test_client().get(back).status_code == 401
    assert client.get(back).status_code == 401


def test_a_stolen_code_is_worth_nothing_without_the_verifier(app: Flask) -> None:
    """The thief's browser began by itself, and is given the code of somebody else with its own state."""
    client, thief = app.test_client(), app.test_client()
    code = parse_qs(urlsplit(at_provider(client.get(BEGIN).location, "ling")).query)["code"][0]
    state = parse_qs(urlsplit(thief.get(BEGIN).location).query)["state"][0]
    answer = thief.get(f"{BEGIN}/done?{urlencode({'code': code, 'state': state})}")
    assert (answer.status_code, "does not answer as it should" in answer.text) == (401, True)
    assert thief.get("/account").status_code == 303


def test_a_session_that_was_there_before_is_another_afterwards(app: Flask) -> None:
    client, _ = signed_in(app, BO)
    before = client.get_cookie("tanji")
    through(client, "ling")
    after = client.get_cookie("tanji")
    assert before
    assert after
    assert before.value != after.value
    assert OWNER in client.get("/account").text


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_nobody_is_led_elsewhere_afterwards(app: Flask, wanted: str) -> None:
    assert through(app.test_client(), "ling", wanted).location == "/"


def test_who_refuses_at_the_provider_may_try_again(app: Flask) -> None:
    client = app.test_client()
    state = parse_qs(urlsplit(client.get(BEGIN).location).query)["state"][0]
    answer = client.get(f"{BEGIN}/done?{urlencode({'error': 'access_denied', 'state': state})}")
    assert (answer.status_code, "access_denied" in answer.text, "Company account" in answer.text) == (401, True, True)


def test_there_is_no_provider_but_those_that_are_listed(app: Flask) -> None:
    assert app.test_client().get("/sign-in/with/others").status_code == 404
    assert app.test_client().get("/sign-in/with/others/done").status_code in (401, 404)


# --- with a provider that lies ---------------------------------------------------------------------

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}) for _ in range(2))
LIAR = Provider("works", "公司", "Works", "https://op.example/realm", CLIENT, SECRET)
BEGUN = Begun("works", "state", "nonce", "verifier", int(NOW.timestamp()) - 5, "")
ANSWER = {"code": "c", "state": "state"}
CLAIMS: dict[str, Any] = {
    "iss": LIAR.issuer, "sub": "248289761001", "aud": CLIENT, "nonce": "nonce", "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 300, "email": OWNER, "email_verified": True,
}  # fmt: skip
METADATA: dict[str, Any] = {
    "issuer": LIAR.issuer,
    "authorization_endpoint": "https://op.example/realm/auth",
    "token_endpoint": "https://op.example/realm/token",
    "jwks_uri": "https://op.example/realm/keys",
    "userinfo_endpoint": "https://op.example/realm/me",
}


def liar(token: str, metadata: Mapping[str, Any] = METADATA, me: Mapping[str, Any] | None = None) -> sign_on.Fetch:
    """What such a provider answers; nothing else is asked."""
    said: dict[str, object] = {
        LIAR.issuer + sign_on.DISCOVERY: metadata,
        METADATA["token_endpoint"]: {"id_token": token, "access_token": "a", "token_type": "Bearer"},
        METADATA["jwks_uri"]: {"keys": [KEY.as_dict(private=False)]},
        METADATA["userinfo_endpoint"]: me or {},
    }

    def answer(_: str, url: str, *__: object) -> tuple[int, bytes]:
        return 200, json.dumps(said[url]).encode()

    return answer


def signed(claims: Mapping[str, Any] = CLAIMS, key: Any = KEY, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": "one"}, dict(claims), key, algorithms=[alg])


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def unsigned(alg: str = "none") -> str:
    return ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": alg, "kid": "one"}, CLAIMS)) + "."


def by_hand(secret: bytes) -> str:
    """A token by HS256 with anything as its secret; a library would refuse a public key."""
    plain = unsigned("HS256")
    return plain + encoded(hmac.new(secret, plain.removesuffix(".").encode(), hashlib.sha256).digest())


def finish(ask: sign_on.Fetch, begun: Begun | None = BEGUN, now: datetime = NOW, **answer: str) -> Vouched:
    return sign_on.finish(LIAR, ask, begun, {**ANSWER, **answer}, BACK, now)


def test_a_good_token_is_good() -> None:
    assert finish(liar(signed())) == Vouched(LIAR.issuer, "248289761001", OWNER, is_email_verified=True)
    assert finish(liar(signed()), iss=LIAR.issuer).email == OWNER
    several = {**CLAIMS, "aud": [CLIENT, "others"], "azp": CLIENT}
    assert finish(liar(signed(several))).email == OWNER


BAD: dict[str, Callable[[], str]] = {
    "alg none": unsigned,
    "alg none with another's signature": lambda: unsigned() + signed().rpartition(".")[2],
    "signed by another key": lambda: signed(key=OTHER),
    "signed by the secret": lambda: signed(key=OctKey.import_key(SECRET), alg="HS256"),
    "signed by the public key as a secret": lambda: by_hand(KEY.as_pem(private=False)),
    "for another client": lambda: signed({**CLAIMS, "aud": "others"}),
    "for another client, by us": lambda: signed({**CLAIMS, "aud": ["others"], "azp": CLIENT}),
    "for several, by another": lambda: signed({**CLAIMS, "aud": [CLIENT, "others"], "azp": "others"}),
    "of another issuer": lambda: signed({**CLAIMS, "iss": "https://op.example/other"}),
    "expired": lambda: signed({**CLAIMS, "exp": int(NOW.timestamp()) - 120}),
    "without end": lambda: signed({name: value for name, value in CLAIMS.items() if name != "exp"}),
    "of another sign-in": lambda: signed({**CLAIMS, "nonce": "other"}),
    "without nonce": lambda: signed({name: value for name, value in CLAIMS.items() if name != "nonce"}),
    "of nobody": lambda: signed({**CLAIMS, "sub": ""}),
    "of a number": lambda: signed({**CLAIMS, "sub": 5}),
    "truncated": lambda: signed()[:-10],
    "without signature": lambda: signed().rpartition(".")[0] + ".",
    "no token": lambda: "x",
    "changed": lambda: signed().replace(".", ".e30", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_token_that_is_not_right_lets_nobody_in(name: str) -> None:
    with pytest.raises(SignOnFailed, match="cannot be verified"):
        finish(liar(BAD[name]()))


@pytest.mark.parametrize(("claim", "good", "bad"), [("exp", -59, -61), ("iat", 59, 61), ("nbf", 59, 61)])
def test_clocks_may_differ_by_a_minute_and_no_more(claim: str, good: int, bad: int) -> None:
    now = int(NOW.timestamp())
    assert finish(liar(signed({**CLAIMS, claim: now + good}))).email == OWNER
    with pytest.raises(SignOnFailed, match="cannot be verified"):
        finish(liar(signed({**CLAIMS, claim: now + bad})))


@pytest.mark.parametrize("verified", ["true", 1, False, None, "yes"])
def test_only_the_word_true_verifies_an_address(verified: object) -> None:
    assert not finish(liar(signed({**CLAIMS, "email_verified": verified}))).is_email_verified


def test_what_is_told_beside_the_token_is_of_the_same_person() -> None:
    bare = signed({name: value for name, value in CLAIMS.items() if not name.startswith("email")})
    me = {"sub": CLAIMS["sub"], "email": OWNER, "email_verified": True}
    assert finish(liar(bare, me=me)).is_email_verified
    with pytest.raises(SignOnFailed, match="cannot be verified"):
        finish(liar(bare, me={**me, "sub": "other"}))
    # An address in the token is not verified by what stands elsewhere.
    half = signed({name: value for name, value in CLAIMS.items() if name != "email_verified"})
    assert not finish(liar(half, me=me)).is_email_verified


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("issuer", "https://op.example/other"),
        ("issuer", "https://op.example/realm/"),
        ("token_endpoint", "https://evil.example/token"),
        ("token_endpoint", "http://op.example/token"),
        ("token_endpoint", "https://op.example@evil.example/token"),
        ("token_endpoint", "https://op.example:8443/token"),
        ("jwks_uri", "http://169.254.169.254/latest"),
        ("jwks_uri", None),
        ("authorization_endpoint", "javascript:alert(1)"),
    ],
)
def test_nothing_is_asked_elsewhere(place: str, value: object) -> None:
    with pytest.raises(SignOnFailed):
        finish(liar(signed(), {**METADATA, place: value}))


def test_hosts_that_are_listed_are_the_providers_too() -> None:
    keys = {**METADATA, "jwks_uri": "https://keys.example/jwks"}
    ask = liar(signed(), keys)

    def elsewhere(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, bytes]:
        return ask(method, METADATA["jwks_uri"] if "keys.example" in url else url, headers, body)

    with pytest.raises(SignOnFailed, match="not its own"):
        finish(elsewhere)
    own = replace(LIAR, hosts=frozenset({"keys.example"}))
    assert sign_on.finish(own, elsewhere, BEGUN, ANSWER, BACK, NOW).email == OWNER


@pytest.mark.parametrize(
    ("begun", "later", "answer"),
    [
        (None, 0, {}),
        (replace(BEGUN, provider="other"), 0, {}),
        (BEGUN, 601, {}),
        (BEGUN, -60, {}),
        (BEGUN, 0, {"state": "othe"}),
        (BEGUN, 0, {"state": ""}),
        (BEGUN, 0, {"iss": "https://another.example"}),
    ],
)
def test_an_answer_that_nobody_waits_for(begun: Begun | None, later: int, answer: dict[str, str]) -> None:
    with pytest.raises(SignOnFailed, match="was not begun"):
        finish(liar(signed()), begun, NOW + timedelta(seconds=later), **answer)


@pytest.mark.parametrize("answer", [(302, b"{}"), (500, b"{}"), (200, b"[]"), (200, b"<html>"), (200, b"[" * 9999)])
def test_a_provider_that_does_not_answer_as_it_should(answer: tuple[int, bytes]) -> None:
    with pytest.raises(SignOnFailed, match="does not answer as it should"):
        finish(lambda *_: answer)


def test_a_host_that_is_away_or_answers_too_much_is_told(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SignOnFailed, match="does not answer"):
        sign_on.begin(replace(LIAR, issuer="http://127.0.0.1:1"), sign_on.fetch, BACK, "", "en", NOW)
    monkeypatch.setattr(sign_on, "MOST_BYTES", 100)
    with pytest.raises(SignOnFailed, match="does not answer"):
        sign_on.begin(replace(LIAR, issuer=issuer), sign_on.fetch, BACK, "", "en", NOW)


def test_an_answer_that_drips_in_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_on, "SECONDS", 0.5)
    monkeypatch.setattr(sign_on, "CHUNK", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    connection.sendall(b" ")
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            sign_on.fetch("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", {})
    assert time.monotonic() - began < 5


# --- settings --------------------------------------------------------------------------------------


def test_everything_wrong_with_the_list_is_told(tmp_path: Path, listed: Path) -> None:
    assert [one.code for one in providers.read(listed)] == ["works"]
    assert SECRET not in repr(providers.read(listed))
    good = listed.read_text()
    listed.write_text(
        good + good + "- {code: B B, issuer: 'http://op.example', client_id: x, client_secret_file: /none, extra: 1, "
        "name_zh: 甲, hosts: op.example}\n"
    )
    with pytest.raises(ConfigurationInvalid) as caught:
        providers.read(listed)
    told = str(caught.value)
    for one in ("provider 2: 'works'", "'B B'", "'http://op.example'", "'/none'", "'extra'", "'name_en'", "'hosts'"):
        assert one in told
    for wrong in ("works: {}", "[", "- 5", "- {code: a, code: b}"):
        listed.write_text(wrong)
        with pytest.raises(ConfigurationInvalid, match="no YAML list"):
            providers.read(listed)
    with pytest.raises(ConfigurationInvalid, match="TANJI_OIDC_PROVIDERS"):
        config.load({"TANJI_OIDC_PROVIDERS": str(tmp_path / "none")})


def test_one_person_has_one_link_at_a_provider(app: Flask) -> None:
    with app.extensions["tanji"].database.session(write=False) as session:
        number = people.person(session, OWNER).id or 0
    with app.extensions["tanji"].database.open(write=True) as session:
        for subject in ("a", "b"):
            session.add(Identity(person_id=number, issuer="i", subject=subject, created=NOW))
        with pytest.raises(IntegrityError):
            session.flush()
