"""What is sent to hurt: too much, too deep, under another's name, as what it is not. Nothing of it gets further."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from make import organisation, site

from service import http, reference
from service.accounts import actions as accounts
from service.accounts import people
from service.activities import actions as activities
from service.app import create_app
from service.config import Settings

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
SITE = {"code": "works", "name_zh": "一厂", "region": "CN-GD"}
ROW = {
    "site": "works", "activity": "electricity", "amount": "1", "unit": "kWh",
    "start": "2025-01-01", "end": "2025-01-31",
}  # fmt: skip
NOW = datetime.now(UTC)


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    assert client.post(BASE, json={"code": "ling", "name_zh": "灵铝再生"}).status_code == 201
    assert client.post(f"{LING}/sites", json=SITE).status_code == 201
    return client


def test_five_megabytes_of_json_are_too_large(ling: FlaskClient) -> None:
    """The service of the tests takes 1 MB."""
    answer = ling.post(f"{LING}/activities", json={**ROW, "name": "x" * 5_000_000})
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")
    answer = ling.post(f"{LING}/activities/bulk", json={"rows": [ROW] * 50_000})
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_json_has_a_limit_of_its_own(ling: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be much larger than what is read into memory at once."""
    monkeypatch.setattr(http, "MOST_JSON", 100)
    answer = ling.post(f"{LING}/activities", json={**ROW, "name": "x" * 100})
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"a": found}
    return found


@pytest.mark.parametrize("depth", [100, 900])
def test_what_is_nested_deep_is_refused(ling: FlaskClient, depth: int) -> None:
    deep = nested(depth)
    sent = {
        "product-models": {"model": deep},
        "footprints/trials": {"model": deep, "methods": ["pact.3.0"]},
        "activities/bulk": {"rows": [deep]},
        "activities": deep,
        "jobs": {"kind": "footprint.portfolio", "arguments": deep},
        "pact/published": {"footprint": "none", "said": deep},
    }
    for path, body in sent.items():
        answer = ling.post(f"{LING}/{path}", json=body)
        assert answer.status_code in (400, 404, 422), path
        assert answer.mimetype == "application/problem+json"


def test_a_name_given_twice_is_told(ling: FlaskClient) -> None:
    """Twice in one request, and once more in another."""
    parts = [{"id": "casting", "zh": "铸件", "mass_kg": "1", "from": {"supplier": "metal"}}] * 2
    model = {
        "id": "part", "zh": "铝件", "region": "CN-GD", "start": "2025-01-01", "end": "2025-12-31",
        "unit": {"kind": "declared", "amount": "1", "unit": "kg", "zh": "1 kg", "mass_kg": "1"},
        "suppliers": [{"id": "metal", "zh": "铝锭", "unit": "kg", "kgco2e": "8.5"}] * 2, "parts": parts,
    }  # fmt: skip
    answer = ling.post(f"{LING}/product-models", json={"model": model})
    assert (answer.status_code, answer.json["code"]) == (422, "model-invalid")
    assert len(answer.json["errors"]) >= 2
    assert ling.post(BASE, json={"code": "ling", "name_zh": "x"}).json["code"] == "code-taken"
    assert ling.post(f"{LING}/sites", json={**SITE, "name_zh": "x"}).json["code"] == "already-exists"


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 and then nothing", b"not a workbook", b"<html></html>", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" * 64],
)
def test_a_file_that_is_no_workbook_is_told(ling: FlaskClient, content: bytes) -> None:
    for path in ("imports", "inventories/rehearsals", "product-models/files"):
        answer = ling.post(f"{LING}/{path}", data={"file": (io.BytesIO(content), "2025.xlsx")})
        assert answer.status_code in (200, 422), (path, answer.json)
        assert answer.json["errors"] or answer.json["detail"], path
    assert ling.get(f"{LING}/activities").json == []
    assert ling.get(f"{LING}/product-models").json == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a/../../b.csv"])
