"""Whether the snapshot of a footprint holds together: what a stranger checks before the sums are redone.

The snapshot carries its method, factors, suppliers' footprints and warming potentials, so every supply can be held
against what it cites. What does not fit is yielded in codes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from factors.errors import FactorsError
from factors.library import load
from factors.units import factor_units, multiplier
from lca.flaws import Flaw
from lca.footprint_method import FootprintMethod, from_record
from lca.footprint_stages import stage_of
from lca.formula_text import formula, worked_out
from lca.formulas import FORMULAS
from lca.greenhouse import PARTS, UNSPLIT, has_potential, is_known, potential
from lca.numbers import canonical
from lca.product_lines import BURDEN, CREDIT, GATE
from lca.product_model import STAGE_OF_MODULE, Name, SupplierFootprint
from lca.record_reading import FORMULA
from lca.soundness import UNBOUNDED, wanted
from lca.supplies import OWN_FACTOR, of_supplier, part_of

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
KINDS = ("activity", "factor", "background", "supplier")
UNSTATED: Record = {"primary_share": "0", "dqr": None, "method": ""}
"""What only a supplier's footprint states."""
UNPRINTED: Record = {"factor": "", "factor_unit": "", "factor_ids": []}
"""An inventory of many processes: its impacts are no printed value, and none may be shown beside it."""
MOST_NODES = 5_000  # processes of a model: solving more that are all linked would take minutes and gigabytes
MOST_CELLS = 20_000_000  # lines by gases: summing more takes a gigabyte
CLOSE = 1e-9  # of values that are written at twelve digits
SHOWN = 80  # characters of a text in a message
WORDS = frozenset(
    {
        "id", "zh", "en", "text", "name", "key", "group", "component", "components", "process", "supply", "site",
        "sha256", "version", "evidence", "reason", "source", "statement", "supplier", "publisher", "certificate",
        "certificates", "number_from", "number_to", "contract", "page", "note",
    }
)  # fmt: skip
"""Keys of texts that may look like a number with an exponent, as the number of a part does: 52E1003."""

