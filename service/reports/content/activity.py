"""Activity data as the organisation handed them in, by source and by month, and the sum of each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from markupsafe import Markup

from service.reports import numbers
from service.reports.content.context import Cell, Column, Context, Record, Table


def sources(c: Context) -> Table:
    """The emission sources with their activity data of the period, as submitted, and where these come from."""
    evidence, counts, amounts = _evidence(c), _rows(c), c.amounts()
    rows = []
    for calculation in c.snapshot["calculations"]:
        stream = calculation["stream"]
        if calculation["id"] not in amounts:  # what an instrument covers is no source of its own
            continue
        rows.append(
            (
                calculation["id"],
                c.site(calculation["site"]),
                _name(c, calculation),
                " / ".join(filter(None, (stream["process_line"], stream["meter"]))),
                c.code("quality", stream["quality"] or "unstated"),
                _with_unit(
                    c, numbers.grouped(sum(amounts[calculation["id"]].values(), Decimal(0))), calculation["unit"]
                ),
                str(counts[calculation["id"]]),
                str(len(evidence[calculation["stream_key"]]) or ""),
            )
        )
    columns = (
        c.column("no", 8),
        c.column("site", 16),
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


def _name(c: Context, calculation: Record) -> Cell:
    """The activity's name, and the stream's own name where the organisation gave another."""
    own = calculation["stream"]["name"]
    known = own in (calculation["name_zh"], calculation["name_en"]) or not calculation["stream_key"]
    return c.named(calculation, "" if known else own)


def _evidence(c: Context) -> dict[str, set[str]]:
    files: dict[str, set[str]] = defaultdict(set)
    for part in c.snapshot["parts"]:
        for line in part.get("lines", ()):
            if line[5]:
                files[line[1]].add(line[5])
    return files


def _rows(c: Context) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for identifier, _, entry in c.entries():
        counts[identifier] += entry["rows"]
    return counts


def monthly_data(c: Context) -> Table:
    """Activity data by month in the unit they were submitted in."""
    sums = c.amounts()
    rows = [
        (_name(c, calculation) + " (" + c.unit(calculation["unit"]) + ")", *_cells(c, sums[calculation["id"]]))
        for calculation in c.snapshot["calculations"]
        if calculation["id"] in sums
    ]
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
    """Every line as amount × emissions per unit = tonnes, in the reported view."""
    calculations = {calculation["id"]: calculation for calculation in c.snapshot["calculations"]}
    rows = [
        (
            line["id"],
            _name(c, calculations[line["id"]]),
            _with_unit(c, numbers.significant(line["amount"], 9), line["unit"]),
            _per_unit(line),
            c.codes("variant", line["variants"] or [line["variant"] or "exact"]) if line["included"] else "",
            c.t(line["kgco2e"]) if line["included"] else c.words("left_out"),
        )
        for line in c.results["lines"]
    ]
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
