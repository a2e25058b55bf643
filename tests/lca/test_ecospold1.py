"""ecoSpold 1: USLCI FY21 counted against its licence note and the raw file, and small data sets worked out by hand."""

from __future__ import annotations

import math
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from ecospold_sound import assert_sound
from lxml import etree

from lca.dataset import AVOIDED, DEMAND, SUPPLY, LciDatabase, role
from lca.errors import LciFileBroken, LciFileUnsafe, LciNothingFound
from lca.importers import ecospold1, ecospold2, read
from lca.importers.archive import Archive

DATA = Path(__file__).parents[1] / "data/lci"
FY21 = DATA / "uslci_fy21q3_ecospold1/uslci_fy21_q3_ecospold1.zip"
NAMESPACE = "{http://www.EcoInvent.org/EcoSpold01}"


# --- USLCI FY21 ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fy21() -> LciDatabase:
    return read(FY21, "ecospold1")


@pytest.fixture(scope="module")
def raw() -> list[tuple[etree._Element, list[tuple[etree._Element, str, str]]]]:
    """Return the data sets of the file with (exchange, input or output, group), read by lxml alone."""
    with zipfile.ZipFile(FY21) as archive:
        (name,) = (name for name in archive.namelist() if "EcoSpold_639" in name)
        root = etree.fromstring(archive.read(name))
    found = []
    for dataset in root.iterchildren(f"{NAMESPACE}dataset"):
        exchanges = [
            (one, one[0].tag.removeprefix(NAMESPACE), one[0].text) for one in dataset.iter(f"{NAMESPACE}exchange")
        ]
        found.append((dataset, exchanges))
    return found


def test_uslci_has_what_its_licence_note_counts(fy21):
    assert_sound(fy21)
    assert len(fy21.processes) == 639
    assert sum(len(process.exchanges) for process in fy21.processes) == 45_656
    assert Counter(process.kind for process in fy21.processes) == {"unit": 537 + 78, "system": 24}
    assert not any(exchange.provider for process in fy21.processes for exchange in process.exchanges)
    assert not any(process.allocations for process in fy21.processes)


def test_every_amount_is_the_printed_one(fy21, raw):
    for process, (dataset, exchanges) in zip(fy21.processes, raw, strict=True):
        assert process.id == dataset.get("number")
        printed = [(float(one.get("meanValue")), one.get("unit"), way == "inputGroup") for one, way, _ in exchanges]
        assert [(one.amount, one.unit, one.is_input) for one in process.exchanges] == printed


def test_multi_output_data_sets_supply_all_their_products(fy21, raw):
    for process, (_, exchanges) in zip(fy21.processes, raw, strict=True):
        products = sum(way == "outputGroup" and group in ("0", "2") for _, way, group in exchanges)
        supplied = [one for one in process.exchanges if not one.is_input and fy21.flows[one.flow].kind == "product"]
        assert len(supplied) == products
    types = Counter(dataset.find(f".//{NAMESPACE}dataSetInformation").get("type") for dataset, _ in raw)
    assert types == {"1": 537, "5": 78, "2": 24}


def test_inputs_find_the_products_that_the_file_means_and_no_others(fy21, raw):
    """3,306 of 6,954 inputs match no producer by name; the same must have no supply here, and only few more.

    Those few are counted in another measure than their product (natural gas in m3, supplied in kg), for which the
    file gives no density, or in tonne-miles, which may be of two tons.
    """
    made = {one.get("name") for _, exchanges in raw for one, way, group in exchanges if (way, group) in PRODUCED}
    units = defaultdict(Counter)
    for _, exchanges in raw:
        for one, way, group in exchanges:
            if (way, group) in PRODUCED:
                units[one.get("number")][one.get("unit")] += 1
    supplies = {exchange.flow for _, exchange in fy21.supplies() if not exchange.is_input}
    nameless = other_measure = found = 0
    for process, (_, exchanges) in zip(fy21.processes, raw, strict=True):
        for exchange, (one, way, group) in zip(process.exchanges, exchanges, strict=True):
            if (way, group) != ("inputGroup", "5"):
                continue
            has_supply = exchange.flow in supplies
            if one.get("name") not in made:
                nameless += 1
                assert not has_supply, one.get("name")
            elif (one.get("unit"), units[one.get("number")].most_common(1)[0][0]) in OTHER_MEASURES:
                other_measure += 1
                assert not has_supply, one.get("name")
            else:
                found += 1
                assert has_supply, one.get("name")
    assert nameless == 3306
    assert nameless + other_measure + found == 6954
    told = [one.params for one in fy21.findings if one.code == "unit-of-another-measure" and one.is_error]
    assert other_measure == sum(int(one["count"]) for one in told if one["flow"] in made) > 0


