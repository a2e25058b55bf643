"""Study, statement and statement by modules: what they say, that they verify, and what is found when they lie."""

from __future__ import annotations

import copy
import hashlib
import html
import io
import json
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from lca.snapshot import canonical_bytes
from service.products import templates
from service.reports import charts, drawn, fonts, numbers, of_footprints, render
from service.reports.content.pcf import conformity, data, modules, results, scope
from service.reports.content.pcf.context import Study, decimals_of
from service.reports.document import Document
from service.reports.errors import DocumentUnknown, FaceTooLong, ModulesNotStated
from service.reports.face import squeezed
from service.reports.sign import sign
from service.reports.verify import verify_bytes
from service.reports.words import Words
from service.reports.words import table as table_of_words
from tests.bad.pdf import makers
from tests.service.reports.footprint_fixture import BRACKET_KG, of_bracket, snapshot_of

CEMENT = ("cement", "en15804.a2")


def study(snapshot: Any, language: str = "en") -> Study:
    return of_footprints.context(snapshot, Words(language), "0" * 64)


def signed(snapshot: Any, document: str, language: str = "zh") -> bytes:
    return sign(render.pdf(snapshot, language, document=document), makers.own_key(), now=makers.NOW)


def plain(cells: Any) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in cells]


def test_the_bracket_is_written_down_as_it_was_worked_by_hand() -> None:
    c = study(of_bracket().snapshot)
    assert of_footprints.figures(c.snapshot)[0] == BRACKET_KG
    table = results.by_part(c)
    assert plain(table.rows) == [
        # 12.96 / 0.8 + 0.6 x 0.08 = 16.248; 3.0 x 0.65 + 0.1 x 2.4 = 2.19
        ["Raw materials and pre-processing", "16.25", "0.00", "0.00", "0.00", "0.00", "16.25"],
        ["Production", "2.19", "0.00", "0.00", "0.00", "0.00", "2.19"],
    ]
    assert str(table.total[-1]) == BRACKET_KG


def test_inputs_stand_by_stage_with_amount_factor_and_share() -> None:
    rows = plain(data.lines(study(of_bracket().snapshot)).rows)
    gap = numbers.GAP
    assert rows[0][0] == "<strong>Raw materials and pre-processing</strong>"
    assert rows[1][1:5] == [f"1.25{gap}kg", f"12.96{gap}kg CO2e/kg", "16.20", "87.9"]  # 16.2 / 18.438 = 87.86 %
    assert rows[-1][1:4] == [f"0.1{gap}m³", f"2.4{gap}kg CO2e/m³", "0.24"]


@pytest.mark.parametrize(
    ("stages", "decimals"),
    [
        ({"a": "26313"}, 0),  # five digits
        ({"a": "272.2"}, 1),
        ({"a": "0.9508"}, 4),
        ({"a": "0.0000123"}, 8),  # eight at most
        ({"a": "50", "b": "-49.9"}, 2),  # the size is that of the stages, 99.9, not that of what is left of them
        ({}, 0),
        ({"a": "0"}, 0),
    ],
)
def test_as_many_decimals_as_show_four_digits_of_the_size(stages: dict[str, str], decimals: int) -> None:
    assert decimals_of({"results": {"by_stage": stages}}) == decimals


def test_modules_that_nobody_declared_are_never_nought() -> None:
    c = study(snapshot_of(*CEMENT))
    rows = {row[0].split()[0]: row for row in plain(modules.table(c).rows) if row[0][:2] in ("A4", "C4")}
    assert rows["A4"][1:] == rows["C4"][1:] == ["ND"] * 5
    assert plain(modules.beyond(c).rows)[0][1:] == ["ND"] * 5
    product = plain(modules.table(c).rows)[0]
    assert product[1] == c.kg(c.results["total_kgco2e"])  # A1 to A3 are all there is
    declared = {row[1].split()[0]: row[2] for row in plain(modules.declaration(c).rows)}
    assert {module for module, mark in declared.items() if mark == "X"} == {"A1", "A2", "A3"}


