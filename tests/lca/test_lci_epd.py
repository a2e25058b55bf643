"""Declarations in ILCD+EPD: six published ones read by eye, made-up ones for what those do not hold."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lca.errors import EpdScenarioNeeded, LciFileBroken, LciFileUnsafe, LciNothingFound, LciPartsTooMany
from lca.importers import epd
from lca.importers.archive import PIECE, Archive, Bounds, most_parts
from lca.importers.epd import EpdDeclaration

SAMPLES = Path(__file__).parents[1] / "data" / "lci" / "epd_ilcd_samples"
CONCRETE = "0aa8b645-02d9-41b4-8aa3-70335af2a9e7"
FOAM = "0b4c397d-c7a1-4ceb-9718-184334f6364e"
TILES = "0e0c4e37-b7e6-4a4f-b1c9-d36da0aa16f5"
BOARD = "0e80e6e7-6882-47be-8bd8-5cd869a746d9"
PAVING = "0e85f255-4d11-4973-9daa-c03889948351"
FACADE = "0e9fd868-9656-489e-be6c-8251b3d43283"

GWP_TOTAL, GWP_OLD = "6a37f984-a4b3-458a-a20a-64418c145fa2", "77e416eb-a363-4258-a04e-171d843a6460"
FOSSIL, BIOGENIC, LULUC = (
    "5f635281-343e-44fb-83df-1971b155e6b6",
    "2356e1ab-0185-4db5-86e5-16de51c7485c",
    "4331bbdb-978a-490d-8707-eeb047f01a55",
)


def sample(uuid: str) -> EpdDeclaration:
    with Archive(SAMPLES / f"{uuid}.json") as archive:
        return epd.read_epd(archive)


# Read from LCIAResults.LCIAResult[referenceToLCIAMethodDataSet.refObjectId = id].other.anies[module, scenario].value:
# 6a37f984 is GWP-total (+A2), 77e416eb the GWP of +A1.
READ_BY_EYE = [
    (CONCRETE, "GWP-total", "A1", "", "256.723356887539"),
    (CONCRETE, "GWP-total", "A4", "", "3.913628247615"),
    (CONCRETE, "GWP-biogenic", "A1", "", "0.868088176149"),
    (CONCRETE, "GWP-IOBC", "A1", "", "250.445928870866"),  # fb774615, not to be taken for GWP-biogenic
    (CONCRETE, "GWP-total", "C1", "", None),
    (CONCRETE, "GWP-A1", "A1", "", None),
    (FOAM, "GWP-A1", "A1-A3", "", "45.59"),
    (FOAM, "GWP-A1", "B1", "", "-1.46"),  # carbonation binds CO2
    (FOAM, "GWP-A1", "C3", "S1", "0.164"),
    (FOAM, "GWP-A1", "D", "S1", "-32.39"),
    (FOAM, "GWP-A1", "D", "S2", "-2.718"),
    (FOAM, "GWP-A1", "D", "S3", None),
    (FOAM, "GWP-total", "A1-A3", "", None),
    (TILES, "GWP-A1", "A1-A3", "", "43.4"),
    (TILES, "GWP-A1", "B1", "", "0"),  # declared as zero
    (BOARD, "GWP-A1", "A1", "", "11.906613"),
    (BOARD, "GWP-A1", "A1-A3", "", None),
    (PAVING, "GWP-total", "A1-A3", "", "21.8"),
    (PAVING, "GWP-total", "D", "", "-2.62"),
    (FACADE, "GWP-total", "A1-A3", "", "43.46"),
    (FACADE, "GWP-biogenic", "A1-A3", "", "-1.8"),
    (FACADE, "GWP-total", "B1", "", None),  # named without a value: not declared
    (FACADE, "GWP-total", "B3", "", "0.0"),
]


@pytest.mark.parametrize(("uuid", "indicator", "module", "scenario", "value"), READ_BY_EYE)
def test_values_are_those_of_the_file(uuid: str, indicator: str, module: str, scenario: str, value: str | None) -> None:
    found = sample(uuid).gwp(module, indicator, scenario)
    assert found == (None if value is None else Decimal(value))
    assert str(found) == str(value)


@pytest.mark.parametrize(
    ("uuid", "indicator", "value"),
    [
        (CONCRETE, "GWP-total", "268.594529005012"),  # 256.723356887539 + 8.485777018525 + 3.385395098948
        (FOAM, "GWP-A1", "45.59"),
        (FOAM, "GWP-total", None),
        (TILES, "GWP-A1", "43.4"),
        (BOARD, "GWP-A1", "16.31622174"),  # 11.906613 + 0.36490214 + 4.0447066
        (PAVING, "GWP-total", "21.8"),
        (FACADE, "GWP-total", "43.46"),
    ],
)
def test_the_product_stage_is_declared_or_the_sum_of_all_three(uuid: str, indicator: str, value: str | None) -> None:
    assert sample(uuid).a1_a3(indicator) == (None if value is None else Decimal(value))


def test_a_module_of_several_scenarios_has_no_value_of_its_own() -> None:
    foam = sample(FOAM)
    with pytest.raises(EpdScenarioNeeded) as refused:
        foam.gwp("D", "GWP-A1")
    assert refused.value.scenarios == ("S1", "S2")
    assert foam.scenarios == {"S1": "1", "S2": "100% Recycling"}
    assert ("D", "") not in foam.modules["GWP-A1"]


# uuid: names, owner, unit, mass, validity, edition; processInformation, administrativeInformation, and of exchange[0]
# flowProperties[Mass] or materialProperties[grammage, gross density].
@pytest.mark.parametrize(
    ("uuid", "languages", "owner", "unit", "mass", "until", "edition"),
    [
        (CONCRETE, {"da"}, "Skagen Cement Støberi A/S", "m3", "2265", "2028", "A2"),
        (FOAM, {"en"}, "Master Builders Solutions Deutschland GmbH", "m3", "76.02", "2026", "A1"),
        (TILES, {"de", "en"}, "Wienerberger GmbH", "m2", "40.57", "2024", "A1"),
        (BOARD, {"de", "en"}, "Etex Building Performance International", "m2", "15.02", "2025", "A1"),
        (PAVING, {"de", "en"}, "Rinn Beton- und Naturstein GmbH & Co.KG", "m2", "179", "2026", "A2"),
        (FACADE, {"de", "en"}, "Moeding Keramikfassaden GmbH", "m2", "52.95", "2027", "A2"),
    ],
)
def test_what_is_declared(
    uuid: str, languages: set[str], owner: str, unit: str, mass: str, until: str, edition: str
) -> None:
    found = sample(uuid)
    assert (found.uuid, set(found.names), found.owner) == (uuid, languages, owner)
    assert (found.declared_amount, found.declared_unit, found.mass_kg) == (Decimal(1), unit, Decimal(mass))
    assert (found.valid_until, found.edition) == (until, edition)
    assert found.licence == "Free of charge for all users and uses"


def test_the_concrete_in_detail() -> None:
    found = sample(CONCRETE)
    assert found.names == {"da": "Aggressiv 35MPa max 16mm vib-fri Færdig beton"}
    assert found.reference_flow == "Aggressiv 35MPa max 16mm vib-fri Færdig beton"
    assert (found.programme, found.registration) == ("EPD Norway", "NEPD-4945-3957-DK")
    assert found.standards == ("EN 15804+A2", "ISO 14025", "ISO 21930")
    assert found.published == "2023-09-27"  # publicationDateOfEPD 1695772800000
    assert found.units["GWP-total"] == "kg CO2 eqv."
    assert found.value("A3", "MFR") == Decimal("144.000000000000")
    assert (len(found.modules), found.findings) == (38, ())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem[:8])
def test_every_value_of_every_sample_is_kept(path: Path) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    results = [*raw["LCIAResults"]["LCIAResult"], *raw["exchanges"]["exchange"]]
    printed = [
        one.get("value") for result in results for one in result.get("other", {}).get("anies", []) if "module" in one
    ]
    found = sample(path.stem)
    kept = [value for values in found.modules.values() for value in values.values()]
    assert len(kept) == len(printed) > 80
    assert sorted(value for value in kept if value is not None) == sorted(
        Decimal(value) for value in printed if value is not None
    )


def test_units_that_are_not_the_standards_are_told() -> None:
    (unit, density) = sample(PAVING).findings
    assert (unit.code, unit.params) == (
        "epd-unit-unexpected",
        {"indicator": "EP-freshwater", "unit": "kg PO_(4)-Äq."},
    )
    # 'gross density' 2.4 kg/m^3, 0.08 m thick, beside 179 kg/m^2: tonnes were meant.
    assert (density.code, density.params) == ("epd-density-implausible", {"density": "2.4", "mass": "179.0"})


# --- made-up declarations ------------------------------------------------------------------------


def result(uuid: str, values: dict[str, Any], unit: str = "kg CO2 eq.", name: str = "") -> dict[str, Any]:
    anies: list[dict[str, Any]] = []
    for module, value in values.items():
        name_, _, scenario = module.partition("/")
        anies.append({"module": name_} | ({"scenario": scenario} if scenario else {}) | {"value": value})
    if unit:
        anies.append(
            {"name": "referenceToUnitGroupDataSet", "value": {"shortDescription": [{"value": unit, "lang": "en"}]}}
        )
    described = [{"value": name, "lang": "en"}] if name else []
    return {
        "referenceToLCIAMethodDataSet": {"refObjectId": uuid, "shortDescription": described},
        "other": {"anies": anies},
    }


def made(*results: dict[str, Any], **changes: Any) -> dict[str, Any]:
    reference = {
        "dataSetInternalID": 0,
        "referenceToFlowDataSet": {"refObjectId": "f", "shortDescription": [{"value": "board"}]},
        "meanAmount": 2.0,
        "flowProperties": [{"uuid": "a", "meanValue": 1.0, "referenceUnit": "qm", "referenceFlowProperty": True}],
        "materialProperties": [{"name": "grammage", "value": "10", "unit": "kg/m^2"}],
    }
    return {
        "processInformation": {
            "dataSetInformation": {"UUID": "u", "name": {"baseName": [{"value": "Platte", "lang": "de"}]}},
            "quantitativeReference": {"referenceToReferenceFlow": [0]},
        },
        "modellingAndValidation": {"LCIMethodAndAllocation": {"typeOfDataSet": "EPD"}},
        "exchanges": {"exchange": [reference]},
        "LCIAResults": {"LCIAResult": list(results)},
    } | changes


def from_json(tmp_path: Path, content: object) -> EpdDeclaration:
    path = tmp_path / "made.json"
    path.write_text(json.dumps(content))
    with Archive(path) as archive:
        return epd.read_epd(archive)


def codes(declared: EpdDeclaration) -> set[str]:
    return {finding.code for finding in declared.findings}


def test_the_aggregate_goes_before_the_sum_and_both_are_compared(tmp_path: Path) -> None:
    declared = from_json(tmp_path, made(result(GWP_TOTAL, {"A1-A3": "10", "A1": "5", "A2": "1", "A3": "2"})))
    assert declared.a1_a3() == 10
    (told,) = declared.findings
    assert (told.code, told.params["sum"], told.params["total"]) == ("epd-stage-off-sum", "8", "10")


@pytest.mark.parametrize("missing", ["A1", "A2", "A3"])
def test_a_stage_with_a_part_undeclared_has_no_sum(tmp_path: Path, missing: str) -> None:
    values = {"A1": "5", "A2": "1", "A3": "2"}
    assert from_json(tmp_path, made(result(GWP_TOTAL, values | {missing: None}))).a1_a3() is None
    assert from_json(tmp_path, made(result(GWP_TOTAL, values | {missing: "ND"}))).a1_a3() is None
    del values[missing]
    assert from_json(tmp_path, made(result(GWP_TOTAL, values))).a1_a3() is None


def test_the_parts_of_gwp_are_added_up(tmp_path: Path) -> None:
    parts = [result(FOSSIL, {"D": "5"}), result(BIOGENIC, {"D": "-3"}), result(LULUC, {"D": "0"})]
    assert "epd-gwp-off-sum" in codes(from_json(tmp_path, made(result(GWP_TOTAL, {"D": "4"}), *parts)))
    assert codes(from_json(tmp_path, made(result(GWP_TOTAL, {"D": "2.01"}), *parts))) == set()


@pytest.mark.parametrize("unit", ["MJ", "", "kg SO2 eq."])
def test_a_gwp_in_another_unit_is_no_gwp(tmp_path: Path, unit: str) -> None:
    declared = from_json(tmp_path, made(result(GWP_TOTAL, {"A1-A3": "10"}, unit)))
    assert declared.gwp("A1-A3") is None
    (told,) = declared.findings
    assert (told.code, told.is_error) == ("epd-unit-unexpected" if unit else "epd-unit-missing", True)


def test_energy_is_no_gwp(tmp_path: Path) -> None:
    declared = from_json(tmp_path, made(result("53f97275-fa8a-4cdd-9024-65936002acd0", {"A1": "10"}, "MJ")))
    assert (declared.value("A1", "PERT"), declared.gwp("A1", "PERT")) == (10, None)


@pytest.mark.parametrize("printed", ["0,5", "much", "NaN", "Infinity", [], {}])
def test_values_that_are_no_numbers_are_not_declared(tmp_path: Path, printed: object) -> None:
    declared = from_json(tmp_path, made(result(GWP_TOTAL, {"A1": printed})))
    assert declared.gwp("A1") is None
    assert ("epd-value-unreadable" in codes(declared)) == isinstance(printed, str)


def test_two_values_of_one_module_are_none(tmp_path: Path) -> None:
    content = made(result(GWP_TOTAL, {"D": "1"}))
    content["LCIAResults"]["LCIAResult"][0]["other"]["anies"].append({"module": "D", "value": "2"})
    declared = from_json(tmp_path, content)
    assert declared.gwp("D") is None
    assert "epd-module-twice" in codes(declared)


def test_an_indicator_twice_is_told_and_the_first_taken(tmp_path: Path) -> None:
    declared = from_json(tmp_path, made(result(GWP_TOTAL, {"D": "1"}), result(GWP_TOTAL, {"D": "2"})))
    assert (declared.gwp("D"), codes(declared)) == (1, {"epd-indicator-twice"})


def test_modules_are_written_in_many_ways(tmp_path: Path) -> None:
    declared = from_json(tmp_path, made(result(GWP_TOTAL, {"a1 – a3": "3", "Z9": "1"})))
    assert declared.a1_a3() == 3
    assert "epd-module-unknown" in codes(declared)


def test_ids_go_before_names_and_unknown_ones_are_told(tmp_path: Path) -> None:
    declared = from_json(
        tmp_path,
        made(
            result(GWP_OLD, {"A1": "1"}, name="Global warming (GWP-total)"),
            result("0000", {"A1": "7"}, name="Something new (NEW)"),
        ),
    )
    assert (declared.gwp("A1", "GWP-A1"), declared.gwp("A1")) == (1, None)
    assert declared.value("A1", "0000") == 7
    assert codes(declared) == {"epd-indicator-named-otherwise", "epd-indicator-unknown"}


def test_the_mass_is_that_of_the_declared_amount(tmp_path: Path) -> None:
    assert from_json(tmp_path, made()).mass_kg == 20  # 2 m2 of 10 kg/m2


def test_masses_that_contradict_each_other_are_none(tmp_path: Path) -> None:
    content = made()
    reference = content["exchanges"]["exchange"][0]
    reference["flowProperties"].append({"uuid": "93a60a56-a3c8-11da-a746-0800200b9a66", "meanValue": 12.0})
    declared = from_json(tmp_path, content)
    assert (declared.mass_kg, codes(declared)) == (None, {"epd-mass-contradicts"})


def test_a_grammage_in_another_unit_is_no_mass(tmp_path: Path) -> None:
    content = made()
    content["exchanges"]["exchange"][0]["materialProperties"][0]["unit"] = "g/m^2"
    assert from_json(tmp_path, content).mass_kg is None


def test_mass_itself_may_be_declared(tmp_path: Path) -> None:
    content = made()
    content["exchanges"]["exchange"][0]["flowProperties"][0]["referenceUnit"] = "t"
    declared = from_json(tmp_path, content)
    assert (declared.declared_unit, declared.mass_kg) == ("t", 2000)


@pytest.mark.parametrize(
    ("unit", "code"), [(None, "epd-declared-unit-missing"), ("Gebinde", "epd-declared-unit-unknown")]
)
def test_declared_units_that_nobody_knows_are_told(tmp_path: Path, unit: str | None, code: str) -> None:
    content = made()
    content["exchanges"]["exchange"][0]["flowProperties"][0]["referenceUnit"] = unit
    declared = from_json(tmp_path, content)
    assert (declared.declared_unit, codes(declared)) == (unit or "", {code})


def test_an_edition_that_is_not_that_of_its_indicators_is_told(tmp_path: Path) -> None:
    content = made(result(GWP_OLD, {"A1": "1"}))
    system = {"referenceToComplianceSystem": {"shortDescription": [{"value": "EN 15804 +A2"}]}}
    content["modellingAndValidation"]["complianceDeclarations"] = {"compliance": [system]}
    declared = from_json(tmp_path, content)
    assert (declared.edition, codes(declared)) == ("A1", {"epd-edition-differs"})


@pytest.mark.parametrize("wrong", [None, 3, "x", [], {}, [None], {"LCIAResult": 3}, {"exchange": ["x"]}])
def test_wrong_types_are_findings(tmp_path: Path, wrong: object) -> None:
    for key in ("processInformation", "exchanges", "LCIAResults"):
        declared = from_json(tmp_path, made(result(GWP_TOTAL, {"A1": "1"}), **{key: wrong}))
        assert declared.gwp("A1") == (None if key == "LCIAResults" else 1)
        assert key == "LCIAResults" or declared.findings


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b'{"processInformation": '])
def test_files_that_are_none_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "made.json"
    path.write_bytes(content)
    with Archive(path) as archive, pytest.raises(LciFileBroken):
        epd.read_epd(archive)


# --- XML -----------------------------------------------------------------------------------------

XML = """<processDataSet xmlns="http://lca.jrc.it/ILCD/Process" xmlns:common="http://lca.jrc.it/ILCD/Common"
 xmlns:epd="http://www.iai.kit.edu/EPD/2013" xmlns:epd2="http://www.indata.network/EPD/2019">
