"""Moments as snapshots say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lca.days import stamp


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 1, 1, 7, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=8))), "2025-12-31T23:30:59Z"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_said_in_utc_to_the_second(moment: datetime, said: str) -> None:
    assert stamp(moment) == said
