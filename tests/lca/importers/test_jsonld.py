"""openLCA JSON-LD: real data against the counts of their licence notes and the raw JSON, small files by hand."""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from olca_files import DATA, TOLD, Parts, exchange, hold, ref, schema1, schema2, unit, zipped

from factors.errors import AmbiguousUnit, UnknownUnit
from factors.units import multiplier
from lca.dataset import AVOIDED, DEMAND, SUPPLY, Allocation, Exchange, Flow, LciDatabase, Parameter, Uncertainty, role
from lca.errors import LciNothingFound
from lca.importers import read
from lca.importers.jsonld_units import standard_groups
from lca.parametrised import check

FY18 = DATA / "uslci_fy18_jsonld" / "uslci_olca1_5_0_json_ld.zip"
COMMODITY = DATA / "flcac_transport_jsonld2" / "uslci_commodity_transport_v1.1.zip"
NONROAD = DATA / "flcac_transport_jsonld2" / "moves_nonroad_v1.0.zip"


@pytest.fixture(scope="module")
def fy18() -> LciDatabase:
    return read(FY18)


def raw(path: Path, folder: str) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if f"{folder}/" in name and name.endswith(".json"):
                yield json.loads(archive.read(name))


def brick(tmp_path: Path, parts: Parts) -> LciDatabase:
    database = read(zipped(tmp_path / "bricks.zip", parts))
    hold(database)
    return database


def kiln(database: LciDatabase) -> dict[str, Exchange]:
    (process,) = database.processes
    return {one.id: one for one in process.exchanges}


def codes(database: LciDatabase) -> Counter[str]:
    return Counter(finding.code for finding in database.findings)


# --- real data: schema 1 --------------------------------------------------------------------------


def test_fy18_has_the_counts_of_its_licence_note(fy18: LciDatabase) -> None:
    hold(fy18)
    sides = Counter(
        (fy18.flows[one.flow].kind, one.is_input) for process in fy18.processes for one in process.exchanges
    )
    assert fy18.format == "jsonld1"
    assert len(fy18.processes) == 766
    assert sum(sides.values()) == 32_526
    assert sides == {
        ("elementary", False): 22_234,
        ("elementary", True): 2_716,
        ("product", True): 6_480,
        ("product", False): 1_022,
        ("waste", False): 74,
    }
    assert len(fy18.flows) == 4_601
    assert sum(flow.kind == "elementary" for flow in fy18.flows.values()) == 2_918
    supplies = Counter(process.id for process, _ in fy18.supplies())
    assert sum(count > 1 for count in supplies.values()) == 132
    assert sum(bool(process.parameters) for process in fy18.processes) == 24
    assert sum(bool(one.formula) for process in fy18.processes for one in process.exchanges) == 259
    supplied = {one.flow for _, one in fy18.supplies()}
    inputs = [fy18.flows[one.flow] for process in fy18.processes for one in process.exchanges if one.is_input]
    unsupplied = Counter(
        flow.name.startswith("CUTOFF") for flow in inputs if flow.kind == "product" and flow.id not in supplied
    )
    assert unsupplied == {True: 2_402, False: 59}
    assert not any(one.provider for process in fy18.processes for one in process.exchanges)


def test_fy18_says_what_its_raw_json_says(fy18: LciDatabase) -> None:
    sizes = {}
    for group in raw(FY18, "unit_groups"):
        (base,) = [one["name"] for one in group["units"] if one.get("referenceUnit")]
        for one in group["units"]:
            sizes[group["@id"], one["@id"]] = (base, one["conversionFactor"])
    groups = {one["@id"]: one["unitGroup"]["@id"] for one in raw(FY18, "flow_properties")}
    processes = {one.id: one for one in fy18.processes}
    count = 0
    for said in raw(FY18, "processes"):
        process = processes[said["@id"]]
        assert process.name == said["name"].strip()
        assert (process.kind == "system") == (said["processType"] == "LCI_RESULT")
        assert process.location == said["location"]["name"]  # its locations are called by their code
        assert process.valid_from == said["processDocumentation"]["validFrom"][:10]
        assert len(process.exchanges) == len(said["exchanges"])
        for one, its in zip(process.exchanges, said["exchanges"], strict=True):
            base, size = sizes[groups[its["flowProperty"]["@id"]], its["unit"]["@id"]]
            assert (one.flow, one.amount, one.unit) == (its["flow"]["@id"], its["amount"], its["unit"]["name"])
            assert (one.is_input, one.is_avoided) == (its["input"], its["avoidedProduct"])
            assert (fy18.flows[one.flow].unit, one.to_reference) == (base, size)
            assert one.formula == its.get("amountFormula", "").strip()
            assert (process.reference == one.id) == its.get("quantitativeReference", False)
            assert ";".join(map(str, one.pedigree)) == its.get("pedigreeUncertainty", "()").strip("()")
            count += 1
    assert count == 32_526


