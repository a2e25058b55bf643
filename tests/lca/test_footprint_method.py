"""Records of product-footprint methods: what there is, what each rules, what is refused, all at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from factors.library import load as load_library
from factors.units import parse_unit
from lca.errors import MethodInvalid, UnknownMethod
from lca.footprint_method import FootprintMethod, footprint_methods, from_record, load
from lca.footprint_method_checks import problems
from lca.formulas.measured import number
from lca.method_records import Parameter
from lca.modules import BEYOND, END_OF_LIFE, USE
from lca.recycling import RULES

METHODS = (
    "auto.calcm",
    "auto.scenario_200k",
    "cbam.2025_2547",
    "cfb.ev_draft2024",
    "en15804.a2",
    "pact.3.0",
    "pcf.gbt24067_2024",
    "pcf.iso14067_2018",
    "recycling.5050",
    "recycling.cff",
    "recycling.cutoff",
    "recycling.worldsteel",
)
NO_UNITS = {"km", "vehicle", "kwh_delivered", "kwh_capacity", "t_clinker", "kg_nitrogen", "megabit_second"}


def stated(parameter: Parameter | None) -> float:
    assert parameter is not None
    return number(parameter.value)


# --- what there is ---------------------------------------------------------------------------------


def test_the_methods_are_these() -> None:
    assert footprint_methods() == METHODS


@pytest.mark.parametrize("identifier", ["inventory.ghgp", "footprint.common", "pcf", "../method"])
def test_what_is_no_footprint_method_says_which_there_are(identifier: str) -> None:
    with pytest.raises(UnknownMethod, match=r"unknown method '.*'; there are: auto\.calcm, "):
        load(identifier)


@pytest.mark.parametrize("identifier", METHODS)
def test_a_method_survives_json_unchanged(identifier: str) -> None:
    method = load(identifier)
    assert method.id == identifier
    again = from_record(json.loads(json.dumps(method.to_record(), sort_keys=True)))
    assert again == method
    assert again.unconfirmed() == method.unconfirmed()
    assert from_record(method.to_record()).to_record() == method.to_record()


@pytest.mark.parametrize("identifier", METHODS)
def test_a_record_handed_out_is_a_copy(identifier: str) -> None:
    load(identifier).to_record()["statements"].clear()
    assert load(identifier).to_record()["statements"]


def numbers(node: Any, path: str = "") -> dict[str, dict[str, str]]:
    """Return every number of a record by its path."""
    if not isinstance(node, dict):
        return {}
    if set(node) == {"value", "unit", "source", "evidence"}:
        return {path: node}
    return {at: found for key, value in node.items() for at, found in numbers(value, f"{path}.{key}").items()}


@pytest.mark.parametrize("identifier", METHODS)
def test_nothing_from_memory_is_confirmed(identifier: str) -> None:
    """Where a source says 'from knowledge', 'not read' or 据从业经验, the mark has to say so too."""
    memory = ("from knowledge", "not read", "据从业经验", "通行做法", "House rule", "as told")
    for path, found in numbers(load(identifier).to_record()).items():
        if any(word in found["source"] for word in memory):
            assert found["evidence"] == "unconfirmed", path


@pytest.mark.parametrize("identifier", METHODS)
def test_units_of_results_are_units(identifier: str) -> None:
    for unit in set(load(identifier).unit.of) - NO_UNITS:
        assert parse_unit(unit) == unit


@pytest.mark.parametrize("identifier", METHODS)
def test_every_gwp_set_is_in_the_library(identifier: str) -> None:
    assert load(identifier).gwp_set in load_library().gwp_sets


@pytest.mark.parametrize("identifier", METHODS)
def test_what_was_not_checked_is_told(identifier: str) -> None:
    method = load(identifier)
    assert method.evidence.mark == "unconfirmed", "no standard was at hand as a whole"
    assert "evidence" in method.unconfirmed()
    record = method.to_record()
    for path in method.unconfirmed():
        node = record
        for key in path.split(".") if path not in record else [path]:
            node = node[key]
        assert "unconfirmed" in (node.get("evidence"), node.get("mark"))


@pytest.mark.parametrize("identifier", METHODS)
def test_the_stages_of_a_boundary_are_required_allowed_or_excluded(identifier: str) -> None:
    method = load(identifier)
    for kind, rule in method.boundary.types.items():
        every = {*method.required_stages(kind), *rule.allowed, *method.excluded_stages(kind)}
        assert every == {stage.id for stage in method.boundary.stages}
        assert len(every) == len(method.required_stages(kind) + rule.allowed + method.excluded_stages(kind))


# --- what each rules -------------------------------------------------------------------------------


def test_drafts_scenarios_and_what_nobody_prescribes_are_not_certifiable() -> None:
    refused = {identifier for identifier in METHODS if not load(identifier).standing.certifiable}
    assert refused == {"auto.scenario_200k", "cfb.ev_draft2024", "recycling.5050", "cbam.2025_2547"}
    assert load("auto.scenario_200k").standing.status == "scenario"
    assert load("cfb.ev_draft2024").standing.status == "draft"


def test_recycling_differs_where_it_has_to() -> None:
    rules = {identifier: load(identifier).recycling.method for identifier in METHODS}
    assert {one for one in METHODS if rules[one] != "recycling.cutoff"} == {
        "cfb.ev_draft2024",
        "recycling.cff",
        "recycling.5050",
        "recycling.worldsteel",
    }
    assert set(rules.values()) <= set(RULES)
    assert load("en15804.a2").recycling.beside == ("en15804.d",)
    assert load("pcf.iso14067_2018").recycling.allowed == (
        "recycling.cutoff",
        "recycling.iso14067_closed",
        "recycling.iso14067_open",
    )
    formula = load("recycling.cff").recycling
    assert {material: stated(a) for material, a in formula.a.items()} == {
        "metals": 0.2,
        "glass": 0.2,
        "paper": 0.2,
        "plastics": 0.5,
        "other": 0.5,
        "textiles": 0.8,
    }
    assert stated(formula.b) == 0
    assert set(formula.quality) == {"metals"}  # plastics have no default: a study has to state it


def test_cut_off_differs_where_it_has_to() -> None:
    limits = {
        identifier: (cutoff.single and cutoff.single.value, cutoff.total and cutoff.total.value)
        for identifier in METHODS
        if (cutoff := load(identifier).cutoff).total
    }
    assert limits == {"pcf.gbt24067_2024": ("1", "5"), "pact.3.0": (None, "3"), "en15804.a2": ("1", "5")}


def test_gbt24067_follows_iso_and_adds_its_own() -> None:
    chinese, iso = load("pcf.gbt24067_2024"), load("pcf.iso14067_2018")
    assert chinese.in_force_from == "2025-03-01"
    assert {one.id for one in chinese.statements} == {one.id for one in iso.statements} | {"geography"}
    assert chinese.boundary == iso.boundary
    assert stated(chinese.validity.years) == 2
    assert stated(chinese.validity.surveillance) == 12
    assert iso.validity.years is None
    assert chinese.excluded_stages("cradle_to_gate") == ("use", "end_of_life")


def test_pact_leads_with_the_number_without_uptake() -> None:
    method = load("pact.3.0")
    assert (method.headline, method.biogenic, method.gwp_set) == ("excluding_uptake", "counted", "AR6")
    assert method.boundary.outside == ("outbound_logistics",)
    assert (stated(method.data_quality.best), stated(method.data_quality.worst)) == (1, 5)
    assert (stated(method.validity.years), stated(method.validity.change)) == (3, 10)
    assert method.unit.kind == "declared"


def test_vehicles_differ_in_their_distance_alone() -> None:
    calcm, scenario = load("auto.calcm"), load("auto.scenario_200k")
    assert (stated(calcm.lifetime_km), stated(scenario.lifetime_km)) == (150000, 200000)
    assert calcm.parameters == scenario.parameters
    assert calcm.boundary == scenario.boundary
    assert calcm.required_stages("life_cycle")[-1] == "use"
    assert calcm.excluded_stages("vehicle_cycle") == ("use",)


def test_batteries_leave_the_use_stage_out_and_are_told_per_kwh_delivered() -> None:
    method = load("cfb.ev_draft2024")
    assert method.excluded_stages("declaration") == ("use",)
    assert method.unit.of == ("kwh_delivered", "kwh_capacity")
    assert {one.id for one in method.data.primary} >= {"anode", "cathode", "electrolyte", "separator", "cell_casing"}


def test_building_products_keep_d_outside_and_know_three_boundaries() -> None:
    method = load("en15804.a2")
    assert method.boundary.outside == ("D",)
    assert method.allocation.forbidden == ("system_expansion",)
    assert method.excluded_stages("cradle_to_gate") == (*USE, *END_OF_LIFE, BEYOND)
    assert (stated(method.data.primary_age), stated(method.data.secondary_age)) == (5, 10)


def test_cbam_runs_on_an_installation_and_weights_by_its_own_table() -> None:
    method = load("cbam.2025_2547")
    assert method.runs_on == "installation"
    assert {load(one).runs_on for one in METHODS if one != method.id} == {"bill_of_materials"}
    assert method.excluded_stages("direct") == ("indirect",)
    gwp = load_library().gwp_sets[method.gwp_set]
    # (EU) 2025/2547, annex II, G, table 6
    assert {gas: int(gwp.value(gas)) for gas in ("N2O", "CF4", "C2F6")} == {"N2O": 265, "CF4": 6630, "C2F6": 11100}
    factors = [number(method.values()[f"cbam_factor_{year}"]) for year in range(2026, 2035)]
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] == 0


# --- what is refused -------------------------------------------------------------------------------


def record(identifier: str = "recycling.cff") -> dict[str, Any]:
    return load(identifier).to_record()


def test_all_problems_of_shape_are_named_at_once() -> None:
    broken = record()
    del broken["gwp_set"]
    broken["colour"] = "green"
    broken["in_force_from"] = "March 2025"
    broken["runs_on"] = "hope"
    broken["boundary"]["types"]["cradle_to_grave"]["required"] = "all"
    broken["recycling"]["method"] = "recycling.landfill"
    broken["recycling"]["a"]["metals"] = {"value": "20", "unit": "%", "source": "x", "evidence": "unconfirmed"}
    broken["recycling"]["b"] = {"value": 0, "unit": "fraction", "source": "", "evidence": "sure"}
    broken["statements"]["unit"] = {"zh": "单位", "en": "unit"}
    broken["lifetime_km"] = "150000"
    with pytest.raises(MethodInvalid) as caught:
        from_record(broken)
    told = caught.value.problems
    for wanted in (
        "gwp_set: missing",
        "colour: unknown key",
        "in_force_from: expected a date as text in quotes, got 'March 2025'",
        "runs_on: 'hope' is not one of bill_of_materials, installation",
        "boundary.types.cradle_to_grave.required: expected a list, got 'all'",
        "recycling.a.metals.unit: '%', expected 'fraction'",
        "recycling.a.metals.value: 20, expected 0 <= value <= 1",
        "recycling.b.value: expected a number as text in quotes, got 0",
        "recycling.b.source: expected text, got ''",
        "recycling.b.evidence: 'sure' is not one of confirmed, unconfirmed",
        "statements.unit.clause: missing",
        "lifetime_km: expected a mapping, got '150000'",
    ):
        assert wanted in told
    assert any(one.startswith("recycling.method: 'recycling.landfill' is not one of ") for one in told)
    assert len(told) == 13


def test_what_holds_between_keys_is_named_at_once() -> None:
    broken = record()
    broken["standing"]["status"] = "draft"
    stages = broken["boundary"]["stages"]
    stages.append(stages[0])
    broken["boundary"]["types"]["cradle_to_grave"]["required"] = ["use", "mining"]
    broken["boundary"]["types"]["cradle_to_grave"]["allowed"] = ["use"]
    broken["boundary"]["types"]["nothing"] = {"zh": "无", "en": "nothing", "required": [], "allowed": []}
    broken["boundary"]["outside"] = ["D"]
    percent = {"unit": "%", "source": "x", "evidence": "unconfirmed"}
    broken["cutoff"] |= {"single": percent | {"value": "5"}, "total": percent | {"value": "1"}}
    broken["allocation"]["forbidden"] = ["economic"]
    broken["recycling"]["allowed"] = ["recycling.cutoff", "recycling.cff"]
    del broken["recycling"]["b"]
    broken["unit"]["of"] = ["km"]
    broken["data_quality"]["best"] = {"value": "1", "unit": "score", "source": "x", "evidence": "unconfirmed"}
    assert problems(broken) == [
        "standing.certifiable: a draft is not certifiable",
        "boundary.stages: 'collection' stands twice",
        "boundary.types.cradle_to_grave.required: no stage 'mining'",
        "boundary.types.cradle_to_grave: 'use' is required and allowed",
        "boundary.types.nothing.required: is empty",
        "boundary.outside: no stage 'D'",
        "cutoff.single: is above cutoff.total",
        "cutoff.basis: is empty, the limits are shares of something",
        "allocation: economic is in the order and forbidden",
        "recycling.b: missing, recycling.cff needs it",
        "lifetime_km: is given if, and only if, results are per km",
        "data_quality: a scale has two ends",
    ]


def test_a_rule_has_to_be_among_the_allowed_and_a_boundary_has_to_be_there() -> None:
    broken = record()
    broken["recycling"]["allowed"] = ["recycling.cutoff"]
    broken["boundary"]["types"] = {}
    assert problems(broken) == ["boundary.types: is empty", "recycling.method: recycling.cff is not allowed"]


@pytest.mark.parametrize("nonsense", [None, [], "text", 7, {"id": ["a"]}, {1: 2}])
def test_what_is_no_record_at_all_is_told(nonsense: Any) -> None:
    found = problems(nonsense)
    assert found
    assert all(isinstance(problem, str) for problem in found)


def test_methods_are_values() -> None:
    one, other = load("pact.3.0"), load("en15804.a2")
    assert isinstance(one, FootprintMethod)
    assert one != other
    assert len({one, other, load("pact.3.0")}) == 2
    assert "record=" not in repr(one)
