"""Whether a snapshot holds together: what a stranger checks before the sums are redone.

The snapshot carries its method, factors and warming potentials, so every calculation can be held
against them without the library. A yielded text names the place and what does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from lca.ledger import Stream
from lca.method import Method, from_record
from lca.parts import check_lines, plain
from lca.snapshot import LINES_INLINE, SCHEMA
from lca.valuation import ANOTHER_ENTITY, NEGATIVE, UNSPLIT, conversion, is_apart, revalue

Record = Mapping[str, Any]

CLAIMS = frozenset({"self_declared"})
LEGAL_ENTITY, EQUITY = "legal_entity", "equity_share"


def problems_of(snapshot: Record, lines: Mapping[str, bytes]) -> Iterator[str]:
    """Yield everything that does not fit; ``lines`` are canonical lines of parts by digest, stored apart."""
    if snapshot.get("schema") != SCHEMA:
        yield f"schema {snapshot.get('schema')!r}, expected {SCHEMA!r}"
        return
    if snapshot["inventory"]["claim"] not in CLAIMS:
        yield f"claim {snapshot['inventory']['claim']!r}"
    methods = {"method": from_record(snapshot["method"]), "gross": from_record(snapshot["gross_method"])}
    for name, record in snapshot["valuations"].items():
        yield from (f"{name}: {what}" for what in _valuation(record, snapshot))
    for calculation in snapshot["calculations"]:
        yield from (f"{calculation['id']}: {what}" for what in _calculation(calculation, snapshot, methods))
    yield from _factors(snapshot)
    yield from _overdrawn(snapshot)
    yield from _parts(snapshot, lines)


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


def _weight(gas: str, gwp_set: str, snapshot: Record) -> str | None:
    if gas == UNSPLIT or is_apart(gas):
        return "0" if is_apart(gas) else "1"
    known = snapshot["gwp"].get(gwp_set, {}).get(gas)
    return None if known is None else str(known["value"])


def _calculation(calculation: Record, snapshot: Record, methods: Mapping[str, Method]) -> Iterator[str]:
    site = next(one for one in snapshot["sites"] if one["code"] == calculation["site"])
    covers = "instrument" in calculation
    if not covers:
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


def _counted(record: Record, calculation: Record, site: Record, method: Method, snapshot: Record) -> Iterator[str]:
    covers = "instrument" in calculation
    if record["gwp_set"] != method.gwp_set:
        yield "another set of warming potentials than the method's"
    if record["scope"] != method.scope(record["category"]):
        yield "the scope is not that of the category"
    equity = method.boundary != LEGAL_ENTITY and snapshot["organisation"]["approach"] == EQUITY
    if record["share"] != (plain(Decimal(site["share_percent"]) / 100) if equity else "1"):
        yield "the share is not that of the site"
    if covers:
        if record["sign"] != -1:
            yield "a cover that is not taken off"
    elif method.assign.get(calculation["group"]) != record["category"]:
        yield "not the category that the method assigns"
    elif record["sign"] != (-1 if record["formula"] in NEGATIVE or calculation["group"] in method.deduct else 1):
        yield "not the sign that the method gives"


def _belongs(calculation: Record, method: Method) -> bool:
    group = calculation["group"]
    return group in method.assign and method.exclusion(group, calculation["stream"]["parameters"]) is None


def _factors(snapshot: Record) -> Iterator[str]:
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
