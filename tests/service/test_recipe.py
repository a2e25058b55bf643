"""A supplier's recipe never leaves its room: one owns it, one buys the product, one is a stranger.

Whatever goes into Chen's furnace is called by a word that stands nowhere else. Ling, who has accepted the footprint of
the product and computes with it, and Dan, who has nothing to do with either, then ask for everything there is to ask
for, in her room, in his and in Chen's; the word, and the amounts beside it, are in no answer.
"""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from make import organisation, product
from people_made import PASSWORD
from sqlalchemy import event

from service import reference
from service.accounts import actions as accounts
from service.accounts import passwords, people
from service.app import create_app
from service.config import Settings

NOW = datetime.now(UTC)
BASE = "/api/v1/organisations"
CHEN, LING, DAN = (f"{BASE}/{code}" for code in ("chen", "ling", "dan"))
SECRETS = ("zq7", "秘方", "1.0707", "0.98765", "77123.5")
"""The word in ASCII and Chinese, how much scrap there is in a kilogram, its own factor, a year's power."""

STUDY, DOOR, PRICE = "chen-ingot-pact.3.0-v1", "ling-door-pact.3.0-v1", "hong.ingot.1"
VALUES: dict[str, Any] = {
    "number": 1, "identifier": STUDY, "site": "zq7-works", "product": "ingot", "line": "L001", "partner": "zq7-partner",
    "supplier": "zq7-supplier", "purchase": "zq7-scrap", "database": "zq7-lci", "delivery": 1, "sha256": "a" * 64,
    "kind": "instruments", "year": 2025, "version": 3, "name": "xlsx", "provider": "works", "filename": "tanji.css",
    "rest": "events", "token": "x" * 43,
}  # fmt: skip


def recipe() -> dict[str, Any]:
    scrap = {"id": "zq7-input", "zh": "秘方废料", "amount": "1.0707", "unit": "kg", "stage": "raw_materials",
             "from": {"supplier": "zq7-trader"}}  # fmt: skip
    melting = {
        "id": "zq7-melting",
        "zh": "秘方熔炼",
        "stage": "production",
        "output": "1",
        "unit": "kg",
        "inputs": [scrap],
    }
    trader = {"id": "zq7-trader", "zh": "秘方商", "unit": "kg", "kgco2e": "1.2", "method": "pact.3.0", "gwp_set": "AR6"}
    return product("ingot", zh="铝锭", parts=[], processes=[melting], main="zq7-melting", suppliers=[trader])


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["tanji"].database.dispose()


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> dict[str, dict[str, str]]:
    """Three owners by their tokens, and all that is done before anybody is curious."""
    found = {}
    with app.extensions["tanji"].database.session(write=True) as session:
        kept = passwords.hashed(PASSWORD)
        for code, name in (("chen", "陈氏再生铝"), ("ling", "灵铝"), ("dan", "丹")):
            accounts.create(session, accounts.HOUSE, organisation(code, name_zh=name, name_en=code.title()), NOW)
            who = people.create(session, accounts.HOUSE, f"owner@{code}.example", "", "", NOW)
            who.password_hash = kept
            people.put_member(session, accounts.operator(session, code), who.email, "owner", NOW)
            found[code] = {"Authorization": f"Bearer {people.make_token(session, who, 'x', 'decide', 1, NOW)[0]}"}
    _of_chen(client)
    link = _of_ling(client)
    done(client.post(f"{CHEN}/given-footprints", json={"link": link, "footprint": STUDY}))
    done(client.post(f"{LING}/footprint-answers/1/accept", json={"reason": "looked at"}))
    model = product("door", suppliers=[])
    model["parts"][0]["from"] = {"supplier": PRICE}
    done(client.post(f"{LING}/product-models", json={"model": model}))
    done(client.post(f"{LING}/footprints", json={"product": "door", "method": "pact.3.0"}))
    return found


