"""A product model from plain data (YAML, JSON, a workbook): every problem at once, each with its place.

The dataclasses of ``lca.product_model`` are the description of the file; keys may be written as there, and ``name``
as ``zh`` and ``en`` beside the other keys. Scalars are text, so that digits stay as written. A bare text where both
languages may stand (a category, a statement, the source of a parameter) is the Chinese one, shown in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from factors.errors import FactorsError, UnknownGeography
from factors.geographies import shipped
from factors.strict_yaml import LINE
from factors.units import parse_unit
from lca import product_model as pm
from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.record_reading import SHOWN, Reader, Rules, decimal, hints_of

SOURCES = ("process", "activity", "factor", "background", "supplier")
STRANGE_TO_ID = frozenset('/\\?#%<>:"|*')
MOST_LOOKED_UP = 1000
"""Problems after which units and places are looked up no more: names that are near to an unknown one take time."""
JOINED = " + "  # between several sets of warming potentials
DISTRIBUTIONS = ("lognormal", "normal", "triangular", "uniform")
PARTS_OF_GAS = ("fossil", "biogenic", "removal", "land_use", "aircraft")

OF_PART = (
    "from",
    "recycling",
    "transport",
    "quality",
    "spread",
    "is_primary",
    "evidence",
    "stage",
    "module",
    "component",
)
"""Keys of a part that say how its material or the bought part is supplied: those of an input of its mass."""

_REQUIRED = {
    pm.Model: ("id", "unit", "region", "start", "end"),
    pm.ProductUnit: ("amount", "unit"),
    pm.Process: ("id", "stage", "output", "unit"),
    pm.Input: ("id", "amount", "unit", "from"),
    pm.Emission: ("id", "gas", "amount"),
    pm.CoProduct: ("id", "amount", "unit"),
    pm.Part: ("id",),
    pm.SupplierFootprint: ("id", "unit", "kgco2e"),
    pm.Exclusion: ("id",),
    pm.ModelParameter: ("name", "value"),
    pm.Leg: ("from", "km"),
    pm.Recycling: ("material",),
    pm.Scenario: ("id", "parameters"),
}
_CHOICES = {
    "stage": pm.STAGES,
    "module": pm.MODULES,
    "kind": ("functional", "declared"),
    "part": PARTS_OF_GAS,
    "distribution": DISTRIBUTIONS,
    "shared_by": ("mass", "energy"),
}
_DECIMALS = {
    "amount", "output", "mass_kg", "price_cny", "km", "quantity", "utilisation", "pre_consumer", "post_consumer",
    "recycled_at_end", "burned_at_end", "quality_in", "quality_out", "yield_at_end", "carbon_biogenic_kg", "kgco2e",
    "percent", "fossil", "biogenic_emissions", "biogenic_removals", "land_use", "aircraft", "primary_data_share",
    "dqr", "carbon_kg", "lifetime_km", "lhv_mj_per_kg", "burned_to_heat", "burned_to_power",
}  # fmt: skip
_PLAIN = {
    "kgco2e", "percent", "fossil", "biogenic_emissions", "biogenic_removals", "land_use", "aircraft",
    "primary_data_share", "dqr", "lifetime_km",
}  # fmt: skip
"""Numbers that somebody states; no parameter changes them."""

WORKED_OUT = frozenset(_DECIMALS - _PLAIN)
"""Amounts that may be formulas of the model's parameters."""

_POSITIVE = {"output", "utilisation", "quality_in", "quality_out", "yield_at_end", "lifetime_km"}
_NOT_NEGATIVE = {
    "mass_kg", "km", "quantity", "price_cny", "carbon_kg", "carbon_biogenic_kg", "lhv_mj_per_kg", "percent",
    "primary_data_share", "dqr",
}  # fmt: skip
_SHARES = {
    "pre_consumer", "post_consumer", "recycled_at_end", "burned_at_end", "utilisation", "yield_at_end",
    "burned_to_heat", "burned_to_power",
}  # fmt: skip
SUPPLIES_OF_RECYCLING = (
    "recycled", "recycling", "substituted", "disposal", "burning", "heat_replaced", "power_replaced",
)  # fmt: skip
SHARED_OUT = (
    ("pre_consumer", "post_consumer"),
    ("recycled_at_end", "burned_at_end"),
    ("burned_to_heat", "burned_to_power"),
)
"""Shares of one whole: they add up to one at most."""

RULES = Rules(
    required=_REQUIRED,
    numbers=frozenset(_DECIMALS),
    formulas=WORKED_OUT,
    positive=frozenset(_POSITIVE),
    not_negative=frozenset(_NOT_NEGATIVE),
    shares=frozenset(_SHARES),
    choices=_CHOICES,
    bare=pm.Name,
)


