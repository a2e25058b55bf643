"""What the intake tests know: a few activities with hand-made bands, two sites, three places."""

from __future__ import annotations

from pathlib import Path

from factors.match import Activity
from lca.ledger import Site
from service.activities.intake import Intake

BAD = Path(__file__).parents[2] / "bad" / "activity"


def activity(name: str, zh: str, en: str, group: str, unit: str, low: str, high: str, **more: str) -> Activity:
    """Return an activity with the rest of its columns empty."""
    aliases = tuple(more.get("aliases", "").split("|")) if more.get("aliases") else ()
    formula = more.get("formula", "published")
    negative = "credit" if low.startswith("-") else ""
    return Activity(name, en, zh, aliases, group, unit, formula, (), (), (), "", low, high, negative)


ACTIVITIES = {
    item.id: item
    for item in (
        activity("electricity", "外购电力", "Electricity, bought", "electricity", "kWh", "100", "1e7", aliases="用电"),
        activity("electricity_exported", "外供电力", "Power, exported", "electricity_exported", "kWh", "0", "1e7"),
        activity(
            "natural_gas", "天然气（燃烧）", "Natural gas, burned", "stationary_combustion", "Nm3", "10", "1e6",
            aliases="天然气|gas", formula="combustion",
        ),
        activity(
            "bituminous_coal", "烟煤（燃烧）", "Bituminous coal, burned", "stationary_combustion", "t", "0.1", "1e5",
            formula="combustion",
        ),
        activity(
            "diesel", "柴油（固定源燃烧）", "Diesel, burned", "stationary_combustion", "t", "0.001", "1e4",
            aliases="柴油", formula="combustion",
        ),
        activity(
            "diesel_road", "柴油（道路车辆）", "Diesel, road", "mobile_combustion", "t", "0.001", "1e4",
            aliases="柴油", formula="combustion",
        ),
        activity("limestone_calcined", "石灰石分解", "Limestone", "process_carbonate", "t", "1", "1e6"),
        activity("steam_purchased", "外购蒸汽", "Steam, bought", "heat", "t", "0.1", "1e5", formula="steam"),
        activity("refrigerant_r410a", "R-410A 充注", "R-410A", "refrigerant", "kg", "0", "1e4"),
        activity("freight_road_diesel_30t", "公路货运", "Road freight", "transport_upstream", "tkm", "0", "1e9"),
        activity("purchased_steel", "外购钢材", "Steel, bought", "purchased_goods", "t", "0", "1e6"),
        activity("waste_landfill", "填埋", "Landfill", "waste", "t", "0", "1e6"),
        # Carbon taken up by curing concrete: physics allows an amount below zero where more is released.
        activity("carbon_uptake", "碳吸收（净）", "Net carbon uptake", "process_other", "t", "-1e4", "1e4"),
    )
}  # fmt: skip
REGIONS = {"CN-HB": "CN-HB", "湖北": "CN-HB", "Hubei": "CN-HB", "CN": "CN", "中国": "CN", "KR": "KR"}
SITES = {
    "S1": Site("S1", "一厂", "Works one", "CN-HB"),
    "S2": Site("S2", "二厂", "Works two", "CN-HB"),
}


def codes(intake: Intake) -> list[tuple[int | None, str, str]]:
    """Return (row, column, code) of every error."""
    return [(problem.row, problem.column, problem.code) for problem in intake.errors]


def warned(intake: Intake) -> list[tuple[int | None, str, str]]:
    """Return (row, column, code) of every warning."""
    return [(problem.row, problem.column, problem.code) for problem in intake.warnings]
