"""The factors in use with full citations, the warming potentials, the formulas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from markupsafe import Markup

from service.reports import numbers
from service.reports.content.context import VIEWS, Cell, Context, Record, Table

PLAIN = frozenset({"CO2", "CO2e", "C", "energy", "fraction"})  # what a name need not say: its unit does


def citation_numbers(c: Context) -> dict[str, int]:
    """Number the sources in the order in which the factor list meets them; an own factor cites its own name."""
    order: dict[str, int] = {}
    for record in c.snapshot["factors"].values():
        order.setdefault(record["source"], len(order) + 1)
    return order


def _used_by(c: Context) -> dict[str, list[str]]:
    users: dict[str, list[str]] = defaultdict(list)
    for calculation in c.snapshot["calculations"]:
        used = {factor for view in VIEWS for factor in calculation["views"][view]["factor_ids"]}
        for factor in used:
            users[factor].append(calculation["id"])
    return users


def used(c: Context) -> Table:
    """Every factor in use: value and unit as printed, place, year, source and the lines it serves."""
    cited, users, potentials = citation_numbers(c), _used_by(c), _potentials(c)
    rows = [
        (
            c.named(record, record["gas"] if record["gas"] not in PLAIN else ""),
            numbers.as_stored(record["value"]),
            record["unit"],
            record["region"],
            record["year"],
            c.code("confidence", record["confidence"]),
            _lines(users.get(key, [])),
            _reference(record, cited),
        )
        for key, record in c.snapshot["factors"].items()
        if key not in potentials
    ]
    columns = (
        c.column("factor", 29),
        c.column("value", 10, True),
        c.column("unit", 12),
        c.column("region", 8),
        c.column("year", 6),
        c.column("confidence", 9),
        c.column("used_by", 11),
        c.column("reference", 15),
    )
    return Table(c.words("table.factors"), columns, rows)


def _potentials(c: Context) -> set[str]:
    return {entry["factor"] for values in c.snapshot["gwp"].values() for entry in values.values()}


def _reference(record: Record, cited: Mapping[str, int]) -> str:
    return f"[{cited[record['source']]}]" + (f" {record['page']}" if record["page"] else "")


def _lines(identifiers: list[str], shown: int = 4) -> str:
    more = f" +{len(identifiers) - shown}" if len(identifiers) > shown else ""
    return ", ".join(identifiers[:shown]) + more


def citations(c: Context) -> list[Cell]:
    """The sources, each once, as a reader cites them; the list's order gives the numbers."""
    known = c.snapshot["sources"]
    return [_citation(c, known[key]) if key in known else Markup.escape(key) for key in citation_numbers(c)]


def _citation(c: Context, source: Record) -> Cell:
    title = c.words.pair(source.get("title_zh", ""), source["title"])
    where = Markup.escape(source["document"])
    parts = Markup(". ").join([Markup.escape(source["publisher"]), title])
    return parts + Markup(". {}. {} [{}]").format(source["year"], where, source["licence"])


def gwps(c: Context) -> Table:
    """The warming potentials in use, with their sources."""
    cited, records = citation_numbers(c), c.snapshot["factors"]
    rows = []
    for name, values in c.snapshot["gwp"].items():
        for gas, entry in sorted(values.items()):
            record = records.get(entry["factor"])
            reference = _reference(record, cited) if record else entry["factor"]
            rows.append((gas, numbers.as_stored(entry["value"]), name, reference))
    columns = (c.column("gas", 24), c.column("gwp", 18, True), c.column("kind", 14), c.column("reference", 44))
    return Table(c.words("table.gwps"), columns, rows)


def gwp_note(c: Context) -> Cell:
    """Which GWP set the method uses, and which the gross views where that is another."""
    own, gross = c.snapshot["method"]["gwp_set"], c.snapshot["gross_method"]["gwp_set"]
    return c.words("gwp_note", sets=own) if own == gross else c.words("gwp_note_two", own=own, gross=gross)


def formulas(c: Context) -> Table:
    """Each formula in use once, with the lines that follow it."""
    users: dict[str, list[str]] = defaultdict(list)
    for calculation in c.snapshot["calculations"]:
        record = calculation["views"][c.headline]
        if record["included"] and record["expression"]:
            users[record["expression"]].append(calculation["id"])
    rows = [(expression, _lines(lines, shown=8)) for expression, lines in users.items()]
    return Table(c.words("table.formulas"), (c.column("formula", 68), c.column("used_by", 32)), rows)


def measured(c: Context) -> Table | None:
    """Operands that the organisation measured instead of taking a publication's; ``None`` without any."""
    rows, stated = [], []
    for calculation in c.snapshot["calculations"]:
        operands = calculation["views"][c.headline]["operands"]
        own = [operand for operand in operands if operand["origin"] == "measured"]
        if own:
            values = "; ".join(f"{one['symbol']} = {numbers.as_stored(one['value'])} {one['unit']}" for one in own)
            rows.append((calculation["id"], c.words.named(calculation), ", ".join(calculation["months"]), values))
            stated.append(_laboratory(calculation["stream"]["parameters"]))
    if not rows:
        return None
    columns = (c.column("no", 10), c.column("activity", 30), c.column("month", 15), c.column("measured", 45))
    note = c.words("measured_by", stated="; ".join(dict.fromkeys(filter(None, stated))) or c.both("not", "stated"))
    return Table(c.words("table.measured"), columns, rows, note=note)


def _laboratory(parameters: Record) -> str:
    """What was stated of the measurement: sampling, laboratory, basis, weighting."""
    stated = (parameters.get(name, "") for name in ("sampling", "laboratory", "basis", "weighting"))
    return " · ".join(str(value) for value in stated if value)
