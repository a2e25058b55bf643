"""The footprint of a product: a model under a method, its supplies found, solved, summed, and frozen.

With A the model's own processes (outputs on the diagonal, what they take of one another negative) and f one unit of
the product:

    x = A^-1 f        amount of a line = x_process * share * amount        kg CO2e = sum over gases of amount * kg * GWP

``footprint`` looks supplies up and freezes every operand; ``results`` computes from a frozen record alone, and
``recompute`` is how a stranger does it again.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from factors.errors import FactorsError
from factors.gwp import GwpSet
from factors.units import multiplier
from lca.certified_power import certificates, certified_power
from lca.errors import LcaError, MethodOfInstallations, ModelInvalid, ModelUnanswered, SnapshotInvalid, SystemSingular
from lca.flaws import Flaw
from lca.footprint_checks import checks
from lca.footprint_method import BILL_OF_MATERIALS, FootprintMethod, from_record
from lca.footprint_soundness import beyond, problems_of
from lca.footprint_stages import stage_of
from lca.footprint_warnings import warnings_of
from lca.greenhouse import AIRCRAFT, BIOGENIC, FOSSIL, LAND_USE, REMOVAL, UNSPLIT, has_potential, potential
from lca.lci_store import plain
from lca.numbers import canonical
from lca.parameter_use import unused
from lca.per_kilometre import per_km
from lca.product_lines import BURDEN, CREDIT, GATE, Line, Lines, Link, lines
from lca.product_model import Model, Spread
from lca.snapshot import canonical_bytes, differences
from lca.supplies import DELIVERY, NOT_ADMITTED, Resolver, Supplied

Record = dict[str, Any]
Vector = NDArray[np.float64]

SCHEMA = "tanji.footprint-1"
ENGINE = "tanji"
OWN = frozenset({"own_factor", "supplier", "measured"})
"""Variants of a factor that is the maker's own or a supplier's."""

SUPPLY_MODULE = "A1"
NOTHING = (0.0, 0.0)
MOST_QUESTIONS = 500  # inputs without a supply that are told at once
DENSE = 400  # processes up to which a dense solve is quicker than a sparse one


@dataclass(frozen=True, slots=True)
class Meta:
    """What a footprint is called and why it was made; the clock is the caller's."""

    identifier: str
    created: str  # ISO 8601, UTC
    engine_version: str
    version: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Footprint:
    """A frozen footprint: its snapshot, the bytes and the digest of that."""

    snapshot: Mapping[str, Any]
    content: bytes
    sha256: str


def footprint(
    model: Model,
    method: FootprintMethod,
    resolver: Resolver,
    meta: Meta,
    *,
    overrides: Mapping[str, float] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Footprint:
    """Compute the footprint of ``model`` by ``method`` and freeze it.

    Raises:
        MethodOfInstallations: the method runs on other data.
        ModelInvalid: amounts, units or shares that make no sense; all of them.
        ModelUnanswered: inputs without one clear supply; all of them.
        SystemSingular: processes that take of each other as much as they give.
    """
    if method.runs_on != BILL_OF_MATERIALS:
        raise MethodOfInstallations(method.id)
    tell = progress or (lambda *_: None)
    tell("lines", 0, 3)
    found = lines(model, method, overrides)
    tell("supplies", 1, 3)
    taken, supplies = supplied(found, resolver, method)
    tell("results", 2, 3)
    gases = _gases(found, supplies)
    if flaws := list(beyond(len(found.nodes), len(taken) + len(found.given), len(gases))):
        raise ModelInvalid(flaws)
    body = _operands(model, method, found, taken, supplies, resolver, meta)
    if any("certificate" in one for one in body["lines"]):
        amounts = summed(body).amounts[: len(taken)]
        named = [line for line, _, _ in taken]
        body["certificates"] = certificates(model, body, named, amounts, resolver.pool, resolver.region)
    snapshot = body | {"results": results(body, method)}
    snapshot["checks"] = checks(snapshot, method)
    snapshot["warnings"] = warnings_of(snapshot)
    tell("results", 3, 3)
    content = canonical_bytes(snapshot)
    return Footprint(snapshot, content, hashlib.sha256(content).hexdigest())


def recompute(snapshot: Mapping[str, Any]) -> Record:
    """Redo a footprint from its own operands: amounts, sums, checks, warnings. Never a new match.

    Raises:
        SnapshotInvalid: not a footprint, or one that does not hold together; all that does not fit.
    """
    # A stranger's file may have any shape: whatever does not read as a snapshot is said, never thrown at him.
    try:
        if snapshot["schema"] != SCHEMA:
            raise SnapshotInvalid([Flaw("schema-unknown", {"schema": snapshot["schema"], "known": SCHEMA})])
        flaws = list(problems_of(snapshot))
        if flaws:
            raise SnapshotInvalid(flaws)
        again = {key: value for key, value in snapshot.items() if key not in ("results", "checks", "warnings")}
        rule = from_record(again["method"])
        again["results"] = results(again, rule)
        again["checks"] = checks(again, rule)
        again["warnings"] = warnings_of(again)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError) as error:
        raise SnapshotInvalid([Flaw("unreadable", {"reason": f"{type(error).__name__} {error}"})]) from error
    return again


