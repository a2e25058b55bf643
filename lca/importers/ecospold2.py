"""ecoSpold 2 ('.spold', one data set per file), as ecoinvent 3, openLCA and the ecoEditor write it.

Schemas are not asked: real files break them. What is read, and how:

- *flows* are identified by the file's intermediate and elementary exchange ids; a missing id is replaced by one made
  of name, unit and compartment. The compartment is the flow's category, 'air/urban air close to ground'.
- *groups*: output 0 reference product, 2 by-product, 3 material for treatment, 4 to the environment; input 4 from the
  environment, all others from the technosphere. What is a waste, and which amounts turn round: ``ecospold``; the
  by-product classification 'Waste' counts as an output to treatment.
- *suppliers*: ``activityLinkId`` names one; nothing else does.
- *uncertainty* is taken with the pedigree: ``varianceWithPedigreeUncertainty`` where it is given, else ``variance``;
  sigma is its root. A lognormal's median is the amount: ``mu`` restates its logarithm, and where it states another
  (as in ecoinvent's inputs that were split among several suppliers) the amount holds, and that is told.
- *formulas* stay as printed. Parameters, and the named amounts and properties that a formula mentions, become
  parameters of the process.
- *allocation*: where the activity names an allocation property, each product's share is amount x property.
  Other properties, impact scores, transfer coefficients and production volumes are left alone.
- A data set without any reference product cannot be referred to; it is left out, and that is an error told.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from lca.dataset import SYSTEM_PROCESS, UNIT_PROCESS, Allocation, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.ecospold import (
    CO_PRODUCT,
    ELEMENTARY,
    INPUT,
    REFERENCE,
    TO_TREATMENT,
    Dataset,
    Draft,
    Element,
    Note,
    Reading,
    attribute,
    cited,
    day,
    free_id,
    is_of,
    lognormal,
    normal,
    number,
)

NAMESPACE = "http://www.EcoInvent.org/EcoSpold02"
ROOT = f"{{{NAMESPACE}}}ecoSpold"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DATASETS = ("activityDataset", "childActivityDataset")
OUTPUT_GROUPS: Mapping[str, str] = {"0": REFERENCE, "2": CO_PRODUCT, "3": TO_TREATMENT, "4": ELEMENTARY}
INPUT_GROUPS: Mapping[str, str] = {"1": INPUT, "2": INPUT, "3": INPUT, "4": ELEMENTARY, "5": INPUT}
PEDIGREE = (
    "reliability",
    "completeness",
    "temporalCorrelation",
    "geographicalCorrelation",
    "furtherTechnologyCorrelation",
)
LEVELS = ("compartment", "subcompartment")
MONEY_PROPERTIES = ("price", "true value relation")
MU_TOLERANCE = 0.006  # mu is often printed with two decimals

_WORD = re.compile(r"\w+")

Children = Mapping[str, Sequence[Element]]


def knows(archive: Archive) -> bool:
    """Tell by their root elements whether there are ecoSpold 2 files."""
    return is_of(archive, ROOT)


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return every data set of an archive that has a reference product.

    Raises:
        LciFileBroken, LciFileUnsafe: as ``Archive``.
    """
    reading = Reading(archive, "ecospold2")
    reading.collect(progress, lambda name: _datasets(reading, name))
    return reading.settled({key: str(key) for key in reading.notes})


def _datasets(reading: Reading, part: str) -> Iterator[Dataset]:
    root = reading.archive.xml_of(part)
    if root.tag != ROOT:
        return  # master data lie beside the data sets
    for element in root.iterchildren(*(f"{{{NAMESPACE}}}{tag}" for tag in DATASETS)):
        dataset = _dataset(reading, part, element)
        if dataset is not None:
            yield dataset


