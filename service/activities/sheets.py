"""The sheets of the template: their names in two languages, their columns, the activities each one offers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from service.activities.parameters import MEASURED, STATEMENTS, parameter_fields
from service.fields import (
    ACTIVITY,
    EXCLUSIONS,
    INSTRUMENTS,
    ORGANISATION,
    PERIODS,
    PRODUCTS,
    SITES,
    Choice,
    Field,
)

MARKS = (
    Choice("example", "示例", "example", ("示例行", "例")),
    Choice("skip", "不导入", "skip", ("跳过",)),
)
MARK = Field(
    "mark", "choice", "标记", "Mark", False, ("示例标记",), MARKS,
    help_zh="标为“示例”或“不导入”的行不会被读取。", help_en="Rows marked 'example' or 'skip' are never loaded.",
)  # fmt: skip
_STOCK = ("opening", "closing", "sold", "other_uses")


GUIDE, LISTS, RECEIPT = "填写说明 Guide", "列表 Lists", "回执 Receipt"
QUIET = (GUIDE, LISTS, RECEIPT, "填写说明", "Guide", "列表", "Lists", "回执", "Receipt")
"""Sheets that hold no data and are passed over in silence."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the template."""

    id: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    groups: tuple[str, ...] = ()  # of activities.csv; empty for a sheet that holds no activity data
    parameters: tuple[str, ...] = ()  # the columns of the template; any other parameter is read as well
    help_zh: str = ""
    help_en: str = ""

    @property
    def title(self) -> str:
        """Return the bilingual name of the sheet."""
        return f"{self.zh} {self.en}"

    @property
    def holds_data(self) -> bool:
        """Return whether its rows are activity data."""
        return bool(self.groups)

    @property
    def columns(self) -> tuple[Field, ...]:
        """Return the columns as the template shows them."""
        chosen = tuple(parameter_fields()[key] for key in self.parameters)
        return (MARK, *self.fields[:-1], *chosen, self.fields[-1])

    @property
    def readable(self) -> tuple[Field, ...]:
        """Return every column that is understood on this sheet."""
        if not self.holds_data:
            return self.columns
        return (MARK, *self.fields, *parameter_fields().values())


def _data(name: str, zh: str, en: str, groups: str, parameters: tuple[str, ...], help_zh: str, help_en: str) -> Sheet:
    return Sheet(name, zh, en, ACTIVITY, tuple(groups.split()), parameters, help_zh, help_en)


_PROPERTY_SITE, _PROPERTY_ACTIVITY, _PROPERTY_NAME = ACTIVITY[:3]
_BY_NAME = {field.name: field for field in ACTIVITY}


@lru_cache(maxsize=1)
def sheets() -> tuple[Sheet, ...]:
    """Return the sheets of the template in order."""
    measured = tuple(parameter_fields()[key] for key in MEASURED if key.startswith(("ncv", "carbon", "oxidation")))
    properties = (
        _PROPERTY_SITE, _PROPERTY_ACTIVITY, _PROPERTY_NAME, _BY_NAME["start"], _BY_NAME["end"],
        *measured, *STATEMENTS, _BY_NAME["evidence"], _BY_NAME["note"],
    )  # fmt: skip
    return (
        Sheet("organisation", "组织", "Organisation", ORGANISATION, (), (), "只填一行。", "One row."),
        Sheet("sites", "场所", "Sites", SITES, (), (), "每个厂区一行。", "One row per site."),
        Sheet("periods", "核算期间", "Periods", PERIODS, (), (), "通常为一个日历年。", "Usually one calendar year."),
        _data(
            "fuels", "燃料", "Fuels",
            "stationary_combustion mobile_combustion biomass_combustion alternative_fuel",
            (*_STOCK, "biogenic_fraction", "gas_temperature_c", "gas_pressure_kpa", "density_kg_per_l"),
            "购进量或入炉量；有库存时填写期初、期末库存。",
            "Bought or burned; with stocks, their opening and closing values.",
        ),
        Sheet(
            "fuel_properties", "燃料实测", "Fuel properties", properties, (), (),
            "实测热值、含碳量、氧化率；须写明采样、实验室、收到基和加权方式，否则用缺省值。",
            "Measured values; without sampling, laboratory, basis and weighting they are refused.",
        ),
        _data(
            "electricity", "电力", "Electricity",
            "electricity electricity_exported electricity_own waste_heat_power", (),
            "外购、外供、自发自用电量；余热发电自用量。", "Bought, exported, own generation used on site.",
        ),
        _data(
            "heat", "热力", "Heat", "heat heat_exported", ("enthalpy", "temperature"),
            "蒸汽须填热焓，热水须填温度。", "Steam needs its enthalpy, hot water its temperature.",
        ),
        _data(
            "process", "工业过程", "Process",
            "process_carbonate process_clinker clinker_deduction process_steel carbon_sink_product process_aluminium"
            " process_reductant process_other welding_gas wastewater co2_transferred",
            (
                "purity", "calcination_ratio", "cao", "cao_noncarbonate", "mgo", "mgo_noncarbonate", "organic_carbon",
                "utilisation", "caco3", "mgco3", "p_co2", "p_ar", "p_o2", "p_n2", "p_he", "p_h2", "ae_minutes",
                "co2_content", "sludge_cod", "recovered_ch4", "cod_in", "cod_out", "abatement_efficiency",
                "abatement_uptime", *_STOCK,
            ),
            "碳酸盐、熟料、电极、保护气、废水等。", "Carbonates, clinker, electrodes, shielding gas, wastewater …",
        ),
        _data(
            "refrigerants", "制冷剂", "Refrigerants", "refrigerant refrigerant_filling",
            ("opening", "closing", "sold", "molar_mass"),
            "充注（补充）量，即逸散量。", "What was topped up, which is what had leaked.",
        ),
        _data(
            "purchases", "采购", "Purchases",
            "purchased_goods capital_goods fuel_upstream leased_upstream leased_downstream processing_sold use_of_sold"
            " franchises investments",
            ("share", "lifetime_years", "use_kwh_per_year"),
            "外购原材料和商品；其他范围三活动也填在这里。", "Goods bought; other scope 3 activities go here too.",
        ),
        _data(
            "transport", "运输", "Transport", "transport_upstream transport_downstream business_travel commuting",
            ("distance_km", "days", "km_per_day", "share"),
            "货运以吨公里计；公司自有车辆的燃料填在“燃料”表。",
            "Freight in tonne-kilometres; fuel of the company's own vehicles belongs to Fuels.",
        ),
        _data(
            "waste", "废弃物", "Waste", "waste end_of_life_sold", ("share",),
            "按处置方式填写。", "By way of treatment.",
        ),
        Sheet("products", "产品产量", "Products", PRODUCTS, (), (), "用于计算排放强度。", "For intensities."),
        Sheet(
            "instruments", "绿电凭证", "Instruments", (*INSTRUMENTS, _BY_NAME["note"]), (), (),
            "绿证须已核销，受益主体须为本组织。", "Certificates must be retired for this organisation.",
        ),
        Sheet(
            "exclusions", "排除项", "Exclusions", EXCLUSIONS, (), (),
            "未核算的类别须说明理由。", "Every category left out needs a reason.",
        ),
    )  # fmt: skip


LONG_FORM = Sheet("data", "数据", "Data", ACTIVITY, ("*",))
"""The long CSV form: one datum per row, any activity."""
