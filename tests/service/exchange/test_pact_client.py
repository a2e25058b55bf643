"""Our client: what it sends nothing to, bounds, the outbox with its 72 hours, and two hosts of ours that talk."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import make
import pytest
from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlmodel import Session

from service import db, sealing
from service.accounts.actions import Actor
from service.errors import InputInvalid, NotFound, ServiceError
from service.exchange.pact import delivery, events, outbox, partners, publishing, received
from service.exchange.pact.client import Client, Login, Refused
from service.exchange.pact.delivery import Delivered
from service.exchange.pact.errors import AddressRefused, PartnerUnreachable
from service.exchange.pact.outbox import Due, Outcome
from service.exchange.pact.partners import NewPartner
from service.exchange.pact.transport import Http, is_public
from tests.service.exchange import hosts
from tests.service.exchange.hosts import SEAL, SOURCE, Host

NOW = make.NOW
LOCAL = Http(frozenset({"127.0.0.1"}), seconds=5)


# --- where nothing is sent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://u:p@example.com/", "https://", "https://a b/", "//x", "",
     "https://example.com:99999/", "https://[::1", "file:///etc/passwd", "https://a\\@b/", "http://127.0.0.1/"],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(AddressRefused):
        Http(lookup=lambda *_: ["93.184.216.34"]).judged(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1", "fe80::1",
     "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "ff02::1", "::",
     "255.255.255.255", "240.0.0.1", "64:ff9b:1::a00:1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fec0::1"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(AddressRefused, match="not a public address"):
        Http(lookup=lambda *_: ["93.184.216.34", address]).judged("https://partner.example/3")


def test_public_addresses_and_those_of_the_setting() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    lookup = lambda *_: ["10.0.0.1"]  # noqa: E731
    assert Http(frozenset({"pcf.intern"}), lookup=lookup).judged("https://pcf.intern/3")[2] == "10.0.0.1"
    assert Http(frozenset({"pcf.intern:8443"}), lookup=lookup).judged("https://pcf.intern:8443/")[1] == 8443
    with pytest.raises(AddressRefused):
        Http(frozenset({"pcf.intern:8443"}), lookup=lookup).judged("https://pcf.intern/")
    with pytest.raises(AddressRefused, match="https"):  # without TLS on this machine alone
        Http(frozenset({"pcf.intern"}), lookup=lookup).judged("http://pcf.intern/")
    with pytest.raises(PartnerUnreachable, match="name"):
        Http(lookup=lambda *_: []).judged("https://nowhere.invalid/")


# --- a host that misbehaves ----------------------------------------------------------------------


@pytest.fixture
def rogue() -> Iterator[tuple[Flask, str]]:
    """A host that does what a test wants; it gives tokens at the address of hosts without discovery."""
    app = Flask("rogue")
    app.add_url_rule("/auth/token", "token", lambda: jsonify(access_token="t", expires_in=3600), methods=["POST"])
    with hosts.serving(app, lambda _: None) as url:
        yield app, url


def client(url: str, http: Http = LOCAL) -> Client:
    return Client(Login(url, "a", "b"), http, pause=lambda _: None)


def footprints(app: Flask, view: Callable[[], Any]) -> None:
    app.add_url_rule("/3/footprints", "footprints", view)


@pytest.mark.parametrize(
    ("body", "match"),
    [(b"", "no JSON"), (b"[" * 99_999, "no JSON"), (b"[]", "'data'"), (b"{}", "'data'"),
     (b'{"data": null}', r"data: \["), (b'{"data": [1]}', r"data: \["), (b"\xff", "no JSON"),
     (b'{"data": ["\\ud800"]}', "no JSON")],
)  # fmt: skip
def test_answers_that_are_none(body: bytes, match: str, rogue: tuple[Flask, str]) -> None:
    app, url = rogue
    footprints(app, lambda: Response(body))
    with pytest.raises(PartnerUnreachable, match=match):
        list(client(url).footprints())


def test_links_and_redirects_to_others_are_not_followed(rogue: tuple[Flask, str]) -> None:
    app, url = rogue
    elsewhere = "http://127.0.0.1:9/3/footprints"
    footprints(app, lambda: (jsonify(data=[]), 200, {"Link": f'<{elsewhere}>; rel="next"'}))
    app.add_url_rule("/3/footprints/<one>", "one", lambda **_: ("", 302, {"Location": elsewhere}))
    with pytest.raises(AddressRefused, match="another host"):
        list(client(url).footprints())
    with pytest.raises(AddressRefused, match="another host"):
        client(url).footprint("x")


def test_redirects_and_lists_without_end(rogue: tuple[Flask, str], monkeypatch: pytest.MonkeyPatch) -> None:
    app, url = rogue
    app.add_url_rule("/3/footprints/<one>", "one", lambda **_: ("", 302, {"Location": "/3/footprints/y"}))
    footprints(app, lambda: (jsonify(data=[]), 200, {"Link": f'<{url}/3/footprints?a=1>; rel="next"'}))
    with pytest.raises(PartnerUnreachable, match="redirects"):
        client(url).footprint("x")
    monkeypatch.setattr("service.exchange.pact.client.MOST_PAGES", 3)
    with pytest.raises(PartnerUnreachable, match="more than 3 pages"):
        list(client(url).footprints())


def test_answers_beyond_the_bounds(rogue: tuple[Flask, str]) -> None:
    app, url = rogue

    def slow() -> Iterator[bytes]:
        for _ in range(50):
            time.sleep(0.1)
            yield b" "

    app.add_url_rule("/3/footprints/large", "large", lambda: Response(b" " * 300_000))
    app.add_url_rule("/3/footprints/slow", "slow", lambda: Response(slow()))
    with pytest.raises(PartnerUnreachable, match="larger than"):
        client(url, Http(LOCAL.private, most_bytes=200_000)).footprint("large")
    begun = time.monotonic()
    with pytest.raises(PartnerUnreachable, match=r"longer than|no connection"):
        client(url, Http(LOCAL.private, seconds=0.5)).footprint("slow")
    assert time.monotonic() - begun < 4


def test_a_host_that_is_busy_is_asked_again(rogue: tuple[Flask, str]) -> None:
    app, url = rogue
    answers = iter([503, 429, 200])
    footprints(app, lambda: (jsonify(data=[]), next(answers)))
    pauses: list[float] = []
    assert list(Client(Login(url, "a", "b"), LOCAL, pause=pauses.append).footprints()) == []
    assert 1 <= pauses[0] <= 2 <= pauses[1] <= 4


def test_secrets_are_not_shown() -> None:
    login = Login("https://a.example", "me", "hush")
    assert "hush" not in repr(login) + repr(Client(login, LOCAL))
    assert "hush" not in repr(NewPartner("bo", "Bo", client_secret="hush"))


def test_our_secret_at_a_partner_is_kept_sealed(sqlite_database: db.Database, tmp_path: Path) -> None:
    with sqlite_database.session(write=True) as session:
        ling = make.ling(session)
        hosts.partner(session, ling, "bo", base_url="https://bo.example", client_id="l", client_secret="hush")
        kept = session.scalar(text("SELECT client_secret FROM pact_partner"))
        assert SEAL.opened(kept, "bo") == b"hush"
        given = NewPartner("bo", "Bo & Co", base_url="https://bo.example", client_id="l")
        other = partners.change(session, ling, given, "renamed", SEAL, NOW)
        assert SEAL.opened(other.client_secret, "bo") == b"hush"  # one that is not given stays
    assert b"hush" not in (tmp_path / "tanji.sqlite3").read_bytes()


def test_a_secret_sealed_with_another_key_is_told_and_tried_again(waiting: db.Database, tmp_path: Path) -> None:
    send = delivery.sender(LOCAL, sealing.of_partners(tmp_path))
    delivery.deliver_due(waiting, NOW, send)
    [row] = sent(waiting)
    assert (row.state, "https://bo.example" in row.problem, "another key" in row.problem) == ("waiting", True, True)


# --- partners ------------------------------------------------------------------------------------


def test_everything_wrong_with_a_partner_is_named(sqlite_database: db.Database) -> None:
    with sqlite_database.session(write=True) as session:
        ling = make.ling(session)
        wrong = NewPartner("b o", "Bo", version="4", base_url="ftp://x", auth_url="https://a/?q")
        with pytest.raises(InputInvalid) as caught:
            partners.add(session, ling, wrong, SEAL, NOW)
        assert {one.where for one in caught.value.wrong} == {
            "code", "version", "base_url", "auth_url", "client_secret",
        }  # fmt: skip
        with pytest.raises(NotFound):
            partners.add(session, ling, NewPartner("bo", "Bo", api_client_id="nobody"), SEAL, NOW)
        hosts.partner(session, ling, "dan")
        with pytest.raises(ServiceError, match="exists"):
            partners.add(session, ling, NewPartner("dan", "Dan"), SEAL, NOW)
        reader = make.bo(ling, "reader")
        with pytest.raises(ServiceError, match="may not"):
            partners.add(session, reader, NewPartner("eve", "Eve"), SEAL, NOW)


# --- the outbox ----------------------------------------------------------------------------------


@pytest.fixture
def waiting(database: db.Database) -> db.Database:
    """Ling told Bo of a board."""
    with database.session(write=True) as session:
        ling = make.ling(session)
        hosts.partner(session, ling, "bo", base_url="https://bo.example", client_id="l", client_secret="s")
        hosts.published(session, ling)
    return database


def sent(database: db.Database) -> list[Any]:
    with database.session(write=False) as session:
        return list(outbox.listed(session, make.ling(session, with_site=False), "bo"))


def test_what_arrives_is_done(waiting: db.Database) -> None:
    taken: list[Due] = []

    def send(due: Due) -> Delivered:
        taken.append(due)
        return Delivered(Outcome())

    assert delivery.deliver_due(waiting, NOW - timedelta(seconds=1), send) == []
    assert delivery.deliver_due(waiting, NOW, send) == [Outcome()]
    assert delivery.deliver_due(waiting, NOW + timedelta(days=9), send) == []
    assert events.parse(taken[0].content, "3").kind == events.PUBLISHED
    assert [one.state for one in sent(waiting)] == ["done"]


def test_what_does_not_arrive_is_tried_for_72_hours(waiting: db.Database) -> None:
    tries, now = [], NOW
    while any(one.state == "waiting" for one in sent(waiting)):
        if delivery.deliver_due(waiting, now, lambda _: Delivered(Outcome("away"))):
            tries.append(now)
        now += timedelta(minutes=1)
        if tries and now - tries[-1] > timedelta(hours=9):
            break
        (row,) = sent(waiting)
        if row.next_try:
            now = max(now, db.aware(row.next_try))
    (row,) = sent(waiting)
    assert (row.state, row.problem, row.next_try) == ("abandoned", "away", None)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(pauses) == timedelta(hours=8)
    assert timedelta(hours=60) < tries[-1] - NOW <= timedelta(hours=72)


def test_what_is_taken_and_never_settled_ends_too(waiting: db.Database) -> None:
    for days in (0, 1, 4):
        with waiting.session(write=True) as session:
            taken = outbox.claim(session, NOW + timedelta(days=days))
        assert len(taken) == (days < 4)
    assert [one.state for one in sent(waiting)] == ["abandoned"]


def test_what_is_refused_for_good_is_not_tried_again(waiting: db.Database) -> None:
    delivery.deliver_due(waiting, NOW, lambda _: Delivered(Outcome("no", is_final=True)))
    assert [one.state for one in sent(waiting)] == ["refused"]


def test_nobody_is_sent_anything_after_the_end(waiting: db.Database) -> None:
    with waiting.session(write=True) as session:
        partners.end(session, make.ling(session), "bo", "contract ended", NOW)
        with pytest.raises(NotFound):
            partners.show(session, make.ling(session), "bo")
    assert delivery.deliver_due(waiting, NOW, pytest.fail) == []


@pytest.mark.parametrize(
    ("error", "is_final"),
    [(Refused("h", 400, "x"), True), (Refused("h", 503, "x"), False), (Refused("h", 401, "x"), False),
     (PartnerUnreachable(host="h", reason="x"), False), (AddressRefused(url="u", reason="x"), True)],
)  # fmt: skip
def test_which_refusals_are_for_good(error: Exception, is_final: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Client, "send", fail)
    found = delivery.sender(LOCAL, SEAL)(Due(1, "out", "3", {}, Login("https://h", "a", SEAL.sealed(b"b"))))
    assert (bool(found.outcome.problem), found.outcome.is_final) == (True, is_final)


# --- two hosts of ours ---------------------------------------------------------------------------


@pytest.fixture
def pair(_sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    """Ling's service and Bo's, two databases, each registered at the other's."""
    urls = []
    for name in ("ling", "bo"):
        (tmp_path / name).mkdir()
        shutil.copy(_sqlite_template, tmp_path / name / "db.sqlite3")
        urls.append(f"sqlite:///{tmp_path / name / 'db.sqlite3'}")
    with (
        hosts.ours(urls[0], tmp_path / "ling") as ling,
        hosts.ours(urls[1], tmp_path / "bo") as bo,
    ):
        for host, code in ((ling, "bo"), (bo, "ling")):
            with host.database.session(write=True) as session:
                host.logins[code] = Login(host.url, *hosts.partner(session, make.ling(session), code))
        for host, code, there in ((ling, "bo", bo.logins["ling"]), (bo, "ling", ling.logins["bo"])):
            with host.database.session(write=True) as session:
                given = NewPartner(
                    code, code, base_url=there.base_url, client_id=there.client_id, client_secret=there.client_secret,
                    api_client_id=host.logins[code].client_id, sees=("*",),
                )  # fmt: skip
                partners.change(session, make.ling(session), given, "host known", SEAL, NOW)
        yield ling, bo


