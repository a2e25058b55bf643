"""Monte Carlo of a foreground: against formulas, against the whole system run by run, its streams, what it refuses.

A mean of n runs lies within 4.5 standard errors of the right one but for 7 in a million seeds; sd / sqrt(2 n) is the
standard error of a standard deviation of something nearly normal.
"""

from __future__ import annotations

import json
import math
import statistics as plain
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr

from lca import samples
from lca.dataset import Uncertainty
from lca.errors import AllDrawsFailed, ForegroundInvalid, RunsInvalid, SystemSingular, UncertaintyInvalid
from lca.monte_carlo import ForegroundSystem, Input, Line, Supply, compare, run

Vector = NDArray[np.float64]

ERRORS = 4.5
RUNS = 20_000


def lognormal(amount: float, sigma: float) -> Uncertainty:
    return Uncertainty("lognormal", math.log(abs(amount)), sigma)


def normal(amount: float, sd: float) -> Uncertainty:
    return Uncertainty("normal", amount, sd)


def system(
    size: int, inputs: Sequence[Input] = (), lines: Sequence[Line] = (), supplies: Sequence[Supply] = ()
) -> ForegroundSystem:
    names = tuple(f"p{number}" for number in range(size))
    return ForegroundSystem(names, (1.0,) * size, tuple(inputs), tuple(lines), tuple(supplies))


def line(identifier: str, supply: int, amount: float = 1.0, *rest: Any, process: int = 0, **more: Any) -> Line:
    return Line(identifier, process, supply, amount, *rest, **more)


def assert_mean(values: Vector, expected: float) -> None:
    assert abs(values.mean() - expected) <= ERRORS * values.std() / math.sqrt(len(values))


def assert_sd(values: Vector, expected: float) -> None:
    assert abs(values.std() - expected) <= ERRORS * expected / math.sqrt(2 * len(values))


# --- against formulas ----------------------------------------------------------------------------


def test_sigmas_of_a_product_of_lognormals_add_by_quadrature() -> None:
    made = system(
        2,
        [Input("i", 1, 0, 4.0, lognormal(4, 0.2))],
        [line("l", 0, 0.5, lognormal(0.5, 0.1), process=1)],
        [Supply("s", 3.0, lognormal(3, 0.15))],
    )
    found = run(made, 0, RUNS, 1)
    logs = np.log(found.good)
    assert found.kgco2e == 6.0
    assert_mean(logs, math.log(6))
    assert_sd(logs, math.sqrt(0.2**2 + 0.1**2 + 0.15**2))


def test_a_sum_of_normals_has_the_sum_of_variances() -> None:
    parts = [(10.0, 1.0), (20.0, 2.0), (-5.0, 0.5)]
    made = system(
        1,
        lines=[line(f"l{n}", 0, amount, normal(amount, sd)) for n, (amount, sd) in enumerate(parts)],
        supplies=[Supply("s", 2.0)],
    )
    found = run(made, 0, RUNS, 1)
    assert found.kgco2e == 50
    assert_mean(found.good, 50)
    assert_sd(found.good, 2 * math.sqrt(1 + 4 + 0.25))


@pytest.mark.parametrize(
    ("uncertainty", "mean", "variance"),
    [
        (Uncertainty("triangular", 3, minimum=1, maximum=9), 13 / 3, (1 + 9 + 81 - 3 - 9 - 27) / 18),
        (Uncertainty("uniform", minimum=1, maximum=9), 5, 64 / 12),
        (Uncertainty("lognormal", math.log(3), 0.3), 3 * math.exp(0.045), 9 * math.exp(0.09) * (math.exp(0.09) - 1)),
    ],
)
@pytest.mark.parametrize("seed", range(12))
def test_moments(uncertainty: Uncertainty, mean: float, variance: float, seed: int) -> None:
    """(a + b + c) / 3 and (a² + b² + c² - ab - ac - bc) / 18; (a + b) / 2 and (b - a)² / 12; those of a lognormal."""
    made = system(1, lines=[line("l", 0, 3, uncertainty)], supplies=[Supply("s", 1.0)])
    found = run(made, 0, RUNS, seed).good
    assert_mean(found, mean)
    # The standard error of a variance by the fourth moment: these are no normals.
    deviations = (found - found.mean()) ** 2
    assert abs(deviations.mean() - variance) <= ERRORS * deviations.std() / math.sqrt(RUNS)


