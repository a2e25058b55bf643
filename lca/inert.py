"""Texts of strangers in CSV files: a spreadsheet computes what begins like a formula, whoever wrote it."""

from __future__ import annotations

import re

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
NUMBER = re.compile(r"[+\-＋－]?[\d,]*\.?\d+([eE][+\-]?\d+)?")


def inert(text: str) -> str:
    """Return the cell in which no spreadsheet computes ``text``: ``'=cmd`` for ``=cmd``; a number stays one.

    A text that begins like such a cell gets one apostrophe more, so that ``exact`` gives each back as it was.
    """
    return f"'{text}" if text.lstrip("'").startswith(STARTS) and not NUMBER.fullmatch(text) else text


def exact(cell: str) -> str:
    """Return the text that ``inert`` made a cell of."""
    text = cell.removeprefix("'")
    return text if inert(text) == cell else cell
