"""Whether a supplier's footprint may stand in a product's: by method, boundary, GWP set, unit and period.

Nothing of another scope is added in. Another GWP set is converted from masses of gases alone; a number that is
weighted already stays what it is and is refused. A doubt does not refuse, but whoever accepts has to say why.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from factors.errors import FactorsError
from factors.gwp import GwpSet
from factors.library import Library
from factors.records import Factor
from factors.units import dimension, multiplier
from lca.days import years_after
from lca.exporters.frozen import amount_of, reading
from lca.footprint_method import FootprintMethod
from lca.greenhouse import AIRCRAFT, BIOGENIC, FOSSIL, LAND_USE, REMOVAL, UNSPLIT, has_potential, potential
from lca.numbers import canonical, total
from lca.product_model import Name, SupplierFootprint

Record = Mapping[str, Any]

KEPT, TOLD, DOUBTED, REFUSED = "kept", "told", "doubted", "refused"
"""What a check comes to; a doubt is answered by a reason, a refusal by nothing."""

MODULES_TO_GATE = frozenset({"A1", "A2", "A3"})
GATE = "cradle_to_gate"
JOINED = " + "
PARTS_AGREE = 0.005
"""Largest relative difference between a total and its parts that rounding to three digits explains."""

_FIELD_OF_PART = {
    FOSSIL: "fossil",
    BIOGENIC: "biogenic_emissions",
    REMOVAL: "biogenic_removals",
    LAND_USE: "land_use",
    AIRCRAFT: "aircraft",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a buyer asks of a footprint."""

    unit: str
    method: FootprintMethod
    boundary: str
    method_version: str = ""  # as it was when it was asked; '' for the one that is held
    start: str = ""  # period that it should be of, ISO dates
    end: str = ""
    must_be_verified: bool = False
    least_primary_percent: str = ""
    material: str = ""  # of the library's bounds


