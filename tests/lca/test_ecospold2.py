"""ecoSpold 2: USLCI FY18 counted against its licence note and the raw files, and small data sets worked out by hand."""

from __future__ import annotations

import math
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from ecospold_sound import assert_sound
from lxml import etree

from lca.dataset import DEMAND, SUPPLY, Exchange, LciDatabase, role
from lca.errors import LciFileBroken, LciFileUnsafe, LciNothingFound
from lca.importers import ecospold1, ecospold2, read
from lca.importers.archive import Archive
from lca.parametrised import check

DATA = Path(__file__).parents[1] / "data/lci"
FY18 = DATA / "uslci_fy18q1_ecospold2/uslci_fy18_q1_01_olca1_5_ecospold2.zip"
SAMPLE = DATA / "format_samples/olca_sample_ecospold2.xml"
NAMESPACE = "{http://www.EcoInvent.org/EcoSpold02}"


# --- USLCI FY18 ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fy18() -> LciDatabase:
    return read(FY18, "ecospold2")


@pytest.fixture(scope="module")
def raw() -> dict[str, list[etree._Element]]:
    """Return the exchanges of each data set by its id, read by lxml alone."""
    found = {}
    with zipfile.ZipFile(FY18) as archive:
        for name in archive.namelist():
            root = etree.fromstring(archive.read(name))
            data = root.find(f".//{NAMESPACE}flowData")
            exchanges = [one for one in data if one.tag != f"{NAMESPACE}parameter"]
            found[root.find(f".//{NAMESPACE}activity").get("id")] = exchanges
    return found


def group(exchange: etree._Element) -> tuple[str, str]:
    """Return input or output, and the number of the group."""
    (found,) = [one for one in exchange if one.tag.endswith("Group")]
    return found.tag.removeprefix(NAMESPACE), found.text


def test_uslci_has_what_its_licence_note_counts(fy18, raw):
    assert_sound(fy18)
    assert len(raw) == 767
    tags = Counter(one.tag.removeprefix(NAMESPACE) for exchanges in raw.values() for one in exchanges)
    assert tags == {"intermediateExchange": 7539, "elementaryExchange": 24_950}
    without = {key for key, exchanges in raw.items() if ("outputGroup", "0") not in map(group, exchanges)}
    assert len(without) == 21
    assert {process.id for process in fy18.processes} == raw.keys() - without
    left_out = [finding for finding in fy18.findings if finding.code == "reference-missing"]
    assert all(finding.is_error for finding in left_out)
    assert {Path(finding.where.partition(": ")[0]).stem for finding in left_out} == without
    lost = sum(int(finding.params["count"]) for finding in left_out)
    assert sum(len(process.exchanges) for process in fy18.processes) + lost == 7539 + 24_950
    assert not any(exchange.provider for process in fy18.processes for exchange in process.exchanges)


def test_every_amount_unit_and_direction_is_the_printed_one(fy18, raw):
    for process in fy18.processes:
        printed = [
            (float(one.get("amount")), one.findtext(f"{NAMESPACE}unitName"), group(one)[0] == "inputGroup")
            for one in raw[process.id]
        ]
        assert [(one.amount, one.unit, one.is_input) for one in process.exchanges] == printed


def test_materials_for_treatment_are_wastes(fy18, raw):
    kept = {process.id for process in fy18.processes}
    printed = [one for key in kept for one in raw[key] if group(one) == ("outputGroup", "3")]
    wastes = {one.get("intermediateExchangeId") for one in printed}
    assert {key for key, flow in fy18.flows.items() if flow.kind == "waste"} == wastes
    assert all(
        role(one, fy18.flows[one.flow]) == DEMAND
        for process in fy18.processes
        for one in process.exchanges
        if one.flow in wastes
    )


def test_missing_compartments_and_infinite_variances_are_told_once_with_their_number(fy18, raw):
    exchanges = [one for found in raw.values() for one in found]
    bare = sum(
        one.tag == f"{NAMESPACE}elementaryExchange" and one.find(f"{NAMESPACE}compartment") is None for one in exchanges
    )
    infinite = sum(
        one.get("variance") == "Infinity" for found in exchanges for one in found.iter(f"{NAMESPACE}lognormal")
    )
    counted = {one.code: int(one.params["count"]) for one in fy18.findings if one.code in COUNTED}
    assert counted == {"compartment-missing": bare, "uncertainty-unusable": infinite}
    assert (bare, infinite) == (24_634, 4811)