PRODUCED = {("outputGroup", "0"), ("outputGroup", "2")}
OTHER_MEASURES = {("m3", "kg"), ("l", "kg"), ("t*mi", "t*km")}


def test_one_number_is_one_flow(fy21, raw):
    """The electricity of 81 data sets is one flow, whatever location its inputs print."""
    flows = defaultdict(set)
    for process, (_, exchanges) in zip(fy21.processes, raw, strict=True):
        for exchange, (one, _, group) in zip(process.exchanges, exchanges, strict=True):
            if group != "4":
                flows[one.get("number")].add(exchange.flow.partition(" [")[0])
    assert all(len(one) == 1 for one in flows.values())
    assert len({flow for one in flows.values() for flow in one}) == len(flows)
    (grid,) = flows["9871"]
    assert sum(exchange.flow == grid for _, exchange in fy21.supplies()) == 81
    assert fy21.flows[grid].name == "Electricity, at grid"
    assert fy21.flows[grid].unit == "kWh"


def test_units_of_one_measure_become_the_unit_of_the_supply(fy21):
    turned = Counter()
    for process in fy21.processes:
        for exchange in process.exchanges:
            reference = fy21.flows[exchange.flow].unit
            if exchange.unit != reference:
                turned[exchange.unit, reference, exchange.to_reference] += 1
    assert {key for key in turned if key[:2] in (("MJ", "kWh"), ("kBq", "Bq"), ("l", "m3"))} == {
        ("MJ", "kWh", 1 / 3.6),
        ("kBq", "Bq", 1000.0),
        ("l", "m3", 0.001),
    }


def test_lognormals_are_half_the_logarithm_of_the_95_percent_factor(fy21, raw):
    printed = [
        (math.log(abs(float(one.get("meanValue")))), math.log(float(one.get("standardDeviation95"))) / 2)
        for _, exchanges in raw
        for one, _, _ in exchanges
        if one.get("uncertaintyType") == "1" and float(one.get("standardDeviation95")) != 1
    ]
    read_in = [
        (one.uncertainty.loc, one.uncertainty.scale)
        for process in fy21.processes
        for one in process.exchanges
        if one.uncertainty is not None and one.uncertainty.kind == "lognormal"
    ]
    assert len(printed) == 12
    for mine, theirs in zip(read_in, printed, strict=True):
        assert mine == pytest.approx(theirs)


def test_bounds_in_the_wrong_order_and_modes_outside_are_told(fy21, raw):
    told = Counter(finding.code for finding in fy21.findings)
    swapped = outside = usable = 0
    for _, exchanges in raw:
        for one, _, _ in exchanges:
            if one.get("uncertaintyType") == "3":
                low, mode, high = (float(one.get(name)) for name in ("minValue", "mostLikelyValue", "maxValue"))
                swapped += high <= mode <= low
                outside += not min(low, high) <= mode <= max(low, high)
                usable += min(low, high) <= mode <= max(low, high)
    assert told["uncertainty-limits-swapped"] == swapped == 22
    assert told["uncertainty-mode-outside"] == outside == 11
    kinds = Counter(
        one.uncertainty.kind for process in fy21.processes for one in process.exchanges if one.uncertainty is not None
    )
    assert kinds["triangular"] == usable == 393 - 11
    assert kinds["uniform"] == 24 - 2  # two have equal bounds


