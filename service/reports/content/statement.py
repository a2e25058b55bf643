"""What is claimed and what is not: rules without confirmation, notes of the calculation, versions, control."""

from __future__ import annotations

from service.calculations import told
from service.reports import numbers
from service.reports.content.context import Cell, Context, Table, marks


def standard(c: Context) -> str:
    """The standard a method follows, as it is cited: ``ISO 14064-1:2018``."""
    return str(c.snapshot["method"]["edition"]["standard"])


def unconfirmed(c: Context) -> Table | None:
    """Every rule in use that was not checked against the standard's text; parameters no line used are left out."""
    used = {
        operand["key"]
        for calculation in c.snapshot["calculations"]
        for view in calculation["views"].values()
        for operand in view["operands"]
    }
    rows = [
        (_rule(c, where), value, c.words.pair(zh, en))
        for where, value, zh, en in marks(c.snapshot["method"])
        if not where.startswith("parameters.") or where.removeprefix("parameters.") in used
    ]
    columns = (c.column("rule", 24), c.column("value", 16), c.column("reason", 60))
    return Table(c.words("table.unconfirmed"), columns, rows) if rows else None


def _rule(c: Context, where: str) -> Cell:
    if where.startswith("parameters."):
        return c.words("rule_parameter", name=where.removeprefix("parameters."))
    return c.code("rule", where) if where else c.words("method")


def warnings(c: Context) -> Table | None:
    """What the calculation wants a reader to know."""
    rows = [
        (warning["line"] or "", c.words.pair(*told.warning(warning)), warning["code"])
        for warning in c.snapshot["warnings"]
    ]
    columns = (c.column("no", 12), c.column("content", 64), c.column("code", 24))
    return Table(c.words("table.warnings"), columns, rows) if rows else None


def versions(c: Context) -> Table:
    """Program, library, overlay, method and schema that this report rests on."""
    s = c.snapshot
    overlay = s["overlay"]["sha256"] or c.words("none")
    rows: list[tuple[Cell, ...]] = [
        (c.words("v.engine"), f"{s['engine']['name']} {s['engine']['version']}"),
        (c.words("v.library"), s["library"]["version"]),
        (c.words("v.overlay"), overlay),
        (c.words("v.method"), f"{s['method']['id']} {s['method']['version']}"),
        (c.words("v.gwp"), ", ".join(s["gwp"]) or str(s["method"]["gwp_set"])),
        (c.words("v.schema"), s["schema"]),
        (c.words("digest"), c.digest),
    ]
    return Table(c.words("versions"), (c.column("item", 30), c.column("content", 70)), rows)


def control(c: Context) -> Table:
    """What the execution of a data quality control plan can show from the data alone."""
    s = c.snapshot
    calculations = [calculation for calculation in s["calculations"] if calculation["stream_key"]]
    metered = sum(1 for calculation in calculations if calculation["stream"]["meter"])
    months = c.months()
    rows: list[tuple[Cell, ...]] = [
        (c.words("cn.q.rows"), str(sum(part["rows"] for part in s["parts"]))),
        (c.words("cn.q.months"), f"{len(months)}" + (f" ({months[0]} – {months[-1]})" if months else "")),
        (c.words("cn.q.meters"), f"{metered} / {len(calculations)}"),
        (c.words("cn.q.origin"), _origins(c)),
        (c.words("cn.q.evidence"), str(len(s["evidence"]))),
        (c.words("cn.q.assumed"), _assumed(c)),
        (c.words("cn.q.warnings"), str(len(s["warnings"]))),
    ]
    return Table(c.words("cn.table.plan"), (c.column("item", 45), c.column("content", 55)), rows)


def _origins(c: Context) -> Cell:
    shares = c.results["data_quality"]["activity_shares"]
    shown = []
    for name, share in shares.items():
        zh, en = c.both("quality", name)
        percent = numbers.significant(share, 3)
        shown.append((f"{zh} {percent}%", f"{en} {percent}%"))
    return c.listed(shown) if shown else c.words("not.stated")


def _assumed(c: Context) -> str:
    share = c.results["uncertainty"]["assumed_share_percent"]
    return "" if share is None else f"{numbers.significant(share, 3)}%"


def evidence(c: Context) -> Table | None:
    """The evidence files with their digests."""
    rows = [(name, sha256) for sha256, name in sorted(c.snapshot["evidence"].items(), key=lambda item: item[1])]
    columns = (c.column("name", 36), c.column("digest_column", 64))
    return Table(c.words("table.evidence"), columns, rows) if rows else None
