"""Units: the only place where a unit becomes another.

Three tables under ``data/`` hold what this module knows:

- ``units.txt``       what each unit is, read by pint as its only registry file;
- ``unit_names.csv``  how people write it, in Chinese and English;
- ``units.csv``       the reviewed reading of every unit as the publishers print it (``FactorUnit``).

A canonical id is ASCII: ``kWh``, ``Nm3``, ``tkm``, ``kgCO2e``. ``1e4`` before an id scales it (``1e4Nm3``), a
slash makes a ratio (``GJ/t``). Dimensions that a careless program would merge are kept apart: carbon, CO2e
and gas masses; net and gross calorific energy; normal, standard and unstated gas volumes; currencies.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from factors import compiled
from factors.errors import (
    AmbiguousUnit,
    CalorificBasisMismatch,
    ConditionsMissing,
    CurrencyMismatch,
    DensityMissing,
    ImplausibleConditions,
    StandardCoalNeedsRate,
    UnitMismatch,
    UnitRefused,
    UnknownUnit,
)
from factors.near import near

DATA = Path(__file__).parent / "data"

# Spellings that people do use and that have more than one meaning: asked back, never guessed.
AMBIGUOUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ton": ("t", "short_ton", "long_ton"),
        "tons": ("t", "short_ton", "long_ton"),
        "mt": ("t", "Mt"),
        "gal": ("gal_us", "gal_imp"),
        "gallon": ("gal_us", "gal_imp"),
        "gallons": ("gal_us", "gal_imp"),
        "加仑": ("gal_us", "gal_imp"),
        "barrel": ("bbl",),
        "barrels": ("bbl",),
        "桶": ("bbl",),
        "mwh": ("MWh",),
        "mj": ("MJ",),
        "mbtu": ("mmBtu", "Btu"),
        "tonmile": ("short_ton_mile", "tkm"),
        "¥": ("CNY",),
        "$": ("USD",),
    }
)

# Longer words stand before those that they begin with: 千万 is no 千.
_SCALES: Mapping[str, int] = MappingProxyType(
    {"百万": 6, "千万": 7, "十万": 5, "万": 4, "亿": 8, "千": 3, "百": 2, "million": 6, "thousand": 3, "10000": 4}
)
_SCALED = re.compile(r"^(?:10\^|1e)(\d{1,2})(?=\D)")
_SUPERSCRIPT_POWER = re.compile(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_EXPONENT = re.compile(r"(?<=[A-Za-z])(?:\^|\*\*)(?=[23])")
_SEPARATORS = re.compile(r"[\s.·⋅•×*_-]+")
_ELECTRIC = frozenset({"Wh", "kWh", "MWh", "GWh"})
_COAL = frozenset({"gce", "kgce", "tce"})
_GAS_VOLUMES = frozenset({"volume", "normal_volume", "standard_volume"})
CALORIFIC = frozenset({"energy", "gross_energy"})
_COUNTED = ("gas", "co2e", "carbon", "energy", "fraction", "mol", "volume", "density", "slope")

# The normal state of a gas (DIN 1343): 0 degC, which the Celsius scale defines as 273.15 K, and one standard
# atmosphere (10th CGPM, 1954). Both are exact by definition.
_NORMAL_KELVIN = Decimal("273.15")
_NORMAL_KPA = Decimal("101.325")


class UnitName(NamedTuple):
    """One row of ``unit_names.csv``: what people call a canonical unit."""

    id: str
    dimension: str
    name_en: str
    name_zh: str
    exact: tuple[str, ...]
    any_case: tuple[str, ...]


@lru_cache(maxsize=1)
def unit_names() -> Mapping[str, UnitName]:
    """Return every base unit by its canonical id, in the order of the table."""
    with (DATA / "unit_names.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            UnitName(
                row["id"],
                row["dimension"],
                row["name_en"],
                row["name_zh"],
                tuple(row["exact"].split(";")),
                tuple(row["any_case"].split(";")),
            )
            for row in csv.DictReader(file)
        ]
    return MappingProxyType({row.id: row for row in rows})


def _key(text: str) -> str:
    """Fold full-width letters, superscripts, spaces and product signs; keep the case."""
    text = _SUPERSCRIPT_POWER.sub(lambda found: "10^" + unicodedata.normalize("NFKC", found.group(1)), text)
    text = unicodedata.normalize("NFKC", text).strip()
    return _SEPARATORS.sub("", _EXPONENT.sub("", text))


@lru_cache(maxsize=1)
def _spellings() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return (exact spelling -> id, case-folded spelling -> id)."""
    exact = {_key(text): unit.id for unit in unit_names().values() for text in unit.exact}
    folded = {_key(text).casefold(): unit.id for unit in unit_names().values() for text in unit.any_case}
    return exact, folded


def _scale_of(key: str) -> tuple[int, str]:
    """Split a leading power of ten off: '万Nm3' -> (4, 'Nm3'); (0, key) when there is none."""
    if found := _SCALED.match(key):
        return int(found.group(1)), key[found.end() :]
    for word, power in _SCALES.items():
        if key.casefold().startswith(word) and len(key) > len(word):
            return power, key[len(word) :]
    return 0, key


