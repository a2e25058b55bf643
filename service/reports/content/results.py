"""What the inventory says: totals, categories, gases, sites, the two views of scope 2, the cross-walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from service.reports import numbers
from service.reports.content.context import VIEWS, Cell, Context, Record, Table

FAMILIES = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3", "CO2e")


def family(gas: str) -> str:
    """Return the family a gas is reported in: HFC-32 and the blend R-410A under HFCs, CF4 under PFCs."""
    if gas in ("CO2", "N2O", "SF6", "NF3", "CO2e"):
        return gas
    if gas.startswith("CH4"):
        return "CH4"
    if gas.startswith(("HFC", "R-4", "R-5")):
        return "HFCs"
    if gas.startswith(("PFC", "CF4", "C2F6", "C3F8", "c-C")):
        return "PFCs"
    return "other"


def totals(c: Context) -> Table:
    """The total under the three structures; the reported one is marked."""
    rows = []
    for view in VIEWS:
        key = "reported_view" if view == c.headline else "view_alone"
        rows.append((c.words(key, view=c.both("view", view)), c.t(c.results[f"total_{view}_kgco2e"])))
    return Table(c.words("table.totals"), (c.column("item", 60), c.column("tonnes", 40, True)), rows)


def by_scope(c: Context) -> Table:
    """Scope 1, 2 and 3, location-based and market-based."""
    by_view = c.results["by_scope"]
    rows = [
        (c.words("scope_number", scope=scope), c.t(by_view["location"][scope]), c.t(by_view["market"][scope]))
        for scope in by_view["location"]
    ]
    total = (c.words("sum"), c.t(c.results["total_location_kgco2e"]), c.t(c.results["total_market_kgco2e"]))
    columns = (c.column("scope", 40), c.column("location", 30, True), c.column("market", 30, True))
    return Table(c.words("table.by_scope"), columns, rows, total=total, note=c.words("sum_note"))


def by_category(c: Context, caption: str = "table.by_category") -> Table:
    """Emissions by category of the method with shares of the reported total."""
    total = c.results["total_kgco2e"]
    rows = [
        (
            c.words.named(category),
            category["scope"],
            c.t(category["kgco2e"]),
            numbers.percent(category["kgco2e"], total),
        )
        for category in _with_lines(c)
    ]
    columns = (
        c.column("category", 50),
        c.column("scope", 10),
        c.column("tonnes", 24, True),
        c.column("percent", 16, True),
    )
    return Table(c.words(caption), columns, rows, total=_total(c), note=c.words("sum_note"))


def _total(c: Context) -> tuple[Cell, ...]:
    return (c.words("sum"), "", c.t(c.results["total_kgco2e"]), "100.0")


def by_gas(c: Context, *, direct: bool) -> Table:
    """Masses by gas with their CO2 equivalents, in families; ``direct`` keeps to category 1.

    Every family of the standard has a row, with a nought where nothing was emitted.
    """
    masses = _families(c.results["direct_by_gas_kg" if direct else "by_gas_kg"])
    weighted = _families(_direct_weighted(c) if direct else c.results["by_gas_kgco2e"])
    rows = []
    for name in (*FAMILIES, *(["other"] if "other" in masses else [])):
        if name == "CO2e" and name not in masses:
            continue
        mass = "" if name == "CO2e" else numbers.significant(masses.get(name, Decimal(0)) / 1000, 6)
        rows.append((c.words(f"gas.{name}"), mass, c.t(weighted.get(name, Decimal(0)))))
    columns = (c.column("gas", 50), c.column("mass", 24, True), c.column("tonnes", 26, True))
    caption = "iso.table.direct" if direct else "table.by_gas"
    total = (c.words("sum"), "", c.t(sum(weighted.values(), Decimal(0))))
    return Table(c.words(caption), columns, rows, total=total)


def _families(by_gas: Mapping[str, object]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for gas, kilograms in by_gas.items():
        sums[family(gas)] += Decimal(str(kilograms))
    return dict(sums)


def _direct_weighted(c: Context) -> dict[str, Decimal]:
    """Weight the direct masses; a gas has one weight in a view, so mass times weight adds up."""
    weights: dict[str, Decimal] = {}
    for calculation in c.snapshot["calculations"]:
        record = calculation["views"][c.headline]
        if record["included"] and record["scope"] == "1":
            weights.update({gas: Decimal(weight) for gas, weight in record["weights"].items()})
    return {gas: Decimal(kg) * weights.get(gas, Decimal(1)) for gas, kg in c.results["direct_by_gas_kg"].items()}


def indirect(c: Context) -> Table:
    """Indirect emissions by category: all but the direct ones."""
    rows = [
        (c.words.named(category), category["scope"], c.t(category["kgco2e"]))
        for category in _with_lines(c)
        if category["scope"] != "1"
    ]
    columns = (c.column("category", 60), c.column("scope", 12), c.column("tonnes", 28, True))
    return Table(c.words("iso.table.indirect"), columns, rows)


def by_site(c: Context) -> Table:
    """Emissions by site."""
    total = c.results["total_kgco2e"]
    rows = [
        (c.site(code), c.t(kilograms), numbers.percent(kilograms, total))
        for code, kilograms in c.results["by_site"].items()
    ]
    columns = (c.column("site", 56), c.column("tonnes", 26, True), c.column("percent", 18, True))
    return Table(c.words("table.by_site"), columns, rows, total=(c.words("sum"), c.t(total), "100.0"))


def by_process(c: Context) -> Table | None:
    """Emissions by process line; ``None`` when no datum names one."""
    lines = {line["id"]: line for line in c.results["lines"]}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for calculation in c.snapshot["calculations"]:
        if calculation["id"] in lines:
            sums[calculation["stream"]["process_line"]] += Decimal(lines[calculation["id"]]["kgco2e"])
    if not any(sums):
        return None
    rows = [(name or c.words("not.stated"), c.t(kilograms)) for name, kilograms in sorted(sums.items())]
    return Table(c.words("cn.table.process"), (c.column("process", 60), c.column("tonnes", 40, True)), rows)


def scope2(c: Context) -> Table:
    """Scope 2 by source, location-based beside market-based."""
    rows = []
    for calculation in c.snapshot["calculations"]:
        views = calculation["views"]
        if not any(views[view]["included"] and views[view]["scope"] == "2" for view in ("location", "market")):
            continue
        line = next((line for line in c.results["lines"] if line["id"] == calculation["id"]), None)
        if line:
            rows.append(
                (
                    calculation["id"],
                    c.words.named(calculation),
                    c.site(calculation["site"]),
                    c.t(line["kgco2e_location"]),
                    c.t(line["kgco2e_market"]),
                )
            )
    columns = (
        c.column("no", 9),
        c.column("activity", 33),
        c.column("site", 20),
        c.column("location", 19, True),
        c.column("market", 19, True),
    )
    results = c.results
    total = (c.words("sum"), "", "", c.t(results["scope2_location_kgco2e"]), c.t(results["scope2_market_kgco2e"]))
    return Table(c.words("table.scope2"), columns, rows, total=total)


def crosswalk(c: Context) -> Table:
    """Each category of the method beside ISO 14064-1, the GHG Protocol and GB/T 32150, by the method's own map."""
    maps = {category["id"]: category.get("crosswalk", {}) for category in c.snapshot["method"]["categories"]}
    rows = [
        (
            c.words.named(category),
            ", ".join(maps[category["id"]].get("iso", ())) or _own(c, category, "iso"),
            _scopes(c, maps[category["id"]].get("ghgp", ())) or _own(c, category, "ghgp"),
            c.codes("gbt", maps[category["id"]].get("gbt", ())) or _own(c, category, "cn"),
            c.t(category["kgco2e"]),
        )
        for category in _with_lines(c)
    ]
    columns = (
        c.column("this_method", 36),
        c.column("iso", 13),
        c.column("ghgp", 17),
        c.column("gbt", 17),
        c.column("tonnes", 17, True),
    )
    total = (c.words("sum"), "", "", "", c.t(c.results["total_kgco2e"]))
    return Table(c.words("table.crosswalk"), columns, rows, total=total)


