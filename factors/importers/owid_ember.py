"""Our World in Data / Ember: life-cycle carbon intensity of electricity generation, by country and year.

A CSV 'country, iso_code, year, carbon intensity in g CO2e/kWh' (a column subset of the energy data set, or the
whole of it). Values become kg CO2e/kWh, exactly. Groups of countries have no ISO code and are left out, save
the world. Not a statutory grid factor: nothing here may stand in for one.
Licence: CC BY 4.0, 'Ember; Energy Institute - processed by Our World in Data'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from factors.errors import UnknownGeography
from factors.importers.cells import At, decimal
from factors.importers.errors import UnknownLayout
from factors.importers.files import read_csv
from factors.importers.frame import Collector, Imported, Progress, Table, held_source, record, step
from factors.library import Library
from factors.records import Source

PUBLISHER = "OWID / Ember"
FAMILY = "elec-ember-"
FIRST_YEAR = 2021
"""Earlier years belong to no inventory that the library serves; they are counted as skipped."""

WORLD = "World"
NOTE = "life-cycle generation intensity, not a statutory grid factor; use only where no official factor exists"
_VALUES = ("carbon_intensity_elec", "carbon_intensity_elec_gco2e_per_kwh")
_SHEET = "CSV"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the four columns stand."""

    country: int
    iso: int
    year: int
    value: int
    heading: str
    count: int


def read(path: Path, library: Library, progress: Progress | None = None) -> Imported:
    """Return the intensities from ``FIRST_YEAR`` on.

    Raises:
        UnknownLayout: a column is missing.
        FileRefused: the file cannot be opened (its subclasses say why).
    """
    rows = read_csv(path)
    columns = _columns(path, rows[0] if rows else [])
    step(progress, 1, 2)
    years = {row[columns.year] for row in rows[1:] if len(row) > columns.year}
    latest = max((int(year) for year in years if year.isdigit()), default=0)
    if not latest:
        raise UnknownLayout(path.name, PUBLISHER, "column 'year'", "years", ", ".join(sorted(years)[:5]))
    source = held_source(library, _source(latest + 1))
    out = Collector(library)
    unknown: dict[str, tuple[int, At]] = {}
    for line, row in enumerate(rows[1:], start=2):
        out.rows += 1
        _read_row(row, line, columns, source, out, unknown)
    for place, (count, at) in unknown.items():
        out.problem("unknown-place", at, place=place, count=count)
    step(progress, 2, 2)
    # The ids carry the year last: what is held and not in the file is looked for in the whole family.
    return out.imported(source, str(latest), (FAMILY,), _table())


def _columns(path: Path, header: Sequence[str]) -> Columns:
    found = {name.strip(): index for index, name in enumerate(header)}
    heading = next((name for name in _VALUES if name in found), "")
    if not heading or not {"country", "iso_code", "year"} <= found.keys():
        expected = f"country, iso_code, year, {' or '.join(_VALUES)}"
        raise UnknownLayout(path.name, PUBLISHER, "header", expected, ", ".join(header[:12]))
    return Columns(found["country"], found["iso_code"], found["year"], found[heading], heading, len(header))


def _source(year: int) -> Source:
    """Return the release that follows the latest year of data."""
    return Source(
        id="owid-ember" if year == 2025 else f"owid-ember-{year}",
        title="Our World in Data energy data set, carbon_intensity_elec (Ember Yearly Electricity Data)",
        title_zh="Our World in Data 能源数据集 发电碳强度（Ember 年度电力数据）",
        publisher="Ember; Our World in Data",
        year=year,
        document="https://github.com/owid/energy-data ; https://ember-energy.org/data/yearly-electricity-data/",
        licence="cc-by-4.0-ember",
        note="",
    )


def _read_row(
    row: Sequence[str],
    line: int,
    columns: Columns,
    source: Source,
    out: Collector,
    unknown: dict[str, tuple[int, At]],
) -> None:
    at = At(_SHEET, line, columns.heading)
    if len(row) != columns.count:
        out.problem("wrong-cell-count", at, found=len(row), expected=columns.count)
        return
    country, year, printed = row[columns.country].strip(), row[columns.year], row[columns.value]
    is_wanted = bool(row[columns.iso].strip()) or country == WORLD
    if not printed.strip() or not is_wanted or not year.isdigit() or int(year) < FIRST_YEAR:
        out.skipped += 1
        return
    value = decimal(printed)
    if value is None:
        out.problem("not-a-number", at, found=printed)
        return
    region = _region(out.library, country, row[columns.iso].strip())
    if not region:
        count, place = unknown.get(country, (0, at))
        unknown[country] = (count + 1, place)
        return
    out.add(record(**_columns_of(out.library, region, country, int(year), value), source=source), at)


def _region(library: Library, country: str, iso: str) -> str:
    """Return our code of a country by its name, else by its ISO code; '' when neither is known."""
    for name in filter(None, (country, iso)):
        try:
            return library.geographies.resolve(name)
        except UnknownGeography:
            continue
    return ""


def _columns_of(library: Library, region: str, country: str, year: int, grams: Decimal) -> Mapping[str, Any]:
    """Return the record's columns; g/kWh become kg/kWh by moving the decimal point."""
    name_zh = "世界" if region == "GLO" else library.geographies.by_code[region].name_zh
    return {
        "id": f"{FAMILY}{region.lower()}-{year}",
        "name_en": f"Electricity generation carbon intensity, {country}",
        "name_zh": f"{name_zh}发电碳强度",
        "category": "electricity life-cycle intensity",
        "scope_hint": "2 (proxy)",
        "value": f"{grams.scaleb(-3).normalize():f}",
        "unit": "kg CO2e/kWh",
        "gas": "CO2e",
        "year": year,
        "region": region,
        "page": "carbon_intensity_elec",
        "confidence": "medium",
        "note": NOTE,
    }


def _table() -> Table:
    return Table(
        stem="electricity/lifecycle_ember",
        title="Electricity generation, life-cycle intensity by country",
        title_zh="各国发电生命周期碳强度",
        what="Life-cycle greenhouse-gas intensity of generation; not a statutory grid factor.",
        keywords=("electricity", "power", "电力", "发电", "生命周期"),
    )
