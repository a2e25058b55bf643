"""SimaPro CSV. The processes are made by hand after the published descriptions of the format; no real file is here.

What follows the format as openLCA (olca-simapro-csv) and Brightway (bw_simapro_csv) describe it: blocks, sections,
columns, the square of the geometric standard deviation, twice the standard deviation, character 127 as line break.
"""

from __future__ import annotations

import math
from pathlib import Path

import lci_sound
import pytest

from lca.dataset import DEMAND, SUPPLY, LciDatabase, Uncertainty, role
from lca.errors import LciNothingFound
from lca.importers import csv as brightway_csv
from lca.importers import read, simapro
from lca.importers.archive import Archive

METHOD = Path(__file__).parents[1] / "data" / "lci" / "olca_simapro" / "olca_simapro_method.csv"

HEADER = """{SimaPro 9.1.0.7}
{processes}
{Date: 11/18/2021}
{Project: Made by hand}
{CSV Format version: 9.0.0}
{CSV separator: Semicolon}
{Decimal separator: ,}
{Date separator: /}
{Short date format: M/d/yyyy}
"""
UNITS = """
Quantities
Mass;Yes

End

Units
kg;Mass;1;kg
g;Mass;0,001;kg
ton;Mass;1000;kg
MWh;Energy;3600;MJ

End
"""
STEEL = """
Process

Category type
material

Process identifier
Hand00000001

Type
Unit process

Process name
steel making {CN}

Time period
2015-2019

Multiple output allocation
Physical causality

Literature references
A handbook;page 7

Comment
first\x7fsecond; third

Record


Products
steel slab {CN};ton;1;75,5%;not defined;Metals\\Ferrous;main
slag {CN};kg;250,0;24,5;not defined;Metals\\Ferrous;

Avoided products
gravel;kg;Share*250;Undefined;0;0;0;

Resources
Iron ore;in ground;kg;1400;Lognormal;1,21;0;0;(2,3,1,1,4,5)measured

Materials/fuels
lime;g;50000;Triangle;0;40000;60000;
steel slab {CN};kg;10;Uniform;0;12;8;

Electricity/heat
electricity {CN};MWh;0,4;Normal;0,1;0;0;

Emissions to air
Carbon dioxide, fossil;low. pop.;kg;1800;Lognormal;1,0;0;0;
Methane;(unspecified);g;"2,5*share ^ 2";Undefined;0;0;0;"in ""quotes"" here"

Waste to treatment
sludge;kg;12;Undefined;0;0;0;

Input parameters
Share;0,5;Uniform;0;0,4;0,6;No;part

Calculated parameters
double;SHARE * 2,5;twice

End
"""
LANDFILL = """
Process

Category type
waste treatment

Process identifier
Hand00000002

Waste treatment
sludge;ton;1;All waste types;Sludges;landfilled

Emissions to water
BOD;river;kg;3;Undefined;0;0;0;

End
"""
SUBSTANCES = """
Airborne emissions
Carbon dioxide, fossil;kg;000124-38-9;;

End
"""


def from_text(tmp_path: Path, content: str, encoding: str = "cp1252") -> LciDatabase:
    path = tmp_path / "made.csv"
    path.write_bytes(content.replace("\n", "\r\n").encode(encoding))
    database = read(path, "simapro")
    lci_sound.assert_sound(database)
    return database


@pytest.fixture
def whole(tmp_path: Path) -> LciDatabase:
    return from_text(tmp_path, HEADER + STEEL + LANDFILL + UNITS + SUBSTANCES)


def small(tmp_path: Path, sections: str, header: str = HEADER, more: str = "") -> LciDatabase:
    process = f"\nProcess\n\nProcess identifier\nP1\n\n{sections}\n\nEnd\n"
    return from_text(tmp_path, header + process + UNITS + more)


ONE = "Products\nsteel;kg;1;100;not defined;Metals;\n"


def test_what_a_process_says_of_itself(whole: LciDatabase) -> None:
    steel, landfill = whole.processes
    assert (whole.name, whole.version) == ("Made by hand", "SimaPro 9.1.0.7")
    assert (steel.id, steel.name, steel.location, steel.kind) == ("Hand00000001", "steel making {CN}", "CN", "unit")
    assert (steel.valid_from, steel.valid_until) == ("2015", "2019")
    assert (steel.category, steel.source) == ("material/Metals/Ferrous", "A handbook")
    assert steel.comment == "first\nsecond; third"
    assert (landfill.name, landfill.category) == ("sludge", "waste treatment/Sludges")


