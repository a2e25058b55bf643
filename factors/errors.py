"""What can go wrong with published knowledge: one class per case, each with a stable code.

``message`` is an English template marked for translation; the service translates it and fills in
``params``. ``str(error)`` is the English sentence, complete enough to act upon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802  gettext's own name for "mark, do not translate yet"
    """Mark ``message`` for translation without translating it here."""
    return message


def listed(items: Iterable[object], none: str = "-") -> str:
    """Write ``items`` as one comma-separated phrase, ``none`` when there are none."""
    return ", ".join(str(item) for item in items) or none


class FactorsError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "factors-error"
    message: ClassVar[str] = N_("the factor library cannot answer")

    def __init__(self, **params: object) -> None:
        self.params: dict[str, object] = params
        super().__init__(self.message % params)


# --- units ---------------------------------------------------------------------------------------


class UnknownUnit(FactorsError):
    """A spelling that is no unit here. ``near`` are spellings that are."""

    code = "unknown-unit"
    message = N_("unknown unit '%(unit)s'; near it: %(near)s")

    def __init__(self, unit: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(unit=unit, near=listed(near))


class AmbiguousUnit(UnknownUnit):
    """A spelling that several units share ('ton', 'gallon', 'mwh')."""

    code = "ambiguous-unit"
    message = N_("unit '%(unit)s' has several meanings; write one of: %(near)s")


class UnitMismatch(FactorsError):
    """Two units of different dimension: no number turns one into the other."""

    code = "unit-mismatch"
    message = N_("cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s)")

    def __init__(self, from_unit: str, from_dimension: str, to_unit: str, to_dimension: str) -> None:
        super().__init__(from_unit=from_unit, from_dimension=from_dimension, to_unit=to_unit, to_dimension=to_dimension)


class ConditionsMissing(UnitMismatch):
    """A gas volume at stated conditions against one without."""

    code = "gas-conditions-missing"
    message = N_(
        "cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s): "
        "state temperature and pressure (gas_temperature_c, gas_pressure_kpa)"
    )


class DensityMissing(UnitMismatch):
    """A volume against a mass; the density of the stuff stands between them."""

    code = "density-missing"
    message = N_(
        "cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s): "
        "give the mass, or state the density (density_kg_per_l)"
    )


class CalorificBasisMismatch(UnitMismatch):
    """Gross against net calorific energy; their ratio belongs to the fuel, not to the unit."""

    code = "calorific-basis-mismatch"
    message = N_(
        "cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s): "
        "state the fuel's ratio of net to gross calorific value"
    )


class StandardCoalNeedsRate(UnitMismatch):
    """Electricity against standard coal: two named figures exist, neither is a unit conversion."""

    code = "standard-coal-needs-rate"
    message = N_(
        "cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s): "
        "name the rate: calorific value, or the equivalent value of the year"
    )


class CurrencyMismatch(UnitMismatch):
    """Two currencies: an exchange rate has a date and a source and is no unit."""

    code = "currency-mismatch"
    message = N_(
        "cannot turn %(from_unit)s (%(from_dimension)s) into %(to_unit)s (%(to_dimension)s): "
        "state the exchange rate and its date"
    )


class ImplausibleConditions(FactorsError):
    """Temperature or pressure outside what a gas meter can see."""

    code = "implausible-conditions"
    message = N_(
        "%(temperature_c)s °C and %(pressure_kpa)s kPa (absolute) are not the conditions of a gas meter; "
        "expected -60 to 400 °C and 1 to 20000 kPa"
    )


class UnitRefused(FactorsError):
    """A publisher's unit that the reviewed table refuses to use as a factor."""

    code = "unit-refused"
    message = N_("unit '%(unit)s' cannot be used as a factor: %(reason)s")

    def __init__(self, unit: str, reason: str) -> None:
        super().__init__(unit=unit, reason=reason)


# --- gases ---------------------------------------------------------------------------------------


