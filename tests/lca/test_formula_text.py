"""Formulas as openLCA writes them; expected numbers by hand. What is no formula is refused and runs nothing."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lca.formula_text import CONSTANTS, FUNCTIONS, FormulaText, NoNumber, formula, worked_out

VALUES = {"a": 2.0, "b": 3.0, "sum": 10.0, "lambda": 7.0, "浓度": 0.5}


def number(text: str) -> float:
    one = formula(text)
    return worked_out(one, {**CONSTANTS, **VALUES})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3", 7),
        ("(1 + 2)*3", 9),
        ("10-3-2", 5),  # from left to right
        ("16/4/2", 2),
        ("2^3^2", 64),  # (2^3)^2: openLCA's grammar joins powers from left to right
        ("-2^2", 4),  # a sign belongs to its number
        ("2^-1", 0.5),
        ("2**3**2", 512),  # Python's: 2^(3^2)
        ("-2**2", -4),
        ("2*-3", -6),
        ("7.72216387088646E-6*94.97/30.97", 7.72216387088646e-6 * 94.97 / 30.97),
        (".5 + 5.", 5.5),
        ("1e3", 1000),
        ("if(a=2;b;0)", 3),
        ("IF( A > B ; 1 ; if(a<>b; 2 ;3))", 2),
        ("if(a==2, 1, 1/0)", 1),  # the other branch is not worked out
        ("iif(a!=2;1;5) + iff(a>=2;1;5)", 6),
        ("if(a>1 & b>5; 1; 2)", 2),
        ("if(a>1 || b>5; 1; 2)", 1),
        ("if(and(a>1;b>2;b<9); 1; 2)", 1),
        ("if(or(a>5;not(b>5)); 1; 2)", 1),
        ("if(a>1 xor b>1; 1; 2)", 2),
        ("if(true; 1; 2) + if(false(); 1; 2)", 3),
        ("7 div 2", 3),
        ("2.6 div 1.4", 3),  # both are rounded first
        ("-7 mod 3", -1),  # the sign of the dividend, as in Java
        ("log(1000) + lg(10)", 4),  # to the base of ten
        ("ln(exp(2))", 2),
        ("round(2.5) + round(-2.5)", 1),  # 3 - 2: halves go up
        ("int(-2.7) + trunc(2.7)", 0),
        ("frac(2.75)", 0.75),
        ("ceil(1.2) + floor(-1.2)", 0),
        ("sqr(3) + sqrt(16) + abs(-1)", 14),
        ("power(2;10) + pow(2;3) + ipower(2;3.9)", 1040),
        ("min(3;1;2) + max(3;1;2)", 4),
        ("avg(1;2;6) + mean(1;3) + sum(1;2)", 8),
        ("cot(pi/4)", 1),
        ("arcsin(1)*2 - pi()", 0),
        ("e^0 + E", 1 + math.e),
        ("sum*2 + sum(1;1)", 22),  # a parameter and a function of one name
        ("lambda + 1", 8),  # a word of Python's is a name like any other
        ("浓度 * 2", 1),
        ("  a*\n b ", 6),
    ],
)
def test_a_formula_gives_the_number_that_openlca_gives(text: str, expected: float) -> None:
    assert number(text) == pytest.approx(expected, rel=1e-15, abs=1e-15)


def test_a_formula_becomes_python() -> None:
    assert formula("IF(A_1=1; b^2; Max(c;d))").python == "POWER(b, 2.0) if a_1 == 1.0 else MAX(c, d)"
    assert formula("IF(A_1=1; b^2; Max(c;d))").names == {"a_1", "b", "c", "d"}


HOSTILE = [
    "__import__('os').system('true')",
    "__import__",
    "().__class__",
    "().__class__.__bases__[0]",
    "a.real",
    "a[0]",
    "'text'",
    '"text"',
    "lambda: 1",
    "[1 for x in y]",
    "{1}",
    "a := 1",
    "a = b = ;",
    "open(a)",
    "eval(a)",
    "print(1)",
    "random()",
    "rand()",
    "exec",
    "f(1)",
    "max()",
    "power(1)",
    "power(1;2;3)",
    "if(1;2)",
    "pi(1)",
    "1 2",
    "2x",
    "1.2.3",
    "(1",
    "1)",
    "1 +",
    "* 2",
    "",
    "   ",
    ";",
    "#",
    "１＋１",
    "²",
    "a\x00b",
    "(" * 10_000,
    "-" * 3_000,
    "(" * 41 + "1" + ")" * 41,
    "+".join("1" * 200),
    "1+" * 3_000 + "1",
    "2**" * 60 + "2",
    "9" * 5_000,
    "1e999",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_formula_is_refused_at_once(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    begun = time.process_time()
    with pytest.raises((FormulaText, KeyError)) as caught:
        worked_out(formula(text), {})
    if caught.type is KeyError:  # a lone name: nobody defines it
        assert formula(text).names == {text.strip()}
    assert time.process_time() - begun < 0.5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    ["9**9**9", "9^9^9^9", "1/0", "1 mod 0", "1 div 0.2", "sqrt(-1)", "ln(0)", "(-8)^(1/3)", "exp(1000)", "1e308*10"],
)
def test_a_formula_without_a_finite_number_says_so_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(NoNumber):
        number(text)
    assert time.process_time() - begun < 0.5


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        one = formula(text)
        worked_out(one, dict.fromkeys(one.names, 1.0))
    except (FormulaText, NoNumber):
        pass


GRAMMAR = st.recursive(
    st.one_of(st.floats(0, 1e3).map(lambda x: f"{x:.6f}"), st.sampled_from(["a", "b"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        inner.map(lambda x: f"-{x}" if x[0] != "-" else x),
    ),
    max_leaves=12,
)


@given(GRAMMAR)
def test_arithmetic_agrees_with_python(text: str) -> None:
    assert number(text) == eval(text, {}, {"a": 2.0, "b": 3.0})


def test_every_function_takes_as_many_numbers_as_it_says() -> None:
    for name, (taken, _) in FUNCTIONS.items():
        arguments = ";".join(["0.5"] * (3 if taken == -1 else taken))
        assert math.isfinite(number(f"{name}({arguments})"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("replacements(150000; 60000)", 2.0),  # ceil(2.5) - 1
        ("refrigerant_lost(0.5; 0.05; 10; 0.5)", 0.5),  # 0.5 x (0.05 x 10 + 0.5)
        ("delivered_kwh(60; 60; 8)", 28800.0),  # vector A15: 60 x 60 x 8
        ("service_years(8; 120000; 20000)", 6.0),  # the shorter of 8 years and 120 000 km / 20 000 km
        ("uptake(12)", -44.0095 * 12 / 12.011),  # kg CO2 of 12 kg C, by molar masses
    ],
)
def test_functions_of_the_field(text: str, expected: float) -> None:
    assert worked_out(formula(text), {}) == pytest.approx(expected, rel=1e-3)


def test_what_makes_no_sense_to_the_field_gives_no_number() -> None:
    with pytest.raises(NoNumber):
        worked_out(formula("replacements(150000; 0)"), {})
