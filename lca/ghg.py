"""The greenhouse-gas inventory of an organisation: activity data in, a frozen snapshot out.

``calculate`` matches every distinct emission source once, values it under three structures
(location-based, market-based, the method's own), sums the rows by part, and freezes all of it with
every operand. ``recompute`` redoes a snapshot from its own operands and matches nothing; of the library it asks
only how a printed unit is read and which weights a publisher used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from factors.library import Factor, Library
from factors.match import NO_OVERLAY, Overlay
from factors.units import multiplier
from lca.assemble import Assembler
from lca.errors import NothingToCount, PeriodTooLong, RowsOutsidePeriod, SnapshotInvalid
from lca.flaws import Flaw
from lca.instruments import Consumption, Cover, Judged, cover, judge, used_kwh
from lca.ledger import Ledger
from lca.method import Method, load
from lca.numbers import canonical
from lca.parts import Part, build, plain
from lca.results import results
from lca.snapshot import LINES_INLINE, SCHEMA, canonical_bytes, named_valuations, operands
from lca.soundness import problems_of
from lca.valuation import View, blank
from lca.warnings import warnings_of

Record = dict[str, Any]

ENGINE = "tanji"
ROWS_NAMED = 20
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Meta:
    """What an inventory is called and why it was made; the clock is the caller's."""

    identifier: str
    created: str  # ISO 8601, UTC
    engine_version: str
    version: int = 1
    reason: str = ""
    base_year: Mapping[str, Any] | None = None
    notes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GhgInventory:
    """A frozen inventory: its snapshot, the bytes and the digest of that, and the lines stored apart."""

    snapshot: Mapping[str, Any]
    content: bytes
    sha256: str
    parts: Mapping[str, bytes]  # digest -> canonical lines, for parts whose lines are not inside the snapshot


def calculate(
    ledger: Ledger,
    method: Method,
    library: Library,
    meta: Meta,
    overlay: Overlay = NO_OVERLAY,
    *,
    parts: Sequence[Part] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> GhgInventory:
    """Compute the inventory of ``ledger`` by ``method`` and freeze it.

    Args:
        ledger: one organisation's activity data of one period.
        method: the method whose total is the headline of its structure.
        library: the published factors.
        meta: name, version and time of the inventory.
        overlay: the organisation's own factors.
        parts: the rows of the ledger summed already; its ``rows`` are then not looked at. Without their lines
            the parts of a long inventory are taken as kept elsewhere.
        progress: called with (step, done, total); what it raises stops the computation.

    Raises:
        PeriodTooLong, NothingToCount: more than a year, or no row in it.
        RowsOutsidePeriod: rows that cross the edge of the period.
        Unanswered: activities without one clear factor, operands missing or impossible; all of them.
        LcaError: deductions that do not belong to any clinker, or that measured oxides hold already.
    """
    tell = progress or (lambda *_: None)
    if ledger.end - ledger.start >= LONGEST:
        raise PeriodTooLong(ledger.start, ledger.end)
    if parts is None:
        _refuse_outside(ledger)
        tell("parts", 0, 3)
        parts = build(ledger)
    if not any(part.amounts for part in parts):
        raise NothingToCount(ledger.start, ledger.end)
    gross = load(method.gross_structure) if method.gross_structure else method
    views = (View("location", gross), View("market", gross), View("method", method))
    tell("match", 1, 3)
    records = Assembler(ledger, views, library, overlay).calculations(parts)

    body = _operands(ledger, method, gross, library, overlay, meta)
    covers, body["covers"], body["instruments"] = _instruments(ledger, views, records, parts, library)
    tell("results", 2, 3)
    whole = records + covers
    body["calculations"], body["valuations"] = named_valuations(whole)
    inline = sum(part.rows for part in parts) <= LINES_INLINE
    body["parts"] = [part.record(json.loads(part.lines) if inline else None) for part in parts]
    body["evidence"] = {sha: ledger.evidence.get(sha, "") for part in parts for sha in part.evidence}
    body |= _knowledge(body["valuations"].values(), whole, library, overlay)
    found = _frozen(body, {} if inline else {part.sha256: part.lines for part in parts if part.lines})
    tell("results", 3, 3)
    return found


def _frozen(body: Record, apart: Mapping[str, bytes]) -> GhgInventory:
    """Add results and warnings to the operands and seal all of it."""
    snapshot = body | {"results": results(body)}
    snapshot["warnings"] = warnings_of(snapshot)
    content = canonical_bytes(snapshot)
    return GhgInventory(snapshot, content, hashlib.sha256(content).hexdigest(), apart)


def recompute(snapshot: Mapping[str, Any], lines: Mapping[str, bytes] | None = None) -> Record:
    """Redo a snapshot from its own operands: formulas, sums, results, warnings. Never a new match.

    Args:
        snapshot: the frozen inventory.
        lines: canonical lines of parts by digest, for parts that are stored apart and shall be checked.

    Raises:
        SnapshotInvalid: not a snapshot, or operands, lines and sums that do not fit one another; all of them.
        LcaError, FactorsError: its method does not hold together, or an operand or unit is impossible.
    """
    # A stranger's file may have any shape: whatever does not read as a snapshot is said, never thrown at him.
    try:
        flaws = list(problems_of(snapshot, lines or {}))
        if flaws:
            raise SnapshotInvalid(flaws)
        again: Record = operands(snapshot)
        again["results"] = results(again)
        again["warnings"] = warnings_of(again)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError) as error:
        raise SnapshotInvalid([Flaw("unreadable", {"reason": f"{type(error).__name__} {error}"})]) from error
    return again