def test_pseudo_cas_numbers_are_left_out_and_told(fy21):
    water = {flow.cas for flow in fy21.flows.values() if flow.name == "Water"}
    assert water == {""}
    told = {finding.params["cas"] for finding in fy21.findings if finding.code == "cas-invalid"}
    # The check digits do not fit; 8030-30-6 behind 'CAS' does: 6*1+0*... = 66, 66 mod 10 = 6.
    assert told == {"7732190", "7732203", "7732205", "129874-8-4", "7439-90-0"}
    (naphtha,) = {flow.cas for flow in fy21.flows.values() if flow.name == "Petroleum refining coproduct, at refinery"}
    assert naphtha == "8030-30-6"


def test_a_process_says_where_when_and_from_whom(fy21):
    soybeans = fy21.process("10335")
    assert soybeans.name == "Soybean grains, at field"
    assert soybeans.location == "RNA"
    assert (soybeans.valid_from, soybeans.valid_until) == ("2003-12-31", "2006-12-31")
    category = "11: Agriculture, Forestry, Fishing and Hunting/1111: Oilseed and Grain Farming"
    assert soybeans.category == category
    assert soybeans.source == (
        "Omni Tech International 2010: Life Cycle Impact of Soybean Production and Soy Industrial Products"
    )
    assert soybeans.comment.startswith("1. Carbon Sequestration should be accounted for")
    reference = next(one for one in soybeans.exchanges if one.id == soybeans.reference)
    assert (reference.amount, reference.unit) == (1000, "kg")
    assert role(reference, fy21.flows[reference.flow]) == SUPPLY


def test_the_format_is_known_by_its_root_and_not_by_its_name(tmp_path):
    with Archive(FY21) as archive:
        assert ecospold1.knows(archive)
        assert not ecospold2.knows(archive)
    renamed = tmp_path / "uslci_ecospold2.bin"
    renamed.write_text(document(dataset(exchange("thing", "out0"))), encoding="utf-8")
    with Archive(renamed) as archive:
        assert ecospold1.knows(archive)
    assert read(renamed).format == "ecospold1"
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as made, zipfile.ZipFile(FY21) as given:
        made.writestr("categories.xml", given.read("EcoSpold01/categories.xml"))
    with Archive(tmp_path / "lists.zip") as archive:
        assert not ecospold1.knows(archive)


def test_a_folder_and_a_single_file_are_read_as_well(tmp_path):
    with zipfile.ZipFile(FY21) as archive:
        archive.extractall(tmp_path / "data")
    folder = read(tmp_path / "data", "ecospold1")
    assert len(folder.processes) == 639


# --- small data sets by hand ---------------------------------------------------------------------


def exchange(name: str, group: str, amount: object = 1, **more: object) -> str:
    """Return an exchange; ``group`` is 'in5', 'out0' …"""
    stated = {"number": 1, "name": name, "unit": "kg", "meanValue": amount, "location": "CH"} | more
    if group.endswith("4"):
        stated = {"category": "air", "subCategory": "unspecified"} | stated
    attributes = " ".join(f"{key}={quoteattr(str(value))}" for key, value in stated.items() if value is not None)
    tag = "inputGroup" if group.startswith("in") else "outputGroup"
    return f"<exchange {attributes}><{tag}>{group[-1]}</{tag}></exchange>"


def dataset(*parts: str, number: object = 1, name: str = "thing", type_: str = "1", **function: object) -> str:
    stated = {"name": name, "unit": "kg", "amount": 1, "localName": "物品"} | function
    attributes = " ".join(f"{key}={quoteattr(str(value))}" for key, value in stated.items())
    return (
        f'<dataset number="{number}"><metaInformation><processInformation><referenceFunction {attributes}/>'
        f'<geography location="CH"/><timePeriod><startYear>2020</startYear></timePeriod>'
        f'<dataSetInformation type="{type_}" localLanguageCode="zh"/></processInformation></metaInformation>'
        f"<flowData>{''.join(parts)}</flowData></dataset>"
    )


def document(*datasets: str) -> str:
    return f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{"".join(datasets)}</ecoSpold>'


