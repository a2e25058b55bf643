"""The sector database: who may do and see what, what is refused, and what a release says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from flask.testing import FlaskClient
from lxml import html as lxml_html
from make import NOW
from sqlmodel import Session, select

from factors.match import Query, match
from lca.errors import ContributionUnlike, ReleaseRefused
from service import db, fsck
from service.accounts import actions as accounts
from service.accounts import people
from service.accounts.actions import Actor
from service.accounts.rights import EDITOR, OWNER, READER
from service.calculations import footprint_runs
from service.catalogue import actions as catalogue
from service.errors import CodeTaken, InputInvalid, NotAllowed, NotFound, ReasonMissing
from service.products import actions as products
from service.sector import actions
from service.sector.actions import (
    CollectionClosed,
    ContributedAlready,
    ContributionWithdrawn,
    FootprintReplaced,
    NewCollection,
    NotACurator,
    Offer,
    ReleaseUnchanged,
)
from service.sector.models import SectorContribution, SectorRelease
from tests.service.conftest import Run

ACTIVITY = "purchased_steel_plate"

TERMS: dict[str, Any] = {
    "code": "castings-2025", "category": "casting", "name_zh": "铝铸件", "name_en": "Aluminium castings", "unit": "kg",
    "method": "pact.3.0", "boundary": "cradle_to_gate", "year": 2025, "region": "CN", "closes": date(2099, 12, 31),
    "licence": "CC BY 4.0",
}  # fmt: skip

# Production in kg and metal per kilogram; of a kilogram of metal 0.8 is in the casting, so that 8 makes 10.
MAKERS = {"a": ("100", "8"), "b": ("200", "10"), "c": ("100", "12"), "d": ("100", "9"), "e": ("100", "11")}


def owner(session: Session, code: str, parent: str = "") -> Actor:
    """The owner of an organisation, which is made if need be."""
    held = {row.code: row for row in accounts.organisations(session, accounts.HOUSE)}
    row = held.get(code)
    if row is None:
        made = make.organisation(code, name_zh=f"{code}厂", name_en=f"Works {code}")
        row = accounts.create(session, accounts.HOUSE, made, NOW, parent=parent)
    return Actor(row.id, code, frozenset({OWNER}))


def guild(session: Session, code: str = "guild") -> Actor:
    """The curator."""
    actor = owner(session, code)
    people.give_capacity(session, accounts.operator(session, code), "curator", NOW)
    return actor


def footprint(session: Session, actor: Actor, metal: str = "8", **model: Any) -> str:
    """A frozen footprint of a casting."""
    data = make.product(**model)
    data["suppliers"][0]["kgco2e"] = metal
    products.put_model(session, actor, data, "part.json", NOW, reason="restated")
    study = footprint_runs.Study("part", "pact.3.0", "restated")
    return footprint_runs.run(session, actor, study, catalogue.library(), NOW).id


def opened(session: Session, curator: str = "guild", **terms: Any) -> int:
    new = NewCollection(**{**TERMS, **terms})
    return actions.open_collection(session, guild(session, curator), new, catalogue.library(), NOW).id or 0


def handed_in(session: Session, number: int, maker: str, amount: str = "", metal: str = "", parent: str = "") -> int:
    """A maker's contribution."""
    made, per_kg = MAKERS.get(maker, ("100", "8"))
    actor = owner(session, maker, parent)
    offer = Offer(footprint(session, actor, metal or per_kg), amount or made, "statistical return 2025")
    return actions.contribute(session, actor, number, offer, NOW).id or 0


def admitted(session: Session, number: int, *makers: str, curator: str = "guild", **given: str) -> list[int]:
    """Contributions of makers, all of them admitted."""
    found = [handed_in(session, number, maker, **given) for maker in makers]
    for one in found:
        actions.decide(session, guild(session, curator), one, "", NOW, is_admitted=True)
    return found


def fill(session: Session) -> None:
    """Put at least one row into every table."""
    number = opened(session)
    admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)


@pytest.fixture
def session(database: db.Database) -> Iterator[Session]:
    with database.session(write=True) as opened_session:
        yield opened_session


def out(session: Session, number: int, version: int = 1) -> dict[str, Any]:
    """What is published."""
    found: dict[str, Any] = actions.dataset(session, owner(session, "stranger"), number, version)["dataset"]
    return found


