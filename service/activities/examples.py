"""Example rows of the template. They show the form, not magnitudes, and are marked so that none is ever loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

_SITE = "S1"
_JANUARY = {"site": _SITE, "start": "2025-01"}

EXAMPLES: Mapping[str, Sequence[Mapping[str, object]]] = {
    "organisation": [
        {"code": "DEMO", "name_zh": "示例企业", "name_en": "Example company", "approach": "operational_control"}
    ],
    "sites": [{"code": _SITE, "name_zh": "示例厂区", "name_en": "Example works", "region": "CN-HB"}],
    "periods": [{"start": date(2025, 1, 1), "end": date(2025, 12, 31)}],
    "fuels": [
        {
            **_JANUARY,
            "activity": "natural_gas",
            "name": "1号炉",
            "meter": "G-01",
            "amount": 1,
            "unit": "1e4Nm3",
            "quality": "measured",
            "uncertainty_percent": 2,
            "evidence": "gas-2025-01.csv",
        },
        {
            **_JANUARY,
            "activity": "柴油（固定源燃烧）",
            "name": "应急发电机",
            "amount": 1,
            "unit": "吨",
            "quality": "invoiced",
            "opening": 1,
            "closing": 1,
        },
    ],
    "fuel_properties": [
        {
            "site": _SITE,
            "activity": "bituminous_coal",
            "start": "2025-01",
            "ncv_gj_per_t": 20,
            "carbon_content_tc_per_tj": 26,
            "sampling": "每批次采样，按月混合",
            "laboratory": "示例实验室",
            "basis": "as_received",
            "weighting": "consumption",
        },
    ],
    "electricity": [
        {
            **_JANUARY,
            "activity": "electricity",
            "name": "总表",
            "meter": "E-01",
            "amount": 1000,
            "unit": "MWh",
            "quality": "invoiced",
            "evidence": "power-2025-01.csv",
        },
    ],
    "heat": [
        {**_JANUARY, "activity": "steam_purchased", "name": "外购蒸汽", "amount": 100, "unit": "t", "enthalpy": 2780}
    ],
    "process": [
        {
            **_JANUARY,
            "activity": "limestone_calcined",
            "name": "石灰窑",
            "amount": 100,
            "unit": "t",
            "purity": "95%",
            "calcination_ratio": 1,
        },
    ],
    "refrigerants": [
        {
            **_JANUARY,
            "activity": "refrigerant_r410a",
            "name": "办公楼空调",
            "amount": 1,
            "unit": "kg",
            "quality": "invoiced",
        }
    ],
    "purchases": [
        {
            **_JANUARY,
            "activity": "purchased_steel_hot_rolled",
            "name": "热轧卷板",
            "amount": 100,
            "unit": "t",
            "counterparty": "示例供应商",
        },
    ],
    "transport": [
        {
            **_JANUARY,
            "activity": "freight_road_diesel_30t",
            "name": "原料运入",
            "amount": 10000,
            "unit": "tkm",
            "quality": "estimated",
        },
    ],
    "waste": [{**_JANUARY, "activity": "waste_landfill", "name": "一般固废", "amount": 1, "unit": "t"}],
    "products": [
        {
            "site": _SITE,
            "name_zh": "示例产品",
            "name_en": "Example product",
            "amount": 100,
            "unit": "t",
            "start": "2025-01",
        },
    ],
    "instruments": [
        {
            "kind": "gec",
            "number_from": "GEC-EXAMPLE-0001",
            "number_to": "GEC-EXAMPLE-0010",
            "amount": 10,
            "unit": "MWh",
            "generated_from": "2025-01",
            "technology": "风电",
            "region": "CN-HB",
            "valid_until": "2027-01",
            "beneficiary": "示例企业",
            "retired_on": date(2025, 12, 20),
        },
    ],
    "exclusions": [{"category": "范围三 类别6 商务旅行", "reason": "数据尚未收集，估计占比小于 1%"}],
}