def test_every_content_that_a_method_requires_has_its_chapter() -> None:
    from lca.footprint_method import footprint_methods, load

    chapters = {f"pcf.h.{name}" for name in of_footprints.CHAPTERS["study"].split()}
    for method in footprint_methods():
        record = load(method).to_record()
        if record["runs_on"] != "bill_of_materials":
            continue  # the goods of an installation have no study
        for item in record["report_contents"]:
            held = of_footprints.INDEX.get(item["id"], "")
            assert f"pcf.h.{held}" in chapters or not item["required"], (method, item)


def test_a_clause_that_fails_is_told_first_and_on_the_first_chapter() -> None:
    c = study(snapshot_of(*CEMENT))
    rows = plain(conformity.checks(c).rows)
    assert [row[1] for row in rows[: conformity.failed(c)]] == ["not met"] * conformity.failed(c)
    assert conformity.failed(c) > 0


def test_a_method_that_no_certificate_rests_on_is_no_clause_that_fails() -> None:
    real = {**of_bracket().snapshot}
    assert str(conformity.certification(study(real, "zh"))).startswith("认证：可作为认证依据：现行国家标准")
    before = conformity.failed(study(real)), conformity.count(study(real))
    real["checks"] = [
        {**one, "ok": False, "params": {**one["params"], "reason": "demonstration"}}
        if one["id"] == "certifiable"
        else one
        for one in real["checks"]
    ]
    c = study(real, "zh")
    assert str(conformity.certification(c)) == "认证：不得作为认证依据：数据为示范数据。"
    assert (conformity.failed(c), conformity.count(c)) == before
    assert "certification" not in "".join(row[0] for row in plain(conformity.checks(study(real)).rows))
    assert "不得作为认证依据" in render.page(snapshot_of(*CEMENT), "zh", document="statement").html


def test_a_whole_life_is_told_from_a_part_of_it() -> None:
    assert not scope.is_whole(study(snapshot_of(*CEMENT)))
    assert scope.is_whole(study(snapshot_of("vehicle_bev", "auto.calcm")))


def test_charts_hold_the_stages_and_the_largest_components() -> None:
    made = of_footprints.charts(snapshot_of("vehicle_bev", "auto.calcm"), Words("en"))
    assert set(made) == {"pcf_stage", "pcf_component"}
    names = [value["name"] for value in made["pcf_component"]["data"]["values"]]
    assert len(names) <= charts.MOST_BARS
    assert sum(value["t"] for value in made["pcf_stage"]["data"]["values"]) == pytest.approx(
        float(snapshot_of("vehicle_bev", "auto.calcm")["results"]["total_kgco2e"])
    )


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize(
    ("template", "method"), [("vehicle_bev", "auto.calcm"), CEMENT, ("battery_nmc", "cfb.ev_draft2024")]
)
def test_a_statement_keeps_to_one_page(template: str, method: str, language: str) -> None:
    reader: Any = PdfFileReader(io.BytesIO(render.pdf(snapshot_of(template, method), language, document="statement")))
    assert reader.root["/Pages"]["/Count"] == 1


@pytest.mark.parametrize("document", ["study", "statement"])
def test_a_first_page_with_long_names_holds_its_digest_or_is_refused(document: str) -> None:
    """A maker's name of two lines leaves no room in the usual type; one of a thousand words in no type."""
    long = copy.deepcopy(dict(snapshot_of("vehicle_bev", "auto.calcm")))
    for times in (1, 3, 400):
        name = {
            "zh": "襄阳示范新能源汽车制造有限公司" * times,
            "en": "Xiangyang New Energy Vehicle Works, Ltd. " * times,
        }
        long["model"] = {**long["model"], "organisation": name}
        if times == 400:
            with pytest.raises(FaceTooLong, match="shorten"):
                render.pdf(long, "both", document=document)
        else:
            drawn_pdf = Document(render.pdf(long, "both", document=document))
            assert hashlib.sha256(canonical_bytes(long)).hexdigest() in squeezed(drawn_pdf.face())


@pytest.mark.parametrize(
    ("document", "mark", "language"), [("study", "", "zh"), ("statement", "-S", "both"), ("modules", "-M", "en")]
)
def test_documents_verify_and_are_told_apart_by_their_number(document: str, mark: str, language: str) -> None:
    found = verify_bytes(signed(snapshot_of(*CEMENT), document, language))
    assert found.failed is None, found.failed
    assert found.ok
    assert found.pages_confirmed
    assert found.facts["report"].endswith(mark or found.facts["digest"][:8].upper())
    assert found.facts["total_kgco2e"] == of_footprints.figures(snapshot_of(*CEMENT))[0]


