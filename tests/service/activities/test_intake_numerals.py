"""Numbers: every accepted notation gives the exact decimal, every ambiguous one is asked back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.activities.numerals import read_number, read_percent, read_share


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("1.50", "1.50"),  # trailing zeros are kept: the text as submitted
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u202f567,89", "1234567.89"),
        ("1'234.5", "1234.5"),
        ("1\u2019234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("１２３．５", "123.5"),
        ("１，２３４．５", "1234.5"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("+7", "7"),
        ("007", "7"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        ("-0.00", "0.00"),
        ("1.234", "1.234"),
    ],
)
def test_reads_exactly(text: str, value: str) -> None:
    assert read_number(text) == (value, "", ())


def test_asks_back_what_may_mean_two_things() -> None:
    read = read_number("1,234")
    assert (read.value, read.code) == ("", "number-ambiguous")
    assert dict(read.params) == {"one": "1234", "other": "1.234"}


@pytest.mark.parametrize(
    ("text", "mark", "value"), [("1,234", ".", "1234"), ("1,234", ",", "1.234"), ("1.234", ",", "1234")]
)
def test_a_declared_mark_answers_the_question(text: str, mark: str, value: str) -> None:
    assert read_number(text, mark).value == value


@pytest.mark.parametrize("text", ["12,5", "0,123", "1234,567"])
def test_a_comma_that_can_only_be_decimal_is_read_with_a_warning(text: str) -> None:
    read = read_number(text)
    assert (read.value, read.code) == (text.replace(",", "."), "decimal-comma")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1200 kWh", "number-with-unit"),
        ("1.2万", "number-with-unit"),
        ("abc", "not-a-number"),
        ("-", "not-a-number"),
        ("1,23,456", "not-a-number"),
        ("1.2.3", "not-a-number"),
        ("(1,234.5)", "not-a-number"),
        ("NaN", "not-a-number"),
        ("1e400", "number-with-unit"),
        ("10²", "number-with-unit"),  # a hundred, and by no means 102
        ("=1+2", "number-is-formula"),
        ("2025-03-01", "number-is-date"),
        ("1" * 29, "number-too-long"),
    ],
)
def test_refuses_with_the_reason(text: str, code: str) -> None:
    read = read_number(text)
    assert (read.value, read.code) == ("", code)


@pytest.mark.parametrize("text", ["12.5", "1.234,5", "0.123", "1,234 567"])
def test_a_declared_comma_or_point_refuses_the_other_notation(text: str) -> None:
    mark = "," if "." in text and "," not in text else "."
    assert read_number(text, mark).value == ""


def test_the_unit_is_named_apart_from_the_number() -> None:
    assert dict(read_number("1200.5 千瓦时").params) == {"number": "1200.5", "rest": "千瓦时"}


@pytest.mark.parametrize(("text", "value"), [("98%", "0.98"), ("98.5 ％", "0.985"), ("0.98", "0.98"), ("100%", "1.00")])
def test_a_share_may_be_a_percentage(text: str, value: str) -> None:
    assert read_share(text).value == value


@pytest.mark.parametrize(("text", "value"), [("5%", "5"), ("5", "5"), ("2.5 %", "2.5")])
def test_a_percentage_may_carry_its_sign(text: str, value: str) -> None:
    assert read_percent(text).value == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**15), max_value=10**15))
def test_whatever_groups_a_number_is_written_with_it_stays_the_same(number: Decimal) -> None:
    """Law: 1,234,567.891 = 1 234 567,891 = 1.234.567,891 = 1'234'567.891."""
    english = f"{number:,.3f}"
    swapped = english.translate(str.maketrans(",.", ".,"))
    for text, mark in (
        (english, "."),
        (swapped, ","),
        (english.replace(",", "'"), "."),
        (swapped.replace(".", " "), ","),
    ):
        assert Decimal(read_number(text, mark).value) == number