def test_fy18_keeps_the_distributions_that_say_something(fy18: LciDatabase) -> None:
    stated = Counter()
    for process in raw(FY18, "processes"):
        for one in process["exchanges"]:
            its = one.get("uncertainty")
            if its is None:
                continue
            match its["distributionType"]:
                case "LOG_NORMAL_DISTRIBUTION":
                    stated["lognormal"] += 1
                    stated["spread"] += its["geomSd"] > 1
                    stated["none"] += its["geomSd"] == 0
                case "TRIANGLE_DISTRIBUTION":
                    low, mode, high = its["minimum"], its["mode"], its["maximum"]
                    stated["triangular"] += 1
                    stated["swapped"] += high <= mode <= low
                    stated["outside"] += not (low <= mode <= high or high <= mode <= low)
                case "UNIFORM_DISTRIBUTION":
                    stated["uniform"] += 1
    assert (stated["lognormal"], stated["triangular"], stated["uniform"]) == (5_130, 385, 24)  # the licence note
    kept = Counter(
        one.uncertainty.kind for process in fy18.processes for one in process.exchanges if one.uncertainty is not None
    )
    assert kept == {
        "lognormal": stated["spread"],
        "triangular": 385 - stated["outside"],
        "uniform": 24,
    }
    told = codes(fy18)
    assert told["triangle-mode-outside"] == stated["outside"] == 10
    assert told["uncertainty-bounds-swapped"] == stated["swapped"] == 17
    without = [one for one in fy18.findings if one.code == "uncertainty-without-spread"]
    assert sum(int(one.params["count"]) for one in without) == stated["none"]


def test_fy18_formulas_give_what_was_published(fy18: LciDatabase) -> None:
    assert not [code for code in codes(fy18) if code.startswith("formula")]
    changed = tuple(
        replace(
            process,
            exchanges=tuple(replace(one, amount=one.amount * 1.00001 + 1e-9) for one in process.exchanges),
            parameters=tuple(replace(one, amount=one.amount) for one in process.parameters),
        )
        for process in fy18.processes
    )
    assert len(check(replace(fy18, processes=changed))) == 259


def test_fy18_allocation_factors_share_nothing_out(fy18: LciDatabase) -> None:
    assert not any(process.allocations for process in fy18.processes)
    told = [finding for finding in fy18.findings if finding.code == "allocation-left-out"]
    assert len(told) == 40
    assert sum(int(one.params["of"]) for one in told) == 106 + 12_020
    named = sum(
        "product" in factor for process in raw(FY18, "processes") for factor in process.get("allocationFactors", [])
    )
    assert sum(int(one.params["without_product"]) for one in told) == 106 + 12_020 - named
    for one in told:
        assert sum(int(value) for key, value in one.params.items() if key not in ("left", "of")) == int(
            one.params["left"]
        )


def test_fy18_has_units_that_are_not_what_their_names_say(fy18: LciDatabase) -> None:
    doubtful = {one.params["unit"]: one.params for one in fy18.findings if one.code == "unit-factor-doubtful"}
    assert doubtful["cu ft"] | {} == {"unit": "cu ft", "reference": "m3", "factor": "0.02", "known": "0.02831685"}


def test_fy18_flows_have_compartments_and_plain_cas_numbers(fy18: LciDatabase) -> None:
    categories = {one["@id"]: one for one in raw(FY18, "categories")}

    def path(identifier: str) -> str:
        one = categories[identifier]
        above = [path(one["category"]["@id"])] if "category" in one else []
        return "/".join([*above, one["name"].strip()])

    numbered = 0
    for said in raw(FY18, "flows"):
        flow = fy18.flows[said["@id"]]
        assert flow.name == said["name"].strip()
        assert flow.category == path(said["category"]["@id"])
        if said.get("cas"):
            first, middle, last = said["cas"].split("-")
            assert flow.cas == f"{int(first)}-{middle}-{last}"
            numbered += 1
    assert numbered == sum(bool(flow.cas) for flow in fy18.flows.values()) > 70


