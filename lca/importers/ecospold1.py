"""ecoSpold 1: one XML file of many data sets, or a zip or folder of them, as ecoinvent 2, openLCA and others write it.

Schemas are not asked: real files break them. What is read, and how:

- *groups*: output 0 reference product, 1 avoided product, 2 by-product, 3 waste to treatment, 4 to nature; input 4
  from nature, all others from the technosphere. What is a waste: ``ecospold``.
- *products*: the format knows the number of an exchange only inside its data set, but ecoinvent and openLCA give a
  flow one number throughout a file. Where that is so (no number has two names, and what recurs has mostly one number)
  one number is one flow, so that an input without location finds the product that is printed with one. Else a flow is
  what agrees in name, location, infrastructure mark and measure of the unit, which is what the format identifies a
  process by; category and sub-category need not agree.
- *elementary flows* are the same where name, category, sub-category and measure of the unit agree.
- *suppliers* are never named in this format, and none is guessed.
- *reference*: the product of output group 0; without one, the only product, or the one that the reference function
  names. A data set that prints no product at all has the one that its reference function describes.
- *uncertainty*: type 1 lognormal with standardDeviation95 = GSD^2 about the mean value as median, so sigma =
  ln(sd95) / 2; type 2 normal with sd95 = 2 sigma; type 3 triangular, its mode 3 x mean - minimum - maximum where none
  is printed; type 4 uniform. The pedigree is the '(1,2,3,4,5,…)' that a general comment begins with.
- *allocation* factors stand by exchange and product, in percent.
- Data sets of elementary flows and of impact categories are no processes and are left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, cast
from uuid import NAMESPACE_URL, uuid5

from factors.errors import FactorsError
from factors.units import dimension
from lca.dataset import SYSTEM_PROCESS, UNIT_PROCESS, Allocation, LciDatabase, Uncertainty, UnitProcess
from lca.importers import Progress
from lca.importers.archive import Archive
from lca.importers.ecospold import (
    AVOIDED,
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

NAMESPACE = "http://www.EcoInvent.org/EcoSpold01"
ROOT = f"{{{NAMESPACE}}}ecoSpold"
DATASET = f"{{{NAMESPACE}}}dataset"
OUTPUT_GROUPS: Mapping[str, str] = {
    "0": REFERENCE,
    "1": AVOIDED,
    "2": CO_PRODUCT,
    "3": TO_TREATMENT,
    "4": ELEMENTARY,
}
INPUT_GROUPS: Mapping[str, str] = {"1": INPUT, "2": INPUT, "3": INPUT, "4": ELEMENTARY, "5": INPUT}
PRODUCTS = (REFERENCE, CO_PRODUCT)
SYSTEMS = ("0", "2")  # aggregated: not terminated, terminated
NO_PROCESSES = ("3", "4")  # elementary flow, impact category
STARTS, ENDS = (("startYear", "startYearMonth", "startDate"), ("endYear", "endYearMonth", "endDate"))
NAMELESS = "?"
NOT_STATED = ("", "-", "n.a.", "NaN")  # of CAS numbers and formulas; 'Na' is sodium
PERCENT_TOLERANCE = 0.5  # shares are printed with few digits

_PEDIGREE = re.compile(r"\s*\(\s*([1-5])\s*[,;]\s*([1-5])\s*[,;]\s*([1-5])\s*[,;]\s*([1-5])\s*[,;]\s*([1-5])\s*[,;)]")


class Key(NamedTuple):
    """What identifies a flow."""

    kind: str  # product | elementary
    name: str
    place: str  # location of a product, category of an elementary flow
    mark: str  # 'infrastructure' or '' of a product, sub-category of an elementary flow
    measure: str  # what its unit measures
    number: str = ""  # of a product


def knows(archive: Archive) -> bool:
    """Tell by their root elements whether there are ecoSpold 1 files."""
    return is_of(archive, ROOT)


def read(archive: Archive, progress: Progress) -> LciDatabase:
    """Return every data set of an archive that is a process.

    Raises:
        LciFileBroken, LciFileUnsafe: as ``Archive``.
    """
    reading = Reading(archive, "ecospold1")
    reading.collect(progress, lambda name: _datasets(reading, name))
    return reading.settled(_ids(reading))


def _ids(reading: Reading) -> dict[Hashable, str]:
    """Return the id of each flow, a digest of what identifies it."""
    drafts = [draft for dataset in reading.datasets for draft in dataset.drafts if draft.group != ELEMENTARY]
    met = Counter(cast(Key, draft.flow) for draft in drafts)
    if not _numbers_are_flows(met):
        return {key: _digest(cast(Key, key)._replace(number="")) for key in reading.notes}
    supplied = {draft.flow for draft in drafts if draft.group in PRODUCTS}
    leads: dict[str, Key] = {}
    for key in sorted((one for one in met if one.number), key=lambda one: (one not in supplied, one)):
        leads.setdefault(key.number, key)
    # Numbers may tell apart what is printed alike: a waste let out, and the service of its disposal.
    alike = Counter(key._replace(number="") for key in leads.values())
    named = {
        number: key if alike[key._replace(number="")] > 1 else key._replace(number="") for number, key in leads.items()
    }
    return {key: _digest(named.get(cast(Key, key).number, cast(Key, key))) for key in reading.notes}


def _numbers_are_flows(met: Mapping[Key, int]) -> bool:
    """Tell whether the numbers of exchanges stand for flows throughout the file, or count inside each data set."""
    names: dict[str, set[str]] = defaultdict(set)
    numbers: dict[Key, set[str]] = defaultdict(set)
    times: Counter[Key] = Counter()
    for key, count in met.items():
        if not key.number:
            continue
        plain = key._replace(number="")
        names[key.number].add(key.name)
        numbers[plain].add(key.number)
        times[plain] += count
    if any(len(one) > 1 for one in names.values()):
        return False
    recurring = [numbers[key] for key, count in times.items() if count > 1]
    return 2 * sum(len(one) == 1 for one in recurring) >= len(recurring)


def _digest(key: Key) -> str:
    return str(uuid5(NAMESPACE_URL, "\x1f".join(("ecospold1", *key))))


def _datasets(reading: Reading, part: str) -> Iterator[Dataset]:
    if reading.archive.root_of(part) not in (ROOT, ""):
        return  # lists of categories, units and persons lie beside the data sets
    for element in reading.archive.elements_of(part, DATASET):
        dataset = _dataset(reading, part, element)
        if dataset is not None:
            yield dataset


def _dataset(reading: Reading, part: str, element: Element) -> Dataset | None:
    about = _About(element)
    place = f"{part}: {about.name}"
    if about.type in NO_PROCESSES:
        reading.findings.count("no-process", place)
        return None
    if not attribute(about.function, "name"):
        reading.findings.tell("name-missing", place)
    printed = _Printed(reading, place, about)
    for exchange in element.iterfind("{*}flowData/{*}exchange"):
        printed.exchange(exchange)
    reference = printed.reference()
    if reference is None:
        return None
    allocation = printed.allocation(element.findall("{*}flowData/{*}allocation"))
    process = UnitProcess(
        id=about.number or str(uuid5(NAMESPACE_URL, f"ecospold1:{place}")),
        name=about.name,
        exchanges=(),
        reference=reference.id,
        name_zh=about.in_chinese(about.function),
        kind=SYSTEM_PROCESS if about.type in SYSTEMS else UNIT_PROCESS,
        location=about.location,
        valid_from=about.day(STARTS),
        valid_until=about.day(ENDS),
        category=_category(about.function),
        source=about.source(),
        comment=about.comment(),
        allocations=() if allocation is None else (allocation,),
        default_allocation="" if allocation is None else allocation.method,
    )
    return Dataset(process, printed.drafts, place)


class _About:
    """What a data set says about its process."""

    def __init__(self, element: Element) -> None:
        self._element = element
        information = element.find("{*}metaInformation/{*}processInformation")
        found = {} if information is None else {_local(one): one for one in information.iterchildren("*")}
        self._found: Mapping[str, Element] = found
        self.function = found.get("referenceFunction")
        self.number = attribute(element, "number")
        self.name = attribute(self.function, "name") or self.number or NAMELESS
        self.location = attribute(found.get("geography"), "location")
        self.type = attribute(found.get("dataSetInformation"), "type")
        self._is_local_chinese = attribute(found.get("dataSetInformation"), "localLanguageCode").startswith("zh")

    def in_chinese(self, element: Element | None) -> str:
        """Return the local name of a process or flow where the local language is Chinese."""
        return attribute(element, "localName") if self._is_local_chinese else ""

    def day(self, names: Sequence[str]) -> str:
        """Return the date that stands in the first of ``names`` of the time period."""
        period = self._found.get("timePeriod")
        texts = [] if period is None else [period.findtext("{*}" + name, "").strip() for name in names]
        return next((day(text) for text in texts if text), "")

    def source(self) -> str:
        """Return the publication that the data set refers to."""
        published = self._element.find("{*}metaInformation/{*}administrativeInformation/{*}dataGeneratorAndPublication")
        wanted = attribute(published, "referenceToPublishedSource")
        sources = self._element.iterfind("{*}metaInformation/{*}modellingAndValidation/{*}source")
        one = next((one for one in sources if wanted and attribute(one, "number") == wanted), None)
        return cited(attribute(one, "firstAuthor"), attribute(one, "year"), attribute(one, "title"))

    def comment(self) -> str:
        """Return what is said about the process, what it includes and its technology."""
        function, technology = self.function, self._found.get("technology")
        said = (attribute(function, "generalComment"), attribute(function, "includedProcesses"))
        return "\n".join(filter(None, (*said, attribute(technology, "text"))))


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _category(element: Element | None) -> str:
    return "/".join(filter(None, (attribute(element, "category"), attribute(element, "subCategory"))))


def _mark(element: Element) -> str:
    is_infrastructure = attribute(element, "infrastructureProcess").lower() in ("true", "1", "yes")
    return "infrastructure" if is_infrastructure else ""


@lru_cache(maxsize=4096)
def _measure(unit: str) -> str:
    """Return what a unit measures, the unit itself where nobody knows."""
    try:
        return dimension(unit)
    except FactorsError:
        return unit


# --- exchanges -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Printed:
    """The exchanges of one data set while it is read."""

    reading: Reading
    place: str
    about: _About
    drafts: list[Draft] = field(default_factory=list)
    _ids: Counter[str] = field(default_factory=Counter)
    _by_number: dict[str, list[Draft]] = field(default_factory=dict)

    def exchange(self, element: Element) -> None:
        """Take one exchange."""
        printed, unit = attribute(element, "number"), attribute(element, "unit")
        name = attribute(element, "name") or printed or NAMELESS
        where = f"{self.place}: {name}"
        group, is_input = self._group(element, where)
        amount = number(element.get("meanValue"))
        if amount is None:
            value = element.get("meanValue", "")
            self.reading.findings.tell("amount-not-a-number", where, is_error=True, value=value)
        if not group or amount is None:
            return
        if not unit:
            self.reading.findings.tell("exchange-without-unit", where, is_error=True)
        comment = attribute(element, "generalComment")
        pedigree = _PEDIGREE.match(comment)
        draft = Draft(
            id=free_id(printed or str(len(self.drafts) + 1), self._ids),
            flow=self._flow(element, group, name, printed, where),
            amount=amount,
            unit=unit,
            group=group,
            is_input=is_input,
            uncertainty=self._uncertainty(element, amount, where),
            pedigree=() if pedigree is None else tuple(map(int, pedigree.groups())),
            comment=comment,
        )
        self.drafts.append(draft)
        self._by_number.setdefault(printed, []).append(draft)

    def _group(self, element: Element, where: str) -> tuple[str, bool]:
        """Return the group of an exchange, '' where nothing tells its direction, and whether it is an input."""
        groups = [one for one in element.iterchildren("*") if _local(one) in ("inputGroup", "outputGroup")]
        if len(groups) != 1:
            self.reading.findings.tell("direction-unclear", where, is_error=True)
            return "", False
        is_input = _local(groups[0]) == "inputGroup"
        code = (groups[0].text or "").strip()
        group = (INPUT_GROUPS if is_input else OUTPUT_GROUPS).get(code, "")
        if not group:
            self.reading.findings.tell("group-unknown", where, group=code)
        return group or (INPUT if is_input else CO_PRODUCT), is_input

    def _flow(self, element: Element, group: str, name: str, printed: str, where: str) -> Key:
        """Return the key of the flow, with its note made."""
        measure = _measure(attribute(element, "unit"))
        location = attribute(element, "location")
        if group == ELEMENTARY:
            category = attribute(element, "category"), attribute(element, "subCategory")
            key = Key("elementary", name, *category, measure)
        else:
            key = Key("product", name, location, _mark(element), measure, printed)
        return self._noted(key, element, location, where)

    def _noted(self, key: Key, element: Element, location: str, where: str) -> Key:
        """Make the note of a flow that is met for the first time."""
        if key in self.reading.notes:
            return key
        if not attribute(element, "name"):
            self.reading.findings.tell("name-missing", where)
        printed, formula = attribute(element, "CASNumber"), attribute(element, "formula")
        self.reading.notes[key] = Note(
            name=key.name,
            is_elementary=key.kind == "elementary",
            name_zh=self.about.in_chinese(element),
            category=_category(element),
            cas="" if printed in NOT_STATED else self.reading.cas(printed, where),
            formula="" if formula in NOT_STATED else formula,
            locations={location} - {""},
        )
        return key

    # --- reference

    def reference(self) -> Draft | None:
        """Return the reference product, made from the reference function where no product is printed."""
        findings = self.reading.findings
        references = [draft for draft in self.drafts if draft.group == REFERENCE and draft.amount != 0]
        products = references or [draft for draft in self.drafts if draft.group == CO_PRODUCT and draft.amount != 0]
        if not products:
            return self._described()
        wanted = self.about.name
        named = [draft for draft in products if self.reading.notes[draft.flow].name == wanted]
        chosen = (named or products)[0]
        if len(products) > 1:
            name = self.reading.notes[chosen.flow].name
            findings.tell("reference-products-several", self.place, count=len(products), chosen=name)
        self._compare(chosen)
        return chosen

    def _compare(self, chosen: Draft) -> None:
        """Tell where the reference function states another amount than the exchange, which holds."""
        stated = number(attribute(self.about.function, "amount"))
        if stated is None or chosen.group != REFERENCE or attribute(self.about.function, "unit") != chosen.unit:
            return
        if not math.isclose(stated, chosen.amount, rel_tol=1e-6):
            unit = chosen.unit
            self.reading.findings.tell("reference-differs", self.place, amount=chosen.amount, stated=stated, unit=unit)

    def _described(self) -> Draft | None:
        function = self.about.function
        amount, unit, name = number(attribute(function, "amount")), attribute(function, "unit"), self.about.name
        if amount is None or amount == 0 or not unit or function is None:
            self.reading.findings.tell("reference-missing", self.place, is_error=True, count=len(self.drafts))
            return None
        self.reading.findings.tell("reference-from-function", self.place, amount=amount, unit=unit)
        key = Key("product", name, self.about.location, _mark(function), _measure(unit))
        self._noted(key, function, self.about.location, self.place)
        draft = Draft(free_id("reference", self._ids), key, amount, unit, REFERENCE, is_input=False)
        self.drafts.append(draft)
        return draft

    # --- allocation

    def allocation(self, elements: Sequence[Element]) -> Allocation | None:
        """Return the allocation factors by exchange and product; what they leave out is told."""
        products = [draft for draft in self.drafts if draft.group in PRODUCTS]
        if not elements or len(products) < 2:
            return None
        shares: dict[str, dict[str, float]] = {}
        for element in elements:
            self._share_out(element, shares)
        self._check_shares(shares)
        return Allocation("causal", by_exchange=shares)

    def _share_out(self, element: Element, shares: dict[str, dict[str, float]]) -> None:
        named, percent = attribute(element, "referenceToCoProduct"), number(element.get("fraction"))
        products = [draft for draft in self._by_number.get(named, []) if draft.group in PRODUCTS]
        wanted = [(one.text or "").strip() for one in element.iterfind("{*}referenceToInputOutput")]
        drafts = {one: [d for d in self._by_number.get(one, []) if d.group not in PRODUCTS] for one in wanted}
        if len(products) != 1 or percent is None or not all(drafts.values()):
            lost = ", ".join([named, *(one for one, found in drafts.items() if not found)])
            self.reading.findings.tell("allocation-factor-unusable", self.place, is_error=True, numbers=lost)
        if len(products) == 1 and percent is not None:
            for draft in (draft for found in drafts.values() for draft in found):
                shares.setdefault(draft.id, {})[products[0].id] = percent / 100

    def _check_shares(self, shares: Mapping[str, Mapping[str, float]]) -> None:
        for draft in self.drafts:
            if draft.group in PRODUCTS:
                continue
            percent = 100 * math.fsum(shares.get(draft.id, {}).values())
            if abs(percent - 100) > PERCENT_TOLERANCE:
                where = f"{self.place}: {self.reading.notes[draft.flow].name}"
                self.reading.findings.tell("allocation-not-whole", where, is_error=True, percent=f"{percent:g}")

    # --- uncertainty

    def _uncertainty(self, element: Element, amount: float, where: str) -> Uncertainty | None:
        kind = attribute(element, "uncertaintyType")
        if kind in ("3", "4"):
            return self._bounded(kind, element, amount, where)
        if kind in ("", "0"):
            return None
        spread = number(element.get("standardDeviation95"))
        if kind == "1" and spread is not None and spread >= 1:
            return lognormal(amount, math.log(spread) / 2)
        if kind == "2" and spread is not None and spread >= 0:
            return normal(amount, spread / 2)
        self.reading.findings.count("uncertainty-unusable", where)
        return None

    def _bounded(self, kind: str, element: Element, amount: float, where: str) -> Uncertainty | None:
        low, high = number(element.get("minValue")), number(element.get("maxValue"))
        mode = number(element.get("mostLikelyValue"))
        if mode is None and low is not None and high is not None:
            mode = 3 * amount - low - high
        if kind == "4":
            return self.reading.bounded("uniform", low, None, high, where)
        return self.reading.bounded("triangular", low, mode, high, where)
