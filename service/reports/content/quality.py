"""How far the result can be trusted: uncertainty, data quality, base year, energy."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.reports import numbers
from service.reports.content.activity import sources_of
from service.reports.content.context import Cell, Context, Table

SHOWN = 3  # significant digits of a percentage that is itself an estimate


def uncertainty_text(c: Context) -> Cell:
    """The half-width of the total's 95 % range in a sentence."""
    given = c.results["uncertainty"]
    if given["percent"] is None:
        return c.words("uncertainty_none")
    return c.words(
        "uncertainty_text",
        percent=numbers.significant(given["percent"], SHOWN),
        rank=c.both("rank", given["rank"]),
        assumed=numbers.significant(given["assumed_share_percent"] or "0", SHOWN),
    )


def uncertainty(c: Context) -> Table | None:
    """What the uncertainty is made of, the largest contribution first."""
    rows = [
        (
            c.code("component", component["kind"]),
            _component(c, component["kind"], component["id"]),
            numbers.significant(component["percent"], SHOWN),
            c.t(component["kgco2e"]),
        )
        for component in c.results["uncertainty"]["components"]
    ]
    columns = (
        c.column("kind", 16),
        c.column("component", 46),
        c.column("uncertainty", 18, True),
        c.column("contribution", 20, True),
    )
    return Table(c.words("table.uncertainty"), columns, rows) if rows else None


def _component(c: Context, kind: str, identifier: str) -> Cell:
    """The name of a factor, or of the meter or source (``SITE:METER``) that a component stands for."""
    if kind == "factor":
        record = c.snapshot["factors"].get(identifier)
        return c.words.named(record) if record else identifier
    site, _, source = identifier.partition(":")
    for calculation in c.snapshot["calculations"]:
        if calculation["site"] == site and source in (calculation["stream"]["meter"], calculation["stream_key"]):
            return c.named(calculation, source if source == calculation["stream"]["meter"] else site)
    return identifier


def quality_text(c: Context) -> Cell:
    """The data-quality score in a sentence; empty when there is nothing to score."""
    score = c.results["data_quality"]["score"]
    return c.words("quality_text", score=numbers.significant(score, SHOWN)) if score else ""


def quality(c: Context) -> Table | None:
    """Shares of the emissions by origin of the activity data and of the factor."""
    given = c.results["data_quality"]
    rows = [
        (c.words("component.activity"), c.code("quality", name), numbers.significant(share, SHOWN))
        for name, share in given["activity_shares"].items()
    ]
    rows += [
        (c.words("component.factor"), c.code("variant", name), numbers.significant(share, SHOWN))
        for name, share in given["factor_shares"].items()
    ]
    columns = (c.column("kind", 30), c.column("quality", 45), c.column("percent", 25, True))
    return Table(c.words("table.quality"), columns, rows) if rows else None


def energy(c: Context) -> Table | None:
    """Energy by source in tonnes of standard coal, calorific and equivalent; ``None`` without any."""
    given = c.results["energy"]
    entries = {entry["calculation"]: entry for entry in given["lines"]}
    rows = []
    for source in sources_of(c):
        first = source.first
        found = [entries[line] for line in source.lines if line in entries]
        if found:
            calorific = _sum([entry["tce_calorific"] for entry in found])
            equivalent = _sum([entry["tce_equivalent"] for entry in found])
            rows.append(
                (source.numbers, c.words.named(first), c.site(first["site"]), _tce(c, calorific), _tce(c, equivalent))
            )
    if not rows:
        return None
    columns = (
        c.column("no", 12),
        c.column("activity", 32),
        c.column("site", 20),
        c.column("tce_calorific", 18, True),
        c.column("tce_equivalent", 18, True),
    )
    total = (c.words("sum"), "", "", _tce(c, given["tce_calorific"]), _tce(c, given["tce_equivalent"]))
    return Table(c.words("table.energy"), columns, rows, total=total)


def _sum(values: list[str | None]) -> str | None:
    """Add stored quantities exactly; where one is not stated, neither is the sum."""
    stated = [Decimal(value) for value in values if value is not None]
    return str(sum(stated, Decimal(0))) if len(stated) == len(values) else None


def _tce(c: Context, value: str | None) -> str:
    return "—" if value is None else numbers.rounded(value, c.rounding, c.rounding.tonnes)


def energy_note(c: Context) -> Cell:
    """How electricity became standard coal, in both figures."""
    given = c.results["energy"]
    if not given["lines"]:
        return c.words("energy_none")
    rate = given["electricity_equivalent_kgce_per_kwh"]
    if rate is None:
        return c.words("energy_note_none")
    return c.words("energy_note", rate=rate, source=given["electricity_equivalent_source"] or c.both("not", "stated"))


def base_year(c: Context) -> Table | None:
    """This period beside the base year, and what has changed since; ``None`` without a base-year inventory."""
    given = c.snapshot["base_year"]
    if not given or not given["total_kgco2e"]:
        return None
    is_base = _is_base_year(c)
    rows = _base_itself(c) if is_base else _beside_base(c, given)
    test = given["test"]
    if test:
        rows.append((c.words("base_year_moved"), numbers.significant(test["percent"], SHOWN) + "%"))
        rows.append((c.words("base_year_recalculate"), c.words("yes" if test["recalculate"] else "no")))
        rows += [
            (c.code("change", change["kind"]) + f" · {change['reason']}", c.t(change["kgco2e"]))
            for change in (*test["counted"], *test["ignored"])
        ]
    earlier = given["versions"] if is_base else given["versions"][1:]
    rows += [(c.words("version") + f" {version['id']} {version['reason']}", c.t(version["total_kgco2e"]))
             for version in earlier]  # fmt: skip
    return Table(c.words("table.base_year"), (c.column("item", 66), c.column("tonnes", 34, True)), rows)


def base_year_missing(c: Context) -> Cell:
    """Why there is nothing to compare with: this is the base year, or it has no inventory."""
    return c.words("base_year_first" if _is_base_year(c) else "base_year_none")


def _is_base_year(c: Context) -> bool:
    return bool(c.snapshot["inventory"]["period"]["start"][:4] == c.snapshot["organisation"]["base_year"])


def _base_itself(c: Context) -> list[tuple[Cell, Cell]]:
    """The base year has nothing to be compared with but what it was before its recalculation."""
    return [(c.words("base_year_itself"), c.t(c.results["total_kgco2e"]))]


def _beside_base(c: Context, given: Mapping[str, Any]) -> list[tuple[Cell, Cell]]:
    return [
        (c.words("base_year_total", year=given["year"]), c.t(given["total_kgco2e"])),
        (c.words("total"), c.t(c.results["total_kgco2e"])),
        (c.words("base_year_change"), numbers.percent(_difference(c), given["total_kgco2e"]) + "%"),
    ]


def _difference(c: Context) -> Decimal:
    return Decimal(c.results["total_kgco2e"]) - Decimal(c.snapshot["base_year"]["total_kgco2e"])