def sound(snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a snapshot that came from outside, if its own operands give every byte of it.

    Raises:
        SnapshotInvalid: they do not, or it is no footprint.
    """
    again = recompute(snapshot)
    if canonical_bytes(again) != canonical_bytes(snapshot):
        raise SnapshotInvalid([Flaw("recomputed-otherwise", {"where": next(differences(snapshot, again), "?")})])
    return snapshot


# --- supplies ------------------------------------------------------------------------------------


def supplied(
    found: Lines, resolver: Resolver, method: FootprintMethod
) -> tuple[list[tuple[Line, str, float]], dict[str, Supplied]]:
    """Return every line with the key of its supply and basis units in one of its own, and the supplies by key.

    Raises:
        ModelUnanswered: every input that has no one supply, or whose unit does not fit.
    """
    asked: dict[tuple[Any, str], tuple[Supplied, ...] | LcaError | FactorsError] = {}
    supplies: dict[str, Supplied] = {}
    taken: list[tuple[Line, str, float]] = []
    questions: list[tuple[str, LcaError | FactorsError]] = []
    for line in found.lines:
        question = (line.source, line.unit)
        answer = asked.get(question)
        if answer is None:
            answer = asked[question] = _asked(resolver, line)
        if isinstance(answer, LcaError | FactorsError):
            questions.append((line.id, answer))
            if len(questions) == MOST_QUESTIONS:  # for each of them the nearest names are looked for
                break
            continue
        for one in answer:
            try:
                scale = float(multiplier(line.unit, one.unit)) if line.unit != one.unit else 1.0
            except FactorsError as error:
                questions.append((line.id, error))
                continue
            supplies[one.key] = one
            if one.beside is not None:
                supplies.setdefault(one.beside.key, one.beside)
            taken.append((_of_supply(line, one, method), one.key, scale))
    if questions:
        raise ModelUnanswered(questions)
    return taken, supplies


def _asked(resolver: Resolver, line: Line) -> tuple[Supplied, ...] | LcaError | FactorsError:
    try:
        return resolver.resolve(line.source, line.unit)
    except (LcaError, FactorsError) as error:
        return error


def _of_supply(line: Line, one: Supplied, method: FootprintMethod) -> Line:
    """Return the line as this supply answers it; only power of the certificate's own technology draws on it."""
    if one.activity == DELIVERY and line.source.certificate:
        return _delivery(line)
    if NOT_ADMITTED in one.variants:
        return line._replace(source=replace(line.source, certificate=""))
    return _upstream(line, method) if one.is_upstream else line


def _delivery(line: Line) -> Line:
    """Return the delivery of certified power as a line of its own, in the same place of the life."""
    name = replace(line.name, zh=f"{line.name.zh}（输配电与线损）", en=f"{line.name.en or line.name.zh}, delivery")
    source = replace(line.source, certificate="")
    return line._replace(id=f"{line.id}.delivery", name=name, is_primary=False, source=source)


def _upstream(line: Line, method: FootprintMethod) -> Line:
    """Return the supply chain of a burned fuel as a line of its own.

    It stands where the fuel is burned; a method of modules has it in A1, like everything that is supplied.
    """
    name = replace(line.name, zh=f"{line.name.zh}（上游供应）", en=f"{line.name.en or line.name.zh}, supply chain")
    made = line._replace(id=f"{line.id}.supply", name=name, is_primary=False)
    by_module = any(stage.id == SUPPLY_MODULE for stage in method.boundary.stages)
    return made._replace(stage="raw_materials", module="") if by_module else made


def _gases(found: Lines, supplies: Mapping[str, Supplied]) -> set[str]:
    return {gas for one in supplies.values() for gas in one.gases_kg} | {one.gas for one in found.given}


# --- what is frozen ------------------------------------------------------------------------------


def _operands(
    model: Model,
    method: FootprintMethod,
    found: Lines,
    taken: Sequence[tuple[Line, str, float]],
    supplies: Mapping[str, Supplied],
    resolver: Resolver,
    meta: Meta,
) -> Record:
    names = {key: f"S{number:03}" for number, key in enumerate(supplies, 1)}
    gases = _gases(found, supplies)
    library = resolver.library
    factors = sorted({identifier for one in supplies.values() for identifier in one.factor_ids})
    placed = {(line.stage, line.module) for line, _, _ in taken} | {(one.stage, one.module) for one in found.given}
    stages = {place: stage_of(method, *place) for place in placed}
    return {
        "schema": SCHEMA,
        "footprint": {
            "id": meta.identifier,
            "version": meta.version,
            "reason": meta.reason,
            "created": meta.created,
            "claim": "self_declared",
        },
        "model": _model(model),
        "parameters": {name: canonical(number) for name, number in sorted(found.parameters.items())},
        **({"unused_parameters": list(idle)} if (idle := unused(model)) else {}),
        "method": method.to_record(),
        "library": {"version": library.version},
        "overlay": {"sha256": resolver.overlay.sha256},
        "engine": {"name": ENGINE, "version": meta.engine_version},
        "nodes": [_node(node) for node in found.nodes],
        "components": _components(model, found),
        "links": [_link(one) for one in found.links],
        "main": found.main,
        "demand": canonical(found.demand),
        "lines": [
            _line(line, names[key], scale, stages[line.stage, line.module]) | _grid(supplies[key], names)
            for line, key, scale in taken
        ],
        "given": [_given(one, stages[one.stage, one.module]) for one in found.given],
        "supplies": {names[key]: _supply(one) for key, one in supplies.items()},
        "gwp": {method.gwp_set: _potentials(gases, library.gwp_sets[method.gwp_set])},
        "factors": {key: factor_record(library.factors[key]) for key in factors if key in library.factors},
    }


def _model(model: Model) -> Record:
    """Return the model as JSON; what a report says of the product. Its inputs stand among the lines."""
    return plain(replace(model, processes=(), parts=()))


def _components(model: Model, found: Lines) -> Record:
    """Return the names of the components that lines belong to, where the model names them."""
    named = {one.id: one.name for one in model.processes} | {one.id: one.name for one in model.parts}
    used = dict.fromkeys([one.component for one in found.lines] + [one.component for one in found.given])
    return {key: {"zh": named[key].zh, "en": named[key].en} for key in used if key in named}


def _node(node: Any) -> Record:
    return {
        "id": node.id,
        "zh": node.name.zh,
        "en": node.name.en,
        "output": canonical(node.output),
        "unit": node.unit,
        "share": canonical(node.share),
        "allocation": node.allocation,
        "shares": {key: canonical(share) for key, share in node.shares.items()},
        "site": node.site,
    }


def _link(one: Link) -> Record:
    return {
        "process": one.process,
        "supplier": one.supplier,
        "amount": canonical(one.amount),
        "group": one.group,
        **_spread(one.spread),
    }


def _spread(spread: Spread) -> Record:
    return {
        "uncertainty_percent": spread.percent,
        "distribution": spread.distribution if spread.percent else "",
        "pedigree": list(spread.pedigree),
    }


def _line(line: Line, supply: str, scale: float, stage: str) -> Record:
    return {
        "id": line.id,
        "process": line.process,
        "zh": line.name.zh,
        "en": line.name.en,
        "amount": canonical(line.amount),
        "unit": line.unit,
        "to_basis": canonical(scale),
        "supply": supply,
        "stage": stage,
        "said_stage": line.stage,
        "component": line.component,
        "bucket": line.bucket,
        "is_primary": line.is_primary,
        "quality": [line.quality.technology, line.quality.geography, line.quality.time],
        **_spread(line.spread),
        "evidence": line.evidence,
        "group": line.group,
        "text": line.text,
        "role": line.role,
        **({"certificate": line.source.certificate} if line.source.certificate else {}),
    }


def _grid(one: Supplied, names: Mapping[str, str]) -> Record:
    """Return the supply of the grid that certified power is compared with."""
    return {"grid": names[one.beside.key]} if one.beside is not None else {}


def _given(one: Any, stage: str) -> Record:
    return {
        "id": one.id,
        "process": one.process,
        "gas": one.gas,
        "kg": canonical(one.kg),
        "stage": stage,
        "component": one.component,
        "is_primary": one.is_primary,
        "evidence": one.evidence,
        "text": one.text,
    }


def _supply(one: Supplied) -> Record:
    return {
        "key": one.key,
        "kind": one.kind,
        "unit": one.unit,
        "gases_kg": {gas: canonical(mass) for gas, mass in sorted(one.gases_kg.items())},
        "zh": one.name.zh,
        "en": one.name.en,
        "factor": one.factor,
        "factor_unit": one.factor_unit,
        "factor_ids": list(one.factor_ids),
        "source": one.source,
        "publisher": one.publisher,
        "year": one.year,
        "region": one.region,
        "licence": one.licence,
        "variants": list(one.variants),
        "gwp_set": one.gwp_set,
        "method": one.method,
        "activity": one.activity,
        "group": one.group,
        "is_upstream": one.is_upstream,
        "is_placeholder": one.is_placeholder,
        "primary_share": canonical(one.primary_share),
        "dqr": None if one.dqr is None else canonical(one.dqr),
        "uncertainty_percent": None if one.uncertainty_percent is None else canonical(one.uncertainty_percent),
        "carbon_biogenic_kg": canonical(one.carbon_biogenic_kg),
        "warnings": [[code, dict(params)] for code, params in one.warnings],
        **({"derivation": dict(one.derivation)} if one.derivation else {}),
    }


def factor_record(factor: Any) -> Record:
    """Return a record of the library as a snapshot cites it."""
    names = (
        "id", "name_en", "name_zh", "value", "unit", "gas", "gwp_set", "region", "source", "page", "licence",
        "confidence", "note",
    )  # fmt: skip
    return {name: getattr(factor, name) for name in names} | {"year": str(factor.year)}


def _potentials(gases: set[str], gwp_set: GwpSet) -> dict[str, str]:
    named = sorted({gas.partition("/")[0] for gas in gases} - {UNSPLIT})
    return {gas: canonical(potential(gas, gwp_set)) for gas in named if has_potential(gas, gwp_set)}


# --- results -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summed:
    """Every line and own emission of one unit of the product: what it is, how much, kg CO2e by part."""

    lines: tuple[Record, ...]  # lines first, then own emissions
    amounts: Vector
    masses: NDArray[np.float64]  # x gases, kg
    gases: tuple[str, ...]
    weighted: NDArray[np.float64]  # x gases, kg CO2e

    def by_gas(self, chosen: NDArray[np.bool_]) -> list[list[float]]:
        """Return the kg CO2e of the chosen lines gas by gas, those that are not 0."""
        return [column[column != 0].tolist() for column in self.weighted[chosen].T]

    def kgco2e(self, chosen: NDArray[np.bool_], parts: NDArray[np.bool_]) -> float:
        """Return the sum over the chosen lines and gases, correctly rounded."""
        return added(self.by_gas(chosen), parts)


def added(by_gas: Sequence[Sequence[float]], parts: NDArray[np.bool_]) -> float:
    """Return the sum over the gases of these parts, correctly rounded."""
    return math.fsum(itertools.chain.from_iterable(itertools.compress(by_gas, parts)))


def supply_of_processes(body: Mapping[str, Any]) -> Vector:
    """Return x: how often each process of the model runs for one unit of the product.

    Raises:
        SystemSingular: the processes supply nothing in the end.
    """
    nodes = body["nodes"]
    wanted = np.zeros(len(nodes))
    wanted[body["main"]] = float(body["demand"])
    found = _solved(body, wanted)
    if not np.isfinite(found).all() or (found < -1e-9 * np.abs(found).max()).any():
        raise SystemSingular([node["id"] for node, x in zip(nodes, found, strict=True) if not x >= 0] or ["?"])
    return found


def _solved(body: Mapping[str, Any], wanted: Vector, *, transposed: bool = False) -> Vector:
    """Solve A, outputs on the diagonal, what processes take of one another negative, with their shares; or A^T."""
    nodes, links = body["nodes"], body["links"]
    values = np.array(
        [float(node["output"]) for node in nodes]
        + [-float(one["amount"]) * float(nodes[one["process"]]["share"]) for one in links]
    )
    rows, columns = ([*range(len(nodes)), *(one[name] for one in links)] for name in ("supplier", "process"))
    places = (columns, rows) if transposed else (rows, columns)
    try:
        if len(nodes) > DENSE:
            found: Vector = splu(sparse.csc_matrix((values, places), shape=(len(nodes), len(nodes)))).solve(wanted)
        else:
            matrix = np.zeros((len(nodes), len(nodes)))
            np.add.at(matrix, places, values)
            found = np.asarray(np.linalg.solve(matrix, wanted), dtype=np.float64)
    except (RuntimeError, np.linalg.LinAlgError) as error:
        raise SystemSingular([node["id"] for node in nodes]) from error
    return found


def summed(body: Mapping[str, Any]) -> Summed:
    """Return every line of a frozen record with its amount for one unit of the product and its gases."""
    runs = supply_of_processes(body) * np.array([float(node["share"]) for node in body["nodes"]])
    gases = sorted(
        {gas for one in body["supplies"].values() for gas in one["gases_kg"]} | {one["gas"] for one in body["given"]}
    )
    column = {gas: number for number, gas in enumerate(gases)}
    names = {name: number for number, name in enumerate(body["supplies"])}
    per_unit = np.zeros((len(names), len(gases)))
    for name, one in body["supplies"].items():
        for gas, mass in one["gases_kg"].items():
            per_unit[names[name], column[gas]] = float(mass)
    lines_, given = body["lines"], body["given"]
    own = runs[[one["process"] for one in lines_]] if lines_ else np.zeros(0)
    amounts = own * np.array([float(one["amount"]) for one in lines_])
    in_basis = amounts * np.array([float(one["to_basis"]) for one in lines_])
    chosen = [names[one["supply"]] for one in lines_]
    masses = per_unit[chosen] * in_basis[:, None] if lines_ else np.zeros((0, len(gases)))
    emitted = np.zeros((len(given), len(gases)))
    for row, one in enumerate(given):
        emitted[row, column[one["gas"]]] = runs[one["process"]] * float(one["kg"])
    every = np.vstack([masses, emitted])
    potentials = next(iter(body["gwp"].values()))
    weights = np.array([weight(gas, potentials) for gas in gases])
    return Summed(
        (*lines_, *given), np.concatenate([amounts, np.zeros(len(given))]), every, tuple(gases), every * weights
    )


def weight(gas: str, potentials: Mapping[str, str]) -> float:
    """Return kg CO2e per kg: 1 for CO2e that stays unsplit, 0 for a gas that the set does not know (which is told)."""
    name = gas.partition("/")[0]
    return 1.0 if name == UNSPLIT else float(potentials.get(name, 0.0))


class Counted(NamedTuple):
    """A line that the total counts, with the kg CO2e of its gases (those that are not 0) and their sum."""

    line: Record
    by_gas: Sequence[float]
    kgco2e: float


def results(body: Mapping[str, Any], method: FootprintMethod) -> Record:
    """Return everything a report says, computed from the frozen record alone, whose own method ``method`` is."""
    found = summed(body)
    counted = counted_gases(method, found.gases)
    every = counted_lines(method, found)
    weighed = _weighed(found, counted)
    chosen = [one for one, is_in in zip(weighed, every, strict=True) if is_in]
    buckets = np.array([one.get("bucket", GATE) for one in found.lines], dtype=object)
    stages = np.array([one["stage"] for one in found.lines], dtype=object)
    by_gas = found.by_gas(every)
    total = added(by_gas, counted)
    parts = {part: added(by_gas, _parts(found.gases, part)) for part in (FOSSIL, BIOGENIC, REMOVAL, LAND_USE, AIRCRAFT)}
    by_stage = _by(chosen, "stage")
    non_co2 = _parts(found.gases, BIOGENIC) & np.array([not gas.startswith("CO2/") for gas in found.gases])
    return {
        "unit": {"amount": body["model"]["unit"]["amount"], "unit": body["model"]["unit"]["unit"]},
        "total_kgco2e": canonical(total),
        "excluding_uptake_kgco2e": canonical(added(by_gas, without_uptake(found.gases))),
        "including_uptake_kgco2e": canonical(added(by_gas, np.ones(len(found.gases), bool))),
        "gate_kgco2e": canonical(found.kgco2e(every & (buckets == GATE), counted)),
        "scrap_burden_kgco2e": canonical(found.kgco2e(buckets == BURDEN, counted)),
        "credits_kgco2e": canonical(found.kgco2e(buckets == CREDIT, counted)),
        "outside_kgco2e": {
            stage: canonical(found.kgco2e(stages == stage, counted)) for stage in method.boundary.outside
        },
        "fossil": canonical(parts[FOSSIL]),
        "biogenic_emissions": canonical(parts[BIOGENIC]),
        "biogenic_non_co2": canonical(added(by_gas, non_co2)),
        "biogenic_removals": canonical(parts[REMOVAL]),
        "luluc": canonical(parts[LAND_USE]),
        "aircraft": canonical(parts[AIRCRAFT]),
        "carbon_biogenic_kg": body["model"].get("carbon_biogenic_kg", "0"),
        "by_stage": by_stage,
        **per_km(body, method, canonical(total), by_stage),
        "by_component": _by(chosen, "component"),
        "by_process": _by_process(body, chosen),
        "by_gas_kg": _by_gas(found, every),
        "lines": [
            {"id": one.line["id"], "amount": canonical(amount), "kgco2e": canonical(one.kgco2e)}
            for one, amount in zip(weighed, found.amounts.tolist(), strict=True)
        ],
        **_quality(body, chosen),
        **certified_power(body, found.amounts),
        **_by_grid(body, found, every, counted, total),
        "uncertainty_percent": _uncertainty(body, chosen, total),
        "sensitivity": _sensitivity(chosen, total),
        "left_out_percent": _left_out(body, total),
    }


def _weighed(found: Summed, counted: NDArray[np.bool_]) -> list[Counted]:
    """Return every line with the kg CO2e of the gases that count."""
    weighted = found.weighted[:, counted]
    is_held = weighted != 0
    values, ends = weighted[is_held].tolist(), is_held.sum(axis=1).cumsum().tolist()
    rows = [values[start:end] for start, end in itertools.pairwise([0, *ends])]
    return [Counted(one, row, math.fsum(row)) for one, row in zip(found.lines, rows, strict=True)]


def counted_lines(method: FootprintMethod, found: Summed) -> NDArray[np.bool_]:
    """Return which lines the total counts; those of a stage that the method has not, or keeps outside, never."""
    outside = {"", *method.boundary.outside}
    return np.array([one["stage"] not in outside for one in found.lines], bool)


def counted_gases(method: FootprintMethod, gases: Sequence[str]) -> NDArray[np.bool_]:
    """Return which gases the headline counts: biogenic carbon dioxide only where the method counts uptake too."""
    if method.headline == "including_uptake" and method.biogenic == "counted":
        return np.ones(len(gases), bool)
    return without_uptake(gases)


def without_uptake(gases: Sequence[str]) -> NDArray[np.bool_]:
    """Return which gases the number without biogenic uptake holds."""
    aside = {f"CO2/{BIOGENIC}", f"CO2/{REMOVAL}", f"{UNSPLIT}/{REMOVAL}"}
    return np.array([gas not in aside for gas in gases], bool)


def _parts(gases: Sequence[str], part: str) -> NDArray[np.bool_]:
    return np.array([gas.endswith(f"/{part}") for gas in gases], bool)


def _by(chosen: Sequence[Counted], key: str) -> dict[str, str]:
    groups: dict[str, list[float]] = defaultdict(list)
    for one in chosen:
        groups[one.line[key]].extend(one.by_gas)
    return {name: canonical(math.fsum(values)) for name, values in groups.items()}


def _by_process(body: Mapping[str, Any], chosen: Sequence[Counted]) -> dict[str, str]:
    groups: list[list[float]] = [[] for _ in body["nodes"]]
    for one in chosen:
        groups[one.line["process"]].extend(one.by_gas)
    return {node["id"]: canonical(math.fsum(group)) for node, group in zip(body["nodes"], groups, strict=True)}


def _by_gas(found: Summed, every: NDArray[np.bool_]) -> dict[str, str]:
    masses: dict[str, list[float]] = defaultdict(list)
    for gas, column in zip(found.gases, found.masses[every].T, strict=True):
        name, _, part = gas.partition("/")
        told = f"{name}_{part}" if name in ("CO2", UNSPLIT) and part != FOSSIL else name
        masses[told].extend(column[column != 0].tolist())
    return {name: canonical(math.fsum(values)) for name, values in sorted(masses.items())}


def _quality(body: Mapping[str, Any], chosen: Sequence[Counted]) -> dict[str, Any]:
    """Return the share of primary data and the rating, weighted by what each line contributes."""
    weights, primary, rated, scores = [], [], [], []
    shares = {name: _primary_shares(supply) for name, supply in body["supplies"].items()} | {"": (1.0, 0.0)}
    ratings = {
        name: None if supply["dqr"] is None else float(supply["dqr"]) for name, supply in body["supplies"].items()
    } | {"": None}
    for one in chosen:
        weight = abs(one.kgco2e)
        supply = one.line.get("supply", "")
        weights.append(weight)
        own, others = shares[supply]
        if share := own if one.line["is_primary"] else others:
            primary.append(weight * share)
        rating = _rating(one.line) if ratings[supply] is None else ratings[supply]
        if rating is not None:
            rated.append(weight)
            scores.append(weight * rating)
    whole = math.fsum(weights)
    return {
        "primary_data_share": canonical(math.fsum(primary) / whole if whole else 0.0),
        "dqr": canonical(math.fsum(scores) / math.fsum(rated)) if math.fsum(rated) else None,
        "dqr_share": canonical(math.fsum(rated) / whole if whole else 0.0),
    }


def _primary_shares(supply: Mapping[str, Any]) -> tuple[float, float]:
    """Return the primary share of lines by a supply whose amount is the maker's own, and of those whose is not.

    A supplier's footprint is as primary as he states; any other factor is where it is the maker's own, like the amount.
    """
    if supply["kind"] == "supplier":
        stated = float(supply["primary_share"])
        return stated, stated
    return (0.0 if OWN.isdisjoint(supply["variants"]) else 1.0), 0.0


def _rating(one: Mapping[str, Any]) -> float | None:
    """Return the mean of the scores given, 1 best to 5 worst; None where nothing is scored."""
    given = [score for score in one.get("quality", ()) if score]
    return sum(given) / len(given) if given else None


def _uncertainty(body: Mapping[str, Any], chosen: Sequence[Counted], total: float) -> str | None:
    """Return ±% at 95 % to the first order; lines that share a factor or an amount are added before they are squared.

    None where no amount states an uncertainty: nothing is assumed.
    """
    pools: dict[tuple[str, str], tuple[float, float]] = {}
    of_factors = {name: float(one["uncertainty_percent"] or 0) for name, one in body["supplies"].items()}
    for link, value in _passing(body, chosen):
        pools["amount", link["group"]] = (value, float(link["uncertainty_percent"]))
    for one in chosen:
        line = one.line
        if "supply" not in line:
            continue
        name, stated = line["supply"], line["uncertainty_percent"]
        if percent := of_factors[name]:
            pools["factor", name] = (pools.get(("factor", name), NOTHING)[0] + one.kgco2e, percent)
        if stated:
            pool = ("amount", line["group"])
            pools[pool] = (pools.get(pool, NOTHING)[0] + one.kgco2e, float(stated))
    if not pools or not total:
        return None
    return canonical(math.sqrt(math.fsum((value * percent) ** 2 for value, percent in pools.values())) / abs(total))


def _passing(body: Mapping[str, Any], chosen: Sequence[Counted]) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Yield the uncertain links, each with the kg CO2e of the product that change with its amount.

    With d the kg CO2e of one run of each process by its own lines: A^T h = d gives h, kg CO2e per output, and a link
    of amount a from s to p changes the product by x_p share_p a h_s.
    """
    uncertain = [link for link in body["links"] if link["uncertainty_percent"]]
    if not uncertain:
        return
    runs = supply_of_processes(body)
    own = np.zeros(len(runs))
    for one in chosen:
        process = one.line["process"]
        if runs[process]:
            own[process] += one.kgco2e / runs[process]
    per_output = _solved(body, own, transposed=True)
    for link in uncertain:
        process = link["process"]
        taken = runs[process] * float(body["nodes"][process]["share"]) * float(link["amount"])
        yield link, float(taken * per_output[link["supplier"]])


def _sensitivity(chosen: Sequence[Counted], total: float) -> list[dict[str, str]]:
    """Return the five inputs that move the result most, and what a tenth more of each does to it, in percent."""
    groups: dict[str, list[float]] = defaultdict(list)
    for one in chosen:
        groups[str(one.line.get("group") or one.line["id"])].extend(one.by_gas)
    sums = sorted(((math.fsum(values), name) for name, values in groups.items()), key=lambda one: -abs(one[0]))
    return [
        {"group": name, "kgco2e": canonical(value), "ten_percent_more": canonical(10 * value / total if total else 0.0)}
        for value, name in sums[:5]
    ]


def _by_grid(
    body: Mapping[str, Any], found: Summed, every: NDArray[np.bool_], counted: NDArray[np.bool_], total: float
) -> dict[str, str]:
    """Return what the total were with the grid's power in place of all that is drawn under certificates."""
    taken = {f"{one['id']}.delivery" for one in body["lines"] if "grid" in one}
    if not taken:
        return {}
    potentials = next(iter(body["gwp"].values()))
    told = {gas for gas, is_in in zip(found.gases, counted, strict=True) if is_in}
    changes = []
    for one, amount, row, is_in in zip(found.lines, found.amounts, found.weighted, every, strict=True):
        if is_in and ("grid" in one or one["id"] in taken):
            changes += [-value for value in row[counted]]
        if is_in and "grid" in one:
            grid = body["supplies"][one["grid"]]
            kwh = float(amount) * float(multiplier(one["unit"], grid["unit"]))
            masses = grid["gases_kg"].items()
            changes += [kwh * float(mass) * weight(gas, potentials) for gas, mass in masses if gas in told]
    return {"by_grid_kgco2e": canonical(total + math.fsum(changes))}


def _left_out(body: Mapping[str, Any], total: float) -> str:
    """Return what all exclusions together are estimated at, in percent of the footprint."""
    shares = []
    for one in body["model"].get("excluded", ()):
        if one.get("percent"):
            shares.append(float(one["percent"]))
        elif one.get("kgco2e") and total:
            shares.append(100 * float(one["kgco2e"]) / total)
    return canonical(math.fsum(shares))
