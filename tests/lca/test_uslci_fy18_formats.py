"""USLCI FY18 in ecoSpold 2 and in JSON-LD: the same data set by data set, but for the differences that are listed.

The JSON-LD side is read here with ``json`` alone, independently of any reader. ``differences.csv`` was made from the
two raw files (``json`` and ``lxml``), not from a reader's output. Its causes:

- ``not-in-jsonld``: the 767th data set;
- ``other-id``: the same process under another id (detail: that of the JSON-LD);
- ``no-reference-product``: the reference product is counted in t, which the export to ecoSpold 2 left out;
- ``unit-not-exported``: an exchange in t, USD or gal, left out by the export (detail: flow, direction, unit);
- ``renamed``: a flow that the later JSON-LD calls by another name (detail: ecoSpold 2 name, JSON-LD name, direction);
- ``other-measure``: water in m3 that the JSON-LD has in kg, a thousandth of it;
- ``other-unit-size``: the unit groups of the JSON-LD round a Btu to 0.00106 MJ and a cubic foot to 0.02 m3, while
  ecoSpold names units only, and the size is that of ``factors.units``.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lca.dataset import LciDatabase, UnitProcess, role
from lca.importers import read

DATA = Path(__file__).parents[1] / "data/lci"
SPOLD = DATA / "uslci_fy18q1_ecospold2/uslci_fy18_q1_01_olca1_5_ecospold2.zip"
JSONLD = DATA / "uslci_fy18_jsonld/uslci_olca1_5_0_json_ld.zip"
DIFFERENCES = DATA / "uslci_fy18q1_ecospold2/differences.csv"

# ecoSpold 2 name -> JSON-LD name
RENAMED = {
    "Nitrous oxide": "Dinitrogen monoxide",
    "Hydrogen Chloride": "Hydrogen chloride",
    "carbon dioxide": "Carbon dioxide",
    "Calcite, in ground": "Calcium carbonate, in ground",
    "CUTOFF Fatty acids": "CUTOFF Fatty acides",
    "CUTOFF Disposal, wastewater treatment plant residuals, to uns. incinerator": (
        "CUTOFF Disposal, wastewater treatment plant residuals, to uns. Incinerator"
    ),
    "Suspended Matter": "Suspended solids, unspecified",
    "Dioxins and furans, measured as 2,3,7,8-tetrachlorodibenzo-p-dioxin": (
        "Dioxins, measured as 2,3,7,8-tetrachlorodibenzo-p-dioxin"
    ),
    "BOD5, Biological Oxygen Demand": "BOD, Biological Oxygen Demand",
    "Particulates, < 10 um": "Particulates, <10 um",
    "Zinc ore": "Zinc ore, in ground",
}

# How openLCA 1.5 spells units in ecoSpold 2 -> (unit, group) of its JSON-LD; the others are spelled alike.
UNITS = {
    "metric ton*km": ("t*km", "Units of mass*length"),
    "kg*km": ("kg*km", "Units of mass*length"),
    "person*km": ("p*km", "Units of person transport"),
    "unit": ("Item(s)", "Units of items"),
    "hour": ("h", "Units of time"),
    "m2*year": ("m2*a", "Units of area*time"),
}


# Size of a unit by definition / in the unit groups of the JSON-LD
SIZES = {"btu": 0.00105505585262 / 0.00106, "cu ft": 0.028316846592 / 0.02}


class Amount(NamedTuple):
    """An exchange in the reference unit of its measure."""

    name: str
    is_input: bool
    measure: str  # name of the unit group
    amount: float
    role: str


class Row(NamedTuple):
    """A listed difference."""

    process: str  # id in ecoSpold 2
    name: str
    cause: str
    detail: str


@pytest.fixture(scope="module")
def jsonld() -> Mapping[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    with zipfile.ZipFile(JSONLD) as archive:
        for name in archive.namelist():
            folder = name.split("/")[0]
            if folder in ("processes", "unit_groups", "flows") and name.endswith(".json"):
                record = json.loads(archive.read(name))
                found[folder][record["@id"]] = record
    return found


@pytest.fixture(scope="module")
def spold() -> LciDatabase:
    return read(SPOLD, "ecospold2")


def units_of(jsonld: Mapping[str, dict[str, dict[str, Any]]]) -> dict[str, tuple[str, float]]:
    """Return unit id, and name within each group -> (group, factor)."""
    found = {}
    for group in jsonld["unit_groups"].values():
        for unit in group["units"]:
            found[unit["@id"]] = found[f"{unit['name']}|{group['name']}"] = group["name"], unit["conversionFactor"]
    return found


def spelled(unit: str, units: Mapping[str, tuple[str, float]]) -> tuple[str, float]:
    """Return group and factor of a unit as ecoSpold 2 spells it."""
    if unit in UNITS:
        return units["|".join(UNITS[unit])]
    (found,) = {value for key, value in units.items() if key.split("|")[0] == unit and "|" in key}
    return found


def jsonld_amounts(process: Mapping[str, Any], units: Mapping[str, tuple[str, float]]) -> Iterator[tuple[Amount, str]]:
    """Yield the exchanges of a JSON-LD process with the unit that each is printed in."""
    for exchange in process["exchanges"]:
        group, factor = units[exchange["unit"]["@id"]]
        is_input, kind = bool(exchange.get("input")), exchange["flow"]["flowType"]
        is_supply = is_input == (kind == "WASTE_FLOW")
        what = "biosphere" if kind == "ELEMENTARY_FLOW" else "supply" if is_supply else "demand"
        name = exchange["flow"]["name"].strip()
        yield Amount(name, is_input, group, exchange["amount"] * factor, what), exchange["unit"]["name"]


def spold_amounts(
    process: UnitProcess, database: LciDatabase, units: Mapping[str, tuple[str, float]]
) -> Iterator[Amount]:
    """Yield the exchanges of a process as the reader delivers it."""
    for exchange in process.exchanges:
        flow = database.flows[exchange.flow]
        group, factor = spelled(flow.unit, units)
        amount = exchange.amount * exchange.to_reference * factor
        yield Amount(flow.name, exchange.is_input, group, amount, role(exchange, flow))


Key = tuple[str, bool, str]


def sums(amounts: list[Amount]) -> dict[Key, float]:
    found: dict[Key, float] = defaultdict(float)
    for one in amounts:
        found[one.name, one.is_input, one.measure] += one.amount
    return found


def direction(is_input: bool) -> str:
    return "input" if is_input else "output"


def compared(ours: list[Amount], theirs: list[tuple[Amount, str]]) -> list[tuple[str, str]]:
    """Return (cause, detail) of every difference between two readings of one process."""
    rows = []
    lost = [(one, unit) for one, unit in theirs if unit in ("t", "USD", "gal")]
    rows += [("unit-not-exported", f"{one.name} | {direction(one.is_input)} | {unit}") for one, unit in lost]
    kept = [one for one, unit in theirs if unit not in ("t", "USD", "gal")]
    there = {(one.name, one.is_input) for one in kept}
    renamed = []
    for one in ours:
        new = RENAMED.get(one.name, "")
        if new and (new, one.is_input) in there:
            rows.append(("renamed", f"{one.name} | {new} | {direction(one.is_input)}"))
            one = one._replace(name=new)
        renamed.append(one)
    mine, other = sums(renamed), sums(kept)
    for key in sorted(mine.keys() | other.keys()):
        if mine.get(key, 0.0) == pytest.approx(other.get(key, 0.0), rel=1e-6, abs=0):
            continue
        name, is_input, measure = key
        twin = (name, is_input, "Units of mass" if measure == "Units of volume" else "Units of volume")
        pair = (mine.get(key, 0.0) + mine.get(twin, 0.0)), (other.get(key, 0.0) + other.get(twin, 0.0))
        is_water = name == "Water" and pair[0] * 1000 == pytest.approx(pair[1], rel=1e-6)
        (unit,) = {unit for one, unit in theirs if (one.name, one.is_input) == (name, is_input)} or {""}
        ratio = mine.get(key, 0.0) / other[key] if other.get(key) else 0.0
        is_size = unit in SIZES and ratio == pytest.approx(SIZES[unit], rel=1e-9)
        cause = "other-measure" if is_water else "other-unit-size" if is_size else "unexplained"
        rows.append((cause, f"{name} | {direction(is_input)} | {unit if is_size else measure}"))
    if Counter(one.role for one in ours) != Counter(one.role for one in kept):
        rows.append(("unexplained", "number of exchanges by role"))
    return sorted(set(rows))


def pairs(names: Mapping[str, str], jsonld: Mapping[str, dict[str, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Yield (ecoSpold 2 id, JSON-LD id) by id, else by name among those without a partner; '' where there is none."""
    processes = jsonld["processes"]
    free = {one["name"].strip(): key for key, one in processes.items() if key not in names}
    for identifier, name in names.items():
        yield identifier, identifier if identifier in processes else free.get(name, "")


