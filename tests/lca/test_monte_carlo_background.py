"""Monte Carlo of a background: against formulas, against Brightway's own runs, its solver, what is uncertain."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from make import lci
from numpy.typing import NDArray

from factors.library import load
from lca import monte_carlo_background, pedigree
from lca.background import compile_database
from lca.dataset import Allocation, Exchange, Flow, LciDatabase, Uncertainty, UnitProcess
from lca.errors import AllDrawsFailed, PedigreeInvalid, RunsInvalid, SystemSingular
from lca.lci_score import scores
from lca.monte_carlo_background import BackgroundSamples, run_background
from service.catalogue import lci_told

Vector = NDArray[np.float64]

AR6 = load().gwp_sets["AR6"]
CO2 = Flow("co2", "Carbon dioxide, fossil", "elementary", "kg", category="air")
ERRORS = 4.5
RUNS = 4_000


def lognormal(amount: float, sigma: float) -> Uncertainty:
    return Uncertainty("lognormal", math.log(abs(amount)), sigma)


def out(flow: str, amount: float, sigma: float = 0.0, **more: Any) -> Exchange:
    given = {"uncertainty": lognormal(amount, sigma) if sigma else None, **more}
    return Exchange(f"out {flow}", flow, amount, given.pop("unit", "kg"), is_input=False, **given)


def into(flow: str, amount: float, sigma: float = 0.0, **more: Any) -> Exchange:
    given = {"uncertainty": lognormal(amount, sigma) if sigma else None, **more}
    return Exchange(given.pop("id", f"in {flow}"), flow, amount, given.pop("unit", "kg"), is_input=True, **given)


def process(identifier: str, *exchanges: Exchange, **more: Any) -> UnitProcess:
    return UnitProcess(identifier, more.pop("name", identifier), exchanges, exchanges[0].id, **more)


def database(*processes: UnitProcess, flows: Sequence[Flow] = ()) -> LciDatabase:
    named = {one.id: one for one in (CO2, *flows)}
    for one in processes:
        for exchange in one.exchanges:
            named.setdefault(exchange.flow, Flow(exchange.flow, exchange.flow, "product", exchange.unit))
    return LciDatabase("made", named, processes)


def drawn(made: LciDatabase, runs: int = RUNS, seed: int = 1, **more: Any) -> BackgroundSamples:
    return run_background(compile_database(made), AR6, runs, seed, **more)


def codes(found: BackgroundSamples) -> dict[str, dict[str, str]]:
    return {one.code: dict(one.params) for one in found.warnings}


def sd_of_logs(values: Vector, expected: float) -> bool:
    found = float(np.std(np.log(values), ddof=1))
    return abs(found - expected) <= ERRORS * expected / math.sqrt(2 * len(values))


# --- against formulas and against Brightway ------------------------------------------------------


def bicycle() -> LciDatabase:
    """Brightway's bicycle, 2.5 kg of fibre known to sigma 0.05, its 26.6 kg CO2 to 0.08, its gas to 0.1."""
    made = lci()
    sigmas = {("bike", "2"): 0.05, ("cf", "2"): 0.1, ("cf", "3"): 0.08}
    spread = tuple(
        replace(
            one,
            exchanges=tuple(
                replace(e, uncertainty=lognormal(e.amount, sigmas[one.id, e.id])) if (one.id, e.id) in sigmas else e
                for e in one.exchanges
            ),
        )
        for one in made.processes
    )
    return replace(made, processes=spread)


def test_the_bicycle_spreads_by_quadrature() -> None:
    """ln of 2.5 x 26.6: sd = sqrt(0.05² + 0.08²), the gas emits nothing; a sd is known to sd / sqrt(2 n)."""
    found = drawn(bicycle())
    bike = found.of(found.background.find("Bike assembly"))
    assert bike.kgco2e == 66.5
    assert bike.failed == 0
    sigma = math.hypot(0.05, 0.08)
    assert sd_of_logs(bike.scores, sigma)
    assert abs(np.log(bike.scores).mean() - math.log(66.5)) <= ERRORS * sigma / math.sqrt(RUNS)
    assert found.spread == {"published": 3, "pedigree": 0, "certain": 3}
    assert (found.factorised, found.warnings) == (0, ())


