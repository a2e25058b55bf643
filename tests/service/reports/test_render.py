"""A snapshot becomes a page and a PDF/A-3: complete, honest, escaped, the same every time."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest
from pikepdf.pdfa import validate_written

from lca.snapshot import canonical_bytes, digest
from service.reports import fonts, numbers, of_inventories, render
from service.reports.errors import LanguageUnknown, SnapshotUnreadable
from tests.service.reports.fixture import CN, GHGP, ISO, inventory, snapshot

PDFA = {  # what the checker of pikepdf cannot judge or, checking level B, takes amiss in level U
    "pikepdf:schema-Resources",  # empty pattern and shading dictionaries
    "pikepdf:embedded-file",  # allowed in part 3, not checked here
    "ISO_19005_3:6.6.4-3",  # says U where B was asked for; U is B and more
}


class Text(HTMLParser):
    """The words of a page, without its style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser's signature
        self.silent = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.said).split())


def text(method: str = ISO, language: str = "zh") -> str:
    return str(Text(render.page(snapshot(method), language).html))


@pytest.fixture(scope="module")
def iso() -> bytes:
    return render.pdf(snapshot(ISO), "zh")


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


# --- what the report has to say ------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "粤港再生铝业有限公司", "91440101MA5EXAMPLE", "陈立", "林晓 020-00000000",  # who, and who is responsible
        "编制目的", "预期使用者", "2022-01-01 至 2022-12-31", "运营控制法",
        "重要性准则", "员工通勤", "员工均住厂区宿舍",  # boundary, exclusion with its reason
        "二氧化碳 CO2", "三氟化氮 NF3", "生物源 CO2", "未量化温室气体清除",
        "类别2 输入电力间接排放", "声明的基准年：2021", "超过 5% 时重算",
        "AD × NCV × CC × OF × 44/12", "公告2024年第33号", "GWP 取值版本：AR6",
        "总量的 95% 置信区间半宽", "本报告不作符合性保证", "没有核查声明", "自我声明，未经第三方核查",
        "范围一", "化石燃料燃烧", "GEC202201000001", "不予采信：已过有效期",
        "尚未核对原文的规则", "tanji verify",
    ],
)  # fmt: skip
def test_an_iso_report_says_what_the_standard_asks_for(said: str) -> None:
    assert said in text(ISO)


@pytest.mark.parametrize(
    "said",
    [
        "企业温室气体排放报告", "一、报告主体基本信息", "二、核算边界和排放源", "三、活动数据及其来源",
        "四、排放因子和计算系数", "五、温室气体排放量", "六、补充数据",
        "七、数据质量控制计划及执行情况", "八、责任声明",
        "GB/T 32150-2015", "法人边界", "分月活动数据", "分月排放量", "铝合金锭", "排放强度", "等价值", "当量值",
        "企业自报", "单位（盖章）", "输出电力产生的排放（扣减）", "−0.05", "2.75", "自我声明，未经第三方核查",
    ],
)  # fmt: skip
def test_a_chinese_report_says_what_the_guideline_asks_for(said: str) -> None:
    assert said in text(CN)


def test_every_content_that_the_method_requires_has_its_chapter() -> None:
    for item in snapshot(ISO)["method"]["report_contents"]:
        assert item["id"] in of_inventories.INDEX or not item["required"], item


@pytest.mark.parametrize("language", ["en", "both"])
@pytest.mark.parametrize("method", [ISO, CN, GHGP])
def test_every_report_exists_in_english_and_in_both(method: str, language: str) -> None:
    said = text(method, language)
    assert "Self-declared, not verified by a third party" in said
    assert "self-declared" in said.lower()
    assert ("自我声明" in said) == (language == "both")


def test_an_english_report_holds_no_chinese_but_names() -> None:
    """Every sentence of ours is English; Chinese remains in what was handed in and in titles of sources."""
    said = text(ISO, "en")
    for sentence in ("排放总量", "核算方法", "合计", "类别", "未说明", "不予采信"):
        assert sentence not in said


