"""Emissions embedded in the goods of an installation, by production process: CBAM, (EU) 2025/2547.

    AttrEm_dir = DirEm + heat in - heat out + waste gas in - waste gas out
    AttrEm_indir = MWh used x EF - MWh made x EF
    SEE_g = AttrEm / AL + sum over precursors of m_i x SEE_i        cement: SEE of its clinker x clinker content

The data are those of the installation's processes over a calendar year, not a bill of materials. Direct and indirect
emissions stay apart; a precursor is another process of the installation or a good that is bought, by what its maker
states or by a default value. ``lca.cbam`` has the equations.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from lca import cbam
from lca.cbam import Embedded, Good, Precursor
from lca.errors import ModelInvalid
from lca.flaws import Flaw
from lca.footprint_method import FootprintMethod, load
from lca.numbers import canonical
from lca.record_reading import Reader, Rules, decimal
from lca.snapshot import canonical_bytes

SCHEMA = "tanji.installation-1"
METHOD = "cbam.2025_2547"
PLACES = 5
"""Decimals of specific embedded emissions, annex II, A.1."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A precursor of a process: tonnes of it per functional unit of the good, losses and scrap included."""

    id: str
    mass: str
    process: str = ""  # of this installation, or what follows
    cn_code: str = ""
    direct: str = "0"  # SEE, t CO2e per t
    indirect: str = "0"
    is_exempt: bool = False  # made in the Union or an exempted country
    is_default: bool = False  # a default value stands in; the mark-up of the year is added
    source: str = ""


