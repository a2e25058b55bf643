"""PACT footprints of version 2 over those of version 3, and the check that is stricter than the schemas."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from lca.errors import ExportImpossible, ExportLacks
from lca.exporters.pact import pact
from lca.exporters.pact_2 import EDITIONS, pact_2
from lca.pact_check import countries, problems
from tests.lca.exchanged import board
from tests.lca.exporters.test_pact_export import FORMATS, SAID

DATA = Path(__file__).parents[2] / "data" / "pact"
SAID_2 = replace(SAID, classifications=("urn:pact:productclassification:un-cpc:3141",), standards=("ISO14067",))


@cache
def validator(name: str) -> Any:
    root = yaml.safe_load((DATA / f"openapi_v{name.replace('.', '_')}.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/ProductFootprint", "components": root["components"]}
    return jsonschema.Draft202012Validator(schema, format_checker=FORMATS)


def third() -> dict[str, Any]:
    return copy.deepcopy(pact(board(), SAID_2))


def spoiled(path: str, value: Any, document: dict[str, Any] | None = None) -> dict[str, Any]:
    """The board with another value at a path, or without it where the value is ``...``."""
    whole = document or third()
    *folders, last = path.split(".")
    place = whole
    for one in folders:
        place = place[one]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_of_version_2_keeps_its_schema_and_the_check(edition: str) -> None:
    document = pact_2(third(), edition)
    assert [one.message for one in validator(edition).iter_errors(document)] == []
    assert problems(document, "2") == ()
    assert "null" not in json.dumps(document)
    assert (document["id"], document["specVersion"], document["version"]) == (third()["id"], f"{edition}.0", 0)
    assert document["productCategoryCpc"] == "3141"


def test_the_board_in_version_2_by_hand() -> None:
    pcf = pact_2(third())["pcf"]
    assert (pcf["declaredUnit"], pcf["unitaryProductAmount"]) == ("kilogram", "1")
    assert (pcf["pCfExcludingBiogenic"], pcf["pCfIncludingBiogenic"]) == ("1.67", "0.47")
    assert (pcf["dLucGhgEmissions"], pcf["otherBiogenicGhgEmissions"]) == ("0.2", "0.27")
    assert (pcf["biogenicCarbonWithdrawal"], pcf["characterizationFactors"]) == ("-1.2", "AR6")
    assert pcf["crossSectoralStandardsUsed"] == ["ISO Standard 14067"]
    assert isinstance(pcf["exemptedEmissionsPercent"], float)
    assert "declaredUnitAmount" not in pcf


def test_numbers_of_version_2_are_for_one_declared_unit() -> None:
    """4 kg that cause 1.67 are 0.4175 each; a piece of 4 kg is stated by the kilogram."""
    whole = third()
    whole["pcf"] |= {"declaredUnitAmount": "4", "productMassPerDeclaredUnit": "4"}
    pcf = pact_2(whole)["pcf"]
    assert (pcf["unitaryProductAmount"], pcf["productMassPerDeclaredUnit"]) == ("4", "1")
    assert pcf["pCfExcludingBiogenic"] == "0.4175"
    whole["pcf"] |= {"declaredUnitAmount": "1", "declaredUnitOfMeasurement": "piece"}
    assert pact_2(whole)["pcf"] == pcf


def test_version_2_asks_for_what_version_3_does_not_need() -> None:
    with pytest.raises(ExportLacks) as caught:
        pact_2(pact(board(), SAID))
    assert "productCategoryCpc" in str(caught.value)
    assert "crossSectoralStandardsUsed" in str(caught.value)


def test_what_version_2_has_no_words_for_is_refused_at_once() -> None:
    whole = third()
    whole["pcf"] |= {"declaredUnitOfMeasurement": "hour", "ipccCharacterizationFactors": ["AR4"]}
    with pytest.raises(ExportImpossible) as caught:
        pact_2(whole)
    assert {one.code for one in caught.value.flaws} == {"export-unit", "value-refused"}


def test_our_own_footprint_passes() -> None:
    assert problems(third()) == ()


WRONG = [
    ("id", "x", "id"),
    ("id", ..., ""),
    ("created", "2026-01-31T08:00:00", "created"),
    ("status", "active", "status"),
    ("comment", None, ""),
    ("companyIds", [], "companyIds"),
    ("companyIds", ["urn:a:b", "urn:a:b"], "companyIds"),
    ("productIds", ["4712345060507"], "productIds.0"),
    ("specVersion", "3.0", "specVersion"),
    ("precedingPfIds", ["x"], "precedingPfIds.0"),
    ("validityPeriodStart", "2025-12-31T00:00:00Z", "validityPeriodStart"),
    ("validityPeriodEnd", "2029-01-01T00:00:01Z", "validityPeriodEnd"),
    ("validityPeriodEnd", "2026-01-01T00:00:00Z", "validityPeriodEnd"),
    ("pcf", [], "pcf"),
    ("pcf.declaredUnitAmount", "0", "pcf.declaredUnitAmount"),
    ("pcf.declaredUnitAmount", 1, "pcf.declaredUnitAmount"),
    ("pcf.declaredUnitOfMeasurement", "kg", "pcf.declaredUnitOfMeasurement"),
    ("pcf.productMassPerDeclaredUnit", "2", "pcf.productMassPerDeclaredUnit"),
    ("pcf.referencePeriodStart", "2026-01-01T00:00:00Z", "pcf.referencePeriodEnd"),
    ("pcf.geographyCountrySubdivision", "ZZ-HB", "pcf.geographyCountrySubdivision"),
    ("pcf.geographyCountry", "CN", "pcf"),
    ("pcf.geographyCountry", "EU", "pcf.geographyCountry"),
    ("pcf.pcfExcludingBiogenicUptake", "1.73", "pcf.pcfExcludingBiogenicUptake"),
    ("pcf.pcfExcludingBiogenicUptake", "1e3", "pcf.pcfExcludingBiogenicUptake"),
    ("pcf.pcfIncludingBiogenicUptake", "0.5", "pcf.pcfIncludingBiogenicUptake"),
    ("pcf.biogenicCO2Uptake", "1.2", "pcf.biogenicCO2Uptake"),
    ("pcf.fossilGhgEmissions", "-1.2", "pcf.fossilGhgEmissions"),
    ("pcf.landManagementFossilGhgEmissions", "2", "pcf.landManagementFossilGhgEmissions"),
    ("pcf.packagingEmissionsIncluded", False, "pcf.packagingGhgEmissions"),
    ("pcf.packagingEmissionsIncluded", ..., "pcf"),
    ("pcf.primaryDataShare", "101", "pcf.primaryDataShare"),
    ("pcf.exemptedEmissionsPercent", "-1", "pcf.exemptedEmissionsPercent"),
    ("pcf.ipccCharacterizationFactors", ["AR"], "pcf.ipccCharacterizationFactors.0"),
    ("pcf.dqi.temporalDQR", "0.5", "pcf.dqi.temporalDQR"),
    ("pcf.productOrSectorSpecificRules", [{"operator": "Other", "ruleNames": ["a"]}],
     "pcf.productOrSectorSpecificRules.0.otherOperatorName"),
    ("pcf.productOrSectorSpecificRules", [{"operator": "PEF", "ruleNames": ["a"], "otherOperatorName": "b"}],
     "pcf.productOrSectorSpecificRules.0.otherOperatorName"),
    ("extensions", [{"specVersion": "2.0.0"}], "extensions.0"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "where"), WRONG, ids=[f"{path}={value}" for path, value, _ in WRONG])
def test_each_thing_wrong_is_named_at_its_path(path: str, value: Any, where: str) -> None:
    assert where in {one.where for one in problems(spoiled(path, value))}


def test_everything_wrong_is_named_at_once() -> None:
    document = third()
    for path, value in (("id", "x"), ("pcf.declaredUnitAmount", "-1"), ("pcf.pcfExcludingBiogenicUptake", "9")):
        spoiled(path, value, document)
    found = {one.where for one in problems(document)}
    assert {"id", "pcf.declaredUnitAmount", "pcf.pcfExcludingBiogenicUptake", "pcf.pcfIncludingBiogenicUptake"} <= found


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("version", -1, "version"),
        ("updated", "2020-01-01T00:00:00Z", "updated"),
        ("validityPeriodEnd", ..., ""),
        ("pcf.primaryDataShare", "40", "pcf.primaryDataShare"),
        ("pcf.declaredUnit", "piece", "pcf.declaredUnit"),
        ("pcf.pCfExcludingBiogenic", "-1", "pcf.pCfExcludingBiogenic"),
        ("pcf.characterizationFactors", "AR4", "pcf.characterizationFactors"),
    ],
)
def test_version_2_has_checks_of_its_own(path: str, value: Any, where: str) -> None:
    assert where in {one.where for one in problems(spoiled(path, value, pact_2(third())), "2")}


@pytest.mark.parametrize("document", [None, 1, "x", [], {}, {"pcf": None}, {"pcf": {}}, {"id": [[[]]]}, {1: 2}])
def test_what_is_no_footprint_is_told(document: Any) -> None:
    assert problems(document)
    assert problems(document, "2")


def test_nesting_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert len(problems(deep)) == 1


def test_the_samples_of_the_council_are_read_and_their_sums_are_not_kept() -> None:
    """They keep the schema; the notes' balance they do not, as their authors' parts leave something out."""
    (sample, *_) = json.loads((DATA / "cosmetics_tier_3_sample.json").read_text(encoding="utf-8"))
    assert list(validator("3.0").iter_errors(sample)) == []
    assert {one.code for one in problems(sample)} == {"key-missing", "sum-differs"}


def test_countries() -> None:
    assert len(countries()) == 249
    assert {"CN", "TW", "GB"} <= countries()
    assert not {"EU", "UK", "XK"} & countries()
