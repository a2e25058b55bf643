"""Another process uses a service by its address and a token: from Python, and from the command line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service import db
from service.accounts import actions as accounts
from service.accounts import people
from service.config import Settings
from service.remote import generate
from service.remote.client import Refused, ServerSilent, ServerUnusable
from service.remote.operations import Remote

NOW = datetime.now(UTC)
GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"
ROW = {"site": "works", "activity": "electricity", "unit": "kWh"}


def test_the_operations_are_those_of_the_openapi_file() -> None:
    """``TANJI_UPDATE=1 pytest`` writes them anew."""
    written = generate.written(json.loads(GOLDEN.read_text(encoding="utf-8")))
    if os.environ.get("TANJI_UPDATE") == "1":
        generate.INTO.write_text(written, encoding="utf-8")
    assert generate.INTO.read_text(encoding="utf-8") == written


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A service in processes of its own, with an operator's token in a file."""
    database = db.Database(settings.database_url)
    with database.session(write=True) as session:
        for email, is_operator in (("op@x.example", True), ("chen@x.example", False)):
            who = people.create(session, accounts.HOUSE, email, "", "", NOW, is_operator=is_operator)
            token, _ = people.make_token(session, who, "remote", "decide", 1, NOW)
            (tmp_path / email.partition("@")[0]).write_text(f"{token}\n")
        from make import organisation

        for code, owner in (("ling", "op@x.example"), ("chen", "chen@x.example")):
            accounts.create(session, accounts.HOUSE, organisation(code), NOW)
            people.put_member(session, accounts.operator(session, code), owner, "owner", NOW)
    database.dispose()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "DATABASE_URL": settings.database_url, "TANJI_DATA": str(settings.data), "TANJI_WORKERS": "1",
        "TANJI_LOG_LEVEL": "error", "TANJI_BIND": f"127.0.0.1:{port}",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, env={**os.environ, **given}) as process:
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_a_year_goes_there_and_an_inventory_comes_back(served: str, tmp_path: Path) -> None:
    """12 x 100 kWh in Guangdong at 0.4419 kg CO2/kWh (2023, the newest that is published): 530.28 kg."""
    ling = Remote(served, (tmp_path / "op").read_text().strip())
    ling.activities_put_site("ling", {"code": "works", "name_zh": "一厂", "region": "CN-GD"})
    months: list[Any] = [
        {**ROW, "amount": "100", "start": f"2025-{month:02}-01", "end": f"2025-{month:02}-28"} for month in range(1, 13)
    ]
    done = ling.activities_submit_many("ling", {"rows": months})
    assert (done["stored"], done["refused"]) == (12, 0)
    assert [one["amount"] for one in ling.activities_data("ling", limit=5)] == ["100"] * 12
    made = ling.inventories_run("ling", {"year": 2025, "method": "inventory.ghgp"})
    assert float(made["total_location_kgco2e"]) == pytest.approx(1200 * 0.4419)
    found = ling.activity_templates_workbook(language="en")
    kept = ling.activities_add_evidence("ling", {"file": ("bill.xlsx", found)})
    assert ling.activities_evidence("ling", kept["sha256"]) == found
    ling.activities_take_back("ling", 1, {"reason": "misread"})
    with pytest.raises(Refused) as refused:
        ling.activities_submit("ling", {**ROW, "amount": "many", "start": "2025-01-01", "end": "2024-01-01"})
    assert {one.where for one in refused.value.wrong} >= {"amount"}
    assert refused.value.answered == 422


def test_the_command_line_in_another_process(served: str, tmp_path: Path) -> None:
    def tanji(who: str, *arguments: str, given: str = "", code: int = 0) -> str:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "TANJI_SERVER": served, "TANJI_TOKEN_FILE": str(tmp_path / who), "TANJI_LANGUAGE": "en",
        }  # fmt: skip
        command = [sys.executable, "-m", "service.cli", "remote", *arguments]
        done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    site = json.dumps({"code": "works", "name_zh": "一厂", "region": "CN-GD"})
    tanji("op", "call", "activities.put_site", "code=ling", "--data", "-", given=site)
    assert [one["code"] for one in json.loads(tanji("op", "call", "activities_sites", "code=ling"))] == ["works"]
    out = tmp_path / "template.xlsx"
    tanji("op", "call", "activity-templates.workbook", "--out", str(out))
    assert out.read_bytes()[:2] == b"PK"
    assert json.loads(tanji("op", "call", "activities.import_file", "code=ling", "--file", str(out)))["stored"] is None
    assert "there is no organisation 'ling'" in tanji("chen", "call", "activities_sites", "code=ling", code=3)
    assert "needs: code" in tanji("op", "call", "activities_sites", code=2)
    assert "takes no: colour" in tanji("op", "call", "activities_sites", "code=ling", "colour=red", code=2)
    assert "activities_submit_many" in tanji("op", "operations")


@pytest.mark.parametrize("server", ["http://tanji.example", "ftp://127.0.0.1", "127.0.0.1:8000", ""])
def test_a_token_goes_over_nothing_that_others_read(server: str) -> None:
    with pytest.raises(ServerUnusable):
        Remote(server, "secret")


def test_a_service_that_does_not_answer_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerSilent, match=str(port)):
        list(Remote(f"http://127.0.0.1:{port}", "secret").organisations_organisations())
