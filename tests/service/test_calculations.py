"""Inventories in the database: run, version, redo, and pay only for what has changed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import make
import pytest
from sqlmodel import Session, select

from factors.library import Library, load
from lca import ghg
from lca.errors import NothingToCount, UnknownMethod
from lca.ledger import Organisation
from service import db
from service.accounts import actions as accounts
from service.activities import actions as activities
from service.audit import actions as audit
from service.audit.models import AuditEntry
from service.calculations import actions, cache
from service.calculations.models import Inventory, PartCache
from service.catalogue import actions as catalogue
from service.errors import InputInvalid, NotAllowed, NotFound, ReasonMissing
from tests.lca.ledgers import ledger, stream

GHGP = actions.Order(2025, "inventory.ghgp")


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def run(database: db.Database, library: Library, order: actions.Order = GHGP, **given: object) -> Inventory:
    with database.session(write=True) as session:
        return actions.run(session, make.ling(session), order, library, make.NOW, **given)


def hand_in(database: db.Database, *rows: tuple[int, int, str], **batch: object) -> None:
    with database.session(write=True) as session:
        make.submit(session, make.ling(session), make.rows(*rows), **batch)


def test_a_frozen_inventory_keeps_everything(database: db.Database, library: Library) -> None:
    hand_in(database, (0, 1, "1000"), (0, 2, "500"))
    row = run(database, library)
    # Guangdong 2023, the latest before 2025: 1500 × 0.4419
    assert (row.id, row.version, row.total_kgco2e) == ("ling-2025-ghgp-v1", 1, "662.85")
    with database.session(write=False) as session:
        owner = make.ling(session, with_site=False)
        found = actions.snapshot(session, owner, row.id)
        assert actions.summary(found)["snapshot_sha256"] == row.snapshot_sha
        assert actions.redo(session, owner, row.id).same
        assert "1500 kWh × 0.4419 kg/kWh" in actions.trace(session, owner, row.id, "L001", "en")
        assert [one.id for one in actions.inventories(session, owner, year=2025)] == [row.id]
        assert session.exec(select(AuditEntry.verb)).all()[-1] == "inventory.run"
        assert audit.fsck(session) == []


def test_the_same_data_make_nothing_new_and_a_correction_makes_a_version(
    database: db.Database, library: Library
) -> None:
    hand_in(database, (0, 1, "1000"))
    first = run(database, library)
    assert run(database, library).id == first.id
    with database.session(write=True) as session:
        owner = make.ling(session)
        activities.correct(session, owner, 1, make.entry("900"), "meter misread", make.NOW)
    with pytest.raises(ReasonMissing):
        run(database, library)
    second = run(database, library, replace(GHGP, reason="meter misread in January"))
    assert (second.id, second.total_kgco2e) == ("ling-2025-ghgp-v2", "397.71")
    with database.session(write=False) as session:
        owner = make.ling(session, with_site=False)
        old = actions.show(session, owner, first.id)
        assert (old.superseded_by, old.total_kgco2e) == (second.id, "441.9")
        assert actions.snapshot(session, owner, second.id)["inventory"]["reason"] == "meter misread in January"
        assert actions.redo(session, owner, first.id).same


def test_one_changed_row_costs_its_site_and_month(
    database: db.Database, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(database, *((0, month, str(100 * month)) for month in range(1, 13)))
    run(database, library)
    with database.session(write=True) as session:
        activities.correct(session, make.ling(session), 3, make.entry("333", month=3), "misread", make.NOW)
    built: list[int] = []

    def counted(ledger: object) -> list[ghg.Part]:
        parts = original(ledger)  # type: ignore[arg-type]
        built.extend(part.rows for part in parts)
        return parts

    original = cache.build
    monkeypatch.setattr(cache, "build", counted)
    again = run(database, library, replace(GHGP, reason="misread"))
    assert built == [1]
    assert again.total_kgco2e == "3461.4027"  # (7800 − 300 + 333) × 0.4419
    with database.session(write=True) as session:
        for row in session.exec(select(PartCache)).all():
            session.delete(row)
    assert run(database, library).id == again.id  # computed anew from all rows: the same content
    assert sum(built) == 1 + 12


def test_evidence_attached_later_changes_its_part(database: db.Database, library: Library, tmp_path: Path) -> None:
    hand_in(database, (0, 1, "1000"), (0, 2, "1000"))
    first = run(database, library)
    with database.session(write=True) as session:
        owner = make.ling(session)
        kept = activities.add_evidence(session, owner, tmp_path, "bill.csv", io.BytesIO(b"bill"), now=make.NOW)
        activities.attach_evidence(session, owner, kept.sha256, [1], make.NOW)
    second = run(database, library, replace(GHGP, reason="the bill was found"))
    assert second.snapshot_sha != first.snapshot_sha
    with database.session(write=False) as session:
        found = actions.snapshot(session, make.ling(session, with_site=False), second.id)
        assert found["evidence"] == {kept.sha256: "bill.csv"}
        assert [line[5] for part in found["parts"] for line in part["lines"]] == [kept.sha256, ""]


def test_rows_that_appeared_behind_the_mark_are_found_by_their_number(database: db.Database, library: Library) -> None:
    hand_in(database, (0, 1, "1000"))
    run(database, library)
    hand_in(database, (0, 2, "1000"), name="second.csv")
    with database.session(write=True) as session:
        row = session.exec(select(PartCache)).one()
        row.mark = "99:99"  # as if the second file had been committed late
        session.add(row)
    assert run(database, library, replace(GHGP, reason="february")).total_kgco2e == "883.8"


def test_another_organisation_sees_and_runs_nothing_of_it(database: db.Database, library: Library) -> None:
    hand_in(database, (0, 1, "1000"))
    row = run(database, library)
    with database.session(write=True) as session:
        stranger = make.chen(session)
        assert actions.inventories(session, stranger) == []
        for verb in (actions.show, actions.snapshot, actions.lines, actions.redo):
            with pytest.raises(NotFound):
                verb(session, stranger, row.id)
        with pytest.raises(NotFound):
            actions.trace(session, stranger, row.id, "L001", "en")
        with pytest.raises(NothingToCount):
            actions.run(session, stranger, GHGP, library, make.NOW)


def test_a_reader_may_look_and_not_run(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        reader = make.bo(make.ling(session), "reader")
        assert actions.inventories(session, reader) == []
        with pytest.raises(NotAllowed):
            actions.run(session, reader, GHGP, library, make.NOW)


def test_an_unknown_method_names_those_that_there_are(database: db.Database, library: Library) -> None:
    with pytest.raises(UnknownMethod, match=r"inventory\.iso14064_2018"):
        run(database, library, actions.Order(2025, "inventory.nonsense"))


def test_a_group_consolidates_its_companies(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        owner = make.ling(session)
        make.submit(session, owner, make.rows((0, 1, "1000")))
        child = make.organisation("works-ltd", name_zh="灵铝一厂", name_en="Works Ltd")
        make.submit(session, company(session, child), make.rows((0, 1, "500")), name="child.csv")
    found = run(database, library, replace(GHGP, consolidated=True))
    assert found.total_kgco2e == "662.85"  # 1500 × 0.4419
    with database.session(write=False) as session:
        snapshot = actions.snapshot(session, make.ling(session, with_site=False), found.id)
        assert [site["code"] for site in snapshot["sites"]] == ["ling/works", "works-ltd/works"]


def company(session: Session, child: Organisation) -> accounts.Actor:
    accounts.create(session, accounts.HOUSE, child, make.NOW, parent="ling")
    actor = accounts.operator(session, child.code)
    activities.put_site(session, actor, make.site(), make.NOW)
    return actor


def test_the_base_year_is_recalculated_for_structure_and_never_for_growth(
    database: db.Database, library: Library
) -> None:
    hand_in(database, (0, 1, "1000"))
    with database.session(write=True) as session:
        owner = make.ling(session)
        accounts.change(session, owner, make.organisation(base_year="2025"), "base year chosen", make.NOW)
    base = run(database, library)
    method = ghg.load("inventory.ghgp")
    with database.session(write=True) as session:
        owner = make.ling(session)
        actions.note_change(session, owner, 2025, "growth", "300", "a second shift", make.NOW)
        actions.note_change(session, owner, 2025, "structure", "12", "a small shop bought", make.NOW)
        outcome = actions.judge_base_year(session, owner, 2025, method)
        assert (outcome.recalculate, round(outcome.percent, 4)) == (False, round(100 * 12 / 441.9, 4))
        actions.note_change(session, owner, 2025, "structure", "-12", "a small shop sold", make.NOW)
        outcome = actions.judge_base_year(session, owner, 2025, method)
        assert outcome.recalculate  # |12| + |−12| = 24 of 441.9, 5.4 %: both change the structure
        with pytest.raises(InputInvalid, match="none of"):
            actions.note_change(session, owner, 2025, "weather", "much", "?", make.NOW)
        with pytest.raises(ReasonMissing):
            actions.note_change(session, owner, 2025, "error", "1", " ", make.NOW)
        make.submit(session, owner, make.rows((0, 2, "100")), name="shop.csv")
    again = run(database, library, replace(GHGP, reason="base year recalculated: shops", recalculates_base_year=True))
    assert again.version == base.version + 1
    with database.session(write=False) as session:
        owner = make.ling(session, with_site=False)
        assert actions.open_changes(session, owner, 2025, GHGP.method) == []
        assert len(actions.open_changes(session, owner, 2025, "inventory.iso14064_2018")) == 3  # not recalculated
        said = actions.snapshot(session, owner, again.id)["base_year"]
        assert (said["year"], said["inventory"], said["threshold_percent"]) == ("2025", base.id, "5")
        with pytest.raises(NotFound):
            actions.judge_base_year(session, owner, 2020, method)


def test_an_own_factor_stands_in_the_snapshot_with_its_overlay(database: db.Database, library: Library) -> None:
    hand_in(database, (0, 1, "1000"))
    run(database, library)
    with database.session(write=True) as session:
        owner = make.ling(session)
        new = catalogue.NewFactor("electricity", make.factor())
        catalogue.put_own_factor(session, owner, new, library, make.NOW)
    found = run(database, library, replace(GHGP, reason="supplied by the neighbour"))
    assert (found.total_location_kgco2e, found.total_market_kgco2e) == ("441.9", "123.4")
    with database.session(write=False) as session:
        snapshot = actions.snapshot(session, make.ling(session, with_site=False), found.id)
        assert len(snapshot["overlay"]["sha256"]) == 64
        assert snapshot["factors"]["ling-power-2025"]["value"] == "0.1234"


def test_a_file_needs_no_database(library: Library) -> None:
    found = actions.of_file(ledger((stream(), "2023-01", "1000")), "inventory.ghgp", library, make.NOW, "1")
    said = actions.summary(found.snapshot)
    assert {"method", "library_version", "gwp_set", "bridge", "lines", "warnings", "uncertainty_percent"} <= set(said)
    assert said["lines"][0]["factor_id"] == "cn-elec-2023-cn-hb"
    assert (said["lines"][0]["value"], said["lines"][0]["unit"]) == ("0.4044", "kg CO2/kWh")
    assert (said["lines"][0]["amount"], said["lines"][0]["amount_unit"]) == ("1000", "kWh")
    assert date.fromisoformat(said["period"]["start"]) == date(2023, 1, 1)
