"""Numbers of a product model that no product has: told at their place, never thrown."""

from __future__ import annotations

from datetime import date
from time import process_time
from typing import Any

import pytest

from factors.library import load as load_library
from lca import product_reading
from lca.errors import ModelInvalid
from lca.footprint import Meta, footprint, recompute
from lca.footprint_method import load
from lca.importers.openepd import LCIAMethod
from lca.product_lines import lines
from lca.product_model import GWP_SETS
from lca.supplies import Resolver
from service.calculations import footprint_told


def described(**changed: Any) -> dict[str, Any]:
    """A product of one part whose mass a parameter gives."""
    part = {"id": "shell", "mass_kg": changed.get("mass", "=x"), "from": {"activity": "electricity"}}
    part |= {"quantity": changed.get("quantity", "1")}
    return {
        "id": "P", "zh": "件", "unit": {"amount": "1", "unit": "piece"}, "region": "CN",
        "start": "2025-01-01", "end": "2025-12-31", "parts": [part],
        "parameters": [{"name": "x", "value": changed.get("x", "1")}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": "=1e308"}, "parameters · x: the formula '=1e308' gives no finite number"),
        ({"x": "=1e200*1e200"}, "gives no finite number"),
        ({"x": "NaN"}, "parameters · x: x: 'NaN' is neither a decimal number"),
        ({"x": "inf"}, "x: 'inf' is neither a decimal number"),
        ({"x": "="}, "parameters · x: the formula '=' cannot be read"),
        ({"x": "=-5"}, "mass_kg: '=x' is below zero"),
        ({"mass": "=1e308*x"}, "gives no finite number"),
        ({"quantity": "=-x"}, "quantity: '=-x' is below zero"),
    ],
)
def test_a_number_that_nothing_has_is_told_at_its_place(changed: dict[str, str], said: str) -> None:
    with pytest.raises(ModelInvalid) as caught:
        lines(product_reading.model(described(**changed)), load("pcf.iso14067_2018"))
    assert said in str(caught.value)


def test_a_long_formula_is_told_in_part() -> None:
    with pytest.raises(ModelInvalid) as caught:
        lines(product_reading.model(described(mass="=" + "y+" * 1000 + "y")), load("pcf.iso14067_2018"))
    assert len(str(caught.value)) < 400


def test_as_many_ids_as_a_file_can_hold_are_told_apart_at_once() -> None:
    """Counting each of n ids anew takes n x n steps: minutes for a file of some megabytes."""
    data = {**described(), "parts": [{"id": str(number)} for number in range(40_000)] + [{"id": "7"}]}
    began = process_time()
    with pytest.raises(ModelInvalid, match="the id '7'") as caught:
        product_reading.model(data)
    assert len(caught.value.problems) == 1
    assert process_time() - began < 10


def test_units_that_nobody_knows_are_looked_up_a_thousand_times_and_no_more() -> None:
    data = described()
    data["processes"] = [
        {"id": f"p{number}", "stage": "production", "output": "1", "unit": f"wagon{number}"} for number in range(3000)
    ]
    with pytest.raises(ModelInvalid, match="wagon999") as caught:
        product_reading.model(data)
    assert len(caught.value.problems) == 1000


# --- what would make every number one, or a credit of nothing --------------------------------------

HERE = {"output": "1", "unit": "kg", "stage": "production"}


def process(**changed: Any) -> dict[str, Any]:
    """A process that takes of another, with a supplier; what is changed goes over all of it."""
    taken = {"id": "a", "amount": "1", "unit": "kg", "from": {"supplier": "s"}} | changed.get("taken", {})
    supplier = {"id": "s", "zh": "料", "unit": "kg", "kgco2e": "2"} | changed.get("supplier", {})
    return described() | {
        "unit": {"amount": "1", "unit": "kg"} | changed.get("unit", {}),
        "lifetime_km": changed.get("lifetime_km", "1"),
        "parts": [],
        "main": "p",
        "processes": [{"id": "p", **HERE, "inputs": [taken]}, {"id": "q", **HERE}],
        "suppliers": [supplier, {"id": "truck", "zh": "运", "unit": "tkm", "kgco2e": "0.1"}],
        "parameters": [{"name": "x", "value": "1"}],
    }


