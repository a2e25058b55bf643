"""Which published value answers an activity, and why: nothing is matched that no table maps.

``activities.csv`` names for every activity a ranked list of series; ``series.csv`` names the records
of every series and the role each plays in a formula. The answer carries its variant and the
candidates it beat; an activity without a value is a question to a person, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from factors.errors import (
    AmbiguousActivity,
    AmbiguousFactor,
    ChosenFactorRefused,
    FactorNotFound,
    UnitUndecided,
    UnknownActivity,
    UnknownFactor,
)
from factors.library import Factor, Library
from factors.near import near
from factors.units import CALORIFIC, FactorUnit, dimension, is_net

POWER_GROUPS = frozenset({"electricity", "electricity_exported"})
"""What is bought from a grid: a contract says what a market-based figure is, never what the grid's or a method's is."""

OPTIONAL_ROLES = frozenset({"ch4", "n2o", "printed_co2"})
"""Roles that supplement a formula: gases a method may leave out, and a printed product of the others."""

GAS_OF_ROLE = MappingProxyType({"ch4": "CH4", "n2o": "N2O"})

CARRIED = MappingProxyType({dimension("tkm"): dimension("t"), dimension("pkm"): dimension("person")})
"""What is carried, by what carrying it is counted in: mass for tonne-kilometres, people for passenger-kilometres."""

YEARLY = frozenset({"statistic", "prescribed", "proxy"})
"""Kinds of records that hold for their year: a later one never answers an earlier date, and an earlier one says so."""

PROXY = "proxy"
"""Kind of a record that may stand in where no nearer place has one; outside its own it says ``other_region``."""

PARAMETER_SET = "{set}"
"""Placeholder in a series name: one series per parameter set of the method, in the method's order."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that emits, as activities.csv defines it."""

    id: str
    name_en: str
    name_zh: str
    aliases: tuple[str, ...]
    group: str
    unit: str
    formula: str
    inventory: tuple[str, ...]
    market: tuple[str, ...]
    footprint: tuple[str, ...]
    gas: str
    low: str
    high: str
    negative: str = ""  # why an amount may be below zero: 'credit' for what a later bill takes back
    dimensions: frozenset[str] = frozenset()  # what an amount of it may be given in


@dataclass(frozen=True, slots=True)
class Rules:
    """What a method says about choosing: plain values, so that this room knows no method."""

    view: str = "location"  # | market | method
    parameter_sets: tuple[str, ...] = ("mee-ets", "ndrc-later", "ndrc2013")
    combustion_gases: frozenset[str] = frozenset({"CO2", "CH4", "N2O"})
    series: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    level: Mapping[str, str] = field(default_factory=dict)  # activity -> province | grid | country
    gwp_set: str = "AR6"


@dataclass(frozen=True, slots=True)
class Query:
    """The question: which value answers this activity, at this place, on this day, for this purpose?"""

    activity: str
    on: date
    region: str
    purpose: str = "inventory"  # | footprint
    rules: Rules = field(default_factory=Rules)
    unit: str = ""
    factor: str = ""  # a record that a person chose
    site: str = ""
    counterparty: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One record in one role of a formula."""

    role: str
    factor: Factor
    unit: FactorUnit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that was looked at and not taken, with the reason."""

    factor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """The answer: records by role, how good the answer is, and what it beat."""

    activity: Activity
    series: str
    formula: str
    parts: tuple[Part, ...]
    variants: tuple[str, ...]
    detail: Mapping[str, str]
    candidates: tuple[Candidate, ...]

    @property
    def variant(self) -> str:
        """The most telling variant, ``exact`` when there is none to tell."""
        return self.variants[0] if self.variants else "exact"

    @property
    def factor_ids(self) -> tuple[str, ...]:
        """The ids of the records in use, once each, in the order of their roles."""
        return tuple(dict.fromkeys(part.factor.id for part in self.parts))


@dataclass(frozen=True, slots=True)
class OwnFactor:
    """A factor of an organisation: its own measurement or a supplier's statement."""

    activity: str
    factor: Factor
    unit: FactorUnit
    kind: str = "own_factor"  # | supplier
    site: str = ""
    counterparty: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """An organisation's own factors, laid over the library; ``sha256`` stands in every snapshot."""

    factors: tuple[OwnFactor, ...] = ()
    sha256: str = ""


