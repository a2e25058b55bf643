"""The formulas of product footprints by the name that an example gives them, each calling what the product calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lca import allocation, battery, cbam, modules, pact, power_mix, recycling, vehicle
from lca.carbon_balance import biogenic_residual, land_use_change, uptake_kgco2
from lca.footprint_method import load
from lca.formulas import FORMULAS
from lca.formulas.measured import number
from lca.numbers import total

Inputs = dict[str, Any]


def value(given: Any) -> Any:
    """Return an input: a number from its text, a parameter of a method, or the same inside lists and mappings."""
    if isinstance(given, str):
        return number(given)
    if isinstance(given, list):
        return [value(item) for item in given]
    if isinstance(given, Mapping) and "method" in given:
        return number(_of_method(given))
    if isinstance(given, Mapping):
        return {key: value(item) for key, item in given.items()}
    return given


def _of_method(given: Mapping[str, str]) -> str:
    method = load(given["method"])
    found = {
        "parameter": method.parameters,
        "a": method.recycling.a,
        "quality": method.recycling.quality,
        "field": {"lifetime_km": method.lifetime_km, "b": method.recycling.b},
    }
    key = next(key for key in given if key != "method")
    parameter = found[key][given[key]]
    assert parameter is not None
    return parameter.value


def _end(x: Inputs) -> recycling.EndOfLife | None:
    return recycling.EndOfLife(x["r2"], x.get("r3", 0.0)) if "r2" in x else None


def _grave(x: Inputs) -> recycling.EndOfLife:
    end = _end(x)
    assert end is not None
    return end


def _cff(x: Inputs) -> recycling.Weights:
    energy = recycling.EnergyRecovery(x["lhv"], x["x_heat"], x["x_el"]) if "lhv" in x else None
    return recycling.cff(x["r1"], _grave(x), a=x["a"], b=x["b"], qs_in=x["qs_in"], qs_out=x["qs_out"], energy=energy)


def _products(x: Inputs) -> list[allocation.CoProduct]:
    return [allocation.CoProduct(str(row), amount, "kg") for row, (amount, _) in enumerate(x["products"])]


def _per_kg_of(x: Inputs, shares: allocation.Shares) -> float:
    row = int(x["index"])
    return allocation.per_unit(x["total"], shares[str(row)], x["products"][row][0])


def _economic(x: Inputs) -> float:
    prices = {str(row): {2025: allocation.PerUnit(price, "CNY/kg")} for row, (_, price) in enumerate(x["products"])}
    return _per_kg_of(x, allocation.by_value(_products(x), prices, [2025]))


def _rating(x: Inputs) -> float:
    scale = load("pact.3.0").data_quality
    assert scale.best is not None
    assert scale.worst is not None
    found = pact.data_quality_rating(x["parts"], number(scale.best.value), number(scale.worst.value))
    assert found is not None
    return found


def _primary(x: Inputs) -> float:
    found = pact.primary_data_share(x["parts"])
    assert found is not None
    return found


def _electricity_use(x: Inputs) -> float:
    efficiency = x.get("charging_efficiency")
    measured_at: Any = "plug" if efficiency is None else "battery"
    return vehicle.electricity_use(x["kwh_per_100km"], x["lifetime_km"], x["kgco2e_per_kwh"], measured_at, efficiency)


def _fuel_use(x: Inputs) -> float:
    return vehicle.fuel_use(x["l_per_100km"], x["lifetime_km"], x["kgco2_per_l"], x["upstream_per_l"])


def _total_energy(x: Inputs) -> float:
    years = battery.service_years(x["warranty_years"], x["warranty_km"], x["km_per_year"])
    return battery.total_energy_kwh(x["usable_kwh"], x["cycles_per_year"], years)


def _concrete(x: Inputs) -> float:
    return modules.concrete(x["a1"], x["a2"], power_mix.blend(x["plant"]), x["loss"])


def _good(x: Inputs) -> cbam.Good:
    inputs = tuple(cbam.Precursor(_good(one), one["mass"]) for one in x.get("precursors", ()))
    return cbam.Good("good", cbam.Embedded(x["own"], 0.0), inputs, x.get("is_exempt", False))


def _published(x: Inputs) -> float:
    formula = FORMULAS["published"]
    return total(amount * formula.gases({"factor.CO2": factor})["CO2"] for amount, factor in x["parts"])


COMPUTED: Mapping[str, Callable[[Inputs], float]] = MappingProxyType(
    {
        "allocation.economic": _economic,
        "allocation.mass": lambda x: _per_kg_of(x, allocation.by_mass(_products(x))),
        "battery.per_kwh": lambda x: battery.per_kwh(x["stages"], x["energy_kwh"]),
        "battery.total_energy": _total_energy,
        "carbon.biogenic_residual": lambda x: biogenic_residual(x["parts"]),
        "carbon.land_use_change": lambda x: land_use_change(**x),
        "carbon.uptake": lambda x: uptake_kgco2(**x),
        "cbam.attributed_direct": lambda x: cbam.attributed_direct(**x),
        "cbam.by_clinker_content": lambda x: cbam.by_clinker_content(**x),
        "cbam.certificates": lambda x: cbam.certificates(**x),
        "cbam.cogeneration": lambda x: cbam.cogeneration_heat_share(**x),
        "cbam.embedded": lambda x: cbam.embedded(_good(x)).direct,
        "cbam.embedded_free_allocation": lambda x: cbam.embedded_free_allocation(**x),
        "cbam.heat": lambda x: cbam.heat_emissions(**x),
        "cbam.marked_up": lambda x: cbam.marked_up(**x),
        "cbam.process_free_allocation": lambda x: cbam.process_free_allocation(**x),
        "cbam.reconciliation": lambda x: cbam.reconciliation_factor(**x),
        "cbam.waste_gas": lambda x: cbam.waste_gas(**x),
        "electricity.blend": lambda x: power_mix.blend(x["parts"]),
        "electricity.consumption": lambda x: power_mix.consumption_factor(**x),
        "electricity.residual": lambda x: power_mix.residual_mix(**x),
        "en15804.d": lambda x: recycling.per_kg(recycling.module_d(x["m_out"], x["m_in"], x["quality"]), x),
        "modules.carbonation_in_use": lambda x: modules.carbonation_in_use(**x),
        "modules.carbonation_potential": lambda x: modules.carbonation_potential(**x),
        "modules.cement": lambda x: modules.cement(**x),
        "modules.concrete": _concrete,
        "pact.data_quality_rating": _rating,
        "pact.excluding_uptake": lambda x: pact.headline(pact.Components(**x)).excluding_uptake,
        "pact.including_uptake": lambda x: pact.headline(pact.Components(**x)).including_uptake,
        "pact.primary_data_share": _primary,
        "process.published": _published,
        "recycling.5050": lambda x: recycling.per_kg(recycling.fifty_fifty(x["r1"], _grave(x)), x),
        "recycling.cff": lambda x: recycling.per_kg(_cff(x), x),
        "recycling.cutoff": lambda x: recycling.per_kg(recycling.cutoff(x["r1"], _end(x)), x),
        "recycling.iso14067_closed": lambda x: recycling.per_kg(recycling.iso14067_closed(x["r"]), x),
        "recycling.iso14067_open": lambda x: recycling.per_kg(recycling.iso14067_open(x["r"], x["a"]), x),
        "recycling.scrap_value": lambda x: recycling.per_kg(recycling.scrap_value(x["scrap_yield"]), x),
        "recycling.worldsteel": lambda x: recycling.per_kg(
            recycling.worldsteel_net_scrap(x["recovered"], x["scrap_in"], x["scrap_yield"]), x
        ),
        "vehicle.electricity_use": _electricity_use,
        "vehicle.fuel_use": _fuel_use,
        "vehicle.hydrogen_use": lambda x: vehicle.hydrogen_use(**x),
        "vehicle.parts": lambda x: vehicle.parts_kgco2e(
            vehicle.Part("part", one["amount"], one["factor"], one.get("utilisation", 1.0)) for one in x["parts"]
        ),
        "vehicle.per_km": lambda x: vehicle.g_per_km(**x),
        "vehicle.plug_in_use": lambda x: vehicle.plug_in_use(x["utility_factor"], _electricity_use(x), _fuel_use(x)),
        "vehicle.refrigerant": lambda x: vehicle.refrigerant_lost_kg(**x),
        "vehicle.replacements": lambda x: vehicle.replacements(**x),
        "yield.chain": lambda x: recycling.input_mass(**x),
    }
)
"""Formula -> what it gives for the inputs of an example."""


def computed(case: Mapping[str, Any]) -> float:
    """Return the figure of a case that names a formula of product footprints."""
    return COMPUTED[case["formula"]](value(case["inputs"]))
