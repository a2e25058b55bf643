"""Every sentence exists in both languages with the same blanks, and the code asks for none that is missing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from service.reports.errors import LanguageUnknown
from service.reports.words import Words, table

ROOT = Path(__file__).parents[3]
SOURCES = [*(ROOT / "service/reports").rglob("*.py"), *(ROOT / "service/templates/reports").glob("*.html")]
# Codes of a snapshot or of the verification: no source spells them.
CODES = (
    "approach", "boundary", "quality", "variant", "instrument", "refused", "rank", "confidence", "component", "gas",
    "rounding", "view", "ghgp_scope", "gbt", "change", "rule", "unit", "id", "figure", "verify", "warning", "bridge",
    "beaten", "origin", "pcf.unit", "pcf.allocation", "pcf.rule", "pcf.headline", "pcf.gas", "pcf.material",
    "pcf.gas_origin", "pcf.choice", "pcf.variant",
    "pcf.statement", "col.part",
)  # fmt: skip


def test_both_languages_fill_the_same_blanks() -> None:
    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert {key: pair for key, pair in table().items() if blanks(pair[0]) != blanks(pair[1])} == {}


def test_no_sentence_is_empty() -> None:
    assert [key for key, (zh, en) in table().items() if not zh.strip() or not en.strip()] == []


def test_chinese_holds_chinese_and_english_does_not() -> None:
    """A Chinese sentence pasted into the English column (or none at all) would go unnoticed otherwise."""
    cjk = re.compile("[\u4e00-\u9fff]")
    assert [key for key, (_, en) in table().items() if cjk.search(en)] == []
    symbols = ("unit.", "col.digest", "col.gwp", "book.gwp", "book.kgco2e", "book.tco2e", "view_alone")
    latin = [key for key, (zh, _) in table().items() if not cjk.search(zh) and not key.startswith(symbols)]
    assert latin == []


def test_what_the_code_asks_for_is_there() -> None:
    asked = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"\b(?:w|words|c\.words|self\.words)(?:\.plain)?\(\"([a-z0-9_.]+)\"", text))
        asked |= {f"col.{key}" for key in re.findall(r"c\.column\(\"([a-z0-9_.]+)\"", text)}
        asked |= set(re.findall(r"m\.chapter\(\"([a-z0-9_.]+)\"", text))
    # A name that ends in a dot is put together with a code of the snapshot.
    assert {key for key in asked if not key.endswith(".")} - set(table()) == set()


def test_nothing_is_left_over() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    spelled = set(re.findall(r"[A-Za-z0-9_.]+", texts)) | set(re.findall(r"\w+", texts))
    unused = [
        key
        for key in table()
        if not key.startswith(CODES) and not {key, key.partition(".")[2], key.split(".")[-1]} & spelled
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh", "合计"), ("en", "Total"), ("both", '<span class="zh">合计</span> <span class="en" lang="en">Total</span>')],
)
def test_a_word_in_each_language(language: str, shown: str) -> None:
    assert str(Words(language)("sum")) == shown


def test_what_is_filled_in_is_escaped() -> None:
    assert "&lt;script&gt;" in Words("both")("base_year_stated", year="<script>")


def test_a_missing_language_is_stood_in_for_by_the_other() -> None:
    assert str(Words("en").pair("铝", "")) == "铝"
    assert Words("both").plain_pair("铝", "Al") == "铝 / Al"
    assert Words("both").plain_pair("Al", "Al") == "Al"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LanguageUnknown, match="known: zh, en, both"):
        Words("fr")
