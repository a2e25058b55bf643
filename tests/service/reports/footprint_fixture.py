"""Footprints to be reported: the bracket that is worked by hand, and the templates of the product groups."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from factors.library import load as load_library
from lca.footprint import Footprint
from service.calculations import footprints
from service.products import templates
from tests.lca.test_footprint import bracket, computed

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
BRACKET_KG = "18.44"  # 12.96 / 0.8 + 3.0 x 0.65 + 0.1 x 2.4 + 0.6 x 0.08 = 18.438, four digits


@cache
def of_bracket() -> Footprint:
    """The bracket of the standards page under GB/T 24067: 18.438 kg CO2e/kg."""
    return computed(bracket(), "pcf.gbt24067_2024")


@cache
def of_template(template: str, method: str) -> Footprint:
    """A demonstration product; its sizes are nobody's, its structure is real."""
    return footprints.of_model(templates.load(template), method, footprints.Knowledge(load_library()), NOW, "0")


def snapshot_of(template: str, method: str) -> Any:
    """The snapshot alone."""
    return of_template(template, method).snapshot
