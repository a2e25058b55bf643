"""Other choices of allocation, power and recycled material, each worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from lca.footprint_choices import choices
from tests.lca.test_footprint import ALUMINIUM, run
from tests.service.reports.footprint_fixture import snapshot_of

SHARED = """
main: smelting
processes:
  - id: smelting
    zh: 冶炼
    stage: production
    output: 1
    unit: kg
    inputs: [{id: metal, zh: 金属, amount: 2, unit: kg, from: {supplier: recycled}}]
    co_products: [{id: slag, zh: 渣, amount: 3, unit: kg}]
"""


def of(snapshot: Any) -> dict[str, float]:
    return {one.id: float(one.total_kgco2e) for one in choices(snapshot)}


def test_all_burdens_on_the_product() -> None:
    snapshot = run(SHARED).snapshot
    assert float(snapshot["results"]["total_kgco2e"]) == pytest.approx(2 * 0.8 / 4)  # 1 kg of 4 by mass
    assert of(snapshot) == {"allocation": pytest.approx(2 * 0.8)}


def test_a_tenth_more_of_all_power() -> None:
    snapshot = snapshot_of("cement", "en15804.a2")
    kwh = 0.8 * 58 + 35  # clinker and grinding, per tonne of cement
    assert of(snapshot) == {
        "power": pytest.approx(float(snapshot["results"]["total_kgco2e"]) + 0.1 * kwh * 0.5777, rel=1e-9)
    }


def test_recycled_material_as_primary() -> None:
    assert of(run(ALUMINIUM, "recycling.cutoff").snapshot) == {"primary": pytest.approx(16 + 0.1 * 0.05)}


def test_a_rule_of_scrap_left_away() -> None:
    found = of(run(ALUMINIUM, "recycling.cff").snapshot)
    # Without the burden of scrap 0.4 x 0.8 x 16 and the credit -0.8 x 0.9 x 16 of the rule.
    assert found["bare"] == pytest.approx(3.845 - 0.4 * 0.8 * 16 + 0.8 * 0.9 * 16)


def test_recycled_material_without_a_primary_one_is_not_guessed() -> None:
    text = ALUMINIUM.replace("post_consumer: 0.4", "post_consumer: 1")
    assert "primary" not in of(run(text, "recycling.cutoff").snapshot)


def test_a_model_that_faces_no_choice_has_none() -> None:
    assert of(run("parts: [{id: a, zh: 件, mass_kg: 1, from: {supplier: virgin}}]").snapshot) == {}
