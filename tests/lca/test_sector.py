"""Averages of a sector: by hand, and attacked by whoever reads every release and knows more than is published."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lca.errors import ContributionUnlike, ReleaseRefused
from lca.sector import (
    Contribution,
    Earlier,
    Edition,
    Row,
    Terms,
    averaged,
    changes,
    data_of,
    exposed,
    figures,
    mean,
    refusals,
    related,
    release,
    row_of,
)
from tests.lca.exchanged import board

TERMS = Terms("pact.3.0", "1", "AR6", "cradle_to_gate", "kg", 2025, "CN")


def made(company: str, amount: str, total: str = "1", **other: Any) -> Contribution:
    """A contribution that is fossil through and through, in two stages."""
    half = str(float(total) / 2)
    stated = {
        "unit": "kg",
        "total_kgco2e": total,
        "by_stage": {"raw_materials": half, "production": half},
        "parts": {"fossil": total, "biogenic_emissions": "0", "luluc": "0", "aircraft": "0"},
        "biogenic_removals": "0",
        "gases_kg": {"CO2": total},
        "primary_data_share": "0.5",
        "dqr": "2",
        "left_out_percent": "0",
        "is_demonstration": False,
        **other,
    }
    return Contribution(company, data_of(TERMS, amount, stated), amount, stated)


def codes(contributions: list[Contribution], earlier: list[Earlier] | None = None) -> set[str]:
    return {one.code for one in refusals(contributions, earlier or [])}


def members(*names: str) -> Row:
    """Members of a release; ``a2`` is company a with other data than ``a``."""
    return frozenset((name[0], name) for name in names)


UNTIMED = settings(deadline=None)  # exact fractions take as long as their digits are many
ROWS = st.lists(
    st.sets(st.sampled_from([f"{name}{data}" for name in "abcdef" for data in "12"]), min_size=1, max_size=8).map(
        lambda names: members(*names)
    ),
    min_size=1,
    max_size=6,
)


# --- what a footprint brings ---------------------------------------------------------------------


def test_the_figures_of_the_board() -> None:
    """The sums stand in the table of ``tests.lca.exchanged``; biogenic: CH4 0.27 and burned CO2 0.4."""
    found = figures(board(), TERMS)
    assert found["total_kgco2e"] == "1.67"
    assert found["by_stage"] == {"raw_materials": "1.1", "production": "0.42", "packaging": "0.15"}
    assert found["parts"] == {"fossil": "1.15", "biogenic_emissions": "0.67", "luluc": "0.2", "aircraft": "0.05"}
    assert found["biogenic_removals"] == "-1.6"
    assert "glue" not in str(found)


def test_figures_are_for_one_unit() -> None:
    snapshot = board()
    snapshot["results"]["unit"]["amount"] = "4"
    assert figures(snapshot, TERMS)["total_kgco2e"] == "0.4175"  # 1.67 / 4


def test_every_difference_is_named_at_once() -> None:
    other = Terms("pcf.iso14067_2018", "2", "AR5", "cradle_to_grave", "t", 2024, "DE")
    with pytest.raises(ContributionUnlike) as caught:
        figures(board(), other)
    assert {one.params["key"] for one in caught.value.flaws} == {
        "method", "method version", "gwp_set", "boundary", "unit", "start", "end", "region",
    }  # fmt: skip


def test_a_footprint_of_nought_is_not_taken() -> None:
    snapshot = board()
    snapshot["results"]["total_kgco2e"] = "0"
    with pytest.raises(ContributionUnlike) as caught:
        figures(snapshot, TERMS)
    assert [one.params["key"] for one in caught.value.flaws] == ["total_kgco2e"]


def test_half_a_year_is_no_year() -> None:
    snapshot = board()
    snapshot["model"]["start"] = "2025-07-01"
    with pytest.raises(ContributionUnlike) as caught:
        figures(snapshot, TERMS)
    assert [one.params["key"] for one in caught.value.flaws] == ["start"]


def test_a_place_is_inside_a_wider_one_but_not_beside_its_name() -> None:
    snapshot = copy.deepcopy(board())
    snapshot["model"]["region"] = "CN-HB"
    figures(snapshot, TERMS)
    snapshot["model"]["region"] = "CNX"
    with pytest.raises(ContributionUnlike):
        figures(snapshot, TERMS)


# --- the averages --------------------------------------------------------------------------------


def test_averages_by_hand() -> None:
    """100 t at 2, 200 t at 3, 100 t at 6: (200 + 600 + 600) / 400 = 3.5."""
    three = [made("a", "100", "2"), made("b", "200", "3"), made("c", "100", "6")]
    found = averaged(three)
    assert found["total_kgco2e"] == "3.5"
    assert found["by_stage"] == {"production": "1.75", "raw_materials": "1.75"}
    assert found["parts"] == {"fossil": "3.5"}
    assert found["primary_data_share"] == "0.5"
    assert found["withheld"] == ["biogenic_removals"]


def test_the_share_of_primary_data_is_weighed_by_emissions() -> None:
    """10 x 1 x 1.0 + 10 x 3 x 0.2 + 10 x 1 x 0.4 = 20 of 50."""
    three = [
        made("a", "10", "1", primary_data_share="1"),
        made("b", "10", "3", primary_data_share="0.2"),
        made("c", "10", "1", primary_data_share="0.4"),
    ]
    assert averaged(three)["primary_data_share"] == "0.4"


def test_what_only_some_state_is_withheld_whole() -> None:
    """One company that flies: total less fossil would be its aircraft emissions."""
    parts = {"fossil": "0.9", "biogenic_emissions": "0", "luluc": "0", "aircraft": "0.1"}
    three = [
        made("a", "1", parts=parts),
        made("b", "1", by_stage={"production": "1"}, primary_data_share=""),
        made("c", "1"),
    ]
    found = averaged(three)
    assert set(found) == {"total_kgco2e", "withheld"}
    assert found["withheld"] == ["by_stage", "parts", "biogenic_removals", "primary_data_share"]


@UNTIMED
@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(-(10**6), 10**6)), min_size=1, max_size=8))
def test_a_mean_lies_between_and_does_not_move_with_the_scale(pairs: list[tuple[int, int]]) -> None:
    one = [made(str(place), str(amount)) for place, (amount, _) in enumerate(pairs)]
    ten = [made(str(place), str(10 * amount)) for place, (amount, _) in enumerate(pairs)]
    values = [str(value) for _, value in pairs]
    found = mean(one, values)
    assert min(value for _, value in pairs) <= found <= max(value for _, value in pairs)
    assert found == mean(ten, values)
    weighed = sum(amount * value for amount, value in pairs)
    assert found == Fraction(weighed, sum(amount for amount, _ in pairs))


# --- what may be published -----------------------------------------------------------------------


def test_two_companies_are_too_few_and_a_group_is_one() -> None:
    assert codes([made("a", "50"), made("b", "50")]) == {"sector-companies"}
    assert codes([made("a", "40"), made("b", "30"), made("b", "30")]) == {"sector-companies"}
    assert codes([made("a", "40"), made("b", "30"), made("c", "30")]) == set()
    assert codes([]) == {"sector-companies"}


def test_sixty_percent_is_the_most() -> None:
    assert codes([made("a", "60"), made("b", "20"), made("c", "20")]) == set()
    assert codes([made("a", "60.01"), made("b", "20"), made("c", "19.99")]) == {"sector-dominant"}
    # A group's works together: 31 + 31 of 100.
    assert codes([made("a", "31"), made("a", "31"), made("b", "20"), made("c", "18")]) == {"sector-dominant"}


def test_a_release_differs_by_none_or_by_two_companies() -> None:
    three = [made("a", "1"), made("b", "1"), made("c", "1")]
    first = Earlier("v1", row_of(three))
    assert codes(three, [first]) == set()
    assert codes([*three, made("d", "1")], [first]) == {"sector-differs-by-one"}
    assert codes([*three, made("d", "1"), made("e", "1")], [first]) == set()
    # A company of other data is the same company.
    assert codes([made("a", "1", "5"), *three[1:]], [first]) == {"sector-differs-by-one"}
    assert codes([made("a", "2"), *three[1:]], [first]) == {"sector-differs-by-one"}
    assert codes([made("a", "1", "5"), made("b", "1", "5"), three[2]], [first]) == set()
    # One comes and one goes: two companies.
    assert codes([*three[1:], made("d", "1")], [first]) == set()


def test_small_corrections_do_not_cover_one_that_leaves() -> None:
    """Of four that made 100 kg at 4 kg, one leaves and two count 1 kg more: 1600 - 1208 = 392 is nearly its 400."""
    four = [made(name, "100", "4") for name in "abcd"]
    corrected = [made("b", "101", "4"), made("c", "101", "4"), four[3]]
    assert codes(corrected, [Earlier("v1", row_of(four), is_own=True)]) == {"sector-differs-by-one"}
    # All of them anew: no data are shared, and still the companies are the same but for one.
    anew = [made(name, "101", "4") for name in "bcd"]
    assert codes(anew, [Earlier("v1", row_of(four), is_own=True)]) == {"sector-differs-by-one"}
    # In a chain too: abcd + aefg - bcdefg = 2 a, though b says 101 in the last one.
    rows = [row_of([made(name, "100", "4") for name in names]) for names in ("abcd", "aefg")]
    earlier = [Earlier(str(place), row, is_own=True) for place, row in enumerate(rows)]
    last = [made("b", "101", "4"), *(made(name, "100", "4") for name in "cdefg")]
    assert codes(last, earlier) == {"sector-differencing"}
    # Another collection asks for something else: what the company says there is another unknown.
    assert codes(corrected, [Earlier("other v1", row_of(four))]) == set()


def test_the_release_named_is_the_one_that_is_near() -> None:
    three = [made("a", "1"), made("b", "1"), made("c", "1")]
    two = [made("d", "1"), made("e", "1")]
    earlier = [Earlier("v1", row_of(three)), Earlier("v2", row_of([*three, *two]))]
    (flaw,) = refusals([*three, *two, made("f", "1")], earlier)
    assert flaw.params == {"release": "v2"}


def test_a_chain_is_seen() -> None:
    """No two of abcd, aefg and bcdefg differ by less than six companies; abcd + aefg - bcdefg = 2 a."""
    rows = [members(*"abcd"), members(*"aefg")]
    assert exposed(rows) == frozenset()
    assert exposed([*rows, members(*"bcdefg")]) == {"a"}
    earlier = [Earlier(str(place), row) for place, row in enumerate(rows)]
    six = [made(name, "1") for name in "bcdefg"]
    known = {(one.company, one.company): (one.company, one.data) for one in six}
    again = [Earlier(one.name, frozenset(known.get(each, each) for each in one.members)) for one in earlier]
    assert codes(six, again) == {"sector-differencing"}


def test_releases_are_related_by_the_data_that_they_share() -> None:
    listed = [members("a", "b"), members("e", "f"), members("b", "c"), members("f", "g")]
    earlier = [Earlier(str(place), one) for place, one in enumerate(listed)]
    assert [one.name for one in related(members("c", "d"), earlier)] == ["0", "2"]
    assert related(members("a2", "h"), earlier) == []


@UNTIMED
@given(ROWS, ROWS)
def test_what_is_not_related_exposes_nobody(rows: list[Row], others: list[Row]) -> None:
    row, earlier = rows[0], [Earlier(str(place), one) for place, one in enumerate([*rows[1:], *others])]
    whole = exposed([row, *(one.members for one in earlier)]) - exposed([one.members for one in earlier])
    near = [one.members for one in related(row, earlier)]
    assert whole <= exposed([row, *near])
    assert (exposed([row, *near]) - exposed(near)) <= exposed([row, *(one.members for one in earlier)])


def test_a_company_that_states_anew_is_exposed_by_its_change() -> None:
    assert exposed([members("a", "b", "c"), members("a2", "b", "c")]) == {"a"}
    assert exposed([members("a", "b", "c"), members("a2", "b2", "c")]) == frozenset()


def _unknown_to_an_attacker(rows: list[Row], company: str) -> bool:
    """Tell, without the engine, whether every value of a company may be any number at all.

    The attacker solves A u = t. What a company stated is open in every direction if the solutions of A u = 0, cut down
    to its columns, still span all of them; singular values do the counting.
    """
    columns = sorted(frozenset().union(*rows))
    matrix = np.array([[float(one in row) for one in columns] for row in rows])
    _, sizes, right = np.linalg.svd(matrix)
    free = right[int((sizes > 1e-9).sum()) :]
    own = [place for place, (name, _) in enumerate(columns) if name == company]
    return bool(np.linalg.matrix_rank(free[:, own], tol=1e-9) == len(own)) if len(free) else False


@UNTIMED
@given(ROWS)
def test_exposed_is_whom_an_attacker_can_solve_for(rows: list[Row]) -> None:
    companies = {company for row in rows for company, _ in row}
    assert exposed(rows) == {one for one in companies if not _unknown_to_an_attacker(rows, one)}


@UNTIMED
@given(st.data())
def test_no_sequence_of_releases_lets_anyone_be_computed(data: st.DataObject) -> None:
    """Releases one after another, each taken if the rules let it pass; then the attacker solves for everybody."""
    out: list[Earlier] = []
    for number in range(data.draw(st.integers(2, 6))):
        names = data.draw(st.sets(st.sampled_from("abcdefgh"), min_size=3, max_size=8))
        stated = [made(name, data.draw(st.sampled_from(("10", "11")))) for name in sorted(names)]
        if not refusals(stated, out):
            out.append(Earlier(f"v{number}", row_of(stated)))
    assume(out)
    rows = [one.members for one in out]
    assert all(_unknown_to_an_attacker(rows, one) for one in {company for row in rows for company, _ in row})


@UNTIMED
@given(st.data())
def test_stages_and_parts_do_not_help_the_attacker(data: st.DataObject) -> None:
    """Every published figure as an equation in q_i x_i of each stage; zeros and sums of production are known to him."""
    stages = ("s1", "s2", "s3")
    drawn = st.fixed_dictionaries({stage: st.sampled_from(("0", "1", "2")) for stage in stages})
    stated_by = {name: data.draw(drawn.filter(lambda one: any(map(int, one.values())))) for name in "abcdefg"}
    pool = {name: made(name, "10", by_stage=stages_of) for name, stages_of in stated_by.items()}
    out: list[tuple[Row, list[Contribution]]] = []
    for number in range(4):
        names = data.draw(st.sets(st.sampled_from("abcdefg"), min_size=3, max_size=7))
        stated = [pool[name] for name in sorted(names)]
        if not refusals(stated, [Earlier(str(number), row) for row, _ in out]):
            out.append((row_of(stated), stated))
    assume(out)
    cells = [(name, stage) for name, one in pool.items() for stage in stages if float(one.figures["by_stage"][stage])]
    equations = []
    for _, stated in out:
        inside = {one.company for one in stated}
        equations.append([float(name in inside) for name, _ in cells])  # the total
        for stage in averaged(stated).get("by_stage", {}):
            equations.append([float(name in inside and held == stage) for name, held in cells])
    matrix = np.array(equations)
    for company in {one.company for _, stated in out for one in stated}:
        own = [place for place, (name, _) in enumerate(cells) if name == company]
        others = np.delete(matrix, own, axis=1)
        assert np.linalg.matrix_rank(matrix) == np.linalg.matrix_rank(others)


# --- a release -----------------------------------------------------------------------------------


def test_a_release_says_how_many_and_not_who() -> None:
    three = [made("ling", "100", "2"), made("bo", "200", "3"), made("chen", "123", "6")]
    edition = Edition({"code": "boards"}, 1, "2026-01-31T08:00:00Z")
    found = release(edition, three, [], None)
    assert (found["companies"], found["changes"], found["version"]) == (3, {}, 1)
    text = str(found)
    assert all(secret not in text for secret in ("ling", "chen", "123", "423", "spread"))


def test_changes_are_counts() -> None:
    before = members("a", "b", "c", "d")
    assert changes(members("a", "b2", "e", "f", "g"), before) == {"joined": 3, "left": 2, "restated": 1}


def test_a_refused_release_names_every_rule() -> None:
    first = Earlier("v1", row_of([made("a", "1"), made("b", "9")]))
    with pytest.raises(ReleaseRefused) as caught:
        release(Edition({}, 2, ""), [made("b", "9")], [first], first.members)
    assert {one.code for one in caught.value.flaws} == {"sector-companies", "sector-dominant", "sector-differs-by-one"}
