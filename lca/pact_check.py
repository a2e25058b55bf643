"""Whether a PACT footprint keeps the specification, beyond what its schema can say; every problem at its path.

    for flaw in problems(document):
        print(flaw.where, flaw)

The schema (OpenAPI 3.0.4 and 2.3.3) says which fields there are. Held here besides: signs, ranges, codes of ISO 3166,
UUIDs and URNs, times with their zone, periods in order, a validity of at most three years from the end of the
reference period, no more than one place, what one field says of another, and the balance of the parts (PACT Technical
Specifications 3.0, notes to ``pcfExcludingBiogenicUptake`` and ``pcfIncludingBiogenicUptake``). Absent is left out:
``null`` is nowhere a value. Fields that are not known here are let pass, for a later revision may add some.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lca.days import years_after
from lca.exporters import pact_2
from lca.exporters.pact import REGIONS, UNITS, WITHOUT_MASS
from lca.flaws import Flaw
from lca.importers.pact import EXCLUDING, INCLUDING, SUMMED, UPTAKE
from lca.importers.stated import agrees, number, text

Check = Callable[[object, str], Iterator[Flaw]]
"""What is wrong with a value that stands at a path."""

VALIDITY_YEARS = 3
"""Years for which a footprint is valid at most, from the end of its reference period (3.0, "Validity period")."""

DEEPEST = 20
"""Levels to which a document may be nested; footprints have four, an extension may have more."""

GEOGRAPHY = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
MASSLESS = frozenset(UNITS[one] for one in WITHOUT_MASS)

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S{1,500}", re.IGNORECASE)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S{1,2000}", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Edition:
    """The fields that a version of the specification has, and those that have to be there."""

    root: Mapping[str, Check]
    root_needed: tuple[str, ...]
    pcf: Mapping[str, Check]
    pcf_needed: tuple[str, ...]


def problems(document: object, version: str = "3") -> tuple[Flaw, ...]:
    """Return everything wrong with a footprint of version ``3`` or ``2``, each at its path; nothing if all is well."""
    if not isinstance(document, Mapping) or _depth(document) > DEEPEST:
        return (_refused("", "ProductFootprint", type(document).__name__, "{…}"),)
    edition = _edition(version)
    pcf = document.get("pcf")
    found = [*_object(edition.root, edition.root_needed, document, "")]
    if isinstance(pcf, Mapping):
        found += _object(edition.pcf, edition.pcf_needed, pcf, "pcf")
        found += _places(pcf)
        found += _packaging(pcf)
        found += _periods(document, pcf, is_whole=version != "3")
        found += _balance(pcf) if version == "3" else ()
        found += _mass(pcf, version)
    found += _predecessors(document)
    return tuple(found)


def _depth(value: object, level: int = 0) -> int:
    """Return how deep a document is nested; counting stops where it is too deep."""
    if level > DEEPEST or not isinstance(value, Mapping | list):
        return level
    inner = value.values() if isinstance(value, Mapping) else value
    return max((_depth(one, level + 1) for one in inner), default=level)


def _refused(where: str, key: str, value: object, wanted: str) -> Flaw:
    return Flaw("value-refused", {"key": key, "value": text(str(value))[:200], "wanted": wanted}, where)


def _under(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


# --- single values -------------------------------------------------------------------------------


def _at(where: str, value: object, wanted: str) -> Flaw:
    return _refused(where, where.rpartition(".")[2], value, wanted)


def _decimal(value: object, where: str, low: float | None = None, high: float | None = None) -> Iterator[Flaw]:
    """A decimal is a text with plain digits."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        yield _at(where, value, '"0.5"')
    elif low is not None and Decimal(value) < Decimal(str(low)):
        yield _at(where, value, f">= {low:g}")
    elif high is not None and Decimal(value) > Decimal(str(high)):
        yield _at(where, value, f"<= {high:g}")


def _above_zero(value: object, where: str) -> Iterator[Flaw]:
    yield from _decimal(value, where, low=0)
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and Decimal(value) == 0:
        yield _at(where, value, "> 0")


def _number(value: object, where: str, low: float, high: float) -> Iterator[Flaw]:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not low <= value <= high:
        yield _at(where, value, f"{low:g} … {high:g}")