@dataclass(frozen=True, slots=True)
class ProductionProcess:
    """A production process over the year: emissions in t CO2e, power in MWh, its factors in t CO2e/MWh."""

    id: str
    zh: str
    cn_code: str
    boundary: str  # of the method: direct | direct_and_indirect
    activity_level: str  # functional units of goods that can be sold or used as a precursor
    direct_t: str
    source: str
    en: str = ""
    route: str = ""
    unit: str = "t"
    heat_in_t: str = "0"
    heat_out_t: str = "0"
    waste_gas_in_t: str = "0"
    waste_gas_out_t: str = "0"
    power_used_mwh: str = "0"
    power_factor: str = "0"
    power_made_mwh: str = "0"
    power_made_factor: str = "0"
    clinker_content: str = ""  # of a cement, t per t
    precursors: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation with its production processes in a calendar year."""

    id: str
    zh: str
    country: str
    year: str
    processes: tuple[ProductionProcess, ...]
    en: str = ""
    operator: str = ""
    address: str = ""
    un_locode: str = ""
    latitude: str = ""
    longitude: str = ""
    direct_t: str = ""  # of the whole installation, to reconcile with


_NUMBERS = {
    "mass", "direct", "indirect", "activity_level", "direct_t", "heat_in_t", "heat_out_t", "waste_gas_in_t",
    "waste_gas_out_t", "power_used_mwh", "power_factor", "power_made_mwh", "power_made_factor", "clinker_content",
    "latitude", "longitude",
}  # fmt: skip
_SIGNED = {"latitude", "longitude", "direct", "indirect", "direct_t"}
_RULES = Rules(
    required={
        Installation: ("id", "zh", "country", "year", "processes"),
        ProductionProcess: ("id", "zh", "cn_code", "boundary", "activity_level", "direct_t", "source"),
        Taken: ("id", "mass"),
    },
    numbers=frozenset(_NUMBERS),
    not_negative=frozenset(_NUMBERS - _SIGNED),
)


def installation(data: Record) -> Installation:
    """Return the installation that plain data describe.

    Raises:
        ModelInvalid: everything that is wrong with them.
    """
    plain = dict(data)
    problems: list[Flaw] = []
    schema = plain.pop("schema", SCHEMA)
    if schema != SCHEMA:
        problems.append(Flaw("schema-unknown", {"schema": schema, "known": SCHEMA}))
    found: Installation = Reader(_RULES, problems).record(Installation, plain, "")
    if not problems:
        problems += _whole(found)
    if problems:
        raise ModelInvalid(problems)
    return found


def embedded(found: Installation) -> dict[str, Any]:
    """Return what each process' good embeds, with every operand, and the digest of both.

    Raises:
        OperandOutOfRange: amounts that make no sense; the process is named.
    """
    method = load(METHOD)
    goods: dict[str, Good] = {}
    processes = {one.id: one for one in found.processes}
    rows = [_row(one, processes, goods, method, found.year) for one in found.processes]
    body = {
        "schema": SCHEMA,
        "method": {"id": method.id, "version": method.version, "gwp_set": method.gwp_set},
        "installation": _plain(found),
        "goods": rows,
        "reconciliation_factor": _reconciled(found),
        "warnings": list(_warnings(found, method)),
    }
    return body | {"snapshot_sha256": hashlib.sha256(canonical_bytes(body)).hexdigest()}


def _row(
    one: ProductionProcess,
    processes: Mapping[str, ProductionProcess],
    goods: dict[str, Good],
    method: FootprintMethod,
    year: str,
) -> dict[str, Any]:
    good = _good(one, processes, goods, method, year)
    see = cbam.embedded(good)
    content = float(one.clinker_content) if one.clinker_content else None
    of_clinker = [see.direct, see.indirect]
    shown = of_clinker if content is None else [cbam.by_clinker_content(value, content) for value in of_clinker]
    counts_power = one.boundary == "direct_and_indirect"
    return {
        "id": one.id,
        "zh": one.zh,
        "en": one.en or one.zh,
        "cn_code": one.cn_code,
        "per": "t" if content is not None else one.unit,
        "own_direct": canonical(good.own.direct),
        "own_indirect": canonical(good.own.indirect),
        "see_direct": _places(shown[0]),
        "see_indirect": _places(shown[1]),
        "see": _places(shown[0] + (shown[1] if counts_power else 0.0)),
        "is_indirect_counted": counts_power,
    }


def _good(
    one: ProductionProcess,
    processes: Mapping[str, ProductionProcess],
    goods: dict[str, Good],
    method: FootprintMethod,
    year: str,
) -> Good:
    """Return the good of a process with its precursors, each worked out once; no process is its own precursor."""
    if one.id not in goods:
        level = float(one.activity_level)
        direct = cbam.attributed_direct(
            float(one.direct_t), float(one.heat_in_t), float(one.heat_out_t), float(one.waste_gas_in_t),
            float(one.waste_gas_out_t),
        )  # fmt: skip
        indirect = cbam.attributed_indirect(
            float(one.power_used_mwh) * float(one.power_factor),
            float(one.power_made_mwh) * float(one.power_made_factor),
        )
        own = Embedded(cbam.specific(direct, level), cbam.specific(indirect, level))
        taken = []
        for part in one.precursors:
            of_it = processes.get(part.process)
            made = _good(of_it, processes, goods, method, year) if of_it else _bought(part, method, year)
            taken.append(Precursor(made, float(part.mass)))
        goods[one.id] = Good(one.id, own, tuple(taken))
    return goods[one.id]


def _bought(part: Taken, method: FootprintMethod, year: str) -> Good:
    direct, indirect = float(part.direct), float(part.indirect)
    if part.is_default:
        mark_up = float(method.parameters[_mark_up(method, year)].value)
        direct, indirect = cbam.marked_up(direct, mark_up), cbam.marked_up(indirect, mark_up)
    return Good(part.id, Embedded(direct, indirect), is_exempt=part.is_exempt)


def _mark_up(method: FootprintMethod, year: str) -> str:
    """Return the parameter of the mark-up of a year; later years keep the last one stated, earlier the first."""
    stated = sorted(name for name in method.parameters if name.startswith("mark_up_"))
    reached = [name for name in stated if name <= f"mark_up_{year}"]
    return reached[-1] if reached else stated[0]


def _reconciled(found: Installation) -> str | None:
    """Return RecF, None where the whole installation's direct emissions are not stated."""
    if not found.direct_t:
        return None
    processes = {one.id: float(one.direct_t) for one in found.processes}
    return canonical(cbam.reconciliation_factor(float(found.direct_t), processes))