def test_the_name_of_a_file_is_no_path(ling: FlaskClient, name: str, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if "evidence" not in path.parts}
    kept = ling.post(f"{LING}/evidence", data={"file": (io.BytesIO(b"proof"), name)})
    assert (kept.status_code, "/" in kept.json["name"]) == (201, False)
    for path in ("imports", "product-models/files"):
        ling.post(f"{LING}/{path}", data={"file": (io.BytesIO(b"site,activity\n"), name)})
    made = {path for path in tmp_path.rglob("*") if "evidence" not in path.parts} - before
    assert {path.name for path in made if path.is_file()} <= {"tanji.sqlite3-wal", "tanji.sqlite3-shm"}
    with ling.get(f"{LING}/evidence/{kept.json['sha256']}") as answer:
        assert "/" not in answer.headers["Content-Disposition"].partition("filename=")[2].partition(";")[0]


def test_what_a_stranger_wrote_is_no_formula_in_a_workbook(ling: FlaskClient) -> None:
    """A name that begins with '=' comes back as text in the workbook for auditors."""
    from python_calamine import CalamineWorkbook

    evil = '=HYPERLINK("https://evil.example","open")'
    assert ling.post(f"{LING}/activities", json={**ROW, "name": evil}).status_code == 201
    made = ling.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"}).json["id"]
    book = ling.get(f"{LING}/inventories/{made}/workbook.xlsx").data
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    cells = {
        str(cell) for name in read.sheet_names for line in read.get_sheet_by_name(name).to_python() for cell in line
    }
    assert evil in cells or f"'{evil}" in cells  # a formula would have come back as its value


# --- ids of others ---------------------------------------------------------------------------------


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["tanji"].database.dispose()


def tokens(app: Flask) -> dict[str, dict[str, str]]:
    found = {}
    with app.extensions["tanji"].database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, organisation("chen", name_zh="陈氏水泥"), NOW)
        for name in ("op", "chen"):
            who = people.create(session, accounts.HOUSE, f"{name}@x.example", "", "", NOW, is_operator=name == "op")
            if name == "chen":
                activities.put_site(session, accounts.operator(session, "chen"), site(), NOW)
                people.put_member(session, accounts.operator(session, "chen"), who.email, "owner", NOW)
            found[name] = {"Authorization": f"Bearer {people.make_token(session, who, 'x', 'decide', 1, NOW)[0]}"}
    return found


def test_no_id_of_another_organisation_is_there(app: Flask, ling: FlaskClient) -> None:
    """Ling has one of everything that the examples make. Chen asks for each, in her room and by her ids in his own."""
    for example in reference.table()["examples"][1:]:
        path, method = place(ling, example["operation"])
        ling.open(path.format_map(example.get("path", {})), method=method, json=example["body"])
    assert ling.post(f"{LING}/sites", json={**SITE, "code": "yard"}).status_code == 201
    given = tokens(app)["chen"]
    client = app.test_client()
    values = {
        "number": 1, "identifier": "ling-casting-pact.3.0-v1", "site": "yard", "product": "casting", "line": "L1",
        "partner": "buyer", "supplier": "smelter", "purchase": "ingot",
        "database": "ling", "delivery": 1, "sha256": "a" * 64, "kind": "instruments", "year": 2025, "version": 1,
    }  # fmt: skip
    bodies = {one["operation"]: one["body"] for one in reference.table()["examples"]}
    asked = 0
    for name, (path, method, one) in every(ling).items():
        if "{code}" not in path:
            continue
        sent = {"json": bodies[name]} if name in bodies else {}
        stranger = client.open(path.format_map({**values, "code": "ling"}), method=method, headers=given, **sent)
        assert (stranger.status_code, stranger.json["code"]) == (404, "not-found"), name
        takes_body = "requestBody" in one and name not in bodies
        if path.count("{") > 1 and not takes_body and name not in OWN:
            query = (
                {"format": "jsonld"} if name.endswith("export") else {"process": "x"} if name.endswith("score") else {}
            )
            own = client.open(
                path.format_map({**values, "code": "chen"}), method=method, headers=given, query_string=query, **sent
            )
            assert own.status_code == 404, (name, own.json)
            asked += 1
    assert asked > 30


OWN = {"base-years.note_change", "base-years.changes", "base-years.test", "sector.release"}
"""A year is nobody's; who is no curator is told so before any collection is looked for."""


def every(client: FlaskClient) -> dict[str, tuple[str, str, Any]]:
    document = client.get("/api/openapi.json").json
    return {
        one["operationId"]: (path, method.upper(), one)
        for path, found in document["paths"].items()
        for method, one in found.items()
        if method in reference.METHODS
    }


def place(client: FlaskClient, operation: str) -> tuple[str, str]:
    return every(client)[operation][:2]
