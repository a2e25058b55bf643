"""Units as a reader writes them, in Chinese and in English: ``1e4Nm3`` is 万Nm³, ``kg CO2e/tonnes`` kg CO2e/t.

What a unit is, ``factors.units`` knows; how it is written, ``text/common.yaml`` says for those whose id is no sign.
"""

from __future__ import annotations

import re
from functools import cache

from factors.errors import FactorsError
from factors.units import factor_units, parse_unit, unit_names
from service.reports.words import table

Pair = tuple[str, str]

_SCALE = re.compile(r"1e(\d+)(?=\D)")
_WEIGHED = re.compile(r"^([kgGM]?g|t|[Tt]onnes?)\s*(?=C)")
_BASES = {"_net": ("（低位）", " (net CV)"), "_gross": ("（高位）", " (gross CV)")}
_POWERS = {2: "百", 3: "千", 4: "万", 5: "十万", 6: "百万", 7: "千万", 8: "亿"}
_RAISED = {1: "¹", 2: "²", 3: "³", 4: "⁴"}  # that the font of reports has


def sign(unit: str) -> Pair:
    """Return the sign of a canonical unit, Chinese and English; one that nobody knows stands as it was written."""
    entry = table().get(f"unit.{unit}")
    if entry is not None:
        return entry
    above, slash, below = unit.partition("/")
    if slash:
        return _over(sign(above), sign(below))
    scaled = _SCALE.match(unit)
    if scaled:
        power, (zh, en) = int(scaled.group(1)), sign(unit[scaled.end() :])
        written = f"10{_RAISED.get(power, f'^{power}')} "
        return _POWERS.get(power, written) + zh, written + en
    for basis, (zh, en) in _BASES.items():
        if unit.endswith(basis):
            of = sign(unit.removesuffix(basis))
            return of[0] + zh, of[1] + en
    named = unit_names().get(unit)
    return (named.name_zh, named.name_en) if named is not None and "_" in unit else (unit, unit)


@cache
def of_factor(text: str) -> Pair:
    """Return the unit of a factor as its publisher prints it, ``kg CO2e/1e4Nm3``, in signs.

    What a reviewed spelling counts by (per tonne of clinker) stands behind; an unknown one stands as it was written.
    """
    above, slash, below = text.partition("/")
    if not slash:
        return sign(text)
    counted = _WEIGHED.sub(lambda found: f"{_mass(found.group(1))} ", above.strip())
    try:
        return _over((counted, counted), sign(parse_unit(below)))
    except FactorsError:
        return _reviewed(text, counted) or (f"{counted}/{below}", f"{counted}/{below}")


def _reviewed(text: str, counted: str) -> Pair | None:
    """Return the unit by its row of ``units.csv``; None where the printed value is not per its denominator."""
    unit = factor_units().get(text)
    if unit is None or not unit.denominator or unit.multiplier != 1:
        return None
    zh, en = sign(unit.denominator)
    if unit.basis and not unit.denominator.endswith(f"_{unit.basis}"):
        zh, en = zh + _BASES[f"_{unit.basis}"][0], en + _BASES[f"_{unit.basis}"][1]
    of = table().get(f"unit_of.{unit.denominator_of}", (unit.denominator_of, unit.denominator_of))
    return f"{counted}/{zh} {of[0]}".rstrip(), f"{counted}/{en} {of[1]}".rstrip()


def _mass(text: str) -> str:
    return "t" if text.lower().startswith("tonne") else text


def _over(above: Pair, below: Pair) -> Pair:
    return f"{above[0]}/{below[0]}", f"{above[1]}/{below[1]}"
