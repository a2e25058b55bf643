"""The footprint of a product: worked by hand, by line; laws; and that a stranger computes the same again."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from factors.library import load as load_library
from factors.match import Overlay, OwnFactor
from factors.strict_yaml import TextLoader
from lca import footprint as footprints
from lca import footprint_soundness
from lca.errors import ModelInvalid, ModelUnanswered, SnapshotInvalid, SystemSingular
from lca.footprint import Footprint, Meta, footprint, recompute
from lca.footprint_method import load
from lca.product_model import Source
from lca.product_reading import model
from lca.snapshot import canonical_bytes
from lca.supplies import Resolver

LIBRARY = load_library()
META = Meta("P-2025-v1", "2026-01-01T00:00:00Z", "0")

SUPPLIERS = """
  - {id: virgin, zh: 原铝, unit: kg, kgco2e: 16, method: %(method)s, gwp_set: AR6}
  - {id: recycled, zh: 再生铝, unit: kg, kgco2e: 0.8, method: %(method)s, gwp_set: AR6}
  - {id: tip, zh: 处置, unit: kg, kgco2e: 0.05, method: %(method)s, gwp_set: AR6}
  - {id: power, zh: 电力, unit: kWh, kgco2e: 0.65, method: %(method)s, gwp_set: AR6}
  - {id: gas, zh: 燃气, unit: m3, kgco2e: 2.4, method: %(method)s, gwp_set: AR6}
  - {id: truck, zh: 货运, unit: tkm, kgco2e: 0.08, method: %(method)s, gwp_set: AR6}
"""
HEAD = """
id: part
zh: 铝件
region: CN-HB
start: 2025-01-01
end: 2025-12-31
unit: {kind: declared, amount: 1, unit: kg, zh: 1 kg, mass_kg: 1}
suppliers: %s
"""


def made(text: str, method: str = "pcf.gbt24067_2024") -> Any:
    return yaml.load(HEAD % (SUPPLIERS % {"method": method}) + text, TextLoader)


def run(text: str, method: str = "pcf.gbt24067_2024", **overrides: float) -> Footprint:
    return computed(made(text, method), method, **overrides)


def computed(data: Any, method: str, **overrides: float) -> Footprint:
    found = model(data)
    rule = load(method)
    resolver = Resolver(
        LIBRARY, date.fromisoformat(found.end), found.region, rule.gwp_set, suppliers={s.id: s for s in found.suppliers}
    )
    return footprint(found, rule, resolver, META, overrides=overrides)


def total(found: Footprint) -> float:
    return float(found.snapshot["results"]["total_kgco2e"])


ALUMINIUM = """
parts:
  - id: housing
    zh: 壳体
    mass_kg: 1
    from: {supplier: virgin}
    recycling: {material: metals, post_consumer: 0.4, recycled: {supplier: recycled}, recycled_at_end: 0.9,
                recycling: {supplier: recycled}, disposal: {supplier: tip}}
"""


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("recycling.cutoff", 9.925),  # 0.6 x 16 + 0.4 x 0.8 + 0.1 x 0.05
        ("recycling.cff", 3.845),  # 0.6 x 16 + 0.4 (0.2 x 0.8 + 0.8 x 16) + 0.8 x 0.9 (0.8 - 16) + 0.1 x 0.05
        ("recycling.5050", 6.125),  # 16 - 0.5 (0.4 + 0.9) (16 - 0.8) + 0.1 x 0.05
    ],
)
def test_the_same_aluminium_part_under_three_rules(method: str, expected: float) -> None:
    assert total(run(ALUMINIUM, method)) == pytest.approx(expected, rel=1e-9)


def test_burden_of_scrap_and_credit_stand_apart_and_add_up() -> None:
    found = run(ALUMINIUM, "recycling.cff").snapshot["results"]
    assert float(found["scrap_burden_kgco2e"]) == pytest.approx(0.4 * 0.8 * 16)
    assert float(found["credits_kgco2e"]) == pytest.approx(-0.8 * 0.9 * 16)
    assert float(found["gate_kgco2e"]) == pytest.approx(0.6 * 16 + 0.4 * 0.2 * 0.8 + 0.8 * 0.9 * 0.8 + 0.1 * 0.05)
    parts = ("gate_kgco2e", "scrap_burden_kgco2e", "credits_kgco2e")
    assert sum(float(found[one]) for one in parts) == pytest.approx(float(found["total_kgco2e"]))


BRACKET = """
main: forging
parameters: [{name: utilisation, value: 0.8}]
processes:
  - id: forging
    zh: 锻造
    stage: production
    output: 1
    unit: kg
    inputs:
      - {id: al, zh: 铝, amount: =1 / utilisation, unit: kg, from: {supplier: blend}, stage: raw_materials}
      - {id: el, zh: 电, amount: 3.0, unit: kWh, from: {supplier: power}}
      - {id: gas, zh: 气, amount: 0.1, unit: m3, from: {supplier: gas}}
      - {id: truck, zh: 运, amount: 0.6, unit: tkm, from: {supplier: truck}, stage: raw_materials}
