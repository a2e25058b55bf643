"""SimaPro CSV: processes with products, inputs by name, and emissions by compartment.

Products are known by their names, which are unique in a SimaPro project, so an input is the flow that its supplier
makes. What is 'Waste to treatment' leaves as waste; 'Waste treatment' takes it in. A lognormal gives the square of the
geometric standard deviation, a normal twice the standard deviation. Names of parameters are the same in any case; in
formulas they are written as they are declared, with decimal points.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lca.dataset import Allocation, Exchange, Flow, FlowKind, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.distributions import Printed, check
from lca.importers.simapro_blocks import (
    AVOIDED,
    CALCULATED,
    COMPARTMENTS,
    ENERGY,
    EXCHANGES,
    INPUT_PARAMETERS,
    MATERIALS,
    PROCESS,
    PRODUCTS,
    REMAINING,
    SCENARIO,
    SECTIONS,
    SEPARATED,
    TREATMENT,
    WASTE,
    Block,
    Header,
    Row,
    split,
)
from lca.importers.tabular import FlowBook, Notes, Place, identity, number, why_no_number

SUFFIXES = (".csv", ".txt")
START = ("{simapro", '"{simapro')

SUBSTANCES: Mapping[str, str] = {
    "raw materials": "resource",
    "airborne emissions": "air",
    "waterborne emissions": "water",
    "emissions to soil": "soil",
    "final waste flows": "waste",
    "non material emissions": "non material",
    "social issues": "social",
    "economic issues": "economic",
}
"""Lists of substances at the end of a file -> the compartment of their section."""

# Blocks of parameters in the order in which a later name goes before an earlier one.
_INPUTS = ("database input parameters", "project input parameters")
_FORMULAS = ("database calculated parameters", "project calculated parameters")
_TOLD_ELSEWHERE = frozenset({"quantities", "units", "literature reference", "system description", *SUBSTANCES})

_DISTRIBUTIONS = {"lognormal": "lognormal", "normal": "normal", "triangle": "triangular", "uniform": "uniform"}
_PEDIGREE = re.compile(r"\(([1-5](?:,[1-5]){4,5})[,)]")
_YEARS = re.compile(r"(\d{4})\s*-\s*(\d{4})")
_LOCATION = re.compile(r"\{([^{}]+)\}")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_WORDS = frozenset({"and", "or", "not", "pi"})
SHARE_TOLERANCE = 0.001
PLACES = 9  # cells of the longest row


def knows(archive: Archive) -> bool:
    """Tell from the first line."""
    if not archive.path.is_file() or archive.path.suffix.casefold() not in SUFFIXES:
        return False
    return archive.text_of(archive.names[0])[:200].lstrip("\ufeff \r\n").casefold().startswith(START)


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return the processes of a file; its methods and product stages are told and left out.

    Raises:
        LciFileBroken, LciFileUnsafe: it cannot be read.
    """
    notes = Notes()
    file = archive.path.name
    header, blocks = split(archive.text_of(archive.names[0]), file, notes)
    return _Reading(file, header, blocks, notes).database(progress)


