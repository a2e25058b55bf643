"""What was studied: goal, product, unit, boundary, what was left out, and the rules it was studied by."""

from __future__ import annotations

from datetime import date

from lca.days import years_after
from lca.product_model import worded
from service.calculations import footprint_told
from service.reports import numbers
from service.reports.content.context import Cell, Record, Table, without_empty
from service.reports.content.pcf.context import Study

GOAL = ("commissioner", "practitioner", "reviewer", "reasons", "application", "audience", "communication")
RULES = ("allocation", "recycling", "electricity", "biogenic", "cutoff")


def goal(c: Study) -> Table:
    """Who asked for the study, who made it, why and for whom; what nobody says is said to be missing."""
    rows: list[tuple[Cell, ...]] = [
        (c.words("pcf.standard"), _standard(c)),
        (c.words("pcf.category_rules"), c.statement("category_rules")),
        (c.words("pcf.type"), c.words("pcf.type_whole" if is_whole(c) else "pcf.type_partial")),
        *((c.words(f"pcf.goal.{name}"), c.statement(name)) for name in GOAL),
    ]
    return Table(c.words("pcf.table.goal"), (c.column("item", 26), c.column("content", 74)), rows)


def is_whole(c: Study) -> bool:
    """Does the study reach from the cradle to the grave? Its boundary then has to have an end of life."""
    required = c.snapshot["method"]["boundary"]["types"].get(c.model["boundary"], {}).get("required", ())
    held = {line["said_stage"] for line in c.snapshot["lines"]}
    return "end_of_life" in held and bool({"use", "end_of_life", "C4"} & {*required, *held})


def _standard(c: Study) -> Cell:
    edition, method = c.snapshot["method"]["edition"], c.snapshot["method"]
    return c.words(
        "pcf.standard_text",
        standard=edition["standard"],
        title=(edition["zh"], edition["en"]),
        id=method["id"],
        version=method["version"],
    )


def product(c: Study) -> Table:
    """The product as its maker describes it."""
    model = c.model
    unit = model["unit"]
    rows: list[tuple[Cell, ...]] = [
        (c.words("pcf.product"), c.named(model["name"])),
        (c.words("pcf.product_id"), model["id"]),
        (c.words("pcf.category"), c.told(model.get("category"))),
        (c.words("pcf.maker"), c.named(model["organisation"]) if model.get("organisation") else c.stated("")),
        (c.words("pcf.site"), c.stated(model.get("site"))),
        (c.words("pcf.region"), c.place(model["region"])),
        (c.words("pcf.period"), c.words("period_text", start=model["start"], end=model["end"])),
        (c.words("pcf.unit_kind"), c.words(f"pcf.unit.{unit['kind']}")),
        (c.words("pcf.unit_text"), c.quantity(unit["amount"], unit["unit"])),
        (c.words("pcf.unit_meaning"), c.named(unit["name"])),
        (c.words("pcf.mass"), f"{numbers.as_stored(unit['mass_kg'])} kg" if unit.get("mass_kg") else c.stated("")),
        (c.words("pcf.carbon"), f"{numbers.significant(c.results['carbon_biogenic_kg'])} kg C"),
        (c.words("pcf.service_life"), _life(c)),
    ]
    return Table(c.words("pcf.table.product"), (c.column("item", 26), c.column("content", 74)), rows)


def _life(c: Study) -> Cell:
    if c.model.get("lifetime_km"):
        return f"{numbers.as_stored(c.model['lifetime_km'])} km"
    return c.statement("service_life")


def valid_until(c: Study) -> Cell:
    """The last day that the result may be used by its method, and whether anybody checked the rule; '' without one."""
    years = c.snapshot["method"]["validity"].get("years")
    if years is None:
        return ""
    created = date.fromisoformat(c.snapshot["footprint"]["created"][:10])
    key = "pcf.valid_until_text" if years["evidence"] == "confirmed" else "pcf.valid_until_unconfirmed"
    return c.words(key, day=years_after(created, int(years["value"])).isoformat(), years=years["value"])


def stages(c: Study) -> Table:
    """Every stage the method knows: whether the boundary asks for it, and whether the study holds it."""
    boundary = c.snapshot["method"]["boundary"]
    kind = boundary["types"].get(c.model["boundary"], {})
    held = {line["stage"] for line in (*c.snapshot["lines"], *c.snapshot["given"])}
    rows = [
        (
            c.stage(stage["id"]),
            c.words(f"pcf.asked.{_asked(stage['id'], kind, boundary)}"),
            c.words("pcf.held" if stage["id"] in held else "pcf.not_held"),
        )
        for stage in boundary["stages"]
    ]
    columns = (c.column("stage", 50), c.column("asked", 28), c.column("held", 22))
    return Table(c.words("pcf.table.stages"), columns, rows)


def _asked(stage: str, kind: Record, boundary: Record) -> str:
    if stage in boundary.get("outside", ()):
        return "outside"
    if stage in kind.get("required", ()):
        return "required"
    return "allowed" if stage in kind.get("allowed", ()) else "beyond"


