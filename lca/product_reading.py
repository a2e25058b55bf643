"""A product model from plain data (YAML, JSON, a workbook): every problem at once, each with its place.

The dataclasses of ``lca.product_model`` are the description of the file; keys may be written as there, and ``name``
as ``zh`` and ``en`` beside the other keys. Scalars are text, so that digits stay as written. A bare text where both
languages may stand (a category, a statement, the source of a parameter) is the Chinese one, shown in both.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from factors.errors import FactorsError, UnknownGeography
from factors.geographies import shipped
from factors.near import near
from factors.strict_yaml import LINE
from factors.units import parse_unit
from lca import product_model as pm
from lca.errors import ModelInvalid
from lca.flaws import Flaw

FORMULA = "="
SOURCES = ("process", "activity", "factor", "background", "supplier")
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

_POSITIVE = {"output", "utilisation", "quality_in", "quality_out", "yield_at_end"}
_NOT_NEGATIVE = {"mass_kg", "km", "quantity", "price_cny", "carbon_kg", "lifetime_km", "lhv_mj_per_kg"}
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
    read = _Reader(problems)
    found: pm.Model = read.record(pm.Model, plain, "")
    if not problems:
        problems += _whole(found)
    if problems:
        raise ModelInvalid(problems)
    return found


class _Reader:
    """Makes dataclasses of mappings and collects what is wrong."""

    def __init__(self, problems: list[Flaw]) -> None:
        self.problems = problems

    def flaw(self, where: str, code: str, **params: object) -> None:
        self.problems.append(Flaw(code, params, where))

    def flaw_of(self, where: str, code: str, **params: object) -> None:
        """Note what is wrong with one value; its key stands in the sentence."""
        self.flaw(where.rpartition(" › ")[0], code, **params)

    def record(self, kind: Any, data: Any, where: str) -> Any:
        """Return ``data`` as a ``kind``, with what could be read of it."""
        if not isinstance(data, Mapping):
            self.flaw(where, "not-a-mapping", key=where)
            return _empty(kind)
        hints, known = _hints(kind), _known(kind)
        given = _named(kind, data)
        place = _place(where, given)
        for key in _REQUIRED.get(kind, ()):
            if key not in given:
                self.flaw(place, "key-missing", key=key)
        values = {}
        for key, value in given.items():
            name = known.get(key)
            if name is not None:
                where = f"{place} › {key}" if place else key
                values[name] = self.value(hints[name], value, where, name)
                self.known(kind, name, values[name], where)
            elif key != LINE:
                self.flaw(place, "key-unknown", key=key, near=", ".join(near(str(key), known)) or "-")
        if "line" in hints and LINE in given:
            values["line"] = given[LINE]
        return self._made(kind, values)

    def _made(self, kind: type, values: dict[str, Any]) -> Any:
        for name, hint in _required(kind).items():
            if name not in values:
                values[name] = _blank(hint)
        return kind(**values)

    def value(self, hint: Any, data: Any, where: str, name: str) -> Any:
        """Return ``data`` as the type of its field."""
        shape, inner = _shape(hint)
        if shape is str and isinstance(data, str):  # most values
            return self.text(data, where, name)
        if shape is tuple:
            return self.items(inner, data, where)
        if shape is Mapping:
            return self.texts(data, where, inner)
        if shape is object:
            is_bare = inner is pm.Name and isinstance(data, str)
            return pm.Name(data.strip()) if is_bare else self.record(inner, data, where)
        if isinstance(data, Mapping | list):
            self.flaw(where, "not-text", key=name)
            return _blank(inner)
        if shape is bool:
            return self.choice(str(data).casefold(), ("true", "false"), where, name) == "true"
        if shape is int:
            return int(self.choice(str(data), tuple("012345"), where, name) or 0)
        return self.text(str(data), where, name)

    def items(self, hint: Any, data: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(data, list):
            self.flaw(where, "not-a-list", key=where.rpartition(" › ")[2])
            return ()
        if hint is int:
            return tuple(int(self.choice(str(one), tuple("12345"), where, "pedigree") or 1) for one in data)
        return tuple(self.record(hint, one, f"{where} {number}") for number, one in enumerate(data, 1))

    def texts(self, data: Any, where: str, kind: type = str) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self.flaw(where, "not-a-mapping", key=where.rpartition(" › ")[2])
            return {}
        if kind is str:
            return {str(key): str(value) for key, value in data.items() if key != LINE}
        return {str(key): self.value(kind, one, f"{where} › {key}", key) for key, one in data.items() if key != LINE}

    def choice(self, value: str, choices: Sequence[str], where: str, name: str) -> str:
        if value in choices:
            return value
        self.flaw_of(where, "not-listed", key=name, value=value, choices=", ".join(choices))
        return ""

    def text(self, value: str, where: str, name: str) -> str:
        value = value.strip()
        if name in _CHOICES and value:
            return self.choice(value, _CHOICES[name], where, name)
        if name in _DECIMALS and value and (name in _PLAIN or not value.startswith(FORMULA)):
            self.number(value, where, name)
        return value

    def known(self, kind: Any, name: str, value: Any, where: str) -> None:
        """Note a unit or a place that nobody can compute with; the unit of a parameter is for people."""
        try:
            if name == "unit" and isinstance(value, str) and value and kind is not pm.ModelParameter:
                parse_unit(value)
            if name == "region" and kind in (pm.Model, pm.Source) and (value or kind is pm.Model):
                shipped().resolve(value)
        except UnknownGeography as error:
            self.flaw_of(where, "region-unknown", key=name, place=value, near=", ".join(error.near) or "-")
        except FactorsError:
            self.flaw_of(where, "unit-unknown", key=name, unit=value)

    def number(self, value: str, where: str, name: str) -> None:
        found = decimal(value)
        if found is None:
            self.flaw_of(where, "not-a-plain-number" if name in _PLAIN else "not-a-number", key=name, value=value)
        elif name in _SHARES and not 0 <= found <= 1:
            self.flaw_of(where, "share-outside", key=name, value=value)
        elif name in _POSITIVE and found <= 0:
            self.flaw_of(where, "amount-not-above", key=name, value=value)
        elif name in _NOT_NEGATIVE and found < 0:
            self.flaw_of(where, "amount-below", key=name, value=value)


def decimal(text: str) -> Decimal | None:
    """Return a plain decimal number, None for anything else; digits are bounded."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and -60 < found.adjusted() < 60 else None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _known(kind: type) -> dict[str, str]:
    """Return the fields of a dataclass by the keys of a file."""
    return {"from" if hint is pm.Source and name == "source" else name: name for name, hint in _hints(kind).items()}