@dataclass(frozen=True, slots=True)
class Offered:
    """A supplier's footprint; masses of its gases and the version of the method's record where it tells them."""

    footprint: SupplierFootprint
    gases_kg: Mapping[str, float] = field(default_factory=dict)  # 'CH4/fossil' -> kg per unit
    method_version: str = ""
    is_demonstration: bool = False  # its maker says that its numbers stand for no real product


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, what it comes to, and the values that a sentence about it needs."""

    id: str
    verdict: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """All checks, and the footprint as the buyer uses it: in his unit, with the method's GWP set, its validity cut."""

    checks: tuple[Check, ...]
    footprint: SupplierFootprint

    @property
    def refused(self) -> tuple[Check, ...]:
        """Return the rules that are broken."""
        return tuple(one for one in self.checks if one.verdict == REFUSED)

    @property
    def doubted(self) -> tuple[Check, ...]:
        """Return what has to be answered by a reason."""
        return tuple(one for one in self.checks if one.verdict == DOUBTED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range of a material over published values, per unit, with the records that it comes from."""

    material: str
    name_zh: str
    name_en: str
    unit: str
    low: float
    median: float
    high: float
    warn_below: float
    warn_above: float
    publishers: str
    factor_ids: tuple[str, ...]


def admit(
    asked: Asked, offered: Offered, library: Library, on: date, last: SupplierFootprint | None = None
) -> Admission:
    """Hold an offered footprint against what was asked; ``last`` is the one that is in use.

    Every rule is asked, so that a supplier hears of everything at once.
    """
    checks = [
        *_unit(asked, offered),
        *_method(asked, offered),
        *_boundary(asked, offered),
        *_gwp_set(asked, offered, library),
        *_period(asked, offered, on),
        *_assurance(asked, offered),
        *_numbers(offered),
    ]
    used = _used(asked, offered, library, checks)
    if not any(one.id == "unit" and one.verdict == REFUSED for one in checks):
        checks += [*_plausible(asked, used, library), *_changed(asked, used, last)]
    return Admission(tuple(checks), used)


def offered_by(snapshot: Record) -> Offered:
    """Return what the maker of a frozen footprint hands to a buyer: results per unit, never its inputs.

    Raises:
        SnapshotInvalid: it is no frozen footprint.
    """
    with reading(snapshot):
        model, results = snapshot["model"], snapshot["results"]
        amount = float(amount_of(snapshot))

        def per(value: Any) -> str:
            return canonical(float(value) / amount)

        share = results["primary_data_share"]
        return Offered(
            SupplierFootprint(
                id=snapshot["footprint"]["id"],
                name=Name(**{key: model["name"][key] for key in ("zh", "en") if key in model["name"]}),
                unit=model["unit"]["unit"],
                kgco2e=per(results["excluding_uptake_kgco2e"]),
                supplier=model["organisation"]["zh"] or model["organisation"].get("en", ""),
                method=snapshot["method"]["id"],
                gwp_set=JOINED.join(_gwp_sets_of(snapshot)),
                boundary=model["boundary"],
                period_end=model["end"],
                region=model["region"],
                fossil=per(results["fossil"]),
                biogenic_emissions=per(results["biogenic_non_co2"]),
                biogenic_removals=per(results["biogenic_removals"]),
                land_use=per(results["luluc"]),
                aircraft=per(results["aircraft"]),
                carbon_biogenic_kg=per(results["carbon_biogenic_kg"] or 0),
                primary_data_share="" if share is None else canonical(100 * float(share)),
                dqr=results["dqr"] or "",
                statement=snapshot["footprint"]["id"],
            ),
            {gas: float(mass) / amount for gas, mass in results["by_gas_kg"].items()},
            snapshot["method"]["version"],
            is_demonstration=bool(model.get("is_demonstration")),
        )


def _gwp_sets_of(snapshot: Record) -> list[str]:
    """Return the sets that went into a footprint: the method's, and those of what publishers had weighed before."""
    (own,) = snapshot["gwp"]
    found = {own}
    for line in snapshot["lines"]:
        supply = snapshot["supplies"][line["supply"]]
        if any(gas.startswith(f"{UNSPLIT}/") for gas in supply["gases_kg"]):
            found.update(str(supply["gwp_set"] or "unstated").split(JOINED))
    return sorted(found)


def bounds(library: Library, material: str, unit: str) -> Bounds | None:
    """Return the published range of a material per ``unit``; None where the library has none of that dimension."""
    for row in library.tables["bounds"]:
        of = row["unit"].rpartition("/")[2]
        if row["material"] != material or dimension(of) != dimension(unit):
            continue
        scale = float(multiplier(unit, of))
        values = {name: float(row[name]) * scale for name in ("low", "median", "high", "warn_below", "warn_above")}
        ids = tuple(sorted(one.id for one in library.factors.values() if _is_of(one, material, of)))
        return Bounds(
            material, row["name_zh"], row["name_en"], unit, publishers=row["publishers"], factor_ids=ids, **values
        )
    return None


def materials(library: Library) -> Mapping[str, Name]:
    """Return the materials that the library has ranges of, by their ids."""
    rows = sorted(library.tables["bounds"], key=lambda row: row["material"])
    return {row["material"]: Name(row["name_zh"], row["name_en"]) for row in rows}


def _is_of(factor: Factor, material: str, unit: str) -> bool:
    return factor.material == material and factor.usable and factor.unit.rpartition("/")[2] == unit


# --- the rules -----------------------------------------------------------------------------------


def _unit(asked: Asked, offered: Offered) -> Iterator[Check]:
    try:
        fits = dimension(offered.footprint.unit) == dimension(asked.unit)
    except FactorsError:
        fits = False
    yield Check("unit", KEPT if fits else REFUSED, {"found": offered.footprint.unit, "asked": asked.unit})


def _method(asked: Asked, offered: Offered) -> Iterator[Check]:
    found, wanted = offered.footprint.method, asked.method
    if asked.method_version not in ("", wanted.version):
        # What it would be judged by is no longer here.
        yield Check(
            "method-changed", REFUSED, {"method": wanted.id, "asked": asked.method_version, "held": wanted.version}
        )
    if found != wanted.id:
        yield Check("method", REFUSED, {"found": found or "–", "asked": wanted.id})
    elif offered.method_version and offered.method_version != wanted.version:
        params = {"method": wanted.id, "found": offered.method_version, "asked": wanted.version}
        yield Check("method-version", REFUSED, params)
    else:
        yield Check("method", KEPT, {"found": found, "asked": wanted.id})


def _boundary(asked: Asked, offered: Offered) -> Iterator[Check]:
    found = boundary_of(offered.footprint.boundary)
    kept = bool(found) and found == asked.boundary
    yield Check("boundary", KEPT if kept else REFUSED, {"found": found or "–", "asked": asked.boundary})


def boundary_of(stated: str) -> str:
    """Return a boundary by its name; the modules A1 to A3 of a declaration are cradle to gate, nothing else is."""
    modules = frozenset(part.strip() for part in stated.split("+"))
    return GATE if modules == MODULES_TO_GATE else stated


def _gwp_set(asked: Asked, offered: Offered, library: Library) -> Iterator[Check]:
    found, wanted = offered.footprint.gwp_set, asked.method.gwp_set
    if found == wanted:
        yield Check("gwp-set", KEPT, {"found": found, "asked": wanted})
    elif _convertible(offered, library.gwp_sets[wanted]):
        yield Check("gwp-converted", TOLD, {"found": found or "–", "asked": wanted})
    elif wanted in found.split(JOINED):
        # Weighed by the set asked for, but for what publishers had weighed before: the sum says so of itself too.
        yield Check("gwp-mixed", DOUBTED, {"found": found, "asked": wanted})
    else:
        yield Check("gwp-set", REFUSED, {"found": found or "–", "asked": wanted})


def _convertible(offered: Offered, gwp_set: GwpSet) -> bool:
    """Tell whether every gas is told by its mass, and the set knows it."""
    gases = [key.partition("/")[0] for key, mass in offered.gases_kg.items() if mass]
    return bool(gases) and all(gas != UNSPLIT and has_potential(gas, gwp_set) for gas in gases)


def _period(asked: Asked, offered: Offered, on: date) -> Iterator[Check]:
    """Judge the period by the method's rule: so many years from its end, and no longer than the supplier says."""
    end, until = _day(offered.footprint.period_end), valid_until(asked, offered.footprint)
    if end is None:
        yield Check("period-unstated", REFUSED)
        return
    if end > on:
        yield Check("period-future", REFUSED, {"end": end.isoformat(), "on": on.isoformat()})
    if until is None:
        yield Check("validity-unruled", DOUBTED, {"method": asked.method.id, "end": end.isoformat()})
    elif until < on:
        yield Check("expired", REFUSED, {"until": until.isoformat(), "on": on.isoformat()})
    else:
        yield Check("period", KEPT, {"end": end.isoformat(), "until": until.isoformat()})
    stated = _day(offered.footprint.valid_until)
    if stated and until and stated > until:
        yield Check("validity-cut", TOLD, {"stated": stated.isoformat(), "until": until.isoformat()})
    first, last = _day(asked.start), _day(asked.end)
    if (first and end < first) or (last and end > last):
        yield Check("period-other", TOLD, {"end": end.isoformat(), "start": asked.start, "last": asked.end})


def valid_until(asked: Asked, footprint: SupplierFootprint) -> date | None:
    """Return the last day on which a footprint may be used: the method's or its own, whichever comes first."""
    end, stated, years = _day(footprint.period_end), _day(footprint.valid_until), asked.method.validity.years
    ruled = years_after(end, int(years.value)) if end and years else None
    days = [one for one in (ruled, stated) if one]
    return min(days) if days else None


def _day(text: str) -> date | None:
    """Return a day; a year stands for its last one, and so does a month."""
    try:
        if len(text) == 4:
            return date(int(text), 12, 31)
        if len(text) == 7:
            first = date.fromisoformat(f"{text}-01")
            return first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _assurance(asked: Asked, offered: Offered) -> Iterator[Check]:
    one = offered.footprint
    if asked.must_be_verified:
        yield Check("verified", KEPT if one.is_verified else REFUSED)
    if asked.least_primary_percent:
        least = float(asked.least_primary_percent)
        kept = bool(one.primary_data_share) and float(one.primary_data_share) >= least
        params = {"found": one.primary_data_share or "–", "asked": asked.least_primary_percent}
        yield Check("primary-share", KEPT if kept else REFUSED, params)


def _numbers(offered: Offered) -> Iterator[Check]:
    """Hold the total against its parts: fossil + biogenic other than CO2 + land use + aircraft."""
    one = offered.footprint
    number = float(one.kgco2e)
    if offered.is_demonstration:
        yield Check("demonstration", DOUBTED)
    if number <= 0:
        yield Check("not-positive", DOUBTED, {"kgco2e": one.kgco2e})
    if one.fossil:
        parts = [float(text) for text in (one.fossil, one.biogenic_emissions, one.land_use, one.aircraft)]
        added = total(parts)
        if abs(added - number) > PARTS_AGREE * max(abs(number), *map(abs, parts)):
            yield Check("parts-differ", REFUSED, {"stated": one.kgco2e, "sum": canonical(added)})


def _plausible(asked: Asked, one: SupplierFootprint, library: Library) -> Iterator[Check]:
    found = bounds(library, asked.material, asked.unit) if asked.material else None
    if found is None:
        yield Check("range-unknown", TOLD, {"material": asked.material or "–"})
        return
    number = float(one.kgco2e)
    params = {
        "found": one.kgco2e,
        "unit": asked.unit,
        "material": asked.material,
        "material_zh": found.name_zh,
        "material_en": found.name_en,
        "low": canonical(found.low),
        "high": canonical(found.high),
        "publishers": found.publishers,
    }
    inside = found.warn_below <= number <= found.warn_above
    yield Check("range" if inside else "range-outside", KEPT if inside else DOUBTED, params)


def _changed(asked: Asked, one: SupplierFootprint, last: SupplierFootprint | None) -> Iterator[Check]:
    """Say by how much the number in use changes; beyond what the method lets stand, it is doubted."""
    if last is None or not float(last.kgco2e):
        return
    percent = 100 * (float(one.kgco2e) - float(last.kgco2e)) / abs(float(last.kgco2e))
    limit = asked.method.validity.change
    large = limit is not None and abs(percent) > float(limit.value)
    params = {"percent": f"{percent:+.3g}", "last": last.kgco2e, "found": one.kgco2e}
    yield Check("changed-much" if large else "changed", DOUBTED if large else TOLD, params)


# --- as the buyer uses it ------------------------------------------------------------------------


def _used(asked: Asked, offered: Offered, library: Library, checks: Sequence[Check]) -> SupplierFootprint:
    one = offered.footprint
    if any(check.id == "gwp-converted" for check in checks):
        one = _converted(offered, library.gwp_sets[asked.method.gwp_set])
    if not any(check.id == "unit" and check.verdict == REFUSED for check in checks):
        one = _in_unit(one, asked.unit)
    until = valid_until(asked, one)
    return replace(one, boundary=boundary_of(one.boundary), valid_until=until.isoformat() if until else one.valid_until)


def _converted(offered: Offered, gwp_set: GwpSet) -> SupplierFootprint:
    """Weigh the masses anew: sum of kg x GWP by part; biogenic CO2 stays outside, as in numbers without uptake."""
    weighed: dict[str, list[float]] = {part: [] for part in _FIELD_OF_PART}
    for key, mass in offered.gases_kg.items():
        gas, _, part = key.partition("/")
        if mass and not (part == BIOGENIC and gas == "CO2"):
            weighed[part].append(mass * potential(gas, gwp_set))
    sums = {part: math.fsum(values) for part, values in weighed.items()}
    whole = math.fsum(number for part, number in sums.items() if part != REMOVAL)
    parts: dict[str, Any] = {_FIELD_OF_PART[part]: canonical(number) for part, number in sums.items()}
    return replace(offered.footprint, kgco2e=canonical(whole), gwp_set=gwp_set.name, **parts)


def _in_unit(one: SupplierFootprint, unit: str) -> SupplierFootprint:
    """Return a footprint per ``unit`` of one that is stated per another of the same dimension."""
    if one.unit == unit:
        return one
    scale = float(multiplier(unit, one.unit))
    names = ("kgco2e", *_FIELD_OF_PART.values(), "carbon_biogenic_kg")
    told: dict[str, Any] = {name: canonical(float(text) * scale) for name in names if (text := getattr(one, name))}
    return replace(one, unit=unit, **told)