def _own(c: Context, category: Record, structure: str) -> Cell:
    """A structure needs no map onto itself; where another has no counterpart it counts nothing."""
    is_own = str(c.snapshot["method"]["id"]).startswith(f"inventory.{structure}")
    if is_own:
        return str(category["id"]) if structure == "iso" else c.words("same_structure")
    return c.words("not_counted")


def _scopes(c: Context, identifiers: Iterable[str]) -> Cell:
    """GHG Protocol places such as ``s1.mobile`` or ``s3.4`` as scope and category."""
    shown = []
    for identifier in identifiers:
        scope, _, rest = identifier.partition(".")
        zh, en = c.both("ghgp_scope", scope.removeprefix("s"))
        more = c.both("ghgp", "category") if rest.isdigit() else ("", "")
        shown.append((zh + more[0].format(number=rest), en + more[1].format(number=rest)))
    return c.listed(shown)


def _with_lines(c: Context) -> list[Record]:
    """The categories that hold a line; an empty one stands in the reporting boundary, not among the results."""
    return [category for category in c.results["by_category"] if int(category["lines"])]


def biogenic(c: Context) -> Cell:
    """The sentence on biogenic CO2, which enters no total."""
    kilograms = c.results["biogenic_co2_kg"]
    if Decimal(kilograms) == 0:
        return c.words("no_biogenic")
    return c.words("biogenic", tonnes=c.t(kilograms))


def ozone_gases(c: Context) -> Cell:
    """The sentence on gases of the Montreal Protocol, '' without any."""
    masses = c.results["ozone_gases_kg"]
    told = ", ".join(f"{gas} {numbers.as_stored(kg)} kg" for gas, kg in masses.items())
    return c.words("ozone_gases", masses=told) if masses else ""
