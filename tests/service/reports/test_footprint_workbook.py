"""The workbook of a footprint computes: an evaluator of our own gets the snapshot's kilograms from its formulas."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lca.greenhouse import PARTS
from service.reports.errors import LanguageUnknown
from service.reports.footprint_workbook import PART_HEADS, workbook
from tests.lca.exchanged import BOARD, board, data, panel, run
from tests.lca.test_footprint import ALUMINIUM, made
from tests.service.reports.test_workbook import Calculator, _without_cached_values

LOOP = """
main: melting
processes:
  - {id: melting, zh: 熔炼, stage: production, output: 1, unit: kg, inputs: [
      {id: scrap, zh: 料, amount: 1.1, unit: kg, from: {process: sorting}},
      {id: el, zh: 电, amount: 1, unit: kWh, from: {supplier: power}}]}
  - {id: sorting, zh: 分选, stage: raw_materials, output: 2, unit: kg, inputs: [
      {id: metal, zh: 回炉, amount: 0.1, unit: kg, from: {process: melting}},
      {id: bag, zh: 袋, amount: 0.5, unit: kg, from: {process: sewing}},
      {id: el, zh: 电, amount: 2, unit: kWh, from: {supplier: power}}]}
  - {id: sewing, zh: 缝制, stage: raw_materials, output: 4, unit: kg, price_cny: 3, inputs: [
      {id: el, zh: 电, amount: 8, unit: kWh, from: {supplier: power}},
      {id: gas, zh: 气, amount: 1, unit: Nm3, from: {activity: natural_gas}}],
     co_products: [{id: rag, zh: 布头, amount: 1, unit: kg, price_cny: 1}]}
