"""The report's own sentences: one table of Chinese and English, chosen by the report's language.

A report must read the same in ten years and outside a web request, so its text does not go through
the translations of the pages: each entry of ``text/*.yaml`` holds both languages side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml
from markupsafe import Markup, escape

from service.calculations import told
from service.reports.errors import LanguageUnknown

LANGUAGES = ("zh", "en", "both")
TABLES = ("common", "iso", "cn", "charts", "verify", "book", "pbook", "pcf")


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """All sentences by key: ``{'total': ('排放总量', 'Total emissions')}``."""
    entries = dict(told.table())
    for name in TABLES:
        text = resources.files("service.reports").joinpath("text", f"{name}.yaml").read_text(encoding="utf-8")
        for key, pair in yaml.safe_load(text).items():
            entries[f"{name}.{key}" if name != "common" else key] = (pair["zh"], pair["en"])
    return MappingProxyType(entries)


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences in one language, or in both: Chinese first, English beneath."""

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise LanguageUnknown(language=self.language, known=", ".join(LANGUAGES))

    @property
    def html_lang(self) -> str:
        """The document's language tag."""
        return "en" if self.language == "en" else "zh-Hans"

    def __call__(self, key: str, **params: object) -> Markup:
        """Return the sentence ``key`` with ``params`` filled in, escaped."""
        zh, en = table()[key]
        return self.pair(_fill(zh, params, 0), _fill(en, params, 1))

    def pair(self, zh: object, en: object) -> Markup:
        """Return a text that exists in two languages; a missing one is stood in for by the other."""
        zh, en = zh or en or "", en or zh or ""
        if self.language == "zh":
            return escape(zh)
        if self.language == "en":
            return escape(en)
        if str(zh) == str(en):
            return escape(zh)
        return Markup('<span class="zh">{}</span> <span class="en" lang="en">{}</span>').format(zh, en)

    def plain(self, key: str, **params: object) -> str:
        """Return the sentence ``key`` as plain text; both languages are joined by a slash."""
        zh, en = table()[key]
        return self.plain_pair(zh.format(**params), en.format(**params))

    def plain_pair(self, zh: str, en: str) -> str:
        """Return a text of two languages as plain text, for charts and document properties."""
        zh, en = zh or en, en or zh
        if self.language == "both" and zh != en:
            return f"{zh} / {en}"
        return en if self.language == "en" else zh

    def named(self, record: Mapping[str, Any]) -> Markup:
        """Return ``name_zh``/``name_en`` (or ``zh``/``en``) of a record."""
        return self.pair(*_names(record))

    def plain_named(self, record: Mapping[str, Any]) -> str:
        """The plain-text twin of :meth:`named`."""
        return self.plain_pair(*_names(record))


def _names(record: Mapping[str, Any]) -> tuple[str, str]:
    zh = record.get("name_zh") or record.get("zh") or ""
    en = record.get("name_en") or record.get("en") or ""
    return str(zh), str(en)


def _fill(template: str, params: Mapping[str, object], side: int) -> Markup:
    """Fill ``template``; a parameter given as a (zh, en) pair takes the side of the sentence's language."""
    chosen = {name: value[side] if isinstance(value, tuple) else value for name, value in params.items()}
    return escape(template).format(**chosen)
