"""Catena-X PCF 9.0.0: by the schema of the aspect model, its sums and the geography, which the schema does not hold."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lca.errors import ExportImpossible, ExportLacks
from lca.exporters.catena_x import Said, catena_x
from lca.importers.catena_x import footprints, supplier_of
from lca.importers.pact import supplier_of as pact_supplier_of
from lca.pact_check import countries
from lca.regions import lies_in, subregion_of
from tests.lca.exchanged import BOARD, ON, board, data, run
from tests.lca.exporters.test_pact_export import SAID as PACT_SAID
from tests.lca.exporters.test_pact_export import pact

DATA = Path(__file__).parents[2] / "data" / "catena_x"

SAID = Said(
    company_ids=("urn:BPNL000000000DWF",),
    product_ids=("urn:mycompany.com:product-id:401765",),
    description="Wood-fibre board, 16 mm",
    fossil_carbon_kg="0.05",
    ccs_included=False,
    kind="Retrospective PCF",
    rules=("Catena-X Product Carbon Footprint Rulebook v4",),
    waste_incineration="polluter pays principle",
    mass_balancing=False,
)


@cache
def validator() -> Any:
    schema = json.loads((DATA / "Pcf-schema-9.0.0.json").read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(schema)


def valid(document: Any) -> Any:
    assert [f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator().iter_errors(document)] == []
    assert "null" not in json.dumps(document, allow_nan=False)
    return document


def stage(document: Any, name: str) -> Any:
    return document["productLifeCycleStagesAndEmissions"][0][name][0]


def assessed(document: Any, name: str) -> Any:
    return document["pcfAssessmentAndMethodology"][0]["pcfAssessmentInformation"][0][name][0]


def refused(said: Said, snapshot: Any = None) -> dict[str, dict[str, Any]]:
    with pytest.raises(ExportImpossible) as caught:
        catena_x(snapshot or board(), said)
    return {one.params["key"]: dict(one.params) for one in caught.value.flaws}


def test_the_schema_refuses_what_it_should() -> None:
    """The check above can fail: a number as text, a region of its own, a missing node."""
    for spoil in (
        lambda one: stage(one, "productionStage").update(fossilGhgEmissions="1"),
        lambda one: assessed(one, "geography").update(geographyRegionOrSubregion="China"),
        lambda one: one.pop("general"),
        lambda one: stage(one, "productionStage").update(biogenicCO2Uptake=1.2),
    ):
        document = catena_x(board(), SAID)
        spoil(document)
        assert list(validator().iter_errors(document))


def test_the_published_example_keeps_the_schema() -> None:
    valid(json.loads((DATA / "Pcf-example-9.0.0.json").read_text(encoding="utf-8")))


def test_the_board_by_hand() -> None:
    """A = raw materials 0.9 + own 0.1 + packaging 0.15; flights stand beside them.

    T2 = A 1.15 + C 0.27 + E 0.2 + H 0.05 = 1.67, T1 = T2 + D = 1.67 - 1.2 = 0.47.
    """
    document = valid(catena_x(board(), SAID))
    assert stage(document, "productionStage") == {
        "pcfExcludingBiogenicUptake": 1.67,
        "pcfIncludingBiogenicUptake": 0.47,
        "fossilGhgEmissions": 1.15,
        "biogenicNonCO2Emissions": 0.27,
        "biogenicCO2Uptake": -1.2,
        "landUseChangeGhgEmissions": 0.2,
        "aircraftGhgEmissions": 0.05,
    }
    assert stage(document, "packagingStage") == {
        "packagingEmissionsIncluded": True,
        "packagingPcfExcludingBiogenicUptake": 0.15,
    }
    # Outbound logistics, 0.03, stand apart from the production stage.
    assert stage(document, "distributionStage") == {
        "distributionStageIncluded": True,
        "distributionStagePcfExcludingBiogenicUptake": 0.03,
    }
    assert document["carbonContent"] == [
        {"carbonContentTotal": 0.38, "fossilCarbonContent": 0.05, "biogenicCarbonContent": 0.33}
    ]
    assert assessed(document, "geography") == {
        "geographyRegionOrSubregion": "Eastern Asia",
        "geographyCountry": "CN",
        "geographyCountrySubdivision": "CN-HB",
    }
    time = assessed(document, "time")
    assert (time["referencePeriodStart"], time["referencePeriodEnd"]) == (
        "2025-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
    )
    assert (time["validityPeriodStart"], time["validityPeriodEnd"]) == ("2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z")
    # The glue, 0.9, is 40 % primary, all else is the maker's own: (0.9 x 0.4 + 0.1) / 1.67 of what is scored.
    quality = document["pcfAssessmentAndMethodology"][0]["dataSourcesAndQuality"][0]
    assert quality["primaryDataShare"] == pytest.approx(100 * (0.9 * 0.4 + 0.1) / 1.67)


def test_both_formats_state_the_same_footprint() -> None:
    """What PACT 3 and Catena-X say of one board reads as the same supplier, apart from name and statement."""
    given = catena_x(board(), SAID)
    (document,) = footprints(json.dumps(given), "board.json")
    here, there = supplier_of(document, ON), pact_supplier_of(pact(board(), PACT_SAID), ON)
    named = {"id": "", "statement": ""}
    one, other = replace(here.supplier, **named), replace(there.supplier, **named)
    # PACT states one place alone, and this study's is its subdivision.
    assert one == other
    told = {each.code for each in here.findings} - {each.code for each in there.findings}
    assert told == {"catena-distribution-apart", "pact-sector-rules"}


def test_everything_that_is_not_stated_is_asked_for_at_once() -> None:
    with pytest.raises(ExportLacks) as caught:
        catena_x(board(), Said())
    for name in ("urn:BPNL", "product_ids", "ccs_included", "kind", "rules", "waste_incineration", "mass_balancing"):
        assert name in str(caught.value)
    with pytest.raises(ExportLacks) as caught:
        catena_x(board(), replace(SAID, mass_balancing=True))
    assert "mass_balancing_scheme" in str(caught.value)
    assert "mass_balancing_free" in str(caught.value)


def test_a_number_of_another_scheme_is_no_business_partner_number() -> None:
    with pytest.raises(ExportLacks) as caught:
        catena_x(board(), replace(SAID, company_ids=("urn:pact:company:customcode:supplier-id:ling",)))
    assert "BPNL" in str(caught.value)
    both = ("urn:BPNL000000000DWF", "urn:pact:company:customcode:supplier-id:ling")
    document = valid(catena_x(board(), replace(SAID, company_ids=both)))
    assert document["companyAndProductInformation"][0]["companyInformation"][0]["companyIds"] == list(both)


def test_what_the_model_cannot_hold_is_refused_at_once() -> None:
    said = replace(SAID, preceding=("a",), is_deprecated=True, kind="Progressive PCF", waste_incineration="none",
                   mass_balancing_scheme="ISCC+", recycled_carbon="CFF", region="Western Europe")  # fmt: skip
    found = refused(said)
    assert set(found) == {
        "preceding (precedingPfIds)",
        "status",
        "kind (retroOrProspectivePcfType)",
        "waste_incineration (allocationWasteIncineration)",
        "mass_balancing (massBalancingUsed)",
        "recycled_carbon (allocationRecycledCarbon)",
        "region (geographyRegionOrSubregion)",
    }
    assert found["region (geographyRegionOrSubregion)"]["wanted"] == "Eastern Asia (CN)"


@pytest.mark.parametrize("region", ["Asia", "Eastern Asia"])
def test_a_region_around_the_country_is_taken(region: str) -> None:
    document = valid(catena_x(board(), replace(SAID, region=region)))
    assert assessed(document, "geography")["geographyRegionOrSubregion"] == region


def test_a_study_of_no_place_is_global() -> None:
    anywhere = run(data(BOARD) | {"region": "GLO"}, "pact.3.0").snapshot
    document = valid(catena_x(anywhere, SAID))
    assert assessed(document, "geography") == {"geographyRegionOrSubregion": "Global"}


def test_negative_packaging_has_no_place_in_the_model() -> None:
    given = data(BOARD)
    foil = next(one for one in given["processes"][0]["emissions"] if one["id"] == "foil")
    foil["amount"] = -0.15
    found = refused(SAID, run(given, "pact.3.0").snapshot)
    assert found["packagingPcfExcludingBiogenicUptake"]["wanted"] == ">= 0"


def test_more_than_a_tenth_left_out_is_refused() -> None:
    given = data(BOARD) | {
        "excluded": [{"id": "x", "zh": "杂项", "percent": 11, "reason": {"zh": "小", "en": "small"}}]
    }
    assert refused(SAID, run(given, "pact.3.0").snapshot)["exemptedEmissionsPercent"]["wanted"] == "0 … 10"


def test_mass_balance_is_stated() -> None:
    said = replace(SAID, mass_balancing=True, mass_balancing_scheme="ISCC+", mass_balancing_free=False)
    document = valid(catena_x(board(), said))
    method = document["pcfAssessmentAndMethodology"][0]["pcfMethodology"][0]
    assert method["massBalancingInformation"] == [
        {
            "massBalancingUsed": True,
            "freeAttributionInMassBalancing": "false",
            "massBalancingCertificateScheme": "ISCC+",
        }
    ]


def test_no_input_is_named() -> None:
    text = json.dumps(catena_x(board(), SAID), ensure_ascii=False)
    assert "glue" not in text
    assert "胶" not in text


def test_every_country_but_antarctica_lies_in_one_region() -> None:
    assert {one for one in countries() if not subregion_of(one)} == {"AQ"}
    assert lies_in("CN", "Asia")
    assert lies_in("DE", "Western Europe")
    assert not lies_in("DE", "Africa")
    assert not lies_in("US", "Latin America and the Caribbean")


def test_numbers_keep_the_digits_of_the_snapshot() -> None:
    snapshot = board()
    numbers = stage(catena_x(snapshot, SAID), "productionStage")
    assert Decimal(repr(numbers["pcfExcludingBiogenicUptake"])) == Decimal(
        snapshot["results"]["excluding_uptake_kgco2e"]
    )
