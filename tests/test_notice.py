"""NOTICE gives every publisher the words it asks for."""

from __future__ import annotations

from pathlib import Path

from factors.library import load

ROOT = Path(__file__).parents[1]


def test_every_licence_in_use_is_attributed() -> None:
    notice = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
    library = load()
    used = {factor.licence for factor in library.factors.values()}
    missing = [name for name in sorted(used) if " ".join(library.licences[name].attribution.split()) not in notice]
    assert missing == []
