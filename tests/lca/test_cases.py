"""Worked examples of tests/cases: figures printed elsewhere, or summed by hand, against what the product computes.

A case is one of these kinds; numbers are text, as printed:

``lines``         amounts through formulas: ``expect`` in kg of ``gas``, or of CO2e by ``gwp_set``; with ``method``
                  each line counts with the sign that the method gives to its group
``net``           the net amount of a formula
``signed_total``  amounts by group under a method
``masses``        masses of gases to CO2e by ``gwp_set``
``clinker_line``  the lines of one kiln, settled with their deductions
``tce``           standard coal of fuels and electricity, by calorific value or coefficient
``product_percents``, ``sum_parts``   uncertainty
``base_year``     the test for a recalculation
``formula``       a formula of product footprints with its ``inputs`` (``footprint_cases``); of kilograms of a ``gas``,
                  CO2e by ``gwp_set``
``pedigree``      scores to sigma, variance or GSD² of an amount
``percent_to_sigma``  a lognormal known to so many percent
``runs``          Monte Carlo of a lognormal amount times lognormal ones of median 1, each with its sigma

``vector`` names an example that was handed to us; ``a`` and ``b`` behind it are readings of the same one.
``constants`` of a case replace parameters of its method. An operand is a number in the unit of its term, or
``{record: id}``: the printed value of that record, converted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from lca import pedigree
from lca.dataset import Uncertainty
from lca.distributions import of_percent
from lca.formulas import FORMULAS
from lca.formulas.base import Formula
from lca.formulas.base_year import Change, base_year_test
from lca.formulas.cement import settle_line
from lca.formulas.energy import tce_per_unit_by_coefficient, tce_per_unit_by_ncv
from lca.formulas.measured import number
from lca.formulas.operands import bind, values
from lca.formulas.uncertainty import sum_uncertainty
from lca.ledger import Site
from lca.method import load
from lca.monte_carlo import ForegroundSystem, Input, Line, Supply, run
from lca.numbers import total
from lca.record_checks import MARKS
from lca.samples import statistics
from tests.lca import footprint_cases
from tests.lca.ledgers import ledger, library, results, stream, weighted

CASES = Path(__file__).parents[1] / "cases"

Case = dict[str, Any]


def cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "activities" not in case:  # cases of whole inventories have their own runner
                yield pytest.param(case, id=f"{path.stem}: {case.get('vector', case['name'])}")


def operand(item: Formula, key: str, given: Any, basis: str) -> float:
    """Return an operand in the unit of its term."""
    if not isinstance(given, Mapping):
        return number(given)
    term = next(term for term in item.terms if term.key == key.split(".")[0])
    record = library().factors[given["record"]]
    above, _, below = term.unit.replace("{u}", basis).partition("/")
    return float(record.number * library().units[record.unit].scale_to(above, below))


def gases(line: Case, case: Case) -> dict[str, float]:
    """Return the kilograms of each gas of one line; ``constants`` stand in for those of the method."""
    method = load(case["method"]).values() if "method" in case else {}
    item = FORMULAS[line["formula"]]
    basis = item.basis or line["unit"]
    matched = {key: operand(item, key, value, basis) for key, value in line.get("operands", {}).items()}
    constants = method | case.get("constants", {})
    operands = bind(item, matched=matched, given=line.get("given", {}), method=constants, basis=basis)
    amount = item.net_amount(number(line["amount"]), values(operands))
    return {gas: amount * mass for gas, mass in item.gases(values(operands)).items()}


def lines_total(case: Case) -> float:
    found = []
    for line in case["lines"]:
        masses = gases(line, case)
        kilograms = weighted(masses, case["gwp_set"]) if "gwp_set" in case else masses[case["gas"]]
        sign = load(case["method"]).sign(line["group"]) if "group" in line else 1
        found.append(sign * kilograms)
    return total(found)


def clinker_total(case: Case) -> float:
    computed = {line["id"]: gases(line, case)["CO2"] for line in case["clinker_line"]}
    made = {line["id"]: line["formula"] for line in case["clinker_line"] if line["formula"] != "deduction"}
    return total(settle_line("1", made, computed).values())


def tce_total(case: Case) -> float:
    found = []
    for row in case["tce"]:
        amount = number(row["amount"])
        if "ncv_gj_per_unit" in row:
            found.append(amount * tce_per_unit_by_ncv(number(row["ncv_gj_per_unit"])))
        else:
            found.append(amount * tce_per_unit_by_coefficient(number(row["kgce_per_unit"])))
    return total(found)


def pedigree_value(case: Case) -> float:
    given = case["pedigree"]
    found = pedigree.sigma(given["scores"], number(given["basic"]), given["version"])
    return {"sigma": found, "variance": found**2, "gsd_squared": pedigree.gsd_squared(found)}[given["gives"]]


def runs_value(case: Case) -> float:
    """Return what the runs of one line give, its amount of the first sigma, at the end of a chain of the others."""
    given = case["runs"]
    sigmas = [number(one) for one in given["sigmas"]]
    amount = number(given["amount"])
    chain = range(len(sigmas) - 1)
    system = ForegroundSystem(
        processes=tuple(f"p{n}" for n in range(len(sigmas))),
        outputs=(1.0,) * len(sigmas),
        inputs=tuple(Input(f"i{n}", n + 1, n, 1.0, Uncertainty("lognormal", 0.0, sigmas[n + 1])) for n in chain),
        lines=(Line("l", len(chain), 0, amount, Uncertainty("lognormal", math.log(amount), sigmas[0])),),
        supplies=(Supply("s", 1.0),),
    )
    found = statistics(run(system, 0, given["count"], seed=1).good)
    return float(found["mean"]) if given["gives"] == "mean" else math.log(found["gsd"])


def computed(case: Case) -> float | None:
    """Return the figure of a case by the function that the product calls."""
    if "formula" in case:
        found = footprint_cases.computed(case)
        return weighted({case["gas"]: found}, case["gwp_set"]) if "gas" in case else found
    if "lines" in case:
        return lines_total(case)
    if "net" in case:
        net = case["net"]
        return FORMULAS[net["formula"]].net_amount(
            number(net["amount"]), {k: number(v) for k, v in net["stock"].items()}
        )
    if "signed_total" in case:
        sign = load(case["method"]).sign
        return total(sign(group) * number(value) for group, value in case["signed_total"].items())
    if "masses" in case:
        return weighted({gas: number(mass) for gas, mass in case["masses"].items()}, case["gwp_set"])
    if "clinker_line" in case:
        return clinker_total(case)
    if "tce" in case:
        return tce_total(case)
    if "product_percents" in case:  # as a line is spread: its meter's and its factor's error bear on the same emissions
        return sum_uncertainty([(number(percent), 1.0) for percent in case["product_percents"]], 1.0)
    if "pedigree" in case:
        return pedigree_value(case)
    if "percent_to_sigma" in case:
        spread = of_percent(1.0, number(case["percent_to_sigma"]))
        assert spread is not None
        return spread.scale
    if "runs" in case:
        return runs_value(case)
    if "sum_parts" in case:
        return sum_uncertainty((number(percent), number(value)) for percent, value in case["sum_parts"])
    changes = [Change(kind, number(delta)) for kind, delta in case["base_year"]["changes"]]
    threshold = number(load(case["method"]).base_year_threshold_percent)
    outcome = base_year_test(number(case["base_year"]["base"]), changes, threshold)
    assert outcome.recalculate is case["base_year"]["recalculate"]
    return outcome.percent


@pytest.mark.parametrize("case", tuple(cases()))
def test_worked_example(case: Case) -> None:
    assert case["source"], "a worked example names where its figure comes from"
    result = computed(case)
    assert result is not None
    expected = number(case["expect"])
    if "printed_to" in case:  # a figure printed to so many decimals is met within half its last digit
        assert abs(result - expected) <= 0.5 * 10 ** -int(case["printed_to"]) * number(case.get("scale", "1"))
    else:
        assert result == pytest.approx(expected, rel=1e-6)


def test_the_vectors_that_were_asked_for_are_here() -> None:
    wanted = {"P01", "P17", "B01", "B03", "B05", "B07", "B17", "R11", "R12", "O41"}
    wanted |= {"V03", "V04", "V06", "V07", "V08", "V10"}
    wanted |= {f"O{n:02d}" for n in range(1, 26) if n not in (6, 10, 14, 18, 22)}  # their inputs are not printed
    present = {param.values[0].get("vector", "").rstrip("ab") for param in cases()}
    assert wanted - present == set()


def test_the_vectors_of_product_footprints_are_here() -> None:
    wanted = {"P03", "P05", "P07", "P09", "P11", "P13", "P15", "A01", "A03", "A05a", "A05c", "A06", "A08", "A10", "A12"}
    wanted |= {"A14", "A16", "R01", "R03", "R05", "R07", "R09", "R13", "B09", "B11", "B13", "B15", "B19", "B21"}
    wanted |= {"O27", "O29", "O31", "O33", "O35", "O43"}
    cases_here = [param.values[0] for param in cases()]
    assert wanted - {case.get("vector", "") for case in cases_here} == set()
    assert {case["evidence"] for case in cases_here if "formula" in case} <= set(MARKS)
    assert {case["formula"] for case in cases_here if "formula" in case} == set(footprint_cases.COMPUTED)


def test_the_ets_set_lacks_the_carbon_content_of_bituminous_coal() -> None:
    """Why B05, an example of bituminous coal, is not computed from one set: no carbon content is beside its 0.98."""
    records = library().factors
    assert records["cn-fuel-mee-ets-bituminous-of"].value == "0.98"
    assert "cn-fuel-mee-ets-bituminous-cc" not in records


def inventories() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "activities" in case:
                yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(inventories()))
def test_a_whole_inventory(case: Case) -> None:
    site = Site("S1", "一厂", "Plant 1", case["region"])
    rows = [
        (stream(row["activity"], row["unit"], process_line=row.get("process_line", "")), row["month"], row["amount"])
        for row in case["activities"]
    ]
    found = results(ledger(*rows, sites=(site,)), case["method"])
    total = found[f"total_{case['total']}_kgco2e"] if "total" in case else found["total_kgco2e"]
    assert float(total) == pytest.approx(float(case["expect"]["total"]), rel=1e-9)
    if "variants" in case["expect"]:
        assert sorted({line["variant"] for line in found["lines"]}) == case["expect"]["variants"]
