"""What every part of a report needs: the snapshot, the words, the rounding; and what a table is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup, escape

from service.reports import numbers, units
from service.reports.words import Words, table

VIEWS = ("location", "market", "method")
ROWS_SHOWN = 120
"""A table of more rows is cut: three thousand meters belong into the workbook, not onto paper."""

Record = Mapping[str, Any]
Cell = str | Markup


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its share of the width and whether it holds numbers."""

    head: Cell
    width: float
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; ``total`` is a last row set apart, ``note`` stands beneath."""

    caption: Cell
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    note: Cell = ""
    landscape: bool = field(default=False)

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        """The rows that are printed."""
        return self.rows[:ROWS_SHOWN]

    @property
    def left_out(self) -> int:
        """How many rows are not."""
        return max(0, len(self.rows) - ROWS_SHOWN)

    @property
    def widths(self) -> list[str]:
        """Each column's share of the width, in percent."""
        whole = sum(column.width for column in self.columns)
        return [f"{100 * column.width / whole:.2f}" for column in self.columns]


def without_empty(table: Table, *heads: Cell) -> Table:
    """Return the table without those of its columns of these heads in which no row says anything."""
    empty = {
        at for at, column in enumerate(table.columns) if column.head in heads and not any(row[at] for row in table.rows)
    }
    kept = [at for at in range(len(table.columns)) if at not in empty]
    rows = [[row[at] for at in kept] for row in table.rows]
    return replace(table, columns=tuple(table.columns[at] for at in kept), rows=rows)


@dataclass(frozen=True, slots=True)
class Context:
    """A snapshot being written down in one language."""

    snapshot: Record
    words: Words
    rounding: numbers.Rounding
    digest: str

    @property
    def results(self) -> Record:
        """The snapshot's results."""
        results: Record = self.snapshot["results"]
        return results

    @property
    def headline(self) -> str:
        """The view that the reported total is taken from."""
        return str(self.results["headline"])

    def t(self, kilograms: object) -> str:
        """Kilograms as tonnes, rounded by the method's rule."""
        return numbers.tonnes(kilograms, self.rounding)

    def column(self, key: str, width: float, is_number: bool = False) -> Column:
        """A column whose head is the sentence ``col.KEY``."""
        return Column(self.words(f"col.{key}"), width, is_number)

    def code(self, kind: str, code: str) -> Markup:
        """A code of the snapshot in words; one that no table knows is shown as it stands."""
        key = f"{kind}.{code}"
        return self.words(key) if key in table() else Markup.escape(code)

    def both(self, kind: str, code: str) -> tuple[str, str]:
        """A code in words, Chinese and English, to be filled into a sentence."""
        return table().get(f"{kind}.{code}", (code, code))

    def codes(self, kind: str, codes: Iterable[str]) -> Markup:
        """Several codes in words."""
        return self.listed(self.both(kind, code) for code in codes)

    def listed(self, pairs: Iterable[tuple[str, str]]) -> Markup:
        """Several texts of two languages as one enumeration in each."""
        found = list(dict.fromkeys(pairs))
        return self.words.pair("；".join(zh for zh, _ in found), "; ".join(en for _, en in found))

    def unit(self, unit: str) -> Markup:
        """A unit as a reader writes it: ``1e4Nm3`` is 万Nm³."""
        return self.words.pair(*units.sign(unit))

    def named(self, record: Record, more: str = "") -> Markup:
        """A record's name with ``more`` behind it; in both languages ``more`` is said once."""
        zh, en = record["name_zh"] or record["name_en"], record["name_en"] or record["name_zh"]
        if not more:
            return self.words.pair(zh, en)
        return self.words.pair(f"{zh} · {more}", en if self.words.language == "both" else f"{en} · {more}")

    def largest(self, lines: Sequence[Record]) -> tuple[list[Record], list[Record]]:
        """Part lines into those that a table shows, the largest in any view, in their order, and the rest."""
        if len(lines) <= ROWS_SHOWN:
            return list(lines), []
        ranked = sorted(lines, key=lambda line: -max(abs(float(line[f"kgco2e_{view}"])) for view in VIEWS))
        kept = {line["id"] for line in ranked[: ROWS_SHOWN - 1]}
        return [line for line in lines if line["id"] in kept], [line for line in lines if line["id"] not in kept]

    def stated(self, value: object) -> Cell:
        """A fact the organisation gave, or that it did not."""
        return Markup.escape(value) if value not in (None, "") else self.words("not.stated")

    def site(self, code: str) -> Markup:
        """A site's name."""
        return next((self.words.named(site) for site in self.snapshot["sites"] if site["code"] == code), escape(code))

    def months(self) -> list[str]:
        """The months (or, for what spans months, the years) that hold activity data, in order."""
        return sorted({str(part["month"]) for part in self.snapshot["parts"]} | set(self.results["by_month"]))

    def note(self, name: str) -> str:
        """What the organisation noted for its report (purpose, intended users, …); '' when it did not."""
        return str(self.snapshot["inventory"]["notes"].get(name, ""))


def marks(record: object, path: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Find every rule of a method record marked unconfirmed: (where, its value, the note in zh, in en)."""
    if isinstance(record, Mapping):
        if record.get("mark") == "unconfirmed":
            yield re.sub(r"[._]?evidence$", "", path), "", str(record.get("zh", "")), str(record.get("en", ""))
        elif record.get("evidence") == "unconfirmed":
            source = str(record.get("source", ""))
            yield path, f"{record.get('value', '')} {record.get('unit', '')}".strip(), source, source
        for key, value in record.items():
            yield from marks(value, f"{path}.{key}" if path else str(key))
