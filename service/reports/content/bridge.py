"""Why the three totals differ, rule by rule and line by line, and what became of each certificate."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from service.calculations import told
from service.reports import numbers
from service.reports.content.context import VIEWS, Cell, Context, Record, Table


def by_rule(c: Context) -> Table | None:
    """From the location-based total to the other two, one row a rule; ``None`` when nothing differs."""
    entries = c.results["bridge"]["rules"]
    if not entries:
        return None
    results = c.results
    rows: list[tuple[Cell, ...]] = [
        (c.words("view.location"), c.t(results["total_location_kgco2e"]), c.t(results["total_location_kgco2e"]))
    ]
    rows += [
        (
            c.words.pair(*told.rule(c.snapshot, entry["rule"])),
            c.t(entry["location_to_market"]),
            c.t(entry["location_to_method"]),
        )
        for entry in entries
    ]
    remainder = results["bridge"]["unexplained"]
    rows.append((c.words("bridge_remainder"), c.t(remainder["market"]), c.t(remainder["method"])))
    total = (c.words("bridge_reached"), c.t(results["total_market_kgco2e"]), c.t(results["total_method_kgco2e"]))
    columns = (c.column("rule", 60), c.column("to_market", 20, True), c.column("to_method", 20, True))
    return Table(c.words("table.bridge_rules"), columns, rows, total=total, note=c.words("sum_note"))


def by_line(c: Context) -> Table:
    """Every line under the three structures, with the rules that made it differ; of very many, the largest."""
    rules = {entry["rule"]: told.rule(c.snapshot, entry["rule"]) for entry in c.results["bridge"]["rules"]}
    reasons: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in c.results["bridge"]["rows"]:
        reasons[row["calculation"]].append(rules[row["rule"]])
    shown, rest = c.largest(c.results["lines"])
    rows: list[tuple[Cell, ...]] = [
        (
            line["id"],
            c.words.named(line),
            *(c.t(line[f"kgco2e_{view}"]) for view in VIEWS),
            c.listed(reasons[line["id"]]) or "—",
        )
        for line in shown
    ]
    if rest:
        sums = (sum((Decimal(line[f"kgco2e_{view}"]) for line in rest), Decimal(0)) for view in VIEWS)
        rows.append(("", c.words("lines_left_out", count=len(rest)), *map(c.t, sums), ""))
    columns = (
        c.column("no", 8),
        c.column("activity", 22),
        c.column("location", 14, True),
        c.column("market", 14, True),
        c.column("method", 14, True),
        c.column("rule", 28),
    )
    totals = [c.t(c.results[f"total_{view}_kgco2e"]) for view in VIEWS]
    return Table(c.words("table.bridge_lines"), columns, rows, total=(c.words("sum"), "", *totals, ""))


def introduction(c: Context) -> Cell:
    """What the bridge shows, with the remainder it leaves unexplained."""
    if not c.results["bridge"]["rules"]:
        return c.words("bridge_none")
    remainder = c.results["bridge"]["unexplained"]
    return c.words("bridge_intro", market=c.t(remainder["market"]), method=c.t(remainder["method"]))


def instruments(c: Context) -> Table | None:
    """Every certificate handed in: counted, left over or refused with the reason; ``None`` without any."""
    rows = [
        (
            c.code("instrument", instrument["kind"]),
            _range(instrument["number_from"], instrument["number_to"]),
            instrument["generated_from"][:7],
            instrument["valid_until"] or "",
            instrument["beneficiary"],
            instrument["retired_on"] or "",
            numbers.as_stored(instrument["amount_kwh"]),
            numbers.as_stored(instrument["used_kwh"]),
            _outcome(c, instrument),
        )
        for instrument in c.snapshot["instruments"]
    ]
    columns = (
        c.column("kind", 9),
        c.column("numbers", 16),
        c.column("generated", 9),
        c.column("valid_until", 10),
        c.column("beneficiary", 11),
        c.column("retired", 10),
        c.column("kwh", 11.5, True),
        c.column("kwh_used", 11.5, True),
        c.column("outcome", 12),
    )
    return Table(c.words("table.instruments"), columns, rows) if rows else None


def _range(first: str, last: str) -> str:
    return first if last in ("", first) else f"{first} – {last}"


def _outcome(c: Context, instrument: Record) -> Cell:
    if instrument["refused"]:
        return c.code("refused", instrument["refused"])
    whole = Decimal(instrument["used_kwh"]) >= Decimal(instrument["amount_kwh"])
    return c.words("instrument_used" if whole else "instrument_pool")
