"""The JSON API: one shape of error, exact decimals, nothing of another organisation, and its own OpenAPI file kept."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from sqlalchemy import text

from service import config, db
from service.accounts import actions as accounts
from service.accounts import people
from service.activities import intake
from service.app import create_app
from service.schemas import cursor
from tests.machine import application

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
ROW = {
    "site": "works",
    "activity": "electricity",
    "amount": "1200.50",
    "unit": "kWh",
    "start": "2025-01-01",
    "end": "2025-01-31",
}
FACTOR = {
    "id": "ling-power-2025",
    "activity": "electricity",
    "name_en": "Power from the neighbour's turbine",
    "category": "electricity",
    "value": "0.1234",
    "unit": "kg CO2/kWh",
    "gas": "CO2",
    "year": 2025,
    "valid_from": "2025-01-01",
    "region": "CN-GD",
    "source": "Supply contract 2025-017, annex 2",
    "licence": "own data",
}


def make_works(client: FlaskClient, code: str = "ling") -> None:
    assert client.post(BASE, json={"code": code, "name_zh": "灵铝再生"}).status_code == 201
    site = {"code": "works", "name_zh": "一厂", "region": "广东"}
    assert client.post(f"{BASE}/{code}/sites", json=site).status_code == 201


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    make_works(client)
    return client


def errors(answer: Any) -> dict[str, str]:
    return {item["field"]: item["code"] for item in answer.json["errors"]}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"amount":' + b"9" * 5000 + b"}",
        b'{"\\ud800": 1}',
        b'{"note": "\\udc00"}',
        b"\xff",
        b"{",
    ],
)
@pytest.mark.parametrize("path", ["activities", "inventories", "sites", "instruments", "products", "exclusions"])
def test_json_that_cannot_be_read_is_a_bad_request(ling: FlaskClient, path: str, body: bytes) -> None:
    answer = ling.post(f"{LING}/{path}", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "bad-request")


def test_a_file_is_read_without_the_writers_lock(ling: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at a file keeps nobody from storing."""
    database = ling.application.extensions["tanji"].database
    reading = intake.read

    def meanwhile(*given: Any, **more: Any) -> Any:
        with database.session(write=True) as session:
            session.execute(text("UPDATE organisation SET contact = 'x'"))
        return reading(*given, **more)

    monkeypatch.setattr(intake, "read", meanwhile)
    assert send(ling, CSV).status_code == 200


def test_an_amount_comes_back_as_it_was_sent(ling: FlaskClient) -> None:
    answer = ling.post(f"{LING}/activities", json=ROW)
    assert answer.status_code == 201
    assert answer.json["datum"]["amount"] == "1200.50"
    assert answer.json["warnings"] == []
    assert ling.get(f"{LING}/activities/1").json == answer.json["datum"]
    assert [row["id"] for row in ling.get(f"{LING}/activities").json] == [1]


def test_names_and_units_are_understood_as_in_a_file(ling: FlaskClient) -> None:
    answer = ling.post(f"{LING}/activities", json={**ROW, "site": "一厂", "activity": "外购电力", "unit": "万千瓦时"})
    datum = answer.json["datum"]
    assert (datum["site"], datum["activity"], datum["unit"]) == ("works", "electricity", "1e4kWh")


def test_everything_wrong_is_named_at_once(ling: FlaskClient) -> None:
    sent = {**ROW, "amount": 1.2, "end": "2024-12-31", "quality": "guessed", "colour": "green", "site": ""}
    answer = ling.post(f"{LING}/activities", json=sent)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["code"] == "input-invalid"
    assert set(errors(answer)) == {"amount", "quality", "colour", "site"}


def test_the_end_may_not_come_first(ling: FlaskClient) -> None:
    assert set(errors(ling.post(f"{LING}/activities", json={**ROW, "end": "2024-12-31"}))) == {"end"}


def test_what_the_library_does_not_know_is_named_with_what_is_near(ling: FlaskClient) -> None:
    answer = ling.post(f"{LING}/activities", json={**ROW, "activity": "electricty", "unit": "kWq"})
    assert errors(answer) == {"activity": "activity-unknown", "unit": "unit-unknown"}
    assert "electricity" in answer.json["errors"][0]["message"]


