"""Power under a certificate: its technology and delivery, within what the instrument certifies, checked or said not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml
from test_footprint import LIBRARY, META

from factors.strict_yaml import TextLoader
from lca.certified_power import Drawn, Pool, draws
from lca.errors import ModelInvalid, ModelUnanswered
from lca.footprint import Footprint, footprint, recompute
from lca.footprint_method import load
from lca.instruments import KINDS, Judged, is_of_technology
from lca.ledger import Instrument
from lca.product_reading import model
from lca.supplies import Resolver

TEXT = """
id: ingot
zh: 铝锭
region: CN-HB
start: 2025-01-01
end: 2025-12-31
unit: {kind: declared, amount: 1, unit: t, zh: 1 t, mass_kg: 1000}
main: melting
processes:
  - id: melting
    zh: 熔炼
    stage: production
    site: works
    output: 2
    unit: t
    inputs:
      - {id: wind, zh: 风电, amount: 0.8, unit: MWh, from: {activity: electricity_wind, certificate: GEC-0101}}
      - {id: grid, zh: 网电, amount: 100, unit: kWh, from: {activity: electricity}}
"""
WIND, DELIVERY, GRID = 0.0324, 0.0327, 0.5777  # kg CO2e/kWh, electricity carbon footprint 2024, tables 2, 3 and 1

CERTIFICATE = Instrument(
    kind="gec", number_from="GEC-0101", number_to="GEC-0200", amount_kwh="100000", generated_from=date(2025, 1, 1),
    generated_to=date(2025, 12, 31), technology="陆上风电", region="CN-NM", valid_until=None, beneficiary="灵铝再生",
    retired_on=date(2025, 12, 31),
)  # fmt: skip


def pool(output: float | None = 100, *drawn: Drawn, refused: str = "", **changed: Any) -> Pool:
    instrument = replace(CERTIFICATE, **changed)
    return Pool((Judged(instrument, refused),), lambda region: region[:2], output, drawn)


def run(given: Pool | None, method: str = "pcf.gbt24067_2024", text: str = TEXT) -> Footprint:
    found, rule = model(yaml.load(text, TextLoader)), load(method)
    kinds = frozenset(rule.electricity.order) & frozenset(KINDS)
    resolver = Resolver(LIBRARY, date(2025, 12, 31), "CN-HB", rule.gwp_set, instruments=kinds, pool=given)
    return footprint(found, rule, resolver, META)


def refused(given: Pool, text: str = TEXT) -> list[str]:
    with pytest.raises(ModelInvalid) as error:
        run(given, text=text)
    assert all(one.where.startswith("process melting › wind") for one in error.value.problems)
    return [one.code for one in error.value.problems]


def test_certified_power_is_its_technology_and_its_delivery_never_nothing() -> None:
    """400 kWh of wind and 50 of the grid per tonne: 400 x (0.0324 + 0.0327) + 50 x 0.5777."""
    found = run(pool()).snapshot
    results = {one["id"]: float(one["kgco2e"]) for one in found["results"]["lines"]}
    assert results["melting.wind"] == pytest.approx(400 * WIND)
    assert results["melting.wind.delivery"] == pytest.approx(400 * DELIVERY)
    assert results["melting.grid"] == pytest.approx(50 * GRID)
    assert float(found["results"]["total_kgco2e"]) == pytest.approx(400 * (WIND + DELIVERY) + 50 * GRID)
    assert float(found["results"]["by_grid_kgco2e"]) == pytest.approx(450 * GRID)
    assert list(found["results"]["by_stage"]) == ["production"]
    drawn = found["results"]["certified_power"]
    assert drawn == [{"certificate": "GEC-0101", "kwh_per_unit": "400", "kwh": "40000"}]
    assert [one["ok"] for one in found["checks"] if one["id"] == "certificates"] == [True]
    assert [(one.instruments, one.kwh) for one in draws(found)] == [(frozenset({("gec", "GEC-0101", "")}), 40_000)]
    assert recompute(found) == found


def test_products_together_draw_no_more_than_the_instrument_certifies() -> None:
    """250 t at 400 kWh are the 100,000 kWh; a kilowatt-hour of another product's, and it is too much."""
    assert run(pool(250)).snapshot["results"]["certified_power"][0]["kwh"] == "100000"
    assert refused(pool(250.01)) == ["certificate-exceeded"]
    other = Drawn("ling-bar-v1", frozenset({("gec", "GEC-0101", "")}), 60_000)
    found = run(pool(100, other)).snapshot
    assert found["certificates"][0]["drawn"] == [{"footprint": "ling-bar-v1", "kwh": "60000"}]
    with pytest.raises(ModelInvalid, match=r"40000 kWh are drawn, others drew ling-bar-v1 60001, it certifies 100000"):
        run(pool(100, replace(other, kwh=60_001)))
    elsewhere = replace(other, instruments=frozenset({("gec", "GEC-9", "")}), kwh=1e9)
    assert run(pool(100, elsewhere)).snapshot["certificates"][0]["drawn"] == []


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (pool(number_from="GEC-0001"), ["certificate-unknown"]),
        (pool(refused="not-retired"), ["certificate-refused"]),
        (pool(None), ["certificate-output"]),
        (pool(technology="光伏发电"), ["certificate-technology"]),
        (pool(region="GB"), ["certificate-market"]),
        (pool(site="other"), ["certificate-site"]),
        (pool(None, technology="", site="other"), ["certificate-output", "certificate-technology", "certificate-site"]),
    ],
)
def test_what_cannot_stand_behind_the_power_is_refused(given: Pool, codes: list[str]) -> None:
    assert refused(given) == codes