class UnknownGas(FactorsError):
    """A gas without a value in a GWP set. ``near`` are gases that have one."""

    code = "unknown-gas"
    message = N_("no %(gwp_set)s warming potential for '%(gas)s'; near it: %(near)s")

    def __init__(self, gas: str, gwp_set: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(gas=gas, gwp_set=gwp_set, near=listed(near))


# --- places and records --------------------------------------------------------------------------


class UnknownGeography(FactorsError):
    """A place that geographies.csv does not hold. ``near`` are places that it does."""

    code = "unknown-geography"
    message = N_("unknown place '%(place)s'; near it: %(near)s")

    def __init__(self, place: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(place=place, near=listed(near))


class UnknownFactor(FactorsError):
    """A record id that the library does not hold."""

    code = "unknown-factor"
    message = N_("no factor with id '%(factor_id)s'; near it: %(near)s")

    def __init__(self, factor_id: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(factor_id=factor_id, near=listed(near))


class FactorNotFound(FactorsError):
    """No record answers an activity at a date in any of the places that were looked at."""

    code = "factor-not-found"
    message = N_(
        "no factor for '%(activity)s' on %(on)s in any of %(looked)s: bring an own factor, or choose a record by its id"
    )

    def __init__(
        self, activity: str, on: object, looked: Sequence[str], candidates: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.candidates = tuple(candidates)  # records that were looked at, each with the reason it was not taken
        super().__init__(activity=activity, on=str(on), looked=listed(looked))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the data files: where it stands, which field, what is wrong."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.text}" if self.field else f"{place}: {self.text}"


class LibraryInvalid(FactorsError):
    """The data files do not hold together; ``problems`` lists everything wrong, not the first thing."""

    code = "library-invalid"
    message = N_("%(count)s problems in the factor library:\n%(problems)s")

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(problems), problems="\n".join(str(problem) for problem in problems))


# --- matching ------------------------------------------------------------------------------------


class UnknownActivity(FactorsError):
    """An activity that activities.csv does not hold. ``near`` are activities that it does."""

    code = "unknown-activity"
    message = N_("unknown activity '%(activity)s'; near it: %(near)s")

    def __init__(self, activity: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(activity=activity, near=listed(near))


class AmbiguousActivity(UnknownActivity):
    """A name that several activities share: '柴油' burned in a boiler, on the road, in a fork-lift."""

    code = "ambiguous-activity"
    message = N_("'%(activity)s' may be any of: %(near)s")


class AmbiguousFactor(FactorsError):
    """Several records answer equally well: a person has to choose one of ``candidates``."""

    code = "ambiguous-factor"
    message = N_("several factors answer '%(activity)s' on %(on)s in %(region)s; choose one of: %(candidates)s")

    def __init__(self, activity: str, on: object, region: str, candidates: Sequence[str], **more: str) -> None:
        self.candidates = tuple((candidate, "answers-equally-well") for candidate in candidates)
        super().__init__(activity=activity, on=str(on), region=region, candidates=listed(candidates), **more)


class UnitUndecided(AmbiguousFactor):
    """Records of one publication differ in what they are per, and the unit asked with does not say which is meant."""

    code = "unit-undecided"
    message = N_(
        "'%(activity)s' on %(on)s in %(region)s is published per %(units)s; state the unit, and for energy whether at "
        "net (kWh_net) or gross calorific value (kWh_gross); candidates: %(candidates)s"
    )

    def __init__(self, activity: str, on: object, region: str, candidates: Mapping[str, str]) -> None:
        super().__init__(activity, on, region, list(candidates), units=listed(sorted(set(candidates.values()))))


class ChosenFactorRefused(FactorsError):
    """A record that a person chose and that may not be used."""

    code = "chosen-factor-refused"
    message = N_("factor '%(factor_id)s' may not be used for '%(activity)s': %(reason)s")

    def __init__(self, factor_id: str, activity: str, reason: str) -> None:
        super().__init__(factor_id=factor_id, activity=activity, reason=reason)
