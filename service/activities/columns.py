"""Which column holds which field: headers in Chinese, English or both; near names suggested, nothing dropped unsaid."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from service.activities.problems import Problem
from service.fields import Field

REPORT = ("行 Row", "列 Column", "错误 What is wrong", "修改方法 How to mend it")
"""Headers that an error file adds; handed in again they are left alone."""

HEAD_ROWS = 10
"""A header is looked for this far down, below titles and notes."""

_NEAR = 0.72
_IGNORED = re.compile(r"[\s*＊_]+|[(（](?:必填|required)[)）]")
_SCRIPTS = re.compile(r"[a-z0-9].*")


@dataclass(slots=True)
class Columns:
    """The columns of one table that are understood, and what is wrong with the others."""

    row: int  # of the header
    headers: Sequence[str]
    index: dict[str, int] = field(default_factory=dict)  # field name -> column, from 0
    fields: dict[str, Field] = field(default_factory=dict)
    unnamed: list[int] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Return the header of a field as submitted."""
        return self.headers[self.index[name]].strip() if name in self.index else name


def fold(text: str) -> str:
    """Return a header as it is compared: full-width folded, without case, spaces, asterisks and '(required)'."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


def spellings(fields: Iterable[Field]) -> dict[str, Field]:
    """Return every folded header that means one of ``fields``."""
    return {fold(spelling): item for item in fields for spelling in item.spellings}


def _meant(header: str, known: Mapping[str, Field]) -> Field | None:
    """Return the field of a header; a bilingual one counts if its Chinese and its English part agree."""
    folded = fold(header)
    if found := known.get(folded):
        return found
    latin = _SCRIPTS.search(folded)
    if latin is None or latin.start() == 0:
        return None
    chinese, english = known.get(folded[: latin.start()]), known.get(latin.group())
    return chinese if chinese is not None and chinese is english else None


def _header_row(rows: Sequence[Sequence[str]], known: Mapping[str, Field]) -> int:
    """Return the index of the row with most known headers, of the first that is not empty when none has two."""
    hits = [len({found.name for cell in row if (found := _meant(cell, known))}) for row in rows[:HEAD_ROWS]]
    if hits and max(hits) >= min(2, len(known)):
        return hits.index(max(hits))
    return next((i for i, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)


def _near_field(header: str, known: Mapping[str, Field], taken: Iterable[str]) -> Field | None:
    """Return the field not yet found whose header looks most like ``header``."""
    open_names = {text: item for text, item in known.items() if item.name not in taken}
    close = difflib.get_close_matches(fold(header), open_names, n=1, cutoff=_NEAR)
    return open_names[close[0]] if close else None


def _take(columns: Columns, sheet: str, known: Mapping[str, Field]) -> dict[int, str]:
    """Enter every column that is understood; return the named ones that are not."""
    unknown: dict[int, str] = {}
    reports = {fold(header) for header in REPORT}
    for position, header in enumerate(columns.headers):
        if not header.strip():
            columns.unnamed.append(position)
        elif (found := _meant(header, known)) is None:
            if fold(header) not in reports:
                unknown[position] = header.strip()
        elif found.name in columns.index:
            params = {"wanted": found.header}
            name = header.strip()
            columns.errors.append(Problem("column-twice", sheet, columns.row, name, position + 1, header, params))
        else:
            columns.index[found.name] = position
            columns.fields[found.name] = found
    return unknown


def _judge_unknown(columns: Columns, sheet: str, unknown: Mapping[int, str], known: Mapping[str, Field]) -> set[str]:
    """Ask back about headers that look like a known one; return the fields that these may be."""
    suspected: set[str] = set()
    for position, header in unknown.items():
        near = _near_field(header, known, columns.index)
        params = {"found": header, "near": near.header if near else ""}
        code = "column-unknown" if near else "column-ignored"
        problem = Problem(code, sheet, columns.row, header, position + 1, header, params)
        (columns.errors if near else columns.warnings).append(problem)
        if near:
            suspected.add(near.name)
    return suspected


def resolve(rows: Sequence[Sequence[str]], fields: Sequence[Field], sheet: str) -> Columns:
    """Find the header among the first rows of a table and say what each column is.

    A required column that is missing, a header near a known one and a doubled column are errors;
    any other unknown column is named in a warning, since what it holds will not be read.
    """
    known = spellings(fields)
    at = _header_row(rows, known)
    columns = Columns(at + 1, rows[at] if rows else [])
    unknown = _take(columns, sheet, known)
    suspected = _judge_unknown(columns, sheet, unknown, known)
    for item in fields:
        if item.required and item.name not in columns.index and item.name not in suspected:
            close = difflib.get_close_matches(fold(item.zh), {fold(h): h for h in unknown.values()}, n=3, cutoff=0.3)
            near = ", ".join(header for header in unknown.values() if fold(header) in close) or "-"
            params = {"wanted": item.header, "near": near}
            columns.errors.append(Problem("column-missing", sheet, columns.row, params=params))
    return columns
