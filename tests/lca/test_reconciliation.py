"""Footprints against the inventory of the same site: amounts that the products explain, and what is left over."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from ledgers import ledger, library, stream

from factors.strict_yaml import TextLoader
from lca import ghg
from lca.footprint import Meta, footprint
from lca.footprint_method import load
from lca.ledger import Ledger
from lca.method import load as load_method
from lca.product_reading import model
from lca.reconciliation import Studied, reconcile
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
    site: S1
    output: 1
    unit: t
    inputs:
      - {id: el, zh: 电, amount: 400, unit: kWh, from: {activity: electricity}}
      - {id: gas, zh: 气, amount: 80, unit: Nm3, from: {activity: natural_gas}}
      - {id: oil, zh: 柴油, amount: 2, unit: kg, from: {activity: diesel_offroad}}
  - {id: elsewhere, zh: 外协, stage: production, output: 1, unit: t, inputs: [
      {id: el, zh: 电, amount: 100, unit: kWh, from: {activity: electricity}}]}
"""


def studied(output: float) -> Studied:
    found = model(yaml.load(TEXT, TextLoader))
    rule = load("pcf.gbt24067_2024")
    resolver = Resolver(library(), date(2025, 12, 31), "CN-HB", rule.gwp_set)
    return Studied(footprint(found, rule, resolver, Meta("F", "2026-01-01T00:00:00Z", "0")).snapshot, output)


def inventory(made: Ledger) -> ghg.GhgInventory:
    return ghg.calculate(made, load_method("inventory.ghgp"), library(), ghg.Meta("A", "2026-01-01T00:00:00Z", "1"))


def test_products_explain_what_a_site_used_and_the_rest_is_left_over() -> None:
    """10 t at 400 kWh and 80 Nm3 are 4,000 of 5,000 kWh and 800 of 800 Nm3; the diesel is in no inventory."""
    made = ledger(
        (stream("electricity", unit="MWh"), "2025-01", "5"), (stream("natural_gas", unit="Nm3"), "2025-01", "800")
    )
    whole = inventory(made).snapshot
    found = reconcile(whole, [studied(10)])
    site = found["sites"]["S1"]
    rows = {row["activity"]: row for row in site["activities"]}
    assert (rows["electricity"]["used"], rows["electricity"]["explained"]) == ("5000", "4000")
    assert rows["electricity"]["explained_percent"] == "80"
    assert rows["natural_gas"]["explained_percent"] == "100"
    power = next(line for line in whole["results"]["lines"] if line["activity"] == "electricity")
    assert float(site["remainder_kgco2e"]) == pytest.approx(0.2 * float(power["kgco2e_location"]))
    assert [(one["activity"], one["line"]) for one in found["not_in_inventory"]] == [("diesel_offroad", "melting.oil")]


def test_products_that_claim_more_than_was_used_leave_less_than_nothing() -> None:
    made = ledger(
        (stream("electricity", unit="kWh"), "2025-01", "1000"), (stream("natural_gas", unit="Nm3"), "2025-01", "800")
    )
    site = reconcile(inventory(made).snapshot, [studied(10)])["sites"]["S1"]
    assert float(site["remainder_kgco2e"]) < 0
