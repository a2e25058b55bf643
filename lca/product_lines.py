"""A product model under a method: every process with its share, and every input as lines that one supply answers.

What a line may come from: an input as it stands; the ways by which it came (tonne-kilometres); a material with
recycled content, whose rule weighs virgin and recycled supply, the scrap's burden and the credits apart; a part of the
bill of materials, its amount multiplied along the tree. Amounts are worked out from the model's parameters first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from factors.errors import FactorsError
from factors.units import dimension, multiplier
from lca import allocation, pedigree
from lca.allocation import CoProduct as Shared
from lca.allocation import PerUnit
from lca.dataset import Parameter
from lca.distributions import percent_of
from lca.errors import LcaError, ModelInvalid, OperandMissing
from lca.flaws import Flaw
from lca.footprint_method import FootprintMethod
from lca.formula_text import FormulaText, NoNumber, folded, formula, shown, worked_out
from lca.modules import BEYOND
from lca.numbers import canonical
from lca.parametrised import scope
from lca.per_kilometre import distance_of_method
from lca.product_model import (
    ROOT,
    STAGE_OF_MODULE,
    Emission,
    Input,
    Leg,
    Model,
    Name,
    Part,
    Process,
    Quality,
    Recycling,
    Source,
    Spread,
)
from lca.record_reading import FORMULA, decimal
from lca.recycling import RULES, EndOfLife, EnergyRecovery, module_d, module_d_energy

PROCESSING, DISPOSAL = "C3", "C4"
RECOVERY = "energy_recovery_efficiency"  # parameter of a method: burning of a higher efficiency is no disposal
MODULE_D = "en15804.d"  # of a method's rules beside its own
GATE, BURDEN, CREDIT = "gate", "scrap_burden", "credit"
"""What a line is to the result: the product up to its gate and after, the burden of scrap it uses, a credit."""

MOST = 1e60
"""What no amount or parameter reaches, as no number that is written does: more would leave the range of floats."""

KILOMETRE_UNIT = "tkm"
ENERGY, ENERGY_UNIT = "energy", "MJ"
REPLACED = {"e_se_heat": ("替代热力", "heat replaced"), "e_se_el": ("替代电力", "power replaced")}
"""Factors of a recycling rule that count in megajoules of what burning gives, with their words."""

KEY_OF_ROLE = {
    "e_rec": "recycled", "x_re": "recycled", "e_rec_eol": "recycling", "e_after_eow": "recycling", "e_d": "disposal",
    "e_eol": "disposal", "e_er": "burning", "e_se_heat": "heat_replaced", "e_se_el": "power_replaced",
}  # fmt: skip
"""The key of a model's recycling that names the supply of a factor; all others are the material's own."""


class Line(NamedTuple):
    """One amount of one supply, for one output of its process.

    A tuple, as a product has thousands of them: a frozen dataclass of so many fields takes several
    times as long to make.
    """

    id: str
    process: int
    name: Name
    amount: float
    unit: str
    source: Source
    stage: str
    module: str = ""
    component: str = ""
    bucket: str = GATE
    is_primary: bool = False
    quality: Quality = Quality()
    spread: Spread = Spread()
    evidence: str = ""
    group: str = ""  # lines of one input share the error of its amount
    text: str = ""  # the amount as submitted, or its formula
    mass_kg: float = 0.0
    role: str = ""  # of a recycling rule: e_v, e_rec …


@dataclass(frozen=True, slots=True)
class Given:
    """What a process emits itself, kg of a gas for one output."""

    id: str
    process: int
    gas: str  # 'CO2/fossil'
    kg: float
    stage: str
    module: str = ""
    component: str = ""
    is_primary: bool = False
    evidence: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """So much of the output of one process of the model that another takes for one output of its own."""

    process: int
    supplier: int
    amount: float  # in outputs' units of the supplier
    spread: Spread = field(default_factory=Spread)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A process of the model with the share of it that its output bears."""

    id: str
    name: Name
    stage: str
    output: float
    unit: str
    share: float = 1.0
    allocation: str = ""  # the way of sharing, '' where there is nothing to share
    shares: Mapping[str, float] = field(default_factory=dict)
    site: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """A model as numbers: what is solved and summed."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    lines: tuple[Line, ...]
    given: tuple[Given, ...]
    main: int
    demand: float  # outputs' units of the main process for one unit of the product
    parameters: Mapping[str, float]


def lines(model: Model, method: FootprintMethod, overrides: Mapping[str, float] | None = None) -> Lines:
    """Return the lines of ``model`` under ``method``; ``overrides`` give parameters other values (a scenario).

    Raises:
        ModelInvalid: formulas that give no number, units that do not fit, processes that cannot be shared; all of it.
    """
    builder = _Builder(model, method, overrides or {})
    found = builder.build()
    if builder.problems:
        raise ModelInvalid(builder.problems)
    return found


def _carried(base: Line, number: int, leg: Leg, km: float) -> Line:
    """Return a leg of the way by which an input comes, in tonne-kilometres of its mass."""
    tonnes = base.mass_kg / 1000
    return Line(
        id=f"{base.id}.t{number}",
        process=base.process,
        name=Name(f"{base.name.zh} 运输", f"{base.name.en or base.name.zh}, transport"),
        amount=tonnes * km,
        unit=KILOMETRE_UNIT,
        source=leg.source,
        stage=base.stage,
        module="A2" if base.module == "A1" else base.module,
        component=base.component,
        bucket=base.bucket,
        is_primary=base.is_primary,
        quality=base.quality,
        spread=base.spread,
        evidence=base.evidence,
        group=base.group,
        text=f"{tonnes:.6g} t × {leg.km} km",
        role=base.role,
    )


class _Builder:
    """Works amounts out and collects nodes, links and lines, with everything that is wrong."""

    def __init__(self, model: Model, method: FootprintMethod, overrides: Mapping[str, float]) -> None:
        self.model, self.method = model, method
        self.problems: list[Flaw] = []
        self.values = self._parameters(distance_of_method(model, method) | dict(overrides))
        processes = list(model.processes)
        if model.main == ROOT and ROOT not in {one.id for one in processes}:
            processes.append(Process(ROOT, model.name, "production", model.unit.amount, model.unit.unit))
        self.processes = tuple(processes)
        self.index = {process.id: number for number, process in enumerate(processes)}
        self.main = self.index.get(model.main, 0)
        self.lines: list[Line] = []
        self.given: list[Given] = []
        self.links: list[Link] = []

    def build(self) -> Lines:
        nodes = []
        for number, process in enumerate(self.processes):
            nodes.append(self._node(process))
            for one in process.inputs:
                self._input(one, number, process, f"process {process.id} › {one.id}")
            for emission in process.emissions:
                self._emission(emission, number, process)
        per_output = self._converted(1.0, self.model.unit.unit, self.processes[self.main].unit, "unit")
        wanted = self.number(self.model.unit.amount, "unit")
        if wanted <= 0 and not self.problems:
            self.problems.append(Flaw("amount-not-above", {"key": "amount", "value": self.model.unit.amount}, "unit"))
        demand = wanted * per_output
        # Parts are those of one unit of the product; the main process makes ``output`` of it.
        times = self.number(self.processes[self.main].output, "main") / (demand or 1.0)
        for part in self.model.parts:
            self._part(part, times, part.id)
        return Lines(
            tuple(nodes), tuple(self.links), tuple(self.lines), tuple(self.given), self.main, demand, dict(self.values)
        )

    # --- numbers ---------------------------------------------------------------------------------

    def _parameters(self, overrides: Mapping[str, float]) -> Mapping[str, float]:
        given = []
        for one in self.model.parameters:
            text, where = one.value.strip(), f"parameters · {one.name}"
            is_number, number = not text.startswith(FORMULA), decimal(text)
            if is_number and number is None:
                self.problems.append(Flaw("not-a-number", {"key": one.name, "value": shown(text)}, where))
            if text == FORMULA:
                self.problems.append(Flaw("formula-unreadable", {"formula": text, "at": "…"}, where))
            formula_text = "" if is_number else text.removeprefix(FORMULA)
            given.append(Parameter(one.name, float(number or 0), formula_text))
        known = {folded(one.name) for one in given}
        for name in overrides:
            if folded(name) not in known:
                self.problems.append(Flaw("parameter-unknown", {"name": name}, "parameters"))
        found = scope(given, "parameters", overrides={folded(name): value for name, value in overrides.items()})
        self.problems += [Flaw(one.code, dict(one.params), one.where) for one in found.problems]
        for one in self.model.parameters:
            if not abs(found.values.get(folded(one.name), 0.0)) < MOST:
                params = {"formula": shown(one.value)}
                self.problems.append(Flaw("formula-no-number", params, f"parameters · {one.name}"))
        return found.values

    def number(self, text: str, where: str) -> float:
        """Return the number of an amount: as written, or what its formula gives with the parameters."""
        try:
            return float(text)  # most amounts
        except ValueError:
            text = text.strip() or "0"
        if not text.startswith(FORMULA):
            return float(text)
        try:
            one = formula(text.removeprefix(FORMULA))
        except FormulaText as error:
            self.problems.append(Flaw("formula-unreadable", {"formula": shown(text), "at": shown(error.at)}, where))
            return 0.0
        unknown = sorted(one.names - self.values.keys())
        if unknown:
            self.problems += [
                Flaw("formula-unknown-name", {"formula": shown(text), "name": shown(name)}, where) for name in unknown
            ]
            return 0.0
        try:
            found = worked_out(one, self.values)
        except NoNumber:
            found = math.inf
        if abs(found) < MOST:
            return found
        self.problems.append(Flaw("formula-no-number", {"formula": shown(text)}, where))
        return 0.0

    def not_below(self, text: str, where: str, key: str) -> float:
        """Return the number of what is never below zero, whoever works it out: a mass, a count, a distance."""
        found = self.number(text, where)
        if found < 0:
            self.problems.append(Flaw("amount-below", {"key": key, "value": shown(text)}, where))
        return found

    def _converted(self, amount: float, unit: str, wanted: str, where: str) -> float:
        try:
            return amount * float(multiplier(unit, wanted))
        except FactorsError:
            self.problems.append(Flaw("unit-differs", {"unit": unit, "wanted": wanted}, where))
            return 0.0

    # --- processes -------------------------------------------------------------------------------

    def _node(self, process: Process) -> Node:
        where = f"process {process.id}"
        output = self.number(process.output, where)
        if output <= 0:
            self.problems.append(Flaw("amount-not-above", {"key": "output", "value": process.output}, where))
            output = 1.0
        plain = Node(process.id, process.name, process.stage, output, process.unit, site=process.site)
        if not process.co_products:
            return plain
        way, shares = self._shares(process, where)
        return replace(plain, share=shares.get(process.id, 1.0), allocation=way, shares=shares)

    def _shares(self, process: Process, where: str) -> tuple[str, Mapping[str, float]]:
        """Share a process by the first way of the method's order that its rows allow."""
        rows = [Shared(process.id, self.number(process.output, where), process.unit)]
        masses = {process.id: process.mass_kg}
        prices = {process.id: process.price_cny}
        for one in process.co_products:
            rows.append(Shared(one.id, self.number(one.amount, f"{where} › {one.id}"), one.unit))
            masses[one.id], prices[one.id] = one.mass_kg, one.price_cny
        reasons: list[str] = []
        for way in self.method.allocation.order:
            if way in self.method.allocation.forbidden or way in ("subdivision", "system_expansion"):
                continue
            by_energy = way == "physical" and process.shared_by == ENERGY
            try:
                if by_energy:
                    return ENERGY, self._by_energy(process, rows, masses)
                return way, self._shared_by(way, rows, masses, prices)
            except LcaError as error:
                reasons.append(f"{ENERGY if by_energy else way}: {error}")
                if by_energy:
                    break  # the maker says that energy is what they have in common: no other way stands in for it
        self.problems.append(Flaw("allocation-impossible", {"reasons": "; ".join(reasons)}, where))
        return "", {}

    def _shared_by(
        self, way: str, rows: Sequence[Shared], masses: Mapping[str, str], prices: Mapping[str, str]
    ) -> Mapping[str, float]:
        if way == "economic":
            year = int(self.model.end[:4])
            per_unit = {
                row.row: {year: PerUnit(self.number(prices[row.row], row.row), f"CNY/{row.unit}")}
                for row in rows
                if prices[row.row]
            }
            return allocation.by_value(rows, per_unit, [year])
        return allocation.by_mass([self._in_kg(row, masses) for row in rows])

    def _by_energy(self, process: Process, rows: Sequence[Shared], masses: Mapping[str, str]) -> Mapping[str, float]:
        """Share by energy: amounts of energy as they are, masses by their lower heating values."""
        heating = {process.id: process.lhv_mj_per_kg} | {one.id: one.lhv_mj_per_kg for one in process.co_products}
        contents = {row: PerUnit(self.number(text, row), "MJ/kg") for row, text in heating.items() if text}
        weighed = [self._in_kg(row, masses) if row.row in contents else row for row in rows]
        return allocation.by_energy(weighed, contents)

    def _in_kg(self, row: Shared, masses: Mapping[str, str]) -> Shared:
        return replace(row, amount=self.number(masses[row.row], row.row), unit="kg") if masses[row.row] else row

    # --- lines -----------------------------------------------------------------------------------

    def _input(
        self,
        one: Input,
        number: int,
        process: Process,
        where: str,
        times: float = 1.0,
        part: Part | None = None,
        path: str = "",
    ) -> None:
        """Add what an input takes; that of a part is named by its path and is a raw material unless it says else."""
        # An input may be negative, as what is avoided is; a mass, what is carried or made by a process never is.
        is_taken = part or one.source.process or one.recycling or one.transport
        key = "mass_kg" if part else "amount"
        amount = (self.not_below(one.amount, where, key) if is_taken else self.number(one.amount, where)) * times
        identifier = path or one.id
        group = f"{process.id}.{identifier}"
        if one.source.process:
            self.links.append(self._link(one, number, amount, where, group))
            return
        module = one.module or process.module
        stage = one.stage or ("raw_materials" if part else "")
        component = path.split("/")[0] if part else one.component
        base = Line(
            id=identifier if number == self.main and times != 1.0 else group,
            process=number,
            name=part.name if part else one.name,
            amount=amount,
            unit=one.unit,
            source=one.source,
            stage=stage or (STAGE_OF_MODULE[module] if module and one.module else process.stage),
            module=module,
            component=component or process.component or process.id,
            is_primary=one.is_primary,
            quality=one.quality,
            spread=self._spread(one.spread, where),
            evidence=one.evidence,
            group=group,
            text=one.amount,
            mass_kg=self._mass(one, amount, times, where),
        )
        self._take(one, base, where)

    def _take(self, one: Input, base: Line, where: str) -> None:
        """Add the lines of an input: itself or its recycling rule, and its transport."""
        self.lines += self._recycled(one.recycling, base, where) if one.recycling else [base]
        for number, leg in enumerate(one.transport, 1):
            place = f"{where} › transport {number}"
            self.lines.append(_carried(base, number, leg, self.not_below(leg.km, place, "km")))
            if not base.mass_kg:
                self.problems.append(Flaw("transport-without-mass", {}, place))

    def _mass(self, one: Input, amount: float, times: float, where: str) -> float:
        if one.mass_kg:
            return self.not_below(one.mass_kg, where, "mass_kg") * times
        if dimension(one.unit) == "mass":
            return self._converted(amount, one.unit, "kg", where)
        return 0.0

    def _spread(self, spread: Spread, where: str) -> Spread:
        """Return the uncertainty as a percentage: as stated, or of the pedigree scores.

        The scores widen what a demand for materials and energy has in itself (table of ecoinvent 2).
        """
        if spread.percent or not spread.pedigree:
            return spread
        if not pedigree.is_scored(spread.pedigree):
            self.problems.append(Flaw("pedigree-scores", {"scores": str(list(spread.pedigree))}, where))
            return Spread()
        version = pedigree.ECOINVENT_2
        sigma = pedigree.sigma(spread.pedigree, pedigree.basic_uncertainty(pedigree.MATERIALS, version), version)
        return replace(spread, percent=canonical(percent_of(sigma)), distribution="lognormal")

    def _link(self, one: Input, number: int, amount: float, where: str, group: str) -> Link:
        supplier = self.index[one.source.process]
        taken = self._converted(amount, one.unit, self.processes[supplier].unit, where)
        return Link(number, supplier, taken, self._spread(one.spread, where), group)

    def _emission(self, one: Emission, number: int, process: Process) -> None:
        where = f"process {process.id} › {one.id}"
        part = f"{one.gas}/{one.part}"
        sign = -1.0 if one.part == "removal" else 1.0
        module = one.module or process.module
        self.given.append(
            Given(
                id=f"{process.id}.{one.id}",
                process=number,
                gas=part,
                kg=sign * abs(self.number(one.amount, where))
                if one.part == "removal"
                else self.number(one.amount, where),
                stage=one.stage or process.stage,
                module=module,
                component=one.component or process.component or process.id,
                is_primary=one.is_primary,
                evidence=one.evidence,
                text=one.amount,
            )
        )

    # --- parts and materials ---------------------------------------------------------------------

    def _part(self, part: Part, times: float, path: str) -> None:
        where = f"parts › {path}"
        pieces = times * self.not_below(part.quantity, where, "quantity")
        if part.input is not None:
            utilisation = self.number(part.utilisation, where)
            if utilisation <= 0:
                self.problems.append(Flaw("amount-not-above", {"key": "utilisation", "value": part.utilisation}, where))
                utilisation = 1.0
            self._input(part.input, self.main, self.processes[self.main], where, pieces / utilisation, part, path)
        elif not part.parts:
            self.problems.append(Flaw("part-without-source", {}, where))
        for inner in part.parts:
            self._part(inner, pieces, f"{path}/{inner.id}")

    def _recycled(self, one: Recycling, base: Line, where: str) -> list[Line]:
        """Return a material by the method's rule: each factor of the rule a line, burdens and credits apart."""
        try:
            parts = self._weights(one, where)
        except LcaError as error:
            self.problems.append(Flaw("recycling-impossible", {"reason": str(error)}, where))
            return []
        made = []
        for bucket, weights in parts:
            for role, weight in weights.items():
                if not weight:
                    continue
                at_end = role in ("e_rec_eol", "e_v_star", "e_d", "e_er", "e_eol", *REPLACED)
                placed = base._replace(
                    id=f"{base.id}.{bucket}.{role}",
                    bucket=bucket,
                    stage="end_of_life" if at_end else base.stage,
                    module=self._module_of(role, one, where) if at_end else base.module,
                )
                made += self._weighed(one, placed, role, weight, where)
        return made + self._beyond(one, base, where)

    def _weighed(self, one: Recycling, placed: Line, role: str, weight: float, where: str) -> list[Line]:
        """Return what one factor of a rule takes of its supply: of the material, or of what burning it gives."""
        source = self._role(one, placed, role)
        if not source.kind:
            key = KEY_OF_ROLE.get(role, role)
            self.problems.append(Flaw("recycling-source-missing", {"role": key}, f"{where} › recycling"))
            return []
        if role not in REPLACED:
            mass = placed.mass_kg if role in ("e_v", "x") else 0.0
            return [placed._replace(amount=placed.amount * weight, source=source, role=role, mass_kg=mass)]
        if placed.amount and not placed.mass_kg:
            self.problems.append(Flaw("burning-without-mass", {}, f"{where} › recycling"))
        zh, en = REPLACED[role]
        name = Name(f"{placed.name.zh} {zh}", f"{placed.name.en or placed.name.zh}, {en}")
        amount = placed.mass_kg * weight
        return [placed._replace(name=name, amount=amount, unit=ENERGY_UNIT, source=source, role=role, mass_kg=0.0)]

    def _module_of(self, role: str, one: Recycling, where: str) -> str:
        """Return the module of a factor at the end of a life: burning that recovers little energy is disposal."""
        if role == "e_er" and RECOVERY in self.method.parameters:
            energy = self._energy(one, where)
            recovered = (energy.x_heat + energy.x_el) * 100 if energy else 0.0
            return PROCESSING if recovered > float(self.method.parameters[RECOVERY].value) else DISPOSAL
        return DISPOSAL if role == "e_d" else ""

    def _energy(self, one: Recycling, where: str) -> EnergyRecovery | None:
        """Return what burning one kilogram gives, None where nobody says that it gives any."""
        if not one.lhv_mj_per_kg:
            return None
        names = ("lhv_mj_per_kg", "burned_to_heat", "burned_to_power")
        return EnergyRecovery(*(self.number(getattr(one, name), where) for name in names))

    def _beyond(self, one: Recycling, base: Line, where: str) -> list[Line]:
        """Return module D of a material: D1 where its recycling after use is named, D3 where burning gives energy.

        Nothing where the method shows no module D beside its rule, or the study's boundary does not reach it.
        """
        if MODULE_D not in self.method.recycling.beside or not self._reaches(BEYOND):
            return []
        weights: dict[str, float] = {}
        try:
            if one.recycling.kind:
                entered = self.number(one.pre_consumer, where) + self.number(one.post_consumer, where)
                left = self.number(one.recycled_at_end, where)
                weights |= module_d(left, entered, self.number(one.quality_out, where))
            if energy := self._energy(one, where):
                weights |= module_d_energy(self.number(one.burned_at_end, where), energy)
        except LcaError as error:
            self.problems.append(Flaw("recycling-impossible", {"reason": str(error)}, where))
            return []
        made = []
        for role, weight in weights.items():
            if weight:
                placed = base._replace(id=f"{base.id}.d.{role}", stage="beyond", module=BEYOND)
                made += self._weighed(one, placed, role, weight, where)
        return made

    def _role(self, one: Recycling, base: Line, role: str) -> Source:
        named = {
            "e_v": base.source, "x": base.source, "x_pr": base.source,
            "e_rec": one.recycled, "x_re": one.recycled, "e_rec_eol": one.recycling,
            "e_v_star": one.substituted if one.substituted.kind else base.source,
            "e_d": one.disposal, "e_er": one.burning, "e_eol": one.disposal,
            "e_after_eow": one.recycling, "e_substituted": one.substituted if one.substituted.kind else base.source,
            "e_se_heat": one.heat_replaced, "e_se_el": one.power_replaced,
        }  # fmt: skip
        return named.get(role, Source())

    def _weights(self, one: Recycling, where: str) -> Sequence[tuple[str, Mapping[str, float]]]:
        """Return the weights of the method's rule by bucket; together they are those of the rule."""
        numbers = {
            name: self.number(getattr(one, name), where)
            for name in ("pre_consumer", "post_consumer", "recycled_at_end", "burned_at_end", "quality_in",
                         "quality_out", "yield_at_end")
        }  # fmt: skip
        r1 = numbers["pre_consumer"] + numbers["post_consumer"]
        end = EndOfLife(numbers["recycled_at_end"], numbers["burned_at_end"])
        whole = self._rule(one, r1, end, numbers, where)
        negative = {role: weight for role, weight in whole.items() if weight < 0}
        if self.method.recycling.method == "recycling.worldsteel":
            scrap = self._rule(one, r1, EndOfLife(0.0), numbers, where)
            burden = {role: weight for role, weight in scrap.items() if role != "x"}
            credit = {role: whole.get(role, 0.0) - scrap.get(role, 0.0) for role in ("x_pr", "x_re")}
            return [(GATE, {"x": 1.0}), (BURDEN, burden), (CREDIT, credit)]
        burden = {"e_v": whole["e_v"] - (1 - r1)} if self.method.recycling.method == "recycling.cff" else {}
        gate = {role: weight - burden.get(role, 0.0) for role, weight in whole.items() if role not in negative}
        return [(GATE, gate), (BURDEN, burden), (CREDIT, negative)]

    def _has_end(self) -> bool:
        """Does the method know the end of a life, and, where it knows modules, does the boundary reach it?"""
        return any(stage.id == "end_of_life" for stage in self.method.boundary.stages) or self._reaches(DISPOSAL)

    def _reaches(self, module: str) -> bool:
        reach = self.method.boundary.types.get(self.model.boundary)
        return reach is not None and module in (*reach.required, *reach.allowed)

    def _rule(
        self, one: Recycling, r1: float, end: EndOfLife, numbers: Mapping[str, float], where: str
    ) -> Mapping[str, float]:
        rule = self.method.recycling
        if rule.method == "recycling.worldsteel":
            return RULES[rule.method].weights(end.r2, r1, numbers["yield_at_end"])
        if rule.method == "recycling.cff":
            a = rule.a.get(one.material)
            if a is None:
                raise OperandMissing(rule.method, [f"a: {one.material} is none of {', '.join(rule.a)}"])
            extra: dict[str, Any] = {"a": float(a.value), "b": float(rule.b.value) if rule.b else 0.0}
            extra |= {"qs_in": numbers["quality_in"], "qs_out": numbers["quality_out"]}
            return RULES[rule.method].weights(r1, end, **extra, energy=self._energy(one, where))
        if rule.method == "recycling.cutoff":
            is_named = one.disposal.kind or one.burning.kind
            return RULES[rule.method].weights(r1, end if self._has_end() and is_named else None)
        return RULES[rule.method].weights(r1, end)
