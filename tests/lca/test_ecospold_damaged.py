"""Real files with something taken away, doubled or scrambled: a sound database or an error of ours, nothing else."""

from __future__ import annotations

import zipfile
from functools import lru_cache
from pathlib import Path

import pytest
from ecospold_sound import assert_sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from lca.errors import LcaError
from lca.importers import read

DATA = Path(__file__).parents[1] / "data/lci"
SPOLD1 = "http://www.EcoInvent.org/EcoSpold01"
JUNK = ["", " ", "0", "-1", "NaN", "INF", "1e400", "x", "\u0661", "5", "4", "3", "2", "1", "a/b", "[kg]", "\U0001f600"]


@lru_cache
def given_text(name: str) -> bytes:
    """Return the sample of openLCA, a data set of USLCI FY18 with parameters, or two of FY21 with a co-product."""
    if name == "sample":
        return (DATA / "format_samples/olca_sample_ecospold2.xml").read_bytes()
    if name == "fy18":
        with zipfile.ZipFile(DATA / "uslci_fy18q1_ecospold2/uslci_fy18_q1_01_olca1_5_ecospold2.zip") as archive:
            files = (archive.read(one) for one in sorted(archive.namelist()))
            return next(one for one in files if b"<parameter" in one and len(one) < 60_000)
    with zipfile.ZipFile(DATA / "uslci_fy21q3_ecospold1/uslci_fy21_q3_ecospold1.zip") as archive:
        root = etree.fromstring(archive.read(next(one for one in archive.namelist() if "639" in one)))
    small = [one for one in root if len(one.findall(f".//{{{SPOLD1}}}exchange")) < 60]
    several = next(one for one in small if any(group.text == "2" for group in one.iter(f"{{{SPOLD1}}}outputGroup")))
    made = etree.Element(f"{{{SPOLD1}}}ecoSpold")
    made.extend([several, small[0]])
    return etree.tostring(made)


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, int, int, str]]:
    one = st.tuples(
        st.sampled_from(["drop", "double", "empty", "attribute", "no attribute", "text", "rename"]),
        st.integers(0, 10_000),
        st.integers(0, 50),
        st.sampled_from(JUNK),
    )
    return draw(st.lists(one, min_size=1, max_size=8))


def damage(root: etree._Element, kind: str, which: int, attribute: int, junk: str) -> None:
    elements = [one for one in root.iter("*") if one is not root]
    if not elements:
        return
    element = elements[which % len(elements)]
    keys = sorted(element.attrib)
    if kind == "drop":
        element.getparent().remove(element)
    elif kind == "double":
        element.addnext(etree.fromstring(etree.tostring(element)))
    elif kind == "empty":
        element.clear()
    elif kind == "text":
        element.text = junk
    elif kind == "rename":
        element.tag = etree.QName(etree.QName(element).namespace, "uniform")
    elif keys and kind == "attribute":
        element.set(keys[attribute % len(keys)], junk)
    elif keys:
        del element.attrib[keys[attribute % len(keys)]]


@pytest.mark.parametrize(
    ("name", "format_"),
    [("fy21", "ecospold1"), ("fy18", "ecospold2"), ("sample", "ecospold2")],
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=damages())
def test_damage_is_read_soundly_or_refused(tmp_path, name, format_, damages):
    root = etree.fromstring(given_text(name))
    for one in damages:
        damage(root, *one)
    path = tmp_path / f"{name}.spold"
    path.write_bytes(etree.tostring(root))
    try:
        database = read(path, format_)
    except LcaError:
        return
    assert_sound(database)


@given(
    content=st.binary(max_size=200),
    head=st.sampled_from([b"", b"<", b"<?xml version='1.0'?>", b"PK\x03\x04", b"\xff\xfe"]),
)
@pytest.mark.parametrize("format_", ["ecospold1", "ecospold2"])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_at_all_upset_a_reader(tmp_path, format_, content, head):
    path = tmp_path / "any.spold"
    path.write_bytes(head + content)
    with pytest.raises(LcaError, match=r"any\.spold"):
        read(path, format_)
