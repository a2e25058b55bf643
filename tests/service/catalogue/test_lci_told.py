"""Every finding of a reader of inventories has its words in both languages, with the same blanks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
READERS = ROOT / "lca" / "importers"
TOLD = yaml.safe_load((ROOT / "service" / "catalogue" / "lci_told.yaml").read_text(encoding="utf-8"))
MODULES = [
    "brightway",
    "brightway_layout",
    "tabular",
    "distributions",
    "excel",
    "csv",
    "simapro",
    "simapro_blocks",
    "ilcd",
    "ilcd_tree",
    "epd",
]
CODE = re.compile(r"\"([a-z]+(?:-[a-z0-9]+)+)\"")
NO_CODES = {"log-normal", "utf-8"}


def codes() -> set[str]:
    found: set[str] = set()
    for module in MODULES:
        found.update(CODE.findall((READERS / f"{module}.py").read_text(encoding="utf-8")))
    return (found - NO_CODES) | {f"production-{column}-differs" for column in ("name", "product", "location")}


def blanks(words: str) -> set[str]:
    """Return what a sentence is filled with; a word told in both languages ends in its language."""
    return {re.sub("_(zh|en)$", "", name) for name in re.findall(r"\{(\w+)\}", words)}


def test_every_code_has_words() -> None:
    assert sorted(codes() - {key.removeprefix("finding.") for key in TOLD}) == []


@pytest.mark.parametrize("key", sorted(TOLD))
def test_both_languages_have_the_same_blanks(key: str) -> None:
    assert key.startswith(("finding.", "warning."))
    assert set(TOLD[key]) == {"zh", "en"}
    assert blanks(TOLD[key]["zh"]) == blanks(TOLD[key]["en"])
    assert re.search(r"[一-鿿]", TOLD[key]["zh"])
