"""A snapshot of a footprint that was tampered with: each kind of change is named before any sum is redone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from lca.errors import SnapshotInvalid
from lca.footprint import recompute
from lca.snapshot import canonical_bytes
from service.products import templates
from tests.service.reports.footprint_fixture import of_template

Change = Callable[[dict[str, Any]], None]


@cache
def cement() -> Any:
    return of_template("cement", "en15804.a2").snapshot


def supply(snapshot: dict[str, Any], kind: str) -> dict[str, Any]:
    """The first supply of a kind that prints one value."""
    return next(
        one for one in snapshot["supplies"].values() if one["kind"] == kind and "CO2e/fossil" in one["gases_kg"]
    )


def halve_a_gas(snapshot: dict[str, Any]) -> None:
    one = supply(snapshot, "activity")
    one["gases_kg"]["CO2e/fossil"] = str(float(one["gases_kg"]["CO2e/fossil"]) / 2)


def halve_gas_and_print(snapshot: dict[str, Any]) -> None:
    halve_a_gas(snapshot)
    one = supply(snapshot, "activity")
    one["factor"] = str(float(one["factor"]) / 2)


def halve_a_calorific_value(snapshot: dict[str, Any]) -> None:
    one = next(one["derivation"] for one in snapshot["supplies"].values() if one.get("derivation"))
    operand = next(operand for operand in one["operands"] if operand["key"] == "ncv")
    operand["value"] = str(float(operand["value"]) / 2)


def halve_a_supplier(snapshot: dict[str, Any]) -> None:
    one = supply(snapshot, "supplier")
    one["gases_kg"]["CO2e/fossil"] = str(float(one["gases_kg"]["CO2e/fossil"]) / 2)


def hide_a_supplier(snapshot: dict[str, Any]) -> None:
    snapshot["model"]["suppliers"] = []


def rename_a_factor(snapshot: dict[str, Any]) -> None:
    next(iter(snapshot["factors"].values()))["id"] = "another"


def shrink_methane(snapshot: dict[str, Any]) -> None:
    snapshot["gwp"]["AR6"]["CH4_fossil"] = "2.98"


def swap_the_set(snapshot: dict[str, Any]) -> None:
    snapshot["gwp"] = {"AR4": snapshot["gwp"]["AR6"]}


def shift_a_decimal(snapshot: dict[str, Any]) -> None:
    snapshot["lines"][0]["to_basis"] = "0.0001"


def invent_a_stage(snapshot: dict[str, Any]) -> None:
    snapshot["lines"][0]["stage"] = "A9"


def credit_without_a_name(snapshot: dict[str, Any]) -> None:
    snapshot["lines"][0]["bucket"] = "gift"


def share_too_much(snapshot: dict[str, Any]) -> None:
    snapshot["nodes"][0]["share"] = "1.2"


def claim_more(snapshot: dict[str, Any]) -> None:
    snapshot["footprint"]["claim"] = "certified"


def count_twice(snapshot: dict[str, Any]) -> None:
    snapshot["lines"].append(copy.deepcopy(snapshot["lines"][0]))


def hide_a_remark(snapshot: dict[str, Any]) -> None:
    snapshot["remark"] = "anything"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (halve_a_gas, "the gases do not follow from the value printed"),
        (halve_gas_and_print, "does not cite"),
        (halve_a_calorific_value, "the gases do not follow from the operands.*operand ncv"),
        (halve_a_supplier, "the gases do not follow from the value printed"),
        (hide_a_supplier, "there is no supplier"),
        (rename_a_factor, "calls itself another"),
        (shrink_methane, "warming potential of CH4_fossil"),
        (swap_the_set, "another set of warming potentials"),
        (shift_a_decimal, "the conversion does not follow"),
        (invent_a_stage, "stage 'A9'"),
        (credit_without_a_name, "'gift'"),
        (share_too_much, "does not lie between 0 and 1"),
        (claim_more, "claim 'certified'"),
        (count_twice, "stands for something else already"),
        (hide_a_remark, "unknown key 'remark'"),
    ],
)
def test_what_was_changed_is_named(change: Change, said: str) -> None:
    snapshot = copy.deepcopy(cement())
    change(snapshot)
    with pytest.raises(SnapshotInvalid, match=said):
        recompute(snapshot)


@pytest.mark.parametrize("template", templates.templates())
def test_every_template_is_sound_and_computed_again_to_the_byte(template: str) -> None:
    found = of_template(template, templates.templates()[template].methods[0])
    assert canonical_bytes(recompute(found.snapshot)) == found.content
