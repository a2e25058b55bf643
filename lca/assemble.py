"""From emission sources and months to calculations: each distinct case is matched and valued once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from factors.errors import FactorsError
from factors.library import Library
from factors.match import CARRIED, Activity, Match, Overlay, Query, match, resolve_activity, validity_edges
from factors.units import dimension
from lca.energy_operand import FUEL_GROUPS, energy_operand
from lca.errors import LcaError, OperandMissing, StockRepeated, Unanswered
from lca.formulas import FORMULAS
from lca.formulas.measured import PROPERTIES
from lca.formulas.operands import unknown
from lca.ledger import Ledger, Site, Stream
from lca.method import LEGAL_ENTITY, Method
from lca.numbers import canonical
from lca.parts import Part, plain, stream_keys
from lca.valuation import (
    ANOTHER_ENTITY,
    DENSITY,
    GAS_CONDITIONS,
    View,
    assumed,
    basis_unit,
    blank,
    conversion,
    left_out,
    offset,
    share_of,
    value,
)

Record = dict[str, Any]

REPORTED = "reported"
"""The formula of emissions that another party reported: their amount stands in no publication."""

CARBON_MEASURED = frozenset(key for key, item in PROPERTIES.items() if item.role == "carbon_fraction")
BY_CARBON = MappingProxyType({"combustion": "combustion_carbon", "published": "carbon", "fixed_carbon": "carbon"})
"""Where a measured carbon content takes the place of calorific value and default, or of a published factor."""

CARRIERS = ("freight", "commuting")
"""Formulas of an amount that is moved over a distance."""

COMBUSTION_OTHERS = frozenset({"CH4_fossil", "CH4_biogenic", "N2O"})
"""Gases whose factors are known to within a multiple only, where they stand beside the CO2 of a fuel."""


@dataclass(frozen=True, slots=True)
class Case:
    """One emission source in one part: the smallest thing that is matched."""

    key: str  # of the stream
    month: str
    end: date
    amount: Decimal
    rows: int


class Assembler:
    """Turns the cases of one ledger into calculations under three views, each distinct one valued once."""

    def __init__(self, ledger: Ledger, views: Sequence[View], library: Library, overlay: Overlay) -> None:
        self.library = library
        self.overlay = overlay
        self.views = views
        self.sites: Mapping[str, Site] = {site.code: site for site in ledger.sites}
        self.streams: Mapping[str, Stream] = dict(zip(stream_keys(ledger), ledger.streams, strict=True))
        self.approach = ledger.organisation.approach
        company = ledger.organisation
        self._names = {"", company.code, company.name_zh, company.name_en, company.credit_code}
        self._edges = validity_edges(library, overlay)
        self._match = lru_cache(maxsize=None)(self._match_once)
        self._default = lru_cache(maxsize=None)(self._default_once)
        self._values: dict[tuple[object, ...], Record] = {}

    def calculations(self, parts: Sequence[Part]) -> list[Record]:
        """Return the calculations in the order of site, activity and source, named L001, L002, …

        Raises:
            Unanswered: every activity without one clear value, and every operand that is missing or impossible.
        """
        grouped: dict[tuple[str, int], list[Case]] = defaultdict(list)
        for case in cases(parts):
            grouped[(case.key, bisect_right(self._edges, case.end))].append(case)
        records, questions = [], []
        for (key, _), members in grouped.items():
            stream = self.streams[key]
            try:
                records.append(self._calculation(stream, members))
            except (FactorsError, LcaError) as error:
                questions.append((" ".join(filter(None, (stream.site, stream.activity, stream.name))), error))
        if questions:
            raise Unanswered(questions)
        order = ("site", "group", "activity", "source", "stream_key", "months")
        records.sort(key=lambda record: [record[field] for field in order])
        width = max(3, len(str(len(records))))
        return [{"id": f"L{number:0{width}}"} | record for number, record in enumerate(records, 1)]

    def _calculation(self, stream: Stream, members: Sequence[Case]) -> Record:
        site = self.sites[stream.site]
        activity = resolve_activity(stream.activity, self.library)
        self._refuse_unnamed(stream, activity)
        found = self._matches(stream, site, activity, members[0].end)
        basis = basis_unit(next(iter(found.values())), stream) if found else activity.unit
        factor = conversion(stream, basis)
        records = {view.name: self._valued(view, found, stream, site, activity, basis) for view in self.views}
        return {
            "site": stream.site,
            "region": stream.region or site.region,
            "activity": activity.id,
            "name_zh": activity.name_zh,
            "name_en": activity.name_en,
            "group": activity.group,
            "source": stream.name,
            "unit": stream.unit,
            "basis_unit": basis,
            "conversion": plain(factor),
            "offset": canonical(_offset(records, members, factor)),
            "stream_key": members[0].key,
            "months": sorted(case.month for case in members),
            "unknown_parameters": _unknown(stream, found, activity),
            "stream": asdict(stream) | {"activity": activity.id, "parameters": dict(stream.parameters)},
            "energy": self._energy(activity, basis, records["method"], stream, members[0].end),
            "uncertainty": self._uncertainty(stream, members[0].key, records["method"]),
            "views": records,
        }

    def _energy(self, activity: Activity, basis: str, record: Record, stream: Stream, on: date) -> Record | None:
        """The energy of a source inside the method's boundary, by a published calorific value if none is in use."""
        if record["rule"] == ANOTHER_ENTITY:
            return None
        default = None
        if activity.group in FUEL_GROUPS and record["included"]:
            default = self._default(activity, stream.region or self.sites[stream.site].region, on)
        return energy_operand(activity, basis, record, default, self.library)

    def _default_once(self, activity: Activity, region: str, on: date) -> Match | None:
        """What the library would answer per usual unit had nobody chosen a factor; None where it has no answer."""
        rules = next(view for view in self.views if view.name == "method").rules()
        try:
            return match(Query(activity.id, on, region, "inventory", rules, activity.unit), self.library)
        except FactorsError:
            return None  # the energy of the line is then told as missing

    def _refuse_unnamed(self, stream: Stream, activity: Activity) -> None:
        """Refuse a deduction that lacks what its rule asks for: the line it belongs to, the party that received it."""
        rules = (view.method.rule(activity.group) for view in self.views)
        needed = {field for rule in rules if rule is not None for field in rule.requires}
        missing = sorted(field for field in needed if not getattr(stream, field))
        if missing:
            raise OperandMissing(activity.id, missing)

    def _outside(self, view: View, site: Site) -> Record | None:
        """A legal-entity method leaves out a site that another entity owns."""
        if view.method.boundary != LEGAL_ENTITY or site.entity in self._names:
            return None
        return blank() | {"included": False, "rule": ANOTHER_ENTITY, "gwp_set": view.method.gwp_set}

    def _matches(self, stream: Stream, site: Site, activity: Activity, on: date) -> dict[str, Match]:
        given = dict(stream.parameters)
        counting = [
            view
            for view in self.views
            if left_out(view, activity.group, given) is None and self._outside(view, site) is None
        ]
        region = stream.region or site.region
        asked = (stream.unit, stream.factor, stream.site, stream.counterparty, bool(CARBON_MEASURED & given.keys()))
        return {view.name: self._match(activity, region, on, view.name, asked) for view in counting}

    def _match_once(
        self, activity: Activity, region: str, on: date, view: str, asked: tuple[str, str, str, str, bool]
    ) -> Match:
        unit, factor, site, counterparty, is_carbon_measured = asked
        if not FORMULAS[activity.formula].factors and not factor:
            variants = ("supplier",) if activity.formula == REPORTED else ()
            return Match(activity, "", activity.formula, (), variants, {}, ())
        rules = next(one for one in self.views if one.name == view).rules()
        query = Query(activity.id, on, region, "inventory", rules, unit, factor, site, counterparty)
        found = _as_metered(match(query, self.library, self.overlay), unit)
        return _by_carbon(found, self._allowed(view, activity)) if is_carbon_measured else found

    def _allowed(self, view: str, activity: Activity) -> Collection[str]:
        """The formulas by which the method of a view lets an activity be computed."""
        method = next(one.method for one in self.views if one.name == view)
        return method.formulas.get(activity.group, ())

    def _valued(
        self, view: View, found: Mapping[str, Match], stream: Stream, site: Site, activity: Activity, basis: str
    ) -> Record:
        """Value each distinct case once; calculations that are alike hold the very same record."""
        share = share_of(view.method, self.approach, site.share_percent)
        matched = found.get(view.name)
        # A match is remembered as long as this object lives, so its identity stands for its content.
        which = id(matched) if matched else (activity.group, site.entity)
        case = (view.name, which, stream.unit, stream.parameters, share, basis)
        if case not in self._values:
            self._values[case] = (
                value(matched, stream, replace(view, share=share), self.library, basis)
                if matched
                else left_out(view, activity.group, dict(stream.parameters)) or self._outside(view, site) or {}
            )
        return self._values[case]

    def _uncertainty(self, stream: Stream, key: str, record: Record) -> list[Record]:
        """The errors this calculation shares with others: that of its meter or source, and that of its factor."""
        if not record["included"]:
            return []
        method = next(view.method for view in self.views if view.name == "method")
        stated = stream.uncertainty_percent
        pools = [
            {
                "kind": "activity",
                "id": f"{stream.site}:{stream.meter or key}",
                "percent": stated or method.activity_percent[stream.quality or "unstated"],
                "assumed": not stated,
                "gases": [],
            }
        ]
        other = sorted(set(record["gases"]) & COMBUSTION_OTHERS) if "CO2" in record["gases"] else []
        main = [gas for gas in record["gases"] if gas not in other] if other else []
        pools += self._factor_pools(record, method, main)
        if other:
            percent = method.combustion_ch4_n2o_percent
            identifier = f"{record['factor_ids'][0]}:{'+'.join(other)}"
            pools.append({"kind": "factor", "id": identifier, "percent": percent, "assumed": True, "gases": other})
        return pools

    def _factor_pools(self, record: Record, method: Method, gases: list[str]) -> list[Record]:
        """The published widths of the records in use; where none is published, one assumed width for the match."""
        published = {identifier: self._published(identifier) for identifier in record["factor_ids"]}
        stated = {identifier: width for identifier, width in published.items() if width}
        leads = [*record["factor_ids"], *_taken_from_method(record)]
        if not stated and leads:
            percent = method.factor_percent.get(record["variant"], method.factor_percent["other"])
            return [{"kind": "factor", "id": leads[0], "percent": percent, "assumed": True, "gases": gases}]
        return [
            {"kind": "factor", "id": identifier, "percent": width, "assumed": False, "gases": gases}
            for identifier, width in stated.items()
        ]

    def _published(self, identifier: str) -> str:
        own = next((one.factor for one in self.overlay.factors if one.factor.id == identifier), None)
        known = own or self.library.factors.get(identifier)
        return known.uncertainty_percent if known is not None else ""