def test_a_normal_across_zero_is_cut_and_told() -> None:
    """Mean of what is above zero of N(1, 1): 1 + phi(1) / Phi(1) = 1 + 0.24197 / 0.84134 = 1.2876."""
    made = system(1, lines=[line("l", 0, 1, normal(1, 1))], supplies=[Supply("s", 1.0)])
    found = run(made, 0, RUNS, 1)
    assert found.good.min() >= 0
    assert_mean(found.good, 1.2875999)
    assert [(one.code, dict(one.params)) for one in found.warnings] == [
        ("uncertainty-cut-at-zero", {"count": "1", "amounts": "line l", "most": "16"})  # Phi(-1) = 15.9 %
    ]
    far = system(1, lines=[line("l", 0, 1, normal(1, 0.1))], supplies=[Supply("s", 1.0)])
    assert run(far, 0, 100, 1).warnings == ()


def test_a_credit_stays_a_credit() -> None:
    made = system(
        2,
        [Input("i", 1, 0, -2.0, lognormal(2, 0.5))],
        [line("l", 0, 3.0, process=1)],
        [Supply("s", 1.0, Uncertainty("uniform", minimum=0.5, maximum=1.5))],
    )
    found = run(made, 0, 500, 1)
    assert found.kgco2e == -6
    assert (found.good < 0).all()
    assert found.record()["gsd"] is None


# --- what is shared ------------------------------------------------------------------------------


@pytest.mark.parametrize(("names", "variance"), [(("s", "s"), (2 + 3) ** 2), (("s", "t"), 2**2 + 3**2)])
def test_lines_of_one_supply_rise_and_fall_together(names: tuple[str, str], variance: float) -> None:
    """(a + b)² sigma² where one supply serves both lines, a² + b² where each has its own."""
    supplies = [Supply(name, 1.0, normal(1, 0.1)) for name in dict.fromkeys(names)]
    lines = [line("l", 0, 2.0), line("m", len(supplies) - 1, 3.0)]
    found = run(system(1, lines=lines, supplies=supplies), 0, RUNS, 1)
    assert_sd(found.good, 0.1 * math.sqrt(variance))


@pytest.mark.parametrize(("group", "variance"), [("load", (2 + 3) ** 2), ("", 2**2 + 3**2)])
def test_amounts_of_one_group_share_their_draw(group: str, variance: float) -> None:
    lines = [line("l", 0, 2.0, normal(2, 0.2), group), line("m", 0, 3.0, normal(3, 0.3), group)]
    found = run(system(1, lines=lines, supplies=[Supply("s", 1.0)]), 0, RUNS, 1)
    assert_sd(found.good, 0.1 * math.sqrt(variance))


def test_a_group_ties_inputs_and_lines_of_other_distributions() -> None:
    """Both at one quantile in each run: as ranks they are one."""
    made = system(
        2,
        [Input("i", 1, 0, 2.0, lognormal(2, 0.3), "load")],
        [line("l", 0, 5.0, Uncertainty("triangular", 5, minimum=1, maximum=9), "load"), line("m", 0, process=1)],
        [Supply("s", 1.0)],
    )
    found = run(made, 0, 400, 1)
    assert found.inputs == (("group", "load"),)
    (deviates,) = found.deviates
    assert (np.argsort(deviates) == np.argsort(found.scores)).all()


