"""Long work: handed in once, done once, looked after when its worker is gone; on both databases."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from make import NOW, bo, chen, known, ling, product
from sqlmodel import Session, select

from factors.library import Library, load
from service import config, db, fsck
from service.accounts.actions import Actor
from service.accounts.models import Membership, Person
from service.accounts.rights import OWNER, READER
from service.audit import actions as audit
from service.calculations import footprint_runs
from service.calculations.models import FootprintStudy
from service.errors import NotAllowed, NotFound
from service.events.models import Event
from service.jobs import actions, kinds, running
from service.jobs.actions import JobEnded, KeyUsed
from service.jobs.kinds import FOOTPRINT, PORTFOLIO, Kind, Tools
from service.jobs.models import Job
from service.jobs.running import JobLost, JobStopped, Step
from service.jobs.schemas import shown
from service.jobs.worker import Pace, Worker
from service.products import actions as products

METHOD = {"method": "pact.3.0"}
STUDY = {"product": "part", "method": "pact.3.0", "reason": ""}
SILENT = timedelta(seconds=30)


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.fixture
def tools(database: db.Database, library: Library, tmp_path: Path) -> Tools:
    settings = config.load({"TANJI_DATA": str(tmp_path / "data"), "TANJI_LANGUAGE": "en"})
    return Tools(settings, database, library, lambda: NOW)


@pytest.fixture
def worker(tools: Tools) -> Worker:
    return Worker(tools, "one", Pace(beat=0.05, silent=30))


def handed_in(database: db.Database, kind: str = PORTFOLIO, key: str = "", **arguments: Any) -> Job:
    with database.session(write=True) as session:
        actor = known(session, ling(session))
        return actions.hand_in(session, actor, kind, arguments or METHOD, NOW, key=key)


def job(database: db.Database, number: int | None) -> Job:
    with database.session(write=False) as session:
        return session.exec(select(Job).where(Job.id == number)).one()


def claimed(database: db.Database, worker: str = "one", now: datetime = NOW) -> running.Ticket:
    with database.session(write=True) as session:
        ticket = running.claim(session, worker, now)
    assert ticket is not None
    return ticket


def test_the_same_work_under_the_same_key_is_one_job(database: db.Database) -> None:
    first, second = (handed_in(database, key="a1") for _ in range(2))
    assert first.id == second.id
    with pytest.raises(KeyUsed, match=f"job {first.id}"):
        handed_in(database, key="a1", method="iso14067")
    with pytest.raises(KeyUsed):
        handed_in(database, FOOTPRINT, "a1", **STUDY)


def test_a_key_holds_when_the_work_has_ended(database: db.Database, worker: Worker) -> None:
    first = handed_in(database, key="a1")
    assert worker.tend() == 1
    again = handed_in(database, key="a1")
    assert (again.id, again.state) == (first.id, "done")
    assert worker.tend() == 0


def test_without_a_key_the_same_work_that_waits_is_one_job(database: db.Database, worker: Worker) -> None:
    first = handed_in(database)
    assert handed_in(database).id == first.id
    assert handed_in(database, method="iso14067").id != first.id
    worker.tend()
    assert handed_in(database).id != first.id


def test_two_organisations_may_use_the_same_key(database: db.Database) -> None:
    first = handed_in(database, key="a1")
    with database.session(write=True) as session:
        other = actions.hand_in(session, chen(session), PORTFOLIO, METHOD, NOW, key="a1")
    assert other.id != first.id


def test_what_is_handed_in_at_the_same_moment_is_one_job(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = known(session, ling(session))

    def once(_: int) -> int | None:
        with database.session(write=True) as session:
            return actions.hand_in(session, actor, PORTFOLIO, METHOD, NOW, key="a1").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(once, range(8)))) == 1


@pytest.mark.parametrize("gone", ["the role", "the account", "every role"])
def test_work_of_one_who_may_no_longer_do_it_is_not_done(database: db.Database, worker: Worker, gone: str) -> None:
    number = handed_in(database, FOOTPRINT, **STUDY).id
    with database.session(write=True) as session:
        who = session.exec(select(Person)).one()
        membership = session.exec(select(Membership)).one()
        if gone == "the account":
            who.disabled = NOW
        else:
            membership.ended = NOW
        if gone == "the role":
            less = Membership(organisation_id=1, person_id=who.id or 0, role=READER, created=NOW)
            session.add(less)
    assert worker.tend() == 1
    row = job(database, number)
    assert (row.state, json.loads(row.error)["en"]["code"]) == ("failed", "not-allowed")
    with database.session(write=False) as session:
        assert session.exec(select(FootprintStudy)).all() == []


def test_one_whose_role_ends_while_the_work_is_done_leaves_nothing_behind(
    database: db.Database, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.session(write=True) as session:
        products.put_model(session, known(session, ling(session)), product(), "part.yaml", NOW)
    number = handed_in(database, FOOTPRINT, **STUDY).id
    kind = kinds.kind_of(FOOTPRINT)

    def work(*given: Any) -> Any:
        found = kind.work(*given)
        with database.session(write=True) as session:
            session.exec(select(Membership)).one().ended = NOW
        return found

    monkeypatch.setitem(kinds.KINDS, FOOTPRINT, replace(kind, work=work))
    assert Worker(tools, "one", Pace(beat=0.05, silent=30)).tend() == 1
    row = job(database, number)
    assert (row.state, json.loads(row.error)["en"]["code"]) == ("failed", "not-allowed")
    with database.session(write=False) as session:
        assert session.exec(select(FootprintStudy)).all() == []


def test_roles_and_organisations(database: db.Database) -> None:
    number = handed_in(database, FOOTPRINT, **STUDY).id or 0
    with database.session(write=True) as session:
        viewer = bo(ling(session), READER)
        with pytest.raises(NotAllowed):
            actions.hand_in(session, viewer, FOOTPRINT, STUDY, NOW)
        with pytest.raises(NotAllowed):
            actions.cancel(session, viewer, number, NOW)
        with pytest.raises(NotFound):
            actions.hand_in(session, viewer, "no.such", {}, NOW)
        assert [one.id for one in actions.jobs(session, viewer)] == [number]
        other = chen(session)
        assert actions.jobs(session, other) == []
        for verb in (actions.show, lambda *a: actions.cancel(*a, NOW)):
            with pytest.raises(NotFound):
                verb(session, other, number)


def test_every_job_is_taken_by_one_worker(database: db.Database) -> None:
    for number in range(12):
        handed_in(database, method=f"m{number}")

    def take(name: str) -> list[int]:
        found = []
        while True:
            with database.session(write=True) as session:
                ticket = running.claim(session, name, NOW)
            if ticket is None:
                return found
            found.append(ticket.number)

    with ThreadPoolExecutor(4) as pool:
        taken = [number for numbers in pool.map(take, "abcd") for number in numbers]
    assert len(taken) == 12
    assert len(set(taken)) == 12


def test_a_portfolio_is_done_with_its_result(database: db.Database, worker: Worker) -> None:
    with database.session(write=True) as session:
        actor = known(session, ling(session))
        products.put_model(session, actor, product(), "part.yaml", NOW)
        unknown = {"id": "casting", "zh": "铸件", "mass_kg": "1", "from": {"activity": "unobtainium"}}
        products.put_model(session, actor, product("bad", parts=[unknown], suppliers=[]), "bad.yaml", NOW)
    number = handed_in(database).id
    assert worker.tend() == 1
    found = shown(job(database, number))
    assert (found["state"], found["error"], found["attempts"]) == ("done", None, 1)
    totals = {one["product"]: one["total_kgco2e"] for one in found["result"]["products"]}
    assert totals == {"part": "10.625", "bad": ""}
    bad = next(one for one in found["result"]["products"] if one["product"] == "bad")
    assert {"field", "code", "zh", "en"} == set(bad["errors"][0])


def test_what_work_writes_and_its_end_are_one_transaction(
    database: db.Database, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.session(write=True) as session:
        products.put_model(session, ling(session), product(), "part.yaml", NOW)
    number = handed_in(database, FOOTPRINT, **STUDY).id

    def dies(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(running, "finish", dies)
        worker.work_one()
    assert shown(job(database, number))["error"]["code"] == "work-broken"
    with database.session(write=False) as session:
        assert footprint_runs.footprints(session, ling_of(session)) == []
    number = handed_in(database, FOOTPRINT, **STUDY).id
    worker.tend()
    assert shown(job(database, number))["result"]["footprint"] == "ling-part-pact.3.0-v1"


def ling_of(session: Session, role: str = READER) -> Actor:
    return Actor(1, "Ling", frozenset({role}))


def test_what_is_wrong_is_told_in_both_languages(database: db.Database, worker: Worker) -> None:
    number = handed_in(database, FOOTPRINT, **STUDY).id
    worker.tend()
    found = job(database, number)
    assert found.state == "failed"
    assert shown(found)["error"]["code"] == "not-found"
    assert '"zh_Hans"' in found.error
    assert "没有" in found.error


def test_a_silent_worker_loses_its_job_to_another(database: db.Database) -> None:
    number = handed_in(database).id
    first = claimed(database)
    with database.session(write=True) as session:
        assert running.sweep(session, SILENT, NOW + SILENT) == 0
        assert running.sweep(session, SILENT, NOW + SILENT * 2) == 1
    second = claimed(database, "two")
    assert (second.number, second.attempt) == (number, 2)
    for word in (
        lambda s: running.beat(s, first, Step(), NOW),
        lambda s: running.finish(s, first, {}, NOW),
        lambda s: running.fail(s, first, NotFound("x", 1), NOW),
        lambda s: running.give_back(s, first),
    ):
        with database.session(write=True) as session, pytest.raises(JobLost):
            word(session)
    with database.session(write=True) as session:
        running.finish(session, second, {"ok": True}, NOW)
    assert job(database, number).state == "done"


def test_after_the_last_attempt_the_reason_is_written_down(database: db.Database) -> None:
    number = handed_in(database).id
    for attempt in range(running.MOST_ATTEMPTS):
        claimed(database, f"w{attempt}")
        with database.session(write=True) as session:
            running.sweep(session, SILENT, NOW + SILENT * 2)
    found = shown(job(database, number))
    assert (found["state"], found["attempts"], found["error"]["code"]) == ("failed", 3, "worker-lost")
    assert "w2" in found["error"]["detail"]


def test_a_beat_brings_progress_and_keeps_the_job(database: db.Database) -> None:
    number = handed_in(database).id
    ticket = claimed(database)
    later = NOW + SILENT
    with database.session(write=True) as session:
        assert running.beat(session, ticket, Step("footprints", 3, 9), later) is False
        assert running.sweep(session, SILENT, later + SILENT) == 0
    assert shown(job(database, number))["progress"] == {"step": "footprints", "done": 3, "total": 9}


def test_a_waiting_job_is_stopped_at_once_and_an_ended_one_is_not(database: db.Database) -> None:
    number = handed_in(database).id or 0
    with database.session(write=True) as session:
        assert actions.cancel(session, ling(session), number, NOW).state == "cancelled"
        with pytest.raises(JobEnded):
            actions.cancel(session, ling(session), number, NOW)
        assert running.claim(session, "one", NOW) is None


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A kind of work that goes on until it is stopped."""
    begun = threading.Event()

    def forever(given: Tools, *_: Any) -> None:
        for number in range(100_000):
            begun.set()
            given.progress("turning", number, 100_000)
            threading.Event().wait(0.01)

    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, PORTFOLIO: Kind("read", forever, lambda *_: {})})
    return begun


