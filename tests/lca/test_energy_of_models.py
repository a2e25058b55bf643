"""Energy in product models: what burning at the end of a life gives, and co-products shared by what they hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from factors.library import load as load_library
from factors.strict_yaml import TextLoader
from lca import product_reading
from lca.errors import ModelInvalid, ModelUnanswered
from lca.footprint import Meta, footprint, recompute
from lca.footprint_method import load
from lca.supplies import Resolver

LIBRARY = load_library()
META = Meta("P", "2026-01-01T00:00:00Z", "0")

HEAD = """
id: part
zh: 塑料件
region: CN
start: 2025-01-01
end: 2025-12-31
boundary: %(boundary)s
unit: {kind: declared, amount: 1, unit: kg, zh: 1 kg, mass_kg: 1}
suppliers:
  - {id: virgin, zh: 原生塑料, unit: kg, kgco2e: 2.0}
  - {id: recycled, zh: 再生塑料, unit: kg, kgco2e: 0.5}
  - {id: furnace, zh: 焚烧, unit: kg, kgco2e: 2.4}
  - {id: tip, zh: 填埋, unit: kg, kgco2e: 0.03}
  - {id: heat, zh: 热力, unit: GJ, kgco2e: 70}
  - {id: power, zh: 电力, unit: kWh, kgco2e: 0.54}
parts:
  - {id: body, mass_kg: 1, from: {supplier: virgin}, recycling: %(recycling)s}
