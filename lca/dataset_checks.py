"""What a unit process cannot be: valid until before it begins, heavier than what enters it, giving off more carbon.

Only what physics excludes is told. Matter is compared where everything that enters and carries matter is measured by
mass: freight, power, heat and land carry none. Emissions are left out of the mass, since they take oxygen from air that
nobody records; the carbon of CO2 may not outweigh all that enters. Processes that take nothing begin in nature and are
not judged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from factors.errors import FactorsError
from factors.units import multiplier
from lca.dataset import SYSTEM_PROCESS, Exchange, Finding, Flow, LciDatabase, UnitProcess
from lca.formulas.chemistry import co2_per
from lca.greenhouse import gas_of

TOLERANCE = 0.01
"""By how much of it more may leave than enters: the digits that publishers print, and water that they round."""

_CARRIES_NONE = re.compile(r"electric|\bheat\b|steam|power|transport|energy|occupation|transformation", re.IGNORECASE)


def checks(database: LciDatabase) -> tuple[Finding, ...]:
    """Return what cannot be right in the processes of ``database``."""
    weigh = _Scales()
    return tuple(found for process in database.processes for found in _of(process, database, weigh))


def _of(process: UnitProcess, database: LciDatabase, weigh: _Scales) -> Iterator[Finding]:
    where = f"{process.name} ({process.id})"
    start, until = process.valid_from, process.valid_until
    if start and until and until < start[: len(until)]:
        yield Finding("dates-reversed", where, {"start": start, "until": until}, is_error=True)
    if process.kind == SYSTEM_PROCESS:
        return
    taken = _mass(process, database, weigh)
    if not taken:
        return
    leaving = {"mass-created": _made(process, database, weigh), "carbon-created": _carbon(process, database, weigh)}
    for code, out in leaving.items():
        if out is not None and out > taken * (1 + TOLERANCE):
            yield Finding(code, where, {"out": f"{out:.6g}", "taken": f"{taken:.6g}"})


class _Scales:
    """Kilograms of exchanges; the factor of each unit is looked up once."""

    def __init__(self) -> None:
        self._factors: dict[str, float | None] = {}

    def kg(self, exchange: Exchange, flow: Flow) -> float | None:
        """Return the mass of an exchange, None where its unit is none of mass."""
        if flow.unit not in self._factors:
            self._factors[flow.unit] = self._factor(flow.unit)
        factor = self._factors[flow.unit]
        return None if factor is None else exchange.amount * exchange.to_reference * factor

    @staticmethod
    def _factor(unit: str) -> float | None:
        try:
            return float(multiplier(unit, "kg"))
        except FactorsError:
            return None


def _mass(process: UnitProcess, database: LciDatabase, weigh: _Scales) -> float | None:
    """Return kg of all that enters, None where something that carries matter is measured otherwise."""
    masses = []
    for exchange in process.exchanges:
        flow = database.flows[exchange.flow]
        if exchange.is_input and not exchange.is_avoided and exchange.amount:
            mass = weigh.kg(exchange, flow)
            if mass is not None:
                masses.append(mass)
            elif not _is_without_matter(flow):
                return None
    return math.fsum(masses)


def _is_without_matter(flow: Flow) -> bool:
    return _CARRIES_NONE.search(flow.name) is not None


def _made(process: UnitProcess, database: LciDatabase, weigh: _Scales) -> float | None:
    """Return kg of products and wastes that leave, None where one is measured otherwise."""
    masses = []
    for exchange in process.exchanges:
        flow = database.flows[exchange.flow]
        if exchange.is_input or exchange.is_avoided or flow.kind == "elementary":
            continue
        mass = weigh.kg(exchange, flow)
        if mass is None and not _is_without_matter(flow):
            return None
        masses.append(mass or 0.0)
    return math.fsum(masses)


def _carbon(process: UnitProcess, database: LciDatabase, weigh: _Scales) -> float:
    """Return kg of carbon that leaves into air as CO2."""
    return math.fsum(
        (weigh.kg(exchange, flow) or 0.0) * _carbon_share(flow)
        for exchange in process.exchanges
        if not exchange.is_input and (flow := database.flows[exchange.flow]).kind == "elementary"
    )


def _carbon_share(flow: Flow) -> float:
    gas = gas_of(flow, is_input=False)
    return 1 / co2_per("C") if gas is not None and gas.gas == "CO2" and gas.sign > 0 else 0.0
