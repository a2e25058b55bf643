"""Global warming potentials: published values, blends, and what is never weighted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.errors import NotAMass, UnknownGas
from factors.gwp import co2e, gwp_sets
from factors.library import load

SETS = load().gwp_sets


# IPCC AR4 Table 2.14, AR5 Table 8.A.1, AR6 Tables 7.SM.7 and 7.15 (100 years)
@pytest.mark.parametrize(
    ("name", "gas", "value"),
    [
        ("AR4", "CO2", "1"),
        ("AR4", "CH4", "25"),
        ("AR4", "CH4_fossil", "25"),
        ("AR4", "CH4_biogenic", "25"),
        ("AR4", "N2O", "298"),
        ("AR4", "SF6", "22800"),
        ("AR5", "CH4", "28"),
        ("AR5", "CH4_fossil", "30"),
        ("AR5", "CH4_biogenic", "28"),
        ("AR5", "N2O", "265"),
        ("AR5", "CF4", "6630"),
        ("AR5", "C2F6", "11100"),
        ("AR6", "CH4", "27.9"),
        ("AR6", "CH4_fossil", "29.8"),
        ("AR6", "CH4_biogenic", "27.0"),
        ("AR6", "N2O", "273"),
        ("AR6", "SF6", "24300"),
        ("AR6", "HFC-134a", "1530"),
    ],
)
def test_published_potentials(name, gas, value):
    assert SETS[name].value(gas) == Decimal(value)


def test_the_three_sets_are_there():
    assert tuple(SETS) == ("AR4", "AR5", "AR6")
    assert all(each.name == name for name, each in SETS.items())


def test_a_superseded_or_second_print_is_never_used():
    records = load().factors
    assert records["gwp-ar6-sf6-first-printing"].refusal == "superseded"
    assert SETS["AR6"].factor_id("SF6") == "gwp-ar6-sf6"
    assert SETS["AR6"].factor_id("HFC-134a") == "gwp-ar6-hfc-134a"
    used = {record for each in SETS.values() for _, record in each.values.values()}
    assert not used & {"gwp-ar6-sf6-first-printing", "gwp-ar6-hfc-134a-t715"}


# Mass fractions of ASHRAE 34 times AR5 components: R-410A 0.5 x 677 + 0.5 x 3170 = 1923.5
@pytest.mark.parametrize(
    ("name", "blend", "value"),
    [
        ("AR5", "R-410A", "1923.5"),
        ("AR6", "R-410A", "2255.5"),
        ("AR5", "R-404A", "3942.8"),
        ("AR4", "R-507A", "3985.0"),
    ],
)
def test_blends_by_name(name, blend, value):
    assert SETS[name].value(blend) == Decimal(value)


@pytest.mark.parametrize(
    ("name", "gas"),
    [("R-134a", "HFC-134a"), ("R134a", "HFC-134a"), ("R22", "HCFC-22"), ("R-12", "CFC-12"), ("r410a", "R-410A")],
)
def test_a_single_refrigerant_by_its_number(name, gas):
    assert SETS["AR6"].value(name) == SETS["AR6"].value(gas)


@pytest.mark.parametrize("gas", ["HFC-134b", "ch4_fosil", "R-999Z", "unobtainium", "CO2_biogenic"])
def test_an_unknown_gas_is_refused(gas):
    with pytest.raises(UnknownGas, match="no AR6 warming potential"):
        SETS["AR6"].value(gas)


def test_an_unknown_gas_names_near_ones():
    with pytest.raises(UnknownGas) as caught:
        SETS["AR6"].value("HFC134a")
    assert "HFC-134a" in caught.value.near


def test_masses_become_co2e_by_hand():
    # 1000 kg CO2 + 2 kg fossil CH4 x 29.8 + 0.5 kg N2O x 273 = 1000 + 59.6 + 136.5
    masses = {"CO2": Decimal(1000), "CH4_fossil": Decimal(2), "N2O": Decimal("0.5")}
    assert co2e(masses, SETS["AR6"]) == Decimal("1196.1")


def test_biogenic_co2_stays_beside_the_total():
    assert co2e({"CO2": Decimal(3), "CO2_biogenic": Decimal(5000)}, SETS["AR6"]) == 3


def test_what_is_weighted_is_never_weighted_again():
    with pytest.raises(NotAMass, match="must not be weighted again"):
        co2e({"CO2e": Decimal(1)}, SETS["AR6"])


gases = st.dictionaries(
    st.sampled_from(sorted(SETS["AR6"].values)), st.decimals("0", "1000000", places=3), min_size=1, max_size=6
)


@given(gases)
def test_the_total_is_the_sum_of_the_gases(masses):
    each = (co2e({gas: mass}, SETS["AR6"]) for gas, mass in masses.items())
    assert co2e(masses, SETS["AR6"]) == sum(each, start=Decimal(0))


@given(gases)
def test_twice_the_gas_is_twice_the_co2e(masses):
    twice = {gas: 2 * mass for gas, mass in masses.items()}
    assert co2e(twice, SETS["AR6"]) == 2 * co2e(masses, SETS["AR6"])


def test_a_set_without_methane_has_none():
    nitrous_oxide = load().factors["gwp-ar6-n2o"]
    sets = gwp_sets([nitrous_oxide])
    assert sets["AR6"].value("N2O") == 273
    with pytest.raises(UnknownGas, match="no AR6 warming potential for 'CH4_fossil'"):
        sets["AR6"].value("CH4_fossil")
