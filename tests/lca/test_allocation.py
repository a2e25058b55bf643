"""Shares of co-products: they add up to one, follow the stated quantity, and refuse rows by name."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lca import errors
from lca.allocation import CoProduct, PerUnit, by_energy, by_mass, by_property, by_quantity, by_value, per_unit
from lca.allocation import given as given_shares

amounts = st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=12)
STEEL, SLAG, GAS = CoProduct("steel", 1000, "kg"), CoProduct("slag", 0.25, "t"), CoProduct("gas", 3.6, "GJ")


def products(masses: list[float], unit: str = "kg") -> list[CoProduct]:
    return [CoProduct(f"row {number}", mass, unit) for number, mass in enumerate(masses)]


@given(masses=amounts)
def test_shares_add_up_to_one_and_the_burden_is_whole(masses: list[float]) -> None:
    shares = by_mass(products(masses))
    assert math.isclose(math.fsum(shares.values()), 1, rel_tol=1e-12)
    burdens = [per_unit(500, shares[one.row], one.amount) * one.amount for one in products(masses)]
    assert math.isclose(math.fsum(burdens), 500, rel_tol=1e-9)


@given(masses=amounts, scale=st.floats(1e-3, 1e3))
def test_shares_do_not_depend_on_the_size_or_the_unit(masses: list[float], scale: float) -> None:
    shares = by_mass(products(masses))
    for other in (by_mass(products([mass * scale for mass in masses])), by_mass(products(masses, "t"))):
        assert all(math.isclose(shares[row], other[row], rel_tol=1e-9) for row in shares)


@given(masses=amounts, price=st.floats(0.01, 1e6))
def test_where_all_cost_the_same_value_is_mass(masses: list[float], price: float) -> None:
    rows = products(masses)
    prices = {one.row: {2024: PerUnit(price, "CNY/t")} for one in rows}
    by_price = by_value(rows, prices, [2024])
    assert all(math.isclose(by_price[row], share, rel_tol=1e-9) for row, share in by_mass(rows).items())


def test_mass_counts_in_one_unit() -> None:
    assert by_mass([STEEL, SLAG]) == {"steel": 0.8, "slag": 0.2}


def test_energy_takes_heating_values_and_energy_as_it_is() -> None:
    # 100 kg x 27 MJ/kg = 2700 MJ beside 1.8 GJ of heat: 0.6 and 0.4
    shares = by_energy([CoProduct("tar", 100, "kg"), CoProduct("steam", 1.8, "GJ")], {"tar": PerUnit(27, "MJ/kg")})
    assert shares == pytest.approx({"tar": 0.6, "steam": 0.4})


def test_moles_share_as_cbam_asks_for_hydrogen_and_chlorine() -> None:
    # 2 kg H2 at 500 mol/kg and 71 kg Cl2 at 1000/71 mol/kg: 1000 mol each
    rows = [CoProduct("hydrogen", 2, "kg"), CoProduct("chlorine", 71, "kg")]
    shares = by_property(rows, {"hydrogen": PerUnit(500, "mol/kg"), "chlorine": PerUnit(1000 / 71, "mol/kg")}, "mol")
    assert shares == pytest.approx({"hydrogen": 0.5, "chlorine": 0.5})


def test_pieces_share_by_their_number() -> None:
    rows = [CoProduct("doors", 30, "piece"), CoProduct("bonnets", 10, "piece")]
    assert by_quantity(rows, "piece") == {"doors": 0.75, "bonnets": 0.25}


def test_value_takes_the_mean_of_the_years_and_converts_the_unit_of_the_price() -> None:
    rows = [CoProduct("ingot", 2, "t"), CoProduct("dross", 500, "kg")]
    prices = {
        "ingot": {2023: PerUnit(18000, "CNY/t"), 2024: PerUnit(22, "CNY/kg"), 2025: PerUnit(99, "CNY/kg")},
        "dross": {2023: PerUnit(3, "CNY/kg"), 2024: PerUnit(5, "CNY/kg")},
    }
    # means 20 000 CNY/t and 4 CNY/kg: 40 000 and 2 000 of 42 000; 2025 is not asked for
    assert by_value(rows, prices, [2023, 2024]) == pytest.approx({"ingot": 40 / 42, "dross": 2 / 42})


def test_a_co_product_of_nothing_takes_nothing() -> None:
    assert by_mass([STEEL, CoProduct("slag", 0, "kg")]) == {"steel": 1.0, "slag": 0.0}


def test_given_shares_are_checked_and_handed_back() -> None:
    assert given_shares({"a": 0.1, "b": 0.2, "c": 0.7}) == {"a": 0.1, "b": 0.2, "c": 0.7}


# --- what is refused -------------------------------------------------------------------------------


def test_shares_that_do_not_add_up_name_their_rows() -> None:
    with pytest.raises(errors.AllocationSharesWrong) as caught:
        given_shares({"stamping": 0.333, "welding": 0.333, "painting": 0.333})
    assert str(caught.value) == (
        "the shares add up to 0.999 and not to 1: stamping = 0.333, welding = 0.333, painting = 0.333"
    )
    assert caught.value.rows == ("stamping", "welding", "painting")


def test_negative_amounts_name_their_rows() -> None:
    rows = [STEEL, CoProduct("slag", -2, "kg"), CoProduct("dust", math.nan, "kg"), CoProduct("gas", math.inf, "kg")]
    with pytest.raises(errors.AllocationNegative) as caught:
        by_mass(rows)
    assert caught.value.rows == ("slag = -2", "dust = nan", "gas = inf")


def test_negative_prices_and_properties_name_their_rows() -> None:
    with pytest.raises(errors.AllocationNegative, match="slag 2024 = -30"):
        by_value([SLAG], {"slag": {2024: PerUnit(-30, "CNY/t")}}, [2024])
    with pytest.raises(errors.AllocationNegative, match="slag = -1"):
        by_energy([SLAG], {"slag": PerUnit(-1, "MJ/kg")})
    with pytest.raises(errors.AllocationNegative, match=r"a = -0\.5"):
        given_shares({"a": -0.5, "b": 1.5})


def test_rows_in_another_dimension_are_named() -> None:
    with pytest.raises(errors.AllocationUnitsDiffer) as caught:
        by_mass([STEEL, GAS, CoProduct("water", 3, "m3"), CoProduct("scrap", 1, "bucket")])
    assert [row.partition(":")[0] for row in caught.value.rows] == ["gas", "water", "scrap"]
    assert "cannot turn GJ (energy) into kg (mass)" in str(caught.value)
    assert "unknown unit 'bucket'" in str(caught.value)


def test_net_and_gross_heating_values_are_not_mixed() -> None:
    rows = [CoProduct("coke", 1, "t"), CoProduct("gas", 1, "t")]
    with pytest.raises(errors.AllocationUnitsDiffer, match="gas: cannot turn MJ_gross"):
        by_energy(rows, {"coke": PerUnit(28, "MJ/kg"), "gas": PerUnit(40, "MJ_gross/kg")})


def test_prices_in_several_currencies_are_not_mixed() -> None:
    rows = [CoProduct("ingot", 2, "t"), CoProduct("dross", 1, "t")]
    prices = {"ingot": {2024: PerUnit(20000, "CNY/t")}, "dross": {2024: PerUnit(600, "USD/t")}}
    with pytest.raises(errors.AllocationUnitsDiffer, match="in CNY: dross: "):
        by_value(rows, prices, [2024])


def test_missing_heating_values_name_their_rows() -> None:
    with pytest.raises(errors.AllocationPropertyMissing) as caught:
        by_energy([STEEL, SLAG, GAS, CoProduct("scrap", 1, "bucket")], {"steel": PerUnit(1, "MJ/kg")})
    assert caught.value.rows == ("slag", "scrap")


def test_missing_prices_name_rows_and_years() -> None:
    prices = {"steel": {2023: PerUnit(4000, "CNY/t")}, "slag": {2023: PerUnit(30, "CNY/t"), 2024: PerUnit(40, "CNY/t")}}
    with pytest.raises(errors.AllocationPriceMissing) as caught:
        by_value([STEEL, SLAG, GAS], prices, [2023, 2024])
    assert str(caught.value) == "to share by value, prices are missing for: steel (2024), gas (2023, 2024)"
    assert caught.value.rows == ("steel", "gas")
    with pytest.raises(errors.AllocationPriceMissing, match=r"for: steel$"):
        by_value([STEEL], {}, [])


def test_rows_of_one_name_are_refused() -> None:
    with pytest.raises(errors.AllocationRowsRepeated, match="stand twice: slag; give each"):
        by_mass([STEEL, SLAG, SLAG])


@pytest.mark.parametrize(
    "call",
    [
        lambda: by_mass([]),
        lambda: by_mass([CoProduct("steel", 0, "kg")]),
        lambda: by_value([], {}, [2024]),
        lambda: given_shares({}),
    ],
)
def test_nothing_to_share_by(call: object) -> None:
    assert callable(call)
    with pytest.raises(errors.AllocationNothing):
        call()
