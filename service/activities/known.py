"""What the intake may compare names with: activities, places and sites, given from outside.

Reading a file needs no database: whoever calls says what is known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from factors.errors import AmbiguousUnit, ConditionsMissing, UnitMismatch, UnknownUnit
from factors.near import near
from factors.units import dimension, multiplier, parse_unit, unit_names
from lca.ledger import Organisation, Site
from service.activities.numerals import Reading
from service.fields import Field

if TYPE_CHECKING:
    from factors.library import Library
    from factors.match import Activity

_SUGGESTIONS = 200  # comparing a name with all others costs a millisecond; a file of nonsense must not cost minutes
_SIBLINGS = (
    "kWh",
    "MWh",
    "1e4kWh",
    "kg",
    "t",
    "g",
    "1e4t",
    "Nm3",
    "1e4Nm3",
    "GJ",
    "MJ",
    "TJ",
    "tkm",
    "1e4tkm",
    "m3",
    "l",
)
_MARKS = re.compile(r"[\W_]+")
_SCALE = re.compile(r"^(?:10\d{1,2}|1e\d{1,2}|百万|千万|万|亿|million)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def folded(text: str) -> str:
    """Return a name as it is compared: full-width folded, without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_\-‐–]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class Known:
    """What a file may refer to.

    ``sites`` None means that the file must bring its own; ``factors`` None that factor ids are not looked up;
    ``evidence`` None that evidence files are looked for beside the data file.
    """

    activities: Mapping[str, Activity]
    regions: Mapping[str, str]  # any spelling -> id
    sites: Mapping[str, Site] | None = None
    organisation: Organisation | None = None
    factors: Container[str] | None = None
    evidence: Mapping[str, str] | None = None  # file name -> sha256


def known_from(
    library: Library | None = None,
    *,
    sites: Mapping[str, Site] | None = None,
    organisation: Organisation | None = None,
    evidence: Mapping[str, str] | None = None,
) -> Known:
    """Return what the factor library knows, the one shipped when none is given."""
    from factors.library import load
    from factors.match import activities

    library = library or load()
    regions: dict[str, str] = {}
    for place in library.geographies.by_code.values():
        for name in place.names:
            regions.setdefault(name, place.code)
    regions |= {code: code for code in library.geographies.by_code}
    return Known(activities(library), regions, sites, organisation, library.factors, evidence)


def nearest(text: str, names: Mapping[str, str], count: int = 5) -> list[str]:
    """Return the ids whose names look most like ``text``."""
    return list(dict.fromkeys(names[name] for name in near(folded(text), names, count * 3)))[:count]


def _listed(ids: Iterable[str], known: Mapping[str, Activity]) -> tuple[tuple[str, str], ...]:
    """Return ids as either language lists them, those of ``known`` activities with their names."""
    zh = [f"{one} {known[one].name_zh}" if one in known else one for one in ids]
    en = [f"{one} ({known[one].name_en})" if one in known else one for one in ids]
    return (("near_zh", "、".join(zh) or "-"), ("near_en", "; ".join(en) or "-"))


@lru_cache(maxsize=1)
def _unit_words() -> frozenset[str]:
    """Return every spelling of every unit without marks and case: more than the units, never less."""
    spellings = (text for unit in unit_names().values() for text in (unit.id, *unit.exact, *unit.any_case))
    return frozenset(_MARKS.sub("", unicodedata.normalize("NFKC", text).casefold()) for text in spellings)


def _may_be_unit(text: str) -> bool:
    """Return False for what surely is no unit, without looking for near ones."""
    parts = unicodedata.normalize("NFKC", text).casefold().split("/")
    words = [_MARKS.sub("", part) for part in parts]
    return all(not _unit_words().isdisjoint((word, _SCALE.sub("", word))) for word in words)


@lru_cache(maxsize=4096)
def convertible(unit: str, wanted: str) -> str:
    """Return '' when ``unit`` can become ``wanted``, else the code of what stands in the way."""
    try:
        multiplier(unit, wanted)
    except ConditionsMissing:
        return "gas-conditions"
    except UnitMismatch:
        return "unit-mismatch"
    return ""


