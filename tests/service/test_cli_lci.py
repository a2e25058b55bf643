"""The command line of life-cycle inventories and footprints, as scripts use it."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import make
import pytest
from click.testing import Result
from python_calamine import CalamineWorkbook

import lca
from lca.exporters import write
from lca.ledger import Product
from service import db
from service.accounts import actions as accounts
from service.activities import actions as activities
from tests.service.conftest import Run

DATA = Path(__file__).parents[1] / "data"
FY18 = DATA / "lci/uslci_fy18_jsonld/uslci_olca1_5_0_json_ld.zip"


@pytest.fixture
def bike(run: Run) -> Run:
    write(make.lci(), Path("bike.zip"), "jsonld")
    run("lci", "import", "bike.zip", "--name", "bike", "--licence", "CC0 1.0")
    return run


def read(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_database_is_imported_listed_and_scored(bike: Run) -> None:
    listed = [row for row in read(bike("lci", "list", "--json")) if row["owner"] == "house"]
    assert [(row["name"], row["processes"], row["exchanges"]) for row in listed] == [("bike", 3, 6)]
    found = read(bike("lci", "score", "bike", "Bike assembly", "--json"))
    assert (found["kgco2e"], found["unit"], found["by_gas_kg"]) == ("66.5", "Item(s)", {"CO2": "66.5"})
    assert [(one["process"], one["kgco2e"]) for one in found["contributions"]] == [("Carbon fibre production", "66.5")]
    bike("lci", "scores", "bike", "--out", "all.csv")
    with Path("all.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert {name: row["kgco2e"] for name, row in rows.items()} == {
        "Bike assembly": "66.5",
        "Carbon fibre production": "26.6",
        "Gas supply": "0",
    }
    assert "66.5 kg CO2e/Item(s)" in bike("lci", "score", "bike", "bike").output  # by its id


def test_what_was_imported_comes_out_again(bike: Run) -> None:
    bike("lci", "export", "bike", "--out", "again.zip")
    assert zipfile.is_zipfile("again.zip")
    bike("lci", "import", "again.zip", "--name", "again")
    assert read(bike("lci", "score", "again", "Bike assembly", "--json"))["kgco2e"] == "66.5"


def test_the_same_database_again_is_no_change_and_another_needs_a_reason(bike: Run) -> None:
    bike("lci", "import", "bike.zip", "--name", "bike", "--licence", "CC0 1.0")
    write(make.lci(source="another"), Path("other.zip"), "jsonld")
    bike("lci", "import", "other.zip", "--name", "bike", "--licence", "CC BY 4.0", code=4)
    bike("lci", "import", "other.zip", "--name", "bike", "--licence", "CC BY 4.0", "--reason", "new release")
    assert "\n" in bike("audit", "fsck").output
    bike("lci", "withdraw", "bike", "--reason", "no longer used")
    bike("lci", "score", "bike", "Bike assembly", code=3)


def test_a_licensed_database_gives_results_and_nothing_raw(run: Run) -> None:
    write(make.lci(), Path("bike.zip"), "jsonld")
    run("lci", "import", "bike.zip", "--name", "bike", "--licence", "ecoinvent EULA")
    assert read(run("lci", "score", "bike", "Bike assembly", "--json"))["kgco2e"] == "66.5"
    run("lci", "show", "bike", "Bike assembly", code=4)
    run("lci", "export", "bike", "--out", "again.zip", code=4)
    assert not Path("again.zip").exists()


def test_a_database_of_one_organisation_is_not_the_others(run: Run) -> None:
    run("organisation", "add", "ling", "--name-zh", "灵铝再生")
    run("organisation", "add", "chen", "--name-zh", "另一公司")
    write(make.lci(), Path("bike.zip"), "jsonld")
    run("lci", "import", "bike.zip", "--name", "bike", "--organisation", "ling")
    run("lci", "score", "bike", "Bike assembly", "--organisation", "ling")
    run("lci", "score", "bike", "Bike assembly", "--organisation", "chen", code=3)
    run("lci", "score", "bike", "Bike assembly", code=3)


def test_what_cannot_be_read_is_named(bike: Run) -> None:
    Path("cut.zip").write_bytes(FY18.read_bytes()[:100_000])
    assert "damaged or was cut off" in bike("lci", "import", "cut.zip", code=1).stderr
    Path("x.txt").write_text("nothing")
    bike("lci", "import", "x.txt", code=1)
    bike("lci", "score", "bike", "Unicycle", code=3)
    bike("lci", "score", "none", "Bike assembly", code=3)


def test_the_shipped_background_is_the_publishers_file(run: Run) -> None:
    """766 processes and 32,526 exchanges, as the licence note counts; 1,022 products; cement with its known fault."""
    shipped = next(row for row in read(run("lci", "list", "--json")) if row["name"] == "uslci_fy18")
    assert (shipped["processes"], shipped["exchanges"], shipped["licence"]) == (766, 32526, "CC0 1.0")
    assert "kiln fuel twice" in run("lci", "check", "uslci_fy18").output
    run("lci", "scores", "uslci_fy18", "--out", "all.csv")
    with Path("all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1022
    assert all(float(row["kgco2e"]) >= 0 for row in rows)
    cement = read(run("lci", "score", "uslci_fy18", "Portland cement, at plant", "--json"))
    assert {"known-fault-cement", "cut-off-ambiguous"} <= {one["code"] for one in cement["warnings"]}


def test_a_product_is_stored_run_shown_and_compared(run: Run) -> None:
    run("organisation", "add", "ling", "--name-zh", "灵铝再生")
    at = ("--organisation", "ling")
    Path("part.json").write_text(json.dumps(make.product()), encoding="utf-8")
    found = read(run("footprint", "file", "part.json", "--method", "pact.3.0,recycling.cutoff", "--json"))
    assert (found["total_kgco2e"], found["per"], found["beside"][0]["method"]) == (
        "10.625",  # 8.5 / 0.8
        "1 kg",
        "recycling.cutoff",
    )
    for key in ("by_stage", "by_component", "by_gas_kg", "fossil", "biogenic_emissions", "biogenic_removals", "luluc",
                "aircraft", "credits", "primary_data_share", "dqr", "inputs", "excluded", "warnings", "method",
                "snapshot_sha256"):  # fmt: skip
        assert key in found
    run("footprint", "load", "part.json", *at)
    first = read(run("footprint", "run", "part", *at, "--method", "pact.3.0", "--json"))
    assert read(run("footprint", "run", "part", *at, "--method", "pact.3.0", "--json"))["id"] == first["id"]
    lighter = make.product()
    lighter["parts"][0]["utilisation"] = "0.85"
    Path("part.json").write_text(json.dumps(lighter), encoding="utf-8")
    run("footprint", "load", "part.json", *at, code=1)
    run("footprint", "load", "part.json", *at, "--reason", "better casting")
    run("footprint", "run", "part", *at, "--method", "pact.3.0", code=1)
    second = read(run("footprint", "run", "part", *at, "--method", "pact.3.0", "--reason", "better casting", "--json"))
    assert second["total_kgco2e"] == "10"
    differing = read(run("footprint", "compare", first["id"], second["id"], *at, "--json"))
    assert (differing["difference_kgco2e"], differing["reasons"]) == ("-0.625", [])
    assert [(row["why"], row["by_amount_kgco2e"], row["by_factor_kgco2e"]) for row in differing["lines"]] == [
        ("amount", "-0.625", "0")
    ]
    assert len(read(run("footprint", "list", *at, "--json"))["footprints"]) == 2
    assert {line.split()[0] for line in run("footprint", "list", *at).output.splitlines()} == {
        "part", first["id"], second["id"],
    }  # fmt: skip
    run("footprint", "show", second["id"], *at, "--snapshot", "two.json")
    assert "\n" in run("audit", "fsck").output
    run("footprint", "show", "none-such", *at, code=3)


def test_footprints_are_printed_and_compared_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make.product()
    data["unit"] |= {"unit": "piece", "kind": "functional"}
    data["parts"] = []
    power = {"id": "el", "zh": "电", "en": "power", "amount": "4", "unit": "kWh", "from": {"activity": "electricity"}}
    gas = {"id": "gas", "zh": "气", "en": "gas", "amount": "2", "unit": "kg"}
    making = {"id": "making", "zh": "制造", "stage": "production", "output": "1", "unit": "piece"}
    data |= {"main": "making", "processes": [{**making, "inputs": [power, gas]}]}
    gas["from"] = {"supplier": data["suppliers"][0]["id"]}
    Path("one.json").write_text(json.dumps(data), encoding="utf-8")
    data["processes"][0]["inputs"][0]["amount"] = "5"
    data["boundary"], data["unit"]["amount"] = "cradle_to_grave", "2"
    Path("other.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.setenv("TANJI_LANGUAGE", "zh")
    for name in ("one", "other"):
        file, method = f"{name}.json", "pcf.iso14067_2018"
        printed = run("footprint", "file", file, "--method", method, "--snapshot", f"{name}.snapshot.json").output
    assert "kg CO2e / 2 件" in printed
    assert "生产" in printed
    assert "kg CO2e/kWh" in printed
    assert not [word for word in ("piece", "production", "earlier_year", "supplier ") if word in printed]
    car = str(Path(lca.__file__).parent / "data/templates/vehicle_bev.yaml")
    printed = run("footprint", "file", car, "--method", "auto.calcm").output
    names = [line.split()[0] for line in printed.splitlines() if "g CO2e/km" in line]
    assert (names[0], names[-1]) == ("材料", "报废回收")  # in the order of the method
    assert "车身镀锌板  " in printed
    assert "vehicle.body" not in printed
    assert "提示：不得作为认证依据：数据为示范数据" in printed
    told = run("footprint", "compare", "one.snapshot.json", "other.snapshot.json").output
    assert "单位、系统边界" in told
    assert "用量不同" in told
    assert "以下数值单位均为 kg CO2e" in told
    assert "boundary" not in told
    assert "amount" not in told


def test_footprints_are_held_against_the_inventory(run: Run) -> None:
    """100 t at 400 kWh are 40,000 of 50,000 kWh."""
    run("organisation", "add", "ling", "--name-zh", "灵铝再生")
    run("organisation", "site", "ling", "works", "--name-zh", "一厂", "--region", "广东")
    at = ("--organisation", "ling")
    row = "works,electricity,2025-01-01,2025-12-31,50000,kWh\n"
    Path("a.csv").write_text(f"site,activity,start,end,amount,unit\n{row}", encoding="utf-8")
    run("activity", "load", "a.csv", *at, "--yes")
    power = {"id": "el", "zh": "电", "amount": "400", "unit": "kWh", "from": {"activity": "electricity"}}
    melting = {"id": "melting", "zh": "熔炼", "stage": "production", "site": "works", "output": "1", "unit": "t"}
    data = make.product(parts=[], suppliers=[], main="melting", processes=[{**melting, "inputs": [power]}])
    data["unit"] |= {"unit": "t", "mass_kg": "1000"}
    Path("part.json").write_text(json.dumps(data), encoding="utf-8")
    run("footprint", "load", "part.json", *at)
    run("footprint", "run", "part", *at, "--method", "pact.3.0")
    output = Product("works", "铝件", "", "100", "t", date(2025, 1, 1), date(2025, 12, 31))
    opened = db.Database(os.environ["DATABASE_URL"])
    with opened.session(write=True) as session:
        activities.put_product(session, accounts.operator(session, "ling"), output, make.NOW)
    opened.dispose()
    inventory = read(run("inventory", "run", *at, "--year", "2025", "--method", "inventory.ghgp", "--json"))
    found = read(run("footprint", "reconcile", inventory["id"], *at, "--method", "pact.3.0", "--json"))
    (power_row,) = found["sites"]["works"]["activities"]
    assert (power_row["used"], power_row["explained"], power_row["explained_percent"]) == ("50000", "40000", "80")
    assert (found["outputs_not_studied"], found["footprints_without_output"]) == ([], [])
    assert "explained" in run("footprint", "reconcile", inventory["id"], *at, "--method", "pact.3.0").output


def test_suppliers_files_are_read_as_they_stand_in_a_model(run: Run) -> None:
    """0.42 kg CO2e/kg and GWP-total of A1 to A3 as the publishers' files state them."""
    (capacitor, *_) = read(run("footprint", "supplier", str(DATA / "pact/electronics_tier_3_sample.json"), "--json"))
    assert capacitor["supplier"]["unit"] == "kg"
    beton = DATA / "lci/epd_ilcd_samples/0aa8b645-02d9-41b4-8aa3-70335af2a9e7.json"
    (epd,) = read(run("footprint", "supplier", str(beton), "--json"))
    assert epd["supplier"]["statement"] == "EPD, EPD Norway, NEPD-4945-3957-DK"
    assert [one["code"] for one in epd["findings"]] != []
    Path("x.json").write_text("{}", encoding="utf-8")
    run("footprint", "supplier", "x.json", code=1)
    Path("x.json").write_text("5", encoding="utf-8")
    run("footprint", "supplier", "x.json", code=1)


