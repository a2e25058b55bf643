"""What came out: totals, stages by kind of emission and by component, gases, what moves the result, how sure it is."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

from markupsafe import Markup

from lca import footprint_choices
from lca.footprint_tables import PARTS
from lca.greenhouse import UNSPLIT
from service.calculations import footprint_told
from service.calculations.footprints import inputs
from service.reports import numbers
from service.reports.content.context import Cell, Column, Table
from service.reports.content.pcf.context import Study
from service.reports.words import Words, table

MOST_COMPONENTS = 6  # columns that a table of stages has room for
GRAM_DECIMALS = 1  # of g CO2e/km, as makers state it
MOST = 0.8  # of all contributions, that the largest inputs make up
SHOWN = 3  # significant digits of what is itself an estimate
CHOICES = {
    "allocation": (footprint_choices.ALLOCATION,),
    "electricity": (footprint_choices.POWER, footprint_choices.GRID),
    "recycling": (footprint_choices.PRIMARY, footprint_choices.BARE),
}
"""Significant choices, as ISO 14067 asks for them, and what each is tested by."""

_DIGITS = re.compile(r"(\d+)")
_FORMULA = re.compile(r"(?:[A-Z][a-z]?[0-9]*)+")  # no trade number: HFC-134a, Halon-1211
FACE = ("fossil", "biogenic_emissions", "biogenic_removals", "luluc", "aircraft")


def totals(c: Study) -> Table:
    """The headline number and what stands beside it, never added to it."""
    r = c.results
    headline = c.snapshot["method"]["headline"]["number"]
    rows = [
        (
            c.words("pcf.total"),
            c.kg(r["total_kgco2e"]),
            c.words(f"pcf.headline.{headline}"),
        ),
        (c.words("pcf.excluding"), c.kg(r["excluding_uptake_kgco2e"]), ""),
        (c.words("pcf.including"), c.kg(r["including_uptake_kgco2e"]), ""),
        (c.words("pcf.gate"), c.kg(r["gate_kgco2e"]), c.words("pcf.in_total")),
        (c.words("pcf.scrap"), c.kg(r["scrap_burden_kgco2e"]), c.words("pcf.in_total")),
        (c.words("pcf.credits"), c.kg(r["credits_kgco2e"]), c.words("pcf.in_total")),
        *(
            (c.stage(stage), _outside(c, stage, value), c.words("pcf.outside"))
            for stage, value in r["outside_kgco2e"].items()
        ),
    ]
    columns = (c.column("item", 52), c.column("kgco2e", 20, True), c.column("remark", 28))
    return Table(c.words("pcf.table.totals", per=c.per), columns, rows)


def _outside(c: Study, stage: str, value: str) -> Cell:
    """What stands apart; a stage that holds no data is not declared, which is not nought."""
    held = {line["stage"] for line in (*c.snapshot["lines"], *c.snapshot["given"])}
    return c.kg(value) if stage in held else c.words("pcf.undeclared")


def distance(c: Study) -> Cell:
    """The footprint per kilometre in one line; '' where the result is no vehicle's."""
    found = c.results.get("per_km")
    if found is None:
        return ""
    return c.words("pcf.per_km_text", g=_grams(c, found["total_g"]), km=numbers.as_stored(found["lifetime_km"]))


def parts(c: Study) -> list[tuple[Cell, str]]:
    """The kinds of emission that every number of a footprint is split into."""
    return [(c.words(f"pcf.part.{name}"), c.kg(c.results[name])) for name in FACE]


def by_part(c: Study) -> Table:
    """Stage by kind of emission; the sum of a row is everything, uptake included."""
    grid = c.tables.by_part
    rows = [
        (
            c.stage(stage) if stage else c.words("pcf.no_stage"),
            *(c.kg(grid[stage].get(part, "0")) for part in PARTS),
            c.kg(c.results["by_stage"].get(stage, "")) or c.words("pcf.not_counted"),
        )
        for stage in c.ordered(grid)
    ]
    total = (c.words("sum"), *(c.kg(c.results[name]) for name in FACE), c.kg(c.results["total_kgco2e"]))
    columns = (
        c.column("stage", 26), *(c.column(f"part_{name}", 12, True) for name in FACE), c.column("in_total", 14, True)
    )  # fmt: skip
    return Table(c.words("pcf.table.by_part", per=c.per), columns, rows, total=total, note=c.words("sum_note"))


