"""Footprints from the store: certified power drawn from the organisation's one pool by one product after another."""

from __future__ import annotations

from datetime import date
from typing import Any

import make
import pytest

from factors.library import Library, load
from lca import ledger
from lca.errors import ModelInvalid
from service import db
from service.activities import actions as activities
from service.calculations import footprint_runs as runs
from service.calculations.models import FootprintStudy
from service.products import actions as products

METHOD = "pcf.gbt24067_2024"


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def model(identifier: str, kwh: str = "600", **more: Any) -> dict[str, Any]:
    power = {"id": "wind", "zh": "风电", "amount": kwh, "unit": "kWh",
             "from": {"activity": "electricity_wind", "certificate": "GEC-0001"}}  # fmt: skip
    melting = {"id": "melting", "zh": "熔炼", "stage": "production", "site": "works", "output": "1", "unit": "t",
               "inputs": [power]}  # fmt: skip
    unit = {"kind": "declared", "amount": "1", "unit": "t", "zh": "1 t"}
    return {**make.product(identifier, zh=identifier, unit=unit), "parts": [], "main": "melting",
            "processes": [melting], **more}  # fmt: skip


def prepare(database: db.Database, *identifiers: str, retired: bool = True) -> None:
    """A hundred certificates, and 100 t made of each product."""
    with database.session(write=True) as session:
        actor = make.ling(session)
        instrument = ledger.Instrument(
            "gec", "GEC-0001", "GEC-0100", "100000", *make.YEAR, "风电", "CN-GD", None, "灵铝再生",
            date(2026, 1, 10) if retired else None,
        )  # fmt: skip
        activities.put_instrument(session, actor, instrument, make.NOW)
        for one in identifiers:
            activities.put_product(session, actor, ledger.Product("works", one, "", "100", "t", *make.YEAR), make.NOW)


def run(database: db.Database, library: Library, data: dict[str, Any], method: str = METHOD) -> FootprintStudy:
    with database.session(write=True) as session:
        actor = make.ling(session, with_site=False)
        products.put_model(session, actor, data, "model.yaml", make.NOW, reason="changed")
        return runs.run(session, actor, runs.Study(data["id"], method, "changed"), library, make.NOW)


def test_two_products_exhaust_one_pool(database: db.Database, library: Library) -> None:
    """60,000 kWh of 100,000 are drawn by the first; the second gets its 40,000 and not one more."""
    prepare(database, "ingot", "bar")
    first = run(database, library, model("ingot"))
    assert float(first.total_kgco2e) == pytest.approx(600 * (0.0324 + 0.0327))  # wind and delivery, footprints of 2024
    with pytest.raises(ModelInvalid) as error:
        run(database, library, model("bar", "401"))
    assert "process melting › wind: certificate 'GEC-0001': 40100 kWh are drawn" in str(error.value)
    assert f"others drew {first.id} 60000, it certifies 100000 kWh" in str(error.value)
    second = run(database, library, model("bar", "400"))
    # What the other product draws makes the same product no new version.
    assert run(database, library, model("ingot")).id == first.id
    assert run(database, library, model("bar", "400")).id == second.id
    # A lower draw gives the pool back what it took before, and only once under several methods.
    run(database, library, model("ingot", "500"))
    run(database, library, model("ingot", "500"), "pact.3.0")
    run(database, library, model("bar", "500"))
    with database.session(write=False) as session:
        found = runs.snapshot(session, make.ling(session, with_site=False), "ling-bar-pcf.gbt24067_2024-v2")
    assert [one["kwh"] for one in found["certificates"][0]["drawn"]] == ["50000"]
    assert found["results"]["certified_power"][0]["kwh"] == "50000"


def test_a_certificate_has_to_be_retired_and_the_output_stated(database: db.Database, library: Library) -> None:
    prepare(database, retired=False)
    with pytest.raises(ModelInvalid) as error:
        run(database, library, model("ingot"))
    assert [one.code for one in error.value.problems] == ["certificate-refused", "certificate-output"]


def test_another_organisations_pool_is_none_of_ours(database: db.Database, library: Library) -> None:
    prepare(database, "ingot")
    with database.session(write=True) as session:
        actor = make.chen(session)
        products.put_model(session, actor, model("ingot"), "model.yaml", make.NOW)
        with pytest.raises(ModelInvalid, match="not in the organisation's pool"):
            runs.run(session, actor, runs.Study("ingot", METHOD), library, make.NOW)
