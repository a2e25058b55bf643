"""A frozen footprint by modules of EN 15804, as the formats of declarations want it: climate indicators, nothing else.

The statement holds GWP alone. It is no environmental product declaration, and every document made of it says so.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lca.days import years_after
from lca.errors import ExportImpossible, ExportLacks, SnapshotInvalid
from lca.exporters.frozen import AGREED, amount_of, converted, gwp_sets, identifier, mass_of, name_of
from lca.flaws import Flaw
from lca.footprint import summed
from lca.footprint_method import FootprintMethod, from_record
from lca.greenhouse import AIRCRAFT, BIOGENIC, FOSSIL, LAND_USE, REMOVAL
from lca.modules import BEYOND, MODULES, Gwp, sum_of, undeclared
from lca.numbers import canonical, total
from lca.record_reading import decimal
from lca.snapshot import digest

Record = Mapping[str, Any]

METHOD = "en15804.a2"
POTENTIALS = "AR6"

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "fossil": (FOSSIL, AIRCRAFT),
    "biogenic": (BIOGENIC, REMOVAL),
    "luluc": (LAND_USE,),
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Said:
    """What the maker states beside a snapshot; empty is not stated."""

    name_en: str = ""  # of the product, where the model has none
    owner: str = ""  # where the model names no organisation
    valid_until: str = ""  # ISO date, where it is earlier than the method's


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that a declaration-like document says of a footprint."""

    name_zh: str
    name_en: str
    owner: str
    created: date
    valid_until: date
    reference_year: str
    region: str
    amount: str  # of ``unit``, one of those that the format knows
    unit: str
    mass_kg: str  # of that amount, '' where nobody says
    carbon_biogenic_kg: str
    modules: Mapping[str, Gwp]  # declared ones alone, in the standard's order
    version: int
    identifier: str  # UUID of what is said of the snapshot
    sha256: str
    notes: tuple[str, ...]  # English sentences that go into every document


def statement(snapshot: Record, said: Said, units: Sequence[str], name: str) -> Statement:
    """Return what there is to say, in one of the units that a format knows.

    Raises:
        ExportLacks: an English name or an owner is missing.
        ExportImpossible: another method, other potentials, a unit that the format lacks, too long a validity.
        SnapshotInvalid: the modules do not add up to the result.
    """
    method = from_record(snapshot["method"])
    if method.id != METHOD:
        raise ExportImpossible(name, [Flaw("export-method", {"method": method.id, "wanted": METHOD})])
    model = snapshot["model"]
    missing: list[str] = []
    flaws: list[Flaw] = []
    product = _needed("name_en", said.name_en or str(model["name"].get("en", "")), missing)
    owner = _needed("owner", said.owner or name_of(model.get("organisation", {})), missing)
    unit = model["unit"]["unit"]
    amount = converted(amount_of(snapshot), unit, units)
    if amount is None:
        flaws.append(Flaw("export-unit", {"unit": unit, "known": ", ".join(units)}))
        amount = ("1", unit)
    elif decimal(amount[0]) is None or float(amount[0]) <= 0:
        flaws.append(Flaw("value-refused", {"key": "unit.amount", "value": amount[0], "wanted": "> 0"}))
    if set(snapshot["gwp"]) != {POTENTIALS}:
        flaws.append(Flaw("value-refused", {"key": "gwp", "value": ", ".join(snapshot["gwp"]), "wanted": POTENTIALS}))
    created = date.fromisoformat(snapshot["footprint"]["created"][:10])
    until = _until(created, said.valid_until, method, flaws)
    if flaws:
        raise ExportImpossible(name, flaws)
    if missing:
        raise ExportLacks(name, missing)
    modules = declared(snapshot)
    return Statement(
        name_zh=str(model["name"]["zh"]),
        name_en=product,
        owner=owner,
        created=created,
        valid_until=until,
        reference_year=model["end"][:4],
        region=model["region"],
        amount=amount[0],
        unit=amount[1],
        mass_kg=mass_of(snapshot),
        carbon_biogenic_kg=snapshot["results"]["carbon_biogenic_kg"],
        modules=modules,
        version=int(snapshot["footprint"]["version"]),
        identifier=identifier(snapshot, dataclasses.asdict(said)),
        sha256=digest(snapshot),
        notes=tuple(_notes(snapshot, method, modules)),
    )


def declared(snapshot: Record) -> dict[str, Gwp]:
    """Return the climate indicators of every module that the study holds, in the standard's order, D last.

    Raises:
        SnapshotInvalid: they do not add up to the result.
    """
    found = summed(snapshot)
    parts = [gas.rpartition("/")[2] for gas in found.gases]
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: {field: [] for field in _FIELDS})
    for one, row in zip(found.lines, found.weighted, strict=True):
        for field, held in _FIELDS.items():
            values[one["stage"]][field] += [value for value, part in zip(row, parts, strict=True) if part in held]
    modules = {
        name: Gwp(**{field: math.fsum(terms) for field, terms in values[name].items()})
        for name in (*MODULES, BEYOND)
        if name in values
    }
    added, result = sum_of(modules).total, float(snapshot["results"]["total_kgco2e"])
    scale = math.fsum(abs(value) for row in found.weighted for value in row)
    if abs(added - result) > AGREED * scale:
        params = {"key": "A1 … C4", "sum": f"{added:g}", "value": f"{result:g}"}
        raise SnapshotInvalid([Flaw("sum-differs", params)])
    return modules


def indicators(gwp: Gwp) -> dict[str, str]:
    """Return the four indicators as printed; the total is the sum of its printed parts."""
    parts = {"fossil": canonical(gwp.fossil), "biogenic": canonical(gwp.biogenic), "luluc": canonical(gwp.luluc)}
    return {"total": canonical(total(map(float, parts.values()))), **parts}


def _needed(name: str, value: str, missing: list[str]) -> str:
    if not value.strip():
        missing.append(name)
    return value.strip()


def _until(created: date, said: str, method: FootprintMethod, flaws: list[Flaw]) -> date:
    """Return the last day of validity: so many years after the footprint was made, or earlier."""
    years = int(method.validity.years.value) if method.validity.years else 0
    last = years_after(created, years)
    try:
        chosen = date.fromisoformat(said) if said else last
    except ValueError:
        chosen = date.max
    if (said and not _ISO.fullmatch(said)) or not created < chosen <= last:
        flaws.append(Flaw("value-refused", {"key": "valid_until", "value": said, "wanted": f"{created} … {last}"}))
    return chosen


def _notes(snapshot: Record, method: FootprintMethod, modules: Mapping[str, Gwp]) -> Iterator[str]:
    """Yield what a reader has to know and no field of the formats holds."""
    reports, other = gwp_sets(snapshot)
    beside = [one for one in (*reports, *other) if one != POTENTIALS]
    yield (
        "Statement of global warming potential by modules; NOT an environmental product declaration by EN 15804 or "
        "ISO 14025: no other indicator was computed, and no programme has registered it."
    )
    yield f"Self-declared, not verified. Calculated by method {method.id} {method.version}."
    yield f"Modules that are not declared: {', '.join(undeclared(modules)) or 'none'}."
    yield f"Warming potentials over 100 years: IPCC {POTENTIALS}, which EF 3.1 takes over."
    if beside:
        yield f"Unsplit CO2e of other sets of warming potentials went in: {', '.join(beside)}."
    if snapshot["model"].get("is_demonstration"):
        yield "Demonstration data: made up."
    spread = snapshot["results"]["uncertainty_percent"]
    yield f"Uncertainty: ±{float(spread):.3g} % (95 %)." if spread else "Uncertainty: not quantified."
