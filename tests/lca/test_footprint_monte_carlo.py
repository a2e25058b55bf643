"""Footprints drawn by Monte Carlo against closed forms: sums and products of lognormals, and what is shared."""

from __future__ import annotations

import copy
import math
from typing import Any

import make
import pytest

from factors.library import load as load_library
from lca.errors import ModelInvalid, NothingUncertain
from lca.footprint import Meta, footprint, recompute
from lca.footprint_method import load
from lca.footprint_monte_carlo import compared, monte_carlo
from lca.product_reading import model
from lca.supplies import Resolver

LIBRARY = load_library()
META = Meta("P-2025-v1", "2026-01-01T00:00:00Z", "0")
METHOD = "pact.3.0"
RUNS = 20_000
SUPPLIERS = [
    {"id": "metal", "zh": "铝锭", "en": "ingot", "unit": "kg", "kgco2e": "8", "method": METHOD, "gwp_set": "AR6"},
    {"id": "power", "zh": "电", "en": "power", "unit": "kWh", "kgco2e": "0.5", "method": METHOD, "gwp_set": "AR6"},
]


def taken(supplier: str, amount: str, unit: str, **more: Any) -> dict[str, Any]:
    source = {"process" if supplier == "melting" else "supplier": supplier}
    return {"id": supplier, "zh": supplier, "amount": amount, "unit": unit, "from": source, **more}


def made(identifier: str = "part", ingot: Any = None, power: Any = None, link: Any = None) -> dict[str, Any]:
    """1 kg of part: 1.25 kg of melt at 1 kg of ingot each, and 4 kWh: 1.25 x 8 + 4 x 0.5 = 12 kg CO2e."""
    melting = {"id": "melting", "zh": "熔炼", "stage": "raw_materials", "output": "1", "unit": "kg",
               "inputs": [taken("metal", "1", "kg", **(ingot or {}))]}  # fmt: skip
    casting = {"id": "casting", "zh": "铸造", "stage": "production", "output": "1", "unit": "kg",
               "inputs": [taken("melting", "1.25", "kg", **(link or {})),
                          taken("power", "4", "kWh", **(power or {}))]}  # fmt: skip
    return make.product(identifier, parts=[], suppliers=SUPPLIERS, main="casting", processes=[melting, casting])


def frozen(data: dict[str, Any]) -> dict[str, Any]:
    found, rule = model(data), load(METHOD)
    resolver = Resolver(
        LIBRARY, make.NOW.date(), found.region, rule.gwp_set, suppliers={one.id: one for one in found.suppliers}
    )
    return dict(footprint(found, rule, resolver, META).snapshot)


def spread(percent: str, distribution: str = "lognormal") -> dict[str, Any]:
    return {"spread": {"percent": percent, "distribution": distribution}}


def test_one_uncertain_amount_spreads_as_it_is_stated() -> None:
    """Ten of twelve kilograms within a factor of 1.5: the median stays, 97.5 % lie below 10 x 1.5 + 2 = 17."""
    found = monte_carlo(frozen(made(ingot=spread("50"))), RUNS, 7)
    assert found["kgco2e"] == pytest.approx(12, rel=1e-12)
    assert found["median"] == pytest.approx(12, rel=0.01)
    assert found["percentiles"]["97.5"] == pytest.approx(17, rel=0.02)
    assert found["percentiles"]["2.5"] == pytest.approx(10 / 1.5 + 2, rel=0.02)
    assert found["certain_share"] == pytest.approx(2 / 12)
    assert [(one["kind"], one["name_zh"]) for one in found["drivers"]] == [("group", "metal")]


def test_what_one_process_takes_of_another_may_be_uncertain_too() -> None:
    """As above by the link: all of the ten kilograms pass it, so to the first order it is 50 % x 10 / 12."""
    snapshot = frozen(made(link=spread("50", "normal")))
    found = monte_carlo(snapshot, RUNS, 7)
    assert found["sd"] == pytest.approx(10 * 0.5 / 1.96, rel=0.03)
    assert float(snapshot["results"]["uncertainty_percent"]) == pytest.approx(50 * 10 / 12)
    assert found["drivers"][0]["name_zh"] == "熔炼"


def test_independent_amounts_add_their_squares() -> None:
    """sd = sqrt((10 x 10 %)^2 + (2 x 50 %)^2) / 1.96."""
    snapshot = frozen(made(ingot=spread("10", "normal"), power=spread("50", "normal")))
    assert monte_carlo(snapshot, RUNS, 7)["sd"] == pytest.approx(math.sqrt(2) / 1.96, rel=0.03)
    assert float(snapshot["results"]["uncertainty_percent"]) == pytest.approx(100 * math.sqrt(2) / 12)


def test_pedigree_scores_spread_an_amount() -> None:
    """GSD² of (2, 2, 2, 2, 1) with a basic 1.05: table of ecoinvent 2, worked out here.

    Factors 1.05, 1.02, 1.03 and 1.01 of score 2, 1.00 of score 1: ln GSD² = 0.0783.
    """
    whole = math.sqrt(math.fsum(math.log(one) ** 2 for one in (1.05, 1.05, 1.02, 1.03, 1.01)))
    snapshot = frozen(made(ingot={"spread": {"pedigree": [2, 2, 2, 2, 1]}}))
    (ingot,) = (one for one in snapshot["lines"] if one["id"] == "melting.metal")
    assert float(ingot["uncertainty_percent"]) == pytest.approx(100 * math.expm1(1.96 * whole / 2))
    assert monte_carlo(snapshot, RUNS, 7)["gsd"] > 1
    with pytest.raises(ModelInvalid, match="not five"):
        frozen(made(ingot={"spread": {"pedigree": [2, 2]}}))


def test_one_product_with_less_material_is_lower_in_every_run() -> None:
    heavy, light = made(ingot=spread("50")), made(ingot=spread("50"))
    light["processes"][0]["inputs"][0]["amount"] = "0.9"
    found = compared(frozen(light), frozen(heavy), RUNS, 7)
    assert found["first_is_lower"] == 1
    assert found["difference"]["median"] == pytest.approx(-1, rel=0.02)


def test_amounts_of_other_products_are_their_own() -> None:
    """Two products alike, each with an amount of its own: either is lower in half of the runs."""
    found = compared(frozen(made("one", ingot=spread("50"))), frozen(made("other", ingot=spread("50"))), RUNS, 7)
    assert found["first_is_lower"] == pytest.approx(0.5, abs=0.02)


def test_the_same_seed_draws_the_same_from_what_a_stranger_recomputes() -> None:
    snapshot = frozen(made(ingot=spread("50"), power=spread("20")))
    first = monte_carlo(snapshot, 500, 3)
    assert monte_carlo(recompute(copy.deepcopy(snapshot)), 500, 3) == first
    assert monte_carlo(snapshot, 500, 4)["mean"] != first["mean"]


def test_nothing_uncertain_is_said_and_not_drawn() -> None:
    with pytest.raises(NothingUncertain):
        monte_carlo(frozen(made()), 10, 1)
