"""Every formula: its sum as printed gives its gases, its roles and ranges hold, what is impossible is refused."""

from __future__ import annotations

import csv
import math
import re

import pytest

from lca.errors import NetAmountNegative, OperandMissing, OperandOutOfRange
from lca.formulas import FORMULAS, Formula
from lca.formulas.base import ANY_GAS, Term
from lca.formulas.chemistry import TABLE, co2_per, molar_mass, molar_masses, ratio_text

# One plausible set of operands for every formula; each key says which gas a per-gas value is for.
SAMPLES: dict[str, dict[str, float]] = {
    "published": {"factor.CO2": 0.4403, "factor.CH4_fossil": 0.00002},
    "none": {},
    "handed_over": {"co2_content": 0.98},
    "reported": {"share": 0.3},
    "combustion": {"ncv": 19.57, "carbon_content": 26.18, "oxidation": 0.93, "ch4": 10, "n2o": 1.5},
    "combustion_carbon": {"carbon_fraction": 0.55, "oxidation": 0.99, "ncv": 19.57, "ch4": 10, "n2o": 1.5},
    "fuel_energy": {"ncv": 40.2, "co2": 73300, "ch4": 30, "n2o": 4},
    "fuel_supply": {"ncv": 42.652, "factor.CO2e": 17.475},
    "biomass_energy": {"ncv": 15.6, "co2": 112000, "ch4": 30, "n2o": 4},
    "alternative_fuel": {
        "ncv": 10,
        "co2": 91700,
        "co2_biogenic": 100000,
        "ch4": 30,
        "n2o": 4,
        "biogenic_fraction": 0.4,
    },
    "carbonate": {"factor": 440, "purity": 0.97, "calcination_ratio": 0.99},
    "clinker_oxides": {"cao": 0.65, "cao_noncarbonate": 0.01, "mgo": 0.018, "mgo_noncarbonate": 0.001},
    "clinker_factor": {"factor": 535},
    "deduction": {"factor": 480},
    "organic_carbon": {"organic_carbon": 0.001},
    "carbon": {"carbon_fraction": 40.9, "carbon_to_co2": 44 / 12},
    "fixed_carbon": {"factor": 37},
    "anode": {"anode_consumption": 411, "sulphur": 0.02, "ash": 0.004},
    "anode_effect": {"cf4": 0.02, "c2f6": 0.0011},
    "anode_effect_slope": {"slope": 0.143, "c2f6_ratio": 0.1, "ae_minutes": 0.2},
    "carbon_powder": {"carbon_content": 0.95},
    "ceramics": {"utilisation": 0.9, "caco3": 0.04, "mgco3": 0.015},
    "lime_oxides": {"cao": 0.9, "mgo": 0.02},
    "oxalic_acid": {"factor": 349, "purity": 0.996},
    "welding": {"p_co2": 0.2, "p_ar": 0.78, "p_o2": 0.02, "p_n2": 0, "p_he": 0, "p_h2": 0},
    "refrigerant": {"gwp.R-410A": 1923.5},
    "filling": {"mol_per_filling.SF6": 0.342, "molar_mass": 146.048},
    "wastewater": {"b0": 0.25, "mcf": 0.8},
    "wastewater_volume": {"b0": 0.25, "mcf": 0.3, "cod_in": 3.0, "cod_out": 0.5},
    "steam": {"factor.CO2": 110, "enthalpy": 2777, "steam_reference_enthalpy": 83.74},
    "hot_water": {
        "factor.CO2": 110,
        "temperature": 90,
        "water_reference_temperature": 20,
        "water_heat_capacity": 4.1868,
    },
    "freight": {"factor.CO2e": 0.08, "distance_km": 800},
    "commuting": {"factor.CO2e": 0.17, "days": 230, "km_per_day": 24},
    "use_of_sold": {"factor.CO2": 0.57, "lifetime_years": 10, "use_kwh_per_year": 200},
    "abated": {"factor.N2O": 8, "abatement_efficiency": 0.8, "abatement_uptime": 0.95},
}


def evaluated(item: Formula, gas: str, x: dict[str, float], amount: float) -> float:
    """Work out the printed sum by ordinary arithmetic: an independent reading of the chemistry."""
    values = {"AD": amount}
    for term in item.terms:
        key = f"{term.key}.{gas}" if term.per_gas else term.key
        if key in x:
            values[term.symbol] = x[key]
    printed = item.expressions.get(gas) or item.expressions[ANY_GAS]
    python = printed.replace("×", "*").replace("−", "-")
    names = {symbol: f"v{index}" for index, symbol in enumerate(values)}
    python = re.sub(r"[^\W\d]\w*", lambda found: names[found.group()], python)
    return float(eval(python, {"__builtins__": {}}, {names[symbol]: value for symbol, value in values.items()}))