def _as_metered(found: Match, unit: str) -> Match:
    """Take the formula for what was metered: tonnes and people over a distance, cubic metres of wastewater."""
    if found.formula == "wastewater" and dimension(unit) == "volume":
        return replace(found, formula="wastewater_volume")
    carried = CARRIED.get(dimension(found.activity.unit))
    if carried is None or found.formula != "published" or dimension(unit) != carried:
        return found
    return replace(found, formula=next(name for name in CARRIERS if dimension(FORMULAS[name].basis) == carried))


def _by_carbon(found: Match, allowed: Collection[str]) -> Match:
    """Take the formula that a measured carbon content belongs to, and of the match only what that formula uses."""
    formula = BY_CARBON.get(found.formula, "")
    if formula not in allowed:
        return found
    roles = {term.key for term in FORMULAS[formula].factors}
    return replace(found, formula=formula, parts=tuple(part for part in found.parts if part.role in roles))


def _taken_from_method(record: Record) -> list[str]:
    """Defaults of the method that scale a result; one of 0 or 1 counts a whole and has no width of its own."""
    operands = {operand["key"]: operand for operand in record["operands"]}
    keys = assumed(FORMULAS[record["formula"]], ((key, o["origin"]) for key, o in operands.items()))
    return [f"method:{key}" for key in keys if operands[key]["value"] not in ("0", "1")]


def _unknown(stream: Stream, found: Mapping[str, Match], activity: Activity) -> list[str]:
    """Parameters that no formula in use knows: most often a slip of the pen, so the reader is told."""
    given = dict(stream.parameters)
    used = [FORMULAS[one.formula] for one in found.values()] or [FORMULAS[activity.formula]]
    strange = set(given) - {*GAS_CONDITIONS, DENSITY}
    for formula in used:
        strange &= set(unknown(formula, given))
    return sorted(strange)


def _offset(records: Mapping[str, Record], members: Sequence[Case], factor: Decimal) -> float:
    """What stocks and recoveries add to the one row of the source; on several rows nobody could say to which."""
    counted = [record for record in records.values() if record["included"] and record["formula"]]
    if not counted:
        return 0.0
    shift = offset(counted[0], float(members[0].amount * factor))
    rows = sum(case.rows for case in members)
    if shift and rows > 1:
        raise StockRepeated(rows=rows)
    return shift


def cases(parts: Sequence[Part]) -> Iterator[Case]:
    """Yield every (source, month) of the parts once."""
    for part in parts:
        for key, entry in part.amounts.items():
            yield Case(key, part.month, date.fromisoformat(entry["end"]), Decimal(entry["amount"]), entry["rows"])
