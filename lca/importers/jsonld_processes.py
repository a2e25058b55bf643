"""Unit processes of an openLCA JSON-LD file: exchanges, parameters, documentation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lca.dataset import (
    SUPPLY,
    SYSTEM_PROCESS,
    UNIT_PROCESS,
    Allocation,
    Exchange,
    FlowKind,
    Parameter,
    UnitProcess,
    role,
)
from lca.importers.jsonld_allocation import METHODS, REASONS, Shared, shared_out
from lca.importers.jsonld_flows import FlowRecord, Flows
from lca.importers.jsonld_objects import Json, Reading, number, own, part_of, reference, shortened, text
from lca.importers.jsonld_parameters import Parameters
from lca.importers.jsonld_quality import Pedigrees, scores, uncertainty
from lca.parametrised import Scope, scope

KINDS: Mapping[str, str] = {"UNIT_PROCESS": UNIT_PROCESS, "LCI_RESULT": SYSTEM_PROCESS, "": UNIT_PROCESS}
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_TOLD_IN_SUM = frozenset({"uncertainty-without-spread", "pedigree-invalid"})
"""What may stand at thousands of exchanges is told once a process, with their number."""


@dataclass
class Processes:
    """Reads processes with all that they refer to."""

    reading: Reading
    flows: Flows
    pedigrees: Pedigrees
    sources: dict[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()  # of the database
    outer: Scope = field(default_factory=lambda: Scope({}))
    found: dict[str, UnitProcess] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)  # identifier in the file -> the process's own

    def read(self) -> None:
        """Take sources, global parameters and processes of the file."""
        for _, identifier, one in self.reading.objects("Source"):
            self.sources[identifier] = _source(one)
        self.parameters = tuple(self._global())
        self.outer = scope(self.parameters, self.reading.archive.path.name)
        for part, identifier, one in self.reading.objects("Process"):
            process = _ProcessReader(self, part, one).process(identifier)
            if process is None:
                continue
            if process.id in self.found:
                self.reading.tell("process-repeated", part, is_error=True, id=process.id)
                continue
            self.found[process.id] = process
            if process.id != identifier:
                self.renamed[identifier] = process.id

    def _global(self) -> Iterator[Parameter]:
        found = [(part, one) for part, _, one in self.reading.objects("Parameter")]
        of_file = [one for _, one in found if text(one.get("parameterScope")) in ("", "GLOBAL_SCOPE")]
        for part, one in found:
            if text(one.get("parameterScope")) not in ("", "GLOBAL_SCOPE"):
                self.reading.tell("parameter-outside-process", part, name=text(one.get("name")))
        yield from Parameters(self.reading, self.reading.archive.path.name, Scope({})).read(of_file)

    def linked(self) -> tuple[UnitProcess, ...]:
        """Return the processes, their providers called by the providers' own identifiers."""
        if not self.renamed:
            return tuple(self.found.values())
        return tuple(
            replace(
                process,
                exchanges=tuple(
                    replace(one, provider=self.renamed[one.provider]) if one.provider in self.renamed else one
                    for one in process.exchanges
                ),
            )
            for process in self.found.values()
        )


