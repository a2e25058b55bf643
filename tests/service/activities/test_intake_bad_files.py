"""Every file under tests/bad/activity with what must be said of it; add a case by adding a CSV and its YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from intake_made import BAD, codes, warned

from service.activities.intake import Known, read
from service.activities.problems import messages

FILES = sorted(BAD.glob("*.csv"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_file(path: Path, known: Known) -> None:
    expected = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    intake = read(path, known=known)
    assert [list(found) for found in codes(intake)] == expected.get("errors", [])
    assert [list(found) for found in warned(intake)] == expected.get("warnings", [])
    counts = intake.counts
    assert {key: getattr(counts, key) for key in expected["counts"]} == expected["counts"]
    if "amounts" in expected:
        assert intake.ledger.rows["amount"].to_list() == expected["amounts"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_says_what_and_how_in_both_languages(path: Path, known: Known) -> None:
    intake = read(path, known=known)
    for problem in (*intake.errors, *intake.warnings):
        told = problem.as_dict()
        assert all(told[key] for key in ("what_zh", "what_en", "mend_zh", "mend_en")), problem.code
        assert "%(" not in f"{told['what_zh']}{told['what_en']}{told['mend_zh']}{told['mend_en']}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_is_counted(path: Path, known: Known) -> None:
    counts = read(path, known=known).counts
    assert counts.total == counts.loaded + counts.skipped + counts.errors


def test_near_names_are_suggested(known: Known) -> None:
    near = {
        p.code: p.params.get("near") or p.params.get("near_en", "") for p in read(BAD / "names.csv", known=known).errors
    }
    assert "S1" in near["site-unknown"]
    assert "natural_gas" in near["activity-unknown"]
    assert near["activity-ambiguous"] == "diesel (Diesel, burned); diesel_road (Diesel, road)"
    assert near["unit-ambiguous"] == "t, short_ton, long_ton"


def test_likely_units_are_named(known: Known) -> None:
    found = {p.row: p for p in read(BAD / "slips.csv", known=known).warnings}
    assert found[3].params["likely"] == "kWh"  # 50,000 MWh a month where 10^7 kWh is the most: meant were kWh
    assert found[4].params["likely"] == "Nm3"  # 150,000 × 10^4 Nm3 a month: meant were Nm3
    assert found[8].params["likely"] == "MWh"  # 105 beside 100,000 kWh: meant were MWh


def test_messages_are_complete() -> None:
    """Both languages use the same parameters, and no message is empty."""
    import re

    for code, message in messages().items():
        assert all(message), code
        parameters = [set(re.findall(r"%\((\w+)\)s", text)) for text in message]
        in_chinese = {name.removesuffix("_zh") for name in parameters[0] | parameters[2]}
        in_english = {name.removesuffix("_en") for name in parameters[1] | parameters[3]}
        assert in_chinese == in_english, code
