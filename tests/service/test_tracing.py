"""A line written out as a person would write the sum."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from lca import ghg, soundness
from lca.errors import UnknownLine
from lca.numbers import canonical
from lca.parts import build, check_lines
from service.calculations.tracing import trace
from tests.lca.ledgers import certificate, inventory, ledger, stream

POWER = stream(name="main meter", meter="M1")


def test_the_sum_stands_with_every_number_and_its_source() -> None:
    coal = stream("anthracite", "t", name="kiln")
    frozen = inventory(ledger((coal, "2025-01", "1.5"), (coal, "2025-01", "0.5"), (coal, "2025-02", "3"))).snapshot
    text = trace(frozen, "L001", "en")
    # NCV 22.867, CC 27.49, OF 0.98 (ETS set); 5 t: 5 × 22.867 × 27.49 × 0.98 × 44/12 = 11294.0… kg CO2
    assert "2025-01: 2 t = 1.5 + 0.5" in text
    assert "CO2: 5 t × 22.867 GJ/t × 27.49 kgC/GJ × 0.98 fraction × 44/12 = " in text
    co2 = canonical(5 * 22.867 * 27.49 * 0.98 * 44 / 12)
    assert f"= {co2} kg\n" in text
    assert "[cn-fuel-mee-ets-anthracite-ncv: 22.867 GJ/t]" in text
    assert "Source: cn-fuel-mee-ets-anthracite-ncv — " in text
    assert "Match: default" in text
    assert "[location-based]" in text


def test_in_chinese_too() -> None:
    frozen = inventory(ledger((POWER, "2025-01", "10"))).snapshot
    text = trace(frozen, "L001", "zh")
    assert "外购电力" in text
    assert "合计: 10 kWh → 4.044 kg CO2e" in text
    assert "较早年份 (year_used=2023)" in text
    assert "[基于位置]" in text
    assert "[基于市场]" in text
    assert "未采用的候选因子" in text


def test_what_a_method_leaves_out_says_by_which_rule() -> None:
    frozen = inventory(ledger((stream("freight_rail", "tkm"), "2025-01", "10")), "inventory.cn_gbt32150").snapshot
    assert "Not counted by this method: Chinese enterprise guidelines do not count the value chain" in trace(
        frozen, "L001", "en"
    )
    assert "AD × EF" in trace(frozen, "L001", "en", view="location")


def test_units_shares_deductions_and_instruments_are_shown() -> None:
    made = ledger((stream(unit="MWh"), "2025-01", "10"), instruments=(certificate("A1", "A1", "300"),))
    frozen = inventory(made).snapshot
    assert "conversion: × 1000 kWh/MWh" in trace(frozen, "L001", "en")
    covered = trace(frozen, "I001", "en")
    assert "2025: 300 kWh" in covered
    assert "deducted: negative sign" in covered
    stocks = stream("diesel", "t", parameters=(("closing", "1"),))
    assert "stock changes and the like, per row: -1 t" in trace(
        inventory(ledger((stocks, "2025-01", "3"))).snapshot, "L001", "en"
    )


def test_an_unknown_line_names_those_that_there_are() -> None:
    with pytest.raises(UnknownLine, match="L001"):
        trace(inventory(ledger((POWER, "2025-01", "10"))).snapshot, "L9")


def test_lines_stored_apart_are_named_by_their_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ghg, "LINES_INLINE", 1)
    monkeypatch.setattr(soundness, "LINES_INLINE", 1)
    frozen = inventory(ledger((POWER, "2025-01", "10"), (POWER, "2025-01", "20")))
    (part,) = frozen.snapshot["parts"]
    assert "lines" not in part
    assert f"(lines stored apart: {part['sha256'][:16]})" in trace(frozen.snapshot, "L001", "en")
    assert list(frozen.parts) == [part["sha256"]]
    assert ghg.recompute(frozen.snapshot, frozen.parts) == frozen.snapshot
    torn = {part["sha256"]: frozen.parts[part["sha256"]].replace(b'"10"', b'"11"')}
    with pytest.raises(ghg.SnapshotInvalid, match="digest, part S1 2025-01: amounts"):
        ghg.recompute(frozen.snapshot, torn)


def test_amounts_of_any_length_are_summed_exactly() -> None:
    long = ("0." + "1" * 30, "12345678901234567890123", "0.5")
    (part,) = build(ledger(*[(POWER, "2025-01", text) for text in long]))
    (entry,) = part.amounts.values()
    assert Decimal(entry["amount"]) == sum(map(Decimal, long))
    assert list(check_lines({"sha256": "0" * 64, "rows": 2, "amounts": {}}, [])) == ["digest", "rows"]


def test_rows_over_several_months_make_a_part_of_their_year() -> None:
    made = ledger((POWER, "2025-01", "10"))
    annual = made.rows.with_columns(end=pl.date(2025, 12, 31))
    (part,) = build(type(made)(**{**_fields(made), "rows": annual}))
    assert part.month == "2025"


def _fields(made: object) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_number_that_is_none_is_not_written() -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        canonical(float("nan"))
    assert [canonical(x) for x in (0.0, -0.0, 1e21, 1.5e-7, 1234.5)] == [
        "0", "0", "1000000000000000000000", "0.00000015", "1234.5",
    ]  # fmt: skip


def test_power_of_ones_own_says_that_it_emits_nothing() -> None:
    made = ledger((stream("electricity_pv_own"), "2025-01", "10"))
    assert "Formula: emits nothing, recorded only" in trace(inventory(made).snapshot, "L001", "en")


def test_a_capped_deduction_says_so() -> None:
    # 10 t clinker × 535 kg = 5350 kg; 20 t carbide slag × 480 kg would be 9600 kg: only 5350 kg come off.
    made = ledger(
        (stream("clinker_portland", "t", process_line="K1"), "2025-01", "10"),
        (stream("cement_deduct_carbide_slag", "t", process_line="K1"), "2025-01", "20"),
    )
    frozen = inventory(made, "inventory.cn_gbt32150.cement").snapshot
    slag = next(c["id"] for c in frozen["calculations"] if c["activity"].startswith("cement_deduct"))
    text = trace(frozen, slag, "en", view="method")
    assert "scaled down with the others" in text
    assert "→ -5350 kg CO2e" in text