class _ProcessReader:
    """Reads one process."""

    def __init__(self, processes: Processes, part: str, one: Json) -> None:
        self.processes, self.reading, self.flows = processes, processes.reading, processes.flows
        self.one = one
        self.where = f"{part} · {text(one.get('name'))}"
        self.order = processes.pedigrees.order(one, self.where)
        self.exchanges: dict[str, Exchange] = {}
        self.references: list[str] = []
        self.sums: Counter[str] = Counter()
        self.repeated: set[str] = set()
        self.supplies: set[str] = set()

    def process(self, identifier: str) -> UnitProcess | None:
        """Return the process; None, told, where it has no quantitative reference."""
        for place, entry in enumerate(self.reading.listed(self.one, "exchanges", self.where), 1):
            self.take(place, entry)
        self.tell_sums()
        if len(self.references) != 1:
            count = len(self.references)
            self.reading.tell("process-without-reference", self.where, is_error=True, count=count)
            return None
        kept = own(self.one)
        documentation = part_of(self.one, "processDocumentation")
        return UnitProcess(
            id=text(kept.get("id")) or identifier,
            name=text(self.one.get("name")),
            exchanges=tuple(self.exchanges.values()),
            reference=self.references[0],
            name_zh=text(kept.get("name_zh")),
            kind=self.kind(),
            location=self.flows.places.location(self.one),
            valid_from=text(kept.get("valid_from")) or self.date(documentation, "validFrom"),
            valid_until=text(kept.get("valid_until")) or self.date(documentation, "validUntil"),
            category=self.flows.places.category(self.one),
            source=self.source(documentation),
            licence=_licence(documentation),
            comment=text(self.one.get("description")),
            parameters=tuple(self.parameters()),
            allocations=self.allocations(),
            default_allocation=METHODS.get(text(self.one.get("defaultAllocationMethod")), ""),
            is_placeholder=kept.get("is_placeholder") is True,
        )

    def kind(self) -> str:
        name = text(self.one.get("processType"))
        if name not in KINDS:
            self.reading.tell("process-type-unknown", self.where, found=shortened(name))
        return KINDS.get(name, UNIT_PROCESS)

    def date(self, documentation: Json, key: str) -> str:
        value = text(documentation.get(key))
        match = _DATE.match(value)
        if value and match is None:
            self.reading.tell("value-of-wrong-type", self.where, key=key, value=shortened(value))
        return match[0] if match is not None else ""

    def source(self, documentation: Json) -> str:
        """Return the publication, the sources and who generated the data, as a person reads them."""
        cited = [part_of(documentation, "publication"), *self.reading.listed(documentation, "sources", self.where)]
        texts = [self.processes.sources.get(text(one.get("@id"))) or text(one.get("name")) for one in cited]
        generator = text(part_of(documentation, "dataGenerator").get("name"))
        if generator:
            texts.append(f"Data generator: {generator}")
        return "; ".join(dict.fromkeys(filter(None, texts)))

    def parameters(self) -> Iterator[Parameter]:
        entries = self.reading.listed(self.one, "parameters", self.where)
        yield from Parameters(self.reading, self.where, self.processes.outer).read(entries)

    # --- exchanges -------------------------------------------------------------------------------

    def take(self, place: int, entry: Json) -> None:
        """Read one exchange; one that cannot be used is told and left out."""
        flow_reference = part_of(entry, "flow")
        where = f"{self.where} · {place} {text(flow_reference.get('name'))}"
        is_input = self.reading.flag(entry, "isInput", "input", where)
        is_reference = self.reading.flag(entry, "isQuantitativeReference", "quantitativeReference", where)
        is_avoided = self.reading.flag(entry, "isAvoidedProduct", "avoidedProduct", where)
        if is_input is None or is_reference is None or is_avoided is None:
            return
        deduced = _deduced(is_input, is_reference, bool(entry.get("defaultProvider")))
        record = self.flows.referred(flow_reference, deduced, where)
        amount = self.amount(entry, where)
        if record is None or amount is None:
            return
        unit = self.flows.quantity(record, entry)
        if unit is None:
            name = text(part_of(entry, "unit").get("name"))
            self.reading.tell("unit-unknown", where, is_error=True, unit=name, flow_unit=record.flow.unit)
            return
        if is_avoided:
            is_input = self.avoided(record, is_input, where)
            is_avoided = record.flow.kind != "elementary"
        identifier = self.identifier(entry, place)
        if is_reference:
            self.references.append(identifier)
        exchange = Exchange(
            id=identifier,
            flow=record.flow.id,
            amount=amount,
            unit=unit[0],
            is_input=is_input,
            to_reference=unit[1],
            is_avoided=is_avoided,
            provider=reference(entry, "defaultProvider"),
            formula=text(entry.get("amountFormula")),
            uncertainty=uncertainty(entry, self.told(where)),
            pedigree=self.pedigree(entry, where),
            comment=text(entry.get("description")),
        )
        self.exchanges[identifier] = exchange
        if role(exchange, record.flow) == SUPPLY:
            self.supplies.add(identifier)

    def amount(self, entry: Json, where: str) -> float | None:
        """Return the amount; absent it is 0 by the format, and said to be."""
        value = entry.get("amount")
        if value is None:
            self.reading.tell("amount-missing", where)
            return 0.0
        amount = number(value)
        if amount is None:
            self.reading.tell("amount-not-finite", where, is_error=True, value=shortened(value))
        return amount

    def avoided(self, record: FlowRecord, is_input: bool, where: str) -> bool:
        """Return the side on which an avoided product or waste stands: openLCA notes it on the other."""
        if record.flow.kind == "elementary":
            self.reading.tell("avoided-elementary", where)
            return is_input
        return record.flow.kind == "waste"

    def identifier(self, entry: Json, place: int) -> str:
        """Return the identifier of an exchange: its own, its number in the process, or its place; each once."""
        identifier = text(entry.get("@id")) or text(entry.get("internalId"))
        if identifier in self.exchanges:
            self.sums["exchange-id-repeated"] += 1
            self.repeated.add(identifier)
            identifier = ""
        identifier = identifier or str(place)
        while identifier in self.exchanges:
            identifier = f"{identifier}-{place}"
        return identifier

    def pedigree(self, entry: Json, where: str) -> tuple[int, ...]:
        written = text(entry.get("dqEntry")) or text(entry.get("pedigreeUncertainty"))
        if not written:
            return ()
        if self.order is None:
            return ()  # told with the system
        found = scores(written, self.order)
        if found is None:
            self.told(where)("pedigree-invalid")
        return found or ()

    def told(self, where: str) -> Callable[..., None]:
        def tell(code: str, **params: object) -> None:
            if code in _TOLD_IN_SUM:
                self.sums[code] += 1
            else:
                self.reading.note(code, where, params)

        return tell

    def tell_sums(self) -> None:
        for code, count in self.sums.items():
            self.reading.tell(code, self.where, count=count)

    # --- allocation ------------------------------------------------------------------------------

    def allocations(self) -> tuple[Allocation, ...]:
        """Return the allocations that can be used; the factors that cannot are told in one finding."""
        factors = self.reading.listed(self.one, "allocationFactors", self.where)
        if not factors:
            return ()
        shared = Shared(
            {identifier: one for identifier, one in self.exchanges.items() if identifier not in self.repeated},
            frozenset(self.exchanges[identifier].flow for identifier in self.supplies),
            [identifier for identifier in self.exchanges if identifier not in self.supplies],
            self.flows.own_id,
        )
        kept, left_out = shared_out(factors, shared)
        if left_out:
            params = {"left": left_out.total(), "of": len(factors)} | {one: left_out[one] for one in REASONS}
            # Some publishers leave factors of products that are gone; shares off 1 by themselves are a mistake.
            is_error = left_out.total() == left_out["not_whole"]
            self.reading.note("allocation-left-out", self.where, params, is_error=is_error)
        return kept


def _deduced(is_input: bool, is_reference: bool, has_provider: bool) -> FlowKind | None:
    """Return the kind of a flow by its place in a process, where the format leaves no other."""
    if is_reference:
        return "waste" if is_input else "product"
    if has_provider:
        return "product" if is_input else "waste"
    return None


def _source(one: Json) -> str:
    """Return a publication as a person reads it: 'Author (2010): Title'."""
    name, cited, year = text(one.get("name")), text(one.get("textReference")), text(one.get("year"))
    if cited.startswith(name.removesuffix("…")):
        return cited
    dated = f"{name} ({year})" if year and year not in name else name
    return f"{dated}: {cited}" if cited else dated


def _licence(documentation: Json) -> str:
    """Return the terms of use, with the owner of the copyright where one is claimed."""
    terms = text(documentation.get("restrictionsDescription"))
    if documentation.get("copyright") is not True and documentation.get("isCopyrightProtected") is not True:
        return terms
    owner = text(part_of(documentation, "dataSetOwner").get("name")) or "owner not named"
    return f"{terms} (Copyright: {owner})".strip()