COUNTED = ("compartment-missing", "uncertainty-unusable")


def test_compartments_and_cas_numbers(fy18, raw):
    printed = {
        one.get("elementaryExchangeId"): tuple(part.text for part in one.find(f"{NAMESPACE}compartment"))
        for found in raw.values()
        for one in found
        if one.find(f"{NAMESPACE}compartment") is not None
    }
    assert {key: fy18.flows[key].category for key in printed} == {key: "/".join(one) for key, one in printed.items()}
    stated = {one.get("elementaryExchangeId"): one.get("casNumber") for found in raw.values() for one in found}
    stated = {key: cas for key, cas in stated.items() if key and cas}
    assert {key: fy18.flows[key].cas for key in stated} == {key: cas.lstrip("0") for key, cas in stated.items()}


def test_units_of_one_measure_become_the_unit_of_the_supply(fy18):
    turned = {
        (one.unit, fy18.flows[one.flow].unit): one.to_reference
        for process in fy18.processes
        for one in process.exchanges
        if one.unit != fy18.flows[one.flow].unit
    }
    # 1 ft3 = 0.3048^3 m3; 1 kWh = 3.6 MJ; 1 Btu (IT) = 1055.05585262 J
    expected = {
        ("MJ", "kWh"): 1 / 3.6,
        ("MWh", "kWh"): 1000,
        ("kWh", "MJ"): 3.6,
        ("m3", "l"): 1000,
        ("l", "m3"): 0.001,
        ("cu ft", "m3"): 0.3048**3,
        ("btu", "MJ"): 0.00105505585262,
        ("kBq", "Bq"): 1000,
        ("Bq", "kBq"): 0.001,
        ("kg*km", "metric ton*km"): 0.001,
        ("ha", "m2"): 10_000,
        ("m2", "ha"): 0.0001,
    }
    assert turned == pytest.approx({key: expected[key] for key in turned})
    assert len(turned) >= 10
    assert not [one for one in fy18.findings if one.code == "unit-of-another-measure"]


def test_formulas_give_the_printed_amounts(fy18):
    formulas = [one.formula for process in fy18.processes for one in (*process.exchanges, *process.parameters)]
    assert sum(map(bool, formulas)) > 400
    assert check(fy18) == ()


def test_a_process_says_where_when_and_from_whom(fy18):
    bus = fy18.process("7a44c9fa-db0b-3bec-8086-e4b7bf60d141")
    assert bus.name == "Transport, school bus, diesel powered, Southeast"
    assert (bus.location, bus.valid_from, bus.valid_until) == ("RNA", "2009-12-31", "2009-12-31")
    assert bus.source == "U.S. Environmental Protection Agency (EP 2010: MOVES 2010a"
    assert bus.comment == "Combustion of diesel in a school bus."
    reference = next(one for one in bus.exchanges if one.id == bus.reference)
    assert (reference.amount, reference.unit) == (1, "person*km")


# --- the sample of openLCA -----------------------------------------------------------------------


def test_the_openlca_sample():
    database = read(SAMPLE, "ecospold2")
    assert_sound(database)
    (sample,) = database.processes
    assert sample.comment == "sample comment 1\nsample commen 2\ntechnology comment"
    assert sample.category == "0112:Growing of rice"
    assert [(one.name, one.amount, one.comment) for one in sample.parameters] == [
        ("vehicle_life", 23, "vehicle life"),
        ("allard_mine_area_yearly_growth", 1, "allard_mine_area_yearly_growth"),
    ]
    pentanol, _, reservoir, chloride, peat = sample.exchanges
    assert pentanol.formula == "23 + SUM(8;2)"
    assert (pentanol.uncertainty.kind, pentanol.uncertainty.scale) == ("lognormal", pytest.approx(math.sqrt(2.21)))
    assert (reservoir.uncertainty.kind, reservoir.uncertainty.scale) == ("normal", pytest.approx(math.sqrt(2)))
    assert (chloride.uncertainty.minimum, chloride.uncertainty.maximum) == (1, 5)
    assert peat.uncertainty is None  # 'undefined'
    assert peat.pedigree == (1, 2, 3, 4, 5)
    assert database.flows[chloride.flow].category == "soil/industrial"
    assert database.flows[chloride.flow].cas == "16887-00-6"