def per_km(c: Study) -> Table | None:
    """A vehicle per kilometre, in all and by stage; ``None`` where the result is no vehicle's."""
    found = c.results.get("per_km")
    if found is None:
        return None
    rows = [(c.stage(stage), _grams(c, found["by_stage_g"][stage])) for stage in c.ordered(found["by_stage_g"])]
    columns = (c.column("stage", 70), c.column("g_per_km", 30, True))
    note = c.words("pcf.per_km_note", km=numbers.as_stored(found["lifetime_km"]))
    total = (c.words("sum"), _grams(c, found["total_g"]))
    return Table(c.words("pcf.table.per_km"), columns, rows, total=total, note=note)


def _grams(c: Study, value: object) -> str:
    return numbers.rounded(value, c.rounding, GRAM_DECIMALS)


def by_component(c: Study) -> Table | None:
    """Components with their stages: what each part of the product brings with it."""
    values = {name: Decimal(value) for name, value in c.results["by_component"].items()}
    if len(values) < 2:
        return None
    ranked = sorted(values, key=lambda name: -abs(values[name]))
    grid = c.tables.by_component
    stages = [stage for stage in c.ordered(grid) if stage in c.results["by_stage"]]
    shown = stages if len(stages) <= MOST_COMPONENTS else []
    rows = [
        (
            c.component(name),
            *(c.kg(grid[stage][name]) if name in grid[stage] else "" for stage in shown),
            c.kg(values[name]),
            c.share(values[name]),
        )
        for name in ranked
    ]
    columns = (
        c.column("component_name", 26), *(Column(c.stage(stage), 12, is_number=True) for stage in shown),
        c.column("kgco2e", 14, True), c.column("percent", 9, True),
    )  # fmt: skip
    total = (
        c.words("sum"), *(c.kg(c.results["by_stage"][stage]) for stage in shown),
        c.kg(c.results["total_kgco2e"]), "100.0",
    )  # fmt: skip
    return Table(c.words("pcf.table.by_component", per=c.per), columns, rows, total=total)


def by_stage(c: Study) -> list[tuple[Cell, str, str]]:
    """Each stage of the total with its share, in the order of the method."""
    held = c.results["by_stage"]
    return [(c.stage(stage), c.kg(held[stage]), c.share(held[stage])) for stage in c.ordered(held)]


def by_gas(c: Study) -> Table:
    """Gases by mass with their potentials; what counts adds up to the footprint, unsplit CO2e has rows of its own."""
    rows = [
        (
            gas_name(c.words, gas.name),
            c.words(f"pcf.gas.{gas.part}"),
            "" if gas.name == UNSPLIT else numbers.significant(gas.kg, 6),
            "" if gas.name == UNSPLIT else numbers.as_stored(gas.potential),
            c.kg(gas.kgco2e),
            "" if gas.is_counted else c.words("pcf.not_counted"),
        )
        for gas in c.tables.by_gas
    ]
    columns = (
        c.column("gas", 18), c.column("kind", 24), c.column("kg", 18, True), c.column("gwp", 12, True),
        c.column("kgco2e", 16, True), c.column("remark", 12),
    )  # fmt: skip
    note = c.words("pcf.gwp_note", set=c.snapshot["method"]["gwp_set"])
    total = (c.words("pcf.gas_sum"), "", "", "", c.kg(c.results["total_kgco2e"]), "")
    return Table(c.words("pcf.table.by_gas", each=c.each), columns, rows, total=total, note=note)


def gas_name(words: Words, gas: str) -> Cell:
    """A gas as a reader writes it: CH₄ (fossil), HFC-134a; CO2e that nobody split says so."""
    if gas == UNSPLIT:
        return words("pcf.gas_unsplit")
    species, _, origin = gas.partition("_")
    pieces = _DIGITS.split(species) if _FORMULA.fullmatch(species) else [species]
    below = Markup("<sub>{}</sub>").format
    formula = Markup("").join(below(one) if at % 2 else one for at, one in enumerate(pieces))
    if not origin:
        return formula
    zh, en = table().get(f"pcf.gas_origin.{origin}", (origin, origin))
    return words.pair(formula + f"（{zh}）", formula + f" ({en})")


def sensitivity(c: Study) -> Table | None:
    """The inputs that move the result most, and what a tenth more of each does to it."""
    names = {line["group"]: line for line in reversed(c.snapshot["lines"])}
    rows = [
        (
            c.named(names[one["group"]]) if one["group"] in names else one["group"],
            c.kg(one["kgco2e"]),
            f"{_signed(one['ten_percent_more'])}%",
        )
        for one in c.results["sensitivity"]
    ]
    columns = (c.column("input", 54), c.column("kgco2e", 20, True), c.column("ten_more", 26, True))
    return Table(c.words("pcf.table.sensitivity"), columns, rows) if rows else None


