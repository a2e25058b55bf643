"""Brightway workbooks and CSV: real files counted by themselves, small layouts by hand, hostile files."""

from __future__ import annotations

import csv
import math
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import lci_sound
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from factors.library import load
from lca.background import compile_database
from lca.dataset import BIOSPHERE, DEMAND, Exchange, LciDatabase, Uncertainty, UnitProcess, role
from lca.errors import LciFileBroken, LciFileUnsafe, LciNothingFound
from lca.importers import csv as brightway_csv
from lca.importers import excel, read, sheet_look
from lca.importers.archive import Archive
from lca.lci_score import scores
from lca.linking import link, summary

DATA = Path(__file__).parents[1] / "data" / "lci"
MOBILITY = DATA / "bw_examples" / "sample_parameterized_database.xlsx"
EXAMPLE = DATA / "bw_examples" / "example.xlsx"
COMPLICATED = DATA / "bw_examples" / "brightway_complicated.csv"
PREMISE = DATA / "premise_foreground"
Cells = Sequence[object]

HEADINGS = ["name", "amount", "unit", "location", "type", "database", "categories", "formula"]
STEEL = [["Activity", "steel"], ["location", "CN"], ["unit", "kg"], ["Exchanges"], HEADINGS]
PRODUCED = ["steel", "1", "kg", "CN", "production"]


def written(tmp_path: Path, rows: Sequence[Cells], name: str = "made.csv") -> Path:
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def from_rows(tmp_path: Path, *rows: Cells) -> LciDatabase:
    database = read(written(tmp_path, [["Database", "made"], [], *rows]), "csv")
    lci_sound.assert_sound(database)
    return database


def named(database: LciDatabase, name: str) -> UnitProcess:
    (found,) = [process for process in database.processes if process.name == name]
    return found


def of_flow(database: LciDatabase, process: UnitProcess, name: str) -> Exchange:
    (found,) = [
        exchange
        for exchange in process.exchanges
        if database.flows[exchange.flow].name == name and exchange.id != process.reference
    ]
    return found


def raw_rows(path: Path) -> Iterator[tuple[str, int, list[object]]]:
    """Yield sheet, row and cells of every sheet that is not skipped."""
    book = CalamineWorkbook.from_path(path)
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if rows and rows[0][0] != "skip":
            yield from ((sheet, row, cells) for row, cells in enumerate(rows, 1))


def roles(database: LciDatabase) -> Counter[str]:
    return Counter(
        role(exchange, database.flows[exchange.flow])
        for process in database.processes
        for exchange in process.exchanges
    )


# --- real files ----------------------------------------------------------------------------------


def test_mobility_example_links_itself() -> None:
    database = read(MOBILITY, "excel")
    lci_sound.assert_sound(database)
    assert database.name == "Mobility example"
    assert (len(database.processes), len(database.parameters)) == (8, 13)  # 9 nodes, one of them the flow CO2
    inputs = [
        exchange
        for process in database.processes
        for exchange in process.exchanges
        if role(exchange, database.flows[exchange.flow]) == DEMAND
    ]
    assert len(inputs) == 9
    assert all(exchange.provider for exchange in inputs)
    (co2,) = [flow for flow in database.flows.values() if flow.kind == "elementary"]
    assert (co2.name, co2.unit) == ("CO2", "kilogram")


def test_mobility_example_keeps_formulas_and_parameters_as_text() -> None:
    database = read(MOBILITY, "excel")
    driving = named(database, "Driving an electric car")
    car, power = driving.exchanges[1:]
    assert (car.formula, power.formula) == ("1 / lifetime_distance", "electricity_per_km")
    assert car.provider == named(database, "Electric car").id
    assert driving.location == "Europe"
    parameters = {parameter.name: parameter for parameter in database.parameters}
    assert (parameters["lifetime_distance"].amount, parameters["lifetime_distance"].unit) == (200_000, "kilometer")
    assert parameters["battery_energy_density"].comment == "From carculator"


def test_mobility_example_is_computed_from_its_formulas() -> None:
    """By hand: battery 9.88 x 1.5 + 2000 x 0.6 = 1214.82; car + 1921 x 1.5 = 4096.32; / 200,000 km + 0.27 x 0.6.

    Petrol: 1641 x 1.5 / 200,000 + 2.3 x 0.062.
    """
    background = compile_database(read(MOBILITY, "excel"))
    found = dict(
        zip((one.process for one in background.products), scores(background, load().gwp_sets["AR6"]), strict=True)
    )
    assert found["Electric car battery"] == pytest.approx(1214.82)
    assert found["Driving an electric car"] == pytest.approx(0.1824816)
    assert found["Driving an combustion car"] == pytest.approx(0.1549075)