def test_streams_are_independent_of_each_other() -> None:
    lines = [line(f"l{n}", n, 2.0, lognormal(2, 0.1), process=n % 2) for n in range(6)]
    supplies = [Supply(f"l{n}", 1.0, lognormal(1, 0.1)) for n in range(6)]  # of the names of the lines
    found = run(system(2, [Input("l0", 1, 0, 1.0, lognormal(1, 0.1))], lines, supplies), 0, RUNS, 5, keep=RUNS)
    assert len(found.inputs) == 13
    correlations = np.corrcoef(found.deviates) - np.eye(13)
    assert np.abs(correlations).max() < 0.03  # 4 standard errors of 1 / sqrt(20,000)


# --- run by run against the whole system ---------------------------------------------------------


def chain(size: int = 12, seed: int = 4) -> ForegroundSystem:
    """Processes that take of those behind them, with two loops and a credit; outputs other than one."""
    rng = np.random.default_rng(seed)
    pairs = [(n + 1, n) for n in range(size - 1)]
    pairs += [(later, n) for n in range(size - 2) for later in rng.choice(np.arange(n + 2, size), 1)]
    pairs += [(0, size - 1), (2, size - 2)]
    inputs = [
        Input(f"i{n}", int(a), b, v, lognormal(v, 0.2))
        for n, (a, b) in enumerate(pairs)
        for v in (float(rng.uniform(0.1, 0.4)),)
    ]
    inputs += [Input("self", 1, 1, 0.1, lognormal(0.1, 0.2)), Input("credit", 3, 0, -0.05, normal(-0.05, 0.005))]
    inputs += [Input("twice", pairs[0][0], 0, 0.1)]
    lines = [
        Line(f"l{process}.{supply}", process, int(supply), v, lognormal(v, 0.3))
        for process in range(size)
        for supply in rng.choice(4, 2, replace=False)
        for v in (float(rng.lognormal()),)
    ]
    names = tuple(f"p{n}" for n in range(size))
    outputs = tuple(rng.uniform(0.5, 3, size))
    return ForegroundSystem(names, outputs, tuple(inputs), tuple(lines), ())


def test_the_reduced_system_is_the_full_system_run_by_run() -> None:
    """The background's four processes beside the foreground's in one matrix, with the same draws imposed."""
    technosphere = np.array([[1, -0.2, 0, -0.1], [-0.3, 1, -0.4, 0], [0, -0.1, 1, 0], [0, 0, -0.2, 2.0]])
    emissions = np.array([1.5, 0.2, 0.0, 7.0])
    impacts = np.linalg.solve(technosphere.T, emissions)
    made = replace(chain(), supplies=tuple(Supply(f"s{n}", float(value)) for n, value in enumerate(impacts)))
    runs = 300
    found = run(made, 0, runs, 8, keep=runs)
    assert found.failed == 0
    drawn = dict(zip(found.inputs, found.deviates, strict=True))

    def amount(kind: str, one: Input | Line, number: int) -> float:
        given = one.uncertainty
        if given is None or given.loc is None or given.scale is None:
            return one.amount
        z = drawn[kind, one.id][number]
        if given.kind == "normal":
            return -(-given.loc + given.scale * z)  # a credit: larger deviates are larger credits
        return math.exp(given.loc + given.scale * z)

    size = len(made.processes)
    for number in range(runs):
        full = np.zeros((size + 4, size + 4))
        full[:size, :size] = np.diag(made.outputs)
        full[size:, size:] = technosphere
        for one in made.inputs:
            full[one.row, one.column] -= amount("input", one, number)
        for taken in made.lines:
            full[size + taken.supply, taken.process] -= amount("line", taken, number)
        supply = np.linalg.solve(full, np.eye(size + 4)[0])
        assert found.scores[number] == pytest.approx(float(supply[size:] @ emissions), rel=1e-9)


