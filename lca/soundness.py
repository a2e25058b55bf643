"""Whether a snapshot holds together: what a stranger checks before the sums are redone.

The snapshot carries its method, factors and warming potentials, so every calculation can be held against them;
the library only says how a printed unit is read and which weights a publisher used. A yielded text names the
place and what does not fit.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from factors.library import load
from factors.units import factor_units
from lca.formulas import FORMULAS
from lca.formulas.measured import number
from lca.ledger import Stream
from lca.method import Method, from_record
from lca.parts import check_lines, plain
from lca.snapshot import LINES_INLINE, SCHEMA
from lca.valuation import ANOTHER_ENTITY, SPLIT_GASES, UNSPLIT, conversion, is_apart, revalue, share_of, sign_of

Record = Mapping[str, Any]

UNBOUNDED = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]{3,}")
"""A number that would fill the memory once it is written out."""

CLAIMS = frozenset({"self_declared"})
MOST_DECIMALS = 6


def problems_of(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[str]:
    """Yield everything that does not fit; ``lines`` are canonical lines of parts by digest, stored apart."""
    if snapshot.get("schema") != SCHEMA:
        yield f"schema {snapshot.get('schema')!r}, expected {SCHEMA!r}"
        return
    unbounded = [text for text in _numbers(snapshot, lines) if UNBOUNDED.fullmatch(text)]
    if unbounded:
        yield f"a number with an exponent of three digits or more: {unbounded[0]}"
        return
    if snapshot["inventory"]["claim"] not in CLAIMS:
        yield f"claim {snapshot['inventory']['claim']!r}"
    methods = {"method": from_record(snapshot["method"]), "gross": from_record(snapshot["gross_method"])}
    for name, record in snapshot["valuations"].items():
        yield from (f"{name}: {what}" for what in _valuation(record, snapshot))
    for calculation in snapshot["calculations"]:
        yield from (f"{calculation['id']}: {what}" for what in _calculation(calculation, snapshot, methods))
    yield from _rounding(snapshot)
    yield from _factors(snapshot)
    yield from _overdrawn(snapshot)
    yield from _parts(snapshot, lines)


def _numbers(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[str]:
    """Yield every text that is computed with exactly."""
    for part in snapshot["parts"]:
        yield from (entry["amount"] for entry in part["amounts"].values())
        apart = json.loads(lines[part["sha256"]]) if part["sha256"] in lines else ()
        yield from (line[4] for line in (*part.get("lines", ()), *apart))
    yield from (cover["kwh"] for cover in snapshot["covers"])
    yield from (instrument["amount_kwh"] for instrument in snapshot["instruments"])
    yield from (factor["value"] for factor in snapshot["factors"].values())
    yield from (known["value"] for gases in snapshot["gwp"].values() for known in gases.values())
    yield from (calculation["conversion"] for calculation in snapshot["calculations"])
    yield from (site["share_percent"] for site in snapshot["sites"])
    yield from (text for c in snapshot["calculations"] for text in c["stream"]["parameters"].values())


def _valuation(record: Record, snapshot: Record) -> Iterator[str]:
    if not record["included"]:
        return
    if not record["formula"]:
        yield "counted without a formula"
        return
    if revalue(record) != record["gases"]:
        yield "the gases do not follow from the operands"
    for gas in record["gases"]:
        if record["weights"].get(gas) != _weight(gas, record["gwp_set"], snapshot):
            yield f"the weight of {gas} is not the warming potential of {record['gwp_set']}"
    for operand in record["operands"]:
        cited = snapshot["factors"].get(operand["factor_id"]) if operand["factor_id"] else None
        if operand["factor_id"] and (
            cited is None or (cited["value"], cited["unit"]) != (operand["printed"], operand["printed_unit"])
        ):
            yield f"operand {operand['key']} does not cite {operand['factor_id']} as it is printed"
        elif not _follows(operand, record, cited, snapshot):
            yield f"operand {operand['key']} is {operand['value']}, which does not follow from {operand['printed']}"


def _follows(operand: Record, record: Record, cited: Record | None, snapshot: Record) -> bool:
    """Is the value of an operand the one that its printed text stands for, in the unit that the formula takes?"""
    value = float(operand["value"])
    if cited is not None:
        return any(_close(value, wanted) for wanted in _wanted(operand, cited))
    if operand["origin"] == "method":
        stated = snapshot["method"]["parameters"] | snapshot["gross_method"]["parameters"]
        texts = {method["parameters"].get(operand["key"], {}).get("value") for method in _methods(snapshot)} - {None}
        is_unit_of_energy = operand["key"] == "ncv" and "ncv" not in stated
        return is_unit_of_energy or (operand["text"] in texts and _close(value, number(operand["text"])))
    formula = FORMULAS[record["formula"]]
    own_unit = {term.key for term in formula.parameters}
    return operand["key"] not in own_unit or _close(value, number(operand["text"]))


def _methods(snapshot: Record) -> tuple[Record, Record]:
    return snapshot["method"], snapshot["gross_method"]


def _close(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-300)


def _wanted(operand: Record, cited: Record) -> Iterator[float]:
    """Yield what a cited value may be in the formula's unit; CO2e of a named gas is also turned back into its mass."""
    unit, printed = factor_units()[cited["unit"]], Decimal(cited["value"])
    above, _, below = operand["unit"].partition("/")
    if unit.of != "co2e":
        yield float(printed * unit.scale_to(above, below))
        return
    weighted = printed * unit.scale_to("kgCO2e", below)
    yield float(weighted)
    if cited["gas"] in SPLIT_GASES and cited["gwp_set"]:
        # The weight that a publisher used is not one of the inventory's own; this program's table has it.
        yield float(weighted / load().gwp_sets[cited["gwp_set"]].value(cited["gas"]))


