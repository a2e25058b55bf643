"""Any CSV with a mapping: real metering of a steel works, ledgers of other systems, maps that do not hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from intake_made import codes, warned

from service.activities.intake import ColumnMap, Intake, Known, known_from, load_mapping, read
from service.activities.mapping import MappingInvalid, mapping_of

EXAMPLES = Path(__file__).parents[3] / "examples"
STEEL = EXAMPLES / "steel_metering_2018-01.csv"

QUARTER_HOURS = {
    "columns": {"date": "time", "kWh": "amount"},
    "constants": {"site": "S1", "activity": "electricity", "unit": "kWh", "meter": "M1"},
    "time": {"format": "%d/%m/%Y %H:%M", "interval_minutes": 15, "stamp": "end", "midnight": "same_day"},
    "aggregate": "month",
}


def metering(path: Path, days: int, value: Callable[[int], str], first: date = date(2018, 1, 1)) -> Path:
    """Write quarter-hours whose midnight is written as 00:00 of the day that ends."""
    lines = ["date,kWh"]
    for number in range(days * 96):
        day, quarter = first + timedelta(days=number // 96), number % 96 + 1
        clock = f"{quarter // 4 % 24}:{quarter % 4 * 15:02}"
        lines.append(f"{day:%d/%m/%Y} {clock},{value(number)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_real_metering_of_a_steel_works() -> None:
    """2,976 readings of January 2018; their sum, added up by awk over the published file, is 126,238.29 kWh."""
    intake = read(STEEL, mapping=load_mapping(EXAMPLES / "steel_metering.map.yaml"), known=known_from())
    assert codes(intake) == []
    assert warned(intake) == []
    assert (intake.counts.total, intake.counts.loaded, intake.counts.data) == (2976, 2976, 1)
    row = intake.ledger.rows.row(0, named=True)
    assert (row["start"], row["end"], row["amount"]) == (date(2018, 1, 1), date(2018, 1, 31), "126238.29")
    assert intake.ledger.sites[0].region == "KR"
    assert intake.ledger.organisation.code == "STEEL"


def test_a_year_of_quarter_hours_is_twelve_exact_sums(tmp_path: Path, known: Known) -> None:
    """35,040 rows of 0.01 to 99.99: months add up to n × 96 × (mean), here checked against decimals."""
    values = [f"{(number * 7919) % 9999 / 100 + 0.01:.2f}" for number in range(365 * 96)]
    path = metering(tmp_path / "year.csv", 365, lambda number: values[number])
    intake = read(path, mapping=mapping_of(QUARTER_HOURS), known=known)
    assert codes(intake) == []
    assert [code for _, _, code in warned(intake)] == []
    assert intake.counts.total == intake.counts.loaded == 35040
    assert intake.counts.data == 12
    assert sum(map(Decimal, intake.ledger.rows["amount"])) == sum(map(Decimal, values))
    january = sum(map(Decimal, values[: 31 * 96]))
    assert Decimal(intake.ledger.rows["amount"][0]) == january
    assert intake.ledger.rows["start"].to_list() == [date(2018, month, 1) for month in range(1, 13)]
    assert intake.ledger.rows["end"].to_list()[1] == date(2018, 2, 28)


def test_the_midnight_rule_decides_the_day_of_the_last_interval(tmp_path: Path, known: Known) -> None:
    """One value at the last quarter-hour of 31 January: with the usual rule it falls on 30 January, 23:45."""
    path = metering(tmp_path / "days.csv", 31, lambda number: "5" if number == 31 * 96 - 1 else "0")
    assert read(path, mapping=mapping_of(QUARTER_HOURS), known=known).errors == ()
    usual = mapping_of({**QUARTER_HOURS, "time": {**QUARTER_HOURS["time"], "midnight": "next_day"}})  # type: ignore[dict-item]
    intake = read(path, mapping=usual, known=known)
    # Read so, the first day begins with the last quarter of 2017; the file's own order gives the slip away.
    assert intake.ledger.rows["start"].to_list()[0] == date(2017, 12, 31)
    told = next(problem for problem in intake.warnings if problem.code == "interval-midnight")
    assert (told.row, told.params["count"]) == (97, "31")


def test_gaps_doubles_and_odd_stamps(tmp_path: Path, known: Known) -> None:
    path = metering(tmp_path / "days.csv", 2, lambda _: "1")
    lines = path.read_text(encoding="utf-8").splitlines()
    del lines[10:13]  # 02:30, 02:45 and 03:00 are missing
    lines.insert(20, lines[19])  # a double
    lines[50] = "01/01/2018 13:07,1"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    intake = read(path, mapping=mapping_of(QUARTER_HOURS), known=known)
    assert codes(intake) == [(21, "date", "interval-duplicate")]
    assert intake.errors[0].params["other"] == "20"
    gap = next(problem for problem in intake.warnings if problem.code == "interval-gap")
    # The readings end at 02:15 and go on at 03:15: three quarter-hours from 02:15 to 03:00.
    assert gap.params == {"start": "2018-01-01 02:15", "end": "2018-01-01 03:00", "count": "3"}
    assert {code for _, _, code in warned(intake)} == {"interval-gap", "interval-odd"}
    assert intake.counts.errors == 1
    assert Decimal(intake.ledger.rows["amount"][0]) == 192 - 3


def test_rows_that_cannot_be_read_are_named_and_left_out(tmp_path: Path, known: Known) -> None:
    path = metering(tmp_path / "days.csv", 1, lambda _: "1")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[5], lines[6], lines[7] = "01/01/2018 25:15,1", "01/01/2018 1:30,one", ",1"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    intake = read(path, mapping=mapping_of(QUARTER_HOURS), known=known)
    assert codes(intake) == [(6, "date", "not-a-time"), (7, "kWh", "not-a-number"), (8, "date", "required")]
    assert (intake.counts.total, intake.counts.loaded, intake.counts.errors) == (96, 93, 3)
    assert intake.ledger.rows["amount"].to_list() == ["93"]


def test_several_meters_in_one_file(tmp_path: Path, known: Known) -> None:
    path = tmp_path / "meters.csv"
    rows = [f"2025-01-{day:02},M{meter},{meter * day}" for day in range(1, 32) for meter in (1, 2)]
    path.write_text("day,meter no,kWh\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = mapping_of(
        {
            "columns": {"day": "time", "meter no": "meter", "kWh": "amount"},
            "constants": {"site": "S1", "activity": "electricity", "unit": "kWh"},
            "time": {"format": "%Y-%m-%d", "interval_minutes": 1440, "stamp": "start"},
            "aggregate": "month",
        }
    )
    intake = read(path, mapping=mapping, known=known)
    assert codes(intake) == []
    # 1 + 2 + … + 31 = 496
    assert sorted(intake.ledger.rows["amount"].to_list()) == ["496", "992"]
    assert sorted(stream.meter for stream in intake.ledger.streams) == ["M1", "M2"]


def test_the_interval_is_found_when_not_declared(tmp_path: Path, known: Known) -> None:
    path = metering(tmp_path / "days.csv", 2, lambda _: "1")
    content = {**QUARTER_HOURS, "time": {"format": "%d/%m/%Y %H:%M", "midnight": "same_day"}}
    intake = read(path, mapping=mapping_of(content), known=known)
    assert warned(intake) == []
    assert intake.ledger.rows["amount"].to_list() == ["192"]


def test_a_ledger_of_another_system() -> None:
    intake = read(
        EXAMPLES / "energy_ledger.csv", mapping=load_mapping(EXAMPLES / "energy_ledger.map.yaml"), known=known_from()
    )
    assert codes(intake) == []
    assert intake.ledger.rows["amount"].to_list() == ["1250000.0", "1180500.0", "152000.0"]
    assert intake.ledger.rows["start"].to_list()[1] == date(2025, 2, 1)
    assert [stream.activity for stream in intake.ledger.streams] == ["electricity", "natural_gas"]
    assert intake.ledger.sites[0].region == "CN-HB"


def test_the_long_form_example() -> None:
    mapping = load_mapping(EXAMPLES / "activity_long_form.map.yaml")
    intake = read(EXAMPLES / "activity_long_form.csv", mapping=mapping, known=known_from())
    assert codes(intake) == []
    assert intake.counts.loaded == 6


def test_constants_are_checked_once(csv: Callable[..., Intake]) -> None:
    mapping = mapping_of(
        {"columns": {"kWh": "amount", "m": "start"}, "constants": {"site": "S9", "activity": "x", "unit": "kWh"}}
    )
    intake = csv("m,kWh", "2025-01,5", "2025-02,6", mapping=mapping)
    assert codes(intake) == [(None, "site", "site-unknown"), (None, "activity", "activity-unknown")]
    assert (intake.counts.total, intake.counts.loaded) == (2, 0)


def test_mapped_columns_that_are_missing(csv: Callable[..., Intake]) -> None:
    mapping = mapping_of(
        {"columns": {"Verbrauch": "amount", "Monat": "start"}, "constants": {"site": "S1", "unit": "kWh"}}
    )
    intake = csv("Monat,Verbrauch kWh", "2025-01,5", mapping=mapping)
    assert codes(intake) == [(1, "Verbrauch", "column-missing"), (1, "", "column-missing")]
    assert intake.errors[0].params["near"] == "Verbrauch kWh"


def test_constants_complete_a_long_form(csv: Callable[..., Intake]) -> None:
    mapping = mapping_of({"constants": {"site": "S1", "unit": "kWh"}})
    intake = csv("activity,start,amount", "electricity,2025-01,1000", mapping=mapping)
    assert codes(intake) == []
    assert intake.ledger.streams[0].unit == "kWh"


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_a_declared_order_of_day_and_month(csv: Callable[..., Intake], order: str) -> None:
    lines = ("site,activity,start,end,amount,unit", "S1,electricity,01.03.2025,03.04.2025,1000,kWh")
    intake = csv(*lines, mapping=ColumnMap(date_order=order))
    expected = {"dmy": date(2025, 3, 1), "mdy": date(2025, 1, 3)}
    assert intake.ledger.rows["start"].to_list() == [expected[order]]


def test_a_mapping_reads_a_worksheet_too(workbook: Callable[..., Path], known: Known) -> None:
    stamps = [datetime(2025, 1, 1, hour) for hour in range(3)]  # noqa: DTZ001
    rows: list[list[object]] = [["stamp", "kWh"], *[[f"{stamp:%Y-%m-%d %H:%M}", 2.5] for stamp in stamps]]
    mapping = mapping_of(
        {
            "columns": {"stamp": "time", "kWh": "amount"},
            "constants": {"site": "S1", "activity": "electricity", "unit": "kWh"},
            "time": {"format": "%Y-%m-%d %H:%M", "stamp": "start"},
            "aggregate": "month",
            "sheet": "Meter",
        }
    )
    intake = read(workbook({"Notes": [["x"]], "Meter": rows}), mapping=mapping, known=known)
    assert codes(intake) == []
    assert intake.ledger.rows["amount"].to_list() == ["7.5"]


def test_everything_wrong_with_a_map_is_named_at_once() -> None:
    content = {
        "columns": {"a": "amount", "b": "amount", "c": "colour", "d": "time"},
        "constants": {"amount": 5, "size": 3, "site": ["S1"]},
        "time": {"interval_minutes": 0, "stamp": "middle", "zone": "UTC"},
        "aggregate": "week",
        "decimal_mark": ";",
        "sites": [{"code": "S1"}],
        "organisation": "me",
        "extra": 1,
    }
    with pytest.raises(MappingInvalid) as caught:
        mapping_of(content)
    assert {wrong.where for wrong in caught.value.wrong} == {
        "columns.b", "columns.c", "constants.amount", "constants.size", "constants.site", "time.zone",
        "time.interval_minutes", "time.stamp", "aggregate", "decimal_mark", "sites[0]", "organisation", "extra", "time",
    }  # fmt: skip


@pytest.mark.parametrize("content", ["columns: [unclosed", "a: b: c", "x" * 200_000])
def test_a_map_that_is_no_yaml(tmp_path: Path, content: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MappingInvalid):
        load_mapping(path)


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\nb: [*a, *a]",
        "a: " + "[" * 5000,
        "a: 2025-13-45",
        "<<: {a: b}",
        'name: !!int "0x' + "f" * 9000 + '"',
        'name: "\\ud800"',
        'constants: {note: "\\0"}',
        "name: a\nname: b",
        "columns: {kWh: amount, kWh: note}",
        "? " * 40_000,
    ],
)
def test_a_map_that_would_unfold_or_break_the_reader(tmp_path: Path, content: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MappingInvalid):
        load_mapping(path)


def test_texts_of_a_map_stay_as_they_are_written(tmp_path: Path) -> None:
    """YAML would make 7 of 007, 1.1 of 1.10, False of no, and a number of 36 000 digits of 0xfff…."""
    path = tmp_path / "map.yaml"
    path.write_text(
        f"name: 0x{'f' * 30_000}\nsheet:\nconstants: {{site: 007, name: 1.10, note: no}}\n"
        "time: {format: '%Y', interval_minutes: 15}",
        encoding="utf-8",
    )
    found = load_mapping(path)
    assert (found.name, found.sheet) == ("0x" + "f" * 30_000, "")
    assert found.constants == {"site": "007", "name": "1.10", "note": "no"}
    assert found.time.interval_minutes == 15


@pytest.mark.parametrize("text", ["%p", "%Y-%m-%d %I:%M"])
def test_a_format_that_no_time_has(text: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        mapping_of({"time": {"format": text}})
    assert [wrong.where for wrong in caught.value.wrong] == ["time.format"]


def test_what_a_map_declares_is_checked_as_a_row_is(csv: Callable[..., Intake]) -> None:
    sites = [{"code": "S3", "name_zh": "三厂", "region": "湖北", "share_percent": "half"}]
    organisation = {"code": "T", "name_zh": "x" * 201, "approach": "none"}
    intake = csv(
        "site,activity,start,amount,unit",
        "S3,electricity,2025-01,1000,kWh",
        mapping=mapping_of({"sites": sites, "organisation": organisation}),
    )
    assert {(column, code) for _, column, code in codes(intake)} == {
        ("organisation.name_zh", "too-long"),
        ("organisation.approach", "choice-unknown"),
        ("sites[0].share_percent", "not-a-number"),
    }


@pytest.mark.parametrize("content", [None, "text", ["list"], {"columns": {"a": "site"}}])
def test_a_map_that_maps_nothing_useful(content: object) -> None:
    if content is None:
        assert mapping_of(content) == ColumnMap()
    else:
        with pytest.raises(MappingInvalid):
            mapping_of(content)


def test_a_declared_site_in_an_unknown_place(csv: Callable[..., Intake]) -> None:
    mapping = mapping_of({"sites": [{"code": "S3", "name_zh": "三厂", "region": "亚特兰蒂斯"}]})
    intake = csv("site,activity,start,amount,unit", "S3,electricity,2025-01,1000,kWh", mapping=mapping)
    assert codes(intake) == [(None, "sites[0].region", "region-unknown")]


def test_sites_must_be_a_list() -> None:
    with pytest.raises(MappingInvalid) as caught:
        mapping_of({"sites": {"code": "S1"}})
    assert [wrong.where for wrong in caught.value.wrong] == ["sites"]


def test_measured_columns_left_empty_say_nothing(csv: Callable[..., Intake]) -> None:
    intake = csv("site,activity,start,amount,unit,ncv_gj_per_t,sampling", "S1,bituminous_coal,2025-01,100,t,,")
    assert codes(intake) == []
    assert warned(intake) == []


def test_words_of_another_system_are_told_once_in_the_map(csv: Callable[..., Intake]) -> None:
    mapping = mapping_of({"values": {"activity": {"柴油": "diesel_road", "electricity": "natural_gas"}}})
    intake = csv(
        "site,activity,start,amount,unit",
        "S1,柴油,2025-01,10,t",
        "S1,electricity,2025-01,1000,Nm3",  # what a word is told to mean is not told again: no chains
        mapping=mapping,
    )
    assert intake.errors == ()
    assert [stream.activity for stream in intake.ledger.streams] == ["diesel_road", "natural_gas"]


@pytest.mark.parametrize(
    ("values", "where"),
    [({"activities": {}}, "values.activities"), ({"activity": []}, "values.activity"), ([], "values")],
)
def test_values_that_cannot_be_read(values: object, where: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        mapping_of({"values": values})
    assert [wrong.where for wrong in caught.value.wrong] == [where]