def test_every_section_goes_its_way(whole: LciDatabase) -> None:
    steel = whole.processes[0]
    counted = [
        (whole.flows[one.flow].name, whole.flows[one.flow].kind, one.is_input, one.is_avoided, one.amount, one.unit)
        for one in steel.exchanges
    ]
    assert counted == [
        ("steel slab {CN}", "product", False, False, 1.0, "ton"),
        ("slag {CN}", "product", False, False, 250.0, "kg"),
        ("gravel", "product", False, True, 0.0, "kg"),
        ("Iron ore", "elementary", True, False, 1400.0, "kg"),
        ("lime", "product", True, False, 50000.0, "g"),
        ("steel slab {CN}", "product", True, False, 10.0, "kg"),
        ("electricity {CN}", "product", True, False, 0.4, "MWh"),
        ("Carbon dioxide, fossil", "elementary", False, False, 1800.0, "kg"),
        ("Methane", "elementary", False, False, 0.0, "g"),
        ("sludge", "waste", False, False, 12.0, "kg"),
    ]
    ore, co2 = whole.flows[steel.exchanges[3].flow], whole.flows[steel.exchanges[7].flow]
    assert (ore.category, co2.category, co2.cas) == ("resource/in ground", "air/low. pop.", "124-38-9")
    assert whole.flows[steel.exchanges[8].flow].category == "air"


def test_an_input_is_the_flow_that_its_supplier_counts(whole: LciDatabase) -> None:
    steel, landfill = whole.processes
    slab, recycled, sludge = steel.exchanges[0], steel.exchanges[5], steel.exchanges[9]
    assert (recycled.flow, recycled.to_reference) == (slab.flow, 0.001)
    treated = landfill.exchanges[0]
    assert (sludge.flow, sludge.to_reference) == (treated.flow, 0.001)
    roles = [role(one, whole.flows[one.flow]) for one in (sludge, treated)]
    assert roles == [DEMAND, SUPPLY]
    assert {one.provider for process in whole.processes for one in process.exchanges} == {""}


def test_spreads(whole: LciDatabase) -> None:
    found = [one.uncertainty for one in whole.processes[0].exchanges]
    ore = found[3]
    assert ore is not None
    assert (ore.kind, ore.loc) == ("lognormal", pytest.approx(math.log(1400)))
    assert ore.scale == pytest.approx(math.log(1.1))  # 1.21 is the square of 1.1
    assert found[4] == Uncertainty("triangular", loc=50_000, minimum=40_000, maximum=60_000)
    assert found[5] == Uncertainty("uniform", minimum=8, maximum=12)
    assert found[6] == Uncertainty("normal", loc=0.4, scale=0.05)
    assert found[7] is None  # a geometric standard deviation of 1 is none
    swapped = [finding.where for finding in whole.findings if finding.code == "distribution-bounds-swapped"]
    assert len(swapped) == 1


def test_pedigree_comes_from_the_comment(whole: LciDatabase) -> None:
    ore = whole.processes[0].exchanges[3]
    assert (ore.pedigree, ore.comment) == ((2, 3, 1, 1, 4), "(2,3,1,1,4,5)measured")
    assert whole.processes[0].exchanges[8].comment == 'in "quotes" here'


def test_formulas_are_text_with_points_and_declared_names(whole: LciDatabase) -> None:
    steel = whole.processes[0]
    assert [one.formula for one in steel.exchanges if one.formula] == ["Share*250", "2.5*Share ^ 2"]
    share, double = steel.parameters
    assert (share.name, share.amount, share.comment) == ("Share", 0.5, "part")
    assert share.uncertainty == Uncertainty("uniform", minimum=0.4, maximum=0.6)
    assert (double.name, double.formula) == ("double", "Share * 2.5")
    (told,) = [finding for finding in whole.findings if finding.code == "amount-only-by-formula"]
    assert told.where.endswith("steel making {CN}")


def test_co_products_share_by_percent(whole: LciDatabase) -> None:
    steel = whole.processes[0]
    (allocation,) = steel.allocations
    assert (allocation.method, steel.default_allocation) == ("physical", "physical")
    assert list(allocation.shares.values()) == [0.755, 0.245]
    assert steel.reference == steel.exchanges[0].id


@pytest.mark.parametrize(("first", "second"), [("60", "30"), ("100", "100")])
def test_shares_off_their_total_are_not_used(tmp_path: Path, first: str, second: str) -> None:
    database = small(tmp_path, f"Products\na;kg;1;{first};x;Y;\nb;kg;1;{second};x;Y;\n")
    assert database.processes[0].allocations == ()
    assert "allocation-off-total" in lci_sound.codes(database)


