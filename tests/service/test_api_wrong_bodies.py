"""Bodies that are not what the OpenAPI file asks for, where schemathesis cannot say what is wrong with them.

Of many rows each is judged for itself, and of a file only that there is one: the file promises no more, and what
schemathesis generates from it proves nothing. Here what is wrong is known, and so is the answer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_api import LING, ROW, app
from werkzeug.test import TestResponse

__all__ = ["app"]

SPEC = json.loads((Path(__file__).parents[1] / "golden" / "openapi.json").read_text(encoding="utf-8"))
FIELDS = SPEC["components"]["schemas"]["ActivityRow"]
OPERATIONS = {
    operation["operationId"]: path
    for path, operations in SPEC["paths"].items()
    for operation in operations.values()
    if isinstance(operation, dict) and "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
}
BULK = f"{LING}/activities/bulk"
QUERIES = {"footprint-trials.compute_file": "?methods=pact.3.0"}
LATER = frozenset({"activities.add_evidence", "long-work.import_lci"})
"""Where a file of any content is good: it is kept as it is, or read by a job, which tells what is wrong with it."""
BOUND = "x-bound"
TRIES = settings(
    max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
texts = [name for name, found in FIELDS["properties"].items() if found.get("type") == "string"]


@st.composite
def wrong_row(draw: st.DrawFn) -> Any:
    """What is no row: no object, or one with a field too few, too many or of another type."""
    kind = draw(st.sampled_from(["no object", "missing", "unknown", "type"]))
    if kind == "no object":
        return draw(anything.filter(lambda found: not isinstance(found, dict)))
    name = draw(st.sampled_from(FIELDS["required"] if kind == "missing" else texts))
    if kind == "missing":
        return {key: value for key, value in ROW.items() if key != name}
    if kind == "unknown":
        return {**ROW, draw(st.text(min_size=1).filter(lambda key: key not in FIELDS["properties"])): draw(anything)}
    return {**ROW, name: draw(st.booleans() | st.integers() | st.lists(plain) | st.dictionaries(st.text(), plain))}


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    """Ling's, who asks a supplier for a footprint."""
    made = app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {app.config['TOKEN']}"
    bought = {"code": "ingot", "name_zh": "铝锭", "unit": "kg"}
    assert made.post(f"{LING}/suppliers", json={"code": "smelter", "name_zh": "某铝业"}).status_code == 200
    assert made.post(f"{LING}/suppliers/smelter/purchases", json=bought).status_code == 200
    return made


@pytest.fixture(scope="module")
def addresses(client: FlaskClient) -> dict[str, str]:
    """Where every operation that takes a file is asked for."""
    soon = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    period = {"period_start": "2025-01-01", "period_end": "2025-12-31", "deadline": soon}
    asked = client.post(f"{LING}/footprint-requests", json={"purchase": "ingot", "method": "pact.3.0", **period})
    assert asked.status_code == 201, asked.json
    token = asked.json["link"].rpartition("/")[2]
    values = {"code": "ling", "number": asked.json["request"], "token": token}
    return {name: path.format_map(values) + QUERIES.get(name, "") for name, path in OPERATIONS.items()}


def codes(answer: TestResponse) -> dict[str, str]:
    """Return what is told by place; an error has the one shape, whatever was sent."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.mimetype == "application/problem+json"
    told = answer.json
    assert told["type"] == f"urn:tanji:problem:{told['code']}"
    return {one["field"]: one["code"] for one in told.get("errors", ())} or {"": told["code"]}


def good(day: int) -> dict[str, Any]:
    return {**ROW, "name": f"meter {day}"}


@TRIES
@given(wrong=st.lists(wrong_row(), min_size=1, max_size=4), ahead=st.integers(0, 2))
def test_one_wrong_row_keeps_all_out_wherever_it_stands(client: FlaskClient, wrong: list[Any], ahead: int) -> None:
    rows = [*map(good, range(ahead)), *wrong]
    before = client.get(f"{LING}/activities?limit=1000").json
    told = codes(client.post(BULK, data=json.dumps({"rows": rows}), content_type="application/json"))
    if told != {"": "bad-request"}:  # JSON has no NaN, and halves of characters are none
        assert {int(place.split(".")[1]) for place in told} == set(range(ahead, len(rows))), told
    assert client.get(f"{LING}/activities?limit=1000").json == before


@TRIES
@given(wrong=st.lists(wrong_row(), min_size=1, max_size=4))
def test_wrong_rows_are_told_one_by_one_where_others_are_taken(client: FlaskClient, wrong: list[Any]) -> None:
    body = json.dumps({"rows": [good(0), *wrong], "skip_errors": True})
    answer = client.post(BULK, data=body, content_type="application/json")
    if answer.status_code >= 400:
        assert codes(answer) == {"": "bad-request"}
        return
    states = [(one["row"], one["state"] == "refused") for one in answer.json["results"]]
    assert states == [(0, False), *((place, True) for place in range(1, len(wrong) + 1))]
    assert all(one["errors"] for one in answer.json["results"][1:])


@TRIES
@given(body=anything.filter(lambda found: not isinstance(found, dict) or "rows" not in found))
def test_what_holds_no_rows_is_refused(client: FlaskClient, body: Any) -> None:
    codes(client.post(BULK, data=json.dumps(body), content_type="application/json"))


def part(name: str, content: bytes, *, file: str = "", end: bytes = b"--") -> bytes:
    """One part of a form, as a browser writes it."""
    file = f'; filename="{file}"' if file else ""
    head = f'--{BOUND}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
    return head + content + f"\r\n--{BOUND}".encode() + end + b"\r\n"


broken = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=50).map(lambda content: part("file", content)),  # a text where a file is asked for
    st.binary(max_size=50).map(lambda content: part("other", content, file="x.csv")),
    st.binary(max_size=50).map(lambda content: part("file", content, file="x.csv", end=b"")[:-8]),  # cut off
)
kinds = st.sampled_from([f"multipart/form-data; boundary={BOUND}", "multipart/form-data", "application/json", ""])


# What a form that breaks off held so far is closed when it is forgotten, and Python tells of that.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OPERATIONS)
@TRIES
@given(body=broken, kind=kinds)
def test_a_form_without_its_file_is_refused(
    client: FlaskClient, addresses: dict[str, str], name: str, body: bytes, kind: str
) -> None:
    codes(client.post(addresses[name], data=body, content_type=kind))


@pytest.mark.parametrize("name", OPERATIONS)
@TRIES
@given(
    content=st.binary(max_size=300),
    file=st.sampled_from(["x.csv", "x.xlsx", "x.json", "x.yaml", "x.zip", "x.pdf", "x.spold", "x", ".", "..", "/"]),
    start=st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.7", b"{", b"\xff\xfe", b"\xef\xbb\xbf", b"<?xml", b"\x1f\x8b"]),
)
def test_a_file_of_anything_is_told_and_never_a_fault(
    client: FlaskClient, addresses: dict[str, str], name: str, content: bytes, file: str, start: bytes
) -> None:
    """What is in a file may be told in an answer that is none of an error: that it cannot be read is the answer."""
    body = part("file", start + content, file=file)
    kind = f"multipart/form-data; boundary={BOUND}"
    answer = client.post(addresses[name], data=body, content_type=kind)
    if answer.status_code >= 400:
        codes(answer)
    else:
        assert name in LATER or answer.json.get("errors") or answer.json.get("verdict") == "failed", answer.json