@dataclass(slots=True)
class Names:
    """Resolves names to ids; every answer is a Reading, and near names are suggested."""

    known: Known
    sites: Mapping[str, Site]
    evidence: Callable[[str], str] = lambda _: ""  # file name -> sha256, '' when there is none
    lacks_sites: bool = False  # a site was asked for and none is known: told once, not in every row
    _left: int = _SUGGESTIONS
    _activity_names: dict[str, set[str]] = field(default_factory=dict)
    _site_names: dict[str, str] = field(default_factory=dict)
    _region_names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for activity in self.known.activities.values():
            for name in (activity.id, activity.name_zh, activity.name_en, *activity.aliases):
                self._activity_names.setdefault(folded(name), set()).add(activity.id)
        for site in self.sites.values():
            for name in (site.name_en, site.name_zh, site.code):
                self._site_names[folded(name)] = site.code
        self._site_names.pop("", None)
        self._region_names = {folded(name): code for name, code in self.known.regions.items()}

    def _unknown(self, code: str, text: str, names: Callable[[], Mapping[str, str]]) -> Reading:
        self._left -= 1
        close = nearest(text, names()) if self._left >= 0 else []
        return Reading("", code, _listed(close, self.known.activities if code == "activity-unknown" else {}))

    def site(self, text: str) -> Reading:
        """Return the code of a site; where none is known at all, the text itself."""
        if not self._site_names:
            self.lacks_sites = True
            return Reading(text)
        found = self._site_names.get(folded(text))
        return Reading(found) if found else self._unknown("site-unknown", text, lambda: self._site_names)

    def activity(self, text: str) -> Reading:
        """Return the id of an activity."""
        found = {text} if text in self.known.activities else self._activity_names.get(folded(text), set())
        if len(found) == 1:
            return Reading(next(iter(found)))
        if found:
            return Reading("", "activity-ambiguous", _listed(sorted(found), self.known.activities))
        return self._unknown("activity-unknown", text, self._one_activity_each)

    def _one_activity_each(self) -> dict[str, str]:
        return {name: min(ids) for name, ids in self._activity_names.items()}

    def unit(self, text: str) -> Reading:
        """Return the canonical id of a unit."""
        if self._left < 0 and not _may_be_unit(text):
            return Reading("", "unit-unknown", (("near", "-"),))
        try:
            return Reading(parse_unit(text))
        except AmbiguousUnit as error:
            return Reading("", "unit-ambiguous", (("near", ", ".join(error.near)),))
        except UnknownUnit as error:
            self._left -= 1
            return Reading("", "unit-unknown", (("near", ", ".join(error.near) or "-"),))

    def region(self, text: str) -> Reading:
        """Return the id of a place."""
        found = self._region_names.get(folded(text))
        return Reading(found) if found else self._unknown("region-unknown", text, lambda: self._region_names)

    def factor(self, text: str) -> Reading:
        """Return a factor id that exists."""
        if self.known.factors is not None and text not in self.known.factors:
            return Reading("", "factor-unknown")
        return Reading(text)

    def proof(self, text: str) -> Reading:
        """Return the SHA-256 of an evidence file by its name; a name without a file is a warning."""
        if _SHA256.fullmatch(text.casefold()):
            return Reading(text.casefold())
        if "/" in text or "\\" in text or text in (".", ".."):
            return Reading("", "evidence-name")
        found = self.evidence(text)
        return Reading(found, "" if found else "evidence-missing", () if found else (("name", text),))

    def resolver(self, item: Field) -> Callable[[str], Reading] | None:
        """Return what resolves the values of a field, None for fields that name nothing."""
        by_kind: dict[str, Callable[[str], Reading]] = {
            "site": self.site,
            "activity": self.activity,
            "unit": self.unit,
            "region": self.region,
            "evidence": self.proof,
        }
        if item.kind == "choice":
            return lambda text: choose(item, text)
        if item.name == "factor":
            return self.factor
        return by_kind.get(item.kind)


def choose(item: Field, text: str) -> Reading:
    """Return the id of one of the choices of a field."""
    wanted = folded(text)
    for choice in item.choices:
        if wanted in {folded(spelling) for spelling in choice.spellings}:
            return Reading(choice.id)
    zh, en = "、".join(c.zh for c in item.choices), ", ".join(c.en for c in item.choices)
    return Reading("", "choice-unknown", (("choices_zh", zh), ("choices_en", en)))


def fitting_unit(activity: Activity, unit: str, rate: float) -> str:
    """Return the unit in which ``rate`` (of the activity's own unit, a month) would lie in its band, '' if none does.

    The activity's own unit is asked first: 1,200,000 万kWh were most likely kWh.
    """
    low, high = float(activity.low or "-inf"), float(activity.high or "inf")
    for candidate in dict.fromkeys((activity.unit, *_SIBLINGS)):
        if candidate != unit and dimension(candidate) == dimension(unit):
            factor = float(multiplier(unit, candidate))
            if low <= rate / factor <= high and not 0.1 < factor < 10:
                return candidate
    return ""


def likely_unit(activity: Activity, unit: str, ratio: float) -> str:
    """Return the unit in which an amount ``ratio`` times too large for ``unit`` would be right, '' if none is near.

    kWh against MWh, kg against t, Nm3 against 10^4 Nm3: the slips that come with a factor of 1,000 or 10,000.
    """
    for candidate in dict.fromkeys((activity.unit, *_SIBLINGS)):
        if candidate != unit and dimension(candidate) == dimension(unit):
            factor = float(multiplier(unit, candidate))
            if 0.1 <= ratio / factor <= 10 and not 0.1 < factor < 10:
                return candidate
    return ""
