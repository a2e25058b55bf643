"""The statement by modules of EN 15804: which are declared, and the four climate indicators of each."""

from __future__ import annotations

from lca.exporters.module_table import declared, indicators
from lca.modules import BEYOND, MODULES, PRODUCT, Gwp, sum_of
from service.reports.content.context import Cell, Column, Table
from service.reports.content.pcf.context import Study

GROUPS = {
    "product": PRODUCT,
    "construction": ("A4", "A5"),
    "use": MODULES[5:12],
    "end": MODULES[12:],
    "beyond": (BEYOND,),
}
INDICATORS = ("total", "fossil", "biogenic", "luluc")
ND = "ND"


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
        rows.append(_row(c, c.words("pcf.product_stage"), sum_of(product)))
    rows += [_row(c, c.stage(module), held.get(module)) for module in MODULES]
    total = _row(c, c.words("pcf.modules_sum"), sum_of(held))
    note = c.words("pcf.modules_note")
    return Table(c.words("pcf.table.gwp_modules", per=c.per), _columns(c), rows, total=total, note=note)


def beyond(c: Study) -> Table:
    """Module D, in a table of its own: nobody may add it to the others."""
    row = _row(c, c.stage(BEYOND), declared(c.snapshot).get(BEYOND))
    return Table(c.words("pcf.table.gwp_beyond", per=c.per), _columns(c), [row])


def _columns(c: Study) -> tuple[Column, ...]:
    return (c.column("module", 40), *(Column(f"GWP-{name}", 15, is_number=True) for name in INDICATORS))


def _row(c: Study, name: Cell, gwp: Gwp | None) -> tuple[Cell, ...]:
    if gwp is None:
        return (name, *(ND for _ in INDICATORS))
    shown = indicators(gwp)
    return (name, *(c.kg(shown[one]) for one in INDICATORS))


def content(c: Study) -> Table:
    """Mass and biogenic carbon of the declared unit."""
    mass = c.model["unit"].get("mass_kg")
    rows: list[tuple[Cell, ...]] = [
        (c.words("pcf.mass"), f"{mass} kg" if mass else c.stated("")),
        (c.words("pcf.carbon_product"), f"{c.results['carbon_biogenic_kg']} kg C"),
        (c.words("pcf.carbon_packaging"), c.statement("biogenic_carbon")),
        (c.words("pcf.exemption"), c.statement("exemption")),
        (c.words("pcf.scenarios"), c.statement("scenarios")),
        (c.words("pcf.power"), c.statement("electricity")),
    ]
    return Table(c.words("pcf.table.content"), (c.column("item", 34), c.column("content", 66)), rows)
