"""Files of product models: what goes in comes out, and whatever is odd is told with its place, in both languages."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import types
import typing
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import xlsxwriter
import yaml
from hypothesis import HealthCheck, given, settings
from models_made import models, without_lines

from factors.strict_yaml import TextLoader
from lca import product_model as pm
from lca import product_reading
from lca.errors import ModelInvalid
from service.activities.columns import fold
from service.activities.problems import Problem
from service.activities.refusals import Limits
from service.products import templates, text_models
from service.products.columns import sheets as all_sheets
from service.products.guide import LINES
from service.products.model_files import ModelFileInvalid, model_of, opened, read, write_template, write_workbook
from service.products.workbook_writer import rows_of

LANGUAGES = ("zh", "en", "both")

MINIMAL = """
id: part
zh: 铝件
region: CN-HB
start: 2025-01-01
end: 2025-12-31
main: melting
unit: {amount: 1, unit: kg, zh: 1 kg}
parameters: [{name: yield_, value: 0.80, source: 台账}]
suppliers: [{id: virgin, zh: 原铝, unit: kg, kgco2e: 16.0}]
processes:
  - id: melting
    zh: 熔炼
    stage: production
    output: 1
    unit: kg
    inputs:
      - {id: al, zh: 铝, amount: =1 / yield_, unit: kg, from: {supplier: virgin},
         transport: [{from: {activity: freight_rail}, km: 100}]}
"""

PRODUCT = {
    "产品代码": "part", "中文名称": "铝件", "地区": "CN-HB", "开始日期": "2025-01-01", "结束日期": "2025-12-31",
    "最终过程": "melting", "单位数量": "1", "计量单位": "kg",
}  # fmt: skip
PROCESS = {"过程代码": "melting", "名称": "熔炼", "生命周期阶段": "生产", "产出量": "1", "产出单位": "kg"}
INPUT = {
    "所属过程": "melting", "投入代码": "al", "名称": "铝", "数量": "1.250", "单位": "kg",
    "来源类别": "供应商", "来源代码": "virgin",
}  # fmt: skip
MISNAMED = {header: cell for header, cell in INPUT.items() if header != "所属过程"}
SUPPLIER = {"代码": "virgin", "名称": "原铝", "单位": "kg", "碳足迹": "16.0"}

SCENARIO = {"代码": "s", "参数": "a", "值": "1"}
TWO_HINGES = [
    {"代码": "left"}, {"代码": "hinge", "上级部件": "left"}, {"代码": "right"}, {"代码": "hinge", "上级部件": "right"},
]  # fmt: skip

Sheets = dict[str, list[dict[str, Any]]]


def sheets(changed: Sheets | None = None) -> Sheets:
    whole: Sheets = {"产品": [PRODUCT], "过程": [PROCESS], "投入": [INPUT], "供应商": [SUPPLIER]}
    return whole | (changed or {})


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook as a person types one: rows of header -> value; ``edit`` may do more."""

    def write(found: Sheets, edit: Callable[..., None] | None = None) -> Path:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as made:
            targets = {}
            for name, rows in found.items():
                targets[name] = made.add_worksheet(name)
                headers = list(dict.fromkeys(header for row in rows for header in row))
                for column, header in enumerate(headers):
                    targets[name].write(0, column, header)
                    for number, row in enumerate(rows, start=1):
                        if row.get(header) is not None:
                            targets[name].write(number, column, row[header])
            if edit:
                edit(made, targets)
        return path

    return write


def problems(path: Path, **options: Any) -> list[Problem]:
    with pytest.raises(ModelFileInvalid) as caught:
        opened(path, **options)
    for one in caught.value.problems:
        assert one.what_zh
        assert one.what_en
        assert one.mend_zh
        assert one.mend_en
    return list(caught.value.problems)


def codes(path: Path) -> list[str]:
    return [one.code for one in problems(path)]


