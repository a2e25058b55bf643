"""Webhooks: signed so that a receiver can tell, tried until taken, told again when an owner asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from make import NOW, bo, chen, ling, product
from sqlmodel import Session, select

from factors.library import load
from service import db, fsck, sealing
from service.accounts.actions import Actor
from service.accounts.rights import EDITOR, READER
from service.calculations import footprint_runs
from service.errors import InputInvalid, NotAllowed, NotFound
from service.events import actions as events
from service.events.actions import FOOTPRINT_FROZEN, INVENTORY_FROZEN, JOB_ENDED
from service.outside import Answer, Nowhere, Outside, Unreachable
from service.products import actions as products
from service.sealing import Seal, SecretUnreadable
from service.webhooks import actions, sending
from service.webhooks.actions import MOST, Made, NewWebhook, TooManyWebhooks
from service.webhooks.models import Delivery, Webhook
from service.webhooks.sending import Teller

URL = "https://hooks.example.org/tanji"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Scene:
    """An organisation with a webhook, and who tells it."""

    database: db.Database
    seal: Seal
    clock: Clock = field(default_factory=Clock)
    nowhere: Nowhere = field(default_factory=Nowhere)

    def __post_init__(self) -> None:
        self.teller = Teller(self.database, self.seal, self.nowhere.post, self.clock, lambda: 0.5)

    def made(self, *kinds: str, url: str = URL) -> Made:
        with self.database.session(write=True) as session:
            given = NewWebhook(url, kinds or (FOOTPRINT_FROZEN,))
            return actions.create(session, ling(session), given, self.seal, Outside(), NOW)

    def happens(self, kind: str = FOOTPRINT_FROZEN, subject: str = "f1") -> None:
        with self.database.session(write=True) as session:
            events.record(session, ling(session), kind, subject, {"footprint": subject, "名": "铝"}, NOW)

    def deliveries(self) -> list[Delivery]:
        with self.database.session(write=False) as session:
            return list(session.exec(select(Delivery).order_by("id")).all())

    def later(self, **by: float) -> None:
        self.clock.now += timedelta(**by)


@pytest.fixture
def scene(database: db.Database, tmp_path: Path) -> Scene:
    return Scene(database, sealing.of_webhooks(tmp_path / "data"))


@dataclass
class Receiver:
    """A receiver as Standard Webhooks asks for, written without a line of the sender's."""

    secret: str
    seen: set[str] = field(default_factory=set)

    def takes(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        message, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        digest = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        meant = "v1," + base64.b64encode(digest).decode()
        if not any(hmac.compare_digest(meant, one) for one in headers["webhook-signature"].split(" ")):
            return "forged"
        if abs(now.timestamp() - int(timestamp)) > 300:
            return "too old"
        if message in self.seen:
            return "seen"
        self.seen.add(message)
        return "new"


def test_an_event_is_told_signed_to_whoever_asked_for_it(scene: Scene) -> None:
    made = scene.made(FOOTPRINT_FROZEN)
    scene.made(INVENTORY_FROZEN, url="https://other.example.org/")
    scene.happens()
    assert scene.teller.tell() == 1
    [(url, body, headers)] = scene.nowhere.sent
    assert url == URL
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "type": "footprint.frozen",
        "timestamp": "2026-01-31T08:00:00.000000Z",
        "data": {"footprint": "f1", "名": "铝"},
    }
    assert Receiver(made.secret).takes(headers, body, NOW) == "new"
    assert [(one.state, one.attempts, one.last_status) for one in scene.deliveries()] == [("delivered", 1, 200)]
    assert scene.teller.tell() == 0


def test_the_published_example_of_standard_webhooks() -> None:
    """The test vector of the specification's own libraries (standard-webhooks/standard-webhooks, libraries/python)."""
    from datetime import UTC

    from service.webhooks import signing

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    found = signing.headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_attacker_gains_nothing_by_what_was_overheard(scene: Scene) -> None:
    made = scene.made()
    scene.happens()
    scene.teller.tell()
    [(_, body, headers)] = scene.nowhere.sent
    receiver = Receiver(made.secret)
    assert receiver.takes(headers, body, NOW) == "new"
    assert receiver.takes(headers, body, NOW) == "seen"  # played back at once
    late = NOW + timedelta(minutes=6)
    assert receiver.takes(headers, body, late) == "too old"  # played back later
    fresh = headers | {"webhook-timestamp": str(int(late.timestamp()))}
    assert receiver.takes(fresh, body, late) == "forged"  # with a timestamp of their own
    assert receiver.takes(headers | {"webhook-id": "msg_other"}, body, NOW) == "forged"  # as another message
    assert receiver.takes(headers, body.replace(b"f1", b"f2"), NOW) == "forged"
    shifted = headers | {"webhook-id": headers["webhook-id"] + ".1"}
    assert receiver.takes(shifted, body, NOW) == "forged"


