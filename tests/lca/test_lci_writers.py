"""What is written for Brightway is read again as it was: amounts in reference units, suppliers, formulas, spreads."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lci_sound
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lca import exporters
from lca.dataset import Allocation, Exchange, Flow, FlowKind, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.errors import LciFormatUnknown
from lca.exporters import excel as excel_writer
from lca.exporters.brightway import EXCHANGE_COLUMNS
from lca.importers import read
from lca.importers.brightway_treatments import as_wastes

DATA = Path(__file__).parents[1] / "data" / "lci"
MOBILITY = DATA / "bw_examples" / "sample_parameterized_database.xlsx"
FILES = [MOBILITY, *sorted((DATA / "premise_foreground").glob("*.xlsx"))]
SUFFIXES = {"excel": ".xlsx", "csv": ".csv"}
SIXTEEN_DIGITS = 5e-16  # that xlsxwriter prints, one less than a double can need


def there_and_back(database: LciDatabase, folder: Path, format_: str) -> LciDatabase:
    path = folder / f"again{SUFFIXES[format_]}"
    exporters.write(database, path, format_)
    again = read(path, format_)
    lci_sound.assert_sound(again)
    return again


def told(database: LciDatabase) -> list[tuple[object, ...]]:
    """Return every exchange with all that Brightway has a place for; amounts as Brightway counts them."""
    return [
        (
            process.id,
            exchange.flow,
            database.flows[exchange.flow].name,
            database.flows[exchange.flow].category,
            database.flows[exchange.flow].product,
            exchange.provider,
            exchange.is_avoided,
            exchange.id == process.reference,
            exchange.formula,
            exchange.pedigree,
            exchange.comment,
        )
        for process in database.processes
        for exchange in process.exchanges
    ]


def numbers(database: LciDatabase) -> Iterator[float]:
    for process in database.processes:
        for exchange in process.exchanges:
            yield exchange.amount * exchange.to_reference
            spread = exchange.uncertainty
            if spread is not None:
                yield from (
                    one for one in (spread.loc, spread.scale, spread.minimum, spread.maximum) if one is not None
                )


@pytest.mark.parametrize("format_", SUFFIXES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_brightway_files_come_back(path: Path, format_: str, tmp_path: Path) -> None:
    first = read(path, "excel")
    again = there_and_back(first, tmp_path, format_)
    assert told(again) == told(first)
    assert list(numbers(again)) == pytest.approx(
        list(numbers(first)), rel=SIXTEEN_DIGITS if format_ == "excel" else 0, abs=0
    )
    assert again.flows == first.flows
    assert again.parameters == first.parameters
    assert [(one.name, one.location, one.comment) for one in again.processes] == [
        (one.name, one.location, one.comment) for one in first.processes
    ]


def test_the_mobility_example_is_laid_out_as_brightway_lays_it_out(tmp_path: Path) -> None:
    path = tmp_path / "mobility.csv"
    exporters.write(read(MOBILITY, "excel"), path, "csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Database", "Mobility example"]
    assert ["Database parameters"] in rows
    titles = [row[1] for row in rows if row[:1] == ["Activity"]]
    assert titles == [
        "Driving an electric car",
        "Electric car",
        "Electric car battery",
        "Steel",
        "Electricity",
        "Lithium",
        "Driving an combustion car",
        "Combustion car",
        "CO2",
    ]
    start = rows.index(["Activity", "Driving an electric car"])
    headings = rows[rows.index(["Exchanges"], start) + 1]
    lines = [dict(zip(headings, row, strict=True)) for row in rows[rows.index(headings, start) + 1 :][:3]]
    assert [(line["name"], line["type"], line["amount"], line["formula"]) for line in lines] == [
        ("Driving an electric car", "production", "1.0", ""),
        ("Electric car", "technosphere", "5e-06", "1 / lifetime_distance"),
        ("Electricity", "technosphere", "0.27", "electricity_per_km"),
    ]
    assert {line["database"] for line in lines} == {"Mobility example"}


def made(*exchanges: Exchange, flows: dict[str, Flow], **given: Any) -> LciDatabase:
    process = UnitProcess("p", "works", tuple(exchanges), exchanges[0].id, location="CN")
    return LciDatabase("made", flows, (process,), **given)


PRODUCT = Flow("f", "steel", "product", "kg")


@pytest.mark.parametrize("format_", SUFFIXES)
def test_amounts_are_written_in_the_unit_of_their_flow(format_: str, tmp_path: Path) -> None:
    coal = Flow("c", "coal", "product", "kg")
    spread = Uncertainty("triangular", loc=2, minimum=1, maximum=3)
    inputs = Exchange("2", "c", 2, "t", True, to_reference=1000, formula="a + b", uncertainty=spread)
    first = made(Exchange("1", "f", 1, "t", False, to_reference=1000), inputs, flows={"f": PRODUCT, "c": coal})
    again = there_and_back(first, tmp_path, format_)
    steel, read_coal = again.processes[0].exchanges
    assert (steel.amount, steel.unit, steel.to_reference) == (1000, "kg", 1)
    assert (read_coal.amount, read_coal.formula) == (2000, "(a + b) * 1000")
    assert read_coal.uncertainty == Uncertainty("triangular", loc=2000, minimum=1000, maximum=3000)


@pytest.mark.parametrize("format_", SUFFIXES)
def test_wastes_and_flows_against_their_compartment_are_negative(format_: str, tmp_path: Path) -> None:
    flows = {
        "f": PRODUCT,
        "w": Flow("w", "sludge", "waste", "kg"),
        "o": Flow("o", "ore", "elementary", "kg", category="natural resource/in ground"),
        "a": Flow("a", "carbon dioxide", "elementary", "kg", category="air"),
    }
    spread = Uncertainty("uniform", minimum=2, maximum=4)
    first = made(
        Exchange("1", "f", 1, "kg", False),
        Exchange("2", "w", 3, "kg", False, uncertainty=spread),
        Exchange("3", "o", 4, "kg", True),
        Exchange("4", "o", 5, "kg", False),
        Exchange("5", "a", 6, "kg", False),
        Exchange("6", "a", 7, "kg", True),
        flows=flows,
    )
    again = there_and_back(first, tmp_path, format_)
    counted = [(one.is_input, one.amount) for one in again.processes[0].exchanges]
    assert counted == [(False, 1), (True, -3), (True, 4), (True, -5), (False, 6), (False, -7)]
    assert again.processes[0].exchanges[1].uncertainty == Uncertainty("uniform", minimum=-4, maximum=-2)


def test_treatments_and_what_they_treat_keep_their_balance(tmp_path: Path) -> None:
    """Sludge treated, 1 kg in; works giving 3 kg: minus one made, minus three wanted in the file, a waste here."""
    sludge = Flow("w", "sludge", "waste", "kg")
    landfill = UnitProcess("l", "landfill", (Exchange("1", "w", 1, "kg", True),), "1")
    works = UnitProcess(
        "p",
        "works",
        (Exchange("1", "f", 1, "kg", False), Exchange("2", "w", 3, "kg", False, provider="l")),
        "1",
    )
    database = LciDatabase("made", {"f": PRODUCT, "w": sludge}, (landfill, works))
    again = there_and_back(database, tmp_path, "csv")
    first, second = again.processes
    assert [(one.amount, one.is_input) for one in first.exchanges] == [(1, True)]
    assert [(one.amount, one.is_input, one.provider) for one in second.exchanges] == [(1, False, ""), (3, False, "l")]
    assert again.flows["w"].kind == "waste"
    with (tmp_path / "again.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, fieldnames=EXCHANGE_COLUMNS))
    assert [float(row["amount"]) for row in rows if row["flow"] == "w"] == [-1, -3]


def test_suppliers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    twins = [UnitProcess(one, "steel", (Exchange("1", f"f{one}", 1, "kg", False),), "1") for one in "ab"]
    car = UnitProcess(
        "c", "car", (Exchange("1", "f", 1, "p", False), Exchange("2", "fb", 9, "kg", True, provider="b")), "1"
    )
    flows = {"fa": Flow("fa", "steel", "product", "kg"), "fb": Flow("fb", "steel", "product", "kg")}
    database = LciDatabase("made", {**flows, "f": Flow("f", "car", "product", "p")}, (*twins, car))
    again = there_and_back(database, tmp_path, "excel")
    assert again.processes[2].exchanges[1].provider == "b"


def test_shares_and_a_lognormal_in_another_unit_come_back(tmp_path: Path) -> None:
    flows = {"f": PRODUCT, "s": Flow("s", "slag", "product", "kg"), "c": Flow("c", "coal", "product", "kg")}
    lognormal = Uncertainty("lognormal", math.log(2), 0.1)
    process = UnitProcess(
        "p",
        "works",
        (
            Exchange("1", "f", 1, "kg", False),
            Exchange("2", "s", 300, "g", False, to_reference=0.001),
            Exchange("3", "c", -2, "t", True, to_reference=1000, uncertainty=lognormal),
            Exchange("4", "c", 2, "t", True, to_reference=1000, uncertainty=Uncertainty("normal", 2, 0.1)),
        ),
        "1",
        allocations=(Allocation("economic", {"f": 0.9, "s": 0.1}), Allocation("physical", {"f": 0.7, "s": 0.3})),
        default_allocation="economic",
    )
    again = there_and_back(LciDatabase("made", flows, (process,)), tmp_path, "excel").processes[0]
    assert again.allocations == (Allocation("economic", {"f": 0.9, "s": 0.1}),)
    assert (again.default_allocation, again.reference) == ("economic", again.exchanges[0].id)
    coal, coke = again.exchanges[2].uncertainty, again.exchanges[3].uncertainty
    assert coal is not None
    assert coal.loc == pytest.approx(math.log(2000))
    assert coke == Uncertainty("normal", 2000, 100)


def test_long_texts_are_cut_and_show_it(tmp_path: Path) -> None:
    database = made(Exchange("1", "f", 1, "kg", False, comment="x" * 40_000), flows={"f": PRODUCT})
    again = there_and_back(database, tmp_path, "excel")
    comment = again.processes[0].exchanges[0].comment
    assert (len(comment), comment[-5:]) == (32_767, "x […]")


def test_large_databases_take_several_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_writer, "ROWS_PER_SHEET", 30)
    processes = tuple(
        UnitProcess(f"p{count}", f"steel {count}", (Exchange("1", f"f{count}", 1, "kg", False),), "1")
        for count in range(20)
    )
    flows = {f"f{count}": Flow(f"f{count}", "steel", "product", "kg") for count in range(20)}
    again = there_and_back(LciDatabase("made", flows, processes), tmp_path, "excel")
    assert [process.id for process in again.processes] == [process.id for process in processes]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LciFormatUnknown):
        exporters.write(made(Exchange("1", "f", 1, "kg", False), flows={"f": PRODUCT}), tmp_path / "x", "gexf")


# --- any small database --------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"), exclude_characters=":"), min_size=1)
TEXT = WORDS.map(str.strip).filter(lambda word: word and word.casefold() != "(unknown)").map(lambda word: f"x{word}")
COMPARTMENTS = ["air", "water/river", "natural resource/in ground"]
AMOUNTS = st.floats(min_value=1e-12, max_value=1e12) | st.floats(min_value=-1e12, max_value=-1e-12)


@st.composite
def spreads(draw: st.DrawFn, amount: float) -> Uncertainty | None:
    kind = draw(st.sampled_from(["", "lognormal", "normal", "uniform", "triangular"]))
    width = abs(amount) * draw(st.floats(min_value=0.1, max_value=0.5))
    if kind == "lognormal":
        return Uncertainty(kind, loc=math.log(abs(amount)), scale=draw(st.floats(min_value=0.05, max_value=2)))
    if kind == "normal":
        return Uncertainty(kind, loc=amount, scale=width)
    if kind == "uniform":
        return Uncertainty(kind, minimum=amount - width, maximum=amount + width)
    if kind == "triangular":
        return Uncertainty(kind, loc=amount, minimum=amount - width, maximum=amount + width)
    return None


@st.composite
def databases(draw: st.DrawFn) -> LciDatabase:
    count = draw(st.integers(min_value=1, max_value=4))
    names = draw(st.lists(TEXT, min_size=count, max_size=count, unique=True))
    flows = {f"f{index}": Flow(f"f{index}", name, "product", "kg") for index, name in enumerate(names)}
    for index in range(draw(st.integers(min_value=0, max_value=3))):
        kind: FlowKind = draw(st.sampled_from(["product", "elementary"]))
        category = (
            draw(st.sampled_from(["air", "water/river", "natural resource/in ground"])) if kind == "elementary" else ""
        )
        flows[f"e{index}"] = Flow(f"e{index}", draw(TEXT), kind, "kg", category=category)
    processes = []
    for index, name in enumerate(names):
        exchanges = [Exchange("0", f"f{index}", draw(AMOUNTS), "kg", False)]
        for number in range(1, draw(st.integers(min_value=1, max_value=4))):
            exchanges.append(draw(inputs(number, flows, count)))
        parameters = tuple(
            Parameter(f"a{one}", draw(AMOUNTS), draw(st.sampled_from(["", "2 * b"])), unit=draw(st.just("") | TEXT))
            for one in range(draw(st.integers(min_value=0, max_value=2)))
        )
        processes.append(
            UnitProcess(
                f"p{index}", name, tuple(exchanges), "0", location=draw(st.just("") | TEXT), parameters=parameters
            )
        )
    return LciDatabase(draw(TEXT), flows, tuple(processes), version=draw(st.just("") | TEXT))


@st.composite
def inputs(draw: st.DrawFn, number: int, flows: dict[str, Flow], count: int) -> Exchange:
    flow = flows[draw(st.sampled_from(sorted(flows)))]
    own = flow.id.startswith("f") and int(flow.id[1:]) < count
    amount = draw(AMOUNTS)
    is_input = flow.kind == "product" or flow.category.startswith("natural resource")
    return Exchange(
        str(number),
        flow.id,
        amount,
        "kg",
        is_input,
        provider=f"p{flow.id[1:]}" if own else "",
        uncertainty=draw(spreads(amount)),
        pedigree=draw(st.just(()) | st.tuples(*[st.integers(min_value=1, max_value=5)] * 5)),
        comment=draw(st.just("") | TEXT),
    )


@pytest.mark.parametrize("format_", SUFFIXES)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(database=databases())
def test_any_small_database_comes_back(format_: str, database: LciDatabase, tmp_path: Path) -> None:
    again = there_and_back(database, tmp_path, format_)
    database = as_wastes(database)  # what is made below zero comes back as a waste that is treated
    assert told(again) == told(database)
    assert list(numbers(again)) == pytest.approx(list(numbers(database)), rel=1e-15, abs=0)
    assert (again.name, again.version) == (database.name, database.version)
    for process, other in zip(again.processes, database.processes, strict=True):
        assert (process.id, process.name, process.location) == (other.id, other.name, other.location)
        assert [(one.name, one.formula, one.unit) for one in process.parameters] == [
            (one.name, one.formula, one.unit) for one in other.parameters
        ]
