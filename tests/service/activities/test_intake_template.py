"""The template goes out and comes back: three languages, lists, comments, examples that are never loaded."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from intake_made import codes, warned
from python_calamine import CalamineWorkbook

from factors.units import parse_unit
from lca.formulas import FORMULAS
from service.activities.columns import fold
from service.activities.examples import EXAMPLES
from service.activities.intake import known_from, read
from service.activities.sheets import LONG_FORM, QUIET, sheets
from service.activities.template import OFFERED_UNITS, template, write_workbook

LANGUAGES = ("both", "zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_untouched_template_loads_nothing(tmp_path: Path, language: str) -> None:
    path = tmp_path / "template.xlsx"
    template(path, language)
    intake = read(path)
    assert [code for _, _, code in codes(intake)] == ["organisation-missing"]
    assert warned(intake) == []
    assert intake.counts.loaded == 0
    assert intake.counts.skipped == sum(map(len, EXAMPLES.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_would_be_right(tmp_path: Path, language: str) -> None:
    """Without their marks the example rows are read without an error, whatever the language of the headers."""
    path = tmp_path / "filled.xlsx"
    write_workbook(path, EXAMPLES, language=language)
    intake = read(path)
    assert codes(intake) == []
    assert {code for _, _, code in warned(intake)} == {"evidence-missing", "property-unused"}
    assert intake.counts.loaded == intake.counts.total == sum(map(len, EXAMPLES.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_fit_a_spreadsheet(tmp_path: Path, language: str) -> None:
    path = tmp_path / "template.xlsx"
    template(path, language)
    names = CalamineWorkbook.from_path(str(path)).sheet_names
    assert len(names) == len(set(names)) == len(sheets()) + 2
    assert all(len(name) <= 31 for name in names)
    assert names[0] in QUIET
    assert names[-1] in QUIET


def test_every_header_means_one_field() -> None:
    for sheet in (*sheets(), LONG_FORM):
        meanings: dict[str, str] = {}
        for item in sheet.readable:
            for spelling in item.spellings:
                assert meanings.setdefault(fold(spelling), item.name) == item.name, (sheet.id, spelling)


def test_every_group_of_activities_has_a_sheet() -> None:
    groups = {activity.group for activity in known_from().activities.values()}
    offered = [group for sheet in sheets() for group in sheet.groups]
    assert groups <= set(offered)
    assert len(offered) == len(set(offered))


def test_every_input_of_every_formula_has_a_column_on_its_sheet() -> None:
    """What a method computes with has to be asked for where its activity is filled in."""
    columns = {group: {item.name for item in sheet.columns} for sheet in sheets() for group in sheet.groups}
    without = {
        (activity.id, term.key)
        for activity in known_from().activities.values()
        for term in FORMULAS[activity.formula].parameters
        if term.key not in columns[activity.group]
    }
    assert without == set()


def test_every_sheet_and_column_speaks_both_languages() -> None:
    for sheet in sheets():
        assert sheet.zh
        assert sheet.en
        assert sheet.help_zh
        assert sheet.help_en
        for item in sheet.columns:
            assert item.zh, item.name
            assert item.en, item.name
            assert bool(item.help_zh) == bool(item.help_en), item.name
            assert re.search(r"[\u4e00-\u9fff]", item.zh), item.name


def test_offered_units_are_units() -> None:
    assert [parse_unit(unit) for unit in OFFERED_UNITS] == list(OFFERED_UNITS)


def test_lists_comments_and_frozen_headers(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    template(path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        electricity = 2 + [sheet.id for sheet in sheets()].index("electricity")
        sheet = archive.read(f"xl/worksheets/sheet{electricity}.xml").decode()
    assert sheet.count("<dataValidation ") == 6  # mark, site, activity, unit, region, quality
    assert "列表 Lists" in sheet
    assert '<pane xSplit="4" ySplit="1"' in sheet
    assert sum(name.startswith("xl/comments") for name in names) >= len(sheets()) - 1
    assert not any("vba" in name.casefold() for name in names)


def test_the_template_is_the_same_file_every_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    template(one)
    template(two)
    assert one.read_bytes() == two.read_bytes()


def test_days_and_numbers_are_cells_of_their_kind(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    template(path)
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("核算期间 Periods").to_python()
    assert rows[1][1:3] == [date(2025, 1, 1), date(2025, 12, 31)]
