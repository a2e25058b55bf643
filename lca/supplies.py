"""What stands behind an input: a supplier's footprint, a factor, or a process of a background; as kg of gases per unit.

Nothing is picked that was not named: an activity is matched for a footprint as ``factors.match`` does, with its
variant; a fuel that is burned brings its supply chain along as a line of its own; what has no value is a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from factors.errors import FactorNotFound, UnknownActivity, UnknownFactor
from factors.library import Factor, Library
from factors.match import NO_OVERLAY, Match, Overlay, Query, match, resolve_activity
from lca.background import Background
from lca.certified_power import Pool
from lca.errors import ActivityOfInventories, CertificateWithoutTechnology, FactorRefused, UnknownDatabase
from lca.footprint_method import footprint_methods
from lca.greenhouse import BIOGENIC, FOSSIL, LAND_USE, REMOVAL
from lca.instruments import KINDS, technologies
from lca.lci_score import refuse_faulty, shares_behind_gaps
from lca.ledger import Stream
from lca.method import load as load_method
from lca.product_model import Name, Source, SupplierFootprint
from lca.valuation import View, basis_unit, value

CARRIER = "inventory.ghgp"
"""The inventory method whose formulas and rules burn a fuel for a footprint: CO2, CH4 and N2O, biomass apart."""

SUPPLY = "_supply"
"""Activity of a fuel's supply chain: the fuel's own name with this behind it."""

GRID, DELIVERY = "electricity", "electricity_delivery"
"""Activities of power as the grid mixes it, and of bringing power to its user with line losses."""

OWN_FACTOR = "own_factor"
"""Variant of a factor that is the organisation's own."""

NOT_ADMITTED = "instrument_not_admitted"
"""Variant of power that a certificate stands behind which the method does not count."""

BURNED = frozenset({"stationary_combustion", "mobile_combustion", "alternative_fuel"})