# --- real data: schema 2 --------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "processes", "exchanges"), [(COMMODITY, 41, 238), (NONROAD, 52, 4_207)])
def test_transport_data_have_the_counts_of_their_licence_note(path: Path, processes: int, exchanges: int) -> None:
    database = read(path)
    hold(database)
    assert database.format == "jsonld2"
    assert (len(database.processes), sum(len(one.exchanges) for one in database.processes)) == (processes, exchanges)
    for said in raw(path, "processes"):
        process = database.process(said["@id"])
        assert process.location == "US"
        assert [(one.flow, one.amount, one.unit, one.is_input) for one in process.exchanges] == [
            (its["flow"]["@id"], its["amount"], its["unit"]["name"], its["isInput"]) for its in said["exchanges"]
        ]
        assert [one.provider for one in process.exchanges] == [
            its.get("defaultProvider", {}).get("@id", "") for its in said["exchanges"]
        ]


def test_commodity_transport_is_parametrised_and_names_providers_elsewhere() -> None:
    database = read(COMMODITY)
    inputs = [one for process in database.processes for one in process.exchanges if one.is_input]
    assert len(inputs) == 197
    assert all(one.provider and one.provider not in {p.id for p in database.processes} for one in inputs)
    assert {(one.unit, one.to_reference, database.flows[one.flow].unit) for one in inputs} == {("kg*km", 0.001, "t*km")}
    # Parameters that the file gives a formula alone are worked out: distance times share of the mass.
    process = database.processes[0]
    values = {one.name: one.amount for one in process.parameters}
    assert values["longHaul_kgkm"] == pytest.approx(values["longHaul_dist"] * values["longHaul_mass_frac"], rel=1e-12)
    assert codes(database) == {"pedigree-indicator-renamed": 1, "unit-groups-missing": 1}


def test_fuels_in_megajoules_are_turned_into_kilograms() -> None:
    database = read(NONROAD)
    factors = {
        flow["@id"]: {one["flowProperty"]["name"]: one["conversionFactor"] for one in flow["flowProperties"]}
        for flow in raw(NONROAD, "flows")
    }
    fuels = [one for process in database.processes for one in process.exchanges if one.is_input]
    assert len(fuels) == 52
    for one in fuels:
        assert (one.unit, database.flows[one.flow].unit) == ("MJ", "kg")
        assert one.to_reference == pytest.approx(1 / factors[one.flow]["Energy"], rel=1e-12)


def test_scores_of_another_system_are_put_in_the_order_of_the_pedigree_matrix() -> None:
    # The US EPA scores reliability, time, geography, technology, data collection; here completeness comes second.
    database = read(COMMODITY)
    (order,) = {
        tuple(one["name"] for one in sorted(system["indicators"], key=lambda one: one["position"]))
        for system in raw(COMMODITY, "dq_systems")
        if len(system["indicators"]) == 5
    }
    assert [name.split()[0] for name in order] == ["Flow", "Temporal", "Geographical", "Technological", "Data"]
    said = next(raw(COMMODITY, "processes"))
    (entry,) = {its["dqEntry"] for its in said["exchanges"] if its["dqEntry"]}
    assert entry == "(2;3;1;1;3)"
    scored = {one.pedigree for one in database.process(said["@id"]).exchanges}
    assert scored == {(), (2, 3, 3, 1, 1)}


