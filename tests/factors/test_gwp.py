"""Global warming potentials: published values, blends, names."""

from decimal import Decimal

import pytest

from factors.errors import UnknownGas
from factors.gwp import gwp_sets
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
    assert SETS["AR6"].values["SF6"] == (Decimal(24300), "gwp-ar6-sf6")
    assert SETS["AR6"].values["HFC-134a"] == (Decimal(1530), "gwp-ar6-hfc-134a")
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


def test_a_set_without_methane_has_none():
    nitrous_oxide = load().factors["gwp-ar6-n2o"]
    sets = gwp_sets([nitrous_oxide])
    assert sets["AR6"].value("N2O") == 273
    with pytest.raises(UnknownGas, match="no AR6 warming potential for 'CH4_fossil'"):
        sets["AR6"].value("CH4_fossil")
