"""Declarations as suppliers' data: six published ones by hand, made-up ones for what those do not hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lca.errors import StatementRefused
from lca.importers.archive import Archive
from lca.importers.by_module import Asked, singles_of
from lca.importers.epd import EpdDeclaration, read_epd
from lca.importers.epd_supplier import supplier_of
from lca.importers.stated import Stated
from lca.supplies import of_supplier

SAMPLES = Path(__file__).parents[2] / "data" / "lci" / "epd_ilcd_samples"
CONCRETE = "0aa8b645-02d9-41b4-8aa3-70335af2a9e7"
FOAM = "0b4c397d-c7a1-4ceb-9718-184334f6364e"
BOARD = "0e80e6e7-6882-47be-8bd8-5cd869a746d9"
PAVING = "0e85f255-4d11-4973-9daa-c03889948351"
FACADE = "0e9fd868-9656-489e-be6c-8251b3d43283"
ON = date(2024, 6, 1)


def sample(uuid: str) -> EpdDeclaration:
    with Archive(SAMPLES / f"{uuid}.json") as archive:
        return read_epd(archive)


def asked(*modules: str, **scenarios: str) -> Asked:
    return Asked(modules, scenarios)


def codes(found: Stated) -> set[str]:
    return {one.code for one in found.findings}


def refused(declaration: EpdDeclaration, what: Asked, on: date = ON) -> list[str]:
    with pytest.raises(StatementRefused) as caught:
        supplier_of(declaration, on, what)
    assert str(caught.value)
    return [one.code for one in caught.value.flaws]


def numbers(found: Stated) -> dict[str, float]:
    fields = ("kgco2e", "fossil", "biogenic_emissions", "biogenic_removals", "land_use")
    return {name: float(getattr(found.supplier, name)) for name in fields}


def test_concrete_declares_three_modules_which_are_added_up() -> None:
    """A1 + A2 + A3 by hand: total 256.723356887539 + 8.485777018525 + 3.385395098948, the parts alike."""
    found = supplier_of(sample(CONCRETE), ON)
    assert numbers(found) == {
        "kgco2e": pytest.approx(268.594529005012),
        "fossil": pytest.approx(268.594529005012 - 0.901470590078 - 0.069210396505),
        "biogenic_emissions": pytest.approx(0.868088176149 + 0.002512447564 + 0.030869966425),
        "biogenic_removals": 0,
        "land_use": pytest.approx(0.062723485853 + 0.002455700736 + 0.004031210076),
    }
    supplier = found.supplier
    assert (supplier.unit, supplier.method, supplier.boundary) == ("m3", "en15804.a2", "A1-A3")
    assert (supplier.supplier, supplier.region, supplier.valid_until) == ("Skagen Cement Støberi A/S", "DK", "2028")
    assert (supplier.id, supplier.gwp_set, supplier.is_verified) == (CONCRETE, "EN 15804+A2", False)
    # The declared fossil part is 267.786654644680, 0.14 less than what the total leaves for it.
    assert "declared-parts-differ" in codes(found)
    assert supplier_of(sample(CONCRETE), ON, asked("A1", "A2", "A3")).supplier.kgco2e == supplier.kgco2e


def test_a_facade_takes_carbon_up_and_its_total_stays() -> None:
    """43.46 = 45.2384 - 1.8 + 0.0216; 45.15 is declared as fossil, so what is missing is told."""
    found = supplier_of(sample(FACADE), ON)
    assert numbers(found) == {
        "kgco2e": pytest.approx(43.46),
        "fossil": pytest.approx(45.2384),
        "biogenic_emissions": 0,
        "biogenic_removals": pytest.approx(-1.8),
        "land_use": pytest.approx(0.0216),
    }
    assert math.fsum(of_supplier(found.supplier).gases_kg.values()) == pytest.approx(43.46)
    assert "declared-parts-differ" in codes(found)
    assert found.supplier.name.en.startswith("Façades")


def test_paving_adds_up_within_its_digits() -> None:
    assert "declared-parts-differ" not in codes(supplier_of(sample(PAVING), ON))  # 21.8 + 0.0215 + 0.0118 = 21.8333


def test_the_one_number_of_the_older_edition_is_another_method() -> None:
    found = supplier_of(sample(FOAM), ON)
    assert numbers(found)["kgco2e"] == numbers(found)["fossil"] == pytest.approx(45.59)
    assert (found.supplier.method, found.supplier.gwp_set) == ("en15804.a1", "EN 15804+A1")
    assert {"epd-old-gwp", "declared-parts-missing"} <= codes(found)


def test_a_whole_or_its_modules_but_never_both() -> None:
    board = sample(BOARD)  # A1, A2 and A3 apart
    assert numbers(supplier_of(board, ON))["kgco2e"] == pytest.approx(11.906613 + 0.36490214 + 4.0447066)
    assert refused(board, asked("A1-A3", "A1")) == ["modules-overlap"]
    assert refused(board, asked("A2", "A2")) == ["modules-overlap"]
    assert refused(board, asked("A1-A3", "A2-A4")) == ["modules-overlap"]
    both = replace(board, modules={"GWP-A1": {**board.modules["GWP-A1"], ("A1-A3", ""): Decimal(20)}})
    assert numbers(supplier_of(both, ON))["kgco2e"] == 20
    # A whole cannot be taken apart again.
    assert refused(sample(PAVING), asked("A1")) == ["module-not-declared"]


def test_what_is_not_declared_is_never_zero() -> None:
    assert refused(sample(FACADE), asked("A1-A3", "B1")) == ["module-not-declared"]  # named without a value
    assert refused(sample(CONCRETE), asked("C1")) == ["module-not-declared"]
    assert numbers(supplier_of(sample(FACADE), ON, asked("B3")))["kgco2e"] == 0  # declared as zero
    concrete = sample(CONCRETE)
    without = {key: value for key, value in concrete.modules["GWP-total"].items() if key != ("A2", "")}
    assert refused(replace(concrete, modules={"GWP-total": without}), Asked()) == ["module-not-declared"]


def test_a_scenario_is_chosen_by_name() -> None:
    foam = sample(FOAM)
    assert refused(foam, asked("A1-A3", "C3")) == ["choose-one"]
    assert refused(foam, asked("C3", C3="S3")) == ["choose-one"]
    assert refused(foam, asked("A1-A3", **{"A1-A3": "S1"})) == ["choose-one"]  # there is none to choose
    found = supplier_of(foam, ON, asked("A1-A3", "C2", "C3", C3="S2"))
    assert numbers(found)["kgco2e"] == pytest.approx(45.59 + 0.447 + 0.164)
    assert found.supplier.boundary == "A1-A3 + C2 + C3"


def test_module_d_stands_outside() -> None:
    for modules in (("D",), ("A1-A3", "D")):
        assert refused(sample(PAVING), asked(*modules)) == ["module-outside"]
    assert refused(sample(PAVING), asked()) == ["choose-one"]
    assert refused(sample(PAVING), asked("A9", "X")) == ["value-refused", "value-refused"]


def made(values: Mapping[str, str], **changed: Any) -> EpdDeclaration:
    """A declaration of A1-A3 with these indicators, per 1 t."""
    parts = {code: {("A1-A3", ""): Decimal(value)} for code, value in values.items()}
    plain = EpdDeclaration(
        uuid="u", version="", names={"en": "Sand", "zh": "砂"}, owner="Ling", programme="P", registration="R1",
        reference_flow="", declared_amount=Decimal(1), declared_unit="t", mass_kg=None, published="2023-01-01",
        reference_year="2022", valid_until="2027", standards=("EN 15804+A2 (EF 3.1)",), edition="A2", location="CN",
        licence="", scenarios={}, modules=parts, units=dict.fromkeys(values, "kg CO2 eqv."),
    )  # fmt: skip
    return replace(plain, **changed)


def test_the_number_without_biogenic_carbon_stands_for_no_other() -> None:
    found = supplier_of(made({"GWP-total": "5", "GWP-fossil": "4", "GWP-luluc": "0", "GWP-IOBC": "1"}), ON)
    assert "declared-parts-missing" in codes(found)
    assert numbers(found)["fossil"] == 5
    assert numbers(found)["biogenic_emissions"] == 0
    assert refused(made({"GWP-IOBC": "1"}), Asked()) == ["key-missing"]


def test_names_potentials_and_statement() -> None:
    supplier = supplier_of(made({"GWP-total": "5"}), ON).supplier
    assert (supplier.name.zh, supplier.name.en) == ("砂", "Sand")
    assert (supplier.gwp_set, supplier.statement) == ("EF 3.1", "EPD, P, R1")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"declared_amount": None}, "value-refused"),
        ({"declared_amount": Decimal(0)}, "value-refused"),
        ({"declared_unit": ""}, "unit-unknown"),
        ({"declared_unit": "qm x"}, "unit-unknown"),
        ({"units": {"GWP-total": "MJ"}}, "value-refused"),
        ({"units": {"GWP-total": "g CO2e"}}, "value-refused"),
        ({"units": {}}, "value-refused"),
        ({"modules": {}}, "key-missing"),
    ],
)
def test_what_cannot_be_used_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code in refused(made({"GWP-total": "5"}, **changed), Asked())


@pytest.mark.parametrize(
    ("changed", "on", "expected"),
    [
        ({}, date(2027, 12, 31), None),
        ({}, date(2028, 1, 1), "supplier-expired"),
        ({"valid_until": "2027-03-31"}, date(2027, 3, 31), None),
        ({"valid_until": "2027-03-31"}, date(2027, 4, 1), "supplier-expired"),
        ({"valid_until": ""}, ON, "declared-validity-unsaid"),
        ({}, date(2022, 12, 31), "supplier-not-yet-valid"),
    ],
)
def test_validity(changed: dict[str, Any], on: date, expected: str | None) -> None:
    found = codes(supplier_of(made({"GWP-total": "5"}, **changed), on))
    assert found == {"declared-parts-missing", *([expected] if expected else [])}


def test_what_the_reader_of_the_file_found_is_handed_on() -> None:
    declaration = sample(PAVING)
    assert declaration.findings
    assert supplier_of(declaration, ON).findings[: len(declaration.findings)] == declaration.findings


def test_ranges_hold_their_modules() -> None:
    assert singles_of("A1-A3") == ("A1", "A2", "A3")
    assert singles_of("B1-B7") == ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
    assert singles_of("C3-4") == ("C3", "C4")
    for odd in ("D", "A0", "A3-A1", "A1-A9", "", "A1-A3 ", "total"):
        assert singles_of(odd) == ()


def test_the_indicators_of_the_newer_characterisation_are_known(tmp_path: Path) -> None:
    """EF 3.1 has data sets of its own for the four; the ids stand in the lists of the format."""
    raw = json.loads((SAMPLES / f"{FACADE}.json").read_text(encoding="utf-8"))
    newer = {
        "6a37f984-a4b3-458a-a20a-64418c145fa2": "a7ea142a-9749-11ed-a8fc-0242ac120002",
        "5f635281-343e-44fb-83df-1971b155e6b6": "a7ea19c0-9749-11ed-a8fc-0242ac120002",
        "2356e1ab-0185-4db5-86e5-16de51c7485c": "a7ea186c-9749-11ed-a8fc-0242ac120002",
        "4331bbdb-978a-490d-8707-eeb047f01a55": "a7ea1ae2-9749-11ed-a8fc-0242ac120002",
    }
    for result in raw["LCIAResults"]["LCIAResult"]:
        method = result["referenceToLCIAMethodDataSet"]
        method["refObjectId"] = newer.get(method["refObjectId"], method["refObjectId"])
    path = tmp_path / "new.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    with Archive(path) as archive:
        declaration = read_epd(archive)
    assert supplier_of(declaration, ON).supplier.kgco2e == supplier_of(sample(FACADE), ON).supplier.kgco2e


@settings(deadline=None)
@given(
    st.decimals("-1e6", "1e6", places=4),
    st.decimals("-1e6", "1e6", places=4),
    st.decimals("0", "1e3", places=4),
    st.decimals("0.001", "1e4", places=3),
)
def test_parts_add_up_to_the_total_whatever_the_unit(
    fossil: Decimal, biogenic: Decimal, luluc: Decimal, amount: Decimal
) -> None:
    values = {"GWP-total": fossil + biogenic + luluc, "GWP-fossil": fossil, "GWP-biogenic": biogenic}
    stated = {code: str(value) for code, value in (values | {"GWP-luluc": luluc}).items()}
    found = supplier_of(made(stated, declared_amount=amount), ON)
    assert codes(found) == set()
    scale = 1e-9 * float(max(abs(fossil), abs(biogenic), luluc))
    whole = math.fsum(of_supplier(found.supplier).gases_kg.values()) * float(amount)
    assert whole == pytest.approx(float(fossil + biogenic + luluc), abs=scale)
    assert float(found.supplier.fossil) * float(amount) == pytest.approx(float(fossil), abs=scale)