def test_a_declaration_by_scenario_asks_which_and_takes_the_one_named(run: Run) -> None:
    """The foam's A1-A3, C2 and C3 by its second scenario, as its publisher prints them: 45.59 + 0.447 + 0.164."""
    foam = str(DATA / "lci/epd_ilcd_samples/0b4c397d-c7a1-4ceb-9718-184334f6364e.json")
    at = ("footprint", "supplier", foam, "--modules", "A1-A3,C2,C3")
    assert "S2" in run(*at, code=1).stderr
    (found,) = read(run(*at, "--scenario", "C3=S2", "--json"))
    assert float(found["supplier"]["kgco2e"]) == pytest.approx(45.59 + 0.447 + 0.164)
    for odd in ("C4=S2", "C3", "C3="):
        run(*at, "--scenario", odd, code=2)


def test_a_vehicle_is_stated_per_kilometre_and_by_what_moves_it(run: Run) -> None:
    car = str(Path(lca.__file__).parent / "data" / "templates" / "vehicle_bev.yaml")
    found = read(run("footprint", "file", car, "--method", "auto.calcm,auto.scenario_200k", "--json"))
    (longer,) = found["beside"]
    for one, distance in ((found, 150_000), (longer, 200_000)):
        assert float(one["per_km"]["total_g"]) == pytest.approx(float(one["total_kgco2e"]) / distance * 1000)
    told = run("footprint", "file", car, "--method", "auto.calcm,auto.scenario_200k").output
    assert f"{found['per_km']['total_g']} g CO2e / km over 150000 km" in told
    assert f"{longer['per_km']['total_g']} g CO2e / km over 200000 km" in told
    # A third of the driving is 6,500 kWh at the published 0.5777: a tenth of that.
    percent = 6_500 * 0.5777 / float(found["total_kgco2e"]) * 10
    assert float(found["sensitivity"][0]["ten_percent_more"]) == pytest.approx(percent)
    assert f"+{percent:.3g} %" in told


