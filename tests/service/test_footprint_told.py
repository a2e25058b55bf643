"""What a footprint says in codes reads in words, in Chinese without English left over and the other way round."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lca.footprint_method import footprint_methods, load
from lca.greenhouse import PARTS
from lca.product_model import STAGES
from service.calculations import footprint_told
from service.products import templates
from service.reports.content.pcf.conformity import _marks
from service.reports.words import table
from tests.service.reports.footprint_fixture import snapshot_of

CEMENT = ("cement", "en15804.a2")
CHINESE = re.compile(r"[一-鿿]")
METHODS = [name for name in footprint_methods() if load(name).runs_on == "bill_of_materials"]
NAMES = {
    "CALCM", "PACT", "PEF", "DQR", "UNECE", "ISO", "IPCC", "GWP", "total", "luluc", "Methodology", "Technical",
    "Specifications", "Pathfinder", "Framework", "Catena", "Rulebook",
}  # fmt: skip
"""Words of other languages that a Chinese clause may hold: standards, titles, indicators."""


def sentence(snapshot: Any, identifier: str) -> tuple[str, str]:
    found = next(one for one in footprint_told.checks(snapshot) if one["id"] == identifier)
    return found["zh"], found["en"]


def clauses(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in ("clause", "source") and isinstance(value, str):
                yield value
            yield from clauses(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from clauses(value)


def foreign(chinese: str) -> list[str]:
    """English words that stand in a Chinese clause, names and the fields of PACT (camelCase) aside."""
    words = re.findall(r"[A-Za-z]{3,}", chinese)
    return [word for word in words if word not in NAMES and word != "dqi" and not re.search(r"[a-z][A-Z]", word)]


@pytest.mark.parametrize("method", METHODS)
def test_clauses_and_sources_of_methods_read_in_both_languages(method: str) -> None:
    for text in clauses(load(method).to_record()):
        zh, en = footprint_told.clause(text)
        assert not CHINESE.search(en), (text, en)
        assert not foreign(zh), (text, zh)


def test_a_clause_that_was_not_read_says_so_in_its_language() -> None:
    assert footprint_told.clause("EN 15804+A2, annex C (not read)") == (
        "EN 15804+A2，附录 C，原文未核对",
        "EN 15804+A2, annex C, text not checked",
    )
    assert footprint_told.clause("ISO 14067:2018, 6.4.6") == ("ISO 14067:2018, 6.4.6",) * 2


@pytest.mark.parametrize("method", METHODS)
def test_every_rule_that_nobody_confirmed_has_a_name(method: str) -> None:
    for where, _, _, _, _ in _marks(load(method).to_record()):
        chapter, _, name = where.partition(".")
        assert f"pcf.rule.{chapter or 'method'}" in table(), where
        group, _, row = name.rpartition(".")
        if name:
            assert f"pcf.rule_name.{group or row}" in table(), where
        if group:
            assert f"pcf.material.{row}" in table(), where


def test_checks_name_boundary_unit_and_stages_in_words() -> None:
    forged = copy.deepcopy(snapshot_of(*CEMENT))
    assert sentence(forged, "boundary")[0] == "系统边界“仅 A1～A3（须满足三项豁免条件）”属于该方法规定的类型"
    assert sentence(forged, "unit") == (
        "结果以声明单位表示（该方法要求：功能单位或声明单位）",
        "the result is stated per declared unit (the method asks for: functional or declared unit)",
    )
    assert sentence(forged, "stages-required")[1] == "all required stages are included"
    for one in forged["checks"]:
        if one["id"] == "stages-required":
            one["ok"], one["params"] = False, {"stages": "C1, D"}
        if one["id"] == "stages-allowed":
            one["ok"], one["params"] = False, {"stages": "packaging"}  # a stage of models that this method lacks
        if one["id"] == "exclusions-estimated":
            one["ok"], one["params"] = False, {"exclusions": "equipment"}
    assert sentence(forged, "stages-required")[0] == "缺少应包含的阶段：C1 拆除、D 系统边界外的再使用、回收与再生潜力"
    assert sentence(forged, "stages-allowed")[0] == "含有超出系统边界的阶段：包装"
    assert sentence(forged, "exclusions-estimated") == (
        "下列排除没有影响估计：设备与厂房",
        "the effect of these exclusions is not estimated: plant and equipment",
    )


def test_warnings_name_lines_parameters_and_sets_in_words() -> None:
    forged = copy.deepcopy(snapshot_of(*CEMENT))
    share = {"share": "7"}
    forged["warnings"] = [
        {"code": "earlier_year", "params": share | {"lines": "cement.power, clinker.power …"}},
        {"code": "unused_parameters", "params": {"names": "raw_km, nobody"}},
        {
            "code": "other_gwp_set",
            "params": share | {"sets": "AR5, unstated", "gwp_set": "AR6", "lines": "clinker.coal"},
        },
    ]
    early, unused, sets = footprint_told.warnings(forged)
    assert early["zh"] == "采用了早于数据期的因子：占碳足迹的 7%（粉磨用电、熟料用电等）"
    assert early["en"] == "factors of an earlier year: 7 % of the footprint (electricity of grinding; electricity …)"
    assert unused["zh"].endswith("原料运距（raw_km）、nobody")
    assert "以 AR5、未说明的取值计算" in sets["zh"]
    assert "CO2e calculated with AR5 and unstated GWP values" in sets["en"]


def test_every_stage_of_models_has_its_words() -> None:
    assert all(f"stage.{stage}" in footprint_told.table() for stage in STAGES)


def test_own_emissions_and_distances_are_told_in_words() -> None:
    assert footprint_told.own("CO2/fossil") == ("直接排放 CO2（化石源）", "direct emission of CO2, fossil")
    assert footprint_told.own("CH4_biogenic/biogenic")[0] == "直接排放 CH4（生物源）"
    car = snapshot_of("vehicle_bev", "auto.calcm")
    gap = footprint_told.GAP
    assert sentence(car, "distance")[1] == f"the lifetime mileage is the method's 150{gap}000 km"
    assert {key for key in footprint_told.table() if key.startswith("own.")} == {f"own.{part}" for part in PARTS}


def test_texts_of_templates_are_told_and_a_makers_own_stands() -> None:
    assert footprint_told.given("每车一份 one per car") == ("每车一份", "one per car")
    own = "2025 年结算单 7 号 invoice No. 7"
    assert footprint_told.given(own) == (own, own)
    assert footprint_told.given("示范值，无出处 demonstration value without a source, no. 2")[0].endswith("no. 2")


@pytest.mark.parametrize("template", sorted(templates.templates()))
def test_everything_that_a_template_says_is_said_in_both_languages(template: str) -> None:
    model = templates.load(template)
    said = [*(one.evidence for _, one in model.inputs()), *(one.statement for one in model.suppliers)]
    for text in filter(None, said):
        zh, en = footprint_told.given(text)
        assert not CHINESE.search(en), (text, en)
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", zh), (text, zh)
