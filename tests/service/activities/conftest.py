"""Ways to hand in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from intake_made import ACTIVITIES, REGIONS, SITES

from lca.ledger import Organisation
from service.activities.intake import Intake, Known, read


@pytest.fixture
def known() -> Known:
    return Known(ACTIVITIES, REGIONS, SITES, Organisation("T", "试验企业", "Test company"))


@pytest.fixture
def csv(tmp_path: Path, known: Known) -> Callable[..., Intake]:
    """Read lines of text as a CSV file."""

    def run(*lines: str, encoding: str = "utf-8", name: str = "data.csv", **options: object) -> Intake:
        path = tmp_path / name
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
        return read(path, **{"known": known, **options})  # type: ignore[arg-type]

    return run


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheet name -> rows; ``edit`` may do more with the xlsxwriter objects."""

    def write(
        sheets: dict[str, list[list[object]]], edit: Callable[..., None] | None = None, **options: object
    ) -> Path:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, **options}) as book:
            made = {}
            for name, rows in sheets.items():
                made[name] = book.add_worksheet(name)
                for number, cells in enumerate(rows):
                    for column, value in enumerate(cells):
                        if value is not None:
                            made[name].write(number, column, value)
            if edit:
                edit(book, made)
        return path

    return write