# --- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [1, 2])
def test_both_schemas_give_the_same_database(tmp_path: Path, schema: int) -> None:
    database = brick(tmp_path, schema1() if schema == 1 else schema2())
    assert database.format == f"jsonld{schema}"
    assert database.name == "bricks"
    assert database.parameters == (Parameter("carbon", 0.05),)
    assert database.flows["co2"] == Flow(
        "co2", "Co2", "elementary", "kg", category="Elementary flows/air/unspecified", cas="124-38-9", formula="CO2"
    )
    (process,) = database.processes
    assert (process.id, process.name, process.comment, process.kind) == ("kiln", "Brick kiln", "Tunnel kiln.", "unit")
    assert (process.location, process.category) == ("CN", "Minerals/Bricks")
    assert (process.valid_from, process.valid_until) == ("2020-01-01", "2024-12-31")
    assert process.source == "Wang, L. (2021): Bricks of loess; Kiln records; Data generator: Kiln Association"
    assert process.licence == "Free to use. (Copyright: Kiln Association)"
    assert process.parameters == (
        Parameter("loss", 0.2, comment="kg per kg"),
        Parameter("clay_in", 1200.0, formula="(1 + Loss)*1000"),
    )
    assert process.exchanges == (
        Exchange("1", "brick", 1.0, "kg", is_input=False),
        Exchange("2", "chips", 0.1, "kg", is_input=False),
        Exchange(
            "3", "clay", 1200.0, "g", is_input=True, to_reference=0.001, formula="clay_in", pedigree=(1, 2, 3, 4, 5)
        ),
        Exchange("4", "coal", 0.9, "kWh", is_input=True, to_reference=3.6 / 20, provider="mine"),
        Exchange(
            "5",
            "co2",
            0.2,
            "kg",
            is_input=False,
            uncertainty=Uncertainty("lognormal", loc=math.log(0.2), scale=math.log(1.1)),
            comment="from carbonates",
        ),
        Exchange("6", "dust", 0.01, "kg", is_input=False),
    )
    assert process.reference == "1"
    assert process.allocations == (Allocation("physical", {"brick": 0.9, "chips": 0.1}),)
    assert process.default_allocation == "physical"
    assert database.findings == ()


