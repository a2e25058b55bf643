"""Everything that the readers of ecoSpold tell has its words in both languages, with blanks that are filled."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODULES = [ROOT / f"lca/importers/{name}.py" for name in ("ecospold", "ecospold1", "ecospold2")]


def told() -> dict[str, set[str]]:
    """Return the code of every finding -> the params that it comes with everywhere."""
    found: dict[str, set[str]] = {}
    for module in MODULES:
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr in ("tell", "count") and isinstance(call.args[0], ast.Constant):
                given = {one.arg for one in call.keywords if one.arg} - {"is_error"}
                given |= {"count"} if call.func.attr == "count" else set()
                found[call.args[0].value] = found.get(call.args[0].value, given) & given
    return found


@pytest.fixture(scope="module")
def words() -> dict[str, dict[str, str]]:
    return yaml.safe_load((ROOT / "service/catalogue/lci_told.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", sorted(told()))
def test_a_finding_has_words_whose_blanks_are_filled(words, code):
    texts = words[f"finding.{code}"]
    assert set(texts) == {"zh", "en"}
    for text in texts.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} == told()[code]


def test_the_codes_are_found_where_they_are_told():
    assert len(told()) > 20
