"""Where operands come from: matched records, measurements with all that must be said of them, datum, method."""

from __future__ import annotations

import pytest

from factors.errors import UnitMismatch
from lca.errors import (
    MeasuredTwice,
    MeasuredValueRefused,
    OperandMissing,
    OperandNotANumber,
    OperandOutOfRange,
)
from lca.formulas import FORMULAS
from lca.formulas.measured import PROPERTIES, measured, number
from lca.formulas.operands import accepted, bind, unknown, values

STATED = {
    "sampling": "每批入炉煤",
    "laboratory": "CNAS L0001",
    "basis": "as_received",
    "weighting": "consumption",
}
ROLES = {"ncv": "GJ/{u}", "carbon_content": "kgC/GJ", "oxidation": "fraction"}
DEFAULTS = {"ncv": 19.57, "carbon_content": 26.18, "oxidation": 0.93}


def test_numbers_are_plain_decimals_or_ratios() -> None:
    assert number("44/12") == 44 / 12
    assert number(" 0.5703 ") == 0.5703


@pytest.mark.parametrize("text", ["", "1,2", "1/0", "NaN", "-inf", "21.3 GJ/t"])
def test_anything_else_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        number(text)


# --- measured values -------------------------------------------------------------------------------


def test_a_measured_value_with_all_statements_replaces_the_default() -> None:
    given = {"ncv_gj_per_t": "21.3", **STATED}
    found = measured(given, "t", ROLES)
    assert set(found) == {"ncv"}
    assert (found["ncv"].value, found["ncv"].text, found["ncv"].unit) == (21.3, "21.3", "GJ/t")


@pytest.mark.parametrize(
    ("key", "text", "basis", "expected"),
    [
        ("ncv_gj_per_t", "21.3", "kg", 0.0213),
        ("ncv_mj_per_kg", "21.3", "t", 21.3),
        ("ncv_kj_per_kg", "21300", "t", 21.3),
        ("ncv_gj_per_1e4nm3", "389.31", "Nm3", 0.038931),
        ("ncv_mj_per_nm3", "38.931", "1e4Nm3", 389.31),
        ("ncv_kj_per_nm3", "38931", "1e4Nm3", 389.31),
    ],
)
def test_a_measured_value_comes_in_the_unit_of_its_role(key: str, text: str, basis: str, expected: float) -> None:
    assert measured({key: text, **STATED}, basis, ROLES)["ncv"].value == pytest.approx(expected, rel=1e-14)


def test_all_missing_statements_are_named() -> None:
    with pytest.raises(MeasuredValueRefused) as caught:
        measured({"ncv_gj_per_t": "21.3", "basis": "dry", "laboratory": " "}, "t", ROLES)
    assert caught.value.missing == ("sampling", "laboratory", "basis=as_received", "weighting=consumption")
    assert "ncv_gj_per_t = 21.3" in str(caught.value)


@pytest.mark.parametrize("left_out", sorted(STATED))
def test_each_statement_is_needed(left_out: str) -> None:
    given = {"carbon_content_tc_per_tj": "26.9", **STATED}
    del given[left_out]
    with pytest.raises(MeasuredValueRefused, match=left_out):
        measured(given, "t", ROLES)


def test_a_laboratory_value_of_an_anode_needs_no_fuel_basis() -> None:
    given = {"sulphur": "0.021", "sampling": "monthly", "laboratory": "works"}
    assert measured(given, "t", {"sulphur": "fraction"})["sulphur"].value == 0.021
    with pytest.raises(MeasuredValueRefused) as caught:
        measured({"sulphur": "0.021"}, "t", {"sulphur": "fraction"})
    assert caught.value.missing == ("sampling", "laboratory")


def test_properties_of_other_roles_are_left_alone() -> None:
    assert measured({"ncv_gj_per_t": "21.3"}, "t", {"factor": "kg/{u}"}) == {}


def test_one_property_in_two_units_is_refused() -> None:
    with pytest.raises(MeasuredTwice, match="ncv_gj_per_t, ncv_kj_per_kg"):
        measured({"ncv_gj_per_t": "21.3", "ncv_kj_per_kg": "21300", **STATED}, "t", ROLES)


def test_a_measured_slip_by_a_thousand_is_named() -> None:
    with pytest.raises(OperandOutOfRange, match="ncv_gj_per_t = 21300, expected 0 < ncv_gj_per_t <= 120"):
        measured({"ncv_gj_per_t": "21300", **STATED}, "t", ROLES)


def test_a_measured_word_is_no_number() -> None:
    with pytest.raises(OperandNotANumber, match=r"oxidation = about 0.98"):
        measured({"oxidation": "about 0.98", **STATED}, "t", ROLES)


def test_a_value_per_tonne_does_not_fit_a_gas_volume() -> None:
    with pytest.raises(UnitMismatch):
        measured({"ncv_gj_per_t": "21.3", **STATED}, "Nm3", ROLES)


def test_every_property_names_its_range_in_its_own_unit() -> None:
    assert all(item.term.range for item in PROPERTIES.values())
    assert {item.role for item in PROPERTIES.values()} == {
        "ncv",
        "carbon_content",
        "carbon_fraction",
        "oxidation",
        "anode_consumption",
        "sulphur",
        "ash",
    }


