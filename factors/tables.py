"""Reading the data files: strict, and every problem is collected before anything is refused.

A table of factors is a CSV beside a YAML of the same name. The YAML says what the table is, gives the
columns that are the same in every row (``defaults``) and how long a value holds (``validity``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from factors.errors import FactorsError, Problem
from factors.geographies import Geographies, Geography
from factors.records import (
    CONFIDENCES,
    GAS_OF_UNIT,
    GWP_SETS,
    NO_GASES,
    VALUE_KINDS,
    Factor,
    Licence,
    Source,
    refusal,
)
from factors.strict_yaml import StrictLoader
from factors.units import FactorUnit, factor_unit

COLUMNS = tuple(column.name for column in fields(Factor) if column.name != "refusal")
REQUIRED = ("id", "name_en", "category", "value", "unit", "gas", "year", "region", "source", "licence", "confidence")
RAW_TABLES = ("activities", "series")
SERIES_KINDS = ("statistic", "prescribed", "default", "proxy", "gwp")
_ROOT_TABLES = ("units", "unit_names", "geographies", "categories", *RAW_TABLES)
_ID = re.compile(r"^[a-z0-9][a-z0-9._-]*$")
_VALIDITIES = ("year", "from_year", "columns")
_SIDECAR = {"kind", "title", "title_zh", "what", "keywords", "validity", "defaults"}


@dataclass
class Checked:
    """What was read, and everything that was wrong with it."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    licences: dict[str, Licence] = field(default_factory=dict)
    units: dict[str, FactorUnit] = field(default_factory=dict)
    geographies: Geographies = field(default_factory=lambda: Geographies(()))
    categories: dict[str, str] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)
    keywords: dict[str, str] = field(default_factory=dict)  # record id -> what its table is about
    raw: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)

    def wrong(self, path: Path, line: int, column: str, text: str) -> None:
        """Note one problem at a place in a file."""
        self.problems.append(Problem(path.relative_to(self.root).as_posix(), line, column, text))

    def wrong_key(self, path: Path, key: str, text: str) -> None:
        """Note one problem with a key of a YAML file, at the line where the key stands."""
        lines = path.read_text(encoding="utf-8").splitlines()
        last = f"{key.rpartition('.')[2]}:"
        self.wrong(path, next((n for n, line in enumerate(lines, 1) if line.strip().startswith(last)), 1), key, text)


def read(root: Path) -> Checked:
    """Read and check everything under ``root``; look at ``problems`` before using anything else."""
    checked = Checked(root)
    _read_licences(checked)
    _read_sources(checked)
    _read_units(checked)
    _read_geographies(checked)
    checked.categories = {row["category"]: row["name_zh"] for _, row in _rows(checked, root / "categories.csv")}
    for name in RAW_TABLES:
        if (root / f"{name}.csv").exists():
            checked.raw[name] = tuple(row for _, row in _rows(checked, root / f"{name}.csv"))
    for path in sorted(root.rglob("*.csv")):
        if path.parent != root or path.stem not in _ROOT_TABLES:
            _read_table(checked, path)
    _check_mapping(checked)
    return checked


def _check_mapping(checked: Checked) -> None:
    """Activities name series that exist, series name records that exist."""
    path = checked.root / "series.csv"
    held: set[str] = set()
    for line, row in enumerate(checked.raw.get("series", ()), 2):
        held.add(row["series"])
        if row["factor"] not in checked.factors:
            checked.wrong(path, line, "factor", f"no record {row['factor']!r}")
        if row["kind"] not in SERIES_KINDS:
            checked.wrong(path, line, "kind", f"'{row['kind']}' is none of {', '.join(SERIES_KINDS)}")
    path = checked.root / "activities.csv"
    for line, row in enumerate(checked.raw.get("activities", ()), 2):
        for column in ("inventory", "market", "footprint"):
            for name in row.get(column, "").split():
                head, _, tail = name.partition("{set}")
                if name not in held and not any(one.startswith(head) and one.endswith(tail) for one in held):
                    checked.wrong(path, line, column, f"no series {name!r}")