def refused(session: Session, number: int, curator: str = "guild") -> set[str]:
    with pytest.raises(ReleaseRefused) as caught:
        actions.release(session, guild(session, curator), number, NOW)
    return {one.code for one in caught.value.flaws}


# --- what a release says -------------------------------------------------------------------------


def test_a_release_by_hand(session: Session) -> None:
    """100 kg at 10, 200 at 12.5, 100 at 15: (1000 + 2500 + 1500) / 400 = 12.5 kg CO2e per kg."""
    number = opened(session)
    admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    found = out(session, number)
    assert found["averages"]["total_kgco2e"] == "12.5"
    assert found["averages"]["parts"] == {"fossil": "12.5"}
    assert sum(map(float, found["averages"]["by_stage"].values())) == pytest.approx(12.5)
    assert (found["companies"], found["version"], found["changes"]) == (3, 1, {})
    assert found["collection"]["method"] == "pact.3.0"
    assert (found["collection"]["gwp_set"], found["collection"]["year"]) == ("AR6", 2025)
    text = json.dumps(found)
    assert not any(secret in text for secret in ("Works a", "a厂", "400", "ling", "铝锭"))
    cited = actions.dataset(session, owner(session, "stranger"), number, 1)["citation"]
    assert cited["en"] == "Works guild: Aluminium castings 2025, v1 (CC BY 4.0)"


def test_the_change_log_counts(session: Session) -> None:
    number = opened(session)
    first, *_ = admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    actions.withdraw(session, owner(session, "a"), first, "meter replaced", NOW)
    admitted(session, number, "a", metal="8.8")
    admitted(session, number, "d")
    assert refused(session, number) == {"sector-differs-by-one"}  # what a states anew is nearly what it stated
    admitted(session, number, "e")
    actions.release(session, guild(session), number, NOW)
    assert out(session, number, 2)["changes"] == {"joined": 2, "left": 0, "restated": 1}
    # What is out stays as it was.
    assert out(session, number)["averages"]["total_kgco2e"] == "12.5"


def test_nothing_new_is_released_where_nothing_has_changed(session: Session) -> None:
    number = opened(session)
    first, *_ = admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    with pytest.raises(ReleaseUnchanged, match="version 1 was made of the same"):
        actions.release(session, guild(session), number, NOW)
    # The same statement again is no other data.
    actions.withdraw(session, owner(session, "a"), first, "by mistake", NOW)
    admitted(session, number, "a")
    with pytest.raises(ReleaseUnchanged):
        actions.release(session, guild(session), number, NOW)
    assert [one.version for one in actions.releases(session, guild(session), number)] == [1]


def test_a_release_serves_as_a_factor(session: Session) -> None:
    number = opened(session)
    admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    buyer, library = owner(session, "stranger"), catalogue.library()
    row = actions.adopt(session, buyer, number, actions.Use(1, ACTIVITY), library, NOW)
    assert (row.value, row.unit, row.region, row.gwp_set, row.year) == ("12.5", "kg CO2e/kg", "CN", "AR6", 2025)
    assert (row.source, row.licence) == ("guild厂: 铝铸件 2025, v1 (CC BY 4.0)", "CC BY 4.0")
    assert row.page.endswith(actions.published(session, buyer, number, 1).snapshot_sha256)
    assert [one.factor_id for one in catalogue.own_factors(session, buyer)] == ["sector-1-v1"]
    assert catalogue.own_factors(session, owner(session, "a")) == []
    found = match(Query(ACTIVITY, date(2025, 12, 31), "CN"), library, catalogue.overlay(session, buyer, library))
    assert (found.factor_ids, found.variant) == (("sector-1-v1",), "own_factor")
    with pytest.raises(NotFound):
        actions.adopt(session, buyer, number, actions.Use(2, ACTIVITY), library, NOW)
    with pytest.raises(InputInvalid):
        actions.adopt(session, buyer, number, actions.Use(1, "no_such_thing"), library, NOW)


# --- what may not be published -------------------------------------------------------------------


def test_only_what_is_admitted_counts(session: Session) -> None:
    number = opened(session)
    admitted(session, number, "a", "d")
    waiting = handed_in(session, number, "c")
    assert refused(session, number) == {"sector-companies"}
    actions.decide(session, guild(session), waiting, "no evidence", NOW, is_admitted=False)
    assert refused(session, number) == {"sector-companies"}
    actions.decide(session, guild(session), waiting, "", NOW, is_admitted=True)
    assert actions.release(session, guild(session), number, NOW).version == 1


