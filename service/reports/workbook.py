"""The inventory as a workbook for auditors: every tonne is a live formula over activity and factor cells.

Change a factor or an amount and the totals move. Texts are written as texts, whatever they begin with:
a name such as ``=1+1`` or ``@SUM`` handed in by somebody is never a formula here.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from lca.results import readings
from lca.snapshot import digest, expanded
from service.reports.cells import expression_of, operand_of, spreadsheet, symbols
from service.reports.face import number_of
from service.reports.of_inventories import is_demonstration
from service.reports.words import Words

Record = Mapping[str, Any]

VIEWS = ("location", "market", "method")
SUMMARY, DATA, FACTORS, GWP, OPERANDS, LINES, BRIDGE, INSTRUMENTS, SOURCES = (
    "Summary", "Activity data", "Factors", "GWP", "Operands", "Lines", "Bridge", "Instruments", "Sources",
)  # fmt: skip
SETTLED = 1e-9  # a relative difference above rounding: the method floored or scaled this line


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes, with the value that it comes to."""

    text: str
    value: float


Cell = str | float | Formula


@dataclass(slots=True)
class Sheet:
    """A sheet in the making: its head, its rows, its column widths."""

    name: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *row: Cell) -> int:
        """Append a row and return its number as a spreadsheet counts."""
        self.rows.append(row)
        return len(self.rows) + 1