def done(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json


def _of_chen(client: FlaskClient) -> None:
    done(client.post(f"{CHEN}/sites", json={"code": "zq7-works", "name_zh": "秘方一厂", "region": "CN-GD"}))
    row = {"site": "zq7-works", "activity": "electricity", "amount": "77123.5", "unit": "kWh", "start": "2025-01-01",
           "end": "2025-12-31", "meter": "zq7-meter", "counterparty": "秘方电力"}  # fmt: skip
    done(client.post(f"{CHEN}/activities", json=row))
    own = {"id": "zq7-factor", "activity": "electricity", "name_en": "zq7 turbine", "category": "electricity",
           "value": "0.98765", "unit": "kg CO2/kWh", "gas": "CO2", "year": 2025, "valid_from": "2025-01-01",
           "region": "CN-GD", "source": "zq7 contract", "licence": "own data"}  # fmt: skip
    done(client.post(f"{CHEN}/factors", json=own))
    done(client.post(f"{CHEN}/product-models", json={"model": recipe()}))
    done(client.post(f"{CHEN}/footprints", json={"product": "ingot", "method": "pact.3.0"}))
    done(client.post(f"{CHEN}/inventories", json={"year": 2025, "method": "inventory.ghgp"}))
    done(client.post(f"{CHEN}/exclusions", json={"category": "commuting", "reason": "zq7", "start": "2025-01-01",
                                                 "end": "2025-12-31"}))  # fmt: skip
    done(client.post(f"{CHEN}/suppliers", json={"code": "zq7-supplier", "name_zh": "秘方商"}))
    bought = {"code": "zq7-scrap", "name_zh": "秘方废料", "unit": "kg"}
    done(client.post(f"{CHEN}/suppliers/zq7-supplier/purchases", json=bought))
    done(client.post(f"{CHEN}/pact/partners", json={"code": "zq7-partner", "name": "zq7", "sees": ["*"]}))
    done(client.post(f"{CHEN}/clients", json={"name": "zq7", "scopes": "read"}))
    done(client.post(f"{CHEN}/invitations", json={"email": "zq7@chen.example", "role": "reader"}))
    done(client.post(f"{CHEN}/footprints/portfolio", json={"method": "pact.3.0"}))


def _of_ling(client: FlaskClient) -> str:
    done(client.post(f"{LING}/suppliers", json={"code": "hong", "name_zh": "陈氏再生铝"}))
    done(client.post(f"{LING}/suppliers/hong/purchases", json={"code": "ingot", "name_zh": "铝锭", "unit": "kg"}))
    deadline = (NOW + timedelta(days=30)).date().isoformat()
    asked = {"purchase": "ingot", "method": "pact.3.0", "period_start": "2025-01-01", "period_end": "2025-12-31",
             "deadline": deadline}  # fmt: skip
    return str(done(client.post(f"{LING}/footprint-requests", json=asked))["link"])


# --- asking for everything -------------------------------------------------------------------------


ASKED = re.compile(rb"\b(activity|q|process|one|other)=[^\"&]*")
BLANK = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


def addresses(app: Flask, **values: Any) -> Iterator[tuple[str, str]]:
    """Every address that is read, its blanks filled."""
    known = VALUES | values
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield (
                rule.endpoint,
                re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda blank: str(known[blank[1]]), rule.rule),
            )


