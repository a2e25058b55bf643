"""Issuing a report from the database: whose it is, what is written down, what others may see."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import make
import pikepdf
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import Session, select

from lca.snapshot import canonical_bytes
from service import config, db
from service.accounts import actions as accounts
from service.accounts import rights
from service.accounts.actions import Actor
from service.audit import actions as audit
from service.audit.models import AuditEntry
from service.calculations import runs
from service.calculations.models import Inventory
from service.cli import main
from service.errors import NotAllowed, NotFound, PartDamaged
from service.reports import actions, render
from service.reports.verify import verify
from tests.machine import application
from tests.service.reports.fixture import inventory

NOW = datetime(2026, 2, 1, 8, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load({"TANJI_DATA": str(tmp_path / "data")})


def stored(session: Session, actor: Actor) -> str:
    """Keep the fixture's inventory as Ling's and return its name."""
    found = inventory(identifier="ling-2022-iso-v1")
    assert actor.organisation_id is not None
    runs.keep(session, actor.organisation_id, found.sha256, runs.SNAPSHOT, canonical_bytes(found.snapshot))
    totals = {name: found.snapshot["results"][name] for name in runs.TOTALS}
    row = Inventory(
        id="ling-2022-iso-v1", organisation_id=actor.organisation_id, year=2022, method="inventory.iso14064_2018",
        version=1, state=runs.FROZEN, snapshot_sha=found.sha256, created=NOW, **totals,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def signed(name: str, snapshot_sha256: str = "b" * 64) -> actions.Signed:
    """A report that was prepared, as far as ``issue`` looks at it."""
    return actions.Signed(name, "report", "zh", "TJ-1", b"%PDF", "a" * 64, snapshot_sha256, "c" * 64)


def issued(database: db.Database) -> int:
    """How many reports the log says were issued."""
    with database.session(write=False) as session:
        return [*session.exec(select(AuditEntry.verb))].count("report.issue")


def test_a_report_is_written_signed_and_noted(database: db.Database, settings: config.Settings, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "report.pdf"
    with database.session(write=True) as session:
        ling = make.ling(session)
        name = stored(session, ling)
        signed = actions.prepare(session, ling, name, "zh", settings=settings, now=NOW)
        assert actions.report(session, ling, signed, out, NOW) == out
        pem = actions.certificate(session, ling, settings=settings, now=NOW)
    trust = tmp_path / "ling.pem"
    trust.write_bytes(pem)
    found = verify(out, trust)
    assert found.ok, found.failed
    assert found.signer_known
    assert found.facts["signed_at"] == NOW.isoformat()
    with database.session(write=False) as session:
        verbs = session.exec(select(AuditEntry.verb)).all()
        assert verbs[-1] == "report.issue"
        assert audit.fsck(session) == []
    assert [path.name for path in out.parent.iterdir()] == ["report.pdf"]


def test_each_organisation_signs_with_its_own_key(sqlite_database: db.Database, settings: config.Settings) -> None:
    with sqlite_database.session(write=True) as session:
        ling, chen = make.ling(session), make.chen(session)
        first = actions.certificate(session, ling, settings=settings, now=NOW)
        assert first == actions.certificate(session, ling, settings=settings, now=NOW)
        assert first != actions.certificate(session, chen, settings=settings, now=NOW)


def test_chen_sees_nothing_of_lings_report(sqlite_database: db.Database, settings: config.Settings) -> None:
    with sqlite_database.session(write=True) as session:
        name = stored(session, make.ling(session))
        chen = make.chen(session)
        for attempt in (
            lambda: actions.prepare(session, chen, name, "zh", settings=settings, now=NOW),
            lambda: actions.issue(session, chen, signed(name), NOW),
            lambda: actions.workbook(session, chen, name, "zh"),
            lambda: actions.snapshot_json(session, chen, name),
            lambda: actions.charts(session, chen, name, "zh"),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_a_viewer_reads_and_issues_nothing(sqlite_database: db.Database, settings: config.Settings) -> None:
    with sqlite_database.session(write=True) as session:
        ling = make.ling(session)
        name = stored(session, ling)
        viewer = Actor(ling.organisation_id, "viewer", frozenset({rights.READER}))
        assert json.loads(actions.snapshot_json(session, viewer, name))["inventory"]["id"] == name
        assert actions.workbook(session, viewer, name, "en")[:2] == b"PK"
        assert "category" in actions.charts(session, viewer, name, "en")
        with pytest.raises(NotAllowed):
            actions.prepare(session, viewer, name, "zh", settings=settings, now=NOW)
        with pytest.raises(NotAllowed):
            actions.issue(session, viewer, signed(name), NOW)


def test_what_changed_since_it_was_prepared_is_not_issued(database: db.Database) -> None:
    with database.session(write=True) as session:
        ling = make.ling(session)
        name = stored(session, ling)
        with pytest.raises(PartDamaged, match="b" * 64):
            actions.issue(session, ling, signed(name), NOW)
        with pytest.raises(NotFound):
            actions.issue(session, ling, signed("ling-2022-iso-v2"), NOW)
    assert issued(database) == 0


def test_a_report_that_could_not_be_written_was_not_issued(database: db.Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with database.session(write=True) as session:
        ling = make.ling(session)
        name = stored(session, ling)
        sha = session.get_one(Inventory, name).snapshot_sha
    with pytest.raises(OSError, match="file"), database.session(write=True) as session:
        actions.report(session, ling, signed(name, sha), tmp_path / "file" / "report.pdf", NOW)
    assert issued(database) == 0
    with database.session(write=True) as session:
        actions.report(session, ling, signed(name, sha), tmp_path / "report.pdf", NOW)
    assert issued(database) == 1


@pytest.mark.parametrize("where", ["api", "page", "command"])
def test_nobody_waits_while_a_report_is_drawn(
    where: str, database: db.Database, settings: config.Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody else stores in the middle of it, and the report is issued all the same."""
    with database.session(write=True) as session:
        name = stored(session, make.ling(session))
    drawn: list[bytes] = []

    def meanwhile(*given: Any, **more: Any) -> bytes:
        with database.session(write=True) as session:
            session.execute(text("UPDATE organisation SET contact = 'x'"))
        drawn.append(fixed())
        return drawn[0]

    monkeypatch.setattr(render, "pdf", meanwhile)
    out = tmp_path / "report.pdf"
    if where == "command":
        monkeypatch.setenv("DATABASE_URL", database.url)
        monkeypatch.setenv("TANJI_DATA", str(settings.data))
        assert CliRunner().invoke(main, ["report", name, "--out", str(out)]).exit_code == 0
        made = out.read_bytes()
    else:
        client = application(settings, database).test_client()
        prefix = "/api/v1/" if where == "api" else "/"
        answer = client.post(
            f"{prefix}organisations/ling/inventories/{name}/report", **{"json": {}} if where == "api" else {}
        )
        assert answer.status_code in (200, 201)
        made = answer.data
    assert made.startswith(drawn[0])  # signing only appends
    assert issued(database) == 1


