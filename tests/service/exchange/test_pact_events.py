"""Events of PACT: as the schemas of both versions say, and every problem of a wrong one named."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from service.exchange.pact import events
from service.exchange.pact.errors import EventInvalid
from service.exchange.pact.events import FULFILLED, PUBLISHED, REJECTED, REQUESTED, build, parse

DATA = Path(__file__).parents[2] / "data" / "pact"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
PF = str(uuid.UUID(int=1))
SAMPLE = json.loads((DATA / "cosmetics_tier_3_sample.json").read_text(encoding="utf-8"))[0]
NAMES = {REQUESTED: "RequestCreatedEvent", FULFILLED: "RequestFulfilledEvent", REJECTED: "RequestRejectedEvent",
         PUBLISHED: "PublishedEvent"}  # fmt: skip
GOOD: dict[str, dict[str, Any]] = {
    REQUESTED: {"productId": ["urn:gtin:1"], "validOn": "2026-06-01T00:00:00Z", "comment": "please"},
    FULFILLED: {"requestEventId": "1", "pfs": [SAMPLE]},
    REJECTED: {"requestEventId": "1", "error": {"code": "NotFound", "message": "none"}},
    PUBLISHED: {"pfIds": [PF]},
}


@cache
def validator(version: str, kind: str) -> Any:
    name = {"3": "openapi_v3_0.yaml", "2": "openapi_v2_3.yaml"}[version]
    root = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    schema = {"$ref": f"#/components/schemas/{NAMES[kind]}", "components": root["components"]}
    return jsonschema.Draft202012Validator(schema)


def event(kind: str, version: str = "3", **changed: Any) -> dict[str, Any]:
    data = {"pf": {"productIds": ["urn:gtin:1"]}} if (kind, version) == (REQUESTED, "2") else GOOD[kind]
    found: dict[str, Any] = build(kind, version, "e1", "//ling.example/3/events", NOW, data)
    return {key: value for key, value in {**found, **changed}.items() if value is not ...}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("version", ["3", "2"])
def test_events_keep_the_schema_and_come_back(kind: str, version: str) -> None:
    made = event(kind, version)
    if (kind, version) != (FULFILLED, "2"):  # the sample is one of version 3
        assert [one.message for one in validator(version, kind).iter_errors(made)] == []
    found = parse(json.loads(json.dumps(made)), version)
    assert (found.kind, found.version, found.id, found.time) == (kind, version, "e1", NOW)
    with pytest.raises(EventInvalid, match="type"):
        parse(made, "2" if version == "3" else "3")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (None, {""}),
        ([], {""}),
        ({}, {"id", "source", "specversion", "time", "type", "data"}),
        (event(PUBLISHED, id=""), {"id"}),
        (event(PUBLISHED, id=7, source=None), {"id", "source"}),
        (event(PUBLISHED, id="x" * 400), {"id"}),
        (event(PUBLISHED, specversion="0.3", time="2026-06-01"), {"specversion", "time"}),
        (event(PUBLISHED, type="x"), {"type"}),
        (event(PUBLISHED, data=...), {"data"}),
        (event(PUBLISHED, data=[]), {"data"}),
        (event(PUBLISHED, data={}), {"data.pfIds"}),
        (event(PUBLISHED, data={"pfIds": []}), {"data.pfIds"}),
        (event(PUBLISHED, data={"pfIds": ["x", PF, 3]}), {"data.pfIds.0", "data.pfIds.2"}),
        (event(FULFILLED, data={"pfs": []}), {"data.requestEventId", "data.pfs"}),
        (event(FULFILLED, data={"requestEventId": "1", "pfs": [1, {}, {"id": PF, "pcf": []}]}),
         {"data.pfs.0", "data.pfs.1.id", "data.pfs.1.pcf", "data.pfs.2.pcf"}),
        (event(REJECTED, data={"requestEventId": "1"}), {"data.error"}),
        (event(REJECTED, data={"requestEventId": "1", "error": {"code": 1}}),
         {"data.error.code", "data.error.message"}),
        (event(REQUESTED, data={"productId": "x", "validOn": "x", "comment": 1, "status": ["Gone"]}),
         {"data.productId", "data.validOn", "data.comment", "data.status"}),
        (event(REQUESTED, data={"productId": [1]}), {"data.productId"}),
    ],
)  # fmt: skip
def test_everything_wrong_is_named(body: Any, where: set[str]) -> None:
    with pytest.raises(EventInvalid) as caught:
        parse(body, "3")
    assert {one.where for one in caught.value.wrong} == where


def test_fragments_are_objects() -> None:
    with pytest.raises(EventInvalid, match=r"data\.pf"):
        parse(event(REQUESTED, "2", data={"pf": []}), "2")


def test_nesting_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": [deep]}
    with pytest.raises(EventInvalid, match="nested"):
        parse(event(PUBLISHED, data=deep), "3")


def test_types_are_those_of_the_specifications() -> None:
    for version, name in (("3", "openapi_v3_0.yaml"), ("2", "openapi_v2_3.yaml")):
        text = (DATA / name).read_text(encoding="utf-8")
        assert all(f"const: {one}" in text for one in events.TYPES[version].values())
