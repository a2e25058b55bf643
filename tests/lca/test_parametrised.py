"""Processes with parameters: recomputed by hand's sums; cycles, unknown names and unreadable formulas are named."""

from __future__ import annotations

import math
import time

import pytest

from lca.dataset import Exchange, Flow, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.errors import FormulasInvalid
from lca.parametrised import check, evaluate

FLOWS = {
    "brick": Flow("brick", "Brick", "product", "kg"),
    "clay": Flow("clay", "Clay", "product", "kg"),
    "co2": Flow("co2", "Carbon dioxide", "elementary", "kg"),
}


def process(*parameters: Parameter, clay: str = "", co2: str = "", spread: Uncertainty | None = None) -> UnitProcess:
    return UnitProcess(
        id="kiln",
        name="Brick kiln",
        exchanges=(
            Exchange("1", "brick", 1.0, "kg", is_input=False),
            Exchange("2", "clay", 1.2, "kg", is_input=True, formula=clay, uncertainty=spread),
            Exchange("3", "co2", 0.2, "kg", is_input=False, formula=co2),
        ),
        reference="1",
        parameters=parameters,
    )


def database(one: UnitProcess, *parameters: Parameter) -> LciDatabase:
    return LciDatabase("bricks", FLOWS, (one,), parameters=parameters)


def amounts(one: UnitProcess) -> dict[str, float]:
    return {exchange.flow: exchange.amount for exchange in one.exchanges}


def codes(one: UnitProcess, *parameters: Parameter) -> list[tuple[str, str]]:
    return [
        (found.code, found.params.get("names") or found.params.get("name", ""))
        for found in check(database(one, *parameters))
    ]


KILN = process(
    Parameter("Loss", 0.2),
    Parameter("Clay_in", 0.0, formula="1 + LOSS"),
    Parameter("per_kg", 0.0, formula="clay_in * carbon*44/12"),
    clay="Clay_In",
    co2="if(loss>0; per_kg; 0)",
)
CARBON = Parameter("carbon", 0.05)


def test_amounts_follow_from_parameters_whatever_their_order_and_case() -> None:
    # clay = 1 + 0.2 = 1.2; CO2 = 1.2 * 0.05 * 44/12 = 0.22
    found = evaluate(KILN, [CARBON])
    assert amounts(found) == pytest.approx({"brick": 1.0, "clay": 1.2, "co2": 0.22})
    assert [one.amount for one in found.parameters] == pytest.approx([0.2, 1.2, 0.22])


def test_overrides_go_before_values_and_formulas() -> None:
    # loss 0.5: clay 1.5, CO2 1.5 * 0.05 * 44/12 = 0.275; carbon 0.1 besides: 0.55; clay_in 2 straight: 2 * 0.1 * 44/12
    assert amounts(evaluate(KILN, [CARBON], {"LOSS": 0.5}))["co2"] == pytest.approx(0.275)
    assert amounts(evaluate(KILN, [CARBON], {"loss": 0.5, "Carbon": 0.1}))["co2"] == pytest.approx(0.55)
    assert amounts(evaluate(KILN, [CARBON], {"clay_in": 2, "carbon": 0.1}))["co2"] == pytest.approx(2 * 0.1 * 44 / 12)
    with pytest.raises(FormulasInvalid, match=r"parameter-unknown.*losses"):
        evaluate(KILN, [CARBON], {"losses": 0.5})


def test_a_parameter_of_the_process_hides_one_of_the_database() -> None:
    one = process(Parameter("x", 5.0), clay="x + y")
    outer = [Parameter("x", 1.0), Parameter("y", 0.0, formula="x*10")]
    assert amounts(evaluate(one, outer))["clay"] == 15.0  # y rests on the database's own x


def test_a_process_without_formulas_stays_the_same() -> None:
    one = process(Parameter("x", 5.0))
    assert evaluate(one, [CARBON]) == one