def test_companies_of_one_group_are_one(session: Session) -> None:
    number = opened(session)
    owner(session, "holding")
    for maker in ("a", "b"):
        owner(session, maker, parent="holding")
    admitted(session, number, "a", "b", "c")
    assert refused(session, number) == {"sector-companies", "sector-dominant"}  # 300 of 400 kg
    admitted(session, number, "d", "e")
    assert actions.release(session, guild(session), number, NOW).version == 1
    assert out(session, number)["companies"] == 4


def test_one_company_of_more_than_sixty_percent(session: Session) -> None:
    number = opened(session)
    admitted(session, number, "b", "c")
    admitted(session, number, "a", amount="451")
    with pytest.raises(ReleaseRefused) as caught:
        actions.release(session, guild(session), number, NOW)
    assert [one.params for one in caught.value.flaws] == [{"share": "60.05", "most": "60"}]


def test_a_release_that_differs_by_one_company_is_refused(session: Session) -> None:
    number = opened(session)
    admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    admitted(session, number, "d")
    assert refused(session, number) == {"sector-differs-by-one"}
    admitted(session, number, "e")
    assert actions.release(session, guild(session), number, NOW).version == 2


def test_a_company_that_states_anew_is_one_company(session: Session) -> None:
    number = opened(session)
    first, *_ = admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    actions.withdraw(session, owner(session, "a"), first, "counted anew", NOW)
    admitted(session, number, "a", amount="101")
    assert refused(session, number) == {"sector-differs-by-one"}


def test_another_collection_is_no_way_around(session: Session) -> None:
    """Under another code or category, or at another curator's, the difference is the same."""
    number = opened(session)
    admitted(session, number, "a", "b", "c")
    actions.release(session, guild(session), number, NOW)
    for curator, code, category in (
        ("guild", "again", "casting"),
        ("guild", "other", "billet"),
        ("league", "castings-2025", "casting"),
    ):
        other = opened(session, curator, code=code, category=category)
        admitted(session, other, "a", "b", "c", "d", curator=curator)
        assert refused(session, other, curator) == {"sector-differs-by-one"}
    admitted(session, other, "e", curator="league")
    assert actions.release(session, guild(session, "league"), other, NOW).version == 1


# --- what may be contributed ---------------------------------------------------------------------


def test_a_footprint_of_something_else_is_refused_with_every_reason(session: Session) -> None:
    number = opened(session, year=2024, unit="t", boundary="cradle_to_gate", region="DE")
    with pytest.raises(ContributionUnlike) as caught:
        handed_in(session, number, "a")
    assert {one.params["key"] for one in caught.value.flaws} == {"unit", "start", "end", "region"}


def test_only_ones_own_newest_footprint(session: Session) -> None:
    number = opened(session)
    mine = footprint(session, owner(session, "a"))
    with pytest.raises(NotFound):
        actions.contribute(session, owner(session, "b"), number, Offer(mine, "1", "x"), NOW)
    newer = footprint(session, owner(session, "a"), "9")
    with pytest.raises(FootprintReplaced):
        actions.contribute(session, owner(session, "a"), number, Offer(mine, "1", "x"), NOW)
    actions.contribute(session, owner(session, "a"), number, Offer(newer, "1", "x"), NOW)
    with pytest.raises(ContributedAlready):
        actions.contribute(session, owner(session, "a"), number, Offer(newer, "2", "x"), NOW)


@pytest.mark.parametrize("amount", ["0", "-1", "x", "NaN"])
def test_production_is_above_zero(session: Session, amount: str) -> None:
    number = opened(session)
    with pytest.raises(InputInvalid):
        actions.contribute(session, owner(session, "a"), number, Offer("x", amount, "return"), NOW)


def test_nothing_is_taken_after_the_last_day_or_without_evidence(session: Session) -> None:
    number = opened(session, closes=NOW.date())
    mine = footprint(session, owner(session, "a"))
    offer = Offer(mine, "1", "return")
    with pytest.raises(CollectionClosed):
        actions.contribute(session, owner(session, "a"), number, offer, NOW + timedelta(days=1))
    with pytest.raises(ReasonMissing):
        actions.contribute(session, owner(session, "a"), number, replace(offer, evidence=" "), NOW)
    actions.contribute(session, owner(session, "a"), number, offer, NOW)


