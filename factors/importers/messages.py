"""Sentences of the import report, in English and Chinese; codes stay the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # in the file
        "not-a-number": (
            "'%(found)s' stands where a number belongs; the cell is left out",
            "此处应为数字，却是“%(found)s”；该单元格未导入",
        ),
        "wrong-cell-count": (
            "%(found)s cells where the header has %(expected)s; the line is left out",
            "该行有 %(found)s 个单元格，表头有 %(expected)s 个；该行未导入",
        ),
        "number-as-text": (
            "the number '%(found)s' is stored as text; read as %(value)s",
            "数字“%(found)s”以文本形式存放；按 %(value)s 读取",
        ),
        "given-twice": (
            "%(id)s is given a second time as %(value)s, first as %(first)s at %(other)s; the first one is kept",
            "%(id)s 重复出现：此处为 %(value)s，%(other)s 处为 %(first)s；保留先出现的数值",
        ),
        "gases-do-not-add-up": (
            "CO2, CH4 and N2O add up to %(sum)s, printed total %(total)s",
            "CO2、CH4、N2O 之和为 %(sum)s，与所印合计 %(total)s 不符",
        ),
        "blend-does-not-follow": (
            "%(blend)s is printed as %(printed)s; its composition gives %(sum)s; kept as printed",
            "%(blend)s 所印为 %(printed)s，按其组成计算为 %(sum)s；照印录入",
        ),
        "year-differs": (
            "says year %(found)s in the edition of %(edition)s",
            "标注年份为 %(found)s，而本版为 %(edition)s 年版",
        ),
        "gwp-differs": (
            "names %(found)s; this importer expects %(expected)s for the edition of %(edition)s",
            "注明采用 %(found)s，而 %(edition)s 年版应为 %(expected)s",
        ),
        "gwp-not-stated": (
            "does not say with which warming potentials it was made; the records carry none",
            "未注明所用的全球变暖潜势；记录中留空",
        ),
        "no-table-found": ("has no table that was understood", "未找到可识别的数据表"),
        "unknown-table": (
            "'%(found)s' is a table that this importer does not know",
            "“%(found)s”是未知的数据表，未导入",
        ),
        "table-missing": ("%(table)s is not in the file", "文件中没有 %(table)s"),
        "unknown-heading": (
            "the column '%(found)s' is not understood; it is left out",
            "不认识列标题“%(found)s”；该列未导入",
        ),
        "columns-not-told-apart": (
            "several columns read '%(found)s' and nothing tells them apart; they are left out",
            "多列标题同为“%(found)s”，无法区分；这些列未导入",
        ),
        "unknown-place": (
            "'%(place)s' is not in geographies.csv; %(count)s values are left out",
            "geographies.csv 中没有“%(place)s”；%(count)s 个数值未导入",
        ),
        "unknown-gas": (
            "'%(gas)s' has no warming potential of its own; %(count)s values are left out",
            "“%(gas)s”没有对应的全球变暖潜势；%(count)s 个数值未导入",
        ),
        "unknown-status": (
            "status '%(found)s' is not known; the line is left out",
            "不认识状态“%(found)s”；该行未导入",
        ),
        "damaged-accents": (
            "accents are damaged in this copy (%(example)s); names are kept as they stand, numbers are not touched",
            "此副本中的重音字母已损坏（如 %(example)s）；名称照录，数值不受影响",
        ),
        "no-counterpart": (
            "%(count)s values have no counterpart in the flat file held; ids are made of their names (%(example)s)",
            "%(count)s 个数值在已有的平面文件中没有对应项；编号由名称生成（如 %(example)s）",
        ),
        # in the library
        "unit-not-reviewed": (
            "unit '%(unit)s' (%(count)s values) is not in units.csv: add the spelling with its reading, or its refusal",
            "units.csv 中没有单位“%(unit)s”（%(count)s 个数值）：请先在表中补充该写法及其含义，或注明不采用",
        ),
        "licence-unknown": (
            "licence '%(licence)s' is not in licences.yaml: add it with the publisher's words",
            "licences.yaml 中没有许可“%(licence)s”：请先按发布方的表述补充",
        ),
        "library-refuses": (
            "the library would not accept the table: %(reason)s",
            "排放因子库不接受该表：%(reason)s",
        ),
    }
)


def sentence(code: str, language: str) -> str:
    """Return the template of a code in 'en' or 'zh'."""
    return SENTENCES[code][1 if language == "zh" else 0]
