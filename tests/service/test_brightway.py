"""Brightway projects: the file that goes between the two programs, and, where its interpreter is set up, the projects.

The interpreter is the one that TANJI_BRIGHTWAY_PYTHON names, else that of ``make brightway``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import make
import numpy as np
import pytest

from factors.library import load
from lca import exporters, importers
from lca.background import Background, compile_database
from lca.dataset import BIOSPHERE, LciDatabase, role
from lca.exporters.single_output import single_output
from lca.greenhouse import gas_of
from lca.inventories import shipped
from lca.lci_score import scores, weight
from service.catalogue import brightway
from service.catalogue.brightway import Project

ROOT = Path(__file__).parents[2]
MOBILITY = ROOT / "tests/data/lci/bw_examples/sample_parameterized_database.xlsx"
PYTHON = os.environ.get("TANJI_BRIGHTWAY_PYTHON") or str(ROOT / ".venv-brightway" / "bin" / "python")
AR6 = load().gwp_sets["AR6"]
FLOAT32 = 1e-6  # Brightway keeps the amounts of its matrices in single precision

needs_brightway = pytest.mark.skipif(
    not Path(PYTHON).is_file(), reason="no interpreter with bw2data and bw2io: `make brightway`"
)

SCORE = """
import json, sys
import bw2calc, bw2data
told = json.load(sys.stdin)
bw2data.projects.set_current(told["project"])
flows = told["database"] + " elementary flows"
bw2data.Method(("GWP",)).write([((flows, flow), weight) for flow, weight in told["weights"].items()])
found = {}
for node in bw2data.Database(told["database"]):
    if not told["codes"] or node["code"] in told["codes"]:
        demand, objects, _ = bw2data.prepare_lca_inputs({node: 1}, method=("GWP",))
        lca = bw2calc.LCA(demand, data_objs=objects)
        lca.lci()
        lca.lcia()
        found[node["code"]] = float(lca.score)
print("SCORES" + json.dumps(found))
"""


def by_product(compiled: Background) -> dict[tuple[str, str], float]:
    """kg CO2e by process and product; a process that was shared out counts by the process that it was."""
    values = scores(compiled, AR6)
    return {
        (one.process_id.split("#")[0], one.flow): float(value)
        for one, value in zip(compiled.products, values, strict=True)
    }


def assert_same(one: LciDatabase, other: LciDatabase) -> None:
    first, second = by_product(compile_database(one)), by_product(compile_database(other))
    assert first.keys() == second.keys()
    np.testing.assert_allclose([second[key] for key in first], list(first.values()), rtol=1e-9, atol=1e-15)


def in_brightway(folder: Path, database: LciDatabase, codes: Iterable[str] = ()) -> Mapping[str, float]:
    """Scores as Brightway's own program computes them, with our weights of the elementary flows."""
    weights = {}
    for process in database.processes:
        for exchange in process.exchanges:
            flow = database.flows[exchange.flow]
            gas = gas_of(flow, is_input=exchange.is_input) if role(exchange, flow) == BIOSPHERE else None
            if gas is not None:
                # Brightway counts a resource positive; what is taken out of the air by an emission stands negative.
                weights[flow.id] = weight(gas.key, AR6)
    told = {"project": "p", "database": database.name, "weights": weights, "codes": list(codes)}
    done = subprocess.run(
        [PYTHON, "-I", "-c", SCORE],
        input=json.dumps(told),
        env={"PATH": os.environ["PATH"], "BRIGHTWAY2_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.rpartition("SCORES")[2])
    return found


# --- the file, with no Brightway -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["mobility", "uslci_fy18"])
def test_the_file_gives_the_same_scores_with_one_product_a_process(tmp_path: Path, name: str) -> None:
    """132 processes of FY18 have several products; its 766 processes supply 1,022."""
    database = importers.read(MOBILITY) if name == "mobility" else shipped(name)
    made, findings = single_output(database)
    assert len(list(compile_database(made).products)) == len(made.processes)
    exporters.write(made, tmp_path / "x.csv", "csv")
    assert_same(database, importers.read(tmp_path / "x.csv"))
    if name == "uslci_fy18":
        assert (len(made.processes), len(findings)) == (1022, 132)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(brightway.BrightwayProjectUnnamed, match="--project"):
        Project(tmp_path, "", PYTHON)
    for python in ("", "/nowhere/python", sys.executable):  # this program's own interpreter has no bw2data
        with pytest.raises(brightway.BrightwayExtraMissing, match="make brightway"):
            brightway.write(make.lci(), Project(tmp_path, "p", python))


def test_nothing_of_brightways_projects_is_imported_here() -> None:
    assert not {"bw2data", "bw2io"} & sys.modules.keys()


# --- projects ------------------------------------------------------------------------------------


@needs_brightway
def test_a_database_goes_into_a_project_and_comes_back(tmp_path: Path) -> None:
    """66.5 kg CO2e a bike: 2.5 kg of fibre at 26.6, there as here."""
    project = Project(tmp_path, "p", PYTHON)
    done = brightway.write(make.lci(name="bike"), project)
    assert (done.counts["processes"], done.counts["own_flows"], done.counts["cut_off"]) == (3, 1, 0)
    back = brightway.read(project, "")
    assert back.name == "bike"
    assert_same(make.lci(), back)
    assert in_brightway(tmp_path, make.lci(name="bike"))["bike"] == pytest.approx(66.5, rel=FLOAT32)
    with pytest.raises(brightway.BrightwayDatabaseTaken, match="bike"):
        brightway.write(make.lci(name="bike"), project)
    with pytest.raises(brightway.BrightwayDatabaseMissing, match="bike"):
        brightway.read(project, "car")
    with pytest.raises(brightway.BrightwayProjectMissing, match="default, p"):
        brightway.read(Project(tmp_path, "q", PYTHON), "")


@needs_brightway
def test_the_mobility_example_scores_the_same_in_brightway(tmp_path: Path) -> None:
    """By hand, as its own test: 0.1824816 kg CO2 a kilometre of the electric car, 0.1549075 of the other."""
    database = importers.read(MOBILITY)
    brightway.write(database, Project(tmp_path, "p", PYTHON))
    found = in_brightway(tmp_path, database)
    assert found["Driving an electric car"] == pytest.approx(0.1824816, rel=FLOAT32)
    assert found["Driving an combustion car"] == pytest.approx(0.1549075, rel=FLOAT32)
    assert_same(database, brightway.read(Project(tmp_path, "p", PYTHON), database.name))


@needs_brightway
def test_the_background_scores_the_same_in_brightway(tmp_path: Path) -> None:
    """Every product of FY18 comes back with its score; Brightway's own solver gives the same for three of them."""
    database = shipped("uslci_fy18")
    brightway.write(database, Project(tmp_path, "p", PYTHON))
    assert_same(database, brightway.read(Project(tmp_path, "p", PYTHON), ""))
    compiled = compile_database(database)
    wanted = [compiled.products[compiled.find(name)] for name in (
        "Portland cement, at plant", "Transport, train, diesel powered", "Electricity, bituminous coal, at power plant",
    )]  # fmt: skip
    found = in_brightway(tmp_path, database, [one.process_id for one in wanted])
    mine = by_product(compiled)
    for one in wanted:
        assert found[one.process_id] == pytest.approx(mine[one.process_id, one.flow], rel=FLOAT32)
