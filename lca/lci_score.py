"""The climate score of one product of a background: by gas, by process, with what the score does not know.

    score = q^T h      q = GWP100 by gas, h = unit impacts of the product

Carbon dioxide of living matter, taken up or given off, stands beside the score: over a full life the two cancel, and
a cradle-to-gate figure that counted only one of them would mislead. Land-use change and aircraft are part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from factors.gwp import GwpSet
from lca.background import Background, Vector
from lca.errors import ScoreNotFinite, SystemSingular
from lca.greenhouse import BIOGENIC, PARTS, REMOVAL, UNSPLIT, has_potential, potential

SHOWN = 20

KNOWN_FAULT = "known-fault-"
"""Findings that whoever ships a database adds: what is known to be wrong with one of its processes."""

ASIDE = frozenset({f"CO2/{BIOGENIC}", f"CO2/{REMOVAL}"})


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one process emits itself on behalf of the product."""

    process_id: str
    process: str
    location: str
    kgco2e: float


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a reader of the score has to know; the words are the service's."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """kg CO2e and kg of gases for one reference unit of a product."""

    product: int
    kgco2e: float
    by_gas_kg: Mapping[str, float]
    by_part: Mapping[str, float]  # kg CO2e: fossil, biogenic, removal, land_use, aircraft
    contributions: tuple[Contribution, ...]
    remainder: float  # of all processes that are not shown
    warnings: tuple[Warned, ...]


def weights(background: Background, gwp_set: GwpSet) -> Vector:
    """Return the GWP of every gas of the background, 0 for what stands aside and for gases that the set lacks."""
    return np.array([weight(key, gwp_set) for key in background.gases])


def weight(key: str, gwp_set: GwpSet) -> float:
    """Return kg CO2e per kg of a gas key ('CH4_fossil/fossil') in the score."""
    gas = key.partition("/")[0]
    return 0.0 if key in ASIDE or not has_potential(gas, gwp_set) else potential(gas, gwp_set)


def scores(background: Background, gwp_set: GwpSet) -> Vector:
    """Return kg CO2e per reference unit of every product, from one solve; not a number where there is none."""
    found: Vector = weights(background, gwp_set) @ background.unit_impacts
    return found


def kgco2e(background: Background, product: int, gwp_set: GwpSet) -> float:
    """Return kg CO2e per reference unit of a product, q^T h: looked up, nothing is solved.

    Raises:
        SystemSingular: as ``score``.
    """
    refuse_faulty(background, product)
    return math.fsum(weights(background, gwp_set) * background.unit_impacts[:, product])


def score(background: Background, product: int, gwp_set: GwpSet) -> Score:
    """Return the score of a product with its gases, the processes that cause it, and its warnings.

    Raises:
        SystemSingular: a loop that supplies nothing stands in its supply chain; the processes are named.
        ScoreNotFinite: amounts are too large to be added up.
    """
    refuse_faulty(background, product)
    q, impacts = weights(background, gwp_set), background.unit_impacts[:, product]
    supply = background.supply(product)
    caused = (q @ background.direct) * supply
    if not np.isfinite(caused).all() or not np.isfinite(q * impacts).all():
        wrong = (background.products[int(column)].process for column in np.flatnonzero(~np.isfinite(caused)))
        raise ScoreNotFinite(background.products[product].process, sorted(set(wrong)))
    value = math.fsum(q * impacts)
    order = np.argsort(-np.abs(caused), kind="stable")[:SHOWN]
    shown = tuple(_contribution(background, int(index), float(caused[index])) for index in order if caused[index])
    return Score(
        product=product,
        kgco2e=value,
        by_gas_kg=dict(_by_gas(background, impacts)),
        by_part=by_part(background.gases, impacts, gwp_set),
        contributions=shown,
        remainder=math.fsum([value, *(-one.kgco2e for one in shown)]),
        warnings=tuple(_warnings(background, product, supply, caused, gwp_set)),
    )


def refuse_faulty(background: Background, product: int) -> None:
    """Refuse a product that has no unit impacts.

    Raises:
        SystemSingular: a loop that supplies nothing stands in its supply chain; the processes are named.
    """
    named = background.blame(product)
    if named:
        raise SystemSingular(named)