def _warnings(found: Installation, method: FootprintMethod) -> Iterator[dict[str, Any]]:
    for key in ("operator", "address", "un_locode", "latitude", "longitude"):
        if not getattr(found, key):
            yield {"code": "installation-unstated", "params": {"key": key}}
    factor = _reconciled(found)
    if factor is not None and abs(float(factor) - 1) > 1e-9:
        yield {"code": "not-reconciled", "params": {"factor": factor}}
    for process in found.processes:
        for part in process.precursors:
            if part.is_default:
                name = _mark_up(method, found.year)
                params = {"process": process.id, "precursor": part.id, "mark_up": method.parameters[name].value}
                yield {"code": "default-used", "params": params}
    yield {"code": "method_unconfirmed", "params": {"note": {"zh": method.evidence.zh, "en": method.evidence.en}}}


def _places(value: float) -> str:
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-PLACES)))


# --- reading -------------------------------------------------------------------------------------


def _whole(found: Installation) -> Iterator[Flaw]:
    method = load(METHOD)
    boundaries, units = tuple(method.boundary.types), method.unit.of
    ids = [one.id for one in found.processes]
    twice = sorted(one for one, times in Counter(ids).items() if times > 1)
    yield from (Flaw("id-twice", {"id": one}, "processes") for one in twice)
    if not found.year.isdecimal() or len(found.year) != len("2026"):
        yield Flaw("not-a-plain-number", {"key": "year", "value": found.year})
    for one in found.processes:
        place = f"processes {one.id}"
        if one.boundary not in boundaries:
            params = {"key": "boundary", "value": one.boundary, "choices": ", ".join(boundaries)}
            yield Flaw("not-listed", params, place)
        if one.unit not in units:
            yield Flaw("not-listed", {"key": "unit", "value": one.unit, "choices": ", ".join(units)}, place)
        if decimal(one.activity_level) == 0:
            yield Flaw("amount-not-above", {"key": "activity_level", "value": one.activity_level}, place)
        content = decimal(one.clinker_content) if one.clinker_content else None
        if content is not None and content > 1:
            yield Flaw("share-outside", {"key": "clinker_content", "value": one.clinker_content}, place)
        for part in one.precursors:
            yield from _precursor(part, ids, f"{place} › {part.id}")
    yield from _cycles(found.processes)


def _precursor(part: Taken, ids: Sequence[str], place: str) -> Iterator[Flaw]:
    if part.process and part.process not in ids:
        yield Flaw("process-unknown", {"process": part.process}, place)
    if not part.process and not part.source:
        yield Flaw("key-missing", {"key": "source"}, place)


def _cycles(processes: Sequence[ProductionProcess]) -> Iterator[Flaw]:
    """Yield processes that are precursors of themselves: their embedded emissions have no beginning."""
    takes = {one.id: [part.process for part in one.precursors if part.process] for one in processes}
    for start in takes:
        seen, left = set(), list(takes[start])
        while left:
            name = left.pop()
            if name == start:
                yield Flaw("precursor-of-itself", {"process": start})
                break
            if name not in seen:
                seen.add(name)
                left += takes.get(name, [])


def _plain(found: Installation) -> dict[str, Any]:
    def record(one: Any) -> dict[str, Any]:
        values = {field.name: getattr(one, field.name) for field in fields(one)}
        return {
            key: [record(each) for each in value] if isinstance(value, tuple) else _written(value)
            for key, value in values.items()
            if value not in ("", ())
        }

    return record(found)


def _written(value: Any) -> Any:
    """Return a value as a file has it: all are texts."""
    return str(value).lower() if isinstance(value, bool) else value
