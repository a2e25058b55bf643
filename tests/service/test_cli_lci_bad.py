"""Files that cannot be right, handed to ``tanji lci import``: told with the place, the cause and the mend."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.service.conftest import Run

Record = dict[str, Any]
LCI = Path(__file__).parents[1] / "data" / "lci"
FY18 = LCI / "uslci_fy18_jsonld/uslci_olca1_5_0_json_ld.zip"
COMPLICATED = LCI / "bw_examples/brightway_complicated.csv"
LINES = "".join(
    f'<!ENTITY {letter} "{f"&{before};" * 10}">' for before, letter in zip("abcdefg", "bcdefgh", strict=True)
)
BOMB = f'<?xml version="1.0"?><!DOCTYPE ecoSpold [<!ENTITY a "aaaaaaaaaa">{LINES}]>'


# --- files -----------------------------------------------------------------------------------------


def zipped(**parts: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


FILES = {
    "cut.zip": (lambda: FY18.read_bytes()[:100_000], "'cut.zip' is damaged or was cut off"),
    "empty.zip": (lambda: b"", "'empty.zip' is damaged or was cut off"),
    "empty.csv": (lambda: b"", "at 0 bytes"),
    "garbage.csv": (lambda: bytes(range(256)) * 400, "is in none of the formats that can be read"),
    "garbage.xlsx": (lambda: bytes(range(256)) * 400, "File is not a zip file"),
    "bomb.spold": (lambda: f"{BOMB}<ecoSpold>&h;</ecoSpold>".encode(), "declares a document type"),
    "reads.spold": (
        lambda: (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
            b'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02">&e;</ecoSpold>'
        ),
        "declares a document type",
    ),
    "deep.zip": (
        lambda: zipped(**{"openlca.json": '{"schemaVersion":2}', "processes__a.json": "[" * 99_999}),
        "processes/a.json: this part is no JSON object and was not read",
    ),
    "out.zip": (
        lambda: zipped(**{"openlca.json": '{"schemaVersion":2}', "..__..__out.json": "{}", "processes__a.json": "5"}),
        "processes/a.json: this part is no JSON object and was not read",
    ),
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_is_none_is_named_with_the_cause(run: Run, name: str) -> None:
    made, told = FILES[name]
    Path(name).write_bytes(made())
    assert told in run("lci", "import", name, code=1).stderr
    assert not list(Path.cwd().parent.rglob("out.json"))


@pytest.mark.parametrize("format_", ["ecospold1", "ecospold2", "ilcd"])
def test_an_entity_bomb_is_refused_in_a_format_that_was_named(run: Run, format_: str) -> None:
    Path("bomb.xml").write_text(f"{BOMB}<ecoSpold>&h;</ecoSpold>", encoding="utf-8")
    assert "declares a document type" in run("lci", "import", "bomb.xml", "--format", format_, code=1).stderr


def test_text_in_utf_16_is_read(run: Run) -> None:
    Path("plain.csv").write_bytes(COMPLICATED.read_bytes())
    Path("wide.csv").write_text(COMPLICATED.read_text(encoding="utf-8-sig"), encoding="utf-16")
    counts = []
    for name in ("plain", "wide"):
        result = CliRunner().invoke(main, ["lci", "import", f"{name}.csv", "--json"])
        counts.append({key: json.loads(result.stdout)[key] for key in ("processes", "products", "exchanges")})
    assert counts[0] == counts[1]
    assert counts[0]["processes"] > 0


# --- content ---------------------------------------------------------------------------------------


def exchange(number: int, flow: str, amount: Any, **more: Any) -> Record:
    unit = {"@id": "kg", "name": "kg"}
    return {"internalId": number, "flow": {"@id": flow}, "amount": amount, "unit": unit, **more}


REFERENCE = {"isInput": False, "isQuantitativeReference": True}
OUT, IN = {"isInput": False}, {"isInput": True}


def process(number: str, *exchanges: Record, **more: Any) -> Record:
    return {"@type": "Process", "@id": f"p{number}", "name": f"Making {number}", "exchanges": list(exchanges), **more}


def database(*processes: Record) -> bytes:
    """Products A and B, carbon dioxide, all in kilograms."""
    unit = {"@id": "kg", "name": "kg", "conversionFactor": 1.0, "isRefUnit": True}
    parts = {
        "openlca.json": '{"schemaVersion": 2}',
        "unit_groups__m.json": json.dumps({"@type": "UnitGroup", "@id": "m", "name": "mass", "units": [unit]}),
        "flow_properties__m.json": json.dumps(
            {"@type": "FlowProperty", "@id": "f", "name": "Mass", "unitGroup": {"@id": "m"}}
        ),
    }
    kinds = {"A": "PRODUCT_FLOW", "B": "PRODUCT_FLOW", "Carbon dioxide, fossil": "ELEMENTARY_FLOW"}
    for name, kind in kinds.items():
        held = {"isRefFlowProperty": True, "conversionFactor": 1.0, "flowProperty": {"@id": "f"}}
        flow = {"@type": "Flow", "@id": name[0], "name": name, "flowType": kind, "flowProperties": [held]}
        parts[f"flows__{name[0]}.json"] = json.dumps(flow)
    for number, one in enumerate(processes):
        parts[f"processes__{number}.json"] = json.dumps(one)
    return zipped(**parts)


MADE, EMITTED = exchange(1, "A", 1.0, **REFERENCE), exchange(2, "C", 2.0, **OUT)
PARAMETER = {"isInputParameter": False, "parameterScope": "PROCESS_SCOPE", "value": 1.0}
CYCLE = [{"name": "x", "formula": "y + 1", **PARAMETER}, {"name": "y", "formula": "x + 1", **PARAMETER}]
SHARES = [
    {"allocationType": "PHYSICAL_ALLOCATION", "product": {"@id": flow}, "value": share}
    for flow, share in (("A", 0.5), ("B", 0.3))
]


def with_formula(formula: str, **more: Any) -> Record:
    return process("A", MADE, {**EMITTED, "amountFormula": formula}, **more)


def reference(amount: float) -> Record:
    return exchange(1, "A", amount, **REFERENCE)


def emitted(amount: Any) -> Record:
    return exchange(2, "C", amount, **OUT)


ITSELF = exchange(2, "A", 1.5, **IN, defaultProvider={"@id": "pA"})
DATES = {"validFrom": "2025-12-31", "validUntil": "2020-01-01"}
PHYSICAL = {"allocationFactors": SHARES, "defaultAllocationMethod": "PHYSICAL_ALLOCATION"}
NOTHING = "Making A (pA): the process supplies nothing"
LATE = "Making A (pA): it is valid until 2020-01-01, which is before its beginning, 2025-12-31"

CONTENTS: dict[str, tuple[list[Record], int, str]] = {
    "cycle": ([with_formula("x", parameters=CYCLE)], 1, "Making A (pA): parameters rest on themselves: x → y → x"),
    "negative mass": ([process("A", reference(-1.0), EMITTED)], 1, NOTHING),
    "no mass": ([process("A", reference(0.0), EMITTED)], 1, NOTHING),
    "not a number": ([process("A", MADE, emitted(float("nan")))], 1, "Making A · 2 : amount 'nan' is no finite"),
    "infinite": ([process("A", MADE, emitted(float("inf")))], 1, "amount 'inf' is no finite number"),
    "text": ([process("A", MADE, emitted("2,5"))], 1, "amount '2,5' is no finite number"),
    "shares off one": (
        [process("A", MADE, exchange(2, "B", 5.0, **OUT), EMITTED, **PHYSICAL)],
        1,
        "Making A: 2 of 2 allocation factors cannot be used",
    ),
    "takes itself": ([process("A", MADE, ITSELF)], 1, "Making A: the process, or the loop it stands in"),
    "unknown flow": ([process("A", MADE, exchange(2, "Z", 1.0, **IN))], 1, "Making A · 2 : flow 'Z' is not"),
    "twice": ([process("A", MADE, EMITTED), process("A", MADE)], 1, "process pA stands in the file more than once"),
    "dates": ([process("A", MADE, EMITTED, processDocumentation=DATES)], 1, LATE),
    "tower of powers": ([with_formula("9^9^9^9^9")], 0, "formula '9^9^9^9^9' gives no finite number"),
    "long text": ([with_formula("'a'*9999999999")], 0, "cannot be read"),
    "call": ([with_formula("__import__('os')")], 0, "cannot be read"),
    "long sum": ([with_formula("+".join(["1"] * 9999))], 0, "1+1+ …' cannot be read"),
}


@pytest.mark.parametrize("case", sorted(CONTENTS))
def test_content_that_cannot_be_right_is_told_with_its_place(run: Run, case: str) -> None:
    processes, code, told = CONTENTS[case]
    Path("made.zip").write_bytes(database(*processes))
    output = run("lci", "import", "made.zip", code=code).output
    assert told in output
    assert max(map(len, output.splitlines())) < 500


def test_a_supplier_that_is_missing_is_listed_with_its_process(run: Run) -> None:
    taking = process(
        "B", exchange(1, "B", 1.0, **REFERENCE), exchange(2, "A", 2.0, **IN, defaultProvider={"@id": "pZ"})
    )
    Path("made.zip").write_bytes(database(process("A", MADE, EMITTED), taking))
    assert "'provider-missing': 1" in run("lci", "import", "made.zip").output
    assert "Making B: the named supplier of 'A' (kg) is not in the database" in run("lci", "check", "made").output


def test_amounts_too_large_to_be_added_up_name_their_process(run: Run) -> None:
    Path("made.zip").write_bytes(database(process("A", MADE, *(exchange(n, "C", 1e308, **OUT) for n in (2, 3)))))
    run("lci", "import", "made.zip")
    assert "too large: Making A" in run("lci", "score", "made", "Making A", code=1).stderr
    run("lci", "scores", "made", "--out", "x.csv")
    assert Path("x.csv").read_text(encoding="utf-8").endswith(",\n")


def test_a_database_without_any_greenhouse_gas_scores_zero(run: Run) -> None:
    Path("made.zip").write_bytes(database(process("A", MADE)))
    run("lci", "import", "made.zip")
    run("lci", "scores", "made", "--out", "x.csv")
    assert Path("x.csv").read_text(encoding="utf-8").endswith(",0\n")


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "x" * 201])
def test_a_name_that_no_list_could_show_is_refused(run: Run, name: str) -> None:
    Path("made.zip").write_bytes(database(process("A", MADE)))
    assert "printable" in run("lci", "import", "made.zip", "--name", name, code=1).stderr


@pytest.mark.parametrize("out", ["nowhere/x.csv", "."])
def test_a_file_that_cannot_be_written_is_wrong_usage(run: Run, out: str) -> None:
    assert re.search("no folder|is a directory", run("lci", "scores", "uslci_fy18", "--out", out, code=2).stderr)
    run("product", "template", "clinker", "--out", out, code=2)
