"""What a reader of an inventory has to be told, computed from the snapshot like everything else in it.

A warning is a code with what fills its sentence; the words are the service's, so that better words
never make another snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lca.energy_operand import FUEL_GROUPS, HEAT, POWER
from lca.numbers import canonical
from lca.valuation import ANOTHER_ENTITY

Record = Mapping[str, Any]
Warned = dict[str, Any]

MATERIAL_SHARE = 0.05
"""Share of rows without evidence above which it is said."""

NAMED = 10
"""Lines that a warning names; the others are in the table of lines."""

ENERGY_GROUPS = FUEL_GROUPS | POWER.keys() | HEAT.keys()

WEAK = ("earlier_year", "parent_region", "default", "fallback_set", "later_year", "other_region", "chosen")
"""Variants whose share of the emissions a reader has to know."""


def warnings_of(snapshot: Record) -> list[Warned]:
    """List the warnings ``{code, line, params}``: weak matches with their share, unconfirmed rules, refusals, gaps."""
    return [*_variants(snapshot), *_method(snapshot), *_instruments(snapshot), *_gaps(snapshot)]


def _warning(code: str, line: str = "", **params: object) -> Warned:
    return {"code": code, "line": line, "params": params}


def _named(lines: Sequence[str]) -> str:
    return ", ".join(lines[:NAMED]) + (" …" if len(lines) > NAMED else "")


def _variants(snapshot: Record) -> Iterator[Warned]:
    lines = [line for line in snapshot["results"]["lines"] if line["included"]]
    total = math.fsum(abs(float(line["kgco2e"])) for line in lines)
    for variant in WEAK:
        chosen = [line for line in lines if variant in line["variants"]]
        if chosen and total:
            share = 100 * math.fsum(abs(float(line["kgco2e"])) for line in chosen) / total
            named = _named([line["id"] for line in chosen])
            yield _warning(variant, share=canonical(float(f"{share:.3g}")), lines=named)
    unsplit = [line["id"] for line in lines if "CO2e" in line["gases_kg"]]
    if unsplit:
        yield _warning("unsplit_co2e", lines=_named(unsplit))


def _method(snapshot: Record) -> Iterator[Warned]:
    note = snapshot["method"]["evidence"]
    if note["mark"] != "confirmed":
        yield _warning("method_unconfirmed", note={"zh": note["zh"], "en": note["en"]})
    share = snapshot["results"]["uncertainty"]["assumed_share_percent"]
    if share is not None and float(share) > 0:
        yield _warning("uncertainty_assumed")


def _instruments(snapshot: Record) -> Iterator[Warned]:
    for instrument in snapshot["instruments"]:
        if instrument["refused"]:
            yield _warning(
                "instrument_refused",
                instrument=instrument["kind"],
                number=instrument["number_from"],
                refused=instrument["refused"],
            )
        elif float(instrument["used_kwh"]) == float(instrument["used_kwh_method"]) == 0:
            yield _warning("instrument_unused", instrument=instrument["kind"], number=instrument["number_from"])


def _gaps(snapshot: Record) -> Iterator[Warned]:
    if snapshot["results"]["energy"]["tce_equivalent"] is None:
        yield _warning("no_equivalent_rate")
    for calculation in snapshot["calculations"]:
        if calculation["unknown_parameters"]:
            named = ", ".join(calculation["unknown_parameters"])
            yield _warning("unknown_parameters", calculation["id"], parameters=named)
    yield from _without_energy(snapshot)
    yield from _own_power(snapshot)
    yield from _co2_alone(snapshot)
    yield from _beside_the_gases(snapshot)
    yield from _unexplained(snapshot)
    yield from _without_evidence(snapshot)


def _valuation(snapshot: Record, calculation: Record) -> Record:
    found: Record = snapshot["valuations"][calculation["views"]["method"]]
    return found


def _without_energy(snapshot: Record) -> Iterator[Warned]:
    """Fuel or heat whose heating value nobody knows: the energy total lacks it, and has to say so."""
    bare = [
        calculation["id"]
        for calculation in snapshot["calculations"]
        if calculation["energy"] is None
        and calculation["group"] in ENERGY_GROUPS
        and _valuation(snapshot, calculation)["rule"] != ANOTHER_ENTITY
    ]
    if bare:
        yield _warning("energy_incomplete", lines=_named(bare))


def _own_power(snapshot: Record) -> Iterator[Warned]:
    """Power of one's own sun or wind is used without being bought: the reader of the energy total has to know."""
    own = [calculation["id"] for calculation in snapshot["calculations"] if calculation["group"] == "electricity_own"]
    if own:
        yield _warning("own_power_outside_energy", lines=_named(own))


def _co2_alone(snapshot: Record) -> Iterator[Warned]:
    """A factor of one's own for CO2 takes the place of all gases that the method asks of a fuel."""
    wanted = sorted(set(snapshot["method"]["combustion_gases"]) - {"CO2"})
    bare = [
        calculation["id"]
        for calculation in snapshot["calculations"]
        if calculation["group"] in FUEL_GROUPS and set(_valuation(snapshot, calculation)["gases"]) == {"CO2"}
    ]
    if wanted and bare:
        gases = {"zh": "、".join(wanted), "en": " and ".join(wanted)}
        yield _warning("combustion_gases_missing", gases=gases, lines=_named(bare))


def _beside_the_gases(snapshot: Record) -> Iterator[Warned]:
    """Gases of the Montreal Protocol are emitted all the same, so the reader finds them beside the total."""
    masses = snapshot["results"]["ozone_gases_kg"]
    if masses:
        yield _warning("ozone_gases_apart", masses=", ".join(f"{gas} {kg} kg" for gas, kg in masses.items()))


def _unexplained(snapshot: Record) -> Iterator[Warned]:
    """Categories with neither data nor a stated reason: a reader cannot tell nothing from not asked."""
    excluded = {exclusion["category"] for exclusion in snapshot["exclusions"]}
    # A reason given for the category of one standard is one for its counterpart in another.
    counterparts = {
        category["id"]: {category["id"], *(one for ids in category.get("crosswalk", {}).values() for one in ids)}
        for category in snapshot["method"]["categories"]
    }
    empty = [
        category
        for category in snapshot["results"]["by_category"]
        if category["lines"] == "0" and not counterparts[category["id"]] & excluded
    ]
    if empty:
        names = {"zh": "；".join(c["name_zh"] for c in empty), "en": "; ".join(c["name_en"] for c in empty)}
        yield _warning("category_without_data", categories=names)


def _without_evidence(snapshot: Record) -> Iterator[Warned]:
    lines = [line for part in snapshot["parts"] for line in part.get("lines", ())]
    bare = sum(1 for line in lines if not line[5])
    if lines and bare / len(lines) > MATERIAL_SHARE:
        yield _warning("no_evidence", rows=str(len(lines)), bare=str(bare))
