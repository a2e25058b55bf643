"""Footprints to hand on, small enough to add up by hand.

A kilogram of board by PACT (AR6: CH4 of living matter 27): every process emits what it says, nothing is bought.

===================  ============================  ==========
fossil CO2           raw materials 0.9, own 0.1     1.0
fossil CO2           packaging                      0.15
aircraft                                            0.05
biogenic CH4         0.01 kg x 27                   0.27
land-use change                                     0.2
biogenic CO2         taken up 1.6, burned 0.4       -1.2
outbound logistics   apart                          0.03
===================  ============================  ==========

Excluding uptake: 1.0 + 0.15 + 0.05 + 0.27 + 0.2 = 1.67; including: 1.67 - 1.2 = 0.47.
"""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from typing import Any

import yaml

from factors.library import load as load_library
from factors.strict_yaml import TextLoader
from lca.footprint import Footprint, Meta, footprint
from lca.footprint_method import load
from lca.product_reading import model
from lca.supplies import Resolver

META = Meta("BOARD-v1", "2026-01-31T08:00:00Z", "0")
ON = date(2026, 6, 1)

BOARD = """
id: board
zh: 木纤维板
en: Wood-fibre board
organisation: {zh: 灵板, en: Ling Board}
region: CN-HB
start: 2025-01-01
end: 2025-12-31
carbon_biogenic_kg: 0.33
unit: {kind: declared, amount: 1, unit: kg, zh: 1 kg, mass_kg: 1}
suppliers:
  - {id: glue, zh: 胶, unit: kg, kgco2e: 3, method: pact.3.0, gwp_set: AR6, primary_data_share: 40}
main: press
processes:
  - id: press
    zh: 压制
    stage: production
    output: 1
    unit: kg
    inputs:
      - {id: glue, zh: 胶, amount: 0.3, unit: kg, from: {supplier: glue}, stage: raw_materials, is_primary: true,
         quality: {technology: 1, geography: 2, time: 3}}
    emissions:
      - {id: co2, gas: CO2, amount: 0.1, is_primary: true}
      - {id: up, gas: CO2, part: removal, amount: 1.6, stage: raw_materials}
      - {id: burn, gas: CO2, part: biogenic, amount: 0.4}
      - {id: ch4, gas: CH4_biogenic, part: biogenic, amount: 0.01}
      - {id: luc, gas: CO2, part: land_use, amount: 0.2, stage: raw_materials}
      - {id: fly, gas: CO2, part: aircraft, amount: 0.05}
      - {id: foil, gas: CO2, amount: 0.15, stage: packaging}
      - {id: lorry, gas: CO2, amount: 0.03, stage: outbound_logistics}
"""

PANEL = """
id: panel
zh: 石膏板
en: Gypsum board
organisation: {zh: 灵板, en: Ling Board}
region: CN
start: 2025-01-01
end: 2025-12-31
boundary: cradle_to_gate_with_end_of_life
unit: {kind: declared, amount: 1, unit: m2, zh: 1 m², en: 1 m², mass_kg: 9.5}
main: line
processes:
  - id: line
    zh: 生产线
    stage: production
    output: 1
    unit: m2
    emissions:
      - {id: a1, gas: CO2, amount: 0.8, stage: raw_materials, module: A1}
      - {id: a1up, gas: CO2, part: removal, amount: 0.5, stage: raw_materials, module: A1}
      - {id: a1luc, gas: CO2, part: land_use, amount: 0.02, stage: raw_materials, module: A1}
      - {id: a2, gas: CO2, amount: 0.1, stage: raw_materials, module: A2}
      - {id: a3, gas: CO2, amount: 1.2, module: A3}
      - {id: a3fly, gas: CO2, part: aircraft, amount: 0.04, module: A3}
      - {id: c1, gas: CO2, amount: 0, stage: end_of_life, module: C1}
      - {id: c2, gas: CO2, amount: 0.05, stage: end_of_life, module: C2}
      - {id: c3, gas: CO2, part: biogenic, amount: 0.5, stage: end_of_life, module: C3}
      - {id: c4, gas: CO2, amount: 0.01, stage: end_of_life, module: C4}
      - {id: d, gas: CO2, amount: -0.3, stage: beyond, module: D}
"""


def data(text: str) -> Any:
    """Return a model as plain data, to change before it is run."""
    return yaml.load(text, TextLoader)


def run(given: Any, method: str) -> Footprint:
    """Compute and freeze the footprint of a model."""
    found, rule = model(given), load(method)
    resolver = Resolver(
        _library(),
        date.fromisoformat(found.end),
        found.region,
        rule.gwp_set,
        suppliers={one.id: one for one in found.suppliers},
    )
    return footprint(found, rule, resolver, META)


@cache
def _library() -> Any:
    return load_library()


@cache
def _frozen(text: str, method: str) -> Any:
    return run(data(text), method).snapshot


def board() -> Any:
    """Return the snapshot of the board by PACT, the caller's own copy."""
    return copy.deepcopy(_frozen(BOARD, "pact.3.0"))


def panel() -> Any:
    """Return the snapshot of the panel by EN 15804, the caller's own copy."""
    return copy.deepcopy(_frozen(PANEL, "en15804.a2"))
