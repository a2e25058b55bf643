"""ADEME Base Carbone: the export with 67 columns, semicolons, Windows-1252 and decimal commas.

An 'Elément' line is a factor; 'Poste' lines under it are its parts (upstream, combustion, making …), and both
may be split by gas. Gas columns are in kg CO2e: already weighted; CO2b is biogenic carbon dioxide and stands
beside the total. The export names neither its version nor its warming potentials.

An element keeps its number through all versions while its value may change, so a record is named by the
element and the year of its last change: 'ademe-14087-2014'. Unchanged elements of a later export are the same
records. Accents play no part in recognising columns and in ids: some copies have them damaged.
Licence: Licence Ouverte / Open Licence (Etalab) 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from factors.errors import UnknownGeography
from factors.importers.cells import At, decimal, folded, slug
from factors.importers.errors import UnknownLayout
from factors.importers.files import read_csv
from factors.importers.frame import EMPTY, Collector, Imported, Progress, Table, held_source, record, step
from factors.library import Library
from factors.records import Source

PUBLISHER = "ADEME Base Carbone"
PREFIX = "ademe-"
HELD_PREFIX = "mat-ademe-"  # three elements that the library held as materials before there was an importer

LINE, ELEMENT, STRUCTURE, STATUS = "Type Ligne", "Identifiant de l'élément", "Structure", "Statut de l'élément"
KIND, CATEGORY, UNIT, TOTAL = "Type de l'élément", "Code de la catégorie", "Unité français", "Total poste non décomposé"
CREATED, CHANGED, VALID, UNCERTAINTY = "Date de création", "Date de modification", "Période de validité", "Incertitude"
PLACE, SUBPLACE_EN, SUBPLACE_FR = (
    "Localisation géographique",
    "Sous-localisation géographique anglais",
    "Sous-localisation géographique français",
)
PART, PART_NAME = "Type poste", "Nom poste français"
NAMES = tuple((f"Nom {what} anglais", f"Nom {what} français") for what in ("base", "attribut", "frontière"))
GASES: Mapping[str, str] = MappingProxyType(
    {"CO2f": "CO2", "CH4f": "CH4_fossil", "CH4b": "CH4_biogenic", "N2O": "N2O", "Autres GES": "CO2e"}
)
BIOGENIC = "CO2b"
EXTRA = tuple((f"Code gaz supplémentaire {n}", f"Valeur gaz supplémentaire {n}") for n in range(1, 6))
COLUMNS = (
    LINE, ELEMENT, STRUCTURE, STATUS, KIND, CATEGORY, UNIT, TOTAL, CREATED, CHANGED, VALID, UNCERTAINTY, PLACE,
    SUBPLACE_EN, SUBPLACE_FR, PART, PART_NAME, *(name for pair in NAMES for name in pair), *GASES, BIOGENIC,
    *(name for pair in EXTRA for name in pair),
)  # fmt: skip

PLACES: Mapping[str, str] = MappingProxyType({"France continentale": "FR", "Monde": "GLO"})
CONFIDENCE: Mapping[str, str] = MappingProxyType(
    {
        folded("Valide générique"): "high",
        folded("Valide spécifique"): "high",
        folded("Archivé"): "superseded",
    }
)
FACTOR = folded("Facteur d'émission")
_SHEET = "CSV"
_DAMAGED = re.compile(r"\w*(?:iére|éade|oéque|\ufffd)\w*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the export by the names of its columns."""

    number: int
    cells: Mapping[str, str]

    def at(self, column: str) -> At:
        """Return the place of one of its cells."""
        return At(_SHEET, self.number, column)

    @property
    def changed(self) -> date | None:
        """The day of its last change, else of its making."""
        for column in (CHANGED, CREATED):
            try:
                return datetime.strptime(self.cells[column].split(" ")[0], "%d/%m/%Y").date()  # noqa: DTZ007  a day
            except ValueError:
                continue
        return None


def read(path: Path, library: Library, progress: Progress | None = None) -> Imported:
    """Return the elements and parts of an export; its edition is the year of the latest change in it.

    Raises:
        UnknownLayout: a column is missing, or no line has a date.
        FileRefused: the file cannot be opened (its subclasses say why).
    """
    rows = read_csv(path, delimiter=";", encodings=("utf-8-sig", "cp1252"))
    out = Collector(library)
    lines = _lines(path, rows, out)
    step(progress, 1, 2)
    latest = max(filter(None, (line.changed for line in lines)), default=None)
    if latest is None:
        raise UnknownLayout(path.name, PUBLISHER, f"column '{CHANGED}'", "days as dd/mm/yyyy", "")
    source = held_source(library, _source(latest))
    _check_accents(lines, out)
    for line in lines:
        out.rows += 1
        _read_line(line, source, out)
    step(progress, 2, 2)
    return out.imported(_source(latest), str(latest.year), (PREFIX, HELD_PREFIX), _table(latest.year))


def _lines(path: Path, rows: Sequence[Sequence[str]], out: Collector) -> list[Line]:
    header = rows[0] if rows else []
    known = {folded(name): name for name in COLUMNS}
    names = [known.get(folded(name), name) for name in header]
    if missing := [name for name in COLUMNS if name not in names]:
        raise UnknownLayout(path.name, PUBLISHER, "header", f"the columns {', '.join(missing)}", ", ".join(header[:12]))
    lines = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) == len(header):
            lines.append(Line(number, dict(zip(names, (" ".join(cell.split()) for cell in row), strict=True))))
        else:
            out.problem("wrong-cell-count", At(_SHEET, number), found=len(row), expected=len(header))
    return lines


