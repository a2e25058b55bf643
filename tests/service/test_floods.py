"""Floods: whoever asks too much is told to wait, and nobody else notices."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import redis
from flask import Flask
from people_made import PASSWORD, bearer, fill, form
from werkzeug.test import TestResponse

from service import config
from service.accounts import actions as accounts
from service.accounts import clients, floods
from service.accounts.rights import RULES
from service.app import create_app
from service.config import Settings
from service.errors import ConfigurationInvalid

REDIS = "redis://127.0.0.1:6379/9"
OWNER, BO, CHEN = "owner@one.example", "editor@one.example", "owner@two.example"
ROOMS = "/api/v1/organisations"

Limited = Callable[..., Flask]


@pytest.fixture
def limited(settings: Settings) -> Iterator[Limited]:
    """Make the service with other limits."""
    made: list[Flask] = []

    def make(**limits: object) -> Flask:
        app = create_app(replace(settings, **limits))  # type: ignore[arg-type]
        if not made:
            with app.extensions["tanji"].database.session(write=True) as session:
                fill(session)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["tanji"].database.dispose()


def ask(app: Flask, times: int, address: str = ROOMS, **given: object) -> list[TestResponse]:
    client = app.test_client()
    return [client.get(address, **given) for _ in range(times)]  # type: ignore[arg-type]


def statuses(found: list[TestResponse]) -> list[int]:
    return [one.status_code for one in found]


def at(address: str) -> dict[str, dict[str, str]]:
    return {"environ_base": {"REMOTE_ADDR": address}}


def test_one_who_floods_waits_and_others_do_not(limited: Limited) -> None:
    app = limited(limit_known="5/minute")
    flooding, other = bearer(app, OWNER), bearer(app, CHEN)
    found = ask(app, 7, headers=flooding)
    assert statuses(found) == [200] * 5 + [429] * 2
    refused = found[-1]
    assert refused.mimetype == "application/problem+json"
    assert (refused.json["code"], refused.json["status"]) == ("too-many-requests", 429)
    assert refused.json["detail"] == "too many requests: 5 a minute are answered; wait a little, then try again"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert statuses(ask(app, 3, headers=other)) == [200] * 3
    # The same person by another token and from elsewhere is the same person.
    assert statuses(ask(app, 1, headers=bearer(app, OWNER), **at("198.51.100.7"))) == [429]


def test_what_is_left_is_told(limited: Limited) -> None:
    app = limited(limit_known="3/minute")
    found = ask(app, 4, headers=bearer(app, OWNER))
    assert [one.headers["X-RateLimit-Remaining"] for one in found] == ["2", "1", "0", "0"]
    assert {one.headers["X-RateLimit-Limit"] for one in found} == {"3"}
    assert all(0 <= int(one.headers["X-RateLimit-Reset"]) - time.time() <= 61 for one in found)
    assert ["Retry-After" in one.headers for one in found] == [False, False, False, True]


def test_programs_are_counted_by_their_client(limited: Limited) -> None:
    app = limited(limit_known="2/hour")
    headers = []
    for code in ("one", "two"):
        with app.extensions["tanji"].database.session(write=True) as session:
            row, secret = clients.create(session, accounts.operator(session, code), "erp", "read", datetime.now(UTC))
        answer = app.test_client().post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(row.id, secret)
        )  # fmt: skip
        headers.append({"Authorization": f"Bearer {answer.json['access_token']}"})
    assert statuses(ask(app, 3, headers=headers[0])) == [200, 200, 429]
    assert statuses(ask(app, 1, headers=headers[1])) == [200]


def test_strangers_are_counted_by_address_though_they_are_refused(limited: Limited) -> None:
    app = limited(limit_strangers="3/hour")
    wrong = {"Authorization": "Bearer tanji_guess"}
    assert statuses(ask(app, 5, headers=wrong, **at("203.0.113.5"))) == [401] * 3 + [429] * 2
    assert statuses(ask(app, 1, headers=wrong, **at("203.0.113.6"))) == [401]
    assert statuses(ask(app, 1, "/nowhere", **at("203.0.113.5"))) == [429]
    assert statuses(ask(app, 5, "/health", **at("203.0.113.5"))) == [200] * 5
    assert statuses(ask(app, 1, headers=bearer(app, OWNER), **at("203.0.113.5"))) == [200]


def test_pages_say_it_as_pages(limited: Limited) -> None:
    app = limited(limit_strangers="1/minute")
    refused = ask(app, 2, "/sign-in?language=zh")[1]
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert "请求过于频繁：每分钟最多 1 次" in refused.text
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("limits", "english", "chinese"),
    [
        ("9/minute;2/second", "2 a second", "每秒最多 2 次"),
        ("9/minute;2/hour", "2 an hour", "每小时最多 2 次"),
        ("2/day;9/minute", "2 a day", "每天最多 2 次"),
    ],
)
def test_the_limit_that_was_reached_is_named(
    limited: Limited, limits: str, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = limited(limit_strangers=limits)
    stopped = time.time()
    monkeypatch.setattr(time, "time", lambda: stopped)
    wrong = {"Authorization": "Bearer tanji_guess"}
    for language, said in (("en", english), ("zh", chinese)):
        refused = ask(app, 3, f"{ROOMS}?language={language}", headers=wrong)[-1]
        assert (refused.status_code, said in refused.json["detail"]) == (429, True), refused.json


def test_guesses_have_a_limit_of_their_own(limited: Limited) -> None:
    app = limited(limit_guesses="3/hour")
    client = app.test_client()
    sent = form(client, "/sign-in")
    for email in ("a@x.example", "b@x.example", "c@x.example"):  # many people, one guess each
        assert client.post("/sign-in", data={**sent, "email": email, "password": PASSWORD}).status_code == 401
    assert client.post("/sign-in", data={**sent, "email": OWNER, "password": PASSWORD}).status_code == 429
    assert client.post("/sign-in/forgotten", data={**sent, "email": OWNER}).status_code == 429
    token = client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("x", "y"))
    assert (token.status_code, token.json["code"]) == (429, "too-many-requests")
    assert client.get("/sign-in").status_code == 200
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert elsewhere.post(
        "/sign-in", data={**form(elsewhere, "/sign-in"), "email": OWNER, "password": PASSWORD}
    ).status_code == 303  # fmt: skip


def test_what_is_costly_has_a_limit_of_its_own(limited: Limited) -> None:
    app = limited(limit_costly="2/hour")
    found = [app.test_client().post("/api/v1/verify", data={}) for _ in range(3)]
    assert statuses(found) == [422, 422, 429]
    assert statuses(ask(app, 1, "/templates")) == [200]


def test_an_answer_by_the_page_of_a_link_costs_what_one_by_the_api_does(limited: Limited) -> None:
    app = limited(limit_costly="2/hour")
    client = app.test_client()
    token = form(client, "/sign-in")
    assert statuses([client.post("/answer/none", data=token) for _ in range(3)]) == [404, 404, 429]
    assert statuses(ask(app, 3, "/answer/none")) == [404] * 3


def test_what_has_a_limit_of_its_own_is_an_address() -> None:
    counted = floods.GUESSES | floods.SIGN_ON | floods.COSTLY | floods.COSTLY_POSTED | floods.UNCOUNTED
    assert set(RULES) >= counted


def test_pact_hosts_are_told_as_pact_says(limited: Limited) -> None:
    refused = ask(limited(limit_strangers="1/minute"), 2, "/3/footprints")[1]
    assert (refused.status_code, refused.json.keys() >= {"code", "message"}) == (429, True)
    assert "1 a minute" in refused.json["message"]
    assert "Retry-After" in refused.headers


def test_without_limits_nothing_is_counted(limited: Limited) -> None:
    found = ask(limited(limit_strangers=""), 400, "/sign-in")
    assert {one.status_code for one in found} == {200}
    assert "X-RateLimit-Limit" not in found[0].headers


def test_an_address_is_what_the_proxy_in_front_says(limited: Limited) -> None:
    def forwarded(app: Flask, *addresses: str) -> list[int]:
        return [statuses(ask(app, 1, "/sign-in", headers={"X-Forwarded-For": one}))[0] for one in addresses]

    app = limited(limit_strangers="1/hour", proxies=1)
    # What the client itself put there stands before what the proxy added.
    assert forwarded(app, "203.0.113.1", "203.0.113.2", "198.51.100.1, 203.0.113.1") == [200, 200, 429]
    app = limited(limit_strangers="1/hour", proxies=0)
    assert forwarded(app, "203.0.113.1", "203.0.113.2") == [200, 429]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1%eth0", "2001:db8:1:2::/64"),
        ("", "none"),
    ],
)
def test_a_household_has_a_network_of_version_6(address: str, kept: str) -> None:
    assert floods.network(address) == kept


@pytest.mark.parametrize(("url", "proxies"), [("https://tanji.example", 1), ("http://127.0.0.1:8000", 0)])
def test_behind_tls_there_is_a_proxy(url: str, proxies: int) -> None:
    assert config.load({"TANJI_BASE_URL": url}).proxies == proxies
    assert config.load({"TANJI_BASE_URL": url, "TANJI_PROXIES": "2"}).proxies == 2


@pytest.mark.parametrize("value", ["0/minute", "10", "ten/minute", "10/fortnight", "10/minute;", "10/minute,5/hour"])
def test_limits_that_are_none(value: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="TANJI_LIMIT_GUESSES"):
        config.load({"TANJI_LIMIT_GUESSES": value})
    assert config.load({"TANJI_LIMIT_GUESSES": " None "}).limit_guesses == ""
    assert config.load({"TANJI_LIMIT_GUESSES": "10 / Minute; 50/hour"}).limit_guesses == "10/minute;50/hour"


# --- Redis ----------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        server.ping()
    except redis.ConnectionError:
        pytest.skip("no Redis answers here")
    before = set(server.keys("LIMITS:*tanji*"))
    yield server
    for key in set(server.keys("LIMITS:*tanji*")) - before:
        server.delete(key)
    server.close()


def test_processes_count_together_by_redis(limited: Limited, server: redis.Redis) -> None:
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    apps = [limited(limit_strangers="4/hour", redis_url=REDIS) for _ in range(2)]
    found = [statuses(ask(app, 3, "/sign-in", **at(address))) for app in apps]
    assert found == [[200, 200, 200], [200, 429, 429]]
    assert statuses(ask(apps[0], 1, "/sign-in", **at("203.0.113.77"))) == [200]


def test_a_redis_that_is_away_closes_nothing(limited: Limited) -> None:
    app = limited(limit_strangers="2/hour", redis_url="redis://127.0.0.1:1/0")
    assert statuses(ask(app, 3, "/sign-in")) == [200, 200, 429]
