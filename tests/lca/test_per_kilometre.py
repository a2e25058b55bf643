"""A vehicle per kilometre: the method's distance, divided by once, and never by another one."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from test_footprint import computed, made

from factors.strict_yaml import TextLoader
from lca.footprint import recompute

CAR = """
unit: {kind: functional, amount: 1, unit: piece, zh: 一辆车}
boundary: life_cycle
main: car
parameters: [{name: Lifetime_km, value: 150000}]
processes:
  - id: car
    zh: 整车
    stage: production
    output: 1
    unit: piece
    inputs:
      - {id: body, zh: 车身, amount: 62.5, unit: kg, from: {supplier: virgin}}
      - {id: power, zh: 用电, amount: =lifetime_km / 100 * 10, unit: kWh, from: {supplier: power}, stage: use}
"""


def car(**changed: object) -> dict[str, Any]:
    return {**made(""), **yaml.load(CAR, TextLoader), **changed}


@pytest.mark.parametrize(
    ("method", "total", "grams", "use"),
    [
        ("auto.calcm", 10_750, 71.6666667, 65),  # 62.5 x 16 + 15 000 kWh x 0.65; / 150 000 km
        ("auto.scenario_200k", 14_000, 70, 65),  # 62.5 x 16 + 20 000 kWh x 0.65; / 200 000 km
    ],
)
def test_one_model_gives_the_number_per_kilometre_of_each_method(
    method: str, total: float, grams: float, use: float
) -> None:
    found = computed(car(), method).snapshot
    results = found["results"]
    assert float(results["total_kgco2e"]) == pytest.approx(total)
    assert float(results["per_km"]["total_g"]) == pytest.approx(grams)
    assert float(results["per_km"]["by_stage_g"]["use"]) == pytest.approx(use)
    assert float(results["per_km"]["lifetime_km"]) == (150_000 if method == "auto.calcm" else 200_000)
    told = [one["params"] for one in found["warnings"] if one["code"] == "distance_of_method"]
    assert told == ([] if method == "auto.calcm" else [{"stated": "150000", "used": "200000"}])
    assert recompute(found) == found


def test_what_was_driven_by_another_distance_is_not_divided_by_the_methods() -> None:
    found = computed(car(), "auto.calcm", lifetime_km=180_000).snapshot
    assert "per_km" not in found["results"]
    (check,) = [one for one in found["checks"] if one["id"] == "distance"]
    assert (check["ok"], check["params"]) == (False, {"stated": "180000", "wanted": "150000"})


def test_a_distance_that_nobody_states_is_not_assumed() -> None:
    model = car(parameters=[{"name": "km", "value": "150000"}])
    model["processes"][0]["inputs"][1]["amount"] = "15000"
    assert "per_km" not in computed(model, "auto.calcm").snapshot["results"]
    stated = computed({**model, "lifetime_km": "150000"}, "auto.calcm").snapshot
    assert float(stated["results"]["per_km"]["total_g"]) == pytest.approx(71.6666667)


def test_other_methods_and_other_products_have_no_kilometres() -> None:
    assert "per_km" not in computed(car(), "pcf.gbt24067_2024").snapshot["results"]
    kilogram = car(unit={"kind": "functional", "amount": "1", "unit": "kg", "zh": "1 kg"})
    kilogram["processes"][0]["unit"] = "kg"
    assert "per_km" not in computed(kilogram, "auto.calcm").snapshot["results"]