Gases = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Supplied:
    """One supply: kg of every gas per ``unit``, where that comes from, how good and how old it is."""

    key: str  # equal for inputs that share it
    kind: str  # activity | factor | background | supplier
    unit: str
    gases_kg: Gases  # 'CO2/fossil' -> kg; 'CO2e/fossil' where a publisher does not split
    name: Name
    factor: str = ""  # what a table shows: 0.5568 kg CO2e/kWh
    factor_unit: str = ""
    factor_ids: tuple[str, ...] = ()
    source: str = ""
    publisher: str = ""
    year: str = ""
    region: str = ""
    licence: str = ""
    variants: tuple[str, ...] = ()
    gwp_set: str = ""  # of unsplit CO2e
    method: str = ""  # of a supplier's footprint
    activity: str = ""  # of the factor library, with its group
    group: str = ""
    is_upstream: bool = False  # the supply chain of a fuel that is burned
    beside: Supplied | None = None  # what the power would be without its certificate, for the comparison alone
    is_placeholder: bool = False
    primary_share: float = 0.0  # of a supplier's footprint, 0 to 1
    dqr: float | None = None
    uncertainty_percent: float | None = None
    carbon_biogenic_kg: float = 0.0
    warnings: tuple[tuple[str, Mapping[str, str]], ...] = ()
    derivation: Mapping[str, Any] = field(default_factory=dict)  # formula and operands of what is no one record


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds supplies; all it knows is given: library, own factors, compiled backgrounds, day and place."""

    library: Library
    on: date
    region: str
    gwp_set: str
    overlay: Overlay = NO_OVERLAY
    background: Callable[[str], Background] | None = None
    suppliers: Mapping[str, SupplierFootprint] = field(default_factory=dict)
    instruments: frozenset[str] = frozenset()  # kinds whose power the method admits
    pool: Pool | None = None  # the organisation's, where one is at hand

    def resolve(self, source: Source, unit: str) -> tuple[Supplied, ...]:
        """Return what supplies ``source``; a burned fuel has two: burning it, and what brought it.

        Raises:
            FactorsError: no one value; see ``factors.match.match``.
            LcaError: an operand is missing, a database or process is not there, a record may not be used.
        """
        if source.supplier:
            return (of_supplier(self.suppliers[source.supplier]),)
        if source.background:
            return (self._background(source),)
        if source.certificate:
            return tuple(self._certified(source, unit))
        if source.activity:
            return tuple(self._activity(source, unit))
        return (self._factor(source.factor),)

    def _certified(self, source: Source, unit: str) -> Iterator[Supplied]:
        """Yield the technology's life-cycle factor and delivery; the grid's where the method admits no such instrument.

        What the method makes of a contract is the method's: the model stays the same under every one.
        """
        activity = resolve_activity(source.activity, self.library)
        if activity.id not in technologies():
            raise CertificateWithoutTechnology(source.certificate, technologies())
        kinds = self.pool.kinds(source.certificate) if self.pool else frozenset()
        grid = self._matched(GRID, replace(source, factor=""), unit, "footprint")
        if not self.instruments & (kinds or frozenset(KINDS)):
            yield replace(grid, key=f"{grid.key}|{NOT_ADMITTED}", variants=(*grid.variants, NOT_ADMITTED))
            return
        yield replace(self._matched(activity.id, source, unit, "footprint"), beside=grid)
        yield replace(self._matched(DELIVERY, replace(source, factor=""), unit, "footprint"), is_upstream=True)

    def _activity(self, source: Source, unit: str) -> Iterator[Supplied]:
        activity = resolve_activity(source.activity, self.library)
        if activity.group not in load_method(CARRIER).assign:
            raise ActivityOfInventories(activity.id)
        burned = activity.group in BURNED or activity.group == "biomass_combustion"
        found = self._matched(activity.id, source, unit, "inventory" if not activity.footprint else "footprint")
        if not burned or activity.footprint:
            yield found
            return
        try:
            upstream = self._matched(f"{activity.id}{SUPPLY}", replace(source, factor=""), unit, "footprint")
        except (FactorNotFound, UnknownActivity):
            # Nobody can answer this question in another way; the gap is told with its share.
            yield replace(found, warnings=(("upstream-missing", {"share": "100"}),))
            return
        yield found
        yield replace(upstream, is_upstream=True)

    def _matched(self, activity: str, source: Source, unit: str, purpose: str) -> Supplied:
        region = self.library.geographies.resolve(source.region) if source.region else self.region
        return _matched(self.library, _Same(self.overlay), self.on, region, activity, source.factor, unit, purpose)

    def _factor(self, identifier: str) -> Supplied:
        """Return one record by its id: CO2e per unit, or one gas per unit."""
        factor = self.library.factors.get(identifier)
        if factor is None:
            raise UnknownFactor(identifier)
        unit = self.library.units.get(factor.unit)
        if (
            factor.refusal
            or unit is None
            or not unit.is_usable
            or unit.of not in ("co2e", "gas")
            or not unit.denominator
        ):
            raise FactorRefused(identifier, factor.refusal or factor.unit)
        gas = "CO2e" if unit.of == "co2e" else factor.gas
        mass = float(factor.number * unit.scale_to("kgCO2e" if unit.of == "co2e" else "kg", unit.denominator))
        return Supplied(
            key=f"factor|{identifier}",
            kind="factor",
            unit=unit.denominator,
            gases_kg={part_of(gas): mass},
            name=Name(factor.name_zh or factor.name_en, factor.name_en),
            factor=factor.value,
            factor_unit=factor.unit,
            factor_ids=(identifier,),
            **_cited(self.library, factor),
            variants=("chosen",),
            gwp_set=factor.gwp_set or "unstated",
            uncertainty_percent=float(factor.uncertainty_percent) if factor.uncertainty_percent else None,
        )

    def _background(self, source: Source) -> Supplied:
        if self.background is None:
            raise UnknownDatabase(source.database, ())
        found = self.background(source.database)
        index = found.find(source.background, source.product)
        refuse_faulty(found, index)
        product = found.products[index]
        process = found.system.process_of(index)
        gases = {key: float(mass) for key, mass in zip(found.gases, found.unit_impacts[:, index], strict=True) if mass}
        return Supplied(
            key=f"background|{found.version}|{index}",
            kind="background",
            unit=product.unit,
            gases_kg=gases,
            name=Name(product.process_zh or product.process, product.process),
            source=found.system.database.source,
            publisher=found.name,
            year=(process.valid_until or process.valid_from)[:4],
            region=product.location,
            licence=process.licence or found.system.database.licence,
            is_placeholder=product.is_placeholder,
            warnings=shares_behind_gaps(found, index),
        )


class _Same:
    """Own factors as a key: the very same, not equal ones. To compare hundreds would take as long as the answer."""

    __slots__ = ("overlay",)

    def __init__(self, overlay: Overlay) -> None:
        self.overlay = overlay

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.overlay is self.overlay

    def __hash__(self) -> int:
        return id(self.overlay)


@lru_cache(maxsize=4096)
def _matched(
    library: Library, own: _Same, on: date, region: str, activity: str, factor: str, unit: str, purpose: str
) -> Supplied:
    """Return what the library and own factors answer. Nothing else decides, so every input that asks shares it."""
    view = View("location", load_method(CARRIER))
    found = match(Query(activity, on, region, purpose, view.rules(), unit, factor), library, own.overlay)
    stream = Stream("", activity, unit)
    basis = basis_unit(found, stream)
    record = value(found, stream, view, library, basis)
    return Supplied(
        key=f"{activity}|{region}|{'+'.join(found.factor_ids)}|{basis}",
        kind="activity",
        unit=basis,
        gases_kg=MappingProxyType({part_of(gas): float(mass) for gas, mass in record["gases"].items()}),
        name=Name(found.activity.name_zh, found.activity.name_en),
        factor=record["factor_value"],
        factor_unit=record["factor_unit"],
        factor_ids=found.factor_ids,
        **_cited(library, _main(found)),
        variants=found.variants,
        activity=found.activity.id,
        group=found.activity.group,
        gwp_set=record["detail"].get("published_gwp_set", ""),
        uncertainty_percent=_percent(found),
        derivation=_derivation(record),
    )


def _cited(library: Library, factor: Factor) -> dict[str, Any]:
    source = library.sources.get(factor.source)
    return {
        "source": source.title if source else factor.source,
        "publisher": source.publisher if source else "",
        "year": str(factor.year),
        "region": factor.region,
        "licence": factor.licence,
    }


def of_supplier(one: SupplierFootprint) -> Supplied:
    """Return a supplier's footprint: its parts where it states them, unsplit CO2e of its own GWP set."""
    stated = {
        f"CO2e/{BIOGENIC}": float(one.biogenic_emissions),
        f"CO2e/{REMOVAL}": -abs(float(one.biogenic_removals)),
        f"CO2e/{LAND_USE}": float(one.land_use),
        "CO2e/aircraft": float(one.aircraft),
    }
    beside = stated[f"CO2e/{BIOGENIC}"] + stated[f"CO2e/{LAND_USE}"] + stated["CO2e/aircraft"]
    fossil = float(one.fossil) if one.fossil else float(one.kgco2e) - beside
    return Supplied(
        key=f"supplier|{one.id}",
        kind="supplier",
        unit=one.unit,
        gases_kg={f"CO2e/{FOSSIL}": fossil, **{key: mass for key, mass in stated.items() if mass}},
        name=one.name,
        factor=one.kgco2e,
        factor_unit=f"kg CO2e/{one.unit}",
        source=one.statement,
        publisher=one.supplier,
        year=one.period_end[:4],
        region=one.region,
        variants=("supplier",),
        gwp_set=one.gwp_set,
        method=one.method,
        primary_share=float(one.primary_data_share or 0) / 100,
        dqr=float(one.dqr) if one.dqr else None,
        carbon_biogenic_kg=float(one.carbon_biogenic_kg),
        warnings=() if _is_method(one.method) else (("method-unknown", {"share": "100", "method": one.method}),),
    )