"""


def bracket() -> Any:
    data = made(BRACKET)
    data["suppliers"].append(
        {"id": "blend", "zh": "混合铝", "unit": "kg", "kgco2e": "12.96", "method": "pcf.gbt24067_2024"}
    )
    return data


def test_the_bracket_of_the_standards_page() -> None:
    """12.96 / 0.8 + 3.0 x 0.65 + 0.1 x 2.4 + 0.6 x 0.08 = 18.438 kg CO2e/kg (worked example P18)."""
    found = computed(bracket(), "pcf.gbt24067_2024")
    assert total(found) == pytest.approx(18.438, rel=1e-12)
    stages = found.snapshot["results"]["by_stage"]
    assert float(stages["raw_materials"]) == pytest.approx(16.2 + 0.048)
    assert float(stages["production"]) == pytest.approx(1.95 + 0.24)
    assert found.snapshot["results"]["by_component"] == {"forging": "18.438"}
    assert [one["group"] for one in found.snapshot["results"]["sensitivity"]][:2] == ["forging.al", "forging.el"]


def test_a_parameter_may_be_given_another_value() -> None:
    assert total(computed(bracket(), "pcf.gbt24067_2024", utilisation=0.9)) == pytest.approx(14.4 + 1.95 + 0.24 + 0.048)
    with pytest.raises(ModelInvalid, match="yeild"):
        computed(bracket(), "pcf.gbt24067_2024", yeild=0.9)


def test_parts_of_parts_multiply_and_carry_their_transport() -> None:
    """2 doors, each of 3 hinges of 0.5 kg from 0.8 kg/kg material, 200 km: 6 x 0.5 / 0.8 = 3.75 kg."""
    found = run(
        """
parts:
  - id: door
    zh: 车门
    quantity: 2
    parts:
      - {id: hinge, zh: 铰链, quantity: 3, mass_kg: 0.5, utilisation: 0.8, from: {supplier: virgin},
         transport: [{km: 200, from: {supplier: truck}}]}
"""
    )
    assert total(found) == pytest.approx(3.75 * 16 + 3.75 / 1000 * 200 * 0.08)
    assert set(found.snapshot["results"]["by_component"]) == {"door"}


WAYS = pytest.mark.parametrize("dense", [400, 0], ids=["dense", "sparse"])


@WAYS
def test_processes_feed_each_other_and_a_loop_is_solved(dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Melting takes 1.1 kg of sorted scrap, give or take 10 %, and 1 kWh; sorting 0.1 kg of metal back and 2 kWh."""
    monkeypatch.setattr(footprints, "DENSE", dense)
    found = run(
        """
main: melting
processes:
  - {id: melting, zh: 熔炼, stage: production, output: 1, unit: kg, inputs: [
      {id: scrap, zh: 料, amount: 1.1, unit: kg, from: {process: sorting}, spread: {percent: 10}},
      {id: el, zh: 电, amount: 1, unit: kWh, from: {supplier: power}}]}
  - {id: sorting, zh: 分选, stage: raw_materials, output: 1, unit: kg, inputs: [
      {id: metal, zh: 回炉, amount: 0.1, unit: kg, from: {process: melting}},
      {id: el, zh: 电, amount: 2, unit: kWh, from: {supplier: power}}]}
"""
    )
    # m = 1 + 0.1 s, s = 1.1 m: m = 1 / 0.89
    melted = 1 / 0.89
    assert total(found) == pytest.approx(0.65 * (melted + 2 * 1.1 * melted))
    # With h_s = 0.65 x 2 + 0.1 h_m and h_m = the total, 1.1 m h_s of it turns on the link.
    sorted_scrap = 0.65 * 2 + 0.1 * total(found)
    percent = 10 * 1.1 * melted * sorted_scrap / total(found)
    assert float(found.snapshot["results"]["uncertainty_percent"]) == pytest.approx(percent)