def issues(c: Study) -> Cell:
    """What the footprint hangs on: its largest stage, and how few inputs make up most of it; '' of nothing at all."""
    rows = inputs(c.snapshot)
    sizes = [abs(float(row["kgco2e"])) for row in rows]  # largest first
    whole, stages = sum(sizes), c.results["by_stage"]
    if not whole or not stages:
        return ""
    reached = list(itertools.accumulate(sizes))
    count = 1 + next(at for at, size in enumerate(reached) if size >= MOST * whole)
    largest = max(stages, key=lambda stage: abs(float(stages[stage])))
    return c.words(
        "pcf.issues",
        stage=c.stage_pair(largest),
        share=c.share(stages[largest]),
        count=count,
        all=len(rows),
        part=numbers.percent(f"{reached[count - 1]:.12g}", f"{whole:.12g}"),
        input=(rows[0]["name_zh"], rows[0]["name_en"]),
    )


def completeness(c: Study) -> Cell:
    """Whether all that the boundary asks for is there, and what is left out."""
    found = next((one for one in footprint_told.checks(c.snapshot) if one["id"] == "stages-required"), None)
    return c.words(
        "pcf.completeness",
        left_out=numbers.significant(c.results["left_out_percent"], SHOWN),
        stages=(found["zh"], found["en"]) if found else c.both("not", "stated"),
    )


def choices(c: Study) -> Table:
    """What other choices of allocation, power and scrap would give; what does not arise says so."""
    total = Decimal(c.results["total_kgco2e"])
    found = {one.id: Decimal(one.total_kgco2e) for one in footprint_choices.choices(c.snapshot)}
    rows = [
        (
            c.words(f"pcf.choice_about.{about}"),
            c.words(f"pcf.choice.{name}"),
            c.kg(found[name]),
            f"{_signed(str(100 * (found[name] - total) / total))}%" if total else "",
        )
        for about, names in CHOICES.items()
        for name in names
        if name in found
    ]
    rows += [
        (c.words(f"pcf.choice_about.{about}"), c.words(f"pcf.choice_none.{about}"), "", "")
        for about, names in CHOICES.items()
        if not found.keys() & set(names)
    ]
    columns = (
        c.column("choice", 22),
        c.column("otherwise", 42),
        c.column("kgco2e", 18, True),
        c.column("change", 18, True),
    )
    return Table(c.words("pcf.table.choices"), columns, rows, note=c.words("pcf.choices_note"))


def _signed(value: str) -> str:
    shown = numbers.significant(value, SHOWN)
    return shown if shown.startswith(numbers.MINUS) else f"+{shown}"


def quality(c: Study) -> Table:
    """How much rests on primary data, the rating, and the spread."""
    r = c.results
    spread = r["uncertainty_percent"]
    rows: list[tuple[Cell, ...]] = [
        (c.words("pcf.primary_share"), f"{numbers.significant(_percent(r['primary_data_share']), SHOWN)}%"),
        (c.words("pcf.dqr"), numbers.significant(r["dqr"], SHOWN) if r["dqr"] else c.words("pcf.not_scored")),
        (c.words("pcf.dqr_share"), f"{numbers.significant(_percent(r['dqr_share']), SHOWN)}%"),
        (c.words("pcf.spread"), f"±{numbers.significant(spread, SHOWN)}%" if spread else c.words("pcf.no_spread")),
        (c.words("pcf.left_out_share"), f"{numbers.significant(r['left_out_percent'], SHOWN)}%"),
    ]
    return Table(c.words("pcf.table.data_quality"), (c.column("item", 60), c.column("value", 40)), rows)


def said(c: Study, unconfirmed: Table | None) -> Cell:
    """How far the figure can be trusted, in one line."""
    r = c.results
    spread = r["uncertainty_percent"]
    return c.words(
        "pcf.statement_quality",
        primary=f"{numbers.significant(_percent(r['primary_data_share']), SHOWN)}%",
        spread=f"±{numbers.significant(spread, SHOWN)}%" if spread else c.both("pcf", "no_spread"),
        unconfirmed=len(unconfirmed.rows) if unconfirmed else 0,
    )


def _percent(share: str) -> str:
    return str(100 * Decimal(share))