def boundary_name(c: Study) -> tuple[str, str]:
    """The boundary of the study in the method's words, Chinese and English."""
    found = c.snapshot["method"]["boundary"]["types"].get(c.model["boundary"])
    return (found["zh"], found["en"]) if found else (c.model["boundary"], c.model["boundary"])


def processes(c: Study) -> Table:
    """The processes of the model: output, what of their burdens the product bears, and why."""
    rows = [
        (
            c.named(node),
            c.quantity(node["output"], node["unit"]),
            node["site"],
            numbers.significant(_percent(node["share"]), 4),
            c.code("pcf.allocation", node["allocation"]) if node["allocation"] else c.words("pcf.allocation.none"),
        )
        for node in c.snapshot["nodes"]
    ]
    columns = (
        c.column("process_name", 34), c.column("output", 18, True), c.column("site", 14),
        c.column("share", 14, True), c.column("allocation", 20),
    )  # fmt: skip
    return without_empty(Table(c.words("pcf.table.processes"), columns, rows), c.words("col.site"))


def _percent(share: str) -> float:
    return 100 * float(share)


def links(c: Study) -> Table | None:
    """What the processes take of one another."""
    nodes = c.snapshot["nodes"]
    rows = [
        (
            c.named(nodes[link["supplier"]]),
            c.named(nodes[link["process"]]),
            c.quantity(link["amount"], nodes[link["supplier"]]["unit"]),
        )
        for link in c.snapshot["links"]
    ]
    columns = (c.column("from_process", 40), c.column("to_process", 40), c.column("amount", 20, True))
    return Table(c.words("pcf.table.links"), columns, rows) if rows else None


def exclusions(c: Study) -> Table | None:
    """What was left out, why, and how much it is thought to be."""
    rows = [
        (c.named(one["name"]), c.named(one["reason"]), c.stage(one["stage"]) if one.get("stage") else "", _size(c, one))
        for one in c.model.get("excluded", ())
    ]
    columns = (c.column("flow", 26), c.column("reason", 40), c.column("stage", 18), c.column("pcf_estimate", 16, True))
    note = c.words("pcf.left_out", percent=numbers.significant(c.results["left_out_percent"], 3))
    return Table(c.words("pcf.table.exclusions"), columns, rows, note=note) if rows else None


def _size(c: Study, one: Record) -> str:
    if one.get("percent"):
        return f"{numbers.as_stored(one['percent'])}%"
    return f"{c.kg(one['kgco2e'])} kg CO2e" if one.get("kgco2e") else ""


def rules(c: Study) -> Table:
    """The method's rules, in its words, with the clause behind each."""
    method = c.snapshot["method"]
    rows = [(c.words(f"pcf.rule.{name}"), _rule(c, method[name]), _clause(c, method[name])) for name in RULES]
    rows.append((c.words("pcf.made.allocation"), c.statement("allocation"), ""))
    columns = (c.column("rule", 18), c.column("content", 60), c.column("clause", 22))
    return Table(c.words("pcf.table.rules"), columns, rows)


def _clause(c: Study, record: Record) -> Cell:
    return c.words.pair(*footprint_told.clause(record.get("clause", "")))


def _rule(c: Study, record: Record) -> Cell:
    """A rule in the method's words, or its limits where it has none."""
    if record.get("zh"):
        return c.named(record)
    limits = []
    for name in ("single", "total"):
        if record.get(name):
            zh, en = c.both("pcf.cutoff", name)
            limits.append((f"{zh} {record[name]['value']}%", f"{en} {record[name]['value']} %"))
    return c.listed(limits) if limits else c.words("pcf.rule_none")


def parameters(c: Study) -> Table | None:
    """The numbers of the model with their sources; formulas with what they came to."""
    found = c.snapshot["parameters"]
    rows = [
        (
            c.named(one["text"]) if one.get("text") else one["name"],
            one["name"],
            one["value"] if one["value"].startswith("=") else "",
            numbers.as_stored(found[one["name"]]),
            c.unit(one.get("unit", "")),
            c.told(one.get("source")),
        )
        for one in c.model.get("parameters", ())
    ]
    columns = (
        c.column("name", 22), c.column("symbol", 16), c.column("formula", 16), c.column("value", 13, True),
        c.column("unit", 9), c.column("reference", 24),
    )  # fmt: skip
    table = Table(c.words("pcf.table.parameters"), columns, rows)
    return without_empty(table, c.words("col.formula"), c.words("col.unit")) if rows else None


def statements(c: Study) -> Table | None:
    """What the maker states for clauses that no number answers; the goal stands in a table of its own."""
    asked = c.snapshot["method"].get("statements", {})
    rows = [
        (c.named(asked[name]) if name in asked else c.code("pcf.statement", name), c.named(said))
        for name, said in c.model.get("statements", {}).items()
        if worded(said) and name not in GOAL
    ]
    columns = (c.column("clause_text", 46), c.column("stated", 54))
    return Table(c.words("pcf.table.statements"), columns, rows) if rows else None
