"""Brightway's activities and exchanges, read from the sections of a workbook or a CSV file.

Amounts follow Brightway: what an activity produces, uses and emits is positive, a resource is an emission of the
compartment 'natural resource', a treatment asked for is a negative input. An activity without a production exchange
makes one unit of itself.

An input has its supplier when its database is this one, or is not named, and exactly one activity of this file fits
everything that the row says of it. Any other keeps the name that the row gives, its reference product in
``Flow.product`` and the database that it names in ``Flow.category``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lca.dataset import Allocation, Exchange, Flow, FlowKind, LciDatabase, Parameter, UnitProcess
from lca.importers.brightway_formulas import worked_out
from lca.importers.brightway_layout import Block, Book, Line, Sheet, Table, parse
from lca.importers.brightway_supplies import Supplies, Supply
from lca.importers.brightway_treatments import as_wastes
from lca.importers.brightway_values import Values
from lca.importers.tabular import FlowBook, Notes, Place, identity, number, text

PRODUCTION, TECHNOSPHERE, BIOSPHERE, SUBSTITUTION = "production", "technosphere", "biosphere", "substitution"
TYPES = (PRODUCTION, TECHNOSPHERE, BIOSPHERE, SUBSTITUTION)

# Types of activities that are no processes: elementary flows and products listed for themselves.
RESOURCE = "natural resource"
ELEMENTARY = ("emission", RESOURCE, "inventory indicator", "economic", "social")
PRODUCT = "product"

SHARE_TOLERANCE = 0.001


def is_resource(category: str) -> bool:
    """Whether a compartment is what is taken from nature, not what is given to it."""
    return category.split("/", 1)[0].strip().casefold() in ("natural resource", "natural resources", "resource", "raw")


@dataclass
class Draft:
    """An activity while its exchanges are read."""

    block: Block
    id: str
    exchanges: list[Exchange] = field(default_factory=list)
    reference: str = ""
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Return where it takes place."""
        return self.block.attributes.get("location", "")


def read_sheets(sheets: Sequence[Sheet], file: str, format_: str) -> LciDatabase:
    """Return what the sheets of one file hold."""
    notes = Notes()
    book = parse(sheets, file, notes)
    return as_wastes(worked_out(_Reading(book, file, notes).database(format_)))