def _dataset(reading: Reading, part: str, element: Element) -> Dataset | None:
    described = element.find("{*}activityDescription")
    about = {} if described is None else _children(described)
    activity = about.get("activity", [None])[0]
    titles = [] if activity is None else activity.findall("{*}activityName")
    identifier = attribute(activity, "id") or str(uuid5(NAMESPACE_URL, f"ecospold2:{part}"))
    name = _said(titles) or identifier
    printed = _Printed(reading, f"{part}: {name}")
    if not _said(titles):
        reading.findings.tell("name-missing", printed.place)
    printed.read(element)
    reference = printed.reference()
    if reference is None:
        return None
    allocation = printed.allocation(attribute(activity, "masterAllocationPropertyId"))
    places = about.get("geography", [])
    period = about.get("timePeriod", [None])[0]
    process = UnitProcess(
        id=identifier,
        name=name,
        exchanges=(),
        reference=reference.id,
        name_zh=_said_in(titles, "zh"),
        kind=SYSTEM_PROCESS if attribute(activity, "type") == "2" else UNIT_PROCESS,
        location=_said(places[0].findall("{*}shortname")) if places else "",
        valid_from=day(attribute(period, "startDate")),
        valid_until=day(attribute(period, "endDate")),
        category=_category(about),
        source=_source(element),
        comment=_comment(activity, about),
        parameters=printed.parameters(),
        allocations=() if allocation is None else (allocation,),
        default_allocation="" if allocation is None else allocation.method,
    )
    return Dataset(process, printed.drafts, printed.place)


def _category(about: Children) -> str:
    """Return the ISIC class of an activity, else its first class of whatever system."""
    classes = [_class(element) for element in about.get("classification", [])]
    industrial = [value for system, value in classes if system.upper().startswith("ISIC")]
    return next(iter((*industrial, *(value for _, value in classes))), "")


def _class(element: Element) -> tuple[str, str]:
    return _said(element.findall("{*}classificationSystem")), _said(element.findall("{*}classificationValue"))


def _source(element: Element) -> str:
    published = element.find("{*}administrativeInformation/{*}dataGeneratorAndPublication")
    identifier = attribute(published, "publishedSourceId")
    sources = element.getparent().iterfind("{*}usedUserMasterData/{*}source")
    title = next((attribute(one, "title") for one in sources if attribute(one, "id") == identifier), "")
    author, year = attribute(published, "publishedSourceFirstAuthor"), attribute(published, "publishedSourceYear")
    return cited(author, year, title)


def _comment(activity: Element | None, about: Children) -> str:
    """Return the general comment and what is said about the technology, in the order of their paragraphs."""
    holders = [] if activity is None else activity.findall("{*}generalComment")
    holders += [one for technology in about.get("technology", []) for one in technology.findall("{*}comment")]
    texts = (sorted(holder.findall("{*}text"), key=lambda one: number(one.get("index")) or 0) for holder in holders)
    return "\n".join(filter(None, (_text(one) for paragraphs in texts for one in paragraphs)))


# --- exchanges and parameters --------------------------------------------------------------------