def test_an_instrument_is_found_by_its_contract() -> None:
    text = TEXT.replace("GEC-0101", "PPA-7")
    given = pool(kind="ppa", number_from="", number_to="", contract="PPA-7", site="works")
    assert run(given, text=text).snapshot["certificates"][0]["instruments"][0]["contract"] == "PPA-7"


def test_without_the_organisations_records_nobody_has_checked() -> None:
    found = run(None).snapshot
    assert float(found["results"]["total_kgco2e"]) == pytest.approx(400 * (WIND + DELIVERY) + 50 * GRID)
    assert found["results"]["certified_power"] == [{"certificate": "GEC-0101", "kwh_per_unit": "400", "kwh": None}]
    assert "certificate_unchecked" in [one["code"] for one in found["warnings"]]
    assert [one["ok"] for one in found["checks"] if one["id"] == "certificates"] == [False]
    assert list(draws(found)) == []


@pytest.mark.parametrize(("method", "given"), [("auto.calcm", None), ("cfb.ev_draft2024", pool())])
def test_a_method_that_admits_no_such_instrument_takes_the_grid(method: str, given: Pool | None) -> None:
    """CALCM takes the grid alone, the battery draft a direct line at most; the model stays the same."""
    found = run(given, method).snapshot
    power = [one for one in found["results"]["lines"] if one["id"].startswith("melting.")]
    assert sum(float(one["kgco2e"]) for one in power) == pytest.approx(450 * GRID)
    assert "certificates" not in found
    assert "instrument_not_admitted" in [one["code"] for one in found["warnings"]]


def test_power_of_a_technology_without_a_certificate_is_told() -> None:
    found = run(None, text=TEXT.replace(", certificate: GEC-0101", "")).snapshot
    assert "certificate_missing" in [one["code"] for one in found["warnings"]]
    assert "certificates" not in found


def test_a_certificate_stands_beside_the_activity_of_a_technology() -> None:
    with pytest.raises(ModelUnanswered, match="electricity_wind"):
        run(None, text=TEXT.replace("electricity_wind", "electricity"))
    with pytest.raises(ModelInvalid, match="belongs beside the activity"):
        model(yaml.load(TEXT.replace("activity: electricity_wind", "process: melting"), TextLoader))


def test_a_snapshot_that_draws_beyond_its_certificate_fails_its_own_check() -> None:
    found = run(pool()).snapshot
    operand = {**found["certificates"][0], "output": "300"}
    again = recompute({**found, "certificates": [operand]})
    assert again["results"]["certified_power"][0]["kwh"] == "120000"
    assert [one["ok"] for one in again["checks"] if one["id"] == "certificates"] == [False]


@pytest.mark.parametrize(
    ("technology", "activity"),
    [("Onshore wind", "wind"), ("太阳能光热", "csp"), ("太阳能发电", "pv"), ("核电", "nuclear"), ("沼气", "biomass"),
     ("水力发电", "hydro")],
)  # fmt: skip
def test_an_instrument_names_its_technology_in_its_own_words(technology: str, activity: str) -> None:
    assert is_of_technology(replace(CERTIFICATE, technology=technology), f"electricity_{activity}")
    assert not is_of_technology(replace(CERTIFICATE, technology=technology), "electricity_coal")