<processInformation><dataSetInformation><common:UUID>x1</common:UUID><name><baseName xml:lang="en">Board</baseName>
<baseName xml:lang="zh">板材</baseName></name><common:other><epd:scenarios><epd:scenario epd:name="S1">
<epd:description xml:lang="en">reuse</epd:description></epd:scenario></epd:scenarios></common:other>
</dataSetInformation><quantitativeReference><referenceToReferenceFlow>0</referenceToReferenceFlow>
</quantitativeReference><time><common:referenceYear>2021</common:referenceYear>
<common:dataSetValidUntil>2026</common:dataSetValidUntil><common:other>
<epd2:publicationDateOfEPD>2021-05-04</epd2:publicationDateOfEPD></common:other></time></processInformation>
<modellingAndValidation><LCIMethodAndAllocation><typeOfDataSet>EPD</typeOfDataSet></LCIMethodAndAllocation>
</modellingAndValidation><exchanges><exchange dataSetInternalID="0"><referenceToFlowDataSet refObjectId="f1">
<common:shortDescription>board</common:shortDescription></referenceToFlowDataSet><meanAmount>1</meanAmount></exchange>
</exchanges><LCIAResults><LCIAResult>
<referenceToLCIAMethodDataSet refObjectId="6a37f984-a4b3-458a-a20a-64418c145fa2">
<common:shortDescription xml:lang="en">Global Warming Potential - total (GWP-total)</common:shortDescription>
</referenceToLCIAMethodDataSet><common:other><epd:amount epd:module="A1-A3">4.5</epd:amount>
<epd:amount epd:module="B1"/><epd:amount epd:module="D" epd:scenario="S1">-1.25</epd:amount>
<epd:referenceToUnitGroupDataSet><common:shortDescription xml:lang="en">kg CO2 eq.</common:shortDescription>
</epd:referenceToUnitGroupDataSet></common:other></LCIAResult></LCIAResults></processDataSet>""".replace(
    'GWP"', GWP_TOTAL + '"'
)

FLOW = """<flowDataSet xmlns="http://lca.jrc.it/ILCD/Flow" xmlns:common="http://lca.jrc.it/ILCD/Common">
<flowInformation><dataSetInformation><common:UUID>f1</common:UUID><common:other>
<mm:MatML_Doc xmlns:mm="http://www.matml.org/"><mm:Material><mm:BulkDetails><mm:PropertyData property="pr1">
<mm:Data format="float">12.5</mm:Data></mm:PropertyData></mm:BulkDetails></mm:Material><mm:Metadata>
<mm:PropertyDetails id="pr1"><mm:Name>grammage</mm:Name><mm:Units name="kg/m^2"/></mm:PropertyDetails></mm:Metadata>
</mm:MatML_Doc></common:other></dataSetInformation><quantitativeReference>
<referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty></quantitativeReference></flowInformation>
<flowProperties><flowProperty dataSetInternalID="0"><referenceToFlowPropertyDataSet refObjectId="area"/>
<meanValue>1.0</meanValue></flowProperty></flowProperties></flowDataSet>"""
AREA = """<flowPropertyDataSet xmlns="http://lca.jrc.it/ILCD/FlowProperty"
 xmlns:common="http://lca.jrc.it/ILCD/Common"><flowPropertiesInformation><dataSetInformation>
