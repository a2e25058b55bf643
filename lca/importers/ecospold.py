"""What the readers of ecoSpold 1 and 2 share: data sets as printed, and what settles them once all have been read.

Only the whole file tells what a flow is (a product or a waste), in which unit it is counted and which data sets
share an id. A reader therefore hands over each data set as printed, its exchanges as ``Draft``, and ``Reading.settled``
makes the database:

- *unit*: a flow is counted in the unit of those who supply it, else in the one met most often. Other units of the
  same measure become ``to_reference`` by ``factors.units``; an amount in another measure (kg of a flow in m3) belongs
  to a flow of its own, which nobody supplies, and that is told.
- *waste*: a flow is a waste where a data set treats it (reference product with a negative amount, as ecoinvent 3
  writes treatment), or where it is an output to treatment that nobody supplies as a product. The negative amounts
  of a waste turn round: a negative reference output is the waste that enters, a negative input the waste that leaves.
- *service of treatment*: an output to treatment of something that another data set supplies asks for that service
  ('WasteToTreatment are modelled like services', ecoSpold 1) and is read as its input.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from factors.errors import FactorsError
from factors.units import multiplier
from lca.dataset import Allocation, Exchange, Finding, Flow, FlowKind, LciDatabase, Uncertainty, UnitProcess
from lca.errors import LciFileBroken
from lca.importers import Progress
from lca.importers.archive import Archive

SUFFIXES = (".xml", ".spold")
LOOKED_AT = 200  # parts whose root element says whether the format is known: master data may come first

REFERENCE, CO_PRODUCT, TO_TREATMENT, AVOIDED, INPUT, ELEMENTARY = (
    "reference",
    "co-product",
    "to treatment",
    "avoided",
    "input",
    "elementary",
)

Element = Any  # of lxml, which states no types

Ratios = dict[tuple[str, str], tuple[str, float]]
"""(flow, unit) -> (flow that an amount in this unit belongs to, its reference units in one such unit)."""

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?!\d)")
_CAS = re.compile(r"(\d{2,7})-(\d{2})-(\d)")


@dataclass(slots=True)
class Note:
    """What the exchanges of one flow say about it; the first to say something is believed."""

    name: str
    is_elementary: bool
    name_zh: str = ""
    category: str = ""
    cas: str = ""
    formula: str = ""
    locations: set[str] = field(default_factory=set)
    is_called_waste: bool = False

    def complete(self, other: Note) -> None:
        """Take from ``other`` what is not known yet."""
        self.name_zh = self.name_zh or other.name_zh
        self.category = self.category or other.category
        self.cas = self.cas or other.cas
        self.formula = self.formula or other.formula
        self.locations |= other.locations
        self.is_called_waste |= other.is_called_waste


@dataclass(slots=True)
class Draft:
    """An exchange as printed; ``flow`` is the key of its ``Note``."""

    id: str
    flow: Hashable
    amount: float
    unit: str
    group: str  # one of the constants above
    is_input: bool
    provider: str = ""  # id of a data set as the file gives it
    formula: str = ""
    uncertainty: Uncertainty | None = None
    pedigree: tuple[int, ...] = ()
    comment: str = ""


@dataclass(slots=True)
class Dataset:
    """A data set as printed: its process without exchanges, and these; allocations name exchanges, not flows yet."""

    process: UnitProcess
    drafts: list[Draft]
    place: str  # file and process, as a person finds them


@dataclass(slots=True)
class _Use:
    """How all data sets together use a flow."""

    note: Note
    first: str  # place of the first exchange
    units: Counter[str] = field(default_factory=Counter)
    supplied_in: Counter[str] = field(default_factory=Counter)
    is_referred: bool = False  # somebody's reference product
    is_supplied: bool = False
    is_treated: bool = False
    is_let_out: bool = False  # to treatment

    def take(self, draft: Draft) -> None:
        """Count one more exchange."""
        self.units[draft.unit] += 1
        if draft.group in (REFERENCE, CO_PRODUCT):
            self.supplied_in[draft.unit] += 1
        self.is_treated |= draft.group == REFERENCE and draft.amount < 0
        self.is_referred |= draft.group == REFERENCE and draft.amount > 0
        self.is_supplied |= draft.group == CO_PRODUCT and draft.amount > 0 and not self.note.is_called_waste
        self.is_let_out |= draft.group == TO_TREATMENT

    @property
    def kind(self) -> FlowKind:
        """What the flow is; see the head of this module."""
        if self.note.is_elementary:
            return "elementary"
        is_product = self.is_referred or self.is_supplied
        is_waste = self.is_treated or ((self.is_let_out or self.note.is_called_waste) and not is_product)
        return "waste" if is_waste else "product"

    @property
    def unit(self) -> str:
        """The unit that the flow is counted in."""
        return (self.supplied_in or self.units).most_common(1)[0][0]


class Findings:
    """What a reader has to tell; the same thing met thousands of times is told once, with its number."""

    def __init__(self) -> None:
        self._single: list[Finding] = []
        self._counted: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def tell(self, code: str, where: str, *, is_error: bool = False, **params: object) -> None:
        """Tell one thing."""
        self._single.append(Finding(code, where, {key: str(value) for key, value in params.items()}, is_error))

    def count(self, code: str, where: str) -> None:
        """Count one more case of something that most data sets of a file have in common."""
        self._first.setdefault(code, where)
        self._counted[code] += 1

    def all(self) -> tuple[Finding, ...]:
        """Return everything told; of what was counted the first place and the number of cases."""
        many = [Finding(code, self._first[code], {"count": str(n)}) for code, n in self._counted.items()]
        return (*many, *self._single)


class Reading:
    """All that is at hand while one archive is read."""

    def __init__(self, archive: Archive, format_: str) -> None:
        self.archive, self.format = archive, format_
        self.findings = Findings()
        self.notes: dict[Hashable, Note] = {}
        self.datasets: list[Dataset] = []
        self._told_cas: set[str] = set()

    def collect(self, progress: Progress, datasets_of: Callable[[str], Iterator[Dataset]]) -> None:
        """Read every part; of a part that breaks off nothing is taken.

        Raises:
            LciFileBroken: a part is damaged, and no other gave a data set.
            LciFileUnsafe: a part declares a document type, or unpacks to too much.
        """
        names = tuple(_spold_names(self.archive))
        broken: LciFileBroken | None = None
        for number, name in enumerate(names):
            progress(name, number, len(names))
            try:
                self.datasets.extend(list(datasets_of(name)))
            except LciFileBroken as error:
                broken = broken or error
                self.findings.tell("data-sets-unreadable", name, is_error=True, reason=error.params["place"])
        if broken is not None and not self.datasets:
            raise broken
        progress("", len(names), len(names))

    def settled(self, ids: Mapping[Hashable, str]) -> LciDatabase:
        """Return the database; ``ids`` names the flow that each key stands for."""
        uses = self._uses(ids)
        self._tell_contradictions(uses)
        ratios, flows = self._flows(uses)
        processes = _Settling(ids, uses, ratios, self.findings).processes(self.datasets)
        used = {exchange.flow for process in processes for exchange in process.exchanges}
        return LciDatabase(
            name=self.archive.path.stem,
            flows={flow.id: flow for flow in flows if flow.id in used},
            processes=processes,
            format=self.format,
            findings=self.findings.all(),
        )

    def _uses(self, ids: Mapping[Hashable, str]) -> dict[str, _Use]:
        uses: dict[str, _Use] = {}
        for dataset in self.datasets:
            for draft in dataset.drafts:
                flow = ids[draft.flow]
                note = self.notes[draft.flow]
                use = uses.get(flow)
                if use is None:
                    use = uses[flow] = _Use(note, f"{dataset.place}: {note.name}")
                elif note is not use.note:
                    use.note.complete(note)
                use.take(draft)
        return uses

    def _tell_contradictions(self, uses: Mapping[str, _Use]) -> None:
        for use in uses.values():
            if use.is_treated and use.is_referred:
                self.findings.tell("flow-treated-and-supplied", use.first, is_error=True, flow=use.note.name)
            elif use.kind == "product" and (use.is_let_out or use.note.is_called_waste):
                self.findings.tell("waste-supplied-as-product", use.first, flow=use.note.name)

    def _flows(self, uses: Mapping[str, _Use]) -> tuple[Ratios, list[Flow]]:
        """Return how amounts become reference units of which flow, and the flows."""
        ratios: Ratios = {}
        flows: list[Flow] = []
        for identifier, use in uses.items():
            unit = use.unit
            flows.append(_flow(identifier, use, unit))
            for other, count in use.units.items():
                factor = ratio(other, unit)
                if factor is not None:
                    ratios[identifier, other] = identifier, factor
                    continue
                apart = f"{identifier} [{other}]"
                ratios[identifier, other] = apart, 1.0
                flows.append(_flow(apart, use, other))
                self.findings.tell(
                    "unit-of-another-measure",
                    use.first,
                    is_error=not use.note.is_elementary,
                    flow=use.note.name,
                    unit=other,
                    reference=unit,
                    count=count,
                )
        return ratios, flows

    def cas(self, printed: str, where: str) -> str:
        """Return a CAS number, '' where it is none; each that is none is told once."""
        found = cas(printed)
        if not found and printed not in self._told_cas:
            self._told_cas.add(printed)
            self.findings.tell("cas-invalid", where, cas=printed)
        return found

    def bounded(
        self, kind: str, low: float | None, mode: float | None, high: float | None, where: str
    ) -> Uncertainty | None:
        """Return a distribution between two bounds, None where there is none; what is odd about it is told.

        ``mode`` is None for 'uniform'. Bounds in the wrong order are put in order where the mode lies between them;
        where it does not, there is no distribution.
        """
        if low is None or high is None or (mode is None and kind == "triangular"):
            self.findings.count("uncertainty-unusable", where)
            return None
        smaller, larger = min(low, high), max(low, high)
        if mode is not None and not smaller <= mode <= larger:
            self.findings.tell("uncertainty-mode-outside", where, minimum=low, mode=mode, maximum=high)
            return None
        if low > high:
            self.findings.tell("uncertainty-limits-swapped", where, minimum=low, maximum=high)
        return Uncertainty(kind, mode, None, smaller, larger) if smaller < larger else None


def _flow(identifier: str, use: _Use, unit: str) -> Flow:
    note = use.note
    return Flow(
        id=identifier,
        name=note.name,
        kind=use.kind,
        unit=unit,
        name_zh=note.name_zh,
        category=note.category,
        cas=note.cas,
        formula=note.formula,
        location=next(iter(note.locations)) if len(note.locations) == 1 else "",
    )


@dataclass(frozen=True, slots=True)
class _Settling:
    """Turns data sets as printed into unit processes."""

    ids: Mapping[Hashable, str]
    uses: Mapping[str, _Use]
    ratios: Ratios
    findings: Findings

    def processes(self, datasets: Sequence[Dataset]) -> tuple[UnitProcess, ...]:
        """Return a process for each data set; one that is there twice is told and taken once."""
        named = list(self._named(datasets))
        suppliers: dict[str, dict[str, str]] = defaultdict(dict)
        for identifier, product, dataset in named:
            suppliers[dataset.process.id].setdefault(product, identifier)
        return tuple(self._process(identifier, dataset, suppliers) for identifier, _, dataset in named)

    def _named(self, datasets: Sequence[Dataset]) -> Iterator[tuple[str, str, Dataset]]:
        """Yield every data set with the id of its process and its reference flow.

        Data sets of ecoinvent 3 share the id of their activity, one for each product of it: those get the id of the
        product behind it.
        """
        shared = Counter(dataset.process.id for dataset in datasets)
        seen: set[str] = set()
        for dataset in datasets:
            given = dataset.process.id
            product = next(self.ids[draft.flow] for draft in dataset.drafts if draft.id == dataset.process.reference)
            identifier = given if shared[given] == 1 else f"{given}_{product}"
            if identifier in seen:
                self.findings.tell("data-set-repeated", dataset.place, is_error=True, process=identifier)
                continue
            seen.add(identifier)
            yield identifier, product, dataset

    def _process(self, identifier: str, dataset: Dataset, suppliers: Mapping[str, Mapping[str, str]]) -> UnitProcess:
        exchanges = tuple(self._exchange(draft, suppliers) for draft in dataset.drafts)
        flows = {exchange.id: exchange.flow for exchange in exchanges}
        allocations = tuple(_by_flow(one, flows) for one in dataset.process.allocations)
        return replace(dataset.process, id=identifier, exchanges=exchanges, allocations=allocations)

    def _exchange(self, draft: Draft, suppliers: Mapping[str, Mapping[str, str]]) -> Exchange:
        flow = self.ids[draft.flow]
        use = self.uses[flow]
        kind = use.kind
        if kind == "waste" and draft.amount < 0 and draft.group in (REFERENCE, INPUT):
            _turn_round(draft)
        elif kind == "product" and draft.group == TO_TREATMENT:
            draft.is_input = True
        belongs_to, to_reference = self.ratios[flow, draft.unit]
        return Exchange(
            id=draft.id,
            flow=belongs_to,
            amount=draft.amount,
            unit=draft.unit,
            is_input=draft.is_input,
            to_reference=to_reference,
            is_avoided=draft.group == AVOIDED,
            provider=_provider(draft.provider, flow, suppliers),
            formula=draft.formula,
            uncertainty=draft.uncertainty,
            pedigree=draft.pedigree,
            comment=draft.comment,
        )


def _provider(given: str, flow: str, suppliers: Mapping[str, Mapping[str, str]]) -> str:
    """Return the id of the process meant by ``given``, or ``given`` where it is not in this archive."""
    known = suppliers.get(given, {})
    if len(known) == 1:
        return next(iter(known.values()))
    return known.get(flow, given)


def _turn_round(draft: Draft) -> None:
    """Let an amount stand on the other side of the process with the other sign: the same, said the other way."""
    draft.amount, draft.is_input = -draft.amount, not draft.is_input
    draft.formula = f"-({draft.formula})" if draft.formula else ""
    if draft.uncertainty is not None and draft.uncertainty.kind != "lognormal":  # that is of the absolute amount
        loc, low, high = draft.uncertainty.loc, draft.uncertainty.minimum, draft.uncertainty.maximum
        draft.uncertainty = replace(
            draft.uncertainty,
            loc=None if loc is None else -loc,
            minimum=None if high is None else -high,
            maximum=None if low is None else -low,
        )


def _by_flow(allocation: Allocation, flows: Mapping[str, str]) -> Allocation:
    """Name the products of an allocation by their flows instead of their exchanges."""
    return replace(
        allocation,
        shares={flows[product]: share for product, share in allocation.shares.items()},
        by_exchange={
            exchange: {flows[product]: share for product, share in shares.items()}
            for exchange, shares in allocation.by_exchange.items()
        },
    )


# --- parts of an archive -------------------------------------------------------------------------


def _spold_names(archive: Archive) -> Iterator[str]:
    names = archive.names
    return (name for name in names if len(names) == 1 or PurePosixPath(name).suffix.lower() in SUFFIXES)


def is_of(archive: Archive, root: str) -> bool:
    """Tell whether one of the first parts has the root element ``root``, whatever it is called."""
    names = [name for name, _ in zip(_spold_names(archive), range(LOOKED_AT), strict=False)]
    return any(archive.root_of(name) == root for name in names)


# --- numbers, units, names -----------------------------------------------------------------------


def number(text: str | None) -> float | None:
    """Return a finite number, None for everything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in str(text) else None