class _Reading:
    """One pass over the productions, so that every supply is known, and one over all other exchanges."""

    def __init__(self, book: Book, file: str, notes: Notes) -> None:
        self._book, self._notes = book, notes
        self._name = book.name or file.rsplit(".", 1)[0]
        if not book.name:
            notes.add("database-unnamed", Place(file), name=self._name)
        self._flows = FlowBook(notes)
        self._values = Values(notes)
        self._compartments: dict[str, str] = {}  # of the elementary flows that the file lists for themselves
        self._supplies = Supplies(self._flows, self._own_names(file), notes)

    def _own_names(self, file: str) -> frozenset[str]:
        """Return the names that this database goes by: a production is of the database that it stands in."""
        named = {
            text(line.get("database"))
            for block in self._book.blocks
            for _, line in _lines(block.exchanges)
            if text(line.get("type")).casefold() == PRODUCTION
        }
        others = sorted(named - {"", self._name})
        if others:
            self._notes.add("database-named-otherwise", Place(file), names=", ".join(others), database=self._name)
        return frozenset({"", self._name, *others})

    def database(self, format_: str) -> LciDatabase:
        """Return everything read."""
        drafts = list(self._drafts())
        self._warn_of_columns(drafts)
        made = [draft for draft in drafts if self._produce(draft)]
        groups = self._groups(made)
        processes = tuple(self._process(draft, groups) for draft in made)
        told = self._book.attributes
        return LciDatabase(
            name=self._name,
            flows=self._flows.flows,
            processes=processes,
            version=told.get("version", ""),
            source=told.get("source", told.get("extracted from", "")),
            licence=told.get("licence", told.get("license", "")),
            format=format_,
            parameters=self._database_parameters(),
            findings=self._notes.findings(),
        )

    # --- activities ------------------------------------------------------------------------------

    def _drafts(self) -> Iterable[Draft]:
        seen: Counter[str] = Counter()
        for block in self._book.blocks:
            if self._declared(block):
                continue
            told = block.attributes
            code = told.get("code", "") or identity(
                "process", block.name, told.get("reference product", ""), told.get("location", ""), told.get("unit", "")
            )
            seen[code] += 1
            if seen[code] > 1:
                self._notes.add("process-twice", block.place, is_error=True, name=block.name)
                code = f"{code}#{seen[code]}"
            yield Draft(block, code)

    def _declared(self, block: Block) -> bool:
        """Hold an activity that is only the name of a flow; return whether it was one."""
        kind, told = block.attributes.get("type", "").casefold(), block.attributes
        if block.exchanges is not None and block.exchanges.lines:
            return False
        if kind in ELEMENTARY:
            category = _path(told.get("categories", "")) or (RESOURCE if kind == RESOURCE else "")
            self._compartments[block.name] = category
            self._flows.take(self._elementary(block.name, category, told.get("unit", "")), block.place)
            return True
        if kind == PRODUCT:
            self._flows.take(self._product(block.name, told, self._name), block.place)
            return True
        return False

    def _warn_of_columns(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            table = draft.block.exchanges
            if table is not None and table.lines:
                missing = [column for column in ("name", "type") if column not in table.columns]
                if not {"amount", "formula"} & table.columns.keys():
                    missing.append("amount")
                if missing:
                    self._notes.add("columns-missing", draft.block.place, is_error=True, columns=", ".join(missing))

    def _produce(self, draft: Draft) -> bool:
        """Take what an activity makes; return whether it has a reference."""
        lines = [(row, line) for row, line in _lines(draft.block.exchanges) if _type(line) == PRODUCTION]
        if not lines:
            return self._imply(draft)
        for row, line in lines:
            place = draft.block.place.at(row)
            amount, formula = self._values.amount(draft.block.exchanges, row, line, place)
            if amount is None:
                self._notes.add("process-left-out", place, is_error=True, name=draft.block.name)
                return False
            own = len(lines) == 1 or text(line.get("name")) in ("", draft.block.name)
            self._add_production(draft, row, line, (amount, formula), own=own)
        self._choose_reference(draft, lines)
        return True

    def _imply(self, draft: Draft) -> bool:
        self._notes.add("production-implied", draft.block.place, name=draft.block.name)
        self._add_production(draft, 0, {}, (1.0, ""), own=True)
        draft.reference = draft.exchanges[0].id
        return True

    def _add_production(self, draft: Draft, row: int, line: Line, given: tuple[float, str], *, own: bool) -> None:
        """Take one product; ``own`` says that it is what the activity is named after."""
        block, told, place = draft.block, draft.block.attributes, draft.block.place.at(row)
        amount, formula = given
        name = block.name if own else text(line.get("name"))
        printed = text(line.get("reference product"))
        product = (told.get("reference product", "") if own else "") or printed or name
        unit = text(line.get("unit")) or told.get("unit", "")
        if own:
            self._compare(block, line, place)
        if not unit:
            self._notes.add("unit-missing", place, flow=product)
        if amount == 0 and not formula:
            self._notes.add("production-zero", place, is_error=True, name=block.name)
        wanted = {"reference product": product, "location": draft.location, "unit": unit}
        flow, factor = self._flows.take(self._product(name, wanted, self._name, line), place)
        draft.exchanges.append(
            self._exchange(draft, row, line, flow=flow, amount=amount, formula=formula, unit=unit, factor=factor)
        )
        products = frozenset({product, printed or product})
        supply = Supply(draft.id, flow, products, draft.location, self._flows.flows[flow].unit, amount < 0)
        self._supplies.add(name, supply)
        share = number(line.get("allocation"))
        if share is not None:
            draft.shares[flow] = draft.shares.get(flow, 0.0) + share

    def _compare(self, block: Block, line: Line, place: Place) -> None:
        """Say where the production of an activity contradicts the activity; Brightway goes by the activity."""
        for column, attribute in (("name", ""), ("reference product", "reference product"), ("location", "location")):
            printed = text(line.get(column))
            stated = block.attributes.get(attribute, "") if attribute else block.name
            if printed and stated and printed != stated:
                code = f"production-{column.split()[-1]}-differs"
                self._notes.add(code, place, production=printed, activity=stated)
        unit = text(line.get("unit"))
        if unit and self._flows.factor(unit, block.attributes.get("unit", unit)) != 1:
            self._notes.add("production-unit-differs", place, production=unit, activity=block.attributes["unit"])

    def _choose_reference(self, draft: Draft, lines: Sequence[tuple[int, Line]]) -> None:
        named = [
            exchange.id
            for exchange, (_, line) in zip(draft.exchanges, lines, strict=True)
            if text(line.get("name")) in ("", draft.block.name)
        ]
        draft.reference = (named or [draft.exchanges[0].id])[0]
        if len(lines) > 1 and len(named) != 1:
            self._notes.add("reference-unclear", draft.block.place, is_error=True, name=draft.block.name)

    def _process(self, draft: Draft, groups: Mapping[str, tuple[Parameter, ...]]) -> UnitProcess:
        block, told = draft.block, draft.block.attributes
        for row, line in _lines(block.exchanges):
            if _type(line) != PRODUCTION:
                self._add(draft, row, line)
        self._tell_computed(block)
        return UnitProcess(
            id=draft.id,
            name=block.name,
            exchanges=tuple(draft.exchanges),
            reference=draft.reference,
            name_zh=told.get("name zh", ""),
            kind="system" if told.get("kind") == "system" else "unit",
            location=draft.location,
            valid_from=told.get("valid from", ""),
            valid_until=told.get("valid until", ""),
            category=_path(told.get("categories", "")),
            source=told.get("source", ""),
            licence=told.get("licence", told.get("license", "")),
            comment=told.get("comment", ""),
            parameters=groups.get(block.group, ()) if block.group else self._values.parameters([block.parameters]),
            allocations=self._allocations(draft),
            default_allocation=told.get("default allocation", "") if draft.shares else "",
            is_placeholder=told.get("placeholder", "").casefold() == "true",
        )

    def _tell_computed(self, block: Block) -> None:
        for row, column in sorted(block.exchanges.computed if block.exchanges else ()):
            if column == "amount":
                self._notes.add("amount-from-cell-formula", block.place.at(row))

    def _allocations(self, draft: Draft) -> tuple[Allocation, ...]:
        if len(draft.shares) < 2:
            return ()
        total = sum(draft.shares.values())
        if abs(total - 100) <= 100 * SHARE_TOLERANCE:
            shares = {flow: share / 100 for flow, share in draft.shares.items()}
        elif abs(total - 1) <= SHARE_TOLERANCE:
            shares = dict(draft.shares)
        else:
            self._notes.add("allocation-off-total", draft.block.place, is_error=True, total=f"{total:g}")
            return ()
        method = draft.block.attributes.get("default allocation", "") or "stated"
        return (Allocation(method, shares),)

    # --- exchanges -------------------------------------------------------------------------------

    def _add(self, draft: Draft, row: int, line: Line) -> None:
        place, kind = draft.block.place.at(row), _type(line)
        if not text(line.get("name")) or kind not in TYPES:
            self._refuse(line, place)
            return
        amount, formula = self._values.amount(draft.block.exchanges, row, line, place)
        if amount is None:
            return
        if kind == BIOSPHERE:
            name = text(line["name"])
            category = _path(text(line.get("categories"))) or self._compartments.get(name, "")
            flow, factor = self._flows.take(self._elementary(name, category, text(line.get("unit")), line), place)
            supplier, is_input = "", is_resource(self._flows.flows[flow].category)
        else:
            flow, factor, supplier = self._supplied(line, amount, place)
            is_input = kind == TECHNOSPHERE
        unit = text(line.get("unit")) or self._flows.flows[flow].unit
        if not unit:
            self._notes.add("unit-missing", place, flow=text(line["name"]))
        made = self._exchange(draft, row, line, flow=flow, amount=amount, formula=formula, unit=unit, factor=factor)
        draft.exchanges.append(replace(made, is_input=is_input, is_avoided=kind == SUBSTITUTION, provider=supplier))

    def _refuse(self, line: Line, place: Place) -> None:
        """Say why a row is no exchange; a note beside the table has neither amount nor type."""
        if not {"amount", "formula", "type"} & line.keys():
            self._notes.add("row-not-understood", place)
        elif not text(line.get("name")):
            self._notes.add("exchange-unnamed", place, is_error=True)
        else:
            self._notes.add("exchange-type-unknown", place, is_error=True, type=text(line.get("type")) or "-")

    def _exchange(
        self, draft: Draft, row: int, line: Line, *, flow: str, amount: float, formula: str, unit: str, factor: float
    ) -> Exchange:
        place = draft.block.place.at(row)
        return Exchange(
            id=str(row) if row else PRODUCTION,
            flow=flow,
            amount=amount,
            unit=unit,
            is_input=False,
            to_reference=factor,
            formula=formula,
            uncertainty=self._values.uncertainty(line, None if formula else amount, place),
            pedigree=self._values.pedigree(line, place),
            comment=text(line.get("comment")),
        )

    def _supplied(self, line: Line, amount: float, place: Place) -> tuple[str, float, str]:
        """Return flow, factor and supplier of an input."""
        found = self._supplies.fitting(line, place)
        if found is not None:
            if amount and (amount < 0) != found.is_negative:
                self._notes.add("input-sign-differs", place, name=text(line["name"]))
            return found.flow, self._flows.factor(text(line.get("unit")), found.unit) or 1.0, found.process
        database = text(line.get("database"))
        elsewhere = self._product(text(line["name"]), {key: text(line.get(key)) for key in _TOLD}, database, line)
        external = replace(elsewhere, name=text(line["name"]), product=text(line.get("reference product")))
        flow, factor = self._flows.take(replace(external, category=database), place)
        return flow, factor, ""

    def _product(self, name: str, told: Mapping[str, str], database: str, line: Line | None = None) -> Flow:
        product, location = told.get("reference product", ""), told.get("location", "")
        given = text(line.get("flow")) if line else ""
        key = given or identity(PRODUCT, database, name, product or name, location)
        return Flow(id=key, name=product or name, kind="product", unit=told.get("unit", ""), location=location)

    def _elementary(self, name: str, category: str, unit: str, line: Line | None = None) -> Flow:
        kind: FlowKind = "elementary"
        given = text(line.get("flow")) if line else ""
        cas = text(line.get("cas number")).lstrip("0") if line else ""
        return Flow(
            id=given or identity(kind, name, category), name=name, kind=kind, unit=unit, category=category, cas=cas
        )

    def _groups(self, drafts: Sequence[Draft]) -> Mapping[str, tuple[Parameter, ...]]:
        """Return the parameters by group: activities of one group share all of its names."""
        tables: dict[str, list[Table | None]] = {}
        for draft in drafts:
            if draft.block.group:
                tables.setdefault(draft.block.group, []).append(draft.block.parameters)
        return {group: self._values.parameters(listed) for group, listed in tables.items()}

    def _database_parameters(self) -> tuple[Parameter, ...]:
        """Return project and database parameters; of two with one name Brightway uses that of the database."""
        return self._values.parameters([*self._book.project, *self._book.database])


_TOLD = ("reference product", "location", "unit")


def _lines(table: Table | None) -> list[tuple[int, Line]]:
    return table.lines if table is not None else []


def _type(line: Line) -> str:
    return text(line.get("type")).casefold()


def _path(categories: str) -> str:
    """Return Brightway's 'air::urban air close to ground' as a path."""
    return "/".join(part.strip() for part in categories.split("::") if part.strip())
