"""What a released version of a method says never changes: reports that name it are held against it by verifiers.

``python -m tests.lca.test_method_versions`` writes the list anew.
"""

from __future__ import annotations

from pathlib import Path

from lca import footprint_method, method
from lca.snapshot import digest

GOLDEN = Path(__file__).parents[1] / "golden" / "method_versions.txt"


def listing() -> str:
    """Id, version and digest of every method, a line each."""
    found = [method.load(one) for one in method.methods()]
    others = [footprint_method.load(one) for one in footprint_method.footprint_methods()]
    return "".join(f"{one.id} {one.version} {digest(one.to_record())}\n" for one in (*found, *others))


def test_a_method_that_says_something_else_is_seen() -> None:
    held = GOLDEN.read_text(encoding="utf-8")
    assert listing() == held, "if this version was released, raise it first; python -m tests.lca.test_method_versions"


if __name__ == "__main__":
    GOLDEN.write_text(listing(), encoding="utf-8")
