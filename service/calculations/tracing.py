"""One line of an inventory written out as a person would write the sum, from the snapshot alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lca.errors import UnknownLine
from lca.formulas import FORMULAS
from lca.numbers import canonical
from lca.snapshot import expanded

Record = Mapping[str, Any]

WORDS = {
    "zh": {
        "amount": "活动数据", "rows": "条记录", "offset": "库存等调整（每条）", "convert": "换算", "share": "份额",
        "formula": "公式", "total": "合计", "source": "来源", "variant": "匹配情况",
        "left_out": "该方法不计入", "beaten": "未采用的候选因子", "evidence": "凭证", "stored_apart": "明细另存",
        "given": "填报值", "sign": "扣减项，取负号",
    },
    "en": {
        "amount": "Activity data", "rows": "rows", "convert": "conversion",
        "offset": "stock changes and the like, per row",
        "share": "share", "formula": "Formula", "total": "Total", "source": "Source",
        "variant": "Match", "left_out": "Not counted by this method", "beaten": "Candidates not taken",
        "evidence": "Evidence", "stored_apart": "lines stored apart", "given": "as submitted",
        "sign": "deducted: negative sign",
    },
}  # fmt: skip

MONTHS_SHOWN = 24


def trace(snapshot: Record, line: str, language: str = "zh", view: str = "") -> str:
    """Write line ``line`` as a sum with every operand, its unit and its source.

    Raises:
        UnknownLine: the snapshot has no such line; the lines it has are named.
    """
    snapshot = expanded(snapshot)
    calculations = {c["id"]: c for c in snapshot["calculations"]}
    if line not in calculations:
        raise UnknownLine(line, list(calculations))
    headline = snapshot["results"]["headline"]
    chosen = view or headline
    return "\n".join(_write(snapshot, calculations[line], chosen, language))


def _write(snapshot: Record, calculation: Record, view: str, language: str) -> Iterator[str]:
    words = WORDS[language]
    record = calculation["views"][view]
    result = next((r for r in snapshot["results"]["lines"] if r["id"] == calculation["id"]), None)
    yield f"{calculation['id']}  {calculation['site']}  {calculation['name_' + language]}  [{view}]"
    yield from _amounts(snapshot, calculation, words)
    if not record["included"]:
        yield f"{words['left_out']}: {record['rule']}"
        return
    yield f"{words['formula']}: {record['expression']}"
    for operand in record["operands"]:
        yield "  " + _operand(operand, words)
    if result is not None:
        yield from _sums(calculation, record, result["amount"])
    if record["share"] != "1":
        yield f"{words['share']}: × {record['share']}"
    if record["sign"] < 0:
        yield words["sign"]
    if result is not None:
        amount = result["amount"]
        yield f"{words['total']}: {amount} {calculation['basis_unit']} → {result['kgco2e_' + view]} kg CO2e"
    yield f"{words['variant']}: {', '.join([*record['variants']] or ['exact'])} {_detail(record)}".rstrip()
    yield from _sources(snapshot, record, words)
    if record["candidates"]:
        beaten = "; ".join(f"{identifier} ({reason})" for identifier, reason in record["candidates"])
        yield f"{words['beaten']}: {beaten}"


def _sums(calculation: Record, record: Record, amount: str) -> Iterator[str]:
    """Write each gas as the product of its numbers, then its weight: 12 t × 19.57 GJ/t × … = m kg; × GWP = e kg."""
    basis = calculation["basis_unit"]
    formula = FORMULAS[record["formula"]] if record["formula"] else None
    texts = {operand["key"]: f"{operand['value']} {operand['unit']}".rstrip() for operand in record["operands"]}
    for gas, mass in record["gases"].items():
        weight = record["weights"][gas]
        kilograms = float(amount) * float(mass)
        written = (
            formula.written(gas, f"{amount} {basis}", texts) if formula else f"{amount} {basis} × {mass} kg/{basis}"
        )
        yield f"  {gas}: {written} = {canonical(kilograms)} kg"
        yield f"    × {weight} ({record['gwp_set']}) = {canonical(kilograms * float(weight))} kg CO2e"


def _amounts(snapshot: Record, calculation: Record, words: Mapping[str, str]) -> Iterator[str]:
    unit, key, months = calculation["unit"], calculation["stream_key"], set(calculation["months"])
    parts = [p for p in snapshot["parts"] if key in p["amounts"] and p["month"] in months]
    covers = [c for c in snapshot["covers"] if c["calculation"] == calculation["id"]]
    yield f"{words['amount']}: {sum(p['amounts'][key]['rows'] for p in parts) + len(covers)} {words['rows']}"
    for cover in covers:
        yield f"  {cover['month']}: {cover['kwh']} {unit}"
    for part in parts[:MONTHS_SHOWN]:
        yield "  " + _month(part, key, unit, words)
    if calculation["conversion"] != "1":
        yield f"{words['convert']}: × {calculation['conversion']} {calculation['basis_unit']}/{unit}"
    if calculation["offset"] != "0":
        yield f"{words['offset']}: {calculation['offset']} {calculation['basis_unit']}"


def _month(part: Record, key: str, unit: str, words: Mapping[str, str]) -> str:
    lines = [line for line in part.get("lines", ()) if line[1] == key]
    shown = " + ".join(line[4] for line in lines[:12]) + (" + …" if len(lines) > 12 else "")
    detail = f" = {shown}" if len(lines) > 1 else ""
    apart = "" if "lines" in part else f" ({words['stored_apart']}: {part['sha256'][:16]})"
    evidence = sorted({line[5] for line in lines if line[5]})
    proof = f"  {words['evidence']}: {', '.join(e[:16] for e in evidence)}" if evidence else ""
    return f"{part['month']}: {part['amounts'][key]['amount']} {unit}{detail}{apart}{proof}"


def _operand(operand: Record, words: Mapping[str, str]) -> str:
    text = f"{operand['symbol']} = {operand['value']} {operand['unit']}".rstrip()
    if operand["factor_id"]:
        printed = f"{operand['printed']} {operand['printed_unit']}"
        return f"{text}  [{operand['factor_id']}: {printed}]"
    return f"{text}  [{words['given'] if operand['origin'] == 'stated' else operand['origin']}]"


def _detail(record: Record) -> str:
    shown = {k: v for k, v in record["detail"].items() if k != "series"}
    return "(" + ", ".join(f"{k}={v}" for k, v in sorted(shown.items())) + ")" if shown else ""


def _sources(snapshot: Record, record: Record, words: Mapping[str, str]) -> Iterator[str]:
    for identifier in record["factor_ids"]:
        factor = snapshot["factors"].get(identifier)
        if factor is None:
            continue
        source = snapshot["sources"].get(factor["source"], {})
        place = f", {factor['page']}" if factor["page"] else ""
        yield (
            f"{words['source']}: {identifier} — {source.get('title', factor['source'])}, "
            f"{source.get('publisher', '')} {source.get('year', '')}{place}; {factor['licence']}"
        )