@WAYS
def test_a_singular_loop_is_named(dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprints, "DENSE", dense)
    with pytest.raises(SystemSingular):
        run(
            """
main: a
processes:
  - {id: a, zh: 甲, stage: production, output: 1, unit: kg, inputs: [
      {id: x, zh: x, amount: 1, unit: kg, from: {process: b}}]}
  - {id: b, zh: 乙, stage: production, output: 1, unit: kg, inputs: [
      {id: x, zh: x, amount: 1, unit: kg, from: {process: a}}]}
"""
        )


SLAG = """
main: a
processes:
  - {id: a, zh: 炼, stage: production, output: 9, unit: kg, %s inputs: [
      {id: el, zh: 电, amount: 100, unit: kWh, from: {supplier: power}}],
     co_products: [{id: slag, zh: 渣, amount: 1, unit: kg%s}]}
"""


def test_co_products_are_shared_by_the_methods_order() -> None:
    by_mass = run(SLAG % ("", ""))
    assert total(by_mass) == pytest.approx(65 * 0.9 / 9)  # 9 of 10 kg
    assert by_mass.snapshot["nodes"][0]["allocation"] == "physical"


def test_products_that_have_nothing_in_common_are_asked_about() -> None:
    text = (SLAG % ("", "")).replace("amount: 1, unit: kg", "amount: 1, unit: MJ")
    with pytest.raises(ModelInvalid) as caught:
        run(text)
    assert [one.code for one in caught.value.problems] == ["allocation-impossible"]
    priced = text.replace("output: 9,", "output: 9, price_cny: 10,").replace("unit: MJ", "unit: MJ, price_cny: 10")
    assert total(run(priced)) == pytest.approx(65 * 0.9 / 9)


def test_living_carbon_is_counted_as_the_method_says() -> None:
    text = """
main: a
processes:
  - {id: a, zh: 板, stage: production, output: 1, unit: kg, emissions: [
      {id: up, gas: CO2, part: removal, amount: 1.6, stage: raw_materials},
      {id: burn, gas: CO2, part: biogenic, amount: 0.4},
      {id: ch4, gas: CH4_biogenic, part: biogenic, amount: 0.01},
      {id: luc, gas: CO2, part: land_use, amount: 0.2},
      {id: fly, gas: CO2, part: aircraft, amount: 0.05},
      {id: co2, gas: CO2, amount: 1}]}
"""
    counted = run(text).snapshot["results"]
    assert float(counted["total_kgco2e"]) == pytest.approx(1 + 0.4 + 0.27 + 0.2 + 0.05 - 1.6)
    assert [
        float(counted[one]) for one in ("fossil", "biogenic_emissions", "biogenic_removals", "luluc", "aircraft")
    ] == [pytest.approx(value) for value in (1, 0.67, -1.6, 0.2, 0.05)]
    pact = run(text, "pact.3.0").snapshot["results"]
    assert float(pact["total_kgco2e"]) == pytest.approx(1 + 0.27 + 0.2 + 0.05)
    assert float(pact["including_uptake_kgco2e"]) == pytest.approx(float(counted["total_kgco2e"]))