def _refuse_outside(ledger: Ledger) -> None:
    rows = ledger.rows
    outside = rows.filter((rows["start"] < ledger.start) | (rows["end"] > ledger.end))
    if outside.height:
        named = outside["id"].head(ROWS_NAMED).to_list()
        raise RowsOutsidePeriod(ledger.start, ledger.end, named, outside.height)


def _instruments(
    ledger: Ledger, views: Sequence[View], records: Sequence[Record], parts: Sequence[Part], library: Library
) -> tuple[list[Record], list[Record], list[Record]]:
    """Return the calculations of what instruments cover, the draws behind them, and what became of each instrument."""

    def country(region: str) -> str:
        return market(region, library)

    judged = judge(ledger, country)
    drawn = []
    for view in views:
        consumption = _consumption(view, records, parts, country)
        drawn.append((view, cover(judged, consumption, view.method.views[view.name].instruments, country)))
    draws = _covers(drawn, records, views, ledger)
    kept = _instrument_records(judged, {view.name: covers for view, covers in drawn})
    return [calculation for calculation, _ in draws], [record for _, record in draws], kept


def market(region: str, library: Library) -> str:
    """Return the electricity market of a region: its country."""
    path = library.geographies.path(region)
    return next((code for code in path if library.geographies.kind(code) == "country"), path[-1])


def _consumption(
    view: View, records: Sequence[Record], parts: Sequence[Part], country: Callable[[str], str]
) -> dict[str, Consumption]:
    """What was used of power, by calculation, as far as ``view`` counts it."""
    amounts = {(key, part.month): Decimal(entry["amount"]) for part in parts for key, entry in part.amounts.items()}
    consumption = {}
    for record in records:
        if record["group"] in ("electricity", "electricity_own") and record["views"][view.name]["included"]:
            used = sum((amounts[(record["stream_key"], month)] for month in record["months"]), Decimal(0))
            per_unit = Decimal(record["conversion"]) * multiplier(record["basis_unit"], "kWh")
            consumption[record["id"]] = Consumption(
                record["site"],
                country(record["region"]),
                used * per_unit,
                is_own=record["group"] == "electricity_own",
            )
    return consumption


def _covers(
    drawn: Sequence[tuple[View, Sequence[Cover]]], records: Sequence[Record], views: Sequence[View], ledger: Ledger
) -> list[tuple[Record, Record]]:
    """Return (calculation, cover) for every draw on the pool; each counts in the structure that admits it."""
    by_id = {record["id"]: record for record in records}
    label = f"{ledger.start:%Y}" if ledger.start.year == ledger.end.year else f"{ledger.start:%Y}/{ledger.end:%Y}"
    made: list[tuple[Record, Record]] = []
    for view, covers in drawn:
        for one in covers:
            calculation = _cover_calculation(
                f"I{len(made) + 1:03}", by_id[one.consumption], one.instrument, view, views
            )
            record = {"calculation": calculation["id"], "consumption": one.consumption, "view": view.name}
            made.append((calculation, record | {"month": label, "kwh": plain(one.kwh)}))
    return made


