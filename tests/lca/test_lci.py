"""Life-cycle inventories: linking, allocation, the matrices, unit impacts, scores; every number worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import lci
from scipy import sparse

from factors.library import load
from lca import background, greenhouse, lci_store, square_system
from lca.background import Background, compile_database, version_of
from lca.dataset import Allocation, Exchange, Finding, Flow, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.errors import LciFileBroken, SystemSingular, UnknownProcess, UnknownProduct
from lca.lci_score import kgco2e, score, scores, shares_behind_gaps
from lca.linking import link, summary
from lca.square_system import is_proven
from lca.supply_chain import tree

AR6 = load().gwp_sets["AR6"]
MANY = [one.name for gas, one in greenhouse._gases().items() if gas not in ("CO2", "CH4", "N2O")][:70]
CO2 = Flow("co2", "Carbon dioxide, fossil", "elementary", "kg", category="air")


def out(flow: str, amount: float, **more: Any) -> Exchange:
    return Exchange(f"out {flow}", flow, amount, more.pop("unit", "kg"), is_input=False, **more)


def into(flow: str, amount: float, **more: Any) -> Exchange:
    return Exchange(f"in {flow}{more.get('provider', '')}", flow, amount, more.pop("unit", "kg"), is_input=True, **more)


def process(identifier: str, *exchanges: Exchange, **more: Any) -> UnitProcess:
    return UnitProcess(identifier, more.pop("name", identifier), exchanges, exchanges[0].id, **more)


def database(*processes: UnitProcess, flows: Sequence[Flow] = ()) -> LciDatabase:
    named = {one.id: one for one in (CO2, *flows)}
    for one in processes:
        for exchange in one.exchanges:
            named.setdefault(exchange.flow, Flow(exchange.flow, exchange.flow, "product", exchange.unit))
    return LciDatabase("made", named, processes)


def values(made: LciDatabase) -> dict[str, float]:
    """Return kg CO2e per unit by 'process flow'."""
    compiled = compile_database(made)
    found = scores(compiled, AR6)
    return {f"{one.process_id} {one.flow}": float(value) for one, value in zip(compiled.products, found, strict=True)}


def test_the_bicycle_of_brightways_introduction_is_66_5() -> None:
    compiled = compile_database(lci())
    found = score(compiled, compiled.find("Bike assembly"), AR6)
    assert found.kgco2e == 66.5  # 2.5 kg x 26.6 kg CO2/kg
    assert found.by_gas_kg == {"CO2": 66.5}
    assert [(one.process_id, one.kgco2e) for one in found.contributions] == [("cf", 66.5)]
    assert found.remainder == 0
    assert found.warnings == ()


def test_a_loop_is_solved() -> None:
    """x = 1 + 0.5 y, y = 0.4 x: x = 1.25, y = 0.5; 2 kg CO2 for each of the first, 3 of the second."""
    made = database(
        process("a", out("a", 1), into("b", 0.4), out("co2", 2)),
        process("b", out("b", 1), into("a", 0.5), out("co2", 3)),
    )
    assert values(made)["a a"] == pytest.approx(1.25 * 2 + 0.5 * 3)


def test_own_use_is_taken_off() -> None:
    assert values(database(process("a", out("a", 1), into("a", 0.2), out("co2", 1)))) == {"a a": pytest.approx(1.25)}


def test_amounts_are_in_reference_units() -> None:
    flows = [Flow("el", "el", "product", "MJ")]
    made = database(
        process("el", out("el", 1, unit="kWh", to_reference=3.6), out("co2", 0.72)),
        process("a", out("a", 1), into("el", 10, unit="kWh", to_reference=3.6)),
        flows=flows,
    )
    assert values(made) == {"el el": pytest.approx(0.2), "a a": pytest.approx(7.2)}


def test_co_products_by_amount_where_they_measure_the_same() -> None:
    made = database(process("a", out("x", 3), out("y", 1), out("co2", 8)))
    assert values(made) == {"a x": pytest.approx(2), "a y": pytest.approx(2)}  # 8 x 3/4 over 3, 8 x 1/4 over 1
    assert [one.code for one in link(made).findings] == ["allocation-by-amount"]


def test_co_products_in_tonnes_and_kilograms_are_one_dimension() -> None:
    made = database(process("a", out("x", 3000), out("y", 1, unit="t"), out("co2", 8)))
    assert values(made) == {"a x": pytest.approx(0.002), "a y": pytest.approx(2)}


def test_what_is_measured_otherwise_than_the_main_product_bears_nothing_and_is_named() -> None:
    recovered = out("steam", 0.5, unit="MJ")
    made = database(process("resin", recovered, out("resin", 1), out("co2", 2), name="resin"))
    assert values(made) == {"resin steam": 0, "resin resin": 2}  # named after the resin, though the reference is steam
    (finding,) = link(made).findings
    assert (finding.code, finding.params["bare"], finding.params["main"]) == (
        "allocation-other-dimension",
        "steam",
        "resin",
    )


def test_what_leaves_twice_is_one_product_of_the_whole_amount() -> None:
    again = Exchange("again", "x", 0.5, "t", is_input=False, to_reference=1000)
    assert values(database(process("a", out("x", 500), again, out("co2", 10)))) == {"a x": pytest.approx(0.01)}


def test_published_shares_go_before_amounts() -> None:
    shared = Allocation("economic", {"x": 0.9, "y": 0.1})
    made = database(process("a", out("x", 1), out("y", 1), out("co2", 10), allocations=(shared,)))
    assert values(made) == {"a x": pytest.approx(9), "a y": pytest.approx(1)}
    assert link(made).findings == ()


def test_causal_shares_go_by_exchange() -> None:
    causal = Allocation("causal", {"x": 0.5, "y": 0.5}, {"out co2": {"x": 0.25, "y": 0.75}})
    made = database(
        process("a", out("x", 1), out("y", 1), out("co2", 8), into("fuel", 2), allocations=(causal,)),
        process("f", out("fuel", 1), out("co2", 1)),
    )
    found = values(made)
    assert found["a x"] == pytest.approx(8 * 0.25 + 1)
    assert found["a y"] == pytest.approx(8 * 0.75 + 1)


def test_the_method_that_the_publisher_names_goes_first() -> None:
    physical, economic = Allocation("physical", {"x": 0.5, "y": 0.5}), Allocation("economic", {"x": 1.0, "y": 0.0})
    made = process("a", out("x", 1), out("y", 1), out("co2", 4), allocations=(physical, economic))
    assert values(database(made))["a x"] == pytest.approx(2)
    assert values(database(replace(made, default_allocation="economic")))["a x"] == pytest.approx(4)


def test_shares_that_do_not_add_to_one_are_not_used() -> None:
    made = process("a", out("x", 1), out("y", 3), out("co2", 4), allocations=(Allocation("physical", {"x": 0.0}),))
    assert values(database(made)) == {"a x": pytest.approx(1), "a y": pytest.approx(1)}


def test_two_suppliers_and_none_named_is_no_supplier() -> None:
    made = database(
        process("one", out("x", 1), out("co2", 1)),
        process("two", out("x", 1), out("co2", 3)),
        process("a", out("a", 1), into("x", 2), into("gone", 1), into("x", 1, provider="two"), out("co2", 1)),
        process("b", out("b", 1), into("x", 2, provider="nobody"), into("CUTOFF thing", 1)),
    )
    assert values(made)["a a"] == pytest.approx(1 + 3)
    system = link(made)
    assert summary(system) == {"ambiguous": 1, "unlinked": 1, "provider-missing": 1, "cut-off-by-publisher": 1}
    ambiguous = next(one for one in system.cut_off if one.reason == "ambiguous")
    assert (ambiguous.amount, ambiguous.candidates) == (2, ("one", "two"))
    compiled = compile_database(made)
    told = {one.code: one.params for one in score(compiled, compiled.find("a"), AR6).warnings}
    assert told["cut-off-ambiguous"]["share"] == "100"  # the process itself has the input: all of it passes by
    above = database(*made.processes, process("c", out("c", 1), into("a", 1), out("co2", 12)))
    compiled = compile_database(above)
    told = {one.code: one.params for one in score(compiled, compiled.find("c"), AR6).warnings}
    assert told["cut-off-ambiguous"]["share"] == "25"  # the 4 kg of a among 16
    assert set(told) == {"cut-off-ambiguous", "cut-off-unlinked"}


def test_a_waste_that_leaves_asks_for_its_treatment_and_an_avoided_product_is_taken_off() -> None:
    flows = [Flow("scrap", "scrap", "waste", "kg")]
    made = database(
        process("burn", into("scrap", 1), out("co2", 3)),
        process("heat", out("heat", 1, unit="MJ"), out("co2", 0.1)),
        process("a", out("a", 1), out("scrap", 2), out("heat", 5, unit="MJ", is_avoided=True)),
        flows=flows,
    )
    assert values(made)["a a"] == pytest.approx(2 * 3 - 5 * 0.1)


def faulty(*processes: UnitProcess) -> list[str]:
    compiled = compile_database(database(*processes))
    return sorted(compiled.products[column].process for column in compiled.faulty)


def test_a_singular_loop_is_named_and_the_others_are_scored() -> None:
    made = database(
        process("a", out("a", 1), into("b", 1), out("co2", 2)),
        process("b", out("b", 1), into("a", 1)),
        process("c", out("c", 1), out("co2", 1)),
        process("d", out("d", 1), into("c", 2), out("co2", 1)),
        process("e", out("e", 1), into("d", 1), into("a", 1)),
    )
    found = values(made)
    assert (found["c c"], found["d d"]) == (1, 3)
    assert all(math.isnan(found[one]) for one in ("a a", "b b", "e e"))
    compiled = compile_database(made)
    with pytest.raises(SystemSingular) as caught:
        score(compiled, compiled.find("e"), AR6)
    assert caught.value.processes == ("a", "b")
    with pytest.raises(SystemSingular, match="a; b"):
        tree(compiled, compiled.find("e"), AR6)


def test_a_loop_that_takes_more_than_it_gives_is_named() -> None:
    assert faulty(
        process("a", out("a", 1), into("b", 2), out("co2", 2)),
        process("b", out("b", 1), into("a", 3)),
        process("c", out("c", 1), into("d", 0.5), out("co2", 1)),
        process("d", out("d", 1), into("c", 0.5)),
    ) == ["a", "b"]


def test_a_credit_hides_no_loop_that_takes_all_it_gives() -> None:
    """Coated aluminium sheet of the U.S. database of 2021 takes a kilogram of itself; elsewhere heat is avoided."""
    made = database(
        process("sheet", out("sheet", 1), into("sheet", 1 + 4e-10), out("co2", 2)),
        process("user", out("user", 1), into("sheet", 2)),
        process("heat", out("heat", 1), out("co2", 3)),
        process("plant", out("plant", 1), out("heat", 5, is_avoided=True), out("co2", 1)),
    )
    compiled = compile_database(made)
    assert compiled.faulty.tolist() == [0]
    found = scores(compiled, AR6)
    assert np.isnan(found).tolist() == [True, True, False, False]
    assert found[3] == pytest.approx(1 - 5 * 3)


def test_a_credit_makes_no_loop_good_and_none_bad() -> None:
    """a takes 2 of b and b 0.6 of a, whatever a avoids; two that avoid 1.5 of each other are solved as they stand."""
    made = database(
        process("a", out("a", 1), into("b", 2), out("c", 1, is_avoided=True), out("co2", 2)),
        process("b", out("b", 1), into("a", 0.6)),
        process("c", out("c", 1), into("b", 1), out("co2", 1)),
    )
    assert compile_database(made).faulty.tolist() == [0, 1]


@pytest.mark.parametrize(("avoided", "expected"), [(1.5, 2 / (1 - 2.25)), (1.0, None)])
def test_two_that_avoid_each_other_are_solved_if_there_is_a_solution(avoided: float, expected: float | None) -> None:
    """h_a = 2 - k h_b and h_b = -k h_a, so h_a = 2 / (1 - k²)."""
    made = database(
        process("a", out("a", 1), out("b", avoided, is_avoided=True), out("co2", 2)),
        process("b", out("b", 1), out("a", avoided, is_avoided=True)),
        process("c", out("c", 1), out("co2", 1)),
    )
    if expected is None:
        assert compile_database(made).faulty.tolist() == [0, 1]
        expected = math.nan
    assert list(values(made).values()) == pytest.approx([expected, -avoided * expected, 1], nan_ok=True)


def test_a_process_that_eats_its_own_product_is_named() -> None:
    assert faulty(process("glutton", out("a", 1), into("a", 1.5), out("co2", 1))) == ["glutton"]
    assert faulty(process("even", out("a", 5.8256), into("a", 5.8256), out("co2", 1))) == ["even"]


def test_what_is_avoided_makes_no_loop_faulty() -> None:
    """5 MJ of heat avoided, of a heat plant that takes 0.1 of the product: x = 1 + 0.1 y, y = -5 x."""
    made = database(
        process("a", out("a", 1), out("heat", 5, unit="MJ", is_avoided=True), out("co2", 4)),
        process("heat", out("heat", 1, unit="MJ"), into("a", 0.1), out("co2", 0.1)),
    )
    x = 1 / 1.5
    assert values(made)["a a"] == pytest.approx(4 * x - 0.5 * x)


def test_a_database_that_supplies_nothing_is_empty() -> None:
    made = LciDatabase("made", {"co2": CO2}, (UnitProcess("a", "a", (out("co2", 1),), "out co2"),))
    compiled = compile_database(made)
    assert (compiled.products, compiled.unit_impacts.shape) == ((), (0, 0))


def test_what_emits_nowhere_scores_exactly_nothing() -> None:
    made = database(
        process("a", out("a", 1), into("b", 0.3)),
        process("b", out("b", 1), into("a", 0.7)),
        process("c", out("c", 1), into("a", 1), out("co2", 1)),
    )
    assert values(made) == {"a a": 0.0, "b b": 0.0, "c c": 1.0}


def test_a_gas_that_nobody_up_the_chain_emits_is_exactly_zero() -> None:
    """Also beyond 64 gases, and in a loop, where a solver leaves rounding behind."""
    flows = [Flow(f"g{i}", name, "elementary", "kg", category="air") for i, name in enumerate(MANY)]
    made = database(
        process("a", out("a", 1), into("b", 0.3), *(out(f"g{i}", 1e-9) for i in range(0, 70, 2))),
        process("b", out("b", 1), into("b2", 0.7), into("a", 0.1)),
        process("b2", out("b2", 1), out("co2", 3)),
        process("c", out("c", 1), into("b2", 1), *(out(f"g{i}", 1) for i in range(1, 70, 2))),
        flows=flows,
    )
    compiled = compile_database(made)
    has = {gas: compiled.unit_impacts[number] > 0 for number, gas in enumerate(compiled.gases)}
    assert len(has) == 71
    assert has["CO2/fossil"].tolist() == [True] * 4
    rest = [values.tolist() for gas, values in has.items() if gas != "CO2/fossil"]
    assert rest.count([True, True, False, False]) == 35
    assert rest.count([False, False, False, True]) == 35


def test_biogenic_carbon_dioxide_stands_beside_the_score_and_land_use_in_it() -> None:
    flows = [
        Flow("bio", "Carbon dioxide, biogenic", "elementary", "kg", category="air/unspecified"),
        Flow("up", "Carbon dioxide, in air", "elementary", "kg", category="resource/in air"),
        Flow("luc", "Carbon dioxide, land transformation", "elementary", "kg", category="air"),
        Flow("high", "Carbon dioxide, fossil", "elementary", "kg", category="air/lower stratosphere"),
        Flow("ch4", "Methane, biogenic", "elementary", "kg", category="air"),
    ]
    made = database(
        process("a", out("a", 1), out("bio", 2), into("up", 3), out("luc", 5), out("high", 7), out("ch4", 1)),
        flows=flows,
    )
    compiled = compile_database(made)
    found = score(compiled, 0, AR6)
    assert found.kgco2e == pytest.approx(5 + 7 + 27.0)  # AR6 Table 7.15: biogenic methane 27.0
    assert found.by_part == {"fossil": 0, "biogenic": 29.0, "removal": -3, "land_use": 5, "aircraft": 7}
    assert found.by_gas_kg == {"CO2": 7, "CO2_biogenic": 2, "CO2_land_use": 5, "CO2_removal": -3, "CH4_biogenic": 1}


def test_what_only_looks_like_a_greenhouse_gas_is_named_and_what_a_set_lacks_too() -> None:
    flows = [
        Flow("hfc", "HFCs, unspecified", "elementary", "kg", category="air"),
        Flow("tce", "Ethene, trichloro-", "elementary", "kg", category="air"),
    ]
    compiled = compile_database(database(process("a", out("a", 1), out("hfc", 1), out("tce", 1)), flows=flows))
    assert [(one.code, one.where) for one in compiled.findings] == [("unknown-greenhouse-flow", "HFCs, unspecified")]
    found = score(compiled, 0, load().gwp_sets["AR5"])
    assert [(one.code, one.params["gases"]) for one in found.warnings] == [("gas-without-potential", "CHCl=CCl2")]


def test_a_product_is_found_by_id_name_and_flow() -> None:
    made = database(process("1", out("x", 1), out("y", 1), name="twin"), process("2", out("z", 1), name="same"),
                    process("3", out("v", 1), name="same"))  # fmt: skip
    compiled = compile_database(made)
    assert compiled.products[compiled.find("twin")].flow == "x"
    assert compiled.products[compiled.find("1", "y")].flow == "y"
    with pytest.raises(UnknownProcess, match="2, 3"):
        compiled.find("same")
    with pytest.raises(UnknownProduct, match="x; y"):
        compiled.find("twin", "z")


def chain(sizes: Sequence[tuple[float, float]]) -> LciDatabase:
    """A chain of processes, each taking so much of the one before and emitting so much."""
    made = [
        process(f"p{i}", out(f"f{i}", 1), *([into(f"f{i - 1}", taken)] if i else []), out("co2", emitted))
        for i, (taken, emitted) in enumerate(sizes)
    ]
    return database(*made)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.floats(0.01, 5), st.floats(0.01, 100)), min_size=1, max_size=12))
def test_a_chain_scores_what_its_parts_do(sizes: list[tuple[float, float]]) -> None:
    total = 0.0
    for index, (taken, emitted) in enumerate(sizes):
        total = emitted + (taken * total if index else 0)
    last = len(sizes) - 1
    compiled = compile_database(chain(sizes))
    found = score(compiled, last, AR6)
    assert found.kgco2e == pytest.approx(total, rel=1e-12)
    assert math.fsum([one.kgco2e for one in found.contributions] + [found.remainder]) == pytest.approx(total, rel=1e-12)


def test_unit_impacts_are_what_brightway_itself_computes() -> None:
    """The same system solved forwards by bw2calc, product by product."""
    rng = np.random.default_rng(7)
    count = 40
    made = database(
        *(
            process(
                f"p{i}",
                out(f"f{i}", float(rng.uniform(0.5, 3))),
                *(into(f"f{j}", float(rng.uniform(0, 0.4 / 6))) for j in rng.choice(count, 6, replace=False)),
                out("co2", float(rng.uniform(0, 5))),
            )
            for i in range(count)
        )
    )
    compiled = compile_database(made)
    dense = compiled.technosphere.toarray()
    for index in range(0, count, 7):
        demand = np.zeros(count)
        demand[index] = 1
        forwards = float((compiled.direct @ np.linalg.solve(dense, demand))[0])
        assert compiled.unit_impacts[0, index] == pytest.approx(forwards, rel=1e-12)


def test_a_database_is_stored_and_read_again() -> None:
    one = process(
        "a",
        out("x", 1.5, uncertainty=Uncertainty("lognormal", 0.4, 0.1), pedigree=(1, 2, 3, 4, 5)),
        into("y", 2, provider="b", formula="2 * k", comment="说明"),
        allocations=(Allocation("causal", {"x": 1.0}, {"in yb": {"x": 1.0}}),),
        parameters=(Parameter("k", 1.0, uncertainty=Uncertainty("uniform", minimum=0, maximum=2)),),
        is_placeholder=True,
    )
    made = replace(database(one), findings=(Finding("odd", "a", {"n": "1"}, is_error=True),))
    again = lci_store.unpack(lci_store.pack(made))
    assert again == made
    assert version_of(again) == version_of(made)
    assert version_of(replace(made, findings=())) == version_of(made)
    assert version_of(replace(made, name="other")) != version_of(made)


@pytest.mark.parametrize("packed", [b"", b"x", lci_store.pack(lci())[:-9], lci_store.pack(lci())[9:]])
def test_other_bytes_are_no_database(packed: bytes) -> None:
    with pytest.raises(LciFileBroken):
        lci_store.unpack(packed)


def test_a_background_without_greenhouse_gases_scores_zero() -> None:
    compiled: Background = compile_database(database(process("a", out("a", 1))))
    assert score(compiled, 0, AR6).kgco2e == 0


def test_a_supply_chain_adds_up_with_its_rest_and_unrolls_a_loop() -> None:
    """x = 1.25 of a and 0.5 of b, as in the loop above: 4 kg; its tree holds a, b, a again …"""
    made = database(
        process("a", out("a", 1), into("b", 0.4), out("co2", 2)),
        process("b", out("b", 1), into("a", 0.5), into("a", 0.0), out("co2", 3)),
    )
    compiled = compile_database(made)
    found = tree(compiled, compiled.find("a"), AR6, cutoff=0.01)
    assert found[0].kgco2e == pytest.approx(4)
    assert [compiled.products[one.product].flow for one in found[:3]] == ["a", "b", "a"]
    assert [one.amount for one in found[:3]] == pytest.approx([1, 0.4, 0.2])
    assert math.fsum(one.direct_kgco2e + one.rest_kgco2e for one in found) == pytest.approx(4, rel=1e-12)
    short = tree(compiled, compiled.find("a"), AR6, cutoff=0.0001, most=2)
    assert math.fsum(one.direct_kgco2e + one.rest_kgco2e for one in short) == pytest.approx(4, rel=1e-12)
    assert len(short) == 2


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.floats(0.01, 0.9), st.floats(0.0, 100)), min_size=1, max_size=12), st.floats(0.001, 0.3))
def test_every_tree_adds_up(sizes: list[tuple[float, float]], cutoff: float) -> None:
    compiled = compile_database(chain(sizes))
    last = len(sizes) - 1
    found = tree(compiled, last, AR6, cutoff=cutoff)
    whole = score(compiled, last, AR6).kgco2e
    assert math.fsum(one.direct_kgco2e + one.rest_kgco2e for one in found) == pytest.approx(whole, rel=1e-9, abs=1e-12)


TAKEN = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(-0.6, 1.2).filter(lambda x: abs(x) > 1e-3), max_size=14
)


def of_six(taken: Mapping[tuple[int, int], float]) -> LciDatabase:
    """Six processes that take (or, below 0, avoid) so much of one another and emit 1 to 6 kg."""
    rows: list[list[Exchange]] = [[out(f"p{n}", 1), out("co2", n + 1)] for n in range(6)]
    for (row, column), amount in taken.items():
        rows[column].append(
            into(f"p{row}", amount) if amount > 0 else out(f"p{row}", -amount, is_avoided=True, unit="kg")
        )
    named = [[replace(one, id=f"{one.id} {number}") for number, one in enumerate(row)] for row in rows]
    return database(*(process(f"p{number}", *row) for number, row in enumerate(named)))


@settings(deadline=None, max_examples=150)
@given(TAKEN)
def test_what_is_proven_has_no_fault(taken: Mapping[tuple[int, int], float]) -> None:
    """Loops taken alone: their spectral radius, inputs only, is below 1, and A has an inverse."""
    matrix = compile_database(of_six(taken)).technosphere.toarray()
    if is_proven(sparse.csc_matrix(matrix)):
        inputs = np.diag(1 / np.diag(matrix)) @ np.maximum(np.diag(np.diag(matrix)) - matrix, 0)
        assert np.abs(np.linalg.eigvals(inputs)).max() < 1
        assert np.linalg.matrix_rank(matrix) == 6


@settings(deadline=None, max_examples=150)
@given(TAKEN)
def test_runs_are_those_of_a_dense_solve(taken: Mapping[tuple[int, int], float]) -> None:
    compiled = compile_database(of_six(taken))
    matrix = compiled.technosphere.toarray()
    if len(compiled.faulty) or np.linalg.cond(matrix) > 1e6:
        return
    for product in range(6):
        expected = np.linalg.solve(matrix, np.eye(6)[product])
        assert compiled.supply(product) == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


def test_who_has_the_unit_impacts_factorises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain in which only the last emits, with a loop and a credit: score, gaps and tree of stored impacts."""
    made = database(
        process("a", out("a", 1), into("b", 0.4), out("heat", 0.1, is_avoided=True)),
        process("b", out("b", 1), into("a", 0.5), into("c", 3), into("nowhere", 1)),
        process("c", out("c", 1), into("d", 1)),
        process("d", out("d", 1), out("co2", 2)),
        process("heat", out("heat", 1), out("co2", 1)),
    )
    first = compile_database(made)
    known = replace(compile_database(made), stored=first.unit_impacts)
    expected = score(first, 0, AR6), tree(first, 0, AR6)

    def refuse(*_: object) -> None:
        raise AssertionError("factorised")

    for module in (background, square_system):
        monkeypatch.setattr(module, "splu", refuse)
    assert (score(known, 0, AR6), tree(known, 0, AR6)) == expected
    # x_a = 1 + 0.5 x_b, x_b = 0.4 x_a: 1.25 and 0.5; 3 c, 3 d and 2 kg for each b, 0.1 kg less for each a.
    assert kgco2e(known, 0, AR6) == pytest.approx(0.5 * 3 * 2 - 1.25 * 0.1)
    assert [code for code, _ in shares_behind_gaps(known, 0)] == ["cut-off-unlinked"]
