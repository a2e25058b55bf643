"""Footprints held against the inventory of the same site and period: do the products account for what the site used?

For a site and an activity of scope 1 or 2, with output n_p of product p in the period:

    explained = sum over products of (amount of the product's own-site lines per unit) * n_p

in the unit of the inventory's activity data, and the same in kg CO2e. What is left over are products that nobody
studied, stock, by-products, or mistakes; a remainder below zero says that products claim more than was used.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factors.errors import FactorsError
from factors.units import multiplier
from lca.footprint import summed
from lca.numbers import canonical
from lca.supplies import GRID

Record = Mapping[str, Any]

OWN_SCOPES = ("1", "2")


@dataclass(frozen=True, slots=True)
class Studied:
    """A frozen footprint and how many of its units were made in the period."""

    snapshot: Record
    output: float


def reconcile(inventory: Record, studied: Sequence[Studied]) -> dict[str, Any]:
    """Return, for every site of an inventory, what the studied products explain of its scopes 1 and 2."""
    rows = _used(inventory)
    explained, emitted, beyond = _explained(rows, studied)
    sites = {}
    for site in sorted({site for site, _ in rows}):
        mine = {activity: row for (where, activity), row in rows.items() if where == site}
        whole = math.fsum(row["kgco2e"] for row in mine.values())
        part = math.fsum(emitted[(site, activity)] for activity in mine)
        sites[site] = {
            "scope_1_2_kgco2e": canonical(whole),
            "explained_kgco2e": canonical(part),
            "remainder_kgco2e": canonical(whole - part),
            "activities": [_row(activity, row, explained[(site, activity)]) for activity, row in sorted(mine.items())],
        }
    return {"sites": sites, "not_in_inventory": beyond, "products": [_product(one) for one in studied]}


def _used(inventory: Record) -> dict[tuple[str, str], dict[str, Any]]:
    """Return amount and kg CO2e (location-based) of every activity of scopes 1 and 2, by site."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in inventory["results"]["lines"]:
        if not line["included"] or line["scope"] not in OWN_SCOPES or line["id"].startswith("I"):
            continue
        row = found.setdefault(
            (line["site"], line["activity"]),
            {"amount": 0.0, "unit": line["unit"], "kgco2e": 0.0, "zh": line["name_zh"], "en": line["name_en"]},
        )
        row["amount"] += float(line["amount"]) * float(multiplier(line["unit"], row["unit"]))
        row["kgco2e"] += float(line["kgco2e_location"])
    return found


def _explained(
    rows: Mapping[tuple[str, str], Mapping[str, Any]], studied: Sequence[Studied]
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float], list[dict[str, str]]]:
    """Return amounts and kg CO2e that the products account for, and own-site lines that the inventory has not."""
    amounts: dict[tuple[str, str], float] = defaultdict(float)
    emitted: dict[tuple[str, str], float] = defaultdict(float)
    beyond = []
    for one in studied:
        for site, activity, amount, unit, line in _own_lines(one):
            row = rows.get((site, activity))
            scale = None if row is None else _scale(unit, row["unit"])
            if row is None or scale is None:
                beyond.append(
                    {"product": one.snapshot["model"]["id"], "line": line, "activity": activity, "site": site}
                )
                continue
            amounts[(site, activity)] += amount * scale
            # By the inventory's own factor: what differs is what was used, not what it weighs.
            emitted[(site, activity)] += amount * scale * (row["kgco2e"] / row["amount"] if row["amount"] else 0.0)
    return amounts, emitted, beyond


def _own_lines(one: Studied) -> Iterator[tuple[str, str, float, str, str]]:
    """Yield site, activity, amount for all output, unit and id of every line of a site of the maker's own."""
    snapshot = one.snapshot
    found = summed(snapshot)
    per_unit = one.output / float(snapshot["model"]["unit"]["amount"])
    for line, amount in zip(snapshot["lines"], found.amounts[: len(snapshot["lines"])], strict=True):
        supply = snapshot["supplies"][line["supply"]]
        site = snapshot["nodes"][line["process"]]["site"]
        if site and supply["activity"] and not supply["is_upstream"]:
            # What a certificate covers is bought from the grid like the rest: the same row of the inventory.
            activity = GRID if line.get("certificate") else supply["activity"]
            yield site, activity, float(amount) * per_unit, line["unit"], line["id"]


def _scale(unit: str, wanted: str) -> float | None:
    try:
        return float(multiplier(unit, wanted))
    except FactorsError:
        return None


def _row(activity: str, row: Mapping[str, Any], explained: float) -> dict[str, str]:
    share = 100 * explained / row["amount"] if row["amount"] else 0.0
    return {
        "activity": activity,
        "name_zh": row["zh"],
        "name_en": row["en"],
        "unit": row["unit"],
        "used": canonical(row["amount"]),
        "explained": canonical(explained),
        "explained_percent": canonical(share),
    }


def _product(one: Studied) -> dict[str, str]:
    unit = one.snapshot["model"]["unit"]
    return {
        "product": one.snapshot["model"]["id"],
        "footprint": one.snapshot["footprint"]["id"],
        "output": canonical(one.output),
        "unit": unit["unit"],
    }