def test_a_collection_that_cannot_be_names_everything_wrong(session: Session) -> None:
    with pytest.raises(InputInvalid) as caught:
        opened(session, unit="flurb", boundary="nowhere", region="ZZ", closes=date(2020, 1, 1))
    assert [one.where for one in caught.value.wrong] == ["unit", "boundary", "region", "closes"]
    opened(session)
    with pytest.raises(CodeTaken):
        opened(session)


# --- who may do and see what ---------------------------------------------------------------------


def test_only_a_curator_collects(session: Session) -> None:
    actor = owner(session, "a")
    with pytest.raises(NotACurator):
        actions.open_collection(session, actor, NewCollection(**TERMS), catalogue.library(), NOW)
    number = opened(session)
    with pytest.raises(NotACurator):
        actions.release(session, actor, number, NOW)
    # Another curator's collection is not there.
    with pytest.raises(NotFound):
        actions.release(session, guild(session, "league"), number, NOW)
    mine = handed_in(session, number, "a")
    with pytest.raises(NotFound):
        actions.decide(session, guild(session, "league"), mine, "", NOW, is_admitted=True)


def test_roles(session: Session) -> None:
    number = opened(session)
    mine = handed_in(session, number, "a")
    maker, curator = owner(session, "a"), guild(session)
    for role in (READER, EDITOR):
        with pytest.raises(NotAllowed):
            actions.withdraw(session, replace(maker, roles=frozenset({role})), mine, "x", NOW)
        with pytest.raises(NotAllowed):
            actions.release(session, replace(curator, roles=frozenset({role})), number, NOW)
    with pytest.raises(NotAllowed):
        actions.decide(session, replace(curator, roles=frozenset({READER})), mine, "", NOW, is_admitted=True)
    actions.decide(session, replace(curator, roles=frozenset({EDITOR})), mine, "", NOW, is_admitted=True)


def test_who_sees_a_contribution(session: Session) -> None:
    """Its maker all of it, the curator its results and production, everybody else nothing."""
    number = opened(session)
    handed_in(session, number, "a")
    handed_in(session, number, "b")
    (own,) = actions.contributions(session, owner(session, "a"), number)
    assert (own.organisation, own.footprint) == ("a", "a-part-pact.3.0-v1")
    both = actions.contributions(session, guild(session), number)
    assert [(one.organisation, one.amount, one.footprint) for one in both] == [("a", "100", ""), ("b", "200", "")]
    assert both[0].figures["total_kgco2e"] == "10"
    assert set(both[0].figures) == {
        "unit", "total_kgco2e", "by_stage", "parts", "biogenic_removals", "gases_kg", "primary_data_share", "dqr",
        "left_out_percent", "is_demonstration",
    }  # fmt: skip
    assert "铝锭" not in str(both)
    assert actions.contributions(session, owner(session, "stranger"), number) == []
    assert actions.contributions(session, guild(session, "league"), number) == []
    # The call itself is for everybody.
    assert actions.collection(session, owner(session, "stranger"), number).code == "castings-2025"
    with pytest.raises(NotFound):
        actions.withdraw(session, owner(session, "b"), own.id, "x", NOW)


def test_what_is_withdrawn_is_withdrawn_once_and_not_decided_of(session: Session) -> None:
    number = opened(session)
    mine = handed_in(session, number, "a")
    with pytest.raises(ReasonMissing):
        actions.decide(session, guild(session), mine, " ", NOW, is_admitted=False)
    with pytest.raises(ReasonMissing):
        actions.withdraw(session, owner(session, "a"), mine, "", NOW)
    actions.withdraw(session, owner(session, "a"), mine, "misread", NOW)
    with pytest.raises(ContributionWithdrawn):
        actions.withdraw(session, owner(session, "a"), mine, "misread", NOW)
    with pytest.raises(ContributionWithdrawn):
        actions.decide(session, guild(session), mine, "", NOW, is_admitted=True)
    (seen,) = actions.contributions(session, guild(session), number)
    assert (seen.state, seen.reason) == ("withdrawn", "misread")


# --- what holds afterwards -----------------------------------------------------------------------


