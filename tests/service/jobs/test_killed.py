"""Workers as real processes: one is killed in the middle of its work, and the work is done once all the same."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from make import NOW, known, ling, product
from sqlmodel import Session, select

from service import db
from service.calculations.models import FootprintStudy
from service.config import Settings
from service.events.models import Event
from service.jobs import actions, queue
from service.jobs.kinds import FOOTPRINT
from service.jobs.models import Job
from service.products import actions as products

ROOT = Path(__file__).parents[3]
STUDY = {"product": "part", "method": "pact.3.0", "reason": ""}


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    own = {"DATABASE_URL": database_url, "TANJI_DATA": str(tmp_path / "data"), "PYTHONWARNINGS": "ignore"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TANJI", "REDIS"))}
    return {**kept, **own, "PYTHONPATH": str(ROOT)}


@contextmanager
def started(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def handed_in(database: db.Database) -> int:
    with database.session(write=True) as session:
        actor = known(session, ling(session))
        products.put_model(session, actor, product(), "part.yaml", NOW)
        return actions.hand_in(session, actor, FOOTPRINT, STUDY, NOW, key="once").id or 0


def state(database: db.Database, number: int) -> str:
    with database.session(write=False) as session:
        return session.exec(select(Job.state).where(Job.id == number)).one()


def done_once(session: Session) -> None:
    assert len(session.exec(select(FootprintStudy)).all()) == 1
    kinds = [one.kind for one in session.exec(select(Event).order_by("id"))]
    assert kinds == ["footprint.frozen", "job.done"]


@pytest.mark.parametrize("place", ["work", "conclude"])
def test_killed_in_the_middle_the_work_is_done_once_by_another(
    place: str, database: db.Database, environment: dict[str, str], tmp_path: Path
) -> None:
    number = handed_in(database)
    mark = tmp_path / "mark"
    with started(environment, str(Path(__file__).with_name("slow_worker.py")), place, str(mark)) as first:
        until(mark.exists)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert state(database, number) == "running"  # nobody could say that it is over
    time.sleep(2)
    with started(environment, "-m", "service.cli", "work", "--workers", "1", "--silent", "1"):
        until(lambda: state(database, number) == "done")
    with database.session(write=False) as session:
        done_once(session)
        assert session.exec(select(Job.attempts).where(Job.id == number)).one() == 2


def test_two_processes_do_one_job_once(database: db.Database, environment: dict[str, str]) -> None:
    number = handed_in(database)
    command = ("-m", "service.cli", "work", "--workers", "2")
    with started(environment, *command), started(environment, *command):
        until(lambda: state(database, number) == "done")
    with database.session(write=False) as session:
        done_once(session)


def answers(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


def descendants(number: int) -> list[int]:
    """The processes that a process began, and those that they began."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        own, parent = map(int, line.split())
        children.setdefault(parent, []).append(own)
    found, level = [], [number]
    while level:
        level = [child for one in level for child in children.get(one, [])]
        found += level
    return found


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_processes_whose_parent_was_killed_end(sqlite_database: db.Database, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": sqlite_database.url,
        "TANJI_DATA": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    number = handed_in(sqlite_database)
    with started(environment, "-m", "service.cli", "work", "--workers", "2") as process:
        until(lambda: state(sqlite_database, number) == "done")
        begun = descendants(process.pid)
        assert len(begun) == 3
        process.kill()
        process.wait()
        until(lambda: not any(map(is_running, begun)), 20)


def test_workers_start_and_stop_with_the_web_server(database: db.Database, environment: dict[str, str]) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    number = handed_in(database)
    with started(environment, "-m", "service.cli", "serve", "--bind", f"127.0.0.1:{port}", "--work", "1") as process:
        until(lambda: answers(port))
        until(lambda: state(database, number) == "done")
        begun = descendants(process.pid)
        assert len(begun) >= 4  # two web processes, the one that works, and those that it keeps
        process.terminate()
        process.wait(40)
    until(lambda: not any(map(is_running, begun)), 20)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    program = shutil.which("redis-server")
    assert program
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: answers(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextmanager
def a_queue(kind: str, folder: Path) -> Iterator[str]:
    if kind == "file":
        yield ""
    elif shutil.which("redis-server"):
        with redis_server(folder) as url:
            yield url
    else:
        pytest.skip("there is no redis-server here")


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_a_worker_that_waits_is_woken(
    kind: str, database: db.Database, environment: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    with a_queue(kind, tmp_path) as url:
        environment |= {"REDIS_URL": url}
        with started(environment, "-m", "service.cli", "work", "--workers", "1") as process:
            first = handed_in(database)
            until(lambda: state(database, first) == "done", 90)  # found at the start, or at the first minute
            with database.session(write=True) as session:
                again = STUDY | {"reason": "again"}
                second = actions.hand_in(session, known(session, ling(session)), FOOTPRINT, again, NOW).id or 0
            queue.Queue(replace(settings, redis_url=url)).wake()
            until(lambda: state(database, second) == "done", 40)
            process.terminate()
            assert process.wait(20) == 0
