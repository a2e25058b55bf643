"""Numbers as text, against Python's exact decimals."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lca.numbers import canonical

TWELVE = Context(prec=12)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_its_exact_decimal_at_twelve_digits(value: float) -> None:
    """IEEE 754 doubles are decimals: rounding those to twelve digits, half to even, is what is meant."""
    text = canonical(value)
    assert Decimal(text) == TWELVE.create_decimal(value)
    assert set(text) <= set("-.0123456789")
    assert "." not in text or text[-1] not in ".0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e15, "1000000000000000"),
        (123456789012.0, "123456789012"),
        (999999999999.9, "1000000000000"),
        (0.0001, "0.0001"),
        (0.00001, "0.00001"),
        (1.5e-7, "0.00000015"),
        (-2.50, "-2.5"),
        (-0.0, "0"),
    ],
)
def test_a_number_is_never_written_with_an_exponent(value: float, text: str) -> None:
    assert canonical(value) == text