PUBLISHED = "gas"  # of a value in a publisher's unit, which the record names
REMOVED = "/removal"
ROUNDED = 0.01  # by how much the parts that a supplier prints may miss its total: both are rounded
DISGUISING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and marks that turn the direction of a text: a page would show other figures than are meant."""


def problems_of(snapshot: Record) -> Iterator[Flaw]:
    """Yield everything that does not fit in a snapshot of this schema."""
    for key in sorted(set(snapshot) - KEYS):
        yield Flaw("key-unknown", {"key": key, "near": "-"})
    unworkable = next(_unworkable(snapshot), None)
    if unworkable is not None:
        yield unworkable
        return
    if snapshot["footprint"]["claim"] not in CLAIMS:
        yield Flaw("claim-unknown", {"claim": repr(snapshot["footprint"]["claim"])})
    yield from _twice(snapshot)
    yield from _gwp(snapshot)
    yield from (
        Flaw("factor-misnamed", {"factor": identifier, "name": factor["id"]})
        for identifier, factor in snapshot["factors"].items()
        if factor["id"] != identifier
    )
    yield from _nodes(snapshot)
    yield from _places(snapshot)
    yield from _demand(snapshot)
    method = from_record(snapshot["method"])
    stages = {stage.id for stage in method.boundary.stages} | {""}
    for line in snapshot["lines"]:
        yield from (flaw.within(line["id"]) for flaw in _line(line, method, snapshot))
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
    potentials = snapshot["gwp"][known.name]
    for gas, value in potentials.items():
        if canonical(potential(gas, known)) != value:
            yield Flaw("gwp-differs", {"gas": gas, "gwp_set": known.name})
    for gas, part in sorted({_gas(key) for key in _gases(snapshot)}):
        if part not in PARTS or not is_known(gas, load().gwp_sets.values()):
            yield Flaw("gas-strange", {"gas": f"{gas}/{part}"})
        elif gas != UNSPLIT and gas not in potentials and has_potential(gas, known):
            # A gas whose potential is left out would weigh nothing.
            yield Flaw("gwp-differs", {"gas": gas, "gwp_set": known.name})


def _gases(snapshot: Record) -> Iterator[str]:
    for supply in snapshot["supplies"].values():
        yield from supply["gases_kg"]
    yield from (one["gas"] for one in snapshot["given"])


def _gas(key: str) -> tuple[str, str]:
    gas, _, part = key.rpartition("/")
    return gas, part


def _unworkable(snapshot: Record) -> Iterator[Flaw]:
    """Yield what must not be worked on at all."""
    yield from _texts(snapshot)
    lines = len(snapshot["lines"]) + len(snapshot["given"])
    yield from beyond(len(snapshot["nodes"]), lines, len(set(_gases(snapshot))))


def beyond(nodes: int, lines: int, gases: int) -> Iterator[Flaw]:
    """Yield what is more than is computed, and so than anybody could verify."""
    if nodes > MOST_NODES:
        yield Flaw("processes-too-many", {"count": nodes, "most": MOST_NODES})
    if lines * gases > MOST_CELLS:
        yield Flaw("lines-too-many", {"count": lines * gases, "most": MOST_CELLS})


def _texts(value: Any, key: str = "") -> Iterator[Flaw]:
    """Yield numbers too long to work with and texts that are not what they look like, wherever they stand."""
    if isinstance(value, str):
        if key not in WORDS and UNBOUNDED.fullmatch(value):
            yield Flaw("number-unbounded", {"number": value[:SHOWN]})
        if DISGUISING.search(value):
            yield Flaw("text-disguised", {"text": DISGUISING.sub("\ufffd", value)[:SHOWN]})
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(name, "id")
            yield from _texts(one, name)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, key)


def _places(snapshot: Record) -> Iterator[Flaw]:
    """Processes are named by their place in the list; Python would count a negative one from the end."""
    count = len(snapshot["nodes"])
    named = [("main", snapshot["main"])]
    named += [(one["id"], one["process"]) for one in (*snapshot["lines"], *snapshot["given"])]
    named += [("links", one[key]) for one in snapshot["links"] for key in ("process", "supplier")]
    for where, place in named:
        if type(place) is not int or not 0 <= place < count:
            yield Flaw("process-place", {"place": repr(place)}, where=where)


def _demand(snapshot: Record) -> Iterator[Flaw]:
    """What is solved for is the unit that the page states: demand = its amount in the unit of the main process."""
    unit, main = snapshot["model"]["unit"], snapshot["nodes"][snapshot["main"]]
    text = unit["amount"].strip()
    if text.startswith(FORMULA):
        values = {name: float(value) for name, value in snapshot["parameters"].items()}
        amount = worked_out(formula(text.removeprefix(FORMULA)), values)
    else:
        amount = float(text)
    if not _close(float(snapshot["demand"]), amount * float(multiplier(unit["unit"], main["unit"]))):
        yield Flaw("demand-differs", {"demand": snapshot["demand"], "unit": f"{text} {unit['unit']}"})


def _nodes(snapshot: Record) -> Iterator[Flaw]:
    for node in snapshot["nodes"]:
        shared = node["shares"].get(node["id"]) if node["allocation"] else "1"
        whole = math.fsum(map(float, node["shares"].values())) if node["allocation"] else 1.0
        if node["share"] != shared or not _close(whole, 1.0):
            yield Flaw("sum-differs", {"key": "share", "sum": canonical(whole), "value": node["share"]}, node["id"])
        if not 0 <= float(node["share"]) <= 1:
            yield Flaw("share-outside", {"key": "share", "value": node["share"]}, where=node["id"])
        if not 0 < float(node["output"]) < math.inf:
            yield Flaw("amount-not-above", {"key": "output", "value": node["output"]}, where=node["id"])


def _line(line: Record, method: FootprintMethod, snapshot: Record) -> Iterator[Flaw]:
    stage, said = line["stage"], line["said_stage"]
    known = {one.id for one in method.boundary.stages}
    # A module that the method knows goes before the stage, and is one of that stage; what a recycling rule sends to
    # the end of life keeps the module of its material.
    is_module = stage in known and (STAGE_OF_MODULE.get(stage) == said or (line["role"] and stage in STAGE_OF_MODULE))
    if not is_module and stage != stage_of(method, said):
        yield Flaw("stage-strange", {"stage": stage})
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
    if supply["kind"] not in KINDS:
        yield Flaw("not-listed", {"key": "kind", "value": supply["kind"], "choices": ", ".join(KINDS)})
        return
    if supply["kind"] == "supplier":
        yield from _stated(supply, snapshot)
        return
    unstated = {**UNSTATED, **(UNPRINTED if supply["kind"] == "background" else {})}
    for key, nothing in unstated.items():
        if supply[key] != nothing:
            yield Flaw("operand-not-stated", {"key": key})
    if supply["kind"] != "background":
        yield from _valued(supply, snapshot)


def _valued(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    """What rests on records prints a value and cites them."""
    for key in ("factor", "factor_ids"):
        if not supply[key]:
            yield Flaw("key-missing", {"key": key})
            return
    yield from _named(supply, snapshot)
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
    whole = math.fsum(mass for gas, mass in stated.gases_kg.items() if not gas.endswith(REMOVED))
    if not math.isclose(whole, float(stated.factor), rel_tol=ROUNDED):
        params = {"key": "kgco2e", "sum": canonical(whole), "value": stated.factor}
        yield Flaw("sum-differs", params)
    for key in ("primary_share", "carbon_biogenic_kg"):
        if canonical(getattr(stated, key)) != supply[key]:
            yield Flaw("operand-not-stated", {"key": key})
    if (None if stated.dqr is None else canonical(stated.dqr)) != supply["dqr"]:
        yield Flaw("operand-not-stated", {"key": "dqr"})
    if gases != supply["gases_kg"] or (stated.unit, stated.factor) != (supply["unit"], supply["factor"]):
        yield Flaw("supply-differs", {"printed": f"{stated.factor} {stated.factor_unit}"})


def _derived(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    """Gases that follow from several values do so, and each value is the one that its record prints."""
    made = supply.get("derivation")
    if made is None:
        return
    operands = {one["key"]: float(one["value"]) for one in made["operands"]}
    gases = FORMULAS[made["formula"]].gases(operands)
    # Each gas in the part that is its own: fossil carbon dioxide is not told apart from the total as biogenic.
    if {part_of(name): canonical(mass) for name, mass in gases.items()} != supply["gases_kg"]:
        yield Flaw("gases-differ")
    for one in made["operands"]:
        cited = snapshot["factors"].get(one["factor_id"]) if one["factor_id"] else None
        if one["factor_id"] and cited is None and not _is_own(one["factor_id"], supply, snapshot):
            yield Flaw("operand-miscited", {"key": one["key"], "factor": one["factor_id"]})
        if cited is not None and not any(_close(float(one["value"]), there) for there in wanted(one, cited)):
            params = {"key": one["key"], "value": one["value"], "printed": f"{cited['value']} {cited['unit']}"}
            yield Flaw("operand-differs", params)


def _named(supply: Record, snapshot: Record) -> Iterator[Flaw]:
    """A supply of one value has the gas of its record, in its own part; year, place and licence are a record's."""
    cited = [snapshot["factors"][key] for key in supply["factor_ids"] if key in snapshot["factors"]]
    for key in ("year", "region", "licence"):
        if cited and supply[key] not in [one[key] for one in cited]:
            yield Flaw("operand-miscited", {"key": key, "factor": cited[0]["id"]})
    if supply.get("derivation"):
        return
    read = _read(supply["factor"], supply["factor_unit"], supply["unit"])
    if read is None:
        return  # said as what does not follow from the value printed
    gases = {_gas(key)[0] for key in supply["gases_kg"]}
    # A unit of ours names its gas, a blend too, whose record prints CO2e; a publisher's leaves it to the record.
    names = {read[0]} if read[0] != PUBLISHED else {one["gas"] for one in cited} or gases
    if list(supply["gases_kg"]) not in [[part_of(name)] for name in names]:
        yield Flaw("gases-differ")


