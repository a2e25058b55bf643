"""What a reader of an inventory has to be told, computed from the snapshot like everything else in it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lca.energy_operand import FUEL_GROUPS, HEAT, POWER
from lca.numbers import canonical

Record = Mapping[str, Any]

MATERIAL_SHARE = 0.05
"""Share of rows without evidence above which it is said."""

ENERGY_GROUPS = FUEL_GROUPS | POWER.keys() | HEAT.keys()


def warnings_of(snapshot: Record) -> list[dict[str, str]]:
    """List the warnings: weak matches with their share, unconfirmed rules, refused instruments, gaps."""
    return [*_variants(snapshot), *_method(snapshot), *_instruments(snapshot), *_gaps(snapshot)]


def _warning(code: str, zh: str, en: str, line: str = "") -> dict[str, str]:
    return {"code": code, "zh": zh, "en": en, "line": line}


WEAK = {
    "earlier_year": ("采用了早于活动年份的因子", "factors of an earlier year"),
    "parent_region": ("采用了上级地区的因子", "factors of a wider region"),
    "default": ("采用了指南或 IPCC 缺省值而非实测值", "defaults of a guideline or of the IPCC instead of measurements"),
    "fallback_set": (
        "所用方法的参数表中没有该燃料，采用了方法声明的备用参数表",
        "a fallback parameter set, the method's own lacks the fuel",
    ),
    "later_year": ("采用了晚于活动年份的因子", "factors of a later year"),
    "other_region": ("采用了其他地区的因子", "factors of another region"),
    "chosen": ("由填报人指定的因子", "factors that a person chose"),
}


def _variants(snapshot: Record) -> Iterator[dict[str, str]]:
    lines = [line for line in snapshot["results"]["lines"] if line["included"]]
    total = math.fsum(abs(float(line["kgco2e"])) for line in lines)
    for variant, (zh, en) in WEAK.items():
        chosen = [line for line in lines if variant in line["variants"]]
        if chosen and total:
            share = 100 * math.fsum(abs(float(line["kgco2e"])) for line in chosen) / total
            named = ", ".join(line["id"] for line in chosen[:10]) + (" …" if len(chosen) > 10 else "")
            text = canonical(float(f"{share:.3g}"))
            yield _warning(
                variant, f"{zh}：占排放量的 {text}%（{named}）", f"{en}: {text} % of the emissions ({named})"
            )
    unsplit = [line for line in lines if "CO2e" in line["gases_kg"]]
    if unsplit:
        named = ", ".join(line["id"] for line in unsplit[:10])
        yield _warning(
            "unsplit_co2e",
            f"下列各行的因子只公布了二氧化碳当量，未按气体拆分，保留其原有 GWP 取值：{named}",
            f"these lines have factors published as CO2e only; they stay unsplit and keep their own GWP set: {named}",
        )


def _method(snapshot: Record) -> Iterator[dict[str, str]]:
    note = snapshot["method"]["evidence"]
    if note["mark"] != "confirmed":
        yield _warning(
            "method_unconfirmed", f"方法条款未经原文核对：{note['zh']}", f"the method awaits confirmation: {note['en']}"
        )
    share = snapshot["results"]["uncertainty"]["assumed_share_percent"]
    if share is not None and float(share) > 0:
        yield _warning(
            "uncertainty_assumed",
            "部分不确定度取自方法的假定值，而非公布或实测的数值",
            "part of the uncertainty rests on the method's assumptions, not on published or measured widths",
        )


def _instruments(snapshot: Record) -> Iterator[dict[str, str]]:
    for instrument in snapshot["instruments"]:
        if instrument["refused"]:
            name = f"{instrument['kind']} {instrument['number_from']}"
            yield _warning(
                f"instrument_{instrument['refused'].replace('-', '_')}",
                f"凭证 {name} 不予采用：{instrument['refused']}",
                f"instrument {name} is not counted: {instrument['refused']}",
            )


def _gaps(snapshot: Record) -> Iterator[dict[str, str]]:
    energy = snapshot["results"]["energy"]
    if energy["tce_equivalent"] is None:
        yield _warning(
            "no_equivalent_rate",
            "未填报电力等价折标系数及其来源，等价值能耗未计算",
            "no equivalent rate for electricity was stated with its source, so energy at equivalent value is not given",
        )
    for calculation in snapshot["calculations"]:
        if calculation["unknown_parameters"]:
            named = ", ".join(calculation["unknown_parameters"])
            yield _warning(
                "unknown_parameters",
                f"{calculation['id']}：公式不使用下列参数，请检查是否填错：{named}",
                f"{calculation['id']}: the formula uses none of these parameters, please check them: {named}",
                calculation["id"],
            )
    yield from _without_energy(snapshot)
    yield from _own_power(snapshot)
    yield from _co2_alone(snapshot)
    yield from _beside_the_gases(snapshot)
    yield from _unexplained(snapshot)
    yield from _without_evidence(snapshot)


def _without_energy(snapshot: Record) -> Iterator[dict[str, str]]:
    """Fuel or heat whose heating value nobody knows: the energy total lacks it, and has to say so."""
    bare = [
        c["id"]
        for c in snapshot["calculations"]
        if c["energy"] is None
        and c["group"] in ENERGY_GROUPS
        and snapshot["valuations"][c["views"]["method"]]["rule"] != "another-entity"
    ]
    if bare:
        named = ", ".join(bare[:10]) + (" …" if len(bare) > 10 else "")
        yield _warning(
            "energy_incomplete",
            f"能耗合计不完整：下列各行没有热值，未折算为标准煤：{named}",
            f"the energy total is incomplete, these lines have no heating value: {named}",
        )


def _own_power(snapshot: Record) -> Iterator[dict[str, str]]:
    """Power of one's own sun or wind is used without being bought: the reader of the energy total has to know."""
    own = [line["id"] for line in snapshot["results"]["lines"] if line["id"] in _of_group(snapshot, "electricity_own")]
    if own:
        yield _warning(
            "own_power_outside_energy",
            f"自发自用的可再生能源电量未计入综合能耗（标准煤）：{', '.join(own)}",
            f"power from one's own renewable plant is not part of the energy in standard coal: {', '.join(own)}",
        )