# --- small data sets by hand ---------------------------------------------------------------------


def attributes(stated: dict[str, object]) -> str:
    return " ".join(f"{key}={quoteattr(str(value))}" for key, value in stated.items() if value is not None)


def intermediate(name: str, group: str, amount: object = 1, *inside: str, unit: str = "kg", **more: object) -> str:
    """Return an intermediate exchange; ``group`` is 'in5', 'out0' …; its id is its name."""
    stated = attributes({"id": f"x-{name}", "intermediateExchangeId": f"id-{name}", "amount": amount} | more)
    tag = "inputGroup" if group.startswith("in") else "outputGroup"
    return (
        f"<intermediateExchange {stated}><name>{escape(name)}</name><unitName>{unit}</unitName>{''.join(inside)}"
        f"<{tag}>{group[-1]}</{tag}></intermediateExchange>"
    )


def elementary(name: str, group: str = "out4", amount: object = 1, *inside: str, **more: object) -> str:
    stated = attributes({"id": f"x-{name}", "elementaryExchangeId": f"id-{name}", "amount": amount} | more)
    tag = "inputGroup" if group.startswith("in") else "outputGroup"
    place = "<compartment><compartment>air</compartment><subcompartment>urban</subcompartment></compartment>"
    return (
        f"<elementaryExchange {stated}><name>{escape(name)}</name><unitName>kg</unitName>{place}{''.join(inside)}"
        f"<{tag}>{group[-1]}</{tag}></elementaryExchange>"
    )


def activity(*parts: str, id_: str = "a", name: str = "activity", tag: str = "activityDataset", **more: object) -> str:
    stated = attributes({"id": id_, "type": 1} | more)
    return (
        f"<{tag}><activityDescription><activity {stated}><activityName xml:lang='en'>{name}</activityName>"
        f"<activityName xml:lang='zh'>活动</activityName></activity>"
        f"<geography><shortname xml:lang='en'>CN</shortname></geography></activityDescription>"
        f"<flowData>{''.join(parts)}</flowData></{tag}>"
    )


def document(*datasets: str) -> str:
    return f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02">{"".join(datasets)}</ecoSpold>'


WASTE = (
    "<classification><classificationSystem>By-product classification</classificationSystem>"
    "<classificationValue>Waste</classificationValue></classification>"
)


@pytest.fixture
def read_files(tmp_path):
    def reading(*datasets: str) -> LciDatabase:
        path = tmp_path / "small.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for position, text in enumerate(datasets):
                archive.writestr(f"{position}.spold", document(text))
        database = read(path, "ecospold2")
        assert_sound(database)
        return database

    return reading


def of(database: LciDatabase, name: str) -> list[tuple[str, Exchange]]:
    """Return (role, exchange) for every exchange of a flow name, in order."""
    return [
        (role(one, database.flows[one.flow]), one)
        for process in database.processes
        for one in process.exchanges
        if database.flows[one.flow].name == name
    ]


def codes(database: LciDatabase) -> list[str]:
    return sorted(finding.code for finding in database.findings)


def test_names_and_places(read_files):
    (process,) = read_files(activity(intermediate("steel", "out0"), tag="childActivityDataset")).processes
    assert (process.name, process.name_zh, process.location, process.id) == ("activity", "活动", "CN", "a")


def test_words_are_taken_in_english_and_classes_from_isic(read_files):
    comments = (
        "<comment xml:lang='de'>aus Messung</comment><comment xml:lang='en'>measured</comment><comment>plain</comment>"
    )
    text = activity(intermediate("steel", "out0", 1, comments))
    classes = "".join(
        f"<classification><classificationSystem>{system}</classificationSystem>"
        f"<classificationValue>{value}</classificationValue></classification>"
        for system, value in (("EcoSpold01Categories", "metals"), ("ISIC rev.4 ecoinvent", "2410:steel"))
    )
    (process,) = read_files(text.replace("<geography>", f"{classes}<geography>")).processes
    assert process.exchanges[0].comment == "measured\nplain"
    assert process.category == "2410:steel"