def test_a_second_amount_is_refused_until_a_reason_is_given(ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    assert ling.post(f"{LING}/activities", json=ROW).status_code == 201  # the same changes nothing
    answer = ling.post(f"{LING}/activities", json={**ROW, "amount": "1300"})
    assert (answer.status_code, answer.json["code"]) == (409, "duplicates-differ")
    answer = ling.post(f"{LING}/activities", json={**ROW, "amount": "1300", "reason": "read again"})
    assert (answer.json["datum"]["id"], answer.json["datum"]["replaces"]) == (2, 1)


def test_a_row_is_corrected(ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    path = f"{LING}/activities/1/corrections"
    assert ling.post(path, json=ROW).status_code == 422  # no reason
    answer = ling.post(path, json={**ROW, "amount": "9", "reason": "slip of the pen"})
    assert (answer.status_code, answer.json["datum"]["replaces"]) == (201, 1)
    assert ling.get(f"{LING}/activities/1").json["replaced_by"] == 2


CSV = "site,activity,start,end,amount,unit\nworks,electricity,2025-01-01,2025-01-31,1200,kWh\n"


def send(client: FlaskClient, content: str, query: str = "") -> Any:
    file = (io.BytesIO(content.encode()), "2025.csv")
    return client.post(f"{LING}/imports{query}", data={"file": file})


def test_a_file_is_checked_first_and_stored_on_confirmation(ling: FlaskClient) -> None:
    dry = send(ling, CSV)
    assert (dry.status_code, dry.json["stored"]) == (200, None)
    assert dry.json["receipt"]["counts"]["loaded"] == 1
    assert ling.get(f"{LING}/activities").json == []
    stored = send(ling, CSV, "?confirm=true").json["stored"]
    assert (stored["loaded"], stored["already"]) == (1, False)
    again = send(ling, CSV, "?confirm=true").json["stored"]
    assert again == {**stored, "already": True}


def test_a_check_tells_conflicts_and_a_rehearsal_the_questions(ling: FlaskClient) -> None:
    send(ling, CSV, "?confirm=true")
    other = CSV.replace("1200", "1300") + "works,diesel_road,2025-01-01,2025-01-31,100,l\n"
    assert [one["code"] for one in send(ling, other).json["conflicts"]] == ["duplicate-differs"]
    data = {"file": (io.BytesIO(other.encode()), "2025.csv")}
    tried = ling.post(f"{LING}/inventories/rehearsals?method=inventory.cn_gbt32150", data=data)
    assert (tried.status_code, tried.json["method"]) == (200, "inventory.cn_gbt32150")
    assert [one["code"] for one in tried.json["questions"]] == ["density-missing"]
    assert len(ling.get(f"{LING}/activities").json) == 1
    assert ling.get(f"{LING}/inventories").json == []


def test_a_file_with_errors_is_not_stored_unless_they_are_left_out(ling: FlaskClient) -> None:
    bad = CSV + "works,electricity,2025-02-01,2025-02-28,many,kWh\n"
    checked = send(ling, bad)
    assert [item["code"] for item in checked.json["errors"]] == ["not-a-number"] or checked.json["errors"]
    refused = send(ling, bad, "?confirm=true")
    assert (refused.status_code, refused.json["code"]) == (422, "input-invalid")
    assert ling.get(f"{LING}/activities").json == []
    stored = send(ling, bad, "?confirm=true&skip_errors=true").json["stored"]
    assert (stored["total"], stored["loaded"], stored["errors"]) == (2, 1, 1)


def test_evidence_is_kept_attached_and_returned_as_a_download(ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    kept = ling.post(f"{LING}/evidence", data={"file": (io.BytesIO(b"<script>"), "../bill.html")}).json
    assert (kept["name"], kept["size"]) == ("bill.html", 8)
    assert ling.post(f"{LING}/evidence/{kept['sha256']}/rows", json={"rows": [1]}).json == {"attached": 1}
    with ling.get(f"{LING}/evidence/{kept['sha256']}") as answer:
        assert answer.data == b"<script>"
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert ling.get(f"{LING}/activities/1").json["evidence"] == kept["sha256"]


def test_instruments_products_exclusions_and_periods(ling: FlaskClient) -> None:
    instrument = {
        "kind": "gec",
        "number_from": "A001",
        "number_to": "A009",
        "amount_kwh": "9000",
        "generated_from": "2025-01-01",
        "generated_to": "2025-12-31",
        "region": "CN-GD",
        "site": "works",
    }
    # Without a place no factor can be found for it: no inventory could be made.
    assert ling.post(f"{LING}/instruments", json={**instrument, "region": ""}).status_code == 422
    product = {
        "site": "works",
        "name_zh": "铝锭",
        "amount": "100",
        "unit": "吨",
        "start": "2025-01-01",
        "end": "2025-12-31",
    }
    exclusion = {"category": "commuting", "reason": "below 0.1 %", "start": "2025-01-01", "end": "2025-12-31"}
    made = {}
    for kind, sent in (("instruments", instrument), ("products", product), ("exclusions", exclusion)):
        answer = ling.post(f"{LING}/{kind}", json=sent)
        assert answer.status_code == 201, answer.json
        made[kind] = answer.json
        assert ling.get(f"{LING}/{kind}").json == [answer.json]
    assert made["products"]["unit"] == "t"
    overlapping = {**instrument, "number_from": "A005"}
    assert ling.post(f"{LING}/instruments", json=overlapping).json["code"] == "instrument-claimed"
    path = f"{LING}/instruments/{made['instruments']['id']}/withdrawal"
    assert ling.post(path, json={"reason": "sold on"}).status_code == 204
    assert ling.get(f"{LING}/instruments").json == []
    period = ling.post(f"{LING}/periods", json={"start": "2025-01-01", "end": "2025-12-31"}).json
    assert ling.post(f"{LING}/activities", json=ROW).json["code"] == "period-closed"
    assert ling.post(f"{LING}/periods/{period['id']}/reopening", json={"reason": "audit"}).status_code == 200
    assert ling.post(f"{LING}/activities", json=ROW).status_code == 201


def test_factors_are_searched_shown_and_matched(client: FlaskClient) -> None:
    found = client.get("/api/v1/factors", query_string={"q": "电力 广东 2023"}).json
    assert found[0]["id"] == "cn-elec-2023-cn-gd"
    assert client.get(f"/api/v1/factors/{found[0]['id']}").json["value"] == "0.4419"
    question = {"activity": "electricity", "region": "CN-GD", "on": "2023-06-30"}
    answer = client.get("/api/v1/factors/match", query_string=question).json
    assert (answer["factor_id"], answer["value"], answer["variant"]) == ("cn-elec-2023-cn-gd", "0.4419", "exact")
    assert client.get("/api/v1/factors/none-such").status_code == 404


def test_own_factors_go_first_and_only_for_their_organisation(ling: FlaskClient) -> None:
    make_works(ling, "chen")
    heat = {**FACTOR, "activity": "heat_purchased", "value": "50", "unit": "kg CO2/GJ"}
    assert ling.post(f"{LING}/factors", json=heat).status_code == 201
    question = {"activity": "heat_purchased", "region": "CN-GD", "on": "2025-06-30"}
    told = ling.get(f"{LING}/factors/match", query_string=question).json
    assert (told["variant"], told["value"], told["parts"][0]["source"]) == ("own_factor", "50", FACTOR["source"])
    assert ling.get(f"{BASE}/chen/factors/match", query_string=question).json["variant"] != "own_factor"
    assert ling.get(f"{BASE}/chen/factors").json == []
    refused = ling.post(f"{LING}/factors", json={**FACTOR, "id": "other", "source": "", "unit": "kg/wagon"})
    assert set(errors(refused)) == {"source"}
    withdrawn = ling.post(f"{LING}/factors/{FACTOR['id']}/withdrawal", json={"reason": "contract ended"})
    assert withdrawn.status_code == 200
    assert ling.get(f"{LING}/factors").json == []


def test_an_inventory_is_run_shown_traced_and_redone(ling: FlaskClient) -> None:
    """1200.5 kWh in Guangdong in 2025; the newest published provincial factor is 0.4419 (2023): 530.50095 kg."""
    ling.post(f"{LING}/activities", json=ROW)
    made = ling.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"})
    assert made.status_code == 201, made.json
    assert float(made.json["total_location_kgco2e"]) == pytest.approx(1200.5 * 0.4419)
    identifier = made.json["id"]
    shown = ling.get(f"{LING}/inventories/{identifier}").json
    assert shown["total_kgco2e"] == made.json["total_kgco2e"]
    line = shown["lines"][0]["id"]
    assert "0.4419" in ling.get(f"{LING}/inventories/{identifier}/lines/{line}").json["trace"]
    assert ling.get(f"{LING}/inventories/{identifier}/recomputation").json["same"] is True
    assert ling.get(f"{LING}/inventories/{identifier}/lines/none").status_code == 404
    again = ling.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"})
    assert again.json["id"] == identifier
    make_works(ling, "chen")
    assert ling.get(f"{BASE}/chen/inventories/{identifier}").status_code == 404


BASE_YEAR = f"{LING}/base-years/2025"
GHGP = "method=inventory.ghgp"


def note(client: FlaskClient, kind: str, kgco2e: str, reason: str) -> Any:
    return client.post(f"{BASE_YEAR}/changes", json={"kind": kind, "kgco2e": kgco2e, "reason": reason})


def test_changes_of_the_base_year_are_noted_and_tested(ling: FlaskClient) -> None:
    """1000 kWh at 0.4419 (Guangdong 2023) are 441.9 kg; of them 12 are 2.7155 %, 24 5.4311 %; GHGP asks at 5 %."""
    made = note(ling, "growth", "300", "a second shift")
    assert (made.status_code, made.json["kgco2e"], made.json["actor"]) == (201, "300", "operator")
    (alone,) = ling.get(f"{BASE_YEAR}/changes?{GHGP}").json  # there is no inventory to compare with yet
    assert (alone["cumulative_percent"], alone["reaches_threshold"]) == (None, False)
    assert ling.get(f"{BASE_YEAR}/test?{GHGP}").status_code == 404
    ling.post(f"{LING}/activities", json={**ROW, "amount": "1000"})
    assert ling.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"}).status_code == 201
    note(ling, "structure", "12", "a shop bought")
    assert ling.get(f"{BASE_YEAR}/test?{GHGP}").json["is_due"] is False
    note(ling, "structure", "-12", "a shop sold")
    told = ling.get(f"{BASE_YEAR}/changes?{GHGP}").json
    assert [one["change"]["reason"] for one in told] == ["a second shift", "a shop bought", "a shop sold"]
    assert [one["is_counted"] for one in told] == [False, True, True]
    assert [one["cumulative_percent"][:6] for one in told] == ["0", "2.7155", "5.4310"]
    assert [one["reaches_threshold"] for one in told] == [False, False, True]
    outcome = ling.get(f"{BASE_YEAR}/test?{GHGP}").json
    assert (outcome["percent"][:6], outcome["threshold_percent"], outcome["is_due"]) == ("5.4310", "5", True)


def test_a_recalculation_takes_the_changes_in(ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    order = {"year": 2025, "method": "inventory.ghgp"}
    ling.post(f"{LING}/inventories", json=order)
    note(ling, "error", "100", "a meter was misread")
    assert ling.get(f"{BASE_YEAR}/test?{GHGP}").json["is_due"] is True
    again = ling.post(f"{LING}/inventories", json={**order, "reason": "misread", "recalculates_base_year": True})
    assert (again.status_code, again.json["version"]) == (201, 2)
    assert ling.get(f"{BASE_YEAR}/changes?{GHGP}").json == []
    assert ling.get(f"{BASE_YEAR}/test?{GHGP}").json["is_due"] is False


def test_a_change_of_the_base_year_is_checked(ling: FlaskClient) -> None:
    assert set(errors(note(ling, "weather", "much", ""))) == {"kind", "kgco2e", "reason"}
    assert note(ling, "error", "1", " ").json["code"] == "reason-missing"
    assert ling.post(f"{LING}/base-years/1889/changes", json={}).status_code == 404
    assert ling.get(f"{BASE_YEAR}/changes").status_code == 422  # which method?
    assert ling.get(f"{BASE_YEAR}/test?method=inventory.none").json["code"] == "unknown-method"
    make_works(ling, "chen")
    note(ling, "error", "100", "a meter was misread")
    assert ling.get(f"{BASE}/chen/base-years/2025/changes?{GHGP}").json == []


def test_the_audit_log_of_an_organisation(ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    entries = ling.get(f"{LING}/audit").json
    assert [entry["verb"] for entry in entries] == ["organisation.create", "site.add", "activity.submit"]
    proof = ling.get(f"{LING}/audit/{entries[1]['id']}/proof").json
    assert json.loads(proof["entry"])["verb"] == "site.add"
    assert ling.get("/api/v1/audit/head").json == {"size": 3, "root": proof["root"]}


def test_an_organisation_is_changed_with_a_reason(ling: FlaskClient) -> None:
    assert ling.patch(LING, json={"contact": "Bo"}).json["code"] == "reason-missing"
    assert ling.patch(LING, json={"contact": "Bo", "reason": "new"}).json["contact"] == "Bo"
    assert ling.get(LING).json["name_zh"] == "灵铝再生"
    assert ling.post(BASE, json={"code": "ling", "name_zh": "x"}).json["code"] == "code-taken"


@pytest.mark.parametrize(
    "path",
    [
        "activities/1",
        "evidence/" + "a" * 64,
        "inventories/ling-2025-ghgp-v1",
        "audit/1/proof",
        "lines",
    ],
)
def test_what_belongs_to_another_organisation_is_not_there(path: str, ling: FlaskClient) -> None:
    make_works(ling, "chen")
    ling.post(f"{LING}/activities", json=ROW)
    assert ling.get(f"{BASE}/chen/{path}").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe"])
def test_what_is_no_object_is_refused(body: bytes, ling: FlaskClient) -> None:
    answer = ling.post(f"{LING}/activities", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path", [f"{BASE}/%00", f"{BASE}/a%0Ab", f"{LING}/evidence/%00", "/api/v1/factors/%00", "/%00"]
)
def test_nothing_is_called_by_a_control_character(path: str, ling: FlaskClient) -> None:
    assert ling.get(path).status_code == 404


@pytest.mark.parametrize("name", ["\x00", "a\nb", "x" * 201])
def test_a_text_that_no_table_can_hold_is_refused(name: str, ling: FlaskClient) -> None:
    for sent in ({**ROW, "name": name}, {**ROW, "parameters": {"ncv": name}}):
        answer = ling.post(f"{LING}/activities", data=json.dumps(sent), content_type="application/json")
        assert answer.status_code == 422


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_beyond_every_row_is_not_found(number: int, ling: FlaskClient) -> None:
    assert ling.get(f"{LING}/activities/{number}").status_code == 404
    answer = ling.post(f"{LING}/periods/{number}/reopening", json={"reason": "why"})
    assert answer.status_code == 404
    listed = ling.get(f"{LING}/audit", query_string={"cursor": cursor(number)})
    assert (listed.status_code, listed.json["code"]) == (422, "input-invalid")


# --- the OpenAPI file ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("contract")
    read = config.load({"TANJI_DATA": str(folder), "TANJI_LANGUAGE": "en", "TANJI_LOG_LEVEL": "error"})
    db.connect(read).dispose()
    db.upgrade(read.database_url)
    make_works(application(read).test_client())
    made = create_app(read)
    with made.extensions["tanji"].database.session(write=True) as session:
        now = datetime.now(UTC)
        who = people.create(session, accounts.HOUSE, "ling@ling.example", "Ling", "", now)
        people.put_member(session, accounts.operator(session, "ling"), who.email, "owner", now)
        made.config["TOKEN"] = people.make_token(session, who, "contract", "decide", 1, now)[0]
    yield made
    made.extensions["tanji"].database.dispose()


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").json
    return found


def test_every_route_of_the_api_is_in_the_file(app: Flask, document: dict[str, Any]) -> None:
    said = set(document["paths"])
    routes = {
        re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", str(rule))
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1")
    }
    assert said == routes


def test_decimals_are_texts_with_a_pattern_in_the_file(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    amount = document["components"]["schemas"]["Activity"]["properties"]["amount"]
    assert amount["type"] == "string"
    assert amount["pattern"]
    assert not {"minimum", "maximum", "format"} & set(amount)


def test_every_error_has_the_one_shape_in_the_file(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            default = operation["responses"]["default"]["$ref"].rpartition("/")[2]
            content = document["components"]["responses"][default]["content"]
            assert list(content) == ["application/problem+json"], path


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_file_says_what_the_service_does(app: Flask, mode: GenerationMode) -> None:
    """Generated requests of a person, valid and not: no answer outside what the file promises, and no 5xx.

    Whatever is valid is accepted where nothing is handed in. What is handed in may mean nothing here (a place that
    does not exist, an end before its start), as may the words of a question and a cursor that no list gave: that is
    refused with 422, and the file has no way to say when.
    """
    loaded = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=SchemathesisConfig())
    for found in loaded.get_all_operations():
        _keeps_its_promise(found.ok(), app.config["TOKEN"], mode)


def _keeps_its_promise(operation: Any, token: str, mode: GenerationMode) -> None:
    @settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        if "code" in case.path_parameters:
            case.path_parameters["code"] = "ling"  # one that exists: otherwise nothing but 404 would be tried
        headers = {"Authorization": f"Bearer {token}"}
        names_something = operation.path.endswith("/factors/match") or "cursor" in (case.query or {})
        excluded = [positive_data_acceptance] if operation.method != "get" or names_something else []
        # What a file holds is told, not refused; rows that are none are refused one by one, where that is asked for:
        # test_api_wrong_bodies knows what is wrong with them.
        if case.media_type == "multipart/form-data" or operation.path.endswith("/activities/bulk"):
            excluded.append(negative_data_rejection)
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    with suppress(Unsatisfiable):  # nothing of it can be wrong
        check()


def test_the_contract_is_kept_in_a_file_of_its_own(document: dict[str, Any]) -> None:
    """A change of the API shows in review; `TANJI_UPDATE=1 pytest` writes the file anew."""
    golden = Path(__file__).parents[1] / "golden" / "openapi.json"
    written = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("TANJI_UPDATE") == "1":
        golden.write_text(written, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == written