def test_what_a_product_does_not_need_is_left_out() -> None:
    """A loop that takes as much as it gives harms nothing outside."""
    loop = [Input("a", 2, 1, 1.0), Input("b", 1, 2, 1.0)]
    lines = [line("l", 0), line("m", 1, process=1)]
    made = system(3, loop, lines, [Supply("s", 2.0, lognormal(2, 0.1)), Supply("t", 2.0, lognormal(2, 0.1))])
    found = run(made, 0, 50, 1)
    assert found.kgco2e == 2
    assert found.inputs == (("supply", "s"),)


def test_outputs_are_those_of_the_processes_that_are_needed() -> None:
    """8 units of p1 for 2 of p2, 4 kg for 5 units of p1: 8 / 2 x 4 / 5 = 3.2; p0 makes something else."""
    made = ForegroundSystem(
        ("p0", "p1", "p2"), (100.0, 5.0, 2.0), (Input("i", 1, 2, 8.0),), (Line("l", 1, 0, 4.0),), (Supply("s", 1.0),)
    )
    assert run(made, 2, 1, 0).kgco2e == pytest.approx(3.2)


# --- the same seed, the same bytes ---------------------------------------------------------------


def mixed() -> ForegroundSystem:
    made = chain()
    supplies = (
        Supply("s0", 2.0, lognormal(2, 0.2)),
        Supply("s1", 3.0, normal(3, 2.0)),
        Supply("s2", 1.0, Uncertainty("uniform", minimum=-0.5, maximum=2.5)),
        Supply("s3", 4.0, Uncertainty("triangular", 4, minimum=-1, maximum=6)),
    )
    return replace(made, supplies=supplies)


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_the_same_seed_gives_the_same_bytes_however_many_runs_are_solved_at_once(seed: int) -> None:
    first = run(mixed(), 0, 257, seed)
    for at_once in (1, 2, 7, 100, 257, 1000):
        again = run(mixed(), 0, 257, seed, at_once=at_once)
        assert again.scores.tobytes() == first.scores.tobytes()
        assert again.deviates.tobytes() == first.deviates.tobytes()
        assert again.record() == first.record()
    longer = run(mixed(), 0, 300, seed)
    assert longer.scores[:257].tobytes() == first.scores.tobytes()


def test_another_seed_gives_other_runs() -> None:
    found = [run(mixed(), 0, 50, seed).scores for seed in range(20)]
    assert len({one.tobytes() for one in found}) == 20


def test_a_line_more_leaves_all_other_draws_as_they_were() -> None:
    made = mixed()
    before = run(made, 0, 40, 3)
    more = replace(made, lines=(Line("first", 0, 0, 1.0, lognormal(1, 0.2)), *made.lines))
    after = run(more, 0, 40, 3)
    drawn = dict(zip(after.inputs, after.deviates, strict=True))
    assert set(drawn) - set(before.inputs) == {("line", "first")}
    for key, deviates in zip(before.inputs, before.deviates, strict=True):
        assert (drawn[key] == deviates).all()


# --- runs that cannot be solved ------------------------------------------------------------------


def loop(uncertainty: Uncertainty, amount: float = 0.7) -> ForegroundSystem:
    """p0 takes so much of p1, and that one p0's product: productive below 1."""
    inputs = [Input("a", 1, 0, amount, uncertainty), Input("b", 0, 1, 1.0)]
    return system(2, inputs, [line("l", 0)], [Supply("s", 1.0)])


