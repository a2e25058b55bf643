"""The tables of a report, figure by figure, against the hand calculation in fixture.py."""

from __future__ import annotations

import copy
import inspect
import re
from typing import Any

import pytest

from lca import instruments
from lca.snapshot import digest, expanded
from lca.warnings import WEAK
from service.reports import numbers
from service.reports.content import activity, bridge, factors, organisation, quality, results, statement
from service.reports.content.context import Context, Table, marks
from service.reports.numbers import GAP, MINUS
from service.reports.words import Words
from service.reports.words import table as sentences
from tests.service.reports.fixture import CN, ISO, snapshot


def context(method: str = ISO, language: str = "zh", given: dict[str, Any] | None = None) -> Context:
    found = given or snapshot(method)
    return Context(expanded(found), Words(language), numbers.rounding_of(found["method"]), digest(found))


def cells(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[str(cell) for cell in row] for row in table.rows]


def total(table: Table | None) -> list[str]:
    assert table is not None
    return [str(cell) for cell in table.total]


def test_the_three_totals_and_which_one_is_reported() -> None:
    assert cells(results.totals(context(CN))) == [
        ["基于位置", "7.21"],
        ["基于市场", "6.80"],
        ["本方法口径（本报告总量）", "2.75"],
    ]


def test_emissions_by_category_with_shares() -> None:
    table = results.by_category(context(CN))
    # 2162.188809, 643.92 and -53.66 of 2752.448809 kg
    assert [row[2:] for row in cells(table)] == [["2.16", "78.6"], ["0.64", "23.4"], [f"{MINUS}0.05", f"{MINUS}1.9"]]
    assert total(table) == ["合计", "", "2.75", "100.0"]


def test_direct_emissions_name_every_gas_of_the_standard() -> None:
    rows = {row[0]: row[1:] for row in cells(results.by_gas(context(ISO), direct=True))}
    assert rows["二氧化碳 CO2"] == ["2.16502", "2.17"]
    assert rows["甲烷 CH4"] == ["0.000038931", "0.00"]  # 0.038931 kg
    assert rows["氢氟碳化物 HFCs"] == ["0.002", "4.51"]  # 2 kg of R-410A
    for nought in ("全氟碳化物 PFCs", "六氟化硫 SF6", "三氟化氮 NF3"):
        assert rows[nought] == ["0", "0.00"]


@pytest.mark.parametrize(
    ("gas", "name"),
    [("CH4_fossil", "CH4"), ("CH4_biogenic", "CH4"), ("HFC-134a", "HFCs"), ("R-507A", "HFCs"), ("CF4", "PFCs"),
     ("C2F6", "PFCs"), ("c-C4F8", "PFCs"), ("PFC-318", "PFCs"), ("SF6", "SF6"), ("CO2e", "CO2e"), ("HFE-1", "other")],
)  # fmt: skip
def test_a_gas_is_reported_in_its_family(gas: str, name: str) -> None:
    assert results.family(gas) == name


def test_scope_2_in_two_views() -> None:
    table = results.scope2(context(ISO))
    # 1200 x 0.4403; market: 1200 x 0.5856 = 702.72 less the covered 1000 x 0.5856 = 585.60
    assert [row[3:] for row in cells(table)] == [["0.53", "0.70"], ["0.00", f"{MINUS}0.59"]]
    assert total(table)[3:] == ["0.53", "0.12"]


def test_the_bridge_leads_from_total_to_total() -> None:
    table = bridge.by_rule(context(CN))
    rows = cells(table)
    assert rows[0] == ["基于位置", "7.21", "7.21"]
    assert rows[-1] == ["未解释余额", "0.00", "0.00"]
    assert total(table)[1:] == ["6.80", "2.75"]
    moved = {row[0]: row[2] for row in rows[1:-1]}
    assert moved["输出电力产生的排放予以扣减"] == f"{MINUS}0.05"


def test_every_line_stands_in_the_bridge_with_its_rules() -> None:
    rows = {row[0]: row for row in cells(bridge.by_line(context(CN)))}
    assert set(rows) == {"L001", "L002", "L003", "L004", "I001"}
    assert rows["L001"][2:5] == ["4.51", "4.51", "0.00"]
    assert rows["L002"][2:5] == ["0.53", "0.70", "0.64"]
    assert "全国平均因子" in rows["L002"][5]


