"""The footprint of a product as a workbook for reviewers: every kilogram is a live formula.

    amount for one output x runs of its process x basis units x mass of gas x warming potential

Change an amount, a factor, a potential or an output, and the totals move. Beside each total stands the value of the
snapshot with the difference. Own emissions stand among the lines, their gases as supplies of one kilogram. Processes
that feed each other in a loop hold the solved number of runs, with what is left over as a check.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lca.footprint import counted_gases, summed, supply_of_processes, without_uptake
from lca.footprint_method import from_record
from lca.greenhouse import PARTS, UNSPLIT
from lca.product_lines import BURDEN, CREDIT, GATE
from lca.snapshot import digest
from service.calculations import footprint_told
from service.reports.cells import expression_of, operand_of, spreadsheet, symbols
from service.reports.words import Words
from service.reports.workbook import Formula, Sheet, written

Record = Mapping[str, Any]

RESULT, LINES, PROCESSES, LINKS, SUPPLIES, GASES, OPERANDS, GWP, FACTORS, METHOD, CHECKS = (
    "Result", "Lines", "Processes", "Links", "Supplies", "Gases", "Operands", "GWP", "Factors", "Method", "Checks",
)  # fmt: skip
IN = "x"  # what counts bears it, what does not is empty: a condition for sums that every program reads alike
PART_HEADS = "part_fossil part_biogenic part_removal part_land_use part_aircraft"
"""Heads of the columns of ``lca.greenhouse.PARTS``, in its order."""

LONGEST = 8000
"""Characters of a formula; spreadsheets take a few more."""


class Book:
    """The workbook of one frozen footprint."""

    def __init__(self, snapshot: Record, language: str) -> None:
        self.s, self.words = snapshot, Words(language)
        self.method = from_record(snapshot["method"])
        self.found = summed(snapshot)
        self.runs = supply_of_processes(snapshot)
        gases = self.found.gases
        self.counted = dict(zip(gases, map(bool, counted_gases(self.method, gases)), strict=True))
        self.without_uptake = dict(zip(gases, map(bool, without_uptake(gases)), strict=True))
        self.own = {
            gas: f"E{number:03}" for number, gas in enumerate(sorted({one["gas"] for one in snapshot["given"]}), 1)
        }
        self.components = sorted({one["component"] for one in self.found.lines})
        self.masses = {name: dict(one["gases_kg"]) for name, one in snapshot["supplies"].items()}
        self.masses |= {name: {gas: "1"} for gas, name in self.own.items()}
        self.gwp_rows: dict[str, int] = {}
        self.factor_rows: dict[str, int] = {}
        self.supply_rows: dict[str, int] = {}

    def sheets(self) -> list[Sheet]:
        """Make every sheet; those that others refer to come first."""
        gwp, factors = self._gwp(), self._factors()
        operands = self._sheet(
            OPERANDS, "supply gas symbol value unit ratio used factor", (8, 14, 12, 16, 16, 16, 16, 34)
        )
        gases = self._gases(operands)
        supplies = self._supplies(max(2, len(gases.rows) + 1))
        links, processes = self._links(), self._processes()
        lines = self._lines()
        return [
            self._result(max(2, len(lines.rows) + 1)), lines, processes, links, supplies, gases, operands, gwp,
            factors, self._method(), self._checks(),
        ]  # fmt: skip

    def _sheet(self, name: str, heads: str, widths: Sequence[int]) -> Sheet:
        titles = tuple(self.words.plain(f"pbook.{head}") for head in heads.split())
        return Sheet(name, titles, (*widths, *[14] * (len(titles) - len(widths))))

    def _weight(self, gas: str) -> float:
        name = gas.partition("/")[0]
        potentials = next(iter(self.s["gwp"].values()))
        return 1.0 if name == UNSPLIT else float(potentials.get(name, 0.0))

    # --- what is multiplied ----------------------------------------------------------------------

    def _gwp(self) -> Sheet:
        sheet = self._sheet(GWP, "set gas gwp", (12, 18, 14))
        ((name, potentials),) = self.s["gwp"].items()
        for gas in sorted({gas.partition("/")[0] for gas in self.found.gases}):
            told = "–" if gas == UNSPLIT or gas not in potentials else name
            self.gwp_rows[gas] = sheet.add(told, gas, self._weight(gas))
        return sheet

    def _factors(self) -> Sheet:
        sheet = self._sheet(
            FACTORS, "factor name value unit gas year region confidence reference page licence",
            (34, 40, 14, 18, 12, 8, 10, 12, 30, 30),
        )  # fmt: skip
        for key, record in self.s["factors"].items():
            self.factor_rows[key] = sheet.add(
                key, self.words.plain_named(record), float(record["value"]), record["unit"], record["gas"],
                record["year"], record["region"], record["confidence"], record["source"], record["page"],
                record["licence"],
            )  # fmt: skip
        return sheet

    def _gases(self, operands: Sheet) -> Sheet:
        """One row for each supply and gas: printed factor or formula x ratio of units = kg, x potential = kg CO2e."""
        sheet = self._sheet(
            GASES, "supply gas part value ratio kg gwp kgco2e counted without_uptake", (8, 14, 12, 16, 16, 16, 12, 18)
        )
        for name, masses in self.masses.items():
            supply = self.s["supplies"].get(name, {})
            for gas, mass in masses.items():
                row = len(sheet.rows) + 2
                kilograms, weight = float(mass), self._weight(gas)
                derived = self._derived(operands, name, supply, gas, kilograms)
                value, ratio = (derived, 1.0) if derived else self._printed(supply, masses, kilograms)
                species, _, part = gas.partition("/")
                sheet.add(
                    name, species, part, value, ratio, Formula(f"D{row}*E{row}", kilograms),
                    Formula(f"{GWP}!$C${self.gwp_rows[species]}", weight),
                    Formula(f"F{row}*G{row}", kilograms * weight),
                    IN if self.counted[gas] else "", IN if self.without_uptake[gas] else "",
                )  # fmt: skip
        return sheet

    def _derived(self, operands: Sheet, name: str, supply: Record, gas: str, kilograms: float) -> Formula | None:
        """Return the formula of a gas over cells of its operands: a burned fuel's NCV x CC x OF x 44/12."""
        derivation = supply.get("derivation")
        if not derivation or gas not in derivation["gases"]:
            return None
        named = derivation["gases"][gas]
        expression = expression_of(derivation, named)
        chosen = {symbol: operand_of(derivation["operands"], symbol, named) for symbol in symbols(expression)}
        if not expression or None in chosen.values():
            return None
        cells = {
            symbol: f"{OPERANDS}!$G${self._operand(operands, name, named, one)}"
            for symbol, one in chosen.items()
            if one
        }
        written_out = spreadsheet(expression, "1", cells)
        return None if written_out is None else Formula(written_out, kilograms)

    def _operand(self, operands: Sheet, name: str, gas: str, operand: Record) -> int:
        """Write one operand: its printed value (the factor's own cell) times the ratio of the units."""
        row = len(operands.rows) + 2
        used = float(operand["value"])
        at = self.factor_rows.get(operand["factor_id"])
        printed = float(self.s["factors"][operand["factor_id"]]["value"]) if at else used
        value = Formula(f"{FACTORS}!$C${at}", printed) if at else used
        ratio = used / printed if printed else 1.0
        return operands.add(
            name, gas, operand["symbol"], value, operand["unit"], ratio, Formula(f"D{row}*F{row}", used),
            operand["factor_id"] or operand["origin"],
        )  # fmt: skip

    def _printed(self, supply: Record, masses: Mapping[str, str], kilograms: float) -> tuple[float | Formula, float]:
        """Return the printed factor's cell and what turns it into kilograms, where one record gives one gas."""
        named = supply.get("factor_ids", ())
        at = self.factor_rows.get(named[0]) if len(named) == 1 and len(masses) == 1 else None
        printed = float(self.s["factors"][named[0]]["value"]) if at else 0.0
        if not printed:
            return kilograms, 1.0
        return Formula(f"{FACTORS}!$C${at}", printed), kilograms / printed

    def _supplies(self, last: int) -> Sheet:
        """One row for each supply: kg CO2e per unit, in all and by part, from the rows of its gases."""
        sheet = self._sheet(
            SUPPLIES,
            f"supply kind name factor factor_unit unit reference publisher year region licence counted_kgco2e "
            f"without_uptake_kgco2e with_uptake_kgco2e {PART_HEADS}",
            (8, 12, 34, 12, 16, 10, 40, 24, 8, 10, 18),
        )
        for name, masses in self.masses.items():
            one = self.s["supplies"].get(name) or self._own_emission(name)
            row = len(sheet.rows) + 2
            kgco2e = {gas: float(mass) * self._weight(gas) for gas, mass in masses.items()}
            sums = [
                self._of_gases(row, last, kgco2e, "I", lambda gas: self.counted[gas]),
                self._of_gases(row, last, kgco2e, "J", lambda gas: self.without_uptake[gas]),
                Formula(f"SUMIF({GASES}!$A$2:$A${last},A{row},{GASES}!$H$2:$H${last})", math.fsum(kgco2e.values())),
                *(self._of_part(row, last, kgco2e, part) for part in PARTS),
            ]
            self.supply_rows[name] = sheet.add(
                name, self._kind(one["kind"]), self.words.plain_pair(one["zh"], one["en"]), one["factor"],
                one["factor_unit"], one["unit"], one["source"], one["publisher"], one["year"], one["region"],
                one["licence"], *sums,
            )  # fmt: skip
        return sheet

    def _own_emission(self, name: str) -> Record:
        gas = next(gas for gas, held in self.own.items() if held == name)
        empty = dict.fromkeys(("factor", "factor_unit", "source", "publisher", "year", "region", "licence"), "")
        return {"kind": "own", "zh": gas, "en": gas, "unit": "kg", **empty}

    def _kind(self, kind: str) -> str:
        return self.words.plain("pbook.own_emission") if kind == "own" else kind

    def _of_gases(
        self, row: int, last: int, kgco2e: Mapping[str, float], flag: str, holds: Callable[[str], bool]
    ) -> Formula:
        value = math.fsum(mass for gas, mass in kgco2e.items() if holds(gas))
        area = f"{GASES}!${flag}$2:${flag}${last}"
        return Formula(f'SUMIFS({GASES}!$H$2:$H${last},{GASES}!$A$2:$A${last},A{row},{area},"{IN}")', value)

    def _of_part(self, row: int, last: int, kgco2e: Mapping[str, float], part: str) -> Formula:
        value = math.fsum(mass for gas, mass in kgco2e.items() if gas.partition("/")[2] == part)
        area = f"{GASES}!$C$2:$C${last}"
        return Formula(f'SUMIFS({GASES}!$H$2:$H${last},{GASES}!$A$2:$A${last},A{row},{area},"{part}")', value)

    # --- how often it happens --------------------------------------------------------------------

    def _links(self) -> Sheet:
        """What processes take of one another: amount for one output x runs of the one that takes."""
        sheet = self._sheet(LINKS, "process supplier amount taken", (10, 10, 16, 16))
        for link in self.s["links"]:
            process, supplier, amount = link["process"], link["supplier"], link["amount"]
            row = len(sheet.rows) + 2
            taken = float(amount) * self._shared(process)
            sheet.add(
                float(process + 1), float(supplier + 1), float(amount),
                Formula(f"C{row}*{PROCESSES}!$I${process + 2}", taken),
            )  # fmt: skip
        return sheet

    def _shared(self, process: int) -> float:
        return float(self.runs[process]) * float(self.s["nodes"][process]["share"])

    def _processes(self) -> Sheet:
        """One row for each process: what is wanted of it, divided by its output."""
        sheet = self._sheet(
            PROCESSES, "number process name output unit demand runs share runs_shared residual solved",
            (10, 20, 34, 14, 10),
        )  # fmt: skip
        looped = self._looped()
        for number, node in enumerate(self.s["nodes"]):
            row = len(sheet.rows) + 2
            demand = float(self.s["demand"]) if number == self.s["main"] else 0.0
            cells, taken = self._taken(number)
            runs, output, share = float(self.runs[number]), float(node["output"]), float(node["share"])
            is_live = number not in looped and len(cells) < LONGEST
            sheet.add(
                float(number + 1), node["id"], self.words.plain_named(node), output, node["unit"], demand,
                Formula(f"(F{row}+{cells})/D{row}", runs) if is_live else runs, share,
                Formula(f"G{row}*H{row}", runs * share),
                Formula(f"D{row}*G{row}-F{row}-({cells})", output * runs - demand - taken)
                if len(cells) < LONGEST else output * runs - demand - taken,
                "" if is_live else IN,
            )  # fmt: skip
        return sheet

    def _taken(self, supplier: int) -> tuple[str, float]:
        """Return what others take of a process, cell by cell: over a whole range the formulas would run in circles."""
        taking = [(row, link) for row, link in enumerate(self.s["links"], 2) if link["supplier"] == supplier]
        values = (float(link["amount"]) * self._shared(link["process"]) for _, link in taking)
        return "+".join(f"{LINKS}!$D${row}" for row, _ in taking) or "0", math.fsum(values)

    def _looped(self) -> frozenset[int]:
        """Return the processes that need themselves, through others or at once: no cell can say their runs."""
        count, links = len(self.s["nodes"]), self.s["links"]
        ones = (np.ones(len(links)), ([one["process"] for one in links], [one["supplier"] for one in links]))
        _, groups = connected_components(sparse.csr_matrix(ones, shape=(count, count)), connection="strong")
        sizes = np.bincount(groups)
        selves = {one["process"] for one in links if one["process"] == one["supplier"]}
        return frozenset(number for number in range(count) if sizes[groups[number]] > 1) | selves

    # --- lines and sums --------------------------------------------------------------------------

    def _lines(self) -> Sheet:
        """One row for each line and own emission: amount x runs x basis x supply = kg CO2e, in all and by part."""
        sheet = self._sheet(
            LINES,
            "line process component name stage bucket amount unit runs to_basis supply amount_product factor_kgco2e "
            f"kgco2e in_total without_uptake_kgco2e with_uptake_kgco2e {PART_HEADS} component_name primary evidence "
            "formula",
            (24, 10, 10, 34, 16, 12, 16, 10, 14, 12, 10),
        )
        for number, one in enumerate(self.found.lines):
            self._line(sheet, number, one)
        return sheet

    def _line(self, sheet: Sheet, number: int, one: Record) -> None:
        row = len(sheet.rows) + 2
        supply = one.get("supply") or self.own[one["gas"]]
        amount, basis = float(one.get("amount", one.get("kg", "0"))), float(one.get("to_basis", "1"))
        per_unit = {gas: float(mass) * self._weight(gas) for gas, mass in self.masses[supply].items()}
        runs, weighted = self._shared(one["process"]), self.found.weighted[number]
        at, gases = self.supply_rows[supply], self.found.gases
        sums = [
            Formula(f"L{row}*J{row}*{SUPPLIES}!${column}${at}", self._sum(weighted, gases, holds))
            for column, holds in zip("MNOPQRS", self._conditions(), strict=True)
        ]
        sheet.add(
            one["id"], float(one["process"] + 1), float(self.components.index(one["component"]) + 1),
            self.words.plain_pair(one.get("zh", one["id"]), one.get("en", "")), one["stage"], one.get("bucket", GATE),
            amount, one.get("unit", "kg"), Formula(f"{PROCESSES}!$I${one['process'] + 2}", runs), basis, supply,
            Formula(f"G{row}*I{row}", amount * runs),
            Formula(f"{SUPPLIES}!$L${at}", math.fsum(v for gas, v in per_unit.items() if self.counted[gas])),
            Formula(f"L{row}*J{row}*M{row}", self._sum(weighted, gases, lambda gas: self.counted[gas])),
            IN if self._is_in(one) else "", *sums, one["component"], IN if one["is_primary"] else "",
            one["evidence"], one["text"],
        )  # fmt: skip

    @staticmethod
    def _sum(weighted: Sequence[float], gases: Sequence[str], holds: Callable[[str], bool]) -> float:
        return math.fsum(float(value) for value, gas in zip(weighted, gases, strict=True) if holds(gas))

    def _conditions(self) -> Iterator[Callable[[str], bool]]:
        """Yield what the columns after the counted one hold: without uptake, with it, and each part."""
        yield lambda gas: self.without_uptake[gas]
        yield lambda _: True
        for part in PARTS:
            yield lambda gas, part=part: gas.partition("/")[2] == part  # type: ignore[misc]

    def _is_in(self, one: Record) -> bool:
        return bool(one["stage"]) and one["stage"] not in self.method.boundary.outside

    def _result(self, last: int) -> Sheet:
        sheet = self._sheet(RESULT, "item key content stored difference", (54, 12, 22, 22, 18))
        self._cover(sheet)
        results = self.s["results"]
        for key, column in (
            ("total_kgco2e", "N"), ("excluding_uptake_kgco2e", "P"), ("including_uptake_kgco2e", "Q"), ("fossil", "R"),
            ("biogenic_emissions", "S"), ("biogenic_removals", "T"), ("luluc", "U"), ("aircraft", "V"),
        ):  # fmt: skip
            self._total(sheet, last, self.words.plain(f"pbook.{key}"), results[key], column, "O")
        self._total(
            sheet, last, self.words.plain("pbook.gate_kgco2e"), results["gate_kgco2e"], "N", "O", key=("F", GATE)
        )
        for key, bucket in (("scrap_burden_kgco2e", BURDEN), ("credits_kgco2e", CREDIT)):
            self._total(sheet, last, self.words.plain(f"pbook.{key}"), results[key], "N", key=("F", bucket))
        for stage, stored in results["outside_kgco2e"].items():
            name = f"{self.words.plain('pbook.outside')} · {self._stage(stage)}"
            self._total(sheet, last, name, stored, "N", key=("E", stage))
        for stage, stored in results["by_stage"].items():
            name = f"{self.words.plain('pbook.stage')} · {self._stage(stage)}"
            self._total(sheet, last, name, stored, "N", "O", key=("E", stage))
        for component, stored in results["by_component"].items():
            name = f"{self.words.plain('pbook.component_name')} · {component}"
            number = float(self.components.index(component) + 1)
            self._total(sheet, last, name, stored, "N", "O", key=("C", number))
        for number, (process, stored) in enumerate(results["by_process"].items(), 1):
            name = f"{self.words.plain('pbook.process')} · {process}"
            self._total(sheet, last, name, stored, "N", "O", key=("B", float(number)))
        return sheet

    def _total(
        self, sheet: Sheet, last: int, name: str, stored: str, column: str, *flags: str,
        key: tuple[str, str | float] | None = None,
    ) -> None:  # fmt: skip
        """Add one sum over the lines, those that bear the flags and the key, beside the value of the snapshot."""
        row = len(sheet.rows) + 2
        area = f"{LINES}!${column}$2:${column}${last}"
        conditions = [f',{LINES}!${flag}$2:${flag}${last},"{IN}"' for flag in flags]
        if key is not None:
            conditions.append(f",{LINES}!${key[0]}$2:${key[0]}${last},B{row}")
        value = float(stored)
        live = Formula(f"SUMIFS({area}{''.join(conditions)})", value)
        sheet.add(name, key[1] if key else "", live, value, Formula(f"C{row}-D{row}", 0.0))

    def _stage(self, stage: str) -> str:
        named = next((one for one in self.method.boundary.stages if one.id == stage), None)
        return f"{stage} {self.words.plain_pair(named.zh, named.en)}" if named else stage

    # --- what is told ----------------------------------------------------------------------------

    def _cover(self, sheet: Sheet) -> None:
        s, w, unit = self.s, self.words, self.s["model"]["unit"]
        demonstration = w.plain("demonstration_short") if s["model"].get("is_demonstration") else ""
        for key, content in (
            ("product", w.plain_named(s["model"]["name"])),
            ("organisation", w.plain_named(s["model"].get("organisation", {}))),
            ("declared_unit", f"{unit['amount']} {unit['unit']}"),
            ("period", f"{s['model']['start']} – {s['model']['end']}"),
            ("method", f"{self.method.id} {self.method.version}"),
            ("library", s["library"]["version"]),
            ("digest", digest(s)),
            ("claim", demonstration or w.plain("running_claim")),
        ):
            sheet.add(w.plain(f"pbook.{key}"), "", content, "", "")

    def _method(self) -> Sheet:
        sheet = self._sheet(METHOD, "item content clause", (40, 90, 40))
        method, w = self.method, self.words
        rows: list[tuple[str, str, str]] = [
            ("method", f"{method.id} {method.version}", method.edition.standard),
            ("name", w.plain_pair(method.name.zh, method.name.en), ""),
            ("evidence_mark", f"{method.evidence.mark}: {w.plain_pair(method.evidence.zh, method.evidence.en)}", ""),
            ("set", method.gwp_set, ""),
            ("headline", f"{method.headline}, {method.biogenic}", ""),
            ("allocation", " › ".join(method.allocation.order), ""),
            ("recycling", method.recycling.method, ""),
            ("electricity", " › ".join(method.electricity.order), ""),
        ]
        for key, content, clause in rows:
            sheet.add(w.plain(f"pbook.{key}"), content, clause)
        for one in (*method.boundary.excluded, *method.statements):
            sheet.add(one.id, w.plain_pair(one.zh, one.en), one.clause)
        for name, parameter in method.parameters.items():
            sheet.add(name, f"{parameter.value} {parameter.unit}", parameter.source)
        for name, value in self.s["parameters"].items():
            sheet.add(f"{w.plain('pbook.parameter')} {name}", value, "")
        return sheet

    def _checks(self) -> Sheet:
        sheet = self._sheet(CHECKS, "kind key outcome content clause", (14, 26, 12, 90, 40))
        w = self.words
        for one in footprint_told.checks(self.s):
            outcome = w.plain("pbook.holds" if one["ok"] else "pbook.fails")
            clause = str(one["params"].get("clause", ""))
            sheet.add(w.plain("pbook.check"), one["id"], outcome, w.plain_pair(one["zh"], one["en"]), clause)
        for one in footprint_told.warnings(self.s):
            sheet.add(w.plain("pbook.warning"), one["code"], "", w.plain_pair(one["zh"], one["en"]), "")
        return sheet


def workbook(snapshot: Record, language: str = "zh") -> bytes:
    """Return a frozen footprint as an XLSX file.

    Raises:
        LanguageUnknown: ``language`` is none of zh, en, both.
    """
    created = datetime.fromisoformat(snapshot["footprint"]["created"])
    return written(Book(snapshot, language).sheets(), created, snapshot["engine"]["name"])