@pytest.mark.parametrize("credit", [0.0, -0.01])
def test_runs_whose_loop_takes_more_than_it_gives_are_counted_and_told(credit: float) -> None:
    """0.7 exp(0.5 z) >= 1 for z >= 0.7133: 23.8 % of runs, and exactly those; by a credit nothing is made good."""
    made = loop(lognormal(0.7, 0.5))
    made = replace(made, inputs=(*made.inputs, Input("c", 0, 0, credit)))
    found = run(made, 0, RUNS, 1, keep=RUNS)
    gain = 0.7 * np.exp(0.5 * found.deviates[0])
    assert (np.isnan(found.scores) == (gain >= 1 - credit)).all()
    assert found.failed == int((gain >= 1 - credit).sum())
    if credit == 0:
        assert abs(found.failed / RUNS - 0.2378) <= ERRORS * math.sqrt(0.2378 * 0.7622 / RUNS)
    good = gain < 1 - credit
    np.testing.assert_allclose(found.good, 1 / (1 - credit - gain[good]), rtol=1e-9)
    assert [(one.code, one.params) for one in found.warnings] == [
        ("draws-failed", {"count": str(found.failed), "runs": str(RUNS)})
    ]
    record = found.record()
    assert (record["runs"], record["failed"]) == (RUNS, found.failed)
    assert record["mean"] == pytest.approx(found.good.mean())


def test_a_run_that_is_exactly_singular_is_counted_beside_the_others() -> None:
    """A loop whose gain takes one of the dozen doubles around 1: LAPACK refuses those of exactly 1 outright."""
    low, high = 1 - 2**-50, 1 + 2**-50
    found = run(loop(Uncertainty("uniform", minimum=low, maximum=high), 1 - 2**-51), 0, 200, 1)
    gain = low + ndtr(found.deviates[0]) * (high - low)
    assert (gain == 1).any()
    assert (np.isnan(found.scores) == (gain >= 1)).all()
    np.testing.assert_allclose(found.good, 1 / (1 - gain[gain < 1]))


def test_a_loop_that_takes_as_much_as_it_gives_is_named() -> None:
    for amount in (1.0, 1.5):
        with pytest.raises(SystemSingular) as caught:
            run(loop(lognormal(amount, 0.1), amount), 0, 10, 1)
        assert sorted(caught.value.processes) == ["p0", "p1"]


def test_no_run_at_all_is_an_error() -> None:
    with pytest.raises(AllDrawsFailed):
        run(loop(Uncertainty("uniform", minimum=0.98, maximum=9), 0.99), 0, 8, 1)


# --- what is refused -----------------------------------------------------------------------------


def test_everything_wrong_in_a_system_is_said_at_once() -> None:
    made = ForegroundSystem(
        ("p0", "p1"),
        (1.0, 0.0),
        (Input("i", 0, 2, 1.0), Input("i", 0, 1, math.nan)),
        (Line("l", 0, 5, 1.0), Line("m", 0, 0, math.inf)),
        (Supply("s", math.nan), Supply("s", 1.0)),
    )
    with pytest.raises(ForegroundInvalid) as caught:
        run(made, 2, 10, 1)
    assert len(caught.value.problems) == 9
    with pytest.raises(ForegroundInvalid, match="outputs = 1, processes = 2"):
        run(replace(system(2), outputs=(1.0,)), 0, 10, 1)


def test_all_distributions_that_cannot_be_drawn_are_said_at_once() -> None:
    made = system(
        1,
        lines=[line("l", 0, 1.0, normal(-1, 1)), line("m", 0, 1.0, Uncertainty("uniform", minimum=5, maximum=6))],
        supplies=[Supply("s", 1.0, Uncertainty("lognormal", None, 0.1))],
    )
    with pytest.raises(UncertaintyInvalid) as caught:
        run(made, 0, 10, 1)
    assert [one.partition(":")[0] for one in caught.value.problems] == ["line l", "line m", "supply s"]


@pytest.mark.parametrize(("runs", "seed"), [(0, 1), (-5, 1), (10, -1), (1.5, 1), (10, "x")])
def test_no_runs_and_seeds_below_zero_are_refused(runs: Any, seed: Any) -> None:
    with pytest.raises(RunsInvalid):
        run(system(1), 0, runs, seed)


