"""A frozen footprint as a Catena-X PCF, aspect model ``urn:samm:io.catenax.pcf:9.0.0#Pcf``.

    document = catena_x(snapshot, Said(company_ids=("urn:BPNL000000000DWF",), …))

The footprint is the one that PACT 3 has, computed by ``pact.3.0``. What differs (the model's own descriptions):

- numbers are JSON numbers, and every node is a list, here of one object;
- positions add up otherwise: T2 = A + C + E + F + G + H, where flights (H) stand beside the fossil emissions (A) that
  hold them in PACT; T1 = T2 + D. Packaging is part of the production stage, distribution stands apart;
- a region is stated beside country and subdivision, and has to be theirs;
- the maker states besides that the product is in series, and how waste that is burned, recycled carbon and mass
  balancing are counted; a business partner number (BPNL) is among the company's ids.

The model knows a deprecated footprint and the ones that it replaces only as fields that hold nothing: both are refused.
An attestation is no statement of the maker, and none is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lca.exporters import pact
from lca.exporters.frozen import gwp_sets, identifier, name_of, reading
from lca.exporters.pact import REGIONS, WORLD, given, sources
from lca.numbers import canonical
from lca.pact import Components, Headline
from lca.regions import lies_in, subregion_of

Record = Mapping[str, Any]

FORMAT = "Catena-X PCF 9"
SPECIFICATION = "urn:io.catenax.pcf:datamodel:version:9.0.0"
RETROSPECTIVE = "Retrospective PCF"
GATE = "Cradle-to-gate"
GLOBAL, SEVERAL = "Global", "Several"
UNSPECIFIED = "unspecified"
SETS = ("AR4", "AR5", "AR6")
WASTE = ("cut-off", "reverse cut-off", "system expansion", "polluter pays principle")
RECYCLED = ("upstream system expansion", "cut-off")
NOT_APPLICABLE = "not applicable"
MOST_EXEMPTED = 10
"""Percent of the emissions that may be left out at most."""

UNITS: Mapping[str, str] = MappingProxyType({key: one for key, one in pact.UNITS.items() if key != "megabit_second"})
"""Our unit -> the unit of measurement; the model splits the megabit second in two that are none."""

_BPN = re.compile(r"urn:(?:\S+:)?BPNL[0-9A-Z]{12}")
# The model's own examples begin with a domain, which no registered namespace does.
_URN = re.compile(r"urn:[a-z0-9][a-z0-9.-]{0,62}:\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said(pact.Said):
    """What the maker states beside a snapshot; empty is not stated, and what the format needs is asked for."""

    kind: str = ""  # Retrospective PCF: the product is in series
    rules: tuple[str, ...] = ()  # of the product or sector
    waste_incineration: str = ""  # one of WASTE
    recycled_carbon: str = ""  # one of RECYCLED
    mass_balancing: bool | None = None
    mass_balancing_scheme: str = ""  # of the certificates, where mass balancing is used
    mass_balancing_free: bool | None = None  # whether attribution is free, where it is used
    legal_statement: str = ""


def catena_x(snapshot: Record, said: Said) -> dict[str, Any]:
    """Return the footprint as plain JSON.

    Raises:
        ExportLacks: the format asks for what neither snapshot nor statement holds; all of it.
        ExportImpossible: another method or boundary, a number of the wrong sign, a statement the format does not take.
        SnapshotInvalid: it is no frozen footprint, or does not hold together.
    """
    with reading(snapshot):
        return _Export(snapshot, said).document()


class _Export(pact.Export):
    """One footprint while it is written."""

    format = FORMAT
    units = UNITS
    said: Said

    def _written(self) -> dict[str, Any]:
        self._not_held()
        components, sums = self._sums()
        return {
            "scopeOfPcfForm": [{"specVersion": SPECIFICATION, "partialFullPcf": GATE}],
            "companyAndProductInformation": [
                {"companyInformation": [self._company()], "productInformation": [self._goods()]}
            ],
            "pcfAssessmentAndMethodology": [
                {
                    "pcfAssessmentInformation": [self._assessment()],
                    "pcfMethodology": [self._methodology()],
                    "dataSourcesAndQuality": [self._quality()],
                }
            ],
            "general": [given(comment=self._comment(), pcfLegalStatement=self.said.legal_statement)],
            "carbonContent": [self._carbons(components)],
            "productLifeCycleStagesAndEmissions": [self._stages(components, sums)],
        }

    def _not_held(self) -> None:
        if self.said.is_deprecated:
            self._refuse("status", "Deprecated", "Active")
        if self.said.preceding:
            self._refuse("preceding (precedingPfIds)", ", ".join(self.said.preceding), "–")

    # --- company and product ---------------------------------------------------------------------

    def _company(self) -> dict[str, Any]:
        if not any(map(_BPN.fullmatch, self.said.company_ids)):
            self.missing.append("company_ids: urn:BPNL… (companyIds)")
        return {
            "companyName": self._needed("organisation (companyName)", name_of(self.model.get("organisation", {}))),
            "companyIds": self._urns("company_ids (companyIds)", self.said.company_ids),
        }

    def _is_urn(self, text: str) -> bool:
        return bool(_BPN.fullmatch(text) or _URN.fullmatch(text))

    def _goods(self) -> dict[str, Any]:
        amount, unit = self._unit()
        return {
            "productNameCompany": name_of(self.model["name"]),
            "productIds": self._urns("product_ids (productIds)", self.said.product_ids, is_needed=True),
            **given(
                productDescription=self.said.description,
                productClassifications=self._urns("classifications", self.said.classifications),
            ),
            "declaredUnitOfMeasurement": self.units.get(unit, unit),
            "declaredUnitAmount": float(amount),
            "productMassPerDeclaredUnit": float(self._mass(unit)),
        }

    # --- assessment and methodology --------------------------------------------------------------

    def _assessment(self) -> dict[str, Any]:
        start, end = self._validity()
        exempted = self._exempted()
        left_out = float(exempted["exemptedEmissionsPercent"])
        if not 0 <= left_out <= MOST_EXEMPTED:
            self._refuse("exemptedEmissionsPercent", f"{left_out:g}", f"0 … {MOST_EXEMPTED}")
        return {
            "technology": [
                {
                    "ccsTechnologicalCO2CaptureIncluded": self._capture(),
                    **given(boundaryProcessesDescription=self._processes()),
                }
            ],
            "idAndVersion": [
                {
                    "id": identifier(self.snapshot, self._beside()),
                    "version": 0,
                    "status": "Active",
                    "retroOrProspectivePcfType": self._one_of("kind", "retroOrProspectivePcfType", (RETROSPECTIVE,)),
                }
            ],
            "boundarySpecifications": [
                {
                    "exemptedEmissionsPercent": left_out,
                    **given(exemptedEmissionsDescription=exempted["exemptedEmissionsDescription"]),
                }
            ],
            "geography": [self._geography()],
            "time": [
                {
                    **self._period(),
                    "created": self.snapshot["footprint"]["created"],
                    "validityPeriodStart": start,
                    "validityPeriodEnd": end,
                }
            ],
        }

    def _one_of(self, name: str, field: str, known: tuple[str, ...]) -> str:
        """Return what has to be stated as one of a few words."""
        value = str(getattr(self.said, name))
        if not value:
            self.missing.append(f"{name}: {' | '.join(known)} ({field})")
        elif value not in known:
            self._refuse(f"{name} ({field})", value, ", ".join(known))
        return value

    def _place(self) -> tuple[str, str]:
        """Return the narrowest place that is stated: the region stands beside it."""
        place = self._subdivision() or self._country()
        return ("", place) if place else ("", self.said.region or str(self.model["region"]))

    def _geography(self) -> dict[str, str]:
        country, subdivision, region = self._country(), self._subdivision(), self.said.region
        known = (*REGIONS, GLOBAL, SEVERAL)
        if region and region not in known:
            self._refuse("region (geographyRegionOrSubregion)", region, ", ".join(known))
        elif region and country and not lies_in(country, region):
            self._refuse("region (geographyRegionOrSubregion)", region, f"{subregion_of(country)} ({country})")
        region = region or (GLOBAL if self.model["region"] == WORLD else subregion_of(country))
        return {
            "geographyRegionOrSubregion": self._needed("region (geographyRegionOrSubregion)", region),
            **given(geographyCountry=country, geographyCountrySubdivision=subdivision),
        }

    def _methodology(self) -> dict[str, Any]:
        reports, other = gwp_sets(self.snapshot)
        is_one = len(reports) == 1 and not other and reports[0] in SETS
        if not self.said.rules:
            self.missing.append("rules (productOrSectorSpecificRules)")
        if self.said.recycled_carbon:
            self._one_of("recycled_carbon", "allocationRecycledCarbon", RECYCLED)
        waste = self._one_of("waste_incineration", "allocationWasteIncineration", WASTE)
        return {
            "standards": [
                {
                    "crossSectoralStandards": self._standards(),
                    "productOrSectorSpecificRules": list(dict.fromkeys(self.said.rules)),
                }
            ],
            "gwpCharacterizationFactorDetails": [
                {"ipccCharacterizationFactors": reports[0] if is_one else UNSPECIFIED}
            ],
            "massBalancingInformation": [self._mass_balance()],
            "allocationInForeground": [
                {
                    "allocationWasteIncineration": waste,
                    "allocationRulesDescription": self._allocation(),
                    **given(allocationRecycledCarbon=self.said.recycled_carbon),
                }
            ],
        }

    def _mass_balance(self) -> dict[str, Any]:
        said = self.said
        if said.mass_balancing is None:
            self.missing.append("mass_balancing (massBalancingUsed)")
        if said.mass_balancing and not said.mass_balancing_scheme:
            self.missing.append("mass_balancing_scheme (massBalancingCertificateScheme)")
        if said.mass_balancing and said.mass_balancing_free is None:
            self.missing.append("mass_balancing_free (freeAttributionInMassBalancing)")
        if not said.mass_balancing:
            if said.mass_balancing_scheme or said.mass_balancing_free is not None:
                self._refuse("mass_balancing (massBalancingUsed)", "false", "true")
            return {
                "massBalancingUsed": False,
                "freeAttributionInMassBalancing": NOT_APPLICABLE,
                "massBalancingCertificateScheme": NOT_APPLICABLE,
            }
        return {
            "massBalancingUsed": True,
            "freeAttributionInMassBalancing": "true" if said.mass_balancing_free else "false",
            "massBalancingCertificateScheme": said.mass_balancing_scheme,
        }

    def _quality(self) -> dict[str, Any]:
        return {
            "primaryDataShare": float(canonical(100 * float(self.results["primary_data_share"]))),
            **given(
                secondaryEmissionFactorSources=[f"{one['name']} {one['version']}" for one in sources(self.snapshot)]
            ),
            **{key: float(value) for key, value in self._ratings().items()},
        }

    def _comment(self) -> str:
        """Say besides what PACT's says: which potentials went in, where one field cannot hold them."""
        reports, other = gwp_sets(self.snapshot)
        is_one = len(reports) == 1 and not other
        told = "" if is_one else f" Warming potentials: {', '.join((*reports, *other))}."
        return super()._comment() + told

    # --- numbers ---------------------------------------------------------------------------------

    def _carbons(self, components: Components) -> dict[str, float]:
        fossil = self._carbon("fossil_carbon_kg (fossilCarbonContent)", self.said.fossil_carbon_kg)
        biogenic = self._biogenic_carbon(components.biogenic_uptake)
        return {
            "carbonContentTotal": float(canonical(float(fossil) + float(biogenic))),
            "fossilCarbonContent": float(fossil),
            "biogenicCarbonContent": float(biogenic),
        }

    def _stages(self, components: Components, sums: Headline) -> dict[str, Any]:
        production = {
            "pcfExcludingBiogenicUptake": sums.excluding_uptake,
            "pcfIncludingBiogenicUptake": sums.including_uptake,
            "fossilGhgEmissions": float(self.results["fossil"]),
            "biogenicNonCO2Emissions": components.biogenic_non_co2,
            "biogenicCO2Uptake": components.biogenic_uptake,
            "landUseChangeGhgEmissions": components.land_use_change,
            "aircraftGhgEmissions": float(self.results["aircraft"]),
        }
        for key in ("pcfExcludingBiogenicUptake", "fossilGhgEmissions", "aircraftGhgEmissions"):
            self._not_negative(key, production[key])
        return {
            "productionStage": [{key: float(canonical(value)) for key, value in production.items()}],
            "packagingStage": [self._packed()],
            "distributionStage": [self._distributed()],
        }

    def _not_negative(self, key: str, value: float) -> None:
        if value < 0:
            self._refuse(key, f"{value:g}", ">= 0")

    def _packed(self) -> dict[str, Any]:
        found = self._packaging()
        written: dict[str, Any] = {"packagingEmissionsIncluded": found["packagingEmissionsIncluded"]}
        if "packagingGhgEmissions" in found:
            amount = float(found["packagingGhgEmissions"])
            self._not_negative("packagingPcfExcludingBiogenicUptake", amount)
            written["packagingPcfExcludingBiogenicUptake"] = amount
        return written

    def _distributed(self) -> dict[str, Any]:
        found = self._outbound()
        if not found:
            return {"distributionStageIncluded": False}
        amount = float(found["outboundLogisticsGhgEmissions"])
        self._not_negative("distributionStagePcfExcludingBiogenicUptake", amount)
        return {"distributionStageIncluded": True, "distributionStagePcfExcludingBiogenicUptake": amount}
