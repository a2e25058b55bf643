"""The catalogue: published factors as plain data, own factors with the library's refusals."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from make import NOW, bo, chen, factor, ling
from sqlalchemy.exc import IntegrityError

from factors.errors import FactorNotFound, UnitMismatch, UnknownFactor, UnknownUnit
from factors.library import load
from factors.match import Query, Rules, match
from lca import answer
from service import db
from service.accounts import rights
from service.activities import actions as activities
from service.catalogue import actions as catalogue
from service.catalogue import listing, versions
from service.catalogue.actions import NewFactor
from service.catalogue.models import OwnFactor
from service.errors import AlreadyExists, InputInvalid, NotAllowed, NotFound, ReasonMissing

LIBRARY = load()
DAY = date(2025, 6, 30)
MARKET = Rules(view="market")


def new(activity: str = "electricity", **given: Any) -> NewFactor:
    names = ("kind", "site", "counterparty", "document")
    beside = {name: given.pop(name) for name in names if name in given}
    return NewFactor(activity, factor(**given), **beside)


# --- the published library -----------------------------------------------------------------------


def test_electricity_of_guangdong_is_answered_with_the_official_value() -> None:
    """MEE/NBS announcement of 2023 values, Table 3: Guangdong 0.4419 kgCO2/kWh."""
    found = answer.answer(answer.Question("electricity", "CN-GD", date(2023, 6, 30)), LIBRARY)
    assert (found["factor_id"], found["value"], found["unit"], found["variant"]) == (
        "cn-elec-2023-cn-gd",
        "0.4419",
        "kg CO2/kWh",
        "exact",
    )
    assert found["candidates"]
    assert found["method"] == "inventory.ghgp"
    assert found["view"] == "location"


def test_names_of_people_are_understood() -> None:
    found = answer.answer(answer.Question("外购电力", "广东", date(2023, 6, 30)), LIBRARY)
    assert (found["activity"], found["region"]) == ("electricity", "CN-GD")


def test_a_value_is_told_per_the_unit_asked_for() -> None:
    """0.4419 kg/kWh are 441.9 kg/MWh."""
    found = answer.answer(answer.Question("electricity", "CN-GD", date(2023, 6, 30), unit="MWh"), LIBRARY)
    assert (found["value"], found["unit"], found["gases_kg"]) == ("441.9", "kg CO2/MWh", {"CO2": "441.9"})
    assert found["parts"][0]["value"] == "0.4419"


def test_a_fuel_is_told_with_its_parts() -> None:
    """NDRC 2013 natural gas: 389.31 GJ/10^4 Nm3 x 0.0153 tC/GJ x 0.99 x 44/12 = 21.622 tCO2 (standards.md O02)."""
    question = answer.Question("natural_gas", "CN", DAY, parameter_set="ndrc2013", unit="1e4Nm3")
    found = answer.answer(question, LIBRARY)
    assert [part["role"] for part in found["parts"][:3]] == ["ncv", "carbon_content", "oxidation"]
    assert float(found["gases_kg"]["CO2"]) == pytest.approx(389.31 * 15.3 * 0.99 * 44 / 12, rel=1e-9)


def test_a_unit_of_another_kind_is_refused() -> None:
    with pytest.raises(UnitMismatch):
        answer.answer(answer.Question("electricity", "CN-GD", DAY, unit="t"), LIBRARY)
    with pytest.raises(UnknownUnit):
        answer.answer(answer.Question("electricity", "CN-GD", DAY, unit="furlong"), LIBRARY)


def test_what_was_never_published_is_not_guessed() -> None:
    with pytest.raises(FactorNotFound):
        answer.answer(answer.Question("electricity", "CN-GD", date(1980, 1, 1)), LIBRARY)


def test_a_search_shows_value_source_and_place() -> None:
    first = listing.found(LIBRARY, "电力 广东 2023", 5)[0]
    assert (first["id"], first["value"], first["region"]) == ("cn-elec-2023-cn-gd", "0.4419", "CN-GD")
    assert "2023" in first["source"]


def test_a_record_is_shown_with_its_licence_and_its_other_years() -> None:
    found = listing.detailed(LIBRARY, "cn-elec-2023-cn-gd")
    assert found["licence"]
    assert found["page"]
    assert {"cn-elec-2021-cn-gd", "cn-elec-2022-cn-gd"} <= {row["id"] for row in found["history"]}
    with pytest.raises(UnknownFactor):
        listing.detailed(LIBRARY, "cn-elec-2099-cn-gd")


# --- own factors ---------------------------------------------------------------------------------


def test_an_own_factor_goes_before_the_library(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW)
        overlay = catalogue.overlay(session, actor, LIBRARY)
    assert match(Query("electricity", DAY, "CN-GD"), LIBRARY, overlay).variant == "earlier_year"  # of the place
    found = match(Query("electricity", DAY, "CN-GD", rules=MARKET), LIBRARY, overlay)
    assert (found.variant, found.factor_ids, found.parts[0].factor.value) == (
        "own_factor",
        ("ling-power-2025",),
        "0.1234",
    )


def test_a_document_or_site_that_the_organisation_does_not_have_is_refused(
    database: db.Database, tmp_path: Path
) -> None:
    """Chen's own site and proof are nothing that Ling could point to."""
    with database.session(write=True) as session:
        ling_, chen_ = ling(session, with_site=False), chen(session)
        proof = activities.add_evidence(session, chen_, tmp_path, "annex.txt", io.BytesIO(b"annex"), now=NOW)
        wrong = new(site="works", document=proof.sha256)
        with pytest.raises(InputInvalid) as caught:
            catalogue.put_own_factor(session, ling_, wrong, LIBRARY, NOW)
        assert [(item.where, item.code) for item in caught.value.wrong] == [
            ("site", "unknown-site"),
            ("document", "unknown-document"),
        ]
        assert "hand it in first" in str(caught.value)
        assert catalogue.own_factors(session, ling_) == []
        made = catalogue.put_own_factor(session, chen_, wrong, LIBRARY, NOW)
        assert (made.site, made.document) == ("works", proof.sha256)


