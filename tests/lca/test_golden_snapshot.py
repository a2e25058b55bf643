"""A frozen inventory of this schema has to be recomputed by every later program, to the same bytes.

``python -m tests.lca.test_golden_snapshot`` freezes it anew, which is right only together with a new schema number.
"""

from __future__ import annotations

import json
from pathlib import Path

from lca.ghg import recompute
from lca.snapshot import SCHEMA, canonical_bytes
from tests.lca.ledgers import inventory, ledger, stream

GOLDEN = Path(__file__).parents[1] / "golden" / f"{SCHEMA.replace('/', '-')}.json"


def frozen() -> bytes:
    """Freeze an inventory with fuel, power, a certificate's absence, a refrigerant, a product's stock and biomass."""
    return inventory(
        ledger(
            (stream(), "2023-03", "1200"),
            (stream("natural_gas", "1e4Nm3"), "2023-03", "2"),
            (stream("diesel", "t", parameters=(("closing", "2"), ("opening", "1"))), "2023-04", "5"),
            (stream("refrigerant_r22", "kg"), "2023-05", "3"),
            (stream("wood_biomass", "t"), "2023-06", "1"),
            (stream("electricity_exported"), "2023-07", "100"),
        ),
        "inventory.cn_gbt32150",
    ).content


def test_an_inventory_frozen_earlier_is_recomputed_to_the_same_bytes() -> None:
    held = GOLDEN.read_bytes()
    assert canonical_bytes(recompute(json.loads(held))) == held


if __name__ == "__main__":
    GOLDEN.write_bytes(frozen())