def test_treatment_as_ecoinvent_writes_it_is_a_waste_that_enters(read_files):
    """A negative reference product is the waste treated; a negative input is the waste handed over."""
    uncertainty = '<uncertainty><uniform minValue="-3" maxValue="-1"/></uncertainty>'
    database = read_files(
        activity(intermediate("sludge", "out0", -1), elementary("CO2"), id_="treatment"),
        activity(
            intermediate("steel", "out0"),
            intermediate("sludge", "in5", -2, uncertainty, activityLinkId="treatment", mathematicalRelation="-y"),
        ),
    )
    (supply, treated), (demand, handed_over) = of(database, "sludge")
    assert (supply, treated.amount, treated.is_input) == (SUPPLY, 1, True)
    assert (demand, handed_over.amount, handed_over.is_input) == (DEMAND, 2, False)
    assert (handed_over.provider, handed_over.formula) == ("treatment", "-(-y)")
    assert (handed_over.uncertainty.minimum, handed_over.uncertainty.maximum) == (1, 3)
    assert database.flows["id-sludge"].kind == "waste"
    assert database.processes[0].reference == treated.id
    assert codes(database) == []


@pytest.mark.parametrize(("group", "inside"), [("out3", ""), ("out2", WASTE)])
def test_outputs_to_treatment_are_wastes(read_files, group, inside):
    database = read_files(activity(intermediate("steel", "out0"), intermediate("slag", group, 3, inside)))
    ((what, slag),) = of(database, "slag")
    assert (what, slag.amount, slag.is_input) == (DEMAND, 3, False)
    assert database.flows["id-slag"].kind == "waste"


def test_a_negative_output_to_treatment_stays_one(read_files):
    database = read_files(activity(intermediate("steel", "out0"), intermediate("spoil", "out3", -3)))
    ((what, spoil),) = of(database, "spoil")
    assert (what, spoil.amount, spoil.is_input) == (DEMAND, -3, False)


def test_a_negative_input_of_a_product_stays_one(read_files):
    database = read_files(
        activity(intermediate("power", "out0", 1, unit="kWh"), id_="grid"),
        activity(intermediate("steel", "out0"), intermediate("power", "in5", -5, unit="kWh")),
    )
    assert [(what, one.amount) for what, one in of(database, "power")] == [(SUPPLY, 1), (DEMAND, -5)]


def test_what_one_treats_and_another_makes_is_told_as_an_error(read_files):
    database = read_files(
        activity(intermediate("scrap", "out0", -1), id_="sorting"),
        activity(intermediate("scrap", "out0", 1), id_="cut-off"),
    )
    (finding,) = database.findings
    assert (finding.code, finding.is_error, finding.params) == ("flow-treated-and-supplied", True, {"flow": "scrap"})


def test_links_name_the_data_set_of_the_right_product(read_files):
    """Data sets of one activity share its id; the product tells which is meant."""
    link = {"activityLinkId": "refinery"}
    database = read_files(
        activity(intermediate("petrol", "out0"), intermediate("diesel", "out0", 0), id_="refinery"),
        activity(intermediate("petrol", "out0", 0), intermediate("diesel", "out0"), id_="refinery"),
        activity(
            intermediate("ride", "out0"),
            intermediate("diesel", "in5", 1, **link),
            intermediate("petrol", "in5", 1, activityLinkId="elsewhere", id="x-2"),
        ),
    )
    petrol, diesel, ride = database.processes
    assert (petrol.id, diesel.id, ride.id) == ("refinery_id-petrol", "refinery_id-diesel", "a")
    assert [one.provider for one in ride.exchanges] == ["", diesel.id, "elsewhere"]
    assert (petrol.reference, diesel.reference) == ("x-petrol", "x-diesel")
    assert codes(database) == []


