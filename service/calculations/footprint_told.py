"""What a footprint says in codes, told in Chinese and English: warnings, clause checks, kinds of supply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

Record = Mapping[str, Any]
Pair = tuple[str, str]


@cache
def table() -> Mapping[str, Pair]:
    """All texts by key, ``warning.<code>``, ``check.<id>``, ``kind.<kind>``, as (Chinese, English)."""
    text = resources.files("service.calculations").joinpath("footprint_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: (pair["zh"], pair["en"]) for key, pair in yaml.safe_load(text).items()})


def warnings(snapshot: Record) -> list[dict[str, Any]]:
    """Return the warnings of a footprint, each with its sentence as ``zh`` and ``en``."""
    return [{**one, **_said(snapshot, f"warning.{one['code']}", one["params"])} for one in snapshot["warnings"]]


def checks(snapshot: Record) -> list[dict[str, Any]]:
    """Return the clause checks of a footprint, each with its sentence as ``zh`` and ``en``; one for each outcome."""
    return [{**one, **_said(snapshot, _outcome(one), one["params"])} for one in snapshot["checks"]]


def own(gas: str) -> Pair:
    """Return what the maker emits himself, ``CO2/fossil``, as the name of an input."""
    species, _, part = gas.partition("/")
    zh, en = table().get(f"own.{part}", ("直接排放 {gas}", "direct emission of {gas}"))
    return zh.format(gas=species.partition("_")[0]), en.format(gas=species.partition("_")[0])


def given(text: str) -> Pair:
    """Return a maker's document in Chinese and English: only what our templates hold is ever put otherwise."""
    return _template_texts().get(text, (text, text))


@cache
def _template_texts() -> Mapping[str, Pair]:
    text = resources.files("service.calculations").joinpath("templates_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({one["of"]: (one["zh"], one["en"]) for one in yaml.safe_load(text)})


def clause(text: str) -> Pair:
    """Return a clause or source of a method in Chinese and English: its standing phrases are told, the rest stands."""
    if text == NONE:
        return "无", NONE
    pairs = [_phrases().get(piece, (piece, piece)) for piece in re.split(_phrase(), text)]
    return "".join(zh for zh, _ in pairs), "".join(en for _, en in pairs)


@cache
def _phrases() -> Mapping[str, Pair]:
    """Return the standing phrases of methods' clauses and sources, as (Chinese, English)."""
    text = resources.files("service.calculations").joinpath("clauses_told.yaml").read_text(encoding="utf-8")
    return MappingProxyType({one["of"]: (one["zh"], one["en"]) for one in yaml.safe_load(text)})


@cache
def _phrase() -> re.Pattern[str]:
    """Return what finds a phrase, the longest first: one may begin with another."""
    return re.compile("(" + "|".join(map(re.escape, sorted(_phrases(), key=len, reverse=True))) + ")")


def _outcome(check: Record) -> str:
    """Return the key of a check's sentence: what holds is said otherwise than what does not, and why it does not."""
    key = f"check.{check['id']}"
    if check["ok"]:
        return key
    why = f"{key}.{check['params'].get('reason') or 'not'}"
    return why if why in table() else key


def _said(snapshot: Record, key: str, params: Mapping[str, Any]) -> dict[str, str]:
    worded = {name: _worded(snapshot, name, value) for name, value in params.items()}
    return {side: text.format(**{name: pair[at] or "–" for name, pair in worded.items()})
            for at, (side, text) in enumerate(zip(("zh", "en"), table()[key], strict=True))}  # fmt: skip


def _worded(snapshot: Record, name: str, value: Any) -> Pair:
    """Return a blank in words: codes by the names that the snapshot has for them."""
    if isinstance(value, Mapping):
        return str(value["zh"]), str(value["en"] or value["zh"])
    if name == "clause":
        return clause(value)
    if _DISTANCE.fullmatch(str(value)):
        grouped = f"{int(value):,}".replace(",", GAP)
        return grouped, grouped
    names = _NAMES.get(name)
    return (
        (str(value), str(value))
        if names is None
        else _listed(str(value), names(snapshot), " and " if name == "sets" else "; ")
    )


def _listed(codes: str, names: Mapping[str, Pair], between: str) -> Pair:
    """Return an enumeration of codes as one of names, each once; an ellipsis at its end stays."""
    more = codes.endswith(MORE)
    pairs = [names.get(code, (code, code)) for code in codes.removesuffix(MORE).split(", ") if code]
    chinese, english = (list(dict.fromkeys(pair[at] for pair in pairs)) for at in (0, 1))
    return "、".join(chinese) + ("等" if more else ""), between.join(english) + (MORE if more else "")


def _pair(record: Record) -> Pair:
    zh, en = str(record.get("zh") or ""), str(record.get("en") or "")
    return zh or en, en or zh


def _stages(snapshot: Record) -> Mapping[str, Pair]:
    marked = {one["id"]: (f"{one['id']} " if one["id"][:1].isupper() else "", *_pair(one))
              for one in snapshot["method"]["boundary"]["stages"]}  # fmt: skip
    general = {key.removeprefix("stage."): pair for key, pair in table().items() if key.startswith("stage.")}
    return general | {key: (mark + zh, mark + en) for key, (mark, zh, en) in marked.items()}


def _boundaries(snapshot: Record) -> Mapping[str, Pair]:
    return {key: _pair(one) for key, one in snapshot["method"]["boundary"]["types"].items()}


def _units(_: Record) -> Mapping[str, Pair]:
    return {key.removeprefix("unit_kind."): pair for key, pair in table().items() if key.startswith("unit_kind.")}


def _lines(snapshot: Record) -> Mapping[str, Pair]:
    return {one["id"]: _pair(one) for one in snapshot["lines"]}


def _exclusions(snapshot: Record) -> Mapping[str, Pair]:
    return {one["id"]: _pair(one["name"]) for one in snapshot["model"].get("excluded", ())}


def _parameters(snapshot: Record) -> Mapping[str, Pair]:
    named = {one["name"]: _pair(one.get("text") or {}) for one in snapshot["model"].get("parameters", ())}
    return {name: (f"{zh}（{name}）", f"{en} ({name})") for name, (zh, en) in named.items() if zh}


def _sets(_: Record) -> Mapping[str, Pair]:
    return {"unstated": table()["set.unstated"]}


MORE, NONE, GAP = " …", "none", "\N{NO-BREAK SPACE}"
_DISTANCE = re.compile(r"[1-9][0-9]{4,}")  # 150000 km: no other blank holds so large a whole number
_NAMES: Mapping[str, Callable[[Record], Mapping[str, Pair]]] = {
    "stages": _stages, "boundary": _boundaries, "known": _boundaries, "kind": _units, "wanted": _units,
    "lines": _lines, "exclusions": _exclusions, "names": _parameters, "sets": _sets,
}  # fmt: skip
"""Blanks that hold codes -> the names that a snapshot has for them."""
