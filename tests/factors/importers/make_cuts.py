"""Cut a few rows out of the publishers' own files, at the places where they stand, for the tests beside this file.

    python tests/factors/importers/make_cuts.py DIRECTORY

DIRECTORY holds the files under the names below. Every cell that is kept keeps its address, its type and its
value; all others are empty. README.md says whose the files are and on which terms they may be passed on.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import python_calamine
import xlsxwriter

HERE = Path(__file__).parent
Rows = Mapping[int, Sequence[object]]  # 1-based row -> its cells


def span(*bounds: int | tuple[int, int]) -> list[int]:
    rows: list[int] = []
    for bound in bounds:
        rows += range(bound[0], bound[1] + 1) if isinstance(bound, tuple) else [bound]
    return rows


# publisher's file -> (our cut, sheet -> rows kept)
WORKBOOKS: Mapping[str, tuple[str, Mapping[str, list[int]]]] = {
    "ghg-conversion-factors-2025-flat-format.xlsx": (
        "desnz_2025_flat.xlsx",
        {
            "Front page": span((1, 5), (13, 22)),
            "Factors by Category": [],  # rows of FLAT_IDS, see main
        },
    ),
    "conversion-factors-2024.xlsx": (
        "desnz_2024_condensed.xlsx",
        {
            "Introduction": span((1, 6), 35),
            "Index": span((1, 6)),
            "Fuels": span((1, 6), (22, 27), (58, 60)),
            "Refrigerant & other": span((1, 6), (143, 145)),
            "Passenger vehicles": span((1, 6), (23, 26), (59, 61)),
            "SECR kWh pass & delivery vehs": span((1, 6), (77, 80)),
            "UK electricity": span((1, 6), (24, 25)),
            "Freighting goods": span((1, 6), (109, 112)),
            "Hotel stay": span((1, 6), (27, 29)),
            "Waste disposal": span((1, 6), (22, 25)),
            "Outside of scopes": span((1, 6), (20, 21)),
            "Conversions": span((1, 6), (27, 29)),
        },
    ),
    "conversion-factors-2021.xls": (
        "desnz_2021_standard.xls",
        {
            "Introduction": span((1, 6), 34),
            "Fuels": span((1, 6), (22, 24)),
            "Refrigerant & other": span((1, 6), (18, 20), (116, 123)),
            "SECR kWh pass & delivery vehs": span((1, 6), (15, 17)),
            "UK electricity": span((1, 6), (23, 24)),
        },
    ),
    "ghg-emission-factors-hub-2025.xlsx": (
        "epa_hub_2025.xlsx",
        {
            "Emission Factors Hub": span(
                (2, 4), 12, (14, 17), (31, 32), (36, 38), (47, 48), 50, (79, 80), (84, 85), 90,
                101, (103, 105), 114, 124, (126, 128), (165, 166), 206, 239, 242, 246, (248, 249), 257, 283,
                287, (289, 290), 295, 297, 330, 334, (336, 339), 354, 366, 367, 407, (409, 411),
                415, 419, (421, 423), (425, 426), 429, 432, (434, 436), 457, 490, (497, 499), 501, (503, 504),
                (507, 508), 516, 519, 521, (523, 525), (527, 528), 530, 532, 534, 537, 556,
                558, (560, 561), 567, 575, 584, 591,
            ),
        },
    ),
    "ghg-emission-factors-hub-2024.xlsx": (
        "epa_hub_2024.xlsx",
        {
            "Emission Factors Hub": span(
                (2, 5), 13, (15, 18), 32, 33, 91, 100, (102, 104), 112, 121, (123, 124), (233, 236),
                239, (241, 242), 276, 280, (282, 283), (287, 288), 323, 327, (329, 332), 359, 360,
                398, (400, 402), 409, (411, 413), (415, 416), 418, 419, 422, (424, 426), 487, 489,
                491, (493, 494), 506, 511, (513, 515), 546, 548, (550, 551), 581,
            ),
        },
    ),
}  # fmt: skip

FLAT_IDS = (
    "1_100_1000_15_1", "1_100_1000_15_2", "1_100_1000_15_3", "1_100_1000_15_4",  # butane by the tonne
    "3_200_2011_3_1",  # a refrigerant: column text, no decimals
    "1_100_1001_6_4",  # a small value, 9e-05
    "6_306_3126_14_5",  # energy, no gas
    "7_400_4000_5_1", "7_400_4000_5_2", "7_400_4000_5_3", "7_400_4000_5_4",  # electricity
    "19_501_5053_15_1", "19_501_5060_15_1",  # an empty combination and one with a number
    "27_319_3198_14_1",  # two spaces in a label
    "99_604_1011_15_2",  # outside of scopes
)  # fmt: skip

TEXTS: Mapping[str, tuple[str, Sequence[bytes]]] = {
    # publisher's file -> (our cut, encoding, lines kept: those that begin so)
    "owid_carbon_intensity_elec.csv": (
        "owid_ember.csv",
        (b"country", b"ASEAN (Ember),,2021", b"Afghanistan,AFG,2000", b"Afghanistan,AFG,202", b"China,CHN,202",
         b"European Union (27),,2023", b"United Kingdom,GBR,2024", b"World,,202"),
    ),
    "SupplyChainGHGEmissionFactors_v1.2_NAICS_CO2e_USD2021.csv": (
        "epa_supply_chain_co2e.csv",
        (b'"NAICS Code', b"111110", b"331110", b"336111", b"813940"),
    ),
    "SupplyChainGHGEmissionFactors_v1.2_NAICS_byGHG_USD2021.csv": (
        "epa_supply_chain_by_gas.csv",
        (b'"NAICS Code', b"331110"),
    ),
    "Base_Carbone_Test.csv": (
        "ademe.csv",
        (b'"Type Ligne"', b"El\xe9ment;27025", b"Poste;27025", b"El\xe9ment;28130", b"Poste;28130", b"El\xe9ment;14087",
         b"Poste;14087", b"El\xe9ment;34943", b"Poste;34943", b"El\xe9ment;26729", b"El\xe9ment;43119"),
    ),
}  # fmt: skip


def main(directory: Path) -> None:
    for name, (cut, sheets) in WORKBOOKS.items():
        book = python_calamine.CalamineWorkbook.from_path(str(directory / name))
        kept: dict[str, Rows] = {}
        for sheet, wanted in sheets.items():
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            if sheet == "Factors by Category":
                wanted = [*span((1, 6)), *(n for n, row in enumerate(rows, 1) if row[0] in FLAT_IDS), len(rows)]
            kept[sheet] = {number: rows[number - 1] for number in wanted}
        (_write_xls if cut.endswith(".xls") else _write_xlsx)(HERE / cut, kept)
    for name, (cut, begins) in TEXTS.items():
        content = (directory / name).read_bytes()
        end = b"\r\n" if b"\r\n" in content else b"\n"
        lines = [line for line in content.split(end) if line.startswith(tuple(begins))]
        (HERE / cut).write_bytes(end.join(lines) + end)


def _write_xlsx(path: Path, sheets: Mapping[str, Rows]) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})  # the same bytes every time
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in rows.items():
                for column, cell in enumerate(cells):
                    if isinstance(cell, int | float):
                        sheet.write_number(row - 1, column, cell)
                    elif str(cell):
                        sheet.write_string(row - 1, column, str(cell))


# --- .xls: BIFF8 records in one stream of a compound file, as far as a table needs it -----------------------


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(words: str, length: str) -> bytes:
    return struct.pack(length, len(words)) + b"\x01" + words.encode("utf-16-le")


def _sheet(rows: Rows) -> bytes:
    parts = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0x0600))]
    width = max(len(cells) for cells in rows.values())
    parts.append(_record(0x0200, struct.pack("<IIHHH", 0, max(rows), 0, width, 0)))
    for row, cells in rows.items():
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row - 1, column, 0)
            if isinstance(cell, int | float):
                parts.append(_record(0x0203, place + struct.pack("<d", cell)))
            elif str(cell):
                parts.append(_record(0x0204, place + _text(str(cell)[:1000], "<H")))
    return b"".join([*parts, _record(0x000A, b"")])


def _write_xls(path: Path, sheets: Mapping[str, Rows]) -> None:
    bodies = [_sheet(rows) for rows in sheets.values()]
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0x0600))
    names = [_text(name, "<B") for name in sheets]
    size = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    bounds: list[bytes] = []
    for name, body in zip(names, bodies, strict=True):
        bounds.append(_record(0x0085, struct.pack("<IH", size, 0) + name))
        size += len(body)
    path.write_bytes(_compound(b"".join([begin, *bounds, _record(0x000A, b""), *bodies])))


def _compound(stream: bytes) -> bytes:
    """Wrap one stream: header, FAT sector, directory sector, then the stream in sectors of 512 bytes."""
    stream = stream.ljust(4096, b"\0")  # shorter ones would have to stand in the mini stream
    size, sectors = len(stream), -(-len(stream) // 512)
    free, last = 0xFFFFFFFF, 0xFFFFFFFE
    chain = [0xFFFFFFFD, last, *range(3, 2 + sectors), last]
    assert len(chain) <= 128, "one FAT sector holds 128 entries"
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))

    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le") if name else b""
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, length)
        )

    directory = entry("Root Entry", 5, 1, last, 0) + entry("Workbook", 2, free, 2, size) + entry("", 0, free, 0, 0) * 2
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0) + struct.pack("<109I", 0, *[free] * 108)
    return header + fat + directory + stream.ljust(sectors * 512, b"\0")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("\n  ".join(["usage: make_cuts.py DIRECTORY, which holds", *WORKBOOKS, *TEXTS]))
    main(Path(sys.argv[1]))