def test_a_statement_says_that_it_is_neither_certificate_nor_declaration() -> None:
    page = render.page(snapshot_of(*CEMENT), "zh", document="modules").html
    assert "不是 EN 15804 或 ISO 14025 意义上的环境产品声明" in page
    assert "自我声明，未经第三方核查" in page
    assert "不是认证证书" in render.page(snapshot_of(*CEMENT), "zh", document="statement").html


def test_another_figure_on_the_page_is_found() -> None:
    page = render.page(of_bracket().snapshot, "zh", document="statement")
    forged = page.html.replace(f"{BRACKET_KG} <small>", "1.84 <small>", 1)
    assert forged != page.html
    import dataclasses

    pdf = render.layout(dataclasses.replace(page, html=forged), fonts.locate(), {})
    found = verify_bytes(sign(pdf, makers.own_key(), now=makers.NOW))
    assert found.failed is not None
    assert (found.failed.name, found.failed.code) == ("face", "face-differs")


def test_a_figure_changed_in_the_snapshot_is_found_by_computing_again() -> None:
    forged = copy.deepcopy(of_bracket().snapshot)
    forged["results"]["total_kgco2e"] = "1.8438"  # type: ignore[index]
    found = verify_bytes(signed(forged, "statement"))
    assert found.failed is not None
    assert (found.failed.name, found.failed.code) == ("results", "results-differ")
    assert found.failed.params["where"] == "results.total_kgco2e"


def test_operands_that_do_not_fit_are_refused_with_the_reason() -> None:
    forged = json.loads(canonical_bytes(of_bracket().snapshot))
    forged["supplies"]["S001"]["gases_kg"]["CO2e/fossil"] = "1"
    found = verify_bytes(signed(forged, "statement"))
    assert found.failed is not None
    assert found.failed.code == "results-refused"
    assert "S001" in found.failed.told("en")


def test_a_statement_is_drawn_again_as_a_statement() -> None:
    """The same snapshot has three documents; which one a file is follows from its number."""
    snapshot = of_bracket().snapshot
    pdf = render.pdf(snapshot, "zh", document="statement")
    assert drawn.digests(Document(pdf)) == drawn.again(snapshot, {}, "zh", "statement")
    assert len(drawn.again(snapshot, {}, "zh", "study")) > 1


def test_what_cannot_be_drawn_is_refused_with_what_there_is() -> None:
    with pytest.raises(ModulesNotStated, match=r"en15804\.a2.*gbt24067"):
        render.page(of_bracket().snapshot, "zh", document="modules")
    with pytest.raises(DocumentUnknown, match="study, statement, modules"):
        render.page(of_bracket().snapshot, "zh", document="report")


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_first_pages_carry_number_digest_period_and_product(language: str) -> None:
    snapshot = snapshot_of(*CEMENT)
    page = squeezed(Document(render.pdf(snapshot, language, document="statement")).face())
    about = of_footprints.about(snapshot)
    assert about.start in page
    assert about.end in page
    assert any(squeezed(name) in page for name in about.names)


def test_a_functional_unit_is_told_as_one_and_a_declared_unit_by_its_amount() -> None:
    car, cement = snapshot_of("vehicle_bev", "auto.calcm"), snapshot_of(*CEMENT)
    assert of_footprints.face(study(car, "zh"), "study").total_label == "产品碳足迹（每功能单位）"
    assert of_footprints.face(study(car), "study").total_label == "Carbon footprint per functional unit"
    assert of_footprints.face(study(cement), "study").total_label == f"Carbon footprint per 1{numbers.GAP}t"
    assert "GWP-total" in of_footprints.face(study(cement), "modules").total_label


def test_module_d_without_data_is_not_declared_in_the_summary() -> None:
    row = plain(results.totals(study(snapshot_of(*CEMENT))).rows)[-1]
    assert row[:2] == ["D Reuse, recovery and recycling beyond the system", "ND"]


