"""Long work and webhooks as JSON: handed in, looked at, stopped, told."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from make import lci, product

from lca.exporters import write
from service.commands import base
from service.http import House
from service.jobs.kinds import Tools
from service.jobs.worker import Worker
from service.schemas import cursor

OWN = "/api/v1/organisations/ling"


def house(client: FlaskClient) -> House:
    found: House = client.application.extensions["tanji"]
    return found


def work(client: FlaskClient) -> int:
    own = house(client)
    return Worker(Tools(own.settings, own.database, own.library, base.now), "one").tend()


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    assert client.post("/api/v1/organisations", json={"code": "ling", "name_zh": "灵铝再生"}).status_code == 201
    assert client.post("/api/v1/organisations", json={"code": "chen", "name_zh": "陈氏水泥"}).status_code == 201
    assert client.post(f"{OWN}/product-models", json={"model": product()}).status_code == 201
    return client


def posted(client: FlaskClient, path: str, key: str = "", **given: Any) -> Any:
    return client.post(f"{OWN}{path}", headers={"Idempotency-Key": key} if key else {}, **given)


def test_a_portfolio_is_answered_at_once_and_done_later(ling: FlaskClient) -> None:
    answer = posted(ling, "/footprints/portfolio", json={"method": "pact.3.0"})
    assert answer.status_code == 202
    place = answer.headers["Location"]
    assert place == f"{OWN}/jobs/{answer.json['id']}"
    assert ling.get(place).json["state"] == "queued"
    assert work(ling) == 1
    found = ling.get(place).json
    assert (found["state"], found["error"]) == ("done", None)
    assert [one["total_kgco2e"] for one in found["result"]["products"]] == ["10.625"]
    assert found["progress"] == {"step": "", "done": 0, "total": 0} or found["progress"]["total"] == 1


def test_a_key_makes_a_repeated_request_harmless(ling: FlaskClient) -> None:
    first, second = (posted(ling, "/footprints/portfolio", "k1", json={"method": "pact.3.0"}) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    other = posted(ling, "/footprints/portfolio", "k1", json={"method": "iso14067"})
    assert (other.status_code, other.json["code"]) == (409, "key-used")
    assert work(ling) == 1


def test_run_draw_and_report_one_after_the_other(ling: FlaskClient) -> None:
    study = {"product": "part", "method": "pact.3.0"}
    run = posted(ling, "/jobs", json={"kind": "footprint.run", "arguments": study}).json
    work(ling)
    identifier = ling.get(f"{OWN}/jobs/{run['id']}").json["result"]["footprint"]
    drawn = posted(ling, f"/footprints/{identifier}/monte-carlo", json={"runs": 100}).json
    asked = {"identifier": identifier, "language": "en"}
    issued = posted(ling, "/jobs", json={"kind": "report.issue", "arguments": asked}).json
    assert ling.get(f"{OWN}/jobs/{issued['id']}/report.pdf").status_code == 404
    work(ling)
    # Nothing in this model says how far it may be off: that is the reason of the job.
    assert ling.get(f"{OWN}/jobs/{drawn['id']}").json["error"]["code"] == "nothing-uncertain"
    assert ling.get(f"{OWN}/jobs/{issued['id']}").json["result"]["subject"] == identifier
    with ling.get(f"{OWN}/jobs/{issued['id']}/report.pdf") as pdf:
        assert pdf.data.startswith(b"%PDF-")
    assert [one["kind"] for one in ling.get(f"{OWN}/jobs?state=done").json] == ["report.issue", "footprint.run"]
    assert ling.get(f"{OWN}/jobs?cursor={cursor(drawn['id'])}").json[0]["id"] == run["id"]


def casting(identifier: str, amount: str) -> dict[str, Any]:
    """A kilogram cast of bought metal, whose amount is known to ten per cent."""
    spread = {"percent": "10", "distribution": "lognormal"}
    metal = {
        "id": "metal",
        "zh": "铝锭",
        "amount": amount,
        "unit": "kg",
        "from": {"supplier": "metal"},
        "spread": spread,
    }
    process = {"id": "casting", "zh": "铸造", "stage": "production", "output": "1", "unit": "kg", "inputs": [metal]}
    return product(identifier, parts=[], main="casting", processes=[process])


def test_what_is_uncertain_is_drawn_alone_and_against_another(ling: FlaskClient) -> None:
    for name, amount in (("one", "1.2"), ("other", "2.4")):
        assert ling.post(f"{OWN}/product-models", json={"model": casting(name, amount)}).status_code == 201
        posted(ling, "/jobs", json={"kind": "footprint.run", "arguments": {"product": name, "method": "pact.3.0"}})
    work(ling)
    one, other = (ling.get(f"{OWN}/jobs/{number}").json["result"]["footprint"] for number in (1, 2))
    posted(ling, f"/footprints/{one}/monte-carlo", json={"runs": 200, "seed": 7})
    posted(ling, f"/footprints/{one}/monte-carlo", json={"runs": 200, "seed": 7, "against": other})
    work(ling)
    alone, together = (ling.get(f"{OWN}/jobs/{number}").json for number in (3, 4))
    assert (alone["error"], together["error"]) == (None, None)
    assert (alone["result"]["runs"], alone["result"]["seed"]) == (200, 7)
    assert alone["result"]["median"] == pytest.approx(10.2, rel=0.02)


def test_an_inventory_database_is_handed_in_as_a_file(ling: FlaskClient, tmp_path: Path) -> None:
    write(lci(), tmp_path / "bike.zip", "jsonld")
    for name in ("bike", ""):
        file = (io.BytesIO((tmp_path / "bike.zip").read_bytes()), "../we ird.zip")
        answer = posted(ling, f"/lci?name={name}", data={"file": file})
        assert answer.status_code == 202
    work(ling)
    found = [ling.get(f"{OWN}/jobs/{number}").json for number in (1, 2)]
    assert [one["state"] for one in found] == ["done", "done"], found
    assert [one["result"]["name"] for one in found] == ["bike", "we ird"]
    assert {"bike", "we ird"} <= {one["name"] for one in ling.get(f"{OWN}/lci").json}


def test_what_no_keyboard_types_is_left_out_of_the_name_of_a_file(ling: FlaskClient, tmp_path: Path) -> None:
    """PostgreSQL keeps no NUL: the work would break at its end."""
    write(lci(), tmp_path / "bike.zip", "jsonld")
    file = (io.BytesIO((tmp_path / "bike.zip").read_bytes()), "a\x00b.zip")
    place = posted(ling, "/lci", data={"file": file}).headers["Location"]
    work(ling)
    found = ling.get(place).json
    assert (found["state"], found["result"] and found["result"]["name"]) == ("done", "a_b")


def test_errors_are_told_in_the_language_that_is_asked_for(ling: FlaskClient) -> None:
    study = {"product": "nothing", "method": "pact.3.0"}
    place = posted(ling, "/jobs", json={"kind": "footprint.run", "arguments": study}).headers["Location"]
    work(ling)
    assert "there is no" in ling.get(f"{place}?language=en").json["error"]["detail"]
    assert "没有" in ling.get(f"{place}?language=zh").json["error"]["detail"]


def test_a_job_is_stopped_once(ling: FlaskClient) -> None:
    place = posted(ling, "/footprints/portfolio", json={"method": "pact.3.0"}).headers["Location"]
    assert ling.post(f"{place}/cancel").json["state"] == "cancelled"
    assert ling.post(f"{place}/cancel").status_code == 409
    assert work(ling) == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "no.such", "arguments": {}}, "kind"),
        ({"kind": "footprint.run", "arguments": {"product": "part"}}, "arguments.method"),
        ({"kind": "footprint.run", "arguments": {"product": "part", "method": "m", "x": 1}}, "arguments.x"),
        ({"kind": "inventory.run", "arguments": {"year": 12, "method": "m"}}, "arguments.year"),
    ],
)
def test_what_is_wrong_is_named(asked: dict[str, Any], field: str, ling: FlaskClient) -> None:
    answer = posted(ling, "/jobs", json=asked)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_another_organisation_sees_nothing(ling: FlaskClient) -> None:
    posted(ling, "/footprints/portfolio", json={"method": "pact.3.0"})
    other = "/api/v1/organisations/chen"
    assert ling.get(f"{other}/jobs").json == []
    assert ling.get(f"{other}/jobs/1").status_code == 404
    assert ling.post(f"{other}/jobs/1/cancel").status_code == 404
    assert ling.get(f"{other}/jobs/1/report.pdf").status_code == 404


def test_a_webhook_shows_its_secret_once(ling: FlaskClient) -> None:
    asked = {"url": "https://hooks.example.org/x", "kinds": ["job.done", "footprint.frozen"]}
    answer = posted(ling, "/webhooks", json=asked)
    assert answer.status_code == 201
    secret = answer.json["secret"]
    assert secret.startswith("whsec_")
    assert answer.json["webhook"]["kinds"] == ["footprint.frozen", "job.done"]
    posted(ling, "/footprints/portfolio", json={"method": "pact.3.0"})
    work(ling)
    pages = [ling.get(f"{OWN}{path}").text for path in ("/webhooks", "/webhooks/1/deliveries", "/audit")]
    assert not any("whsec" in page or secret[6:20] in page for page in pages)
    off = ling.patch(f"{OWN}/webhooks/1", json={"active": False})
    assert off.json["active"] is False
    assert ling.post(f"{OWN}/webhooks/1/deliveries/1/replay").status_code == 404
    assert ling.get("/api/v1/organisations/chen/webhooks").json == []
    assert ling.get("/api/v1/organisations/chen/webhooks/1/deliveries").status_code == 404


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://1/"]
)
def test_a_webhook_to_the_inside_is_refused(url: str, ling: FlaskClient) -> None:
    answer = posted(ling, "/webhooks", json={"url": url, "kinds": ["job.done"]})
    assert answer.status_code == 422
    assert json.loads(answer.data)["errors"][0]["field"] == "url"


def test_a_queue_that_is_away_delays_and_refuses_nothing(ling: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    own = house(ling)
    away = replace(own, settings=replace(own.settings, redis_url="redis://127.0.0.1:1/0"))
    monkeypatch.setitem(ling.application.extensions, "tanji", away)
    assert posted(ling, "/footprints/portfolio", json={"method": "pact.3.0"}).status_code == 202
    assert work(ling) == 1
