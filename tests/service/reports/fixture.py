"""A made-up inventory small enough to add up by hand, computed by the product's own engine.

Seven emission sources at two sites, January and February 2022. Published factors: MEE/NBS 2022 power
(Guangdong 0.4403, mean 0.5366, mean excluding market-traded 0.5856 kg CO2/kWh); gas by ISO and GHGP of
the ETS set (389.31 GJ and 15.32 tC/TJ, 0.99), by the Chinese general guideline of the NDRC set
(389.31 GJ, 15.30 tC/TJ, 0.99); CH4 1 and N2O 0.1 kg/TJ (IPCC 2006); AR6: 29.8 and 273; R-410A 2255.5.

===========================  ==========================================  =================================
source                       location-based, kg CO2e                     Chinese method, kg CO2
===========================  ==========================================  =================================
1 200 kWh bought             1200 x 0.4403              =  528.36        1200 x 0.5366     =  643.92
1 000 Nm3 natural gas        38.931 x 15.32 x 0.99 x 44/12
                             = 2165.0151996, CH4 0.038931 x 29.8
                             = 1.1601438, N2O 0.0038931 x 273
                             = 1.0628163; together      = 2167.2381597   38.931 x 15.30 x 0.99 x 44/12
                                                                         = 2162.188809
2 kg R-410A topped up        2 x 2255.5                 = 4511           not counted
100 kWh sold                 not deducted                                -100 x 0.5366     =  -53.66
sum                          7206.5981597                                2752.448809
===========================  ==========================================  =================================

Market-based: a retired certificate covers 1 000 of the 1 200 kWh bought, so 200 x 0.5856 = 117.12 stand in
place of 528.36: 7206.5981597 - 411.24 = 6795.3581597. A second certificate had expired and is refused.
"""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from factors.library import load as load_library
from lca.ghg import GhgInventory, Meta, calculate
from lca.ledger import ROW_SCHEMA, Exclusion, Instrument, Ledger, Organisation, Product, Site, Stream
from lca.method import load as load_method

ISO, CN, GHGP = "inventory.iso14064_2018", "inventory.cn_gbt32150", "inventory.ghgp"
CREATED = "2023-01-31T08:00:00Z"
SHA_EVIDENCE = "5e" * 32
LOCATION_KG = "7206.5981597"
MARKET_KG = "6795.3581597"
CHINESE_KG = "2752.448809"

ORGANISATION = Organisation(
    code="YGLY",
    name_zh="粤港再生铝业有限公司",
    name_en="Yuegang Secondary Aluminium Co., Ltd.",
    credit_code="91440101MA5EXAMPLE",
    legal_person="陈立",
    address="广东省广州市黄埔区示范路1号",
    industry="C3240 有色金属合金制造",
    contact="林晓 020-00000000",
    electricity_equivalent_kgce_per_kwh="0.3",
    electricity_equivalent_source="企业自报",
    base_year="2021",
)
SITES = (Site("GZ", "广州厂区", "Guangzhou works", "CN-GD"), Site("FS", "佛山仓库", "Foshan store", "CN-GD"))
STREAMS = (
    Stream("GZ", "electricity", "MWh", "熔炼车间用电", "M-1001", quality="invoiced"),
    Stream("GZ", "natural_gas", "Nm3", "熔炼炉天然气", "G-07", quality="measured"),
    Stream("FS", "refrigerant_r410a", "kg", "空调补充", quality="estimated"),
    Stream("GZ", "electricity_exported", "kWh", "转供邻厂", "M-1002", counterparty="邻厂", quality="measured"),
)
AMOUNTS = (("0.7", "0.5"), ("600", "400"), ("", "2"), ("100", ""))  # January and February of each stream


def _rows() -> pl.DataFrame:
    rows = [
        (f"D{stream}-{month}", stream, date(2022, month, 1), date(2022, month, 28), amount,
         SHA_EVIDENCE if stream == 0 else "")
        for stream, months in enumerate(AMOUNTS)
        for month, amount in enumerate(months, 1)
        if amount
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ROW_SCHEMA, orient="row")


def _instruments() -> tuple[Instrument, ...]:
    return (
        Instrument("gec", "GEC202202000001", "GEC202202000001", "1000", date(2022, 2, 1), date(2022, 2, 28), "solar",
                   "CN-GD", date(2024, 2, 28), ORGANISATION.name_zh, date(2022, 12, 1)),
        Instrument("gec", "GEC202201000001", "GEC202201000001", "1000", date(2022, 1, 1), date(2022, 1, 31), "solar",
                   "CN-GD", date(2022, 6, 30), ORGANISATION.name_zh, date(2022, 12, 1)),
    )  # fmt: skip


def ledger(**changed: Any) -> Ledger:
    """Return the activity data; ``changed`` replaces fields of the ledger."""
    given: dict[str, Any] = {
        "organisation": ORGANISATION,
        "start": date(2022, 1, 1),
        "end": date(2022, 12, 31),
        "sites": SITES,
        "streams": STREAMS,
        "rows": _rows(),
        "instruments": _instruments(),
        "products": (
            Product("GZ", "铝合金锭", "Aluminium alloy ingot", "10", "t", date(2022, 1, 1), date(2022, 2, 28), "50000"),
        ),
        "exclusions": (Exclusion("员工通勤", "员工均住厂区宿舍，估计低于总量的 0.2%", "10"),),
        "evidence": {SHA_EVIDENCE: "2022 电费发票.pdf"},
    }
    return Ledger(**(given | changed))


@cache
def library() -> Any:
    """The factor library, loaded once."""
    return load_library()


def inventory(method: str = ISO, given: Ledger | None = None, **meta: Any) -> GhgInventory:
    """Compute an inventory by ``method``; ``meta`` replaces its number, version, reason, notes or base year."""
    about = {"identifier": "YGLY-2022", "created": CREATED, "engine_version": "0.1.0"} | meta
    return calculate(given or ledger(), load_method(method), library(), Meta(**about))


@cache
def _snapshot(method: str) -> Any:
    return inventory(method).snapshot


def snapshot(method: str = ISO) -> dict[str, Any]:
    """Return the whole snapshot of the inventory, a fresh copy each time."""
    return copy.deepcopy(dict(_snapshot(method)))
