"""A life-cycle inventory of 20,000 products as large databases are: lognormal inputs, a few hubs that everybody takes
of, own supply chains with loops, units that differ by orders of magnitude."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lca.dataset import Exchange, Flow, LciDatabase, Uncertainty, UnitProcess

PRODUCTS, TAKEN, HUBS = 20_000, 12, 0.06
GASES = MappingProxyType({"co2": "Carbon dioxide, fossil", "ch4": "Methane, fossil", "n2o": "Dinitrogen monoxide"})

Vector = NDArray[np.float64]


def spread(amount: float, sigma: float) -> Uncertainty:
    return Uncertainty("lognormal", math.log(amount), sigma)


def links(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns: every column takes of hubs, the more popular the more often, and of near neighbours."""
    counts = np.clip(rng.lognormal(math.log(TAKEN * 0.83), 0.67, PRODUCTS).astype(np.int64), 1, 120)
    column = np.repeat(np.arange(PRODUCTS), counts)
    hubs = rng.permutation(PRODUCTS)[: int(PRODUCTS * HUBS)]
    popularity = 1 / np.arange(1, len(hubs) + 1) ** 1.1
    hub = hubs[rng.choice(len(hubs), len(column), p=popularity / popularity.sum())]
    step = rng.integers(1, 40, len(column)) * np.where(rng.random(len(column)) < 0.05, 1, -1)
    row = np.where(rng.random(len(column)) < 0.55, hub, (column + step) % PRODUCTS)
    pairs = np.unique(column[row != column] * PRODUCTS + row[row != column])
    return pairs % PRODUCTS, pairs // PRODUCTS


def amounts(rng: np.random.Generator, row: NDArray[np.int64], column: NDArray[np.int64], unit: Vector) -> Vector:
    """Return inputs of which each column takes less than 0.75 in all, before the units: productive by construction."""
    shares = rng.lognormal(0, 1.5, len(row))
    totals = np.bincount(column, shares, PRODUCTS)[column]
    found: Vector = shares / totals * 0.75 * rng.uniform(0.3, 1, PRODUCTS)[column] * unit[row] / unit[column]
    return found


def database(seed: int = 1, gases: Mapping[str, str] = GASES) -> LciDatabase:
    """20,000 processes with about 12 inputs and some greenhouse gases each, every exchange lognormal."""
    rng = np.random.default_rng(seed)
    unit = rng.lognormal(0, 3, PRODUCTS)
    row, column = links(rng)
    taken = amounts(rng, row, column, unit)
    flows = {name: Flow(name, text, "elementary", "kg", category="air") for name, text in gases.items()}
    flows |= {f"f{number}": Flow(f"f{number}", f"f{number}", "product", "kg") for number in range(PRODUCTS)}
    exchanges: list[list[Exchange]] = [[Exchange("out", f"f{n}", 1.0, "kg", is_input=False)] for n in range(PRODUCTS)]
    sigmas = rng.uniform(0.02, 0.25, len(row))
    for i, j, amount, sigma in zip(row.tolist(), column.tolist(), taken.tolist(), sigmas.tolist(), strict=True):
        exchanges[j].append(
            Exchange(f"in {i}", f"f{i}", amount, "kg", is_input=True, uncertainty=spread(amount, sigma))
        )
    for number in range(PRODUCTS):
        for gas in gases:
            amount = float(rng.lognormal(-3, 2) / unit[number])
            exchanges[number].append(Exchange(gas, gas, amount, "kg", is_input=False, uncertainty=spread(amount, 0.1)))
    processes = tuple(UnitProcess(f"p{n}", f"p{n}", tuple(exchanges[n]), "out") for n in range(PRODUCTS))
    return LciDatabase("made up", flows, processes)
