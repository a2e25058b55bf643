"""What a unit process cannot be: dates turned round, matter and carbon from nothing, no product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import make
import pytest

from lca.background import compile_database
from lca.dataset import Exchange, Finding, Flow, LciDatabase
from lca.dataset_checks import checks
from lca.inventories import shipped

ORE = Flow("p.ore", "Ore", "product", "t")
POWER = Flow("p.el", "Electricity", "product", "kWh")
GAS = Flow("p.gas", "Natural gas", "product", "MJ")
WATER = Flow("e.water", "Water", "elementary", "kg", category="natural resource")


def fibre(*inputs: tuple[Flow, float], co2: float = 0.1, **more: Any) -> LciDatabase:
    """One kilogram of carbon fibre from what is given."""
    database = make.lci()
    process = database.process("cf")
    made = next(one for one in process.exchanges if one.id == process.reference)
    given = [
        Exchange(f"in{row}", flow.id, amount, flow.unit, is_input=True) for row, (flow, amount) in enumerate(inputs)
    ]
    emitted = Exchange("co2", "e.co2", co2, "kg", is_input=False)
    flows = {**database.flows, **{flow.id: flow for flow, _ in inputs}}
    return replace(database, flows=flows, processes=(replace(process, exchanges=(made, *given, emitted), **more),))


def found(database: LciDatabase) -> list[tuple[str, dict[str, str]]]:
    return [(one.code, dict(one.params)) for one in checks(database)]


@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        ([(ORE, 0.0011)], []),  # 1.1 kg
        ([(ORE, 0.0004), (POWER, 3.0)], ["mass-created"]),  # power weighs nothing
        ([(ORE, 0.0004), (WATER, 0.7)], []),
        ([(ORE, 0.0004), (GAS, 9.0)], []),  # who knows what the gas weighs
        ([], []),  # it begins in nature
    ],
)
def test_matter_from_nothing_is_told(inputs: list[tuple[Flow, float]], codes: list[str]) -> None:
    assert [code for code, _ in found(fibre(*inputs))] == codes


def test_the_masses_are_told() -> None:
    assert found(fibre((ORE, 0.0004), (POWER, 3.0))) == [("mass-created", {"out": "1", "taken": "0.4"})]


def test_carbon_from_nothing_is_told() -> None:
    """4.4 kg CO2 hold 1.2 kg of carbon, of 1.1 kg that enter; 4.0 kg hold 1.09."""
    assert found(fibre((ORE, 0.0011), co2=4.0)) == []
    assert found(fibre((ORE, 0.0011), co2=4.4)) == [("carbon-created", {"out": "1.2", "taken": "1.1"})]


@pytest.mark.parametrize(
    ("start", "until", "is_told"),
    [("2025-12-31", "2020-01-01", True), ("2025", "2020", True), ("2025-06-30", "2025", False), ("", "2020", False)],
)
def test_dates_turned_round_are_an_error(start: str, until: str, is_told: bool) -> None:
    assert [code for code, _ in found(fibre((ORE, 0.002), valid_from=start, valid_until=until))] == (
        ["dates-reversed"] if is_told else []
    )


def test_a_process_that_supplies_nothing_is_an_error() -> None:
    database = fibre((ORE, 0.002))
    (process,) = database.processes
    none = replace(process, exchanges=tuple(
        replace(one, amount=-1.0) if one.id == process.reference else one for one in process.exchanges
    ))  # fmt: skip
    told = compile_database(replace(database, processes=(none,))).findings
    assert Finding("process-supplies-nothing", f"{process.name} (cf)", is_error=True) in told


def test_of_the_shipped_background_one_process_is_told() -> None:
    """Its sulfuric acid takes 0.3305 kg of sulfur per kg and neither the water nor the oxygen of the rest."""
    assert [(one.where.split(" (")[0], dict(one.params)) for one in checks(shipped("uslci_fy18"))] == [
        ("Sulfuric acid, at plant", {"out": "1", "taken": "0.3305"})
    ]