def _check_accents(lines: Sequence[Line], out: Collector) -> None:
    """Report a copy in which other accents were turned into é (or lost): 'Matiéres premiéres', 'faéade'."""
    words = " ".join(cell for line in lines for cell in line.cells.values())
    damaged = _DAMAGED.findall(words)
    if damaged:
        out.problem("damaged-accents", At(_SHEET), example=", ".join(dict.fromkeys(damaged[:3])))


def _source(latest: date) -> Source:
    return Source(
        id=f"ademe-base-carbone-{latest.year}",
        title=f"Base Carbone, export (latest change {latest.isoformat()})",
        title_zh="法国环境与能源管理署碳数据库",
        publisher="ADEME",
        year=latest.year,
        document="https://base-empreinte.ademe.fr/",
        licence="licence-ouverte-2.0",
        note="the export does not print its version",
    )


def _read_line(line: Line, source: Source, out: Collector) -> None:
    changed = line.changed
    confidence = CONFIDENCE.get(folded(line.cells[STATUS]))
    if folded(line.cells[KIND]) != FACTOR or changed is None:
        out.skipped += 1
        return
    if confidence is None:
        out.problem("unknown-status", line.at(STATUS), found=line.cells[STATUS])
        return
    region = _region(line, out.library)
    if not region:
        out.problem("unknown-place", line.at(PLACE), place=_place(line), count=1)
        return
    common = _common(line, source, changed.year, confidence, region, out.library)
    total = _value(line, TOTAL, out)
    if total is not None:
        out.add(record(**common, value=str(total), gas="CO2e"), line.at(TOTAL))
    if "gaz" in line.cells[STRUCTURE]:
        parts = _read_gases(line, common, out)
        if total is not None and abs(parts - total) > abs(total) / 50:
            out.problem("gases-do-not-add-up", line.at(TOTAL), sum=parts, total=total)


def _common(line: Line, source: Source, year: int, confidence: str, region: str, library: Library) -> Mapping[str, Any]:
    """Return the columns that all records of a line share; the id is that of its total."""
    element = line.cells[ELEMENT]
    part = ", ".join(filter(None, (line.cells[PART], line.cells[PART_NAME])))
    name = " | ".join(filter(None, (line.cells[english] or line.cells[french] for english, french in NAMES)))
    held = library.factors.get(f"{HELD_PREFIX}{element}")
    ident = held.id if held is not None and held.year == year else f"{PREFIX}{element}-{year}"
    counterpart = library.factors.get(ident)
    return {
        "source": source,
        "year": year,
        "valid": "from_year",
        "id": f"{ident}-{slug(part)}" if part else ident,
        "name_en": f"{name} - {part}" if part else name,
        "name_zh": counterpart.name_zh if counterpart else "",
        "category": line.cells[CATEGORY],
        "unit": line.cells[UNIT],
        "region": region,
        "page": f"element {element}" + (f", {part}" if part else ""),
        "confidence": confidence,
        "uncertainty_percent": _uncertainty(line),
        "note": f"validity stated by the publisher: {line.cells[VALID]}" if line.cells[VALID] else "",
        "boundary": part,
    }


def _read_gases(line: Line, common: Mapping[str, Any], out: Collector) -> Decimal:
    """Take the gases of a line that are not zero; return their sum, biogenic carbon dioxide left out."""
    total = Decimal(0)
    columns = [(column, column, gas) for column, gas in GASES.items()]
    columns += [(value, line.cells[code] or "autre", line.cells[code]) for code, value in EXTRA]
    for column, label, gas in columns:
        if value := _value(line, column, out):
            total += value
            # 'Divers' (contrails, for one) is no gas: its CO2e is all that is known.
            named = gas if gas and gas != "Divers" else "CO2e"
            given = {**common, "id": f"{common['id']}-{slug(label)}", "name_en": f"{common['name_en']} ({label})"}
            out.add(record(**given, value=str(value), gas=named), line.at(column))
    if value := _value(line, BIOGENIC, out):
        given = {**common, "id": f"{common['id']}-co2b", "name_en": f"{common['name_en']} (CO2b)"}
        out.add(record(**given, value=str(value), gas="CO2_biogenic", scope_hint="outside"), line.at(BIOGENIC))
    return total


def _value(line: Line, column: str, out: Collector) -> Decimal | None:
    """Return a number printed with a decimal comma, None when there is none (text is reported)."""
    found = line.cells[column]
    if found in EMPTY:
        out.skipped += 1
        return None
    value = decimal(found, comma=True)
    if value is None:
        out.problem("not-a-number", line.at(column), found=found)
    return value


def _uncertainty(line: Line) -> str:
    value = decimal(line.cells[UNCERTAINTY], comma=True)
    return "" if value is None else str(value)


def _place(line: Line) -> str:
    return line.cells[SUBPLACE_EN] or line.cells[SUBPLACE_FR] or line.cells[PLACE]


def _region(line: Line, library: Library) -> str:
    """Return our code of the place, '' when it is not known: a part of a country never becomes the country."""
    place = _place(line)
    if place in PLACES:
        return PLACES[place]
    try:
        return library.geographies.resolve(place)
    except UnknownGeography:
        return ""


def _table(year: int) -> Table:
    return Table(
        stem=f"ademe/base_carbone_{year}",
        title=f"ADEME Base Carbone, changes up to {year}",
        title_zh=f"法国 ADEME 碳数据库（截至{year}年）",
        what="Factors of the Base Carbone and their parts; gas columns are already weighted to CO2e. A part is "
        "never the whole.",
        keywords=("ademe", "base carbone", "france", "法国"),
    )
