"""What stands beside the rows, the ledger that is read from all of it, and that tenants stay apart."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from make import NOW, YEAR, chen, entry, ling, organisation, rows, site, stream, submit
from sqlalchemy import func
from sqlmodel import Session, select

from lca import ledger as lca
from lca.errors import NumbersInvalid
from lca.number_ranges import number_range
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.activities import actions as activities
from service.activities.models import ActivityDatum, Instrument, Site
from service.audit.models import AuditEntry
from service.errors import (
    AlreadyExists,
    EvidenceDamaged,
    EvidenceTooLarge,
    InputInvalid,
    InstrumentClaimed,
    NotFound,
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
