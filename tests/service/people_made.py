"""Two organisations and their people, and how they sign in: what the tests of pages and tokens share."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from make import organisation
from sqlmodel import Session
from werkzeug.test import TestResponse

from service import sealing
from service.accounts import actions as accounts
from service.accounts import passwords, people
from service.sealing import Seal

NOW = datetime.now(UTC)
PASSWORD = "a long way to Xiangyang"
ROLES = {"owner@one.example": "owner", "editor@one.example": "editor", "reader@one.example": "reader"}


def fill(session: Session) -> None:
    for code in ("one", "two"):
        accounts.create(session, accounts.HOUSE, organisation(code=code), NOW)
    kept = passwords.hashed(PASSWORD)
    for email, role in {**ROLES, "owner@two.example": "owner"}.items():
        who = people.create(session, accounts.HOUSE, email, "", "", NOW)
        who.password_hash = kept
        code = email.partition("@")[2].partition(".")[0]
        people.put_member(session, accounts.operator(session, code), email, role, NOW)


def seal_of(app: Flask) -> Seal:
    return sealing.of_people(app.extensions["tanji"].settings.data)


def signed_in(app: Flask, email: str, password: str = PASSWORD) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    return client, client.post("/sign-in", data={**form(client, "/sign-in"), "email": email, "password": password})


def form(client: FlaskClient, address: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found
    return {"csrf_token": found[1]}


def bearer(app: Flask, email: str, scopes: str = "decide") -> dict[str, str]:
    with app.extensions["tanji"].database.session(write=True) as session:
        token, _ = people.make_token(session, people.person(session, email), "script", scopes, 1, datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}
