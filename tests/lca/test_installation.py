"""Emissions embedded in goods: worked by hand beside each value, and what is wrong with the data of an installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from factors.strict_yaml import TextLoader
from lca.errors import MethodOfInstallations, ModelInvalid
from lca.installation import METHOD, embedded, installation
from lca.snapshot import digest
from tests.lca.test_footprint import bracket, computed

EXAMPLE = Path(__file__).parents[2] / "examples" / "installation_cement.yaml"


def data() -> Any:
    return yaml.load(EXAMPLE.read_text(encoding="utf-8"), TextLoader)


def goods(changed: Any) -> dict[str, Any]:
    return {one["id"]: one for one in embedded(installation(changed))["goods"]}


def test_clinker_and_cement_of_one_works() -> None:
    found = goods(data())
    assert found["clinker"]["see_direct"] == "0.85000"  # 850 000 t / 1 000 000 t
    assert found["clinker"]["see_indirect"] == "0.03420"  # 60 000 MWh x 0.57 / 1 000 000 t
    assert found["clinker"]["see"] == "0.88420"
    assert found["cement"]["see_direct"] == "0.66300"  # (0 + 1 x 0.85) x 0.78
    assert found["cement"]["see_indirect"] == "0.04891"  # (40 000 x 0.57 / 800 000 + 0.0342) x 0.78 = 0.048906
    assert found["cement"]["see"] == "0.71191"  # 0.663 + 0.048906
    assert found["cement"]["per"] == "t"


def test_indirect_emissions_of_a_good_of_annex_two_stand_beside_and_do_not_count() -> None:
    changed = data()
    changed["processes"][0]["boundary"] = "direct"
    found = goods(changed)["clinker"]
    assert (found["see"], found["see_indirect"], found["is_indirect_counted"]) == ("0.85000", "0.03420", False)


def test_a_bought_precursor_by_a_default_value_carries_the_mark_up_of_its_year() -> None:
    changed = data()
    changed["processes"][1]["precursors"] = [
        {"id": "bought", "mass": "1", "direct": "0.9", "is_default": "true", "source": "default value, demonstration"}
    ]
    # 0.9 x (1 + 0.1) x 0.78 = 0.7722
    assert goods(changed)["cement"]["see_direct"] == "0.77220"
    codes = [one["code"] for one in embedded(installation(changed))["warnings"]]
    assert "default-used" in codes


def test_a_precursor_of_the_union_counts_nothing() -> None:
    changed = data()
    changed["processes"][1]["precursors"] = [
        {"id": "bought", "mass": "1", "direct": "0.9", "is_exempt": "true", "source": "certificate of origin"}
    ]
    assert goods(changed)["cement"]["see_direct"] == "0.00000"


def test_processes_that_do_not_add_up_to_the_installation_are_told_with_the_factor() -> None:
    changed = data()
    changed["direct_t"] = "884000"  # 884 000 / 850 000 = 1.04
    found = embedded(installation(changed))
    assert found["reconciliation_factor"] == "1.04"
    assert {"code": "not-reconciled", "params": {"factor": "1.04"}} in found["warnings"]


def test_the_digest_is_that_of_everything_else() -> None:
    found = embedded(installation(data()))
    sha = found.pop("snapshot_sha256")
    assert sha == digest(found)


def test_a_bill_of_materials_is_refused_rather_than_called_nought() -> None:
    with pytest.raises(MethodOfInstallations, match="footprint cbam"):
        computed(bracket(), METHOD)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    changed = data()
    first, second = changed["processes"]
    first |= {"boundary": "all", "activity_level": "0", "heat_in_t": "-1", "colour": "grey"}
    second |= {"precursors": [{"id": "p", "process": "nobody", "mass": "1"}, {"id": "q", "mass": "x"}]}
    with pytest.raises(ModelInvalid) as caught:
        installation(changed)
    said = str(caught.value)
    for part in ("colour", "heat_in_t", "'x'"):
        assert part in said
    for key in ("colour", "heat_in_t"):
        del first[key]
    second["precursors"][1]["mass"] = "1"
    with pytest.raises(ModelInvalid) as caught:
        installation(changed)
    said = str(caught.value)
    for part in ("boundary", "activity_level", "nobody", "source"):
        assert part in said


def test_a_process_that_is_its_own_precursor_has_no_beginning() -> None:
    changed = data()
    changed["processes"][0]["precursors"] = [{"id": "back", "process": "cement", "mass": "1"}]
    with pytest.raises(ModelInvalid, match="precursor of itself"):
        installation(changed)


@pytest.mark.parametrize("key", ["id", "processes", "year"])
def test_what_is_missing_is_named(key: str) -> None:
    changed = data()
    del changed[key]
    with pytest.raises(ModelInvalid, match=key):
        installation(changed)


def test_what_is_wrong_stands_at_its_process_and_precursor() -> None:
    changed = data()
    changed["processes"][1]["precursors"][0] |= {"mass": "-1", "is_exempt": "perhaps"}
    with pytest.raises(ModelInvalid) as caught:
        installation(changed)
    said = str(caught.value)
    assert "mass: '-1' is below zero" in said
    assert "is_exempt: 'perhaps' is none of: true, false" in said
    assert "processes cement" in said
    assert "precursors own_clinker" in said


def test_its_snapshot_writes_what_the_file_writes() -> None:
    (taken,) = embedded(installation(data()))["installation"]["processes"][1]["precursors"]
    assert (taken["is_exempt"], taken["is_default"]) == ("false", "false")