"""


def chained() -> Any:
    """Three processes in a row: no loop, so every number of runs is live."""
    given = made(LOOP)
    given["processes"][1]["inputs"] = given["processes"][1]["inputs"][1:]
    given["parameters"] = [{"name": "hours", "value": "3"}]
    return run(given, "pcf.gbt24067_2024").snapshot


def looped() -> Any:
    return run(made(LOOP), "pcf.gbt24067_2024").snapshot


def recycled() -> Any:
    return run(made(ALUMINIUM, "recycling.cff"), "recycling.cff").snapshot


def powered() -> Any:
    given = data(BOARD)
    power = {"id": "el", "zh": "电", "amount": "2", "unit": "kWh", "from": {"factor": "cn-elec-2022-cn-hb"}}
    given["processes"][0]["inputs"].append(power)
    return run(given, "pact.3.0").snapshot


SNAPSHOTS = [board, panel, chained, looped, recycled, powered]


def result(found: Calculator, name: str) -> float:
    """Return a total of the first sheet, computed."""
    (cell,) = [cell for cell, value in found.sheets["Result"].items() if value == name]
    value = found.value("Result", f"C{cell[1:]}")
    assert isinstance(value, float)
    return value


@pytest.mark.parametrize("made_up", SNAPSHOTS, ids=lambda one: one.__name__)
def test_every_formula_gives_its_cached_value(made_up: Any) -> None:
    snapshot = made_up()
    found = Calculator(workbook(snapshot))
    total = abs(float(snapshot["results"]["total_kgco2e"]))
    formulas = [
        (name, cell, entry)
        for name, cells in found.sheets.items()
        for cell, entry in cells.items()
        if isinstance(entry, tuple)
    ]
    assert len(formulas) > 100
    for name, cell, (_, text, cached) in formulas:
        assert found.evaluate(name, text) == pytest.approx(cached, rel=1e-9, abs=1e-9 * total), (name, cell, text)


def test_heads_of_parts_stand_in_the_order_of_the_parts() -> None:
    assert PART_HEADS.split() == [f"part_{part}" for part in PARTS]


@pytest.mark.parametrize("made_up", SNAPSHOTS, ids=lambda one: one.__name__)
def test_every_total_is_the_snapshots(made_up: Any) -> None:
    found = Calculator(workbook(made_up()))
    sheet = found.sheets["Result"]
    rows = [int(cell[1:]) for cell, entry in sheet.items() if cell[0] == "C" and isinstance(entry, tuple)]
    assert len(rows) >= 13
    for row in rows:
        stored, live = sheet[f"D{row}"], found.value("Result", f"C{row}")
        assert live == pytest.approx(stored, rel=1e-9, abs=1e-12)
        assert "SUMIFS" in sheet[f"C{row}"][1]


def test_the_totals_by_hand() -> None:
    found = Calculator(workbook(board(), "en"))
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(1.67)
    assert result(found, "With biogenic uptake (kgCO2e)") == pytest.approx(0.47)
    assert result(found, "Fossil (kgCO2e)") == pytest.approx(1.15)
    assert result(found, "Biogenic removals (kgCO2e)") == pytest.approx(-1.6)
    assert result(found, "Outside the total (kgCO2e) · outbound_logistics Outbound logistics") == pytest.approx(0.03)
    found = Calculator(workbook(recycled(), "en"))  # 0.6 x 16 + 0.4 (0.2 x 0.8 + 0.8 x 16) + 0.72 (0.8 - 16) + 0.005
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(3.845)
    assert result(found, "Burden of scrap (kgCO2e)") == pytest.approx(5.12)
    assert result(found, "Credits (kgCO2e)") == pytest.approx(-11.52)


def cell_of(found: Calculator, sheet: str, column: str, key: str) -> str:
    """Return the cell in a column of the row that a key begins."""
    (row,) = [cell[1:] for cell, value in found.sheets[sheet].items() if cell[0] == "A" and value == key]
    return f"{column}{row}"


def test_a_changed_amount_moves_the_totals() -> None:
    """0.3 kg of glue become 0.4: 0.3 kg CO2e more in the total, in its stage, component and process."""
    found = Calculator(workbook(board(), "en"))
    found.sheets["Lines"][cell_of(found, "Lines", "G", "press.glue")] = 0.4
    for name, before in (
        ("Footprint (kgCO2e)", 1.67),
        ("Stage · raw_materials Material acquisition and pre-processing", 1.1),
        ("Component · press", 1.67),
        ("Process · press", 1.67),
        ("With biogenic uptake (kgCO2e)", 0.47),
    ):
        assert result(found, name) == pytest.approx(before + 0.3)
    assert result(found, "Biogenic emissions (kgCO2e)") == pytest.approx(0.67)


def test_a_changed_potential_moves_the_totals() -> None:
    """Methane at 30 in place of 27: 0.01 kg x 3."""
    found = Calculator(workbook(board(), "en"))
    (cell,) = [cell for cell, value in found.sheets["GWP"].items() if value == "CH4_biogenic"]
    found.sheets["GWP"][f"C{cell[1:]}"] = 30.0
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(1.7)


def test_a_changed_factor_moves_the_totals() -> None:
    """2 kWh at another factor: the row of the record is what the line rests on."""
    snapshot = powered()
    found = Calculator(workbook(snapshot, "en"))
    (key,) = snapshot["factors"]
    cell = cell_of(found, "Factors", "C", key)
    before = found.sheets["Factors"][cell]
    assert before == float(snapshot["factors"][key]["value"])
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(1.67 + 2 * before)
    found.sheets["Factors"][cell] = before + 0.1
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(1.67 + 2 * (before + 0.1))


def test_a_changed_oxidation_of_a_burned_fuel_moves_the_totals() -> None:
    """Burned whole instead of 99 %: 1 % of 389.31 GJ/1e4Nm3 x 15.32 kgC/GJ x 44/12, the tables of the carbon market.

    Sewing runs 1.1 / 2 x 0.5 / 4 times and burns 1 Nm3 a time; 4 of its 5 kg are the bags.
    """
    snapshot = chained()
    found = Calculator(workbook(snapshot, "en"))
    before = result(found, "Footprint (kgCO2e)")
    cell = cell_of(found, "Factors", "C", "cn-fuel-mee-ets-natural-gas-of")
    assert found.sheets["Factors"][cell] == 0.99
    found = Calculator(workbook(snapshot, "en"))
    found.sheets["Factors"][cell] = 1.0
    more = 389.31 * 15.32 * 44 / 12 * 0.01 / 10_000
    burned = 1.1 / 2 * 0.5 / 4 * 4 / 5
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(before + burned * more)


def test_a_snapshot_without_formulas_of_its_fuels_stands_by_its_masses() -> None:
    snapshot = chained()
    for one in snapshot["supplies"].values():
        one.pop("derivation", None)
    found = Calculator(workbook(snapshot, "en"))
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(float(snapshot["results"]["total_kgco2e"]))


def test_a_changed_output_moves_what_lies_behind_it() -> None:
    """Sorting gives 4 for 2 of a run: half of the runs, of its electricity and of its bags."""
    found = Calculator(workbook(chained(), "en"))
    runs = [found.value("Processes", f"G{row}") for row in (2, 3, 4)]
    assert runs == [pytest.approx(value) for value in (1, 1.1 / 2, 0.5 * 1.1 / 2 / 4)]
    found.sheets["Processes"]["D3"] = 4.0
    assert [found.value("Processes", f"G{row}") for row in (3, 4)] == [pytest.approx(value / 2) for value in runs[1:]]
    assert [found.value("Processes", f"J{row}") for row in (2, 3, 4)] == [pytest.approx(0, abs=1e-12)] * 3


def test_a_loop_is_solved_and_says_what_is_left_over() -> None:
    """m = 1 + 0.1 s, 2 s = 1.1 m: the two hold numbers, what they take of a third one is live."""
    found = Calculator(workbook(looped()))
    melted = 1 / (1 - 0.1 * 0.55)
    assert [found.sheets["Processes"][f"G{row}"] for row in (2, 3)] == [
        pytest.approx(melted), pytest.approx(0.55 * melted),
    ]  # fmt: skip
    assert [found.sheets["Processes"][f"K{row}"] for row in (2, 3, 4)] == ["x", "x", ""]
    assert found.value("Processes", "G4") == pytest.approx(0.5 * 0.55 * melted / 4)
    assert found.value("Processes", "J2") == pytest.approx(0, abs=1e-12)
    found.sheets["Processes"]["D2"] = 2.0  # another output no longer fits the solved runs, and that shows
    assert abs(found.value("Processes", "J2")) > 0.5


def test_no_formula_runs_in_a_circle() -> None:
    """Cells that a formula names, ranges cell by cell, never lead back to it: spreadsheets refuse circles."""
    for snapshot in (chained(), looped(), recycled()):
        found = Calculator(workbook(snapshot))
        names = {
            (sheet, cell): set(_named(sheet, entry[1]))
            for sheet, cells in found.sheets.items()
            for cell, entry in cells.items()
            if isinstance(entry, tuple)
        }
        done: set[tuple[str, str]] = set()
        for start in names:
            _walk(start, names, done, ())


def _named(sheet: str, formula: str) -> list[tuple[str, str]]:
    cells = []
    for name, first, last in re.findall(r"(?:([A-Za-z]+)!)?(\$?[A-Z]+\$?\d+)(?::(\$?[A-Z]+\$?\d+))?", formula):
        first, last = first.replace("$", ""), (last or first).replace("$", "")
        rows = range(int(re.sub("[A-Z]", "", first)), int(re.sub("[A-Z]", "", last)) + 1)
        cells += [(name or sheet, f"{re.sub('[0-9]', '', first)}{row}") for row in rows]
    return cells


def _walk(cell: Any, names: Any, done: set[Any], path: tuple[Any, ...]) -> None:
    assert cell not in path, (cell, path)
    if cell in done or cell not in names:
        return
    for one in names[cell]:
        _walk(one, names, done, (*path, cell))
    done.add(cell)


def test_what_begins_like_a_formula_is_text() -> None:
    given = data(BOARD)
    hostile = ["=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0", '=HYPERLINK("http://x")']
    given["zh"], given["organisation"]["zh"] = hostile[0], hostile[1]
    process = given["processes"][0]
    process["zh"], process["component"] = hostile[2], hostile[3]
    process["inputs"][0] |= {"zh": hostile[4], "evidence": "=A1", "component": ">*?~,\"'"}
    snapshot = run(given, "pact.3.0").snapshot
    found = Calculator(workbook(snapshot))
    texts = {value for cells in found.sheets.values() for value in cells.values() if isinstance(value, str)}
    assert {*hostile, "=A1"} <= texts
    formulas = [value[1] for cells in found.sheets.values() for value in cells.values() if isinstance(value, tuple)]
    assert not [one for one in formulas if "cmd" in one or "HYPERLINK" in one or one == "1+1"]
    # Odd names of components are no conditions: their sums are those of the snapshot.
    for component, stored in snapshot["results"]["by_component"].items():
        assert result(found, f"部件 · {component}") == pytest.approx(float(stored))


def test_both_languages_and_the_checks() -> None:
    texts = {}
    for language in ("zh", "en", "both"):
        found = Calculator(workbook(board(), language))
        texts[language] = {
            value for cells in found.sheets.values() for value in cells.values() if isinstance(value, str)
        }
        assert list(found.sheets) == [
            "Result", "Lines", "Processes", "Links", "Supplies", "Gases", "Operands", "GWP", "Factors", "Method",
            "Checks",
        ]  # fmt: skip
        checks = found.sheets["Checks"]
        rows = [cell for cell, value in checks.items() if cell[0] == "B" and cell != "B1" and value]
        assert len(rows) == len(board()["checks"]) + len(board()["warnings"])
    assert "碳足迹总量（kgCO2e）" in texts["zh"]
    assert "Footprint (kgCO2e)" in texts["en"]
    assert "碳足迹总量（kgCO2e） / Footprint (kgCO2e)" in texts["both"]
    heads = {value for cells in Calculator(workbook(board(), "en")).sheets.values() for value in
             (cells.get(f"{column}1") for column in "ABCDEFGHIJ") if isinstance(value, str)}  # fmt: skip
    assert not [one for one in heads if re.search("[一-鿿]", one)]
    with pytest.raises(LanguageUnknown):
        workbook(board(), "fr")


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert workbook(board()) == workbook(board())


def test_demonstration_is_said_first() -> None:
    given = data(BOARD)
    given["is_demonstration"] = "true"
    found = Calculator(workbook(run(given, "pact.3.0").snapshot, "en"))
    claims = [value for cell, value in found.sheets["Result"].items() if cell[0] == "C" and isinstance(value, str)]
    assert [one for one in claims if "emonstration" in one]


@settings(deadline=None, max_examples=15)
@given(st.floats(1e-3, 1e4), st.floats(1e-6, 1e6), st.floats(1e-6, 1e4))
def test_any_amounts(amount: float, glue: float, taken: float) -> None:
    given = data(BOARD)
    given["unit"]["amount"] = repr(amount)
    given["processes"][0]["inputs"][0]["amount"] = repr(glue)
    given["processes"][0]["emissions"][1]["amount"] = repr(taken)
    snapshot = run(given, "pact.3.0").snapshot
    found = Calculator(workbook(snapshot, "en"))
    scale = 1e-9 * amount * math.fsum((glue, taken, 1))
    stored = snapshot["results"]
    assert result(found, "Footprint (kgCO2e)") == pytest.approx(float(stored["total_kgco2e"]), abs=scale)
    with_uptake = float(stored["including_uptake_kgco2e"])
    assert result(found, "With biogenic uptake (kgCO2e)") == pytest.approx(with_uptake, abs=scale)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice recalculates where it is installed")
@pytest.mark.parametrize("made_up", SNAPSHOTS, ids=lambda one: one.__name__)
def test_libreoffice_computes_the_same(made_up: Any, tmp_path: Path) -> None:
    content = workbook(made_up())
    given, out = tmp_path / "book.xlsx", tmp_path / "out"
    given.write_bytes(_without_cached_values(content))
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(given)]
    subprocess.run([*command, f"-env:UserInstallation=file://{tmp_path}/profile"], check=True, timeout=240)
    computed = Calculator((out / "book.xlsx").read_bytes())
    for name, cells in Calculator(content).sheets.items():
        for cell, entry in cells.items():
            if isinstance(entry, tuple):
                assert computed.sheets[name][cell][2] == pytest.approx(entry[2], rel=1e-9, abs=1e-9), (name, cell)