def test_mobility_example_says_what_does_not_fit() -> None:
    database = read(MOBILITY, "excel")
    capacity = next(one for one in database.parameters if one.name == "battery_capacity")
    assert (capacity.amount, capacity.uncertainty) == (50, None)  # uniform from 0 to 1, of 50 kWh
    found = {(finding.code, finding.where.split(" · ", 1)[-1]) for finding in database.findings}
    assert ("production-location-differs", "Electric car · 27 · Driving an electric car") in found
    assert ("distribution-off-amount", "Electric car · 8") in found


def test_example_follows_cutoff_skip_and_missing_exchanges() -> None:
    database = read(EXAMPLE, "excel")
    lci_sound.assert_sound(database)
    assert [process.name for process in database.processes] == [
        "Acetic acid, at plant",
        "Electricity, at Grid, US, 2008",
        "Methanol, at plant",
    ]
    acid, power, methanol = database.processes
    assert acid.id == "d80f3c8f5d04d518ab02b13aca9ab7c8"
    assert of_flow(database, acid, "Methanol, at plant").provider == methanol.id
    assert of_flow(database, methanol, "Electricity, at Grid, US, 2008").provider == power.id
    (only,) = power.exchanges
    assert (only.amount, only.unit, only.is_input) == (1.0, "kilowatt hour", False)
    ammonia = database.flows[of_flow(database, acid, "Ammonia").flow]
    assert ammonia.category == "air/urban air close to ground"
    (implied,) = [finding for finding in database.findings if finding.code == "production-implied"]
    assert implied.where == "example.xlsx · other processes · 4 · Electricity, at Grid, US, 2008"


def test_complicated_csv_shares_the_parameters_of_a_group() -> None:
    database = read(COMPLICATED, "csv")
    lci_sound.assert_sound(database)
    first, second = database.processes
    assert (first.id, second.id) == ("A", "B")
    assert [(one.name, one.formula) for one in first.parameters] == [
        ("bar", "reference_me + 2"),
        ("reference_me", "sqrt(red - 20)"),
    ]
    assert first.parameters == second.parameters
    assert [one.name for one in database.parameters] == ["foo", "green", "blue", "red"]
    wanted = of_flow(database, first, "Another activity")
    assert (wanted.amount, wanted.formula, wanted.provider) == (9, "foo * bar + 4", "B")
    assert second.exchanges[0].amount == 10


@pytest.mark.parametrize("name", ["lci-fuel_cell", "lci-hydrogen-electrolysis", "lci-lithium"])
def test_foregrounds_lose_no_row(name: str) -> None:
    path = PREMISE / f"{name}.xlsx"
    counted: Counter[str] = Counter()
    activities = 0
    for _, _, cells in raw_rows(path):
        activities += cells[0] == "Activity"
        counted.update(str(cell) for cell in cells if cell in ("production", "technosphere", "biosphere"))
    database = read(path, "excel")
    lci_sound.assert_sound(database)
    assert len(database.processes) == activities == counted["production"]
    found = roles(database)
    assert (found[DEMAND], found[BIOSPHERE]) == (counted["technosphere"], counted["biosphere"])
    assert not [finding for finding in database.findings if finding.is_error]


def test_inputs_are_linked_where_name_product_and_location_are_those_of_one_activity() -> None:
    """Hydrogen: every activity states name, product, location; the rows below are joined by those three alone."""
    path = PREMISE / "lci-hydrogen-electrolysis.xlsx"
    activities: Counter[tuple[object, ...]] = Counter()
    inputs: list[tuple[object, ...]] = []
    columns: dict[object, int] = {}
    told: dict[object, object] = {}
    for _, _, cells in raw_rows(path):
        if cells[0] == "Activity":
            told = {"name": cells[1]}
        elif cells[0] == "Exchanges":
            activities[told["name"], told["reference product"], told["location"]] += 1
        elif cells[0] == "name":
            columns = {cell: index for index, cell in enumerate(cells)}
        elif columns and cells[columns["type"]] == "technosphere":
            inputs.append(tuple(cells[columns[key]] for key in ("name", "reference product", "location")))
        else:
            told[cells[0]] = cells[1]
    database = read(path, "excel")
    linked = sum(bool(exchange.provider) for process in database.processes for exchange in process.exchanges)
    assert linked == sum(activities[wanted] == 1 for wanted in inputs) > 0