def test_certificates_are_counted_or_refused_with_the_reason() -> None:
    rows = cells(bridge.instruments(context(ISO)))
    assert [row[-1] for row in rows] == ["已采信", "不予采信：已过有效期"]
    assert [row[-2] for row in rows] == [f"1{GAP}000", "0"]


def test_every_reason_of_refusal_and_every_variant_has_words() -> None:
    source = inspect.getsource(instruments)
    reasons = set(re.findall(r'(?:\("|return ")([a-z]+(?:-[a-z]+)+)"', source))
    assert len(reasons) > 10
    assert [reason for reason in reasons if f"refused.{reason}" not in sentences()] == []
    variants = {*WEAK, "exact", "measured", "own_factor", "supplier"}
    assert [variant for variant in variants if f"variant.{variant}" not in sentences()] == []


def test_a_certificate_left_over_in_part_stays_in_the_pool() -> None:
    given = snapshot(ISO)
    given["instruments"][0]["used_kwh"] = "150"
    assert cells(bridge.instruments(context(given=given)))[0][-1] == "已采信，余量留存"


def test_no_certificates_no_table() -> None:
    given = snapshot(ISO)
    given["instruments"] = []
    assert bridge.instruments(context(given=given)) is None


def test_sources_stand_with_amount_unit_origin_and_evidence() -> None:
    rows = {row[0]: row[1:] for row in cells(activity.sources(context(ISO)))}
    assert rows["L002"] == ["广州厂区", "外购电力 · 熔炼车间用电", "M-1001", "结算凭证", f"1.2{GAP}MWh", "2", "1"]
    assert rows["L004"][4] == f"1{GAP}000{GAP}Nm³"
    assert "I001" not in rows


def test_a_source_calculated_month_by_month_is_one_source() -> None:
    given = snapshot(ISO)
    gas = next(one for one in given["calculations"] if one["id"] == "L004")
    twin = copy.deepcopy(gas) | {"id": "L005", "stream_key": "twin", "months": ["2022-03"]}
    given["calculations"].insert(given["calculations"].index(gas) + 1, twin)
    given["parts"].append(
        {"site": "GZ", "month": "2022-03", "rows": 1, "sha256": "", "amounts": {"twin": {"amount": "50", "rows": 1}}}
    )
    rows = cells(activity.sources(context(given=given)))
    assert ["L004–L005", f"1{GAP}050{GAP}Nm³", "3"] in [[row[0], row[5], row[6]] for row in rows]
    monthly = next(row for row in cells(activity.monthly_data(context(given=given))) if row[0].startswith("天然气"))
    assert monthly[1:] == ["600", "400", "50", f"1{GAP}050"]


def test_each_line_is_amount_times_coefficient() -> None:
    table = activity.lines(context(CN))
    rows = {row[0]: row[2:] for row in cells(table)}
    assert rows["L002"] == [f"1{GAP}200{GAP}kWh", "0.5366", "完全匹配", "0.64"]
    assert rows["L003"] == [f"100{GAP}kWh", f"{MINUS}0.5366", "完全匹配", f"{MINUS}0.05"]  # deducted
    assert rows["L001"][1:] == ["", "", "未纳入"]
    assert total(table)[-1] == "2.75"


def test_monthly_emissions_add_up() -> None:
    table = activity.monthly_emissions(context(CN))
    # January: 700 kWh x 0.5366 + 600 Nm3 x 2.162188809 - 53.66; February: 500 kWh and 400 Nm3
    assert total(table)[1:] == ["1.62", "1.13", "2.75"]


def test_factors_cite_their_source_by_number() -> None:
    c = context(ISO)
    rows = cells(factors.used(c))
    power = next(row for row in rows if row[0] == "广东 省级电力平均二氧化碳排放因子")
    number = int(power[-1][1 : power[-1].index("]")])
    assert power[1:5] == ["0.4403", "kg CO2/kWh", "CN-GD", "2022"]
    assert "公告2024年第33号" in str(factors.citations(c)[number - 1])
    assert all(row[-1].startswith("[") for row in rows)


def test_warming_potentials_stand_with_their_source() -> None:
    rows = {row[0]: row[1:] for row in cells(factors.gwps(context(ISO)))}
    assert rows["R-410A"][:2] == [f"2{GAP}255.5", "AR6"]
    assert rows["CH4_fossil"][:2] == ["29.8", "AR6"]
    assert all(row[2].startswith("[") for row in rows.values())


