"""The twelve tables of the EPA hub, one function each: (section, reading, biomass) -> records.

``biomass`` passes from Table 1 to Table 2 the fuels that stand under 'Biomass Fuels': their CO2 is biogenic
and is reported outside the scopes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from factors.importers.cells import At, decimal, letters, without_footnote
from factors.importers.epa_hub import LEFT, PUBLISHER, Reading, Section
from factors.importers.errors import UnknownLayout

_UNIT = re.compile(r"(kg|g) (CO2|CH4|N2O) per (.+)")
_EGRID = re.compile(r"eGRID(\d{4})")
_WEIGHTED = re.compile(r"(AR[456]) GWP values are used")
_ASSESSMENT = re.compile(r"Assessment Report \((AR[456])\)")
_PART = re.compile(r"([\d.]+)% (.+)")
_GASES = ("CO2", "CH4", "N2O")
_MASSES = (("CO2", "kg"), ("CH4", "g"), ("N2O", "g"))

Reader = Callable[[Section, Reading, set[str]], None]


def _unit(section: Section, words: str) -> tuple[str, str, str]:
    """Return (mass unit, gas, what it is per): 'kg CO2 per short ton' -> ('kg', 'CO2', 'short ton').

    Raises:
        UnknownLayout: the words are no such unit.
    """
    found = _UNIT.fullmatch(words)
    if found is None:
        expected = "a unit like 'kg CO2 per short ton'"
        raise UnknownLayout(section.file, PUBLISHER, f"Table {section.number}", expected, words)
    return found[1], found[2], found[3]


def stationary(section: Section, reading: Reading, biomass: set[str]) -> None:
    """Table 1. Rows of units and of group names stand between the fuels.

    Raises:
        UnknownLayout: the headings of a unit are no such unit.
    """
    headings = section.headings("Fuel Type", "Heat Content (HHV)", *(f"{gas} Factor" for gas in _GASES * 2))
    units = [""] * 8
    group = ""
    for row, words in section.lines(headings):
        if not words[0]:
            units = words
        elif not any(words[1:]):
            group = words[0]
        else:
            if group.startswith("Biomass"):
                biomass.add(words[0])
            _fuel(section, reading, row, words[0], group, units)


def _fuel(section: Section, reading: Reading, row: int, fuel: str, group: str, units: list[str]) -> None:
    category = f"Stationary combustion - {group}"
    heat = units[1].replace(" per ", "/")
    name = f"{fuel} heat content (HHV)"
    reading.add(
        section, row, 1, f"{fuel} hhv energy", name_en=name, category=category, scope_hint="1", unit=heat,
        gas="energy", note=group,
    )  # fmt: skip
    for column in range(2, 8):
        mass, gas, per = _unit(section, units[column])
        by_heat = per == "mmBtu"
        is_biogenic = gas == "CO2" and group.startswith("Biomass")
        notes = [group]
        if by_heat or gas == "CO2":
            notes.append("HHV basis")
        if is_biogenic:
            notes.append("biogenic CO2 - report outside the scopes")
        reading.add(
            section,
            row,
            column,
            f"{fuel} {'per mmbtu' if by_heat else 'per unit'} {gas}",
            name_en=fuel,
            category=category,
            scope_hint="outside" if is_biogenic else "1",
            unit=f"{mass}/{per}",
            gas=gas,
            note="; ".join(notes),
        )


def mobile_co2(section: Section, reading: Reading, biomass: set[str]) -> None:
    """Table 2."""
    headings = section.headings("Fuel Type", "kg CO2 per unit", "Unit")
    for row, (fuel, _, per, *_) in section.lines(headings):
        is_biogenic = fuel in biomass
        reading.add(
            section,
            row,
            1,
            f"{fuel} CO2",
            name_en=fuel,
            category="Mobile combustion CO2",
            scope_hint="outside" if is_biogenic else "1",
            unit=f"kg/{per}",
            gas="CO2",
            note="biogenic CO2" if is_biogenic else "",
        )


def _vehicles(section: Section, reading: Reading, category: str, labels: tuple[str, ...], per: str) -> None:
    """Tables 3 to 5: vehicle, fuel or model year, then CH4 and N2O; an empty vehicle repeats the one above.

    In Table 3 the second line of 'Gasoline Light-Duty Trucks (Vans, Pickup Trucks, SUVs)' stands in a row of its
    own and names the rows below it; the ids held follow that.
    """
    gases = tuple(f"{gas} Factor (g {gas} / {per})" for gas in ("CH4", "N2O"))
    headings = section.headings(*labels, *gases)
    filled = [""] * len(labels)
    for row, words in section.lines(headings):
        for level, word in enumerate(words[: len(labels)]):
            if word or labels[level] == "Model Year":
                filled[level] = without_footnote(word)
        parts = [
            f"model year {word}" if label == "Model Year" else word
            for label, word in zip(labels, filled, strict=True)
            if word
        ]
        for column, gas in enumerate(("CH4", "N2O"), start=len(labels)):
            key = " ".join([*filter(None, filled), gas])
            name = ", ".join(parts)
            reading.add(
                section, row, column, key, name_en=name, category=category, scope_hint="1", unit=f"g/{per}", gas=gas
            )


def on_road_gasoline(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 3."""
    category = "Mobile combustion CH4/N2O - on-road petrol"
    _vehicles(section, reading, category, ("Vehicle Type", "Model Year"), "vehicle-mile")


