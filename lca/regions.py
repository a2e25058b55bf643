"""Regions of the United Nations (M49) in which countries lie, under the names that PACT and Catena-X take."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

CONTINENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Africa": ("Northern Africa", "Sub-Saharan Africa"),
        "Americas": ("Latin America and the Caribbean", "Northern America"),
        "Asia": ("Central Asia", "Eastern Asia", "South-eastern Asia", "Southern Asia", "Western Asia"),
        "Europe": ("Eastern Europe", "Northern Europe", "Southern Europe", "Western Europe"),
        "Oceania": ("Australia and New Zealand", "Melanesia", "Micronesia", "Polynesia"),
    }
)
"""Region -> its subregions."""

_FILE = Path(__file__).parent / "data" / "pact" / "regions.txt"


def subregion_of(country: str) -> str:
    """Return the subregion of a country (ISO 3166-1 alpha-2), '' where it lies in none."""
    return _subregions().get(country, "")


def lies_in(country: str, region: str) -> bool:
    """Tell whether a country lies in a region or subregion."""
    subregion = subregion_of(country)
    return bool(subregion) and (region == subregion or subregion in CONTINENTS.get(region, ()))


@cache
def _subregions() -> Mapping[str, str]:
    lines = (line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    named = (line.partition(":") for line in lines)
    return {code: name for name, _, codes in named for code in codes.split()}
