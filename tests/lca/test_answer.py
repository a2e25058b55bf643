"""`factors match`: one figure with all that stands behind it."""

from __future__ import annotations

from datetime import date

import pytest

from factors.errors import FactorNotFound
from lca.answer import Question, answer
from lca.errors import UnknownParameterSet
from tests.lca.ledgers import library


def ask(activity: str, region: str, on: str, **given: str) -> dict[str, object]:
    return answer(Question(activity, region, date.fromisoformat(on), **given), library())


@pytest.mark.parametrize(
    ("question", "factor", "value", "unit", "variant"),
    [
        # MEE/NBS 2022, Guangdong
        (("electricity", "CN-GD", "2022-12-31", {}), "cn-elec-2022-cn-gd", "0.4403", "kg CO2/kWh", "exact"),
        (("electricity", "CN-GD", "2022-12-31", {"unit": "MWh"}), "cn-elec-2022-cn-gd", "440.3", "kg CO2/MWh", "exact"),
        # 389.31 × 15.3 × 0.99 × 44/12 / 1000, printed rounded as 21.6219
        (
            ("natural_gas", "CN", "2024-06-30", {"parameter_set": "ndrc2013"}),
            "cn-fuel-ndrc2013-natural-gas-co2", "21.62188809", "t CO2/10^4 Nm3", "default",
        ),
        # 43.0 TJ/Gg × 74 100 kg/TJ
        (("diesel", "DE", "2025-06-30", {}), "ipcc-efdb-117453", "3186.3", "kg CO2/t", "default"),
        # 42.652 GJ/t × 0.06291 kg CO2e/kWh / 3.6 × 1000; 38.931 MJ/Nm3 × 0.03347 / 3.6
        (
            ("diesel_supply", "CN-HB", "2025-06-30", {}),
            "desnz2025-11-101-1012-7-1", "745.3437", "kg CO2e/t", "other_region",
        ),
        (
            ("natural_gas_supply", "CN", "2025-06-30", {"unit": "Nm3", "purpose": "footprint"}),
            "desnz2025-11-100-1004-7-1", "0.361950158333", "kg CO2e/Nm3", "other_region",
        ),
        (("refrigerant_r410a", "CN", "2025-01-01", {}), "gwp-ar6-r-410a", "2255.5", "kg CO2e/kg", "exact"),
        (("steam_purchased", "CN", "2025-01-01", {}), "cn-heat-default", "0.11", "t CO2/GJ", "default"),
        (
            ("limestone_calcined", "CN", "2025-01-01", {"unit": "kg"}),
            "cn-proc-carbonate-caco3", "0.4397", "kg CO2/kg", "default",
        ),
        (
            ("electricity", "CN-HB", "2023-01-01", {"method": "inventory.cn_gbt32150"}),
            "cn-elec-2023-national", "0.5306", "kg CO2/kWh", "exact",
        ),
        (
            ("electricity", "CN", "2024-01-01", {"purpose": "footprint"}),
            "cn-elec-fp-2024-average", "0.5777", "kg CO2e/kWh", "exact",
        ),
        # CETS-AG-04.01: 0.02 × 6630 + 0.0011 × 11100
        (
            ("aluminium_anode_effect", "CN", "2025-01-01", {"method": "inventory.cn_gbt32150.primary_aluminium"}),
            "cn-proc-al-cf4-2024", "144.81", "kg CO2e/t", "default",
        ),
        # 15.6 GJ × 112 kg/GJ of biogenic CO2 stays beside: 0.468 × 27.0 + 0.0624 × 273
        (("wood_biomass", "CN", "2025-01-01", {}), "ipcc-efdb-117485", "29.6712", "kg CO2e/t", "default"),
        # energy: 15.32 kgC/GJ × 0.99 × 44/12
        (
            ("natural_gas", "CN", "2024-01-01", {"unit": "GJ"}),
            "cn-fuel-mee-ets-natural-gas-co2", "55.6116", "kg CO2/GJ", "default",
        ),
    ],
)  # fmt: skip
def test_the_figure(
    question: tuple[str, str, str, dict[str, str]], factor: str, value: str, unit: str, variant: str
) -> None:
    activity, region, on, given = question
    found = ask(activity, region, on, **given)
    assert (found["factor_id"], found["value"], found["unit"], found["variant"]) == (factor, value, unit, variant)


def test_gases_of_one_publication_are_summed_with_the_methods_potentials() -> None:
    # DESNZ 2025 kg CO2e (AR5) per kWh net: 0.20229, CH4 0.00031 / 28 × 29.8, N2O 0.0001 / 265 × 273
    found = ask("natural_gas", "GB", "2025-06-30", unit="kWh_net")
    assert float(str(found["value"])) == pytest.approx(0.20229 + 0.00031 / 28 * 29.8 + 0.0001 / 265 * 273, rel=1e-9)
    assert [part["value"] for part in found["parts"]] == ["0.20229", "0.00031", "0.0001"]  # type: ignore[index, attr-defined]


def test_the_candidates_it_beat_are_named_with_reasons() -> None:
    found = ask("electricity", "CN-GD", "2022-12-31")
    beaten = {one["factor_id"]: one["reason"] for one in found["candidates"]}  # type: ignore[attr-defined, index]
    assert beaten["cn-elec-2022-national"] == "wider-region"
    assert beaten["cn-elec-2023-cn-gd"] == "later-year"


def test_missing_is_a_question() -> None:
    with pytest.raises(FactorNotFound):
        ask("electricity", "DE", "2024-01-01")
    with pytest.raises(UnknownParameterSet, match="mee-ets"):
        ask("natural_gas", "CN", "2024-01-01", parameter_set="no-such-set")


def test_a_fuel_missing_in_the_wanted_set_falls_back_and_says_so() -> None:
    found = ask("bituminous_coal", "CN-GD", "2025-03-31", parameter_set="mee-ets")
    assert found["variants"][0] == "fallback_set"  # type: ignore[index]