def listed() -> set[Row]:
    with DIFFERENCES.open(encoding="utf-8", newline="") as file:
        return {Row(**row) for row in csv.DictReader(file)}


def differences(
    names: Mapping[str, str],
    amounts: Mapping[str, list[Amount] | None],
    jsonld: Mapping[str, dict[str, dict[str, Any]]],
) -> Iterator[Row]:
    """Yield every difference; ``amounts`` is None for a data set that has no reference product."""
    units = units_of(jsonld)
    for identifier, partner in pairs(names, jsonld):
        name, ours = names[identifier], amounts[identifier]
        if not partner:
            yield Row(identifier, name, "not-in-jsonld", "")
            continue
        if partner != identifier:
            yield Row(identifier, name, "other-id", partner)
        if ours is None:
            yield Row(identifier, name, "no-reference-product", "")
            continue
        theirs = list(jsonld_amounts(jsonld["processes"][partner], units))
        yield from (Row(identifier, name, cause, detail) for cause, detail in compared(ours, theirs))


@pytest.fixture(scope="module")
def partners(spold: LciDatabase, jsonld: Mapping[str, dict[str, dict[str, Any]]]) -> list[tuple[UnitProcess, Any]]:
    """Every process that both hold, with its JSON-LD record."""
    names = {process.id: process.name for process in spold.processes}
    processes = {process.id: process for process in spold.processes}
    return [(processes[one], jsonld["processes"][other]) for one, other in pairs(names, jsonld) if other]