def inside(content: bytes, folder: Path) -> bytes:
    """Return what is in an answer, with what is packed in it."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return b"\n".join(name.encode() + inside(packed.read(name), folder) for name in packed.namelist())
    if content[:2] == b"\x1f\x8b":
        return gzip.decompress(content)
    if content[:5] == b"%PDF-":
        (folder / "read.pdf").write_bytes(content)
        said = subprocess.run(["pdftotext", folder / "read.pdf", "-"], capture_output=True, check=True).stdout
        with pikepdf.open(io.BytesIO(content)) as pdf:
            streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
            held = [one.read_bytes() for one in streams if one.get("/Subtype") != "/Image"]
        return said + b"\n".join(inside(one, folder) for one in held)
    return content


def told(content: bytes) -> set[str]:
    """Return the secrets that an answer gives away, however it writes them."""
    text = content.decode("utf-8", "ignore")
    escaped = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return {one for one in SECRETS if one in text or one in escaped}


@pytest.mark.parametrize("curious", ["ling", "dan"])
def test_nothing_that_is_read_tells_the_recipe(
    app: Flask, world: dict[str, dict[str, str]], curious: str, tmp_path: Path
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    program, browser = app.test_client(), app.test_client()
    browser.post("/sign-in", data={"email": f"owner@{curious}.example", "password": PASSWORD})
    own = {"purchase": "ingot", "supplier": "hong"} if curious == "ling" else {}
    tries = [("chen", {}), (curious, {}), *((curious, {**own, "identifier": name}) for name in (DOOR, PRICE))]
    answered: dict[int, int] = {}
    for code, values in tries:
        for endpoint, address in addresses(app, code=code, **values):
            query = {"activity": "zq7", "q": "zq7 秘方", "process": "zq7-melting", "one": STUDY, "other": STUDY}
            is_api = address.startswith(("/api/", "/2/", "/3/"))
            for given in ({}, query):
                asking = program if is_api else browser
                answer = asking.get(address, query_string=given, headers=world[curious] if is_api else {})
                # The address of the page in the other language has what was asked for, and an error may say it again.
                said = ASKED.sub(b"", inside(answer.data, tmp_path))
                if answer.status_code >= 400 or endpoint in ECHO:
                    for asked in (*(str(one) for one in (VALUES | values).values()), *given.values()):
                        said = said.replace(asked.encode(), b"")
                assert told(said) == set(), (endpoint, address, answer.status_code)
                assert answer.status_code < 500, (endpoint, answer.text)
                if "/organisations/chen" in address:
                    assert answer.status_code in (404, 422), (endpoint, answer.status_code)
                answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
    assert answered[200] > 120, answered


ECHO = frozenset({"factors.search", "templates.listed"})
"""What is looked for stands in the form again, or in the address of the next part."""


def test_the_buyers_report_tells_of_the_supplier_what_was_accepted(
    app: Flask, world: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.post("/sign-in", data={"email": "owner@ling.example", "password": PASSWORD})
    answer = browser.post(
        f"/organisations/ling/inventories/{DOOR}/report", data={"document": "study", "language": "both"}
    )
    assert answer.mimetype == "application/pdf"
    content = inside(answer.data, tmp_path)
    assert told(content) == set()
    assert PRICE in content.decode("utf-8", "ignore")  # what is looked through is what is said


# --- what is measured from outside ------------------------------------------------------------------


def test_what_is_anothers_costs_as_much_as_what_is_nobodys(app: Flask, world: dict[str, dict[str, str]]) -> None:
    """By the questions asked of the database: who measures the time an answer takes learns not whether there is one."""
    client, asked = app.test_client(), 0
    nobodys = {"number": 2_000_000, "identifier": "none", "site": "none", "product": "none", "partner": "none",
               "purchase": "none", "database": "none", "sha256": "b" * 64}  # fmt: skip
    for code, others in (("dan", {}), ("chen", {"code": "nobody"})):
        theirs = dict(addresses(app, code=code, identifier=STUDY))
        none = dict(addresses(app, **({"code": code} | nobodys | others)))
        for endpoint, address in theirs.items():
            if not address.startswith("/api/v1/organisations/") or address == none[endpoint]:
                continue
            counts = []
            for one in (address, none[endpoint]):
                with counted(app) as statements:
                    answer = client.get(one, headers=world["dan"])
                counts.append((answer.status_code, len(statements)))
            assert counts[0] == counts[1], (endpoint, address, counts)
            asked += 1
    assert asked > 60


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []
    engine = app.extensions["tanji"].database.engine

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_an_error_does_not_name_what_is_anothers(app: Flask, world: dict[str, dict[str, str]]) -> None:
    """Every change that there is, asked for in Chen's room and by her ids in one's own."""
    client = app.test_client()
    bodies = {one["operation"]: one["body"] for one in reference.table()["examples"]}
    for code in ("chen", "dan"):
        for rule in app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) & {"POST", "PATCH", "DELETE"}):
                if not rule.rule.startswith("/api/v1/organisations/<code>"):
                    continue
                address = BLANK.sub(lambda blank, code=code: str((VALUES | {"code": code})[blank[1]]), rule.rule)
                answer = client.open(address, method=method, headers=world["dan"], json=bodies.get(rule.endpoint, {}))
                said = answer.data
                for asked in VALUES.values():
                    said = said.replace(str(asked).encode(), b"")
                assert told(said) == set(), (rule.endpoint, answer.text)
                assert answer.status_code < 500, (rule.endpoint, answer.text)
                assert code == "dan" or answer.status_code == 404, (rule.endpoint, answer.status_code)
