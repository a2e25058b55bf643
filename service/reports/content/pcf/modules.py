"""The statement by modules of EN 15804: which are declared, and the four climate indicators of each."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from factors.units import dimension, multiplier
from lca.exporters.module_table import METHOD, declared, indicators
from lca.footprint_choices import ELECTRICITY, RECYCLED
from lca.formulas.chemistry import co2_per
from lca.modules import BEYOND, MODULES, PRODUCT, Gwp, sum_of
from lca.product_lines import GATE
from lca.supplies import DELIVERY
from service.reports import numbers
from service.reports.content.context import Cell, Column, Record, Table
from service.reports.content.pcf.context import Study

GROUPS = {
    "product": PRODUCT,
    "construction": ("A4", "A5"),
    "use": MODULES[5:12],
    "end": MODULES[12:],
    "beyond": (BEYOND,),
}
INDICATORS = ("total", "fossil", "biogenic", "luluc")
GHG = "GHG"  # GWP-total without biogenic carbon dioxide
ND = "ND"
MADE = PRODUCT[2]
POWER_DIGITS = 4


def is_stated(c: Study) -> bool:
    """Is the study one by modules?"""
    return bool(c.snapshot["method"]["id"] == METHOD)


def declaration(c: Study) -> Table:
    """The table of modules: X where declared, ND where not, never nought."""
    held = declared(c.snapshot)
    rows = [
        (c.words(f"pcf.group.{group}"), c.stage(module), "X" if module in held else ND)
        for group, modules in GROUPS.items()
        for module in modules
    ]
    columns = (c.column("module_group", 30), c.column("module", 50), c.column("declared", 20))
    return Table(c.words("pcf.table.modules"), columns, rows)


def table(c: Study) -> Table:
    """GWP-total, fossil, biogenic and luluc of every module inside the system, A1 to A3 together first."""
    held = declared(c.snapshot)
    rows = []
    product = {module: held[module] for module in PRODUCT if module in held}
    if len(product) == len(PRODUCT):
        rows.append(_row(c, c.words("pcf.product_stage"), sum_of(product), _ghg(c, product)))
    rows += [_row(c, c.stage(module), held.get(module), _ghg(c, (module,))) for module in MODULES]
    total = _row(c, c.words("pcf.modules_sum"), sum_of(held), _ghg(c, [one for one in held if one != BEYOND]))
    note = c.words("pcf.modules_note") + Markup(" ") + c.words("pcf.ghg_note")
    return Table(c.words("pcf.table.gwp_modules", per=c.per), _columns(c), rows, total=total, note=note)


def beyond(c: Study) -> Table:
    """Module D, in a table of its own: nobody may add it to the others."""
    row = _row(c, c.stage(BEYOND), declared(c.snapshot).get(BEYOND), _ghg(c, (BEYOND,)))
    return Table(c.words("pcf.table.gwp_beyond", per=c.per), _columns(c), [row])


def _columns(c: Study) -> tuple[Column, ...]:
    return (c.column("module", 36), *(Column(f"GWP-{name}", 13, is_number=True) for name in (*INDICATORS, GHG)))


def _ghg(c: Study, chosen: Iterable[str]) -> str:
    """GWP-GHG of modules together: GWP-total with the biogenic carbon dioxide taken up and given off left away."""
    return c.kg(str(math.fsum(float(c.tables.without_uptake.get(module, "0")) for module in chosen)))


def _row(c: Study, name: Cell, gwp: Gwp | None, ghg: str) -> tuple[Cell, ...]:
    if gwp is None:
        return (name, *(ND for _ in INDICATORS), ND)
    shown = indicators(gwp)
    return (name, *(c.kg(shown[one]) for one in INDICATORS), ghg)


def materials(c: Study) -> Table | None:
    """What the product is made of, by the amounts of A1 that the model takes by mass; packaging apart."""
    amounts = {one["id"]: float(one["amount"]) for one in c.results["lines"]}
    held = [
        (line, amounts[line["id"]] * float(multiplier(line["unit"], "kg")))
        for line in c.snapshot["lines"]
        if _is_material(c, line)
    ]
    whole = math.fsum(mass for _, mass in held)
    ranked = sorted((one for one in held if one[1]), key=lambda one: -abs(one[1]))
    rows = [
        (
            c.named(line),
            c.words("pcf.recycled" if line["role"] == RECYCLED else "pcf.not_recycled"),
            numbers.significant(f"{mass:.12g}"),
            numbers.percent(f"{mass:.12g}", f"{whole:.12g}"),
        )
        for line, mass in ranked
    ]
    columns = (c.column("material", 46), c.column("kind", 22), c.column("kg", 18, True), c.column("percent", 14, True))
    total = (c.words("sum"), "", numbers.significant(f"{whole:.12g}"), "100.0")
    note = c.words("pcf.materials_note")
    return Table(c.words("pcf.table.materials", per=c.per), columns, rows, total=total, note=note) if rows else None


def _is_material(c: Study, line: Record) -> bool:
    """Is this matter that the product is made of? No energy, no carriage, no supply chain of a fuel, no credit."""
    supply = c.snapshot["supplies"][line["supply"]]
    is_matter = dimension(line["unit"]) == "mass" and not supply["is_upstream"] and line["bucket"] == GATE
    return line["stage"] == PRODUCT[0] and is_matter


def power(c: Study) -> Table | None:
    """The electricity of A3 with its GWP per kilowatt-hour, each supply and all together."""
    results = {one["id"]: one for one in c.results["lines"]}
    found: dict[str, tuple[float, float]] = {}
    for line in c.snapshot["lines"]:
        supply = c.snapshot["supplies"][line["supply"]]
        if line["stage"] != MADE or supply["group"] != ELECTRICITY:
            continue
        kwh, kg = found.get(line["supply"], (0.0, 0.0))
        # What brings power to its user is no power of its own.
        taken = 0.0 if supply["activity"] == DELIVERY else _kwh(results[line["id"]]["amount"], line["unit"])
        found[line["supply"]] = (kwh + taken, kg + float(results[line["id"]]["kgco2e"]))
    rows = [
        (
            c.named(c.snapshot["supplies"][name]),
            c.place(c.snapshot["supplies"][name]["region"]),
            c.snapshot["supplies"][name]["year"] or "–",
            numbers.significant(f"{kwh:.12g}") if kwh else "–",
            numbers.significant(f"{kg / kwh:.12g}", POWER_DIGITS) if kwh else "–",
        )
        for name, (kwh, kg) in found.items()
    ]
    kwh, kg = (math.fsum(one[at] for one in found.values()) for at in (0, 1))
    mean = numbers.significant(f"{kg / kwh:.12g}", POWER_DIGITS) if kwh else "–"
    total = (c.words("pcf.power_mean"), "", "", numbers.significant(f"{kwh:.12g}"), mean)
    columns = (
        c.column("supply", 34), c.column("region", 18), c.column("factor_year", 12), c.column("kwh_per_unit", 18, True),
        c.column("kg_per_kwh", 18, True),
    )  # fmt: skip
    return Table(c.words("pcf.table.power"), columns, rows, total=total) if rows else None


def _kwh(amount: str, unit: str) -> float:
    return float(amount) * float(multiplier(unit, "kWh"))


def content(c: Study) -> Table:
    """Mass and biogenic carbon of the declared unit."""
    mass = c.model["unit"].get("mass_kg")
    rows: list[tuple[Cell, ...]] = [
        (c.words("pcf.mass"), f"{numbers.as_stored(mass)} kg" if mass else c.stated("")),
        (c.words("pcf.content"), c.statement("content")),
        (c.words("pcf.packaging"), c.statement("packaging")),
        (c.words("pcf.carbon_product"), c.words("pcf.carbon_text", kg=_carbon(c), co2=_carbon(c, co2_per("C")))),
        (c.words("pcf.carbon_packaging"), c.statement("biogenic_carbon_packaging")),
        (c.words("pcf.carbon_more"), c.statement("biogenic_carbon")),
        (c.words("pcf.exemption"), c.statement("exemption")),
        (c.words("pcf.scenarios"), c.statement("scenarios")),
        (c.words("pcf.power"), c.statement("electricity")),
    ]
    return Table(c.words("pcf.table.content"), (c.column("item", 34), c.column("content", 66)), rows)


def _carbon(c: Study, times: float = 1.0) -> str:
    """The biogenic carbon of the product, or the carbon dioxide that it makes."""
    return numbers.significant(f"{times * float(c.results['carbon_biogenic_kg']):.12g}", POWER_DIGITS)