NO_OVERLAY = Overlay()


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    formula: str
    role: str
    factor: Factor


@dataclass(frozen=True, slots=True)
class _Index:
    activities: Mapping[str, Activity]
    names: Mapping[str, tuple[str, ...]]  # one name may be that of several
    series: Mapping[str, tuple[_Row, ...]]


def activities(library: Library) -> Mapping[str, Activity]:
    """Every activity that the library can be asked about, by id."""
    return _index(library).activities


def resolve_activity(text: str, library: Library) -> Activity:
    """Find an activity by id, Chinese or English name, or alias.

    Raises:
        UnknownActivity: no activity is called so; the nearest names are given.
        AmbiguousActivity: several are called so; all of them are given.
    """
    index = _index(library)
    key = _folded(text)
    found = index.names.get(key, ())
    if len(found) == 1:
        return index.activities[found[0]]
    close = dict.fromkeys(found or (one for name in near(key, index.names, 8) for one in index.names[name]))
    raised = AmbiguousActivity if found else UnknownActivity
    raise raised(text, [f"{one} {index.activities[one].name_zh}" for one in close])


def match(query: Query, library: Library, overlay: Overlay = NO_OVERLAY) -> Match:
    """Answer ``query`` from ``library``, an organisation's own factors first.

    The order of what wins: a record that a person chose; an own or a supplier's factor; the ranked
    series of the activity. For power from a grid a chosen record answers only where the structure could
    have taken it, and an own or supplier's factor only the market-based one. Inside a series the
    nearest geography wins over the nearest year: a grid differs more between places than between years.
    A record of a place that the query does not lie in answers only where the table calls it a proxy, after
    all others, and as ``other_region``. A later year never answers an earlier date.

    Raises:
        UnknownActivity: the activity is not in activities.csv.
        FactorNotFound: no usable record answers; ``candidates`` says what was looked at.
        AmbiguousFactor: several records answer equally well.
        ChosenFactorRefused: the record that a person chose may not be used.
    """
    activity = resolve_activity(query.activity, library)
    if query.factor:
        chosen = _chosen(query, activity, library)
        if chosen is not None:
            return chosen
    elif activity.group not in POWER_GROUPS or query.rules.view == "market":
        own = _own(query, activity, library, overlay)
        if own is not None:
            return own
    beaten: list[Candidate] = []
    found: Match | None = None
    for rank, series in enumerate(_ranked(query, activity)):
        if found is not None:
            beaten.extend(_losers(series, "lower-rank", library))
            continue
        found = _from_series(series, query, activity, library, beaten)
        if found is not None and rank and _is_fallback_set(series, query):
            found = _with_variant(found, "fallback_set", parameter_set=_set_of(series))
    if found is None:
        looked = [(candidate.factor_id, candidate.reason) for candidate in beaten]
        raise FactorNotFound(activity.id, query.on, _places(query, library), looked)
    return replace(found, candidates=tuple(beaten))


def validity_edges(library: Library, overlay: Overlay = NO_OVERLAY) -> list[date]:
    """Return every day on which a mapped value begins or ceases to hold: between two of them all answers are alike."""
    mapped = {row.factor.id: row.factor for rows in _index(library).series.values() for row in rows}
    factors = [*mapped.values(), *(own.factor for own in overlay.factors)]
    starts = {factor.valid_from for factor in factors}
    ends = {factor.valid_to + timedelta(days=1) for factor in factors if factor.valid_to is not None}
    return sorted(starts | ends)


def _folded(text: str) -> str:
    return text.strip().casefold().replace("-", "_").replace(" ", "_")


@lru_cache(maxsize=4)
def _index(library: Library) -> _Index:
    series: dict[str, list[_Row]] = {}
    for row in library.tables.get("series", ()):
        factor = library.factors[row["factor"]]
        series.setdefault(row["series"], []).append(_Row(row["kind"], row["formula"], row["role"], factor))
    activities = {
        row["activity"]: replace(found, dimensions=_dimensions(found, series, library))
        for row in library.tables.get("activities", ())
        if (found := _activity(row))
    }
    names: dict[str, tuple[str, ...]] = {}
    for activity in activities.values():
        for name in {_folded(name) for name in (activity.name_en, activity.name_zh, *activity.aliases)}:
            names[name] = (*names.get(name, ()), activity.id)
    names |= {_folded(identifier): (identifier,) for identifier in activities}  # an id is never shadowed by a name
    return _Index(activities, names, {name: tuple(rows) for name, rows in series.items()})