@pytest.fixture
def read_text(tmp_path):
    def reading(*datasets: str) -> LciDatabase:
        path = tmp_path / "small.xml"
        path.write_text(document(*datasets), encoding="utf-8")
        database = read(path, "ecospold1")
        assert_sound(database)
        return database

    return reading


def only(database: LciDatabase, name: str):
    """Return the one exchange of a flow name."""
    flows = {key for key, flow in database.flows.items() if flow.name == name}
    (found,) = [one for process in database.processes for one in process.exchanges if one.flow in flows]
    return found


def codes(database: LciDatabase) -> list[str]:
    return sorted(finding.code for finding in database.findings)


def test_roles_of_all_groups(read_text):
    database = read_text(
        dataset(
            exchange("thing", "out0"),
            exchange("by-product", "out2", number=2),
            exchange("saved", "out1", number=3),
            exchange("sludge", "out3", number=4),
            exchange("CO2", "out4", number=5, formula="CO2", CASNumber="000124-38-9"),
            exchange("ore", "in4", number=6),
            *(exchange(f"input {group}", f"in{group}", number=10 + group) for group in (1, 2, 3, 5)),
        )
    )
    roles = {
        database.flows[one.flow].name: role(one, database.flows[one.flow]) for one in database.processes[0].exchanges
    }
    assert roles == {
        "thing": SUPPLY,
        "by-product": SUPPLY,
        "saved": AVOIDED,
        "sludge": DEMAND,
        "CO2": "biosphere",
        "ore": "biosphere",
        **dict.fromkeys((f"input {group}" for group in (1, 2, 3, 5)), DEMAND),
    }
    flow = database.flows[only(database, "CO2").flow]
    assert (flow.kind, flow.category, flow.cas, flow.formula) == ("elementary", "air/unspecified", "124-38-9", "CO2")
    assert database.flows[only(database, "sludge").flow].kind == "waste"
    assert database.processes[0].name_zh == "物品"
    assert codes(database) == []


def test_an_output_to_treatment_that_somebody_supplies_is_a_service_bought(read_text):
    database = read_text(
        dataset(exchange("thing", "out0"), exchange("disposal", "out3", 2, number=7)),
        dataset(exchange("disposal", "out0", number=7), number=2, name="disposal"),
        dataset(exchange("other", "out0", number=8), exchange("disposal", "in5", 3, number=7), number=3, name="other"),
    )
    bought = [
        (one.amount, role(one, database.flows[one.flow]))
        for process in database.processes
        for one in process.exchanges
        if database.flows[one.flow].name == "disposal"
    ]
    assert bought == [(2, DEMAND), (1, SUPPLY), (3, DEMAND)]
    assert codes(database) == ["waste-supplied-as-product"]


def test_numbers_that_stand_for_flows_join_what_is_printed_with_different_locations(read_text):
    bought = exchange("power", "in5", 3.6, number=5, unit="MJ", location=None)
    made = exchange("power", "out0", number=5, unit="kWh", category="energy", subCategory="grid", formula="e")
    database = read_text(
        dataset(exchange("thing", "out0", number=6), bought),
        dataset(made, number=2, name="power", unit="kWh"),
    )
    demand, supply = (process.exchanges[-1] for process in database.processes)
    assert supply.flow == demand.flow
    assert demand.to_reference == pytest.approx(1 / 3.6)
    flow = database.flows[supply.flow]
    assert (flow.unit, flow.location, flow.category, flow.formula) == ("kWh", "CH", "energy/grid", "e")


def test_numbers_that_count_inside_each_data_set_join_nothing(read_text):
    database = read_text(
        dataset(exchange("power", "out0", number=1), exchange("coal", "in5", number=2), name="power"),
        dataset(
            exchange("coal", "out0", number=1), exchange("power", "in5", number=2, location="DE"), number=2, name="coal"
        ),
        dataset(exchange("thing", "out0", number=1), exchange("power", "in5", number=2), number=3),
    )
    power, coal, thing = database.processes
    assert power.exchanges[1].flow == coal.exchanges[0].flow  # same name and location
    assert thing.exchanges[1].flow == power.exchanges[0].flow
    assert coal.exchanges[1].flow != power.exchanges[0].flow  # power in DE is not power in CH


