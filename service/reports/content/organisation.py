"""Who reports, about what: the entity, its sites, what is inside the report and what is left out."""

from __future__ import annotations

from decimal import Decimal

from service.reports import numbers
from service.reports.content.context import Cell, Context, Table

IDENTITY = ("name_zh", "name_en", "credit_code", "legal_person", "address", "industry", "contact")


def identity(c: Context) -> Table:
    """The reporting organisation's particulars; what it did not give says so."""
    organisation = c.snapshot["organisation"]
    rows: list[tuple[Cell, ...]] = [(c.words(f"id.{key}"), c.stated(organisation[key])) for key in IDENTITY]
    rows.append((c.words("period"), period(c)))
    return Table(c.words("table.identity"), (c.column("item", 28), c.column("content", 72)), rows)


def period(c: Context) -> Cell:
    """The reporting period as two days."""
    given = c.snapshot["inventory"]["period"]
    return c.words("period_text", start=given["start"], end=given["end"])


def approach(c: Context) -> Cell:
    """The consolidation approach in words."""
    return c.code("approach", c.snapshot["organisation"]["approach"])


def sites(c: Context) -> Table:
    """The sites with region and the share that counts."""
    rows = [
        (
            site["code"],
            c.words.named(site),
            site["region"],
            c.stated(site["entity"]) if site["entity"] else "",
            site["sector"],
            numbers.as_stored(site["share_percent"]),
        )
        for site in c.snapshot["sites"]
    ]
    columns = (
        c.column("code", 12),
        c.column("name", 34),
        c.column("region", 12),
        c.column("entity", 18),
        c.column("sector", 12),
        c.column("share", 12, True),
    )
    return Table(c.words("table.sites"), columns, rows)


def exclusions(c: Context) -> Table | None:
    """Categories the organisation left out, each with its reason; ``None`` when there are none."""
    rows = [
        (_category(c, exclusion["category"]), exclusion["reason"], c.t(exclusion["estimate_kgco2e"]))
        for exclusion in c.snapshot["exclusions"]
    ]
    columns = (c.column("category", 25), c.column("reason", 55), c.column("estimate", 20, True))
    return Table(c.words("table.exclusions"), columns, rows) if rows else None


def _category(c: Context, left_out: str) -> Cell:
    """The method's category that was left out or is the counterpart of it; the words of the organisation for others."""
    for category in c.snapshot["method"]["categories"]:
        counterparts = category.get("crosswalk", {}).values()
        if left_out == category["id"] or any(left_out in ids for ids in counterparts):
            return c.words.pair(category["zh"], category["en"])
    return left_out


def categories(c: Context) -> Table:
    """The reporting boundary: every category of the method, with or without data."""
    rows = [
        (
            c.words.named(category),
            category["scope"],
            category["lines"],
            c.words("included" if int(category["lines"]) else "no_data"),
        )
        for category in c.results["by_category"]
    ]
    columns = (c.column("category", 52), c.column("scope", 10), c.column("lines", 14, True), c.column("status", 24))
    return Table(c.words("iso.h.reporting"), columns, rows)


def products(c: Context) -> Table | None:
    """What the sites made in the period, the months of a product added up."""
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for product in c.snapshot["products"]:
        key = (product["name_zh"], product["name_en"], product["site"], product["unit"])
        total = sums.setdefault(key, [Decimal(0), Decimal(0)])
        total[0] += Decimal(product["amount"])
        total[1] += numbers.number(product["value_added_cny"]) or Decimal(0)
    rows = [
        (c.words.pair(zh, en), c.site(site), numbers.grouped(amount), c.unit(unit), _ten_thousands(added))
        for (zh, en, site, unit), (amount, added) in sums.items()
    ]
    columns = (
        c.column("product", 34),
        c.column("site", 26),
        c.column("output", 16, True),
        c.column("unit", 8),
        c.column("value_added", 16, True),
    )
    return Table(c.words("table.products"), columns, rows) if rows else None


def _ten_thousands(cny: Decimal) -> str:
    return numbers.grouped((cny / 10_000).normalize()) if cny else ""


def intensities(c: Context) -> Table | None:
    """Emissions per unit of output and of value added."""
    rows = []
    for entry in c.results["intensities"]:
        kind, _, code = str(entry["of"]).partition(":")
        name = c.site(code) if kind == "site" else c.words("col.value_added")
        amount = numbers.as_stored(entry["amount"])
        rows.append((name, amount, c.unit(entry["unit"]), numbers.significant(entry["kgco2e_per_unit"], 6)))
    columns = (
        c.column("item", 44),
        c.column("output", 18, True),
        c.column("unit", 14),
        c.column("intensity", 24, True),
    )
    return Table(c.words("table.intensities"), columns, rows) if rows else None
