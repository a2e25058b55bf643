"""Our host asked by our client over real sockets: sign-in, lists, pages, visibility, versions, errors."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from sqlalchemy import text

from lca.pact_check import problems
from service import fsck
from service.exchange.pact import events, outbox, publishing, received
from service.exchange.pact.client import Client, Refused
from service.exchange.pact.errors import FootprintRefused, PartnerUnreachable, StateFinal
from tests.service.exchange import hosts
from tests.service.exchange.hosts import Host, partner
from tests.service.exchange.hosts import published as publish

NOW = make.NOW


@pytest.fixture
def host(database_url: str, tmp_path: Path) -> Iterator[Host]:
    """Ling publishes a board and a shelf; Bo sees all of it, Dan the shelf, Eve's program has another scope."""
    with hosts.ours(database_url, tmp_path) as made:
        with made.database.session(write=True) as session:
            ling = make.ling(session)
            publish(session, ling, "board")
            publish(session, ling, "shelf", product_ids=["urn:gtin:2"], classifications=[])
            given = {
                "bo": partner(session, ling, "bo", base_url="http://127.0.0.1:9", client_id="us", client_secret="x"),
                "dan": partner(session, ling, "dan", ("shelf",)),
                "eve": partner(session, ling, "eve", scopes="read"),
            }
        made.logins = {who: hosts.Login(made.url, *pair) for who, pair in given.items()}
        yield made


