"""openLCA JSON-LD that is broken on purpose: each ends in an error that names the place, or in findings."""

from __future__ import annotations

import json
import math
import time
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from olca_files import Parts, hold, ref, schema1, schema2, zipped

from lca.errors import LcaError, LciFileBroken, LciFormatUnknown, LciNothingFound
from lca.importers import read

JUNK: list[Any] = [
    None,
    True,
    [],
    {},
    [[]],
    [None, 5],
    {"@id": {}},
    "",
    "x" * 500,
    "\ud800\x00",
    "nan",
    "1e999",
    -1,
    0,
    10**400,
    math.nan,
    math.inf,
    -0.5,
    "kiln",
    "brick",
    "../../etc/passwd",
    "__import__('os')",
    "9**9**9",
]


def read_or_refuse(path: Path) -> str:
    """Return what the error says, or that the file could be read and holds what all files do."""
    try:
        database = read(path, "jsonld")
    except LcaError as error:
        return str(error)
    hold(database)
    return "read"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from places(one, (*path, key))


FILES = (schema1(), schema2())
PLACES = [(number, place) for number, parts in enumerate(FILES) for place in places(parts)]


def changed(parts: Parts, place: tuple[Any, ...], junk: Any, *, drop: bool) -> Parts:
    found = deepcopy(parts)
    target: Any = found
    for key in place[:-1]:
        target = target[key]
    if drop:
        del target[place[-1]]
    else:
        target[place[-1]] = junk
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), st.sampled_from(JUNK), st.booleans())
def test_any_field_may_hold_anything(tmp_path: Path, at: tuple[int, tuple[Any, ...]], junk: Any, drop: bool) -> None:
    number, place = at
    assert read_or_refuse(zipped(tmp_path / "junk.zip", changed(FILES[number], place, junk, drop=drop)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_many_fields_may_hold_anything(tmp_path: Path, data: st.DataObject) -> None:
    parts = schema2()
    for _ in range(6):
        place = data.draw(st.sampled_from(list(places(parts))))
        parts = changed(parts, place, data.draw(st.sampled_from(JUNK)), drop=False)
        if not isinstance(parts, dict) or not parts:
            break
    assert read_or_refuse(zipped(tmp_path / "junk.zip", parts))


def test_a_truncated_zip_is_broken(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", schema2()).read_bytes()
    path = tmp_path / "cut.zip"
    for length in (0, 1, 22, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(LciFileBroken) as caught:
            read(path, "jsonld")
        assert caught.value.params["file"] == "cut.zip"


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "damaged.zip", schema2())
    content = bytearray(path.read_bytes())
    at = content.index(b"Tunnel kiln.")
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(LciFileBroken, match=r"processes/kiln\.json"):
        read(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5_000, b"{}" * 2],
    ids=range(10),
)
def test_a_part_that_is_no_object_is_told(tmp_path: Path, content: bytes) -> None:
    path = zipped(tmp_path / "bricks.zip", schema2() | {"processes/broken.json": content})
    database = read(path, "jsonld")
    hold(database)
    assert len(database.processes) == 1
    assert [(one.code, one.where, one.is_error) for one in database.findings] == [
        ("part-unreadable", "processes/broken.json", True)
    ]


def test_files_of_other_formats_are_not_taken(tmp_path: Path) -> None:
    for number, parts in enumerate(
        [{}, {"processes/a.xml": b"<a/>"}, {"processes/a.json": {"processInformation": {}}}, {"a.txt": b"processes"}]
    ):
        path = zipped(tmp_path / f"other{number}.zip", parts)
        from lca.importers import jsonld
        from lca.importers.archive import Archive

        with Archive(path) as archive:
            assert not jsonld.knows(archive)
        with pytest.raises(LciNothingFound):
            read(path, "jsonld")
    with pytest.raises(LciFormatUnknown):
        read(path, "openlca")


def test_amounts_that_are_no_numbers_drop_their_exchange(tmp_path: Path) -> None:
    for amount in ("NaN", "Infinity", "-Infinity", "1e999", '"many"', "[1]", "true"):
        parts: dict[str, Any] = dict(schema2())
        text = json.dumps(parts["processes/kiln.json"]).replace('"amount": 0.01', f'"amount": {amount}')
        database = read(zipped(tmp_path / "bricks.zip", parts | {"processes/kiln.json": text.encode()}))
        hold(database)
        assert [one.flow for one in database.processes[0].exchanges] == ["brick", "chips", "clay", "coal", "co2"]
        (found,) = database.findings
        assert (found.code, found.is_error) == ("amount-not-finite", True)
        assert found.where == "processes/kiln.json · Brick kiln · 6 Dust"


def test_a_process_without_its_reference_is_told_and_left_out(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/second.json"] = deepcopy(parts["processes/kiln.json"]) | {"@id": "second"}
    parts["processes/third.json"] = deepcopy(parts["processes/kiln.json"]) | {"@id": "third"}
    parts["processes/fourth.json"] = deepcopy(parts["processes/kiln.json"])
    parts["processes/second.json"]["exchanges"][0]["isQuantitativeReference"] = False
    parts["processes/third.json"]["exchanges"][1]["isQuantitativeReference"] = True
    database = read(zipped(tmp_path / "bricks.zip", parts))
    hold(database)
    assert [one.id for one in database.processes] == ["kiln"]
    assert sorted((one.code, one.where, one.params.get("count")) for one in database.findings) == [
        ("process-repeated", "processes/kiln.json", None),
        ("process-without-reference", "processes/second.json · Brick kiln", "0"),
        ("process-without-reference", "processes/third.json · Brick kiln", "2"),
    ]


def test_references_to_what_is_not_there(tmp_path: Path) -> None:
    parts = schema2()
    for name in ("flows/brick.json", "flows/clay.json", "flows/coal.json", "locations/l1.json", "sources/s1.json"):
        del parts[name]
    database = read(zipped(tmp_path / "bricks.zip", parts))
    hold(database)
    (process,) = database.processes
    assert process.location == "L1"  # the name in the reference
    assert process.source == "S1; Kiln records; Data generator: Kiln Association"
    # The reference is a product that leaves; coal has a provider and enters; nothing shows what clay is.
    assert (database.flows["brick"].kind, database.flows["coal"].kind) == ("product", "product")
    assert [one.flow for one in process.exchanges] == ["brick", "chips", "coal", "co2", "dust"]
    assert {(one.code, one.params.get("flow"), one.is_error) for one in database.findings} == {
        ("flow-not-described", "Brick", False),
        ("flow-not-described", "Coal", False),
        ("flow-missing", "Clay", True),
    }


def test_categories_in_a_circle(tmp_path: Path) -> None:
    parts = schema1()
    parts["categories/Minerals.json"]["category"] = ref("Category", "Minerals-Bricks")
    database = read(zipped(tmp_path / "bricks.zip", parts))
    hold(database)
    assert database.processes[0].category == "Bricks"
    assert [one.code for one in database.findings] == ["category-endless"]


def test_wide_files_are_read_in_time(tmp_path: Path) -> None:
    parts = schema2()
    parts["processes/kiln.json"]["exchanges"] += [
        dict(parts["processes/kiln.json"]["exchanges"][5], internalId=number) for number in range(7, 20_000)
    ]
    parts["processes/kiln.json"]["allocationFactors"] = [
        {
            "allocationType": "CAUSAL_ALLOCATION",
            "product": ref("Flow", "brick"),
            "exchange": {"internalId": number},
            "value": 1.0,
        }
        for number in range(1, 20_000)
    ]
    parts |= {
        f"categories/c{n}.json": {"@id": f"c{n}", "name": "c", "category": {"@id": f"c{n + 1}"}} for n in range(500)
    }
    path = zipped(tmp_path / "wide.zip", parts)
    begun = time.process_time()
    database = read(path)
    assert time.process_time() - begun < 10
    assert len(database.processes[0].exchanges) == 19_999
    assert [one.method for one in database.processes[0].allocations] == ["causal"]


def test_names_that_no_archive_should_have(tmp_path: Path) -> None:
    parts = schema2()
    parts["../processes/escape.json"] = deepcopy(parts["processes/kiln.json"]) | {"@id": "../../escape"}
    parts["__MACOSX/processes/._kiln.json"] = b"\x00\x05"
    path = zipped(tmp_path / "names.zip", parts)
    database = read(path)
    hold(database)
    assert {one.id for one in database.processes} == {"kiln", "../../escape"}
    assert database.findings == ()
    with zipfile.ZipFile(path) as archive:
        assert "../processes/escape.json" in archive.namelist()
    assert not (tmp_path.parent / "processes").exists()
