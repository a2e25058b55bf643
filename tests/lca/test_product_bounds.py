"""Numbers of a product model that no product has: told at their place, never thrown."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from lca import product_reading
from lca.errors import ModelInvalid
from lca.footprint_method import load
from lca.product_lines import lines


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