def text(tmp_path: Path, content: str | bytes, name: str = "model.yaml") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- there and back ------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(models())
def test_any_model_comes_back_from_its_workbook(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    model = product_reading.model(data)
    path = tmp_path_factory.mktemp("books") / "model.xlsx"
    write_workbook(path, model, LANGUAGES[len(str(data)) % 3])
    assert without_lines(model_of(path)) == without_lines(model)


@pytest.mark.parametrize("identifier", templates.templates())
def test_every_template_comes_back_from_its_workbook(tmp_path: Path, identifier: str) -> None:
    path = tmp_path / "model.xlsx"
    write_workbook(path, templates.data(identifier), LANGUAGES[len(identifier) % 3])
    found = opened(path)
    assert found.warnings == ()
    assert without_lines(found.model()) == without_lines(templates.load(identifier))


def test_the_same_model_is_the_same_bytes(tmp_path: Path) -> None:
    model = templates.load("clinker")
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, model)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_rows_of_a_template_are_examples_and_never_read(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, templates.load("secondary_aluminium"), "zh")
    assert codes(path) == ["product-missing"]


class Filled:
    """Makes a dataclass with a value of its own in every field, whatever fields there are."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def text(self) -> str:
        self.texts.append(f"text {len(self.texts)}.")
        return self.texts[-1]

    def of(self, hint: Any) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            return self.of(arguments[0])
        if origin is tuple:
            return (1, 2, 3) if arguments[0] is int else (self.of(arguments[0]),)
        if dataclasses.is_dataclass(hint):
            hints = typing.get_type_hints(hint)
            left_out = {"line", "parts"} if hint is pm.Part else {"line"}
            # Of the kinds of source one is given at a time.
            left_out |= {"process", "background", "supplier"} if hint is pm.Source else set()
            return hint(**{name: self.of(hints[name]) for name in hints if name not in left_out})
        if hint is str:
            return self.text()
        return {self.text(): self.of(arguments[1])} if origin is not None else hint(3)


def test_every_field_of_a_model_has_a_cell() -> None:
    """A field that the product model gains and the workbook does not would be lost on the way."""
    filled = Filled()
    rows = rows_of(filled.of(pm.Model))
    cells = "\n".join(cell for found in rows.values() for row in found for cell in row.values())
    assert [one for one in filled.texts if one not in cells] == []
    assert len(filled.texts) > 150


def test_headers_and_choices_mean_one_thing_each() -> None:
    for one in all_sheets():
        headers = [fold(spelling) for field in one.fields for spelling in {fold(s) for s in field.spellings}]
        assert len(headers) == len(set(headers)), one.id
        for field in one.fields:
            words = [word for choice in field.choices for word in {fold(s) for s in choice.spellings}]
            assert len(words) == len(set(words)), field.name
    names = [
        name for one in all_sheets() for name in {fold(s) for s in (one.title, one.zh, one.en, one.id, *one.aliases)}
    ]
    assert len(names) == len(set(names))


# --- text ----------------------------------------------------------------------------------------


def test_yaml_json_and_workbook_say_the_same(tmp_path: Path) -> None:
    as_yaml = model_of(text(tmp_path, MINIMAL))
    plain = yaml.load(MINIMAL, yaml.BaseLoader)  # texts alone, read by another loader
    as_json = model_of(text(tmp_path, json.dumps(plain), "model.json"))
    write_workbook(tmp_path / "model.xlsx", plain)
    assert without_lines(as_yaml) == without_lines(as_json) == without_lines(model_of(tmp_path / "model.xlsx"))
    assert as_yaml.processes[0].inputs[0].line == "18"


def test_a_key_that_stands_twice_is_named_as_it_is_written(tmp_path: Path) -> None:
    for name, content in (("a.yaml", "id: a\nid: b\n"), ("a.json", '{"id": 1, "id": 2}')):
        (found,) = problems(text(tmp_path, content, name))
        assert found.what_zh == "键“id”写了两次"
        assert found.what_en == "the key 'id' stands twice"


def test_numbers_keep_the_digits_that_were_written(tmp_path: Path) -> None:
    found = read(
        text(tmp_path, '{"a": 0.10, "b": 1e-7, "c": 100000000000000000000.000, "d": true, "e": null}', "a.json")
    )
    assert found == {"a": "0.10", "b": "1e-7", "c": "100000000000000000000.000", "d": "true"}
    assert read(text(tmp_path, "{a: 0.10, b: 1_0, c: no, d: 2025-01-01}"))["a"] == "0.10"


def test_what_is_blank_is_not_said(tmp_path: Path) -> None:
    assert read(text(tmp_path, "id: a\nzh:\nsite: ''\n")) == {"id": "a"}


BOMB = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n"


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        ("id: a\nid: b\n", "key-twice", 2),
        ("id: a\n  zh: b\n", "yaml-broken", 2),
        ("id: [a\n", "yaml-broken", None),
        ("id: &x a\n", "yaml-anchor", 1),
        ("a: &x {<<: *x}\n", "yaml-anchor", 1),
        (BOMB, "yaml-anchor", 1),
        ("id: a\nzh: !!python/object/apply:os.system [ls]\n", "yaml-tag", 2),
        ("id: !!int 5\n", "yaml-tag", 1),
        ("? [a, b]\n: c\n", "yaml-key", 1),
        ("? {a: b}\n: c\n", "yaml-key", 1),
        ("id: a\n---\nid: b\n", "yaml-documents", 2),
        ("[" * 5000 + "]" * 5000, "too-deep", 1),
        ("a: " + "{b: " * 60 + "c" + "}" * 60, "too-deep", 1),
        ("- a\n- b\n", "model-no-mapping", None),
        ("just words\n", "model-no-mapping", None),
        ("# nothing\n", "model-no-mapping", None),
        ("  \n", "file-empty", None),
        ("", "file-empty", None),
        (b"id: \xff\xfe\n", "encoding-not-utf8", None),
        ("id: 原铝".encode("gb18030"), "encoding-not-utf8", None),
        ("id: a\x00b\n", "yaml-broken", None),
        ("id: \"\\u0007\"\n", "text-odd", None),
    ],
)  # fmt: skip
def test_yaml_that_is_no_model_file(tmp_path: Path, content: str | bytes, code: str, row: int | None) -> None:
    found = problems(text(tmp_path, content))
    assert code in [one.code for one in found]
    if row is not None:
        assert row in [one.row for one in found if one.code == code]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"id": "a", "id": "b"}', "key-twice"),
        ('{"unit": {"amount": 1, "amount": 2}}', "key-twice"),
        ('{"id": NaN}', "json-broken"),
        ('{"id": -Infinity}', "json-broken"),
        ('{"id": "a"', "json-broken"),
        ("{'id': 1}", "json-broken"),
        ("[" * 100_000, "too-deep"),
        ("[" * 60 + "]" * 60, "model-no-mapping"),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "too-deep"),
        ('{"id": "\\ud800"}', "text-odd"),
        ('{"id": "\\u0000"}', "text-odd"),
        ("3", "model-no-mapping"),
        ("null", "model-no-mapping"),
    ],
)
def test_json_that_is_no_model_file(tmp_path: Path, content: str, code: str) -> None:
    assert codes(text(tmp_path, content, "model.json")) == [code]


def test_a_key_twice_among_very_many_is_told_at_once(tmp_path: Path) -> None:
    """Counting each of n keys anew takes n x n steps: hours for a file that is accepted."""
    keys = ", ".join(f'"k{number}": ""' for number in range(40_000))
    began = process_time()
    assert codes(text(tmp_path, f'{{{keys}, "k7": ""}}', "model.json")) == ["key-twice"]
    assert process_time() - began < 10


def test_bounds_of_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_models, "MOST_VALUES", 100)
    many = ", ".join(f"k{number}: v" for number in range(200))
    assert "too-many-values" in codes(text(tmp_path, f"{{{many}}}"))
    assert "too-many-values" in codes(text(tmp_path, json.dumps({f"k{n}": 1 for n in range(200)}), "a.json"))
    monkeypatch.setattr("service.products.model_files.TEXT_BYTES", 10)
    assert codes(text(tmp_path, MINIMAL)) == ["file-too-large"]


@pytest.mark.parametrize("name", ["model.txt", "model.csv", "model", "model.yaml.bak"])
def test_other_kinds_of_files_are_named(tmp_path: Path, name: str) -> None:
    assert codes(text(tmp_path, MINIMAL, name)) == ["model-format"]


def test_wrong_types_in_the_right_places_are_told_not_raised(tmp_path: Path) -> None:
    base = yaml.load(MINIMAL, TextLoader)
    for key in (*base, "parts", "scenarios", "statements", "excluded"):
        for value in ("x", ["x"], {"x": "y"}, [["x"]], [{"x": {"y": "z"}}], "true"):
            path = text(tmp_path, json.dumps({**base, key: value}), "model.json")
            with contextlib.suppress(ModelInvalid):  # anything else that is raised fails the test
                model_of(path)


def test_what_is_said_in_both_languages_comes_back_from_every_format(tmp_path: Path) -> None:
    """A bare text is the Chinese; a workbook has a column for each language."""
    data = yaml.load(MINIMAL, TextLoader)
    data["category"] = {"zh": "乘用车", "en": "passenger cars"}
    data["statements"] = {
        "allocation": {"zh": "按质量", "en": "by mass"},
        "capital_goods": "不计入",
        "timing": {"en": "-"},
    }
    data["parameters"] = [{"name": "x", "value": "1", "source": {"zh": "台账", "en": "ledger"}}]
    write_workbook(tmp_path / "both.xlsx", data, "en")
    for path in (text(tmp_path, json.dumps(data), "both.json"), tmp_path / "both.xlsx"):
        model = model_of(path)
        assert model.category == pm.Name("乘用车", "passenger cars")
        assert model.statements == {
            "allocation": pm.Name("按质量", "by mass"), "capital_goods": pm.Name("不计入"), "timing": pm.Name("", "-"),
        }  # fmt: skip
        assert model.parameters[0].source == pm.Name("台账", "ledger")


# --- workbooks as people fill them in ------------------------------------------------------------


def test_a_workbook_typed_by_hand(book: Callable[..., Path]) -> None:
    found = opened(book(sheets()))
    assert found.warnings == ()
    model = found.model()
    (process,) = model.processes
    (one,) = process.inputs
    assert (one.amount, one.source.supplier, one.line) == ("1.250", "virgin", "2")
    assert (process.stage, model.unit.amount, model.main) == ("production", "1", "melting")


def test_headers_in_english_and_values_as_a_spreadsheet_holds_them(book: Callable[..., Path]) -> None:
    product = {
        "Product id": "part", "Chinese name": "铝件", "Region": "CN-HB", "Start": date(2025, 1, 1), "End": "2025",
        "Main process": "melting", "Unit amount *": 1, "Unit (required)": "kg",
    }  # fmt: skip
    amount = {
        **INPUT,
        "数量": 1.25,
        "消费后再生含量": "40 %",
        "再生材料组": "metals",
        "再生料来源": "供应商：virgin",
        "初级数据": True,
    }
    model = model_of(book(sheets({"产品": [product], "投入": [amount]})))
    (one,) = model.processes[0].inputs
    assert (model.start, model.end, one.amount) == ("2025-01-01", "2025-12-31", "1.25")
    assert one.recycling is not None
    assert (one.recycling.post_consumer, one.recycling.recycled.supplier, one.is_primary) == ("0.40", "virgin", True)


BURNED = {
    **INPUT, "再生材料组": "plastics", "末期焚烧率": "80 %", "末期焚烧处理": "supplier: virgin",
    "焚烧低位热值（MJ/kg）": "40", "焚烧供热效率": "0.3", "焚烧发电效率": "12 %",
    "被替代的热力": "活动: heat_purchased", "被替代的电力": "activity: electricity",
}  # fmt: skip


def test_energy_is_read_from_columns_that_a_person_adds(book: Callable[..., Path]) -> None:
    process = {**PROCESS, "低位热值（MJ/kg）": "42.5", "物理分配依据": "能量"}
    beside = {"所属过程": "melting", "代码": "gas", "名称": "气", "数量": "2", "单位": "GJ"}
    tar = {**beside, "代码": "tar", "单位": "kg", "低位热值（MJ/kg）": "=30 + 8"}
    (found,) = model_of(book(sheets({"过程": [process], "投入": [BURNED], "联产品": [beside, tar]}))).processes
    assert (found.lhv_mj_per_kg, found.shared_by) == ("42.5", "energy")
    assert [one.lhv_mj_per_kg for one in found.co_products] == ["", "=30 + 8"]
    recycling = found.inputs[0].recycling
    assert recycling is not None
    assert (recycling.burned_at_end, recycling.lhv_mj_per_kg) == ("0.80", "40")
    assert (recycling.burned_to_heat, recycling.burned_to_power) == ("0.3", "0.12")
    assert (recycling.heat_replaced.activity, recycling.power_replaced.activity) == ("heat_purchased", "electricity")


def test_the_guide_names_columns_by_their_headers() -> None:
    """What it says may be added to a sheet is a column of some sheet, in both languages."""
    fields = [column.field for one in all_sheets() for column in one.columns]
    named = [(re.findall("“([^”]+)”", zh), re.findall("'([^']+)'", en)) for zh, en in LINES if zh[:2] in ("11", "12")]
    for chinese, english in named:
        sheets_of_model = {one.zh for one in all_sheets()}
        assert set(chinese) - sheets_of_model - {"能量"} == {one.zh for one in fields if one.en in english}
        assert set(english) == {one.en for one in fields if one.en in english}


def test_formulas_of_the_model_are_texts(book: Callable[..., Path]) -> None:
    rows = [{**INPUT, "数量": "＝1 / rate"}, {**INPUT, "投入代码": "b", "数量": "=2 * rate"}]
    parameters = [{"参数": "rate", "数值": "0.80", "出处": "台账"}]
    model = model_of(book(sheets({"投入": rows, "参数": parameters})))
    assert [one.amount for one in model.processes[0].inputs] == ["=1 / rate", "=2 * rate"]
    assert model.parameters[0].value == "0.80"


def test_formulas_of_the_sheet_are_not_worked_out(book: Callable[..., Path]) -> None:
    def stored(_: Any, targets: Any) -> None:
        targets["投入"].write_formula(1, 3, "=1+0.25", None, 1.25)

    found = opened(book(sheets(), stored))
    assert [(one.code, one.cell) for one in found.warnings] == [("formula-cached", "D2")]
    assert found.model().processes[0].inputs[0].amount == "1.25"

    def empty(_: Any, targets: Any) -> None:
        targets["投入"].write_formula(1, 3, "=1+0.25", None, "")

    assert ("formula-empty", "D2") in [(one.code, one.cell) for one in problems(book(sheets(), empty))]

    def error(_: Any, targets: Any) -> None:
        targets["投入"].write_formula(1, 3, "=1/0", None, "#DIV/0!")

    assert ("cell-error", "D2") in [(one.code, one.cell) for one in problems(book(sheets(), error))]


def test_examples_and_rows_marked_to_be_skipped_are_left_out(book: Callable[..., Path]) -> None:
    rows = [INPUT, {**INPUT, "标记": "示例", "所属过程": "nowhere"}, {**INPUT, "标记": "skip", "数量": "x"}]
    assert len(model_of(book(sheets({"投入": rows}))).processes[0].inputs) == 1


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"投入": [{**INPUT, "所属过程": "meltin"}]}, "process-not-there", "A2"),
        ({"投入": [{**INPUT, "所属过程": None}]}, "required", ""),
        ({"投入": [{**INPUT, "来源类别": None}]}, "required", ""),
        ({"投入": [{**INPUT, "来源代码": None}]}, "required", ""),
        ({"投入": [{**INPUT, "来源类别": "邻居"}]}, "choice-unknown", "F2"),
        ({"投入": [{**INPUT, "数量": "1,234"}]}, "number-ambiguous", "D2"),
        ({"投入": [{**INPUT, "数量": "about 3"}]}, "not-a-number", "D2"),
        ({"投入": [{**INPUT, "数量": "3 kg"}]}, "number-with-unit", "D2"),
        ({"投入": [{**INPUT, "运输1 方式": "freight_rail"}]}, "source-notation", "H2"),
        ({"投入": [{**INPUT, "运输1 方式": '{"activity": ["x"]}'}]}, "source-notation", "H2"),
        ({"投入": [{"所属过成": "melting", **MISNAMED}]}, "column-unknown", "A1"),
        ({"投入": [{"投入代码": "al", "数量": "1"}]}, "column-missing", ""),
        ({"产品": [PRODUCT, PRODUCT]}, "product-twice", ""),
        ({"产品": []}, "column-missing", ""),
        ({"产品": [{**PRODUCT, "开始日期": "03/04/2025"}]}, "date-order", "D2"),
        ({"输入": [INPUT]}, "sheet-twice", ""),
        ({"情景": [{**SCENARIO, "名称": "甲"}, {**SCENARIO, "名称": "乙", "参数": "b"}]}, "scenario-renamed", "D3"),
        ({"情景": [SCENARIO, {**SCENARIO, "值": "2"}]}, "scenario-parameter-twice", "B3"),
        ({"情景": [{"代码": "s", "参数": "a"}]}, "required", ""),
        ({"声明事项": [{"代码": "x", "英文内容": "b"}, {"代码": "x", "内容": "b"}]}, "statement-twice", "A3"),
        ({"部件": [{"代码": "a", "上级部件": "b"}]}, "part-parent-unknown", "B2"),
        ({"部件": [{"代码": "a", "上级部件": "b"}, {"代码": "b", "上级部件": "a"}]}, "part-parent-loop", "B2"),
        ({"部件": [{"代码": "a", "上级部件": "a"}]}, "part-parent-loop", "B2"),
        ({"部件": [*TWO_HINGES, {"代码": "pin", "上级部件": "hinge"}]}, "part-parent-several", "B6"),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_names_sheet_and_cell(
    book: Callable[..., Path], changed: Sheets, code: str, place: str
) -> None:
    found = problems(book(sheets(changed)))
    assert code in [one.code for one in found]
    one = next(one for one in found if one.code == code)
    assert one.sheet in changed
    if place:
        assert one.cell == place


def test_merged_cells_and_sheets_that_are_unknown(book: Callable[..., Path]) -> None:
    def merge(_: Any, targets: Any) -> None:
        targets["投入"].merge_range("A2:A3", "melting")

    found = problems(book(sheets({"投入": [INPUT, {**INPUT, "投入代码": "b"}]}), merge))
    assert ("merged-cells", "A2") in [(one.code, one.cell) for one in found]
    odd = opened(book(sheets({"我的草稿": [{"x": 1}]})))
    assert [one.code for one in odd.warnings] == ["sheet-ignored"]
    near = problems(book({"产品": [PRODUCT], "过程": [PROCESS], "供应商碳足": [SUPPLIER]}))
    assert "sheet-unknown" in [one.code for one in near]
    assert codes(book({"草稿": [{"x": 1}]})) == ["no-known-sheet"]


def test_parts_of_the_same_name_are_told_apart_by_their_path(book: Callable[..., Path]) -> None:
    rows = [*TWO_HINGES, {"代码": "pin", "上级部件": "right/hinge", "单件质量（kg）": 0.1}]
    left, right = model_of(book(sheets({"部件": rows}))).parts
    assert left.parts[0].parts == ()
    assert right.parts[0].parts[0].mass_kg == "0.1"


def test_a_part_may_be_bought_by_another_unit_than_mass(book: Callable[..., Path]) -> None:
    rows = [
        {"代码": "battery", "名称": "电池", "用量": "60", "用量单位": "kWh", "来源类别": "供应商", "来源代码": "virgin"}
    ]
    (part,) = model_of(book(sheets({"部件": rows}))).parts
    assert part.input is not None
    assert (part.input.amount, part.input.unit, part.input.name.zh) == ("60", "kWh", "电池")


@pytest.mark.parametrize(
    ("changed", "start"),
    [
        ({"投入": [{**INPUT, "单位": "斗"}]}, "投入: processes melting (line 2) › inputs al (line 2)"),
        ({"投入": [{**INPUT, "来源代码": "nobody"}]}, "投入: process melting (line 2) › al (line 2)"),
        ({"过程": [{**PROCESS, "产出量": "-1"}]}, "过程: processes melting (line 2)"),
        ({"产品": [{**PRODUCT, "地区": None}]}, "产品: 'region'"),
        ({"产品": [{**PRODUCT, "计量单位": "斗"}]}, "产品: unit"),
        ({"部件": [{"代码": "a"}, {"代码": "b", "来源类别": "供应商", "来源代码": "x"}]}, "部件: parts › b (line 3)"),
        ({"部件": [{"代码": "a"}, {"代码": "b", "单件质量（kg）": "-2"}]}, "部件: parts b (line 3)"),
        ({"供应商": [SUPPLIER, SUPPLIER]}, "供应商: suppliers"),
        ({"参数": [{"参数": "a", "数值": "x y", "出处": "z"}]}, ""),
    ],
)
def test_places_of_a_model_begin_with_their_sheet(book: Callable[..., Path], changed: Sheets, start: str) -> None:
    with pytest.raises((ModelInvalid, ModelFileInvalid)) as caught:
        model_of(book(sheets(changed)))
    if start:
        assert isinstance(caught.value, ModelInvalid)
        assert any(str(one).startswith(start) for one in caught.value.problems), [*map(str, caught.value.problems)]


# --- hostile workbooks ---------------------------------------------------------------------------


def rezip(path: Path, part: str, old: bytes, new: bytes) -> Path:
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def test_hostile_workbooks_are_refused_by_name(book: Callable[..., Path], tmp_path: Path) -> None:
    whole = book(sheets()).read_bytes()
    for length in (5, 100, len(whole) // 2, len(whole) - 10):
        assert codes(text(tmp_path, whole[:length], "cut.xlsx"))[0] in ("zip-broken", "not-a-workbook")
    assert codes(text(tmp_path, "id: a\n", "text.xlsx")) == ["not-a-workbook"]
    assert codes(text(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old.xlsx")) == ["old-workbook"]
    assert codes(text(tmp_path, whole, "macro.xlsm")) == ["macro-workbook"]
    entity = rezip(book(sheets()), "xl/sharedStrings.xml", b"<sst", b'<!DOCTYPE a [<!ENTITY x "y">]><sst')
    assert codes(entity) == ["xml-unsafe"]
    broken = rezip(book(sheets()), "xl/worksheets/sheet1.xml", b"</sheetData>", b"</sheetDat>")
    assert codes(broken)[0] in ("zip-broken", "product-missing")
    small = book(sheets())
    assert [one.code for one in problems(small, limits=Limits(unpacked_bytes=100))] == ["zip-bomb"]
    assert [one.code for one in problems(small, limits=Limits(file_bytes=100))] == ["file-too-large"]
    assert [one.code for one in problems(small, limits=Limits(cells=3))] == ["sheet-too-large"]


def test_more_rows_than_anybody_needs(book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.products.workbook_models.MOST_ROWS", 2)
    rows = [{**INPUT, "投入代码": f"i{number}"} for number in range(3)]
    assert codes(book(sheets({"投入": rows}))) == ["rows-too-many"]


def test_a_text_that_no_cell_holds_is_refused(tmp_path: Path) -> None:
    data = yaml.load(MINIMAL, TextLoader)
    long = dataclasses.replace(product_reading.model(data), statements={"x": pm.Name("很" * 40_000)})
    with pytest.raises(ModelFileInvalid, match="longer than a cell holds"):
        write_workbook(tmp_path / "long.xlsx", long)
    legs = [{"from": {"activity": "freight_rail"}, "km": "1"}] * 21
    data = yaml.load(MINIMAL, TextLoader)
    data["processes"][0]["inputs"][0]["transport"] = legs
    with pytest.raises(ModelFileInvalid, match="more than 20 legs"):
        write_workbook(tmp_path / "legs.xlsx", data)


def test_parts_that_no_reference_can_tell_apart_are_refused(tmp_path: Path) -> None:
    """A part called a/b beside a part b of a part a, with a further b: neither its id nor its path is its own."""
    data = yaml.load(MINIMAL, TextLoader)
    inner = {"id": "b", "parts": [{"id": "pin"}]}
    data["parts"] = [{"id": "a", "parts": [inner]}, {"id": "b"}, {"id": "a/b"}]
    with pytest.raises(ModelFileInvalid, match="'a/b'"):
        write_workbook(tmp_path / "parts.xlsx", data)
