"""Consolidation: what one company sells to another is counted where the fuel is burned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lca.group import consolidate
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
    chinese = results(merged, "inventory.cn_gbt32150")
    assert not any("export" in rule["rule"] for rule in chinese["bridge"]["rules"])


def test_what_goes_outside_the_group_stays() -> None:
    seller, buyer = pair()
    outside = replace(seller, streams=(seller.streams[0], replace(seller.streams[1], counterparty="某某公司")))
    _, transfers = consolidate(GROUP, (outside, buyer), *YEAR, library())
    assert [t.company for t in transfers] == ["B"]


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
