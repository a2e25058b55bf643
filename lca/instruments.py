"""Contractual instruments for electricity: which count, which are refused, and what they cover."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from factors.strict_yaml import StrictLoader
from lca.errors import NumbersInvalid
from lca.ledger import Instrument, Ledger
from lca.number_ranges import number_range

OWN_GENERATION = "onsite"
KINDS = (OWN_GENERATION, "direct_supply", "ppa", "gec")

DATA = Path(__file__).parent / "data" / "instruments.yaml"

NOT_FOSSIL = (
    "风", "光伏", "太阳能", "光热", "水电", "水力", "生物质", "沼气", "地热", "海洋", "潮汐", "核",
    "wind", "solar", "photovoltaic", "pv", "hydro", "biomass", "biogas", "geothermal", "ocean", "tidal", "nuclear",
)  # fmt: skip
"""Words that name a technology without fossil carbon; only such power may count as emitting nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An instrument with the reason it was refused ('' when it counts)."""

    instrument: Instrument
    refused: str


@dataclass(frozen=True, slots=True)
class Cover:
    """So many kWh of one consumption are covered by one instrument."""

    instrument: int  # index into the judged instruments
    consumption: str  # id of the calculation
    kwh: Decimal


def judge(ledger: Ledger, country: Callable[[str], str]) -> tuple[Judged, ...]:
    """Refuse what the scope 2 quality criteria do not admit; ``country`` gives the market of a region.

    An instrument counts when it was retired for this organisation, was valid then, was generated in
    the reporting period, belongs to the market of the consumption, and is claimed once: its number
    range overlaps none before it, and a certificate bundled with a direct supply counts with it.
    """
    judged: list[Judged] = []
    for instrument in ledger.instruments:
        accepted = [one.instrument for one in judged if not one.refused]
        reason = _refusal(instrument, ledger, country) or _claimed_before(instrument, accepted)
        judged.append(Judged(instrument, reason))
    return tuple(judged)


def _refusal(instrument: Instrument, ledger: Ledger, country: Callable[[str], str]) -> str:
    organisation = ledger.organisation
    names = {organisation.name_zh, organisation.name_en, organisation.code, organisation.credit_code} - {""}
    markets = {country(site.region) for site in ledger.sites if instrument.site in ("", site.code)}
    if not _numbers_readable(instrument):
        return "numbers-unreadable"
    checks = (
        ("no-such-site", bool(instrument.site) and instrument.site not in {site.code for site in ledger.sites}),
        ("no-amount", Decimal(instrument.amount_kwh) <= 0),
        ("another-beneficiary", instrument.beneficiary not in names),
        ("technology-not-zero-carbon", not _is_zero_carbon(instrument)),
        ("too-few-certificates", instrument.kind == "gec" and _exceeds_count(instrument)),
        ("not-retired", instrument.kind == "gec" and instrument.retired_on is None),
        ("retired-before-generated", _retired_early(instrument)),
        ("expired", _expired(instrument, ledger.end)),
        ("outside-period", instrument.generated_from < ledger.start or instrument.generated_to > ledger.end),
        ("another-market", country(instrument.region) not in markets),
    )
    return next((reason for reason, failed in checks if failed), "")


def _numbers_readable(instrument: Instrument) -> bool:
    if not instrument.number_from:
        return instrument.kind != "gec"
    try:
        number_range(instrument.number_from, instrument.number_to)
    except NumbersInvalid:
        return False
    return True


def _is_zero_carbon(instrument: Instrument) -> bool:
    """A green certificate is issued for renewable power alone; every other kind has to say what it is."""
    named = instrument.technology.casefold()
    return any(word in named for word in NOT_FOSSIL) if named else instrument.kind == "gec"


def _exceeds_count(instrument: Instrument) -> bool:
    count = number_range(instrument.number_from, instrument.number_to).count
    return Decimal(instrument.amount_kwh) > count * _kwh_per_certificate()


@cache
def _stated() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.load(DATA.read_text(encoding="utf-8"), StrictLoader)  # noqa: S506  a SafeLoader
    return found


def _kwh_per_certificate() -> Decimal:
    return Decimal(_stated()["green_certificate_kwh"]["value"])


def technologies() -> tuple[str, ...]:
    """Return the activities of power of one technology, which a product may draw under a certificate."""
    return tuple(_stated()["technologies"])


def is_of_technology(instrument: Instrument, activity: str) -> bool:
    """Is the technology that an instrument names the one of this activity? The first that its words fit is meant."""
    named = instrument.technology.casefold()
    words: Mapping[str, Sequence[str]] = _stated()["technologies"]
    return next((one for one, known in words.items() if any(word in named for word in known)), "") == activity


def _retired_early(instrument: Instrument) -> bool:
    return instrument.retired_on is not None and instrument.retired_on < instrument.generated_from


def _expired(instrument: Instrument, end: date) -> bool:
    return instrument.valid_until is not None and instrument.valid_until < (instrument.retired_on or end)


def _claimed_before(instrument: Instrument, earlier: Sequence[Instrument]) -> str:
    for other in earlier:
        if instrument.number_from and other.number_from and _overlap(instrument, other):
            return "claimed-twice"
        if instrument.contract and instrument.contract == other.contract and instrument.kind != other.kind:
            return "bundled-counted-once"
    return ""


def _overlap(one: Instrument, two: Instrument) -> bool:
    first, second = number_range(one.number_from, one.number_to), number_range(two.number_from, two.number_to)
    return first.overlaps(second)


@dataclass(frozen=True, slots=True)
class Consumption:
    """Power used at a site: bought, or from its own plant (which lowers no purchase)."""

    site: str
    market: str
    kwh: Decimal  # negative for what a later bill took back
    is_own: bool = False


def cover(
    judged: Sequence[Judged],
    consumption: Mapping[str, Consumption],
    kinds: Collection[str],
    country: Callable[[str], str],
) -> tuple[Cover, ...]:
    """Draw the one retired pool down over the consumption: instruments bound to a site first.

    Args:
        judged: the instruments in the order they were handed in.
        consumption: what was used, by calculation id.
        kinds: the kinds of instrument that the structure admits.
        country: the market of a region.

    Power covers power of its own market only, and never more than is bought net of what bills took back.
    What consumption does not take stays in the pool, for later products of the same period.
    """
    left = _net(consumption)
    asking = sorted(consumption.items())
    covers: list[Cover] = []
    order = sorted(
        (i for i, one in enumerate(judged) if not one.refused and one.instrument.kind in kinds),
        key=lambda i: (judged[i].instrument.site == "", i),
    )
    for index in order:
        instrument = judged[index].instrument
        rest = Decimal(instrument.amount_kwh)
        for identifier, one in asking:
            if not _fits(instrument, one, country) or rest <= 0 or left[identifier] <= 0:
                continue
            taken = min(rest, left[identifier])
            covers.append(Cover(index, identifier, taken))
            left[identifier] -= taken
            rest -= taken
    return tuple(covers)


def _net(consumption: Mapping[str, Consumption]) -> dict[str, Decimal]:
    """What each consumption leaves to cover, credits of the same site taken off its purchases."""
    left = {identifier: max(one.kwh, Decimal(0)) for identifier, one in consumption.items()}
    for credit in consumption.values():
        taken_back = -min(credit.kwh, Decimal(0))
        if not taken_back:
            continue
        for identifier, one in sorted(consumption.items()):
            if (one.site, one.market, one.is_own) == (credit.site, credit.market, credit.is_own):
                share = min(taken_back, left[identifier])
                left[identifier] -= share
                taken_back -= share
    return left


def _fits(instrument: Instrument, one: Consumption, country: Callable[[str], str]) -> bool:
    own = (instrument.kind == OWN_GENERATION) == one.is_own
    return own and instrument.site in ("", one.site) and country(instrument.region) == one.market


def used_kwh(covers: Sequence[Cover], count: int) -> tuple[Decimal, ...]:
    """Return how many kWh of each instrument the inventory used."""
    return tuple(sum((c.kwh for c in covers if c.instrument == index), Decimal(0)) for index in range(count))
