"""Admission of suppliers' footprints: every rule by itself, numbers by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from factors.library import Library
from factors.library import load as load_library
from lca.admission import Admission, Asked, Check, Offered, admit, bounds, materials
from lca.footprint_method import load
from lca.product_model import Name, SupplierFootprint

ON = date(2026, 11, 21)
PACT = load("pact.3.0")
METAL = SupplierFootprint(
    id="x", name=Name("铝锭"), unit="kg", kgco2e="1.5", method="pact.3.0", gwp_set="AR6", boundary="cradle_to_gate",
    period_end="2025-12-31", fossil="1.4", land_use="0.1",
)  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def asked(**more: object) -> Asked:
    given = {"unit": "kg", "method": PACT, "boundary": "cradle_to_gate", "material": "aluminium_secondary"}
    return Asked(**{**given, **more})  # type: ignore[arg-type]


def judged(library: Library, footprint: SupplierFootprint = METAL, last: str = "", **more: object) -> Admission:
    gases = more.pop("gases_kg", {})
    version, asked_version = more.pop("method_version", ""), more.pop("method_version_asked", "")
    earlier = replace(METAL, kgco2e=last) if last else None
    more["method_version"] = asked_version
    return admit(asked(**more), Offered(footprint, gases, str(version)), library, ON, earlier)  # type: ignore[arg-type]


def verdict(found: Admission, identifier: str) -> str:
    return next(one.verdict for one in found.checks if one.id == identifier)


def test_what_keeps_every_rule_is_admitted(library: Library) -> None:
    found = judged(library)
    assert [one.id for one in found.checks] == ["unit", "method", "boundary", "gwp-set", "period", "range"]
    assert {one.verdict for one in found.checks} == {"kept"}
    # PACT 3.0: three years from the end of the reference period.
    assert found.footprint == replace(METAL, valid_until="2028-12-31")


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"unit": "m3"}, "unit"),
        ({"unit": "not a unit"}, "unit"),
        ({"method": "pcf.iso14067_2018"}, "method"),
        ({"method": ""}, "method"),
        ({"boundary": "cradle_to_grave"}, "boundary"),
        ({"boundary": ""}, "boundary"),
        ({"boundary": "A1 + A2 + A3 + A4"}, "boundary"),
        ({"gwp_set": "AR5"}, "gwp-set"),
        ({"gwp_set": ""}, "gwp-set"),
        ({"period_end": ""}, "period-unstated"),
        ({"period_end": "2026-12-31"}, "period-future"),
        ({"period_end": "2023-11-20"}, "expired"),
        ({"valid_until": "2026-11-20"}, "expired"),
        ({"fossil": "1.0"}, "parts-differ"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(library: Library, change: dict[str, str], broken: str) -> None:
    found = judged(library, replace(METAL, **change))  # type: ignore[arg-type]
    assert [one.id for one in found.refused] == [broken]


def test_everything_wrong_is_told_at_once(library: Library) -> None:
    one = replace(METAL, unit="m3", method="x", boundary="", gwp_set="AR4", period_end="")
    found = judged(library, one, must_be_verified=True, least_primary_percent="50")
    broken = ["unit", "method", "boundary", "gwp-set", "period-unstated", "verified", "primary-share"]
    assert [one.id for one in found.refused] == broken


def test_another_version_of_the_same_method_is_refused(library: Library) -> None:
    found = judged(library, method_version="0")
    assert found.refused == (Check("method-version", "refused", {"method": "pact.3.0", "found": "0", "asked": "1"}),)


def test_what_was_asked_by_an_earlier_record_of_the_method_is_asked_anew(library: Library) -> None:
    assert [one.id for one in judged(library, method_version_asked="0").refused] == ["method-changed"]
    assert not judged(library, method_version_asked=PACT.version).refused


def test_the_last_day_of_validity_still_counts(library: Library) -> None:
    assert not judged(library, replace(METAL, period_end="2023-11-21")).refused
    assert not judged(library, replace(METAL, valid_until="2026-11-21")).refused


def test_a_month_stands_for_its_last_day(library: Library) -> None:
    found = judged(library, replace(METAL, valid_until="2026-10"))
    assert [(one.id, one.params["until"]) for one in found.refused] == [("expired", "2026-10-31")]
    assert judged(library, replace(METAL, valid_until="2028-02")).footprint.valid_until == "2028-02-29"
    # PACT 3.0: three years from the end of the period.
    assert judged(library, replace(METAL, period_end="2025-06")).footprint.valid_until == "2028-06-30"


def test_a_longer_validity_than_the_methods_is_cut(library: Library) -> None:
    found = judged(library, replace(METAL, valid_until="2030-01-01"))
    assert verdict(found, "validity-cut") == "told"
    assert found.footprint.valid_until == "2028-12-31"


def test_a_method_without_a_rule_of_validity_leaves_a_doubt(library: Library) -> None:
    method = load("pcf.iso14067_2018")
    found = judged(library, replace(METAL, method=method.id), method=method)
    assert [one.id for one in found.doubted] == ["validity-unruled"]


def test_modules_to_the_gate_are_cradle_to_gate(library: Library) -> None:
    found = judged(library, replace(METAL, boundary="A1 + A2 + A3"))
    assert not found.refused
    assert found.footprint.boundary == "cradle_to_gate"


def test_another_set_is_weighed_anew_from_masses(library: Library) -> None:
    """1 kg CO2 + 0.01 kg CH4 fossil: AR5 1 + 0.01 x 30 = 1.30; AR6 1 + 0.01 x 29.8 = 1.298 (Table 7.15).

    0.2 kg biogenic CO2 stays outside, 0.001 kg CH4 biogenic is 0.027 (27.0) and no part of fossil.
    """
    gases = {"CO2/fossil": 1.0, "CH4_fossil/fossil": 0.01, "CO2/biogenic": 0.2, "CH4_biogenic/biogenic": 0.001}
    one = replace(METAL, gwp_set="AR5", kgco2e="1.328", fossil="1.30", land_use="0", biogenic_emissions="0.028")
    found = judged(library, one, gases_kg=gases)
    assert verdict(found, "gwp-converted") == "told"
    assert not found.refused
    assert float(found.footprint.fossil) == pytest.approx(1.298)
    assert float(found.footprint.biogenic_emissions) == pytest.approx(0.027)
    assert float(found.footprint.kgco2e) == pytest.approx(1.325)
    assert found.footprint.gwp_set == "AR6"


@pytest.mark.parametrize(
    "gases", [{}, {"CO2e/fossil": 1.0}, {"CO2/fossil": 1.0, "CO2e/fossil": 0.1}, {"XYZ/fossil": 1.0}]
)
def test_another_set_without_masses_is_refused(library: Library, gases: dict[str, float]) -> None:
    found = judged(library, replace(METAL, gwp_set="AR5"), gases_kg=gases)
    assert [one.id for one in found.refused] == ["gwp-set"]


def test_a_set_mixed_with_what_publishers_weighed_is_a_doubt(library: Library) -> None:
    found = judged(library, replace(METAL, gwp_set="AR5 + AR6"))
    assert [one.id for one in found.doubted] == ["gwp-mixed"]


def test_a_number_per_tonne_is_used_per_kilogram(library: Library) -> None:
    one = replace(METAL, unit="t", kgco2e="1500", fossil="1400", land_use="100", biogenic_removals="-20")
    used = judged(library, one).footprint
    assert (used.unit, used.kgco2e, used.fossil, used.land_use, used.biogenic_removals) == (
        *("kg", "1.5", "1.4", "0.1"),
        "-0.02",
    )


@pytest.mark.parametrize(
    ("number", "doubt"),
    [("0.5", "range-outside"), ("2.6", "range-outside"), ("0.6", None), ("2.5", None), ("0", "not-positive")],
)
def test_a_number_outside_the_published_range_is_a_doubt(library: Library, number: str, doubt: str | None) -> None:
    """``bounds.csv``, aluminium_secondary: low 0.72, high 2.12; warned of below 0.576 and above 2.544."""
    found = judged(library, replace(METAL, kgco2e=number, fossil="", land_use="0"))
    assert doubt in {one.id for one in found.doubted} if doubt else not found.doubted


def test_bounds_follow_the_unit(library: Library) -> None:
    per_kg, per_t = bounds(library, "aluminium_secondary", "kg"), bounds(library, "aluminium_secondary", "t")
    assert per_kg
    assert per_t
    assert (per_kg.low, per_kg.high) == (0.72, 2.12)
    assert (per_t.low, per_t.high) == pytest.approx((720, 2120))
    assert bounds(library, "aluminium_secondary", "m3") is None
    assert bounds(library, "cheese", "kg") is None
    assert "aluminium_secondary" in materials(library)
    records = [library.factors[one] for one in per_kg.factor_ids]
    assert records
    assert all(one.material == "aluminium_secondary" for one in records)


@pytest.mark.parametrize(
    ("last", "identifier", "percent"),
    [
        ("1.5", "changed", "+0"),
        ("1.4", "changed", "+7.14"),
        ("1.3", "changed-much", "+15.4"),
        ("2", "changed-much", "-25"),
    ],
)
def test_a_change_beyond_the_methods_limit_is_a_doubt(
    library: Library, last: str, identifier: str, percent: str
) -> None:
    """PACT: a change of more than 10 % ends a footprint's validity; 1.5 / 1.3 - 1 = 15.4 %."""
    found = judged(library, last=last)
    check = next(one for one in found.checks if one.id == identifier)
    assert check.params["percent"] == percent
    assert (identifier == "changed-much") == bool(found.doubted)


def test_a_demonstration_is_doubted(library: Library) -> None:
    found = admit(asked(), Offered(METAL, is_demonstration=True), library, ON)
    assert [one.id for one in found.doubted] == ["demonstration"]
