"""Activity data as the organisation handed them in, by source and by month, and the sum of each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from service.reports import numbers, units
from service.reports.content.context import Cell, Column, Context, Record, Table


@dataclass(frozen=True, slots=True)
class Source:
    """An emission source with all its calculations.

    A fuel that is measured every month is calculated every month, under operands of its own; it is one
    source all the same: one place, one activity, one name, one meter.
    """

    lines: tuple[str, ...]
    first: Record
    keys: frozenset[str]  # of its streams inside the snapshot's parts

    @property
    def numbers(self) -> str:
        """Its lines as a reader finds them: ``L012–L023``."""
        return self.lines[0] if len(self.lines) == 1 else f"{self.lines[0]}–{self.lines[-1]}"


SOURCE = ("site", "activity", "name", "meter", "process_line", "unit")


def sources_of(c: Context) -> list[Source]:
    """The emission sources in the order of their first lines."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for calculation in c.snapshot["calculations"]:
        if calculation["stream_key"]:  # what an instrument covers is no source of its own
            stream = calculation["stream"]
            groups.setdefault(tuple(stream[name] for name in SOURCE), []).append(calculation)
    return [
        Source(tuple(one["id"] for one in group), group[0], frozenset(one["stream_key"] for one in group))
        for group in groups.values()
    ]


def sources(c: Context) -> Table:
    """The emission sources with their activity data of the period, as submitted, and where these come from."""
    evidence, counts, amounts = _evidence(c), _rows(c), _amounts(c)
    rows = []
    for source in sources_of(c):
        stream = source.first["stream"]
        amount = sum((value for key in source.keys for value in amounts[key].values()), Decimal(0))
        files = {sha256 for key in source.keys for sha256 in evidence[key]}
        rows.append(
            (
                source.numbers,
                c.site(source.first["site"]),
                _name(c, source.first),
                " / ".join(filter(None, (stream["process_line"], stream["meter"]))),
                c.code("quality", stream["quality"] or "unstated"),
                _with_unit(c, numbers.grouped(amount), source.first["unit"]),
                str(sum(counts[key] for key in source.keys)),
                str(len(files) or ""),
            )
        )
    columns = (
        c.column("no", 10),
        c.column("site", 15),
        c.column("source", 28),
        c.column("meter", 12),
        c.column("quality", 9),
        c.column("amount", 17, True),
        c.column("rows", 7, True),
        c.column("evidence", 7, True),
    )
    return Table(c.words("table.sources"), columns, rows)


def _with_unit(c: Context, amount: str, unit: str) -> Cell:
    return Markup.escape(amount) + numbers.GAP + c.unit(unit)


def _name(c: Context, calculation: Record, unit: str = "") -> Cell:
    """The activity's name, the source's own where the organisation gave another, and ``unit`` behind them."""
    own = calculation["stream"]["name"]
    known = own in ("", calculation["name_zh"], calculation["name_en"]) or not calculation["stream_key"]
    signs = [f" ({text})" if unit else "" for text in units.sign(unit)]
    zh = calculation["name_zh"] + ("" if known else f" · {own}") + signs[0]
    # In both languages the source's own name is said once.
    en = calculation["name_en"] + ("" if known or c.words.language == "both" else f" · {own}") + signs[1]
    return c.words.pair(zh, en)


def _evidence(c: Context) -> dict[str, set[str]]:
    files: dict[str, set[str]] = defaultdict(set)
    for part in c.snapshot["parts"]:
        for line in part.get("lines", ()):
            if line[5]:
                files[line[1]].add(line[5])
    return files


def _rows(c: Context) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for part in c.snapshot["parts"]:
        for key, entry in part["amounts"].items():
            counts[key] += entry["rows"]
    return counts


