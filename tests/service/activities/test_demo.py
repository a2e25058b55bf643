"""The demonstration companies: cited orders of magnitude, same files every time, read without a warning."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from intake_made import codes, warned
from python_calamine import CalamineWorkbook

from lca.ledger import Ledger
from lca.method import methods
from service.activities.intake import Intake, read
from service.demo import DEMO, write_demo
from service.demo.orders import orders, output_of

COMPANIES = {entry["code"]: entry for entry in orders()["companies"]}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    assert [path.name for path in write_demo(directory)] == [demo.file for demo in DEMO]
    return directory


@pytest.fixture(scope="module")
def intakes(written: Path) -> dict[str, Intake]:
    return {demo.code: read(written / demo.file) for demo in DEMO}


@pytest.mark.parametrize("code", COMPANIES)
def test_goes_through_the_intake_without_a_word(intakes: Mapping[str, Intake], code: str) -> None:
    intake = intakes[code]
    assert codes(intake) == []
    assert {code for _, _, code in warned(intake)} == {"exclusion-free"}  # of a category, a part is left out
    assert intake.counts.loaded == intake.counts.total
    assert intake.ledger.rows["amount"].str.contains("-").sum() == 0


@pytest.mark.parametrize("code", COMPANIES)
def test_every_monthly_source_has_twelve_months(intakes: Mapping[str, Intake], code: str) -> None:
    ledger: Ledger = intakes[code].ledger
    sources: dict[tuple[str, ...], list[str]] = {}
    for row in ledger.rows.iter_rows(named=True):
        stream = ledger.streams[row["stream"]]
        sources.setdefault((stream.site, stream.activity, stream.name), []).append(f"{row['start']:%m}")
    once = {(item["site"], item["activity"], item["name"]) for item in COMPANIES[code]["yearly"]}
    for source, found in sources.items():
        assert sorted(found) == ([f"{m:02}" for m in range(1, 13)] if source not in once else found), source
    assert once <= set(sources)


def test_every_order_of_magnitude_has_a_source_and_lies_in_its_range() -> None:
    sources = orders()["sources"]
    assert all(source["evidence"] in ("confirmed", "unconfirmed") for source in sources.values())
    assert orders()["electricity_equivalent_kgce_per_kwh"]["source"] in sources
    for entry in COMPANIES.values():
        for item in entry["items"]:
            assert item["source"] in sources, item
            assert item["low"] <= item["used"] <= item["high"], item
            assert ("parameters" in item) == ("parameter_source" in item), item
        for item in entry["yearly"]:
            assert item["source"] in sources
            assert item["low"] <= Decimal(item["amount"]) <= item["high"], item
        for item in entry.get("measured", ()):
            assert item["source"] in sources


def intensity(ledger: Ledger, item: Mapping[str, Any], made: Decimal) -> Decimal:
    """Return the amount of one source per unit of output, in the small unit of the table."""
    streams = [
        number
        for number, stream in enumerate(ledger.streams)
        if (stream.site, stream.activity, stream.name) == (item["site"], item["activity"], item["name"])
    ]
    rows = ledger.rows.filter(ledger.rows["stream"].is_in(streams))
    return sum(map(Decimal, rows["amount"]), Decimal(0)) * item["scale"] / made


@pytest.mark.parametrize("code", COMPANIES)
def test_a_year_stays_within_the_cited_range(intakes: Mapping[str, Intake], code: str) -> None:
    entry = COMPANIES[code]
    for item in entry["items"]:
        made = sum(output_of(entry, item["per"], month) for month in range(1, 13))
        found = intensity(intakes[code].ledger, item, Decimal(made))
        assert item["low"] <= found <= item["high"], (item["activity"], found)
        assert abs(found / Decimal(str(item["used"])) - 1) < Decimal("0.03"), (item["activity"], found)


@pytest.mark.parametrize("code", COMPANIES)
def test_a_year_adds_up_to_the_stated_output(intakes: Mapping[str, Intake], code: str) -> None:
    products = intakes[code].ledger.products
    for output in COMPANIES[code]["outputs"].values():
        if output.get("intermediate"):
            continue
        made = [product for product in products if product.name_zh == output["name_zh"]]
        assert len(made) == 12
        # Months are whole units, so that a year may miss its round figure by half a unit each.
        assert abs(sum(Decimal(product.amount) for product in made) - output["amount"]) <= 6


def test_shares_of_the_months_are_a_year() -> None:
    assert len(orders()["months"]) == 12
    assert sum(orders()["months"]) == 1000


def test_what_was_lost_is_the_balance_of_the_stock(intakes: Mapping[str, Intake]) -> None:
    """Refrigerant filled into cars: opening + bought − closing − filled is 0.6 % of what was filled."""
    ledger = intakes["AUTO"].ledger
    lost = filled = Decimal(0)
    closing = None
    for row in ledger.rows.iter_rows(named=True):
        stream = ledger.streams[row["stream"]]
        if stream.activity == "refrigerant_r134a":
            given = {key: Decimal(text) for key, text in stream.parameters}
            assert closing in (None, given["opening"])
            closing = given["closing"]
            filled += given["sold"]
            lost += given["opening"] + Decimal(row["amount"]) - given["closing"] - given["sold"]
    assert abs(lost / filled - Decimal("0.006")) < Decimal("0.0002")


def test_the_certificate_to_be_refused_says_so(written: Path) -> None:
    rows = CalamineWorkbook.from_path(str(written / "AUTO_vehicle_plant_2025.xlsx")).get_sheet_by_name(
        "绿电凭证 Instruments"
    )
    notes = [row[-1] for row in rows.to_python()[1:]]
    assert "应被拒绝" in notes[1]
    assert "must be refused" in notes[1]


def test_the_expired_certificate_is_the_only_one_that_expired(intakes: Mapping[str, Intake]) -> None:
    for code, intake in intakes.items():
        expired = [
            i for i in intake.ledger.instruments if i.valid_until and i.retired_on and i.valid_until < i.retired_on
        ]
        assert len(expired) == (code == "AUTO")
        assert all(i.beneficiary == intake.ledger.organisation.name_zh for i in intake.ledger.instruments)


def test_measured_coal_is_stated_completely(intakes: Mapping[str, Intake]) -> None:
    streams = [s for s in intakes["CEM"].ledger.streams if s.activity == "bituminous_coal"]
    assert len(streams) == 12
    for stream in streams:
        given = dict(stream.parameters)
        assert (given["basis"], given["weighting"]) == ("as_received", "consumption")
        assert given["sampling"]
        assert given["laboratory"]
        assert 18 <= float(given["ncv_gj_per_t"]) <= 26


def test_everything_says_that_it_is_demonstration(written: Path) -> None:
    evidence = sorted((written / "evidence").iterdir())
    assert evidence
    for path in evidence:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("演示数据")
        assert "DEMONSTRATION DATA" in text
    for demo in DEMO:
        guide = CalamineWorkbook.from_path(str(written / demo.file)).get_sheet_by_index(0).to_python()
        assert any("演示数据" in str(cell) for row in guide for cell in row)
        assert "示范" in demo.name_zh
        assert "虚构" in demo.name_zh
        assert "fictitious" in demo.name_en


def test_evidence_is_attached_by_its_content(intakes: Mapping[str, Intake], written: Path) -> None:
    names = {name for intake in intakes.values() for name in intake.ledger.evidence.values()}
    assert names == {path.name for path in (written / "evidence").iterdir()}


def test_the_recommended_methods_exist() -> None:
    assert {method for demo in DEMO for method in demo.methods} <= set(methods())


def test_the_same_files_every_time(written: Path, tmp_path: Path) -> None:
    for path in write_demo(tmp_path):
        assert path.read_bytes() == (written / path.name).read_bytes()