def _known(key: str) -> str | None:
    """Return the canonical id of a folded spelling, scaled or not, or None."""
    exact, folded = _spellings()
    if found := exact.get(key) or folded.get(key.casefold()):
        return found
    power, rest = _scale_of(key)
    base = (exact.get(rest) or folded.get(rest.casefold())) if power else None
    return f"1e{power}{base}" if base else None


def _near(key: str) -> tuple[str, ...]:
    """Return canonical ids whose spellings look like ``key``, nearest first."""
    exact, folded = _spellings()
    spelled = {text.casefold(): unit for text, unit in exact.items()} | dict(folded)
    return tuple(dict.fromkeys(spelled[text] for text in near(key.casefold(), spelled, 6, 0.6)))


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> str:
    """Return the canonical id of a unit as people write it: '万千瓦时' -> '1e4kWh', 'GJ/吨' -> 'GJ/t'.

    Full-width characters, spaces, product signs and, where no other unit lurks, case are folded.

    Raises:
        AmbiguousUnit: the spelling has several meanings ('ton', 'gallon', 'mWh').
        UnknownUnit: no such spelling; the error lists near ones.
    """
    key = _key(text)
    if found := _known(key):
        return found
    numerator, slash, denominator = key.partition("/")
    if slash and numerator and denominator and "/" not in denominator:
        return f"{parse_unit(numerator)}/{parse_unit(denominator)}"
    if meanings := AMBIGUOUS.get(key.casefold()):
        raise AmbiguousUnit(text.strip(), meanings)
    raise UnknownUnit(text.strip(), _near(key))


def _base(unit: str) -> tuple[Decimal, str]:
    """Split a canonical id without a slash into its power of ten and its base id."""
    power, rest = _scale_of(unit) if unit not in unit_names() else (0, unit)
    return Decimal(10) ** power, rest


@lru_cache(maxsize=4096)
def dimension(unit: str) -> str:
    """Return what ``unit`` measures: 'mass', 'energy', 'normal_volume', 'money', 'energy/mass' …

    Raises:
        AmbiguousUnit, UnknownUnit: see ``parse_unit``.
    """
    numerator, slash, denominator = parse_unit(unit).partition("/")
    if slash:
        return f"{dimension(numerator)}/{dimension(denominator)}"
    return unit_names()[_base(numerator)[1]].dimension


def is_net(unit: str) -> bool:
    """Does ``unit`` say that it counts energy at net calorific value ('kWh_net', 'GJ (LHV)')?

    Raises:
        AmbiguousUnit, UnknownUnit: see ``parse_unit``.
    """
    return bool(unit) and parse_unit(unit).endswith("_net")


@lru_cache(maxsize=1)
def _in_base_units() -> Mapping[str, tuple[Decimal, str]]:
    """Return, for every unit, its exact size in base units and the base unit's name."""
    files = (DATA / "units.txt", DATA / "unit_names.csv", Path(__file__))
    packed = compiled.remember("units", compiled.content_key(DATA, files), _read_registry)
    return MappingProxyType({name: (Decimal(size), base) for name, (size, base) in json.loads(packed).items()})


def _read_registry() -> bytes:
    """Let pint read units.txt; importing it takes a third of a second, so its answers are kept."""
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None, non_int_type=Decimal)
    registry.load_definitions(str(DATA / "units.txt"))
    sizes = {name: registry.get_base_units(name) for name in unit_names()}
    return json.dumps({name: [str(size), str(base)] for name, (size, base) in sizes.items()}).encode()


def _size(unit: str) -> tuple[Decimal, str]:
    """Return the size of a canonical unit without a slash in base units, and that base unit."""
    scale, base = _base(unit)
    size, base_unit = _in_base_units()[base]
    return scale * size, base_unit


def _mismatch(from_unit: str, to_unit: str) -> UnitMismatch:
    """Choose the error that says what is missing, not only that something is."""
    measured = dimension(from_unit), dimension(to_unit)
    kind = UnitMismatch
    if set(measured) <= _GAS_VOLUMES:
        kind = ConditionsMissing
    elif set(measured) == {"volume", "mass"}:
        kind = DensityMissing
    elif set(measured) == CALORIFIC:
        kind = CalorificBasisMismatch
    elif measured == ("money", "money"):
        kind = CurrencyMismatch
    elif measured == ("energy", "energy"):
        kind = StandardCoalNeedsRate
    words = [name.replace("_", " ") for name in measured]
    return kind(from_unit, words[0], to_unit, words[1])


def _ratio(from_unit: str, to_unit: str) -> Decimal:
    """Return the multiplier between two canonical units without a slash."""
    if from_unit == to_unit:
        return Decimal(1)
    bases = {_base(from_unit)[1], _base(to_unit)[1]}
    if bases & _ELECTRIC and bases & _COAL:
        raise _mismatch(from_unit, to_unit)
    (size, base), (to_size, to_base) = _size(from_unit), _size(to_unit)
    if base != to_base:
        raise _mismatch(from_unit, to_unit)
    return size / to_size