def _amounts(c: Context) -> dict[str, dict[str, Decimal]]:
    """Amounts by source and month in the unit they were submitted in, added up exactly."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for part in c.snapshot["parts"]:
        for key, entry in part["amounts"].items():
            months = sums[key]
            months[part["month"]] = months.get(part["month"], Decimal(0)) + Decimal(entry["amount"])
    return sums


def monthly_data(c: Context) -> Table:
    """Activity data by month in the unit they were submitted in."""
    amounts = _amounts(c)
    rows = []
    for source in sources_of(c):
        months: dict[str, Decimal] = defaultdict(Decimal)
        for key in source.keys:
            for month, amount in amounts[key].items():
                months[month] += amount
        rows.append((_name(c, source.first, source.first["unit"]), *_cells(c, months)))
    return Table(c.words("table.monthly_data"), _month_columns(c), rows, landscape=True)


def _cells(c: Context, months: dict[str, Decimal]) -> list[str]:
    """One cell a month and the sum; amounts keep the digits they were submitted with."""
    shown = [numbers.grouped(months[month]) if month in months else "" for month in c.months()]
    return [*shown, numbers.grouped(sum(months.values(), Decimal(0)))]


def _month_columns(c: Context) -> tuple[Column, ...]:
    months = c.months()
    return (
        c.column("source", 22),
        *(Column(month[2:] if "-" in month else month, 78 / (len(months) + 1), True) for month in months),
        Column(c.words("sum"), 78 / (len(months) + 1), True),
    )


def monthly_emissions(c: Context) -> Table:
    """Emissions by category and month, with the month's total."""
    by_category: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in c.results["lines"]:
        if line["included"]:
            for month, kilograms in line["months"].items():
                by_category[line["category"]][month] += Decimal(kilograms)
    names = {category["id"]: c.words.named(category) for category in c.results["by_category"]}
    rows = [(names.get(key, key), *_tonnes(c, months)) for key, months in _in_order(c, by_category)]
    total = (c.words("sum"), *_tonnes(c, {m: Decimal(kg) for m, kg in c.results["by_month"].items()}))
    note = c.words("sum_note")
    return Table(c.words("table.monthly_emissions"), _month_columns(c), rows, total, note, landscape=True)


def _in_order(c: Context, by_category: dict[str, dict[str, Decimal]]) -> Iterable[tuple[str, dict[str, Decimal]]]:
    for category in c.results["by_category"]:
        if category["id"] in by_category:
            yield category["id"], by_category[category["id"]]


def _tonnes(c: Context, months: dict[str, Decimal]) -> list[str]:
    shown = [c.t(months[month]) if month in months else "" for month in c.months()]
    return [*shown, c.t(sum(months.values(), Decimal(0)))]


def lines(c: Context) -> Table:
    """Every line as amount × emissions per unit = tonnes, in the reported view; of very many, the largest."""
    calculations = {calculation["id"]: calculation for calculation in c.snapshot["calculations"]}
    shown, rest = c.largest(c.results["lines"])
    rows: list[tuple[Cell, ...]] = [
        (
            line["id"],
            _name(c, calculations[line["id"]]),
            _with_unit(c, numbers.significant(line["amount"], 9), line["unit"]),
            _per_unit(line),
            c.codes("variant", line["variants"] or [line["variant"] or "exact"]) if line["included"] else "",
            c.t(line["kgco2e"]) if line["included"] else c.words("left_out"),
        )
        for line in shown
    ]
    if rest:
        together = sum((Decimal(line["kgco2e"]) for line in rest), Decimal(0))
        rows.append(("", c.words("lines_left_out", count=len(rest)), "", "", "", c.t(together)))
    columns = (
        c.column("no", 8),
        c.column("activity", 34),
        c.column("amount_used", 19, True),
        c.column("coefficient", 14, True),
        c.column("variant", 12),
        c.column("tonnes", 13, True),
    )
    total = (c.words("sum"), "", "", "", "", c.t(c.results["total_kgco2e"]))
    return Table(c.words("table.lines"), columns, rows, total=total, note=c.words("sum_note"))


def _per_unit(line: Record) -> str:
    """kg CO2e per unit of activity as counted: with the sign, the share and what the method settles."""
    amount = Decimal(line["amount"])
    return numbers.significant(Decimal(line["kgco2e"]) / amount, 6) if line["included"] and amount else ""