def test_a_plant_is_not_the_service_of_the_same_name(read_text):
    database = read_text(
        dataset(exchange("kiln", "out0", infrastructureProcess="true"), name="kiln"),
        dataset(exchange("lime", "out0"), exchange("kiln", "in5", number=2, infrastructureProcess="false"), number=2),
        dataset(exchange("brick", "out0"), exchange("kiln", "in5", number=2, infrastructureProcess="true"), number=3),
    )
    kiln, lime, brick = database.processes
    assert brick.exchanges[1].flow == kiln.exchanges[0].flow
    assert lime.exchanges[1].flow != kiln.exchanges[0].flow


def test_numbers_that_never_recur_join_nothing_and_keep_nothing_apart(read_text):
    database = read_text(
        dataset(exchange("power", "out0", number=101), name="power"),
        dataset(exchange("thing", "out0", number=102), exchange("power", "in5", number=103), number=2),
    )
    assert database.processes[0].exchanges[0].flow == database.processes[1].exchanges[1].flow


def test_elementary_flows_are_told_apart_by_compartment_and_measure_alone(read_text):
    database = read_text(
        dataset(
            exchange("thing", "out0"),
            exchange("water", "in4", 1, number=2, unit="m3"),
            exchange("water", "in4", 2, number=3, unit="l"),
            exchange("water", "in4", 3, number=4, unit="kg"),
            exchange("water", "in4", 4, number=5, unit="m3", subCategory="river"),
        )
    )
    first, litres, mass, river = database.processes[0].exchanges[1:]
    assert first.flow == litres.flow
    assert (first.to_reference, litres.to_reference) == (1, 0.001)
    assert len({first.flow, mass.flow, river.flow}) == 3


def test_an_amount_in_another_measure_belongs_to_a_flow_that_nobody_supplies(read_text):
    database = read_text(
        dataset(exchange("gas", "out0", number=9, unit="kg"), name="gas"),
        dataset(exchange("thing", "out0", number=8), exchange("gas", "in5", number=9, unit="m3"), number=2),
    )
    demand = database.processes[1].exchanges[1]
    assert demand.flow not in {one.flow for _, one in database.supplies()}
    assert database.flows[demand.flow].unit == "m3"
    (finding,) = database.findings
    assert (finding.code, finding.is_error) == ("unit-of-another-measure", True)
    assert finding.params == {"flow": "gas", "unit": "m3", "reference": "kg", "count": "1"}


@pytest.mark.parametrize(
    ("comment", "pedigree"),
    [
        ("(1,2,1,1,1,na)", (1, 2, 1, 1, 1)),
        (" ( 2; 3; 2; 3; 3; 5 ) measured", (2, 3, 2, 3, 3)),
        ("(1,2,3,4,5)", (1, 2, 3, 4, 5)),
        ("(4,5,na,na,na,na)", ()),
        ("(1,2,3,4,6)", ()),
        ("(1,2,3,4)", ()),
        ("as measured (1,2,3,4,5)", ()),
    ],
)
def test_a_comment_may_begin_with_the_pedigree(read_text, comment, pedigree):
    database = read_text(
        dataset(exchange("thing", "out0"), exchange("gravel", "in5", 493, number=2, generalComment=comment))
    )
    gravel = only(database, "gravel")
    assert gravel.pedigree == pedigree
    assert gravel.comment == comment.strip()


def test_local_names_are_chinese_where_the_file_says_so(read_text):
    text = dataset(exchange("steel", "out0", localName="Stahl")).replace(
        'localLanguageCode="zh"', 'localLanguageCode="de"'
    )
    german = read_text(text)
    assert (german.processes[0].name_zh, german.flows[only(german, "steel").flow].name_zh) == ("", "")
    chinese = read_text(dataset(exchange("steel", "out0", localName="钢")))
    assert (chinese.processes[0].name_zh, chinese.flows[only(chinese, "steel").flow].name_zh) == ("物品", "钢")