def test_two_gwp_sets_are_told_apart() -> None:
    assert "GWP 取值版本：AR6（100 年）" in str(factors.gwp_note(context(ISO)))
    assert "本方法口径 AR5，总量口径（基于位置、基于市场）AR6" in str(factors.gwp_note(context(CN)))


def test_the_cross_walk_names_all_three_structures() -> None:
    iso = {row[0]: row[1:4] for row in cells(results.crosswalk(context(ISO)))}
    assert iso["类别2 输入电力间接排放"] == ["2.1", "范围二", "购入电力"]
    chinese = {row[0]: row[1:4] for row in cells(results.crosswalk(context(CN)))}
    assert chinese["化石燃料燃烧排放"] == ["1.1, 1.2", "范围一", "同左"]
    assert chinese["输出电力产生的排放（扣减）"][:2] == ["不计入", "不计入"]


def test_energy_in_standard_coal_both_ways() -> None:
    table = quality.energy(context(CN))
    # calorific: 1200 x 0.1229 = 147.48 kg, gas 38.931 GJ / 29.3076 = 1.328 t, sold -12.29 kg; equivalent at 0.3 kg/kWh
    assert total(table)[3:] == ["1.46", "1.66"]
    assert "0.3 kgce/kWh" in str(quality.energy_note(context(CN)))
    assert "企业自报" in str(quality.energy_note(context(CN)))


def test_without_a_stated_rate_there_is_no_equivalent() -> None:
    given = snapshot(CN)
    given["results"]["energy"] |= {"tce_equivalent": None, "electricity_equivalent_kgce_per_kwh": None}
    for line in given["results"]["energy"]["lines"]:
        line["tce_equivalent"] = None
    c = context(CN, given=given)
    assert total(quality.energy(c))[4] == "—"
    assert "不列等价值" in str(quality.energy_note(c))


def test_without_energy_there_is_no_table() -> None:
    given = snapshot(CN)
    given["results"]["energy"]["lines"] = []
    assert quality.energy(context(CN, given=given)) is None
    assert "没有可折算" in str(quality.energy_note(context(CN, given=given)))


def test_uncertainty_is_told_with_rank_and_what_is_assumed() -> None:
    sentence = str(quality.uncertainty_text(context(ISO)))
    assert "±" in sentence
    assert "等级：" in sentence
    names = [row[1] for row in cells(quality.uncertainty(context(ISO)))]
    assert "外购电力 · M-1001" in names
    assert "广东 省级电力平均二氧化碳排放因子" in names


def test_an_inventory_of_nothing_has_no_uncertainty() -> None:
    given = snapshot(ISO)
    given["results"]["uncertainty"] = {"percent": None, "rank": None, "assumed_share_percent": None, "components": []}
    c = context(given=given)
    assert "不计算不确定性" in str(quality.uncertainty_text(c))
    assert quality.uncertainty(c) is None


def test_intensities_per_product_and_value_added() -> None:
    rows = cells(organisation.intensities(context(CN)))
    assert rows[0] == ["广州厂区", "10", "t", "275.245"]  # 2752.448809 / 10
    assert rows[1][1:] == ["5", "万元", "550.49"]  # 2752.448809 / 5


def test_products_of_several_months_are_one() -> None:
    given = snapshot(CN)
    given["products"] = given["products"] * 2
    assert cells(organisation.products(context(CN, given=given))) == [["铝合金锭", "广州厂区", "20", "t", "10"]]


def test_what_was_not_stated_says_so() -> None:
    given = snapshot(CN)
    given["organisation"]["credit_code"] = ""
    rows = dict(cells(organisation.identity(context(CN, given=given))))
    assert rows["统一社会信用代码"] == "未填报"


def test_process_lines_have_a_table_when_any_is_named() -> None:
    assert results.by_process(context(CN)) is None
    given = snapshot(CN)
    for one in given["calculations"]:
        one["stream"]["process_line"] = "熔炼线" if one["id"] == "L004" else ""
    rows = dict(cells(results.by_process(context(CN, given=given))))
    assert rows == {"熔炼线": "2.16", "未填报": "0.59"}  # 643.92 - 53.66