def test_work_in_hand_stops_at_its_next_step(database: db.Database, worker: Worker, endless: threading.Event) -> None:
    number = handed_in(database).id or 0
    thread = threading.Thread(target=worker.tend)
    thread.start()
    assert endless.wait(10)
    with database.session(write=True) as session:
        assert actions.cancel(session, ling(session), number, NOW).state == "running"
    thread.join(20)
    found = job(database, number)
    assert (found.state, found.step) == ("cancelled", "turning")


def test_work_given_to_another_stops_and_leaves_nothing(
    database: db.Database, worker: Worker, endless: threading.Event
) -> None:
    number = handed_in(database).id or 0
    thread = threading.Thread(target=worker.work_one)
    thread.start()
    assert endless.wait(10)
    with database.session(write=True) as session:
        running.sweep(session, timedelta(seconds=-1), NOW)
    other = claimed(database, "two")
    thread.join(20)
    assert not thread.is_alive()
    found = job(database, number)
    assert (found.state, found.worker, found.attempts) == ("running", "two", 2)
    with database.session(write=True) as session:
        running.finish(session, other, {"by": "two"}, NOW)


def test_a_worker_told_to_go_gives_its_work_back(
    database: db.Database, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, PORTFOLIO: Kind("read", interrupted, lambda *_: {})})
    number = handed_in(database).id
    with pytest.raises(KeyboardInterrupt):
        worker.work_one()
    found = job(database, number)
    assert (found.state, found.attempts) == ("queued", 0)


