"""US EPA Supply Chain GHG Emission Factors by NAICS-6 commodity, per US dollar of purchaser price.

Two CSV files of one layout: all gases as CO2e, or gas by gas. The dollar year stands in the unit and is what
tells the editions apart (2021 USD: version 1.2); the version number itself is not in the file. Every line
prints the factor to the producer's gate ('without margins'), the margins of wholesale, retail and transport,
and their sum ('with margins'); the first and the last become records.

Spending in another currency or year must be brought to dollars of that year first: the library converts no money.
Licence: work of the US federal government, public domain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from factors.importers.cells import At, decimal, slug
from factors.importers.errors import UnknownLayout
from factors.importers.files import read_csv
from factors.importers.frame import EMPTY, Collector, Imported, Progress, Table, held_source, record, step
from factors.library import Library
from factors.records import Source

PUBLISHER = "EPA Supply Chain GHG Emission Factors"
PREFIX = "epasc-usd"
HEADINGS = (
    "NAICS Code 2017",
    "NAICS Title 2017",
    "GHG",
    "Unit",
    "Supply Chain Emission Factors without Margins",
    "Margins of Supply Chain Emission Factors",
    "Supply Chain Emission Factors with Margins",
    "Reference USEEIO Code",
)
GASES: Mapping[str, str] = MappingProxyType(
    {
        "All GHGs": "CO2e",
        "Carbon dioxide": "CO2",
        "Methane": "CH4",
        "Nitrous oxide": "N2O",
        "Carbon tetrafluoride": "CF4",
        "Hexafluoroethane": "C2F6",
        "Perfluoropropane": "C3F8",
        "Perfluorocyclobutane": "c-C4F8",
        "Sulfur hexafluoride": "SF6",
        "Nitrogen trifluoride": "NF3",
        "HFC-23": "HFC-23",
        "HFC-32": "HFC-32",
        "HFC-125": "HFC-125",
        "HFC-134a": "HFC-134a",
        "HFC-143a": "HFC-143a",
        "HFC-236fa": "HFC-236fa",
    }
)
GWP_SETS: Mapping[str, str] = MappingProxyType({"2021": "AR4"})
"""The CO2e file does not name its potentials. For 2021 USD (version 1.2) the publisher's description says AR4,
and the by-gas file confirms it: its gases weighted with AR4 meet the CO2e file, those weighted with AR5 do not."""

VARIANTS = (
    (4, "without-margins", "cradle to producer's gate, purchaser price (without margins)"),
    (6, "with-margins", "cradle to point of sale, purchaser price (with margins)"),
)
_UNIT = re.compile(r"(kg CO2e|kg)/(\d{4}) USD, purchaser price")
_SHEET = "CSV"


def read(path: Path, library: Library, progress: Progress | None = None) -> Imported:
    """Return the factors of one file, CO2e or by gas.

    Raises:
        UnknownLayout: other headings, another unit, or two dollar years in one file.
        FileRefused: the file cannot be opened (its subclasses say why).
    """
    rows = read_csv(path)
    header = tuple(rows[0]) if rows else ()
    if header != HEADINGS:
        raise UnknownLayout(path.name, PUBLISHER, "header", ", ".join(HEADINGS), ", ".join(header[:12]))
    step(progress, 1, 2)
    year, by_gas = _edition(path, rows[1:])
    source = held_source(library, _source(year))
    out = Collector(library)
    mixtures: Counter[str] = Counter()
    for line, row in enumerate(rows[1:], start=2):
        out.rows += 1
        _read_row(row, line, year, source, out, mixtures)
    for gas, count in mixtures.items():
        out.problem("unknown-gas", At(_SHEET), gas=gas, count=count)
    if not by_gas and year not in GWP_SETS:
        out.problem("gwp-not-stated", At(_SHEET))
    step(progress, 2, 2)
    return out.imported(_source(year), f"{year} USD", _family(year, out), _table(year, by_gas=by_gas))


def _edition(path: Path, rows: Sequence[Sequence[str]]) -> tuple[str, bool]:
    """Return the dollar year of a file and whether it goes gas by gas."""
    units = sorted({row[3] for row in rows if len(row) == len(HEADINGS)})
    found = [_UNIT.fullmatch(unit) for unit in units]
    years = {match[2] for match in found if match}
    if None in found or len(years) != 1:
        expected = "one unit: 'kg CO2e/<year> USD, purchaser price' or 'kg/<year> USD, purchaser price'"
        raise UnknownLayout(path.name, PUBLISHER, "column 'Unit'", expected, "; ".join(units[:5]))
    return years.pop(), units[0].startswith("kg/")


def _family(year: str, out: Collector) -> tuple[str, ...]:
    """Return how the ids of this file begin: the CO2e and the by-gas file have different gases in theirs."""
    gases = sorted({slug(factor.gas) for factor in out.factors.values()})
    return tuple(f"{PREFIX}{year}-{gas}-{kind}-" for gas in gases for _, kind, _ in VARIANTS)


def _source(year: str) -> Source:
    version = " v1.2" if year == "2021" else ""
    return Source(
        id=f"epa-supply-chain-usd{year}",
        title=f"Supply Chain GHG Emission Factors for US Commodities and Industries{version}, {year} USD",
        title_zh=f"美国商品与行业供应链温室气体排放因子（{year}年美元）",
        publisher="US EPA",
        year=int(year),
        document="https://doi.org/10.23719/1528686",
        licence="us-public-domain",
        note="year is that of the dollars; the file does not print its version",
    )


def _read_row(row: Sequence[str], line: int, year: str, source: Source, out: Collector, mixtures: Counter[str]) -> None:
    if len(row) != len(HEADINGS):
        out.problem("wrong-cell-count", At(_SHEET, line), found=len(row), expected=len(HEADINGS))
        return
    code, title, ghg, unit = row[:4]
    gas = GASES.get(ghg)
    if gas is None:
        mixtures[ghg] += len(VARIANTS)
        return
    for column, kind, boundary in VARIANTS:
        at = At(_SHEET, line, HEADINGS[column])
        if row[column].strip() in EMPTY:
            out.skipped += 1
            continue
        if decimal(row[column]) is None:
            out.problem("not-a-number", at, found=row[column])
            continue
        factor = record(
            source=source,
            year=int(year),
            valid="from_year",
            id=f"{PREFIX}{year}-{slug(gas)}-{kind}-{code}",
            name_en=title,
            category="supply chain, per US dollar spent",
            scope_hint="3",
            value=row[column].strip(),
            unit=unit,
            gas=gas,
            region="US",
            page=f"NAICS {code}",
            gwp_set=GWP_SETS.get(year, "") if gas == "CO2e" else "",
            boundary=boundary,
        )
        out.add(factor, at)


def _table(year: str, *, by_gas: bool) -> Table:
    return Table(
        stem=f"epa/supply_chain_usd{year}" + ("_by_gas" if by_gas else ""),
        title=f"US supply chain factors per {year} US dollar" + (", gas by gas" if by_gas else ", CO2e"),
        title_zh=f"美国供应链排放因子（每{year}年美元）" + ("分气体" if by_gas else "二氧化碳当量"),
        what=f"Spend-based factors of the US economy by NAICS-6 commodity, purchaser price in {year} US dollars; "
        "convert currency and price year first.",
        keywords=("epa", "usa", "spend", "美国", "支出法"),
    )
