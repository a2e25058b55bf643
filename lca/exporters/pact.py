"""A frozen footprint as a PACT product footprint, version 3 (Technical Specifications 3.0, OpenAPI 3.0.4).

    document = pact(snapshot, Said(company_ids=("urn:…",), …))

A footprint computed by ``pact.3.0`` holds the numbers; what only its maker knows is stated beside it in ``Said``. A
buyer sees results and quality, never inputs: no line of the snapshot is named. The identifier follows from the
snapshot and what was said, for a footprint never changes: whatever changes is another footprint.
"""

from __future__ import annotations

import dataclasses
import math
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from lca.days import day_after, years_after
from lca.errors import ExportImpossible, ExportLacks, SnapshotInvalid
from lca.exporters.frozen import (
    AGREED,
    amount_of,
    converted,
    gwp_sets,
    identifier,
    is_stated,
    mass_of,
    name_of,
    reading,
)
from lca.flaws import Flaw
from lca.footprint_method import from_record
from lca.numbers import canonical
from lca.pact import Components, Headline, data_quality_rating, headline
from lca.product_model import worded
from lca.record_reading import decimal
from lca.snapshot import digest

Record = Mapping[str, Any]

FORMAT = "PACT 3"
SPECIFICATION = "3.0.0"
METHOD, STANDARD, BOUNDARY = "pact.3.0", "PACT-3.0", "cradle_to_gate"
CERTAIN_STANDARDS = ("ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PAS2050")

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "kg": "kilogram",
        "l": "liter",
        "m3": "cubic meter",
        "kWh": "kilowatt hour",
        "MJ": "megajoule",
        "tkm": "ton kilometer",
        "m2": "square meter",
        "piece": "piece",
        "h": "hour",
        "megabit_second": "megabit second",
    }
)
"""Our unit -> the unit of measurement; one that is none of them is turned into the first that measures the same."""

WITHOUT_MASS = ("kWh", "MJ", "tkm", "h", "megabit_second")
"""Units of energy, transport and services, whose mass is stated as 0."""

REGIONS = (
    "Africa", "Americas", "Asia", "Europe", "Oceania", "Australia and New Zealand", "Central Asia", "Eastern Asia",
    "Eastern Europe", "Latin America and the Caribbean", "Melanesia", "Micronesia", "Northern Africa",
    "Northern America", "Northern Europe", "Polynesia", "South-eastern Asia", "Southern Asia", "Southern Europe",
    "Sub-Saharan Africa", "Western Asia", "Western Europe",
)  # fmt: skip
"""Regions and subregions of the United Nations (M49) that ``geographyRegionOrSubregion`` may be."""

OWN = frozenset({"own_factor", "measured"})
"""Variants of a factor that are the maker's own data."""

UNSAID = "not stated"

DIMENSIONS = ("technologicalDQR", "geographicalDQR", "temporalDQR")
"""The ratings in the order in which a line holds its scores."""

_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE)
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_COUNTRY = re.compile(r"(?!EU\b)[A-Z]{2}(?=$|-)")
WORLD = "GLO"
"""Where a study is of no place."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the maker states beside a snapshot; empty is not stated, and what the format needs is asked for."""

    company_ids: tuple[str, ...] = ()  # URNs
    product_ids: tuple[str, ...] = ()  # URNs
    description: str = ""
    fossil_carbon_kg: str = ""  # carbon from fossil sources in the product, of the declared amount
    biogenic_carbon_kg: str = ""  # where the model does not state it
    mass_kg: str = ""  # of the declared amount, without packaging, where the model does not state it
    packaging_included: bool | None = None  # where the footprint has no packaging of its own
    ccs_included: bool | None = None
    region: str = ""  # of the United Nations, where the study's is no country
    classifications: tuple[str, ...] = ()  # URNs
    standards: tuple[str, ...] = ()  # followed beside the methodology: ISO14067 …
    comment: str = ""
    valid_until: str = ""  # last day, where it is earlier than the method's
    preceding: tuple[str, ...] = ()  # identifiers of the footprints that this one replaces
    is_deprecated: bool = False


