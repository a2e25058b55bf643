"""The ADEME and the OWID/Ember importer against cuts of the publishers' files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from factors.importers import ademe, owid_ember
from factors.importers.errors import UnknownLayout
from factors.importers.frame import Imported
from factors.library import Library, load
from factors.records import Factor

CUTS = Path(__file__).parent / "importers"


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.fixture(scope="module")
def base_carbone(library: Library) -> Imported:
    return ademe.read(CUTS / "ademe.csv", library)


def by_id(imported: Imported) -> dict[str, Factor]:
    return {factor.id: factor for factor in imported.factors}


# --- ADEME -------------------------------------------------------------------------------------------------


def test_an_element_and_its_parts(base_carbone: Imported) -> None:
    found = by_id(base_carbone)
    printer = found["ademe-27025-2018"]  # 88,2 kgCO2e/unité, changed on 21/12/2018
    assert (printer.value, printer.unit, printer.gas, printer.year) == ("88.2", "kgCO2e/unité", "CO2e", 2018)
    assert (printer.name_en, printer.uncertainty_percent, printer.region) == ("Printer | inkjet", "50", "FR")
    assert printer.page == "element 27025"
    parts = {ident: factor.value for ident, factor in found.items() if ident.startswith("ademe-27025-2018-")}
    assert parts == {
        "ademe-27025-2018-intrants-mati-res-premi-res": "61.2",  # 'Matiéres premiéres' in this copy
        "ademe-27025-2018-transport-approvisionnement": "6.44",
        "ademe-27025-2018-energie-mise-en-forme": "5.24",
        "ademe-27025-2018-energie-assemblage": "3.11",
        "ademe-27025-2018-transport-distribution": "12.2",
    }


def test_gases_are_weighted_and_biogenic_carbon_stands_beside(base_carbone: Imported) -> None:
    found = by_id(base_carbone)
    flight = "ademe-28130-2022"
    values = {
        suffix: (found[f"{flight}{suffix}"].value, found[f"{flight}{suffix}"].gas)
        for suffix in ("", "-co2f", "-ch4f", "-n2o", "-divers")
    }
    assert values == {
        "": ("0.259", "CO2e"),
        "-co2f": ("0.138", "CO2"),
        "-ch4f": ("0.00105", "CH4_fossil"),  # 1,05E-3
        "-n2o": ("0.00202", "N2O"),
        "-divers": ("0.117", "CO2e"),  # contrails are no gas
    }
    burned = found["ademe-34943-2022-combustion-co2b"]
    assert (burned.value, burned.gas, burned.scope_hint) == ("1.35797546000000", "CO2_biogenic", "outside")
    assert found["ademe-34943-2022-amont-co2b"].value == "-1.35797546000000"


def test_an_element_held_as_a_material_keeps_its_id(base_carbone: Imported, library: Library) -> None:
    steel = by_id(base_carbone)["mat-ademe-26729"]
    assert steel.value == library.factors["mat-ademe-26729"].value == "2211"
    assert steel.name_zh == library.factors["mat-ademe-26729"].name_zh


def test_edition_place_and_damage_are_read_from_the_file(base_carbone: Imported) -> None:
    assert base_carbone.source.id == "ademe-base-carbone-2023"
    assert base_carbone.source.licence == "licence-ouverte-2.0"
    assert by_id(base_carbone)["ademe-43119-2023"].region == "GLO"  # 'Monde'
    assert [(problem.code, problem.params["example"]) for problem in base_carbone.problems] == [
        ("damaged-accents", "Matiéres, premiéres, forestiéres")
    ]


def changed(tmp_path: Path, *changes: tuple[str, str], encoding: str = "cp1252") -> Path:
    text = (CUTS / "ademe.csv").read_text(encoding="cp1252")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "base.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_columns_are_known_whatever_became_of_their_accents(tmp_path: Path, library: Library) -> None:
    path = changed(tmp_path, ("é", "?"), ("è", "?"), ("ç", "?"))
    path.write_bytes(path.read_bytes().replace(b"Facteur d'?mission", "Facteur d'émission".encode("cp1252")))
    assert "ademe-14087-2014" in by_id(ademe.read(path, library))


def test_utf_8_is_read_too(tmp_path: Path, library: Library, base_carbone: Imported) -> None:
    again = ademe.read(changed(tmp_path, encoding="utf-8-sig"), library)
    assert again.factors == base_carbone.factors


def test_archived_unknown_and_misplaced_lines(tmp_path: Path, library: Library) -> None:
    path = changed(
        tmp_path,
        ('El\xe9ment;43119;"\xe9l\xe9ment non d\xe9compos\xe9";"Facteur d\'\xe9mission";"Valide g\xe9n\xe9rique"',
         'El\xe9ment;43119;"\xe9l\xe9ment non d\xe9compos\xe9";"Facteur d\'\xe9mission";Archiv\xe9'),
        ('El\xe9ment;26729;"\xe9l\xe9ment non d\xe9compos\xe9";"Facteur d\'\xe9mission";"Valide g\xe9n\xe9rique"',
         'El\xe9ment;26729;"\xe9l\xe9ment non d\xe9compos\xe9";"Facteur d\'\xe9mission";Brouillon'),
        (";88,2;", ";environ;"),
        ("Poste;27025;\"\xe9l\xe9ment d\xe9compos\xe9 par poste\";\"Facteur d'\xe9mission\"",
         "Poste;27025;\"\xe9l\xe9ment d\xe9compos\xe9 par poste\";\"Donn\xe9e source\""),
        (";2,68;", ";9,99;"),
    )  # fmt: skip
    with path.open("a", encoding="cp1252") as file:
        file.write("Elément;1;2\n")
    imported = ademe.read(path, library)
    assert by_id(imported)["ademe-43119-2023"].confidence == "superseded"
    assert not any(ident.startswith("ademe-27025") for ident in by_id(imported))  # no number; parts are no factors
    told = [(problem.code, problem.at.row, problem.at.column) for problem in imported.problems]
    assert ("wrong-cell-count", 21, "") in told  # 20 lines before it
    assert ("not-a-number", 2, ademe.TOTAL) in told
    assert ("unknown-status", 13, ademe.STATUS) in told
    # 'Combustion' of heating oil: 2,66 + 1,98E-3 + 0,0145 = 2,67648 against 9,99
    sums = [problem.params for problem in imported.problems if problem.code == "gases-do-not-add-up"]
    assert sums == [{"sum": "2.67648", "total": "9.99"}]


def test_a_part_of_a_country_is_not_the_country(tmp_path: Path, library: Library) -> None:
    path = changed(tmp_path, (";Monde;;", ";France continentale;Bretagne;Brittany"))
    problems = [problem for problem in ademe.read(path, library).problems if problem.code == "unknown-place"]
    assert [problem.params["place"] for problem in problems] == ["Brittany"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('"Total poste non d\xe9compos\xe9"', "Total", "the columns Total poste non décomposé"),
        ("/20", "/", "days as dd/mm/yyyy"),
    ],
)
def test_an_unknown_layout_is_refused(tmp_path: Path, library: Library, before: str, after: str, expected: str) -> None:
    with pytest.raises(UnknownLayout, match=expected):
        ademe.read(changed(tmp_path, (before, after)), library)


# --- OWID / Ember ------------------------------------------------------------------------------------------


def test_the_intensities_held_are_given_back_column_by_column(library: Library) -> None:
    imported = owid_ember.read(CUTS / "owid_ember.csv", library)
    assert {factor.id for factor in imported.factors} == {
        *(f"elec-ember-af-{year}" for year in (2021, 2022, 2023)),
        *(f"elec-ember-cn-{year}" for year in (2021, 2022, 2023, 2024)),
        "elec-ember-gb-2024",
        *(f"elec-ember-glo-{year}" for year in (2021, 2022, 2023, 2024)),
    }
    for factor in imported.factors:
        mine, held = asdict(factor), asdict(library.factors[factor.id])
        del mine["refusal"], held["refusal"]
        assert mine == held
    assert imported.source == library.sources["owid-ember"]
    assert (imported.rows, imported.skipped, imported.problems) == (18, 6, ())  # groups, and years before 2021


def test_grams_become_kilograms_exactly(library: Library) -> None:
    found = by_id(owid_ember.read(CUTS / "owid_ember.csv", library))
    assert found["elec-ember-cn-2022"].value == "0.5867"  # 586.7 g
    assert found["elec-ember-af-2022"].value == "0.125"  # 125 g


def test_a_new_year_an_unknown_country_and_bad_lines(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "owid.csv"
    path.write_text(
        "country,year,iso_code,population,carbon_intensity_elec\n"
        "China,2025,CHN,1,550\n"
        "Peking,2025,CHN,1,1.50\n"  # a name that is not ours, an ISO code that is: given twice
        "Atlantis,2025,ATL,1,100\n"
        "Atlantis,2024,ATL,1,100\n"
        "France,2025,FRA,1,much\n"
        "France,2024,FRA\n"
        "France,2023,FRA,1,\n",
        encoding="utf-8",
    )
    imported = owid_ember.read(path, library)
    assert [(factor.id, factor.value) for factor in imported.factors] == [("elec-ember-cn-2025", "0.55")]
    assert (imported.source.id, imported.source.year, imported.edition) == ("owid-ember-2026", 2026, "2025")
    assert [(problem.code, problem.at.row) for problem in imported.problems] == [
        ("given-twice", 3),
        ("not-a-number", 6),
        ("wrong-cell-count", 7),
        ("unknown-place", 4),
    ]
    assert imported.problems[-1].params == {"place": "Atlantis", "count": "2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("country,year,value\nChina,2025,5\n", "found country, year, value"),
        ("country,iso_code,year,carbon_intensity_elec\nChina,CHN,twenty,5\n", "expected years, found twenty"),
        ("", "found nothing"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, library: Library, text: str, expected: str) -> None:
    path = tmp_path / "owid.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnknownLayout, match=expected):
        owid_ember.read(path, library)
