"""Which elementary flows are greenhouse gases: by name, CAS number or alias; what only looks like one is named.

A flow answers with its gas, as ``factors.gwp`` calls it, and the part of a footprint that it belongs to: fossil,
biogenic, removal, land use, aircraft. Emissions count into air alone. ``data/greenhouse_flows.csv`` holds the names
of the databases (``Methane, tetrafluoro-, CFC-14`` is CF4), ``data/greenhouse_gases.csv`` the CAS numbers.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from factors.errors import UnknownGas
from factors.gwp import GwpSet
from lca.dataset import Flow

DATA = Path(__file__).parent / "data"

FOSSIL, BIOGENIC, REMOVAL, LAND_USE, AIRCRAFT = "fossil", "biogenic", "removal", "land_use", "aircraft"
PARTS = (FOSSIL, BIOGENIC, REMOVAL, LAND_USE, AIRCRAFT)

UNSPLIT = "CO2e"
"""What a publisher printed as CO2e without its gases: weighted already, with the potentials that the publisher took."""

_TAKEN_UP = {"removal": REMOVAL, "land_use_removal": LAND_USE}
"""Parts of flows that leave the air: their masses count negative."""

_BRACKETS = re.compile(r"\s*\[[^\]]*\]\s*$")
_NOT_AIR = re.compile(r"water|ocean|river|lake|ground|soil|waste|resource|sea", re.IGNORECASE)
_RESOURCE = re.compile(r"resource|in air|natural", re.IGNORECASE)
_HIGH = re.compile(r"stratosphere", re.IGNORECASE)
_SUSPECT = re.compile(
    r"\b(?:hcfc|hfc|cfc|pfc|hfe|hfo|halon)s?\b|perfluor|fluorocarbon|fluoro(?:meth|eth|prop)ane|carbon dioxide|\bco2\b"
    r"|\bmethane\b|nitrous oxide|dinitrogen monoxide|(?:sulph?ur|nitrogen) (?:hexa|tri)?fluoride",
    re.IGNORECASE,
)
_INNOCENT = re.compile(r"non-methane|other than methane|nmvoc|tnmoc|in ground|\(in mj\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GasFlow:
    """The gas of a flow and its part; ``sign`` is -1 for what is taken out of the air."""

    gas: str
    part: str
    sign: int = 1

    @property
    def key(self) -> str:
        """Return what a unit impact is kept under: 'CO2/fossil'."""
        return f"{self.gas}/{self.part}"


@dataclass(frozen=True, slots=True)
class _Gas:
    name: str
    cas: str
    potentials: Mapping[str, float]  # by GWP set, where factors.gwp holds none


@lru_cache(maxsize=1)
def _gases() -> Mapping[str, _Gas]:
    with (DATA / "greenhouse_gases.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType(
            {
                row["gas"]: _Gas(row["name"], row["cas"], {s: float(row[s]) for s in ("AR5", "AR6") if row[s]})
                for row in csv.DictReader(file)
            }
        )


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, tuple[str, str]]:
    with (DATA / "greenhouse_flows.csv").open(encoding="utf-8", newline="") as file:
        named = {row["name"]: (row["gas"], row["part"]) for row in csv.DictReader(file)}
    return MappingProxyType({folded(one.name): (gas, FOSSIL) for gas, one in _gases().items()} | named)


@lru_cache(maxsize=1)
def _by_cas() -> Mapping[str, str]:
    return MappingProxyType({one.cas: gas for gas, one in _gases().items() if one.cas})


def folded(name: str) -> str:
    """Return a flow's name as it is looked up: in lower case, without a compartment in brackets behind it."""
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", name)).strip().casefold()


def gas_of(flow: Flow, *, is_input: bool) -> GasFlow | None:
    """Return the gas that an elementary flow is when it enters or leaves a process; None for what is none.

    Carbon dioxide that enters is taken out of the air; any other gas that enters is a raw material, and nothing that
    goes into water or soil counts.
    """
    gas, part = _by_name().get(folded(flow.name)) or (_by_cas().get(flow.cas, ""), FOSSIL)
    if not gas:
        return None
    if is_input:
        taken = part in _TAKEN_UP or (gas == "CO2" and _RESOURCE.search(flow.category) is not None)
        return GasFlow(gas, _TAKEN_UP.get(part, REMOVAL), -1) if taken else None
    if _NOT_AIR.search(_compartment(flow)) is not None:
        return None
    if part in _TAKEN_UP:
        return GasFlow(gas, _TAKEN_UP[part], -1)
    if part == FOSSIL and _HIGH.search(flow.category) is not None:
        return GasFlow(gas, AIRCRAFT)
    return GasFlow(gas, part)


def _compartment(flow: Flow) -> str:
    """Return the compartment without what databases call the emptiest part of the air, 'low population density'."""
    return flow.category.casefold().replace("ground-level", "")


def is_suspect(flow: Flow, *, is_input: bool) -> bool:
    """Tell whether a flow that ``gas_of`` does not know has the name of a greenhouse gas, and goes into the air."""
    name = folded(flow.name)
    if is_input or _NOT_AIR.search(_compartment(flow)) is not None or _INNOCENT.search(name) is not None:
        return False
    return _SUSPECT.search(name) is not None


def potential(gas: str, gwp_set: GwpSet) -> float:
    """Return kg CO2e per kg of a gas over 100 years.

    Raises:
        UnknownGas: neither the records of this set nor the table of minor gases have it.
    """
    if gas == UNSPLIT:
        return 1.0
    own = _gases().get(gas)
    if own is not None and gwp_set.name in own.potentials and gas not in gwp_set.values:
        return own.potentials[gwp_set.name]
    return float(gwp_set.value(gas))


def has_potential(gas: str, gwp_set: GwpSet) -> bool:
    """Tell whether ``potential`` knows the gas in this set."""
    try:
        potential(gas, gwp_set)
    except UnknownGas:
        return False
    return True


def is_known(gas: str, gwp_sets: Iterable[GwpSet]) -> bool:
    """Tell whether anything here computes with the gas: unsplit CO2e, the table of flows, or a GWP set."""
    return gas == UNSPLIT or gas in _gases() or any(has_potential(gas, one) for one in gwp_sets)