def shares_behind_gaps(background: Background, product: int) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Return, for the supply chain of a product, what was cut off or is a placeholder: code and what fills it."""
    if product not in background.gaps:
        background.gaps[product] = tuple(_shares_behind_gaps(background, product))
    return background.gaps[product]


def _shares_behind_gaps(background: Background, product: int) -> Iterator[tuple[str, Mapping[str, str]]]:
    if not _has_gaps(background):  # and the runs need not be known
        return
    # Any gas: which processes matter does not turn on a GWP set.
    supply = np.abs(background.supply(product))
    yield from _gaps(background, product, background.gross * supply, background.gross_impacts * supply)


def _has_gaps(background: Background) -> bool:
    return bool(background.system.cut_off or len(background.placeholders) or _known_faults(background))


def _known_faults(background: Background) -> dict[str, str]:
    """Return what is known to be wrong by the name of the process."""
    return {one.where: one.code for one in background.findings if one.code.startswith(KNOWN_FAULT)}


def by_part(gases: Sequence[str], masses: Vector, gwp_set: GwpSet) -> dict[str, float]:
    """Return kg CO2e of each part of a footprint; biogenic carbon dioxide counts +1 emitted and -1 taken up here."""
    parts: dict[str, list[float]] = {part: [] for part in PARTS}
    for key, mass in zip(gases, masses, strict=True):
        gas, _, part = key.partition("/")
        if has_potential(gas, gwp_set):
            parts[part].append(potential(gas, gwp_set) * float(mass))
    return {part: math.fsum(values) for part, values in parts.items()}


def _contribution(background: Background, index: int, kgco2e: float) -> Contribution:
    product = background.products[index]
    return Contribution(product.process_id, product.process, product.location, kgco2e)


def _by_gas(background: Background, impacts: Vector) -> Iterator[tuple[str, float]]:
    """Yield kg by gas, carbon dioxide of living matter and of land use under names of their own."""
    merged: dict[str, list[float]] = {}
    for key, mass in zip(background.gases, impacts, strict=True):
        gas, _, part = key.partition("/")
        name = f"{gas}_{part}" if gas == "CO2" and part in (BIOGENIC, REMOVAL, "land_use") else gas
        merged.setdefault(name, []).append(float(mass))
    for name, masses in sorted(merged.items()):
        if any(masses):
            yield name, math.fsum(masses)


def _warnings(
    background: Background, product: int, supply: Vector, caused: Vector, gwp_set: GwpSet
) -> Iterator[Warned]:
    impacts = background.unit_impacts[:, product]
    passed = np.abs(supply * background.made * np.nan_to_num(scores(background, gwp_set)))
    for code, params in _gaps(background, product, caused, passed):
        yield Warned(code, params)
    unknown = sorted(
        key.partition("/")[0]
        for key, mass in zip(background.gases, impacts, strict=True)
        if mass and not has_potential(key.partition("/")[0], gwp_set)
    )
    if unknown:
        yield Warned("gas-without-potential", {"gases": ", ".join(unknown), "gwp_set": gwp_set.name})
    unsplit = [mass for key, mass in zip(background.gases, impacts, strict=True) if key.partition("/")[0] == UNSPLIT]
    if any(unsplit):
        yield Warned("unsplit-co2e", {"share": _percent(np.array(unsplit), math.fsum(np.abs(caused).tolist()))})


def _gaps(background: Background, product: int, caused: Vector, passed: Vector) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what was cut off, is known to be wrong or made up, with the share of the score that passes by it.

    The share is what the processes concerned emit themselves, or what the largest of them causes in all, whichever
    is more: a part of the score at least as large rests on them.
    """
    if not _has_gaps(background):
        return
    whole = math.fsum(np.abs(caused).tolist())

    def share(columns: Sequence[int]) -> str:
        part = max(math.fsum(np.abs(caused[list(columns)])), float(np.max(passed[list(columns)])))
        return f"{min(100.0, 100 * part / whole):.3g}" if whole else "0"

    reached = background.reached(product)
    by_reason: dict[str, list[tuple[int, str]]] = {}
    for one in background.system.cut_off:
        if reached[one.column]:
            name = background.system.database.flows[one.flow].name
            by_reason.setdefault(one.reason, []).append((one.column, name))
    for reason, found in sorted(by_reason.items()):
        named = sorted({name for _, name in found})
        params = {"count": str(len(named)), "flows": "; ".join(named[:5]) + (" …" if len(named) > 5 else "")}
        yield f"cut-off-{reason}", params | {"share": share(sorted({column for column, _ in found}))}
    faults = _known_faults(background)
    faulty = [i for i in np.flatnonzero(reached).tolist() if background.products[i].process in faults] if faults else []
    for code in sorted({faults[background.products[index].process] for index in faulty}):
        yield code, {"share": share([i for i in faulty if faults[background.products[i].process] == code])}
    made_up = [index for index in background.placeholders.tolist() if reached[index]]
    if made_up:
        names = "; ".join(background.products[index].process for index in made_up[:5])
        yield "placeholder", {"processes": names, "share": share(made_up)}


def _percent(values: Vector, whole: float) -> str:
    return f"{100 * math.fsum(np.abs(values)) / whole:.3g}" if whole else "0"