def owner(session: Session) -> Actor:
    return make.ling(session, with_site=False)


def deliver(host: Host, later: int = 0) -> list[Outcome]:
    return delivery.deliver_due(host.database, NOW + timedelta(days=365, minutes=later), delivery.sender(LOCAL, SEAL))


def test_published_is_fetched_and_requested_is_fulfilled(pair: tuple[Host, Host]) -> None:
    ling, bo = pair
    with ling.database.session(write=True) as session:
        first = hosts.published(session, owner(session))
    assert deliver(ling) == [Outcome()]  # Ling tells Bo
    assert deliver(bo) == [Outcome()]  # Bo's service fetches
    with bo.database.session(write=True) as session:
        (row,) = received.received(session, owner(session), "ling")
        assert (row.pf_id, row.status, json.loads(row.problems)) == (first, "Active", [])
        outbox.request(session, owner(session), "ling", {"geography": ["CN"]}, NOW, source=f"{bo.url}/3/events")
        outbox.request(session, owner(session), "ling", {"geography": ["DE"]}, NOW, source=f"{bo.url}/3/events")
    assert deliver(bo) == [Outcome(), Outcome()]
    assert deliver(ling) == [Outcome(), Outcome()]
    with bo.database.session(write=False) as session:
        kept = [f"{one.direction} {one.kind} {one.state}" for one in outbox.listed(session, owner(session), "ling")]
        assert len(received.received(session, owner(session))) == 1  # the same words are kept once
    assert sorted(kept) == [
        "in fulfilled done",
        "in published done",
        "in rejected done",
        "out requested answered",
        "out requested rejected",
    ]