def test_a_data_set_twice_is_told_and_taken_once(read_files):
    steel = intermediate("steel", "out0")
    database = read_files(activity(steel), activity(steel, elementary("CO2")))
    assert len(database.processes) == 1
    assert list(database.flows) == ["id-steel"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("data-set-repeated", "1.spold: activity", True)


def test_several_reference_products_are_told(read_files):
    database = read_files(activity(intermediate("petrol", "out0"), intermediate("diesel", "out0", 2)))
    (finding,) = database.findings
    assert (finding.code, finding.params) == ("reference-products-several", {"count": "2", "chosen": "petrol"})
    assert len(list(database.supplies())) == 2


def price(amount: object, id_: str = "price", name: str = "price") -> str:
    return f'<property propertyId="{id_}" amount="{amount}"><name>{name}</name></property>'


@pytest.mark.parametrize(("name", "method"), [("price", "economic"), ("dry mass", "physical")])
def test_shares_are_amount_times_allocation_property(read_files, name, method):
    database = read_files(
        activity(
            intermediate("milk", "out0", 10, price(0.3, name=name), price(7, "other")),
            intermediate("meat", "out2", 0.5, price(2, name=name)),
            intermediate("manure", "out2", 4, price(9, name=name), WASTE),
            masterAllocationPropertyId="price",
        )
    )
    (process,) = database.processes
    (shares,) = process.allocations
    assert process.default_allocation == shares.method == method
    assert shares.shares == pytest.approx({"id-milk": 3 / 4, "id-meat": 1 / 4})  # 10 x 0.3 : 0.5 x 2


@pytest.mark.parametrize("second", [price(-1), price("n.a."), "", price(1, "mass")])
def test_an_allocation_property_that_is_not_there_is_told(read_files, second):
    database = read_files(
        activity(
            intermediate("milk", "out0", 10, price(0.3)),
            intermediate("meat", "out2", 0.5, second),
            masterAllocationPropertyId="price",
        )
    )
    assert database.processes[0].allocations == ()
    assert codes(database) == ["allocation-property-unusable"]


def test_properties_without_an_allocation_property_are_left_alone(read_files):
    database = read_files(
        activity(intermediate("milk", "out0", 10, price(3)), intermediate("meat", "out2", 5, price(2)))
    )
    assert database.processes[0].allocations == ()
    assert codes(database) == []


def lognormal(mu: object, variance: object, with_pedigree: object = None) -> str:
    stated = attributes({"mu": mu, "variance": variance, "varianceWithPedigreeUncertainty": with_pedigree})
    return f"<uncertainty><lognormal {stated}/></uncertainty>"


def test_distributions(read_files):
    bounds = '<uncertainty><triangular minValue="{}" mostLikelyValue="{}" maxValue="{}"/></uncertainty>'
    database = read_files(
        activity(
            intermediate("steel", "out0"),
            intermediate("plain", "in5", -2, lognormal(math.log(2), 0.04)),
            intermediate("pedigree", "in5", 2, lognormal("0.69", 0.04, 0.09)),
            intermediate("nan", "in5", 2, lognormal("NaN", 0.04)),
            intermediate("infinite", "in5", 2, lognormal(0.69, "Infinity", "Infinity")),
            intermediate("negative", "in5", 2, lognormal(0.69, -1)),
            intermediate("none", "in5", 2, lognormal(0.69, 0)),
            intermediate("zero", "in5", 0, lognormal(0, 0.04)),
            intermediate("swapped", "in5", 2, bounds.format(3, 2, 1)),
            intermediate("outside", "in5", 2, bounds.format(3, 4, 1)),
            intermediate("half", "in5", 2, bounds.format(3, 4, "x")),
        )
    )
    found = {database.flows[one.flow].name: one.uncertainty for one in database.processes[0].exchanges}
    for name, sigma in (("plain", 0.2), ("pedigree", 0.3), ("nan", 0.2)):
        assert (found[name].loc, found[name].scale) == pytest.approx((0.6931471806, sigma))
    assert (found["swapped"].minimum, found["swapped"].loc, found["swapped"].maximum) == (1, 2, 3)
    assert {found[name] for name in ("infinite", "negative", "none", "zero", "outside", "half")} == {None}
    counted = {one.code: one.params.get("count") for one in database.findings if one.where.endswith("infinite")}
    assert counted == {"uncertainty-unusable": "3"}  # infinite, negative, half
    assert codes(database) == ["uncertainty-limits-swapped", "uncertainty-mode-outside", "uncertainty-unusable"]
    (outside,) = [one for one in database.findings if one.code == "uncertainty-mode-outside"]
    assert outside.params == {"minimum": "3.0", "mode": "4.0", "maximum": "1.0"}


def test_a_median_that_the_file_states_otherwise_is_that_of_the_amount(read_files):
    """Inputs that ecoinvent split among suppliers kept the mu of the whole: ln 0.133 beside 0.1 and 0.033 kWh."""
    database = read_files(
        activity(
            intermediate("steel", "out0"),
            intermediate("power", "in5", 0.1, lognormal(-2.02, 0.04), activityLinkId="north"),
            intermediate("power", "in5", 0.033, lognormal(-2.02, 0.04), activityLinkId="south"),
            intermediate(
                "heat", "in5", 0.1327, lognormal(-2.02, 0.04)
            ),  # ln 0.1327 = -2.0197, printed with two decimals
        )
    )
    spread = [one.uncertainty.loc for one in database.processes[0].exchanges[1:]]
    assert spread == pytest.approx([math.log(0.1), math.log(0.033), math.log(0.1327)])
    (finding,) = database.findings
    assert (finding.code, finding.params) == ("uncertainty-median-differs", {"count": "2"})


def test_amounts_and_properties_that_a_formula_names_become_parameters(read_files):
    wet = '<property propertyId="w" variableName="{}" amount="{}"><name>water content</name></property>'
    database = read_files(
        activity(
            intermediate("steel", "out0"),
            intermediate("coal", "in5", 4, wet.format("Wet", 0.25), wet.format("DM", 1), variableName="coal_in"),
            elementary("water", "out4", 3, mathematicalRelation="COAL_IN * wet * share"),
            '<parameter variableName="share" amount="3" mathematicalRelation="2 + 1"><name>lost</name></parameter>',
        )
    )
    (process,) = database.processes
    assert [(one.name, one.amount, one.formula, one.comment) for one in process.parameters] == [
        ("share", 3, "2 + 1", "lost"),
        ("coal_in", 4, "", "coal"),
        ("Wet", 0.25, "", "water content"),
    ]
    assert process.exchanges[2].formula == "COAL_IN * wet * share"


def test_flows_are_identified_by_the_ids_of_the_file(read_files):
    database = read_files(
        activity(
            intermediate("steel", "out0", intermediateExchangeId="s"), elementary("CO2", elementaryExchangeId="s")
        ),
        activity(
            intermediate("iron", "out0"),
            intermediate("Stahl", "in5", intermediateExchangeId="s"),
            intermediate("nameless id", "in5", intermediateExchangeId=None),
            intermediate("nameless id", "in1", intermediateExchangeId=None),
            id_="b",
        ),
    )
    assert of(database, "steel")[1][1].flow == "s"
    assert database.flows["s [elementary]"].category == "air/urban"
    (_, first), (_, second) = of(database, "nameless id")
    assert first.flow == second.flow
    assert (first.id, second.id) == ("x-nameless id", "x-nameless id.2")


def test_mixed_units_of_one_flow(read_files):
    database = read_files(
        activity(intermediate("gas", "out0", 1, unit="m3")),
        activity(
            intermediate("heat", "out0", unit="MJ"),
            intermediate("gas", "in5", 2, unit="l"),
            intermediate("gas", "in5", 3, unit="kg"),
            id_="b",
        ),
    )
    (_, supplied), (_, litres), (what, mass) = of(database, "gas")
    assert (supplied.flow, litres.flow, mass.flow) == ("id-gas", "id-gas", "id-gas [kg]")
    assert (litres.to_reference, mass.to_reference, what) == (0.001, 1, DEMAND)
    (finding,) = database.findings
    assert (finding.code, finding.is_error) == ("unit-of-another-measure", True)


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "1,5", "x", None])
def test_an_amount_that_is_no_number_is_dropped_and_told(read_files, amount):
    database = read_files(activity(intermediate("steel", "out0"), intermediate("coal", "in5", amount)))
    assert [one.id for one in database.processes[0].exchanges] == ["x-steel"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("amount-not-a-number", "0.spold: activity: coal", True)


def test_what_is_missing_or_unknown_is_told_and_the_rest_is_read(read_files):
    bare = '<intermediateExchange amount="1"><inputGroup>5</inputGroup></intermediateExchange>'
    database = read_files(
        activity(
            intermediate("steel", "out0"),
            intermediate("stock", "out5"),
            elementary("CO2", casNumber="124-38-8"),
            "<elementaryExchange amount='1'><name>dust</name><unitName>kg</unitName></elementaryExchange>",
            bare,
            "<parameter variableName='p' amount='?'/>",
            "<impactIndicator amount='1'/>",
            name="",
        )
    )
    told = Counter(codes(database))
    assert told == {
        "amount-not-a-number": 1,
        "cas-invalid": 1,
        "direction-unclear": 1,
        "group-unknown": 1,
        "name-missing": 2,
        "exchange-without-unit": 1,
    }
    (process,) = database.processes
    assert process.name == "a"
    assert len(process.exchanges) == 4


def test_master_data_beside_the_data_sets_are_passed_over(tmp_path):
    with zipfile.ZipFile(tmp_path / "release.zip", "w") as archive:
        archive.writestr("MasterData/Units.xml", '<validUnits xmlns="http://www.EcoInvent.org/EcoSpold02"/>')
        archive.writestr("datasets/a.spold", document(activity(intermediate("steel", "out0"))))
    with Archive(tmp_path / "release.zip") as archive:
        assert ecospold2.knows(archive)
        assert not ecospold1.knows(archive)
    database = read(tmp_path / "release.zip", "ecospold2")
    assert len(database.processes) == 1
    assert database.findings == ()


def test_progress_counts_the_parts(tmp_path):
    seen = []
    read(SAMPLE, "ecospold2", lambda *step: seen.append(step))
    assert seen == [("olca_sample_ecospold2.xml", 0, 1), ("", 1, 1)]


# --- hostile files -------------------------------------------------------------------------------


def hostile() -> Iterator[object]:
    whole = document(activity(intermediate("steel", "out0")))
    head = '<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02">'
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    outside = '<!DOCTYPE x [<!ENTITY e0 SYSTEM "file:///etc/passwd">]>'
    yield pytest.param("", LciFileBroken, id="empty")
    yield pytest.param("{}", LciFileBroken, id="json")
    yield pytest.param(whole[:-30], LciFileBroken, id="cut off")
    yield pytest.param(bomb + whole.replace("steel", "&e9;"), (LciFileBroken, LciFileUnsafe), id="bomb")
    yield pytest.param(outside + whole.replace("steel", "&e0;"), (LciFileBroken, LciFileUnsafe), id="outside")
    yield pytest.param(f"{head}{'<a>' * 5000}{'</a>' * 5000}</ecoSpold>", LciFileBroken, id="deep")
    yield pytest.param(f"{head}</ecoSpold>", LciNothingFound, id="no data set")
    yield pytest.param(f"{head}<activityDataset/></ecoSpold>", LciNothingFound, id="empty data set")
    yield pytest.param("<ecoSpold/>", LciNothingFound, id="no namespace")


@pytest.mark.parametrize(("text", "error"), list(hostile()))
def test_a_hostile_file_is_refused_by_name(tmp_path, text, error):
    path = tmp_path / "hostile.spold"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"hostile\.spold"):
        read(path, "ecospold2")


