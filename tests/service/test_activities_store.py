"""Keeping activity data: nothing twice, nothing lost, nothing of another organisation."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import NOW, YEAR, bo, chen, entry, ling, organisation, rows, site, stream, submit
from sqlalchemy import func, text
from sqlmodel import Session, select

from lca import ledger as lca
from service import bulk, db
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.activities import actions as activities
from service.activities.models import ActivityDatum, Instrument, Site
from service.activities.store.duplicates import canonical
from service.activities.store.numbers import number_range
from service.audit.models import AuditEntry
from service.errors import (
    AlreadyCorrected,
    AlreadyExists,
    CodeTaken,
    DuplicatesDiffer,
    EvidenceDamaged,
    EvidenceTooLarge,
    InputInvalid,
    InstrumentClaimed,
    NotAllowed,
    NotFound,
    NumbersInvalid,
    PeriodClosed,
    ReasonMissing,
    RowsCrossPeriod,
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
        (row["id"], found.streams[row["stream"]].activity, row["start"], row["end"], row["amount"], row["value"])
        for row in found.rows.iter_rows(named=True)
    ]
    assert shown == [
        ("D1", "natural_gas", date(2025, 1, 1), date(2025, 1, 31), "1200.50", 1200.5),
        ("D2", "electricity", date(2025, 1, 1), date(2025, 1, 31), "0.10", 0.1),
        ("D3", "natural_gas", date(2025, 2, 1), date(2025, 2, 28), "-3", -3.0),
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
        viewer = bo(ling(session), accounts.VIEWER)
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


# --- evidence ------------------------------------------------------------------------------------


def keep(session: Session, actor: Actor, folder: Path, content: bytes = b"bill", name: str = "bill.pdf") -> str:
    return activities.add_evidence(session, actor, folder, name, io.BytesIO(content), now=NOW).sha256


# printf bill | sha256sum
BILL = "623210167553939c87ed8c5f2bfe0b3e0684e12c3a3dd2513613c4e67263b5a1"


def test_evidence_is_known_by_its_digest_and_comes_back(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        sha256 = keep(session, actor, tmp_path / "e")
        assert sha256 == BILL
        assert keep(session, actor, tmp_path / "e", name="copy.pdf") == sha256
        row, content = activities.open_evidence(session, actor, tmp_path / "e", sha256)
        assert (row.name, row.size, content) == ("bill.pdf", 4, b"bill")
        assert [path.name for path in (tmp_path / "e").rglob("*") if path.is_file()] == [sha256]


def test_evidence_handed_in_with_rows_stands_in_the_ledger(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        sha256 = keep(session, actor, tmp_path)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2"), evidence=pl.Series([sha256, ""])))
        found = activities.ledger(session, actor, *YEAR)
        assert found.rows["evidence"].to_list() == [sha256, ""]
        assert found.evidence == {sha256: "bill.pdf"}


def test_evidence_is_attached_later_and_the_newest_counts(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2")))
        old, new = keep(session, actor, tmp_path), keep(session, actor, tmp_path, b"better", "better.pdf")
        assert activities.attach_evidence(session, actor, old, [1, 2], NOW) == 2
        assert activities.attach_evidence(session, actor, old, [1, 2], NOW) == 0
        assert activities.attach_evidence(session, actor, new, [2], NOW) == 1
        found = activities.ledger(session, actor, *YEAR)
        assert found.rows["evidence"].to_list() == [old, new]
        assert activities.show(session, actor, 2).evidence == new


def test_the_same_rows_again_with_evidence_get_it(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2")), sha256="a" * 64)
        sha256 = keep(session, actor, tmp_path)
        receipt = submit(session, actor, rows((0, 1, "1"), (0, 2, "2"), evidence=pl.Series([sha256, ""])))
        assert (receipt.loaded, receipt.skipped) == (0, 2)
        assert activities.ledger(session, actor, *YEAR).rows["evidence"].to_list() == [sha256, ""]


def test_evidence_that_nobody_handed_in_is_named(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(InputInvalid, match="f" * 64):
            submit(session, actor, rows((0, 1, "1"), evidence=pl.lit("f" * 64)))


def test_a_file_that_is_too_large_is_not_kept(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(EvidenceTooLarge, match=r"'scan.tif' is larger than 1 MB"):
            activities.add_evidence(
                session, actor, tmp_path, "scan.tif", io.BytesIO(b"x" * 1024 * 1025), now=NOW, limit_mb=1
            )
    assert [path for path in tmp_path.iterdir() if "sqlite" not in path.name] == []


def test_a_changed_or_lost_file_is_found(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        one, two = keep(session, actor, tmp_path / "e"), keep(session, actor, tmp_path / "e", b"other")
        assert list(activities.check_evidence(session, tmp_path / "e")) == []
        (tmp_path / "e" / one[:2] / one).write_bytes(b"forged")
        (tmp_path / "e" / two[:2] / two).unlink()
        with pytest.raises(EvidenceDamaged):
            activities.open_evidence(session, actor, tmp_path / "e", one)
        found = {item.where for item in activities.check_evidence(session, tmp_path / "e")}
        assert found == {f"evidence {one}", f"evidence {two}"}


# --- instruments, products, exclusions, sites ----------------------------------------------------


def certificate(number_from: str = "GEC-0101", number_to: str = "GEC-0200", **given: object) -> lca.Instrument:
    values: dict[str, object] = {
        "kind": "gec",
        "number_from": number_from,
        "number_to": number_to,
        "amount_kwh": "100000",
        "generated_from": YEAR[0],
        "generated_to": YEAR[1],
        "technology": "wind",
        "region": "CN-GD",
        "valid_until": None,
        "beneficiary": "Ling Recycling",
        "retired_on": None,
    }
    return lca.Instrument(**{**values, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last"), [("GEC-0200", "GEC-0200"), ("GEC-0001", "GEC-0101"), ("GEC-0150", ""), ("GEC-0001", "GEC-9999")]
)
def test_certificates_are_claimed_once(first: str, last: str, database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        activities.put_instrument(session, actor, certificate(), NOW)
        with pytest.raises(InstrumentClaimed, match="overlap GEC-0101 to GEC-0200, held already"):
            activities.put_instrument(session, actor, certificate(first, last), NOW, reason="not even with one")


@pytest.mark.parametrize(
    ("first", "last"), [("GEC-0201", "GEC-0300"), ("GEC-0001", "GEC-0100"), ("CN-0150", "CN-0150")]
)
def test_other_certificates_join_the_pool(first: str, last: str, database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        activities.put_instrument(session, actor, certificate(), NOW)
        activities.put_instrument(session, actor, certificate(first, last, site="works"), NOW)
        found = activities.ledger(session, actor, *YEAR).instruments
        assert found == (certificate(), certificate(first, last, site="works"))


@pytest.mark.parametrize(
    ("first", "last"), [("", ""), ("ABC", "ABD"), ("A-2", "A-1"), ("A-1", "B-2"), ("A9", "A11"), ("A-1x", "A-2x")]
)
def test_numbers_that_are_no_range_are_refused(first: str, last: str, database: db.Database) -> None:
    with database.session(write=True) as session, pytest.raises(NumbersInvalid):
        activities.put_instrument(session, ling(session), certificate(first, last), NOW)


def test_a_range_counts_its_certificates() -> None:
    """GEC-0101 to GEC-0200 are one hundred; a single number is one."""
    assert number_range("GEC-0101", "GEC-0200").count == 100
    assert number_range("GEC-0101", "").count == 1


def test_the_same_instrument_again_changes_nothing_and_another_text_needs_a_reason(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = activities.put_instrument(session, actor, certificate(), NOW)
        assert activities.put_instrument(session, actor, certificate(), NOW) is first
        retired = certificate(retired_on=date(2026, 1, 15))
        with pytest.raises(AlreadyExists):
            activities.put_instrument(session, actor, retired, NOW)
        activities.put_instrument(session, actor, retired, NOW, reason="retired")
        assert activities.ledger(session, actor, *YEAR).instruments == (retired,)
        assert count(session, Instrument) == 2


def test_something_withdrawn_stays_in_the_table(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        row = activities.put_instrument(session, actor, certificate(), NOW)
        with pytest.raises(ReasonMissing):
            activities.withdraw(session, actor, "instrument", row.id or 0, "", NOW)
        activities.withdraw(session, actor, "instrument", row.id or 0, "sold on", NOW)
        assert activities.instruments(session, actor) == []
        assert count(session, Instrument) == 1
        with pytest.raises(NotFound):
            activities.withdraw(session, actor, "instrument", row.id or 0, "again", NOW)
        activities.put_instrument(session, actor, certificate(), NOW)  # free again


def ingot(amount: str = "100", **given: object) -> lca.Product:
    values: dict[str, object] = {"site": "works", "name_zh": "铝锭", "name_en": "ingot", "amount": amount, "unit": "t"}
    return lca.Product(**{**values, "start": YEAR[0], "end": YEAR[1], **given})  # type: ignore[arg-type]


def test_products_are_replaced_with_a_reason(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        activities.put_product(session, actor, ingot(), NOW)
        with pytest.raises(AlreadyExists):
            activities.put_product(session, actor, ingot("110"), NOW)
        activities.put_product(session, actor, ingot("110"), NOW, reason="stocktaking")
        assert activities.ledger(session, actor, *YEAR).products == (ingot("110"),)
        with pytest.raises(InputInvalid, match="there is no site 'mine'"):
            activities.put_product(session, actor, ingot(site="mine"), NOW)


def test_products_of_a_closed_period_stay_as_they_are(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        row = activities.put_product(session, actor, ingot(), NOW)
        activities.close_period(session, actor, *YEAR, NOW)
        with pytest.raises(PeriodClosed):
            activities.put_product(session, actor, ingot("110"), NOW, reason="late")
        with pytest.raises(PeriodClosed):
            activities.withdraw(session, actor, "product", row.id or 0, "late", NOW)
        assert activities.put_product(session, actor, ingot(), NOW) is row


def test_exclusions_belong_to_a_period(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        exclusion = lca.Exclusion("commuting", "below 0.1 % of the total", "1200")
        activities.put_exclusion(session, actor, exclusion, *YEAR, NOW)
        assert activities.ledger(session, actor, *YEAR).exclusions == (exclusion,)
        next_year = (date(2026, 1, 1), date(2026, 12, 31))
        assert activities.ledger(session, actor, *next_year).exclusions == ()


def test_a_site_changes_with_a_reason(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        with pytest.raises(AlreadyExists):
            activities.put_site(session, actor, site(share_percent="60"), NOW)
        activities.put_site(session, actor, site(share_percent="60"), NOW, reason="40 % sold")
        assert activities.ledger(session, actor, *YEAR).sites == (site(share_percent="60"),)
        assert count(session, Site) == 1


# --- the ledger ----------------------------------------------------------------------------------


def test_only_the_rows_of_the_period_are_read(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        frame = rows((0, 1, "1"), (0, 12, "12"))
        submit(session, actor, frame)
        later = frame.with_columns(pl.col("start", "end").dt.offset_by("1y"), amount=pl.lit("2026"))
        submit(session, actor, later)
        assert amounts(session, actor) == ["1", "12"]
        january = activities.ledger(session, actor, date(2025, 1, 1), date(2025, 1, 31))
        assert january.rows["amount"].to_list() == ["1"]


def test_a_row_across_the_edge_of_the_period_is_a_question(database: db.Database) -> None:
    frame = rows((0, 1, "1")).with_columns(start=pl.lit(date(2024, 12, 16)), end=pl.lit(date(2025, 1, 15)))
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, frame)
        with pytest.raises(RowsCrossPeriod, match="1 rows cross the edge of the period 2025-01-01 to") as caught:
            activities.ledger(session, actor, *YEAR)
        assert [(item.where, str(item.text)) for item in caught.value.wrong] == [("D1", "2024-12-16 to 2025-01-15")]


def test_a_row_of_a_whole_leap_year_is_found(database: db.Database) -> None:
    frame = rows((0, 1, "366")).with_columns(start=pl.lit(date(2024, 1, 1)), end=pl.lit(date(2024, 12, 31)))
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, frame)
        found = activities.ledger(session, actor, date(2024, 1, 1), date(2024, 12, 31))
        assert found.rows["amount"].to_list() == ["366"]


def test_an_organisation_without_data_has_an_empty_ledger(database: db.Database) -> None:
    with database.session(write=True) as session:
        found = activities.ledger(session, ling(session), *YEAR)
    assert found.rows.is_empty()
    assert found.rows.schema == lca.ROW_SCHEMA
    assert found.streams == ()


# --- tenants -------------------------------------------------------------------------------------


def test_another_organisation_sees_and_changes_nothing(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        own, other = ling(session), chen(session)
        submit(session, own, rows((0, 1, "1")))
        sha256 = keep(session, own, tmp_path)
        row = activities.put_instrument(session, own, certificate(), NOW)
        period = activities.close_period(session, own, *YEAR, NOW)
        assert activities.data(session, other) == []
        assert activities.ledger(session, other, *YEAR).rows.is_empty()
        assert activities.instruments(session, other) == []
        assert activities.closed_periods(session, other) == []
        for work in (
            lambda: activities.show(session, other, 1),
            lambda: activities.correct(session, other, 1, entry("2"), "mine now", NOW),
            lambda: activities.open_evidence(session, other, tmp_path, sha256),
            lambda: activities.attach_evidence(session, other, sha256, [1], NOW),
            lambda: activities.withdraw(session, other, "instrument", row.id or 0, "mine now", NOW),
            lambda: activities.reopen_period(session, other, period.id or 0, "mine now", NOW),
        ):
            with pytest.raises(NotFound):
                work()
        mine = keep(session, other, tmp_path, b"other", "other.pdf")
        with pytest.raises(InputInvalid):
            activities.attach_evidence(session, other, mine, [1], NOW)
        assert submit(session, other, rows((0, 1, "5"))).loaded == 1  # Ling's closed period is not Chen's


# --- a whole file --------------------------------------------------------------------------------


def whole(**given: object) -> lca.Ledger:
    values: dict[str, object] = {
        "organisation": organisation(),
        "start": YEAR[0],
        "end": YEAR[1],
        "sites": (site(), site("store", name_zh="仓库")),
        "streams": (stream(), stream(site="store")),
        "rows": rows((0, 1, "1"), (1, 1, "2")),
        "instruments": (certificate(),),
        "products": (ingot(),),
        "exclusions": (lca.Exclusion("commuting", "below 0.1 %"),),
    }
    return lca.Ledger(**{**values, **given})  # type: ignore[arg-type]


def test_a_whole_file_is_stored_in_one_go_and_only_once(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session, with_site=False)
        batch = activities.Batch("2025.xlsx", "a" * 64)
        first = activities.submit_ledger(session, actor, batch, whole(), now=NOW)
        entries = count(session, AuditEntry)
        again = activities.submit_ledger(session, actor, batch, whole(), now=NOW)
        assert (first.loaded, again.already, count(session, AuditEntry)) == (2, True, entries)
        found = activities.ledger(session, actor, *YEAR)
    expected = whole()
    assert {one.code: one for one in found.sites} == {one.code: one for one in expected.sites}
    assert (found.streams, found.instruments, found.products) == (
        expected.streams,
        expected.instruments,
        expected.products,
    )
    assert found.exclusions == expected.exclusions


def test_a_file_fills_in_the_organisation_with_a_reason_and_empties_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        accounts.change(session, actor, organisation(contact="Bo"), "new contact", NOW)
        said = organisation(address="佛山")
        with pytest.raises(AlreadyExists):
            activities.submit_ledger(session, actor, activities.Batch("a"), whole(organisation=said), now=NOW)
        batch = activities.Batch("a", reason="moved")
        activities.submit_ledger(session, actor, batch, whole(organisation=said), now=NOW)
        held = accounts.value_of(accounts.show(session, actor))
        assert (held.address, held.contact) == ("佛山", "Bo")


# --- the log and the rows ------------------------------------------------------------------------


def _untie(database: db.Database, session: Session, table: str) -> None:
    if database.is_sqlite:
        session.execute(text(f"DROP TRIGGER {table}_no_update"))
        session.execute(text(f"DROP TRIGGER {table}_no_delete"))
    else:
        session.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))


@pytest.mark.parametrize(
    ("table", "statement", "codes_"),
    [
        ("activity_datum", "UPDATE activity_datum SET amount = '9' WHERE id = 2", ["batch-differs"]),
        ("activity_datum", "DELETE FROM activity_datum WHERE id = 2", ["batch-differs"]),
        ("stream", "UPDATE stream SET fingerprint = 'x'", ["batch-differs"]),
        ("import_batch", "UPDATE import_batch SET reason = 'none of yours'", ["batch-record-differs"]),
        ("import_batch", "UPDATE import_batch SET digest = 'x'", ["batch-differs", "batch-record-differs"]),
    ],
)
def test_rows_changed_behind_the_service_are_found(
    table: str, statement: str, codes_: list[str], database: db.Database
) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        submit(session, actor, rows((0, 1, "1"), (0, 2, "2")))
        assert list(activities.check_batches(session)) == []
        _untie(database, session, table)
        session.execute(text(statement))
    with database.session(write=False) as session:
        assert [item.code for item in activities.check_batches(session)] == codes_


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
