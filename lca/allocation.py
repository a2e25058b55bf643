"""Sharing a process out among its co-products: by mass, energy, value, another quantity, or shares that are given.

share_i = w_i / Σ w_j with the weight w of each co-product in one unit (ISO 14044, 4.3.4). The shares add up to one or
nothing is returned, and every row that stands in the way is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from factors.errors import FactorsError
from factors.units import dimension, multiplier, parse_unit
from lca.errors import (
    AllocationNegative,
    AllocationNothing,
    AllocationPriceMissing,
    AllocationPropertyMissing,
    AllocationRowsRepeated,
    AllocationSharesWrong,
    AllocationUnitsDiffer,
)

Shares = dict[str, float]
"""Row -> share of the burden."""

# Shares are typed as decimals; what binary fractions leave over is far below this.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class CoProduct:
    """One output that takes a share; ``row`` is where a person finds it."""

    row: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A property or a price of a co-product, ``26.1 MJ/kg``, ``18500 CNY/t``."""

    value: float
    unit: str


def by_mass(products: Sequence[CoProduct]) -> Shares:
    """Return shares by mass.

    Raises:
        AllocationUnitsDiffer: rows that are not given in a unit of mass.
        AllocationNegative, AllocationNothing, AllocationRowsRepeated: see ``by_quantity``.
    """
    return by_quantity(products, "kg")


def by_quantity(products: Sequence[CoProduct], unit: str) -> Shares:
    """Return shares by the amounts themselves, in ``unit``: pieces, cubic metres, moles, vehicle equivalents.

    Raises:
        AllocationUnitsDiffer: rows that are not given in a unit of this kind.
        AllocationNegative: amounts below zero, or that are no numbers.
        AllocationNothing: no rows, or nothing but zeros.
        AllocationRowsRepeated: rows of the same name.
    """
    return _by(products, unit, lambda product: product.amount * _factor(product.unit, unit))


def by_energy(products: Sequence[CoProduct], contents: Mapping[str, PerUnit]) -> Shares:
    """Return shares by energy; ``contents`` gives the heating value of each row that is not itself in energy.

    Raises:
        AllocationPropertyMissing: rows without a heating value.
        AllocationUnitsDiffer: heating values that do not fit their rows.
        AllocationNegative, AllocationNothing, AllocationRowsRepeated: see ``by_quantity``.
    """
    return by_property(products, contents, "MJ")


def by_property(products: Sequence[CoProduct], properties: Mapping[str, PerUnit], unit: str) -> Shares:
    """Return shares by a property times the amount, in ``unit``: energy, moles, active substance.

    Raises:
        AllocationPropertyMissing: rows neither given in ``unit`` nor with a property.
        AllocationUnitsDiffer, AllocationNegative, AllocationNothing, AllocationRowsRepeated: see ``by_quantity``.
    """
    without = [one.row for one in products if one.row not in properties and not _is(one.unit, unit)]
    if without:
        raise AllocationPropertyMissing(unit, without)
    _refuse_negative({row: item.value for row, item in properties.items()})

    def weight(product: CoProduct) -> float:
        if product.row not in properties:
            return product.amount * _factor(product.unit, unit)
        return product.amount * _of(product, properties[product.row], unit)

    return _by(products, unit, weight)


def by_value(
    products: Sequence[CoProduct], prices: Mapping[str, Mapping[int, PerUnit]], years: Sequence[int]
) -> Shares:
    """Return shares by revenue at the mean price of ``years``: m_i p_i / Σ m_j p_j.

    Args:
        products: the co-products.
        prices: by row and year.
        years: the years whose prices are averaged.

    Raises:
        AllocationPriceMissing: rows without a price in one of the years, each with the years.
        AllocationUnitsDiffer: prices of several currencies, or not per a unit that fits the row.
        AllocationNegative, AllocationNothing, AllocationRowsRepeated: see ``by_quantity``.
    """
    missing = {one.row: [year for year in years if year not in prices.get(one.row, {})] for one in products}
    if not years or any(missing.values()):
        raise AllocationPriceMissing({row: gaps for row, gaps in missing.items() if gaps or not years})
    _refuse_negative(
        {f"{row} {year}": price.value for row, by_year in prices.items() for year, price in by_year.items()}
    )
    currency = prices[products[0].row][years[0]].unit.partition("/")[0] if products else ""

    def weight(product: CoProduct) -> float:
        of_row = prices[product.row]
        return product.amount * math.fsum(_of(product, of_row[year], currency) for year in years) / len(years)

    return _by(products, currency, weight)


def given(shares: Mapping[str, float]) -> Shares:
    """Return shares that are known, from subdivision or by a rule of the product, after checking them.

    Raises:
        AllocationNothing: there are none.
        AllocationNegative: shares below zero, or that are no numbers.
        AllocationSharesWrong: they do not add up to one.
    """
    if not shares:
        raise AllocationNothing()
    _refuse_negative(shares)
    if abs(math.fsum(shares.values()) - 1) > TOLERANCE:
        raise AllocationSharesWrong(shares)
    return dict(shares)


def per_unit(burden: float, share: float, amount: float) -> float:
    """Return the burden of one unit of a co-product: E × share / amount."""
    return burden * share / amount


def _by(products: Sequence[CoProduct], unit: str, weight: Callable[[CoProduct], float]) -> Shares:
    rows = [product.row for product in products]
    repeated = sorted({row for row in rows if rows.count(row) > 1})
    if repeated:
        raise AllocationRowsRepeated(repeated)
    _refuse_negative({product.row: product.amount for product in products})
    weights: dict[str, float] = {}
    strange: list[str] = []
    for product in products:
        try:
            weights[product.row] = weight(product)
        except FactorsError as error:
            strange.append(f"{product.row}: {error}")
    if strange:
        raise AllocationUnitsDiffer(unit, strange)
    whole = math.fsum(weights.values())
    if not whole:
        raise AllocationNothing()
    return given({row: value / whole for row, value in weights.items()})


def _refuse_negative(values: Mapping[str, float]) -> None:
    wrong = [f"{row} = {value:g}" for row, value in values.items() if not (value >= 0 and math.isfinite(value))]
    if wrong:
        raise AllocationNegative(wrong)


def _factor(from_unit: str, to_unit: str) -> float:
    return float(multiplier(from_unit, to_unit))


def _of(product: CoProduct, property_: PerUnit, unit: str) -> float:
    """Return the property per unit of the product, in ``unit``."""
    return property_.value * _factor(property_.unit, f"{unit}/{parse_unit(product.unit)}")


def _is(unit: str, wanted: str) -> bool:
    try:
        return dimension(unit) == dimension(wanted)
    except FactorsError:
        return False  # whether it is a unit at all is told with the others
