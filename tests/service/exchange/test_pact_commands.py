"""``tanji pact``: publish, connect, ask and deliver from the command line; fetch from and check a host over sockets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import make
import pytest
from click.testing import CliRunner, Result
from flask import Flask, jsonify

from service import db
from service.accounts import clients
from service.cli import main
from tests.service.exchange import hosts
from tests.service.exchange.hosts import Host

Run = Callable[..., Result]


@pytest.fixture
def host(_sqlite_template: Path, tmp_path: Path) -> Iterator[Host]:
    """Ling's host with two boards, and Bo's sign-in there."""
    shutil.copy(_sqlite_template, tmp_path / "host.sqlite3")
    with hosts.ours(f"sqlite:///{tmp_path / 'host.sqlite3'}", tmp_path) as made:
        with made.database.session(write=True) as session:
            ling = make.ling(session)
            hosts.published(session, ling)
            hosts.published(session, ling, "shelf")
            made.logins["bo"] = hosts.Login(made.url, *hosts.partner(session, ling, "bo"))
        yield made


@pytest.fixture
def run(tmp_path: Path, _sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a database of its own, with hosts on this machine allowed."""
    shutil.copy(_sqlite_template, tmp_path / "own.sqlite3")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'own.sqlite3'}")
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANJI_LANGUAGE", "en")
    monkeypatch.setenv("TANJI_PACT_PRIVATE_HOSTS", "127.0.0.1")

    def invoke(*arguments: str, code: int = 0, secret: str = "") -> Result:
        result = CliRunner().invoke(main, ("pact", *arguments), env={"TANJI_PACT_SECRET": secret})
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return invoke


def test_fetch(run: Run, host: Host) -> None:
    login = host.logins["bo"]
    asked = ("fetch", host.url, "--client-id", login.client_id)
    found = json.loads(run(*asked, "--json", secret=login.client_secret).stdout)
    assert [one["problems"] for one in found] == [[], []]
    assert "Wood-fibre board" in run(*asked, "--version", "2", secret=login.client_secret).stdout
    none = run(*asked, "--filter", "geography=DE", "--filter", "geography=FR", "--json", secret=login.client_secret)
    assert json.loads(none.stdout) == []
    assert "no token" in run(*asked, code=1, secret="wrong").stderr
    assert run(*asked, "--filter", "geography", code=2, secret="x").stderr


def test_nothing_private_is_asked_without_the_setting(run: Run, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANJI_PACT_PRIVATE_HOSTS", "pcf.intern")
    assert "nothing is sent" in run("fetch", host.url, code=4).stderr


@pytest.mark.parametrize("version", ["3", "2"])
def test_our_own_host_passes_its_check(version: str, run: Run, host: Host) -> None:
    login = host.logins["bo"]
    asked = ("serve-check", host.url, "--client-id", login.client_id, "--version", version, "--json")
    found = json.loads(run(*asked, secret=login.client_secret).stdout)
    assert [one for one in found if one["problem"]] == []
    assert len(found) == 8


def test_a_host_that_gives_everything_to_everyone_does_not(run: Run) -> None:
    app = Flask("open")
    app.add_url_rule("/auth/token", "token", lambda: jsonify(access_token="t"), methods=["POST"])
    given: dict[str, Any] = {"data": [{"id": "x"}, {"id": "y"}]}
    app.add_url_rule("/3/footprints", "footprints", lambda: jsonify(given))
    app.add_url_rule("/3/footprints/<one>", "footprint", lambda one: jsonify(data={"id": one}))
    app.add_url_rule("/3/events", "events", lambda: "", methods=["POST"])
    with hosts.serving(app, lambda _: None) as url:
        result = run("serve-check", url, "--client-id", "a", code=1, secret="b")
        assert result.stdout.count("✗") == 6  # it lists, and what it lists is what it fetches


def test_a_host_without_footprints_is_not_called_sound(run: Run, host: Host) -> None:
    with host.database.session(write=True) as session:
        pair = hosts.partner(session, make.ling(session), "dan", sees=())
    result = run("serve-check", host.url, "--client-id", pair[0], code=1, secret=pair[1])
    assert result.stdout.count("no footprint was listed") == 2


def test_from_a_frozen_footprint_to_a_partner(run: Run, tmp_path: Path) -> None:
    database = db.Database(f"sqlite:///{tmp_path / 'own.sqlite3'}")
    with database.session(write=True) as session:
        ling = make.ling(session)
        name = hosts.board(session, ling)
        client, _ = clients.create(session, ling, "Bo's host", "pact", make.NOW)
    database.dispose()
    said = tmp_path / "said.json"
    said.write_text(json.dumps(hosts.SAID))
    ours = ("--organisation", "ling")
    connect = ("connect", "bo", *ours, "--name", "Bo", "--uses", client.id, "--sees", "*")
    assert json.loads(run(*connect, "--json").stdout)["base_url"] == ""
    away = ("--base-url", "http://127.0.0.1:9", "--client-id", "l", "--reason", "host known")
    changed = run(*connect, *away, "--json", secret="hush")
    assert json.loads(changed.stdout)["sees"] == ["*"]
    assert "hush" not in changed.stdout
    published = json.loads(run("publish", name, *ours, "--said", str(said), "--json").stdout)
    assert published["status"] == "Active"
    run("request", "bo", *ours, "--criteria", '{"geography": ["CN"]}')
    assert run("request", "bo", *ours, "--criteria", "[]", code=1)
    assert "no connection" in run("deliver").stdout
    kinds = {(one["kind"], one["state"]) for one in json.loads(run("events", "bo", *ours, "--json").stdout)}
    assert kinds == {("published", "waiting"), ("requested", "waiting")}
    run("deprecate", published["id"], *ours, "--reason", "wrong glue")
    assert run("deprecate", published["id"], *ours, "--reason", "again", code=4)
    assert "Deprecated" in run("published", *ours).stdout
    assert json.loads(run("received", *ours, "--json").stdout) == []
    run("disconnect", "bo", *ours, "--reason", "contract ended")
    assert json.loads(run("partners", *ours, "--json").stdout)[0]["is_ended"]