def test_factors_of_the_library_answer_with_their_variant_and_burning_is_direct() -> None:
    """85 Nm3 x 21.650151996 t CO2/10^4 Nm3 (MEE set: 389.31 x 15.32 x 0.99 x 44/12 / 10^3 ...) = 184.0263 kg CO2."""
    found = run(
        """
main: melting
processes:
  - {id: melting, zh: 熔炼, stage: production, output: 1, unit: kg, inputs: [
      {id: gas, zh: 气, amount: 85, unit: Nm3, from: {activity: natural_gas}}]}
"""
    )
    (gas, *_) = [one for one in found.snapshot["lines"] if one["id"] == "melting.gas"]
    supply = found.snapshot["supplies"][gas["supply"]]
    co2 = 85 * float(supply["gases_kg"]["CO2/fossil"]) / 1e4 if supply["unit"] == "1e4Nm3" else None
    assert co2 == pytest.approx(85 * 2.1650151996)
    assert supply["factor_ids"]
    assert supply["variants"] == ["default"]


def test_a_fuel_brings_its_supply_chain_or_says_that_it_is_missing() -> None:
    text = """
main: melting
processes:
  - {id: melting, zh: 熔炼, stage: production, output: 1, unit: kg, inputs: [
      {id: gas, zh: 气, amount: 85, unit: Nm3, from: {activity: natural_gas}}]}
"""
    found = run(text).snapshot
    (upstream,) = [one for one in found["lines"] if one["id"] == "melting.gas.supply"]
    assert (upstream["stage"], found["supplies"][upstream["supply"]]["is_upstream"]) == ("production", True)
    by_module = run(text, "en15804.a2").snapshot["lines"]  # A1 is the supply of everything
    assert {one["id"]: one["stage"] for one in by_module} == {"melting.gas": "A3", "melting.gas.supply": "A1"}
    earlier = made(text) | {"start": "2019-01-01", "end": "2019-12-31"}  # DESNZ's net figures begin in 2025
    found = computed(earlier, "pcf.gbt24067_2024").snapshot
    assert [one["id"] for one in found["lines"]] == ["melting.gas"]
    assert "behind-upstream-missing" in [one["code"] for one in found["warnings"]]


def test_inputs_without_a_value_are_all_asked_at_once() -> None:
    with pytest.raises(ModelUnanswered) as caught:
        run(
            """
main: a
processes:
  - {id: a, zh: 甲, stage: production, output: 1, unit: kg, inputs: [
      {id: x, zh: x, amount: 1, unit: kg, from: {activity: unobtainium}},
      {id: y, zh: y, amount: 1, unit: kg, from: {factor: no-such-record}},
      {id: z, zh: z, amount: 1, unit: kg, from: {supplier: power}}]}
"""
        )
    assert len(caught.value.questions) == 3  # unknown, unknown, kg against kWh


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"processes": [{"id": "a", "stage": "production", "output": "-1", "unit": "kg"}]}, "amount-not-above"),
        ({"unit": {"amount": "1"}}, "key-missing"),
        ({"id": " "}, "key-missing"),
        ({"suppliers": [{"id": "s", "unit": "kg", "kgco2e": "\u3000"}]}, "key-missing"),
        ({"id": "../../x"}, "id-odd"),
        ({"id": "a\nb"}, "id-odd"),
        ({"id": "x" * 101}, "id-odd"),
        ({"site": "x" * 32_768}, "text-too-long"),
        ({"statements": {"x": "x" * 32_768}}, "text-too-long"),
        ({"colour": "red"}, "key-unknown"),
        ({"main": "nowhere"}, "main-unknown"),
        ({"parts": [{"id": "p", "mass_kg": "-2", "from": {"supplier": "virgin"}}]}, "amount-below"),
        ({"parts": [{"id": "p", "mass_kg": "x", "from": {"supplier": "virgin"}}]}, "not-a-number"),
        ({"parts": [{"id": "p", "mass_kg": "1", "from": {"supplier": "nobody"}}]}, "supplier-unknown"),
        ({"parts": [{"id": "p", "mass_kg": "1", "from": {"process": "nobody"}}]}, "process-unknown"),
        ({"parts": [{"id": "p", "mass_kg": "1", "from": {}}]}, "source-not-one"),
        ({"parts": [{"id": "p"}, {"id": "p"}]}, "id-twice"),
        ({"parts": "many"}, "not-a-list"),
        ({"schema": "tanji.product-9"}, "schema-unknown"),
        ({"parts": [], "processes": []}, "nothing-inside"),
    ],
)
def test_a_model_that_makes_no_sense_names_place_and_cause(change: dict[str, Any], code: str) -> None:
    data = bracket() | change
    with pytest.raises(ModelInvalid) as caught:
        model(data)
    assert code in [one.code for one in caught.value.problems]