def _cover_calculation(
    identifier: str, consumption: Record, instrument: int, counting: View, views: Sequence[View]
) -> Record:
    """The covered kWh taken off at the factor they were counted with: certified power emits nothing in scope 2."""
    aside = blank() | {"included": False, "rule": "instrument"}
    records = {view.name: aside | {"gwp_set": view.method.gwp_set} for view in views}
    records[counting.name] = consumption["views"][counting.name] | {"sign": -1, "rule": "instrument"}
    return consumption | {
        "id": identifier,
        "name_zh": f"绿色电力凭证覆盖电量（{consumption['id']}）",
        "name_en": f"Power covered by an instrument ({consumption['id']})",
        "group": "instrument",
        "unit": "kWh",
        "conversion": plain(multiplier("kWh", consumption["basis_unit"])),
        "offset": "0",
        "stream_key": "",
        "months": [],
        "energy": None,
        # The factor's error is shared with the consumption and falls away with it; the meter's stays where it is.
        "uncertainty": [p for p in consumption["uncertainty"] if p["kind"] == "factor"],
        "instrument": instrument,
        "views": records,
    }


def _instrument_records(judged: Sequence[Judged], drawn: Mapping[str, Sequence[Cover]]) -> list[Record]:
    """Every instrument with what refused it and what each structure drew; the pool keeps the larger draw's rest."""
    used = {view: used_kwh(covers, len(judged)) for view, covers in drawn.items()}
    return [
        {key: _text(item) for key, item in asdict(one.instrument).items()}
        | {
            "refused": one.refused,
            "used_kwh": plain(used["market"][index]),
            "used_kwh_method": plain(used["method"][index]),
        }
        for index, one in enumerate(judged)
    ]


def _text(item: object) -> str:
    return "" if item is None else item.isoformat() if isinstance(item, date) else str(item)


def _operands(ledger: Ledger, method: Method, gross: Method, library: Library, overlay: Overlay, meta: Meta) -> Record:
    return {
        "schema": SCHEMA,
        "inventory": {
            "id": meta.identifier,
            "version": meta.version,
            "reason": meta.reason,
            "created": meta.created,
            "period": {"start": ledger.start.isoformat(), "end": ledger.end.isoformat()},
            "claim": "self_declared",
            "notes": dict(meta.notes or {}),
        },
        "organisation": asdict(ledger.organisation),
        "sites": [asdict(site) for site in ledger.sites],
        "method": method.to_record(),
        "gross_method": gross.to_record(),
        "library": {"version": library.version},
        "overlay": {"sha256": overlay.sha256},
        "engine": {"name": ENGINE, "version": meta.engine_version},
        "products": [{key: _text(item) for key, item in asdict(product).items()} for product in ledger.products],
        "exclusions": [asdict(exclusion) for exclusion in ledger.exclusions],
        "base_year": None if meta.base_year is None else dict(meta.base_year),
        "warnings": [],
    }


def _knowledge(valuations: Iterable[Record], records: Sequence[Record], library: Library, overlay: Overlay) -> Record:
    """The factors, sources and warming potentials that the calculations used, in full."""
    own = {one.factor.id: one.factor for one in overlay.factors}
    views = [view for view in valuations if view["included"]]
    used = {identifier for view in views for identifier in view["factor_ids"]}
    used |= {record["energy"]["factor_id"] for record in records if record["energy"]} - {""}
    weighed = {(view["gwp_set"], gas) for view in views for gas in view["gases"]}
    potentials: dict[str, dict[str, Record]] = {}
    for gwp_set, gas in sorted(weighed):
        known = library.gwp_sets[gwp_set].values.get(gas)
        if known is not None:
            number, identifier = known
            potentials.setdefault(gwp_set, {})[gas] = {"value": canonical(float(number)), "factor": identifier}
            used |= {identifier} if identifier in library.factors else set()
    factors = {identifier: own.get(identifier) or library.factors[identifier] for identifier in sorted(used)}
    sources = {factor.source for factor in factors.values()}
    return {
        "factors": {identifier: factor_record(factor) for identifier, factor in factors.items()},
        "sources": {name: asdict(library.sources[name]) for name in sorted(sources) if name in library.sources},
        "gwp": potentials,
    }


def factor_record(factor: Factor) -> Record:
    """Return a published value as a snapshot holds it."""
    fields = (
        "id", "name_en", "name_zh", "value", "unit", "gas", "region", "source", "page", "licence",
        "confidence", "gwp_set", "uncertainty_percent", "note",
    )  # fmt: skip
    return {name: getattr(factor, name) for name in fields} | {"year": str(factor.year)}
