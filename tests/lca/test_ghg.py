"""The inventory as a whole; each expected value is worked out by hand in the comment beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from factors.match import Overlay, OwnFactor
from lca.errors import (
    DeductionAppliedTwice,
    DeductionWithoutClinker,
    RowsOutsidePeriod,
    SnapshotInvalid,
    Unanswered,
)
from lca.ghg import Meta, recompute
from lca.ledger import Ledger, Organisation, Product, Site
from lca.parts import build
from lca.snapshot import canonical_bytes, digest
from tests.lca.ledgers import HUBEI, certificate, inventory, ledger, library, line, results, stream

POWER = stream()


def kg(text: str) -> float:
    return float(text)


def test_location_takes_the_province_and_market_the_residual_mean() -> None:
    # 1 200 kWh in Hubei, 2023: 1200 × 0.4044 = 485.28; market rest 1200 × 0.6096 = 731.52 kg.
    found = results(ledger((POWER, "2023-03", "1200")))
    assert (found["total_location_kgco2e"], found["total_market_kgco2e"]) == ("485.28", "731.52")
    assert found["by_scope"]["location"] == {"1": "0", "2": "485.28", "3": "0"}
    assert line(found, "electricity")["variant"] == "exact"


def test_the_chinese_method_takes_the_value_it_prescribes() -> None:
    # National mean of 2023: 1200 × 0.5306 = 636.72 kg.
    found = results(ledger((POWER, "2023-03", "1200")), "inventory.cn_gbt32150")
    assert (found["total_kgco2e"], found["headline"]) == ("636.72", "method")
    assert found["total_location_kgco2e"] == "485.28"


def test_a_fuel_under_three_structures() -> None:
    # 2 ×10^4 Nm3, ETS set: NCV 389.31, CC 15.32, OF 0.99: CO2 = 2×389.31×15.32×0.99×44/12 = 43300.3956… kg.
    co2 = 2 * 389.31 * 15.32 * 0.99 * 44 / 12
    # CH4 1 and N2O 0.1 kg/TJ of 778.62 GJ: 0.77862 and 0.077862 kg; AR6 29.8 and 273.
    other = 0.77862 * 29.8 + 0.077862 * 273
    gas = stream("natural_gas", "1e4Nm3")
    ghgp = results(ledger((gas, "2025-01", "2")))
    assert kg(ghgp["total_kgco2e"]) == pytest.approx(co2 + other, rel=1e-11)
    assert {g: kg(v) for g, v in ghgp["by_gas_kg"].items()} == pytest.approx(
        {"CO2": co2, "CH4_fossil": 0.77862, "N2O": 0.077862}, rel=1e-11
    )
    # GB/T 32150, third batch (2015): 15.30 tC/TJ, CO2 alone.
    chinese = results(ledger((gas, "2025-01", "2")), "inventory.cn_gbt32150")
    assert kg(chinese["total_kgco2e"]) == pytest.approx(2 * 389.31 * 15.30 * 0.99 * 44 / 12, rel=1e-11)


def test_the_unit_handed_in_does_not_change_the_result() -> None:
    per_normal_metre = results(ledger((stream("natural_gas", "Nm3"), "2025-01", "20000")))
    per_ten_thousand = results(ledger((stream("natural_gas", "1e4Nm3"), "2025-01", "2")))
    assert per_normal_metre["total_kgco2e"] == per_ten_thousand["total_kgco2e"]


def test_cubic_metres_of_gas_need_their_conditions() -> None:
    with pytest.raises(Unanswered, match="state temperature and pressure"):
        results(ledger((stream("natural_gas", "m3"), "2025-01", "100")))
    # 100 m3 at 20 degC and 101.325 kPa are 100 × 273.15/293.15 = 93.177554… Nm3.
    stated = stream("natural_gas", "m3", parameters=(("gas_pressure_kpa", "101.325"), ("gas_temperature_c", "20")))
    found = results(ledger((stated, "2025-01", "100")))
    normal = results(ledger((stream("natural_gas", "Nm3"), "2025-01", str(100 * 273.15 / 293.15))))
    assert kg(found["total_kgco2e"]) == pytest.approx(kg(normal["total_kgco2e"]), rel=1e-9)


def test_litres_of_a_fuel_need_its_density() -> None:
    with pytest.raises(Unanswered, match="density_kg_per_l"):
        results(ledger((stream("diesel_road", "l"), "2025-01", "1000")))
    # 1000 l x 0.84 kg/l = 840 kg = 0.84 t
    stated = results(
        ledger((stream("diesel_road", "l", parameters=(("density_kg_per_l", "0.84"),)), "2025-01", "1000"))
    )
    tonnes = results(ledger((stream("diesel_road", "t"), "2025-01", "0.84")))
    assert kg(stated["total_kgco2e"]) == pytest.approx(kg(tonnes["total_kgco2e"]), rel=1e-12)


LABORATORY = (
    ("basis", "as_received"),
    ("laboratory", "CNAS L0000"),
    ("sampling", "daily"),
    ("weighting", "consumption"),
)


@pytest.mark.parametrize("method", ["inventory.ghgp", "inventory.cn_gbt32150.other_nonferrous"])
def test_measured_carbon_takes_the_place_of_calorific_value_and_default(method: str) -> None:
    # 1000 t x 0.55 tC/t x 0.99 x 44/12 = 1 996 500 kg CO2; CH4 and N2O stay with the calorific value.
    said = (("carbon_fraction_tc_per_t", "0.55"), *LABORATORY, ("oxidation", "0.99"))
    found = results(ledger((stream("bituminous_coal", "t", parameters=tuple(sorted(said))), "2025-01", "1000")), method)
    plain = results(ledger((stream("bituminous_coal", "t"), "2025-01", "1000")), method)
    one = line(found, "bituminous_coal")
    assert kg(found["by_gas_kg"]["CO2"]) == pytest.approx(1_996_500, rel=1e-11)
    assert {gas: mass for gas, mass in found["by_gas_kg"].items() if gas != "CO2"} == {
        gas: mass for gas, mass in plain["by_gas_kg"].items() if gas != "CO2"
    }
    assert one["variant"] == "measured"
    assert not [identifier for identifier in one["factor_ids"] if identifier.endswith("-cc")]


def test_measured_carbon_of_a_steel_makers_material() -> None:
    # 10 t of electrodes with 0.99 tC/t: 10 x 0.99 x 44/12 = 36.3 t CO2.
    said = tuple(sorted((("carbon_fraction_tc_per_t", "0.99"), *LABORATORY)))
    made = ledger((stream("steel_electrode", "t", parameters=said), "2025-01", "10"))
    found = results(made, "inventory.cn_gbt32150.steel")
    assert kg(found["by_gas_kg"]["CO2"]) == pytest.approx(36_300, rel=1e-11)


def test_wastewater_by_volume() -> None:
    # 1000 m3 x (3 - 0.5) kg/m3 x 0.25 x 0.3 = 187.5 kg CH4 (B0 and MCF of the general guideline)
    given = (("cod_in", "3"), ("cod_out", "0.5"))
    found = results(ledger((stream("wastewater_aerobic_overloaded", "m3", parameters=given), "2025-01", "1000")))
    assert kg(found["by_gas_kg"]["CH4_biogenic"]) == pytest.approx(187.5, rel=1e-12)


def test_gas_lost_when_products_are_filled() -> None:
    # 1000 x 0.342 mol x 146.048 g/mol = 49.948416 kg
    filled = stream("filling_sf6", "piece", parameters=(("molar_mass", "146.048"),))
    found = results(ledger((filled, "2025-01", "1000")), "inventory.cn_gbt32150.machinery")
    assert kg(found["by_gas_kg"]["SF6"]) == pytest.approx(49.948416, rel=1e-12)


def test_nitrous_oxide_of_nitric_acid_less_what_was_destroyed() -> None:
    # O16: 10000 t x 8.0 kg/t x (1 - 0.8 x 0.95) = 19200 kg N2O
    given = (("abatement_efficiency", "0.8"), ("abatement_uptime", "0.95"))
    found = results(ledger((stream("nitric_acid_dual_pressure", "t", parameters=given), "2025-01", "10000")))
    assert kg(found["by_gas_kg"]["N2O"]) == pytest.approx(19200, rel=1e-12)


def test_what_another_party_reported_counts_by_its_share() -> None:
    given = (("share", "0.25"),)
    made = ledger((stream("reported_investments", "tCO2e", parameters=given), "2025-01", "40"), (POWER, "2025-01", "1"))
    one = line(results(made), "reported_investments")
    assert (kg(one["kgco2e"]), one["variant"], one["category"]) == (10_000, "supplier", "s3.15")


def test_fuel_given_as_energy() -> None:
    # 100 GJ of coal gas at 15.32 kgC/GJ and 0.99: 100×15.32×0.99×44/12 kg CO2.
    found = results(ledger((stream("natural_gas", "GJ"), "2025-01", "100")))
    assert kg(found["by_gas_kg"]["CO2"]) == pytest.approx(100 * 15.32 * 0.99 * 44 / 12, rel=1e-11)


def test_the_supply_chain_of_fuels_is_scope_3_category_3_and_outside_the_chinese_methods() -> None:
    """1000 Nm3 x 38.931 MJ x 0.03347 kg/kWh / 3.6 + 10 GJ x 0.06291 / 3.6 x 1000 = 361.950 + 174.75 kg CO2e."""
    made = ledger(
        (stream("natural_gas_supply", "Nm3"), "2025-03", "1000"), (stream("diesel_supply", "GJ"), "2025-03", "10")
    )
    found = results(made)
    assert float(found["total_kgco2e"]) == pytest.approx(1000 * 38.931 * 0.03347 / 3.6 + 174.75)
    gas = line(found, "natural_gas_supply")
    assert (gas["category"], gas["variant"]) == ("s3.3", "other_region")
    iso = {one["id"]: one for one in results(made, "inventory.iso14064_2018")["by_category"]}
    assert float(iso["4.1"]["kgco2e"]) == pytest.approx(float(found["total_kgco2e"]))
    assert float(results(made, "inventory.cn_gbt32150")["total_kgco2e"]) == 0


def test_measured_properties_replace_defaults_only_when_all_is_stated() -> None:
    said = (
        ("basis", "as_received"),
        ("laboratory", "CNAS L0000"),
        ("ncv_gj_per_t", "21.3"),
        ("weighting", "consumption"),
    )
    with pytest.raises(Unanswered, match="sampling"):
        results(ledger((stream("bituminous_coal", "t", parameters=said), "2025-01", "10")))
    full = tuple(sorted((*said, ("sampling", "GB/T 475, each batch"))))
    found = results(ledger((stream("bituminous_coal", "t", parameters=full), "2025-01", "10")), "inventory.cn_gbt32150")
    # 10 × 21.3 × 26.18 × 0.93 × 44/12
    assert kg(found["total_kgco2e"]) == pytest.approx(10 * 21.3 * 26.18 * 0.93 * 44 / 12, rel=1e-11)
    assert line(found, "bituminous_coal")["variant"] == "measured"


def test_stocks_turn_purchases_into_consumption() -> None:
    # 100 t bought, 30 t in stock before, 20 after, 10 sold: 100 t burned (diesel: 42.652 × 20.20 × 0.98 × 44/12 kg/t).
    stocks = (("closing", "20"), ("opening", "30"), ("sold", "10"))
    found = results(ledger((stream("diesel", "t", parameters=stocks), "2025-01", "100")), "inventory.cn_gbt32150")
    plain = results(ledger((stream("diesel", "t"), "2025-01", "100")), "inventory.cn_gbt32150")
    assert found["total_kgco2e"] == plain["total_kgco2e"]
    more = tuple(sorted((*dict(stocks).items(), ("other_uses", "5"))))
    less = results(ledger((stream("diesel", "t", parameters=more), "2025-01", "100")), "inventory.cn_gbt32150")
    assert kg(less["total_kgco2e"]) == pytest.approx(0.95 * kg(plain["total_kgco2e"]), rel=1e-11)
    with pytest.raises(Unanswered, match="below zero"):
        results(ledger((stream("diesel", "t", parameters=(("closing", "500"),)), "2025-01", "100")))


def test_stocks_stand_in_the_unit_of_the_amount() -> None:
    # 2 t of shielding CO2 bought, 0.5 t more in stock at the end: 1.5 t used, all of it CO2.
    gas = stream("welding_gas", "t", parameters=(("closing", "0.5"), ("opening", "0"), ("p_co2", "1")))
    assert results(ledger((gas, "2025-01", "2")), "inventory.cn_gbt32150.machinery")["total_kgco2e"] == "1500"


def test_a_parameter_that_no_formula_knows_is_told() -> None:
    odd = stream("diesel", "t", parameters=(("ncv_gj_pr_t", "43"),))
    warnings = inventory(ledger((odd, "2025-01", "1"))).snapshot["warnings"]
    assert [(w["line"], w["params"]["parameters"]) for w in warnings if w["code"] == "unknown_parameters"] == [
        ("L001", "ncv_gj_pr_t")
    ]


def test_biomass_carbon_stands_beside_the_total() -> None:
    # 1 t of wood: 15.6 GJ × 112 kg/GJ = 1747.2 kg biogenic CO2; CH4 0.468 × 27.0, N2O 0.0624 × 273.
    found = results(ledger((stream("wood_biomass", "t"), "2025-01", "1")))
    assert found["biogenic_co2_kg"] == "1747.2"
    assert kg(found["total_kgco2e"]) == pytest.approx(0.468 * 27.0 + 0.0624 * 273, rel=1e-11)
    assert "CO2_biogenic" not in found["by_gas_kg"]


def test_an_unsplit_factor_stays_unsplit_and_is_warned_of() -> None:
    frozen = inventory(ledger((stream("freight_road_diesel_30t", "tkm"), "2025-01", "1000")))
    # GB/T 51366-2019 E.0.1: 0.078 kg CO2e/tkm.
    assert frozen.snapshot["results"]["by_gas_kg"] == {"CO2e": "78"}
    assert any(w["code"] == "unsplit_co2e" for w in frozen.snapshot["warnings"])


def test_published_co2e_of_a_gas_is_weighted_once() -> None:
    # DESNZ 2025 UK electricity: CH4 0.0009 kg CO2e (AR5: 28) = 0.0000321428… kg CH4; AR6 fossil 29.8.
    london = Site("S1", "伦敦", "London", "GB")
    found = results(ledger((POWER, "2025-01", "1000"), sites=(london,)))
    assert kg(found["by_gas_kg"]["CH4_fossil"]) == pytest.approx(0.9 / 28, rel=1e-11)
    expected = 174.89 + 0.9 / 28 * 29.8 + 1.22 / 265 * 273
    assert kg(found["total_kgco2e"]) == pytest.approx(expected, rel=1e-11)


def test_exports_and_bound_carbon_are_gross_in_ghgp_and_deducted_in_the_chinese_structure() -> None:
    out = stream("electricity_exported")
    made = ledger((POWER, "2023-01", "1000"), (out, "2023-01", "400"))
    assert results(made)["total_kgco2e"] == "404.4"  # 1000 × 0.4044
    assert results(made, "inventory.cn_gbt32150")["total_kgco2e"] == "318.36"  # 600 × 0.5306
    steel = ledger(
        (stream("steel_electrode", "t"), "2025-01", "1"), (stream("carbon_fixed_crude_steel", "t"), "2025-01", "10")
    )
    # 3.663 t − 10 × 0.037 t
    assert results(steel, "inventory.cn_gbt32150.steel")["total_kgco2e"] == "3293"
    assert results(steel)["total_kgco2e"] == "3663"


def test_the_bridge_explains_every_kilogram() -> None:
    made = ledger(
        (POWER, "2025-01", "1000"),
        (stream("electricity_exported"), "2025-01", "100"),
        (stream("natural_gas", "1e4Nm3"), "2025-01", "2"),
        (stream("refrigerant_r134a", "kg"), "2025-01", "3"),
        (stream("freight_rail", "tkm"), "2025-01", "1000"),
        (stream("wood_biomass", "t"), "2025-01", "5"),
        instruments=(certificate("A001", "A010", "300"),),
    )
    for method in ("inventory.ghgp", "inventory.cn_gbt32150", "inventory.cn_gbt32150.machinery"):
        found = results(made, method)
        bridge = found["bridge"]
        assert bridge["unexplained"] == {"market": "0", "method": "0"}
        for target in ("market", "method"):
            moved = sum(Decimal(rule[f"location_to_{target}"]) for rule in bridge["rules"])
            difference = Decimal(found[f"total_{target}_kgco2e"]) - Decimal(found["total_location_kgco2e"])
            assert float(moved) == pytest.approx(float(difference), rel=1e-9, abs=1e-6)
    rules = {
        rule["rule"]: kg(rule["location_to_method"])
        for rule in results(made, "inventory.cn_gbt32150")["bridge"]["rules"]
    }
    assert rules["cn-no-scope3"] == -10  # 1000 tkm × 0.010
    assert rules["cn-exported-electricity"] == pytest.approx(-53.06)  # 100 × 0.5306
    assert rules["other-factor"] == pytest.approx(
        1000 * (0.5306 - 0.4044) + 2 * 389.31 * (15.30 - 15.32) * 0.99 * 44 / 12
    )


def test_an_instrument_lowers_the_market_total_once() -> None:
    good, doubled = certificate("A001", "A010", "300"), certificate("A005", "A012", "300")
    found = inventory(ledger((POWER, "2025-01", "1000"), instruments=(good, doubled))).snapshot
    # (1000 − 300) × 0.6096
    assert found["results"]["total_market_kgco2e"] == "426.72"
    assert [i["refused"] for i in found["instruments"]] == ["", "claimed-twice"]
    assert [i["used_kwh"] for i in found["instruments"]] == ["300", "0"]
    assert found["results"]["total_location_kgco2e"] == "404.4"


def test_the_pool_never_covers_more_than_is_bought() -> None:
    found = inventory(ledger((POWER, "2025-01", "1000"), instruments=(certificate("A1", "A5", "5000"),))).snapshot
    assert found["results"]["total_market_kgco2e"] == "0"
    assert found["instruments"][0]["used_kwh"] == "1000"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"technology": "煤电"}, "technology-not-zero-carbon"),
        ({"kind": "direct_supply", "technology": ""}, "technology-not-zero-carbon"),
        ({"number_to": "A2", "amount_kwh": "2000.1"}, "too-few-certificates"),  # two of 1,000 kWh each
        ({"retired_on": date(2024, 12, 31)}, "retired-before-generated"),
    ],
)
def test_certificates_that_cannot_be_what_they_say_are_refused(wrong: dict[str, Any], reason: str) -> None:
    found = inventory(
        ledger((POWER, "2025-01", "5000"), instruments=(replace(certificate("A1", "A1", "300"), **wrong),))
    )
    assert found.snapshot["instruments"][0]["refused"] == reason
    assert found.snapshot["results"]["total_market_kgco2e"] == "3048"  # 5000 × 0.6096


def test_direct_supply_counts_in_the_chinese_structure_and_a_certificate_does_not() -> None:
    certified = results(
        ledger((POWER, "2025-01", "1000"), instruments=(certificate("A1", "A1", "300"),)), "inventory.cn_gbt32150"
    )
    assert certified["total_kgco2e"] == "530.6"
    direct = certificate("", "", "300", kind="direct_supply", site="S1", contract="C1")
    supplied = results(ledger((POWER, "2025-01", "1000"), instruments=(direct,)), "inventory.cn_gbt32150")
    assert supplied["total_kgco2e"] == "371.42"  # 700 × 0.5306


def test_clinker_deductions_stop_at_zero_and_belong_to_a_line() -> None:
    def made(slag: str, deduct_line: str = "K1") -> dict[str, object]:
        clinker = stream("clinker_portland", "t", process_line="K1")
        deduct = stream("cement_deduct_carbide_slag", "t", process_line=deduct_line)
        return results(ledger((clinker, "2025-01", "100"), (deduct, "2025-01", slag)), "inventory.cn_gbt32150.cement")

    assert made("10")["total_kgco2e"] == "48700"  # 100 × 535 − 10 × 480
    assert made("200")["total_kgco2e"] == "0"  # max(0, 53500 − 96000)
    with pytest.raises(DeductionWithoutClinker, match="K9"):
        made("10", "K9")
    with pytest.raises(Unanswered, match="process_line"):
        made("10", "")
    oxides = (("cao", "0.65"), ("cao_noncarbonate", "0"), ("mgo", "0.018"), ("mgo_noncarbonate", "0"))
    measured = stream("clinker_measured", "t", process_line="K1", parameters=oxides)
    deduct = stream("cement_deduct_carbide_slag", "t", process_line="K1")
    with pytest.raises(DeductionAppliedTwice):
        results(ledger((measured, "2025-01", "100"), (deduct, "2025-01", "1")), "inventory.cn_gbt32150.cement")


def test_equity_share_counts_a_part_of_a_site_and_a_legal_entity_all_of_it() -> None:
    half = replace(HUBEI, share_percent="40")
    company = Organisation("T", "测试公司", "Test company", approach="equity_share")
    made = ledger((POWER, "2023-01", "1000"), sites=(half,), organisation=company)
    assert results(made)["total_kgco2e"] == "161.76"  # 40 % of 404.4
    chinese = results(made, "inventory.cn_gbt32150")
    assert chinese["total_kgco2e"] == "530.6"
    assert chinese["bridge"]["unexplained"]["method"] == "0"
    shares = {rule["rule"]: rule["location_to_method"] for rule in chinese["bridge"]["rules"]}
    assert shares["boundary-share"] == "242.64"  # 60 % of 404.4


def test_energy_in_standard_coal_both_ways() -> None:
    company = Organisation(
        "T",
        "测试公司",
        "Test company",
        electricity_equivalent_kgce_per_kwh="0.3",
        electricity_equivalent_source="stated",
    )
    made = ledger((POWER, "2025-01", "1000"), (stream("diesel", "t"), "2025-01", "10"), organisation=company)
    energy = results(made, "inventory.cn_gbt32150")["energy"]
    diesel = 10 * 43.330 / 29.3076  # third batch NCV
    assert kg(energy["tce_calorific"]) == pytest.approx(0.1229 + diesel, rel=1e-11)
    assert kg(energy["tce_equivalent"]) == pytest.approx(0.3 + diesel, rel=1e-11)
    unstated = results(ledger((POWER, "2025-01", "1000")))["energy"]
    assert (unstated["tce_calorific"], unstated["tce_equivalent"]) == ("0.1229", None)


def test_a_million_rows_of_one_meter_stay_as_uncertain_as_the_meter() -> None:
    metered = stream(meter="M1", quality="measured", uncertainty_percent="2")
    one = results(ledger((metered, "2023-01", "1000")))
    many = results(ledger(*[(metered, "2023-01", "10")] * 100))
    # meter 2 %, factor "exact" 15 % by the method's assumption: sqrt(2² + 15²)
    assert kg(one["uncertainty"]["percent"]) == pytest.approx((4 + 225) ** 0.5, rel=1e-11)
    assert one["uncertainty"]["percent"] == many["uncertainty"]["percent"]


def test_intensities_per_product_and_value_added() -> None:
    product = Product("S1", "铝锭", "ingot", "50", "t", date(2023, 1, 1), date(2023, 12, 31), "100000")
    found = results(ledger((POWER, "2023-01", "1000"), products=(product,)))
    rows = {row["of"]: row["kgco2e_per_unit"] for row in found["intensities"]}
    assert rows == {"site:S1": "8.088", "value_added": "40.44"}  # 404.4 / 50; 404.4 / 10 (10^4 CNY)


def test_rows_outside_the_period_are_refused_by_name() -> None:
    made = ledger((POWER, "2025-01", "1"), (POWER, "2024-12", "1"))
    with pytest.raises(RowsOutsidePeriod, match="D2"):
        results(made)


def test_all_questions_are_asked_at_once_and_once() -> None:
    made = ledger(
        (stream(region="DE"), "2025-01", "1"),
        (stream(region="DE", name="other"), "2025-01", "1"),
        (stream("heat_purchased", "kWh", name="ok"), "2025-01", "1"),
        (stream("welding_gas", "t"), "2025-01", "1"),
    )
    with pytest.raises(Unanswered) as caught:
        results(made)
    assert caught.value.params["count"] == 2
    assert "no factor for 'electricity'" in str(caught.value)
    assert "p_co2" in str(caught.value)


def test_recompute_gives_the_same_bytes_and_sees_a_changed_operand() -> None:
    frozen = inventory(ledger((stream("diesel", "t"), "2025-01", "10.50"), (POWER, "2025-02", "3000")))
    stored = json.loads(canonical_bytes(frozen.snapshot))
    assert canonical_bytes(recompute(stored)) == canonical_bytes(frozen.snapshot)
    assert digest(stored) == frozen.sha256
    for path, value, problem in (
        (("valuations", "V001", "operands", 0, "value"), "0.5", "do not follow from the operands"),
        (("parts", 0, "lines", 0, 4), "11", "digest"),
        (("schema",), "other/1", "schema"),
    ):
        broken = json.loads(canonical_bytes(frozen.snapshot))
        spot = broken
        for step in path[:-1]:
            spot = spot[step]  # type: ignore[index]
        spot[path[-1]] = value  # type: ignore[index]
        with pytest.raises(SnapshotInvalid, match=problem):
            recompute(broken)


def test_a_changed_amount_of_a_part_changes_the_total() -> None:
    frozen = inventory(ledger((POWER, "2023-01", "10")))
    broken = json.loads(canonical_bytes(frozen.snapshot))
    part = broken["parts"][0]
    part["lines"][0][4] = next(iter(part["amounts"].values()))["amount"] = "20"
    part["sha256"] = digest(part["lines"])
    assert recompute(broken)["results"]["total_kgco2e"] == "8.088"
    assert canonical_bytes(recompute(broken)) != canonical_bytes(frozen.snapshot)


def _valuation(snapshot: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in snapshot["valuations"].values() if one["included"])  # type: ignore[no-any-return]


def _tenth(valuation: dict[str, Any]) -> None:
    """A tenth of the factor, its printed text kept; the gases follow from it."""
    valuation["operands"][0].update(value="0.04044")
    valuation["gases"].update(CO2="0.04044")


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a weight": (lambda s: _valuation(s)["weights"].update(CO2="0.1"), "the weight of CO2"),
    "no formula": (lambda s: _valuation(s).update(formula="", gases={"CO2": "0"}), "counted without a formula"),
    "left out": (lambda s: [v.update(included=False) for v in s["valuations"].values()], "though the method counts it"),
    "a sign": (lambda s: _valuation(s).update(sign=-1), "not the sign"),
    "a share": (lambda s: _valuation(s).update(share="0.5"), "the share is not"),
    "a printed value": (lambda s: _valuation(s)["operands"][0].update(printed="0.1"), "does not cite"),
    "a conversion": (lambda s: s["calculations"][0].update(conversion="0.001"), "the conversion does not follow"),
    "a claim": (lambda s: s["inventory"].update(claim="verified by TÜV"), "claim"),
    "lines gone": (lambda s: s["parts"][0].pop("lines"), "its lines are missing"),
    "an amount of nothing": (
        lambda s: s["parts"][0]["amounts"].update(zz={"amount": "1", "rows": 0, "end": "2023-01-31"}),
        "which nothing computes",
    ),
    "a value beside its print": (lambda s: _tenth(_valuation(s)), "does not follow from 0.4044"),
    "rounding away": (lambda s: s["method"]["rounding"]["decimals"].update(tco2e=9), "rounding of tco2e to 9"),
    "a source": (lambda s: s.update(sources={}), "is not described"),
    "another factor's name": (lambda s: next(iter(s["factors"].values())).update(id="x"), "calls itself x"),
    "a number that fills the memory": (
        lambda s: next(iter(s["parts"][0]["amounts"].values())).update(amount="1E+999999999"),
        "exponent",
    ),
    "any other shape": (lambda s: s.update(valuations=[]), "cannot be read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_snapshot_that_does_not_hold_together_is_refused(name: str) -> None:
    forge, told = FORGERIES[name]
    forged = json.loads(inventory(ledger((POWER, "2023-01", "10"))).content)
    forge(forged)
    with pytest.raises(SnapshotInvalid, match=told):
        recompute(forged)


MORE_FORGERIES: dict[str, tuple[str, str, dict[str, str], str]] = {
    "a share of the gas that nobody stated": (
        "welding_gas",
        "p_co2",
        {"p_ar": "0.8", "p_co2": "0.2"},
        "not what the datum",
    ),
    "a constant of the method": ("raw_meal_organic_carbon", "organic_carbon", {}, "does not follow from 0.001"),
}


@pytest.mark.parametrize("name", MORE_FORGERIES)
def test_an_operand_that_nobody_stated_is_refused(name: str) -> None:
    activity, key, given, told = MORE_FORGERIES[name]
    made = ledger((stream(activity, "t", parameters=tuple(sorted(given.items()))), "2025-01", "10"))
    method = "inventory.cn_gbt32150.machinery" if activity == "welding_gas" else "inventory.cn_gbt32150.cement"
    forged = json.loads(inventory(made, method).content)
    for valuation in forged["valuations"].values():
        for operand in valuation["operands"]:
            if operand["key"] == key and given:
                operand.update(text="0.1")
            elif operand["key"] == key:
                operand.update(value="0.0001")
    with pytest.raises(SnapshotInvalid, match=told):
        recompute(forged)


amounts = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False).map(str)


@settings(deadline=None)
@given(st.lists(amounts, min_size=1, max_size=12), st.randoms())
def test_the_order_of_rows_does_not_matter_and_the_sum_is_exact(texts: list[str], random: object) -> None:
    rows = [(POWER, "2023-01", text) for text in texts]
    (first,) = build(ledger(*rows))
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    (second,) = build(ledger(*shuffled))
    (entry,) = first.amounts.values()
    assert Decimal(entry["amount"]) == sum(map(Decimal, texts))
    assert first.amounts == second.amounts


@settings(deadline=None, max_examples=25)
@given(st.integers(min_value=1, max_value=10**6))
def test_twice_the_activity_is_twice_the_emissions(amount: int) -> None:
    once = kg(results(ledger((POWER, "2023-01", str(amount))))["total_kgco2e"])
    twice = kg(results(ledger((POWER, "2023-01", str(2 * amount))))["total_kgco2e"])
    assert twice == pytest.approx(2 * once, rel=1e-11)


def test_the_total_is_the_sum_of_scopes_of_lines_and_of_months() -> None:
    found = results(
        ledger(
            (POWER, "2025-01", "1000"),
            (POWER, "2025-02", "2000"),
            (stream("diesel", "t"), "2025-02", "3"),
            (stream("freight_rail", "tkm"), "2025-03", "500"),
        )
    )
    total = kg(found["total_kgco2e"])
    assert sum(kg(v) for v in found["by_scope"]["location"].values()) == pytest.approx(total)
    assert sum(kg(one["kgco2e"]) for one in found["lines"]) == pytest.approx(total)
    assert sum(kg(v) for v in found["by_month"].values()) == pytest.approx(total)
    assert sum(kg(v) for v in found["by_category"] and [c["kgco2e"] for c in found["by_category"]]) == pytest.approx(
        total
    )
    assert sum(kg(v) for v in found["by_gas_kgco2e"].values()) == pytest.approx(total)


def test_the_clock_and_the_name_are_the_callers() -> None:
    made = ledger((POWER, "2023-01", "1"))
    one = inventory(made, meta=Meta("A", "2026-01-01T00:00:00Z", "1"))
    two = inventory(made, meta=Meta("A", "2026-01-01T00:00:00Z", "1"))
    assert one.sha256 == two.sha256


def test_own_photovoltaic_power_lowers_no_purchase() -> None:
    own = certificate("", "", "200", kind="onsite", site="S1")
    made = ledger((POWER, "2025-01", "1000"), (stream("electricity_pv_own"), "2025-01", "200"), instruments=(own,))
    found = inventory(made).snapshot
    assert found["results"]["total_market_kgco2e"] == "609.6"
    assert found["instruments"][0]["used_kwh"] == "200"
    unlogged = inventory(ledger((POWER, "2025-01", "1000"), instruments=(own,))).snapshot
    assert "instrument_unused" in [one["code"] for one in unlogged["warnings"]]
    assert "instrument_unused" not in [one["code"] for one in found["warnings"]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"beneficiary": "另一公司"}, "another-beneficiary"),
        ({"retired_on": None}, "not-retired"),
        ({"valid_until": date(2025, 6, 30)}, "expired"),
        ({"generated_from": date(2024, 1, 1), "generated_to": date(2024, 1, 31)}, "outside-period"),
        ({"region": "GB"}, "another-market"),
        ({"amount_kwh": "0"}, "no-amount"),
        ({"site": "S9"}, "no-such-site"),
    ],
)
def test_instruments_are_refused_with_the_reason(change: dict[str, object], reason: str) -> None:
    found = inventory(
        ledger((POWER, "2025-01", "1000"), instruments=(certificate("A1", "A1", "300", **change),))
    ).snapshot
    assert found["instruments"][0]["refused"] == reason
    assert found["results"]["total_market_kgco2e"] == "609.6"
    assert any(w["code"] == "instrument_refused" and w["params"]["refused"] == reason for w in found["warnings"])


def test_a_certificate_bundled_with_a_direct_supply_counts_once() -> None:
    direct = certificate("", "", "300", kind="direct_supply", site="S1", contract="C1")
    bundled = certificate("A1", "A1", "300", contract="C1")
    found = inventory(ledger((POWER, "2025-01", "1000"), instruments=(direct, bundled))).snapshot
    assert [i["refused"] for i in found["instruments"]] == ["", "bundled-counted-once"]
    assert found["results"]["total_market_kgco2e"] == "426.72"


def test_a_year_without_emissions_has_no_percentages() -> None:
    product = Product("S1", "铝锭", "ingot", "0", "t", date(2023, 1, 1), date(2023, 12, 31))
    found = results(ledger((POWER, "2023-01", "0"), products=(product,)))
    assert (found["total_kgco2e"], found["uncertainty"]["percent"], found["data_quality"]["score"]) == ("0", None, None)
    assert found["intensities"] == []


def test_the_progress_callback_can_stop_the_computation() -> None:
    class Stopped(Exception):
        pass

    def stop(step: str, done: int, total: int) -> None:
        assert total == 3
        if step == "match":
            raise Stopped

    with pytest.raises(Stopped):
        inventory(ledger((POWER, "2023-01", "1")), progress=stop)


def test_an_organisations_own_factor_is_named_with_its_document() -> None:
    base = library().factors["cn-heat-default"]
    own = replace(base, id="own-heat", value="0.07", region="CN-HB", source="heat-plant-2025")
    overlay = Overlay((OwnFactor("heat_purchased", own, library().units[base.unit]),), "f" * 64)
    frozen = inventory(ledger((stream("heat_purchased", "GJ"), "2025-01", "10")), overlay=overlay).snapshot
    assert frozen["results"]["total_kgco2e"] == "700"
    assert frozen["overlay"]["sha256"] == "f" * 64
    assert frozen["factors"]["own-heat"]["value"] == "0.07"
    assert line(frozen["results"], "heat_purchased")["variant"] == "own_factor"


texts = st.text(max_size=8)


@settings(deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | texts
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )
)
def test_the_fast_encoder_writes_the_bytes_of_the_standard(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def market(made: Ledger, method: str = "inventory.ghgp") -> str:
    return str(results(made, method)["total_market_kgco2e"])


def test_what_a_later_bill_took_back_cannot_be_covered() -> None:
    # 1000 bought, 900 credited: 100 kWh are left to cover, whatever the certificate says.
    credit = stream(name="credit note")
    rows = (POWER, "2025-01", "1000"), (credit, "2025-02", "-900")
    assert market(ledger(*rows)) == "60.96"
    assert market(ledger(*rows, instruments=(certificate("A1", "A1", "1000"),))) == "0"


def test_a_certificate_covers_power_of_its_own_market_only() -> None:
    london = Site("S2", "伦敦", "London", "GB")
    abroad = stream(site="S2")
    made = ledger(
        (POWER, "2025-01", "10"),
        (abroad, "2025-01", "1000"),
        sites=(HUBEI, london),
        instruments=(certificate("A1", "A1", "500"),),
    )
    found = inventory(made).snapshot
    assert found["instruments"][0]["used_kwh"] == "10"


def test_each_structure_draws_what_it_admits_whatever_the_order() -> None:
    direct = certificate("", "", "1000", kind="direct_supply", site="S1", contract="C1")
    paper = certificate("A1", "A1", "1000")
    for order in ((direct, paper), (paper, direct)):
        made = ledger((POWER, "2025-01", "1000"), instruments=order)
        assert results(made, "inventory.cn_gbt32150")["total_kgco2e"] == "0"
        assert market(made) == "0"


def test_a_refused_instrument_blocks_no_valid_one_and_ranges_of_numbers_are_numbers() -> None:
    stale = certificate("A0001", "A0010", "300", valid_until=date(2025, 1, 2))
    good = certificate("A0005", "A0012", "300")
    inside = certificate("A0007", "A0007", "100")
    found = inventory(ledger((POWER, "2025-01", "1000"), instruments=(stale, good, inside))).snapshot
    assert [i["refused"] for i in found["instruments"]] == ["expired", "", "claimed-twice"]
    unread = inventory(ledger((POWER, "2025-01", "1000"), instruments=(certificate("?", "", "1"),))).snapshot
    assert unread["instruments"][0]["refused"] == "numbers-unreadable"


def test_stocks_on_a_source_of_several_rows_are_a_question() -> None:
    yearly = stream("diesel", "t", parameters=(("closing", "20"), ("opening", "30")))
    with pytest.raises(Unanswered, match="would count with each"):
        results(ledger((yearly, "2025-01", "10"), (yearly, "2025-02", "10")))


def test_a_legal_entity_method_leaves_out_a_site_of_another_entity() -> None:
    other = Site("S2", "子公司", "Subsidiary", "CN-HB", entity="SUB")
    made = ledger((POWER, "2023-01", "1000"), (stream(site="S2"), "2023-01", "500"), sites=(HUBEI, other))
    found = results(made, "inventory.cn_gbt32150")
    assert found["total_kgco2e"] == "530.6"
    assert found["bridge"]["unexplained"]["method"] == "0"
    assert {rule["rule"] for rule in found["bridge"]["rules"]} >= {"another-entity"}
    assert results(made)["total_kgco2e"] == "606.6"  # 1500 × 0.4044


def test_a_suppliers_rate_for_power_is_market_based_and_nothing_else() -> None:
    base = library().factors["cn-elec-2023-national"]
    rate = replace(base, id="supplier-rate", value="0.010", region="CN", valid_to=None)
    overlay = Overlay((OwnFactor("electricity", rate, library().units[base.unit], kind="supplier"),), "e" * 64)
    found = results(ledger((POWER, "2023-01", "1000")), "inventory.cn_gbt32150", overlay=overlay)
    totals = [found[f"total_{view}_kgco2e"] for view in ("location", "market", "method")]
    assert totals == ["404.4", "10", "530.6"]


def test_the_error_of_methane_is_not_that_of_carbon_dioxide() -> None:
    gas = stream("natural_gas", "1e4Nm3", quality="measured", uncertainty_percent="2")
    found = results(ledger((gas, "2025-01", "2")))
    co2 = kg(found["by_gas_kgco2e"]["CO2"])
    other = kg(found["total_kgco2e"]) - co2
    # meter 2 % of all; 30 % assumed for a default of CO2, 100 % for CH4 and N2O of combustion
    expected = ((0.02 * (co2 + other)) ** 2 + (0.30 * co2) ** 2 + other**2) ** 0.5 / (co2 + other) * 100
    assert kg(found["uncertainty"]["percent"]) == pytest.approx(expected, rel=1e-9)


def test_a_gas_of_the_montreal_protocol_stands_beside_the_total() -> None:
    made = ledger((stream("refrigerant_r22", "kg"), "2025-01", "12"), (stream("refrigerant_r32", "kg"), "2025-01", "1"))
    frozen = inventory(made).snapshot
    found = frozen["results"]
    assert found["total_kgco2e"] == "771"  # 1 kg HFC-32, AR6; none of the seven gases in 12 kg of R-22
    assert (found["ozone_gases_kg"], found["by_gas_kg"]) == ({"HCFC-22": "12"}, {"HFC-32": "1"})
    told = [w["params"] for w in frozen["warnings"] if w["code"] == "ozone_gases_apart"]
    assert told == [{"masses": "HCFC-22 12 kg"}]


def test_machinery_counts_the_gas_lost_in_making_not_the_servicing_of_its_own_cooling() -> None:
    # 20 kg bought, 5 kg in stock before, 4 kg after, 20.4 kg filled into products: 0.6 kg lost × 1300 (AR5).
    stocks = (("closing", "4"), ("opening", "5"), ("sold", "20.4"))
    filled = stream("refrigerant_r134a", "kg", name="整车空调充注", parameters=stocks)
    serviced = stream("refrigerant_r134a", "kg", name="办公楼空调")
    made = ledger((filled, "2025-01", "20"), (serviced, "2025-01", "3"))
    found = results(made, "inventory.cn_gbt32150.machinery")
    assert kg(found["total_method_kgco2e"]) == pytest.approx(0.6 * 1300, rel=1e-9)
    assert kg(found["total_location_kgco2e"]) == pytest.approx(3.6 * 1530, rel=1e-9)  # GHG Protocol, AR6: both
    rules = {row["rule"] for row in found["bridge"]["rows"] if row["to"] == "method"}
    assert "cn-refrigerant-not-in-products" in rules
    assert set(found["bridge"]["unexplained"].values()) == {"0"}


def test_a_default_of_the_method_is_told_and_has_a_width() -> None:
    # Organic carbon of raw meal by the method's own 0.1 %: assumed ±30 % beside a meter of ±1 %.
    meal = stream("raw_meal_organic_carbon", "t", uncertainty_percent="1", meter="W1")
    found = results(ledger((meal, "2025-01", "1000")), "inventory.cn_gbt32150.cement")
    assert line(found, "raw_meal_organic_carbon")["variant"] == "default"
    assert kg(found["uncertainty"]["percent"]) == pytest.approx((1 + 30**2) ** 0.5, rel=1e-9)


def test_a_fuel_with_a_factor_of_its_own_keeps_its_energy_and_tells_of_missing_gases() -> None:
    base = library().factors["cn-heat-default"]
    own = replace(base, id="own-coal", value="2100", unit="kg CO2/t", gas="CO2", region="CN-HB", source="lab")
    overlay = Overlay((OwnFactor("anthracite", own, library().units["kg CO2/t"]),), "f" * 64)
    frozen = inventory(ledger((stream("anthracite", "t"), "2025-01", "1")), overlay=overlay).snapshot
    assert frozen["results"]["total_kgco2e"] == "2100"
    # 1 t × 22.867 GJ/t (ETS table, the first set of this method) / 29.3076 GJ/tce
    assert kg(frozen["results"]["energy"]["tce_calorific"]) == pytest.approx(22.867 / 29.3076, rel=1e-9)
    told = [w["params"] for w in frozen["warnings"] if w["code"] == "combustion_gases_missing"]
    assert told == [{"gases": {"zh": "CH4、N2O", "en": "CH4 and N2O"}, "lines": "L001"}]


def test_british_gas_says_at_which_calorific_value_and_counts_its_energy() -> None:
    london = Site("S1", "伦敦", "London", "GB")
    with pytest.raises(Unanswered, match="kWh_gross"):
        results(ledger((stream("natural_gas", "kWh"), "2025-01", "1000"), sites=(london,)))
    found = results(ledger((stream("natural_gas", "kWh_net"), "2025-01", "1000"), sites=(london,)))
    assert kg(found["energy"]["tce_calorific"]) == pytest.approx(3.6 / 29.3076, rel=1e-9)
    gross = results(ledger((stream("natural_gas", "kWh_gross"), "2025-01", "1000"), sites=(london,)))
    assert kg(gross["by_gas_kg"]["CO2"]) == pytest.approx(182.59, rel=1e-9)  # DESNZ 2025


def test_value_added_is_divided_into_the_sites_that_state_it() -> None:
    other = Site("S2", "二厂", "Second works", "CN-HB")
    product = Product("S1", "铝锭", "ingot", "50", "t", date(2023, 1, 1), date(2023, 12, 31), "100000")
    made = ledger(
        (POWER, "2023-01", "1000"), (stream(site="S2"), "2023-01", "500"), sites=(HUBEI, other), products=(product,)
    )
    rows = {row["of"]: row["kgco2e_per_unit"] for row in results(made)["intensities"]}
    assert rows == {"site:S1": "8.088", "value_added": "40.44"}


def test_freight_in_tonnes_counts_by_its_distance() -> None:
    # 2.5 t over 800 km are 2000 tkm: × 0.078 kg CO2e/tkm (GB/T 51366-2019 E.0.1) = 156 kg.
    by_mass = stream("freight_road_diesel_30t", "t", parameters=(("distance_km", "800"),))
    found = results(ledger((by_mass, "2025-01", "2.5")))
    assert kg(found["total_kgco2e"]) == pytest.approx(156, rel=1e-11)
    assert found["lines"][0]["unit"] == "t"
    with pytest.raises(Unanswered, match="distance_km"):
        results(ledger((stream("freight_road_diesel_30t", "t"), "2025-01", "2.5")))
