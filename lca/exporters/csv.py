"""Brightway CSV: every section of the layout in one text file."""

from __future__ import annotations

import csv
from pathlib import Path

from lca.dataset import LciDatabase
from lca.exporters.brightway import activities, head


def write(database: LciDatabase, path: Path) -> None:
    """Write ``database`` as CSV, UTF-8 with a mark that spreadsheet programs look for."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerows(head(database))
        for activity in activities(database):
            rows.writerows(activity)
