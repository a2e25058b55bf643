"""Lists come in parts, all in the same way: a bounded part, and a link to the next one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from make import product

from service.schemas import Cursor, cursor

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
METHOD = "pact.3.0"
SEARCH = "/api/v1/factors"


def row(site: str, month: int, year: int = 2025, **more: Any) -> dict[str, Any]:
    period = {"start": f"{year}-{month:02}-01", "end": f"{year}-{month:02}-28"}
    return {"site": site, "activity": "electricity", "amount": f"{month}", "unit": "kWh", **period, **more}


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    for code in ("ling", "chen", "abe"):
        assert client.post(BASE, json={"code": code, "name_zh": code}).status_code == 201
    for code in ("b", "a", "c"):
        client.post(f"{LING}/sites", json={"code": code, "name_zh": code, "region": "广东"})
    rows = [row("a", 1), row("b", 2), row("b", 3, activity="diesel_road", unit="kg"), row("a", 4)]
    rows += [row("c", 1, 2023), row("c", 1, 2024)]
    assert client.post(f"{LING}/activities/bulk", json={"rows": rows}).status_code == 201
    client.post(f"{LING}/activities/1/corrections", json={**row("a", 1), "amount": "9", "reason": "misread"})
    client.post(f"{LING}/activities/2/withdrawal", json={"reason": "not ours"})
    for name in ("x", "y", "z"):
        client.post(f"{LING}/product-models", json={"model": product(name)})
        client.post(f"{LING}/footprints", json={"product": name, "method": METHOD})
        client.post(
            f"{LING}/exclusions", json={"category": name, "reason": "small", "start": "2025-01-01", "end": "2025-12-31"}
        )
        client.post(f"{LING}/clients", json={"name": name, "scopes": "read"})
        client.post(f"{LING}/jobs", json={"kind": "footprint.portfolio", "arguments": {"method": f"m.{name}"}})
    for year in (2023, 2024, 2025):
        assert client.post(f"{LING}/inventories", json={"year": year, "method": "inventory.ghgp"}).status_code == 201
    return client


def walked(client: FlaskClient, path: str, limit: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(50):
        answer = client.get(path, query_string={"limit": limit} if "?" not in path else None)
        assert answer.status_code == 200, answer.json
        assert len(answer.json) <= limit
        found += answer.json
        link = answer.headers.get("Link")
        if link is None:
            return found
        following = re.fullmatch(r'<(/[^>]+)>; rel="next"', link)
        assert following
        path = following[1]
    raise AssertionError("the links lead in a circle")


LISTS = {
    BASE: 3,
    f"{LING}/sites": 3,
    f"{LING}/activities": 8,
    f"{LING}/exclusions": 3,
    f"{LING}/audit": 25,
    f"{LING}/footprints": 3,
    f"{LING}/product-models": 3,
    f"{LING}/inventories": 3,
    f"{LING}/clients": 3,
    f"{LING}/jobs": 3,
    "/api/v1/product-templates": 29,
}


def test_the_parts_are_the_whole_each_row_once(ling: FlaskClient) -> None:
    for path, least in LISTS.items():
        whole = ling.get(path, query_string={"limit": 1000})
        assert "Link" not in whole.headers, path
        assert len(whole.json) >= least, path
        for limit in (1, 2, least):
            assert walked(ling, path, limit) == whole.json, path


def test_a_part_of_what_is_filtered(ling: FlaskClient) -> None:
    def numbers(query: str) -> list[int]:
        return [one["id"] for one in walked(ling, f"{LING}/activities?limit=1&{query}", 1)]

    # 1 to 6 as handed in; 7 takes the place of 1, 8 takes 2 back.
    assert numbers("site=b") == [2, 3, 8]
    assert numbers("activity=diesel_road") == [3]
    assert numbers("current=true") == [3, 4, 5, 6, 7]
    assert numbers("current=true&site=a&start=2025-02-01") == [4]
    assert numbers("end=2025-01-31") == [1, 5, 6, 7]
    assert [one["year"] for one in ling.get(f"{LING}/inventories?year=2024").json] == [2024]
    assert [one["product"] for one in walked(ling, f"{LING}/footprints?limit=1&product=y&current=true", 1)] == ["y"]
    assert ling.get(f"{LING}/footprints?method=none").json == []
    assert {one["verb"] for one in walked(ling, f"{LING}/audit?limit=1&verb=site.add", 1)} == {"site.add"}
    assert ling.get(f"{LING}/jobs?kind=inventory.run").json == []


@pytest.mark.parametrize(
    "given", ["x", "", cursor("none"), cursor("a\x00"), cursor(2**60), cursor(-1), "bm8", "W10", "W3t9XQ"]
)
def test_a_cursor_of_another_list_is_refused(ling: FlaskClient, given: str) -> None:
    for path in (f"{LING}/activities", f"{LING}/sites", f"{LING}/jobs"):
        answer = ling.get(path, query_string={"cursor": given})
        assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, ["cursor"])
    # A name of nothing is not found; what is none is refused.
    assert ling.get(f"{LING}/footprints", query_string={"cursor": given}).status_code in (404, 422)


def test_a_cursor_of_another_organisation_leads_nowhere(ling: FlaskClient) -> None:
    ling.post(f"{BASE}/chen/product-models", json={"model": product("w")})
    theirs = ling.post(f"{BASE}/chen/footprints", json={"product": "w", "method": METHOD}).json["id"]
    assert ling.get(f"{LING}/footprints", query_string={"cursor": cursor(theirs)}).status_code == 404


def test_every_list_is_given_in_parts(ling: FlaskClient) -> None:
    document = ling.get("/api/openapi.json").json
    whole = set()
    for path, operations in document["paths"].items():
        given = operations.get("get", {})
        content = given.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        names = {one.get("name") for one in given.get("parameters", ())}
        if content.get("schema", {}).get("type") == "array" and not {"cursor", "limit"} <= names:
            whole.add(path)
    assert not whole


def test_a_ranking_in_parts_is_the_whole_ranking(client: FlaskClient) -> None:
    path = f"{SEARCH}?q=anthracite"
    whole = client.get(f"{path}&limit=1000")
    assert "Link" not in whole.headers
    assert len(whole.json) > 20
    for limit in (1, 7, len(whole.json)):
        assert walked(client, f"{path}&limit={limit}", limit) == whole.json


def test_a_cursor_of_another_ranking_is_refused(client: FlaskClient) -> None:
    """The next part of one search is none of another, nor of the same in another edition of the library."""
    first = client.get(SEARCH, query_string={"q": "diesel", "limit": 1})
    held = Cursor().deserialize(parse_qs(urlsplit(first.headers["Link"]).query)["cursor"][0].partition(">")[0])
    version = client.application.extensions["tanji"].library.version  # type: ignore[attr-defined]
    assert held.startswith(f"{version} ")
    for words, given, code in (
        ("petrol", held, "not-a-cursor"),
        ("diesel", held.removesuffix(first.json[0]["id"]) + "nothing", "not-a-cursor"),
        ("diesel", 1, "not-a-cursor"),
        ("diesel", held.replace(version, "0" * 16), "cursor-outdated"),
    ):
        answer = client.get(SEARCH, query_string={"q": words, "cursor": cursor(given)})
        assert (answer.status_code, [(one["field"], one["code"]) for one in answer.json["errors"]]) == (
            422,
            [("cursor", code)],
        )
    assert "search again without a cursor" in answer.json["errors"][0]["message"]