<common:UUID>area</common:UUID></dataSetInformation><quantitativeReference>
<referenceToReferenceUnitGroup refObjectId="squares"/></quantitativeReference></flowPropertiesInformation>
</flowPropertyDataSet>"""
SQUARES = """<unitGroupDataSet xmlns="http://lca.jrc.it/ILCD/UnitGroup" xmlns:common="http://lca.jrc.it/ILCD/Common">
<unitGroupInformation><dataSetInformation><common:UUID>squares</common:UUID></dataSetInformation>
<quantitativeReference><referenceToReferenceUnit>0</referenceToReferenceUnit></quantitativeReference>
</unitGroupInformation><units><unit dataSetInternalID="0"><name>m2</name></unit></units></unitGroupDataSet>"""


def zipped(tmp_path: Path, **parts: str) -> Path:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            target.writestr(f"ILCD/{name.replace('__', '/')}.xml", content)
    return path


def test_xml_is_read_like_json_with_its_data_sets(tmp_path: Path) -> None:
    path = zipped(tmp_path, processes__x1=XML, flows__f1=FLOW, flowproperties__a=AREA, unitgroups__s=SQUARES)
    with Archive(path) as archive:
        declared = epd.read_epd(archive)
    assert declared.names == {"en": "Board", "zh": "板材"}
    assert (declared.a1_a3(), declared.gwp("B1"), declared.gwp("D", scenario="S1")) == (
        Decimal("4.5"),
        None,
        Decimal("-1.25"),
    )
    assert (declared.declared_unit, declared.mass_kg) == ("m2", Decimal("12.5"))
    assert (declared.published, declared.valid_until, declared.scenarios) == ("2021-05-04", "2026", {"S1": "reuse"})
    assert declared.findings == ()


def test_xml_alone_lacks_its_unit(tmp_path: Path) -> None:
    path = tmp_path / "x1.xml"
    path.write_text(XML, encoding="utf-8")
    with Archive(path) as archive:
        assert epd.knows(archive)
        declared = epd.read_epd(archive)
    assert (declared.declared_unit, codes(declared)) == ("", {"epd-declared-unit-missing"})


def test_an_archive_yields_all_of_its_declarations(tmp_path: Path) -> None:
    second = XML.replace("<common:UUID>x1", "<common:UUID>x2")
    path = zipped(tmp_path, processes__x1=XML, processes__x2=second, processes__bad="<processDataSet", flows__f1=FLOW)
    with Archive(path) as archive:
        found = list(epd.declarations(archive))
    assert [one.uuid for one in found] == ["x1", "x2"]
    assert all("part-broken" in codes(one) for one in found)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x1.xml"
    path.write_text(
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + XML.replace("Board", "&b;"), encoding="utf-8"
    )
    with Archive(path) as archive, pytest.raises(LciFileUnsafe):
        epd.read_epd(archive)


def test_too_many_parts_are_counted_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three empty parts where three are let through, and where two are: the directory is not even read then."""
    path = zipped(tmp_path, processes__a="", processes__b="", processes__c="")
    with Archive(path, Bounds(3, 100)) as archive:
        assert len(archive.names) == 3
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(LciPartsTooMany) as refused:
        Archive(path, Bounds(2, 100))
    assert refused.value.params == {"file": path.name, "count": 3, "most": 2}


