"""ILCD: the data sets of openLCA's tests, processes made by hand after the format, hostile data sets."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import lci_sound
import pytest

from lca.dataset import LciDatabase, Uncertainty
from lca.errors import LciFileBroken, LciFileUnsafe, LciNothingFound
from lca.importers import ilcd, read
from lca.importers.archive import Archive

DATA = Path(__file__).parents[1] / "data" / "lci"
OLCA = DATA / "olca_ilcd"
DECLARATIONS = DATA / "epd_ilcd_samples"

NAMESPACES = (
    'xmlns="http://lca.jrc.it/ILCD/{kind}" xmlns:common="http://lca.jrc.it/ILCD/Common" '
    'xmlns:xml="http://www.w3.org/XML/1998/namespace"'
)
MASS, KILOGRAMS = "mass", "kilograms"


def data_set(kind: str, root: str, content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {NAMESPACES.format(kind=kind)}>{content}</{root}>'


def flow_set(identifier: str, name: str, kind: str, version: str = "01.00.000") -> str:
    return data_set(
        "Flow",
        "flowDataSet",
        f"""<flowInformation><dataSetInformation><common:UUID>{identifier}</common:UUID>
        <name><baseName xml:lang="en">{name}</baseName><baseName xml:lang="zh">名{identifier}</baseName></name>
        <CASNumber>000124-38-9</CASNumber></dataSetInformation><quantitativeReference>
        <referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty></quantitativeReference>
        </flowInformation><modellingAndValidation><LCIMethod><typeOfDataSet>{kind}</typeOfDataSet></LCIMethod>
        </modellingAndValidation><administrativeInformation><publicationAndOwnership>
        <common:dataSetVersion>{version}</common:dataSetVersion></publicationAndOwnership></administrativeInformation>
        <flowProperties><flowProperty dataSetInternalID="0"><referenceToFlowPropertyDataSet refObjectId="{MASS}"/>
        <meanValue>1</meanValue></flowProperty></flowProperties>""",
    )


PROPERTY = data_set(
    "FlowProperty",
    "flowPropertyDataSet",
    f"""<flowPropertiesInformation><dataSetInformation><common:UUID>{MASS}</common:UUID></dataSetInformation>
    <quantitativeReference><referenceToReferenceUnitGroup refObjectId="{KILOGRAMS}"/></quantitativeReference>
    </flowPropertiesInformation>""",
)
UNITS = data_set(
    "UnitGroup",
    "unitGroupDataSet",
    f"""<unitGroupInformation><dataSetInformation><common:UUID>{KILOGRAMS}</common:UUID></dataSetInformation>
    <quantitativeReference><referenceToReferenceUnit>7</referenceToReferenceUnit></quantitativeReference>
    </unitGroupInformation><units><unit dataSetInternalID="1"><name>g</name><meanValue>0.001</meanValue></unit>
    <unit dataSetInternalID="7"><name>kg</name><meanValue>1.0</meanValue></unit></units>""",
)
FLOWS = {"steel": "Product flow", "coal": "Product flow", "slag": "Product flow", "co2": "Elementary flow"}


def exchange(number: int, flow: str, direction: str, amount: str, more: str = "") -> str:
    return f"""<exchange dataSetInternalID="{number}"><referenceToFlowDataSet refObjectId="{flow}">
    <common:shortDescription xml:lang="en">short {flow}</common:shortDescription></referenceToFlowDataSet>
    <exchangeDirection>{direction}</exchangeDirection>{amount}{more}</exchange>"""


def mean(amount: str, resulting: str = "") -> str:
    return f"<meanAmount>{amount}</meanAmount><resultingAmount>{resulting or amount}</resultingAmount>"


VARIABLE = "<referenceToVariable>x</referenceToVariable>"
STEEL = exchange(0, "steel", "Output", mean("1"))


def process_set(exchanges: str, reference: str = "0", relations: str = "", modelling: str = "") -> str:
    named = f"<referenceToReferenceFlow>{reference}</referenceToReferenceFlow>" if reference else ""
    return data_set(
        "Process",
        "processDataSet",
        f"""<processInformation><dataSetInformation><common:UUID>p1</common:UUID>
        <name><baseName xml:lang="de">Stahl</baseName><baseName xml:lang="en">Steel</baseName>
        <baseName xml:lang="zh">钢</baseName><mixAndLocationTypes xml:lang="en">at plant</mixAndLocationTypes></name>
        </dataSetInformation><quantitativeReference type="Reference flow(s)">{named}</quantitativeReference>
        <time><common:referenceYear>2019</common:referenceYear></time>
        <geography><locationOfOperationSupplyOrProduction location="CN"/></geography>
        <mathematicalRelations>{relations}</mathematicalRelations></processInformation>
        <modellingAndValidation><LCIMethodAndAllocation>{modelling}</LCIMethodAndAllocation></modellingAndValidation>
        <exchanges>{exchanges}</exchanges>""",
    )


def archive(tmp_path: Path, process: str, flows: dict[str, str] | None = None, **more: str | bytes) -> LciDatabase:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("ILCD/processes/p1.xml", process)
        for identifier, kind in (FLOWS if flows is None else flows).items():
            target.writestr(f"ILCD/flows/{identifier}.xml", flow_set(identifier, f"the {identifier}", kind))
        target.writestr("ILCD/flowproperties/mass.xml", PROPERTY)
        target.writestr("ILCD/unitgroups/kilograms.xml", UNITS)
        for name, content in more.items():
            target.writestr(f"ILCD/{name.replace('__', '/')}.xml", content)
    database = read(path, "ilcd")
    lci_sound.assert_sound(database)
    return database


def test_sample_of_openlca_by_eye() -> None:
    """All six files; the flow named 'carcass meal' in the process is, in its own data set, the emission glycidol."""
    database = read(OLCA, "ilcd")
    lci_sound.assert_sound(database)
    (process,) = database.processes
    assert process.id == "76d6aaa4-37e2-40b2-994c-03292b600074"
    assert process.name == "Acrylonitrile-Butadiene-Styrene granulate (ABS); production mix, at plant"
    assert (process.location, process.valid_from, process.valid_until) == ("RER", "1996", "2006")
    assert process.category == "Materials production/Plastics"
    (flow,) = database.flows.values()
    assert (flow.name, flow.kind, flow.unit, flow.cas, flow.formula) == (
        "glycidol",
        "elementary",
        "kg",
        "556-52-5",
        "C3H6O2",
    )
    assert flow.category == ("Emissions/Emissions to air/Emissions to lower stratosphere and upper troposphere")
    assert [(one.amount, one.unit, one.is_input) for one in process.exchanges] == [(1.0, "kg", False)]
    (told,) = database.findings
    assert (told.code, told.is_error) == ("reference-is-elementary", True)


def test_one_process_alone_knows_its_flows_by_name_only() -> None:
    database = read(OLCA / "olca_ilcd_process.xml", "ilcd")
    lci_sound.assert_sound(database)
    (flow,) = database.flows.values()
    assert (flow.name, flow.kind, flow.unit) == ("carcass meal", "product", "")
    assert lci_sound.codes(database) == {"flow-unit-unknown"}


def test_a_process_with_all_that_it_can_say(tmp_path: Path) -> None:
    relations = """<variableParameter name="share"><formula>a / 2</formula><meanValue>0.5</meanValue>
    <minimumValue>0.4</minimumValue><maximumValue>0.6</maximumValue>
    <uncertaintyDistributionType>uniform</uncertaintyDistributionType>
    <comment xml:lang="en">of scrap</comment></variableParameter>"""
    spread = """<uncertaintyDistributionType>log-normal</uncertaintyDistributionType>
    <relativeStandardDeviation95In>1.21</relativeStandardDeviation95In>"""
    coal = exchange(1, "coal", "Input", "<referenceToVariable>share</referenceToVariable>" + mean("3", "1.5"), spread)
    co2 = exchange(2, "co2", "Output", mean("2"), "<location>CN-HE</location>")
    database = archive(tmp_path, process_set(STEEL + coal + co2, relations=relations))
    (process,) = database.processes
    assert (process.name, process.name_zh, process.location) == ("Steel; at plant", "钢", "CN")
    steel, coal_in, out = process.exchanges
    assert process.reference == steel.id == "0"
    assert (coal_in.amount, coal_in.formula, coal_in.is_input) == (1.5, "3.0 * share", True)
    # sigma = ln(1.21) / 2 = ln 1.1, around ln 1.5
    assert coal_in.uncertainty is not None
    assert coal_in.uncertainty.scale == pytest.approx(math.log(1.1))
    assert coal_in.uncertainty.loc == pytest.approx(math.log(1.5))
    assert (out.is_input, out.comment, database.flows["co2"].cas) == (False, "CN-HE", "124-38-9")
    assert database.flows["co2"].name_zh == "名co2"
    (share,) = process.parameters
    assert (share.formula, share.amount, share.comment) == ("a / 2", 0.5, "of scrap")
    assert share.uncertainty == Uncertainty("uniform", minimum=0.4, maximum=0.6)
    assert {flow.unit for flow in database.flows.values()} == {"kg"}
    assert database.findings == ()


@pytest.mark.parametrize(
    ("spread", "kept", "code"),
    [
        ("<uncertaintyDistributionType>normal</uncertaintyDistributionType>"
         "<relativeStandardDeviation95In>0.4</relativeStandardDeviation95In>",
         Uncertainty("normal", loc=2, scale=0.2), ""),
        ("<uncertaintyDistributionType>triangular</uncertaintyDistributionType>"
         "<minimumAmount>1</minimumAmount><maximumAmount>4</maximumAmount>",
         Uncertainty("triangular", loc=2, minimum=1, maximum=4), ""),
        ("<uncertaintyDistributionType>triangular</uncertaintyDistributionType>"
         "<minimumAmount>4</minimumAmount><maximumAmount>1</maximumAmount>",
         Uncertainty("triangular", loc=2, minimum=1, maximum=4), "distribution-bounds-swapped"),
        ("<uncertaintyDistributionType>log-normal</uncertaintyDistributionType>"
         "<relativeStandardDeviation95In>1</relativeStandardDeviation95In>", None, ""),
        ("<uncertaintyDistributionType>log-normal</uncertaintyDistributionType>"
         "<relativeStandardDeviation95In>0.9</relativeStandardDeviation95In>", None, "distribution-invalid"),
        ("<uncertaintyDistributionType>undefined</uncertaintyDistributionType>"
         "<relativeStandardDeviation95In>0</relativeStandardDeviation95In>", None, ""),
        ("<uncertaintyDistributionType>beta</uncertaintyDistributionType>", None, "distribution-unknown"),
    ],
)  # fmt: skip
def test_spreads_are_those_of_the_format(tmp_path: Path, spread: str, kept: Uncertainty | None, code: str) -> None:
    database = archive(tmp_path, process_set(STEEL + exchange(1, "coal", "Input", mean("2"), spread)))
    assert database.processes[0].exchanges[1].uncertainty == kept
    assert lci_sound.codes(database) == ({code} if code else set())


def shares(*printed: tuple[int, str]) -> str:
    listed = "".join(
        f'<allocation internalReferenceToCoProduct="{product}" allocatedFraction="{share}"/>'
        for product, share in printed
    )
    return f"<allocations>{listed}</allocations>"


def test_shares_of_one_kind_are_one_allocation(tmp_path: Path) -> None:
    approach = "<LCIMethodApproaches>Allocation - mass</LCIMethodApproaches>"
    slag = exchange(1, "slag", "Output", mean("0.3"))
    both = shares((0, "90.0"), (1, "10.0"))
    coal = exchange(2, "coal", "Input", mean("1"), both) + exchange(3, "co2", "Output", mean("2"), both)
    (process,) = archive(tmp_path, process_set(STEEL + slag + coal, modelling=approach)).processes
    (allocation,) = process.allocations
    assert (allocation.method, dict(allocation.shares)) == ("physical", {"steel": 0.9, "slag": 0.1})
    assert process.default_allocation == "physical"


def test_shares_by_exchange_are_causal(tmp_path: Path) -> None:
    slag = exchange(1, "slag", "Output", mean("0.3"))
    coal = exchange(2, "coal", "Input", mean("1"), shares((0, "100")))
    co2 = exchange(3, "co2", "Output", mean("2"), shares((0, "75"), (1, "25")))
    (process,) = archive(tmp_path, process_set(STEEL + slag + coal + co2)).processes
    (allocation,) = process.allocations
    assert allocation.method == "causal"
    assert allocation.by_exchange == {"2": {"steel": 1.0}, "3": {"steel": 0.75, "slag": 0.25}}


def test_shares_that_lack_a_part_are_told(tmp_path: Path) -> None:
    coal = exchange(2, "coal", "Input", mean("1"), shares((0, "60")))
    database = archive(tmp_path, process_set(STEEL + coal))
    assert database.processes[0].allocations == ()
    assert "allocation-off-total" in lci_sound.codes(database)


@pytest.mark.parametrize(
    ("process", "code"),
    [
        (process_set(STEEL, reference=""), "reference-unnamed"),
        (process_set(STEEL, reference="9"), "reference-unnamed"),
        (process_set(exchange(0, "co2", "Output", mean("1"))), "reference-is-elementary"),
        (process_set(exchange(0, "steel", "Output", mean("0"))), "production-zero"),
        (process_set(STEEL + exchange(0, "coal", "Input", mean("1"))), "exchange-id-twice"),
        (process_set(STEEL + exchange(1, "coal", "", mean("1"))), "exchange-direction-unknown"),
        (process_set(STEEL + exchange(1, "", "Input", mean("1"))), "exchange-unnamed"),
        (process_set(STEEL + exchange(1, "coal", "Input", "")), "amount-missing"),
        (process_set(STEEL + exchange(1, "coal", "Input", mean("1e999"))), "amount-not-finite"),
        (process_set(STEEL + exchange(1, "coal", "Input", mean("NaN"))), "amount-not-finite"),
        (process_set(STEEL + exchange(1, "coal", "Input", mean("much"))), "amount-unreadable"),
        (process_set(STEEL + exchange(1, "ore", "Input", mean("1"))), "flow-missing"),
        (
            process_set(
                STEEL + exchange(1, "coal", "Input", "<referenceToVariable>x</referenceToVariable>" + mean("1"))
            ),
            "variable-missing",
        ),
        (
            process_set(STEEL, relations='<variableParameter name="x"><meanValue>?</meanValue></variableParameter>'),
            "parameter-unreadable",
        ),
    ],
)
def test_oddities_are_findings(tmp_path: Path, process: str, code: str) -> None:
    database = archive(tmp_path, process)
    assert code in lci_sound.codes(database)
    assert all("ILCD/processes/p1.xml" in finding.where for finding in database.findings)


def test_flows_that_do_not_say_what_they_are(tmp_path: Path) -> None:
    database = archive(tmp_path, process_set(STEEL), flows={"steel": "Other flow"})
    assert (database.flows["steel"].kind, lci_sound.codes(database)) == ("product", {"flow-kind-unknown"})


def test_a_flow_without_its_property_has_no_unit(tmp_path: Path) -> None:
    flow = flow_set("steel", "steel", "Product flow").replace(f'refObjectId="{MASS}"', 'refObjectId="other"')
    without = flow_set("slag", "slag", "Product flow").replace('dataSetInternalID="0"', 'dataSetInternalID="4"')
    database = archive(tmp_path, process_set(STEEL), flows={}, flows__steel=flow, flows__slag=without)
    assert {one.unit for one in database.flows.values()} == {""}
    assert lci_sound.codes(database) == {"flow-unit-unknown"}


def test_several_references_are_told(tmp_path: Path) -> None:
    both = STEEL + exchange(1, "slag", "Output", mean("0.3"))
    references = "0</referenceToReferenceFlow><referenceToReferenceFlow>1"
    database = archive(tmp_path, process_set(both, reference=references))
    assert (database.processes[0].reference, lci_sound.codes(database)) == ("0", {"references-several"})


def test_shares_by_market_value_are_economic(tmp_path: Path) -> None:
    approach = "<LCIMethodApproaches>Allocation - market value</LCIMethodApproaches>"
    coal = exchange(2, "coal", "Input", mean("1"), shares((0, "90.0"), (1, "10.0")))
    slag = exchange(1, "slag", "Output", mean("0.3"))
    (process,) = archive(tmp_path, process_set(STEEL + slag + coal, modelling=approach)).processes
    assert process.allocations[0].method == "economic"


def test_a_reference_that_nobody_can_name_leaves_the_process_out(tmp_path: Path) -> None:
    with pytest.raises(LciNothingFound):
        archive(tmp_path, process_set(STEEL + exchange(1, "slag", "Output", mean("1")), reference=""))


def test_the_newest_version_of_a_flow_counts(tmp_path: Path) -> None:
    newer = flow_set("coal", "the new coal", "Product flow", "02.00.000")
    older = flow_set("steel", "the old steel", "Product flow", "00.09.000")
    coal = exchange(1, "coal", "Input", mean("1"))
    database = archive(tmp_path, process_set(STEEL + coal), flows__newer=newer, flows__older=older)
    assert (database.flows["coal"].name, database.flows["steel"].name) == ("the new coal", "the steel")
    assert "data-set-twice" in lci_sound.codes(database)


def test_a_broken_part_among_many_is_a_finding(tmp_path: Path) -> None:
    database = archive(tmp_path, process_set(STEEL), flows__broken=b"<flowDataSet")
    assert [(one.code, one.where) for one in database.findings] == [("part-broken", "ILCD/flows/broken.xml")]


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><flowDataSet>&c;</flowDataSet>'
    with pytest.raises(LciFileUnsafe):
        archive(tmp_path, process_set(STEEL), flows__bomb=bomb)


@pytest.mark.parametrize("name", ["p.xml", "p.json"])
@pytest.mark.parametrize("content", [b"", b"<a>", b"{", b"\xff\xfe\x00", b"[1, 2]", b'"text"'])
def test_a_single_data_set_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LciFileBroken):
        read(path, "ilcd")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    xml, json_ = tmp_path / "p.xml", tmp_path / "p.json"
    xml.write_text("<a>" * 500 + "</a>" * 500)
    json_.write_text('{"processInformation":' + "[" * 500 + "]" * 500 + "}")
    for path in (xml, json_):
        with pytest.raises(LciFileBroken):
            read(path, "ilcd")


def soda(**changes: Any) -> dict[str, Any]:
    """Return a process as soda4LCA writes JSON."""
    steel = {
        "dataSetInternalID": 1,
        "referenceToFlowDataSet": {"refObjectId": "steel", "shortDescription": [{"value": "steel", "lang": "en"}]},
        "meanAmount": 1.0,
        "resultingAmount": 1.0,
        "typeOfFlow": "Product flow",
        "flowProperties": [{"name": [], "uuid": "m", "referenceFlowProperty": True, "referenceUnit": "kg"}],
    }
    out = {
        "dataSetInternalID": 2,
        "referenceToFlowDataSet": {"refObjectId": "co2", "shortDescription": [{"value": "CO2"}]},
        "exchange direction": "OUTPUT",
        "resultingAmount": 2.5,
        "typeOfFlow": "Elementary flow",
        "flowProperties": [{"referenceFlowProperty": True, "referenceUnit": "kg"}],
        "uncertaintyDistributionType": "UNDEFINED",
    }
    return {
        "processInformation": {
            "dataSetInformation": {"UUID": "p", "name": {"baseName": [{"value": "Steel", "lang": "en"}]}},
            "quantitativeReference": {"referenceToReferenceFlow": [1]},
        },
        "exchanges": {"exchange": [steel, out]},
    } | changes


def from_json(tmp_path: Path, content: object) -> LciDatabase:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(content))
    database = read(path, "ilcd")
    lci_sound.assert_sound(database)
    return database


def test_json_of_soda4lca_is_the_same(tmp_path: Path) -> None:
    database = from_json(tmp_path, soda())
    (process,) = database.processes
    assert [(one.flow, one.amount, one.unit, one.is_input) for one in process.exchanges] == [
        ("steel", 1.0, "kg", False),
        ("co2", 2.5, "kg", False),
    ]
    assert (database.flows["co2"].kind, process.reference) == ("elementary", "1")
    assert database.findings == ()


def test_json_made_of_xml_is_the_same(tmp_path: Path) -> None:
    content = {
        "processDataSet": {
            "processInformation": {
                "dataSetInformation": {
                    "common:UUID": "p",
                    "name": {"baseName": [{"@xml:lang": "zh", "#text": "钢"}, {"@xml:lang": "en", "#text": "Steel"}]},
                },
                "quantitativeReference": {"referenceToReferenceFlow": "0"},
            },
            "exchanges": {
                "exchange": {
                    "@dataSetInternalID": "0",
                    "referenceToFlowDataSet": {
                        "@refObjectId": "steel",
                        "common:shortDescription": {"@xml:lang": "en", "#text": "steel"},
                    },
                    "exchangeDirection": "Output",
                    "meanAmount": "1",
                }
            },
        }
    }
    (process,) = from_json(tmp_path, content).processes
    assert (process.name, process.name_zh, process.exchanges[0].flow) == ("Steel", "钢", "steel")


@pytest.mark.parametrize("wrong", [None, 3, "x", [], {}, [None], [3], [[]], {"exchange": 3}, {"exchange": [[], "x"]}])
def test_wrong_types_leave_nothing_and_no_traceback(tmp_path: Path, wrong: object) -> None:
    for key in ("processInformation", "exchanges"):
        with pytest.raises(LciNothingFound):
            from_json(tmp_path, soda(**{key: wrong}))


def test_declarations_are_told_and_left_out() -> None:
    path = next(DECLARATIONS.glob("*.json"))
    with Archive(path) as archive_:
        assert ilcd.knows(archive_)
        database = ilcd.read(archive_, lambda *_: None)
    assert database.processes == ()
    assert [(one.code, one.is_error) for one in database.findings] == [("declaration-left-out", True)]
    with pytest.raises(LciNothingFound):
        read(path, "ilcd")


def test_elements_named_like_attributes_do_no_harm(tmp_path: Path) -> None:
    odd = STEEL.replace("<meanAmount>", '<meanAmount value="7"><value>8</value>')
    database = archive(tmp_path, process_set(odd))
    assert database.processes[0].exchanges[0].amount == 1.0  # the resulting amount


def test_a_damaged_member_does_not_hinder_recognition(tmp_path: Path) -> None:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("processes/a.xml", process_set(STEEL))
        target.writestr("processes/b.xml", process_set(STEEL))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"processDataSet", b"processDataSat", 1))
    with Archive(path) as archive_:
        assert ilcd.knows(archive_)


def test_ilcd_is_recognised_among_other_xml(tmp_path: Path) -> None:
    other = tmp_path / "other.xml"
    other.write_text("<ecoSpold/>")
    with Archive(other) as archive_:
        assert not ilcd.knows(archive_)
    with Archive(OLCA) as archive_:
        assert ilcd.knows(archive_)
