"""The words of the guide sheet: (Chinese, English), one line each."""

from __future__ import annotations

_LINES = (
    ("如何填写", "How to fill in this workbook"),
    (
        "1. 先填“组织”“场所”“核算期间”，再填各数据表。每行是一个排放源在一段时间内的活动数据。",
        "1. Fill in Organisation, Sites and Periods first, then the data sheets. One row is one source in one period.",
    ),
    (
        "2. 橙色表头为必填列；不要改动工作表名称和表头，不要合并单元格。",
        "2. Columns with an orange header are required. Keep the names of sheets and headers; do not merge cells.",
    ),
    (
        "3. 灰色斜体的示例行标有“example”，不会被导入；自己的备查行可标“skip”。",
        "3. Grey example rows are marked 'example' and are never loaded; mark rows of your own 'skip'.",
    ),
    (
        "4. 日期写 2025-03-01；按月填写时开始日期写 2025-03 即可，结束日期留空。",
        "4. Write days as 2025-03-01; for a month write 2025-03 as the start and leave the end empty.",
    ),
    (
        "5. 活动数据只写数字，小数点用“.”，不写千位分隔符；单位写在单位列（kWh、万千瓦时、吨、标方等）。",
        "5. Amounts are plain numbers with a decimal point and without separators of thousands.",
    ),
    (
        "6. 活动可写代码、中文名或英文名，全部列在“列表”表中。列表里没有的活动请先与核算人员确认。",
        "6. Activities go by id, Chinese or English name; all are on the sheet Lists. Ask before using another word.",
    ),
    (
        "7. 天然气等气体以标准立方米（Nm3，0 ℃、101.325 kPa）计；工况体积请先换算并保留依据。",
        "7. Gases are counted in Nm3 (0 °C, 101.325 kPa). Convert other volumes first and keep the basis.",
    ),
    (
        "8. 外供电力、外供热力、余热发电、自发自用光伏各是单独的活动，都填正数，不要用负数表示。",
        "8. Exported power and heat, waste-heat and own solar power are activities of their own, written positive.",
    ),
    (
        "9. 燃料实测值须写明采样、实验室、收到基、按消耗量加权，缺一项即采用缺省值。",
        "9. Measured fuel values need sampling, laboratory, as-received basis and weighting by consumption.",
    ),
    (
        "10. 凭证文件与本文件放在同一文件夹（或其下的 evidence 文件夹），在“凭证文件”列写文件名。",
        "10. Put evidence files beside this file (or in the folder 'evidence') and name them in Evidence file.",
    ),
    (
        "11. 绿证须已核销且受益主体为本组织；绿证电量不要再从外购电量中扣除。",
        "11. Certificates must be retired for this organisation; do not take their amount off the power bought.",
    ),
    (
        "12. 每个未核算的类别在“排除项”中写明理由。",
        "12. Every category left out is named in Exclusions, with its reason.",
    ),
    (
        "13. 提交后先检查、不写入：所有错误一次列出，并给出带修改意见的错误文件。",
        "13. Handing in checks first and writes nothing: all errors at once, and a file that says how to mend them.",
    ),
)


def guide_lines() -> tuple[tuple[str, str], ...]:
    """Return the lines of the guide."""
    return _LINES
