"""Figures are rounded once, from what is stored, half to even, and grouped by thin gaps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.reports import numbers
from service.reports.numbers import GAP, MINUS, Rounding

TWO = Rounding(tonnes=2)


@pytest.mark.parametrize(
    ("kilograms", "shown"),
    [
        # GB/T 8170: below half down, above half up, an exact half to the even digit, by hand in tonnes
        ("1234", "1.23"),
        ("1236", "1.24"),
        ("1235", "1.24"),  # 1.235: the digit before is odd, up
        ("1245", "1.24"),  # 1.245: the digit before is even, stays
        ("1245.000001", "1.25"),  # more than half
        ("1234995", f"1{GAP}235.00"),  # 1234.995
        ("1234985", f"1{GAP}234.98"),
        ("-1245", f"{MINUS}1.24"),  # by the absolute value
        ("-4", "0.00"),  # no negative nought
        ("12345678.9", f"12{GAP}345.68"),
        ("", ""),
        (None, ""),
    ],
)
def test_tonnes_are_rounded_once_half_to_even(kilograms: object, shown: str) -> None:
    assert numbers.tonnes(kilograms, TWO) == shown


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        # GB/T 8170-2008, the even digit: 12.1498 -> 12; 11.5 -> 12; 12.5 -> 12; 0.0325 -> 0.032; 32500 -> 32 thousand
        ("12.1498", 0, "12"),
        ("12.1498", 1, "12.1"),
        ("11.5", 0, "12"),
        ("12.5", 0, "12"),
        ("-12.5", 0, f"{MINUS}12"),
        ("1.050", 1, "1.0"),
        ("0.35", 1, "0.4"),
        ("0.0325", 3, "0.032"),
        ("15.4546", 0, "15"),  # in one step; 15.455, 15.46, 15.5, 16 is what the standard forbids
        ("2.500000001", 0, "3"),
        ("3", 2, "3.00"),
    ],
)
def test_an_exact_half_goes_to_the_even_digit(value: str, places: int, shown: str) -> None:
    assert numbers.rounded(value, TWO, places) == shown


def test_the_other_rule_rounds_halves_up() -> None:
    assert numbers.tonnes("1245", Rounding(2, "half_up")) == "1.25"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.4403", "0.4403"),
        ("389.310", "389.310"),
        ("1234567.80", f"1{GAP}234{GAP}567.80"),
        ("44/12", "44/12"),
        ("", ""),
    ],
)
def test_a_quantity_keeps_every_digit_it_was_given_with(text: str, shown: str) -> None:
    assert numbers.as_stored(text) == shown


@pytest.mark.parametrize(
    ("text", "digits", "shown"),
    [
        ("0.000038931", 6, "0.000038931"),
        ("2.16218880912", 6, "2.16219"),
        ("1234567", 3, f"1{GAP}234{GAP}567"),  # integers are never cut
        ("0", 6, "0"),
        ("1.50", 6, "1.5"),
        ("-0.5", 3, f"{MINUS}0.5"),
    ],
)
def test_a_coefficient_is_shown_with_few_digits(text: str, digits: int, shown: str) -> None:
    assert numbers.significant(text, digits) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [("1", "3", "33.3"), ("-53.66", "2752.448809", f"{MINUS}1.9"), ("1", "0", ""), ("", "5", "")],
)
def test_percent(part: str, whole: str, shown: str) -> None:
    assert numbers.percent(part, whole) == shown


def test_rounding_of_a_method_record() -> None:
    assert numbers.rounding_of({"rounding": {"rule": "gbt8170", "decimals": {"tco2e": 3}}}) == Rounding(3, "gbt8170")
    assert numbers.rounding_of({"rounding": {"rule": "half_up", "decimals": 0}}) == Rounding(0, "half_up")
    assert numbers.rounding_of({}) == Rounding(2, "gbt8170")


def test_what_is_no_finite_number_is_none() -> None:
    assert numbers.number("NaN") is None
    assert numbers.number("x") is None
    assert numbers.number("1.0") == Decimal("1.0")
