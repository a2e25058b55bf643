"""Units as a reader writes them: signs, powers of ten, what a published factor counts by."""

from __future__ import annotations

import re

import pytest

from factors.units import factor_units, unit_names
from service.reports import fonts
from service.reports.units import of_factor, sign


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("kWh", "kWh", "kWh"),
        ("1e4Nm3", "万Nm³", "10⁴ Nm³"),
        ("1e6l", "百万L", "10^6 L"),
        ("1e9kg", "10^9 kg", "10^9 kg"),  # no Chinese numeral in use
        ("kWh/m2", "kWh/m²", "kWh/m²"),
        ("GJ_gross", "GJ（高位）", "GJ (gross CV)"),
        ("short_ton", "短吨", "short ton (US)"),
        ("furlong", "furlong", "furlong"),  # nobody knows it
    ],
)
def test_a_unit_is_written_by_its_sign(unit: str, zh: str, en: str) -> None:
    assert sign(unit) == (zh, en)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("kg CO2e/1e4Nm3", "kg CO2e/万Nm³", "kg CO2e/10⁴ Nm³"),
        ("kg CO2e/tonnes", "kg CO2e/t", "kg CO2e/t"),
        ("kgCO2e/t.km", "kg CO2e/t·km", "kg CO2e/t·km"),
        ("t CO2/t clinker", "t CO2/t 熟料", "t CO2/t clinker"),
        ("tonne CO2/tonne zinc produced", "t CO2/t 锌", "t CO2/t zinc"),
        ("kg CO2e/kWh (Net CV)", "kg CO2e/kWh（低位）", "kg CO2e/kWh (net CV)"),
        # The printed value is per million litres, not per litre: the row's denominator alone would mislead.
        ("kg CO2e/million litres", "kg CO2e/百万L", "kg CO2e/10^6 L"),
        ("kgCO2e/keuro", "kg CO2e/keuro", "kg CO2e/keuro"),
        ("kg CO2e/panel of our own", "kg CO2e/panel of our own", "kg CO2e/panel of our own"),
    ],
)
def test_the_unit_of_a_factor_is_written_in_signs(text: str, zh: str, en: str) -> None:
    assert of_factor(text) == (zh, en)


def test_every_reviewed_unit_of_a_factor_has_its_chinese_and_no_raw_spelling() -> None:
    raw = re.compile(r"(?i)tonne|litre|kilowatt|cubic|produced|_|\dNm3|[a-z]{2}[23]\b(?<!CO2)(?<!H4)")
    for text, unit in factor_units().items():
        if unit.is_usable and unit.of in ("gas", "co2e") and unit.denominator:
            zh, en = of_factor(text)
            assert not raw.search(zh.partition("/")[2]), (text, zh)
            if unit.denominator_of and zh != en:
                assert re.search(r"[一-鿿]", zh), (text, zh)


def test_the_font_of_reports_has_every_sign() -> None:
    units = (*unit_names(), *(f"1e{power}t" for power in range(2, 10)))
    texts = [text for pair in (*map(sign, units), *map(of_factor, factor_units())) for text in pair]
    assert fonts.drawable(" ".join(texts), fonts.locate()) == " ".join(texts)


def test_no_unit_shows_an_underscore() -> None:
    assert not [unit for unit in unit_names() if "_" in "".join(sign(unit))]
