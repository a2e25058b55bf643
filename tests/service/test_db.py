"""Transactions, locks and bulk rows, on every database."""

from __future__ import annotations

import threading
from datetime import date

import polars as pl
import pytest
from make import NOW, chen, entry, ling, organisation, site
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from service import bulk, db
from service.accounts import actions as accounts
from service.accounts.models import Organisation
from service.activities import actions as activities
from service.activities.models import ActivityDatum, Evidence, ImportBatch, Stream
from service.errors import DatabaseOutdated


def test_a_block_is_committed_at_its_end(database: db.Database) -> None:
    with database.session(write=True) as session:
        accounts.create(session, accounts.HOUSE, organisation(), NOW)
    with database.session(write=False) as session:
        assert [row.code for row in accounts.organisations(session, accounts.HOUSE)] == ["ling"]


def test_a_block_that_fails_leaves_nothing(database: db.Database) -> None:
    def half() -> None:
        with database.session(write=True) as session:
            accounts.create(session, accounts.HOUSE, organisation(), NOW)
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        half()
    with database.session(write=False) as session:
        assert session.scalar(text("SELECT count(*) FROM organisation")) == 0
        assert session.scalar(text("SELECT count(*) FROM audit_entry")) == 0


def test_a_reader_cannot_write(database: db.Database) -> None:
    with pytest.raises(DBAPIError), database.session(write=False) as session:
        accounts.create(session, accounts.HOUSE, organisation(), NOW)


def test_a_connection_that_read_can_write_again(database: db.Database) -> None:
    with database.session(write=False) as session:
        assert accounts.organisations(session, accounts.HOUSE) == []
    with database.session(write=True) as session:
        ling(session)


def test_a_reader_keeps_its_moment_while_somebody_writes(database: db.Database) -> None:
    with database.session(write=False) as reader:
        assert accounts.organisations(reader, accounts.HOUSE) == []
        with database.session(write=True) as writer:
            ling(writer)
        assert accounts.organisations(reader, accounts.HOUSE) == []
    with database.session(write=False) as reader:
        assert len(accounts.organisations(reader, accounts.HOUSE)) == 1


def test_writers_wait_for_each_other(database: db.Database) -> None:
    """Two imports at once: the second sees what the first wrote, and neither fails."""
    with database.session(write=True) as session:
        ling(session)
    order: list[str] = []
    entered = threading.Event()

    def first() -> None:
        with database.session(write=True) as session:
            db.lock(session, "test")
            session.execute(text("SELECT 1"))
            entered.set()
            threading.Event().wait(0.3)
            order.append("first")

    def second() -> None:
        entered.wait()
        with database.session(write=True) as session:
            db.lock(session, "test")
            session.execute(text("SELECT 1"))
            order.append("second")

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == ["first", "second"]


def test_the_session_of_a_block_is_the_current_one(sqlite_database: db.Database) -> None:
    with pytest.raises(RuntimeError):
        db.session()
    with sqlite_database.session(write=False) as session:
        assert db.session() is session
    with pytest.raises(RuntimeError):
        db.session()


def test_an_old_database_is_refused_by_name(empty_url: str) -> None:
    database = db.Database(empty_url)
    with pytest.raises(DatabaseOutdated, match=r"revision '-'.*run 'tanji init'"):
        database.check()
    db.upgrade(empty_url)
    database.check()
    database.dispose()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
        ("sqlite:////x.db", "sqlite:////x.db"),
    ],
)
def test_the_driver_of_postgresql_is_psycopg(given: str, used: str) -> None:
    assert db.with_driver(given) == used


def test_a_row_cannot_point_into_another_organisation(database: db.Database) -> None:
    """The database itself keeps tenants apart: Ling's organisation with Chen's site is no key."""
    with database.session(write=True) as session:
        own, other = ling(session), chen(session)
        theirs = activities.put_site(session, other, site("kiln"), NOW)
        row = {"organisation_id": own.organisation_id, "site_id": theirs.id, "fingerprint": "x", "identity": "x"}
        rest = dict.fromkeys(("name", "meter", "region", "factor", "counterparty", "process_line", "quality"), "")
        values = {**row, **rest, "uncertainty_percent": "", "activity": "a", "unit": "t", "parameters": "[]"}
        statement = insert(Stream).values(**values, created=NOW)
        with pytest.raises(IntegrityError):
            session.execute(statement)
        session.rollback()


AWKWARD = ["1.2", 'a"b', "a,b", "行\n二", "\\N", "", " x ", "'; DROP TABLE x", "0.10"]


def test_rows_go_in_and_come_out_in_bulk_unchanged(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 4)  # several slices, and several portions on the way back
    with database.session(write=True) as session:
        actor = ling(session)
        activities.submit(session, actor, entry(), NOW)
        stream_id = session.scalar(select(Stream.id))
        batch_id = session.scalar(select(ImportBatch.id))
        count = len(AWKWARD)
        frame = pl.DataFrame(
            {
                "organisation_id": [actor.organisation_id] * count,
                "stream_id": [stream_id] * count,
                "start": [date(2024, 2, 29)] * count,
                "end": [date(2024, 12, 31)] * count,
                "amount": AWKWARD,
                "value": [0.1 + i for i in range(count)],
                "evidence_id": [None] * count,
                "batch_id": [batch_id] * count,
                "replaces_id": pl.Series([None] * count, dtype=pl.Int64),
            }
        )
        table = ActivityDatum.__table__
        bulk.insert(session, table, frame)
        query = select(table.c.amount, table.c.value, table.c.start, table.c.evidence_id, table.c.end)
        query = query.where(table.c.start == date(2024, 2, 29)).order_by(table.c.id)
        schema = {"amount": pl.String, "value": pl.Float64, "start": pl.Date, "evidence_id": pl.Int64, "end": pl.Date}
        found = bulk.read(session, query, schema)
    assert found["amount"].to_list() == AWKWARD
    assert found["value"].to_list() == frame["value"].to_list()
    assert found["start"].to_list() == frame["start"].to_list()
    assert found["end"].to_list() == frame["end"].to_list()
    assert found["evidence_id"].null_count() == count


def test_reading_nothing_gives_an_empty_frame_of_the_schema(database: db.Database) -> None:
    with database.session(write=False) as session:
        found = bulk.read(session, select(Evidence.sha256), {"sha256": pl.String})
    assert found.schema == {"sha256": pl.String}
    assert found.is_empty()


def test_numbers_and_codes_are_unique_where_they_must_be(database: db.Database) -> None:
    with database.session(write=True) as session:
        ling(session)
        session.add(Organisation(code="ling", name_zh="x", created=NOW))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_what_waits_for_the_commit_is_done_once_and_then_only(database: db.Database) -> None:
    called: list[str] = []
    with database.session(write=True) as session:
        db.after_commit(session, lambda: called.append("kept"))
        accounts.create(session, accounts.HOUSE, organisation(), NOW)
        assert called == []
    assert called == ["kept"]
    with database.open(write=True) as session:
        db.after_commit(session, lambda: called.append("lost"))
        session.execute(text("SELECT 1"))
        session.rollback()
        session.execute(text("SELECT 1"))
        session.commit()
    assert called == ["kept"]