def test_every_formula_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMULAS)


@pytest.mark.parametrize("identifier", sorted(FORMULAS))
def test_the_printed_sum_gives_the_gases(identifier: str) -> None:
    item, x = FORMULAS[identifier], SAMPLES[identifier]
    gases = item.gases(x)
    assert set(item.expressions) - {ANY_GAS} <= set(gases)
    for gas, kilograms in gases.items():
        assert math.isclose(evaluated(item, gas, x, 7.0), 7.0 * kilograms, rel_tol=1e-12), gas


@pytest.mark.parametrize("identifier", sorted(FORMULAS))
def test_a_formula_names_everything_it_lacks(identifier: str) -> None:
    required = [term.key for term in FORMULAS[identifier].terms if term.required]
    if not required:
        assert FORMULAS[identifier].gases({}) == {}
        return
    with pytest.raises(OperandMissing) as caught:
        FORMULAS[identifier].gases({})
    assert [text.split(" ")[0] for text in caught.value.missing] == required
    assert all("(" in text for text in caught.value.missing)


@pytest.mark.parametrize("identifier", sorted(FORMULAS))
def test_terms_have_words_units_and_one_symbol_each(identifier: str) -> None:
    item = FORMULAS[identifier]
    symbols = [term.symbol for term in item.terms]
    assert len(set(symbols)) == len(symbols)
    assert "AD" not in symbols
    for term in (*item.terms, *item.stock):
        assert term.unit
        assert term.name_en
        assert term.name_zh
        assert term.default in (None, "0")  # a published default is the method's, never the formula's
    assert item.name_zh != item.name_en


# --- chemistry -------------------------------------------------------------------------------------

# CIAAW 2021, abridged: the weights that molar_masses.yaml names.
ATOMS = {
    "H": 1.008,
    "He": 4.0026,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "F": 18.998,
    "Mg": 24.305,
    "S": 32.06,
    "Cl": 35.45,
    "Ar": 39.95,
    "Ca": 40.078,
}


def test_molar_masses_are_the_sums_of_their_atoms() -> None:
    with TABLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            atoms = re.findall(r"([A-Z][a-z]?)(\d*)", row["formula"])
            mass = sum(ATOMS[atom] * int(count or 1) for atom, count in atoms)
            assert math.isclose(float(row["iupac"]), mass, abs_tol=5e-4), row["substance"]
            if row["guideline"]:
                assert abs(float(row["guideline"]) - mass) < 0.5, row["substance"]


def test_ratios_are_the_ones_that_the_guidelines_print() -> None:
    assert [ratio_text(name) for name in ("C", "CaO", "MgO", "CaCO3", "MgCO3")] == [
        "44/12",
        "44/56",
        "44/40",
        "44/100",
        "44/84",
    ]
    assert co2_per("C") == 44 / 12
    assert co2_per("MgO") == 1.1  # 44/56 here, as one public program has it, would lose a third of it
    assert molar_mass("HFC-134a") == 102.03
    assert "SF6" in molar_masses()


# --- by hand ---------------------------------------------------------------------------------------


def test_combustion_by_hand() -> None:
    # 19.57 GJ/t x 26.18 kgC/GJ x 0.93 x 44/12 = 1747.088266 kg/t; 19.57 x 10/1000, 19.57 x 1.5/1000 kg/t
    gases = FORMULAS["combustion"].gases(SAMPLES["combustion"])
    assert gases == pytest.approx({"CO2": 1747.088266, "CH4_fossil": 0.1957, "N2O": 0.029355}, rel=1e-12)


def test_combustion_counts_ch4_and_n2o_only_where_they_were_matched() -> None:
    x = {"ncv": 19.57, "carbon_content": 26.18, "oxidation": 0.93}
    assert set(FORMULAS["combustion"].gases(x)) == {"CO2"}
    assert set(FORMULAS["combustion"].gases({**x, "n2o": 1.5})) == {"CO2", "N2O"}


def test_biomass_co2_stands_apart_and_its_ch4_is_biogenic() -> None:
    # 15.6 GJ/t x 112000 kg/TJ / 1000 = 1747.2; x 30 / 1000 = 0.468; x 4 / 1000 = 0.0624
    gases = FORMULAS["biomass_energy"].gases(SAMPLES["biomass_energy"])
    assert gases == pytest.approx({"CO2_biogenic": 1747.2, "CH4_biogenic": 0.468, "N2O": 0.0624}, rel=1e-12)


