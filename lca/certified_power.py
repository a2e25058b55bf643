"""Power of a product under certificates: drawn from the organisation's one retired pool, never counted as nothing.

    kWh drawn = (sum over the lines of kWh per unit of the product) x units of it made in the period

Each kilowatt-hour has the life-cycle factor of its technology, and its delivery with line losses stands beside it as a
line of its own. Products together never draw more of an instrument than it certifies; the inventory uses the same
kilowatt-hours for scope 2. A model that is computed without the organisation's records says that nobody checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factors.units import multiplier
from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.instruments import Judged, is_of_technology
from lca.ledger import Instrument
from lca.numbers import canonical
from lca.product_lines import Line
from lca.product_model import Model

Record = Mapping[str, Any]
Key = tuple[str, str, str]

ROUNDING = 1e-9
"""Relative difference of sums of kilowatt-hours that are written at twelve digits."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the footprint of another product drew of instruments."""

    footprint: str
    instruments: frozenset[Key]
    kwh: float


@dataclass(frozen=True, slots=True)
class Pool:
    """The organisation's instruments as judged for the period, what others drew of them, and what was made."""

    judged: tuple[Judged, ...]
    market: Callable[[str], str]  # of a region
    output: float | None  # of the product in the period, in the unit of its model; None where nothing states it
    drawn: tuple[Drawn, ...] = ()

    def named(self, certificate: str) -> tuple[Judged, ...]:
        """Return the instruments that bear this number or this contract."""
        wanted = certificate.strip()
        return tuple(one for one in self.judged if wanted in (one.instrument.number_from, one.instrument.contract))

    def kinds(self, certificate: str) -> frozenset[str]:
        """Return the kinds of the instruments of this name that count."""
        return frozenset(one.instrument.kind for one in self.named(certificate) if not one.refused)


def certificates_of(model: Model) -> frozenset[str]:
    """Return the certificates that the inputs of a model name."""
    return frozenset(one.source.certificate for _, one in model.inputs()) - {""}


def key_of(instrument: Instrument | Record) -> Key:
    """Return what an instrument is known by: kind, first number, contract."""
    said = instrument if isinstance(instrument, Mapping) else {name: getattr(instrument, name) for name in KEY}
    kind, number, contract = (str(said[name]) for name in KEY)
    return kind, number, contract


KEY = ("kind", "number_from", "contract")
SHOWN = (*KEY, "number_to", "technology", "region", "site", "amount_kwh")


def draws(snapshot: Record) -> Iterator[Drawn]:
    """Yield what a frozen footprint drew of the pool."""
    for one, result in zip(snapshot.get("certificates", ()), _results(snapshot), strict=True):
        if one["is_checked"]:
            keys = frozenset(key_of(each) for each in one["instruments"])
            yield Drawn(snapshot["footprint"]["id"], keys, float(result["kwh"]))


def _results(snapshot: Record) -> Sequence[Record]:
    found: Sequence[Record] = snapshot["results"].get("certified_power", ())
    return found


# --- what is frozen ------------------------------------------------------------------------------


def certificates(
    model: Model, body: Record, lines: Sequence[Line], amounts: Collection[float], pool: Pool | None, region: str
) -> list[dict[str, Any]]:
    """Return the operands of every certificate that the lines draw on: its instruments, others' draws, units made.

    ``lines`` and ``amounts`` stand in the order of the record's lines.

    Raises:
        ModelInvalid: certificates that are not in the pool, do not count, do not fit, or are drawn on beyond what they
            certify; all of them, by input.
    """
    rows: dict[str, list[tuple[Line, Record, float]]] = {}
    for line, frozen, amount in zip(lines, body["lines"], amounts, strict=True):
        if "certificate" in frozen:
            rows.setdefault(frozen["certificate"], []).append((line, frozen, amount))
    if pool is None:
        return [{"certificate": name, "is_checked": False} for name in rows]
    places = {
        f"{process.id}.{one.id}": f"process {process.id} › {one.id}" + (f" (line {one.line})" if one.line else "")
        for process, one in model.inputs()
    }
    problems: list[Flaw] = []
    found = []
    for name, drawn in rows.items():
        place = places.get(drawn[0][0].group, drawn[0][0].id)
        flaws = list(_flaws(name, drawn, body, pool, region))
        record = _record(name, body, pool)
        flaws = flaws or list(_beyond(name, record, _kwh_per_unit(body, name, amounts)))
        problems += [Flaw(one.code, one.params, place) for one in flaws]
        found.append(record)
    if problems:
        raise ModelInvalid(problems)
    return found


