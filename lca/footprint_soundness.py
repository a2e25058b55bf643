"""Whether the snapshot of a footprint holds together: what a stranger checks before the sums are redone.

The snapshot carries its method, factors, suppliers' footprints and warming potentials, so every supply can be held
against what it cites. What does not fit is yielded in codes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from factors.errors import FactorsError
from factors.library import load
from factors.units import factor_units, multiplier
from lca.flaws import Flaw
from lca.footprint_method import from_record
from lca.formulas import FORMULAS
from lca.greenhouse import FOSSIL, UNSPLIT, potential
from lca.numbers import canonical
from lca.product_lines import BURDEN, CREDIT, GATE
from lca.product_model import Name, SupplierFootprint
from lca.soundness import wanted
from lca.supplies import of_supplier

Record = Mapping[str, Any]

KEYS = frozenset(
    {
        "schema", "footprint", "model", "parameters", "method", "library", "overlay", "engine", "nodes",
        "components", "links", "main", "demand", "lines", "given", "supplies", "gwp", "factors", "results",
        "checks", "warnings", "certificates", "unused_parameters",
    }
)  # fmt: skip
CLAIMS = frozenset({"self_declared"})
BUCKETS = frozenset({GATE, BURDEN, CREDIT})
CLOSE = 1e-9  # of values that are written at twelve digits


def problems_of(snapshot: Record) -> Iterator[Flaw]:
    """Yield everything that does not fit in a snapshot of this schema."""
    for key in sorted(set(snapshot) - KEYS):
        yield Flaw("key-unknown", {"key": key, "near": "-"})
    if snapshot["footprint"]["claim"] not in CLAIMS:
        yield Flaw("claim-unknown", {"claim": repr(snapshot["footprint"]["claim"])})
    yield from _twice(snapshot)
    yield from _gwp(snapshot)
    for identifier, factor in snapshot["factors"].items():
        if factor["id"] != identifier:
            yield Flaw("factor-misnamed", {"factor": identifier, "name": factor["id"]})
    yield from _nodes(snapshot)
    stages = {stage.id for stage in from_record(snapshot["method"]).boundary.stages} | {""}
    for line in snapshot["lines"]:
        yield from (flaw.within(line["id"]) for flaw in _line(line, stages, snapshot))
    for line in snapshot["given"]:
        if line["stage"] not in stages:
            yield Flaw("stage-strange", {"stage": line["stage"]}, where=line["id"])
    for name, supply in snapshot["supplies"].items():
        yield from (flaw.within(name) for flaw in _supply(supply, snapshot))


def _twice(snapshot: Record) -> Iterator[Flaw]:
    for records in ((*snapshot["lines"], *snapshot["given"]), snapshot["nodes"]):
        counted = Counter((one["id"], one.get("supply", "")) for one in records)
        yield from (Flaw("id-twice", {"id": key[0]}) for key, times in counted.items() if times > 1)


def _gwp(snapshot: Record) -> Iterator[Flaw]:
    """The set is the method's, and its potentials are those that the panel printed."""
    if list(snapshot["gwp"]) != [snapshot["method"]["gwp_set"]]:
        yield Flaw("gwp-set-differs")
        return
    known = load().gwp_sets[snapshot["method"]["gwp_set"]]
    for gas, value in snapshot["gwp"][known.name].items():
        if canonical(potential(gas, known)) != value:
            yield Flaw("gwp-differs", {"gas": gas, "gwp_set": known.name})


def _nodes(snapshot: Record) -> Iterator[Flaw]:
    for node in snapshot["nodes"]:
        if not 0 <= float(node["share"]) <= 1:
            yield Flaw("share-outside", {"key": "share", "value": node["share"]}, where=node["id"])
        if not 0 < float(node["output"]) < math.inf:
            yield Flaw("amount-not-above", {"key": "output", "value": node["output"]}, where=node["id"])


def _line(line: Record, stages: set[str], snapshot: Record) -> Iterator[Flaw]:
    if line["stage"] not in stages:
        yield Flaw("stage-strange", {"stage": line["stage"]})
    if line["bucket"] not in BUCKETS:
        yield Flaw("bucket-strange", {"bucket": line["bucket"]})
    unit = snapshot["supplies"][line["supply"]]["unit"]
    try:
        scale = canonical(float(multiplier(line["unit"], unit))) if line["unit"] != unit else "1"
    except FactorsError:
        scale = ""
    if scale != line["to_basis"]:
        yield Flaw("conversion-differs")