def test_a_distribution_moves_with_its_amount() -> None:
    half = {"x": 0.6}  # clay 1.2 -> 0.6
    parameter = Parameter("x", 1.2)
    lognormal = process(parameter, clay="x", spread=Uncertainty("lognormal", loc=math.log(1.2), scale=0.1))
    moved = evaluate(lognormal, [], half).exchanges[1].uncertainty
    assert moved is not None
    assert (moved.loc, moved.scale) == (pytest.approx(math.log(0.6)), 0.1)
    triangle = process(parameter, clay="x", spread=Uncertainty("triangular", loc=1.2, minimum=1.0, maximum=2.0))
    assert evaluate(triangle, [], {"x": -0.6}).exchanges[1].uncertainty == Uncertainty(
        "triangular", loc=-0.6, minimum=-1.0, maximum=-0.5
    )
    normal = process(parameter, clay="x", spread=Uncertainty("normal", loc=1.2, scale=0.3))
    assert evaluate(normal, [], half).exchanges[1].uncertainty == Uncertainty("normal", loc=0.6, scale=0.15)
    assert evaluate(normal, [], {"x": 0.0}).exchanges[1].uncertainty is None


def test_published_amounts_that_differ_are_named() -> None:
    one = process(Parameter("a", 1.0), Parameter("b", 3.0, formula="a*2"), clay="a*1.2", co2="a/5 + 1e-9")
    (found,) = check(database(one))
    assert (found.code, dict(found.params)) == (
        "formula-differs",
        {"formula": "a*2", "computed": "2", "published": "3"},
    )
    assert found.where == "Brick kiln (kiln) · b"
    (found,) = check(database(process(clay="1.3")))
    assert found.where == "Brick kiln (kiln) · Clay (2)"
    assert check(database(process(clay="1.2000001"))) == ()  # within a millionth


def test_cycles_are_named_and_what_rests_on_them_is_not_told_again() -> None:
    one = process(
        Parameter("a", 1.0, formula="B + 1"),
        Parameter("B", 1.0, formula="c"),
        Parameter("c", 1.0, formula="a"),
        Parameter("d", 1.0, formula="a*2"),
        Parameter("itself", 1.0, formula="itself"),
        clay="d",
    )
    assert codes(one) == [("formula-cycle", "a → B → c → a"), ("formula-cycle", "itself → itself")]


def test_unknown_names_and_unreadable_formulas_are_named() -> None:
    one = process(
        Parameter("a", 1.0, formula="nothing + 1"),
        Parameter("b", 1.0, formula="().__class__"),
        Parameter("B", 2.0),
        clay="missing",
        co2="a + b",
    )
    assert sorted(codes(one)) == [
        ("formula-unknown-name", "missing"),
        ("formula-unknown-name", "nothing"),
        ("formula-unreadable", ""),
        ("parameter-repeated", "B"),
    ]
    with pytest.raises(FormulasInvalid) as caught:
        evaluate(one, [])
    assert sorted(found.code for found in caught.value.problems) == sorted(code for code, _ in codes(one))


def test_the_database_is_checked_once() -> None:
    one = process(Parameter("a", 1.0), clay="a*1.2")
    assert codes(one, Parameter("x", 1.0, formula="1/0"), Parameter("y", 1.0, formula="z")) == [
        ("formula-unknown-name", "z"),
        ("formula-no-number", ""),
    ]


def test_long_chains_and_many_cycles_take_no_time() -> None:
    chain = [Parameter(f"p{n}", 1.0, formula=f"p{n + 1}") for n in range(3_000)]
    pairs = [Parameter(f"q{n}", 1.0, formula=f"q{n ^ 1}") for n in range(3_000)]
    begun = time.process_time()
    found = check(database(process(*chain, Parameter("p3000", 1.0), *pairs)))
    assert time.process_time() - begun < 5
    assert [one.code for one in found] == ["formula-cycle"] * 1_500