@pytest.mark.parametrize(
    ("value", "code"),
    [("=1 / 0", "formula-no-number"), ("=nothing", "formula-unknown-name"), ("=1 +", "formula-unreadable"),
     ("=__import__('os')", "formula-unreadable")],
)  # fmt: skip
def test_formulas_that_give_no_number_are_named(value: str, code: str) -> None:
    data = bracket()
    data["processes"][0]["inputs"][0]["amount"] = value
    with pytest.raises(ModelInvalid) as caught:
        computed(data, "pcf.gbt24067_2024")
    assert code in [one.code for one in caught.value.problems]


def test_parameters_that_rest_on_each_other_are_named() -> None:
    data = bracket()
    data["parameters"] = [{"name": "utilisation", "value": "=other"}, {"name": "other", "value": "=utilisation"}]
    with pytest.raises(ModelInvalid) as caught:
        computed(data, "pcf.gbt24067_2024")
    assert "formula-cycle" in [one.code for one in caught.value.problems]


@pytest.mark.parametrize("method", ["pcf.gbt24067_2024", "pact.3.0", "recycling.cff", "en15804.a2"])
def test_a_stranger_computes_the_same_bytes_from_the_snapshot(method: str) -> None:
    found = run(ALUMINIUM, method)
    assert canonical_bytes(recompute(json.loads(found.content))) == found.content


def test_a_changed_operand_gives_another_result_and_a_broken_record_is_refused() -> None:
    data = json.loads(run(ALUMINIUM, "recycling.cutoff").content)
    data["lines"][0]["amount"] = "0.7"
    assert recompute(data)["results"]["total_kgco2e"] != data["results"]["total_kgco2e"]
    for key in ("lines", "supplies", "nodes", "method", "model"):
        broken = copy.deepcopy(data)
        del broken[key]
        with pytest.raises(SnapshotInvalid):
            recompute(broken)


@settings(deadline=None, max_examples=25)
@given(st.floats(0.01, 1000), st.floats(0.1, 1))
def test_lines_stages_components_and_processes_add_up_to_the_total(amount: float, utilisation: float) -> None:
    data = bracket()
    data["unit"]["amount"] = repr(amount)
    found = computed(data, "pcf.gbt24067_2024", utilisation=utilisation)
    results = found.snapshot["results"]
    whole = float(results["total_kgco2e"])
    assert sum(float(one["kgco2e"]) for one in results["lines"]) == pytest.approx(whole, rel=1e-10)
    for key in ("by_stage", "by_component", "by_process"):
        assert sum(map(float, results[key].values())) == pytest.approx(whole, rel=1e-10)
    assert whole == pytest.approx(amount * (12.96 / utilisation + 1.95 + 0.24 + 0.048), rel=1e-9)


def test_what_a_supplier_states_by_another_method_is_told() -> None:
    found = run(ALUMINIUM, "recycling.cutoff").snapshot
    assert next(one["ok"] for one in found["checks"] if one["id"] == "supplier-methods")
    data = made(ALUMINIUM, "pact.3.0")
    other = computed(data, "recycling.cutoff").snapshot
    assert not next(one["ok"] for one in other["checks"] if one["id"] == "supplier-methods")


