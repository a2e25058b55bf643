"""A PACT footprint of version 3 as version 2.0 to 2.3 writes it, for those who have not moved on.

    older = pact_2(pact(snapshot, said), "2.3")

Both versions are written over the same frozen footprint: version 2 is read off the document of version 3, whose
identifier it keeps. What differs (OpenAPI 2.0.0 to 2.3.3 of the conformance service beside 3.0.4):

- numbers are for one declared unit, and ``unitaryProductAmount`` says how many of them the product has; version 2
  counts no pieces: a product by the piece is stated by the kilogram of its mass;
- version 2 asks for a code of the Central Product Classification, which is read off a classification (``urn:cpc:…``),
  and for one of three standards;
- percentages are numbers; ratings are on another scale with two further ones, so that none are written.

``pCfExcludingBiogenic`` is "excluding biogenic CO2", which is the number excluding uptake; ``pCfIncludingBiogenic``
the one including it. Our footprints never change: ``version`` is always 0 and nothing was ever ``updated``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from lca.errors import ExportImpossible, ExportLacks
from lca.flaws import Flaw
from lca.importers.stated import per_unit

Record = Mapping[str, Any]

NEWEST = "2.3"
EDITIONS = ("2.0", "2.1", "2.2", NEWEST)
UNITS = ("liter", "kilogram", "cubic meter", "kilowatt hour", "megajoule", "ton kilometer", "square meter")
KILOGRAM, PIECE = "kilogram", "piece"

NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "pcfExcludingBiogenicUptake": "pCfExcludingBiogenic",
        "pcfIncludingBiogenicUptake": "pCfIncludingBiogenic",
        "fossilGhgEmissions": "fossilGhgEmissions",
        "fossilCarbonContent": "fossilCarbonContent",
        "biogenicCarbonContent": "biogenicCarbonContent",
        "landUseChangeGhgEmissions": "dLucGhgEmissions",
        "biogenicNonCO2Emissions": "otherBiogenicGhgEmissions",
        "biogenicCO2Uptake": "biogenicCarbonWithdrawal",
        "aircraftGhgEmissions": "aircraftGhgEmissions",
        "packagingGhgEmissions": "packagingGhgEmissions",
    }
)
"""Number of version 3 -> the one of version 2, both per declared unit."""

STANDARDS: Mapping[str, str] = MappingProxyType(
    {
        "GHGP-Product": "GHG Protocol Product standard",
        "ISO14067": "ISO Standard 14067",
        "ISO14040-44": "ISO Standard 14044",
    }
)
"""Standard of version 3 -> as ``crossSectoralStandardsUsed`` names it; version 2 knows no other."""

LISTED = ("ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PACT-1.0", "PACT-2.0", "PACT-3.0")
"""What ``crossSectoralStandards`` of 2.3 may hold."""

WARMING = ("AR5", "AR6")
"""Sets of warming potentials, earliest first: ``characterizationFactors`` names the earliest that went in."""

SINCE: Mapping[str, str] = MappingProxyType(
    {
        "crossSectoralStandards": "2.3",
        "productMassPerDeclaredUnit": "2.3",
        "productClassifications": "2.3",
    }
)
"""Fields that came later than 2.0; what 2.0 and 2.1 require without describing it is none of them."""

SAME = (
    "boundaryProcessesDescription", "referencePeriodStart", "referencePeriodEnd", "geographyRegionOrSubregion",
    "geographyCountry", "geographyCountrySubdivision", "packagingEmissionsIncluded", "exemptedEmissionsDescription",
    "allocationRulesDescription", "secondaryEmissionFactorSources", "productOrSectorSpecificRules",
)  # fmt: skip

_CPC = re.compile(r"urn:(?:\S+:)?(?:un-)?cpc:([0-9]{1,5})", re.IGNORECASE)


def pact_2(document: Record, edition: str = NEWEST) -> dict[str, Any]:
    """Return a document of version 3 in an edition of version 2.

    Raises:
        ExportLacks: version 2 asks for what the document does not hold; all of it.
        ExportImpossible: a unit or a set of warming potentials that version 2 does not know.
        KeyError: no such edition; a programming mistake.
    """
    pcf = document["pcf"]
    lacks, flaws = _wanting(document)
    unit, amount, mass = _unit(pcf, flaws)
    if flaws:
        raise ExportImpossible(f"PACT {edition}", flaws)
    if lacks:
        raise ExportLacks(f"PACT {edition}", lacks)
    written = {
        "declaredUnit": unit,
        "unitaryProductAmount": amount,
        "productMassPerDeclaredUnit": mass,
        **{new: _each(pcf[old], amount) for old, new in NUMBERS.items() if old in pcf},
        "characterizationFactors": next(one for one in WARMING if one in pcf["ipccCharacterizationFactors"]),
        "ipccCharacterizationFactorsSources": pcf["ipccCharacterizationFactors"],
        "crossSectoralStandardsUsed": _standards(pcf),
        "crossSectoralStandards": [one for one in pcf["crossSectoralStandards"] if one in LISTED],
        "exemptedEmissionsPercent": float(pcf["exemptedEmissionsPercent"]),
        "primaryDataShare": float(pcf["primaryDataShare"]),
        **{key: pcf[key] for key in SAME if key in pcf},
    }
    root = {key: value for key, value in document.items() if key != "pcf"}
    root |= {"specVersion": f"{edition}.0", "version": 0, "productCategoryCpc": _category(document)}
    return {**_of_edition(root, edition), "pcf": _of_edition(written, edition)}


def _of_edition(fields: Record, edition: str) -> dict[str, Any]:
    place = EDITIONS.index(edition)
    return {key: value for key, value in fields.items() if EDITIONS.index(SINCE.get(key, "2.0")) <= place}


def _wanting(document: Record) -> tuple[list[str], list[Flaw]]:
    """Return what version 2 asks for and the document does not say, and what it says and version 2 does not take."""
    pcf, lacks, flaws = document["pcf"], [], []
    if not _category(document):
        lacks.append("classifications: urn:cpc:… (productCategoryCpc)")
    if not _standards(pcf):
        lacks.append(f"standards: {' | '.join(STANDARDS)} (crossSectoralStandardsUsed)")
    sets = pcf["ipccCharacterizationFactors"]
    if not set(sets) <= set(WARMING):
        wanted = {"key": "characterizationFactors", "value": ", ".join(sets), "wanted": ", ".join(WARMING)}
        flaws.append(Flaw("value-refused", wanted))
    return lacks, flaws


def _unit(pcf: Record, flaws: list[Flaw]) -> tuple[str, str, str]:
    """Return declared unit, how many of them the product has, and the mass of one."""
    unit, amount, mass = pcf["declaredUnitOfMeasurement"], pcf["declaredUnitAmount"], pcf["productMassPerDeclaredUnit"]
    if unit == PIECE and Decimal(mass) > 0:
        return KILOGRAM, mass, "1"
    if unit not in UNITS:
        flaws.append(Flaw("export-unit", {"unit": unit, "known": ", ".join(UNITS)}))
    return unit, amount, _each(mass, amount)


def _each(value: str, amount: str) -> str:
    """Return a number for one declared unit; one that is for one already keeps its digits."""
    return value if Decimal(amount) == 1 else per_unit(Decimal(value), Decimal(amount))


def _standards(pcf: Record) -> Sequence[str]:
    return [name for key, name in STANDARDS.items() if key in pcf["crossSectoralStandards"]]


def _category(document: Record) -> str:
    """Return the code of the Central Product Classification, '' where the document names none."""
    found = (_CPC.fullmatch(one) for one in document.get("productClassifications", ()))
    return next((one[1] for one in found if one), "")
