"""A process of a life-cycle inventory database scored, as a program or a page reads it; processes found by words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factors.gwp import GwpSet
from lca.background import Background, Product
from lca.dataset import Finding
from lca.lci_score import score as compute
from lca.lci_score import scores as compute_all
from lca.linking import summary
from lca.numbers import canonical
from lca.supply_chain import tree
from service.catalogue import lci_told


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the products of a database, and how many there are in all."""

    total: int
    rows: Sequence[tuple[int, Product]]


def found(compiled: Background, words: str, after: int = 0, limit: int = 100) -> Page:
    """Return the products in whose process, name or place every word occurs, without case, from number ``after`` on."""
    wanted = words.casefold().split()
    rows = [
        (number, one)
        for number, one in enumerate(compiled.products)
        if all(word in f"{one.process} {one.process_zh} {one.name} {one.location}".casefold() for word in wanted)
    ]
    return Page(len(rows), rows[after : after + limit])


def described(compiled: Background) -> dict[str, Any]:
    """Return how large a database is and what of it is cut off."""
    content = compiled.system.database
    return {
        "processes": len(content.processes),
        "products": len(compiled.products),
        "exchanges": sum(len(process.exchanges) for process in content.processes),
        "flows": len(content.flows),
        "gases": len(compiled.gases),
        "cut_off": dict(summary(compiled.system)),
        "findings": len(compiled.findings),
    }


def findings(compiled: Background) -> list[Finding]:
    """Return everything that is odd in a database: what was found, loops that supply nothing, inputs cut off."""
    return [*compiled.findings, *lci_told.faulty(compiled), *lci_told.cut_off(compiled)]


def all_scored(compiled: Background, gwp_set: GwpSet) -> list[dict[str, Any]]:
    """Return kg CO2e of one unit of every product, from one solve; None where it has none."""
    values = compute_all(compiled, gwp_set)
    return [
        {
            "number": number,
            "process_id": one.process_id,
            "process": one.process,
            "location": one.location,
            "name": one.name,
            "unit": one.unit,
            "kgco2e": canonical(float(value)) if math.isfinite(value) else None,
        }
        for number, (one, value) in enumerate(zip(compiled.products, values, strict=True))
    ]


def scored(compiled: Background, index: int, gwp_set: GwpSet) -> dict[str, Any]:
    """Return kg CO2e of one unit of a product: by gas, by part, by process and along the supply chain.

    Of contributions and branches the remainder is kept, so that each adds up to the score.

    Raises:
        SystemSingular: as ``lca.lci_score.score``.
    """
    done, row = compute(compiled, index, gwp_set), compiled.products[index]
    return {
        "database": compiled.name,
        "version": compiled.version,
        "process_id": row.process_id,
        "name": row.process,
        "location": row.location,
        "product": row.name,
        "unit": row.unit,
        "gwp_set": gwp_set.name,
        "kgco2e": canonical(done.kgco2e),
        "by_gas_kg": _texts(done.by_gas_kg),
        "by_part": _texts(done.by_part),
        "contributions": [
            {
                "process_id": one.process_id,
                "process": one.process,
                "location": one.location,
                "kgco2e": canonical(one.kgco2e),
            }
            for one in done.contributions
        ],
        "remainder_kgco2e": canonical(done.remainder),
        "supply_chain": [
            {
                "id": one.id,
                "parent": one.parent,
                "process": compiled.products[one.product].process,
                "product": compiled.products[one.product].name,
                "amount": canonical(one.amount),
                "unit": compiled.products[one.product].unit,
                "kgco2e": canonical(one.kgco2e),
                "direct_kgco2e": canonical(one.direct_kgco2e),
                "rest_kgco2e": canonical(one.rest_kgco2e),
            }
            for one in tree(compiled, index, gwp_set)
        ],
        "warnings": [lci_told.warning(one) for one in done.warnings],
    }


def _texts(values: Mapping[str, float]) -> dict[str, str]:
    return {key: canonical(value) for key, value in values.items()}