def test_a_supplier_of_whom_nothing_is_taken_is_no_part_of_the_sum() -> None:
    data = made(ALUMINIUM, "pact.3.0")
    found = supplier_methods(data)
    assert found == {"zh": "再生铝；原铝；处置", "en": "再生铝; 原铝; 处置"}  # no English names are given
    data["suppliers"].append({"id": "spare", "zh": "备用件", "en": "spare part", "unit": "kg", "kgco2e": "9"})
    data["parts"].append({"id": "spare", "zh": "备用", "quantity": 0, "mass_kg": 1, "from": {"supplier": "spare"}})
    assert supplier_methods(data) == found
    data["parts"][-1]["quantity"] = 1
    assert supplier_methods(data)["en"] == "spare part; 再生铝; 原铝; 处置"


def supplier_methods(data: Any) -> Any:
    checks = computed(data, "recycling.cutoff").snapshot["checks"]
    return next(one["params"]["suppliers"] for one in checks if one["id"] == "supplier-methods")


def certifiable(data: Any, method: str) -> tuple[bool, str]:
    found = next(one for one in computed(data, method).snapshot["checks"] if one["id"] == "certifiable")
    return found["ok"], found["params"]["reason"]


def test_no_certificate_rests_on_a_demonstration_or_a_draft() -> None:
    assert certifiable(bracket(), "pcf.gbt24067_2024") == (True, "")
    assert certifiable(bracket() | {"is_demonstration": True}, "pcf.gbt24067_2024") == (False, "demonstration")
    assert certifiable(bracket(), "recycling.5050") == (False, "")  # nobody prescribes it


@pytest.mark.parametrize("clause", ["reasons", "application", "audience"])
def test_a_goal_that_nobody_states_fails_its_clause(clause: str) -> None:
    said = {"reasons": "客户要求", "application": "内部决策", "audience": "客户"}
    for statements, kept in ((said, True), ({**said, clause: ""}, False)):
        found = computed(bracket() | {"statements": statements}, "pcf.iso14067_2018").snapshot
        told = {one["params"]["statement"]: one["ok"] for one in found["checks"] if one["id"] == "statement"}
        assert told[clause] is kept


def test_exclusions_are_held_against_the_cut_off() -> None:
    data = bracket()
    data["excluded"] = [{"id": "oil", "zh": "润滑油", "reason": {"zh": "微量"}, "percent": "0.4"}]
    found = computed(data, "pcf.gbt24067_2024").snapshot
    assert found["results"]["left_out_percent"] == "0.4"
    assert all(one["ok"] for one in found["checks"] if one["id"].startswith(("cutoff", "exclusions")))
    data["excluded"].append({"id": "mould", "zh": "模具", "reason": {"zh": "?"}, "kgco2e": "1.8438"})  # a tenth
    found = computed(data, "pcf.gbt24067_2024").snapshot
    assert float(found["results"]["left_out_percent"]) == pytest.approx(10.4)
    assert not all(one["ok"] for one in found["checks"] if one["id"] == "cutoff-total")
    data["excluded"].append({"id": "dust", "zh": "粉尘", "reason": {"zh": "?"}})
    found = computed(data, "pcf.gbt24067_2024").snapshot
    assert not all(one["ok"] for one in found["checks"] if one["id"] == "exclusions-estimated")


PLACES = """
main: p
processes:
  - id: p
    zh: 过程
    stage: production
    output: 1
    unit: kg
    inputs: [{id: el, zh: 电, amount: 1, unit: kwhh, from: {activity: electricity, region: CN-XX}}]
"""


def test_a_place_that_nobody_knows_is_refused_with_the_rest() -> None:
    with pytest.raises(ModelInvalid) as refused:
        model(made(PLACES) | {"region": "Hubay"})
    assert sorted(one.code for one in refused.value.problems) == ["region-unknown", "region-unknown", "unit-unknown"]
    (told,) = [str(one) for one in refused.value.problems if one.params.get("place") == "Hubay"]
    assert "region: no place 'Hubay'; near it: " in told
    assert "CN-HB" in told


