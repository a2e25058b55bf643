"""Keeping activity data: nothing twice, nothing lost, nothing of another organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import NOW, YEAR, bo, chen, entry, ling, organisation, rows, site, stream, submit
from sqlalchemy import func, text
from sqlmodel import Session, select

from lca import ledger as lca
from service import bulk, db
from service.accounts import rights
from service.accounts.actions import Actor
from service.activities import actions as activities
from service.activities.models import ActivityDatum
from service.activities.store.duplicates import canonical
from service.audit.models import AuditEntry
from service.errors import (
    AlreadyCorrected,
    CodeTaken,
    DuplicatesDiffer,
    InputInvalid,
    NotAllowed,
    PeriodClosed,
    ReasonMissing,
    ServiceError,
)


def amounts(session: Session, actor: Actor) -> list[str]:
    return activities.ledger(session, actor, *YEAR).rows["amount"].to_list()


def count(session: Session, model: type = ActivityDatum) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def codes(error: ServiceError) -> list[tuple[str, str]]:
    return [(item.where, item.code) for item in error.wrong]


# --- handing in ----------------------------------------------------------------------------------


def test_rows_come_back_as_they_were_handed_in(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        gas = stream(activity="natural_gas", unit="Nm3", parameters=(("ncv", "389.31"),), quality="invoiced")
        frame = rows((1, 1, "1200.50"), (0, 1, "0.10"), (1, 2, "-3"))
        receipt = submit(session, actor, frame, [stream(), gas])
        assert (receipt.total, receipt.loaded, receipt.skipped, receipt.replaced) == (3, 3, 0, 0)
        found = activities.ledger(session, actor, *YEAR)
    assert found.organisation == organisation()
    assert found.sites == (site(),)
    assert set(found.streams) == {stream(), gas}
    shown = [
        (row["id"], found.streams[row["stream"]].activity, row["start"], row["end"], row["amount"])
        for row in found.rows.iter_rows(named=True)
    ]
    assert shown == [
        ("D1", "natural_gas", date(2025, 1, 1), date(2025, 1, 31), "1200.50"),
        ("D2", "electricity", date(2025, 1, 1), date(2025, 1, 31), "0.10"),
        ("D3", "natural_gas", date(2025, 2, 1), date(2025, 2, 28), "-3"),
    ]
    assert found.rows.schema == lca.ROW_SCHEMA


def test_a_file_handed_in_twice_changes_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = submit(session, actor, rows((0, 1, "1")), sha256="a" * 64)
    with database.session(write=True) as session:
        entries = count(session, AuditEntry)
        again = submit(session, actor, rows((0, 1, "1")), sha256="a" * 64)
        assert again == replace(first, already=True)
        assert (count(session), count(session, AuditEntry)) == (1, entries)


def test_the_same_file_is_another_one_for_another_organisation(database: db.Database) -> None:
    with database.session(write=True) as session:
        for actor in (ling(session), chen(session)):
            receipt = submit(session, actor, rows((0, 1, "1")), sha256="a" * 64)
            assert (receipt.loaded, receipt.already) == (1, False)


def test_rows_that_are_held_are_skipped_and_new_ones_loaded(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1.50"), (0, 2, "2")), sha256="a" * 64)
        receipt = submit(session, actor, rows((0, 1, "1.5"), (0, 2, "2.0"), (0, 3, "3")), sha256="b" * 64)
        assert (receipt.loaded, receipt.skipped) == (1, 2)
        assert amounts(session, actor) == ["1.50", "2", "3"]


def test_another_amount_is_refused_and_named(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2")))
        with pytest.raises(DuplicatesDiffer, match="1 rows are held already") as caught:
            submit(session, actor, rows((0, 2, "2.1"), (0, 1, "1")))
        assert codes(caught.value) == [("row 1", "duplicate-differs")]
        assert "2 (row D2)" in str(caught.value)


def test_with_a_reason_it_replaces_and_the_old_row_stays(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2")))
        receipt = submit(session, actor, rows((0, 2, "2.1")), reason="meter read again")
        assert (receipt.loaded, receipt.replaced) == (1, 1)
        assert amounts(session, actor) == ["1", "2.1"]
        assert count(session) == 3
        old = activities.show(session, actor, 2)
        assert (old.amount, old.replaced_by) == ("2", 3)
        assert activities.show(session, actor, 3).replaces == 2


def test_a_corrected_row_is_held_and_the_old_amount_differs_again(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1")))
        submit(session, actor, rows((0, 1, "2")), reason="read again")
        assert submit(session, actor, rows((0, 1, "2")), sha256="c" * 64).skipped == 1
        with pytest.raises(DuplicatesDiffer):
            submit(session, actor, rows((0, 1, "1")))


def test_rows_that_contradict_each_other_in_one_file_are_refused(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(InputInvalid) as caught:
            submit(session, actor, rows((0, 1, "1"), (0, 1, "2"), (0, 1, "1.0")), reason="no reason mends this")
        assert codes(caught.value) == [("row 2", "duplicate-in-file")]


def test_rows_that_stand_twice_in_one_file_count_once(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        receipt = submit(session, actor, rows((0, 1, "1"), (0, 2, "2"), (0, 1, "1.0")))
        assert (receipt.total, receipt.loaded, receipt.skipped) == (3, 2, 1)


def test_a_source_with_other_particulars_is_suspected_of_being_the_same(database: db.Database) -> None:
    """The same meter and month, now 'measured' instead of 'estimated', must not count twice."""
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1")), [stream(quality="estimated")])
        with pytest.raises(DuplicatesDiffer) as caught:
            submit(session, actor, rows((0, 1, "1")), [stream(quality="measured")])
        assert codes(caught.value) == [("row 1", "duplicate-suspected")]
        receipt = submit(session, actor, rows((0, 1, "1")), [stream(quality="measured")], reason="meter installed")
        assert receipt.replaced == 1
        found = activities.ledger(session, actor, *YEAR)
        assert [one.quality for one in found.streams] == ["measured"]


@pytest.mark.parametrize("other", [{"name": "canteen"}, {"meter": "M2"}, {"counterparty": "B"}, {"process_line": "2"}])
def test_a_name_a_meter_a_partner_or_a_line_tells_sources_apart(other: dict[str, str], database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1")))
        assert submit(session, actor, rows((0, 1, "1")), [stream(**other)]).loaded == 1


def test_two_lots_of_one_file_may_differ_in_a_parameter(database: db.Database) -> None:
    lots = [stream(activity="clean_coal", unit="t", parameters=(("ncv", value),)) for value in ("20.1", "21.3")]
    with database.session(write=True) as session:
        actor = ling(session)
        assert submit(session, actor, rows((0, 1, "10"), (1, 1, "12")), lots).loaded == 2
        third = replace(lots[0], parameters=(("ncv", "19.9"),))
        with pytest.raises(InputInvalid) as caught:
            submit(session, actor, rows((0, 1, "10")), [third], reason="which of the two?")
        assert codes(caught.value) == [("row 1", "duplicate-ambiguous")]


def test_a_single_entry_twice_changes_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.submit(session, actor, entry(), NOW)
        entries = count(session, AuditEntry)
        assert activities.submit(session, actor, entry(), NOW) == first
        assert (count(session), count(session, AuditEntry)) == (1, entries)


def test_rows_left_out_make_the_import_partial(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        receipt = submit(session, actor, rows((0, 1, "1")), errors=2, sha256="a" * 64)
        assert (receipt.total, receipt.loaded, receipt.errors) == (3, 1, 2)
        assert session.scalar(text("SELECT state FROM import_batch")) == "partial"


def test_unknown_sites_are_named_all_together(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(InputInvalid, match=r"there is no site 'mine'; known: works") as caught:
            submit(session, actor, rows((0, 1, "1"), (1, 1, "1")), [stream(site="mine"), stream(site="port")])
        assert len(caught.value.wrong) == 2


@pytest.mark.parametrize(("first", "last"), [("2025-02-01", "2025-01-31"), ("2024-12-31", "2026-01-01")])
def test_a_period_must_be_one_that_a_year_can_hold(first: str, last: str, database: db.Database) -> None:
    frame = rows((0, 1, "1")).with_columns(
        start=pl.lit(date.fromisoformat(first)), end=pl.lit(date.fromisoformat(last))
    )
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(InputInvalid) as caught:
            submit(session, actor, frame)
        assert codes(caught.value) == [("row 1", "period-invalid")]


def test_the_rows_of_a_file_keep_their_numbers_in_messages(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1")))
        with pytest.raises(DuplicatesDiffer) as caught:
            submit(session, actor, rows((0, 1, "2"), row=pl.lit(17, pl.UInt32)))
        assert codes(caught.value) == [("row 17", "duplicate-differs")]


def test_many_rows_go_in_slices_and_progress_is_told(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 5)
    sources = [stream(meter=str(number)) for number in range(12)]
    frame = rows(*((number, 1, str(number)) for number in range(12)))
    told: list[tuple[int, int]] = []
    with database.session(write=True) as session:
        actor = ling(session)
        given = activities.Batch("many")
        activities.submit_rows(
            session, actor, given, sources, frame, now=NOW, progress=lambda done, all_: told.append((done, all_))
        )
        assert told == [(5, 12), (10, 12), (12, 12)]
        assert amounts(session, actor) == [str(number) for number in range(12)]
        assert list(activities.check_batches(session)) == []


def test_what_stops_the_progress_leaves_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    def work() -> None:
        with database.session(write=True) as session:
            given = activities.Batch("stopped", "a" * 64)
            activities.submit_rows(session, actor, given, [stream()], rows((0, 1, "1")), now=NOW, progress=stop)

    with pytest.raises(KeyboardInterrupt):
        work()
    with database.session(write=True) as session:
        assert count(session) == 0
        assert not submit(session, actor, rows((0, 1, "1")), sha256="a" * 64).already


# --- correcting one row --------------------------------------------------------------------------


def test_one_row_is_corrected_again_and_again(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.submit(session, actor, entry("1"), NOW)
        second = activities.correct(session, actor, first.id, entry("2", month=2), "wrong month", NOW)
        third = activities.correct(session, actor, second.id, entry("3", month=2, name="canteen"), "source", NOW)
        assert (second.replaces, third.replaces) == (first.id, second.id)
        assert amounts(session, actor) == ["3"]
        with pytest.raises(AlreadyCorrected, match="D1 was replaced by D2"):
            activities.correct(session, actor, first.id, entry("4"), "late", NOW)


def test_a_correction_needs_a_reason(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.submit(session, actor, entry("1"), NOW)
        with pytest.raises(ReasonMissing):
            activities.correct(session, actor, first.id, entry("2"), " ", NOW)


def test_a_correction_may_not_land_on_another_row(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.submit(session, actor, entry("1", month=1), NOW)
        activities.submit(session, actor, entry("2", month=2), NOW)
        with pytest.raises(DuplicatesDiffer):
            activities.correct(session, actor, first.id, entry("5", month=2), "wrong month", NOW)


def test_a_viewer_hands_in_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        viewer = bo(ling(session), rights.READER)
        for work in (
            lambda: activities.submit(session, viewer, entry(), NOW),
            lambda: activities.close_period(session, viewer, *YEAR, NOW),
            lambda: activities.put_site(session, viewer, site("new"), NOW),
        ):
            with pytest.raises(NotAllowed):
                work()
        assert amounts(session, viewer) == []


# --- closed periods ------------------------------------------------------------------------------


def test_a_closed_period_takes_nothing_until_it_is_reopened(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.submit(session, actor, entry("1"), NOW)
        period = activities.close_period(session, actor, date(2025, 1, 31), date(2025, 2, 1), NOW)
        with pytest.raises(PeriodClosed, match="2025-01-31 to 2025-02-01 is closed") as caught:
            submit(session, actor, rows((0, 1, "9"), (0, 2, "9"), (0, 3, "9")), reason="late")
        assert codes(caught.value) == [("row 1", "period-closed"), ("row 2", "period-closed")]
        with pytest.raises(PeriodClosed):
            activities.correct(session, actor, first.id, entry("2", month=3), "moved out of it", NOW)
        assert submit(session, actor, rows((0, 1, "1.0"), (0, 3, "3"))).loaded == 1  # equal rows change nothing
        with pytest.raises(ReasonMissing):
            activities.reopen_period(session, actor, period.id or 0, "", NOW)
        activities.reopen_period(session, actor, period.id or 0, "auditor asked", NOW)
        assert activities.closed_periods(session, actor) == []
        assert submit(session, actor, rows((0, 2, "9"))).loaded == 1


def test_a_period_is_closed_once_and_in_order(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        activities.close_period(session, actor, *YEAR, NOW)
        with pytest.raises(CodeTaken):
            activities.close_period(session, actor, *YEAR, NOW)
        with pytest.raises(InputInvalid):
            activities.close_period(session, actor, YEAR[1], YEAR[0], NOW)


# --- laws ----------------------------------------------------------------------------------------

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)


@given(one=decimals, other=decimals, zeros=st.integers(0, 3))
def test_decimals_are_written_alike_exactly_when_they_are_equal(one: Decimal, other: Decimal, zeros: int) -> None:
    texts = [format(one, "f") + "0" * zeros, format(other, "f")]
    frame = pl.DataFrame({"amount": texts}).select(amount=canonical("amount"))
    assert (frame["amount"][0] == frame["amount"][1]) == (one == other)


def test_time_is_given_never_looked_at(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1")))
        created = session.scalars(text("SELECT created FROM import_batch")).all()  # type: ignore[call-overload]
    assert [datetime.fromisoformat(str(value)).replace(tzinfo=None) for value in created] == [NOW.replace(tzinfo=None)]
