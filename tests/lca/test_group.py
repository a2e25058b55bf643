"""Consolidation: what one company sells to another is counted where the fuel is burned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from factors.match import Overlay, OwnFactor
from lca.group import consolidate, consolidated_overlay
from lca.ledger import Ledger, Organisation, Site
from tests.lca.ledgers import certificate, ledger, library, results, stream

GROUP = Organisation("G", "测试集团", "Test group")
PLANT = Organisation("A", "热电公司", "Power company")
MILL = Organisation("B", "加工公司", "Mill")
YEAR = (date(2023, 1, 1), date(2023, 12, 31))


def pair(**given: object) -> tuple[Ledger, Ledger]:
    burned = stream("natural_gas", "1e4Nm3")
    sold = stream("electricity_exported", counterparty="加工公司")
    seller = ledger((burned, "2023-01", "2"), (sold, "2023-01", "600"), organisation=PLANT)
    bought = stream("electricity", counterparty="A", name="from the plant")
    grid = stream("electricity", name="from the grid")
    buyer = ledger((bought, "2023-01", "600"), (grid, "2023-01", "1000"), organisation=MILL, **given)
    return seller, buyer


def test_an_internal_transfer_drops_the_buyers_line_and_the_sellers_export() -> None:
    seller, buyer = pair()
    merged, transfers = consolidate(GROUP, (seller, buyer), *YEAR, library())
    assert [(t.company, t.stream.activity, t.rows) for t in transfers] == [
        ("A", "electricity_exported", 1),
        ("B", "electricity", 1),
    ]
    gas = results(seller)["by_scope"]["location"]["1"]
    found = results(merged)
    assert found["by_scope"]["location"] == {"1": gas, "2": "404.4", "3": "0"}  # 1000 × 0.4044
    assert [s.name for s in merged.streams if s.activity.startswith("electricity")] == ["from the grid"]


def test_an_export_that_no_purchase_answers_stays() -> None:
    seller, buyer = pair()
    unnamed = replace(buyer, streams=(replace(buyer.streams[0], counterparty=""), buyer.streams[1]))
    merged, transfers = consolidate(GROUP, (seller, unnamed), *YEAR, library())
    assert transfers == ()
    # the buyer still counts all 1600 kWh, so what the seller exports stays beside it
    assert [s.activity for s in merged.streams].count("electricity_exported") == 1
    assert results(merged)["by_scope"]["location"]["2"] == "647.04"  # 1600 × 0.4044


def test_goods_and_co2_that_stay_inside_are_left_out() -> None:
    goods = stream("purchased_cement", "t", counterparty="热电公司")
    gas = stream("co2_handed_over", "t", counterparty="热电公司", parameters=(("co2_content", "1"),))
    mill = ledger((goods, "2023-01", "5"), (gas, "2023-01", "9"), organisation=MILL)
    _, transfers = consolidate(GROUP, (pair()[0], mill), *YEAR, library())
    assert [t.stream.activity for t in transfers if t.company == "B"] == ["purchased_cement", "co2_handed_over"]


def test_a_companys_own_factor_serves_its_own_sites_only() -> None:
    base = library().factors["cn-heat-default"]
    own = OwnFactor("heat_purchased", replace(base, id="own", value="0.05", region="CN"), library().units[base.unit])
    heat = stream("heat_purchased", "GJ")
    one = ledger((heat, "2023-01", "10"), organisation=PLANT)
    two = ledger((heat, "2023-01", "10"), organisation=MILL)
    merged, _ = consolidate(GROUP, (one, two), *YEAR, library())
    overlay = consolidated_overlay(((one, Overlay((own,), "a" * 64)), (two, Overlay())))
    assert results(merged, overlay=overlay)["total_kgco2e"] == "1600"  # 10 × 50 + 10 × 110


def test_sites_of_the_same_code_do_not_meet() -> None:
    seller, buyer = pair(sites=(Site("S1", "二厂", "Plant 2", "CN-GD"),))
    merged, _ = consolidate(GROUP, (seller, buyer), *YEAR, library())
    assert [site.code for site in merged.sites] == ["A/S1", "B/S1"]
    assert results(merged)["scope2_location_kgco2e"] == "441.9"  # Guangdong 2023: 0.4419
    assert merged.rows["id"].to_list() == ["A/D1", "B/D2"]


def test_a_companys_certificate_counts_for_the_group() -> None:
    own = certificate(
        "C1", "C1", "400", beneficiary="加工公司", generated_from=date(2023, 1, 1), generated_to=date(2023, 1, 31)
    )
    seller, buyer = pair(instruments=(own,))
    merged, _ = consolidate(GROUP, (seller, buyer), *YEAR, library())
    assert results(merged)["scope2_market_kgco2e"] == "365.76"  # 600 × 0.6096
