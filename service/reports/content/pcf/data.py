"""What went in: every input with its amount, factor and source, suppliers' footprints, power, quality, citations."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from factors.geographies import shipped
from factors.library import Source, load
from lca.supplies import NOT_ADMITTED
from service.calculations import footprint_told
from service.calculations.footprints import inputs
from service.reports import numbers
from service.reports.content.context import ROWS_SHOWN, Cell, Record, Table
from service.reports.content.pcf.context import Study

ELECTRICITY = "electricity"
NOTHING = "–"
SCORES = ("technology", "geography", "time")


def lines(c: Study) -> Table:
    """Every input by stage, the largest first: amount, factor, kg CO2e, and where the factor comes from."""
    found = inputs(c.snapshot)
    cited = _numbered(c)
    kept = found[: ROWS_SHOWN - len(c.results["by_stage"]) - 2]
    rows: list[tuple[Cell, ...]] = []
    for stage in c.ordered({row["stage"] for row in kept}):
        rows.append(_heading(c, stage))
        rows += [_line(c, row, cited) for row in kept if row["stage"] == stage]
    rows += _rest(c, found[len(kept) :])
    columns = (
        c.column("input", 32), c.column("amount", 16, True), c.column("factor", 22, True),
        c.column("kgco2e", 13, True), c.column("percent", 9, True), c.column("ref", 10),
    )  # fmt: skip
    return Table(c.words("pcf.table.inputs"), columns, rows, note=c.words("pcf.inputs_note"))


def _heading(c: Study, stage: str) -> tuple[Cell, ...]:
    name = c.stage(stage) if stage else c.words("pcf.no_stage")
    whole = c.results["by_stage"].get(stage, "")
    bold = Markup("<strong>{}</strong>").format
    return (bold(name), "", "", bold(c.kg(whole)), bold(c.share(whole)), "")


def _line(c: Study, row: Record, cited: dict[tuple[str, str, str], int]) -> tuple[Cell, ...]:
    factor = c.factor(row["factor"], row["factor_unit"]) if row["factor"] else c.said(row["kind"])
    return (
        _name(c, (row["name_zh"], row["name_en"]), row["component"]),
        c.quantity(row["amount"], row["unit"]),
        factor,
        c.kg(row["kgco2e"]),
        c.share(row["kgco2e"]),
        _reference(row, cited),
    )


def _name(c: Study, name: tuple[str, str], component: str) -> Cell:
    """An input with the component it goes into: a plant takes power in every shop."""
    pairs = zip(name, c.component_pair(component), strict=True)
    return c.words.pair(*(one if one == of or not of else f"{one} · {of}" for one, of in pairs))


def origins(c: Study) -> Table:
    """Where each input comes from: document, period and place of its amount and of its factor, and its scores."""
    by_id = {one["id"]: one for one in (*c.snapshot["lines"], *c.snapshot["given"])}
    found = inputs(c.snapshot)
    cited = _numbered(c)
    order = c.ordered({row["stage"] for row in found})
    rows = [
        (
            _name(c, (row["name_zh"], row["name_en"]), row["component"]),
            c.stage(row["stage"]) if row["stage"] else c.words("pcf.no_stage"),
            c.words("pcf.primary" if row["is_primary"] else "pcf.secondary"),
            c.stated(by_id[row["id"]]["evidence"]),
            _supply(c, by_id[row["id"]], cited.get((row["publisher"], row["source"], row["year"]))),
            row["year"] or NOTHING,
            c.place(row["region"]) if row["region"] else NOTHING,
            _matched(c, row["variants"]),
            " / ".join(str(score or NOTHING) for score in by_id[row["id"]].get("quality", (0, 0, 0))),
            _spread(by_id[row["id"]].get("uncertainty_percent")),
        )
        for stage in order
        for row in found
        if row["stage"] == stage
    ]
    columns = (
        c.column("input", 18), c.column("stage", 11), c.column("nature", 7), c.column("amount_document", 18),
        c.column("factor_supply", 17), c.column("factor_year", 6), c.column("factor_region", 11),
        c.column("variant", 10), c.column("scores", 8, True), c.column("spread", 8, True),
    )  # fmt: skip
    note = c.words(
        "pcf.origins_note", start=c.model["start"], end=c.model["end"], region=shipped().titles(c.model["region"])
    )
    return Table(c.words("pcf.table.origins"), columns, rows, note=note, landscape=True)


def _supply(c: Study, line: Record, number: int | None) -> Cell:
    """What supplies a line, with the number of its source; what the maker emits himself has no factor."""
    if "supply" not in line:
        return c.said("own")
    return c.named(c.snapshot["supplies"][line["supply"]], f" [{number}]" if number else "")


def _matched(c: Study, variants: Sequence[str]) -> Cell:
    told = [variant for variant in variants if variant != "exact"] or variants
    kinds = {NOT_ADMITTED: "pcf.variant"}
    return c.listed(c.both(kinds.get(one, "variant"), one) for one in told) or NOTHING


def _spread(percent: str | None) -> str:
    return f"±{numbers.as_stored(percent)}%" if percent else NOTHING


def _rest(c: Study, rows: Sequence[Record]) -> list[tuple[Cell, ...]]:
    if not rows:
        return []
    whole = sum(float(row["kgco2e"]) for row in rows)
    return [(c.words("lines_left_out", count=len(rows)), "", "", c.kg(f"{whole:.12g}"), c.share(whole), "")]


def _reference(row: Record, cited: dict[tuple[str, str, str], int]) -> str:
    number = cited.get((row["publisher"], row["source"], row["year"]))
    mark = "P" if row["is_primary"] else "S"
    return f"{mark} [{number}]" if number else mark


def quality(c: Study) -> Table | None:
    """The scores of inputs that carry any, with what each weighs."""
    results = {one["id"]: one for one in c.results["lines"]}
    rows = [
        (
            c.named(line),
            *(str(score or NOTHING) for score in line["quality"]),
            _spread(line["uncertainty_percent"]),
            c.stated(line["evidence"]),
            c.share(results[line["id"]]["kgco2e"]),
        )
        for line in c.snapshot["lines"]
        if any(line["quality"]) or line["uncertainty_percent"] or line["is_primary"]
    ]
    columns = (
        c.column("input", 26), *(c.column(name, 9, True) for name in SCORES), c.column("spread", 11, True),
        c.column("document", 26), c.column("percent", 10, True),
    )  # fmt: skip
    return Table(c.words("pcf.table.quality"), columns, rows[:ROWS_SHOWN]) if rows else None


def suppliers(c: Study) -> Table | None:
    """The footprints that suppliers stated, with scope, method, period and proof."""
    rows = [
        (
            c.named(one["name"]),
            c.stated(one.get("supplier")),
            c.factor(one["kgco2e"], f"kg CO2e/{one['unit']}"),
            c.stated(one.get("method")),
            c.stated(one.get("period_end")),
            c.words("pcf.verified" if one.get("is_verified") else "pcf.not_verified"),
            c.stated(one.get("statement")),
        )
        for one in c.model.get("suppliers", ())
    ]
    columns = (
        c.column("product", 20), c.column("supplier", 12), c.column("pcf_value", 13, True), c.column("by_method", 11),
        c.column("until", 10), c.column("assurance", 9), c.column("document", 25),
    )  # fmt: skip
    return Table(c.words("pcf.table.suppliers"), columns, rows) if rows else None


def electricity(c: Study) -> Table | None:
    """Power by what supplies it: grid, own plant or contract, with factor and share of the footprint."""
    results = {one["id"]: one for one in c.results["lines"]}
    rows = []
    for line in c.snapshot["lines"]:
        supply = c.snapshot["supplies"][line["supply"]]
        if supply["group"] == ELECTRICITY:
            rows.append(
                (
                    _name(c, (line["zh"], line["en"] or line["zh"]), line["component"]),
                    c.named(supply),
                    c.quantity(results[line["id"]]["amount"], line["unit"]),
                    c.factor(supply["factor"], supply["factor_unit"]),
                    Markup("{} {}").format(c.place(supply["region"]), supply["year"]),
                    c.kg(results[line["id"]]["kgco2e"]),
                )
            )
    columns = (
        c.column("input", 22), c.column("supply", 18), c.column("amount", 14, True), c.column("factor", 19, True),
        c.column("region_year", 15), c.column("kgco2e", 12, True),
    )  # fmt: skip
    return Table(c.words("pcf.table.electricity"), columns, rows) if rows else None


def certificates(c: Study) -> Table | None:
    """What is drawn under certificates: kWh per unit and of all that was made, whether checked, and with grid power."""
    drawn = {one["certificate"]: one for one in c.results.get("certified_power", ())}
    rows = [
        (
            one["certificate"],
            Markup(", ").join(
                Markup("{} {}").format(held["technology"], c.place(held["region"]))
                for held in one.get("instruments", ())
            ),
            numbers.significant(drawn[one["certificate"]]["kwh_per_unit"]),
            numbers.significant(drawn[one["certificate"]]["kwh"] or ""),
            c.words("pcf.checked" if one["is_checked"] else "pcf.not_checked"),
        )
        for one in c.snapshot.get("certificates", ())
    ]
    columns = (
        c.column("certificate", 30), c.column("technology", 20), c.column("kwh_per_unit", 16, True),
        c.column("kwh", 16, True), c.column("outcome", 18),
    )  # fmt: skip
    note = c.words("pcf.by_grid", kg=c.kg(c.results["by_grid_kgco2e"])) if "by_grid_kgco2e" in c.results else ""
    return Table(c.words("pcf.table.certificates"), columns, rows, note=note) if rows else None


def sources(c: Study) -> list[Cell]:
    """Every source of a factor, once, in the order of its number."""
    licences = {
        (one["publisher"], one["source"], one["year"]): one["licence"] for one in c.snapshot["supplies"].values()
    }
    return [_cited(c, source, licences[source]) for source in _numbered(c)]


def _cited(c: Study, source: tuple[str, str, str], licence: str) -> Cell:
    """A source as a reader cites it: the snapshot's words, with the library's Chinese title where it still knows it."""
    publisher, title, year = source
    held = _published().get((publisher, title))
    known = load().licences.get(licence)
    parts: list[tuple[object, object]] = [(publisher, publisher)]
    parts.append((held.title_zh or title, title) if held else footprint_told.given(title))
    parts += [(year, year), (held.document, held.document if held.document not in title else "") if held else ("", "")]
    zh, en = (". ".join(str(part[at]) for part in parts if part[at]) for at in (0, 1))
    if not licence:
        return c.words.pair(zh, en)
    terms = (known.name_zh or known.name, known.name) if known else (licence, licence)
    return c.words.pair(f"{zh} [{terms[0]}]", f"{en} [{terms[1]}]")


def _published() -> dict[tuple[str, str], Source]:
    return {(one.publisher, one.title): one for one in load().sources.values()}


def _numbered(c: Study) -> dict[tuple[str, str, str], int]:
    """The sources that lines rest on, numbered by the weight of the first line that names them."""
    found: dict[tuple[str, str, str], int] = {}
    for row in inputs(c.snapshot):
        key = (row["publisher"], row["source"], row["year"])
        if row["kind"] != "own" and any(key):
            found.setdefault(key, len(found) + 1)
    return found
