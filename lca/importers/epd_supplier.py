"""An environmental product declaration as a supplier's data: kg CO2e of the modules that somebody asks for.

GWP-total of EN 15804+A2 splits into fossil, biogenic and land use; the one number of EN 15804+A1 is another method and
is told as such. GWP-IOBC leaves biogenic carbon out and stands for no other indicator. ``on`` is the day for which the
declaration has to be valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from factors.errors import FactorsError
from factors.units import parse_unit
from lca.importers.by_module import BIOGENIC, FOSSIL, LULUC, TOTAL, Asked, kgco2e, parts_per_unit
from lca.importers.epd import GWP_TOTAL, EpdDeclaration
from lca.importers.ilcd_tree import chinese, spoken
from lca.importers.stated import Reading, Stated, text
from lca.product_model import Name, SupplierFootprint

OLD_GWP = "GWP-A1"
INDICATORS: Mapping[str, str] = MappingProxyType(
    {TOTAL: GWP_TOTAL, FOSSIL: "GWP-fossil", BIOGENIC: "GWP-biogenic", LULUC: "GWP-luluc"}
)
A1, A2 = "en15804.a1", "en15804.a2"

_SIGNS = re.compile(r"[\s_^(){}.-]")
_FOOTPRINT_SET = re.compile(r"EF ?(3\.[0-9])")


def supplier_of(declaration: EpdDeclaration, on: date, asked: Asked | None = None) -> Stated:
    """Return the supplier's footprint that a declaration states for modules, A1 to A3 by default.

    Raises:
        StatementRefused: a module that is not declared, D, one module twice, a scenario to choose, no amount or unit.
    """
    return _Epd(declaration, on, asked or Asked()).stated()


class _Epd:
    """One declaration while it is read as a supplier's data."""

    def __init__(self, declaration: EpdDeclaration, on: date, asked: Asked) -> None:
        self.declaration, self.on, self.asked = declaration, on, asked
        name = spoken(declaration.names)
        self.reading = Reading(" › ".join(part for part in (name, declaration.uuid) if part) or "EPD")
        self.reading.findings.extend(declaration.findings)
        self.is_old = GWP_TOTAL not in declaration.modules and OLD_GWP in declaration.modules

    def stated(self) -> Stated:
        """Return what it states."""
        unit, amount = self._unit()
        sums = kgco2e(self._declared(), self.asked, self.reading)
        self.reading.settle()
        self._validity()
        declared = self.declaration
        supplier = SupplierFootprint(
            id=declared.uuid,
            name=Name(chinese(declared.names) or spoken(declared.names), declared.names.get("en", "")),
            unit=unit,
            supplier=declared.owner,
            method=A1 if self.is_old else A2,
            gwp_set=self._gwp_set(),
            boundary=" + ".join(self.asked.modules),
            period_end=declared.reference_year,
            valid_until=declared.valid_until,
            region=declared.location,
            statement=", ".join(filter(None, ("EPD", declared.programme, declared.registration or declared.uuid))),
            is_verified=False,  # the data set does not say for which data a review was
            **parts_per_unit(sums, amount),
        )
        return Stated(supplier, tuple(self.reading.findings))

    def _unit(self) -> tuple[str, Decimal]:
        """Return the unit and how many of them the declaration is for."""
        amount = self.declaration.declared_amount
        if amount is None or amount <= 0:
            self.reading.refuse("value-refused", key="declared unit", value=amount, wanted="> 0")
        try:
            unit = parse_unit(self.declaration.declared_unit)
        except FactorsError:
            unit = ""
            self.reading.refuse("unit-unknown", key="declared unit", unit=self.declaration.declared_unit)
        return unit, amount or Decimal(1)

    def _declared(self) -> dict[str, Mapping[tuple[str, str], Decimal | None]]:
        """Return the values by part; the old number has no parts."""
        if self.is_old:
            self.reading.tell("epd-old-gwp")
        named = {TOTAL: OLD_GWP} if self.is_old else INDICATORS
        declared = {part: code for part, code in named.items() if code in self.declaration.modules}
        if TOTAL not in declared:
            self.reading.refuse("key-missing", key=GWP_TOTAL)
        for code in declared.values():
            unit = self.declaration.units.get(code, "")
            if not _SIGNS.sub("", unit).casefold().startswith("kgco2"):
                self.reading.refuse("value-refused", key=code, value=unit, wanted="kg CO2e")
        return {part: self.declaration.modules[code] for part, code in declared.items()}

    def _gwp_set(self) -> str:
        if self.is_old:
            return "EN 15804+A1"
        found = (_FOOTPRINT_SET.search(name) for name in self.declaration.standards)
        return next((f"EF {one[1]}" for one in found if one), "EN 15804+A2")

    def _validity(self) -> None:
        """Say where the declaration is not, or not yet, valid; a year stands for all of it."""
        until, day = text(self.declaration.valid_until), self.on.isoformat()
        if not until:
            self.reading.tell("declared-validity-unsaid")
        elif day[: len(until)] > until:
            self.reading.tell("supplier-expired", is_error=True, valid_until=until, on=day)
        if self.declaration.published > day:
            published = self.declaration.published
            self.reading.tell("supplier-not-yet-valid", is_error=True, valid_from=published, on=day)
