"""The house's own inventories: every number cited, every process computable, scores worked out by hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from python_calamine import CalamineWorkbook

from factors.library import load
from lca import lci_store, own_inventories
from lca.background import Background, compile_database
from lca.dataset import LciDatabase
from lca.errors import OwnInventoriesInvalid
from lca.greenhouse import potential
from lca.inventories import SHIPPED, shipped
from lca.lci_score import score, scores
from lca.linking import summary
from lca.own_inventories import DATA, DEMONSTRATION, evaluate, read
from service.catalogue import lci_told

RAW = Path(__file__).parents[1] / "data" / "lci"
LIBRARY = load()
AR6 = LIBRARY.gwp_sets["AR6"]


@pytest.fixture(scope="module")
def own() -> LciDatabase:
    return shipped("tanji_cn")


@pytest.fixture(scope="module")
def background(own: LciDatabase) -> Background:
    return compile_database(own)


@pytest.fixture(scope="module")
def values(background: Background) -> dict[str, float]:
    found = scores(background, AR6)
    return {one.process_id: float(value) for one, value in zip(background.products, found, strict=True)}


def test_they_are_shipped_by_name(own: LciDatabase) -> None:
    assert "tanji_cn" in SHIPPED
    assert lci_store.unpack(lci_store.pack(own)) == own


def test_all_compile_and_score_above_zero(own: LciDatabase, background: Background, values: dict[str, float]) -> None:
    assert set(values) == {process.id for process in own.processes}
    assert [name for name, value in values.items() if not value > 0] == []
    assert set(summary(background.system)) == {"unlinked"}  # what nobody supplies, never a wrong name


# --- by hand ---------------------------------------------------------------------------------------

# Diesel, ETS table of 2022: 42.652 GJ/t, 20.20 tC/TJ, 0.98; IPCC 2006, Table 2.3: CH4 3, N2O 0.6 kg/TJ;
# DESNZ 2025, WTT: 0.06291 kg CO2e per kWh net. AR6: CH4 fossil 29.8, N2O 273.
DIESEL = (
    42.652 * 20.20 / 1000 * 0.98 * 44 / 12
    + 42.652 * 3e-6 * 29.8
    + 42.652 * 0.6e-6 * 273
    + 42.652 / 3.6 * 0.06291
)  # fmt: skip
# Natural gas: 389.310 GJ per 10 000 Nm3, 15.32 tC/TJ, 0.99; CH4 1, N2O 0.1 kg/TJ; WTT 0.03347 kg per kWh net.
GAS = (
    38.931 * 15.32 / 1000 * 0.99 * 44 / 12
    + 38.931 * 1e-6 * 29.8
    + 38.931 * 0.1e-6 * 273
    + 38.931 / 3.6 * 0.03347
)  # fmt: skip
# Bituminous coal, guideline of 2015: 23.204 GJ/t, 26.18, 0.93; CH4 10, N2O 1.5 kg/TJ; WTT 0.05925 kg per kWh net.
COAL_PER_MJ = (
    26.18 / 1000 * 0.93 * 44 / 12
    + 10e-6 * 29.8
    + 1.5e-6 * 273
    + 0.05925 / 3.6
)  # fmt: skip
# Clinker: 535 kg of process CO2 (guide of 2024) and 3502 MJ of coal per t (GNR 2014).
CLINKER = 535 + 3502 * COAL_PER_MJ


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        # carculator, CN 2030, with the footprints of 2024: hydro 0.133 x 0.0141 + nuclear 0.048 x 0.0065 +
        # gas 0.048 x 0.4503 + sun 0.096 x 0.0520 + wind 0.169 x 0.0324 + biomass 0.024 x 0.0404 + coal 0.482 x 0.9240
        # = 0.4806069, and 0.0327 for delivery.
        ("electricity_cn_2030", 0.5133069),
        ("diesel_burned_cn", DIESEL),
        ("natural_gas_burned_cn", GAS),
        ("heat_natural_gas_cn", GAS / 38.931 / 0.9),
        ("clinker_cn", CLINKER),
        # 95 % clinker (IPCC 2006), 5 % gypsum at 32.8 kg/t (GB/T 51366), 104 kWh (GNR 2014) at 0.5777 kg.
        ("cement_portland_cn", 0.95 * CLINKER + 0.05 * 32.8 + 104 * 0.5777),
        # Guide of 2024: 0.411 tC/t x (1 - 2 % - 0.4 %) x 44/12 = 1470.832 kg; CF4 0.02 kg x 7380 and C2F6 0.0011 kg
        # x 12400 (AR6); 13 700 kWh x 0.5777 kg.
        ("aluminium_electrolysis_cn", 1470.832 + 0.02 * 7380 + 0.0011 * 12400 + 13700 * 0.5777),
        # 90 Nm3 of gas, 155 kWh, 22.5 kg of copper at 3.81 kg (ICE 2.0).
        ("secondary_aluminium_alloy_cn", 90 * GAS + 155 * 0.5777 + 22.5 * 3.81),
        # Natural and synthetic graphite at 10.56 and 43.87 kg (Istrate et al. 2024), power, heat.
        (
            "anode_graphite_cn",
            0.3196 * 10.56 + 0.6204 * 43.87 + 0.440587837837838 * 0.5777 + 7.75939024390244 * GAS / 38.931 / 0.9,
        ),
    ],
)
def test_scores_worked_out_by_hand(values: dict[str, float], process: str, expected: float) -> None:
    assert values[process] == pytest.approx(expected, rel=1e-9)


def test_a_record_is_per_the_unit_of_its_process(values: dict[str, float]) -> None:
    # GB/T 51366: quicklime 1190 kg/t. DESNZ: 0.03347 kg per kWh, so a 3.6th of it per MJ.
    assert values["quicklime_cn"] == pytest.approx(1190)
    assert values["natural_gas_supply_gb"] == pytest.approx(0.03347 / 3.6)


# --- against the raw files -------------------------------------------------------------------------


def _raw_amounts() -> dict[str, set[float]]:
    found: dict[str, set[float]] = defaultdict(set)
    for path in sorted((RAW / "premise_foreground").glob("*.xlsx")):
        workbook = CalamineWorkbook.from_path(path)
        for sheet in workbook.sheet_names:
            activity = ""
            for row in workbook.get_sheet_by_name(sheet).to_python():
                if row and row[0] == "Activity":
                    activity = f"{'nmc622' if 'NMC622' in path.name else 'nmc111-811-lfp'} {row[1]}"
                found[activity].update(cell for cell in row if isinstance(cell, float))
    return found


def test_amounts_of_cells_stand_in_the_workbooks() -> None:
    raw, seen = _raw_amounts(), 0
    content = yaml.safe_load((DATA / "batteries.yaml").read_text(encoding="utf-8"))
    for process in content["processes"].values():
        parts = (*process.get("parameters", {}).values(), *process.get("emissions", {}).values())
        for spec in (*parts, *process.get("inputs", {}).values(), *process.get("excluded", {}).values()):
            if str(spec.get("source", "")).startswith("premise"):
                book = spec["source"].removeprefix("premise-")
                assert float(spec.get("amount", spec.get("value"))) in raw[f"{book} {spec['page']}"], (book, spec)
                seen += 1
    assert seen > 90


@pytest.mark.parametrize("year", ["2030", "2050"])
def test_shares_of_a_mix_are_the_row_of_the_file_and_make_one(own: LciDatabase, year: str) -> None:
    with (RAW / "carculator_parameters" / "electricity_mixes_cn.csv").open(encoding="utf-8") as file:
        (row,) = [one for one in csv.DictReader(file, delimiter=";") if one["year"] == year]
    columns = {"pv": "Solar", **{name: name.title() for name in ("hydro", "nuclear", "gas", "wind", "biomass", "coal")}}
    process = own.process(f"electricity_cn_{year}")
    shares = {one.flow: one.amount for one in process.exchanges if one.is_input and "delivery" not in one.flow}
    assert shares == {f"electricity_{name}_cn": float(row[column]) for name, column in columns.items()}
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(float(row[name]) for name in row if name not in ("country", "year")) == pytest.approx(1)


# --- what is told ----------------------------------------------------------------------------------


def test_every_number_names_its_source(own: LciDatabase) -> None:
    for process in own.processes:
        assert process.source or process.exchanges[1].formula or process.is_placeholder, process.id
        for parameter in process.parameters:
            assert "; " in parameter.comment, (process.id, parameter.name)
        for exchange in process.exchanges:
            assert exchange.id == "product" or exchange.comment or exchange.formula, (process.id, exchange.id)


def test_demonstration_values_are_in_placeholders_alone_and_said_with_the_score(
    own: LciDatabase, background: Background
) -> None:
    for process in own.processes:
        comments = [*(one.comment for one in process.exchanges), *(one.comment for one in process.parameters)]
        if any(DEMONSTRATION in comment for comment in comments):
            assert process.is_placeholder, process.id
    made_up = {process.id for process in own.processes if process.is_placeholder}
    assert {"steel_eaf_scrap_cn", "electricity_cn_2030", "aluminium_electrolysis_cn"} <= made_up
    assert not made_up & {"clinker_cn", "battery_cell_nmc811_cn", "electricity_cn"}
    found = score(background, background.find("steel_eaf_scrap_cn"), AR6)
    assert {"placeholder", "unsplit-co2e", "cut-off-unlinked"} <= {one.code for one in found.warnings}


def test_a_supplier_of_another_place_is_told(own: LciDatabase) -> None:
    told = {(one.code, one.where, one.params.get("supplier_en", "")) for one in own.findings}
    diesel = "Diesel, supply chain, by net calorific value (United Kingdom, 2025)"
    assert ("supplier-of-another-place", "Diesel, burned, supply chain included (China)", diesel) in told
    assert ("supplier-of-wider-place", "Graphite anode (China)", "Natural graphite, battery grade") in told
    assert not any(supplier == "Electricity, national average (China, 2024)" for _, _, supplier in told)


def test_what_is_left_out_is_an_input_without_supplier_or_a_finding(own: LciDatabase) -> None:
    (alumina,) = [one for one in own.process("aluminium_electrolysis_cn").exchanges if one.flow == "alumina"]
    assert (alumina.provider, alumina.amount) == ("", 1.8895)
    excluded = {one.params["input_en"] for one in own.findings if one.code == "input-excluded"}
    assert "Power of the clinker line" in excluded


def test_findings_and_warnings_have_words_in_both_languages(own: LciDatabase, background: Background) -> None:
    for finding in own.findings:
        said = lci_told.told(finding)
        assert said["zh"] != said["en"]
    for warned in score(background, background.find("steel_eaf_scrap_cn"), AR6).warnings:
        assert lci_told.warning(warned)["zh"]


def test_unsplit_co2e_weighs_one_under_every_set() -> None:
    assert [potential("CO2e", LIBRARY.gwp_sets[name]) for name in ("AR4", "AR5", "AR6")] == [1, 1, 1]


# --- files that do not hold together ---------------------------------------------------------------

WORDS = "zh: 甲, en: A"
HEAD = f"what: {{{WORDS}}}\nprocesses:\n"
UNIT = f"{{{WORDS}, category: c, location: CN, year: '2024', unit: kg"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: [", "x.yaml: cannot be read:"),
        ("- a\n", "x.yaml: expected a mapping"),
        ("", "x.yaml: expected a mapping"),
        (f"{HEAD}  a: {{{WORDS}}}\n", "x.yaml: processes.a.unit: missing"),
        (f"{HEAD}  a: {UNIT}, colour: red}}\n", "x.yaml: processes.a.colour: unknown key"),
        (f"{HEAD}  a: {UNIT}, amount: 1}}\n", "x.yaml: processes.a.amount: expected a number as text in quotes"),
        (f"{HEAD}  a: {UNIT}, amount: 'x'}}\n", "x.yaml: processes.a.amount: expected a number"),
        (f"{HEAD}  a: {UNIT}}}\n  a: {UNIT}}}\n", "x.yaml: cannot be read: 'a' stands twice"),
        (f"{HEAD}  a: {{{WORDS}, category: c, unit: kg, factor: none}}\n", "x.yaml: a.factor: no record 'none'"),
        (
            f"{HEAD}  a: {{{WORDS}, category: c, unit: kg, factor: mat-cpcd-alumina-china-2021}}\n",
            "x.yaml: a.factor: record 'mat-cpcd-alumina-china-2021': licence-not-stated",
        ),
        (
            f"{HEAD}  a: {{{WORDS}, category: c, unit: kWh, factor: mat-gbt51366-natural-gypsum}}\n",
            "x.yaml: a.factor: cannot turn",
        ),
        (
            f"{HEAD}  a: {{{WORDS}, category: c, unit: kg, factor: ipcc-efdb-27512}}\n",
            "x.yaml: a.factor: 'fraction' is not among the elementary flows",
        ),
        (
            f"{HEAD}  a: {UNIT}, parameters: {{p: {{record: none, unit: kg}}}}}}\n",
            "x.yaml: a.parameters.p.record: no record",
        ),
        (
            f"{HEAD}  a: {UNIT}, emissions: {{CO2: {{record: none, unit: kg}}}}}}\n",
            "x.yaml: a.emissions.CO2.record: no record",
        ),
        (
            f"{HEAD}  a: {UNIT}, excluded: {{c: &c {{{WORDS}, amount: '1', unit: kg, source: gnr-2014, page: p, "
            f"reason: {{{WORDS}}}}}}}}}\n  b: {UNIT}, excluded: {{c: {{<<: *c, en: B}}}}}}\n",
            "x.yaml: b.excluded.c: is 'A' elsewhere",
        ),
        (f"{HEAD}  a: {UNIT.replace('CN', 'ZZ')}}}\n", "x.yaml: a.location: 'ZZ' is not in geographies.csv"),
        (f"{HEAD}  a: {UNIT.replace('kg', 'stone')}}}\n", "x.yaml: a.unit: unknown unit"),
        (f"{HEAD}  a: {UNIT}, placeholder: true}}\n", "x.yaml: a.note: missing"),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{b: {{amount: '1', unit: kg, source: gnr-2014, page: p}}}}}}\n",
            "x.yaml: a.inputs.b: there is no such process",
        ),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{a: {{amount: '1', unit: kg}}}}}}\n",
            "x.yaml: a.inputs.a: a number needs 'source'",
        ),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{a: {{amount: '1', unit: kg, source: nobody, page: p}}}}}}\n",
            "x.yaml: a.inputs.a.source: 'nobody' is neither",
        ),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{a: {{amount: '1', unit: kg, source: demonstration, page: p}}}}}}\n",
            "x.yaml: a.inputs.a.source: a demonstration value",
        ),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{a: {{amount: '1', unit: kWh, source: gnr-2014, page: p}}}}}}\n",
            "x.yaml: a.inputs.a.unit: cannot turn",
        ),
        (f"{HEAD}  a: {UNIT}, inputs: {{a: {{unit: kg}}}}}}\n", "x.yaml: a.inputs.a: give one of 'amount', 'formula'"),
        (
            f"{HEAD}  a: {UNIT}, inputs: {{a: {{formula: heat * 2, unit: kg}}}}}}\n",
            "x.yaml: a.inputs.a.formula: no formula of its parameters and whole numbers: heat",
        ),
        (
            f"{HEAD}  a: {UNIT}, emissions: {{xenon: {{formula: '1', unit: kg}}}}}}\n",
            "x.yaml: a.emissions.xenon: not among CO2,",
        ),
        (
            f"{HEAD}  a: {UNIT}, emissions: {{CF4: {{record: cn-proc-carbonate-caco3, unit: kg}}}}}}\n",
            "x.yaml: a.emissions.CF4.record: is of CO2",
        ),
        (
            f"{HEAD}  a: {UNIT}, parameters: {{p: {{unit: kg}}}}}}\n",
            "x.yaml: a.parameters.p: give either 'value' or 'record'",
        ),
        (
            f"{HEAD}  a: {UNIT}, excluded: {{a: {{{WORDS}, amount: '1', unit: kg, source: gnr-2014, page: p, "
            f"reason: {{{WORDS}}}}}}}}}\n",
            "x.yaml: a.excluded.a: is a process",
        ),
        (
            f"{HEAD}  a: {UNIT}, excluded: {{b: {{{WORDS}, amount: '1', reason: {{{WORDS}}}}}}}}}\n",
            "x.yaml: a.excluded.b: an amount and its unit stand together",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_key(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "x.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(OwnInventoriesInvalid) as caught:
        read(tmp_path, LIBRARY)
    assert [one for one in caught.value.problems if one.startswith(problem)], str(caught.value)


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    for name in ("x.yaml", "y.yaml"):
        (tmp_path / name).write_text(
            f"{HEAD}  a: {UNIT}, inputs: {{b: {{formula: q, unit: kg}}}}}}\n", encoding="utf-8"
        )
    with pytest.raises(OwnInventoriesInvalid) as caught:
        read(tmp_path, LIBRARY)
    assert {one.partition(": what")[0] for one in caught.value.problems} == {
        "y.yaml: a: stands in x.yaml already",
        "x.yaml: a.inputs.b.formula: no formula of its parameters and whole numbers: q",
        "x.yaml: a.inputs.b: there is no such process",
    }


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "a.b",
        "b",
        "1.5 * a",
        "f(a)",
        "__import__('os')",
        "1 / 0",
        "a +",
        "(" * 500 + "a" + ")" * 500,
        "x" * 5000,
    ],
)
def test_a_formula_holds_parameters_and_whole_numbers_alone(formula: str) -> None:
    with pytest.raises(ValueError):
        evaluate(formula, {"a": 2.0})


def test_a_formula_with_brackets() -> None:
    assert evaluate("(a - 1) * 44 / (b + 2)", {"a": 7.0, "b": 10.0}) == 22


def test_loading_reads_each_file_once() -> None:
    assert own_inventories.load() is own_inventories.load()