def test_figures_in_the_report_are_rounded_and_the_snapshot_is_not() -> None:
    made = render.page(snapshot(CN), "zh")
    assert "2.75 <small>" in made.html
    assert b'"total_kgco2e":"2752.448809"' in made.snapshot


def test_tables_add_up_to_the_total_within_rounding() -> None:
    """2.17 + 4.51 + 0.53 = 7.21: category rows of the fixture."""
    shown = re.findall(r"类别[12] [^ ]+ [12] ([0-9.]+) ", text(ISO))
    assert sum(map(Decimal, shown[:3])) == Decimal("7.21")


def test_demonstration_data_say_so_on_every_page() -> None:
    given = dict(inventory(ISO, notes={"demonstration": "yes"}).snapshot)
    made = render.page(given, "zh")
    assert "演示数据：所列企业及数值均为虚构" in made.html
    assert '@bottom-left{content:"演示数据' in made.html
    assert "演示数据" not in render.page(snapshot(ISO), "zh").html


def test_notes_of_the_organisation_take_the_place_of_the_standing_sentences() -> None:
    notes = {
        "purpose": "用于银行授信",
        "intended_users": "某银行",
        "responsible_person": "周宁",
        "significance_criteria": "占比 1% 以上",
        "internal_transfers": "A: electricity",
    }
    said = str(Text(render.page(dict(inventory(ISO, notes=notes).snapshot), "zh").html))
    for note in notes.values():
        assert note in said
    assert "报告主体未声明其他预期使用者" not in said


def test_a_correction_names_its_reason() -> None:
    said = str(Text(render.page(dict(inventory(ISO, version=2, reason="补充二月发票").snapshot), "zh").html))
    assert "补充二月发票" in said
    assert "V2" in said


def test_a_base_year_is_compared_with_its_changes() -> None:
    base = {
        "year": "2021",
        "inventory": "YGLY-2021",
        "total_kgco2e": "6000",
        "versions": [
            {"id": "v1", "total_kgco2e": "5000", "reason": ""},
            {"id": "v2", "total_kgco2e": "6000", "reason": "收购"},
        ],
        "threshold_percent": "5",
        "test": {
            "percent": "10",
            "recalculate": True,
            "counted": [{"kind": "structure", "kgco2e": "600", "reason": "并入佛山仓库"}],
            "ignored": [{"kind": "growth", "kgco2e": "100", "reason": "增产"}],
        },
    }
    said = str(Text(render.page(dict(inventory(ISO, base_year=base).snapshot), "zh").html))
    assert "基准年（2021）排放总量 6.00" in said
    assert "较基准年变化 20.1%" in said  # (7206.5981597 - 6000) / 6000
    assert "结构变化 · 并入佛山仓库 0.60" in said
    assert "产量增减（不触发重算） · 增产 0.10" in said
    assert "是否需要重算基准年 是" in said


def test_measured_parameters_stand_with_sampling_and_laboratory() -> None:
    given = snapshot(CN)
    assert "本报告期未采用实测参数" in str(Text(render.page(given, "zh").html))
    gas = next(one for one in given["calculations"] if one["activity"] == "natural_gas")
    given["valuations"][gas["views"]["method"]]["operands"][0]["origin"] = "measured"
    gas["stream"]["parameters"] = {"sampling": "daily", "laboratory": "CNAS L0001"}
    said = str(Text(render.page(given, "zh").html))
    assert "NCV = 389.31 GJ/1e4Nm3" in said
    assert "取样与检测：daily · CNAS L0001" in said
    assert "本报告期未采用实测参数" not in said


def test_what_people_wrote_is_text_and_never_markup() -> None:
    given = snapshot(ISO)
    evil = '<script>alert(1)</script><img src=http://127.0.0.1/x>"}</style>'
    given["organisation"]["name_zh"] = evil
    given["sites"][0]["name_zh"] = evil
    given["exclusions"][0]["reason"] = evil
    html = render.page(given, "zh").html
    assert "<script" not in html
    assert "<img src=http" not in html
    assert html.count("</style>") == 1


