"""Every field of every body the API takes, filled with what no person would write: refused or taken, never a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from test_api import BASE, LING, ROW, ling
from test_api_footprints import CUTOFF, MODEL

__all__ = ["ling"]

DEEP: Any = []
for _ in range(80):
    DEEP = [DEEP]

ODD: dict[str, Any] = {
    "nul": "a\x00b",
    "bidi": "a\u202eb",
    "long": "x" * 100_000,
    "integer of 4000 digits": int("9" * 4000),
    "beyond 64 bits": 2**70,
    "below 64 bits": -(2**70),
    "nan": float("nan"),
    "infinity": float("inf"),
    "deep": DEEP,
    "table": {"a": {"b": 1}},
    "true": True,
    "null": None,
    "empty": "",
    "digits": "9" * 5000,
    "huge exponent": "1e999999",
    "small exponent": "1e-999999",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "year of five digits": "10000-01-01",
    "lines": 'a\r\n"b,c',
    "wide space": "\u3000",
    "formula": "=1+1",
}
SITE = {"code": "s2", "name_zh": "二厂", "region": "广东", "name_en": "", "share_percent": "50", "sector": ""}
COMPANY = {
    "code": "new",
    "name_zh": "新厂",
    "approach": "operational_control",
    "base_year": "2020",
    "electricity_equivalent_kgce_per_kwh": "0.3",
    "electricity_equivalent_source": "x",
}
INSTRUMENT = {
    "kind": "gec",
    "number_from": "1",
    "number_to": "2",
    "amount": "2",
    "unit": "MWh",
    "generated_from": "2025-01-01",
    "generated_to": "2025-01-31",
    "technology": "wind",
    "region": "广东",
    "valid_until": "2026-01-01",
    "beneficiary": "x",
    "retired_on": "2025-03-01",
    "site": "works",
}
FULL_ROW = {**ROW, "name": "n", "uncertainty_percent": "5", "factor": "", "parameters": {"ncv_gj_per_t": "5"}}
PRODUCT = {"site": "works", "name_zh": "锭", "amount": "5", "unit": "t", "start": "2025-01-01", "end": "2025-01-31"}
BODIES: dict[str, dict[str, Any]] = {
    BASE: COMPANY,
    f"{LING}/sites": SITE,
    f"{LING}/activities": FULL_ROW,
    f"{LING}/activities/1/corrections": {**FULL_ROW, "amount": "5", "reason": "r"},
    f"{LING}/instruments": INSTRUMENT,
    f"{LING}/instruments/1/withdrawal": {"reason": "r"},
    f"{LING}/products": PRODUCT,
    f"{LING}/exclusions": {"category": "x", "reason": "y", "estimate_kgco2e": "5", "start": "2025-01-01"},
    f"{LING}/periods": {"start": "2024-01-01", "end": "2024-01-31"},
    f"{LING}/periods/1/reopening": {"reason": "r"},
    f"{LING}/evidence/{'0' * 64}/rows": {"rows": [1]},
    f"{LING}/jobs": {"kind": "inventory.run", "arguments": {"year": 2025, "method": "inventory.ghgp"}},
    f"{LING}/footprints/portfolio": {"method": "pact.3.0"},
    f"{LING}/footprints/x/monte-carlo": {"against": "", "runs": 5, "seed": 1},
    f"{LING}/webhooks": {"url": "https://example.org/", "kinds": ["job.done"]},
    f"{LING}/product-models": {"model": MODEL, "reason": "r"},
    f"{LING}/footprints": {"product": MODEL["id"], "method": CUTOFF, "reason": "r"},
    f"{LING}/footprints/trials": {"model": MODEL, "methods": [CUTOFF], "scenario": "lean", "parameters": {"a": "1"}},
    f"{LING}/footprints/none/exports": {"format": "pact", "language": "en", "said": {"owner": "x"}},
}


@pytest.mark.parametrize("path", BODIES)
def test_odd_values_are_no_fault_of_ours(path: str, ling: FlaskClient) -> None:
    ling.post(f"{LING}/activities", json=ROW)
    ling.application.testing = False  # a fault answers 500 here, as it does in service
    faults = []
    for name, value in ODD.items():
        bodies = [{**BODIES[path], field: value} for field in BODIES[path]]
        for body in (*bodies, dict.fromkeys(BODIES[path], value), [value], value):
            answer = ling.post(path, data=json.dumps(body), content_type="application/json")
            if answer.status_code >= 500:
                faults.append((name, body))
    assert faults == []


def test_odd_values_inside_a_model_are_no_fault_of_ours(ling: FlaskClient) -> None:
    ling.application.testing = False
    wide = {**ODD, "blank": " ", "path": "../../x", "power": "=9**9**9", "brackets": "=" + "(" * 3000}
    faults = []
    for name, value in wide.items():
        for inside in _inside(MODEL):
            sent = json.dumps({"model": _with(MODEL, inside, value), "reason": "r"})
            answer = ling.post(f"{LING}/product-models", data=sent, content_type="application/json")
            if answer.status_code >= 500:
                faults.append((name, inside))
    assert faults == []


def _inside(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, one in inner for place in _inside(one, (*path, key))]


def _with(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A value with something odd at one of its places."""
    if not path:
        return odd
    if isinstance(value, list):
        return [_with(one, path[1:], odd) if number == path[0] else one for number, one in enumerate(value)]
    return {**value, path[0]: _with(value.get(path[0], {}), path[1:], odd)}
