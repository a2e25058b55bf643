"""ILCD+EPD: valid by the schemas of the format, the numbers by hand, and read back as suppliers' data."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from lca.errors import ExportImpossible, ExportLacks, LcaError, SnapshotInvalid
from lca.exporters.ilcd_epd import UNITS, archive, package
from lca.exporters.module_table import Said
from lca.importers.archive import Archive
from lca.importers.by_module import Asked
from lca.importers.epd import EpdDeclaration, read_epd
from lca.importers.epd_supplier import supplier_of
from tests.lca.exchanged import PANEL, board, data, panel, run

SCHEMAS = Path(__file__).parents[2] / "data" / "ilcd_epd" / "schemas"
ON = date(2026, 6, 1)
SPACES = {
    "p": "http://lca.jrc.it/ILCD/Process",
    "c": "http://lca.jrc.it/ILCD/Common",
    "e": "http://www.iai.kit.edu/EPD/2013",
}
ENTRIES = {
    "processes": "EPD_DataSet.xsd",
    "flows": "ILCD_FlowDataSet.xsd",
    "flowproperties": "ILCD_FlowPropertyDataSet.xsd",
    "unitgroups": "ILCD_UnitGroupDataSet.xsd",
    "contacts": "ILCD_ContactDataSet.xsd",
}


def process(snapshot: Any, said: Said | None = None) -> etree._Element:
    (content,) = [one for name, one in package(snapshot, said or Said()).items() if "/processes/" in name]
    return etree.fromstring(content)


def values(root: etree._Element) -> dict[str, dict[str, str]]:
    """Indicator -> module -> value, read with XPath."""
    found: dict[str, dict[str, str]] = {}
    for result in root.iterfind(".//p:LCIAResult", SPACES):
        name = result.findtext("p:referenceToLCIAMethodDataSet/c:shortDescription", namespaces=SPACES)
        module = f"{{{SPACES['e']}}}module"
        found[str(name)] = {one.get(module, ""): str(one.text) for one in result.iterfind(".//e:amount", SPACES)}
    return found


def declaration(content: bytes, folder: Path) -> EpdDeclaration:
    path = folder / "statement.zip"
    path.write_bytes(content)
    with Archive(path) as opened:
        return read_epd(opened)


def test_the_panel_by_hand() -> None:
    """Modules as the model says them; flights are fossil, uptake is biogenic, what has no line is not there."""
    found = values(process(panel()))
    assert found == {
        "GWP-total": {"A1": "0.32", "A2": "0.1", "A3": "1.24", "C1": "0", "C2": "0.05", "C3": "0.5", "C4": "0.01",
                      "D": "-0.3"},
        "GWP-fossil": {"A1": "0.8", "A2": "0.1", "A3": "1.24", "C1": "0", "C2": "0.05", "C3": "0", "C4": "0.01",
                       "D": "-0.3"},
        "GWP-biogenic": {"A1": "-0.5", "A2": "0", "A3": "0", "C1": "0", "C2": "0", "C3": "0.5", "C4": "0", "D": "0"},
        "GWP-luluc": {"A1": "0.02", "A2": "0", "A3": "0", "C1": "0", "C2": "0", "C3": "0", "C4": "0", "D": "0"},
    }  # fmt: skip


def test_it_says_that_it_is_no_declaration() -> None:
    root = process(panel())
    comments = {one.get("{http://www.w3.org/XML/1998/namespace}lang"): one.text or "" for one in
                root.iterfind(".//c:generalComment", SPACES)}  # fmt: skip
    assert "NOT an environmental product declaration" in comments["en"]
    assert "不是" in comments["zh"]
    assert "not verified" in comments["en"]
    assert "not declared: A4, A5, B1, B2, B3, B4, B5, B6, B7." in comments["en"]
    assert "NOT an environmental" in str(root.findtext(".//p:useAdviceForDataSet", namespaces=SPACES))
    # It claims to comply with nothing, and nobody registered or reviewed it.
    for element in ("complianceDeclarations", "validation", "registrationNumber", "referenceToRegistrationAuthority"):
        assert not list(root.iterfind(f".//{{*}}{element}"))


@cache
def schema(entry: str) -> Any:
    xmlschema = pytest.importorskip("xmlschema", reason="the schemas need a validator of XSD 1.0 in full")
    return xmlschema.XMLSchema(SCHEMAS / entry, allow="local")


def problems(name: str, content: bytes) -> list[str]:
    found = schema(ENTRIES[name.split("/")[1]]).iter_errors(io.BytesIO(content))
    return [f"{name}: {one.path} {one.reason}" for one in found]


@pytest.mark.parametrize("unit", UNITS)
def test_every_data_set_is_valid(unit: str) -> None:
    given = data(PANEL)
    given["unit"] |= {"unit": unit, "amount": "2.5"}
    given["processes"][0]["unit"] = unit
    given["carbon_biogenic_kg"] = "0.4"
    for name, content in package(run(given, "en15804.a2").snapshot, Said()).items():
        assert problems(name, content) == []


def test_the_schemas_refuse_what_they_should() -> None:
    (name, content), *_ = package(panel(), Said()).items()
    for old, new in ((b"<meanAmount>1</meanAmount>", b"<meanAmount>one</meanAmount>"),
                     (b'epd:module="A1"', b'epd:modul="A1"'), (b"typeOfDataSet>EPD<", b"typeOfDataSet>GWP<"),
                     (b"referenceYear>2025", b"referenceYear>now")):  # fmt: skip
        assert old in content
        assert problems(name, content.replace(old, new)), new


def test_there_and_back(tmp_path: Path) -> None:
    found = declaration(archive(panel(), Said()), tmp_path)
    assert (found.names, found.owner) == ({"en": "Gypsum board", "zh": "石膏板"}, "Ling Board")
    assert (found.declared_amount, found.declared_unit, found.mass_kg) == (Decimal(1), "m2", Decimal("9.5"))
    assert (found.reference_year, found.published, found.valid_until) == ("2025", "2026-01-31", "2031")
    assert (found.edition, found.standards, found.registration, found.location) == ("A2", (), "", "CN")
    assert found.findings == ()
    supplier = supplier_of(found, ON).supplier  # A1 + A2 + A3 = 0.32 + 0.1 + 1.24
    assert (supplier.kgco2e, supplier.fossil, supplier.biogenic_removals, supplier.land_use) == (
        "1.66", "2.14", "-0.5", "0.02",
    )  # fmt: skip
    assert (supplier.name.zh, supplier.name.en, supplier.method) == ("石膏板", "Gypsum board", "en15804.a2")
    every = supplier_of(found, ON, Asked(("A1-A3", "C1", "C2", "C3", "C4"))).supplier
    assert every.kgco2e == panel()["results"]["total_kgco2e"] == "2.22"


@pytest.mark.parametrize(
    ("unit", "amount", "declared", "mass"),
    [
        ("kg", "10", ("10", "kg"), "10"),
        ("t", "1", ("1000", "kg"), "1000"),
        ("m3", "2", ("2", "m3"), "9.5"),
        ("m", "1", ("1", "m"), "9.5"),
        ("piece", "4", ("4", "piece"), "9.5"),
    ],
)
def test_declared_units(unit: str, amount: str, declared: tuple[str, str], mass: str, tmp_path: Path) -> None:
    given = data(PANEL)
    given["unit"] |= {"unit": unit, "amount": amount}
    if unit in ("kg", "t"):
        del given["unit"]["mass_kg"]
    given["processes"][0]["unit"] = unit
    found = declaration(archive(run(given, "en15804.a2").snapshot, Said()), tmp_path)
    assert (found.declared_amount, found.declared_unit, found.mass_kg) == (
        Decimal(declared[0]), declared[1], Decimal(mass),
    )  # fmt: skip
    supplier = supplier_of(found, ON).supplier
    assert float(supplier.kgco2e) * float(declared[0]) == pytest.approx(1.66 * float(amount))


def test_the_same_footprint_gives_the_same_bytes_and_another_statement_another_id() -> None:
    assert archive(panel(), Said()) == archive(panel(), Said())
    names = [next(iter(package(panel(), said))) for said in (Said(), Said(valid_until="2030-01-31"))]
    assert names[0] != names[1]


def test_what_is_missing_is_asked_for_at_once() -> None:
    given = data(PANEL)
    del given["en"], given["organisation"]
    snapshot = run(given, "en15804.a2").snapshot
    with pytest.raises(ExportLacks) as caught:
        package(snapshot, Said())
    assert caught.value.missing == ("name_en", "owner")
    assert package(snapshot, Said(name_en="Panel", owner="Ling"))


@pytest.mark.parametrize("until", ["2031-02-01", "2026-01-31", "soon", "2030", "20300131"])
def test_a_validity_that_the_method_does_not_give_is_refused(until: str) -> None:
    with pytest.raises(ExportImpossible, match="valid_until"):
        package(panel(), Said(valid_until=until))
    assert package(panel(), Said(valid_until="2031-01-31"))


def test_nothing_is_no_amount_and_a_mass_may_be_unsaid(tmp_path: Path) -> None:
    found = copy.deepcopy(dict(run(data(PANEL), "en15804.a2").snapshot))
    found["model"]["unit"]["amount"] = "0"  # no model of today has it; an older snapshot may
    with pytest.raises(ExportImpossible, match=r"unit\.amount"):
        package(found, Said())
    given = data(PANEL)
    del given["unit"]["mass_kg"]
    assert declaration(archive(run(given, "en15804.a2").snapshot, Said()), tmp_path).mass_kg is None


def test_other_methods_units_and_potentials_are_refused() -> None:
    with pytest.raises(ExportImpossible, match=r"compute it by en15804\.a2"):
        package(board(), Said())
    given = data(PANEL)
    given["unit"]["unit"] = given["processes"][0]["unit"] = "kWh"
    with pytest.raises(ExportImpossible, match="none of: kg, m3"):
        package(run(given, "en15804.a2").snapshot, Said())
    other = panel()
    other["gwp"] = {"AR5": other["gwp"]["AR6"]}
    with pytest.raises(ExportImpossible, match="expected AR6"):
        package(other, Said())


def test_potentials_of_others_and_demonstration_are_told() -> None:
    given = data(PANEL)
    given["is_demonstration"] = "true"
    given["suppliers"] = [{"id": "s", "zh": "供", "unit": "kg", "kgco2e": "1", "gwp_set": "EN 15804+A1"}]
    given["processes"][0]["inputs"] = [
        {"id": "x", "zh": "料", "amount": "0.1", "unit": "kg", "module": "A3", "from": {"supplier": "s"}}
    ]
    comment = process(run(given, "en15804.a2").snapshot).findtext(".//c:generalComment", namespaces=SPACES)
    assert "other sets of warming potentials went in: EN 15804+A1." in str(comment)
    assert "Demonstration" in str(comment)


def test_modules_that_do_not_add_up_are_not_handed_on() -> None:
    spoiled = panel()
    spoiled["results"]["total_kgco2e"] = "9"
    with pytest.raises(SnapshotInvalid, match="adds up"):
        package(spoiled, Said())


def _junk() -> Iterator[tuple[str, Any]]:
    for key in panel():
        for value in (None, True, [], {}, "nan", -1, 10**400, ["x"], {"a": 1}, float("nan"), "\x00"):
            yield key, value


def test_a_broken_snapshot_is_named_and_never_a_traceback() -> None:
    for key, value in _junk():
        try:
            package(panel() | {key: value}, Said())
        except LcaError:
            continue
    for key in ("schema", "model", "results", "given", "nodes", "method", "gwp", "footprint"):
        spoiled = panel()
        del spoiled[key]
        with pytest.raises(LcaError):
            package(spoiled, Said())
    with pytest.raises(SnapshotInvalid):
        package(panel(), Said(owner="Ling\x00"))
    text = process(panel(), Said(owner="<b>&amp;")).findtext(
        ".//c:referenceToOwnershipOfDataSet/c:shortDescription", namespaces=SPACES
    )
    assert text == "<b>&amp;"


def test_the_archive_is_one_that_readers_open(tmp_path: Path) -> None:
    content = archive(panel(), Said())
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert {name.split("/")[1] for name in opened.namelist()} == set(ENTRIES)
    # A reader of unit processes says that a declaration holds none.
    path = tmp_path / "x.zip"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(LcaError), Archive(path) as broken:
        read_epd(broken)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(1e-3, 1e3), st.floats(1e-6, 1e5), st.floats(1e-6, 1e3), st.floats(1e-6, 1e3))
def test_there_and_back_for_any_amounts(
    tmp_path: Path, amount: float, fossil: float, taken: float, burned: float
) -> None:
    given = data(PANEL)
    given["unit"]["amount"] = repr(amount)
    stated = {"a1": fossil, "a1up": taken, "c3": burned}
    for one in given["processes"][0]["emissions"]:
        one["amount"] = repr(stated.get(one["id"], float(one["amount"])))
    snapshot = run(given, "en15804.a2").snapshot
    found = replace(declaration(archive(snapshot, Said()), tmp_path), findings=())
    whole = supplier_of(found, ON, Asked(("A1-A3", "C1", "C2", "C3", "C4"))).supplier
    total = float(snapshot["results"]["total_kgco2e"])
    scale = 1e-9 * amount * (fossil + taken + burned + 3)
    assert float(whole.kgco2e) * amount == pytest.approx(total, abs=scale)
    gate = supplier_of(found, ON).supplier
    assert float(gate.kgco2e) * amount == pytest.approx(amount * (fossil - taken + 0.02 + 0.1 + 1.24), abs=scale)