def refused(**changed: Any) -> str:
    with pytest.raises(ModelInvalid) as caught:
        lines(product_reading.model(process(**changed)), load("pcf.iso14067_2018"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": {"amount": "0"}}, "unit: amount: '0' is not above zero"),
        ({"unit": {"amount": "-1"}}, "unit: amount: '-1' is not above zero"),
        ({"unit": {"amount": "=x - 1"}}, "unit: amount: '=x - 1' is not above zero"),
        ({"unit": {"mass_kg": "0"}}, "unit: mass_kg: '0' is not above zero"),
        ({"unit": {"mass_kg": "-3"}}, "mass_kg: '-3' is below zero"),
        ({"unit": {"mass_kg": "=x"}}, "unit: mass_kg: '=x' is no decimal number"),
        ({"lifetime_km": "0"}, "lifetime_km: '0' is not above zero"),
        (
            {"supplier": {"gwp_set": "AR7"}},
            "suppliers s: gwp_set: no set of warming potentials 'AR7'; write one of SAR,",
        ),
        ({"supplier": {"gwp_set": "AR5 + AR 6"}}, "no set of warming potentials 'AR 6'"),
        ({"supplier": {"primary_data_share": "101"}}, "primary_data_share: '101' is more than 100 percent"),
        ({"supplier": {"primary_data_share": "-1"}}, "primary_data_share: '-1' is below zero"),
        ({"supplier": {"dqr": "-1"}}, "dqr: '-1' is below zero"),
        ({"taken": {"carbon_biogenic_kg": "-1"}}, "carbon_biogenic_kg: '-1' is below zero"),
        ({"taken": {"amount": "-1", "from": {"process": "q"}}}, "process p › a: amount: '-1' is below zero"),
        (
            {"taken": {"amount": "=-x", "recycling": {"material": "metals"}}},
            "process p › a: amount: '=-x' is below zero",
        ),
        (
            {"taken": {"amount": "-1", "transport": [{"from": {"supplier": "truck"}, "km": "1"}]}},
            "process p › a: amount: '-1' is below zero",
        ),
        ({"taken": {"id": "a" * 201}}, "id: 'aaaaa"),
        ({"taken": {"from": {"activity": "electricity", "region": "Hubei-X"}}}, "or name, such as CN-HB"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(changed: dict[str, Any], said: str) -> None:
    assert said in refused(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"taken": {"amount": "-1"}},  # what is avoided
        {"unit": {"mass_kg": "1"}},
        {"supplier": {"gwp_set": "AR5 + AR6", "primary_data_share": "100"}},
        {"supplier": {"gwp_set": ""}},
        {"supplier": {"kgco2e": "-2"}},  # more taken up than given off
    ],
)
def test_what_physics_allows_is_not(changed: dict[str, Any]) -> None:
    assert lines(product_reading.model(process(**changed)), load("pcf.iso14067_2018")).lines


def test_every_set_that_an_importer_writes_is_known() -> None:
    assert {one.value.removeprefix("IPCC ") for one in LCIAMethod} <= set(GWP_SETS)
    assert set(load_library().gwp_sets) <= set(GWP_SETS)


def warned(method: str, **changed: Any) -> dict[str, Any]:
    found, rule = product_reading.model(process(**changed)), load(method)
    suppliers = {one.id: one for one in found.suppliers}
    resolver = Resolver(load_library(), date(2025, 12, 31), "CN", rule.gwp_set, suppliers=suppliers)
    made = footprint(found, rule, resolver, Meta("P", "2026-01-01T00:00:00Z", "0")).snapshot
    assert recompute(made)["warnings"] == made["warnings"]
    assert footprint_told.warnings(made)
    return {one["code"]: one["params"] for one in made["warnings"]}


def test_a_method_that_nobody_knows_is_told() -> None:
    found = warned("pcf.iso14067_2018", supplier={"method": "ISO 14067:2030"})["behind-method-unknown"]
    assert (found["method"], found["share"], found["lines"]) == ("ISO 14067:2030", "100", "p.a")
    for known in ("", "pact.3.0"):
        assert "behind-method-unknown" not in warned("pcf.iso14067_2018", supplier={"method": known})


def test_what_is_avoided_inside_the_total_is_told_and_beyond_it_is_not() -> None:
    found = warned("en15804.a2", taken={"amount": "-1"})["negative_input"]
    assert (found["lines"], found["share"]) == ("p.a", "100")
    assert "negative_input" not in warned("en15804.a2", taken={"amount": "-1", "stage": "beyond", "module": "D"})
    assert "negative_input" not in warned("en15804.a2")
