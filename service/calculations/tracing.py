"""One line of an inventory written out as a person would write the sum, from the snapshot alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lca.errors import UnknownLine
from lca.formulas import FORMULAS
from lca.numbers import canonical
from lca.snapshot import expanded
from lca.valuation import DENSITY, GAS_CONDITIONS
from service.calculations import told

Record = Mapping[str, Any]

WORDS = {
    "zh": {
        "amount": "活动数据", "rows": "条记录", "offset": "库存等调整（每条）", "convert": "换算", "share": "份额",
        "stated": "填报", "formula": "公式", "total": "合计", "source": "来源", "variant": "匹配情况",
        "left_out": "该方法不计入", "beaten": "未采用的候选因子", "evidence": "凭证", "stored_apart": "明细另存",
        "sign": "扣减项，取负号", "no_formula": "不排放，仅作记录",
        "capped": "扣减不超过该生产线的熟料排放，按比例折减后计入",
    },
    "en": {
        "amount": "Activity data", "rows": "rows", "convert": "conversion", "stated": "as submitted",
        "offset": "stock changes and the like, per row",
        "share": "share", "formula": "Formula", "total": "Total", "source": "Source",
        "variant": "Match", "left_out": "Not counted by this method", "beaten": "Candidates not taken",
        "evidence": "Evidence", "stored_apart": "lines stored apart",
        "sign": "deducted: negative sign", "no_formula": "emits nothing, recorded only",
        "capped": "deducted only down to zero on its clinker line, scaled down with the others",
    },
}  # fmt: skip

MONTHS_SHOWN = 24


def trace(snapshot: Record, line: str, language: str = "zh", view: str = "") -> str:
    """Write line ``line`` as a sum with every operand, its unit and its source.

    Without a ``view`` it is written as the inventory's own total counts it, and again as every other structure does
    that values it otherwise.

    Raises:
        UnknownLine: the snapshot has no such line; the lines it has are named.
    """
    snapshot = expanded(snapshot)
    calculations = {c["id"]: c for c in snapshot["calculations"]}
    if line not in calculations:
        raise UnknownLine(line, list(calculations))
    calculation = calculations[line]
    written = list(_head(snapshot, calculation, language))
    for name in [view] if view else _views(snapshot, calculation):
        written += [f"[{_said(f'view.{name}', language)}]", *_write(snapshot, calculation, name, language)]
    return "\n".join(written)


def _views(snapshot: Record, calculation: Record) -> list[str]:
    """The headline's structure first, then those that value the line otherwise."""
    headline, views = snapshot["results"]["headline"], calculation["views"]
    shown = [headline]
    for name in views:
        if all(views[name] != views[other] for other in shown):
            shown.append(name)
    return shown


def _said(key: str, language: str) -> str:
    """A code in words; one that no table knows, of another version, stands as it is."""
    pair = told.table().get(key)
    return pair[language == "en"] if pair else key.partition(".")[2]


def _head(snapshot: Record, calculation: Record, language: str) -> Iterator[str]:
    yield f"{calculation['id']}  {calculation['site']}  {calculation['name_' + language]}"
    yield from _amounts(snapshot, calculation, WORDS[language])


def _write(snapshot: Record, calculation: Record, view: str, language: str) -> Iterator[str]:
    words = WORDS[language]
    record = calculation["views"][view]
    result = next((r for r in snapshot["results"]["lines"] if r["id"] == calculation["id"]), None)
    if not record["included"]:
        yield f"{words['left_out']}: {told.rule(snapshot, record['rule'])[language == 'en']}"
        return
    yield f"{words['formula']}: {record['expression'] or words['no_formula']}"
    for operand in record["operands"]:
        yield "  " + _operand(operand, language)
    if result is not None:
        yield from _sums(calculation, record, result["amount"])
    if record["share"] != "1":
        yield f"{words['share']}: × {record['share']}"
    if record["sign"] < 0:
        yield words["sign"]
    if result is not None:
        amount = result["amount"]
        if _is_capped(record, float(amount), float(result[f"kgco2e_{view}"])):
            yield words["capped"]
        yield f"{words['total']}: {amount} {calculation['basis_unit']} → {result['kgco2e_' + view]} kg CO2e"
    variants = (_said(f"variant.{variant}", language) for variant in record["variants"] or ["exact"])
    yield f"{words['variant']}: {', '.join(variants)} {_detail(record)}".rstrip()
    yield from _sources(snapshot, record, words)
    if record["candidates"]:
        named = ((one, _said(f"beaten.{reason}", language)) for one, reason in record["candidates"])
        beaten = "; ".join(f"{identifier} ({reason})" for identifier, reason in named)
        yield f"{words['beaten']}: {beaten}"


def _is_capped(record: Record, amount: float, kgco2e: float) -> bool:
    """Did other deductions of the same clinker line leave less to take off than this one is worth?"""
    weighed = sum(float(mass) * float(record["weights"][gas]) for gas, mass in record["gases"].items())
    whole = amount * weighed * float(record["share"]) * record["sign"]
    return record["formula"] == "deduction" and not math.isclose(whole, kgco2e, rel_tol=1e-9)


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
        given = calculation["stream"]["parameters"]
        stated = ", ".join(f"{key} = {given[key]}" for key in (DENSITY, *GAS_CONDITIONS) if key in given)
        yield f"{words['convert']}: × {calculation['conversion']} {calculation['basis_unit']}/{unit}" + (
            f" ({words['stated']}: {stated})" if stated else ""
        )
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


def _operand(operand: Record, language: str) -> str:
    text = f"{operand['symbol']} = {operand['value']} {operand['unit']}".rstrip()
    if operand["factor_id"]:
        printed = f"{operand['printed']} {operand['printed_unit']}"
        return f"{text}  [{operand['factor_id']}: {printed}]"
    return f"{text}  [{_said('origin.' + operand['origin'], language)}]"


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