class Book:
    """The workbook of one snapshot."""

    def __init__(self, snapshot: Record, language: str) -> None:
        self.s = snapshot
        self.words = Words(language)
        self.calculations: dict[str, Record] = {c["id"]: c for c in expanded(snapshot)["calculations"]}
        self.results: dict[str, Record] = {line["id"]: line for line in snapshot["results"]["lines"]}
        self.factor_rows: dict[str, int] = {}
        self.gwp_rows: dict[tuple[str, str], int] = {}
        self.amounts: dict[str, float] = defaultdict(float)
        self.counts: dict[str, int] = defaultdict(int)
        self.data_rows = self.line_rows = 2  # last rows of two sheets that conditional sums reach over

    def sheets(self) -> list[Sheet]:
        """Make every sheet; those that others refer to come first."""
        data, factors, gwp = self._data(), self._factors(), self._gwp()
        operands = self._sheet(
            OPERANDS, "line view gas symbol value unit ratio used origin", (8, 10, 12, 10, 16, 16, 16, 18, 12)
        )
        lines = self._lines(operands)
        bridge = self._bridge()
        return [
            self._summary(), data, factors, gwp, operands, lines, bridge, self._instruments(), self._sources(),
        ]  # fmt: skip

    def _sheet(self, name: str, heads: str, widths: tuple[int, ...]) -> Sheet:
        return Sheet(name, tuple(self.words.plain(f"book.{head}") for head in heads.split()), widths)

    def _site(self, code: str) -> str:
        return next((self.words.plain_named(site) for site in self.s["sites"] if site["code"] == code), code)

    def _data(self) -> Sheet:
        """One row for each calculation and month: the amount as submitted and the records behind it."""
        sheet = self._sheet(
            DATA, "line site activity source meter month amount unit rows", (8, 18, 28, 22, 14, 10, 16, 10, 10)
        )
        for identifier, month, entry in readings(self.s):
            calculation = self.calculations[identifier]
            stream = calculation["stream"]
            self.amounts[identifier] += float(entry["amount"])
            self.counts[identifier] += entry["rows"]
            sheet.add(
                identifier, self._site(calculation["site"]), self.words.plain_named(calculation), stream["name"],
                stream["meter"], month, float(entry["amount"]), calculation["unit"], float(entry["rows"]),
            )  # fmt: skip
        self.data_rows = max(2, len(sheet.rows) + 1)
        return sheet

    def _factors(self) -> Sheet:
        sheet = self._sheet(
            FACTORS,
            "factor name value unit gas year region confidence reference page",
            (34, 40, 14, 18, 12, 8, 10, 12, 22, 40),
        )
        for key, record in self.s["factors"].items():
            self.factor_rows[key] = sheet.add(
                key, self.words.plain_named(record), float(record["value"]), record["unit"], record["gas"],
                record["year"], record["region"], record["confidence"], record["source"], record["page"],
            )  # fmt: skip
        return sheet

    def _gwp(self) -> Sheet:
        sheet = self._sheet(GWP, "set gas gwp factor", (10, 16, 14, 30))
        for calculation in self.calculations.values():
            for record in calculation["views"].values():
                for gas, weight in record["weights"].items():
                    key = (record["gwp_set"], gas)
                    if key not in self.gwp_rows:
                        source = self.s["gwp"].get(key[0], {}).get(gas, {}).get("factor", "")
                        self.gwp_rows[key] = sheet.add(*key, float(weight), source)
        return sheet

    def _lines(self, operands: Sheet) -> Sheet:
        """One row for each calculation, view and gas: amount → mass of gas → CO2e with share and sign."""
        sheet = self._sheet(
            LINES,
            "line view site activity category scope gas amount conversion offset used mass gwp share sign settled "
            "kgco2e tco2e",
            (8, 10, 18, 30, 18, 8, 12, 14, 14, 12, 16, 16, 12, 10, 8, 10, 18, 14),
        )
        for identifier in self.results:
            calculation = self.calculations[identifier]
            for view in VIEWS:
                record = calculation["views"][view]
                if record["included"]:
                    self._line(sheet, operands, calculation, view, record)
        self.line_rows = max(2, len(sheet.rows) + 1)
        return sheet

    def _line(self, sheet: Sheet, operands: Sheet, calculation: Record, view: str, record: Record) -> None:
        identifier = calculation["id"]
        conversion, offset = float(calculation["conversion"]), float(calculation["offset"])
        used = self.amounts[identifier] * conversion + offset * self.counts[identifier]
        settled = self._settled(identifier, view, record, used)
        for gas, per_unit in record["gases"].items():
            row = len(sheet.rows) + 2
            mass_text = self._mass(operands, identifier, view, record, gas, f"K{row}")
            mass = used * float(per_unit)
            weight = float(record["weights"][gas])
            share, sign = float(record["share"]), float(record["sign"])
            kilograms = mass * weight * share * sign * settled
            data, last = f"'{DATA}'!", self.data_rows
            sheet.add(
                identifier, view, self._site(calculation["site"]), self.words.plain_named(calculation),
                record["category"], record["scope"], gas,
                Formula(f"SUMIF({data}$A$2:$A${last},A{row},{data}$G$2:$G${last})", self.amounts[identifier]),
                conversion, offset,
                Formula(f"H{row}*I{row}+J{row}*SUMIF({data}$A$2:$A${last},A{row},{data}$I$2:$I${last})", used),
                Formula(mass_text, mass),
                Formula(f"{GWP}!$C${self.gwp_rows[(record['gwp_set'], gas)]}", weight),
                share, sign, settled,
                Formula(f"L{row}*M{row}*N{row}*O{row}*P{row}", kilograms),
                Formula(f"Q{row}/1000", kilograms / 1000),
            )  # fmt: skip

    def _settled(self, identifier: str, view: str, record: Record, used: float) -> float:
        """What a method's floor leaves of a line (clinker deductions beyond their clinker); 1 for all others."""
        per_unit = sum(float(mass) * float(record["weights"][gas]) for gas, mass in record["gases"].items())
        raw = used * per_unit * float(record["share"]) * float(record["sign"])
        counted = float(self.results[identifier][f"kgco2e_{view}"])
        return 1.0 if raw == 0 or abs(counted - raw) <= SETTLED * abs(raw) else counted / raw

    def _mass(self, operands: Sheet, identifier: str, view: str, record: Record, gas: str, amount: str) -> str:
        """The mass of one gas as a formula over operand cells; over its mass per unit where no sum is stated."""
        expression = expression_of(record, gas)
        cells: dict[str, str] = {}
        for symbol in symbols(expression):
            operand = operand_of(record["operands"], symbol, gas)
            if operand is not None:
                cells[symbol] = f"{OPERANDS}!$H${self._operand(operands, identifier, view, gas, operand)}"
        written = spreadsheet(expression, amount, cells) if expression else None
        if written is not None:
            return written
        row = operands.add(
            identifier, view, gas, "", float(record["gases"][gas]), f"kg/{self.calculations[identifier]['basis_unit']}",
            1.0, Formula(f"E{len(operands.rows) + 2}*G{len(operands.rows) + 2}", float(record["gases"][gas])), "",
        )  # fmt: skip
        return f"{amount}*{OPERANDS}!$H${row}"

    def _operand(self, operands: Sheet, identifier: str, view: str, gas: str, operand: Record) -> int:
        """Write one operand: its printed value (the factor's own cell) times the ratio of the units."""
        row = len(operands.rows) + 2
        used = float(operand["value"])
        at = self.factor_rows.get(operand["factor_id"])
        printed = float(self.s["factors"][operand["factor_id"]]["value"]) if at else used
        ratio = float(Decimal(operand["value"]) / Decimal(repr(printed))) if printed else 1.0
        value: Cell = Formula(f"{FACTORS}!$C${at}", printed) if at else used
        origin = operand["factor_id"] or operand["origin"]
        return operands.add(
            identifier,
            view,
            gas,
            operand["symbol"],
            value,
            operand["unit"],
            ratio,
            Formula(f"E{row}*G{row}", printed * ratio),
            origin,
        )

    def _sum(self, view: str, extra: str = "") -> str:
        return f'SUMIFS({LINES}!$R$2:$R${self.line_rows},{LINES}!$B$2:$B${self.line_rows},"{view}"{extra})'

    def _bridge(self) -> Sheet:
        """Every line under the three structures, from the Lines sheet, and the differences."""
        sheet = self._sheet(
            BRIDGE, "line activity location market method to_market to_method rules", (8, 34, 16, 16, 16, 16, 16, 60)
        )
        rules: dict[str, list[str]] = defaultdict(list)
        names = {entry["rule"]: self.words.plain_named(entry) for entry in self.s["results"]["bridge"]["rules"]}
        for entry in self.s["results"]["bridge"]["rows"]:
            name = names.get(entry["rule"], entry["rule"])
            if name not in rules[entry["calculation"]]:
                rules[entry["calculation"]].append(name)
        for identifier, line in self.results.items():
            row = len(sheet.rows) + 2
            values = [float(line[f"kgco2e_{view}"]) / 1000 for view in VIEWS]
            sums = [
                Formula(self._sum(view, f",{LINES}!$A$2:$A${self.line_rows},A{row}"), value)
                for view, value in zip(VIEWS, values, strict=True)
            ]
            sheet.add(
                identifier, self.words.plain_named(line), *sums, Formula(f"D{row}-C{row}", values[1] - values[0]),
                Formula(f"E{row}-C{row}", values[2] - values[0]), "; ".join(rules[identifier]),
            )  # fmt: skip
        return sheet

    def _instruments(self) -> Sheet:
        sheet = self._sheet(
            INSTRUMENTS,
            "kind numbers generated valid_until beneficiary retired kwh kwh_used outcome",
            (12, 40, 24, 12, 28, 12, 12, 12, 30),
        )
        for one in self.s["instruments"]:
            sheet.add(
                one["kind"], f"{one['number_from']} – {one['number_to']}",
                f"{one['generated_from']} – {one['generated_to']}", one["valid_until"], one["beneficiary"],
                one["retired_on"], float(one["amount_kwh"]), float(one["used_kwh"]), one["refused"],
            )  # fmt: skip
        return sheet

    def _sources(self) -> Sheet:
        sheet = self._sheet(SOURCES, "reference title publisher year document licence", (22, 60, 34, 8, 60, 18))
        for key, source in self.s["sources"].items():
            title = self.words.plain_pair(source["title_zh"], source["title"])
            sheet.add(key, title, source["publisher"], str(source["year"]), source["document"], source["licence"])
        return sheet

    def _summary(self) -> Sheet:
        sheet = self._sheet(SUMMARY, "item content stored", (44, 30, 30))
        s, w = self.s, self.words
        sha256 = digest(s)
        for key, text in (
            ("organisation", w.plain_named(s["organisation"])),
            ("period", f"{s['inventory']['period']['start']} – {s['inventory']['period']['end']}"),
            ("method", f"{s['method']['id']} {s['method']['version']}"),
            ("report_number", number_of(s["inventory"]["id"], sha256)),
            ("digest", sha256),
            (
                "claims",
                w.plain("demonstration_short" if is_demonstration(s) else "self_declared"),
            ),
        ):
            sheet.add(w.plain(key), text, "")
        results = s["results"]
        for view in VIEWS:
            stored = float(results[f"total_{view}_kgco2e"]) / 1000
            sheet.add(
                f"{w.plain('total')} · {w.plain(f'view.{view}')} (tCO2e)", Formula(self._sum(view), stored), stored
            )
        for category in results["by_category"]:
            stored = float(category["kgco2e"]) / 1000
            condition = f',{LINES}!$E$2:$E${self.line_rows},"{category["id"]}"'
            name = f"{category['id']} {w.plain_named(category)} (tCO2e)"
            sheet.add(name, Formula(self._sum("method", condition), stored), stored)
        return sheet


