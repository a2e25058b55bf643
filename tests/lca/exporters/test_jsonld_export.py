"""What is written as openLCA JSON-LD reads back to the same database, and every reference in it has its object."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lca.dataset import Allocation, Exchange, Flow, LciDatabase, Parameter, Uncertainty, UnitProcess
from lca.errors import LciFormatUnknown
from lca.exporters import FORMATS, write
from lca.importers import read

DATA = Path(__file__).parents[2] / "data" / "lci"
FY18 = DATA / "uslci_fy18_jsonld" / "uslci_olca1_5_0_json_ld.zip"
TRANSPORT = sorted((DATA / "flcac_transport_jsonld2").glob("*.zip"))


def there_and_back(database: LciDatabase, folder: Path) -> LciDatabase:
    path = folder / "written.zip"
    write(database, path, "jsonld")
    return read(path)


def ordered(database: LciDatabase) -> LciDatabase:
    """Return a database without what a format decides: its name, the findings, the order of processes."""
    return replace(
        database,
        format="",
        findings=(),
        processes=tuple(sorted(database.processes, key=lambda one: one.id)),
        parameters=tuple(sorted(database.parameters, key=lambda one: one.name)),
    )


def objects(path: Path) -> dict[str, dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.mark.parametrize("path", [FY18, *TRANSPORT], ids=lambda path: path.stem)
def test_real_data_come_back_as_they_were(path: Path, tmp_path: Path) -> None:
    database = read(path)
    assert len(database.processes) > 40
    back = there_and_back(database, tmp_path)
    assert back.flows == database.flows
    assert back.processes == database.processes
    assert ordered(back) == ordered(database)
    assert back.format == "jsonld2"


# --- any database ---------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="/", exclude_categories=["C", "Z"]), max_size=8)
NAME = st.text("ab火砖 -,()'\"", max_size=12).map(str.strip)
NUMBER = st.floats(-1e12, 1e12, allow_subnormal=False)
POSITIVE = st.floats(1e-9, 1e9)
LOGARITHM = POSITIVE.map(math.log)
SPREAD = st.floats(1.0001, 50).map(math.log)
UNITS = st.sampled_from(["kg", "t", "MJ", "kWh", "t*km", "块", "m3", "Item(s)", "USD 2019"])
DATES = st.sampled_from(["", "2019", "2020-02", "2021-03-04", "before the war"])


@st.composite
def bounds(draw: st.DrawFn) -> tuple[float, float, float]:
    low, mode, high = sorted(draw(st.lists(NUMBER, min_size=3, max_size=3, unique=True)))
    return low, mode, high


UNCERTAINTIES = st.one_of(
    st.none(),
    st.builds(Uncertainty, st.just("lognormal"), loc=LOGARITHM, scale=SPREAD),
    st.builds(Uncertainty, st.just("normal"), loc=NUMBER, scale=POSITIVE),
    bounds().map(lambda b: Uncertainty("triangular", loc=b[1], minimum=b[0], maximum=b[2])),
    bounds().map(lambda b: Uncertainty("uniform", minimum=b[0], maximum=b[2])),
)
PEDIGREES = st.one_of(st.just(()), st.tuples(*[st.integers(1, 5)] * 5))
IDENTIFIERS = st.one_of(
    st.uuids().map(str),
    st.text("abcZ019._-", min_size=1, max_size=50),
    st.sampled_from(["../../etc/passwd", "砖", "a/b", "con", "x" * 300, " padded".strip()]),
)


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Flow]:
    found = {}
    for identifier in draw(st.lists(IDENTIFIERS, min_size=3, max_size=6, unique=True)):
        found[identifier] = Flow(
            id=identifier,
            name=draw(NAME),
            kind=draw(st.sampled_from(["product", "product", "waste", "elementary"])),
            unit=draw(UNITS),
            name_zh=draw(NAME),
            category=draw(st.sampled_from(["", "air/low population density", "砖/空心砖", "a"])),
            cas=draw(st.sampled_from(["", "124-38-9"])),
            formula=draw(st.sampled_from(["", "CO2"])),
            location=draw(st.sampled_from(["", "CN", "cn", "RoW", "广东"])),
        )
    return found


@st.composite
def parameters(draw: st.DrawFn, letter: str) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            f"{letter}{number}",
            draw(NUMBER),
            formula=draw(st.sampled_from(["", f"{letter}0 * 2", "if(a>1;2;3"])) if number else "",
            uncertainty=draw(UNCERTAINTIES),
            comment=draw(NAME),
        )
        for number in range(draw(st.integers(0, 3)))
    )


@st.composite
def exchanges(draw: st.DrawFn, known: dict[str, Flow], others: list[str]) -> tuple[Exchange, ...]:
    size = draw(st.integers(1, 6))
    named = draw(st.booleans())
    found = []
    for number in range(1, size + 1):
        flow = known[draw(st.sampled_from(sorted(known)))]
        is_avoided = flow.kind != "elementary" and draw(st.booleans())
        unit, factor = draw(st.one_of(st.just((flow.unit, 1.0)), st.tuples(UNITS, POSITIVE), st.just(("t", 1000.0))))
        found.append(
            Exchange(
                id=f"{draw(TEXT)}-{number}" if named else str(number),
                flow=flow.id,
                amount=draw(NUMBER),
                unit=unit,
                is_input=flow.kind == "waste" if is_avoided else draw(st.booleans()),
                to_reference=factor,
                is_avoided=is_avoided,
                provider=draw(st.sampled_from(["", *others, "elsewhere"])),
                formula=draw(st.sampled_from(["", "p0^2", "nonsense((", "x"])),
                uncertainty=draw(UNCERTAINTIES),
                pedigree=draw(PEDIGREES),
                comment=draw(NAME),
            )
        )
    return tuple(found)


def supplied(known: dict[str, Flow], taken: tuple[Exchange, ...]) -> list[str]:
    supplies = [
        one.flow
        for one in taken
        if known[one.flow].kind != "elementary"
        and not one.is_avoided
        and one.is_input == (known[one.flow].kind == "waste")
    ]
    return sorted(set(supplies))


@st.composite
def allocations(draw: st.DrawFn, known: dict[str, Flow], taken: tuple[Exchange, ...]) -> tuple[Allocation, ...]:
    products = supplied(known, taken)
    if not products:
        return ()
    shares = dict.fromkeys(products, 1 / len(products))
    found = [Allocation(method, shares) for method in draw(st.sets(st.sampled_from(["physical", "economic"])))]
    to_share = [one.id for one in taken if not (one.flow in products and not one.is_avoided and _supplies(known, one))]
    if to_share and draw(st.booleans()):
        found.append(Allocation("causal", by_exchange=dict.fromkeys(to_share, shares)))
    return tuple(found)


def _supplies(known: dict[str, Flow], one: Exchange) -> bool:
    kind = known[one.flow].kind
    return kind != "elementary" and one.is_input == (kind == "waste")


@st.composite
def databases(draw: st.DrawFn) -> LciDatabase:
    known = draw(flows())
    names = draw(st.lists(IDENTIFIERS, min_size=1, max_size=3, unique=True))
    processes = []
    for identifier in names:
        taken = draw(exchanges(known, names))
        processes.append(
            UnitProcess(
                id=identifier,
                name=draw(NAME),
                exchanges=taken,
                reference=draw(st.sampled_from([one.id for one in taken])),
                name_zh=draw(NAME),
                kind=draw(st.sampled_from(["unit", "system"])),
                location=draw(st.sampled_from(["", "CN", "cn", "华东"])),
                valid_from=draw(DATES),
                valid_until=draw(DATES),
                category=draw(st.sampled_from(["", "Minerals/Bricks"])),
                source=draw(st.sampled_from(["", "Wang (2021)", "王" * 300])),
                licence=draw(NAME),
                comment=draw(NAME),
                parameters=draw(parameters("p")),
                allocations=draw(allocations(known, taken)),
                default_allocation=draw(st.sampled_from(["", "physical", "economic", "causal"])),
                is_placeholder=draw(st.booleans()),
            )
        )
    return LciDatabase(
        name=draw(st.sampled_from(["bricks", "砖"])),
        flows=known,
        processes=tuple(processes),
        version=draw(NAME),
        source=draw(NAME),
        licence=draw(NAME),
        parameters=draw(parameters("g")),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(databases())
def test_any_database_comes_back(tmp_path: Path, database: LciDatabase) -> None:
    back = there_and_back(database, tmp_path)
    assert ordered(back) == ordered(database)
    assert not any(one.is_error for one in back.findings)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(databases())
def test_every_reference_has_its_object_under_the_name_that_openlca_looks_for(
    tmp_path: Path, database: LciDatabase
) -> None:
    path = tmp_path / "written.zip"
    write(database, path, "jsonld")
    written = objects(path)
    assert written.pop("openlca.json")["schemaVersion"] == 2
    known = {(one["@type"], one["@id"]) for one in written.values()}
    units = {(one["@id"], unit["@id"]) for one in written.values() for unit in one.get("units", [])}
    groups = {one["@id"]: one["unitGroup"]["@id"] for one in written.values() if one["@type"] == "FlowProperty"}
    for name, one in written.items():
        folder, _, file = name.partition("/")
        assert file == f"{one['@id']}.json"
        assert "/" not in file
        assert folder in {"flows", "processes", "unit_groups", "flow_properties", "locations", "sources"} | {
            "parameters",
            "dq_systems",
        }
        for kind, identifier in references(one):
            assert (kind, identifier) in known or kind == "Process", (name, kind, identifier)
        for exchange in one.get("exchanges", []):
            assert (groups[exchange["flowProperty"]["@id"]], exchange["unit"]["@id"]) in units
            flow = written[f"flows/{exchange['flow']['@id']}.json"]
            assert exchange["flowProperty"]["@id"] in {entry["flowProperty"]["@id"] for entry in flow["flowProperties"]}
    assert all(len(identifier) <= 36 for _, identifier in known)


def references(value: Any, *, inside: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from references(one, inside=True)
    elif isinstance(value, dict):
        embedded = value.get("@type") in ("Unit", "Exchange", "Parameter")
        if inside and "@id" in value and not embedded:
            yield value["@type"], value["@id"]
        for key, one in value.items():
            if key != "otherProperties":
                yield from references(one, inside=True)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(-600, 600), st.floats(1e-6, 20))
def test_a_spread_that_is_no_logarithm_comes_back_within_the_last_digit(
    tmp_path: Path, loc: float, scale: float
) -> None:
    database = kiln(uncertainty=Uncertainty("lognormal", loc=loc, scale=scale))
    back = there_and_back(database, tmp_path).processes[0].exchanges[1].uncertainty
    assert back is not None
    assert back.loc == pytest.approx(loc, rel=1e-15, abs=3e-16)
    assert back.scale == pytest.approx(scale, rel=1e-15, abs=3e-16)


def kiln(**changes: Any) -> LciDatabase:
    return LciDatabase(
        "bricks",
        {"brick": Flow("brick", "Brick", "product", "kg"), "clay": Flow("clay", "Clay", "product", "kg")},
        (
            UnitProcess(
                "kiln",
                "Kiln",
                (
                    Exchange("1", "brick", 1.0, "kg", is_input=False),
                    replace(Exchange("2", "clay", 1.2, "kg", is_input=True), **changes),
                ),
                "1",
                location="CN",
            ),
        ),
    )


def written(database: LciDatabase, tmp_path: Path) -> dict[str, dict[str, Any]]:
    path = tmp_path / "written.zip"
    write(database, path, "jsonld")
    return objects(path)


def test_common_units_are_openlcas_own(tmp_path: Path) -> None:
    # The identifiers of openLCA's reference data, as the real files have them.
    with zipfile.ZipFile(FY18) as archive:
        names = [name for name in archive.namelist() if "unit_groups/" in name and name.endswith(".json")]
        groups = [json.loads(archive.read(name)) for name in names]
        (china,) = [json.loads(archive.read(name)) for name in archive.namelist() if "7efdfc94-655a-35dc" in name]
    (mass,) = [one for one in groups if one["name"] == "Units of mass"]
    its = {one["name"]: one["@id"] for one in mass["units"]}
    found = written(kiln(unit="t", to_reference=1000.0), tmp_path)
    assert found[f"unit_groups/{mass['@id']}.json"]["name"] == "Units of mass"
    entries = found["processes/kiln.json"]["exchanges"]
    assert [one["unit"]["@id"] for one in entries] == [its["kg"], its["t"]]
    assert {one["flowProperty"]["@id"] for one in entries} == {mass["defaultFlowProperty"]["@id"]}
    assert (china["code"], found["processes/kiln.json"]["location"]["@id"]) == ("CN", china["@id"])


def test_a_unit_of_its_own_size_gets_a_property_of_its_own(tmp_path: Path) -> None:
    found = written(kiln(unit="MJ", to_reference=0.05), tmp_path)
    entry = found["processes/kiln.json"]["exchanges"][1]
    first, second = found["flows/clay.json"]["flowProperties"]
    assert (first["isRefFlowProperty"], second["isRefFlowProperty"]) == (True, False)
    assert second["flowProperty"]["@id"] == entry["flowProperty"]["@id"] != first["flowProperty"]["@id"]
    group = found[f"flow_properties/{entry['flowProperty']['@id']}.json"]["unitGroup"]["@id"]
    sizes = {one["@id"]: one["conversionFactor"] for one in found[f"unit_groups/{group}.json"]["units"]}
    # so much of a kilogram in one unit, over so much of the property in one kilogram
    assert sizes[entry["unit"]["@id"]] / second["conversionFactor"] == 0.05


def test_fields_are_those_of_the_schema(tmp_path: Path) -> None:
    database = kiln(
        is_input=False,
        is_avoided=True,
        formula="a*2",
        provider="mine",
        pedigree=(1, 2, 3, 4, 5),
        uncertainty=Uncertainty("lognormal", loc=0.0, scale=math.log(2)),
        amount=-1.2,
        comment="why",
    )
    database = replace(
        database, processes=(replace(database.processes[0], valid_from="2019", valid_until="2020-02", licence="CC0"),)
    )
    process = written(database, tmp_path)["processes/kiln.json"]
    entry = process["exchanges"][1]
    assert (entry["isInput"], entry["isAvoidedProduct"], entry["isQuantitativeReference"]) == (True, True, False)
    assert (entry["amountFormula"], entry["dqEntry"], entry["description"]) == ("a*2", "(1;2;3;4;5)", "why")
    assert entry["defaultProvider"] == {"@type": "Process", "@id": "mine"}
    assert entry["uncertainty"] == {
        "@type": "Uncertainty",
        "distributionType": "LOG_NORMAL_DISTRIBUTION",
        "geomMean": -1.0,  # on the side of its amount
        "geomSd": 2.0,
    }
    documentation = process["processDocumentation"]
    assert (documentation["validFrom"], documentation["validUntil"]) == ("2019-01-01", "2020-02-29")
    assert documentation["restrictionsDescription"] == "CC0"
    assert process["processType"] == "UNIT_PROCESS"


def test_the_same_database_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write(kiln(), tmp_path / name, "jsonld")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LciFormatUnknown, match="jsonld"):
        write(kiln(), tmp_path / "kiln.xyz", "xyz")
    assert "jsonld" in FORMATS
    assert not list(tmp_path.iterdir())
