"""What the maker of a footprint states beside its snapshot, as fields of a page: one table for each format."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.fields import Choice, Field

_YES_NO = (Choice("true", "是", "yes"), Choice("false", "否", "no"))
_SEVERAL = frozenset({"company_ids", "product_ids", "classifications", "standards", "preceding"})
_VALID = Field("valid_until", "text", "有效期至", "Valid until", help_zh="早于方法规定时填写，如 2027-12-31。",
               help_en="Where it is earlier than the method's, such as 2027-12-31.")  # fmt: skip


def _urns(name: str, zh: str, en: str) -> Field:
    return Field(name, "text", zh, en, help_zh="URN，多个用空格分开。", help_en="URNs, blanks between them.")


_MODULES = (
    Field("owner", "text", "所有者", "Owner", help_zh="模型未写企业名称时填写。",
          help_en="Where the model names no company."),
    Field("name_en", "text", "产品英文名称", "Product (English)"),
    _VALID,
)  # fmt: skip

_PACT = (
    _urns("company_ids", "企业标识", "Company ids"),
    _urns("product_ids", "产品标识", "Product ids"),
    Field("description", "text", "产品描述", "Product description"),
    Field("fossil_carbon_kg", "text", "产品化石碳（kg C）", "Fossil carbon in the product, kg C"),
    Field("biogenic_carbon_kg", "text", "产品生物碳（kg C）", "Biogenic carbon in the product, kg C"),
    Field("mass_kg", "text", "声明数量的质量（kg）", "Mass of the declared amount, kg"),
    Field("packaging_included", "choice", "含包装排放", "Packaging included", choices=_YES_NO),
    Field("ccs_included", "choice", "含碳捕集", "Carbon capture included", choices=_YES_NO),
    Field("region", "text", "联合国区域", "Region of the United Nations"),
    _urns("classifications", "产品分类", "Classifications"),
    Field("standards", "text", "另遵循的标准", "Standards followed beside", help_zh="如 ISO14067。",
          help_en="Such as ISO14067."),
    Field("comment", "text", "备注", "Comment"),
    _VALID,
    Field("preceding", "text", "所取代的碳足迹", "Footprints that it replaces"),
)  # fmt: skip

_CATENA_X = (
    *(field for field in _PACT if field.name != "preceding"),
    Field("kind", "choice", "碳足迹类型", "Kind of footprint",
          choices=(Choice("Retrospective PCF", "回顾性（产品已量产）", "retrospective: the product is in series"),)),
    Field("rules", "text", "产品或行业规则", "Rule of the product or sector"),
    Field("waste_incineration", "choice", "废物焚烧的分配", "Allocation of waste that is burned", choices=(
        Choice("cut-off", "截断法", "cut-off"),
        Choice("reverse cut-off", "反向截断法", "reverse cut-off"),
        Choice("system expansion", "系统扩展", "system expansion"),
        Choice("polluter pays principle", "污染者付费原则", "polluter pays principle"),
    )),
    Field("recycled_carbon", "choice", "再生碳的分配", "Allocation of recycled carbon", choices=(
        Choice("cut-off", "截断法", "cut-off"),
        Choice("upstream system expansion", "上游系统扩展", "upstream system expansion"),
    )),
    Field("mass_balancing", "choice", "采用质量平衡法", "Mass balancing used", choices=_YES_NO),
    Field("mass_balancing_scheme", "text", "质量平衡认证体系", "Scheme of the mass balance's certificates"),
    Field("mass_balancing_free", "choice", "质量平衡自由归属", "Free attribution in mass balancing", choices=_YES_NO),
    Field("legal_statement", "text", "法律声明", "Legal statement"),
)  # fmt: skip

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "pact": _PACT,
    "catena-x": _CATENA_X,
    "ilcd-epd": _MODULES,
    "openepd": _MODULES,
}


def stated(name: str, sent: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return what the fields of a format say; what is empty is not stated."""
    found: dict[str, str | list[str]] = {}
    for field in FIELDS[name]:
        if text := sent.get(field.name, "").strip():
            found[field.name] = re.split(r"[\s,，;；]+", text) if field.name in _SEVERAL else text
    return found