# --- binding ---------------------------------------------------------------------------------------


def test_a_measurement_goes_before_the_record() -> None:
    given = {"ncv_gj_per_t": "21.3", **STATED}
    found = bind(FORMULAS["combustion"], matched=DEFAULTS, given=given, method={}, basis="t")
    assert values(found) == {"ncv": 21.3, "carbon_content": 26.18, "oxidation": 0.93}
    assert [found[key].origin for key in ("ncv", "carbon_content")] == ["measured", "factor"]
    assert (found["carbon_content"].text, found["carbon_content"].unit) == ("26.18", "kgC/GJ")


def test_the_datum_goes_before_the_method_and_the_method_fills_the_rest() -> None:
    found = bind(
        FORMULAS["carbonate"],
        matched={"factor": 440.0},
        given={"purity": "0.97"},
        method={"purity": "1", "calcination_ratio": "1"},
        basis="t",
    )
    assert {key: (item.value, item.origin) for key, item in found.items()} == {
        "factor": (440.0, "factor"),
        "purity": (0.97, "datum"),
        "calcination_ratio": (1.0, "method"),
    }
    assert found["factor"].unit == "kg/t"


def test_the_method_fills_a_role_that_no_record_fills() -> None:
    slope = FORMULAS["anode_effect_slope"]
    given, method = {"ae_minutes": "0.2"}, {"c2f6_ratio": "0.1"}
    assert bind(slope, matched={"slope": 0.143}, given=given, method=method, basis="t")["c2f6_ratio"].value == 0.1
    both = {"slope": 0.143, "c2f6_ratio": 0.121}
    assert bind(slope, matched=both, given=given, method=method, basis="t")["c2f6_ratio"].value == 0.121


def test_a_constant_comes_from_the_method_alone() -> None:
    given = {"enthalpy": "2777", "steam_reference_enthalpy": "0"}
    found = bind(
        FORMULAS["steam"],
        matched={"factor.CO2": 110.0},
        given=given,
        method={"steam_reference_enthalpy": "83.74"},
        basis="t",
    )
    assert found["steam_reference_enthalpy"].value == 83.74
    assert found["factor.CO2"].unit == "kg/GJ"


def test_a_default_is_the_last_resort() -> None:
    found = bind(FORMULAS["welding"], matched={}, given={"p_co2": "0.2", "p_ar": "0.8"}, method={}, basis="kg")
    assert found["p_o2"].origin == "default"
    assert found["p_co2"].origin == "datum"
    assert FORMULAS["welding"].gases(values(found))["CO2"] == pytest.approx(8.8 / 40.8, rel=1e-12)


def test_the_moles_lost_are_those_of_the_gas() -> None:
    matched, given = {"mol_per_filling.SF6": 0.342}, {"molar_mass": "146.048"}
    found = bind(FORMULAS["filling"], matched=matched, given=given, method={}, basis="piece")
    assert found["molar_mass"].unit == "g/mol"
    assert FORMULAS["filling"].gases(values(found)) == {"SF6": pytest.approx(0.049948416, rel=1e-12)}


def test_stocks_are_given_in_the_unit_of_the_datum() -> None:
    # 2 t in stock at the beginning, 0.5 t at the end, 10 t bought: 11.5 t = 11500 kg
    found = bind(
        FORMULAS["refrigerant"],
        matched={"gwp.SF6": 23500.0},
        given={"opening": "2", "closing": "0.5"},
        method={},
        basis="kg",
        submitted="t",
        conversion=1000.0,
    )
    assert (found["opening"].value, found["opening"].text, found["opening"].unit) == (2000.0, "2", "t")
    assert FORMULAS["refrigerant"].net_amount(10000.0, values(found)) == 11500.0


def test_corrections_in_a_unit_of_their_own_are_not_converted() -> None:
    matched = {"b0": 0.25, "mcf": 0.8}
    given = {"sludge_cod": "100"}
    found = bind(
        FORMULAS["wastewater"], matched=matched, given=given, method={}, basis="kg", submitted="t", conversion=1000.0
    )
    assert (found["sludge_cod"].value, found["sludge_cod"].unit) == (100.0, "kg")


def test_all_parameters_that_are_no_numbers_are_named() -> None:
    with pytest.raises(OperandNotANumber) as caught:
        bind(FORMULAS["ceramics"], matched={}, given={"caco3": "four", "mgco3": "?"}, method={}, basis="kg")
    assert caught.value.problems == ("caco3 = four", "mgco3 = ?")


def test_what_nothing_fills_stays_out_and_is_missed_by_the_formula() -> None:
    found = bind(FORMULAS["ceramics"], matched={}, given={"caco3": "0.04", "mgco3": "0.015"}, method={}, basis="kg")
    with pytest.raises(OperandMissing, match="utilisation \\(fraction\\)"):
        FORMULAS["ceramics"].gases(values(found))


def test_parameters_that_a_formula_does_not_know_are_told() -> None:
    assert unknown(FORMULAS["carbonate"], {"purty": "0.97", "purity": "0.97", "opening": "1"}) == ("purty",)
    assert unknown(FORMULAS["combustion"], {"ncv_gj_per_t": "21.3", **STATED}) == ()
    assert "sampling" not in accepted(FORMULAS["carbonate"])
