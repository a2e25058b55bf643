"""Search in Chinese of both kinds, pinyin and English; and the history of a quantity."""

import subprocess
import sys
import time

import pytest

from factors.errors import UnknownFactor
from factors.library import DATA, load
from factors.search import history, search

LIBRARY = load()


@pytest.mark.parametrize(
    "query",
    [
        "电力 广东 2023",
        "電力 廣東 2023",
        "广东电力2023",
        "廣東省 電力",
        "dianli guangdong",
        "dl gd 2023",
        "DianLi GuangDong 2023",
        "electricity Guangdong 2023",
        "grid electricity CN-GD 2023",
        "２０２３ 广东 电力",
        "cn-elec-2023-cn-gd",
    ],
)
def test_one_record_is_found_in_many_ways(query):
    assert search(LIBRARY, query)[0].id == "cn-elec-2023-cn-gd"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("电力 2022 全国 平均", "cn-elec-2022-national"),
        ("天然气 低位发热量", "cn-fuel-mee-ets-natural-gas-ncv"),
        ("R-410A AR6", "gwp-ar6-r-410a"),
        ("r410a ar5 refrigerant", "gwp-ar5-r-410a"),
        ("制冷劑 R-404A AR4", "gwp-ar4-r-404a"),
        ("Kenya electricity 2022", "elec-ember-ke-2022"),
        ("肯尼亚 发电 2022", "elec-ember-ke-2022"),
        ("eGRID CAMX total output CO2", "epahub2025-t6-camx-co2"),
        ("butane litres 2026", "desnz2026-fuels-gaseous-fuels-butane-litres"),
    ],
)
def test_the_best_answer_comes_first(query, expected):
    assert search(LIBRARY, query)[0].id == expected


def test_usable_and_newer_records_come_first():
    found = search(LIBRARY, "dianli guangdong")
    assert [factor.id for factor in found] == ["cn-elec-2023-cn-gd", "cn-elec-2022-cn-gd", "cn-elec-2021-cn-gd"]
    freight = search(LIBRARY, "货运 柴油", limit=60)
    usable = [factor.usable for factor in freight if factor.region == "CN"]
    assert True in usable
    assert False in usable


def test_every_word_must_be_answered():
    assert search(LIBRARY, "电力 广东 1999") == ()
    assert search(LIBRARY, "qwertyuiop") == ()
    assert search(LIBRARY, "毫无此物也") == ()
    assert search(LIBRARY, "") == ()
    assert search(LIBRARY, "，。") == ()


def test_the_limit_holds():
    assert len(search(LIBRARY, "gas", limit=7)) == 7


def test_an_answer_takes_less_than_a_tenth_of_a_second():
    search(LIBRARY, "电力")  # unpacks the index
    start = time.process_time()
    search(LIBRARY, "電力 廣東 2023")
    search(LIBRARY, "a gas")
    assert time.process_time() - start < 0.5


def test_asking_needs_neither_opencc_nor_pypinyin():
    code = (
        "import sys; from factors.library import load; from factors.search import search;"
        "assert search(load(), '電力 guangdong');"
        "sys.exit(bool({'opencc', 'pypinyin', 'pint', 'yaml'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=DATA.parents[1], check=False).returncode == 0


# Values: announcements of the 2021, 2022 and 2023 electricity factors, provincial table
def test_history_of_a_provincial_factor():
    seen = [(factor.year, factor.value) for factor in history(LIBRARY, "cn-elec-2022-cn-gd")]
    assert seen == [(2021, "0.4715"), (2022, "0.4403"), (2023, "0.4419")]


def test_history_joins_two_editions_by_their_row():
    seen = [factor.id for factor in history(LIBRARY, "desnz2025-1-100-1000-15-1")]
    assert seen == ["desnz2025-1-100-1000-15-1", "desnz2026-fuels-gaseous-fuels-butane-tonnes"]


def test_history_does_not_mix_series():
    assert [factor.id for factor in history(LIBRARY, "cn-elec-2023-excl")] == [
        "cn-elec-2021-excl",
        "cn-elec-2022-excl",
        "cn-elec-2023-excl",
    ]
    assert [factor.id for factor in history(LIBRARY, "cn-fuel-ndrc2013-anthracite-ncv")] == [
        "cn-fuel-ndrc2013-anthracite-ncv"
    ]


def test_history_of_nothing_is_an_error():
    with pytest.raises(UnknownFactor, match="near it: cn-elec-2023-cn-gd"):
        history(LIBRARY, "cn-elec-gd")
