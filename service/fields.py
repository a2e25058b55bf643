"""The one field table: what a submitted value is called, what it may be and where its limits lie.

The file intake makes vectorised checks of it, the API makes marshmallow fields of it, the template
makes columns, comments and drop-down lists of it. A limit written here holds on all three ways in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

CODE = re.compile(r"[^\W_](?:[\w.-]{0,38}[^\W_])?")  # begins and ends with a letter or digit

Kind = Literal[
    "text",  # kept as written, spaces around it removed
    "code",  # an identifier: full-width letters folded, no spaces inside
    "name",  # names a site, activity, place … : compared without case and spaces
    "decimal",  # an exact number
    "start",  # a day; a month means its first day
    "end",  # a day; a month means its last day
    "choice",  # one of ``choices``
    "site",  # code or name of a site of this organisation
    "activity",  # id, name or alias of an activity of the factor library
    "unit",  # any spelling factors.units.parse_unit accepts
    "region",  # id or name of a place of the factor library
    "evidence",  # a file name beside the data file, or a SHA-256
]


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a list: the stored id and how people write it."""

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every way to write this value."""
        return (self.id, self.zh, self.en, f"{self.zh} {self.en}", *self.aliases)


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its stored name, its headers, what it may hold."""

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    low: str = ""  # inclusive; '' means no limit
    high: str = ""
    max_length: int = 200
    default: str = ""
    help_zh: str = ""
    help_en: str = ""

    @property
    def header(self) -> str:
        """Return the bilingual header of the template."""
        return f"{self.zh} {self.en}"

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every header that means this field."""
        return (self.name, self.zh, self.en, self.header, *self.aliases)


QUALITIES = (
    Choice("measured", "实测", "measured", ("计量", "抄表", "metered")),
    Choice("invoiced", "结算凭证", "invoiced", ("发票", "invoice", "结算")),
    Choice("estimated", "估算", "estimated", ("估计", "estimate")),
)
APPROACHES = (
    Choice("operational_control", "运营控制权", "operational control", ("运营控制",)),
    Choice("financial_control", "财务控制权", "financial control", ("财务控制",)),
    Choice("equity_share", "股权比例", "equity share", ("股权份额",)),
)
INSTRUMENT_KINDS = (
    Choice("gec", "绿证", "green electricity certificate", ("绿色电力证书", "GEC", "green certificate")),
    Choice("direct_supply", "绿电直供", "direct supply", ("绿电直连", "direct line")),
    Choice("ppa", "购电协议", "power purchase agreement", ("PPA", "绿电交易", "绿色电力交易")),
    Choice("onsite", "自发自用", "on-site generation", ("现场自发自用", "onsite")),
)

# One activity datum: the columns of every data sheet of the template and of the long CSV form.
ACTIVITY = (
    Field(
        "site", "site", "场所代码", "Site", True, ("场所", "厂区", "site code"),
        help_zh="填“场所”表中的代码或名称。", help_en="Code or name from the sheet Sites.",
    ),
    Field(
        "activity", "activity", "活动", "Activity", True, ("活动数据类型", "排放活动", "activity id", "activity type"),
        help_zh="从列表中选择；代码、中文名、英文名均可。",
        help_en="Choose from the list; id, Chinese or English name.",
    ),
    Field(
        "name", "text", "排放源名称", "Source name", False, ("排放源", "源名称", "source", "emission source"),
        help_zh="设备或用途，例如“1号熔炼炉”。", help_en="Equipment or use, for example 'melting furnace 1'.",
    ),
    Field("meter", "text", "计量器具", "Meter", False, ("表号", "计量点", "meter number"), max_length=100),
    Field(
        "start", "start", "开始日期", "Start", True,
        ("起始日期", "月份", "期间", "from", "month", "start date", "period"),
        help_zh="2025-03-01；只写 2025-03 表示当月 1 日，结束日期可留空。",
        help_en="2025-03-01; 2025-03 means the whole month, and End may stay empty.",
    ),
    Field(
        "end", "end", "结束日期", "End", False, ("截止日期", "终止日期", "to", "end date"),
        help_zh="含当日；写 2025-03 表示当月最后一日。", help_en="Inclusive; 2025-03 means the last day of the month.",
    ),
    Field(
        "amount", "decimal", "活动数据", "Amount", True,
        ("数量", "活动量", "消耗量", "数值", "quantity", "value", "consumption"),
        help_zh="只写数字，小数点用“.”；单位写在单位列。",
        help_en="A number only, decimal point '.'; the unit stands in Unit.",
    ),
    Field(
        "unit", "unit", "单位", "Unit", True, ("计量单位", "uom"), max_length=40,
        help_zh="例如 kWh、万千瓦时、t、Nm3、吨公里。", help_en="For example kWh, MWh, t, Nm3, tkm.",
    ),
    Field("region", "region", "地区", "Region", False, ("省份", "place"), help_zh="与场所地区不同时才填写。",
          help_en="Only where it differs from the region of the site."),
    Field("process_line", "text", "工序或生产线", "Process line", False, ("生产线", "工序", "line"), max_length=100),
    Field("counterparty", "text", "交易对方", "Counterparty", False,
          ("供应商", "客户", "对方单位", "supplier", "customer")),
    Field("quality", "choice", "数据质量", "Data quality", False, ("数据来源", "quality"), QUALITIES),
    Field(
        "uncertainty_percent", "decimal", "不确定度（%）", "Uncertainty (%)", False, ("不确定度", "uncertainty"),
        low="0", high="500", help_zh="95% 置信区间半宽，百分数。", help_en="Half of the 95 % interval, in per cent.",
    ),
    Field(
        "factor", "code", "指定因子编号", "Chosen factor id", False,
        ("因子编号", "排放因子编号", "factor", "factor id"),
        help_zh="留空时由系统按规则匹配。", help_en="Left empty, the system matches by its rules.",
    ),
    Field(
        "evidence", "evidence", "凭证文件", "Evidence file", False, ("证据文件", "凭证", "附件", "evidence"),
        help_zh="与数据文件同一文件夹中的文件名。", help_en="Name of a file in the same folder as this file.",
    ),
    Field("note", "text", "备注", "Note", False, ("说明", "remark", "comment"), max_length=1000),
)  # fmt: skip

ORGANISATION = (
    Field("code", "code", "组织代码", "Organisation code", True, ("企业代码", "code"), max_length=40),
    Field("name_zh", "text", "中文名称", "Name (Chinese)", True, ("企业名称", "单位名称", "name zh")),
    Field("name_en", "text", "英文名称", "Name (English)", False, ("name en",)),
    Field("credit_code", "code", "统一社会信用代码", "Unified social credit code", False, ("credit code",),
          max_length=18),
    Field("legal_person", "text", "法定代表人", "Legal representative", False, ("legal person",)),
    Field("address", "text", "地址", "Address", max_length=400),
    Field("industry", "text", "行业", "Industry", False, ("行业代码", "sector")),
    Field("contact", "text", "联系人及电话", "Contact", False, ("联系人",)),
    Field("approach", "choice", "组织边界方法", "Consolidation approach", False, ("approach",), APPROACHES,
          default="operational_control"),
    Field("base_year", "code", "基准年", "Base year", max_length=4),
    Field("electricity_equivalent_kgce_per_kwh", "decimal", "电力等价值（kgce/kWh）",
          "Electricity, equivalent value (kgce/kWh)", False, ("电力等价值",), low="0.1", high="0.5"),
    Field("electricity_equivalent_source", "text", "等价值依据", "Source of the equivalent value", max_length=400),
)  # fmt: skip

SITES = (
    Field("code", "code", "场所代码", "Site", True, ("代码", "site code", "code"), max_length=40),
    Field("name_zh", "text", "中文名称", "Name (Chinese)", True, ("场所名称", "名称", "name zh")),
    Field("name_en", "text", "英文名称", "Name (English)", False, ("name en",)),
    Field("region", "region", "地区", "Region", True, ("省份", "place"), help_zh="例如 CN-HB 或 湖北。",
          help_en="For example CN-HB or Hubei."),
    Field("share_percent", "decimal", "占比（%）", "Share (%)", False, ("股权比例", "share"), low="0", high="100",
          default="100"),
    Field("entity", "text", "所属法人", "Legal entity", False, ("法人", "entity")),
    Field("sector", "text", "行业", "Sector"),
)  # fmt: skip

PERIODS = (
    Field("start", "start", "开始日期", "Start", True, ("起始日期", "from")),
    Field("end", "end", "结束日期", "End", True, ("截止日期", "to")),
    Field("note", "text", "备注", "Note", max_length=1000),
)

PRODUCTS = (
    Field("site", "site", "场所代码", "Site", True, ("场所", "site code")),
    Field("name_zh", "text", "产品名称", "Product (Chinese)", True, ("产品", "product")),
    Field("name_en", "text", "产品英文名称", "Product (English)"),
    Field("amount", "decimal", "产量", "Output", True, ("数量", "amount"), low="0"),
    Field("unit", "unit", "单位", "Unit", True, ("计量单位",), max_length=40),
    Field("start", "start", "开始日期", "Start", True, ("月份", "month", "from")),
    Field("end", "end", "结束日期", "End", False, ("截止日期", "to")),
    Field("value_added_cny", "decimal", "工业增加值（元）", "Value added (CNY)", False, ("增加值", "value added"),
          help_zh="可为负数。", help_en="May be negative."),
)  # fmt: skip

INSTRUMENTS = (
    Field("kind", "choice", "凭证类型", "Instrument", True, ("类型", "kind"), INSTRUMENT_KINDS),
    Field("number_from", "text", "起始编号", "Number from", True, ("编号起", "证书编号")),
    Field("number_to", "text", "截止编号", "Number to", False, ("编号止",)),
    Field("amount", "decimal", "电量", "Amount", True, ("数量",), low="0"),
    Field("unit", "unit", "单位", "Unit", True, ("计量单位",), max_length=40,
          help_zh="电量单位；1 个绿证为 1 MWh。", help_en="A unit of electricity; one certificate is 1 MWh."),
    Field("generated_from", "start", "发电开始月份", "Generated from", True, ("发电月份", "生产月份")),
    Field("generated_to", "end", "发电结束月份", "Generated to"),
    Field("technology", "text", "发电技术", "Technology", True, ("电源类型",)),
    Field("region", "region", "发电地区", "Region of generation", True, ("地区", "region")),
    Field("valid_until", "end", "有效期至", "Valid until", False, ("有效期",)),
    Field("beneficiary", "text", "受益主体", "Beneficiary", True, ("使用主体",)),
    Field("retired_on", "end", "核销日期", "Retired on", False, ("注销日期", "核销")),
    Field("site", "site", "场所代码", "Site", False, ("场所", "site code")),
    Field("contract", "text", "合同编号", "Contract", help_zh="与直供电量捆绑时填写同一合同编号。",
          help_en="The contract number shared with a direct supply, if bundled."),
)  # fmt: skip

EXCLUSIONS = (
    Field("category", "text", "排除的类别", "Category excluded", True, ("类别", "category")),
    Field("reason", "text", "理由", "Reason", True, ("原因",), max_length=1000),
    Field("estimate_kgco2e", "decimal", "估计排放量（kgCO2e）", "Estimate (kgCO2e)", False, ("估计排放量",)),
)


def is_code(text: str) -> bool:
    """Is ``text`` fit to name an organisation everywhere: in addresses, file names, reports and on a screen?"""
    return CODE.fullmatch(text) is not None and unicodedata.normalize("NFKC", text) == text