def test_distributions(read_text):
    database = read_text(
        dataset(
            exchange("thing", "out0"),
            exchange("lognormal", "in5", -2, number=2, uncertaintyType=1, standardDeviation95=1.21),
            exchange("normal", "in5", 5, number=3, uncertaintyType=2, standardDeviation95=1),
            exchange("triangular", "in5", 3, number=4, uncertaintyType=3, minValue=1, maxValue=6),
            exchange("uniform", "in5", 3, number=5, uncertaintyType=4, minValue=2, maxValue=4),
            exchange("none", "in5", 3, number=6, uncertaintyType=1, standardDeviation95=1),
            exchange("point", "in5", 3, number=7, uncertaintyType=4, minValue=3, maxValue=3),
            exchange("swapped", "in5", 3, number=8, uncertaintyType=3, minValue=4, mostLikelyValue=3, maxValue=2),
            exchange("outside", "in5", 3, number=9, uncertaintyType=3, minValue=1, mostLikelyValue=3, maxValue=2),
            exchange("broken", "in5", 3, number=10, uncertaintyType=1, standardDeviation95="INF"),
            exchange("negative", "in5", 3, number=11, uncertaintyType=2, standardDeviation95=-1),
        )
    )
    found = {
        name: only(database, name).uncertainty for name in ("lognormal", "normal", "triangular", "uniform", "swapped")
    }
    # sqrt(1.21) = 1.1 = GSD; ln 1.1 = 0.0953101798, ln 2 = 0.6931471806
    assert (found["lognormal"].loc, found["lognormal"].scale) == pytest.approx((0.6931471806, 0.0953101798))
    assert (found["normal"].loc, found["normal"].scale) == (5, 0.5)
    # mean 3 = (1 + mode + 6) / 3, so the mode is 2
    assert (found["triangular"].minimum, found["triangular"].loc, found["triangular"].maximum) == (1, 2, 6)
    assert (found["uniform"].minimum, found["uniform"].loc, found["uniform"].maximum) == (2, None, 4)
    assert (found["swapped"].minimum, found["swapped"].loc, found["swapped"].maximum) == (2, 3, 4)
    assert {only(database, name).uncertainty for name in ("none", "point", "outside", "broken", "negative")} == {None}
    assert codes(database) == ["uncertainty-limits-swapped", "uncertainty-mode-outside", "uncertainty-unusable"]
    (counted,) = [one for one in database.findings if one.code == "uncertainty-unusable"]
    assert counted.params == {"count": "2"}
    assert counted.where == "small.xml: thing: broken"


def allocation(product: object, percent: object, *numbers: object) -> str:
    inner = "".join(f"<referenceToInputOutput>{one}</referenceToInputOutput>" for one in numbers)
    return (
        f'<allocation referenceToCoProduct="{product}" allocationMethod="-1" fraction="{percent}">{inner}</allocation>'
    )


def test_allocation_factors_stand_by_exchange_and_product(read_text):
    database = read_text(
        dataset(
            exchange("milk", "out2", number=1),
            exchange("meat", "out2", number=2),
            exchange("feed", "in5", number=3),
            exchange("CH4", "out4", number=4),
            allocation(1, 80, 3),
            allocation(1, 90, 4),
            allocation(2, 20, 3),
            allocation(2, 10, 4),
            type_="5",
            name="dairy farm",
        )
    )
    (farm,) = database.processes
    milk, meat = (only(database, name).flow for name in ("milk", "meat"))
    (factors,) = farm.allocations
    assert farm.default_allocation == factors.method == "causal"
    assert factors.by_exchange == {"3": {milk: 0.8, meat: 0.2}, "4": {milk: 0.9, meat: 0.1}}
    assert codes(database) == ["reference-products-several"]


