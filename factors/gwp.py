"""Global warming potentials: how many kg CO2e one kg of a gas is, by the IPCC report that a method names.

Which value stands for methane (100 years, kg CO2e/kg), from the records of ``data/gwp.csv``:

=============  ====  =====================  ==================================================
gas            AR4   AR5                    AR6
=============  ====  =====================  ==================================================
CH4            25    28                     27.9  (Table 7.SM.7, the single value that the
                                            Chinese guidelines use; oxidation to CO2 left out)
CH4_fossil     25    30 (with oxidation)    29.8  (Table 7.15, with oxidation)
CH4_biogenic   25    28                     27.0  (Table 7.15)
=============  ====  =====================  ==================================================

AR4 prints one value, so all three are that one; AR5 prints 28 as "general", which is its non-fossil value.
A superseded print (AR6 SF6 25200, now 24300) and an alternative print of the same record are never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from factors.errors import UnknownGas
from factors.near import near
from factors.records import Factor

CATEGORY = "GWP100"
BLENDS = "GWP100 blend (derived)"
_BLEND = re.compile(r"^(R-\w+) refrigerant blend$")
_REFRIGERANT = re.compile(r"^R-?(\d\w*)$", re.IGNORECASE)
_STANDS_FOR = {"CH4_fossil": "CH4", "CH4_biogenic": "CH4"}


@dataclass(frozen=True, slots=True)
class GwpSet:
    """The 100-year potentials of one IPCC report: gas -> (kg CO2e per kg, id of the record)."""

    name: str
    values: Mapping[str, tuple[Decimal, str]]

    def value(self, gas: str) -> Decimal:
        """Return the potential of ``gas`` in kg CO2e per kg.

        Gases are named as in gwp.csv, blends by their number ('R-410A'); a single refrigerant may be
        given by its number too ('R-134a', 'R22').

        Raises:
            UnknownGas: this set has no value for it; the error lists near names.
        """
        return self.values[self._named(gas)][0]

    def _named(self, gas: str) -> str:
        if gas in self.values:
            return gas
        if found := _REFRIGERANT.match(gas.strip()):
            number = found.group(1)
            for name in (f"R-{number.upper()}", f"HFC-{number.lower()}", f"HCFC-{number.lower()}", f"CFC-{number}"):
                if name in self.values:
                    return name
        folded = {name.casefold(): name for name in self.values}
        raise UnknownGas(gas, self.name, tuple(folded[name] for name in near(gas.casefold(), folded)))


def gwp_sets(records: Iterable[Factor]) -> Mapping[str, GwpSet]:
    """Build every set from its records; those refused or printed a second time stand aside."""
    values: dict[str, dict[str, tuple[Decimal, str]]] = {}
    for record in records:
        if record.category not in (CATEGORY, BLENDS) or not record.usable or record.value_kind != "point":
            continue
        blend = _BLEND.match(record.name_en)
        gas = blend.group(1) if blend else record.gas
        values.setdefault(record.gwp_set, {}).setdefault(gas, (record.number, record.id))
    for gases in values.values():
        for gas, general in _STANDS_FOR.items():
            if general in gases:
                gases.setdefault(gas, gases[general])
    return MappingProxyType({name: GwpSet(name, MappingProxyType(gases)) for name, gases in sorted(values.items())})