def test_the_unit_of_a_parameter_is_for_people_and_one_that_nothing_uses_is_named() -> None:
    """c = b / 100 of a kilowatt-hour is taken, so b and c are in use; a and its d are not."""
    data = made("""
main: p
parameters:
  - {name: a, value: 1, unit: kWh/100km}
  - {name: B, value: 200, unit: 年}
  - {name: c, value: =b / 100, unit: a}
  - {name: d, value: =a * 2, unit: year}
processes:
  - id: p
    zh: 过程
    stage: production
    output: 1
    unit: kg
    inputs: [{id: el, zh: 电, amount: =c, unit: kWh, from: {supplier: power}}]
""")
    found = computed(data, "pcf.gbt24067_2024").snapshot
    assert float(found["results"]["total_kgco2e"]) == pytest.approx(2 * 0.65)
    assert [one["params"]["names"] for one in found["warnings"] if one["code"] == "unused_parameters"] == ["a, d"]
    assert recompute(found) == found
    data["parameters"] = data["parameters"][1:3]
    assert "unused_parameters" not in computed(data, "pcf.gbt24067_2024").snapshot


def test_what_a_model_says_in_vain_is_refused() -> None:
    """Dates that are none, a part that nobody supplies, a formula where a party states a number: all at once."""
    data = made("parts: [{id: bolt, zh: 螺栓, mass_kg: 1}]\nscenarios: [{id: s, parameters: {a: many}}]\n")
    data |= {"start": "soon", "end": "2025-13-01"}
    data["suppliers"][0]["kgco2e"] = "=2*3"
    with pytest.raises(ModelInvalid) as refused:
        model(data)
    assert {one.code for one in refused.value.problems} == {"not-a-plain-number"}
    data["suppliers"][0]["kgco2e"] = "6"
    with pytest.raises(ModelInvalid) as refused:
        model(data)
    assert sorted(one.code for one in refused.value.problems) == ["not-a-date", "not-a-date", "not-a-number"]
    data |= {"start": "2025-12-31", "end": "2025-01-01", "scenarios": []}
    with pytest.raises(ModelInvalid, match="before it begins"):
        model(data)
    with pytest.raises(ModelInvalid, match="count as nothing"):
        computed(data | {"end": "2026-01-01"}, "pcf.gbt24067_2024")


def test_what_one_company_measured_answers_no_other() -> None:
    """One process computes for many: 1 GJ of heat at an own 0.05 t/GJ is 50 kg, before and after as published."""
    base = LIBRARY.factors["cn-heat-default"]
    own = replace(base, id="own", value="0.05", region="CN-HB")
    overlay = Overlay((OwnFactor("heat_purchased", own, LIBRARY.units[base.unit]),), "f" * 64)
    found = Resolver(LIBRARY, date(2025, 12, 31), "CN-HB", "AR6")
    source = Source(activity="heat_purchased")
    published, measured, again = (
        one.resolve(source, "GJ")[0] for one in (found, replace(found, overlay=overlay), found)
    )
    assert measured.gases_kg == {"CO2/fossil": 50.0}
    assert published == again
    assert published.factor_ids == ("cn-heat-default",)


FRAME = """
boundary: cradle_to_gate_with_end_of_life
parts:
  - id: frame
    zh: 型材
    mass_kg: 1
    from: {supplier: virgin}
    recycling: {material: metals, post_consumer: %s, recycled: {supplier: recycled}, recycled_at_end: %s,
                recycling: {supplier: after}, substituted: {supplier: primary}, disposal: {supplier: tip}}
"""


@pytest.mark.parametrize(
    ("entered", "left", "expected"),
    [
        ("0.20", "0.85", -1.04),  # B14: (0.85 - 0.20) x (0.4 - 2.0)
        ("0.9", "0.2", 1.12),  # B15: (0.2 - 0.9) x (0.4 - 2.0): more scrap goes in than comes out, a load
    ],
)
def test_module_d_is_the_net_flow_and_stands_outside_the_total(entered: str, left: str, expected: float) -> None:
    data = made(FRAME % (entered, left), "en15804.a2")
    data["suppliers"] += [
        {"id": "after", "zh": "熔炼", "unit": "kg", "kgco2e": "0.4"},
        {"id": "primary", "zh": "原生料", "unit": "kg", "kgco2e": "2.0"},
    ]
    found = computed(data, "en15804.a2").snapshot["results"]
    assert float(found["outside_kgco2e"]["D"]) == pytest.approx(expected)
    assert float(found["credits_kgco2e"]) == 0
    # cut-off inside the system: (1 - R1) x 16 + R1 x 0.8 + (1 - R2) x 0.05 of what is tipped
    inside = (1 - float(entered)) * 16 + float(entered) * 0.8 + (1 - float(left)) * 0.05
    assert float(found["total_kgco2e"]) == pytest.approx(inside)
    assert float(found["by_stage"]["C4"]) == pytest.approx((1 - float(left)) * 0.05)