def test_formulas_are_held_against_the_amounts(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchanges"][2]["amount"] = 1300.0
    (found,) = brick(tmp_path, parts).findings
    assert (found.code, found.where) == ("formula-differs", "Brick kiln (kiln) · Clay (3)")
    assert found.params == {"formula": "clay_in", "computed": "1200", "published": "1300"}


def test_a_folder_reads_like_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "bricks"
    with zipfile.ZipFile(zipped(tmp_path / "bricks.zip", schema2())) as archive:
        archive.extractall(folder)
    inside = zipped(tmp_path / "inside.zip", {f"export/{name}": one for name, one in schema2().items()})
    wanted = read(tmp_path / "bricks.zip")
    assert read(folder) == wanted
    assert replace(read(inside), name="bricks") == wanted


def test_the_examples_of_the_schema_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    example = DATA / "olca_schema_samples" / "olca_schema_process.json"
    database = read(example)
    hold(database)
    (process,) = database.processes
    assert (process.name, process.location, database.format) == ("Steel production", "Germany", "jsonld2")
    (steel,) = process.exchanges
    assert database.flows[steel.flow].name == "Steel"
    assert database.flows[steel.flow].kind == "product"  # the quantitative reference, and it leaves
    assert (steel.amount, steel.unit, database.flows[steel.flow].unit) == (1.0, "kg", "kg")
    assert codes(database) == {"flow-not-described": 1, "unit-groups-missing": 1}
    with pytest.raises(LciNothingFound):
        read(DATA / "olca_schema_samples" / "olca_schema_unit_group.json", "jsonld")


def test_a_mixed_file_is_read_object_by_object_and_told(tmp_path: Path) -> None:
    parts = schema2()
    old = {name: one for name, one in schema1().items() if name.startswith(("flows/", "categories/"))}
    database = brick(tmp_path, parts | old)
    assert (database.flows, database.processes) == (
        brick(tmp_path, schema2()).flows,
        brick(tmp_path, schema2()).processes,
    )
    assert codes(database) == {"schema-mixed": 1}
    assert database.format == "jsonld2"


def test_contradicting_directions_are_an_error(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchanges"][5]["input"] = True
    database = brick(tmp_path, parts)
    assert "6" not in kiln(database)
    (found,) = [one for one in database.findings if one.is_error]
    assert (found.code, found.where) == ("schema-keys-contradict", "processes/kiln.json · Brick kiln · 6 Dust")


def test_an_avoided_product_leaves_and_an_avoided_waste_enters(tmp_path: Path) -> None:
    parts = schema2()
    entries = parts["processes/kiln.json"]["exchanges"]
    entries += [
        exchange(7, "clay", 0.3, "kg", isInput=True, isAvoidedProduct=True),  # as openLCA notes it
        exchange(8, "clay", 0.2, "kg", isAvoidedProduct=True),
        exchange(9, "dust", 0.2, "kg", isAvoidedProduct=True),
        exchange(10, "co2", 0.2, "kg", isAvoidedProduct=True),
    ]
    database = brick(tmp_path, parts)
    found = kiln(database)
    assert [(found[key].is_input, found[key].is_avoided) for key in ("7", "8", "9", "10")] == [
        (False, True),
        (False, True),
        (True, True),
        (False, False),
    ]
    roles = {key: role(one, database.flows[one.flow]) for key, one in found.items()}
    assert (roles["7"], roles["8"], roles["1"], roles["3"], roles["6"]) == (AVOIDED, AVOIDED, SUPPLY, DEMAND, DEMAND)
    assert codes(database) == {"avoided-elementary": 1}


@pytest.mark.parametrize(
    ("stated", "expected", "code"),
    [
        ({"distributionType": "NORMAL_DISTRIBUTION", "mean": 2.0, "sd": 0.5}, Uncertainty("normal", 2.0, 0.5), ""),
        ({"distributionType": "NORMAL_DISTRIBUTION", "mean": 2.0, "sd": 0}, None, ""),
        ({"distributionType": "NORMAL_DISTRIBUTION", "mean": 2.0, "sd": -1}, None, "uncertainty-invalid"),
        ({"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 2.0, "geomSd": 1.0}, None, ""),
        (
            {"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 2.0, "geomSd": 0.0},
            None,
            "uncertainty-without-spread",
        ),
        ({"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 2.0, "geomSd": 0.5}, None, "uncertainty-invalid"),
        ({"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 0.0, "geomSd": 2.0}, None, "uncertainty-invalid"),
        (
            {"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": -math.e, "geomSd": math.e},
            Uncertainty("lognormal", 1.0, 1.0),
            "",
        ),
        (
            {"distributionType": "UNIFORM_DISTRIBUTION", "minimum": 1.0, "maximum": 3.0},
            Uncertainty("uniform", minimum=1.0, maximum=3.0),
            "",
        ),
        ({"distributionType": "UNIFORM_DISTRIBUTION", "minimum": 1.0, "maximum": 1.0}, None, ""),
        (
            {"distributionType": "UNIFORM_DISTRIBUTION", "minimum": 3.0, "maximum": 1.0},
            Uncertainty("uniform", minimum=1.0, maximum=3.0),
            "uncertainty-bounds-swapped",
        ),
        (
            {"distributionType": "TRIANGLE_DISTRIBUTION", "minimum": 3.0, "mode": 2.0, "maximum": 1.0},
            Uncertainty("triangular", 2.0, minimum=1.0, maximum=3.0),
            "uncertainty-bounds-swapped",
        ),
        (
            {"distributionType": "TRIANGLE_DISTRIBUTION", "minimum": 1.0, "mode": 5.0, "maximum": 3.0},
            None,
            "triangle-mode-outside",
        ),
        ({"distributionType": "TRIANGLE_DISTRIBUTION", "minimum": 1.0, "mode": 1.0, "maximum": 1.0}, None, ""),
        ({"distributionType": "BETA_DISTRIBUTION"}, None, "uncertainty-invalid"),
        ({"distributionType": "UNIFORM_DISTRIBUTION", "minimum": "NaN", "maximum": 1.0}, None, "uncertainty-invalid"),
        ("wide", None, "uncertainty-invalid"),
    ],
)
def test_distributions(tmp_path: Path, stated: Any, expected: Uncertainty | None, code: str) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchanges"][5]["uncertainty"] = stated
    database = brick(tmp_path, parts)
    assert kiln(database)["6"].uncertainty == expected
    assert codes(database) == ({code: 1} if code else {})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("(1;2;3;4;5)", (1, 2, 3, 4, 5)),
        ("1;2;3;4;5", (1, 2, 3, 4, 5)),
        (" ( 5 ; 1 ;1;1; 1 ) ", (5, 1, 1, 1, 1)),
        ("(1;2;3;4)", ()),
        ("(1;2;3;4;6)", ()),
        ("(0;0;0;0;0)", ()),
        ("(1;n.a.;3;4;5)", ()),
        ("(" + "1;" * 10_000 + "1)", ()),
    ],
)
def test_pedigree_scores(tmp_path: Path, entry: str, expected: tuple[int, ...]) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchanges"][2]["dqEntry"] = entry
    database = brick(tmp_path, parts)
    assert kiln(database)["3"].pedigree == expected
    assert codes(database) == ({} if expected else {"pedigree-invalid": 1})


def test_scores_in_an_unknown_system_are_left_out_and_told(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchangeDqSystem"] = ref("DQSystem", "own")
    parts["dq_systems/own.json"] = {"@type": "DQSystem", "@id": "own", "indicators": [{"name": "Taste", "position": 1}]}
    database = brick(tmp_path, parts)
    assert kiln(database)["3"].pedigree == ()
    assert codes(database) == {"pedigree-system-unknown": 1}
    del parts["dq_systems/own.json"]
    parts["processes/kiln.json"]["exchangeDqSystem"]["name"] = "ecoinvent data quality system"
    assert kiln(brick(tmp_path, parts))["3"].pedigree == (1, 2, 3, 4, 5)


def shares(*factors: tuple[str, str | None, float, object]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for method, product, value, its in factors:
        one: dict[str, Any] = {"allocationType": f"{method}_ALLOCATION", "value": value}
        one |= {"product": ref("Flow", product)} if product else {}
        found.append(one | ({"exchange": {"internalId": its}} if its else {}))
    return found


def test_causal_factors_are_kept_where_they_share_every_exchange_out(tmp_path: Path) -> None:
    parts = schema2()
    causal = [
        ("CAUSAL", product, share, its) for its in (3, 4, 5) for product, share in (("brick", 0.7), ("chips", 0.3))
    ]
    by_flow = shares(("CAUSAL", "brick", 1.0, None), ("CAUSAL", "chips", 0.0, None))
    for one in by_flow:
        one["exchange"] = {"@type": "Exchange", "flow": ref("Flow", "dust")}
    parts["processes/kiln.json"]["allocationFactors"] = shares(*causal) + by_flow
    database = brick(tmp_path, parts)
    half = {"brick": 0.7, "chips": 0.3}
    assert database.processes[0].allocations == (
        Allocation("causal", by_exchange={"3": half, "4": half, "5": half, "6": {"brick": 1.0, "chips": 0.0}}),
    )
    assert database.findings == ()
    parts["processes/kiln.json"]["allocationFactors"].pop()  # dust still adds up
    assert brick(tmp_path, parts).processes[0].allocations
    parts["processes/kiln.json"]["allocationFactors"].pop()  # dust is shared out to nobody
    database = brick(tmp_path, parts)
    assert database.processes[0].allocations == ()
    (found,) = database.findings
    assert (found.params["left"], found.params["of"], found.params["not_whole"]) == ("6", "6", "6")


def test_factors_that_share_nothing_out_are_told_once_a_process(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["allocationFactors"] = shares(
        ("PHYSICAL", "brick", 0.5, None),
        ("PHYSICAL", "chips", 0.4, None),
        ("ECONOMIC", "brick", 0.75, None),
        ("ECONOMIC", "chips", 0.25, None),
        ("ECONOMIC", "chips", 0.25, None),
        ("ECONOMIC", None, 0.25, None),
        ("ECONOMIC", "clay", 0.25, None),
        ("ECONOMIC", "brick", math.nan, None),
        ("CAUSAL", "brick", 1.0, 99),
    )
    database = brick(tmp_path, parts)
    assert database.processes[0].allocations == (Allocation("economic", {"brick": 0.75, "chips": 0.25}),)
    (found,) = database.findings
    assert found.code == "allocation-left-out"
    assert found.params == {
        "left": "7",
        "of": "9",
        "without_product": "1",
        "not_a_product": "1",
        "without_exchange": "1",
        "without_value": "1",
        "repeated": "1",
        "not_whole": "2",
    }


def test_parameters_without_a_value_are_worked_out_or_told(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["parameters"] = [
        {"name": "loss", "isInputParameter": "TRUE", "value": "0.2"},
        {"name": "clay_in", "isInputParameter": "FALSE", "formula": "(1 + loss)*1000"},
        {"name": "from_carbon", "isInputParameter": False, "formula": "CARBON*2"},
        {"name": "lost", "isInputParameter": False, "formula": "nowhere"},
        {"name": "nothing", "isInputParameter": True},
        {"name": "LOSS", "value": 3},
        {"value": 3},
        {"name": "both", "isInputParameter": True, "formula": "1+1", "value": 5.0},
    ]
    database = brick(tmp_path, parts)
    assert database.processes[0].parameters == (
        Parameter("loss", 0.2),
        Parameter("clay_in", 1200.0, formula="(1 + loss)*1000"),
        Parameter("from_carbon", 0.1, formula="CARBON*2"),
        Parameter("both", 5.0),
    )
    assert codes(database) == {
        "parameter-without-value": 2,
        "parameter-repeated": 1,
        "parameter-without-name": 1,
        "input-parameter-with-formula": 1,
    }


def test_units_without_unit_groups(tmp_path: Path) -> None:
    parts = {name: one for name, one in schema2().items() if not name.startswith(("unit_groups", "flow_properties"))}
    energy = next(one for one in standard_groups().values() if one.property == "Energy").property_id
    coal = parts["flows/coal.json"]["flowProperties"]
    coal[0]["flowProperty"] = ref("FlowProperty", "mass", refUnit="kg")
    coal[1]["flowProperty"] = ref("FlowProperty", energy)
    entries = parts["processes/kiln.json"]["exchanges"]
    entries[3] = exchange(4, "coal", 1000.0, "btu", energy, isInput=True)
    entries.append(exchange(7, "coal", 1.0, "t", isInput=True))
    entries.append(exchange(8, "coal", 1.0, "m3", isInput=True))
    database = brick(tmp_path, parts)
    found = kiln(database)
    # 1 Btu = 1055.05585262 J (ISO 31-4), 20 MJ of coal are a kilogram
    assert found["4"].to_reference == pytest.approx(1055.05585262e-6 / 20, rel=1e-12)
    assert found["7"].to_reference == 1000
    assert (found["3"].unit, found["3"].to_reference, database.flows["clay"].unit) == ("g", 1.0, "g")
    assert "8" not in found
    assert codes(database) == {"unit-groups-missing": 1, "unit-unknown": 1}
    assert [one.params["unit"] for one in database.findings if one.is_error] == ["m3"]


def test_standard_units_are_what_their_names_say() -> None:
    checked = 0
    for group in standard_groups().values():
        for name, factor in group.units.factors.values():
            try:
                known = multiplier(name, group.units.reference)
            except (AmbiguousUnit, UnknownUnit):
                continue
            assert factor == pytest.approx(float(known), rel=1e-12), name
            checked += 1
    assert checked > 25


def test_doubtful_units_are_taken_from_the_file_and_told(tmp_path: Path) -> None:
    parts = schema2()
    parts["unit_groups/masses.json"]["units"][1]["conversionFactor"] = 0.0015
    database = brick(tmp_path, parts)
    assert kiln(database)["3"].to_reference == 0.0015
    (found,) = database.findings
    assert (found.code, found.params["known"]) == ("unit-factor-doubtful", "0.001")


def test_exchange_identifiers_are_unique(tmp_path: Path) -> None:
    parts = schema2()
    entries = parts["processes/kiln.json"]["exchanges"]
    entries[4]["internalId"] = entries[5]["internalId"] = 1
    database = brick(tmp_path, parts)
    assert list(kiln(database)) == ["1", "2", "3", "4", "5", "6"]
    (found,) = database.findings
    assert (found.code, found.params["count"]) == ("exchange-id-repeated", "2")


def test_every_code_has_its_words() -> None:
    lca = DATA.parents[2] / "lca"
    sources = [*(lca / "importers").glob("jsonld*.py"), lca / "parametrised.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    told = re.findall(r"(?:tell|note|told|Finding)(?:\(where\))?\(\s*\"([a-z0-9-]+)\"", text)
    told += re.findall(r'code = "([a-z-]+)" if name else "([a-z-]+)"', text)[0]
    assert len(set(told)) > 35
    assert [code for code in told if f"finding.{code}" not in TOLD] == []


def test_units_of_a_property_by_unit_identifier_or_name(tmp_path: Path) -> None:
    parts = schema2()
    entries = parts["processes/kiln.json"]["exchanges"]
    entries[2]["unit"] = {"name": "g"}
    entries[3].pop("unit")
    entries[4].pop("flowProperty")
    found = kiln(brick(tmp_path, parts))
    assert (found["3"].to_reference, found["4"].unit, found["4"].to_reference) == (0.001, "MJ", 1 / 20)
    assert (found["5"].unit, found["5"].to_reference) == ("kg", 1.0)
    entries[2]["unit"] = unit("kWh")
    assert "3" not in kiln(brick(tmp_path, parts))