"""
BURNED = {
    "material": "plastics",
    "burned_at_end": "0.8",
    "burning": {"supplier": "furnace"},
    "disposal": {"supplier": "tip"},
    "lhv_mj_per_kg": "40",
    "burned_to_heat": "0.3",
    "burned_to_power": "0.12",
    "heat_replaced": {"supplier": "heat"},
    "power_replaced": {"supplier": "power"},
}
WHOLE = "cradle_to_gate_with_end_of_life"


def data(recycling: dict[str, Any], boundary: str = WHOLE) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(
        HEAD % {"boundary": boundary, "recycling": yaml.dump(recycling, default_flow_style=True).strip()}, TextLoader
    )
    return found


def computed(given: dict[str, Any], method: str) -> Any:
    found = product_reading.model(given)
    rule = load(method)
    resolver = Resolver(
        LIBRARY, date(2025, 12, 31), "CN", rule.gwp_set, suppliers={one.id: one for one in found.suppliers}
    )
    made = footprint(found, rule, resolver, META).snapshot
    assert recompute(made)["results"] == made["results"]
    return made


def refused(given: dict[str, Any], method: str = "en15804.a2") -> str:
    with pytest.raises(ModelInvalid) as caught:
        computed(given, method)
    return str(caught.value)


# --- energy from burning -------------------------------------------------------------------------


def test_the_circular_footprint_formula_with_energy_recovery_from_a_model() -> None:
    """Vector R03 with A = 0.5, B = 0: 1.4 + 0.3 x (0.25 + 0.9) + 0.25 x (0.5 - 1.8)
    + 0.3 x (2.4 - 40 x 0.3 x 0.07 - 40 x 0.12 x 0.15) + 0.2 x 0.03 = 1.678; 70 kg/GJ is 0.07 kg/MJ, 0.54 kg/kWh 0.15.
    """
    recycling = {
        **BURNED, "post_consumer": "0.3", "recycled": {"supplier": "recycled"}, "recycled_at_end": "0.5",
        "recycling": {"supplier": "recycled"}, "burned_at_end": "0.3", "quality_in": "0.9", "quality_out": "0.9",
    }  # fmt: skip
    results = computed(data(recycling, "cradle_to_grave"), "recycling.cff")["results"]
    assert float(results["total_kgco2e"]) == pytest.approx(1.678)
    # The credit: 0.25 x 1.8 of material, 0.3 x (0.84 + 0.72) of energy.
    assert float(results["credits_kgco2e"]) == pytest.approx(-0.45 - 0.468)


@pytest.mark.parametrize(
    ("heat", "power", "modules", "beyond"),
    [
        # 42 % recovered: disposal. C4 = 0.8 x 2.4 + 0.2 x 0.03, D3 = -0.8 x 40 x (0.3 x 0.07 + 0.12 x 0.15)
        ("0.3", "0.12", {"C4": 1.926}, -1.248),
        # 60 % is not more than 60 %: D3 = -0.8 x 40 x (0.5 x 0.07 + 0.1 x 0.15)
        ("0.5", "0.1", {"C4": 1.926}, -1.6),
        # 70 % recovered: waste processing. C3 = 0.8 x 2.4, C4 = 0.2 x 0.03, D3 = -0.8 x 40 x (0.6 x 0.07 + 0.1 x 0.15)
        ("0.6", "0.1", {"C3": 1.92, "C4": 0.006}, -1.824),
        # Burned for nothing: disposal, and no module D.
        ("0", "0", {"C4": 1.926}, 0),
    ],
)
def test_burning_counts_inside_and_what_it_replaces_in_module_d(
    heat: str, power: str, modules: dict[str, float], beyond: float
) -> None:
    given = data({**BURNED, "burned_to_heat": heat, "burned_to_power": power})
    made = computed(given, "en15804.a2")
    results = made["results"]
    stages = {key: float(value) for key, value in results["by_stage"].items()}
    assert stages == pytest.approx({"A1": 2.0, **modules})
    assert float(results["outside_kgco2e"]["D"]) == pytest.approx(beyond)
    # D stands outside: 2.0 + 0.8 x 2.4 + 0.2 x 0.03
    assert float(results["total_kgco2e"]) == pytest.approx(3.926)


def test_what_is_burned_and_tipped_is_what_there_was() -> None:
    made = computed(data({**BURNED, "recycled_at_end": "0.05"}), "en15804.a2")
    left = {line["role"]: float(line["amount"]) for line in made["lines"] if line["role"] in ("e_er", "e_d")}
    assert left == pytest.approx({"e_er": 0.8, "e_d": 0.15})  # with 0.05 recycled, one kilogram
    energy = {line["role"]: (float(line["amount"]), line["unit"]) for line in made["lines"] if "e_se" in line["role"]}
    assert energy == {"e_se_heat": (pytest.approx(-9.6), "MJ"), "e_se_el": (pytest.approx(-3.84), "MJ")}


@pytest.mark.parametrize("method", ["recycling.cutoff", "pcf.iso14067_2018"])
def test_by_the_cut_off_rule_burning_burdens_and_its_energy_earns_nothing(method: str) -> None:
    """2.0 + 0.8 x 2.4 + 0.2 x 0.03; no module D."""
    made = computed(data(BURNED, "cradle_to_grave"), method)
    assert float(made["results"]["total_kgco2e"]) == pytest.approx(3.926)
    assert not any("e_se" in line["role"] for line in made["lines"])


def test_what_is_all_burned_needs_no_disposal() -> None:
    recycling = {key: said for key, said in BURNED.items() if key != "disposal"} | {"burned_at_end": "1"}
    assert float(computed(data(recycling), "en15804.a2")["results"]["total_kgco2e"]) == pytest.approx(2.0 + 2.4)
    assert "disposal" in refused(data({**recycling, "burned_at_end": "0.9"}))


def test_a_study_that_stops_at_the_gate_has_no_energy_beyond() -> None:
    made = computed(data(BURNED, "cradle_to_gate"), "en15804.a2")
    assert not any("e_se" in line["role"] for line in made["lines"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"burned_to_heat": "0.9"}, "burned_to_heat + burned_to_power add up to 1.02, more than 1"),
        ({"burned_to_heat": "=0.9"}, "x_heat + x_el = 1.02, expected at most 1"),
        ({"burned_to_heat": "1.1"}, "burned_to_heat: '1.1' does not lie between 0 and 1"),
        ({"lhv_mj_per_kg": ""}, "'lhv_mj_per_kg' is missing"),
        ({"lhv_mj_per_kg": "-40"}, "lhv_mj_per_kg: '-40' is below zero"),
        ({"lhv_mj_per_kg": "=-40"}, "lhv = -40, expected 0 <= lhv"),
        ({"recycled_at_end": "0.3"}, "recycled_at_end + burned_at_end add up to 1.1, more than 1"),
        ({"heat_replaced": {"supplier": "nobody"}}, "there is no supplier 'nobody'"),
        ({"heat_replaced": {}}, "needs a supply for heat_replaced"),
        ({"power_replaced": {}}, "needs a supply for power_replaced"),
    ],
)
def test_energy_that_no_burning_gives_is_refused(changed: dict[str, Any], said: str) -> None:
    assert said in refused(data({**BURNED, **changed}))


def test_material_without_a_mass_burns_to_nothing_that_could_be_told() -> None:
    given = data(BURNED)
    part = given["parts"].pop()
    unit = {"output": "1", "unit": "kg", "stage": "production"}
    bought = {"id": "bought", "amount": "1", "unit": "piece", "from": {"supplier": "case"}}
    given["suppliers"].append({"id": "case", "zh": "外壳", "unit": "piece", "kgco2e": "2"})
    given |= {
        "main": "made",
        "processes": [{"id": "made", **unit, "inputs": [bought | {"recycling": part["recycling"]}]}],
    }
    assert "no mass whose heat could be recovered: state mass_kg" in refused(given)


def test_heat_is_replaced_by_energy_and_by_no_mass() -> None:
    with pytest.raises(ModelUnanswered, match=r"e_se_heat.*MJ"):
        computed(data({**BURNED, "heat_replaced": {"supplier": "virgin"}}), "en15804.a2")


# --- co-products by energy -----------------------------------------------------------------------

REFINERY = """
id: refinery
zh: 柴油
region: CN
start: 2025-01-01
end: 2025-12-31
main: column
unit: {kind: declared, amount: 1, unit: kg, zh: 1 kg, mass_kg: 1}
suppliers: [{id: crude, zh: 原油, unit: kg, kgco2e: 0.4}]
processes:
  - id: column
    zh: 蒸馏
    stage: production
    output: 800
    unit: kg
    lhv_mj_per_kg: 42.5
    price_cny: 7
    shared_by: energy
    inputs: [{id: crude, zh: 原油, amount: 1065, unit: kg, from: {supplier: crude}}]
    co_products:
      - {id: petrol, zh: 汽油, amount: 0.2, unit: m3, mass_kg: 150, lhv_mj_per_kg: 44, price_cny: 6000}
      - {id: steam, zh: 蒸汽, amount: 2, unit: GJ, price_cny: 80}