def test_a_stop_that_comes_during_the_last_step_is_heard(database: db.Database) -> None:
    number = handed_in(database).id or 0
    ticket = claimed(database)
    with database.session(write=True) as session:
        actions.cancel(session, ling(session), number, NOW)
    with database.session(write=True) as session, pytest.raises(JobStopped):
        running.finish(session, ticket, {}, NOW)
    with database.session(write=True) as session:
        running.sweep(session, SILENT, NOW + SILENT * 2)
    assert job(database, number).state == "cancelled"


def test_who_stops_and_who_finishes_do_not_wait_for_each_other(database: db.Database) -> None:
    """The work has written its results, and with them the log, when somebody asks it to stop."""
    number = handed_in(database).id or 0
    ticket = claimed(database)
    answers: list[str] = []

    def stops() -> None:
        with database.session(write=True) as session:
            try:
                actions.cancel(session, ling_of(session, OWNER), number, NOW)
            except JobEnded as error:
                answers.append(error.code)

    with database.session(write=True) as session:
        audit.record(session, ticket.actor, "report.issue", "x", {}, NOW)
        thread = threading.Thread(target=stops)
        thread.start()
        thread.join(0.5)
        running.finish(session, ticket, {"ok": True}, NOW)
    thread.join(20)
    assert answers == ["job-ended"]
    assert job(database, number).state == "done"


