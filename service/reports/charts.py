"""One definition of each chart: a Vega-Lite document, drawn live in a page and as a drawing in the PDF.

A chart reads the snapshot's results and nothing else. The labels on the bars are written by
``numbers``, so that a bar never says another number than the table beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import vl_convert

from service.calculations import told
from service.reports import numbers
from service.reports.content.pcf.context import Study
from service.reports.words import Words

Spec = dict[str, Any]

SCHEME = "tanji-image"  # of the addresses under which a page asks for its drawings
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # the name of the grammar; nothing is fetched
VEGA_LITE = "6.4"
MEASURED_IN = "Noto Sans CJK SC"  # the installed font whose widths the drawing is laid out with
COLOURS = ("#1f5c66", "#c08a3e", "#5b7f95", "#8a9a5b", "#a65e4e", "#6d6790", "#b7a57a", "#3d7a5a")
UP, DOWN, TOTAL = "#c08a3e", "#3d7a5a", "#1f5c66"
INK, FAINT = "#33434a", "#d5dcde"
FEW = {"tickCount": 5}  # labels such as 1 000 000 stand apart
WIDTH = 560
LABEL = 250
ROW, LINE, GAP = 24, 12, 8  # heights of a row with one line of text, of a further line, between rows
LINE_EMS = 23.0  # of Chinese characters in a label; a Latin letter is about half as wide
LATIN = 0x2E7F
PIECE = re.compile(r"[^\x00-\u2e7f]|[\x00-\u2e7f]+?(?:\s+|(?=[^\x00-\u2e7f])|$)")
BREAK = "|"
MOST_BARS = 20
AXIS = 44  # height of the axis with its title


def charts(snapshot: Mapping[str, Any], words: Words) -> dict[str, Spec]:
    """Return the charts of a snapshot by name; one that would be empty is left out."""
    rounding = numbers.rounding_of(snapshot["method"])
    made = {
        "category": by_category(snapshot, words, rounding),
        "gas": by_gas(snapshot, words, rounding),
        "month": by_month(snapshot, words),
        "market_bridge": bridge(snapshot, words, rounding, "market"),
        "method_bridge": bridge(snapshot, words, rounding, "method"),
    }
    return {name: spec for name, spec in made.items() if spec is not None}


def of_footprint(study: Study) -> dict[str, Spec]:
    """Return the charts of a footprint by name: its stages, and its components where there are several."""
    plain, held = study.words.plain_pair, study.results
    parts = sorted(held["by_component"], key=lambda name: -abs(float(held["by_component"][name])))
    made = {
        "pcf_stage": [
            _kg_row(plain(*study.stage_pair(name)), held["by_stage"][name], study)
            for name in study.ordered(held["by_stage"])
        ],
        "pcf_component": [
            _kg_row(plain(*study.component_pair(name)), held["by_component"][name], study) for name in parts[:MOST_BARS]
        ],
    }
    axis = study.words.plain("charts.pcf_axis")
    return {name: bars(rows, axis) for name, rows in made.items() if len(rows) > 1}


def text_of(spec: Spec) -> str:
    """Write a chart definition as JSON text; it holds every character that the chart can show."""
    return json.dumps(spec, ensure_ascii=False, sort_keys=True)


def svg(spec: Spec, family: str) -> str:
    """Draw a chart as SVG, its text set in the font ``family``; no browser, no network."""
    drawing = _draw(text_of(spec))
    return drawing.replace(f"font-family=\"'{MEASURED_IN}'\"", f"font-family=\"'{family}'\"").replace(
        f'font-family="{MEASURED_IN}"', f"font-family=\"'{family}'\""
    )


@lru_cache(maxsize=64)
def _draw(text: str) -> str:
    return str(vl_convert.vegalite_to_svg(text, vl_version=VEGA_LITE))


def by_category(snapshot: Mapping[str, Any], words: Words, rounding: numbers.Rounding) -> Spec | None:
    """Emissions by category of the method, as horizontal bars in tCO2e."""
    rows = [
        _row(words.plain_named(category), category["kgco2e"], rounding)
        for category in snapshot["results"]["by_category"]
        if int(category["lines"])
    ]
    return bars(rows, words.plain("charts.emissions_axis")) if rows else None


def by_gas(snapshot: Mapping[str, Any], words: Words, rounding: numbers.Rounding) -> Spec | None:
    """Emissions by gas in tCO2e, the largest first."""
    gases: Mapping[str, str] = snapshot["results"]["by_gas_kgco2e"]
    rows = [_row(gas, kilograms, rounding) for gas, kilograms in gases.items()]
    rows.sort(key=lambda row: -abs(float(row["t"])))
    return bars(rows, words.plain("charts.emissions_axis")) if rows else None


def by_month(snapshot: Mapping[str, Any], words: Words) -> Spec | None:
    """Emissions by month, stacked by site; sites beyond the number of colours are one."""
    sums = _by_month_and_site(snapshot, words)
    if not sums:
        return None
    order = list(dict.fromkeys(site for _, site in sums))
    values = [
        {
            "month": month[2:] if "-" in month else month,
            "site": site,
            "t": _tonnes(kilograms),
            "order": order.index(site),
        }
        for (month, site), kilograms in sorted(sums.items())
    ]
    encoding = {
        "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": 0, "ticks": False}},
        "y": {"field": "t", "type": "quantitative", "title": words.plain("charts.emissions_axis")},
        "color": {
            "field": "site",
            "type": "nominal",
            "title": None,
            "sort": order,
            "legend": {"orient": "top", "columns": 2, "labelLimit": 240} if len(order) > 1 else None,
        },
        "order": {"field": "order"},
    }
    return _frame(values, height=170) | {"mark": {"type": "bar", "size": 22}, "encoding": encoding}


def _by_month_and_site(snapshot: Mapping[str, Any], words: Words) -> dict[tuple[str, str], Decimal]:
    by_site: Mapping[str, str] = snapshot["results"]["by_site"]
    named = {site["code"]: words.plain_named(site) for site in snapshot["sites"]}
    ranked = sorted(by_site, key=lambda code: -abs(Decimal(by_site[code])))
    alone = ranked if len(ranked) <= len(COLOURS) else ranked[: len(COLOURS) - 1]
    sums: dict[tuple[str, str], Decimal] = {}
    for line in snapshot["results"]["lines"]:
        site = named.get(line["site"], line["site"]) if line["site"] in alone else words.plain("charts.other_sites")
        for month, kilograms in line["months"].items() if line["included"] else ():
            sums[(month, site)] = sums.get((month, site), Decimal(0)) + Decimal(kilograms)
    return sums


def bridge(snapshot: Mapping[str, Any], words: Words, rounding: numbers.Rounding, to: str) -> Spec | None:
    """The steps from the location-based total to the ``market`` or ``method`` total, rule by rule.

    Left out when no rule moves anything: a bridge of length nought tells nobody anything.
    """
    results = snapshot["results"]
    steps = [
        (words.plain_pair(*told.rule(snapshot, rule["rule"])), Decimal(rule[f"location_to_{to}"]))
        for rule in results["bridge"]["rules"]
        if Decimal(rule[f"location_to_{to}"]) != 0
    ]
    if not steps:
        return None
    start = Decimal(results["total_location_kgco2e"])
    values = [_span(words.plain("charts.location"), Decimal(0), start, start, "total", rounding)]
    level = start
    for name, change in steps:
        values.append(_span(name, level, level + change, change, "up" if change > 0 else "down", rounding))
        level += change
    end = Decimal(results[f"total_{to}_kgco2e"])
    values.append(_span(words.plain(f"charts.{to}"), Decimal(0), end, end, "total", rounding))
    return _waterfall(values, words.plain("charts.emissions_axis"))


def _waterfall(values: list[dict[str, Any]], axis: str) -> Spec:
    values = [value | {"name": _wrapped(value["name"])} for value in values]
    names = [value["name"] for value in values]
    colour = {"domain": ["total", "up", "down"], "range": [TOTAL, UP, DOWN]}
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": _name_axis()}
    x = {"field": "from", "type": "quantitative", "title": axis, "scale": _room(values), "axis": FEW}
    layers = [
        {
            "mark": {"type": "bar", "height": 15},
            "encoding": {
                "x": x,
                "x2": {"field": "to"},
                "color": {"field": "kind", "type": "nominal", "scale": colour, "legend": None},
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "color": INK},
            "encoding": {"x": {"field": "high", "type": "quantitative"}, "text": {"field": "label"}},
        },
    ]
    return _frame(values, height=_step(names) * len(values) + AXIS) | {"encoding": {"y": y}, "layer": layers}


def bars(rows: Sequence[Mapping[str, Any]], axis: str) -> Spec:
    """Draw rows as horizontal bars: ``t`` long, called ``name``, with ``label`` written from ``high`` on."""
    rows = [{**row, "name": _wrapped(row["name"])} for row in rows]
    names = [row["name"] for row in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": _name_axis()}
    layers = [
        {
            "mark": {"type": "bar", "height": 15, "color": COLOURS[0]},
            "encoding": {"x": {"field": "t", "type": "quantitative", "title": axis, "scale": _room(rows), "axis": FEW}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "color": INK},
            "encoding": {"x": {"field": "high", "type": "quantitative"}, "text": {"field": "label"}},
        },
    ]
    return _frame(rows, height=_step(names) * len(rows) + AXIS) | {"encoding": {"y": y}, "layer": layers}


def _room(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A scale that leaves room for the labels at the right of the bars."""
    low = min(0.0, *(min(row.get("t", 0.0), row.get("from", 0.0), row.get("to", 0.0)) for row in rows))
    high = max(row["high"] for row in rows)
    longest = max(len(row["label"]) for row in rows)
    return {"domain": [low * 1.05, (high or 1.0) * (1.05 + 0.018 * longest)], "nice": False}