def test_alternative_fuel_is_split_by_its_biogenic_share() -> None:
    # 10 GJ/t: fossil 0.6 x 917 = 550.2, biogenic 0.4 x 1000 = 400; CH4 0.3 kg/t as 0.18 and 0.12; N2O 0.04
    gases = FORMULAS["alternative_fuel"].gases(SAMPLES["alternative_fuel"])
    assert gases == pytest.approx(
        {"CO2": 550.2, "CO2_biogenic": 400.0, "CH4_fossil": 0.18, "CH4_biogenic": 0.12, "N2O": 0.04}, rel=1e-12
    )
    without = {key: value for key, value in SAMPLES["alternative_fuel"].items() if key not in ("ch4", "n2o")}
    assert set(FORMULAS["alternative_fuel"].gases(without)) == {"CO2", "CO2_biogenic"}


def test_carbonate_with_purity_and_share_calcined() -> None:
    # 440 kg/t x 0.97 x 0.99 = 422.532 kg/t
    assert FORMULAS["carbonate"].gases(SAMPLES["carbonate"])["CO2"] == pytest.approx(422.532, rel=1e-12)


def test_anode_effect_keeps_the_gases_apart() -> None:
    # 0.143 x 0.2 min = 0.0286 kg CF4/t; x 0.1 = 0.00286 kg C2F6/t
    gases = FORMULAS["anode_effect_slope"].gases(SAMPLES["anode_effect_slope"])
    assert gases == pytest.approx({"CF4": 0.0286, "C2F6": 0.00286}, rel=1e-12)


def test_welding_gas_is_mass_not_moles() -> None:
    # 20 % CO2, 80 % Ar: 0.2 x 44 / (0.8 x 40 + 0.2 x 44) = 8.8 / 40.8 = 0.215686...
    assert FORMULAS["welding"].gases({"p_co2": 0.2, "p_ar": 0.8})["CO2"] == pytest.approx(8.8 / 40.8, rel=1e-12)


def test_filling_turns_moles_into_kilograms() -> None:
    # 0.342 mol x 146.048 g/mol = 49.948416 g
    assert FORMULAS["filling"].gases(SAMPLES["filling"]) == pytest.approx({"SF6": 0.049948416}, rel=1e-12)


def test_a_blend_keeps_its_name() -> None:
    assert FORMULAS["refrigerant"].gases({"gwp.R-410A": 2255.5}) == {"R-410A": 1.0}


def test_hot_water_at_or_below_the_reference_is_refused() -> None:
    with pytest.raises(OperandOutOfRange, match="temperature = 20, expected above 20"):
        FORMULAS["hot_water"].gases({**SAMPLES["hot_water"], "temperature": 20.0})


def test_lime_by_oxides() -> None:
    # 0.9 x 44/56 + 0.02 x 44/40 = 0.7071428571 + 0.022
    assert FORMULAS["lime_oxides"].gases(SAMPLES["lime_oxides"])["CO2"] == pytest.approx(0.9 * 44 / 56 + 0.022)


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "wrong", "message"),
    [
        ("combustion", {"oxidation": 98}, "oxidation = 98, expected 0 < oxidation <= 1"),
        ("combustion", {"ncv": 0}, "ncv = 0, expected 0 < ncv"),
        ("combustion", {"ncv": math.nan}, "ncv = nan, expected 0 < ncv"),
        ("combustion", {"ch4": math.inf}, "ch4 = inf, expected 0 <= ch4"),
        ("carbonate", {"purity": 97}, "purity = 97, expected 0 <= purity <= 1"),
        ("carbonate", {"factor": math.inf}, "factor = inf, expected a finite number"),
        ("clinker_oxides", {"cao": 65}, "cao = 65, expected 0 <= cao <= 1"),
        ("clinker_oxides", {"cao_noncarbonate": 0.7}, "cao_noncarbonate = 0.7, expected at most cao = 0.65"),
        ("clinker_oxides", {"mgo_noncarbonate": 0.02}, "mgo_noncarbonate = 0.02, expected at most mgo = 0.018"),
        ("clinker_oxides", {"mgo": 0.5}, "cao \\+ mgo = 1.15, expected at most 1"),
        ("ceramics", {"caco3": 0.99}, "caco3 \\+ mgco3 = 1.005, expected at most 1"),
        ("lime_oxides", {"mgo": 0.2}, "cao \\+ mgo = 1.1, expected at most 1"),
        ("anode", {"sulphur": 2}, "sulphur = 2, expected 0 <= sulphur <= 0.1"),
        ("anode_effect_slope", {"ae_minutes": 1500}, "ae_minutes = 1500, expected 0 <= ae_minutes <= 1440"),
        ("welding", {"p_ar": 0.1}, "sum of the volume shares p_… = 0.32, expected 1"),
        ("wastewater", {"b0": 0.6}, "b0 = 0.6, expected 0 < b0 <= 0.25"),
        ("steam", {"enthalpy": 2.777}, "enthalpy = 2.777, expected 419 <= enthalpy <= 4200"),
        ("organic_carbon", {"organic_carbon": 0.2}, "organic_carbon = 0.2, expected 0 <= organic_carbon <= 0.05"),
        ("filling", {"molar_mass": 0.146}, "molar_mass = 0.146, expected 2 <= molar_mass <= 400"),
    ],
)
def test_impossible_operands_are_named(identifier: str, wrong: dict[str, float], message: str) -> None:
    with pytest.raises(OperandOutOfRange, match=message):
        FORMULAS[identifier].gases(SAMPLES[identifier] | wrong)