def test_a_job_that_ended_tells_so_and_the_log_vouches_for_it(
    database: db.Database, worker: Worker, tmp_path: Path
) -> None:
    number = handed_in(database).id
    handed_in(database, FOOTPRINT, **STUDY)
    worker.tend()
    with database.session(write=False) as session:
        told = [(one.kind, one.subject) for one in session.exec(select(Event).order_by("id"))]
        assert ("job.done", f"job {number}") in told
        assert fsck.fsck(session, tmp_path) == []


def test_files_are_kept_while_work_needs_them_and_for_an_hour(
    database: db.Database, tools: Tools, worker: Worker
) -> None:
    waiting, done, fresh = (kinds.keep_file(tools.settings, io.BytesIO(text)) for text in (b"waits", b"done", b"new"))
    other = {"file_name": "x.zip", "format": "", "name": "", "licence": "", "reason": ""}
    handed_in(database, kinds.LCI_IMPORT, file_sha256=waiting, **other)
    report = kinds.report_of(tools.settings, done)
    report.parent.mkdir()
    report.write_bytes(b"a report")
    kinds.file_of(tools.settings, done).with_suffix(".zip").write_bytes(b"done")
    for path in (tools.settings.data / "jobs").iterdir():
        age = 60 if path.name == fresh else 3700
        os.utime(path, times=(NOW.timestamp() - age,) * 2)
    worker.sweep()
    assert {path.name for path in (tools.settings.data / "jobs").iterdir()} == {waiting, fresh}
    assert report.exists()


def test_two_workers_may_clear_at_once(worker: Worker) -> None:
    """While the first of two old files is looked at, another worker removes both."""
    folder = worker.tools.settings.data / "jobs"
    folder.mkdir(parents=True)
    for name in ("a" * 64, "b" * 64):
        (folder / name).write_bytes(b"done")
        os.utime(folder / name, times=(NOW.timestamp() - 3700,) * 2)

    class Another(frozenset[str]):
        def __contains__(self, _: object) -> bool:
            kinds.clear(worker.tools.settings, frozenset(), NOW)
            return False

    assert kinds.clear(worker.tools.settings, Another(), NOW) == 0
    assert list(folder.iterdir()) == []


def test_a_file_that_is_gone_ends_its_job_with_that_reason(database: db.Database, worker: Worker) -> None:
    asked = {"file_sha256": "a" * 64, "file_name": "x.zip", "format": "", "name": "", "licence": "", "reason": ""}
    number = handed_in(database, kinds.LCI_IMPORT, **asked).id
    worker.tend()
    assert shown(job(database, number))["error"]["code"] == "evidence-damaged"