def test_an_owner_has_it_told_again_and_the_receiver_can_see_that(scene: Scene) -> None:
    made = scene.made()
    scene.happens()
    scene.teller.tell()
    scene.later(hours=1)
    with scene.database.session(write=True) as session:
        owner = ling(session)
        with pytest.raises(NotAllowed):
            actions.replay(session, bo(owner, EDITOR), made.webhook.id or 0, 1, scene.clock())
        actions.replay(session, owner, made.webhook.id or 0, 1, scene.clock())
    scene.teller.tell()
    (_, body, first), (_, again, second) = scene.nowhere.sent
    assert body == again
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    receiver = Receiver(made.secret)
    assert receiver.takes(first, body, NOW) == "new"
    assert receiver.takes(second, again, scene.clock()) == "seen"
    assert Receiver(made.secret).takes(second, again, scene.clock()) == "new"


def test_who_does_not_answer_is_tried_again_ever_more_rarely_and_given_up(scene: Scene) -> None:
    scene.made()
    scene.nowhere.answers = [Answer(500, "broken"), Unreachable("hooks", "no answer"), Answer(302, "moved")]
    scene.happens()
    waits = []
    for _ in range(3):
        scene.teller.tell()
        due = scene.deliveries()[0].next_try
        assert due is not None
        waits.append((due.replace(tzinfo=NOW.tzinfo) - scene.clock()).total_seconds())
        scene.clock.now = due.replace(tzinfo=NOW.tzinfo) - timedelta(seconds=1)
        assert scene.teller.tell() == 0
        scene.later(seconds=1)
    assert waits == [30, 120, 480]
    scene.teller.tell()
    assert scene.deliveries()[0].state == "delivered"
    assert len({headers["webhook-id"] for _, _, headers in scene.nowhere.sent}) == 1


def test_after_the_last_try_it_is_given_up_until_an_owner_asks(scene: Scene) -> None:
    made = scene.made()
    scene.nowhere.answers = [Answer(500, "broken\x00")] * sending.MOST_TRIES
    scene.happens()
    for _ in range(sending.MOST_TRIES + 2):
        scene.teller.tell()
        scene.later(days=1)
    [found] = scene.deliveries()
    assert (found.state, found.attempts, found.last_status, found.last_answer) == ("given_up", 9, 500, "broken")
    with scene.database.session(write=True) as session:
        actions.replay(session, ling(session), made.webhook.id or 0, 1, scene.clock())
    scene.teller.tell()
    assert scene.deliveries()[0].state == "delivered"


@pytest.mark.parametrize(("tries", "low", "high"), [(1, 15, 45), (2, 60, 180), (5, 3840, 11520), (9, 21600, 64800)])
def test_waiting_has_a_limit_and_differs_by_chance(tries: int, low: float, high: float) -> None:
    assert sending.wait_after(tries, 0).total_seconds() == low
    assert sending.wait_after(tries, 1).total_seconds() == high


def test_a_teller_that_dies_on_the_way_costs_a_second_telling_and_loses_nothing(scene: Scene) -> None:
    scene.made()
    scene.happens()
    with scene.database.session(write=True) as session:
        sending.dispatch(session, NOW)
        lost = sending.take(session, NOW)
    assert lost is not None
    assert scene.teller.tell() == 0  # another one is at it
    scene.clock.now = NOW + sending.LEASE
    assert scene.teller.tell() == 1
    with scene.database.session(write=True) as session:  # it was not dead, only slow: its word comes too late
        sending.note(session, lost, Answer(500, ""), timedelta(0), scene.clock())
    assert [(one.state, one.message) for one in scene.deliveries()] == [("delivered", lost.message)]


def test_a_receiver_that_is_away_costs_one_try_and_holds_up_nobody(scene: Scene) -> None:
    scene.made()
    scene.made(FOOTPRINT_FROZEN, url="https://other.example.org/")
    for subject in ("f1", "f2", "f3"):
        scene.happens(subject=subject)
    away = Unreachable("hooks", "no answer")

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        scene.nowhere.sent.append((url, body, headers))
        if url == URL:
            raise away
        return Answer(200, "")

    scene.teller.post = post
    assert scene.teller.tell() == 4  # one try for the receiver that is away, three for the other
    assert [url for url, *_ in scene.nowhere.sent].count(URL) == 1
    assert sorted(one.tries for one in scene.deliveries() if one.webhook_id == 1) == [0, 0, 1]
    scene.later(seconds=31)
    scene.teller.post = scene.nowhere.post
    assert scene.teller.tell() == 3
    assert {one.state for one in scene.deliveries()} == {"delivered"}


