"""The three demonstration companies: rows for every sheet of the template, and their evidence files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.activities.evidence import FOLDER
from service.activities.known import Known, known_from
from service.activities.sheets import sheets
from service.activities.template import write_workbook
from service.demo.orders import YEAR, Entry, company, month_name, monthly, orders, output_of, wobble

NOTES = (
    (
        "【演示数据】本文件中的企业、数量、凭证均为虚构，由程序按数量级生成，不代表任何真实企业。",
        "DEMONSTRATION DATA. Company, amounts and evidence are invented, made by a program from orders of magnitude.",
    ),
    (
        "数量级及其来源见程序目录 service/demo/orders.yaml。",
        "The orders of magnitude and their sources stand in service/demo/orders.yaml.",
    ),
)
_NOT_REAL = "演示数据，不是真实单据 DEMONSTRATION DATA - NOT A REAL DOCUMENT"

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a demonstration company: a template of the product groups under a method, and its documents."""

    template: str
    method: str
    documents: tuple[str, ...]
    published: Mapping[str, object] | None = None  # what is said beside it where partners may fetch it


@dataclass(frozen=True, slots=True)
class Demo:
    """One demonstration company: its code, its workbook, the methods that suit it, its products."""

    code: str
    file: str
    name_zh: str
    name_en: str
    methods: tuple[str, ...]
    products: tuple[Product, ...]


def _demo(entry: Entry) -> Demo:
    products = tuple(
        Product(one["template"], one["method"], tuple(one["documents"]), one.get("published"))
        for one in entry["footprints"]
    )
    return Demo(entry["code"], entry["file"], entry["name_zh"], entry["name_en"], tuple(entry["methods"]), products)


DEMO: tuple[Demo, ...] = tuple(_demo(entry) for entry in orders()["companies"])


