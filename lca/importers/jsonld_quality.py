"""Uncertainty and data quality of an openLCA JSON-LD file: distributions and pedigree scores."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lca.dataset import Uncertainty
from lca.importers.jsonld_objects import Json, Reading, number, part_of, reference, text

Told = Callable[..., None]  # code, **params

INDICATORS = ("reliability", "completeness", "temporal", "geographical", "technological")
"""The pedigree matrix, in the order of its scores."""

_DATA_COLLECTION = "data collection"
_SAME = {_DATA_COLLECTION: "completeness", "time": "temporal", "geograph": "geographical", "technolog": "technological"}
"""How other systems call the same: the US EPA scores at each flow the data collection, once the completeness."""

_ENTRY = re.compile(r"\(?\s*([0-9]+(?:\s*;\s*[0-9]+)*)\s*\)?")
_NO_SPREAD = "uncertainty-without-spread"
_INVALID = "uncertainty-invalid"


def uncertainty(one: Json, told: Told) -> Uncertainty | None:
    """Return the distribution that an object carries; one without spread, or one that cannot be, is none."""
    value = one.get("uncertainty")
    if value is None:
        return None
    if not isinstance(value, dict):
        told(_INVALID, kind="?")
        return None
    kind = text(value.get("distributionType"))
    if kind in ("", "NO_DISTRIBUTION", "NONE"):
        return None
    read = _DISTRIBUTIONS.get(kind)
    if read is None:
        told(_INVALID, kind=kind)
        return None
    return read(value, told)


def _lognormal(one: Json, told: Told) -> Uncertainty | None:
    mean, deviation = number(one.get("geomMean")), number(one.get("geomSd"))
    if deviation == 1:
        return None
    if deviation == 0:  # programs write 0 for a spread that nobody stated
        told(_NO_SPREAD)
        return None
    if not mean or deviation is None or deviation < 1:
        told(_INVALID, kind="lognormal")
        return None
    return Uncertainty("lognormal", loc=math.log(abs(mean)), scale=math.log(deviation))


def _normal(one: Json, told: Told) -> Uncertainty | None:
    mean, deviation = number(one.get("mean")), number(one.get("sd"))
    if deviation == 0:
        return None
    if mean is None or deviation is None or deviation < 0:
        told(_INVALID, kind="normal")
        return None
    return Uncertainty("normal", loc=mean, scale=deviation)


def _uniform(one: Json, told: Told) -> Uncertainty | None:
    low, high = number(one.get("minimum")), number(one.get("maximum"))
    if low is None or high is None:
        told(_INVALID, kind="uniform")
        return None
    if low > high:
        told("uncertainty-bounds-swapped", kind="uniform", minimum=low, maximum=high)
        low, high = high, low
    return None if low == high else Uncertainty("uniform", minimum=low, maximum=high)


def _triangular(one: Json, told: Told) -> Uncertainty | None:
    low, mode, high = (number(one.get(key)) for key in ("minimum", "mode", "maximum"))
    if low is None or mode is None or high is None:
        told(_INVALID, kind="triangular")
        return None
    if high <= mode <= low and high < low:
        told("uncertainty-bounds-swapped", kind="triangular", minimum=low, maximum=high)
        low, high = high, low
    if not low <= mode <= high:
        told("triangle-mode-outside", minimum=low, mode=mode, maximum=high)
        return None
    return None if low == high else Uncertainty("triangular", loc=mode, minimum=low, maximum=high)


_DISTRIBUTIONS: Mapping[str, Callable[[Json, Told], Uncertainty | None]] = {
    "LOG_NORMAL_DISTRIBUTION": _lognormal,
    "NORMAL_DISTRIBUTION": _normal,
    "TRIANGLE_DISTRIBUTION": _triangular,
    "UNIFORM_DISTRIBUTION": _uniform,
}


@dataclass
class Pedigrees:
    """Reads pedigree scores by the system that they were given in."""

    reading: Reading
    orders: dict[str, tuple[int, ...] | None] = field(default_factory=dict)  # system -> place of each of INDICATORS
    told: set[str] = field(default_factory=set)

    def read(self) -> None:
        """Take the data-quality systems of the file."""
        for part, identifier, one in self.reading.objects("DQSystem"):
            names: dict[int, str] = {}
            for entry in self.reading.listed(one, "indicators", part):
                position = number(entry.get("position"))
                if position is not None:
                    names[int(position)] = text(entry.get("name"))
            self.orders[identifier] = _order(names)
            taken = [name for name in names.values() if _DATA_COLLECTION in name.casefold()]
            if taken and self.orders[identifier] is not None:
                params = {"system": text(one.get("name")), "indicator": taken[0]}
                self.reading.note("pedigree-indicator-renamed", part, params)

    def order(self, process: Json, where: str) -> tuple[int, ...] | None:
        """Return where the scores of a process's exchanges stand; None where its system scores other things.

        A process that names no system is scored by the pedigree matrix itself: schema 1 knew no other.
        """
        system = reference(process, "exchangeDqSystem")
        if not system:
            return tuple(range(5))
        name = text(part_of(process, "exchangeDqSystem").get("name"))
        if system not in self.orders:
            self.orders[system] = tuple(range(5)) if "ecoinvent" in name.casefold() else None
        order = self.orders[system]
        if order is None and system not in self.told:
            self.told.add(system)
            self.reading.tell("pedigree-system-unknown", where, system=name or system)
        return order


def _order(names: Mapping[int, str]) -> tuple[int, ...] | None:
    """Return the place of each indicator of the pedigree matrix among a system's positions; None if one has none."""
    meant = {_meaning(name): place for place, (_, name) in enumerate(sorted(names.items()))}
    if len(names) != len(INDICATORS) or not all(one in meant for one in INDICATORS):
        return None
    return tuple(meant[one] for one in INDICATORS)


def _meaning(name: str) -> str:
    folded = name.casefold()
    known = {one: one for one in INDICATORS} | _SAME
    return next((meaning for word, meaning in known.items() if word in folded), "")


def scores(entry: str, order: Sequence[int]) -> tuple[int, ...] | None:
    """Return pedigree scores from '(2;3;1;1;3)'; () where nothing was scored, None where it says something else."""
    if not entry:
        return ()
    match = _ENTRY.fullmatch(entry)
    found = [int(score) for score in match[1].split(";")] if match is not None and len(entry) < 100 else []
    if len(found) != len(order) or not all(1 <= score <= 5 for score in found):
        return None
    return tuple(found[place] for place in order)