def test_progress_is_told_and_what_it_raises_stops() -> None:
    told: list[tuple[str, int, int]] = []
    run(mixed(), 0, 25, 1, lambda *now: told.append(now), at_once=10)
    assert told == [("monte-carlo", done, 25) for done in (0, 10, 20, 25)]
    told.clear()
    compare((mixed(), 0), (mixed(), 1), 25, 1, lambda *now: told.append(now))
    assert told == [("monte-carlo", done, 50) for done in (0, 25, 25, 50)]

    def stop(_step: str, done: int, _total: int) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(mixed(), 0, 10**9, 1, stop, at_once=10)


def test_a_system_without_uncertainty_gives_one_number() -> None:
    found = run(system(1, lines=[line("l", 0, 2.0)], supplies=[Supply("s", 3.0)]), 0, 20, 1)
    record = found.record()
    assert (record["mean"], record["sd"], record["cv"], record["gsd"]) == (6, 0, 0, 1)
    assert record["histogram"] == {"edges": [5.5, 6.5], "counts": [20], "below": 0, "above": 0}
    assert record["drivers"] == []
    assert run(system(1), 0, 1, 0).record()["cv"] is None


# --- comparison ----------------------------------------------------------------------------------


def product(amount: float, supply: str, identifier: str = "l") -> ForegroundSystem:
    return system(1, lines=[line(identifier, 0, amount)], supplies=[Supply(supply, 1.0, lognormal(1, 0.3))])


def test_a_shared_supply_decides_what_each_by_itself_would_not() -> None:
    """5 % more of one supply is more in every run; of two supplies in Phi(ln 1.05 / (0.3 sqrt 2)) = 54.6 % of them."""
    shared = compare((product(1.0, "grid"), 0), (product(1.05, "grid"), 0), RUNS, 1).record()
    assert (shared["first_is_lower"], shared["first_is_higher"], shared["equal"]) == (1, 0, 0)
    assert shared["difference"]["gsd"] is None
    apart = compare((product(1.0, "grid"), 0), (product(1.05, "other grid"), 0), RUNS, 1).record()
    expected = plain.NormalDist().cdf(math.log(1.05) / (0.3 * math.sqrt(2)))
    assert abs(apart["first_is_lower"] - expected) <= ERRORS * apart["first_is_lower_standard_error"]
    assert apart["first_is_lower"] + apart["first_is_higher"] == pytest.approx(1)


def test_groups_are_shared_and_lines_of_two_systems_are_not() -> None:
    def made(amount: float, group: str) -> ForegroundSystem:
        return system(1, lines=[line("l", 0, amount, lognormal(amount, 0.2), group)], supplies=[Supply("s", 1.0)])

    tied = compare((made(1.0, "yield"), 0), (made(2.0, "yield"), 0), 2000, 1)
    np.testing.assert_allclose(tied.second.scores, 2 * tied.first.scores)
    free = compare((made(1.0, ""), 0), (made(2.0, ""), 0), RUNS, 1)
    assert abs(np.corrcoef(free.first.scores, free.second.scores)[0, 1]) < 0.03


def test_two_products_of_one_system_share_everything() -> None:
    made = mixed()
    found = compare((made, 0), (made, 0), 50, 1)
    assert found.record()["equal"] == 1
    assert (found.first.scores == run(made, 0, 50, 1).scores).all()


def test_runs_that_fail_in_one_product_count_in_none() -> None:
    found = compare((loop(lognormal(0.7, 0.5)), 0), (product(1.0, "grid"), 0), 500, 1)
    record = found.record()
    assert record["failed"] == found.first.failed > 0
    assert len(found.differences) == 500 - found.first.failed
    json.dumps(record, allow_nan=False)


# --- statistics ----------------------------------------------------------------------------------