def test_a_study_that_stops_at_the_gate_has_no_module_d() -> None:
    text = (FRAME % ("0.2", "0.85")).replace("cradle_to_gate_with_end_of_life", "cradle_to_gate")
    data = made(
        text.replace("{supplier: after}", "{supplier: recycled}").replace("{supplier: primary}", "{supplier: virgin}"),
        "en15804.a2",
    )
    found = computed(data, "en15804.a2").snapshot
    assert {line["stage"] for line in found["lines"]} <= {"A1", "A2", "A3"}


def test_an_activity_of_inventories_alone_is_told_with_what_to_do() -> None:
    with pytest.raises(ModelUnanswered, match="co-product"):
        run(
            """
main: a
processes:
  - {id: a, zh: 甲, stage: production, output: 1, unit: kg, inputs: [
      {id: out, zh: 外供电, amount: 1, unit: kWh, from: {activity: electricity_exported}}]}
"""
        )


def stated(said: Any) -> bool:
    """Whether the clause that asks for the allocation finds it stated."""
    data = bracket()
    if said is not None:
        data["statements"] = {"allocation": said}
    found = computed(data, "pcf.gbt24067_2024").snapshot
    assert recompute(found)["checks"] == found["checks"]
    return next(bool(one["ok"]) for one in found["checks"] if one["params"].get("statement") == "allocation")


@pytest.mark.parametrize("said", ["按质量", {"zh": "按质量"}, {"en": "by mass"}, {"zh": "按质量", "en": "by mass"}])
def test_a_statement_in_either_language_is_one(said: Any) -> None:
    assert stated(said)


@pytest.mark.parametrize("said", [None, "", {}, {"zh": " ", "en": ""}])
def test_a_statement_without_words_is_none(said: Any) -> None:
    assert not stated(said)


def test_a_snapshot_that_says_it_in_one_text_is_read_all_the_same() -> None:
    """Snapshots are kept for good: older ones hold a bare text."""
    found = json.loads(computed(bracket(), "pcf.gbt24067_2024").content)
    found["model"]["statements"] = {"allocation": "按质量"}
    assert {one["params"].get("statement"): one["ok"] for one in recompute(found)["checks"]}["allocation"]


def test_what_nobody_could_verify_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts by one gas are two sums, and the product itself is the one process."""
    text = "parts: [{id: a, mass_kg: 1, from: {supplier: virgin}}, {id: b, mass_kg: 1, from: {supplier: tip}}]"
    monkeypatch.setattr(footprint_soundness, "MOST_CELLS", 2)
    run(text)
    monkeypatch.setattr(footprint_soundness, "MOST_CELLS", 1)
    monkeypatch.setattr(footprint_soundness, "MOST_NODES", 0)
    with pytest.raises(ModelInvalid) as caught:
        run(text)
    assert [(one.code, one.params["count"]) for one in caught.value.problems] == [
        ("processes-too-many", 1),
        ("lines-too-many", 2),
    ]


def test_of_many_inputs_without_a_supply_the_first_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprints, "MOST_QUESTIONS", 2)
    parts = ", ".join(f"{{id: p{n}, mass_kg: 1, from: {{activity: none{n}}}}}" for n in range(3))
    with pytest.raises(ModelUnanswered) as caught:
        run(f"parts: [{parts}]")
    assert [where for where, _ in caught.value.questions] == ["product.p0", "product.p1"]
