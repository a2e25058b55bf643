"""What the readers of ecoSpold owe: checked by the tests of each."""

from __future__ import annotations

import math

from lca.dataset import LciDatabase


def assert_sound(database: LciDatabase) -> None:
    """Check that a database holds together, whatever was read."""
    ids = [process.id for process in database.processes]
    assert len(ids) == len(set(ids))
    for process in database.processes:
        exchanges = {exchange.id: exchange for exchange in process.exchanges}
        assert len(exchanges) == len(process.exchanges), process.name
        assert process.reference in exchanges, process.name
        for exchange in process.exchanges:
            assert exchange.flow in database.flows
            assert math.isfinite(exchange.amount)
            assert exchange.to_reference > 0
        for allocation in process.allocations:
            flows = {exchange.flow for exchange in process.exchanges}
            assert set(allocation.shares) <= flows
            assert set(allocation.by_exchange) <= set(exchanges)
    for key, flow in database.flows.items():
        assert flow.id == key
        assert flow.name
    for finding in database.findings:
        assert finding.where
        assert all(isinstance(value, str) for value in finding.params.values())
