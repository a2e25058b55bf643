"""Places: a province in its grid region, in its country, in the world."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from factors.errors import UnknownGeography
from factors.near import near


class Geography(NamedTuple):
    """One row of geographies.csv."""

    code: str
    parent: str
    kind: str  # province | grid | country | union | world
    name_en: str
    name_zh: str
    aliases: str
    note: str

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that people call the place, the code first."""
        return (self.code, self.name_en, self.name_zh, *filter(None, self.aliases.split("|")))


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


DATA = Path(__file__).parent / "data" / "geographies.csv"


class Geographies:
    """All places; ``resolve`` finds one by any of its names, ``path`` climbs to the world."""

    def __init__(self, rows: Iterable[Geography]) -> None:
        self.by_code: Mapping[str, Geography] = MappingProxyType({row.code: row for row in rows})

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        codes: dict[str, str] = {}
        for place in self.by_code.values():
            for name in place.names:
                codes.setdefault(_key(name), place.code)
        # A code is never shadowed by another place's alias.
        return codes | {_key(code): code for code in self.by_code}

    def resolve(self, text: str) -> str:
        """Return the code of a place given by code, alias, Chinese or English name ('UK' -> 'GB', '广东省' -> 'CN-GD').

        Raises:
            UnknownGeography: no place is called so; the error lists near names.
        """
        key = _key(text)
        if code := self._codes.get(key):
            return code
        close = near(key, self._codes, cutoff=0.6)
        raise UnknownGeography(text, tuple(dict.fromkeys(self._codes[name] for name in close)))

    def path(self, text: str) -> tuple[str, ...]:
        """Return the place and all that contain it, nearest first: CN-GD, CN-GRID-SOUTH, CN, GLO.

        Raises:
            UnknownGeography: no place is called so.
        """
        codes = [self.resolve(text)]
        while parent := self.by_code[codes[-1]].parent:
            codes.append(parent)
        return tuple(codes)

    def kind(self, text: str) -> str:
        """Return 'province', 'grid', 'country', 'union' or 'world'.

        Raises:
            UnknownGeography: no place is called so.
        """
        return self.by_code[self.resolve(text)].kind

    def titles(self, code: str) -> tuple[str, str]:
        """Return a place by its name with its code, Chinese and English; one that nobody knows by its code."""
        known = self.by_code.get(code)
        return (f"{known.name_zh or known.name_en}（{code}）", f"{known.name_en} ({code})") if known else (code, code)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code


@cache
def shipped() -> Geographies:
    """Return the places that come with the program, for what is read before any library is at hand."""
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return Geographies(Geography(**row) for row in csv.DictReader(file))