def test_treatments_that_make_minus_one_take_a_waste_in() -> None:
    database = read(PREMISE / "lci-hydrogen-electrolysis.xlsx", "excel")
    treatment = named(database, "treatment of electrolyzer stack, 1MWe, PEM")
    taken = next(one for one in treatment.exchanges if one.id == treatment.reference)
    assert (taken.amount, taken.is_input, database.flows[taken.flow].kind) == (1, True, "waste")
    asked = next(one for process in database.processes for one in process.exchanges if one.provider == treatment.id)
    assert asked.amount == pytest.approx(1.349892008639309e-06, rel=1e-12)  # -1.35e-06 in sheet 'lci', row 14
    assert not asked.is_input
    assert "input-sign-differs" not in lci_sound.codes(database)
    system = link(database)
    assert len(system.columns) == len(database.processes)
    assert "provider-missing" not in summary(system)


def test_a_treatment_burdens_who_hands_the_waste_over(tmp_path: Path) -> None:
    """0.5 kg of waste per kg of steel at 3 kg CO2 per kg of waste: 1.5."""
    burning = [["Activity", "burning"], ["location", "CN"], ["unit", "kg"], ["Exchanges"], HEADINGS]
    database = from_rows(
        tmp_path,
        *[*STEEL, PRODUCED, ["burning", "-0.5", "kg", "CN", "technosphere"]],
        *[*burning, ["burning", "-1", "kg", "CN", "production"], ["CO2", "3", "kg", "", "biosphere", "", "air"]],
    )
    found = scores(compile_database(database), load().gwp_sets["AR6"])
    assert list(found) == pytest.approx([1.5, 3])


def test_inputs_from_elsewhere_keep_name_product_location_unit_and_database() -> None:
    database = read(PREMISE / "lci-lithium.xlsx", "excel")
    water = next(process for process in database.processes if process.name == "water, pure, via reverse osmosis")
    power = of_flow(database, water, "market for electricity, high voltage")
    flow = database.flows[power.flow]
    assert (power.amount, power.provider) == (0.003603, "")
    assert (flow.name, flow.product, flow.location, flow.unit, flow.category) == (
        "market for electricity, high voltage",
        "electricity, high voltage",
        "CL",
        "kilowatt hour",
        "ecoinvent 3.8 cutoff",
    )
    assert power.uncertainty == Uncertainty("lognormal", loc=-5.625988447216181, scale=0.5226943987482665)


def test_a_database_goes_by_the_names_of_its_productions() -> None:
    """The lithium file calls itself 'lithium', its productions say 'Atacama_38', 'Chaerhan_38' …"""
    database = read(PREMISE / "lci-lithium.xlsx", "excel")
    market = named(database, "market for lithium carbonate, battery grade")
    producer = named(database, "lithium carbonate production, from Salar de Atacama")
    # Sheet 'LCI - market', row 13, column F: 'Atacama_38'.
    share = next(exchange for exchange in market.exchanges if exchange.id == "13")
    assert (share.provider, share.amount) == (producer.id, pytest.approx(0.5754408883082952, rel=1e-15))
    (told,) = [finding for finding in database.findings if finding.code == "database-named-otherwise"]
    assert "Atacama_38" in told.params["names"]


def test_a_distribution_of_another_number_is_left_out_and_told() -> None:
    database = read(PREMISE / "lci-lithium.xlsx", "excel")
    found = [finding for finding in database.findings if finding.code == "distribution-off-amount"]
    # Sheet 'LCI - Salar de Atacama', row 108: amount 0.00068, loc -4.368 = ln 0.0127.
    assert any("LCI - Salar de Atacama · 108 ·" in finding.where for finding in found)


def test_amounts_that_a_spreadsheet_computes_are_told_by_row() -> None:
    database = read(PREMISE / "lci-fuel_cell.xlsx", "excel")
    found = [finding.where for finding in database.findings if finding.code == "amount-from-cell-formula"]
    assert "lci-fuel_cell.xlsx · lci · 58, 61, 64 · " in "\n".join(found)


# --- small layouts -------------------------------------------------------------------------------


def test_linking_needs_exactly_one_fit(tmp_path: Path) -> None:
    twice = [
        [*STEEL[:1], ["location", place], *STEEL[2:], ["steel", "1", "kg", place, "production"], []] for place in "AB"
    ]
    used = [["Activity", "car"], ["unit", "p"], ["Exchanges"], HEADINGS, ["car", "1", "p", "", "production"]]
    rows = [row for block in twice for row in block]
    database = from_rows(
        tmp_path,
        *rows,
        *used,
        ["steel", "900", "kg", "A", "technosphere"],
        ["steel", "1", "t", "B", "technosphere"],
        ["steel", "1", "kg", "", "technosphere"],
        ["steel", "1", "m3", "A", "technosphere"],
        ["steel", "1", "kg", "C", "technosphere"],
        ["steel", "1", "kg", "A", "technosphere", "ecoinvent"],
        ["copper", "1", "kg", "A", "technosphere", "made"],
    )
    in_a, in_b, car = database.processes
    inputs = car.exchanges[1:]
    assert [one.provider for one in inputs] == [in_a.id, in_b.id, "", "", "", "", ""]
    assert [one.to_reference for one in inputs[:2]] == [1, 1000]
    assert {
        "supplier-ambiguous",
        "supplier-in-other-unit",
        "supplier-differs",
        "supplier-named-elsewhere",
        "supplier-missing",
    } <= lci_sound.codes(database)
    ambiguous = next(finding for finding in database.findings if finding.code == "supplier-ambiguous")
    assert ambiguous.params == {"name": "steel", "count": "2"}