def write_demo(directory: Path, known: Known | None = None) -> list[Path]:
    """Write the three workbooks and, in a folder beside them, their evidence files; return the workbooks."""
    known = known or known_from()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FOLDER).mkdir(exist_ok=True)
    written = []
    for demo in DEMO:
        entry = company(demo.code)
        rows = demo_rows(entry, known)
        for name, text in evidence_files(entry):
            (directory / FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        path = directory / demo.file
        write_workbook(path, rows, known=known, notes=NOTES)
        written.append(path)
    return written


def demo_rows(entry: Entry, known: Known) -> dict[str, list[Row]]:
    """Return the rows of every sheet of one company."""
    rows: dict[str, list[Row]] = {sheet.id: [] for sheet in sheets()}
    rows["organisation"].append(_organisation(entry))
    rows["sites"] = [dict(site) for site in entry["sites"]]
    rows["periods"].append({"start": month_name(1), "end": month_name(12), "note": "演示数据 demonstration data"})
    by_group = {group: sheet.id for sheet in sheets() for group in sheet.groups}
    for item, data in _data(entry):
        rows[by_group[known.activities[item["activity"]].group]].append(data)
    rows["fuel_properties"] = list(_measured(entry))
    rows["products"] = list(_products(entry))
    rows["instruments"] = [_instrument(entry, item) for item in entry["instruments"]]
    rows["exclusions"] = [dict(item) for item in entry["exclusions"]]
    return rows


def _organisation(entry: Entry) -> Row:
    rate = orders()["electricity_equivalent_kgce_per_kwh"]
    source = orders()["sources"][rate["source"]]
    return {
        "code": entry["code"],
        "name_zh": entry["name_zh"],
        "name_en": entry["name_en"],
        "legal_person": "示范人（虚构） Demonstration Person (fictitious)",
        "address": entry["address"],
        "industry": entry["industry"],
        "contact": "示范联系人（虚构） Demonstration contact (fictitious)",
        "approach": "operational_control",
        "base_year": str(YEAR),
        "electricity_equivalent_kgce_per_kwh": rate["used"],
        "electricity_equivalent_source": f"{source['zh']} {source['en']}",
    }


def _data(entry: Entry) -> Iterator[tuple[Entry, Row]]:
    """Yield the activity data of a year: monthly sources first, then what happens once."""
    for item in entry["items"]:
        amounts = _with_stock(entry, item) if "stock" in item else _plain(entry, item)
        for month, amount, more in amounts:
            yield item, {**_common(item, month), "amount": amount, **more, **_evidence(entry, item, month)}
    for item in entry["yearly"]:
        yield item, {**_common(item, item["month"]), "amount": Decimal(item["amount"])}


def _common(item: Entry, month: int) -> Row:
    return {
        "site": item["site"],
        "activity": item["activity"],
        "name": item["name"],
        "meter": item.get("meter", ""),
        "start": month_name(month),
        "unit": item["unit"],
        "process_line": item.get("line", ""),
        "counterparty": item.get("counterparty", ""),
        "quality": item["quality"],
        "factor": item.get("factor", ""),
        "uncertainty_percent": item.get("uncertainty", ""),
        **item.get("parameters", {}),
    }


def _plain(entry: Entry, item: Entry) -> Iterator[tuple[int, Decimal, Row]]:
    for month, amount in monthly(entry, item):
        yield month, amount, {}


def _with_stock(entry: Entry, item: Entry) -> Iterator[tuple[int, Decimal, Row]]:
    """Yield what was bought, with stocks and what went into products; the difference is what was lost.

    bought = filled + lost + closing − opening, the same balance that the formula turns round.
    """
    opening = Decimal(item["stock"]["opening"])
    for month, filled in monthly(entry, item):
        lost = (filled * item["stock"]["loss_permille"] / 1000).quantize(Decimal(1))
        closing = (Decimal(item["stock"]["opening"]) * wobble(item, month)).quantize(Decimal(1))
        filled = filled.quantize(Decimal(1))
        yield month, filled + lost + closing - opening, {"opening": opening, "closing": closing, "sold": filled}
        opening = closing


def _measured(entry: Entry) -> Iterator[Row]:
    """Yield the monthly laboratory values of a fuel."""
    for item in entry.get("measured", ()):
        for month in range(1, 13):
            row: Row = {
                key: item[key] for key in ("site", "activity", "name", "sampling", "laboratory", "basis", "weighting")
            }
            for number, key in enumerate(("ncv_gj_per_t", "carbon_content_tc_per_tj")):
                near = 1 + (wobble(item, month + number) - 1) / 2
                row[key] = (Decimal(str(item[key]["used"])) * near).quantize(Decimal("0.01"))
            yield {**row, "start": month_name(month), "evidence": _laboratory_name(entry, item, month)}


def _products(entry: Entry) -> Iterator[Row]:
    for key, item in entry["outputs"].items():
        for month in range(1, 13) if not item.get("intermediate") else ():
            amount = output_of(entry, key, month)
            yield {
                "site": item["site"],
                "name_zh": item["name_zh"],
                "name_en": item["name_en"],
                "amount": amount,
                "unit": item["unit"],
                "start": month_name(month),
                "value_added_cny": amount * item["value_added_cny"],
            }


def _instrument(entry: Entry, item: Entry) -> Row:
    texts: Row = {key: str(value) if key.endswith(("_from", "_to")) else value for key, value in item.items()}
    return {**texts, "beneficiary": entry["name_zh"]}


def _evidence_name(entry: Entry, item: Entry, month: int) -> str:
    return f"{entry['code']}-{item['site']}-{item['activity']}-{month_name(month)}.csv"


def _laboratory_name(entry: Entry, item: Entry, month: int) -> str:
    return f"{entry['code']}-{item['site']}-{item['activity']}-laboratory-{month_name(month)}.csv"


def _evidence(entry: Entry, item: Entry, month: int) -> Row:
    return {"evidence": _evidence_name(entry, item, month)} if item.get("evidence") else {}


def evidence_files(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (file name, text) of every piece of evidence: invented bills and laboratory reports."""
    for item in entry["items"]:
        if item.get("evidence"):
            for month, amount in monthly(entry, item):
                yield _evidence_name(entry, item, month), _bill(entry, item, month, amount)
    for row in _measured(entry):
        name = str(row["evidence"])
        yield name, _lines({"单据 document": "煤质检测报告 laboratory report", **row, "evidence": ""})


def _bill(entry: Entry, item: Entry, month: int, amount: Decimal) -> str:
    return _lines(
        {
            "单据 document": "月结算单 monthly bill",
            "编号 number": f"DEMO-{entry['code']}-{item.get('meter', '')}-{YEAR}{month:02}",
            "用户 customer": entry["name_zh"],
            "供应方 supplier": item.get("counterparty", ""),
            "计量器具 meter": item.get("meter", ""),
            "期间 period": month_name(month),
            "数量 amount": amount,
            "单位 unit": item["unit"],
        }
    )


def _lines(values: Mapping[str, Any]) -> str:
    written = [f"{key},{value}" for key, value in values.items() if str(value)]
    return "\n".join([_NOT_REAL, *written]) + "\n"