@pytest.mark.parametrize(
    ("separator", "sign", "decimal", "printed"),
    [("Comma", ",", ".", "0.5"), ("Tab", "\t", ",", "0,5"), (";", ";", ".", ".5")],
)
def test_the_header_says_how_numbers_and_columns_are_written(
    tmp_path: Path, separator: str, sign: str, decimal: str, printed: str
) -> None:
    header = HEADER.replace("Semicolon", separator).replace("Decimal separator: ,", f"Decimal separator: {decimal}")
    rows = f"{ONE}\nMaterials/fuels\ncoal;kg;{printed};Undefined;0;0;0;\n".replace(";", sign)
    path = tmp_path / "made.csv"
    path.write_text(f"{header}\nProcess\n\n{rows}\nEnd\n", encoding="utf-8")
    (process,) = read(path, "simapro").processes
    assert process.exchanges[1].amount == 0.5


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_letters_of_windows_and_of_unicode(tmp_path: Path, encoding: str) -> None:
    rows = ONE.replace("steel", "Stahlträger") + "\nEmissions to air\nNoise;;µg;3;Undefined;0;0;0;\n"
    database = from_text(tmp_path, f"{HEADER}\nProcess\n\n{rows}\nEnd\n", encoding)
    assert [(process.name, process.exchanges[1].unit) for process in database.processes] == [("Stahlträger", "µg")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("coal;kg;;Undefined;0;0;0;", "amount-missing"),
        ("coal;kg;1e999;Undefined;0;0;0;", "amount-not-finite"),
        ("coal;kg;inf;Undefined;0;0;0;", "amount-not-finite"),
        ("coal;kg;unknown;Undefined;0;0;0;", "variable-missing"),
        ("coal;kg;missing*2;Undefined;0;0;0;", "variable-missing"),
        ("coal;kg;1;Beta;0;0;0;", "distribution-unknown"),
        ("coal;kg;1;Lognormal;0,5;0;0;", "distribution-invalid"),
        ("coal;kg;1;Lognormal;;0;0;", "distribution-incomplete"),
        ("coal;kg;1;Triangle;0;2;5;", "distribution-invalid"),
        ("coal;;1;Undefined;0;0;0;", "unit-missing"),
        (";kg;1;Undefined;0;0;0;", "exchange-unnamed"),
        ("steel;m3;1;Undefined;0;0;0;", "flow-in-two-units"),
        ("coal", "amount-missing"),
    ],
)
def test_odd_rows_are_findings_with_their_line(tmp_path: Path, row: str, code: str) -> None:
    database = small(tmp_path, f"{ONE}\nMaterials/fuels\nlime;kg;1;Undefined;0;0;0;\n{row}\n")
    found = [finding for finding in database.findings if finding.code == code]
    # 9 lines of header, 'Process' on line 11, its id on 13 and 14, products from 16, materials from 19 on.
    assert [finding.where for finding in found] == ["made.csv · 21 · steel"]


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ("Materials/fuels\ncoal;kg;1;Undefined;0;0;0;\n", "process-left-out"),
        ("Products\nsteel;kg;;100;x;Y;\n", "process-left-out"),
        ("Waste scenario\nmixed;kg;1;All;Others\n\nSeparated waste\na;All;90\n", "waste-scenario-left-out"),
    ],
)
def test_what_makes_nothing_is_left_out_and_told(tmp_path: Path, sections: str, code: str) -> None:
    process = f"\nProcess\n\n{sections}\nEnd\n"
    database = from_text(tmp_path, HEADER + LANDFILL + process)
    assert len(database.processes) == 1
    (told,) = [finding for finding in database.findings if finding.code == code]
    assert told.is_error


def test_sections_and_blocks_that_are_unknown_are_told(tmp_path: Path) -> None:
    stage = "\nProduct stage\n\nProducts\nhouse;p;1\n\nEnd\n"
    database = small(tmp_path, f"{ONE}\nMoon dust\na;kg;1;Undefined;0;0;0;\n", more=stage)
    assert len(database.processes[0].exchanges) == 1
    found = {finding.code: finding.params for finding in database.findings}
    assert found["section-unknown"] == {"section": "moon dust"}
    assert found["block-left-out"] == {"block": "product stage", "count": "1"}


def test_rows_before_any_section_are_told(tmp_path: Path) -> None:
    database = from_text(tmp_path, f"{HEADER}\nProcess\nstray;1;2\n\n{ONE}\nEnd\n")
    assert [(one.code, one.where) for one in database.findings] == [("row-not-understood", "made.csv · 12")]


def test_formulas_with_decimal_points_stay_as_they_are(tmp_path: Path) -> None:
    header = HEADER.replace("Decimal separator: ,", "Decimal separator: .")
    parameters = "Input parameters\na;1.5;Undefined;0;0;0;No;\n"
    rows = f"{ONE}\nMaterials/fuels\ncoal;kg;max(a, 2.5);Undefined;0;0;0;\n\n{parameters}"
    assert small(tmp_path, rows, header).processes[0].exchanges[1].formula == "max(a, 2.5)"


