"""Units: exact conversions, refusals, and the reading of every unit that a publisher prints."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.errors import (
    AmbiguousUnit,
    CalorificBasisMismatch,
    ConditionsMissing,
    CurrencyMismatch,
    ImplausibleConditions,
    StandardCoalNeedsRate,
    UnitMismatch,
    UnitRefused,
    UnknownUnit,
)
from factors.library import load
from factors.units import (
    DATA,
    _in_base_units,
    dimension,
    factor_unit,
    multiplier,
    parse_unit,
    to_normal_volume,
    unit_names,
)

UNITS = tuple(unit_names())


@pytest.fixture(scope="module")
def printed():
    return load().units


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("千瓦时", "kWh"),
        ("kWh", "kWh"),
        ("KWH", "kWh"),
        ("ｋＷｈ", "kWh"),  # full-width
        ("度", "kWh"),
        ("千瓦·时", "kWh"),
        ("万千瓦时", "1e4kWh"),
        ("亿千瓦时", "1e8kWh"),
        ("MWh", "MWh"),
        ("兆瓦时", "MWh"),
        ("吨", "t"),
        ("t", "t"),
        ("tonnes", "t"),
        ("公斤", "kg"),
        ("万吨", "1e4t"),
        ("10^4 Nm3", "1e4Nm3"),
        ("10⁴Nm³", "1e4Nm3"),
        ("万标立方米", "1e4Nm3"),
        ("万Nm³", "1e4Nm3"),
        ("标方", "Nm3"),
        ("m³", "m3"),
        ("㎥", "m3"),
        ("m^3", "m3"),
        ("立方米", "m3"),
        ("升", "l"),
        ("tkm", "tkm"),
        ("t·km", "tkm"),
        ("t.km", "tkm"),
        ("tonne-km", "tkm"),
        ("吨公里", "tkm"),
        ("passenger.km", "pkm"),
        ("人公里", "pkm"),
        ("short ton-mile", "short_ton_mile"),
        ("vehicle-mile", "vehicle_mile"),
        ("person", "person"),
        ("间夜", "night"),
        ("吨标准煤", "tce"),
        ("百万千焦", "GJ"),
        ("千立方米", "1e3m3"),
        ("百公里", "1e2km"),
        ("千万元", "1e7CNY"),
        ("千吨公里", "1e3tkm"),
        ("百万大卡", "Gcal"),
        ("万元", "1e4CNY"),
        ("tCO2e", "tCO2e"),
        ("kg CO2-eq", "kgCO2e"),
        ("million litres", "1e6l"),
        ("%", "percent"),
        ("GJ/吨", "GJ/t"),
        ("tC/TJ", "tC/TJ"),
        ("kWh (gross CV)", "kWh_gross"),
    ],
)
def test_people_write_units_in_many_ways(text, unit):
    assert parse_unit(text) == unit


@pytest.mark.parametrize("text", ["mWh", "mwh", "Mwh", "mj", "ton", "MT", "gallon", "加仑", "桶", "mbtu", "￥"])
def test_a_spelling_with_several_meanings_is_asked_back(text):
    with pytest.raises(AmbiguousUnit) as caught:
        parse_unit(text)
    assert caught.value.near


def test_an_unknown_unit_names_near_ones():
    with pytest.raises(UnknownUnit, match="unknown unit 'kWhh'; near it: kWh"):
        parse_unit("kWhh")


@pytest.mark.parametrize("text", ["", "  ", "m/s/t", "/t", "M", "CO2e", "万"])
def test_nonsense_is_no_unit(text):
    with pytest.raises(UnknownUnit):
        parse_unit(text)


def test_no_spelling_belongs_to_two_units():
    spelled: dict[str, str] = {}
    for unit in unit_names().values():
        for text in (unit.id, *unit.exact, *unit.any_case):
            assert spelled.setdefault(text, unit.id) == unit.id, text
            assert parse_unit(text) == unit.id, text


# Exact by definition; the sources stand in factors/data/units.txt.
@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("MWh", "kWh", "1000"),
        ("1e4kWh", "kWh", "10000"),
        ("1e8kWh", "MWh", "100000"),
        ("kWh", "MJ", "3.6"),
        ("tce", "MJ", "29307.6"),  # GB/T 2589-2020: 1 kgce = 29307.6 kJ
        ("kgce", "GJ", "0.0293076"),
        ("short_ton", "kg", "907.18474"),
        ("long_ton", "kg", "1016.0469088"),
        ("metric ton*km", "kg*km", "1000"),
        ("kBq", "Bq", "1000"),
        ("sh tn", "lb", "2000"),
        ("person*km", "pkm", "1"),
        ("bbl", "l", "158.987294928"),  # 42 US gallons of 231 cubic inches
        ("gal_us", "l", "3.785411784"),
        ("gal_imp", "l", "4.54609"),
        ("ft3", "m3", "0.028316846592"),
        ("mmBtu", "MJ", "1055.05585262"),
        ("Gcal", "GJ", "4.1868"),
        ("lb", "kg", "0.45359237"),
        ("mile", "km", "1.609344"),
        ("nautical_mile", "km", "1.852"),
        ("vehicle_mile", "vehicle_km", "1.609344"),
        ("vehicle_km", "km", "1"),
        ("short_ton_mile", "tkm", "1.45997231821056"),  # 0.90718474 x 1.609344
        ("passenger_mile", "pkm", "1.609344"),
        ("1e4Nm3", "Nm3", "10000"),
        ("percent", "fraction", "0.01"),
        ("kt", "t", "1000"),
        ("tC", "kgC", "1000"),
        ("tCO2e", "kgCO2e", "1000"),
        ("GJ/t", "MJ/kg", "1"),
        ("GJ/1e4Nm3", "MJ/Nm3", "0.1"),
        ("kg/TJ", "kg/GJ", "0.001"),
        ("1e4CNY", "CNY", "10000"),
    ],
)
def test_conversions_are_exact(one, other, factor):
    assert multiplier(one, other) == Decimal(factor)


@pytest.mark.parametrize(
    ("one", "other", "error", "text"),
    [
        ("kWh", "kg", UnitMismatch, "cannot turn kWh (energy) into kg (mass)"),
        ("tCO2e", "t", UnitMismatch, "cannot turn tCO2e (co2e) into t (mass)"),
        ("kgC", "kg", UnitMismatch, "cannot turn kgC (carbon) into kg (mass)"),
        ("tkm", "km", UnitMismatch, "cannot turn tkm (freight work) into km (length)"),
        ("kg/kWh", "kg", UnitMismatch, "cannot turn kg/kWh (mass/energy) into kg (mass)"),
        ("Nm3", "m3", ConditionsMissing, "state temperature and pressure"),
        ("scf", "Nm3", ConditionsMissing, "state temperature and pressure"),
        ("kWh_gross", "kWh", CalorificBasisMismatch, "net to gross"),
        ("mmBtu", "mmBtu_gross", CalorificBasisMismatch, "net to gross"),
        ("kWh", "tce", StandardCoalNeedsRate, "calorific value, or the equivalent value"),
        ("kgce", "MWh", StandardCoalNeedsRate, "calorific value, or the equivalent value"),
        ("USD", "1e4CNY", CurrencyMismatch, "exchange rate"),
    ],
)
def test_what_measures_something_else_is_refused(one, other, error, text):
    with pytest.raises(UnitMismatch) as caught:
        multiplier(one, other)
    assert type(caught.value) is error
    assert text in str(caught.value)


def test_heat_becomes_standard_coal_though_electricity_does_not():
    assert multiplier("GJ", "kgce") == Decimal("34.12084237535656280282247608")  # 1000 / 29.3076


same_dimension = st.sampled_from(UNITS).flatmap(
    lambda one: st.tuples(st.just(one), st.sampled_from([u for u in UNITS if dimension(u) == dimension(one)]))
)


@given(same_dimension, st.decimals("0.000001", "1000000000", places=6))
def test_there_and_back(pair, amount):
    one, other = pair
    try:
        there = multiplier(one, other)
    except UnitMismatch:
        assert dimension(one) in ("money", "energy")
        return
    back = amount * there * multiplier(other, one)
    assert abs(back - amount) <= abs(amount) * Decimal("1e-24")


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_a_clear_refusal(text):
    try:
        unit = parse_unit(text)
    except UnknownUnit:  # the only refusal there is
        return
    assert parse_unit(unit) == unit
    assert dimension(unit)


def test_dimensions_of_the_names_and_of_the_registry_agree():
    for one in UNITS:
        for other in UNITS:
            if dimension(one) != dimension(other):
                with pytest.raises(UnitMismatch):
                    multiplier(one, other)


def test_normal_volume_by_hand():
    # 1000 m3 at 20 degC and 101.325 kPa: 1000 x 273.15 / 293.15
    assert to_normal_volume(Decimal(1000), Decimal(20), Decimal("101.325")) == Decimal("931.7755415316390926147023708")
    # 100 m3 at 0 degC and 202.65 kPa: twice the pressure, twice the gas
    assert to_normal_volume(Decimal(100), Decimal(0), Decimal("202.65")) == 200


@pytest.mark.parametrize(("celsius", "kpa"), [("293.15", "-5"), ("-273.15", "101.325"), ("20", "0.1"), ("500", "101")])
def test_implausible_conditions_are_refused(celsius, kpa):
    with pytest.raises(ImplausibleConditions, match="not the conditions of a gas meter"):
        to_normal_volume(Decimal(1), Decimal(celsius), Decimal(kpa))


def test_every_printed_spelling_is_read_or_refused_with_a_reason(printed):
    assert len(printed) >= 129
    for unit in printed.values():
        if unit.is_usable:
            assert dimension(unit.numerator)
            assert not unit.denominator or dimension(unit.denominator)
        else:
            assert unit.reason


def test_every_spelling_of_the_library_is_in_the_table():
    library = load()
    spellings = {factor.unit for factor in library.factors.values()}
    assert len(spellings) == 129
    assert spellings <= set(library.units)


@pytest.mark.parametrize(
    ("spelling", "numerator", "of", "denominator", "denominator_of", "basis"),
    [
        ("kg CO2e/tonne.km", "kgCO2e", "co2e", "tkm", "", ""),
        ("kg CO2e/TonneKilometre", "kgCO2e", "co2e", "tkm", "", ""),
        ("kg C/GJ", "kgC", "carbon", "GJ", "", "net"),
        ("tC/TJ", "tC", "carbon", "TJ", "", "net"),
        ("TJ/Gg", "TJ", "energy", "kt", "", "net"),
        ("kg CO2e/kWh (Net CV)", "kgCO2e", "co2e", "kWh", "", "net"),
        ("kg CO2e/kWh (Gross CV)", "kgCO2e", "co2e", "kWh_gross", "", "gross"),
        ("kg/TJ (NCV)", "kg", "gas", "TJ", "", "net"),
        ("kg/mmBtu", "kg", "gas", "mmBtu_gross", "", "gross"),
        ("mmBtu/short ton", "mmBtu_gross", "energy", "short_ton", "", "gross"),
        ("t CO2/t CaO", "t", "gas", "t", "CaO formed from carbonate", ""),
        ("GJ/10^4 Nm3", "GJ", "energy", "1e4Nm3", "", "net"),
        ("lb/MWh", "lb", "gas", "MWh", "", ""),
        ("kg CO2e/Room per night", "kgCO2e", "co2e", "night", "one room", ""),
        ("mol/filling", "mol", "mol", "piece", "filling operation", ""),
        ("kgce/kWh", "kgce", "energy", "kWh", "electricity, calorific value", ""),
        ("t/10^4 Nm3", "t", "density", "1e4Nm3", "", ""),
    ],
)
def test_the_traps_among_the_printed_units(printed, spelling, numerator, of, denominator, denominator_of, basis):
    unit = printed[spelling]
    read = (unit.numerator, unit.of, unit.denominator, unit.denominator_of, unit.basis)
    assert read == (numerator, of, denominator, denominator_of, basis)


def test_the_slope_coefficient_is_no_emission_per_tonne(printed):
    for spelling in ("(kg CF4/t Al)/(AE-min/cell-day)", "(kg PFC/tAl)/(AE-Minutes/cellday)"):
        assert printed[spelling].of == "slope"


def test_what_cannot_be_a_factor_is_refused(printed):
    refused = {unit.spelling for unit in printed.values() if not unit.is_usable}
    assert {"TJ/kt", "% reduction", "(kg PFC/tAl)/(mV/day)"} <= refused
    with pytest.raises(UnitRefused, match="kt is kilotonne here"):
        printed["TJ/kt"].scale_to("GJ", "t")


# Each by hand: printed unit, wanted unit, multiplier.
@pytest.mark.parametrize(
    ("spelling", "numerator", "denominator", "factor"),
    [
        ("t CO2/10^4 Nm3", "kg", "Nm3", "0.1"),
        ("kg CO2e/million litres", "kgCO2e", "m3", "0.001"),
        ("%", "fraction", "", "0.01"),
        ("kg/TJ (NCV)", "kg", "GJ", "0.001"),
        ("t CO2e/t", "kgCO2e", "kg", "1"),
        ("kg CO2/kWh", "kg", "MWh", "1000"),
        ("mg/km", "kg", "km", "0.000001"),
        ("tC/TJ", "kgC", "GJ", "1"),
    ],
)
def test_a_printed_value_is_scaled_to_another_unit(printed, spelling, numerator, denominator, factor):
    assert printed[spelling].scale_to(numerator, denominator) == Decimal(factor)


def test_scaling_to_something_else_is_refused(printed):
    with pytest.raises(UnitMismatch, match="cannot turn kgCO2e"):
        printed["kg CO2e/kWh"].scale_to("kg", "kWh")
    with pytest.raises(CalorificBasisMismatch):
        printed["kg CO2e/kWh (Gross CV)"].scale_to("kgCO2e", "kWh")
    with pytest.raises(UnitMismatch, match="kgCO2e/kWh"):
        printed["kg CO2e/kWh"].scale_to("kgCO2e")


GOOD = {
    "spelling": "kg/x",
    "numerator": "kg",
    "of": "gas",
    "denominator": "t",
    "denominator_of": "",
    "basis": "",
    "multiplier": "1",
    "status": "use",
    "reason": "",
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"basis": "higher"}, "outside its list"),
        ({"status": "maybe"}, "outside its list"),
        ({"of": "smell"}, "needs a numerator and one of"),
        ({"numerator": ""}, "needs a numerator"),
        ({"status": "refuse"}, "needs its reason"),
        ({"numerator": "kilogram"}, "unknown unit 'kilogram'; near it: kg"),
    ],
)
def test_a_row_of_the_reviewed_table_is_checked(change, text):
    assert factor_unit(GOOD).is_usable
    with pytest.raises((ValueError, UnknownUnit), match=text):
        factor_unit(GOOD | change)


def test_what_pint_reads_is_what_is_kept(monkeypatch, tmp_path):
    before = {name: multiplier(name, UNITS[0]) for name in ("kg", "g", "t")}
    monkeypatch.setenv("TANJI_CACHE", str(tmp_path))
    _in_base_units.cache_clear()
    multiplier.cache_clear()
    assert {name: multiplier(name, UNITS[0]) for name in before} == before
    assert len(list(tmp_path.glob("units-*"))) == 1


def test_importing_units_does_not_import_pint():
    code = "import sys, factors.units; factors.units.parse_unit('万千瓦时'); sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=DATA.parents[1], check=False).returncode == 0


@pytest.mark.parametrize(
    ("code", "amount", "unit"),
    [  # code and value as table 4 onwards of the Unified Code for Units of Measure, version 2.2, has them
        ("kW.h", "3.6", "MJ"),
        ("MW.h", "3600", "MJ"),
        ("t.km", "1", "tkm"),
        ("[lb_av]", "0.45359237", "kg"),
        ("[ston_av]", "907.18474", "kg"),
        ("[lton_av]", "1016.0469088", "kg"),
        ("[Btu_IT]", "0.00105505585262", "MJ"),
        ("kcal_IT", "0.0041868", "MJ"),
        ("[cft_i]", "0.028316846592", "m3"),
        ("[gal_us]", "0.003785411784", "m3"),
        ("[gal_br]", "0.00454609", "m3"),
        ("[bbl_us]", "0.158987294928", "m3"),
        ("[mi_i]", "1.609344", "km"),
        ("[nmi_i]", "1.852", "km"),
        ("har", "10000", "m2"),
    ],
)
def test_codes_of_ucum_are_known(code: str, amount: str, unit: str) -> None:
    assert multiplier(code, unit) == Decimal(amount)
