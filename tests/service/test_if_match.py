"""Two people edit one row: whoever says what he read is told that somebody was faster, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from make import organisation, product

from service.accounts import actions as accounts
from service.accounts import people
from service.app import create_app
from service.config import Settings

NOW = datetime.now(UTC)
LING = "/api/v1/organisations/ling"
SITE = {"code": "works", "name_zh": "一厂", "region": "CN-GD"}
Ask = Callable[..., Any]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["tanji"].database.dispose()


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Ask as Ling or as Bo, both owners."""
    tokens = {}
    with app.extensions["tanji"].database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, organisation(), NOW)
        for name in ("ling", "bo"):
            who = people.create(session, accounts.HOUSE, f"{name}@ling.example", name, "", NOW)
            people.put_member(session, accounts.operator(session, "ling"), who.email, "owner", NOW)
            tokens[name] = people.make_token(session, who, "script", "decide", 1, NOW)[0]
    client: FlaskClient = app.test_client()

    def asked(who: str, method: str, path: str, tag: str = "", **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {tokens[who]}", **({"If-Match": tag} if tag else {})}
        return client.open(f"{LING}{path}", method=method, headers=headers, **given)

    return asked


CASES = {
    "organisation": ("PATCH", "", "", {"contact": "Ling", "reason": "one"}, {"address": "Bo", "reason": "two"}),
    "site works": (
        *("POST", "/sites", "/sites/works"),
        {**SITE, "name_en": "Works", "reason": "one"},
        {**SITE, "name_en": "Factory", "reason": "two"},
    ),
    "product_model part": (
        *("POST", "/product-models", "/product-models/part"),
        {"model": product(category="castings"), "reason": "one"},
        {"model": product(category="rims"), "reason": "two"},
    ),
    "webhook 1": ("PATCH", "/webhooks/1", "/webhooks/1", {"active": False}, {"active": True}),
}


@pytest.mark.parametrize("subject", CASES)
def test_the_second_is_told_who_was_faster(ask: Ask, subject: str) -> None:
    assert ask("ling", "POST", "/sites", json=SITE).status_code == 201
    assert ask("ling", "POST", "/product-models", json={"model": product()}).status_code == 201
    hook = {"url": "https://8.8.8.8/told", "kinds": ["footprint.frozen"]}
    assert ask("ling", "POST", "/webhooks", json=hook).status_code == 201
    method, path, read, one, two = CASES[subject]
    tags = [ask(who, "GET", read).headers["ETag"] for who in ("ling", "bo")]
    assert tags[0] == tags[1]
    first = ask("ling", method, path, tags[0], json=one)
    assert first.status_code in (200, 201), first.json
    second = ask("bo", method, path, tags[1], json=two)
    assert (second.status_code, second.json["code"]) == (412, "changed-meanwhile")
    assert "changed by ling@ling.example at 20" in second.json["detail"]
    assert subject in second.json["detail"]
    now = ask("bo", "GET", read)
    assert now.headers["ETag"] == first.headers["ETag"] != tags[0]
    assert ask("bo", method, path, f'"other", {now.headers["ETag"]}', json=two).status_code in (200, 201)


def test_what_is_not_there_cannot_be_expected(ask: Ask) -> None:
    assert ask("ling", "POST", "/sites", '"x"', json=SITE).status_code == 404
    assert ask("ling", "POST", "/product-models", '"x"', json={"model": product()}).status_code == 404


@pytest.mark.parametrize("tag", ["x", 'W/"x"', "'x'"])
def test_what_is_no_etag_is_refused(ask: Ask, tag: str) -> None:
    answer = ask("ling", "POST", "/sites", tag, json=SITE)
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, ["If-Match"])


def test_whoever_has_it_already_is_told_so(ask: Ask, app: Flask) -> None:
    ask("ling", "POST", "/sites", json=SITE)
    tag = ask("ling", "GET", "/sites/works").headers["ETag"]
    client = app.test_client()
    path = "/api/v1/factors/cn-elec-2023-cn-gd"
    factor = client.get(path)
    assert factor.headers["Factor-Library-Version"] == app.extensions["tanji"].library.version
    assert client.get(path, headers={"If-None-Match": factor.headers["ETag"]}).status_code == 304
    assert ask("ling", "POST", "/sites", tag, json=SITE).headers["ETag"] == tag  # the same changes nothing