def _supply(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    if supply["kind"] == "supplier":
        yield from _stated(supply, snapshot)
        return
    if not supply["factor"]:
        return  # an inventory of many processes: its impacts are no printed value
    if not _is_printed(supply, snapshot):
        params = {"printed": f"{supply['factor']} {supply['factor_unit']}"}
        yield Flaw("supply-differs", params)
    yield from _derived(supply, snapshot)
    if len(supply["factor_ids"]) == 1 and not _is_cited(supply, snapshot):
        yield Flaw("operand-miscited", {"key": supply["factor_unit"], "factor": supply["factor_ids"][0]})


def _stated(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    """The gases of a supplier's footprint are those of the record that the model holds of it."""
    records = {f"supplier|{one['id']}": one for one in snapshot["model"].get("suppliers", ())}
    if supply["key"] not in records:
        yield Flaw("supplier-unknown", {"supplier": supply["key"]})
        return
    record = records[supply["key"]]
    stated = of_supplier(SupplierFootprint(**{**record, "name": Name(**record["name"])}))
    gases = {gas: canonical(mass) for gas, mass in stated.gases_kg.items()}
    if gases != supply["gases_kg"] or (stated.unit, stated.factor) != (supply["unit"], supply["factor"]):
        yield Flaw("supply-differs", {"printed": f"{stated.factor} {stated.factor_unit}"})


def _derived(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    """Gases that follow from several values do so, and each value is the one that its record prints."""
    made = supply.get("derivation")
    if made is None:
        return
    operands = {one["key"]: float(one["value"]) for one in made["operands"]}
    gases = FORMULAS[made["formula"]].gases(operands)
    if {gas: canonical(gases[name]) for gas, name in made["gases"].items()} != supply["gases_kg"]:
        yield Flaw("gases-differ")
    for one in made["operands"]:
        cited = snapshot["factors"].get(one["factor_id"]) if one["factor_id"] else None
        if cited is not None and not any(_close(float(one["value"]), there) for there in wanted(one, cited)):
            params = {"key": one["key"], "value": one["value"], "printed": f"{cited['value']} {cited['unit']}"}
            yield Flaw("operand-differs", params)


def _is_printed(supply: Record, snapshot: Record) -> bool:
    """Do the gases of one unit follow from the value printed beside them?"""
    read = _read(supply["factor"], supply["factor_unit"], supply["unit"])
    if read is None:
        return False
    gas, printed = read
    if gas != UNSPLIT:
        return any(_close(float(mass), printed) for mass in supply["gases_kg"].values())
    potentials = next(iter(snapshot["gwp"].values()))
    names = {gas: gas.partition("/")[0] for gas in supply["gases_kg"]}
    weights = {gas: 1.0 if name == UNSPLIT else float(potentials[name]) for gas, name in names.items()}
    return _close(math.fsum(weights[gas] * float(mass) for gas, mass in supply["gases_kg"].items()), printed)


def _read(value: str, unit: str, basis: str) -> tuple[str, float] | None:
    """Return the gas of a printed value, CO2e or another, and its kg per unit of ``basis``; None where it has none.

    A publisher's unit is known to the library; one of ours is ``kg GAS/UNIT``.
    """
    known = factor_units().get(unit)
    if known is not None and known.of == "co2e":
        return UNSPLIT, float(Decimal(value) * known.scale_to("kgCO2e", basis))
    if known is not None:
        return "gas", float(Decimal(value) * known.scale_to("kg", basis))
    above, _, below = unit.partition("/")
    mass, _, gas = above.partition(" ")
    if mass != "kg" or not gas or not below:
        return None
    return gas, float(value) * float(multiplier(basis, below))


def _is_cited(supply: Record, snapshot: Record) -> bool:
    """Is the printed value the one of the record that is cited, or the gas itself where the record is its potential?"""
    cited = snapshot["factors"].get(supply["factor_ids"][0])
    if cited is None:
        return bool(snapshot["overlay"]["sha256"])  # a factor of the organisation's own is not in the library
    if set(supply["gases_kg"].values()) == {"1"} and f"{cited['gas']}/{FOSSIL}" in supply["gases_kg"]:
        return True
    there = _read(cited["value"], cited["unit"], supply["unit"])
    here = _read(supply["factor"], supply["factor_unit"], supply["unit"])
    if there is None or here is None:
        return False
    return (there[0] == UNSPLIT) == (here[0] == UNSPLIT) and _close(there[1], here[1])


def _close(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=CLOSE, abs_tol=1e-300)