def test_a_truncated_zip_is_refused(tmp_path):
    path = tmp_path / "cut.zip"
    path.write_bytes(FY18.read_bytes()[:500_000])
    with pytest.raises(LciFileBroken, match=r"cut\.zip"):
        read(path, "ecospold2")


def test_a_damaged_part_is_told_and_the_others_are_read(tmp_path):
    path = tmp_path / "parts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.spold", document(activity(intermediate("steel", "out0"))))
        archive.writestr("b.spold", document(activity(intermediate("iron", "out0"), id_="b"))[:-10])
    database = read(path, "ecospold2")
    assert [process.id for process in database.processes] == ["a"]
    (finding,) = database.findings
    assert (finding.code, finding.where, finding.is_error) == ("data-sets-unreadable", "b.spold", True)


def test_a_wrong_checksum_inside_a_zip_names_the_part(tmp_path):
    path = tmp_path / "sum.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.spold", document(activity(intermediate("steel", "out0"))))
    content = bytearray(path.read_bytes())
    content[content.index(b"steel")] ^= 1
    path.write_bytes(content)
    with pytest.raises(LciFileBroken, match=r"a\.spold"):
        read(path, "ecospold2")


def test_the_namespace_decides_and_not_the_suffix(tmp_path):
    copied = tmp_path / "ecospold1.dat"
    shutil.copy(SAMPLE, copied)
    with Archive(copied) as archive:
        assert ecospold2.knows(archive)
        assert not ecospold1.knows(archive)
    assert read(copied).format == "ecospold2"