def test_both_formats_hold_the_same_but_for_what_is_listed(spold, jsonld):
    units = units_of(jsonld)
    amounts: dict[str, list[Amount] | None] = {
        process.id: list(spold_amounts(process, spold, units)) for process in spold.processes
    }
    names = {process.id: process.name for process in spold.processes}
    left_out = [finding.where for finding in spold.findings if finding.code == "reference-missing"]
    for where in left_out:
        part, _, name = where.partition(": ")
        names[Path(part).stem], amounts[Path(part).stem] = name, None
    found = set(differences(names, amounts, jsonld))
    assert found - listed() == set()
    assert listed() - found == set()


def test_every_jsonld_process_has_its_partner(jsonld):
    rows = listed()
    partner = {row.detail for row in rows if row.cause == "other-id"}
    with zipfile.ZipFile(SPOLD) as archive:
        ids = {Path(name).stem for name in archive.namelist()}
    assert len(ids) == 767
    assert len(jsonld["processes"]) == 766
    assert set(jsonld["processes"]) - ids == partner
    assert len(ids - set(jsonld["processes"])) == len(partner) + 1


def test_all_that_was_lost_on_export_is_listed(spold, jsonld):
    printed = [unit for process in jsonld["processes"].values() for unit in jsonld_units(process)]
    lost = Counter(unit for unit in printed if unit in ("t", "USD", "gal"))
    assert lost == {"t": 58, "USD": 5, "gal": 1}
    rows = [row for row in listed() if row.cause == "unit-not-exported"]
    references = [row for row in listed() if row.cause == "no-reference-product"]
    # 58 + 5 + 1 exchanges: the reference products of 21 data sets, what else these lack, and those listed.
    names = {row.name for row in references}
    inside = [process for process in jsonld["processes"].values() if process["name"].strip() in names]
    hidden = sum(unit in lost for process in inside for unit in jsonld_units(process))
    assert len(references) == len(inside) == 21
    assert len(rows) + hidden == lost.total()


def jsonld_units(process: Mapping[str, Any]) -> list[str]:
    return [exchange["unit"]["name"] for exchange in process["exchanges"]]


def test_places_kinds_and_parameters_agree(partners):
    assert len(partners) == 766 - 21
    for process, record in partners:
        assert process.location == record["location"]["name"]
        assert process.kind == {"UNIT_PROCESS": "unit", "LCI_RESULT": "system"}[record["processType"]]
        theirs = {one["name"].strip(): (one["value"], one.get("formula") or "") for one in record.get("parameters", [])}
        assert {one.name: (one.amount, one.formula) for one in process.parameters} == theirs
        formulas = sum(bool(one.get("amountFormula")) for one in record["exchanges"])
        assert sum(bool(one.formula) for one in process.exchanges) == formulas


def test_dates_lie_a_day_apart_because_the_export_dropped_their_time_zone(partners):
    apart = Counter()
    for process, record in partners:
        printed = record["processDocumentation"]["validFrom"]
        start = datetime.fromisoformat(printed).date()
        apart[(start - date.fromisoformat(process.valid_from)).days] += 1
    assert apart == {1: len(partners)}


def test_allocation_factors_are_in_the_jsonld_alone(spold, jsonld):
    assert sum(bool(process.get("allocationFactors")) for process in jsonld["processes"].values()) == 40
    assert not any(process.allocations for process in spold.processes)


def test_uncertainties_agree(partners):
    # 4811 lognormals have a geometric standard deviation of 0 in the JSON-LD: no spread, and an infinite variance here.
    kinds = {"TRIANGLE_DISTRIBUTION": "triangular", "UNIFORM_DISTRIBUTION": "uniform"}
    for process, record in partners:
        ours: Counter[str] = Counter()
        theirs: Counter[str] = Counter()
        for exchange in process.exchanges:
            if exchange.uncertainty is not None:
                ours[exchange.uncertainty.kind] += 1
        for exchange in record["exchanges"]:
            stated = exchange.get("uncertainty") or {}
            kind = stated.get("distributionType")
            if kind == "LOG_NORMAL_DISTRIBUTION":
                theirs["lognormal"] += stated["geomSd"] > 1
            elif kind:
                low, mode, high = (stated.get(key, 0.0) for key in ("minimum", "mode", "maximum"))
                is_usable = kind == "UNIFORM_DISTRIBUTION" or min(low, high) <= mode <= max(low, high)
                theirs[kinds[kind]] += is_usable and exchange["unit"]["name"] not in ("t", "USD", "gal")
        assert ours == +theirs, process.name
