"""Method records: complete, checked all at once, inherited key by key, the same after a trip through JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from lca.errors import MethodInvalid, UnknownMethod
from lca.footprint_method import footprint_methods
from lca.formulas import FORMULAS
from lca.method import DATA, Method, from_record, load, methods, resolve
from lca.method_checks import GROUPS, INSTRUMENTS, problems

LIBRARY = Path(__file__).parents[2] / "factors" / "data"
CHINESE = [identifier for identifier in methods() if ".cn_" in identifier]
SECTORS = ("steel", "cement", "primary_aluminium", "other_nonferrous", "flat_glass", "ceramics", "machinery", "lime")


def rows(name: str) -> list[dict[str, str]]:
    with (LIBRARY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(directory: Path, identifier: str, text: str) -> None:
    (directory / f"{identifier}.yaml").write_text(f"id: {identifier}\n{text}", encoding="utf-8")


# --- what there is ---------------------------------------------------------------------------------


def test_the_methods_are_these() -> None:
    wanted = {"inventory.ghgp", "inventory.iso14064_2018", "inventory.cn_gbt32150"}
    assert set(methods()) == wanted | {f"inventory.cn_gbt32150.{sector}" for sector in SECTORS}


def test_an_unknown_method_says_which_there_are() -> None:
    with pytest.raises(UnknownMethod, match=r"unknown method 'inventory\.iso'; there are: inventory\.cn_gbt32150, "):
        load("inventory.iso")


@pytest.mark.parametrize("identifier", methods())
def test_a_method_survives_json_unchanged(identifier: str) -> None:
    method = load(identifier)
    assert method.id == identifier
    assert from_record(json.loads(json.dumps(method.to_record(), sort_keys=True))) == method
    assert from_record(method.to_record()).to_record() == method.to_record()


@pytest.mark.parametrize("identifier", methods())
def test_a_record_handed_out_is_a_copy(identifier: str) -> None:
    load(identifier).to_record()["assign"].clear()
    assert load(identifier).assign
    assert load(identifier).to_record()["assign"]


@pytest.mark.parametrize("identifier", methods())
def test_every_mark_of_evidence_and_every_gross_structure_holds(identifier: str) -> None:
    method = load(identifier)
    assert method.gross_structure in methods()
    assert method.evidence.mark in ("confirmed", "unconfirmed")
    record = method.to_record()
    for key in ("gwp_evidence", "parameter_sets_evidence"):
        assert record[key]["zh"]
        assert record[key]["en"]
    assert all(parameter.source for parameter in method.parameters.values())


@pytest.mark.parametrize("identifier", methods())
def test_crosswalks_point_at_categories_that_exist(identifier: str) -> None:
    targets = {"ghgp": "inventory.ghgp", "iso": "inventory.iso14064_2018", "gbt": "inventory.cn_gbt32150"}
    for category in load(identifier).categories:
        for scheme, ids in category.crosswalk.items():
            assert set(ids) <= {other.id for other in load(targets[scheme]).categories}, category.id


# --- against the library ---------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", methods())
def test_series_and_activities_of_the_views_exist_in_the_library(identifier: str) -> None:
    series = {row["series"] for row in rows("series.csv")}
    activities = {row["activity"] for row in rows("activities.csv")}
    for view in load(identifier).views.values():
        assert set(view.series) | set(view.level) <= activities
        assert {name for names in view.series.values() for name in names} <= series
        assert set(view.instruments) <= set(INSTRUMENTS)


def test_every_group_of_the_library_has_its_place_and_its_formula() -> None:
    for row in rows("activities.csv"):
        assert row["group"] in GROUPS, row["activity"]
        assert row["formula"] in load("inventory.ghgp").formulas[row["group"]], row["activity"]


def test_every_parameter_set_is_in_the_library() -> None:
    known = {row["parameter_set"] for row in rows("fuels/cn_parameters.csv")}
    for identifier in methods():
        assert set(load(identifier).parameter_sets) <= known


# --- the structures --------------------------------------------------------------------------------


def test_ghgp_is_gross_and_counts_every_gas_of_combustion() -> None:
    method = load("inventory.ghgp")
    assert method.gwp_set == "AR6"
    assert method.combustion_gases == ("CO2", "CH4", "N2O")
    for group in ("electricity_exported", "heat_exported", "carbon_sink_product", "co2_transferred"):
        rule = method.rule(group)
        assert rule is not None
        assert rule.rule.startswith("gross-")
        assert method.sign(group) == 0
    assert method.sign("clinker_deduction") == -1
    assert method.rule("electricity") is None
    assert method.views["location"].level["electricity"] == "province"
    assert method.views["market"].series["electricity"][0] == "cn.grid_excl_market"
    assert method.views["market"].level["electricity"] == "country"


def test_iso_counts_the_same_under_six_categories() -> None:
    iso, ghgp = load("inventory.iso14064_2018"), load("inventory.ghgp")
    assert {category.id[0] for category in iso.categories} == set("123456")
    assert set(iso.assign) == set(ghgp.assign)
    assert {group: iso.scope(category) for group, category in iso.assign.items()} == {
        group: ghgp.scope(category) for group, category in ghgp.assign.items()
    }


@pytest.mark.parametrize("identifier", CHINESE)
def test_chinese_methods_take_the_prescribed_values(identifier: str) -> None:
    method = load(identifier)
    assert (method.gwp_set, method.headline, method.boundary) == ("AR5", "method", "legal_entity")
    assert method.combustion_gases == ("CO2",)
    assert method.views["method"].series["electricity"] == ("cn.grid_average",)
    assert method.views["method"].series["heat_purchased"] == ("cn.heat_default",)
    assert method.views["method"].level["electricity"] == "country"
    assert "gec" not in method.views["method"].instruments
    assert all(method.sign(group) == -1 for group in ("electricity_exported", "heat_exported"))
    assert method.sign("waste_heat_power") == 0
    assert method.sign("purchased_goods") == 0


def test_sectors_differ_where_their_guidelines_do() -> None:
    by_sector = {sector: load(f"inventory.cn_gbt32150.{sector}") for sector in SECTORS}
    counts = {
        group: {sector for sector, method in by_sector.items() if method.sign(group)}
        for group in ("carbon_sink_product", "welding_gas", "refrigerant", "co2_transferred", "wastewater")
    }
    assert counts == {
        "carbon_sink_product": {"steel"},
        "welding_gas": {"machinery"},
        "refrigerant": {"machinery"},
        "co2_transferred": {"lime"},
        "wastewater": {"lime"},
    }
    first = {sector: method.parameter_sets[0] for sector, method in by_sector.items()}
    assert first == {
        "steel": "mee-ets",
        "cement": "mee-ets",
        "primary_aluminium": "mee-ets",
        "flat_glass": "ndrc2013",
        "ceramics": "ndrc2013",
        "other_nonferrous": "ndrc-later",
        "machinery": "ndrc-later",
        "lime": "ndrc-later",
    }


def test_what_a_claim_needs_stands_in_its_rule() -> None:
    method = load("inventory.cn_gbt32150")
    assert method.deduct["co2_transferred"].requires == ("counterparty",)
    assert method.deduct["clinker_deduction"].requires == ("process_line",)
    assert method.deduct["electricity_exported"].requires == ()


def test_parameters_are_handed_on_as_printed() -> None:
    values = load("inventory.cn_gbt32150").values()
    assert values["steam_reference_enthalpy"] == "83.74"
    assert values["carbon_to_co2"] == "44/12"


# --- what is refused -------------------------------------------------------------------------------


def record() -> dict[str, Any]:
    return load("inventory.cn_gbt32150").to_record()


def changed(**changes: Any) -> list[str]:
    return problems(record() | changes)


def test_all_problems_are_named_at_once() -> None:
    broken = record()
    del broken["gwp_set"]
    broken["colour"] = "green"
    broken["headline"] = "largest"
    broken["assign"]["stationary_combusion"] = "cn.fuel"
    broken["formulas"]["heat"] = ["steem"]
    broken["parameters"]["purity"]["value"] = 1
    broken["parameters"]["organic_carbon"]["value"] = "a little"
    broken["name"] = "GB/T 32150"
    with pytest.raises(MethodInvalid) as caught:
        from_record(broken)
    assert len(caught.value.problems) == 8
    told = str(caught.value)
    assert told.startswith("8 problems in method 'inventory.cn_gbt32150':\n")
    assert "gwp_set: missing" in told
    assert "colour: unknown key" in told
    assert "headline: 'largest' is not one of location, market, method" in told
    assert "assign: key: 'stationary_combusion' is not one of " in told
    assert "formulas.heat[0]: 'steem' is not one of " in told
    assert "parameters.purity.value: expected a number as text in quotes, got 1" in told
    assert "parameters.organic_carbon.value: expected a number, got 'a little'" in told
    assert "name: expected a mapping, got 'GB/T 32150'" in told


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("version", "", "version: expected text, got ''"),
        ("id", "two words", "id: expected a name, got 'two words'"),
        ("parameter_sets", "mee-ets", "parameter_sets: expected a list, got 'mee-ets'"),
        ("parameter_sets", [], "parameter_sets: is empty"),
        ("assign", [], "assign: expected a mapping, got []"),
        (
            "rounding",
            {"rule": "gbt8170", "decimals": {"tco2e": "2"}},
            "decimals.tco2e: expected a whole number, got '2'",
        ),
        ("rounding", {"rule": "gbt8170", "decimals": {"tco2e": True}}, "decimals.tco2e: expected a whole number"),
        ("sources", [""], "sources[0]: expected text, got ''"),
        ("cutoff", {"percent": 5}, "cutoff.percent: expected a number as text in quotes, got 5"),
        ("cutoff", {"percent": "5"}, "cutoff.evidence: missing"),
        (
            "report_contents",
            [{"id": "a", "zh": "甲", "en": "a", "required": "yes"}],
            "required: expected true or false",
        ),
    ],
)
def test_a_wrong_shape_is_named_by_its_path(key: str, value: Any, problem: str) -> None:
    assert any(problem in found for found in changed(**{key: value}))


def test_references_between_keys_are_checked() -> None:
    broken = record()
    broken["assign"]["refrigerant"] = "cn.process"  # is excluded already
    del broken["assign"]["heat"]
    broken["assign"]["electricity"] = "cn.power"
    broken["deduct"]["waste_heat_power"] = broken["deduct"]["heat_exported"]
    broken["categories"].append(broken["categories"][0] | {})
    broken["categories"].append(broken["categories"][0] | {"id": "cn.idle"})
    del broken["formulas"]["wastewater"]
    del broken["parameters"]["steam_reference_enthalpy"]
    broken["parameters"]["purity"]["unit"] = "percent"
    broken["parameters"]["c2f6_ratio"]["value"] = "10"
    broken["parameters"]["phlogiston"] = broken["parameters"]["organic_carbon"]
    broken["base_year"]["counted"].append("growth")
    found = problems(broken)
    for told in (
        "assign.refrigerant: is also excluded",
        "assign.heat: neither assigned to a category nor excluded",
        "assign.electricity: no category 'cn.power'",
        "deduct.waste_heat_power: has no category in assign",
        "categories: 'cn.fuel' stands twice",
        "categories.cn.idle: no group is assigned to it",
        "formulas.wastewater: missing",
        "parameters.steam_reference_enthalpy: missing, formula steam of heat needs it",
        "parameters.purity.unit: 'percent', the formulas want 'fraction'",
        "parameters.c2f6_ratio.value: 10, expected 0 <= c2f6_ratio <= 1",
        "parameters.phlogiston: no formula has an operand of this name",
        "base_year: growth is counted and not counted",
    ):
        assert told in found


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (["5", "15", "30", "50"], "uncertainty.ranks: the last rank, and only the last, has no limit"),
        (["5", "", "30", ""], "uncertainty.ranks: the last rank, and only the last, has no limit"),
        (["5", "30", "15", ""], "uncertainty.ranks: limits do not rise"),
    ],
)
def test_ranks_rise_to_an_open_end(limits: list[str], problem: str) -> None:
    broken = record()
    for rank, limit in zip(broken["uncertainty"]["ranks"], limits, strict=True):
        rank["limit_percent"] = limit
    assert problems(broken) == [problem]


# --- inheritance -----------------------------------------------------------------------------------


def test_a_method_inherits_key_by_key(tmp_path: Path) -> None:
    write(tmp_path, "base", "abstract: true\nassign: {heat: a, waste: b}\nsources: [x, y]\n")
    write(tmp_path, "child", "extends: base\nassign: {waste: null, heat: c}\nsources: [z]\n")
    assert resolve("child", tmp_path) == {"id": "child", "assign": {"heat": "c"}, "sources": ["z"]}
    assert resolve("base", tmp_path) == {"id": "base", "assign": {"heat": "a", "waste": "b"}, "sources": ["x", "y"]}


def test_categories_without_a_group_fall_away(tmp_path: Path) -> None:
    write(tmp_path, "base", "categories: [{id: a}, {id: b}, oddity]\nassign: {heat: a, waste: b}\n")
    write(tmp_path, "child", "extends: base\nassign: {waste: null}\n")
    assert resolve("child", tmp_path)["categories"] == [{"id": "a"}, "oddity"]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"child": "extends: nowhere\n"}, "nowhere.yaml: no such file"),
        ({"child": "extends: child\n"}, "child.yaml: extends itself by way of child"),
        ({"child": "a: 1\na: 2\n"}, "'a' stands twice"),
        ({"child": "a: [1\n"}, "child.yaml: while parsing a flow sequence"),
        ({"base": "a: {b: 1}\n", "child": "extends: base\na: {c: null}\n"}, "child.yaml: a.c: null takes away nothing"),
    ],
)
def test_files_that_do_not_hold_together(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    for identifier, text in files.items():
        write(tmp_path, identifier, text)
    with pytest.raises(MethodInvalid) as caught:
        resolve("child", tmp_path)
    assert any(problem in told for told in caught.value.problems)


def test_a_file_is_a_mapping_with_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text("extends: list\nid: other\n", encoding="utf-8")
    (tmp_path / "list.yaml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(MethodInvalid) as caught:
        resolve("child", tmp_path)
    assert caught.value.problems == (
        "child.yaml: id is 'other', expected 'child'",
        "list.yaml: expected a mapping",
    )


def test_every_file_is_a_method_or_abstract() -> None:
    files = {path.stem for path in DATA.glob("*.yaml")}
    abstract = {"common", "footprint.common", "recycling.common"}
    assert files - set(methods()) - set(footprint_methods()) == abstract
    assert set(methods()) & set(footprint_methods()) == set()


def test_methods_are_values() -> None:
    one, other = load("inventory.ghgp"), load("inventory.iso14064_2018")
    assert isinstance(one, Method)
    assert one != other
    assert len({one, other, load("inventory.ghgp")}) == 2
    assert "record=" not in repr(one)
    assert set(FORMULAS) >= {identifier for ids in one.formulas.values() for identifier in ids}