def test_linking_by_code_goes_before_names(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        ["Activity", "steel"],
        ["code", "s1"],
        ["unit", "kg"],
        [],
        ["Activity", "steel"],
        ["code", "s2"],
        ["unit", "kg"],
        ["Exchanges"],
        ["name", "amount", "unit", "type", "input"],
        ["steel", "1", "kg", "production", ""],
        ["steel", "0.1", "kg", "technosphere", "made::s1"],
        ["steel", "0.1", "kg", "technosphere", "other::s1"],
    )
    assert [one.provider for one in database.processes[1].exchanges] == ["", "s1", ""]


def test_resources_come_in_and_substitutions_go_out(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        *STEEL,
        PRODUCED,
        ["iron ore", "1.4", "kg", "", "biosphere", "", "natural resource::in ground"],
        ["CO2", "2", "kg", "", "biosphere", "", "air"],
        ["gravel", "0.2", "kg", "", "substitution"],
    )
    ore, co2, gravel = database.processes[0].exchanges[1:]
    assert [one.is_input for one in (ore, co2, gravel)] == [True, False, False]
    assert (gravel.is_avoided, co2.is_avoided) == (True, False)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "amount-missing"),
        ("(Unknown)", "amount-missing"),
        ("1,5", "amount-unreadable"),
        ("viel", "amount-unreadable"),
        ("NaN", "amount-not-finite"),
        ("inf", "amount-not-finite"),
        ("1e999", "amount-not-finite"),
    ],
)
def test_amounts_that_are_none_are_errors_with_their_row(tmp_path: Path, amount: str, code: str) -> None:
    database = from_rows(tmp_path, *STEEL, PRODUCED, ["coal", amount, "kg", "", "technosphere"])
    assert len(database.processes[0].exchanges) == 1
    (found,) = [finding for finding in database.findings if finding.code == code]
    assert (found.is_error, found.where, found.params["exchange"]) == (True, "made.csv · 9 · steel", "coal")


@pytest.mark.parametrize("amount", ["", "0"])
def test_an_amount_by_formula_alone_is_what_the_formula_gives(tmp_path: Path, amount: str) -> None:
    database = from_rows(tmp_path, *STEEL, PRODUCED, ["coal", amount, "kg", "", "technosphere", "", "", "2 * 3"])
    coal = database.processes[0].exchanges[1]
    assert (coal.amount, coal.formula) == (6, "2 * 3")
    assert "amount-by-formula" in lci_sound.codes(database)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("2 * a", "formula-unknown-name"),
        ("9**9**9", "formula-no-number"),
        ("'a'*9999999999", "formula-unreadable"),
        ("1 +", "formula-unreadable"),
    ],
)
def test_a_formula_that_gives_nothing_is_an_error_that_names_the_process(
    tmp_path: Path, formula: str, code: str
) -> None:
    database = from_rows(tmp_path, *STEEL, PRODUCED, ["coal", "", "kg", "", "technosphere", "", "", formula])
    assert database.processes[0].exchanges[1].amount == 0
    assert code in lci_sound.codes(database)
    (found,) = [one for one in database.findings if one.code == "amount-not-computed"]
    assert (found.is_error, found.params) == (True, {"flows": "coal"})
    assert found.where.startswith("steel (")


def test_an_amount_stands_where_its_formula_gives_another(tmp_path: Path) -> None:
    database = from_rows(tmp_path, *STEEL, PRODUCED, ["coal", "5", "kg", "", "technosphere", "", "", "2 * 3"])
    assert database.processes[0].exchanges[1].amount == 5
    (found,) = [one for one in database.findings if one.code == "formula-differs"]
    assert (found.params["computed"], found.params["published"]) == ("6", "5")


def test_a_process_without_a_readable_product_is_left_out(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        *[["Activity", "iron"], *STEEL[1:], ["iron", "x", "kg", "CN", "production"]],
        *[*STEEL, PRODUCED, ["iron", "1", "kg", "CN", "technosphere"]],
    )
    (steel,) = database.processes
    assert steel.exchanges[1].provider == ""
    assert {"amount-unreadable", "process-left-out"} <= lci_sound.codes(database)


