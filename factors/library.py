"""The factor library: files -> one checked, frozen ``Library``.

    library = load()
    library.factors["cn-elec-2022-cn-gd"].value        # '0.4403'

``load`` checks every record and refuses the whole library when one is wrong, naming all that is wrong.
What it checked is kept compiled (``factors.compiled``), so that the next start costs milliseconds; records
are made when they are first asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from factors import compiled
from factors.errors import LibraryInvalid
from factors.geographies import Geographies, Geography
from factors.gwp import GwpSet
from factors.records import Factor, Licence, Source
from factors.units import FactorUnit

if TYPE_CHECKING:
    from factors.tables import Checked

__all__ = [
    "EXPORT_COLUMNS",
    "Changes",
    "Factor",
    "Library",
    "Licence",
    "Source",
    "diff",
    "export_rows",
    "load",
    "natural_key_clashes",
]

DATA = Path(__file__).parent / "data"

EXPORT_COLUMNS = (
    "id",
    "name_en",
    "name_zh",
    "category",
    "unit",
    "value",
    "gas",
    "region",
    "year",
    "source",
    "licence",
    "confidence",
)


class _Records(Mapping[str, Factor]):
    """Records by id, made from their compiled line when first asked for."""

    def __init__(self, lines: Mapping[str, bytes]) -> None:
        self._lines = lines
        self._made: dict[str, Factor] = {}

    def __getitem__(self, key: str) -> Factor:
        if key not in self._made:
            self._made[key] = _factor(self._lines[key])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, key: object) -> bool:
        return key in self._lines


class _Tables(Mapping[str, tuple[dict[str, str], ...]]):
    """Raw tables by name, unpacked when first asked for."""

    def __init__(self, line: bytes) -> None:
        self._line = line
        self._rows: dict[str, tuple[dict[str, str], ...]] = {}

    @cached_property
    def _packed(self) -> Mapping[str, Any]:
        packed: dict[str, Any] = json.loads(self._line)
        return packed

    def __getitem__(self, key: str) -> tuple[dict[str, str], ...]:
        if key not in self._rows:
            columns, rows = self._packed[key]
            self._rows[key] = tuple(dict(zip(columns, row, strict=True)) for row in rows)
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


@dataclass(frozen=True, eq=False)
class Library:
    """Everything published that Tanji knows, frozen. Two libraries are the same when their versions are."""

    version: str  # first 16 hex digits of the sha256 over the canonical content
    factors: Mapping[str, Factor]
    sources: Mapping[str, Source]
    licences: Mapping[str, Licence]
    geographies: Geographies
    units: Mapping[str, FactorUnit]  # by the spelling that publishers print
    gwp_sets: Mapping[str, GwpSet]
    categories: Mapping[str, str]  # category -> its Chinese name
    tables: Mapping[str, tuple[dict[str, str], ...]]  # raw: activities, series, bounds
    read_search_index: Callable[[], bytes]

    @cached_property
    def search_index(self) -> bytes:
        """What ``factors.search`` packed for this version."""
        return self.read_search_index()


def load(data: Path | None = None, *, cache: Path | None = None) -> Library:
    """Return the library under ``data`` (our own by default), checked; ``cache`` overrides where compiled parts stand.

    Raises:
        LibraryInvalid: anything is wrong with the files; the error lists every problem with file and line.
    """
    root = data or DATA
    files = [path for path in root.rglob("*") if path.suffix in (".csv", ".yaml", ".txt")]
    files += Path(__file__).parent.glob("*.py")  # what was compiled by other code is compiled again
    key = compiled.content_key(root, files, cache)
    compile_once = lru_cache(maxsize=1)(lambda: _compile(root))

    def make() -> bytes:
        compiled.remember("search", key, lambda: compile_once()[1], cache)
        return compile_once()[0]

    packed = compiled.remember("library", key, make, cache)
    return _unpack(packed, lambda: compiled.remember("search", key, lambda: compile_once()[1], cache))


def _compile(root: Path) -> tuple[bytes, bytes]:
    """Check the files and pack them: (head, ids, raw tables, then a line per record; the search index)."""
    from factors.search import build_index
    from factors.tables import read

    checked = read(root)
    if checked.problems:
        raise LibraryInvalid(checked.problems)
    records = [_line(factor) for factor in checked.factors.values()]
    head, tables = _head(checked), _json(_packed_tables(checked))
    content = [_json(head), tables, *sorted(records), *(path.read_bytes() for path in root.glob("units.txt"))]
    head["version"] = hashlib.sha256(b"\n".join(content)).hexdigest()[:16]
    index = build_index(checked.factors.values(), checked.geographies, checked.categories, checked.keywords)
    return b"\n".join([_json(head), " ".join(checked.factors).encode(), tables, *records]), index


def _head(checked: Checked) -> dict[str, Any]:
    """Return the small things that every start unpacks."""
    from factors.gwp import gwp_sets

    sets = gwp_sets(checked.factors.values())
    return {
        "sources": [astuple(checked.sources[name]) for name in sorted(checked.sources)],
        "licences": [astuple(checked.licences[name]) for name in sorted(checked.licences)],
        "units": [[*map(str, astuple(checked.units[name]))] for name in sorted(checked.units)],
        "geographies": [list(place) for place in checked.geographies.by_code.values()],
        "categories": checked.categories,
        "gwp_sets": {
            name: {gas: [str(each.values[gas][0]), each.values[gas][1]] for gas in sorted(each.values)}
            for name, each in sets.items()
        },
    }


def _packed_tables(checked: Checked) -> dict[str, Any]:
    """Return raw tables as (columns, rows), so that a column's name is written once."""
    return {
        name: [list(rows[0]) if rows else [], [list(row.values()) for row in rows]]
        for name, rows in sorted(checked.raw.items())
    }


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _line(factor: Factor) -> bytes:
    """Pack one record; empty cells at the end are left away."""
    cells = [value.isoformat() if isinstance(value, date) else value for value in astuple(factor)]
    while cells and cells[-1] in ("", None):
        cells.pop()
    return _json(cells)


