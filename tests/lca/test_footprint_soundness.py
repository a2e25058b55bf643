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
from tests.lca.test_footprint import run
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


def weigh_methane_as_nothing(snapshot: dict[str, Any]) -> None:
    del snapshot["gwp"]["AR6"]["CH4_fossil"]


def call_it_uptake(snapshot: dict[str, Any]) -> None:
    one = supply(snapshot, "activity")
    one["gases_kg"] = {"CO2e/removal": one["gases_kg"]["CO2e/fossil"]}


def burn_it_as_wood(snapshot: dict[str, Any]) -> None:
    one = next(one for one in snapshot["supplies"].values() if "CO2/fossil" in one["gases_kg"] and "derivation" in one)
    one["gases_kg"]["CO2/biogenic"] = one["gases_kg"].pop("CO2/fossil")
    one["derivation"]["gases"]["CO2/biogenic"] = one["derivation"]["gases"].pop("CO2/fossil")


def print_no_value(snapshot: dict[str, Any]) -> None:
    one = supply(snapshot, "activity")
    one["factor"], one["gases_kg"] = "", {"CO2e/fossil": "0.001"}


def invent_a_kind(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "activity")["kind"] = "measured"


def show_a_value_beside_a_database(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "activity")["kind"] = "background"


def cite_nothing(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "activity")["factor_ids"] = []


def cite_an_own_factor_in_silence(snapshot: dict[str, Any]) -> None:
    snapshot["overlay"]["sha256"] = "0" * 64
    one = supply(snapshot, "activity")
    one["factor_ids"], one["gases_kg"], one["factor"] = ["own"], {"CO2e/fossil": "0.001"}, "0.001"
    one["factor_unit"] = f"kg CO2e/{one['unit']}"


def make_an_old_factor_new(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "activity")["year"] = "2031"


def count_a_thousandth(snapshot: dict[str, Any]) -> None:
    snapshot["demand"] = "0.001"


def give_a_share_away(snapshot: dict[str, Any]) -> None:
    snapshot["nodes"][0]["share"] = "0.1"


def move_to_another_life(snapshot: dict[str, Any]) -> None:
    next(one for one in snapshot["lines"] if one["stage"])["stage"] = "D"


def hide_a_stage(snapshot: dict[str, Any]) -> None:
    next(one for one in snapshot["lines"] if one["stage"])["stage"] = ""


def contradict_the_supplier(snapshot: dict[str, Any]) -> None:
    one = supply(snapshot, "supplier")
    record = next(each for each in snapshot["model"]["suppliers"] if f"supplier|{each['id']}" == one["key"])
    record["fossil"], one["gases_kg"]["CO2e/fossil"] = "0.0001", "0.0001"


def call_it_primary(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "supplier")["primary_share"] = "1.5"


def invent_a_gas(snapshot: dict[str, Any]) -> None:
    supply(snapshot, "activity")["gases_kg"]["XX/fossil"] = "1"


def count_from_the_end(snapshot: dict[str, Any]) -> None:
    snapshot["lines"][0]["process"] = -1


def write_backwards(snapshot: dict[str, Any]) -> None:
    snapshot["model"]["name"]["zh"] = "水泥 \u202e0.1 gk"


def fill_the_memory(snapshot: dict[str, Any]) -> None:
    snapshot["lines"][0]["amount"] = "1e-999999999"


def fill_the_hours(snapshot: dict[str, Any]) -> None:
    snapshot["nodes"] *= 10_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (weigh_methane_as_nothing, "warming potential of CH4_fossil"),
        (call_it_uptake, "the gases do not follow from the operands"),
        (burn_it_as_wood, "the gases do not follow from the operands"),
        (print_no_value, "'factor' is missing"),
        (invent_a_kind, "'measured' is none of"),
        (show_a_value_beside_a_database, "operand factor is not what the datum states"),
        (cite_nothing, "'factor_ids' is missing"),
        (cite_an_own_factor_in_silence, "does not cite own"),
        (make_an_old_factor_new, "operand year does not cite"),
        (count_a_thousandth, "computed for 0.001, which is not the unit stated, 1 t"),
        (give_a_share_away, "share adds up to 1, the result is 0.1"),
        (move_to_another_life, "stage 'D'"),
        (hide_a_stage, "stage ''"),
        (contradict_the_supplier, "kgco2e adds up to 0.0001"),
        (call_it_primary, "operand primary_share"),
        (invent_a_gas, "'XX/fossil' is no greenhouse gas"),
        (count_from_the_end, "no process at place -1"),
        (write_backwards, "characters that are not seen"),
        (fill_the_memory, "exponent of three digits"),
        (fill_the_hours, "processes, more than the 5000"),
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


@pytest.mark.parametrize("activity", ["refrigerant_r422a", "refrigerant_r410a", "refrigerant_r134a"])
def test_a_gas_that_escapes_as_itself_is_sound_though_its_record_prints_its_potential(activity: str) -> None:
    text = f"""
main: filling
processes:
  - {{id: filling, zh: 充注, stage: production, output: 1, unit: kg, inputs: [
      {{id: gas, zh: 制冷剂, amount: 0.01, unit: kg, from: {{activity: {activity}}}}}]}}
"""
    found = run(text)
    assert canonical_bytes(recompute(found.snapshot)) == found.content


def test_lines_by_gases_that_take_gigabytes_are_not_summed() -> None:
    """Thirty thousand copies of a line by a thousand made-up gases: 30 million sums out of a few megabytes."""
    snapshot = copy.deepcopy(cement())
    snapshot["lines"] = snapshot["lines"][:1] * 30_000
    next(iter(snapshot["supplies"].values()))["gases_kg"] |= {f"gas{number}/fossil": "1" for number in range(1000)}
    with pytest.raises(SnapshotInvalid, match="lines by gases"):
        recompute(snapshot)


def test_a_snapshot_without_potentials_is_refused_in_words() -> None:
    snapshot = copy.deepcopy(cement())
    snapshot["gwp"] = {}
    with pytest.raises(SnapshotInvalid):
        recompute(snapshot)