@lru_cache(maxsize=4096)
def multiplier(from_unit: str, to_unit: str) -> Decimal:
    """Return x with ``1 from_unit = x to_unit``; exact where a finite decimal is, else to 28 digits.

    Raises:
        UnitMismatch: the two measure different things; its subclasses say what would be needed:
            ConditionsMissing (Nm3, m3), DensityMissing (l, kg), CalorificBasisMismatch (gross, net),
            StandardCoalNeedsRate (electricity, standard coal), CurrencyMismatch.
        UnknownUnit: a spelling that is no unit.
    """
    source, target = parse_unit(from_unit), parse_unit(to_unit)
    above, slash, below = source.partition("/")
    to_above, to_slash, to_below = target.partition("/")
    if slash != to_slash:
        raise _mismatch(source, target)
    with localcontext() as context:
        context.prec = 50
        value = _ratio(above, to_above) / (_ratio(below, to_below) if slash else Decimal(1))
    with localcontext() as context:
        context.prec = 28
        value = (+value).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() and value.adjusted() < 28 else value


def to_normal_volume(m3: Decimal, temperature_c: Decimal, pressure_kpa: Decimal) -> Decimal:
    """Return the volume of a gas in Nm3 (0 degC, 101.325 kPa) from ``m3`` measured at stated conditions.

    V_n = V x (p / 101.325) x (273.15 / (273.15 + t)), the ideal gas law (compressibility taken as 1); p is
    the absolute pressure in kPa, t the temperature in degC.

    Raises:
        ImplausibleConditions: outside -60 to 400 degC or 1 to 20000 kPa, most often a gauge pressure or kelvin.
    """
    if not (Decimal(-60) <= temperature_c <= Decimal(400) and Decimal(1) <= pressure_kpa <= Decimal(20000)):
        raise ImplausibleConditions(temperature_c=temperature_c, pressure_kpa=pressure_kpa)
    return m3 * pressure_kpa / _NORMAL_KPA * _NORMAL_KELVIN / (_NORMAL_KELVIN + temperature_c)


@dataclass(frozen=True, slots=True)
class FactorUnit:
    """How a unit is to be read that a publisher prints beside a factor: one row of ``units.csv``.

    ``value x multiplier`` is in ``numerator`` per ``denominator``. ``of`` says what the numerator counts:
    'gas' (mass of the record's gas), 'co2e' (already weighted: never weigh again), 'carbon', 'energy',
    'fraction', 'mol', 'volume' (of gas), 'density', 'slope'. ``denominator_of`` says of what ('clinker',
    'aluminium'); ``basis`` is 'net', 'gross' or '' where calorific value plays no part.
    """

    spelling: str
    numerator: str
    of: str
    denominator: str
    denominator_of: str
    basis: str
    multiplier: Decimal
    status: str  # use | refuse
    reason: str

    @property
    def is_usable(self) -> bool:
        """Whether the review lets a factor be made of this unit."""
        return self.status == "use"

    def scale_to(self, numerator: str, denominator: str = "") -> Decimal:
        """Return x with ``printed value x x`` in ``numerator`` per ``denominator``.

        Raises:
            UnitRefused: the review refuses this unit.
            UnitMismatch: the wanted unit measures something else.
        """
        if not self.is_usable:
            raise UnitRefused(self.spelling, self.reason)
        if bool(denominator) != bool(self.denominator):
            mine = f"{self.numerator}/{self.denominator}".rstrip("/")
            raise _mismatch(mine, f"{numerator}/{denominator}".rstrip("/"))
        below = multiplier(self.denominator, denominator) if denominator else Decimal(1)
        return self.multiplier * multiplier(self.numerator, numerator) / below


@lru_cache(maxsize=1)
def factor_units() -> Mapping[str, FactorUnit]:
    """Return every spelling of ``units.csv``: what a publisher prints a factor in, as reviewed.

    Raises:
        UnknownUnit, ValueError: a row that ``factor_unit`` refuses.
    """
    with (DATA / "units.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["spelling"]: factor_unit(row) for row in csv.DictReader(file)})


def factor_unit(row: Mapping[str, str]) -> FactorUnit:
    """Return one checked row of ``units.csv``.

    Raises:
        UnknownUnit: numerator or denominator is no canonical unit.
        ValueError: a field outside its list, or a refusal without a reason.
    """
    unit = FactorUnit(**{**row, "multiplier": Decimal(row["multiplier"])})  # type: ignore[arg-type]
    for part in (unit.numerator, unit.denominator):
        if part and parse_unit(part) != part:
            raise UnknownUnit(part, (parse_unit(part),))
    if unit.basis not in ("", "net", "gross") or unit.status not in ("use", "refuse"):
        raise ValueError(f"basis '{unit.basis}' or status '{unit.status}' is outside its list")
    if unit.is_usable and (not unit.numerator or unit.of not in _COUNTED):
        raise ValueError(f"a unit in use needs a numerator and one of {', '.join(_COUNTED)}")
    if not unit.is_usable and not unit.reason:
        raise ValueError("a refusal needs its reason")
    return unit
