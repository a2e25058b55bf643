"""``tanji audit fsck``: whatever plain SQL does behind the service is found and named, and nothing else is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from make import NOW, YEAR, chen, entry, factor, ling, organisation, rows, site, submit, tampering
from sqlalchemy import Column, Date, Integer, MetaData, String, event, text
from sqlmodel import Session

import migrations
from factors.library import Library, load
from lca import ledger
from service import db, fsck, sealing
from service.accounts import actions as accounts
from service.accounts import clients, invitations, people
from service.accounts.actions import Actor
from service.activities import actions as activities
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.calculations import actions as calculations
from service.calculations import cache
from service.catalogue import actions as catalogue
from service.events import actions as events
from service.jobs import actions as jobs
from service.jobs import running
from service.outside import Outside
from service.webhooks import actions as webhooks
from service.webhooks import sending

GHGP = calculations.Order(2025, "inventory.ghgp")
V1, V2 = "ling-2025-ghgp-v1", "ling-2025-ghgp-v2"
OURS = "organisation 1"
PROOF = b"bill"


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def fill(session: Session, folder: Path, library: Library) -> Actor:
    """Do everything that leaves a row, and everything that changes one."""
    actor = ling(session)
    chen(session)
    accounts.change(session, actor, organisation(base_year="2025"), "base year chosen", NOW)
    activities.put_site(session, actor, site(share_percent="60"), NOW, reason="sold a part")
    proof = activities.add_evidence(session, actor, folder, "bill.txt", io.BytesIO(PROOF), now=NOW)
    submit(session, actor, rows((0, 1, "1000"), (0, 2, "500")), sha256="a" * 64)
    activities.attach_evidence(session, actor, proof.sha256, [1], NOW)
    activities.attach_evidence(session, actor, proof.sha256, [2], NOW)
    for amount in ("9000", "8000"):
        certificate = ledger.Instrument(
            "gec", "A001", "A009", amount, *YEAR, "wind", "CN-GD", None, "Ling Recycling", None, "works"
        )
        product = ledger.Product("works", "铝锭", "ingot", amount, "t", *YEAR)
        activities.put_instrument(session, actor, certificate, NOW, reason="misread")
        activities.put_product(session, actor, product, NOW, reason="misread")
    activities.put_exclusion(session, actor, ledger.Exclusion("commuting", "below 0.1 %"), *YEAR, NOW)
    for value in ("0.1", "0.2"):
        own = catalogue.NewFactor("electricity", factor(value=value), site="works", document=proof.sha256)
        catalogue.put_own_factor(session, actor, own, library, NOW, reason="new annex")
    webhook = webhooks.NewWebhook("https://example.org/", events.KINDS)
    webhooks.create(session, actor, webhook, sealing.of_webhooks(folder.parent / "data"), Outside(), NOW)
    calculations.run(session, actor, GHGP, library, NOW)
    sending.dispatch(session, NOW)
    jobs.hand_in(session, actor, "footprint.portfolio", {"method": "pact.3.0"}, NOW, key="k")
    ticket = running.claim(session, "one", NOW)
    assert ticket is not None
    running.finish(session, ticket, {"products": []}, NOW)
    stopped = jobs.hand_in(session, actor, "footprint.portfolio", {"method": "iso14067"}, NOW)
    jobs.cancel(session, actor, stopped.id or 0, NOW)
    activities.correct(session, actor, 1, entry("1100"), "meter read again", NOW)
    calculations.run(session, actor, replace(GHGP, reason="meter"), library, NOW)
    calculations.note_change(session, actor, 2025, "structure", "12", "a shop bought", NOW)
    for end in (YEAR[0], YEAR[1]):
        number = activities.close_period(session, actor, YEAR[0], end, NOW).id
        activities.reopen_period(session, actor, number or 0, "one more bill", NOW)
    activities.close_period(session, actor, *YEAR, NOW)
    program, _ = clients.create(session, actor, "meter", "read", NOW)
    clients.rotate(session, actor, program.id, NOW)
    clients.revoke(session, actor, program.id, NOW)
    people.give_capacity(session, accounts.operator(session, "ling"), "lead", NOW)
    people.create(session, accounts.HOUSE, "bo@ling.example", "Bo", "", NOW)
    people.put_member(session, actor, "bo@ling.example", "editor", NOW)
    people.end_member(session, actor, "bo@ling.example", "editor", NOW)
    for _ in range(2):  # the second one ends the first
        _, token = invitations.invite(session, actor, "cy@ling.example", "reader", NOW)
    invitations.take(session, token, NOW, name="Cy", password="a long way to Xiangyang")
    return actor


@pytest.fixture
def filled(database: db.Database, tmp_path: Path, library: Library) -> db.Database:
    with database.session(write=True) as session:
        fill(session, tmp_path, library)
    return database


def found(database: db.Database, folder: Path) -> set[tuple[str, str]]:
    with database.session(write=False) as session:
        return {(item.where, item.code) for item in fsck.fsck(session, folder)}


def test_what_the_service_did_itself_fits(filled: db.Database, tmp_path: Path) -> None:
    assert found(filled, tmp_path) == set()


def test_every_table_of_an_organisation_has_a_rule() -> None:
    """A table that holds something of a company and that nobody compares is a hole in the log."""
    tables = migrations.metadata().tables.values()
    owned = {table.name for table in tables if "organisation_id" in table.columns} | {"organisation"}
    by_rows = {kind.table.name for kind in fsck.AUDITED if isinstance(kind, RowKind)}
    assert owned - {"audit_entry"} == by_rows | set(fsck.CONTENTS) | set(fsck.BY_ATTACHMENT)


def test_no_two_kinds_share_a_name_or_a_verb() -> None:
    names = [kind.name for kind in fsck.AUDITED]
    verbs = [verb for kind in fsck.AUDITED for verb in (kind.made, *kind.changed) if verb]
    assert sorted(names) == sorted(set(names))
    assert sorted(verbs) == sorted(set(verbs))


DIFFERS, LOST, UNRECORDED = "row-differs", "row-lost", "row-unrecorded"

CHANGES: list[tuple[str, set[tuple[str, str]]]] = [
    ("UPDATE organisation SET approach = 'equity_share' WHERE id = 1", {(f"{OURS}: organisation ling", DIFFERS)}),
    ("UPDATE site SET share_percent = '1' WHERE organisation_id = 1", {(f"{OURS}: site works", DIFFERS)}),
    ("UPDATE site SET created = '2020-01-01' WHERE organisation_id = 1", {(f"{OURS}: site works", DIFFERS)}),
    ("UPDATE instrument SET amount_kwh = '1' WHERE id = 2", {(f"{OURS}: instrument 2", DIFFERS)}),
    ("UPDATE instrument SET withdrawn = NULL, withdrawal = '' WHERE id = 1", {(f"{OURS}: instrument 1", DIFFERS)}),
    ("UPDATE product_output SET amount = '1' WHERE id = 2", {(f"{OURS}: product 2", DIFFERS)}),
    ("UPDATE exclusion SET estimate_kgco2e = '1'", {(f"{OURS}: exclusion 1", DIFFERS)}),
    ("DELETE FROM exclusion", {(f"{OURS}: exclusion 1", LOST)}),
    ("UPDATE own_factor SET value = '0' WHERE id = 2", {(f"{OURS}: factor ling-power-2025 2", DIFFERS)}),
    ("UPDATE closed_period SET reason = '', reopened = NULL WHERE id = 1", {(f"{OURS}: period 1", DIFFERS)}),
    ("UPDATE base_year_change SET kgco2e = '0'", {(f"{OURS}: change 1", DIFFERS)}),
    ("UPDATE evidence SET name = 'other.txt'", {(f"{OURS}: evidence {{proof}}", DIFFERS)}),
    (
        "UPDATE datum_evidence SET datum_id = 1 WHERE id = 2",
        {(f"{OURS}: attachment {{proof}}", DIFFERS), (f"{OURS}: works 2025-02", "cache-differs")},
    ),
    (
        "DELETE FROM datum_evidence",
        {(f"{OURS}: attachment {{proof}}", LOST), (f"{OURS}: works 2025-02", "cache-differs")},
    ),
    ("UPDATE import_batch SET reason = 'none' WHERE id = 1", {(f"{OURS}: import 1", DIFFERS)}),
    (
        "UPDATE import_batch SET digest = 'x' WHERE id = 1",
        {(f"{OURS}: import 1", DIFFERS), ("import 1", "batch-differs")},
    ),
    ("DELETE FROM import_batch WHERE id = 1", {(f"{OURS}: import 1", LOST), ("import 1", "batch-lost")}),
    ("UPDATE activity_datum SET value = 9 WHERE id = 2", {("D2", "value-differs")}),
    (
        "UPDATE activity_datum SET organisation_id = 2 WHERE id = 3",  # and what it replaced counts again
        {("D3", "organisation-differs"), (f"{OURS}: works 2025-01", "cache-differs")},
    ),
    (
        "UPDATE stream SET fingerprint = 'x'",
        {("stream 1", "stream-differs"), ("import 1", "batch-differs"), ("import 2", "batch-differs")},
    ),
    ("UPDATE stream SET identity = 'x'", {("stream 1", "stream-differs")}),
    (
        "UPDATE stream SET parameters = 'no pairs'",
        {("stream 1", "stream-differs"), ("part_cache", "unreadable")},
    ),
    (
        f"UPDATE inventory SET total_kgco2e = '1' WHERE id = '{V2}'",
        {(f"{OURS}: inventory {V2}", DIFFERS), (f"inventory {V2}", "snapshot-differs")},
    ),
    (f"UPDATE inventory SET superseded_by = NULL WHERE id = '{V1}'", {(f"{OURS}: inventory {V1}", DIFFERS)}),
    (f"UPDATE inventory SET recalculates_base_year = true WHERE id = '{V2}'", {(f"{OURS}: inventory {V2}", DIFFERS)}),
    (f"DELETE FROM inventory WHERE id = '{V2}'", {(f"{OURS}: inventory {V2}", LOST)}),
    (
        "DELETE FROM snapshot_part WHERE kind = 'snapshot'",
        {(f"inventory {V1}", "snapshot-lost"), (f"inventory {V2}", "snapshot-lost")},
    ),
    (
        "UPDATE snapshot_part SET content = '' WHERE sha256 = '{snapshot}'",
        {("stored part {snapshot}", "part-damaged")},
    ),
    ("UPDATE invitation SET email = 'x@y.example' WHERE id = 1", {(f"{OURS}: invitation 1", DIFFERS)}),
    ("UPDATE invitation SET person_id = NULL WHERE id = 2", {(f"{OURS}: invitation 2", DIFFERS)}),
    ("UPDATE job SET result = '{{}}' WHERE id = 1", {(f"{OURS}: job 1", DIFFERS)}),
    ("UPDATE job SET arguments = '{{}}' WHERE id = 2", {(f"{OURS}: job 2", DIFFERS)}),
    ("UPDATE job SET heartbeat = NULL, step = 'x', worker = 'y'", set()),
    ("DELETE FROM job WHERE id = 1", {(f"{OURS}: job 1", LOST)}),
    ("UPDATE webhook SET url = 'https://other.example/'", {(f"{OURS}: webhook 1", DIFFERS)}),
    ("UPDATE webhook SET secret = 'x'", {(f"{OURS}: webhook 1", DIFFERS)}),
    ("UPDATE event SET payload = '{{}}' WHERE id = 1", {("event 1", "event-differs")}),
    ("UPDATE delivery SET organisation_id = 2", {("delivery 1", "delivery-differs")}),
    ("UPDATE part_cache SET results = '{{}}' WHERE month = '2025-01'", {(f"{OURS}: works 2025-01", "cache-differs")}),
    ("UPDATE part_cache SET part_sha = 'x' WHERE month = '2025-02'", {(f"{OURS}: works 2025-02", "cache-differs")}),
]


@pytest.mark.parametrize(("statement", "expected"), CHANGES, ids=[statement for statement, _ in CHANGES])
def test_what_plain_sql_changes_is_named(
    statement: str, expected: set[tuple[str, str]], filled: db.Database, tmp_path: Path
) -> None:
    with filled.session(write=False) as session:
        names = {
            "proof": session.scalar(text("SELECT sha256 FROM evidence")),
            "snapshot": session.scalar(text(f"SELECT snapshot_sha FROM inventory WHERE id = '{V2}'")),
        }
    with tampering(filled) as session:
        session.execute(text(statement.format(**names)))
    assert found(filled, tmp_path) == {(where.format(**names), code) for where, code in expected}


def test_a_changed_amount_is_found_in_its_import_and_in_the_sums_kept(filled: db.Database, tmp_path: Path) -> None:
    with tampering(filled) as session:
        session.execute(text("UPDATE activity_datum SET amount = '501', value = 501 WHERE id = 2"))
    assert found(filled, tmp_path) == {("import 1", "batch-differs"), (f"{OURS}: works 2025-02", "cache-differs")}


def test_a_row_that_nobody_made_is_found(filled: db.Database, tmp_path: Path) -> None:
    with filled.session(write=True) as session:
        session.execute(
            text(
                'INSERT INTO exclusion (organisation_id, category, reason, estimate_kgco2e, start, "end", created, '
                "withdrawal) VALUES (1, 'waste', 'none', '', '2025-01-01', '2025-12-31', '2026-01-31', '')"
            )
        )
    assert found(filled, tmp_path) == {(f"{OURS}: exclusion 2", UNRECORDED)}


def test_an_entry_that_makes_a_thing_twice_is_found(filled: db.Database, tmp_path: Path) -> None:
    with filled.session(write=True) as session:
        actor = ling(session, with_site=False)
        [row] = activities.exclusions(session, actor)
        [kind] = [kind for kind in fsck.AUDITED if kind.name == "exclusion"]
        assert isinstance(kind, RowKind)
        audit.record_row(session, actor, kind, kind.made, row, NOW)
    assert found(filled, tmp_path) == {(f"{OURS}: exclusion 1", "row-not-made-once")}


def test_an_entry_of_something_that_is_never_done_is_found(filled: db.Database, tmp_path: Path) -> None:
    with filled.session(write=True) as session:
        actor = ling(session, with_site=False)
        audit.record(session, actor, "site.bless", "site works", {}, NOW)
        number = audit.record(session, actor, "site.change", "instrument 1", {}, NOW)
    assert found(filled, tmp_path) == {
        (f"audit entry {number - 1}", "audit-verb-unknown"),
        (f"audit entry {number}", "audit-verb-unknown"),
    }


def test_a_cache_that_is_behind_is_no_damage(filled: db.Database, tmp_path: Path) -> None:
    with filled.session(write=True) as session:
        actor = ling(session, with_site=False)
        number = activities.closed_periods(session, actor)[0].id
        activities.reopen_period(session, actor, number or 0, "late bill", NOW)
        submit(session, actor, rows((0, 3, "7")), name="late.csv")
        activities.correct(session, actor, 2, entry("501", month=2), "late bill", NOW)
    assert found(filled, tmp_path) == set()


def test_a_cache_that_was_emptied_is_no_damage(filled: db.Database, tmp_path: Path) -> None:
    with filled.session(write=True) as session:
        session.execute(text(f"DELETE FROM {cache.PartCache.__tablename__}"))
    assert found(filled, tmp_path) == set()


@contextmanager
def counted(database: db.Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_no_row_costs_a_question(filled: db.Database, tmp_path: Path) -> None:
    """Counted, not timed: fifty things more are compared by as many statements."""
    with counted(filled) as before:
        assert found(filled, tmp_path) == set()
    with filled.session(write=True) as session:
        actor = ling(session, with_site=False)
        for number in range(50):
            activities.add_evidence(session, actor, tmp_path, f"{number}.txt", io.BytesIO(b"%d" % number), now=NOW)
            calculations.note_change(session, actor, 2025, "error", str(number), "found", NOW)
    with counted(filled) as after:
        assert found(filled, tmp_path) == set()
    assert len(after) == len(before)


def test_a_column_added_later_leaves_what_was_recorded_as_it_is(filled: db.Database, tmp_path: Path) -> None:
    """What a migration does to a table: old rows say nothing in the new column, and the log still knows them."""
    with filled.session(write=True) as session:
        for column in ("zone varchar NOT NULL DEFAULT ''", "rank integer NOT NULL DEFAULT 0", "since date"):
            session.execute(text(f"ALTER TABLE site ADD COLUMN {column}"))
    [kind] = [kind for kind in fsck.AUDITED if kind.name == "site"]
    assert isinstance(kind, RowKind)
    grown = kind.table.to_metadata(MetaData())
    for column in (Column("zone", String), Column("rank", Integer), Column("since", Date)):
        grown.append_column(column)
    later = replace(kind, table=grown)
    with filled.session(write=False) as session:
        assert list(later.standing(session)) == list(kind.standing(session))
    with filled.session(write=True) as session:
        session.execute(text("UPDATE site SET zone = 'CET' WHERE organisation_id = 1"))
    with filled.session(write=False) as session:
        assert list(later.standing(session)) != list(kind.standing(session))
