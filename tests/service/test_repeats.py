"""A request under a key is done once and answered again as it was, for whoever sent it and for a day."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import http
from service.accounts import repeats

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
SITE = {"code": "works", "name_zh": "一厂", "region": "广东"}
ROW = {
    "site": "works", "activity": "electricity", "amount": "1", "unit": "kWh",
    "start": "2025-01-01", "end": "2025-01-31",
}  # fmt: skip


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    assert client.post(BASE, json={"code": "ling", "name_zh": "灵铝再生"}).status_code == 201
    assert client.post(f"{LING}/sites", json=SITE).status_code == 201
    return client


def post(client: FlaskClient, path: str, key: str, **given: Any) -> Any:
    return client.post(f"{LING}/{path}", headers={"Idempotency-Key": key}, **given)


def entries(client: FlaskClient) -> int:
    return len(client.get(f"{LING}/audit").json)


def test_the_same_under_the_same_key_is_done_once(ling: FlaskClient) -> None:
    first = post(ling, "activities", "k", json=ROW)
    before = entries(ling)
    ling.post(f"{LING}/activities/1/corrections", json={**ROW, "amount": "2", "reason": "misread"})
    again = post(ling, "activities", "k", json=ROW)
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert entries(ling) == before + 1  # the correction alone
    assert post(ling, "activities", "other", json=ROW).json["code"] == "duplicates-differ"


def test_another_request_under_the_key_is_refused(ling: FlaskClient) -> None:
    post(ling, "activities", "k", json=ROW)
    for path, body in (("activities", {**ROW, "amount": "3"}), ("activities?language=en", ROW), ("sites", SITE)):
        answer = post(ling, path, "k", json=body)
        assert (answer.status_code, answer.json["code"]) == (422, "key-of-other")


def test_what_was_refused_may_be_sent_again_under_its_key(ling: FlaskClient) -> None:
    assert post(ling, "activities", "k", json={**ROW, "site": "none"}).status_code == 422
    assert post(ling, "activities", "k", json=ROW).status_code == 201


def test_a_key_is_good_for_a_day(ling: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    post(ling, "activities", "k", json=ROW)
    now = http.now
    monkeypatch.setattr(http, "now", lambda: now() + repeats.KEPT)
    assert post(ling, "sites", "k", json=SITE).status_code == 201
    monkeypatch.setattr(http, "now", lambda: now() + repeats.KEPT - timedelta(minutes=1))
    assert post(ling, "activities", "k", json=ROW).json["code"] == "key-of-other"


def test_a_file_is_the_same_whatever_stands_between_its_parts(ling: FlaskClient) -> None:
    def send(content: bytes) -> Any:
        return post(ling, "evidence", "k", data={"file": (io.BytesIO(content), "bill.pdf")})

    first = send(b"one")
    assert (first.status_code, send(b"one").json) == (201, first.json)
    assert send(b"two").json["code"] == "key-of-other"
    with ling.get(f"{LING}/evidence/{first.json['sha256']}") as kept:
        assert kept.data == b"one"


def test_parts_without_a_name_and_of_one_name_are_read(ling: FlaskClient) -> None:
    parts = ['name=""\r\n\r\nx', 'name="a"\r\n\r\ny'] + ['name="file"; filename="x.csv"\r\n\r\nz'] * 2
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--b--\r\n"
    answers = [
        post(ling, "evidence", "k", data=body.encode(), content_type="multipart/form-data; boundary=b")
        for _ in range(2)
    ]
    assert answers[0].status_code in (201, 422)
    assert [one.status_code for one in answers] == [answers[0].status_code] * 2


def test_a_secret_is_told_once(ling: FlaskClient) -> None:
    program = {"name": "meter", "scopes": "read"}
    made = post(ling, "clients", "k", json=program)
    assert made.json["secret"]
    again = post(ling, "clients", "k", json=program)
    assert (again.status_code, again.json["code"]) == (409, "answer-not-kept")
    assert len(ling.get(f"{LING}/clients").json) == 1
    database = ling.application.extensions["tanji"].database
    with database.session(write=False) as session:
        assert session.execute(text("SELECT body FROM kept_answer")).all() == [(None,)]


def test_of_two_at_once_one_is_undone(ling: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is answered between the first's look and its end."""
    looked = repeats.answered
    monkeypatch.setattr(repeats, "answered", lambda *_: None)
    post(ling, "sites", "k", json={**SITE, "code": "one"})
    answer = post(ling, "sites", "k", json={**SITE, "code": "two"})
    assert (answer.status_code, answer.json["code"]) == (409, "key-in-use")
    assert [one["code"] for one in ling.get(f"{LING}/sites").json] == ["one", "works"]
    monkeypatch.setattr(repeats, "answered", looked)
    assert post(ling, "sites", "k", json={**SITE, "code": "one"}).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
def test_what_is_no_key_is_refused(ling: FlaskClient, key: str) -> None:
    answer = post(ling, "activities", key, json=ROW)
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, ["Idempotency-Key"])


def test_a_kept_answer_is_never_said_otherwise(ling: FlaskClient) -> None:
    post(ling, "activities", "k", json=ROW)
    database = ling.application.extensions["tanji"].database
    with pytest.raises(DBAPIError, match="append-only"), database.session(write=True) as session:
        session.execute(text("UPDATE kept_answer SET status = 200"))