def test_a_clause_that_asks_for_words_is_stated_and_never_called_met() -> None:
    outcomes = {row[0]: row[1] for row in plain(conformity.checks(study(snapshot_of(*CEMENT))).rows)}
    exemption = next(outcome for clause, outcome in outcomes.items() if "joined to others" in clause)
    assert exemption == "stated"  # the template says that the three conditions are yet to be shown
    assert next(outcome for clause, outcome in outcomes.items() if "shows module D apart" in clause) == "in this report"
    assert next(outcome for clause, outcome in outcomes.items() if "limit 5 %" in clause) == "met"


def test_what_the_maker_states_and_stages_beyond_a_method_are_named_in_words() -> None:
    c = study(snapshot_of(*CEMENT))
    table = scope.statements(c)
    assert table is not None
    shown = {row[0] for row in plain(table.rows)}
    assert {"Allocation", "Capital goods", "Geography"} <= shown
    assert not {"reasons", "application", "audience"} & shown  # of the goal's own table
    assert dict(plain(table.rows))["Capital goods"] == "not included"
    assert ["Category", "cement and clinker"] in plain(scope.product(c).rows)
    assert c.stage_pair("production") == ("生产", "Production")


def test_region_category_and_clauses_of_a_study_are_in_words() -> None:
    c = study(snapshot_of("vehicle_bev", "auto.calcm"), "zh")
    facts = {row[0]: row[1] for row in plain(scope.product(c).rows)}
    assert facts["产品类别"] == "乘用车"
    assert facts["生产地区"] == "中国（CN）"
    assert facts["基准流（产品数量）"] == f"1{numbers.GAP}件"  # what a functional unit is made with
    assert {row[2] for row in plain(scope.rules(c).rows)} >= {"CALCM，原文未核对", "ISO 14067:2018, 6.4.6"}
    found = conformity.unconfirmed(c)
    assert found is not None
    rules = {row[0]: row[1] for row in plain(found.rows)}
    assert rules["参数 · 轮胎更换周期"] == f"60{numbers.GAP}000{numbers.GAP}km"


@pytest.mark.parametrize("product", [CEMENT, ("vehicle_bev", "auto.calcm"), ("secondary_aluminium", "pact.3.0")])
def test_gases_that_count_add_up_to_the_footprint(product: tuple[str, str]) -> None:
    c = study(snapshot_of(*product))
    counted = sum(float(gas.kgco2e) for gas in c.tables.by_gas if gas.is_counted)
    assert counted == pytest.approx(float(c.results["total_kgco2e"]), rel=1e-9)
    table = results.by_gas(c)
    assert [str(cell) for cell in table.total] == [
        "Total of the rows that count", "", "", "", c.kg(c.results["total_kgco2e"]), "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gas", "zh", "en"),
    [
        ("CH4_fossil", "CH<sub>4</sub>（化石源）", "CH<sub>4</sub> (fossil)"),
        ("CO2", "CO<sub>2</sub>", "CO<sub>2</sub>"),
        ("N2O", "N<sub>2</sub>O", "N<sub>2</sub>O"),
        ("HFC-134a", "HFC-134a", "HFC-134a"),
        ("C2F6", "C<sub>2</sub>F<sub>6</sub>", "C<sub>2</sub>F<sub>6</sub>"),
        ("CO2e", "未按气体拆分（CO2e）", "not split by gas (CO2e)"),
    ],
)
def test_gases_are_named_as_practitioners_write_them(gas: str, zh: str, en: str) -> None:
    assert [str(results.gas_name(Words(side), gas)) for side in ("zh", "en")] == [zh, en]


def test_every_input_shows_document_place_year_and_scores() -> None:
    data_ = {**of_bracket().snapshot}
    data_["lines"] = [
        {**one, "evidence": "invoice 7", "quality": [2, 1, 0], "uncertainty_percent": "5", "is_primary": True}
        if one["id"] == "forging.el" else one
        for one in data_["lines"]
    ]  # fmt: skip
    table = data.origins(study(data_))
    rows = {row[0].partition(" · ")[0]: row for row in plain(table.rows)}
    assert len(rows) == len(data_["lines"])
    power = rows["电"]  # the bracket has no English names
    assert power[1:4] == ["Production", "primary", "invoice 7"]
    assert power[8:] == ["2 / 1 / –", "±5%"]
    assert rows["铝"][3] == "not stated"
    assert "2025-01-01 to 2025-12-31 and of Hubei (CN-HB)" in str(table.note)
    cement = {row[0]: row for row in plain(data.origins(study(snapshot_of(*CEMENT), "zh")).rows)}
    assert cement["粉磨用电 · 水泥粉磨"][4:8] == ["外购电力 [4]", "2024", "中国（CN）", "较早年份"]