def _row(name: str, kilograms: object, rounding: numbers.Rounding) -> dict[str, Any]:
    value = _tonnes(Decimal(str(kilograms)))
    return {"name": name, "t": value, "high": max(value, 0.0), "label": numbers.tonnes(kilograms, rounding)}


def _kg_row(name: str, kilograms: str, study: Study) -> dict[str, Any]:
    value = float(kilograms)
    return {"name": name, "t": value, "high": max(value, 0.0), "label": study.kg(kilograms)}


def _span(
    name: str, low: Decimal, high: Decimal, change: Decimal, kind: str, rounding: numbers.Rounding
) -> dict[str, Any]:
    return {
        "name": name,
        "from": _tonnes(low),
        "to": _tonnes(high),
        "high": _tonnes(max(low, high)),
        "kind": kind,
        "label": numbers.tonnes(str(change), rounding),
    }


def _tonnes(kilograms: Decimal) -> float:
    return float(kilograms / numbers.KG_PER_T)


def _name_axis() -> dict[str, Any]:
    return {
        "labelExpr": f"split(datum.label, '{BREAK}')",
        "labelLimit": LABEL,
        "labelLineHeight": LINE,
        "ticks": False,
        "domain": False,
        "labelPadding": 8,
    }


def _wrapped(name: str) -> str:
    """Break a long name into lines: a rule that nobody can read to its end explains nothing."""
    lines, width = [""], 0.0
    for piece in PIECE.findall(name):
        wide = sum(1.0 if ord(c) > LATIN else 0.55 for c in piece.rstrip())
        if lines[-1] and width + wide > LINE_EMS:
            lines, width = [*lines, ""], 0.0
        lines[-1] += piece
        width += wide
    return BREAK.join(line.strip() for line in lines)


def _step(names: Sequence[str]) -> int:
    most = max(name.count(BREAK) + 1 for name in names)
    return ROW if most == 1 else LINE * most + GAP


def _frame(values: Sequence[Mapping[str, Any]], height: int) -> Spec:
    """What all charts share: data, size, type and the quiet look of the report."""
    return {
        "$schema": SCHEMA,
        "data": {"values": [dict(value) for value in values]},
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": {
            "font": MEASURED_IN,
            "background": None,
            "view": {"stroke": None},
            "range": {"category": list(COLOURS)},
            "axis": {
                "labelColor": INK,
                "titleColor": INK,
                "titleFontWeight": 400,
                "labelFontSize": 9.5,
                "titleFontSize": 9.5,
                "gridColor": FAINT,
                "domainColor": FAINT,
                "tickColor": FAINT,
                "labelOverlap": True,
            },
            "axisY": {"domain": False},
            "text": {"fontSize": 9.5},
            "legend": {"labelColor": INK, "labelFontSize": 9.5},
            "locale": {
                "number": {
                    "decimal": ".",
                    "thousands": numbers.GAP,
                    "grouping": [3],
                    "currency": ["", ""],
                    "minus": numbers.MINUS,
                }
            },
        },
    }
