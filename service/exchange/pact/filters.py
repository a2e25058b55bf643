"""Which footprints a recipient asks for: the criteria of version 3, ``$filter`` and fragments of version 2.

Version 3 (OpenAPI 3.0.4, "Filtering"): within one criterion the values are alternatives, all criteria have to hold,
case does not matter. A country takes in its subdivisions. Version 2: the part of OData v4 that the specification names,
read by a grammar of its own; nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lca.days import years_after
from lca.pact_check import GEOGRAPHY, VALIDITY_YEARS, moment
from service.errors import N_, Wrong
from service.exchange.pact.errors import QueryInvalid, QueryUnsupported
from service.i18n import Text

Document = Mapping[str, Any]

MOST_VALUES = 100
LONGEST = 2_000
MOST_TOKENS = 200
DEEPEST = 8

NOT_TEXT = N_("'%(value)s' is no text of 1 to %(longest)s characters")
TOO_MANY = N_("more than %(most)s values")
NOT_A_TIME = N_("'%(value)s' is no time with its zone, such as 2026-01-31T00:00:00Z")
NOT_A_STATUS = N_("'%(value)s' is neither Active nor Deprecated")
ONCE = N_("given more than once")
NOT_A_LIST = N_("no list of texts")
NOT_A_LIMIT = N_("'%(value)s' is no whole number from 0")
NOT_READ = N_("cannot be read from '%(rest)s' on")
TOO_LONG = N_("longer than %(most)s characters or %(tokens)s words")
TOO_DEEP = N_("nested deeper than %(most)s levels")

LISTS = ("productId", "companyId", "geography", "classification", "status")
TIMES = ("validOn", "validAfter", "validBefore")
CRITERIA = (*LISTS, *TIMES)
LIMIT, OWN = "limit", "x-"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a footprint has to be; an empty criterion asks for nothing. Texts are in lower case."""

    product_ids: frozenset[str] = frozenset()
    company_ids: frozenset[str] = frozenset()
    geographies: frozenset[str] = frozenset()
    classifications: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    valid_on: datetime | None = None
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    def takes(self, document: Document) -> bool:
        """Tell whether a footprint of version 3 meets every criterion."""
        listed = (
            (self.product_ids, document.get("productIds", ())),
            (self.company_ids, document.get("companyIds", ())),
            (self.geographies, places(document)),
            (self.classifications, document.get("productClassifications", ())),
            (self.statuses, [document.get("status", "")]),
        )
        return all(not wanted or wanted & lowered(has) for wanted, has in listed) and self._valid(document)

    def _valid(self, document: Document) -> bool:
        if not (self.valid_on or self.valid_after or self.valid_before):
            return True
        start, end = validity(document)
        if start is None or end is None:
            return False
        return (
            (self.valid_on is None or start <= self.valid_on <= end)
            and (self.valid_after is None or start > self.valid_after)
            and (self.valid_before is None or end < self.valid_before)
        )


def lowered(values: Sequence[object]) -> frozenset[str]:
    """Return texts without their case."""
    return frozenset(str(one).casefold() for one in values)


def places(document: Document) -> list[str]:
    """Return the places that a footprint is in: as stated, and the country of a subdivision."""
    pcf = document.get("pcf", {})
    stated = [str(pcf[key]) for key in GEOGRAPHY if key in pcf]
    return [*stated, *(one.partition("-")[0] for one in stated if re.fullmatch(r"[A-Z]{2}-\w+", one))]


def validity(document: Document) -> tuple[datetime | None, datetime | None]:
    """Return when a footprint is valid: as stated, else three years from the end of the reference period."""
    end = moment(document.get("pcf", {}).get("referencePeriodEnd"))
    first = moment(document.get("validityPeriodStart")) or end
    last = moment(document.get("validityPeriodEnd")) or (years_after(end, VALIDITY_YEARS) if end else None)
    return first, last


def of_query(given: Mapping[str, Sequence[str]]) -> tuple[Criteria, int | None]:
    """Return criteria and limit of a query of version 3; names are taken in any case, as its example writes them.

    Raises:
        QueryInvalid: values that cannot be; all of them.
        QueryUnsupported: criteria that are not of the specification.
    """
    names = {name.casefold(): name for name in (*CRITERIA, LIMIT)}
    found: dict[str, list[object]] = {}
    unknown = []
    for name, values in given.items():
        known = names.get(name.casefold())
        if known is None:
            unknown.append(name[:80])
        else:
            found.setdefault(known, []).extend(values)
    if unknown:
        raise QueryUnsupported(what=", ".join(sorted(unknown)))
    wrong: list[Wrong] = []
    most = _limit(found.pop(LIMIT, []), wrong)
    criteria = _criteria(found, wrong)
    if wrong:
        raise QueryInvalid(wrong)
    return criteria, most