def answer(
    url: str, token: str = "", body: Any = None, kind: str = events.MEDIA_TYPE, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """Ask without our client: status, JSON, headers."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    sent = {
        **({"Content-Type": kind} if data is not None else {}),
        **({"Authorization": f"Bearer {token}"} if token else {}),
        **headers,
    }
    request = urllib.request.Request(url, data=data, headers=sent)
    try:
        with urllib.request.urlopen(request) as response:
            content, status, given = response.read(), response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            content, status, given = error.read(), error.code, dict(error.headers)
    is_json = "json" in given.get("Content-Type", "")
    return status, json.loads(content) if is_json else None, given


def token_of(host: Host, who: str = "bo") -> str:
    return host.client(who)._sign_in()


def ids(found: Any) -> list[str]:
    return [one["productIds"][0] for one in found]


def test_a_partner_lists_and_fetches(host: Host) -> None:
    found = list(host.client().footprints())
    assert sorted(ids(found)) == ["urn:gtin:2", "urn:gtin:4712345060507"]
    names = [one["id"] for one in found]
    assert names == sorted(names)  # published at one moment
    assert [problems(one) for one in found] == [(), ()]
    assert host.client().footprint(found[0]["id"]) == found[0]
    assert "null" not in json.dumps(found)


def test_pages_are_followed_by_links_of_the_host_that_was_asked(host: Host) -> None:
    token = token_of(host)
    status, first, headers = answer(f"{host.url}/3/footprints?limit=1&geography=CN", token)
    assert (status, len(first["data"])) == (200, 1)
    (rest,) = {"urn:gtin:4712345060507", "urn:gtin:2"} - set(ids(first["data"]))
    assert headers["Link"].startswith(f"<{host.url}/3/footprints?cursor=")
    link = headers["Link"].partition(">")[0][1:]
    for _ in range(2):  # a link may be followed more than once
        status, second, headers = answer(link, token)
        assert (status, ids(second["data"])) == (200, [rest])
        assert "Link" not in headers
    assert answer(link, token_of(host, "dan"))[0] == 400  # another's link
    assert answer(link.replace("/3/", "/2/"), token)[0] == 400
    assert answer(f"{host.url}/3/footprints?limit=0", token)[1] == {"data": []}
    _, slashed, headers = answer(f"{host.url}/3/footprints/?geography=CN", token)
    assert (len(slashed["data"]), headers["Cache-Control"]) == (2, "no-store")
    assert ids(host.client().footprints({"geography": ["DE"]})) == []
    assert ids(host.client().footprints({"productId": ["URN:gtin:2"]}, limit=1)) == ["urn:gtin:2"]


def test_each_partner_sees_what_it_may(host: Host) -> None:
    whole = {one["productIds"][0]: one["id"] for one in host.client().footprints()}
    assert ids(host.client("dan").footprints()) == ["urn:gtin:2"]
    with pytest.raises(Refused, match="AccessDenied") as caught:
        host.client("dan").footprint(whole["urn:gtin:4712345060507"])
    assert caught.value.answered == 403
    with pytest.raises(Refused, match="AccessDenied"):
        list(host.client("eve").footprints())
    with host.database.session(write=True) as session:
        chen = make.chen(session)
        other = publish(session, chen, "beam")
    with pytest.raises(Refused, match="NotFound"):
        host.client().footprint(other)


def test_version_2_beside_version_3(host: Host) -> None:
    """The shelf has no code of the Central Product Classification: version 2 cannot say it."""
    client = host.client(version="2")
    (found,) = client.footprints()
    assert problems(found, "2") == ()
    assert client.footprint(found["id"]) == found
    assert ids(client.footprints({"$filter": ["productCategoryCpc eq '3141'"]})) == ["urn:gtin:4712345060507"]
    assert ids(client.footprints({"$filter": ["pcf/geographyCountry eq 'DE'"]})) == []
    shelf = [one["id"] for one in host.client().footprints({"productId": ["urn:gtin:2"]})]
    with pytest.raises(Refused, match="NotFound"):
        client.footprint(shelf[0])
    with pytest.raises(Refused, match=r"400: NotImplemented .*or"):
        list(client.footprints({"$filter": ["created eq 2026-01-01T00:00:00Z or 1"]}))
    with pytest.raises(Refused, match="400: NotImplemented"):
        list(host.client().footprints({"$filter": ["x"]}))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/3/footprints?limit=x&validOn=y", 400, "BadRequest"),
        ("/3/footprints?cursor=x", 400, "BadRequest"),
        ("/3/footprints/00000000-0000-0000-0000-000000000000", 404, "NotFound"),
        ("/3/footprints/none", 404, "NotFound"),
        ("/3/footprints/" + "x" * 3000, 404, "NotFound"),
        ("/3/nothing/at/all", 404, "NotFound"),
        ("/2/footprints?$filter=(((", 400, "BadRequest"),
    ],
)
def test_errors_are_objects_of_the_specification(path: str, status: int, code: str, host: Host) -> None:
    found = answer(host.url + path, token_of(host))
    assert (found[0], found[1]["code"], set(found[1])) == (status, code, {"code", "message"})


def test_addresses_say_how_they_may_be_asked(host: Host) -> None:
    for path, allowed in (("/3/footprints", "GET"), ("/2/footprints/x", "GET")):
        status, body, headers = answer(host.url + path, token_of(host), {})
        assert (status, body["code"]) == (405, "BadRequest")
        assert headers["Allow"].startswith(allowed)
    status, _, headers = answer(f"{host.url}/3/events", token_of(host))
    assert (status, headers["Allow"]) == (405, "POST, OPTIONS")
    assert answer(f"{host.url}/3/footprints?limit=999999999999999999", token_of(host))[0] == 200


def test_strangers_and_expired_tokens(host: Host) -> None:
    for path in ("/3/footprints", "/2/footprints/x", "/3/footprints?limit=x"):
        for token in ("", "tanji_made_up"):
            status, body, headers = answer(host.url + path, token)
            assert (status, body["code"]) == (401, "TokenExpired")
            assert "Bearer" in headers["WWW-Authenticate"]
    token = token_of(host)
    assert answer(f"{host.url}/3/footprints", token)[0] == 200
    with host.database.session(write=True) as session:
        session.execute(text("UPDATE access_token SET expires = :then"), {"then": NOW - timedelta(days=1)})
    assert answer(f"{host.url}/3/footprints", token)[0] == 401
    assert answer(f"{host.url}/3/events", token, {})[0] == 401


def test_a_client_renews_a_token_that_is_no_longer_taken(host: Host) -> None:
    client = host.client()
    client._token, client._until = "tanji_made_up", 1e12
    assert len(list(client.footprints())) == 2


def test_discovery_and_tokens(host: Host) -> None:
    status, found, _ = answer(f"{host.url}/.well-known/openid-configuration")
    assert status == 200
    assert found["token_endpoint"] == f"{host.url}/auth/token"
    form = "application/x-www-form-urlencoded"
    login = host.logins["bo"]

    def asked(pair: str, body: bytes = b"grant_type=client_credentials") -> tuple[int, Any, dict[str, str]]:
        basic = base64.b64encode(pair.encode()).decode()
        return answer(f"{host.url}/auth/token", "", body, form, Authorization=f"Basic {basic}")

    status, found, _ = asked(f"{login.client_id}:{login.client_secret}")
    assert (status, found["token_type"]) == (200, "Bearer")
    assert found["expires_in"] > 0
    for pair, body in (
        (f"{login.client_id}:wrong", b"grant_type=client_credentials"),
        ("nobody:x", b"grant_type=client_credentials"),
        (f"{login.client_id}:{login.client_secret}", b"grant_type=password"),
        (f"{login.client_id}:{login.client_secret}", b""),
    ):
        status, found, _ = asked(pair, body)
        assert status in (400, 401)
        assert "error" in found
    with pytest.raises(PartnerUnreachable, match="no token"):
        list(host.client(client_secret="wrong").footprints())


def test_links_behind_a_proxy_that_ends_tls(database_url: str, tmp_path: Path) -> None:
    with hosts.ours(database_url, tmp_path, TANJI_BASE_URL="https://pcf.ling.example") as host:
        with host.database.session(write=True) as session:
            ling = make.ling(session)
            publish(session, ling, "board")
            publish(session, ling, "shelf")
            host.logins["bo"] = hosts.Login(host.url, *partner(session, ling, "bo"))
        through = {"Host": "pcf.ling.example", "X-Forwarded-Proto": "https"}
        _, found, _ = answer(f"{host.url}/.well-known/openid-configuration", **through)
        assert found["token_endpoint"] == "https://pcf.ling.example/auth/token"
        _, _, headers = answer(f"{host.url}/3/footprints?limit=1", token_of(host), **through)
        assert headers["Link"].startswith("<https://pcf.ling.example/3/footprints?cursor=")
        assert len(list(host.client().footprints(limit=1))) == 2  # on the machine itself
        status, _, _ = answer(f"{host.url}/3/footprints", token_of(host), Host="elsewhere.example")
        assert status == 400


# --- publishing ----------------------------------------------------------------------------------


def test_what_is_new_about_a_product_is_another_footprint(host: Host) -> None:
    (old,) = [one["id"] for one in host.client().footprints({"productId": ["urn:gtin:4712345060507"]})]
    with host.database.session(write=True) as session:
        ling = make.ling(session)
        again = publishing.publish(session, ling, hosts.board(session, ling), hosts.SAID, NOW, source=hosts.SOURCE)
        assert again.id == old  # the same footprint, the same words
        name = hosts.board(session, ling, glue="0.4")
        new = publishing.publish(session, ling, name, hosts.SAID, NOW + timedelta(days=1), source=hosts.SOURCE).id
    client = host.client()
    assert client.footprint(old)["status"] == "Deprecated"
    assert client.footprint(new)["precedingPfIds"] == [old]
    assert client.footprint(new)["status"] == "Active"
    assert [one["id"] for one in client.footprints({"status": ["Deprecated"]})] == [old]
    assert len(list(client.footprints())) == 3
    with host.database.session(write=True) as session:
        ling = make.ling(session)
        with pytest.raises(StateFinal):
            publishing.deprecate(session, ling, old, "twice", NOW, source=hosts.SOURCE)
        told = [json.loads(one.content)["data"]["pfIds"] for one in outbox.listed(session, ling, "bo")]
        assert told == [[new, old]]  # Dan has no host and may not see it
        session.rollback()


def test_what_would_not_keep_the_specification_is_not_published(host: Host) -> None:
    with host.database.session(write=True) as session:
        ling = make.ling(session)
        name = hosts.board(session, ling, "stool")
        with pytest.raises(FootprintRefused) as caught:
            publishing.publish(session, ling, name, hosts.SAID | {"mass_kg": "2"}, NOW, source=hosts.SOURCE)
        assert {one.where for one in caught.value.wrong} == {"pcf.productMassPerDeclaredUnit"}
        session.rollback()


# --- events --------------------------------------------------------------------------------------


def event(kind: str, data: Any, version: str = "3", identifier: str = "e1") -> dict[str, Any]:
    found: dict[str, Any] = events.build(kind, version, identifier, "//bo.example/events", NOW, data)
    return found


def states(host: Host, code: str = "bo") -> list[str]:
    with host.database.session(write=False) as session:
        found = outbox.listed(session, make.Actor(1, "Ling", frozenset({"owner"})), code)
        return sorted(f"{one.direction} {one.kind} {one.state}" for one in found)


def test_a_request_is_answered_once(host: Host) -> None:
    wanted = event(events.REQUESTED, {"productId": ["urn:gtin:2"], "comment": "please"})
    for _ in range(2):  # the same event again changes nothing
        host.client().send(wanted)
    assert states(host) == ["in requested done", "out fulfilled waiting"]
    with host.database.session(write=False) as session:
        (sent, _) = outbox.listed(session, make.Actor(1, "Ling", frozenset({"owner"})), "bo")
        content = json.loads(sent.content)
    assert content["data"]["requestEventId"] == "e1"
    assert ids(content["data"]["pfs"]) == ["urn:gtin:2"]
    assert events.parse(content, "3").kind == events.FULFILLED
    host.client().send(event(events.REQUESTED, {"productId": ["urn:gtin:3"]}, identifier="e2"))
    assert "out rejected waiting" in states(host)


def test_a_request_of_version_2_is_answered_in_the_version_of_the_partners_host(host: Host) -> None:
    wanted = event(events.REQUESTED, {"pf": {"productIds": ["urn:gtin:4712345060507"]}}, "2")
    host.client(version="2").send(wanted)
    assert states(host) == ["in requested done", "out fulfilled waiting"]


@pytest.mark.parametrize("off", [timedelta(days=-400), timedelta(hours=9), timedelta(days=400)])
def test_an_event_counts_by_its_id_however_wrong_its_senders_clock_is(host: Host, off: timedelta) -> None:
    """Neither taken twice nor put off: what is due is due by our own clock."""
    wanted = event(events.REQUESTED, {"productId": ["urn:gtin:2"]})
    at = (NOW + off).strftime("%Y-%m-%dT%H:%M:%SZ")
    for time in (at, NOW.strftime("%Y-%m-%dT%H:%M:%SZ")):
        host.client().send({**wanted, "time": time})
    with host.database.session(write=True) as session:
        assert len(outbox.claim(session, datetime.now(UTC) + timedelta(minutes=1))) == 1


def test_events_that_answer_nothing_or_cannot_be_answered(host: Host) -> None:
    with pytest.raises(Refused, match=r"400: BadRequest .*no such request"):
        host.client().send(event(events.REJECTED, {"requestEventId": "e9", "error": {"code": "x", "message": "y"}}))
    with pytest.raises(Refused, match="400: BadRequest"):  # Dan has no host to answer to
        host.client("dan").send(event(events.REQUESTED, {}))
    assert states(host) == []


def test_a_request_of_ours_has_one_answer(host: Host) -> None:
    with host.database.session(write=True) as session:
        ling = make.ling(session)
        asked = outbox.request(session, ling, "bo", {}, NOW, source=hosts.SOURCE).event_id
    error = {"requestEventId": asked, "error": {"code": "NotFound", "message": "none"}}
    host.client().send(event(events.REJECTED, error))
    host.client().send(event(events.REJECTED, error))  # the same event again
    with pytest.raises(Refused, match="no such request is open"):
        host.client().send(event(events.REJECTED, error, identifier="e2"))
    assert states(host) == ["in rejected done", "out requested rejected"]


def test_what_is_published_waits_to_be_fetched(host: Host) -> None:
    published = event(events.PUBLISHED, {"pfIds": ["00000000-0000-4000-8000-000000000001"]})
    host.client().send(published)
    host.client("dan").send(published)
    assert states(host) == ["in published waiting"]
    assert states(host, "dan") == ["in published done"]


DEEP = b'{"data":' * 3000 + b"1" + b"}" * 3000


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", events.MEDIA_TYPE, 400),
        (b"{", events.MEDIA_TYPE, 400),
        (b"[1, NaN]", events.MEDIA_TYPE, 400),
        (b'"\\ud800"', events.MEDIA_TYPE, 400),
        (DEEP, events.MEDIA_TYPE, 400),
        (b"[" * 100_000, events.MEDIA_TYPE, 400),
        (b"[" + b"1," * 2_500_000 + b"1]", events.MEDIA_TYPE, 400),  # 5 MB
        (b'{"type": 7, "id": {}, "source": [], "time": 1, "data": "x"}', events.MEDIA_TYPE, 400),
        (b'{"id": "a\\u0000b"}', events.MEDIA_TYPE, 400),
        (b"<event/>", "text/xml", 400),
    ],
    ids=range(10),
)
def test_bad_events(body: bytes, kind: str, status: int, host: Host) -> None:
    found = answer(f"{host.url}/3/events", token_of(host), body, kind)
    assert (found[0], found[1]["code"]) == (status, "BadRequest")
    assert states(host) == []


def test_everything_is_in_the_log(host: Host, tmp_path: Path) -> None:
    host.client().send(event(events.REQUESTED, {}))
    with host.database.session(write=True) as session:
        for due in outbox.claim(session, NOW + timedelta(days=3650)):
            outbox.settle(session, due.event, outbox.Outcome("away"), NOW)
        assert received.received(session, make.ling(session)) == []
    with host.database.session(write=False) as session:
        assert fsck.fsck(session, tmp_path) == []


def test_the_client_speaks_of_what_it_cannot_read(host: Host) -> None:
    with pytest.raises(PartnerUnreachable):
        list(Client(hosts.Login(f"{host.url}/elsewhere", "a", "b"), host.client().http).footprints())
