"""What a person may have meant: the names nearest to one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def near(text: str, names: Collection[str], count: int = 5, cutoff: float = 0.5) -> list[str]:
    """Return at most ``count`` of ``names``: those with ``text`` in them, shortest first, then those spelled alike.

    A few Latin letters stand in names they have nothing to do with; one Chinese character already means something.
    """
    is_telling = len(text) > 3 or not text.isascii()
    holding = sorted((name for name in names if text in name), key=len) if text and is_telling else []
    alike = difflib.get_close_matches(text, names, n=count, cutoff=cutoff)
    return list(dict.fromkeys([*holding, *alike]))[:count]