def _flaws(
    name: str, drawn: Sequence[tuple[Line, Record, float]], body: Record, pool: Pool, region: str
) -> Iterator[Flaw]:
    """Yield why the instruments of this name cannot stand behind these lines."""
    named = pool.named(name)
    if not named:
        yield Flaw("certificate-unknown", {"certificate": name})
    counting = [one.instrument for one in named if not one.refused]
    if named and not counting:
        yield Flaw("certificate-refused", {"certificate": name, "reason": named[0].refused})
    if pool.output is None:
        model = body["model"]
        params = {"name": model["name"]["zh"], "start": model["start"], "end": model["end"]}
        yield Flaw("certificate-output", {"certificate": name, **params})
    for instrument in counting:
        for line, frozen, _ in drawn:
            yield from _unfit(name, instrument, line, frozen, body, pool, region)


def _unfit(
    name: str, instrument: Instrument, line: Line, frozen: Record, body: Record, pool: Pool, region: str
) -> Iterator[Flaw]:
    activity = body["supplies"][frozen["supply"]]["activity"]
    if not is_of_technology(instrument, activity):
        params = {"certificate": name, "technology": instrument.technology or "-", "activity": activity}
        yield Flaw("certificate-technology", params)
    place = line.source.region or region
    if pool.market(instrument.region) != pool.market(place):
        yield Flaw("certificate-market", {"certificate": name, "region": instrument.region, "place": place})
    site = body["nodes"][frozen["process"]]["site"]
    if instrument.site and instrument.site != site:
        yield Flaw("certificate-site", {"certificate": name, "site": instrument.site, "wanted": site or "-"})


def _record(name: str, body: Record, pool: Pool) -> dict[str, Any]:
    instruments = [one.instrument for one in pool.named(name) if not one.refused]
    keys = {key_of(one) for one in instruments}
    return {
        "certificate": name,
        "is_checked": True,
        "instruments": [{key: getattr(one, key) for key in SHOWN} for one in instruments],
        "drawn": [
            {"footprint": one.footprint, "kwh": canonical(one.kwh)} for one in pool.drawn if one.instruments & keys
        ],
        "output": canonical(pool.output or 0.0),
        "unit": body["model"]["unit"]["unit"],
    }


def _beyond(name: str, record: Record, per_unit: tuple[float, float]) -> Iterator[Flaw]:
    """Yield the flaw of drawing more than the instruments certify, others' draws taken off."""
    kwh = per_unit[0] * per_unit[1] * float(record["output"])
    if not _is_within(record, kwh):
        params = {
            "certificate": name,
            "kwh": canonical(kwh),
            "amount": canonical(_certified_kwh(record)),
            "others": ", ".join(f"{one['footprint']} {one['kwh']}" for one in record["drawn"]) or "-",
        }
        yield Flaw("certificate-exceeded", params)


def _certified_kwh(record: Record) -> float:
    return math.fsum(float(one["amount_kwh"]) for one in record["instruments"])


def _is_within(record: Record, kwh: float) -> bool:
    others = math.fsum(float(one["kwh"]) for one in record["drawn"])
    certified = _certified_kwh(record)
    return kwh + others <= certified * (1 + ROUNDING)


# --- what follows from it ------------------------------------------------------------------------


def certified_power(body: Record, amounts: Collection[float]) -> dict[str, Any]:
    """Return ``certified_power`` of the results: kWh per unit of the product, and of all that was made, by certificate.

    Nothing where no line draws on a certificate.
    """
    rows = []
    for one in body.get("certificates", ()):
        per_unit, times = _kwh_per_unit(body, one["certificate"], amounts)
        kwh = canonical(per_unit * times * float(one["output"])) if one["is_checked"] else None
        rows.append({"certificate": one["certificate"], "kwh_per_unit": canonical(per_unit), "kwh": kwh})
    return {"certified_power": rows} if rows else {}


def _kwh_per_unit(body: Record, name: str, amounts: Collection[float]) -> tuple[float, float]:
    """Return kWh under the certificate for one unit of the product, and how many of it one unit of output is."""
    drawn = (
        float(amount) * float(multiplier(line["unit"], "kWh"))
        for line, amount in zip(body["lines"], amounts, strict=False)
        if line.get("certificate") == name
    )
    made = float(multiplier(body["model"]["unit"]["unit"], body["nodes"][body["main"]]["unit"]))
    return math.fsum(drawn), made / float(body["demand"])


def is_covered(snapshot: Record) -> bool:
    """Is every certificate checked against the pool, and drawn on within what it certifies?"""
    pairs = zip(snapshot.get("certificates", ()), _results(snapshot), strict=True)
    return all(one["is_checked"] and _is_within(one, float(result["kwh"])) for one, result in pairs)
