"""Every migration goes up and down with data in the tables; models and migrations agree; what is append-only stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from make import NOW, YEAR, entry, factor, lci, ling, product, rows, submit
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from sqlmodel import select as sqlmodel_select

import migrations
from factors.library import load
from lca import ledger
from migrations.check import differences
from service import db, sealing
from service.accounts import actions as accounts
from service.accounts import invitations, people
from service.accounts.actions import Actor
from service.accounts.models import ApiClient, Capacity, Identity, KeptAnswer, Membership, PasswordReset, RecoveryCode
from service.activities import actions as activities
from service.activities.models import DatumEvidence
from service.audit.models import AuditEntry
from service.calculations import footprint_runs
from service.calculations.models import BaseYearChange, FootprintStudy, Inventory, PartCache, SnapshotPart
from service.catalogue import actions as catalogue
from service.catalogue import inventories
from service.events import actions as events
from service.events.actions import FOOTPRINT_FROZEN, KINDS
from service.jobs import actions as jobs
from service.outside import Outside
from service.products import actions as products
from service.suppliers import actions as suppliers
from service.suppliers import answers, requests
from service.webhooks import actions as webhooks
from service.webhooks import sending
from tests.service.exchange import hosts as pact_hosts

VERSIONS = Path(migrations.__file__).parent / "versions"
REVISIONS = sorted(path.stem.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
# Written by `_refuse_changes` of 0001; a later migration that adds a table of records adds it here too.
APPEND_ONLY = (
    "audit_entry",
    "stream",
    "import_batch",
    "evidence",
    "activity_datum",
    "datum_evidence",
    "snapshot_part",
    "base_year_change",
    "lci_content",
    "capacity",
    "pact_received",
    "footprint_use",
)
# What may be said once of a row that is frozen otherwise, and something in it that may not be changed.
ONCE = {
    "inventory": ("superseded_by = 'y'", "total_kgco2e = '2'"),
    "instrument": ("withdrawn = created, withdrawal = 'misread'", "amount_kwh = '2'"),
    "product_output": ("withdrawn = created, withdrawal = 'misread'", "amount = '2'"),
    "exclusion": ("withdrawn = created, withdrawal = 'misread'", "reason = 'none'"),
    "own_factor": ("withdrawn = created, withdrawal = 'misread'", "value = '2'"),
    "lci_database": ("withdrawn = created, withdrawal = 'superseded'", "name = 'other'"),
    "product_model": ("superseded_by = id", "content = '{}'"),
    "footprint": ("superseded_by = 'y'", "total_kgco2e = '2'"),
    "event": ("dispatched = created", "subject = 'other'"),
    "job": ("state = 'cancelled', ended = created", "arguments = '{}'"),
    "pact_footprint": ("status = 'Deprecated', deprecated = created, reason = 'misread'", "document = '{}'"),
    "pact_partner": ("ended = created, reason = 'misread'", "code = 'other'"),
    "closed_period": ("reopened = created, reason = 'misread'", "start = '2024-01-01'"),
    "invitation": ("ended = created", "role = 'owner'"),
    "accepted_footprint": ("ended = created, end_kind = 'withdrawn', end_reason = 'misread'", "code = 'other'"),
    "footprint_answer": ("state = 'rejected', decided = created, reason = 'misread'", "offered = '{}'"),
    "footprint_request": ("closed = created, reason = 'misread'", "note = 'other'"),
    "membership": ("ended = created", "role = 'owner'"),
    "identity": ("ended = created", "subject = 'other'"),
}
# What may be described otherwise, and what it is recognised by.
DESCRIBED = {
    "organisation": ("name_en = 'Ling'", "code = 'other'"),
    "site": ("share_percent = '50'", "code = 'other'"),
    "api_client": ("revoked = created", "scopes = 'decide'"),
    "webhook": ("active = FALSE", "url = 'https://example.org/other'"),
    "delivery": ("state = 'given_up', next_try = NULL", "message = 'msg_other'"),
    "supplier": ("name_en = 'Ling'", "code = 'other'"),
    "purchase": ("name_en = 'Ling'", "unit = 't'"),
    "pact_event": ("attempts = 5", "kind = 'other'"),
}


def fill(session: Session, folder: Path) -> None:
    """Put at least one row into every table."""
    actor = ling(session)
    submit(session, actor, rows((0, 1, "1200"), (0, 2, "1300.50")), sha256="a" * 64)
    activities.correct(session, actor, 1, entry("1250"), "meter read again", NOW)
    activities.submit(session, actor, entry("9", name="canteen"), NOW)
    proof = folder / "bill.txt"
    proof.write_text("bill")
    with proof.open("rb") as content:
        kept = activities.add_evidence(session, actor, folder / "evidence", "bill.txt", content, now=NOW)
    activities.attach_evidence(session, actor, kept.sha256, [2], NOW)
    instrument = ledger.Instrument(
        "gec", "A001", "A009", "9000", *YEAR, "wind", "CN-GD", None, "Ling Recycling", None, "works"
    )
    activities.put_instrument(session, actor, instrument, NOW)
    activities.put_product(session, actor, ledger.Product("works", "铝锭", "ingot", "100", "t", *YEAR), NOW)
    activities.put_exclusion(session, actor, ledger.Exclusion("commuting", "below 0.1 %"), *YEAR, NOW)
    activities.close_period(session, actor, *YEAR, NOW)
    catalogue.put_own_factor(session, actor, catalogue.NewFactor("electricity", factor()), load(), NOW)
    inventories.put(session, actor, lci(), inventories.File("bike.json", "c" * 64), NOW)
    inventories.background(session, actor, "bike")
    products.put_model(session, actor, product(), "part.yaml", NOW)
    webhook = webhooks.NewWebhook("https://example.org/tanji", KINDS)
    webhooks.create(session, actor, webhook, sealing.of_webhooks(folder / "data"), Outside(), NOW)
    footprint_runs.run(session, actor, footprint_runs.Study("part", "pact.3.0"), load(), NOW)
    jobs.hand_in(session, actor, "footprint.portfolio", {"method": "pact.3.0"}, NOW)
    sending.dispatch(session, NOW)
    events.record(session, actor, FOOTPRINT_FROZEN, "ling-part", {}, NOW)
    _fill_inventories(session, actor.organisation_id or 0)
    pact_hosts.fill(session, actor)
    _fill_suppliers(session, actor)


def _fill_suppliers(session: Session, actor: Actor) -> None:
    """Two requests: the answer to the first waits, that to the second is accepted and used."""
    library = load()
    suppliers.put_supplier(session, actor, suppliers.NewSupplier("hong", "弘图"), NOW)
    suppliers.put_purchase(session, actor, "hong", suppliers.NewPurchase("ingot", "铝锭"), library, NOW)
    wanted = requests.NewRequest("ingot", "pact.3.0", "2025-01-01", "2025-12-31", "2026-06-30")
    stated = {"unit": "kg", "kgco2e": "1.5", "method": "pact.3.0", "gwp_set": "AR6", "boundary": "cradle_to_gate"}
    sent = answers.of_form({**stated, "zh": "铝锭", "period_end": "2025-12-31"})
    for _ in range(2):
        request, _ = requests.ask(session, actor, wanted, "k" * 64, NOW)
        row = answers.receive(session, actor, request, sent, NOW)
    answers.accept(session, actor, row.id or 0, library, NOW)
    part = product("door", suppliers=[])
    part["parts"][0]["from"] = {"supplier": "hong.ingot.1"}
    products.put_model(session, actor, part, "door.yaml", NOW)
    footprint_runs.run(session, actor, footprint_runs.Study("door", "pact.3.0"), library, NOW)


def add_inventory(session: Session, name: str, *, version: int = 1, organisation_id: int = 1) -> None:
    totals = dict.fromkeys(("total_kgco2e", "total_location_kgco2e", "total_market_kgco2e", "total_method_kgco2e"), "1")
    session.add(
        Inventory(
            **totals,
            organisation_id=organisation_id,
            id=name,
            year=2025,
            method="m",
            version=version,
            reason="made again",
            state="frozen",
            snapshot_sha="b" * 64,
            created=NOW,
        )
    )


def _fill_inventories(session: Session, organisation_id: int) -> None:
    own = {"organisation_id": organisation_id}
    session.add(SnapshotPart(**own, sha256="b" * 64, kind="snapshot", content=b"x"))
    add_inventory(session, "x", organisation_id=organisation_id)
    session.add(
        PartCache(**own, site="works", month="2025-01", mark="1:0", part_sha="b" * 64, results="{}", created=NOW)
    )
    people.create(session, accounts.HOUSE, f"bo@{organisation_id}.example", "Bo", "", NOW)
    bo = people.person(session, f"bo@{organisation_id}.example")
    session.add(Membership(**own, person_id=bo.id or 0, role="editor", created=NOW))
    session.add(Capacity(**own, capacity="lead", created=NOW))
    session.add(RecoveryCode(person_id=bo.id or 0, code_sha256="c" * 64))
    answer = {"request_sha256": "e" * 64, "status": 201, "headers": "{}", "body": b"x"}
    session.add(KeptAnswer(holder="Bo", key=f"{organisation_id}", **answer, created=NOW))
    session.add(PasswordReset(person_id=bo.id or 0, token_sha256=f"{organisation_id}", created=NOW, expires=NOW))
    session.add(Identity(person_id=bo.id or 0, issuer="https://op.example", subject=bo.email, created=NOW))
    owner = Actor(organisation_id, "owner", frozenset({"owner"}))
    invitations.invite(session, owner, "cy@one.example", "reader", NOW)
    people.sign_in(session, bo, "browser", "127.0.0.1", NOW)
    people.note_failure(session, bo.email, NOW)
    people.make_token(session, bo, "script", "read", 30, NOW)
    session.add(
        ApiClient(**own, id=f"c{organisation_id}", name="x", scopes="read", secret_sha256="d" * 64, created=NOW)
    )
    session.add(BaseYearChange(**own, year=2025, kind="error", kgco2e="1", reason="found", actor="Ling", created=NOW))
    session.flush()


def test_migrations_are_numbered_without_gaps() -> None:
    assert [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_the_newest_number_is_the_head_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert db.head() == ScriptDirectory.from_config(config).get_current_head() == REVISIONS[-1]


def test_models_and_migrations_agree(database_url: str) -> None:
    assert differences(database_url) == []


@pytest.mark.parametrize("revision", ["base", *REVISIONS[:-1]])
def test_every_migration_goes_down_and_up_with_data(revision: str, database_url: str, tmp_path: Path) -> None:
    database = db.Database(database_url)
    with database.session(write=True) as session:
        fill(session, tmp_path)
        for table in migrations.metadata().sorted_tables:
            assert session.scalar(select(text("count(*)")).select_from(table)), f"{table.name} is empty: fill it"
    database.dispose()
    db.downgrade(database_url, revision)
    db.upgrade(database_url)
    assert differences(database_url) == []


def test_a_migration_that_fails_changes_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step of 0001 fails: not one table is left behind."""
    database = db.Database(empty_url)
    with database.engine.execution_options(tanji_write=True).begin() as connection:
        connection.execute(text("CREATE TABLE base_year_change (id integer)"))
    with pytest.raises(DBAPIError):
        db.upgrade(empty_url)
    with database.engine.connect() as connection:
        names = database.engine.dialect.get_table_names(connection)
    database.dispose()
    assert names == ["base_year_change"]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_recorded_is_never_changed_or_deleted(table: str, database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        fill(session, tmp_path)
    target = migrations.metadata().tables[table]
    for statement in (update(target).values(organisation_id=target.c.organisation_id), delete(target)):
        with database.session(write=True) as session:
            with pytest.raises(DBAPIError, match=f"{table} is append-only"):
                session.execute(statement)
            session.rollback()
    with database.session(write=False) as session:
        assert session.scalar(select(text("count(*)")).select_from(target))


def attempt(database: db.Database, statement: str) -> str:
    """Run a statement; return how it is refused, '' when it is done."""
    with database.session(write=True) as session:
        try:
            session.execute(text(statement))
        except DBAPIError as error:
            session.rollback()
            return str(error.orig).splitlines()[0]
    return ""


@pytest.mark.parametrize("table", ONCE)
def test_what_is_frozen_is_withdrawn_once_and_never_changed(table: str, database: db.Database, tmp_path: Path) -> None:
    once, change = ONCE[table]
    with database.session(write=True) as session:
        fill(session, tmp_path)
        add_inventory(session, "y", version=2)
        session.add(
            FootprintStudy(
                **{**session.exec(sqlmodel_select(FootprintStudy)).first().model_dump(), "id": "y", "method": "m"}
            )
        )
    first = f"WHERE id = (SELECT {'max' if table == 'event' else 'min'}(id) FROM {table})"
    assert attempt(database, f"UPDATE {table} SET {change} {first}") == f"{table} is append-only"
    assert attempt(database, f"UPDATE {table} SET {once}, {change} {first}") == f"{table} is append-only"
    assert attempt(database, f"DELETE FROM {table} {first}") == f"{table} is append-only"
    assert attempt(database, f"UPDATE {table} SET {once} {first}") == ""
    assert attempt(database, f"UPDATE {table} SET {once} {first}") == f"{table} is append-only"


@pytest.mark.parametrize("table", DESCRIBED)
def test_what_is_described_stays_the_same_thing(table: str, database: db.Database, tmp_path: Path) -> None:
    described, change = DESCRIBED[table]
    with database.session(write=True) as session:
        fill(session, tmp_path)
    assert attempt(database, f"UPDATE {table} SET {described}") == ""
    assert attempt(database, f"UPDATE {table} SET {change}") == f"{table} is append-only"
    assert attempt(database, f"DELETE FROM {table}") == f"{table} is append-only"


def test_every_table_of_an_organisation_refuses_to_forget() -> None:
    """All but the caches, which may be emptied at any time."""
    tables = {table.name for table in migrations.metadata().tables.values() if "organisation_id" in table.columns}
    assert tables - {"part_cache", "unit_impact"} == {*APPEND_ONLY, *ONCE, *DESCRIBED} - {"organisation", "identity"}


def test_replacing_is_no_way_around(sqlite_database: db.Database, tmp_path: Path) -> None:
    with sqlite_database.session(write=True) as session:
        fill(session, tmp_path)
        statement = (
            insert(AuditEntry)
            .prefix_with("OR REPLACE")
            .values(id=1, verb="x", subject="x", entry=b"", nodes=b"", root=b"")
        )
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(statement)
        session.rollback()


def test_truncating_is_no_way_around(database: db.Database) -> None:
    if database.is_sqlite:
        return  # has no TRUNCATE
    with database.session(write=True) as session:
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(f"TRUNCATE {DatumEvidence.__tablename__}"))
        session.rollback()


def test_the_ini_file_is_for_this_directory() -> None:
    config = Config(Path(migrations.__file__).parents[1] / "alembic.ini")
    assert re.search(r"migrations$", str(config.get_main_option("script_location")))