def test_allocation_that_leaves_something_out_is_told(read_text):
    database = read_text(
        dataset(
            exchange("milk", "out0", number=1),
            exchange("meat", "out2", number=2),
            exchange("feed", "in5", number=3),
            exchange("CH4", "out4", number=4),
            allocation(1, 80, 3, 77),
            allocation(99, 80, 3),
            allocation(2, "much", 3),
        )
    )
    told = [(one.code, one.where.rpartition(": ")[2], dict(one.params), one.is_error) for one in database.findings]
    assert told == [
        ("allocation-factor-unusable", "thing", {"numbers": "1, 77"}, True),
        ("allocation-factor-unusable", "thing", {"numbers": "99"}, True),
        ("allocation-factor-unusable", "thing", {"numbers": "2"}, True),
        ("allocation-not-whole", "feed", {"percent": "80"}, True),
        ("allocation-not-whole", "CH4", {"percent": "0"}, True),
    ]


def test_the_reference_function_says_what_a_data_set_without_products_makes(read_text):
    database = read_text(dataset(exchange("CO2", "out4"), type_="2", amount=5, unit="MJ", name="heat"))
    (heat,) = database.processes
    reference = next(one for one in heat.exchanges if one.id == heat.reference)
    assert (reference.amount, reference.unit, reference.is_input) == (5, "MJ", False)
    flow = database.flows[reference.flow]
    assert (flow.name, flow.kind, flow.location, flow.name_zh) == ("heat", "product", "CH", "物品")
    assert heat.kind == "system"
    assert codes(database) == ["reference-from-function"]


def test_a_product_that_only_the_reference_function_names_is_found_by_inputs_without_number(read_text):
    heat = exchange("heat", "in5", number=None, unit="MJ")
    database = read_text(
        dataset(exchange("thing", "out0"), heat),
        dataset(exchange("CO2", "out4"), number=2, name="heat", unit="MJ"),
    )
    thing, described = database.processes
    assert thing.exchanges[1].flow == described.exchanges[-1].flow
    assert described.reference == described.exchanges[-1].id


def test_a_data_set_without_any_reference_is_left_out_and_told(read_text):
    database = read_text(dataset(exchange("thing", "out0")), dataset(exchange("CO2", "out4"), number=2, amount="n.a."))
    assert [process.id for process in database.processes] == ["1"]
    assert [flow.name for flow in database.flows.values()] == ["thing"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("reference-missing", "small.xml: thing", True)


def test_a_reference_function_that_disagrees_is_told_and_the_exchange_holds(read_text):
    database = read_text(dataset(exchange("thing", "out0", 1000), amount=1))
    assert database.processes[0].exchanges[0].amount == 1000
    (finding,) = database.findings
    assert finding.params == {"amount": "1000.0", "stated": "1.0", "unit": "kg"}


def test_elementary_flows_and_impact_categories_are_no_processes(read_text):
    database = read_text(
        dataset(exchange("thing", "out0")),
        dataset(exchange("GWP", "out4"), number=2, type_="4"),
        dataset(exchange("CO2", "out4"), number=3, type_="3"),
    )
    assert [process.id for process in database.processes] == ["1"]
    assert [(one.code, dict(one.params)) for one in database.findings] == [("no-process", {"count": "2"})]


def test_one_number_for_several_data_sets_gets_the_product_behind_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "three.zip", "w") as archive:
        for name in ("a", "b"):
            archive.writestr(f"{name}.xml", document(dataset(exchange(name, "out0"), name=name)))
        archive.writestr("c.xml", document(dataset(exchange("a", "out0"), name="a")))
    database = read(tmp_path / "three.zip", "ecospold1")
    assert_sound(database)
    assert [process.name for process in database.processes] == ["a", "b"]
    assert all(process.id == f"1_{process.exchanges[0].flow}" for process in database.processes)
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("data-set-repeated", "c.xml: a", True)