_NAMES = tuple(column.name for column in fields(Factor))
_FROM, _TO = _NAMES.index("valid_from"), _NAMES.index("valid_to")


def _factor(line: bytes) -> Factor:
    cells = json.loads(line)
    cells += [""] * (len(_NAMES) - len(cells))
    cells[_FROM] = date.fromisoformat(cells[_FROM])
    cells[_TO] = date.fromisoformat(cells[_TO]) if cells[_TO] else None
    return Factor(*cells)


def _unpack(packed: bytes, read_search_index: Callable[[], bytes]) -> Library:
    first, ids, tables, *records = packed.split(b"\n")
    head = json.loads(first)
    return Library(
        version=head["version"],
        factors=_Records(dict(zip(ids.decode().split(), records, strict=True))),
        sources=MappingProxyType({row[0]: Source(*row) for row in head["sources"]}),
        licences=MappingProxyType({row[0]: Licence(*row) for row in head["licences"]}),
        geographies=Geographies(Geography(*row) for row in head["geographies"]),
        units=MappingProxyType({row[0]: _unit(row) for row in head["units"]}),
        gwp_sets=MappingProxyType({name: _gwp_set(name, gases) for name, gases in head["gwp_sets"].items()}),
        categories=MappingProxyType(head["categories"]),
        tables=_Tables(tables),
        read_search_index=read_search_index,
    )


def _unit(row: list[str]) -> FactorUnit:
    spelling, numerator, of, denominator, denominator_of, basis, multiplier, status, reason = row
    return FactorUnit(spelling, numerator, of, denominator, denominator_of, basis, Decimal(multiplier), status, reason)


def _gwp_set(name: str, gases: Mapping[str, list[str]]) -> GwpSet:
    return GwpSet(name, MappingProxyType({gas: (Decimal(value), record) for gas, (value, record) in gases.items()}))


def natural_key_clashes(library: Library) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of records that share name, unit, gas, year, region and category: told, not refused.

    Publishers do print several values under one name (technologies, operation modes), so a clash is no
    error; but nobody may look a record up by its name alone.
    """
    seen: dict[tuple[str, ...], list[str]] = {}
    for factor in library.factors.values():
        key = (factor.name_en, factor.unit, factor.gas, str(factor.year), factor.region, factor.category)
        seen.setdefault(key, []).append(factor.id)
    return {key: tuple(ids) for key, ids in seen.items() if len(ids) > 1}


def export_rows(library: Library) -> Iterator[dict[str, str]]:
    """Yield one row per record and gas with the columns of ``EXPORT_COLUMNS``; values and units stand as printed."""
    for factor in library.factors.values():
        row = {column: str(getattr(factor, column)) for column in EXPORT_COLUMNS}
        row["source"] = library.sources[factor.source].title
        row["licence"] = library.licences[factor.licence].name
        yield row


@dataclass(frozen=True)
class Changes:
    """What one library version has that another has not: ids, and for changed records field -> (old, new)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, Mapping[str, tuple[str, str]]]

    @cached_property
    def is_empty(self) -> bool:
        """Whether both versions hold the same records."""
        return not (self.added or self.removed or self.changed)


def diff(old: Library, new: Library) -> Changes:
    """Compare the records of two library versions, field by field."""
    changed: dict[str, dict[str, tuple[str, str]]] = {}
    for key in sorted(set(old.factors) & set(new.factors)):
        before, after = _texts(old.factors[key]), _texts(new.factors[key])
        if fields_changed := {name: (before[name], after[name]) for name in before if before[name] != after[name]}:
            changed[key] = fields_changed
    return Changes(
        added=tuple(sorted(set(new.factors) - set(old.factors))),
        removed=tuple(sorted(set(old.factors) - set(new.factors))),
        changed=changed,
    )


def _texts(factor: Factor) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in asdict(factor).items()}
