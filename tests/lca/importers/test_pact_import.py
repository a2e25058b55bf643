"""PACT footprints as suppliers' data: what the specification's own examples and the published samples give."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lca.errors import LcaError, StatementRefused
from lca.importers.pact import footprints, supplier_of
from lca.importers.stated import Stated
from lca.supplies import of_supplier

DATA = Path(__file__).parents[2] / "data" / "pact"
ON = date(2025, 6, 1)

PLAIN: dict[str, Any] = {
    "id": "12345678-9abc-4ef0-9234-567812345678",
    "specVersion": "3.0.0",
    "created": "2025-04-30T00:00:00Z",
    "status": "Active",
    "companyName": "Ling Board",
    "companyIds": ["urn:company:example:ling"],
    "productDescription": "",
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Board",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2024-01-01T00:00:00Z",
        "referencePeriodEnd": "2025-01-01T00:00:00Z",
        "pcfExcludingBiogenicUptake": "2.5",
        "pcfIncludingBiogenicUptake": "2.5",
        "fossilCarbonContent": "0",
        "fossilGhgEmissions": "2.5",
        "packagingEmissionsIncluded": True,
        "ipccCharacterizationFactors": ["AR6"],
        "crossSectoralStandards": ["PACT-3.0"],
        "exemptedEmissionsPercent": "0",
        "primaryDataShare": "35",
    },
}


def document(pcf: dict[str, Any] | None = None, **root: Any) -> dict[str, Any]:
    """A sound footprint with other values; None takes a field away."""
    whole = deepcopy(PLAIN) | root
    whole["pcf"] |= pcf or {}
    whole["pcf"] = {key: value for key, value in whole["pcf"].items() if value is not None}
    return {key: value for key, value in whole.items() if value is not None}


def codes(found: Stated) -> list[str]:
    return [one.code for one in found.findings]


def finding(found: Stated, code: str) -> dict[str, str]:
    (one,) = [one for one in found.findings if one.code == code]
    assert one.where
    return dict(one.params)


def test_a_sound_footprint_has_nothing_to_tell() -> None:
    found = supplier_of(document(), ON)
    assert codes(found) == []
    supplier = found.supplier
    assert (supplier.kgco2e, supplier.unit, supplier.fossil) == ("2.5", "kg", "2.5")
    assert (supplier.method, supplier.gwp_set, supplier.boundary) == ("pact.3.0", "AR6", "cradle_to_gate")
    # Periods end before the moment that they name; validity is three years from there.
    assert (supplier.period_end, supplier.valid_until) == ("2024-12-31", "2027-12-31")
    assert (supplier.supplier, supplier.name.zh, supplier.primary_data_share) == ("Ling Board", "Board", "35")
    assert not supplier.is_verified


EXAMPLES = {
    # The four examples of the specification, github.com/wbcsd/data-exchange-protocol, spec/v3/examples: their numbers.
    1: ({"pcfExcludingBiogenicUptake": "0.384", "pcfIncludingBiogenicUptake": "-1.23", "fossilGhgEmissions": "0.35",
         "landUseChangeGhgEmissions": "0", "landManagementFossilGhgEmissions": "0.03",
         "landManagementBiogenicCO2Emissions": "0.004", "landManagementBiogenicCO2Removals": "0",
         "biogenicCO2Uptake": "-1.61", "biogenicNonCO2Emissions": "0.002", "biogenicCarbonContent": "0.44"},
        Decimal("0.356")),
    2: ({"declaredUnitOfMeasurement": "liter", "declaredUnitAmount": "12", "productMassPerDeclaredUnit": "9.468",
         "pcfExcludingBiogenicUptake": "5.14", "pcfIncludingBiogenicUptake": "-14.22", "fossilGhgEmissions": "4.78",
         "landUseChangeGhgEmissions": "0", "landManagementFossilGhgEmissions": "0.36",
         "landManagementBiogenicCO2Removals": "0", "biogenicCO2Uptake": "-19.36", "biogenicNonCO2Emissions": "0.024",
         "biogenicCarbonContent": "5.28"}, Decimal("4.804")),
    3: ({"declaredUnitOfMeasurement": "piece", "productMassPerDeclaredUnit": "25",
         "pcfExcludingBiogenicUptake": "77.0", "pcfIncludingBiogenicUptake": "77.0", "fossilGhgEmissions": "77",
         "landUseChangeGhgEmissions": "0", "biogenicCO2Uptake": "0", "biogenicNonCO2Emissions": "0",
         "biogenicCarbonContent": "0"}, None),
    4: ({"pcfExcludingBiogenicUptake": "0.42", "pcfIncludingBiogenicUptake": "0.05", "fossilGhgEmissions": "0.17",
         "landUseChangeGhgEmissions": "0.2", "landManagementFossilGhgEmissions": "0.05",
         "biogenicCO2Uptake": "-0.37", "biogenicNonCO2Emissions": "0.001", "biogenicCarbonContent": "0.1"},
        Decimal("0.371")),
}  # fmt: skip


@pytest.mark.parametrize("number", EXAMPLES)
def test_three_of_the_four_published_examples_do_not_add_up(number: int) -> None:
    """Examples 1, 2 and 4 count the fossil emissions of land management twice and leave out methane; 3 is right."""
    pcf, added = EXAMPLES[number]
    found = supplier_of(document(pcf), ON)
    told = [one for one in found.findings if one.code == "pact-sum-differs"]
    if added is None:
        assert told == []
    else:
        (one,) = told
        assert one.params["field"] == "pcfExcludingBiogenicUptake"
        assert (Decimal(one.params["stated"]), Decimal(one.params["sum"])) == (
            Decimal(pcf["pcfExcludingBiogenicUptake"]),
            added,
        )
        assert not one.is_error
    # Including = excluding + uptake holds in all four, and so does uptake = -C x 44/12.
    assert "pact-uptake-differs" not in codes(found)
    # What is stated counts, whatever it adds up to.
    stated = Decimal(pcf["pcfExcludingBiogenicUptake"]) / Decimal(pcf.get("declaredUnitAmount", "1"))
    assert Decimal(found.supplier.kgco2e) == pytest.approx(stated)
    supply = of_supplier(found.supplier).gases_kg
    aside = supply.get("CO2e/removal", 0.0)
    assert math.fsum(supply.values()) - aside == pytest.approx(float(stated))


@pytest.mark.parametrize("name", ["electronics_tier_3_sample.json", "cosmetics_tier_3_sample.json"])
def test_published_samples(name: str) -> None:
    """None of the samples adds up, and all state 0.x for the share of primary data, where percent are asked for."""
    raw = json.loads((DATA / name).read_text(encoding="utf-8"))
    listed = footprints((DATA / name).read_bytes(), name)
    assert len(listed) == len(raw) == 10
    for one, plain in zip(listed, raw, strict=True):
        pcf = plain["pcf"]
        assert Decimal(pcf["fossilGhgEmissions"]) != Decimal(pcf["pcfExcludingBiogenicUptake"])
        found = supplier_of(one, date(2026, 6, 1))
        assert finding(found, "pact-sum-differs")["sum"] == pcf["fossilGhgEmissions"]
        assert finding(found, "pact-share-ambiguous") == {"value": pcf["primaryDataShare"]}
        assert found.supplier.primary_data_share == ""
        stated = float(pcf["pcfExcludingBiogenicUptake"]) / float(pcf["declaredUnitAmount"])
        assert float(found.supplier.kgco2e) == pytest.approx(stated, rel=1e-11)
        assert found.supplier.region == pcf["geographyCountry"]
        # The day that the samples end on is the last of their period.
        assert (found.supplier.period_end, found.supplier.valid_until) == ("2025-12-31", "2028-12-31")
        dqi = pcf.get("dqi")
        mean = sum(map(float, dqi.values())) / 3 if dqi else None
        assert (float(found.supplier.dqr) if found.supplier.dqr else None) == (pytest.approx(mean) if dqi else None)


def test_a_unit_of_twelve_litres_is_stated_for_one() -> None:
    """5.14 kg for 12 litres: 0.42833 a litre."""
    found = supplier_of(document(EXAMPLES[2][0]), ON).supplier
    assert found.unit == "l"
    assert float(found.kgco2e) == pytest.approx(5.14 / 12)
    assert float(found.carbon_biogenic_kg) == pytest.approx(5.28 / 12)
    assert float(found.biogenic_removals) == pytest.approx(-19.36 / 12)


@pytest.mark.parametrize(
    ("root", "code"),
    [
        ({"specVersion": "2.3.0"}, "version-older"),
        ({"specVersion": "1.0.0"}, "version-older"),
        ({"specVersion": "4.0.0"}, "value-refused"),
        ({"specVersion": None}, "value-refused"),
        ({"status": "Deprecated"}, "withdrawn"),
        ({"status": "active"}, "value-refused"),
        ({"companyName": ""}, "key-missing"),
        ({"pcf": {"declaredUnitOfMeasurement": "gallon"}}, "value-refused"),
        ({"pcf": {"declaredUnitAmount": "0"}}, "value-refused"),
        ({"pcf": {"declaredUnitAmount": "NaN"}}, "value-refused"),
        ({"pcf": {"declaredUnitAmount": None}}, "value-refused"),
        ({"pcf": {"pcfExcludingBiogenicUptake": "1e999"}}, "key-missing"),
        ({"pcf": {"referencePeriodEnd": "2025"}}, "key-missing"),
    ],
)
def test_what_nobody_may_compute_with_is_refused(root: dict[str, Any], code: str) -> None:
    given = dict(root)
    with pytest.raises(StatementRefused) as caught:
        supplier_of(document(given.pop("pcf", None), **given), ON)
    assert [one.code for one in caught.value.flaws] == [code]
    assert str(caught.value)


def test_all_reasons_to_refuse_are_named_at_once() -> None:
    with pytest.raises(StatementRefused) as caught:
        supplier_of(document({"declaredUnitAmount": "x"}, specVersion="2.0.0", status="Deprecated", id=""), ON)
    assert [one.code for one in caught.value.flaws] == ["version-older", "withdrawn", "key-missing", "value-refused"]


@pytest.mark.parametrize(
    ("pcf", "code", "params"),
    [
        ({"fossilGhgEmissions": None}, "pact-field-missing", {"field": "fossilGhgEmissions"}),
        ({"fossilCarbonContent": -1}, "pact-sign", {"field": "fossilCarbonContent", "value": "-1"}),
        ({"biogenicCO2Uptake": "0.4", "pcfIncludingBiogenicUptake": "2.9"}, "pact-sign", None),
        ({"pcfIncludingBiogenicUptake": "2.1"}, "pact-sum-differs",
         {"field": "pcfIncludingBiogenicUptake", "stated": "2.1", "sum": "2.5", "difference": "-0.4"}),
        ({"biogenicNonCO2Emissions": math.nan}, "pact-unreadable", None),
        ({"fossilCarbonContent": 0}, "pact-number-not-text", {"field": "fossilCarbonContent", "value": "0"}),
        ({"biogenicCarbonContent": "1"}, "pact-uptake-differs",
         {"uptake": "0", "carbon": "1", "expected": "-3.667"}),
        ({"packagingEmissionsIncluded": False}, "pact-without-packaging", {}),
        ({"packagingEmissionsIncluded": None}, "pact-packaging-unsaid", {}),
        ({"exemptedEmissionsPercent": "3.5"}, "pact-exempted", {"percent": "3.5", "reason": "–"}),
        ({"referencePeriodStart": "2025-02-01T00:00:00Z"}, "pact-period", None),
        ({"ipccCharacterizationFactors": ["AR5", "AR6"]}, "pact-gwp-sets", {"sets": "AR5, AR6", "wanted": "AR6"}),
        ({"ipccCharacterizationFactors": []}, "pact-gwp-sets", {"sets": "–", "wanted": "AR6"}),
        ({"crossSectoralStandards": ["PEF", "FUTURE"]}, "pact-other-standard", {"standards": "PEF, FUTURE"}),
        ({"productOrSectorSpecificRules": [{"operator": "PEF", "ruleNames": ["Steel"]}]}, "pact-sector-rules",
         {"rules": "Steel"}),
        ({"primaryDataShare": "0.72"}, "pact-share-ambiguous", {"value": "0.72"}),
        ({"primaryDataShare": "120"}, "pact-share-outside", {"value": "120"}),
        ({"primaryDataShare": None}, "pact-field-missing", {"field": "primaryDataShare"}),
        ({"dqi": {"technologicalDQR": "0.5", "geographicalDQR": "1", "temporalDQR": "2"}}, "pact-rating-outside",
         {"ratings": "0.5, 1, 2", "best": "1", "worst": "5"}),
        ({"ccsTechnologicalCO2Capture": "-0.5", "fossilGhgEmissions": "3.0"}, "pact-capture-inside",
         {"kgco2e": "-0.5"}),
        ({"geographyCountry": "US", "geographyCountrySubdivision": "US-TX", "geographyRegionOrSubregion": "Americas"},
         "pact-geography-several", {"places": "US-TX, US, Americas", "taken": "US-TX"}),
        ({"verification": {"coverage": "PCF program", "providerName": "V"}}, "pact-verified-otherwise",
         {"coverage": "PCF program", "provider": "V"}),
    ],
)  # fmt: skip
def test_what_is_odd_is_told(pcf: dict[str, Any], code: str, params: dict[str, str] | None) -> None:
    found = supplier_of(document(pcf), ON)
    told = finding(found, code)
    assert params is None or told == params


def test_the_share_and_the_ratings_that_are_odd_are_not_used() -> None:
    for share in ("0.72", "120", None):
        assert supplier_of(document({"primaryDataShare": share}), ON).supplier.primary_data_share == ""
    assert supplier_of(document({"dqi": {"technologicalDQR": "2"}}), ON).supplier.dqr == ""
    ratings = {"technologicalDQR": "1.5", "geographicalDQR": "3.2", "temporalDQR": "2.5"}
    assert float(supplier_of(document({"dqi": ratings}), ON).supplier.dqr) == pytest.approx(7.2 / 3)


def test_capture_counts_and_flights_are_not_counted_twice() -> None:
    """3.0 fossil, of which 0.2 are flights, less 0.5 captured: 2.5."""
    pcf = {"fossilGhgEmissions": "3.0", "ccsTechnologicalCO2Capture": "-0.5", "aircraftGhgEmissions": "0.2"}
    found = supplier_of(document(pcf), ON).supplier
    assert (found.fossil, found.aircraft, found.kgco2e) == ("2.3", "0.2", "2.5")


def test_rounding_is_no_difference() -> None:
    """0.35 + 0.004 + 0.002 = 0.356, printed as 0.36; but 2 is no rounding of 2.5, however few its digits."""
    parts = {"fossilGhgEmissions": "0.35", "landUseChangeGhgEmissions": "0.004", "biogenicNonCO2Emissions": "0.002"}
    rounded = {"pcfExcludingBiogenicUptake": "0.36", "pcfIncludingBiogenicUptake": "0.36"}
    assert codes(supplier_of(document(parts | rounded), ON)) == []
    for stated in ("2", "0", "3", "2.3"):
        pcf = {"pcfExcludingBiogenicUptake": stated, "pcfIncludingBiogenicUptake": stated}
        assert "pact-sum-differs" in codes(supplier_of(document(pcf), ON))


@pytest.mark.parametrize(
    ("root", "on", "expected"),
    [
        ({}, date(2027, 12, 31), []),
        ({}, date(2028, 1, 1), ["supplier-expired"]),
        ({}, date(2024, 12, 31), ["supplier-not-yet-valid"]),
        ({"validityPeriodEnd": "2026-01-01T00:00:00Z"}, date(2025, 12, 31), []),
        ({"validityPeriodEnd": "2026-01-01T00:00:00Z"}, date(2026, 1, 1), ["supplier-expired"]),
        ({"validityPeriodEnd": "2028-01-02T00:00:00Z"}, ON, ["pact-validity"]),
        ({"validityPeriodStart": "2024-12-31T00:00:00Z"}, ON, ["pact-validity"]),
        ({"validityPeriodStart": "2025-09-01T00:00:00Z"}, ON, ["supplier-not-yet-valid"]),
        ({"validityPeriodEnd": "later"}, ON, ["pact-unreadable"]),
    ],
)
def test_validity(root: dict[str, Any], on: date, expected: list[str]) -> None:
    assert codes(supplier_of(document(**root), on)) == expected


def test_a_leap_day_has_its_day_three_years_on() -> None:
    found = supplier_of(document({"referencePeriodEnd": "2024-02-29T00:00:00Z"}), ON)
    assert found.supplier.valid_until == "2027-02-27"  # valid until 28 February begins


def test_a_verified_product_is_verified() -> None:
    told = {"verification": {"coverage": "product level", "providerName": "Auditor"}}
    assert supplier_of(document(told), ON).supplier.is_verified


def test_answers_of_a_host_are_opened() -> None:
    text = json.dumps({"data": [document(), document()]})
    assert len(footprints(text, "answer.json")) == 2
    assert len(footprints(json.dumps({"data": document()}), "answer.json")) == 1
    assert len(footprints(json.dumps(document()), "one.json")) == 1
    for bad in ("", "[", '"text"', "[]", "[1]", "null", "[" * 100_000, b"\xff\xfe\x00", '{"data": 5}'):
        with pytest.raises(StatementRefused, match=r"f\.json"):
            footprints(bad, "f.json")


def test_digits_survive_reading() -> None:
    """A number that is written as a number keeps its digits: 2.50 is printed to a hundredth."""
    text = json.dumps(document()).replace('"fossilGhgEmissions": "2.5"', '"fossilGhgEmissions": 2.50')
    (one,) = footprints(text, "x")
    assert finding(supplier_of(one, ON), "pact-number-not-text")["value"] == "2.50"


JUNK: list[Any] = [
    None, True, [], {}, [[]], [None, 5], {"a": {}}, "", "x" * 50_000, "\ud800\x00", "nan", "1e999", "-1e-400", -1, 0,
    10**400, math.nan, math.inf, -0.5, "9**9**9", "0001-01-01", "9999-12-31T23:59:59Z", "../../etc/passwd", "3.0.0",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*path, key))


FULL = document(
    {
        **EXAMPLES[1][0], "dqi": {"technologicalDQR": "1", "geographicalDQR": "2", "temporalDQR": "3"},
        "verification": {"coverage": "product level", "providerName": "V"}, "aircraftGhgEmissions": "0",
        "geographyCountry": "CN", "secondaryEmissionFactorSources": [{"name": "x", "version": "1"}],
        "productOrSectorSpecificRules": [{"operator": "PEF", "ruleNames": ["r"]}],
        "technologicalCO2Removals": "0",
    },
    validityPeriodStart="2025-01-01T00:00:00Z", validityPeriodEnd="2026-01-01T00:00:00Z",
)  # fmt: skip


@pytest.mark.parametrize("path", list(places(FULL)), ids="/".join)
def test_whatever_stands_in_a_field_is_refused_or_read(path: tuple[str, ...]) -> None:
    for value in JUNK:
        spoiled = deepcopy(FULL)
        inner = spoiled
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        try:
            found = supplier_of(spoiled, ON)
        except LcaError:
            continue
        supplier = found.supplier
        assert math.isfinite(sum(of_supplier(supplier).gases_kg.values()))
        assert all(len(one) < 3000 for one in (supplier.name.zh, supplier.region, supplier.statement))
        assert all(isinstance(text, str) for one in found.findings for text in one.params.values())


@pytest.mark.parametrize("root", [None, True, 5, "x", [], [FULL]])
def test_what_is_no_footprint_is_refused(root: Any) -> None:
    with pytest.raises(StatementRefused):
        supplier_of(root, ON)


@settings(deadline=None)
@given(st.decimals("0", "1e9", places=4), st.decimals("0.001", "1e6", places=3), st.decimals("-1e6", "0", places=4))
def test_one_unit_times_the_amount_is_what_was_stated(kgco2e: Decimal, amount: Decimal, uptake: Decimal) -> None:
    pcf = {
        "declaredUnitAmount": str(amount), "pcfExcludingBiogenicUptake": str(kgco2e),
        "fossilGhgEmissions": str(kgco2e), "biogenicCO2Uptake": str(uptake),
        "pcfIncludingBiogenicUptake": str(kgco2e + uptake),
    }  # fmt: skip
    found = supplier_of(document(pcf), ON)
    assert codes(found) == []
    assert float(found.supplier.kgco2e) * float(amount) == pytest.approx(float(kgco2e), rel=1e-9)
    assert float(found.supplier.biogenic_removals) * float(amount) == pytest.approx(float(uptake), rel=1e-9)
