"""openEPD documents as suppliers' data: kg CO2e of the modules that somebody asks for.

The models of the ``openepd`` package say what a document looks like; they let pass a warming potential in MJ, a method
that nobody knows and numbers that are none, so units, methods and numbers are checked here. Results by several methods
are alternatives: one is chosen by name. ``on`` is the day for which the document has to be valid.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

import pydantic
from openepd.model.common import Measurement
from openepd.model.lcia import ImpactSet, LCIAMethod, ScopeSet
from openepd.model.light.epd import EpdV0

from factors.errors import FactorsError
from factors.units import multiplier, parse_unit
from lca.errors import StatementRefused
from lca.flaws import Flaw
from lca.importers.by_module import (
    BIOGENIC,
    FOSSIL,
    LULUC,
    PRODUCT_STAGE,
    TOTAL,
    Asked,
    Key,
    kgco2e,
    parts_per_unit,
)  # fmt: skip
from lca.importers.stated import Json, Reading, Stated, name_of, number, per_unit, text
from lca.modules import BEYOND, MODULES
from lca.product_model import Name, SupplierFootprint

DOCTYPE = "openEPD"
OWN = "tanji"
SCOPES: Mapping[str, str] = MappingProxyType(
    {TOTAL: "gwp", FOSSIL: "gwp-fossil", BIOGENIC: "gwp-biogenic", LULUC: "gwp-luluc"}
)
NON_CO2 = "gwp-nonCO2"

FIELDS: Mapping[str, str] = MappingProxyType(
    {"A1A2A3": PRODUCT_STAGE, **{name: name for name in MODULES}, BEYOND: BEYOND}
)
"""Field of a scope set -> module."""

SCENARIO_FIELDS = ("C1", "C2", "C3", "C4", "D")
MOST_PROBLEMS = 20
GWP_WANTED = "kg CO2e"

_SIGNS = re.compile(r"[\s_^(){}.-]")
_GWP_UNITS = frozenset({"kgco2e", "kgco2eq", "kgco2eqv"})
_EUROPEAN = re.compile(r"15804.*\+ ?(A[12])")


def supplier_of(document: Json, on: date, asked: Asked | None = None, method: str = "") -> Stated:
    """Return the supplier's footprint that a document states for modules, A1 to A3 by default.

    ``method`` names the LCIA method to take, which has to be said where there are several.

    Raises:
        StatementRefused: it is no such document, its method is not chosen, a unit is none of kg CO2e, or the modules
            cannot be added up.
    """
    return _OpenEpd(document, on, asked or Asked(), method).stated()


class _OpenEpd:
    """One document while it is read."""

    def __init__(self, document: Json, on: date, asked: Asked, method: str) -> None:
        plain = document if isinstance(document, Mapping) else {}
        self.reading = Reading(text(plain.get("product_name")) or text(plain.get("id")) or DOCTYPE)
        if text(plain.get("doctype")).casefold() != DOCTYPE.casefold():
            self.reading.refuse("value-refused", key="doctype", value=plain.get("doctype"), wanted=DOCTYPE)
        self.reading.settle()
        self.epd = _validated(plain, self.reading.where)
        self.on, self.asked, self.method = on, asked, method

    def stated(self) -> Stated:
        """Return what it states."""
        method, impacts = self._impacts()
        unit, amount = self._unit()
        declared = {part: dict(self._values(impacts, name)) for part, name in SCOPES.items() if name in impacts}
        identifier = self._identifier()
        sums = kgco2e(declared, self.asked, self.reading)
        self.reading.settle()
        self._odd(impacts, method)
        epd = self.epd
        supplier = SupplierFootprint(
            id=identifier,
            name=self._name(),
            unit=unit,
            supplier=text(epd.manufacturer.name) if epd.manufacturer else "",
            method=self._rules(method),
            gwp_set=_gwp_set(method),
            boundary=" + ".join(self.asked.modules),
            period_end=text(self._own().get("reference_period")).partition("/")[2],
            valid_until=self._validity(),
            region=text(self._own().get("region")),
            carbon_biogenic_kg=self._carbon(amount),
            statement=f"openEPD {text(epd.openepd_version)}, {identifier}",
            is_verified=bool(epd.third_party_verifier and text(epd.third_party_verifier.name)),
            **parts_per_unit(sums, amount),
        )
        return Stated(supplier, tuple(self.reading.findings))

    def _own(self) -> Json:
        """Return what our own exports keep beside the format's fields."""
        found = (self.epd.ext or {}).get(OWN)
        return found if isinstance(found, Mapping) else {}

    def _name(self) -> Name:
        name = name_of(text(self.epd.product_name))
        chinese = text(self._own().get("name_zh"))
        return Name(chinese, name.en or name.zh) if chinese else name

    def _identifier(self) -> str:
        epd = self.epd
        named = (epd.id, *(epd.alt_ids or {}).values(), epd.program_operator_doc_id, epd.declaration_url)
        found = next((one for one in map(text, named) if one), "")
        if not found or not text(epd.product_name):
            self.reading.refuse("key-missing", key="product_name" if found else "id")
        return found

    def _impacts(self) -> tuple[str, ImpactSet]:
        """Return the one method that is asked for, or the only one there is, and its results."""
        held = self.epd.impacts.as_dict() if self.epd.impacts else {}
        offered = {str(getattr(name, "value", name)): one for name, one in held.items() if one.gwp is not None}
        if not offered:
            self.reading.refuse("key-missing", "impacts", key="gwp")
        elif self.method not in offered and (self.method or len(offered) > 1):
            self.reading.refuse("choose-one", "impacts", key="method", choices="; ".join(sorted(offered)))
        self.reading.settle()
        name = self.method or next(iter(offered))
        return name, offered[name]

    def _unit(self) -> tuple[str, Decimal]:
        given = self.epd.declared_unit
        amount = number(given.qty) if given else None
        if amount is None or amount <= 0:
            self.reading.refuse("value-refused", key="declared_unit.qty", value=amount, wanted="> 0")
        printed = text(given.unit) if given else ""
        try:
            return parse_unit(printed), amount or Decimal(1)
        except FactorsError:
            self.reading.refuse("unit-unknown", key="declared_unit", unit=printed)
        return "", amount or Decimal(1)

    # --- results ---------------------------------------------------------------------------------

    def _values(self, impacts: ImpactSet, name: str) -> Iterator[tuple[Key, Decimal | None]]:
        """Yield the values of an indicator by module and scenario, those that are declared."""
        scopes = impacts[name]
        for field, module in FIELDS.items():
            yield from self._value(getattr(scopes, field), f"{name}.{field}", (module, ""))
        for scenario in scopes.C_scenarios or ():
            for field in SCENARIO_FIELDS:
                place = f"{name}.{field}.{scenario.name}"
                yield from self._value(getattr(scenario, field), place, (field, text(scenario.name)))

    def _value(self, given: Measurement | None, place: str, key: Key) -> Iterator[tuple[Key, Decimal | None]]:
        if given is None:
            return
        value = number(given.mean)
        if value is None:
            self.reading.refuse("value-refused", key=place, value=given.mean, wanted=GWP_WANTED)
        if _SIGNS.sub("", given.unit or "").casefold() not in _GWP_UNITS:
            self.reading.refuse("value-refused", key=place, value=given.unit, wanted=GWP_WANTED)
        yield key, value

    def _odd(self, impacts: ImpactSet, method: str) -> None:
        """Say what is odd about the results that are taken."""
        if not LCIAMethod.is_method_supported(method) or method == LCIAMethod.UNKNOWN.value:
            self.reading.tell("openepd-method-unknown", is_error=True, method=method)
        if self.epd.private:
            self.reading.tell("openepd-private")
        scopes: ScopeSet = impacts["gwp"]
        for module in self.asked.modules:
            years = getattr(scopes, f"{module}_years", None)
            if years is not None:
                self.reading.tell("openepd-years", module=module, years=f"{years:g}")
        if NON_CO2 in impacts:
            self.reading.tell("openepd-part-beside", part=NON_CO2)

    def _rules(self, method: str) -> str:
        """Return the rules that the numbers follow: our own mark, EN 15804 where it is named, else the LCIA method."""
        own = text(self._own().get("method"))
        if own:
            return own
        named = [f"{text(one.short_name)} {text(one.name)}" for one in self.epd.compliance]
        found = next((edition for one in named if (edition := _EUROPEAN.search(one))), None)
        if found is not None:
            return f"en15804.{found[1].lower()}"
        return "en15804.a2" if method.startswith("EF 3") else method

    def _validity(self) -> str:
        until, since, day = _day(self.epd.valid_until), _day(self.epd.date_of_issue), self.on.isoformat()
        if not until:
            self.reading.tell("declared-validity-unsaid")
        elif day > until:
            self.reading.tell("supplier-expired", is_error=True, valid_until=until, on=day)
        if since > day:
            self.reading.tell("supplier-not-yet-valid", is_error=True, valid_from=since, on=day)
        return until

    def _carbon(self, amount: Decimal) -> str:
        given = self.epd.kg_C_biogenic_per_declared_unit
        if given is None:
            return "0"
        held = number(given.qty)
        try:
            scale = multiplier(text(given.unit), "kg")
        except FactorsError:
            scale = None
        if held is None or scale is None or held < 0:
            self.reading.tell("openepd-carbon-unreadable", value=f"{given.qty} {given.unit}")
            return "0"
        return per_unit(held * scale, amount)


def _validated(document: Json, where: str) -> EpdV0:
    """Return the document as the package reads it.

    Raises:
        StatementRefused: it does not look like one; every place is named, up to a score.
    """
    try:
        # The package writes into what it is given.
        return EpdV0.model_validate(copy.deepcopy(dict(document)))
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:MOST_PROBLEMS]
        places = [(".".join(map(str, one["loc"])) or DOCTYPE, one["msg"]) for one in found]
        flaws = [Flaw("unreadable", {"reason": text(reason)}, text(place)) for place, reason in places]
        raise StatementRefused(where, flaws) from error
    except (TypeError, AttributeError, KeyError, ValueError, ArithmeticError, RecursionError) as error:
        # What the package's own validators do not expect comes out of them as it is.
        raise StatementRefused(where, [Flaw("unreadable", {"reason": type(error).__name__})]) from error


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def _gwp_set(method: str) -> str:
    """Return the set of potentials that an LCIA method names: AR6, EF 3.1, or the method itself."""
    return method.removeprefix("IPCC ") if LCIAMethod.is_method_supported(method) else "unstated"