@dataclass(slots=True)
class _Printed:
    """The flow data of one data set while it is read."""

    reading: Reading
    place: str
    drafts: list[Draft] = field(default_factory=list)
    _ids: Counter[str] = field(default_factory=Counter)
    _parameters: list[Parameter] = field(default_factory=list)
    _variables: list[Parameter] = field(default_factory=list)  # amounts and properties that formulas may mention
    _products: list[tuple[Draft, Element, Children]] = field(default_factory=list)

    def read(self, dataset: Element) -> None:
        """Take every exchange and parameter of a data set."""
        for data in dataset.iterfind("{*}flowData"):
            for element in data.iterchildren("*"):
                tag = _local(element)
                if tag in ("intermediateExchange", "elementaryExchange"):
                    self._exchange(element, tag == "elementaryExchange")
                elif tag == "parameter":
                    self._parameter(element)

    def reference(self) -> Draft | None:
        """Return the reference product; several are told, none is an error."""
        findings = self.reading.findings
        references = [draft for draft in self.drafts if draft.group == REFERENCE and draft.amount != 0]
        if not references:
            findings.tell("reference-missing", self.place, is_error=True, count=len(self.drafts))
            return None
        if len(references) > 1:
            chosen = self.reading.notes[references[0].flow].name
            findings.tell("reference-products-several", self.place, count=len(references), chosen=chosen)
        return references[0]

    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters, and what else the formulas of this data set mention by name."""
        formulas = [draft.formula for draft in self.drafts]
        formulas += [one.formula for one in (*self._parameters, *self._variables)]
        # Names are the same in capitals and small letters (ecoSpold 2, field 1040).
        mentioned = {word.casefold() for formula in formulas for word in _WORD.findall(formula)}
        named = (one for one in self._variables if one.name.casefold() in mentioned)
        return (*self._parameters, *named)

    def allocation(self, default: str) -> Allocation | None:
        """Return the shares of the products: amount x allocation property, over the sum of these.

        ``default`` is the id of the activity's allocation property; a product's own goes before it.
        """
        products = [(one, element, parts) for one, element, parts in self._products if one.amount > 0]
        wanted = {attribute(element, "specificAllocationPropertyId") or default for _, element, _ in products}
        if len(products) < 2 or wanted == {""}:
            return None
        values: dict[str, float] = {}
        names: set[str] = set()
        for draft, _, parts in products:
            found = [one for one in parts.get("property", []) if attribute(one, "propertyId") in wanted]
            value = number(found[0].get("amount")) if found else None
            values[draft.id] = -1.0 if value is None else draft.amount * value
            names |= {_said(one.findall("{*}name")).casefold() for one in found}
        total = math.fsum(values.values())
        if len(wanted) > 1 or min(values.values()) < 0 or total <= 0:
            self.reading.findings.tell("allocation-property-unusable", self.place, properties=", ".join(sorted(wanted)))
            return None
        method = "economic" if names & set(MONEY_PROPERTIES) else "physical"
        return Allocation(method, {product: value / total for product, value in values.items()})

    def _exchange(self, element: Element, is_elementary: bool) -> None:
        parts = _children(element)
        name = _said(parts.get("name", []))
        where = f"{self.place}: {name}"
        group, is_input = self._group(parts, is_elementary, where)
        amount = self._amount(element, where)
        if not group or amount is None:
            return
        unit = _said(parts.get("unitName", []))
        if not unit:
            self.reading.findings.tell("exchange-without-unit", where, is_error=True)
        uncertainty, pedigree = self._uncertainty(parts, amount, where)
        draft = Draft(
            id=free_id(attribute(element, "id") or str(len(self.drafts) + 1), self._ids),
            flow=self._flow(element, parts, is_elementary, name, unit, where),
            amount=amount,
            unit=unit,
            group=group,
            is_input=is_input,
            provider=attribute(element, "activityLinkId"),
            formula=attribute(element, "mathematicalRelation"),
            uncertainty=uncertainty,
            pedigree=pedigree,
            comment="\n".join(filter(None, map(_text, _in_language(parts.get("comment", []), "en")))),
        )
        self.drafts.append(draft)
        if group in (REFERENCE, CO_PRODUCT) and not _is_called_waste(parts):
            self._products.append((draft, element, parts))
        self._variable(element, name)
        for one in parts.get("property", []):
            self._variable(one)

    def _group(self, parts: Children, is_elementary: bool, where: str) -> tuple[str, bool]:
        """Return the group of an exchange, '' where nothing tells its direction, and whether it is an input."""
        entering, leaving = parts.get("inputGroup", []), parts.get("outputGroup", [])
        if len(entering) + len(leaving) != 1:
            self.reading.findings.tell("direction-unclear", where, is_error=True)
            return "", False
        is_input = bool(entering)
        code = _text((*entering, *leaving)[0])
        group = (INPUT_GROUPS if is_input else OUTPUT_GROUPS).get(code, "")
        if group and (group == ELEMENTARY) == is_elementary:
            return group, is_input
        self.reading.findings.tell("group-unknown", where, group=code)
        return ELEMENTARY if is_elementary else INPUT if is_input else CO_PRODUCT, is_input

    def _amount(self, element: Element, where: str) -> float | None:
        amount = number(element.get("amount"))
        if amount is None:
            self.reading.findings.tell("amount-not-a-number", where, is_error=True, value=element.get("amount", ""))
        return amount

    def _flow(self, element: Element, parts: Children, is_elementary: bool, name: str, unit: str, where: str) -> str:
        """Return the key of the flow, with its note made or completed."""
        category = _compartment(parts) if is_elementary else ""
        if is_elementary and not category:
            self.reading.findings.count("compartment-missing", where)
        key = attribute(element, "elementaryExchangeId" if is_elementary else "intermediateExchangeId")
        key = key or str(uuid5(NAMESPACE_URL, "\x1f".join(("ecospold2", name, unit, category))))
        note = self.reading.notes.get(key)
        if note is not None and note.is_elementary != is_elementary:
            key = f"{key} [{'elementary' if is_elementary else 'intermediate'}]"
            note = self.reading.notes.get(key)
        if note is None:
            note = self.reading.notes[key] = self._note(element, parts, is_elementary, name, where)
            note.name = name or key
        note.category = note.category or category
        note.is_called_waste |= not is_elementary and _is_called_waste(parts)
        return key

    def _note(self, element: Element, parts: Children, is_elementary: bool, name: str, where: str) -> Note:
        printed = attribute(element, "casNumber")
        if not name:
            self.reading.findings.tell("name-missing", where)
        note = Note(
            name,
            is_elementary,
            _said_in(parts.get("name", []), "zh"),
            cas=self.reading.cas(printed, where) if printed else "",
        )
        note.formula = attribute(element, "formula")
        return note

    def _parameter(self, element: Element) -> None:
        name = _said(element.findall("{*}name"))
        where = f"{self.place}: {name}"
        amount = self._amount(element, where)
        if amount is not None:
            uncertainty, _ = self._uncertainty(_children(element), amount, where)
            formula, variable = attribute(element, "mathematicalRelation"), attribute(element, "variableName")
            self._parameters.append(Parameter(variable or name, amount, formula, uncertainty, name))

    def _variable(self, element: Element, name: str = "") -> None:
        variable, amount = attribute(element, "variableName"), number(element.get("amount"))
        if variable and amount is not None:
            name = name or _said(element.findall("{*}name"))
            formula = attribute(element, "mathematicalRelation")
            self._variables.append(Parameter(variable, amount, formula, comment=name))

    # --- uncertainty

    def _uncertainty(self, parts: Children, amount: float, where: str) -> tuple[Uncertainty | None, tuple[int, ...]]:
        for element in parts.get("uncertainty", []):
            inside = {_local(child): child for child in element.iterchildren("*")}
            return self._distribution(inside, amount, where), _pedigree(inside.get("pedigreeMatrix"))
        return None, ()

    def _distribution(self, inside: Mapping[str, Element], amount: float, where: str) -> Uncertainty | None:
        for kind, element in inside.items():
            if kind == "lognormal":
                sigma = self._sigma(element, where)
                mu = number(element.get("mu"))
                if sigma and amount and mu is not None and abs(mu - math.log(abs(amount))) > MU_TOLERANCE:
                    self.reading.findings.count("uncertainty-median-differs", where)
                return lognormal(amount, sigma)
            if kind == "normal":
                return normal(amount, self._sigma(element, where))
            if kind in ("triangular", "uniform"):
                low, mode, high = (number(element.get(name)) for name in ("minValue", "mostLikelyValue", "maxValue"))
                return self.reading.bounded(kind, low, mode if kind == "triangular" else None, high, where)
        return None

    def _sigma(self, element: Element, where: str) -> float:
        """Return the root of the variance, 0 where that is none."""
        variance = number(attribute(element, "varianceWithPedigreeUncertainty") or attribute(element, "variance"))
        if variance is None or variance < 0:
            self.reading.findings.count("uncertainty-unusable", where)
            return 0.0
        return math.sqrt(variance)


def _pedigree(element: Element | None) -> tuple[int, ...]:
    scores = tuple(attribute(element, name) for name in PEDIGREE)
    return tuple(map(int, scores)) if all(score in ("1", "2", "3", "4", "5") for score in scores) else ()


def _compartment(parts: Children) -> str:
    names = (_said(one.findall("{*}" + level)) for one in parts.get("compartment", []) for level in LEVELS)
    return "/".join(filter(None, names))


def _is_called_waste(parts: Children) -> bool:
    classes = (_class(element) for element in parts.get("classification", []))
    return any(system == "By-product classification" and value.casefold() == "waste" for system, value in classes)


# --- elements ------------------------------------------------------------------------------------


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for child in element.iterchildren("*"):
        found.setdefault(_local(child), []).append(child)
    return found


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _in_language(elements: Sequence[Element], language: str) -> Sequence[Element]:
    """Return the elements in a language or in none; all of them where there is no such."""
    return [one for one in elements if one.get(LANGUAGE, language).startswith(language)] or elements


def _said(elements: Sequence[Element]) -> str:
    """Return what is said in English, or else in the first language."""
    return _text(_in_language(elements, "en")[0]) if elements else ""


def _said_in(elements: Sequence[Element], language: str) -> str:
    return next((_text(one) for one in elements if one.get(LANGUAGE, "").startswith(language)), "")