def test_rows_that_are_no_exchanges_are_told(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        *STEEL,
        PRODUCED,
        ["Source: a paper"],
        ["", "1", "kg", "", "technosphere"],
        ["coal", "1", "kg", "", "tecnosphere"],
    )
    assert len(database.processes[0].exchanges) == 1
    assert {"row-not-understood", "exchange-unnamed", "exchange-type-unknown"} <= lci_sound.codes(database)


def test_twins_and_second_databases_are_told(tmp_path: Path) -> None:
    database = from_rows(tmp_path, *STEEL, PRODUCED, [], *STEEL, PRODUCED, ["Database", "another"])
    assert len({process.id for process in database.processes}) == 2
    assert {"process-twice", "database-twice"} <= lci_sound.codes(database)


def test_co_products_share_by_their_column(tmp_path: Path) -> None:
    headings = ["name", "amount", "unit", "type", "allocation"]
    rows = [["Activity", "steel"], ["unit", "kg"], ["Exchanges"], headings]
    both = [["slag", "0.3", "kg", "production", "10"], ["steel", "1", "kg", "production", "90"]]
    database = from_rows(tmp_path, *rows, *both)
    (steel,) = database.processes
    made = {database.flows[one.flow].name: one for one in steel.exchanges}
    assert steel.reference == made["steel"].id
    (allocation,) = steel.allocations
    assert dict(allocation.shares) == {made["slag"].flow: 0.1, made["steel"].flow: 0.9}
    off = from_rows(tmp_path, *rows, both[0], ["steel", "1", "kg", "production", "80"])
    assert off.processes[0].allocations == ()
    assert "allocation-off-total" in lci_sound.codes(off)


def test_a_reference_among_strangers_is_unclear(tmp_path: Path) -> None:
    headings = ["name", "amount", "unit", "type"]
    rows = [["Activity", "works"], ["unit", "kg"], ["Exchanges"], headings]
    database = from_rows(tmp_path, *rows, ["slag", "1", "kg", "production"], ["steel", "1", "kg", "production"])
    assert "reference-unclear" in lci_sound.codes(database)


SPREAD = ["name", "amount", "unit", "type", "uncertainty type", "loc", "scale", "minimum", "maximum"]


@pytest.mark.parametrize(
    ("printed", "kept", "code"),
    [
        (["2", str(math.log(3)), "0.1"], Uncertainty("lognormal", loc=math.log(3), scale=0.1), ""),
        (["2", "", "0.1"], Uncertainty("lognormal", loc=math.log(3), scale=0.1), ""),
        (["3", "3", "0.2"], Uncertainty("normal", loc=3, scale=0.2), ""),
        (["4", "", "", "2", "4"], Uncertainty("uniform", minimum=2, maximum=4), ""),
        (["5", "3", "", "2", "4"], Uncertainty("triangular", loc=3, minimum=2, maximum=4), ""),
        (["5", "3", "", "4", "2"], Uncertainty("triangular", loc=3, minimum=2, maximum=4), "bounds-swapped"),
        (["5", "5", "", "4", "2"], None, "invalid"),
        (["0", "3", "0.1"], None, ""),
        (["1", "3"], None, ""),
        (["2", "1.1", "0"], None, ""),
        (["5", "3", "", "3", "3"], None, ""),
        (["2", "", ""], None, "incomplete"),
        (["4", "", "", "2", ""], None, "incomplete"),
        (["2", "", "-1"], None, "invalid"),
        (["3", "30", "0.2"], None, "off-amount"),
        (["6", "0.5"], None, "unknown"),
        (["lognormal", "1", "1"], None, "unknown"),
    ],
)
def test_distributions_by_their_numbers(
    tmp_path: Path, printed: list[str], kept: Uncertainty | None, code: str
) -> None:
    rows = [["Activity", "steel"], ["unit", "kg"], ["Exchanges"], SPREAD, ["steel", "1", "kg", "production"]]
    database = from_rows(tmp_path, *rows, ["coal", "3", "kg", "technosphere", *printed])
    assert database.processes[0].exchanges[1].uncertainty == kept
    assert lci_sound.codes(database) == ({f"distribution-{code}"} if code else set())


@pytest.mark.parametrize(
    ("printed", "scores"),
    [("(1, 4, 3, 1, 1, 1)", (1, 4, 3, 1, 1)), ("1,2,3,4,5", (1, 2, 3, 4, 5)), ("(1, 2)", ()), ("(6,1,1,1,1)", ())],
)
def test_pedigree_is_five_scores(tmp_path: Path, printed: str, scores: tuple[int, ...]) -> None:
    headings = ["name", "amount", "unit", "type", "pedigree"]
    rows = [["Activity", "steel"], ["unit", "kg"], ["Exchanges"], headings, ["steel", "1", "kg", "production"]]
    database = from_rows(tmp_path, *rows, ["coal", "3", "kg", "technosphere", printed])
    assert database.processes[0].exchanges[1].pedigree == scores
    assert ("pedigree-unreadable" in lci_sound.codes(database)) == (not scores)