def test_the_study_tests_its_choices_and_says_what_it_cannot() -> None:
    c = study(snapshot_of(*CEMENT))
    table = results.choices(c)
    rows = {row[0]: row[1:] for row in plain(table.rows)}
    # 703.6 kg with 81.4 kWh of 0.5777 kg: a tenth more of that is 4.70 kg, 0.668 %.
    assert rows["Electricity"] == ["emissions of all electricity of the model 10 % higher", "708.3", "+0.668%"]
    assert rows["Allocation"] == ["no co-products, nothing is allocated", "", ""]
    assert set(rows) == {"Allocation", "Electricity", "Recycled material and end of life"}
    assert "neither masses and prices of co-products" in str(table.note)
    assert "重大选择的敏感性" in render.page(snapshot_of(*CEMENT), "zh", document="study").html


def test_columns_in_which_nothing_is_said_are_dropped() -> None:
    c = study(snapshot_of(*CEMENT))
    table = scope.parameters(c)
    assert table is not None
    assert "Formula" not in [str(column.head) for column in table.columns]
    assert {len(row) for row in table.rows} == {len(table.columns)}
    worked_out = copy.deepcopy(snapshot_of(*CEMENT))
    worked_out["model"]["parameters"][0]["value"] = "=1 - gypsum_ratio"
    with_formula = scope.parameters(study(worked_out))
    assert with_formula is not None
    assert "Formula" in [str(column.head) for column in with_formula.columns]
    assert "Site" not in [str(column.head) for column in scope.processes(c).columns]


def test_gwp_ghg_leaves_biogenic_carbon_dioxide_away_and_keeps_its_methane() -> None:
    snapshot = copy.deepcopy(snapshot_of(*CEMENT))
    grown = {"process": snapshot["main"], "component": "wood", "is_primary": True, "evidence": "", "text": ""}
    snapshot["given"] = [
        {**grown, "id": "uptake", "gas": "CO2/removal", "kg": "-10", "stage": "A1"},
        {**grown, "id": "burned", "gas": "CO2/biogenic", "kg": "4", "stage": "A3"},
        {**grown, "id": "leak", "gas": "CH4_biogenic/biogenic", "kg": "0.1", "stage": "A3"},
    ]
    snapshot["gwp"]["AR6"] |= {"CO2": "1", "CH4_biogenic": "27.0"}
    snapshot["results"]["total_kgco2e"] = str(float(snapshot["results"]["total_kgco2e"]) - 10 + 4 + 2.7)
    before = {row[0][:2]: row for row in plain(modules.table(study(snapshot_of(*CEMENT))).rows)}
    after = {row[0][:2]: row for row in plain(modules.table(study(snapshot)).rows)}
    assert before["A3"][5] == before["A3"][1]  # nothing biogenic: GWP-GHG is GWP-total

    def moved(module: str, column: int) -> float:
        shown = (float(row[module][column].replace(numbers.MINUS, "-")) for row in (after, before))
        return round(next(shown) - next(shown), 1)

    assert [moved("A1", at) for at in (1, 3, 5)] == [-10.0, -10.0, 0.0]  # read GWP-total, GWP-biogenic, GWP-GHG
    assert [moved("A3", at) for at in (1, 3, 5)] == [6.7, 6.7, 2.7]


def test_the_power_of_manufacture_shows_its_potential_by_kilowatt_hour() -> None:
    table = modules.power(study(snapshot_of(*CEMENT)))
    assert table is not None
    # 0.8 t of clinker at 58 kWh and 35 kWh of grinding, 0.5777 kg CO2e/kWh.
    assert plain(table.rows) == [["Electricity, bought", "China (CN)", "2024", "81.4", "0.5777"]]
    assert [str(cell) for cell in table.total] == ["Total and weighted mean", "", "", "81.4", "0.5777"]


