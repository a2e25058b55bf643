"""What every reader promises of whatever it returns."""

from __future__ import annotations

import math

from lca.dataset import LciDatabase


def assert_sound(database: LciDatabase) -> None:
    """Check that ids are unique, references are exchanges, flows are held and amounts are numbers."""
    ids = [process.id for process in database.processes]
    assert len(ids) == len(set(ids))
    known = set(ids)
    assert all(identifier == flow.id for identifier, flow in database.flows.items())
    for process in database.processes:
        exchanges = [exchange.id for exchange in process.exchanges]
        assert len(exchanges) == len(set(exchanges))
        assert process.reference in exchanges
        for exchange in process.exchanges:
            assert exchange.flow in database.flows
            assert math.isfinite(exchange.amount)
            assert math.isfinite(exchange.to_reference)
            assert exchange.provider == "" or exchange.provider in known
            assert exchange.uncertainty is None or exchange.uncertainty.scale != 0


def codes(database: LciDatabase) -> set[str]:
    """Return the codes of all findings."""
    return {finding.code for finding in database.findings}
