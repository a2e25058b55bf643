"""Parameters that a datum may carry, as columns: made from the terms of lca.formulas, so that names never drift.

A column is offered for every parameter and stock term of every formula, for every property that may be
measured, and for the four statements without which a measured value is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial, reduce
from types import MappingProxyType

from lca.formulas import FORMULAS, Term
from lca.formulas.measured import PROPERTIES
from service.fields import Choice, Field

BASES = (
    Choice("as_received", "收到基", "as received", ("应用基", "ar")),
    Choice("air_dried", "空气干燥基", "air dried", ("空干基", "分析基", "ad")),
    Choice("dry", "干燥基", "dry", ("干基", "d")),
)
WEIGHTINGS = (
    Choice("consumption", "按消耗量加权", "weighted by consumption", ("消耗量加权", "入炉加权")),
    Choice("purchase", "按购进量加权", "weighted by purchase", ("购进量加权",)),
    Choice("arithmetic", "算术平均", "arithmetic mean", ("简单平均",)),
)
STATEMENTS = (
    Field("sampling", "text", "采样方式和频次", "Sampling", False, ("采样", "取样", "sampling method"),
          help_zh="例如“每批次采样，按月混合”。", help_en="For example 'every delivery, monthly composite'."),
    Field("laboratory", "text", "检测实验室", "Laboratory", False, ("实验室", "检测单位")),
    Field("basis", "choice", "基准", "Basis", False, ("检测基准", "干湿基"), BASES),
    Field("weighting", "choice", "加权方式", "Weighting", False, ("加权",), WEIGHTINGS),
)  # fmt: skip
GAS_STATE = (
    Field("gas_temperature_c", "decimal", "气体温度（°C）", "Gas temperature (°C)", False, ("工况温度",),
          low="-60", high="400",
          help_zh="计量单位为工况立方米时填写，与压力同时给出。",
          help_en="For volumes at metering conditions, together with the pressure."),
    Field("gas_pressure_kpa", "decimal", "气体绝对压力（kPa）", "Gas pressure, absolute (kPa)", False, ("工况压力",),
          low="1", high="20000"),
)  # fmt: skip
DENSITY = Field("density_kg_per_l", "decimal", "密度（kg/L）", "Density (kg/l)", False, ("液体密度", "density"),
                low="0.3", high="2",
                help_zh="液体燃料按升计量时填写，以换算为质量。",
                help_en="For liquid fuels metered in litres, which it turns into mass.")  # fmt: skip
MEASURED = tuple(PROPERTIES)
"""Keys of the properties a laboratory measures."""

_SHARE_HELP_ZH, _SHARE_HELP_EN = "写成小数或百分数：0.98 或 98%。", "A fraction or a percentage: 0.98 or 98%."


def _terms() -> Iterator[Term]:
    for formula in FORMULAS.values():
        yield from formula.parameters
        yield from formula.stock
    yield from (item.term for item in PROPERTIES.values())


def _wider(one: float | None, other: float | None, *, lower: bool) -> float | None:
    """Return the limit that allows what either formula allows."""
    if one is None or other is None:
        return None
    return min(one, other) if lower else max(one, other)


def _limit(value: float | None) -> str:
    return "" if value is None else format(value, "g")


def _titled(names: list[str], unit: str, brackets: str) -> str:
    """Write a header: all names a key goes by, its unit in brackets."""
    joined = " / ".join(dict.fromkeys(names))
    title = f"{joined}{brackets[:-1]}{unit}{brackets[-1]}" if unit else joined
    return (title[0].upper() + title[1:]).replace("）（", "，")


def _field(terms: list[Term]) -> Field:
    """Return the column of one parameter; ``terms`` are all terms of that key."""
    first, share = terms[0], terms[0].unit == "fraction"
    unit = "" if share or "{u}" in first.unit else first.unit.replace("degC", "°C")
    low = reduce(partial(_wider, lower=True), (term.low for term in terms))
    high = reduce(partial(_wider, lower=False), (term.high for term in terms))
    names = tuple(name for term in terms for name in (term.name_zh, term.name_en))
    return Field(
        first.key,
        "decimal",
        _titled([term.name_zh for term in terms], unit, "（）"),
        _titled([term.name_en for term in terms], unit, " ()"),
        aliases=tuple(dict.fromkeys(names)) if unit == "" else (),
        low=_limit(low),
        high=_limit(high),
        help_zh=_SHARE_HELP_ZH if share else "",
        help_en=_SHARE_HELP_EN if share else "",
    )


@lru_cache(maxsize=1)
def parameter_fields() -> Mapping[str, Field]:
    """Return the column of every parameter by its key."""
    by_key: dict[str, list[Term]] = {}
    for term in _terms():
        by_key.setdefault(term.key, []).append(term)
    fields = {key: _field(terms) for key, terms in by_key.items()}
    return MappingProxyType(fields | {field.name: field for field in (*STATEMENTS, *GAS_STATE, DENSITY)})


@lru_cache(maxsize=1)
def share_keys() -> frozenset[str]:
    """Return the parameters that are fractions, which people also write in per cent."""
    return frozenset(term.key for term in _terms() if term.unit == "fraction")
