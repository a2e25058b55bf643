"""Results by the modules of EN 15804 as a declaration states them, added up over those that somebody asks for.

What is not declared is refused, never taken for zero; a whole (A1-A3) is taken as declared or added up from its
modules, never both; scenarios exclude each other and are chosen by name; module D stands outside every sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lca.importers.stated import Reading, agrees, per_unit
from lca.modules import BEYOND, MODULES

PRODUCT_STAGE = "A1-A3"
TOTAL, FOSSIL, BIOGENIC, LULUC = "total", "fossil", "biogenic", "luluc"

Key = tuple[str, str]  # module, scenario
Values = Mapping[Key, Decimal | None]

_RANGE = re.compile(r"([A-C])([1-8])-(?:[A-C])?([1-8])")


@dataclass(frozen=True, slots=True)
class Asked:
    """Modules to add up, and the scenario chosen for each that is declared in several."""

    modules: Sequence[str] = (PRODUCT_STAGE,)
    scenarios: Mapping[str, str] = field(default_factory=dict)


def kgco2e(declared: Mapping[str, Values], asked: Asked, reading: Reading) -> dict[str, Decimal]:
    """Return the sums over the modules asked for, by part; only the total where its parts are not all declared.

    ``declared`` holds the values by part, ``TOTAL`` and, where the declaration splits it, the others. What stands
    against adding up is noted in ``reading``.
    """
    if not _may_be_added(asked.modules, reading) or TOTAL not in declared:
        return {}
    total = _sum(declared[TOTAL], asked, reading)
    if total is None:
        return {}
    silent = Reading(reading.where)
    parts = {part: _sum(declared.get(part, {}), asked, silent) for part in (FOSSIL, BIOGENIC, LULUC)}
    known = {part: value for part, value in parts.items() if value is not None}
    if len(known) < len(parts):
        missing = ", ".join(part for part in parts if part not in known)
        reading.tell("declared-parts-missing", parts=missing, modules=" + ".join(asked.modules))
        return {TOTAL: total}
    if not agrees(total, list(known.values())):
        reading.tell("declared-parts-differ", total=total, sum=sum(known.values(), Decimal(0)))
    return {TOTAL: total, **known}


def parts_per_unit(sums: Mapping[str, Decimal], amount: Decimal) -> dict[str, str]:
    """Return the fields of a supplier's footprint: uptake apart, and the total kept where parts differ from it."""
    biogenic, luluc = sums.get(BIOGENIC, Decimal(0)), sums.get(LULUC, Decimal(0))
    return {
        "kgco2e": per_unit(sums[TOTAL], amount),
        "fossil": per_unit(sums[TOTAL] - biogenic - luluc, amount),
        "biogenic_emissions": per_unit(max(biogenic, Decimal(0)), amount),
        "biogenic_removals": per_unit(min(biogenic, Decimal(0)), amount),
        "land_use": per_unit(luluc, amount),
    }


def _may_be_added(modules: Sequence[str], reading: Reading) -> bool:
    """Tell whether the modules are modules, stand inside the system and do not hold one another."""
    found = len(reading.flaws)
    seen: dict[str, str] = {}
    if not modules:
        reading.refuse("choose-one", key="modules", choices=", ".join((PRODUCT_STAGE, *MODULES)))
    for module in modules:
        if module == BEYOND:
            reading.refuse("module-outside")
            continue
        singles = singles_of(module)
        if not singles:
            reading.refuse("value-refused", key="module", value=module, wanted=", ".join((PRODUCT_STAGE, *MODULES)))
        for single in singles:
            if single in seen:
                reading.refuse("modules-overlap", whole=seen[single], part=module)
                break
            seen[single] = module
    return len(reading.flaws) == found


def singles_of(module: str) -> tuple[str, ...]:
    """Return the modules that a module or a range of them holds, none for what is neither."""
    if module in MODULES:
        return (module,)
    found = _RANGE.fullmatch(module)
    if found is None:
        return ()
    stage, first, last = found.groups()
    singles = tuple(f"{stage}{number}" for number in range(int(first), int(last) + 1))
    return singles if set(singles) <= set(MODULES) else ()


def _sum(values: Values, asked: Asked, reading: Reading) -> Decimal | None:
    found = [_whole(values, module, asked.scenarios, reading) for module in asked.modules]
    return None if None in found else sum((one for one in found if one is not None), Decimal(0))


def _whole(values: Values, module: str, scenarios: Mapping[str, str], reading: Reading) -> Decimal | None:
    """Return a module as declared, or a range added up from its modules where all of them are."""
    singles = singles_of(module)
    if any(held == module for held, _ in values) or singles == (module,):
        return _value(values, module, scenarios, reading)
    found = [_value(values, one, scenarios, reading) for one in singles]
    return None if None in found else sum((one for one in found if one is not None), Decimal(0))


def _value(values: Values, module: str, scenarios: Mapping[str, str], reading: Reading) -> Decimal | None:
    offered = _offered(values, module)
    wanted = scenarios.get(module, "")
    if (wanted or "" not in offered) and offered and wanted not in offered:
        named = sorted(filter(None, offered)) or ["–"]
        reading.refuse("choose-one", key=f"scenario of {module}", choices="; ".join(named))
        return None
    found = values.get((module, wanted))
    if found is None:
        reading.refuse("module-not-declared", module=module)
    return found


def _offered(values: Iterable[Key], module: str) -> set[str]:
    return {scenario for held, scenario in values if held == module}