def test_the_database_itself_keeps_factors_from_pointing_elsewhere(database: db.Database) -> None:
    with database.session(write=True) as session:
        made = catalogue.put_own_factor(session, ling(session), new(), LIBRARY, NOW)
        stolen = {**made.model_dump(), "id": None, "factor_id": "other", "document": "a" * 64}
        session.add(OwnFactor(**stolen))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_a_factor_of_a_site_or_supplier_answers_only_there(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        catalogue.put_own_factor(session, actor, new(site="works", kind="supplier"), LIBRARY, NOW)
        overlay = catalogue.overlay(session, actor, LIBRARY)
    elsewhere = match(Query("electricity", DAY, "CN-GD", site="store", rules=MARKET), LIBRARY, overlay)
    assert elsewhere.series != "overlay"
    assert match(Query("electricity", DAY, "CN-GD", site="works", rules=MARKET), LIBRARY, overlay).variant == "supplier"


def test_without_own_factors_the_overlay_is_empty(database: db.Database) -> None:
    with database.session(write=True) as session:
        overlay = catalogue.overlay(session, ling(session), LIBRARY)
    assert (overlay.factors, overlay.sha256) == ((), "")


def test_the_digest_of_the_overlay_follows_its_content(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW)
        first = catalogue.overlay(session, actor, LIBRARY).sha256
        catalogue.put_own_factor(session, actor, new(value="0.2"), LIBRARY, NOW, reason="annex 3")
        second = catalogue.overlay(session, actor, LIBRARY).sha256
        catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW, reason="annex 2 was right")
        third = catalogue.overlay(session, actor, LIBRARY).sha256
    assert len(first) == 64
    assert first == third != second


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"source": "", "licence": "", "unit": ""}, {"source": "missing", "licence": "missing", "unit": "missing"}),
        ({"value": "about 2"}, {"value": "not-a-number"}),
        ({"value": "NaN"}, {"value": "not-a-number"}),
        ({"unit": "kg/wagon"}, {"unit": "unit-unknown"}),
        ({"unit": "kg CO2/furlong"}, {"unit": "unit-unknown"}),
        ({"unit": "kg CH4/kWh"}, {"unit": "unit-unknown"}),
        ({"unit": "kg CO2e/kWh"}, {"gas": "gas-differs"}),
        ({"region": "Mars"}, {"region": "unknown-region"}),
        ({"confidence": "sure"}, {"confidence": "not-listed"}),
        ({"gwp_set": "AR7"}, {"gwp_set": "not-listed"}),
        ({"id": "cn-elec-2023-cn-gd"}, {"id": "taken"}),
        ({"id": "Ling power"}, {"id": "bad-id"}),
        ({"valid_to": date(2024, 12, 31)}, {"valid_to": "period-order"}),
        ({"activity": "flying carpets"}, {"activity": "unknown-activity"}),
    ],
)
def test_what_the_library_would_refuse_is_refused(
    given: dict[str, Any], wrong: dict[str, str], database: db.Database
) -> None:
    with database.session(write=True) as session, pytest.raises(InputInvalid) as caught:
        catalogue.put_own_factor(session, ling(session), new(**given), LIBRARY, NOW)
    assert {item.where: item.code for item in caught.value.wrong} == wrong