def model(data: Mapping[str, Any]) -> pm.Model:
    """Return the model that ``data`` describes.

    Raises:
        ModelInvalid: everything that is wrong with it.
    """
    problems: list[Flaw] = []
    plain = dict(data)
    schema = plain.pop("schema", pm.SCHEMA)
    if schema != pm.SCHEMA:
        problems.append(Flaw("schema-unknown", {"schema": schema, "known": pm.SCHEMA}))
    if not plain.get("processes") and not plain.get("parts"):
        problems.append(Flaw("nothing-inside"))
    plain.setdefault("main", pm.ROOT)
    plain.setdefault("processes", [])
    plain.setdefault("boundary", "cradle_to_gate")
    found: pm.Model = _Reader(RULES, problems).record(pm.Model, plain, "")
    if not problems:
        problems += _whole(found)
    if problems:
        raise ModelInvalid(problems)
    return found


def supplier(data: Mapping[str, Any]) -> pm.SupplierFootprint:
    """Return the supplier's footprint that ``data`` describes, as it stands under ``suppliers`` in a model.

    Raises:
        ModelInvalid: everything that is wrong with it.
    """
    problems: list[Flaw] = []
    found: pm.SupplierFootprint = _Reader(RULES, problems).record(pm.SupplierFootprint, data, "")
    if problems:
        raise ModelInvalid(problems)
    return found


