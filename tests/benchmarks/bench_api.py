"""The API under gunicorn, fifty clients at once, beside a bare Flask view under the same gunicorn in the same run.

The view returns ``{"ok": true}``: it knows nobody, asks no database and writes no log line. Rounds of both alternate,
so that what else the machine does is shared fairly; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO

from lca.ledger import Organisation, Site
from service import config, db
from service.accounts import actions as accounts
from service.accounts import people
from service.activities import actions as activities
from service.activities.many import MOST
from service.calculations import footprint_runs
from service.catalogue import actions as catalogue
from service.config import Settings
from service.products import actions as products
from service.products import templates
from tests.benchmarks.load import Load, load
from tests.benchmarks.measured import aim

CLIENTS = 50
ONE, AIM = "one footprint", 3
LISTED = 100
TEMPLATE, METHOD = "eaf_steel", "recycling.cutoff"
BARE = "tests/benchmarks/bare.py"
PATH = "/api/v1/organisations/ling/footprints"


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is to ask for, and by which token."""

    footprint: str
    token: str


def fill(settings: Settings) -> Stored:
    """Make an organisation with a hundred frozen footprints, and an owner's token."""
    db.upgrade(settings.database_url)
    now, library = datetime.now(UTC), catalogue.library(settings.cache)
    database = db.connect(settings)
    with database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, Organisation("ling", "灵铝再生", "Ling Recycling"), now)
        actor = accounts.operator(session, "ling")
        activities.put_site(session, actor, Site("works", "一厂", "", "CN-GD"), now)
        who = people.create(session, accounts.HOUSE, "ling@example.com", "Ling", "", now)
        people.put_member(session, actor, who.email, "owner", now)
        token, _ = people.make_token(session, who, "bench", "write", 1, now)
        for number in range(LISTED):
            model = {**templates.data(TEMPLATE), "id": f"steel-{number}"}
            products.put_model(session, actor, model, "", now)
            made = footprint_runs.run(session, actor, footprint_runs.Study(f"steel-{number}", METHOD), library, now)
    database.dispose()
    return Stored(made.id, token)


@contextmanager
def served(app: str, settings: str, environment: Mapping[str, str], log: IO[bytes]) -> Iterator[int]:
    """Serve an application by gunicorn with a file of its settings; give its port once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", settings, "--bind", f"127.0.0.1:{port}", app]
    with subprocess.Popen(command, env={**os.environ, **environment}, stderr=log) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


def get(path: str, token: str = "") -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json", "Accept-Language: en"]
    return "\r\n".join([*lines, *([f"Authorization: Bearer {token}"] if token else []), "", ""]).encode()


def post_rows(port: int, token: str, times: int) -> list[float]:
    """Post ten thousand rows some times, other ones each time; return the seconds that each took."""
    took = []
    for number in range(times):
        days = [str(date(2000 + number, 1, 1) + timedelta(days)) for days in range(100)]
        rows = [
            {
                "site": "works", "activity": "electricity", "name": f"line {meter}", "amount": f"{meter}.5",
                "unit": "kWh", "start": day, "end": day,
            }
            for meter in range(MOST // len(days)) for day in days
        ]  # fmt: skip
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        address = f"http://127.0.0.1:{port}/api/v1/organisations/ling/activities/bulk"
        asked = urllib.request.Request(address, json.dumps({"rows": rows}).encode(), headers)
        begin = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=300) as answer:
            if json.load(answer)["stored"] != MOST:
                raise SystemExit("rows were not stored")
        took.append(time.perf_counter() - begin)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a round")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        environment = {
            "TANJI_DATA": folder,
            "DATABASE_URL": f"sqlite:///{folder}/tanji.sqlite3",
            "TANJI_LIMIT_KNOWN": "none",  # fifty clients are one person here
        }
        settings = config.load(environment)
        stored = fill(settings)
        log = servers.enter_context((Path(folder) / "log").open("wb"))
        ports = {
            "bare": servers.enter_context(served("tests.benchmarks.bare:app", BARE, environment, log)),
            "real": servers.enter_context(served("wsgi:app", "gunicorn.conf.py", environment, log)),
        }
        requests = {
            "bare view": ("bare", get("/")),
            ONE: ("real", get(f"{PATH}/{stored.footprint}", stored.token)),
            f"list of {LISTED}": ("real", get(f"{PATH}?limit={LISTED}", stored.token)),
        }
        rounds: dict[str, list[Load]] = {name: [] for name in requests}
        for _ in range(asked.rounds):
            for name, (server, request) in requests.items():
                rounds[name].append(load(ports[server], request, CLIENTS, asked.seconds))
        posted = statistics.median(post_rows(ports["real"], stored.token, asked.rounds))
    failed = told(rounds)
    print(f"  bulk post of {MOST:,} rows   {posted:.2f} s   {MOST / posted:,.0f} rows/s")
    return failed


def told(rounds: Mapping[str, list[Load]]) -> int:
    """Print what was measured; return 1 where a request failed."""
    print(f"{CLIENTS} clients at once, {len(rounds['bare view'])} rounds")
    for name, loads in rounds.items():
        middle = sorted(loads, key=lambda one: one.per_second)[len(loads) // 2]
        ratio = statistics.median(
            bare.per_second / one.per_second for bare, one in zip(rounds["bare view"], loads, strict=True)
        )
        errors = sum(one.errors for one in loads)
        beside = "" if name == "bare view" else aim(ratio, AIM, "x bare") if name == ONE else f"{ratio:.1f} x bare"
        print(
            f"  {name:<16} {middle.per_second:>8,.0f}/s   p50 {middle.percentile(50):>6.1f} ms   "
            f"p99 {middle.percentile(99):>6.1f} ms   errors {errors}   {beside}"
        )
    return int(any(one.errors for loads in rounds.values() for one in loads))


if __name__ == "__main__":
    raise SystemExit(main())