def test_statistics_are_those_of_the_standard_library() -> None:
    values = np.random.default_rng(1).lognormal(1, 0.4, 999)
    found = samples.statistics(values)
    assert found["mean"] == pytest.approx(plain.fmean(values))
    assert found["median"] == pytest.approx(plain.median(values))
    assert found["sd"] == pytest.approx(plain.stdev(values))
    assert found["standard_error"] == pytest.approx(plain.stdev(values) / math.sqrt(999))
    assert found["cv"] == pytest.approx(plain.stdev(values) / plain.fmean(values))
    assert found["gsd"] == pytest.approx(math.exp(plain.stdev(np.log(values))))
    cuts = plain.quantiles(values, n=40, method="inclusive")
    expected = {"2.5": cuts[0], "5": cuts[1], "95": cuts[37], "97.5": cuts[38]}
    assert found["percentiles"] == pytest.approx(expected)


def test_a_histogram_counts_every_value_once() -> None:
    values = np.arange(10_000.0)
    found = samples.histogram(values)
    assert sum(found["counts"]) + found["below"] + found["above"] == 10_000
    assert (found["below"], found["above"]) == (10, 10)  # 0.1 % at either end
    assert len(found["edges"]) == len(found["counts"]) + 1
    assert max(found["counts"]) - min(found["counts"]) <= 1


@pytest.mark.parametrize(
    ("values", "is_converged", "farthest"),
    [
        (np.ones(100), True, 0.0),
        (np.concatenate([np.ones(99), [1.6]]), False, 100 * 0.006 / 1.006),  # the mean moved by 0.6 % in the last run
        (np.concatenate([np.ones(99), [1.4]]), True, 100 * 0.004 / 1.004),
        (np.array([1.0, -1.0, 1.0, -1.0]), False, None),
        (
            np.concatenate([[5.0], np.ones(999)]),
            True,
            100 * (4 / 501 - 4 / 1000) / 1.004,
        ),  # the first half does not count
    ],
)
def test_a_mean_has_converged_when_it_stays_within_half_a_percent(
    values: Vector, is_converged: bool, farthest: float | None
) -> None:
    found = samples.convergence(values)
    assert found["is_converged"] is is_converged
    assert found["farthest_percent"] == (farthest if farthest is None else pytest.approx(farthest))
    assert found["runs"][-1] == len(values)
    assert found["running_mean"][-1] == pytest.approx(values.mean())


def test_the_drivers_are_the_inputs_that_spread_the_result() -> None:
    """Sum of a normal of sd 3, one of sd 1 and a credit of sd 2: their r are as 3, 1 and -2 to sqrt(14)."""
    lines = [
        line("large", 0, 100.0, normal(100, 3)),
        line("small", 0, 100.0, normal(100, 1)),
        line("credit", 0, -100.0, normal(-100, 2)),
        line("certain", 0, 5.0),
    ]
    found = run(system(1, lines=lines, supplies=[Supply("s", 1.0)]), 0, RUNS, 1, keep=RUNS).drivers
    assert [(one.kind, one.id) for one in found] == [("line", "large"), ("line", "credit"), ("line", "small")]
    for one, part in zip(found, (3, -2, 1), strict=True):
        pearson = part / math.sqrt(14)
        spearman = 6 / math.pi * math.asin(pearson / 2)  # of two normals
        assert one.rank_correlation == pytest.approx(spearman, abs=ERRORS / math.sqrt(RUNS))
    assert math.fsum(one.share for one in found) == pytest.approx(1)


def test_ten_drivers_are_named_of_many() -> None:
    found = run(mixed(), 0, 2500, 1)
    assert len(found.drivers) == 10
    sizes = [abs(one.rank_correlation) for one in found.drivers]
    assert sizes == sorted(sizes, reverse=True)
    assert found.deviates.shape == (len(found.inputs), 2000)


@pytest.mark.parametrize("made", [mixed, lambda: loop(lognormal(0.7, 0.5))])
def test_a_record_is_plain_json(made: Callable[[], ForegroundSystem]) -> None:
    record = run(made(), 0, 300, 1).record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["numpy"] == np.__version__
