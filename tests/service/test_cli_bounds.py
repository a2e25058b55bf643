"""Commands with files that cannot be written, and with snapshots of strangers: told in words, never thrown."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import make
import pytest
from click.testing import CliRunner

from lca.exporters import write
from lca.snapshot import canonical_bytes
from service.cli import main
from tests.service.conftest import Run

METHOD = ("--method", "pact.3.0")
WRITERS: dict[str, tuple[str, ...]] = {
    "snapshot": ("footprint", "file", "part.json", *METHOD, "--snapshot"),
    "workbook of a footprint": ("footprint", "export", "good.json", "--format", "xlsx", "--out"),
    "inventories as a workbook": ("lci", "export", "tanji_cn", "--format", "excel", "--out"),
    "inventories as CSV": ("lci", "export", "tanji_cn", "--format", "csv", "--out"),
    "inventories as JSON-LD": ("lci", "export", "tanji_cn", "--out"),
    "scores": ("lci", "scores", "tanji_cn", "--out"),
    "workbook of a model": ("product", "workbook", "part.json", "--out"),
}


@pytest.fixture
def here(run: Run) -> Run:
    """A folder with a product's file and the snapshot of its footprint."""
    data = make.product()
    data["parts"][0]["spread"] = {"percent": "50"}
    Path("part.json").write_text(json.dumps(data), encoding="utf-8")
    run("footprint", "file", "part.json", *METHOD, "--snapshot", "good.json")
    Path("folder").mkdir()
    return run


@pytest.mark.parametrize("name", WRITERS)
def test_a_place_where_nothing_can_be_written_is_wrong_usage(here: Run, name: str) -> None:
    for out, said in (
        ("folder", "is a directory"),
        ("nowhere/x", "there is no folder 'nowhere'"),
        ("", "is a directory" if "export" in WRITERS[name] and "lci" in WRITERS[name] else "name a file to write"),
    ):
        assert said in here(*WRITERS[name], out, code=2).stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_with_the_name_of_the_file(here: Run, name: str) -> None:
    assert "'/dev/full' cannot be read or written: No space left" in here(*WRITERS[name], "/dev/full", code=1).stderr


ODD: dict[str, Any] = {"null": None, "list": [], "mapping": {}, "whole": 10**400, "text": "x"}
READERS: dict[str, tuple[str, ...]] = {
    "export": ("footprint", "export", "odd.json", "--format", "xlsx", "--out", "odd.xlsx"),
    "montecarlo": ("footprint", "montecarlo", "odd.json", "--runs", "10"),
    "compare": ("footprint", "compare", "good.json", "odd.json"),
    "recompute": ("recompute", "odd.json"),
}


@pytest.mark.parametrize("name", READERS)
def test_operands_of_any_kind_end_in_words(here: Run, name: str) -> None:
    """Values that no sum needs can be anything in a stranger's file, and its sums still be right."""
    good = json.loads(Path("good.json").read_bytes())
    faults = []
    for key in (*good, ("footprint", "created"), ("model", "name"), ("library", "version")):
        for kind, value in ODD.items():
            odd = dict(good)
            if isinstance(key, str):
                odd[key] = value
            else:
                odd[key[0]] = good[key[0]] | {key[1]: value}
            Path("odd.json").write_bytes(canonical_bytes(odd) if kind != "whole" else json.dumps(odd).encode())
            result = CliRunner().invoke(main, READERS[name])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                faults.append((key, kind, result.exception))
    assert faults == []


def test_a_snapshot_that_is_no_bounded_json_is_refused(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    good = json.loads(Path("good.json").read_bytes())
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    for odd, said in (
        (good | {"checks": float("nan")}, "is no JSON document"),
        (good | {"checks": deep}, "nested deeper"),
    ):
        Path("odd.json").write_text(json.dumps(odd), encoding="utf-8")
        for arguments in READERS.values():
            assert said in here(*arguments, code=1).stderr
    monkeypatch.setattr("service.commands.base.LARGEST_DOCUMENT", 100)
    assert "larger" in here("recompute", "good.json", code=1).stderr


def test_a_name_that_a_spreadsheet_would_compute_is_inert_in_scores(here: Run) -> None:
    database = make.lci()
    first, *rest = database.processes
    named = replace(database, processes=(replace(first, name="=HYPERLINK(1)"), *rest))
    write(named, Path("bike.zip"), "jsonld")
    here("lci", "import", "bike.zip", "--name", "bike")
    here("lci", "scores", "bike", "--out", "scores.csv")
    names = [row["name"] for row in csv.DictReader(Path("scores.csv").read_text(encoding="utf-8").splitlines())]
    assert "'=HYPERLINK(1)" in names
    assert not any(name.startswith("=") for name in names)


def test_an_error_steers_no_terminal(here: Run) -> None:
    Path("odd.json").write_text(json.dumps({**make.product(), "main": "a\x9b2Jb\u202e"}), encoding="utf-8")
    said = here("footprint", "file", "odd.json", *METHOD, code=1).stderr
    assert "a\ufffd2Jb\ufffd" in said
    assert "\x9b" not in said
