"""One chart definition for page and PDF; a bar says what the table beside it says."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from service.reports import charts, fonts, numbers
from service.reports.words import Words
from tests.service.reports.fixture import CN, ISO, snapshot


def made(method: str = ISO, language: str = "zh") -> dict[str, Any]:
    return charts.charts(snapshot(method), Words(language))


def values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return list(spec["data"]["values"])


def test_every_chart_is_plain_json_without_addresses_to_fetch() -> None:
    for spec in made().values():
        assert json.loads(json.dumps(spec)) == spec
        assert "url" not in json.dumps(spec["data"])


def test_bars_by_category_carry_the_tables_labels() -> None:
    rows = {row["name"]: row["label"] for row in values(made()["category"])}
    # 2167.2381597, 4511 and 528.36 kg, see fixture
    assert list(rows.values()) == ["2.17", "4.51", "0.53"]


def test_gases_stand_from_the_largest_down() -> None:
    rows = values(made()["gas"])
    assert [row["name"] for row in rows] == ["R-410A", "CO2", "CH4_fossil", "N2O"]
    assert rows[0]["t"] == pytest.approx(4.511)


def test_months_add_up_to_the_total() -> None:
    rows = values(made()["month"])
    assert sum(row["t"] for row in rows) == pytest.approx(7.2065981597)
    assert {row["month"] for row in rows} == {"22-01", "22-02"}


@pytest.mark.parametrize(("method", "to"), [(ISO, "market"), (CN, "market"), (CN, "method")])
def test_a_bridge_arrives_at_the_other_total(method: str, to: str) -> None:
    found = snapshot(method)
    rows = values(charts.charts(found, Words("en"))[f"{to}_bridge"])
    start, *steps, end = rows
    assert start["to"] == pytest.approx(float(found["results"]["total_location_kgco2e"]) / 1000)
    assert end["to"] == pytest.approx(float(found["results"][f"total_{to}_kgco2e"]) / 1000)
    level = start["to"]
    for step in steps:
        assert step["from"] == pytest.approx(level)
        level = step["to"]
    assert level == pytest.approx(end["to"])


def test_a_bridge_without_a_step_is_left_out() -> None:
    assert "method_bridge" not in made()  # ISO counts what the location view counts


def test_an_empty_inventory_has_no_charts() -> None:
    empty = snapshot()
    empty["results"] |= {"by_category": [], "by_gas_kgco2e": {}, "lines": []}
    empty["results"]["bridge"] = {"rules": []}
    assert charts.charts(empty, Words("zh")) == {}


def test_the_drawing_is_svg_in_the_reports_font_with_chinese_text() -> None:
    drawing = charts.svg(made()["category"], fonts.FAMILY)
    assert drawing.startswith("<svg")
    assert f"'{fonts.FAMILY}'" in drawing
    assert charts.MEASURED_IN not in drawing
    assert "固定源燃烧" in drawing


def test_a_negative_bar_has_room_and_its_sign() -> None:
    rows = values(made(CN)["category"])
    deducted = next(row for row in rows if row["t"] < 0)
    assert deducted["label"] == f"{numbers.MINUS}0.05"  # -53.66 kg
    low, high = made(CN)["category"]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < deducted["t"] < max(row["t"] for row in rows) < high


def test_numbers_in_charts_come_from_the_snapshot_alone() -> None:
    found = snapshot()
    found["results"]["by_gas_kgco2e"] = {"CO2": "12345678"}
    row = values(charts.charts(found, Words("zh"))["gas"])[0]
    assert row["label"] == f"12{numbers.GAP}345.68"
    assert Decimal(str(row["t"])) == Decimal("12345.678")


def test_more_sites_than_colours_are_drawn_together() -> None:
    found = snapshot()
    model = found["results"]["lines"][0]
    for number in range(10):
        found["results"]["lines"].append(model | {"site": f"S{number}", "months": {"2022-01": "1000"}})
        found["results"]["by_site"][f"S{number}"] = "1000"
    rows = values(charts.charts(found, Words("zh"))["month"])
    assert len({row["site"] for row in rows}) == len(charts.COLOURS)
    assert "其他场所" in {row["site"] for row in rows}
    assert sum(row["t"] for row in rows) == pytest.approx(7.2065981597 + 10)
