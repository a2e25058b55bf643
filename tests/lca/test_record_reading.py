"""One reader for all files of ours: what it makes of plain data, and where it says that something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lca.flaws import Flaw
from lca.record_reading import LONGEST_ID, Reader, Rules


@dataclass(frozen=True, slots=True)
class Word:
    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    id: str
    mass: str = "0"
    share: str = "1"
    length: str = "1"
    kind: str = ""
    is_old: bool = False
    score: int = 0
    scores: tuple[int, ...] = ()
    word: Word | None = None
    words: Mapping[str, Word] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    line: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    id: str
    leaves: tuple[Leaf, ...]


RULES = Rules(
    required={Tree: ("id", "leaves"), Leaf: ("id",)},
    numbers=frozenset({"mass", "share", "length"}),
    formulas=frozenset({"mass"}),
    positive=frozenset({"length"}),
    not_negative=frozenset({"mass"}),
    shares=frozenset({"share"}),
    choices={"kind": ("oak", "elm")},
    bare=Word,
)


def read(data: Any) -> tuple[Tree, list[str]]:
    problems: list[Flaw] = []
    found = Reader(RULES, problems).record(Tree, data, "")
    return found, [str(one) for one in problems]


def test_what_is_written_becomes_the_types_of_the_fields() -> None:
    leaf = {
        "id": " a ", "mass": "=x * 2", "share": "0.50", "length": 3, "kind": "oak", "is_old": True, "score": "2",
        "scores": [1, "5"], "word": " 叶 ", "words": {"x": "甲", "y": {"en": "b"}, "line": "9"}, "texts": {"k": 1},
        "line": "7",
    }  # fmt: skip
    found, problems = read({"id": "t", "leaves": [leaf]})
    assert problems == []
    assert found.leaves == (
        Leaf(
            "a", "=x * 2", "0.50", "3", "oak", True, 2, (1, 5), Word("叶"), {"x": Word("甲"), "y": Word("", "b")},
            {"k": "1"}, "7",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mass": "x"}, "leaves a (line 3): mass: 'x' is neither a decimal number nor a formula"),
        ({"mass": "-1"}, "leaves a (line 3): mass: '-1' is below zero"),
        (
            {"length": "1__0"},
            "leaves a (line 3): length: '1__0' is no decimal number; what a party states is no formula",
        ),
        ({"length": "=1"}, "leaves a (line 3): length: '=1' is no decimal number; what a party states is no formula"),
        ({"length": "0"}, "leaves a (line 3): length: '0' is not above zero"),
        ({"share": "1.1"}, "leaves a (line 3): share: '1.1' does not lie between 0 and 1"),
        ({"kind": "ash"}, "leaves a (line 3): kind: 'ash' is none of: oak, elm"),
        ({"is_old": "maybe"}, "leaves a (line 3): is_old: 'maybe' is none of: true, false"),
        ({"score": "6"}, "leaves a (line 3): score: '6' is none of: 0, 1, 2, 3, 4, 5"),
        ({"scores": ["0"]}, "leaves a (line 3): scores: '0' is none of: 1, 2, 3, 4, 5"),
        ({"scores": "1"}, "leaves a (line 3) › scores: 'scores' is no list"),
        ({"words": "x"}, "leaves a (line 3) › words: 'words' is no mapping of keys to values"),
        ({"texts": ["x"]}, "leaves a (line 3) › texts: 'texts' is no mapping of keys to values"),
        ({"mass": ["1"]}, "leaves a (line 3) › mass: 'mass' is no plain value"),
        ({"is_old": {}}, "leaves a (line 3) › is_old: 'is_old' is no plain value"),
        ({"mas": "1"}, "leaves a (line 3): unknown key 'mas'; near it: mass"),
        ({"word": ["x"]}, "leaves a (line 3) › word: 'leaves a (line 3) › word' is no mapping of keys to values"),
    ],
)
def test_what_is_wrong_names_its_place(changed: dict[str, Any], said: str) -> None:
    _, problems = read({"id": "t", "leaves": [{"id": "a", "line": "3", **changed}]})
    assert len(problems) == 1
    assert problems[0].startswith(said)


@pytest.mark.parametrize("nothing", [None, "", []])
def test_what_is_required_and_empty_is_missing(nothing: Any) -> None:
    _, problems = read({"id": "t", "leaves": nothing})
    assert "'leaves' is missing" in problems[0]
    assert "'id' is missing" in read({"leaves": [{"id": "a"}]})[1][0]


def test_an_id_has_an_end() -> None:
    """Two hundred characters are an id, one more is none; the message shows the beginning of it."""
    assert read({"id": "t", "leaves": [{"id": "x" * LONGEST_ID}]})[1] == []
    (told,) = read({"id": "t", "leaves": [{"id": "x" * (LONGEST_ID + 1)}]})[1]
    assert told == f"leaves {'x' * 60}…: id: '{'x' * 60}…' has 201 characters; write at most 200"


def test_everything_is_said_at_once_and_nothing_is_thrown() -> None:
    _, problems = read({"leaves": [3, {"mass": "x", "share": "2"}], "root": "1"})
    assert len(problems) == 6  # no id, no mapping, a leaf without id, its mass, its share, an unknown key
    assert len(read("tree")[1]) == 1
