"""Catena-X product carbon footprints, aspect model 9, as a supplier's data; older models are refused.

The fields are those of PACT 3, sorted into nodes, each a list of one object; they are read as PACT's are, with what the
model's own descriptions say otherwise: flights (position H) are added beside the fossil emissions (A), packaging is
part of the production stage, distribution stands apart from it and is not counted, a region stands beside country and
subdivision, and validity ends when it is said to end. The published example keeps neither the sums nor the geography:
the descriptions are the norm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from lca.exporters.catena_x import GATE, GLOBAL, RETROSPECTIVE, SETS, SEVERAL, SPECIFICATION
from lca.exporters.pact import WORLD
from lca.importers.pact import (
    AIRCRAFT,
    EXCLUDING,
    FOSSIL,
    INCLUDING,
    LAND,
    NON_CO2,
    RATINGS,
    UNITS,
    UPTAKE,
    PactFootprint,
)
from lca.importers.stated import Json, Reading, Stated, agrees, json_of, last_day, number, text, texts
from lca.regions import lies_in

ROOT = "scopeOfPcfForm"
FAMILY = SPECIFICATION.rpartition(":")[0] + ":"
WHOLE_LIFE = "cradle_to_grave"
BOUNDARIES: Mapping[str, str] = MappingProxyType({GATE: "cradle_to_gate", "Cradle-to-grave": WHOLE_LIFE})

NODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scope": (ROOT,),
        "company": ("companyAndProductInformation", "companyInformation"),
        "product": ("companyAndProductInformation", "productInformation"),
        "technology": ("pcfAssessmentAndMethodology", "pcfAssessmentInformation", "technology"),
        "identity": ("pcfAssessmentAndMethodology", "pcfAssessmentInformation", "idAndVersion"),
        "left_out": ("pcfAssessmentAndMethodology", "pcfAssessmentInformation", "boundarySpecifications"),
        "place": ("pcfAssessmentAndMethodology", "pcfAssessmentInformation", "geography"),
        "time": ("pcfAssessmentAndMethodology", "pcfAssessmentInformation", "time"),
        "standards": ("pcfAssessmentAndMethodology", "pcfMethodology", "standards"),
        "gwp": ("pcfAssessmentAndMethodology", "pcfMethodology", "gwpCharacterizationFactorDetails"),
        "balance": ("pcfAssessmentAndMethodology", "pcfMethodology", "massBalancingInformation"),
        "allocation": ("pcfAssessmentAndMethodology", "pcfMethodology", "allocationInForeground"),
        "quality": ("pcfAssessmentAndMethodology", "dataSourcesAndQuality"),
        "carbon": ("carbonContent",),
        "production": ("productLifeCycleStagesAndEmissions", "productionStage"),
        "packaging": ("productLifeCycleStagesAndEmissions", "packagingStage"),
        "distribution": ("productLifeCycleStagesAndEmissions", "distributionStage"),
    }
)
"""Node -> the way to it; on every step there is a list of one object."""

NEEDED = frozenset(NODES) - {"quality"}

POSITIONS = (FOSSIL, NON_CO2, *LAND, AIRCRAFT)
"""What T2 adds up: A, C, E, F, G and H."""

STAGES: Mapping[str, str] = MappingProxyType({"packaging": "packaging", "distribution": "distributionStage"})
"""Node -> what its fields begin with, before the name that the production stage gives them."""

PACKAGED = "packagingPcfExcludingBiogenicUptake"
DISTRIBUTED = "distributionStagePcfExcludingBiogenicUptake"
THIRD_PARTY = "3rd party"


def is_footprint(document: Json) -> bool:
    """Tell whether a document is built as the model builds it."""
    return ROOT in document


def footprints(content: bytes | str, where: str) -> tuple[Json, ...]:
    """Return the footprint in a document.

    Raises:
        StatementRefused: it is no JSON, or no object.
    """
    found = json_of(content, where)
    reading = Reading(where)
    if not isinstance(found, Mapping):
        reading.refuse("not-a-mapping", key="Pcf")
    reading.settle()
    return (found,)


def supplier_of(document: Json, on: date) -> Stated:
    """Return the supplier's footprint that a Catena-X PCF states.

    Raises:
        StatementRefused: another model, deprecated, or without a number, an amount, a unit or a period.
    """
    return _CatenaX(document, on).stated()


class _CatenaX(PactFootprint):
    """One footprint while it is read."""

    format = "Catena-X PCF"
    mandatory = (
        "productMassPerDeclaredUnit", "referencePeriodStart", INCLUDING, "crossSectoralStandards",
        "exemptedEmissionsPercent",
    )  # fmt: skip
    summed = POSITIONS
    numbers_are_text = False

    def __init__(self, document: Json, on: date) -> None:
        problems = Reading("")
        self.nodes = {name: _node(document, way, problems, name in NEEDED) for name, way in NODES.items()}
        self.attested = document.get("attestationOfConformance")
        super().__init__(self._as_pact(), on)
        self.reading.flaws += problems.flaws

    def _as_pact(self) -> Json:
        """Return the fields where PACT has them; what the model calls otherwise under PACT's name."""
        at = self.nodes
        pcf: dict[str, Any] = {
            **at["product"], **at["time"], **at["place"], **at["left_out"], **at["carbon"], **at["quality"],
            **at["standards"], **at["allocation"], **at["production"], **at["technology"],
            "packagingEmissionsIncluded": at["packaging"].get("packagingEmissionsIncluded"),
            "packagingGhgEmissions": at["packaging"].get(PACKAGED),
            "outboundLogisticsGhgEmissions": at["distribution"].get(DISTRIBUTED),
            "ipccCharacterizationFactors": [at["gwp"].get("ipccCharacterizationFactors")],
            "productOrSectorSpecificRules": [{"ruleNames": at["standards"].get("productOrSectorSpecificRules")}],
        }  # fmt: skip
        if any(key in at["quality"] for key in RATINGS):
            pcf["dqi"] = {key: at["quality"].get(key) for key in RATINGS}
        return {**at["company"], **at["product"], **at["time"], **at["identity"], **at["scope"], "pcf": pcf}

    def _version(self) -> None:
        version, status = text(self.root.get("specVersion")), text(self.root.get("status"))
        major = version.removeprefix(FAMILY).partition(".")[0]
        if not version.startswith(FAMILY) or not major.isdigit() or int(major) > 9:
            self.reading.refuse("value-refused", key="specVersion", value=version, wanted=SPECIFICATION)
        elif major != "9":
            self.reading.refuse("version-older", version=version, wanted="9")
        if status == "Deprecated":
            self.reading.refuse("withdrawn", status=status)
        elif status != "Active":
            self.reading.refuse("value-refused", key="status", value=status, wanted="Active")
        kind = text(self.root.get("retroOrProspectivePcfType"))
        if kind != RETROSPECTIVE:
            self.reading.tell("catena-not-retrospective", is_error=True, kind=kind or "–")

    def _unit(self) -> tuple[str, Decimal]:
        unit, amount = super()._unit()
        mass = number(self.pcf.get("productMassPerDeclaredUnit"))
        if unit == UNITS["kilogram"] and mass is not None and not agrees(mass, [amount]):
            self.reading.tell("catena-mass-differs", is_error=True, mass=mass, amount=amount)
        return unit, amount

    # --- what belongs together -------------------------------------------------------------------

    def _sums(self) -> None:
        super()._sums()
        self._carbon()
        for node, begins in STAGES.items():
            self._stage(node, begins)
        distributed, packaged = number(self.pcf.get("outboundLogisticsGhgEmissions")), self.values.get(
            "packagingGhgEmissions"
        )  # fmt: skip
        if distributed:
            self.reading.tell("catena-distribution-apart", kgco2e=distributed)
        if packaged is not None and packaged > self.values[EXCLUDING]:
            self.reading.tell(
                "catena-packaging-exceeds", is_error=True, packaging=packaged, production=self.values[EXCLUDING]
            )
        balance = self.nodes["balance"]
        if balance.get("massBalancingUsed") is True:
            self.reading.tell("catena-mass-balance", scheme=text(balance.get("massBalancingCertificateScheme")) or "–")

    def _carbon(self) -> None:
        parts = [self.values.get("fossilCarbonContent"), self.values.get("biogenicCarbonContent")]
        whole = number(self.pcf.get("carbonContentTotal"))
        if whole is not None and None not in parts:
            self._adds_up("carbonContentTotal", whole, [one for one in parts if one is not None])

    def _stage(self, node: str, begins: str) -> None:
        """Hold the numbers of a stage that is stated apart against the same sums, and against their signs."""
        stated = self.nodes[node]
        values = {
            key: found
            for key in (EXCLUDING, INCLUDING, UPTAKE, *POSITIONS)
            if (found := number(stated.get(_named(begins, key)))) is not None
        }
        for key, value in values.items():
            is_taken_up = key in (UPTAKE, "landManagementBiogenicCO2Removals")
            if key != INCLUDING and (value > 0 if is_taken_up else value < 0):
                self.reading.tell("pact-sign", field=_named(begins, key), value=value)
        positions = [values[key] for key in POSITIONS if key in values]
        if EXCLUDING in values and positions:
            self._adds_up(_named(begins, EXCLUDING), values[EXCLUDING], positions)
        if EXCLUDING in values and INCLUDING in values:
            parts = [values[EXCLUDING], values.get(UPTAKE, Decimal(0))]
            self._adds_up(_named(begins, INCLUDING), values[INCLUDING], parts)

    def _adds_up(self, field: str, stated: Decimal, parts: Sequence[Decimal]) -> None:
        if not agrees(stated, parts):
            self.reading.tell("catena-sum-differs", field=field, stated=stated, sum=sum(parts, Decimal(0)))

    # --- what it comes to ------------------------------------------------------------------------

    def _boundary(self) -> str:
        printed = text(self.root.get("partialFullPcf"))
        if printed not in BOUNDARIES:
            self.reading.tell("pact-unreadable", is_error=True, field="partialFullPcf", value=printed or "–")
        found = BOUNDARIES.get(printed, "unstated")
        if found == WHOLE_LIFE:
            self.reading.tell("catena-whole-life", is_error=True)
        return found

    def _statement(self) -> str:
        return f"{self.format} {text(self.root.get('specVersion')).removeprefix(FAMILY)}, {text(self.root.get('id'))}"

    def _gwp_set(self) -> str:
        if not set(texts(self.pcf["ipccCharacterizationFactors"])) <= set(SETS):
            self.pcf = {**self.pcf, "ipccCharacterizationFactors": []}
        return super()._gwp_set()

    def _region(self) -> str:
        """Return the narrowest place; places that are not inside each other are told."""
        stated = {key: text(self.pcf.get(key)) for key in ("geographyCountrySubdivision", "geographyCountry",
                                                           "geographyRegionOrSubregion")}  # fmt: skip
        subdivision, country, region = stated.values()
        inside = country or subdivision.partition("-")[0]
        is_split = bool(subdivision and country and subdivision.partition("-")[0] != country)
        if is_split or (inside and region not in ("", GLOBAL, SEVERAL) and not lies_in(inside, region)):
            self.reading.tell("catena-places-differ", is_error=True, places=", ".join(filter(None, stated.values())))
        if not region:
            self.reading.tell("pact-field-missing", field="geographyRegionOrSubregion")
        return subdivision or country or (region if region not in ("", GLOBAL, SEVERAL) else WORLD)

    def _validity(self, end: datetime) -> str:
        """Return the last day of validity, which has to be stated; unless it says when it begins, it does when made."""
        first = self._moment_of(self.root, "validityPeriodStart") or self._moment_of(self.root, "created") or end
        until = self._moment_of(self.root, "validityPeriodEnd")
        if until is None:
            self.reading.tell("pact-field-missing", is_error=True, field="validityPeriodEnd")
            return ""
        if first < end or until <= first:
            self.reading.tell("catena-validity", start=first.date(), end=until.date(), period_end=end.date())
        day = last_day(until)
        if self.on.isoformat() > day:
            self.reading.tell("supplier-expired", is_error=True, valid_until=day, on=self.on)
        elif self.on < first.date():
            self.reading.tell("supplier-not-yet-valid", is_error=True, valid_from=first.date(), on=self.on)
        return day

    def _is_verified(self) -> bool:
        """Tell whether a third party verified this product; what else is attested is told."""
        listed = self.attested if isinstance(self.attested, list) else []
        kinds = [
            (text(one.get("attestationType")), text(one.get("providerName")))
            for one in listed
            if isinstance(one, Mapping)
        ]
        for coverage, provider in kinds:
            if THIRD_PARTY not in coverage.casefold() or not provider:
                self.reading.tell("pact-verified-otherwise", coverage=coverage or "–", provider=provider or "–")
        return any(THIRD_PARTY in coverage.casefold() and provider for coverage, provider in kinds)


def _named(begins: str, key: str) -> str:
    return f"{begins}{key[0].upper()}{key[1:]}"


def _node(document: Json, way: Sequence[str], problems: Reading, is_needed: bool) -> Json:
    """Return the one object at the end of a way; none, or several of which nobody says which counts, is refused."""
    found: Any = document
    for place, name in enumerate(way, 1):
        listed = found.get(name)
        where = ".".join(way[:place])
        if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], Mapping):
            if listed is not None or is_needed:
                given = len(listed) if isinstance(listed, list) else "–"
                problems.refuse("value-refused", key=where, value=given, wanted="[{…}]")
            return {}
        found = listed[0]
    return found  # type: ignore[no-any-return]