def _is_own(identifier: str, supply: Record, snapshot: Record) -> bool:
    """Is a record that is not cited one of the organisation's own, and told as such?"""
    is_told = OWN_FACTOR in supply["variants"]
    return bool(snapshot["overlay"]["sha256"]) and is_told and identifier not in load().factors


def _is_printed(supply: Record, snapshot: Record) -> bool:
    """Do the gases of one unit follow from the value printed beside them?"""
    read = _read(supply["factor"], supply["factor_unit"], supply["unit"])
    if read is None:
        return False
    gas, printed = read
    if gas != UNSPLIT:
        return any(_close(float(mass), printed) for mass in supply["gases_kg"].values())
    potentials: Record = next(iter(snapshot["gwp"].values()), {})
    names = {gas: gas.partition("/")[0] for gas in supply["gases_kg"]}
    weights = {gas: 1.0 if name == UNSPLIT else float(potentials.get(name, 0.0)) for gas, name in names.items()}
    return _close(math.fsum(weights[gas] * float(mass) for gas, mass in supply["gases_kg"].items()), printed)


def _read(value: str, unit: str, basis: str) -> tuple[str, float] | None:
    """Return the gas of a printed value, CO2e or another, and its kg per unit of ``basis``; None where it has none.

    A publisher's unit is known to the library; one of ours is ``kg GAS/UNIT``.
    """
    known = factor_units().get(unit)
    if known is not None and known.of == "co2e":
        return UNSPLIT, float(Decimal(value) * known.scale_to("kgCO2e", basis))
    if known is not None:
        return PUBLISHED, float(Decimal(value) * known.scale_to("kg", basis))
    above, _, below = unit.partition("/")
    mass, _, gas = above.partition(" ")
    if mass != "kg" or not gas or not below:
        return None
    return gas, float(value) * float(multiplier(basis, below))


def _is_cited(supply: Record, snapshot: Record) -> bool:
    """Is the printed value the one of the record that is cited, or the gas itself where the record is its potential?"""
    cited = snapshot["factors"].get(supply["factor_ids"][0])
    if cited is None:
        return _is_own(supply["factor_ids"][0], supply, snapshot)
    there = _read(cited["value"], cited["unit"], supply["unit"])
    here = _read(supply["factor"], supply["factor_unit"], supply["unit"])
    if there is None or here is None:
        return False
    potentials: Record = next(iter(snapshot["gwp"].values()), {})
    if here == (here[0], 1.0) and here[0] in potentials:  # a kilogram of a gas is itself, whatever its record prints
        return supply["gases_kg"] == {part_of(here[0]): "1"} and _close(there[1], float(potentials[here[0]]))
    return (there[0] == UNSPLIT) == (here[0] == UNSPLIT) and _close(there[1], here[1])


def _close(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=CLOSE, abs_tol=1e-300)