@pytest.mark.parametrize("before", range(PIECE - 4, PIECE + 1))
def test_marks_are_counted_across_pieces(tmp_path: Path, before: int) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"x" * before + b"PK\x01\x02PK\x01\x02")
    assert most_parts(path) == 2


def test_what_unpacks_to_too_much_is_refused_whatever_it_says_of_itself(tmp_path: Path) -> None:
    path = zipped(tmp_path, processes__a="x" * 60, processes__b="x" * 60)
    with pytest.raises(LciFileUnsafe):
        Archive(path, Bounds(2, 119))
    with Archive(path, Bounds(2, 120)) as archive:
        for name in archive.names:
            archive.bytes_of(name)
        with pytest.raises(LciFileUnsafe):
            archive.bytes_of(archive.names[0])


@pytest.mark.parametrize(
    "changes",
    [{6: b"\xff\xff"}, {8: b"\x00\x08", 46: b"\xff"}],
    ids=["needs version 6553.5 to unpack", "a name in UTF-8 that is none"],
)
def test_a_directory_with_wrong_bytes_is_broken(tmp_path: Path, changes: dict[int, bytes]) -> None:
    """Fields of an entry by their places in APPNOTE 4.3.12."""
    path = zipped(tmp_path, a="")
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    for place, value in changes.items():
        content[entry + place : entry + place + len(value)] = value
    path.write_bytes(content)
    with pytest.raises(LciFileBroken):
        Archive(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_with_wrong_bytes_is_broken_however_it_is_packed(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("a.xml", "".join(map(str, range(999))))
    content = path.read_bytes()
    start = content.index(b"a.xml") + len(b"a.xml") + 9  # behind the head that LZMA writes before its data
    path.write_bytes(content[:start] + b"\xff" * 20 + content[start + 20 :])
    with Archive(path) as archive, pytest.raises(LciFileBroken):
        archive.bytes_of("a.xml")


def test_a_unit_process_is_no_declaration() -> None:
    with Archive(SAMPLES.parent / "olca_ilcd") as archive:
        assert not epd.knows(archive)
        with pytest.raises(LciNothingFound):
            epd.read_epd(archive)