def test_delivery_of_power_adds_emissions_and_no_kilowatt_hours() -> None:
    snapshot = copy.deepcopy(snapshot_of(*CEMENT))
    power = [one for one in snapshot["lines"] if one["id"] in ("cement.power", "clinker.power")]
    delivered = snapshot["supplies"]["S999"] = copy.deepcopy(snapshot["supplies"][power[0]["supply"]])
    delivered["activity"] = "electricity_delivery"
    power[0]["supply"] = "S999"
    table = modules.power(study(snapshot))
    assert table is not None
    # Only 46.4 kWh are power; 81.4 kWh at 0.5777 are borne by them: 1.0135 kg CO2e/kWh.
    assert [str(cell) for cell in table.total][3:] == ["46.4", "1.013"]


def test_the_content_is_declared_with_mass_packaging_and_carbon() -> None:
    c = study(snapshot_of(*CEMENT))
    table = modules.materials(c)
    assert table is not None
    rows = {row[0]: row[2:] for row in plain(table.rows)}
    gap = numbers.GAP
    # Per tonne of cement, kg: 0.8 x (1250 + 220 + 30) for clinker, 50 gypsum, 75 slag, 75 ash: 1400.
    assert rows["limestone"] == [f"1{gap}000", "71.4"]
    assert rows["ground slag"] == ["75", "5.4"]
    assert [str(cell) for cell in table.total] == ["Total", "", f"1{gap}400", "100.0"]
    assert "kiln coal" not in rows  # an energy of A3, its supply chain no matter of A1 either
    facts = {row[0]: row[1] for row in plain(modules.content(c).rows)}
    assert facts["Packaging"] == "not stated"
    assert facts["Biogenic carbon content of the product"] == "0 kg C (equal to 0 kg CO2)"
    wood = {**c.snapshot, "results": {**c.results, "carbon_biogenic_kg": "12"}}
    facts = {row[0]: row[1] for row in plain(modules.content(study(wood)).rows)}
    assert facts["Biogenic carbon content of the product"] == "12 kg C (equal to 44 kg CO2)"


def test_sources_are_cited_by_the_title_of_the_language_with_their_terms() -> None:
    chinese = [str(one) for one in data.sources(study(snapshot_of(*CEMENT), "zh"))]
    english = [str(one) for one in data.sources(study(snapshot_of(*CEMENT)))]
    at = next(number for number, text in enumerate(english) if "Conversion Factors for Company Reporting 2025" in text)
    assert english[at].endswith("[OGL v3.0]")
    assert chinese[at].endswith("[英国开放政府许可 3.0]")
    assert "ogl-3.0" not in "".join(chinese + english)
    assert "prc-official" not in "".join(chinese + english)
    guide = next(text for text in chinese if text.startswith("MEE (China) 生态环境部. 企业温室气体"))
    assert "中华人民共和国官方文件" in guide
    unknown = copy.deepcopy(snapshot_of(*CEMENT))
    for one in unknown["supplies"].values():
        one["source"], one["licence"] = f"{one['source']}, of our own", "of-our-own"
    assert "of our own. 2024 [of-our-own]" in " ".join(map(str, data.sources(study(unknown, "zh"))))


def test_the_interpretation_says_what_the_footprint_hangs_on() -> None:
    # Of 18.438 kg: aluminium 16.2 (87.9 %), power 1.95, gas 0.24, carriage 0.048; one input is more than 80 %.
    said = html.unescape(str(results.issues(study(of_bracket().snapshot))))
    assert "Raw materials and pre-processing accounts for 88.1 % of the footprint" in said  # 16.248 of 18.438
    assert "the largest 1 of 4 inputs make up 87.9 % of all contributions; the largest is '铝'" in said
    assert "all required stages are included" in str(results.completeness(study(of_bracket().snapshot)))
    empty = {**of_bracket().snapshot, "results": {**of_bracket().snapshot["results"], "by_stage": {}}}
    assert results.issues(study(empty)) == ""


@pytest.mark.parametrize("template", sorted(templates.templates()))
def test_what_templates_state_has_a_heading_under_every_method(template: str) -> None:
    for name in templates.load(template).statements:
        assert name in scope.GOAL or f"pcf.statement.{name}" in table_of_words(), name