def test_one_flow_in_two_units(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        *STEEL,
        PRODUCED,
        ["water", "1", "m3", "", "biosphere", "", "water"],
        ["water", "5", "l", "", "biosphere", "", "water"],
        ["water", "7", "kg", "", "biosphere", "", "water"],
    )
    first, second, third = database.processes[0].exchanges[1:]
    assert (second.flow, second.to_reference) == (first.flow, pytest.approx(0.001))
    assert (third.flow != first.flow, third.to_reference) == (True, 1)
    (told,) = [finding for finding in database.findings if finding.code == "flow-in-two-units"]
    assert told.params == {"flow": "water", "unit": "kg", "other": "m3"}


def test_cutoff_keeps_so_many_columns(tmp_path: Path) -> None:
    rows = [["cutoff", "4"], ["Database", "made"], ["Activity", "steel"], ["unit", "kg"], ["Exchanges"]]
    table = [["name", "amount", "unit", "type", "formula"], ["steel", "1", "kg", "production", "7 * 7"]]
    (process,) = read(written(tmp_path, [*rows, *table]), "csv").processes
    assert process.exchanges[0].formula == ""
    (process,) = read(written(tmp_path, [["cutoff", "5"], *rows[1:], *table]), "csv").processes
    assert process.exchanges[0].formula == "7 * 7"


def test_csv_reads_semicolons_and_windows_letters(tmp_path: Path) -> None:
    lines = "Database;hergestellt\n\nActivity;Stahl für Brücken\nunit;kg\nExchanges\nname;amount;type\n"
    path = tmp_path / "made.csv"
    path.write_bytes((lines + "Stahl für Brücken;1;production\nKohle;0.7;technosphere\n").encode("cp1252"))
    database = read(path, "csv")
    assert [process.name for process in database.processes] == ["Stahl für Brücken"]
    assert database.processes[0].exchanges[1].amount == 0.7


def test_files_are_recognised_by_what_they_hold(tmp_path: Path) -> None:
    other = written(tmp_path, [["a", "b"], ["1", "2"]], "table.csv")
    simapro = tmp_path / "simapro.csv"
    simapro.write_text("{SimaPro 9}\n{processes}\n")
    for path, is_csv, is_excel in (
        (COMPLICATED, True, False),
        (other, False, False),
        (simapro, False, False),
        (EXAMPLE, False, True),
        (tmp_path, False, False),
    ):
        with Archive(path) as archive:
            assert (brightway_csv.knows(archive), excel.knows(archive)) == (is_csv, is_excel), path


def test_flows_and_products_listed_for_themselves_are_no_processes(tmp_path: Path) -> None:
    database = from_rows(
        tmp_path,
        *STEEL,
        PRODUCED,
        ["ore", "1.4", "kg", "", "biosphere", "made"],
        ["CO2", "2", "kg", "", "biosphere", "made"],
        [],
        *[["Activity", "ore"], ["type", "natural resource"], ["unit", "kg"], []],
        *[["Activity", "CO2"], ["type", "emission"], ["unit", "kg"], []],
        *[["Activity", "scrap"], ["type", "product"], ["unit", "kg"], ["location", "CN"]],
    )
    (steel,) = database.processes
    ore, co2 = steel.exchanges[1:]
    assert (database.flows[ore.flow].category, ore.is_input, co2.is_input) == ("natural resource", True, False)
    assert sorted((flow.name, flow.kind) for flow in database.flows.values()) == [
        ("CO2", "elementary"),
        ("ore", "elementary"),
        ("scrap", "product"),
        ("steel", "product"),
    ]


@pytest.mark.parametrize(
    ("headings", "missing"), [(["name", "type"], "amount"), (["amount", "type"], "name"), (["name", "amount"], "type")]
)
def test_columns_that_are_missing_are_told(tmp_path: Path, headings: list[str], missing: str) -> None:
    database = from_rows(tmp_path, ["Activity", "steel"], ["unit", "kg"], ["Exchanges"], headings, ["a", "b"])
    (told,) = [finding for finding in database.findings if finding.code == "columns-missing"]
    assert (told.params, told.is_error) == ({"columns": missing}, True)


