"""Ratios of molar masses, from lca/data/molar_masses.csv; the only numbers that no publication has to supply."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

TABLE = Path(__file__).parent.parent / "data" / "molar_masses.csv"


@lru_cache(maxsize=1)
def molar_masses() -> Mapping[str, str]:
    """Return the molar mass of each substance in g/mol as text: as the guidelines print it, else IUPAC's."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["substance"]: row["guideline"] or row["iupac"] for row in csv.DictReader(file)})


def molar_mass(substance: str) -> float:
    """Return the molar mass of ``substance`` in g/mol.

    Raises:
        KeyError: no molar mass is held for it.
    """
    return float(molar_masses()[substance])


def ratio_text(substance: str) -> str:
    """Return CO2 per ``substance`` as it is written: ``44/12`` for carbon, ``44/56`` for CaO."""
    return f"{molar_masses()['CO2']}/{molar_masses()[substance]}"


def co2_per(substance: str) -> float:
    """Return kg CO2 per kg of ``substance`` whose carbon all becomes CO2, or that was a carbonate before.

    One mole of CO2 for each mole of C, CaO, MgO, CaCO3 or MgCO3.
    """
    return molar_mass("CO2") / molar_mass(substance)
