"""The JSON API of product models, footprints and life-cycle inventories."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from make import NOW, lci, ling

from service import db
from service.accounts import actions as accounts
from service.catalogue import inventories
from service.products import templates
from service.schemas import cursor

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
CUTOFF = "recycling.cutoff"

# One tonne made of two tonnes of a part that its supplier states at 3 kg CO2e/kg: 2000 x 3 = 6000 kg CO2e.
MODEL: dict[str, Any] = {
    "id": "billet", "zh": "铸锭", "en": "Billet", "region": "CN", "start": "2025-01-01", "end": "2025-12-31",
    "main": "casting", "unit": {"kind": "declared", "amount": "1", "unit": "t"},
    "processes": [
        {
            "id": "casting", "stage": "production", "output": "1", "unit": "t",
            "inputs": [{"id": "metal", "amount": "=metal_kg", "unit": "kg", "from": {"supplier": "metal"}}],
        }
    ],
    "suppliers": [{"id": "metal", "unit": "kg", "kgco2e": "3"}],
    "parameters": [{"name": "metal_kg", "value": "2000", "unit": "kg", "source": "by hand"}],
    "scenarios": [{"id": "lean", "zh": "节材", "parameters": {"metal_kg": "1500"}}],
}  # fmt: skip


ELSEWHERE = {
    **MODEL["processes"][0],
    "inputs": [
        {"id": "metal", "amount": "1", "unit": "kg", "from": {"background": "Aluminium", "database": "none_such"}}
    ],
}


@pytest.fixture
def organisation(client: FlaskClient) -> FlaskClient:
    for code in ("ling", "chen"):
        assert client.post(BASE, json={"code": code, "name_zh": code}).status_code == 201
    return client


def changed(**more: Any) -> dict[str, Any]:
    return {**MODEL, **more}


def test_templates_are_listed_and_handed_out(client: FlaskClient) -> None:
    listed = client.get("/api/v1/product-templates").json
    assert [one["id"] for one in listed] == list(templates.templates())
    assert listed[0]["name"].keys() == {"zh", "en"}
    data = client.get("/api/v1/product-templates/eaf_steel").json
    assert data == templates.data("eaf_steel")
    book = client.get("/api/v1/product-templates/eaf_steel/workbook.xlsx")
    assert book.data.startswith(b"PK")
    assert client.get("/api/v1/product-templates/none").status_code == 404


@pytest.mark.parametrize(
    ("asked", "kilograms"),
    [({}, 6000), ({"scenario": "lean"}, 4500), ({"parameters": {"metal_kg": "100"}}, 300)],
)
def test_a_model_is_computed_without_storing_it(client: FlaskClient, asked: dict[str, Any], kilograms: float) -> None:
    """Kilograms of metal x 3 kg CO2e/kg, by hand."""
    answer = client.post("/api/v1/footprint-trials", json={"model": MODEL, "methods": [CUTOFF], **asked})
    assert answer.status_code == 200, answer.json
    assert float(answer.json["total_kgco2e"]) == kilograms
    assert answer.json["beside"] == []


def test_a_file_is_computed_by_methods_side_by_side(client: FlaskClient) -> None:
    sent = {"file": (io.BytesIO(json.dumps(MODEL).encode()), "billet.json")}
    path = f"/api/v1/footprint-trials/files?methods={CUTOFF}&methods=pcf.gbt24067_2024"
    answer = client.post(path, data=sent)
    assert answer.status_code == 200, answer.json
    assert [one["method"] for one in answer.json["beside"]] == ["pcf.gbt24067_2024"]
    assert float(answer.json["total_kgco2e"]) == 6000


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"methods": ["none"]}, 404, "unknown-method"),
        ({"methods": []}, 422, "input-invalid"),
        ({"scenario": "none"}, 404, "unknown-scenario"),
        ({"model": {"id": "x"}}, 422, "model-invalid"),
        ({"model": changed(processes=[ELSEWHERE])}, 422, "model-unanswered"),
        ({"model": changed(main="none")}, 422, "model-invalid"),
        ({"model": changed(parameters=[{"name": "metal_kg", "value": "=metal_kg"}])}, 422, "model-invalid"),
        ({"model": {"id": "a\u0000b"}}, 422, "model-file-invalid"),
        ({"parameters": {"metal_kg": 1}}, 422, "input-invalid"),
    ],
)
def test_what_cannot_be_computed_is_told(client: FlaskClient, asked: dict[str, Any], status: int, code: str) -> None:
    answer = client.post("/api/v1/footprint-trials", json={"model": MODEL, "methods": [CUTOFF], **asked})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


def test_a_model_is_stored_in_versions(organisation: FlaskClient) -> None:
    path = f"{LING}/product-models"
    made = organisation.post(path, json={"model": MODEL})
    assert (made.status_code, made.json["version"]) == (201, 1)
    assert organisation.post(path, json={"model": MODEL}).json["version"] == 1  # the same changes nothing
    other = changed(category="billets")
    assert organisation.post(path, json={"model": other}).json["code"] == "reason-missing"
    sent = {"file": (io.BytesIO(json.dumps(other).encode()), "billet.json")}
    again = organisation.post(f"{path}/files?reason=a+category", data=sent)
    assert (again.json["version"], again.json["file_name"]) == (2, "billet.json")
    assert [one["is_superseded"] for one in organisation.get(f"{path}/billet/versions").json] == [True, False]
    assert [one["version"] for one in organisation.get(path).json] == [2]
    assert organisation.get(f"{path}/billet").json == other
    for none in ("", "/billet", "/billet/versions"):
        answer = organisation.get(f"{BASE}/chen/product-models{none}")
        assert answer.status_code == 404 or answer.json == []


def test_a_footprint_is_run_shown_compared_and_handed_on(organisation: FlaskClient) -> None:
    """A supplier at 3 and then at 4 kg CO2e/kg: 2000 x (4 - 3) = 2000 kg CO2e, all of it by the factor."""
    organisation.post(f"{LING}/product-models", json={"model": MODEL})
    study = {"product": "billet", "method": CUTOFF}
    made = organisation.post(f"{LING}/footprints", json=study)
    assert (made.status_code, made.json["version"], float(made.json["total_kgco2e"])) == (201, 1, 6000)
    assert organisation.post(f"{LING}/footprints", json=study).json["id"] == made.json["id"]
    other = changed(suppliers=[{"id": "metal", "unit": "kg", "kgco2e": "4"}])
    organisation.post(f"{LING}/product-models", json={"model": other, "reason": "restated"})
    assert organisation.post(f"{LING}/footprints", json=study).json["code"] == "reason-missing"
    newer = organisation.post(f"{LING}/footprints", json={**study, "reason": "supplier restated"}).json
    assert [one["superseded_by"] for one in organisation.get(f"{LING}/footprints").json].count(newer["id"]) == 1
    pair = {"one": made.json["id"], "other": newer["id"]}
    found = organisation.get(f"{LING}/footprints/comparison", query_string=pair).json
    assert (found["comparable"], float(found["difference_kgco2e"])) == (True, 2000)
    assert [(one["why"], float(one["by_factor_kgco2e"])) for one in found["lines"]] == [("factor", 2000)]
    path = f"{LING}/footprints/{newer['id']}"
    assert float(organisation.get(path).json["total_kgco2e"]) == 8000
    assert organisation.get(f"{path}/snapshot.json").json["footprint"]["id"] == newer["id"]
    book = organisation.post(f"{path}/exports", json={"format": "xlsx", "language": "en"})
    assert (book.status_code, book.data[:2]) == (200, b"PK")
    assert organisation.post(f"{path}/exports", json={"format": "snapshot"}).status_code == 422
    refused = organisation.post(f"{path}/exports", json={"format": "pact"})
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    for there in (path, f"{path}/snapshot.json"):
        assert organisation.get(there.replace("/ling/", "/chen/", 1)).status_code == 404
    answer = organisation.get(f"{BASE}/chen/footprints/comparison", query_string=pair)
    assert answer.status_code == 404


def test_two_organisations_never_meet_in_one_id(client: FlaskClient) -> None:
    """ling-x with product y and ling with product x-y: both would be ling-x-y-..., and the second could not be kept."""
    found = []
    for code, product in (("ling", "x-y"), ("ling-x", "y")):
        assert client.post(BASE, json={"code": code, "name_zh": code}).status_code == 201
        client.post(f"{BASE}/{code}/product-models", json={"model": changed(id=product)})
        made = client.post(f"{BASE}/{code}/footprints", json={"product": product, "method": CUTOFF})
        assert made.status_code == 201
        found.append(made.json["id"])
    assert found == ["ling-x-y-recycling.cutoff-v1", "ling-x-y-recycling.cutoff-v1-2"]
    for code, identifier in zip(("ling-x", "ling"), found, strict=True):
        assert client.get(f"{BASE}/{code}/footprints/{identifier}").status_code == 404


def test_a_trial_of_an_organisation_stores_nothing(organisation: FlaskClient) -> None:
    answer = organisation.post(f"{LING}/footprints/trials", json={"model": MODEL, "methods": [CUTOFF]})
    assert float(answer.json["total_kgco2e"]) == 6000
    assert organisation.get(f"{LING}/footprints").json == []
    assert organisation.get(f"{LING}/product-models").json == []


def test_databases_are_searched_and_scored(organisation: FlaskClient) -> None:
    """The bicycle of Brightway's introduction: 2.5 kg x 26.6 kg CO2 = 66.5; the gas emits nothing there."""
    database = organisation.application.extensions["tanji"].database
    with database.session(write=True) as session, db.using(session):
        actor = ling(session, with_site=False)
        inventories.put(session, actor, lci(), inventories.File("bike.json", "a" * 64), NOW)
        assert accounts.show(session, actor).code == "ling"
    listed = {one["name"]: one["owner"] for one in organisation.get(f"{LING}/lci").json}
    assert listed["bike"] == "organisation"
    assert listed["tanji_cn"] == "shipped"
    assert organisation.get(f"{LING}/lci/bike").json["processes"] == 3
    found = organisation.get(f"{LING}/lci/bike/processes", query_string={"q": "carbon PRODUCTION"}).json
    assert (found["total"], found["processes"][0]["process_id"]) == (1, "cf")
    assert (
        organisation.get(f"{LING}/lci/bike/processes?limit=1&cursor={cursor(0)}").json["processes"][0]["process_id"]
        == "cf"
    )
    score = organisation.get(f"{LING}/lci/bike/score?process=bike").json
    assert float(score["kgco2e"]) == pytest.approx(66.5, rel=1e-9)
    whole = sum(float(one["kgco2e"]) for one in score["contributions"]) + float(score["remainder_kgco2e"])
    assert whole == pytest.approx(66.5, rel=1e-9)
    parts = sum(float(one["direct_kgco2e"]) + float(one["rest_kgco2e"]) for one in score["supply_chain"])
    assert parts == pytest.approx(66.5, rel=1e-9)
    assert organisation.get(f"{LING}/lci/bike/score?process=none").status_code == 404
    assert organisation.get(f"{LING}/lci/bike/score?process=bike&gwp=AR7").status_code == 422
    assert organisation.get(f"{LING}/lci/uslci_fy18/findings?limit=5").json[0].keys() == {
        "code", "where", "zh", "en", "is_error",
    }  # fmt: skip
    assert organisation.get(f"{BASE}/chen/lci/bike").status_code == 404