def _rows(checked: Checked, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of a CSV; rows that have too many or too few cells are noted and left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        checked.wrong(path, 0, "", f"cannot be read as UTF-8: {error}")
        return
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    if not header or len(set(header)) < len(header):
        checked.wrong(path, 1, "", "the header is missing or names a column twice")
        return
    for cells in reader:
        if len(cells) == len(header):
            yield reader.line_num, dict(zip(header, cells, strict=True))
        else:
            checked.wrong(path, reader.line_num, "", f"{len(cells)} cells where the header has {len(header)}")


def _yaml(checked: Checked, path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)  # noqa: S506  a safe loader, and stricter
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        checked.wrong(path, 0, "", f"cannot be read: {' '.join(str(error).split())}")
        return {}
    if not isinstance(content, dict):
        checked.wrong(path, 0, "", "is not a mapping")
        return {}
    return content


def _read_licences(checked: Checked) -> None:
    path = checked.root / "licences.yaml"
    for name, row in _yaml(checked, path).items():
        try:
            checked.licences[name] = Licence(id=name, **row)
        except TypeError as error:
            checked.wrong_key(path, name, f"wrong keys: {error}")


def _read_sources(checked: Checked) -> None:
    path = checked.root / "sources.yaml"
    for name, row in _yaml(checked, path).items():
        try:
            source = Source(id=name, **row)
        except TypeError as error:
            checked.wrong_key(path, name, f"wrong keys: {error}")
            continue
        for column in ("title", "publisher", "year", "document"):
            if not getattr(source, column):
                checked.wrong_key(path, name, f"{column} is missing")
        if source.licence not in checked.licences:
            checked.wrong_key(path, name, f"licence '{source.licence}' is not in licences.yaml")
        checked.sources[name] = source


def _read_units(checked: Checked) -> None:
    path = checked.root / "units.csv"
    for line, row in _rows(checked, path):
        try:
            unit = factor_unit(row)
        except (FactorsError, ValueError, TypeError, InvalidOperation) as error:
            checked.wrong(path, line, row.get("spelling", ""), str(error))
            continue
        if unit.spelling in checked.units:
            checked.wrong(path, line, "spelling", f"'{unit.spelling}' stands here twice")
        checked.units[unit.spelling] = unit


def _read_geographies(checked: Checked) -> None:
    path = checked.root / "geographies.csv"
    places: dict[str, Geography] = {}
    parents: list[tuple[int, str]] = []
    for line, row in _rows(checked, path):
        try:
            place = Geography(**row)
        except TypeError as error:
            checked.wrong(path, line, "", f"wrong columns: {error}")
            return
        if place.code in places:
            checked.wrong(path, line, "code", f"'{place.code}' stands here twice")
        places[place.code] = place
        parents.append((line, place.parent))
    for line, parent in parents:
        if parent and parent not in places:
            checked.wrong(path, line, "parent", f"'{parent}' is no place in this table")
    checked.geographies = Geographies(places.values())


def _read_table(checked: Checked, path: Path) -> None:
    sidecar = path.with_suffix(".yaml")
    if not sidecar.exists():
        checked.wrong(path, 0, "", f"has no {sidecar.name} beside it that says what it is")
        return
    head = _yaml(checked, sidecar)
    for key in ("title", "what", "kind"):
        if head and not head.get(key):
            checked.wrong_key(sidecar, key, "is missing")
    if head.get("kind") == "bounds":
        _read_bounds(checked, path)
    elif head.get("kind") == "factors":
        _read_factors(checked, path, head)
    elif head.get("kind"):
        checked.wrong_key(sidecar, "kind", f"'{head['kind']}' is neither factors nor bounds")


def _read_bounds(checked: Checked, path: Path) -> None:
    """Read a table of plausibility bounds: not factors, so it stays raw beside them."""
    rows = list(_rows(checked, path))
    for line, row in rows:
        for column in ("low", "median", "high", "warn_below", "warn_above"):
            if not _is_decimal(row.get(column, "")):
                checked.wrong(path, line, column, f"'{row.get(column, '')}' is not a decimal number")
        if row.get("unit") not in checked.units:
            checked.wrong(path, line, "unit", f"'{row.get('unit')}' is not in units.csv")
        for column in ("name_zh", "name_en"):
            if not row.get(column):
                checked.wrong(path, line, column, "is missing")
    checked.raw[path.stem] = tuple(row for _, row in rows)


def _read_factors(checked: Checked, path: Path, head: Mapping[str, Any]) -> None:
    sidecar = path.with_suffix(".yaml")
    defaults = {str(key): str(value) for key, value in (head.get("defaults") or {}).items()}
    for key in sorted({*head} - _SIDECAR):
        checked.wrong_key(sidecar, key, "is no key of a table's description")
    for column in sorted({*defaults} - {*COLUMNS}):
        checked.wrong_key(sidecar, f"defaults.{column}", "is no column of a record")
    if head.get("validity") not in _VALIDITIES:
        checked.wrong_key(sidecar, "validity", f"'{head.get('validity')}' is none of {', '.join(_VALIDITIES)}")
        return
    about = " ".join(map(str, head.get("keywords") or ()))
    is_first = True
    for line, row in _rows(checked, path):
        if is_first:
            _check_columns(checked, path, row, defaults)
            is_first = False
        record = _Row(checked, path, line, {**dict.fromkeys(COLUMNS, ""), **defaults, **row}, str(head["validity"]))
        factor = record.factor()
        if factor is None:
            continue
        if factor.id in checked.factors:
            checked.wrong(path, line, "id", f"'{factor.id}' stands in the library twice")
        checked.factors[factor.id] = factor
        checked.keywords[factor.id] = about


def _check_columns(checked: Checked, path: Path, row: Mapping[str, str], defaults: Mapping[str, str]) -> None:
    for column in row:
        if column not in COLUMNS:
            checked.wrong(path, 1, column, "is no column of a record")
        if column in defaults:
            checked.wrong(path, 1, column, "stands both in the table and among its defaults")


@dataclass
class _Row:
    """One row on its way to become a Factor."""

    checked: Checked
    path: Path
    line: int
    row: dict[str, str]
    validity: str

    def wrong(self, column: str, text: str) -> None:
        self.checked.wrong(self.path, self.line, column, text)

    def factor(self) -> Factor | None:
        """Return the record, None when the row has a problem (which is then noted)."""
        before = len(self.checked.problems)
        for column in REQUIRED:
            if not self.row[column].strip():
                self.wrong(column, "is missing")
        self._check_numbers()
        self._check_lists()
        self._check_references()
        self._check_name_zh()
        year = self._year()
        start, end = self._valid(year)
        if len(self.checked.problems) > before or start is None:
            return None
        text: dict[str, Any] = {column: self.row[column] for column in COLUMNS if column in self.row}
        text |= {"year": year, "valid_from": start, "valid_to": end, "refusal": self._refusal()}
        return Factor(**text)

    def _check_numbers(self) -> None:
        for column in ("value", "uncertainty_percent", "range_low", "range_high"):
            text = self.row[column]
            if text and not _is_decimal(text):
                self.wrong(column, f"'{text}' is not a decimal number")

    def _check_lists(self) -> None:
        checks: Sequence[tuple[str, Iterable[str]]] = (
            ("confidence", CONFIDENCES),
            ("value_kind", ("", *VALUE_KINDS)),
            ("gwp_set", ("", *GWP_SETS)),
        )
        for column, allowed in checks:
            if self.row[column] and self.row[column] not in allowed:
                self.wrong(column, f"'{self.row[column]}' is none of {', '.join(filter(None, allowed))}")
        if self.row["id"] and not _ID.match(self.row["id"]):
            self.wrong("id", f"'{self.row['id']}' has other characters than a-z 0-9 . _ -")

    def _check_references(self) -> None:
        known: Sequence[tuple[str, Container[str], str]] = (
            ("source", self.checked.sources, "sources.yaml"),
            ("licence", self.checked.licences, "licences.yaml"),
            ("region", self.checked.geographies, "geographies.csv as a code"),
            ("unit", self.checked.units, "units.csv"),
        )
        for column, table, where in known:
            if self.row[column] and self.row[column] not in table:
                self.wrong(column, f"'{self.row[column]}' is not in {where}")
        unit = self.checked.units.get(self.row["unit"])
        if unit is not None and unit.is_usable and not _fits(unit, self.row["gas"]):
            self.wrong("gas", f"'{self.row['gas']}' does not fit the unit '{unit.spelling}', which counts {unit.of}")

    def _check_name_zh(self) -> None:
        source = self.checked.sources.get(self.row["source"])
        is_chinese = self.row["region"].split("-")[0] == "CN" or (source is not None and "(China)" in source.publisher)
        if is_chinese and not self.row["name_zh"].strip():
            self.wrong("name_zh", "is missing on a Chinese record")

    def _year(self) -> int:
        text = self.row["year"]
        if re.fullmatch(r"(19|20)\d\d", text):
            return int(text)
        if text:
            self.wrong("year", f"'{text}' is not a year")
        return 0

    def _valid(self, year: int) -> tuple[date | None, date | None]:
        if self.validity != "columns":
            if self.row["valid_from"] or self.row["valid_to"]:
                self.wrong("valid_from", f"is given, but the table says validity: {self.validity}")
            start = date(year, 1, 1) if year else None
            return start, date(year, 12, 31) if year and self.validity == "year" else None
        start, end = self._date("valid_from"), self._date("valid_to")
        if start is None and not self.row["valid_from"]:
            self.wrong("valid_from", "is missing")
        if start and end and end < start:
            self.wrong("valid_to", f"{end} is before valid_from {start}")
        return start, end

    def _date(self, column: str) -> date | None:
        text = self.row[column]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong(column, f"'{text}' is not a date; write YYYY-MM-DD")
            return None

    def _refusal(self) -> str:
        return refusal(
            value_kind=self.row["value_kind"],
            confidence=self.row["confidence"],
            scope_hint=self.row["scope_hint"],
            unit_is_usable=self.checked.units[self.row["unit"]].is_usable,
            licence_is_usable=self.checked.licences[self.row["licence"]].usable,
        )


def _fits(unit: FactorUnit, gas: str) -> bool:
    """Whether a record's gas can be what its unit counts: a mass of CO2e is no mass of carbon."""
    if unit.of == "co2e":
        return gas not in NO_GASES - {"CO2e"}
    return gas in GAS_OF_UNIT[unit.of] if unit.of in GAS_OF_UNIT else gas not in NO_GASES


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and text == text.strip()
    except InvalidOperation:
        return False
