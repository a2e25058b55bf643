"""Every record in use, as one list: a change of data shows in review.

``python -m tests.factors.test_golden_factors`` writes the file anew.
"""

from __future__ import annotations

from pathlib import Path

from factors.library import Library, load

GOLDEN = Path(__file__).parents[1] / "golden" / "factors.txt"


def listing(library: Library) -> str:
    """Series, role, record, value, unit, place and year of every mapped record, a line each."""
    lines = []
    for row in library.tables["series"]:
        factor = library.factors[row["factor"]]
        said = (row["series"], row["role"], factor.id, factor.value, factor.unit, factor.region, str(factor.year))
        lines.append(" | ".join(said))
    return "\n".join(sorted(lines)) + "\n"


def test_the_records_in_use_are_those_that_were_reviewed() -> None:
    found, held = set(listing(load()).splitlines()), set(GOLDEN.read_text(encoding="utf-8").splitlines())
    assert found == held, "rewrite with: python -m tests.factors.test_golden_factors"


if __name__ == "__main__":
    GOLDEN.write_text(listing(load()), encoding="utf-8")