def test_a_footprint_goes_out_and_comes_in_again_as_a_suppliers(run: Run) -> None:
    """10.625 kg CO2e per kg of casting: 8.5 / 0.8."""
    run("organisation", "add", "ling", "--name-zh", "灵铝再生")
    at = ("--organisation", "ling")
    Path("part.json").write_text(
        json.dumps(make.product(organisation={"zh": "灵铝再生", "en": "Ling Aluminium"})), encoding="utf-8"
    )
    run("footprint", "load", "part.json", *at)
    found = read(run("footprint", "run", "part", *at, "--method", "pact.3.0", "--json"))
    lacking = run("footprint", "export", found["id"], *at, "--format", "pact", "--out", "pcf.json", code=1).stderr
    assert "company_ids" in lacking
    assert not Path("pcf.json").exists()
    said = (
        "product_ids: ['urn:gtin:4712345060507']\n"
        "description: wheel\nfossil_carbon_kg: '0'\npackaging_included: 'false'\nccs_included: 'false'\n"
    )
    company = "company_ids: ['urn:uuid:51131FB5-42A2-4267-A402-0ECFEFAD1619']\n"
    Path("said.yaml").write_text(company + said, encoding="utf-8")
    run("footprint", "export", found["id"], *at, "--format", "pact", "--said", "said.yaml", "--out", "pcf.json")
    run("footprint", "export", found["id"], *at, "--format", "xlsx", "--out", "pcf.xlsx")
    book = CalamineWorkbook.from_path("pcf.xlsx")
    assert any(10.625 in row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    (again,) = read(run("footprint", "supplier", "pcf.json", "--json"))
    assert again["supplier"]["fossil"] == "10.625"
    Path("wrong.yaml").write_text("colour: red\n", encoding="utf-8")
    run("footprint", "export", found["id"], *at, "--format", "pact", "--said", "wrong.yaml", "--out", "x", code=1)
    beside = (
        "company_ids: ['urn:BPNL000000000DWF']\nkind: Retrospective PCF\nrules: [Catena-X Rulebook v4]\n"
        "waste_incineration: cut-off\nmass_balancing: 'false'\n"
    )
    Path("beside.yaml").write_text(beside + said, encoding="utf-8")
    run("footprint", "export", found["id"], *at, "--format", "catena-x", "--said", "beside.yaml", "--out", "cx.json")
    (third,) = read(run("footprint", "supplier", "cx.json", "--json"))
    assert third["supplier"]["fossil"] == "10.625"


def test_footprints_are_drawn_alone_and_against_another(run: Run) -> None:
    """Aluminium ingot within a factor of 1.5, and a part that uses less of it: lower in every run."""
    for name, utilisation in (("heavy", "0.8"), ("light", "0.85")):
        data = make.product()
        data["parts"][0] |= {"utilisation": utilisation, "spread": {"percent": "50"}}
        Path(f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    at = ("--method", "pact.3.0", "--runs", "500", "--seed", "3")
    found = read(run("footprint", "montecarlo", "heavy.json", *at, "--json"))
    assert (found["runs"], found["failed"], found["seed"]) == (500, 0, 3)
    assert found["kgco2e"] == pytest.approx(10.625)
    assert read(run("footprint", "montecarlo", "heavy.json", *at, "--json"))["mean"] == found["mean"]
    assert "10.625" in run("footprint", "montecarlo", "heavy.json", *at).output
    both = read(run("footprint", "montecarlo", "light.json", "--against", "heavy.json", *at, "--json"))
    assert both["first_is_lower"] == 1
    Path("part.json").write_text(json.dumps(make.product()), encoding="utf-8")
    assert "states an uncertainty" in run("footprint", "montecarlo", "part.json", *at, code=1).stderr


@pytest.mark.parametrize(
    "verb", [("compare", "good.json"), ("montecarlo",), ("export", "--format", "xlsx", "--out", "x")]
)
def test_a_snapshot_that_was_altered_is_refused(run: Run, verb: tuple[str, ...]) -> None:
    data = make.product()
    data["parts"][0]["spread"] = {"percent": "50"}
    Path("part.json").write_text(json.dumps(data), encoding="utf-8")
    run("footprint", "file", "part.json", "--method", "pact.3.0", "--snapshot", "good.json")
    run("footprint", verb[0], "good.json", *verb[1:])
    snapshot = json.loads(Path("good.json").read_bytes())
    snapshot["results"]["total_kgco2e"] = "1"
    Path("bad.json").write_text(json.dumps(snapshot), encoding="utf-8")
    assert "results.total_kgco2e" in run("footprint", verb[0], "bad.json", *verb[1:], code=1).stderr


def test_a_template_becomes_a_workbook_and_a_footprint(run: Run) -> None:
    """Clinker: 535 of its limestone, 265 of its coal, 33.5 of its power, the rest under 2 %: as the template's test."""
    listed = {row["id"]: row for row in read(run("product", "templates", "--json"))}
    assert listed["clinker"]["group_zh"] == "水泥与混凝土"
    run("product", "template", "clinker", "--out", "clinker.xlsx")
    found = read(run("footprint", "file", "clinker.xlsx", "--method", "en15804.a2", "--json"))
    assert float(found["total_kgco2e"]) == pytest.approx(535 + 108 * 2.4534 + 58 * 0.5777, rel=0.02)
    run("product", "template", "clinker", "--blank", "--out", "blank.xlsx")
    run("footprint", "file", "blank.xlsx", "--method", "en15804.a2", code=1)
    run("product", "template", "unicycle", "--out", "x.xlsx", code=3)
    sheet = "部件号,部件名称,部件质量（kg）,材料分类,材料质量（kg）\nA1,支架,2,1.1.1,2\n"
    Path("imds.csv").write_text(sheet, encoding="utf-8")
    (part,) = read(run("product", "parts", "imds.csv", "--json"))["parts"]
    assert part["zh"] == "支架"


def test_one_aluminium_part_by_three_rules_side_by_side(run: Run) -> None:
    """R1 40 %, R2 90 %; kg CO2e per kg: virgin 16, recycled and recycling 0.8, landfill 0.05; A of metals 0.2.

    Cut-off 0.6 x 16 + 0.4 x 0.8 + 0.1 x 0.05; half and half 16 - 0.5 (0.4 + 0.9) (16 - 0.8) + 0.1 x 0.05; Circular
    Footprint Formula as standards §3.1 print it: 3.845.
    """
    stated = {"virgin": "16", "recycled": "0.8", "recycling": "0.8", "landfill": "0.05"}
    suppliers = [
        {"id": name, "zh": name, "unit": "kg", "kgco2e": value, "method": "recycling.cutoff", "gwp_set": "AR6"}
        for name, value in stated.items()
    ]
    rule = {
        "material": "metals",
        "post_consumer": "0.4",
        "recycled": {"supplier": "recycled"},
        "recycled_at_end": "0.9",
        "recycling": {"supplier": "recycling"},
        "disposal": {"supplier": "landfill"},
    }
    part = {"id": "casting", "zh": "铸件", "mass_kg": "1", "from": {"supplier": "virgin"}, "recycling": rule}
    data = make.product(suppliers=suppliers, parts=[part], boundary="cradle_to_grave")
    Path("part.json").write_text(json.dumps(data), encoding="utf-8")
    methods = "recycling.cutoff,recycling.5050,recycling.cff"
    found = read(run("footprint", "file", "part.json", "--method", methods, "--json"))
    beside = {one["method"]: float(one["total_kgco2e"]) for one in found["beside"]}
    assert float(found["total_kgco2e"]) == pytest.approx(9.925)
    assert beside == {"recycling.5050": pytest.approx(6.125), "recycling.cff": pytest.approx(3.845)}
    printed = run("footprint", "file", "part.json", "--method", methods).output
    assert "by recycling.5050: 6.125 kg CO2e" in printed
    assert "by recycling.cff: 3.845 kg CO2e" in printed