def test_a_release_that_was_changed_is_found(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        fill(session)
    with database.session(write=False) as session:
        assert fsck.fsck(session, tmp_path) == []
    with make.tampering(database) as session:
        row = session.exec(select(SectorRelease)).one()
        row.snapshot = row.snapshot.replace('"12.5"', '"11.5"')
        session.add(row)
    with database.session(write=False) as session:
        found = {(one.where, one.code) for one in fsck.fsck(session, tmp_path)}
    assert ("sector-release 1", "release-differs") in found
    assert any(code == "row-differs" for _, code in found)


def test_averages_that_the_contributions_do_not_give_are_found(database: db.Database, tmp_path: Path) -> None:
    with database.session(write=True) as session:
        fill(session)
    with make.tampering(database) as session:
        row = session.exec(select(SectorContribution)).first()
        assert row is not None
        row.amount = "150"
        session.add(row)
    with database.session(write=False) as session:
        assert "release-differs" in {one.code for one in fsck.fsck(session, tmp_path)}


# --- the API and the command line ----------------------------------------------------------------

BASE = "/api/v1/organisations"


@pytest.fixture
def house(client: FlaskClient) -> FlaskClient:
    with client.application.extensions["tanji"].database.session(write=True) as session:
        fill(session)
        owner(session, "stranger")
        handed_in(session, 1, "d")
    return client


def test_the_api(house: FlaskClient) -> None:
    at = f"{BASE}/guild/sector"
    (listed,) = house.get(f"{at}/collections").json
    assert (listed["id"], listed["method_version"], listed["gwp_set"]) == (1, "1", "AR6")
    seen = house.get(f"{at}/collections/1/contributions").json
    assert [one["state"] for one in seen] == ["admitted", "admitted", "admitted", "open"]
    decided = house.post(f"{at}/contributions/4/decisions", json={"decision": "admitted"})
    assert (decided.status_code, decided.json["is_admitted"]) == (201, True)
    near = house.post(f"{at}/collections/1/releases")
    assert (near.status_code, near.json["code"]) == (422, "release-refused")
    assert "differs from castings-2025 v1 by one company" in near.json["detail"]
    for code in ("guild", "a", "stranger"):
        found = house.get(f"{BASE}/{code}/sector/collections/1/releases/1").json
        assert found["dataset"]["averages"]["total_kgco2e"] == "12.5"
    assert house.get(f"{BASE}/stranger/sector/collections/1/contributions").json == []
    assert house.get(f"{BASE}/stranger/sector/collections/1/releases").json[0]["version"] == 1
    assert house.get(f"{BASE}/stranger/sector/collections/2").status_code == 404
    assert house.get(f"{BASE}/stranger/sector/collections/1/releases/9").status_code == 404
    assert house.post(f"{BASE}/stranger/sector/contributions/1/withdraw", json={"reason": "x"}).status_code == 404
    assert (
        house.post(f"{BASE}/stranger/sector/contributions/1/decisions", json={"decision": "admitted"}).status_code
        == 403
    )
    taken = house.post(f"{BASE}/stranger/sector/collections/1/releases/1/own-factor", json={"activity": ACTIVITY})
    assert (taken.status_code, taken.json["value"]) == (201, "12.5")
    taken_back = house.post(f"{BASE}/d/sector/contributions/4/withdraw", json={"reason": "misread"})
    assert taken_back.json["withdrawal"] == "misread"
    again = {"footprint": "d-part-pact.3.0-v1", "amount": "100", "evidence": "return"}
    assert house.post(f"{BASE}/d/sector/collections/1/contributions", json=again).json["id"] == 5
    new = {**TERMS, "code": "second", "closes": "2030-01-01"}
    assert house.post(f"{at}/collections", json=new).json["id"] == 2
    assert house.post(f"{BASE}/stranger/sector/collections", json=new).status_code == 403


def test_the_command_line(run: Run, settings: Any) -> None:
    database = db.connect(settings)
    with database.session(write=True) as session:
        guild(session)
        mine = {maker: footprint(session, owner(session, maker), metal) for maker, (_, metal) in MAKERS.items()}
    database.dispose()
    at = ("--organisation", "guild")
    given = ("--category", "casting", "--name-zh", "铝铸件", "--unit", "kg", "--method", "pact.3.0", "--year", "2025")
    terms = (*given, "--closes", "2099-12-31", "--licence", "CC BY 4.0")
    assert "collection 1 is open" in run("sector", "open", "castings", *at, *terms).output
    assert "castings" in run("sector", "list", *at).output
    for number, maker in enumerate("abc", 1):
        offer = ("--amount", MAKERS[maker][0], "--evidence", "return")
        run("sector", "contribute", "1", mine[maker], "--organisation", maker, *offer)
        run("sector", "admit", str(number), *at)
    run("sector", "reject", "3", *at, "--reason", "no evidence")
    assert "at least 3 are needed" in run("sector", "release", "1", *at, code=1).output
    run("sector", "admit", "3", *at)
    told = run("sector", "release", "1", *at).output
    assert "version 1 of 3 companies: 12.5 kg CO2e / kg" in told
    assert "withheld" in told
    assert "no evidence" not in run("sector", "show", "1", *at).output
    run("sector", "export", "1", *at, "--version", "1", "--out", "set.json")
    found = json.loads(Path("set.json").read_text(encoding="utf-8"))
    assert found["dataset"]["averages"]["total_kgco2e"] == "12.5"
    used = run("sector", "use", "1", ACTIVITY, "--version", "1", "--organisation", "e").output
    assert "own factor sector-1-v1: 12.5 kg CO2e/kg" in used
    run("sector", "withdraw", "1", "--organisation", "a", "--reason", "misread")
    assert "misread" in run("sector", "show", "1", *at).output


def read(page: Any) -> str:
    """What a person reads."""
    return " ".join(lxml_html.fromstring(page.text).text_content().split())


def test_the_pages_in_both_languages(house: FlaskClient) -> None:
    for language, words in (("en", "Aluminium castings"), ("zh", "铝铸件")):
        assert words in read(house.get(f"/organisations/stranger/sector?language={language}"))
        page = read(house.get(f"/organisations/stranger/sector/1?language={language}"))
        assert "12.5" in page
        assert "Works a" not in page
        assert "a厂" not in page
    assert house.get("/organisations/stranger/sector/9").status_code == 404
    file = house.get("/organisations/stranger/sector/1/releases/1.json")
    assert file.json["dataset"]["version"] == 1
    assert "castings-2025-v1.json" in file.headers["Content-Disposition"]


@pytest.mark.parametrize("by", ["the API", "a page"])
def test_a_release_is_made_by_the_api_and_by_a_page(house: FlaskClient, by: str) -> None:
    """Two makers more, who are admitted together: what changes between the releases is of two companies."""
    with house.application.extensions["tanji"].database.session(write=True) as session:
        handed_in(session, 1, "e")
    at = f"{BASE}/guild/sector"
    for number in (4, 5):
        place = f"{at}/contributions/{number}/decisions"
        assert house.post(place, json={"decision": "admitted"}).status_code == 201
    assert house.get(f"{at}/collections/1").json["code"] == "castings-2025"
    if by == "the API":
        made = house.post(f"{at}/collections/1/releases")
        assert (made.status_code, made.json["version"]) == (201, 2)
    else:
        assert house.post("/organisations/guild/sector/1/releases").status_code == 303
    assert [one["version"] for one in house.get(f"{at}/collections/1/releases").json] == [1, 2]


def test_a_maker_and_a_curator_work_by_pages(house: FlaskClient) -> None:
    at = "/organisations/guild/sector/1"
    assert "statistical return 2025" in read(house.get(f"{at}?language=en"))
    assert house.post(f"{at}/contributions/4/decide", data={"decision": "rejected"}).status_code == 422
    assert house.post(f"{at}/contributions/4/decide", data={"decision": "admitted"}).status_code == 303
    near = house.post(f"{at}/releases?language=en")
    assert near.status_code == 422
    assert "differs from castings-2025 v1 by one company" in read(near)
    mine = "/organisations/d/sector/1"
    assert house.post(f"{mine}/contributions/4/withdraw", data={"reason": "misread"}).status_code == 303
    assert "d-part-pact.3.0-v1" in read(house.get(f"{mine}?language=en"))
    offer = {"footprint": "d-part-pact.3.0-v1", "amount": "90", "evidence": "return"}
    refused = house.post(f"{mine}/contributions?language=zh", data={**offer, "amount": "x"})
    assert refused.status_code == 422
    page = lxml_html.fromstring(refused.text)
    assert "产量" in " ".join(page.xpath("//*[@role='alert']//text()"))
    assert page.xpath("//input[@name='amount']/@value | //input[@name='evidence']/@value") == ["x", "return"]
    assert [house.get(one).status_code for one in page.xpath("//nav[@class='languages']/a/@href")] == [200, 200]
    assert house.post(f"{mine}/contributions", data=offer).status_code == 303
    assert "misread" in read(house.get(f"{mine}?language=en"))
    assert house.post("/organisations/stranger/sector/1/releases").status_code == 403
    assert (
        house.post("/organisations/stranger/sector/1/contributions/1/withdraw", data={"reason": "x"}).status_code == 404
    )