def _of_group(snapshot: Record, group: str) -> set[str]:
    return {calculation["id"] for calculation in snapshot["calculations"] if calculation["group"] == group}


def _co2_alone(snapshot: Record) -> Iterator[dict[str, str]]:
    """A factor of one's own for CO2 takes the place of all gases that the method asks of a fuel."""
    wanted = set(snapshot["method"]["combustion_gases"]) - {"CO2"}
    bare = [
        calculation["id"]
        for calculation in snapshot["calculations"]
        if calculation["group"] in FUEL_GROUPS
        and set(snapshot["valuations"][calculation["views"]["method"]]["gases"]) == {"CO2"}
    ]
    if wanted and bare:
        named = ", ".join(bare)
        yield _warning(
            "combustion_gases_missing",
            f"下列燃料行采用的因子只含 CO2，{'、'.join(sorted(wanted))} 未计入：{named}",
            f"the factors of these fuels hold CO2 alone, {' and '.join(sorted(wanted))} are missing: {named}",
        )


def _beside_the_gases(snapshot: Record) -> Iterator[dict[str, str]]:
    """Gases of the Montreal Protocol are emitted all the same, so the reader finds them beside the total."""
    masses = snapshot["results"]["ozone_gases_kg"]
    if masses:
        told = "、".join(f"{gas} {kg} kg" for gas, kg in masses.items())
        yield _warning(
            "ozone_gases_apart",
            f"《蒙特利尔议定书》管控的消耗臭氧层物质不属于核算的七种温室气体，不计入总量，单列：{told}",
            f"gases of the Montreal Protocol are none of the seven counted and stand beside the total: {told}",
        )


def _unexplained(snapshot: Record) -> Iterator[dict[str, str]]:
    """Categories with neither data nor a stated reason: a reader cannot tell nothing from not asked."""
    excluded = {exclusion["category"] for exclusion in snapshot["exclusions"]}
    empty = [
        category
        for category in snapshot["results"]["by_category"]
        if category["lines"] == "0" and category["id"] not in excluded
    ]
    if empty:
        zh, en = "；".join(c["name_zh"] for c in empty), "; ".join(c["name_en"] for c in empty)
        yield _warning(
            "category_without_data",
            f"下列类别既无活动数据，也未说明排除理由：{zh}",
            f"categories with neither data nor a reason for leaving them out: {en}",
        )


def _without_evidence(snapshot: Record) -> Iterator[dict[str, str]]:
    lines = [line for part in snapshot["parts"] for line in part.get("lines", ())]
    bare = sum(1 for line in lines if not line[5])
    if lines and bare / len(lines) > MATERIAL_SHARE:
        yield _warning(
            "no_evidence",
            f"{len(lines)} 条活动数据中有 {bare} 条未附凭证",
            f"{bare} of {len(lines)} rows of activity data have no evidence attached",
        )