def test_productions_that_contradict_their_activity_are_told(tmp_path: Path) -> None:
    headings = ["name", "amount", "unit", "location", "type", "reference product"]
    rows = [["Activity", "steel making"], ["unit", "kg"], ["location", "CN"], ["reference product", "steel"]]
    production = ["iron making", "0", "t", "GLO", "production", "iron"]
    database = from_rows(tmp_path, *rows, ["Exchanges"], headings, production)
    found = {finding.code: finding.params for finding in database.findings}
    assert found["production-name-differs"] == {"production": "iron making", "activity": "steel making"}
    assert found["production-product-differs"] == {"production": "iron", "activity": "steel"}
    assert found["production-location-differs"] == {"production": "GLO", "activity": "CN"}
    assert found["production-unit-differs"] == {"production": "t", "activity": "kg"}
    assert found["production-zero"] == {"name": "steel making"}
    (flow,) = database.flows.values()
    assert (flow.name, flow.location, flow.unit) == ("steel", "CN", "t")


def test_a_credit_by_its_sign_is_told(tmp_path: Path) -> None:
    rows = [["Activity", "landfill"], *STEEL[1:], ["landfill", "1", "kg", "", "production"], []]
    database = from_rows(tmp_path, *rows, *STEEL, PRODUCED, ["landfill", "-1", "kg", "", "technosphere"])
    assert "input-sign-differs" in lci_sound.codes(database)


def test_parameters_defined_twice_or_not_at_all_are_told(tmp_path: Path) -> None:
    table = [["name", "amount", "formula"], ["a", "1", ""], ["", "2", ""], ["b", "", ""], ["a", "3", ""]]
    database = from_rows(tmp_path, ["Database parameters"], *table, [], *STEEL, PRODUCED)
    assert [(one.name, one.amount) for one in database.parameters] == [("a", 3)]
    assert {"parameter-twice", "row-not-understood", "amount-missing"} <= lci_sound.codes(database)


def test_shares_may_be_fractions(tmp_path: Path) -> None:
    headings = ["name", "amount", "unit", "type", "allocation"]
    rows = [["Activity", "steel"], ["unit", "kg"], ["Exchanges"], headings]
    both = [["slag", "0.3", "kg", "production", "0.1"], ["steel", "1", "kg", "production", "0.9"]]
    (allocation,) = from_rows(tmp_path, *rows, *both).processes[0].allocations
    assert (sorted(allocation.shares.values()), allocation.method) == ([0.1, 0.9], "stated")


def test_a_name_of_two_kinds_is_two_flows(tmp_path: Path) -> None:
    headings = ["name", "amount", "unit", "type", "flow"]
    rows = [["Activity", "steel"], ["unit", "kg"], ["Exchanges"], headings, ["steel", "1", "kg", "production", "f"]]
    database = from_rows(tmp_path, *rows, ["water", "1", "kg", "biosphere", "f"])
    assert len(database.flows) == 2
    assert "flow-in-two-kinds" in lci_sound.codes(database)


def test_a_file_of_endless_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brightway_csv, "MOST_ROWS", 100)
    with pytest.raises(LciFileUnsafe):
        read(written(tmp_path, [*STEEL, PRODUCED, *[["x"]] * 200]), "csv")


# --- hostile files -------------------------------------------------------------------------------


def repacked(tmp_path: Path, changes: dict[str, bytes], name: str = "changed.xlsx") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(EXAMPLE) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        held = {part: source.read(part) for part in source.namelist()} | changes
        for part, content in held.items():
            if content:
                target.writestr(part, content)
    return path


def sheet_xml(cells: str) -> bytes:
    uri = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{uri}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def workbook(tmp_path: Path, *rows: Cells) -> Path:
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("made")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
    return path


def test_text_and_empty_formulas_in_a_workbook_are_told(tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("made")
        rows: list[Cells] = [["Database", "made"], *STEEL, ["steel", 1, "kg", "CN", "production"]]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        for row, name in ((7, "coal"), (8, "coke"), (9, "ore"), (10, "lime")):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 4, "technosphere")
        sheet.write_string(7, 1, "0.7")
        sheet.write_formula(8, 1, "=1+1", None, "")
        sheet.write_formula(9, 1, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(10, 1, True)
    database = read(path, "excel")
    lci_sound.assert_sound(database)
    assert [one.amount for one in database.processes[0].exchanges] == [1, 0.7]
    found = {finding.code: finding.where for finding in database.findings}
    assert found["amount-is-text"] == "made.xlsx · made · 8 · steel"
    assert found["amount-unreadable"] == "made.xlsx · made · 11 · steel"
    told = [finding for finding in database.findings if finding.code == "cell-formula-without-value"]
    assert [finding.where.split(" · ")[2] for finding in told] == ["9", "10"]


@pytest.mark.parametrize("size", [0, 1, 100, 2_000, 12_000])
def test_a_workbook_cut_off_is_broken(tmp_path: Path, size: int) -> None:
    path = tmp_path / "cut.xlsx"
    path.write_bytes(EXAMPLE.read_bytes()[:size])
    with pytest.raises(LciFileBroken):
        read(path, "excel")


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "changes",
    [
        {"xl/worksheets/sheet2.xml": BOMB + sheet_xml("")},
        {"xl/sharedStrings.xml": BOMB + b"<sst/>"},
        {"xl/sharedStrings.xml": (BOMB + b"<sst/>").decode().encode("utf-16")},
        {"xl/vbaProject.bin": b"macro"},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row r="900000"><c r="ZZ900000"><v>1</v></c></row>')},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row r="1"><c r="XFE1"><v>1</v></c></row>')},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row r="1048577"><c><v>1</v></c></row>')},
    ],
)
def test_unsafe_workbooks_are_refused(tmp_path: Path, changes: dict[str, bytes]) -> None:
    with pytest.raises(LciFileUnsafe):
        read(repacked(tmp_path, changes), "excel")