def _dimensions(activity: Activity, series: Mapping[str, Sequence[_Row]], library: Library) -> frozenset[str]:
    """What an amount may be given in: the activity's own unit, denominators of its series, energy of a fuel."""
    found = {dimension(activity.unit)}
    for name in (*activity.inventory, *activity.market):
        rows = (row for known, of in series.items() if _is_of(known, name) for row in of)
        for row in rows:
            denominator = library.units[row.factor.unit].denominator
            if row.role == "factor" and row.formula == "published" and denominator:
                found.add(dimension(denominator))
            if row.role == "ncv":
                found.add("energy")
    # Cubic metres of a gas become normal ones where temperature and pressure are stated; tonnes and people are
    # counted with the distance that stands beside them.
    # A burned liquid is metered in litres, which its stated density makes tonnes.
    is_liquid = activity.formula == "combustion" and "mass" in found
    more = {"volume"} if is_liquid or activity.formula == "wastewater" or "normal_volume" in found else set()
    return frozenset(found | more | {what for done, what in CARRIED.items() if done in found})


def _is_of(series: str, name: str) -> bool:
    head, _, tail = name.partition(PARAMETER_SET)
    return series == name if head == name else series.startswith(head) and series.endswith(tail)


def _activity(row: Mapping[str, str]) -> Activity:
    return Activity(
        id=row["activity"],
        name_en=row["name_en"],
        name_zh=row["name_zh"],
        aliases=tuple(name for name in row["aliases"].split("|") if name),
        group=row["group"],
        unit=row["unit"],
        formula=row["formula"],
        inventory=tuple(row["inventory"].split()),
        market=tuple(row["market"].split()),
        footprint=tuple(row["footprint"].split()),
        gas=row["gas"],
        low=row["low"],
        high=row["high"],
        negative=row["negative"],
    )


def _ranked(query: Query, activity: Activity) -> Iterator[str]:
    for series in _named(query, activity):
        if PARAMETER_SET in series:
            yield from (series.replace(PARAMETER_SET, name) for name in query.rules.parameter_sets)
        else:
            yield series


def _named(query: Query, activity: Activity) -> tuple[str, ...]:
    if query.purpose == "footprint":
        return activity.footprint
    if activity.id in query.rules.series:
        return query.rules.series[activity.id]
    if query.rules.view == "market" and activity.market:
        return activity.market
    return activity.inventory


def _places(query: Query, library: Library) -> tuple[str, ...]:
    """The geographies to look in, nearest first, from the level that the method asks for."""
    path = tuple(library.geographies.path(query.region))
    level = query.rules.level.get(resolve_activity(query.activity, library).id)
    if level is None:
        return path
    order = ("province", "grid", "country", "union", "world")
    wanted = order.index(level)
    kinds = {code: library.geographies.kind(code) for code in path}
    return tuple(code for code in path if order.index(_level_of(kinds[code])) >= wanted) or path


def _level_of(kind: str) -> str:
    return kind if kind in ("grid", "country", "union", "world") else "province"


def _from_series(
    series: str, query: Query, activity: Activity, library: Library, beaten: list[Candidate]
) -> Match | None:
    rows = _index(library).series.get(series, ())
    if not rows:
        return None
    parts: list[Part] = []
    variants: dict[str, None] = {}
    detail: dict[str, str] = {"series": series}
    for role in dict.fromkeys(row.role for row in rows):
        if role in GAS_OF_ROLE and GAS_OF_ROLE[role] not in query.rules.combustion_gases:
            continue
        chosen = _choose([row for row in rows if row.role == role], query, activity, library, beaten)
        if chosen:
            parts.extend(Part(role, row.factor, library.units[row.factor.unit]) for row in chosen)
            if role not in OPTIONAL_ROLES:
                _note_variants(chosen[0], query, library, variants, detail)
        elif role not in OPTIONAL_ROLES:
            beaten.extend(Candidate(part.factor.id, f"no-{role}-beside-it") for part in parts)
            return None
    return Match(activity, series, rows[0].formula or activity.formula, tuple(parts), tuple(variants), detail, ())