@cache
def _required(kind: type) -> dict[str, Any]:
    """Return the hints of the fields that have no default."""
    return {
        field.name: _hints(kind)[field.name]
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }


@cache
def _shape(hint: Any) -> tuple[type, Any]:
    """Return what a field is read as, and what it is of: tuple, Mapping, object (a dataclass), or a plain value."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _shape(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        return tuple, arguments[0]
    if origin is Mapping or hint is Mapping or origin is dict:
        return Mapping, arguments[1] if arguments else str
    if dataclasses.is_dataclass(hint):
        return object, hint
    return (hint if hint in (bool, int) else str), hint


def _named(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a mapping, ``zh`` and ``en`` gathered as its name."""
    given = dict(data)
    if kind is not pm.Name and "name" in _hints(kind) and "name" not in given and kind is not pm.ModelParameter:
        given["name"] = {key: given.pop(key) for key in ("zh", "en") if key in given} or str(given.get("id", ""))
    if kind is pm.Part and "from" in given:
        said = {key: given.pop(key) for key in OF_PART if key in given}
        supplied = {"id": given.get("id", ""), "amount": given.get("mass_kg", "0"), "unit": "kg", **said}
        given["input"] = {**supplied, "name": given["name"], **({LINE: given[LINE]} if LINE in given else {})}
    if kind is pm.ModelParameter and "text" not in given:
        given["text"] = {key: given.pop(key) for key in ("zh", "en") if key in given} or {}
    return given


def _place(where: str, given: Mapping[str, Any]) -> str:
    """Return where a mapping stands: its path, itself by its id rather than its number, and its line."""
    head, _, last = where.rpartition(" › ")
    kind = last.rstrip("0123456789").rstrip()
    named = f"{kind} {given['id']}".strip() if "id" in given and kind != last else last
    line = f"{named} ({LINE} {given[LINE]})" if LINE in given and kind != last else named
    return f"{head} › {line}" if head else line


def _blank(hint: Any) -> Any:
    if hint is str:
        return ""
    if typing.get_origin(hint) is tuple:
        return ()
    if typing.get_origin(hint) is Mapping or hint is Mapping:
        return {}
    return _empty(hint) if dataclasses.is_dataclass(hint) else None


def _empty(kind: Any) -> Any:
    """Return a dataclass with nothing in it, for what could not be read: the problem is noted already."""
    return kind(**{name: _blank(hint) for name, hint in _required(kind).items()})


# --- what several places say together ------------------------------------------------------------


def _whole(found: pm.Model) -> Iterator[Flaw]:
    ids = [process.id for process in found.processes]
    yield from _twice(ids, "processes")
    yield from _twice([one.id for one in found.suppliers], "suppliers")
    yield from _twice([one.id for one in found.scenarios], "scenarios")
    known, suppliers = {*ids, pm.ROOT}, {one.id for one in found.suppliers}
    if found.main not in known or (found.main == pm.ROOT and pm.ROOT not in ids and not found.parts):
        yield Flaw("main-unknown", {"process": found.main})
    yield from _period(found)
    for scenario in found.scenarios:
        for name, value in scenario.parameters.items():
            if decimal(value) is None:
                yield Flaw("not-a-number", {"key": name, "value": value}, f"scenarios › {scenario.id}")
    for process in found.processes:
        yield from _process(process, known, suppliers)
    yield from _parts(found.parts, known, suppliers, "parts")


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
    for one in sorted({one for one in ids if ids.count(one) > 1}):
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