def brightways_own(runs: int) -> Vector:
    """Return the bicycle's scores as bw2calc draws them, technosphere and biosphere seeded apart."""
    import bw_processing as bwp

    def distributions(amounts: Sequence[float], sigmas: Sequence[float]) -> Any:
        made = np.zeros(len(amounts), dtype=bwp.UNCERTAINTY_DTYPE)
        for name in ("scale", "shape", "minimum", "maximum"):
            made[name] = np.nan
        for row, (amount, sigma) in enumerate(zip(amounts, sigmas, strict=True)):
            made["uncertainty_type"][row] = 2 if sigma else 0
            made["loc"][row] = math.log(amount) if sigma else amount
            made["scale"][row] = sigma or np.nan
        return made

    def packaged(matrix: str, seed: int, entries: Sequence[tuple[int, int, float, float]], **arrays: Any) -> Any:
        package = bwp.create_datapackage(name=matrix, seed=seed)
        amounts = [amount for _, _, amount, _ in entries]
        package.add_persistent_vector(
            matrix=matrix,
            name=matrix,
            indices_array=np.array([(row, column) for row, column, _, _ in entries], dtype=bwp.INDICES_DTYPE),
            data_array=np.array(amounts),
            distributions_array=distributions(amounts, [sigma for *_, sigma in entries]),
            **arrays,
        )
        return package

    technosphere = packaged(
        "technosphere_matrix",
        1,
        [(1, 1, 1, 0), (2, 2, 1, 0), (3, 3, 1, 0), (2, 1, 2.5, 0.05), (3, 2, 237.0, 0.1)],
        flip_array=np.array([False, False, False, True, True]),
    )
    biosphere = packaged("biosphere_matrix", 2, [(9, 2, 26.6, 0.08)])
    weights = bwp.create_datapackage(name="gwp")
    weights.add_persistent_vector(
        matrix="characterization_matrix",
        name="gwp",
        indices_array=np.array([(9, 0)], dtype=bwp.INDICES_DTYPE),
        data_array=np.array([1.0]),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bw2calc

        lca = bw2calc.LCA({1: 1.0}, data_objs=[technosphere, biosphere, weights], use_distributions=True)
        lca.lci()
        lca.lcia()
        return np.array([lca.score for _ in zip(range(runs), lca, strict=False)])


def test_the_bicycle_is_brightways_own_within_the_standard_error() -> None:
    runs = 1500
    theirs = brightways_own(runs)
    found = drawn(bicycle(), runs)
    ours = found.of(found.background.find("Bike assembly")).scores
    sd = math.hypot(0.05, 0.08)
    for moment in (np.mean, np.std):
        errors = 1 / math.sqrt(runs) if moment is np.mean else 1 / math.sqrt(2 * runs)
        difference = moment(np.log(ours)) - moment(np.log(theirs))
        assert abs(difference) <= ERRORS * sd * errors * math.sqrt(2)
    assert abs(np.log(theirs).std() - sd) <= ERRORS * sd / math.sqrt(2 * runs)


# --- streams -------------------------------------------------------------------------------------


def apart() -> LciDatabase:
    """Two products without anything in common: one spreads by its input, the other by its emission, both alike."""
    return database(
        process("fuel", out("fuel", 1), out("co2", 3)),
        process("by input", out("a", 1), into("fuel", 2, 0.2)),
        process("by emission", out("b", 1), out("co2", 6, 0.2)),
    )


def test_technosphere_and_biosphere_are_drawn_apart() -> None:
    """One seed for both would make them one: r = 1."""
    found = drawn(apart(), 20_000)
    one, other = (found.of(found.background.find(name)).scores for name in ("by input", "by emission"))
    assert sd_of_logs(one, 0.2)
    assert sd_of_logs(other, 0.2)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


@pytest.mark.parametrize("seed", [0, 7, 2**70])
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    first, again = drawn(bicycle(), 30, seed), drawn(bicycle(), 30, seed)
    assert first.scores.tobytes() == again.scores.tobytes()
    assert drawn(bicycle(), 50, seed).scores[:30].tobytes() == first.scores.tobytes()
    assert drawn(bicycle(), 30, seed + 1).scores.tobytes() != first.scores.tobytes()


def test_products_asked_for_are_columns_of_all() -> None:
    everything = drawn(bicycle(), 30)
    some = drawn(bicycle(), 30, products=[1, 0])
    assert (some.scores == everything.scores[:, [1, 0]]).all()
    assert some.of(0).kgco2e == everything.of(0).kgco2e
    assert some.of(0).product == "Bike assembly"
    with pytest.raises(ValueError, match="tuple"):
        some.of(2)
    json.dumps(some.of(1).record(), allow_nan=False)


def test_means_are_right_for_many_seeds() -> None:
    """exp(sigma² / 2) of a lognormal: 66.5 x exp(0.0089 / 2)."""
    expected = 66.5 * math.exp((0.05**2 + 0.08**2) / 2)
    for seed in range(15):
        found = drawn(bicycle(), 500, seed, products=[0]).scores[:, 0]
        assert abs(found.mean() - expected) <= ERRORS * found.std() / math.sqrt(500)


# --- the solver ----------------------------------------------------------------------------------


def web(count: int = 60, seed: int = 3, has_credits: bool = False) -> LciDatabase:
    """Processes that take of each other at random, some twice of one, of themselves, or in place of others."""
    rng = np.random.default_rng(seed)
    scale = rng.lognormal(0, 4, count)
    made = []
    for number in range(count):
        suppliers = rng.choice(count, 5, replace=False)
        taken = [
            into(f"f{s}", float(rng.uniform(0.02, 0.16) * scale[s] / scale[number]), 0.2, id=f"in {s}")
            for s in (*suppliers[::-1], number)
        ]
        again = into(f"f{suppliers[0]}", float(0.05 * scale[suppliers[0]] / scale[number]), 0.2, id="again")
        avoided = []
        if has_credits and number % 4 == 0:
            amount = float(0.1 * scale[suppliers[1]] / scale[number])
            avoided = [replace(out(f"f{suppliers[1]}", amount, 0.3), is_avoided=True)]
        emitted = [out("co2", float(rng.lognormal() / scale[number]), 0.3)] if number % 3 else []
        made.append(process(f"p{number}", out(f"f{number}", 1.0), *taken, again, *avoided, *emitted))
    return database(*made)


@pytest.mark.parametrize("has_credits", [False, True])
def test_the_iteration_gives_what_the_factorisation_gives(has_credits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one run of both: what scipy does to a matrix must not reach the indices that other runs share."""
    made = web(has_credits=has_credits)
    iterated = drawn(made, 40)
    assert (iterated.factorised, iterated.warnings) == (0, ())
    monkeypatch.setattr(monte_carlo_background, "MOST_STEPS", 0)
    exact = drawn(made, 40)
    assert exact.factorised == 40
    assert codes(exact) == {"draws-factorised": {"count": "40", "runs": "40"}}
    sizes = np.abs(exact.scores).max(axis=0)
    assert (np.abs(iterated.scores - exact.scores) <= 1e-7 * sizes).all()
    assert exact.of(3).failed == 0


@pytest.mark.parametrize("has_credits", [False, True])
def test_published_amounts_give_the_scores(has_credits: bool) -> None:
    compiled = compile_database(web(has_credits=has_credits))
    found = run_background(compiled, AR6, 1, 0)
    np.testing.assert_allclose(found.kgco2e, scores(compiled, AR6), rtol=1e-10)


def test_every_run_solves_its_own_matrix() -> None:
    """x takes so much of itself that 1 / (1 - g) shows g: with one deviate a run, scores follow it exactly."""
    made = database(process("x", out("x", 1), into("x", 0.5, 0.1), out("co2", 1)))
    found = drawn(made, 300).scores[:, 0]
    gain = 1 - 1 / found
    assert sd_of_logs(gain, 0.1)
    assert abs(np.log(gain).mean() - math.log(0.5)) <= ERRORS * 0.1 / math.sqrt(300)


def loop(gain: float, sigma: float, taken: float = 1.0) -> LciDatabase:
    return database(
        process("a", out("a", 1), into("b", gain, sigma), out("co2", 1)),
        process("b", out("b", 1), into("a", taken)),
        process("c", out("c", 1), out("co2", 1, 0.1)),
    )


def test_runs_whose_loop_takes_more_than_it_gives_are_counted_and_told() -> None:
    """0.7 exp(0.5 z) >= 1 in 23.78 % of runs; in the others 1 / (1 - g) > 1."""
    runs = 1000
    found = drawn(loop(0.7, 0.5), runs)
    a = found.of(found.background.find("a"))
    assert abs(a.failed / runs - 0.2378) <= ERRORS * math.sqrt(0.2378 * 0.7622 / runs)
    assert (a.good > 1).all()
    assert codes(found)["draws-failed"] == {"count": str(a.failed), "runs": str(runs)}
    assert np.isnan(found.scores).any(axis=1).sum() == a.failed  # a run fails as a whole
    assert a.record()["failed"] == a.failed


def test_a_slow_loop_is_factorised_and_right() -> None:
    """A gain of 0.9999: the series would need 200,000 steps; by hand 1 / (1 - 0.9999)."""
    made = loop(0.9999, 0.00001)
    found = drawn(made, 5)
    assert found.factorised == 5
    a = found.of(found.background.find("a"))
    assert a.kgco2e == pytest.approx(10_000)
    assert a.scores == pytest.approx(np.full(5, 10_000), rel=0.5)
    assert (a.scores > 0).all()


def test_a_loop_that_decays_slowly_does_not_hide_behind_one_that_decays_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gain of 0.99 known to 9e-9: steps below 1e-8 that add up to 9e-7, beside one of 0.5 that moves by a tenth."""
    pairs = [("slow", "slow too", 0.99, 9e-9, 0.0), ("fast", "fast too", 0.5, 0.0, 0.1)]
    made = database(
        *(
            process(name, out(name, 1), into(other, gain, sigma), out("co2", 1, emitted))
            for one, two, gain, sigma, emitted in pairs
            for name, other in ((one, two), (two, one))
        )
    )
    iterated = drawn(made, 20)
    monkeypatch.setattr(monte_carlo_background, "MOST_STEPS", 0)
    np.testing.assert_allclose(iterated.scores, drawn(made, 20).scores, rtol=2e-8)


def test_a_loop_that_decays_more_slowly_than_published_is_solved_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gains from 0.1 to nearly 1 where 0.3 was published."""
    iterated = drawn(loop(0.3, 0.5), 150)
    monkeypatch.setattr(monte_carlo_background, "MOST_STEPS", 0)
    exact = drawn(loop(0.3, 0.5), 150)
    assert 10 < np.nanmax(exact.scores) < 1e4
    assert np.nanmax(np.abs(iterated.scores - exact.scores) / exact.kgco2e) < 2e-8
    assert (np.isnan(iterated.scores) == np.isnan(exact.scores)).all()


def test_a_process_that_eats_all_it_makes_fails_its_run() -> None:
    """0.8 exp(0.2 z) >= 1 for z >= 1.1157: 13.2 % of runs."""
    found = drawn(database(process("x", out("x", 1), into("x", 0.8, 0.2), out("co2", 1))), 2000)
    failed = found.of(0).failed
    assert abs(failed / 2000 - 0.13226) <= ERRORS * math.sqrt(0.13226 * 0.86774 / 2000)
    assert (found.of(0).good > 0).all()


def test_what_rests_on_a_loop_that_supplies_nothing_has_no_runs_and_all_else_has() -> None:
    for gain in (1.0, 2.0):
        made = loop(gain, 0.1)
        user = process("d", out("d", 1), into("a", 1), into("c", 1, 0.1))
        found = drawn(
            replace(made, processes=(*made.processes, user), flows=made.flows | {"d": Flow("d", "d", "product", "kg")}),
            30,
        )
        assert np.isnan(found.scores[:, [0, 1, 3]]).all()
        assert np.isnan(found.kgco2e[[0, 1, 3]]).all()
        assert found.of(2).failed == 0
        assert found.of(2).kgco2e == 1
        assert "draws-failed" not in codes(found)
        for product in (0, 1, 3):
            with pytest.raises(SystemSingular) as caught:
                found.of(product)
            assert sorted(caught.value.processes) == ["a", "b"]


def test_each_avoiding_the_others_product_is_solved_as_it_stands() -> None:
    """h_a = 2 - 1.5 h_b, h_b = -1.5 h_a: h_a = 2 / (1 - 2.25) = -1.6; no series, so every run is factorised."""
    made = database(
        process("a", out("a", 1), replace(out("b", 1.5), is_avoided=True), out("co2", 2, 0.1)),
        process("b", out("b", 1), replace(out("a", 1.5), is_avoided=True)),
    )
    found = drawn(made, 50)
    assert found.factorised == 50
    a = found.of(0)
    assert a.kgco2e == pytest.approx(-1.6)
    assert sd_of_logs(-a.scores, 0.1)


def test_every_run_without_a_solution_is_an_error() -> None:
    spread = Uncertainty("uniform", minimum=0.98, maximum=9)
    made = database(process("x", out("x", 1), into("x", 0.99, uncertainty=spread), out("co2", 1)))
    with pytest.raises(AllDrawsFailed):
        drawn(made, 8)


# --- what is uncertain ---------------------------------------------------------------------------


def test_co_products_share_the_draws_of_their_process() -> None:
    made = database(process("works", out("x", 3), out("y", 1), out("co2", 8, 0.2)))
    x, y = drawn(made, 50).scores.T
    np.testing.assert_allclose(x, y)  # by amount, 2 kg each
    assert np.ptp(x) > 0


def test_causal_shares_are_kept() -> None:
    causal = Allocation("causal", {"x": 0.5, "y": 0.5}, {"out co2": {"x": 0.25, "y": 0.75}})
    made = database(process("works", out("x", 1), out("y", 1), out("co2", 8, 0.2), allocations=(causal,)))
    x, y = drawn(made, 50).scores.T
    np.testing.assert_allclose(y, 3 * x)


def test_an_output_is_drawn_too() -> None:
    """6 kg over 2 units, these known to sigma 0.1."""
    found = drawn(database(process("a", out("a", 2, 0.1), out("co2", 6)))).of(0)
    assert found.kgco2e == 3
    assert sd_of_logs(found.scores, 0.1)


def test_own_units_are_converted_after_the_draw() -> None:
    """10 kWh of a flow in MJ, a normal of 1 kWh: 36 MJ at 0.2 kg each, sd 0.72."""
    flows = [Flow("el", "el", "product", "MJ")]
    made = database(
        process("el", out("el", 1, unit="kWh", to_reference=3.6), out("co2", 0.72)),
        process(
            "a", out("a", 1), into("el", 10, unit="kWh", to_reference=3.6, uncertainty=Uncertainty("normal", 10, 1))
        ),
        flows=flows,
    )
    found = drawn(made).of(1)
    assert found.kgco2e == pytest.approx(7.2)
    assert abs(found.scores.std() - 0.72) <= ERRORS * 0.72 / math.sqrt(2 * RUNS)


def test_removals_and_avoided_products_stay_negative() -> None:
    flows = [Flow("up", "Carbon dioxide, to soil or biomass stock", "elementary", "kg", category="soil")]
    made = database(
        process("heat", out("heat", 1), out("co2", 2)),
        process("a", out("a", 1), replace(out("heat", 5, 0.5), is_avoided=True)),
        flows=flows,
    )
    found = drawn(made, 200).of(1)
    assert found.kgco2e == -10
    assert (found.scores < 0).all()


def sigma_of(
    exchange: Exchange, version: str, *, flows: Sequence[Flow] = (), supplier: Exchange | None = None
) -> float:
    """Return the spread of a process that is uncertain in one exchange alone."""
    makers = [process("maker", supplier, out("co2", 1))] if supplier else []
    found = drawn(database(process("a", out("a", 1), exchange), *makers, flows=flows), version=version)
    return float(np.log(found.scores[:, 0]).std())


METHANE = Flow("ch4", "Methane, fossil", "elementary", "kg", category="air")
SF6 = Flow("sf6", "Sulfur hexafluoride", "elementary", "kg", category="air")
SCORES = (2, 3, 1, 2, 3)


@pytest.mark.parametrize("version", pedigree.VERSIONS)
@pytest.mark.parametrize(
    ("exchange", "kind", "unit"),
    [
        (out("co2", 1, pedigree=SCORES), pedigree.CO2, ""),
        (out("ch4", 1, pedigree=SCORES), pedigree.CH4_N2O, ""),
        (out("sf6", 1, pedigree=SCORES), "", ""),
        (into("steel", 1, pedigree=SCORES), pedigree.MATERIALS, "kg"),
        (into("lorry", 1, unit="t*km", pedigree=SCORES), pedigree.TRANSPORT, "t*km"),
        (into("ship", 1, unit="kg*km", pedigree=SCORES), pedigree.TRANSPORT, "kg*km"),
        (into("taxi", 1, unit="km", pedigree=SCORES), pedigree.MATERIALS, "km"),
        (into("bolts", 1, unit="Item(s)", pedigree=SCORES), pedigree.MATERIALS, "Item(s)"),
    ],
)
def test_scores_spread_what_has_no_published_uncertainty(
    version: str, exchange: Exchange, kind: str, unit: str
) -> None:
    basic = pedigree.basic_uncertainty(kind, version) if kind else pedigree.NO_BASIC[version]
    expected = pedigree.sigma(SCORES, basic, version)
    supplier = out(exchange.flow, 1, unit=unit) if unit else None
    found = sigma_of(exchange, version, flows=[METHANE, SF6], supplier=supplier)
    assert abs(found - expected) <= ERRORS * expected / math.sqrt(2 * RUNS)


def test_scores_of_an_output_spread_nothing() -> None:
    found = drawn(database(process("a", out("a", 1, pedigree=(5, 5, 5, 5, 5)), out("co2", 1))), 10)
    assert found.spread == {"published": 0, "pedigree": 0, "certain": 2}
    assert (found.scores == 1).all()


def test_a_published_uncertainty_goes_before_the_scores() -> None:
    found = sigma_of(out("co2", 1, 0.02, pedigree=(5, 5, 5, 5, 5)), pedigree.ECOINVENT_3)
    assert abs(found - 0.02) <= ERRORS * 0.02 / math.sqrt(2 * RUNS)


def test_what_could_not_be_taken_as_published_is_told() -> None:
    made = database(
        process(
            "a",
            out("a", 1),
            out("co2", 1, uncertainty=Uncertainty("uniform", minimum=5, maximum=6)),
            out("ch4", 1, pedigree=(1, 2, 3)),
            out("sf6", 1, pedigree=SCORES),
            into("x", 1, uncertainty=Uncertainty("normal", 1, 0.5)),
            into("y", 1, uncertainty=Uncertainty("normal", 1, 0.1)),
        ),
        process("x", out("x", 1), out("co2", 1)),
        process("y", out("y", 1), out("co2", 1)),
        flows=[METHANE, SF6],
    )
    found = drawn(made, 20)
    assert found.spread == {"published": 2, "pedigree": 1, "certain": 7}
    assert codes(found) == {
        "uncertainty-unusable": {
            "count": "1",
            "amounts": "a: Carbon dioxide, fossil (1 ∉ 99.9 % uniform, 5 … 6)",
        },
        "uncertainty-cut-at-zero": {"count": "1", "amounts": "a: x", "most": "2.3"},  # Phi(-2)
        "pedigree-without-basic": {"count": "1", "amounts": "a: Sulfur hexafluoride", "version": "ecoinvent 3"},
        "pedigree-not-scores": {"count": "1", "amounts": "a: Methane, fossil", "version": "ecoinvent 3"},
    }


def test_everything_that_is_told_has_its_words() -> None:
    made = database(
        process("x", out("x", 1), into("x", 0.8, 0.2), out("co2", 1, uncertainty=Uncertainty("normal", 1, 0.5))),
        process("y", out("y", 1), out("co2", 1, 0.1, uncertainty=Uncertainty("normal", 9, 1))),
        process("z", out("z", 1), out("ch4", 1, pedigree=(6,)), out("sf6", 1, pedigree=SCORES)),
        flows=[METHANE, SF6],
    )
    told = [*drawn(made, 50).warnings, *drawn(loop(0.9999, 0.00001), 2).warnings]
    assert {one.code for one in told} == {
        "draws-factorised", "draws-failed", "pedigree-not-scores", "pedigree-without-basic", "uncertainty-cut-at-zero",
        "uncertainty-unusable",
    }  # fmt: skip
    for one in told:
        said = lci_told.warning(one)
        assert all(value in said["zh"] and value in said["en"] for value in one.params.values())


def test_what_counts_in_no_score_is_not_drawn() -> None:
    """Water vapour, and carbon dioxide of living matter, which stands beside the score."""
    flows = [
        Flow("bio", "Carbon dioxide, biogenic", "elementary", "kg", category="air"),
        Flow("water", "Water", "elementary", "kg", category="air"),
    ]
    made = database(process("a", out("a", 1), out("bio", 5, 0.5), out("water", 5, 0.5), out("co2", 1)), flows=flows)
    found = drawn(made, 10)
    assert found.spread == {"published": 0, "pedigree": 0, "certain": 2}
    assert (found.scores == 1).all()


def test_a_background_without_greenhouse_gases_scores_zero() -> None:
    found = drawn(database(process("a", out("a", 1), into("a", 0.1, 0.2))), 10)
    assert (found.scores == 0).all()
    assert found.of(0).record()["cv"] is None


# --- what is refused -----------------------------------------------------------------------------


def test_runs_seeds_and_versions_that_are_none_are_refused() -> None:
    with pytest.raises(RunsInvalid):
        drawn(lci(), 0)
    with pytest.raises(RunsInvalid):
        drawn(lci(), 10, -1)
    with pytest.raises(PedigreeInvalid):
        drawn(lci(), 10, version="ecoinvent 4")


def test_progress_is_told_and_what_it_raises_stops() -> None:
    told: list[tuple[str, int, int]] = []
    drawn(bicycle(), 3, progress=lambda *now: told.append(now))
    assert told == [("monte-carlo", done, 3) for done in range(4)]

    def stop(_step: str, done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn(bicycle(), 10**7, products=[], progress=stop)