def test_unconfirmed_rules_are_found_wherever_they_stand() -> None:
    record = {
        "evidence": {"mark": "unconfirmed", "zh": "甲", "en": "a"},
        "gwp_evidence": {"mark": "unconfirmed", "zh": "乙", "en": "b"},
        "parameters": {"p": {"value": "1", "unit": "t", "source": "丙", "evidence": "unconfirmed"}},
        "list": [{"evidence": "confirmed"}],
    }
    assert list(marks(record)) == [
        ("", "", "甲", "a"),
        ("gwp", "", "乙", "b"),
        ("parameters.p", "1 t", "丙", "丙"),
    ]


def test_only_parameters_in_use_are_listed() -> None:
    rows = [row[0] for row in cells(statement.unconfirmed(context(CN)))]
    assert "核算方法" in rows
    assert not any("steam" in row for row in rows)


def test_versions_name_everything_a_result_rests_on() -> None:
    c = context(CN)
    rows = dict(cells(statement.versions(c)))
    assert rows["计算程序"] == "tanji 0.1.0"
    assert rows["方法及版本"].startswith("inventory.cn_gbt32150 ")
    assert rows["数据快照 SHA-256"] == c.digest


def test_widths_fill_the_table() -> None:
    table = activity.lines(context())
    assert sum(map(float, table.widths)) == pytest.approx(100, abs=0.1)


def test_in_both_languages_an_enumeration_is_said_in_each() -> None:
    c = context(CN, "both")
    assert str(c.listed([("甲", "a"), ("乙", "b"), ("甲", "a")])) == (
        '<span class="zh">甲；乙</span> <span class="en" lang="en">a; b</span>'
    )


def many(count: int) -> dict[str, Any]:
    """The fixture with ``count`` further power meters of 1 kWh each, 0.4403 kg in the gross views."""
    given = snapshot(ISO)
    model = next(one for one in given["results"]["lines"] if one["id"] == "L002")
    source = next(one for one in given["calculations"] if one["id"] == "L002")
    for number in range(count):
        small = {f"kgco2e_{view}": "0.4403" for view in ("location", "market", "method")}
        given["results"]["lines"].append(model | small | {"id": f"X{number}", "amount": "1", "kgco2e": "0.4403"})
        given["calculations"].append(source | {"id": f"X{number}", "stream_key": "", "months": []})
    return given


def test_of_very_many_lines_the_largest_are_shown_and_the_rest_is_one_row() -> None:
    c = context(given=many(300))
    for table in (activity.lines(c), bridge.by_line(c)):
        rows = cells(table)
        assert len(rows) == 120
        assert {"L001", "L002", "L004"} <= {row[0] for row in rows}
        assert rows[-1][1] == "其余 186 项合计"  # 305 lines, 119 shown
    assert cells(activity.lines(c))[-1][-1] == "0.08"  # 186 x 0.4403 kg and the two of nought


def test_other_long_tables_are_cut_and_say_so() -> None:
    given = snapshot(ISO)
    given["exclusions"] = given["exclusions"] * 200
    table = organisation.exclusions(context(given=given))
    assert table is not None
    assert (len(table.shown), table.left_out) == (120, 80)


def test_the_base_year_itself_is_beside_its_earlier_versions_alone() -> None:
    before = {"id": "B-v1", "total_kgco2e": "5000", "reason": ""}
    found = snapshot(ISO)
    year = found["inventory"]["period"]["start"][:4]
    found["organisation"] = {**found["organisation"], "base_year": year}
    said = {"year": year, "inventory": "B-v1", "total_kgco2e": "5000", "versions": [before], "test": None}
    rows = cells(quality.base_year(context(ISO, given={**found, "base_year": said})))
    assert [row[0].split(" ")[0] for row in rows] == ["本年度即为基准年（本版总量）", "版本"]
    assert rows[1][1] == "5.00"
    assert "本年度即为基准年" in str(quality.base_year_missing(context(ISO, given=found)))
    earlier = str(int(year) - 1)
    later = {**said, "year": earlier}
    organisation = {**found["organisation"], "base_year": earlier}
    c = context(ISO, given={**found, "organisation": organisation, "base_year": later})
    assert "不作比较" in str(quality.base_year_missing(c))
    rows = cells(quality.base_year(c))
    assert next(row[0] for row in rows) == f"基准年（{int(year) - 1}）排放总量"
    assert len(rows) == 3
