"""One thing wrong in a submitted file: where it stands, what is wrong, how to mend it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import yaml

from service.activities.sheet_xml import column_letters

TABLES = tuple(sorted(Path(__file__).parents[1].glob("*/messages.yaml")))
"""Every feature that reads files has its own."""


WARNINGS = frozenset(
    {
        "sheet-ignored",
        "column-ignored",
        "row-is-sum",
        "file-ends-open",
        "decimal-comma",
        "formula-cached",
        "text-formula",
        "same-period",
        "overlap",
        "gap",
        "implausible",
        "slip",
        "slip-in-series",
        "evidence-missing",
        "property-unused",
        "measured-incomplete",
        "parameter-missing",
        "exclusion-free",
        "interval-gap",
        "interval-odd",
        "interval-midnight",
        "mass-differs",
    }
)
"""Codes that a person may read and go on; every other code is an error and keeps its row out."""


class Message(NamedTuple):
    """What is told of one case."""

    what_zh: str
    what_en: str
    mend_zh: str
    mend_en: str


@lru_cache(maxsize=1)
def messages() -> Mapping[str, Message]:
    """Return the messages by code."""
    found: dict[str, Message] = {}
    for table in TABLES:
        said = yaml.safe_load(table.read_text(encoding="utf-8"))
        found |= {code: Message(**texts) for code, texts in said.items()}
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning. ``row`` is None for what concerns a whole file or sheet."""

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""  # the header as submitted
    position: int | None = None  # the number of the column, 1 for A
    text: str = ""  # the submitted text
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_warning(self) -> bool:
        """Return whether the row is loaded all the same."""
        return self.code in WARNINGS

    @property
    def cell(self) -> str:
        """Return the cell as a spreadsheet names it: 'G12'; '' for a whole row or file."""
        return f"{column_letters(self.position)}{self.row}" if self.position and self.row else ""

    @property
    def what_zh(self) -> str:
        """Return what is wrong, in Chinese."""
        return messages()[self.code].what_zh % self.params

    @property
    def what_en(self) -> str:
        """Return what is wrong, in English."""
        return messages()[self.code].what_en % self.params

    @property
    def mend_zh(self) -> str:
        """Return how to mend it, in Chinese."""
        return messages()[self.code].mend_zh % self.params

    @property
    def mend_en(self) -> str:
        """Return how to mend it, in English."""
        return messages()[self.code].mend_en % self.params

    def what(self, language: str = "zh") -> str:
        """Return what is wrong: 'zh', 'en' or 'both'."""
        return told(self.what_zh, self.what_en, language)

    def mend(self, language: str = "zh") -> str:
        """Return how to mend it: 'zh', 'en' or 'both'."""
        return told(self.mend_zh, self.mend_en, language)

    def as_dict(self) -> dict[str, str | int | None]:
        """Return everything as plain values, for JSON."""
        return {
            "code": self.code,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cell": self.cell,
            "text": self.text,
            "what_zh": self.what_zh,
            "what_en": self.what_en,
            "mend_zh": self.mend_zh,
            "mend_en": self.mend_en,
        }

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.sheet, f"row {self.row}" if self.row else "", self.column)))
        return f"{place}: {self.what_en}; {self.mend_en}" if place else f"{self.what_en}; {self.mend_en}"


def told(zh: str, en: str, language: str) -> str:
    """Return one of two texts, or both on one line."""
    return {"zh": zh, "en": en, "both": f"{zh} {en}".strip()}[language]