"""


def refinery(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(REFINERY, TextLoader)
    found["processes"][0] |= changed
    return found


def test_co_products_are_shared_by_the_energy_they_hold() -> None:
    """800 kg x 42.5 = 34 000 MJ, 150 kg x 44 = 6 600 MJ, 2 GJ = 2 000 MJ; 34 000 / 42 600 of 426 kg over 800 kg."""
    made = computed(refinery(), "pcf.iso14067_2018")
    (node,) = made["nodes"]
    assert node["allocation"] == "energy"
    shares = {key: float(share) for key, share in node["shares"].items()}
    assert shares == pytest.approx({"column": 34000 / 42600, "petrol": 6600 / 42600, "steam": 2000 / 42600})
    assert float(made["results"]["total_kgco2e"]) == pytest.approx(34000 / 42600 * 426 / 800)


def test_without_a_word_it_is_mass_and_value_where_mass_cannot() -> None:
    """Steam has no mass, so that value answers: 5 600 + 1 200 + 160 CNY."""
    (node,) = computed(refinery(shared_by=""), "pcf.iso14067_2018")["nodes"]
    assert node["allocation"] == "economic"
    assert float(node["share"]) == pytest.approx(5600 / 6960)


@pytest.mark.parametrize(
    ("product", "said"),
    [
        ({"id": "slag", "zh": "渣", "amount": "5", "unit": "kg"}, "slag"),  # no heating value
        ({"id": "gas", "zh": "气", "amount": "5", "unit": "m3", "lhv_mj_per_kg": "40"}, "gas"),  # no mass
        ({"id": "steam", "zh": "汽", "amount": "2", "unit": "GJ", "lhv_mj_per_kg": "2"}, "steam"),  # both at once
    ],
)
def test_what_has_no_energy_that_is_known_is_named_and_no_other_way_taken(product: dict[str, str], said: str) -> None:
    """Prices are there, but the maker says that energy is what the products have in common."""
    told = refused(refinery(co_products=[product | {"price_cny": "1"}]), "pcf.iso14067_2018")
    assert "cannot be shared by any way that the method allows: energy:" in told
    assert said in told
    assert "economic" not in told


def test_a_relation_that_nobody_knows_is_refused() -> None:
    assert "shared_by: 'price' is none of: mass, energy" in refused(refinery(shared_by="price"), "pcf.iso14067_2018")
