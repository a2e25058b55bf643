"""The path of the data: a file handed in becomes a signed report, and one changed byte is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.demo import DEMO, Demo, write_demo
from tests.service.conftest import Run


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
