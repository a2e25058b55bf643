"""The export of the audit log: what a stranger can check with the file and a root written down elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from make import NOW, chen, ling
from people_made import bearer, signed_in

from service import db
from service.accounts.actions import HOUSE, Actor
from service.audit import actions as audit
from service.audit import export
from service.errors import InputInvalid

OWNER, BO = "owner@one.example", "editor@one.example"
AT = "/api/v1/organisations/one/audit/export"


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word: the hash of a list of leaves."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def path_of(place: int, leaves: list[bytes]) -> list[str]:
    """RFC 9162, 2.1.3.1, word for word: the path from leaf number ``place``, counted from nought."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if place < split:
        return [*path_of(place, leaves[:split]), root_of(leaves[split:]).hex()]
    return [*path_of(place - split, leaves[split:]), root_of(leaves[:split]).hex()]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9, 21, 64, 65])
def test_paths_are_those_of_the_standard(size: int, sqlite_database: db.Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "CHUNK", 5)
    with sqlite_database.session(write=True) as session:
        for number in range(size):
            audit.record(session, HOUSE, "test", f"thing {number}", {}, NOW)
        first, *found = lines("".join(export.export(session, HOUSE, export.JSON_LINES)))
        head = audit.head(session)
    leaves = [one["entry"].encode() for one in found]
    assert (first["size"], first["root"], first["entries"]) == (size, root_of(leaves).hex(), size)
    assert head == audit.Head(size, first["root"])
    assert [one["path"] for one in found] == [path_of(place, leaves) for place in range(size)]


def made(database: db.Database) -> tuple[Actor, list[str]]:
    """Two organisations by turns, and the export of the first."""
    with database.session(write=True) as session:
        own, other = ling(session, with_site=False), chen(session)
        for number in range(9):
            audit.record(session, other if number % 3 else own, "test", f"thing {number}", {}, NOW)
        return own, list(export.export(session, own, export.JSON_LINES))


def test_it_holds_what_is_of_the_organisation_and_can_be_checked_offline(database: db.Database) -> None:
    own, told = made(database)
    first, *found = lines("".join(told))
    assert {json.loads(one["entry"])["organisation"] for one in found} == {own.organisation_id}
    assert len(found) == 4
    head, count, wrong = export.check(told)
    assert (head.size, head.root, count, wrong) == (first["size"], first["root"], 4, [])


CHANGES: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "another word": lambda rows: rows[2].update(entry=rows[2]["entry"].replace("thing", "think")),
    "another place": lambda rows: rows[2].update(id=rows[2]["id"] + 1),
    "another's path": lambda rows: rows[2].update(path=rows[3]["path"]),
    "a longer path": lambda rows: rows[2]["path"].append("00" * 32),
    "a shorter path": lambda rows: rows[2]["path"].pop(),
    "no path": lambda rows: rows[2].update(path=None),
    "beyond the end": lambda rows: rows[2].update(id=10**9),
    "another root": lambda rows: rows[0].update(root="00" * 32),
    "another size": lambda rows: rows[0].update(size=rows[0]["size"] + 1),
    "one left out": lambda rows: rows.pop(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_found(name: str, sqlite_database: db.Database) -> None:
    _, told = made(sqlite_database)
    rows = lines("".join(told))
    CHANGES[name](rows)
    assert export.check([json.dumps(row) for row in rows])[2]


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"log": "other"}'])
def test_what_is_no_export(text: str) -> None:
    with pytest.raises(InputInvalid, match="no export"):
        export.check(text.splitlines())


def test_owners_have_it_by_api_and_page_and_nobody_else(app: Flask) -> None:
    client = app.test_client()
    answer = client.get(AT, headers=bearer(app, OWNER))
    assert (answer.status_code, answer.mimetype) == (200, "application/jsonl")
    assert export.check(answer.text.splitlines())[1:] == (4, [])  # the organisation and three roles
    assert client.get(AT, headers=bearer(app, BO)).status_code == 403
    assert client.get(AT, headers=bearer(app, OWNER, "write")).status_code == 403
    assert client.get(AT, headers=bearer(app, "owner@two.example")).status_code == 404
    assert client.get(f"{AT}?format=xml", headers=bearer(app, OWNER)).status_code == 422
    page, _ = signed_in(app, OWNER)
    assert "/organisations/one/audit-log?format=csv" in page.get("/organisations/one/people").text
    found = page.get("/organisations/one/audit-log?format=csv")
    assert "filename=one-audit.csv" in found.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(found.text)))
    kept = lines(answer.text)[1:]
    assert [(row["entry"], row["path"].split()) for row in rows] == [(one["entry"], one["path"]) for one in kept]
    assert {row["root"] for row in rows} == {lines(answer.text)[0]["root"]}
    assert signed_in(app, BO)[0].get("/organisations/one/audit-log").status_code == 403


def test_a_spreadsheet_computes_nothing(sqlite_database: db.Database) -> None:
    with sqlite_database.session(write=True) as session:
        own = ling(session, with_site=False)
        audit.record(session, Actor(own.organisation_id, "=1+1@x.example", own.roles), "test", "thing", {}, NOW)
        rows = list(csv.DictReader(io.StringIO("".join(export.export(session, own, export.CSV)))))
    assert rows[-1]["actor"] == "'=1+1@x.example"
    assert json.loads(rows[-1]["entry"])["actor"] == "=1+1@x.example"


def test_commands_write_and_check_it(run: Callable[..., Result], database: db.Database, tmp_path: Path) -> None:
    made(database)
    run("audit", "export", "log.jsonl", "--organisation", "ling")
    head = run("audit", "head").stdout.strip()
    assert "everything fits" in run("audit", "check", "log.jsonl", "--expect", head).stdout
    assert "export of the log" in run("audit", "check", "log.jsonl", "--expect", f"5:{'0' * 64}", code=1).stdout
    file = tmp_path / "here" / "log.jsonl"
    file.write_text(file.read_text().replace("thing 3", "thing 4"))
    assert json.loads(run("audit", "check", "log.jsonl", "--json", code=1).stdout)["ok"] is False
    run("audit", "export", "log.csv", "--organisation", "ling")
    assert (tmp_path / "here" / "log.csv").read_text().startswith("id,at,actor,")
