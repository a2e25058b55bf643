"""Things to test with: plain functions with defaults for what a test does not care about.

Ling owns a works, Bo works with her, Chen belongs to another company and must see nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import text
from sqlmodel import Session, select

from factors.records import Factor
from lca import ledger
from lca.dataset import Exchange, Flow, LciDatabase, UnitProcess
from service import db
from service.accounts import actions as accounts
from service.accounts import people, rights
from service.accounts.actions import Actor
from service.accounts.models import Person
from service.activities import actions as activities

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def organisation(code: str = "ling", **given: str) -> ledger.Organisation:
    """An organisation."""
    return ledger.Organisation(**{"code": code, "name_zh": "灵铝再生", "name_en": "Ling Recycling", **given})


def site(code: str = "works", **given: str) -> ledger.Site:
    """A site in Guangdong."""
    return ledger.Site(**{"code": code, "name_zh": "一厂", "name_en": "Works", "region": "CN-GD", **given})


def stream(**given: Any) -> ledger.Stream:
    """Electricity bought by the works."""
    return ledger.Stream(**{"site": "works", "activity": "electricity", "unit": "kWh", **given})


def rows(*given: tuple[Any, ...], **columns: Any) -> pl.DataFrame:
    """Rows of (stream index, month of 2025, amount), each a whole month."""
    months = [(index, date(2025, month, 1), _last(month), amount) for index, month, amount in given]
    schema = {"stream": pl.UInt32, "start": pl.Date, "end": pl.Date, "amount": pl.String}
    frame = pl.DataFrame(months, schema=schema, orient="row").with_columns(evidence=pl.lit(""))
    return frame.with_columns(**columns)


def _last(month: int) -> date:
    return date(2025, month, monthrange(2025, month)[1])


def entry(amount: str = "1.2", month: int = 1, **given: Any) -> activities.NewDatum:
    """One activity datum of a month of 2025."""
    return activities.NewDatum(stream(**given), date(2025, month, 1), _last(month), amount)


def ling(session: Session, *, with_site: bool = True) -> Actor:
    """Ling, owner of her organisation, which is made if need be."""
    return _owner(session, organisation(), "Ling", with_site=with_site)


def chen(session: Session) -> Actor:
    """Chen, owner of another organisation."""
    return _owner(session, organisation("chen", name_zh="陈氏水泥", name_en="Chen Cement"), "Chen", with_site=True)


def known(session: Session, actor: Actor) -> Actor:
    """An actor with an account that holds his roles: work that is done later asks for them again."""
    who = replace(actor, name=f"{actor.name.lower()}@works.example")
    if session.exec(select(Person).where(Person.email == who.name)).first() is None:
        people.create(session, accounts.HOUSE, who.name, actor.name, "", NOW)
        for role in actor.roles:
            people.put_member(
                session, replace(accounts.HOUSE, organisation_id=actor.organisation_id), who.name, role, NOW
            )
    return who


def bo(ling_: Actor, *roles: str) -> Actor:
    """Bo, who works with Ling, an editor unless told otherwise."""
    return replace(ling_, name="Bo", roles=frozenset(roles or (rights.EDITOR,)))


def _owner(session: Session, data: ledger.Organisation, name: str, *, with_site: bool) -> Actor:
    held = {row.code: row for row in accounts.organisations(session, accounts.HOUSE)}
    row = held.get(data.code) or accounts.create(session, accounts.HOUSE, data, NOW)
    actor = Actor(row.id, name, frozenset({rights.OWNER}))
    if with_site:
        activities.put_site(session, actor, site(), NOW)
    return actor


@contextmanager
def tampering(database: db.Database) -> Iterator[Session]:
    """What somebody can do who owns the database: no trigger and no foreign key stands in the way."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    with database.session(write=True) as session:
        if database.is_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
    database.dispose()  # the next connection has its foreign keys again


def submit(
    session: Session,
    actor: Actor,
    frame: pl.DataFrame,
    streams: Sequence[ledger.Stream] = (),
    *,
    name: str = "2025.csv",
    **batch: Any,
) -> activities.Receipt:
    """Hand in rows of electricity, or of other streams."""
    given = activities.Batch(name, **batch)
    return activities.submit_rows(session, actor, given, streams or [stream()], frame, now=NOW)


def factor(**given: Any) -> Factor:
    """An own factor: power from a neighbour's waste-heat turbine."""
    values: dict[str, Any] = {
        "id": "ling-power-2025",
        "name_en": "Power from the neighbour's turbine",
        "name_zh": "邻厂余热发电",
        "category": "electricity",
        "scope_hint": "2",
        "value": "0.1234",
        "unit": "kg CO2/kWh",
        "gas": "CO2",
        "year": 2025,
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2025, 12, 31),
        "region": "CN-GD",
        "source": "Supply contract 2025-017, annex 2",
        "page": "3",
        "licence": "own data",
        "confidence": "high",
    }
    return Factor(**{**values, **given})


def lci(name: str = "bike", **more: Any) -> LciDatabase:
    """The bicycle of Brightway's introduction: 2.5 kg of carbon fibre, 237 MJ of gas and 26.6 kg CO2 for each kg."""
    flows = [
        Flow("p.bike", "Bike", "product", "Item(s)"),
        Flow("p.cf", "Carbon fibre", "product", "kg"),
        Flow("p.ng", "Natural gas", "product", "MJ"),
        Flow("e.co2", "Carbon dioxide, fossil", "elementary", "kg", category="air/unspecified"),
    ]
    processes = (
        UnitProcess(
            "bike",
            "Bike assembly",
            (
                Exchange("1", "p.bike", 1.0, "Item(s)", is_input=False),
                Exchange("2", "p.cf", 2.5, "kg", is_input=True),
            ),
            "1",
        ),
        UnitProcess(
            "cf",
            "Carbon fibre production",
            (
                Exchange("1", "p.cf", 1.0, "kg", is_input=False),
                Exchange("2", "p.ng", 237.0, "MJ", is_input=True),
                Exchange("3", "e.co2", 26.6, "kg", is_input=False),
            ),
            "1",
        ),
        UnitProcess("ng", "Gas supply", (Exchange("1", "p.ng", 1.0, "MJ", is_input=False),), "1"),
    )
    given: dict[str, Any] = {"licence": "CC0 1.0", "source": "Brightway introduction", **more}
    return LciDatabase(name, {flow.id: flow for flow in flows}, given.pop("processes", processes), **given)


def product(identifier: str = "part", **more: Any) -> dict[str, Any]:
    """A part of one kilogram of bought material, as its maker hands it in."""
    return {
        "id": identifier,
        "zh": "铝件",
        "region": "CN-GD",
        "start": "2025-01-01",
        "end": "2025-12-31",
        "unit": {"kind": "declared", "amount": "1", "unit": "kg", "zh": "1 kg", "mass_kg": "1"},
        "suppliers": [
            {"id": "metal", "zh": "铝锭", "unit": "kg", "kgco2e": "8.5", "method": "pact.3.0", "gwp_set": "AR6"}
        ],
        "parts": [{"id": "casting", "zh": "铸件", "mass_kg": "1", "utilisation": "0.8", "from": {"supplier": "metal"}}],
        **more,
    }