@lru_cache(maxsize=4096)
def ratio(unit: str, reference: str) -> float | None:
    """Return the number of ``reference`` in one ``unit``, None where they measure different things or are unknown."""
    if unit == reference:
        return 1.0
    try:
        return float(multiplier(unit, reference))
    except FactorsError:
        return None


def cas(text: str) -> str:
    """Return a CAS number without leading zeros, '' where the check digit does not confirm one.

    The last digit is the sum of the others, each times its place counted from the right, modulo 10.
    """
    found = _CAS.search(text)
    if found is None:
        return ""
    digits = found[1] + found[2]
    check = sum(int(digit) * place for place, digit in enumerate(reversed(digits), 1)) % 10
    return f"{found[1].lstrip('0')}-{found[2]}-{found[3]}" if check == int(found[3]) else ""


def day(text: str) -> str:
    """Return a year, month or day as ISO writes it, without the time zone that some files add; '' for none."""
    found = _DAY.match(text)
    return found[0] if found else ""


def cited(author: str, year: str, title: str) -> str:
    """Return a publication as a person reads it."""
    head = " ".join(filter(None, (author, year)))
    return ": ".join(filter(None, (head, title)))


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute without spaces around it, '' where there is none or no element."""
    return "" if element is None else element.get(name, "").strip()


def free_id(wanted: str, taken: Counter[str]) -> str:
    """Return ``wanted``, or with a number behind it where an exchange of the process has this id already."""
    identifier = wanted
    while taken[identifier]:
        taken[wanted] += 1
        identifier = f"{wanted}.{taken[wanted]}"
    taken[identifier] += 1
    return identifier


# --- uncertainty ---------------------------------------------------------------------------------


def lognormal(median: float, sigma: float) -> Uncertainty | None:
    """Return a lognormal distribution of absolute amounts, None where there is no spread."""
    return Uncertainty("lognormal", math.log(abs(median)), sigma) if sigma > 0 and median else None


def normal(mean: float, sigma: float) -> Uncertainty | None:
    """Return a normal distribution, None where there is no spread."""
    return Uncertainty("normal", mean, sigma) if sigma > 0 else None
