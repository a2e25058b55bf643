"""Contractual instruments for electricity: which count, which are refused, and what they cover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lca.ledger import Instrument, Ledger

OWN_GENERATION = "onsite"


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
    for position, instrument in enumerate(ledger.instruments):
        reason = _refusal(instrument, ledger, country) or _claimed_before(instrument, ledger.instruments[:position])
        judged.append(Judged(instrument, reason))
    return tuple(judged)


def _refusal(instrument: Instrument, ledger: Ledger, country: Callable[[str], str]) -> str:
    organisation = ledger.organisation
    names = {organisation.name_zh, organisation.name_en, organisation.code, organisation.credit_code} - {""}
    markets = {country(site.region) for site in ledger.sites if instrument.site in ("", site.code)}
    checks = (
        ("no-such-site", bool(instrument.site) and instrument.site not in {site.code for site in ledger.sites}),
        ("no-amount", Decimal(instrument.amount_kwh) <= 0),
        ("another-beneficiary", instrument.beneficiary not in names),
        ("not-retired", instrument.kind == "gec" and instrument.retired_on is None),
        ("expired", _expired(instrument, ledger.end)),
        ("outside-period", instrument.generated_from < ledger.start or instrument.generated_to > ledger.end),
        ("another-market", country(instrument.region) not in markets),
    )
    return next((reason for reason, failed in checks if failed), "")


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
    # Certificate numbers of one issue have one length and a common prefix; text order is then their order.
    first, second = (
        (one.number_from, one.number_to or one.number_from),
        (two.number_from, two.number_to or two.number_from),
    )
    return len(first[0]) == len(second[0]) and first[0] <= second[1] and second[0] <= first[1]


@dataclass(frozen=True, slots=True)
class Consumption:
    """Power used at a site: bought, or from its own plant (which lowers no purchase)."""

    site: str
    kwh: Decimal
    is_own: bool = False


def cover(judged: Sequence[Judged], consumption: Mapping[str, Consumption]) -> tuple[Cover, ...]:
    """Draw the one retired pool down over the consumption: instruments bound to a site first.

    Args:
        judged: the instruments in the order they were handed in.
        consumption: what was used, by calculation id.

    What consumption does not take stays in the pool, for later products of the same period.
    """
    left = {identifier: one.kwh for identifier, one in consumption.items()}
    covers: list[Cover] = []
    order = sorted(
        (i for i, one in enumerate(judged) if not one.refused),
        key=lambda i: (judged[i].instrument.site == "", i),
    )
    for index in order:
        instrument = judged[index].instrument
        rest = Decimal(instrument.amount_kwh)
        for identifier, one in sorted(consumption.items()):
            fits = instrument.site in ("", one.site) and (instrument.kind == OWN_GENERATION) == one.is_own
            if not fits or rest <= 0 or left[identifier] <= 0:
                continue
            taken = min(rest, left[identifier])
            covers.append(Cover(index, identifier, taken))
            left[identifier] -= taken
            rest -= taken
    return tuple(covers)


def used_kwh(covers: Sequence[Cover], count: int) -> tuple[Decimal, ...]:
    """Return how many kWh of each instrument the inventory used."""
    return tuple(sum((c.kwh for c in covers if c.instrument == index), Decimal(0)) for index in range(count))
