"""Material data sheets (CAMDS, IMDS) as parts: masses of the materials of each part, by class, from CSV or XLSX.

    found = read(Path("housing.csv"), sources={"aluminium_cast": {"activity": "purchased_primary_aluminium"}})
    data["parts"] += found.parts

A sheet says what a part is made of and not who supplies it: a class that ``sources`` does not name asks for a supplier
called after it, and the model says so until there is one. Several classes are never put together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from factors.errors import FactorsError
from factors.near import near
from factors.strict_yaml import LINE
from factors.units import dimension, multiplier
from lca.footprint_method import load
from lca.record_reading import decimal
from service.activities.cells import Findings
from service.activities.columns import fold
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.textfile import fingerprint
from service.activities.workbook import is_workbook, open_workbook
from service.fields import Field
from service.products.columns import MARKS, Column, Kind
from service.products.refusals import ModelFileInvalid
from service.products.tables import Row, rows, sheet_source, text_source, value
from service.products.workbook_models import MOST_ROWS

GAP_OF = "auto.calcm"
"""The method that says how far the materials of a vehicle may miss its mass."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MaterialClass:
    """A class of material, by its number in the sheets."""

    id: str
    code: str
    zh: str
    en: str
    group: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every way to write it."""
        return (self.id, self.code, self.zh, self.en, f"{self.code} {self.zh}", f"{self.code} {self.en}", *self.aliases)


@dataclass(frozen=True, slots=True)
class MaterialSheet:
    """The parts of a sheet as a model file has them, and what a person should look at."""

    parts: list[Data]
    warnings: tuple[Problem, ...]


@lru_cache(maxsize=1)
def classes() -> Mapping[str, MaterialClass]:
    """Return the classes of material by id."""
    text = resources.files("service.products").joinpath("material_classes.yaml").read_text(encoding="utf-8")
    return {
        key: MaterialClass(key, **{**said, "aliases": tuple(said.get("aliases", ()))})
        for key, said in yaml.safe_load(text).items()
    }


@lru_cache(maxsize=1)
def _spelled() -> Mapping[str, MaterialClass]:
    return {fold(spelling): one for one in classes().values() for spelling in one.spellings}


def gap_percent() -> Decimal:
    """Return how far the masses of materials may miss that of their part, in percent."""
    return Decimal(load(GAP_OF).parameters["mass_gap"].value)


def read(
    path: Path,
    *,
    sources: Mapping[str, Mapping[str, str]] | None = None,
    limit: Decimal | None = None,
    limits: Limits | None = None,
) -> MaterialSheet:
    """Read a material data sheet; a row without a part belongs to the part above it.

    Args:
        path: CSV, or XLSX whose first sheet with such columns is taken.
        sources: who supplies a class of material, by its id; a supplier called after the class where none is named.
        limit: percent by which the masses may differ from the part's; that of the method by default.
        limits: what a file may cost.

    Raises:
        ModelFileInvalid: everything that is wrong with it, unknown classes with the names near them.
        OSError: it cannot be opened.
    """
    findings = Findings()
    try:
        found = _rows(path, findings, limits or Limits())
    except FileRefused as refused:
        raise ModelFileInvalid([Problem(refused.code, refused.sheet, params=refused.params)]) from refused
    reader = _Reader(findings, sources or {}, gap_percent() if limit is None else limit)
    parts = reader.parts(found)
    if not parts and not findings.errors:
        findings.add(Problem("no-rows"))
    if findings.errors:
        raise ModelFileInvalid(findings.errors)
    return MaterialSheet(parts, tuple(findings.warnings))


# --- the table -----------------------------------------------------------------------------------


def _column(name: str, kind: Kind, zh: str, en: str, *aliases: str, required: bool = False) -> Column:
    return Column(Field(name, "text", zh, en, required, aliases), (name,), kind)


COLUMNS = (
    Column(Field("mark", "choice", "标记", "Mark", False, (), MARKS), ("mark",), "choice"),
    _column(
        "part", "text", "部件号", "Part number", "零件号", "零部件号", "部件代码", "part no", "part id", required=True
    ),
    _column("zh", "text", "部件名称", "Part name", "零件名称", "零部件名称", "description", "component name"),
    _column("en", "text", "部件英文名称", "Part name (English)"),
    _column("quantity", "number", "件数", "Quantity", "数量", "pieces"),
    _column("part_mass_kg", "number", "部件质量（kg）", "Part mass, kg", "部件重量（kg）", "part weight kg"),
    _column("part_mass_g", "number", "部件质量（g）", "Part mass, g", "部件重量（g）", "零件重量(g)", "part weight g"),
    _column("part_mass", "number", "部件质量", "Part mass", "部件重量", "零件重量", "part weight", "weight of part"),
    _column("material", "text", "材料名称", "Material name", "材料", "material", "材料牌号"),
    _column(
        "class", "text", "材料类别", "Material class", "材料分类", "分类号", "材料分类号", "classification",
        "vda classification", "material classification", required=True,
    ),
    _column("mass_kg", "number", "材料质量（kg）", "Material mass, kg", "材料重量（kg）", "material weight kg"),
    _column("mass_g", "number", "材料质量（g）", "Material mass, g", "材料重量（g）", "material weight g"),
    _column("mass", "number", "材料质量", "Material mass", "质量", "重量", "mass", "weight", "material weight"),
    _column("unit", "text", "质量单位", "Mass unit", "单位", "unit"),
    _column("percent", "percent", "质量占比（%）", "Share of the part, %", "占比", "portion", "portion %"),
    _column("pre_consumer", "percent", "消费前再生含量（%）", "Pre-consumer content, %", "post-industrial %"),
    _column("post_consumer", "percent", "消费后再生含量（%）", "Post-consumer content, %", "post-consumer %"),
)  # fmt: skip
_BY_NAME = {one.name: one for one in COLUMNS}
_FIELDS = tuple(one.field for one in COLUMNS)


def _rows(path: Path, findings: Findings, limits: Limits) -> list[Row]:
    fingerprint(path, limits)  # refuses what is empty or too large
    if not is_workbook(path):
        return list(rows(text_source(path), _FIELDS, findings, MOST_ROWS))
    book = open_workbook(path, limits)
    for name in book.sheets:
        source, own = sheet_source(book, name), Findings()
        found = list(rows(source, _FIELDS, own, MOST_ROWS))
        if found or name == book.sheets[-1]:
            findings.errors += own.errors
            findings.warnings += own.warnings
            return found
    return []


# --- rows as parts -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """A part whose materials are being gathered."""

    row: Row
    data: Data
    mass_kg: Decimal | None
    sum_kg: Decimal = Decimal(0)
    is_whole: bool = True  # every material of it has a mass
    ids: Counter[str] = field(default_factory=Counter)


class _Reader:
    """Gathers rows into parts and holds their masses against each other."""

    def __init__(self, findings: Findings, sources: Mapping[str, Mapping[str, str]], limit: Decimal) -> None:
        self.findings, self.sources, self.limit = findings, sources, limit
        self.made: dict[str, _Open] = {}

    def parts(self, found: Sequence[Row]) -> list[Data]:
        """Return the parts of all rows."""
        name = ""
        for row in found:
            name = row.get("part") or name
            if not name:
                self.findings.add(row.problem("material-without-part", "part"))
                continue
            part = self.part(row, name)
            self.material(row, part)
        for part in self.made.values():
            self.weigh(part)
        return [one.data for one in self.made.values()]

    def part(self, row: Row, name: str) -> _Open:
        """Return the part that a row belongs to; what its rows say of it has to be the same."""
        mass = self.mass(row, "part_mass")
        said = {key: self.text(row, key) for key in ("zh", "en", "quantity")}
        if name not in self.made:
            data = {"id": name, **{key: text for key, text in said.items() if text}, LINE: str(row.number), "parts": []}
            if mass is not None:
                data["mass_kg"] = _plain(mass)
            self.made[name] = _Open(row, data, mass)
            return self.made[name]
        known = self.made[name]
        differs = [key for key, text in said.items() if text and text != known.data.get(key)]
        if mass is not None and mass != known.mass_kg:
            differs.append("part_mass")
        for key in differs:
            header = _BY_NAME[key].field
            self.findings.add(row.problem("part-renamed", key, id=name, column=f"“{header.zh} {header.en}”"))
        return known

    def material(self, row: Row, part: _Open) -> None:
        """Add the material of a row to its part."""
        kind = self.kind(row)
        mass = self.mass(row, "mass")
        percent = self.number(row, "percent")
        if mass is None and percent is not None and part.mass_kg is not None:
            mass = part.mass_kg * percent / 100
        said = {"mass", "mass_g", "mass_kg"} & (row.cells.keys() | row.bad)
        if mass is None and not said and "percent" not in row.bad:
            self.findings.add(row.problem("mass-missing", "mass"))
        if kind is None or mass is None:
            part.is_whole = False
            return
        part.sum_kg += mass
        part.ids[kind.id] += 1
        count = part.ids[kind.id]
        made: Data = {
            "id": kind.id if count == 1 else f"{kind.id}_{count}",
            "zh": self.text(row, "material") or kind.zh,
            "en": kind.en,
            "mass_kg": _plain(mass),
            "from": dict(self.sources.get(kind.id, {"supplier": kind.id})),
            "stage": "raw_materials",
            LINE: str(row.number),
        }
        shares = {key: self.number(row, key) for key in ("pre_consumer", "post_consumer")}
        recycled = {key: _plain(share / 100) for key, share in shares.items() if share}
        if recycled:
            made["recycling"] = {"material": kind.group, **recycled}
        part.data["parts"].append(made)

    def kind(self, row: Row) -> MaterialClass | None:
        """Return the class of a row's material."""
        text = row.get("class")
        if not text:
            if "class" not in row.bad:
                self.findings.add(row.problem("required", "class"))
            return None
        found = _spelled().get(fold(text.rstrip(".")))
        if found is None:
            self.findings.add(_unknown(row, text))
        return found

    def mass(self, row: Row, name: str) -> Decimal | None:
        """Return a mass in kg, from the column that says its unit or with the unit of the row."""
        for key, unit in ((f"{name}_kg", "kg"), (f"{name}_g", "g"), (name, row.get("unit"))):
            number = self.number(row, key)
            if number is None:
                continue
            if not unit or not _is_mass(unit):
                self.findings.add(row.problem("mass-unit", "unit", unit=unit or "-"))
                return None
            return number * multiplier(unit, "kg")
        return None

    def number(self, row: Row, name: str) -> Decimal | None:
        text = self.text(row, name)
        found = decimal(text) if text else None
        if text and (found is None or found < 0):
            self.findings.add(
                row.problem("not-a-number", name) if found is None else row.problem("number-low", name, low="0")
            )
            return None
        return found

    def text(self, row: Row, name: str) -> str:
        return value(row, _BY_NAME[name], self.findings) if name in row.cells else ""

    def weigh(self, part: _Open) -> None:
        """Warn where the materials of a part do not weigh what it weighs."""
        if part.mass_kg is None or not part.mass_kg or not part.is_whole:
            return
        gap = abs(part.sum_kg - part.mass_kg) / part.mass_kg * 100
        if gap > self.limit:
            params = {
                "sum": _plain(part.sum_kg), "mass": _plain(part.mass_kg), "percent": f"{gap:.1f}",
                "limit": f"{self.limit:f}",
            }  # fmt: skip
            self.findings.add(part.row.problem("mass-differs", "part_mass", **params))


def _is_mass(unit: str) -> bool:
    try:
        return dimension(unit) == "mass"
    except FactorsError:
        return False


def _unknown(row: Row, text: str) -> Problem:
    """Ask back about a class that is none: the classes below a heading, or the names near it."""
    below = [one for one in classes().values() if one.code.startswith(f"{text.rstrip('.')}.")]
    if below:
        zh, en = (
            "、".join(f"{one.code} {one.zh}" for one in below),
            "; ".join(f"{one.code} {one.en}" for one in below),
        )
        return row.problem("class-general", "class", code=text, near_zh=zh, near_en=en)
    names = {spelling: one for one in classes().values() for spelling in one.spellings}
    close = list(dict.fromkeys(names[name] for name in near(text, names)))
    zh = "、".join(f"{one.code} {one.zh}" for one in close) or "-"
    en = "; ".join(f"{one.code} {one.en}" for one in close) or "-"
    return row.problem("class-unknown", "class", near_zh=zh, near_en=en)


def _plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
