"""From operands to results: everything an inventory says, computed from the snapshot alone.

The same function makes the results of a new inventory and redoes those of an old one, so a snapshot
that recomputes to other bytes has been changed. Nothing here matches, reads a file or asks a clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lca.bridge import bridge
from lca.energy_account import energy_account
from lca.formulas.cement import settle_line
from lca.numbers import canonical, total
from lca.quality import data_quality
from lca.snapshot import expanded
from lca.spread import spread
from lca.valuation import BIOGENIC, is_apart

VIEWS = ("location", "market", "method")
CLINKER_FORMULAS = frozenset({"clinker_factor", "clinker_oxides", "deduction"})

Record = Mapping[str, Any]


def results(operands: Record) -> dict[str, Any]:
    """Compute every figure of an inventory from its operands.

    With a_cm the amount of calculation c in part m, k_c the conversion to the unit of its factor, o_c
    the amount per row that stock changes add, n_cm its rows, s_c the share of the organisation, g_cv
    the mass of each gas per unit in view v and w the warming potentials of that view:
    E_cv = sign_cv * s_cv * sum_m (k_c a_cm + o_c n_cm) * sum_g g_cvg w_vg, in kg CO2e.

    Raises:
        DeductionWithoutClinker, DeductionAppliedTwice: see ``cement.settle_line``.
    """
    tables = _Tables(expanded(operands))
    headline = operands["method"]["headline"]
    view = "method" if headline == "method" else headline
    totals = {v: tables.total(v) for v in VIEWS}
    apart = tables.apart(view)
    return {
        "headline": headline,
        "total_kgco2e": canonical(totals[view]),
        "total_location_kgco2e": canonical(totals["location"]),
        "total_market_kgco2e": canonical(totals["market"]),
        "total_method_kgco2e": canonical(totals["method"]),
        "by_scope": {v: tables.by_scope(v) for v in ("location", "market")},
        "scope2_location_kgco2e": canonical(tables.scope_total("location", "2")),
        "scope2_market_kgco2e": canonical(tables.scope_total("market", "2")),
        "by_category": tables.by_category(),
        "by_gas_kg": tables.gases(view, lambda _: True),
        "by_gas_kgco2e": tables.gases(view, lambda _: True, weighted=True),
        "direct_by_gas_kg": tables.gases(view, lambda record: record["scope"] == "1"),
        "by_site": tables.grouped(view, lambda c: str(c["site"])),
        "by_month": tables.by_month(view),
        "by_activity": tables.grouped(view, lambda c: str(c["activity"])),
        "biogenic_co2_kg": canonical(apart.pop(BIOGENIC, 0.0)),
        "ozone_gases_kg": {gas: canonical(kg) for gas, kg in sorted(apart.items())},
        "energy": energy_account(tables.operands, tables.amounts),
        "intensities": tables.intensities(view),
        "uncertainty": spread(
            operands,
            {c: tables.emissions(c, view) for c in tables.included(view)},
            lambda identifier: tables.emissions_by_gas(identifier, view),
        ),
        "data_quality": data_quality(tables.operands, {c: tables.emissions(c, view) for c in tables.included(view)}),
        "bridge": bridge(list(tables.calculations.values()), tables.amounts, totals),
        "lines": tables.lines(view),
    }


def readings(operands: Record) -> Iterator[tuple[str, str, Record]]:
    """Yield (calculation, month, amount with its rows): what the parts hold, and what instruments cover."""
    wanted = {(c["stream_key"], month): c["id"] for c in operands["calculations"] for month in c["months"]}
    for part in operands["parts"]:
        for key, entry in part["amounts"].items():
            yield wanted[(key, part["month"])], part["month"], entry
    for cover in operands["covers"]:
        yield cover["calculation"], cover["month"], {"amount": cover["kwh"], "rows": 1}


class _Tables:
    """The amounts of a snapshot as numbers, and the sums that the results are made of."""

    def __init__(self, operands: Record) -> None:
        self.operands = operands
        self.calculations: dict[str, Record] = {c["id"]: c for c in operands["calculations"]}
        self.monthly: dict[str, dict[str, float]] = defaultdict(dict)
        for identifier, month, entry in readings(operands):
            calculation = self.calculations[identifier]
            net = float(entry["amount"]) * float(calculation["conversion"])
            net += float(calculation["offset"]) * entry["rows"]
            months = self.monthly[identifier]
            months[month] = months.get(month, 0.0) + net
        self.amounts = {identifier: total(months.values()) for identifier, months in self.monthly.items()}
        self._settle()

    def _settle(self) -> None:
        """Floor every clinker line at zero: deductions beyond its clinker are scaled down together."""
        for view in VIEWS:
            for line, members in self._clinker_lines(view).items():
                made = {i: r["formula"] for i, r in members.items() if r["formula"] != "deduction"}
                kg = {i: self.amounts[i] * float(r["gases"]["CO2"]) for i, r in members.items()}
                for identifier, settled in settle_line(line, made, kg).items():
                    if identifier not in made and kg[identifier]:
                        self._resign(identifier, view, settled / kg[identifier])

    def _clinker_lines(self, view: str) -> dict[str, dict[str, Record]]:
        lines: dict[str, dict[str, Record]] = defaultdict(dict)
        for identifier in self.included(view):
            record = self.view(identifier, view)
            if record["formula"] in CLINKER_FORMULAS:
                calculation = self.calculations[identifier]
                lines[f"{calculation['site']} {calculation['stream']['process_line']}"][identifier] = record
        return {line: m for line, m in lines.items() if any(r["formula"] == "deduction" for r in m.values())}

    def _resign(self, identifier: str, view: str, sign: float) -> None:
        calculation = dict(self.calculations[identifier])
        calculation["views"] = calculation["views"] | {view: calculation["views"][view] | {"sign": sign}}
        self.calculations[identifier] = calculation

    def view(self, identifier: str, view: str) -> Record:
        record: Record = self.calculations[identifier]["views"][view]
        return record

    def included(self, view: str) -> list[str]:
        return [identifier for identifier in self.amounts if self.view(identifier, view)["included"]]

    def emissions(self, identifier: str, view: str) -> float:
        record = self.view(identifier, view)
        return self.amounts[identifier] * per_unit(record)

    def emissions_by_gas(self, identifier: str, view: str) -> dict[str, float]:
        record = self.view(identifier, view)
        signed = self.amounts[identifier] * record["sign"] * float(record["share"])
        return {gas: signed * float(mass) * float(record["weights"][gas]) for gas, mass in record["gases"].items()}

    def total(self, view: str) -> float:
        return total(self.emissions(identifier, view) for identifier in self.included(view))

    def scope_total(self, view: str, scope: str) -> float:
        chosen = [i for i in self.included(view) if self.view(i, view)["scope"] == scope]
        return total(self.emissions(identifier, view) for identifier in chosen)

    def by_scope(self, view: str) -> dict[str, str]:
        return {scope: canonical(self.scope_total(view, scope)) for scope in ("1", "2", "3")}

    def by_category(self) -> list[dict[str, str]]:
        rows = []
        for category in self.operands["method"]["categories"]:
            chosen = [i for i in self.included("method") if self.view(i, "method")["category"] == category["id"]]
            emitted = total(self.emissions(identifier, "method") for identifier in chosen)
            rows.append(
                {
                    "id": category["id"],
                    "name_zh": category["zh"],
                    "name_en": category["en"],
                    "scope": category.get("scope", ""),
                    "lines": str(len(chosen)),
                    "kgco2e": canonical(emitted),
                }
            )
        return rows

    def gases(self, view: str, wanted: Callable[[Record], bool], *, weighted: bool = False) -> dict[str, str]:
        sums: dict[str, list[float]] = defaultdict(list)
        for identifier in self.included(view):
            record = self.view(identifier, view)
            if not wanted(record):
                continue
            for gas, mass in record["gases"].items():
                if is_apart(gas):
                    continue
                weight = float(record["weights"][gas]) if weighted else 1.0
                signed = record["sign"] * float(record["share"])
                sums[gas].append(self.amounts[identifier] * float(mass) * weight * signed)
        return {gas: canonical(total(values)) for gas, values in sorted(sums.items())}

    def grouped(self, view: str, key: Callable[[Record], str]) -> dict[str, str]:
        sums: dict[str, list[float]] = defaultdict(list)
        for identifier in self.included(view):
            sums[key(self.calculations[identifier])].append(self.emissions(identifier, view))
        return {name: canonical(total(values)) for name, values in sorted(sums.items())}

    def by_month(self, view: str) -> dict[str, str]:
        sums: dict[str, list[float]] = defaultdict(list)
        for identifier in self.included(view):
            unit = per_unit(self.view(identifier, view))
            for month, amount in self.monthly[identifier].items():
                sums[month].append(amount * unit)
        return {month: canonical(total(values)) for month, values in sorted(sums.items())}

    def apart(self, view: str) -> dict[str, float]:
        """The masses that stand beside the totals, in kg by gas."""
        sums: dict[str, list[float]] = defaultdict(list)
        for identifier in self.included(view):
            record = self.view(identifier, view)
            for gas, mass in record["gases"].items():
                if is_apart(gas):
                    sums[gas].append(self.amounts[identifier] * float(mass) * float(record["share"]))
        return {gas: total(values) for gas, values in sums.items()}

    def intensities(self, view: str) -> list[dict[str, str]]:
        """Scope 1 and 2 of a site over its output, if that is in one unit; over value added, of sites stating it."""
        own = [i for i in self.included(view) if self.view(i, view)["scope"] in ("1", "2", "")]
        rows = []
        for site in self.operands["sites"]:
            made = [p for p in self.operands["products"] if p["site"] == site["code"]]
            units = {p["unit"] for p in made}
            if len(units) == 1:
                emitted = total(self.emissions(i, view) for i in own if self.calculations[i]["site"] == site["code"])
                amount = total(float(p["amount"]) for p in made)
                rows.append(_intensity(f"site:{site['code']}", units.pop(), emitted, amount))
        stating = [p for p in self.operands["products"] if p["value_added_cny"]]
        sites = {p["site"] for p in stating}
        emitted = total(self.emissions(i, view) for i in own if self.calculations[i]["site"] in sites)
        added = total(float(p["value_added_cny"]) for p in stating)
        rows.append(_intensity("value_added", "1e4 CNY", emitted, added / 1e4))
        return [row for row in rows if row]

    def lines(self, view: str) -> list[dict[str, Any]]:
        return [self._line(identifier, view) for identifier in self.calculations if identifier in self.amounts]

    def _line(self, identifier: str, view: str) -> dict[str, Any]:
        calculation = self.calculations[identifier]
        record = self.view(identifier, view)
        value = self._value(identifier, view)
        share = float(record["share"]) * record["sign"] if record["included"] else 0.0
        return {
            "id": identifier,
            "site": calculation["site"],
            "activity": calculation["activity"],
            "name_zh": calculation["name_zh"],
            "name_en": calculation["name_en"],
            "category": record["category"],
            "scope": record["scope"],
            "included": record["included"],
            "rule": record["rule"],
            "amount": canonical(self.amounts[identifier]),
            "unit": calculation["basis_unit"],
            "factor_ids": record["factor_ids"],
            "factor_value": record["factor_value"],
            "factor_unit": record["factor_unit"],
            "variant": record["variant"],
            "variants": record["variants"],
            "kgco2e": canonical(value),
            "kgco2e_location": canonical(self._value(identifier, "location")),
            "kgco2e_market": canonical(self._value(identifier, "market")),
            "kgco2e_method": canonical(self._value(identifier, "method")),
            "gases_kg": {
                gas: canonical(self.amounts[identifier] * float(mass) * share) for gas, mass in record["gases"].items()
            },
            "quality": calculation["stream"]["quality"],
            "months": {
                month: canonical(amount * per_unit(record) if record["included"] else 0.0)
                for month, amount in sorted(self.monthly[identifier].items())
            },
        }

    def _value(self, identifier: str, view: str) -> float:
        return self.emissions(identifier, view) if self.view(identifier, view)["included"] else 0.0


def per_unit(record: Record) -> float:
    """Return the signed kg CO2e per basis unit of one calculation in one view, with the organisation's share."""
    weighted = (
        float(mass) * float(record["weights"][gas]) for gas, mass in record["gases"].items() if not is_apart(gas)
    )
    return float(record["sign"]) * float(record["share"]) * total(weighted)


def _intensity(of: str, unit: str, emitted: float, amount: float) -> dict[str, str]:
    if amount <= 0:
        return {}
    return {"of": of, "unit": unit, "amount": canonical(amount), "kgco2e_per_unit": canonical(emitted / amount)}
