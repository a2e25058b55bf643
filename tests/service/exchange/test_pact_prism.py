"""Our client and our events before a host that nobody here wrote: Stoplight's Prism, made from the specification.

Prism answers with what the schema says and refuses what does not keep it. Where node is not installed there is nothing
to ask; where it is, a failure is one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify

from service.exchange.pact import events
from service.exchange.pact.client import Client, Login, Refused
from service.exchange.pact.transport import Http
from tests.service.exchange import hosts

DATA = Path(__file__).parents[2] / "data" / "pact"
PACKAGE = "@stoplight/prism-cli@5.14.2"
NO_REGISTRY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "ENOTCACHED")
SECONDS = 240
"""How long npm may take to fetch Prism the first time."""

pytestmark = pytest.mark.skipif(shutil.which("npx") is None, reason="node is not installed: no Prism to ask")


@pytest.fixture(scope="module")
def tokens() -> Iterator[str]:
    """Prism gives no tokens; whoever asks here gets one."""
    app = Flask("tokens")
    app.add_url_rule("/auth/token", "token", lambda: jsonify(access_token="t", expires_in=3600), methods=["POST"])
    with hosts.serving(app, lambda _: None) as url:
        yield url


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as found:
        found.settimeout(1)
        return found.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module", params=["3_0", "2_3"])
def prism(request: pytest.FixtureRequest, tokens: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a mock that plays a version of the specification."""
    port, said = free_port(), tmp_path_factory.mktemp("prism") / "out.txt"
    document = DATA / f"openapi_v{request.param}.yaml"
    command = ["npx", "--yes", PACKAGE, "mock", "--host", "127.0.0.1", "--port", str(port), str(document)]
    with said.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            await_answer(process, port, said)
            login = Login(f"http://127.0.0.1:{port}", "a", "b", tokens, request.param[0])
            yield Client(login, Http(frozenset({"127.0.0.1"})), pause=lambda _: None)
        finally:
            os.killpg(process.pid, 15)
            process.wait()


def await_answer(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            text = said.read_text()
            if any(one in text for one in NO_REGISTRY) or "E404" in text or time.monotonic() > deadline:
                pytest.skip("npm brings no Prism from its registry: nothing to ask")
            pytest.fail(f"Prism does not start: {text}")
        time.sleep(0.2)


def test_lists_and_footprints_are_read(prism: Client) -> None:
    query = {"geography": ["FR", "DE"], "validOn": ["2025-04-01T00:00:00Z"]} if prism.login.version == "3" else {}
    found = list(prism.footprints(query, limit=10))
    assert found
    assert all(isinstance(one["pcf"], Mapping) for one in found)
    one = prism.footprint(str(uuid.uuid4()))
    assert {"id", "productIds", "pcf"} <= set(one)


def test_what_is_no_uuid_is_refused_there(prism: Client) -> None:
    with pytest.raises(Refused) as caught:
        prism.footprint("x y")
    assert 400 <= caught.value.answered < 500


def sent(version: str) -> dict[str, dict[str, Any]]:
    wanted = {"productId": ["urn:gtin:1"]} if version == "3" else {"pf": {"productIds": ["urn:gtin:1"]}}
    return {
        events.REQUESTED: wanted,
        events.REJECTED: {"requestEventId": "1", "error": {"code": "NotFound", "message": "none"}},
        events.PUBLISHED: {"pfIds": [str(uuid.uuid4())]},
    }


@pytest.mark.parametrize("kind", [events.REQUESTED, events.REJECTED, events.PUBLISHED])
def test_our_events_are_taken(kind: str, prism: Client) -> None:
    version = prism.login.version
    now = datetime(2026, 6, 1, tzinfo=UTC)
    prism.send(events.build(kind, version, str(uuid.uuid4()), "//ling.example/events", now, sent(version)[kind]))


def test_our_footprints_are_taken(prism: Client, sqlite_database: Any) -> None:
    """What we fulfil a request with keeps the schema as another reads it."""
    import make

    from service.exchange.pact import publishing

    version = prism.login.version
    with sqlite_database.session(write=True) as session:
        ling = make.ling(session)
        row = publishing.show(session, ling, hosts.published(session, ling))
    data = {"requestEventId": "1", "pfs": [publishing.written(row, version)]}
    prism.send(events.build(events.FULFILLED, version, str(uuid.uuid4()), "//ling.example/events", make.NOW, data))
    data["pfs"] = [{"id": "x"}]
    with pytest.raises(Refused):
        prism.send(events.build(events.FULFILLED, version, str(uuid.uuid4()), "//ling.example/e", make.NOW, data))