def test_all_impossible_operands_are_named_together() -> None:
    with pytest.raises(OperandOutOfRange) as caught:
        FORMULAS["combustion"].gases({"ncv": -1, "carbon_content": 2618, "oxidation": 93})
    assert caught.value.problems == (
        "ncv = -1, expected 0 < ncv",
        "carbon_content = 2618, expected 0 < carbon_content <= 100",
        "oxidation = 93, expected 0 < oxidation <= 1",
    )


def test_a_factor_may_be_negative() -> None:
    assert FORMULAS["published"].gases({"factor.CO2e": -1.24}) == {"CO2e": -1.24}


def test_keys_of_no_term_are_left_alone() -> None:
    assert FORMULAS["fixed_carbon"].gases({"factor": 37, "printed_co2": 1.9}) == {"CO2": 37}


def test_a_range_without_limits_is_no_text() -> None:
    assert Term("x", "x", "1", "x", "x").range == ""
    assert Term("x", "x", "1", "x", "x", high=3).range == "x <= 3"


# --- printing --------------------------------------------------------------------------------------


def test_the_sum_is_printed_as_a_person_writes_it() -> None:
    operands = {"ncv": "19.57 GJ/t", "carbon_content": "26.18 tC/TJ", "oxidation": "0.93"}
    written = FORMULAS["combustion"].written("CO2", "10000 t", operands)
    assert written == "10000 t × 19.57 GJ/t × 26.18 tC/TJ × 0.93 × 44/12"
    assert FORMULAS["combustion"].expression.startswith("CO2 = AD × NCV × CC × OF × 44/12; CH4_fossil = AD × NCV")


def test_the_sum_of_a_per_gas_factor_takes_the_factor_of_its_gas() -> None:
    operands = {"factor.CO2": "0.4403 kg/kWh", "factor.N2O": "0.00001 kg/kWh"}
    assert FORMULAS["published"].written("CO2", "1200 kWh", operands) == "1200 kWh × 0.4403 kg/kWh"
    assert FORMULAS["published"].written("CH4", "1200 kWh", operands) == "1200 kWh × EF"
    assert FORMULAS["published"].expression == "AD × EF"


# --- stocks ----------------------------------------------------------------------------------------


def test_consumption_from_stock() -> None:
    # opening 12 + bought 100 - closing 7 - sold 3 - other uses 2 = 100
    x = {"opening": 12.0, "closing": 7.0, "sold": 3.0, "other_uses": 2.0}
    assert FORMULAS["combustion"].net_amount(100.0, x) == 100.0
    assert FORMULAS["combustion"].net_amount(100.0, {"closing": 7.0}) == 93.0
    assert FORMULAS["combustion"].net_amount(100.0, {"ncv": 20.0}) == 100.0
    assert FORMULAS["anode"].net_amount(100.0, {"closing": 7.0}) == 100.0  # a product has no stock to burn


def test_more_left_than_there_was_is_refused() -> None:
    with pytest.raises(NetAmountNegative, match=r"net amount -5.0 is below zero: 10.0 with closing = 15"):
        FORMULAS["refrigerant"].net_amount(10.0, {"closing": 15.0})


def test_wastewater_takes_off_sludge_and_recovered_methane() -> None:
    # (TOW - S) x B0 x MCF - R = (1000 - 100) x 0.25 x 0.8 - 20 = 160 kg CH4
    x = {"b0": 0.25, "mcf": 0.8, "sludge_cod": 100.0, "recovered_ch4": 20.0}
    item = FORMULAS["wastewater"]
    assert item.net_amount(1000.0, x) * item.gases(x)["CH4_biogenic"] == pytest.approx(160.0, rel=1e-12)
    assert item.net_amount(1000.0, {"b0": 0.25, "mcf": 0.0, "sludge_cod": 100.0}) == 900.0
    assert item.net_amount(1000.0, {"b0": 0.25, "mcf": 0.8, "recovered_ch4": 20.0}) == pytest.approx(900.0)


def test_methane_recovered_where_none_forms_is_refused() -> None:
    with pytest.raises(NetAmountNegative, match="recovered_ch4 = 20"):
        FORMULAS["wastewater"].net_amount(1000.0, {"b0": 0.25, "mcf": 0.0, "recovered_ch4": 20.0})
