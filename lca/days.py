"""Days of validity: the same day some years on, the day after; and the moment of a snapshot."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import TypeVar

Day = TypeVar("Day", date, datetime)


def years_after(day: Day, years: int) -> Day:
    """Return the same day ``years`` on, 28 for 29 February; the last year that a calendar has is the last."""
    year = min(day.year + years, MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def day_after(day: str) -> date:
    """Return the day after an ISO date: the end of a period that the day is the last of.

    Raises:
        ValueError: it is no ISO date.
    """
    return date.fromisoformat(day) + timedelta(days=1)


def stamp(moment: datetime) -> str:
    """Return a moment as snapshots and events say it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
