"""Databases that were compiled before: whoever comes second factorises nothing, and gets the same digits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import make
import pytest
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import select

from factors.library import load
from lca import background, inventories, square_system
from lca.lci_score import score, shares_behind_gaps
from service import db
from service.accounts import actions as accounts
from service.catalogue import inventories as stored
from service.catalogue.models import LciContent, UnitImpact
from service.errors import PartDamaged

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AR6 = load().gwp_sets["AR6"]


@pytest.fixture
def bike(database: db.Database) -> db.Database:
    with database.session(write=True) as session:
        actor = accounts.HOUSE
        stored.put(session, actor, make.lci(), stored.File("bike.zip", "0" * 64), NOW)
        stored.background(session, actor, "bike")
    return database


@pytest.fixture
def another_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what forgets all that this process holds, and lets nothing be factorised from then on."""

    def refuse(*_: object) -> None:
        raise AssertionError("factorised")

    def begin() -> None:
        stored._remembered.cache_clear()
        inventories.background.cache_clear()
        for module in (background, square_system):
            monkeypatch.setattr(module, "splu", refuse)

    return begin


def test_a_second_process_reads_unit_impacts(bike: db.Database, another_process: Callable[[], None]) -> None:
    another_process()
    with bike.session(write=True) as session:
        actor = accounts.HOUSE
        found = stored.background(session, actor, "bike")
        assert len(session.exec(select(UnitImpact)).all()) == len(found.gases) == 1
        assert score(found, found.find("Bike assembly"), AR6).kgco2e == 66.5  # 2.5 kg x 26.6 kg CO2/kg


def test_what_is_stored_is_looked_at_every_time(bike: db.Database) -> None:
    """A database that is remembered is still refused where its stored bytes are no longer those imported."""
    with bike.session(write=True) as session:
        actor = accounts.HOUSE
        stored.background(session, actor, "bike")
        row = session.exec(select(LciContent)).one()
        set_committed_value(row, "content", row.content[:-1])  # the table itself is append-only
        with pytest.raises(PartDamaged):
            stored.background(session, actor, "bike")


def test_a_shipped_database_is_factorised_once_for_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, another_process: Callable[[], None]
) -> None:
    monkeypatch.setenv("TANJI_CACHE", str(tmp_path / "cache"))
    inventories.background.cache_clear()
    first = inventories.background("tanji_cn").unit_impacts
    another_process()
    again = inventories.background("tanji_cn")
    assert (again.unit_impacts == first).all()
    assert list(shares_behind_gaps(again, 0)) == []
