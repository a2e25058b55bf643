"""Days: five kinds of writing, whole months, and questions where the order of day and month is open."""

from __future__ import annotations

import pytest

from service.activities.dates import read_date


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-01", "2025/3/1", "2025.3.1", "2025年3月1日", "2025 年 3 月 1 日", "20250301", "２０２５－０３－０１",
        "2025-03-01T00:00:00", "2025-03-01 00:00", "45717", "45717.0", "1 March 2025", "01-Mar-2025",
    ],
)  # fmt: skip
def test_reads_a_day(text: str) -> None:
    # 45717 days after 1899-12-30 is 2025-03-01: 125 years of 365 days and 31 leap days to 2025-01-01 (45658), 59 more.
    assert read_date(text, "start") == ("2025-03-01", "", ())


@pytest.mark.parametrize("text", ["2025-03", "2025/3", "2025年3月", "2025年3月份", "202503", "Mar 2025", "March-2025"])
def test_a_month_is_its_first_and_its_last_day(text: str) -> None:
    assert read_date(text, "start").value == "2025-03-01"
    assert read_date(text, "end").value == "2025-03-31"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025年", "2025-01-01", "2025-12-31"),
        ("2025Q2", "2025-04-01", "2025-06-30"),
        ("2025年第四季度", "2025-10-01", "2025-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
    ],
)
def test_longer_periods(text: str, start: str, end: str) -> None:
    assert (read_date(text, "start").value, read_date(text, "end").value) == (start, end)


def test_day_and_month_are_asked_back() -> None:
    read = read_date("01.03.2025", "start")
    assert (read.value, read.code) == ("", "date-order")
    assert dict(read.params) == {"one": "2025-03-01", "other": "2025-01-03"}


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("01.03.2025", "dmy", "2025-03-01"),
        ("01.03.2025", "mdy", "2025-01-03"),
        ("03/01/2025", "mdy", "2025-03-01"),
        ("13.03.2025", "", "2025-03-13"),  # only one reading is possible
        ("3/13/2025", "", "2025-03-13"),
        ("03.03.2025", "", "2025-03-03"),  # both readings are the same day
    ],
)
def test_a_declared_or_single_order(text: str, order: str, value: str) -> None:
    assert read_date(text, "start", order).value == value


def test_a_serial_of_a_workbook_that_counts_from_1904() -> None:
    assert read_date("44255", "start", epoch_1904=True).value == "2025-03-01"  # 45717 - 1462


def test_the_last_second_of_a_day_is_a_fine_end() -> None:
    assert read_date("2025-03-31 23:59:59", "end").value == "2025-03-31"
    assert read_date("2025-03-31 23:59:59", "start").code == "date-with-time"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-02-29", "date-impossible"),
        ("2025-13-01", "date-impossible"),
        ("2025-13", "date-impossible"),
        ("2025-00-10", "date-impossible"),
        ("1989-12-31", "date-far"),
        ("2101-01", "date-far"),
        ("25/3/1", "not-a-date"),
        ("yesterday", "not-a-date"),
        ("32 Smarch 2025", "not-a-date"),
        ("2025-03-01 08:15", "date-with-time"),
    ],
)
def test_refuses_with_the_reason(text: str, code: str) -> None:
    read = read_date(text, "start")
    assert (read.value, read.code) == ("", code)