def _whole(value: object, where: str) -> Iterator[Flaw]:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        yield _at(where, value, "0 … 2147483647")


def _text(value: object, where: str, least: int = 0) -> Iterator[Flaw]:
    if not isinstance(value, str) or len(value.strip()) < least:
        yield _at(where, value, f'"…" ({least}+)' if least else '"…"')


def _boolean(value: object, where: str) -> Iterator[Flaw]:
    if not isinstance(value, bool):
        yield _at(where, value, "true | false")


def _choice(value: object, where: str, choices: tuple[str, ...]) -> Iterator[Flaw]:
    if value not in choices:
        yield _at(where, value, ", ".join(choices))


def _pattern(value: object, where: str, pattern: re.Pattern[str], wanted: str) -> Iterator[Flaw]:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        yield _at(where, value, wanted)


def _uuid(value: object, where: str) -> Iterator[Flaw]:
    try:
        fits = isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        fits = False
    if not fits:
        yield _at(where, value, "UUID")


def _time(value: object, where: str) -> Iterator[Flaw]:
    if moment(value) is None:
        yield _at(where, value, "2026-01-31T00:00:00Z")


def moment(value: object) -> datetime | None:
    """Return a time that says its zone (RFC 3339), None for anything else."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def _country(value: object, where: str) -> Iterator[Flaw]:
    if not isinstance(value, str) or value not in countries():
        yield _at(where, value, "ISO 3166-1 alpha-2")


def _subdivision(value: object, where: str) -> Iterator[Flaw]:
    found = _SUBDIVISION.fullmatch(value) if isinstance(value, str) else None
    if not found or found[1] not in countries():
        yield _at(where, value, "ISO 3166-2")


@cache
def countries() -> frozenset[str]:
    """Return the country codes of ISO 3166-1."""
    path = Path(__file__).parent / "data" / "pact" / "countries.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())


def _several(value: object, where: str, check: Check, *, is_set: bool = True) -> Iterator[Flaw]:
    """A list holds something, and nothing twice."""
    if not isinstance(value, list) or not value:
        yield _at(where, value, "[…]")
        return
    for place, one in enumerate(value):
        yield from check(one, _under(where, place))
    if is_set and any(one in value[:place] for place, one in enumerate(value[:1000])):
        yield _at(where, value, "[a, b] (a ≠ b)")


def _object(checks: Mapping[str, Check], needed: tuple[str, ...], value: object, where: str) -> Iterator[Flaw]:
    """An object holds its fields; what it does not have is left out, never null."""
    if not isinstance(value, Mapping):
        yield _at(where, value, "{…}")
        return
    for key in needed:
        if key not in value:
            yield Flaw("key-missing", {"key": key}, where)
    for key, one in value.items():
        if one is None:
            yield Flaw("key-null", {"key": text(str(key))}, where)
        elif key in checks:
            yield from checks[key](one, _under(where, key))


def _rule(value: object, where: str) -> Iterator[Flaw]:
    checks: dict[str, Check] = {
        "operator": partial(_choice, choices=("PEF", "EPD International", "Other")),
        "ruleNames": partial(_several, check=_NAME),
        "otherOperatorName": _NAME,
    }
    yield from _object(checks, ("operator", "ruleNames"), value, where)
    if isinstance(value, Mapping):
        is_named = value.get("otherOperatorName") is not None
        if is_named != (value.get("operator") == "Other"):
            wanted = 'operator = "Other"' if is_named else '"…" (operator = "Other")'
            yield _at(_under(where, "otherOperatorName"), value.get("otherOperatorName", "–"), wanted)


def _record(value: object, where: str, checks: Mapping[str, Check], needed: tuple[str, ...]) -> Iterator[Flaw]:
    yield from _object(checks, needed, value, where)


# --- fields that belong together -----------------------------------------------------------------


def _places(pcf: Mapping[str, Any]) -> Iterator[Flaw]:
    stated = [key for key in GEOGRAPHY if key in pcf]
    if len(stated) > 1:
        yield Flaw("places-several", {"keys": ", ".join(stated)}, "pcf")


def _packaging(pcf: Mapping[str, Any]) -> Iterator[Flaw]:
    if pcf.get("packagingEmissionsIncluded") is False and "packagingGhgEmissions" in pcf:
        wanted = "packagingEmissionsIncluded = true"
        yield _at("pcf.packagingGhgEmissions", pcf["packagingGhgEmissions"], wanted)


def _predecessors(document: Mapping[str, Any]) -> Iterator[Flaw]:
    listed = document.get("precedingPfIds")
    if isinstance(listed, list) and document.get("id") in listed:
        yield _at("precedingPfIds", document["id"], "≠ id")
    created, updated = moment(document.get("created")), moment(document.get("updated"))
    if created and updated and updated <= created:
        yield _at("updated", document["updated"], f"> {document['created']}")


def _periods(document: Mapping[str, Any], pcf: Mapping[str, Any], *, is_whole: bool) -> Iterator[Flaw]:
    """Ends follow starts; validity begins with the end of the reference period and lasts three years at most."""
    start, end = moment(pcf.get("referencePeriodStart")), moment(pcf.get("referencePeriodEnd"))
    first, last = moment(document.get("validityPeriodStart")), moment(document.get("validityPeriodEnd"))
    if start and end and start >= end:
        yield _at("pcf.referencePeriodEnd", end.isoformat(), f"> {start.isoformat()}")
    if end and first and first < end:
        yield _at("validityPeriodStart", first.isoformat(), f">= {end.isoformat()} (referencePeriodEnd)")
    if end and last and last > years_after(end, VALIDITY_YEARS):
        yield _at("validityPeriodEnd", last.isoformat(), f"<= {years_after(end, VALIDITY_YEARS).isoformat()}")
    begin = first or end
    if begin and last and last <= begin:
        yield _at("validityPeriodEnd", last.isoformat(), f"> {begin.isoformat()}")
    if is_whole and ("validityPeriodStart" in document) != ("validityPeriodEnd" in document):
        missing = "validityPeriodEnd" if "validityPeriodStart" in document else "validityPeriodStart"
        yield Flaw("key-missing", {"key": missing})


def _balance(pcf: Mapping[str, Any]) -> Iterator[Flaw]:
    """Hold both headline numbers against their parts."""
    values = {key: found for key, value in pcf.items() if (found := number(value)) is not None}
    if EXCLUDING not in values:
        return
    yield from _sum(values, EXCLUDING, [values[key] for key in SUMMED if key in values])
    if INCLUDING in values:
        yield from _sum(values, INCLUDING, [values[EXCLUDING], values.get(UPTAKE, Decimal(0))])
    inside, fossil = values.get("landManagementFossilGhgEmissions"), values.get("fossilGhgEmissions")
    if inside is not None and fossil is not None and inside > fossil:
        yield _at("pcf.landManagementFossilGhgEmissions", inside, f"<= {fossil} (fossilGhgEmissions)")


def _sum(values: Mapping[str, Decimal], key: str, parts: list[Decimal]) -> Iterator[Flaw]:
    if not agrees(values[key], parts):
        told = {"key": key, "sum": str(sum(parts, Decimal(0))), "value": str(values[key])}
        yield Flaw("sum-differs", told, f"pcf.{key}")


def _mass(pcf: Mapping[str, Any], version: str) -> Iterator[Flaw]:
    """A product by the kilogram weighs what is declared; energy, transport and services weigh nothing."""
    unit = pcf.get("declaredUnitOfMeasurement" if version == "3" else "declaredUnit")
    amount = number(pcf.get("declaredUnitAmount")) if version == "3" else Decimal(1)
    mass = number(pcf.get("productMassPerDeclaredUnit"))
    if mass is None or amount is None:
        return
    where = "pcf.productMassPerDeclaredUnit"
    if unit == "kilogram" and not agrees(mass, [amount]):
        yield _at(where, mass, f"{amount} (kilogram)")
    elif isinstance(unit, str) and unit in MASSLESS and mass:
        yield _at(where, mass, f"0 ({unit})")


# --- the versions --------------------------------------------------------------------------------

_NAME = partial(_text, least=1)
_PLUS, _MINUS = partial(_decimal, low=0), partial(_decimal, high=0)
_PERCENT = partial(_decimal, low=0, high=100)
_URNS = partial(_several, check=partial(_pattern, pattern=_URN, wanted="urn:…"))
_LINK = partial(_pattern, pattern=_URI, wanted="URI")
_SETS = partial(_several, check=partial(_pattern, pattern=re.compile(r"AR[0-9]+"), wanted="AR6"))
_SOURCE = partial(_record, checks=MappingProxyType({"name": _NAME, "version": _NAME}), needed=("name", "version"))
_ANYTHING = partial(_record, checks=MappingProxyType({}), needed=())
_EXTENSION = partial(
    _record,
    checks=MappingProxyType({"specVersion": _text, "dataSchema": _LINK, "documentation": _LINK, "data": _ANYTHING}),
    needed=("specVersion", "dataSchema", "data"),
)


def _ratings(*names: str, check: Check, more: Mapping[str, Check] = MappingProxyType({})) -> Check:
    checks = {**dict.fromkeys(names, check), **more}
    return partial(_record, checks=checks, needed=tuple(checks))


_BOTH_ROOTS: Mapping[str, Check] = MappingProxyType(
    {
        "id": _uuid,
        "specVersion": partial(_pattern, pattern=re.compile(r"\d+\.\d+\.\d+(-\d{8})?"), wanted="3.0.0"),
        "precedingPfIds": partial(_several, check=_uuid),
        "created": _time,
        "status": partial(_choice, choices=("Active", "Deprecated")),
        "validityPeriodStart": _time,
        "validityPeriodEnd": _time,
        "companyName": _NAME,
        "companyIds": _URNS,
        "productDescription": _text,
        "productIds": _URNS,
        "productClassifications": _URNS,
        "productNameCompany": _NAME,
        "comment": _text,
        "pcf": _ANYTHING,
        "extensions": partial(_several, check=_EXTENSION, is_set=False),
    }
)
_ROOT_NEEDED = (
    "id", "specVersion", "created", "status", "companyName", "companyIds", "productDescription", "productIds",
    "productNameCompany", "pcf",
)  # fmt: skip
_BOTH_PCFS: Mapping[str, Check] = MappingProxyType(
    {
        "productMassPerDeclaredUnit": _PLUS,
        "referencePeriodStart": _time,
        "referencePeriodEnd": _time,
        "geographyRegionOrSubregion": partial(_choice, choices=REGIONS),
        "geographyCountry": _country,
        "geographyCountrySubdivision": _subdivision,
        "boundaryProcessesDescription": _text,
        "fossilGhgEmissions": _PLUS,
        "fossilCarbonContent": _PLUS,
        "biogenicCarbonContent": _PLUS,
        "aircraftGhgEmissions": _PLUS,
        "packagingEmissionsIncluded": _boolean,
        "packagingGhgEmissions": _PLUS,
        "productOrSectorSpecificRules": partial(_several, check=_rule),
        "exemptedEmissionsDescription": _text,
        "allocationRulesDescription": _text,
        "secondaryEmissionFactorSources": partial(_several, check=_SOURCE, is_set=False),
    }
)


@cache
def _edition(version: str) -> Edition:
    return _third() if version == "3" else _second()


def _third() -> Edition:
    more: dict[str, Check] = {
        "declaredUnitOfMeasurement": partial(_choice, choices=tuple(UNITS.values())),
        "declaredUnitAmount": _above_zero,
        EXCLUDING: _decimal,
        INCLUDING: _decimal,
        **dict.fromkeys(("recycledCarbonContent", "landUseChangeGhgEmissions", "landCarbonLeakage"), _PLUS),
        **dict.fromkeys(("landManagementFossilGhgEmissions", "landManagementBiogenicCO2Emissions"), _PLUS),
        **dict.fromkeys(("biogenicNonCO2Emissions", "landAreaOccupation", "packagingBiogenicCarbonContent"), _PLUS),
        **dict.fromkeys(("outboundLogisticsGhgEmissions", "ccuCarbonContent"), _PLUS),
        **dict.fromkeys(("landManagementBiogenicCO2Removals", UPTAKE), _MINUS),
        **dict.fromkeys(("ccsTechnologicalCO2Capture", "technologicalCO2Removals"), _MINUS),
        "ccsTechnologicalCO2CaptureIncluded": _boolean,
        "technologicalCO2CaptureOrigin": _text,
        "ccuCalculationApproach": partial(_choice, choices=("Cut-off", "Credit")),
        "ccuCreditCertification": _LINK,
        "ipccCharacterizationFactors": _SETS,
        "crossSectoralStandards": partial(_several, check=_NAME),
        "exemptedEmissionsPercent": _PERCENT,
        "primaryDataShare": _PERCENT,
        "dqi": _ratings(
            *("technologicalDQR", "geographicalDQR", "temporalDQR"), check=partial(_decimal, low=1, high=5)
        ),
        "verification": _verification("PCF calculation model", "PCF program", "product level"),
    }
    needed = (
        "declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "referencePeriodStart",
        "referencePeriodEnd", EXCLUDING, INCLUDING, "fossilCarbonContent", "fossilGhgEmissions",
        "ipccCharacterizationFactors", "crossSectoralStandards", "exemptedEmissionsPercent",
        # The schema leaves these open; the reporting rule of all three is SHALL.
        "packagingEmissionsIncluded", "ccsTechnologicalCO2CaptureIncluded", "primaryDataShare",
    )  # fmt: skip
    return Edition(_BOTH_ROOTS, _ROOT_NEEDED, {**_BOTH_PCFS, **more}, needed)


def _second() -> Edition:
    """Fields of 2.0 to 2.3; those that came later are checked where they are."""
    hundred, rating = partial(_number, low=0, high=100), partial(_number, low=1, high=3)
    more: dict[str, Check] = {
        "declaredUnit": partial(_choice, choices=pact_2.UNITS),
        "unitaryProductAmount": _above_zero,
        "pCfExcludingBiogenic": _PLUS,
        "pCfIncludingBiogenic": _decimal,
        **dict.fromkeys(("dLucGhgEmissions", "otherBiogenicGhgEmissions", "iLucGhgEmissions"), _PLUS),
        "landManagementGhgEmissions": _decimal,
        "biogenicCarbonWithdrawal": _MINUS,
        "characterizationFactors": partial(_choice, choices=pact_2.WARMING),
        "ipccCharacterizationFactorsSources": _SETS,
        "crossSectoralStandardsUsed": partial(
            _several, check=partial(_choice, choices=tuple(pact_2.STANDARDS.values()))
        ),
        "crossSectoralStandards": partial(_several, check=_NAME),
        "biogenicAccountingMethodology": _NAME,
        "uncertaintyAssessmentDescription": _text,
        "exemptedEmissionsPercent": hundred,
        "primaryDataShare": hundred,
        "dqi": _ratings(
            *("technologicalDQR", "temporalDQR", "geographicalDQR", "completenessDQR", "reliabilityDQR"),
            check=rating,
            more={"coveragePercent": hundred},
        ),
    }
    needed = (
        "declaredUnit", "unitaryProductAmount", "referencePeriodStart", "referencePeriodEnd", "pCfExcludingBiogenic",
        "fossilGhgEmissions", "fossilCarbonContent", "biogenicCarbonContent", "characterizationFactors",
        "crossSectoralStandardsUsed", "boundaryProcessesDescription", "exemptedEmissionsPercent",
        "exemptedEmissionsDescription", "packagingEmissionsIncluded",
    )  # fmt: skip
    root: dict[str, Check] = {
        **_BOTH_ROOTS,
        "version": _whole,
        "updated": _time,
        "statusComment": _text,
        "productCategoryCpc": _NAME,
    }
    root_needed = (*_ROOT_NEEDED, "version", "comment", "productCategoryCpc")
    return Edition(root, root_needed, {**_BOTH_PCFS, **more}, needed)


def _verification(*coverage: str) -> Check:
    checks: dict[str, Check] = {
        "coverage": partial(_choice, choices=coverage),
        "providerName": _text,
        "completedAt": _time,
        "standardName": _text,
        "comments": _text,
    }
    return partial(_record, checks=checks, needed=())