class _Reader(Reader):
    """Reads a model: names beside the other keys, a part with the keys of its material, units and places that exist."""

    def given(self, kind: type, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the keys of a mapping, ``zh`` and ``en`` gathered as its name."""
        given = dict(data)
        if kind is not pm.Name and "name" in hints_of(kind) and "name" not in given and kind is not pm.ModelParameter:
            given["name"] = {key: given.pop(key) for key in ("zh", "en") if key in given} or str(given.get("id", ""))
        if kind is pm.Part and "from" in given:
            said = {key: given.pop(key) for key in OF_PART if key in given}
            supplied = {"id": given.get("id", ""), "amount": given.get("mass_kg", "0"), "unit": "kg", **said}
            given["input"] = {**supplied, "name": given["name"], **({LINE: given[LINE]} if LINE in given else {})}
        if kind is pm.ModelParameter and "text" not in given:
            given["text"] = {key: given.pop(key) for key in ("zh", "en") if key in given} or {}
        return given

    def keys(self, kind: type) -> Mapping[str, str]:
        """Return the fields of a dataclass by the keys of a file."""
        return _keys(kind)

    def known(self, kind: Any, name: str, value: Any, where: str) -> None:
        """Note a unit, a place or a set that nobody can compute with; the unit of a parameter is for people."""
        if kind is pm.SupplierFootprint and value:
            self._stated(name, value, where)
        if name == "id" and kind is pm.Model and value and not is_product_id(value):
            self.flaw_of(where, "id-odd", id=value[:SHOWN], limit=pm.LONGEST_PRODUCT_ID)
        if len(self.problems) >= MOST_LOOKED_UP:
            return
        try:
            if name == "unit" and isinstance(value, str) and value and kind is not pm.ModelParameter:
                parse_unit(value)
            if name == "region" and kind in (pm.Model, pm.Source) and (value or kind is pm.Model):
                shipped().resolve(value)
        except UnknownGeography as error:
            self.flaw_of(where, "region-unknown", key=name, place=value, near=", ".join(error.near) or "-")
        except FactorsError:
            self.flaw_of(where, "unit-unknown", key=name, unit=value)

    def _stated(self, name: str, value: str, where: str) -> None:
        """Note what no supplier can state."""
        if name == "gwp_set" and (strange := [one for one in value.split(JOINED) if one not in pm.GWP_SETS]):
            known = ", ".join(pm.GWP_SETS)
            self.flaw_of(where, "gwp-set-unknown", key=name, value=JOINED.join(strange), choices=known)
        if name == "primary_data_share" and (decimal(value) or 0) > 100:
            self.flaw_of(where, "percent-above", key=name, value=value)


def is_product_id(text: str) -> bool:
    """Tell whether a text can name a product in addresses, file names and on a screen."""
    is_short = 0 < len(text) <= pm.LONGEST_PRODUCT_ID
    return is_short and text.isprintable() and text[0] not in ".-" and STRANGE_TO_ID.isdisjoint(text)


@cache
def _keys(kind: type) -> Mapping[str, str]:
    hints = hints_of(kind)
    return {"from" if hint is pm.Source and name == "source" else name: name for name, hint in hints.items()}


# --- what several places say together ------------------------------------------------------------


def _whole(found: pm.Model) -> Iterator[Flaw]:
    ids = [process.id for process in found.processes]
    yield from _twice(ids, "processes")
    yield from _twice([one.id for one in found.suppliers], "suppliers")
    yield from _twice([one.id for one in found.scenarios], "scenarios")
    known, suppliers = {*ids, pm.ROOT}, {one.id for one in found.suppliers}
    if found.main not in known or (found.main == pm.ROOT and pm.ROOT not in ids and not found.parts):
        yield Flaw("main-unknown", {"process": found.main})
    yield from _unit(found.unit)
    yield from _period(found)
    for scenario in found.scenarios:
        for name, value in scenario.parameters.items():
            if decimal(value) is None:
                yield Flaw("not-a-number", {"key": name, "value": value}, f"scenarios › {scenario.id}")
    for process in found.processes:
        yield from _process(process, known, suppliers)
    yield from _parts(found.parts, known, suppliers, "parts")


def _unit(unit: pm.ProductUnit) -> Iterator[Flaw]:
    """What the footprint is stated per is something: a demand or a mass of nought would make every number one."""
    amount = decimal(unit.amount)
    if amount is not None and amount <= 0:
        yield Flaw("amount-not-above", {"key": "amount", "value": unit.amount}, "unit")
    mass = decimal(unit.mass_kg) if unit.mass_kg else Decimal(1)
    if mass is None:
        yield Flaw("not-a-plain-number", {"key": "mass_kg", "value": unit.mass_kg}, "unit")
    elif mass <= 0:
        yield Flaw("amount-not-above", {"key": "mass_kg", "value": unit.mass_kg}, "unit")


def _period(found: pm.Model) -> Iterator[Flaw]:
    days = {}
    for key, value in (("start", found.start), ("end", found.end)):
        try:
            days[key] = date.fromisoformat(value)
        except ValueError:
            yield Flaw("not-a-date", {"key": key, "value": value})
    if len(days) == 2 and days["end"] < days["start"]:
        yield Flaw("period-reversed", {"start": found.start, "end": found.end})


def _twice(ids: Sequence[str], where: str) -> Iterator[Flaw]:
    for one in sorted(one for one, times in Counter(ids).items() if times > 1):
        yield Flaw("id-twice", {"id": one}, where)


def _process(process: pm.Process, known: set[str], suppliers: set[str]) -> Iterator[Flaw]:
    where = _told(f"process {process.id}", process.line)
    ids = [*(one.id for one in process.inputs), *(one.id for one in process.emissions)]
    yield from _twice([*ids, *(one.id for one in process.co_products)], where)
    yield from _module(process.module, process.stage, where)
    for one in process.inputs:
        yield from _input(one, process.stage, known, suppliers, where)


def _input(
    one: pm.Input, stage: str, known: set[str], suppliers: set[str], where: str, *, is_part: bool = False
) -> Iterator[Flaw]:
    place = _told(f"{where} › {one.id}", one.line)
    yield from _source(one.source, known, suppliers, place, is_input=not is_part and one.recycling is None)
    yield from _module(one.module, one.stage or stage, place)
    for leg in one.transport:
        yield from _source(leg.source, known, suppliers, f"{place} › transport")
    recycling = one.recycling
    if recycling is None:
        return
    for name in SUPPLIES_OF_RECYCLING:
        source = getattr(recycling, name)
        if source.kind:
            yield from _source(source, known, suppliers, f"{place} › recycling › {name}")
    if not recycling.lhv_mj_per_kg and any(decimal(getattr(recycling, key)) != 0 for key in SHARED_OUT[-1]):
        yield Flaw("key-missing", {"key": "lhv_mj_per_kg"}, f"{place} › recycling")
    for keys in SHARED_OUT:
        numbers = [decimal(getattr(recycling, key)) for key in keys]
        total = sum((number for number in numbers if number is not None), Decimal(0))
        if total > 1:
            yield Flaw("shares-above-one", {"keys": " + ".join(keys), "sum": str(total)}, f"{place} › recycling")


def _source(
    source: pm.Source, known: set[str], suppliers: set[str], where: str, *, is_input: bool = False
) -> Iterator[Flaw]:
    given = [name for name in SOURCES if getattr(source, name)]
    # A record may be chosen for an activity; everything else stands alone.
    if len(given) != 1 and set(given) != {"activity", "factor"}:
        yield Flaw("source-not-one", {"choices": ", ".join(SOURCES)}, where)
    if source.certificate and (source.kind != "activity" or not is_input):
        yield Flaw("certificate-misplaced", {"certificate": source.certificate}, where)
    if source.process and source.process not in known:
        yield Flaw("process-unknown", {"process": source.process}, where)
    if source.supplier and source.supplier not in suppliers:
        yield Flaw("supplier-unknown", {"supplier": source.supplier}, where)


def _module(module: str, stage: str, where: str) -> Iterator[Flaw]:
    if module and stage and pm.STAGE_OF_MODULE[module] != stage:
        yield Flaw("module-of-stage", {"module": module, "stage": stage, "wanted": pm.STAGE_OF_MODULE[module]}, where)


def _parts(parts: Sequence[pm.Part], known: set[str], suppliers: set[str], where: str) -> Iterator[Flaw]:
    yield from _twice([one.id for one in parts], where)
    for part in parts:
        place = _told(f"{where} › {part.id}", part.line)
        if part.input is not None:
            yield from _input(part.input, "", known, suppliers, place, is_part=True)
        yield from _parts(part.parts, known, suppliers, place)


def _told(text: str, line: str) -> str:
    return f"{text} ({LINE} {line})" if line else text
