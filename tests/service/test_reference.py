"""The reference of the API: pages of the service itself in both languages, and examples that run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from service import reference

BESIDE = "it needs a file, or something made outside, that no example can hold"
DATED = "its deadline lies within a year of the day it is asked on"
ENDED = "it ends what the other examples work on"
WITHOUT: dict[str, str] = {
    "activities.attach": BESIDE,
    "members.put": "it needs somebody who is known, whom only an invitation or the operator makes",
    "members.end": ENDED,
    "sector.open_collection": DATED,
    "sector.contribute": BESIDE,
    "sector.withdraw": BESIDE,
    "sector.decide": BESIDE,
    "sector.adopt": BESIDE,
    "footprint-exchange.take": BESIDE,
    "suppliers.ask": DATED,
    "suppliers.close": DATED,
    "answers.state": BESIDE,
    "suppliers.accept": BESIDE,
    "suppliers.give": BESIDE,
    "suppliers.reject": BESIDE,
    "suppliers.withdraw": BESIDE,
    "footprint-exchange.publish": BESIDE,
    "footprint-exchange.deprecate": BESIDE,
    "life-cycle-inventories.withdraw": BESIDE,
    "reports.issue": "it takes long, for whoever runs all the others; a job issues one, too",
    "webhooks.create": "its address has to be one of the Internet",
    "webhooks.switch": "its address has to be one of the Internet",
}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        one["operationId"]: (path, method, one)
        for path, found in document["paths"].items()
        for method, one in found.items()
        if method in reference.METHODS
    }


def test_every_operation_and_group_has_its_chinese(document: dict[str, Any]) -> None:
    han = re.compile(r"[\u3400-\u9fff]")
    named, groups = reference.table()["summaries"], reference.table()["groups"]
    assert set(named) == set(operations(document))
    assert set(groups) == {tag["name"] for tag in document["tags"]}
    assert [
        text for text in (*named.values(), *(one for told in groups.values() for one in told)) if not han.search(text)
    ] == []


def test_every_value_that_is_explained_is_explained_in_chinese(client: FlaskClient, document: dict[str, Any]) -> None:
    """What the English pages explain, by what the Chinese ones say at the same place."""
    names = [tag["name"] for tag in document["tags"]]
    pages = [[_explained(client, name, language) for name in names] for language in ("en", "zh")]
    english, chinese = ([text for found in one for text in found] for one in pages)
    assert len(english) == len(chinese) > 500
    han = re.compile(r"[\u3400-\u9fff]")
    assert {before for before, after in zip(english, chinese, strict=True) if before and not han.search(after)} == set()
    assert sorted(set(reference.table()["values"]) - set(english)) == []


def _explained(client: FlaskClient, group: str, language: str) -> list[str]:
    page = html.fromstring(client.get("/api", query_string={"group": group, "language": language}).text)
    return [cell.text_content() for cell in page.xpath("//td[5]")]


def test_the_examples_of_the_file_run_in_their_order(client: FlaskClient, document: dict[str, Any]) -> None:
    known = operations(document)
    for example in reference.table()["examples"]:
        path, method, one = known[example["operation"]]
        body = one["requestBody"]["content"]["application/json"]["example"]
        assert body == example["body"]
        answer = client.open(path.format_map(example.get("path", {})), method=method.upper(), json=body)
        assert 200 <= answer.status_code < 300, (example["operation"], answer.json)
        assert str(answer.status_code) in one["responses"], example["operation"]


def test_what_is_sent_as_json_has_an_example(document: dict[str, Any]) -> None:
    asked = {
        name
        for name, (_, _, one) in operations(document).items()
        if "application/json" in one.get("requestBody", {}).get("content", {})
    }
    shown = {example["operation"] for example in reference.table()["examples"]}
    assert asked - shown == set(WITHOUT)


@pytest.mark.parametrize(
    ("wish", "word", "title"), [("en", "List the sites.", "Own factors"), ("zh", "列出场所。", "自有因子")]
)
def test_the_pages_are_read_in_both_languages(client: FlaskClient, wish: str, word: str, title: str) -> None:
    whole = client.get(f"/api?language={wish}")
    assert (whole.status_code, whole.mimetype) == (200, "text/html")
    assert word in whole.text
    headings = dict(re.findall(r'<h2><a href="(/api\?[^"]+)">([^<]+)<', whole.text))
    assert title in headings.values()
    assert {bool(re.search(r"[a-z]", one)) for one in headings.values()} == {wish == "en"}
    for group, heading in headings.items():
        page = client.get(f"{group.replace('&amp;', '&')}&language={wish}")
        assert page.status_code == 200
        assert "<script" not in page.text
        assert f"<h1>{heading}</h1>" in page.text
    page = client.get(f"/api?group=activities&language={wish}")
    assert word in page.text
    assert "curl -X POST &#34;$TANJI_SERVER/api/v1/organisations/ling/sites&#34;" in page.text
    assert client.get("/api?group=none").status_code == 404
