"""openEPD there and back, and as others write it: what the package lets pass is told or refused."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openepd.model.epd import EpdV0
from openepd.model.examples.epd import EXAMPLE_EPD_WORK_SURFACES

from lca.errors import ExportImpossible, LcaError, StatementRefused
from lca.exporters.module_table import Said
from lca.exporters.openepd import UNITS, openepd
from lca.importers.by_module import Asked
from lca.importers.openepd import supplier_of
from lca.importers.stated import Stated, json_of
from lca.supplies import of_supplier
from tests.lca.exchanged import PANEL, board, data, panel, run

ON = date(2026, 6, 1)


def kg(value: Any, unit: Any = "kgCO2e") -> dict[str, Any]:
    return {"mean": value, "unit": unit}


PLAIN: dict[str, Any] = {
    "doctype": "openEPD",
    "openepd_version": "0.1",
    "id": "EC300001",
    "product_name": "Panel",
    "manufacturer": {"name": "Ling"},
    "date_of_issue": "2025-01-01T00:00:00Z",
    "valid_until": "2030-01-01T00:00:00Z",
    "declared_unit": {"qty": 2, "unit": "m2"},
    "impacts": {
        "EF 3.1": {
            "gwp": {"A1A2A3": kg(10), "A4": kg(1), "D": kg(-3)},
            "gwp-fossil": {"A1A2A3": kg(12), "A4": kg(1)},
            "gwp-biogenic": {"A1A2A3": kg(-3), "A4": kg(0)},
            "gwp-luluc": {"A1A2A3": kg(1), "A4": kg(0)},
        }
    },
}


def document(**changed: Any) -> dict[str, Any]:
    return {key: value for key, value in (deepcopy(PLAIN) | changed).items() if value is not None}


def gwp(**scopes: Any) -> dict[str, Any]:
    """A document with no more than a total under EF 3.1."""
    return document(impacts={"EF 3.1": {"gwp": scopes}})


def codes(found: Stated) -> set[str]:
    return {one.code for one in found.findings}


def refused(given: Any, asked: Asked | None = None, method: str = "") -> list[str]:
    with pytest.raises(StatementRefused) as caught:
        supplier_of(given, ON, asked, method)
    assert str(caught.value)
    return [one.code for one in caught.value.flaws]


def test_a_sound_document_by_hand() -> None:
    """Per 2 m2: 12 - 3 + 1 = 10, so 5 a square metre."""
    found = supplier_of(document(), ON)
    assert codes(found) == set()
    supplier = found.supplier
    numbers = (supplier.kgco2e, supplier.fossil, supplier.biogenic_removals, supplier.land_use)
    assert numbers == ("5", "6", "-1.5", "0.5")
    assert (supplier.unit, supplier.method, supplier.gwp_set) == ("m2", "en15804.a2", "EF 3.1")
    assert (supplier.id, supplier.supplier, supplier.valid_until) == ("EC300001", "Ling", "2030-01-01")
    assert (supplier.boundary, supplier.region, supplier.is_verified) == ("A1-A3", "", False)
    assert supplier_of(document(), ON, Asked(("A1-A3", "A4"))).supplier.kgco2e == "5.5"
    assert refused(document(), Asked(("A1-A3", "D"))) == ["module-outside"]


def test_there_and_back() -> None:
    exported = openepd(panel(), Said())
    plain = json.loads(json.dumps(exported.document, allow_nan=False))
    assert EpdV0.model_validate(deepcopy(plain)).product_name == "Gypsum board"
    found = supplier_of(plain, ON)
    assert codes(found) == set()
    supplier = found.supplier
    assert (supplier.kgco2e, supplier.fossil, supplier.biogenic_removals, supplier.land_use) == (
        "1.66", "2.14", "-0.5", "0.02",
    )  # fmt: skip
    assert (supplier.unit, supplier.method, supplier.gwp_set) == ("m2", "en15804.a2", "AR6")
    assert (supplier.name.zh, supplier.name.en, supplier.region) == ("石膏板", "Gypsum board", "CN")
    assert (supplier.period_end, supplier.valid_until) == ("2025-12-31", "2031-01-31")
    every = supplier_of(plain, ON, Asked(("A1-A3", "C1", "C2", "C3", "C4"))).supplier
    assert every.kgco2e == panel()["results"]["total_kgco2e"]
    scopes = plain["impacts"]["IPCC AR6"]["gwp"]
    assert {name: one["mean"] for name, one in scopes.items()} == {
        "A1": 0.32, "A2": 0.1, "A3": 1.24, "A1A2A3": 1.66, "C1": 0, "C2": 0.05, "C3": 0.5, "C4": 0.01, "D": -0.3,
    }  # fmt: skip


def test_it_says_that_it_is_no_declaration() -> None:
    plain = openepd(panel(), Said()).document
    assert "NOT an environmental product declaration" in plain["lca_discussion"]
    assert plain["ext"]["tanji"]["is_declaration"] is False
    assert not {"compliance", "pcr", "program_operator", "third_party_verifier"} & plain.keys()


def test_what_it_cannot_say_is_listed() -> None:
    given = data(PANEL)
    given["processes"][0]["mass_kg"] = "9.5"
    given["processes"][0]["co_products"] = [{"id": "dust", "zh": "粉", "amount": "0.5", "unit": "kg"}]
    exported = openepd(run(given, "en15804.a2").snapshot, Said())
    listed = {one.params["field"]: one.params["value"] for one in exported.left_out}
    assert listed.keys() >= {"region", "reference_period", "primary_data_share", "allocation", "aircraft_kgco2e"}
    assert listed["allocation"] == "physical"
    assert "dqr" not in listed  # nothing was rated, so nothing is lost
    own = exported.document["ext"]["tanji"]
    assert {key: own[key] for key in listed} == listed
    given["suppliers"] = [{"id": "s", "zh": "供", "unit": "kg", "kgco2e": "1", "method": "en15804.a2"}]
    given["processes"][0]["inputs"] = [
        {"id": "x", "zh": "料", "amount": "0.1", "unit": "kg", "module": "A3", "from": {"supplier": "s"},
         "quality": {"technology": 2, "geography": 2, "time": 2}, "spread": {"percent": "10"}}
    ]  # fmt: skip
    given["processes"][0]["emissions"] = [
        one for one in given["processes"][0]["emissions"] if one["id"] not in ("a2", "a3fly")
    ]
    exported = openepd(run(given, "en15804.a2").snapshot, Said())
    assert {"dqr", "uncertainty_percent"} <= {one.params["field"] for one in exported.left_out}
    # A2 has no line and is not declared, so there is no product stage as a whole either.
    assert set(exported.document["impacts"]["IPCC AR6"]["gwp"]) == {"A1", "A3", "C1", "C2", "C3", "C4", "D"}
    assert refused(exported.document) == ["module-not-declared"]
    assert {one.code for one in exported.left_out} == {"openepd-cannot-say"}


@pytest.mark.parametrize("unit", UNITS)
def test_declared_units(unit: str) -> None:
    given = data(PANEL)
    given["unit"] |= {"unit": unit, "amount": "4"}
    given["processes"][0]["unit"] = unit
    plain = json.loads(json.dumps(openepd(run(given, "en15804.a2").snapshot, Said()).document))
    supplier = supplier_of(plain, ON).supplier
    assert supplier.unit == unit
    assert float(supplier.kgco2e) == pytest.approx(1.66)


def test_another_method_is_not_exported() -> None:
    with pytest.raises(ExportImpossible):
        openepd(board(), Said())


def test_a_published_example_states_two_methods_of_which_one_is_chosen() -> None:
    """The example of the package: a desk, per 1 m2; numbers read from it by eye."""
    plain = deepcopy(EXAMPLE_EPD_WORK_SURFACES)
    assert refused(plain) == ["choose-one"]
    assert refused(plain, method="EF 3.1") == ["choose-one"]
    stated = plain["impacts"]["TRACI 2.1"]["gwp"]["A1A2A3"]
    assert stated["unit"] == "kgCO2e"
    found = supplier_of(plain, date(2024, 1, 1), method="TRACI 2.1")
    assert float(found.supplier.kgco2e) == pytest.approx(stated["mean"] / plain["declared_unit"]["qty"])
    assert (found.supplier.method, found.supplier.gwp_set) == ("TRACI 2.1", "TRACI 2.1")
    assert "declared-parts-missing" in codes(found)
    assert "supplier-expired" in codes(supplier_of(plain, ON, method="TRACI 2.1"))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"doctype": "openIndustryEpd"}, "value-refused"),
        ({"doctype": None}, "value-refused"),
        ({"openepd_version": "9.0"}, "unreadable"),
        ({"impacts": None}, "key-missing"),
        ({"impacts": {}}, "key-missing"),
        ({"impacts": {"EF 3.1": {"odp": {"A1": {"mean": 1, "unit": "kgCFC11e"}}}}}, "key-missing"),
        ({"declared_unit": None}, "value-refused"),
        ({"declared_unit": {"qty": 0, "unit": "m2"}}, "value-refused"),
        ({"declared_unit": {"qty": -1, "unit": "m2"}}, "unreadable"),
        ({"declared_unit": {"qty": 1, "unit": "m2 * RSI"}}, "unit-unknown"),
        ({"declared_unit": {"qty": 1}}, "unit-unknown"),
        ({"id": None}, "key-missing"),
        ({"id": "!"}, "unreadable"),
        ({"product_name": None}, "key-missing"),
        ({"valid_until": "soon"}, "unreadable"),
    ],
)
def test_what_cannot_be_used_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code in refused(document(**changed))


@pytest.mark.parametrize("unit", ["MJ", "kg", "tCO2e", "gCO2e", "", None, "kgCFC11e", "kgCO2"])
def test_a_warming_potential_in_another_unit_is_refused(unit: Any) -> None:
    """The package accepts all of these."""
    given = gwp(A1A2A3=kg(5, unit))
    assert EpdV0.model_validate(deepcopy(given))
    assert "value-refused" in refused(given)


@pytest.mark.parametrize("value", [math.nan, math.inf, "NaN", "1e999", -math.inf])
def test_a_number_that_is_none_is_refused(value: Any) -> None:
    assert refused(gwp(A1A2A3=kg(value)))


def test_units_are_spelled_in_several_ways() -> None:
    for unit in ("kg CO2e", "kgCO2eq", "kg CO2-eq.", "kg CO₂e".replace("₂", "2"), "kg CO2 eqv."):
        assert supplier_of(gwp(A1A2A3=kg(5, unit)), ON).supplier.kgco2e == "2.5"


def test_a_method_that_nobody_knows_is_told() -> None:
    for name in ("My method", "Unknown LCIA"):
        found = supplier_of(document(impacts={name: {"gwp": {"A1A2A3": kg(1)}}}), ON)
        assert {one.code for one in found.findings if one.is_error} == {"openepd-method-unknown"}
    assert found.supplier.gwp_set == "Unknown LCIA"
    assert supplier_of(document(impacts={"IPCC AR5": {"gwp": {"A1A2A3": kg(1)}}}), ON).supplier.gwp_set == "AR5"


def test_rules_are_those_of_the_standard_that_is_named() -> None:
    for name, method in (("EN 15804+A2", "en15804.a2"), ("EN 15804:2012 + A1:2013", "en15804.a1")):
        given = document(compliance=[{"short_name": name}], impacts={"CML 2012": {"gwp": {"A1A2A3": kg(1)}}})
        assert supplier_of(given, ON).supplier.method == method


def test_a_whole_or_its_modules_but_never_both() -> None:
    apart = gwp(A1=kg(3), A2=kg(2), A3=kg(1))
    assert supplier_of(apart, ON).supplier.kgco2e == "3"
    assert supplier_of(gwp(A1A2A3=kg(8), A1=kg(3), A2=kg(2), A3=kg(1)), ON).supplier.kgco2e == "4"
    assert refused(gwp(A1=kg(3), A3=kg(1))) == ["module-not-declared"]
    assert refused(apart, Asked(("A1-A3", "A1"))) == ["modules-overlap"]


def test_scenarios_are_chosen_by_name() -> None:
    given = gwp(
        A1A2A3=kg(4), C_scenarios=[{"name": "Landfill", "C4": kg(2)}, {"name": "Recycling", "C4": kg(0), "D": kg(-9)}]
    )
    assert refused(given, Asked(("A1-A3", "C4"))) == ["choose-one"]
    found = supplier_of(given, ON, Asked(("A1-A3", "C4"), {"C4": "Landfill"}))
    assert found.supplier.kgco2e == "3"


def test_use_over_years_private_and_other_parts_are_told() -> None:
    impacts = {
        "EF 3.1": {
            "gwp": {"A1A2A3": kg(4), "B1": kg(1), "B1_years": 10},
            "gwp-nonCO2": {"A1A2A3": kg(1)},
        }
    }
    found = supplier_of(document(impacts=impacts, private=True), ON, Asked(("A1-A3", "B1")))
    assert {"openepd-years", "openepd-part-beside", "openepd-private"} <= codes(found)
    assert "openepd-years" not in codes(supplier_of(document(impacts=impacts), ON))


def test_carbon_verifier_and_validity() -> None:
    carbon = {"kg_C_biogenic_per_declared_unit": {"qty": 500, "unit": "g"}}
    found = supplier_of(document(**carbon, third_party_verifier={"name": "Auditor"}), ON)
    assert (found.supplier.carbon_biogenic_kg, found.supplier.is_verified) == ("0.25", True)
    odd = supplier_of(document(kg_C_biogenic_per_declared_unit={"qty": 1, "unit": "m2"}), ON)
    assert "openepd-carbon-unreadable" in codes(odd)
    assert codes(supplier_of(document(valid_until=None), ON)) == {"declared-validity-unsaid"}
    assert codes(supplier_of(document(), date(2030, 1, 2))) == {"supplier-expired"}
    assert codes(supplier_of(document(), date(2024, 12, 31))) == {"supplier-not-yet-valid"}


def test_the_document_is_not_written_into() -> None:
    given = document(impacts={"EF 3.1": {"gwp": {"A1A2A3": kg(1)}, "strange": {"A1": {"mean": 1, "unit": "x"}}}})
    before = deepcopy(given)
    supplier_of(given, ON)
    assert given == before


JUNK: list[Any] = [
    None, True, [], {}, [[]], [1], {"a": 1}, "", "x" * 50_000, "nan", "1e999", -1, 0, 10**400, math.nan, math.inf,
    "\ud800\x00", {"mean": None}, {"gwp": 5}, "../../etc/passwd",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*path, key))


FULL = document(
    kg_C_biogenic_per_declared_unit={"qty": 1, "unit": "kg"}, third_party_verifier={"name": "V"},
    compliance=[{"short_name": "EN 15804+A2"}], ext={"tanji": {"method": "m", "region": "CN"}}, alt_ids={"x": "y"},
)  # fmt: skip


@pytest.mark.parametrize("path", list(places(FULL)), ids=lambda path: "/".join(map(str, path)))
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
        assert math.isfinite(sum(of_supplier(found.supplier).gases_kg.values()))
        assert all(isinstance(one, str) for finding in found.findings for one in finding.params.values())


@pytest.mark.parametrize("root", [None, True, 5, "x", [], [FULL]])
def test_what_is_no_document_is_refused(root: Any) -> None:
    assert refused(root) == ["value-refused"]


def test_deep_nesting_is_refused() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = {"a": deep}
    assert refused(document(ext=deep)) == ["unreadable"]


def test_digits_of_a_file_survive() -> None:
    text = json.dumps(gwp(A1A2A3=kg(5))).replace('"mean": 5', '"mean": 5.5000000000001')
    assert supplier_of(json_of(text, "x"), ON).supplier.kgco2e == "2.75"  # twelve digits


@settings(deadline=None, max_examples=25)
@given(st.floats(1e-3, 1e3), st.floats(1e-6, 1e5), st.floats(1e-6, 1e3), st.floats(1e-6, 1e3))
def test_there_and_back_for_any_amounts(amount: float, fossil: float, taken: float, burned: float) -> None:
    given = data(PANEL)
    given["unit"]["amount"] = repr(amount)
    stated = {"a1": fossil, "a1up": taken, "c3": burned}
    for one in given["processes"][0]["emissions"]:
        one["amount"] = repr(stated.get(one["id"], float(one["amount"])))
    snapshot = run(given, "en15804.a2").snapshot
    plain = json.loads(json.dumps(openepd(snapshot, Said()).document))
    found = supplier_of(plain, ON, Asked(("A1-A3", "C1", "C2", "C3", "C4")))
    assert codes(found) == set()
    scale = 1e-9 * amount * (fossil + taken + burned + 3)
    assert float(found.supplier.kgco2e) * amount == pytest.approx(float(snapshot["results"]["total_kgco2e"]), abs=scale)
