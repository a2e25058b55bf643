"""What the command line can do the API can, or here stands why not: neither may grow without the other."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient
from make import lci, ling, product

from lca.exporters import write
from service import db
from service.accounts.rights import RULES
from service.catalogue import inventories
from service.cli import COMMANDS
from tests.make import NOW
from tests.service.exchange import hosts

MACHINE = "it is about this machine: its database, its processes, its keys"
PROGRAM = "it reads the files of the program, which come with it"
FILE = "it works on a file of the sender's alone; no service is needed"
OPERATOR = "only whoever runs the service may, at its command line"
PERSON = "a password is for its owner alone: people set theirs on a page, by a link sent to them"

VERBS: dict[str, str | tuple[str, ...]] = {
    "init": MACHINE,
    "serve": MACHINE,
    "work": MACHINE,
    "demo": MACHINE,
    "factors check": PROGRAM,
    "factors diff": PROGRAM,
    "factors export": PROGRAM,
    "factors import": PROGRAM,
    "factors match": ("factors.match", "own-factors.match_own"),
    "factors own load": ("own-factors.submit",),
    "factors own list": ("own-factors.own_factors",),
    "factors own withdraw": ("own-factors.withdraw",),
    "factors search": ("factors.search",),
    "factors show": ("factors.show",),
    "footprint cbam": FILE,
    "footprint compare": ("product-footprints.compare",),
    "footprint export": ("footprint-exports.export",),
    "footprint file": ("footprint-trials.compute_file", "footprint-trials.compute"),
    "footprint list": ("product-footprints.listed", "product-models.products"),
    "footprint load": ("product-models.put", "product-models.put_file"),
    "footprint montecarlo": ("long work.monte_carlo",),
    "footprint portfolio": ("long work.portfolio",),
    "footprint reconcile": ("product-footprints.reconcile",),
    "footprint run": ("product-footprints.run", "jobs.hand_in"),
    "footprint show": ("product-footprints.show", "product-footprints.snapshot"),
    "footprint supplier": FILE,
    "product parts": FILE,
    "product template": ("product-templates.template", "product-templates.workbook"),
    "product templates": ("product-templates.listed",),
    "product workbook": FILE,
    "lci check": ("life-cycle-inventories.findings",),
    "lci export": ("life-cycle-inventories.export",),
    "lci import": ("long work.import_lci",),
    "lci list": ("life-cycle-inventories.listed",),
    "lci score": ("life-cycle-inventories.score",),
    "lci scores": ("life-cycle-inventories.scores",),
    "lci show": ("life-cycle-inventories.show", "life-cycle-inventories.processes"),
    "lci withdraw": ("life-cycle-inventories.withdraw",),
    "organisation add": ("organisations.create",),
    "organisation capacity": OPERATOR,
    "organisation close": ("activities.close_period",),
    "organisation list": ("organisations.organisations",),
    "organisation periods": ("activities.periods",),
    "organisation reopen": ("activities.reopen_period",),
    "organisation show": ("organisations.show", "activities.sites"),
    "organisation site": ("activities.put_site",),
    "user add": OPERATOR,
    "user list": ("members.members",),
    "user password": PERSON,
    "user second-factor": OPERATOR,
    "user unlink": OPERATOR,
    "user role": ("members.put", "members.end", "invitations.create"),
    "client create": ("clients.create",),
    "client list": ("clients.clients",),
    "client revoke": ("clients.revoke",),
    "client rotate": ("clients.rotate",),
    "activity attach": ("activities.add_evidence", "activities.attach"),
    "activity check": ("activities.import_file",),
    "activity list": ("activities.data",),
    "activity load": ("activities.import_file", "activities.submit", "activities.submit_many"),
    "activity records": ("activities.instruments", "activities.products", "activities.exclusions"),
    "activity template": ("activity-templates.workbook",),
    "activity withdraw": ("activities.take_back", "activities.withdraw"),
    "inventory change": ("base years.note_change",),
    "inventory file": FILE,
    "inventory list": ("inventories.inventories",),
    "inventory run": ("inventories.run", "jobs.hand_in"),
    "inventory show": ("inventories.show", "inventories.trace"),
    "report": ("reports.issue", "reports.workbook", "reports.snapshot", "jobs.report"),
    "sector open": ("sector.open_collection",),
    "sector list": ("sector.collections",),
    "sector show": ("sector.collection", "sector.contributions", "sector.releases"),
    "sector contribute": ("sector.contribute",),
    "sector withdraw": ("sector.withdraw",),
    "sector admit": ("sector.decide",),
    "sector reject": ("sector.decide",),
    "sector release": ("sector.release",),
    "sector export": ("sector.dataset",),
    "sector use": ("sector.adopt",),
    "supplier put": ("suppliers.put_supplier",),
    "supplier buy": ("suppliers.put_purchase",),
    "supplier list": ("suppliers.listed",),
    "supplier request": ("suppliers.ask",),
    "supplier requests": ("suppliers.requested",),
    "supplier renew": ("suppliers.renew",),
    "supplier close": ("suppliers.close",),
    "supplier take": ("suppliers.take", "footprint-exchange.take"),
    "supplier give": ("suppliers.give",),
    "supplier compare": ("suppliers.compare",),
    "supplier accept": ("suppliers.accept",),
    "supplier reject": ("suppliers.reject",),
    "supplier withdraw": ("suppliers.withdraw",),
    "impact": ("tracing.impact",),
    "trace": ("tracing.trace",),
    "certificate": "what a report is checked by must not come from where the report comes from",
    "verify": ("verification.verify",),
    "recompute": ("inventories.recompute",),
    "pact connect": ("footprint-exchange.connect",),
    "pact deliver": MACHINE,
    "pact deprecate": ("footprint-exchange.deprecate",),
    "pact disconnect": ("footprint-exchange.disconnect",),
    "pact events": ("footprint-exchange.events",),
    "pact fetch": "it asks another party's host with the sender's own secret; no service is needed",
    "pact partners": ("footprint-exchange.listed",),
    "pact publish": ("footprint-exchange.publish",),
    "pact published": ("footprint-exchange.published",),
    "pact received": ("footprint-exchange.received_",),
    "pact request": ("footprint-exchange.request",),
    "pact serve-check": "it asks another party's host with the sender's own secret; no service is needed",
    "remote operations": "it is the API itself",
    "remote call": "it is the API itself",
    "audit fsck": MACHINE,
    "audit head": ("audit.head",),
    "audit export": ("audit.export_",),
    "audit check": FILE,
    "audit log": ("audit.entries",),
    "audit prove": ("audit.proof",),
}


def commands() -> Iterator[str]:
    for name, (place, _) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        yield from _below(name, getattr(import_module(f"service.commands.{module}"), attribute))


def _below(name: str, command: click.Command) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield name
        return
    for inner, found in command.commands.items():
        yield from _below(f"{name} {inner}", found)


def test_every_verb_of_the_command_line_has_its_place() -> None:
    assert set(commands()) == set(VERBS)


def test_every_place_is_one(client: FlaskClient) -> None:
    app: Flask = client.application
    served = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    named = {endpoint for found in VERBS.values() if isinstance(found, tuple) for endpoint in found}
    assert named - served == set()
    assert served <= set(RULES)


BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
METHOD = "pact.3.0"


@pytest.fixture
def own(client: FlaskClient) -> FlaskClient:
    for code in ("ling", "chen"):
        assert client.post(BASE, json={"code": code, "name_zh": code}).status_code == 201
    return client


def test_partners_are_connected_listed_and_disconnected(own: FlaskClient) -> None:
    path = f"{LING}/pact/partners"
    host = {"code": "buyer", "base_url": "https://pact.example", "client_id": "ling", "client_secret": "s3cret"}
    refused = own.post(path, json={"code": "buyer", "base_url": "nowhere"})
    assert {one["field"] for one in refused.json["errors"]} == {"base_url", "client_secret"}
    made = own.post(path, json={**host, "sees": ["part"]})
    assert (made.status_code, made.json["sees"], made.json["is_ended"]) == (201, ["part"], False)
    assert "s3cret" not in made.text
    changed = own.post(path, json={**host, "client_secret": "", "name": "Buyer", "sees": ["*"], "reason": "all of it"})
    assert (changed.json["name"], changed.json["sees"]) == ("Buyer", ["*"])
    asked = own.post(f"{path}/buyer/requests", json={"criteria": {"productId": ["urn:x:1"]}})
    assert (asked.status_code, asked.json["direction"], asked.json["state"]) == (202, "out", "waiting")
    assert [one["event"] for one in own.get(f"{path}/buyer/events").json] == [asked.json["event"]]
    assert own.get(f"{LING}/pact/received").json == []
    assert own.get(f"{LING}/pact/received?partner=none").status_code == 404
    for there in ("/pact/partners/buyer/events",):
        assert own.get(f"{BASE}/chen{there}").status_code == 404
    assert own.get(f"{BASE}/chen/pact/partners").json == []
    assert own.post(f"{path}/buyer/end", json={"reason": "contract ended"}).json["is_ended"] is True


def test_a_footprint_that_does_not_keep_the_specification_is_not_published(own: FlaskClient) -> None:
    own.post(f"{LING}/product-models", json={"model": product()})
    made = own.post(f"{LING}/footprints", json={"product": "part", "method": METHOD}).json
    answer = own.post(f"{LING}/pact/published", json={"footprint": made["id"]})
    assert (answer.status_code, answer.json["code"][:6]) == (422, "export")
    assert own.post(f"{BASE}/chen/pact/published", json={"footprint": made["id"]}).status_code == 404
    assert own.get(f"{LING}/pact/published").json == []
    assert own.post(f"{LING}/pact/published/none/deprecation", json={"reason": "x"}).status_code == 404


def test_a_footprint_is_published_and_deprecated(own: FlaskClient) -> None:
    with own.application.extensions["tanji"].database.session(write=True) as session, db.using(session):
        frozen = hosts.board(session, ling(session))
    made = own.post(f"{LING}/pact/published", json={"footprint": frozen, "said": hosts.SAID})
    assert (made.status_code, made.json["footprint"], made.json["status"]) == (201, frozen, "Active"), made.json
    assert [one["id"] for one in own.get(f"{LING}/pact/published").json] == [made.json["id"]]
    path = f"{LING}/pact/published/{made.json['id']}/deprecation"
    assert own.post(path.replace("/ling/", "/chen/"), json={"reason": "x"}).status_code == 404
    assert own.post(path, json={"reason": "misread"}).json["status"] == "Deprecated"
    assert own.post(path, json={"reason": "misread"}).status_code in (409, 422)


def test_databases_are_scored_exported_and_taken_back(own: FlaskClient, tmp_path: Any) -> None:
    """The bicycle: 2.5 kg of carbon fibre at 26.6 kg CO2/kg are 66.5 kg; the gas emits nothing."""
    with own.application.extensions["tanji"].database.session(write=True) as session, db.using(session):
        inventories.put(session, ling(session, with_site=False), lci(), inventories.File("bike.json", "a" * 64), NOW)
    found = own.get(f"{LING}/lci/bike/scores").json
    assert {one["process_id"]: one["kgco2e"] for one in found} == {"bike": "66.5", "cf": "26.6", "ng": "0"}
    write(lci(), tmp_path / "bike.zip", "jsonld")
    answer = own.get(f"{LING}/lci/bike/export?format=jsonld")
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    assert own.get(f"{BASE}/chen/lci/bike/export").status_code == 404
    assert own.post(f"{BASE}/chen/lci/bike/withdrawal", json={"reason": "x"}).status_code == 404
    assert own.post(f"{LING}/lci/bike/withdrawal", json={"reason": "licence ended"}).status_code == 204
    assert own.get(f"{LING}/lci/bike/scores").status_code == 404


def test_the_template_comes_as_a_workbook(own: FlaskClient) -> None:
    answer = own.get("/api/v1/activity-template/workbook.xlsx?language=en")
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    sent = {"file": (io.BytesIO(answer.data), "template.xlsx")}
    assert own.post(f"{LING}/imports", data=sent).status_code == 200


def test_footprints_are_held_against_an_inventory(own: FlaskClient) -> None:
    own.post(f"{LING}/sites", json={"code": "works", "name_zh": "一厂", "region": "广东"})
    row = {"site": "works", "activity": "electricity", "amount": "10", "unit": "kWh"}
    own.post(f"{LING}/activities", json={**row, "start": "2025-01-01", "end": "2025-01-31"})
    made = own.post(f"{LING}/inventories", json={"year": 2025, "method": "inventory.ghgp"}).json["id"]
    asked = {"inventory": made, "method": METHOD}
    found = own.get(f"{LING}/footprints/reconciliation", query_string=asked)
    assert (found.status_code, found.json["footprints_without_output"]) == (200, [])
    assert own.get(f"{BASE}/chen/footprints/reconciliation", query_string=asked).status_code == 404
    assert json.dumps(found.json)
