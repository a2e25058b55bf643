"""Make lca/data/inventories/uslci_fy18.lci from the publisher's file: python scripts/ship_uslci.py FILE.zip."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from lca.dataset import Finding
from lca.importers import read
from lca.inventories import DATA
from lca.lci_store import pack

FAULTS = {
    "Portland cement, at plant": "known-fault-cement",
    "Aluminum, primary ingot, at plant": "known-fault-aluminium",
    "Aluminum, primary, ingot, at plant, 1998": "known-fault-aluminium",
}


def main(path: Path) -> None:
    """Read the file, say what is known of it, and pack it."""
    database = read(path)
    names = {process.name for process in database.processes}
    told = tuple(Finding(code, name) for name, code in FAULTS.items() if name in names)
    shipped = replace(
        database,
        name="uslci_fy18",
        version="FY18, openLCA JSON-LD export of 2018",
        source="U.S. Life Cycle Inventory Database, National Renewable Energy Laboratory, lcacommons.gov",
        licence="CC0 1.0",
        findings=(*database.findings, *told),
    )
    DATA.mkdir(exist_ok=True)
    (DATA / "uslci_fy18.lci").write_bytes(pack(shipped))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