def _choose(
    rows: Sequence[_Row], query: Query, activity: Activity, library: Library, beaten: list[Candidate]
) -> list[_Row]:
    """The records of one role: usable, nearest place, then nearest year, then the asked unit; a proxy comes last."""
    usable = [row for row in rows if not row.factor.refusal and _right_set(row, query)]
    beaten.extend(Candidate(row.factor.id, row.factor.refusal) for row in rows if row.factor.refusal)
    places = _places(query, library)
    for place in places:
        here = [row for row in usable if row.factor.region == place]
        if fitting := _answering(here, query, activity, library, beaten):
            taken = {row.factor.id for row in fitting}
            wider = (r for r in usable if r.factor.region in _wider(place, query, library))
            beaten.extend(
                Candidate(row.factor.id, "wider-region")
                for row in wider
                if row.factor.id not in taken and row.factor.year == fitting[0].factor.year
            )
            return fitting
    elsewhere = [row for row in usable if row.kind == PROXY and row.factor.region not in places]
    return _answering(elsewhere, query, activity, library, beaten)


def _answering(
    rows: Sequence[_Row], query: Query, activity: Activity, library: Library, beaten: list[Candidate]
) -> list[_Row]:
    """The records among those of one place that answer: of the latest year, in the asked unit, by gas."""
    dated = _latest(rows, query.on)
    beaten.extend(
        Candidate(row.factor.id, "later-year" if _is_later(row, query.on) else "other-year")
        for row in rows
        if row not in dated
    )
    fitting = _fitting(dated, query, activity, library)
    if dated and not fitting and not query.unit:
        # Published per several units, none of them the usual one: the person has to say which.
        raise _undecided(dated, query, activity, library)
    beaten.extend(Candidate(row.factor.id, "other-unit") for row in dated if row not in fitting)
    _refuse_ties(fitting, query, activity)
    return fitting


def _right_set(row: _Row, query: Query) -> bool:
    return row.kind != "gwp" or row.factor.gwp_set == query.rules.gwp_set


def _wider(place: str, query: Query, library: Library) -> tuple[str, ...]:
    path = tuple(library.geographies.path(query.region))
    return path[path.index(place) + 1 :]


def _is_later(row: _Row, on: date) -> bool:
    return row.kind in YEARLY and row.factor.valid_from > on


def _latest(rows: Sequence[_Row], on: date) -> list[_Row]:
    """The rows of the latest year not after ``on``; a default of a guideline has no such bound."""
    known = [row for row in rows if not _is_later(row, on)]
    if not known:
        return []
    latest = max(row.factor.valid_from for row in known)
    return [row for row in known if row.factor.valid_from == latest]


def _fitting(rows: Sequence[_Row], query: Query, activity: Activity, library: Library) -> list[_Row]:
    """Of records that differ only in their denominator, those of the unit asked for."""
    denominators = {library.units[row.factor.unit].denominator for row in rows if row.role == "factor"}
    if len(denominators) < 2:
        return list(rows)
    wanted = dimension(query.unit or activity.unit)
    if {dimension(name) for name in denominators} >= CALORIFIC and wanted == "energy" and not is_net(query.unit):
        # Bills of gas are in kWh at gross calorific value in one country and at net in another: it makes a tenth.
        raise _undecided(rows, query, activity, library)
    return [row for row in rows if dimension(library.units[row.factor.unit].denominator) == wanted]


def _undecided(rows: Sequence[_Row], query: Query, activity: Activity, library: Library) -> UnitUndecided:
    per = {
        row.factor.id: library.units[row.factor.unit].denominator for row in rows if row.factor.gas in ("CO2", "CO2e")
    }
    return UnitUndecided(activity.id, query.on, query.region, per)


def _refuse_ties(rows: Sequence[_Row], query: Query, activity: Activity) -> None:
    gases = [row.factor.gas for row in rows]
    if len(set(gases)) < len(gases):
        raise AmbiguousFactor(activity.id, query.on, query.region, [row.factor.id for row in rows])


def _note_variants(
    row: _Row, query: Query, library: Library, variants: dict[str, None], detail: dict[str, str]
) -> None:
    factor = row.factor
    if row.kind == "default":
        variants["default"] = None
    if row.kind not in YEARLY:
        return
    if row.kind != "prescribed" and factor.region != _places(query, library)[0]:
        variants["parent_region" if factor.region in _places(query, library) else "other_region"] = None
        detail["region_used"] = factor.region
    if factor.valid_to is not None and factor.valid_to < query.on:
        variants["earlier_year"] = None
        detail["year_used"] = str(factor.year)


