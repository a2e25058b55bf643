"""Operations that no example can hold, because they take up what another one made: done one after the other by HTTP."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from make import NOW, lci, product

from service.accounts import actions as accounts
from service.accounts import people
from service.catalogue import inventories
from service.events import actions as events
from service.exchange.pact import partners, received
from service.webhooks import sending
from service.webhooks.models import Webhook
from tests.service.exchange.hosts import SAID

BASE = "/api/v1/organisations"
LING, CHEN = f"{BASE}/ling", f"{BASE}/chen"
STUDY = "chen-ingot-pact.3.0-v1"
STATED = {
    "zh": "铝锭", "unit": "kg", "kgco2e": "1.5", "method": "pact.3.0", "gwp_set": "AR6", "boundary": "cradle_to_gate",
    "period_end": "2025-12-31", "primary_data_share": "60",
}  # fmt: skip


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, (answer.status_code, answer.text)
    return None if status == 204 else answer.json


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """The operator of the machine; Ling buys ingots of Chen, who has a footprint of them."""
    for code, name in (("ling", "灵铝"), ("chen", "陈氏再生铝")):
        done(client.post(BASE, json={"code": code, "name_zh": name}), 201)
    done(client.post(f"{CHEN}/product-models", json={"model": product("ingot")}), 201)
    done(client.post(f"{CHEN}/footprints", json={"product": "ingot", "method": "pact.3.0"}), 201)
    done(client.post(f"{LING}/suppliers", json={"code": "hong", "name_zh": "陈氏", "partner": "bo"}))
    bought = {"code": "ingot", "name_zh": "铝锭", "unit": "kg", "their_id": "urn:gtin:4712345060507"}
    done(client.post(f"{LING}/suppliers/hong/purchases", json=bought))
    return client


def asked(client: FlaskClient) -> Any:
    deadline = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    given = {"purchase": "ingot", "method": "pact.3.0", "period_start": "2025-01-01", "period_end": "2025-12-31",
             "deadline": deadline}  # fmt: skip
    return done(client.post(f"{LING}/footprint-requests", json=given), 201)


def token(made: Any) -> str:
    return str(made["link"]).rpartition("/")[2]


def csv_of(**cells: str) -> dict[str, Any]:
    lines = [",".join(cells), ",".join(cells.values())]
    return {"file": (io.BytesIO("\n".join(lines).encode("utf-8-sig")), "footprint.csv")}


def test_answers_by_every_way_and_what_becomes_of_them(client: FlaskClient) -> None:
    link = token(asked(client))
    assert done(client.get(f"/api/v1/answers/{link}"))["unit"] == "kg"
    done(client.post(f"/api/v1/answers/{link}", json={"footprint": STATED}), 201)
    done(client.post(f"/api/v1/answers/{link}/file", data=csv_of(**STATED)), 201)
    done(client.post(f"{LING}/footprint-requests/1/answers", data=csv_of(**STATED | {"kgco2e": "1.6"})), 201)
    given = done(client.post(f"{CHEN}/given-footprints", json={"link": link, "footprint": STUDY}), 201)
    assert (given["request"], given["footprint"], len(given["document_sha256"])) == (1, STUDY, 64)

    side = done(client.get(f"{LING}/purchases/ingot"))
    assert [one["state"] for one in side["answers"]] == ["received", "replaced", "replaced", "replaced"]
    assert done(client.get(f"{LING}/footprint-answers/3"))["footprint"]["kgco2e"] == "1.6"
    assert client.get(f"{LING}/footprint-answers/1/document").status_code == 200
    assert done(client.post(f"{LING}/footprint-answers/4/reject", json={"reason": "too high"}))["state"] == "rejected"
    assert done(client.get(f"/api/v1/answers/{link}"))["answers"][0]["reason"] == "too high"

    again = token(done(client.post(f"{LING}/footprint-requests/1/link")))
    assert again != link
    assert client.get(f"/api/v1/answers/{link}").status_code == 404
    done(client.post(f"/api/v1/answers/{again}", json={"footprint": STATED}), 201)
    assert done(client.post(f"{LING}/footprint-answers/5/accept", json={"reason": "seen"}))["code"] == "hong.ingot.1"
    assert [one["code"] for one in done(client.get(f"{LING}/accepted-footprints"))] == ["hong.ingot.1"]
    assert done(client.get(f"{LING}/impact/hong.ingot.1"))["studies"] == []
    place = f"{LING}/accepted-footprints/hong.ingot.1/withdraw"
    assert done(client.post(place, json={"reason": "a mistake"}))["end_kind"] == "withdrawn"
    done(client.post(f"{LING}/footprint-requests/1/close", json={"reason": "enough"}), 204)
    assert client.get(f"/api/v1/answers/{again}").status_code == 404
    assert [one["standing"] for one in done(client.get(f"{LING}/footprint-requests"))] == ["closed"]
    assert [one["supplier"] for one in done(client.get(f"{LING}/suppliers"))] == ["hong"]


def test_a_footprint_is_published_and_taken_back_and_one_received_is_taken(client: FlaskClient) -> None:
    partner = {"code": "bo", "name": "Bo", "sees": ["*"]}
    done(client.post(f"{CHEN}/pact/partners", json=partner), 201)
    said = {**SAID, "packaging_included": "false"}
    made = done(client.post(f"{CHEN}/pact/published", json={"footprint": STUDY, "said": said}), 201)
    assert [one["id"] for one in done(client.get(f"{CHEN}/pact/published"))] == [made["id"]]
    place = f"{CHEN}/pact/published/{made['id']}/deprecation"
    assert done(client.post(place, json={"reason": "wrong input"}))["status"] == "Deprecated"
    assert done(client.get(f"{CHEN}/pact/partners/bo/events")) == []
    assert [one["code"] for one in done(client.get(f"{CHEN}/pact/partners"))] == ["bo"]

    done(client.post(f"{LING}/pact/partners", json=partner), 201)
    given = {"format": "pact", "language": "en", "said": said}
    document = json.loads(client.post(f"{CHEN}/footprints/{STUDY}/exports", json=given).data)
    with client.application.extensions["tanji"].database.session(write=True) as session:
        actor = accounts.operator(session, "ling")
        received.keep(session, actor, partners.show(session, actor, "bo"), document, "3", NOW)
    asked(client)
    assert done(client.get(f"{LING}/pact/received"))[0]["id"] == 1
    taken = done(client.post(f"{LING}/pact/received/1/answer", json={"request": 1}), 201)
    assert done(client.get(f"{LING}/footprint-answers/{taken['answer']}"))["way"] == "pact"


def test_people_come_and_go(client: FlaskClient) -> None:
    invited = done(client.post(f"{LING}/invitations", json={"email": "cy@ling.example", "role": "reader"}), 201)
    (open_one,) = done(client.get(f"{LING}/invitations"))
    assert (open_one["email"], invited["email"]) == ("cy@ling.example", "cy@ling.example")
    done(client.post(f"{LING}/invitations/{open_one['id']}/withdrawal"))
    assert done(client.get(f"{LING}/invitations")) == []
    with client.application.extensions["tanji"].database.session(write=True) as session:
        people.create(session, accounts.HOUSE, "bo@ling.example", "Bo", "", NOW)
    done(client.post(f"{LING}/members", json={"email": "bo@ling.example", "role": "editor"}), 201)
    assert [one["role"] for one in done(client.get(f"{LING}/members"))] == ["editor"]
    done(client.post(f"{LING}/members/end", json={"email": "bo@ling.example", "role": "editor"}))
    assert done(client.get(f"{LING}/members")) == []


def test_a_database_is_read_scored_exported_and_withdrawn(client: FlaskClient) -> None:
    with client.application.extensions["tanji"].database.session(write=True) as session:
        file = inventories.File("own.zip", "0" * 64)
        inventories.put(session, accounts.operator(session, "ling"), lci(), file, NOW)
    (own,) = [one for one in done(client.get(f"{LING}/lci")) if one["owner"] != "shipped"]
    place = f"{LING}/lci/{own['name']}"
    assert done(client.get(place))["name"] == own["name"]
    assert done(client.get(f"{place}/processes")) != []
    assert done(client.get(f"{place}/scores")) != []
    assert client.get(f"{place}/export?format=jsonld").data[:2] == b"PK"
    done(client.post(f"{place}/withdrawal", json={"reason": "another edition"}), 204)
    assert client.get(place).status_code == 404


def test_a_webhook_is_told_again(client: FlaskClient) -> None:
    with client.application.extensions["tanji"].database.session(write=True) as session:
        actor = accounts.operator(session, "ling")
        hook = Webhook(organisation_id=actor.organisation_id, url="https://hooks.example.org/", secret="sealed",
                       kinds=events.FOOTPRINT_FROZEN, made_by="Ling", created=NOW)  # fmt: skip
        session.add(hook)
        session.flush()
        events.record(session, actor, events.FOOTPRINT_FROZEN, "f1", {"footprint": "f1"}, NOW)
        sending.dispatch(session, NOW)
    assert [one["state"] for one in done(client.get(f"{LING}/webhooks/1/deliveries"))] == ["pending"]
    assert done(client.post(f"{LING}/webhooks/1/deliveries/1/replay"))["state"] == "pending"


def test_a_report_is_issued_and_verified(client: FlaskClient) -> None:
    done(client.post(f"{LING}/sites", json={"code": "works", "name_zh": "一厂", "region": "CN-GD"}), 201)
    row = {"site": "works", "activity": "electricity", "amount": "1", "unit": "kWh", "start": "2025-01-01",
           "end": "2025-12-31"}  # fmt: skip
    done(client.post(f"{LING}/activities", json=row), 201)
    made = done(client.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"}), 201)["id"]
    answer = client.post(f"{LING}/inventories/{made}/report", json={"language": "en"})
    assert (answer.status_code, answer.mimetype) == (201, "application/pdf")
    found = done(client.post("/api/v1/verify", data={"file": (io.BytesIO(answer.data), "report.pdf")}))
    assert (found["ok"], found["verdict"]) == (True, "ok_signer_unknown")
    assert client.get(f"{LING}/inventories/{made}/workbook.xlsx").data[:2] == b"PK"
    assert done(client.get(f"{LING}/inventories/{made}/charts")) != {}
    asked = {"inventory": made, "method": "pact.3.0"}
    assert client.get(f"{LING}/footprints/reconciliation", query_string=asked).status_code in (200, 404)
