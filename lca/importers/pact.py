"""PACT product footprints, version 3, as a supplier's data; version 2 counts otherwise and is refused.

What is checked: the two sums that the notes of the specification give, signs, units, periods, the scale of the
ratings, and that uptake and carbon content belong together (uptake = -C x 44/12). Numbers that do not add up are told
with both values; the stated headline counts. ``on`` is the day for which a footprint has to be valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from lca.days import years_after
from lca.footprint_method import FootprintMethod, load
from lca.formulas.chemistry import co2_per
from lca.importers.stated import (
    Json,
    Reading,
    Stated,
    agrees,
    half_digit,
    json_of,
    last_day,
    moment,
    name_of,
    number,
    per_unit,
    text,
    texts,
)
from lca.product_model import SupplierFootprint

METHOD = "pact.3.0"
GATE = "cradle_to_gate"

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "kilogram": "kg",
        "liter": "l",
        "cubic meter": "m3",
        "kilowatt hour": "kWh",
        "megajoule": "MJ",
        "ton kilometer": "tkm",
        "square meter": "m2",
        "piece": "piece",
        "hour": "h",
        "megabit second": "megabit_second",
    }
)
"""Unit of measurement -> ours."""

FOSSIL, AIRCRAFT, UPTAKE = "fossilGhgEmissions", "aircraftGhgEmissions", "biogenicCO2Uptake"
EXCLUDING, INCLUDING = "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake"
NON_CO2, LAND_USE_CHANGE = "biogenicNonCO2Emissions", "landUseChangeGhgEmissions"
LAND = (LAND_USE_CHANGE, "landManagementBiogenicCO2Emissions", "landManagementBiogenicCO2Removals")
CAPTURED = ("technologicalCO2Removals", "ccsTechnologicalCO2Capture")
SUMMED = (FOSSIL, *LAND, *CAPTURED, NON_CO2)
"""What ``pcfExcludingBiogenicUptake`` adds up, by the note to it."""

NOT_NEGATIVE = (
    FOSSIL, LAND_USE_CHANGE, "landManagementFossilGhgEmissions", "landManagementBiogenicCO2Emissions", NON_CO2,
    AIRCRAFT, "packagingGhgEmissions", "outboundLogisticsGhgEmissions", "fossilCarbonContent",
    "biogenicCarbonContent", "recycledCarbonContent",
)  # fmt: skip
NOT_POSITIVE = ("landManagementBiogenicCO2Removals", *CAPTURED, UPTAKE)

MANDATORY = (
    "productMassPerDeclaredUnit", "referencePeriodStart", INCLUDING, FOSSIL, "fossilCarbonContent",
    "crossSectoralStandards", "exemptedEmissionsPercent",
)  # fmt: skip
"""Fields that the schema requires and that one can compute without; those that one cannot are refused by themselves."""

GEOGRAPHY = ("geographyCountrySubdivision", "geographyCountry", "geographyRegionOrSubregion")
RATINGS = ("technologicalDQR", "geographicalDQR", "temporalDQR")


def footprints(content: bytes | str, where: str) -> tuple[Json, ...]:
    """Return the footprints in a document: one, a list of them, or the answer of a host (``{"data": …}``).

    Raises:
        StatementRefused: it is no JSON, or holds no footprint.
    """
    found = json_of(content, where)
    if isinstance(found, Mapping) and "data" in found and "pcf" not in found:
        found = found["data"]
    listed = found if isinstance(found, list) else [found]
    reading = Reading(where)
    if not listed or not all(isinstance(one, Mapping) for one in listed):
        reading.refuse("not-a-mapping", key="ProductFootprint")
    reading.settle()
    return tuple(listed)


def supplier_of(document: Json, on: date) -> Stated:
    """Return the supplier's footprint that a PACT footprint states.

    Raises:
        StatementRefused: another version, deprecated, or without a number, an amount, a unit or a period.
    """
    return PactFootprint(document, on).stated()


class PactFootprint:
    """One footprint while it is read; formats that share the fields of PACT go on from here."""

    format = "PACT"
    mandatory: tuple[str, ...] = MANDATORY
    summed: tuple[str, ...] = SUMMED
    numbers_are_text = True

    def __init__(self, document: Json, on: date) -> None:
        self.root: Json = document if isinstance(document, Mapping) else {}
        self.on = on
        name = text(self.root.get("productNameCompany"))
        self.reading = Reading(" › ".join(part for part in (name, text(self.root.get("id"))) if part) or self.format)
        pcf = self.root.get("pcf")
        self.pcf: Json = pcf if isinstance(pcf, Mapping) else {}
        self.values: dict[str, Decimal] = {}

    def stated(self) -> Stated:
        """Return what it states."""
        self._version()
        self._presence()
        unit, amount = self._unit()
        start, end = self._moment("referencePeriodStart"), self._moment("referencePeriodEnd")
        if end is None:
            self.reading.refuse("key-missing", "pcf", key="referencePeriodEnd")
        self._numbers()
        if EXCLUDING not in self.values:
            self.reading.refuse("key-missing", "pcf", key=EXCLUDING)
        self.reading.settle()
        assert end is not None
        self._sums()
        self._uptake()
        self._packaging()
        if start is not None and start >= end:
            self.reading.tell("pact-period", start=start.date(), end=end.date())
        return Stated(self._supplier(unit, amount, end), tuple(self.reading.findings))

    def _version(self) -> None:
        version, status = text(self.root.get("specVersion")), text(self.root.get("status"))
        major = version.partition(".")[0]
        if major in ("1", "2"):
            self.reading.refuse("version-older", version=version, wanted="3")
        elif major != "3":
            self.reading.refuse("value-refused", key="specVersion", value=version, wanted="3.x.x")
        if status == "Deprecated":
            self.reading.refuse("withdrawn", status=status)
        elif status != "Active":
            self.reading.refuse("value-refused", key="status", value=status, wanted="Active")

    def _presence(self) -> None:
        for key in ("id", "companyName", "productNameCompany"):
            if not text(self.root.get(key)):
                self.reading.refuse("key-missing", key=key)
        for key in self.mandatory:
            if key not in self.pcf:
                self.reading.tell("pact-field-missing", field=key)

    def _unit(self) -> tuple[str, Decimal]:
        """Return our unit and how many of them the numbers are for."""
        printed = text(self.pcf.get("declaredUnitOfMeasurement"))
        if printed not in UNITS:
            self.reading.refuse("value-refused", "pcf", key="declaredUnitOfMeasurement", value=printed,
                                wanted=", ".join(UNITS))  # fmt: skip
        amount = number(self.pcf.get("declaredUnitAmount"))
        if amount is None or amount <= 0:
            given = self.pcf.get("declaredUnitAmount")
            self.reading.refuse("value-refused", "pcf", key="declaredUnitAmount", value=given, wanted="> 0")
            amount = Decimal(1)
        return UNITS.get(printed, ""), amount

    def _moment(self, key: str) -> datetime | None:
        return self._moment_of(self.pcf, key)

    def _moment_of(self, record: Json, key: str) -> datetime | None:
        found = moment(record.get(key))
        if found is None and record.get(key) not in (None, ""):
            self.reading.tell("pact-unreadable", is_error=True, field=key, value=record[key])
        return found

    def _numbers(self) -> None:
        """Read every number, and say which are none, are no text as the specification wants, or have the wrong sign."""
        for key in dict.fromkeys((EXCLUDING, INCLUDING, *SUMMED, UPTAKE, *NOT_NEGATIVE, "productMassPerDeclaredUnit",
                                  "exemptedEmissionsPercent", "primaryDataShare")):  # fmt: skip
            printed = self.pcf.get(key)
            if printed is None:
                continue
            found = number(printed)
            if found is None:
                self.reading.tell("pact-unreadable", is_error=True, field=key, value=printed)
                continue
            if self.numbers_are_text and not isinstance(printed, str):
                self.reading.tell("pact-number-not-text", field=key, value=printed)
            elif isinstance(printed, str) and not self.numbers_are_text:
                self.reading.tell("catena-number-is-text", field=key, value=printed)
            self.values[key] = found
            if (found < 0 and key in NOT_NEGATIVE) or (found > 0 and key in NOT_POSITIVE):
                self.reading.tell("pact-sign", field=key, value=found)

    # --- what belongs together -------------------------------------------------------------------

    def _sums(self) -> None:
        """Hold both headline numbers against the sums that their notes give."""
        values = self.values
        if FOSSIL in values:
            self._sum(EXCLUDING, [values[key] for key in self.summed if key in values])
        if INCLUDING in values:
            self._sum(INCLUDING, [values[EXCLUDING], values.get(UPTAKE, Decimal(0))])

    def _sum(self, key: str, parts: list[Decimal]) -> None:
        stated, added = self.values[key], sum(parts, Decimal(0))
        if not agrees(stated, parts):
            self.reading.tell("pact-sum-differs", field=key, stated=stated, sum=added, difference=stated - added)

    def _uptake(self) -> None:
        """Hold the uptake against the carbon in the product: C x 44/12 (P03 of the specification's first example)."""
        carbon = self.values.get("biogenicCarbonContent")
        uptake = self.values.get(UPTAKE, Decimal(0))
        if carbon is None or carbon < 0:
            return
        ratio = Decimal(repr(co2_per("C")))
        held = carbon * ratio
        if abs(held + uptake) > half_digit(carbon) * ratio + half_digit(uptake):
            self.reading.tell("pact-uptake-differs", uptake=uptake, carbon=carbon, expected=f"{-held:.4g}")

    def _packaging(self) -> None:
        included = self.pcf.get("packagingEmissionsIncluded")
        if included is False:
            self.reading.tell("pact-without-packaging")
        elif included is not True:
            self.reading.tell("pact-packaging-unsaid")
        if included is False and "packagingGhgEmissions" in self.values:
            self.reading.tell("pact-packaging-contradicts", value=self.values["packagingGhgEmissions"])
        exempted = self.values.get("exemptedEmissionsPercent")
        if exempted:
            reason = text(self.pcf.get("exemptedEmissionsDescription")) or "–"
            self.reading.tell("pact-exempted", percent=exempted, reason=reason)

    # --- what it comes to ------------------------------------------------------------------------

    def _supplier(self, unit: str, amount: Decimal, end: datetime) -> SupplierFootprint:
        rule = load(METHOD)
        parts = self._parts()
        name = name_of(text(self.root.get("productNameCompany")))
        return SupplierFootprint(
            id=text(self.root.get("id")),
            name=name,
            unit=unit,
            kgco2e=per_unit(self.values[EXCLUDING], amount),
            supplier=text(self.root.get("companyName")),
            method=self._method(),
            gwp_set=self._gwp_set(),
            boundary=self._boundary(),
            period_end=last_day(end),
            valid_until=self._validity(end),
            region=self._region(),
            **{key: per_unit(value, amount) for key, value in parts.items()},
            carbon_biogenic_kg=per_unit(self.values.get("biogenicCarbonContent", Decimal(0)), amount),
            primary_data_share=self._primary(),
            dqr=self._rating(rule),
            statement=self._statement(),
            is_verified=self._is_verified(),
        )

    def _boundary(self) -> str:
        return GATE

    def _statement(self) -> str:
        return f"{self.format} {text(self.root.get('specVersion'))}, {text(self.root.get('id'))}"

    def _parts(self) -> dict[str, Decimal]:
        """Return the parts of the headline; what it states beyond its own components counts as fossil."""
        zero = Decimal(0)
        aircraft, non_co2 = self.values.get(AIRCRAFT, zero), self.values.get(NON_CO2, zero)
        land = sum((self.values.get(key, zero) for key in LAND), zero)
        captured = sum((self.values.get(key, zero) for key in CAPTURED), zero)
        if captured:
            self.reading.tell("pact-capture-inside", kgco2e=captured)
        return {
            "fossil": self.values[EXCLUDING] - land - non_co2 - aircraft,
            "biogenic_emissions": non_co2,
            "biogenic_removals": self.values.get(UPTAKE, zero),
            "land_use": land,
            "aircraft": aircraft,
        }

    def _method(self) -> str:
        standards = texts(self.pcf.get("crossSectoralStandards"))
        rules = self.pcf.get("productOrSectorSpecificRules")
        named = [name for one in _mappings(rules) for name in texts(one.get("ruleNames"))]
        if named:
            self.reading.tell("pact-sector-rules", rules="; ".join(named))
        if any(one.startswith("PACT-3") for one in standards):
            return METHOD
        self.reading.tell("pact-other-standard", standards=", ".join(standards) or "–")
        return " + ".join(standards) or "unstated"

    def _gwp_set(self) -> str:
        sets = texts(self.pcf.get("ipccCharacterizationFactors"))
        wanted = load(METHOD).gwp_set
        if sets != (wanted,):
            self.reading.tell("pact-gwp-sets", sets=", ".join(sets) or "–", wanted=wanted)
        return " + ".join(sets) or "unstated"

    def _region(self) -> str:
        """Return the narrowest place stated; stating more than one is not allowed."""
        stated = [found for key in GEOGRAPHY if (found := text(self.pcf.get(key)))]
        if len(stated) > 1:
            self.reading.tell("pact-geography-several", places=", ".join(stated), taken=stated[0])
        return stated[0] if stated else "GLO"

    def _validity(self, end: datetime) -> str:
        """Return the last day of validity: as stated, else so many years from the end of the reference period."""
        rule = load(METHOD)
        longest = years_after(end, int(rule.validity.years.value) if rule.validity.years else 0)
        first = self._moment_of(self.root, "validityPeriodStart") or end
        until = self._moment_of(self.root, "validityPeriodEnd") or longest
        if first < end or until > longest or until <= first:
            self.reading.tell("pact-validity", start=first.date(), end=until.date(), longest=longest.date())
        day = last_day(until)
        if self.on.isoformat() > day:
            self.reading.tell("supplier-expired", is_error=True, valid_until=day, on=self.on)
        elif self.on < first.date():
            self.reading.tell("supplier-not-yet-valid", is_error=True, valid_from=first.date(), on=self.on)
        return day

    def _primary(self) -> str:
        """Return the share of primary data in percent; 0.72 may be a fraction and is left out until it is told."""
        share = self.values.get("primaryDataShare")
        if share is None:
            self.reading.tell("pact-field-missing", field="primaryDataShare")
            return ""
        if not 0 <= share <= 100:
            self.reading.tell("pact-share-outside", is_error=True, value=share)
            return ""
        if 0 < share <= 1:
            self.reading.tell("pact-share-ambiguous", value=share)
            return ""
        return str(share)

    def _rating(self, rule: FootprintMethod) -> str:
        """Return the mean of the three ratings, '' unless all three lie on the scale."""
        dqi = self.pcf.get("dqi")
        if not isinstance(dqi, Mapping) or rule.data_quality.best is None or rule.data_quality.worst is None:
            return ""
        best, worst = Decimal(rule.data_quality.best.value), Decimal(rule.data_quality.worst.value)
        found = [number(dqi.get(key)) for key in RATINGS]
        ratings = [one for one in found if one is not None and best <= one <= worst]
        if len(ratings) < len(RATINGS):
            printed = ", ".join(text(str(dqi.get(key))) for key in RATINGS)
            self.reading.tell("pact-rating-outside", ratings=printed, best=best, worst=worst)
            return ""
        return per_unit(sum(ratings, Decimal(0)), Decimal(len(ratings)))

    def _is_verified(self) -> bool:
        """Tell whether this product was verified; a programme or a model that was is told."""
        found = self.pcf.get("verification")
        if not isinstance(found, Mapping):
            return False
        coverage, provider = text(found.get("coverage")), text(found.get("providerName"))
        if coverage != "product level" or not provider:
            self.reading.tell("pact-verified-otherwise", coverage=coverage or "–", provider=provider or "–")
        return coverage == "product level" and bool(provider)


def _mappings(value: Any) -> Iterator[Json]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one