def pact(snapshot: Record, said: Said) -> dict[str, Any]:
    """Return the footprint as plain JSON; decimals are text, as the specification wants them.

    Raises:
        ExportLacks: the format asks for what neither snapshot nor statement holds; all of it.
        ExportImpossible: another method or boundary, a number of the wrong sign, a statement the format does not take.
        SnapshotInvalid: it is no frozen footprint, or does not hold together.
    """
    with reading(snapshot):
        return Export(snapshot, said).document()


class Export:
    """One footprint while it is written; formats that share the fields of PACT go on from here."""

    format = FORMAT
    units = UNITS

    def __init__(self, snapshot: Record, said: Said) -> None:
        self.snapshot, self.said = snapshot, said
        self.model, self.results = snapshot["model"], snapshot["results"]
        self.method = from_record(snapshot["method"])
        self.missing: list[str] = []
        self.flaws: list[Flaw] = []

    def document(self) -> dict[str, Any]:
        """Return the whole document.

        Raises:
            ExportLacks, ExportImpossible, SnapshotInvalid: as ``pact``.
        """
        self._method()
        document = self._written()
        if self.flaws:
            raise ExportImpossible(self.format, self.flaws)
        if self.missing:
            raise ExportLacks(self.format, self.missing)
        return document

    def _written(self) -> dict[str, Any]:
        return self._product() | {"pcf": self._footprint()}

    def _method(self) -> None:
        if self.method.id != METHOD:
            self.flaws.append(Flaw("export-method", {"method": self.method.id, "wanted": METHOD}))
        boundary = self.model["boundary"]
        if boundary != BOUNDARY:
            self.flaws.append(Flaw("export-boundary", {"boundary": boundary, "wanted": BOUNDARY}))

    def _refuse(self, key: str, value: object, wanted: str) -> None:
        self.flaws.append(Flaw("value-refused", {"key": key, "value": value, "wanted": wanted}))

    # --- the product -----------------------------------------------------------------------------

    def _product(self) -> dict[str, Any]:
        said = self.said
        start, end = self._validity()
        return {
            "id": identifier(self.snapshot, self._beside()),
            "specVersion": SPECIFICATION,
            **given(precedingPfIds=[self._uuid(one) for one in said.preceding]),
            "created": self.snapshot["footprint"]["created"],
            "status": "Deprecated" if said.is_deprecated else "Active",
            "validityPeriodStart": start,
            "validityPeriodEnd": end,
            "companyName": self._needed("organisation (companyName)", name_of(self.model.get("organisation", {}))),
            "companyIds": self._urns("company_ids (companyIds)", said.company_ids, is_needed=True),
            "productDescription": self._needed("description (productDescription)", said.description),
            "productIds": self._urns("product_ids (productIds)", said.product_ids, is_needed=True),
            **given(productClassifications=self._urns("classifications", said.classifications)),
            "productNameCompany": name_of(self.model["name"]),
            "comment": self._comment(),
        }

    def _beside(self) -> dict[str, Any]:
        return {key: value for key, value in dataclasses.asdict(self.said).items() if key != "is_deprecated"}

    def _needed(self, name: str, value: str) -> str:
        if not value.strip():
            self.missing.append(name)
        return value

    def _urns(self, name: str, listed: Sequence[str], *, is_needed: bool = False) -> list[str]:
        for one in listed:
            if not self._is_urn(one):
                self._refuse(name, one, "urn:…")
        if is_needed and not listed:
            self.missing.append(name)
        return list(dict.fromkeys(listed))

    def _is_urn(self, text: str) -> bool:
        return bool(_URN.fullmatch(text))

    def _uuid(self, text: str) -> str:
        try:
            return str(uuid.UUID(text))
        except ValueError:
            self._refuse("preceding (precedingPfIds)", text, "UUID")
            return text

    def _validity(self) -> tuple[str, str]:
        """Return the period of validity: from the end of the reference period, no longer than the method allows."""
        start = day_after(self.model["end"])
        years = int(self.method.validity.years.value) if self.method.validity.years else 0
        last = years_after(start, years)
        if not self.said.valid_until:
            return _moment(start), _moment(last)
        try:
            end = day_after(self.said.valid_until)
        except ValueError:
            end = start
        if not start < end <= last:
            wanted = f"{start} … {last - timedelta(days=1)}"
            self._refuse("valid_until (validityPeriodEnd)", self.said.valid_until, wanted)
        return _moment(start), _moment(end)

    def _comment(self) -> str:
        """Say what the format has no field for: claim, digest, uncertainty, other potentials, demonstration."""
        spread = self.results["uncertainty_percent"]
        _, other = gwp_sets(self.snapshot)
        told = [
            "Demonstration data: made up." if self.model.get("is_demonstration") else "",
            self.said.comment.strip(),
            f"Calculated by method {self.method.id} {self.method.version}; self-declared, not verified.",
            f"Uncertainty: ±{float(spread):.3g} % (95 %)." if spread else "Uncertainty: not quantified.",
            f"Unsplit CO2e of other sets of warming potentials went in: {', '.join(other)}." if other else "",
            "" if self._place()[1] == self.model["region"] else f"Place of the study: {self.model['region']}.",
            f"Snapshot SHA-256 {digest(self.snapshot)}.",
        ]
        return " ".join(part for part in told if part)

    # --- the footprint ---------------------------------------------------------------------------

    def _footprint(self) -> dict[str, Any]:
        amount, unit = self._unit()
        components, sums = self._sums()
        return {
            "declaredUnitOfMeasurement": self.units.get(unit, unit),
            "declaredUnitAmount": amount,
            "productMassPerDeclaredUnit": self._mass(unit),
            **self._period(),
            **self._geography(),
            "boundaryProcessesDescription": self._processes(),
            "pcfExcludingBiogenicUptake": canonical(sums.excluding_uptake),
            "pcfIncludingBiogenicUptake": canonical(sums.including_uptake),
            "fossilCarbonContent": self._carbon("fossil_carbon_kg (fossilCarbonContent)", self.said.fossil_carbon_kg),
            "biogenicCarbonContent": self._biogenic_carbon(components.biogenic_uptake),
            "fossilGhgEmissions": canonical(components.fossil),
            "landUseChangeGhgEmissions": canonical(components.land_use_change),
            "biogenicCO2Uptake": canonical(components.biogenic_uptake),
            "biogenicNonCO2Emissions": canonical(components.biogenic_non_co2),
            "aircraftGhgEmissions": self.results["aircraft"],
            **self._packaging(),
            **self._outbound(),
            "ccsTechnologicalCO2CaptureIncluded": self._capture(),
            "ipccCharacterizationFactors": gwp_sets(self.snapshot)[0],
            "crossSectoralStandards": self._standards(),
            **self._exempted(),
            "allocationRulesDescription": self._allocation(),
            **given(secondaryEmissionFactorSources=list(sources(self.snapshot))),
            "primaryDataShare": canonical(100 * float(self.results["primary_data_share"])),
            **given(dqi=self._ratings()),
        }

    def _period(self) -> dict[str, str]:
        start, end = date.fromisoformat(self.model["start"]), day_after(self.model["end"])
        return {"referencePeriodStart": _moment(start), "referencePeriodEnd": _moment(end)}

    def _unit(self) -> tuple[str, str]:
        unit = self.model["unit"]["unit"]
        found = converted(amount_of(self.snapshot), unit, tuple(self.units))
        if found is None:
            self.flaws.append(Flaw("export-unit", {"unit": unit, "known": ", ".join(self.units.values())}))
            return "1", unit
        if decimal(found[0]) is None or float(found[0]) <= 0:
            self._refuse("unit.amount (declaredUnitAmount)", found[0], "> 0")
        return found

    def _mass(self, unit: str) -> str:
        if unit in WITHOUT_MASS:
            return "0"
        name = "mass_kg (productMassPerDeclaredUnit)"
        return self._carbon(name, self.said.mass_kg or mass_of(self.snapshot))

    def _carbon(self, name: str, value: str) -> str:
        """Return a mass that has to be stated, as a plain decimal."""
        if not value.strip():
            self.missing.append(name)
            return "0"
        found = decimal(value)
        if found is None or found < 0:
            self._refuse(name, value, ">= 0")
            return "0"
        return format(found, "f")

    def _biogenic_carbon(self, uptake: float) -> str:
        stated = self.said.biogenic_carbon_kg or str(self.results["carbon_biogenic_kg"])
        is_there = decimal(stated) not in (None, 0)
        # Carbon that was taken up and is not in the product: nobody said how much is.
        needed = stated if is_there or not uptake else ""
        return self._carbon("biogenic_carbon_kg (biogenicCarbonContent)", needed)

    def _sums(self) -> tuple[Components, Headline]:
        """Return the components and both headline numbers by the specification's sums, held against the results."""
        results = {key: float(value) for key, value in self.results.items() if isinstance(value, str)}
        excluding, including = results["excluding_uptake_kgco2e"], results["including_uptake_kgco2e"]
        components = Components(
            fossil=results["fossil"] + results["aircraft"],
            land_use_change=results["luluc"],
            biogenic_non_co2=results["biogenic_non_co2"],
            biogenic_uptake=_settled(including - excluding, including, excluding),
        )
        values = {"fossilGhgEmissions": components.fossil, "landUseChangeGhgEmissions": components.land_use_change,
                  "biogenicNonCO2Emissions": components.biogenic_non_co2,
                  "biogenicCO2Uptake": -components.biogenic_uptake}  # fmt: skip
        wrong = {key: value for key, value in values.items() if value < 0}
        if wrong:
            for key, value in wrong.items():
                is_uptake = key == "biogenicCO2Uptake"
                self._refuse(key, f"{-value if is_uptake else value:g}", "<= 0" if is_uptake else ">= 0")
            return components, Headline(excluding, including)
        sums = headline(components)
        for key, added, stated in (("excluding_uptake", sums.excluding_uptake, excluding),
                                   ("including_uptake", sums.including_uptake, including)):  # fmt: skip
            if not math.isclose(added, stated, rel_tol=AGREED, abs_tol=AGREED * abs(components.fossil)):
                raise SnapshotInvalid([Flaw("sum-differs", {"key": key, "sum": f"{added:g}", "value": f"{stated:g}"})])
        return components, sums

    def _place(self) -> tuple[str, str]:
        """Return the field and the place in which the study is: its subdivision, else its country, else a region."""
        region = self.model["region"]
        if self.said.region:
            return "geographyRegionOrSubregion", self.said.region
        if self._subdivision():
            return "geographyCountrySubdivision", region
        country = self._country()
        return ("geographyCountry", country) if country else ("", region)

    def _subdivision(self) -> str:
        region = str(self.model["region"])
        return region if _SUBDIVISION.fullmatch(region) else ""

    def _country(self) -> str:
        found = _COUNTRY.match(self.model["region"])
        return found[0] if found else ""

    def _geography(self) -> dict[str, str]:
        field, place = self._place()
        if self.said.region and self.said.region not in REGIONS:
            self._refuse("region (geographyRegionOrSubregion)", self.said.region, ", ".join(REGIONS))
        if not field and place != WORLD:
            self.missing.append("region (geographyRegionOrSubregion)")
        return {field: place} if field else {}

    def _processes(self) -> str:
        """Return the maker's own words, else the names of the stages; the inputs are nobody's business."""
        said = worded(self.model.get("statements", {}).get("boundary"), "en")
        stages = {one["stage"] for one in (*self.snapshot["lines"], *self.snapshot["given"])}
        named = (one.en for one in self.method.boundary.stages if one.id in stages)
        return said or "; ".join(named)

    def _packaging(self) -> dict[str, Any]:
        own = self.results["by_stage"].get("packaging")
        stated = self.said.packaging_included
        if own is not None and stated is False:
            self._refuse("packaging_included (packagingEmissionsIncluded)", "false", f"true: {own} kg CO2e")
        if own is not None:
            return {"packagingEmissionsIncluded": True, "packagingGhgEmissions": own}
        if stated is None:
            self.missing.append("packaging_included (packagingEmissionsIncluded)")
        return {"packagingEmissionsIncluded": bool(stated)}

    def _outbound(self) -> dict[str, str]:
        stages = {one["stage"] for one in (*self.snapshot["lines"], *self.snapshot["given"])}
        own = self.results["outside_kgco2e"].get("outbound_logistics")
        return {"outboundLogisticsGhgEmissions": own} if own and "outbound_logistics" in stages else {}

    def _capture(self) -> bool:
        if self.said.ccs_included is None:
            self.missing.append("ccs_included (ccsTechnologicalCO2CaptureIncluded)")
        return bool(self.said.ccs_included)

    def _standards(self) -> list[str]:
        for one in self.said.standards:
            if one not in CERTAIN_STANDARDS:
                self._refuse("standards (crossSectoralStandards)", one, ", ".join(CERTAIN_STANDARDS))
        return [STANDARD, *dict.fromkeys(self.said.standards)]

    def _exempted(self) -> dict[str, str]:
        if not is_stated(self.snapshot, "exclusions-estimated"):
            self.missing.append("excluded: kgco2e | percent (exemptedEmissionsPercent)")
        told = (
            f"{name_of(one['name'])}: {name_of(one['reason'])}" if one.get("reason") else name_of(one["name"])
            for one in self.model.get("excluded", ())
        )
        return {
            "exemptedEmissionsPercent": self.results["left_out_percent"],
            "exemptedEmissionsDescription": "; ".join(told),
        }

    def _allocation(self) -> str:
        said = worded(self.model.get("statements", {}).get("allocation"), "en")
        ways = sorted({node["allocation"] for node in self.snapshot["nodes"]} - {""})
        used = f"allocated: {', '.join(ways)}" if ways else "no co-products: nothing was allocated"
        return said or f"{self.method.record['allocation']['en']}; {used}"

    def _ratings(self) -> dict[str, str]:
        """Return the ratings of all inputs, each weighted by what it adds; none unless every input is scored."""
        best, worst = self.method.data_quality.best, self.method.data_quality.worst
        sizes = {one["id"]: float(one["kgco2e"]) for one in self.results["lines"]}
        inside = [one for one in self.snapshot["lines"] if one["stage"] not in ("", *self.method.boundary.outside)]
        weighed = [one for one in inside if sizes[one["id"]]]
        if best is None or worst is None or not weighed or not all(all(one["quality"]) for one in weighed):
            return {}
        found = {}
        for place, key in enumerate(DIMENSIONS):
            parts = [(sizes[one["id"]], float(one["quality"][place])) for one in weighed]
            rating = data_quality_rating(parts, float(best.value), float(worst.value))
            found[key] = canonical(rating or 0.0)
        return found


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that hold something: an empty list or object is no value of the format."""
    return {key: value for key, value in fields.items() if value}


def sources(snapshot: Record) -> Iterator[dict[str, str]]:
    """Yield the publications and databases behind the factors, each once; what suppliers or the maker state is none."""
    taken = {line["supply"] for line in snapshot["lines"]}
    named = set()
    for key in taken:
        one = snapshot["supplies"][key]
        if one["kind"] == "supplier" or OWN.intersection(one["variants"]):
            continue
        name = one["publisher"] if one["kind"] == "background" else one["source"] or one["publisher"]
        named.add((name or UNSAID, one["year"] or UNSAID))
    for name, version in sorted(named):
        yield {"name": name, "version": version}


def _settled(difference: float, *terms: float) -> float:
    """Return a difference of sums, 0 where it is but their rounding."""
    return 0.0 if abs(difference) <= AGREED * max(map(abs, terms)) else difference


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