@cache
def _is_method(name: str) -> bool:
    """Is it a method of ours, or nothing? What another is, nobody here can say; it is told."""
    return name in ("", *footprint_methods())


def _main(found: Match) -> Factor:
    """Return the record that a reader would look up first."""
    return next((part.factor for part in found.parts if part.role in ("factor", "ncv")), found.parts[0].factor)


def _derivation(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the gases of one unit follow from several printed values; nothing where one value says it all.

    ``gases`` names each gas as the formula does: a burned fuel's NCV x CC x OF x 44/12, or one factor for each gas.
    """
    if len(record["operands"]) < 2:
        return {}
    names = ("key", "symbol", "value", "unit", "origin", "factor_id")
    return {
        "formula": record["formula"],
        "expression": record["expression"],
        "gases": {part_of(gas): gas for gas in record["gases"]},
        "operands": [{name: one[name] for name in names} for one in record["operands"]],
    }


def _percent(found: Match) -> float | None:
    stated = [part.factor.uncertainty_percent for part in found.parts if part.factor.uncertainty_percent]
    return max(float(one) for one in stated) if stated else None


def part_of(gas: str) -> str:
    """Return the key of a gas of the inventory's formulas: ``CO2/fossil``, biogenic ones in their own part."""
    name, _, kind = gas.partition("_")
    if gas == "CO2_biogenic":
        return f"CO2/{BIOGENIC}"
    return f"{gas}/{BIOGENIC}" if kind == "biogenic" and name == "CH4" else f"{gas}/{FOSSIL}"
