"""The published records as plain data, in lists and one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from factors import search
from factors.library import Library
from factors.records import Factor


def found(library: Library, words: str, limit: int) -> list[dict[str, Any]]:
    """Return the records that answer a search, the best first."""
    return [shown(factor, library) for factor in search.search(library, words, limit)]


def shown(factor: Factor, library: Library) -> dict[str, Any]:
    """Return a record as a list shows it."""
    return {
        "id": factor.id,
        "name_zh": factor.name_zh,
        "name_en": factor.name_en,
        "category": factor.category,
        "value": factor.value,
        "unit": factor.unit,
        "gas": factor.gas,
        "year": factor.year,
        "region": factor.region,
        "source": title_of(factor, library),
        "usable": factor.usable,
        "refusal": factor.refusal,
    }


def detailed(library: Library, identifier: str) -> dict[str, Any]:
    """Return a record with everything that is known of it, its publication and its other years.

    Raises:
        UnknownFactor: the library has no such record.
    """
    history = search.history(library, identifier)
    factor = library.factors[identifier]
    source, licence = library.sources[factor.source], library.licences[factor.licence]
    return {
        **shown(factor, library),
        "valid_from": factor.valid_from.isoformat(),
        "valid_to": factor.valid_to.isoformat() if factor.valid_to else "",
        "page": factor.page,
        "publisher": source.publisher,
        "document": source.document,
        "source_zh": source.title_zh,
        "licence": licence.name,
        "licence_zh": licence.name_zh,
        "attribution": licence.attribution,
        "confidence": factor.confidence,
        "uncertainty_percent": factor.uncertainty_percent,
        "gwp_set": factor.gwp_set,
        "parameter_set": factor.parameter_set,
        "note": factor.note,
        "history": [_other(other, library) for other in history if other.id != factor.id],
    }


def _other(factor: Factor, library: Library) -> Mapping[str, Any]:
    kept = ("id", "value", "unit", "year", "source", "refusal")
    return {name: value for name, value in shown(factor, library).items() if name in kept}


def title_of(factor: Factor, library: Library) -> str:
    """Return the title of the publication, or what an own factor says of its source."""
    source = library.sources.get(factor.source)
    return source.title if source else factor.source
