"""UK government conversion factors (DEFRA, BEIS, now DESNZ): the flat file and the older workbooks.

- *flat file* (2025): sheet 'Factors by Category', one value per row, with the publisher's own row ids;
- *condensed* and *standard set* (2021 .xls, 2023, 2024): a sheet per activity, read by ``desnz_sets``.

Every CO2, CH4 and N2O column is in kg CO2e: already weighted, never to be weighted again. The warming
potentials are those of AR5 from the edition of 2023, of AR4 before.
Licence: Open Government Licence v3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from factors.importers.cells import At, letters
from factors.importers.errors import UnknownLayout
from factors.importers.files import Sheet, read_workbook
from factors.importers.frame import (
    Collector,
    Editions,
    Imported,
    Progress,
    Table,
    editions,
    first,
    held_source,
    record,
    step,
)
from factors.library import Library
from factors.records import Factor, Source

PUBLISHER = "DESNZ"
PREFIX = "desnz"
TITLE = "UK Government GHG Conversion Factors for Company Reporting"
FLAT = "Factors by Category"
FLAT_HEADINGS = ("ID", "Scope", "Level 1", "Level 2", "Level 3", "Level 4", "Column Text", "UOM", "GHG/Unit")
SETS = ("Condensed set", "Standard set", "Full set")
AR5_SINCE = 2023

SCOPES: Mapping[str, str] = {"Scope 1": "1", "Scope 2": "2", "Scope 3": "3", "Outside of Scopes": "outside"}

GHG: Mapping[str, tuple[str, str]] = {
    # heading -> (numerator as our unit prints it, gas)
    "kg CO2e": ("kg CO2e", "CO2e"),
    "kg CO2e of CO2 per unit": ("kg CO2e", "CO2"),
    "kg CO2e of CH4 per unit": ("kg CO2e", "CH4"),
    "kg CO2e of N2O per unit": ("kg CO2e", "N2O"),
    # The set of 2021 leaves "CO2e of … per unit" away; that its columns add up to the total shows what they are.
    "kg CO2": ("kg CO2e", "CO2"),
    "kg CH4": ("kg CO2e", "CH4"),
    "kg N2O": ("kg CO2e", "N2O"),
    "kWh (Net CV)": ("kWh", "energy"),
    "kWh (net)": ("kWh", "energy"),
}


@dataclass(frozen=True, slots=True)
class Edition:
    """What the file says it is, on its first sheet."""

    year: int
    factor_set: str
    version: str

    @property
    def gwp_set(self) -> str:
        """The warming potentials behind the CO2e of this edition."""
        return "AR5" if self.year >= AR5_SINCE else "AR4"

    def source(self) -> Source:
        """Return the publication."""
        return Source(
            id=f"desnz-{self.year}",
            title=f"{TITLE} {self.year}, {self.factor_set.lower()} v{self.version}",
            title_zh=f"英国政府企业报告温室气体转换因子 {self.year}",
            publisher="DESNZ (UK)" if self.year >= AR5_SINCE else "BEIS (UK)",
            year=self.year,
            document="https://www.gov.uk/government/publications/"
            f"greenhouse-gas-reporting-conversion-factors-{self.year}",
            licence="ogl-3.0",
            note="",
        )

    def table(self) -> Table:
        """Return how our table of this edition is described."""
        return Table(
            stem=f"desnz/{self.year}",
            title=f"DESNZ {self.year} conversion factors",
            title_zh=f"英国 DESNZ {self.year} 转换因子",
            what=f"{self.factor_set}; CO2, CH4 and N2O columns are already weighted to CO2e ({self.gwp_set}) "
            "and must not be weighted again.",
            keywords=("defra", "beis", "英国"),
        )


@dataclass
class Reading:
    """What is at hand while one file is read."""

    edition: Edition
    source: Source
    held: Editions
    out: Collector
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)  # row -> gas -> value
    sums_at: dict[str, At] = field(default_factory=dict)

    def add(self, factor: Factor, at: At, group: str) -> None:
        """Take one record; ``group`` names the row whose gases belong together."""
        self.out.add(factor, at)
        self.sums.setdefault(group, {})[factor.gas] = factor.number
        self.sums_at.setdefault(group, at)

    def check_sums(self) -> None:
        """Report rows whose gases do not add up to their total.

        The sum shows that a CH4 column is weighted CO2e and not a mass of methane: printed masses would miss
        the total. Rounding each part to five decimals moves it by up to 2e-5; half a percent is left for
        the publisher's own rounding of small values.
        """
        for group, gases in self.sums.items():
            if {"CO2e", "CO2", "CH4", "N2O"} <= gases.keys():
                parts, total = gases["CO2"] + gases["CH4"] + gases["N2O"], gases["CO2e"]
                if abs(parts - total) > max(Decimal("0.00003"), abs(total) / 200):
                    self.out.problem("gases-do-not-add-up", self.sums_at[group], sum=parts, total=total)


def read(path: Path, library: Library, progress: Progress | None = None) -> Imported:
    """Return the factors of a DESNZ file of any known layout; the edition is read from its first sheet.

    Raises:
        UnknownLayout: title, factor set or headings are not the publisher's.
        FileRefused: the file cannot be opened (its subclasses say why).
    """
    from factors.importers import desnz_sets

    sheets = read_workbook(path)
    step(progress, 1, 3)
    edition = _edition(path, sheets)
    source = held_source(library, edition.source())
    reading = Reading(edition, source, editions(library, PREFIX), Collector(library))
    if FLAT in sheets:
        _read_flat(path, sheets[FLAT], reading)
    elif edition.factor_set in SETS:
        desnz_sets.read_sheets(path, sheets, reading)
    else:
        raise UnknownLayout(path.name, PUBLISHER, "'Factor set:'", " or ".join(SETS), edition.factor_set)
    step(progress, 2, 3)
    reading.check_sums()
    step(progress, 3, 3)
    return reading.out.imported(edition.source(), str(edition.year), (f"{PREFIX}{edition.year}-",), edition.table())


def labelled(sheet: Sheet) -> Mapping[str, str]:
    """Return what stands after each label ('Year:') in the head of a sheet."""
    found: dict[str, str] = {}
    for row in range(min(8, len(sheet.rows))):
        words = sheet.words(row)
        for index, word in enumerate(words):
            if word.endswith(":"):
                found.setdefault(word, first(filter(None, words[index + 1 : index + 2])))
    return found


def _edition(path: Path, sheets: Mapping[str, Sheet]) -> Edition:
    front = next(iter(sheets.values()), Sheet("", ()))
    title = first(word for row in range(min(3, len(front.rows))) for word in front.words(row) if word)
    if title != TITLE:
        raise UnknownLayout(path.name, PUBLISHER, f"title of sheet '{front.name}'", f"'{TITLE}'", f"'{title}'")
    labels = labelled(front)
    year = labels.get("Year:", "")
    if not (year.isdigit() and len(year) == 4):
        raise UnknownLayout(path.name, PUBLISHER, f"'Year:' on sheet '{front.name}'", "a year", f"'{year}'")
    return Edition(int(year), labels.get("Factor set:", ""), labels.get("Version:", ""))


def _read_flat(path: Path, sheet: Sheet, reading: Reading) -> None:
    headings = (*FLAT_HEADINGS, f"GHG Conversion Factor {reading.edition.year}")
    top = next((row for row in range(min(15, len(sheet.rows))) if sheet.text(row, 0) == "ID"), 5)
    found = tuple(sheet.words(top)[: len(headings)]) if top < len(sheet.rows) else ()
    if found != headings:
        place = f"row {top + 1} of sheet '{FLAT}'"
        raise UnknownLayout(path.name, PUBLISHER, place, ", ".join(headings), ", ".join(found))
    ids = _held_ids(reading)
    for row in range(top + 1, len(sheet.rows)):
        if not sheet.text(row, 0):
            continue  # the last rows: one empty, one that says END
        reading.out.rows += 1
        _flat_row(sheet, row, reading, ids)


def _held_ids(reading: Reading) -> Mapping[str, str]:
    """Return page -> id of what the library holds of this edition, should it hold it under other ids."""
    year = reading.edition.year
    return {factor.page: factor.id for factor in reading.held.by_year.get(year, {}).values()}


def _flat_row(sheet: Sheet, row: int, reading: Reading, ids: Mapping[str, str]) -> None:
    ident, scope, category, *levels, unit, ghg = (sheet.text(row, column) for column in range(9))
    at = At(FLAT, row + 1, letters(9))
    value = reading.out.number(sheet.cell(row, 9), at)
    if value is None:
        return
    if ghg not in GHG or scope not in SCOPES:
        unknown = ghg if ghg not in GHG else scope
        reading.out.problem("unknown-heading", at, found=unknown)
        return
    numerator, gas = GHG[ghg]
    group, _, column = ident.rpartition("_")
    page = f"row {group}, column {column}"
    tail = ident.replace("_", "-")
    own = f"{PREFIX}{reading.edition.year}-{tail}"
    if gas == "CO2e" and own not in reading.out.library.factors:
        # The edition of 2026 is held from a copy of its CO2e column: ids of its own, pages that name the row alone.
        own = ids.get(f"row {group}", own)
    factor = record(
        source=reading.source,
        year=reading.edition.year,
        id=own,
        name_en=" | ".join(filter(None, levels)),
        name_zh=reading.held.name_zh(tail),
        category=category,
        scope_hint=SCOPES[scope],
        value=value,
        unit=f"{numerator}/{unit}",
        gas=gas,
        region="GB",
        page=page,
        gwp_set="" if gas == "energy" else reading.edition.gwp_set,
    )
    reading.add(factor, at, group)