def limit_of(values: Sequence[str]) -> int | None:
    """Return the limit that a query of version 2 gives.

    Raises:
        QueryInvalid: it is none.
    """
    wrong: list[Wrong] = []
    most = _limit(values, wrong)
    if wrong:
        raise QueryInvalid(wrong)
    return most


def of_data(data: Mapping[str, Any], wrong: list[Wrong]) -> Criteria:
    """Return the criteria of a request event of version 3; what is wrong with them is added to ``wrong``."""
    found: dict[str, list[object]] = {}
    for name in CRITERIA:
        value = data.get(name)
        if value is None:
            continue
        if name in TIMES:
            found[name] = [value]
        elif isinstance(value, list):
            found[name] = value
        else:
            wrong.append(Wrong(f"data.{name}", "pact-query-invalid", NOT_A_LIST))
    return _criteria(found, wrong, "data.")


def _limit(values: Sequence[object], wrong: list[Wrong]) -> int | None:
    if not values:
        return None
    text = str(values[0])
    if len(values) > 1 or not re.fullmatch(r"[0-9]{1,18}", text):
        wrong.append(Wrong(LIMIT, "pact-query-invalid", Text(NOT_A_LIMIT, value=text[:40])))
        return None
    return int(text)


def _criteria(found: Mapping[str, Sequence[object]], wrong: list[Wrong], where: str = "") -> Criteria:
    lists = {name: _texts(f"{where}{name}", found.get(name, ()), wrong) for name in LISTS}
    for one in sorted(lists["status"] - {"active", "deprecated"}):
        wrong.append(Wrong(f"{where}status", "pact-query-invalid", Text(NOT_A_STATUS, value=one[:80])))
    times = {name: _time(f"{where}{name}", found.get(name, ()), wrong) for name in TIMES}
    return Criteria(
        product_ids=lists["productId"],
        company_ids=lists["companyId"],
        geographies=lists["geography"],
        classifications=lists["classification"],
        statuses=lists["status"],
        valid_on=times["validOn"],
        valid_after=times["validAfter"],
        valid_before=times["validBefore"],
    )


def _texts(name: str, values: Sequence[object], wrong: list[Wrong]) -> frozenset[str]:
    if len(values) > MOST_VALUES:
        wrong.append(Wrong(name, "pact-query-invalid", Text(TOO_MANY, most=MOST_VALUES)))
        return frozenset()
    for one in values:
        if not isinstance(one, str) or not 0 < len(one) <= LONGEST:
            told = Text(NOT_TEXT, value=str(one)[:80], longest=LONGEST)
            wrong.append(Wrong(name, "pact-query-invalid", told))
    return lowered(values)


def _time(name: str, values: Sequence[object], wrong: list[Wrong]) -> datetime | None:
    if not values:
        return None
    if len(values) > 1:
        wrong.append(Wrong(name, "pact-query-invalid", ONCE))
        return None
    # A plus sign in an address is a blank when it arrives.
    found = moment(str(values[0]).replace(" ", "+"))
    if found is None:
        wrong.append(Wrong(name, "pact-query-invalid", Text(NOT_A_TIME, value=str(values[0])[:80])))
    return found


# --- version 2: $filter --------------------------------------------------------------------------

COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, other: one == other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
}
MOMENTS = frozenset({"created", "updated", "pcf/referencePeriodStart", "pcf/referencePeriodEnd"})
PROPERTIES = MOMENTS | {"productCategoryCpc", "pcf/geographyCountry"}
SETS = frozenset({"companyIds", "productIds"})

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[()]|:|[\w/$.@+-]+(?::\d[\w.:+-]*)?)")
_ALL = re.compile(r"\w+/all|or|not|ne|in|has|contains|startswith|endswith", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition of a ``$filter``; of a set, one of its values has to meet it."""

    path: str
    operator: str
    value: str | datetime

    def takes(self, document: Document) -> bool:
        """Tell whether a footprint of version 2 meets it."""
        found: Any = document
        for key in self.path.split("/"):
            found = found.get(key) if isinstance(found, Mapping) else None
        compare = COMPARED[self.operator]
        if self.path in SETS:
            return any(compare(one.casefold(), self.value) for one in found or ())
        if self.path in MOMENTS:
            found = moment(found)
        elif found is not None:
            found = str(found).casefold()
        return found is not None and compare(found, self.value)


def odata(text: str) -> tuple[Comparison, ...]:
    """Return the conditions of a ``$filter``, all of which have to hold.

    Raises:
        QueryInvalid: it cannot be read.
        QueryUnsupported: OData beyond what the specification names.
    """
    if not text.strip():
        return ()
    return _Filter(text).read()


class _Filter:
    """A reader of one ``$filter``: comparisons joined by ``and``, each in brackets or not."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0

    def read(self) -> tuple[Comparison, ...]:
        found = self._all(0)
        if self.place < len(self.tokens):
            self._wrong()
        return tuple(found)

    def _all(self, level: int) -> list[Comparison]:
        found = self._one(level)
        while self._peek().casefold() == "and":
            self.place += 1
            found += self._one(level)
        return found

    def _one(self, level: int) -> list[Comparison]:
        if self._peek() == "(":
            if level >= DEEPEST:
                raise QueryInvalid([Wrong("$filter", "pact-query-invalid", Text(TOO_DEEP, most=DEEPEST))])
            self.place += 1
            found = self._all(level + 1)
            self._take(")")
            return found
        path = self._next()
        if path.endswith("/any"):
            return [self._any(path.removesuffix("/any"))]
        if path not in PROPERTIES:
            raise QueryUnsupported(what=path[:80])
        return [self._compared(path)]

    def _any(self, path: str) -> Comparison:
        """Read ``productIds/any(id: (id eq 'urn:…'))``; brackets around the condition are optional."""
        if path not in SETS:
            raise QueryUnsupported(what=path[:80])
        self._take("(")
        variable = self._next()
        self._take(":")
        is_wrapped = self._peek() == "("
        self.place += is_wrapped
        if self._next() != variable:
            self.place -= 1
            self._wrong()
        found = self._compared(path)
        if found.operator != "eq":
            raise QueryUnsupported(what=f"{path}/any {found.operator}")
        if is_wrapped:
            self._take(")")
        self._take(")")
        return found

    def _compared(self, path: str) -> Comparison:
        operator = self._next().casefold()
        if operator not in COMPARED:
            if _ALL.fullmatch(operator):
                raise QueryUnsupported(what=operator)
            self.place -= 1
            self._wrong()
        printed = self._next()
        text = printed[1:-1].replace("''", "'") if printed.startswith("'") else printed
        if path not in MOMENTS:
            if not printed.startswith("'"):
                self.place -= 1
                self._wrong()
            return Comparison(path, operator, text.casefold())
        found = moment(text)
        if found is None:
            raise QueryInvalid([Wrong("$filter", "pact-query-invalid", Text(NOT_A_TIME, value=text[:80]))])
        return Comparison(path, operator, found)

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _next(self) -> str:
        found = self._peek()
        if found in ("", "(", ")", ":"):
            self._wrong()
        self.place += 1
        return found

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            self._wrong()
        self.place += 1

    def _wrong(self) -> None:
        rest = self._peek()
        if _ALL.fullmatch(rest):
            raise QueryUnsupported(what=rest)
        raise QueryInvalid([Wrong("$filter", "pact-query-invalid", Text(NOT_READ, rest=rest[:80] or "–"))])


def _tokens(text: str) -> Iterator[str]:
    place, count = 0, 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        count += 1
        if len(text) > LONGEST or count > MOST_TOKENS:
            told = Text(TOO_LONG, most=LONGEST, tokens=MOST_TOKENS)
            raise QueryInvalid([Wrong("$filter", "pact-query-invalid", told)])
        if found is None:
            told = Text(NOT_READ, rest=text[place : place + 80])
            raise QueryInvalid([Wrong("$filter", "pact-query-invalid", told)])
        yield found[1]
        place = found.end()


# --- version 2: a fragment of a footprint --------------------------------------------------------


def resembles(document: Any, fragment: Any, level: int = 0) -> bool:
    """Tell whether a footprint has all that a fragment states; lists have to share a value, case does not matter.

    Source: Technical Specifications 2.x, request by a fragment of a ``ProductFootprint``.
    """
    if level > DEEPEST:
        return False
    if isinstance(fragment, Mapping):
        return isinstance(document, Mapping) and all(
            key in document and resembles(document[key], value, level + 1) for key, value in fragment.items()
        )
    if isinstance(fragment, list):
        has = document if isinstance(document, list) else [document]
        return not fragment or any(resembles(one, wanted, level + 1) for wanted in fragment for one in has)
    if isinstance(fragment, str) and isinstance(document, str):
        return fragment.casefold() == document.casefold()
    return bool(fragment == document)