def workbook(snapshot: Record, language: str = "zh") -> bytes:
    """Return the snapshot as an XLSX file.

    Raises:
        LanguageUnknown: ``language`` is none of zh, en, both.
    """
    # The file depends on the snapshot alone: the same inventory gives the same bytes.
    return written(Book(snapshot, language).sheets(), _created(snapshot), snapshot["engine"]["name"])


def written(sheets: Sequence[Sheet], created: datetime, author: str) -> bytes:
    """Return sheets as an XLSX file; texts stay texts, whatever they begin with."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": created, "author": author})
        formats = {
            "head": book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#2F6770", "text_wrap": True}),
            "text": book.add_format({"quote_prefix": True}),
            "number": book.add_format({"num_format": "#,##0.00####"}),
        }
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return out.getvalue()


def _created(snapshot: Record) -> datetime:
    return datetime.fromisoformat(snapshot["inventory"]["created"])


def _write(target: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    for column, (head, width) in enumerate(zip(sheet.head, sheet.widths, strict=True)):
        target.write_string(0, column, head, formats["head"])
        target.set_column(column, column, width)
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Formula):
                target.write_formula(number, column, "=" + cell.text, formats["number"], cell.value)
            elif isinstance(cell, str):
                target.write_string(number, column, cell, formats["text"])
            else:
                target.write_number(number, column, cell, formats["number"])
    target.freeze_panes(1, 0)
    target.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.head) - 1)