def test_what_is_rolled_back_is_never_told(scene: Scene) -> None:
    scene.made()

    def fails(session: Session) -> None:
        events.record(session, ling(session), FOOTPRINT_FROZEN, "f1", {}, NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError), scene.database.session(write=True) as session:
        fails(session)
    assert scene.teller.tell() == 0


def test_a_footprint_that_is_frozen_tells_so(scene: Scene) -> None:
    scene.made()
    with scene.database.session(write=True) as session:
        actor = ling(session)
        products.put_model(session, actor, product(), "part.yaml", NOW)
        row = footprint_runs.run(session, actor, footprint_runs.Study("part", "pact.3.0"), load(), NOW)
    scene.teller.tell()
    [(_, body, _)] = scene.nowhere.sent
    assert json.loads(body)["data"] == {
        "footprint": row.id,
        "product": "part",
        "method": "pact.3.0",
        "snapshot_sha256": row.snapshot_sha,
    }


def test_one_organisation_hears_nothing_of_another(scene: Scene, tmp_path: Path) -> None:
    made = scene.made()
    with scene.database.session(write=True) as session:
        other = chen(session)
        events.record(session, other, FOOTPRINT_FROZEN, "secret", {}, NOW)
        assert actions.webhooks(session, other) == []
        for verb in (
            lambda: actions.show(session, other, made.webhook.id or 0),
            lambda: actions.deliveries(session, other, made.webhook.id or 0),
            lambda: actions.replay(session, other, made.webhook.id or 0, 1, NOW),
        ):
            with pytest.raises(NotFound):
                verb()
    scene.teller.tell()
    assert scene.nowhere.sent == []
    with scene.database.session(write=False) as session:
        assert fsck.fsck(session, tmp_path) == []


def test_only_owners_manage_webhooks(scene: Scene) -> None:
    with scene.database.session(write=True) as session:
        for role in (EDITOR, READER):
            other: Actor = bo(ling(session), role)
            with pytest.raises(NotAllowed):
                actions.create(session, other, NewWebhook(URL, (FOOTPRINT_FROZEN,)), scene.seal, Outside(), NOW)
            with pytest.raises(NotAllowed):
                actions.webhooks(session, other)


def test_a_webhook_that_is_off_waits(scene: Scene) -> None:
    made = scene.made()
    scene.happens()
    scene.nowhere.answers = [Answer(500, "")]
    scene.teller.tell()
    with scene.database.session(write=True) as session:
        actions.switch(session, ling(session), made.webhook.id or 0, NOW, active=False)
    scene.happens(subject="f2")
    scene.later(days=1)
    assert scene.teller.tell() == 0
    with scene.database.session(write=True) as session:
        actions.switch(session, ling(session), made.webhook.id or 0, NOW, active=True)
    assert scene.teller.tell() == 1  # what waited; what happened meanwhile was not for it


def test_what_is_refused(scene: Scene) -> None:
    for given in (
        NewWebhook("http://hooks.example.org/", (JOB_ENDED,)),
        NewWebhook("https://169.254.169.254/latest", (JOB_ENDED,)),
        NewWebhook(URL, ()),
        NewWebhook(URL, ("no.such",)),
    ):
        with scene.database.session(write=True) as session, pytest.raises(InputInvalid):
            actions.create(session, ling(session), given, scene.seal, Outside(), NOW)
    for _ in range(MOST):
        scene.made()
    with pytest.raises(TooManyWebhooks):
        scene.made()


def test_the_secret_is_nowhere_but_in_the_first_answer(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = scene.made()
        scene.happens()
        scene.teller.tell()
    raw = base64.b64decode(made.secret.removeprefix("whsec_"))
    assert len(raw) == 32
    with scene.database.session(write=False) as session:
        kept = session.exec(select(Webhook)).one().secret
    assert scene.seal.opened(kept, 1) == raw
    for form in (made.secret, made.secret.removeprefix("whsec_"), raw.hex()):
        assert form not in caplog.text
        assert form not in kept
    assert scene.seal.file.stat().st_mode & 0o777 == 0o600


def test_a_secret_of_another_installation_is_told_and_tried_again(scene: Scene, tmp_path: Path) -> None:
    made = scene.made()
    scene.happens()
    own = scene.teller.seal
    scene.teller.seal = sealing.of_webhooks(tmp_path / "elsewhere")
    with pytest.raises(SecretUnreadable, match="webhook '1'"):
        scene.teller.seal.opened(made.webhook.secret, 1)
    scene.teller.tell()
    [found] = scene.deliveries()
    assert found.state == "pending"
    assert "sealed with another key" in found.last_answer
    scene.teller.seal = own
    scene.later(hours=1)
    scene.teller.tell()
    assert scene.deliveries()[0].state == "delivered"
