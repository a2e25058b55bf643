"""The steps from one structure to another, each on a line made for it."""

from __future__ import annotations

from typing import Any

import pytest

from lca.bridge import bridge
from tests.lca.ledgers import ledger, results, stream


def view(**given: Any) -> dict[str, Any]:
    base = {"included": True, "sign": 1, "share": "1", "rule": "", "gases": {"CO2": "2"}, "weights": {"CO2": "1"}}
    return base | given


def moved(location: dict[str, Any], method: dict[str, Any]) -> dict[str, str]:
    views = {"location": location, "market": location, "method": method}
    calculation = {"id": "L001", "views": views}
    totals = {name: 10 * _kg(record) for name, record in views.items()}
    found = bridge([calculation, {"id": "unused", "views": views}], {"L001": 10.0}, totals)
    assert found["unexplained"] == {"market": "0", "method": "0"}
    return {rule["rule"]: rule["location_to_method"] for rule in found["rules"]}


def _kg(record: dict[str, Any]) -> float:
    if not record["included"]:
        return 0.0
    weighted = sum(float(m) * float(record["weights"][g]) for g, m in record["gases"].items())
    return record["sign"] * float(record["share"]) * weighted


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (view(), {}),
        (view(gases={"CO2": "3"}), {"other-factor": "10"}),
        (view(weights={"CO2": "1.5"}), {"gwp-set": "10"}),
        (view(gases={}), {"gas-not-counted": "-20"}),
        (view(gases={"CO2": "2", "CH4": "1"}, weights={"CO2": "1", "CH4": "28"}), {"gas-added": "280"}),
        (view(share="0.5"), {"boundary-share": "-10"}),
        (view(sign=-1), {"sign": "-40"}),
        (view(gases={"CO2": "3"}, weights={"CO2": "2"}), {"other-factor": "10", "gwp-set": "30"}),
    ],
)
def test_each_reason_has_its_own_rule(method: dict[str, Any], expected: dict[str, str]) -> None:
    assert moved(view(), method) == expected


def test_in_and_out_of_a_structure() -> None:
    assert moved(view(), view(included=False, rule="left-out")) == {"left-out": "-20"}
    assert moved(view(included=False, rule="left-out"), view()) == {"left-out": "20"}


def test_a_remainder_that_is_real_is_shown() -> None:
    views = {"location": view(), "market": view(), "method": view()}
    totals = {"location": 20.0, "market": 20.0, "method": 21.0}
    found = bridge([{"id": "L001", "views": views}], {"L001": 10.0}, totals)
    assert found["unexplained"] == {"market": "0", "method": "1"}


@pytest.mark.parametrize(
    ("source", "amount", "tce"),
    [
        (stream("heat_purchased", "GJ"), "100", 100 * 34.12 / 1000),  # 0.03412 kgce/MJ
        (
            stream("steam_purchased", "t", parameters=(("enthalpy", "2777"),)),
            "10",
            10 * (2777 - 83.74) / 1000 * 0.03412,
        ),
        (
            stream("hot_water_purchased", "t", parameters=(("temperature", "90"),)),
            "10",
            10 * (90 - 20) * 4.1868 / 1000 * 0.03412,
        ),
        (stream("heat_exported", "GJ"), "100", -3.412),
        (stream("natural_gas", "GJ"), "29.3076", 1.0),
        (stream("electricity", "kWh"), "1000", 0.1229),
        (stream("freight_rail", "tkm"), "1000", 0.0),
        (stream("diesel", "t"), "1", 43.330 / 29.3076),
    ],
)
def test_energy_of_each_kind(source: Any, amount: str, tce: float) -> None:
    found = results(ledger((source, "2025-01", amount)), "inventory.cn_gbt32150")["energy"]
    assert float(found["tce_calorific"]) == pytest.approx(tce, rel=1e-11)
