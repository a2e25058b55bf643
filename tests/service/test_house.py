"""Tests of the house: what must hold of the whole service, whoever adds to it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from service import config, errors, i18n
from service.errors import ServiceError, status_of
from service.i18n import N_, Text, speaking, tell
from service.translations import catalogue

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "service"


def subclasses(root: type) -> list[type]:
    return [found for child in root.__subclasses__() for found in (child, *subclasses(child))]


def test_every_message_is_collected_and_has_its_chinese() -> None:
    assert list(catalogue.problems()) == []


def test_no_chinese_message_is_left_in_english() -> None:
    with catalogue.path_of("zh_Hans").open("rb") as file:
        kept = read_po(file)
    han = re.compile(r"[\u3400-\u9fff]")
    plain = [message.id for message in kept if message.id and not han.search(str(message.string))]
    assert plain == []


def test_a_sentence_is_told_in_both_languages() -> None:
    error = errors.NotFound(N_("site"), "mine")
    assert str(error) == "there is no site 'mine'"
    with speaking("zh-CN"):
        assert tell(error) == "没有这个场所：“mine”"
    assert tell(Text(N_("there is no file '%(value)s'"), value="x")) == "there is no file 'x'"


@pytest.mark.parametrize(
    ("wish", "language"), [("zh", "zh_Hans"), ("zh-TW", "zh_Hans"), ("ZH_cn", "zh_Hans"), ("en-GB", "en"), ("en", "en")]
)
def test_wishes_for_a_language(wish: str, language: str) -> None:
    assert i18n.normalise(wish) == language


def test_other_languages_are_not_spoken() -> None:
    with pytest.raises(ValueError, match="fr"):
        i18n.normalise("fr")


def test_every_error_has_a_code_of_its_own_and_a_status() -> None:
    found = [kind for kind in subclasses(ServiceError) if kind.__module__.startswith("service.")]
    codes = [kind.code for kind in found]  # type: ignore[attr-defined]
    assert sorted(codes) == sorted(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)
    assert {status_of(kind.__new__(kind)) for kind in found} <= {401, 403, 404, 409, 412, 413, 422, 500, 503}


def test_the_readmes_name_every_setting_and_the_same_commands() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    for readme in (english, chinese):
        assert [name for name in config.VARIABLES if name not in readme] == []
    commands, headings = re.compile(r"`((?:tanji|make)(?: [a-z]+(?![\w.-])){1,2})"), re.compile(r"^#+ ", re.MULTILINE)
    assert set(commands.findall(english)) == set(commands.findall(chinese))
    assert headings.findall(english) == headings.findall(chinese)


def _verbs(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


ACTIONS = sorted(SERVICE.glob("*/actions.py"))
# Questions to the program itself: no organisation's data are read or changed.
HOUSE_VERBS = {
    "library",
    "record",
    "queue_up",
    "problems",
    "unit_of",
    "may",
    "demand",
    "require",
    "operator",
    "value_of",
    "compare",
    "readable",
    "head",
    "fsck",
    "recompute",
    "of_file",
    "rehearse",
    "summary",
    "write",
}


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_every_verb_takes_a_session_and_an_actor(path: Path) -> None:
    wrong = [
        verb.name
        for verb in _verbs(path)
        if verb.name not in HOUSE_VERBS and [argument.arg for argument in verb.args.args][:2] != ["session", "actor"]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted(SERVICE.glob("*/*api.py")), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_route_of_an_organisation_asks_who_acts(path: Path) -> None:
    """The access rule of a route: it acts through ``acting(code)`` or reads through ``only_reading(code)``."""
    source = path.read_text(encoding="utf-8")
    for view in _verbs(path):
        takes_code = "code" in [argument.arg for argument in view.args.args]
        text = ast.get_source_segment(source, view) or ""
        assert takes_code == ("acting(code)" in text or "only_reading(code)" in text), view.name


def test_nobody_commits_but_the_end_of_a_request_or_command() -> None:
    found = {
        str(path.relative_to(SERVICE))
        for path in SERVICE.rglob("*.py")
        if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8"))
    }
    assert found == {"db.py", "http.py"}


def test_nobody_below_the_edge_looks_at_a_clock() -> None:
    clock = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(")
    found = {
        str(path.relative_to(ROOT))
        for room in ("factors", "lca", "service")
        for path in (ROOT / room).rglob("*.py")
        if clock.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"service/http.py", "service/commands/base.py"}


def test_pages_need_no_build_and_no_script() -> None:
    for path in (SERVICE / "templates" / "pages").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "style=" not in text
        assert "http://" not in text
        assert "https://" not in text
