"""The second factor: codes of an app, each good once, and recovery codes for whoever lost it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from people_made import PASSWORD, form, seal_of, signed_in
from sqlalchemy import text
from werkzeug.test import TestResponse

from service import fsck, sealing
from service.accounts import people, second, web
from service.errors import InputInvalid, NotAllowed
from service.sealing import SecretUnreadable

BO = "editor@one.example"
AT = datetime(2026, 11, 21, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def factor(app: Flask) -> tuple[str, list[str]]:
    """Bo's secret and recovery codes, begun an hour ago."""
    then = datetime.now(UTC) - timedelta(hours=1)
    with app.extensions["tanji"].database.session(write=True) as session:
        who = people.person(session, BO)
        second.begin(session, seal_of(app), who)
        secret = second.secret(seal_of(app), who)
        return secret, [*second.confirm(session, seal_of(app), who, pyotp.TOTP(secret).at(then), then)]


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def enter(client: FlaskClient, code: str, **more: str) -> TestResponse:
    return client.post("/sign-in/code", data={**form(client, "/sign-in/code"), "code": code, **more})


def failures(app: Flask) -> int:
    with app.extensions["tanji"].database.session(write=False) as session:
        found: int = session.scalar(text("SELECT count(*) FROM failed_sign_in"))
        return found


def test_a_second_factor_is_set_up_used_and_turned_off(app: Flask) -> None:
    client, _ = signed_in(app, BO)
    begun = client.post("/account/second-factor", data=form(client, "/account"))
    assert begun.status_code == 201
    assert 'src="data:image/svg+xml' in begun.text
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", begun.text)[0].split())
    assert "second factor" not in signed_in(app, BO)[1].text  # not before it is confirmed
    assert signed_in(app, BO)[1].location == "/"
    at = "/account/second-factor/confirm"
    wrong = client.post(at, data={**form(client, "/account"), "code": "000000"})
    assert (wrong.status_code, secret[:4] in wrong.text) == (422, True)
    done = client.post(at, data={**form(client, "/account"), "code": code_of(secret)})
    codes = re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", done.text)
    assert (done.status_code, len(set(codes))) == (201, second.RECOVERY_CODES)
    page = client.get("/account").text
    assert not any(one in page for one in (*codes, secret[:4] + " " + secret[4:8]))

    other, answer = signed_in(app, BO)
    assert answer.location.startswith("/sign-in/code")
    assert other.get("/account").status_code == 303  # half a sign-in lets nobody in
    assert enter(other, code_of(secret, 1)).location == "/"
    assert other.get("/account").status_code == 200

    sent = {**form(other, "/account"), "password": PASSWORD, "code": codes[0]}
    at = "/account/second-factor/off"
    assert other.post(at, data={**sent, "password": "wrong"}).status_code == 401
    assert other.post(at, data={**sent, "code": "000000"}).status_code == 401
    assert failures(app) == 2
    assert other.post(at, data=sent).status_code == 303  # the code was not used up by the wrong password
    assert signed_in(app, BO)[1].location == "/"


def test_one_that_is_in_use_is_not_replaced(app: Flask, factor: tuple[str, list[str]]) -> None:
    client, _ = signed_in(app, BO)
    enter(client, code_of(factor[0]))
    for address in ("/account/second-factor", "/account/second-factor/confirm"):
        answer = client.post(address, data={**form(client, "/account"), "code": code_of(factor[0], 1)})
        assert answer.status_code == 422
        assert "data:image" not in answer.text


def test_a_code_counts_once_and_leads_where_one_wanted_to_go(app: Flask, factor: tuple[str, list[str]]) -> None:
    code = code_of(factor[0])
    first, _ = signed_in(app, BO)
    assert enter(first, code, next="/organisations/one/products").location == "/organisations/one/products"
    again, _ = signed_in(app, BO)
    assert enter(again, code).status_code == 401
    assert again.get("/account").status_code == 303
    assert failures(app) == 1


def test_a_recovery_code_counts_once_however_it_is_typed(app: Flask, factor: tuple[str, list[str]]) -> None:
    _, codes = factor
    first, _ = signed_in(app, BO)
    assert enter(first, codes[3].upper().replace("-", " ")).status_code == 303
    assert "Recovery codes left: 9." in first.get("/account").text
    again, _ = signed_in(app, BO)
    assert enter(again, codes[3]).status_code == 401
    assert enter(again, codes[4]).status_code == 303


def test_wrong_codes_lock_out_like_wrong_passwords(app: Flask, factor: tuple[str, list[str]]) -> None:
    client, _ = signed_in(app, BO)
    for _ in range(people.MOST_FAILURES):
        assert enter(client, "12345").status_code == 401
    assert enter(client, code_of(factor[0])).status_code == 401
    assert enter(client, factor[1][0]).status_code == 401
    assert signed_in(app, BO)[1].status_code == 401
    assert failures(app) == people.MOST_FAILURES + 1


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(app: Flask, factor: tuple[str, list[str]]) -> None:
    database, seal = app.extensions["tanji"].database, seal_of(app)
    with database.session(write=False) as session:
        bo = people.person(session, BO).id
    good = code_of(factor[0])
    asked = [code for code in (f"{number:06}" for number in range(1, 60)) if code != good]

    def guess(code: str) -> bool:
        with database.session(write=True) as session:
            who = session.get(people.Person, bo)
            assert who
            return second.is_passed(session, seal, who, code, datetime.now(UTC))

    with ThreadPoolExecutor(4) as beside:
        assert not any(beside.map(guess, asked))
        assert failures(app) == people.MOST_FAILURES
        assert not any(beside.map(guess, [good] * 4))


