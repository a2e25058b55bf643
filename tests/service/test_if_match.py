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
YEAR = {"start": "2025-01-01", "end": "2025-12-31"}
INSTRUMENT = {
    "kind": "gec", "number_from": "A001", "number_to": "A009", "amount_kwh": "9000", "region": "CN-GD",
    "generated_from": "2025-01-01", "generated_to": "2025-12-31", "technology": "wind",
}  # fmt: skip
OUTPUT = {"site": "works", "name_zh": "铝锭", "unit": "t", **YEAR}
FACTOR = {
    "id": "ling-power", "activity": "electricity", "name_en": "Power", "category": "electricity", "unit": "kg CO2/kWh",
    "gas": "CO2", "year": 2025, "valid_from": "2025-01-01", "region": "CN-GD", "source": "Annex 2", "licence": "own",
}  # fmt: skip
PARTNER = {"code": "buyer", "name": "Buyer"}
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
    "instrument": (
        *("POST", "/instruments", "/instruments/1"),
        {**INSTRUMENT, "amount_kwh": "8000", "reason": "one"},
        {**INSTRUMENT, "amount_kwh": "7000", "reason": "two"},
    ),
    "product": (
        *("POST", "/products", "/products/1"),
        {**OUTPUT, "amount": "80", "reason": "one"},
        {**OUTPUT, "amount": "70", "reason": "two"},
    ),
    "exclusion": (
        *("POST", "/exclusions", "/exclusions/1"),
        {"category": "commuting", **YEAR, "reason": "below 0.2 %", "change_reason": "one"},
        {"category": "commuting", **YEAR, "reason": "below 0.3 %", "change_reason": "two"},
    ),
    "factor ling-power": (
        *("POST", "/factors", "/factors/ling-power"),
        {**FACTOR, "value": "0.2", "reason": "one"},
        {**FACTOR, "value": "0.3", "reason": "two"},
    ),
    "pact-partner buyer": (
        *("POST", "/pact/partners", "/pact/partners/buyer"),
        {**PARTNER, "name": "One", "reason": "one"},
        {**PARTNER, "name": "Two", "reason": "two"},
    ),
    "webhook 1": ("PATCH", "/webhooks/1", "/webhooks/1", {"active": False}, {"active": True}),
}
REPLACED = {"instrument": "/instruments/2", "product": "/products/2", "exclusion": "/exclusions/2"}
"""Where the second one is told to look: another row has taken the place of the first, which keeps its number."""

BEFORE: dict[str, Any] = {
    "/sites": SITE,
    "/product-models": {"model": product()},
    "/webhooks": {"url": "https://8.8.8.8/told", "kinds": ["footprint.frozen"]},
    "/instruments": INSTRUMENT,
    "/products": {**OUTPUT, "amount": "90"},
    "/exclusions": {"category": "commuting", **YEAR, "reason": "below 0.1 %"},
    "/factors": {**FACTOR, "value": "0.1"},
    "/pact/partners": PARTNER,
}


@pytest.mark.parametrize("subject", CASES)
def test_the_second_is_told_who_was_faster(ask: Ask, subject: str) -> None:
    for place, body in BEFORE.items():
        made = ask("ling", "POST", place, json=body)
        assert made.status_code == 201, made.json
    method, path, read, one, two = CASES[subject]
    tags = [ask(who, "GET", read).headers["ETag"] for who in ("ling", "bo")]
    assert tags[0] == tags[1]
    first = ask("ling", method, path, tags[0], json=one)
    assert first.status_code in (200, 201), first.json
    second = ask("bo", method, path, tags[1], json=two)
    assert (second.status_code, second.json["code"]) == (412, "changed-meanwhile")
    assert "changed by ling@ling.example at 20" in second.json["detail"]
    assert subject in second.json["detail"]
    now = ask("bo", "GET", REPLACED.get(subject, read))
    assert now.headers["ETag"] == first.headers["ETag"] != tags[0]
    assert ask("bo", method, path, f'"other", {now.headers["ETag"]}', json=two).status_code in (200, 201)


@pytest.mark.parametrize("subject", REPLACED)
def test_what_was_replaced_is_no_longer_there(ask: Ask, subject: str) -> None:
    ask("ling", "POST", "/sites", json=SITE)
    method, path, read, one, _ = CASES[subject]
    ask("ling", method, path, json=BEFORE[path])
    assert ask("ling", method, path, json=one).status_code == 201
    assert ask("ling", "GET", read).status_code == 404
    assert ask("ling", "POST", f"{read}/withdrawal", json={"reason": "not ours"}).status_code == 404


def test_one_of_another_organisation_is_not_there(client: FlaskClient) -> None:
    for code in ("ling", "chen"):
        assert client.post("/api/v1/organisations", json={"code": code, "name_zh": code}).status_code == 201
    for place, body in BEFORE.items():
        assert client.post(f"{LING}{place}", json=body).status_code == 201
    for _, _, read, _, _ in CASES.values():
        if read:
            assert client.get(f"{LING}{read}").status_code == 200
            assert client.get(f"{LING.replace('ling', 'chen')}{read}").status_code == 404, read


@pytest.mark.parametrize(
    ("subject", "place", "read"),
    [
        ("factor ling-power", "/factors/ling-power/withdrawal", "/factors/ling-power"),
        ("pact-partner buyer", "/pact/partners/buyer/end", "/pact/partners/buyer"),
    ],
)
def test_only_what_was_read_is_taken_back(ask: Ask, subject: str, place: str, read: str) -> None:
    method, path, _, one, _ = CASES[subject]
    ask("ling", method, path, json=BEFORE[path])
    tag = ask("bo", "GET", read).headers["ETag"]
    ask("ling", method, path, json=one)
    refused = ask("bo", "POST", place, tag, json={"reason": "ended"})
    assert (refused.status_code, refused.json["code"]) == (412, "changed-meanwhile")
    tag = ask("bo", "GET", read).headers["ETag"]
    assert ask("bo", "POST", place, tag, json={"reason": "ended"}).status_code == 200
    assert ask("bo", "GET", read).status_code == 404


def test_of_two_corrections_of_one_row_the_second_meets_the_first(ask: Ask) -> None:
    """A row is never changed, so it has no ETag: its number says what was read, and one alone can take its place."""
    ask("ling", "POST", "/sites", json=SITE)
    row = {"site": "works", "activity": "electricity", "unit": "kWh", "start": "2025-01-01", "end": "2025-01-31"}
    assert ask("ling", "POST", "/activities", json={**row, "amount": "1"}).status_code == 201
    assert "ETag" not in ask("bo", "GET", "/activities/1").headers
    first, second = (
        ask(who, "POST", "/activities/1/corrections", json={**row, "amount": amount, "reason": "misread"})
        for who, amount in (("ling", "2"), ("bo", "3"))
    )
    assert (first.status_code, first.json["datum"]["id"]) == (201, 2)
    assert (second.status_code, second.json["code"]) == (409, "already-corrected")
    assert "D1 was replaced by D2" in second.json["detail"]
    late = ask("bo", "POST", "/activities/1/withdrawal", json={"reason": "not ours"})
    assert (late.status_code, late.json["code"]) == (409, "already-corrected")
    assert ask("bo", "GET", "/activities/1").json["replaced_by"] == 2


def test_what_is_not_there_cannot_be_expected(ask: Ask) -> None:
    for place, body in BEFORE.items():
        if place != "/webhooks":
            ask("ling", "POST", "/sites", json={**SITE, "code": "other"})
            body = {**body, "site": "other"} if place == "/products" else body
            assert ask("ling", "POST", place, '"x"', json=body).status_code == 404, place


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