def test_one_long_text_in_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_look, "MOST_TEXT", 1_000_000)
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 1_100))
    shared = f"<sst><si><t>{'x' * 1000}</t></si></sst>".encode()
    changes = {"xl/worksheets/sheet2.xml": sheet_xml(cells), "xl/sharedStrings.xml": shared}
    with pytest.raises(LciFileUnsafe):
        read(repacked(tmp_path, changes), "excel")


@pytest.mark.parametrize(
    "changes",
    [
        {"xl/workbook.xml": b"<workbook"},
        {"xl/workbook.xml": b""},
        {"xl/_rels/workbook.xml.rels": b""},
        {"xl/worksheets/sheet2.xml": b""},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row r="x"/>')},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row><c r="A"/></row>')},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row><c r="A0"/></row>')},
        {"xl/worksheets/sheet2.xml": sheet_xml("<row><c><v>1</v></row>")},
        {"xl/sharedStrings.xml": b"<sst>"},
        {"xl/worksheets/sheet2.xml": sheet_xml('<row r="1"><c r="A1" t="zz"><v>1</v></c></row>')},
    ],
)
def test_damaged_parts_are_told_by_file(tmp_path: Path, changes: dict[str, bytes]) -> None:
    with pytest.raises(LciFileBroken) as refused:
        read(repacked(tmp_path, changes), "excel")
    assert refused.value.params["file"] == "changed.xlsx"


def test_a_workbook_of_other_things_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(LciNothingFound):
        read(workbook(tmp_path, ["a", "b"], [1, 2]), "excel")


@pytest.mark.parametrize(
    "rows",
    [
        [["Activity"], ["Exchanges"]],
        [["Activity", "a"], ["Exchanges"], ["Exchanges"], ["name"], ["x"]],
        [["Activity", "a"], ["Parameters"], ["Exchanges"], [""], ["", ""]],
        [["cutoff", "x"], ["Database", "a"], ["Activity", "b"]],
        [["cutoff", "1"], ["Activity", "b"]],
        [["Database", "a"], ["Database parameters"], ["x"], ["y"]],
        [["Exchanges"], ["name", "amount", "type"], ["a", "1", "production"]],
        [["Activity", "a"], ["Exchanges"], ["name", "amount", "type", "name"], ["a", "1", "production", "b"]],
        [["skip"], ["Activity", "a"]],
    ],
)
def test_odd_layouts_end_in_findings_or_nothing(tmp_path: Path, rows: list[Cells]) -> None:
    with suppress(LciNothingFound):
        lci_sound.assert_sound(read(written(tmp_path, rows), "csv"))


def test_findings_of_a_file_are_bounded(tmp_path: Path) -> None:
    lines = [[f"coal {number}", "x", "kg", "", "technosphere"] for number in range(2_100)]
    database = from_rows(tmp_path, *STEEL, PRODUCED, *lines)
    assert len(database.findings) == 2_001
    assert database.findings[-1].code == "findings-cut-off"
    assert int(database.findings[-1].params["count"]) == 100


def test_csv_that_is_none_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_bytes(b'Database,made\nActivity,a\n"coal\n')
    with pytest.raises(LciFileBroken):
        read(path, "csv")


def test_sheets_may_lie_anywhere_and_charts_are_none(tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("made")
        for row, cells in enumerate([["Database", "made"], *STEEL, ["steel", 1, "kg", "CN", "production"]]):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=made!$B$7:$B$7"})
        book.add_chartsheet("chart").set_chart(chart)
    moved = tmp_path / "moved.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(moved, "w") as target:
        for part in source.namelist():
            content = source.read(part).replace(b"worksheets/sheet1.xml", b"elsewhere/sheet1.xml")
            target.writestr(part.replace("worksheets/sheet1.xml", "elsewhere/sheet1.xml"), content)
    for one in (path, moved):
        assert [process.name for process in read(one, "excel").processes] == ["steel"], one.name