def fixed() -> bytes:
    """One empty page, quickly."""
    page = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(page)
    return page.getvalue()


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report.pdf"
    actions.write(out, b"old")

    def fail(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        actions.write(out, b"new")
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_the_api_issues_hands_out_and_verifies(sqlite_database: db.Database, settings: config.Settings) -> None:
    with sqlite_database.session(write=True) as session:
        ling = make.ling(session)
        name = stored(session, ling)
        code = accounts.show(session, ling).code
    client = application(settings, sqlite_database).test_client()
    base = f"/api/v1/organisations/{code}/inventories/{name}"
    issued = client.post(f"{base}/report", json={"language": "en"})
    assert issued.status_code == 201
    assert issued.mimetype == "application/pdf"
    assert issued.headers["X-Report-Number"].startswith("TJ-ling-2022-iso-v1-")
    assert client.get(f"{base}/workbook.xlsx").data[:2] == b"PK"
    assert client.get(f"{base}/charts?language=en").json["category"]["data"]["values"]
    frozen = client.get(f"{base}/snapshot.json")
    assert canonical_bytes(json.loads(frozen.data)) == frozen.data
    checked = client.post("/api/v1/verify", data={"file": (io.BytesIO(issued.data), "r.pdf")})
    assert checked.json["ok"] is True
    assert checked.json["signer_known"] is False
    broken = client.post("/api/v1/verify", data={"file": (io.BytesIO(issued.data + b" "), "r.pdf")})
    assert (broken.status_code, broken.json["failed_step"], broken.json["code"]) == (
        200,
        "coverage",
        "coverage-partial",
    )
    assert client.post(f"{base}/report", json={"language": "fr"}).status_code == 422
    assert client.get("/api/v1/organisations/nobody/inventories/x/snapshot.json").status_code == 404


def test_listing_and_verifying_load_no_layout_engine() -> None:
    """Verification runs on a machine without fonts and without Pango; commands that render nothing start fast."""
    code = (
        "import sys, service.reports.actions, service.reports.api, service.reports.verify;"
        "sys.exit(any(m.split('.')[0] in ('weasyprint', 'vl_convert', 'uharfbuzz') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