def _weight(gas: str, gwp_set: str, snapshot: Record) -> str | None:
    if gas == UNSPLIT or is_apart(gas):
        return "0" if is_apart(gas) else "1"
    known = snapshot["gwp"].get(gwp_set, {}).get(gas)
    return None if known is None else str(known["value"])


def _calculation(calculation: Record, snapshot: Record, methods: Mapping[str, Method]) -> Iterator[str]:
    site = next(one for one in snapshot["sites"] if one["code"] == calculation["site"])
    covers = "instrument" in calculation
    if not covers:
        yield from _stated(calculation, snapshot)
        stream = Stream(**calculation["stream"] | {"parameters": tuple(calculation["stream"]["parameters"].items())})
        if plain(conversion(stream, calculation["basis_unit"])) != calculation["conversion"]:
            yield "the conversion does not follow from the units"
    for view, name in calculation["views"].items():
        method = methods["method" if view == "method" else "gross"]
        record = snapshot["valuations"][name]
        if record["included"]:
            yield from (f"{view}: {what}" for what in _counted(record, calculation, site, method, snapshot))
        elif not covers and record["rule"] != ANOTHER_ENTITY and _belongs(calculation, method):
            yield f"{view}: left out, though the method counts it"


def _stated(calculation: Record, snapshot: Record) -> Iterator[str]:
    """What a datum states is what the sums of its lines were made with."""
    given = calculation["stream"]["parameters"]
    for name in set(calculation["views"].values()):
        for operand in snapshot["valuations"][name]["operands"]:
            if operand["origin"] == "datum" and given.get(operand["key"]) != operand["text"]:
                yield f"operand {operand['key']} is not what the datum states"


def _counted(record: Record, calculation: Record, site: Record, method: Method, snapshot: Record) -> Iterator[str]:
    covers = "instrument" in calculation
    if record["gwp_set"] != method.gwp_set:
        yield "another set of warming potentials than the method's"
    if record["scope"] != method.scope(record["category"]):
        yield "the scope is not that of the category"
    if record["share"] != share_of(method, snapshot["organisation"]["approach"], site["share_percent"]):
        yield "the share is not that of the site"
    if covers:
        if record["sign"] != -1:
            yield "a cover that is not taken off"
    elif method.assign.get(calculation["group"]) != record["category"]:
        yield "not the category that the method assigns"
    elif record["sign"] != sign_of(method, calculation["group"], record["formula"]):
        yield "not the sign that the method gives"


def _belongs(calculation: Record, method: Method) -> bool:
    group = calculation["group"]
    return group in method.assign and method.exclusion(group, calculation["stream"]["parameters"]) is None


def _rounding(snapshot: Record) -> Iterator[str]:
    for key, places in snapshot["method"]["rounding"]["decimals"].items():
        if not 0 <= places <= MOST_DECIMALS:
            yield f"rounding of {key} to {places} decimals"


def _factors(snapshot: Record) -> Iterator[str]:
    own = snapshot["overlay"]["sha256"]
    for identifier, factor in snapshot["factors"].items():
        if factor["id"] != identifier:
            yield f"factor {identifier} calls itself {factor['id']}"
        if factor["source"] not in snapshot["sources"] and not own:
            yield f"factor {identifier} names a source {factor['source']!r} that is not described"
    for gwp_set, gases in snapshot["gwp"].items():
        for gas, known in gases.items():
            printed = snapshot["factors"].get(known["factor"])
            if printed is not None and Decimal(printed["value"]) != Decimal(known["value"]):
                yield f"the warming potential of {gas} in {gwp_set} is not the one its record prints"


def _overdrawn(snapshot: Record) -> Iterator[str]:
    """An instrument is drawn on only if it was accepted, and never beyond what it certifies."""
    instruments = snapshot["instruments"]
    at = {record["id"]: record["instrument"] for record in snapshot["calculations"] if "instrument" in record}
    drawn: dict[tuple[str, int], Decimal] = {}
    for one in snapshot["covers"]:
        key = (one["view"], at[one["calculation"]])
        drawn[key] = drawn.get(key, Decimal(0)) + Decimal(one["kwh"])
    for (view, index), kwh in drawn.items():
        instrument = instruments[index]
        if instrument["refused"]:
            yield f"instrument {instrument['number_from']}: refused ({instrument['refused']}) and drawn on"
        if kwh > Decimal(instrument["amount_kwh"]):
            yield f"instrument {instrument['number_from']}: {plain(kwh)} kWh drawn in {view}, more than it certifies"


def _parts(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[str]:
    inline = sum(part["rows"] for part in snapshot["parts"]) <= LINES_INLINE
    known = {calculation["stream_key"] for calculation in snapshot["calculations"]}
    for part in snapshot["parts"]:
        place = f"part {part['site']} {part['month']}"
        yield from (f"{place}: amounts of {key}, which nothing computes" for key in part["amounts"].keys() - known)
        kept = part.get("lines")
        if kept is None and inline:
            yield f"{place}: its lines are missing"
        if kept is None and part["sha256"] in lines:
            kept = json.loads(lines[part["sha256"]])
        if kept is not None:
            yield from (f"{place}: {what}" for what in check_lines(part, kept))