@dataclass
class _Draft:
    """A process while it is read."""

    block: Block
    id: str
    place: Place
    exchanges: list[Exchange] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of an exchange."""

    flow: Flow
    amount: float
    formula: str
    is_input: bool
    is_avoided: bool = False
    spread: tuple[str, ...] = ()
    comment: str = ""


class _Reading:
    def __init__(self, file: str, header: Header, blocks: Sequence[Block], notes: Notes) -> None:
        self._file, self._header, self._blocks, self._notes = file, header, blocks, notes
        self._flows = FlowBook(notes, dict(self._units()))
        self._cas = {key: cas for key, cas in self._substances() if cas}
        self._shared = self._shared_parameters()

    def database(self, progress: Progress) -> LciDatabase:
        """Return everything read: first what is supplied, so that a flow is counted as its supplier counts it."""
        self._tell_left_out()
        drafts = [draft for draft in self._drafts() if self._supply(draft)]
        processes = []
        for done, draft in enumerate(drafts, 1):
            processes.append(self._process(draft))
            if done % 500 == 0 or done == len(drafts):
                progress("processes", done, len(drafts))
        return LciDatabase(
            name=self._header.project or self._file.rsplit(".", 1)[0],
            flows=self._flows.flows,
            processes=tuple(processes),
            version=self._header.version,
            format="simapro",
            parameters=self._shared,
            findings=self._notes.findings(),
        )

    # --- what stands beside the processes --------------------------------------------------------

    def _of(self, *titles: str) -> Iterator[tuple[Block, Row]]:
        for block in self._blocks:
            if block.title in titles:
                for row in block.rows:
                    yield block, row

    def _units(self) -> Iterator[tuple[str, tuple[str, float]]]:
        for _, (line, cells) in self._of("units"):
            size = number(self._header.amount(cells[2])) if len(cells) > 2 else None
            if size is None or size <= 0:
                self._notes.add("unit-unreadable", Place(self._file).at(line), unit=cells[0])
            else:
                yield cells[0], (cells[1], size)

    def _substances(self) -> Iterator[tuple[tuple[str, str], str]]:
        for block, (_, cells) in self._of(*SUBSTANCES):
            cas = cells[2].lstrip("0") if len(cells) > 2 else ""
            yield (cells[0], SUBSTANCES[block.title]), cas

    def _tell_left_out(self) -> None:
        kinds: Counter[str] = Counter(
            block.title
            for block in self._blocks
            if block.title not in (PROCESS, *_INPUTS, *_FORMULAS) and block.title not in _TOLD_ELSEWHERE
        )
        for title, count in kinds.items():
            self._notes.add("block-left-out", Place(self._file), block=title, count=count)

    # --- processes -------------------------------------------------------------------------------

    def _drafts(self) -> Iterator[_Draft]:
        seen: Counter[str] = Counter()
        for block in self._blocks:
            if block.title != PROCESS:
                continue
            made = [*block.sections.get(PRODUCTS, ()), *block.sections.get(TREATMENT, ())]
            names = [cells[0] for _, cells in made]
            for line, _ in block.rows:
                self._notes.add("row-not-understood", Place(self._file).at(line))
            place = Place(self._file, "", block.word("process name") or (names[0] if names else ""), block.line)
            if SCENARIO in block.sections or SEPARATED in block.sections or REMAINING in block.sections:
                self._notes.add("waste-scenario-left-out", place, is_error=True)
                continue
            if not names:
                self._notes.add("process-left-out", place, is_error=True, name=place.process)
                continue
            given = block.word("process identifier") or block.word("platformid")
            identifier = given or identity("process", *names)
            seen[identifier] += 1
            if seen[identifier] > 1:
                self._notes.add("process-twice", place, is_error=True, name=place.process)
                identifier = f"{identifier}#{seen[identifier]}"
            yield _Draft(block, identifier, place)

    def _supply(self, draft: _Draft) -> bool:
        """Take what a process makes or treats; return whether all of it could be read."""
        for section in (PRODUCTS, TREATMENT):
            for line, row in draft.block.sections.get(section, ()):
                cells = _padded(row)
                place = draft.place.at(line)
                amount, formula = self._amount(cells[2], place, cells[0])
                if amount is None:
                    self._notes.add("process-left-out", place, is_error=True, name=draft.place.process)
                    return False
                if amount == 0 and not formula:
                    self._notes.add("production-zero", place, is_error=True, name=draft.place.process)
                kind: FlowKind = "waste" if section == TREATMENT else "product"
                comment = cells[5] if section == TREATMENT else cells[6]
                flow = self._flow(kind, cells[0], cells[1])
                self._add(draft, line, _Line(flow, amount, formula, section == TREATMENT, comment=comment))
                self._take_share(draft, cells[3] if section == PRODUCTS else "", place)
        return True

    def _take_share(self, draft: _Draft, printed: str, place: Place) -> None:
        share = number(self._header.amount(printed.rstrip("% ")))
        if share is not None:
            flow = draft.exchanges[-1].flow
            draft.shares[flow] = draft.shares.get(flow, 0.0) + share
        elif printed:
            self._notes.add("allocation-unreadable", place, is_error=True, value=printed)

    def _process(self, draft: _Draft) -> UnitProcess:
        block = draft.block
        parameters = self._parameters(block, draft.place)
        for section, rows in block.sections.items():
            if section in EXCHANGES and section not in (PRODUCTS, TREATMENT):
                for line, cells in rows:
                    self._input(draft, section, line, _padded(cells))
            elif section not in SECTIONS and any(any(cells[1:]) for _, cells in rows):
                self._notes.add("section-unknown", draft.place.at(rows[0][0]), is_error=True, section=section)
        spelled = {one.name.casefold(): one.name for one in (*self._shared, *parameters)}
        exchanges = tuple(
            replace(one, formula=self._respelled(one.formula, spelled, draft.place.at(int(one.id))))
            if one.formula
            else one
            for one in draft.exchanges
        )
        years = _YEARS.search(block.word("time period"))
        locations = _LOCATION.findall(draft.place.process)
        allocations = self._allocations(draft)
        references = (cells[0] for _, cells in block.sections.get("literature references", ()))
        return UnitProcess(
            id=draft.id,
            name=draft.place.process,
            exchanges=exchanges,
            reference=exchanges[0].id,
            kind="system" if block.word("type").casefold() == "system" else "unit",
            location=locations[0] if len(locations) == 1 else "",
            valid_from=years[1] if years else "",
            valid_until=years[2] if years else "",
            category=self._category(block),
            source="; ".join(references),
            comment=block.word("comment"),
            parameters=parameters,
            allocations=allocations,
            default_allocation=allocations[0].method if allocations else "",
        )

    def _category(self, block: Block) -> str:
        products, treatments = block.sections.get(PRODUCTS, ()), block.sections.get(TREATMENT, ())
        printed = [_padded(cells)[5] for _, cells in products] + [_padded(cells)[4] for _, cells in treatments]
        parts = [block.word("category type"), *printed[0].replace("\\", "/").split("/")]
        return "/".join(part for part in parts if part)

    def _allocations(self, draft: _Draft) -> tuple[Allocation, ...]:
        """Return the shares of several products; one alone bears everything, whatever is printed beside it."""
        total = sum(draft.shares.values())
        if draft.shares and abs(total - 100) > 100 * SHARE_TOLERANCE:
            self._notes.add("allocation-off-total", draft.place, is_error=True, total=f"{total:g}")
            return ()
        if len(draft.shares) < 2:
            return ()
        stated = draft.block.word("multiple output allocation").casefold()
        method = {"physical causality": "physical", "socio-economic causality": "economic"}.get(stated, "stated")
        return (Allocation(method, {flow: share / 100 for flow, share in draft.shares.items()}),)

    # --- exchanges -------------------------------------------------------------------------------

    def _flow(self, kind: FlowKind, name: str, unit: str, compartment: str = "", sub: str = "") -> Flow:
        if kind != "elementary":
            found = _LOCATION.findall(name)
            where = found[0] if len(found) == 1 else ""
            return Flow(id=identity("simapro", name), name=name, kind=kind, unit=unit, location=where)
        category = f"{compartment}/{sub}" if sub else compartment
        cas = self._cas.get((name, compartment), "")
        return Flow(id=identity(kind, name, category), name=name, kind=kind, unit=unit, category=category, cas=cas)

    def _input(self, draft: _Draft, section: str, line: int, cells: list[str]) -> None:
        """Take a row of any section but those of products."""
        place = draft.place.at(line)
        compartment = COMPARTMENTS.get(section)
        if compartment is not None:
            name, sub, unit, printed, *spread = cells
            flow = self._flow("elementary", name, unit, compartment, "" if sub == "(unspecified)" else sub)
        else:
            name, unit, printed, *spread = cells
            flow = self._flow("waste" if section == WASTE else "product", name, unit)
        amount, formula = self._amount(printed, place, name)
        if amount is None:
            return
        is_input = section in (MATERIALS, ENERGY) or compartment == COMPARTMENTS["resources"]
        taken = _Line(flow, amount, formula, is_input, section == AVOIDED, tuple(spread[:4]), spread[4])
        self._add(draft, line, taken)

    def _add(self, draft: _Draft, line: int, taken: _Line) -> None:
        place, flow = draft.place.at(line), taken.flow
        if not flow.name:
            self._notes.add("exchange-unnamed", place, is_error=True)
        held, factor = self._flows.take(flow, place)
        unit = flow.unit or self._flows.flows[held].unit
        if not unit:
            self._notes.add("unit-missing", place, flow=flow.name)
        pedigree = _PEDIGREE.match(taken.comment)
        draft.exchanges.append(
            Exchange(
                id=str(line),
                flow=held,
                amount=taken.amount,
                unit=unit,
                is_input=taken.is_input,
                to_reference=factor,
                is_avoided=taken.is_avoided,
                formula=taken.formula,
                uncertainty=self._uncertainty(taken.spread, None if taken.formula else taken.amount, place),
                pedigree=tuple(int(score) for score in pedigree[1].split(",")[:5]) if pedigree else (),
                comment=taken.comment,
            )
        )

    def _amount(self, printed: str, place: Place, name: str) -> tuple[float | None, str]:
        """Return amount and formula; the file does not tell what its formulas give, so that amount is 0."""
        amount = number(self._header.amount(printed))
        if amount is not None:
            return amount, ""
        why = why_no_number(self._header.amount(printed))
        if why == "amount-unreadable":
            self._notes.add("amount-only-by-formula", place)
            return 0.0, self._header.formula(printed)
        self._notes.add(why, place, is_error=True, exchange=name, value=printed)
        return None, ""

    def _uncertainty(self, spread: Sequence[str], amount: float | None, place: Place) -> Uncertainty | None:
        printed = spread[0].casefold() if spread else ""
        if printed in ("", "undefined"):
            return None
        kind = _DISTRIBUTIONS.get(printed)
        if kind is None:
            self._notes.add("distribution-unknown", place, distribution=printed)
            return None
        deviation, minimum, maximum = (number(self._header.amount(cell)) for cell in [*spread, "", "", ""][1:4])
        scale = None
        if kind == "lognormal" and deviation is not None:
            scale = math.log(deviation) / 2 if deviation > 0 else -1.0
        elif kind == "normal" and deviation is not None:
            scale = deviation / 2
        bounds = (minimum, maximum) if kind in ("triangular", "uniform") else (None, None)
        checked = check(Printed(kind, None, scale, *bounds), amount)
        if checked.code:
            self._notes.tell(checked.code, place, checked.params or {})
        return checked.uncertainty

    # --- parameters ------------------------------------------------------------------------------

    def _shared_parameters(self) -> tuple[Parameter, ...]:
        inputs = [row for title in _INPUTS for _, row in self._of(title)]
        formulas = [row for title in _FORMULAS for _, row in self._of(title)]
        return self._listed(inputs, formulas, Place(self._file), ())

    def _parameters(self, block: Block, place: Place) -> tuple[Parameter, ...]:
        inputs, formulas = block.sections.get(INPUT_PARAMETERS, ()), block.sections.get(CALCULATED, ())
        return self._listed(inputs, formulas, place, self._shared)

    def _listed(
        self, inputs: Sequence[Row], formulas: Sequence[Row], place: Place, shared: Sequence[Parameter]
    ) -> tuple[Parameter, ...]:
        found: dict[str, Parameter] = {}
        lines: dict[str, int] = {}
        for line, cells in inputs:
            self._keep(found, self._input_parameter(_padded(cells), place.at(line)), place.at(line))
        for line, cells in formulas:
            padded = _padded(cells)
            lines[padded[0]] = line
            self._notes.add("amount-only-by-formula", place.at(line))
            formula = self._header.formula(padded[1])
            self._keep(found, Parameter(padded[0], 0.0, formula, comment=padded[2]), place.at(line))
        spelled = {one.name.casefold(): one.name for one in (*shared, *found.values())}
        return tuple(
            replace(one, formula=self._respelled(one.formula, spelled, place.at(lines[one.name])))
            if one.formula
            else one
            for one in found.values()
        )

    def _respelled(self, formula: str, spelled: Mapping[str, str], place: Place) -> str:
        """Return a formula with the names as they are declared; say which are declared nowhere."""

        def declared(found: re.Match[str]) -> str:
            name = spelled.get(found[0].casefold())
            is_function = formula[found.end() :].lstrip().startswith("(")
            if name is None and not is_function and found[0].casefold() not in _WORDS:
                self._notes.add("variable-missing", place, is_error=True, variable=found[0])
            return name or found[0]

        return _NAME.sub(declared, formula)

    def _keep(self, found: dict[str, Parameter], one: Parameter | None, place: Place) -> None:
        if one is None:
            return
        if one.name.casefold() in found:
            self._notes.add("parameter-twice", place, name=one.name)
        found[one.name.casefold()] = one

    def _input_parameter(self, cells: Sequence[str], place: Place) -> Parameter | None:
        amount = number(self._header.amount(cells[1]))
        if not cells[0] or amount is None:
            self._notes.add("parameter-unreadable", place, is_error=True, name=cells[0] or "-", value=cells[1])
            return None
        return Parameter(cells[0], amount, "", self._uncertainty(cells[2:6], amount, place), cells[7])


def _padded(cells: Sequence[str]) -> list[str]:
    return [*cells, *[""] * (PLACES - len(cells))]