def test_a_withdrawal_reaches_the_partner(pair: tuple[Host, Host]) -> None:
    ling, bo = pair
    with ling.database.session(write=True) as session:
        first = hosts.published(session, owner(session))
        publishing.deprecate(session, owner(session), first, "wrong glue", NOW, source=SOURCE)
    deliver(ling)
    deliver(bo)
    with bo.database.session(write=False) as session:
        assert [one.status for one in received.received(session, owner(session))] == ["Deprecated"]


def test_an_answer_that_comes_before_its_request_is_settled(pair: tuple[Host, Host]) -> None:
    """The partner answers while our own request still waits for its acknowledgement."""
    ling, bo = pair
    with bo.database.session(write=True) as session:
        outbox.request(session, owner(session), "ling", {}, NOW, source=f"{bo.url}/3/events")

    def send(due: Due) -> Delivered:
        found = delivery.sender(LOCAL, SEAL)(due)
        deliver(ling)
        return found

    delivery.deliver_due(bo.database, NOW, send)
    with bo.database.session(write=False) as session:
        (_, asked) = outbox.listed(session, owner(session), "ling")
        assert asked.state == "rejected"


def test_many_askers_at_once(pair: tuple[Host, Host]) -> None:
    ling, _ = pair
    with ling.database.session(write=True) as session:
        hosts.published(session, owner(session))
    found: list[int] = []

    def ask() -> None:
        found.append(len(list(ling.client("bo").footprints())))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [1] * 8


def test_requests_that_cannot_be(pair: tuple[Host, Host]) -> None:
    ling, _ = pair
    with ling.database.session(write=True) as session:
        with pytest.raises(ServiceError, match="validOn"):
            outbox.request(session, owner(session), "bo", {"validOn": "x"}, NOW, source=SOURCE)
        with pytest.raises(NotFound):
            outbox.request(session, owner(session), "nobody", {}, NOW, source=SOURCE)
        session.rollback()