def _is_fallback_set(series: str, query: Query) -> bool:
    return series.startswith("cn.fuel.") and _set_of(series) != query.rules.parameter_sets[0]


def _set_of(series: str) -> str:
    return series.split(".")[2]


def _with_variant(found: Match, variant: str, **detail: str) -> Match:
    return replace(found, variants=(variant, *found.variants), detail={**found.detail, **detail})


def _losers(series: str, reason: str, library: Library) -> Iterable[Candidate]:
    seen = dict.fromkeys(
        row.factor.id for row in _index(library).series.get(series, ()) if row.role not in OPTIONAL_ROLES
    )
    return [Candidate(identifier, reason) for identifier in list(seen)[:3]]


def _own(query: Query, activity: Activity, library: Library, overlay: Overlay) -> Match | None:
    places = tuple(library.geographies.path(query.region))
    fitting = [
        own
        for own in overlay.factors
        if own.activity == activity.id
        and own.site in ("", query.site)
        and own.counterparty in ("", query.counterparty)
        and own.factor.region in places
        and own.factor.valid_from <= query.on
        and (own.factor.valid_to is None or own.factor.valid_to >= query.on)
    ]
    if not fitting:
        return None
    # The most specific wins: a factor of this supplier and site over one of the whole organisation.
    best = max((bool(own.counterparty), bool(own.site), own.factor.valid_from) for own in fitting)
    top = [own for own in fitting if (bool(own.counterparty), bool(own.site), own.factor.valid_from) == best]
    gases = [own.factor.gas for own in top]
    if len(set(gases)) < len(gases):
        raise AmbiguousFactor(activity.id, query.on, query.region, [own.factor.id for own in top])
    parts = tuple(Part("factor", own.factor, own.unit) for own in top)
    beaten = tuple(c for series in _ranked(query, activity) for c in _losers(series, "own-factor", library))
    return Match(activity, "overlay", "published", parts, (top[0].kind,), {"series": "overlay"}, beaten)


def _chosen(query: Query, activity: Activity, library: Library) -> Match | None:
    factor = library.factors.get(query.factor)
    if factor is None:
        raise UnknownFactor(query.factor, near(query.factor, library.factors))
    # A person may take a low-confidence value knowingly; a licence and a meaning nobody may override.
    if factor.refusal and factor.refusal not in ("low-confidence", "derived-by-third-party"):
        raise ChosenFactorRefused(factor.id, activity.id, factor.refusal)
    unit = library.units[factor.unit]
    if unit.of not in ("co2e", "gas"):
        raise ChosenFactorRefused(factor.id, activity.id, "not-an-emission-factor")
    if activity.group in POWER_GROUPS:
        if factor.region not in library.geographies.path(query.region):
            raise ChosenFactorRefused(factor.id, activity.id, "another-place")
        if not _is_in(factor, (*activity.inventory, *activity.market), library):
            raise ChosenFactorRefused(factor.id, activity.id, "another-series")
        if not _is_in(factor, tuple(_ranked(query, activity)), library):
            return None
    variants, detail = _choice_variants(factor, query, library)
    return Match(activity, "chosen", "published", (Part("factor", factor, unit),), variants, detail, ())


def _is_in(factor: Factor, series: Sequence[str], library: Library) -> bool:
    known = _index(library).series
    return any(row.factor.id == factor.id for name in series for row in known.get(name, ()))


def _choice_variants(factor: Factor, query: Query, library: Library) -> tuple[tuple[str, ...], dict[str, str]]:
    """Say how far a chosen record lies from what was asked: another place, another year."""
    variants, detail = ["chosen"], {"series": "chosen", "confidence": factor.confidence}
    path = tuple(library.geographies.path(query.region))
    if factor.region != path[0]:
        variants.append("parent_region" if factor.region in path else "other_region")
        detail["region_used"] = factor.region
    if factor.valid_from > query.on or (factor.valid_to is not None and factor.valid_to < query.on):
        variants.append("later_year" if factor.valid_from > query.on else "earlier_year")
        detail["year_used"] = str(factor.year)
    return tuple(variants), detail