@pytest.mark.parametrize("amount", ["", "NaN", "INF", "-inf", "1,5", "1e999", "1_000", "x", None])
def test_an_amount_that_is_no_number_is_dropped_and_told(read_text, amount):
    database = read_text(dataset(exchange("thing", "out0"), exchange("coal", "in5", amount, number=2)))
    assert [one.id for one in database.processes[0].exchanges] == ["1"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("amount-not-a-number", "small.xml: thing: coal", True)
    assert finding.params == {"value": amount or ""}


def test_a_direction_that_nothing_tells_drops_the_exchange(read_text):
    both = exchange("coal", "in5", number=2).replace("</exchange>", "<outputGroup>0</outputGroup></exchange>")
    none = '<exchange number="3" name="ore" unit="kg" meanValue="1"/>'
    database = read_text(dataset(exchange("thing", "out0"), both, none))
    assert [one.id for one in database.processes[0].exchanges] == ["1"]
    assert [(one.code, one.where) for one in database.findings] == [
        ("direction-unclear", "small.xml: thing: coal"),
        ("direction-unclear", "small.xml: thing: ore"),
    ]


def test_what_has_no_name_is_told_and_called_by_its_number(read_text):
    database = read_text(
        dataset(exchange("thing", "out0"), exchange("", "in5", number=7), exchange("", "in5", number=None)),
        dataset(exchange("other", "out0"), number=2, name=""),
    )
    assert [database.flows[one.flow].name for one in database.processes[0].exchanges] == ["thing", "7", "?"]
    assert [process.name for process in database.processes] == ["thing", "2"]
    assert codes(database) == ["name-missing"] * 3


def test_what_is_missing_or_unknown_is_told_and_the_rest_is_read(read_text):
    database = read_text(
        dataset(
            exchange("thing", "out0"),
            exchange("odd", "in9", number=2),
            exchange("", "in5", number=3),
            exchange("bare", "in5", number=4, unit=None),
        )
    )
    assert len(database.processes[0].exchanges) == 4
    assert codes(database) == ["exchange-without-unit", "group-unknown", "name-missing"]


# --- hostile files -------------------------------------------------------------------------------


def hostile() -> Iterator[object]:
    head = '<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">'
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    outside = '<!DOCTYPE x [<!ENTITY e0 SYSTEM "file:///etc/passwd">]>'
    whole = document(dataset(exchange("thing", "out0")))
    yield pytest.param("", LciFileBroken, id="empty")
    yield pytest.param("no xml", LciFileBroken, id="text")
    yield pytest.param(whole[:-30], LciFileBroken, id="cut off")
    yield pytest.param(bomb + whole.replace("thing", "&e9;"), (LciFileBroken, LciFileUnsafe), id="bomb in attributes")
    yield pytest.param(bomb + head + dataset(exchange("thing", "out0")) + "&e9;</ecoSpold>", LciFileUnsafe, id="bomb")
    yield pytest.param(outside + whole.replace("<flowData>", "<flowData>&e0;"), LciFileUnsafe, id="outside")
    yield pytest.param(f"{head}{'<dataset>' * 5000}{'</dataset>' * 5000}</ecoSpold>", LciFileBroken, id="deep")
    yield pytest.param(f"{head}</ecoSpold>", LciNothingFound, id="no data set")
    yield pytest.param(f"{head}<dataset/></ecoSpold>", LciNothingFound, id="empty data set")


@pytest.mark.parametrize(("text", "error"), list(hostile()))
def test_a_hostile_file_is_refused_by_name(tmp_path, text, error):
    path = tmp_path / "hostile.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"hostile\.xml"):
        read(path, "ecospold1")


def test_a_truncated_zip_is_refused(tmp_path):
    path = tmp_path / "cut.zip"
    path.write_bytes(FY21.read_bytes()[:500_000])
    with pytest.raises(LciFileBroken, match=r"cut\.zip"):
        read(path, "ecospold1")


def test_a_damaged_part_is_told_and_the_others_are_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "parts.zip", "w") as archive:
        archive.writestr("good.xml", document(dataset(exchange("thing", "out0"))))
        archive.writestr("half.xml", document(dataset(exchange("half", "out0"), number=2), dataset(number=3))[:-40])
        archive.writestr("readme.txt", "words")
    database = read(tmp_path / "parts.zip", "ecospold1")
    assert [process.name for process in database.processes] == ["thing"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("data-sets-unreadable", "half.xml", True)
