"""Whether a snapshot holds together: what a stranger checks before the sums are redone.

The snapshot carries its method, factors and warming potentials, so every calculation can be held against them;
the library only says how a printed unit is read and which weights a publisher used. What does
not fit is yielded in codes.
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
from lca.flaws import Flaw
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


def problems_of(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[Flaw]:
    """Yield everything that does not fit; ``lines`` are canonical lines of parts by digest, stored apart."""
    if snapshot.get("schema") != SCHEMA:
        yield Flaw("schema-unknown", {"schema": repr(snapshot.get("schema")), "known": repr(SCHEMA)})
        return
    unbounded = [text for text in _numbers(snapshot, lines) if UNBOUNDED.fullmatch(text)]
    if unbounded:
        yield Flaw("number-unbounded", {"number": unbounded[0]})
        return
    if snapshot["inventory"]["claim"] not in CLAIMS:
        yield Flaw("claim-unknown", {"claim": repr(snapshot["inventory"]["claim"])})
    methods = {"method": from_record(snapshot["method"]), "gross": from_record(snapshot["gross_method"])}
    for name, record in snapshot["valuations"].items():
        yield from (flaw.within(name) for flaw in _valuation(record, snapshot))
    for calculation in snapshot["calculations"]:
        yield from (flaw.within(calculation["id"]) for flaw in _calculation(calculation, snapshot, methods))
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


def _valuation(record: Record, snapshot: Record) -> Iterator[Flaw]:
    if not record["included"]:
        return
    if not record["formula"]:
        yield Flaw("no-formula")
        return
    if revalue(record) != record["gases"]:
        yield Flaw("gases-differ")
    for gas in record["gases"]:
        if record["weights"].get(gas) != _weight(gas, record["gwp_set"], snapshot):
            yield Flaw("weight-differs", {"gas": gas, "gwp_set": record["gwp_set"]})
    for operand in record["operands"]:
        cited = snapshot["factors"].get(operand["factor_id"]) if operand["factor_id"] else None
        if operand["factor_id"] and (
            cited is None or (cited["value"], cited["unit"]) != (operand["printed"], operand["printed_unit"])
        ):
            yield Flaw("operand-miscited", {"key": operand["key"], "factor": operand["factor_id"]})
        elif not _follows(operand, record, cited, snapshot):
            yield Flaw("operand-differs", {name: operand[name] for name in ("key", "value", "printed")})


def _follows(operand: Record, record: Record, cited: Record | None, snapshot: Record) -> bool:
    """Is the value of an operand the one that its printed text stands for, in the unit that the formula takes?"""
    value = float(operand["value"])
    if cited is not None:
        return any(_close(value, wanted) for wanted in wanted(operand, cited))
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


def wanted(operand: Record, cited: Record) -> Iterator[float]:
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


def _calculation(calculation: Record, snapshot: Record, methods: Mapping[str, Method]) -> Iterator[Flaw]:
    site = next(one for one in snapshot["sites"] if one["code"] == calculation["site"])
    covers = "instrument" in calculation
    if not covers:
        yield from _stated(calculation, snapshot)
        stream = Stream(**calculation["stream"] | {"parameters": tuple(calculation["stream"]["parameters"].items())})
        if plain(conversion(stream, calculation["basis_unit"])) != calculation["conversion"]:
            yield Flaw("conversion-differs")
    for view, name in calculation["views"].items():
        method = methods["method" if view == "method" else "gross"]
        record = snapshot["valuations"][name]
        if record["included"]:
            yield from (flaw.within(view) for flaw in _counted(record, calculation, site, method, snapshot))
        elif not covers and record["rule"] != ANOTHER_ENTITY and _belongs(calculation, method):
            yield Flaw("left-out", where=view)


def _stated(calculation: Record, snapshot: Record) -> Iterator[Flaw]:
    """What a datum states is what the sums of its lines were made with."""
    given = calculation["stream"]["parameters"]
    for name in set(calculation["views"].values()):
        for operand in snapshot["valuations"][name]["operands"]:
            if operand["origin"] == "datum" and given.get(operand["key"]) != operand["text"]:
                yield Flaw("operand-not-stated", {"key": operand["key"]})


def _counted(record: Record, calculation: Record, site: Record, method: Method, snapshot: Record) -> Iterator[Flaw]:
    covers = "instrument" in calculation
    if record["gwp_set"] != method.gwp_set:
        yield Flaw("gwp-set-differs")
    if record["scope"] != method.scope(record["category"]):
        yield Flaw("scope-differs")
    if record["share"] != share_of(method, snapshot["organisation"]["approach"], site["share_percent"]):
        yield Flaw("share-differs")
    if covers:
        if record["sign"] != -1:
            yield Flaw("cover-added")
    elif method.assign.get(calculation["group"]) != record["category"]:
        yield Flaw("category-differs")
    elif record["sign"] != sign_of(method, calculation["group"], record["formula"]):
        yield Flaw("sign-differs")


def _belongs(calculation: Record, method: Method) -> bool:
    group = calculation["group"]
    return group in method.assign and method.exclusion(group, calculation["stream"]["parameters"]) is None


def _rounding(snapshot: Record) -> Iterator[Flaw]:
    for key, places in snapshot["method"]["rounding"]["decimals"].items():
        if not 0 <= places <= MOST_DECIMALS:
            yield Flaw("rounding-impossible", {"key": key, "places": places})


def _factors(snapshot: Record) -> Iterator[Flaw]:
    own = snapshot["overlay"]["sha256"]
    for identifier, factor in snapshot["factors"].items():
        if factor["id"] != identifier:
            yield Flaw("factor-misnamed", {"factor": identifier, "name": factor["id"]})
        if factor["source"] not in snapshot["sources"] and not own:
            yield Flaw("source-undescribed", {"factor": identifier, "source": repr(factor["source"])})
    for gwp_set, gases in snapshot["gwp"].items():
        for gas, known in gases.items():
            printed = snapshot["factors"].get(known["factor"])
            if printed is not None and Decimal(printed["value"]) != Decimal(known["value"]):
                yield Flaw("gwp-differs", {"gas": gas, "gwp_set": gwp_set})


def _overdrawn(snapshot: Record) -> Iterator[Flaw]:
    """An instrument is drawn on only if it was accepted, and never beyond what it certifies."""
    instruments = snapshot["instruments"]
    at = {record["id"]: record["instrument"] for record in snapshot["calculations"] if "instrument" in record}
    drawn: dict[tuple[str, int], Decimal] = {}
    for one in snapshot["covers"]:
        key = (one["view"], at[one["calculation"]])
        drawn[key] = drawn.get(key, Decimal(0)) + Decimal(one["kwh"])
    for (view, index), kwh in drawn.items():
        instrument, named = instruments[index], instruments[index]["number_from"]
        if instrument["refused"]:
            yield Flaw("instrument-refused", {"number": named, "reason": instrument["refused"]})
        if kwh > Decimal(instrument["amount_kwh"]):
            yield Flaw("instrument-overdrawn", {"number": named, "kwh": plain(kwh), "view": view})


def _parts(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[Flaw]:
    inline = sum(part["rows"] for part in snapshot["parts"]) <= LINES_INLINE
    known = {calculation["stream_key"] for calculation in snapshot["calculations"]}
    for part in snapshot["parts"]:
        place = {"site": part["site"], "month": part["month"]}
        yield from (Flaw("part-amount-unknown", place | {"key": key}) for key in part["amounts"].keys() - known)
        kept = part.get("lines")
        if kept is None and inline:
            yield Flaw("part-lines-missing", place)
        if kept is None and part["sha256"] in lines:
            kept = json.loads(lines[part["sha256"]])
        if kept is not None:
            yield from (Flaw(f"part-{what}", place) for what in check_lines(part, kept))