@pytest.mark.parametrize(
    ("unit", "gas", "counts", "denominator"),
    [
        ("kg CO2/kWh", "CO2", "gas", "kWh"),
        ("kgCO2e/t", "CO2e", "co2e", "t"),
        ("t CO2e/MWh", "CO2e", "co2e", "MWh"),
        ("kg CH4/t", "CH4", "gas", "t"),
        ("g N2O/GJ", "N2O", "gas", "GJ"),
        ("kg CO2e/吨公里", "CO2e", "co2e", "tkm"),
    ],
)
def test_units_of_own_factors(unit: str, gas: str, counts: str, denominator: str) -> None:
    found = catalogue.unit_of(unit, gas, LIBRARY)
    assert (found.of, found.denominator) == (counts, denominator)


def test_the_same_factor_again_changes_nothing(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        first = catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW)
        assert catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW) is first
        with pytest.raises(AlreadyExists):
            catalogue.put_own_factor(session, actor, new(value="0.2"), LIBRARY, NOW)


def test_a_factor_is_withdrawn_with_a_reason(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session)
        catalogue.put_own_factor(session, actor, new(), LIBRARY, NOW)
        with pytest.raises(ReasonMissing):
            catalogue.withdraw_own_factor(session, actor, "ling-power-2025", "", NOW)
        catalogue.withdraw_own_factor(session, actor, "ling-power-2025", "contract ended", NOW)
        assert catalogue.own_factors(session, actor) == []
        with pytest.raises(NotFound):
            catalogue.withdraw_own_factor(session, actor, "ling-power-2025", "again", NOW)


def test_another_organisation_has_none_of_it(database: db.Database) -> None:
    with database.session(write=True) as session:
        own, other = ling(session), chen(session)
        catalogue.put_own_factor(session, own, new(), LIBRARY, NOW)
        assert catalogue.own_factors(session, other) == []
        assert catalogue.overlay(session, other, LIBRARY).factors == ()
        with pytest.raises(NotFound):
            catalogue.withdraw_own_factor(session, other, "ling-power-2025", "mine now", NOW)
        with pytest.raises(NotAllowed):
            catalogue.put_own_factor(session, bo(own, rights.READER), new(), LIBRARY, NOW)


# --- versions ------------------------------------------------------------------------------------


def test_a_version_that_nobody_knows_is_not_found() -> None:
    for version in ("no-such-revision", "--upload-pack=x"):
        with pytest.raises(NotFound, match="there is no library version"):
            versions.load(version)


def test_a_directory_is_a_version() -> None:
    from factors.library import DATA

    assert versions.load(str(DATA)).version == LIBRARY.version


def test_a_revision_is_a_version(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data in a small repository of its own: what git holds is what is loaded."""
    import shutil

    from factors import library

    data = tmp_path / "data"
    shutil.copytree(library.DATA, data)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=data, check=True)
    monkeypatch.setattr(library, "DATA", data)
    assert versions.load("HEAD").version == LIBRARY.version
