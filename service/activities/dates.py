"""Days as people write them: ISO, slashes, Chinese, points, spreadsheet serials, whole months.

'01.03.2025' is 1 March to one reader and 3 January to the next: without a declared order it is
asked back. A month, quarter or year stands for its first day in a start column and its last in an end column.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import Literal

from service.activities.numerals import Reading, tidy

Side = Literal["start", "end"]

FIRST_YEAR, LAST_YEAR = 1990, 2100  # the first inventories report 1990; later than 2100 is a slip
_SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet after its invented 29 February 1900
_DAYS_TO_1904 = 1462

_TIME = re.compile(r"[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|[+-]\d{2}:?\d{2})?$")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月份?)?")
_COMPACT_MONTH = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})[-年]?(?:Q|第)([1-4一二三四])(?:季度|季)?")
_YEAR = re.compile(r"((?:19|20)\d{2})(?:年度?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NAMED_DAY = re.compile(r"(\d{1,2})[- ]([a-z]{3,9})[- ,]+(\d{4})", re.IGNORECASE)
_NAMED_MONTH = re.compile(r"([a-z]{3,9})[- ,]+(\d{4})", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _read(year: int, month: int, day: int) -> Reading:
    """Return one day, or why it is none."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Reading("", "date-far", (("first", str(FIRST_YEAR)), ("last", str(LAST_YEAR))))
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return Reading("", "date-impossible")
    return Reading(date(year, month, day).isoformat())


def _span(year: int, first: int, last: int, side: Side) -> Reading:
    """Return the first day of the month ``first`` or the last day of the month ``last``."""
    if not 1 <= last <= 12:
        return Reading("", "date-impossible")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _read(year, first, 1)
    return _read(year, first, 1) if side == "start" else Reading(month_end(year, last).isoformat())


def _year_last(one: int, two: int, year: int, order: str) -> Reading:
    """Read day and month in the declared order, or in the only order that is possible."""
    if not order and one <= 12 and two <= 12 and one != two:
        readings = f"{year}-{two:02}-{one:02}", f"{year}-{one:02}-{two:02}"
        return Reading("", "date-order", (("one", readings[0]), ("other", readings[1])))
    month_first = order == "mdy" or (not order and two > 12)
    return _read(year, one, two) if month_first else _read(year, two, one)


def _named(text: str, side: Side) -> Reading | None:
    """Read English month names: '1 March 2025', '01-Mar-2025', 'Mar 2025'."""
    if (found := _NAMED_DAY.fullmatch(text)) and (month := _MONTHS.get(found[2].casefold())):
        return _read(int(found[3]), month, int(found[1]))
    if (found := _NAMED_MONTH.fullmatch(text)) and (month := _MONTHS.get(found[1].casefold())):
        return _span(int(found[2]), month, month, side)
    return None


def _longer(text: str, side: Side) -> Reading | None:
    """Read a month, a quarter or a year."""
    if found := _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text):
        return _span(int(found[1]), int(found[2]), int(found[2]), side)
    if found := _QUARTER.fullmatch(text):
        quarter = _QUARTERS.get(found[2]) or int(found[2])
        return _span(int(found[1]), 3 * quarter - 2, 3 * quarter, side)
    if found := _YEAR.fullmatch(text):
        return _span(int(found[1]), 1, 12, side)
    return None


def _serial(text: str, epoch_1904: bool) -> Reading:
    """Read the day number of a spreadsheet."""
    day = _SERIAL_EPOCH + timedelta(days=int(text.partition(".")[0]) + (_DAYS_TO_1904 if epoch_1904 else 0))
    return _read(day.year, day.month, day.day)


def _without_time(text: str, side: Side) -> str | None:
    """Drop a midnight, and in an end column the last second of a day; None when another time of day stands there."""
    found = _TIME.search(text)
    if found is None:
        return text
    clock = found[1]
    harmless = set(clock) <= set("0:.") or (side == "end" and clock.startswith(("23:59", "24:00")))
    return text[: found.start()] if harmless else None


def read_date(text: str, side: Side, order: str = "", *, epoch_1904: bool = False) -> Reading:
    """Read ``text`` as a day in ISO form; ``order`` is the declared order of day and month, 'dmy' or 'mdy'.

    Codes: 'not-a-date', 'date-impossible', 'date-far', 'date-order' (asked back), 'date-with-time'.
    """
    day = _without_time(tidy(text), side)
    if day is None:
        return Reading("", "date-with-time")
    day = re.sub(r"\s*([年月日季])\s*", r"\1", day)
    if found := _YEAR_FIRST.fullmatch(day) or _COMPACT.fullmatch(day):
        return _read(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(day):
        return _year_last(int(found[1]), int(found[2]), int(found[3]), order)
    if _SERIAL.fullmatch(day):
        return _serial(day, epoch_1904)
    return _longer(day, side) or _named(day, side) or Reading("", "not-a-date")