def on_road_other(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 4."""
    category = "Mobile combustion CH4/N2O - diesel and alternative fuel"
    _vehicles(section, reading, category, ("Vehicle Type", "Fuel Type", "Model Year"), "vehicle-mile")


def non_road(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 5."""
    category = "Mobile combustion CH4/N2O - non-road"
    _vehicles(section, reading, category, ("Vehicle Type", "Fuel Type"), "gallon")


def electricity(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 6: total output for inventories, non-baseload for avoided emissions only, grid loss."""
    rates = tuple(f"{gas} Factor" for gas in _GASES * 2)
    headings = section.headings(
        "eGRID Subregion Acronym", "eGRID Subregion Name", *rates, "Grid Gross Loss (%)", optional=1
    )
    has_loss = bool(section.sheet.text(headings, LEFT + 8))
    found = _EGRID.search(section.prose)
    year = int(found[1]) if found else reading.year - 2
    for row, words in section.lines(headings):
        if not words[0] or not any(words[2:]):
            continue  # the units: all in lb per MWh
        code = "US" if words[0] == "US Average" else f"US-{words[0]}"
        if code not in reading.out.library.geographies:
            at = At(section.sheet.name, row + 1, letters(LEFT))
            reading.out.problem("unknown-place", at, place=code, count=sum(map(bool, words[2:])))
            continue
        _grid(section, reading, row, words, year, code, has_loss=has_loss)


def _grid(
    section: Section, reading: Reading, row: int, words: list[str], year: int, code: str, *, has_loss: bool
) -> None:
    acronym, name = words[0], f"{words[1]} ({words[0]})"
    kinds = (
        (2, "", "total output", f"Electricity - eGRID{year} total output", "2", ""),
        (
            5, " nonbaseload", "non-baseload", f"Electricity - eGRID{year} non-baseload", "avoided",
            "for avoided emissions only",
        ),
    )  # fmt: skip
    for first, key, kind, category, scope, note in kinds:
        for column, gas in enumerate(_GASES, start=first):
            reading.add(
                section, row, column, f"{acronym}{key} {gas}", name_en=f"{name} {kind}", category=category,
                scope_hint=scope, unit="lb/MWh", gas=gas, year=year, region=code, note=note,
            )  # fmt: skip
    if has_loss:
        reading.add(
            section, row, 8, f"{acronym} loss loss", name_en=f"{name} grid gross loss",
            category="Electricity - grid gross loss", scope_hint="3", unit="fraction", gas="loss", year=year,
            region=code,
        )  # fmt: skip


def steam(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 7."""
    headings = section.headings("", *(f"{gas} Factor ({mass} {gas} / mmBtu)" for gas, mass in _MASSES))
    for row, _words in section.lines(headings):
        for column, (gas, mass) in enumerate(_MASSES, start=1):
            reading.add(
                section, row, column, f"steam and heat {gas}", name_en="Purchased steam and heat",
                category="Steam and heat", scope_hint="2", unit=f"{mass}/mmBtu", gas=gas,
                note="natural gas at 80 % boiler efficiency",
            )  # fmt: skip


def _distance(section: Section, reading: Reading, category: str) -> None:
    """Tables 8 and 10: the unit of distance stands in the last column."""
    headings = section.headings(
        "Vehicle Type", *(f"{gas} Factor ({mass} {gas} / unit)" for gas, mass in _MASSES), "Units"
    )
    for row, words in section.lines(headings):
        if not words[4]:
            continue
        name = without_footnote(words[0])
        for column, (gas, mass) in enumerate(_MASSES, start=1):
            reading.add(
                section, row, column, f"{name} {words[4]} {gas}", name_en=name, category=category, scope_hint="3",
                unit=f"{mass}/{words[4]}", gas=gas, note="combustion only (tank-to-wheel)",
            )  # fmt: skip


def freight(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 8."""
    _distance(section, reading, "Freight (upstream/downstream transport)")


def travel(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 10."""
    _distance(section, reading, "Business travel and commuting")


_TREATMENTS = (
    "recycled",
    "landfilled",
    "combusted",
    "composted",
    "anaerobically digested (dry)",
    "anaerobically digested (wet)",
)


def waste(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 9, in metric tons of CO2e per short ton of material; the notes say with which potentials."""
    headings = section.headings(
        "Material",
        "Recycled",
        "Landfilled",
        "Combusted",
        "Composted",
        "Anaerobically Digested (Dry Digestate with Curing)",
        "Anaerobically Digested (Wet Digestate with Curing)",
    )
    gwp_set = _stated(section, reading, _WEIGHTED)
    for row, words in section.lines(headings):
        for column, treatment in enumerate(_TREATMENTS, start=1):
            reading.add(
                section, row, column, f"{words[0]} {treatment} CO2e", name_en=f"{words[0]}, {treatment}",
                category=f"Waste - {treatment}", scope_hint="3", unit="t CO2e/short ton", gas="CO2e",
                gwp_set=gwp_set, note="no avoided emissions included",
            )  # fmt: skip


def potentials(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 11."""
    headings = section.headings("Industrial Designation or Common Name", "Chemical Formula", "100-Year GWP")
    gwp_set = _stated(section, reading, _ASSESSMENT)
    for row, words in section.lines(headings):
        if (value := decimal(words[2])) is not None:
            reading.potentials[words[0]] = value
        reading.add(
            section, row, 2, f"{words[0]} {words[1]}", name_en=words[0], category=f"GWP100 ({gwp_set})",
            scope_hint="any", unit="kg CO2e/kg", gas=words[1], gwp_set=gwp_set,
        )  # fmt: skip


def blends(section: Section, reading: Reading, _: set[str]) -> None:
    """Table 12: the HFC and PFC part of refrigerant blends only, as its note says.

    Each value is compared with the sum of mass fraction x potential over the HFCs and PFCs of Table 11; one
    that does not follow is kept as printed, and its note says so.
    """
    headings = section.headings("ASHRAE #", "100-year GWP", "Blend Composition")
    gwp_set = _stated(section, reading, _ASSESSMENT)
    for row, words in section.lines(headings):
        note = words[2]
        printed, follows = decimal(words[1]), _blend(words[2], reading.potentials)
        if printed is not None and follows is not None and abs(printed - follows) > 1:
            note += f"; printed value does not follow from this composition (arithmetic {follows:f})"
            at = At(section.sheet.name, row + 1, letters(LEFT + 1))
            reading.out.problem("blend-does-not-follow", at, blend=words[0], printed=printed, sum=follows)
        reading.add(
            section, row, 1, f"{words[0]} CO2e", name_en=f"{words[0]} blend",
            category=f"GWP100 blends ({gwp_set}, HFC/PFC part only)", scope_hint="1", unit="kg CO2e/kg", gas="CO2e",
            gwp_set=gwp_set, note=note,
        )  # fmt: skip


def _blend(composition: str, potentials: Mapping[str, Decimal]) -> Decimal | None:
    """Return the sum of mass fraction x potential over the HFCs and PFCs, None when one has no potential."""
    total = Decimal(0)
    for part in filter(None, (_PART.fullmatch(part.strip()) for part in composition.split(" , "))):
        if part[2] in potentials:
            total += Decimal(part[1]) / 100 * potentials[part[2]]
        elif part[2].startswith(("HFC", "PFC")):
            return None
    return total.normalize()


def _stated(section: Section, reading: Reading, pattern: re.Pattern[str]) -> str:
    """Return the warming potentials that the notes of a table name; that they name none is reported."""
    if found := pattern.search(section.prose):
        return found[1]
    reading.out.problem("gwp-not-stated", At(section.sheet.name, section.begin + 1, letters(LEFT - 1)))
    return ""


TABLES: Mapping[int, Reader] = MappingProxyType(
    {
        1: stationary,
        2: mobile_co2,
        3: on_road_gasoline,
        4: on_road_other,
        5: non_road,
        6: electricity,
        7: steam,
        8: freight,
        9: waste,
        10: travel,
        11: potentials,
        12: blends,
    }
)
