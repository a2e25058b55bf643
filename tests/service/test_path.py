"""The path of the data: a file handed in becomes a signed report, and one changed byte is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.demo import DEMO, Demo, write_demo

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a migrated, empty database in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANJI_LANGUAGE", "en")

    def invoke(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return invoke


@pytest.mark.parametrize("company", DEMO, ids=lambda company: company.code)
def test_from_a_file_to_a_verified_report_and_one_byte_changed(run: Run, tmp_path: Path, company: Demo) -> None:
    file = next(path for path in write_demo(tmp_path) if path.name == company.file)
    run("activity", "load", str(file), "--yes")
    order = ("--organisation", company.code, "--year", "2025", "--method", company.methods[-1])
    made = json.loads(run("inventory", "run", *order, "--json").stdout)
    run("report", made["id"], "--out", "report.pdf")
    found = json.loads(run("verify", "report.pdf", "--json").stdout)
    assert found["ok"]
    whole = Path("report.pdf").read_bytes()
    for place in (100, len(whole) // 2, len(whole) - 100):
        changed = bytearray(whole)
        changed[place] ^= 1
        Path("changed.pdf").write_bytes(changed)
        refused = json.loads(run("verify", "changed.pdf", "--json", code=1).stdout)
        assert (refused["ok"], bool(refused["failed_step"])) == (False, True)
    assert json.loads(run("audit", "fsck", "--json").stdout)["ok"]