def test_simapro_is_recognised_by_its_first_line(tmp_path: Path) -> None:
    for name, content, is_ours in (
        ("a.csv", '"{SimaPro 9}"\n', True),
        ("a.txt", "\ufeff{simapro 8}\n", True),
        ("b.csv", "{Other}\n", False),
        ("a.xml", "{SimaPro 9}\n", False),
    ):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with Archive(path) as archive:
            assert simapro.knows(archive) == is_ours, name


def test_a_quote_that_nobody_closes_takes_one_line_only(tmp_path: Path) -> None:
    rows = f'{ONE}\nMaterials/fuels\n"coal;kg;1;Undefined;0;0;0;\nlime;kg;2;Undefined;0;0;0;\n'
    database = small(tmp_path, rows)
    assert [database.flows[one.flow].name for one in database.processes[0].exchanges] == ["steel", "coal", "lime"]
    assert "quote-unclosed" in lci_sound.codes(database)


def test_a_quoted_text_may_span_lines(tmp_path: Path) -> None:
    rows = f'{ONE}\nMaterials/fuels\ncoal;kg;1;Undefined;0;0;0;"one\n\ntwo"\nlime;kg;2;Undefined;0;0;0;\n'
    database = small(tmp_path, rows)
    assert [one.amount for one in database.processes[0].exchanges] == [1, 1, 2]


def test_a_file_without_its_last_end(tmp_path: Path) -> None:
    database = from_text(tmp_path, f"{HEADER}\nProcess\n\n{ONE}")
    assert [process.name for process in database.processes] == ["steel"]


def test_parameters_of_project_go_before_those_of_database(tmp_path: Path) -> None:
    shared = """
Database Input parameters
a;1;Undefined;0;0;0;No;
b;2;Undefined;0;0;0;No;

End

Project Input parameters
A;3;Undefined;0;0;0;No;

End

Project Calculated parameters
c;2 * B + pi;

End
"""
    database = small(tmp_path, ONE, more=shared)
    assert [(one.name, one.amount, one.formula) for one in database.parameters] == [
        ("A", 3, ""),
        ("b", 2, ""),
        ("c", 0, "2 * b + pi"),
    ]
    assert "parameter-twice" in lci_sound.codes(database)
    assert "variable-missing" not in lci_sound.codes(database)


def test_parameters_and_units_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    parameters = "Input parameters\na;x;Undefined;0;0;0;No;\n"
    more = "\nUnits\nbarrel;Volume;x;l\n\nEnd\n"
    database = small(tmp_path, f"{ONE}\n{parameters}", more=more)
    assert database.processes[0].parameters == ()
    assert lci_sound.codes(database) == {"parameter-unreadable", "unit-unreadable"}


def test_a_product_of_nothing_and_a_share_of_nothing_are_told(tmp_path: Path) -> None:
    database = small(tmp_path, "Products\nsteel;kg;0;most;x;Y;\n")
    assert lci_sound.codes(database) == {"production-zero", "allocation-unreadable"}


def test_texts_longer_than_the_csv_module_reads(tmp_path: Path) -> None:
    text = "x" * 200_000
    rows = f'{ONE}\nMaterials/fuels\ncoal;kg;1;Undefined;0;0;0;"{text}"\n'
    database = small(tmp_path, rows)
    assert database.processes[0].exchanges[1].comment.strip('"') == text


def test_twins_are_told(tmp_path: Path) -> None:
    database = from_text(tmp_path, HEADER + LANDFILL + LANDFILL)
    assert len({process.id for process in database.processes}) == 2
    assert "process-twice" in lci_sound.codes(database)


def test_a_method_holds_no_process() -> None:
    """A real file: EN 15804:2012 as openLCA's tests carry it."""
    with Archive(METHOD) as archive:
        assert simapro.knows(archive)
        assert not brightway_csv.knows(archive)
        database = simapro.read(archive, lambda *_: None)
    assert database.processes == ()
    assert "method" in {finding.params.get("block") for finding in database.findings}
    with pytest.raises(LciNothingFound):
        read(METHOD, "simapro")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "{SimaPro}",
        "{SimaPro 9}\n\nProcess",
        "{SimaPro 9}\n\nEnd\nEnd\n",
        "{SimaPro 9}\n\nProcess\n\nProducts\n;;\n",
    ],
)
def test_files_of_nothing_hold_nothing(tmp_path: Path, content: str) -> None:
    with pytest.raises(LciNothingFound):
        from_text(tmp_path, content)
