"""The workbook of a product model: its sheets and columns, one table that the reader and the writer share.

A column says where its cell stands in the model file (``path``) and what it holds; ``lca.product_model`` says what that
means. Rows name each other by ids: an input its process, a part the part that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from lca.footprint_method import footprint_methods, load, methods_of_models
from lca.product_model import GWP_SETS, MODULES, SCHEMA, STAGES
from lca.product_reading import DISTRIBUTIONS, PARTS_OF_GAS
from service.fields import Choice, Field

Kind = Literal[
    "text",  # as written
    "verbatim",  # as written, the blanks around it too
    "number",  # an exact decimal, or a formula of the model's parameters
    "share",  # the same, per cent signs understood
    "percent",
    "start",  # a day; a month means its first
    "end",  # a day; a month means its last
    "day",  # a day; a month or a year stays what it is
    "choice",
    "named",  # the id of something on its list, which may be called by its name too; anything else as written
    "source",  # 'supplier: copper'
    "scores",  # several whole numbers
]

LEGS, LEGS_SHOWN = 20, 3
"""Ways by which an input comes: as many as are understood, and as many as a template shows."""

GUIDE, LISTS = "填写说明 Guide", "列表 Lists"
QUIET = (GUIDE, LISTS, "填写说明", "Guide", "列表", "Lists", "说明")
"""Sheets that hold no model and are passed over in silence."""

MARKS = (
    Choice("example", "示例", "example", ("示例行", "例")),
    Choice("skip", "不导入", "skip", ("跳过",)),
)
YES_NO = (
    Choice("true", "是", "yes", ("真", "TRUE", "Y", "1")),
    Choice("false", "否", "no", ("假", "FALSE", "N", "0")),
)
SHARED_BY = (Choice("mass", "质量", "mass"), Choice("energy", "能量", "energy", ("热值", "能量含量", "energy content")))
UNIT_KINDS = (Choice("functional", "功能单位", "functional unit"), Choice("declared", "声明单位", "declared unit"))
SOURCES = (
    Choice("process", "本模型的过程", "process of this model", ("过程", "工序", "本厂过程", "own process")),
    Choice("activity", "因子库活动", "activity of the library", ("活动", "library activity")),
    Choice("factor", "因子记录", "factor record", ("因子", "指定因子", "record")),
    Choice("background", "背景数据库过程", "process of a database", ("背景数据", "数据库", "背景过程", "database")),
    Choice("supplier", "供应商碳足迹", "supplier's footprint", ("供应商", "供应商数据", "supplier footprint")),
)

_STAGE_NAMES = {
    "raw_materials": ("原材料获取与预加工", "raw materials", ("原材料", "原材料获取", "原料")),
    "parts": ("关键部件", "key parts", ("部件", "零部件", "parts")),
    "collection": ("废料收集与运输", "collecting scrap", ("收集", "回收收集", "collection")),
    "sorting": ("拆解、拣选与预处理", "sorting and preparation", ("分选", "预处理", "拆解", "sorting")),
    "production": ("生产", "production", ("制造", "加工", "生产制造", "manufacture")),
    "packaging": ("包装", "packaging", ()),
    "outbound_logistics": ("出厂物流", "outbound logistics", ("厂外物流",)),
    "distribution": ("分销", "distribution", ("运输与分销", "产品运输", "销售运输")),
    "installation": ("安装", "installation", ("施工安装",)),
    "use": ("使用", "use", ("使用阶段", "运行")),
    "maintenance": ("维护与更换", "maintenance", ("维护", "保养", "维修")),
    "refrigerant": ("制冷剂逸散", "loss of refrigerant", ("制冷剂", "refrigerant")),
    "end_of_life": ("生命末期", "end of life", ("报废", "报废回收", "废弃", "处置")),
    "beyond": ("系统边界以外（模块 D）", "beyond the system (module D)", ("模块 D", "模块D", "beyond", "module D")),
}
STAGE_CHOICES = tuple(Choice(one, *_STAGE_NAMES.get(one, (one, one, ()))) for one in STAGES)
MODULE_CHOICES = tuple(Choice(one, one, one) for one in MODULES)
GAS_PARTS = tuple(
    Choice(one, *names)
    for one, names in {
        "fossil": ("化石源", "fossil", ("化石",)),
        "biogenic": ("生物源排放", "biogenic", ("生物源",)),
        "removal": ("生物源清除", "removal", ("清除", "吸收")),
        "land_use": ("土地利用变化", "land-use change", ("土地利用", "land use")),
        "aircraft": ("航空器", "aircraft", ("航空",)),
    }.items()
    if one in PARTS_OF_GAS
)
DISTRIBUTION_CHOICES = tuple(
    Choice(one, zh, one)
    for one, zh in {
        "lognormal": "对数正态", "normal": "正态", "triangular": "三角", "uniform": "均匀",
    }.items()
    if one in DISTRIBUTIONS
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its headers and help, where its cell stands in the model file, what it holds."""

    field: Field
    path: tuple[str, ...]
    kind: Kind = "text"
    offers: str = ""  # a list of the sheet of lists that is no choice: activity, unit, region, process …
    is_shown: bool = True  # in a template; others are written where a model needs them

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the list of the model that it holds."""

    id: str
    zh: str
    en: str
    key: str  # of the model file
    columns: tuple[Column, ...]
    help_zh: str
    help_en: str
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return the bilingual name of the sheet."""
        return f"{self.zh} {self.en}"

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return what its headers are compared with."""
        return tuple(column.field for column in self.columns)

    @property
    def by_name(self) -> dict[str, Column]:
        """Return the columns by name."""
        return {column.name: column for column in self.columns}


def _column(
    name: str,
    zh: str,
    en: str,
    *aliases: str,
    path: tuple[str, ...] = (),
    kind: Kind = "text",
    required: bool = False,
    choices: tuple[Choice, ...] = (),
    offers: str = "",
    help: tuple[str, str] = ("", ""),  # noqa: A002  the field's own word
    shown: bool = True,
) -> Column:
    field = Field(
        name, "choice" if choices else "text", zh, en, required, aliases, choices,
        help_zh=help[0], help_en=help[1],
    )  # fmt: skip
    return Column(field, path or (name,), "choice" if choices else kind, offers, shown)


_NUMBER = (
    "数字，或以 = 开头、由“参数”表中参数组成的公式。",
    "A number, or a formula of parameters that begins with =.",
)
_SHARE = ("0～1 的小数或百分数。", "A share from 0 to 1, or per cent.")
_LHV = (
    "低位热值，收到基。",
    "Lower heating value, as received.",
)
_RECOVERED = (
    "低位热值中转化为外供热力或电力的比例，0～1 的小数或百分数；两者之和不超过 1。",
    "Share of the heating value that leaves as heat or as power, 0 to 1 or per cent; together at most 1.",
)
_NOTATION = (
    "写作“类别: 代码”，例如 supplier: steel_scrap、activity: electricity。",
    "Kind and id, such as 'supplier: steel_scrap' or 'activity: electricity'.",
)


def _mark() -> Column:
    return _column(
        "mark", "标记", "Mark", "示例标记", choices=MARKS,
        help=("标为“示例”或“不导入”的行不会被读取。", "Rows marked 'example' or 'skip' are never read."),
    )  # fmt: skip


def _id(zh: str, en: str) -> Column:
    return _column("id", zh, en, "代码", "编号", "code", "id", required=True)


def _names() -> tuple[Column, ...]:
    return (
        _column("zh", "中文名称", "Chinese name", "名称", "name", "name zh"),
        _column("en", "英文名称", "English name", "name en"),
    )


def _source() -> tuple[Column, ...]:
    return (
        _column(
            "from_kind", "来源类别", "Kind of source", "数据来源类别", path=("from", "@kind"), choices=SOURCES,
            help=("投入由谁供给；与“来源代码”一起填写。", "Who supplies it; goes with Source id."),
        ),
        _column(
            "from_id", "来源代码", "Source id", "来源", "source", path=("from", "@id"), offers="source",
            help=(
                "过程、供应商填本文件中的代码；活动填因子库代码（见“列表”）；背景数据填过程名称或编号。",
                "Id in this file or in the library; name or id of a process in a database.",
            ),
        ),
        _column("from_factor", "指定因子记录", "Chosen factor record", path=("from", "factor"), shown=False),
        _column("from_database", "背景数据库", "Database", path=("from", "database"), shown=False),
        _column("from_product", "背景产品", "Product in the database", path=("from", "product"), shown=False),
        _column(
            "from_region", "来源地区", "Region of the source", path=("from", "region"), offers="region",
            help=("默认为产品所在地区。", "That of the product by default."),
        ),
        _column(
            "from_certificate", "绿电凭证", "Certificate of power", path=("from", "certificate"), shown=False,
            help=(
                "绿证起始编号或合同编号；来源填该发电技术的电力。",
                "Its number or contract; the source is power of its technology.",
            ),
        ),
    )  # fmt: skip


def _place() -> tuple[Column, ...]:
    return (
        _column("stage", "生命周期阶段", "Stage", "阶段", "life-cycle stage", choices=STAGE_CHOICES),
        _column(
            "module", "EN 15804 模块", "EN 15804 module", "模块", "module", choices=MODULE_CHOICES,
            help=("建材产品填写，A1～C4、D。", "For building products, A1 to C4 and D."),
        ),
        _column("component", "归属部件", "Component", "部件"),
    )  # fmt: skip


def _legs() -> tuple[Column, ...]:
    made = []
    for number in range(1, LEGS + 1):
        shown = number <= LEGS_SHOWN
        made.append(
            _column(
                f"leg{number}_from", f"运输{number} 方式", f"Leg {number} by", path=("transport", str(number), "from"),
                kind="source", help=_NOTATION, shown=shown,
            )
        )  # fmt: skip
        made.append(
            _column(
                f"leg{number}_km", f"运输{number} 距离（km）", f"Leg {number} km", f"运输{number} 距离",
                path=("transport", str(number), "km"), kind="number", help=_NUMBER, shown=shown,
            )
        )  # fmt: skip
    return tuple(made)


def _recycling() -> tuple[Column, ...]:
    def one(key: str, zh: str, en: str, kind: Kind, help: tuple[str, str], shown: bool = True) -> Column:  # noqa: A002
        return _column(f"recycling_{key}", zh, en, path=("recycling", key), kind=kind, help=help, shown=shown)

    group = (
        "再生方法按材料组取参数：metals、plastics、glass、paper、textiles、other。",
        "Group of the method's table: metals, plastics, glass, paper, textiles, other.",
    )
    return (
        one("material", "再生材料组", "Recycling group", "text", group),
        one("pre_consumer", "消费前再生含量", "Pre-consumer content", "share", _SHARE),
        one("post_consumer", "消费后再生含量", "Post-consumer content", "share", _SHARE),
        one("recycled", "再生料来源", "Recycled material from", "source", _NOTATION),
        one("recycled_at_end", "末期再生率", "Recycled at end of life", "share", _SHARE),
        one("recycling", "末期再生处理", "Recycling by", "source", _NOTATION),
        one("burned_at_end", "末期焚烧率", "Burned at end of life", "share", _SHARE, shown=False),
        one("burning", "末期焚烧处理", "Burning by", "source", _NOTATION, shown=False),
        one("disposal", "末期处置", "Disposal by", "source", _NOTATION, shown=False),
        one("lhv_mj_per_kg", "焚烧低位热值（MJ/kg）", "Heating value burned, MJ/kg", "number", _LHV, shown=False),
        one("burned_to_heat", "焚烧供热效率", "Burned to heat", "share", _RECOVERED, shown=False),
        one("burned_to_power", "焚烧发电效率", "Burned to power", "share", _RECOVERED, shown=False),
        one("heat_replaced", "被替代的热力", "Heat replaced", "source", _NOTATION, shown=False),
        one("power_replaced", "被替代的电力", "Power replaced", "source", _NOTATION, shown=False),
        one("substituted", "被替代的原生料", "Material replaced", "source", _NOTATION, shown=False),
        one("quality_in", "再生料质量系数", "Quality going in", "number", _NUMBER, shown=False),
        one("quality_out", "末期再生料质量系数", "Quality coming out", "number", _NUMBER, shown=False),
        one("yield_at_end", "末期废料收得率", "Yield at end of life", "share", _SHARE, shown=False),
    )


def _data() -> tuple[Column, ...]:
    score = ("1 最好，5 最差；不评分留空。", "1 is best, 5 is worst; empty is not scored.")
    return (
        _column("is_primary", "初级数据", "Primary data", "是否初级数据", choices=YES_NO),
        _column("quality_technology", "技术代表性", "Technology score", path=("quality", "technology"), help=score),
        _column("quality_geography", "地理代表性", "Geography score", path=("quality", "geography"), help=score),
        _column("quality_time", "时间代表性", "Time score", path=("quality", "time"), help=score),
        _column(
            "spread_percent", "不确定度（%）", "Uncertainty, %", "不确定度", path=("spread", "percent"), kind="percent",
            help=("95 % 置信区间的半宽。", "Half of the range at 95 %."),
        ),
        _column(
            "spread_distribution", "分布", "Distribution", path=("spread", "distribution"),
            choices=DISTRIBUTION_CHOICES, shown=False,
        ),
        _column(
            "spread_pedigree", "谱系评分", "Pedigree scores", path=("spread", "pedigree"), kind="scores", shown=False,
            help=("如 1 2 3 1 1。", "Such as 1 2 3 1 1."),
        ),
        _column("evidence", "证据或出处", "Evidence", "数据来源", "凭证", "出处", "source document"),
    )  # fmt: skip


def _product() -> Sheet:
    day = ("2025-01-01；写 2025 表示全年。", "2025-01-01; 2025 means the whole year.")
    columns = (
        _mark(),
        _id("产品代码", "Product id"),
        *_names(),
        _column("category_zh", "产品类别", "Category (Chinese)", "产品分类", "Category", path=("category", "zh")),
        _column("category_en", "产品英文类别", "Category (English)", path=("category", "en")),
        _column("organisation_zh", "企业名称", "Company (Chinese)", "生产企业", path=("organisation", "zh")),
        _column("organisation_en", "企业英文名称", "Company (English)", "company", path=("organisation", "en")),
        _column("site", "场所代码", "Site"),
        _column(
            "region", "地区", "Region", required=True, offers="region",
            help=("省份代码，如 CN-HB。", "Code of the province, such as CN-HB."),
        ),
        _column("start", "开始日期", "Start", "数据期间开始", kind="start", required=True, help=day),
        _column("end", "结束日期", "End", "数据期间结束", kind="end", required=True, help=day),
        _column("boundary", "系统边界", "Boundary", "system boundary", kind="named", offers="boundary"),
        _column(
            "main", "最终过程", "Main process", offers="process",
            help=(
                "其产出即本产品的过程；只有物料清单的模型留空。",
                "The process whose output the product is; empty for a bare bill of materials.",
            ),
        ),
        _column("unit_kind", "单位类型", "Kind of unit", path=("unit", "kind"), choices=UNIT_KINDS),
        _column(
            "unit_amount", "单位数量", "Unit amount", path=("unit", "amount"), kind="number", required=True,
            help=_NUMBER,
        ),
        _column("unit", "计量单位", "Unit", "单位", path=("unit", "unit"), required=True, offers="unit"),
        _column("unit_zh", "功能或声明单位描述", "Unit in words (Chinese)", path=("unit", "zh")),
        _column("unit_en", "功能或声明单位英文描述", "Unit in words (English)", path=("unit", "en")),
        _column("unit_mass_kg", "每单位质量（kg）", "Mass of the unit, kg", path=("unit", "mass_kg"), kind="number"),
        _column("lifetime_km", "生命周期行驶里程（km）", "Lifetime distance, km", kind="number"),
        _column("carbon_biogenic_kg", "产品生物碳（kg C）", "Biogenic carbon in the product, kg C", kind="number"),
        _column("is_demonstration", "示范数据", "Demonstration", choices=YES_NO),
    )  # fmt: skip
    return Sheet("product", "产品", "Product", "", columns, "只填一行。", "One row.", ("产品信息",))


def _processes() -> Sheet:
    columns = (
        _mark(),
        _id("过程代码", "Process id"),
        *_names(),
        _column("stage", "生命周期阶段", "Stage", "阶段", required=True, choices=STAGE_CHOICES),
        _column("output", "产出量", "Output", "产量", kind="number", required=True, help=_NUMBER),
        _column("unit", "产出单位", "Output unit", "单位", "unit", required=True, offers="unit"),
        _column("mass_kg", "产出质量（kg）", "Mass of the output, kg", kind="number"),
        _column("lhv_mj_per_kg", "低位热值（MJ/kg）", "Heating value, MJ/kg", kind="number", help=_LHV, shown=False),
        _column(
            "shared_by", "物理分配依据", "Shared by", choices=SHARED_BY, shown=False,
            help=(
                "方法允许按物理关系分配时，联产品按质量或按能量（热值×质量）分配；默认按质量。",
                "Where the method shares by a physical relation: mass by default, or energy (heating value x mass).",
            ),
        ),
        _column(
            "price_cny", "单价（元）", "Price per unit, CNY", kind="number",
            help=("按经济价值分配时填写。", "For sharing by value."),
        ),
        _column("module", "EN 15804 模块", "EN 15804 module", "模块", "module", choices=MODULE_CHOICES),
        _column("component", "归属部件", "Component", "部件"),
        _column("site", "场所代码", "Site", "场所"),
    )  # fmt: skip
    return Sheet(
        "processes", "过程", "Processes", "processes", columns,
        "本企业的每道工序一行；投入、排放、联产品在各自的表中按过程代码填写。",
        "One row per process of your own; inputs, emissions and co-products name it in their sheets.",
        ("工序", "单元过程"),
    )  # fmt: skip


def _of_process() -> Column:
    return _column(
        "process", "所属过程", "Of process", "过程代码", "process id", path=("@process",), required=True,
        offers="process",
    )  # fmt: skip


def _inputs() -> Sheet:
    columns = (
        _mark(),
        _of_process(),
        _id("投入代码", "Input id"),
        *_names(),
        _column("amount", "数量", "Amount", "用量", "消耗量", kind="number", required=True, help=_NUMBER),
        _column("unit", "单位", "Unit", required=True, offers="unit"),
        *_source(),
        *_place(),
        _column(
            "mass_kg", "质量（kg）", "Mass, kg", kind="number",
            help=("单位不是质量单位而又有运输时填写。", "Where the unit is none of mass and the input is carried."),
        ),
        _column("carbon_biogenic_kg", "生物碳（kg C）", "Biogenic carbon, kg C", kind="number"),
        *_legs(),
        *_recycling(),
        *_data(),
    )  # fmt: skip
    return Sheet(
        "inputs", "投入", "Inputs", "inputs", columns,
        "每个过程的每种原料、能源、服务一行；数量对应该过程的产出量。",
        "One row per material, energy or service; amounts are for the output of the process.",
        ("输入", "消耗"),
    )  # fmt: skip


def _emissions() -> Sheet:
    columns = (
        _mark(),
        _of_process(),
        _id("排放代码", "Emission id"),
        _column("gas", "气体", "Gas", required=True, help=("如 CO2、CH4、HFC-134a。", "CO2, CH4, HFC-134a …")),
        _column("amount", "数量（kg）", "Amount, kg", "数量", "排放量", kind="number", required=True, help=_NUMBER),
        _column("part", "来源性质", "Part", choices=GAS_PARTS),
        *_place(),
        _column("is_primary", "初级数据", "Primary data", "是否初级数据", choices=YES_NO),
        _column("evidence", "证据或出处", "Evidence", "数据来源", "凭证"),
    )  # fmt: skip
    return Sheet(
        "emissions", "直接排放", "Emissions", "emissions", columns,
        "过程自身直接排放的气体质量；燃料燃烧请作为投入填写。",
        "Gases that a process emits itself; fuels that are burned belong to Inputs.",
        ("排放", "过程排放"),
    )  # fmt: skip


def _co_products() -> Sheet:
    columns = (
        _mark(),
        _of_process(),
        _id("联产品代码", "Co-product id"),
        *_names(),
        _column("amount", "数量", "Amount", "产量", kind="number", required=True, help=_NUMBER),
        _column("unit", "单位", "Unit", required=True, offers="unit"),
        _column("mass_kg", "质量（kg）", "Mass, kg", kind="number"),
        _column("price_cny", "单价（元）", "Price per unit, CNY", kind="number"),
        _column("carbon_kg", "含碳量（kg C）", "Carbon, kg C", kind="number"),
        _column("lhv_mj_per_kg", "低位热值（MJ/kg）", "Heating value, MJ/kg", kind="number", help=_LHV, shown=False),
    )
    return Sheet(
        "co_products", "联产品", "Co-products", "co_products", columns,
        "与主产品一同产出、有价值的物质；废物不填。", "What of value leaves beside the output; no waste.",
        ("共生产品", "副产品"),
    )  # fmt: skip


def _parts() -> Sheet:
    own = (
        "部件按数量以外的单位采购时填写，如动力电池按 kWh。",
        "Where the part is bought by another unit, as a battery by kWh.",
    )
    columns = (
        _mark(),
        _id("部件代码", "Part id"),
        _column(
            "parent", "上级部件", "Belongs to", "父件", "parent", path=("@parent",), offers="part",
            help=(
                "上级部件的代码，顶层部件留空；代码重复时写完整路径，如 door/hinge。",
                "Id of that part, empty at the top; the whole path where ids repeat, such as door/hinge.",
            ),
        ),
        *_names(),
        _column("quantity", "件数", "Quantity", "数量", kind="number", help=_NUMBER),
        _column("mass_kg", "单件质量（kg）", "Mass of a piece, kg", "质量", "单重", kind="number", help=_NUMBER),
        _column(
            "utilisation", "材料利用率", "Material utilisation", "利用率", kind="share",
            help=("每千克材料制成部件的千克数。", "Kilograms of part from a kilogram of material."),
        ),
        *_source(),
        *_place(),
        _column("input_amount", "用量", "Amount", path=("input", "amount"), kind="number", help=own, shown=False),
        _column("input_unit", "用量单位", "Amount unit", path=("input", "unit"), help=own, offers="unit", shown=False),
        _column("input_id", "投入代码", "Input id", path=("input", "id"), shown=False),
        _column("input_zh", "投入中文名称", "Chinese name of the input", path=("input", "zh"), shown=False),
        _column("input_en", "投入英文名称", "English name of the input", path=("input", "en"), shown=False),
        _column("input_mass_kg", "用量质量（kg）", "Mass of the amount, kg", path=("input", "mass_kg"), kind="number",
                shown=False),
        _column("input_carbon_biogenic_kg", "用量生物碳（kg C）", "Biogenic carbon of the amount, kg C",
                path=("input", "carbon_biogenic_kg"), kind="number", shown=False),
        *_legs(),
        *_recycling(),
        *_data(),
    )  # fmt: skip
    return Sheet(
        "parts", "物料清单", "Bill of materials", "parts", columns,
        "每个部件一行，用“上级部件”表示层级；数量为一个上级部件中的件数。",
        "One row per part; 'Belongs to' makes the tree; the quantity is that in one of the part it belongs to.",
        ("部件", "BOM", "Parts", "零部件"),
    )  # fmt: skip


def _suppliers() -> Sheet:
    columns = (
        _mark(),
        _id("供应商数据代码", "Supplier data id"),
        *_names(),
        _column("unit", "单位", "Unit", required=True, offers="unit"),
        _column("kgco2e", "碳足迹（kg CO2e/单位）", "kg CO2e per unit", "碳足迹", kind="number", required=True),
        _column("supplier", "供应商", "Supplier"),
        _column("method", "核算方法", "Method", "标准", kind="named", offers="method"),
        _column("gwp_set", "GWP 取值", "GWP set", "GWP", kind="named", offers="gwp_set"),
        _column("boundary", "系统边界", "Boundary", kind="named", offers="boundary"),
        _column("period_end", "数据期间结束", "End of its period", kind="day"),
        _column("valid_until", "有效期至", "Valid until", kind="day"),
        _column("region", "地区", "Region", offers="region"),
        _column("fossil", "其中化石源", "Of which fossil", kind="number"),
        _column("biogenic_emissions", "其中生物源排放", "Of which biogenic", kind="number"),
        _column("biogenic_removals", "生物源清除", "Biogenic removals", kind="number"),
        _column("land_use", "其中土地利用变化", "Of which land-use change", kind="number"),
        _column("aircraft", "其中航空", "Of which aircraft", kind="number"),
        _column("carbon_biogenic_kg", "生物碳（kg C/单位）", "Biogenic carbon, kg C per unit", kind="number"),
        _column("primary_data_share", "初级数据占比（%）", "Primary data share, %", kind="percent"),
        _column("dqr", "数据质量评分", "Data quality rating", kind="number"),
        _column("statement", "声明文件或编号", "Statement", "声明", "证书编号", "出处"),
        _column("is_verified", "已核查", "Verified", choices=YES_NO),
    )
    return Sheet(
        "suppliers", "供应商碳足迹", "Supplier footprints", "suppliers", columns,
        "供应商提供的每单位碳足迹。", "What suppliers state, per unit.", ("供应商",),
    )  # fmt: skip


def _parameters() -> Sheet:
    columns = (
        _mark(),
        _column(
            "name", "参数名", "Parameter", "参数", "变量", required=True,
            help=("字母、数字、下划线，可用汉字；公式中引用。", "Letters, digits, underscores; formulas name it."),
        ),
        _column("value", "数值", "Value", "值", kind="number", required=True, help=_NUMBER),
        _column("unit", "单位", "Unit", offers="unit"),
        _column("source_zh", "出处", "Source (Chinese)", "数据来源", "evidence", "Source", path=("source", "zh")),
        _column("source_en", "英文出处", "Source (English)", path=("source", "en")),
        _column("zh", "中文说明", "In words (Chinese)", "说明"),
        _column("en", "英文说明", "In words (English)"),
    )  # fmt: skip
    return Sheet(
        "parameters", "参数", "Parameters", "parameters", columns,
        "公式中使用的数，改一处即可。", "Numbers that formulas use: change them here, once.",
    )  # fmt: skip


def _scenarios() -> Sheet:
    columns = (
        _mark(),
        _id("情景代码", "Scenario id"),
        *_names(),
        _column("parameter", "参数名", "Parameter", "参数", path=("@parameter",), offers="parameter"),
        _column("value", "情景值", "Value", "值", path=("@value",), kind="number"),
    )
    return Sheet(
        "scenarios", "情景", "Scenarios", "scenarios", columns,
        "每个情景、每个参数一行；同一情景的名称只需写一次。",
        "One row per scenario and parameter; its name stands once.",
    )  # fmt: skip


def _exclusions() -> Sheet:
    columns = (
        _mark(),
        _id("排除项代码", "Exclusion id"),
        *_names(),
        _column("reason_zh", "排除理由", "Reason (Chinese)", "理由", path=("reason", "zh")),
        _column("reason_en", "排除理由（英文）", "Reason (English)", path=("reason", "en")),
        _column("stage", "生命周期阶段", "Stage", "阶段", choices=STAGE_CHOICES),
        _column("kgco2e", "估计值（kg CO2e/产品单位）", "Estimate, kg CO2e", "估计值", kind="number"),
        _column("percent", "占碳足迹比例（%）", "Estimate, % of the footprint", kind="percent"),
    )
    return Sheet(
        "exclusions", "排除项", "Exclusions", "excluded", columns,
        "未纳入的过程或物质、理由和估计影响。", "What is left out, why, and how much it is thought to be.", ("取舍",),
    )  # fmt: skip


def _statements() -> Sheet:
    columns = (
        _mark(),
        _id("声明代码", "Statement id"),
        _column("zh", "内容", "Text (Chinese)", "声明内容", "Text", kind="verbatim"),
        _column("en", "英文内容", "Text (English)", kind="verbatim"),
    )
    return Sheet(
        "statements", "声明事项", "Statements", "statements", columns,
        "方法要求研究自行说明的事项，代码见方法。", "What the method asks the study to state; ids are the method's.",
        ("声明",),
    )  # fmt: skip


@lru_cache(maxsize=1)
def sheets() -> tuple[Sheet, ...]:
    """Return the sheets of the workbook in order."""
    return (
        _product(), _processes(), _inputs(), _emissions(), _co_products(), _parts(), _suppliers(), _parameters(),
        _scenarios(), _exclusions(), _statements(),
    )  # fmt: skip


def sheet(identifier: str) -> Sheet:
    """Return one sheet by its id."""
    return next(one for one in sheets() if one.id == identifier)


GENERAL = "pcf.iso14067_2018"
"""The method for all products: others give the same boundary the name of their own trade, such as A1 to A3."""


@lru_cache(maxsize=1)
def boundaries() -> tuple[Choice, ...]:
    """Return every system boundary that a method knows, called as the general method calls it where that knows it."""
    found: dict[str, Choice] = {}
    for method in (GENERAL, *footprint_methods()):
        for key, rule in load(method).boundary.types.items():
            found.setdefault(key, Choice(key, rule.zh, rule.en))
    return tuple(found.values())


@lru_cache(maxsize=1)
def named() -> Mapping[str, tuple[Choice, ...]]:
    """Return what a column of kind 'named' may hold, by its list; beside its id each is known by its names."""
    return {
        "boundary": tuple(_called(one.id, one.zh, one.en) for one in boundaries()),
        "method": tuple(_called(one.id, one.name.zh, one.name.en) for one in methods_of_models()),
        "gwp_set": tuple(Choice(one, one, one) for one in GWP_SETS),
    }


def _called(identifier: str, zh: str, en: str) -> Choice:
    """Return something that is offered by its id and its name beside it."""
    return Choice(identifier, zh, en, tuple(f"{identifier} {name}" for name in (zh, en, f"{zh} {en}")))


def offered(columns: Iterable[Column], needed: Iterable[str]) -> Iterator[Column]:
    """Yield the columns that a workbook shows: those of the template, and those that its rows need."""
    used = set(needed)
    for column in columns:
        if column.is_shown or column.name in used:
            yield column if column.is_shown else replace(column, is_shown=True)


__all__ = ["SCHEMA", "Column", "Sheet", "boundaries", "named", "offered", "sheet", "sheets"]