def test_characters_without_a_glyph_are_shown_by_their_code_point() -> None:
    given = snapshot(ISO)
    given["organisation"]["name_zh"] = "笑脸😀公司"
    made = render.page(given, "zh")
    assert "笑脸[U+1F600]公司" in made.html
    assert "字体未收录的字符以其码位表示" in made.html
    assert not fonts.missing(made.html, fonts.locate())


def test_not_a_snapshot_is_refused() -> None:
    with pytest.raises(SnapshotUnreadable, match="schema None"):
        render.page({}, "zh")
    given = snapshot(ISO)
    given["method"]["report_template"] = "poem"
    with pytest.raises(SnapshotUnreadable, match="poem"):
        render.page(given, "zh")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LanguageUnknown):
        render.page(snapshot(ISO), "fr")


# --- the file ------------------------------------------------------------------------------------


def test_the_pdf_conforms_to_pdf_a_3_as_far_as_can_be_checked(iso: bytes) -> None:
    found = validate_written(io.BytesIO(iso), "3b")
    assert {finding.rule for finding in found.findings} <= PDFA, found.findings
    with opened(iso) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "zh-Hans"


def test_the_snapshot_is_attached_byte_for_byte_as_the_source(iso: bytes) -> None:
    with opened(iso) as pdf:
        assert list(pdf.attachments) == ["snapshot.json"]
        specification = pdf.attachments["snapshot.json"].obj
        assert specification.AFRelationship == "/Source"
        assert specification.EF.F.Subtype == "/application/json"
        assert specification.EF.F.read_bytes() == canonical_bytes(snapshot(ISO))
        assert pdf.docinfo["/Keywords"] == f"sha256:{digest(snapshot(ISO))}"


def test_lines_stored_apart_are_attached_under_their_digest() -> None:
    given = snapshot(ISO)
    parts = {given["parts"][0]["sha256"]: b"[]"}
    with opened(render.pdf(given, "zh", parts=parts)) as pdf:
        name = f"part-{given['parts'][0]['sha256']}.json"
        assert set(pdf.attachments) == {"snapshot.json", name}
        assert pdf.attachments[name].obj.AFRelationship == "/Data"


def test_only_the_two_cut_fonts_are_embedded(iso: bytes) -> None:
    with opened(iso) as pdf:
        names = {str(font.BaseFont) for font in _fonts(pdf)}
        assert {name.partition("+")[2] for name in names} == {"Tanji-Report", "Tanji-Report-Bold"}
        assert all("/ToUnicode" in font for font in _fonts(pdf))
    assert len(iso) < 700_000  # with the whole font it would be 32 MB


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for page in pdf.pages:
        yield from page.obj.Resources.Font.values()


def test_the_same_snapshot_gives_the_same_bytes(iso: bytes) -> None:
    assert render.pdf(snapshot(ISO), "zh") == iso


def test_neither_the_order_of_keys_nor_the_process_changes_the_bytes(iso: bytes) -> None:
    """Whoever draws a snapshot again must get the same pages: verification rests on it."""
    code = (
        "import hashlib; from lca.snapshot import canonical_bytes; from service.reports import render; "
        "from tests.service.reports.fixture import ISO, snapshot; import json; "
        "given = json.loads(canonical_bytes(snapshot(ISO))); "
        "print(hashlib.sha256(render.pdf(given, 'zh')).hexdigest())"
    )
    root = Path(__file__).parents[3]
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert made.stdout.strip() == hashlib.sha256(iso).hexdigest()


def test_pages_are_numbered_and_carry_claim_and_report_number(iso: bytes) -> None:
    made = render.page(snapshot(ISO), "zh")
    assert f'@bottom-right{{content:"{made.number}' in made.html
    assert 'counter(page) " / " counter(pages)' in made.html
    with opened(iso) as pdf:
        assert len(pdf.pages) > 10


def test_numbers_are_grouped_by_thin_gaps() -> None:
    given = snapshot(ISO)
    given["results"]["total_kgco2e"] = "12345678"
    assert f"12{numbers.GAP}345.68 <small>" in render.page(given, "zh").html
