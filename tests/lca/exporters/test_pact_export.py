"""PACT footprints: by the schema of the conformance service and the sums of the specification; no secrets told."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lca.errors import ExportImpossible, ExportLacks, LcaError, SnapshotInvalid
from lca.exporters.pact import Said, pact
from lca.importers.pact import supplier_of
from tests.lca.exchanged import BOARD, ON, board, data, panel, run

SCHEMA = Path(__file__).parents[2] / "data" / "pact" / "openapi_v3_0.yaml"

SAID = Said(
    company_ids=("urn:pact:company:customcode:supplier-id:ling",),
    product_ids=("urn:gtin:4712345060507",),
    description="Wood-fibre board, 16 mm",
    fossil_carbon_kg="0.05",
    ccs_included=False,
)

FORMATS = jsonschema.FormatChecker()
for form, pattern in {
    "decimal": r"-?[0-9]+(\.[0-9]+)?",
    "urn": r"(?i)urn:[a-z0-9][a-z0-9-]{0,31}:\S+",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}.items():
    FORMATS.checks(form)(lambda text, pattern=pattern: not isinstance(text, str) or bool(re.fullmatch(pattern, text)))


@cache
def validator() -> Any:
    root = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    assert root["info"]["version"] == "3.0.4"
    schema = {"$ref": "#/components/schemas/ProductFootprint", "components": root["components"]}
    return jsonschema.Draft202012Validator(schema, format_checker=FORMATS)


def valid(document: Any) -> Any:
    errors = [f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator().iter_errors(document)]
    assert errors == []
    json.dumps(document, allow_nan=False)
    return document["pcf"]


def test_the_schema_refuses_what_it_should() -> None:
    """The check above can fail: no amount, a number for a decimal, an id that is no UUID."""
    good = pact(board(), SAID)
    for spoil in ({"id": "x"}, {"pcf": {**good["pcf"], "declaredUnitAmount": 1}}, {"companyIds": []}):
        assert list(validator().iter_errors(good | spoil))
    assert list(validator().iter_errors({key: value for key, value in good.items() if key != "created"}))


def test_the_board_by_hand() -> None:
    pcf = valid(pact(board(), SAID))
    numbers = ("pcf", "fossilG", "landU", "bio", "air", "out", "pack")
    assert {key: pcf[key] for key in pcf if key.startswith(numbers)} == {
        "pcfExcludingBiogenicUptake": "1.67",
        "pcfIncludingBiogenicUptake": "0.47",
        "fossilGhgEmissions": "1.2",  # 1.0 + 0.15 and the flights, which are burned kerosene
        "landUseChangeGhgEmissions": "0.2",
        "biogenicCO2Uptake": "-1.2",
        "biogenicNonCO2Emissions": "0.27",
        "biogenicCarbonContent": "0.33",
        "aircraftGhgEmissions": "0.05",
        "packagingEmissionsIncluded": True,
        "packagingGhgEmissions": "0.15",
        "outboundLogisticsGhgEmissions": "0.03",
    }  # fmt: skip
    # Shares of 1.67: 0.9 of a supplier's 40 %, 0.1 of the maker's own.
    assert Decimal(pcf["primaryDataShare"]) == pytest.approx(Decimal((0.9 * 0.4 + 0.1) / 1.67 * 100))
    assert pcf["dqi"] == {"technologicalDQR": "1", "geographicalDQR": "2", "temporalDQR": "3"}


def test_what_identifies_the_product_and_the_time() -> None:
    document = pact(board(), replace(SAID, classifications=("urn:pact:productclassification:un-cpc:3141",)))
    valid(document)
    assert (document["specVersion"], document["status"]) == ("3.0.0", "Active")
    assert (document["companyName"], document["productNameCompany"]) == ("Ling Board", "Wood-fibre board")
    pcf = document["pcf"]
    # Ends are not part of their periods: the year 2025 ends where 2026 begins, and three years from there.
    assert (pcf["referencePeriodStart"], pcf["referencePeriodEnd"]) == ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert (document["validityPeriodStart"], document["validityPeriodEnd"]) == (
        "2026-01-01T00:00:00Z",
        "2029-01-01T00:00:00Z",
    )
    assert pcf["geographyCountrySubdivision"] == "CN-HB"
    assert not {"geographyCountry", "geographyRegionOrSubregion"} & pcf.keys()
    assert (pcf["ipccCharacterizationFactors"], pcf["crossSectoralStandards"]) == (["AR6"], ["PACT-3.0"])
    assert "precedingPfIds" not in document
    assert "not verified" in document["comment"]


def test_the_same_footprint_gives_the_same_document_and_another_one_another_id() -> None:
    first = pact(board(), SAID)
    assert pact(board(), SAID) == first
    assert pact(board(), replace(SAID, fossil_carbon_kg="0.06"))["id"] != first["id"]
    other = run(data(BOARD.replace("amount: 0.3", "amount: 0.31")), "pact.3.0").snapshot
    assert pact(other, SAID)["id"] != first["id"]
    withdrawn = pact(board(), replace(SAID, is_deprecated=True))
    assert withdrawn == first | {"status": "Deprecated"}  # nothing but the status of a footprint ever changes
    assert pact(other, replace(SAID, preceding=(first["id"],)))["precedingPfIds"] == [first["id"]]


def test_inputs_and_suppliers_are_not_told() -> None:
    text = json.dumps(pact(board(), SAID), ensure_ascii=False)
    assert not [word for word in ("glue", "胶", "press", "foil") if word in text]


def test_everything_that_is_missing_is_asked_for_at_once() -> None:
    given = data(BOARD)
    given["unit"] = {"kind": "declared", "amount": "1", "unit": "m2", "zh": "1 m²"}
    given["region"] = "EU"
    del given["organisation"], given["carbon_biogenic_kg"]
    given["processes"][0]["output"], given["processes"][0]["unit"] = "1", "m2"
    given["processes"][0]["emissions"] = [
        one for one in given["processes"][0]["emissions"] if one.get("stage") != "packaging"
    ]
    given["excluded"] = [{"id": "oil", "zh": "润滑油", "reason": {"zh": "少量"}}]
    with pytest.raises(ExportLacks) as caught:
        pact(run(given, "pact.3.0").snapshot, Said())
    asked = [re.search(r"\((\w+)\)$", one)[1] for one in caught.value.missing]  # type: ignore[index]
    assert sorted(asked) == [
        "biogenicCarbonContent", "ccsTechnologicalCO2CaptureIncluded", "companyIds", "companyName",
        "exemptedEmissionsPercent", "fossilCarbonContent", "geographyRegionOrSubregion", "packagingEmissionsIncluded",
        "productDescription", "productIds", "productMassPerDeclaredUnit",
    ]  # fmt: skip


def test_what_was_asked_for_can_be_stated() -> None:
    given = data(BOARD)
    given["unit"] = {"kind": "declared", "amount": "1", "unit": "m2", "zh": "1 m²"}
    given["region"] = "EU"
    del given["carbon_biogenic_kg"]
    given["processes"][0]["output"], given["processes"][0]["unit"] = "1", "m2"
    said = replace(SAID, region="Europe", mass_kg="10.5", biogenic_carbon_kg="0.33", packaging_included=True)
    pcf = valid(pact(run(given, "pact.3.0").snapshot, said))
    assert pcf["declaredUnitOfMeasurement"] == "square meter"
    assert (pcf["productMassPerDeclaredUnit"], pcf["biogenicCarbonContent"]) == ("10.5", "0.33")
    assert pcf["geographyRegionOrSubregion"] == "Europe"


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"company_ids": ("ling",)}, "companyIds"),
        ({"product_ids": ("urn:",)}, "productIds"),
        ({"classifications": ("cpc 3141",)}, "classifications"),
        ({"preceding": ("one",)}, "precedingPfIds"),
        ({"fossil_carbon_kg": "-1"}, "fossilCarbonContent"),
        ({"fossil_carbon_kg": "NaN"}, "fossilCarbonContent"),
        ({"mass_kg": "heavy"}, "productMassPerDeclaredUnit"),
        ({"region": "Atlantis"}, "geographyRegionOrSubregion"),
        ({"standards": ("ISO 9001",)}, "crossSectoralStandards"),
        ({"valid_until": "2029-01-01"}, "validityPeriodEnd"),  # a day more than three years
        ({"valid_until": "2025-12-31"}, "validityPeriodEnd"),
        ({"valid_until": "soon"}, "validityPeriodEnd"),
        ({"packaging_included": False}, "packagingEmissionsIncluded"),
    ],
)
def test_a_statement_that_the_format_does_not_take_is_named(changed: dict[str, Any], key: str) -> None:
    with pytest.raises(ExportImpossible) as caught:
        pact(board(), replace(SAID, **changed))
    assert [key in str(one.params["key"]) for one in caught.value.flaws] == [True]


def test_the_last_day_that_is_allowed_is_taken() -> None:
    document = pact(board(), replace(SAID, valid_until="2028-12-31"))
    assert document["validityPeriodEnd"] == "2029-01-01T00:00:00Z"


def test_a_footprint_by_another_method_is_refused() -> None:
    with pytest.raises(ExportImpossible) as caught:
        pact(panel(), SAID)
    assert {one.code for one in caught.value.flaws} == {"export-method", "export-boundary"}
    assert "compute it by pact.3.0" in str(caught.value)


@pytest.mark.parametrize(
    ("emission", "key"),
    [
        ("{id: luc, gas: CO2, part: land_use, amount: -0.2, stage: raw_materials}", "landUseChangeGhgEmissions"),
        ("{id: burn2, gas: CO2, part: biogenic, amount: 9}", "biogenicCO2Uptake"),
        ("{id: co2b, gas: CO2, amount: -9}", "fossilGhgEmissions"),
    ],
)
def test_a_number_of_the_wrong_sign_is_named(emission: str, key: str) -> None:
    text = re.sub(r"- \{id: luc,[^\n]*", f"- {emission}", BOARD)
    with pytest.raises(ExportImpossible) as caught:
        pact(run(data(text), "pact.3.0").snapshot, SAID)
    assert [one.params["key"] for one in caught.value.flaws] == [key]


@pytest.mark.parametrize(
    ("unit", "amount", "expected"),
    [
        ("kg", "12.5", ("kilogram", "12.5", "12.5")),
        ("t", "0.001", ("kilogram", "1", "1")),
        ("l", "1", ("liter", "1", "7")),
        ("m3", "2", ("cubic meter", "2", "7")),
        ("kWh", "1", ("kilowatt hour", "1", "0")),
        ("MWh", "1", ("kilowatt hour", "1000", "0")),
        ("MJ", "1", ("megajoule", "1", "0")),
        ("tkm", "100", ("ton kilometer", "100", "0")),
        ("m2", "1", ("square meter", "1", "7")),
        ("piece", "1", ("piece", "1", "7")),
        ("h", "1", ("hour", "1", "0")),
        ("megabit_second", "1", ("megabit second", "1", "0")),
    ],
)
def test_every_declared_unit(unit: str, amount: str, expected: tuple[str, str, str]) -> None:
    given = data(BOARD)
    given["unit"] = {"kind": "declared", "amount": amount, "unit": unit, "zh": "单位"}
    if expected[2] == "7":
        given["unit"]["mass_kg"] = "7"
    given["processes"][0]["unit"] = unit
    pcf = valid(pact(run(given, "pact.3.0").snapshot, SAID))
    found = tuple(pcf[key] for key in ("declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit"))
    assert found == expected
    assert Decimal(pcf["pcfExcludingBiogenicUptake"]) == pytest.approx(Decimal("1.67") * Decimal(amount))


def test_a_unit_that_the_format_does_not_have_is_named() -> None:
    given = data(BOARD)
    given["unit"]["unit"] = given["processes"][0]["unit"] = "person"
    with pytest.raises(ExportImpossible) as caught:
        pact(run(given, "pact.3.0").snapshot, SAID)
    assert [one.code for one in caught.value.flaws] == ["export-unit"]


@pytest.mark.parametrize(
    ("region", "field", "place", "is_told"),
    [
        ("CN", "geographyCountry", "CN", False),
        ("CN-GRID-EAST", "geographyCountry", "CN", True),
        ("US-CAMX", "geographyCountry", "US", True),
        ("DE", "geographyCountry", "DE", False),
        ("GLO", "", "", False),
    ],
)
def test_places(region: str, field: str, place: str, is_told: bool) -> None:
    given = data(BOARD)
    given["region"] = region
    document = pact(run(given, "pact.3.0").snapshot, SAID)
    stated = {key: value for key, value in valid(document).items() if key.startswith("geography")}
    assert stated == ({field: place} if field else {})
    assert (region in document["comment"]) == is_told


def test_exclusions_sources_and_other_potentials() -> None:
    given = data(BOARD)
    given["excluded"] = [{"id": "oil", "zh": "润滑油", "en": "Oil", "reason": {"zh": "微量"}, "percent": "0.4"}]
    given["suppliers"][0]["gwp_set"] = "AR5"
    power = {"id": "el", "zh": "电", "amount": "0.001", "unit": "kWh", "from": {"activity": "electricity"}}
    given["processes"][0]["inputs"].append(power)
    snapshot = run(given, "pact.3.0").snapshot
    pcf = valid(pact(snapshot, SAID))
    assert (pcf["exemptedEmissionsPercent"], pcf["exemptedEmissionsDescription"]) == ("0.4", "Oil: 微量")
    assert pcf["ipccCharacterizationFactors"] == ["AR5", "AR6"]
    (electricity,) = [one for one in snapshot["supplies"].values() if one["kind"] == "activity"]
    assert pcf["secondaryEmissionFactorSources"] == [{"name": electricity["source"], "version": electricity["year"]}]
    assert "dqi" not in pcf  # electricity was not scored
    # Without potentials of a known report the set is told in words: the field takes reports alone.
    snapshot["supplies"][next(iter(snapshot["supplies"]))]["gwp_set"] = "CML"
    document = pact(snapshot, SAID)
    assert valid(document)["ipccCharacterizationFactors"] == ["AR6"]
    assert "CML" in document["comment"]


def test_sources_of_the_makers_own_are_none_and_unknown_ones_are_said_to_be() -> None:
    snapshot = board()
    (supply,) = snapshot["supplies"].values()
    sources = {}
    for kind, variants, source, publisher in (
        ("factor", ["own_factor"], "file", "us"), ("factor", ["chosen"], "", ""), ("factor", ["chosen"], "", "MEE"),
        ("background", [], "openLCA Nexus", "uslci_fy18"),
    ):  # fmt: skip
        supply |= {"kind": kind, "variants": variants, "source": source, "publisher": publisher, "year": ""}
        sources[kind, source, publisher] = valid(pact(snapshot, SAID)).get("secondaryEmissionFactorSources")
    assert sources == {
        ("factor", "file", "us"): None,
        ("factor", "", ""): [{"name": "not stated", "version": "not stated"}],
        ("factor", "", "MEE"): [{"name": "MEE", "version": "not stated"}],
        ("background", "openLCA Nexus", "uslci_fy18"): [{"name": "uslci_fy18", "version": "not stated"}],
    }


def test_an_amount_by_formula_is_worked_out_and_nothing_is_no_amount() -> None:
    given = data(BOARD)
    given["parameters"] = [{"name": "boards", "value": "2.5"}]
    given["unit"]["amount"] = "=boards * 4"
    assert valid(pact(run(given, "pact.3.0").snapshot, SAID))["declaredUnitAmount"] == "10"
    found = copy.deepcopy(dict(run(given, "pact.3.0").snapshot))
    found["model"]["unit"]["amount"] = "0"  # no model of today has it; an older snapshot may
    with pytest.raises(ExportImpossible, match="declaredUnitAmount"):
        pact(found, SAID)


@pytest.mark.parametrize("is_included", [True, False])
def test_packaging_as_it_is_said_where_the_footprint_has_none(is_included: bool) -> None:
    given = data(BOARD.replace("{id: foil, gas: CO2, amount: 0.15, stage: packaging}", "{id: x, gas: CO2, amount: 0}"))
    pcf = valid(pact(run(given, "pact.3.0").snapshot, replace(SAID, packaging_included=is_included)))
    assert pcf["packagingEmissionsIncluded"] is is_included
    assert "packagingGhgEmissions" not in pcf


def test_a_fuel_is_weighted_by_the_methods_set_and_its_supply_chain_by_its_own() -> None:
    """Burning is masses of gases; what brought the gas is CO2e of a publisher that used AR5."""
    given = data(BOARD)
    gas = {"id": "gas", "zh": "气", "amount": "0.01", "unit": "Nm3", "from": {"activity": "natural_gas"}}
    given["processes"][0]["inputs"] = [gas]
    snapshot = run(given, "pact.3.0").snapshot
    burned, upstream = snapshot["supplies"].values()
    assert not any(one.startswith("CO2e/") for one in burned["gases_kg"])
    assert (list(upstream["gases_kg"]), upstream["gwp_set"]) == (["CO2e/fossil"], "AR5")
    pcf = valid(pact(snapshot, SAID))
    assert pcf["ipccCharacterizationFactors"] == ["AR5", "AR6"]
    assert {one["name"] for one in pcf["secondaryEmissionFactorSources"]} == {burned["source"], upstream["source"]}


def test_other_standards_and_the_makers_own_words() -> None:
    given = data(BOARD)
    given["statements"] = {
        "boundary": "From the tree to the gate.", "allocation": {"zh": "按质量", "en": "By mass."},
    }  # fmt: skip
    said = replace(SAID, standards=("ISO14067", "ISO14067"), comment="First of its kind.")
    document = pact(run(given, "pact.3.0").snapshot, said)
    pcf = valid(document)
    assert pcf["crossSectoralStandards"] == ["PACT-3.0", "ISO14067"]
    assert (pcf["boundaryProcessesDescription"], pcf["allocationRulesDescription"]) == (
        "From the tree to the gate.", "By mass.",
    )  # fmt: skip
    assert document["comment"].startswith("First of its kind.")


def test_demonstration_and_uncertainty_are_told() -> None:
    given = data(BOARD)
    given["is_demonstration"] = "true"
    given["processes"][0]["inputs"][0]["spread"] = {"percent": "20"}
    comment = pact(run(given, "pact.3.0").snapshot, SAID)["comment"]
    assert comment.startswith("Demonstration data")
    assert f"±{20 * 0.9 / 1.67:.3g} %" in comment


@settings(deadline=None, max_examples=30)
@given(
    amount=st.floats(1e-3, 1e4),
    fossil=st.one_of(st.just(0.0), st.floats(1e-9, 1e6)),
    taken=st.floats(0.5, 1e3),
    methane=st.one_of(st.just(0.0), st.floats(1e-9, 10)),
    luc=st.one_of(st.just(0.0), st.floats(1e-9, 1e3)),
)
def test_there_and_back_for_any_amounts(amount: float, fossil: float, taken: float, methane: float, luc: float) -> None:
    given = data(BOARD)
    given["unit"]["amount"] = repr(amount)
    stated = {"co2": fossil, "up": taken, "ch4": methane, "luc": luc}
    for one in given["processes"][0]["emissions"]:
        one["amount"] = repr(stated.get(one["id"], float(one["amount"])))
    snapshot = run(given, "pact.3.0").snapshot
    document = pact(snapshot, SAID)
    valid(document)
    found = supplier_of(document, ON)
    # The carbon content stayed at 0.33; a share of primary data below 1 % reads like a fraction.
    assert {one.code for one in found.findings} <= {"pact-uptake-differs", "pact-share-ambiguous"}
    back, results = found.supplier, snapshot["results"]
    excluding, including = float(results["excluding_uptake_kgco2e"]), float(results["including_uptake_kgco2e"])
    scale = max(abs(excluding), abs(including)) * 1e-10
    assert float(back.kgco2e) * amount == pytest.approx(excluding, rel=1e-9, abs=scale)
    parts = [back.fossil, back.biogenic_emissions, back.land_use, back.aircraft]
    assert sum(map(float, parts)) * amount == pytest.approx(excluding, rel=1e-9, abs=scale)
    whole = sum(map(float, [*parts, back.biogenic_removals])) * amount
    assert whole == pytest.approx(including, rel=1e-9, abs=scale)


def test_a_broken_snapshot_is_named_and_never_a_traceback() -> None:
    junk: list[Any] = [None, True, [], {}, "nan", -1, 10**400, "x" * 100, ["x"], {"a": 1}, float("nan")]
    for key in board():
        for value in junk:
            spoiled = board() | {key: value}
            try:
                pact(spoiled, SAID)
            except LcaError:
                continue
            json.dumps(pact(spoiled, SAID))
    for key in ("schema", "model", "results", "lines", "nodes", "method", "supplies", "gwp", "checks", "footprint"):
        spoiled = board()
        del spoiled[key]
        with pytest.raises(LcaError):
            pact(spoiled, SAID)


def test_results_that_do_not_add_up_are_not_handed_on() -> None:
    spoiled = copy.deepcopy(board())
    spoiled["results"]["fossil"] = "2"
    with pytest.raises(SnapshotInvalid, match="adds up"):
        pact(spoiled, SAID)
