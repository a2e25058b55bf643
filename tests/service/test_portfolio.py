"""Portfolios: in process and on a cluster whose worker is killed half-way, with the same digits."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import make
import pytest

from factors.library import load
from service.calculations.portfolio import Given, Task, compute, portfolio
from service.errors import LibraryDiffers

ROOT = Path(__file__).parents[2]
GIVEN = Given(load().version, version("tanji"))


def tasks(count: int) -> list[Task]:
    found = []
    for number in range(count):
        data = make.product(f"p{number}")
        data["parts"][0]["mass_kg"] = str(1 + number)
        found.append(Task(f"p{number}", data, "pact.3.0"))
    return found


def test_every_task_has_its_outcome_and_a_bad_model_stops_nobody() -> None:
    given = tasks(2)
    bad = make.product("bad", main="nowhere")
    told: list[tuple[str, int, int]] = []
    found = portfolio([given[0], Task("bad", bad, "pact.3.0"), given[1]], GIVEN, progress=lambda *a: told.append(a))
    assert [(one.product, one.total_kgco2e) for one in found] == [("p0", "10.625"), ("bad", ""), ("p1", "21.25")]
    assert [wrong.code for wrong in found[1].wrong] == ["main-unknown"]
    assert told == [("footprints", number, 3) for number in (1, 2, 3)]


def test_another_library_is_refused() -> None:
    with pytest.raises(LibraryDiffers, match="another"):
        compute(tasks(1)[0], Given("another", "0"))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_gives_the_same_digits() -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    worker = (
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--nworkers",
        "1",
        "--no-dashboard",
        "--no-nanny",
    )
    scheduler = ("distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", "--no-show")
    given = tasks(40)
    with started(*scheduler), started(*worker) as first, started(*worker):
        from distributed import Client

        with Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)

        def kill(_: str, done: int, __: int) -> None:
            if done == 5:
                first.kill()
                time.sleep(0.2)

        everywhere = portfolio(given, GIVEN, scheduler=address, progress=kill)
    assert everywhere == portfolio(given, GIVEN)
    assert len({one.results_sha256 for one in everywhere}) == 40