def test_the_same_code_at_once_lets_one_in(app: Flask, factor: tuple[str, list[str]]) -> None:
    database, seal, code = app.extensions["tanji"].database, seal_of(app), code_of(factor[0])

    def enters(_: int) -> bool:
        with database.session(write=True) as session:
            return second.is_passed(session, seal, people.person(session, BO), code, datetime.now(UTC))

    with ThreadPoolExecutor(4) as beside:
        assert sum(beside.map(enters, range(4))) == 1


def test_half_a_sign_in_ends_by_time_and_by_another_password(
    app: Flask, factor: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.test_client().get("/sign-in/code").location.startswith("/sign-in?")
    client, _ = signed_in(app, BO)
    with monkeypatch.context() as patch:
        later = datetime.now(UTC) + timedelta(seconds=web.HALF_SECONDS + 1)
        patch.setattr(web, "now", lambda: later)
        assert client.get("/sign-in/code").status_code == 303
    client, _ = signed_in(app, BO)
    token = form(client, "/sign-in/code")
    with app.extensions["tanji"].database.session(write=True) as session:
        people.set_password(session, people.person(session, BO), "another way to Xiangyang", datetime.now(UTC))
    answer = client.post("/sign-in/code", data={**token, "code": code_of(factor[0])})
    assert answer.location.startswith("/sign-in?")
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(app: Flask, steps: int, is_good: bool) -> None:
    seal = seal_of(app)
    with app.extensions["tanji"].database.session(write=True) as session:
        who = people.person(session, BO)
        second.begin(session, seal, who)
        totp = pyotp.TOTP(second.secret(seal, who))
        second.confirm(session, seal, who, totp.at(AT, counter_offset=-9), AT - timedelta(seconds=270))
        code = totp.at(AT, counter_offset=steps)
        assert second.is_passed(session, seal, who, code, AT) == is_good
        assert not second.is_passed(session, seal, who, code, AT)


@pytest.mark.parametrize("code", ["", " ", "١٢٣٤٥٦", "-" * 16, "12345６", "1" * 5000])
def test_odd_codes_are_wrong_codes(app: Flask, factor: tuple[str, list[str]], code: str) -> None:
    client, _ = signed_in(app, BO)
    assert enter(client, code).status_code == 401


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: SHA-1, the secret "12345678901234567890", the last six digits of 94287082 and 07081804."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804")):
        assert second._step_of(secret, 0, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


def test_nothing_is_confirmed_that_was_not_begun(app: Flask) -> None:
    with app.extensions["tanji"].database.session(write=True) as session:
        who = people.person(session, BO)
        with pytest.raises(InputInvalid):
            second.confirm(session, seal_of(app), who, "000000", AT)
        assert not second.is_passed(session, seal_of(app), who, "", AT)
        assert not second.is_passed(session, seal_of(app), who, "000000", AT)


def test_the_secret_is_kept_sealed_and_a_lost_key_leaves_the_recovery_codes(
    app: Flask, factor: tuple[str, list[str]]
) -> None:
    with app.extensions["tanji"].database.session(write=False) as session:
        kept = session.scalar(text("SELECT totp_secret FROM person WHERE email = :email"), {"email": BO})
    assert factor[0] not in kept
    assert seal_of(app).opened(kept, BO).decode() == factor[0]
    with pytest.raises(SecretUnreadable, match=BO):
        sealing.of_webhooks(app.extensions["tanji"].settings.data).opened(kept, BO)
    seal_of(app).file.unlink()
    client, _ = signed_in(app, BO)
    assert enter(client, code_of(factor[0])).status_code == 500
    assert enter(client, factor[1][0]).status_code == 303


def test_recovery_codes_are_kept_as_digests(app: Flask, factor: tuple[str, list[str]]) -> None:
    with app.extensions["tanji"].database.session(write=False) as session:
        held = repr(session.execute(text("SELECT * FROM recovery_code")).all())
    assert not any(one in held or one.replace("-", "") in held for one in factor[1])


def test_an_operator_turns_it_off_and_the_log_knows(
    app: Flask, factor: tuple[str, list[str]], run: Callable[..., Result]
) -> None:
    assert "from now on" in run("user", "second-factor", "--off", BO).stdout
    assert signed_in(app, BO)[1].location == "/"
    run("user", "second-factor", BO, code=2)  # it has to be said
    assert "no second factor" in run("user", "second-factor", "--off", BO, code=1).stderr
    run("user", "second-factor", "--off", "nobody@one.example", code=3)
    with app.extensions["tanji"].database.session(write=True) as session:
        said = [json.loads(entry)["verb"] for (entry,) in session.execute(text("SELECT entry FROM audit_entry"))]
        assert [one for one in said if one.startswith("second")] == ["second-factor.on", "second-factor.off"]
        assert fsck.fsck(session, app.extensions["tanji"].settings.evidence) == []
        who = people.person(session, BO)
        who.totp_confirmed = AT
        with pytest.raises(NotAllowed):
            second.turn_off(session, second.own(people.person(session, "owner@one.example")), who, AT)
