"""Every code that a snapshot can hold, or be refused with, has its sentence, with the blanks that the code fills."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from lca.errors import SnapshotInvalid
from lca.flaws import SENTENCES, Flaw
from lca.warnings import WEAK
from service.calculations import told
from service.errors import problem_of
from service.i18n import speaking, tell

LCA = Path(__file__).parents[2] / "lca"
EXCHANGE = (
    "exporters/catena_x.py",
    "exporters/frozen.py",
    "exporters/module_table.py",
    "exporters/pact.py",
    "importers/by_module.py",
    "importers/catena_x.py",
    "importers/epd_supplier.py",
    "importers/openepd.py",
    "importers/pact.py",
    "importers/stated.py",
    "pact_check.py",
)


def spelled(pattern: str, file: str) -> set[str]:
    """Codes that a module of lca/ spells."""
    return set(re.findall(pattern, (LCA / file).read_text(encoding="utf-8")))


def of(kind: str) -> set[str]:
    return {key.removeprefix(f"{kind}.") for key in told.table() if key.startswith(f"{kind}.")}


def test_every_warning_and_rule_has_its_words_and_none_is_left_over() -> None:
    assert of("warning") == spelled(r'_warning\(\s*"([a-z0-9_]+)"', "warnings.py") | set(WEAK)
    rules = spelled(r'yield "([a-z-]+)"|(?:or|else) "([a-z-]+)"', "bridge.py")
    named = {code for pair in rules for code in pair if code} | {
        "market-factor",
        "instrument",
        "another-entity",
        "not-in-method",
    }
    assert of("bridge") == named


def test_every_refusal_of_an_instrument_has_its_words() -> None:
    assert of("refused") == spelled(r'\("([a-z-]+)", ', "instruments.py") | spelled(
        r'return "([a-z-]+)"', "instruments.py"
    )


@pytest.mark.parametrize("key", sorted(told.table()))
def test_both_languages_fill_the_same_blanks(key: str) -> None:
    zh, en = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in told.table()[key])
    assert zh == en


def test_a_refused_certificate_is_told_in_words() -> None:
    params = {"instrument": "gec", "number": "GEC1", "refused": "expired"}
    zh, en = told.warning({"code": "instrument_refused", "line": "", "params": params})
    assert zh == "绿色电力证书（编号 GEC1）不予采信：已过有效期"
    assert en == "green electricity certificate GEC1 refused: expired"


def test_every_flaw_of_a_snapshot_or_a_model_has_its_sentence_and_none_is_left_over() -> None:
    models = ("product_reading.py", "product_lines.py", "certified_power.py")
    engine = ("soundness.py", "ghg.py", "footprint.py", "footprint_soundness.py", "installation.py", "sector.py")
    files = (*engine, *models, *EXCHANGE, "../service/products/accepted.py")
    said = {code for file in files for code in spelled(r'Flaw\("([a-z-]+)"', file)}
    said |= {code for file in EXCHANGE for code in spelled(r'\brefuse\(\s*"([a-z-]+)"', file)}
    for file in ("product_reading.py", "record_reading.py"):
        said |= spelled(r'self\.flaw(?:_of)?\([a-z]+, "([a-z-]+)"', file)
    said |= spelled(r'Finding\("((?:formula|parameter)-[a-z-]+)"', "parametrised.py") - {"formula-differs"}
    assert set(SENTENCES) == said | {f"part-{what}" for what in spelled(r'yield "([a-z]+)"', "parts.py")}


def test_what_does_not_fit_in_a_snapshot_is_told_in_both_languages() -> None:
    place = {"site": "S1", "month": "2025-01"}
    error = SnapshotInvalid([Flaw("sign-differs").within("market").within("L001"), Flaw("part-digest", place)])
    english = "not a sound snapshot: L001: market: not the sign that the method gives, part S1 2025-01: digest"
    assert str(error) == english
    with speaking("en"):
        assert tell(error) == english
    with speaking("zh"):
        assert tell(error) == "快照不自洽：L001: market: 加减符号与方法的规定不符, 场所 S1（2025-01）：摘要与明细行不符"
        assert problem_of(error)["errors"] == [
            {"field": "L001: market", "code": "sign-differs", "message": "加减符号与方法的规定不符"},
            {"field": "", "code": "part-digest", "message": "场所 S1（2025-01）：摘要与明细行不符"},
        ]
