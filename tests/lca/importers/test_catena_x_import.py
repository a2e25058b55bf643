"""Catena-X footprints as suppliers' data: the published example, and what each odd statement is told as."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lca.errors import StatementRefused
from lca.importers.catena_x import footprints, supplier_of
from lca.importers.stated import Stated
from tests.lca.exporters.test_catena_x_export import valid

EXAMPLE = Path(__file__).parents[2] / "data" / "catena_x" / "Pcf-example-9.0.0.json"
ON = date(2025, 6, 1)

FIELDS = {
    "scopeOfPcfForm": "",
    "general": "",
    "carbonContent": "",
    "companyInformation": "companyAndProductInformation",
    "productInformation": "companyAndProductInformation",
    "productionStage": "productLifeCycleStagesAndEmissions",
    "packagingStage": "productLifeCycleStagesAndEmissions",
    "distributionStage": "productLifeCycleStagesAndEmissions",
    "dataSourcesAndQuality": "pcfAssessmentAndMethodology",
    "idAndVersion": "pcfAssessmentInformation",
    "time": "pcfAssessmentInformation",
    "geography": "pcfAssessmentInformation",
    "boundarySpecifications": "pcfAssessmentInformation",
    "standards": "pcfMethodology",
    "gwpCharacterizationFactorDetails": "pcfMethodology",
    "massBalancingInformation": "pcfMethodology",
}

SOUND: Mapping[str, Mapping[str, Any]] = {
    "productInformation": {"declaredUnitOfMeasurement": "kilogram", "productMassPerDeclaredUnit": 1},
    "carbonContent": {"carbonContentTotal": 0.4, "fossilCarbonContent": 0.1, "biogenicCarbonContent": 0.3},
    "productionStage": {
        "fossilGhgEmissions": 0.5, "biogenicNonCO2Emissions": 0.1, "landUseChangeGhgEmissions": 1.4,
        "landManagementBiogenicCO2Emissions": 0, "aircraftGhgEmissions": 0.05, "pcfExcludingBiogenicUptake": 2.05,
        "biogenicCO2Uptake": -1.1, "pcfIncludingBiogenicUptake": 0.95,
    },
    "packagingStage": {
        "packagingPcfExcludingBiogenicUptake": 0.2, "packagingPcfIncludingBiogenicUptake": 0.2,
        "packagingBiogenicNonCO2Emissions": 0, "packagingAircraftGhgEmissions": 0,
    },
    "distributionStage": {
        "distributionStagePcfExcludingBiogenicUptake": 0, "distributionStagePcfIncludingBiogenicUptake": 0,
        "distributionStageFossilGhgEmissions": 0,
    },
    "geography": {"geographyRegionOrSubregion": "Western Europe", "geographyCountrySubdivision": "DE-BY"},
    "standards": {"crossSectoralStandards": ["PACT-3.0"], "productOrSectorSpecificRules": []},
    "gwpCharacterizationFactorDetails": {"ipccCharacterizationFactors": "AR6"},
    "massBalancingInformation": {"massBalancingUsed": False},
    "time": {
        "referencePeriodStart": "2024-01-01T00:00:00Z", "referencePeriodEnd": "2025-01-01T00:00:00Z",
        "validityPeriodStart": "2025-01-01T00:00:00Z", "validityPeriodEnd": "2026-01-01T00:00:00Z",
    },
}  # fmt: skip

ODD: list[dict[str, dict[str, Any]]] = [
    {"productionStage": {"fossilGhgEmissions": "0.5"}},
    {"idAndVersion": {"retroOrProspectivePcfType": "Progressive PCF"}},
    {"productInformation": {"productMassPerDeclaredUnit": 2}},
    {"carbonContent": {"carbonContentTotal": 9}},
    {"packagingStage": {"packagingBiogenicNonCO2Emissions": 0.7}},
    {"distributionStage": {"distributionStagePcfExcludingBiogenicUptake": 0.3,
                           "distributionStagePcfIncludingBiogenicUptake": 0.3,
                           "distributionStageFossilGhgEmissions": 0.3}},
    {"packagingStage": {"packagingPcfExcludingBiogenicUptake": 3, "packagingPcfIncludingBiogenicUptake": 3,
                        "packagingFossilGhgEmissions": 3}},
    {"massBalancingInformation": {"massBalancingUsed": True}},
    {"scopeOfPcfForm": {"partialFullPcf": "Cradle-to-grave"}},
    {"geography": {"geographyCountry": "US"}},
    {"time": {"validityPeriodStart": "2024-06-01T00:00:00Z"}},
]  # fmt: skip
"""One odd thing in each, in the order of ``TOLD``."""

TOLD = (
    "catena-number-is-text", "catena-not-retrospective", "catena-mass-differs", "catena-sum-differs",
    "catena-sum-differs", "catena-distribution-apart", "catena-packaging-exceeds", "catena-mass-balance",
    "catena-whole-life", "catena-places-differ", "catena-validity",
)  # fmt: skip


def example() -> Any:
    (found,) = footprints(EXAMPLE.read_bytes(), EXAMPLE.name)
    return found


def document(changes: Mapping[str, Mapping[str, Any]] | None = None) -> Any:
    """The example, made sound, with other values of a node; None takes a field away."""
    whole = copy.deepcopy(json.loads(EXAMPLE.read_text(encoding="utf-8")))
    whole["attestationOfConformance"] = []
    for given in (SOUND, changes or {}):
        for name, fields in given.items():
            node = _node(whole, name)
            node.update(fields)
            for key in [key for key, value in node.items() if value is None]:
                del node[key]
            if name == "geography" and given is SOUND:
                node["geographyCountry"] = "DE"
    return whole


def _node(whole: Any, name: str) -> Any:
    upper = FIELDS[name]
    place = whole if not upper else _node(whole, upper) if upper in FIELDS else _top(whole, upper)
    return place[name][0]


def _top(whole: Any, name: str) -> Any:
    return whole[name][0] if name in whole else whole["pcfAssessmentAndMethodology"][0][name][0]


def codes(found: Stated) -> set[str]:
    return {one.code for one in found.findings}


def test_a_sound_footprint_has_nothing_to_tell() -> None:
    """2.05 = 0.5 + 0.1 + 1.4 + 0.05; 0.3 kg of carbon take up 0.3 x 44/12 = 1.1."""
    found = supplier_of(valid(document()), ON)
    assert codes(found) == set()
    one = found.supplier
    assert (one.kgco2e, one.unit, one.region) == ("2.05", "kg", "DE-BY")
    assert (one.fossil, one.biogenic_emissions, one.land_use, one.aircraft) == ("0.5", "0.1", "1.4", "0.05")
    assert (one.biogenic_removals, one.carbon_biogenic_kg) == ("-1.1", "0.3")
    assert (one.method, one.gwp_set, one.boundary) == ("pact.3.0", "AR6", "cradle_to_gate")
    assert (one.period_end, one.valid_until, one.dqr) == ("2024-12-31", "2025-12-31", "2")
    assert one.statement == "Catena-X PCF 9.0.0, 3893bb5d-da16-4dc1-9185-11d97476c254"


@pytest.mark.parametrize(("changes", "code"), list(zip(ODD, TOLD, strict=True)))
def test_each_odd_thing_is_told(changes: Any, code: str) -> None:
    assert codes(supplier_of(document(changes), ON)) == {code}


def test_the_published_example_keeps_neither_sums_nor_geography() -> None:
    """By T2 its parts are 0.5 + 1 + 1.4 + 1.4 = 4.3, not 2.9; New York lies neither in Germany nor in Africa."""
    found = supplier_of(example(), date(2022, 6, 1))
    sums = {one.params["field"]: one.params for one in found.findings if one.code.endswith("sum-differs")}
    assert sums["pcfExcludingBiogenicUptake"]["stated"] == "2.9"
    assert sums["pcfExcludingBiogenicUptake"]["sum"] == "4.3"
    # 0.2 + 0.2 + 0.2 against 0; 0.1 + 0 against 0.52.
    assert sums["packagingPcfExcludingBiogenicUptake"]["sum"] == "0.6"
    assert sums["carbonContentTotal"]["sum"] == "0.1"
    (places,) = [one for one in found.findings if one.code == "catena-places-differ"]
    assert places.params["places"] == "US-NY, DE, Africa"
    assert found.supplier.kgco2e == "2.9"
    assert "pact-verified-otherwise" in codes(found)
    assert not found.supplier.is_verified


def test_numbers_are_for_the_declared_amount() -> None:
    found = supplier_of(
        document({"productInformation": {"declaredUnitAmount": 4, "productMassPerDeclaredUnit": 4}}), ON
    )
    assert found.supplier.kgco2e == "0.5125"  # 2.05 / 4


@pytest.mark.parametrize(
    ("kind", "is_verified"), [("PCF 3rd party verification", True), ("PCF 2nd party verification", False)]
)
def test_who_attests(kind: str, is_verified: bool) -> None:
    whole = document()
    whole["attestationOfConformance"] = [{"attestationType": kind, "providerName": "TÜV-X"}]
    assert supplier_of(whole, ON).supplier.is_verified is is_verified


def test_a_place_may_be_global() -> None:
    place = {"geographyRegionOrSubregion": "Global", "geographyCountry": None, "geographyCountrySubdivision": None}
    found = supplier_of(document({"geography": place}), ON)
    assert codes(found) == set()
    assert found.supplier.region == "GLO"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopeOfPcfForm": {"specVersion": "urn:io.catenax.pcf:datamodel:version:7.0.0"}}, "version-older"),
        ({"scopeOfPcfForm": {"specVersion": "3.0.0"}}, "value-refused"),
        ({"idAndVersion": {"status": "Deprecated"}}, "withdrawn"),
        ({"productInformation": {"declaredUnitOfMeasurement": "megabit"}}, "value-refused"),
        ({"productInformation": {"declaredUnitAmount": 0}}, "value-refused"),
        ({"productionStage": {"pcfExcludingBiogenicUptake": None}}, "key-missing"),
        ({"time": {"referencePeriodEnd": None}}, "key-missing"),
    ],
)
def test_what_nobody_may_compute_with_is_refused(changes: Any, code: str) -> None:
    with pytest.raises(StatementRefused) as caught:
        supplier_of(document(changes), ON)
    assert code in {one.code for one in caught.value.flaws}


@pytest.mark.parametrize("listed", [[], [{}, {}], {}, None, [1]])
def test_a_node_holds_one_object(listed: Any) -> None:
    whole = document()
    whole["productLifeCycleStagesAndEmissions"][0]["productionStage"] = listed
    with pytest.raises(StatementRefused) as caught:
        supplier_of(whole, ON)
    assert "productLifeCycleStagesAndEmissions.productionStage" in {one.params.get("key") for one in caught.value.flaws}


@pytest.mark.parametrize("content", [b"[]", b"1", b"{", b"null"])
def test_what_is_no_footprint_is_refused(content: bytes) -> None:
    with pytest.raises(StatementRefused):
        footprints(content, "x.json")
