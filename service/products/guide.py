"""The words of the guide sheet of a model's workbook: (Chinese, English), one line each."""

from __future__ import annotations

LINES: tuple[tuple[str, str], ...] = (
    ("如何填写", "How to fill in this workbook"),
    (
        "1. 先填“产品”一行，再填“过程”（本企业的工序）或“物料清单”（部件），两者可同时使用。",
        "1. Fill in the row of Product, then Processes (your own steps) or Bill of materials (parts), or both.",
    ),
    (
        "2. 各表之间用代码相连：“投入”写明所属过程，“物料清单”写明上级部件。代码自定，不要重复。",
        "2. Sheets name each other by ids: an input its process, a part the one it belongs to. Use each id once.",
    ),
    (
        "3. 橙色表头为必填列；不要改动工作表名称和表头，不要合并单元格。",
        "3. Columns with an orange header are required. Keep the names of sheets and headers; do not merge cells.",
    ),
    (
        "4. 灰色斜体的示例行标有“示例”，不会被读取；自己的备查行可标“不导入”。",
        "4. Grey example rows are marked 'example' and are never read; mark rows of your own 'skip'.",
    ),
    (
        "5. 数量对应该过程的产出量；物料清单对应一个产品单位。",
        "5. Amounts are for the output of their process; the bill of materials is for one unit of the product.",
    ),
    (
        "6. 单元格为文本格式，保留所写的位数；小数点用“.”，单位写在单位列。",
        "6. Cells are text and keep the digits as typed. Use a decimal point; units have columns of their own.",
    ),
    (
        "7. 数量可写以“=”开头、由“参数”表中参数组成的公式，如 =battery_kwh * 4.2；不能引用单元格。",
        "7. An amount may be a formula of parameters, such as =battery_kwh * 4.2; it cannot refer to cells.",
    ),
    (
        "8. 来源只选一种：本模型的过程、因子库活动、因子记录、背景数据库过程、供应商碳足迹。",
        "8. Name one source: a process of this model, an activity or a record of the library, a database, a supplier.",
    ),
    (
        "9. 运输和再生来源写“类别: 代码”，如 activity: freight_road_diesel_18t、supplier: secondary_copper。",
        "9. Legs and recycled sources read 'kind: id', such as activity: freight_road_diesel_18t.",
    ),
    (
        "10. 没有数据的地方留空，不要填 0 或估计值；排除的内容写入“排除项”并说明理由。",
        "10. Leave empty what you have no data for: no zeros, no guesses. What is left out goes to Exclusions.",
    ),
    (
        "11. 末期焚烧在“投入”“物料清单”表尾自加列：“末期焚烧率”“末期焚烧处理”“焚烧低位热值（MJ/kg）”“焚烧供热效率”"
        "“焚烧发电效率”“被替代的热力”“被替代的电力”。",
        "11. For burning at the end of a life add columns to Inputs and Bill of materials: 'Burned at end of life', "
        "'Burning by', 'Heating value burned, MJ/kg', 'Burned to heat', 'Burned to power', 'Heat replaced', "
        "'Power replaced'.",
    ),
    (
        "12. 联产品按能量分配时，在“过程”“联产品”表尾自加列“低位热值（MJ/kg）”，"
        "并在“过程”加列“物理分配依据”、填“能量”。",
        "12. To share co-products by energy add 'Heating value, MJ/kg' to Processes and Co-products, and 'Shared by' "
        "to Processes, saying energy.",
    ),
)
