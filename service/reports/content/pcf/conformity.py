"""What the study keeps of its method and what it does not: clauses checked, warnings, rules nobody has confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from lca.product_model import worded
from service.calculations import footprint_told
from service.reports import numbers
from service.reports.content.context import Cell, Record, Table
from service.reports.content.pcf.context import Study

STATEMENT = "statement"  # the check that something is said
CERTIFIABLE = "certifiable"  # the check that is no clause: may a certificate rest on the result?


def checks(c: Study) -> Table:
    """Every clause; one that fails says so, and the study does not conform.

    Where a clause asks for a statement, only that there is one was checked, never that it is true.
    """
    rows = [
        (c.words.pair(check["zh"], check["en"]), c.words(f"pcf.{_outcome(c, check)}"))
        for check in sorted(footprint_told.checks(c.snapshot), key=lambda check: check["ok"])
        if check["id"] != CERTIFIABLE
    ]
    columns = (c.column("clause_text", 82), c.column("outcome", 18))
    return Table(c.words("pcf.table.checks"), columns, rows, note=c.words("pcf.checks_note"))


def _outcome(c: Study, check: Record) -> str:
    if not check["ok"] or check["id"] != STATEMENT:
        return "ok" if check["ok"] else "fails"
    stated = c.model.get("statements", {}).get(check["params"]["statement"])
    return "clause_stated" if worded(stated) else "clause_shown"


def failed(c: Study) -> int:
    """How many clauses fail."""
    return sum(1 for check in c.snapshot["checks"] if not check["ok"] and check["id"] != CERTIFIABLE)


def count(c: Study) -> int:
    """How many clauses were checked."""
    return sum(1 for check in c.snapshot["checks"] if check["id"] != CERTIFIABLE)


def certification(c: Study) -> Cell:
    """Whether a certificate may rest on the result; a study may keep to a method that none rests on."""
    found = next(one for one in footprint_told.checks(c.snapshot) if one["id"] == CERTIFIABLE)
    return c.words("pcf.certification", text=(found["zh"], found["en"]))


def warnings(c: Study) -> Table | None:
    """What a reader has to know."""
    rows = [(c.words.pair(one["zh"], one["en"]),) for one in footprint_told.warnings(c.snapshot)]
    return Table(c.words("table.warnings"), (c.column("content", 100),), rows) if rows else None


def unconfirmed(c: Study) -> Table | None:
    """Every rule of the method that was not checked against its text, with what it says as far as it is known."""
    rows = [
        (_rule(c, where), _value(c, value, unit), c.words.pair(zh, en) or c.words("not.stated"))
        for where, value, unit, zh, en in _marks(c.snapshot["method"])
    ]
    columns = (c.column("rule", 26), c.column("value", 12), c.column("reason", 62))
    return Table(c.words("table.unconfirmed"), columns, rows) if rows else None


def _rule(c: Study, where: str) -> Cell:
    chapter, _, name = where.partition(".")
    rule = c.code("pcf.rule", chapter or "method")
    return rule + Markup(" · {}").format(_named(c, name)) if name else rule


def _named(c: Study, name: str) -> Cell:
    """A parameter of a rule by its name; of a table of factors by material, the material's."""
    table, _, row = name.rpartition(".")
    if not table:
        return c.code("pcf.rule_name", name)
    return c.code("pcf.rule_name", table) + Markup(" · {}").format(c.code("pcf.material", row))


def _value(c: Study, value: str, unit: str) -> Cell:
    if unit in ("", "%", "fraction"):
        return numbers.as_stored(value) + unit.removesuffix("fraction")
    return c.quantity(value, unit)


def _marks(record: Record, path: str = "") -> Iterator[tuple[str, str, str, str, str]]:
    """Find every rule that is marked: (where, its value, its unit, what it says in zh, in en)."""
    if record.get("mark") == "unconfirmed":
        yield path.removesuffix("evidence").strip("._"), "", "", record["zh"], record["en"]
    elif record.get("evidence") == "unconfirmed":
        clause = footprint_told.clause(record.get("source") or record.get("clause", ""))
        zh, en = (
            text.format(record[side], of) if record.get(side) else of
            for side, text, of in zip(("zh", "en"), ("{}（{}）", "{} ({})"), clause, strict=True)
        )
        yield path, str(record.get("value", "")), str(record.get("unit", "")), zh, en
    for key, value in record.items():
        if isinstance(value, Mapping):
            yield from _marks(value, f"{path}.{key}" if path else str(key))
